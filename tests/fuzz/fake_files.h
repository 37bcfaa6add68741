/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that are not there: what the configuration's reader opens comes from the input, without a
 * byte on a disk. The linker leads openat, lstat, stat and scandir here (--wrap). The profiles
 * that are shipped are read from conf/providers below the directory that the target runs in.
 * To be included by one file of a target.
 */
#ifndef TESTS_FUZZ_FAKE_FILES_H
#define TESTS_FUZZ_FAKE_FILES_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/paths.h"
#include "fuzz.h"

enum {
	FAKE_FILES_MAX = 10,
};

static struct fake_file {
	const char *name; /* NULL: behind the last */
	const char *text; /* NULL: a directory */
	size_t len;
	mode_t mode;
	struct stat opened; /* what stood for it last */
} fake_file[FAKE_FILES_MAX];

static bool fake_files_on; /* only while the product runs: the fuzzer opens files, too */

int __real_openat(int dirfd, const char *name, int flags, ...);
int __real_lstat(const char *name, struct stat *st);
int __real_stat(const char *name, struct stat *st);
int __real_scandir(const char *name, struct dirent ***out, int (*wanted)(const struct dirent *),
		   int (*compare)(const struct dirent **, const struct dirent **));
int __wrap_openat(int dirfd, const char *name, int flags, ...);
int __wrap_lstat(const char *name, struct stat *st);
int __wrap_stat(const char *name, struct stat *st);
int __wrap_scandir(const char *name, struct dirent ***out, int (*wanted)(const struct dirent *),
		   int (*compare)(const struct dirent **, const struct dirent **));

static inline void fake_file_add(const char *name, const char *text, size_t len, mode_t mode)
{
	size_t i = 0;

	while (fake_file[i].name)
		i++;
	HOLDS(i + 1 < FAKE_FILES_MAX);
	fake_file[i] = (struct fake_file){ .name = name, .text = text, .len = len, .mode = mode };
}

static inline void fake_files_clear(void)
{
	memset(fake_file, 0, sizeof(fake_file));
}

static inline struct fake_file *fake_file_find(const char *name)
{
	for (struct fake_file *file = fake_file; file->name; file++)
		if (strcmp(file->name, name) == 0)
			return file;
	return NULL;
}

/* The file of the tree that stands for an installed one, NULL for any other name. */
static inline const char *fake_file_shipped(const char *name)
{
	static char path[512];
	size_t len = strlen(PATH_PROVIDERS);

	if (strncmp(name, PATH_PROVIDERS, len) != 0)
		return NULL;
	snprintf(path, sizeof(path), "conf/providers%s", name + len);
	return path;
}

int __wrap_openat(int dirfd, const char *name, int flags, ...)
{
	struct fake_file *file = fake_file_find(name);
	const char *shipped = fake_file_shipped(name);
	int fd;

	if (!fake_files_on)
		return __real_openat(dirfd, name, flags, 0600);
	if (!file && shipped)
		return __real_openat(dirfd, shipped, flags);
	if (dirfd != AT_FDCWD) /* below a directory of the target's own */
		return __real_openat(dirfd, name, flags, 0600);
	if (!file) {
		errno = ENOENT;
		return -1;
	}
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	HOLDS(fd >= 0 && file->text);
	HOLDS(write(fd, file->text, file->len) == (ssize_t)file->len);
	HOLDS(lseek(fd, 0, SEEK_SET) == 0 && fchmod(fd, file->mode) == 0);
	HOLDS(fstat(fd, &file->opened) == 0);
	return fd;
}

int __wrap_lstat(const char *name, struct stat *st)
{
	const struct fake_file *file = fake_file_find(name);
	const char *shipped = fake_file_shipped(name);

	if (!fake_files_on)
		return __real_lstat(name, st);
	if (!file && shipped)
		return __real_lstat(shipped, st);
	if (!file) {
		errno = ENOENT;
		return -1;
	}
	*st = file->opened;
	st->st_mode = file->mode | (file->text ? S_IFREG : S_IFDIR);
	st->st_uid = geteuid();
	return 0;
}

int __wrap_stat(const char *name, struct stat *st)
{
	return fake_files_on ? __wrap_lstat(name, st) : __real_stat(name, st);
}

int __wrap_scandir(const char *name, struct dirent ***out, int (*wanted)(const struct dirent *),
		   int (*compare)(const struct dirent **, const struct dirent **))
{
	size_t len = strlen(name);
	int n = 0;

	if (!fake_files_on)
		return __real_scandir(name, out, wanted, compare);
	*out = calloc(FAKE_FILES_MAX, sizeof(**out));
	for (const struct fake_file *file = fake_file; file->name; file++) {
		struct dirent *entry;

		if (strncmp(file->name, name, len) != 0 || file->name[len] != '/')
			continue;
		entry = calloc(1, sizeof(*entry));
		snprintf(entry->d_name, sizeof(entry->d_name), "%s", file->name + len + 1);
		if (wanted(entry))
			(*out)[n++] = entry;
		else
			free(entry);
	}
	return n;
}

#endif
