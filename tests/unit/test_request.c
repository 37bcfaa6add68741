/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/oauth/request.c: what a request looks like on the wire, byte for byte against strings worked
 * out by hand, and that what does not fit or does not belong makes it broken instead of shorter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/oauth_client/oauth/request.h"
#include "within.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* An opening packet: a verb, then keys and values, with NULs between. */
#define P(literal) literal, sizeof(literal)

#define URL "https://id.example/token"

static struct request request;

/* What an earlier, longer request may have left behind. */
static int request_dirty(void **state)
{
	(void)state;
	memset(&request, 0xa5, sizeof(request));
	return 0;
}

static void settings_read(struct wire_message *settings, const char *packet, size_t len,
			  char *storage)
{
	memcpy(storage, packet, len);
	assert_true(wire_parse(settings, storage, len));
}

static const char *header_find(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < request.headers; i++)
		if (strncmp(request.header[i], name, len) == 0 && request.header[i][len] == ':')
			return request.header[i] + len + 2;
	return NULL;
}

/* LEN times BYTE; the caller frees. */
static char *text_of(char byte, size_t len)
{
	char *text = malloc(len + 1);

	assert_non_null(text);
	memset(text, byte, len);
	text[len] = '\0';
	return text;
}

/* ---- the start ---- */

static void get_asks_for_json(void **state)
{
	(void)state;
	request_get(&request, URL);
	assert_false(request.broken);
	assert_false(request.post);
	assert_string_equal(request.url, URL);
	assert_int_equal(request.headers, 1);
	assert_string_equal(request.header[0], "Accept: application/json");
	assert_int_equal(request.body_len, 0);
}

static void form_asks_for_json(void **state)
{
	(void)state;
	request_form(&request, URL);
	assert_false(request.broken);
	assert_true(request.post);
	assert_string_equal(request.url, URL);
	assert_int_equal(request.headers, 2);
	assert_string_equal(header_find("Accept"), "application/json");
	assert_string_equal(header_find("Content-Type"), "application/x-www-form-urlencoded");
	assert_int_equal(request.body_len, 0);
	assert_string_equal(request.body, "");
}

static void nothing_is_left_of_the_request_before(void **state)
{
	(void)state;
	request_form(&request, URL);
	request_field(&request, "client_secret", "s3cret");
	request_header(&request, "Authorization", "Basic eDp5");
	request_get(&request, "https://id.example/keys");
	assert_false(request.broken);
	assert_false(request.post);
	assert_int_equal(request.body_len, 0);
	assert_int_equal(request.headers, 1);
	assert_null(header_find("Authorization"));
	assert_string_equal(request.url, "https://id.example/keys");
}

static void a_broken_request_can_be_started_anew(void **state)
{
	(void)state;
	request_get(&request, "");
	assert_true(request.broken);
	request_get(&request, URL);
	assert_false(request.broken);
}

static void urls_are_bounded(void **state)
{
	char *longest = text_of('u', REQUEST_URL_MAX - 1);
	char *longer = text_of('u', REQUEST_URL_MAX);

	(void)state;
	request_get(&request, longest);
	assert_false(request.broken);
	assert_string_equal(request.url, longest);
	request_get(&request, longer);
	assert_true(request.broken);
	request_form(&request, "");
	assert_true(request.broken);
	request_form(&request, NULL);
	assert_true(request.broken);
	free(longest);
	free(longer);
}

/* ---- the form ---- */

struct field_row {
	const char *value;
	const char *encoded;
};

/* RFC 3986 2.3 leaves the unreserved alone; everything else is %XX: all form decoders agree. */
static const struct field_row field_rows[] = {
	{ "a", "a" },
	{ "AZaz09-._~", "AZaz09-._~" },
	{ " ", "%20" },
	{ "+", "%2B" },
	{ "%", "%25" },
	{ "&=;?#/", "%26%3D%3B%3F%23%2F" },
	{ "*", "%2A" },
	{ "'\"<>\\^`{|}", "%27%22%3C%3E%5C%5E%60%7B%7C%7D" },
	{ "\r\n\t", "%0D%0A%09" },
	{ "\x01\x7f", "%01%7F" },
	{ "\xc3\xa4\xe2\x82\xac", "%C3%A4%E2%82%AC" },
	{ "\x80\xff", "%80%FF" },
	{ "openid profile email", "openid%20profile%20email" },
	{ "urn:ietf:params:oauth:grant-type:device_code",
	  "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code" },
	/* RFC 6749 appendix B: " %&+£€" */
	{ " %&+\xc2\xa3\xe2\x82\xac", "%20%25%26%2B%C2%A3%E2%82%AC" },
};

