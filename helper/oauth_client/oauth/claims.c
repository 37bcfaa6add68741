/* SPDX-License-Identifier: BSD-2-Clause */
/* Flat, named, typed claims: see claims.h. Pure; must never cut or repair a value. */
#include "claims.h"

#include <stdio.h>
#include <string.h>

/* Up to the sign before a member, or all of it. */
static size_t name_len(const char *want)
{
	return strcspn(want, "=");
}

/* Whether an earlier pair than PAIR wants the same: the same name, or for MEMBERS all the same. */
static bool repeated(const struct wire_message *settings, size_t pair, bool members)
{
	const char *want = settings->pair[pair].value;
	size_t len = members ? strlen(want) : name_len(want);

	for (size_t i = 0; i < pair; i++) {
		const char *other = settings->pair[i].value;

		if (strcmp(settings->pair[i].key, "claim") == 0 && strncmp(other, want, len) == 0 &&
		    (members ? strlen(other) : name_len(other)) == len)
			return true;
	}
	return false;
}

/*
 * What the I-th pair that counts wants, NULL behind the last. `iss` is told without being asked.
 */
static const char *wanted(const struct wire_message *settings, size_t i, bool members)
{
	for (size_t pair = 0; pair < settings->pairs; pair++) {
		const char *want = settings->pair[pair].value;

		if (strcmp(settings->pair[pair].key, "claim") != 0 ||
		    (members ? !strchr(want, '=')
			     : name_len(want) == 3 && !strncmp(want, "iss", 3)))
			continue;
		if (!repeated(settings, pair, members) && i-- == 0)
			return want;
	}
	return NULL;
}

static bool is_moment(const char *name)
{
	return strcmp(name, "auth_time") == 0 || strcmp(name, "iat") == 0;
}

/* How and when somebody proved themselves is the signed word of the provider, or nothing. */
static bool id_token_only(const char *name)
{
	return strcmp(name, "acr") == 0 || strcmp(name, "amr") == 0 || is_moment(name);
}

static bool name_copy(const char *want, struct claim *claim)
{
	size_t len = name_len(want);

	claim->type = NULL;
	claim->name[0] = '\0';
	if (len > CLAIM_NAME_MAX)
		return false;
	memcpy(claim->name, want, len);
	claim->name[len] = '\0';
	return true;
}

/* The claim at PATH; one that is null is not there. */
static const struct json *claim_at(const struct json *claims, const char *path)
{
	const struct json *value = json_at(claims, path);

	return json_type(value) == JSON_NULL ? NULL : value;
}

/*
 * email_verified speaks of the address beside it: the ID token's of the ID token's, userinfo's of
 * userinfo's, or of an equal one.
 */
static const struct json *verified_find(const struct json *id_claims, const struct json *userinfo)
{
	const struct json *verified = claim_at(id_claims, "email_verified");
	const char *ours = json_text(claim_at(id_claims, "email"));
	const char *theirs = json_text(claim_at(userinfo, "email"));

	if (!theirs || (ours && verified))
		return verified;
	if (claim_at(id_claims, "email") && (!ours || strcmp(ours, theirs) != 0))
		return NULL;
	return claim_at(userinfo, "email_verified");
}

/* The value of CLAIM->name, from the one source that has a say about it. */
static const struct json *value_find(const struct claim *claim, const struct json *id_claims,
				     const struct json *userinfo)
{
	const struct json *value = claim_at(id_claims, claim->name);

	if (id_token_only(claim->name))
		return value;
	if (strcmp(claim->name, "email_verified") == 0 && claim_at(userinfo, "email"))
		return verified_find(id_claims, userinfo);
	return value ? value : claim_at(userinfo, claim->name);
}

bool claims_missing(const struct wire_message *settings, const struct json *id_claims)
{
	struct claim claim;
	const char *want;

	for (size_t i = 0; (want = wanted(settings, i, false)); i++)
		if (name_copy(want, &claim) && !claim_at(id_claims, claim.name) &&
		    !(id_claims && id_token_only(claim.name)))
			return true;
	return false;
}

bool claims_agree(const struct json *id_claims, const struct json *userinfo)
{
	const char *one = json_string(id_claims, "sub");
	const char *other = json_string(userinfo, "sub");

	if (!id_claims || !userinfo)
		return true;
	return one && other && strcmp(one, other) == 0;
}

static bool text_ok(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len > CLAIM_VALUE_MAX)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

/* A number, as it is spelled, or the whole seconds of a moment. */
static bool number_read(const struct json *value, bool moment, int64_t *number)
{
	return moment ? json_moment(value, number) : json_integer(value, false, number);
}

static void value_read(const struct json *value, struct claim *claim)
{
	int64_t number;
	bool flag;

	claim->type = NULL;
	claim->value[0] = '\0';
	if (!value || (json_text(value) && json_text(value)[0] == '\0'))
		return;
	claim->type = "other";
	if (json_type(value) == JSON_STRING && text_ok(json_text(value))) {
		strcpy(claim->value, json_text(value));
		claim->type = "string";
	} else if (number_read(value, is_moment(claim->name), &number)) {
		snprintf(claim->value, sizeof(claim->value), "%lld", (long long)number);
		claim->type = "number";
	} else if (json_boolean(value, &flag)) {
		strcpy(claim->value, flag ? "true" : "false");
		claim->type = "bool";
	}
}

bool claims_get(const struct wire_message *settings, size_t i, const struct json *id_claims,
		const struct json *userinfo, struct claim *claim)
{
	const char *want = wanted(settings, i, false);

	if (want && name_copy(want, claim))
		value_read(value_find(claim, id_claims, userinfo), claim);
	return want != NULL;
}

bool claims_member(const struct wire_message *settings, size_t i, const struct json *id_claims,
		   const struct json *userinfo, struct claim *claim)
{
	const char *want = wanted(settings, i, true);
	const struct json *array;
	size_t count;

	if (!want || !name_copy(want, claim))
		return want != NULL;
	array = value_find(claim, id_claims, userinfo);
	count = json_length(array);
	for (size_t k = 0; k < count && !claim->type; k++) {
		value_read(json_element(array, k), claim);
		if (claim->value[0] == '\0' || strcmp(claim->value, strchr(want, '=') + 1) != 0)
			claim->type = NULL;
	}
	return true;
}
