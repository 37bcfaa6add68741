/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sandbox of a login that is about to hear somebody: what root's files say has been read, the starter is
 * forked, and from here on this process starts nothing, speaks to nobody new, and changes files in one directory.
 * confine.c is the only file of the login that knows Landlock, seccomp and capabilities.
 *
 * Each restriction is set once and cannot be lifted. A call is allowed; unknown, and then fails with ENOSYS as on an
 * older kernel; or one that no login makes, which ends the process by SIGSYS.
 */
#ifndef LOGIN_CONFINE_H
#define LOGIN_CONFINE_H

#include <stdbool.h>

#include "common/reason.h"

enum confine_restriction {
	CONFINE_NO_NEW_PRIVS = 1,
	CONFINE_NOT_DUMPABLE = 2,
	CONFINE_CAPABILITIES = 4, /* KILL, or none */
	CONFINE_SECCOMP = 8,
	CONFINE_LANDLOCK = 16,
};

struct confine_allow {
	bool reads; /* a section is still to be read: Landlock lets all files be read, and state be written */
	const char *list
		[2]; /* files that may be read again, with what else is in their directories; NULL, "": none */
	bool hands_over; /* it may go on in another process behind its verdict: spawn_hand_over() */
};

/* Puts this process in its sandbox. Returns the restrictions that hold, read back and not assumed. */
unsigned int confine(const struct confine_allow *allow);

/*
 * The first restriction that SETTING (require, strict, best-effort) asks for and that is not among RESTRICTIONS, as a
 * reason; for best-effort the first of all. REASON_NONE: none is missing.
 */
enum reason confine_missing(unsigned int restrictions, const char *setting);

#endif
