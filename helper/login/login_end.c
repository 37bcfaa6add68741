/* SPDX-License-Identifier: BSD-2-Clause */
/* How a login ends, and what the person is told of it: see login.h. */
#include "login.h"

enum message outcome_message(enum outcome outcome)
{
	static const unsigned char messages[OUTCOME_COUNT] = {
		[OUTCOME_SYSTEM] = MESSAGE_MISCONFIGURED,
		[OUTCOME_MEMORY] = MESSAGE_MISCONFIGURED,
		[OUTCOME_SETUP] = MESSAGE_MISCONFIGURED,
		[OUTCOME_NO_SECRET] = MESSAGE_MISCONFIGURED,
		[OUTCOME_HELPER_FAILED] = MESSAGE_MISCONFIGURED,
		[OUTCOME_CONVERSATION] = MESSAGE_COUNT,
		[OUTCOME_INVALID_RESPONSE] = MESSAGE_MISCONFIGURED,
		[OUTCOME_CLIENT_REFUSED] = MESSAGE_MISCONFIGURED,
		[OUTCOME_UNREACHABLE] = MESSAGE_UNREACHABLE,
		[OUTCOME_LOST] = MESSAGE_UNREACHABLE,
		[OUTCOME_EXPIRED] = MESSAGE_EXPIRED,
		[OUTCOME_CODES_USED] = MESSAGE_EXPIRED,
		[OUTCOME_WRONG_CODE] = MESSAGE_NO_CODE,
		[OUTCOME_TRIES_USED] = MESSAGE_NO_CODE,
		[OUTCOME_DENIED] = MESSAGE_DENIED,
		[OUTCOME_NOT_HONOURED] = MESSAGE_NOT_HONOURED,
		[OUTCOME_UNPROVEN] = MESSAGE_UNPROVEN,
		[OUTCOME_WEAK] = MESSAGE_WEAK,
		[OUTCOME_NOT_ADMITTED] = MESSAGE_NOT_ADMITTED,
		[OUTCOME_REMOTE_REFUSED] = MESSAGE_REMOTE_REFUSED,
		[OUTCOME_LIMITED] = MESSAGE_LIMITED,
		[OUTCOME_NO_ACCOUNT] = MESSAGE_NOT_ADMITTED,
		[OUTCOME_SKIPPED] = MESSAGE_COUNT,
		[OUTCOME_REVOKED] = MESSAGE_MISCONFIGURED, /* never a login's */
		[OUTCOME_ADMITTED] = MESSAGE_COUNT,
	};

	return (enum message)messages[outcome];
}

bool login_end(struct login *login, enum outcome outcome, enum reason reason)
{
	login->outcome = outcome;
	login->reason = reason;
	login->phase = PHASE_OVER;
	return false;
}

bool login_protocol_error(struct login *login, enum reason reason)
{
	return login_end(login, OUTCOME_HELPER_FAILED, reason);
}
