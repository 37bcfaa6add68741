/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls of a helper: see syscalls.h. Must never allow a call that opens a file for
 * writing, starts a process, speaks to another one, or makes memory executable.
 *
 * What is in a table with other arguments than a call has is unknown, too: it fails with ENOSYS.
 */
#include "syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#include "helper/sandbox/filter.h"

#define OPEN_FLAGS ((unsigned int)(O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_LARGEFILE | O_NOFOLLOW))
#define SEND_FLAGS ((unsigned int)(MSG_NOSIGNAL | MSG_DONTWAIT | MSG_MORE))

/* clang-format off */
#define OPTION(level, option)	WHERE2(setsockopt, IS(1, level), IS(2, option))
#define INTERNET(domain) \
	WHERE3(socket, IS(0, domain), TYPE_IS(1, SOCK_STREAM), IS(2, 0)), \
	WHERE3(socket, IS(0, domain), TYPE_IS(1, SOCK_STREAM), IS(2, IPPROTO_TCP)), \
	WHERE3(socket, IS(0, domain), TYPE_IS(1, SOCK_DGRAM), IS(2, 0)), \
	WHERE3(socket, IS(0, domain), TYPE_IS(1, SOCK_DGRAM), IS(2, IPPROTO_UDP))

/* What the libraries of Debian 12 to sid make, and its relatives that give nothing more. */
static const struct rule network_rules[] = {
	/* memory: never to be executed */
	CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise), CALL(mincore), CALL(membarrier),
	NO_NEW_CODE,
	/* OpenSSL's secure heap: bounded by RLIMIT_MEMLOCK */
	CALL(mlock), CALL(mlock2), CALL(munlock),
	/* threads: one asks the name service. No other, and no process, ever: see threads_add. */
	CALL(set_robust_list), CALL(get_robust_list), CALL(rseq), CALL(futex), CALL(futex_time64),
	CALL(futex_waitv), CALL(sched_yield), CALL(sched_getaffinity), CALL(sched_getparam),
	CALL(sched_getscheduler), CALL(sched_getattr), CALL(sched_get_priority_max),
	CALL(sched_get_priority_min), CALL(sched_rr_get_interval),
	CALL(sched_rr_get_interval_time64), CALL(getcpu), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigpending),
	CALL(rt_sigtimedwait), CALL(rt_sigtimedwait_time64), CALL(rt_sigreturn), CALL(sigaltstack),
	CALL(getpid), CALL(getppid), CALL(gettid), CALL(exit), CALL(exit_group),
	CALL(restart_syscall),
	/* who this is */
	CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid), CALL(getresuid), CALL(getresgid),
	CALL(getrlimit), CALL(getrusage), CALL(times),
	WHERE2(prlimit64, IS(0, 0), IS_LONG(2, 0)),
	/* time, chance, the machine */
	CALL(clock_gettime), CALL(clock_gettime64), CALL(clock_getres), CALL(clock_getres_time64),
	CALL(gettimeofday), CALL(time), CALL(clock_nanosleep), CALL(clock_nanosleep_time64),
	CALL(nanosleep), CALL(getrandom), CALL(sysinfo), CALL(uname),
	CALL(timerfd_create), CALL(timerfd_settime), CALL(timerfd_settime64),
	CALL(timerfd_gettime), CALL(timerfd_gettime64),
	/* files: reading */
	WHERE1(openat, ONLY(2, OPEN_FLAGS)), WHERE1(open, ONLY(1, OPEN_FLAGS)), CALL(close),
	CALL(lseek), CALL(_llseek), CALL(fstat), CALL(fstat64), CALL(stat), CALL(lstat),
	CALL(newfstatat), CALL(fstatat64), CALL(statx), CALL(access), CALL(faccessat),
	CALL(faccessat2), CALL(readlink), CALL(readlinkat), CALL(fadvise64),
	CALL(read), CALL(readv), CALL(pread64), CALL(preadv), CALL(write), CALL(writev),
	/* no owner and no signal of a descriptor: F_SETOWN signals whom it likes */
	WHERE1(fcntl, IS(1, F_GETFD)), WHERE1(fcntl, IS(1, F_SETFD)),
	WHERE1(fcntl, IS(1, F_GETFL)), WHERE1(fcntl, IS(1, F_SETFL)),
	WHERE1(fcntl, IS(1, F_DUPFD)), WHERE1(fcntl, IS(1, F_DUPFD_CLOEXEC)),
	CALL(dup), CALL(dup2), CALL(dup3),
	WHERE1(ioctl, IS(1, FIONREAD)), WHERE1(ioctl, IS(1, FIONBIO)),
	/* waiting, and waking a thread that waits */
	CALL(poll), CALL(ppoll), CALL(ppoll_time64), CALL(select), CALL(pselect6),
	CALL(pselect6_time64), CALL(epoll_create), CALL(epoll_create1), CALL(epoll_ctl),
	CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2), CALL(eventfd), CALL(eventfd2),
	CALL(pipe), CALL(pipe2),
	/*
	 * the network: TCP and UDP, as a client. No MPTCP, which Landlock does not see. A datagram
	 * pair could be connected to any socket in the file system, a stream pair cannot.
	 */
	INTERNET(AF_INET), INTERNET(AF_INET6),
	FAIL1(EAFNOSUPPORT, socket, IS(0, AF_UNIX)), FAIL1(EAFNOSUPPORT, socket, IS(0, AF_NETLINK)),
	WHERE3(socketpair, IS(0, AF_UNIX), TYPE_IS(1, SOCK_STREAM), IS(2, 0)),
	CALL(connect), CALL(getsockname), CALL(getpeername), CALL(getsockopt), CALL(recvfrom),
	CALL(recvmsg), CALL(recvmmsg), CALL(recvmmsg_time64), CALL(shutdown),
	/* without an address and without MSG_FASTOPEN, which connects past Landlock */
	WHERE2(sendto, ONLY(3, SEND_FLAGS), IS_LONG(4, 0)), WHERE1(sendmmsg, ONLY(3, SEND_FLAGS)),
	OPTION(SOL_TCP, TCP_NODELAY), OPTION(SOL_TCP, TCP_KEEPIDLE), OPTION(SOL_TCP, TCP_KEEPINTVL),
	OPTION(SOL_TCP, TCP_KEEPCNT), OPTION(SOL_TCP, TCP_USER_TIMEOUT),
	OPTION(SOL_SOCKET, SO_KEEPALIVE), OPTION(SOL_SOCKET, SO_RCVBUF),
	OPTION(SOL_SOCKET, SO_SNDBUF), OPTION(SOL_SOCKET, SO_RCVTIMEO),
	OPTION(SOL_SOCKET, SO_SNDTIMEO), OPTION(SOL_IP, IP_RECVERR), OPTION(SOL_IP, IP_TOS),
	OPTION(SOL_IP, IP_MTU_DISCOVER), OPTION(SOL_IPV6, IPV6_RECVERR),
	OPTION(SOL_IPV6, IPV6_MTU_DISCOVER), OPTION(SOL_IPV6, IPV6_V6ONLY),
	OPTION(SOL_IPV6, IPV6_TCLASS),
	/* reading back; newer C libraries name their memory, and can do without */
	WHERE1(prctl, IS(0, PR_GET_SECCOMP)), FAIL1(EINVAL, prctl, IS(0, PR_SET_VMA)),
