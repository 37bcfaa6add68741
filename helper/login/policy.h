/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may enter: claims, policy and the wanted account in, an admitted local account or a reason
 * to refuse out. Pure: the account has been looked up, the files have been read.
 */
#ifndef HELPER_LOGIN_POLICY_H
#define HELPER_LOGIN_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/host.h"
#include "common/reason.h"

enum {
	POLICY_CLAIMS_MAX = 32,
	POLICY_NAME_MAX = 256,	 /* a claim's name, its NUL included */
	POLICY_VALUE_MAX = 1024, /* a claim's value, its NUL included */
};

enum claim_type {
	CLAIM_STRING,
	CLAIM_NUMBER, /* in integer spelling */
	CLAIM_BOOL,   /* "true" or "false" */
	CLAIM_OTHER,  /* it is there, and no value of its own: an array, say; spelled "" */
};

struct slice; /* common/list.h */

struct policy_claim {
	char name[POLICY_NAME_MAX];
	enum claim_type type;
	char value[POLICY_VALUE_MAX];
};

/* What the helper has witnessed. */
struct policy_claims {
	size_t count;
	struct policy_claim claim[POLICY_CLAIMS_MAX];
	size_t members; /* values that a claim holds which is an array; of type CLAIM_STRING all */
	struct policy_claim member[POLICY_CLAIMS_MAX];
};

/* Adds a claim. false: unknown type, a name or value out of bounds, a name twice, or no room. */
bool policy_claim_add(struct policy_claims *claims, const char *name, const char *type,
		      const char *value);

/* Adds a value that the array NAME holds. false: out of bounds, empty, the same twice, or no room. */
bool policy_member_add(struct policy_claims *claims, const char *name, const char *value);

/* The value of NAME if it is a string or a number; NULL otherwise. */
const char *policy_claim_text(const struct policy_claims *claims, const char *name);

/*
 * What the section says. Exactly one of MAP, BINDINGS, USER_CLAIM and ACCOUNT is set. What is "" or NULL of
 * the rest is no rule. Lists are words separated by blanks; all text is compared byte for byte.
 */
struct policy {
	const char *issuer;
	const char *user_claim;	       /* the claim that is the local name, or "" */
	const char *user_claim_suffix; /* which must end it, and is no part of the name */
	const char *account;	       /* the one account that everybody admitted shares, or "" */
	const char *map;	       /* text of the map file, or NULL */
	const char *
		bindings; /* text of device_code.people (bindings.h), or NULL; beside user_claim: whose it is not */
	const char *enrol_name;	   /* the claim that a new account is named by; "": none is made */
	const char *subject_claim; /* the claim that the map's second column means */
	const char *require;	   /* NAME=VALUE: of each NAME one of its values */
	const char *require_acr;   /* one of */
	const char *require_amr;   /* all of */
	const char *local_groups;  /* NAME=VALUE:GROUP...: local_groups.h, and what is asked for */
	const char *email_domain;  /* one of; ASCII case does not matter here alone */
	long max_auth_age;	   /* seconds from auth_time to iat, 0: no rule */
	const char *allow_system_users; /* names below min_uid that may be entered; never uid 0 */
	uid_t min_uid;
	bool wide_names; /* names that a directory gives: policy_name_wide_ok() */
	bool fold_case;	 /* capitals of user_claim, ASCII, are small letters of the local name */
};

