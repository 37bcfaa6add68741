/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ID token and userinfo → flat, named, typed claims for the module. No I/O.
 *
 * The module asks for claims by name, or by NAME=MEMBER: whether the claim, if it is an array, holds
 * that value. Only what it asked for leaves the helper, and `iss`, which is the configured
 * issuer: the name under which the identity is unique.
 */
#ifndef HELPER_OAUTH_CLIENT_OAUTH_CLAIMS_H
#define HELPER_OAUTH_CLIENT_OAUTH_CLAIMS_H

#include "helper/oauth_client/dialect/dialect.h"
#include "json.h"

enum {
	CLAIM_NAME_MAX = 255,
	CLAIM_VALUE_MAX = 1023,
};

/* One claim, spelled for the wire. */
struct claim {
	char name[CLAIM_NAME_MAX + 1];
	const char
		*type; /* "string", "number", "bool"; "other": it is there, and is none of these */
	char value[CLAIM_VALUE_MAX + 1];
};

/*
 * true if one of the wanted claims is not in ID_CLAIMS (NULL: there is no ID token), so that
 * userinfo has to be asked.
 */
bool claims_missing(const struct wire_message *settings, const struct json *id_claims);

/* Userinfo must speak of the same subject as the ID token (OIDC Core 5.3.2). NULL: no ID token. */
bool claims_agree(const struct json *id_claims, const struct json *userinfo);

/*
 * The I-th wanted claim, from the ID token if it is there, else from userinfo; but when and how a
 * person proved themselves (acr, amr, auth_time, iat) from the ID token alone, and email_verified
 * from beside the address that it speaks of. Returns false
 * behind the last one. CLAIM->type is NULL if there is none: absent, null or empty. What is there and
 * of no use (an array, an object, a fraction, too long, with a control character in it) is of type
 * "other" and has the value "": it is not the same as nothing. Of a moment the fraction is cut.
 */
bool claims_get(const struct wire_message *settings, size_t i, const struct json *id_claims,
		const struct json *userinfo, struct claim *claim);

/*
 * The I-th wanted member, likewise: CLAIM->type is NULL unless the claim is an array that holds it,
 * as a string, or as a number or bool that is spelt so. Returns false behind the last one.
 */
bool claims_member(const struct wire_message *settings, size_t i, const struct json *id_claims,
		   const struct json *userinfo, struct claim *claim);

#endif
