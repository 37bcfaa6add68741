/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes after a login of which a record is kept: its session begins, and ends. Knows no PAM: host.h.
 *
 * The record is found by lineage: whoever opens the session is the process that ran the login, one below
 * it, or, for sshd's sake, its parent; and the service is the same. What the user can put into the PAM
 * environment (user_readenv, a greeter) decides nothing.
 */
#ifndef HELPER_LOGIN_SESSION_SESSION_H
#define HELPER_LOGIN_SESSION_SESSION_H

#include "common/audit.h"
#include "common/host.h"
#include "record.h"
#include "helper/login/outcome.h"

struct session {
	struct host *host;
	char id[AUDIT_ID_MAX];
	const char *hint; /* the handle that the environment has, NULL: none */
	/* found by session_open(), given to session_close() */
	char handle[HANDLE_MAX];
	long runtime_max;	      /* seconds for pam_systemd, 0: none */
	char groups[HOST_GROUPS_MAX]; /* gids for it; "": none */
};

/*
 * OUTCOME_ADMITTED: it is opened; the token file's name is told to the host by ops->tell. OUTCOME_SKIPPED: no
 * login of it is kept. OUTCOME_SYSTEM: it has a record that cannot be had, so nobody could end it.
 */
enum outcome session_open(struct session *session);

/*
 * Before it is opened: its groups, which session_open() finds, too. OUTCOME_ADMITTED: there may be some; where
 * PAM_USER is not the account that was authenticated (sudo) there are none. The others as session_open().
 */
enum outcome session_credentials(struct session *session);

/* Logs its trouble and fails for none of it. */
void session_close(struct session *session);

#endif