enum decision {
	DECISION_NOT_ADMITTED = 0, /* the identity is not in the map */
	DECISION_SEVERAL_ACCOUNTS, /* nobody was named, and the identity has more than one account */
	DECISION_OTHER_ACCOUNT,	   /* admitted, but not as the wanted account */
	DECISION_BAD_NAME,	   /* the wanted name is none that the policy takes */
	DECISION_NO_ACCOUNT,	   /* there is no such local account */
	DECISION_LOW_UID,	   /* root, nobody, or below min_uid and not allowed by name */
	DECISION_WRONG_ISSUER,	   /* the claims are another issuer's */
	DECISION_CLAIM_MISSING,	   /* the deciding claim is absent, empty or of a wrong type */
	DECISION_NO_SUFFIX,	   /* user_claim does not end in user_claim_suffix */
	DECISION_REQUIREMENT,	   /* a claim of `require` does not say so */
	DECISION_EMAIL,		   /* no verified address in one of the domains */
	DECISION_ACR,		   /* none of `require_acr` */
	DECISION_AMR,		   /* not all of `require_amr` */
	DECISION_AUTH_AGE,	   /* they proved themselves to the provider too long ago */
	DECISION_AUTH_TIME_MISSING,    /* when, it does not say */
	DECISION_AUTH_TIME_UNREADABLE, /* nor in a number of seconds */
	DECISION_CLAIM_DIFFERS,	       /* user_claim is no local name at all */
	DECISION_CASE_AMBIGUOUS,       /* two accounts differ by the case alone that was folded */
	DECISION_UID_DIFFERS,	       /* the name was bound with another uid than it has now */
	DECISION_ACCOUNT_OF_ANOTHER, /* user_claim names an account that is bound to another identity */
	DECISION_UNSAID, /* kept tokens: a claim that the policy needs was not said this time */
	DECISION_ADMITTED,
};

/* What a local name is, for people: policy_name_ok(). */
#define POLICY_NAME_RULE      "a-z 0-9 _ . -, a letter or _ first, up to 32"
#define POLICY_NAME_WIDE_RULE "A-Z a-z 0-9 _ . - @ \\ + $, a letter, a digit or _ first, up to 256"

/* Whether the claim of PAIR, NAME=VALUE with %HH in VALUE, is that value, or an array that holds it. */
bool policy_says(const struct policy_claims *claims, struct slice pair);

/* A constant snake_case name for logs. */
enum reason decision_reason(enum decision decision);

/* ^[a-z_][a-z0-9_.-]{0,31}$ */
bool policy_name_ok(const char *name);

/* Likewise with capitals, @ \ + and $, up to 256: user@domain, DOMAIN\user. */
bool policy_name_wide_ok(const char *name);

/*
 * Where capitals were folded: user_claim as it was said, without the suffix. false: it was said in small
 * letters, or there is none.
 */
bool policy_claim_unfolded(const struct policy *policy, const struct policy_claims *claims,
			   char name[LOCAL_NAME_MAX]);

/* Before anything is asked of the provider: may this account be entered by anybody at all? */
enum decision policy_account_allowed(const struct policy *policy,
				     const struct local_account *wanted);

/* May whoever the claims are of enter as the wanted account? Asks policy_account_allowed() again. */
enum decision policy_decide(const struct policy *policy, const struct policy_claims *claims,
			    const struct local_account *wanted);

/*
 * Whether whoever the claims are of would be admitted if they were bound: by everything but the list, in which nobody
 * of that identity is. *NAME: what they are called there, borrowed of CLAIMS.
 */
bool policy_may_enrol(const struct policy *policy, const struct policy_claims *claims,
		      const char **name);

/*
 * May SUBJECT, who was let in as the wanted account, stay? The provider has just honoured their tokens,
 * and that is its yes: a claim that it does not repeat (OpenID Connect Core 12.2 wants none of the
 * profile) is no no. One that says something else is, and so is a map without them.
 */
enum decision policy_decide_again(const struct policy *policy, const struct policy_claims *claims,
				  const char *subject, const struct local_account *wanted);

/*
 * Nobody was named: the one local name that the claims mean. NAME is "" unless DECISION_ADMITTED, which
 * says nothing yet of the account: it is to be looked up and judged by policy_decide().
 */
enum decision policy_find_account(const struct policy *policy, const struct policy_claims *claims,
				  char name[LOCAL_NAME_MAX]);

/*
 * 0, or the number of the first line of MAP that is not issuer, identity and local name; WIDE_NAMES is
 * the policy's. Such a line admits nobody, and is in nobody else's way.
 */
int policy_map_wrong(const char *map, bool wide_names);

#endif
