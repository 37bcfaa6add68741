/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/login.c: which message is welcome when, and what comes of it.
 *
 * The message table is tried with all sequences of the kinds of messages up to length 7, and with
 * a million mutations of good ones, against recognisers that are written from the protocol and
 * know nothing of login.c. Whole logins run against a scripted helper and a clock that is moved
 * by hand.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "helper/login/event_loop.h"
#include "helper/login/idle.h"
#include "helper/login/present.h"
#include "helper/login/display/messages.h"

#include "fake_spawn.h"
#include "within.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ISSUER "https://id.example.org"
#define URI    ISSUER "/device"
#define CODE   "WDJB-MJHT"
#define MAP    ISSUER " 248289761001 alice\n"

enum {
	LENGTH_MAX = 7, /* of the sequences */
	MUTATIONS = 1000000,
	INVITES = 30000,
	ASKS_MAX = 128,
	AUTHORIZE_LIMIT_MS = 35000,
	GRACE = 1000,
	PACE_MS = 6000,
};

/* ---- what a login is given ---- */

static struct conf conf;
static struct policy policy;

/* Who shows and asks, and what has been shown and asked. */
static struct {
	int shows, asks, logs, drops, wakes;
	int show_fails, ask_fails; /* the how many-th; 0: none */
	int64_t ask_ms;		   /* what a person needs to press Enter */
	const char *answer;	   /* what is typed before it, NULL in the device flow */
	int64_t asked_at[ASKS_MAX];
	int started_at_ask;	      /* helpers, when the last question was asked */
	char shown[SCREEN_BYTES_MAX]; /* the last text */
	char first_shown[SCREEN_BYTES_MAX];
	char shown_before[SCREEN_BYTES_MAX]; /* the last but one */
	char asked[SCREEN_BYTES_MAX];
	char first_asked[SCREEN_BYTES_MAX];
	char logged[1024];
	int priority;
} talk;

static bool talk_show(void *context, const char *text)
{
	assert_ptr_equal(context, &talk);
	memcpy(talk.shown_before, talk.shown, sizeof(talk.shown));
	snprintf(talk.shown, sizeof(talk.shown), "%s", text);
	talk.wakes += strstr(text, SCREEN_WAKE) != NULL;
	if (talk.shows++ == 0)
		snprintf(talk.first_shown, sizeof(talk.first_shown), "%s", text);
	return talk.shows != talk.show_fails;
}

static bool talk_ask(void *context, const char *prompt, char *answer, size_t len)
{
	assert_ptr_equal(context, &talk);
	if (talk.answer) /* otherwise Enter is all that matters */
		snprintf(answer, len, "%s", talk.answer);
	else
		assert_null(answer);
	assert_true(talk.asks < ASKS_MAX);
	snprintf(talk.asked, sizeof(talk.asked), "%s", prompt);
	if (talk.asks == 0)
		snprintf(talk.first_asked, sizeof(talk.first_asked), "%s", prompt);
	talk.asked_at[talk.asks++] = fake.now;
	talk.started_at_ask = fake.started;
	fake_pass(talk.ask_ms);
	return talk.asks != talk.ask_fails;
}

static bool talk_eidp(void *context, const char *json)
{
	return talk_ask(context, json, NULL, 0);
}

static void talk_account(void *context, const char *name, struct local_account *account)
{
	(void)context;
	*account = (struct local_account){ .name = name,
					   .exists = strcmp(name, "alice") == 0,
					   .uid = 1000 };
}

static void talk_log(void *context, int priority, const char *text)
{
	assert_ptr_equal(context, &talk);
	snprintf(talk.logged, sizeof(talk.logged), "%s", text);
	talk.priority = priority;
	talk.logs++;
}

static void talk_drop_typed(void *context)
{
	assert_ptr_equal(context, &talk);
	talk.drops++;
}

/* The restrictions that `sandbox = require` asks for, and the others. */
#define SANDBOX	 "uid=989,no_new_privs,not_dumpable,rlimits,seccomp"
#define LANDLOCK ",landlock_files,landlock_tcp,landlock_abi=4"

static void setting(enum conf_key key, const char *value)
{
	if (conf.where[key])
		free((char *)conf.value[key]);
	free(conf.where[key]);
	conf.where[key] = value ? strdup("test") : NULL;
	conf.value[key] = value ? strdup(value) : NULL;
}

/* A login of alice's, at a screen, by the claim preferred_username, with one code. */
static void login_make(struct login *login)
{
	fake_reset();
	conf_clear(&conf);
	setting(CONF_ISSUER, ISSUER);
	setting(CONF_FLOW, "device_code");
	setting(CONF_MAX_CODES, "1");
	setting(CONF_MAX_ENTRIES, "3");
	setting(CONF_HTTP_LOOPBACK, "no");
	policy = (struct policy){ .issuer = ISSUER,
				  .user_claim = "preferred_username",
				  .account = "",
				  .subject_claim = "sub",
				  .min_uid = 1000 };
	setting(CONF_SANDBOX, "require");
	memset(&talk, 0, offsetof(__typeof__(talk), shown));
	talk.shown[0] = talk.first_shown[0] = talk.asked[0] = talk.first_asked[0] = '\0';
	talk.logged[0] = '\0';
	memset(login, 0, sizeof(*login));
	login->conf = &conf;
	login->policy = &policy;
	login->wanted = (struct local_account){ .name = "alice", .exists = true, .uid = 1000 };
	login->io = (struct login_io){
		&talk,		 talk_show, talk_ask, talk_eidp, talk_account, talk_log,
		talk_drop_typed, NULL,	    NULL,     NULL,	 NULL,	       NULL
	};
	login->presentation.timeout = 300;
	login->screen.user = "alice";
	login->screen.host = "host";
	login->screen.service = "login";
	login->screen.style = SCREEN_OFF;
}

static void policy_is_map(const char *map)
{
	policy.map = map;
	policy.user_claim = "";
}

static int group_end(void **state)
{
	(void)state;
	fake_reset();
	conf_clear(&conf);
	return 0;
}

/* ---- the kinds of messages ---- */

enum kind {
	READY,
	AUTHORIZE,
	PENDING,
	EXPIRED,
	ISS,
	SUB,
	USER,
	OTHER_USER,
	NOTE,
	GRANTED,
	DENIED,
	UNKNOWN,
	KINDS,
};

static struct packet packets[KINDS];
static struct wire_message messages[KINDS];

static void claim_set(struct packet *packet, const char *name, const char *value)
{
	packet_set(packet, "claim", "name", name, "type", "string", "value", value, NULL);
}

static int group_start(void **state)
{
	static struct packet copies[KINDS];

	(void)state;
	packet_set(&packets[READY], "ready", "wire", "2", "sandbox", SANDBOX, NULL);
	packet_set(&packets[AUTHORIZE], "authorize", "flow", "device_code", "user_code", CODE,
		   "verification_uri", URI, "expires_in", "600", NULL);
	packet_set(&packets[PENDING], "progress", "state", "authorization_pending", NULL);
	packet_set(&packets[EXPIRED], "progress", "state", "expired_token", NULL);
	claim_set(&packets[ISS], "iss", ISSUER);
	claim_set(&packets[SUB], "sub", "248289761001");
	claim_set(&packets[USER], "preferred_username", "alice");
	claim_set(&packets[OTHER_USER], "preferred_username", "mallory");
	packet_set(&packets[NOTE], "log", "level", "notice", "text", "http_status", NULL);
	packet_set(&packets[GRANTED], "done", "verdict", "granted", "reason", "ok", NULL);
	packet_set(&packets[DENIED], "done", "verdict", "access_denied", "reason", "access_denied",
		   NULL);
	packet_set(&packets[UNKNOWN], "finding", "step", "dns", "outcome", "ok", NULL);
	for (int i = 0; i < KINDS; i++) {
		copies[i] = packets[i];
		if (!wire_parse(&messages[i], copies[i].bytes, copies[i].len))
			return -1;
	}
	return 0;
}

/* ---- all sequences ---- */

/* What a grant needs besides the order of things. */
struct demand {
	int codes;
	bool user; /* the claim that names alice, and no other */
};

static size_t skipped(const enum kind *at, size_t i, size_t n, bool pending)
{
	while (i < n && (at[i] == NOTE || (pending && at[i] == PENDING)))
		i++;
	return i;
}

/*
 * ready note* (authorize (note|pending)* expired note*){0,codes-1} authorize (note|pending)*
 * claim (claim|note)* granted
 */
static bool sequence_is_legal(const struct demand *demand, const enum kind *at, size_t n)
{
	int seen[KINDS] = { 0 };
	int codes = 1;
	size_t i = 1;

	if (n == 0 || at[0] != READY)
		return false;
	for (;; codes++) {
		i = skipped(at, i, n, false);
		if (i == n || at[i] != AUTHORIZE || codes > demand->codes)
			return false;
		i = skipped(at, i + 1, n, true);
		if (i == n || at[i] != EXPIRED)
			break;
		i++;
	}
	for (; i < n && (at[i] == NOTE || (at[i] >= ISS && at[i] <= OTHER_USER)); i++)
		seen[at[i] == OTHER_USER ? USER : at[i]] += at[i] != NOTE;
	if (n - i != 1 || at[i] != GRANTED || seen[ISS] != 1 || seen[SUB] != 1 || seen[USER] > 1)
		return false;
	for (size_t k = 0; k < n && demand->user; k++)
		if (at[k] == OTHER_USER)
			return false;
	return seen[USER] == 1 || !demand->user;
}

/* The legal ones are kept, to be tried once more as whole logins. */
static struct {
	enum kind at[LENGTH_MAX];
	size_t n;
	int codes;
	bool user;
} legal[4096];
static size_t legals;

struct walk {
	struct demand demand;
	size_t tried, good;
	enum kind at[LENGTH_MAX];
	struct policy_claims claims[LENGTH_MAX + 1]; /* of the login at each depth */
};

static void legal_keep(const struct walk *walk, size_t n)
{
	assert_true(legals < COUNT(legal));
	memcpy(legal[legals].at, walk->at, sizeof(walk->at));
	legal[legals].n = n;
	legal[legals].codes = walk->demand.codes;
	legal[legals++].user = walk->demand.user;
}

static const char *sequence_text(const enum kind *at, size_t n)
{
	static char text[LENGTH_MAX * 4 + 1];

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		sprintf(text + strlen(text), "%d ", at[i]);
	return text;
}

/* The login after one more message; its claims are its own. */
static bool login_step(struct walk *walk, struct login *login, size_t depth, enum kind kind)
{
	struct policy_claims *own = &walk->claims[depth + 1];
	char byte[16];
	bool on;

	if (login->claims) {
		own->count = login->claims->count;
		memcpy(own->claim, login->claims->claim, own->count * sizeof(own->claim[0]));
		login->claims = own;
	}
	on = login_take(login, &messages[kind]);
	if (login->claims && login->claims != own) {
		own->count = login->claims->count;
		memcpy(own->claim, login->claims->claim, own->count * sizeof(own->claim[0]));
		free(login->claims);
		login->claims = own;
	}
	if (kind == EXPIRED && on)
		assert_int_equal(recv(fake.peer, byte, sizeof(byte), MSG_DONTWAIT),
				 sizeof("new_code"));
	return on;
}

static void walk_on(struct walk *walk, const struct login *before, size_t depth, bool ended)
{
	for (int kind = 0; kind < KINDS; kind++) {
		struct login login = *before;
		bool on = login_step(walk, &login, depth, (enum kind)kind);
		bool good = !on && login.outcome == OUTCOME_ADMITTED;

		walk->at[depth] = (enum kind)kind;
		walk->tried++;
		walk->good += good;
		if (on && ended)
			fail_msg("after the end: %s", sequence_text(walk->at, depth + 1));
		if (good != sequence_is_legal(&walk->demand, walk->at, depth + 1))
			fail_msg("%s: %s", good ? "lets in" : "keeps out",
				 sequence_text(walk->at, depth + 1));
		if (good)
			legal_keep(walk, depth + 1);
		if (depth + 1 < LENGTH_MAX)
			walk_on(walk, &login, depth + 1, !on);
	}
}

static void walk_all(struct demand demand)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	struct login login;
	char codes[16];
	int channel[2];

	assert_non_null(walk);
	login_make(&login);
	snprintf(codes, sizeof(codes), "%d", demand.codes);
	setting(CONF_MAX_CODES, codes);
	if (!demand.user)
		policy_is_map(MAP);
	login_begin(&login);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
	login.helper.fd = channel[0];
	fake.peer = channel[1];
	walk->demand = demand;
	walk_on(walk, &login, 0, false);
	print_message("codes %d, user %d: %zu sequences, %zu legal\n", demand.codes, demand.user,
		      walk->tried, walk->good);
	assert_true(walk->good > 0);
	assert_true(walk->good < walk->tried / 1000);
	close(channel[0]);
	free(walk);
}

static void test_all_sequences(void **state)
{
	(void)state;
	legals = 0;
	walk_all((struct demand){ .codes = 1, .user = true });
	/* 3! orders of the claims, bare, or with one note or pending in the 6 places for it */
	assert_int_equal(legals, 6 + 6 * 6);
	walk_all((struct demand){ .codes = 2, .user = false });
	assert_true(legals > 2 * 42);
}

/* ---- whole logins ---- */

static enum outcome run(struct login *login)
{
	enum outcome outcome = login_run(login);
	int64_t now = fake.now;
	int logs = talk.logs;

	assert_int_equal(outcome, login->outcome);
	assert_int_not_equal(login->reason, REASON_NONE);
	login_release(login);
	assert_int_equal(outcome, login->outcome);
	fake.now = now; /* what comes behind the verdict is nobody's time */
	talk.logs = logs;
	assert_int_equal(fake.started, fake.ended);
	assert_true(login->helper.fd == -1);
	login_clear(login);
	assert_null(login->claims);
	assert_null(login->pending_prompt);
	return outcome;
}

static void outcome_is(const char *row, enum outcome got, enum outcome expected)
{
	if (got != expected)
		fail_msg("%s: %s, not %s", row, outcome_name(got), outcome_name(expected));
}

static void script(const enum kind *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fake_send(100, &packets[at[i]]);
		if (at[i] == EXPIRED)
			fake_step(STEP_AWAIT_AGAIN, 0);
	}
}

/* A legal sequence lets in; its beginnings do not, whether the helper then dies or says nothing. */
static void test_legal_sequences_run(void **state)
{
	struct login login;
	enum outcome outcome;

	(void)state;
	assert_true(legals > 0);
	for (size_t i = 0; i < 2 * legals; i++) {
		size_t k = i / 2, n = legal[k].n;
		char codes[16];

		for (size_t cut = 0; cut <= n; cut++) {
			login_make(&login);
			snprintf(codes, sizeof(codes), "%d", legal[k].codes);
			setting(CONF_MAX_CODES, codes);
			if (!legal[k].user)
				policy_is_map(MAP);
			script(legal[k].at, cut);
			if (i % 2)
				fake_step(STEP_CLOSE, 0);
			outcome = run(&login);
			if ((outcome == OUTCOME_ADMITTED) != (cut == n))
				fail_msg("%s cut at %zu: %s", sequence_text(legal[k].at, n), cut,
					 outcome_name(outcome));
			if (i % 2 && cut < n)
				outcome_is("the helper dies", outcome, OUTCOME_HELPER_FAILED);
		}
	}
}

