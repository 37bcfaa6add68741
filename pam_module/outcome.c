/* SPDX-License-Identifier: BSD-2-Clause */
/* How a login ends, and what that is called: see outcome.h. */
#include "login.h"

#include <string.h>

static const char outcome_names[OUTCOME_COUNT][24] = {
	[OUTCOME_SYSTEM] = "system_error",
	[OUTCOME_MEMORY] = "out_of_memory",
	[OUTCOME_SETUP] = "misconfigured",
	[OUTCOME_NO_SERVE] = "secret_unreadable",
	[OUTCOME_BREACH] = "helper_failed",
	[OUTCOME_CONVERSATION] = "conversation_failed",
	[OUTCOME_NONSENSE] = "provider_nonsense",
	[OUTCOME_CLIENT_REFUSED] = "client_refused",
	[OUTCOME_UNREACHABLE] = "provider_unreachable",
	[OUTCOME_LOST] = "provider_lost",
	[OUTCOME_EXPIRED] = "expired",
	[OUTCOME_CODES_USED] = "codes_used_up",
	[OUTCOME_WRONG_CODE] = "wrong_code",
	[OUTCOME_TRIES_USED] = "tries_used_up",
	[OUTCOME_DENIED] = "denied",
	[OUTCOME_NOT_HONOURED] = "approval_refused",
	[OUTCOME_UNPROVEN] = "identity_unproven",
	[OUTCOME_WEAK] = "identity_weak",
	[OUTCOME_NOT_ADMITTED] = "not_admitted",
	[OUTCOME_REMOTE_REFUSED] = "remote_refused",
	[OUTCOME_LIMITED] = "limited",
	[OUTCOME_NO_ACCOUNT] = "no_account",
	[OUTCOME_SKIPPED] = "skipped",
	[OUTCOME_REVOKED] = "revoked",
	[OUTCOME_ADMITTED] = "admitted",
};

const char *outcome_name(enum outcome outcome)
{
	return (unsigned int)outcome < OUTCOME_COUNT ? outcome_names[outcome] : "unknown";
}

enum outcome outcome_parse(const char *name)
{
	int outcome = 0;

	while (outcome < OUTCOME_COUNT && strcmp(name, outcome_names[outcome]) != 0)
		outcome++;
	return (enum outcome)outcome;
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
