/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts and confines the two helpers, device-code-helper and device-code-draw.
 *
 * A helper runs with what spawn.h gives each child (fds 0 to 2 on /dev/null, the slot on WIRE_FD and
 * nothing else; default signals; "/" as directory; a fixed environment; a session of its own), and
 * besides: bounded core, file, memory and fd limits; a keyring of its own; and never the login's
 * privileges: started by root it becomes the account HELPER_USER, otherwise it stays the user that the
 * login is. Two ids and no root (setuid to an ordinary user) are refused. The kernel ends it with the
 * login, unless it is to outlive it.
 */
#ifndef HELPER_LOGIN_HELPER_PROCESS_H
#define HELPER_LOGIN_HELPER_PROCESS_H

#include "common/reason.h"
#include "common/spawn.h"

/*
 * Starts PROGRAM (absolute path): spawn_start(). OUTLIVING: it may have tokens to give back when the
 * login is killed, of which the slot's end tells it. SPAWN_NO_ACCOUNT: started by root and no
 * HELPER_USER, or real and effective ids differ.
 */
enum spawn_result helper_start(struct spawn *child, const char *program, bool outliving);

/*
 * Why a helper that has closed the slot is gone, as a constant reason for the log: helper_gone, or
 * helper_killed_by_SIGSYS and the like. Waits for its end 200 ms at most, and leaves it to spawn_end().
 * Where another part of the process reaps children the signal is lost: helper_gone.
 */
enum reason helper_why_gone(const struct spawn *child);

#endif
