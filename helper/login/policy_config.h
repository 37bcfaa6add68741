/* SPDX-License-Identifier: BSD-2-Clause */
/* What a section of the configuration says about who may enter, as policy.h wants it. Pure. */
#ifndef HELPER_LOGIN_POLICY_CONFIG_H
#define HELPER_LOGIN_POLICY_CONFIG_H

#include "helper/login/config/conf.h"
#include "policy.h"

/* Fills POLICY; its strings are CONF's, which must outlive it. */
void policy_from_config(const struct conf *conf, struct policy *policy);

/* What must hold as long as a session lasts: how somebody proved themselves at its login is over. */
void policy_drop_login_rules(struct policy *policy);

/* Adds to DRAFT the claims that the policy will ask for, and what the provider may be asked to do. */
void policy_wanted_claims(const struct policy *policy, struct wire_draft *draft);

#endif
