/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept of logins, for the verbs that look after it: sessions, refresh, revoke. */
#ifndef ADMIN_SESSIONS_KEPT_H
#define ADMIN_SESSIONS_KEPT_H

#include "helper/login/session/renewal.h"
#include "helper/login/session/record.h"

/* A walk over all records, or over those whose ids begin with one of the words. */
struct kept {
	const char *verb;
	int dir;
	char **words; /* ids or beginnings of them; NULL: all */
	int count;
	int matched;
	uid_t person; /* whose records are all to be visited: a busy one is a failure; 0: nobody's */
	bool tidies;  /* removes what a crash has left, too */
	bool failed;
	bool undying; /* something did not die: others are waited for less long */
	/* When a record is due: the one that has waited longest comes first. NULL: in no order. */
	int64_t (*due)(const struct record *record);
	/* Each record, its lock held; it may be saved, closed or removed. */
	void (*visit)(struct kept *kept, struct record *record);
	void *context;
	/* Given by kept_walk(): logs by syslog and, where somebody looks on, to standard error. */
	struct login_io io;
	const struct record *at; /* the record that is being looked at, for the log */
};

/* Runs the walk, as root alone. Returns the program's status. */
int kept_walk(struct kept *kept);

/*
 * Takes sessions that are over out of RECORD, and says whether that was all: no session is left and
 * nobody is trusted by it.
 */
bool kept_is_over(struct record *record);

/* Whether the provider or the policy has said no: anything else but a yes is no answer. */
static inline bool kept_is_no(enum outcome outcome)
{
	return outcome == OUTCOME_DENIED || outcome == OUTCOME_NOT_ADMITTED ||
	       outcome == OUTCOME_NO_ACCOUNT;
}

/* One line about RECORD to the log. */
void kept_log(struct kept *kept, int priority, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
