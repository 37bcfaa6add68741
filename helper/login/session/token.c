/* SPDX-License-Identifier: BSD-2-Clause */
/* The token file of a session: see token.h. Must never be written where somebody else could look, nor by
 * anybody but root. */
#include "token.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/xattr.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/paths.h"
#include "statedir.h"

static int tokens_dir(void)
{
	return statedir_secret(PATH_TOKENS, 0711, 066, NULL);
}

/* One more reader, as the kernel takes it and tmpfs keeps it: acl(5), linux/posix_acl_xattr.h. */
struct acl {
	struct posix_acl_xattr_header head;
	struct posix_acl_xattr_entry entry[5];
};

static struct posix_acl_xattr_entry entry_of(uint16_t tag, uint16_t may, uint32_t id)
{
	return (struct posix_acl_xattr_entry){ htole16(tag), htole16(may), htole32(id) };
}

/*
 * UID may read FD, which stays root's: whoever owned it could write it until the file system is full, and then no
 * record would be written any more. 0: nobody beside root.
 */
static bool reader_set(int fd, uid_t uid)
{
	const uint32_t none = (uint32_t)ACL_UNDEFINED_ID;
	const struct acl acl = {
		{ htole32(POSIX_ACL_XATTR_VERSION) },
		{ entry_of(ACL_USER_OBJ, ACL_READ | ACL_WRITE, none),
		  entry_of(ACL_USER, ACL_READ, uid), entry_of(ACL_GROUP_OBJ, 0, none),
		  entry_of(ACL_MASK, ACL_READ, none), entry_of(ACL_OTHER, 0, none) },
	};

	return uid == 0 ? fchmod(fd, 0600) == 0
			: fsetxattr(fd, XATTR_NAME_POSIX_ACL_ACCESS, &acl, sizeof(acl), 0) == 0;
}

/* false: nobody can tell, or it is none of ours. */
static bool reader_get(int fd, uid_t *uid)
{
	struct acl acl;
	ssize_t len = fgetxattr(fd, XATTR_NAME_POSIX_ACL_ACCESS, &acl, sizeof(acl));

	*uid = 0;
	if (len < 0)
		return errno == ENODATA;
	if (len != sizeof(acl) || acl.entry[1].e_tag != htole16(ACL_USER))
		return false;
	*uid = le32toh(acl.entry[1].e_id);
	return true;
}

static bool file_fill(int fd, const char *token, uid_t uid)
{
	struct iovec parts[2] = { { (void *)token, strlen(token) }, { (void *)"\n", 1 } };

	return writev(fd, parts, 2) == (ssize_t)(parts[0].iov_len + 1) && fchmod(fd, 0600) == 0 &&
	       reader_set(fd, uid);
}

bool token_write(const char *id, const char *token, uid_t uid)
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
		ok = file_fill(fd, token, uid) && renameat(dir, fresh, dir, id) == 0;
		close(fd);
		if (!ok)
			unlinkat(dir, fresh, 0);
	}
	close(dir);
	return ok;
}

static int token_open(const char *id)
{
	int dir = tokens_dir();
	int fd = dir >= 0 ? openat(dir, id, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) : -1;

	if (dir >= 0)
		close(dir);
	if (fd >= 0 && !statedir_ours(fd, S_IFREG, 0137)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

bool token_give(const char *id, uid_t uid)
{
	int fd = token_open(id);
	uid_t reader;
	bool ok = fd >= 0 && reader_get(fd, &reader) && (reader == 0 || reader == uid) &&
		  reader_set(fd, uid);

	if (fd >= 0)
		close(fd);
	return ok;
}

bool token_reader(const char *id, uid_t *uid)
{
	int fd = token_open(id);
	bool ok = fd >= 0 && reader_get(fd, uid);

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
