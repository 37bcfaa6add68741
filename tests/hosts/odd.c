/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PAM application with habits that a module has to live with; prints each result.
 *
 *	odd HABIT SERVICE USER		one login, as from a seat
 *
 *	plain		none
 *	chld_ignored	SIGCHLD is ignored
 *	chld_reaped	a handler of SIGCHLD reaps every child
 *	blocked		all signals are blocked
 *	closed		standard input, output and error are closed (results go to descriptor 9)
 *	leaked		a socket that is not close-on-exec; nothing but this program may ever hold it
 *	small_stack	the login runs in a thread with a stack of 64 KiB
 *	files_N		N descriptors are left when the login begins
 *	threads		eight logins at once, in as many threads
 *	twice		two logins on one handle, one after the other
 *
 * Each ends with "result: NAME"; then "children: N", and whether signals are as they were. The
 * status is 0 if all were let in.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LOGINS = 8,
	SMALL_STACK = 64 << 10,
	OUT = 9
};

static const char *service, *user;
static int failures;
static int files_left = -1; /* -1: as many as there are */

static int converse(int count, const struct pam_message **messages, struct pam_response **out,
		    void *context)
{
	(void)context;
	*out = calloc((size_t)count, sizeof(**out));
	for (int i = 0; i < count; i++) {
		dprintf(OUT, "%s\n", messages[i]->msg);
		if (*out && messages[i]->msg_style == PAM_PROMPT_ECHO_ON)
			(*out)[i].resp = strdup("");
	}
	return *out ? PAM_SUCCESS : PAM_BUF_ERR;
}

static int login_once(pam_handle_t *pamh)
{
	int result = pam_authenticate(pamh, 0);

	if (result == PAM_SUCCESS)
		result = pam_acct_mgmt(pamh, 0);
	dprintf(OUT, "result: %s\n", pam_strerror(pamh, result));
	if (result != PAM_SUCCESS)
		__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
	return result;
}

/* All descriptors but LEFT are taken. */
static void files_take(int left)
{
	struct rlimit limit = { 64, 64 };
	int fd, last = 0;

	setrlimit(RLIMIT_NOFILE, &limit);
	while ((fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		last = fd;
	while (left-- > 0)
		close(last--);
}

static void *login_logins(void *count)
{
	struct pam_conv conv = { converse, NULL };
	pam_handle_t *pamh = NULL;
	int result = pam_start(service, user, &conv, &pamh);

	if (result == PAM_SUCCESS)
		result = pam_set_item(pamh, PAM_TTY, "tty1");
	if (result == PAM_SUCCESS && files_left >= 0)
		files_take(files_left);
	else if (result != PAM_SUCCESS)
		failures++;
	for (int i = 0; i < *(int *)count && result == PAM_SUCCESS; i++)
		result = login_once(pamh);
	pam_end(pamh, result);
	return NULL;
}

static void login_threads(int threads, size_t stack)
{
	static int one = 1;
	pthread_t thread[LOGINS];
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	if (stack)
		pthread_attr_setstacksize(&attr, stack);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], &attr, login_logins, &one) != 0)
			abort();
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
}

static void reap(int signo)
{
	int kept = errno;

	(void)signo;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	errno = kept;
}

static void habit_take(const char *habit)
{
	struct sigaction reaper = { .sa_handler = reap, .sa_flags = SA_RESTART };
	sigset_t all;
	int pair[2];

	sigfillset(&all);
	if (strcmp(habit, "chld_ignored") == 0)
		signal(SIGCHLD, SIG_IGN);
	else if (strcmp(habit, "chld_reaped") == 0)
		sigaction(SIGCHLD, &reaper, NULL);
	else if (strcmp(habit, "blocked") == 0)
		sigprocmask(SIG_SETMASK, &all, NULL);
	else if (strcmp(habit, "leaked") == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		abort();
	else if (strncmp(habit, "files_", 6) == 0)
		files_left = atoi(habit + 6);
	for (int fd = 0; fd < 3 && strcmp(habit, "closed") == 0; fd++)
		close(fd);
}

/* Mask and SIGCHLD's action, to see that they are the host's again. */
static void signals_read(unsigned char *out, size_t size)
{
	struct sigaction action;
	sigset_t mask;

	memset(out, 0, size);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigaction(SIGCHLD, NULL, &action);
	memcpy(out, &mask, 8);
	memcpy(out + 8, &action.sa_handler, sizeof(action.sa_handler));
	memcpy(out + 16, &action.sa_flags, sizeof(action.sa_flags));
}

int main(int argc, char **argv)
{
	unsigned char before[32], after[32];
	int count = argc > 1 && strcmp(argv[1], "twice") == 0 ? 2 : 1;

	if (argc != 4 || dup2(1, OUT) != OUT)
		return 2;
	service = argv[2];
	user = argv[3];
	habit_take(argv[1]);
	signals_read(before, sizeof(before));
	if (strcmp(argv[1], "small_stack") == 0)
		login_threads(1, SMALL_STACK);
	else if (strcmp(argv[1], "threads") == 0)
		login_threads(LOGINS, 0);
	else
		login_logins(&count);
	signals_read(after, sizeof(after));
	dprintf(OUT, "signals: %s\n", memcmp(before, after, sizeof(after)) ? "changed" : "kept");
	dprintf(OUT, "children: %s\n", waitpid(-1, NULL, WNOHANG) < 0 ? "none" : "left");
	return failures > 0;
}
