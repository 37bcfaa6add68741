/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which system calls a helper may make. syscalls.c is the only file that knows seccomp.
 *
 * A call is one of four kinds: allowed; refused with an error that libraries expect; a tripwire,
 * which no library needs in a helper and which ends the process by SIGSYS; or unknown. An unknown
 * call fails with ENOSYS, as on an older kernel, and the kernel logs it (Linux 4.14 and newer), so
 * that a library of tomorrow does not lock people out.
 */
#ifndef HELPER_OAUTH_CLIENT_CONFINED_SYSCALLS_H
#define HELPER_OAUTH_CLIENT_CONFINED_SYSCALLS_H

#include <stdbool.h>

enum syscalls_set {
	SYSCALLS_NETWORK, /* what libcurl, OpenSSL and the name service use, as clients */
	SYSCALLS_DRAWING, /* recv, send and the end: the caller holds all memory that it needs */
	SYSCALLS_SIGNING, /* likewise, and memory, time and chance, which a signature of OpenSSL's takes */
};

enum {
	SYSCALLS_NAME_MAX = 48,
	SYSCALLS_SEEN_MAX = 32, /* different refused calls that a watching process remembers */
};

struct syscalls_wish {
	enum syscalls_set set;
	bool directories; /* Landlock bounds what can be listed: listing is allowed */
	/*
	 * Not NULL: the process watches itself. An unknown call fails with ENOSYS and is remembered
	 * for syscalls_refused(). A tripwire calls TRIPPED with the call's name, in a signal handler,
	 * and TRIPPED ends the process. No call becomes allowed by that.
	 */
	void (*tripped)(const char *name);
};

/* Bounds this process, its threads and all that they start, for good. false: nothing is bounded. */
bool syscalls_bound(const struct syscalls_wish *wish);

/*
 * The name of the INDEXth refused call that a watching process has made, or its number where
 * libseccomp does not know it. false: there is none.
 */
bool syscalls_refused(unsigned int index, char name[SYSCALLS_NAME_MAX]);

#endif