static const enum kind good[] = { READY, AUTHORIZE, ISS, SUB, USER, GRANTED };

static void test_one_login(void **state)
{
	struct login login;

	(void)state;
	login_make(&login);
	script(good, COUNT(good));
	outcome_is("good", run(&login), OUTCOME_ADMITTED);
	assert_string_equal(reason_name(login.reason), "admitted");
	assert_int_equal(talk.shows, 1);
	assert_int_equal(talk.asks, 0);
	assert_non_null(strstr(talk.shown, CODE));
	assert_non_null(strstr(talk.shown, URI));
	assert_non_null(strstr(talk.shown, "You have 5 minutes."));
	assert_int_equal(login.shown_at, 1000000 + 200);
}

/* ---- mutations ---- */

static uint64_t random_state = 0xda942042e4dd58b5;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % limit;
}

enum {
	TRACE_MAX = 20
};

struct trace {
	size_t n;
	struct packet packet[TRACE_MAX];
};

/* The strings of a packet: verb, key, value, ... 0: it is none. */
static size_t packet_split(const struct packet *packet, const char *string[64])
{
	const char *at = packet->bytes, *end = packet->bytes + packet->len;
	size_t n = 0;

	if (packet->len == 0 || end[-1] != '\0' || at[0] == '\0')
		return 0;
	for (; at < end && n < 64; at += strlen(at) + 1)
		string[n++] = at;
	return n % 2 ? n : 0;
}

/* Whether it is VERB with just the keys KEYS, which end in NULL. */
static bool packet_is(const char *const *string, size_t n, const char *verb,
		      const char *const *keys)
{
	size_t k = 0;

	if (n == 0 || strcmp(string[0], verb) != 0)
		return false;
	for (; keys[k]; k++)
		if (n <= 2 * k + 2 || strcmp(string[2 * k + 1], keys[k]) != 0)
			return false;
	return n == 2 * k + 1;
}

static bool is_number(const char *text, long low, long high)
{
	char *end;
	long number = strtol(text, &end, 10);

	return text[0] >= '0' && text[0] <= '9' && strlen(text) <= 9 && *end == '\0' &&
	       number >= low && number <= high;
}

static bool is_one_of(const char *text, const char *one, const char *two, const char *three)
{
	return strcmp(text, one) == 0 || strcmp(text, two) == 0 || strcmp(text, three) == 0;
}

/* What a witness has said so far, by the protocol's own words. */
struct witness {
	enum {
		SAID_NOTHING,
		SAID_READY,
		SAID_AUTHORIZE,
		SAID_CLAIM,
		SAID_DONE
	} said;
	int codes;
	size_t names;
	char name[TRACE_MAX][PACKET_MAX];
	bool issuer, subject, user;
};

/* The five words, each once at least, between commas. */
static bool restrictions_are_there(const char *sandbox)
{
	static const char *const words[] = { ",no_new_privs,", ",not_dumpable,", ",rlimits,",
					     ",seccomp," };
	char all[PACKET_MAX + 2];

	snprintf(all, sizeof(all), ",%s,", sandbox);
	for (size_t i = 0; i < COUNT(words); i++)
		if (!strstr(all, words[i]))
			return false;
	return strstr(all, ",uid=") || strstr(all, ",uid,");
}

static bool witness_ready(struct witness *w, const char *const *s, size_t n)
{
	static const char *const keys[] = { "wire", "sandbox", NULL };
	bool ok = w->said == SAID_NOTHING && packet_is(s, n, "ready", keys) &&
		  strcmp(s[2], "2") == 0 && restrictions_are_there(s[4]);

	w->said = SAID_READY;
	return ok;
}

static bool witness_note(const struct witness *w, const char *const *s, size_t n)
{
	static const char *const keys[] = { "level", "text", NULL };

	return w->said != SAID_NOTHING && packet_is(s, n, "log", keys) &&
	       is_one_of(s[2], "debug", "notice", "warning");
}

static bool witness_authorize(struct witness *w, const char *const *s, size_t n)
{
	static const char *const keys[] = { "flow", "user_code", "verification_uri", "expires_in",
					    NULL };
	static const char *const more[] = {
		"flow",	      "user_code", "verification_uri", "verification_uri_complete",
		"expires_in", NULL
	};
	bool shape = packet_is(s, n, "authorize", keys) || packet_is(s, n, "authorize", more);
	bool ok = shape && w->said == SAID_READY && strcmp(s[2], "device_code") == 0 &&
		  screen_code_ok(s[4]) &&
		  screen_uri_ok(s[6], "id.example.org", false, SCREEN_URI_MAX) &&
		  is_number(s[n - 1], 1, 86400) && w->codes > 0;

	w->said = SAID_AUTHORIZE;
	w->codes--;
	return ok;
}

static bool witness_state(struct witness *w, const char *const *s, size_t n)
{
	static const char *const keys[] = { "state", NULL };

	if (w->said != SAID_AUTHORIZE || !packet_is(s, n, "progress", keys))
		return false;
	if (strcmp(s[2], "expired_token") == 0 || strcmp(s[2], "code_consumed") == 0)
		w->said = SAID_READY;
	else if (!is_one_of(s[2], "authorization_pending", "slow_down", "unreachable"))
		return false;
	return w->said == SAID_AUTHORIZE || w->codes > 0;
}

static bool witness_claim(struct witness *w, const char *const *s, size_t n)
{
	static const char *const keys[] = { "name", "type", "value", NULL };
	bool truth, ok = w->said == SAID_AUTHORIZE || w->said == SAID_CLAIM;

	if (!ok || !packet_is(s, n, "claim", keys) || s[2][0] == '\0' || strlen(s[2]) > 255 ||
	    strlen(s[6]) > 1023 || !is_one_of(s[4], "string", "number", "bool"))
		return false;
	for (size_t i = 0; i < w->names; i++)
		if (strcmp(w->name[i], s[2]) == 0)
			return false;
	strcpy(w->name[w->names++], s[2]);
	truth = s[6][0] != '\0' && strcmp(s[4], "bool") != 0;
	w->issuer |= truth && strcmp(s[2], "iss") == 0 && strcmp(s[6], ISSUER) == 0;
	w->subject |= truth && strcmp(s[2], "sub") == 0;
	w->user |= truth && strcmp(s[2], "preferred_username") == 0 &&
		   strcmp(s[4], "string") == 0 && strcmp(s[6], "alice") == 0;
	w->said = SAID_CLAIM;
	return true;
}

static bool witness_done(struct witness *w, const char *const *s, size_t n)
{
	static const char *const keys[] = { "verdict", "reason", NULL };
	bool ok = w->said == SAID_CLAIM && packet_is(s, n, "done", keys) &&
		  strcmp(s[2], "granted") == 0 && reason_find(s[4]) != REASON_COUNT && w->issuer &&
		  w->subject && w->user;

	w->said = SAID_DONE;
	return ok;
}

/* Whether the N packets are, to the last, a grant to alice. */
static bool trace_is_legal(const struct trace *trace, size_t n, int codes)
{
	static struct witness w;
	const char *s[64];
	bool ok = n > 0;

	w = (struct witness){ .codes = codes };
	for (size_t i = 0; ok && i < n; i++) {
		size_t strings = packet_split(&trace->packet[i], s);
		const char *verb = strings ? s[0] : "";

		ok = strcmp(verb, "ready") == 0	      ? witness_ready(&w, s, strings)
		     : strcmp(verb, "log") == 0	      ? witness_note(&w, s, strings)
		     : strcmp(verb, "authorize") == 0 ? witness_authorize(&w, s, strings)
		     : strcmp(verb, "progress") == 0  ? witness_state(&w, s, strings)
		     : strcmp(verb, "claim") == 0     ? witness_claim(&w, s, strings)
		     : strcmp(verb, "done") == 0      ? witness_done(&w, s, strings)
						      : false;
		ok = ok && (w.said == SAID_DONE) == (i + 1 == n);
	}
	return ok;
}

/* A string in a packet, by number; its bytes may be changed in place. */
static char *packet_string(struct packet *packet, uint32_t which)
{
	const char *s[64];
	size_t n = packet_split(packet, s);

	return n ? packet->bytes + (s[which % n] - packet->bytes) : NULL;
}

/* Puts another word in the place of a string. */
static void mutate_word(struct packet *packet)
{
	static const char *const words[] = { "alice",
					     "bob",
					     "iss",
					     "sub",
					     "preferred_username",
					     "granted",
					     "access_denied",
					     "authorization_pending",
					     "expired_token",
					     "string",
					     "bool",
					     "",
					     "1",
					     "2",
					     "device_code",
					     "authorization_code",
					     ISSUER,
					     ISSUER "/",
					     URI,
					     "https://evil.example/",
					     "wire",
					     "log",
					     "claim",
					     "done",
					     "authorize",
					     "unreachable" };
	const char *word = words[random_below(COUNT(words))];
	char *at = packet_string(packet, random_below(64));
	size_t old, len = strlen(word), tail;

	if (!at || packet->len + len > sizeof(packet->bytes))
		return;
	old = strlen(at);
	tail = (size_t)(packet->bytes + packet->len - (at + old));
	memmove(at + len, at + old, tail);
	memcpy(at, word, len);
	packet->len += len - old;
}

/* A byte of a key or value becomes another: a letter, a NUL, anything. */
static void mutate_byte(struct packet *packet)
{
	if (packet->len > 0)
		packet->bytes[random_below((uint32_t)packet->len)] =
			(char)(random_below(2) ? (int)random_below(256)
					       : "a0\0-e1"[random_below(6)]);
}

static void mutate_trace(struct trace *trace)
{
	size_t i = random_below((uint32_t)trace->n), k = random_below((uint32_t)trace->n);
	struct packet *packet = &trace->packet[i];
	struct packet kept = *packet;

	switch (random_below(7)) {
	case 0: /* drop */
		memmove(packet, packet + 1, (trace->n - i - 1) * sizeof(*packet));
		trace->n--;
		break;
	case 1: /* swap */
		*packet = trace->packet[k];
		trace->packet[k] = kept;
		break;
	case 2: /* repeat, anywhere */
	case 3: /* one from elsewhere */
		if (trace->n == TRACE_MAX)
			break;
		if (random_below(2))
			kept = packets[random_below(KINDS)];
		memmove(&trace->packet[k + 1], &trace->packet[k], (trace->n - k) * sizeof(*packet));
		trace->packet[k] = kept;
		trace->n++;
		break;
	case 4:
		mutate_byte(packet);
		break;
	case 5:
		mutate_word(packet);
		break;
	default: /* truncate */
		packet->len -= random_below((uint32_t)packet->len + 1);
		break;
	}
}

static void trace_set(struct trace *trace, const enum kind *at, size_t n)
{
	trace->n = n;
	for (size_t i = 0; i < n; i++)
		trace->packet[i] = packets[at[i]];
}

/* Takes the packets until the login has ended. *TAKEN: how many. */
static enum outcome trace_take(struct login *login, const struct trace *trace, size_t *taken)
{
	struct wire_message message;
	char buf[PACKET_MAX];
	bool on = true;

	login_begin(login);
	login->helper.fd = fake.qr_helper_peer; /* a socket that nobody else uses here */
	for (*taken = 0; on && *taken < trace->n; ++*taken) {
		const struct packet *packet = &trace->packet[*taken];

		memcpy(buf, packet->bytes, packet->len);
		if (!wire_parse(&message, buf, packet->len))
			on = false;
		else
			on = login_take(login, &message);
	}
	recv(fake.peer, buf, sizeof(buf), MSG_DONTWAIT);
	return login->outcome;
}

static const enum kind longer[] = { READY,   NOTE, AUTHORIZE, PENDING, PENDING,
				    EXPIRED, NOTE, AUTHORIZE, PENDING, NOTE,
				    USER,    ISS,  NOTE,      SUB,     GRANTED };

static void test_mutations(void **state)
{
	static struct trace trace;
	struct login login;
	size_t admitted = 0, taken;
	int channel[2];

	(void)state;
	login_make(&login);
	setting(CONF_MAX_CODES, "2");
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
	fake.qr_helper_peer = channel[0];
	fake.peer = channel[1];
	for (int i = 0; i < MUTATIONS; i++) {
		bool is_good;

		if (random_below(3))
			trace_set(&trace, good, COUNT(good));
		else
			trace_set(&trace, longer, COUNT(longer));
		for (uint32_t n = 1 + random_below(8) / 6; n > 0 && trace.n > 0; n--)
			mutate_trace(&trace);
		is_good = trace_take(&login, &trace, &taken) == OUTCOME_ADMITTED;
		if (is_good != trace_is_legal(&trace, taken, 2))
			fail_msg("mutation %d %s", i, is_good ? "lets in" : "keeps out");
		admitted += is_good;
		login_clear(&login);
	}
	print_message("%d mutations, %zu of them still legal\n", MUTATIONS, admitted);
	assert_within(admitted, 1, MUTATIONS / 2);
}

/* ---- done ---- */

struct done_row {
	const char *verdict;
	enum outcome early, shown, witnessed;
};

static const struct done_row done_rows[] = {
	{ "granted", OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED, OUTCOME_ADMITTED },
	{ "access_denied", OUTCOME_DENIED, OUTCOME_DENIED, OUTCOME_DENIED },
	{ "expired_token", OUTCOME_EXPIRED, OUTCOME_EXPIRED, OUTCOME_EXPIRED },
	{ "code_consumed", OUTCOME_EXPIRED, OUTCOME_EXPIRED, OUTCOME_EXPIRED },
	{ "not_honoured", OUTCOME_NOT_HONOURED, OUTCOME_NOT_HONOURED, OUTCOME_NOT_HONOURED },
	{ "client_refused", OUTCOME_CLIENT_REFUSED, OUTCOME_CLIENT_REFUSED,
	  OUTCOME_CLIENT_REFUSED },
	{ "unreachable", OUTCOME_UNREACHABLE, OUTCOME_LOST, OUTCOME_LOST },
	{ "identity_unverified", OUTCOME_UNPROVEN, OUTCOME_UNPROVEN, OUTCOME_UNPROVEN },
	{ "invalid_response", OUTCOME_INVALID_RESPONSE, OUTCOME_INVALID_RESPONSE,
	  OUTCOME_INVALID_RESPONSE },
	{ "authorization_pending", OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED,
	  OUTCOME_HELPER_FAILED },
	{ "slow_down", OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED },
	{ "wrong_code", OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED },
	{ "GRANTED", OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED },
	{ "yes", OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED },
	{ "", OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED, OUTCOME_HELPER_FAILED },
};

