/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What device-code-login decides: the module says what PAM says, shows and asks, and hears one verdict.
 *
 * A host of root's finds it behind a socket, where nothing depends on what the host's caller has set
 * (limits, umask, signals); where no such socket exists, and for a host that is not root's, it is a child
 * of this process. A socket that is there and refuses is never gone round: the caller of su could choose.
 */
#ifndef COMMON_CLIENT_H
#define COMMON_CLIENT_H

#include "host.h"
#include "outcome.h"

/* Names that the login may put into the session's environment. */
typedef bool client_env_ok(const char *line);

struct client {
	struct host *host;
	const char *verb;		 /* authenticate, credentials, open, close */
	const char *id;			 /* audit_id(): of all that is logged of this call */
	const char *handle;		 /* of the session, NULL: not known */
	const char *section, *conf_path; /* of the PAM line; NULL: not given */
	bool debug;
	client_env_ok *env_ok;
	/* found */
	enum outcome outcome;
	const char *reason; /* constant: why there was no verdict; NULL: the login has given it */
	char user[LOCAL_NAME_MAX]; /* who is let in */
	uid_t uid;
	char opened[HANDLE_MAX];      /* the handle of what was opened; "": none */
	char groups[HOST_GROUPS_MAX]; /* gids for a session; "": none */
	long runtime_max;	      /* seconds that it may last, 0: no end of its own */
};

/* No verdict: OUTCOME, for a constant REASON. Returns false. */
static inline bool client_end(struct client *client, enum outcome outcome, const char *reason)
{
	client->outcome = outcome;
	client->reason = reason;
	return false;
}

/* The whole login; or a session's beginning or end, which is not waited for above ten seconds. */
void client_run(struct client *client);

#endif
