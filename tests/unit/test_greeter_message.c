/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * greeter/message.c, greeter/talk.c: what greetd says and is told, and the login's own object, which
 * helper/login/display/greeter.c composes: the two ends are held against each other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "greeter/message.h"
#include "greeter/talk.h"
#include "helper/login/display/greeter.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define URI	     "https://login.example.org/device"

static struct reply reply;
static struct scene scene;
static char json[GREETER_BYTES_MAX], request[REQUEST_MAX];

static struct screen screen_of(struct screen_matrix *matrix)
{
	matrix->width = 29;
	for (int i = 0; i < 29 * 29; i++)
		matrix->dark[i] = i % 3 == 0;
	return (struct screen){ .user = "",
				.host = "tv\n\"",
				.user_code = "WDJBMJHT",
				.uri = URI,
				.seconds = 300,
				.matrix = matrix };
}

/* ---- the login's object ---- */

static void a_code_comes_through(void **state)
{
	struct screen_matrix matrix;
	struct screen screen = screen_of(&matrix);

	(void)state;
	assert_true(greeter_code(&screen, json, sizeof(json)) > 0);
	scene_read(json, &scene);
	assert_int_equal(scene.kind, SCENE_CODE);
	assert_string_equal(scene.code, "WDJB MJHT");
	assert_string_equal(scene.uri, URI);
	assert_string_equal(scene.title, "Sign in to tv?\" with your phone.");
	assert_string_equal(scene.how, message_text(NULL, MESSAGE_SCAN));
	assert_string_equal(scene.text, message_text(NULL, MESSAGE_WAITING));
	assert_int_equal(scene.seconds, 300);
	assert_int_equal(scene.width, 29);
	assert_memory_equal(scene.dark, matrix.dark, 29 * 29);
	screen.matrix = NULL;
	screen.user = "alice";
	assert_true(greeter_code(&screen, json, sizeof(json)) > 0);
	scene_read(json, &scene);
	assert_int_equal(scene.width, 0);
	assert_string_equal(scene.how, message_text(NULL, MESSAGE_OPEN));
	assert_string_equal(scene.title, "Sign in to tv?\" as alice with your phone.");
}

static void the_largest_fits(void **state)
{
	static struct screen_matrix matrix = { .width = SCREEN_QR_MAX };
	char uri[SCREEN_URI_MAX + 1] = URI "/", quotes[MESSAGE_BYTES_MAX + 1];
	struct messages messages;
	struct screen screen = screen_of(&matrix);

	(void)state;
	matrix.width = SCREEN_QR_MAX;
	memset(uri + strlen(uri), 'x', sizeof(uri) - 1 - strlen(uri));
	uri[sizeof(uri) - 1] = '\0';
	memset(quotes, '"', sizeof(quotes) - 1);
	quotes[sizeof(quotes) - 1] = '\0';
	for (size_t i = 0; i < MESSAGE_COUNT; i++)
		messages.text[i] = quotes;
	screen.uri = uri;
	screen.messages = &messages;
	assert_true(greeter_code(&screen, json, sizeof(json)) > 0);
	scene_read(json, &scene);
	assert_int_equal(scene.width, SCREEN_QR_MAX);
	assert_string_equal(scene.uri, uri);
	for (size_t size = 0; size < 400; size++) {
		assert_int_equal(greeter_code(&screen, json, size), 0);
		if (size > 0)
			assert_string_equal(json, "");
	}
}

static void what_may_not_be_shown_is_not(void **state)
{
	static const struct {
		const char *code, *uri;
	} rows[] = {
		{ "WDJB\"MJHT", URI },	  { "", URI },	       { NULL, URI },
		{ "WDJB-MJHT", "login" }, { "WDJB\033", URI },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct screen_matrix matrix;
		struct screen screen = screen_of(&matrix);

		screen.user_code = rows[i].code;
		screen.uri = rows[i].uri;
		assert_int_equal(greeter_code(&screen, json, sizeof(json)), 0);
		assert_string_equal(json, "");
	}
}

