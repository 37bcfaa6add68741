/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lies over the helper, as one that was taken over: once it has heard what it is to do it says the lines
 * of a file, a packet each, with a | where a string ends. A line "hang" is the last: it stays for ever.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/wire.h"

#define LIES "/etc/security/lies"

static size_t packet_make(char *line)
{
	size_t len = strcspn(line, "\n");

	line[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (line[i] == '|')
			line[i] = '\0';
		else if (line[i] == '\\')
			line[i] = '\n';
	return len + 1;
}

int main(void)
{
	static char opening[WIRE_BYTES_MAX], line[WIRE_BYTES_MAX + 2];
	FILE *lies = fopen(LIES, "re");

	if (!lies || recv(WIRE_FD, opening, sizeof(opening), 0) <= 0)
		return 1;
	while (fgets(line, sizeof(line), lies)) {
		if (strcmp(line, "hang\n") == 0)
			for (;;)
				pause();
		send(WIRE_FD, line, packet_make(line), MSG_NOSIGNAL);
	}
	return 0;
}
