/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a program of the system's: see run.h. Must never leave one behind, or hand it our environment. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/spawn.h"

enum {
	RUN_MS = 10 * 1000,
	KILL_MS = 3000,
	NOBODY = 65534,
};

static void child(const char *const *argv, int out)
{
	static char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
					     NULL };
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
	    chdir("/") != 0)
		_exit(127);
	execve(argv[0], (char *const *)(const void *)argv, environment);
	_exit(127);
}

/* Until its end of the pipe is closed. false: it took too long. */
static bool output_read(int fd, int64_t deadline, char *out, size_t out_len)
{
	const struct spawn pipe_end = { .fd = fd, .pidfd = -1, .beside = -1 };
	size_t len = 0;
	char rest[512];

	for (;;) {
		bool full = len + 1 >= out_len;
		ssize_t got;

		if (!spawn_wait(&pipe_end, deadline))
			return false;
		/* cppcheck-suppress legacyUninitvar ; it is read into */
		got = read(fd, full ? rest : out + len, full ? sizeof(rest) : out_len - len - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return true;
		len += full ? 0 : (size_t)got;
		out[len] = '\0';
	}
}

/* Who has closed their output may go on for ever. */
static bool child_ended(pid_t pid, int64_t deadline)
{
	const struct spawn child = { .fd = (int)syscall(SYS_pidfd_open, pid, 0),
				     .pidfd = -1,
				     .beside = -1 };
	bool ended = child.fd >= 0 && spawn_wait(&child, deadline);

	if (child.fd >= 0)
		close(child.fd);
	return ended;
}

/* The status of PID, which has ENDED, or else is ended now; -1: it did not end by itself, or is none. */
static int child_status(pid_t pid, bool ended)
{
	int status = -1;

	if (pid > 0 && !ended)
		kill(pid, SIGKILL);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int run_capture(const char *const *argv, char *out, size_t out_len)
{
	return run_patiently(argv, RUN_MS, out, out_len);
}

int run_patiently(const char *const *argv, int ms, char *out, size_t out_len)
{
	int64_t deadline = spawn_after(ms);
	int ends[2];
	bool ended;
	pid_t pid;

	out[0] = '\0';
	if (access(argv[0], X_OK) != 0 || pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		child(argv, ends[1]);
	close(ends[1]);
	ended = pid > 0 && output_read(ends[0], deadline, out, out_len) &&
		child_ended(pid, deadline);
	close(ends[0]);
	return child_status(pid, ended);
}

static _Noreturn void kill_as(uid_t uid)
{
	bool ok = setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
		  setresuid(uid, uid, uid) == 0 && (kill(-1, SIGKILL) == 0 || errno == ESRCH);

	_exit(ok ? 0 : 1);
}

bool run_kill_all_of(uid_t uid)
{
	pid_t pid = uid != 0 ? fork() : -1;

	if (pid == 0)
		kill_as(uid);
	return child_status(pid, pid > 0 && child_ended(pid, spawn_after(KILL_MS))) == 0;
}
