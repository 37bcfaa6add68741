/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A helper whose packets are the input, and the rule by which they may admit somebody. API:
 * tests/unit/fake_spawn.h, screen_code_ok, screen_uri_ok, the messages of the channel.
 *
 * The input is lines, each a step: its first byte says when (' ' at once, '.' after a second, ':'
 * after a minute, 'x' the helper goes, '&' it waits for `new_code`), the others are the packet, with
 * '|' for NUL. So "ready|wire|2|sandbox||" is written as it is thought.
 */
#ifndef TESTS_FUZZ_SCRIPT_H
#define TESTS_FUZZ_SCRIPT_H

#include "../unit/fake_spawn.h"
#include "fuzz.h"
#include "helper/login/display/screen.h"

#define ISSUER "https://id.example.org"
#define HOST   "id.example.org"
#define USER   "alice"

/* The restrictions that sandbox = require asks for. */
#define SANDBOX "uid=989,no_new_privs,not_dumpable,rlimits,seccomp"

enum {
	SCRIPT_WORDS_MAX = 16,
};

/* What the rule is told of the login. */
struct script_rule {
	bool code_entry;
	int codes, tries;
	bool mapped;	  /* by the map: subject 7 is alice; else by preferred_username */
	bool shared;	  /* alice is an account that all share who have the subject 7 */
	bool grouped;	  /* beside it the claim groups is, or holds, "ops" */
	bool best_effort; /* whatever the sandbox is */
	bool strict;	  /* and Landlock's two as well */
	bool by_heart;	  /* out: nothing in it depends on time */
	const char
		*last_code; /* out: of the last authorization, NULL in flow = authorization_code */
	const char *last_uri;
};

static inline void script_make(const uint8_t *data, const uint8_t *end)
{
	while (data < end && fake.steps < STEPS_MAX) {
		size_t left = (size_t)(end - data);
		const uint8_t *stop = memchr(data, '\n', left);
		size_t len = stop ? (size_t)(stop - data) : left;
		enum step_kind kind = *data == 'x'   ? STEP_CLOSE
				      : *data == '&' ? STEP_AWAIT_AGAIN
						     : STEP_SEND;
		int after = *data == '.' ? 1000 : *data == ':' ? 60 * 1000 : 0;
		struct step *step = fake_step(kind, after);

		step->packet.len = len > 1 ? len - 1 : 0;
		if (step->packet.len > PACKET_MAX)
			step->packet.len = PACKET_MAX;
		for (size_t i = 0; i < step->packet.len; i++)
			step->packet.bytes[i] = (char)(data[i + 1] == '|' ? '\0' : data[i + 1]);
		data += len + (stop != NULL);
	}
}

/* ---- the rule, as the protocol has it, in the plainest way ---- */

struct script_words {
	int count;
	const char *word[SCRIPT_WORDS_MAX];
};

/* false: no message of ours has such a packet. */
static inline bool script_split(const struct packet *packet, struct script_words *words)
{
	size_t at = 0;

	words->count = 0;
	if (packet->len == 0 || packet->bytes[packet->len - 1] != '\0')
		return false;
	for (; at < packet->len; at += strlen(packet->bytes + at) + 1) {
		if (words->count == SCRIPT_WORDS_MAX)
			return false;
		words->word[words->count++] = packet->bytes + at;
	}
	return true;
}

/* VERB and KEYS, "wire sandbox", are all of it. */
static inline bool script_is(const struct script_words *words, const char *verb, const char *keys)
{
	char said[256] = "";

	if (strcmp(words->word[0], verb) != 0 || words->count % 2 == 0)
		return false;
	for (int i = 1; i < words->count; i += 2) {
		if (strlen(said) + strlen(words->word[i]) + 2 > sizeof(said))
			return false;
		strcat(said, i > 1 ? " " : "");
		strcat(said, words->word[i]);
	}
	return strcmp(said, keys) == 0;
}

