/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * common/wire.c: what is a message and what is not, and what the channel does when the other side
 * floods it, cuts it off, sends too much or sends descriptors along. Packets are parsed in memory
 * of exactly their size, so that a sanitizer sees the first byte read outside.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/wire.h"
#include "within.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A literal with its length, the NUL that C adds left out. */
#define T(literal) literal, sizeof(literal) - 1

enum {
	RANDOM_PACKETS = 1000000,
	FLOOD_MAX = 100000, /* no socket takes so many */
};

/* A copy that ends where the sanitizer's red zone begins. */
static char *exact(const char *bytes, size_t len)
{
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

static uint64_t random_state = 0x9e3779b97f4a7c15;

/* xorshift: the same packets in each run. */
static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % limit;
}

/* ---- what is a message ---- */

struct parse_row {
	const char *bytes;
	size_t len;
	bool ok;
	size_t pairs;
	const char *last_value; /* of the last pair, NULL if there is none */
};

static const struct parse_row parse_rows[] = {
	{ T("ready\0"), true, 0, NULL },
	{ T("ready\0wire\0001\0"), true, 1, "1" },
	{ T("claim\0name\0sub\0type\0string\0value\0x\0"), true, 3, "x" },
	{ T("v\0\0\0"), true, 1, "" },
	{ T("v\0k\0\0"), true, 1, "" },
	{ T("v\0\0value\0"), true, 1, "value" },
	{ T("v\0k\0one\0k\0two\0"), true, 2, "two" },
	{ T("v\0k\0\xff\xfe\n\033\0"), true, 1, "\xff\xfe\n\033" },
	{ T("\n\0"), true, 0, NULL },
	/* nothing, or no end */
	{ T(""), false, 0, NULL },
	{ T("v"), false, 0, NULL },
	{ T("v\0k"), false, 0, NULL },
	{ T("v\0k\0v"), false, 0, NULL },
	{ T("v\0k\0v\0x"), false, 0, NULL },
	{ T("v\0k\0v\n"), false, 0, NULL },
	/* a key without a value */
	{ T("v\0k\0"), false, 0, NULL },
	{ T("v\0\0"), false, 0, NULL },
	{ T("v\0k\0v\0k\0"), false, 0, NULL },
	/* no verb */
	{ T("\0"), false, 0, NULL },
	{ T("\0k\0v\0"), false, 0, NULL },
	{ T("\0\0\0"), false, 0, NULL },
	{ T("\0\0"), false, 0, NULL },
};

static void parse_check(const struct parse_row *row, size_t i)
{
	struct wire_message message = { .verb = "old", .pairs = 7 };
	char *buf = exact(row->bytes, row->len);
	bool ok = wire_parse(&message, buf, row->len);

	if (ok != row->ok || message.pairs != row->pairs)
		fail_msg("row %zu: %d with %zu pairs", i, ok, message.pairs);
	if (ok) {
		assert_ptr_equal(message.verb, buf);
		assert_string_equal(message.verb, row->bytes);
	} else {
		assert_null(message.verb);
	}
	if (row->last_value)
		assert_string_equal(message.pair[row->pairs - 1].value, row->last_value);
	assert_memory_equal(buf, row->bytes, row->len);
	free(buf);
}

static void test_parse_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(parse_rows); i++)
		parse_check(&parse_rows[i], i);
}

/* The strings are those of the packet itself, one behind the other. */
static void test_parse_in_place(void **state)
{
	static const char bytes[] = "v\0key\0value\0other\0\0";
	struct wire_message message;
	char *buf = exact(bytes, sizeof(bytes) - 1);

	(void)state;
	assert_true(wire_parse(&message, buf, sizeof(bytes) - 1));
	assert_ptr_equal(message.verb, buf);
	assert_ptr_equal(message.pair[0].key, buf + 2);
	assert_ptr_equal(message.pair[0].value, buf + 6);
	assert_ptr_equal(message.pair[1].key, buf + 12);
	assert_ptr_equal(message.pair[1].value, buf + 18);
	free(buf);
}

