/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many processes that begin within a time, each with somebody who waits for a text:
 *
 *	storm COUNT MS TEXT COMMAND...
 *
 * starts COMMAND COUNT times, evenly spread over MS milliseconds; "%d" in an argument is its number. Prints a tabbed
 * line for each: "one", milliseconds from its start until TEXT came on its output (-1: never), until its end, its
 * status. Ends when all have.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	COUNT_MAX = 2000,
	OUTPUT_MAX = 8192, /* of each, the first of it */
	ARGUMENTS_MAX = 32,
	ARGUMENT_MAX = 512,
};

struct one {
	pid_t pid;
	double started, seen, ended;
	int status;
	size_t len;
	char output[OUTPUT_MAX + 1];
};

static struct one ones[COUNT_MAX];
static struct pollfd pfd[COUNT_MAX];

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void die(const char *what)
{
	fprintf(stderr, "storm: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ARGV with I for each "%d". */
static void run(char **argv, size_t i)
{
	static char text[ARGUMENTS_MAX][ARGUMENT_MAX];
	static char *own[ARGUMENTS_MAX + 1];

	for (size_t n = 0; argv[n] && n < ARGUMENTS_MAX; n++) {
		const char *at = strstr(argv[n], "%d");

		own[n] = argv[n];
		if (!at)
			continue;
		snprintf(text[n], ARGUMENT_MAX, "%.*s%zu%s", (int)(at - argv[n]), argv[n], i,
			 at + 2);
		own[n] = text[n];
	}
	execvp(own[0], own);
	_exit(127);
}

static void start(size_t i, char **argv)
{
	int pipes[2];

	if (pipe2(pipes, 0) != 0)
		die("pipe");
	ones[i].started = now_ms();
	ones[i].seen = -1;
	ones[i].pid = fork();
	if (ones[i].pid < 0)
		die("fork");
	if (ones[i].pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(pipes[1], STDOUT_FILENO);
		for (size_t n = 0; n < i; n++)
			close(pfd[n].fd);
		close(pipes[0]);
		close(pipes[1]);
		run(argv, i);
	}
	close(pipes[1]);
	pfd[i] = (struct pollfd){ .fd = pipes[0], .events = POLLIN };
}

/* false: its output is at its end, and so is it. */
static bool take(struct one *one, int fd, const char *text)
{
	char more[4096];
	ssize_t got = read(fd, more, sizeof(more));

	for (ssize_t n = 0; n < got && one->len < OUTPUT_MAX; n++)
		one->output[one->len++] = more[n];
	if (one->seen < 0 && strstr(one->output, text))
		one->seen = now_ms();
	if (got > 0)
		return true;
	waitpid(one->pid, &one->status, 0);
	one->ended = now_ms();
	return false;
}

int main(int argc, char **argv)
{
	size_t count = argc > 4 ? strtoul(argv[1], NULL, 10) : 0, begun = 0, over = 0;
	struct rlimit limit = { 2 * COUNT_MAX, 2 * COUNT_MAX };
	double each, from = now_ms();

	if (count < 1 || count > COUNT_MAX)
		die("COUNT MS TEXT COMMAND...");
	setrlimit(RLIMIT_NOFILE, &limit);
	each = strtod(argv[2], NULL) / (double)count;
	while (over < count) {
		while (begun < count && now_ms() >= from + each * (double)begun) {
			start(begun, argv + 4);
			begun++;
		}
		if (poll(pfd, begun, begun < count ? 1 : 1000) <= 0)
			continue;
		for (size_t i = 0; i < begun; i++)
			if (pfd[i].revents && !take(&ones[i], pfd[i].fd, argv[3])) {
				close(pfd[i].fd);
				pfd[i].fd = -1;
				over++;
			}
	}
	for (size_t i = 0; i < count; i++)
		printf("one\t%.3f\t%.3f\t%d\n",
		       ones[i].seen < 0 ? -1.0 : ones[i].seen - ones[i].started,
		       ones[i].ended - ones[i].started, WEXITSTATUS(ones[i].status));
	return 0;
}
