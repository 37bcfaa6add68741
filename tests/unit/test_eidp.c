/* SPDX-License-Identifier: BSD-2-Clause */
/* helper/login/display/eidp.c: the JSON for GDM byte by byte, and what may not be in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "helper/login/display/eidp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define URI	     "https://login.example.org/device"
#define COMPLETE     URI "?user_code=WDJB-MJHT"

static const struct screen plain = {
	.user = "alice",
	.host = "tv",
	.service = "gdm-switchable-auth",
	.user_code = "WDJB-MJHT",
	.uri = URI,
	.seconds = 600,
};

static char out[EIDP_BYTES_MAX];

static void request_is_gdms(void **state)
{
	static const char filled[] =
		"{\"authSelection\":{\"mechanisms\":{\"eidp\":{\"role\":\"eidp\","
		"\"name\":\"Sign in with your phone\",\"linkPrompt\":\"Scan the QR code and compare the code on "
		"your phone, or enter it at the address.\",\"uri\":\"" COMPLETE
		"\",\"code\":\"WDJB-MJHT\",\"timeout\":600}},\"priority\":[\"eidp\"]}}";
	struct screen screen = plain;
	struct messages messages = { { NULL } };

	(void)state;
	screen.qr_has_code = true;
	assert_int_equal(eidp_compose(&screen, COMPLETE, out, sizeof(out)), strlen(filled));
	assert_string_equal(out, filled);
	screen.qr_has_code = false;
	screen.seconds = 1;
	assert_true(eidp_compose(&screen, URI, out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "\"linkPrompt\":\"Scan the QR code with your phone, or open"));
	assert_non_null(strstr(out, "\"uri\":\"" URI "\",\"code\""));
	assert_non_null(strstr(out, "\"timeout\":1}"));
	/* Another language, and an administrator's sentence */
	messages.text[MESSAGE_PHONE] = "Say \"friend\" \\ \xc3\xa9";
	screen.messages = &messages;
	assert_true(eidp_compose(&screen, URI, out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "\"name\":\"Say \\\"friend\\\" \\\\ \xc3\xa9\","));
}

static void what_may_not_be_shown_is_not(void **state)
{
	static const struct {
		const char *code, *uri;
	} rows[] = {
		{ "AB\"CD", URI },
		{ "AB\\CD", URI },
		{ "", URI },
		{ NULL, URI },
		{ "AB\nCD", URI },
		{ "WDJB-MJHT", "" },
		{ "WDJB-MJHT", URI "\"" },
		{ "WDJB-MJHT", URI "\\u0022" },
		{ "WDJB-MJHT", URI "\n" },
		{ "WDJB-MJHT", "javascript:alert(1)" },
	};

	size_t whole = eidp_compose(&plain, URI, out, sizeof(out));

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct screen screen = plain;

		screen.user_code = rows[i].code;
		strcpy(out, "x");
		if (eidp_compose(&screen, rows[i].uri, out, sizeof(out)) != 0 || out[0])
			fail_msg("row %zu: %s", i, out);
	}
	for (size_t size = 0; size <= whole; size++)
		assert_int_equal(eidp_compose(&plain, URI, out, size), 0);
}

static void replies_are_read(void **state)
{
	static const struct {
		const char *reply;
		bool accepted;
	} rows[] = {
		{ "{\"authSelection\":{\"status\":\"Ok\",\"eidp\":{}}}", true },
		{ "{ \"authSelection\" : { \"eidp\" : {}, \"status\" : \"Ok\" } }", true },
		{ "{\"authSelection\":{\"status\":\"Error\",\"eidp\":{}}}", false },
		{ "{\"authSelection\":{\"status\":\"Okay\",\"eidp\":{}}}", false },
		{ "{\"authSelection\":{\"status\":", false },
		{ "{\"authSelection\":{\"status\"", false },
		{ "{}", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (eidp_accepted(rows[i].reply) != rows[i].accepted)
			fail_msg("row %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_gdms),
		cmocka_unit_test(what_may_not_be_shown_is_not),
		cmocka_unit_test(replies_are_read),
	};

	return cmocka_run_group_tests_name("eidp", tests, NULL, NULL);
}
