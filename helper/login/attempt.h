/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One attempt to sign in: gathers what the host says, reads the configuration, refuses at once what no
 * approval could admit, runs one login, keeps what is to be kept, and tells the log and the person. What
 * it comes to for PAM is the host's. Knows no PAM: host.h.
 */
#ifndef HELPER_LOGIN_ATTEMPT_H
#define HELPER_LOGIN_ATTEMPT_H

#include <stdbool.h>

#include "common/audit.h"
#include "common/host.h"
#include "helper/login/session/record.h"
#include "login.h"
#include "origin.h"

struct attempt {
	struct host *host;
	const char *section; /* arguments of the PAM line, NULL if not given */
	const char *conf_path;
	bool debug;
	char id[AUDIT_ID_MAX];
	const char *user;
	struct origin_facts facts;
	enum origin origin;
	bool proven;  /* somebody has proven before us that they are who they want to enter as */
	bool crowded; /* others take all places, and not this person */
	bool trusted; /* kept tokens stood in for a prompt */
	struct record_lineage lineage; /* of the host, as it was before the sandbox was up */
	struct process leader;	       /* likewise, of its session of processes */
	bool text_at_once;	       /* likewise: it is an sshd that shows a text when it comes */
	int people;		       /* likewise: where new accounts are made, or -1: enrol.h */
	char node[65];		       /* the machine's name */
	struct conf conf;
	struct policy policy;
	struct login login;
};

/* ATTEMPT, all 0, begins, as ID in the log; attempt_clear() ends what it holds from here on, but its helper. */
void attempt_begin(struct attempt *attempt, struct host *host, const char *id);

/* The attempt, up to LOGIN.outcome. The arguments are set, and what the host says. */
void attempt_run(struct attempt *attempt);

/* Who wanted in, or was let in where nobody was named. */
const char *attempt_user(const struct attempt *attempt);

/* The line in the log, and what the person is told at the end. */
void attempt_report(struct attempt *attempt);

/* Wipes and gives back all of it; the helper, which may owe something, is left to login_release(). */
void attempt_clear(struct attempt *attempt);

#endif
