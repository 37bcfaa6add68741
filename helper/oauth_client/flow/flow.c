/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ways of a flow: see flow.h. Must never say "unreachable" of a provider that was there.
 */
#include "flow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/oauth_client/oauth/discover.h"
#include "flow_context.h"
#include "helper/oauth_client/oauth/json.h"
#include "token_blob.h"
#include "probe.h"

enum {
	REVOKE_MS = 2 * SECOND, /* for both tokens together: the login waits for no more */
	TRIES_MAX = 10,
	KEPT_MS = 75 * SECOND,	/* behind the last moment of the code: an Enter may come late */
	AGAIN_MS = 60 * SECOND, /* how long the module may think about a fresh code */
};

static void tell_done(struct flow *j, enum verdict verdict)
{
	wire_begin(&j->draft, "done");
	wire_add(&j->draft, "verdict", verdict_name(verdict));
	wire_add(&j->draft, "reason", reason_name(j->reason));
	flow_tell(j);
}

/* ---- discover ---- */

static void compose_metadata(struct flow *j)
{
	discover_request(&j->endpoints, &j->request);
}

/* Keys that the administrator has pinned: none of the network's counts beside them. */
static bool keys_pin(struct flow *j)
{
	const char *jwks = wire_value(j->settings, "jwks");

	if (jwks)
		j->pinned = json_parse(jwks, strlen(jwks), NULL);
	return !jwks || json_type(j->pinned) == JSON_OBJECT;
}

/* What the settings say of endpoints and keys. */
static enum verdict discover_set(struct flow *j)
{
	j->reason = REASON_SETTINGS_REFUSED;
	if (!discover_start(j->settings, &j->endpoints))
		return VERDICT_CLIENT_REFUSED;
	j->reason = REASON_JWKS_FILE_UNREADABLE;
	return keys_pin(j) ? VERDICT_GRANTED : VERDICT_CLIENT_REFUSED;
}

/* What the provider names and nobody agreed on is not asked: who misses it reads which. */
static void flow_foreign(struct flow *j)
{
	char text[512];

	for (int i = 0; discover_name(i); i++) {
		enum reason reason = discover_refused(&j->endpoints, i);

		if (!reason)
			continue;
		if (reason == REASON_METADATA_ENDPOINT_RELATIVE)
			snprintf(text, sizeof(text), "%s is no absolute address, and not asked: %s",
				 discover_name(i), reason_name(reason));
		else
			snprintf(text, sizeof(text), "%s at %s is not asked: %s", discover_name(i),
				 j->endpoints.refused[i], reason_name(reason));
		flow_note(j, "notice", text);
	}
}

static enum verdict discover(struct flow *j)
{
	enum verdict verdict = discover_set(j);

	if (verdict != VERDICT_GRANTED)
		return verdict;
	j->reason = j->io->client_wrong;
	if (j->reason)
		return VERDICT_CLIENT_REFUSED;
	if (!discover_needed(&j->endpoints))
		return VERDICT_GRANTED;
	verdict = flow_ask(j, compose_metadata, START_TRIES);
	if (verdict != VERDICT_GRANTED)
		return verdict;
	verdict = discover_reply(j->settings, &j->reply, &j->endpoints, &j->reason);
	if (verdict != VERDICT_GRANTED)
		flow_trouble(j, "notice");
	flow_foreign(j);
	return verdict;
}

/* ---- what becomes of the tokens ---- */

/* One token. A provider without revocation is no failure: the token is dropped. */
static enum verdict revoke_one(struct flow *j, const char *token, bool is_refresh_token)
{
	if (token[0] == '\0')
		return VERDICT_GRANTED;
	j->reason = REASON_TIMEOUT;
	if (flow_now(j) >= j->deadline)
		return VERDICT_UNREACHABLE;
	j->dialect->revoke_request(j->settings, &j->endpoints, token, is_refresh_token,
				   &j->request);
	if (!flow_fetch(j))
		return VERDICT_UNREACHABLE;
	return j->dialect->revoke_reply(&j->reply, &j->reason);
}

/* The refresh token first: it could make new access tokens. Both within REVOKE_MS. */
static enum verdict revoke(struct flow *j)
{
	enum verdict refresh, access;

	if (!j->dialect->revoke_request || j->endpoints.revocation[0] == '\0') {
		flow_note(j, "debug", "the provider has no revocation: tokens are dropped");
		return VERDICT_GRANTED;
	}
	j->deadline = flow_now(j) + REVOKE_MS;
	refresh = revoke_one(j, j->tokens.refresh, true);
	access = revoke_one(j, j->tokens.access, false);
	return refresh != VERDICT_GRANTED ? refresh : access;
}

