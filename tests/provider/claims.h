/*
 * claims.h - what the provider says about a person: the claims of userinfo and
 * the ID token (OpenID Connect Core 1.0 sections 2 and 5), true or tampered with.
 */
#ifndef PROVIDER_CLAIMS_H
#define PROVIDER_CLAIMS_H

#include "store.h"

/* A new object for userinfo; the caller deletes it. */
cJSON *claims_userinfo(const struct grant *grant);
/* The same, signed (section 5.3.2), in the pool; NULL when it cannot be made. */
char *claims_userinfo_signed(struct pool *pool, const struct grant *grant);
/* The person's claims as the settings change them, whatever the scope; likewise. */
cJSON *claims_person(const struct grant *grant);
/* The signed ID token, in the pool; NULL when it cannot be made. */
char *claims_id_token(struct pool *pool, const struct grant *grant);

#endif
