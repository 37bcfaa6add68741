/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One login: see login.h. Must never believe the helper more than the message table allows, and
 * never show a byte of its that screen.c has not passed.
 */
#include "login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "paths.h"
#include "policy.h"
#include "words.h"

enum {
	INVITE_MS =
		35 * 1000,   /* from the start to the first code, retries of the helper included */
	GRACE_MS = 1000,     /* the helper has the same deadline and ends itself first */
	ENTER_MS = 6 * 1000, /* between Enter and the next prompt: the next poll may bring it */
	DRAW_MS = 2 * 1000,
	LATE_MS = 60 * 1000, /* an Enter so long after the deadline still collects an approval */
	DRAIN_MS = 200,
	ANSWER_MAX = 4096 + 1, /* a terminal takes 4,095 bytes in one line */
	SECONDS_MAX = 24 * 3600,
	CODE_LEAST_MS = 10 * 1000, /* before the host's end no fresh code is worth the trouble */
	PAUSE_LEAST_MS = 2 * 1000, /* between two tries that an idle screen leads to */
	PAUSE_MOST_MS = 60 * 1000,
	IDLE_BYTES_MAX = 2048,
	BRIEF_WORD_MAX = 100, /* bytes of a request beside the short form */
	IDLE_TRIES = 20,      /* with no pause between them by a person: a quarter of an hour */
};

static const char *const outcome_names[OUTCOME_COUNT] = {
	[OUTCOME_SYSTEM] = "system_error",
	[OUTCOME_MEMORY] = "out_of_memory",
	[OUTCOME_SETUP] = "misconfigured",
	[OUTCOME_NO_SERVE] = "secret_unreadable",
	[OUTCOME_BREACH] = "helper_failed",
	[OUTCOME_CONVERSATION] = "conversation_failed",
	[OUTCOME_NONSENSE] = "provider_nonsense",
	[OUTCOME_CLIENT_REFUSED] = "client_refused",
	[OUTCOME_UNREACHABLE] = "provider_unreachable",
	[OUTCOME_LOST] = "provider_lost",
	[OUTCOME_EXPIRED] = "expired",
	[OUTCOME_CODES_USED] = "codes_used_up",
	[OUTCOME_WRONG_CODE] = "wrong_code",
	[OUTCOME_TRIES_USED] = "tries_used_up",
	[OUTCOME_DENIED] = "denied",
	[OUTCOME_UNPROVEN] = "identity_unproven",
	[OUTCOME_NOT_ADMITTED] = "not_admitted",
	[OUTCOME_REMOTE_REFUSED] = "remote_refused",
	[OUTCOME_LIMITED] = "limited",
	[OUTCOME_NO_ACCOUNT] = "no_account",
	[OUTCOME_SKIPPED] = "skipped",
	[OUTCOME_ADMITTED] = "admitted",
};

const char *outcome_name(enum outcome outcome)
{
	return (unsigned int)outcome < OUTCOME_COUNT ? outcome_names[outcome] : "unknown";
}

enum outcome outcome_parse(const char *name)
{
	int outcome = 0;

	while (outcome < OUTCOME_COUNT && strcmp(name, outcome_names[outcome]) != 0)
		outcome++;
	return (enum outcome)outcome;
}

/* Ends the login. Returns false, so that a taker can return it. */
static bool end(struct login *login, enum outcome outcome, const char *reason)
{
	login->outcome = outcome;
	login->reason = reason;
	login->season = SEASON_OVER;
	return false;
}

bool login_end(struct login *login, enum outcome outcome, const char *reason)
{
	return end(login, outcome, reason);
}

static bool breach(struct login *login, const char *reason)
{
	return end(login, OUTCOME_BREACH, reason);
}

static void log_line(struct login *login, int priority, const char *text)
{
	char line[512];

	screen_plain(text, line, sizeof(line));
	login->io.log(login->io.context, priority, line);
}

static bool show_text(struct login *login, const char *text)
{
	if (login->io.show(login->io.context, text))
		return true;
	return end(login, OUTCOME_CONVERSATION, "show");
}

