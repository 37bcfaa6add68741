/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may enter. API: policy_claim_add, policy_member_add, policy_decide, policy_find_account, policy_map_wrong,
 * struct policy, struct local_account.
 *
 * The input: a byte of flags, then fields: wanted name, uid, min_uid, issuer, user_claim,
 * subject_claim, map, account, user_claim_suffix, require, require_acr, require_amr, email_domain,
 * max_auth_age, allow_system_users, and name, type and value of each claim; a type "member" makes it a
 * value that an array holds. Oracle: ADMITTED if and only if the rule, written here once more in the
 * plainest way on lists that are cut up beforehand, says so. Where nobody is named the name that is
 * found is one whom policy_decide() would not call another, and it is the only one.
 */
#include <ctype.h>
#include <regex.h>

#include "fuzz.h"
#include "helper/login/policy.h"

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
	size_t count, members;
	const char *name[64], *type[64], *value[64];
	const char *member[64], *member_value[64];
};

/* Words of a list, cut up. */
struct list {
	char text[9000];
	size_t count;
	char *word[4600];
};

static const struct list *list_cut(struct list *list, const char *text)
{
	char *save = NULL;

	snprintf(list->text, sizeof(list->text), "%s", text);
	list->count = 0;
	list->text[strcspn(list->text, "\n")] = '\0'; /* no list has more lines */
	for (char *word = strtok_r(list->text, " \t\r", &save); word;
	     word = strtok_r(NULL, " \t\r", &save))
		list->word[list->count++] = word;
	return list;
}

static bool list_has(const struct list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->word[i], word) == 0)
			return true;
	return false;
}

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

/* Lines are cut at blanks by strtok_r(). One that is not understood names nobody. */
static bool map_names(const char *map, const char *issuer, const char *identity, const char *name)
{
	char *text = strdup(map), *line, *rest = text;
	bool found = false;

	while ((line = strsep(&rest, "\n"))) {
		char *save = NULL, *part[4] = { NULL };

		if (line[0] == '#')
			continue;
		part[0] = strtok_r(line, " \t\r", &save);
		for (int i = 1; i < 4 && part[i - 1]; i++)
			part[i] = strtok_r(NULL, " \t\r", &save);
		if (!part[0])
			continue;
		found = found ||
			(part[2] && !part[3] && is_name(part[2]) && strcmp(part[0], issuer) == 0 &&
			 strcmp(part[1], identity) == 0 && strcmp(part[2], name) == 0);
	}
	free(text);
	return found;
}

/* The claim NAME is VALUE, of whatever type, or one of its members is. */
static bool said(const struct witness *w, const char *name, const char *value)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->name[i], name) == 0 && strcmp(w->value[i], value) == 0)
			return true;
	for (size_t i = 0; i < w->members; i++)
		if (strcmp(w->member[i], name) == 0 && strcmp(w->member_value[i], value) == 0)
			return true;
	return false;
}

/* %HH is a byte; neither it nor another may be a control character. */
static bool unescape(const char *text, char *out)
{
	for (; *text; text++) {
		char digits[3] = "";
		unsigned char byte = (unsigned char)*text;

		if (byte == '%') {
			if (!isxdigit((unsigned char)text[1]) || !isxdigit((unsigned char)text[2]))
				return false;
			memcpy(digits, text + 1, 2);
			byte = (unsigned char)strtoul(digits, NULL, 16);
			text += 2;
		}
		if (byte < ' ' || byte == 0x7f)
			return false;
		*out++ = (char)byte;
	}
	*out = '\0';
	return true;
}

/* Each name on the left has one of its values. */
static bool pairs_hold(const struct list *pairs, const struct witness *w)
{
	for (size_t i = 0; i < pairs->count; i++) {
		char name[9000];
		bool held = false;

		if (!strchr(pairs->word[i], '='))
			return false;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(pairs->word[i], "="),
			 pairs->word[i]);
		for (size_t k = 0; k < pairs->count; k++) {
			char *value = strchr(pairs->word[k], '=');
			static char plain[9000];

			if (value && (size_t)(value - pairs->word[k]) == strlen(name) &&
			    strncmp(pairs->word[k], name, strlen(name)) == 0 && value[1] &&
			    unescape(value + 1, plain) && strlen(plain) < POLICY_VALUE_MAX)
				held = held || said(w, name, plain);
		}
		if (!held)
			return false;
	}
	return true;
}

