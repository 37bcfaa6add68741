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
	REMOTE = 512, /* above sshd's MaxStartups, 100, and what a bastion raises that to */
	QUEUE = 256, /* remote ones that wait for one of these; the listener has room for others yet */
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
static int queued = -1;

/* A lock on one of MOST files, or -1: all are another's. */
static int lock_one(int dir, const char *cause, int most)
{
	char name[48];

	for (int i = 0; i < most; i++) {
		int fd;

		snprintf(name, sizeof(name), "%s.%d", cause, i);
		fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

static void let_go(int *lock)
{
	if (*lock >= 0)
		close(*lock);
	*lock = -1;
}

void places_leave(void)
{
	let_go(&held);
	let_go(&queued);
}

static int places_open(void)
{
	return statedir_secret(PATH_PLACES, 0700, 077, NULL);
}

bool places_queue(void)
{
	int dir = places_open();

	if (dir < 0)
		return false;
	queued = lock_one(dir, "queue", QUEUE);
	close(dir);
	return queued >= 0;
}

bool places_take(enum origin origin, pid_t pid, uid_t ruid)
{
	char cause[32] = "seat";
	int dir, most = SEAT;

	if (origin == ORIGIN_REMOTE) {
		snprintf(cause, sizeof(cause), "remote");
		most = REMOTE;
	} else if (origin == ORIGIN_SESSION) {
		session_name(pid, ruid, cause, sizeof(cause));
		most = SESSION;
	}
	dir = places_open();
	if (dir < 0)
		return true; /* nothing can be counted, and nobody is kept out for that */
	held = lock_one(dir, cause, most);
	close(dir);
	if (held >= 0)
		let_go(&queued);
	return held >= 0;
}
