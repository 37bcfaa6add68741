/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who approved: ID token and userinfo, verified and told as claims. Must never tell a claim of an ID
 * token that is not proven, or of another subject.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/oauth_client/oauth/claims.h"
#include "helper/oauth_client/oauth/idtoken.h"
#include "flow_context.h"
#include "helper/oauth_client/oauth/json.h"
#include "helper/oauth_client/oauth/oauth.h"
#include "helper/oauth_client/oauth/request.h"

enum {
	LEEWAY_SECONDS = 120,	 /* that the provider's clock may differ */
	REFRESH_TRIES = 2,	 /* nobody waits, and the next renewal comes */
	REFRESH_MS = 5 * SECOND, /* and the module does not wait for long */
};

void flow_compose_keys(struct flow *j)
{
	request_get(&j->request, j->endpoints.jwks);
}

static void compose_userinfo(struct flow *j)
{
	j->dialect->userinfo_request(j->settings, &j->endpoints, j->tokens.access, &j->request);
}

/* What a reply that is no JSON object means: an account that is locked there is not looked at again. */
static enum verdict object_refused(struct flow *j, enum reason reason)
{
	if (j->reply.status == 423) { /* RFC 4918 11.3; Trakt says so of accounts */
		j->reason = REASON_ACCOUNT_LOCKED_THERE;
		return VERDICT_NOT_HONOURED;
	}
	j->reason = reason;
	return VERDICT_IDENTITY_UNVERIFIED;
}

/* The JSON object that came, or NULL. */
static struct json *object_read(const struct flow *j)
{
	struct json *object = NULL;

	if (j->reply.arrived && j->reply.status == 200)
		object = json_parse(j->reply.body, j->reply.len, NULL);
	if (json_type(object) == JSON_OBJECT)
		return object;
	json_destroy(object);
	return NULL;
}

static struct json *keys_fetch(struct flow *j, enum verdict *verdict)
{
	struct json *keys;

	*verdict = flow_ask(j, flow_compose_keys, j->refreshed ? REFRESH_TRIES : INTERVAL_MAX);
	if (*verdict != VERDICT_GRANTED)
		return NULL;
	keys = object_read(j);
	if (keys)
		return keys;
	*verdict = object_refused(j, REASON_KEYS_UNREADABLE);
	flow_trouble(j, "notice");
	return NULL;
}

/* The keys to verify with are there, or are fetched. false: j->reason and *VERDICT say why not. */
static bool keys_have(struct flow *j, enum verdict *verdict)
{
	if (!j->pinned && !j->keys)
		j->keys = keys_fetch(j, verdict);
	return j->pinned || j->keys;
}

void flow_keys_early(struct flow *j, int64_t until)
{
	int64_t deadline = j->deadline;

	if (j->keys_tried || j->pinned || j->endpoints.jwks[0] == '\0')
		return;
	j->keys_tried = true;
	flow_compose_keys(j);
	if (j->deadline > until)
		j->deadline = until;
	if (flow_fetch(j))
		j->keys = object_read(j);
	j->keys_early = j->keys != NULL;
	j->deadline = deadline;
}

/*
 * Keys that came while the code was pending may have been changed since, under a new kid or with none at all:
 * they are fetched once more. What has been fetched for this token is what there is.
 */
static bool keys_outdated(struct flow *j, enum idtoken_result result)
{
	if (!j->keys_early || (result != IDTOKEN_NO_KEY && result != IDTOKEN_SIGNATURE))
		return false;
	json_destroy(j->keys);
	j->keys = NULL;
	j->keys_early = false;
	return true;
}

/*
 * Whether the token is good by the provider's clock, and by ours it is not. It is refused all the same;
 * but trying again is of no use to anybody.
 */
