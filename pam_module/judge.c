/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may enter: see judge.h. Pure. Compares byte for byte and repairs nothing: a name that needs
 * folding, trimming or normalising is another name.
 */
#include "judge.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_FIRST "abcdefghijklmnopqrstuvwxyz_"
#define NAME_BYTES NAME_FIRST "0123456789.-"

enum {
	MOMENT_DIGITS = 15, /* of a number of seconds */
};

static const char *const names[] = {
	[JUDGED_NOT_ADMITTED] = "not_admitted",	  [JUDGED_SEVERAL_ACCOUNTS] = "several_accounts",
	[JUDGED_OTHER_ACCOUNT] = "other_account", [JUDGED_BAD_NAME] = "bad_local_name",
	[JUDGED_NO_SUFFIX] = "suffix_missing",	  [JUDGED_REQUIREMENT] = "requirement_not_met",
	[JUDGED_EMAIL] = "email_not_admitted",	  [JUDGED_ACR] = "acr_not_admitted",
	[JUDGED_AMR] = "amr_not_admitted",	  [JUDGED_AUTH_AGE] = "auth_time_too_old",
	[JUDGED_NO_ACCOUNT] = "no_local_account", [JUDGED_LOW_UID] = "uid_below_min_uid",
	[JUDGED_WRONG_ISSUER] = "wrong_issuer",	  [JUDGED_CLAIM_MISSING] = "claim_missing",
	[JUDGED_BAD_MAP] = "bad_map_file",	  [JUDGED_ADMITTED] = "admitted",
};

const char *judgement_name(enum judgement judgement)
{
	return (unsigned int)judgement < sizeof(names) / sizeof(*names) ? names[judgement]
									: "unknown";
}

/* ---- words: pieces of a longer text, not terminated ---- */

struct word {
	const char *at;
	size_t len;
};

static bool word_is(struct word word, const char *text)
{
	return strlen(text) == word.len && memcmp(word.at, text, word.len) == 0;
}

/* The next word at *LIST, which moves behind it. false: there is none. */
static bool word_next(const char **list, struct word *word)
{
	if (!*list)
		return false;
	*list += strspn(*list, " \t\r");
	word->at = *list;
	word->len = strcspn(*list, " \t\r\n");
	*list += word->len;
	return word->len > 0;
}

bool judge_word(const char **list, char *out, size_t out_len)
{
	struct word word;

	if (!word_next(list, &word) || word.len >= out_len)
		return false;
	memcpy(out, word.at, word.len);
	out[word.len] = '\0';
	return true;
}

bool judge_listed(const char *list, const char *word)
{
	struct word one;

	while (word_next(&list, &one))
		if (word_is(one, word))
			return true;
	return false;
}

/* ---- claims ---- */

static bool type_read(const char *type, enum claim_type *out)
{
	if (strcmp(type, "string") == 0)
		*out = CLAIM_STRING;
	else if (strcmp(type, "number") == 0)
		*out = CLAIM_NUMBER;
	else if (strcmp(type, "bool") == 0)
		*out = CLAIM_BOOL;
	else
		return false;
	return true;
}

static const struct judge_claim *claim_find(const struct judge_claims *claims, const char *name)
{
	for (size_t i = 0; i < claims->count; i++)
		if (strcmp(claims->claim[i].name, name) == 0)
			return &claims->claim[i];
	return NULL;
}

static bool spelling_ok(enum claim_type type, const char *value)
{
	if (type == CLAIM_BOOL)
		return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
	if (type == CLAIM_NUMBER) {
		value += *value == '-';
		return *value != '\0' && value[strspn(value, "0123456789")] == '\0';
	}
	return true;
}