static void fields_are_encoded(void **state)
{
	char want[256];

	(void)state;
	for (size_t i = 0; i < COUNT(field_rows); i++) {
		request_form(&request, URL);
		request_field(&request, "n", field_rows[i].value);
		snprintf(want, sizeof(want), "n=%s", field_rows[i].encoded);
		assert_false(request.broken);
		assert_string_equal(request.body, want);
		assert_int_equal(request.body_len, strlen(want));
	}
}

static void every_byte_is_plain_or_encoded(void **state)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					 "0123456789-._~";
	char want[8];

	(void)state;
	for (unsigned int byte = 1; byte < 256; byte++) {
		char value[2] = { (char)byte, '\0' };

		if (strchr(unreserved, (int)byte))
			snprintf(want, sizeof(want), "n=%c", (int)byte);
		else
			snprintf(want, sizeof(want), "n=%%%02X", byte);
		request_form(&request, URL);
		request_field(&request, "n", value);
		assert_string_equal(request.body, want);
	}
}

static void fields_are_joined(void **state)
{
	(void)state;
	request_form(&request, URL);
	request_field(&request, "a", "1");
	request_field(&request, "none", NULL);
	request_field(&request, "empty", "");
	request_field(&request, "b&c", "2=3");
	assert_false(request.broken);
	assert_string_equal(request.body, "a=1&b%26c=2%3D3");
	assert_int_equal(request.body_len, strlen(request.body));
}

/* The largest body is sent whole; one byte more breaks the request for good. */
static void bodies_are_bounded(void **state)
{
	size_t fits = 0, breaks = 0;

	(void)state;
	for (size_t len = REQUEST_BODY_MAX - 64; len <= REQUEST_BODY_MAX + 64; len++) {
		char *value = text_of('v', len);

		request_form(&request, URL);
		request_field(&request, "n", value);
		if (request.broken) {
			breaks++;
		} else {
			assert_int_equal(breaks, 0);
			assert_int_equal(request.body_len, len + 2);
			assert_string_equal(request.body + 2, value);
			fits++;
		}
		free(value);
	}
	assert_true(fits > 0 && breaks > 64);
}

static void a_broken_form_stays_broken(void **state)
{
	char *value = text_of('%', REQUEST_BODY_MAX / 3 + 1);

	(void)state;
	request_form(&request, URL);
	request_field(&request, "a", value);
	assert_true(request.broken);
	request_field(&request, "b", "1");
	request_header(&request, "X", "y");
	assert_true(request.broken);
	assert_true(request.body_len < REQUEST_BODY_MAX);
	free(value);
}

/* As many fields as it takes: never a byte behind the end, and broken rather than cut. */
static void a_full_body_takes_no_more(void **state)
{
	static const char unit[] = "name=value";
	size_t n = 0;

	(void)state;
	request_form(&request, URL);
	while (!request.broken) {
		request_field(&request, "name", "value");
		n++;
	}
	assert_within(n, REQUEST_BODY_MAX / sizeof(unit) - 2, REQUEST_BODY_MAX / sizeof(unit) + 1);
	assert_true(request.body_len < REQUEST_BODY_MAX);
}

/* ---- extra_params ---- */

struct pairs_row {
	const char *pairs;
	const char *body; /* NULL: the request is broken */
};

