/* SPDX-License-Identifier: BSD-2-Clause */
/* The verb `people`: which identity is bound to which account of this machine. For its own files alone. */
#ifndef ADMIN_PEOPLE_PEOPLE_H
#define ADMIN_PEOPLE_PEOPLE_H

#include "people_store.h"

/* What an administrator wants: NAME for SUBJECT of ISSUER. */
struct person_wish {
	const char *name;
	const char *issuer;
	const char *subject;
	const char *groups; /* separated by commas; "" for none */
	bool existing;	    /* the account is there already, and nobody's here */
};

/* The verb as it stands in messages. */
#define PEOPLE_VERB "people"

/* Whether a wish is one that could be granted anywhere. false: said on standard error, behind WHERE. */
bool people_wish_ok(const char *where, const struct person_wish *wish);

/* people_add.c: grants a wish, the lock being held. false: the error is set. */
bool people_grant(struct people *people, const struct person_wish *wish);

/* The program's status each. */
int people_import(const char *file);
int people_list(bool json);
int people_show(const char *name, bool json);
int people_remove(const char *name, bool purge);

/* To the log, as "pam_device_code(people)": what was done about PERSON. */
void people_log(const struct person *person, const char *what);

#endif
