/*
 * identity.h - who a person is to the dialects that are not OpenID Connect: ids
 * that never change, in the shape that each of them has.
 */
#ifndef PROVIDER_IDENTITY_H
#define PROVIDER_IDENTITY_H

#include "store.h"

const char *identity_uuid(struct pool *pool, const struct person *person);
const char *identity_digits(struct pool *pool, const struct person *person);
double identity_number(const struct person *person);
/* A claim's text, copied to object under name; fallback where there is none. */
void identity_add(cJSON *object, const char *name, const cJSON *claims, const char *claim,
		  const char *fallback);

#endif
