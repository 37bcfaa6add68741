/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Somebody who is not to be found in /proc, for tests/admin/people. Writes into BEAT as long as it lives.
 *
 *	escape chain BEAT	each process begins the next and ends: none is there when it is looked at
 *	escape subuid BEAT	lives as a subordinate uid in a user namespace of its own, a child of process 1;
 *				waits for BEAT.mapped (uid_map has been written for the process that BEAT.pid names)
 */
#include <fcntl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	STACK = 64 * 1024,
	OFTEN = 20, /* links of the chain between two beats */
};

static const char *beat;

static void beat_write(const char *text)
{
	int fd = open(beat, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd >= 0 && write(fd, text, strlen(text)) > 0)
		close(fd);
}

static char stacks[2][STACK] __attribute__((aligned(16)));
static unsigned long links;

static int chain_link(void *context)
{
	size_t here = context ? 1 : 0;

	if (++links % OFTEN == 0)
		beat_write("lives\n");
	while (clone(chain_link, stacks[here] + STACK, CLONE_VM | SIGCHLD, here ? NULL : stacks) <
	       0)
		;
	return (int)syscall(SYS_exit, 0); /* libc's exit would end what its successor uses */
}

static void file_named(const char *ending, char *path, size_t len)
{
	snprintf(path, len, "%s.%s", beat, ending);
}

static void subuid_live(void)
{
	const struct timespec nap = { .tv_nsec = 20 * 1000 * 1000 };
	char mapped[256], number[256], pid[16];
	FILE *file;

	file_named("mapped", mapped, sizeof(mapped));
	file_named("pid", number, sizeof(number));
	if (unshare(CLONE_NEWUSER) != 0)
		exit(1);
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	file = fopen(number, "w");
	if (!file || fputs(pid, file) < 0 || fclose(file) != 0)
		exit(1);
	while (access(mapped, F_OK) != 0)
		nanosleep(&nap, NULL);
	prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS | SECBIT_NO_SETUID_FIXUP);
	if (setresgid(1, 1, 1) != 0 || setresuid(1, 1, 1) != 0)
		exit(1);
	if (fork() != 0)
		_exit(0);
	for (;;) {
		beat_write("lives\n");
		nanosleep(&nap, NULL);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	beat = argv[2];
	umask(0);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	if (fork() != 0)
		return 0;
	setsid();
	if (strcmp(argv[1], "chain") == 0)
		chain_link(NULL);
	subuid_live();
}
