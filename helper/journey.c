/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one state machine: see journey.h. Must never poll before the server's interval has passed
 * since its last reply, nor after a reply that granted.
 */
#include "journey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "discover.h"
#include "idtoken.h"
#include "json.h"
#include "keepsake.h"
#include "oauth.h"
#include "pace.h"
#include "paste.h"
#include "request.h"

enum {
	SECOND = 1000,
	START_MS = 30 * SECOND, /* discovery and the first code, retries included */
	START_TRIES = 3,
	NONSENSE_MAX = 3,	/* replies in a row that a broken proxy may put between */
	REVOKE_MS = 2 * SECOND, /* for both tokens together: the person is waiting */
	TRIES_MAX = 10,
	AGAIN_MS = 60 * SECOND, /* how long the module may think about a fresh code */
	STATES_MAX = 40,	/* of 64 that the module takes */
	LEEWAY_SECONDS = 120,	/* seconds that the provider's clock may differ */
};

struct journey {
	const struct wire_message *settings;
	const struct journey_io *io;
	const struct dialect *dialect;
	struct endpoints doors;
	struct invite invite;
	struct proof proof;
	char code[PASTE_CODE_MAX];
	int64_t tries_left; /* of typing it, over all addresses */
	struct tokens tokens;
	struct tokens fresh; /* of a refresh */
	struct json *pinned; /* the keys that the settings bring; NULL: the provider's */
	struct request request;
	struct reply reply;
	struct wire_draft draft;
	bool gone;
	bool lost;	    /* a reply of this exchange never came */
	int64_t deadline;   /* of what is under way, now() */
	struct pace pace;   /* of the polls */
	int polls;	    /* sent, of all codes */
	int polls_answered; /* of these */
	int nonsense;	    /* in a row */
	int states_told;
	enum verdict state; /* last told */
	const char *reason;
};

static int64_t now(const struct journey *j)
{
	return j->io->now(j->io->context);
}

static void tell(struct journey *j)
{
	if (!j->gone && !j->io->tell(j->io->context, &j->draft))
		j->gone = true;
	wire_wipe(&j->draft);
}

static void tell_note(struct journey *j, const char *level, const char *text)
{
	wire_begin(&j->draft, "note");
	wire_add(&j->draft, "level", level);
	wire_add(&j->draft, "text", text);
	tell(j);
}

/* A turn of the way: always told. A login has at most 10 codes or 10 tries of them. */
static void tell_turn(struct journey *j, enum verdict state)
{
	j->state = state;
	wire_begin(&j->draft, "state");
	wire_add(&j->draft, "state", verdict_name(state));
	tell(j);
}

/* How polling goes: on change only, and bounded, so that a flapping network floods no slot. */
static void tell_state(struct journey *j, enum verdict state)
{
	if (state != j->state && j->states_told++ < STATES_MAX)
		tell_turn(j, state);
}

static void tell_done(struct journey *j, enum verdict verdict)
{
	wire_begin(&j->draft, "done");
	wire_add(&j->draft, "verdict", verdict_name(verdict));
	wire_add(&j->draft, "reason", j->reason);
	tell(j);
}

/* Waits; true if the time has come, false if something else happened (and the journey ends). */
static bool wait_until(struct journey *j, int64_t until)
{
	if (!j->gone && j->io->wait(j->io->context, until) != JOURNEY_TIME)
		j->gone = true;
	return !j->gone;
}

static bool fetch(struct journey *j)
{
	if (!j->gone && !j->io->fetch(j->io->context, &j->request, j->deadline - now(j), &j->reply))
		j->gone = true;
	request_wipe(&j->request);
	return !j->gone;
}

static bool reply_is_transient(const struct reply *reply)
{
	return !reply->arrived || oauth_transient(reply->status);
}

/* Without randomness the middle will do: it is a courtesy to the server, not a secret. */
static int chance(const struct journey *j)
{
	unsigned char random[2];

	if (!j->io->random(j->io->context, random, sizeof(random)))
		return PACE_CHANCES / 2;
	return random[0] << 8 | random[1];
}

