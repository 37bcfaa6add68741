/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel and the clock of one login: see event_loop.h. Must never wait without a deadline, or keep
 * what was typed.
 */
#include "event_loop.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/paths.h"
#include "policy_config.h"
#include "present.h"
#include "common/scratch.h"
#include "helper_process.h"

enum {
	ENTER_MS = 6 * 1000, /* between Enter and the next prompt: the next poll may bring it */
	LATE_MS = 60 * 1000, /* an Enter so long after the deadline still collects an approval */
	DRAIN_MS = 200,
	REVOKE_MS = 3 * 1000, /* two revocations of a helper, which gives itself two seconds */
	LIFE_MORE =
		300, /* seconds that a helper may live beyond its codes: the kernel ends it then */
	GLANCE_MS = 500,       /* between two looks whether the person is still there */
	LOOK_MS = 2 * 1000,    /* likewise, what the console is like on which a code stands */
	ANSWER_MAX = 4096 + 1, /* a terminal takes 4,095 bytes in one line */
};

void login_begin(struct login *login)
{
	login->outcome = OUTCOME_SYSTEM;
	login->reason = REASON_NOT_BEGUN;
	login->phase = PHASE_OPENING;
	memset(login->taken, 0, sizeof(login->taken));
	login->codes_left = conf_number(login->conf, CONF_MAX_CODES);
	login->tries_left = conf_number(login->conf, CONF_MAX_ENTRIES);
	login->code_entry = conf_is(login->conf, CONF_FLOW, "authorization_code");
	login->deadline = spawn_after(LOGIN_AUTHORIZE_MS);
	login->shown_at = 0;
	login->told_unreachable = false;
	login->claims = NULL;
	login->token_blob = NULL;
	login->handed_over = false;
	login->kept = false;
	login->done = false;
	login->token = NULL;
	login->token_seconds = 0;
	login->brief_text = NULL;
	login->pending_prompt = NULL;
	login->authorization = NULL;
	login->helper = login->qr_helper = SPAWN_NONE;
}

