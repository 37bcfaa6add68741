/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pam_module/pam_gdm.c: the binary message byte by byte as GDM 51 has it (measured on its own greeter), what may
 * come back, and who is offered it at all. The conversation is the test's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pam_module/pam_gdm.h"
#include "pam_module/pam_host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NAMES	     "GDM_SUPPORTED_PAM_EXTENSIONS"
#define CHOICES	     "org.gnome.DisplayManager.UserVerifier.ChoiceList"
#define JSON	     "org.gnome.DisplayManager.UserVerifier.CustomJSON"

enum {
	WHOLE = 88,
	AT_TYPE = 4,
	AT_PROTOCOL = 8,
	AT_VERSION = 72,
	AT_JSON = 80,
};

/* What the greeter answers, and what it was sent. */
static struct {
	int result;	  /* of the conversation */
	bool silent;	  /* a response without an answer */
	const char *json; /* NULL: none */
	int spoilt;	  /* a byte of the reply that is another, -1: none */
	bool talks;	  /* the host has a conversation */
	int calls;
	unsigned char sent[WHOLE];
	char sent_json[256];
} greeter;

static int greeter_conv(int count, const struct pam_message **messages,
			struct pam_response **responses, void *data)
{
	unsigned char *reply;
	char *json;

	assert_int_equal(count, 1);
	assert_ptr_equal(data, &greeter);
	assert_int_equal(messages[0]->msg_style, PAM_BINARY_PROMPT);
	memcpy(greeter.sent, messages[0]->msg, WHOLE);
	memcpy(&json, greeter.sent + AT_JSON, sizeof(json));
	snprintf(greeter.sent_json, sizeof(greeter.sent_json), "%s", json);
	greeter.calls++;
	if (greeter.result != PAM_SUCCESS)
		return greeter.result;
	*responses = calloc(1, sizeof(**responses));
	if (greeter.silent)
		return PAM_SUCCESS;
	reply = calloc(1, WHOLE);
	memcpy(reply, greeter.sent, WHOLE);
	json = greeter.json ? strdup(greeter.json) : NULL;
	memcpy(reply + AT_JSON, &json, sizeof(json));
	if (greeter.spoilt >= 0)
		reply[greeter.spoilt] ^= 1;
	(*responses)->resp = (char *)reply;
	return PAM_SUCCESS;
}

int __wrap_pam_get_item(const pam_handle_t *pamh, int type, const void **item);

int __wrap_pam_get_item(const pam_handle_t *pamh, int type, const void **item)
{
	static const struct pam_conv conv = { greeter_conv, &greeter };

	(void)pamh;
	assert_int_equal(type, PAM_CONV);
	*item = greeter.talks ? &conv : NULL;
	return PAM_SUCCESS;
}

static const char *service;
static pam_handle_t *const handle = (pam_handle_t *)&greeter; /* nobody looks into it */

bool host_item(pam_handle_t *pamh, int type, const char **text)
{
	(void)pamh;
	assert_int_equal(type, PAM_SERVICE);
	*text = service;
	return true;
}

static int greeter_ready(void **state)
{
	(void)state;
	memset(&greeter, 0, sizeof(greeter));
	greeter.json = "{\"authSelection\":{\"status\":\"Ok\",\"eidp\":{}}}";
	greeter.spoilt = -1;
	greeter.talks = true;
	setenv(NAMES, CHOICES " " JSON, 1);
	return 0;
}

static void offered_by_name_alone(void **state)
{
	static const struct {
		const char *service, *names;
		bool offered;
	} rows[] = {
		{ "gdm-switchable-auth", JSON, true },
		{ "gdm-switchable-auth", CHOICES " " JSON, true },
		{ "gdm-switchable-auth", CHOICES, false },
		{ "gdm-switchable-auth", JSON "2", false },
		{ "gdm-switchable-auth", "x" JSON, false },
		{ "gdm-switchable-auth", "", false },
		{ "gdm-switchable-auth", NULL, false },
		{ "gdm-password", JSON, false },
		{ "su", JSON, false },
		{ "", JSON, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].names)
			setenv(NAMES, rows[i].names, 1);
		else
			unsetenv(NAMES);
		service = rows[i].service;
		if (gdm_offers(handle) != rows[i].offered)
			fail_msg("row %zu", i);
	}
}

/* Little endian machines are what is built for; the length alone is big endian. */
static void message_is_gdms(void **state)
{
	unsigned char want[WHOLE] = { 0, 0, 0, 88, 1 };
	unsigned int version = 1;
	char out[64];

	(void)state;
	memcpy(want + AT_PROTOCOL, "auth-mechanisms", sizeof("auth-mechanisms"));
	memcpy(want + AT_VERSION, &version, sizeof(version));
	assert_true(gdm_ask(handle, "{\"a\":1}", out, sizeof(out)));
	assert_string_equal(out, greeter.json);
	assert_string_equal(greeter.sent_json, "{\"a\":1}");
	for (size_t i = 0; i < AT_JSON; i++) {
		bool padding = (i > AT_TYPE && i < AT_PROTOCOL) ||
			       (i >= AT_VERSION + sizeof(version) && i < AT_JSON);

		if (!padding && greeter.sent[i] != want[i])
			fail_msg("byte %zu is %d", i, greeter.sent[i]);
	}
	setenv(NAMES, JSON " " CHOICES, 1);
	assert_true(gdm_ask(handle, "{}", out, sizeof(out)));
	assert_int_equal(greeter.sent[AT_TYPE], 0);
}

static void answers_are_cut(void **state)
{
	char out[8];

	(void)state;
	assert_true(gdm_ask(handle, "{}", out, sizeof(out)));
	assert_string_equal(out, "{\"authS");
}

static void what_is_no_reply_is_none(void **state)
{
	static const int spoilt[] = { 3, AT_TYPE, AT_PROTOCOL, AT_PROTOCOL + 15, AT_VERSION };
	char out[64] = "";

	(void)state;
	for (size_t i = 0; i < COUNT(spoilt); i++) {
		greeter.spoilt = spoilt[i];
		if (spoilt[i] == 3)
			greeter.json = NULL; /* who has another length may have no pointer */
		assert_false(gdm_ask(handle, "{}", out, sizeof(out)));
		greeter_ready(NULL);
	}
	greeter.json = NULL;
	assert_false(gdm_ask(handle, "{}", out, sizeof(out)));
	greeter_ready(NULL);
	greeter.silent = true;
	assert_false(gdm_ask(handle, "{}", out, sizeof(out)));
	greeter_ready(NULL);
	greeter.result = PAM_CONV_ERR;
	assert_false(gdm_ask(handle, "{}", out, sizeof(out)));
	greeter_ready(NULL);
	greeter.talks = false;
	assert_false(gdm_ask(handle, "{}", out, sizeof(out)));
	assert_int_equal(greeter.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(offered_by_name_alone, greeter_ready),
		cmocka_unit_test_setup(message_is_gdms, greeter_ready),
		cmocka_unit_test_setup(answers_are_cut, greeter_ready),
		cmocka_unit_test_setup(what_is_no_reply_is_none, greeter_ready),
	};

	return cmocka_run_group_tests_name("gdm", tests, NULL, NULL);
}
