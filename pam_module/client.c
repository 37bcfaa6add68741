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
	bool typed;    /* something, while it was waited for at the terminal */
	int terminal;  /* hangs up when the person leaves, or -1 */
	int64_t until; /* spawn_now(); INT64_MAX: as long as a person takes */
};

/* Names that the login may put into the session's environment: the first a session's, the rest a login's. */
static const char told_names[][24] = { HOST_TOKEN, HOST_ISSUER, HOST_SUBJECT, HOST_HANDLE };

bool client_end(struct client *client, enum outcome outcome, const char *reason)
{
	client->outcome = outcome;
	client->reason = reason;
	return false;
}

static bool breach(struct client *client)
{
	return client_end(client, OUTCOME_BREACH, "login_breaks_the_protocol");
}

static bool is_session(const struct client *client)
{
	return strcmp(client->verb, "authenticate") != 0;
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
	return !is_session(client) && !client->conf_path && is_own(client->pamh) ? PATH_USER_SOCKET
										 : NULL;
}

/* The channel, by the one way that this host may take. */
static bool channel_open(struct exchange *exchange)
{
	static const struct spawn_what login = { .program = PATH_LOGIN };
	struct client *client = exchange->client;
	const char *socket = socket_find(client);

	if (socket && channel_exists(socket)) {
		exchange->login.fd = channel_connect(socket);
		return exchange->login.fd >= 0 ||
		       client_end(client, OUTCOME_SETUP, "login_socket_refuses");
	}
	switch (spawn_start(&exchange->login, &login)) {
	case SPAWN_STARTED:
		return true;
	case SPAWN_MISSING:
	case SPAWN_NO_ACCOUNT:
		return client_end(client, OUTCOME_SETUP, "login_missing");
	case SPAWN_FAILED:
		break;
	}
	return client_end(client, OUTCOME_SYSTEM, "login_not_started");
}

/* false: PAM does not say where it is. */
static bool begin_compose(const struct client *client, struct wire_draft *draft)
{
	wire_begin(draft, "begin");
	wire_add(draft, "wire", WIRE_VERSION);
	wire_add(draft, "verb", client->verb);
	wire_add(draft, "id", client->id);
	wire_add(draft, "handle", client->handle);
	wire_add(draft, "section", client->section);
	wire_add(draft, "conf", client->conf_path);
	wire_add(draft, "debug", client->debug ? "yes" : NULL);
	if (!is_session(client)) { /* what shows nothing needs no terminal */
		wire_add(draft, "waits", "yes");
		wire_add(draft, "eidp", gdm_offers(client->pamh) ? "yes" : NULL);
		host_add_terminal(draft);
	}
	return host_add(client->pamh, draft);
}

static bool begin_send(struct exchange *exchange)
{
	struct client *client = exchange->client;
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	bool ok = true;

	if (!draft)
		return client_end(client, OUTCOME_MEMORY, "begin");
	if (!begin_compose(client, draft))
		ok = client_end(client, OUTCOME_SYSTEM, "host_says_not_where");
	else if (draft->broken)
		ok = client_end(client, OUTCOME_SYSTEM, "host_says_too_much");
	else if (!wire_send(exchange->login.fd, draft))
		ok = client_end(client, OUTCOME_SETUP, "login_does_not_listen");
	scratch_drop(draft, sizeof(*draft));
	return ok;
}

/* ---- what the login wants ---- */

static bool take_ready(struct exchange *exchange, const struct wire_message *message)
{
	exchange->ready = true;
	if (!is_session(exchange->client))
		exchange->until = INT64_MAX;
	return message->pairs == 0 || breach(exchange->client);
}

static bool take_show(struct exchange *exchange, const struct wire_message *message)
{
	const char *text = wire_value(message, "text");

	if (!text)
		return breach(exchange->client);
	return converse_show(exchange->client->pamh, text) ||
	       client_end(exchange->client, OUTCOME_CONVERSATION, "show");
}

/* The verdict counts, whether or not a person hears why. */
static bool take_last(struct exchange *exchange, const struct wire_message *message)
{
	const char *text = wire_value(message, "text");

	if (!text)
		return breach(exchange->client);
	converse_show(exchange->client->pamh, text);
	return true;
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
	return sent || client_end(exchange->client, OUTCOME_BREACH, "login_gone");
}

