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

static void invite_request(const struct wire_message *settings, const struct endpoints *doors,
			   struct request *request)
{
	const char *scope_name = wire_value(settings, "scope_name");

	request_form(request, doors->device_authorization);
	request_client(request, settings);
	request_field(request, scope_name ? scope_name : "scope", wire_value(settings, "scope"));
	request_fields(request, wire_value(settings, "extra_params"));
}

static void redeem_request(const struct wire_message *settings, const struct endpoints *doors,
			   const struct invite *invite, struct request *request)
{
	const char *scope_name = wire_value(settings, "scope_name");

	request_form(request, doors->token);
	request_field(request, "grant_type", GRANT_TYPE);
	request_field(request, "device_code", invite->device_code);
	request_client(request, settings);
	/* Who calls it by a name of their own (Twitch) wants it at the token endpoint as well. */
	if (scope_name)
		request_field(request, scope_name, wire_value(settings, "scope"));
}

/* ---- the invitation ---- */

/* Google says verification_url. */
static const char *uri_member(const struct json *body, const char *uri, const char *url)
{
	const char *text = json_string(body, uri);

	return text ? text : json_string(body, url);
}

static enum verdict invite_read(const struct json *body, struct invite *invite, enum reason *reason)
{
	if (!oauth_invite_texts(json_string(body, "user_code"),
				uri_member(body, "verification_uri", "verification_url"), invite,
				reason))
		return VERDICT_NONSENSE;
	if (!oauth_copy(json_string(body, "device_code"), invite->device_code,
			sizeof(invite->device_code)) ||
	    !oauth_printable(invite->device_code))
		return VERDICT_NONSENSE;
	invite->uri_complete[0] = '\0';
	oauth_copy(uri_member(body, "verification_uri_complete", "verification_url_complete"),
		   invite->uri_complete, sizeof(invite->uri_complete));
	oauth_invite_times(body, invite);
	*reason = REASON_OK;
	return VERDICT_GRANTED;
}

static enum verdict invite_reply(const struct reply *reply, struct invite *invite,
				 enum reason *reason)
{
	return oauth_invite_reply(reply, invite, invite_read, reason);
}

const struct dialect dialect_rfc8628 = {
	.name = "rfc8628",
	.device_forms = true,
	.invite_request = invite_request,
	.invite_reply = invite_reply,
	.redeem_request = redeem_request,
	.redeem_reply = oauth_token_reply,
	.has_state = true,
	.authorize = oauth_authorize,
	.exchange_request = oauth_exchange_request,
	.exchange_reply = oauth_exchange_reply,
	.identity_request = oauth_identity_request,
	.refresh_request = oauth_refresh_request,
	.refresh_reply = oauth_refresh_reply,
	.revoke_request = oauth_revoke_request,
	.revoke_reply = oauth_revoke_reply,
};