static void text_clear(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void login_clear(struct login *login)
{
	if (login->claims)
		explicit_bzero(login->claims, sizeof(*login->claims));
	free(login->claims);
	login->claims = NULL;
	text_clear(&login->token_blob);
	text_clear(&login->token);
	text_clear(&login->pending_prompt);
	text_clear(&login->brief_text);
	present_forget(login);
}

/* The opening packet. TOKEN_BLOB is a renewal's, else NULL. */
static void opening_compose(const struct login *login, const char *token_blob,
			    struct wire_draft *draft)
{
	static const char *const verbs[] = {
		[HELPER_JOB_LOGIN] = "login",
		[HELPER_JOB_REFRESH] = "refresh",
		[HELPER_JOB_REVOKE] = "revoke",
	};

	wire_begin(draft, verbs[login->job]);
	wire_add(draft, "wire", WIRE_VERSION);
	wire_add_number(draft, "seconds", login->presentation.timeout);
	wire_add_number(draft, "life", login_longest(login) / 1000 + LIFE_MORE);
	wire_add(draft, "tokens", login_tokens(login));
	wire_add(draft, "token_blob", token_blob);
	policy_wanted_claims(login->policy, draft);
	conf_tell(login->conf, draft);
}

bool login_unstarted(struct login *login, enum spawn_result started)
{
	static const struct {
		enum outcome outcome;
		enum reason reason;
	} failures[] = {
		[SPAWN_FAILED] = { OUTCOME_SYSTEM, REASON_HELPER_NOT_STARTED },
		[SPAWN_NO_ACCOUNT] = { OUTCOME_SETUP, REASON_NO_ACCOUNT_FOR_THE_HELPER },
		[SPAWN_MISSING] = { OUTCOME_SETUP, REASON_HELPER_MISSING },
	};

	return login_end(login, failures[started].outcome, failures[started].reason);
}

bool login_open_with(struct login *login, const char *token_blob)
{
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	enum spawn_result started = SPAWN_FAILED;
	bool fits, sent;

	if (draft)
		started = helper_start(&login->helper, PATH_HELPER,
				       login->job == HELPER_JOB_LOGIN &&
					       (login->will_store || login->outlived));
	if (started != SPAWN_STARTED) {
		scratch_drop(draft, sizeof(*draft));
		return login_unstarted(login, started);
	}
	opening_compose(login, token_blob, draft);
	fits = !draft->broken;
	sent = wire_send_with(login->helper.fd, draft, conf_key(login->conf));
	wire_wipe(draft);
	scratch_drop(draft, sizeof(*draft));
	if (!fits)
		return login_end(login, OUTCOME_SETUP, REASON_SETTINGS_TOO_LONG);
	if (!sent)
		return login_protocol_error(login, REASON_HELPER_UNRESPONSIVE);
	/* While the helper loads its libraries and asks for a code. */
	if (login->job == HELPER_JOB_LOGIN)
		present_expect(login);
	return true;
}

bool login_open(struct login *login)
{
	return login_open_with(login, NULL);
}

/* Asks what is due. For Enter alone, the next poll then gets a chance before *NEXT. */
static bool prompt_ask(struct login *login, int64_t *next)
{
	char answer[ANSWER_MAX] = "";
	char *asked = login->pending_prompt;
	bool ok, late;

	login->pending_prompt = NULL;
	if (login->presentation.eidp)
		ok = login->io.eidp(login->io.context, asked) && present_say(login, MESSAGE_MOMENT);
	else
		ok = login->io.ask(login->io.context, asked, login->code_entry ? answer : NULL,
				   sizeof(answer));
	explicit_bzero(asked, strlen(asked));
	free(asked);
	*next = spawn_after(ENTER_MS);
	/* What came in time lies there still; but not for ever, or for the next passer-by. */
	late = spawn_now() >= login->deadline;
	if (late && spawn_now() - login->deadline < LATE_MS)
		login->deadline = spawn_after(DRAIN_MS);
	if (!ok)
		ok = login_end(login, OUTCOME_CONVERSATION, REASON_PROMPT_FAILED);
	else if (login->code_entry && !late)
		ok = login_answer(login, answer);
	explicit_bzero(answer, sizeof(answer));
	return ok;
}

/* Whether the person is asked for Enter, again and again, while the helper polls. */
static bool entering(const struct login *login)
{
	return login->presentation.wait_for_enter && !login->code_entry &&
	       login->phase == PHASE_SHOWN;
}

bool login_silent(struct login *login)
{
	if (spawn_now() < login->deadline && entering(login))
		return present_prompt(login, "", MESSAGE_ENTER_AGAIN);
	if (login->shown_at > 0)
		return login_end(login, OUTCOME_EXPIRED, REASON_DEADLINE);
	return login_protocol_error(login, REASON_HELPER_SILENT);
}

struct packet {
	struct wire_message message;
	char bytes[WIRE_BYTES_MAX];
};

/* What ended it is for the administrator: a library that the sandbox does not fit is theirs to mend. */
static bool helper_lost(struct login *login)
{
	enum reason why = helper_why_gone(&login->helper);

	if (why == REASON_HELPER_KILLED_BY_SIGSYS)
		present_log(login, LOG_ERR,
			    "the kernel ended the helper at a system call that no helper may make "
			    "(SIGSYS): \"pam-device-code check\" names the call, and \"journalctl "
			    "-k\" has its number");
	return login_protocol_error(login, why);
}

static bool received(struct login *login, struct packet *packet)
{
	switch (wire_receive(login->helper.fd, false, packet->bytes, &packet->message)) {
	case WIRE_MESSAGE:
		return login->heard_out ? login_take_last(login, &packet->message)
					: login_take(login, &packet->message);
	case WIRE_NOTHING:
		return true;
	case WIRE_INVALID:
		return login_protocol_error(login, REASON_PACKET_INVALID);
	case WIRE_GONE:
		break;
	}
	return helper_lost(login);
}

bool login_receive(struct login *login)
{
	struct packet *packet = scratch_take(sizeof(*packet));
	bool going = packet ? received(login, packet)
			    : login_end(login, OUTCOME_MEMORY, REASON_PACKET);

	scratch_drop(packet, sizeof(*packet));
	return going;
}

/* Who breaks the protocol is not listened to, but for what it has of tokens that were to be kept. */
bool login_owes(const struct login *login)
{
	return login->helper.pid > 0 && login->job == HELPER_JOB_LOGIN && login->shown_at > 0 &&
	       !login->kept && (login->will_store || login->outcome != OUTCOME_HELPER_FAILED);
}

/* Behind its verdict, until it ends: what could not be revoked. The verdict stays what it was. */
static void last_words(struct login *login)
{
	int64_t until = spawn_after(REVOKE_MS);
	enum outcome outcome = login->outcome;
	enum reason reason = login->reason;
	enum reason why = REASON_HELPER_SILENT;

	login->helper.beside = -1;
	login->heard_out = true;
	while (spawn_wait(&login->helper, until)) {
		if (login_receive(login))
			continue;
		why = login->reason;
		break;
	}
	if (why != REASON_HELPER_GONE)
		present_log(login, LOG_WARNING, "a token may not have been revoked: %s",
			    reason_name(why));
	login_end(login, outcome, reason);
}

void login_release(struct login *login)
{
	bool owes = login_owes(login);

	spawn_end(&login->qr_helper);
	/* Tokens that were handed over, or may come with a poll that is under way: it waits for us. */
	if (owes && (login->handed_over || !login->done)) {
		spawn_leave(&login->helper);
		return;
	}
	if (owes)
		last_words(login);
	spawn_end(&login->helper);
}

/* When somebody is to be looked after, whatever the helper does. */
static int64_t next_look(const struct login *login, bool glancing, int64_t until)
{
	int64_t next = until;

	if (glancing)
		next = spawn_after(GLANCE_MS);
	else if (login->authorization)
		next = spawn_after(LOOK_MS);
	return next < until ? next : until;
}

/* Waits for the helper until UNTIL, or until the person is GONE; false: nothing came. */
static bool helper_await(struct login *login, int64_t until, bool *gone)
{
	bool glancing = login->io.gone != NULL;
	int64_t next;

	*gone = false;
	login->helper.beside = -1;
	if (glancing && login->io.watch)
		login->helper.beside = login->io.watch(login->io.context, &glancing);
	login->helper.beside_speaks = login->apart;
	do {
		next = next_look(login, glancing, until);
		if (spawn_wait(&login->helper, next))
			return true;
		*gone = (login->io.gone && login->io.gone(login->io.context)) ||
			!present_look(login);
		login->helper.beside = -1; /* hung up, but not gone: it says nothing any more */
	} while (!*gone && !login->pending_prompt && spawn_now() < until);
	return false;
}

void event_loop_run(struct login *login)
{
	int64_t next_prompt = INT64_MAX;
	bool gone;
	bool going = login_open(login);

	while (going) {
		int64_t until = login->deadline;

		if (login->pending_prompt) {
			going = prompt_ask(login, &next_prompt);
			continue;
		}
		if (entering(login) && next_prompt < until)
			until = next_prompt;
		if (helper_await(login, until, &gone))
			going = login_receive(login);
		else if (gone)
			going = login_end(login, OUTCOME_CONVERSATION, REASON_USER_DISCONNECTED);
		else if (!login->pending_prompt)
			going = login_silent(login);
	}
}