/* "v" and PAIRS pairs, in memory of exactly their size. */
static char *pairs_packet(size_t pairs, size_t *len)
{
	char *buf;

	*len = 2 + 4 * pairs;
	buf = malloc(*len);
	assert_non_null(buf);
	memcpy(buf, "v", 2);
	for (size_t i = 0; i < pairs; i++)
		memcpy(buf + 2 + 4 * i, "k\0v", 4);
	return buf;
}

static void test_parse_most_pairs(void **state)
{
	static const struct {
		size_t pairs;
		bool ok;
	} rows[] = { { WIRE_PAIRS_MAX - 1, true },
		     { WIRE_PAIRS_MAX, true },
		     { WIRE_PAIRS_MAX + 1, false },
		     { WIRE_PAIRS_MAX + 2, false },
		     { 4000, false } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct wire_message message;
		size_t len;
		char *buf = pairs_packet(rows[i].pairs, &len);

		assert_int_equal(wire_parse(&message, buf, len), rows[i].ok);
		assert_int_equal(message.pairs, rows[i].ok ? rows[i].pairs : 0);
		free(buf);
	}
}

static void test_parse_longest(void **state)
{
	struct wire_message message;

	(void)state;
	for (size_t len = WIRE_LONG_MAX - 1; len <= WIRE_BYTES_MAX + 1; len++) {
		char *buf = malloc(len);

		assert_non_null(buf);
		memset(buf, 'v', len);
		buf[len - 1] = '\0';
		assert_int_equal(wire_parse(&message, buf, len), len <= WIRE_LONG_MAX);
		free(buf);
	}
}

static void test_values(void **state)
{
	static const char bytes[] = "v\0a\0001\0b\0002\0b\0003\0c\0\0\0empty\0"
				    "d\0x\0d\0x\0d\0x\0ab\0long\0";
	static const struct {
		const char *key;
		const char *value;
	} rows[] = { { "a", "1" },  { "b", NULL },    { "c", "" },   { "", "empty" },
		     { "d", NULL }, { "ab", "long" }, { "A", NULL }, { "abc", NULL },
		     { "v", NULL }, { "1", NULL } };
	struct wire_message message;
	char *buf = exact(bytes, sizeof(bytes) - 1);

	(void)state;
	assert_true(wire_parse(&message, buf, sizeof(bytes) - 1));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *value = wire_value(&message, rows[i].key);

		if (!rows[i].value)
			assert_null(value);
		else
			assert_string_equal(value, rows[i].value);
	}
	free(buf);
}

/* ---- random packets ---- */

static size_t random_packet(char *buf)
{
	static const char alphabet[] = "\0\0\0kvx\xff\n";
	size_t len = random_below(1000) == 0 ? random_below(WIRE_LONG_MAX + 16) : random_below(40);

	for (size_t i = 0; i < len; i++)
		buf[i] = alphabet[random_below(sizeof(alphabet) - 1)];
	if (len > 0 && random_below(2) == 0)
		buf[len - 1] = '\0';
	return len;
}

/* The rule in the header's words. */
static bool packet_is_valid(const char *buf, size_t len)
{
	size_t strings = 0;

	for (size_t i = 0; i < len; i++)
		strings += buf[i] == '\0';
	return len > 0 && len <= WIRE_LONG_MAX && buf[len - 1] == '\0' && buf[0] != '\0' &&
	       strings % 2 == 1 && strings <= 1 + 2 * WIRE_PAIRS_MAX;
}

/* Bytes that the strings of MESSAGE take, all of which are read. */
static size_t message_bytes(const struct wire_message *message)
{
	size_t bytes = strlen(message->verb) + 1;

	for (size_t i = 0; i < message->pairs; i++)
		bytes += strlen(message->pair[i].key) + strlen(message->pair[i].value) + 2;
	return bytes;
}

