/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one state machine: discover → invite → wait → redeem → identity → done.
 *
 * Everything outside is given: the clock, the network, the slot. So thirty minutes of polling run
 * in milliseconds under a clock of the test's making.
 */
#ifndef HELPER_JOURNEY_H
#define HELPER_JOURNEY_H

#include "dialect.h"

enum journey_event {
	JOURNEY_TIME = 0, /* the moment has come */
	JOURNEY_AGAIN,	  /* the module asks for a fresh code */
	JOURNEY_GONE,	  /* the module has closed the slot, or broken the protocol */
};

struct journey_io {
	void *context;
	int64_t (*now)(void *context);	/* milliseconds, CLOCK_BOOTTIME */
	int64_t (*wall)(void *context); /* seconds since the epoch: for ID tokens alone */
	enum journey_event (*wait)(void *context, int64_t until); /* until now() >= UNTIL */
	/* false: the module has gone. A failed request is a reply that did not arrive. */
	bool (*fetch)(void *context, const struct request *request, int64_t limit_ms,
		      struct reply *reply);
	bool (*tell)(void *context, const struct wire_draft *draft); /* false: gone */
};

/*
 * Walks the whole way for the opening packet SETTINGS and tells the module all of it, `done`
 * included. Returns when that is told or the module has gone.
 */
void journey_login(const struct wire_message *settings, const struct journey_io *io);

#endif