bool judge_claim_add(struct judge_claims *claims, const char *name, const char *type,
		     const char *value)
{
	struct judge_claim *claim = &claims->claim[claims->count];

	if (claims->count >= JUDGE_CLAIMS_MAX || claim_find(claims, name))
		return false;
	if (name[0] == '\0' || strlen(name) >= JUDGE_NAME_MAX || strlen(value) >= JUDGE_VALUE_MAX)
		return false;
	if (!type_read(type, &claim->type) || !spelling_ok(claim->type, value))
		return false;
	strcpy(claim->name, name);
	strcpy(claim->value, value);
	claims->count++;
	return true;
}

bool judge_member_add(struct judge_claims *claims, const char *name, const char *value)
{
	struct judge_claim *member = &claims->member[claims->members];

	if (claims->members >= JUDGE_CLAIMS_MAX || name[0] == '\0' || value[0] == '\0' ||
	    strlen(name) >= JUDGE_NAME_MAX || strlen(value) >= JUDGE_VALUE_MAX)
		return false;
	for (size_t i = 0; i < claims->members; i++)
		if (strcmp(claims->member[i].name, name) == 0 &&
		    strcmp(claims->member[i].value, value) == 0)
			return false;
	member->type = CLAIM_STRING;
	strcpy(member->name, name);
	strcpy(member->value, value);
	claims->members++;
	return true;
}

const char *judge_claim_text(const struct judge_claims *claims, const char *name)
{
	const struct judge_claim *claim = claim_find(claims, name);

	return claim && claim->type != CLAIM_BOOL && claim->value[0] != '\0' ? claim->value : NULL;
}

bool judge_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len < JUDGE_USER_MAX && strchr(NAME_FIRST, name[0]) &&
	       strspn(name, NAME_BYTES) == len;
}

enum judgement judge_account(const struct judge_policy *policy, const struct judge_account *wanted)
{
	if (!judge_name_ok(wanted->name))
		return JUDGED_BAD_NAME;
	if (!wanted->exists)
		return JUDGED_NO_ACCOUNT;
	if (wanted->uid == 0 || (wanted->uid < policy->min_uid &&
				 !judge_listed(policy->allow_system_users, wanted->name)))
		return JUDGED_LOW_UID;
	return JUDGED_ADMITTED;
}

/* ---- the map: lines of issuer, identity, local name; blanks between; # starts a comment ---- */

struct map_line {
	struct word part[3];
};

enum map_kind {
	MAP_WRONG,
	MAP_BLANK,
	MAP_ENTRY,
};

static enum map_kind map_line_read(const char *at, struct map_line *out)
{
	struct word more;
	int parts = 0;

	if (*at == '#')
		return MAP_BLANK;
	while (parts < 3 && word_next(&at, &out->part[parts]))
		parts++;
	if (parts == 0)
		return MAP_BLANK;
	return parts == 3 && !word_next(&at, &more) ? MAP_ENTRY : MAP_WRONG;
}

/*
 * Every line is read, also after a match: a file with a mistake in it admits nobody. Of several
 * names of one identity the wanted one is taken.
 */
static enum judgement map_name(const struct judge_policy *policy, const char *identity,
			       const char *wanted, char name[JUDGE_USER_MAX])
{
	bool several = false;
	struct map_line line;

	for (const char *at = policy->map; *at;) {
		size_t len = strcspn(at, "\n");
		enum map_kind kind = map_line_read(at, &line);

		if (kind == MAP_WRONG || (kind == MAP_ENTRY && line.part[2].len >= JUDGE_USER_MAX))
			return JUDGED_BAD_MAP;
		at += len + (at[len] == '\n');
		if (kind == MAP_BLANK || !word_is(line.part[0], policy->issuer) ||
		    !word_is(line.part[1], identity) || word_is(line.part[2], name))
			continue;
		several |= name[0] != '\0';
		if (name[0] != '\0' && !word_is(line.part[2], wanted))
			continue;
		memcpy(name, line.part[2].at, line.part[2].len);
		name[line.part[2].len] = '\0';
	}
	if (name[0] == '\0')
		return JUDGED_NOT_ADMITTED;
	return several && strcmp(name, wanted) != 0 ? JUDGED_SEVERAL_ACCOUNTS : JUDGED_ADMITTED;
}

