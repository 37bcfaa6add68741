/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages on greetd's socket: see frame.h. Must never read beyond what has arrived. */
#include "frame.h"

#include <stdint.h>
#include <string.h>

_Static_assert(sizeof(uint32_t) == FRAME_HEAD, "the length is one word");

unsigned char *frame_room(struct frame *frame, size_t *room)
{
	*room = sizeof(frame->bytes) - frame->len;
	return frame->bytes + frame->len;
}

void frame_added(struct frame *frame, size_t len)
{
	frame->len += len;
}

enum frame_result frame_take(struct frame *frame, char out[FRAME_BODY_MAX + 1], size_t *len)
{
	uint32_t length;

	if (frame->len < FRAME_HEAD)
		return FRAME_MORE;
	memcpy(&length, frame->bytes, FRAME_HEAD);
	if (length == 0 || length > FRAME_BODY_MAX)
		return FRAME_BROKEN;
	if (frame->len - FRAME_HEAD < length)
		return FRAME_MORE;
	memcpy(out, frame->bytes + FRAME_HEAD, length);
	out[length] = '\0';
	*len = length;
	frame->len -= FRAME_HEAD + length;
	memmove(frame->bytes, frame->bytes + FRAME_HEAD + length, frame->len);
	return FRAME_WHOLE;
}

void frame_head(size_t len, unsigned char out[FRAME_HEAD])
{
	uint32_t length = (uint32_t)len;

	memcpy(out, &length, FRAME_HEAD);
}