static void test_parse_random(void **state)
{
	static char scratch[WIRE_LONG_MAX + 16];
	size_t valid = 0;

	(void)state;
	for (int i = 0; i < RANDOM_PACKETS; i++) {
		struct wire_message message;
		size_t len = random_packet(scratch);
		char *buf = exact(scratch, len);
		bool ok = wire_parse(&message, buf, len);

		if (ok != packet_is_valid(buf, len))
			fail_msg("packet %d of %zu bytes: %d", i, len, ok);
		if (ok && message_bytes(&message) != len)
			fail_msg("packet %d: %zu of %zu bytes", i, message_bytes(&message), len);
		if (ok)
			wire_value(&message, "k");
		valid += ok;
		free(buf);
	}
	assert_true(valid > RANDOM_PACKETS / 100);
	assert_true(valid < RANDOM_PACKETS / 2);
}

/* ---- drafts ---- */

static void test_draft_bytes(void **state)
{
	static const char expected[] = "verb\0key\0value\0n\0-9223372036854775808\0e\0";
	struct wire_draft draft;

	(void)state;
	wire_begin(&draft, "verb");
	wire_add(&draft, "key", "value");
	wire_add(&draft, "absent", NULL);
	wire_add_number(&draft, "n", LLONG_MIN);
	wire_add(&draft, "e", "");
	assert_false(draft.broken);
	assert_int_equal(draft.len, sizeof(expected));
	assert_memory_equal(draft.bytes, expected, sizeof(expected));
}

/* A draft of LEN bytes: "v", and a pair with the key "k". */
static void draft_of(struct wire_draft *draft, size_t len)
{
	char *value = malloc(len);

	assert_non_null(value);
	memset(value, 'x', len);
	value[len - 5] = '\0'; /* "v", "k" and the end of the value take 5 */
	wire_begin(draft, "v");
	wire_add(draft, "k", value);
	free(value);
}

static void test_draft_overflow(void **state)
{
	struct wire_draft *draft = malloc(sizeof(*draft));

	(void)state;
	assert_non_null(draft);
	draft_of(draft, WIRE_BYTES_MAX);
	assert_false(draft->broken);
	assert_int_equal(draft->len, WIRE_BYTES_MAX);
	wire_add(draft, "", "");
	assert_true(draft->broken);
	assert_int_equal(draft->len, WIRE_BYTES_MAX);
	assert_false(wire_send(-1, draft));

	draft_of(draft, WIRE_BYTES_MAX + 1);
	assert_true(draft->broken);
	wire_add(draft, "small", "enough");
	assert_true(draft->broken); /* a hole in the middle is never sent */

	wire_begin(draft, "fresh");
	assert_false(draft->broken);
	assert_int_equal(draft->len, 6);
	free(draft);
}

static void test_draft_wipe(void **state)
{
	struct wire_draft draft;

	(void)state;
	wire_begin(&draft, "login");
	wire_add(&draft, "client_secret", "swordfish");
	wire_wipe(&draft);
	for (size_t i = 0; i < sizeof("login\0client_secret\0swordfish"); i++)
		assert_int_equal(draft.bytes[i], 0);
	assert_false(wire_send(-1, &draft));
	wire_add(&draft, "k", "v");
	assert_true(draft.broken);
}

/* ---- the channel ---- */

static char received[WIRE_BYTES_MAX];

static void slot_open(int channel[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), 0);
}

static void channel_close(int channel[2])
{
	close(channel[0]);
	close(channel[1]);
}