int judge_map_wrong(const char *map)
{
	struct map_line line;
	char name[JUDGE_USER_MAX];
	int number = 0;

	while (*map) {
		size_t len = strcspn(map, "\n");
		enum map_kind kind = map_line_read(map, &line);

		number++;
		if (kind == MAP_WRONG || (kind == MAP_ENTRY && line.part[2].len >= sizeof(name)))
			return number;
		if (kind == MAP_ENTRY) {
			memcpy(name, line.part[2].at, line.part[2].len);
			name[line.part[2].len] = '\0';
			if (!judge_name_ok(name))
				return number;
		}
		map += len + (map[len] == '\n');
	}
	return 0;
}

/*
 * The claim is the name, but for the suffix that it must end in: taken off once, and nothing else
 * trimmed, folded or cut. Only strings are names.
 */
static enum judgement claim_name(const struct judge_policy *policy,
				 const struct judge_claims *claims, char name[JUDGE_USER_MAX])
{
	const struct judge_claim *claim = claim_find(claims, policy->user_claim);
	const char *suffix = policy->strip_suffix ? policy->strip_suffix : "";
	size_t len, suffix_len = strlen(suffix);

	if (!claim || claim->type != CLAIM_STRING || claim->value[0] == '\0')
		return JUDGED_CLAIM_MISSING;
	len = strlen(claim->value);
	if (len < suffix_len || strcmp(claim->value + len - suffix_len, suffix) != 0)
		return JUDGED_NO_SUFFIX;
	len -= suffix_len;
	if (len >= JUDGE_USER_MAX)
		return JUDGED_NOT_ADMITTED;
	memcpy(name, claim->value, len);
	name[len] = '\0';
	return judge_name_ok(name) ? JUDGED_ADMITTED : JUDGED_NOT_ADMITTED;
}

static enum judgement account_name(const struct judge_policy *policy, char name[JUDGE_USER_MAX])
{
	if (!judge_name_ok(policy->account))
		return JUDGED_NOT_ADMITTED;
	strcpy(name, policy->account);
	return JUDGED_ADMITTED;
}

/* The local name that the claims mean: WANTED, if it is one of several, or the only one. */
static enum judgement name_find(const struct judge_policy *policy,
				const struct judge_claims *claims, const char *wanted,
				char name[JUDGE_USER_MAX])
{
	const char *issuer = judge_claim_text(claims, "iss");
	const char *identity = judge_claim_text(claims, policy->stable_claim);

	name[0] = '\0';
	if (!issuer || strcmp(issuer, policy->issuer) != 0)
		return JUDGED_WRONG_ISSUER;
	if (!identity)
		return JUDGED_CLAIM_MISSING;
	if (policy->map)
		return map_name(policy, identity, wanted, name);
	if (policy->user_claim[0] != '\0')
		return claim_name(policy, claims, name);
	return account_name(policy, name);
}

/* ---- what must hold besides the name ---- */

/* Whether the claim NAME is VALUE, or an array that holds it; bools and numbers as they are spelt. */
static bool says(const struct judge_claims *claims, struct word name, struct word value)
{
	for (size_t i = 0; i < claims->count; i++)
		if (word_is(name, claims->claim[i].name) && word_is(value, claims->claim[i].value))
			return true;
	for (size_t i = 0; i < claims->members; i++)
		if (word_is(name, claims->member[i].name) &&
		    word_is(value, claims->member[i].value))
			return true;
	return false;
}

/* Of each NAME in the list of NAME=VALUE one of its values. */
static bool require_holds(const char *require, const struct judge_claims *claims)
{
	struct word pair, other;

	for (const char *at = require; word_next(&at, &pair);) {
		const char *equals = memchr(pair.at, '=', pair.len);
		size_t len = equals ? (size_t)(equals + 1 - pair.at) : pair.len;
		bool held = false;

		for (const char *again = require; word_next(&again, &other);)
			if (equals && other.len > len && memcmp(other.at, pair.at, len) == 0)
				held |= says(claims, (struct word){ pair.at, len - 1 },
					     (struct word){ other.at + len, other.len - len });
		if (!held)
			return false;
	}
	return true;
}

