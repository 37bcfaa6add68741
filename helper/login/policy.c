/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may enter: see policy.h. Pure. Compares byte for byte and repairs nothing, but for the case of
 * ASCII letters where the policy says so: a name that needs trimming or normalising is another name.
 */
#include "policy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/list.h"
#include "bindings.h"

#define NAME_FIRST  "abcdefghijklmnopqrstuvwxyz_"
#define NAME_BYTES  NAME_FIRST "0123456789.-"
#define WIDE_FIRST  NAME_FIRST "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define WIDE_BYTES  WIDE_FIRST ".-@\\+$"
#define PIECE(text) ((struct slice){ text, strlen(text) })

enum {
	MOMENT_DIGITS = 15, /* of a number of seconds */
	NAME_LENGTH_MAX = 32,
};

static const enum reason reasons[] = {
	[DECISION_NOT_ADMITTED] = REASON_NOT_ADMITTED,
	[DECISION_SEVERAL_ACCOUNTS] = REASON_AMBIGUOUS_ACCOUNT,
	[DECISION_OTHER_ACCOUNT] = REASON_OTHER_ACCOUNT,
	[DECISION_BAD_NAME] = REASON_BAD_LOCAL_NAME,
	[DECISION_NO_SUFFIX] = REASON_USER_CLAIM_SUFFIX_MISMATCH,
	[DECISION_REQUIREMENT] = REASON_REQUIREMENT_NOT_MET,
	[DECISION_EMAIL] = REASON_EMAIL_NOT_ADMITTED,
	[DECISION_ACR] = REASON_ACR_NOT_ADMITTED,
	[DECISION_AMR] = REASON_AMR_NOT_ADMITTED,
	[DECISION_AUTH_AGE] = REASON_AUTH_TIME_TOO_OLD,
	[DECISION_NO_ACCOUNT] = REASON_NO_LOCAL_ACCOUNT,
	[DECISION_LOW_UID] = REASON_UID_BELOW_MIN_UID,
	[DECISION_WRONG_ISSUER] = REASON_WRONG_ISSUER,
	[DECISION_CLAIM_MISSING] = REASON_CLAIM_MISSING,
	[DECISION_ADMITTED] = REASON_ADMITTED,
	[DECISION_AUTH_TIME_MISSING] = REASON_AUTH_TIME_MISSING,
	[DECISION_AUTH_TIME_UNREADABLE] = REASON_AUTH_TIME_UNREADABLE,
	[DECISION_CLAIM_DIFFERS] = REASON_CLAIM_DIFFERS,
	[DECISION_CASE_AMBIGUOUS] = REASON_CASE_AMBIGUOUS,
	[DECISION_ACCOUNT_OF_ANOTHER] = REASON_ACCOUNT_OF_ANOTHER,
	[DECISION_UID_DIFFERS] = REASON_UID_DIFFERS,
	[DECISION_UNSAID] = REASON_REQUIREMENT_NOT_SAID,
};

enum reason decision_reason(enum decision decision)
{
	return (unsigned int)decision < sizeof(reasons) / sizeof(*reasons) ? reasons[decision]
									   : REASON_COUNT;
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
	else if (strcmp(type, "other") == 0)
		*out = CLAIM_OTHER;
	else
		return false;
	return true;
}

static const struct policy_claim *claim_find(const struct policy_claims *claims, const char *name)
{
	for (size_t i = 0; i < claims->count; i++)
		if (strcmp(claims->claim[i].name, name) == 0)
			return &claims->claim[i];
	return NULL;
}

/* Whether one of the COUNT claims is NAME and VALUE; bools and numbers as they are spelt. */
static bool says(const struct policy_claim *claim, size_t count, struct slice name,
		 struct slice value)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(name, claim[i].name) && slice_is(value, claim[i].value))
			return true;
	return false;
}

static bool spelling_ok(enum claim_type type, const char *value)
{
	if (type == CLAIM_BOOL)
		return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
	if (type == CLAIM_OTHER)
		return value[0] == '\0';
	if (type == CLAIM_NUMBER) {
		value += *value == '-';
		return *value != '\0' && value[strspn(value, "0123456789")] == '\0';
	}
	return true;
}

static bool claim_set(struct policy_claim *claim, const char *name, enum claim_type type,
		      const char *value)
{
	if (name[0] == '\0' || strlen(name) >= POLICY_NAME_MAX || strlen(value) >= POLICY_VALUE_MAX)
		return false;
	strcpy(claim->name, name);
	strcpy(claim->value, value);
	claim->type = type;
	return true;
}

