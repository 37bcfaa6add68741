/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host that says what it likes to device-code-login:
 *
 *	knock PATH [PACKET...]
 *
 * connects, sends each PACKET, "verb key=value key=value" ("+" in a value is a blank), and prints the verb of
 * each that comes, "done OUTCOME", and "closed"; "waits" after 18 s. Prints why where it cannot connect.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/wire.h"

enum {
	WAIT_MS = 18 * 1000,
};

static int knock(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

static void packet_send(int fd, char *text)
{
	struct wire_draft draft;
	char *word = strtok(text, " "), *value;

	wire_begin(&draft, word ? word : "");
	while ((word = strtok(NULL, " "))) {
		value = strchr(word, '=');
		if (!value)
			continue;
		*value++ = '\0';
		for (char *at = value; *at; at++)
			if (*at == '+')
				*at = ' ';
		wire_add(&draft, word, value);
	}
	wire_send(fd, &draft);
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? knock(argv[1]) : -1;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	static char bytes[WIRE_LONG_MAX];
	struct wire_message message;
	const char *outcome;

	if (fd < 0) {
		printf("%s\n", strerror(errno));
		return 1;
	}
	for (int i = 2; i < argc; i++)
		packet_send(fd, argv[i]);
	while (poll(&pfd, 1, WAIT_MS) > 0) {
		ssize_t len = recv(fd, bytes, sizeof(bytes), 0);

		if (len < 0 && errno == ECONNRESET)
			continue; /* it has left something unread; what it had sent before is there */
		if (len <= 0) {
			printf("closed\n");
			return 0;
		}
		if (!wire_parse(&message, bytes, (size_t)len))
			continue;
		outcome = wire_value(&message, "outcome");
		printf("%s%s%s\n", message.verb, outcome ? " " : "", outcome ? outcome : "");
		fflush(stdout);
	}
	printf("waits\n");
	return 0;
}