static void done_check(const struct done_row *row, size_t n, enum outcome expected)
{
	struct packet done;
	struct login login;

	login_make(&login);
	packet_set(&done, "done", "verdict", row->verdict, "reason", "http_status", NULL);
	script(good, n);
	fake_send(100, &done);
	outcome_is(row->verdict, run(&login), expected);
	if (expected != OUTCOME_HELPER_FAILED && expected != OUTCOME_ADMITTED)
		assert_string_equal(reason_name(login.reason), "http_status");
}

static void test_done(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(done_rows); i++) {
		done_check(&done_rows[i], 0, OUTCOME_HELPER_FAILED);
		done_check(&done_rows[i], 1, done_rows[i].early);
		done_check(&done_rows[i], 2, done_rows[i].shown);
		done_check(&done_rows[i], 5, done_rows[i].witnessed);
	}
}

/* A reason is the helper's, for the log: one of the list, or its word counts for nothing. */
static void test_done_reason(void **state)
{
	static const char *const wrong[] = { "\033[2J\n\"\xff", "",    "nobody_said_so", "denied ",
					     "Denied",		"den", "unknown" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct packet done;
		struct login login;

		login_make(&login);
		packet_set(&done, "done", "verdict", "access_denied", "reason", wrong[i], NULL);
		script(good, 2);
		fake_send(0, &done);
		outcome_is(wrong[i], run(&login), OUTCOME_HELPER_FAILED);
		assert_string_equal(reason_name(login.reason), "unknown_reason");
	}
}

/* ---- who is let in ---- */

static void test_decisions(void **state)
{
	static const struct {
		const char *name, *iss, *sub, *user, *map;
		struct local_account wanted;
		enum outcome outcome;
	} rows[] = {
		{ "alice",
		  ISSUER,
		  "1",
		  "alice",
		  NULL,
		  { .name = "alice", .exists = true, .uid = 1000 },
		  OUTCOME_ADMITTED },
		{ "other",
		  ISSUER,
		  "1",
		  "bob",
		  NULL,
		  { .name = "alice", .exists = true, .uid = 1000 },
		  OUTCOME_NOT_ADMITTED },
		{ "no name",
		  ISSUER,
		  "1",
		  NULL,
		  NULL,
		  { .name = "alice", .exists = true, .uid = 1000 },
		  OUTCOME_NOT_ADMITTED },
		{ "no sub",
		  ISSUER,
		  NULL,
		  "alice",
		  NULL,
		  { .name = "alice", .exists = true, .uid = 1000 },
		  OUTCOME_NOT_ADMITTED },
		{ "issuer",
		  ISSUER "/",
		  "1",
		  "alice",
		  NULL,
		  { .name = "alice", .exists = true, .uid = 1000 },
		  OUTCOME_HELPER_FAILED },
		{ "no issuer",
		  NULL,
		  "1",
		  "alice",
		  NULL,
		  { .name = "alice", .exists = true, .uid = 1000 },
		  OUTCOME_HELPER_FAILED },
		{ "root",
		  ISSUER,
		  "1",
		  "root",
		  NULL,
		  { .name = "root", .exists = true, .uid = 0 },
		  OUTCOME_NOT_ADMITTED },
		{ "system",
		  ISSUER,
		  "1",
		  "man",
		  NULL,
		  { .name = "man", .exists = true, .uid = 6 },
		  OUTCOME_NOT_ADMITTED },
		{ "nobody",
		  ISSUER,
		  "1",
		  "eve",
		  NULL,
		  { .name = "eve", .exists = false, .uid = 0 },
		  OUTCOME_NO_ACCOUNT },
		{ "bad name",
		  ISSUER,
		  "1",
		  "Eve",
		  NULL,
		  { .name = "Eve", .exists = true, .uid = 1000 },
		  OUTCOME_NOT_ADMITTED },
		{ "map",
		  ISSUER,
		  "1",
		  NULL,
		  ISSUER " 1 alice\n",
		  { .name = "alice", .exists = true, .uid = 1000 },
		  OUTCOME_ADMITTED },
		{ "not in map",
		  ISSUER,
		  "2",
		  "alice",
		  ISSUER " 1 alice\n",
		  { .name = "alice", .exists = true, .uid = 1000 },
		  OUTCOME_NOT_ADMITTED },
		{ "other in map",
		  ISSUER,
		  "1",
		  "alice",
		  ISSUER " 1 bob\n",
		  { .name = "alice", .exists = true, .uid = 1000 },
		  OUTCOME_NOT_ADMITTED },
		{ "a line of the map that is another's trouble",
		  ISSUER,
		  "1",
		  NULL,
		  ISSUER " 1 alice\nx\n",
		  { .name = "alice", .exists = true, .uid = 1000 },
		  OUTCOME_ADMITTED },
	};
	struct login login;
	struct packet packet;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const claims[][2] = { { "iss", rows[i].iss },
						  { "sub", rows[i].sub },
						  { "preferred_username", rows[i].user } };

		login_make(&login);
		login.wanted = rows[i].wanted;
		if (rows[i].map)
			policy_is_map(rows[i].map);
		script(good, 2);
		for (size_t k = 0; k < COUNT(claims); k++) {
			if (!claims[k][1])
				continue;
			claim_set(&packet, claims[k][0], claims[k][1]);
			fake_send(10, &packet);
		}
		fake_send(10, &packets[GRANTED]);
		outcome_is(rows[i].name, run(&login), rows[i].outcome);
	}
}

/* ---- packets that are refused ---- */

/* Takes READY and, if AFTER says so, AUTHORIZE; then the packet. */
static bool taken_after(struct login *login, size_t after, const struct packet *packet)
{
	struct wire_message message;
	char buf[PACKET_MAX];
	bool on = true;

	login_make(login);
	login_begin(login);
	for (size_t i = 0; on && i < after; i++)
		on = login_take(login, &messages[good[i]]);
	assert_true(on);
	memcpy(buf, packet->bytes, packet->len);
	assert_true(wire_parse(&message, buf, packet->len));
	on = login_take(login, &message);
	login_clear(login);
	return on;
}

#define LONG_URI_253                                                                             \
	URI "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"   \
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Each is the authorization with one value changed. */
static void test_authorize_values(void **state)
{
	static const struct {
		const char *kind, *code, *uri, *seconds;
		bool ok;
	} rows[] = {
		{ "device_code", CODE, URI, "600", true },
		{ "device_code", "1", URI, "1", true },
		{ "device_code", "a b.c_d-e", URI "?x=1#y", "86400", true },
		{ "device_code", "12345678901234567890123456789012", URI, "007", true },
		{ "device_code", CODE, "https://ID.example.org:443/device", "600", true },
		{ "device_code", CODE, "HTTPS://id.example.org/", "600", true },
		{ "authorization_code", CODE, URI, "600", false },
		{ "Device", CODE, URI, "600", false },
		{ "", CODE, URI, "600", false },
		{ "device_code", "", URI, "600", false },
		{ "device_code", " ", URI, "600", false },
		{ "device_code", "---", URI, "600", false },
		{ "device_code", "123456789012345678901234567890123", URI, "600", false },
		{ "device_code", "WDJB\nMJHT", URI, "600", false },
		{ "device_code", "\033[2J", URI, "600", false },
		{ "device_code", "W\xc3\xa4", URI, "600", false },
		{ "device_code", "<b>", URI, "600", false },
		{ "device_code", CODE, "", "600", false },
		{ "device_code", CODE, "id.example.org/device", "600", false },
		{ "device_code", CODE, "http://id.example.org/device", "600", false },
		{ "device_code", CODE, "http://127.0.0.1/device", "600", false },
		{ "device_code", CODE, "javascript:alert(1)", "600", false },
		{ "device_code", CODE, "https://evil.example/device", "600", false },
		{ "device_code", CODE, "https://id.example.org.evil.example/", "600", false },
		{ "device_code", CODE, "https://evil.example/id.example.org", "600", false },
		{ "device_code", CODE, "https://id.example.org@evil.example/", "600", false },
		{ "device_code", CODE, "https://evil.example@id.example.org/", "600", false },
		{ "device_code", CODE, "https://id.example.org\\@evil.example/", "600", false },
		{ "device_code", CODE, "https://xid.example.org/", "600", false },
		{ "device_code", CODE, URI " ", "600", false },
		{ "device_code", CODE, URI "\n", "600", false },
		{ "device_code", CODE, URI "\033[31m", "600", false },
		{ "device_code", CODE, URI "\xe2\x80\xae", "600", false },
		{ "device_code", CODE, LONG_URI_253 "abcd", "600", false },
		{ "device_code", CODE, URI, "0", false },
		{ "device_code", CODE, URI, "", false },
		{ "device_code", CODE, URI, "-1", false },
		{ "device_code", CODE, URI, "+5", false },
		{ "device_code", CODE, URI, " 5", false },
		{ "device_code", CODE, URI, "5 ", false },
		{ "device_code", CODE, URI, "5m", false },
		{ "device_code", CODE, URI, "86401", false },
		{ "device_code", CODE, URI, "4294967356", false },
		{ "device_code", CODE, URI, "18446744073709551676", false },
		{ "device_code", CODE, URI, "0x10", false },
		{ "device_code", CODE, URI, "1e3", false },
	};
	struct packet packet;
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		packet_set(&packet, "authorize", "flow", rows[i].kind, "user_code", rows[i].code,
			   "verification_uri", rows[i].uri, "expires_in", rows[i].seconds, NULL);
		if (taken_after(&login, 1, &packet) != rows[i].ok)
			fail_msg("%s %s %s %s", rows[i].kind, rows[i].code, rows[i].uri,
				 rows[i].seconds);
		assert_int_equal(talk.shows, rows[i].ok);
		if (!rows[i].ok)
			outcome_is(rows[i].uri, login.outcome,
				   strncmp(reason_name(login.reason), "authorization_", 14) == 0 &&
						   strcmp(reason_name(login.reason),
							  "authorization_refused") != 0
					   ? OUTCOME_INVALID_RESPONSE
					   : OUTCOME_HELPER_FAILED);
	}
}

/* Which of its addresses may not be shown, and why, is told apart; where it leads is in the log. */
static void test_authorize_reasons(void **state)
{
	static const struct {
		const char *kind, *code, *uri, *seconds, *reason, *logged;
	} rows[] = {
		{ "device_code", CODE, "/device", "600", "authorization_uri_relative",
		  "7 bytes, at \"/device\"" },
		{ "device_code", CODE, "", "600", "authorization_uri_relative",
		  "0 bytes, at \"\"" },
		{ "device_code", CODE, "http://id.example.org/device", "600",
		  "authorization_not_https", "at \"id.example.org\"" },
		{ "device_code", CODE, "https://sso.example.net:8443/x?y", "600",
		  "authorization_on_another_host", "at \"sso.example.net:8443\"" },
		{ "device_code", CODE, "https://a b/", "600", "authorization_uri_malformed",
		  "at \"https://a b/\"" },
		{ "device_code", CODE, LONG_URI_253 "abcd", "600", "authorization_uri_too_long",
		  "258 bytes" },
		{ "device_code", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", URI, "600",
		  "authorization_code_unfit", "36 bytes, of at most 32 letters" },
		{ "device_code",
		  "A\xe2\x80\x93"
		  "B",
		  URI, "600", "authorization_code_unfit", "5 bytes" },
		{ "authorization_code", CODE, URI, "600", "authorization_refused", NULL },
		{ "device_code", CODE, URI, "0", "authorization_refused", NULL },
	};
	struct packet packet;
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		packet_set(&packet, "authorize", "flow", rows[i].kind, "user_code", rows[i].code,
			   "verification_uri", rows[i].uri, "expires_in", rows[i].seconds, NULL);
		assert_false(taken_after(&login, 1, &packet));
		assert_string_equal(reason_name(login.reason), rows[i].reason);
		outcome_is(rows[i].uri, login.outcome,
			   rows[i].logged ? OUTCOME_INVALID_RESPONSE : OUTCOME_HELPER_FAILED);
		if (rows[i].logged && !strstr(talk.logged, rows[i].logged))
			fail_msg("%s: %s", rows[i].uri, talk.logged);
		assert_null(strstr(talk.logged, CODE));
		assert_null(strstr(talk.logged, "f81d4fae"));
	}
}

