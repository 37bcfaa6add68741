/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a session that somebody has not ended themselves. */
#ifndef ADMIN_ENDING_H
#define ADMIN_ENDING_H

#include "kept.h"

/*
 * Ends all sessions of KEEP: by logind where it knows them, by signals to the process that opened each
 * and to what it has started, and by the section's end_hook (HOOK, "" for none), which is called with
 * user, section, REASON and the leader's pid, once for each. Tells the log. What has left the tree of
 * processes and no logind knows lives on.
 */
void ending_all(struct kept *kept, struct keep *keep, const char *hook, const char *reason);

/* Likewise one session, which is then taken out of KEEP. */
void ending_one(struct kept *kept, struct keep *keep, struct keep_session *session,
		const char *hook, const char *reason);

#endif
