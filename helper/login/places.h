/* SPDX-License-Identifier: BSD-2-Clause */
/* How many logins of one cause may be pending at a time. */
#ifndef LOGIN_PLACES_H
#define LOGIN_PLACES_H

#include <stdbool.h>
#include <sys/types.h>

#include "origin.h"

/*
 * Takes one of the places of those who cause logins at PLACE, held until places_leave() or this process's end: all remote
 * ones share some, each person (by systemd's slice, else the account of the real uid RUID; those without one
 * together) has a few of its own, and a seat has a reserve that nobody else can use. PID: of the host, 0: it
 * cannot be believed.
 * false: all are taken.
 */
bool places_take(enum origin origin, pid_t pid, uid_t ruid);

/*
 * Where a remote login has none: whether it may wait and try again, which so many may at a time that what others
 * cause has its room beside them. It lasts until a place is taken, or places_leave().
 */
bool places_queue(void);

/* Nothing is pending any more, whatever this process still has to do. */
void places_leave(void);

#endif