static bool show_word(struct login *login, enum word word)
{
	return show_text(login, word_text(word));
}

/* A number in digits from LOW to HIGH; -1 for anything else. */
static long number_take(const char *text, long low, long high)
{
	size_t len = text ? strlen(text) : 0;
	long number;

	if (len == 0 || len > 9 || text[strspn(text, "0123456789")] != '\0')
		return -1;
	number = strtol(text, NULL, 10);
	return number >= low && number <= high ? number : -1;
}

/* ---- the takers: one for each row of the message table ---- */

/* What each setting of `sandbox` asks of a helper that says which walls it stands behind. */
static const struct {
	const char *name;
	const char *reason;
	const char *settings; /* beside best-effort, which asks for nothing */
} walls_needed[] = {
	{ "uid", "wall_missing_uid", "require, strict" },
	{ "no_new_privs", "wall_missing_no_new_privs", "require, strict" },
	{ "not_dumpable", "wall_missing_not_dumpable", "require, strict" },
	{ "rlimits", "wall_missing_rlimits", "require, strict" },
	{ "seccomp", "wall_missing_seccomp", "require, strict" },
	{ "landlock_files", "wall_missing_landlock_files", "strict" },
	{ "landlock_tcp", "wall_missing_landlock_tcp", "strict" },
};

/* Whether NAME, or NAME=..., is one of WORDS, which are separated by commas. */
static bool wall_stands(const char *words, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = words; *at; at += strspn(at, ",")) {
		if (strncmp(at, name, len) == 0 && strchr("=,", at[len]))
			return true;
		at += strcspn(at, ",");
	}
	return false;
}

static bool walls_ok(struct login *login, const char *walls)
{
	const char *setting = conf_text(login->conf, CONF_SANDBOX);
	bool lenient = strcmp(setting, "best-effort") == 0;
	char line[128];

	for (size_t i = 0; i < sizeof(walls_needed) / sizeof(*walls_needed); i++) {
		if (wall_stands(walls, walls_needed[i].name))
			continue;
		if (strstr(walls_needed[i].settings, setting))
			return end(login, OUTCOME_SETUP, walls_needed[i].reason);
		snprintf(line, sizeof(line), "sandbox = best-effort: the helper has no wall %s",
			 walls_needed[i].name);
		if (lenient)
			log_line(login, LOG_WARNING, line);
	}
	return true;
}

static bool take_ready(struct login *login, const struct wire_message *message)
{
	char line[256];

	if (strcmp(wire_value(message, "wire"), WIRE_VERSION) != 0)
		return breach(login, "helper_of_another_version");
	snprintf(line, sizeof(line), "helper confined by: %.200s", wire_value(message, "walls"));
	log_line(login, LOG_DEBUG, line);
	if (!walls_ok(login, wire_value(message, "walls")))
		return false;
	login->season = SEASON_INVITING;
	return true;
}

/* The matrix of URI from device-code-draw. false: no QR; the code and the address will do. */
static bool draw(const char *uri, struct screen_matrix *matrix)
{
	struct wire_draft *draft = malloc(sizeof(*draft)); /* the stack may be a small thread's */
	struct wire_message answer;
	struct spawn drawer;
	bool drawn = false;

	if (!draft || spawn_start(&drawer, PATH_DRAW) != SPAWN_STARTED) {
		free(draft);
		return false;
	}
	wire_begin(draft, "draw");
	wire_add(draft, "wire", WIRE_VERSION);
	wire_add(draft, "uri", uri);
	if (wire_send(drawer.fd, draft) && spawn_wait(&drawer, spawn_now() + DRAW_MS) &&
	    wire_receive(drawer.fd, false, draft->bytes, &answer) == WIRE_MESSAGE &&
	    strcmp(answer.verb, "matrix") == 0 && wire_value(&answer, "width") &&
	    wire_value(&answer, "rows"))
		drawn = screen_matrix_read(matrix, wire_value(&answer, "width"),
					   wire_value(&answer, "rows"));
	spawn_end(&drawer);
	free(draft);
	return drawn;
}

