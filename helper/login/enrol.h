/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A first sign-in at a seat: the login's end of people.sock, behind which device-code-people makes accounts. The answer
 * lets nobody in: whom it has bound the login reads in device_code.people, as it reads everybody else.
 *
 *	login to people		enrol {wire, id, section, issuer, subject, name}, once
 *	people to login		enrolled {name, uid}, or refused {text}; once and last
 *
 * Packets of wire.h. The login says who has approved and what they are called at the provider; section, cap, rate and
 * who was ever bound device-code-people reads itself.
 */
#ifndef HELPER_LOGIN_ENROL_H
#define HELPER_LOGIN_ENROL_H

#include <stdbool.h>

enum {
	ENROL_SAID_MAX = 400,
	ENROL_MS = 150 * 1000, /* useradd, a directory's caches, fifty who have come before */
};

struct enrol_wish {
	const char *id; /* of the attempt, for the log */
	const char *section;
	const char *issuer;
	const char *subject;
	const char *name; /* "": the provider says none */
};

/* A connection, for one wish. -1: nobody of root's listens. */
int enrol_open(void);

/* Waits for the answer, ENROL_MS at most. SAID, one line for the log, is set either way. */
bool enrol_ask(int fd, const struct enrol_wish *wish, char said[ENROL_SAID_MAX]);

#endif
