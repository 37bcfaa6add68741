/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pam_module/client.c: what a login may say, in which order, and what comes of it. The login is a script of
 * packets at the other end of a socket; its host notes what it is made to do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/spawn.h"
#include "common/channel.h"
#include "pam_module/client.h"
#include "pam_module/pam_conversation.h"
#include "pam_module/pam_gdm.h"
#include "pam_module/pam_host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	ALICE = 1000,
	PACKETS = 8,
};

static struct {
	const char *user; /* that was given, "" if none */
	int there, here;  /* the two ends */
	char done[512];	  /* what the host was made to do */
	bool deaf, nameless;
	bool plain; /* no GDM that takes JSON */
} stage;

int __wrap_channel_connect(const char *path);
bool __wrap_channel_exists(const char *path);

bool __wrap_channel_exists(const char *path)
{
	(void)path;
	return true;
}

int __wrap_channel_connect(const char *path)
{
	(void)path;
	return stage.here;
}

/* ---- the host ---- */

static void did(const char *what, const char *text)
{
	size_t len = strlen(stage.done);

	snprintf(stage.done + len, sizeof(stage.done) - len, "%s%s%s%s", len ? ", " : "", what,
		 text[0] ? " " : "", text);
}

int pam_get_user(pam_handle_t *pamh, const char **user, const char *prompt)
{
	(void)pamh;
	(void)prompt;
	did("name", "");
	*user = stage.nameless ? NULL : "alice";
	return stage.nameless ? PAM_CONV_ERR : PAM_SUCCESS;
}

bool converse(pam_handle_t *pamh, int style, const char *text, char *out, size_t out_len)
{
	(void)pamh;
	did(style == PAM_TEXT_INFO	  ? "show"
	    : style == PAM_PROMPT_ECHO_ON ? "ask"
					  : "ask hidden",
	    text);
	snprintf(out, out_len, "typed");
	return !stage.deaf;
}

bool gdm_offers(pam_handle_t *pamh)
{
	(void)pamh;
	return !stage.plain;
}

bool gdm_ask(pam_handle_t *pamh, const char *json, char *out, size_t out_len)
{
	(void)pamh;
	did("eidp", json);
	snprintf(out, out_len, "reply");
	return !stage.deaf;
}

void converse_drop_typed(void)
{
	did("wipe", "");
}

bool converse_gone(void)
{
	return false;
}

bool converse_await(int ms)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", ms);
	did("await", text);
	return true;
}

int converse_watch(bool *kept_back)
{
	did("watch", "");
	*kept_back = true;
	return -1;
}

bool host_item(pam_handle_t *pamh, int type, const char **text)
{
	(void)pamh;
	*text = type == PAM_USER ? stage.user : "";
	return true;
}

bool host_add(pam_handle_t *pamh, struct wire_draft *draft)
{
	(void)pamh;
	(void)draft;
	return true;
}

void host_add_terminal(struct wire_draft *draft)
{
	if (strcmp(draft->bytes, "terminal") == 0)
		did("look", "");
	wire_add_number(draft, "rows", 25);
}

bool host_has(pam_handle_t *pamh, const char *user, uid_t uid)
{
	(void)pamh;
	return strcmp(user, "nobody-here") != 0 &&
	       uid == (strcmp(user, "alice") == 0 ? ALICE : 4711);
}

int pam_putenv(pam_handle_t *pamh, const char *line)
{
	(void)pamh;
	did("env", line);
	return PAM_SUCCESS;
}

const char *pam_getenv(pam_handle_t *pamh, const char *name)
{
	(void)pamh;
	return strcmp(name, HOST_SUBJECT) == 0 ? "x" : NULL;
}

/* ---- the login ---- */

/* "verb|key|value|key|value" */
static void packet_send(const char *text)
{
	char bytes[WIRE_LONG_MAX];
	size_t len = strlen(text) + 1;

	memcpy(bytes, text, len);
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == '|')
			bytes[i] = '\0';
	assert_int_equal(send(stage.there, bytes, len, 0), (ssize_t)len);
}

