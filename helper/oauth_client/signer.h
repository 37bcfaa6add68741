/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process that proves the client: a child of the helper's, forked before the helper reads a byte from the network.
 * It alone keeps the client's private key (private_key_jwt) or, for client_secret_jwt, the client secret: it has no file, no network,
 * and no way to start anything, composes each assertion (RFC 7523 section 3) itself, and signs nothing else. A helper that was
 * taken over can have the provider's own endpoints asked in the client's name while its login lasts, and no
 * longer: it cannot take the key away.
 */
#ifndef HELPER_OAUTH_CLIENT_SIGNER_H
#define HELPER_OAUTH_CLIENT_SIGNER_H

#include "helper/oauth_client/oauth/client_key.h"

/* Whether the client proves itself by an assertion, and so needs a signer. */
bool signer_wanted(const struct wire_message *settings);

/*
 * Forks it, waits until it is confined, closes KEY (the descriptor of the key's file, which the child alone reads; -1:
 * there is none), and wipes a secret that it signs with from SETTINGS and so from this process. SANDBOX: what
 * sandbox_ground() said here. LIFE: seconds until the kernel ends it; it signs so many times and a few more.
 * REASON_NONE, REASON_NO_SIGNER, or what client_key_wrong() says. Once for a process, while it has one thread.
 */
enum reason signer_start(const struct wire_message *settings, int key, unsigned int sandbox,
			 long life);

/*
 * A fresh assertion for AUDIENCE: the issuer, or an address that the settings name or that discover_admits().
 * false: it is none of them, or the signer has gone.
 */
bool signer_assertion(const char *audience, char out[CLIENT_ASSERTION_MAX]);

/* Whether it signs for AUDIENCE at all. Pure; for tests. */
bool signer_admits(const struct wire_message *settings, const char *audience);

#endif
