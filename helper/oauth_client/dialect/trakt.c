/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dialect of Trakt: JSON bodies, headers of its API on every request, and for a pending code
 * the HTTP status is the verdict, whatever the body (which may be empty).
 */
#include <stdio.h>
#include <string.h>

#include "helper/oauth_client/oauth/json.h"
#include "helper/oauth_client/oauth/oauth.h"
#include "helper/oauth_client/oauth/request.h"

/* The API's own headers: trakt-api-key is the client id. */
static void headers_add(const struct wire_message *settings, struct request *request)
{
	const char *id = wire_value(settings, "client_id");

	request_header(request, "trakt-api-version", "2");
	request_header(request, "trakt-api-key", id ? id : "");
}

static void start(const struct wire_message *settings, const char *url, struct request *request)
{
	request_json(request, url);
	headers_add(settings, request);
	request_member(request, "client_id", wire_value(settings, "client_id"));
}

static void start_with_secret(const struct wire_message *settings, const char *url,
			      struct request *request)
{
	start(settings, url, request);
	request_member(request, "client_secret", wire_value(settings, "client_secret"));
}

/* ---- flow = device_code ---- */

static void authorization_request(const struct wire_message *settings,
				  const struct endpoints *endpoints, struct request *request)
{
	start(settings, endpoints->device_authorization, request);
}

/* The page opens with the code filled in under its address: that is the complete one. */
static void complete(struct authorization *authorization)
{
	size_t plain = strspn(authorization->user_code,
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
			      "wxyz0123456789-_");
	int len = snprintf(authorization->uri_complete, sizeof(authorization->uri_complete),
			   "%s/%s", authorization->uri, authorization->user_code);

	if (len < 0 || (size_t)len >= sizeof(authorization->uri_complete) ||
	    authorization->user_code[plain])
		authorization->uri_complete[0] = '\0';
}

static enum verdict authorization_read(const struct json *body, struct authorization *authorization,
				       enum reason *reason)
{
	if (!oauth_authorization_texts(json_string(body, "user_code"),
				       json_string(body, "verification_url"), authorization,
				       reason))
		return VERDICT_INVALID_RESPONSE;
	if (!oauth_copy(json_string(body, "device_code"), authorization->device_code,
			sizeof(authorization->device_code)) ||
	    !oauth_printable(authorization->device_code))
		return VERDICT_INVALID_RESPONSE;
	complete(authorization);
	oauth_authorization_times(body, authorization);
	*reason = REASON_OK;
	return VERDICT_GRANTED;
}

/* 401 and 403 of any request: the API key is unknown, or the application is not approved. */
static bool key_refused(const struct reply *reply, enum verdict *verdict, enum reason *reason)
{
	if ((reply->status != 401 && reply->status != 403) || oauth_page(reply))
		return false;
	*reason = REASON_API_KEY_REFUSED;
	*verdict = VERDICT_CLIENT_REFUSED;
	return true;
}

static enum verdict authorization_reply(const struct reply *reply,
					struct authorization *authorization, enum reason *reason)
{
	enum verdict verdict = VERDICT_INVALID_RESPONSE;

	if (reply->arrived && key_refused(reply, &verdict, reason))
		return verdict;
	return oauth_authorization_reply(reply, authorization, authorization_read, reason);
}

static void token_request(const struct wire_message *settings, const struct endpoints *endpoints,
			  const struct authorization *authorization, struct request *request)
{
	start_with_secret(settings, endpoints->token, request);
	request_member(request, "code", authorization->device_code);
}

static const struct {
	long status;
	enum verdict verdict;
	enum reason reason;
} poll_statuses[] = {
	{ 400, VERDICT_AUTHORIZATION_PENDING, REASON_PENDING },
	{ 404, VERDICT_CODE_CONSUMED, REASON_INVALID_DEVICE_CODE },
	{ 409, VERDICT_CODE_CONSUMED, REASON_CODE_ALREADY_USED },
	{ 423, VERDICT_NOT_HONOURED, REASON_ACCOUNT_LOCKED_THERE },
	{ 410, VERDICT_EXPIRED_TOKEN, REASON_CODE_EXPIRED },
	{ 418, VERDICT_ACCESS_DENIED, REASON_DENIED },
	{ 429, VERDICT_SLOW_DOWN, REASON_SLOW_DOWN },
};

static bool body_has_token(const struct reply *reply)
{
	struct json *body = json_parse(reply->body, reply->len, NULL);
	bool has = json_type(json_member(body, "access_token")) != JSON_ABSENT;

	json_destroy(body);
	return has;
}

/*
 * What a status of a poll says. A page has it from something that is not Trakt, and ends no login by it: that
 * nobody has approved yet, or that it was asked too often, does no harm.
 */
