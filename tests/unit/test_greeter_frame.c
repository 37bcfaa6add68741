/* SPDX-License-Identifier: BSD-2-Clause */
/* greeter/frame.c: messages that arrive in any pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "greeter/frame.h"

static struct frame frame;
static char out[FRAME_BODY_MAX + 1];

static void arrive(const void *bytes, size_t len)
{
	size_t room;
	unsigned char *to = frame_room(&frame, &room);

	assert_true(len <= room);
	memcpy(to, bytes, len);
	frame_added(&frame, len);
}

static size_t message(unsigned char *to, const char *text)
{
	frame_head(strlen(text), to);
	memcpy(to + FRAME_HEAD, text, strlen(text));
	return FRAME_HEAD + strlen(text);
}

static void messages_in_all_pieces(void **state)
{
	unsigned char bytes[64];
	size_t len, total = message(bytes, "{\"a\":1}");

	(void)state;
	total += message(bytes + total, "{}");
	for (size_t cut = 0; cut <= total; cut++) {
		int whole = 0;

		frame.len = 0;
		arrive(bytes, cut);
		while (frame_take(&frame, out, &len) == FRAME_WHOLE)
			assert_string_equal(out, whole++ ? "{}" : "{\"a\":1}");
		assert_int_equal(frame_take(&frame, out, &len), FRAME_MORE);
		arrive(bytes + cut, total - cut);
		while (frame_take(&frame, out, &len) == FRAME_WHOLE)
			assert_string_equal(out, whole++ ? "{}" : "{\"a\":1}");
		assert_int_equal(whole, 2);
		assert_int_equal(frame.len, 0);
	}
}

static void lengths_that_no_message_has(void **state)
{
	static const uint32_t lengths[] = { 0, FRAME_BODY_MAX + 1, UINT32_MAX };
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		frame.len = 0;
		arrive(&lengths[i], sizeof(lengths[i]));
		assert_int_equal(frame_take(&frame, out, &len), FRAME_BROKEN);
	}
}

static void the_longest(void **state)
{
	static char text[FRAME_BODY_MAX];
	unsigned char head[FRAME_HEAD];
	size_t len, room;

	(void)state;
	memset(text, 'x', sizeof(text));
	frame.len = 0;
	frame_head(sizeof(text), head);
	arrive(head, sizeof(head));
	arrive(text, sizeof(text));
	frame_room(&frame, &room);
	assert_int_equal(room, 0);
	assert_int_equal(frame_take(&frame, out, &len), FRAME_WHOLE);
	assert_int_equal(len, sizeof(text));
	assert_int_equal(out[len], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_in_all_pieces),
		cmocka_unit_test(lengths_that_no_message_has),
		cmocka_unit_test(the_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
