/* SPDX-License-Identifier: BSD-2-Clause */
/* How a login ends, and what that is called: see outcome.h. */
#include "outcome.h"

#include <syslog.h>

/* What it is called, how the log takes it, and what it is for PAM. */
static const struct {
	char name[26];
	int priority;
	enum result result;
} outcomes[OUTCOME_COUNT] = {
	[OUTCOME_SYSTEM] = { "system_error", LOG_ERR, RESULT_SYSTEM },
	[OUTCOME_MEMORY] = { "out_of_memory", LOG_ERR, RESULT_MEMORY },
	[OUTCOME_SETUP] = { "misconfigured", LOG_ERR, RESULT_SETUP },
	[OUTCOME_NO_SECRET] = { "client_secret_unreadable", LOG_ERR, RESULT_UNAVAILABLE },
	[OUTCOME_HELPER_FAILED] = { "helper_failed", LOG_ERR, RESULT_HELPER_FAILED },
	[OUTCOME_CONVERSATION] = { "conversation_failed", LOG_NOTICE, RESULT_CONVERSATION },
	[OUTCOME_INVALID_RESPONSE] = { "provider_invalid_response", LOG_ERR, RESULT_SETUP },
	[OUTCOME_CLIENT_REFUSED] = { "client_refused", LOG_ERR, RESULT_SETUP },
	[OUTCOME_UNREACHABLE] = { "provider_unreachable", LOG_WARNING, RESULT_UNAVAILABLE },
	[OUTCOME_LOST] = { "provider_lost", LOG_WARNING, RESULT_FAILED },
	[OUTCOME_EXPIRED] = { "expired", LOG_NOTICE, RESULT_FAILED },
	[OUTCOME_CODES_USED] = { "codes_exhausted", LOG_NOTICE, RESULT_NO_MORE },
	[OUTCOME_WRONG_CODE] = { "wrong_code", LOG_NOTICE, RESULT_FAILED },
	[OUTCOME_TRIES_USED] = { "entries_exhausted", LOG_NOTICE, RESULT_NO_MORE },
	[OUTCOME_DENIED] = { "denied", LOG_NOTICE, RESULT_NO_MORE },
	[OUTCOME_NOT_HONOURED] = { "approval_refused", LOG_NOTICE, RESULT_FAILED },
	[OUTCOME_UNPROVEN] = { "identity_unverified", LOG_WARNING, RESULT_FAILED },
	[OUTCOME_WEAK] = { "authentication_too_weak", LOG_NOTICE, RESULT_FAILED },
	[OUTCOME_NOT_ADMITTED] = { "not_admitted", LOG_NOTICE, RESULT_FORBIDDEN },
	[OUTCOME_REMOTE_REFUSED] = { "remote_refused", LOG_NOTICE, RESULT_FORBIDDEN },
	[OUTCOME_LIMITED] = { "rate_limited", LOG_NOTICE, RESULT_NO_MORE },
	[OUTCOME_NO_ACCOUNT] = { "no_account", LOG_NOTICE, RESULT_NO_ACCOUNT },
	[OUTCOME_SKIPPED] = { "ignored", LOG_INFO, RESULT_SKIPPED },
	[OUTCOME_REVOKED] = { "revoked", LOG_ERR, RESULT_SYSTEM }, /* never a login's */
	[OUTCOME_ADMITTED] = { "admitted", LOG_INFO, RESULT_ADMITTED },
};

const char *outcome_name(enum outcome outcome)
{
	return (unsigned int)outcome < OUTCOME_COUNT ? outcomes[outcome].name : "unknown";
}

int outcome_priority(enum outcome outcome)
{
	return outcomes[outcome].priority;
}

enum result outcome_result(enum outcome outcome)
{
	return outcomes[outcome].result;
}
