/* SPDX-License-Identifier: BSD-2-Clause */
/* The token file of a session: see token.h. Must never be written where somebody else could look. */
#include "token.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/paths.h"
#include "statedir.h"

static int tokens_dir(void)
{
	return statedir_secret(PATH_TOKENS, 0711, 066, NULL);
}

static bool file_fill(int fd, const char *token, uid_t uid, gid_t gid)
{
	struct iovec parts[2] = { { (void *)token, strlen(token) }, { (void *)"\n", 1 } };

	return writev(fd, parts, 2) == (ssize_t)(parts[0].iov_len + 1) && fchmod(fd, 0600) == 0 &&
	       fchown(fd, uid, gid) == 0;
}

bool token_write(const char *id, const char *token, uid_t uid, gid_t gid)
{
	int dir = tokens_dir();
	char fresh[RECORD_ID_MAX + 4];
	bool ok = false;
	int fd;

	if (dir < 0)
		return false;
	snprintf(fresh, sizeof(fresh), "%s.new", id);
	unlinkat(dir, fresh, 0); /* of somebody who was killed */
	fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		ok = file_fill(fd, token, uid, gid) && renameat(dir, fresh, dir, id) == 0;
		close(fd);
		if (!ok)
			unlinkat(dir, fresh, 0);
	}
	close(dir);
	return ok;
}

/* Not to be read: it is a user's by then, and root without its capabilities could not. */
static int token_open(const char *id)
{
	int dir = tokens_dir();
	int fd = dir >= 0 ? openat(dir, id, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (dir >= 0)
		close(dir);
	return fd;
}

bool token_give(const char *id, uid_t uid, gid_t gid)
{
	int fd = token_open(id);
	struct stat st;
	bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		  (st.st_uid == 0 || st.st_uid == uid) &&
		  fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

bool token_owner(const char *id, uid_t *uid, gid_t *gid)
{
	int fd = token_open(id);
	struct stat st;
	bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	if (ok) {
		*uid = st.st_uid;
		*gid = st.st_gid;
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

void token_remove(const char *id)
{
	int dir = id[0] != '\0' ? tokens_dir() : -1;

	if (dir < 0)
		return;
	unlinkat(dir, id, 0);
	close(dir);
}

void token_path(const char *id, char out[TOKEN_PATH_MAX])
{
	snprintf(out, TOKEN_PATH_MAX, "%s/%s/%s", PATH_STATE, PATH_TOKENS, id);
}

void token_sweep(int kept)
{
	int dir = tokens_dir();
	DIR *list = dir >= 0 ? fdopendir(dir) : NULL;
	struct dirent *entry;
	char lock[NAME_MAX + 8];
	struct stat st;

	while (list && (entry = readdir(list)) != NULL) {
		snprintf(lock, sizeof(lock), "%.16s.lock", entry->d_name);
		if (entry->d_name[0] != '.' && fstatat(kept, lock, &st, AT_SYMLINK_NOFOLLOW) != 0)
			unlinkat(dir, entry->d_name, 0);
	}
	if (list)
		closedir(list);
	else if (dir >= 0)
		close(dir);
}