static bool clock_differs(struct flow *j, const char *token, struct idtoken_rules rules)
{
	const struct json *keys = j->pinned ? j->pinned : j->keys;
	int64_t theirs = j->date + (flow_now(j) - j->dated) / SECOND;
	int64_t ahead = theirs - rules.now;
	struct json *claims = NULL;
	char text[128];

	if (j->date < 0 || (ahead <= rules.leeway && ahead >= -rules.leeway))
		return false;
	rules.now = theirs;
	if (idtoken_verify(token, keys, &rules, &claims) != IDTOKEN_VALID)
		return false;
	json_destroy(claims);
	snprintf(text, sizeof(text), "this machine's clock is %lld s %s the provider's",
		 (long long)(ahead < 0 ? -ahead : ahead), ahead > 0 ? "behind" : "ahead of");
	flow_note(j, "warning", text);
	j->reason = REASON_CLOCK_DIFFERS;
	return true;
}

/* TOKEN's claims, if they are proven. */
static enum verdict token_read(struct flow *j, const char *token, bool userinfo,
			       struct json **claims)
{
	struct idtoken_rules rules = {
		.issuer = j->endpoints.issuer,
		.client_id = wire_value(j->settings, "client_id"),
		.alg = j->endpoints.algs,
		.userinfo = userinfo,
		.nonce = j->proof.nonce[0] != '\0' ? j->proof.nonce : NULL, /* this login's */
		.access_token = j->tokens.access,
		.leeway = LEEWAY_SECONDS,
	};
	enum idtoken_result result;
	enum verdict verdict = VERDICT_IDENTITY_UNVERIFIED;

	do {
		if (!keys_have(j, &verdict))
			return verdict;
		rules.now = j->io->wall(j->io->context);
		result = idtoken_verify(token, j->pinned ? j->pinned : j->keys, &rules, claims);
	} while (keys_outdated(j, result));
	j->reason = idtoken_reason(result);
	if ((result == IDTOKEN_NOT_YET || result == IDTOKEN_EXPIRED) &&
	    clock_differs(j, token, rules))
		return VERDICT_IDENTITY_UNVERIFIED;
	return result == IDTOKEN_VALID ? VERDICT_GRANTED : VERDICT_IDENTITY_UNVERIFIED;
}

static void tell_claim(struct flow *j, const char *name, const char *type, const char *value)
{
	wire_begin(&j->draft, "claim");
	wire_add(&j->draft, "name", name);
	wire_add(&j->draft, "type", type);
	wire_add(&j->draft, "value", value);
	flow_tell(j);
}

static void tell_member(struct flow *j, const char *name, const char *value)
{
	wire_begin(&j->draft, "claim_item");
	wire_add(&j->draft, "name", name);
	wire_add(&j->draft, "value", value);
	flow_tell(j);
}

/*
 * That a claim is there and of no use says something in two places: who is refreshed keeps what is not said
 * again, and loses what is said otherwise; and a moment that cannot be read is no missing one.
 */
static bool claim_tells(const struct flow *j, const struct claim *claim)
{
	return j->refreshed || claim->value[0] != '\0' || strcmp(claim->name, "auth_time") == 0;
}

static void tell_claims(struct flow *j, const struct json *id_claims, const struct json *userinfo)
{
	struct claim claim;

	tell_claim(j, "iss", "string", j->endpoints.issuer);
	for (size_t i = 0; claims_get(j->settings, i, id_claims, userinfo, &claim); i++) {
		if (!claim.type || !claim_tells(j, &claim))
			continue;
		tell_claim(j, claim.name, claim.type, claim.value);
		j->identified |= i == 0 && claim.value[0] != '\0';
	}
	for (size_t i = 0; claims_member(j->settings, i, id_claims, userinfo, &claim); i++)
		if (claim.type)
			tell_member(j, claim.name, claim.value);
}

/* Without an ID token nobody would look at pinned keys, or at the nonce that must come back. */
static bool id_token_needed(const struct flow *j)
{
	return j->pinned || (flow_is(j, "nonce", "yes") && j->proof.nonce[0] != '\0');
}

/* Signed userinfo (OIDC Core 5.3.2), which has no nonce and no at_hash: by the keys of ID tokens. */
static enum verdict userinfo_verify(struct flow *j, struct json **userinfo)
{
	enum verdict verdict = VERDICT_IDENTITY_UNVERIFIED;
	char *token;