static inline bool script_authorize_ok(const struct script_words *words, struct script_rule *rule)
{
	bool complete =
		script_is(words, "authorize",
			  "flow user_code verification_uri verification_uri_complete expires_in") ||
		script_is(words, "authorize",
			  "flow verification_uri verification_uri_complete expires_in");
	bool coded =
		script_is(words, "authorize", "flow user_code verification_uri expires_in") ||
		script_is(words, "authorize",
			  "flow user_code verification_uri verification_uri_complete expires_in");
	const char *uri = words->word[coded ? 6 : 4];
	const char *seconds = words->word[words->count - 1];

	if (!complete && !coded &&
	    !script_is(words, "authorize", "flow verification_uri expires_in"))
		return false;
	if (strcmp(words->word[2], rule->code_entry ? "authorization_code" : "device_code") != 0 ||
	    coded == rule->code_entry || (coded && !screen_code_ok(words->word[4])))
		return false;
	rule->last_code = coded ? words->word[4] : NULL;
	rule->last_uri = uri;
	return screen_uri_ok(uri, HOST, false, rule->code_entry ? 1023 : 256) && seconds[0] &&
	       strlen(seconds) <= 9 && all_within(seconds, '0', '9') && atol(seconds) >= 1 &&
	       atol(seconds) <= 86400;
}

struct script_claims {
	int count;
	const char *name[33], *type[33], *value[33];
	int members;
	const char *member[33], *member_value[33];
};

static inline bool script_claim_ok(const struct script_words *words, struct script_claims *claims)
{
	const char *name = words->word[2], *type = words->word[4], *value = words->word[6];

	if (claims->count == 32 || name[0] == '\0' || strlen(name) > 255 || strlen(value) > 1023)
		return false;
	for (int i = 0; i < claims->count; i++)
		if (strcmp(claims->name[i], name) == 0)
			return false;
	claims->name[claims->count] = name;
	claims->type[claims->count] = type;
	claims->value[claims->count++] = value;
	if (strcmp(type, "bool") == 0)
		return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
	if (strcmp(type, "number") == 0)
		return value[value[0] == '-'] && all_within(value + (value[0] == '-'), '0', '9');
	return strcmp(type, "string") == 0;
}

static inline bool script_member_ok(const struct script_words *words, struct script_claims *claims)
{
	const char *name = words->word[2], *value = words->word[4];

	if (claims->members == 32 || name[0] == '\0' || value[0] == '\0' || strlen(name) > 255 ||
	    strlen(value) > 1023)
		return false;
	for (int i = 0; i < claims->members; i++)
		if (strcmp(claims->member[i], name) == 0 &&
		    strcmp(claims->member_value[i], value) == 0)
			return false;
	claims->member[claims->members] = name;
	claims->member_value[claims->members++] = value;
	return true;
}

static inline bool script_claims_say(const struct script_claims *claims, const char *name,
				     const char *value)
{
	for (int i = 0; i < claims->count; i++)
		if (strcmp(claims->name[i], name) == 0)
			return strcmp(claims->type[i], "bool") != 0 && claims->value[i][0] &&
			       (!value || strcmp(claims->value[i], value) == 0);
	return false;
}

/* A name is a string: "7" may be one, and 7 is none. */
static inline bool script_claims_string(const struct script_claims *claims, const char *name,
					const char *value)
{
	for (int i = 0; i < claims->count; i++)
		if (strcmp(claims->name[i], name) == 0)
			return strcmp(claims->type[i], "string") == 0 &&
			       strcmp(claims->value[i], value) == 0;
	return false;
}

static inline bool script_is_ops(const struct script_claims *claims)
{
	for (int i = 0; i < claims->count; i++)
		if (strcmp(claims->name[i], "groups") == 0 && strcmp(claims->value[i], "ops") == 0)
			return true;
	for (int i = 0; i < claims->members; i++)
		if (strcmp(claims->member[i], "groups") == 0 &&
		    strcmp(claims->member_value[i], "ops") == 0)
			return true;
	return false;
}

static inline bool script_admitted(const struct script_claims *claims,
				   const struct script_rule *rule)
{
	return script_claims_say(claims, "iss", ISSUER) &&
	       script_claims_say(claims, "sub", rule->mapped ? "7" : NULL) &&
	       (rule->mapped || rule->shared ||
		script_claims_string(claims, "preferred_username", USER)) &&
	       (!rule->grouped || script_is_ops(claims));
}

