/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The login's walls: see confine.h. Must never allow a call that starts a program, reaches the network or another
 * process's memory, makes memory executable, or gives back what was dropped.
 *
 * What stays open, and why:
 *
 *	/run/pam-device-code	records, limits, token files: made, locked, renamed, removed until the verdict
 *	/proc			who is above a host, and whether sessions on record live (one_session)
 *	a datagram socket	syslog(3), whose daemon may be started anew meanwhile
 *	CAP_KILL, pidfd		ends the helpers, which have another uid
 *	CAP_CHOWN		hands a token file over to its user
 *	CAP_SYS_PTRACE		where /proc is mounted with hidepid and hides others from root's group, alone
 *	reading of all files	in the verbs of a session, alone: their record names the section, and that its files
 *	fork			spawn_hand_over(), in a login that is its host's child, alone
 *
 * -DUNLIMITED_FOR_TESTS (sanitizers, coverage, callgrind): neither Landlock nor seccomp.
 */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <malloc.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/paths.h"

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

#define OWN_CAPABILITIES (1U << CAP_CHOWN | 1U << CAP_KILL)
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

/* ---- Landlock: <linux/landlock.h> as of ABI 7; Debian 12's own header knows less ---- */

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

#define RULESET_VERSION 1U
#define PATH_BENEATH	1
#define READ_FILE	(1ULL << 2)
#define READ_DIR	(1ULL << 3)
#define OF_ABI_1	((1ULL << 13) - 1)
#define REFER		(1ULL << 13)
#define TRUNCATE	(1ULL << 14)
#define IOCTL_DEV	(1ULL << 15)
#define TCP		3ULL
#define ABSTRACT	(1ULL << 0)
/* No program is run from it, and nothing but files and directories is made. */
#define STATE_RIGHTS \
	(READ_FILE | READ_DIR | 1ULL << 1 | 1ULL << 4 | 1ULL << 5 | 1ULL << 7 | 1ULL << 8)

struct ruleset_attr {
	uint64_t fs, net, scoped; /* a kernel that knows fewer takes zeros for the rest */
};

struct path_attr {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

/* A directory that is not there needs no rule. */
static bool open_up(int ruleset, const char *path, uint64_t access)
{
	struct path_attr attr = { .access = access };
	bool ok;

	attr.fd = open(path, O_PATH | O_CLOEXEC);
	if (attr.fd < 0)
		return errno == ENOENT;
	ok = syscall(SYS_landlock_add_rule, ruleset, PATH_BENEATH, &attr, 0) == 0;
	close(attr.fd);
	return ok;
}

static bool landlock_up(bool reads)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, RULESET_VERSION);
	struct ruleset_attr attr = { .fs = OF_ABI_1 };
	uint64_t state = STATE_RIGHTS;
	bool ok;
	int ruleset;

	if (abi < 1)
		return false;
	attr.fs |= (abi >= 2 ? REFER : 0) | (abi >= 3 ? TRUNCATE : 0) | (abi >= 5 ? IOCTL_DEV : 0);
	attr.net = abi >= 4 ? TCP : 0;
	attr.scoped = abi >= 6 ? ABSTRACT : 0; /* signals: the helpers are none of this domain */
	state |= abi >= 3 ? TRUNCATE : 0;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return false;
	ok = open_up(ruleset, PATH_STATE, state) && open_up(ruleset, "/proc", READ_FILE) &&
	     (!reads || open_up(ruleset, "/", READ_FILE | READ_DIR)) &&
	     syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	close(ruleset);
	return ok;
}

/* ---- seccomp ---- */

struct rule {
	int call;
	uint32_t action;
	unsigned int args;
	struct scmp_arg_cmp arg[3];
};

#define SOCKET_FLAGS ((unsigned int)(SOCK_CLOEXEC | SOCK_NONBLOCK))
#define FORK_FLAGS   ((unsigned int)(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD))

/* clang-format off */
#define IS(arg, value)		SCMP_CMP32(arg, SCMP_CMP_MASKED_EQ, ~0U, (uint32_t)(value))
#define OF(arg, mask, bits)	SCMP_CMP32(arg, SCMP_CMP_MASKED_EQ, (uint32_t)(mask), (uint32_t)(bits))
#define CALL(name)		{ .call = SCMP_SYS(name), .action = SCMP_ACT_ALLOW }
#define WHERE1(name, a)		{ SCMP_SYS(name), SCMP_ACT_ALLOW, 1, { a } }
#define WHERE2(name, a, b)	{ SCMP_SYS(name), SCMP_ACT_ALLOW, 2, { a, b } }
#define FAIL1(error, name, a)	{ SCMP_SYS(name), SCMP_ACT_ERRNO(error), 1, { a } }
#define KILL(name)		{ .call = SCMP_SYS(name), .action = SCMP_ACT_KILL_PROCESS }
#define KILL1(name, a)		{ SCMP_SYS(name), SCMP_ACT_KILL_PROCESS, 1, { a } }