static const struct pairs_row pairs_rows[] = {
	{ NULL, "" },
	{ "", "" },
	{ "   ", "" },
	{ "audience=https://api.example", "audience=https%3A%2F%2Fapi.example" },
	{ "a=1 b=2", "a=1&b=2" },
	{ "  a=1   b=2  ", "a=1&b=2" },
	{ "a=b=c", "a=b%3Dc" },
	{ "a=1&b=2", "a=1%26b%3D2" },
	{ "a=%20", "a=%2520" },
	{ "a=+", "a=%2B" },
	{ "a=", "a=" },
	{ "a= b=2", "a=&b=2" },
	{ "a", NULL },
	{ "a=1 b", NULL },
	{ "a b=1", NULL },
};

static void extra_params_are_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs_rows); i++) {
		const struct pairs_row *row = &pairs_rows[i];

		request_form(&request, URL);
		request_fields(&request, row->pairs);
		if (request.broken != !row->body)
			fail_msg("\"%s\": broken is %d", row->pairs, request.broken);
		if (row->body)
			assert_string_equal(request.body, row->body);
	}
}

/* ---- headers ---- */

static void headers_are_kept_apart(void **state)
{
	(void)state;
	request_get(&request, URL);
	request_header(&request, "X-One", "1");
	request_header(&request, "X-Empty", "");
	request_header(&request, "X-Two", "2 and more");
	assert_false(request.broken);
	assert_int_equal(request.headers, 4);
	assert_string_equal(request.header[1], "X-One: 1");
	assert_string_equal(request.header[2], "X-Empty: ");
	assert_string_equal(request.header[3], "X-Two: 2 and more");
}

static void control_characters_break_a_header(void **state)
{
	(void)state;
	for (unsigned int byte = 1; byte < 256; byte++) {
		char value[] = { 'a', (char)byte, 'b', '\0' };
		bool control = byte < 0x20 || byte == 0x7f;

		request_get(&request, URL);
		request_header(&request, "X", value);
		if (request.broken != control)
			fail_msg("byte %02x: broken is %d", byte, request.broken);
		if (control)
			assert_null(header_find("X"));
	}
}

static void headers_cannot_be_injected(void **state)
{
	static const char *const values[] = {
		"a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "\r\n\r\nbody", "a\r\n", "\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		request_get(&request, URL);
		request_bearer(&request, values[i]);
		assert_true(request.broken);
		assert_null(header_find("Authorization"));
		for (size_t h = 0; h < request.headers; h++)
			assert_null(strpbrk(request.header[h], "\r\n"));
	}
}

static void headers_are_bounded_in_number(void **state)
{
	(void)state;
	request_get(&request, URL);
	for (int i = 1; i < REQUEST_HEADERS_MAX; i++)
		request_header(&request, "X", "y");
	assert_false(request.broken);
	assert_int_equal(request.headers, REQUEST_HEADERS_MAX);
	request_header(&request, "X", "z");
	assert_true(request.broken);
	assert_int_equal(request.headers, REQUEST_HEADERS_MAX);
}

static void headers_are_bounded_in_size(void **state)
{
	size_t used = sizeof("Accept: application/json");
	char *fits = text_of('h', REQUEST_HEADER_BYTES - used - sizeof("X: "));
	char *over = text_of('h', REQUEST_HEADER_BYTES - used - sizeof("X: ") + 1);

	(void)state;
	request_get(&request, URL);
	request_header(&request, "X", fits);
	assert_false(request.broken);
	assert_string_equal(header_find("X"), fits);
	request_get(&request, URL);
	request_header(&request, "X", over);
	assert_true(request.broken);
	assert_null(header_find("X"));
	free(fits);
	free(over);
}

static void bearer_is_the_token(void **state)
{
	char *over = text_of('t', REQUEST_HEADER_BYTES);
	char *far = text_of('t', TOKEN_MAX);

	(void)state;
	request_get(&request, URL);
	request_bearer(&request, "abc-._~+/12==");
	assert_false(request.broken);
	assert_string_equal(header_find("Authorization"), "Bearer abc-._~+/12==");
	request_get(&request, URL);
	request_bearer(&request, over);
	assert_true(request.broken);
	request_get(&request, URL);
	request_bearer(&request, far);
	assert_true(request.broken);
	free(over);
	free(far);
}

