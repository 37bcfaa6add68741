/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts programs of ours: see spawn.h. Between fork and exec only async-signal-safe calls are made, since
 * the host may have threads. Must never let a child keep a descriptor or the environment of the host:
 * every step is verified, and a failed one ends the child.
 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

enum {
	REAP_MS = 1000,
	LEAVE_MS = 3000, /* two revocations of a helper */
	EXEC_MS = 5000,	 /* a disk that spins up; exec itself takes a millisecond */
};

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static int sys_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int sys_pidfd_send_signal(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

static int sys_close_range(unsigned int first, unsigned int last)
{
	return (int)syscall(SYS_close_range, first, last, 0);
}

/* ---- in the child ---- */

/* By the system call, since libc keeps two signals to itself; all zero means SIG_DFL. */
static bool child_signals(void)
{
	static const unsigned long standard[8];
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		syscall(SYS_rt_sigaction, sig, standard, NULL, 8); /* fails for KILL and STOP */
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

/* The slot to WIRE_FD, the way back for exec's errno behind it, /dev/null below, nothing else. */
static bool child_fds(int slot, int report)
{
	int null, high_slot, high_report;

	high_slot = fcntl(slot, F_DUPFD, WIRE_FD + 2);
	high_report = fcntl(report, F_DUPFD, WIRE_FD + 2);
	null = open("/dev/null", O_RDWR);
	if (high_slot < 0 || high_report < 0 || null < 0)
		return false;
	for (int fd = 0; fd < WIRE_FD; fd++)
		if (dup2(null, fd) != fd)
			return false;
	if (dup2(high_slot, WIRE_FD) != WIRE_FD || dup2(high_report, WIRE_FD + 1) != WIRE_FD + 1)
		return false;
	return fcntl(WIRE_FD + 1, F_SETFD, FD_CLOEXEC) == 0 &&
	       sys_close_range(WIRE_FD + 2, ~0U) == 0;
}

/*
 * Nothing is done before the host holds a pidfd: a child that ends too early cannot be missed.
 * The host's end is closed here too, so that its closing is seen.
 */
static bool child_may_go(const int *slot)
{
	char go;

	close(slot[0]);
	return recv(slot[1], &go, sizeof(go), 0) == 1;
}

static _Noreturn void child_run(const struct spawn_what *what, const int *slot, int report)
{
	char *const argv[] = { (char *)what->program, NULL };
	char *const envp[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", NULL };
	int failure = ECANCELED; /* something before exec */

	if (child_signals() && child_may_go(slot) && child_fds(slot[1], report)) {
		report = WIRE_FD + 1;
		umask(077);
		if (setsid() > 0 && chdir("/") == 0 &&
		    (!what->confine || what->confine(what->context))) {
			execve(what->program, argv, envp);
			failure = errno;
		}
	}
	while (write(report, &failure, sizeof(failure)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* ---- in the host ---- */

/*
 * The report pipe closes on a successful exec and brings an errno otherwise. Waiting for it costs
 * the time of an exec, which the login waits for anyhow.
 */
static enum spawn_result exec_await(int report)
{
	struct pollfd pfd = { .fd = report, .events = POLLIN };
	int64_t deadline = spawn_after(EXEC_MS);
	int failure = 0;
	ssize_t got;
	int ready;

	do
		ready = poll(&pfd, 1, EXEC_MS);
	while (ready < 0 && errno == EINTR && spawn_now() < deadline);
	if (ready <= 0)
		return SPAWN_FAILED;
	do
		got = read(report, &failure, sizeof(failure));
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return SPAWN_STARTED;
	switch (got == sizeof(failure) ? failure : ECANCELED) {
	case ENOENT:
	case ENOTDIR:
	case EACCES:
	case ELOOP:
	case ENAMETOOLONG:
	case ENOEXEC:
		return SPAWN_MISSING;
	default:
		return SPAWN_FAILED;
	}
}

/* All signals stay blocked across the fork, so that no handler of the host runs in the child. */
static pid_t fork_quietly(const struct spawn_what *what, const int *slot, int report)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		child_run(what, slot, report);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

enum spawn_result spawn_start(struct spawn *child, const struct spawn_what *what)
{
	enum spawn_result result = SPAWN_FAILED;
	int slot[2] = { -1, -1 };
	int report[2] = { -1, -1 };

	*child = SPAWN_NONE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, slot) != 0 ||
	    pipe2(report, O_CLOEXEC) != 0)
		goto out;
	child->pid = fork_quietly(what, slot, report[1]);
	if (child->pid <= 0) {
		child->pid = 0;
		goto out;
	}
	child->pidfd = sys_pidfd_open(child->pid); /* close-on-exec by nature */
	child->fd = slot[0];
	slot[0] = -1;
	close(report[1]);
	report[1] = -1;
	close(slot[1]);
	slot[1] = -1;
	if (child->pidfd >= 0 && send(child->fd, "", 1, MSG_NOSIGNAL) == 1)
		result = exec_await(report[0]);
	if (result != SPAWN_STARTED)
		spawn_end(child);
out:
	for (int i = 0; i < 2; i++) {
		if (slot[i] >= 0)
			close(slot[i]);
		if (report[i] >= 0)
			close(report[i]);
	}
	return result;
}

/*
 * The status is of no interest, and is lost where the host ignores SIGCHLD or reaps in a handler:
 * then waitid fails, and the pidfd alone tells that the helper has ended.
 */
void spawn_end(struct spawn *child)
{
	struct pollfd pfd = { .fd = child->pidfd, .events = POLLIN };
	int64_t deadline = spawn_after(REAP_MS);
	siginfo_t info;
	int ended;

	if (child->fd >= 0)
		close(child->fd);
	if (child->pidfd >= 0) {
		sys_pidfd_send_signal(child->pidfd, SIGKILL);
		do /* whatever fails there: a child that is left is a zombie of the host's */
			ended = poll(&pfd, 1, REAP_MS);
		while (ended < 0 && spawn_now() < deadline);
		/* Of one that has ended it is awaited that the kernel lets go, which is at once. */
		waitid((idtype_t)P_PIDFD, (id_t)child->pidfd, &info,
		       WEXITED | (ended > 0 ? 0 : WNOHANG));
		close(child->pidfd);
	} else if (child->pid > 0) {
		/* Without a pidfd it was never let go: the closed slot has ended it. */
		waitpid(child->pid, NULL, 0);
	}
	*child = SPAWN_NONE;
}

void spawn_leave(struct spawn *child)
{
	struct pollfd pfd = { .fd = child->pidfd, .events = POLLIN };
	int64_t deadline = spawn_after(LEAVE_MS);
	int ended = child->pidfd >= 0 ? -1 : 0;

	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
	while (ended < 0 && spawn_now() < deadline)
		ended = poll(&pfd, 1, LEAVE_MS);
	spawn_end(child);
}

bool spawn_hand_over(void)
{
	return fork() <= 0;
}

int64_t spawn_now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_BOOTTIME, &ts) != 0)
		return INT64_MAX; /* every deadline has passed */
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t spawn_after(int64_t ms)
{
	int64_t now = spawn_now();

	return now < INT64_MAX - ms ? now + ms : INT64_MAX;
}
