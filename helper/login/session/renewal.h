/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is done with kept tokens, by a helper of its own and without a person: asking the provider
 * whether somebody may still be let in, and revoking. For the module and for pam-device-code.
 */
#ifndef HELPER_LOGIN_SESSION_RENEWAL_H
#define HELPER_LOGIN_SESSION_RENEWAL_H

#include "record.h"
#include "helper/login/login.h"

enum {
	RENEWAL_REVOKE_MS = 3 * 1000, /* a person is waiting for their logout */
	RENEWAL_ASK_MS = 12 * 1000,
	RENEWAL_GIVE_UP_MS =
		60 * 60 * 1000, /* tokens that could not be revoked for so long are dropped */
};

/* The section of RECORD, read afresh, and its policy as far as it lasts. CONF is to be cleared. */
bool renewal_config(const struct record *record, struct conf *conf, struct policy *policy);

/*
 * Refreshes the tokens of RECORD, whose lock is held, and has the policy ask again whether these claims
 * may enter as its user. What came is saved at once. IO: log and account. BY_PERSON: in a process that
 * the person can break off or hold up: that makes no later no doubtful, or they could buy themselves
 * out of it.
 *
 * OUTCOME_ADMITTED: yes. OUTCOME_DENIED: the provider has ended it. OUTCOME_NOT_ADMITTED,
 * OUTCOME_NO_ACCOUNT: the policy does not hold any more. Anything else is no answer; *REASON says.
 */
enum outcome renewal_refresh(struct record *record, bool by_person, const struct conf *conf,
			     const struct policy *policy, const struct login_io *io,
			     enum reason *reason);

/*
 * RECORD, whose lock is held, is over: revokes its tokens and removes it. false: they could not be
 * revoked now; it stays, marked, for another time.
 */
bool renewal_revoke(struct record *record, const struct login_io *io);

#endif
