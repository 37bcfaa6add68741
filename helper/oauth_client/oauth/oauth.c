/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What OAuth 2.0 replies and requests have in common: see oauth.h. Pure. It must never take a
 * token from a reply that also says no, nor from a status that is not a success.
 */
#include "oauth.h"

#include <string.h>

#include "request.h"

struct error_row {
	const char *error;
	enum verdict verdict;
	enum reason reason;
};

/*
 * RFC 8628 3.5, RFC 6749 5.2, OpenID Connect Core 3.1.2.6 (which some say of somebody who has approved, and whom
 * another rule keeps out), and what Auth0, Entra, GitHub, Google and Twitch say instead.
 */
static const struct error_row errors[] = {
	{ "authorization_pending", VERDICT_AUTHORIZATION_PENDING, REASON_AUTHORIZATION_PENDING },
	{ "slow_down", VERDICT_SLOW_DOWN, REASON_SLOW_DOWN },
	{ "access_denied", VERDICT_ACCESS_DENIED, REASON_ACCESS_DENIED },
	{ "authorization_declined", VERDICT_ACCESS_DENIED, REASON_AUTHORIZATION_DECLINED },
	{ "expired_token", VERDICT_EXPIRED_TOKEN, REASON_EXPIRED_TOKEN },
	{ "code_expired", VERDICT_EXPIRED_TOKEN, REASON_CODE_EXPIRED },
	{ "token_expired", VERDICT_EXPIRED_TOKEN, REASON_TOKEN_EXPIRED },
	{ "invalid_grant", VERDICT_CODE_CONSUMED, REASON_INVALID_GRANT },
	{ "bad_verification_code", VERDICT_CODE_CONSUMED, REASON_BAD_VERIFICATION_CODE },
	{ "incorrect_device_code", VERDICT_CODE_CONSUMED, REASON_INCORRECT_DEVICE_CODE },
	{ "invalid device code", VERDICT_CODE_CONSUMED, REASON_INVALID_DEVICE_CODE },
	{ "Invalid refresh token", VERDICT_CODE_CONSUMED, REASON_INVALID_GRANT },
	{ "bad_refresh_token", VERDICT_CODE_CONSUMED, REASON_INVALID_GRANT },
	{ "interaction_required", VERDICT_NOT_HONOURED, REASON_INTERACTION_REQUIRED },
	{ "consent_required", VERDICT_NOT_HONOURED, REASON_CONSENT_REQUIRED },
	{ "login_required", VERDICT_NOT_HONOURED, REASON_LOGIN_REQUIRED },
	{ "mfa_required", VERDICT_NOT_HONOURED, REASON_MFA_REQUIRED },
	{ "account_disabled", VERDICT_NOT_HONOURED, REASON_ACCOUNT_DISABLED },
	{ "invalid_client", VERDICT_CLIENT_REFUSED, REASON_INVALID_CLIENT },
	{ "incorrect_client_credentials", VERDICT_CLIENT_REFUSED,
	  REASON_INCORRECT_CLIENT_CREDENTIALS },
	{ "unauthorized_client", VERDICT_CLIENT_REFUSED, REASON_UNAUTHORIZED_CLIENT },
	{ "unsupported_grant_type", VERDICT_CLIENT_REFUSED, REASON_UNSUPPORTED_GRANT_TYPE },
	{ "invalid_scope", VERDICT_CLIENT_REFUSED, REASON_INVALID_SCOPE },
	{ "invalid_request", VERDICT_CLIENT_REFUSED, REASON_INVALID_REQUEST },
	{ "device_flow_disabled", VERDICT_CLIENT_REFUSED, REASON_DEVICE_FLOW_DISABLED },
	{ "server_error", VERDICT_UNREACHABLE, REASON_SERVER_ERROR },
	{ "temporarily_unavailable", VERDICT_UNREACHABLE, REASON_TEMPORARILY_UNAVAILABLE },
	{ "rate_limit_exceeded", VERDICT_UNREACHABLE, REASON_RATE_LIMIT_EXCEEDED },
	{ "rate_limited", VERDICT_UNREACHABLE, REASON_RATE_LIMIT_EXCEEDED },
	{ "quota_exceeded", VERDICT_UNREACHABLE, REASON_QUOTA_EXCEEDED },
	{ "quotaExceeded", VERDICT_UNREACHABLE, REASON_QUOTA_EXCEEDED },
	{ "RESOURCE_EXHAUSTED", VERDICT_UNREACHABLE, REASON_QUOTA_EXCEEDED },
	{ "too_many_requests", VERDICT_UNREACHABLE, REASON_TOO_MANY_REQUESTS },
};

