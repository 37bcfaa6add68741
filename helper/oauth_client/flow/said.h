/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a provider says of a refusal, in a few words for whoever reads the log (RFC 6749 5.2: "to assist
 * the client developer"). Pure. Must never repeat a token, a code or a secret.
 */
#ifndef HELPER_OAUTH_CLIENT_FLOW_SAID_H
#define HELPER_OAUTH_CLIENT_FLOW_SAID_H

#include "helper/oauth_client/dialect/dialect.h"

enum {
	SAID_MAX = 320, /* bytes, the NUL included: a note of the channel has room for it */
};

/*
 * `400 invalid_request "AADSTS90002: Tenant not found."` of a REPLY that arrived: status, error, and the
 * text for people, of JSON, of a form or of WWW-Authenticate, plain, bounded and quoted; of a page its title. The
 * status alone of a reply that holds a token or a code, and where the text repeats one of SECRETS, which ends with
 * NULL; "" is none.
 */
void said_compose(const struct reply *reply, const char *const *secrets, char out[SAID_MAX]);

#endif