/* Exactly the keys: nothing missing, nothing more, nothing twice, nothing by another name. */
static void test_shapes(void **state)
{
	static const struct {
		size_t after; /* how many of the good messages came before */
		const char *string[12];
		bool ok;
	} rows[] = {
		{ 0, { "ready", "wire", "2", "sandbox", SANDBOX }, true },
		{ 0, { "ready", "wire", "2" }, false },
		{ 0, { "ready" }, false },
		{ 0, { "ready", "wire", "3", "sandbox", SANDBOX }, false },
		{ 0, { "ready", "wire", "", "sandbox", SANDBOX }, false },
		{ 0, { "ready", "wire", "22", "sandbox", SANDBOX }, false },
		{ 0, { "ready", "wire", "2", "wire", "2" }, false },
		{ 0, { "ready", "wire", "2", "sandbox", SANDBOX, "sandbox", SANDBOX }, false },
		{ 0, { "ready", "wire", "2", "sandbox", SANDBOX, "x", "y" }, false },
		{ 0, { "Ready", "wire", "2", "sandbox", SANDBOX }, false },
		{ 0, { "ready ", "wire", "2", "sandbox", SANDBOX }, false },
		{ 0, { "login", "wire", "2", "sandbox", SANDBOX }, false },
		{ 0, { "log", "level", "debug", "text", "x" }, false },
		{ 1, { "log", "level", "debug", "text", "x" }, true },
		{ 1, { "log", "level", "warning", "text", "" }, true },
		{ 1, { "log", "level", "error", "text", "x" }, false },
		{ 1, { "log", "level", "", "text", "x" }, false },
		{ 1, { "log", "level", "debug" }, false },
		{ 1, { "log", "text", "x", "level", "debug", "level", "debug" }, false },
		{ 1, { "ready", "wire", "2", "sandbox", SANDBOX }, false },
		{ 1,
		  { "authorize", "flow", "device_code", "user_code", "A", "verification_uri", URI },
		  false },
		{ 1,
		  { "authorize", "flow", "device_code", "verification_uri", URI, "expires_in",
		    "9" },
		  false },
		{ 1,
		  { "authorize", "user_code", "A", "verification_uri", URI, "expires_in", "9" },
		  false },
		{ 1,
		  { "authorize", "flow", "device_code", "user_code", "A", "verification_uri", URI,
		    "verification_uri_complete", URI, "expires_in", "9" },
		  true },
		{ 1,
		  { "authorize", "flow", "device_code", "user_code", "A", "verification_uri", URI,
		    "verification_uri", URI, "expires_in", "9" },
		  false },
		{ 1, { "progress", "state", "authorization_pending" }, false },
		{ 1, { "claim", "name", "sub", "type", "string", "value", "x" }, false },
		{ 2, { "progress", "state", "authorization_pending" }, true },
		{ 2, { "progress", "state", "slow_down" }, true },
		{ 2, { "progress", "state", "unreachable" }, true },
		{ 2, { "progress", "state", "granted" }, false },
		{ 2, { "progress", "state", "access_denied" }, false },
		{ 2, { "progress", "state", "wrong_code" }, false },
		{ 2, { "progress", "state", "invalid_response" }, false },
		{ 2, { "progress", "state", "" }, false },
		{ 2, { "progress", "state", "slow" }, false },
		{ 2, { "progress" }, false },
		{ 2,
		  { "progress", "state", "authorization_pending", "state",
		    "authorization_pending" },
		  false },
		{ 2,
		  { "authorize", "flow", "device_code", "user_code", "A", "verification_uri", URI,
		    "expires_in", "9" },
		  false },
		{ 2, { "claim", "name", "sub", "type", "string", "value", "x" }, true },
		{ 2, { "claim", "name", "sub", "type", "number", "value", "1" }, true },
		{ 2, { "claim", "name", "sub", "type", "array", "value", "x" }, false },
		{ 2, { "claim", "name", "", "type", "string", "value", "x" }, false },
		{ 2, { "claim", "name", "sub", "type", "string" }, false },
		{ 2, { "claim", "name", "sub", "value", "x" }, false },
		{ 2, { "claim", "name", "a", "type", "string", "value", "x", "name", "b" }, false },
		{ 4, { "progress", "state", "authorization_pending" }, false },
		{ 4, { "progress", "state", "expired_token" }, false },
		{ 4, { "claim", "name", "sub", "type", "string", "value", "other" }, false },
		{ 4, { "claim", "name", "email", "type", "string", "value", "x" }, true },
		{ 4, { "ready", "wire", "2", "sandbox", SANDBOX }, false },
		{ 4, { "done", "verdict", "granted" }, false },
		{ 4, { "done", "verdict", "granted", "reason", "", "x", "y" }, false },
		{ 4, { "done", "reason", "", "verdict", "granted", "verdict", "granted" }, false },
		{ 0, { "claim_item", "name", "groups", "value", "x" }, false },
		{ 1, { "claim_item", "name", "groups", "value", "x" }, false },
		{ 2, { "claim_item", "name", "groups", "value", "x" }, true },
		{ 4, { "claim_item", "name", "groups", "value", "x" }, true },
		{ 4, { "claim_item", "name", "groups", "value", "" }, false },
		{ 4, { "claim_item", "name", "", "value", "x" }, false },
		{ 4, { "claim_item", "name", "groups" }, false },
		{ 4, { "claim_item", "value", "x", "name", "groups" }, false },
		{ 4, { "claim_item", "name", "groups", "type", "string", "value", "x" }, false },
		{ 4, { "tokens", "token_blob", "x" }, false },
		{ 4, { "access_token", "access_token", "x", "expires_in", "9" }, false },
		{ 4, { "finding", "step", "dns", "outcome", "ok", "value", "" }, false },
	};
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const *s = rows[i].string;
		struct packet packet;

		packet_set(&packet, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9],
			   s[10], s[11], NULL);
		if (taken_after(&login, rows[i].after, &packet) != rows[i].ok)
			fail_msg("row %zu: %s", i, s[0]);
		if (!rows[i].ok)
			outcome_is(s[0], login.outcome, OUTCOME_HELPER_FAILED);
	}
}

/* Repeats MESSAGE until it is too much. Returns how often it was taken. */
static int taken_times(struct login *login, size_t after, enum kind kind)
{
	int times = 0;

	login_make(login);
	login_begin(login);
	for (size_t i = 0; i < after; i++)
		assert_true(login_take(login, &messages[good[i]]));
	while (times < 1000 && login_take(login, &messages[kind]))
		times++;
	login_clear(login);
	return times;
}

static void test_counts(void **state)
{
	struct login login;

	(void)state;
	assert_int_equal(taken_times(&login, 2, PENDING), 64);
	outcome_is("65 states", login.outcome, OUTCOME_HELPER_FAILED);
	assert_int_equal(taken_times(&login, 1, NOTE), 64);
	outcome_is("65 notes", login.outcome, OUTCOME_HELPER_FAILED);
	assert_int_equal(taken_times(&login, 4, NOTE), 64);
	assert_int_equal(taken_times(&login, 0, READY), 1);
	assert_int_equal(taken_times(&login, 1, AUTHORIZE), 1);
	assert_int_equal(taken_times(&login, 2, SUB), 1);
	outcome_is("a claim twice", login.outcome, OUTCOME_HELPER_FAILED);
}

/* The counts are of the login, not of a code. */
static void test_counts_over_codes(void **state)
{
	struct login login;
	int channel[2], states = 0;

	(void)state;
	login_make(&login);
	setting(CONF_MAX_CODES, "10");
	login_begin(&login);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
	login.helper.fd = channel[0];
	assert_true(login_take(&login, &messages[READY]));
	for (int code = 0; code < 10 && login_take(&login, &messages[AUTHORIZE]); code++) {
		for (int i = 0; i < 9 && login_take(&login, &messages[PENDING]); i++)
			states++;
		states += login_take(&login, &messages[EXPIRED]);
	}
	assert_int_equal(states, 64);
	outcome_is("65 states", login.outcome, OUTCOME_HELPER_FAILED);
	close(channel[0]);
	close(channel[1]);
	login_clear(&login);
}

static void test_too_many_claims(void **state)
{
	struct login login;
	struct packet packet;
	char name[16];

	(void)state;
	for (int n = 30; n <= 34; n++) {
		login_make(&login);
		script(good, 5);
		for (int i = 3; i < n; i++) {
			snprintf(name, sizeof(name), "claim%d", i);
			claim_set(&packet, name, "x");
			fake_send(0, &packet);
		}
		fake_send(0, &packets[GRANTED]);
		outcome_is("claims", run(&login),
			   n <= 32 ? OUTCOME_ADMITTED : OUTCOME_HELPER_FAILED);
	}
}

/* Members count beside claims, not among them, and decide as claims do. */
static void test_members(void **state)
{
	static const struct {
		const char *require, *amr, *member;
		enum outcome outcome;
	} rows[] = {
		{ "groups=a", "", "a", OUTCOME_ADMITTED },
		{ "groups=a groups=b", "", "b", OUTCOME_ADMITTED },
		{ "groups=a", "", "b", OUTCOME_NOT_ADMITTED },
		{ "groups=a", "", NULL, OUTCOME_NOT_ADMITTED },
		{ "", "otp", "a", OUTCOME_WEAK },
		{ "", "", "a", OUTCOME_ADMITTED },
	};
	struct login login;
	struct packet packet;
	char value[16];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		login_make(&login);
		policy.require = rows[i].require;
		policy.require_amr = rows[i].amr;
		script(good, 5);
		packet_set(&packet, "claim_item", "name", "groups", "value", rows[i].member, NULL);
		if (rows[i].member)
			fake_send(0, &packet);
		fake_send(0, &packets[GRANTED]);
		outcome_is(rows[i].require, run(&login), rows[i].outcome);
	}
	for (int n = 31; n <= 34; n++) {
		login_make(&login);
		script(good, 5);
		for (int i = 0; i < n; i++) {
			snprintf(value, sizeof(value), "%d", i);
			packet_set(&packet, "claim_item", "name", "groups", "value", value, NULL);
			fake_send(0, &packet);
		}
		fake_send(0, &packets[GRANTED]);
		outcome_is("members", run(&login),
			   n <= 32 ? OUTCOME_ADMITTED : OUTCOME_HELPER_FAILED);
	}
	login_make(&login);
	script(good, 5);
	fake_send(0, &packet);
	fake_send(0, &packet);
	outcome_is("the same twice", run(&login), OUTCOME_HELPER_FAILED);
}

/* Members alone are no identity. */
static void test_members_alone(void **state)
{
	struct login login;
	struct packet packet;

	(void)state;
	login_make(&login);
	script(good, 2);
	packet_set(&packet, "claim_item", "name", "preferred_username", "value", "alice", NULL);
	fake_send(0, &packet);
	fake_send(0, &packets[ISS]);
	fake_send(0, &packets[SUB]);
	fake_send(0, &packets[GRANTED]);
	outcome_is("a member for a claim", run(&login), OUTCOME_NOT_ADMITTED);
	login_make(&login);
	script(good, 2);
	fake_send(0, &packet);
	fake_send(0, &packets[PENDING]);
	outcome_is("pending behind a member", run(&login), OUTCOME_HELPER_FAILED);
	login_make(&login);
	script(good, 2);
	fake_send(0, &packet);
	fake_send(0, &packets[GRANTED]);
	outcome_is("a member and no issuer", run(&login), OUTCOME_HELPER_FAILED);
}

static void test_claim_sizes(void **state)
{
	struct login login;
	struct packet packet;
	char name[300], value[1100];

	(void)state;
	for (int i = 0; i < 4; i++) {
		memset(name, 'n', sizeof(name));
		memset(value, 'v', sizeof(value));
		name[255 + i % 2] = '\0';
		value[1023 + i / 2] = '\0';
		claim_set(&packet, name, value);
		assert_int_equal(taken_after(&login, 2, &packet), i == 0);
	}
}

static void test_packets_invalid(void **state)
{
	static const struct {
		const char *name;
		struct packet packet;
	} rows[] = {
		{ "no end", { 5, "state" } },
		{ "even", { 12, "state\0state\0" } },
		{ "no verb", { 3, "\0k\0" } },
		{ "empty", { 1, "" } },
	};
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		login_make(&login);
		script(good, 2);
		fake_send(0, &rows[i].packet);
		script(good + 2, 4);
		outcome_is(rows[i].name, run(&login), OUTCOME_HELPER_FAILED);
		assert_string_equal(reason_name(login.reason), "packet_invalid");
	}
}

/* ---- several codes ---- */

static void invite_with(struct packet *packet, const char *code)
{
	packet_set(packet, "authorize", "flow", "device_code", "user_code", code,
		   "verification_uri", URI, "expires_in", "60", NULL);
}

static void test_codes(void **state)
{
	static const char *const codes[] = { "1", "2", "3", "10" };
	struct login login;
	struct packet authorization;
	char code[32];

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		int n = atoi(codes[i]);

		login_make(&login);
		setting(CONF_MAX_CODES, codes[i]);
		script(good, 1);
		for (int k = 0; k < n; k++) {
			snprintf(code, sizeof(code), "CODE-%d", k);
			invite_with(&authorization, code);
			fake_send(0, &authorization);
			fake_send(1000, &packets[EXPIRED]);
			fake_step(STEP_AWAIT_AGAIN, 0);
		}
		outcome_is(codes[i], run(&login), n > 1 ? OUTCOME_CODES_USED : OUTCOME_EXPIRED);
		assert_string_equal(reason_name(login.reason), "expired");
		assert_int_equal(fake.agains, n - 1);
		assert_int_equal(talk.shows, 2 * n - 1); /* each but the first is announced */
		snprintf(code, sizeof(code), "CODE-%d", n - 1);
		assert_non_null(strstr(talk.shown, code));
	}
}

static void test_fresh_code(void **state)
{
	struct login login;
	struct packet authorization, again;

	(void)state;
	login_make(&login);
	setting(CONF_MAX_CODES, "2");
	script(good, 1);
	invite_with(&authorization, "FIRST");
	fake_send(0, &authorization);
	packet_set(&again, "progress", "state", "code_consumed", NULL);
	fake_send(50000, &again);
	fake_step(STEP_AWAIT_AGAIN, 0);
	invite_with(&authorization, "SECOND");
	fake_send(30000, &authorization);
	for (size_t i = 2; i < COUNT(good); i++)
		fake_send(i == 2 ? 50000 : 0, &packets[good[i]]); /* the clock begins anew */
	outcome_is("second code", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.shows, 3);
	assert_non_null(strstr(talk.first_shown, "FIRST"));
	assert_non_null(strstr(talk.shown, "SECOND"));
	assert_null(strstr(talk.shown, "FIRST"));
}

/* Nothing of a code that is used up counts. */
static void test_used_up_code(void **state)
{
	static const enum kind rows[] = { ISS, GRANTED, PENDING, EXPIRED, READY, DENIED };
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		login_make(&login);
		setting(CONF_MAX_CODES, "2");
		script(good, 2);
		fake_send(0, &packets[EXPIRED]);
		fake_step(STEP_AWAIT_AGAIN, 0);
		fake_send(0, &packets[rows[i]]);
		script(good + 2, 4);
		outcome_is("after expired", run(&login),
			   rows[i] == DENIED ? OUTCOME_DENIED : OUTCOME_HELPER_FAILED);
	}
}

/* A fresh code cannot be asked for: nobody listens. */
static void test_again_unheard(void **state)
{
	struct login login;

	(void)state;
	login_make(&login);
	setting(CONF_MAX_CODES, "2");
	script(good, 2);
	fake_send(0, &packets[EXPIRED]);
	fake_step(STEP_CLOSE, 0);
	outcome_is("nobody listens", run(&login), OUTCOME_HELPER_FAILED);
	assert_string_equal(reason_name(login.reason), "helper_unresponsive");
}

/* ---- shows that fail ---- */

static void test_shows_fail(void **state)
{
	struct login login;
	struct packet trouble;

	(void)state;
	packet_set(&trouble, "progress", "state", "unreachable", NULL);
	for (int failing = 1; failing <= 4; failing++) {
		login_make(&login);
		setting(CONF_MAX_CODES, "2");
		talk.show_fails = failing;
		script(good, 2);
		fake_send(0, &trouble);
		fake_send(0, &packets[EXPIRED]);
		fake_step(STEP_AWAIT_AGAIN, 0);
		script(good + 1, 5);
		outcome_is("a show fails", run(&login), OUTCOME_CONVERSATION);
		assert_int_equal(talk.shows, failing);
	}
}

/* Told once: a network that comes and goes does not fill a screen. */
static void test_trouble_once(void **state)
{
	struct login login;
	struct packet trouble;

	(void)state;
	packet_set(&trouble, "progress", "state", "unreachable", NULL);
	login_make(&login);
	script(good, 2);
	for (int i = 0; i < 5; i++) {
		fake_send(10, &trouble);
		fake_send(10, &packets[PENDING]);
	}
	script(good + 2, 4);
	outcome_is("trouble", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.shows, 2);
	assert_string_equal(talk.shown, message_text(NULL, MESSAGE_TROUBLE));
}

/* ---- Enter ---- */

static void prompting(struct login *login)
{
	login_make(login);
	login->presentation.wait_for_enter = true;
	login->presentation.timeout = 100;
	talk.ask_ms = 0;
}

static void test_prompt(void **state)
{
	struct login login;

	(void)state;
	prompting(&login);
	talk.ask_ms = 20000;
	script(good, 2);
	fake_send(15000, &packets[ISS]);
	script(good + 3, 3);
	outcome_is("Enter after approval", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 1);
	assert_int_equal(talk.shows, 0);
	assert_non_null(strstr(talk.asked, CODE));
	assert_non_null(strstr(talk.asked, URI));
	assert_string_equal(talk.asked + strlen(talk.asked) -
				    strlen(message_text(NULL, MESSAGE_ENTER)),
			    message_text(NULL, MESSAGE_ENTER));
}

