/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A libcurl of tomorrow, for the helpers that tests/walls/stray starts: curl_easy_init() makes a
 * system call first, STRAY, which the filter of the helper does not know or does not want.
 */
#include <curl/curl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define unknown 4000 /* no kernel has it */
#define newer	462  /* mseal, of Linux 6.10: no older library names it */
#define execve	SYS_execve

CURL *__real_curl_easy_init(void);
CURL *__wrap_curl_easy_init(void);

CURL *__wrap_curl_easy_init(void)
{
	static char *const none[] = { NULL };

	/* What does not happen fails: a library does without, or makes no handle. */
	if (syscall(STRAY, "/bin/true", none, none) == 0)
		return NULL;
	return __real_curl_easy_init();
}
