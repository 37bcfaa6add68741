/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accounts of this machine, by the system's own useradd, usermod and userdel. A new one is born shut (its
 * account expired long ago) and is opened once it is bound: nobody enters a half made one, by whatever way.
 * Must never touch an account that a call has not proven to be the one that is meant: name and uid.
 */
#ifndef ADMIN_PEOPLE_PEOPLE_ACCOUNT_H
#define ADMIN_PEOPLE_PEOPLE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "admin/sessions/ending.h"

enum account_state {
	ACCOUNT_UNKNOWN = 0, /* NSS cannot say: no account may be made of that */
	ACCOUNT_NONE,
	ACCOUNT_THERE,
};

enum {
	ACCOUNT_HOME_MAX = 256,
	ACCOUNT_SAID_MAX = 512,
};

/* What NSS says of NAME, and its uid. */
enum account_state account_find(const char *name, uid_t *uid);

/* Whether NAME is an account here, and UID its uid. */
bool account_is(const char *name, uid_t uid);

/* Whether it is of this machine's own files: usermod knows no others. */
bool account_is_local(const char *name);

/* Whether somebody has UID, and who: NAME, of LEN bytes, may be NULL. */
enum account_state account_numbered(uid_t uid, char *name, size_t len);

/* A number of login.defs(5), STANDARD where it has none. */
unsigned long account_setting(const char *key, unsigned long standard);

/*
 * The subordinate uids that /etc/subuid gives to NAME or UID, MOST ranges of them at most: none that another line
 * gives to somebody else, too, and none of accounts' own.
 */
size_t account_subuids(const char *name, uid_t uid, struct uid_range *range, size_t most);

/*
 * The next uid as useradd chooses it, but none that TAKEN says yes to: the highest plus one, within UID_MIN and
 * UID_MAX. false: there is none, or NSS cannot say.
 */
bool account_uid_next(bool (*taken)(const void *context, uid_t uid), const void *context,
		      uid_t *uid);

/* Whether there is a group NAME: useradd makes one of each account's name. */
enum account_state account_group_find(const char *name);

/* Whether nothing of an earlier NAME is where a new one would have it: a home, mail, a crontab. */
bool account_leaves_nothing(const char *name);

/* Whether LIST, separated by commas, names groups that exist and are not root's. false: SAID has the wrong one. */
bool account_groups_ok(const char *list, char said[ACCOUNT_SAID_MAX]);

/*
 * Makes NAME with UID, a home and GROUPS ("" for none), shut. false: SAID tells why; what there is of it has
 * been undone.
 */
bool account_make(const char *name, uid_t uid, const char *groups, char said[ACCOUNT_SAID_MAX]);

/* Whether NAME is shut as account_make() and account_shut() leave it. */
bool account_is_shut(const char *name);

/* Opens what account_make() or account_shut() has shut. The password stays as it is. */
bool account_open(const char *name, char said[ACCOUNT_SAID_MAX]);

/* Locks the password and expires the account: sshd lets one in by key that is merely locked. */
bool account_shut(const char *name, char said[ACCOUNT_SAID_MAX]);

bool account_join(const char *name, const char *groups, char said[ACCOUNT_SAID_MAX]);

/* Deletes NAME and its home. */
bool account_delete(const char *name, char said[ACCOUNT_SAID_MAX]);

#endif
