/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts and confines the two helpers, device-code-helper and device-code-qr.
 *
 * A helper runs with what spawn.h gives each child (fds 0 to 2 on /dev/null, the channel on WIRE_FD and
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

/* The ids that a helper gets. */
struct helper_ids {
	uid_t uid;
	gid_t gid;
	bool drop; /* this process is root: supplementary groups go too */
};

/* false: this process is root and there is no HELPER_USER, or its real and effective ids differ. */
bool helper_ids_find(struct helper_ids *ids);

/* Makes this process one of IDS, in what a helper gets of the limits that root alone may raise. false: it is not. */
bool helper_become(const struct helper_ids *ids);

/*
 * Starts PROGRAM (absolute path): spawn_start(); by the starter where there is one. OUTLIVING: it may have tokens to
 * give back when the login is killed, of which the channel's end tells it. SPAWN_NO_ACCOUNT: helper_ids_find().
 */
enum spawn_result helper_start(struct spawn *child, const char *program, bool outliving);

/* Likewise, as a child of this process. */
enum spawn_result helper_start_here(struct spawn *child, const char *program, bool outliving);

/* The signal that has ended a child of this process; 0: none. Waits 200 ms at most, and leaves it to spawn_end(). */
int helper_death(const struct spawn *child);

/*
 * Why a helper that has closed the channel is gone, as a constant reason for the log: helper_gone, or
 * helper_killed_by_SIGSYS and the like. Waits for its end 200 ms at most, and leaves it to spawn_end().
 * Where another part of the process reaps children the signal is lost: helper_gone.
 */
enum reason helper_why_gone(const struct spawn *child);

#endif
