/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One login as the module sees it: which message of the helper is welcome when, and what to do.
 *
 * The helper is a witness that may have been taken over. A message that is unknown, out of season,
 * repeated, malformed or shows what may not be shown is a breach: the helper is killed and nobody
 * gets in. A grant counts only after `ready`, an `invite` that was shown, the claims and one
 * `done granted`, in time. Nothing here knows PAM: who shows and asks is given.
 */
#ifndef PAM_MODULE_LOGIN_H
#define PAM_MODULE_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "judge.h"
#include "manner.h"
#include "screen.h"
#include "spawn.h"
#include "wire.h"

/* How a login ended. pam_device_code.c makes PAM return codes of it, and nothing else does. */
enum outcome {
	OUTCOME_SYSTEM = 0, /* socket, fork */
	OUTCOME_MEMORY,
	OUTCOME_SETUP,	  /* configuration, or an account or program of ours is missing */
	OUTCOME_NO_SERVE, /* the secret is not this user's to read, and nobody reads it for them */
	OUTCOME_BREACH,	  /* the helper crashed, stalled or broke the protocol */
	OUTCOME_CONVERSATION,
	OUTCOME_NONSENSE, /* the provider's replies are not the protocol's */
	OUTCOME_CLIENT_REFUSED,
	OUTCOME_UNREACHABLE,
	OUTCOME_LOST,	    /* likewise, but a code had been shown */
	OUTCOME_EXPIRED,    /* nobody approved in time */
	OUTCOME_CODES_USED, /* several codes ran out */
	OUTCOME_WRONG_CODE, /* what was typed back is no code of this login */
	OUTCOME_TRIES_USED, /* several times */
	OUTCOME_DENIED,
	OUTCOME_UNPROVEN,
	OUTCOME_NOT_ADMITTED,
	OUTCOME_REMOTE_REFUSED,
	OUTCOME_LIMITED, /* too many logins started or pending */
	OUTCOME_NO_ACCOUNT,
	OUTCOME_SKIPPED, /* a name that this module leaves to the others of the stack */
	OUTCOME_ADMITTED,
	OUTCOME_COUNT,
};

/* A constant snake_case name for logs. */
const char *outcome_name(enum outcome outcome);

/* OUTCOME_COUNT for an unknown name. */
enum outcome outcome_parse(const char *name);

/* Who shows and asks. show and ask return false when the person cannot be reached any more. */
struct login_io {
	void *context;
	bool (*show)(void *context, const char *text);
	/* ANSWER may be NULL: then only the Enter matters. Longer answers are cut at LEN. */
	bool (*ask)(void *context, const char *prompt, char *answer, size_t len);
	/* Looks NAME up among the local accounts; NAME is borrowed as ACCOUNT->name. */
	void (*account)(void *context, const char *name, struct judge_account *account);
	void (*log)(void *context, int priority, const char *text); /* one line, filtered */
	void (*drop_typed)(void *context); /* what was typed and not asked for; where wiping */
};

/* Where the exchange with the helper stands. */
enum login_season {
	SEASON_OPENING = 1,    /* nothing heard yet */
	SEASON_INVITING = 2,   /* ready; a code is being asked for */
	SEASON_SHOWN = 4,      /* a code is on the screen */
	SEASON_USED_UP = 8,    /* that code is of no use any more; a fresh one may be asked for */
	SEASON_WITNESSED = 16, /* claims are coming */
	SEASON_OVER = 32,      /* done */
};

enum {
	LOGIN_KINDS_MAX = 8,
};

struct login {
	/* given */
	const struct conf *conf;
	const struct judge_policy *policy;
	struct judge_account wanted; /* name "": nobody was named, the policy says who it is */
	struct login_io io;
	struct screen screen; /* user_code, uri, minutes, matrix are filled in here */
	struct manner manner;
	/* Another far side of the slot than a helper of this login's own; NULL: login_open(), login_take(). */
	bool (*open)(struct login *login);
	bool (*take)(struct login *login, const struct wire_message *message);
	bool relaying; /* what comes is passed on to a peer, who shows, draws and asks */
	/* found */
	enum outcome outcome;
	const char *reason; /* constant or in reason_text; never NULL at the end */
	char reason_text[48];
	char name
		[JUDGE_USER_MAX]; /* the account, where nobody was named and somebody is admitted */
	struct judge_claims *claims; /* NULL until the first; login_clear() frees */
	/* under way */
	enum login_season season;
	unsigned int taken[LOGIN_KINDS_MAX]; /* how often each kind of message came */
	long codes_left;
	long tries_left;      /* of a code that is typed back */
	bool pasting;	      /* flow = paste: the code is typed back */
	int64_t deadline;     /* of what is under way, spawn_now() */
	int64_t ends_at;      /* the host's own end, spawn_now(); 0: it has none */
	int64_t shown_at;     /* spawn_now() of the last code, 0: none yet */
	bool troubled;	      /* the person has been told that the provider does not answer */
	char *pending_prompt; /* text of a prompt that is due, or NULL */
	char brief_text[SCREEN_BRIEF_MAX + 1]; /* the code as the short form shows it */
	struct spawn helper;		       /* the far side of the slot */
};

/* Prepares what is under way; the given members stay. */
void login_begin(struct login *login);

/*
 * Takes one message. true: go on. false: it ended; login->outcome says how. May show, ask for a
 * fresh code and start device-code-draw.
 */
bool login_take(struct login *login, const struct wire_message *message);

/*
 * The whole login: starts the helper, exchanges, judges, ends the helper. Where the manner is idle
 * nothing is started until somebody presses Enter, and a provider that cannot be reached then leads
 * back there. A code that was shown is wiped from the terminal at the end where the manner says so.
 */
enum outcome login_run(struct login *login);

/* Whether the provider could not be believed because its certificate is of another time. */
bool login_clock_is_wrong(const struct login *login);

/*
 * The parts of login_run(), for whoever has another far side (locker.c) or a loop of its own (serve).
 * Each returns whether the login goes on.
 */

/* Ends the login. REASON is constant, or lives as long as LOGIN. Returns false. */
bool login_end(struct login *login, enum outcome outcome, const char *reason);

/* Starts the helper and tells it what to do. */
bool login_open(struct login *login);

/* Takes what lies in the slot by login->take; nothing there is no end. */
bool login_receive(struct login *login);

/* Nothing came until the deadline, or until it is time to ask for Enter once more. */
bool login_silent(struct login *login);

/* What was typed goes to the helper. An answer of exactly the terminal's limit has been cut. */
bool login_answer(struct login *login, const char *answer);

/* That a used up code is to be followed by a fresh one goes to the helper. */
bool login_again(struct login *login);

/* Frees and wipes what the login holds. */
void login_clear(struct login *login);

#endif
