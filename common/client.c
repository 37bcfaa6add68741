/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module's end of the channel: see client.h. Must never compose, interpret or keep what it shows, or
 * take anything for a yes but one `done` of a login that was ready.
 */
#include "client.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "channel.h"
#include "paths.h"
#include "scratch.h"
#include "spawn.h"

enum {
	SESSION_MS =
		10 *
		1000, /* of a session's beginning or end: two revocations, and what they wait for */
	GLANCE_MS = 500,       /* between two looks whether the person is still there */
	ANSWER_MAX = 4096 + 1, /* a terminal takes 4,095 bytes in one line */
};

/* One login under way. */
struct exchange {
	struct client *client;
	struct spawn channel; /* beside: a terminal that hangs up when the person leaves */
	bool ready;
	bool watching, glancing;
	int64_t until; /* spawn_now(); INT64_MAX: as long as a person takes */
};

static bool breach(struct client *client)
{
	return client_end(client, OUTCOME_BREACH, "login_breaks_the_protocol");
}

/* ---- begin ---- */

static void terminal_add(struct wire_draft *draft, const struct tty *tty)
{
	static const char digits[] = "0123456789abcdef";
	char glyphs[TTY_GLYPHS / 4 + 1] = "";

	wire_add_number(draft, "rows", tty->rows);
	wire_add_number(draft, "columns", tty->columns);
	wire_add(draft, "utf8", tty->utf8 ? "yes" : NULL);
	wire_add(draft, "dumb", tty->dumb ? "yes" : NULL);
	wire_add(draft, "no_term", tty->no_term ? "yes" : NULL);
	wire_add(draft, "linux_console", tty->linux_console ? "yes" : NULL);
	if (!tty->linux_console)
		return;
	for (size_t i = 0; i < TTY_GLYPHS / 8; i++) {
		glyphs[2 * i] = digits[tty->glyphs[i] >> 4];
		glyphs[2 * i + 1] = digits[tty->glyphs[i] & 15];
	}
	wire_add(draft, "glyphs", glyphs);
}

static void begin_compose(const struct client *client, struct wire_draft *draft)
{
	const struct host *host = client->host;

	wire_begin(draft, "begin");
	wire_add(draft, "wire", WIRE_VERSION);
	wire_add(draft, "verb", client->verb);
	wire_add(draft, "id", client->id);
	wire_add(draft, "handle", client->handle);
	wire_add(draft, "service", host->service);
	wire_add(draft, "user", host->user[0] ? host->user : NULL);
	wire_add(draft, "rhost", host->rhost);
	wire_add(draft, "tty", host->tty);
	wire_add(draft, "ruser", host->ruser);
	wire_add(draft, "ssh_connection", host->ssh_connection);
	wire_add(draft, "ssh_auth_info", host->ssh_auth_info);
	wire_add(draft, "xdg_seat", host->xdg_seat);
	wire_add_number(draft, "ruid", (long long)host->ruid);
	wire_add_number(draft, "alarm", host->alarm);
	terminal_add(draft, &host->terminal);
	wire_add(draft, "section", client->section);
	wire_add(draft, "conf", client->conf_path);
	wire_add(draft, "debug", client->debug ? "yes" : NULL);
}

