/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landlock: what files, TCP ports and scopes a process keeps. landlock.c is the only file that knows the kernel's
 * interface, as of ABI 7 (Linux 6.15): Debian 12's own header knows less.
 */
#ifndef HELPER_SANDBOX_LANDLOCK_H
#define HELPER_SANDBOX_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LANDLOCK_ABI_FILES = 1, /* the Landlock that first knew them */
	LANDLOCK_ABI_REFER = 2,
	LANDLOCK_ABI_TRUNCATE = 3,
	LANDLOCK_ABI_TCP = 4,
	LANDLOCK_ABI_IOCTL = 5,
	LANDLOCK_ABI_SCOPES = 6,
};

#define LANDLOCK_WRITE_FILE  (1ULL << 1)
#define LANDLOCK_READ_FILE   (1ULL << 2)
#define LANDLOCK_READ_DIR    (1ULL << 3)
#define LANDLOCK_REMOVE_DIR  (1ULL << 4)
#define LANDLOCK_REMOVE_FILE (1ULL << 5)
#define LANDLOCK_MAKE_DIR    (1ULL << 7)
#define LANDLOCK_MAKE_FILE   (1ULL << 8)
#define LANDLOCK_TRUNCATE    (1ULL << 14) /* a kernel that does not know it bounds it by no rule */

#define LANDLOCK_BIND_TCP    (1ULL << 0)
#define LANDLOCK_CONNECT_TCP (1ULL << 1)

#define LANDLOCK_SCOPE_ABSTRACT (1ULL << 0) /* no socket of an abstract name outside */
#define LANDLOCK_SCOPE_SIGNAL	(1ULL << 1) /* no signal to a process outside */

/* What this kernel has; 0: no Landlock. */
int landlock_abi(void);

/*
 * A set of rules that bounds all that ABI knows of files and of TCP, and SCOPES. What no rule opens is closed once
 * it stands. -1: the kernel makes none. The caller gives it to landlock_restrict(), and closes it.
 */
int landlock_ruleset(int abi, uint64_t scopes);

/* Opens PATH, and what lies below it, for ACCESS. false with ENOENT: it is not there. */
bool landlock_open_path(int ruleset, int abi, const char *path, uint64_t access);

/* Opens a TCP port for a client, where ABI bounds them. */
bool landlock_open_port(int ruleset, int abi, uint16_t port);

/* From now on, for good. It needs no_new_privs. */
bool landlock_restrict(int ruleset);

#endif
