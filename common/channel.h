/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel between a host's module and device-code-login: packets of the wire on one
 * SOCK_SEQPACKET socket, with texts for the screen, so longer than a helper's.
 *
 *	module to login		begin, once and first; answer {text}, to name, the two asks and eidp;
 *				terminal {..., typed}, to look
 *	login to module		ready; name; show {text}; last {text}; ask {prompt}, ask_hidden {prompt}; eidp {json};
 *				wipe; watch; look {ms}; done {result, outcome, user, uid, at, env ...}, once and last
 *
 * Either side ends by closing. The module shows what the login has composed, and asks what it asks for;
 * anything else is a protocol error, and nobody gets in.
 */
#ifndef COMMON_CHANNEL_H
#define COMMON_CHANNEL_H

#include "wire.h"

enum {
	CHANNEL_BEGIN_MS =
		15 * 1000, /* from the connection to `begin`, and from there to `ready` */
	CHANNEL_SESSION_MS =
		4 * 60 * 1000, /* a login that no session has followed is over after that */
};

/*
 * Connects to the socket at PATH, which must be root's in a directory of root's. Waits no longer than for a
 * place in its queue, two seconds. -1: no.
 */
int channel_connect(const char *path);

/* Whether there is anything at PATH. */
bool channel_exists(const char *path);

#endif
