/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many logins may be started: `rate_limit`, `limit_user` and `limit_host` of the section.
 *
 * rate_limit, N/DURATION: so many starts from one source in a window that begins with its first
 * one. limit_user and limit_host, N: so many logins pending at one time for one name, and on this
 * machine. An attempt at a seat is never counted or refused; one that brought a proof is not by
 * limit_user and limit_host, and by rate_limit only among attempts for the same name: nobody is
 * locked out by what a stranger does.
 *
 * What is counted stands in small files of fixed size that are root's: one for each person who uses su,
 * sudo and lockers, who could stop a process that holds its lock and so is refused while it is held, one
 * for all of them whom nobody knows, and one for all other attempts. Where it cannot be had
 * (no directory, another's file, no room, a lock that somebody keeps) nothing is counted and nobody
 * else refused: a limit is a courtesy to the provider and to the person who is asked, not the lock on
 * the door. The caller logs it.
 */
#ifndef HELPER_LOGIN_LIMIT_H
#define HELPER_LOGIN_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/reason.h"
#include "helper/login/config/conf.h"
#include "place.h"

enum limit_verdict {
	LIMIT_FREE = 0,	 /* go ahead */
	LIMIT_UNCOUNTED, /* likewise, but it could not be counted: worth a warning */
	LIMIT_SOURCE,	 /* refused, by the limit of that name */
	LIMIT_USER,
	LIMIT_HOST,
	LIMIT_MEMORY,	/* refused: there is no memory to count with */
	LIMIT_HINDERED, /* refused: the caller of su keeps us from counting */
};

/* One attempt. Strings may be of any length and bytes, never NULL. */
struct limit_attempt {
	enum place place;
	const struct place_facts *facts;
	uid_t person; /* in a session: whose it is, whatever uids their processes have */
	bool stranger; /* in a session: a uid of no account's and in nobody's slice, of whom there are many */
	const char *user;
	bool proven;   /* something in this very attempt proves the person: place.h */
	int64_t now;   /* milliseconds of CLOCK_BOOTTIME */
	int64_t until; /* likewise: a pending login is over then, whatever becomes of us */
};

/* A pending login: an open file whose lock goes away with the process, however that ends. */
struct limit {
	int fd; /* -1: there is nothing to end */
};

#define LIMIT_NONE ((struct limit){ .fd = -1 })

/*
 * Counts ATTEMPT by the limits of CONF, in the directory DIR (made if it is not there; its parent
 * is trusted). *LIMIT is to be ended by limit_end(), whatever is returned. Waits for the file's
 * lock for two seconds at most.
 */
enum limit_verdict limit_start(struct limit *limit, const char *dir, const struct conf *conf,
			       const struct limit_attempt *attempt);

/* The login is pending no more. */
void limit_end(struct limit *limit);

/* REASON_NONE of what is not refused. */
enum reason limit_reason(enum limit_verdict verdict);

/* SipHash-2-4 of LEN bytes. */
uint64_t limit_hash(const unsigned char key[16], const void *bytes, size_t len);

#endif