static void send_raw(int fd, const char *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

static bool send_verb(int fd, const char *verb)
{
	struct wire_draft draft;

	wire_begin(&draft, verb);
	wire_add(&draft, "k", "v");
	return wire_send(fd, &draft);
}

static void test_slot_each_way(void **state)
{
	struct wire_message message;
	int channel[2];

	(void)state;
	slot_open(channel);
	for (int from = 0; from < 2; from++) {
		assert_int_equal(wire_receive(channel[1 - from], false, received, &message),
				 WIRE_NOTHING);
		assert_null(message.verb);
		assert_true(send_verb(channel[from], "one"));
		assert_true(send_verb(channel[from], "two"));
		assert_int_equal(wire_receive(channel[1 - from], true, received, &message),
				 WIRE_MESSAGE);
		assert_string_equal(message.verb, "one");
		assert_string_equal(wire_value(&message, "k"), "v");
		assert_int_equal(wire_receive(channel[1 - from], false, received, &message),
				 WIRE_MESSAGE);
		assert_string_equal(message.verb, "two");
	}
	channel_close(channel);
}

static void test_slot_full(void **state)
{
	struct wire_message message;
	int channel[2], sent = 0;

	(void)state;
	slot_open(channel);
	while (sent < FLOOD_MAX && send_verb(channel[1], "flood"))
		sent++;
	assert_within(sent, 1, FLOOD_MAX - 1);
	for (int i = 0; i < sent; i++)
		assert_int_equal(wire_receive(channel[0], false, received, &message), WIRE_MESSAGE);
	assert_int_equal(wire_receive(channel[0], false, received, &message), WIRE_NOTHING);
	assert_true(send_verb(channel[1], "again"));
	channel_close(channel);
}

/* A packet that is too long is refused whole; the one behind it is not harmed. */
static void test_slot_oversize(void **state)
{
	static char bytes[WIRE_BYTES_MAX + 4096];
	static const struct {
		size_t len;
		enum wire_received result;
	} rows[] = { { WIRE_BYTES_MAX, WIRE_MESSAGE },
		     { WIRE_BYTES_MAX + 1, WIRE_INVALID },
		     { sizeof(bytes), WIRE_INVALID } };
	struct wire_message message;
	int channel[2];

	(void)state;
	slot_open(channel);
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(bytes, 'v', sizeof(bytes));
		bytes[rows[i].len - 1] = '\0';
		/* cut at the limit it would be a message */
		if (rows[i].len > WIRE_BYTES_MAX)
			bytes[WIRE_BYTES_MAX - 1] = '\0';
		send_raw(channel[1], bytes, rows[i].len);
		assert_true(send_verb(channel[1], "behind"));
		assert_int_equal(wire_receive(channel[0], false, received, &message),
				 rows[i].result);
		assert_int_equal(message.verb != NULL, rows[i].result == WIRE_MESSAGE);
		assert_int_equal(wire_receive(channel[0], false, received, &message), WIRE_MESSAGE);
		assert_string_equal(message.verb, "behind");
	}
	channel_close(channel);
}

static void test_slot_invalid(void **state)
{
	struct wire_message message;
	int channel[2];

	(void)state;
	slot_open(channel);
	for (size_t i = 0; i < COUNT(parse_rows); i++) {
		if (parse_rows[i].len == 0)
			continue;
		send_raw(channel[1], parse_rows[i].bytes, parse_rows[i].len);
		assert_int_equal(wire_receive(channel[0], i % 2 == 0, received, &message),
				 parse_rows[i].ok ? WIRE_MESSAGE : WIRE_INVALID);
	}
	channel_close(channel);
}

/* A packet without a byte cannot be told from the end, and is no message in any case. */
static void test_slot_empty_packet(void **state)
{
	struct wire_message message;
	int channel[2];

	(void)state;
	slot_open(channel);
	send_raw(channel[1], "", 0);
	assert_int_equal(wire_receive(channel[0], false, received, &message), WIRE_GONE);
	assert_null(message.verb);
	channel_close(channel);
}

/* What was sent before the end still arrives; SIGPIPE (not ignored here) never comes. */
static void test_slot_closed(void **state)
{
	struct wire_message message;
	int channel[2];

	(void)state;
	slot_open(channel);
	assert_true(send_verb(channel[1], "last"));
	close(channel[1]);
	assert_int_equal(wire_receive(channel[0], false, received, &message), WIRE_MESSAGE);
	assert_string_equal(message.verb, "last");
	assert_int_equal(wire_receive(channel[0], false, received, &message), WIRE_GONE);
	assert_int_equal(wire_receive(channel[0], true, received, &message), WIRE_GONE);
	assert_null(message.verb);
	assert_false(send_verb(channel[0], "nobody"));
	close(channel[0]);
	assert_int_equal(wire_receive(-1, true, received, &message), WIRE_GONE);
	assert_false(send_verb(-1, "nowhere"));
}