static enum verdict because(enum verdict verdict, enum reason why, enum reason *reason)
{
	*reason = why;
	return verdict;
}

static const struct error_row *error_find(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (strlen(errors[i].error) == len && memcmp(errors[i].error, text, len) == 0)
			return &errors[i];
	return NULL;
}

/* GitHub sends forms to whom does not ask for JSON, and some proxies drop Accept. */
static const struct error_row *form_error(const struct reply *reply)
{
	const char *at = reply->body;

	if (strncasecmp(reply->content_type, "application/x-www-form-urlencoded", 33) != 0)
		return NULL;
	while (*at) {
		size_t len = strcspn(at, "&");

		if (len > 6 && strncmp(at, "error=", 6) == 0)
			return error_find(at + 6, len - 6);
		at += len + (at[len] == '&');
	}
	return NULL;
}

static const char *body_start(const struct reply *reply)
{
	return reply->body + strspn(reply->body, " \t\r\n\xef\xbb\xbf");
}

bool oauth_type_is(const struct reply *reply, const char *type)
{
	size_t len = strlen(type);

	return strncasecmp(reply->content_type, type, len) == 0 &&
	       strchr("; \t", reply->content_type[len]);
}

/* Some providers call their JSON text/html or text/plain: then it is the first letter that counts. */
bool oauth_for_people(const struct reply *reply)
{
	const char *at = body_start(reply);

	if (*at == '<')
		return true;
	return *at != '\0' && *at != '{' && *at != '[' &&
	       (oauth_type_is(reply, "text/html") || oauth_type_is(reply, "text/plain"));
}

/*
 * A page in place of an answer is of something that stands before the provider: no endpoint that is asked
 * here shows one with a success (a captive portal's 200, a challenge's 202), and neither OAuth nor an API
 * refuses with one. What it guards may be there at the next try. Of 401 words alone may be the provider's, for
 * a client that it does not know; a 403 of words ("error code: 1020"), or an empty one that calls itself
 * HTML, is a firewall's. Another 4xx may be that of an address that is wrong.
 */
bool oauth_page(const struct reply *reply)
{
	const char *at = body_start(reply);

	if (reply->status / 100 == 2)
		return *at == '<';
	if (reply->status != 401 && reply->status != 403)
		return false;
	if (*at == '\0')
		return oauth_type_is(reply, "text/html");
	return oauth_for_people(reply) &&
	       (*at == '<' || reply->status == 403 || oauth_type_is(reply, "text/html"));
}

bool oauth_transient(const struct reply *reply)
{
	return reply->status >= 500 || reply->status == 429 || reply->status == 408 ||
	       oauth_page(reply);
}

enum verdict oauth_status(const struct reply *reply, enum reason *reason)
{
	*reason = REASON_UNEXPECTED_REPLY;
	if (oauth_page(reply))
		*reason = REASON_PAGE_IN_BETWEEN;
	else if (oauth_transient(reply))
		*reason = REASON_HTTP_STATUS;
	return oauth_transient(reply) ? VERDICT_UNREACHABLE : VERDICT_INVALID_RESPONSE;
}

/* One that is null or empty says nothing. */
bool oauth_no_error(const struct json *body)
{
	const struct json *error = json_given(body, "error");
	const char *text = json_text(error);

	return !error || (text && text[0] == '\0');
}

/*
 * Google's quotas have it in error_code, or an object's status. Twitch and what NestJS is below have the status'
 * name in `error` ("Bad Request") and the word in `message`, which counts as far as it is known: else it is a
 * sentence for people.
 */