bool policy_claim_add(struct policy_claims *claims, const char *name, const char *type,
		      const char *value)
{
	enum claim_type read;

	if (claims->count >= POLICY_CLAIMS_MAX || claim_find(claims, name) ||
	    !type_read(type, &read) || !spelling_ok(read, value) ||
	    !claim_set(&claims->claim[claims->count], name, read, value))
		return false;
	claims->count++;
	return true;
}

bool policy_member_add(struct policy_claims *claims, const char *name, const char *value)
{
	if (claims->members >= POLICY_CLAIMS_MAX || value[0] == '\0' ||
	    says(claims->member, claims->members, PIECE(name), PIECE(value)) ||
	    !claim_set(&claims->member[claims->members], name, CLAIM_STRING, value))
		return false;
	claims->members++;
	return true;
}

const char *policy_claim_text(const struct policy_claims *claims, const char *name)
{
	const struct policy_claim *claim = claim_find(claims, name);

	return claim && claim->type != CLAIM_BOOL && claim->value[0] != '\0' ? claim->value : NULL;
}

bool policy_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len <= NAME_LENGTH_MAX && strchr(NAME_FIRST, name[0]) &&
	       strspn(name, NAME_BYTES) == len;
}

bool policy_name_wide_ok(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len < LOCAL_NAME_MAX && strchr(WIDE_FIRST, name[0]) &&
	       strspn(name, WIDE_BYTES) == len;
}

static bool name_ok(const char *name, bool wide)
{
	return wide ? policy_name_wide_ok(name) : policy_name_ok(name);
}

/* Whose uid means "none": root's, nobody's, which processes of nobody's in particular have, and -1 of 16 bits. */
static bool uid_is_no_person(uid_t uid)
{
	return uid == 0 || uid == 65534 || uid == 65535;
}

enum decision policy_account_allowed(const struct policy *policy,
				     const struct local_account *wanted)
{
	if (!name_ok(wanted->name, policy->wide_names))
		return DECISION_BAD_NAME;
	if (!wanted->exists)
		return DECISION_NO_ACCOUNT;
	if (uid_is_no_person(wanted->uid) ||
	    (wanted->uid < policy->min_uid &&
	     !list_has(policy->allow_system_users, LIST_BLANKS, wanted->name)))
		return DECISION_LOW_UID;
	return DECISION_ADMITTED;
}

/* ---- the map: lines of issuer, identity, local name; blanks between; # starts a comment ---- */

enum map_kind {
	MAP_WRONG,
	MAP_BLANK,
	MAP_ENTRY,
};

/* Reads the line at *MAP, which moves behind it. */
static enum map_kind map_line_read(const char **map, bool wide, struct slice part[3])
{
	const char *at = *map;
	struct slice more;
	char name[LOCAL_NAME_MAX];
	int parts = 0;

	*map += strcspn(*map, "\n");
	*map += **map == '\n';
	if (*at == '#')
		return MAP_BLANK;
	while (parts < 3 && list_next(&at, LIST_BLANKS, &part[parts]))
		parts++;
	if (parts == 0)
		return MAP_BLANK;
	if (parts < 3 || list_next(&at, LIST_BLANKS, &more))
		return MAP_WRONG;
	return slice_copy(part[2], name, sizeof(name)) && name_ok(name, wide) ? MAP_ENTRY
									      : MAP_WRONG;
}

/* Of several names of one identity the wanted one is taken. A line with a mistake names nobody. */
static enum decision map_name(const struct policy *policy, const char *identity, const char *wanted,
			      char name[LOCAL_NAME_MAX])
{
	bool several = false;
	struct slice part[3];

	for (const char *at = policy->map; *at;) {
		if (map_line_read(&at, policy->wide_names, part) != MAP_ENTRY ||
		    !slice_is(part[0], policy->issuer) || !slice_is(part[1], identity) ||
		    slice_is(part[2], name))
			continue;
		several |= name[0] != '\0';
		if (name[0] == '\0' || slice_is(part[2], wanted))
			slice_copy(part[2], name, LOCAL_NAME_MAX);
	}
	if (name[0] == '\0')
		return DECISION_NOT_ADMITTED;
	return several && strcmp(name, wanted) != 0 ? DECISION_SEVERAL_ACCOUNTS : DECISION_ADMITTED;
}

