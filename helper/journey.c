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
#include "request.h"

enum {
	SECOND = 1000,
	START_MS = 30 * SECOND, /* discovery and the first code, retries included */
	START_TRIES = 3,
	SLOW_DOWN_MS = 5 * SECOND, /* RFC 8628 3.5 */
	BACKOFF_MAX_MS = 60 * SECOND,
	NONSENSE_MAX = 3,	/* replies in a row that a broken proxy may put between */
	AGAIN_MS = 60 * SECOND, /* how long the module may think about a fresh code */
	STATES_MAX = 60,	/* of 64 that the module takes */
	LEEWAY_SECONDS = 120,	/* seconds that the provider's clock may differ */
};

struct journey {
	const struct wire_message *settings;
	const struct journey_io *io;
	const struct dialect *dialect;
	struct endpoints doors;
	struct invite invite;
	struct tokens tokens;
	struct request request;
	struct reply reply;
	struct wire_draft draft;
	bool gone;
	int64_t deadline;  /* of what is under way, now() */
	int64_t interval;  /* milliseconds */
	int64_t next_poll; /* now() */
	int polls_answered;
	int nonsense; /* in a row */
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

/* On change only, and bounded: a flapping network does not flood the slot. */
static void tell_state(struct journey *j, enum verdict state)
{
	if (state == j->state || j->states_told >= STATES_MAX)
		return;
	j->state = state;
	j->states_told++;
	wire_begin(&j->draft, "state");
	wire_add(&j->draft, "state", verdict_name(state));
	tell(j);
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
	return !reply->arrived || reply->status >= 500 || reply->status == 429 ||
	       reply->status == 408;
}

/* How long to leave the server alone after a reply that was none: its own wish comes first. */
static int64_t pause_after(const struct reply *reply, int64_t standard)
{
	int64_t wish = reply->retry_after > 0 ? (int64_t)reply->retry_after * SECOND : 0;

	return wish > standard ? wish : standard;
}

/*
 * Asks for what REQUESTER composes until something arrives, TRIES times at most, within the
 * deadline. The reply stays in j->reply.
 */
static enum verdict fetch_patiently(struct journey *j, void (*requester)(struct journey *j),
				    int tries)
{
	int64_t pause = SECOND;

	while (!j->gone) {
		requester(j);
		if (!fetch(j))
			break;
		if (!reply_is_transient(&j->reply))
			return VERDICT_GRANTED;
		j->reason = j->reply.arrived ? "http_status" : j->reply.trouble;
		tell_note(j, "notice", j->reason);
		if (--tries <= 0 || now(j) + pause_after(&j->reply, pause) >= j->deadline)
			break;
		wait_until(j, now(j) + pause_after(&j->reply, pause));
		pause *= 2;
	}
	return VERDICT_UNREACHABLE;
}

/* ---- discover, invite ---- */

static void compose_metadata(struct journey *j)
{
	discover_request(&j->doors, &j->request);
}

static enum verdict discover(struct journey *j)
{
	enum verdict verdict;

	j->reason = "settings_refused";
	if (!discover_start(j->settings, &j->doors))
		return VERDICT_CLIENT_REFUSED;
	if (!discover_needed(&j->doors))
		return VERDICT_GRANTED;
	verdict = fetch_patiently(j, compose_metadata, START_TRIES);
	if (verdict != VERDICT_GRANTED)
		return verdict;
	return discover_reply(j->settings, &j->reply, &j->doors, &j->reason);
}

static void compose_invite(struct journey *j)
{
	j->dialect->invite_request(j->settings, &j->doors, &j->request);
}

static int64_t setting_seconds(const struct journey *j)
{
	const char *text = wire_value(j->settings, "seconds");
	long long seconds = text ? strtoll(text, NULL, 10) : 0;

	return seconds >= 1 && seconds <= EXPIRES_MAX ? seconds : INTERVAL_MAX;
}

static void tell_invite(struct journey *j, int64_t seconds)
{
	wire_begin(&j->draft, "invite");
	wire_add(&j->draft, "kind", "device");
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
	enum verdict verdict = fetch_patiently(j, compose_invite, START_TRIES);

	if (verdict != VERDICT_GRANTED)
		return verdict;
	verdict = j->dialect->invite_reply(&j->reply, &j->invite, &j->reason);
	if (verdict != VERDICT_GRANTED)
		return verdict;
	if (seconds > j->invite.expires_in)
		seconds = j->invite.expires_in;
	j->deadline = now(j) + seconds * SECOND;
	j->interval = j->invite.interval * SECOND;
	j->next_poll = now(j) + j->interval;
	j->polls_answered = -1; /* no poll yet */
	j->nonsense = 0;
	j->state = VERDICT_COUNT;
	tell_invite(j, seconds);
	return VERDICT_GRANTED;
}

/* ---- wait, redeem ---- */

/* A lost connection doubles the interval (RFC 8628 3.5); the server's wish may be longer still. */
static void poll_failed(struct journey *j)
{
	if (j->polls_answered < 0)
		j->polls_answered = 0;
	if (j->reply.timed_out && j->interval < BACKOFF_MAX_MS)
		j->interval = 2 * j->interval < BACKOFF_MAX_MS ? 2 * j->interval : BACKOFF_MAX_MS;
	j->next_poll = now(j) + pause_after(&j->reply, j->interval);
	tell_state(j, VERDICT_UNREACHABLE);
}

/* One poll has been answered. true: go on polling. */
static bool poll_weigh(struct journey *j, enum verdict verdict)
{
	if (verdict == VERDICT_UNREACHABLE) {
		poll_failed(j);
		return true;
	}
	/* A 200 that made no sense has used the code up. Anything else may be a proxy's. */
	if (verdict == VERDICT_NONSENSE && j->reply.status != 200 && ++j->nonsense < NONSENSE_MAX) {
		poll_failed(j);
		return true;
	}
	if (verdict != VERDICT_PENDING && verdict != VERDICT_SLOW_DOWN)
		return false;
	j->polls_answered = j->polls_answered < 0 ? 1 : j->polls_answered + 1;
	j->nonsense = 0;
	if (verdict == VERDICT_SLOW_DOWN)
		j->interval += SLOW_DOWN_MS;
	j->next_poll = now(j) + pause_after(&j->reply, j->interval);
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
	if (j->polls_answered == 0)
		return VERDICT_UNREACHABLE;
	j->reason = "nobody_approved";
	return VERDICT_EXPIRED;
}

static enum verdict redeem(struct journey *j)
{
	enum verdict verdict;

