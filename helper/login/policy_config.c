/* SPDX-License-Identifier: BSD-2-Clause */
/* From configuration to policy: see policy_config.h. Must never decide anything: policy.c does. */
#include "policy_config.h"

#include <stdio.h>
#include <string.h>

#include "common/list.h"

void policy_from_config(const struct conf *conf, struct policy *policy)
{
	*policy = (struct policy){
		.issuer = conf_text(conf, CONF_ISSUER),
		.subject_claim = conf_text(conf, CONF_SUBJECT_CLAIM),
		.map = conf->map,
		.bindings = conf->bindings,
		.enrol_name = conf_is(conf, CONF_ENROL, "seat") ? conf_text(conf, CONF_ENROL_NAME)
								: "",
		.user_claim = conf_text(conf, CONF_USER_CLAIM),
		.user_claim_suffix = conf_text(conf, CONF_USER_CLAIM_SUFFIX),
		.account = conf_text(conf, CONF_SHARED_ACCOUNT),
		.require = conf_text(conf, CONF_REQUIRE),
		.require_acr = conf_text(conf, CONF_REQUIRE_ACR),
		.require_amr = conf_text(conf, CONF_REQUIRE_AMR),
		.local_groups = conf_text(conf, CONF_LOCAL_GROUPS),
		.email_domain = conf_text(conf, CONF_EMAIL_DOMAIN),
		.max_auth_age = conf_number(conf, CONF_MAX_AUTH_AGE),
		.allow_system_users = conf_text(conf, CONF_ALLOW_SYSTEM_USERS),
		.min_uid = (uid_t)conf_number(conf, CONF_MIN_UID),
		.wide_names = conf_is(conf, CONF_LOCAL_NAMES, "wide"),
		.fold_case = conf_is(conf, CONF_USER_CLAIM_CASE, "fold"),
	};
}

void policy_drop_login_rules(struct policy *policy)
{
	policy->require_acr = "";
	policy->require_amr = "";
	policy->max_auth_age = 0;
}

/* The words of LIST, each behind PREFIX. */
static void want_words(struct wire_draft *draft, const char *prefix, const char *list)
{
	char want[CONF_LINE_MAX + 8];
	struct slice word;

	while (list_next(&list, LIST_BLANKS, &word)) {
		snprintf(want, sizeof(want), "%s%.*s", prefix, (int)word.len, word.at);
		wire_add(draft, "claim", want);
	}
}

/* A NAME=VALUE, with the value as the provider says it. */
static void want_pair(struct wire_draft *draft, struct slice pair)
{
	const char *equals = memchr(pair.at, '=', pair.len);
	size_t len = equals ? (size_t)(equals + 1 - pair.at) : 0;
	char want[CONF_LINE_MAX];

	if (len == 0 || len >= sizeof(want))
		return;
	memcpy(want, pair.at, len);
	if (slice_decode((struct slice){ pair.at + len, pair.len - len }, want + len,
			 sizeof(want) - len))
		wire_add(draft, "claim", want);
}

/* The pairs of `require`, or those of `local_groups`, each up to its last colon. */
static void want_pairs(struct wire_draft *draft, const char *pairs, bool groups)
{
	struct slice pair;

	while (list_next(&pairs, LIST_BLANKS, &pair)) {
		while (groups && pair.len > 0 && pair.at[--pair.len] != ':')
			;
		want_pair(draft, pair);
	}
}

/*
 * The claims that the policy will ask for: NAME, or NAME=MEMBER of one that may be an array. The
 * provider is asked to see to acr and age where that can be asked; nothing relies on it.
 */
void policy_wanted_claims(const struct policy *policy, struct wire_draft *draft)
{
	wire_add(draft, "claim", policy->subject_claim);
	if (policy->user_claim[0] != '\0' && strcmp(policy->user_claim, policy->subject_claim) != 0)
		wire_add(draft, "claim", policy->user_claim);
	if (policy->enrol_name && policy->enrol_name[0] != '\0' &&
	    strcmp(policy->enrol_name, policy->subject_claim) != 0)
		wire_add(draft, "claim", policy->enrol_name);
	want_pairs(draft, policy->require, false);
	want_pairs(draft, policy->local_groups, true);
	want_words(draft, "amr=", policy->require_amr);
	if (policy->email_domain && policy->email_domain[0] != '\0')
		want_words(draft, "", "email email_verified");
	if (policy->require_acr && policy->require_acr[0] != '\0') {
		wire_add(draft, "claim", "acr");
		wire_add(draft, "acr_values", policy->require_acr);
	}
	if (policy->max_auth_age > 0) {
		want_words(draft, "", "auth_time iat");
		wire_add_number(draft, "max_age", policy->max_auth_age);
	}
}
