/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks for a text in the memory of processes.
 *
 *	scan FILE PID...	prints each PID in whose memory the first line of FILE stands
 *
 * The text comes from a file, so that it stands in no command line. Status 0, or 2 where a process
 * could not be read.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	CHUNK = 1 << 20,
	NEEDLE_MAX = 256,
};

static char needle[NEEDLE_MAX];
static size_t needle_len;

static bool range_has(int mem, unsigned long from, unsigned long to, char *chunk)
{
	while (from < to) {
		size_t want = to - from < CHUNK ? to - from : CHUNK;
		ssize_t got = pread(mem, chunk, want, (off_t)from);

		if (got <= 0)
			return false;
		if (memmem(chunk, (size_t)got, needle, needle_len))
			return true;
		if ((size_t)got <= needle_len)
			return false;
		from += (unsigned long)got - (from + (unsigned long)got < to ? needle_len - 1 : 0);
	}
	return false;
}

static bool process_has(const char *pid)
{
	char path[64], line[512];
	char *chunk = malloc(CHUNK);
	unsigned long from, to;
	bool found = false;
	FILE *maps;
	int mem;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	mem = open(path, O_RDONLY);
	if (!maps || mem < 0 || !chunk) {
		perror(path);
		exit(2);
	}
	while (!found && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx r", &from, &to) == 2)
			found = range_has(mem, from, to, chunk);
	fclose(maps);
	close(mem);
	free(chunk);
	return found;
}

int main(int argc, char **argv)
{
	FILE *file = argc > 2 ? fopen(argv[1], "r") : NULL;

	if (!file || !fgets(needle, sizeof(needle), file)) {
		fprintf(stderr, "usage: scan FILE PID...\n");
		return 2;
	}
	fclose(file);
	needle[strcspn(needle, "\n")] = '\0';
	needle_len = strlen(needle);
	for (int i = 2; i < argc; i++)
		if (process_has(argv[i]))
			printf("%s\n", argv[i]);
	return 0;
}
