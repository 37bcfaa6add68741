/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The readers and composers of one dialect, DIALECT, to be included by a target of its own. API:
 * struct dialect, struct reply, struct request (helper/oauth_client/dialect/dialect.h), wire_parse.
 *
 * The input is a reply as in tests/dialect, of which the lines step, status, content_type
 * and trouble are read. Oracle: cJSON itself, asked by hand. GRANTED means a reply that arrived
 * with a success, whose body names no `error`, and an access token that is the body's and made of
 * b64token's bytes (RFC 6750 2.1); an authorization within its bounds; anything else has a reason.
 * What is read does not depend on what lay in memory before. A request composed from any code and
 * secret is broken, or has no control character in address and headers, and its body, decoded, has
 * that very code in it.
 */
#ifndef TESTS_FUZZ_DIALECT_CHECK_H
#define TESTS_FUZZ_DIALECT_CHECK_H

#include <cjson/cJSON.h>
#include <ctype.h>
#include <strings.h>

#include "helper/oauth_client/dialect/dialect.h"
#include "fuzz.h"
#include "helper/oauth_client/oauth/json.h"

static struct reply reply;
static struct request request;
static struct wire_message settings;

static const struct endpoints endpoints = {
	.issuer = "https://id.example",
	.device_authorization = "https://id.example/device",
	.authorization = "https://id.example/authorize",
	.token = "https://id.example/token",
	.refresh = "https://id.example/refresh",
	.revocation = "https://id.example/revoke",
	.userinfo = "https://id.example/me",
};

static const struct proof proof = { "state0123456789a", "nonce0123456789a", "verifier",
				    "challenge" };

/* ---- the input ---- */

/* The value of the header line NAME before the empty line, "" if there is none. */
static const char *line_value(const char *head, const char *name)
{
	static char value[256];
	size_t len = strlen(name);

	value[0] = '\0';
	for (; *head; head += strcspn(head, "\n"), head += *head == '\n')
		if (strncmp(head, name, len) == 0 && head[len] == ':') {
			head += len + 1;
			head += *head == ' ';
			snprintf(value, sizeof(value), "%.*s", (int)strcspn(head, "\n"), head);
			break;
		}
	return value;
}

/* Fills the reply; false: the input has no empty line. */
static bool reply_read(struct fuzz *f, const uint8_t *data, size_t size, char *step)
{
	const uint8_t *body = memmem(data, size, "\n\n", 2);
	const char *head = body ? fuzz_copy(f, data, (size_t)(body - data)) : "";
	const char *type;

	if (!body)
		return false;
	memset(&reply, 0, sizeof(reply));
	snprintf(step, 16, "%s", line_value(head, "step"));
	reply.arrived = *line_value(head, "trouble") == '\0';
	reply.trouble = reply.arrived ? REASON_NONE : REASON_TIMEOUT;
	reply.status = *line_value(head, "status") ? atoi(line_value(head, "status")) : 200;
	reply.retry_after = -1;
	type = line_value(head, "content_type");
	snprintf(reply.content_type, sizeof(reply.content_type), "%s",
		 *type ? type : "application/json");
	reply.len = size - (size_t)(body + 2 - data);
	if (reply.len > REPLY_BYTES_MAX)
		return false;
	memcpy(reply.body, body + 2, reply.len);
	return true;
}

/* ---- replies ---- */

static const char *text_of(const cJSON *body, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, name));
}

static bool is_calcom(void)
{
	return &DIALECT == &dialect_calcom;
}

/* No `error`: absent, or one that says nothing. */
static bool no_error(const cJSON *body)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(body, "error");
	const char *text = cJSON_GetStringValue(error);

	return !error || cJSON_IsNull(error) || (text && text[0] == '\0');
}

static void end_check(enum verdict verdict, enum reason reason)
{
	HOLDS(verdict < VERDICT_COUNT);
	HOLDS(is_reason(reason_name(reason)));
	HOLDS(reply.arrived || (verdict == VERDICT_UNREACHABLE && reason == reply.trouble));
}

