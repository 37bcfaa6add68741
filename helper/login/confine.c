/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The login's sandbox: see confine.h. Must never allow a call that starts a program, reaches the network or another
 * process's memory, makes memory executable, or gives back what was dropped.
 *
 * What stays open, and why:
 *
 *	/run/pam-device-code	records, limits, token files: made, locked, renamed, removed until the verdict
 *	lists of people		who may enter by now, where map_file or device_code.people were changed: reading their directories
 *	/proc			who is above a host, and whether sessions on record live (exclusive_session)
 *	a datagram socket	syslog(3), whose daemon may be started anew meanwhile
 *	CAP_KILL, pidfd		ends the helpers, which have another uid
 *	CAP_SYS_PTRACE		where /proc is mounted with hidepid and hides others from root's group, alone
 *	reading of all files	in the verbs of a session, alone: their record names the section, and that its files
 *	fork			spawn_hand_over(), in a login that is its host's child, alone
 *
 * -DUNLIMITED_FOR_TESTS (sanitizers, coverage, callgrind): neither Landlock nor seccomp.
 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/paths.h"
#include "helper/sandbox/filter.h"
#include "helper/sandbox/landlock.h"

/* ---- the process itself ---- */

/* Of what this process has KEPT alone, and in EFFECT those of it. false: that could not be had. */
static bool capabilities_keep(uint32_t kept, uint32_t effect)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) != 0)
		return false;
	data[0].permitted &= kept;
	data[0].effective = data[0].permitted & effect;
	data[1].permitted = data[1].effective = 0;
	data[0].inheritable = data[1].inheritable = 0;
	if (syscall(SYS_capset, &header, data) != 0 || syscall(SYS_capget, &header, data) != 0)
		return false;
	return (data[0].permitted & ~kept) == 0 && data[1].permitted == 0;
}

#define OWN_CAPABILITIES (1U << CAP_KILL)
#define TO_LOOK		 (1U << CAP_SYS_PTRACE)

/*
 * Drops what a login does not need. Where /proc is mounted so that others' processes are hidden (hidepid) sessions on
 * record would look as if they had ended: one that cannot see process 1 keeps what shows it, of which Landlock would
 * take the sense: *SEES is false.
 */
static bool capabilities_drop(bool *sees)
{
	bool ok = capabilities_keep(OWN_CAPABILITIES | TO_LOOK, OWN_CAPABILITIES);

	*sees = geteuid() != 0 || access("/proc/1/stat", F_OK) == 0;
	if (*sees)
		return ok && capabilities_keep(OWN_CAPABILITIES, OWN_CAPABILITIES);
	return ok && capabilities_keep(OWN_CAPABILITIES | TO_LOOK, OWN_CAPABILITIES | TO_LOOK);
}

/* ---- Landlock ---- */

/* No program is run from it, and nothing but files and directories is made. */
#define STATE_RIGHTS                                                                          \
	(LANDLOCK_READ_FILE | LANDLOCK_READ_DIR | LANDLOCK_WRITE_FILE | LANDLOCK_REMOVE_DIR | \
	 LANDLOCK_REMOVE_FILE | LANDLOCK_MAKE_DIR | LANDLOCK_MAKE_FILE | LANDLOCK_TRUNCATE)

/* A directory that is not there needs no rule. */
static bool open_up(int ruleset, int abi, const char *path, uint64_t access)
{
	return landlock_open_path(ruleset, abi, path, access) || errno == ENOENT;
}

/* The directory of PATH, for the file is another one when it has been replaced. */
static bool list_open_up(int ruleset, int abi, const char *path)
{
	char dir[PATH_MAX];
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (!slash || slash == path || (size_t)(slash - path) >= sizeof(dir))
		return true;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	return open_up(ruleset, abi, dir, LANDLOCK_READ_FILE);
}

