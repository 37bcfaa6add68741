/* SPDX-License-Identifier: BSD-2-Clause */
/* How a login ends, and what that is called: see outcome.h. */
#include "login.h"

#include <string.h>
#include <syslog.h>

/* What it is called, what the person is told (WORD_COUNT: nothing), and how the log takes it. */
static const struct {
	char name[24];
	enum word word;
	int priority;
} outcomes[OUTCOME_COUNT] = {
	[OUTCOME_SYSTEM] = { "system_error", WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_MEMORY] = { "out_of_memory", WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_SETUP] = { "misconfigured", WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_NO_SERVE] = { "secret_unreadable", WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_BREACH] = { "helper_failed", WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_CONVERSATION] = { "conversation_failed", WORD_COUNT, LOG_NOTICE },
	[OUTCOME_NONSENSE] = { "provider_nonsense", WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_CLIENT_REFUSED] = { "client_refused", WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_UNREACHABLE] = { "provider_unreachable", WORD_UNREACHABLE, LOG_WARNING },
	[OUTCOME_LOST] = { "provider_lost", WORD_UNREACHABLE, LOG_WARNING },
	[OUTCOME_EXPIRED] = { "expired", WORD_EXPIRED, LOG_NOTICE },
	[OUTCOME_CODES_USED] = { "codes_used_up", WORD_EXPIRED, LOG_NOTICE },
	[OUTCOME_WRONG_CODE] = { "wrong_code", WORD_NO_CODE, LOG_NOTICE },
	[OUTCOME_TRIES_USED] = { "tries_used_up", WORD_NO_CODE, LOG_NOTICE },
	[OUTCOME_DENIED] = { "denied", WORD_DENIED, LOG_NOTICE },
	[OUTCOME_NOT_HONOURED] = { "approval_refused", WORD_NOT_HONOURED, LOG_NOTICE },
	[OUTCOME_UNPROVEN] = { "identity_unproven", WORD_UNPROVEN, LOG_WARNING },
	[OUTCOME_WEAK] = { "identity_weak", WORD_WEAK, LOG_NOTICE },
	[OUTCOME_NOT_ADMITTED] = { "not_admitted", WORD_NOT_ADMITTED, LOG_NOTICE },
	[OUTCOME_REMOTE_REFUSED] = { "remote_refused", WORD_REMOTE_REFUSED, LOG_NOTICE },
	[OUTCOME_LIMITED] = { "limited", WORD_LIMITED, LOG_NOTICE },
	[OUTCOME_NO_ACCOUNT] = { "no_account", WORD_NOT_ADMITTED, LOG_NOTICE },
	[OUTCOME_SKIPPED] = { "skipped", WORD_COUNT, LOG_INFO },
	[OUTCOME_REVOKED] = { "revoked", WORD_MISCONFIGURED, LOG_ERR }, /* never a login's */
	[OUTCOME_ADMITTED] = { "admitted", WORD_COUNT, LOG_INFO },
};

const char *outcome_name(enum outcome outcome)
{
	return (unsigned int)outcome < OUTCOME_COUNT ? outcomes[outcome].name : "unknown";
}

enum outcome outcome_parse(const char *name)
{
	int outcome = 0;

	while (outcome < OUTCOME_COUNT && strcmp(name, outcomes[outcome].name) != 0)
		outcome++;
	return (enum outcome)outcome;
}

enum word outcome_word(enum outcome outcome)
{
	return outcomes[outcome].word;
}

int outcome_priority(enum outcome outcome)
{
	return outcomes[outcome].priority;
}

bool login_end(struct login *login, enum outcome outcome, const char *reason)
{
	login->outcome = outcome;
	login->reason = reason;
	login->season = SEASON_OVER;
	return false;
}

bool login_breach(struct login *login, const char *reason)
{
	return login_end(login, OUTCOME_BREACH, reason);
}
