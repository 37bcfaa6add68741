/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who and what has a name on this machine. NSS asks in it: plug-ins of other projects, with sockets, caches and
 * a network behind them. In device-code-login it runs in a names child of the starter alone (starter.h), which
 * answers once, has _pamdevicecode's ids and five seconds; in a program without a starter it runs here.
 *
 * That nobody can tell is an answer of its own: it never means that there is no such name.
 */
#ifndef LOGIN_NAMES_H
#define LOGIN_NAMES_H

#include "common/host.h"

enum names_answer {
	NAMES_UNTOLD = 0, /* nobody can tell: names_trouble() says why */
	NAMES_NONE,
	NAMES_FOUND,
};

enum names_kind {
	NAMES_USER = 1, /* by name */
	NAMES_UID,
	NAMES_GROUP, /* by name */
};

struct names_question {
	enum names_kind kind;
	uid_t uid;
	char name[LOCAL_NAME_MAX];
};

struct names_entry {
	enum names_answer answer;
	int error; /* NAMES_UNTOLD: errno of the name service; or one of the following */
	uid_t uid;
	gid_t gid;
	char name[LOCAL_NAME_MAX];
};

enum {
	NAMES_FIRST_SUBORDINATE =
		65536, /* uids from here on may be one person's, by the thousand: subuid(5) */
};

enum {
	NAMES_LATE = -1,    /* no answer in five seconds */
	NAMES_CRASHED = -2, /* the child has ended without one */
	NAMES_NO_CHILD = -3,
};

/* Asks NSS in this process. */
void names_look(const struct names_question *question, struct names_entry *entry);

/* A local account; NAME is borrowed as ACCOUNT->name. */
void names_account(const char *name, struct local_account *account);

/* Whose uid that is, to NAME. */
enum names_answer names_user(uid_t uid, char name[LOCAL_NAME_MAX]);

/* Whether UID is an account's; where nobody can tell, whether it cannot be a subordinate one. */
bool names_known(uid_t uid);

enum names_answer names_group(const char *name, gid_t *gid);

/* Why nobody could tell last, in words for the log; NULL: each question had its answer. */
const char *names_trouble(void);

/*
 * The account NAME of this machine's own files, without NSS: /etc/passwd, or /usr/lib/passwd where an image has its
 * accounts. false: there is none.
 */
bool names_in_files(const char *name, uid_t *uid, gid_t *gid);

#endif