/*
 * A host of the short form shows the last text alone, drops it with the answer, and may not show the
 * prompt at all: what is asked for goes into a text, TEXT or else the code being with it.
 */
static bool brief_show(struct login *login, const char *text, enum word request)
{
	const char *word = word_text(request);
	char whole[SCREEN_BRIEF_MAX + BRIEF_WORD_MAX];

	snprintf(whole, sizeof(whole), "%s\n\n%s", text[0] ? text : word,
		 text[0] ? word : login->brief_text);
	return show_text(login, whole);
}

/* A prompt is due: TEXT, if there is any, and below it what is asked for. */
static bool prompt_prepare(struct login *login, const char *text, enum word request)
{
	size_t len;

	if (login->manner.brief && !login->relaying) {
		if (text != login->brief_text && !brief_show(login, text, request))
			return false;
		text = "";
	}
	len = strlen(text) + strlen(word_text(request)) + 2;
	free(login->pending_prompt);
	login->pending_prompt = malloc(len);
	if (!login->pending_prompt)
		return end(login, OUTCOME_MEMORY, "prompt");
	snprintf(login->pending_prompt, len, "%s%s%s", text, text[0] ? "\n" : "",
		 word_text(request));
	return true;
}

/* The code, in a text of its own; it is kept for when it has to be shown again. */
static bool brief_present(struct login *login, const char *text)
{
	memcpy(login->brief_text, text, strlen(text) + 1);
	if (!show_text(login, text))
		return false;
	if (!login->pasting && !login->manner.prompting)
		return true;
	return prompt_prepare(login, login->brief_text, login->pasting ? WORD_PASTE : WORD_ENTER);
}

static bool screen_present(struct login *login)
{
	char *text = malloc(SCREEN_BYTES_MAX);
	bool ok;

	if (!text)
		return end(login, OUTCOME_MEMORY, "screen");
	if (screen_compose(&login->screen, text, SCREEN_BYTES_MAX) == 0)
		ok = breach(login, "invite_cannot_be_shown");
	else if (login->manner.brief)
		ok = brief_present(login, text);
	else if (login->pasting || login->manner.prompting)
		ok = prompt_prepare(login, text, login->pasting ? WORD_PASTE : WORD_ENTER);
	else
		ok = show_text(login, text);
	explicit_bzero(text, strlen(text));
	free(text);
	return ok;
}

/* Hosts on which an address that is shown may be: the issuer's, and those that were named. */
static bool uri_admitted(const struct login *login, const char *uri)
{
	char hosts[CONF_LINE_MAX + 300];
	char issuer[300] = "";

	if (!screen_uri_host(conf_text(login->conf, CONF_ISSUER), issuer, sizeof(issuer)))
		return false;
	snprintf(hosts, sizeof(hosts), "%s %s", issuer,
		 conf_text(login->conf, CONF_VERIFICATION_HOSTS));
	return screen_uri_ok(uri, hosts, conf_is(login->conf, CONF_HTTP_LOOPBACK, "yes"),
			     login->pasting ? SCREEN_LONG_URI_MAX : SCREEN_URI_MAX);
}

static bool invite_show(struct login *login, const char *uri, const char *complete)
{
	struct screen_matrix *matrix;
	bool ok;

	if (login->relaying)
		return true;
	matrix = calloc(1, sizeof(*matrix));
	if (!matrix)
		return end(login, OUTCOME_MEMORY, "matrix");
	login->screen.matrix = NULL;
	login->screen.qr_has_code = complete && login->manner.complete_uri;
	if (login->screen.style != SCREEN_OFF &&
	    draw(login->screen.qr_has_code ? complete : uri, matrix))
		login->screen.matrix = matrix;
	ok = screen_present(login);
	login->screen.matrix = NULL;
	free(matrix);
	return ok;
}

/* The flow is the configuration's choice, never the helper's. */
static bool invite_ok(const struct login *login, const struct wire_message *message)
{
	const char *kind = wire_value(message, "kind");
	const char *code = wire_value(message, "user_code");

	if (strcmp(kind, conf_text(login->conf, CONF_FLOW)) != 0)
		return false;
	if (login->pasting ? code != NULL : !screen_code_ok(code))
		return false;
	return uri_admitted(login, wire_value(message, "uri"));
}