/* A dialog shows the last text alone and drops it with the answer: the code comes back with it. */
static void test_brief(void **state)
{
	struct login login;

	(void)state;
	prompting(&login);
	login.presentation.brief = login.screen.brief = true;
	talk.ask_ms = 2000;
	script(good, 2);
	fake_send(9000, &packets[ISS]);
	script(good + 3, 3);
	outcome_is("a short form", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 2);
	assert_int_equal(talk.shows, 2);
	assert_non_null(strstr(talk.first_shown, "Code: " CODE));
	assert_string_equal(talk.first_asked, message_text(NULL, MESSAGE_ENTER));
	assert_int_equal(strncmp(talk.shown, message_text(NULL, MESSAGE_ENTER_AGAIN), 16), 0);
	assert_non_null(strstr(talk.shown, "Code: " CODE));
	assert_string_equal(talk.asked, message_text(NULL, MESSAGE_ENTER_AGAIN));
}

/* GDM draws it: JSON goes there, nothing before it, and behind it nothing is asked again. */
static void test_eidp(void **state)
{
	struct login login;

	(void)state;
	login_make(&login);
	login.presentation.eidp = login.presentation.brief = login.screen.brief = true;
	talk.ask_ms = 2000;
	script(good, 2);
	fake_send(9000, &packets[ISS]);
	script(good + 3, 3);
	outcome_is("a greeter's own", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 1);
	assert_int_equal(talk.shows, 1);
	assert_string_equal(talk.shown, message_text(NULL, MESSAGE_MOMENT));
	assert_int_equal(strncmp(talk.asked, "{\"authSelection\":", 17), 0);
	assert_non_null(strstr(talk.asked, "\"code\":\"" CODE "\""));
	assert_non_null(strstr(talk.asked, "\"uri\":\"" URI "\""));

	/* The person has gone back, or the code's time is over for the greeter. */
	login_make(&login);
	login.presentation.eidp = login.presentation.brief = login.screen.brief = true;
	talk.ask_fails = 1;
	script(good, 2);
	outcome_is("a greeter that gives up", run(&login), OUTCOME_CONVERSATION);
	assert_int_equal(talk.shows, 0);
}

/* The idle screen is a text, then a question; a provider that is silent does not hide the code. */
static void test_brief_idle(void **state)
{
	struct login login;
	struct packet trouble;

	(void)state;
	packet_set(&trouble, "progress", "state", "unreachable", NULL);
	login_make(&login);
	login.presentation.idle = login.presentation.brief = login.screen.brief = true;
	login.screen.user = "";
	script(good, 2);
	fake_send(10, &trouble);
	script(good + 2, 4);
	outcome_is("an idle short form", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 1);
	assert_string_equal(talk.asked, message_text(NULL, MESSAGE_BEGIN));
	assert_int_equal(talk.shows, 3); /* how to begin, a moment, the code */
	assert_non_null(strstr(talk.first_shown, message_text(NULL, MESSAGE_IDLE_BRIEF)));
	assert_non_null(strstr(talk.first_shown, message_text(NULL, MESSAGE_BEGIN)));
	assert_non_null(strstr(talk.shown, "Code: " CODE));
}

/* A dialog of one line shows the prompt alone: the code is in each. */
static void test_line(void **state)
{
	struct login login;

	(void)state;
	prompting(&login);
	login.presentation.brief = login.screen.brief = login.presentation.line =
		login.screen.line = true;
	talk.ask_ms = 2000;
	script(good, 2);
	fake_send(9000, &packets[ISS]);
	script(good + 3, 3);
	outcome_is("one line", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 2);
	assert_int_equal(talk.shows, 0);
	assert_int_equal(strncmp(talk.first_asked, "Address https://", 16), 0);
	assert_non_null(strstr(talk.first_asked, "  Code " CODE "  Press Enter"));
	assert_non_null(strstr(talk.asked, "  Code " CODE "  Not approved yet."));
	assert_null(strchr(talk.asked, '\n'));
}

/* Messages that are too long for a dialog are no reason to show no code. */
static void test_messages_that_do_not_fit(void **state)
{
	char text[1500];
	struct messages lengthy = { { [MESSAGE_OPEN] = text, [MESSAGE_LINE] = text } };
	struct login login;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 2; i++) {
		login_make(&login);
		login.screen.messages = &lengthy;
		login.presentation.brief = login.screen.brief = i == 1;
		login.presentation.line = login.screen.line = i == 1;
		script(good, 6);
		outcome_is("long messages", run(&login), OUTCOME_ADMITTED);
		assert_non_null(strstr(talk.shown, CODE));
	}
}

/* A client that answers at once is asked at a pace, and only until the deadline. */
static void test_prompt_pace(void **state)
{
	struct login login;

	(void)state;
	prompting(&login);
	script(good, 2);
	outcome_is("nobody approves", run(&login), OUTCOME_EXPIRED);
	assert_int_equal(talk.shows, 0);
	assert_non_null(strstr(talk.first_asked, CODE));
	assert_string_equal(talk.asked, message_text(NULL, MESSAGE_ENTER_AGAIN));
	assert_within(talk.asks, 2, (100000 + GRACE) / PACE_MS + 1);
	for (int i = 1; i < talk.asks; i++)
		assert_true(talk.asked_at[i] - talk.asked_at[i - 1] >= PACE_MS);
	assert_int_equal(fake.now, login.shown_at + 100000 + GRACE);
}

/* What came while somebody thought is taken before they are asked again. */
static void test_prompt_drains(void **state)
{
	struct login login;

	(void)state;
	prompting(&login);
	talk.ask_ms = 30000;
	script(good, 2);
	for (int i = 0; i < 20; i++)
		fake_send(1000, &packets[i % 2 ? NOTE : PENDING]);
	script(good + 2, 4);
	outcome_is("drained", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 1);
}

static void test_prompt_fails(void **state)
{
	struct login login;

	(void)state;
	for (int failing = 1; failing <= 3; failing++) {
		prompting(&login);
		talk.ask_fails = failing;
		script(good, 2);
		fake_send(60000, &packets[ISS]);
		script(good + 3, 3);
		outcome_is("ask fails", run(&login), OUTCOME_CONVERSATION);
		assert_int_equal(talk.asks, failing);
	}
}

static void test_prompt_fresh_code(void **state)
{
	struct login login;
	struct packet authorization;

	(void)state;
	prompting(&login);
	setting(CONF_MAX_CODES, "2");
	script(good, 2);
	fake_send(20000, &packets[EXPIRED]);
	fake_step(STEP_AWAIT_AGAIN, 0);
	invite_with(&authorization, "SECOND");
	fake_send(1000, &authorization);
	fake_send(30000, &packets[ISS]);
	script(good + 3, 3);
	outcome_is("second code", run(&login), OUTCOME_ADMITTED);
	assert_non_null(strstr(talk.first_asked, CODE));
	assert_string_equal(talk.asked, message_text(NULL, MESSAGE_ENTER_AGAIN));
	assert_int_equal(fake.agains, 1);
}

/* Enter comes behind the deadline, the approval came before it: it lies there and is taken. */
static void test_prompt_late_enter(void **state)
{
	struct login login;

	(void)state;
	prompting(&login);
	talk.ask_ms = 105000;
	script(good, 2);
	fake_send(95000, &packets[ISS]);
	script(good + 3, 3);
	outcome_is("late Enter", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 1);
}

/* Enter comes when the code is used up: there is another. */
static void test_prompt_late_enter_fresh_code(void **state)
{
	struct login login;

	(void)state;
	prompting(&login);
	setting(CONF_MAX_CODES, "2");
	talk.ask_ms = 105000;
	script(good, 2);
	fake_send(100000, &packets[EXPIRED]);
	fake_step(STEP_AWAIT_AGAIN, 0);
	script(good + 1, 5);
	outcome_is("late Enter", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(fake.agains, 1);
}

/* Whoever presses Enter then need not be who approved. */
static void test_prompt_much_too_late(void **state)
{
	struct login login;
	struct packet done;

	(void)state;
	packet_set(&done, "done", "verdict", "expired_token", "reason", "nobody_approved", NULL);
	for (int i = 0; i < 3; i++) {
		prompting(&login);
		talk.ask_ms = 3600000;
		script(good, i == 2 ? COUNT(good) : 2);
		if (i == 1)
			fake_send(100000, &done);
		outcome_is("an hour late", run(&login), OUTCOME_EXPIRED);
		assert_int_equal(talk.asks, 1);
	}
}

/* A code typed back behind the deadline: the helper has ended, and that is no breach of its. */
static void test_paste_late(void **state)
{
	struct login login;
	struct packet authorization, done;

	(void)state;
	packet_set(&authorization, "authorize", "flow", "authorization_code", "verification_uri",
		   URI, "expires_in", "60", NULL);
	packet_set(&done, "done", "verdict", "expired_token", "reason", "nobody_approved", NULL);
	for (int late = 0; late < 2; late++) {
		login_make(&login);
		setting(CONF_FLOW, "authorization_code");
		login.presentation.answer_cut = 1023;
		talk.answer = "code";
		talk.ask_ms = late ? 3600000 : 70000;
		script(good, 1);
		fake_send(0, &authorization);
		fake_send(60000, &done);
		fake_step(STEP_CLOSE, 0);
		outcome_is("a late code", run(&login), OUTCOME_EXPIRED);
		assert_int_equal(talk.asks, 1);
	}
}

/* ---- deadlines ---- */

/* READY at once, the authorization after 1 s, the rest after REST ms more. */
static enum outcome timed(struct login *login, const char *seconds, long timeout, int rest,
			  size_t n)
{
	struct packet authorization;

	login_make(login);
	login->presentation.timeout = timeout;
	packet_set(&authorization, "authorize", "flow", "device_code", "user_code", CODE,
		   "verification_uri", URI, "expires_in", seconds, NULL);
	for (size_t i = 0; i < n; i++)
		fake_send(i == 1   ? 1000
			  : i == 2 ? rest
				   : 0,
			  i == 1 ? &authorization : &packets[good[i]]);
	return run(login);
}

static void test_deadlines(void **state)
{
	static const struct {
		const char *name, *seconds;
		long timeout;
		int rest;
		size_t n;
		enum outcome outcome;
		int64_t ms; /* when it ends */
	} rows[] = {
		{ "silence", "60", 300, 0, 0, OUTCOME_HELPER_FAILED, AUTHORIZE_LIMIT_MS },
		{ "no authorization", "60", 300, 0, 1, OUTCOME_HELPER_FAILED, AUTHORIZE_LIMIT_MS },
		{ "the code's", "60", 300, 0, 2, OUTCOME_EXPIRED, 1000 + 60000 + GRACE },
		{ "the section's", "600", 30, 0, 2, OUTCOME_EXPIRED, 1000 + 30000 + GRACE },
		{ "a longer code", "86400", 3600, 0, 2, OUTCOME_EXPIRED, 1000 + 3600000 + GRACE },
		{ "in time", "60", 300, 59000, 6, OUTCOME_ADMITTED, 60000 },
		{ "just in time", "60", 300, 60000, 6, OUTCOME_ADMITTED, 61000 },
		{ "too late", "60", 300, 61001, 6, OUTCOME_EXPIRED, 1000 + 60000 + GRACE },
		{ "much too late", "60", 300, 100000, 6, OUTCOME_EXPIRED, 1000 + 60000 + GRACE },
		{ "claims, no verdict", "60", 300, 10000, 5, OUTCOME_EXPIRED,
		  1000 + 60000 + GRACE },
		{ "one claim", "60", 300, 10000, 3, OUTCOME_EXPIRED, 1000 + 60000 + GRACE },
	};
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		outcome_is(rows[i].name,
			   timed(&login, rows[i].seconds, rows[i].timeout, rows[i].rest, rows[i].n),
			   rows[i].outcome);
		if (fake.now != 1000000 + rows[i].ms)
			fail_msg("%s: after %ld ms", rows[i].name, (long)fake.now - 1000000);
	}
}

static void test_minutes(void **state)
{
	static const struct {
		const char *seconds;
		long timeout;
		const char *text;
	} rows[] = { { "600", 300, "You have 5 minutes." },
		     { "150", 300, "You have 2 minutes." },
		     { "119", 300, "You have 119 seconds." },
		     { "5", 300, "You have 5 seconds." },
		     { "86400", 3600, "You have 60 minutes." } };
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		timed(&login, rows[i].seconds, rows[i].timeout, 0, COUNT(good));
		if (!strstr(talk.shown, rows[i].text))
			fail_msg("%s: %s", rows[i].text, talk.shown);
	}
}

static void test_fresh_code_deadline(void **state)
{
	struct login login;

	(void)state;
	login_make(&login);
	setting(CONF_MAX_CODES, "2");
	script(good, 2);
	fake_send(5000, &packets[EXPIRED]);
	outcome_is("no fresh code", run(&login), OUTCOME_EXPIRED);
	assert_int_equal(fake.now, 1000000 + 200 + 5000 + AUTHORIZE_LIMIT_MS);
}

/* The host's own end bounds all codes together; the section's time each of them. */
static void test_host_ends(void **state)
{
	static const struct {
		const char *name;
		long host_seconds;
		int codes, after_ms; /* how many are asked for, and when each is used up */
		int64_t ms;
		enum outcome outcome;
	} rows[] = {
		{ "no end", 0, 3, 50000, 200 + 2 * 50000 + 60000 + GRACE, OUTCOME_EXPIRED },
		{ "before the second", 58, 1, 50000, 200 + 50000, OUTCOME_CODES_USED },
		{ "in the second", 100, 2, 50000, 99200 + GRACE, OUTCOME_EXPIRED },
		{ "in the first", 30, 1, 50000, 29200 + GRACE, OUTCOME_EXPIRED },
	};
	struct login login;
	struct packet authorization;

	(void)state;
	packet_set(&authorization, "authorize", "flow", "device_code", "user_code", CODE,
		   "verification_uri", URI, "expires_in", "60", NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		login_make(&login);
		setting(CONF_MAX_CODES, "3");
		login.presentation.host_seconds = rows[i].host_seconds;
		fake_send(200, &packets[READY]);
		fake_send(0, &authorization);
		for (int code = 1; code < rows[i].codes; code++) {
			fake_send(rows[i].after_ms, &packets[EXPIRED]);
			fake_step(STEP_AWAIT_AGAIN, 0);
			fake_send(0, &authorization);
		}
		if (rows[i].outcome == OUTCOME_CODES_USED)
			fake_send(rows[i].after_ms, &packets[EXPIRED]);
		outcome_is(rows[i].name, run(&login), rows[i].outcome);
		if (fake.now - 1000000 < rows[i].ms || fake.now - 1000000 > rows[i].ms + GRACE)
			fail_msg("%s: after %ld ms", rows[i].name, (long)fake.now - 1000000);
	}
}

/* ---- the idle screen ---- */

static void idle_make(struct login *login)
{
	login_make(login);
	login->presentation.idle = true;
	login->presentation.can_clear = true;
	login->screen.user = "";
}