static bool ask(struct exchange *exchange, const struct wire_message *message, bool echo)
{
	const char *prompt = wire_value(message, "prompt");
	char answer[ANSWER_MAX] = "";
	bool ok;

	if (!prompt)
		return breach(exchange->client);
	ok = converse_ask(exchange->client->pamh, echo, prompt, answer, sizeof(answer))
		     ? reply(exchange, "answer", answer)
		     : client_end(exchange->client, OUTCOME_CONVERSATION, "ask");
	explicit_bzero(answer, sizeof(answer));
	return ok;
}

static bool take_ask(struct exchange *exchange, const struct wire_message *message)
{
	return ask(exchange, message, true);
}

static bool take_ask_hidden(struct exchange *exchange, const struct wire_message *message)
{
	return ask(exchange, message, false);
}

static bool take_eidp(struct exchange *exchange, const struct wire_message *message)
{
	pam_handle_t *pamh = exchange->client->pamh;
	const char *json = wire_value(message, "json");
	char answer[ANSWER_MAX] = "";

	if (!json || !gdm_offers(pamh))
		return breach(exchange->client);
	return gdm_ask(pamh, json, answer, sizeof(answer))
		       ? reply(exchange, "answer", answer)
		       : client_end(exchange->client, OUTCOME_CONVERSATION, "ask");
}

static bool take_name(struct exchange *exchange, const struct wire_message *message)
{
	const char *name = NULL;

	(void)message;
	if (pam_get_user(exchange->client->pamh, &name, NULL) != PAM_SUCCESS || !name)
		return client_end(exchange->client, OUTCOME_CONVERSATION, "no_user_name");
	return reply(exchange, "answer", name);
}

static bool take_wipe(struct exchange *exchange, const struct wire_message *message)
{
	(void)exchange;
	(void)message;
	converse_drop_typed();
	return true;
}

static bool take_watch(struct exchange *exchange, const struct wire_message *message)
{
	(void)message;
	exchange->watching = true;
	exchange->terminal = converse_watch(&exchange->glancing);
	return true;
}

static bool take_look(struct exchange *exchange, const struct wire_message *message)
{
	const char *text = wire_value(message, "ms");
	long ms = 0;

	if (text && !wire_number(text, WAIT_MOST_MS, &ms))
		return breach(exchange->client);
	exchange->typed = ms > 0 && converse_await((int)ms);
	if (ms > 0 && converse_gone())
		return client_end(exchange->client, OUTCOME_CONVERSATION, "person_gone");
	return reply(exchange, "terminal", NULL);
}

/* A name that was given is never replaced, and the account is the one that this host has, too. */
static bool admitted_ok(struct client *client, const struct wire_message *message)
{
	const char *user = wire_value(message, "user");
	const char *uid = wire_value(message, "uid");
	const char *named;
	long number;

	if (!user || !uid || !wire_number(uid, UINT32_MAX, &number) || user[0] == '\0' ||
	    strlen(user) >= sizeof(client->user))
		return false;
	if (!host_item(client->pamh, PAM_USER, &named) ||
	    (named[0] != '\0' && strcmp(named, user) != 0))
		return false;
	client->uid = (uid_t)number;
	snprintf(client->user, sizeof(client->user), "%s", user);
	return host_has(client->pamh, user, client->uid);
}

static bool opened_ok(struct client *client, const struct wire_message *message)
{
	const char *handle = wire_value(message, "handle");
	const char *max = wire_value(message, "runtime_max");
	const char *groups = wire_value(message, "groups");

	if (groups && (size_t)snprintf(client->groups, sizeof(client->groups), "%s", groups) >=
			      sizeof(client->groups))
		return false;

	if (!handle || strlen(handle) >= sizeof(client->opened) ||
	    (max && !wire_number(max, INT32_MAX, &client->runtime_max)))
		return false;
	snprintf(client->opened, sizeof(client->opened), "%s", handle);
	return true;
}

static bool told_ok(const struct client *client, const char *line)
{
	size_t first = is_session(client) ? 0 : 1;
	size_t end = is_session(client) ? 1 : sizeof(told_names) / sizeof(*told_names);

	for (size_t i = first; i < end; i++)
		if (strncmp(line, told_names[i], strlen(told_names[i])) == 0 &&
		    line[strlen(told_names[i])] == '=')
			return true;
	return false;
}

static bool env_take(const struct client *client, const struct wire_message *message)
{
	for (size_t i = 0; i < message->pairs; i++) {
		const struct wire_pair *pair = &message->pair[i];

		if (strncmp(pair->key, "env", 3) != 0)
			continue;
		if (!told_ok(client, pair->value) ||
		    pam_putenv(client->pamh, pair->value) != PAM_SUCCESS)
			return false;
	}
	return true;
}

