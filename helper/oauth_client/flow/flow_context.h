/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a flow has with it, for its own parts alone: the settings, what has come so far, and the
 * means to tell, to wait and to ask. flow.c chooses the way, flow_approval.c gets the tokens,
 * flow_identity.c finds out who approved.
 */
#ifndef HELPER_OAUTH_CLIENT_FLOW_FLOW_KIT_H
#define HELPER_OAUTH_CLIENT_FLOW_FLOW_KIT_H

#include "helper/oauth_client/oauth/client_key.h"
#include "flow.h"
#include "polling.h"
#include "paste.h"
#include "said.h"

enum {
	SECOND = 1000,
	START_MS = 30 * SECOND, /* discovery and the first code, retries included */
	START_TRIES = 4,
	INVALID_RESPONSES_MAX = 3, /* replies in a row that a broken proxy may put between */
};

struct json;

struct flow {
	const struct wire_message *settings;
	const struct flow_io *io;
	const struct dialect *dialect;
	struct endpoints endpoints;
	struct authorization authorization;
	struct proof proof;
	char code[PASTE_CODE_MAX];
	int64_t tries_left; /* of typing it, over all addresses */
	struct tokens tokens;
	struct tokens fresh; /* of a refresh */
	struct json *pinned; /* the keys that the settings bring; NULL: the provider's */
	struct json *keys;   /* the provider's, once they have been fetched */
	bool keys_tried;     /* to be had while the code was pending: once in a login */
	bool keys_early;     /* and these are such: the provider may have changed them since */
	struct request request;
	char assertion[CLIENT_ASSERTION_MAX]; /* of the last request that needed one */
	struct reply reply;
	struct wire_draft draft;
	bool gone;
	bool handed_over; /* the tokens, to a module that has not said yet that it keeps them */
	bool owing;	  /* tokens that nobody keeps: they are revoked once all has been told */
	bool alone;	  /* requests go on without the module */
	bool lost;	  /* a reply of this exchange never came */
	bool redeeming;	  /* a code that was typed: it is not sent behind a success */
	int64_t deadline; /* of what is under way, now() */
	struct polling polling; /* of the polls */
	int polls;		/* sent, of all codes */
	int polls_answered;	/* of these */
	int invalid_responses;	/* in a row */
	int states_told;
	int notes;
	int64_t date;	 /* the provider's clock, of the last reply that said it; -1: none */
	int64_t dated;	 /* and now() then */
	bool refreshed;	 /* kept tokens: the provider has honoured the refresh token */
	bool identified; /* the first claim that was wanted, which is the identity, has been told */
	enum verdict state; /* last told */
	enum reason reason;
};

/* Milliseconds of the clock that was given. */
int64_t flow_now(const struct flow *j);

/* From 0 to PACE_CHANCES - 1; without randomness the middle: it is a courtesy, not a secret. */
int flow_chance(const struct flow *j);

/* Sends j->draft and wipes it. Nothing is told once the module has gone. */
void flow_tell(struct flow *j);
void flow_note(struct flow *j, const char *level, const char *text);

/* What the provider said to j->request, in its own words, or why it did not arrive. */
void flow_said(const struct flow *j, char out[SAID_MAX]);

/*
 * Notes what went wrong with j->request, which is over: at which endpoint, of which host, in the
 * provider's words. Never more of the address.
 */
void flow_trouble(struct flow *j, const char *level);

/* A turn of the way: always told. A login has at most 10 codes or 10 tries of them. */
void flow_turn(struct flow *j, enum verdict state);

/* How polling goes: on change only, and bounded, so that a flapping network floods no channel. */
void flow_state(struct flow *j, enum verdict state);

/* true if the time has come, false if something else happened: then the flow ends. */
bool flow_wait(struct flow *j, int64_t until);

/* Sends j->request, wipes it; what came is j->reply. false: the module has gone. */
bool flow_fetch(struct flow *j);

/* From here on requests are made whether or not the module is still there. */
void flow_alone(struct flow *j);

/* The longest that this login may take, in seconds. */
int64_t flow_seconds(const struct flow *j);

/*
 * Asks for what REQUESTER composes until something arrives that a provider may say, TRIES times at
 * most, within the deadline. The reply stays in j->reply. Of what no provider says INVALID_RESPONSES_MAX are
 * had; a redirect is then the reply, a reply beyond the bounds is VERDICT_INVALID_RESPONSE.
 */
enum verdict flow_ask(struct flow *j, void (*requester)(struct flow *j), int tries);

/* A number of the opening packet from 1 to MOST; STANDARD where there is none. */
int64_t flow_number(const struct flow *j, const char *name, int64_t standard, int64_t most);
bool flow_is(const struct flow *j, const char *name, const char *value);

/* Asks for a code, waits or asks the person, and asks for the token: VERDICT_GRANTED means that j->tokens are there. */
enum verdict flow_approval(struct flow *j);

/* The first request of flow = device_code, in j->request. */
void flow_compose_authorization(struct flow *j);

/* The address of flow = authorization_code, in j->request. GRANTED, or why not: j->reason. */
enum verdict flow_compose_address(struct flow *j);

/* What ties a code to this login, made afresh. false: no randomness. */
bool flow_proof(struct flow *j);

/* Likewise for the device flow, as far as the settings want it. */
bool flow_device_proof(struct flow *j);

/* The provider's keys, in j->request. */
void flow_compose_keys(struct flow *j);

/*
 * Fetches the keys while nothing else is to be done, until UNTIL at most, so that nobody waits for them once
 * a person has approved. What fails here is asked again where it is needed.
 */
void flow_keys_early(struct flow *j, int64_t until);

/* Asks who approved and tells it as claims. j->reason says why not. */
enum verdict flow_identity(struct flow *j);

#endif