static void fake_unreachable(const char *reason)
{
	struct packet done;

	packet_set(&done, "done", "verdict", "unreachable", "reason", reason, NULL);
	script(good, 1);
	fake_send(0, &done);
}

/* A day without anybody: no helper, no deadline; then a code that lives as long as any. */
static void test_idle_day(void **state)
{
	struct login login;

	(void)state;
	idle_make(&login);
	talk.ask_ms = 24 * 3600 * 1000;
	script(good, 2);
	fake_send(299000, &packets[ISS]);
	script(good + 3, 3);
	outcome_is("a day", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 1);
	assert_int_equal(talk.started_at_ask, 0);
	assert_int_equal(fake.started, 1);
	assert_non_null(strstr(talk.asked, message_text(NULL, MESSAGE_IDLE_PHONE)));
	assert_non_null(strstr(talk.asked, message_text(NULL, MESSAGE_BEGIN)));
	assert_null(strstr(talk.asked, CODE));
	assert_string_equal(talk.first_shown, message_text(NULL, MESSAGE_MOMENT));
	assert_string_equal(talk.shown, SCREEN_CLEAR); /* the code does not stay */
}

static void test_idle_fails(void **state)
{
	struct login login;

	(void)state;
	idle_make(&login);
	talk.ask_fails = 1;
	outcome_is("nobody there", run(&login), OUTCOME_CONVERSATION);
	assert_int_equal(fake.started, 0);
	assert_int_equal(talk.shows, 0);
}

/* No code could be had: a sentence, and the idle screen again, as often as it takes. */
static void test_idle_retries(void **state)
{
	static const struct {
		const char *reason;
		enum message message;
	} rows[] = { { "connection_lost", MESSAGE_UNREACHABLE },
		     { "certificate_not_valid_now", MESSAGE_CLOCK } };
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		idle_make(&login);
		for (int tries = 0; tries < 3; tries++)
			fake_unreachable(rows[i].reason);
		script(good, COUNT(good));
		talk.ask_ms = 10000;
		outcome_is(rows[i].reason, run(&login), OUTCOME_ADMITTED);
		assert_int_equal(talk.asks, 4);
		assert_int_equal(fake.started, 4);
		assert_int_equal(fake.ended, 4);
		assert_int_equal(talk.started_at_ask, 3);
		assert_non_null(strstr(talk.asked, message_text(NULL, rows[i].message)));
		assert_non_null(strstr(talk.asked, message_text(NULL, MESSAGE_BEGIN_AGAIN)));
		assert_null(strstr(talk.first_asked, message_text(NULL, rows[i].message)));
		assert_int_equal(talk.logs,
				 3 * 2 + 1 + 1); /* each try says why, too; and a code is shown */
		/* somebody who takes ten seconds is never kept waiting */
		assert_int_equal(talk.asked_at[3] - talk.asked_at[0], 3 * (10000 + 100));
		assert_int_equal(talk.drops, 5); /* before each question, and before the shell */
	}
}

/* A key that is stuck: the pauses grow to a minute. */
static void test_idle_stuck_key(void **state)
{
	static const int64_t pauses[] = { 0, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };
	struct login login;

	(void)state;
	idle_make(&login);
	for (size_t i = 0; i < COUNT(pauses); i++)
		fake_unreachable("connection_lost");
	talk.ask_fails = COUNT(pauses) + 1;
	outcome_is("stuck", run(&login), OUTCOME_CONVERSATION);
	assert_int_equal(talk.asks, COUNT(pauses) + 1);
	for (size_t i = 0; i < COUNT(pauses); i++)
		assert_int_equal(talk.asked_at[i + 1] - talk.asked_at[i], pauses[i] + 100);
	assert_string_equal(talk.logged, "no code could be had: connection_lost");
	assert_int_equal(talk.priority, 4);
}

/* ---- a box without a keyboard ---- */

static void patient_make(struct login *login)
{
	login_make(login);
	login->presentation.patient = login->presentation.can_clear = true;
	login->wanted = (struct local_account){ .name = "", .exists = false, .uid = 0 };
	login->screen.user = "";
}

/* Nobody asks for it: the provider is tried again, less and less often, and the log has each change once. */
static void test_patience(void **state)
{
	static const int seconds[] = { 10, 20, 40, 80, 160, 300, 300, 300 };
	struct login login;
	int64_t waited;

	(void)state;
	patient_make(&login);
	waited = fake.now;
	for (size_t i = 0; i < COUNT(seconds); i++) {
		struct packet note;

		packet_set(&note, "log", "level", "warning", "text", "no route", NULL);
		script(good, 1);
		fake_send(0, &note);
		packet_set(&note, "done", "verdict", "unreachable", "reason", "connection_lost",
			   NULL);
		fake_send(0, &note);
		waited += seconds[i] * 1000;
	}
	script(good, COUNT(good));
	outcome_is("patient", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 0);
	assert_int_equal(fake.started, COUNT(seconds) + 1);
	assert_within(fake.now, waited, waited + 60 * 1000);
	/* the helper's two, ours, and that a code is shown */
	assert_int_equal(talk.logs, 4);
	assert_non_null(strstr(talk.first_shown, message_text(NULL, MESSAGE_TROUBLE)));
	assert_non_null(strstr(talk.first_shown, SCREEN_CLEAR));
	assert_int_equal(talk.shows, 3); /* that, the code in its place, and the wiping */
	assert_non_null(strstr(talk.shown_before, SCREEN_CLEAR));
	assert_non_null(strstr(talk.shown_before, CODE));
}

/* Another trouble is told, on the screen and in the log; a host that ends soon is not waited out. */
static void test_patience_ends(void **state)
{
	struct login login;
	int64_t began;

	(void)state;
	patient_make(&login);
	fake_unreachable("connection_lost");
	fake_unreachable("certificate_not_valid_now");
	fake_unreachable("certificate_not_valid_now");
	login.presentation.host_seconds = 65;
	began = fake.now;
	outcome_is("the host ends", run(&login), OUTCOME_UNREACHABLE);
	assert_int_equal(talk.logs, 2 + 1);
	assert_int_equal(talk.shows, 2);
	assert_non_null(strstr(talk.shown, message_text(NULL, MESSAGE_CLOCK)));
	assert_true(fake.now < began + 65 * 1000);
}

/* Where a name was typed somebody waits, and another proof may follow. */
static void test_patience_for_nobody_else(void **state)
{
	struct login login;

	(void)state;
	patient_make(&login);
	login.wanted = (struct local_account){ .name = "alice", .exists = true, .uid = 1000 };
	fake_unreachable("connection_lost");
	outcome_is("named", run(&login), OUTCOME_UNREACHABLE);
	assert_int_equal(talk.shows, 0);
}

/* ---- a console that others write to ---- */

static struct presentation_facts console;

static int looks_left; /* until somebody presses Enter */

static bool console_look(void *context, struct presentation_facts *facts, int ms)
{
	assert_ptr_equal(context, &talk);
	fake.now += ms;
	facts->rows = console.rows;
	facts->columns = console.columns;
	facts->half_blocks = console.half_blocks;
	return ms > 0 && --looks_left <= 0;
}

static void console_make(struct login *login)
{
	login_make(login);
	setting(CONF_START, "now");
	setting(CONF_QR, "auto");
	setting(CONF_FORM, "auto");
	setting(CONF_LAYOUT, "auto");
	setting(CONF_CHARSET, "auto");
	setting(CONF_PROMPT, "auto");
	setting(CONF_QR_VERIFICATION_URI_COMPLETE, "auto");
	console = (struct presentation_facts){ .origin = ORIGIN_SEAT,
					       .tty = "tty1",
					       .service = "login",
					       .rows = 25,
					       .columns = 80,
					       .linux_console = true,
					       .utf8 = true };
	login->io.look = console_look;
	present_prepare(login, &console);
}

/* Drawn again each half minute, for as long as the code lasts, with what is left of it. */
static void test_console_is_drawn_again(void **state)
{
	struct login login;

	(void)state;
	console_make(&login);
	fake.qr_helper = QR_HELPER_DRAWS;
	script(good, 2);
	fake_send(100 * 1000, &packets[ISS]);
	script(good + 3, 3);
	outcome_is("a console", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.shows, 1 + 3 + 1); /* the code, thrice again, and the wiping */
	assert_non_null(strstr(talk.shown_before, SCREEN_WAKE SCREEN_CLEAR));
	assert_non_null(strstr(talk.shown_before, CODE));
	assert_null(strstr(talk.first_shown, SCREEN_WAKE));
	assert_int_equal(talk.logs,
			 2); /* how the helper is confined, and that a code is shown: once */
}

/* At once where its size or font is another; never where the terminal is none of the kernel's. */
static void test_console_changes(void **state)
{
	struct login login;

	(void)state;
	console_make(&login);
	login.io.look = console_look;
	fake.qr_helper = QR_HELPER_DRAWS;
	console.rows = 48;
	script(good, 2);
	fake_send(20 * 1000, &packets[ISS]);
	script(good + 3, 3);
	outcome_is("a console that grows", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.shows, 1 + 1 + 1);
	assert_null(strstr(talk.first_shown, "  \033[0m\n")); /* no room for a QR of full blocks */
	assert_non_null(strstr(talk.shown_before, "  \033[0m\n"));
	assert_non_null(strstr(talk.shown_before, "QR"));

	console_make(&login);
	console.linux_console = false;
	present_prepare(&login, &console);
	script(good, 2);
	fake_send(100 * 1000, &packets[ISS]);
	script(good + 3, 3);
	outcome_is("a serial line", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.shows, 1 + 1);
}

/* The idle screen is drawn again, too, and asks nothing of the host; a console that is dark stays dark. */
static void test_console_idles(void **state)
{
	struct login login;

	(void)state;
	console_make(&login);
	setting(CONF_START, "enter");
	present_prepare(&login, &console);
	login.waits = true;
	looks_left = 50;
	script(good, COUNT(good));
	outcome_is("an idle console", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 0);
	assert_int_equal(fake.started, 1);
	/* four drawings, a moment, the code, the wiping */
	assert_int_equal(talk.shows, 4 + 1 + 1 + 1);
	assert_non_null(strstr(talk.first_shown, SCREEN_WAKE SCREEN_CLEAR));
	assert_int_equal(talk.wakes, 1 + 1);

	/* An older module cannot wait: it asks. */
	console_make(&login);
	setting(CONF_START, "enter");
	present_prepare(&login, &console);
	script(good, COUNT(good));
	outcome_is("an idle console of an older module", run(&login), OUTCOME_ADMITTED);
	assert_int_equal(talk.asks, 1);
}

static bool console_gone(void *context)
{
	assert_ptr_equal(context, &talk);
	return looks_left < 998;
}

static void test_console_idles_alone(void **state)
{
	struct login login;

	(void)state;
	console_make(&login);
	setting(CONF_START, "enter");
	present_prepare(&login, &console);
	login.waits = true;
	looks_left = 1000;
	login.io.gone = console_gone;
	outcome_is("nobody is there any more", run(&login), OUTCOME_CONVERSATION);
	assert_string_equal(reason_name(login.reason), "user_disconnected");
	assert_int_equal(fake.started, 0);
}

/* ---- an sshd that shows a text at once, and a client of which nothing is known ---- */

static void at_once_make(struct login *login, const char *prompt)
{
	const struct presentation_facts ssh = {
		.origin = ORIGIN_REMOTE, .tty = "ssh", .service = "sshd", .text_at_once = true
	};

	console_make(login);
	login->io.look = NULL;
	login->screen.remote = true;
	setting(CONF_PROMPT, prompt);
	setting(CONF_TIMEOUT, "100");
	present_prepare(login, &ssh);
	fake.qr_helper = QR_HELPER_DRAWS;
	talk.ask_ms = 20 * 1000;
}

/* The text is alone in what such a client cuts at 1,023 bytes. */
static void parts_are(void)
{
	assert_int_equal(talk.shows, 2);
	assert_non_null(strstr(talk.first_shown, "█"));
	assert_null(strstr(talk.first_shown, CODE));
	assert_null(strstr(talk.shown, "█"));
	assert_non_null(strstr(talk.shown, "Sign in to host"));
	assert_non_null(strstr(talk.shown, "Address: " URI "\nCode:    " CODE));
	assert_true(strlen(talk.shown) < 1000);
}

/* Somebody approves MS behind the code. */
static void at_once_approved(struct login *login, const char *what, int ms)
{
	script(good, 2);
	fake_send(ms, &packets[ISS]);
	script(good + 3, 3);
	outcome_is(what, run(login), OUTCOME_ADMITTED);
}

static void test_at_once(void **state)
{
	struct login login;

	(void)state;
	at_once_make(&login, "auto");
	at_once_approved(&login, "approved soon", 30 * 1000);
	assert_int_equal(talk.asks, 0);
	parts_are();
}

/* A client that has shown nothing shows what it is asked, the QR code included; once asked, it is Enter. */
static void test_at_once_unseen(void **state)
{
	struct login login;

	(void)state;
	at_once_make(&login, "auto");
	at_once_approved(&login, "approved late", 50 * 1000);
	parts_are();
	assert_int_equal(talk.asks, 1);
	assert_within(talk.asked_at[0] - login.shown_at, 40 * 1000, 42 * 1000);
	assert_non_null(strstr(talk.asked, "█"));
	assert_non_null(strstr(talk.asked, "Address: " URI "\nCode:    " CODE "\n"));
	assert_string_equal(talk.asked + strlen(talk.asked) -
				    strlen(message_text(NULL, MESSAGE_ENTER)),
			    message_text(NULL, MESSAGE_ENTER));
	assert_null(strstr(talk.asked, "\033"));
}

/* Where the code lives shortly, half of its time is left to see it in. */
static void test_at_once_short(void **state)
{
	struct login login;

	(void)state;
	at_once_make(&login, "auto");
	login.presentation.timeout = 20;
	at_once_approved(&login, "a short timeout", 18 * 1000);
	assert_int_equal(talk.asks, 1);
	assert_within(talk.asked_at[0] - login.shown_at, 10 * 1000, 13 * 1000);

	at_once_make(&login, "auto");
	login.presentation.timeout = 6;
	script(good, 2);
	outcome_is("a code of seconds", run(&login), OUTCOME_EXPIRED);
	assert_int_equal(talk.asks, 0);
}

/* Who has said so is never asked. */
static void test_at_once_none(void **state)
{
	struct login login;

	(void)state;
	at_once_make(&login, "none");
	at_once_approved(&login, "prompt = none", 90 * 1000);
	assert_int_equal(talk.asks, 0);
	parts_are();
}

/* A host that answers by itself, for want of a terminal, does not go on for ever. */
static void test_idle_without_end(void **state)
{
	struct login login;

	(void)state;
	idle_make(&login);
	for (int i = 0; i < 30; i++)
		fake_unreachable("connection_lost");
	outcome_is("nobody there", run(&login), OUTCOME_UNREACHABLE);
	assert_int_equal(talk.asks, 20);
	assert_int_equal(fake.started, 20);
	assert_int_equal(fake.ended, 20);
}