/* A failed revocation never costs a login, and a module that has gone, or goes away, no revocation. */
static void revoke_now(struct flow *j)
{
	enum reason reason = j->reason;

	flow_alone(j);
	if (revoke(j) != VERDICT_GRANTED) {
		flow_trouble(j, "warning");
		flow_note(j, "warning", "a token could not be revoked");
	}
	j->reason = reason;
}

static bool tell_keep(struct flow *j)
{
	char token_blob[TOKEN_BLOB_MAX];
	bool fits = token_blob_write(&j->tokens, j->io->wall(j->io->context), token_blob,
				     sizeof(token_blob));

	if (fits) {
		wire_begin(&j->draft, "tokens");
		wire_add(&j->draft, "token_blob", token_blob);
		flow_tell(j);
	} else {
		flow_note(j, "warning", "the tokens are too long to be kept");
	}
	explicit_bzero(token_blob, sizeof(token_blob));
	return fits;
}

/* For the session's own use, where the settings say so. Seconds that it lives, 0: not said. */
static void tell_token(struct flow *j)
{
	int64_t seconds = j->tokens.expires_in;

	if (!flow_is(j, "tokens", "session"))
		return;
	if (seconds <= 0 && j->tokens.expires_at > 0)
		seconds = j->tokens.expires_at - j->io->wall(j->io->context);
	wire_begin(&j->draft, "access_token");
	wire_add(&j->draft, "access_token", j->tokens.access);
	wire_add_number(&j->draft, "expires_in", seconds > 0 ? seconds : 0);
	flow_tell(j);
}

/* What the settings want of the tokens. What nobody will keep is owed to the provider. */
static void tokens_settle(struct flow *j, enum verdict verdict)
{
	bool kept = verdict == VERDICT_GRANTED &&
		    (flow_is(j, "tokens", "logout") || flow_is(j, "tokens", "session")) &&
		    tell_keep(j);

	j->handed_over = kept;
	j->owing = !kept && wire_value(j->settings, "tokens");
	if (kept)
		tell_token(j);
}

/*
 * The module may be asking the person still, or have been killed while it did: until it has said
 * that the tokens are kept, nobody but this process knows of them.
 */
static void kept_await(struct flow *j)
{
	int64_t until = flow_now(j) + flow_seconds(j) * SECOND + KEPT_MS;

	if (!j->gone && j->io->wait(j->io->context, until) == FLOW_KEPT)
		return;
	j->gone = true;
	revoke_now(j);
}

/* Whether the provider may have taken the token: a gateway's 502 loses a reply, too. */
static bool may_be_used_up(const struct reply *reply)
{
	return reply->arrived ? reply->status != 429 && reply->status != 503 : !reply->unsent;
}

/*
 * A fresh access token for the old refresh token. If a reply was lost the old token is tried once
 * more; a "no" after that may be the answer to the lost one's success, so it is not believed.
 */
static enum verdict refresh_tokens(struct flow *j)
{
	enum verdict verdict = VERDICT_UNREACHABLE;
	bool lost = false;

	if (j->tokens.refresh[0] == '\0' || !j->dialect->refresh_request)
		return VERDICT_GRANTED;
	for (int tries = 0; tries < 2 && verdict == VERDICT_UNREACHABLE; tries++) {
		j->dialect->refresh_request(j->settings, &j->endpoints, j->tokens.refresh,
					    &j->request);
		if (!flow_fetch(j))
			return VERDICT_UNREACHABLE;
		verdict = j->dialect->refresh_reply(&j->reply, &j->fresh, &j->reason);
		lost |= verdict == VERDICT_UNREACHABLE && may_be_used_up(&j->reply);
	}
	if (verdict != VERDICT_GRANTED)
		flow_trouble(j, "notice");
	if (lost && (verdict == VERDICT_ACCESS_DENIED || verdict == VERDICT_UNREACHABLE)) {
		j->reason = REASON_REFRESH_UNCONFIRMED;
		return VERDICT_UNREACHABLE;
	}
	if (verdict != VERDICT_GRANTED)
		return verdict;
	if (j->fresh.refresh[0] == '\0')
		strcpy(j->fresh.refresh, j->tokens.refresh);
	j->tokens = j->fresh;
	explicit_bzero(&j->fresh, sizeof(j->fresh));
	j->refreshed = true;
	return VERDICT_GRANTED;
}

/* ---- the way ---- */

/* The code is used up: the module decides whether there is a fresh one. */
static bool new_code_wait(struct flow *j, enum verdict why)
{
	flow_turn(j, why);
	if (j->gone)
		return false;
	if (j->io->wait(j->io->context, flow_now(j) + AGAIN_MS) != FLOW_AGAIN)
		j->gone = true;
	j->deadline = flow_now(j) + START_MS;
	return !j->gone;
}

static enum verdict run_login(struct flow *j)
{
	enum verdict verdict = discover(j);