/* The channel, by the one way that this host may take. */
static bool channel_open(struct exchange *exchange)
{
	static const struct spawn_what login = { .program = PATH_LOGIN };
	struct client *client = exchange->client;

	if (client->host->euid == 0 && channel_exists(PATH_LOGIN_SOCKET)) {
		exchange->channel.fd = channel_connect(PATH_LOGIN_SOCKET);
		return exchange->channel.fd >= 0 ||
		       client_end(client, OUTCOME_SETUP, "login_socket_refuses");
	}
	switch (spawn_start(&exchange->channel, &login)) {
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

static bool begin_send(struct exchange *exchange)
{
	struct client *client = exchange->client;
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	bool fits, sent;

	if (!draft)
		return client_end(client, OUTCOME_MEMORY, "begin");
	begin_compose(client, draft);
	fits = !draft->broken;
	sent = wire_send(exchange->channel.fd, draft);
	scratch_drop(draft, sizeof(*draft));
	if (!fits)
		return client_end(client, OUTCOME_SYSTEM, "host_says_too_much");
	return sent || client_end(client, OUTCOME_SETUP, "login_does_not_listen");
}

/* ---- what the login wants ---- */

static bool take_ready(struct exchange *exchange, const struct wire_message *message)
{
	exchange->ready = true;
	return message->pairs == 0 || breach(exchange->client);
}

static bool take_show(struct exchange *exchange, const struct wire_message *message)
{
	struct host *host = exchange->client->host;
	const char *text = wire_value(message, "text");

	if (!text)
		return breach(exchange->client);
	return host->ops->show(host, text) ||
	       client_end(exchange->client, OUTCOME_CONVERSATION, "show");
}

/* The verdict counts, whether or not a person hears why. */
static bool take_last(struct exchange *exchange, const struct wire_message *message)
{
	struct host *host = exchange->client->host;
	const char *text = wire_value(message, "text");

	if (!text)
		return breach(exchange->client);
	host->ops->show(host, text);
	return true;
}

static bool answer_send(struct exchange *exchange, const char *text)
{
	return channel_send(exchange->channel.fd, "answer", "text", text) ||
	       client_end(exchange->client, OUTCOME_BREACH, "login_gone");
}

static bool take_question(struct exchange *exchange, const struct wire_message *message, bool echo)
{
	struct host *host = exchange->client->host;
	const char *prompt = wire_value(message, "prompt");
	char answer[ANSWER_MAX] = "";
	bool ok;

	if (!prompt)
		return breach(exchange->client);
	ok = host->ops->ask(host, echo, prompt, answer, sizeof(answer))
		     ? answer_send(exchange, answer)
		     : client_end(exchange->client, OUTCOME_CONVERSATION, "ask");
	explicit_bzero(answer, sizeof(answer));
	return ok;
}

static bool take_ask(struct exchange *exchange, const struct wire_message *message)
{
	return take_question(exchange, message, true);
}

static bool take_ask_hidden(struct exchange *exchange, const struct wire_message *message)
{
	return take_question(exchange, message, false);
}

static bool take_name(struct exchange *exchange, const struct wire_message *message)
{
	struct host *host = exchange->client->host;
	const char *name = host->ops->name(host);

	(void)message;
	if (!name)
		return client_end(exchange->client, OUTCOME_CONVERSATION, "no_user_name");
	host->user = name;
	return answer_send(exchange, name);
}

static bool take_wipe(struct exchange *exchange, const struct wire_message *message)
{
	struct host *host = exchange->client->host;

	(void)message;
	host->ops->drop_typed(host);
	return true;
}

static bool take_watch(struct exchange *exchange, const struct wire_message *message)
{
	struct host *host = exchange->client->host;

	(void)message;
	exchange->watching = true;
	exchange->channel.beside = host->ops->watch(host, &exchange->glancing);
	return true;
}

static bool take_look(struct exchange *exchange, const struct wire_message *message)
{
	struct host *host = exchange->client->host;
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	bool sent = false;

	(void)message;
	if (draft) {
		host->ops->look(host);
		wire_begin(draft, "terminal");
		terminal_add(draft, &host->terminal);
		sent = wire_send(exchange->channel.fd, draft);
	}
	scratch_drop(draft, sizeof(*draft));
	return sent || client_end(exchange->client, OUTCOME_BREACH, "login_gone");
}

/* A name that was given is never replaced, and the account is the one that this host has, too. */
static bool admitted_ok(struct client *client, const char *user, const char *uid)
{
	struct host *host = client->host;
	struct local_account account;
	long number;

	if (!user || !uid || !wire_number(uid, UINT32_MAX, &number) || user[0] == '\0' ||
	    strlen(user) >= sizeof(client->user))
		return false;
	if (host->user[0] != '\0' && strcmp(host->user, user) != 0)
		return false;
	host->ops->account(host, user, &account);
	if (!account.exists || account.uid != (uid_t)number)
		return false;
	client->uid = account.uid;
	snprintf(client->user, sizeof(client->user), "%s", user);
	return true;
}

static bool env_take(struct client *client, const struct wire_message *message)
{
	struct host *host = client->host;

	for (size_t i = 0; i < message->pairs; i++) {
		const struct wire_pair *pair = &message->pair[i];

		if (strncmp(pair->key, "env", 3) != 0)
			continue;
		if (!client->env_ok(pair->value) || !host->ops->tell(host, pair->value))
			return false;
	}
	return true;
}

static bool is_session(const struct client *client)
{
	return strcmp(client->verb, "authenticate") != 0;
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

static bool verdict_ok(struct client *client, const struct wire_message *message)
{
	bool ok = is_session(client) ? opened_ok(client, message)
				     : admitted_ok(client, wire_value(message, "user"),
						   wire_value(message, "uid"));

	return ok && env_take(client, message);
}

static bool take_done(struct exchange *exchange, const struct wire_message *message)
{
	struct client *client = exchange->client;
	const char *name = wire_value(message, "outcome");
	enum outcome outcome = name ? outcome_parse(name) : OUTCOME_COUNT;

	if (outcome == OUTCOME_COUNT)
		return breach(client);
	if (outcome == OUTCOME_ADMITTED && !verdict_ok(client, message))
		return client_end(client, OUTCOME_BREACH, "login_admits_another");
	return client_end(client, outcome, NULL);
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
	};

	for (size_t i = 0; i < sizeof(takers) / sizeof(*takers); i++)
		if (strcmp(takers[i].verb, message->verb) == 0)
			return takers[i].first == exchange->ready
				       ? breach(exchange->client)
				       : takers[i].take(exchange, message);
	return breach(exchange->client);
}

static bool packet_take(struct exchange *exchange)
{
	struct channel_packet packet;
	bool going = true;

	switch (channel_receive(exchange->channel.fd, &packet)) {
	case WIRE_MESSAGE:
		going = message_take(exchange, &packet.message);
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
	channel_drop(&packet);
	return going;
}

/* Waits for the login; where it wants to know, also for the person's leaving. */
static bool step(struct exchange *exchange)
{
	struct client *client = exchange->client;
	int64_t until = exchange->ready ? exchange->until : spawn_after(CHANNEL_BEGIN_MS);

	if (exchange->watching && exchange->glancing)
		until = spawn_after(GLANCE_MS);
	if (spawn_wait(&exchange->channel, until))
		return packet_take(exchange);
	if (!exchange->ready)
		return client_end(client, OUTCOME_SETUP, "login_does_not_answer");
	if (spawn_now() >= exchange->until)
		return client_end(client, OUTCOME_SYSTEM, "login_takes_too_long");
	if (exchange->watching && client->host->ops->gone(client->host))
		return client_end(client, OUTCOME_CONVERSATION, "person_gone");
	exchange->channel.beside = -1; /* hung up, but not gone: it says nothing any more */
	return true;
}

void client_run(struct client *client)
{
	struct exchange exchange = {
		.client = client,
		.channel = SPAWN_NONE,
		.until = is_session(client) ? spawn_after(SESSION_MS) : INT64_MAX,
	};
	bool going = channel_open(&exchange) && begin_send(&exchange);

	while (going)
		going = step(&exchange);
	/* Its line in the log is the login's to write, which sees the end of its host. */
	if (exchange.ready && client->outcome == OUTCOME_CONVERSATION)
		client->reason = NULL;
	spawn_leave(&exchange.channel); /* a child sees the channel's end, and ends its helper */
}
