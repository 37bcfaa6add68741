/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dialect of Cal.com v2: the client id stands in the path, the code in the Authorization
 * header, the refresh token goes with the secret in a header; replies are {status, data} with
 * camelCase members, and `status` decides beside the HTTP status. There is no revocation.
 *
 * POST /v2/oauth/{clientId}/authorize is the browser's own request and never made here.
 */
#include <string.h>

#include "helper/oauth_client/oauth/json.h"
#include "helper/oauth_client/oauth/oauth.h"
#include "helper/oauth_client/oauth/request.h"

static void authorize(const struct wire_message *settings, const struct endpoints *endpoints,
		      const struct proof *proof, struct request *address)
{
	request_get(address, endpoints->authorization);
	request_query(address, "client_id", wire_value(settings, "client_id"));
	request_query(address, "redirect_uri", wire_value(settings, "redirect_uri"));
	request_query(address, "state", proof->state);
	request_queries(address, wire_value(settings, "extra_params"));
}

static void exchange_request(const struct wire_message *settings, const struct endpoints *endpoints,
			     const struct proof *proof, const char *code, struct request *request)
{
	(void)proof;
	request_json(request, endpoints->token);
	request_bearer(request, code);
	request_member(request, "clientSecret", wire_value(settings, "client_secret"));
}

static void refresh_request(const struct wire_message *settings, const struct endpoints *endpoints,
			    const char *refresh_token, struct request *request)
{
	const char *secret = wire_value(settings, "client_secret");

	request_json(request, endpoints->refresh);
	request_header(request, "x-cal-secret-key", secret ? secret : "");
	request_member(request, "refreshToken", refresh_token);
}

/* Where the words of an error stand: {error: {message}}, {error: "..."} or {message}. */
static const char *error_text(const struct json *body)
{
	const char *text = json_text(json_at(body, "error.message"));

	if (!text)
		text = json_string(body, "message"); /* beside "error": "Bad Request" */
	if (!text)
		text = json_string(body, "error");
	return text ? text : "";
}

static enum verdict refusal(const struct reply *reply, const struct json *body,
			    enum verdict refused, enum reason *reason)
{
	const char *text = error_text(body);

	if (oauth_transient(reply))
		return oauth_status(reply, reason);
	if (json_type(json_at(body, "data.accessToken")) != JSON_ABSENT) {
		*reason = REASON_TOKEN_IN_AN_ERROR;
		return VERDICT_INVALID_RESPONSE;
	}
	if (strcasestr(text, "already authorized")) {
		*reason = REASON_ALREADY_AUTHORIZED; /* the person has to remove the grant first */
		return refused;
	}
	/*
	 * An exchange looks for the client together with the code: "Invalid OAuth Client." is said
	 * of a wrong code, too, and the person may have mistyped it.
	 */
	if (strcasestr(text, "client") && reply->status == 400 && refused != VERDICT_WRONG_CODE) {
		*reason = REASON_CLIENT_REFUSED;
		return VERDICT_CLIENT_REFUSED;
	}
	*reason = reply->status == 401 || reply->status == 403 ? REASON_CLIENT_REFUSED
							       : REASON_CODE_REFUSED;
	if (reply->status == 401 || reply->status == 403 || reply->status == 404)
		return VERDICT_CLIENT_REFUSED;
	if (reply->status == 400 && json_type(body) == JSON_OBJECT)
		return refused;
	*reason = REASON_UNEXPECTED_REPLY;
	return VERDICT_INVALID_RESPONSE;
}

/* accessTokenExpiresAt is a moment in milliseconds since the epoch, and may be absent. */
static enum verdict data_read(const struct json *data, struct tokens *tokens, enum reason *reason)
{
	const char *access = json_string(data, "accessToken");
	const struct json *refresh = json_given(data, "refreshToken");

	if (refresh && json_text(refresh) && json_text(refresh)[0] == '\0')
		refresh = NULL; /* empty is absent */
	*reason = REASON_TOKEN_REFUSED;
	tokens->id[0] = '\0';
	tokens->refresh[0] = '\0';
	tokens->expires_in = 0;
	tokens->expires_at =
		oauth_seconds(json_member(data, "accessTokenExpiresAt"), 0, INT64_MAX, false);
	tokens->expires_at /= 1000;
	if (!oauth_token_ok(access) || (refresh && !oauth_token_ok(json_text(refresh))))
		return VERDICT_INVALID_RESPONSE;
	*reason = REASON_TOKEN_TOO_LONG;
	if (!oauth_copy(access, tokens->access, sizeof(tokens->access)) ||
	    (refresh && !oauth_copy(json_text(refresh), tokens->refresh, sizeof(tokens->refresh))))
		return VERDICT_IDENTITY_UNVERIFIED;
	*reason = REASON_OK;
	return VERDICT_GRANTED;
}

static enum verdict keys_reply(const struct reply *reply, struct tokens *tokens,
			       enum verdict refused, enum reason *reason)
{
	enum verdict verdict = VERDICT_INVALID_RESPONSE;
	const char *status;
	struct json *body;

	if (oauth_unreached(reply, &verdict, reason))
		return verdict;
	body = json_parse(reply->body, reply->len, NULL);
	status = json_string(body, "status");
	if ((reply->status == 200 || reply->status == 201) && status &&
	    strcmp(status, "success") == 0 && oauth_no_error(body))
		verdict = data_read(json_member(body, "data"), tokens, reason);
	else
		verdict = refusal(reply, body, refused, reason);
	json_destroy(body);
	return verdict;
}

static enum verdict exchange_reply(const struct reply *reply, struct tokens *tokens,
				   enum reason *reason)
{
	return keys_reply(reply, tokens, VERDICT_WRONG_CODE, reason);
}

static enum verdict refresh_reply(const struct reply *reply, struct tokens *tokens,
				  enum reason *reason)
{
	return keys_reply(reply, tokens, VERDICT_ACCESS_DENIED, reason);
}

const struct dialect dialect_calcom = {
	.name = "calcom",
	.authorize = authorize,
	.exchange_request = exchange_request,
	.exchange_reply = exchange_reply,
	.userinfo_request = oauth_userinfo_request,
	.refresh_request = refresh_request,
	.refresh_reply = refresh_reply,
};