static void answers_read(char *out, size_t out_len)
{
	char bytes[WIRE_LONG_MAX];
	struct wire_message message;
	ssize_t len;

	out[0] = '\0';
	while ((len = recv(stage.there, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		const char *text;

		assert_true(wire_parse(&message, bytes, (size_t)len));
		text = wire_value(&message, "text");
		snprintf(out + strlen(out), out_len - strlen(out), "%s%s%s%s", out[0] ? ", " : "",
			 message.verb, text ? " " : "", text ? text : "");
	}
}

static void stage_set(const char *user)
{
	int pair[2];

	memset(&stage, 0, sizeof(stage));
	stage.user = user;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	stage.there = pair[0];
	stage.here = pair[1];
}

static struct client run(const char *verb, const char *const *packets)
{
	struct client client = { .pamh = (pam_handle_t *)&stage,
				 .verb = verb,
				 .session = strcmp(verb, "authenticate") != 0,
				 .id = "0123456789abcdef" };

	for (size_t i = 0; i < PACKETS && packets[i]; i++)
		packet_send(packets[i]);
	shutdown(stage.there, SHUT_WR);
	client_run(&client);
	return client;
}

#define YES "done|result|admitted|user|alice|uid|1000"

static const struct {
	const char *what;
	const char *packets[PACKETS];
	const char *user; /* that was given; NULL: none */
	enum result result;
	const char *reason; /* NULL: the login has said it */
	const char *done;
} rows[] = {
	{ "let in",
	  { "ready", "show|text|hello", YES },
	  "alice",
	  RESULT_ADMITTED,
	  NULL,
	  "show hello" },
	{ "nobody was named", { "ready", YES }, NULL, RESULT_ADMITTED, NULL, "" },
	{ "the name is asked for", { "ready", "name", YES }, NULL, RESULT_ADMITTED, NULL, "name" },
	{ "all that there is",
	  { "ready", "watch", "ask|prompt|Enter", "ask_hidden|prompt|code", "wipe", "look", YES },
	  "alice",
	  RESULT_ADMITTED,
	  NULL,
	  "watch, ask Enter, ask hidden code, wipe, look" },
	{ "a look that takes a while",
	  { "ready", "look|ms|2000", YES },
	  "alice",
	  RESULT_ADMITTED,
	  NULL,
	  "await 2000, look" },
	{ "a look without end",
	  { "ready", "look|ms|3600000", YES },
	  "alice",
	  RESULT_ADMITTED,
	  NULL,
	  "await 5000, look" },
	{ "a look for nobody knows how long",
	  { "ready", "look|ms|soon", YES },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "refused, in words",
	  { "ready", "last|text|no", "done|result|no_more_tries" },
	  "alice",
	  RESULT_NO_MORE,
	  NULL,
	  "show no" },
	{ "refused", { "ready", "done|result|no_more_tries" }, "alice", RESULT_NO_MORE, NULL, "" },
	{ "a name of the environment",
	  { "ready", YES "|env0|DEVICE_CODE_SUBJECT=x" },
	  "alice",
	  RESULT_ADMITTED,
	  NULL,
	  "env DEVICE_CODE_SUBJECT=x" },
	{ "JSON for a greeter",
	  { "ready", "eidp|json|{}", YES },
	  "alice",
	  RESULT_ADMITTED,
	  NULL,
	  "eidp {}" },
	/* what nobody gets in by */
	{ "JSON for who takes none",
	  { "ready", "eidp|json|{}", YES },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "no JSON",
	  { "ready", "eidp|text|{}", YES },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "a yes before ready",
	  { YES },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "a text before ready",
	  { "show|text|x", "ready", YES },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "ready twice",
	  { "ready", "ready", YES },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "nothing", { NULL }, "alice", RESULT_HELPER_FAILED, "login_gone", "" },
	{ "an end without a verdict",
	  { "ready", "show|text|x" },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_gone",
	  "show x" },
	{ "a verb that is none",
	  { "ready", "exec|text|x", YES },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "a packet that is none",
	  { "ready", "show|text", YES },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "a text without a text",
	  { "ready", "show|tex|x", YES },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "an outcome that is none",
	  { "ready", "done|result|yes" },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "two outcomes",
	  { "ready", "done|result|failed|result|admitted|user|alice|uid|1000" },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "an outcome alone",
	  { "ready", "done|outcome|admitted|user|alice|uid|1000" },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_breaks_the_protocol",
	  "" },
	{ "somebody else",
	  { "ready", YES },
	  "bob",
	  RESULT_HELPER_FAILED,
	  "login_admits_another",
	  "" },
	{ "another uid",
	  { "ready", "done|result|admitted|user|alice|uid|1001" },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_admits_another",
	  "" },
	{ "a uid that is none",
	  { "ready", "done|result|admitted|user|alice|uid|-1" },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_admits_another",
	  "" },
	{ "a moment that is none",
	  { "ready", YES "|at|soon" },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_admits_another",
	  "" },
	{ "no user",
	  { "ready", "done|result|admitted|uid|1000" },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_admits_another",
	  "" },
	{ "nobody's name",
	  { "ready", "done|result|admitted|user|nobody-here|uid|4711" },
	  NULL,
	  RESULT_HELPER_FAILED,
	  "login_admits_another",
	  "" },
	{ "a session's name of the environment",
	  { "ready", YES "|env0|DEVICE_CODE_TOKEN_FILE=/x" },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_admits_another",
	  "" },
	{ "an environment of its own",
	  { "ready", YES "|env0|LD_PRELOAD=/x" },
	  "alice",
	  RESULT_HELPER_FAILED,
	  "login_admits_another",
	  "" },
};

static void test_logins(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct client client;

		stage_set(rows[i].user ? rows[i].user : "");
		stage.plain = strcmp(rows[i].what, "JSON for who takes none") == 0;
		client = run("authenticate", rows[i].packets);
		if (client.result != rows[i].result || strcmp(stage.done, rows[i].done) != 0 ||
		    strcmp(client.reason ? client.reason : "",
			   rows[i].reason ? rows[i].reason : "") != 0)
			fail_msg("%s: %s (%s), %s", rows[i].what, result_name(client.result),
				 client.reason, stage.done);
		if (client.result == RESULT_ADMITTED) {
			assert_string_equal(client.user, "alice");
			assert_int_equal(client.uid, ALICE);
		}
		close(stage.there);
	}
}

static void test_what_the_login_hears(void **state)
{
	static const char *const packets[PACKETS] = { "ready", "name", "ask|prompt|Enter", "look",
						      YES };
	struct client client;
	char heard[256];

	(void)state;
	stage_set("");
	client = run("authenticate", packets);
	assert_int_equal(client.result, RESULT_ADMITTED);
	answers_read(heard, sizeof(heard));
	assert_string_equal(heard, "begin, answer alice, answer typed, terminal");
	close(stage.there);
}

static void test_a_person_who_cannot_be_reached(void **state)
{
	static const char *const shown[PACKETS] = { "ready", "show|text|x", YES };
	static const char *const last[PACKETS] = { "ready", "last|text|x",
						   "done|result|no_more_tries" };
	static const char *const asked[PACKETS] = { "ready", "ask|prompt|x", YES };
	static const char *const named[PACKETS] = { "ready", "name", YES };
	struct client client;

	(void)state;
	stage_set("");
	stage.deaf = true;
	client = run("authenticate", shown);
	assert_int_equal(client.result, RESULT_CONVERSATION);
	close(stage.there);
	stage_set("");
	stage.deaf = true;
	client = run("authenticate", last);
	assert_int_equal(client.result, RESULT_NO_MORE); /* whether or not it is heard */
	close(stage.there);
	stage_set("");
	stage.deaf = true;
	client = run("authenticate", asked);
	assert_int_equal(client.result, RESULT_CONVERSATION);
	close(stage.there);
	stage_set("");
	stage.nameless = true;
	client = run("authenticate", named);
	assert_int_equal(client.result, RESULT_CONVERSATION);
	assert_null(client.reason); /* the login writes the line */
	close(stage.there);
}

/* A host that was stopped behind its login does not take the moment at which it is woken for the login's. */
static void test_moment(void **state)
{
	static const char *const said[PACKETS] = { "ready", YES "|at|4711" };
	static const char *const unsaid[PACKETS] = { "ready", YES };
	struct client client;

	(void)state;
	stage_set("alice");
	client = run("authenticate", said);
	assert_int_equal(client.result, RESULT_ADMITTED);
	assert_int_equal(client.at, 4711);
	close(stage.there);
	stage_set("alice");
	client = run("authenticate", unsaid);
	assert_int_equal(client.result, RESULT_ADMITTED);
	assert_in_range(client.at, spawn_now() - 60000, spawn_now());
	close(stage.there);
}

static void test_sessions(void **state)
{
	static const char *const opened[PACKETS] = {
		"ready",
		"done|result|admitted|handle|0123456789abcdef0123456789abcdef|runtime_max|60"
	};
	static const char *const unhandled[PACKETS] = { "ready", "done|result|admitted" };
	static const char *const odd[PACKETS] = {
		"ready", "done|result|admitted|handle|0123|runtime_max|-5"
	};
	static const char *const other[PACKETS] = { "ready", "done|result|skipped" };
	static const char *const token[PACKETS] = {
		"ready", "done|result|admitted|handle|01|env0|DEVICE_CODE_TOKEN_FILE=/x"
	};
	static const char *const subject[PACKETS] = {
		"ready", "done|result|admitted|handle|01|env0|DEVICE_CODE_SUBJECT=x"
	};
	struct client client;

	(void)state;
	stage_set("alice");
	client = run("open", opened);
	assert_int_equal(client.result, RESULT_ADMITTED);
	assert_string_equal(client.handle, "0123456789abcdef0123456789abcdef");
	assert_int_equal(client.runtime_max, 60);
	close(stage.there);
	stage_set("alice");
	client = run("open", unhandled);
	assert_int_equal(client.result, RESULT_HELPER_FAILED);
	close(stage.there);
	stage_set("alice");
	client = run("open", odd);
	assert_int_equal(client.result, RESULT_HELPER_FAILED);
	close(stage.there);
	stage_set("alice");
	client = run("open", other);
	assert_int_equal(client.result, RESULT_SKIPPED);
	assert_null(client.reason);
	close(stage.there);
	stage_set("alice");
	client = run("open", token);
	assert_int_equal(client.result, RESULT_ADMITTED);
	assert_string_equal(stage.done, "env DEVICE_CODE_TOKEN_FILE=/x");
	close(stage.there);
	stage_set("alice");
	client = run("open", subject);
	assert_int_equal(client.result, RESULT_HELPER_FAILED);
	close(stage.there);
}

static void test_what_an_earlier_login_told(void **state)
{
	(void)state;
	stage_set("alice");
	client_forget((pam_handle_t *)&stage);
	assert_string_equal(stage.done, "env DEVICE_CODE_SUBJECT");
	close(stage.there);
	close(stage.here);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_what_the_login_hears),
		cmocka_unit_test(test_a_person_who_cannot_be_reached),
		cmocka_unit_test(test_moment),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_what_an_earlier_login_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