static const char *error_text(const struct json *body)
{
	const char *error = json_string(body, "error"), *code = json_string(body, "error_code");
	const char *const texts[] = { error, json_text(json_at(body, "error.status")), code,
				      json_string(body, "message") };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i] && error_find(texts[i], strlen(texts[i])))
			return texts[i];
	if (!oauth_no_error(body))
		return error;
	return code && code[0] != '\0' ? code : NULL;
}

/*
 * What a reply says that is no success. BODY may be NULL. true: *VERDICT is set. false: it is a
 * 200 whose JSON object names no error.
 */
bool oauth_refusal(const struct reply *reply, const struct json *body, enum verdict *verdict,
		   enum reason *reason)
{
	const char *text = error_text(body);
	const struct error_row *row = text ? error_find(text, strlen(text)) : form_error(reply);

	if (row && json_given(body, "access_token")) {
		*reason = REASON_TOKEN_IN_AN_ERROR;
		*verdict = VERDICT_INVALID_RESPONSE;
		return true;
	}
	if (row) {
		*reason = row->reason;
		*verdict = row->verdict;
		return true;
	}
	if (reply->status == 200 && !text && oauth_no_error(body) && json_type(body) == JSON_OBJECT)
		return false;
	*verdict = oauth_status(reply, reason);
	if (text && *verdict == VERDICT_INVALID_RESPONSE)
		*reason = REASON_UNKNOWN_ERROR;
	return true;
}

bool oauth_unreached(const struct reply *reply, enum verdict *verdict, enum reason *reason)
{
	*verdict = VERDICT_UNREACHABLE;
	*reason = reply->trouble;
	return !reply->arrived;
}

