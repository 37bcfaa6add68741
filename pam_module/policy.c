/* SPDX-License-Identifier: BSD-2-Clause */
/* From configuration to policy: see policy.h. Must never decide anything: judge.c does. */
#include "policy.h"

void policy_take(const struct conf *conf, struct judge_policy *policy)
{
	*policy = (struct judge_policy){
		.issuer = conf_text(conf, CONF_ISSUER),
		.stable_claim = conf_text(conf, CONF_STABLE_CLAIM),
		.map = conf->map,
		.user_claim = conf_text(conf, CONF_USER_CLAIM),
		.account = conf_text(conf, CONF_ACCOUNT),
		.min_uid = (uid_t)conf_number(conf, CONF_MIN_UID),
	};
}