/*
 * Asks for what REQUESTER composes until something arrives, TRIES times at most, within the
 * deadline. The reply stays in j->reply.
 */
static enum verdict fetch_patiently(struct journey *j, void (*requester)(struct journey *j),
				    int tries)
{
	int64_t until;

	for (int try = 1; !j->gone; try++) {
		requester(j);
		if (j->request.broken) {
			j->reason = "request_cannot_be_made";
			return VERDICT_CLIENT_REFUSED;
		}
		if (!fetch(j))
			break;
		j->lost |= !j->reply.arrived;
		if (!reply_is_transient(&j->reply))
			return VERDICT_GRANTED;
		j->reason = j->reply.arrived ? "http_status" : j->reply.trouble;
		if (!j->reply.arrived && j->reply.ours)
			return VERDICT_CLIENT_REFUSED;
		tell_note(j, "notice", j->reason);
		until = now(j) + pace_retry(try, j->reply.retry_after, chance(j));
		if (try >= tries || until >= j->deadline)
			break;
		wait_until(j, until);
		if (now(j) >= j->deadline) /* a suspend may have come between */
			break;
	}
	return VERDICT_UNREACHABLE;
}

/* ---- discover, invite ---- */

static void compose_metadata(struct journey *j)
{
	discover_request(&j->doors, &j->request);
}

/* Keys that the administrator has pinned: none of the network's counts beside them. */
static bool keys_pin(struct journey *j)
{
	const char *jwks = wire_value(j->settings, "jwks");

	if (jwks)
		j->pinned = json_parse(jwks, strlen(jwks), NULL);
	return !jwks || json_type(j->pinned) == JSON_OBJECT;
}

static enum verdict discover(struct journey *j)
{
	enum verdict verdict;

	j->reason = "settings_refused";
	if (!discover_start(j->settings, &j->doors))
		return VERDICT_CLIENT_REFUSED;
	j->reason = "jwks_file_unreadable";
	if (!keys_pin(j))
		return VERDICT_CLIENT_REFUSED;
	if (!discover_needed(&j->doors))
		return VERDICT_GRANTED;
	verdict = fetch_patiently(j, compose_metadata, START_TRIES);
	if (verdict != VERDICT_GRANTED)
		return verdict;
	return discover_reply(j->settings, &j->reply, &j->doors, &j->reason);
}

/* A number of the opening packet from 1 to MOST; STANDARD where there is none. */
static int64_t setting_number(const struct journey *j, const char *name, int64_t standard,
			      int64_t most)
{
	const char *text = wire_value(j->settings, name);
	long long number = text ? strtoll(text, NULL, 10) : 0;

	return number >= 1 && number <= most ? number : standard;
}

static int64_t setting_seconds(const struct journey *j)
{
	return setting_number(j, "seconds", INTERVAL_MAX, EXPIRES_MAX);
}

static bool setting_is(const struct journey *j, const char *name, const char *value)
{
	const char *text = wire_value(j->settings, name);

	return text && strcmp(text, value) == 0;
}

/* A server that keeps a nonce in the device flow gives it back in the ID token. */
static void compose_invite(struct journey *j)
{
	j->dialect->invite_request(j->settings, &j->doors, &j->request);
	request_field(&j->request, "nonce", j->proof.nonce);
}

static bool proof_make(struct journey *j)
{
	unsigned char random[PASTE_RANDOM];
	bool ok = j->io->random(j->io->context, random, sizeof(random)) &&
		  paste_proof(random, &j->proof);

	explicit_bzero(random, sizeof(random));
	return ok;
}

static void tell_invite(struct journey *j, int64_t seconds)
{
	wire_begin(&j->draft, "invite");
	wire_add(&j->draft, "kind", j->doors.paste ? "paste" : "device");
	if (!j->doors.paste)
		wire_add(&j->draft, "user_code", j->invite.user_code);
	wire_add(&j->draft, "uri", j->invite.uri);
	if (j->invite.uri_complete[0] != '\0')
		wire_add(&j->draft, "uri_complete", j->invite.uri_complete);
	wire_add_number(&j->draft, "seconds", seconds);
	tell(j);
}

