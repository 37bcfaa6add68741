/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ID tokens (OpenID Connect Core 1.0 section 3.1.3.7) verified against a JWK set (RFC 7517).
 *
 * idtoken.c, which verifies, and client_key.c, which signs, are the only files that know OpenSSL. The algorithm must be one that the caller takes, and
 * of the key's own kind: the token's header chooses nothing but these two. No I/O, no clock, no
 * state but OpenSSL's own.
 */
#ifndef HELPER_OAUTH_CLIENT_OAUTH_IDTOKEN_H
#define HELPER_OAUTH_CLIENT_OAUTH_IDTOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/reason.h"
#include "json.h"

/* What a valid token must say. All pointers are borrowed for the call. */
struct idtoken_rules {
	const char *issuer;    /* iss, byte for byte */
	const char *client_id; /* aud must hold it; azp must be it where present or needed */
	const char *alg;       /* those that are taken, separated by blanks: idtoken_alg_known() */
	bool userinfo;	       /* it is no ID token but signed userinfo (OIDC Core 5.3.2) */
	const char *nonce;     /* must come back byte for byte; NULL: none was sent */
	const char *access_token; /* at_hash must be of it where present; NULL: not known */
	int64_t now;		  /* wall clock, seconds since the epoch */
	int64_t leeway;		  /* seconds by which clocks may differ */
};

enum idtoken_result {
	IDTOKEN_MALFORMED = 0,	 /* not three parts of canonical base64url, or not JSON objects */
	IDTOKEN_ENCRYPTED,	 /* a JWE: five parts */
	IDTOKEN_HEADER_REFUSED,	 /* crit, b64, jku, x5u, jwk, x5c or a strange typ */
	IDTOKEN_ALG_REFUSED,	 /* alg is none of those that are taken */
	IDTOKEN_KEYS_UNREADABLE, /* the JWK set is not one, or the key's numbers are no such key:
				  * missing, off the curve, RSA above 8192 bits */
	IDTOKEN_NO_KEY,		 /* no key of that kid, kind and use */
	IDTOKEN_AMBIGUOUS_KEY,	 /* more than one key would do: no kid, or a kid that two have */
	IDTOKEN_WEAK_KEY,	 /* RSA below 2048 bits or even, exponent even or below 3 */
	IDTOKEN_SIGNATURE,
	IDTOKEN_ISSUER,
	IDTOKEN_AUDIENCE,    /* aud does not hold the client */
	IDTOKEN_AZP_MISSING, /* aud holds others as well, and nothing says that it is ours */
	IDTOKEN_AZP,
	IDTOKEN_SUBJECT, /* sub absent, empty, above 255 bytes or not printable ASCII */
	IDTOKEN_EXPIRED,
	IDTOKEN_NOT_YET, /* iat or nbf in the future beyond the leeway */
	IDTOKEN_TIMES,	 /* exp or iat absent, or one of exp, iat, nbf no number of seconds */
	IDTOKEN_NONCE,
	IDTOKEN_AT_HASH, /* the access token beside it is another one (OIDC Core 3.1.3.8) */
	IDTOKEN_NO_MEMORY,
	IDTOKEN_VALID,
};

/* Its name in the log: REASON_ID_TOKEN_SIGNATURE. */
enum reason idtoken_reason(enum idtoken_result result);

/*
 * Verifies TOKEN (compact serialization, NUL-terminated, at most 48 KiB) against KEYS, a parsed
 * JWK set. Only for IDTOKEN_VALID is *CLAIMS set: the payload, which the caller destroys by
 * json_destroy().
 */
enum idtoken_result idtoken_verify(const char *token, const struct json *keys,
				   const struct idtoken_rules *rules, struct json **claims);

/*
 * Before the first use of OpenSSL by anybody: keeps it from reading openssl.cnf, which may name
 * libraries to load. False: no memory.
 */
bool idtoken_start(void);

/* Whether NAME is one of the algorithms (JWA: RFC 7518, 8037, 9864): never "none", never with a secret. */
bool idtoken_alg_known(const char *name);

/* How many keys of SET are for one of ALGS, by what they say of themselves. */
size_t idtoken_keys_for(const struct json *set, const char *algs);

enum {
	IDTOKEN_CHALLENGE_SIZE = 44, /* 43 characters and a NUL */
};

/*
 * The S256 code_challenge of VERIFIER (RFC 7636 section 4.2): here because SHA-256 is OpenSSL's.
 * False, and CHALLENGE undefined, only where OpenSSL has no memory.
 */
bool idtoken_challenge(const char *verifier, char challenge[IDTOKEN_CHALLENGE_SIZE]);

#endif