/* A code lives as long as the provider, the section and the host let it. */
static long code_seconds(const struct login *login, long seconds)
{
	int64_t left = (login->ends_at - spawn_now()) / 1000;

	if (seconds > login->manner.timeout)
		seconds = login->manner.timeout;
	if (login->ends_at > 0 && seconds > left)
		seconds = left > 0 ? (long)left : 1;
	return seconds;
}

static bool take_invite(struct login *login, const struct wire_message *message)
{
	const char *complete = wire_value(message, "uri_complete");
	long seconds = number_take(wire_value(message, "seconds"), 1, SECONDS_MAX);

	if (!invite_ok(login, message) || seconds < 0)
		return breach(login, "invite_refused");
	if (complete && !uri_admitted(login, complete))
		complete = NULL;
	seconds = code_seconds(login, seconds);
	login->codes_left--;
	login->shown_at = spawn_now();
	login->deadline = login->shown_at + seconds * 1000 + GRACE_MS;
	login->screen.user_code = wire_value(message, "user_code");
	login->screen.uri = wire_value(message, "uri");
	login->screen.minutes = (int)(seconds < 60 ? 1 : seconds / 60);
	if (!invite_show(login, login->screen.uri, complete))
		return false;
	login->screen.user_code = NULL; /* both stood in the packet */
	login->screen.uri = NULL;
	login->season = SEASON_SHOWN;
	return true;
}

/* The old code goes from the screen at once; the terminal is then clear for the new one. */
static bool fresh_code_tell(struct login *login)
{
	char text[160];

	login->screen.afresh = login->manner.wiping;
	snprintf(text, sizeof(text), "%s%s", login->screen.afresh ? SCREEN_CLEAR : "",
		 word_text(WORD_FRESH_CODE));
	return show_text(login, text);
}

bool login_again(struct login *login)
{
	struct wire_draft draft;

	wire_begin(&draft, "again");
	if (!wire_send(login->helper.fd, &draft))
		return breach(login, "helper_does_not_listen");
	login->season = SEASON_INVITING;
	login->deadline = spawn_now() + INVITE_MS;
	return fresh_code_tell(login);
}

static bool host_ends_soon(const struct login *login)
{
	return login->ends_at > 0 && login->ends_at - spawn_now() < CODE_LEAST_MS;
}

/* The code is of no use any more: ask for a fresh one if there may be one. */
static bool fresh_code(struct login *login, enum verdict why)
{
	login->season = SEASON_USED_UP;
	if (login->codes_left <= 0 || host_ends_soon(login))
		return end(login,
			   conf_number(login->conf, CONF_CODES) > 1 ? OUTCOME_CODES_USED
								    : OUTCOME_EXPIRED,
			   verdict_name(why));
	if (!login->relaying)
		return login_again(login);
	login->deadline = spawn_now() + INVITE_MS; /* the peer will ask for it */
	return true;
}

static bool take_state(struct login *login, const struct wire_message *message)
{
	enum verdict state = verdict_parse(wire_value(message, "state"));

	switch (state) {
	case VERDICT_PENDING:
	case VERDICT_SLOW_DOWN:
		return true;
	case VERDICT_UNREACHABLE:
		if (login->troubled || login->manner.prompting || login->manner.brief)
			return true; /* the code has to stay */
		login->troubled = true;
		return show_word(login, WORD_TROUBLE);
	case VERDICT_EXPIRED:
	case VERDICT_START_AGAIN:
		return fresh_code(login, state);
	case VERDICT_WRONG_CODE:
		if (!login->pasting)
			return breach(login, "state_out_of_season");
		if (login->tries_left <= 0) /* a cut answer counts here alone */
			return end(login, OUTCOME_TRIES_USED, "wrong_code");
		return prompt_prepare(login, "", WORD_WRONG_CODE);
	default:
		return breach(login, "unknown_state");
	}
}