static enum verdict invite(struct journey *j)
{
	int64_t seconds = setting_seconds(j);
	enum verdict verdict = VERDICT_CLIENT_REFUSED;

	j->reason = "no_randomness";
	if (setting_is(j, "nonce", "yes") && !proof_make(j))
		return VERDICT_NONSENSE;
	j->reason = "no_device_flow_in_this_dialect";
	if (j->dialect->invite_request)
		verdict = fetch_patiently(j, compose_invite, START_TRIES);
	if (verdict != VERDICT_GRANTED)
		return verdict;
	verdict = j->dialect->invite_reply(&j->reply, &j->invite, &j->reason);
	if (verdict != VERDICT_GRANTED)
		return verdict;
	if (seconds > j->invite.expires_in)
		seconds = j->invite.expires_in;
	j->deadline = now(j) + seconds * SECOND;
	pace_start(&j->pace, j->invite.interval, now(j));
	j->nonsense = 0;
	j->state = VERDICT_COUNT;
	tell_invite(j, seconds);
	return VERDICT_GRANTED;
}

/* ---- wait, redeem ---- */

static void poll_failed(struct journey *j)
{
	pace_trouble(&j->pace, now(j), j->reply.retry_after, j->reply.timed_out, chance(j));
	tell_state(j, VERDICT_UNREACHABLE);
}

/* One poll has been answered. true: go on polling. */
static bool poll_weigh(struct journey *j, enum verdict verdict)
{
	if (verdict == VERDICT_UNREACHABLE) {
		poll_failed(j);
		return true;
	}
	/* What no provider says may be a proxy's; a 200 of that kind has used the code up. */
	if (verdict == VERDICT_NONSENSE && j->reply.status / 100 != 2 &&
	    strcmp(j->reason, "no_such_reply") == 0 && ++j->nonsense < NONSENSE_MAX) {
		poll_failed(j);
		return true;
	}
	j->polls_answered++;
	if (verdict != VERDICT_PENDING && verdict != VERDICT_SLOW_DOWN)
		return false;
	j->nonsense = 0;
	pace_pending(&j->pace, now(j), j->reply.retry_after, verdict == VERDICT_SLOW_DOWN);
	tell_state(j, verdict);
	return true;
}

/*
 * Nobody approved in time. If no poll at all was answered it is the provider that failed; a
 * person who walked away is never mistaken for that.
 */
static enum verdict too_late(struct journey *j)
{
	if (!wait_until(j, j->deadline))
		return VERDICT_NONSENSE;
	if (j->polls > 0 && j->polls_answered == 0)
		return VERDICT_UNREACHABLE;
	j->reason = "nobody_approved";
	return VERDICT_EXPIRED;
}

static enum verdict redeem(struct journey *j)
{
	enum verdict verdict;

	do {
		if (j->pace.next >= j->deadline)
			return too_late(j);
		if (!wait_until(j, j->pace.next))
			return VERDICT_NONSENSE;
		if (now(j) >= j->deadline) /* a suspend came between */
			return too_late(j);
		j->polls++;
		j->dialect->redeem_request(j->settings, &j->doors, &j->invite, &j->request);
		if (!fetch(j))
			return VERDICT_NONSENSE;
		verdict = j->dialect->redeem_reply(&j->reply, &j->tokens, &j->reason);
	} while (!j->gone && poll_weigh(j, verdict));
	return verdict;
}

/* ---- the code typed back ---- */