/* ---- the client ---- */

struct client_row {
	const char *packet;
	size_t len;
	const char *body;	   /* NULL: the request is broken */
	const char *authorization; /* NULL: no such header */
};

/* The Basic values were made with base64(1) of the pair in the comment above each. */
static const struct client_row client_rows[] = {
	{ P("login\0token_endpoint_auth_method\0none\0client_id\0tv"), "client_id=tv", NULL },
	/* a public client's secret, were there one, stays at home */
	{ P("login\0token_endpoint_auth_method\0none\0client_id\0tv\0client_secret\0s3cret"),
	  "client_id=tv", NULL },
	{ P("login\0token_endpoint_auth_method\0client_secret_post\0client_id\0tv\0client_secret\0s3cret"),
	  "client_id=tv&client_secret=s3cret", NULL },
	{ P("login\0token_endpoint_auth_method\0client_secret_post\0client_id\0t v&x\0client_secret\0a=b&c d+%\xc3\xa4"),
	  "client_id=t%20v%26x&client_secret=a%3Db%26c%20d%2B%25%C3%A4", NULL },
	/* s6BhdRkqt3:7Fjfp0ZBr1KtDRbnfVdmIw, the example of RFC 6749 2.3.1 */
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0s6BhdRkqt3\0"
	    "client_secret\0" /* apart, or the octal escape would go on */
	    "7Fjfp0ZBr1KtDRbnfVdmIw"),
	  "", "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3" },
	/* one, two and no bytes left over: ab:c, ab:cd, ab:cde */
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0ab\0client_secret\0c"),
	  "", "Basic YWI6Yw==" },
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0ab\0client_secret\0cd"),
	  "", "Basic YWI6Y2Q=" },
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0ab\0client_secret\0cde"),
	  "", "Basic YWI6Y2Rl" },
	/* a%3Ab:c%3Ad: a colon in the id cannot move the border */
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0a:b\0client_secret\0c:d"),
	  "", "Basic YSUzQWI6YyUzQWQ=" },
	/* tv:%20%25%26%2B%C2%A3%E2%82%AC */
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0tv\0client_secret\0 %&+\xc2\xa3\xe2\x82\xac"),
	  "", "Basic dHY6JTIwJTI1JTI2JTJCJUMyJUEzJUUyJTgyJUFD" },
	/* tv:a%0D%0Ab%FF%01: line ends and raw bytes are encoded before they come near a header */
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0tv\0client_secret\0a\r\nb\xff\x01"),
	  "", "Basic dHY6YSUwRCUwQWIlRkYlMDE=" },
	/* tv:~.-_ */
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0tv\0client_secret\0~.-_"),
	  "", "Basic dHY6fi4tXw==" },
	/* tv:~~~~, for the digit + of base64; text that is encoded before never has a / */
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0tv\0client_secret\0~~~~"),
	  "", "Basic dHY6fn5+fg==" },
	/* missing parts */
	{ P("login\0token_endpoint_auth_method\0none"), NULL, NULL },
	{ P("login\0client_id\0tv"), NULL, NULL },
	{ P("login\0token_endpoint_auth_method\0client_secret_post\0client_id\0tv"), NULL, NULL },
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0tv"), NULL, NULL },
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_secret\0s"), NULL,
	  NULL },
	{ P("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0\0client_secret\0s"),
	  NULL, NULL },
	/* said twice is not said */
	{ P("login\0token_endpoint_auth_method\0none\0client_id\0tv\0client_id\0vt"), NULL, NULL },
	{ P("login\0token_endpoint_auth_method\0none\0token_endpoint_auth_method\0client_secret_post\0client_id\0tv"),
	  NULL, NULL },
};