static const char *typed(const struct witness *w, const char *name, const char *type)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->name[i], name) == 0)
			return strcmp(w->type[i], type) == 0 ? w->value[i] : NULL;
	return NULL;
}

static bool email_holds(const struct list *domains, const struct witness *w)
{
	const char *email = typed(w, "email", "string");
	const char *verified = typed(w, "email_verified", "bool");

	if (domains->count == 0)
		return true;
	if (!email || !verified || strcmp(verified, "true") != 0)
		return false;
	for (size_t i = 0; i < domains->count; i++) {
		size_t len = strlen(domains->word[i]), all = strlen(email);

		if (all > len + 1 && email[all - len - 1] == '@' &&
		    strcasecmp(email + all - len, domains->word[i]) == 0)
			return true;
	}
	return false;
}

static bool age_holds(long most, const struct witness *w)
{
	const char *then = typed(w, "auth_time", "number"), *now = typed(w, "iat", "number");

	if (most <= 0)
		return true;
	if (!then || !now || strlen(then) > 15 || strlen(now) > 15)
		return false;
	return atoll(then) > 0 && atoll(now) >= atoll(then) && atoll(now) - atoll(then) <= most;
}

static bool rules_hold(const struct policy *policy, const struct witness *w)
{
	static struct list list;
	bool any = false;

	if (!pairs_hold(list_cut(&list, policy->require), w) ||
	    !email_holds(list_cut(&list, policy->email_domain), w) ||
	    !age_holds(policy->max_auth_age, w))
		return false;
	list_cut(&list, policy->require_amr);
	for (size_t i = 0; i < list.count; i++)
		if (!said(w, "amr", list.word[i]))
			return false;
	list_cut(&list, policy->require_acr);
	for (size_t i = 0; i < list.count; i++)
		any = any || said(w, "acr", list.word[i]);
	return any || list.count == 0;
}

/* NAME + suffix is the claim. */
static bool claim_names(const struct policy *policy, const struct witness *w, const char *name)
{
	const char *value = typed(w, policy->user_claim, "string");
	size_t len = strlen(name);

	return value && strncmp(value, name, len) == 0 &&
	       strcmp(value + len, policy->user_claim_suffix) == 0;
}

/* The identity is admitted as NAME, whatever else must hold. */
static bool names(const struct policy *policy, const struct witness *w, const char *name)
{
	const char *issuer = claim(w, "iss", false);
	const char *identity = claim(w, policy->subject_claim, false);

	if (!is_name(name) || !issuer || strcmp(issuer, policy->issuer) != 0 || !identity)
		return false;
	if (policy->map)
		return map_names(policy->map, issuer, identity, name);
	return policy->user_claim[0] ? claim_names(policy, w, name)
				     : strcmp(policy->account, name) == 0;
}

static bool rule(const struct policy *policy, const struct local_account *wanted,
		 const struct witness *w)
{
	static struct list exempt;

	list_cut(&exempt, policy->allow_system_users);
	return wanted->exists && wanted->uid != 0 &&
	       (wanted->uid >= policy->min_uid || list_has(&exempt, wanted->name)) &&
	       names(policy, w, wanted->name) && rules_hold(policy, w);
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
	if (strcmp(type, "other") == 0)
		return value[0] == '\0';
	return strcmp(type, "string") == 0;
}

/* Adds what may be added; policy_claim_add() has to agree on what that is. */
static void claim_take(struct witness *w, struct policy_claims *claims, const char *name,
		       const char *type, const char *value)
{
	bool fits = w->count < 32 && name[0] != '\0' && strlen(name) < 256 &&
		    strlen(value) < 1024 && is_value(type, value);

	for (size_t i = 0; i < w->count; i++)
		fits = fits && strcmp(w->name[i], name) != 0;
	HOLDS(policy_claim_add(claims, name, type, value) == fits);
	if (!fits)
		return;
	w->name[w->count] = name;
	w->type[w->count] = type;
	w->value[w->count++] = value;
}

