/* SPDX-License-Identifier: BSD-2-Clause */
/* How a login ends. Pure. */
#ifndef LOGIN_OUTCOME_H
#define LOGIN_OUTCOME_H

#include "common/result.h"

/* How a login ended. */
enum outcome {
	OUTCOME_SYSTEM = 0, /* socket, fork */
	OUTCOME_MEMORY,
	OUTCOME_SETUP,	   /* configuration, or an account or program of ours is missing */
	OUTCOME_NO_SECRET, /* it is not this user's to read, and no login of root's reads it for them */
	OUTCOME_HELPER_FAILED, /* the helper crashed, stalled or broke the protocol */
	OUTCOME_CONVERSATION,
	OUTCOME_INVALID_RESPONSE, /* the provider's replies are not the protocol's */
	OUTCOME_CLIENT_REFUSED,
	OUTCOME_UNREACHABLE,
	OUTCOME_LOST,	    /* likewise, but a code had been shown */
	OUTCOME_EXPIRED,    /* nobody approved in time */
	OUTCOME_CODES_USED, /* several codes ran out */
	OUTCOME_WRONG_CODE, /* what was typed back is no code of this login */
	OUTCOME_TRIES_USED, /* several times */
	OUTCOME_DENIED,
	OUTCOME_NOT_HONOURED, /* approved, and the provider takes it back: no fresh code helps */
	OUTCOME_UNPROVEN,
	OUTCOME_WEAK, /* proven, but not in the way or as lately as the policy wants */
	OUTCOME_NOT_ADMITTED,
	OUTCOME_REMOTE_REFUSED,
	OUTCOME_LIMITED, /* too many logins started or pending */
	OUTCOME_NO_ACCOUNT,
	OUTCOME_SKIPPED, /* a name that this module leaves to the others of the stack */
	OUTCOME_REVOKED, /* no login: kept tokens are worth nothing any more */
	OUTCOME_ADMITTED,
	OUTCOME_COUNT,
};

/* A constant snake_case name for logs. */
const char *outcome_name(enum outcome outcome);

/* How the line of the log is to be taken: syslog(3). */
int outcome_priority(enum outcome outcome);

/* What the module hears of it. */
enum result outcome_result(enum outcome outcome);

#endif
