/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks for a secret in all memory of this process that can be written: heap, stacks, data. What is
 * looked for must itself stand in memory that cannot be written: a string literal.
 */
#ifndef TESTS_SECRETS_SCAN_H
#define TESTS_SECRETS_SCAN_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	SCAN_AHEAD = 16, /* bytes that malloc itself overwrites in a block that is freed */
};

/* How often the end of SECRET is there; where is printed on a line that begins with "# ". */
static inline int scan_for(const char *what, const char *secret)
{
	const char *tail = secret + SCAN_AHEAD;
	size_t tail_len = strlen(tail);
	char line[512], path[256];
	int fd = open("/proc/self/mem", O_RDONLY), found = 0;
	FILE *maps = fopen("/proc/self/maps", "r");

	if (fd < 0 || !maps)
		return -1;
	while (fgets(line, sizeof(line), maps)) {
		unsigned long from, to;
		char mode[8];

		path[0] = '\0';
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &from, &to, mode, path) < 3 ||
		    mode[0] != 'r' || mode[1] != 'w')
			continue;
		for (const char *at = (const char *)from, *end = (const char *)to;
		     (at = memmem(at, (size_t)(end - at), tail, tail_len)); at++) {
			if (pread(fd, path + 200, 1, (off_t)(unsigned long)at) != 1)
				break; /* not there after all */
			printf("# %s is left at %p in %s, %02x %02x\n", what, (const void *)at,
			       path[0] ? path : "memory of its own", (unsigned char)at[-1],
			       (unsigned char)at[tail_len]);
			found++;
		}
	}
	fclose(maps);
	close(fd);
	return found;
}

#endif
