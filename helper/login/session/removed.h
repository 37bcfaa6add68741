/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whom `pam-device-code people remove` has removed since this machine has run, and when. A host may have a login of
 * theirs from before, whose session it has not begun (a client or a caller of su has stopped it meanwhile): it was never
 * seen, for nothing is kept of most logins, and nothing of the account runs yet. A host that is older than the
 * removal begins no session of that account. A login that is on record, and whose host is still there when its time to
 * begin a session is over, is that host's alone (kept.c).
 */
#ifndef HELPER_LOGIN_SESSION_REMOVED_H
#define HELPER_LOGIN_SESSION_REMOVED_H

#include <stdbool.h>
#include <sys/types.h>

#include "process.h"

/* Notes that no host of now may begin a session of UID any more. false: it could not be written; errno is set. */
bool removed_note(uid_t uid);

/* Notes that HOST alone may begin no session any more: its login is over. */
void removed_note_host(struct process host);
bool removed_host(struct process host);

/* Takes out what was noted of hosts that have ended. */
void removed_tidy(void);

/* Whether that was noted of UID since HOST began, which is no later than the login that it has. */
bool removed_since(uid_t uid, struct process host);

#endif
