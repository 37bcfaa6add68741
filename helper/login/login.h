/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One login as the module sees it: which message of the helper is welcome when, and what to do.
 *
 * The helper is a witness that may have been taken over. A message that is unknown, out of turn,
 * repeated, malformed or shows what may not be shown is a protocol error: the helper is killed and nobody
 * gets in. A grant counts only after `ready`, an `authorize` that was shown, the claims and one
 * `done granted`, in time. Nothing here knows PAM: who shows and asks is given.
 */
#ifndef HELPER_LOGIN_LOGIN_H
#define HELPER_LOGIN_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/audit.h"
#include "helper/login/config/conf.h"
#include "policy.h"
#include "presentation.h"
#include "outcome.h"
#include "common/reason.h"
#include "helper/login/display/screen.h"
#include "common/spawn.h"
#include "common/wire.h"

/* Who shows and asks. show and ask return false when the person cannot be reached any more. */
struct login_io {
	void *context;
	bool (*show)(void *context, const char *text);
	/* ANSWER may be NULL: then only the Enter matters. Longer answers are cut at LEN. */
	bool (*ask)(void *context, const char *prompt, char *answer, size_t len);
	/* Shows JSON of GDM's and waits until the person says that it is done; where the presentation is eidp. */
	bool (*eidp)(void *context, const char *json);
	/* Looks NAME up among the local accounts; NAME is borrowed as ACCOUNT->name. */
	void (*account)(void *context, const char *name, struct local_account *account);
	void (*log)(void *context, int priority, const char *text); /* one line, filtered */
	void (*drop_typed)(void *context); /* what was typed and not asked for; where can_clear */
	/*
	 * Whether the person has left where the host has not been told of it; NULL: cannot be known.
	 * Asked now and then while nothing else happens.
	 */
	bool (*gone)(void *context);
	/*
	 * A descriptor that hangs up when the person leaves, or -1: gone() need be asked then alone,
	 * and now and then where *GLANCING is set. NULL: no descriptor, now and then.
	 */
	int (*watch)(void *context, bool *glancing);
	/*
	 * What the terminal is like, in MS milliseconds or as soon as something has been typed (true): mends
	 * FACTS. NULL: it does not change, or cannot be known.
	 */
	bool (*look)(void *context, struct presentation_facts *facts, int ms);
	/*
	 * Asked when it is decided: whether the settings are those that the login began with. *AGAIN: its conf has
	 * another map and other bindings by now. false: nobody may enter by them. NULL: the login is too short for it.
	 */
	bool (*current)(void *context, bool *again);
	/*
	 * Has an account made for whoever has just been approved, who is called NAME at the provider. true: they are
	 * bound by now, and current() says so. NULL: nobody gets one here.
	 */
	bool (*enrol)(void *context, const char *name);
};

/* Where the exchange with the helper stands. */
enum login_phase {
	PHASE_OPENING = 1,     /* nothing heard yet */
	PHASE_AUTHORIZING = 2, /* ready; a code is being asked for */
	PHASE_SHOWN = 4,       /* a code is on the screen */
	PHASE_USED_UP = 8,     /* that code is of no use any more; a fresh one may be asked for */
	PHASE_CLAIMS = 16,     /* claims are coming */
	PHASE_OVER = 32,       /* done */
	PHASE_RENEWAL = 64,    /* ready; kept tokens are being refreshed or revoked: renewal.h */
};

/* What the helper is to do. A renewal has kept tokens, shows nothing and asks nobody. */
enum helper_job {
	HELPER_JOB_LOGIN = 0,
	HELPER_JOB_REFRESH,
	HELPER_JOB_REVOKE,
};

enum {
	LOGIN_KINDS_MAX = 10,
	LOGIN_AUTHORIZE_MS = 35 * 1000, /* from the wish for a code to the code, retries included */
};

