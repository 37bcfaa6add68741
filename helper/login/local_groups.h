/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which groups of this machine a session gets by what the provider says of its person: `local_groups`. The
 * provider says a claim; the section alone names the group. Must never give root's group, or one of the
 * system's that the section has not been told to give.
 */
#ifndef HELPER_LOGIN_LOCAL_GROUPS_H
#define HELPER_LOGIN_LOCAL_GROUPS_H

#include "helper/login/config/conf.h"
#include "policy.h"

enum local_groups {
	LOCAL_GROUPS_WRONG = 0,
	LOCAL_GROUPS_UNTOLD, /* the name service does not say */
	LOCAL_GROUPS_OK,
};

/* Whether each group of the section exists and may be given. Else WHY says which does not, and what to do. */
enum local_groups local_groups_check(const struct conf *conf, char why[CONF_ERROR_MAX]);

/* The gids that CLAIMS give, AT_SEAT or not, in decimal with blanks between; "" for none. */
void local_groups_find(const struct conf *conf, const struct policy_claims *claims, bool at_seat,
		       char gids[HOST_GROUPS_MAX]);

#endif