#ifdef __SNR_mseal
	CALL(mseal),
#endif
};

static const struct rule directory_rules[] = {
	WHERE1(openat, OF(2, ~OPEN_FLAGS, O_DIRECTORY)),
	WHERE1(open, OF(1, ~OPEN_FLAGS, O_DIRECTORY)),
	CALL(getdents64),
};

static const struct rule drawing_rules[] = {
	CALL(recvfrom), CALL(exit_group), WHERE2(sendto, ONLY(3, SEND_FLAGS), IS_LONG(4, 0)),
};

static const struct rule signing_rules[] = {
	CALL(recvfrom), CALL(exit_group), WHERE2(sendto, ONLY(3, SEND_FLAGS), IS_LONG(4, 0)),
	CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise), NO_NEW_CODE,
	CALL(futex), CALL(futex_time64), CALL(getpid), CALL(getrandom), CALL(clock_gettime),
	CALL(clock_gettime64), CALL(gettimeofday), CALL(time),
};

/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const struct {
	const struct rule *rules;
	size_t count;
} sets[] = {
	[SYSCALLS_NETWORK] = { network_rules, COUNT(network_rules) },
	[SYSCALLS_DRAWING] = { drawing_rules, COUNT(drawing_rules) },
	[SYSCALLS_SIGNING] = { signing_rules, COUNT(signing_rules) },
};