/* A claim, or a value that a claim holds which is an array: the latter has no type. */
static bool take_claim(struct login *login, const struct wire_message *message)
{
	const char *name = wire_value(message, "name");
	const char *type = wire_value(message, "type");
	const char *value = wire_value(message, "value");

	if (!login->claims)
		login->claims = calloc(1, sizeof(*login->claims));
	if (!login->claims)
		return end(login, OUTCOME_MEMORY, "claims");
	if (type ? !judge_claim_add(login->claims, name, type, value)
		 : !judge_member_add(login->claims, name, value))
		return breach(login, "claim_refused");
	login->season = SEASON_WITNESSED;
	return true;
}

static bool take_note(struct login *login, const struct wire_message *message)
{
	const char *level = wire_value(message, "level");
	int priority = LOG_NOTICE;
	char line[400];

	if (strcmp(level, "debug") == 0)
		priority = LOG_DEBUG;
	else if (strcmp(level, "warning") == 0)
		priority = LOG_WARNING;
	else if (strcmp(level, "notice") != 0)
		return breach(login, "unknown_note_level");
	snprintf(line, sizeof(line), "helper: %.380s", wire_value(message, "text"));
	log_line(login, priority, line);
	return true;
}

static enum outcome judgement_outcome(enum judgement judgement)
{
	switch (judgement) {
	case JUDGED_ADMITTED:
		return OUTCOME_ADMITTED;
	case JUDGED_NO_ACCOUNT:
		return OUTCOME_NO_ACCOUNT;
	case JUDGED_BAD_MAP:
		return OUTCOME_SETUP;
	case JUDGED_WRONG_ISSUER:
		return OUTCOME_BREACH;
	case JUDGED_ACR:
	case JUDGED_AMR:
	case JUDGED_AUTH_AGE:
		return OUTCOME_UNPROVEN;
	default:
		return OUTCOME_NOT_ADMITTED;
	}
}

/*
 * The one place where a person is let in. Where nobody was named the policy says first whom these
 * claims mean; that account is then judged as if it had been named.
 */
static bool judge(struct login *login)
{
	enum judgement judgement = JUDGED_ADMITTED;

	if (login->wanted.name[0] == '\0') {
		judgement = judge_find(login->policy, login->claims, login->name);
		if (judgement == JUDGED_ADMITTED)
			login->io.account(login->io.context, login->name, &login->wanted);
	}
	if (judgement == JUDGED_ADMITTED)
		judgement = judge_claims(login->policy, login->claims, &login->wanted);
	return end(login, judgement_outcome(judgement), judgement_name(judgement));
}

static bool take_done(struct login *login, const struct wire_message *message)
{
	static const enum outcome ends[VERDICT_COUNT] = {
		[VERDICT_NONSENSE] = OUTCOME_NONSENSE,
		[VERDICT_DENIED] = OUTCOME_DENIED,
		[VERDICT_EXPIRED] = OUTCOME_EXPIRED,
		[VERDICT_START_AGAIN] = OUTCOME_EXPIRED,
		[VERDICT_WRONG_CODE] = OUTCOME_WRONG_CODE,
		[VERDICT_CLIENT_REFUSED] = OUTCOME_CLIENT_REFUSED,
		[VERDICT_UNREACHABLE] = OUTCOME_UNREACHABLE,
		[VERDICT_UNPROVEN] = OUTCOME_UNPROVEN,
	};
	enum verdict verdict = verdict_parse(wire_value(message, "verdict"));

	if (verdict == VERDICT_GRANTED && login->season == SEASON_WITNESSED)
		return judge(login);
	if (verdict >= VERDICT_GRANTED || ends[verdict] == OUTCOME_SYSTEM)
		return breach(login, "done_out_of_season");
	if (verdict == VERDICT_WRONG_CODE && !login->pasting)
		return breach(login, "done_out_of_season");
	if (verdict == VERDICT_WRONG_CODE && conf_number(login->conf, CONF_TRIES) > 1)
		return end(login, OUTCOME_TRIES_USED, "wrong_code");
	screen_plain(wire_value(message, "reason"), login->reason_text, sizeof(login->reason_text));
	/* "Unreachable" may open another way in: never for somebody who has been shown a code. */
	if (verdict == VERDICT_UNREACHABLE && login->shown_at > 0)
		return end(login, OUTCOME_LOST, login->reason_text);
	return end(login, ends[verdict], login->reason_text);
}