int policy_map_wrong(const char *map, bool wide_names)
{
	struct slice part[3];
	int number = 0;

	while (*map) {
		number++;
		if (map_line_read(&map, wide_names, part) == MAP_WRONG)
			return number;
	}
	return 0;
}

/* Whoever has the name under another uid than the one that was bound is somebody else. */
static enum decision bound_name(const struct policy *policy, const char *identity,
				const struct local_account *wanted, char name[LOCAL_NAME_MAX])
{
	struct binding binding;

	if (!binding_find(policy->bindings, policy->issuer, identity, &binding) ||
	    !slice_copy(binding.name, name, LOCAL_NAME_MAX) || !policy_name_ok(name))
		return DECISION_NOT_ADMITTED;
	return strcmp(name, wanted->name) == 0 && wanted->uid != binding.uid ? DECISION_UID_DIFFERS
									     : DECISION_ADMITTED;
}

/*
 * The claim is the name, but for the suffix that it must end in: taken off once, and nothing else
 * trimmed or cut. Only strings are names.
 */
static enum decision claim_bare(const struct policy *policy, const struct policy_claims *claims,
				char name[LOCAL_NAME_MAX])
{
	const struct policy_claim *claim = claim_find(claims, policy->user_claim);
	const char *suffix = policy->user_claim_suffix ? policy->user_claim_suffix : "";
	size_t len, suffix_len = strlen(suffix);

	name[0] = '\0';
	if (!claim || claim->type != CLAIM_STRING || claim->value[0] == '\0')
		return DECISION_CLAIM_MISSING;
	len = strlen(claim->value);
	if (len < suffix_len || strcmp(claim->value + len - suffix_len, suffix) != 0)
		return DECISION_NO_SUFFIX;
	return slice_copy((struct slice){ claim->value, len - suffix_len }, name, LOCAL_NAME_MAX)
		       ? DECISION_ADMITTED
		       : DECISION_CLAIM_DIFFERS;
}

/* ASCII alone: what other letters fold to is a matter of opinion. true: there was something to fold. */
static bool fold(char *name)
{
	bool folded = false;

	for (; *name; name++) {
		bool capital = *name >= 'A' && *name <= 'Z';

		folded |= capital;
		if (capital)
			*name = (char)(*name - 'A' + 'a');
	}
	return folded;
}

static enum decision claim_name(const struct policy *policy, const struct policy_claims *claims,
				char name[LOCAL_NAME_MAX])
{
	enum decision decision = claim_bare(policy, claims, name);

	if (policy->fold_case)
		fold(name);
	if (decision != DECISION_ADMITTED)
		return decision;
	return name_ok(name, policy->wide_names) ? DECISION_ADMITTED : DECISION_CLAIM_DIFFERS;
}

bool policy_claim_unfolded(const struct policy *policy, const struct policy_claims *claims,
			   char name[LOCAL_NAME_MAX])
{
	char folded[LOCAL_NAME_MAX];

	if (!policy->fold_case || claim_bare(policy, claims, name) != DECISION_ADMITTED)
		return false;
	strcpy(folded, name);
	return fold(folded);
}

/* What was decided of NAME; but an account that was bound is its person's alone, whatever others are called. */
static enum decision unless_bound(const struct policy *policy, const char *identity,
				  const char *name, enum decision decision)
{
	if (decision == DECISION_ADMITTED && policy->bindings &&
	    binding_of_another(policy->bindings, policy->issuer, identity, name))
		return DECISION_ACCOUNT_OF_ANOTHER;
	return decision;
}

static enum decision account_name(const struct policy *policy, char name[LOCAL_NAME_MAX])
{
	if (!policy_name_ok(policy->account))
		return DECISION_NOT_ADMITTED;
	strcpy(name, policy->account);
	return DECISION_ADMITTED;
}

/* The local name that the claims mean: WANTED, if it is one of several, or the only one. */
static enum decision name_find(const struct policy *policy, const struct policy_claims *claims,
			       const struct local_account *wanted, char name[LOCAL_NAME_MAX])
{
	const char *issuer = policy_claim_text(claims, "iss");
	const char *identity = policy_claim_text(claims, policy->subject_claim);

	name[0] = '\0';
	if (!issuer || strcmp(issuer, policy->issuer) != 0)
		return DECISION_WRONG_ISSUER;
	if (!identity)
		return DECISION_CLAIM_MISSING;
	if (policy->map)
		return map_name(policy, identity, wanted->name, name);
	if (policy->user_claim[0] != '\0')
		return unless_bound(policy, identity, name, claim_name(policy, claims, name));
	if (policy->bindings)
		return bound_name(policy, identity, wanted, name);
	return account_name(policy, name);
}

