/*
 * identity.c - who a person is to the dialects that are not OpenID Connect: ids
 * that never change, in the shape that each of them has.
 */
#include "identity.h"

/* Beyond what a JSON number holds exactly, as Mastodon's are. */
#define DIGITS_BASE 109348684262348720ull

const char *identity_uuid(struct pool *pool, const struct person *person)
{
	return pool_printf(pool, "5f1c0de0-8ef0-4c7b-9d00-%012lu", person->number);
}

const char *identity_digits(struct pool *pool, const struct person *person)
{
	return pool_printf(pool, "%llu", DIGITS_BASE + person->number);
}

double identity_number(const struct person *person)
{
	return 1000 + (double)person->number;
}

void identity_add(cJSON *object, const char *name, const cJSON *claims, const char *claim,
		  const char *fallback)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(claims, claim));

	cJSON_AddStringToObject(object, name, text ? text : fallback);
}
