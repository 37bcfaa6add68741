/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * common/client.c: what a login may say, in which order, and what comes of it. The login is a script of
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

#include "common/channel.h"
#include "common/client.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	ALICE = 1000,
	PACKETS = 8,
};

static struct {
	int there, here; /* the two ends */
	char done[512];	 /* what the host was made to do */
	bool deaf, gone, nameless;
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

static const char *host_name(struct host *host)
{
	(void)host;
	did("name", "");
	return stage.nameless ? NULL : "alice";
}

static bool host_show(struct host *host, const char *text)
{
	(void)host;
	did("show", text);
	return !stage.deaf;
}

static bool host_ask(struct host *host, bool echo, const char *prompt, char *out, size_t len)
{
	(void)host;
	did(echo ? "ask" : "ask hidden", prompt);
	snprintf(out, len, "typed");
	return !stage.deaf;
}

static bool host_eidp(struct host *host, const char *json, char *out, size_t len)
{
	(void)host;
	did("eidp", json);
	snprintf(out, len, "reply");
	return !stage.deaf;
}

static void host_drop(struct host *host)
{
	(void)host;
	did("wipe", "");
}

static bool host_gone(struct host *host)
{
	(void)host;
	return stage.gone;
}

static int host_watch(struct host *host, bool *glancing)
{
	(void)host;
	did("watch", "");
	*glancing = true;
	return -1;
}

static void host_look(struct host *host)
{
	did("look", "");
	host->terminal.rows = 25;
}

static void host_account(struct host *host, const char *name, struct local_account *account)
{
	(void)host;
	account->name = name;
	account->exists = strcmp(name, "nobody-here") != 0;
	account->uid = strcmp(name, "alice") == 0 ? ALICE : 4711;
}

static bool host_tell(struct host *host, const char *line)
{
	(void)host;
	did("env", line);
	return true;
}

static bool env_ok(const char *line)
{
	return strncmp(line, "DEVICE_CODE_", 12) == 0;
}

static const struct host_ops ops = {
	.name = host_name,
	.show = host_show,
	.ask = host_ask,
	.eidp = host_eidp,
	.drop_typed = host_drop,
	.gone = host_gone,
	.watch = host_watch,
	.look = host_look,
	.account = host_account,
	.tell = host_tell,
};

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

static void stage_set(void)
{
	int pair[2];

	memset(&stage, 0, sizeof(stage));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	stage.there = pair[0];
	stage.here = pair[1];
}

static struct client run(struct host *host, const char *verb, const char *const *packets)
{
	struct client client = {
		.host = host, .verb = verb, .id = "0123456789abcdef", .env_ok = env_ok
	};

