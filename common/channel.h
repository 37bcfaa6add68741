/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel between a host's module and device-code-login: packets of the wire on one
 * SOCK_SEQPACKET socket, with texts for the screen, so longer than a helper's.
 *
 *	module to login		begin, once and first; answer {text}, to name, the two asks and eidp;
 *				terminal, to look
 *	login to module		ready; name; show {text}; last {text}; ask {prompt}, ask_hidden {prompt}; eidp {json};
 *				wipe; watch; look; done {outcome, user, uid, env ...}, once and last
 *
 * Either side ends by closing. The module shows what the login has composed, and asks what it asks for;
 * anything else is a breach, and nobody gets in.
 */
#ifndef COMMON_CHANNEL_H
#define COMMON_CHANNEL_H

#include "wire.h"

enum {
	CHANNEL_BEGIN_MS =
		15 * 1000, /* from the connection to `begin`, and from there to `ready` */
};

/* A received packet: MESSAGE points into it. channel_drop() wipes it and gives it back. */
struct channel_packet {
	struct wire_message message;
	size_t size;
	char *bytes; /* NULL: none */
};

/* Connects to the socket at PATH, which must be root's in a directory of root's. Never waits. -1: no. */
int channel_connect(const char *path);

/* Whether there is anything at PATH. */
bool channel_exists(const char *path);

/* Sends VERB and one pair, KEY NULL: none. false: it does not fit, or nobody reads. Never waits. */
bool channel_send(int fd, const char *verb, const char *key, const char *value);

/* Receives what is there. PACKET is the caller's to drop, whatever came. Never waits. */
enum wire_received channel_receive(int fd, struct channel_packet *packet);

void channel_drop(struct channel_packet *packet);

#endif