struct login {
	/* given */
	const struct conf *conf;
	const struct policy *policy;
	struct local_account wanted; /* name "": nobody was named, the policy says who it is */
	struct login_io io;
	struct screen screen; /* user_code, uri, seconds, matrix are filled in here */
	struct presentation presentation;
	struct presentation_facts facts; /* that it was chosen by: present_prepare() */
	bool apart;	 /* the descriptor of io.watch is a host's, which says nothing unasked */
	bool waits;	 /* io.look can take a while */
	bool will_store; /* somebody will keep the tokens, as the section says; else they are revoked */
	bool heard_out; /* behind its verdict: login_take_last() alone */
	bool outlived;	/* this process may end before its helper, and another one hears it out */
	enum helper_job job;
	const char *subject; /* of a refresh: who was let in with the tokens */
	/* found */
	enum outcome outcome;
	enum reason reason; /* never REASON_NONE at the end */
	char name
		[LOCAL_NAME_MAX]; /* the account, where nobody was named and somebody is admitted */
	struct policy_claims *claims; /* NULL until the first; login_clear() frees */
	char *token_blob;      /* the tokens as the helper wants them back, NULL: none; likewise */
	bool handed_over;      /* they came: the helper waits to be told whether they are kept */
	bool kept;	       /* the helper has been told so: it will not revoke them */
	bool done;	       /* the helper has said its verdict: login_take_last() */
	char *token;	       /* the access token for the session, NULL: none; likewise */
	int64_t token_seconds; /* that it lives, 0: not said */
	/* under way */
	enum login_phase phase;
	unsigned int taken[LOGIN_KINDS_MAX]; /* how often each kind of message came */
	long codes_left;
	long tries_left;    /* of a code that is typed back */
	bool code_entry;    /* flow = authorization_code: the code is typed back */
	int64_t deadline;   /* of what is under way, spawn_now() */
	int64_t ends_at;    /* the host's own end, spawn_now(); 0: it has none */
	int64_t shown_at;   /* spawn_now() of the last code, 0: none yet */
	int64_t decided_at; /* spawn_now() when the provider's word was heard that let somebody in */
	bool told_unreachable; /* the person has been told that the provider does not answer */
	char *pending_prompt;  /* text of a prompt that is due, or NULL */
	char *brief_text;      /* the code as the short form shows it; NULL: nothing yet */
	struct authorization *
		authorization; /* what stands on a console, to be drawn again; NULL: nothing, or not there */
	bool hushed;	       /* what there is to log of a provider out of reach has been logged */
	struct spawn helper;	/* the far side of the channel */
	struct spawn qr_helper; /* a device-code-qr that waits for its address; or none */
};

/* What the person is told at the end; MESSAGE_COUNT: nothing. */
enum message outcome_message(enum outcome outcome);

/* Ends the login. Returns false. */
bool login_end(struct login *login, enum outcome outcome, enum reason reason);

/* Likewise, because the far side broke the protocol. */
bool login_protocol_error(struct login *login, enum reason reason);

/* Before anything is asked of the provider: may the wanted account be entered by anybody at all? */
bool login_account_ok(struct login *login);

/* Likewise, the account that is shared included, where the policy has one; LOGIN->io is set. */
bool login_wanted_ok(struct login *login);

/* Who the provider says that it was; "": nobody yet. */
const char *login_subject(const struct login *login);

/* Says to AUDIT how the login ended; who wanted in from where is the caller's to say. */
void login_report(const struct login *login, struct audit *audit);

/*
 * Takes one message. true: go on. false: it ended; login->outcome says how. May show, ask for a
 * fresh code and start device-code-qr.
 */
bool login_take(struct login *login, const struct wire_message *message);

/* Likewise, behind the helper's verdict, where it has nothing to say but notes. */
bool login_take_last(struct login *login, const struct wire_message *message);

/* What was typed goes to the helper. An answer of exactly the terminal's limit has been cut. */
bool login_answer(struct login *login, const char *answer);

/* That LOGIN->token_blob is kept goes to the helper, which revokes those tokens otherwise. */
bool login_kept(struct login *login);

/* That a used up code is to be followed by a fresh one goes to the helper. */
bool login_again(struct login *login);

/* The section's word on tokens, or "revoke" where nobody will keep them. */
const char *login_tokens(const struct login *login);

/* Milliseconds that all codes of this login together can take at most. */
int64_t login_longest(const struct login *login);

#endif
