/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many logins one source may start: `rate_limit = N/DURATION` of the section, so many in a window that
 * begins with the first of them. An attempt at a seat is never counted or refused. One from afar that
 * brought a proof is counted among attempts for the same name alone: nobody is locked out by what a
 * stranger does.
 *
 * The counts stand in small files of fixed size that are root's: one for each person who uses su, sudo and
 * lockers, who could stop a process that holds its lock and so is refused while it is held, one for all of
 * them whom nobody knows, and one for all other attempts. Where a file cannot be had (no directory,
 * another's file, no room, a lock that somebody keeps) nothing is counted and nobody else refused: the
 * limit is a courtesy to the provider and to the person who is asked, not the lock on the door. The
 * caller logs it.
 */
#ifndef HELPER_LOGIN_RATE_LIMIT_H
#define HELPER_LOGIN_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/reason.h"
#include "helper/login/config/conf.h"
#include "origin.h"

enum rate_limit {
	RATE_LIMIT_FREE = 0,  /* go ahead */
	RATE_LIMIT_UNCOUNTED, /* likewise, but it could not be counted: worth a warning */
	RATE_LIMIT_REACHED,   /* refused */
	RATE_LIMIT_NO_MEMORY, /* refused: there is no memory to count with */
	RATE_LIMIT_BLOCKED,   /* refused: the caller of su keeps the attempt from being counted */
};

/* One attempt. Strings may be of any length and bytes, never NULL. */
struct rate_limit_attempt {
	enum origin origin;
	const struct origin_facts *facts;
	uid_t person; /* in a session: whose it is, whatever uids their processes have */
	bool stranger; /* in a session: a uid of no account's and in nobody's slice, of whom there are many */
	const char *user;
	bool proven; /* something in this very attempt proves the person: origin.h */
	int64_t now; /* milliseconds of CLOCK_BOOTTIME */
};

/*
 * Counts ATTEMPT by the rate_limit of CONF, in the directory DIR (made if it is not there; its parent is
 * trusted). Waits for the file's lock for two seconds at most.
 */
enum rate_limit rate_limit_count(const char *dir, const struct conf *conf,
				 const struct rate_limit_attempt *attempt);

/* REASON_NONE of what is not refused. */
enum reason rate_limit_reason(enum rate_limit verdict);

/* SipHash-2-4 of LEN bytes. */
uint64_t rate_limit_hash(const unsigned char key[16], const void *bytes, size_t len);

#endif
