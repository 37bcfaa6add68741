/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sandbox of a helper. sandbox.c is the only file that knows Landlock, syscalls.c the only one
 * that knows seccomp.
 *
 * Each restriction is set once, before the first byte from the network, and cannot be lifted. What
 * a function returns are the restrictions that hold, read back and not assumed. The caller decides what
 * is enough; sandbox_enough() is what the configuration's `sandbox` asks for.
 */
#ifndef HELPER_OAUTH_CLIENT_CONFINED_SANDBOX_H
#define HELPER_OAUTH_CLIENT_CONFINED_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SANDBOX_PORTS_MAX = 32,
	SANDBOX_TEXT_MAX = 256,
};

/* What stays open. The strings are borrowed for the call. */
struct sandbox_allow {
	bool signs;	     /* what a signature takes, and no network */
	bool network;	     /* name service and TLS: their files and ports, and the following */
	const char *ca_file; /* instead of the system's certificates, or NULL */
	size_t ports;
	uint16_t port[SANDBOX_PORTS_MAX];  /* of TCP, beside the name service's */
	void (*tripped)(const char *call); /* NULL, or the process watches itself: syscalls.h */
};

enum sandbox_restriction {
	SANDBOX_UID = 1, /* one user and one group, three times over, neither of them root's */
	SANDBOX_NO_NEW_PRIVS = 2,
	SANDBOX_NOT_DUMPABLE = 4, /* nobody traces it or reads its memory */
	SANDBOX_RLIMITS = 8,	  /* those that the module has set */
	SANDBOX_SECCOMP = 16,
	SANDBOX_LANDLOCK_FILES = 32,
	SANDBOX_LANDLOCK_TCP = 64,
	SANDBOX_LANDLOCK_SCOPES = 128, /* signals and abstract sockets */
};

/* The first two restrictions of the process itself, and what the module has done: ids and rlimits. */
unsigned int sandbox_ground(void);

/*
 * The kernel ends this process in SECONDS, whatever becomes of it until then: behind seccomp nothing puts that
 * off, and no signal of its own making waits (RLIMIT_SIGPENDING 0). A helper that keeps tokens outlives its login,
 * and one that was taken over would for ever. true without
 * one where the caller of su has left this uid no signal to wait (RLIMIT_SIGPENDING) and root may not raise that.
 */
bool sandbox_end_after(long seconds);

/* Files and TCP ports, as far as the kernel knows how to. 0: none of it. */
unsigned int sandbox_landlock(const struct sandbox_allow *allow);

/*
 * System calls: those that libcurl, OpenSSL and the name service make where ALLOW has a network; what
 * a signature takes where it signs; else recv, send and the end, so that the caller must hold all memory
 * that it needs. What else is called fails or ends the process: see syscalls.h. Landlock comes first where
 * it is wanted.
 */
unsigned int sandbox_seccomp(const struct sandbox_allow *allow);

/* Whether the restrictions in SANDBOX are enough for SETTING: best-effort, strict, or (anything else) require. */
bool sandbox_enough(unsigned int sandbox, const char *setting);

/* "uid=989,no_new_privs,...,landlock_abi=7" */
void sandbox_tell(unsigned int sandbox, char text[SANDBOX_TEXT_MAX]);

#endif
