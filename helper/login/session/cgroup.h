/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a cgroup path says of a process, read from its root: there systemd alone can make a directory,
 * below it whoever was given a subtree can make any. Pure.
 */
#ifndef HELPER_LOGIN_SESSION_CGROUP_H
#define HELPER_LOGIN_SESSION_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The path in the hierarchy that systemd keeps, out of TEXT, the lines of /proc/PID/cgroup: up to a line's
 * end or TEXT's. NULL: there is none.
 */
const char *cgroup_path(const char *text);

/* Likewise, in the hierarchy of version 2, by which processes are frozen. */
const char *cgroup_unified(const char *text);

/* The N of session-N.scope where that is the first on PATH that is no slice. */
bool cgroup_session(const char *path, char *name, size_t name_len);

/* The UID of /user.slice/user-UID.slice, of which systemd makes one for each person who is logged in. */
bool cgroup_user(const char *path, uid_t *uid);

#endif
