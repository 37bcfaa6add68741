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
};

/* RFC 8628 3.5, RFC 6749 5.2, and what Entra and GitHub say instead. */
static const struct error_row errors[] = {
	{ "authorization_pending", VERDICT_PENDING },
	{ "slow_down", VERDICT_SLOW_DOWN },
	{ "access_denied", VERDICT_DENIED },
	{ "authorization_declined", VERDICT_DENIED },
	{ "expired_token", VERDICT_EXPIRED },
	{ "code_expired", VERDICT_EXPIRED },
	{ "token_expired", VERDICT_EXPIRED },
	{ "invalid_grant", VERDICT_START_AGAIN },
	{ "bad_verification_code", VERDICT_START_AGAIN },
	{ "incorrect_device_code", VERDICT_START_AGAIN },
	{ "invalid_client", VERDICT_CLIENT_REFUSED },
	{ "incorrect_client_credentials", VERDICT_CLIENT_REFUSED },
	{ "unauthorized_client", VERDICT_CLIENT_REFUSED },
	{ "unsupported_grant_type", VERDICT_CLIENT_REFUSED },
	{ "invalid_scope", VERDICT_CLIENT_REFUSED },
	{ "invalid_request", VERDICT_CLIENT_REFUSED },
	{ "device_flow_disabled", VERDICT_CLIENT_REFUSED },
	{ "server_error", VERDICT_UNREACHABLE },
	{ "temporarily_unavailable", VERDICT_UNREACHABLE },
};

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

bool oauth_transient(long status)
{
	return status >= 500 || status == 429 || status == 408;
}

enum verdict oauth_status(long status, const char **reason)
{
	if (oauth_transient(status)) {
		*reason = "http_status";
		return VERDICT_UNREACHABLE;
	}
	*reason = "no_such_reply";
	return VERDICT_NONSENSE;
}

/*
 * What a reply says that is no success. BODY may be NULL. true: *VERDICT is set. false: it is a
 * 200 whose JSON object names no error.
 */
bool oauth_refusal(const struct reply *reply, const struct json *body, enum verdict *verdict,
		   const char **reason)
{
	const struct json *error = json_member(body, "error");
	const char *text = json_text(error);
	const struct error_row *row = text ? error_find(text, strlen(text)) : form_error(reply);

	if (row && json_type(json_member(body, "access_token")) != JSON_ABSENT) {
		*reason = "token_in_an_error";
		*verdict = VERDICT_NONSENSE;
		return true;
	}
	if (row) {
		*reason = row->error;
		*verdict = row->verdict;
		return true;
	}
	if (reply->status == 200 && json_type(error) == JSON_ABSENT &&
	    json_type(body) == JSON_OBJECT)
		return false;
	*verdict = oauth_status(reply->status, reason);
	if (text && *verdict == VERDICT_NONSENSE)
		*reason = "unknown_error";
	return true;
}

bool oauth_unreached(const struct reply *reply, enum verdict *verdict, const char **reason)
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

void oauth_invite_times(const struct json *body, struct invite *invite)
{
	invite->expires_in = oauth_seconds(json_member(body, "expires_in"), EXPIRES_STANDARD,
					   EXPIRES_MAX, false);
	invite->interval =
		oauth_seconds(json_member(body, "interval"), INTERVAL_STANDARD, INTERVAL_MAX, true);
}

enum verdict oauth_invite_reply(const struct reply *reply, struct invite *invite,
				enum verdict (*read)(const struct json *body, struct invite *invite,
						     const char **reason),
				const char **reason)
{
	enum verdict verdict = VERDICT_NONSENSE;
	const char *status_reason;
	struct json *body;

	if (oauth_unreached(reply, &verdict, reason))
		return verdict;
	body = json_parse(reply->body, reply->len, NULL);
	if (!oauth_refusal(reply, body, &verdict, reason))
		verdict = read(body, invite, reason);
	else if (verdict != VERDICT_CLIENT_REFUSED && verdict != VERDICT_UNREACHABLE)
		verdict = oauth_status(reply->status, &status_reason); /* nothing is pending */
	json_destroy(body);
	return verdict;
}

/* ---- tokens ---- */

bool oauth_token_ok(const char *token)
{
	size_t len = token ? strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					   "0123456789-._~+/")
			   : 0;

	return len > 0 && token[len + strspn(token + len, "=")] == '\0';
}

/* RFC 6749 A.17: visible ASCII. A space would break the keepsake, and nobody sends one. */
static bool visible(const char *text)
{
	for (; *text; text++)
		if (*text < 0x21 || *text > 0x7e)
			return false;
	return true;
}

/* An optional member: absent is "", anything but a usable string is nonsense. */
static bool optional_copy(const struct json *body, const char *name, char *out, size_t out_len)
{
	const struct json *member = json_member(body, name);

	out[0] = '\0';
	if (json_type(member) == JSON_ABSENT || json_type(member) == JSON_NULL)
		return true;
	return oauth_copy(json_text(member), out, out_len) && visible(out);
}

enum verdict oauth_tokens(const struct json *body, struct tokens *tokens, const char **reason)
{
	const char *access = json_string(body, "access_token");
	const char *type = json_string(body, "token_type");

