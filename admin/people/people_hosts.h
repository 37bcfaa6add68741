/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Applications that have opened a session for somebody and have not begun it: su and sudo, which whoever called them can
 * stop at that moment and let go on when the account is shut. Nothing of the account runs yet, and nothing is kept of
 * most logins, so they are known by what they are: root's, with our module loaded, without a child, called
 * with the name or the number of the account.
 */
#ifndef ADMIN_PEOPLE_HOSTS_H
#define ADMIN_PEOPLE_HOSTS_H

#include <stdbool.h>
#include <sys/types.h>

/* Ends those for NAME and UID. false: one lives on. */
bool people_hosts_end(const char *name, uid_t uid);

/* Whether the arguments TEXT of LEN bytes, each with its NUL, name the account: "NAME", "-uNAME", "--user=#UID". */
bool people_hosts_named(const char *text, size_t len, const char *name, uid_t uid);

#endif
