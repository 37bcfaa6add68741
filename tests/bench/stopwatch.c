/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Times a command: stopwatch TEXT COMMAND...
 *
 * Prints one line of tabbed numbers: status, milliseconds until TEXT came on the command's output
 * (-1: never), milliseconds until its end, milliseconds of CPU of it and all that descends from it,
 * moments of TEXT and of its end in milliseconds of CLOCK_BOOTTIME. The command's output is swallowed.
 *
 * What it leaves behind becomes this process's, and is waited for: a helper that revokes when nobody waits for it
 * any more costs CPU all the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	OUTPUT_MAX = 1 << 20,
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double spent_ms(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e3 +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e3;
}

int main(int argc, char **argv)
{
	static char output[OUTPUT_MAX + 1];
	double start, seen = -1, ended;
	struct rusage usage;
	size_t len = 0;
	int status = 0;
	int pipes[2];
	ssize_t got;
	pid_t pid;

	if (argc < 3 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || pipe(pipes) != 0)
		return 2;
	start = now_ms();
	pid = fork();
	if (pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	close(pipes[1]);
	while (pid > 0 && len < OUTPUT_MAX &&
	       (got = read(pipes[0], output + len, OUTPUT_MAX - len)) > 0) {
		len += (size_t)got;
		output[len] = '\0';
		if (seen < 0 && strstr(output, argv[1]))
			seen = now_ms();
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 2;
	ended = now_ms();
	while (wait(NULL) > 0 || errno == EINTR)
		;
	if (getrusage(RUSAGE_CHILDREN, &usage) != 0)
		return 2;
	printf("%d\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\n", WIFEXITED(status) ? WEXITSTATUS(status) : 255,
	       seen < 0 ? -1.0 : seen - start, ended - start, spent_ms(&usage), seen, ended);
	return 0;
}