/* Only what says that no code could be had leads back; all else is the host's to deal with. */
static void test_idle_ends(void **state)
{
	static const struct {
		const char *verdict;
		size_t before; /* messages of a good login */
		enum outcome outcome;
		bool wiped;
	} rows[] = {
		{ "client_refused", 1, OUTCOME_CLIENT_REFUSED, false },
		{ "invalid_response", 1, OUTCOME_INVALID_RESPONSE, false },
		{ "unreachable", 2, OUTCOME_LOST, true },
		{ "access_denied", 2, OUTCOME_DENIED, true },
		{ "expired_token", 2, OUTCOME_EXPIRED, true },
	};
	struct login login;
	struct packet done;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		idle_make(&login);
		packet_set(&done, "done", "verdict", rows[i].verdict, "reason", "http_status",
			   NULL);
		script(good, rows[i].before);
		fake_send(0, &done);
		outcome_is(rows[i].verdict, run(&login), rows[i].outcome);
		assert_int_equal(talk.asks, 1);
		assert_int_equal(strcmp(talk.shown, SCREEN_CLEAR) == 0, rows[i].wiped);
	}
}

/* ---- what stays on the screen ---- */

static void test_wiping(void **state)
{
	struct login login;

	(void)state;
	for (int wiping = 0; wiping < 2; wiping++) {
		login_make(&login);
		setting(CONF_MAX_CODES, "2");
		login.presentation.can_clear = wiping;
		script(good, 2);
		fake_send(20000, &packets[EXPIRED]);
		fake_step(STEP_AWAIT_AGAIN, 0);
		script(good + 1, 5);
		outcome_is("two codes", run(&login), OUTCOME_ADMITTED);
		/* the code, that it is used up, the next code, and nothing */
		assert_int_equal(talk.shows, wiping ? 4 : 3);
		assert_int_equal(talk.drops, wiping); /* elsewhere typing ahead is one's own */
		assert_non_null(strstr(talk.first_shown, CODE));
		assert_null(strstr(talk.first_shown, SCREEN_CLEAR));
		assert_int_equal(strcmp(talk.shown, SCREEN_CLEAR) == 0, wiping);
		assert_int_equal(strncmp(talk.shown_before, SCREEN_CLEAR "Sign in", 17) == 0,
				 wiping);
		if (!wiping)
			assert_null(strstr(talk.shown, "\033"));
	}
}

/* ---- the helper's start ---- */

static void test_starts(void **state)
{
	static const struct {
		enum spawn_result start;
		bool deaf;
		enum outcome outcome;
	} rows[] = {
		{ SPAWN_STARTED, false, OUTCOME_ADMITTED },
		{ SPAWN_STARTED, true, OUTCOME_HELPER_FAILED },
		{ SPAWN_NO_ACCOUNT, false, OUTCOME_SETUP },
		{ SPAWN_MISSING, false, OUTCOME_SETUP },
		{ SPAWN_FAILED, false, OUTCOME_SYSTEM },
	};
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		login_make(&login);
		fake.start = rows[i].start;
		fake.deaf = rows[i].deaf;
		script(good, COUNT(good));
		outcome_is("start", run(&login), rows[i].outcome);
		assert_string_not_equal(reason_name(login.reason), "not_begun");
	}
}

/* How often "claim" NAME is in what the helper was told; and one other pair. */
static int opening_wants(struct login *login, const char *name)
{
	struct wire_message message;
	int wants = 0;

	script(good, COUNT(good));
	run(login);
	assert_true(wire_parse(&message, fake.opening.bytes, fake.opening.len));
	assert_string_equal(message.verb, "login");
	assert_string_equal(wire_value(&message, "wire"), "2");
	assert_string_equal(wire_value(&message, "seconds"), "300");
	assert_string_equal(wire_value(&message, "issuer"), ISSUER);
	for (size_t i = 0; i < message.pairs; i++)
		wants += strcmp(message.pair[i].key, "claim") == 0 &&
			 strcmp(message.pair[i].value, name) == 0;
	return wants;
}

#define P(literal) literal, sizeof(literal) - 1

static bool opening_pair(const char *pair, size_t len)
{
	return memmem(fake.opening.bytes, fake.opening.len, pair, len) != NULL;
}

static void test_opening(void **state)
{
	struct login login;

	(void)state;
	login_make(&login);
	assert_int_equal(opening_wants(&login, "sub"), 1);
	login_make(&login);
	assert_int_equal(opening_wants(&login, "preferred_username"), 1);
	login_make(&login);
	policy_is_map(MAP);
	assert_int_equal(opening_wants(&login, "preferred_username"), 0);
	login_make(&login);
	policy_is_map(MAP);
	policy.subject_claim = "id";
	assert_int_equal(opening_wants(&login, "id"), 1);
	login_make(&login);
	conf.client_secret = calloc(1, CONF_SECRET_MAX + 2); /* as conf_load() makes it */
	assert_non_null(conf.client_secret);
	strcpy(conf.client_secret, "swordfish");
	assert_int_equal(opening_wants(&login, ""), 0);
	assert_non_null(
		memmem(fake.opening.bytes, fake.opening.len, "client_secret\0swordfish", 24));
}

/* Without it a helper would live for half a day: it outlives its codes, however many, and that by minutes. */
static void test_opening_life(void **state)
{
	static const struct {
		const char *codes;
		int count;
		int timeout;
	} rows[] = { { "1", 1, 300 }, { "3", 3, 300 }, { "3", 3, 60 } };
	struct wire_message message;
	struct login login;
	int64_t life;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		int codes_s = rows[i / 2].count * rows[i / 2].timeout;

		login_make(&login);
		setting(CONF_MAX_CODES, rows[i / 2].codes);
		login.presentation.timeout = rows[i / 2].timeout;
		login.will_store = i % 2; /* no bound but this one where tokens are kept */
		script(good, COUNT(good));
		run(&login);
		assert_true(wire_parse(&message, fake.opening.bytes, fake.opening.len));
		assert_non_null(wire_value(&message, "life"));
		assert_true(wire_number(wire_value(&message, "life"), INT64_MAX, &life));
		assert_in_range(life, codes_s + 1, codes_s + 1800);
	}
}

/* What is asked for twice is told twice, and then refused as a claim that stands there twice. */
static void test_opening_wants_once(void **state)
{
	struct login login;

	(void)state;
	login_make(&login);
	policy.user_claim = "sub";
	assert_int_equal(opening_wants(&login, "sub"), 1);
}

/* Each rule asks for what it will judge by, and the provider for what may help. */
static void test_opening_wants_of_rules(void **state)
{
	static const char *const wants[] = {
		"groups=a", "groups=b",	      "hd=x", "amr=otp",   "amr=pwd", "acr",
		"email",    "email_verified", "iat",  "auth_time", "sub",     "preferred_username"
	};
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(wants); i++) {
		for (int said = 0; said < 2; said++) {
			login_make(&login);
			if (said) {
				policy.require = " groups=a  hd=x\tgroups=b ";
				policy.require_amr = "otp pwd";
				policy.require_acr = "gold silver";
				policy.email_domain = "example.org";
				policy.max_auth_age = 600;
			}
			assert_int_equal(opening_wants(&login, wants[i]), said || i >= 10);
			assert_int_equal(opening_pair(P("acr_values\0gold silver\0")), said);
			assert_int_equal(opening_pair(P("max_age\0"
							"600\0")),
					 said);
		}
	}
}

/* Settings that do not fit: nothing is sent, rather than a part. */
static void test_opening_too_long(void **state)
{
	struct login login;
	char *value = malloc(WIRE_BYTES_MAX + 1);

	(void)state;
	assert_non_null(value);
	memset(value, 'x', WIRE_BYTES_MAX);
	value[WIRE_BYTES_MAX] = '\0';
	login_make(&login);
	setting(CONF_SCOPE, value);
	script(good, COUNT(good));
	outcome_is("too long", run(&login), OUTCOME_SETUP);
	assert_string_equal(reason_name(login.reason), "settings_too_long");
	assert_int_equal(fake.opening.len, 0);
	free(value);
}

/* ---- the picture ---- */

static void invite_complete(size_t n, const char *complete)
{
	struct packet authorization;

	packet_set(&authorization, "authorize", "flow", "device_code", "user_code", CODE,
		   "verification_uri", URI, "verification_uri_complete", complete, "expires_in",
		   "600", NULL);
	script(good, 1);
	fake_send(0, &authorization);
	script(good + 2, n - 2);
}

static void test_qr_helper(void **state)
{
	static const struct {
		enum qr_helper qr_helper;
		const char *width, *rows;
		bool drawn;
	} rows[] = {
		{ QR_HELPER_DRAWS, NULL, NULL, true },
		{ QR_HELPER_MISSING, NULL, NULL, false },
		{ QR_HELPER_SILENT, NULL, NULL, false },
		{ QR_HELPER_GONE, NULL, NULL, false },
		{ QR_HELPER_SAYS, "21", "01", false },
		{ QR_HELPER_SAYS, "1", "1", false },
		{ QR_HELPER_SAYS, "-21", "1", false },
		{ QR_HELPER_SAYS, "21", "", false },
		{ QR_HELPER_SAYS, "21", "\033[2J", false },
	};
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		login_make(&login);
		login.screen.style = SCREEN_UTF8;
		login.screen.rows = 60;
		fake.qr_helper = rows[i].qr_helper;
		if (rows[i].width)
			packet_set(&fake.drawn, "modules", "width", rows[i].width, "rows",
				   rows[i].rows, NULL);
		script(good, COUNT(good));
		outcome_is("the QR helper", run(&login), OUTCOME_ADMITTED);
		assert_int_equal(strstr(talk.shown, "█") != NULL, rows[i].drawn);
		assert_int_equal(strstr(talk.shown, message_text(NULL, MESSAGE_QR_NONE)) != NULL,
				 !rows[i].drawn);
		assert_non_null(strstr(talk.shown, CODE));
		assert_null(login.screen.matrix);
	}
}

/* A QR helper that hangs costs two seconds, and no more. */
static void test_qr_helper_time(void **state)
{
	struct login login;

	(void)state;
	login_make(&login);
	login.screen.style = SCREEN_UTF8;
	fake.qr_helper = QR_HELPER_SILENT;
	script(good, 2);
	fake_send(0, &packets[DENIED]);
	run(&login);
	assert_within(fake.now, 1000000 + 200, 1000000 + 200 + 2000);
}

/* What draws the code is started with the helper, and waits; where nothing is drawn it is not. */
static void test_qr_helper_waits(void **state)
{
	static const struct {
		enum screen_style style;
		int started;
	} rows[] = { { SCREEN_UTF8, 2 }, { SCREEN_OFF, 1 } };
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		login_make(&login);
		login.screen.style = rows[i].style;
		fake.qr_helper = QR_HELPER_DRAWS;
		login_begin(&login);
		assert_true(login_open(&login));
		assert_int_equal(fake.started, rows[i].started);
		assert_int_equal(fake.asked_to_draw[0], '\0');
		login_release(&login);
		assert_int_equal(fake.ended, rows[i].started);
		login_clear(&login);
	}
}

/* Behind the verdict the helper says what it could not revoke, and nothing else; the verdict stays. */
static void test_last_words(void **state)
{
	static const struct {
		const char *name;
		const char *strings[5];
		int after_ms;
		bool closes;
		const char *logged; /* NULL: nothing more than before */
		int takes_ms;
	} rows[] = {
		{ "nothing", { NULL }, 0, true, NULL, 0 },
		{ "nothing for a while", { NULL }, 1500, true, NULL, 1500 },
		{ "a note",
		  { "log", "level", "warning", "text", "a token could not be revoked" },
		  1000,
		  true,
		  "helper: a token could not be revoked",
		  1000 },
		{ "a claim",
		  { "claim", "name", "sub", "type", "string" },
		  0,
		  true,
		  "a token may not have been revoked: message_unexpected",
		  0 },
		{ "a verdict",
		  { "done", "verdict", "granted", "reason", "ok" },
		  0,
		  true,
		  "a token may not have been revoked: message_unexpected",
		  0 },
		{ "a malformed note",
		  { "log", "text", "x", "level", "warning" },
		  0,
		  true,
		  "a token may not have been revoked: message_malformed",
		  0 },
		{ "an unknown word",
		  { "bye", NULL },
		  0,
		  true,
		  "a token may not have been revoked: message_unexpected",
		  0 },
		{ "no end",
		  { NULL },
		  0,
		  false,
		  "a token may not have been revoked: helper_silent",
		  3000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const *s = rows[i].strings;
		struct packet packet;
		struct login login;
		int64_t now;
		int logs;

		login_make(&login);
		script(good, COUNT(good));
		packet_set(&packet, s[0] ? s[0] : "", s[1], s[2], s[3], s[4], NULL);
		if (s[0])
			fake_send(rows[i].after_ms, &packet);
		if (rows[i].closes)
			fake_step(STEP_CLOSE, s[0] ? 0 : rows[i].after_ms);
		outcome_is(rows[i].name, login_run(&login), OUTCOME_ADMITTED);
		if (!login_owes(&login))
			fail_msg("%s: a helper that owes nothing", rows[i].name);
		now = fake.now;
		logs = talk.logs;
		login_release(&login);
		outcome_is(rows[i].name, login.outcome, OUTCOME_ADMITTED);
		assert_string_equal(reason_name(login.reason), "admitted");
		assert_int_equal(fake.now - now, rows[i].takes_ms);
		assert_int_equal(talk.logs, logs + (rows[i].logged != NULL));
		if (rows[i].logged)
			assert_string_equal(talk.logged, rows[i].logged);
		assert_int_equal(fake.started, fake.ended);
		assert_false(login_owes(&login));
		login_clear(&login);
	}
}

/* Tokens that were handed over and are not kept: the helper waits to hear it, though all else is cleared by then. */
static void test_handed_over(void **state)
{
	struct packet packet;
	struct login login;
	int64_t now;

	(void)state;
	for (int kept = 0; kept < 2; kept++) {
		login_make(&login);
		setting(CONF_TOKENS, "logout");
		login.will_store = true;
		packet_set(&packet, "tokens", "token_blob", "1 at rt 0", NULL);
		script(good, COUNT(good) - 1);
		fake_send(0, &packet);
		fake_send(0, &packets[GRANTED]);
		outcome_is("handed over", login_run(&login), OUTCOME_ADMITTED);
		assert_non_null(login.token_blob);
		if (kept)
			assert_true(login_kept(&login));
		assert_int_equal(login_owes(&login), !kept);
		login_clear(&login);
		now = fake.now;
		login_release(&login);
		assert_int_equal(fake.now, now); /* its end of the channel is closed at once */
		assert_int_equal(fake.started, fake.ended);
	}
}

/* Who has been shown no code has approved nothing; who breaks the protocol is not waited for. */
static void test_owes_nothing(void **state)
{
	static const struct packet bye = { 4, "bye" };
	struct login login;

	(void)state;
	for (size_t n = 0; n < 3; n++) {
		login_make(&login);
		script(good, n);
		fake_send(100, n < 2 ? &packets[DENIED] : &bye);
		login_run(&login);
		assert_false(login_owes(&login));
		assert_int_equal(fake.started, fake.ended);
		login_release(&login);
		login_clear(&login);
	}
}

/* Which address goes into the picture. */
static void test_drawn_address(void **state)
{
	static const struct {
		bool qr_verification_uri_complete;
		enum screen_style style;
		const char *complete, *drawn;
	} rows[] = {
		{ true, SCREEN_UTF8, URI "?user_code=A", URI "?user_code=A" },
		{ false, SCREEN_UTF8, URI "?user_code=A", URI },
		{ true, SCREEN_OFF, URI "?user_code=A", "" },
		{ true, SCREEN_UTF8, "https://evil.example/?user_code=A", URI },
		{ true, SCREEN_UTF8, "http://id.example.org/?user_code=A", URI },
		{ true, SCREEN_UTF8, URI "?\033[2J", URI },
		{ true, SCREEN_UTF8, "", URI },
	};
	struct login login;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool filled = strcmp(rows[i].complete, rows[i].drawn) == 0;

		login_make(&login);
		login.presentation.qr_verification_uri_complete =
			rows[i].qr_verification_uri_complete;
		login.screen.style = rows[i].style;
		login.screen.rows = 60;
		fake.qr_helper = QR_HELPER_DRAWS;
		invite_complete(COUNT(good), rows[i].complete);
		outcome_is(rows[i].complete, run(&login), OUTCOME_ADMITTED);
		assert_string_equal(fake.asked_to_draw, rows[i].drawn);
		assert_int_equal(strstr(talk.shown, message_text(NULL, MESSAGE_SCAN_FILLED)) !=
					 NULL,
				 filled);
		/* typed by a person, the plain address is what stands there */
		assert_non_null(strstr(talk.shown, "Address: " URI));
		assert_null(strstr(talk.shown, "user_code="));
	}
}

