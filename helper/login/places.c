/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places as locked files: see places.h. A lock is its process's, so that none outlives a login, however
 * it ends. Must never let one who causes many logins keep another's out.
 */
#include "places.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/paths.h"
#include "names.h"
#include "helper/login/session/process.h"
#include "helper/login/session/statedir.h"

enum {
	REMOTE = 256, /* above sshd's MaxStartups, 100, and twice that for its children */
	SESSION = 4,
	SEAT = 64,
};

/*
 * A person has 65,536 subordinate uids: those that no account has are one cause. Whose slice it is nobody can
 * choose; a loginuid that is not set yet, as a daemon's, its process sets to whomever it wants.
 */
static void session_name(pid_t pid, uid_t ruid, char *name, size_t len)
{
	uid_t uid = ruid;

	if (process_slice(pid, &uid) || names_known(uid))
		snprintf(name, len, "uid-%lu", (unsigned long)uid);
	else
		snprintf(name, len, "uid-unknown");
}

static int held = -1; /* the one that this process has: it is one login's */

static bool lock_one(int dir, const char *cause, int most)
{
	char name[48];

	for (int i = 0; i < most; i++) {
		int fd;

		snprintf(name, sizeof(name), "%s.%d", cause, i);
		fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
			held = fd;
			return true;
		}
		if (fd >= 0)
			close(fd);
	}
	return false;
}

void places_leave(void)
{
	if (held >= 0)
		close(held);
	held = -1;
}

bool places_take(enum place place, pid_t pid, uid_t ruid)
{
	char cause[32] = "seat";
	int dir, most = SEAT;
	bool taken;

	if (place == PLACE_REMOTE) {
		snprintf(cause, sizeof(cause), "remote");
		most = REMOTE;
	} else if (place == PLACE_SESSION) {
		session_name(pid, ruid, cause, sizeof(cause));
		most = SESSION;
	}
	dir = statedir_secret(PATH_PLACES, 0700, 077, NULL);
	if (dir < 0)
		return true; /* nothing can be counted, and nobody is kept out for that */
	taken = lock_one(dir, cause, most);
	close(dir);
	return taken;
}
