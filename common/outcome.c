/* SPDX-License-Identifier: BSD-2-Clause */
/* How a login ends, and what that is called: see outcome.h. */
#include "outcome.h"

#include <string.h>
#include <syslog.h>

/* What it is called, and how the log takes it. */
static const struct {
	char name[24];
	int priority;
} outcomes[OUTCOME_COUNT] = {
	[OUTCOME_SYSTEM] = { "system_error", LOG_ERR },
	[OUTCOME_MEMORY] = { "out_of_memory", LOG_ERR },
	[OUTCOME_SETUP] = { "misconfigured", LOG_ERR },
	[OUTCOME_NO_SECRET] = { "secret_unreadable", LOG_ERR },
	[OUTCOME_BREACH] = { "helper_failed", LOG_ERR },
	[OUTCOME_CONVERSATION] = { "conversation_failed", LOG_NOTICE },
	[OUTCOME_NONSENSE] = { "provider_nonsense", LOG_ERR },
	[OUTCOME_CLIENT_REFUSED] = { "client_refused", LOG_ERR },
	[OUTCOME_UNREACHABLE] = { "provider_unreachable", LOG_WARNING },
	[OUTCOME_LOST] = { "provider_lost", LOG_WARNING },
	[OUTCOME_EXPIRED] = { "expired", LOG_NOTICE },
	[OUTCOME_CODES_USED] = { "codes_used_up", LOG_NOTICE },
	[OUTCOME_WRONG_CODE] = { "wrong_code", LOG_NOTICE },
	[OUTCOME_TRIES_USED] = { "tries_used_up", LOG_NOTICE },
	[OUTCOME_DENIED] = { "denied", LOG_NOTICE },
	[OUTCOME_NOT_HONOURED] = { "approval_refused", LOG_NOTICE },
	[OUTCOME_UNPROVEN] = { "identity_unproven", LOG_WARNING },
	[OUTCOME_WEAK] = { "identity_weak", LOG_NOTICE },
	[OUTCOME_NOT_ADMITTED] = { "not_admitted", LOG_NOTICE },
	[OUTCOME_REMOTE_REFUSED] = { "remote_refused", LOG_NOTICE },
	[OUTCOME_LIMITED] = { "limited", LOG_NOTICE },
	[OUTCOME_NO_ACCOUNT] = { "no_account", LOG_NOTICE },
	[OUTCOME_SKIPPED] = { "skipped", LOG_INFO },
	[OUTCOME_REVOKED] = { "revoked", LOG_ERR }, /* never a login's */
	[OUTCOME_ADMITTED] = { "admitted", LOG_INFO },
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

int outcome_priority(enum outcome outcome)
{
	return outcomes[outcome].priority;
}