/* ---- what must hold besides the name ---- */

/* Whether the claim NAME is VALUE, or an array that holds it. */
static bool claims_say(const struct policy_claims *claims, struct slice name, struct slice value)
{
	return says(claims->claim, claims->count, name, value) ||
	       says(claims->member, claims->members, name, value);
}

bool policy_says(const struct policy_claims *claims, struct slice pair)
{
	const char *equals = memchr(pair.at, '=', pair.len);
	size_t name_len = equals ? (size_t)(equals - pair.at) : 0;
	char value[POLICY_VALUE_MAX];

	return name_len > 0 &&
	       slice_decode((struct slice){ equals + 1, pair.len - name_len - 1 }, value,
			    sizeof(value)) &&
	       claims_say(claims, (struct slice){ pair.at, name_len }, PIECE(value));
}

/* Of the NAME that ends with LEN bytes of PAIR, the sign included, one of the values in REQUIRE. */
static bool require_holds(const char *require, const struct policy_claims *claims,
			  struct slice pair, size_t len)
{
	struct slice other;

	while (list_next(&require, LIST_BLANKS, &other))
		if (other.len > len && memcmp(other.at, pair.at, len) == 0 &&
		    policy_says(claims, other))
			return true;
	return false;
}

static bool is_said(const struct policy_claims *claims, struct slice name)
{
	for (size_t i = 0; i < claims->count; i++)
		if (slice_is(name, claims->claim[i].name))
			return true;
	return false;
}

/* Of each NAME in the list of NAME=VALUE one of its values. Where none holds of one that is not said: UNSAID. */
static enum decision require_judge(const char *require, const struct policy_claims *claims,
				   enum decision unsaid)
{
	enum decision decision = DECISION_ADMITTED;
	struct slice pair;

	for (const char *at = require; list_next(&at, LIST_BLANKS, &pair);) {
		const char *equals = memchr(pair.at, '=', pair.len);

		if (equals && require_holds(require, claims, pair, (size_t)(equals + 1 - pair.at)))
			continue;
		if (!equals ||
		    is_said(claims, (struct slice){ pair.at, (size_t)(equals - pair.at) }))
			return DECISION_REQUIREMENT;
		decision = unsaid;
	}
	return decision;
}

/* Whether one of the words of LIST is the claim NAME, or all of them are. An empty list holds. */
static bool list_holds(const char *list, const char *name, const struct policy_claims *claims,
		       bool all)
{
	struct slice word;
	bool held = true;

	while (list_next(&list, LIST_BLANKS, &word)) {
		held = claims_say(claims, PIECE(name), word);
		if (held != all)
			break;
	}
	return held;
}

/* An address counts only if the provider has verified it: by true, not by a text that says so. */
static bool email_holds(const char *domains, const struct policy_claims *claims)
{
	const struct policy_claim *email = claim_find(claims, "email");
	const struct policy_claim *verified = claim_find(claims, "email_verified");
	const char *at;
	struct slice domain;

	if (!list_next(&domains, LIST_BLANKS, &domain))
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
	} while (list_next(&domains, LIST_BLANKS, &domain));
	return false;
}

/* Seconds since the epoch; -1: there is no such number. */
static long long moment(const struct policy_claim *claim)
{
	if (!claim || claim->type != CLAIM_NUMBER || strlen(claim->value) > MOMENT_DIGITS)
		return -1;
	return strtoll(claim->value, NULL, 10);
}

/* Both moments are of the provider's clock, so ours need not be right. */
static enum decision auth_age(long most, const struct policy_claims *claims)
{
	const struct policy_claim *auth_time = claim_find(claims, "auth_time");
	const struct policy_claim *iat = claim_find(claims, "iat");
	long long then = moment(auth_time), now = moment(iat);

	if (most <= 0)
		return DECISION_ADMITTED;
	if (!auth_time)
		return DECISION_AUTH_TIME_MISSING;
	if (auth_time->type != CLAIM_NUMBER || !iat || iat->type != CLAIM_NUMBER)
		return DECISION_AUTH_TIME_UNREADABLE;
	return then > 0 && now >= then && now - then <= most ? DECISION_ADMITTED
							     : DECISION_AUTH_AGE;
}

