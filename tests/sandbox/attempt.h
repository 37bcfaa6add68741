/* SPDX-License-Identifier: BSD-2-Clause */
/* What attack.c and login_attack.c have in common: an attempt is a function that returns 0, or the error. */
#ifndef TESTS_SANDBOX_ATTEMPT_H
#define TESTS_SANDBOX_ATTEMPT_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	NO_SANDBOX = 255, /* the status of a trial whose sandbox could not be had */
};

/* 0 where RESULT is a success, else the error. */
static int done(long result)
{
	return result >= 0 ? 0 : errno;
}

#define ATTEMPT(name, call)                \
	static int try_##name(void)        \
	{                                  \
		return done((long)(call)); \
	}
#define OPEN(path, flags) syscall(SYS_openat, AT_FDCWD, path, flags, 0600)

/* What became of a process that made an attempt, by the STATUS of waitpid(): a word of the table. */
static const char *trial_result(int status)
{
	static char text[32];

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return "killed";
	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "signal-%d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == 0)
		return "done";
	else if (WEXITSTATUS(status) == NO_SANDBOX)
		return "no-sandbox";
	else
		snprintf(text, sizeof(text), "%s", strerrorname_np(WEXITSTATUS(status)));
	return text;
}

#endif