/* Whether one of the words of LIST is the claim NAME, or all of them are. An empty list holds. */
static bool list_holds(const char *list, const char *name, const struct judge_claims *claims,
		       bool all)
{
	struct word word;
	bool held = true;

	while (word_next(&list, &word)) {
		held = says(claims, (struct word){ name, strlen(name) }, word);
		if (held != all)
			break;
	}
	return held;
}

/* An address counts only if the provider has verified it: by true, not by a text that says so. */
static bool email_holds(const char *domains, const struct judge_claims *claims)
{
	const struct judge_claim *email = claim_find(claims, "email");
	const struct judge_claim *verified = claim_find(claims, "email_verified");
	const char *at;
	struct word domain;

	if (!word_next(&domains, &domain))
		return true;
	if (!email || email->type != CLAIM_STRING || !verified || verified->type != CLAIM_BOOL ||
	    strcmp(verified->value, "true") != 0)
		return false;
	at = strrchr(email->value, '@');
	if (!at || at == email->value)
		return false;
	do {
		if (strlen(at + 1) == domain.len && strncasecmp(at + 1, domain.at, domain.len) == 0)
			return true;
	} while (word_next(&domains, &domain));
	return false;
}

/* Seconds since the epoch; -1: there is no such number. */
static long long moment(const struct judge_claims *claims, const char *name)
{
	const struct judge_claim *claim = claim_find(claims, name);

	if (!claim || claim->type != CLAIM_NUMBER || strlen(claim->value) > MOMENT_DIGITS)
		return -1;
	return strtoll(claim->value, NULL, 10);
}

/* Both moments are of the provider's clock, so ours need not be right. */
static bool auth_age_holds(long most, const struct judge_claims *claims)
{
	long long then = moment(claims, "auth_time"), now = moment(claims, "iat");

	return most <= 0 || (then > 0 && now >= then && now - then <= most);
}

static enum judgement rules_hold(const struct judge_policy *policy,
				 const struct judge_claims *claims)
{
	if (!require_holds(policy->require, claims))
		return JUDGED_REQUIREMENT;
	if (!email_holds(policy->email_domain, claims))
		return JUDGED_EMAIL;
	if (!list_holds(policy->require_acr, "acr", claims, false))
		return JUDGED_ACR;
	if (!list_holds(policy->require_amr, "amr", claims, true))
		return JUDGED_AMR;
	return auth_age_holds(policy->max_auth_age, claims) ? JUDGED_ADMITTED : JUDGED_AUTH_AGE;
}

enum judgement judge_find(const struct judge_policy *policy, const struct judge_claims *claims,
			  char name[JUDGE_USER_MAX])
{
	enum judgement judgement = name_find(policy, claims, "", name);

	if (judgement != JUDGED_ADMITTED)
		name[0] = '\0';
	return judgement;
}

enum judgement judge_claims(const struct judge_policy *policy, const struct judge_claims *claims,
			    const struct judge_account *wanted)
{
	enum judgement judgement = judge_account(policy, wanted);
	char name[JUDGE_USER_MAX];

	if (judgement == JUDGED_ADMITTED)
		judgement = name_find(policy, claims, wanted->name, name);
	if (judgement == JUDGED_SEVERAL_ACCOUNTS)
		return JUDGED_OTHER_ACCOUNT;
	if (judgement == JUDGED_ADMITTED)
		judgement = rules_hold(policy, claims);
	if (judgement != JUDGED_ADMITTED)
		return judgement;
	return strcmp(name, wanted->name) == 0 ? JUDGED_ADMITTED : JUDGED_OTHER_ACCOUNT;
}
