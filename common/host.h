/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host of a login as device-code-login sees it: what PAM says of who wants in from where, and the way
 * to the person. host_channel.c makes one of what the module says at the other end of a channel; tests
 * make their own.
 */
#ifndef COMMON_HOST_H
#define COMMON_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "reason.h"
#include "tty.h"

enum {
	LOCAL_NAME_MAX = 257, /* of a local account, its NUL included */
	HOST_GROUPS_MAX =
		16 * 11, /* gids of a session, in decimal with blanks between; its NUL included */
	HANDLE_MAX = 33, /* of a session: its record's id, 16 digits more, and a NUL */
};

/* Where its person is: origin.h. */
enum origin {
	ORIGIN_REMOTE = 0, /* what everything is that is not known to be nearer */
	ORIGIN_SESSION,	   /* su, sudo, lockers: somebody is logged in already */
	ORIGIN_SEAT,	   /* a console, a greeter: the person stands before the machine */
};

/* The account that somebody wants to enter as; NAME is borrowed. */
struct local_account {
	const char *name;
	bool exists;
	bool untold; /* the name service does not say: it may exist */
	uid_t uid;
	gid_t gid;
};

/* What a login puts into the session's environment: who it is, where a shared account does not tell; where
 * its record is; and its token file. */
#define HOST_ISSUER  "DEVICE_CODE_ISSUER"
#define HOST_SUBJECT "DEVICE_CODE_SUBJECT"
#define HOST_HANDLE  "DEVICE_CODE_SESSION"
#define HOST_TOKEN   "DEVICE_CODE_TOKEN_FILE"

struct host;

struct host_ops {
	/* The name that was given or is asked for; NULL: none is to be had. */
	const char *(*name)(struct host *host);
	/* false: the person cannot be reached any more. */
	bool (*show)(struct host *host, const char *text);
	/* OUT may be NULL: then only the Enter matters. Longer answers are cut at LEN. */
	bool (*ask)(struct host *host, bool echo, const char *prompt, char *out, size_t len);
	/* Shows JSON as a greeter of GDM's draws it, and waits for its answer, cut at LEN; where `eidp`. */
	bool (*eidp)(struct host *host, const char *json, char *out, size_t len);
	/* One line, filtered; PRIORITY of syslog(3). */
	void (*log)(struct host *host, int priority, const char *line);
	/* What was typed and not asked for is dropped. */
	void (*drop_typed)(struct host *host);
	/* Whether the person has left, and what hangs up then: login.h. */
	bool (*gone)(struct host *host);
	int (*watch)(struct host *host, bool *glancing);
	/*
	 * What its terminal is like, to TERMINAL; as it was, where that cannot be known. In MS milliseconds,
	 * or as soon as something has been typed: true.
	 */
	bool (*look)(struct host *host, int ms);
	/* A local account; NAME is borrowed as ACCOUNT->name. */
	void (*account)(struct host *host, const char *name, struct local_account *account);
	/* The name of UID, or NULL; good until the next call. */
	const char *(*user_name)(struct host *host, uid_t uid);
	/* Whether one more login may be pending from PLACE; NULL: nobody counts. */
	bool (*enter)(struct host *host, enum origin origin);
	/*
	 * Puts this process in its sandbox before anybody is heard. *MISSING: the reason of a restriction that does
	 * not hold, or REASON_NONE. false: SETTING wants that one. LISTS, of which one may be NULL or "", can be read
	 * again in it. NULL: this process is not the login's own.
	 */
	bool (*confine)(struct host *host, const char *setting, const char *const lists[2],
			enum reason *missing);
	/* LINE, "NAME=VALUE", goes into the environment of the session. */
	bool (*tell)(struct host *host, const char *line);
	/* Where enter() says no: whether it may be asked again, for a while; NULL: it may not. */
	bool (*queue)(struct host *host, enum origin origin);
};

struct host {
	const struct host_ops *ops;
	void *context;
	/* PAM items; "" where nothing was said */
	const char *service;
	const char *user;
	const char *rhost;
	const char *tty;
	const char *ruser;
	/* of the PAM environment; NULL where nothing was said */
	const char *ssh_connection;
	const char *ssh_auth_info;
	const char *xdg_seat;
	uid_t ruid, euid;
	bool eidp;  /* it takes JSON for its greeter: ops->eidp() */
	bool apart; /* it is another process, whose end has to be seen */
	bool waits; /* its look can take a while: a module of this version, not of an older one */
	bool distrusted; /* likewise, at root's login, and its user's own: what it says is the user's word */
	bool near;   /* told by the login: the person is not remote */
	bool ending; /* likewise: what is shown now is the last message, and may be lost */
	pid_t pid;   /* of the process that PAM runs in */
	long alarm; /* seconds until it ends itself, rounded up to 1; 0: it does not, or hides it */
	struct tty terminal;
};

#endif
