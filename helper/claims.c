/* SPDX-License-Identifier: BSD-2-Clause */
/* Flat, named, typed claims: see claims.h. Pure; must never cut or repair a value. */
#include "claims.h"

#include <stdio.h>
#include <string.h>

/* Whether the pair wants a claim that no earlier one wanted. `iss` is told without being asked. */
static bool wants(const struct wire_message *settings, size_t pair)
{
	const char *name = settings->pair[pair].value;

	if (strcmp(settings->pair[pair].key, "want") != 0 || strcmp(name, "iss") == 0)
		return false;
	for (size_t i = 0; i < pair; i++)
		if (strcmp(settings->pair[i].key, "want") == 0 &&
		    strcmp(settings->pair[i].value, name) == 0)
			return false;
	return true;
}

/* The name of the I-th wanted claim, NULL behind the last. */
static const char *wanted(const struct wire_message *settings, size_t i)
{
	for (size_t pair = 0; pair < settings->pairs; pair++)
		if (wants(settings, pair) && i-- == 0)
			return settings->pair[pair].value;
	return NULL;
}

bool claims_missing(const struct wire_message *settings, const struct json *id_claims)
{
	const char *name;

	for (size_t i = 0; (name = wanted(settings, i)); i++)
		if (!json_at(id_claims, name))
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

static void value_read(const struct json *value, struct claim *claim)
{
	int64_t number;
	bool flag;

	claim->type = NULL;
	if (json_type(value) == JSON_STRING && text_ok(json_text(value))) {
		strcpy(claim->value, json_text(value));
		claim->type = "string";
	} else if (json_integer(value, false, &number)) {
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
	const struct json *value;

	claim->name = wanted(settings, i);
	if (!claim->name)
		return false;
	value = json_at(id_claims, claim->name);
	value_read(value ? value : json_at(userinfo, claim->name), claim);
	return true;
}
