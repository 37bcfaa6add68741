/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of the channel. API: wire_parse, wire_value, wire_receive, wire_begin, wire_add, wire_send.
 *
 * Oracle: a packet is a message if and only if it has 1 to WIRE_BYTES_MAX bytes, ends in NUL, has
 * an odd number of strings, at most WIRE_PAIRS_MAX pairs, and a verb; what is parsed and composed
 * again is the same packet; a key that stands there twice has no value; the socket changes nothing.
 */
#include <sys/socket.h>

#include "fuzz.h"
#include "common/wire.h"

static int channel[2];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int bytes = 256 * 1024;

	(void)argc;
	(void)argv;
	HOLDS(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) == 0);
	setsockopt(channel[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	HOLDS(wire_is_helper_channel(channel[0]) && !wire_is_helper_channel(0));
	return 0;
}

static bool rule(const uint8_t *data, size_t size)
{
	size_t strings = 0;

	for (size_t i = 0; i < size; i++)
		if (data[i] == 0)
			strings++;
	return size > 0 && size <= 16384 && data[size - 1] == 0 && strings % 2 == 1 &&
	       (strings - 1) / 2 <= 96 && data[0] != 0;
}

static void values_check(const struct wire_message *message)
{
	for (size_t i = 0; i < message->pairs; i++) {
		const char *key = message->pair[i].key;
		int times = 0;

		for (size_t k = 0; k < message->pairs; k++)
			times += strcmp(message->pair[k].key, key) == 0;
		HOLDS(wire_value(message, key) == (times == 1 ? message->pair[i].value : NULL));
	}
	HOLDS(verdict_parse(message->verb) <= VERDICT_COUNT);
}

static void emit_check(const struct wire_message *message, const uint8_t *data, size_t size)
{
	static struct wire_draft draft;

	wire_begin(&draft, message->verb);
	for (size_t i = 0; i < message->pairs; i++)
		wire_add(&draft, message->pair[i].key, message->pair[i].value);
	HOLDS(!draft.broken && draft.len == size && memcmp(draft.bytes, data, size) == 0);
	HOLDS(wire_send(channel[0], &draft));
}

static void receive_check(const uint8_t *data, size_t size, bool good)
{
	static char buf[WIRE_BYTES_MAX];
	struct wire_message message;

	HOLDS(wire_receive(channel[1], false, buf, &message) ==
	      (good ? WIRE_MESSAGE : WIRE_INVALID));
	HOLDS(good ? memcmp(buf, data, size) == 0 : !message.verb && message.pairs == 0);
	HOLDS(wire_receive(channel[1], false, buf, &message) == WIRE_NOTHING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = fuzz_start(data, size);
	struct wire_message message;
	bool good = rule(data, size);
	char *buf = fuzz_copy(&f, data, size);

	buf = realloc(f.record[0], size > 0 ? size : 1); /* without the NUL of ours */
	f.record[0] = buf;
	HOLDS(wire_parse(&message, buf, size) == good);
	if (good) {
		values_check(&message);
		emit_check(&message, data, size);
		receive_check(data, size, true);
	} else if (size > 0) {
		HOLDS(!message.verb && message.pairs == 0);
		HOLDS(send(channel[0], data, size, MSG_DONTWAIT) == (ssize_t)size);
		receive_check(data, size, false);
	}
	fuzz_done(&f);
	return 0;
}
