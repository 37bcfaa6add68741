/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The helpers' confinement: see helper_process.h. What the child does between fork and exec is
 * async-signal-safe. Must never let a helper keep the login's ids or limits: every step is verified,
 * and a failed one ends the child.
 */
#include "helper_process.h"

#include <errno.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/wire.h"
#include "names.h"
#include "starter.h"

enum {
	DEATH_MS = 200, /* from the channel's closing to the end of the process that held it */
	LEAST_PROCESSES =
		1024, /* of one uid that serves all logins: each helper has a thread for names */
	MOST_PROCESSES = 4096, /* of one that was taken over: the machine keeps the others */
	LEAST_SIGNALS = 1024,  /* of that uid that wait: each timer that ends a helper is one */
	LEAST_CPU = 60,	       /* seconds */
	LIMIT_STACK = 1 << 20, /* that thread reserves this much */
};

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

struct confinement {
	struct helper_ids ids;
	bool outliving;
};

/* Looked up before the fork, in files: the name service's modules must not run as root here. */
bool helper_ids_find(struct helper_ids *ids)
{
	ids->drop = geteuid() == 0;
	if (!ids->drop) {
		/*
		 * Two ids and no root to drop them with: whichever the helper had, the other could
		 * trace it (a setuid program's caller) or come back to life (root's).
		 */
		ids->uid = getuid();
		ids->gid = getgid();
		return ids->uid == geteuid() && ids->gid == getegid();
	}
	return names_in_files(HELPER_USER, &ids->uid, &ids->gid) && ids->uid != 0 && ids->gid != 0;
}

/* ---- in the child ---- */

/* No higher than the host allows. */
static bool limit_set(__rlimit_resource_t what, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(what, &limit) != 0)
		return false;
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < value)
		value = limit.rlim_max;
	limit.rlim_cur = value;
	limit.rlim_max = value;
	return setrlimit(what, &limit) == 0;
}

/* The caller of su must not starve the helper, so that the provider looks unreachable. */
static bool limit_at_least(__rlimit_resource_t what, rlim_t least)
{
	struct rlimit limit;

	if (getrlimit(what, &limit) != 0)
		return false;
	if (limit.rlim_cur >= least)
		return true;
	limit.rlim_cur = least;
	if (limit.rlim_max < least)
		limit.rlim_max = least;
	return setrlimit(what, &limit) == 0;
}

/* While it may be done. */
static bool limits_raise(void)
{
	limit_at_least(RLIMIT_SIGPENDING,
		       LEAST_SIGNALS); /* without it the login alone ends its helper */
	return limit_at_least(RLIMIT_NPROC, LEAST_PROCESSES) &&
	       limit_set(RLIMIT_NPROC, MOST_PROCESSES) && limit_at_least(RLIMIT_CPU, LEAST_CPU) &&
	       limit_at_least(RLIMIT_DATA, WIRE_MEMORY_MAX) &&
	       limit_at_least(RLIMIT_AS, WIRE_MEMORY_MAX);
}

static bool child_limits(bool privileged)
{
	if (!limit_set(RLIMIT_CORE, 0) || (privileged && !limits_raise()))
		return false;
#ifndef UNLIMITED_FOR_TESTS /* sanitizers, coverage and callgrind need memory, files and fds */
	if (!limit_set(RLIMIT_FSIZE, 0) || !limit_set(RLIMIT_AS, WIRE_MEMORY_MAX) ||
	    !limit_set(RLIMIT_STACK, LIMIT_STACK) || !limit_set(RLIMIT_NOFILE, WIRE_FDS_MAX))
		return false;
#endif
	return true;
}

/* The host's session keyring may hold keys of root's: the helper gets an empty one of its own. */
static bool child_keyring(void)
{
	return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 || errno == ENOSYS ||
	       errno == EPERM || errno == EDQUOT;
}

