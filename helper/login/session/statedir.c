/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories of root's under /run: see statedir.h. */
#include "statedir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/paths.h"

bool statedir_ours(int fd, mode_t kind, mode_t forbidden)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == kind && st.st_uid == geteuid() &&
	       (st.st_mode & forbidden) == 0 && (kind == S_IFDIR || st.st_nlink == 1);
}

/* The directory behind FD, which was MADE just now or not; -1: it is none of ours. */
static int dir_take(int fd, bool made, mode_t mode, mode_t forbidden)
{
	if (fd < 0)
		return -1;
	if (made) /* the umask is the caller's of su, and lockers come through here */
		fchmod(fd, mode);
	if (statedir_ours(fd, S_IFDIR, forbidden))
		return fd;
	close(fd);
	return -1;
}

static int open_in(int parent, const char *name, mode_t mode, mode_t forbidden)
{
	bool made = mkdirat(parent, name, mode) == 0;

	if (!made && errno != EEXIST)
		return -1;
	return dir_take(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), made,
			mode, forbidden);
}

int statedir_open(const char *dir, mode_t mode, mode_t forbidden)
{
	bool made = mkdir(dir, mode) == 0;

	if (!made && errno != EEXIST)
		return -1;
	return dir_take(open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), made, mode,
			forbidden);
}

static bool in_memory(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

bool statedir_in_memory(void)
{
	static const char *const places[] = { PATH_STATE, RUNSTATEDIR };
	bool memory = false;
	int fd = -1;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && fd < 0; i++)
		fd = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		memory = in_memory(fd);
		close(fd);
	}
	return memory;
}

int statedir_secret(const char *name, mode_t mode, mode_t forbidden, enum reason *reason)
{
	int state = statedir_open(PATH_STATE, 0755, 022);
	struct stat st;
	/* On a disk none is made: one that is there says that something may be kept. */
	bool made = state >= 0 && (in_memory(state) || fstatat(state, name, &st, 0) == 0);
	int dir = made ? open_in(state, name, mode, forbidden) : -1;
	bool usable = dir >= 0 && in_memory(dir);

	if (state >= 0)
		close(state);
	if (!usable && reason)
		*reason = state >= 0 && (!made || dir >= 0) ? REASON_STATE_DIRECTORY_NOT_IN_MEMORY
							    : REASON_STATE_DIRECTORY_UNSAFE;
	if (!usable && dir >= 0)
		close(dir);
	return usable ? dir : -1;
}
