/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether somebody whom a login names gets an account, and which name it has: section, cap, rate and who was ever bound
 * are read here, by root, from root's files. Must never make an account that no section promises, or take the
 * network's word for a name.
 */
#ifndef HELPER_PEOPLE_ENROLMENT_H
#define HELPER_PEOPLE_ENROLMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "admin/people/people.h"
#include "helper/login/config/conf.h"

enum {
	ENROLMENT_SAID_MAX = 360,
};

/* What a login asks for; all of it may be anything. */
struct enrolment_wish {
	const char *section;
	const char *issuer;
	const char *subject;
	const char *name;
};

/*
 * TEXT, as a provider says it, as a local name: up to its @, ASCII's capitals made small, all but a-z 0-9 _ . - taken
 * out, from the first letter on. "user" where nothing is left.
 */
void enrolment_clean(const char *text, char name[PERSON_NAME_MAX]);

/*
 * The name that a new account gets: NAME, or with the first number from 2 on behind it that makes it nobody's, of NSS
 * (people and groups), of PEOPLE in any state, of the words of OTHERS, and of what means something by itself (admin). false: NSS cannot
 * say, or all are taken; the error of PEOPLE is set.
 */
bool enrolment_name(struct people *people, const char *others, const char *name,
		    char free[PERSON_NAME_MAX]);

/* Grants WISH. true: NAME and UID are bound and open. false: SAID tells the log why not. */
bool enrolment_grant(const struct enrolment_wish *wish, char name[PERSON_NAME_MAX], uid_t *uid,
		     char said[ENROLMENT_SAID_MAX]);

#endif