static const struct rule rules[] = {
	/* memory: never to be executed */
	CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise),
	WHERE1(mmap, OF(2, PROT_EXEC, 0)), FAIL1(EACCES, mmap, OF(2, PROT_EXEC, PROT_EXEC)),
	WHERE1(mprotect, OF(2, PROT_EXEC, 0)), FAIL1(EACCES, mprotect, OF(2, PROT_EXEC, PROT_EXEC)),
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
	CALL(unlinkat), CALL(rename), CALL(renameat), CALL(renameat2), CALL(fchmod), CALL(fchown),
	CALL(fchownat), CALL(dup), CALL(dup2), CALL(dup3),
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
	{ SCMP_SYS(socket), SCMP_ACT_ALLOW, 2, { IS(0, AF_UNIX), OF(1, ~SOCKET_FLAGS, SOCK_DGRAM) } },
	KILL1(socket, IS(0, AF_INET)), KILL1(socket, IS(0, AF_INET6)), KILL1(socket, IS(0, AF_NETLINK)),
	KILL1(socket, IS(0, AF_PACKET)), KILL1(socket, IS(0, AF_VSOCK)), KILL1(socket, IS(0, AF_ALG)),
	/* what no login does: whoever makes such a call has taken it over */
	KILL(execve), KILL(execveat), KILL(fork), KILL(vfork), KILL(kill), KILL(tkill), KILL(pidfd_open),
	KILL(rt_sigqueueinfo), KILL(rt_tgsigqueueinfo), KILL(ptrace), KILL(process_vm_readv),
	KILL(process_vm_writev), KILL(process_madvise), KILL(pidfd_getfd), KILL(kcmp), KILL(move_pages),
	KILL(migrate_pages), KILL(bind), KILL(listen), KILL(accept), KILL(accept4), KILL(setuid),
	KILL(setgid), KILL(setreuid), KILL(setregid), KILL(setresuid), KILL(setresgid), KILL(setfsuid),
	KILL(setfsgid), KILL(setgroups), KILL(capset), KILL(mount), KILL(umount2), KILL(pivot_root),
	KILL(chroot), KILL(unshare), KILL(setns), KILL(open_tree), KILL(move_mount), KILL(fsopen),
	KILL(fsconfig), KILL(fsmount), KILL(fspick), KILL(mount_setattr), KILL(name_to_handle_at),
	KILL(open_by_handle_at), KILL(bpf), KILL(perf_event_open), KILL(userfaultfd),
	KILL(io_uring_setup), KILL(io_uring_enter), KILL(io_uring_register), KILL(keyctl), KILL(add_key),
	KILL(request_key), KILL(init_module), KILL(finit_module), KILL(delete_module), KILL(kexec_load),
	KILL(kexec_file_load), KILL(reboot), KILL(swapon), KILL(swapoff), KILL(acct), KILL(quotactl),
	KILL(syslog), KILL(sethostname), KILL(setdomainname), KILL(settimeofday), KILL(clock_settime),
	KILL(clock_adjtime), KILL(adjtimex), KILL(iopl), KILL(ioperm), KILL(modify_ldt), KILL(vhangup),
	KILL(mknod), KILL(mknodat), KILL(link), KILL(linkat), KILL(symlink), KILL(symlinkat),
};
/* clang-format on */

static bool rules_add(scmp_filter_ctx filter, const struct rule *rule, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (seccomp_rule_add_array(filter, rule[i].action, rule[i].call, rule[i].args,
					   rule[i].arg) != 0)
			return false;
	return true;
}

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

	return rules_add(filter, others, sizeof(others) / sizeof(*others));
}

static bool seccomp_up(bool hands_over)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	bool ok = filter && rules_add(filter, rules, sizeof(rules) / sizeof(*rules)) &&
		  others_add(filter, hands_over) &&
		  seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
		  seccomp_load(filter) == 0;

	seccomp_release(filter);
	malloc_trim(0); /* what making it took is not kept while a login is pending */
	return ok && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2;
}

unsigned int confine(const struct confine_doors *doors)
{
	unsigned int walls = 0;
	bool sees;

	tzset(); /* syslog(3) wants /etc/localtime once */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		walls |= CONFINE_NO_NEW_PRIVS;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
		walls |= CONFINE_NOT_DUMPABLE;
	if (capabilities_drop(&sees))
		walls |= CONFINE_CAPABILITIES;
#ifdef UNLIMITED_FOR_TESTS
	(void)doors;
	(void)landlock_up;
	(void)seccomp_up;
	return walls | CONFINE_LANDLOCK | CONFINE_SECCOMP;
#else
	if (sees && landlock_up(doors->reads))
		walls |= CONFINE_LANDLOCK;
	if (seccomp_up(doors->hands_over))
		walls |= CONFINE_SECCOMP;
	return walls;
#endif
}

enum reason confine_missing(unsigned int walls, const char *setting)
{
	static const struct {
		unsigned int wall;
		enum reason reason;
	} needed[] = {
		{ CONFINE_NO_NEW_PRIVS, REASON_LOGIN_WALL_MISSING_NO_NEW_PRIVS },
		{ CONFINE_NOT_DUMPABLE, REASON_LOGIN_WALL_MISSING_NOT_DUMPABLE },
		{ CONFINE_CAPABILITIES, REASON_LOGIN_WALL_MISSING_CAPABILITIES },
		{ CONFINE_SECCOMP, REASON_LOGIN_WALL_MISSING_SECCOMP },
		{ CONFINE_LANDLOCK, REASON_LOGIN_WALL_MISSING_LANDLOCK },
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!(walls & needed[i].wall) &&
		    (needed[i].wall != CONFINE_LANDLOCK || strcmp(setting, "require") != 0))
			return needed[i].reason;
	return REASON_NONE;
}