/* ---- the message table ---- */

struct kind {
	const char *verb;
	int seasons;	    /* in which it is welcome */
	unsigned int times; /* in one login; 0: as often as codes may be shown */
	const char *keys;   /* all of them, in this order; a ? follows one that may be absent */
	bool (*take)(struct login *login, const struct wire_message *message);
};

static const struct kind kinds[] = {
	{ "ready", SEASON_OPENING, 1, "wire walls", take_ready },
	{ "invite", SEASON_INVITING, 0, "kind user_code? uri uri_complete? seconds", take_invite },
	{ "state", SEASON_SHOWN, 64, "state", take_state },
	{ "claim", SEASON_SHOWN | SEASON_WITNESSED, JUDGE_CLAIMS_MAX, "name type value",
	  take_claim },
	{ "member", SEASON_SHOWN | SEASON_WITNESSED, JUDGE_CLAIMS_MAX, "name value", take_claim },
	{ "note", SEASON_INVITING | SEASON_SHOWN | SEASON_WITNESSED, 64, "level text", take_note },
	{ "done", SEASON_INVITING | SEASON_SHOWN | SEASON_WITNESSED, 1, "verdict reason",
	  take_done },
};

_Static_assert(sizeof(kinds) / sizeof(*kinds) <= LOGIN_KINDS_MAX, "counters for all kinds");

/* Exactly the keys of the row, in its order: nothing missing, nothing more, nothing twice. */
static bool keys_ok(const struct wire_message *message, const char *keys)
{
	size_t pair = 0;

	while (*keys) {
		size_t len = strcspn(keys, " ?");
		bool here = pair < message->pairs && strlen(message->pair[pair].key) == len &&
			    strncmp(message->pair[pair].key, keys, len) == 0;

		if (!here && keys[len] != '?')
			return false;
		pair += here;
		keys += len;
		keys += strspn(keys, " ?");
	}
	return pair == message->pairs;
}

bool login_take(struct login *login, const struct wire_message *message)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct kind *kind = &kinds[i];

		if (strcmp(message->verb, kind->verb) != 0)
			continue;
		if (!(kind->seasons & (int)login->season))
			return breach(login, "message_out_of_season");
		if (kind->times > 0 && ++login->taken[i] > kind->times)
			return breach(login, "message_too_often");
		if (!keys_ok(message, kind->keys))
			return breach(login, "message_malformed");
		return kind->take(login, message);
	}
	return breach(login, "message_unknown");
}

/* ---- the exchange ---- */

void login_begin(struct login *login)
{
	login->outcome = OUTCOME_SYSTEM;
	login->reason = "not_begun";
	login->season = SEASON_OPENING;
	memset(login->taken, 0, sizeof(login->taken));
	login->codes_left = conf_number(login->conf, CONF_CODES);
	login->tries_left = conf_number(login->conf, CONF_TRIES);
	login->pasting = conf_is(login->conf, CONF_FLOW, "paste");
	login->deadline = spawn_now() + INVITE_MS;
	login->shown_at = 0;
	login->troubled = false;
	login->claims = NULL;
	login->brief_text[0] = '\0';
	login->pending_prompt = NULL;
	login->helper = SPAWN_NONE;
}

bool login_open(struct login *login)
{
	struct wire_draft draft;
	bool fits, sent;

	switch (spawn_start(&login->helper, PATH_HELPER)) {
	case SPAWN_STARTED:
		break;
	case SPAWN_NO_ACCOUNT:
		return end(login, OUTCOME_SETUP, "no_account_for_the_helper");
	case SPAWN_MISSING:
		return end(login, OUTCOME_SETUP, "helper_missing");
	case SPAWN_FAILED:
		return end(login, OUTCOME_SYSTEM, "helper_not_started");
	}
	wire_begin(&draft, "login");
	wire_add(&draft, "wire", WIRE_VERSION);
	wire_add_number(&draft, "seconds", login->manner.timeout);
	policy_want(login->policy, &draft);
	conf_tell(login->conf, &draft);
	fits = !draft.broken;
	sent = wire_send(login->helper.fd, &draft);
	wire_wipe(&draft);
	if (!fits)
		return end(login, OUTCOME_SETUP, "settings_too_long");
	return sent || breach(login, "helper_does_not_listen");
}