static bool take_done(struct exchange *exchange, const struct wire_message *message)
{
	struct client *client = exchange->client;
	const char *name = wire_value(message, "outcome");
	enum outcome outcome = name ? outcome_parse(name) : OUTCOME_COUNT;
	bool ok = true;

	if (outcome == OUTCOME_COUNT)
		return breach(client);
	if (outcome == OUTCOME_ADMITTED)
		ok = (is_session(client) ? opened_ok(client, message)
					 : admitted_ok(client, message)) &&
		     env_take(client, message);
	return ok ? client_end(client, outcome, NULL)
		  : client_end(client, OUTCOME_BREACH, "login_admits_another");
}

static bool message_take(struct exchange *exchange, const struct wire_message *message)
{
	static const struct {
		char verb[12];
		bool first; /* before `ready` */
		bool (*take)(struct exchange *exchange, const struct wire_message *message);
	} takers[] = {
		{ "ready", true, take_ready },	{ "show", false, take_show },
		{ "ask", false, take_ask },	{ "ask_hidden", false, take_ask_hidden },
		{ "name", false, take_name },	{ "wipe", false, take_wipe },
		{ "watch", false, take_watch }, { "done", false, take_done },
		{ "look", false, take_look },	{ "last", false, take_last },
		{ "eidp", false, take_eidp },
	};

	for (size_t i = 0; i < sizeof(takers) / sizeof(*takers); i++)
		if (strcmp(takers[i].verb, message->verb) == 0)
			return takers[i].first == exchange->ready
				       ? breach(exchange->client)
				       : takers[i].take(exchange, message);
	return breach(exchange->client);
}

/* What was shown goes back to the kernel, which clears it. */
static bool packet_take(struct exchange *exchange)
{
	char *bytes = scratch_take(WIRE_LONG_MAX);
	struct wire_message message;
	bool going = true;

	if (!bytes)
		return client_end(exchange->client, OUTCOME_MEMORY, "packet");
	switch (wire_receive_long(exchange->login.fd, MSG_DONTWAIT, bytes, WIRE_LONG_MAX,
				  &message)) {
	case WIRE_MESSAGE:
		going = message_take(exchange, &message);
		break;
	case WIRE_NOTHING:
		break;
	case WIRE_INVALID:
		going = breach(exchange->client);
		break;
	case WIRE_GONE:
		going = client_end(exchange->client, OUTCOME_BREACH, "login_gone");
		break;
	}
	scratch_drop(bytes, WIRE_LONG_MAX);
	return going;
}

/* Waits for the login; where it wants to know, also for the person's leaving. */
static bool step(struct exchange *exchange)
{
	struct client *client = exchange->client;
	struct pollfd pfd[2] = { { .fd = exchange->login.fd, .events = POLLIN },
				 { .fd = exchange->terminal } };

	if (exchange->ready && !is_session(client) && !exchange->glancing)
		poll(pfd, 2, -1);
	else
		poll(pfd, 2, GLANCE_MS);
	if (pfd[0].revents != 0)
		return packet_take(exchange);
	/* A machine that is just starting is slow, not set up wrongly: a kiosk soon tries again. */
	if (spawn_now() >= exchange->until)
		return exchange->ready
			       ? client_end(client, OUTCOME_SYSTEM, "login_takes_too_long")
			       : client_end(client, OUTCOME_SYSTEM, "login_does_not_answer");
	if (exchange->watching && converse_gone())
		return client_end(client, OUTCOME_CONVERSATION, "person_gone");
	if (pfd[1].revents != 0)
		exchange->terminal = -1; /* hung up, but not gone: it says nothing any more */
	return true;
}

void client_run(struct client *client)
{
	struct exchange exchange = { .client = client, .login = SPAWN_NONE, .terminal = -1 };
	bool going = channel_open(&exchange) && begin_send(&exchange);

	exchange.until = spawn_after(is_session(client) ? SESSION_MS : CHANNEL_BEGIN_MS);
	while (going)
		going = step(&exchange);
	/* Its line in the log is the login's to write, which sees the end of its host. */
	if (exchange.ready && client->outcome == OUTCOME_CONVERSATION)
		client->reason = NULL;
	spawn_leave(&exchange.login); /* a child sees the channel's end, and ends its helper */
}

void client_forget(pam_handle_t *pamh)
{
	for (size_t i = 1; i < sizeof(told_names) / sizeof(*told_names); i++)
		if (pam_getenv(pamh, told_names[i]))
			pam_putenv(pamh, told_names[i]);
}
