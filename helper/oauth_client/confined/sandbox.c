/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sandbox of a helper: see sandbox.h. Landlock bounds files and TCP ports, seccomp (syscalls.c) bounds system
 * calls; each closes what the other cannot see. Must never open anything that is not in one of the
 * two tables below, and never report a restriction that does not hold.
 *
 * -DSANDBOX_FOR_TESTS: sandbox_pretended_abi bounds the Landlock that is used.
 * -DUNLIMITED_FOR_TESTS (sanitizers, coverage, callgrind): no Landlock, no seccomp.
 */
#include "sandbox.h"

#include <errno.h>
#include <linux/prctl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/wire.h"
#include "helper/sandbox/landlock.h"
#include "syscalls.h"

enum {
	PORT_DNS = 53,
};

/* Asked for while it may be asked. */
static struct {
	uid_t uid;
	int abi; /* 0: no Landlock */
} standing;

/* ---- what the module has done, and the process's own ---- */

static bool ids_are_one(void)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	return getresuid(&ruid, &euid, &suid) == 0 && getresgid(&rgid, &egid, &sgid) == 0 &&
	       ruid == euid && euid == suid && rgid == egid && egid == sgid && euid != 0 &&
	       egid != 0;
}

static bool limits_stand(void)
{
	static const struct {
		__rlimit_resource_t what;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, 0 },
		{ RLIMIT_NOFILE, WIRE_FDS_MAX },
		{ RLIMIT_AS, WIRE_MEMORY_MAX },
	};
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if (getrlimit(limits[i].what, &limit) != 0 || limit.rlim_cur > limits[i].most ||
		    limit.rlim_max > limits[i].most)
			return false;
	return true;
}

unsigned int sandbox_ground(void)
{
	unsigned int sandbox = 0;

	standing.uid = geteuid();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (ids_are_one())
		sandbox |= SANDBOX_UID;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		sandbox |= SANDBOX_NO_NEW_PRIVS;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
		sandbox |= SANDBOX_NOT_DUMPABLE;
	if (limits_stand())
		sandbox |= SANDBOX_RLIMITS;
	return sandbox;
}

bool sandbox_end_after(long seconds)
{
	struct sigevent kill = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };
	struct itimerspec at = { .it_value.tv_sec = seconds };
	const struct rlimit none = { 0, 0 };
	timer_t timer;

	if (seconds <= 0)
		return false;
	if (timer_create(CLOCK_BOOTTIME, &kill, &timer) != 0)
		return errno == EAGAIN;
	/* All processes of this uid share one count of signals that wait: who takes one over leaves the others theirs. */
	return timer_settime(timer, 0, &at, NULL) == 0 && setrlimit(RLIMIT_SIGPENDING, &none) == 0;
}

/* ---- Landlock ---- */

/* Files that name service reads, and what they may be links to. None of them need be there. */
static const char *const resolver_files[] = {
	"/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf",
	"/etc/host.conf",   "/etc/gai.conf", "/etc/services",
};

/* Where distributions have the certificates, and what those are links to. */
static const char *const ca_paths[] = {
	"/etc/ssl/certs",
	"/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates",
	"/etc/pki/ca-trust/extracted",
	"/etc/pki/tls/certs",
	"/etc/ca-certificates/extracted",
	"/var/lib/ca-certificates",
};

#ifdef SANDBOX_FOR_TESTS
int sandbox_pretended_abi = INT_MAX;
#endif

static int usable_abi(void)
{
	int abi = landlock_abi();

#ifdef UNLIMITED_FOR_TESTS
	abi = 0;
#endif
#ifdef SANDBOX_FOR_TESTS
	if (abi > sandbox_pretended_abi)
		abi = sandbox_pretended_abi;
#endif
	return abi;
}

/*
 * The rule holds for the file that is there now. Who writes resolv.conf anew puts another in its
 * place; where it is a link to a directory of its own (/run/systemd/resolve) that may be read.
 */
static void resolver_link_open_up(int ruleset, int abi)
{
	char target[PATH_MAX];
	char *slash;

	if (!realpath("/etc/resolv.conf", target))
		return;
	slash = strrchr(target, '/');
	*slash = '\0';
	if (strncmp(target, "/run/", 5) == 0)
		landlock_open_path(ruleset, abi, target, LANDLOCK_READ_FILE);
}