/* The address that the person opens. Nothing is asked of the provider yet. */
static enum verdict authorize(struct journey *j)
{
	j->reason = "no_paste_flow_in_this_dialect";
	if (!j->dialect->authorize)
		return VERDICT_CLIENT_REFUSED;
	j->reason = "no_randomness";
	if (!proof_make(j))
		return VERDICT_NONSENSE;
	j->dialect->authorize(j->settings, &j->doors, &j->proof, &j->request);
	j->reason = "authorization_address_too_long";
	if (j->request.broken || strlen(j->request.url) >= sizeof(j->invite.uri))
		return VERDICT_CLIENT_REFUSED;
	strcpy(j->invite.uri, j->request.url);
	j->invite.uri_complete[0] = '\0';
	j->deadline = now(j) + setting_seconds(j) * SECOND;
	j->state = VERDICT_COUNT;
	tell_invite(j, setting_seconds(j));
	return VERDICT_GRANTED;
}

static void compose_exchange(struct journey *j)
{
	j->dialect->exchange_request(j->settings, &j->doors, &j->proof, j->code, &j->request);
}

/* What the person typed, redeemed. A code with which no request can be made is a wrong one. */
static enum verdict exchange(struct journey *j, const char *typed)
{
	const char *state = j->dialect->has_state ? j->proof.state : "";
	enum verdict verdict = paste_read(typed, state, j->code, sizeof(j->code), &j->reason);

	j->lost = false;
	if (verdict == VERDICT_GRANTED) {
		compose_exchange(j);
		j->reason = "no_code";
		verdict = j->request.broken ? VERDICT_WRONG_CODE
					    : fetch_patiently(j, compose_exchange, START_TRIES);
	}
	if (verdict == VERDICT_GRANTED) {
		j->polls_answered++; /* the provider is there: never "unreachable" from here */
		verdict = j->dialect->exchange_reply(&j->reply, &j->tokens, &j->reason);
		if (verdict == VERDICT_WRONG_CODE && j->lost)
			verdict = VERDICT_START_AGAIN; /* the lost one may have used it up */
	} else if (verdict == VERDICT_UNREACHABLE && now(j) >= j->deadline) {
		verdict = VERDICT_EXPIRED; /* typed too late: that is not the provider's fault */
	}
	explicit_bzero(j->code, sizeof(j->code));
	return verdict;
}

static enum verdict paste(struct journey *j)
{
	enum verdict verdict = authorize(j);

	if (verdict != VERDICT_GRANTED)
		return verdict;
	while (!j->gone) {
		enum journey_event event = j->io->wait(j->io->context, j->deadline);

		j->reason = "nobody_approved";
		if (event == JOURNEY_TIME ||
		    (event == JOURNEY_ANSWER && now(j) >= j->deadline)) /* or asleep */
			return VERDICT_EXPIRED;
		if (event != JOURNEY_ANSWER)
			break;
		verdict = exchange(j, j->io->answer(j->io->context));
		if (verdict != VERDICT_WRONG_CODE || --j->tries_left <= 0)
			return verdict;
		tell_note(j, "notice", j->reason);
		tell_turn(j, VERDICT_WRONG_CODE);
	}
	j->gone = true;
	return VERDICT_NONSENSE;
}

/* ---- identity ---- */

static void compose_keys(struct journey *j)
{
	request_get(&j->request, j->doors.jwks);
}

static void compose_userinfo(struct journey *j)
{
	j->dialect->identity_request(j->settings, &j->doors, j->tokens.access, &j->request);
}

/* A JSON object from an endpoint, NULL with j->reason and *VERDICT set. */
static struct json *object_fetch(struct journey *j, void (*requester)(struct journey *j),
				 const char *reason, enum verdict *verdict)
{
	struct json *object = NULL;

	*verdict = fetch_patiently(j, requester, INTERVAL_MAX);
	if (*verdict != VERDICT_GRANTED)
		return NULL;
	if (j->reply.status == 200)
		object = json_parse(j->reply.body, j->reply.len, NULL);
	if (json_type(object) == JSON_OBJECT)
		return object;
	json_destroy(object);
	j->reason = reason;
	*verdict = VERDICT_UNPROVEN;
	return NULL;
}