	host->ops = &ops;
	host->service = host->rhost = host->tty = host->ruser = "";
	for (size_t i = 0; i < PACKETS && packets[i]; i++)
		packet_send(packets[i]);
	shutdown(stage.there, SHUT_WR);
	client_run(&client);
	return client;
}

#define YES "done|outcome|admitted|user|alice|uid|1000"

static const struct {
	const char *what;
	const char *packets[PACKETS];
	const char *user; /* that was given; NULL: none */
	enum outcome outcome;
	const char *reason; /* NULL: the login has said it */
	const char *done;
} rows[] = {
	{ "let in",
	  { "ready", "show|text|hello", YES },
	  "alice",
	  OUTCOME_ADMITTED,
	  NULL,
	  "show hello" },
	{ "nobody was named", { "ready", YES }, NULL, OUTCOME_ADMITTED, NULL, "" },
	{ "the name is asked for", { "ready", "name", YES }, NULL, OUTCOME_ADMITTED, NULL, "name" },
	{ "all that there is",
	  { "ready", "watch", "ask|prompt|Enter", "ask_hidden|prompt|code", "wipe", "look", YES },
	  "alice",
	  OUTCOME_ADMITTED,
	  NULL,
	  "watch, ask Enter, ask hidden code, wipe, look" },
	{ "refused, in words",
	  { "ready", "last|text|no", "done|outcome|denied" },
	  "alice",
	  OUTCOME_DENIED,
	  NULL,
	  "show no" },
	{ "refused", { "ready", "done|outcome|denied" }, "alice", OUTCOME_DENIED, NULL, "" },
	{ "a name of the environment",
	  { "ready", YES "|env0|DEVICE_CODE_SUBJECT=x" },
	  "alice",
	  OUTCOME_ADMITTED,
	  NULL,
	  "env DEVICE_CODE_SUBJECT=x" },
	{ "JSON for a greeter",
	  { "ready", "eidp|json|{}", YES },
	  "alice",
	  OUTCOME_ADMITTED,
	  NULL,
	  "eidp {}" },
	/* what nobody gets in by */
	{ "JSON for who takes none",
	  { "ready", "eidp|json|{}", YES },
	  "alice",
	  OUTCOME_BREACH,
	  "login_breaks_the_protocol",
	  "" },
	{ "no JSON",
	  { "ready", "eidp|text|{}", YES },
	  "alice",
	  OUTCOME_BREACH,
	  "login_breaks_the_protocol",
	  "" },
	{ "a yes before ready", { YES }, "alice", OUTCOME_BREACH, "login_breaks_the_protocol", "" },
	{ "a text before ready",
	  { "show|text|x", "ready", YES },
	  "alice",
	  OUTCOME_BREACH,
	  "login_breaks_the_protocol",
	  "" },
	{ "ready twice",
	  { "ready", "ready", YES },
	  "alice",
	  OUTCOME_BREACH,
	  "login_breaks_the_protocol",
	  "" },
	{ "nothing", { NULL }, "alice", OUTCOME_BREACH, "login_gone", "" },
	{ "an end without a verdict",
	  { "ready", "show|text|x" },
	  "alice",
	  OUTCOME_BREACH,
	  "login_gone",
	  "show x" },
	{ "a verb that is none",
	  { "ready", "exec|text|x", YES },
	  "alice",
	  OUTCOME_BREACH,
	  "login_breaks_the_protocol",
	  "" },
	{ "a packet that is none",
	  { "ready", "show|text", YES },
	  "alice",
	  OUTCOME_BREACH,
	  "login_breaks_the_protocol",
	  "" },
	{ "a text without a text",
	  { "ready", "show|tex|x", YES },
	  "alice",
	  OUTCOME_BREACH,
	  "login_breaks_the_protocol",
	  "" },
	{ "an outcome that is none",
	  { "ready", "done|outcome|yes" },
	  "alice",
	  OUTCOME_BREACH,
	  "login_breaks_the_protocol",
	  "" },
	{ "two outcomes",
	  { "ready", "done|outcome|denied|outcome|admitted|user|alice|uid|1000" },
	  "alice",
	  OUTCOME_BREACH,
	  "login_breaks_the_protocol",
	  "" },
	{ "somebody else", { "ready", YES }, "bob", OUTCOME_BREACH, "login_admits_another", "" },
	{ "another uid",
	  { "ready", "done|outcome|admitted|user|alice|uid|1001" },
	  "alice",
	  OUTCOME_BREACH,
	  "login_admits_another",
	  "" },
	{ "a uid that is none",
	  { "ready", "done|outcome|admitted|user|alice|uid|-1" },
	  "alice",
	  OUTCOME_BREACH,
	  "login_admits_another",
	  "" },
	{ "no user",
	  { "ready", "done|outcome|admitted|uid|1000" },
	  "alice",
	  OUTCOME_BREACH,
	  "login_admits_another",
	  "" },
	{ "nobody's name",
	  { "ready", "done|outcome|admitted|user|nobody-here|uid|4711" },
	  NULL,
	  OUTCOME_BREACH,
	  "login_admits_another",
	  "" },
	{ "an environment of its own",
	  { "ready", YES "|env0|LD_PRELOAD=/x" },
	  "alice",
	  OUTCOME_BREACH,
	  "login_admits_another",
	  "" },
};

static void test_logins(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct host host = { .user = rows[i].user ? rows[i].user : "",
				     .eidp = strcmp(rows[i].what, "JSON for who takes none") != 0 };
		struct client client;

		stage_set();
		client = run(&host, "authenticate", rows[i].packets);
		if (client.outcome != rows[i].outcome || strcmp(stage.done, rows[i].done) != 0 ||
		    strcmp(client.reason ? client.reason : "",
			   rows[i].reason ? rows[i].reason : "") != 0)
			fail_msg("%s: %s (%s), %s", rows[i].what, outcome_name(client.outcome),
				 client.reason, stage.done);
		if (client.outcome == OUTCOME_ADMITTED) {
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
	struct host host = { .user = "" };
	struct client client;
	char heard[256];

	(void)state;
	stage_set();
	client = run(&host, "authenticate", packets);
	assert_int_equal(client.outcome, OUTCOME_ADMITTED);
	answers_read(heard, sizeof(heard));
	assert_string_equal(heard, "begin, answer alice, answer typed, terminal");
	close(stage.there);
}

static void test_a_person_who_cannot_be_reached(void **state)
{
	static const char *const shown[PACKETS] = { "ready", "show|text|x", YES };
	static const char *const last[PACKETS] = { "ready", "last|text|x", "done|outcome|denied" };
	static const char *const asked[PACKETS] = { "ready", "ask|prompt|x", YES };
	static const char *const named[PACKETS] = { "ready", "name", YES };
	struct host host = { .user = "" };
	struct client client;

	(void)state;
	stage_set();
	stage.deaf = true;
	client = run(&host, "authenticate", shown);
	assert_int_equal(client.outcome, OUTCOME_CONVERSATION);
	close(stage.there);
	stage_set();
	stage.deaf = true;
	client = run(&host, "authenticate", last);
	assert_int_equal(client.outcome, OUTCOME_DENIED); /* whether or not it is heard */
	close(stage.there);
	stage_set();
	stage.deaf = true;
	client = run(&host, "authenticate", asked);
	assert_int_equal(client.outcome, OUTCOME_CONVERSATION);
	close(stage.there);
	stage_set();
	stage.nameless = true;
	client = run(&host, "authenticate", named);
	assert_int_equal(client.outcome, OUTCOME_CONVERSATION);
	assert_null(client.reason); /* the login writes the line */
	close(stage.there);
}

static void test_sessions(void **state)
{
	static const char *const opened[PACKETS] = {
		"ready",
		"done|outcome|admitted|handle|0123456789abcdef0123456789abcdef|runtime_max|60"
	};
	static const char *const unhandled[PACKETS] = { "ready", "done|outcome|admitted" };
	static const char *const odd[PACKETS] = {
		"ready", "done|outcome|admitted|handle|0123|runtime_max|-5"
	};
	static const char *const other[PACKETS] = { "ready", "done|outcome|skipped" };
	struct host host = { .user = "alice" };
	struct client client;

	(void)state;
	stage_set();
	client = run(&host, "open", opened);
	assert_int_equal(client.outcome, OUTCOME_ADMITTED);
	assert_string_equal(client.opened, "0123456789abcdef0123456789abcdef");
	assert_int_equal(client.runtime_max, 60);
	close(stage.there);
	stage_set();
	client = run(&host, "open", unhandled);
	assert_int_equal(client.outcome, OUTCOME_BREACH);
	close(stage.there);
	stage_set();
	client = run(&host, "open", odd);
	assert_int_equal(client.outcome, OUTCOME_BREACH);
	close(stage.there);
	stage_set();
	client = run(&host, "open", other);
	assert_int_equal(client.outcome, OUTCOME_SKIPPED);
	assert_null(client.reason);
	close(stage.there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_what_the_login_hears),
		cmocka_unit_test(test_a_person_who_cannot_be_reached),
		cmocka_unit_test(test_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
