/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The standard dialect: RFC 8628 with errors in the body, OpenID Connect's authorization code
 * typed back, RFC 7009. Tolerant of the known quirks of large providers; oauth.c has most of them.
 */
#include <string.h>

#include "helper/oauth_client/oauth/json.h"
#include "helper/oauth_client/oauth/oauth.h"
#include "helper/oauth_client/oauth/request.h"

#define GRANT_TYPE "urn:ietf:params:oauth:grant-type:device_code"

static void authorization_request(const struct wire_message *settings,
				  const struct endpoints *endpoints, struct request *request)
{
	const char *scope_name = wire_value(settings, "scope_name");

	request_form(request, endpoints->device_authorization);
	request_client(request, settings);
	request_field(request, scope_name ? scope_name : "scope", wire_value(settings, "scope"));
	request_fields(request, wire_value(settings, "extra_params"));
}

static void token_request(const struct wire_message *settings, const struct endpoints *endpoints,
			  const struct authorization *authorization, struct request *request)
{
	const char *scope_name = wire_value(settings, "scope_name");

	request_form(request, endpoints->token);
	request_field(request, "grant_type", GRANT_TYPE);
	request_field(request, "device_code", authorization->device_code);
	request_client(request, settings);
	/* Who calls it by a name of their own (Twitch) wants it at the token endpoint as well. */
	if (scope_name)
		request_field(request, scope_name, wire_value(settings, "scope"));
}

/* ---- the authorization ---- */

/* Google says verification_url. */
static const char *uri_member(const struct json *body, const char *uri, const char *url)
{
	const char *text = json_string(body, uri);

	return text ? text : json_string(body, url);
}

static enum verdict authorization_read(const struct json *body, struct authorization *authorization,
				       enum reason *reason)
{
	if (!oauth_authorization_texts(json_string(body, "user_code"),
				       uri_member(body, "verification_uri", "verification_url"),
				       authorization, reason))
		return VERDICT_INVALID_RESPONSE;
	if (!oauth_copy(json_string(body, "device_code"), authorization->device_code,
			sizeof(authorization->device_code)) ||
	    !oauth_printable(authorization->device_code))
		return VERDICT_INVALID_RESPONSE;
	authorization->uri_complete[0] = '\0';
	oauth_copy(uri_member(body, "verification_uri_complete", "verification_url_complete"),
		   authorization->uri_complete, sizeof(authorization->uri_complete));
	oauth_authorization_times(body, authorization);
	*reason = REASON_OK;
	return VERDICT_GRANTED;
}

static enum verdict authorization_reply(const struct reply *reply,
					struct authorization *authorization, enum reason *reason)
{
	return oauth_authorization_reply(reply, authorization, authorization_read, reason);
}

const struct dialect dialect_rfc8628 = {
	.name = "rfc8628",
	.device_forms = true,
	.authorization_request = authorization_request,
	.authorization_reply = authorization_reply,
	.token_request = token_request,
	.token_reply = oauth_token_reply,
	.has_state = true,
	.authorize = oauth_authorize,
	.exchange_request = oauth_exchange_request,
	.exchange_reply = oauth_exchange_reply,
	.userinfo_request = oauth_userinfo_request,
	.refresh_request = oauth_refresh_request,
	.refresh_reply = oauth_refresh_reply,
	.revoke_request = oauth_revoke_request,
	.revoke_reply = oauth_revoke_reply,
};