/* ---- a process that watches itself ---- */

static struct {
	void (*tripped)(const char *name);
	atomic_uint count;
	int call[SYSCALLS_SEEN_MAX];
} watch;

static const char *tripwire_name(int call)
{
	for (size_t i = 0; i < filter_tripwire_count; i++)
		if (filter_tripwires[i].call == call)
			return filter_tripwires[i].name;
	if (call == SCMP_SYS(clone))
		return "clone";
	if (call == SCMP_SYS(pidfd_send_signal))
		return "pidfd_send_signal";
	return call == SCMP_SYS(tgkill) ? "tgkill" : NULL;
}

static void remember(int call)
{
	unsigned int count = atomic_load(&watch.count);

	for (unsigned int i = 0; i < count && i < SYSCALLS_SEEN_MAX; i++)
		if (watch.call[i] == call)
			return;
	if (count < SYSCALLS_SEEN_MAX &&
	    atomic_compare_exchange_strong(&watch.count, &count, count + 1))
		watch.call[count] = call;
}

/* Gives the call that was refused its answer: the register that returns it, of this machine. */
static void answer(ucontext_t *context, long value)
{
#if defined(__x86_64__)
	context->uc_mcontext.gregs[REG_RAX] = value;
#elif defined(__aarch64__)
	context->uc_mcontext.regs[0] = (unsigned long long)value;
#else
	(void)context;
	(void)value;
	watch.tripped("a_call_on_a_machine_that_is_not_known");
#endif
}

static void on_refused(int sig, siginfo_t *info, void *context)
{
	const char *name = tripwire_name(info->si_syscall);

	(void)sig;
	if (name)
		watch.tripped(name);
	remember(info->si_syscall);
	answer(context, -ENOSYS);
}

static bool watch_start(void (*tripped)(const char *name))
{
	struct sigaction action = { .sa_sigaction = on_refused, .sa_flags = SA_SIGINFO };

	watch.tripped = tripped;
	return sigaction(SIGSYS, &action, NULL) == 0;
}

bool syscalls_refused(unsigned int index, char name[SYSCALLS_NAME_MAX])
{
	char *known;

	if (index >= atomic_load(&watch.count))
		return false;
	known = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, watch.call[index]);
	if (known)
		snprintf(name, SYSCALLS_NAME_MAX, "%s", known);
	else
		snprintf(name, SYSCALLS_NAME_MAX, "%d", watch.call[index]);
	free(known);
	return true;
}

/* ---- the filters ---- */

/*
 * No thread beside those that there are: one who takes a helper over could use up what all logins have. A
 * library that wants one is told so, and whoever wants a process is ended.
 */
static bool threads_add(scmp_filter_ctx filter, uint32_t tripped)
{
	return filter_add_tripwire(filter, tripped, SCMP_SYS(clone), 1,
				   SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)) &&
	       seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAGAIN), SCMP_SYS(clone), 1,
				SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0;
}