/* Whether SANDBOX, restrictions separated by commas, has NAME, or NAME=... */
static inline bool script_restriction_holds(const char *sandbox, const char *name)
{
	char text[PACKET_MAX], *rest = text, *one;

	snprintf(text, sizeof(text), "%s", sandbox);
	while ((one = strsep(&rest, ","))) {
		char *equals = strchr(one, '=');

		if (equals)
			*equals = '\0';
		if (strcmp(one, name) == 0)
			return true;
	}
	return false;
}

static inline bool script_sandbox_ok(const char *sandbox, const struct script_rule *rule)
{
	static const char *const needed[] = { "uid",	     "no_new_privs", "not_dumpable",
					      "rlimits",     "seccomp",	     "landlock_files",
					      "landlock_tcp" };

	for (int i = 0; i < (rule->best_effort ? 0 : rule->strict ? 7 : 5); i++)
		if (!script_restriction_holds(sandbox, needed[i]))
			return false;
	return true;
}

/* A state that leaves the login going. *FRESH: an authorization must follow. */
static inline bool script_state_ok(const char *state, struct script_rule *rule, bool *fresh)
{
	static const char *const plain[] = { "authorization_pending", "slow_down", "unreachable" };

	*fresh = false;
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (strcmp(state, plain[i]) == 0)
			return true;
	if (strcmp(state, "wrong_code") == 0)
		return rule->code_entry && --rule->tries > 0;
	*fresh = true;
	return (strcmp(state, "expired_token") == 0 || strcmp(state, "code_consumed") == 0) &&
	       --rule->codes > 0;
}

/* Whether the script, taken in order, is a legal grant to alice. */
static inline bool script_grants(struct script_rule *rule)
{
	enum {
		OPENING,
		AUTHORIZING,
		SHOWN,
		WITNESSED
	} at = OPENING;
	struct script_claims claims = { 0 };
	int states = 0, notes = 0;

	rule->by_heart = true;
	for (size_t i = 0; i < fake.steps; i++) {
		struct script_words words;
		bool fresh;

		rule->by_heart = rule->by_heart && fake.step[i].after_ms == 0;
		if (fake.step[i].kind == STEP_CLOSE)
			return false;
		if (fake.step[i].kind == STEP_AWAIT_AGAIN) {
			rule->by_heart = false; /* who waits for what does not come is silent */
			continue;
		}
		if (!script_split(&fake.step[i].packet, &words))
			return false;
		if (script_is(&words, "ready", "wire sandbox") && at == OPENING) {
			at = AUTHORIZING;
			if (strcmp(words.word[2], "2") != 0 ||
			    !script_sandbox_ok(words.word[4], rule))
				return false;
		} else if (script_is(&words, "log", "level text") && at != OPENING) {
			if (++notes > 64 || (strcmp(words.word[2], "debug") != 0 &&
					     strcmp(words.word[2], "notice") != 0 &&
					     strcmp(words.word[2], "warning") != 0))
				return false;
		} else if (strcmp(words.word[0], "authorize") == 0 && at == AUTHORIZING) {
			at = SHOWN;
			if (!script_authorize_ok(&words, rule))
				return false;
		} else if (script_is(&words, "progress", "state") && at == SHOWN) {
			if (++states > 64 || !script_state_ok(words.word[2], rule, &fresh))
				return false;
			at = fresh ? AUTHORIZING : SHOWN;
		} else if (script_is(&words, "claim", "name type value") && at >= SHOWN) {
			at = WITNESSED;
			if (!script_claim_ok(&words, &claims))
				return false;
		} else if (script_is(&words, "claim_item", "name value") && at >= SHOWN) {
			at = WITNESSED;
			if (!script_member_ok(&words, &claims))
				return false;
		} else {
			return script_is(&words, "done", "verdict reason") && at == WITNESSED &&
			       strcmp(words.word[2], "granted") == 0 &&
			       reason_find(words.word[4]) != REASON_COUNT &&
			       script_admitted(&claims, rule);
		}
	}
	return false;
}

#endif
