/* SPDX-License-Identifier: BSD-2-Clause */
/* Who was removed: see removed.h. One file for each uid, UID, which holds the moment; an empty one for each host, PID.START. */
#include "removed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/spawn.h"
#include "statedir.h"

/* Ticks since boot, suspend included, as /proc/PID/stat has them. */
static unsigned long long ticks_now(void)
{
	return (unsigned long long)spawn_now() * (unsigned long long)sysconf(_SC_CLK_TCK) / 1000;
}

static int dir_open(void)
{
	int state = statedir_open(PATH_STATE, 0755, 022);

	if (state < 0)
		return -1;
	close(state);
	return statedir_open(PATH_STATE "/" PATH_REMOVED, 0700, 077);
}

/* A file is written whole beside it and renamed: there is always one, the old or the new. */
bool removed_note(uid_t uid)
{
	char name[24], fresh[32], text[24];
	int dir = dir_open(), fd, len;
	bool ok;

	if (dir < 0)
		return false;
	snprintf(name, sizeof(name), "%lu", (unsigned long)uid);
	snprintf(fresh, sizeof(fresh), "%s.new", name);
	len = snprintf(text, sizeof(text), "%llu\n", ticks_now());
	unlinkat(dir, fresh, 0);
	fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	ok = fd >= 0 && write(fd, text, (size_t)len) == len;
	ok = fd >= 0 && close(fd) == 0 && ok && renameat(dir, fresh, dir, name) == 0;
	close(dir);
	return ok;
}

static void host_name(char name[48], struct process host)
{
	snprintf(name, 48, "%d.%llu", (int)host.pid, host.start);
}

void removed_note_host(struct process host)
{
	char name[48];
	int dir = dir_open(), fd;

	if (dir < 0)
		return;
	host_name(name, host);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		close(fd);
	close(dir);
}

bool removed_host(struct process host)
{
	char path[sizeof(PATH_STATE "/" PATH_REMOVED "/") + 48], name[48];
	struct stat st;

	host_name(name, host);
	snprintf(path, sizeof(path), PATH_STATE "/" PATH_REMOVED "/%s", name);
	return lstat(path, &st) == 0;
}

void removed_tidy(void)
{
	DIR *dir = opendir(PATH_STATE "/" PATH_REMOVED);
	const struct dirent *entry;
	struct process host;
	int pid;

	while (dir && (entry = readdir(dir)) != NULL) {
		if (sscanf(entry->d_name, "%d.%llu", &pid, &host.start) != 2)
			continue;
		host.pid = (pid_t)pid;
		if (!process_lives(host))
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

bool removed_since(uid_t uid, struct process host)
{
	char name[24], text[24] = "";
	bool known;
	int dir =
		open(PATH_STATE "/" PATH_REMOVED, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd;

	if (dir < 0)
		return errno != ENOENT; /* what cannot be looked at may say so */
	snprintf(name, sizeof(name), "%lu", (unsigned long)uid);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	known = fd >= 0 || errno != ENOENT;
	close(dir);
	if (fd < 0)
		return known;
	/* What cannot be read was written all the same: no session then. */
	if (read(fd, text, sizeof(text) - 1) <= 0)
		text[0] = '\0';
	close(fd);
	return text[0] == '\0' || host.start <= strtoull(text, NULL, 10);
}
