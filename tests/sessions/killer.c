/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Preloaded into a program: kills it, as kill -9 does, before the KILL_AT-th change that it makes below
 * KILL_BELOW (/run/pam-device-code) since the file KILL_FROM is there; a write is half done by then. With
 * KILL_FORKS a program that it starts is a change, too: it is killed before, or (the next change) while that
 * runs. When the program ends by itself, the number of its changes is in the file KILL_COUNT. Must never act in
 * a child of it.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define BELOW "/run/pam-device-code"

static const char *below;
static pid_t self;
static long changes, kill_at;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("KILL_AT");

	self = getpid();
	below = getenv("KILL_BELOW");
	if (!below)
		below = BELOW;
	kill_at = at ? atol(at) : 0;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("KILL_COUNT");
	FILE *file = path && getpid() == self ? fopen(path, "w") : NULL;

	if (!file)
		return;
	fprintf(file, "%ld\n", changes);
	fclose(file);
}

static bool is_below(int fd)
{
	char link[64], path[256];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	return strncmp(path, below, strlen(below)) == 0;
}

static bool counts(void)
{
	const char *from = getenv("KILL_FROM");

	return getpid() == self && from && access(from, F_OK) == 0;
}

/* Whether this change is the one that does not come about (any more). */
static bool is_last(int fd)
{
	return counts() && is_below(fd) && ++changes == kill_at;
}

static void die_at(int fd)
{
	if (is_last(fd))
		raise(SIGKILL);
}

int openat(int dir, const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT) {
		mode = va_arg(args, mode_t);
		die_at(dir);
	}
	va_end(args);
	return REAL(openat)(dir, name, flags, mode);
}

pid_t fork(void)
{
	bool program = getenv("KILL_FORKS") && counts();
	pid_t pid;

	if (program && ++changes == kill_at)
		raise(SIGKILL);
	pid = REAL(fork)();
	if (pid > 0 && program && ++changes == kill_at)
		raise(SIGKILL);
	return pid;
}

int renameat(int from, const char *old, int to, const char *fresh)
{
	die_at(to);
	return REAL(renameat)(from, old, to, fresh);
}

int unlinkat(int dir, const char *name, int flags)
{
	die_at(dir);
	return REAL(unlinkat)(dir, name, flags);
}

int mkdirat(int dir, const char *name, mode_t mode)
{
	die_at(dir);
	return REAL(mkdirat)(dir, name, mode);
}

int fchown(int fd, uid_t uid, gid_t gid)
{
	die_at(fd);
	return REAL(fchown)(fd, uid, gid);
}

int fchmod(int fd, mode_t mode)
{
	die_at(fd);
	return REAL(fchmod)(fd, mode);
}

int ftruncate(int fd, off_t len)
{
	die_at(fd);
	return REAL(ftruncate)(fd, len);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	if (is_last(fd)) {
		REAL(write)(fd, bytes, len / 2);
		raise(SIGKILL);
	}
	return REAL(write)(fd, bytes, len);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	if (is_last(fd)) {
		REAL(pwrite)(fd, bytes, len / 2, at);
		raise(SIGKILL);
	}
	return REAL(pwrite)(fd, bytes, len, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	if (is_last(fd)) {
		REAL(write)(fd, parts[0].iov_base, parts[0].iov_len / 2);
		raise(SIGKILL);
	}
	return REAL(writev)(fd, parts, count);
}
