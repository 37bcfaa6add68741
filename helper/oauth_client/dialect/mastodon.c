/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dialect of Mastodon and its kin: no device flow, but an authorization page that shows the
 * code (out of band, urn:ietf:wg:oauth:2.0:oob). Form bodies; errors as RFC 6749 has them.
 */
#include "helper/oauth_client/oauth/oauth.h"
#include "helper/oauth_client/oauth/request.h"

/*
 * force_login: whoever holds the phone decides who they are, not a session that is still open.
 * PKCE is understood since 4.3; older servers ignore it. The page hands nothing back but the code,
 * so there is no state.
 */
static void authorize(const struct wire_message *settings, const struct endpoints *endpoints,
		      const struct proof *proof, struct request *address)
{
	oauth_authorize_start(settings, endpoints, address);
	request_query(address, "scope", wire_value(settings, "scope"));
	request_query(address, "force_login", "true");
	request_query(address, "code_challenge", proof->challenge);
	request_query(address, "code_challenge_method", "S256");
}

static void exchange_request(const struct wire_message *settings, const struct endpoints *endpoints,
			     const struct proof *proof, const char *code, struct request *request)
{
	oauth_exchange_request(settings, endpoints, proof, code, request);
	request_field(request, "scope", wire_value(settings, "scope"));
}

const struct dialect dialect_mastodon = {
	.name = "mastodon",
	.authorize = authorize,
	.exchange_request = exchange_request,
	.exchange_reply = oauth_exchange_reply,
	.userinfo_request = oauth_userinfo_request,
	.revoke_request = oauth_revoke_request,
	.revoke_reply = oauth_revoke_reply,
};