static enum verdict id_token_read(struct journey *j, struct json **claims)
{
	struct idtoken_rules rules = {
		.issuer = j->doors.issuer,
		.client_id = wire_value(j->settings, "client_id"),
		.alg = wire_value(j->settings, "id_token_signed_response_alg"),
		.nonce = j->proof.nonce[0] != '\0' ? j->proof.nonce : NULL, /* this login's */
		.access_token = j->tokens.access,
		.now = j->io->wall(j->io->context),
		.leeway = LEEWAY_SECONDS,
	};
	enum idtoken_result result;
	enum verdict verdict;
	struct json *fetched = NULL;

	if (!j->pinned)
		fetched = object_fetch(j, compose_keys, "keys_unreadable", &verdict);
	if (!j->pinned && !fetched)
		return verdict;
	result = idtoken_verify(j->tokens.id, j->pinned ? j->pinned : fetched, &rules, claims);
	json_destroy(fetched);
	j->reason = idtoken_result_name(result);
	return result == IDTOKEN_VALID ? VERDICT_GRANTED : VERDICT_UNPROVEN;
}

static void tell_claim(struct journey *j, const char *name, const char *type, const char *value)
{
	wire_begin(&j->draft, "claim");
	wire_add(&j->draft, "name", name);
	wire_add(&j->draft, "type", type);
	wire_add(&j->draft, "value", value);
	tell(j);
}

static void tell_member(struct journey *j, const char *name, const char *value)
{
	wire_begin(&j->draft, "member");
	wire_add(&j->draft, "name", name);
	wire_add(&j->draft, "value", value);
	tell(j);
}

static void tell_claims(struct journey *j, const struct json *id_claims,
			const struct json *userinfo)
{
	struct claim claim;

	tell_claim(j, "iss", "string", j->doors.issuer);
	for (size_t i = 0; claims_get(j->settings, i, id_claims, userinfo, &claim); i++)
		if (claim.type)
			tell_claim(j, claim.name, claim.type, claim.value);
	for (size_t i = 0; claims_member(j->settings, i, id_claims, userinfo, &claim); i++)
		if (claim.type)
			tell_member(j, claim.name, claim.value);
}

/* Without an ID token nobody would look at pinned keys, or at the nonce that must come back. */
static bool id_token_needed(const struct journey *j)
{
	return j->pinned || (setting_is(j, "nonce", "yes") && j->proof.nonce[0] != '\0');
}

/* A signed reply, or a page that happens to be JSON, is none of ours (OIDC Core 5.3.2). */
static bool reply_is_json(const struct reply *reply)
{
	const char *type = reply->content_type;

	return strncasecmp(type, "application/json", 16) == 0 && strchr("; \t", type[16]);
}

static enum verdict identity(struct journey *j)
{
	struct json *id_claims = NULL;
	struct json *userinfo = NULL;
	enum verdict verdict = VERDICT_UNPROVEN;

	j->reason = "id_token_missing";
	if (j->tokens.id[0] != '\0' && (j->pinned || j->doors.jwks[0] != '\0')) {
		verdict = id_token_read(j, &id_claims);
		if (verdict != VERDICT_GRANTED)
			goto out;
	} else if (id_token_needed(j)) {
		goto out;
	}
	/* What no pinned key has signed would be the network's word after all. */
	if (!j->pinned && claims_missing(j->settings, id_claims) && j->doors.userinfo[0] != '\0') {
		userinfo = object_fetch(j, compose_userinfo, "userinfo_refused", &verdict);
		if (!userinfo)
			goto out;
		verdict = VERDICT_UNPROVEN;
		j->reason = "userinfo_no_json";
		if (!reply_is_json(&j->reply))
			goto out;
	}
	verdict = VERDICT_UNPROVEN;
	j->reason = id_claims || userinfo ? "userinfo_of_another_subject" : "no_identity_source";
	if ((id_claims || userinfo) && claims_agree(id_claims, userinfo)) {
		tell_claims(j, id_claims, userinfo);
		j->reason = "ok";
		verdict = VERDICT_GRANTED;
	}
out:
	json_destroy(id_claims);
	json_destroy(userinfo);
	return verdict;
}

/* ---- what becomes of the tokens ---- */