static void sentences_come_through(void **state)
{
	struct screen_matrix matrix;
	struct screen screen = screen_of(&matrix);

	(void)state;
	assert_true(greeter_idle(&screen, MESSAGE_COUNT, json, sizeof(json)) > 0);
	scene_read(json, &scene);
	assert_int_equal(scene.kind, SCENE_IDLE);
	assert_string_equal(scene.prompt, message_text(NULL, MESSAGE_ANY_KEY));
	assert_true(greeter_idle(&screen, MESSAGE_UNREACHABLE, json, sizeof(json)) > 0);
	scene_read(json, &scene);
	assert_int_equal(scene.kind, SCENE_MESSAGE);
	assert_int_equal(scene.tone, SCENE_TROUBLE);
	assert_string_equal(scene.prompt, message_text(NULL, MESSAGE_ANY_KEY_AGAIN));
	assert_true(greeter_message(&screen, MESSAGE_DENIED, false, json, sizeof(json)) > 0);
	scene_read(json, &scene);
	assert_int_equal(scene.tone, SCENE_BAD);
	assert_string_equal(scene.prompt, "");
	assert_string_equal(scene.text, message_text(NULL, MESSAGE_DENIED));
}

/* What is said beside a code leaves it there; what ends it does not. */
static void beside_a_code(void **state)
{
	static const struct {
		enum message message;
		bool stays, stale;
	} rows[] = {
		{ MESSAGE_TROUBLE, true, false },   { MESSAGE_WAITING, true, false },
		{ MESSAGE_FRESH_CODE, true, true }, { MESSAGE_DENIED, false, false },
		{ MESSAGE_APPROVED, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct screen_matrix matrix;
		struct screen screen = screen_of(&matrix);

		assert_true(greeter_code(&screen, json, sizeof(json)) > 0);
		scene_read(json, &scene);
		assert_true(greeter_message(&screen, rows[i].message, false, json, sizeof(json)) >
			    0);
		scene_read(json, &scene);
		assert_int_equal(scene.kind == SCENE_CODE, rows[i].stays);
		assert_int_equal(scene.stale, rows[i].stale);
		assert_string_equal(scene.text, message_text(NULL, rows[i].message));
	}
}

/* Texts of other modules, and objects of nobody's. */
static void odd_texts(void **state)
{
	static const char *const rows[] = {
		"Password: ",
		"",
		"{",
		"{\"device_code_greeter\":2,\"state\":\"code\"}",
		"{\"device_code_greeter\":\"1\"}",
		"[1]",
		"{\"device_code_greeter\":1.5}",
	};
	static const char *const codes[] = {
		"\"width\":29,\"modules\":\"01\"",
		"\"width\":22,\"modules\":\"0\"",
		"\"width\":-5",
		"\"width\":1e99,\"modules\":\"0\"",
		"\"width\":77",
		"\"modules\":7",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		scene_read(rows[i], &scene);
		assert_int_equal(scene.kind, SCENE_MESSAGE);
		assert_string_equal(scene.text, rows[i]);
	}
	scene_read("a\001b\xff\xe2\x80\xae\nc", &scene);
	assert_string_equal(scene.text, "a?b??\nc");
	for (size_t i = 0; i < COUNT(codes); i++) {
		snprintf(text, sizeof(text), "{\"device_code_greeter\":1,\"state\":\"code\",%s}",
			 codes[i]);
		scene_read(text, &scene);
		assert_int_equal(scene.kind, SCENE_CODE);
		assert_int_equal(scene.width, 0);
	}
}

/* ---- greetd ---- */

static void replies(void **state)
{
	static const struct {
		const char *json;
		bool ok;
		enum reply_kind kind;
		const char *text;
	} rows[] = {
		{ "{\"type\":\"success\"}", true, REPLY_SUCCESS, "" },
		{ "{\"type\":\"error\",\"error_type\":\"auth_error\",\"description\":\"x\"}", true,
		  REPLY_REFUSED, "x" },
		{ "{\"type\":\"error\",\"error_type\":\"error\",\"description\":\"y\"}", true,
		  REPLY_FAILED, "y" },
		{ "{\"type\":\"auth_message\",\"auth_message_type\":\"info\",\"auth_message\":\"{\\\"\"}",
		  true, REPLY_INFO, "{\"" },
		{ "{\"type\":\"auth_message\",\"auth_message_type\":\"secret\",\"auth_message\":\"p\"}",
		  true, REPLY_SECRET, "p" },
		{ "{\"type\":\"auth_message\",\"auth_message_type\":\"dance\"}", false, 0, "" },
		{ "{\"type\":\"Success\"}", false, 0, "" },
		{ "{\"Type\":\"success\"}", false, 0, "" },
		{ "[\"success\"]", false, 0, "" },
		{ "", false, 0, "" },
		{ "{\"type\":7}", false, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(reply_read(rows[i].json, strlen(rows[i].json), &reply),
				 rows[i].ok);
		if (!rows[i].ok)
			continue;
		assert_int_equal(reply.kind, rows[i].kind);
		assert_string_equal(reply.text, rows[i].text);
	}
}

static void requests(void **state)
{
	char *const command[] = { "kodi", "--say \"hi\"", NULL };
	char *const environment[] = { "A=b", NULL };
	static char longest[REQUEST_MAX + 1];

	(void)state;
	assert_true(request_create("", request) > 0);
	assert_string_equal(request, "{\"type\":\"create_session\",\"username\":\"\"}");
	assert_true(request_answer(NULL, request) > 0);
	assert_string_equal(request, "{\"type\":\"post_auth_message_response\"}");
	assert_true(request_answer("a\"\\\n", request) > 0);
	assert_string_equal(
		request, "{\"type\":\"post_auth_message_response\",\"response\":\"a\\\"\\\\\\n\"}");
	assert_true(request_cancel(request) > 0);
	assert_string_equal(request, "{\"type\":\"cancel_session\"}");
	assert_true(request_start(command, environment, request) > 0);
	assert_string_equal(request,
			    "{\"type\":\"start_session\",\"cmd\":[\"kodi\",\"--say \\\"hi\\\"\"],"
			    "\"env\":[\"A=b\"]}");
	memset(longest, 'x', sizeof(longest) - 1);
	assert_int_equal(request_answer(longest, request), 0);
}

/* ---- the talk ---- */

static struct {
	char sent[256];
	char state[32];
	int rest;
	int over; /* 0: not yet; 1: well; -1: not */
} did;

static void did_send(void *context, const char *text, size_t len)
{
	(void)context;
	assert_int_equal(len, strlen(text));
	sscanf(text, "{\"type\":\"%31[a-z_]", did.sent);
}

static void did_show(void *context, const struct scene *shown)
{
	(void)context;
	snprintf(did.state, sizeof(did.state), "%s", shown->state);
}

static void did_rest(void *context, int ms)
{
	(void)context;
	did.rest = ms;
}

static void did_over(void *context, bool well)
{
	(void)context;
	did.over = well ? 1 : -1;
}

#define SUCCESS "{\"type\":\"success\"}"
#define REFUSED "{\"type\":\"error\",\"error_type\":\"auth_error\",\"description\":\"\"}"
#define FAILED	"{\"type\":\"error\",\"error_type\":\"error\",\"description\":\"\"}"
#define SAYS(kind, text)                                                                         \
	"{\"type\":\"auth_message\",\"auth_message_type\":\"" kind "\",\"auth_message\":\"" text \
	"\"}"
#define OBJECT(state, more) \
	"{\\\"device_code_greeter\\\":1,\\\"state\\\":\\\"" state "\\\"" more "}"
#define IDLE   SAYS("visible", OBJECT("idle", ",\\\"prompt\\\":\\\"key\\\""))
#define CODE   SAYS("info", OBJECT("code", ""))
#define DENIED SAYS("info", OBJECT("denied", ",\\\"text\\\":\\\"no\\\""))

/* Each step: what happens, and what it has led to. "k" a key, "b" back, "t" typed, "r" rested, else greetd's. */
static void talks(void **state)
{
	static const struct {
		const char *name;
		const char *step[8][3]; /* event, what was sent last, what is shown */
		int over;
	} rows[] = {
		{ "approved",
		  { { IDLE, "create_session", "idle" },
		    { "k", "post_auth_message_response", "idle" },
		    { CODE, "post_auth_message_response", "code" },
		    { SUCCESS, "start_session", "code" },
		    { SUCCESS, "start_session", "code" },
		    { "k", "start_session", "code" },
		    { "r", "start_session", "code" } },
		  1 },
		{ "denied, and again",
		  { { CODE, "post_auth_message_response", "code" },
		    { DENIED, "post_auth_message_response", "denied" },
		    { REFUSED, "cancel_session", "denied" },
		    { FAILED, "cancel_session", "denied" },
		    { "r", "create_session", "denied" } },
		  0 },
		{ "refused without a word",
		  { { REFUSED, "cancel_session", "refused" },
		    { SUCCESS, "cancel_session", "refused" },
		    { "k", "create_session", "refused" },
		    { FAILED, "cancel_session", "failed" } },
		  0 },
		{ "back at a code",
		  { { CODE, "post_auth_message_response", "code" },
		    { "b", "post_auth_message_response", "left" },
		    { CODE, "cancel_session", "left" },
		    { SUCCESS, "create_session", "left" } },
		  0 },
		{ "back at a code, approved meanwhile",
		  { { CODE, "post_auth_message_response", "code" },
		    { "b", "post_auth_message_response", "left" },
		    { SUCCESS, "cancel_session", "left" } },
		  0 },
		{ "a key at a code is nothing",
		  { { CODE, "post_auth_message_response", "code" },
		    { "k", "post_auth_message_response", "code" } },
		  0 },
		{ "a password",
		  { { SAYS("secret", "Password:"), "create_session", "text" },
		    { "k", "create_session", "text" },
		    { "t", "post_auth_message_response", "moment" },
		    { REFUSED, "cancel_session", "refused" } },
		  0 },
		{ "a password that is left",
		  { { SAYS("secret", "Password:"), "create_session", "text" },
		    { "b", "cancel_session", "text" },
		    { SUCCESS, "create_session", "text" } },
		  0 },
		{ "a sentence of another module's stays",
		  { { SAYS("info", "Closed today"), "post_auth_message_response", "text" },
		    { REFUSED, "cancel_session", "text" } },
		  0 },
		{ "no session",
		  { { SUCCESS, "start_session", "" }, { FAILED, "cancel_session", "no_session" } },
		  0 },
		{ "nonsense", { { "{}", "create_session", "" } }, -1 },
		{ "unasked",
		  { { IDLE, "create_session", "idle" }, { SUCCESS, "create_session", "idle" } },
		  -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static char *const command[] = { "kodi", NULL }, *const nothing[] = { NULL };
		static struct talk talk;

		memset(&talk, 0, sizeof(talk));
		memset(&did, 0, sizeof(did));
		talk.ops = (struct talk_ops){ NULL, did_send, did_show, did_rest, did_over };
		talk.user = "";
		talk.command = command;
		talk.environment = nothing;
		talk_begin(&talk);
		for (size_t j = 0; rows[i].step[j][0]; j++) {
			const char *event = rows[i].step[j][0];

			if (strcmp(event, "k") == 0)
				talk_pressed(&talk, TALK_OK);
			else if (strcmp(event, "b") == 0)
				talk_pressed(&talk, TALK_BACK);
			else if (strcmp(event, "t") == 0)
				talk_typed(&talk, "secret");
			else if (strcmp(event, "r") == 0)
				talk_rested(&talk);
			else
				talk_hear(&talk, event, strlen(event));
			if (strcmp(did.sent, rows[i].step[j][1]) != 0 ||
			    strcmp(did.state, rows[i].step[j][2]) != 0)
				fail_msg("%s, step %zu: sent %s, shown \"%s\"", rows[i].name, j,
					 did.sent, did.state);
			assert_null(strstr(talk.request, "secret"));
		}
		if (did.over != rows[i].over)
			fail_msg("%s: over %d", rows[i].name, did.over);
	}
}

/* A login that never comes to a code is tried ever less often; one that did, soon. */
static void pauses(void **state)
{
	static const int wanted[] = { 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000 };
	static char *const nothing[] = { NULL };
	static struct talk talk;

	(void)state;
	memset(&talk, 0, sizeof(talk));
	talk.ops = (struct talk_ops){ NULL, did_send, did_show, did_rest, did_over };
	talk.user = "";
	talk.command = talk.environment = nothing;
	talk_begin(&talk);
	for (size_t i = 0; i < COUNT(wanted); i++) {
		talk_hear(&talk, REFUSED, strlen(REFUSED));
		talk_hear(&talk, SUCCESS, strlen(SUCCESS));
		assert_int_equal(did.rest, wanted[i]);
		talk_rested(&talk);
	}
	talk_hear(&talk, CODE, strlen(CODE));
	talk_hear(&talk, REFUSED, strlen(REFUSED));
	talk_hear(&talk, SUCCESS, strlen(SUCCESS));
	assert_int_equal(did.rest, 8000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_comes_through),
		cmocka_unit_test(the_largest_fits),
		cmocka_unit_test(what_may_not_be_shown_is_not),
		cmocka_unit_test(sentences_come_through),
		cmocka_unit_test(beside_a_code),
		cmocka_unit_test(odd_texts),
		cmocka_unit_test(replies),
		cmocka_unit_test(requests),
		cmocka_unit_test(talks),
		cmocka_unit_test(pauses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