/* Signals are of no scope: the helpers are none of this domain. */
static bool landlock_up(const struct confine_allow *allow)
{
	int abi = landlock_abi();
	int ruleset = landlock_ruleset(abi, LANDLOCK_SCOPE_ABSTRACT);
	bool ok;

	if (ruleset < 0)
		return false;
	ok = open_up(ruleset, abi, PATH_STATE, STATE_RIGHTS) &&
	     open_up(ruleset, abi, "/proc", LANDLOCK_READ_FILE) &&
	     list_open_up(ruleset, abi, allow->list[0]) &&
	     list_open_up(ruleset, abi, allow->list[1]) &&
	     (!allow->reads ||
	      open_up(ruleset, abi, "/", LANDLOCK_READ_FILE | LANDLOCK_READ_DIR)) &&
	     landlock_restrict(ruleset);
	close(ruleset);
	return ok;
}

/* ---- seccomp ---- */

#define FORK_FLAGS ((unsigned int)(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD))

/* clang-format off */
static const struct rule login_rules[] = {
	/* memory: never to be executed */
	CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise),
	NO_NEW_CODE,
	/* this process */
	CALL(futex), CALL(futex_time64), CALL(set_robust_list), CALL(rseq), CALL(rt_sigaction),
	CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(restart_syscall), CALL(exit), CALL(exit_group),
	CALL(getpid), CALL(getppid), CALL(gettid), CALL(getsid), CALL(getuid), CALL(geteuid),
	CALL(getgid), CALL(getegid), CALL(umask), CALL(uname), CALL(getrandom), CALL(waitid), CALL(wait4),
	WHERE2(prlimit64, IS(0, 0), SCMP_A2_64(SCMP_CMP_EQ, 0, 0)), WHERE1(prctl, IS(0, PR_GET_SECCOMP)),
	/* time */
	CALL(clock_gettime), CALL(clock_gettime64), CALL(time), CALL(timerfd_create),
	CALL(timerfd_settime), CALL(timerfd_settime64), CALL(poll), CALL(ppoll), CALL(ppoll_time64),
	CALL(clock_nanosleep), CALL(clock_nanosleep_time64), CALL(nanosleep),
	/* files, as far as Landlock lets them be */
	CALL(open), CALL(openat), CALL(close), CALL(close_range), CALL(read), CALL(readv), CALL(pread64),
	CALL(write), CALL(writev), CALL(pwrite64), CALL(lseek), CALL(_llseek), CALL(stat), CALL(lstat),
	CALL(fstat), CALL(fstat64), CALL(newfstatat), CALL(fstatat64), CALL(statx), CALL(fstatfs),
	CALL(fstatfs64), CALL(readlink), CALL(readlinkat), CALL(getdents64), CALL(ftruncate),
	CALL(ftruncate64), CALL(fallocate), CALL(flock), CALL(mkdir), CALL(mkdirat), CALL(unlink),
	CALL(unlinkat), CALL(rename), CALL(renameat), CALL(renameat2), CALL(fchmod),
	CALL(fgetxattr), CALL(fsetxattr), CALL(dup), CALL(dup2), CALL(dup3),
	/* no owner and no signal of a descriptor: F_SETOWN signals whom it likes */
	WHERE1(fcntl, IS(1, F_GETFD)), WHERE1(fcntl, IS(1, F_SETFD)), WHERE1(fcntl, IS(1, F_GETFL)),
	WHERE1(fcntl, IS(1, F_SETFL)), WHERE1(fcntl, IS(1, F_DUPFD)), WHERE1(fcntl, IS(1, F_DUPFD_CLOEXEC)),
	WHERE1(fcntl, IS(1, F_SETLK)), WHERE1(fcntl, IS(1, F_GETLK)), WHERE1(fcntl, IS(1, F_SETLKW)),
	WHERE1(fcntl, IS(1, F_OFD_SETLK)), WHERE1(fcntl, IS(1, F_OFD_GETLK)),
	WHERE1(fcntl64, IS(1, F_GETFD)), WHERE1(fcntl64, IS(1, F_SETFD)), WHERE1(fcntl64, IS(1, F_GETFL)),
	WHERE1(fcntl64, IS(1, F_SETFL)), WHERE1(fcntl64, IS(1, F_OFD_SETLK)), WHERE1(fcntl64, IS(1, F_OFD_GETLK)),
	/* its host, its starter and its helpers; of new ones the log alone */
	CALL(recvfrom), CALL(recvmsg), CALL(sendto), CALL(sendmsg), CALL(shutdown), CALL(getsockopt),
	CALL(connect), CALL(pidfd_send_signal),
	WHERE2(socket, IS(0, AF_UNIX), TYPE_IS(1, SOCK_DGRAM)),
	KILL1(socket, IS(0, AF_INET)), KILL1(socket, IS(0, AF_INET6)), KILL1(socket, IS(0, AF_NETLINK)),
	KILL1(socket, IS(0, AF_PACKET)), KILL1(socket, IS(0, AF_VSOCK)), KILL1(socket, IS(0, AF_ALG)),
	/* beside filter_tripwires: what else no login does */
	KILL(pidfd_open), KILL(mknod), KILL(mknodat), KILL(link), KILL(linkat), KILL(symlink), KILL(symlinkat),
};
/* clang-format on */

