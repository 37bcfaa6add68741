/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The directories of root's under /run, moved into a temporary one that lies in memory: statedir.c and
 * token.c are taken in whole. To be included by one file of a test program, before anything else of the
 * module's; it then links without their objects.
 */
#ifndef TESTS_UNIT_FAKE_STATE_H
#define TESTS_UNIT_FAKE_STATE_H

#include "common/paths.h"

static char state_path[64];

#undef PATH_STATE
#define PATH_STATE state_path

#include "helper/login/session/statedir.c"
#include "helper/login/session/token.c"

#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	NOBODY = 65534,
	WATCH_S = 60, /* what hangs is ended */
};

static char state_top[] = "/dev/shm/test_state.XXXXXX";

/* A path in the temporary directory; good for the next seven calls. */
static inline const char *path_of(const char *name)
{
	static char paths[8][256];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", state_top, name);
	return path;
}

static inline int path_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	return ftw->level == 0 ? 0 : remove(path);
}

/* Before each test: the temporary directory is empty. */
static inline int state_clear(void **state)
{
	(void)state;
	umask(022);
	alarm(WATCH_S);
	return nftw(state_top, path_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int state_make(void **state)
{
	(void)state;
	if (!mkdtemp(state_top))
		return -1;
	snprintf(state_path, sizeof(state_path), "%s/run", state_top);
	return chmod(state_top, 0755); /* as /run is */
}

static inline int state_remove(void **state)
{
	alarm(0);
	return state_clear(state) || rmdir(state_top);
}

/* The most that a umask can take away: without root's rights a directory must be readable by its owner. */
static inline mode_t wild_umask(void)
{
	return geteuid() == 0 ? 0777 : 0277;
}

/* A file of MODE in the temporary directory. */
static inline void file_put(const char *name, const void *bytes, size_t len, mode_t mode)
{
	int fd;

	unlink(path_of(name));
	fd = open(path_of(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

/* The bytes of a file; -1: it is not there. */
static inline ssize_t file_get(const char *name, char *bytes, size_t len)
{
	int fd = open(path_of(name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, bytes, len) : -1;

	if (fd >= 0)
		close(fd);
	return got;
}

static inline bool is_there(const char *name)
{
	struct stat st;

	return lstat(path_of(name), &st) == 0;
}

/* Of a regular file with one name: its mode; 0: it is none. */
static inline mode_t mode_of(const char *name)
{
	struct stat st;

	if (lstat(path_of(name), &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1)
		return 0;
	return st.st_mode & 07777;
}

/* From here on no file grows beyond BYTES: a disk that is full. RLIM_INFINITY: it is not any more. */
static inline void disk_is_full(rlim_t bytes)
{
	struct rlimit limit = { bytes, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The lowest descriptor that is free: what leaves one open moves it. */
static inline int next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* A child that ends with us, whatever becomes of the test. */
static inline pid_t child_start(void)
{
	pid_t child = fork();

	if (child == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return child;
}

/* How it ended; -1: by a signal. */
static inline int child_end(pid_t child)
{
	int status = -1;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