/* ---- hosts that addresses may be on ---- */

static void test_hosts(void **state)
{
	static const struct {
		const char *issuer, *hosts, *loopback, *uri;
		bool ok;
	} rows[] = {
		{ ISSUER "/realms/a", NULL, "no", URI, true },
		{ ISSUER, "login.example.com", "no", "https://login.example.com/device", true },
		{ ISSUER, "a.example, login.example.com", "no", "https://login.example.com/",
		  true },
		{ ISSUER, "login.example.com", "no", "https://other.example.com/device", false },
		{ ISSUER, "login.example.com", "no", URI, true },
		{ ISSUER ":8443", NULL, "no", ISSUER ":8443/device", true },
		{ ISSUER ":8443", NULL, "no", URI, false },
		{ ISSUER ":8443", NULL, "no", ISSUER ":9443/device", false },
		{ "http://127.0.0.1:8080", NULL, "yes", "http://127.0.0.1:8080/device", true },
		{ "http://127.0.0.1:8080", NULL, "no", "http://127.0.0.1:8080/device", false },
		{ "http://127.0.0.1:8080", NULL, "yes", "http://127.0.0.1:8081/device", false },
		{ "http://id.example.org", NULL, "yes", "http://id.example.org/device", false },
		{ "https://", NULL, "no", URI, false },
		{ "", "id.example.org", "no", URI, false },
	};
	struct login login;
	struct packet authorization;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		login_make(&login);
		setting(CONF_ISSUER, rows[i].issuer);
		setting(CONF_VERIFICATION_HOSTS, rows[i].hosts);
		setting(CONF_HTTP_LOOPBACK, rows[i].loopback);
		packet_set(&authorization, "authorize", "flow", "device_code", "user_code", CODE,
			   "verification_uri", rows[i].uri, "expires_in", "600", NULL);
		script(good, 1);
		fake_send(0, &authorization);
		fake_send(0, &packets[DENIED]);
		outcome_is(rows[i].uri, run(&login),
			   rows[i].ok ? OUTCOME_DENIED : OUTCOME_INVALID_RESPONSE);
		assert_int_equal(talk.shows, rows[i].ok);
	}
}

/* ---- foreign bytes ---- */

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((*text < ' ' && *text != '\n') || *text > '~')
			return false;
	return true;
}

static void random_bytes(char *text, size_t max)
{
	size_t len = random_below((uint32_t)max);

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(random_below(4) ? "WDJB09-. "[random_below(9)]
						 : 1 + (int)random_below(255));
	text[len] = '\0';
}

/* Whatever an authorization holds: either nothing is shown, or nothing of it but what may be. */
static void test_foreign_bytes(void **state)
{
	struct login login;
	struct packet authorization;
	size_t shown = 0;

	(void)state;
	for (int i = 0; i < INVITES; i++) {
		char code[40] = CODE, uri[300] = URI, complete[300] = URI;
		bool on;

		if (random_below(3))
			random_bytes(code, random_below(2) ? 6 : sizeof(code));
		if (random_below(3) == 0)
			random_bytes(uri + random_below((uint32_t)strlen(URI)), 200);
		random_bytes(complete + random_below((uint32_t)strlen(URI)), 200);
		packet_set(&authorization, "authorize", "flow", "device_code", "user_code", code,
			   "verification_uri", uri, "verification_uri_complete", complete,
			   "expires_in", "600", NULL);
		on = taken_after(&login, 1, &authorization);
		if (talk.shows != on || (!on && login.outcome != OUTCOME_INVALID_RESPONSE))
			fail_msg("shown %d times, taken %d: %s", talk.shows, on, code);
		if (!is_plain(talk.shown))
			fail_msg("shown: %s", talk.shown);
		if (on)
			assert_non_null(strstr(talk.shown, uri));
		shown += on;
	}
	assert_within(shown, INVITES / 100, INVITES - 1);
}

/* The host's own strings (a typed name, a far host's) are foreign too. */
static void test_foreign_names(void **state)
{
	struct login login;

	(void)state;
	login_make(&login);
	login.screen.user = "alice\033[2J\nroot";
	login.screen.from = "\xff\x07";
	login.screen.remote = true;
	script(good, COUNT(good));
	outcome_is("names", run(&login), OUTCOME_ADMITTED);
	assert_true(is_plain(talk.shown));
	assert_null(strstr(talk.shown, "\nroot"));
}

/* To the log goes one plain line, whatever the helper says. */
static void test_foreign_log(void **state)
{
	static const struct {
		const char *level;
		int priority;
	} rows[] = { { "debug", 7 }, { "notice", 5 }, { "warning", 4 } };
	struct login login;
	struct packet packet;
	char text[2000];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(text, 'x', sizeof(text));
		text[sizeof(text) - 1] = '\0';
		memcpy(text, "a\nb\033c\xff%s%n\"", 11);
		packet_set(&packet, "log", "level", rows[i].level, "text", text, NULL);
		assert_true(taken_after(&login, 1, &packet));
		assert_int_equal(talk.priority, rows[i].priority);
		assert_memory_equal(talk.logged, "helper: a?b?c?%s%n\"xxx", 22);
		assert_true(is_plain(talk.logged) && !strchr(talk.logged, '\n'));
		assert_true(strlen(talk.logged) < 512);
		assert_int_equal(talk.shows, 0);
	}
	packet_set(&packet, "ready", "wire", "2", "sandbox", text, NULL);
	assert_false(taken_after(&login, 0, &packet));
	assert_true(is_plain(talk.logged) && !strchr(talk.logged, '\n'));
}

/* ---- the sandbox ---- */

static void test_sandbox(void **state)
{
	static const struct {
		const char *setting, *sandbox, *reason; /* NULL: enough */
		bool warned;
	} rows[] = {
		{ "require", SANDBOX, NULL, false },
		{ "require", SANDBOX LANDLOCK, NULL, false },
		{ "require", "seccomp,rlimits,not_dumpable,no_new_privs,uid=1", NULL, false },
		{ "require", "", "sandbox_missing_uid", false },
		{ "require", "no_new_privs,not_dumpable,rlimits,seccomp", "sandbox_missing_uid",
		  false },
		{ "require", "uid=1,not_dumpable,rlimits,seccomp", "sandbox_missing_no_new_privs",
		  false },
		{ "require", "uid=1,no_new_privs,rlimits,seccomp", "sandbox_missing_not_dumpable",
		  false },
		{ "require", "uid=1,no_new_privs,not_dumpable,seccomp", "sandbox_missing_rlimits",
		  false },
		{ "require", "uid=1,no_new_privs,not_dumpable,rlimits", "sandbox_missing_seccomp",
		  false },
		{ "require", "xuid=1,no_new_privs,not_dumpable,rlimits,seccomp",
		  "sandbox_missing_uid", false },
		{ "require", "uid=1,no_new_privs,not_dumpable,rlimits,seccomps",
		  "sandbox_missing_seccomp", false },
		{ "require", "uid=1,no_new_privs,not_dumpable,rlimits,no seccomp",
		  "sandbox_missing_seccomp", false },
		{ "strict", SANDBOX LANDLOCK, NULL, false },
		{ "strict", SANDBOX, "sandbox_missing_landlock_files", false },
		{ "strict", SANDBOX ",landlock_files,landlock_abi=2",
		  "sandbox_missing_landlock_tcp", false },
		{ "strict", LANDLOCK, "sandbox_missing_uid", false },
		{ "", SANDBOX, "sandbox_missing_landlock_files", false },
		{ "best-effort", SANDBOX LANDLOCK, NULL, false },
		{ "best-effort", SANDBOX, NULL, true },
		{ "best-effort", "", NULL, true },
	};
	struct login login;
	struct packet packet;
	struct wire_message message;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool taken;

		login_make(&login);
		setting(CONF_SANDBOX, rows[i].setting);
		login_begin(&login);
		packet_set(&packet, "ready", "wire", "2", "sandbox", rows[i].sandbox, NULL);
		assert_true(wire_parse(&message, packet.bytes, packet.len));
		taken = login_take(&login, &message);
		assert_int_equal(taken, rows[i].reason == NULL);
		if (rows[i].reason) {
			assert_int_equal(login.outcome, OUTCOME_SETUP);
			assert_string_equal(reason_name(login.reason), rows[i].reason);
		}
		assert_int_equal(taken && talk.priority == 4, rows[i].warned);
		login_clear(&login);
	}
	assert_string_equal(talk.logged,
			    "sandbox = best-effort: the helper lacks the restriction landlock_tcp");
}

/* ---- the names of outcomes and results ---- */

/* What the module says of itself is called in the log as the login's. */
static void test_result_names(void **state)
{
	static const enum outcome own[] = {
		[RESULT_SYSTEM] = OUTCOME_SYSTEM,
		[RESULT_MEMORY] = OUTCOME_MEMORY,
		[RESULT_SETUP] = OUTCOME_SETUP,
		[RESULT_HELPER_FAILED] = OUTCOME_HELPER_FAILED,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		assert_string_equal(result_name((enum result)i), outcome_name(own[i]));
		assert_int_equal(outcome_result(own[i]), i);
		assert_int_equal(outcome_priority(own[i]), LOG_ERR);
	}
	for (int i = 0; i < RESULT_COUNT; i++)
		assert_int_equal(result_parse(result_name((enum result)i)), i);
	assert_int_equal(result_parse("denied"), RESULT_COUNT);
	assert_int_equal(result_parse(""), RESULT_COUNT);
	assert_int_equal(result_parse(NULL), RESULT_COUNT);
	assert_int_equal(RESULT_SYSTEM, 0); /* what a call is until it has ended */
}

static void test_outcome_names(void **state)
{
	(void)state;
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		const char *name = outcome_name((enum outcome)i);

		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, outcome_name((enum outcome)k));
		/* One of them lets somebody in, and one leaves it to others: no other outcome is either for PAM. */
		assert_int_equal(outcome_result((enum outcome)i) == RESULT_ADMITTED,
				 i == OUTCOME_ADMITTED);
		assert_int_equal(outcome_result((enum outcome)i) == RESULT_SKIPPED,
				 i == OUTCOME_SKIPPED);
	}
	assert_string_equal(outcome_name(OUTCOME_COUNT), "unknown");
	assert_int_equal(OUTCOME_SYSTEM, 0); /* what a login is until it has ended */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_login),
		cmocka_unit_test(test_all_sequences),
		cmocka_unit_test(test_legal_sequences_run),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_done_reason),
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_authorize_values),
		cmocka_unit_test(test_authorize_reasons),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_counts_over_codes),
		cmocka_unit_test(test_too_many_claims),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_members_alone),
		cmocka_unit_test(test_claim_sizes),
		cmocka_unit_test(test_packets_invalid),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_fresh_code),
		cmocka_unit_test(test_used_up_code),
		cmocka_unit_test(test_again_unheard),
		cmocka_unit_test(test_shows_fail),
		cmocka_unit_test(test_trouble_once),
		cmocka_unit_test(test_prompt),
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_at_once_unseen),
		cmocka_unit_test(test_at_once_short),
		cmocka_unit_test(test_at_once_none),
		cmocka_unit_test(test_brief),
		cmocka_unit_test(test_eidp),
		cmocka_unit_test(test_brief_idle),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_messages_that_do_not_fit),
		cmocka_unit_test(test_prompt_pace),
		cmocka_unit_test(test_prompt_drains),
		cmocka_unit_test(test_prompt_fails),
		cmocka_unit_test(test_prompt_fresh_code),
		cmocka_unit_test(test_prompt_late_enter),
		cmocka_unit_test(test_prompt_late_enter_fresh_code),
		cmocka_unit_test(test_prompt_much_too_late),
		cmocka_unit_test(test_paste_late),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_minutes),
		cmocka_unit_test(test_fresh_code_deadline),
		cmocka_unit_test(test_host_ends),
		cmocka_unit_test(test_idle_day),
		cmocka_unit_test(test_idle_fails),
		cmocka_unit_test(test_idle_retries),
		cmocka_unit_test(test_idle_stuck_key),
		cmocka_unit_test(test_idle_without_end),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_patience_ends),
		cmocka_unit_test(test_patience_for_nobody_else),
		cmocka_unit_test(test_console_is_drawn_again),
		cmocka_unit_test(test_console_changes),
		cmocka_unit_test(test_console_idles),
		cmocka_unit_test(test_console_idles_alone),
		cmocka_unit_test(test_idle_ends),
		cmocka_unit_test(test_wiping),
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_opening),
		cmocka_unit_test(test_opening_life),
		cmocka_unit_test(test_opening_wants_once),
		cmocka_unit_test(test_opening_wants_of_rules),
		cmocka_unit_test(test_opening_too_long),
		cmocka_unit_test(test_qr_helper),
		cmocka_unit_test(test_qr_helper_time),
		cmocka_unit_test(test_qr_helper_waits),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_handed_over),
		cmocka_unit_test(test_owes_nothing),
		cmocka_unit_test(test_drawn_address),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_foreign_bytes),
		cmocka_unit_test(test_foreign_names),
		cmocka_unit_test(test_foreign_log),
		cmocka_unit_test(test_sandbox),
		cmocka_unit_test(test_outcome_names),
		cmocka_unit_test(test_result_names),
	};

	return cmocka_run_group_tests_name("login", tests, group_start, group_end);
}