	j->tries_left = flow_number(j, "max_entries", 1, TRIES_MAX);
	while (verdict == VERDICT_GRANTED) {
		verdict = flow_approval(j);
		if (verdict == VERDICT_GRANTED) {
			verdict = flow_identity(j);
			tokens_settle(j, verdict);
			/* The provider was there, and granted: it is not out of reach. */
			return verdict == VERDICT_GRANTED || verdict == VERDICT_NOT_HONOURED
				       ? verdict
				       : VERDICT_IDENTITY_UNVERIFIED;
		}
		if (verdict != VERDICT_EXPIRED_TOKEN && verdict != VERDICT_CODE_CONSUMED)
			return verdict;
		if (!new_code_wait(j, verdict))
			return verdict;
		verdict = VERDICT_GRANTED;
	}
	return verdict;
}

/*
 * "Unreachable" opens other ways in, so it is said only of a provider that was not there at all:
 * never after it has answered a poll, or somebody could walk away from a code and pull the plug.
 */
static enum verdict run_login_to_done(struct flow *j)
{
	enum verdict verdict = run_login(j);

	return verdict == VERDICT_UNREACHABLE && j->polls_answered > 0 ? VERDICT_EXPIRED_TOKEN
								       : verdict;
}

static bool token_blob_take(struct flow *j)
{
	const char *token_blob = wire_value(j->settings, "token_blob");

	j->reason = REASON_NO_TOKEN_BLOB;
	return token_blob && token_blob_read(token_blob, &j->tokens);
}

static enum verdict run_refresh(struct flow *j)
{
	enum verdict verdict = token_blob_take(j) ? discover(j) : VERDICT_CLIENT_REFUSED;

	if (verdict == VERDICT_GRANTED)
		verdict = refresh_tokens(j);
	if (verdict != VERDICT_GRANTED)
		return verdict;
	tell_keep(j); /* first of all: the old refresh token may be void by now */
	tell_token(j);
	verdict = flow_identity(j);
	/* Tokens that were not honoured anew say nothing of whose they are; then the claims have to. */
	if (verdict == VERDICT_GRANTED && !j->refreshed && !j->identified) {
		j->reason = REASON_NO_IDENTITY_SOURCE;
		verdict = VERDICT_IDENTITY_UNVERIFIED;
	}
	/* Without a refresh token it is the identity endpoint that says whether it is over. */
	if (verdict == VERDICT_IDENTITY_UNVERIFIED && j->tokens.refresh[0] == '\0' &&
	    j->reply.status == 401)
		verdict = VERDICT_ACCESS_DENIED;
	return verdict;
}

static enum verdict run_revoke(struct flow *j)
{
	enum verdict verdict = token_blob_take(j) ? discover(j) : VERDICT_CLIENT_REFUSED;

	if (verdict != VERDICT_GRANTED)
		return verdict;
	j->reason = REASON_OK;
	return revoke(j);
}

static enum verdict run_probe(struct flow *j)
{
	enum verdict verdict = discover_set(j);

	return verdict == VERDICT_GRANTED ? probe_walk(j) : verdict;
}

static void tell_no_memory(const struct flow_io *io)
{
	static struct wire_draft draft;

	wire_begin(&draft, "done");
	wire_add(&draft, "verdict", verdict_name(VERDICT_HELPER_FAILED));
	wire_add(&draft, "reason", reason_name(REASON_OUT_OF_MEMORY));
	io->tell(io->context, &draft);
}

static void flow_run(const struct wire_message *settings, const struct flow_io *io,
		     enum verdict (*run)(struct flow *j))
{
	struct flow *j = calloc(1, sizeof(*j));
	enum verdict verdict;

	if (!j) {
		tell_no_memory(io);
		return;
	}
	j->settings = settings;
	j->io = io;
	j->date = -1;
	j->reason = REASON_UNKNOWN_DIALECT;
	j->dialect = dialect_find(wire_value(settings, "dialect"));
	j->deadline = io->now(io->context) + START_MS;
	verdict = j->dialect ? run(j) : VERDICT_CLIENT_REFUSED;
	if (!j->gone)
		tell_done(j, verdict);
	if (j->handed_over)
		kept_await(j);
	else if (j->owing) /* nobody waits for it any more */
		revoke_now(j);
	json_destroy(j->pinned);
	json_destroy(j->keys);
	explicit_bzero(j, sizeof(*j));
	free(j);
}

void flow_login(const struct wire_message *settings, const struct flow_io *io)
{
	flow_run(settings, io, run_login_to_done);
}

void flow_refresh(const struct wire_message *settings, const struct flow_io *io)
{
	flow_run(settings, io, run_refresh);
}

void flow_revoke(const struct wire_message *settings, const struct flow_io *io)
{
	flow_run(settings, io, run_revoke);
}

void flow_probe(const struct wire_message *settings, const struct flow_io *io)
{
	flow_run(settings, io, run_probe);
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