static void test_slot_broken_draft(void **state)
{
	struct wire_draft *draft = malloc(sizeof(*draft));
	struct wire_message message;
	int channel[2];

	(void)state;
	assert_non_null(draft);
	slot_open(channel);
	draft_of(draft, WIRE_BYTES_MAX + 1);
	assert_false(wire_send(channel[1], draft));
	assert_int_equal(wire_receive(channel[0], false, received, &message), WIRE_NOTHING);
	draft_of(draft, WIRE_BYTES_MAX);
	assert_true(wire_send(channel[1], draft));
	assert_int_equal(wire_receive(channel[0], false, received, &message), WIRE_MESSAGE);
	assert_int_equal(strlen(wire_value(&message, "k")), WIRE_BYTES_MAX - 5);
	free(draft);
	channel_close(channel);
}

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Sends "v" with COUNT descriptors (two at most) of PASSED. */
static void send_with_fds(int fd, int passed, size_t count)
{
	const int fds[] = { passed, passed };
	char control[CMSG_SPACE(sizeof(fds))] = { 0 };
	struct iovec iov = { (void *)(uintptr_t) "v", 2 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(head), fds, count * sizeof(int));
	assert_int_equal(sendmsg(fd, &msg, 0), 2);
}

/* Whether the pipe ENDS has no writer left but ENDS[1], which is closed here. */
static void assert_nobody_holds(const int ends[2])
{
	char byte;

	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

static void test_with_a_descriptor(void **state)
{
	struct wire_message message;
	struct wire_draft draft;
	int channel[2], ends[2], given;
	char byte;

	(void)state;
	slot_open(channel);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	wire_begin(&draft, "login");
	wire_add(&draft, "a", "b");
	assert_true(wire_send_with(channel[0], &draft, ends[1]));
	assert_int_equal(wire_receive_with(channel[1], received, &message, &given), WIRE_MESSAGE);
	assert_string_equal(message.verb, "login");
	assert_string_equal(wire_text(&message, "a"), "b");
	assert_true(given > 2 && given != ends[1]);
	assert_int_equal(fcntl(given, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(write(given, "x", 1), 1);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(given);
	assert_nobody_holds(ends);

	assert_true(wire_send_with(channel[0], &draft, -1));
	assert_int_equal(wire_receive_with(channel[1], received, &message, &given), WIRE_MESSAGE);
	assert_int_equal(given, -1);
	draft.broken = true;
	assert_false(wire_send_with(channel[0], &draft, channel[0]));
	close(channel[0]);
	assert_int_equal(wire_receive_with(channel[1], received, &message, &given), WIRE_GONE);
	assert_int_equal(given, -1);
	close(channel[1]);
}

/* More than one, and one beside what is no message: the packet is refused, and nothing stays open. */
static void test_with_wrong_descriptors(void **state)
{
	struct wire_message message;
	struct wire_draft draft;
	int channel[2], ends[2], given;

	(void)state;
	slot_open(channel);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	send_with_fds(channel[0], ends[1], 2);
	assert_int_equal(wire_receive_with(channel[1], received, &message, &given), WIRE_INVALID);
	assert_int_equal(given, -1);
	wire_begin(&draft, "verb");
	draft.bytes[draft.len - 1] = 'x'; /* no NUL at the end */
	assert_true(wire_send_with(channel[0], &draft, ends[1]));
	assert_int_equal(wire_receive_with(channel[1], received, &message, &given), WIRE_INVALID);
	assert_int_equal(given, -1);
	assert_nobody_holds(ends);
	close(channel[0]);
	close(channel[1]);
}

/* Nobody holds the descriptor once the message is taken: its pipe then ends. */
static void test_slot_descriptors_discarded(void **state)
{
	struct wire_message message;
	int channel[2], ends[2], before;
	char byte;

	(void)state;
	slot_open(channel);
	assert_int_equal(pipe(ends), 0);
	send_with_fds(channel[1], ends[1], 1);
	close(ends[1]);
	before = open_fds();
	assert_int_equal(wire_receive(channel[0], false, received, &message), WIRE_MESSAGE);
	assert_string_equal(message.verb, "v");
	assert_int_equal(open_fds(), before);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
	channel_close(channel);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

/* A child sends VERB after 60 ms. */
static pid_t send_later(int fd, const char *verb)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		usleep(60000);
		_exit(send_verb(fd, verb) ? 0 : 1);
	}
	return pid;
}

static void test_slot_signals(void **state)
{
	static const struct itimerval off;
	const struct itimerval often = { { 0, 5000 }, { 0, 5000 } };
	struct sigaction act = { .sa_handler = on_alarm }, old;
	struct wire_message message;
	int channel[2], status;
	pid_t pid;

	(void)state;
	slot_open(channel);
	pid = send_later(channel[1], "late");
	alarms = 0;
	sigaction(SIGALRM, &act, &old);
	setitimer(ITIMER_REAL, &often, NULL);
	assert_int_equal(wire_receive(channel[0], true, received, &message), WIRE_MESSAGE);
	setitimer(ITIMER_REAL, &off, NULL);
	sigaction(SIGALRM, &old, NULL);
	assert_string_equal(message.verb, "late");
	assert_true(alarms > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	channel_close(channel);
}

/* ---- verdicts ---- */

static void test_verdict_names(void **state)
{
	static const struct {
		enum verdict verdict;
		const char *name;
	} rows[] = {
		{ VERDICT_INVALID_RESPONSE, "invalid_response" },
		{ VERDICT_AUTHORIZATION_PENDING, "authorization_pending" },
		{ VERDICT_SLOW_DOWN, "slow_down" },
		{ VERDICT_ACCESS_DENIED, "access_denied" },
		{ VERDICT_EXPIRED_TOKEN, "expired_token" },
		{ VERDICT_CODE_CONSUMED, "code_consumed" },
		{ VERDICT_NOT_HONOURED, "not_honoured" },
		{ VERDICT_WRONG_CODE, "wrong_code" },
		{ VERDICT_CLIENT_REFUSED, "client_refused" },
		{ VERDICT_UNREACHABLE, "unreachable" },
		{ VERDICT_IDENTITY_UNVERIFIED, "identity_unverified" },
		{ VERDICT_HELPER_FAILED, "helper_failed" },
		{ VERDICT_GRANTED, "granted" },
	};

	(void)state;
	_Static_assert(COUNT(rows) == VERDICT_COUNT, "each verdict has a row");
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(verdict_name(rows[i].verdict), rows[i].name);
		assert_int_equal(verdict_parse(rows[i].name), rows[i].verdict);
	}
}

static void test_verdict_unknown(void **state)
{
	static const char *const names[] = { "",	 "GRANTED", "Granted",	 "granted ",
					     " granted", "grante",  "granted\n", "unknown",
					     "slow",	 "true" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(verdict_parse(names[i]), VERDICT_COUNT);
	assert_int_equal(verdict_parse(NULL), VERDICT_COUNT);
	assert_string_equal(verdict_name(VERDICT_COUNT), "unknown");
	assert_string_equal(verdict_name((enum verdict) - 1), "unknown");
	assert_string_equal(verdict_name((enum verdict)1000), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_rows),
		cmocka_unit_test(test_parse_in_place),
		cmocka_unit_test(test_parse_most_pairs),
		cmocka_unit_test(test_parse_longest),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_parse_random),
		cmocka_unit_test(test_draft_bytes),
		cmocka_unit_test(test_draft_overflow),
		cmocka_unit_test(test_draft_wipe),
		cmocka_unit_test(test_slot_each_way),
		cmocka_unit_test(test_slot_full),
		cmocka_unit_test(test_slot_oversize),
		cmocka_unit_test(test_slot_invalid),
		cmocka_unit_test(test_slot_empty_packet),
		cmocka_unit_test(test_slot_closed),
		cmocka_unit_test(test_slot_broken_draft),
		cmocka_unit_test(test_with_a_descriptor),
		cmocka_unit_test(test_with_wrong_descriptors),
		cmocka_unit_test(test_slot_descriptors_discarded),
		cmocka_unit_test(test_slot_signals),
		cmocka_unit_test(test_verdict_names),
		cmocka_unit_test(test_verdict_unknown),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
