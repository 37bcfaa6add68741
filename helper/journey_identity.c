/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who approved: ID token and userinfo, verified and told as claims. Must never tell a claim of an ID
 * token that is not proven, or of another subject.
 */
#include <string.h>
#include <strings.h>

#include "claims.h"
#include "idtoken.h"
#include "journey_kit.h"
#include "json.h"
#include "request.h"

enum {
	LEEWAY_SECONDS = 120, /* that the provider's clock may differ */
};

void journey_compose_keys(struct journey *j)
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

	*verdict = journey_ask(j, requester, INTERVAL_MAX);
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
		fetched = object_fetch(j, journey_compose_keys, "keys_unreadable", &verdict);
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
	journey_tell(j);
}

static void tell_member(struct journey *j, const char *name, const char *value)
{
	wire_begin(&j->draft, "member");
	wire_add(&j->draft, "name", name);
	wire_add(&j->draft, "value", value);
	journey_tell(j);
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
	return j->pinned || (journey_is(j, "nonce", "yes") && j->proof.nonce[0] != '\0');
}

/* A signed reply, or a page that happens to be JSON, is none of ours (OIDC Core 5.3.2). */
static bool reply_is_json(const struct reply *reply)
{
	const char *type = reply->content_type;

	return strncasecmp(type, "application/json", 16) == 0 && strchr("; \t", type[16]);
}

enum verdict journey_identity(struct journey *j)
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