/* One token. A provider without revocation is no failure: the token is dropped. */
static enum verdict revoke_one(struct journey *j, const char *token, bool is_refresh_token)
{
	if (token[0] == '\0')
		return VERDICT_GRANTED;
	j->reason = "timeout";
	if (now(j) >= j->deadline)
		return VERDICT_UNREACHABLE;
	j->dialect->revoke_request(j->settings, &j->doors, token, is_refresh_token, &j->request);
	if (!fetch(j))
		return VERDICT_UNREACHABLE;
	return j->dialect->revoke_reply(&j->reply, &j->reason);
}

/* The refresh token first: it could make new access tokens. Both within REVOKE_MS. */
static enum verdict revoke(struct journey *j)
{
	enum verdict refresh, access;

	if (!j->dialect->revoke_request || j->doors.revocation[0] == '\0') {
		tell_note(j, "debug", "the provider has no revocation: tokens are dropped");
		return VERDICT_GRANTED;
	}
	j->deadline = now(j) + REVOKE_MS;
	refresh = revoke_one(j, j->tokens.refresh, true);
	access = revoke_one(j, j->tokens.access, false);
	return refresh != VERDICT_GRANTED ? refresh : access;
}

/* A failed revocation never costs a login. */
static void revoke_after(struct journey *j, const char *reason)
{
	if (setting_is(j, "tokens", "revoke") && revoke(j) != VERDICT_GRANTED)
		tell_note(j, "warning", "a token could not be revoked");
	j->reason = reason;
}

static void tell_keep(struct journey *j)
{
	char keepsake[KEEPSAKE_MAX];

	if (keepsake_write(&j->tokens, j->io->wall(j->io->context), keepsake, sizeof(keepsake))) {
		wire_begin(&j->draft, "keep");
		wire_add(&j->draft, "keepsake", keepsake);
		tell(j);
	} else {
		tell_note(j, "warning", "the tokens are too long to be kept");
	}
	explicit_bzero(keepsake, sizeof(keepsake));
}

/*
 * A fresh access token for the old refresh token. If a reply was lost the old token is tried once
 * more; a "no" after that may be the answer to the lost one's success, so it is not believed.
 */
static enum verdict refresh_tokens(struct journey *j)
{
	enum verdict verdict = VERDICT_UNREACHABLE;
	bool lost = false;

	if (j->tokens.refresh[0] == '\0' || !j->dialect->refresh_request)
		return VERDICT_GRANTED;
	for (int tries = 0; tries < 2 && verdict == VERDICT_UNREACHABLE; tries++) {
		j->dialect->refresh_request(j->settings, &j->doors, j->tokens.refresh, &j->request);
		if (!fetch(j))
			return VERDICT_UNREACHABLE;
		verdict = j->dialect->refresh_reply(&j->reply, &j->fresh, &j->reason);
		lost |= verdict == VERDICT_UNREACHABLE; /* a gateway's 502 loses a reply too */
	}
	if (verdict == VERDICT_DENIED && lost) {
		j->reason = "refresh_reply_lost";
		return VERDICT_UNREACHABLE;
	}
	if (verdict != VERDICT_GRANTED)
		return verdict;
	if (j->fresh.refresh[0] == '\0')
		strcpy(j->fresh.refresh, j->tokens.refresh);
	j->tokens = j->fresh;
	explicit_bzero(&j->fresh, sizeof(j->fresh));
	return VERDICT_GRANTED;
}

/* ---- the way ---- */

/* The code is used up: the module decides whether there is a fresh one. */
static bool start_again(struct journey *j, enum verdict why)
{
	tell_turn(j, why);
	if (j->gone)
		return false;
	if (j->io->wait(j->io->context, now(j) + AGAIN_MS) != JOURNEY_AGAIN)
		j->gone = true;
	j->deadline = now(j) + START_MS;
	return !j->gone;
}

static enum verdict approval(struct journey *j)
{
	enum verdict verdict;

