/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When to ask again: the server's interval, its wishes, and patience with its troubles (RFC 8628
 * sections 3.4 and 3.5, RFC 9110 section 10.2.3). Pure: clock and chance are given, so that a
 * million waiting machines can be reckoned through as well as one.
 *
 * All times are milliseconds of the caller's clock; a pause is never shorter than what the server
 * asked for. Chance (0 to PACE_CHANCES - 1, evenly spread) makes some pauses longer: those that back
 * off, those before a moment that the server named, which it named to all, and those of first
 * requests, when a power cut may have started many machines together. Other polls keep their own
 * rhythms, which differ already, and a person who approves waits for nobody's dice.
 */
#ifndef HELPER_OAUTH_CLIENT_FLOW_PACE_H
#define HELPER_OAUTH_CLIENT_FLOW_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PACE_CHANCES = 65536,
	PACE_SLOW_DOWN_MS = 5000, /* RFC 8628 3.5: for this and all later polls */
	PACE_BACKOFF_MAX_MS = 60000,
	PACE_WISH_MAX = 24 * 3600, /* seconds of Retry-After that are believed */
	PACE_FIRST_MS = 1000,	   /* before the second try of a request that is no poll */
};

struct polling {
	int64_t interval; /* between polls */
	int64_t next;	  /* when to ask again */
};

/* A code has come: the first poll is due one INTERVAL (seconds) later. */
void polling_start(struct polling *polling, int64_t interval, int64_t now);

/* "Not yet." SLOW_DOWN: and more slowly, for good. RETRY_AFTER: seconds, -1 if not said. */
void polling_pending(struct polling *polling, int64_t now, int64_t retry_after, bool slow_down);

/* No answer to a poll, or none that counts. TIMED_OUT: back off, twice the interval for good. */
void polling_trouble(struct polling *polling, int64_t now, int64_t retry_after, bool timed_out,
		     int chance);

/* For requests that are no polls: the pause before the next try, TRY being 1 for the first. */
int64_t polling_retry(int try, int64_t retry_after, int chance);

#endif
