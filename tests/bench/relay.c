/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A long line between two ports of this machine's loopback: what comes on either side goes on to the other
 * after a delay, so that a round trip takes twice that, TCP's own first one included.
 *
 *	relay LISTEN-PORT TARGET-PORT MS-EACH-WAY
 *
 * Prints "listening", and ends with its parent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	PAIRS_MAX = 64,
	CHUNK_MAX = 16 * 1024,
};

/* Bytes on their way; LEN 0: the end of what that side says. */
struct chunk {
	struct chunk *next;
	double due;
	size_t len;
	char bytes[CHUNK_MAX];
};

struct way {
	int from, to;
	bool ended; /* nothing more is read */
	struct chunk *first, **last;
};

struct pair {
	struct way way[2]; /* to the target, and back */
	double begun;	   /* the client may not have heard of the connection yet */
};

static struct pair pairs[PAIRS_MAX];
static size_t count;
static double delay;

static void die(const char *what)
{
	fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
	exit(2);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct sockaddr_in loopback(const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((in_port_t)strtoul(port, NULL, 10)) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static int tcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int yes = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	return fd;
}

static int listen_at(const char *port)
{
	struct sockaddr_in address = loopback(port);
	int fd = tcp_socket();

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 64) != 0)
		die(port);
	return fd;
}

static void way_begin(struct way *way, int from, int to)
{
	*way = (struct way){ .from = from, .to = to };
	way->last = &way->first;
}

static void pair_begin(int client, const char *port)
{
	struct sockaddr_in address = loopback(port);
	int target = tcp_socket();
	struct pair *pair = &pairs[count];

	if (client < 0 || count == PAIRS_MAX ||
	    connect(target, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(client);
		close(target);
		return;
	}
	count++;
	pair->begun = now_ms();
	way_begin(&pair->way[0], client, target);
	way_begin(&pair->way[1], target, client);
}

/* The first bytes of a client leave once it has heard that there is a connection. */
static void way_read(struct way *way, double earliest)
{
	struct chunk *chunk = malloc(sizeof(*chunk));
	ssize_t got;

	if (!chunk)
		die("memory");
	got = recv(way->from, chunk->bytes, CHUNK_MAX, 0);
	way->ended = got <= 0;
	chunk->len = got > 0 ? (size_t)got : 0;
	chunk->next = NULL;
	chunk->due = (now_ms() > earliest ? now_ms() : earliest) + delay;
	*way->last = chunk;
	way->last = &chunk->next;
}

static void way_write(struct way *way)
{
	struct chunk *chunk;

	while ((chunk = way->first) && chunk->due <= now_ms()) {
		if (chunk->len == 0)
			shutdown(way->to, SHUT_WR);
		for (size_t at = 0; at < chunk->len;) {
			ssize_t sent =
				send(way->to, chunk->bytes + at, chunk->len - at, MSG_NOSIGNAL);

			if (sent <= 0)
				break;
			at += (size_t)sent;
		}
		way->first = chunk->next;
		if (!way->first)
			way->last = &way->first;
		free(chunk);
	}
}

static bool pair_over(const struct pair *pair)
{
	return pair->way[0].ended && pair->way[1].ended && !pair->way[0].first &&
	       !pair->way[1].first;
}

/* Sends what is due, and says how long nothing else is: at most 500 ms. */
static int pairs_step(void)
{
	double wait = 500;

	for (size_t i = 0; i < count; i++) {
		for (int side = 0; side < 2; side++) {
			struct way *way = &pairs[i].way[side];

			way_write(way);
			if (way->first && way->first->due - now_ms() < wait)
				wait = way->first->due - now_ms();
		}
		if (pair_over(&pairs[i])) {
			close(pairs[i].way[0].from);
			close(pairs[i].way[0].to);
			pairs[i] = pairs[--count];
			for (int side = 0; side < 2; side++)
				if (!pairs[i].way[side].first)
					pairs[i].way[side].last = &pairs[i].way[side].first;
			i--;
		}
	}
	return wait > 0 ? (int)wait + 1 : 0;
}

int main(int argc, char **argv)
{
	struct pollfd pfd[1 + 2 * PAIRS_MAX];

	if (argc != 4)
		die("LISTEN-PORT TARGET-PORT MS-EACH-WAY");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	delay = strtod(argv[3], NULL);
	pfd[0] = (struct pollfd){ .fd = listen_at(argv[1]), .events = POLLIN };
	printf("listening\n");
	fflush(stdout);
	for (;;) {
		int wait = pairs_step();
		size_t polled = count;

		for (size_t i = 0; i < 2 * polled; i++) {
			const struct way *way = &pairs[i / 2].way[i % 2];

			pfd[1 + i] = (struct pollfd){ .fd = way->ended ? -1 : way->from,
						      .events = POLLIN };
		}
		if (poll(pfd, 1 + 2 * polled, wait) <= 0)
			continue;
		for (size_t i = 0; i < 2 * polled; i++)
			if (pfd[1 + i].revents)
				way_read(&pairs[i / 2].way[i % 2],
					 i % 2 ? 0 : pairs[i / 2].begun + 2 * delay);
		if (pfd[0].revents)
			pair_begin(accept(pfd[0].fd, NULL, NULL), argv[2]);
	}
}