	if (j->doors.paste)
		return paste(j);
	verdict = invite(j);
	return verdict == VERDICT_GRANTED ? redeem(j) : verdict;
}

static enum verdict walk_login(struct journey *j)
{
	enum verdict verdict = discover(j);

	j->tries_left = setting_number(j, "tries", 1, TRIES_MAX);
	while (verdict == VERDICT_GRANTED) {
		verdict = approval(j);
		if (verdict == VERDICT_GRANTED) {
			verdict = identity(j);
			revoke_after(j, j->reason);
			/* The provider was there, and granted: it is not out of reach. */
			return verdict == VERDICT_GRANTED ? verdict : VERDICT_UNPROVEN;
		}
		if (verdict != VERDICT_EXPIRED && verdict != VERDICT_START_AGAIN)
			return verdict;
		if (!start_again(j, verdict))
			return verdict;
		verdict = VERDICT_GRANTED;
	}
	return verdict;
}

/*
 * "Unreachable" opens other ways in, so it is said only of a provider that was not there at all:
 * never after it has answered a poll, or somebody could walk away from a code and pull the plug.
 */
static enum verdict walk_and_weigh(struct journey *j)
{
	enum verdict verdict = walk_login(j);

	return verdict == VERDICT_UNREACHABLE && j->polls_answered > 0 ? VERDICT_EXPIRED : verdict;
}

static bool keepsake_take(struct journey *j)
{
	const char *keepsake = wire_value(j->settings, "keepsake");

	j->reason = "no_keepsake";
	return keepsake && keepsake_read(keepsake, &j->tokens);
}

static enum verdict walk_refresh(struct journey *j)
{
	enum verdict verdict = keepsake_take(j) ? discover(j) : VERDICT_CLIENT_REFUSED;

	if (verdict == VERDICT_GRANTED)
		verdict = refresh_tokens(j);
	if (verdict != VERDICT_GRANTED)
		return verdict;
	tell_keep(j); /* first of all: the old refresh token may be void by now */
	verdict = identity(j);
	/* Without a refresh token it is the identity endpoint that says whether it is over. */
	if (verdict == VERDICT_UNPROVEN && j->tokens.refresh[0] == '\0' && j->reply.status == 401)
		verdict = VERDICT_DENIED;
	return verdict;
}

static enum verdict walk_revoke(struct journey *j)
{
	enum verdict verdict = keepsake_take(j) ? discover(j) : VERDICT_CLIENT_REFUSED;

	if (verdict != VERDICT_GRANTED)
		return verdict;
	j->reason = "ok";
	return revoke(j);
}

static void travel(const struct wire_message *settings, const struct journey_io *io,
		   enum verdict (*walk)(struct journey *j))
{
	struct journey *j = calloc(1, sizeof(*j));
	enum verdict verdict;

	if (!j)
		return;
	j->settings = settings;
	j->io = io;
	j->reason = "unknown_dialect";
	j->dialect = dialect_find(wire_value(settings, "dialect"));
	j->deadline = io->now(io->context) + START_MS;
	verdict = j->dialect ? walk(j) : VERDICT_CLIENT_REFUSED;
	if (!j->gone)
		tell_done(j, verdict);
	json_destroy(j->pinned);
	explicit_bzero(j, sizeof(*j));
	free(j);
}

void journey_login(const struct wire_message *settings, const struct journey_io *io)
{
	travel(settings, io, walk_and_weigh);
}

void journey_refresh(const struct wire_message *settings, const struct journey_io *io)
{
	travel(settings, io, walk_refresh);
}

void journey_revoke(const struct wire_message *settings, const struct journey_io *io)
{
	travel(settings, io, walk_revoke);
}

const struct dialect *dialect_find(const char *name)
{
	static const struct dialect *const dialects[] = { &dialect_rfc8628, &dialect_trakt,
							  &dialect_mastodon, &dialect_calcom };

	for (size_t i = 0; name && i < sizeof(dialects) / sizeof(*dialects); i++)
		if (strcmp(dialects[i]->name, name) == 0)
			return dialects[i];
	return NULL;
}
