/* SPDX-License-Identifier: BSD-2-Clause */
/* A login whose host is at the other end of a channel: common/channel.h. */
#ifndef LOGIN_HOST_CHANNEL_H
#define LOGIN_HOST_CHANNEL_H

#include "common/audit.h"
#include "common/channel.h"
#include "common/host.h"
#include "outcome.h"

enum {
	FAR_TOLD_MAX = 4, /* lines for the environment: issuer, subject, the record's handle */
	FAR_IDENT_MAX = 96,
};

/* A received packet: MESSAGE points into it. */
struct far_packet {
	struct wire_message message;
	char bytes[WIRE_BYTES_MAX];
};

struct far_host {
	struct host host;
	int channel;
	struct far_packet begin;	 /* the host's texts stand in it */
	const char *id;			 /* of all that is logged of this login */
	char own_id[AUDIT_ID_MAX];	 /* likewise, where the host is distrusted */
	const char *verb, *handle;	 /* what is wanted; of the session, NULL: not known */
	const char *section, *conf_path; /* of the PAM line; NULL: not given */
	bool debug;
	bool watching;		  /* the module has been told to watch its terminal */
	struct far_packet answer; /* the name that was asked for */
	char *told[FAR_TOLD_MAX];
	size_t tolds;
	char ident[FAR_IDENT_MAX]; /* of the log */
};

/*
 * Makes FAR of the `begin` that came on CHANNEL from PEER, and opens the log in the host's name. NULL, or
 * what is wrong with it, in words; "": it has gone. Where FAR->host.distrusted is set PEER may be anybody: it has
 * two seconds, and may want nothing but to sign its own user in.
 */
const char *far_begin(struct far_host *far, int channel, const struct ucred *peer);

/*
 * A `done` of OUTCOME, with what the module makes of it. The outcome is for who reads along, and for a module that
 * was loaded before an upgrade.
 */
void far_done_begin(struct wire_draft *draft, enum outcome outcome);

/* Sends the verdict DRAFT, with what the session's environment gets if somebody was ADMITTED; wipes it. */
void far_done(struct far_host *far, struct wire_draft *draft, bool admitted);

/* The host has what it came for: it waits for nothing any more, and counts for nobody. */
void far_hang_up(struct far_host *far);

void far_clear(struct far_host *far);

#endif
