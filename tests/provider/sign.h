/*
 * sign.h - the provider's signing keys, its JWKS (RFC 7517) and its JWS compact
 * signatures (RFC 7515, 7518, 8037), good and deliberately wrong.
 */
#ifndef PROVIDER_SIGN_H
#define PROVIDER_SIGN_H

#include "text.h"

enum signature {
	SIGNATURE_GOOD,
	SIGNATURE_WRONG_KEY,
	SIGNATURE_FLIPPED,
	SIGNATURE_EMPTY
};

/* New keys with new kids; the old ones are no longer published. False: OpenSSL failed. */
bool sign_start(void);
void sign_free(void);

/* The JWKS of the published keys; the caller frees the buffer. */
void sign_jwks(struct buffer *out);

/* alg: RS, PS and ES with 256, 384 or 512, EdDSA, Ed25519, HS256 (keyed with the RSA public key's PEM), none. */
const char *sign_kid(const char *alg); /* NULL for HS256 and none */
/* header and payload are taken as they are. NULL: unknown alg or OpenSSL failed. */
char *sign_jws(struct pool *pool, const char *alg, enum signature signature, const char *header,
	       const char *payload);

#endif