static bool allow_apply(int ruleset, int abi, const struct sandbox_allow *allow)
{
	bool ok = true;

	if (!allow->network)
		return true;
	for (size_t i = 0; i < sizeof(resolver_files) / sizeof(*resolver_files); i++)
		landlock_open_path(ruleset, abi, resolver_files[i], LANDLOCK_READ_FILE);
	resolver_link_open_up(ruleset, abi);
	if (allow->ca_file)
		landlock_open_path(ruleset, abi, allow->ca_file, LANDLOCK_READ_FILE);
	for (size_t i = 0; !allow->ca_file && i < sizeof(ca_paths) / sizeof(*ca_paths); i++)
		landlock_open_path(ruleset, abi, ca_paths[i],
				   LANDLOCK_READ_FILE | LANDLOCK_READ_DIR);
	ok = landlock_open_port(ruleset, abi, PORT_DNS);
	for (size_t i = 0; i < allow->ports; i++)
		ok = landlock_open_port(ruleset, abi, allow->port[i]) && ok;
	return ok;
}

unsigned int sandbox_landlock(const struct sandbox_allow *allow)
{
	unsigned int sandbox = SANDBOX_LANDLOCK_FILES;
	int abi = usable_abi();
	int ruleset = landlock_ruleset(abi, LANDLOCK_SCOPE_ABSTRACT | LANDLOCK_SCOPE_SIGNAL);

	if (ruleset < 0)
		return 0;
	sandbox |= abi >= LANDLOCK_ABI_TCP ? SANDBOX_LANDLOCK_TCP : 0;
	sandbox |= abi >= LANDLOCK_ABI_SCOPES ? SANDBOX_LANDLOCK_SCOPES : 0;
	if (allow_apply(ruleset, abi, allow) && landlock_restrict(ruleset))
		standing.abi = abi;
	close(ruleset);
	return standing.abi ? sandbox : 0;
}

/* ---- seccomp: syscalls.c ---- */

static enum syscalls_set set_of(const struct sandbox_allow *allow)
{
	if (allow->network)
		return SYSCALLS_NETWORK;
	return allow->signs ? SYSCALLS_SIGNING : SYSCALLS_DRAWING;
}

unsigned int sandbox_seccomp(const struct sandbox_allow *allow)
{
	const struct syscalls_wish wish = {
		.set = set_of(allow),
		.directories = allow->network && standing.abi >= LANDLOCK_ABI_FILES,
		.tripped = allow->tripped,
	};

#ifdef UNLIMITED_FOR_TESTS
	(void)wish;
	return 0;
#else
	if (!syscalls_bound(&wish))
		return 0;
	/* The other sets have no call that could ask. */
	return !allow->network || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 ? SANDBOX_SECCOMP : 0;
#endif
}

/* ---- what stands ---- */

static const struct {
	unsigned int restriction;
	const char *name;
} names[] = {
	{ SANDBOX_NO_NEW_PRIVS, "no_new_privs" },
	{ SANDBOX_NOT_DUMPABLE, "not_dumpable" },
	{ SANDBOX_RLIMITS, "rlimits" },
	{ SANDBOX_SECCOMP, "seccomp" },
	{ SANDBOX_LANDLOCK_FILES, "landlock_files" },
	{ SANDBOX_LANDLOCK_TCP, "landlock_tcp" },
	{ SANDBOX_LANDLOCK_SCOPES, "landlock_scopes" },
};

bool sandbox_enough(unsigned int sandbox, const char *setting)
{
	unsigned int needed = SANDBOX_UID | SANDBOX_NO_NEW_PRIVS | SANDBOX_NOT_DUMPABLE |
			      SANDBOX_RLIMITS | SANDBOX_SECCOMP;

#ifdef UNLIMITED_FOR_TESTS
	return true;
#endif
	if (setting && strcmp(setting, "best-effort") == 0)
		return true;
	if (setting && strcmp(setting, "strict") == 0)
		needed |= SANDBOX_LANDLOCK_FILES | SANDBOX_LANDLOCK_TCP;
	return (sandbox & needed) == needed;
}

void sandbox_tell(unsigned int sandbox, char text[SANDBOX_TEXT_MAX])
{
	size_t len = 0;

	text[0] = '\0';
	if (sandbox & SANDBOX_UID)
		len += (size_t)snprintf(text, SANDBOX_TEXT_MAX, "uid=%lu",
					(unsigned long)standing.uid);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (sandbox & names[i].restriction)
			len += (size_t)snprintf(text + len, SANDBOX_TEXT_MAX - len, "%s%s",
						len ? "," : "", names[i].name);
	if (sandbox & SANDBOX_LANDLOCK_FILES)
		snprintf(text + len, SANDBOX_TEXT_MAX - len, ",landlock_abi=%d", standing.abi);
}
