/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Libraries of tomorrow, for the helpers that tests/sandbox/stray starts: curl_easy_init() makes a system call first,
 * STRAY, which the filter of the helper does not know or does not want; or something else goes wrong in them.
 */
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define unknown	  4000 /* no kernel has it */
#define newer	  457  /* statmount, of Linux 6.8: in no table of the filter */
#define execve	  SYS_execve
#define no_handle -1 /* there is none to be had */
#define no_thread -2
#define aborts	  -3
#define crashes	  -4

CURL *__real_curl_easy_init(void);
CURL *__wrap_curl_easy_init(void);

CURL *__wrap_curl_easy_init(void)
{
	static char *const none[] = { NULL };

	if (STRAY == aborts)
		abort();
	if (STRAY == crashes)
		raise(SIGSEGV);
	if (STRAY == no_handle)
		return NULL;
	/* What does not happen fails as on a kernel without it: a library does without, or makes no handle. */
	if (STRAY > 0 && (syscall(STRAY, "/bin/true", none, none) != -1 || errno != ENOSYS))
		return NULL;
	return __real_curl_easy_init();
}

int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int __wrap_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *),
			  void *context)
{
	return STRAY == no_thread ? EAGAIN : __real_pthread_create(thread, attr, run, context);
}