/* No way back: each id is set three times over and read back. */
static bool child_ids(const struct helper_ids *ids)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	if (ids->drop && setgroups(0, NULL) != 0)
		return false;
	if (setresgid(ids->gid, ids->gid, ids->gid) != 0 ||
	    setresuid(ids->uid, ids->uid, ids->uid) != 0)
		return false;
	if (getresuid(&ruid, &euid, &suid) != 0 || getresgid(&rgid, &egid, &sgid) != 0)
		return false;
	if (ruid != ids->uid || euid != ids->uid || suid != ids->uid)
		return false;
	if (rgid != ids->gid || egid != ids->gid || sgid != ids->gid)
		return false;
	return setuid(0) != 0 && (!ids->drop || getgroups(0, NULL) == 0);
}

/*
 * The channel's end tells a helper that its login is over, and one that was taken over does not listen.
 * So the kernel ends it where a host that was killed cannot: it is asked behind the change of ids,
 * which would undo it. A host that is gone already has left the channel closed. The signal comes with
 * the end of the thread that forked, which waits here for as long as its login lasts. One that is
 * OUTLIVING has tokens to revoke first, which a killed host has not kept.
 */
static bool child_dies_with_host(bool outliving)
{
	char none;

	return (outliving || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0) &&
	       recv(WIRE_FD, &none, sizeof(none), MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* What makes a helper of a child of the login's. */
static bool child_confine(const void *context)
{
	const struct confinement *confinement = context;
	const struct helper_ids *ids = &confinement->ids;

	return child_limits(ids->drop) && child_keyring() && child_ids(ids) &&
	       child_dies_with_host(confinement->outliving);
}

bool helper_become(const struct helper_ids *ids)
{
	return limit_set(RLIMIT_CORE, 0) && (!ids->drop || limits_raise()) && child_keyring() &&
	       child_ids(ids);
}

/* ---- in the login, or in its starter ---- */

enum spawn_result helper_start_here(struct spawn *child, const char *program, bool outliving)
{
	struct confinement confinement = { .outliving = outliving };
	const struct spawn_what what = { program, child_confine, &confinement };

	*child = SPAWN_NONE;
	return helper_ids_find(&confinement.ids) ? spawn_start(child, &what) : SPAWN_NO_ACCOUNT;
}

enum spawn_result helper_start(struct spawn *child, const char *program, bool outliving)
{
	return starter_serves() ? starter_helper(child, program, outliving)
				: helper_start_here(child, program, outliving);
}

int helper_death(const struct spawn *child)
{
	struct pollfd pfd = { .fd = child->pidfd, .events = POLLIN };
	siginfo_t info = { .si_pid = 0 };

	if (child->pidfd < 0 || poll(&pfd, 1, DEATH_MS) <= 0 ||
	    waitid((idtype_t)P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) !=
		    0 ||
	    info.si_pid == 0 || info.si_code == CLD_EXITED)
		return 0;
	return info.si_status;
}

enum reason helper_why_gone(const struct spawn *child)
{
	static const struct {
		int sig;
		enum reason reason;
	} deaths[] = {
		{ SIGSYS, REASON_HELPER_KILLED_BY_SIGSYS },
		{ SIGSEGV, REASON_HELPER_KILLED_BY_SIGSEGV },
		{ SIGABRT, REASON_HELPER_KILLED_BY_SIGABRT },
		{ SIGBUS, REASON_HELPER_KILLED_BY_SIGBUS },
		{ SIGKILL, REASON_HELPER_KILLED_BY_SIGKILL },
		{ SIGXCPU, REASON_HELPER_KILLED_BY_SIGXCPU },
	};
	int sig = starter_serves() ? starter_death(child->pid) : helper_death(child);

	if (sig == 0)
		return REASON_HELPER_GONE;
	for (size_t i = 0; i < sizeof(deaths) / sizeof(*deaths); i++)
		if (deaths[i].sig == sig)
			return deaths[i].reason;
	return REASON_HELPER_KILLED_BY_A_SIGNAL;
}
