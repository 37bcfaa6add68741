/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module's end of the channel: see client.h. Must never compose, interpret or keep what it shows, or
 * take anything for a yes but one `done` of a login that was ready.
 */
#include "client.h"

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/channel.h"
#include "common/paths.h"
#include "common/scratch.h"
#include "common/spawn.h"
#include "pam_conversation.h"
#include "pam_gdm.h"
#include "pam_host.h"

enum {
	SESSION_MS = 10 * 1000, /* a session's beginning or end: two revocations, and their waits */
	GLANCE_MS = 500, /* between two looks at the clock, and whether the person is there */
	WAIT_MOST_MS = 5 * 1000, /* that a login may have this process look at its terminal */
	ANSWER_MAX = 4096 + 1,	 /* a terminal takes 4,095 bytes in one line */
};

/* One login under way. */
struct exchange {
	struct client *client;
	struct spawn login;
	bool ready;
	bool watching, glancing;
	bool typed; /* something, while it was waited for at the terminal */
	/* What is being taken: a message, the text that it must have, and a style of PAM's if that is for the person. */
	struct wire_message message;
	const char *text;
	int style;
	int terminal;  /* hangs up when the person leaves, or -1 */
	int64_t until; /* spawn_now(); INT64_MAX: as long as a person takes */
};

/* Names that the login may put into the session's environment: the first a session's, the rest a login's. */
static const char told_names[][24] = { HOST_TOKEN, HOST_ISSUER, HOST_SUBJECT, HOST_HANDLE };

bool client_end(struct client *client, enum result result, const char *reason)
{
	client->result = result;
	client->reason = reason;
	return false;
}

static bool protocol_error(struct client *client)
{
	return client_end(client, RESULT_HELPER_FAILED, "login_breaks_the_protocol");
}

/* ---- begin ---- */

/* The host is its user's own, and wants that user, who sits at this machine; xsecurelock says "localhost". */
static bool is_own(pam_handle_t *pamh)
{
	const char *user, *rhost;

	return getuid() == geteuid() && host_item(pamh, PAM_USER, &user) &&
	       host_item(pamh, PAM_RHOST, &rhost) &&
	       (rhost[0] == '\0' || strcmp(rhost, "localhost") == 0) &&
	       host_has(pamh, user, geteuid());
}

/* Where root's login listens for this host; NULL: nowhere. */
static const char *socket_find(const struct client *client)
{
	if (geteuid() == 0)
		return PATH_LOGIN_SOCKET;
	return !client->session && !client->conf_path && is_own(client->pamh) ? PATH_USER_SOCKET
									      : NULL;
}

/* The channel, by the one way that this host may take. */
static bool channel_open(struct exchange *exchange)
{
	static const struct spawn_what login = { .program = PATH_LOGIN };
	struct client *client = exchange->client;
	const char *socket = socket_find(client);
	enum spawn_result started;

	if (socket && channel_exists(socket)) {
		exchange->login.fd = channel_connect(socket);
		return exchange->login.fd >= 0 ||
		       client_end(client, RESULT_SETUP, "login_socket_refuses");
	}
	started = spawn_start(&exchange->login, &login);
	if (started == SPAWN_MISSING)
		return client_end(client, RESULT_SETUP, "login_missing");
	return started == SPAWN_STARTED || client_end(client, RESULT_SYSTEM, "login_not_started");
}

/* false: PAM does not say where it is. */
static bool begin_compose(const struct client *client, struct wire_draft *draft)
{
	wire_begin(draft, "begin");
	wire_add(draft, "wire", WIRE_VERSION);
	wire_add(draft, "verb", client->verb);
	wire_add(draft, "id", client->id);
	wire_add(draft, "handle", client->handle[0] ? client->handle : NULL);
	wire_add(draft, "section", client->section);
	wire_add(draft, "conf", client->conf_path);
	wire_add(draft, "debug", client->debug ? "yes" : NULL);
	if (!client->session) { /* what shows nothing needs no terminal */
		wire_add(draft, "waits", "yes");
		wire_add(draft, "eidp", gdm_offers(client->pamh) ? "yes" : NULL);
		host_add_terminal(draft);
	}
	return host_add(client->pamh, draft);
}

/* The message is made first: whoever makes a terminal's ioctl hang holds no connection meanwhile. */
static bool begin(struct exchange *exchange)
{
	struct client *client = exchange->client;
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	bool ok;

	if (!draft)
		return client_end(client, RESULT_MEMORY, "begin");
	if (!begin_compose(client, draft))
		ok = client_end(client, RESULT_SYSTEM, "pam_items_unavailable");
	else if (draft->broken)
		ok = client_end(client, RESULT_SYSTEM, "host_says_too_much");
	else
		ok = channel_open(exchange) &&
		     (wire_send(exchange->login.fd, draft) ||
		      client_end(client, RESULT_SETUP, "login_unresponsive"));
	scratch_drop(draft, sizeof(*draft));
	return ok;
}