bool oauth_printable(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

bool oauth_copy(const char *text, char *out, size_t out_len)
{
	if (!text || text[0] == '\0' || strlen(text) >= out_len)
		return false;
	strcpy(out, text);
	return true;
}

int64_t oauth_seconds(const struct json *value, int64_t standard, int64_t most, bool round_up)
{
	int64_t number;
	double real;

	if (!json_integer(value, true, &number)) {
		if (!json_number(value, &real))
			return standard;
		if (real >= (double)most)
			return most;
		if (real <= (double)-most)
			return standard;
		number = (int64_t)real + (round_up && real > 0 && (double)(int64_t)real != real);
	}
	if (number <= 0)
		return standard;
	return number < most ? number : most;
}

bool oauth_authorization_texts(const char *user_code, const char *uri,
			       struct authorization *authorization, enum reason *reason)
{
	*reason = REASON_AUTHORIZATION_INCOMPLETE;
	if (!user_code || user_code[0] == '\0' || !uri || uri[0] == '\0')
		return false;
	*reason = REASON_AUTHORIZATION_CODE_UNFIT;
	if (!oauth_copy(user_code, authorization->user_code, sizeof(authorization->user_code)))
		return false;
	*reason = REASON_AUTHORIZATION_URI_TOO_LONG;
	if (!oauth_copy(uri, authorization->uri, sizeof(authorization->uri)))
		return false;
	*reason = REASON_AUTHORIZATION_INCOMPLETE;
	return true;
}

void oauth_authorization_times(const struct json *body, struct authorization *authorization)
{
	authorization->expires_in = oauth_seconds(json_member(body, "expires_in"), EXPIRES_STANDARD,
						  EXPIRES_MAX, false);
	authorization->interval =
		oauth_seconds(json_member(body, "interval"), INTERVAL_STANDARD, INTERVAL_MAX, true);
}

enum verdict oauth_authorization_reply(const struct reply *reply,
				       struct authorization *authorization,
				       enum verdict (*read)(const struct json *body,
							    struct authorization *authorization,
							    enum reason *reason),
				       enum reason *reason)
{
	enum verdict verdict = VERDICT_INVALID_RESPONSE;
	enum reason status_reason;
	struct json *body;

	if (oauth_unreached(reply, &verdict, reason))
		return verdict;
	body = json_parse(reply->body, reply->len, NULL);
	if (!oauth_refusal(reply, body, &verdict, reason))
		verdict = read(body, authorization, reason);
	else if (verdict == VERDICT_SLOW_DOWN) /* there is no code that is asked for too often */
		verdict = because(VERDICT_UNREACHABLE, REASON_TOO_MANY_REQUESTS, reason);
	else if (verdict != VERDICT_CLIENT_REFUSED && verdict != VERDICT_UNREACHABLE)
		verdict = oauth_status(reply, &status_reason); /* nothing is pending */
	json_destroy(body);
	return verdict;
}

/* ---- tokens ---- */

/* RFC 6749 A.12 and A.17. A blank would break header and token_blob, and nobody sends one. */
bool oauth_token_ok(const char *token)
{
	const char *at = token;

	while (at && *at >= 0x21 && *at <= 0x7e)
		at++;
	return at && at > token && *at == '\0';
}

/*
 * The token TEXT. What is too long is no fault of anybody's settings: it comes with all the groups that
 * one person is in.
 */
static enum verdict token_take(const char *text, char *out, size_t out_len, enum reason *reason)
{
	if (!oauth_token_ok(text))
		return because(VERDICT_INVALID_RESPONSE, REASON_TOKEN_REFUSED, reason);
	if (!oauth_copy(text, out, out_len))
		return because(VERDICT_IDENTITY_UNVERIFIED, REASON_TOKEN_TOO_LONG, reason);
	return VERDICT_GRANTED;
}

/* An optional member: absent or empty is "", anything else but a usable string is invalid. */
static enum verdict token_optional(const struct json *body, const char *name, char *out,
				   size_t out_len, enum reason *reason)
{
	const struct json *member = json_given(body, name);

	out[0] = '\0';
	if (!member || (json_text(member) && json_text(member)[0] == '\0'))
		return VERDICT_GRANTED;
	return token_take(json_text(member), out, out_len, reason);
}

enum verdict oauth_tokens(const struct json *body, struct tokens *tokens, enum reason *reason)
{
	const struct json *type = json_given(body, "token_type");
	enum verdict verdict = token_take(json_string(body, "access_token"), tokens->access,
					  sizeof(tokens->access), reason);

	/* RFC 6749 5.1 requires the type, some leave it out; any other is to be shown in another way. */
	if (verdict == VERDICT_GRANTED && type &&
	    (!json_text(type) || strcasecmp(json_text(type), "bearer") != 0))
		return because(VERDICT_INVALID_RESPONSE, REASON_TOKEN_TYPE_REFUSED, reason);
	if (verdict == VERDICT_GRANTED)
		verdict = token_optional(body, "id_token", tokens->id, sizeof(tokens->id), reason);
	if (verdict == VERDICT_GRANTED)
		verdict = token_optional(body, "refresh_token", tokens->refresh,
					 sizeof(tokens->refresh), reason);
	if (verdict != VERDICT_GRANTED)
		return verdict;
	tokens->expires_in = oauth_seconds(json_member(body, "expires_in"), 0, INT32_MAX, false);
	tokens->expires_at = 0;
	*reason = REASON_OK;
	return VERDICT_GRANTED;
}

enum verdict oauth_token_reply(const struct reply *reply, struct tokens *tokens,
			       enum reason *reason)
{
	enum verdict verdict = VERDICT_INVALID_RESPONSE;
	struct json *body;

	if (oauth_unreached(reply, &verdict, reason))
		return verdict;
	body = json_parse(reply->body, reply->len, NULL);
	if (!oauth_refusal(reply, body, &verdict, reason))
		verdict = oauth_tokens(body, tokens, reason);
	json_destroy(body);
	return verdict;
}

/* What only a pending device code can be is an invalid response for anything else. */
static enum verdict without_pending(enum verdict verdict, enum verdict invalid_grant)
{
	switch (verdict) {
	case VERDICT_CODE_CONSUMED:
		return invalid_grant;
	case VERDICT_AUTHORIZATION_PENDING:
	case VERDICT_EXPIRED_TOKEN:
		return VERDICT_INVALID_RESPONSE;
	case VERDICT_SLOW_DOWN:
		return VERDICT_UNREACHABLE;
	default:
		return verdict;
	}
}

enum verdict oauth_exchange_reply(const struct reply *reply, struct tokens *tokens,
				  enum reason *reason)
{
	return without_pending(oauth_token_reply(reply, tokens, reason), VERDICT_WRONG_CODE);
}

enum verdict oauth_refresh_reply(const struct reply *reply, struct tokens *tokens,
				 enum reason *reason)
{
	return without_pending(oauth_token_reply(reply, tokens, reason), VERDICT_ACCESS_DENIED);
}

enum verdict oauth_revoke_reply(const struct reply *reply, enum reason *reason)
{
	enum verdict verdict = VERDICT_INVALID_RESPONSE;
	struct json *body;

	if (oauth_unreached(reply, &verdict, reason))
		return verdict;
	body = json_parse(reply->body, reply->len, NULL);
	*reason = REASON_OK;
	if (reply->status == 200 && oauth_no_error(body))
		verdict = VERDICT_GRANTED; /* whatever the body: RFC 7009 2.2 */
	else if (!oauth_refusal(reply, body, &verdict, reason))
		verdict = VERDICT_INVALID_RESPONSE;
	if (verdict == VERDICT_INVALID_RESPONSE && (reply->status == 401 || reply->status == 403)) {
		*reason = REASON_REVOCATION_REFUSED;
		verdict = VERDICT_CLIENT_REFUSED;
	}
	json_destroy(body);
	return verdict;
}

/* ---- the standard's requests ---- */

void oauth_userinfo_request(const struct wire_message *settings, const struct endpoints *endpoints,
			    const char *access_token, struct request *request)
{
	(void)settings;
	request_get(request, endpoints->userinfo);
	request_bearer(request, access_token);
}

void oauth_authorize_start(const struct wire_message *settings, const struct endpoints *endpoints,
			   struct request *address)
{
	request_get(address, endpoints->authorization);
	request_query(address, "response_type", "code");
	request_query(address, "client_id", wire_value(settings, "client_id"));
	request_query(address, "redirect_uri", wire_value(settings, "redirect_uri"));
}

void oauth_authorize(const struct wire_message *settings, const struct endpoints *endpoints,
		     const struct proof *proof, struct request *address)
{
	oauth_authorize_start(settings, endpoints, address);
	request_query(address, "scope", wire_value(settings, "scope"));
	request_query(address, "state", proof->state);
	request_query(address, "nonce", proof->nonce);
	request_query(address, "code_challenge", proof->challenge);
	request_query(address, "code_challenge_method", "S256");
	request_query(address, "acr_values", wire_value(settings, "acr_values"));
	request_query(address, "max_age", wire_value(settings, "max_age"));
	request_queries(address, wire_value(settings, "extra_params"));
}

void oauth_exchange_request(const struct wire_message *settings, const struct endpoints *endpoints,
			    const struct proof *proof, const char *code, struct request *request)
{
	request_form(request, endpoints->token);
	request_field(request, "grant_type", "authorization_code");
	request_field(request, "code", code);
	request_field(request, "redirect_uri", wire_value(settings, "redirect_uri"));
	request_field(request, "code_verifier", proof->verifier);
	request_client(request, settings);
}

void oauth_refresh_request(const struct wire_message *settings, const struct endpoints *endpoints,
			   const char *refresh_token, struct request *request)
{
	request_form(request, endpoints->token);
	request_field(request, "grant_type", "refresh_token");
	request_field(request, "refresh_token", refresh_token);
	request_client(request, settings);
}

void oauth_revoke_request(const struct wire_message *settings, const struct endpoints *endpoints,
			  const char *token, bool is_refresh_token, struct request *request)
{
	request_form(request, endpoints->revocation);
	request_field(request, "token", token);
	request_field(request, "token_type_hint",
		      is_refresh_token ? "refresh_token" : "access_token");
	request_client(request, settings);
}
