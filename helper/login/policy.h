/* SPDX-License-Identifier: BSD-2-Clause */
/* What a section of the configuration says about who may enter, as judge.h wants it. Pure. */
#ifndef HELPER_LOGIN_POLICY_H
#define HELPER_LOGIN_POLICY_H

#include "helper/login/config/conf.h"
#include "judge.h"

/* Fills POLICY; its strings are CONF's, which must outlive it. */
void policy_take(const struct conf *conf, struct judge_policy *policy);

/* What must hold as long as a session lasts: how somebody proved themselves at its login is over. */
void policy_lasting(struct judge_policy *policy);

/* Adds to DRAFT the claims that the judge will ask for, and what the provider may be asked to do. */
void policy_want(const struct judge_policy *policy, struct wire_draft *draft);

#endif