	j->reason = REASON_USERINFO_IS_SIGNED;
	if (j->endpoints.jwks[0] == '\0')
		return verdict;
	j->reason = REASON_OUT_OF_MEMORY;
	j->reply.body[strcspn(j->reply.body, "\r\n")] = '\0';
	token = strdup(j->reply.body); /* the keys come in its place */
	if (!token)
		return verdict;
	if (keys_have(j, &verdict)) {
		verdict = token_read(j, token, true, userinfo);
		if (verdict != VERDICT_GRANTED)
			flow_note(j, "notice",
				  reason_name(
					  j->reason)); /* "id_token_signature": of userinfo here */
		j->reason = j->reason == REASON_ID_TOKEN_ENCRYPTED ? REASON_USERINFO_ENCRYPTED
								   : REASON_USERINFO_NOT_VERIFIED;
	}
	explicit_bzero(token, strlen(token));
	free(token);
	return verdict;
}

/* A page that happens to be JSON is none of ours. */
static enum verdict userinfo_read(struct flow *j, struct json **userinfo)
{
	enum verdict verdict =
		flow_ask(j, compose_userinfo, j->refreshed ? REFRESH_TRIES : INTERVAL_MAX);

	if (verdict != VERDICT_GRANTED)
		return verdict;
	if (j->reply.status == 200 && oauth_type_is(&j->reply, "application/jwt"))
		return userinfo_verify(j, userinfo);
	if (j->reply.status == 200)
		*userinfo = json_parse(j->reply.body, j->reply.len, NULL);
	if (json_type(*userinfo) != JSON_OBJECT)
		verdict = object_refused(j, REASON_USERINFO_REFUSED);
	else if (!oauth_type_is(&j->reply, "application/json"))
		verdict = object_refused(j, REASON_USERINFO_NO_JSON);
	if (verdict != VERDICT_GRANTED) {
		flow_trouble(j, "notice");
		json_destroy(*userinfo);
		*userinfo = NULL;
	}
	return verdict;
}

/* The ID token, if there is one, and userinfo as far as the policy asks for more. */
static enum verdict sources_read(struct flow *j, struct json **id_claims, struct json **userinfo)
{
	enum verdict verdict = VERDICT_GRANTED;

	j->reason = REASON_ID_TOKEN_MISSING;
	if (j->tokens.id[0] != '\0' && (j->pinned || j->endpoints.jwks[0] != '\0'))
		verdict = token_read(j, j->tokens.id, false, id_claims);
	else if (id_token_needed(j))
		verdict = VERDICT_IDENTITY_UNVERIFIED;
	/* What no pinned key has signed would be the network's word after all. */
	if (verdict != VERDICT_GRANTED || j->pinned || j->endpoints.userinfo[0] == '\0' ||
	    !claims_missing(j->settings, *id_claims))
		return verdict;
	if (j->refreshed && j->deadline > flow_now(j) + REFRESH_MS)
		j->deadline = flow_now(j) + REFRESH_MS;
	verdict = userinfo_read(j, userinfo);
	/*
	 * Where the tokens have just been honoured nothing hangs on userinfo: what it would have said
	 * is not said, and the module knows what that is worth.
	 */
	return j->refreshed && !j->gone && verdict != VERDICT_NOT_HONOURED ? VERDICT_GRANTED
									   : verdict;
}

enum verdict flow_identity(struct flow *j)
{
	struct json *id_claims = NULL;
	struct json *userinfo = NULL;
	enum verdict verdict = sources_read(j, &id_claims, &userinfo);

	if (verdict == VERDICT_GRANTED) {
		verdict = VERDICT_IDENTITY_UNVERIFIED;
		if (!id_claims && !userinfo && !j->refreshed) {
			j->reason = REASON_NO_IDENTITY_SOURCE;
		} else if (!claims_agree(id_claims, userinfo)) {
			j->reason = REASON_USERINFO_SUBJECT_MISMATCH;
		} else {
			tell_claims(j, id_claims, userinfo);
			j->reason = REASON_OK;
			verdict = VERDICT_GRANTED;
		}
	}
	json_destroy(id_claims);
	json_destroy(userinfo);
	return verdict;
}
