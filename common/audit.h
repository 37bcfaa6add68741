/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes to the log: one line for each attempt, and the notes beside it, with the same id.
 *
 * Never a code, a token or a secret. Names come from strangers: each value is escaped and quoted, so that a
 * line stays one line, a value cannot look like another key, and two values never look alike. A note has no
 * quotes but those of its id: it cannot look like an attempt's end.
 */
#ifndef COMMON_AUDIT_H
#define COMMON_AUDIT_H

#include <stddef.h>

#define AUDIT_CUT "\\..."

enum {
	AUDIT_LINE_MAX = 4096,
	AUDIT_VALUE_MAX =
		256,	   /* a longer value is cut: a stranger's name must not crowd others out */
	AUDIT_ID_MAX = 17, /* 64 bits in hexadecimal digits, and a NUL */
};

/* Texts may be NULL or of any bytes. */
struct audit {
	const char *id; /* audit_id() */
	const char *section;
	const char *origin;
	const char *service;
	const char *user;
	const char *rhost;
	const char *tty;
	const char *issuer;
	const char *subject; /* the stable claim of who approved; "" if nobody did */
	const char *outcome;
	const char *reason;
	long seconds;	   /* from the shown code to the end; 0 if none was shown */
	const char *claim; /* user_claim as it was said, where it led to nobody; NULL: none */
};

/* A random name for an attempt, "0000000000000000" if the kernel has none to give. */
void audit_id(char id[AUDIT_ID_MAX]);

/* Composes the line of an attempt: key="value" key="value" ... */
void audit_line(const struct audit *audit, char line[AUDIT_LINE_MAX]);

/*
 * VALUE to OUT: bytes that are not printable ASCII, `"` and `\` as \xHH. What is cut ends in AUDIT_CUT,
 * which no value does.
 */
void audit_escape(const char *value, char *out, size_t out_len);

/* Composes a note: id="..." with ID, which is ours, and TEXT, made plain, `'` for `"`, and cut to fit. */
void audit_note_line(const char *id, const char *text, char line[AUDIT_LINE_MAX]);

#endif
