/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts, times and reaps a program of ours at the other end of a socket. The only fork and exec of the
 * three programs, and their only clock.
 *
 * A child begins with: fds 0 to 2 on /dev/null, the channel on WIRE_FD and nothing else; default signals; "/" as
 * directory; a fixed environment; a session of its own, so no controlling terminal; and what its starter
 * makes of it besides (helper_process.h for the helpers, nothing for device-code-login).
 */
#ifndef COMMON_SPAWN_H
#define COMMON_SPAWN_H

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
	int fd;		    /* the channel, or -1 */
	int pidfd;	    /* or -1 */
	pid_t pid;	    /* or 0 */
	int beside;	    /* of somebody else's: its hanging up ends a wait, too; or -1 */
	bool beside_speaks; /* so does what can be read there */
};

#define SPAWN_NONE ((struct spawn){ .fd = -1, .pidfd = -1, .beside = -1 })

/* What is started: an absolute path, and what the child does to itself last, async-signal-safe; false ends it. */
struct spawn_what {
	const char *program;
	bool (*confine)(const void *context); /* NULL: it stays what this process is */
	const void *context;
};

/*
 * On SPAWN_STARTED *CHILD is to be ended by spawn_end(). exec itself is awaited for no longer than it
 * takes: SPAWN_MISSING is certain, not guessed. SPAWN_NO_ACCOUNT is never returned here.
 */
enum spawn_result spawn_start(struct spawn *child, const struct spawn_what *what);

/* Kills the child, whatever it does, closes the channel and reaps. Never blocks above a second. */
void spawn_end(struct spawn *child);

/* Likewise, but closes the channel first and lets the child end by itself: three seconds at most. */
void spawn_leave(struct spawn *child);

/*
 * The work of this process goes on in another one, which nobody waits for; children stay nobody's. false: this
 * one has nothing left to do but to end. true: in the other, or here, where there is none to be had.
 */
bool spawn_hand_over(void);

/*
 * Milliseconds of CLOCK_BOOTTIME: it counts suspend, and nobody can set it. Without a clock it is
 * INT64_MAX: every deadline has passed.
 */
int64_t spawn_now(void);

/* spawn_now() in MS milliseconds; never beyond INT64_MAX. */
int64_t spawn_after(int64_t ms);

/*
 * Waits until FD can be read or has hung up (true), or for about MS milliseconds, up to half a second more. For FD -1
 * time passes, no more.
 */
bool spawn_glance(int fd, int ms);

/*
 * Waits until the channel can be read (or has been closed) or DEADLINE (spawn_now()) has passed.
 * Returns false only for the latter, or where CHILD->beside has hung up. Signals do not end the wait. For SPAWN_NONE time passes, no more.
 */
bool spawn_wait(const struct spawn *child, int64_t deadline);

#endif
