/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets between two processes: one SOCK_SEQPACKET socket, one message a packet.
 *
 * A packet is NUL-terminated strings, "verb\0key\0value\0key\0value\0": valid if and only if its last byte is NUL
 * and the number of strings is odd. It has at most WIRE_BYTES_MAX bytes on a helper's channel, and WIRE_LONG_MAX on a
 * host's (channel.h). It is parsed in place: there is no framing code, no escaping and no allocation.
 *
 * Either side treats the other as hostile. Sending never blocks and never raises SIGPIPE.
 */
#ifndef COMMON_WIRE_H
#define COMMON_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Both sides must have the same: a helper of another version is refused at its first packet. */
#define WIRE_VERSION "2"

enum {
	WIRE_BYTES_MAX = 16 * 1024,
	WIRE_LONG_MAX = 80 * 1024, /* of a channel's packet: a whole screen, channel.h */
	WIRE_PAIRS_MAX = 96,
	WIRE_FD = 3, /* the helpers find the socket here, and nothing else open above 2 */
	WIRE_KEY_MAX =
		16 * 1024, /* bytes of a client's key: its file comes with the opening packet */
	WIRE_FDS_MAX = 64, /* descriptors that they may have */
	WIRE_MEMORY_MAX = 256 << 20, /* bytes of address space; resident it is a few MB */
};

/*
 * What the helper answers at the end ("done") and what a reply of a provider means. The first is
 * what everything starts as. Spelled on the wire in lower case: verdict_name().
 */
enum verdict {
	VERDICT_INVALID_RESPONSE = 0,  /* a reply that the protocol does not define */
	VERDICT_AUTHORIZATION_PENDING, /* nobody has approved yet */
	VERDICT_SLOW_DOWN,	       /* likewise, and the interval grows by 5 s (RFC 8628 3.5) */
	VERDICT_ACCESS_DENIED,	       /* the person said no */
	VERDICT_EXPIRED_TOKEN,	       /* the code ran out */
	VERDICT_CODE_CONSUMED,	       /* the code was used up by a reply that was lost */
	VERDICT_NOT_HONOURED,	       /* approved, and the provider takes it back */
	VERDICT_WRONG_CODE,	       /* what the person typed is no valid code */
	VERDICT_CLIENT_REFUSED,	       /* client id, secret, grant or scope: the administrator's */
	VERDICT_UNREACHABLE,	       /* DNS, TCP, TLS, 429, 5xx */
	VERDICT_IDENTITY_UNVERIFIED,   /* a token came, but who approved could not be proven */
	VERDICT_HELPER_FAILED, /* the helper could not begin its work; the provider was not asked */
	VERDICT_GRANTED,
	VERDICT_COUNT,
};

const char *verdict_name(enum verdict verdict);

/* VERDICT_COUNT for an unknown name. */
enum verdict verdict_parse(const char *name);

struct wire_pair {
	const char *key;
	const char *value;
};

/* A received message; the strings point into the buffer given to wire_parse(). */
struct wire_message {
	const char *verb;
	size_t pairs;
	struct wire_pair pair[WIRE_PAIRS_MAX];
};

/* Reads LEN bytes at BUF as a message. false: not a valid packet; then MESSAGE has no verb. */
bool wire_parse(struct wire_message *message, char *buf, size_t len);

/* The value of KEY; NULL if it is absent or stands there twice. */
const char *wire_value(const struct wire_message *message, const char *key);

/* Likewise, "" where it is absent or stands there twice. */
const char *wire_text(const struct wire_message *message, const char *key);

/* A number from 0; what is above MOST is MOST. false: TEXT is none, or NULL. A long of 32 bits holds no uid. */
bool wire_number(const char *text, int64_t most, int64_t *number);

/* A message being composed. It holds secrets at times: wire_wipe() before it goes out of scope. */
struct wire_draft {
	size_t len;
	size_t pairs;
	bool broken; /* something did not fit; wire_send() will refuse */
	char bytes[WIRE_BYTES_MAX];
};

void wire_begin(struct wire_draft *draft, const char *verb);

/* Adds a pair. VALUE NULL adds nothing: an absent value is an absent key. */
void wire_add(struct wire_draft *draft, const char *key, const char *value);
void wire_add_number(struct wire_draft *draft, const char *key, long long value);
void wire_wipe(struct wire_draft *draft);

/* Sends without waiting. false: broken draft, full socket (EAGAIN) or no reader. */
bool wire_send(int fd, const struct wire_draft *draft);

/* Likewise with the descriptor GIVEN, which stays the caller's; -1: with none. */
bool wire_send_with(int fd, const struct wire_draft *draft, int given);

/* Whether FD is such a socket: whoever starts a helper has put one there, a shell has not. */
bool wire_is_helper_channel(int fd);

/* Who opened the other end, as the kernel says: ids when it did, pid 0 of another namespace. */
bool wire_peer(int fd, struct ucred *peer);

enum wire_received {
	WIRE_GONE = 0, /* the other side closed, or the socket failed */
	WIRE_NOTHING,  /* nothing there now; only without waiting */
	WIRE_INVALID,  /* a packet that is not a message, or longer than BUF_LEN */
	WIRE_MESSAGE,
};

/*
 * Receives one message into BUF (WIRE_BYTES_MAX bytes; MESSAGE points into it). WAIT false:
 * returns WIRE_NOTHING when there is none. Descriptors sent along are not received: none is asked
 * for, so the kernel discards them.
 */
enum wire_received wire_receive(int fd, bool wait, char *buf, struct wire_message *message);

/* Likewise into SIZE bytes, with FLAGS MSG_DONTWAIT, or 0 to wait. */
enum wire_received wire_receive_long(int fd, int flags, char *buf, size_t size,
				     struct wire_message *message);

/*
 * wire_receive() that waits, and takes a descriptor that comes along: *GIVEN is the caller's then, and closes on exec;
 * -1: none came. A packet with more of them than one is WIRE_INVALID.
 */
enum wire_received wire_receive_with(int fd, char *buf, struct wire_message *message, int *given);

#endif
