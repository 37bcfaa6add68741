/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a verb has found, a line each: ok, warning or error, about what, and what to do. For people, or
 * as one JSON text for programs. Every byte passes a filter: values come from the network at times.
 */
#ifndef ADMIN_CHECK_REPORT_H
#define ADMIN_CHECK_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "admin/terminal.h"

enum mark {
	MARK_OK = 0,
	MARK_WARNING, /* it works, and will be regretted */
	MARK_ERROR,   /* somebody cannot sign in, or somebody can who must not */
	MARK_COUNT,
};

struct report {
	FILE *out;
	struct terminal terminal; /* that OUT is, or is not */
	bool json;
	char scope[72]; /* what the lines belong to: "[login]", "/etc/pam.d/sshd"; "" the machine */
	int found[MARK_COUNT];
	bool begun; /* a JSON list has its first element */
};

/* JSON, or text on OUT. What is told is complete after report_end(). */
void report_begin(struct report *report, FILE *out, bool json);
void report_end(struct report *report);

/* The lines from here on belong to SCOPE. */
void report_scope(struct report *report, const char *scope);

/* One line about TOPIC. FIX, NULL where there is nothing to do, says what to do: without a full stop. */
void report_line(struct report *report, enum mark mark, const char *topic, const char *fix,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The worst of it, and the status of check: 0 nothing to do, 1 warnings, 2 errors. */
int report_status(const struct report *report);

#endif
