/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A name server for tests: 127.0.0.1 for every A, nothing for every AAAA, by UDP and TCP.
 *
 *	dns [-t] ADDRESS	-t: every answer by UDP is cut, so that TCP is asked
 *
 * Prints a line for each question: "udp A login.test".
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
	TYPE_A = 1,
	TYPE_AAAA = 28,
};

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
	printf("%s %s %s\n", how, type == TYPE_A ? "A" : type == TYPE_AAAA ? "AAAA" : "?", name);
	return at + 5 - HEADER;
}

/* Makes the reply of the query in BYTES; its length, 0: none. */
static size_t reply_make(uint8_t *bytes, size_t len, bool cut, const char *how)
{
	static const uint8_t record[ANSWER] = { 0xc0, HEADER, 0, TYPE_A, 0,   1, 0, 0,
						0,    60,     0, 4,	 127, 0, 0, 1 };
	size_t question = len > HEADER ? question_read(bytes, len, how) : 0;
	bool a;

	if (question == 0)
		return 0;
	a = bytes[HEADER + question - 3] == TYPE_A && !cut;
	memset(bytes + 2, 0, HEADER - 2);
	bytes[2] = (uint8_t)(0x85 | (cut ? 2 : 0)); /* an answer, authoritative, cut */
	bytes[3] = 0x80;
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

	if (reply > 0)
		sendto(fd, bytes, reply, 0, (struct sockaddr *)&from, from_len);
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

int main(int argc, char **argv)
{
	bool cut = argc == 3 && strcmp(argv[1], "-t") == 0;
	struct pollfd pfd[2] = { { .events = POLLIN }, { .events = POLLIN } };

	if (argc != 2 && !cut)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setvbuf(stdout, NULL, _IOLBF, 0);
	pfd[0].fd = open_at(argv[argc - 1], SOCK_DGRAM);
	pfd[1].fd = open_at(argv[argc - 1], SOCK_STREAM);
	printf("ready\n");
	while (poll(pfd, 2, -1) > 0) {
		if (pfd[0].revents)
			serve_udp(pfd[0].fd, cut);
		if (pfd[1].revents)
			serve_tcp(pfd[1].fd);
	}
	return 1;
}