/* abort() and pthread_cancel() signal a thread of their own process; no library signals another's. */
static bool signals_add(scmp_filter_ctx filter, uint32_t tripped)
{
	uint64_t own = (uint64_t)getpid();

	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, IS_LONG(0, own)) ==
		       0 &&
	       filter_add_tripwire(filter, tripped, SCMP_SYS(tgkill), 1,
				   SCMP_A0_64(SCMP_CMP_NE, own, 0)) &&
	       filter_add_tripwire(filter, tripped, SCMP_SYS(pidfd_send_signal), 0, IS_LONG(0, 0));
}

/* The rules of WISH, with TRIPPED for a tripwire. The filter's default is for what is unknown. */
static bool filter_fill(scmp_filter_ctx filter, const struct syscalls_wish *wish, uint32_t tripped)
{
	bool ok = filter_add_tripwires(filter, tripped) && signals_add(filter, tripped) &&
		  filter_add_rules(filter, sets[wish->set].rules, sets[wish->set].count);

	if (wish->set != SYSCALLS_NETWORK)
		return ok &&
		       filter_add_tripwire(filter, tripped, SCMP_SYS(clone), 0, IS_LONG(0, 0));
	ok = ok && threads_add(filter, tripped);
	return ok && (!wish->directories ||
		      filter_add_rules(filter, directory_rules, COUNT(directory_rules)));
}

/*
 * A process that watches itself. The C library makes a thread with all signals blocked, where a trap
 * would end the process: clone3, whose flags no filter sees, gets its error directly.
 */
static scmp_filter_ctx watching_filter(const struct syscalls_wish *wish)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);

	if (filter && filter_fill(filter, wish, SCMP_ACT_TRAP) &&
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0)
		return filter;
	seccomp_release(filter);
	return NULL;
}

/* Every other process. WITH_LOG: logging_filter() follows. */
static scmp_filter_ctx bounding_filter(const struct syscalls_wish *wish, bool with_log)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	/* libseccomp 2.5 and newer adds TSYNC_ESRCH where the kernel has it. */
	const struct rule next = WHERE2(seccomp, IS(0, SECCOMP_SET_MODE_FILTER),
					OF(1, ~SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
					   SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_TSYNC));

	if (filter && filter_fill(filter, wish, SCMP_ACT_KILL_PROCESS) &&
	    (!with_log || filter_add_rules(filter, &next, 1)))
		return filter;
	seccomp_release(filter);
	return NULL;
}

static bool names_add(scmp_filter_ctx filter, const struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, rules[i].call, 0) != 0)
			return false;
	return true;
}

/*
 * Lets the kernel log what is in no table, and does nothing else: a filter logs all of its refusals or
 * none, and some of the bounding filter's are part of every login (clone3, the name service's
 * AF_UNIX). It also closes seccomp(2), which the bounding filter leaves open for it. NULL: the
 * kernel has no such log.
 */
static scmp_filter_ctx logging_filter(const struct syscalls_wish *wish)
{
	static const struct rule beside[] = { CALL(clone), CALL(clone3), CALL(tgkill),
					      CALL(getdents64) };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));

	if (filter && seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1) == 0 &&
	    seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
	    seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) == 0 &&
	    names_add(filter, beside, COUNT(beside)) &&
	    names_add(filter, sets[wish->set].rules, sets[wish->set].count))
		return filter;
	seccomp_release(filter);
	return NULL;
}

/* A filter that stands is never released: the calls that this takes may be refused by now. */
bool syscalls_bound(const struct syscalls_wish *wish)
{
	scmp_filter_ctx log = wish->tripped ? NULL : logging_filter(wish);
	scmp_filter_ctx filter = wish->tripped ? watching_filter(wish)
					       : bounding_filter(wish, log != NULL);

	if (!filter || (wish->tripped && !watch_start(wish->tripped)) ||
	    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0 ||
	    seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) != 0 || seccomp_load(filter) != 0) {
		seccomp_release(filter);
		seccomp_release(log);
		return false;
	}
	if (log)
		seccomp_load(log); /* without it the kernel is silent; nothing more is allowed */
	return true;
}
