/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The directories under /run that are root's alone: what is counted, what is kept for sessions. Must
 * never follow a link, or take for ours what somebody else owns or can write.
 */
#ifndef HELPER_LOGIN_SESSION_STATEDIR_H
#define HELPER_LOGIN_SESSION_STATEDIR_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/reason.h"

/* Whether FD is of KIND (S_IFREG, S_IFDIR), ours, without the mode bits FORBIDDEN and with one name. */
bool statedir_ours(int fd, mode_t kind, mode_t forbidden);

/*
 * Opens the directory DIR, which is made where it is missing; its parent is trusted. -1: it cannot be
 * had, or is not ours with none of the bits FORBIDDEN.
 */
int statedir_open(const char *dir, mode_t mode, mode_t forbidden);

/* Whether what PATH_STATE holds, or will hold where it is not there yet, lies in memory. */
bool statedir_in_memory(void);

/*
 * The directory NAME in PATH_STATE, for secrets: it must lie in memory, where a restart takes it away
 * and no disk ever has it. -1: *REASON (which may be NULL) says why not.
 */
int statedir_secret(const char *name, mode_t mode, mode_t forbidden, enum reason *reason);

#endif
