/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device_code.people, as the verb `people` reads and writes it. It is replaced whole, so that at each moment
 * it is the old one or the new one; one lock is held from reading to the last write. Must never forget a
 * line that it does not understand, or give a name or a uid to a second identity.
 */
#ifndef ADMIN_PEOPLE_PEOPLE_STORE_H
#define ADMIN_PEOPLE_PEOPLE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "helper/login/bindings.h"
#include "helper/login/policy.h"

enum {
	PERSON_NAME_MAX = 33,
	PEOPLE_ERROR_MAX = 512,
};

struct person {
	enum binding_state state;
	char issuer[POLICY_VALUE_MAX];
	char subject[POLICY_VALUE_MAX];
	char name[PERSON_NAME_MAX];
	uid_t uid;
};

struct people {
	int lock; /* -1: read only */
	size_t count, room;
	struct person *person;
	char error[PEOPLE_ERROR_MAX]; /* what is wrong, where a call has returned false */
};

/*
 * Reads the file; WRITES: as root alone, and with the lock, which is waited for. people_close() is due either
 * way. A file that is not there has no lines.
 */
bool people_open(struct people *people, bool writes);
void people_close(struct people *people);

/* Who has that name, that identity, that uid; NULL: nobody. Whatever their state. */
struct person *people_named(const struct people *people, const char *name);
struct person *people_identified(const struct people *people, const char *issuer,
				 const char *subject);
struct person *people_numbered(const struct people *people, uid_t uid);

/* Adds a line to what is in memory. NULL: no memory. Pointers into PEOPLE are worth nothing any more. */
struct person *people_add(struct people *people);
void people_drop(struct people *people, struct person *person);

/* Writes all of it to the disk. false: the file is as it was. */
bool people_save(struct people *people);

/* Sets the error. Returns false. */
bool people_fail(struct people *people, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
