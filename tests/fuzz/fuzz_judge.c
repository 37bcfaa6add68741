/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may enter. API: judge_claim_add, judge_claims, judge_map_wrong, struct judge_policy, struct
 * judge_account.
 *
 * The input: a byte of flags, then fields: wanted name, uid, min_uid, issuer, user_claim,
 * stable_claim, map, and name, type and value of each claim. Oracle: ADMITTED if and only if the
 * rule, written here once more in the plainest way, says so: a name by the regular expression of
 * regexec(), an account that is there with a uid that is neither 0 nor below min_uid, the
 * configured issuer, an identity, and the claim that is the name, or a line of the map, and no
 * line of it that is none.
 */
#include <regex.h>

#include "fuzz.h"
#include "judge.h"

static regex_t name_rule;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	HOLDS(regcomp(&name_rule,
		      "^[abcdefghijklmnopqrstuvwxyz_]"
		      "[abcdefghijklmnopqrstuvwxyz0123456789_.-]{0,31}$",
		      REG_EXTENDED | REG_NOSUB) == 0);
	return 0;
}

static bool is_name(const char *text)
{
	return !strchr(text, '\n') && regexec(&name_rule, text, 0, NULL, 0) == 0;
}

struct witness {
	size_t count;
	const char *name[64], *type[64], *value[64];
};

/* The value of a claim that has text, NULL if it has none. */
static const char *claim(const struct witness *w, const char *name, bool strings_only)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->name[i], name) == 0)
			return w->value[i][0] != '\0' && (strcmp(w->type[i], "string") == 0 ||
							  (!strings_only &&
							   strcmp(w->type[i], "number") == 0))
				       ? w->value[i]
				       : NULL;
	return NULL;
}

/* Lines are cut at blanks by strtok_r(). false: the map is not understood, or has no such line. */
static bool map_names(const char *map, const char *issuer, const char *identity, const char *name)
{
	char *text = strdup(map), *line, *rest = text;
	bool found = false, good = true;

	while ((line = strsep(&rest, "\n"))) {
		char *save = NULL, *part[4] = { NULL };

		if (line[0] == '#')
			continue;
		part[0] = strtok_r(line, " \t\r", &save);
		for (int i = 1; i < 4 && part[i - 1]; i++)
			part[i] = strtok_r(NULL, " \t\r", &save);
		if (!part[0])
			continue;
		good = good && part[2] && !part[3];
		found = found || (good && strcmp(part[0], issuer) == 0 &&
				  strcmp(part[1], identity) == 0 && strcmp(part[2], name) == 0);
	}
	free(text);
	return good && found;
}

static bool rule(const struct judge_policy *policy, const struct judge_account *wanted,
		 const struct witness *w)
{
	const char *issuer = claim(w, "iss", false), *name;
	const char *identity = claim(w, policy->stable_claim, false);

	if (!is_name(wanted->name) || !wanted->exists || wanted->uid == 0 ||
	    wanted->uid < policy->min_uid)
		return false;
	if (!issuer || strcmp(issuer, policy->issuer) != 0 || !identity)
		return false;
	if (policy->map)
		return map_names(policy->map, issuer, identity, wanted->name);
	name = claim(w, policy->user_claim, true);
	return policy->user_claim[0] != '\0' && name && is_name(name) &&
	       strcmp(name, wanted->name) == 0;
}

static bool is_value(const char *type, const char *value)
{
	if (strcmp(type, "bool") == 0)
		return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
	if (strcmp(type, "number") == 0) {
		if (*value == '-')
			value++;
		return *value != '\0' && all_within(value, '0', '9');
	}
	return strcmp(type, "string") == 0;
}

/* Adds what may be added; judge_claim_add() has to agree on what that is. */
static void claim_take(struct witness *w, struct judge_claims *claims, const char *name,
		       const char *type, const char *value)
{
	bool fits = w->count < 32 && name[0] != '\0' && strlen(name) < 256 &&
		    strlen(value) < 1024 && is_value(type, value);

	for (size_t i = 0; i < w->count; i++)
		fits = fits && strcmp(w->name[i], name) != 0;
	HOLDS(judge_claim_add(claims, name, type, value) == fits);
	if (!fits)
		return;
	w->name[w->count] = name;
	w->type[w->count] = type;
	w->value[w->count++] = value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct judge_claims claims;
	struct fuzz f = fuzz_start(data, size);
	unsigned int flags = fuzz_byte(&f);
	struct judge_account wanted = { .name = fuzz_text(&f), .exists = !(flags & 1) };
	struct judge_policy policy = { 0 };
	struct witness w = { 0 };
	enum judgement judgement;

	wanted.uid = (uid_t)strtoul(fuzz_text(&f), NULL, 10);
	policy.min_uid = (uid_t)strtoul(fuzz_text(&f), NULL, 10);
	policy.issuer = fuzz_text(&f);
	policy.user_claim = fuzz_text(&f);
	policy.stable_claim = fuzz_text(&f);
	policy.map = fuzz_text(&f);
	if (!(flags & 2))
		policy.map = NULL;
	memset(&claims, 0, sizeof(claims));
	while (fuzz_more(&f) && f.kept + 3 < FUZZ_KEPT_MAX) {
		const char *name = fuzz_text(&f), *type = fuzz_text(&f);

		claim_take(&w, &claims, name, type, fuzz_text(&f));
	}
	judgement = judge_claims(&policy, &claims, &wanted);
	HOLDS((judgement == JUDGED_ADMITTED) == rule(&policy, &wanted, &w));
	HOLDS(is_reason(judgement_name(judgement)));
	HOLDS(judge_name_ok(wanted.name) == is_name(wanted.name));
	if (policy.map && judgement == JUDGED_BAD_MAP)
		HOLDS(judge_map_wrong(policy.map) > 0);
	fuzz_done(&f);
	return 0;
}