static void clients_authenticate_as_told(void **state)
{
	struct wire_message settings;
	char storage[512];

	(void)state;
	for (size_t i = 0; i < COUNT(client_rows); i++) {
		const struct client_row *row = &client_rows[i];
		const char *header;

		settings_read(&settings, row->packet, row->len, storage);
		request_form(&request, URL);
		request_client(&request, &settings);
		if (request.broken != !row->body)
			fail_msg("row %zu: broken is %d", i, request.broken);
		if (!row->body)
			continue;
		assert_string_equal(request.body, row->body);
		header = header_find("Authorization");
		if (!header != !row->authorization)
			fail_msg("row %zu: authorization is %s", i, header ? header : "absent");
		if (header)
			assert_string_equal(header, row->authorization);
	}
}

/* An id and a secret of any length: whole, or broken. */
static void long_secrets_are_whole_or_broken(void **state)
{
	static char packet[WIRE_BYTES_MAX];
	struct wire_message settings;
	size_t whole = 0, broken = 0;

	(void)state;
	for (size_t len = 1; len <= 6200; len += len < 3000 ? 37 : 1) {
		size_t head =
			sizeof("login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0tv\0client_secret") -
			1;
		const char *header;

		memcpy(packet,
		       "login\0token_endpoint_auth_method\0client_secret_basic\0client_id\0tv\0client_secret",
		       head + 1);
		memset(packet + head + 1, 's', len);
		packet[head + 1 + len] = '\0';
		assert_true(wire_parse(&settings, packet, head + len + 2));
		request_form(&request, URL);
		request_client(&request, &settings);
		header = header_find("Authorization");
		if (request.broken) {
			assert_null(header);
			broken++;
			continue;
		}
		assert_int_equal(strlen(header), strlen("Basic ") + (len + 3 + 2) / 3 * 4);
		assert_int_equal(broken, 0);
		whole++;
	}
	assert_true(whole > 100 && broken > 1);
}

/* ---- wiping ---- */

static bool request_holds(const char *needle)
{
	return memmem(request.body, sizeof(request.body), needle, strlen(needle)) ||
	       memmem(request.header_bytes, sizeof(request.header_bytes), needle, strlen(needle));
}

static void secrets_are_wiped(void **state)
{
	(void)state;
	request_form(&request, URL);
	request_field(&request, "client_secret", "s3cretsecret");
	request_bearer(&request, "t0kentoken");
	assert_true(request_holds("s3cretsecret") && request_holds("t0kentoken"));
	request_wipe(&request);
	assert_false(request_holds("s3cret") || request_holds("secret"));
	assert_false(request_holds("t0ken") || request_holds("token"));
	assert_true(request.broken);
}

/* What broke a request was written in part: that has to go too. */
static void what_did_not_fit_is_wiped_too(void **state)
{
	char *secret = text_of('S', REQUEST_BODY_MAX);
	char *token = text_of('T', REQUEST_HEADER_BYTES - sizeof("Bearer "));

	(void)state;
	request_form(&request, URL);
	request_bearer(&request, token);
	assert_true(request.broken);
	request_wipe(&request);
	assert_false(request_holds("TTTT"));
	request_form(&request, URL);
	request_field(&request, "client_secret", secret);
	assert_true(request.broken);
	request_wipe(&request);
	assert_false(request_holds("SSSS"));
	free(secret);
	free(token);
}

#define TEST(name) cmocka_unit_test_setup(name, request_dirty)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(get_asks_for_json),
		TEST(form_asks_for_json),
		TEST(nothing_is_left_of_the_request_before),
		TEST(a_broken_request_can_be_started_anew),
		TEST(urls_are_bounded),
		TEST(fields_are_encoded),
		TEST(every_byte_is_plain_or_encoded),
		TEST(fields_are_joined),
		TEST(bodies_are_bounded),
		TEST(a_broken_form_stays_broken),
		TEST(a_full_body_takes_no_more),
		TEST(extra_params_are_fields),
		TEST(headers_are_kept_apart),
		TEST(control_characters_break_a_header),
		TEST(headers_cannot_be_injected),
		TEST(headers_are_bounded_in_number),
		TEST(headers_are_bounded_in_size),
		TEST(bearer_is_the_token),
		TEST(clients_authenticate_as_told),
		TEST(long_secrets_are_whole_or_broken),
		TEST(secrets_are_wiped),
		TEST(what_did_not_fit_is_wiped_too),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
