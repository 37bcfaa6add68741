/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A long-lived PAM application with threads, in which many log in at once:
 *
 *	crowd LOGINS AT-ONCE SERVICE USER [afar]
 *
 * AT-ONCE threads share LOGINS logins; a few at a time are between their start and their first
 * message, so that the start of many is no storm; at a console, or from afar by an address each. Prints for each login one tabbed line, "login",
 * result, milliseconds of CLOCK_BOOTTIME of its start, of its code, of its end; and at last a line
 * "left" with what is there more than after the first AT-ONCE logins: descriptors, children, and
 * bytes of heap (MALLOC_ARENA_MAX=1 GLIBC_TUNABLES=glibc.malloc.tcache_count=0 make them exact).
 */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <security/pam_appl.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum {
	LOGINS_MAX = 100000,
	AT_ONCE_MAX = 2000,
	STARTING_MAX = 8,
	STACK_BYTES = 256 * 1024,
	FDS_EACH = 8, /* slot, pidfd, timer, lock, and what a start needs */
};

struct login {
	int result;
	double started, shown, ended;
};

/* What a process can leave behind. */
struct rest {
	int fds, children;
	long long bytes;
};

static struct {
	const char *service, *user;
	bool afar;
	struct login *login;
	size_t next, count; /* the logins that are to be run now */
	pthread_mutex_t lock;
	sem_t starting;
} crowd = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void die(const char *what)
{
	fprintf(stderr, "crowd: %s\n", what);
	exit(2);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void login_shown(struct login *login)
{
	if (login->shown > 0)
		return;
	login->shown = now_ms();
	sem_post(&crowd.starting);
}

static int converse(int count, const struct pam_message **messages, struct pam_response **out,
		    void *context)
{
	for (int i = 0; i < count; i++)
		if (strstr(messages[i]->msg, "Code:"))
			login_shown(context);
	*out = calloc((size_t)count, sizeof(**out));
	return *out ? PAM_SUCCESS : PAM_BUF_ERR;
}

static void login_run(struct login *login)
{
	struct pam_conv conv = { converse, login };
	size_t number = (size_t)(login - crowd.login);
	pam_handle_t *pamh = NULL;
	char from[32];

	while (sem_wait(&crowd.starting) != 0)
		;
	login->started = now_ms();
	login->result = pam_start(crowd.service, crowd.user, &conv, &pamh);
	if (login->result == PAM_SUCCESS)
		login->result = pam_set_item(pamh, PAM_TTY, crowd.afar ? "ssh" : "tty1");
	snprintf(from, sizeof(from), "198.18.%zu.%zu", number / 250, number % 250 + 1);
	if (login->result == PAM_SUCCESS && crowd.afar)
		login->result = pam_set_item(pamh, PAM_RHOST, from);
	if (login->result == PAM_SUCCESS)
		login->result = pam_authenticate(pamh, 0);
	login->ended = now_ms();
	pam_end(pamh, login->result);
	login_shown(login); /* one that failed before */
}

static void *work(void *unused)
{
	struct login *login;

	(void)unused;
	for (;;) {
		pthread_mutex_lock(&crowd.lock);
		login = crowd.next < crowd.count ? &crowd.login[crowd.next++] : NULL;
		pthread_mutex_unlock(&crowd.lock);
		if (!login)
			return NULL;
		login_run(login);
	}
}

/* All logins up to COUNT. Every thread has ended when it returns. */
static void run_until(size_t count, size_t at_once)
{
	static pthread_t thread[AT_ONCE_MAX];
	pthread_attr_t attr;

	crowd.count = count;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (size_t i = 0; i < at_once; i++)
		if (pthread_create(&thread[i], &attr, work, NULL) != 0)
			die("no thread");
	for (size_t i = 0; i < at_once; i++)
		pthread_join(thread[i], NULL);
	pthread_attr_destroy(&attr);
}

static int entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

/* Zombies are counted, too; they are taken away, which does not matter any more. */
static struct rest rest_count(void)
{
	struct rest rest = { .fds = entries("/proc/self/fd") };
	siginfo_t info;

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0)
		rest.children++;
	if (errno != ECHILD)
		rest.children++;
	rest.bytes = (long long)mallinfo2().uordblks;
	return rest;
}

static void fds_allow(size_t at_once)
{
	struct rlimit limit = { .rlim_cur = at_once * FDS_EACH + 64,
				.rlim_max = at_once * FDS_EACH + 64 };

	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		die("not enough descriptors");
}

int main(int argc, char **argv)
{
	size_t logins = argc >= 5 ? strtoul(argv[1], NULL, 10) : 0;
	size_t at_once = argc >= 5 ? strtoul(argv[2], NULL, 10) : 0;
	struct rest first, last;

	if (at_once < 1 || at_once > AT_ONCE_MAX || logins < at_once || logins > LOGINS_MAX)
		die("wants LOGINS AT-ONCE SERVICE USER [afar]");
	crowd.service = argv[3];
	crowd.user = argv[4];
	crowd.afar = argc > 5;
	crowd.login = calloc(logins, sizeof(*crowd.login));
	if (!crowd.login || sem_init(&crowd.starting, 0, STARTING_MAX) != 0)
		die("no memory");
	fds_allow(at_once);
	run_until(at_once, at_once);
	first = rest_count();
	run_until(logins, at_once);
	last = rest_count();
	for (size_t i = 0; i < logins; i++)
		printf("login\t%d\t%.3f\t%.3f\t%.3f\n", crowd.login[i].result,
		       crowd.login[i].started, crowd.login[i].shown, crowd.login[i].ended);
	printf("left\t%d\t%d\t%lld\n", last.fds - first.fds, first.children + last.children,
	       last.bytes - first.bytes);
	return 0;
}
