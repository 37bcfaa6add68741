/*
 * control.c - the other port: how a test approves, denies, orders faults and
 * reads what happened. One row of the table a command; an unknown one lists them.
 */
#include "control.h"
#include "authorize.h"
#include "browser.h"
#include "faults.h"
#include "log.h"
#include "provider.h"
#include "settings.h"
#include "sign.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void bad(struct request *request, const char *what)
{
	reply_text(request, 400, what);
	buffer_text(&request->reply.body, "\n");
}

static void done(struct request *request, const char *what, unsigned long count)
{
	reply_text(request, 200, pool_printf(&request->pool, "%s %lu\n", what, count));
}

static const char *query(const struct request *request, const char *name)
{
	return form_get(&request->query, name);
}

/* ---- codes ---- */

enum decision {
	APPROVE,
	DENY,
	EXPIRE
};

static bool code_decide(struct code *code, enum decision decision, const char *person_name)
{
	struct person *person;

	switch (decision) {
	case APPROVE:
		if (code->state != CODE_PENDING)
			return false;
		person = person_choose(person_name);
		return person && code_approve(code, person);
	case DENY:
		return code_deny(code);
	default:
		return code_expire(code);
	}
}

static void decide(struct request *request, enum decision decision, const char *word)
{
	const char *user_code = query(request, "user_code");
	const char *name = query(request, "person");
	unsigned long count = 0;
	struct code *code;

	name = name ? name : setting_get(SET_PERSON);
	if (!user_code) {
		bad(request, "user_code=CODE or user_code=* is missing");
		return;
	}
	if (decision == APPROVE && strcmp(name, "*") && !person_choose(name)) {
		bad(request, "no such person, or blocked");
		return;
	}
	if (strcmp(user_code, "*")) {
		code = code_by_user_code(user_code);
		if (code && code_decide(code, decision, name))
			done(request, word, 1);
		else
			reply_text(request, 404, "no such pending code\n");
		return;
	}
	for (code = codes_first(); code; code = code->next)
		count += code_decide(code, decision, name);
	done(request, word, count);
}

static void do_approve(struct request *request)
{
	decide(request, APPROVE, "approved");
}

static void do_deny(struct request *request)
{
	decide(request, DENY, "denied");
}

/* The address as it was shown, with the provider in front or not. */
static void do_authorize(struct request *request)
{
	const char *uri = query(request, "uri"), *name = query(request, "person");
	const char *deny = query(request, "deny");
	size_t size = strlen(provider_issuer());
	const struct person *person = person_choose(name ? name : setting_get(SET_PERSON));

	if (uri && !strncmp(uri, provider_issuer(), size))
		uri += size;
	if (!uri || *uri != '/')
		bad(request, "uri= must be an address of this provider, percent-encoded");
	else if (!person)
		bad(request, "no such person, or blocked");
	else
		browser_visit(request, uri, person->name,
			      deny && !strcmp(deny, "yes") ? "deny" : "approve");
}

static void do_expire(struct request *request)
{
	decide(request, EXPIRE, "expired");
}

/* One code a line, spelt so that it can go back into user_code= as it stands. */
static void do_pending(struct request *request)
{
	struct buffer *out = &request->reply.body;

	reply_text(request, 200, "");
	codes_check_expiry(clock_boot_ms());
	for (const struct code *code = codes_first(); code; code = code->next) {
		if (code->state != CODE_PENDING)
			continue;
		buffer_percent(out, code->user_code);
		buffer_text(out, "\n");
	}
}

/* ---- people and clients ---- */

static void do_person(struct request *request)
{
	const char *name = query(request, "name");
	const struct buffer *body = &request->body;
	cJSON *claims = body->data ? cJSON_ParseWithLength(body->data, body->size) : NULL;

	if (!name || !*name || !cJSON_IsObject(claims)) {
		cJSON_Delete(claims);
		bad(request, "wants name=NAME and a JSON object as the body");
		return;
	}
	person_set(name, claims);
	done(request, "person", 1);
}

static void block(struct request *request, bool blocked)
{
	const char *name = query(request, "person");
	struct person *person = name ? person_find(name) : NULL;

	if (!person) {
		bad(request, "no such person");
		return;
	}
	person->blocked = blocked;
	done(request, blocked ? "blocked" : "unblocked", 1);
}

static void do_block(struct request *request)
{
	block(request, true);
}

static void do_unblock(struct request *request)
{
	block(request, false);
}

static void do_client(struct request *request)
{
	const char *id = query(request, "client_id"), *auth = query(request, "auth");
	const char *secret = query(request, "secret"), *name = query(request, "name");
	const char *dialect = query(request, "dialect");
	enum token_endpoint_auth_method way;

	dialect = dialect ? dialect : "oidc";
	if (!id || !*id || !auth || !client_auth_read(auth, &way) || !dialect_known(dialect)) {
		bad(request, "wants client_id=ID and auth=none|post|basic, "
			     "dialect=oidc|trakt|mastodon|calcom");
		return;
	}
	client_add(dialect, id, way, secret ? secret : "", name ? name : id,
		   query(request, "scopes"));
	done(request, "client", 1);
}

