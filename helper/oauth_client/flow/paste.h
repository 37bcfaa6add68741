/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The code that travels back to the terminal: what ties it to this login, and how to read what a
 * person typed or pasted. Pure: the randomness is given.
 */
#ifndef HELPER_OAUTH_CLIENT_FLOW_PASTE_H
#define HELPER_OAUTH_CLIENT_FLOW_PASTE_H

#include "helper/oauth_client/dialect/dialect.h"

enum {
	PASTE_RANDOM = 12 + 12 + 32, /* bytes that a proof is made of */
	PASTE_CODE_MAX = 2048,	     /* bytes of a code, its NUL included */
};

/* Makes PROOF of PASTE_RANDOM random bytes. false: SHA-256 failed; then there is no proof. */
bool paste_proof(const unsigned char *random, struct proof *proof);

/* What an address has to say of this login, where it says it. */
struct paste_expected {
	const char *state;  /* "": there is none */
	const char *issuer; /* of `iss` (RFC 9207); "": whatever it says */
};

/*
 * Finds the code in TEXT: the code alone, or the whole address that the provider redirected to.
 * GRANTED with CODE filled; DENIED for an address that says access_denied; WRONG_CODE for
 * anything else, an address of another state or issuer than WANTED among it. *REASON is a constant for logs.
 */
enum verdict paste_read(const char *text, const struct paste_expected *wanted, char *code,
			size_t code_len, enum reason *reason);

#endif
