/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages on greetd's socket: a length in the machine's own order, four bytes, and so many bytes behind it.
 * Pure: bytes come in as they arrive, in any pieces.
 */
#ifndef GREETER_FRAME_H
#define GREETER_FRAME_H

#include <stddef.h>

enum {
	FRAME_HEAD = 4,
	FRAME_BODY_MAX = 24 * 1024, /* greetd takes 10 KiB of a text, and escapes it */
};

/* What has arrived and was not taken yet. */
struct frame {
	unsigned char bytes[FRAME_HEAD + FRAME_BODY_MAX];
	size_t len;
};

enum frame_result {
	FRAME_MORE,  /* the message is not whole yet */
	FRAME_WHOLE, /* it is in OUT */
	FRAME_BROKEN /* its length is none that a message has: the rest cannot be understood */
};

/* Where the next bytes go, and how many of them fit; frame_added() says how many came. */
unsigned char *frame_room(struct frame *frame, size_t *room);
void frame_added(struct frame *frame, size_t len);

/* Takes the first message: OUT is a string then, of *LEN bytes. */
enum frame_result frame_take(struct frame *frame, char out[FRAME_BODY_MAX + 1], size_t *len);

/* The length that goes in front of a message of LEN bytes. */
void frame_head(size_t len, unsigned char out[FRAME_HEAD]);

#endif
