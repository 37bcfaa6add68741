/* SPDX-License-Identifier: BSD-2-Clause */
/* How a login ends, and what the person is told of it: see login.h. */
#include "login.h"

enum word outcome_word(enum outcome outcome)
{
	static const unsigned char words[OUTCOME_COUNT] = {
		[OUTCOME_SYSTEM] = WORD_MISCONFIGURED,
		[OUTCOME_MEMORY] = WORD_MISCONFIGURED,
		[OUTCOME_SETUP] = WORD_MISCONFIGURED,
		[OUTCOME_NO_SECRET] = WORD_MISCONFIGURED,
		[OUTCOME_HELPER_FAILED] = WORD_MISCONFIGURED,
		[OUTCOME_CONVERSATION] = WORD_COUNT,
		[OUTCOME_INVALID_RESPONSE] = WORD_MISCONFIGURED,
		[OUTCOME_CLIENT_REFUSED] = WORD_MISCONFIGURED,
		[OUTCOME_UNREACHABLE] = WORD_UNREACHABLE,
		[OUTCOME_LOST] = WORD_UNREACHABLE,
		[OUTCOME_EXPIRED] = WORD_EXPIRED,
		[OUTCOME_CODES_USED] = WORD_EXPIRED,
		[OUTCOME_WRONG_CODE] = WORD_NO_CODE,
		[OUTCOME_TRIES_USED] = WORD_NO_CODE,
		[OUTCOME_DENIED] = WORD_DENIED,
		[OUTCOME_NOT_HONOURED] = WORD_NOT_HONOURED,
		[OUTCOME_UNPROVEN] = WORD_UNPROVEN,
		[OUTCOME_WEAK] = WORD_WEAK,
		[OUTCOME_NOT_ADMITTED] = WORD_NOT_ADMITTED,
		[OUTCOME_REMOTE_REFUSED] = WORD_REMOTE_REFUSED,
		[OUTCOME_LIMITED] = WORD_LIMITED,
		[OUTCOME_NO_ACCOUNT] = WORD_NOT_ADMITTED,
		[OUTCOME_SKIPPED] = WORD_COUNT,
		[OUTCOME_REVOKED] = WORD_MISCONFIGURED, /* never a login's */
		[OUTCOME_ADMITTED] = WORD_COUNT,
	};

	return (enum word)words[outcome];
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
