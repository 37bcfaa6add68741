/*
 * claims.c - what the provider says about a person: the claims of userinfo and
 * the ID token, true or tampered with as the settings say.
 */
#include "claims.h"
#include "oauth.h"
#include "provider.h"
#include "settings.h"
#include "sign.h"

#include <string.h>

/* With scope_claims=yes a claim needs its scope (OpenID Connect Core section 5.4). */
static const struct {
	const char *claim, *scope;
} claim_scopes[] = {
	{ "name", "profile" },	{ "preferred_username", "profile" },
	{ "email", "email" },	{ "email_verified", "email" },
	{ "groups", "groups" },
};

static void claims_add(cJSON *object, const struct grant *grant, enum setting overrides)
{
	json_merge(object, grant->person->claims);
	for (size_t i = 0; i < sizeof(claim_scopes) / sizeof(*claim_scopes); i++)
		if (setting_yes(SET_SCOPE_CLAIMS) &&
		    !scope_has(grant->scope, claim_scopes[i].scope))
			cJSON_DeleteItemFromObjectCaseSensitive(object, claim_scopes[i].claim);
	json_merge_setting(object, SET_CLAIMS);
	json_merge_setting(object, overrides);
}

cJSON *claims_userinfo(const struct grant *grant)
{
	cJSON *object = cJSON_CreateObject();

	claims_add(object, grant, SET_USERINFO_CLAIMS);
	return object;
}

cJSON *claims_person(const struct grant *grant)
{
	cJSON *object = cJSON_Duplicate(grant->person->claims, true);

	json_merge_setting(object, SET_CLAIMS);
	return object;
}

/* The setting's text unless it is unset; "none" leaves the member out. */
static void text_add(cJSON *object, const char *name, enum setting setting, const char *fallback)
{
	const char *text = setting_get(setting);

	text = text ? text : fallback;
	if (text && *text && strcmp(text, "none"))
		cJSON_AddStringToObject(object, name, text);
}

/* Whose it is, and whom it is for. */
static void parties_add(cJSON *object, const struct grant *grant)
{
	const char *aud = setting_get(SET_AUD);

	text_add(object, "iss", SET_ISS, provider_issuer());
	if (!aud)
		cJSON_AddStringToObject(object, "aud", grant->client->id);
	else if (strcmp(aud, "none"))
		cJSON_AddRawToObject(object, "aud", aud);
}

/* OBJECT as text in the pool; OBJECT is deleted. */
static char *object_text(struct pool *pool, cJSON *object)
{
	char *text = cJSON_PrintUnformatted(object);
	char *copy = pool_copy(pool, text, strlen(text));

	cJSON_free(text);
	cJSON_Delete(object);
	return copy;
}

static char *payload_make(struct pool *pool, const struct grant *grant)
{
	cJSON *object = cJSON_CreateObject();
	double now = (double)time(NULL);

	parties_add(object, grant);
	text_add(object, "azp", SET_AZP, grant->client->id);
	cJSON_AddNumberToObject(object, "exp", now + (double)setting_long(SET_EXP_IN));
	cJSON_AddNumberToObject(object, "iat", now + (double)setting_long(SET_IAT_IN));
	cJSON_AddNumberToObject(object, "auth_time", (double)grant->auth_time);
	text_add(object, "nonce", SET_NONCE, grant->nonce);
	claims_add(object, grant, SET_ID_CLAIMS);
	return object_text(pool, object);
}

static char *header_make(struct pool *pool, const char *alg)
{
	const char *own_kid = sign_kid(strcmp(alg, "HS256") ? alg : "RS256");
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "alg", alg);
	cJSON_AddStringToObject(object, "typ", "JWT");
	text_add(object, "kid", SET_KID, own_kid);
	return object_text(pool, object);
}

static enum signature signature_setting(void)
{
	if (setting_is(SET_SIGNATURE, "wrong_key"))
		return SIGNATURE_WRONG_KEY;
	if (setting_is(SET_SIGNATURE, "flipped"))
		return SIGNATURE_FLIPPED;
	return setting_is(SET_SIGNATURE, "empty") ? SIGNATURE_EMPTY : SIGNATURE_GOOD;
}

char *claims_id_token(struct pool *pool, const struct grant *grant)
{
	const char *alg = setting_get(SET_ALG);
	const char *raw = setting_get(SET_ID_TOKEN_RAW);
	const char *header = setting_get(SET_ID_HEADER);
	const char *payload = setting_get(SET_ID_PAYLOAD);

	if (raw)
		return pool_copy(pool, raw, strlen(raw));
	if (!header)
		header = header_make(pool, alg);
	if (!payload)
		payload = payload_make(pool, grant);
	return sign_jws(pool, alg, signature_setting(), header, payload);
}

char *claims_userinfo_signed(struct pool *pool, const struct grant *grant)
{
	const char *alg = setting_get(SET_ALG);
	cJSON *object = cJSON_CreateObject();

	parties_add(object, grant);
	claims_add(object, grant, SET_USERINFO_CLAIMS);
	return sign_jws(pool, alg, signature_setting(), header_make(pool, alg),
			object_text(pool, object));
}
