/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The standard dialect: RFC 8628 with errors in the body, and the known quirks of large providers.
 *
 * `error` decides, not the status: GitHub answers errors with 200. It must never take a token from
 * a reply that also says no, nor from a status that is not a success.
 */
#include <stdio.h>
#include <string.h>

#include "../dialect.h"
#include "../json.h"
#include "../request.h"

#define GRANT_TYPE "urn:ietf:params:oauth:grant-type:device_code"

static void invite_request(const struct wire_message *settings, const struct endpoints *doors,
			   struct request *request)
{
	request_form(request, doors->device_authorization);
	request_client(request, settings);
	request_field(request, "scope", wire_value(settings, "scope"));
	request_fields(request, wire_value(settings, "extra_params"));
}

static void redeem_request(const struct wire_message *settings, const struct endpoints *doors,
			   const struct invite *invite, struct request *request)
{
	request_form(request, doors->token);
	request_field(request, "grant_type", GRANT_TYPE);
	request_field(request, "device_code", invite->device_code);
	request_client(request, settings);
}

/* ---- errors ---- */

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

	if (strncmp(reply->content_type, "application/x-www-form-urlencoded", 33) != 0)
		return NULL;
	while (*at) {
		size_t len = strcspn(at, "&");

		if (len > 6 && strncmp(at, "error=", 6) == 0)
			return error_find(at + 6, len - 6);
		at += len + (at[len] == '&');
	}
	return NULL;
}

static enum verdict status_verdict(long status, const char **reason)
{
	if (status >= 500 || status == 429 || status == 408) {
		*reason = "http_status";
		return VERDICT_UNREACHABLE;
	}
	return VERDICT_NONSENSE;
}

/*
 * What a reply says that is no success. BODY may be NULL. true: *VERDICT is set. false: it is a
 * 200 whose JSON object names no error.
 */
static bool refusal(const struct reply *reply, const struct json *body, enum verdict *verdict,
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
	*reason = text ? "unknown_error" : "no_such_reply";
	*verdict = status_verdict(reply->status, reason);
	return true;
}

static bool unreached(const struct reply *reply, enum verdict *verdict, const char **reason)
{
	*verdict = VERDICT_UNREACHABLE;
	*reason = reply->trouble;
	return !reply->arrived;
}

/* ---- the invitation ---- */

static bool string_copy(const char *text, char *out, size_t out_len)
{
	if (!text || text[0] == '\0' || strlen(text) >= out_len)
		return false;
	strcpy(out, text);
	return true;
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text < 0x21 || *text > 0x7e)
			return false;
	return true;
}

/* Google says verification_url. */
static const char *uri_member(const struct json *body, const char *uri, const char *url)
{
	const char *text = json_string(body, uri);

	return text ? text : json_string(body, url);
}

/* A number of seconds, clamped; STANDARD where there is none or it makes no sense. */
static int64_t seconds_read(const struct json *value, int64_t standard, int64_t most)
{
	int64_t number;

	if (!json_integer(value, true, &number) || number <= 0)
		return standard;
	return number < most ? number : most;
}

static enum verdict invite_read(const struct json *body, struct invite *invite, const char **reason)
{
	*reason = "invite_incomplete";
	if (!string_copy(json_string(body, "device_code"), invite->device_code,
			 sizeof(invite->device_code)) ||
	    !string_copy(json_string(body, "user_code"), invite->user_code,
			 sizeof(invite->user_code)) ||
	    !string_copy(uri_member(body, "verification_uri", "verification_url"), invite->uri,
			 sizeof(invite->uri)))
		return VERDICT_NONSENSE;
	if (!printable(invite->device_code))
		return VERDICT_NONSENSE;
	invite->uri_complete[0] = '\0';
	string_copy(uri_member(body, "verification_uri_complete", "verification_url_complete"),
		    invite->uri_complete, sizeof(invite->uri_complete));
	invite->expires_in =
		seconds_read(json_member(body, "expires_in"), EXPIRES_STANDARD, EXPIRES_MAX);
	invite->interval =
		seconds_read(json_member(body, "interval"), INTERVAL_STANDARD, INTERVAL_MAX);
	*reason = "ok";
	return VERDICT_GRANTED;
}

static enum verdict invite_reply(const struct reply *reply, struct invite *invite,
				 const char **reason)
{
	enum verdict verdict = VERDICT_NONSENSE;
	struct json *body;

	if (unreached(reply, &verdict, reason))
		return verdict;
	body = json_parse(reply->body, reply->len, NULL);
	if (!refusal(reply, body, &verdict, reason))
		verdict = invite_read(body, invite, reason);
	else if (verdict != VERDICT_CLIENT_REFUSED && verdict != VERDICT_UNREACHABLE)
		verdict = VERDICT_NONSENSE; /* nothing is pending yet */
	json_destroy(body);
	return verdict;
}

/* ---- the token ---- */

/* b64token of RFC 6750 2.1: what may stand behind "Bearer ", and so nothing that ends a header. */
static bool token_ok(const char *token)
{
	size_t len = token ? strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					   "0123456789-._~+/")
			   : 0;

	return len > 0 && token[len + strspn(token + len, "=")] == '\0';
}

static bool is_bearer(const char *type)
{
	return type && strcasecmp(type, "bearer") == 0;
}

static enum verdict tokens_read(const struct json *body, struct tokens *tokens, const char **reason)
{
	const char *access = json_string(body, "access_token");
	const struct json *id = json_member(body, "id_token");

	*reason = "token_refused";
	if (!token_ok(access) || !is_bearer(json_string(body, "token_type")) ||
	    !string_copy(access, tokens->access, sizeof(tokens->access)))
		return VERDICT_NONSENSE;
	tokens->id[0] = '\0';
	if (json_type(id) != JSON_ABSENT &&
	    !string_copy(json_text(id), tokens->id, sizeof(tokens->id)))
		return VERDICT_NONSENSE;
	*reason = "ok";
	return VERDICT_GRANTED;
}

static enum verdict redeem_reply(const struct reply *reply, struct tokens *tokens,
				 const char **reason)
{
	enum verdict verdict = VERDICT_NONSENSE;
	struct json *body;

	if (unreached(reply, &verdict, reason))
		return verdict;
	body = json_parse(reply->body, reply->len, NULL);
	if (!refusal(reply, body, &verdict, reason))
		verdict = tokens_read(body, tokens, reason);
	json_destroy(body);
	return verdict;
}

const struct dialect dialect_rfc8628 = {
	.name = "rfc8628",
	.invite_request = invite_request,
	.invite_reply = invite_reply,
	.redeem_request = redeem_request,
	.redeem_reply = redeem_reply,
};
