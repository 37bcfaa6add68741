/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client's own key: assertions that prove the client (RFC 7523 section 2.2), signed with it or with
 * the client secret, and whether key and certificate are what token_endpoint_auth_method needs (RFC 8705). Clock
 * and randomness are given.
 */
#ifndef HELPER_CLIENT_KEY_H
#define HELPER_CLIENT_KEY_H

#include "helper/oauth_client/dialect/dialect.h"

enum {
	CLIENT_ASSERTION_MAX = 6 * 1024, /* its NUL included */
	CLIENT_ASSERTION_RANDOM = 16,
	CLIENT_ASSERTION_SECONDS = 60, /* that one lives, of them before it is made: */
	CLIENT_ASSERTION_SLACK = 5,    /* a provider's clock may be behind ours */
};

/*
 * Reads the key's file from FD and adds it to SETTINGS as `client_key`, where the rest of this header finds it.
 * client_key_forget() is due. false: FD is none, it cannot be read, or holds more than WIRE_KEY_MAX bytes.
 */
bool client_key_read(struct wire_message *settings, int fd);
void client_key_forget(void);

/* What is wrong with key, certificate or algorithm: REASON_NONE: nothing. */
enum reason client_key_wrong(const struct wire_message *settings);

/* tls_client_auth and self_signed_tls_client_auth: connections show a certificate. */
bool client_key_is_tls(const struct wire_message *settings);

/* For whom an assertion is that goes to URL, by `client_assertion_audience`. */
const char *client_assertion_audience(const struct wire_message *settings,
				      const struct endpoints *endpoints, const char *url);

/*
 * A fresh assertion for AUDIENCE, dated NOW (seconds since the epoch). Good for one request. false: it
 * cannot be made; then OUT is "".
 */
bool client_assertion(const struct wire_message *settings, const char *audience, int64_t now,
		      const unsigned char random[CLIENT_ASSERTION_RANDOM],
		      char out[CLIENT_ASSERTION_MAX]);

#endif