/* abort() signals a thread of its own process. A fork is libc's, where there may be one; a thread is none. */
static bool others_add(scmp_filter_ctx filter, bool hands_over)
{
	const struct rule others[] = {
		{ SCMP_SYS(tgkill), SCMP_ACT_ALLOW, 1, { IS(0, getpid()) } },
		{ SCMP_SYS(clone),
		  hands_over ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS,
		  1,
		  { IS(0, FORK_FLAGS) } },
	};

	return filter_add_rules(filter, others, sizeof(others) / sizeof(*others));
}

static bool seccomp_up(bool hands_over)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	bool ok =
		filter &&
		filter_add_rules(filter, login_rules, sizeof(login_rules) / sizeof(*login_rules)) &&
		filter_add_tripwires(filter, SCMP_ACT_KILL_PROCESS) &&
		others_add(filter, hands_over) &&
		seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
		seccomp_load(filter) == 0;

	seccomp_release(filter);
	malloc_trim(0); /* what making it took is not kept while a login is pending */
	return ok && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2;
}

unsigned int confine(const struct confine_allow *allow)
{
	unsigned int restrictions = 0;
	bool sees;

	tzset(); /* syslog(3) wants /etc/localtime once */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		restrictions |= CONFINE_NO_NEW_PRIVS;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
		restrictions |= CONFINE_NOT_DUMPABLE;
	if (capabilities_drop(&sees))
		restrictions |= CONFINE_CAPABILITIES;
#ifdef UNLIMITED_FOR_TESTS
	(void)allow;
	(void)landlock_up;
	(void)seccomp_up;
	return restrictions | CONFINE_LANDLOCK | CONFINE_SECCOMP;
#else
	if (sees && landlock_up(allow))
		restrictions |= CONFINE_LANDLOCK;
	if (seccomp_up(allow->hands_over))
		restrictions |= CONFINE_SECCOMP;
	return restrictions;
#endif
}

enum reason confine_missing(unsigned int restrictions, const char *setting)
{
	static const struct {
		unsigned int restriction;
		enum reason reason;
	} needed[] = {
		{ CONFINE_NO_NEW_PRIVS, REASON_LOGIN_SANDBOX_MISSING_NO_NEW_PRIVS },
		{ CONFINE_NOT_DUMPABLE, REASON_LOGIN_SANDBOX_MISSING_NOT_DUMPABLE },
		{ CONFINE_CAPABILITIES, REASON_LOGIN_SANDBOX_MISSING_CAPABILITIES },
		{ CONFINE_SECCOMP, REASON_LOGIN_SANDBOX_MISSING_SECCOMP },
		{ CONFINE_LANDLOCK, REASON_LOGIN_SANDBOX_MISSING_LANDLOCK },
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!(restrictions & needed[i].restriction) &&
		    (needed[i].restriction != CONFINE_LANDLOCK || strcmp(setting, "require") != 0))
			return needed[i].reason;
	return REASON_NONE;
}