/* ---- settings ---- */

static bool changes_apply(struct request *request, const struct form *form, bool apply)
{
	for (size_t i = 0; i < form->count; i++) {
		const struct field *field = &form->fields[i];
		const char *wants = setting_change(field->name, field->value, apply);

		if (!wants)
			continue;
		bad(request, pool_printf(&request->pool, "%s: %s", field->name, wants));
		buffer_text(&request->reply.body, "settings:\n");
		settings_print(&request->reply.body, false);
		return false;
	}
	return true;
}

/* All or nothing: a list with one mistake changes nothing. */
static void do_set(struct request *request)
{
	struct form form;

	form_parse(&request->pool, request->body.data ? request->body.data : "", request->body.size,
		   &form);
	if (request->query.broken || form.broken) {
		bad(request, "a % escape is wrong");
		return;
	}
	if (!changes_apply(request, &request->query, false) ||
	    !changes_apply(request, &form, false))
		return;
	changes_apply(request, &request->query, true);
	changes_apply(request, &form, true);
	done(request, "set", request->query.count + form.count);
}

static void do_settings(struct request *request)
{
	reply_text(request, 200, "");
	settings_print(&request->reply.body, true);
}

static void do_rotate_keys(struct request *request)
{
	if (sign_start())
		done(request, "rotated", 1);
	else
		reply_text(request, 500, "the keys could not be made\n");
}

/* ---- ordered replies ---- */

static bool read_long(const char *value, const char *endless, long *number)
{
	char *end;

	if (!strcmp(value, endless)) {
		*number = -1;
		return true;
	}
	*number = strtol(value, &end, 10);
	return *value && !*end && *number >= 0;
}

static void text_replace(char **text, const char *value)
{
	free(*text);
	*text = xcopy(value);
}

static bool header_append(struct fault *fault, const char *value)
{
	struct buffer out = { 0 };

	buffer_printf(&out, "%s%s\n", fault->headers, value);
	free(fault->headers);
	fault->headers = out.data;
	return strchr(value, ':') && !strpbrk(value, "\r\n");
}

static bool fault_number(struct fault *fault, const char *name, const char *value)
{
	const struct {
		const char *name, *endless;
		long *number;
	} numbers[] = {
		{ "times", "always", &fault->times },	   { "skip", "", &fault->skip },
		{ "if_status", "any", &fault->if_status }, { "delay_ms", "", &fault->delay_ms },
		{ "drip_ms", "", &fault->drip_ms },	   { "cut", "none", &fault->cut },
		{ "repeat", "endless", &fault->repeat },   { "padding", "", &fault->padding },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!strcmp(numbers[i].name, name))
			return read_long(value, numbers[i].endless, numbers[i].number) &&
			       (fault->times != 0);
	return false;
}

static bool fault_switch(struct fault *fault, const char *name)
{
	if (!strcmp(name, "drop"))
		fault->kind = FAULT_DROP;
	else if (!strcmp(name, "lose"))
		fault->kind = FAULT_LOSE;
	else if (!strcmp(name, "real"))
		fault->kind = FAULT_REAL;
	else if (!strcmp(name, "chunked"))
		fault->chunked = true;
	else if (!strcmp(name, "close"))
		fault->close = true;
	else
		return false;
	return true;
}

static bool fault_parameter(struct fault *fault, const char *name, const char *value)
{
	long status;

	if (!strcmp(name, "endpoint")) {
		text_replace(&fault->endpoint, value);
		return endpoint_known(value);
	}
	if (!strcmp(name, "content_type")) {
		text_replace(&fault->content_type, value);
		return true;
	}
	if (!strcmp(name, "header"))
		return header_append(fault, value);
	if (!strcmp(name, "status")) {
		if (!read_long(value, "", &status) || status < 200 || status > 999)
			return false;
		fault->status = (int)status;
		return true;
	}
	if (!strcmp(value, "yes") && fault_switch(fault, name))
		return true;
	return fault_number(fault, name, value);
}

static void do_reply(struct request *request)
{
	struct fault *fault = xalloc(sizeof(*fault));

	*fault = (struct fault){ .times = 1, .status = 200, .cut = -1, .repeat = 1 };
	fault->endpoint = xcopy("");
	fault->headers = xcopy("");
	fault->content_type = xcopy("application/json");
	for (size_t i = 0; i < request->query.count; i++) {
		const struct field *field = &request->query.fields[i];

		if (fault_parameter(fault, field->name, field->value))
			continue;
		fault_free(fault);
		bad(request, pool_printf(&request->pool, "not understood: %s=%s", field->name,
					 field->value));
		return;
	}
	if (!*fault->endpoint || request->query.broken) {
		fault_free(fault);
		bad(request, "wants endpoint=NAME, one of:");
		endpoints_print(&request->reply.body);
		return;
	}
	buffer_add(&fault->body, request->body.data, request->body.size);
	fault_add(fault);
	done(request, "ordered", 1);
}

