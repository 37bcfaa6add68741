/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A name server for tests: 127.0.0.1 for every A, nothing for every AAAA, by UDP and TCP.
 *
 *	dns [-t] [-f FAULT NAME FIRST TIMES] ADDRESS...
 *
 *	-t	every answer by UDP is cut, so that TCP is asked
 *	-f	from the FIRST lookup of NAME on (1, 2, ...) this many, 0: all, meet FAULT:
 *		unknown (no such name), silent (no answer), slow (an answer after three seconds)
 *
 * Prints a line for each question: "udp A login.test", and "fault" behind one that meets it.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PORT = 53,
	HEADER = 12,
	QUERY_MAX = 512,
	ANSWER = 16, /* one A record, its name a pointer */
	NO_SUCH_NAME = 3,
	SLOW_SECONDS = 3,
	ADDRESSES_MAX = 4,
	TYPE_A = 1,
	TYPE_AAAA = 28,
};

/* What becomes of the lookups of one name. Both questions of a lookup come together, A first. */
static struct {
	const char *name; /* "unknown", ...; NULL: none */
	const char *host;
	long first, times;
	long lookups;
	bool met; /* by the lookup under way */
} fault;

static bool fault_is(const char *name)
{
	return fault.met && strcmp(fault.name, name) == 0;
}

static void fault_count(const char *host, int type)
{
	if (!fault.name || strcmp(host, fault.host) != 0) {
		fault.met = false;
		return;
	}
	if (type == TYPE_A)
		fault.lookups++;
	fault.met = fault.lookups >= fault.first &&
		    (fault.times == 0 || fault.lookups < fault.first + fault.times);
}

/* The length of the question at QUERY, which stands behind the header; 0: none. */
static size_t question_read(const uint8_t *query, size_t len, const char *how)
{
	char name[QUERY_MAX] = "";
	size_t at = HEADER, used = 0;
	int type;

	while (at < len && query[at] != 0) {
		for (size_t i = 1; i <= query[at] && at + i < len; i++)
			name[used++] = (char)(isgraph(query[at + i]) ? query[at + i] : '?');
		name[used++] = '.';
		at += query[at] + 1U;
	}
	if (at + 5 > len)
		return 0;
	type = query[at + 1] << 8 | query[at + 2];
	name[used ? used - 1 : 0] = '\0';
	fault_count(name, type);
	printf("%s %s %s%s\n", how,
	       type == TYPE_A	   ? "A"
	       : type == TYPE_AAAA ? "AAAA"
				   : "?",
	       name, fault.met ? " fault" : "");
	return at + 5 - HEADER;
}

/* Makes the reply of the query in BYTES; its length, 0: none. */
static size_t reply_make(uint8_t *bytes, size_t len, bool cut, const char *how)
{
	static const uint8_t record[ANSWER] = { 0xc0, HEADER, 0, TYPE_A, 0,   1, 0, 0,
						0,    60,     0, 4,	 127, 0, 0, 1 };
	size_t question = len > HEADER ? question_read(bytes, len, how) : 0;
	bool a;

	if (question == 0 || fault_is("silent"))
		return 0;
	a = !fault_is("unknown") && bytes[HEADER + question - 3] == TYPE_A && !cut;
	memset(bytes + 2, 0, HEADER - 2);
	bytes[2] = (uint8_t)(0x85 | (cut ? 2 : 0)); /* an answer, authoritative, cut */
	bytes[3] = (uint8_t)(0x80 | (fault_is("unknown") ? NO_SUCH_NAME : 0));
	bytes[5] = 1;
	bytes[7] = a;
	if (a)
		memcpy(bytes + HEADER + question, record, ANSWER);
	return HEADER + question + (a ? ANSWER : 0);
}

static void serve_udp(int fd, bool cut)
{
	uint8_t bytes[QUERY_MAX + ANSWER];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	ssize_t len = recvfrom(fd, bytes, QUERY_MAX, 0, (struct sockaddr *)&from, &from_len);
	size_t reply = len > 0 ? reply_make(bytes, (size_t)len, cut, "udp") : 0;

	/* Others are not kept waiting. */
	if (reply == 0 || (fault_is("slow") && fork() != 0))
		return;
	if (fault_is("slow"))
		sleep(SLOW_SECONDS);
	sendto(fd, bytes, reply, 0, (struct sockaddr *)&from, from_len);
	if (fault_is("slow"))
		_exit(0);
}

/* Both questions of a lookup come one behind the other. */
static void serve_tcp(int listener)
{
	uint8_t bytes[QUERY_MAX + ANSWER], size[2];
	int fd = accept(listener, NULL, NULL);

	while (fd >= 0 && recv(fd, size, 2, MSG_WAITALL) == 2) {
		size_t len = (size_t)(size[0] << 8 | size[1]);
		size_t reply;

		if (len > QUERY_MAX || recv(fd, bytes, len, MSG_WAITALL) != (ssize_t)len)
			break;
		reply = reply_make(bytes, len, false, "tcp");
		size[0] = (uint8_t)(reply >> 8);
		size[1] = (uint8_t)reply;
		if (send(fd, size, 2, MSG_MORE) != 2 || send(fd, bytes, reply, 0) < 0)
			break;
	}
	if (fd >= 0)
		close(fd);
}

static int open_at(const char *address, int type)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET, type, 0);
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (inet_pton(AF_INET, address, &at.sin_addr) != 1 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    (type == SOCK_STREAM && listen(fd, 16) != 0)) {
		perror(address);
		exit(1);
	}
	return fd;
}

static bool fault_read(char **argv)
{
	static const char *const names[] = { "unknown", "silent", "slow" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(argv[0], names[i]) == 0)
			fault.name = names[i];
	fault.host = argv[1];
	fault.first = strtol(argv[2], NULL, 10);
	fault.times = strtol(argv[3], NULL, 10);
	return fault.name && fault.first > 0;
}

static void serve(char **addresses, bool cut)
{
	struct pollfd pfd[2 * ADDRESSES_MAX];
	nfds_t count = 0;

	for (; *addresses && count < 2 * ADDRESSES_MAX; addresses++, count += 2) {
		pfd[count] = (struct pollfd){ open_at(*addresses, SOCK_DGRAM), POLLIN, 0 };
		pfd[count + 1] = (struct pollfd){ open_at(*addresses, SOCK_STREAM), POLLIN, 0 };
	}
	printf("ready\n");
	while (poll(pfd, count, -1) > 0) {
		for (nfds_t i = 0; i < count; i += 2) {
			if (pfd[i].revents)
				serve_udp(pfd[i].fd, cut);
			if (pfd[i + 1].revents)
				serve_tcp(pfd[i + 1].fd);
		}
	}
}

int main(int argc, char **argv)
{
	bool cut = argc > 1 && strcmp(argv[1], "-t") == 0;
	char **at = argv + 1 + cut;

	if (argv + argc - at > 5 && strcmp(at[0], "-f") == 0) {
		if (!fault_read(at + 1))
			return 2;
		at += 5;
	}
	if (at >= argv + argc)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGCHLD, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	serve(at, cut);
	return 1;
}
