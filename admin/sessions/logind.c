/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logind: see logind.h. Must never take a session for ours by its name alone: the path that it stands in
 * may be of a person's making, and the session that su runs in is its caller's.
 */
#include "logind.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper/login/session/cgroup.h"
#include "admin/run.h"

#define LOGINCTL "/usr/bin/loginctl"

enum {
	TEXT_MAX = 8192, /* what counts stands at a line's beginning; a person can make it longer */
};

/* Each of them once, on a line of its own, in whatever order. */
static bool says(const char *said, const char *leader, const char *user)
{
	bool has_leader = false, has_user = false;
	size_t len;

	for (; *said; said += len + (said[len] == '\n')) {
		len = strcspn(said, "\n");
		has_leader |= len == strlen(leader) && strncmp(said, leader, len) == 0;
		has_user |= len == strlen(user) && strncmp(said, user, len) == 0;
	}
	return has_leader && has_user;
}

bool logind_owns(struct process leader, uid_t uid, char *name, size_t name_len)
{
	const char *const argv[] = {
		LOGINCTL, "show-session", name, "--property=Leader", "--property=User", NULL
	};
	char text[TEXT_MAX], wants_leader[32], wants_user[32];
	const char *path;

	if (access("/run/systemd/system", F_OK) != 0 ||
	    !process_cgroup(leader.pid, text, sizeof(text)))
		return false;
	path = cgroup_path(text);
	if (!path || !cgroup_session(path, name, name_len))
		return false;
	if (run_capture(argv, text, sizeof(text)) != 0)
		return false;
	snprintf(wants_leader, sizeof(wants_leader), "Leader=%d", (int)leader.pid);
	snprintf(wants_user, sizeof(wants_user), "User=%lu", (unsigned long)uid);
	return says(text, wants_leader, wants_user) && process_lives(leader);
}

bool logind_terminate(const char *name, char *said, size_t said_len)
{
	const char *const argv[] = { LOGINCTL, "terminate-session", name, NULL };

	return run_capture(argv, said, said_len) == 0;
}
