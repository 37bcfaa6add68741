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
	GLANCE_MS = 500, /* between two looks at the clock, which counts suspend */
};

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

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

/* The channel to WIRE_FD, the way back for exec's errno behind it, /dev/null below, nothing else. */
static bool child_fds(int channel, int report)
{
	int high_channel = fcntl(channel, F_DUPFD, WIRE_FD + 2);
	int high_report = fcntl(report, F_DUPFD, WIRE_FD + 2);
	int null = open("/dev/null", O_RDWR);

	if (high_channel < 0 || high_report < 0 || null < 0)
		return false;
	for (int fd = 0; fd < WIRE_FD; fd++)
		if (dup2(null, fd) != fd)
			return false;
	if (dup2(high_channel, WIRE_FD) != WIRE_FD || dup2(high_report, WIRE_FD + 1) != WIRE_FD + 1)
		return false;
	return fcntl(WIRE_FD + 1, F_SETFD, FD_CLOEXEC) == 0 &&
	       syscall(SYS_close_range, WIRE_FD + 2, ~0U, 0) == 0;
}

/*
 * Nothing is done before the host holds a pidfd: a child that ends too early cannot be missed.
 * The host's end is closed here too, so that its closing is seen.
 */
static bool child_may_go(const int *channel)
{
	char go;

	close(channel[0]);
	return recv(channel[1], &go, sizeof(go), 0) == 1;
}

static _Noreturn void child_run(const struct spawn_what *what, const int *channel, int report)
{
	char *const argv[] = { (char *)what->program, NULL };
	char *const envp[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", NULL };
	int failure = ECANCELED; /* something before exec */

	if (child_signals() && child_may_go(channel) && child_fds(channel[1], report)) {
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
	int why = ECANCELED;
	ssize_t got;

	if (!spawn_glance(report, EXEC_MS))
		return SPAWN_FAILED;
	got = read(report, &why, sizeof(why));
	if (got == 0)
		return SPAWN_STARTED;
	return why == ENOENT || why == ENOTDIR || why == EACCES || why == ELOOP ||
			       why == ENAMETOOLONG || why == ENOEXEC
		       ? SPAWN_MISSING
		       : SPAWN_FAILED;
}

/* All signals stay blocked across the fork, so that no handler of the host runs in the child. */
static pid_t fork_quietly(const struct spawn_what *what, const int *channel, int report)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		child_run(what, channel, report);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static void drop(int fd)
{
	if (fd >= 0)
		close(fd);
}

enum spawn_result spawn_start(struct spawn *child, const struct spawn_what *what)
{
	enum spawn_result result = SPAWN_FAILED;
	int channel[2] = { -1, -1 };
	int report[2] = { -1, -1 };

	*child = SPAWN_NONE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) == 0 &&
	    pipe2(report, O_CLOEXEC) == 0)
		child->pid = fork_quietly(what, channel, report[1]);
	drop(channel[1]);
	drop(report[1]);
	child->fd = channel[0];
	if (child->pid > 0)
		child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0); /* close-on-exec */
	if (child->pidfd >= 0 && send(child->fd, "", 1, MSG_NOSIGNAL) == 1)
		result = exec_await(report[0]);
	drop(report[0]);
	if (result != SPAWN_STARTED)
		spawn_end(child);
	return result;
}

bool spawn_glance(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int64_t until = spawn_after(ms);

	do
		poll(&pfd, 1, GLANCE_MS);
	while (pfd.revents == 0 && until < INT64_MAX && spawn_now() < until);
	return pfd.revents != 0;
}

/*
 * The status is of no interest, and is lost where the host ignores SIGCHLD or reaps in a handler:
 * then waitid fails, and the pidfd alone tells that the helper has ended.
 */
void spawn_end(struct spawn *child)
{
	siginfo_t info;
	bool ended;

	drop(child->fd);
	if (child->pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
		/* A child that is left is a zombie of the host's. */
		ended = spawn_glance(child->pidfd, REAP_MS);
		/* Of one that has ended it is awaited that the kernel lets go, which is at once. */
		waitid((idtype_t)P_PIDFD, (id_t)child->pidfd, &info,
		       WEXITED | (ended ? 0 : WNOHANG));
		close(child->pidfd);
	} else if (child->pid > 0) {
		/* Without a pidfd it was never let go: the closed channel has ended it. */
		waitpid(child->pid, NULL, 0);
	}
	*child = SPAWN_NONE;
}

void spawn_leave(struct spawn *child)
{
	drop(child->fd);
	child->fd = -1;
	if (child->pidfd >= 0)
		spawn_glance(child->pidfd, LEAVE_MS);
	spawn_end(child);
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
