/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/flow/said.c: the provider's own words as a log has them. One line of printable ASCII, bounded and
 * quoted; nothing of a reply that holds a token or a code, wherever it stands, and none of our secrets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/oauth_client/flow/said.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct reply reply;

static const char *type = "application/json";

static const char *challenge = "";

static const char *said(long status, const char *body, const char *secret)
{
	static char out[SAID_MAX];
	const char *const secrets[] = { "", secret ? secret : "", NULL };

	memset(&reply, 0, sizeof(reply));
	reply.arrived = true;
	reply.status = status;
	snprintf(reply.content_type, sizeof(reply.content_type), "%s", type);
	snprintf(reply.challenge, sizeof(reply.challenge), "%s", challenge);
	reply.len = strlen(body);
	memcpy(reply.body, body, reply.len);
	memset(out, 'x', sizeof(out));
	said_compose(&reply, secrets, out);
	assert_non_null(memchr(out, '\0', sizeof(out)));
	for (const char *at = out; *at; at++)
		if (*at < ' ' || *at > '~')
			fail_msg("%s: %s", body, out);
	return out;
}

static void words_are_said(void **state)
{
	static const struct {
		long status;
		const char *body, *want;
	} rows[] = {
		{ 400,
		  "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS90002: Tenant 'x' not found.\"}",
		  "400 invalid_request \"AADSTS90002: Tenant 'x' not found.\"" },
		{ 400, "{\"error\":\"interaction_required\"}", "400 interaction_required" },
		{ 302, "", "302" },
		{ 503, "busy", "503" },
		{ 403, "{\"error_code\":\"rate_limit_exceeded\"}", "403 rate_limit_exceeded" },
		{ 400, "{\"status\":400,\"message\":\"invalid device code\"}",
		  "400 \"invalid device code\"" },
		{ 403,
		  "{\"error\":{\"code\":403,\"message\":\"Quota exceeded\",\"status\":\"PERMISSION_DENIED\"}}",
		  "403 PERMISSION_DENIED \"Quota exceeded\"" },
		{ 403, "<!DOCTYPE html><html><TITLE lang=en>Just a moment...</TITLE></html>",
		  "403 \"Just a moment...\"" },
		{ 400,
		  "{\"error\":\"x\",\"error_description\":\"two\\nlines \\\"quoted\\\" \\u001b[2J \\u00e4\"}",
		  "400 x \"two lines 'quoted' ?[2J ?\"" },
		{ 400, "{\"error\":42,\"error_description\":[1]}", "400" },
		{ 400, "[]", "400" },
		{ 400,
		  "{\"error\":\"invalid_request\",\"error_description\":\"no refresh token was sent\"}",
		  "400 invalid_request \"no refresh token was sent\"" },
		{ 400,
		  "{\"statusCode\":400,\"message\":[\"client_id must be a string\",\"no scope\"],"
		  "\"error\":\"Bad Request\"}",
		  "400 Bad Request \"client_id must be a string; no scope\"" },
		{ 400, "{\"message\":[7,{\"a\":1},\"one\",null]}", "400 \"one\"" },
		{ 403,
		  "{\"errors\":[{\"message\":\"no \\\"such\\\" client\",\"code\":7},{\"message\":\"b\"}]}",
		  "403 \"no 'such' client\"" },
		{ 403, "{\"errors\":[\"one\",\"two\"]}", "403 \"one; two\"" },
		{ 403, "{\"errors\":[]}", "403" },
		{ 403, "{\"errors\":{\"message\":\"x\"}}", "403" },
		{ 400,
		  "error=incorrect_client_credentials&error_description=The+client_id+and%2For%22it%22%0a"
		  "are%20wrong%e4%&error_uri=https%3A%2F%2Fx",
		  "400 incorrect_client_credentials \"The client_id and/or'it' are wrong?%\"" },
		{ 400, "error=%00%1b[2J", "400 ??[2J" },
		{ 400, "error=", "400" },
		{ 400, "an error=x", "400" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(said(rows[i].status, rows[i].body, NULL), rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].body, said(rows[i].status, rows[i].body, NULL));
}

/* What calls itself a form is one, wherever the error stands in it. */
static void forms_are_said(void **state)
{
	(void)state;
	type = "application/x-www-form-urlencoded; charset=utf-8";
	assert_string_equal(said(400, "a=b&xerror=no&error=yes&error_description=words", NULL),
			    "400 yes \"words\"");
	assert_string_equal(said(400, "a=b&access_token=t&error=CANARY", NULL), "400");
	assert_string_equal(said(400, "device_code=t&error=CANARY", NULL), "400");
	assert_string_equal(said(400, "token=t&error=CANARY", NULL), "400");
	type = "application/json";
}

/* RFC 6750 section 3: the only place where many a userinfo endpoint says it. */
static void challenges_are_said(void **state)
{
	static const struct {
		const char *challenge, *body, *want;
	} rows[] = {
		{ "Bearer error=\"invalid_token\", error_description=\"The token expired\"", "",
		  "401 invalid_token \"The token expired\"" },
		{ "Bearer realm=\"a, error=\\\"x\\\" b\",error=insufficient_scope\t, scope=\"email\"",
		  "", "401 insufficient_scope" },
		{ "DPoP algs=\"ES256\", Error=\"use_dpop_nonce\"", "{}", "401 use_dpop_nonce" },
		{ "Bearer error_description=\"cut off", "", "401 \"cut off\"" },
		{ "Bearer error_description=\"a \\\"b\\\" \\", "", "401 \"a 'b' \\\"" },
		{ "Bearer error=\"a\"", "{\"error\":\"b\",\"error_description\":\"c\"}",
		  "401 b \"c\"" },
		{ "Bearer error=\"a\"", "<title>Sign in</title>", "401 a \"Sign in\"" },
		{ "Bearer error=\"a\"", "{\"access_token\":\"t\"}", "401" },
		{ "Bearer error=\"a\", error_description=\"access_token: S3CRET-OF-OURS\"", "",
		  "401" },
		{ "Bearer realm=\"error\"", "", "401" },
		{ "Bearer xerror=\"a\"", "", "401" },
		{ "Bearer error=", "", "401" },
		{ "error", "", "401" },
		{ "Bearer error=\"\x1b[2J\"", "", "401 ?[2J" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		challenge = rows[i].challenge;
		if (strcmp(said(401, rows[i].body, "S3CRET-OF-OURS"), rows[i].want) != 0)
			fail_msg("%s: %s", challenge, said(401, rows[i].body, "S3CRET-OF-OURS"));
	}
	challenge = "";
}

/* Of a reply that has one the status is all. */
static void tokens_are_not_said(void **state)
{
	static const char *const bodies[] = {
		"{\"error\":\"CANARY\",\"access_token\":\"t\"}",
		"{\"error\":\"CANARY\",\"refresh_token\":null}",
		"{\"error\":\"CANARY\",\"id_token\" : 1}",
		"{\"error\":\"CANARY\",\"acc\\u0065ss_token\":\"t\"}",
		"{\"error\":\"CANARY\",\"data\":{\"accessToken\":\"t\"}}",
		"{\"error\":\"CANARY\",\"data\":{\"deeper\":[{\"Access_Token\":\"t\"}]}}",
		"{\"error\":\"CANARY\",\"error_description\":\"{\\\"access_token\\\":\\\"t\\\"}\"}",
		"{\"error\":\"CANARY\",\"device_code\":\"d\"}",
		"{\"error\":\"CANARY\",\"user_code\":\"d\"}",
		"{\"error\":\"CANARY\",\"client_secret\":\"d\"}",
		"{\"error\":\"CANARY\",\"token\":\"d\"}",
		"{\"error\":\"CANARY\",\"error_description\":\"?access_token=abc\"}",
		"error=CANARY&refresh_token=t",
		"error=CANARY&error_description=no+%26access_token%3Dabc",
		"error=CANARY&error_description=%7B%22access_token%22%3A%22t%22%7D",
		"{\"errors\":[{\"message\":\"CANARY ?access_token=abc\"}]}",
		"{\"message\":[\"CANARY\",\"?access_token=abc\"]}",
		"<title>CANARY</title>access_token=abc&token_type=bearer",
		"<title>CANARY</title><script>{\"access_token\":\"t\"}</script>",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++)
		if (strcmp(said(400, bodies[i], NULL), "400") != 0)
			fail_msg("%s: %s", bodies[i], said(400, bodies[i], NULL));
}

static void secrets_are_not_said(void **state)
{
	(void)state;
	assert_string_equal(
		said(401, "{\"error\":\"x\",\"error_description\":\"not hush\"}", "hush"), "401");
	assert_string_equal(said(401, "{\"error\":\"hush\"}", "hush"), "401");
	assert_string_equal(said(401, "<title>hush</title>", "hush"), "401");
	assert_string_equal(said(401, "error=x&error_description=not+h%75sh", "hush"), "401");
	assert_string_equal(said(401, "{\"message\":[\"a\",\"hush\"]}", "hush"), "401");
	assert_string_equal(said(401, "{\"errors\":[{\"message\":\"hush\"}]}", "hush"), "401");
	assert_string_equal(said(401, "{\"error\":\"x\"}", "hush"), "401 x");
}

/* Where what is looked through ends within a secret, its head is one still. */
static void long_secrets_are_not_said(void **state)
{
	char secret[12000], body[13000];

	(void)state;
	for (size_t i = 0; i < sizeof(secret) - 1; i++)
		secret[i] = (char)('a' + i % 26);
	secret[sizeof(secret) - 1] = '\0';
	snprintf(body, sizeof(body), "{\"error\":\"x\",\"message\":\"not %s\"}", secret);
	assert_string_equal(said(401, body, secret), "401");
	snprintf(body, sizeof(body), "error=x&error_description=not+%s", secret);
	assert_string_equal(said(401, body, secret), "401");
}

/* A word that is as long as a token is cut, and so is a text that is as long as a page. */
static void words_are_bounded(void **state)
{
	char body[5000], word[2000];

	(void)state;
	memset(word, 'w', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	snprintf(body, sizeof(body), "{\"error\":\"e\",\"error_description\":\"before %s after\"}",
		 word);
	assert_non_null(strstr(said(400, body, NULL), "before www"));
	assert_non_null(strstr(said(400, body, NULL), "w~ after\""));
	assert_true(strlen(said(400, body, NULL)) < 100);
	for (size_t i = 10; i < sizeof(word) - 1; i += 10)
		word[i] = ' ';
	snprintf(body, sizeof(body), "{\"error\":\"%s\",\"error_description\":\"%s\"}", word, word);
	assert_true(strlen(said(400, body, NULL)) < SAID_MAX);
	assert_string_equal(said(400, body, NULL) + strlen(said(400, body, NULL)) - 1, "\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_said),	cmocka_unit_test(tokens_are_not_said),
		cmocka_unit_test(secrets_are_not_said), cmocka_unit_test(forms_are_said),
		cmocka_unit_test(challenges_are_said),	cmocka_unit_test(long_secrets_are_not_said),
		cmocka_unit_test(words_are_bounded),
	};

	return cmocka_run_group_tests_name("said", tests, NULL, NULL);
}