/* ---- what the login wants ---- */

/* Nobody is there to talk to. The login sees the end of its host, and writes the line. */
static bool person_lost(struct exchange *exchange)
{
	return client_end(exchange->client, RESULT_CONVERSATION, NULL);
}

/* VERB, with TEXT or, NULL, with what the terminal is like. */
static bool reply(struct exchange *exchange, const char *verb, const char *text)
{
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	bool sent = false;

	if (draft) {
		wire_begin(draft, verb);
		wire_add(draft, "text", text);
		if (!text) {
			host_add_terminal(draft);
			wire_add(draft, "typed", exchange->typed ? "yes" : NULL);
		}
		sent = wire_send(exchange->login.fd, draft);
	}
	scratch_drop(draft, sizeof(*draft));
	return sent || client_end(exchange->client, RESULT_HELPER_FAILED, "login_gone");
}

static bool take_ready(struct exchange *exchange)
{
	exchange->ready = true;
	if (!exchange->client->session)
		exchange->until = INT64_MAX;
	return exchange->message.pairs == 0 || protocol_error(exchange->client);
}

static bool take_name(struct exchange *exchange)
{
	const char *name = NULL;

	if (pam_get_user(exchange->client->pamh, &name, NULL) != PAM_SUCCESS || !name)
		return person_lost(exchange);
	return reply(exchange, "answer", name);
}

static bool take_text(struct exchange *exchange)
{
	return converse(exchange->client->pamh, exchange->style, exchange->text, NULL, 0) ||
	       person_lost(exchange);
}

/* The verdict counts, whether or not a person hears why. */
static bool take_last(struct exchange *exchange)
{
	take_text(exchange);
	return true;
}

static bool take_question(struct exchange *exchange)
{
	pam_handle_t *pamh = exchange->client->pamh;
	char answer[ANSWER_MAX];
	bool ok;

	if (exchange->style == PAM_BINARY_PROMPT && !gdm_offers(pamh))
		return protocol_error(exchange->client);
	ok = exchange->style == PAM_BINARY_PROMPT
		     ? gdm_ask(pamh, exchange->text, answer, sizeof(answer))
		     : converse(pamh, exchange->style, exchange->text, answer, sizeof(answer));
	ok = ok ? reply(exchange, "answer", answer) : person_lost(exchange);
	explicit_bzero(answer, sizeof(answer));
	return ok;
}

static bool take_wipe(struct exchange *exchange)
{
	(void)exchange;
	converse_drop_typed();
	return true;
}

static bool take_watch(struct exchange *exchange)
{
	exchange->watching = true;
	exchange->terminal = converse_watch(&exchange->glancing);
	return true;
}

static bool take_look(struct exchange *exchange)
{
	const char *text = wire_value(&exchange->message, "ms");
	int64_t ms = 0;

	if (text && !wire_number(text, WAIT_MOST_MS, &ms))
		return protocol_error(exchange->client);
	exchange->typed = ms > 0 && converse_await((int)ms);
	if (ms > 0 && converse_gone())
		return person_lost(exchange);
	return reply(exchange, "terminal", NULL);
}

/* false: KEY has no text, or one that does not fit. */
static bool text_take(const struct wire_message *message, const char *key, char *out, size_t size)
{
	const char *text = wire_value(message, key);

	return text && (size_t)snprintf(out, size, "%s", text) < size;
}

/* A name that was given is never replaced, and the account is the one that this host has, too. */
static bool admitted_ok(struct client *client, const struct wire_message *message)
{
	const char *named, *at = wire_value(message, "at");
	int64_t uid;

	client->at = spawn_now(); /* a login of before an upgrade says none */
	if (!text_take(message, "user", client->user, sizeof(client->user)) ||
	    !wire_number(wire_value(message, "uid"), UINT32_MAX, &uid) ||
	    (at && !wire_number(at, INT64_MAX, &client->at)) ||
	    !host_item(client->pamh, PAM_USER, &named))
		return false;
	client->uid = (uid_t)uid;
	return client->user[0] != '\0' && (named[0] == '\0' || strcmp(named, client->user) == 0) &&
	       host_has(client->pamh, client->user, client->uid);
}

static bool opened_ok(struct client *client, const struct wire_message *message)
{
	const char *groups = wire_value(message, "groups");
	const char *max = wire_value(message, "runtime_max");

	return text_take(message, "handle", client->handle, sizeof(client->handle)) &&
	       (!groups || text_take(message, "groups", client->groups, sizeof(client->groups))) &&
	       (!max || wire_number(max, INT32_MAX, &client->runtime_max));
}

static bool told_ok(const struct client *client, const char *line)
{
	for (size_t i = 0; i < sizeof(told_names) / sizeof(*told_names); i++) {
		size_t len = strlen(told_names[i]);

		if (client->session == (i == 0) && strncmp(line, told_names[i], len) == 0 &&
		    line[len] == '=')
			return true;
	}
	return false;
}