static void do_replies(struct request *request)
{
	reply_text(request, 200, "");
	faults_print(&request->reply.body);
}

static void do_reply_clear(struct request *request)
{
	faults_clear();
	done(request, "cleared", 1);
}

/* ---- what happened ---- */

static void do_log(struct request *request)
{
	reply_text(request, 200, "");
	request->reply.content_type = "application/x-ndjson";
	log_print(&request->reply.body);
}

static void do_log_clear(struct request *request)
{
	log_clear();
	done(request, "cleared", 1);
}

static void do_stats(struct request *request)
{
	struct buffer *out = &request->reply.body;

	codes_check_expiry(clock_boot_ms());
	const struct {
		const char *name;
		unsigned long value;
	} rows[] = {
		{ "connections", stats.connections },
		{ "open_connections", stats.open_connections },
		{ "tls_connections", stats.tls_connections },
		{ "requests", stats.requests },
		{ "codes", stats.codes },
		{ "polls", stats.polls },
		{ "early_polls", stats.early_polls },
		{ "after_grant_polls", stats.after_grant_polls },
		{ "pending", stats.pending },
		{ "peak_pending", stats.peak_pending },
		{ "approved", stats.approved },
		{ "denied", stats.denied },
		{ "expired", stats.expired },
		{ "redeemed", stats.redeemed },
		{ "refreshed", stats.refreshed },
		{ "revoked", stats.revoked },
	};

	reply_text(request, 200, "{");
	request->reply.content_type = "application/json";
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		buffer_printf(out, "%s\"%s\":%lu", i ? "," : "", rows[i].name, rows[i].value);
	buffer_text(out, "}\n");
}

static void do_reset(struct request *request)
{
	authorizations_clear();
	store_reset();
	settings_reset();
	faults_clear();
	log_clear();
	done(request, "reset", 1);
}

static void do_quit(struct request *request)
{
	request->quit = true;
	request->reply.close = true;
	done(request, "quit", 1);
}

/* ---- the table ---- */

static const struct command {
	const char *method, *path;
	void (*run)(struct request *request);
	const char *manual;
} commands[] = {
	{ "GET", "/log", do_log, "one JSON object a line for each request" },
	{ "POST", "/log/clear", do_log_clear, "" },
	{ "GET", "/stats", do_stats, "counters as one JSON object" },
	{ "GET", "/pending", do_pending, "pending user codes, one a line, percent-encoded" },
	{ "POST", "/approve", do_approve, "user_code=CODE|* [person=NAME|*]" },
	{ "POST", "/deny", do_deny, "user_code=CODE|*" },
	{ "POST", "/expire", do_expire, "user_code=CODE|*" },
	{ "POST", "/authorize", do_authorize,
	  "uri=ADDRESS [person=NAME|*] [deny=yes]: a browser at that page; says where it ends" },
	{ "POST", "/person", do_person, "name=NAME, body: the claims as a JSON object" },
	{ "POST", "/block", do_block, "person=NAME: no approval, no refresh, no userinfo" },
	{ "POST", "/unblock", do_unblock, "person=NAME" },
	{ "POST", "/client", do_client,
	  "client_id=ID auth=none|post|basic [secret=] [name=] [dialect=] [scopes=]" },
	{ "POST", "/set", do_set, "SETTING=VALUE&..., in the query or the body" },
	{ "GET", "/settings", do_settings, "what is in force" },
	{ "POST", "/keys/rotate", do_rotate_keys, "new signing keys; the old ones are gone" },
	{ "POST", "/reply", do_reply,
	  "endpoint=NAME [times=N|always] [skip=N] [status=N] "
	  "[content_type=T] [header=N:%20V]... [delay_ms=N] [drip_ms=N] [cut=BYTES] "
	  "[repeat=N|endless] [padding=LINES] [chunked=yes] [close=yes] "
	  "[drop=yes | lose=yes | real=yes] [if_status=N], body: the reply's" },
	{ "GET", "/replies", do_replies, "ordered replies that still wait" },
	{ "POST", "/reply/clear", do_reply_clear, "" },
	{ "POST", "/reset", do_reset, "codes, tokens, people, settings, replies, log as at start" },
	{ "POST", "/quit", do_quit, "ends the provider" },
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static void commands_list(struct request *request)
{
	struct buffer *out = &request->reply.body;

	reply_text(request, 404, "no such command; there are:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		buffer_printf(out, "%-4s %-12s %s\n", commands[i].method, commands[i].path,
			      commands[i].manual);
	buffer_text(out, "settings:\n");
	settings_print(out, false);
	buffer_text(out, "endpoints:\n");
	endpoints_print(out);
}

static void control_answer(struct request *request)
{
	if (request->body_too_big) {
		bad(request, "the body is too big");
		return;
	}
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].path, request->path) ||
		    strcmp(commands[i].method, request->method))
			continue;
		commands[i].run(request);
		return;
	}
	commands_list(request);
}

static void control_leaving(struct request *request)
{
	(void)request;
}

const struct service control_service = {
	.answer = control_answer,
	.leaving = control_leaving,
	.body_limit = 64u << 20,
};