	do {
		if (j->next_poll >= j->deadline)
			return too_late(j);
		if (!wait_until(j, j->next_poll))
			return VERDICT_NONSENSE;
		j->dialect->redeem_request(j->settings, &j->doors, &j->invite, &j->request);
		if (!fetch(j))
			return VERDICT_NONSENSE;
		verdict = j->dialect->redeem_reply(&j->reply, &j->tokens, &j->reason);
	} while (!j->gone && poll_weigh(j, verdict));
	return verdict;
}

/* ---- identity ---- */

static void compose_keys(struct journey *j)
{
	request_get(&j->request, j->doors.jwks);
}

static void compose_userinfo(struct journey *j)
{
	request_get(&j->request, j->doors.userinfo);
	request_bearer(&j->request, j->tokens.access);
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
		.now = j->io->wall(j->io->context),
		.leeway = LEEWAY_SECONDS,
	};
	enum idtoken_result result;
	enum verdict verdict;
	struct json *keys = object_fetch(j, compose_keys, "keys_unreadable", &verdict);

	if (!keys)
		return verdict;
	result = idtoken_verify(j->tokens.id, keys, &rules, claims);
	json_destroy(keys);
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

static void tell_claims(struct journey *j, const struct json *id_claims,
			const struct json *userinfo)
{
	struct claim claim;

	tell_claim(j, "iss", "string", j->doors.issuer);
	for (size_t i = 0; claims_get(j->settings, i, id_claims, userinfo, &claim); i++)
		if (claim.type)
			tell_claim(j, claim.name, claim.type, claim.value);
}

static enum verdict identity(struct journey *j)
{
	struct json *id_claims = NULL;
	struct json *userinfo = NULL;
	enum verdict verdict = VERDICT_UNPROVEN;

	if (j->tokens.id[0] != '\0' && j->doors.jwks[0] != '\0') {
		verdict = id_token_read(j, &id_claims);
		if (verdict != VERDICT_GRANTED)
			goto out;
	}
	if (claims_missing(j->settings, id_claims) && j->doors.userinfo[0] != '\0') {
		userinfo = object_fetch(j, compose_userinfo, "userinfo_refused", &verdict);
		if (!userinfo)
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

/* ---- the way ---- */

/* The code is used up: the module decides whether there is a fresh one. */
static bool start_again(struct journey *j, enum verdict why)
{
	j->states_told = 0; /* this one must be told */
	j->state = VERDICT_COUNT;
	tell_state(j, why);
	if (j->gone)
		return false;
	if (j->io->wait(j->io->context, now(j) + AGAIN_MS) != JOURNEY_AGAIN)
		j->gone = true;
	j->deadline = now(j) + START_MS;
	return !j->gone;
}

static enum verdict walk(struct journey *j)
{
	enum verdict verdict = discover(j);

	while (verdict == VERDICT_GRANTED) {
		verdict = invite(j);
		if (verdict != VERDICT_GRANTED)
			return verdict;
		verdict = redeem(j);
		if (verdict == VERDICT_GRANTED)
			return identity(j);
		if (verdict != VERDICT_EXPIRED && verdict != VERDICT_START_AGAIN)
			return verdict;
		if (!start_again(j, verdict))
			return verdict;
		verdict = VERDICT_GRANTED;
	}
	return verdict;
}

void journey_login(const struct wire_message *settings, const struct journey_io *io)
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
	explicit_bzero(j, sizeof(*j));
	free(j);
}

const struct dialect *dialect_find(const char *name)
{
	static const struct dialect *const dialects[] = { &dialect_rfc8628 };

	for (size_t i = 0; name && i < sizeof(dialects) / sizeof(*dialects); i++)
		if (strcmp(dialects[i]->name, name) == 0)
			return dialects[i];
	return NULL;
}
