/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may enter: see judge.h. Pure. Compares byte for byte and repairs nothing: a name that needs
 * folding, trimming or normalising is another name.
 */
#include "judge.h"

#include <string.h>

#define NAME_FIRST "abcdefghijklmnopqrstuvwxyz_"
#define NAME_BYTES NAME_FIRST "0123456789.-"

static const char *const names[] = {
	[JUDGED_NOT_ADMITTED] = "not_admitted",	  [JUDGED_SEVERAL_ACCOUNTS] = "several_accounts",
	[JUDGED_OTHER_ACCOUNT] = "other_account", [JUDGED_BAD_NAME] = "bad_local_name",
	[JUDGED_NO_ACCOUNT] = "no_local_account", [JUDGED_LOW_UID] = "uid_below_min_uid",
	[JUDGED_WRONG_ISSUER] = "wrong_issuer",	  [JUDGED_CLAIM_MISSING] = "claim_missing",
	[JUDGED_BAD_MAP] = "bad_map_file",	  [JUDGED_ADMITTED] = "admitted",
};

const char *judgement_name(enum judgement judgement)
{
	return (unsigned int)judgement < sizeof(names) / sizeof(*names) ? names[judgement]
									: "unknown";
}

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
	if (wanted->uid == 0 || wanted->uid < policy->min_uid)
		return JUDGED_LOW_UID;
	return JUDGED_ADMITTED;
}

/* ---- the map: lines of issuer, identity, local name; blanks between; # starts a comment ---- */

struct map_line {
	const char *part[3]; /* not terminated */
	size_t len[3];
};

enum map_kind {
	MAP_WRONG,
	MAP_BLANK,
	MAP_ENTRY,
};

static enum map_kind map_line_read(const char *line, size_t line_len, struct map_line *out)
{
	const char *end = line + line_len;
	int parts = 0;

	if (line_len > 0 && line[0] == '#')
		return MAP_BLANK;
	for (const char *at = line; at < end;) {
		const char *from = at;

		if (*at == ' ' || *at == '\t' || *at == '\r') {
			at++;
			continue;
		}
		while (at < end && *at != ' ' && *at != '\t' && *at != '\r')
			at++;
		if (parts == 3)
			return MAP_WRONG;
		out->part[parts] = from;
		out->len[parts++] = (size_t)(at - from);
	}
	if (parts == 0)
		return MAP_BLANK;
	return parts == 3 ? MAP_ENTRY : MAP_WRONG;
}

static bool part_is(const struct map_line *line, int part, const char *text)
{
	return strlen(text) == line->len[part] &&
	       memcmp(line->part[part], text, line->len[part]) == 0;
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
		enum map_kind kind = map_line_read(at, len, &line);

		if (kind == MAP_WRONG || (kind == MAP_ENTRY && line.len[2] >= JUDGE_USER_MAX))
			return JUDGED_BAD_MAP;
		at += len + (at[len] == '\n');
		if (kind == MAP_BLANK || !part_is(&line, 0, policy->issuer) ||
		    !part_is(&line, 1, identity) || part_is(&line, 2, name))
			continue;
		several |= name[0] != '\0';
		if (name[0] != '\0' && !part_is(&line, 2, wanted))
			continue;
		memcpy(name, line.part[2], line.len[2]);
		name[line.len[2]] = '\0';
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
		enum map_kind kind = map_line_read(map, len, &line);

		number++;
		if (kind == MAP_WRONG || (kind == MAP_ENTRY && line.len[2] >= sizeof(name)))
			return number;
		if (kind == MAP_ENTRY) {
			memcpy(name, line.part[2], line.len[2]);
			name[line.len[2]] = '\0';
			if (!judge_name_ok(name))
				return number;
		}
		map += len + (map[len] == '\n');
	}
	return 0;
}

/* The claim as it came is the name: never trimmed, folded or cut. Only strings are names. */
static enum judgement claim_name(const struct judge_policy *policy,
				 const struct judge_claims *claims, char name[JUDGE_USER_MAX])
{
	const struct judge_claim *claim = claim_find(claims, policy->user_claim);

	if (!claim || claim->type != CLAIM_STRING || claim->value[0] == '\0')
		return JUDGED_CLAIM_MISSING;
	if (!judge_name_ok(claim->value))
		return JUDGED_NOT_ADMITTED;
	strcpy(name, claim->value);
	return JUDGED_ADMITTED;
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
	if (judgement != JUDGED_ADMITTED)
		return judgement;
	return strcmp(name, wanted->name) == 0 ? JUDGED_ADMITTED : JUDGED_OTHER_ACCOUNT;
}