static void tokens_check(const struct tokens *tokens, const cJSON *body)
{
	const cJSON *data = is_calcom() ? cJSON_GetObjectItemCaseSensitive(body, "data") : body;
	const char *access = text_of(data, is_calcom() ? "accessToken" : "access_token");
	const char *refresh = text_of(data, is_calcom() ? "refreshToken" : "refresh_token");

	HOLDS(cJSON_IsObject(body) && no_error(body));
	HOLDS(reply.status == 200 || (is_calcom() && reply.status == 201));
	if (is_calcom())
		HOLDS(text_of(body, "status") && strcmp(text_of(body, "status"), "success") == 0);
	else
		HOLDS(!cJSON_GetObjectItemCaseSensitive(body, "token_type") ||
		      cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(body, "token_type")) ||
		      (text_of(body, "token_type") &&
		       strcasecmp(text_of(body, "token_type"), "bearer") == 0));
	HOLDS(access && strcmp(tokens->access, access) == 0);
	HOLDS(tokens->access[0] != '\0' && all_within(tokens->access, '!', '~'));
	HOLDS(strcmp(tokens->refresh, refresh ? refresh : "") == 0);
	HOLDS(all_within(tokens->refresh, '!', '~') && all_within(tokens->id, '!', '~'));
	HOLDS(tokens->expires_in >= 0 && tokens->expires_at >= 0);
}

static void token_reply_check(enum verdict (*read)(const struct reply *, struct tokens *,
						   enum reason *))
{
	static struct tokens one, two;
	enum reason reason = REASON_NONE, again = REASON_NONE;
	enum verdict verdict;
	cJSON *body;

	memset(&one, 0xa5, sizeof(one));
	memset(&two, 0x5a, sizeof(two));
	verdict = read(&reply, &one, &reason);
	HOLDS(read(&reply, &two, &again) == verdict && again == reason);
	end_check(verdict, reason);
	if (verdict != VERDICT_GRANTED)
		return;
	HOLDS(strcmp(one.access, two.access) == 0 && strcmp(one.refresh, two.refresh) == 0 &&
	      strcmp(one.id, two.id) == 0 && one.expires_in == two.expires_in &&
	      one.expires_at == two.expires_at);
	body = cJSON_ParseWithLength(reply.body, reply.len);
	tokens_check(&one, body);
	cJSON_Delete(body);
}

static void authorize_reply_check(void)
{
	static struct authorization one, two;
	enum reason reason = REASON_NONE, again = REASON_NONE;
	enum verdict verdict;
	cJSON *body;

	memset(&one, 0xa5, sizeof(one));
	memset(&two, 0x5a, sizeof(two));
	verdict = DIALECT.authorization_reply(&reply, &one, &reason);
	HOLDS(DIALECT.authorization_reply(&reply, &two, &again) == verdict && again == reason);
	end_check(verdict, reason);
	HOLDS(verdict == VERDICT_GRANTED || verdict == VERDICT_CLIENT_REFUSED ||
	      verdict == VERDICT_UNREACHABLE || verdict == VERDICT_INVALID_RESPONSE);
	if (verdict != VERDICT_GRANTED)
		return;
	HOLDS(strcmp(one.uri_complete, two.uri_complete) == 0 && one.interval == two.interval &&
	      one.expires_in == two.expires_in);
	body = cJSON_ParseWithLength(reply.body, reply.len);
	HOLDS(reply.status == 200 && cJSON_IsObject(body) && no_error(body));
	HOLDS(one.device_code[0] && all_within(one.device_code, ' ', '~'));
	HOLDS(strcmp(one.device_code, text_of(body, "device_code")) == 0);
	HOLDS(one.user_code[0] && strcmp(one.user_code, text_of(body, "user_code")) == 0);
	HOLDS(one.uri[0] && strcmp(one.uri, two.uri) == 0);
	HOLDS(one.interval >= 1 && one.interval <= INTERVAL_MAX);
	HOLDS(one.expires_in >= 1 && one.expires_in <= EXPIRES_MAX);
	cJSON_Delete(body);
}

static void revoke_reply_check(void)
{
	enum reason reason = REASON_NONE;
	enum verdict verdict = DIALECT.revoke_reply(&reply, &reason);
	const struct json *error;
	struct json *body;

	end_check(verdict, reason);
	if (verdict != VERDICT_GRANTED)
		return;
	body = json_parse(reply.body, reply.len, NULL); /* without one, the status decides */
	error = json_member(body, "error");		/* null and "" name none */
	HOLDS(reply.status == 200 && (!error || json_type(error) == JSON_NULL ||
				      (json_text(error) && json_text(error)[0] == '\0')));
	json_destroy(body);
}

/* ---- requests ---- */

/* Whether the form in the body has a field with this very value. */
static bool form_has(const char *body, const char *value)
{
	static char text[REQUEST_BODY_MAX];

	for (; *body; body += *body == '&') {
		size_t n = 0;

		body += strcspn(body, "=");
		for (body += *body == '='; *body && *body != '&'; body++)
			if (*body == '%' && isxdigit(body[1]) && isxdigit(body[2])) {
				text[n++] = (char)strtol((char[]){ body[1], body[2], 0 }, NULL, 16);
				body += 2;
			} else {
				text[n++] = *body;
			}
		text[n] = '\0';
		if (strcmp(text, value) == 0)
			return true;
	}
	return false;
}

