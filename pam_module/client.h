/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What device-code-login decides: the module says what PAM says, shows and asks, and hears one verdict.
 *
 * A host of root's finds it behind a socket, where nothing depends on what the host's caller has set
 * (limits, umask, signals). A host that runs as its user (a screen locker) finds another, where root's login
 * lets that user in and nobody else; not with conf=, for which root has no ear. Elsewhere the login is a child
 * of this process. A socket that is there and refuses is never gone round: the caller of su could choose.
 */
#ifndef PAM_MODULE_CLIENT_H
#define PAM_MODULE_CLIENT_H

#include <security/pam_modules.h>
#include <stdbool.h>

#include "common/audit.h"
#include "common/host.h"
#include "common/result.h"

struct client {
	pam_handle_t *pamh;
	const char *verb;      /* authenticate, credentials, open, close */
	bool session;	       /* all but the first: nobody is shown or asked anything */
	char id[AUDIT_ID_MAX]; /* of all that is logged of this call */
	/* Of the session, "": none. What its environment says goes as a hint, and what was opened comes back. */
	char handle[HANDLE_MAX];
	const char *section, *conf_path; /* of the PAM line; NULL: not given */
	bool debug;
	/* found */
	enum result result;
	const char *reason; /* constant: why there was no verdict; NULL: the login has given it */
	char user[LOCAL_NAME_MAX]; /* who is let in */
	uid_t uid;
	int64_t at; /* when, by the login's word: this process may have been stopped since */
	char groups[HOST_GROUPS_MAX]; /* gids for a session; "": none */
	int64_t runtime_max;	      /* seconds that it may last, 0: no end of its own */
};

/* The end: RESULT, for a constant REASON where it is no verdict. Returns false. */
bool client_end(struct client *client, enum result result, const char *reason);

/* The whole login; or a session's beginning or end, which is not waited for above ten seconds. */
void client_run(struct client *client);

/* What an earlier login on this handle has put into the session's environment is nobody's now. */
void client_forget(pam_handle_t *pamh);

#endif
