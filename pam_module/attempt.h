/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One call of pam_sm_authenticate: gathers what the host says, reads the configuration, refuses at
 * once what no approval could admit, and runs one login. What it comes to for PAM is the caller's.
 */
#ifndef PAM_MODULE_ATTEMPT_H
#define PAM_MODULE_ATTEMPT_H

#include <security/pam_modules.h>
#include <stdbool.h>

#include "audit.h"
#include "limit.h"
#include "login.h"
#include "place.h"

struct attempt {
	pam_handle_t *pamh;
	const char *section; /* arguments of the PAM line, NULL if not given */
	const char *conf_path;
	bool debug;
	char id[AUDIT_ID_MAX];
	const char *user;
	struct place_facts facts;
	enum place place;
	bool proven;  /* somebody has proven before us that they are who they want to enter as */
	bool trusted; /* kept tokens stood in for a prompt */
	struct limit limit;
	char node[65]; /* the machine's name */
	struct conf conf;
	struct judge_policy policy;
	struct login login;
};

/*
 * Everything before the provider is asked. true: a login may begin; else LOGIN.outcome tells why not.
 * ATTEMPT: pamh and id set, all else 0. What it holds is the caller's to end.
 */
bool attempt_prepare(struct attempt *attempt, int argc, const char **argv);

/* The login with its person, where the limits let it begin; LOGIN.outcome tells. */
void attempt_login(struct attempt *attempt);

#endif