static void member_take(struct witness *w, struct policy_claims *claims, const char *name,
			const char *value)
{
	bool fits = w->members < 32 && name[0] && value[0] && strlen(name) < 256 &&
		    strlen(value) < 1024;

	for (size_t i = 0; i < w->members; i++)
		fits = fits &&
		       (strcmp(w->member[i], name) != 0 || strcmp(w->member_value[i], value) != 0);
	HOLDS(policy_member_add(claims, name, value) == fits);
	if (!fits)
		return;
	w->member[w->members] = name;
	w->member_value[w->members++] = value;
}

/* Nobody is named. */
static void find_check(const struct policy *policy, const struct policy_claims *claims,
		       const struct witness *w, const char *wanted)
{
	char name[LOCAL_NAME_MAX];
	enum decision decision = policy_find_account(policy, claims, name);

	HOLDS((decision == DECISION_ADMITTED) == (name[0] != '\0'));
	if (decision == DECISION_ADMITTED) {
		HOLDS(names(policy, w, name) || (policy->map && !is_name(name)));
		HOLDS(strcmp(name, wanted) == 0 || !names(policy, w, wanted));
	} else if (names(policy, w, wanted)) {
		HOLDS(decision == DECISION_SEVERAL_ACCOUNTS);
	}
}

static struct policy policy_from_config(struct fuzz *f, unsigned int flags)
{
	struct policy policy = { .min_uid = (uid_t)strtoul(fuzz_text(f), NULL, 10) };

	policy.issuer = fuzz_text(f);
	policy.user_claim = fuzz_text(f);
	policy.subject_claim = fuzz_text(f);
	policy.map = fuzz_text(f);
	policy.account = fuzz_text(f);
	policy.user_claim_suffix = fuzz_text(f);
	policy.require = fuzz_text(f);
	policy.require_acr = fuzz_text(f);
	policy.require_amr = fuzz_text(f);
	policy.email_domain = fuzz_text(f);
	policy.max_auth_age = atol(fuzz_text(f));
	policy.allow_system_users = fuzz_text(f);
	if (!(flags & 2))
		policy.map = NULL;
	return policy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policy_claims claims;
	struct fuzz f = fuzz_start(data, size);
	unsigned int flags = fuzz_byte(&f);
	struct local_account wanted = { .name = fuzz_text(&f), .exists = !(flags & 1) };
	struct policy policy;
	struct witness w = { 0 };
	enum decision decision;

	wanted.uid = (uid_t)strtoul(fuzz_text(&f), NULL, 10);
	policy = policy_from_config(&f, flags);
	memset(&claims, 0, sizeof(claims));
	while (fuzz_more(&f) && f.kept + 3 < FUZZ_KEPT_MAX) {
		const char *name = fuzz_text(&f), *type = fuzz_text(&f), *value = fuzz_text(&f);

		if (strcmp(type, "member") == 0)
			member_take(&w, &claims, name, value);
		else
			claim_take(&w, &claims, name, type, value);
	}
	decision = policy_decide(&policy, &claims, &wanted);
	HOLDS((decision == DECISION_ADMITTED) == rule(&policy, &wanted, &w));
	HOLDS(is_reason(reason_name(decision_reason(decision))));
	HOLDS(policy_name_ok(wanted.name) == is_name(wanted.name));
	find_check(&policy, &claims, &w, wanted.name);
	if (policy.map)
		HOLDS(policy_map_wrong(policy.map, true) == 0 ||
		      policy_map_wrong(policy.map, false) > 0);
	/* Who is refreshed is judged by less, and never lets in another. */
	decision = policy_decide_again(&policy, &claims, "subject", &wanted);
	HOLDS(decision != DECISION_ADMITTED ||
	      (wanted.exists && wanted.uid != 0 && is_name(wanted.name)));
	fuzz_done(&f);
	return 0;
}