bool login_answer(struct login *login, const char *answer)
{
	struct wire_draft draft;
	bool sent;

	login->tries_left--;
	if (strlen(answer) >= login->manner.answer_cut)
		return login->tries_left > 0 ? prompt_prepare(login, "", WORD_CUT_ANSWER)
					     : end(login, OUTCOME_TRIES_USED, "answer_cut");
	wire_begin(&draft, "answer");
	wire_add(&draft, "text", answer);
	sent = wire_send(login->helper.fd, &draft);
	wire_wipe(&draft);
	return sent || breach(login, "helper_does_not_listen");
}

/* Asks what is due. For Enter alone, the next poll then gets a chance before *NEXT. */
static bool prompt_ask(struct login *login, int64_t *next)
{
	char answer[ANSWER_MAX] = "";
	char *prompt = login->pending_prompt;
	bool ok, late;

	login->pending_prompt = NULL;
	ok = login->io.ask(login->io.context, prompt, login->pasting ? answer : NULL,
			   sizeof(answer));
	explicit_bzero(prompt, strlen(prompt));
	free(prompt);
	*next = spawn_now() + ENTER_MS;
	/* What came in time lies there still; but not for ever, or for the next passer-by. */
	late = spawn_now() >= login->deadline;
	if (late && spawn_now() < login->deadline + LATE_MS)
		login->deadline = spawn_now() + DRAIN_MS;
	if (!ok)
		ok = end(login, OUTCOME_CONVERSATION, "ask");
	else if (login->pasting && !late)
		ok = login_answer(login, answer);
	explicit_bzero(answer, sizeof(answer));
	return ok;
}

/* Whether the person is asked for Enter, again and again, while the helper polls. */
static bool entering(const struct login *login)
{
	return login->manner.prompting && !login->pasting && login->season == SEASON_SHOWN;
}

bool login_silent(struct login *login)
{
	if (spawn_now() < login->deadline && entering(login))
		return prompt_prepare(login, "", WORD_ENTER_AGAIN);
	if (login->shown_at > 0)
		return end(login, OUTCOME_EXPIRED, "deadline");
	return breach(login, "helper_silent");
}

bool login_receive(struct login *login)
{
	struct wire_message message;
	char buf[WIRE_BYTES_MAX];

	switch (wire_receive(login->helper.fd, false, buf, &message)) {
	case WIRE_MESSAGE:
		return login->take ? login->take(login, &message) : login_take(login, &message);
	case WIRE_NOTHING:
		return true;
	case WIRE_INVALID:
		return breach(login, "packet_invalid");
	case WIRE_GONE:
		break;
	}
	return breach(login, "helper_gone");
}

static void exchange(struct login *login)
{
	int64_t next_prompt = INT64_MAX;
	bool going = login->open ? login->open(login) : login_open(login);

	while (going) {
		int64_t until = login->deadline;

		if (login->pending_prompt) {
			going = prompt_ask(login, &next_prompt);
			continue;
		}
		if (entering(login) && next_prompt < until)
			until = next_prompt;
		if (spawn_wait(&login->helper, until))
			going = login_receive(login);
		else
			going = login_silent(login);
	}
}

/* ---- the idle screen ---- */

/* What an idle screen remembers from one try to the next. */
struct idle {
	int tries_left;	    /* until the host is asked to begin anew */
	enum word trouble;  /* why the last try came to nothing; WORD_COUNT: there was none */
	int64_t pause;	    /* milliseconds between that and the next one */
	int64_t not_before; /* spawn_now() */
};