	*reason = "token_refused";
	if (!oauth_token_ok(access) || !type || strcasecmp(type, "bearer") != 0 ||
	    !oauth_copy(access, tokens->access, sizeof(tokens->access)))
		return VERDICT_NONSENSE;
	if (!optional_copy(body, "id_token", tokens->id, sizeof(tokens->id)) ||
	    !optional_copy(body, "refresh_token", tokens->refresh, sizeof(tokens->refresh)))
		return VERDICT_NONSENSE;
	tokens->expires_in = oauth_seconds(json_member(body, "expires_in"), 0, INT32_MAX, false);
	tokens->expires_at = 0;
	*reason = "ok";
	return VERDICT_GRANTED;
}

enum verdict oauth_token_reply(const struct reply *reply, struct tokens *tokens,
			       const char **reason)
{
	enum verdict verdict = VERDICT_NONSENSE;
	struct json *body;

	if (oauth_unreached(reply, &verdict, reason))
		return verdict;
	body = json_parse(reply->body, reply->len, NULL);
	if (!oauth_refusal(reply, body, &verdict, reason))
		verdict = oauth_tokens(body, tokens, reason);
	json_destroy(body);
	return verdict;
}

/* What only a pending device code can be is nonsense for anything else. */
static enum verdict without_pending(enum verdict verdict, enum verdict invalid_grant)
{
	switch (verdict) {
	case VERDICT_START_AGAIN:
		return invalid_grant;
	case VERDICT_PENDING:
	case VERDICT_EXPIRED:
		return VERDICT_NONSENSE;
	case VERDICT_SLOW_DOWN:
		return VERDICT_UNREACHABLE;
	default:
		return verdict;
	}
}

enum verdict oauth_exchange_reply(const struct reply *reply, struct tokens *tokens,
				  const char **reason)
{
	return without_pending(oauth_token_reply(reply, tokens, reason), VERDICT_WRONG_CODE);
}

enum verdict oauth_refresh_reply(const struct reply *reply, struct tokens *tokens,
				 const char **reason)
{
	return without_pending(oauth_token_reply(reply, tokens, reason), VERDICT_DENIED);
}

enum verdict oauth_revoke_reply(const struct reply *reply, const char **reason)
{
	enum verdict verdict = VERDICT_NONSENSE;
	struct json *body;

	if (oauth_unreached(reply, &verdict, reason))
		return verdict;
	body = json_parse(reply->body, reply->len, NULL);
	*reason = "ok";
	if (reply->status == 200 && json_type(json_member(body, "error")) == JSON_ABSENT)
		verdict = VERDICT_GRANTED; /* whatever the body: RFC 7009 2.2 */
	else if (!oauth_refusal(reply, body, &verdict, reason))
		verdict = VERDICT_NONSENSE;
	if (verdict == VERDICT_NONSENSE && (reply->status == 401 || reply->status == 403)) {
		*reason = "not_the_owner";
		verdict = VERDICT_CLIENT_REFUSED;
	}
	json_destroy(body);
	return verdict;
}

/* ---- the standard's requests ---- */

void oauth_identity_request(const struct wire_message *settings, const struct endpoints *doors,
			    const char *access_token, struct request *request)
{
	(void)settings;
	request_get(request, doors->userinfo);
	request_bearer(request, access_token);
}

void oauth_authorize_start(const struct wire_message *settings, const struct endpoints *doors,
			   struct request *address)
{
	request_get(address, doors->authorization);
	request_query(address, "response_type", "code");
	request_query(address, "client_id", wire_value(settings, "client_id"));
	request_query(address, "redirect_uri", wire_value(settings, "redirect_uri"));
}

void oauth_authorize(const struct wire_message *settings, const struct endpoints *doors,
		     const struct proof *proof, struct request *address)
{
	oauth_authorize_start(settings, doors, address);
	request_query(address, "scope", wire_value(settings, "scope"));
	request_query(address, "state", proof->state);
	request_query(address, "nonce", proof->nonce);
	request_query(address, "code_challenge", proof->challenge);
	request_query(address, "code_challenge_method", "S256");
	request_query(address, "acr_values", wire_value(settings, "acr_values"));
	request_query(address, "max_age", wire_value(settings, "max_age"));
	request_queries(address, wire_value(settings, "extra_params"));
}

void oauth_exchange_request(const struct wire_message *settings, const struct endpoints *doors,
			    const struct proof *proof, const char *code, struct request *request)
{
	request_form(request, doors->token);
	request_field(request, "grant_type", "authorization_code");
	request_field(request, "code", code);
	request_field(request, "redirect_uri", wire_value(settings, "redirect_uri"));
	request_field(request, "code_verifier", proof->verifier);
	request_client(request, settings);
}

void oauth_refresh_request(const struct wire_message *settings, const struct endpoints *doors,
			   const char *refresh_token, struct request *request)
{
	request_form(request, doors->token);
	request_field(request, "grant_type", "refresh_token");
	request_field(request, "refresh_token", refresh_token);
	request_client(request, settings);
}

void oauth_revoke_request(const struct wire_message *settings, const struct endpoints *doors,
			  const char *token, bool is_refresh_token, struct request *request)
{
	request_form(request, doors->revocation);
	request_field(request, "token", token);
	request_field(request, "token_type_hint",
		      is_refresh_token ? "refresh_token" : "access_token");
	request_client(request, settings);
}