static bool json_has(const char *body, const char *value)
{
	cJSON *tree = cJSON_ParseWithOpts(body, NULL, true);
	const cJSON *member;
	bool found = false;

	HOLDS(cJSON_IsObject(tree));
	cJSON_ArrayForEach(member, tree)
		found = found || strcmp(cJSON_GetStringValue(member), value) == 0;
	cJSON_Delete(tree);
	return found;
}

/* CODE "": no code goes with it. */
static void request_check(const char *code)
{
	bool found = code[0] == '\0';

	if (request.broken)
		return;
	HOLDS(strncmp(request.url, "https://id.example/", 19) == 0);
	HOLDS(all_within(request.url, '!', '~'));
	HOLDS(request.headers <= REQUEST_HEADERS_MAX);
	for (size_t i = 0; i < request.headers; i++) {
		for (const char *p = request.header[i]; *p; p++)
			HOLDS((unsigned char)*p >= ' ' && *p != 0x7f);
		found = found || strstr(request.header[i], code);
	}
	HOLDS(request.body_len < sizeof(request.body) && request.body[request.body_len] == '\0');
	HOLDS(strlen(request.body) == request.body_len);
	if (request.body[0] == '{')
		found = json_has(request.body, code) || found;
	else if (request.body_len > 0)
		found = found || form_has(request.body, code);
	HOLDS(found);
}

/* CODE: any bytes that are no NUL. */
static void requests_check(const char *code)
{
	static struct authorization authorization;

	snprintf(authorization.device_code, sizeof(authorization.device_code), "%s", code);
	if (DIALECT.authorization_request) {
		DIALECT.authorization_request(&settings, &endpoints, &request);
		request_check("");
	}
	if (DIALECT.token_request) {
		DIALECT.token_request(&settings, &endpoints, &authorization, &request);
		request_check(authorization.device_code);
	}
	DIALECT.authorize(&settings, &endpoints, &proof, &request);
	request_check("");
	HOLDS(request.body_len == 0);
	DIALECT.exchange_request(&settings, &endpoints, &proof, code, &request);
	request_check(code);
	DIALECT.userinfo_request(&settings, &endpoints, code, &request);
	request_check(code);
	if (DIALECT.refresh_request) {
		DIALECT.refresh_request(&settings, &endpoints, code, &request);
		request_check(code);
	}
	if (DIALECT.revoke_request) {
		DIALECT.revoke_request(&settings, &endpoints, code, true, &request);
		request_check(code);
	}
}

/* The opening packet, with the input as the client's secret. */
static void settings_make(const char *secret)
{
	static const char *const given[] = { "client_id",    "tv & co",
					     "redirect_uri", "https://id.example/show?x=1",
					     "scope",	     "openid profile",
					     "extra_params", "prompt=login a=b%c" };
	static struct wire_draft draft;

	wire_begin(&draft, "login");
	for (size_t i = 0; i < sizeof(given) / sizeof(*given); i += 2)
		wire_add(&draft, given[i], given[i + 1]);
	wire_add(&draft, "token_endpoint_auth_method",
		 secret[0] == 'b' ? "client_secret_basic"
		 : secret[0]	  ? "client_secret_post"
				  : "none");
	wire_add(&draft, "client_secret", secret[0] ? secret : NULL);
	HOLDS(!draft.broken && wire_parse(&settings, draft.bytes, draft.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = fuzz_start(data, size);
	char step[16];

	if (reply_read(&f, data, size, step)) {
		if (strcmp(step, "authorize") == 0 && DIALECT.authorization_reply)
			authorize_reply_check();
		else if (strcmp(step, "token") == 0 && DIALECT.token_reply)
			token_reply_check(DIALECT.token_reply);
		else if (strcmp(step, "exchange") == 0)
			token_reply_check(DIALECT.exchange_reply);
		else if (strcmp(step, "refresh") == 0 && DIALECT.refresh_reply)
			token_reply_check(DIALECT.refresh_reply);
		else if (strcmp(step, "revoke") == 0 && DIALECT.revoke_reply)
			revoke_reply_check();
		settings_make(reply.content_type);
		requests_check(reply.body);
	}
	fuzz_done(&f);
	return 0;
}

#endif