/*
 * Whoever starts a login and goes away must not leave commands in the terminal for the shell of the
 * person who then approves, or one Enter too many for the idle screen.
 */
static void drop_typed(struct login *login)
{
	if (login->manner.wiping)
		login->io.drop_typed(login->io.context);
}

/* Says how to begin and waits for Enter, however long that takes: no code, no helper, no deadline. */
static bool idle_ask(struct login *login, const struct idle *idle)
{
	char text[IDLE_BYTES_MAX];
	enum word request = idle->trouble == WORD_COUNT ? WORD_BEGIN : WORD_BEGIN_AGAIN;
	bool ok;

	login->screen.afresh = login->manner.wiping;
	drop_typed(login);
	if (screen_idle(&login->screen, login->pasting, idle->trouble, text, sizeof(text)) == 0)
		return end(login, OUTCOME_SYSTEM, "idle_screen");
	if (!prompt_prepare(login, text, request))
		return false;
	ok = login->io.ask(login->io.context, login->pending_prompt, NULL, 0);
	free(login->pending_prompt);
	login->pending_prompt = NULL;
	return ok ? show_word(login, WORD_MOMENT) : end(login, OUTCOME_CONVERSATION, "ask");
}

/* A key that is stuck, or somebody impatient, does not hammer the provider. */
static void idle_pause(struct idle *idle)
{
	bool patient = spawn_now() >= idle->not_before;

	if (!patient)
		spawn_wait(&SPAWN_NONE, idle->not_before);
	idle->pause = patient ? PAUSE_LEAST_MS : 2 * idle->pause;
	if (idle->pause > PAUSE_MOST_MS)
		idle->pause = PAUSE_MOST_MS;
}

/* Whether the login goes back to the idle screen: nobody has been shown a code yet. */
static bool idle_again(struct login *login, struct idle *idle)
{
	char line[128];

	if (!login->manner.idle || login->outcome != OUTCOME_UNREACHABLE || --idle->tries_left <= 0)
		return false;
	idle->trouble = login_clock_is_wrong(login) ? WORD_CLOCK : WORD_UNREACHABLE;
	idle->not_before = spawn_now() + idle->pause;
	snprintf(line, sizeof(line), "no code could be had: %s", login->reason);
	log_line(login, LOG_WARNING, line);
	return true;
}

bool login_clock_is_wrong(const struct login *login)
{
	return login->outcome == OUTCOME_UNREACHABLE &&
	       strcmp(login->reason, "certificate_not_valid_now") == 0;
}

/* One try: true unless the person at the idle screen could not be asked. */
static bool idle_pass(struct login *login, struct idle *idle)
{
	if (!login->manner.idle)
		return true;
	if (!idle_ask(login, idle))
		return false;
	idle_pause(idle);
	login_begin(login); /* the deadline runs from here */
	return true;
}

/* Nobody behind this person needs what stands there. */
static void screen_wipe(struct login *login)
{
	drop_typed(login);
	if (login->manner.wiping && login->shown_at > 0)
		login->io.show(login->io.context, SCREEN_CLEAR);
}

enum outcome login_run(struct login *login)
{
	struct idle idle = { IDLE_TRIES, WORD_COUNT, PAUSE_LEAST_MS, 0 };

	login->ends_at = 0;
	if (login->manner.host_seconds > 0)
		login->ends_at = spawn_now() + (int64_t)login->manner.host_seconds * 1000;
	do {
		login_begin(login);
		if (!idle_pass(login, &idle))
			break;
		exchange(login);
		spawn_end(&login->helper);
	} while (idle_again(login, &idle));
	screen_wipe(login);
	return login->outcome;
}

void login_clear(struct login *login)
{
	if (login->claims)
		explicit_bzero(login->claims, sizeof(*login->claims));
	if (login->pending_prompt)
		explicit_bzero(login->pending_prompt, strlen(login->pending_prompt));
	explicit_bzero(login->brief_text, sizeof(login->brief_text));
	free(login->claims);
	free(login->pending_prompt);
	login->claims = NULL;
	login->pending_prompt = NULL;
}
