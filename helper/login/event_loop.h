/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel and the clock of one login: opens it, waits, asks when it is due, hands what comes to
 * the message table. The parts of login_run(), for whoever has a loop of its own.
 */
#ifndef HELPER_LOGIN_EVENT_LOOP_H
#define HELPER_LOGIN_EVENT_LOOP_H

#include "login.h"

/* Prepares what is under way; the given members stay. */
void login_begin(struct login *login);

/* From the opening to the end, which LOGIN->outcome tells. LOGIN->helper is the caller's to release. */
void event_loop_run(struct login *login);

/* Each returns whether the login goes on. */

/* Ends LOGIN, whose helper or starter could not be STARTED. Returns false. */
bool login_unstarted(struct login *login, enum spawn_result started);

/* Starts the helper and tells it what to do; TOKEN_BLOB for a renewal. */
bool login_open(struct login *login);
bool login_open_with(struct login *login, const char *token_blob);

/* Takes what lies in the channel by login_take(); nothing there is no end. */
bool login_receive(struct login *login);

/* Whether the helper may have tokens that nobody keeps: it then has a few seconds to revoke them. */
bool login_owes(const struct login *login);

/*
 * Ends the helper. Where it owes something it is given the time, and what it says of that goes to the log: the
 * person has had the verdict before. LOGIN->conf is not needed any more.
 */
void login_release(struct login *login);

/* Nothing came until the deadline, or until it is time to ask for Enter once more. */
bool login_silent(struct login *login);

/* Frees and wipes what the login holds. */
void login_clear(struct login *login);

#endif