static bool poll_status(const struct reply *reply, enum verdict *verdict, enum reason *reason)
{
	for (size_t i = 0; i < sizeof(poll_statuses) / sizeof(*poll_statuses); i++) {
		if (poll_statuses[i].status != reply->status)
			continue;
		*reason = poll_statuses[i].reason;
		*verdict = poll_statuses[i].verdict;
		return *verdict == VERDICT_AUTHORIZATION_PENDING || *verdict == VERDICT_SLOW_DOWN ||
		       !oauth_for_people(reply);
	}
	return false;
}

static enum verdict token_reply(const struct reply *reply, struct tokens *tokens,
				enum reason *reason)
{
	enum verdict verdict = VERDICT_INVALID_RESPONSE;

	if (oauth_unreached(reply, &verdict, reason) || key_refused(reply, &verdict, reason))
		return verdict;
	if (reply->status == 200)
		return oauth_token_reply(reply, tokens, reason);
	*reason = REASON_TOKEN_IN_AN_ERROR;
	if (body_has_token(reply))
		return VERDICT_INVALID_RESPONSE;
	return poll_status(reply, &verdict, reason) ? verdict : oauth_status(reply, reason);
}

/* ---- flow = authorization_code: the page is on the web site's host, not on the API's ---- */

static void authorize(const struct wire_message *settings, const struct endpoints *endpoints,
		      const struct proof *proof, struct request *address)
{
	oauth_authorize_start(settings, endpoints, address);
	request_query(address, "state", proof->state);
	request_queries(address, wire_value(settings, "extra_params")); /* signup=true */
}

static void grant_request(const struct wire_message *settings, const struct endpoints *endpoints,
			  const char *grant_type, struct request *request)
{
	start_with_secret(settings, endpoints->refresh[0] ? endpoints->refresh : endpoints->token,
			  request);
	request_member(request, "redirect_uri", wire_value(settings, "redirect_uri"));
	request_member(request, "grant_type", grant_type);
}

static void exchange_request(const struct wire_message *settings, const struct endpoints *endpoints,
			     const struct proof *proof, const char *code, struct request *request)
{
	(void)proof;
	grant_request(settings, endpoints, "authorization_code", request);
	request_member(request, "code", code);
}

static void refresh_request(const struct wire_message *settings, const struct endpoints *endpoints,
			    const char *refresh_token, struct request *request)
{
	grant_request(settings, endpoints, "refresh_token", request);
	request_member(request, "refresh_token", refresh_token);
}

/* 401 says that the code or the refresh token is no good, unless `error` blames the client. */
static enum verdict grant_reply(const struct reply *reply, struct tokens *tokens,
				enum verdict refused, enum reason *reason)
{
	enum verdict verdict = oauth_exchange_reply(reply, tokens, reason);

	if (verdict == VERDICT_WRONG_CODE)
		return refused;
	if (verdict == VERDICT_INVALID_RESPONSE && reply->status == 401 && !body_has_token(reply)) {
		*reason = REASON_GRANT_REFUSED;
		return refused;
	}
	return verdict;
}

static enum verdict exchange_reply(const struct reply *reply, struct tokens *tokens,
				   enum reason *reason)
{
	return grant_reply(reply, tokens, VERDICT_WRONG_CODE, reason);
}

static enum verdict refresh_reply(const struct reply *reply, struct tokens *tokens,
				  enum reason *reason)
{
	return grant_reply(reply, tokens, VERDICT_ACCESS_DENIED, reason);
}

/* ---- the rest ---- */

static void userinfo_request(const struct wire_message *settings, const struct endpoints *endpoints,
			     const char *access_token, struct request *request)
{
	oauth_userinfo_request(settings, endpoints, access_token, request);
	headers_add(settings, request);
	request_header(request, "Content-Type", "application/json"); /* of every request */
}

static void revoke_request(const struct wire_message *settings, const struct endpoints *endpoints,
			   const char *token, bool is_refresh_token, struct request *request)
{
	(void)is_refresh_token;
	start_with_secret(settings, endpoints->revocation, request);
	request_member(request, "token", token);
}

const struct dialect dialect_trakt = {
	.name = "trakt",
	.authorization_request = authorization_request,
	.authorization_reply = authorization_reply,
	.token_request = token_request,
	.token_reply = token_reply,
	.has_state = true,
	.authorize = authorize,
	.exchange_request = exchange_request,
	.exchange_reply = exchange_reply,
	.userinfo_request = userinfo_request,
	.refresh_request = refresh_request,
	.refresh_reply = refresh_reply,
	.revoke_request = revoke_request,
	.revoke_reply = oauth_revoke_reply,
};
