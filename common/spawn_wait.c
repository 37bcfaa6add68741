/* SPDX-License-Identifier: BSD-2-Clause */
/* What a login does besides with its children: see spawn.h. Must never take a suspend for no time. */
#include "spawn.h"

#include <poll.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
	NAP_MS = 50,
};

/* poll() does not count a suspend; a timer on CLOCK_BOOTTIME does. */
static int timer_until(int64_t deadline)
{
	struct itimerspec at;
	int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	memset(&at, 0, sizeof(at));
	at.it_value.tv_sec = (time_t)(deadline / 1000);
	at.it_value.tv_nsec = (long)(deadline % 1000) * 1000000 + 1;
	if (fd >= 0 && timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

bool spawn_wait(const struct spawn *child, int64_t deadline)
{
	struct pollfd pfd[3] = { { .fd = child->fd, .events = POLLIN },
				 { .events = POLLIN },
				 { .fd = child->beside,
				   .events = child->beside_speaks ? POLLIN : 0 } };
	bool readable = false;
	int ready;

	if (deadline < 0 || spawn_now() >= deadline)
		return false;
	/* Claims come close together: what is there already costs no timer. */
	if (poll(pfd, 1, 0) > 0 && pfd[0].revents != 0)
		return true;
	pfd[1].fd = timer_until(deadline);
	/* Where the host has no descriptor left for a timer, short naps do. */
	while (!readable && pfd[2].revents == 0 && spawn_now() < deadline) {
		ready = poll(pfd, 3, pfd[1].fd < 0 ? NAP_MS : -1);
		readable = ready > 0 && pfd[0].revents != 0;
	}
	if (pfd[1].fd >= 0)
		close(pfd[1].fd);
	return readable && spawn_now() < deadline; /* it may have come during a suspend */
}

bool spawn_hand_over(void)
{
	return fork() <= 0;
}
