/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network between the product and the provider of the tests: hands bytes through on loopback,
 * and breaks where it is told to. It sees TLS from outside alone.
 *
 *	wire PORT PROVIDER-PORT [FAULT FIRST TIMES [OTHER-PORT]]
 *
 * From connection FIRST on (1, 2, ...) so many, 0: all, meet FAULT:
 *
 *	refused		nobody listens: for OUTAGE_MS where TIMES is not 0
 *	reset		a reset for an answer
 *	silent		no answer
 *	other		another server, at OTHER-PORT
 *
 * For these a connection is one request: the provider has to close each. Where it keeps them, and
 * speaks TLS 1.2, whose records tell a request from a handshake, FIRST counts requests:
 *
 *	closed		the connection that was kept closes before request FIRST, or under it;
 *			a first request loses a connection that is new
 *	restarted	likewise, and then nobody listens for OUTAGE_MS
 *
 * Prints "ready", and "fault" for each time that it broke. A process for each connection; ends with
 * its parent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	OUTAGE_MS = 3000,
	QUIET_MS = 300, /* after a reply, before a connection that was kept closes */
	RECORD_HEADER = 5,
	APPLICATION_DATA = 23,
};

static const char *fault = "none";
static long first, times;
static uint16_t port, provider_port, other_port;

/* Of all connections. */
static struct {
	long requests, closed;
} * shared;

static volatile sig_atomic_t outage;

static bool fault_is(const char *name)
{
	return strcmp(fault, name) == 0;
}

static bool keeps_connections(void)
{
	return fault_is("closed") || fault_is("restarted");
}

static struct sockaddr_in address_at(uint16_t at)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(at),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void told_of_fault(void)
{
	printf("fault\n");
	fflush(stdout);
}

/* ---- one connection ---- */

/* Finds the application data in one direction of a TLS connection, whatever pieces it comes in. */
struct records {
	uint8_t header[RECORD_HEADER];
	size_t have; /* of the header */
	size_t rest; /* of the record */
};

static bool records_have_data(struct records *records, const uint8_t *bytes, size_t len)
{
	bool data = false;

	while (len > 0) {
		if (records->rest > 0) {
			size_t part = len < records->rest ? len : records->rest;

			data |= records->header[0] == APPLICATION_DATA;
			records->rest -= part;
			bytes += part;
			len -= part;
			continue;
		}
		records->header[records->have++] = *bytes++;
		len--;
		if (records->have < RECORD_HEADER)
			continue;
		records->rest = (size_t)(records->header[3] << 8 | records->header[4]);
		records->have = 0;
	}
	return data;
}

struct relay {
	struct pollfd pfd[2]; /* the product, the provider */
	struct records records[2];
	bool replying; /* the provider was the last to send data */
	bool about_to_close;
};

static bool send_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* A request has come: is the connection to close before the next one? */
static void request_count(struct relay *relay)
{
	long n = ++shared->requests;

	relay->replying = false;
	relay->about_to_close = keeps_connections() && n >= first - 1 &&
				(times == 0 || shared->closed < times);
}

/* false: this connection is over. */
static bool relay_pass(struct relay *relay, int from)
{
	uint8_t bytes[16 * 1024];
	ssize_t n = recv(relay->pfd[from].fd, bytes, sizeof(bytes), 0);
	bool data;

	if (n <= 0)
		return false;
	data = records_have_data(&relay->records[from], bytes, (size_t)n);
	if (from == 0 && data && relay->replying) {
		if (relay->about_to_close)
			return false;
		request_count(relay);
	}
	relay->replying |= from == 1 && data;
	return send_all(relay->pfd[!from].fd, bytes, (size_t)n);
}

static void relay_run(int client, uint16_t to)
{
	struct sockaddr_in address = address_at(to);
	struct relay relay = { .replying = true,
			       .about_to_close = keeps_connections() && first == 1 && times == 1 &&
						 shared->requests == 0 && shared->closed == 0 };
	bool going = true;

	relay.pfd[0] = (struct pollfd){ client, POLLIN, 0 };
	relay.pfd[1] = (struct pollfd){ socket(AF_INET, SOCK_STREAM, 0), POLLIN, 0 };
	if (connect(relay.pfd[1].fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return;
	while (going) {
		bool closing = relay.about_to_close && relay.replying && shared->requests > 0;
		int ready = poll(relay.pfd, 2, closing ? QUIET_MS : -1);

		going = ready > 0;
		if (going && relay.pfd[0].revents)
			going = relay_pass(&relay, 0);
		if (going && relay.pfd[1].revents)
			going = relay_pass(&relay, 1);
	}
	if (!relay.about_to_close || !relay.replying)
		return;
	shared->closed++;
	told_of_fault();
	if (fault_is("restarted"))
		kill(getppid(), SIGUSR1);
}

static void serve(int client, bool meets)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	char bytes[4096];

	if (!meets) {
		relay_run(client, provider_port);
		return;
	}
	told_of_fault();
	if (fault_is("other")) {
		relay_run(client, other_port);
	} else if (fault_is("reset")) {
		recv(client, bytes, sizeof(bytes), 0);
		setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	} else {
		while (recv(client, bytes, sizeof(bytes), 0) > 0)
			;
	}
}

/* ---- all of them ---- */

static int listen_at(void)
{
	struct sockaddr_in address = address_at(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 128) != 0) {
		perror("wire");
		exit(1);
	}
	return fd;
}

static void nap(void)
{
	struct pollfd none = { .fd = -1 };

	/* A child that ends does not shorten it. */
	poll(&none, 1, OUTAGE_MS);
}

/* Nobody listens for a while, or never again. */
static int listen_anew(int fd)
{
	close(fd);
	told_of_fault();
	while (times == 0 && fault_is("refused"))
		pause();
	nap();
	return listen_at();
}

static void on_outage(int sig)
{
	(void)sig;
	outage = 1;
}

static void accept_all(int fd)
{
	for (long n = 1;; n++) {
		int client;

		if (fault_is("refused") && n == first)
			fd = listen_anew(fd);
		while ((client = accept(fd, NULL, NULL)) < 0 && errno == EINTR)
			if (outage) {
				outage = 0;
				fd = listen_anew(fd);
			}
		if (client < 0)
			return;
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(fd);
			serve(client, !keeps_connections() && !fault_is("none") &&
					      !fault_is("refused") && n >= first &&
					      (times == 0 || n < first + times));
			_exit(0);
		}
		close(client);
	}
}

static bool arguments_read(int argc, char **argv)
{
	long number[6] = { 0 };

	if (argc != 3 && argc != 6 && argc != 7)
		return false;
	for (int i = 1; i < argc; i++)
		number[i - 1] = i == 3 ? 0 : strtol(argv[i], NULL, 10);
	port = (uint16_t)number[0];
	provider_port = (uint16_t)number[1];
	if (argc > 3)
		fault = argv[3];
	first = number[3];
	times = number[4];
	other_port = (uint16_t)number[5];
	return true;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_outage };

	if (!arguments_read(argc, argv))
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	sigaction(SIGUSR1, &action, NULL); /* accept() is to notice */
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 1;
	printf("ready\n");
	fflush(stdout);
	accept_all(listen_at());
	return 1;
}
