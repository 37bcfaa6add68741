/* SPDX-License-Identifier: BSD-2-Clause */
/* logind, for sessions of ours that it knows, too. By loginctl, whose words are kept stable. */
#ifndef ADMIN_SESSIONS_LOGIND_H
#define ADMIN_SESSIONS_LOGIND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "helper/login/session/process.h"

/*
 * Whether the session that LEADER is in is its own: logind names LEADER as its leader and UID as its user.
 * NAME is then what logind calls it.
 */
bool logind_owns(struct process leader, uid_t uid, char *name, size_t name_len);

/* Ends the session NAME with all that is in it. false: it does not; SAID is what loginctl says. */
bool logind_terminate(const char *name, char *said, size_t said_len);

#endif
