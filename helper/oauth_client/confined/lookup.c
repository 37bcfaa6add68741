/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread that asks the name service: see lookup.h. One name is asked for at a time; whose answer was not
 * waited for is dropped when it comes. Must never start a thread, or hold a secret.
 */
#include "lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum {
	HOST_MAX = 256,
	STACK = 512 * 1024,
	NAP_MS = 500, /* poll() does not count a suspend */
};

/* While a name is ASKED for the thread has host and addresses, else the caller. */
static struct {
	int wanted, found; /* eventfd: a name is there; its answer is */
	bool started, asked;
	char host[HOST_MAX];
	char addresses[LOOKUP_TEXT_MAX];
} desk = { .wanted = -1, .found = -1 };

static size_t address_add(const struct sockaddr *address, char *out, size_t room)
{
	char text[INET6_ADDRSTRLEN];
	bool six = address->sa_family == AF_INET6;
	const void *bytes = six ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
				: (const void *)&((const struct sockaddr_in *)address)->sin_addr;
	int len = -1;

	if (inet_ntop(address->sa_family, bytes, text, sizeof(text)))
		len = snprintf(out, room, "%s%s%s,", six ? "[" : "", text, six ? "]" : "");
	if (len > 0 && (size_t)len < room)
		return (size_t)len;
	*out = '\0'; /* what does not fit is not tried */
	return 0;
}

static void ask(void)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	size_t used = 0;

	desk.addresses[0] = '\0';
	if (getaddrinfo(desk.host, NULL, &hints, &list) != 0)
		return;
	for (const struct addrinfo *at = list; at; at = at->ai_next)
		if (at->ai_family == AF_INET || at->ai_family == AF_INET6)
			used += address_add(at->ai_addr, desk.addresses + used,
					    sizeof(desk.addresses) - used);
	if (used > 0)
		desk.addresses[used - 1] = '\0';
	freeaddrinfo(list);
}

static void *run(void *unused)
{
	uint64_t count;

	while (read(desk.wanted, &count, sizeof(count)) == sizeof(count)) {
		ask();
		count = 1;
		if (write(desk.found, &count, sizeof(count)) != sizeof(count))
			break;
	}
	return unused;
}

bool lookup_start(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;

	desk.wanted = eventfd(0, EFD_CLOEXEC);
	desk.found = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (desk.wanted < 0 || desk.found < 0 || pthread_attr_init(&attr) != 0)
		return false;
	sigfillset(&all);
	sigdelset(&all, SIGSYS); /* a process that watches itself: syscalls.c */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	desk.started = pthread_attr_setstacksize(&attr, STACK) == 0 &&
		       pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0 &&
		       pthread_create(&thread, &attr, run, NULL) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return desk.started;
}

static int64_t now(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_BOOTTIME, &ts) != 0)
		return INT64_MAX;
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Until the thread has an answer. */
static enum lookup_result answer_await(int64_t until, int stop_fd)
{
	struct pollfd pfd[2] = { { .fd = desk.found, .events = POLLIN }, { .fd = stop_fd } };
	uint64_t count;

	while (now() < until) {
		if (poll(pfd, 2, NAP_MS) < 0 && errno != EINTR)
			return LOOKUP_FAILED;
		if (pfd[1].revents & (POLLHUP | POLLERR | POLLNVAL))
			return LOOKUP_STOPPED;
		if (read(desk.found, &count, sizeof(count)) == sizeof(count)) {
			desk.asked = false;
			return LOOKUP_FOUND;
		}
	}
	return LOOKUP_LATE;
}

enum lookup_result lookup(const char *host, int64_t limit_ms, int stop_fd,
			  char addresses[LOOKUP_TEXT_MAX])
{
	int64_t until = limit_ms > 0 ? now() + limit_ms : 0;
	enum lookup_result result = LOOKUP_FOUND;
	uint64_t count = 1;

	if (!desk.started || strlen(host) >= sizeof(desk.host))
		return LOOKUP_FAILED;
	if (desk.asked && strcmp(desk.host, host) != 0)
		result = answer_await(until, stop_fd); /* to an earlier name */
	if (result != LOOKUP_FOUND)
		return result;
	if (!desk.asked) {
		strcpy(desk.host, host);
		desk.asked = write(desk.wanted, &count, sizeof(count)) == sizeof(count);
		if (!desk.asked)
			return LOOKUP_FAILED;
	}
	result = answer_await(until, stop_fd);
	if (result == LOOKUP_FOUND)
		memcpy(addresses, desk.addresses, sizeof(desk.addresses));
	return result == LOOKUP_FOUND && addresses[0] == '\0' ? LOOKUP_FAILED : result;
}
