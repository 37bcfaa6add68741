/* SPDX-License-Identifier: BSD-2-Clause */
/* Preloaded into a host: from the moment that the file LATE is there on, five minutes have gone by. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *at)
{
	const char *late = getenv("LATE");
	int result = (int)syscall(SYS_clock_gettime, clock, at);

	if (result == 0 && clock == CLOCK_BOOTTIME && late && access(late, F_OK) == 0)
		at->tv_sec += 300;
	return result;
}
