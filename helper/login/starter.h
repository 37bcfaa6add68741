/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The login's companion: forked before the login reads anything, it is _pamdevicecode (or, where the login is a
 * user's, that user), has none of root's files and no secret, and is the only one that may start a program: the
 * helper, device-code-qr, or a child that asks NSS once. It ends when the login's end of its socket closes.
 *
 * The login must never start a program itself once there is a starter.
 */
#ifndef LOGIN_STARTER_H
#define LOGIN_STARTER_H

#include "common/spawn.h"
#include "names.h"

/* Forks it. Of one that cannot be had starter_helper() says why, and no name is told. */
void starter_fork(void);

/* Whether this process has wanted one: a program that never did starts its helpers itself. */
bool starter_serves(void);

/* SPAWN_STARTED: it is there, or none was wanted. */
enum spawn_result starter_state(void);

/* As helper_start(). PROGRAM is one of the two that are compiled in. */
enum spawn_result starter_helper(struct spawn *child, const char *program, bool outliving);

/* The signal that has ended PID, which starter_helper() has started; 0: none, or nobody can tell. */
int starter_death(pid_t pid);

void starter_names(const struct names_question *question, struct names_entry *entry);

#endif