static enum decision rules_hold(const struct policy *policy, const struct policy_claims *claims)
{
	enum decision decision = require_judge(policy->require, claims, DECISION_REQUIREMENT);

	if (decision != DECISION_ADMITTED)
		return decision;
	if (!email_holds(policy->email_domain, claims))
		return DECISION_EMAIL;
	if (!list_holds(policy->require_acr, "acr", claims, false))
		return DECISION_ACR;
	if (!list_holds(policy->require_amr, "amr", claims, true))
		return DECISION_AMR;
	return auth_age(policy->max_auth_age, claims);
}

enum decision policy_find_account(const struct policy *policy, const struct policy_claims *claims,
				  char name[LOCAL_NAME_MAX])
{
	const struct local_account nobody = { .name = "" };
	enum decision decision = name_find(policy, claims, &nobody, name);

	if (decision != DECISION_ADMITTED)
		name[0] = '\0';
	return decision;
}

enum decision policy_decide(const struct policy *policy, const struct policy_claims *claims,
			    const struct local_account *wanted)
{
	enum decision decision = policy_account_allowed(policy, wanted);
	char name[LOCAL_NAME_MAX];

	if (decision == DECISION_ADMITTED)
		decision = name_find(policy, claims, wanted, name);
	if (decision == DECISION_SEVERAL_ACCOUNTS)
		return DECISION_OTHER_ACCOUNT;
	if (decision == DECISION_ADMITTED)
		decision = rules_hold(policy, claims);
	if (decision != DECISION_ADMITTED)
		return decision;
	return strcmp(name, wanted->name) == 0 ? DECISION_ADMITTED : DECISION_OTHER_ACCOUNT;
}

bool policy_may_enrol(const struct policy *policy, const struct policy_claims *claims,
		      const char **name)
{
	const struct local_account nobody = { .name = "" };
	const struct policy_claim *claim;
	char found[LOCAL_NAME_MAX];

	if (!policy->bindings || !policy->enrol_name || policy->enrol_name[0] == '\0' ||
	    name_find(policy, claims, &nobody, found) != DECISION_NOT_ADMITTED ||
	    binding_known(policy->bindings, policy->issuer,
			  policy_claim_text(claims, policy->subject_claim)) ||
	    rules_hold(policy, claims) != DECISION_ADMITTED)
		return false;
	claim = claim_find(claims, policy->enrol_name);
	*name = claim && claim->type == CLAIM_STRING ? claim->value : "";
	return true;
}

/* ---- kept tokens: what was said at the login is not all said again ---- */

static enum decision name_again(const struct policy *policy, const struct policy_claims *claims,
				const char *subject, const struct local_account *wanted,
				char name[LOCAL_NAME_MAX])
{
	const char *issuer = policy_claim_text(claims, "iss");
	enum decision decision = DECISION_ADMITTED;

	name[0] = '\0';
	if (!issuer || strcmp(issuer, policy->issuer) != 0)
		return DECISION_WRONG_ISSUER;
	if (policy->map)
		return map_name(policy, subject, wanted->name, name);
	if (policy->user_claim[0] == '\0')
		return policy->bindings ? bound_name(policy, subject, wanted, name)
					: account_name(policy, name);
	strcpy(name, wanted->name);
	if (claim_find(claims, policy->user_claim))
		decision = claim_name(policy, claims, name);
	return unless_bound(policy, subject, name, decision);
}

enum decision policy_decide_again(const struct policy *policy, const struct policy_claims *claims,
				  const char *subject, const struct local_account *wanted)
{
	enum decision decision = policy_account_allowed(policy, wanted);
	char name[LOCAL_NAME_MAX];

	if (decision == DECISION_ADMITTED)
		decision = name_again(policy, claims, subject, wanted, name);
	if (decision == DECISION_SEVERAL_ACCOUNTS ||
	    (decision == DECISION_ADMITTED && strcmp(name, wanted->name) != 0))
		return DECISION_OTHER_ACCOUNT;
	if (decision == DECISION_ADMITTED)
		decision = require_judge(policy->require, claims, DECISION_UNSAID);
	if (decision != DECISION_ADMITTED || email_holds(policy->email_domain, claims))
		return decision;
	return claim_find(claims, "email") && claim_find(claims, "email_verified")
		       ? DECISION_EMAIL
		       : DECISION_UNSAID;
}
