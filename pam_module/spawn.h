/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts, confines, times and reaps the two helpers. The only fork and exec of the project, and
 * the module's only clock.
 *
 * A helper runs with: fds 0 to 2 on /dev/null, the slot on WIRE_FD and nothing else; default
 * signals; "/" as directory; a fixed environment; bounded core, file, memory and fd limits; a
 * session and a keyring of its own, so no controlling terminal; and never with the host's
 * privileges: started by root it becomes the account HELPER_USER, otherwise it stays the user that
 * the host is. A host with two ids and no root (setuid to an ordinary user) is refused. The kernel
 * ends it with its host, unless it is to outlive it.
 */
#ifndef PAM_MODULE_SPAWN_H
#define PAM_MODULE_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum spawn_result {
	SPAWN_FAILED = 0, /* socket, fork or memory */
	SPAWN_NO_ACCOUNT, /* started by root and no HELPER_USER, or real and effective ids differ */
	SPAWN_MISSING,	  /* the program is not there, or cannot be run */
	SPAWN_STARTED,
};

struct spawn {
	int fd;		    /* the slot, or -1 */
	int pidfd;	    /* or -1 */
	pid_t pid;	    /* or 0 */
	int beside;	    /* of somebody else's: its hanging up ends a wait, too; or -1 */
	bool beside_speaks; /* so does what can be read there */
};

#define SPAWN_NONE ((struct spawn){ .fd = -1, .pidfd = -1, .beside = -1 })

/*
 * Starts PROGRAM (absolute path). On SPAWN_STARTED *CHILD is to be ended by spawn_end(). exec
 * itself is awaited for no longer than it takes: SPAWN_MISSING is certain, not guessed. OUTLIVING:
 * it may have tokens to give back when the host is killed, of which the slot's end tells it.
 */
enum spawn_result spawn_start(struct spawn *child, const char *program, bool outliving);

/*
 * Starts device-code-login, likewise, as the user that this process effectively is: it keeps root's
 * privileges and nothing of the caller's but ids and limits, which are its first lines' to set.
 */
enum spawn_result spawn_login(struct spawn *child);

/*
 * Why a helper that has closed the slot is gone, as a constant reason for the log: helper_gone, or
 * helper_killed_by_SIGSYS and the like. Waits for its end 200 ms at most, and leaves it to spawn_end().
 * Where the host reaps children itself the signal is lost: helper_gone.
 */
const char *spawn_why_gone(const struct spawn *child);

/* Kills the helper, whatever it does, closes the slot and reaps. Never blocks above a second. */
void spawn_end(struct spawn *child);

/* Likewise, but closes the slot first and lets the helper end by itself: three seconds at most. */
void spawn_leave(struct spawn *child);

/*
 * Milliseconds of CLOCK_BOOTTIME: it counts suspend, and nobody can set it. Without a clock it is
 * INT64_MAX: every deadline has passed.
 */
int64_t spawn_now(void);

/* spawn_now() in MS milliseconds; never beyond INT64_MAX. */
static inline int64_t spawn_after(int64_t ms)
{
	int64_t now = spawn_now();

	return now < INT64_MAX - ms ? now + ms : INT64_MAX;
}

/*
 * Waits until the slot can be read (or has been closed) or DEADLINE (spawn_now()) has passed.
 * Returns false only for the latter, or where CHILD->beside has hung up. Signals do not end the wait. For SPAWN_NONE time passes, no more.
 */
bool spawn_wait(const struct spawn *child, int64_t deadline);

#endif
