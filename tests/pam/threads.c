/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PAM application with threads, all of which log in at the same moment, twice, for a thread sanitizer to watch:
 *
 *	threads THREADS SERVICE USER
 *
 * Prints "RESULT VERB TIMES" for each result of each call, and "left DESCRIPTORS CHILDREN": what is there more
 * after the second time than after the first, which leaves the C library its connection to the log.
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum {
	THREADS_MAX = 200,
	RESULTS = 64,
};

static const struct {
	const char *name;
	int (*call)(pam_handle_t *pamh, int flags);
} verbs[] = {
	{ "authenticate", pam_authenticate },	{ "acct_mgmt", pam_acct_mgmt },
	{ "open_session", pam_open_session },	{ "setcred", pam_setcred },
	{ "close_session", pam_close_session },
};

enum {
	VERBS = sizeof(verbs) / sizeof(*verbs),
};

static struct {
	const char *service, *user;
	pthread_barrier_t barrier;
	pthread_mutex_t lock;
	int results[VERBS][RESULTS];
} host = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int converse(int count, const struct pam_message **messages, struct pam_response **out,
		    void *context)
{
	(void)messages;
	(void)context;
	*out = calloc((size_t)count, sizeof(**out));
	return *out ? PAM_SUCCESS : PAM_BUF_ERR;
}

static void note(size_t verb, int result)
{
	pthread_mutex_lock(&host.lock);
	host.results[verb][result >= 0 && result < RESULTS ? result : RESULTS - 1]++;
	pthread_mutex_unlock(&host.lock);
}

static void login_run(void)
{
	static const struct pam_conv conv = { converse, NULL };
	pam_handle_t *pamh = NULL;
	int result = pam_start(host.service, host.user, &conv, &pamh);

	if (result == PAM_SUCCESS)
		result = pam_set_item(pamh, PAM_TTY, "tty1");
	for (size_t i = 0; i < VERBS && result == PAM_SUCCESS; i++) {
		pthread_barrier_wait(&host.barrier);
		note(i, verbs[i].call(pamh, 0));
	}
	pam_end(pamh, result);
}

static void *work(void *unused)
{
	(void)unused;
	login_run();
	return NULL;
}

static int fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

static int children(void)
{
	siginfo_t info;
	int count = 0;

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0)
		count++;
	return errno == ECHILD ? count : count + 1;
}

static void round_run(unsigned long count)
{
	static pthread_t thread[THREADS_MAX];

	for (unsigned long i = 0; i < count; i++)
		if (pthread_create(&thread[i], NULL, work, NULL) != 0)
			abort();
	for (unsigned long i = 0; i < count; i++)
		pthread_join(thread[i], NULL);
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
	int first;

	if (count < 1 || count > THREADS_MAX) {
		fprintf(stderr, "threads THREADS SERVICE USER\n");
		return 2;
	}
	host.service = argv[2];
	host.user = argv[3];
	pthread_barrier_init(&host.barrier, NULL, (unsigned int)count);
	round_run(count);
	first = fds();
	round_run(count);
	for (size_t i = 0; i < VERBS; i++)
		for (int result = 0; result < RESULTS; result++)
			if (host.results[i][result] > 0)
				printf("%d %s %d\n", result, verbs[i].name,
				       host.results[i][result]);
	printf("left %d %d\n", fds() - first, children());
	return 0;
}
