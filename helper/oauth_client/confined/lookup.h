/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of names, from the name service. lookup.c is the only file that asks it, in the one thread that a
 * helper has beside its first: no other can be started in the sandbox, so that a helper that was taken over
 * cannot use up what all logins have together (RLIMIT_NPROC counts by uid).
 */
#ifndef HELPER_OAUTH_CLIENT_CONFINED_LOOKUP_H
#define HELPER_OAUTH_CLIENT_CONFINED_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lookup_result {
	LOOKUP_FAILED = 0, /* the name has no address, or nobody could be asked */
	LOOKUP_LATE,	/* no answer in time; it may still come, and is waited for the next time */
	LOOKUP_STOPPED, /* the peer has gone */
	LOOKUP_FOUND,
};

enum {
	LOOKUP_TEXT_MAX = 512,
};

/*
 * Starts the thread: once, after Landlock, which bounds the calling thread alone, and before seccomp, which lets no
 * thread be started. false: nothing will be found.
 */
bool lookup_start(void);

/*
 * The addresses of HOST as "192.0.2.1,[2001:db8::1]", in the order in which they are to be tried. Waits for
 * LIMIT_MS at most, or until the peer of the socket STOP_FD (-1: none) has gone.
 */
enum lookup_result lookup(const char *host, int64_t limit_ms, int stop_fd,
			  char addresses[LOOKUP_TEXT_MAX]);

#endif