static bool env_take(const struct client *client, const struct wire_message *message)
{
	for (size_t i = 0; i < message->pairs; i++) {
		const struct wire_pair *pair = &message->pair[i];

		if (strncmp(pair->key, "env", 3) == 0 &&
		    (!told_ok(client, pair->value) ||
		     pam_putenv(client->pamh, pair->value) != PAM_SUCCESS))
			return false;
	}
	return true;
}

static bool take_done(struct exchange *exchange)
{
	const struct wire_message *message = &exchange->message;
	struct client *client = exchange->client;
	enum result result = result_parse(exchange->text);
	bool ok = true;

	if (result == RESULT_COUNT)
		return protocol_error(client);
	if (result == RESULT_ADMITTED)
		ok = (client->session ? opened_ok(client, message)
				      : admitted_ok(client, message)) &&
		     env_take(client, message);
	return ok ? client_end(client, result, NULL)
		  : client_end(client, RESULT_HELPER_FAILED, "login_admits_another");
}

static bool message_take(struct exchange *exchange)
{
	static const struct {
		char verb[12];
		char key[8]; /* that it must have, "": none */
		short style;
		bool (*take)(struct exchange *exchange);
	} takers[] = {
		{ "ready", "", 0, take_ready },
		{ "name", "", 0, take_name },
		{ "show", "text", PAM_TEXT_INFO, take_text },
		{ "last", "text", PAM_TEXT_INFO, take_last },
		{ "ask", "prompt", PAM_PROMPT_ECHO_ON, take_question },
		{ "ask_hidden", "prompt", PAM_PROMPT_ECHO_OFF, take_question },
		{ "eidp", "json", PAM_BINARY_PROMPT, take_question },
		{ "wipe", "", 0, take_wipe },
		{ "watch", "", 0, take_watch },
		{ "look", "", 0, take_look },
		{ "done", "result", 0, take_done },
	};

	for (size_t i = 0; i < sizeof(takers) / sizeof(*takers); i++) {
		if (strcmp(takers[i].verb, exchange->message.verb) != 0)
			continue;
		exchange->text = wire_value(&exchange->message, takers[i].key);
		exchange->style = takers[i].style;
		if ((takers[i].take == take_ready) != exchange->ready &&
		    (exchange->text || !takers[i].key[0]))
			return takers[i].take(exchange);
	}
	return protocol_error(exchange->client);
}

/* What was shown goes back to the kernel, which clears it. */
static bool packet_take(struct exchange *exchange)
{
	char *bytes = scratch_take(WIRE_LONG_MAX);
	enum wire_received received;
	bool going = true;

	if (!bytes)
		return client_end(exchange->client, RESULT_MEMORY, "packet");
	received = wire_receive_long(exchange->login.fd, MSG_DONTWAIT, bytes, WIRE_LONG_MAX,
				     &exchange->message);
	if (received == WIRE_MESSAGE)
		going = message_take(exchange);
	else if (received == WIRE_INVALID)
		going = protocol_error(exchange->client);
	else if (received == WIRE_GONE)
		going = client_end(exchange->client, RESULT_HELPER_FAILED, "login_gone");
	scratch_drop(bytes, WIRE_LONG_MAX);
	return going;
}

/* Waits for the login; where it wants to know, also for the person's leaving. */
static bool step(struct exchange *exchange)
{
	struct client *client = exchange->client;
	struct pollfd pfd[2] = { { .fd = exchange->login.fd, .events = POLLIN },
				 { .fd = exchange->terminal } };

	if (exchange->ready && !client->session && !exchange->glancing)
		poll(pfd, 2, -1);
	else
		poll(pfd, 2, GLANCE_MS);
	if (pfd[0].revents != 0)
		return packet_take(exchange);
	/* A machine that is just starting is slow, not set up wrongly: a kiosk soon tries again. */
	if (spawn_now() >= exchange->until)
		return exchange->ready ? client_end(client, RESULT_SYSTEM, "login_takes_too_long")
				       : client_end(client, RESULT_SYSTEM, "login_does_not_answer");
	if (exchange->watching && converse_gone())
		return person_lost(exchange);
	if (pfd[1].revents != 0)
		exchange->terminal = -1; /* hung up, but not gone: it says nothing any more */
	return true;
}

void client_run(struct client *client)
{
	struct exchange exchange = { .client = client, .login = SPAWN_NONE, .terminal = -1 };
	bool going = begin(&exchange);

	exchange.until = spawn_after(client->session ? SESSION_MS : CHANNEL_BEGIN_MS);
	while (going)
		going = step(&exchange);
	spawn_leave(&exchange.login); /* a child sees the channel's end, and ends its helper */
}

void client_forget(pam_handle_t *pamh)
{
	for (size_t i = 1; i < sizeof(told_names) / sizeof(*told_names); i++)
		if (pam_getenv(pamh, told_names[i]))
			pam_putenv(pamh, told_names[i]);
}
