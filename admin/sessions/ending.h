/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a session that somebody has not ended themselves. */
#ifndef ADMIN_SESSIONS_ENDING_H
#define ADMIN_SESSIONS_ENDING_H

#include "kept.h"

/*
 * Ends all sessions of RECORD, and who may still begin one by it, and tells the log which have ended by that. Of
 * each: first the section's session_end_hook is called (HOOK, "" for
 * none), with user, section, REASON and the leader's pid ("0": it has none that lives); then logind's session
 * ends, where that is this one's own, and by signals the process that opened it, what descends from that,
 * and what the kernel counts to the same login. What is none of these lives on.
 */
void ending_all(struct kept *kept, struct record *record, const char *hook, enum reason reason);

/* Likewise, by the administrator's word, with the hook of RECORD's section; what is kept is revoked. */
void ending_now(struct kept *kept, struct record *record);

/* Subordinate uids, subuid(5). */
struct uid_range {
	unsigned long first, count;
};

/*
 * Ends whatever runs as UID or as one of the COUNT ranges of ALSO, and what that has started: however they came in,
 * and what they left behind. Of ALSO what is another account's by IS_TAKEN, or runs in a user namespace that is none of
 * theirs, is left alone. false: something lives on.
 */
bool ending_person(uid_t uid, const struct uid_range *also, size_t count,
		   bool (*is_taken)(uid_t uid));

/* Likewise one session, which is then taken out of RECORD, unless its leader does not die. */
void ending_one(struct kept *kept, struct record *record, struct record_session *session,
		const char *hook, enum reason reason);

#endif
