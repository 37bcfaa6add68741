/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/flow/token_blob.c: what goes in comes out, token for token; a text that is none, or a part of
 * one, gives no token at all; and what did not fit leaves nothing behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/oauth_client/flow/token_blob.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NOW INT64_C(1700000000)

static struct tokens in, out;

/* gcc 14 takes strcpy into a member of a static struct for a write beyond it. */
static void text_set(char *member, size_t size, const char *text)
{
	size_t len = strlen(text);

	assert_true(len < size);
	memcpy(member, text, len + 1);
}

static void tokens_set(const char *access, const char *refresh, int64_t in_seconds, int64_t at)
{
	memset(&in, 0x5a, sizeof(in));
	text_set(in.access, sizeof(in.access), access);
	text_set(in.refresh, sizeof(in.refresh), refresh);
	text_set(in.id, sizeof(in.id), "x.y.z");
	in.expires_in = in_seconds;
	in.expires_at = at;
}

static bool all_zero(const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((const char *)bytes)[i] != 0)
			return false;
	return true;
}

/* TEXT is in memory of just its size, so that a step too far is seen. */
static bool read_text(const char *text)
{
	char *copy = strdup(text);
	bool ok;

	assert_non_null(copy);
	memset(&out, 0x5a, sizeof(out));
	ok = token_blob_read(copy, &out);
	free(copy);
	if (!ok && !all_zero(&out, sizeof(out)))
		fail_msg("\"%s\" leaves something behind", text);
	return ok;
}

static void it_is_as_documented(void **state)
{
	char text[TOKEN_BLOB_MAX];

	(void)state;
	tokens_set("at-1", "rt-1", 3600, 0);
	assert_true(token_blob_write(&in, NOW, text, sizeof(text)));
	assert_string_equal(text, "1 at-1 rt-1 1700003600");
	tokens_set("at-1", "", 0, 0);
	assert_true(token_blob_write(&in, NOW, text, sizeof(text)));
	assert_string_equal(text, "1 at-1 - 0");
	tokens_set("at-1", "rt-1", 0, 1800000000);
	assert_true(token_blob_write(&in, NOW, text, sizeof(text)));
	assert_string_equal(text, "1 at-1 rt-1 1800000000");
}

static const struct {
	const char *access, *refresh;
	int64_t in_seconds, at;
	int64_t want;
} trips[] = {
	{ "a", "", 0, 0, 0 },
	{ "a", "r", 0, 0, 0 },
	{ "abc", "def", 1, 0, NOW + 1 },
	{ "abc", "def", INT32_MAX, 0, NOW + INT32_MAX },
	{ "abc", "", 0, 1700003600, 1700003600 },
	{ "abc", "def", 0, 253402300799, 253402300799 },
	{ "abc==", "d=e/f+g~h", 0, 0, 0 },
	{ "--", "--", 0, 0, 0 },
	{ "1", "1", 0, 0, 0 },
	{ "abc", "\"\\{}<>&;'%@!", 0, 0, 0 },
	/* the most that a dialect reads out of a reply in milliseconds */
	{ "abc", "def", 0, INT64_MAX / 1000, INT64_MAX / 1000 },
	/* a dash is a token like any other, not the sign for none */
	{ "-", "def", 0, 0, 0 },
	{ "abc", "-", 0, 0, 0 },
};

/* What cannot be read again must not be written. */
static void what_goes_in_comes_out(void **state)
{
	char text[TOKEN_BLOB_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(trips); i++) {
		tokens_set(trips[i].access, trips[i].refresh, trips[i].in_seconds, trips[i].at);
		if (!token_blob_write(&in, NOW, text, sizeof(text))) {
			if (i < 10)
				fail_msg("trip %zu: not written", i);
			continue;
		}
		if (!read_text(text))
			fail_msg("\"%s\": written, but not read", text);
		if (strcmp(out.access, in.access) != 0 || strcmp(out.refresh, in.refresh) != 0)
			fail_msg("\"%s\": \"%s\" and \"%s\"", text, out.access, out.refresh);
		if (out.expires_at != trips[i].want || out.expires_in != 0 || out.id[0] != '\0')
			fail_msg("\"%s\": until %lld", text, (long long)out.expires_at);
	}
}

static const char *const hostile[] = {
	"",
	" ",
	"1",
	"1 ",
	"1  ",
	"1   0",
	"2 at rt 0",
	"0 at rt 0",
	"11 at rt 0",
	" 1 at rt 0",
	"1at rt 0",
	"1\tat\trt\t0",
	"1 at",
	"1 at ",
	"1 at rt",
	"1 at rt ",
	"1 at  0",
	"1  rt 0",
	"1 - rt 0",
	"1 - - 0",
	"1 at rt x",
	"1 at rt -1",
	"1 at rt +1",
	"1 at rt 1.5",
	"1 at rt 1e3",
	"1 at rt 0x10",
	"1 at rt  1",
	"1 at rt 0 ",
	"1 at rt 0\n",
	"1 at rt 0 0",
	"1 at rt 1 more",
	"1 at rt 99999999999999999999",
	"1 at rt 9223372036854775808",
	"1 at rt 184467440737095516160000000000",
	"1 a\r\nX-Evil:1 rt 0",
	"1 a\nb rt 0",
	"1 a\tb rt 0",
	"1 a\177b rt 0",
	"1 \xc3\xa4 rt 0",
	"{\"access_token\":\"at\"}",
	"at rt 0",
};

static void what_is_none_gives_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++)
		if (read_text(hostile[i]))
			fail_msg("\"%s\" was read: \"%s\", \"%s\"", hostile[i], out.access,
				 out.refresh);
}

/* A shorter one is none, unless it is the time that lost its last digits. */
static void a_part_of_one_is_none(void **state)
{
	static const char whole[] = "1 at-1 rt-1 1700003600";
	char text[sizeof(whole)];

	(void)state;
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		memcpy(text, whole, len);
		text[len] = '\0';
		if (read_text(text) != (len > strlen("1 at-1 rt-1 ")))
			fail_msg("\"%s\"", text);
	}
	for (size_t from = 1; from < sizeof(whole) - 1; from++)
		if (read_text(whole + from))
			fail_msg("\"%s\"", whole + from);
}

/* Room for all of it, or for none. */
static void what_does_not_fit_is_wiped(void **state)
{
	char want[TOKEN_BLOB_MAX], text[TOKEN_BLOB_MAX];
	size_t len;

	(void)state;
	tokens_set("secret-access", "secret-refresh", 3600, 0);
	assert_true(token_blob_write(&in, NOW, want, sizeof(want)));
	len = strlen(want);
	for (size_t room = 1; room <= len + 1; room++) {
		memset(text, 0x5a, sizeof(text));
		if (token_blob_write(&in, NOW, text, room) != (room > len))
			fail_msg("%zu bytes of room", room);
		if (room <= len && !all_zero(text, room))
			fail_msg("%zu bytes of room: a part is left", room);
		if (text[room] != 0x5a)
			fail_msg("%zu bytes of room: written behind it", room);
	}
	assert_string_equal(want, "1 secret-access secret-refresh 1700003600");
}

static void long_ones_are_whole_or_none(void **state)
{
	static const size_t lengths[] = {
		4096, 7000, 7600, TOKEN_BLOB_MAX / 2, TOKEN_BLOB_MAX - 30, TOKEN_BLOB_MAX, TOKEN_MAX
	};
	static char access[TOKEN_MAX + 1], refresh[TOKEN_MAX + 1];
	char text[TOKEN_BLOB_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(lengths) * 2; i++) {
		size_t len = lengths[i / 2], len_refresh = i % 2 ? len : 8;
		bool fits = len + len_refresh + strlen("1   0") < sizeof(text);

		memset(access, 'a', len);
		memset(refresh, 'r', len_refresh);
		access[len] = '\0';
		refresh[len_refresh] = '\0';
		tokens_set(access, refresh, 0, 0);
		memset(text, 0x5a, sizeof(text));
		if (token_blob_write(&in, NOW, text, sizeof(text)) != fits)
			fail_msg("%zu and %zu bytes", len, len_refresh);
		if (!fits) {
			assert_true(all_zero(text, sizeof(text)));
			continue;
		}
		assert_true(read_text(text));
		assert_string_equal(out.access, access);
		assert_string_equal(out.refresh, refresh);
	}
}

/* What the other side hands back may be longer than any token. */
static void longer_than_a_token_is_none(void **state)
{
	static char text[3 * TOKEN_MAX];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_false(read_text(text));
	memcpy(text, "1 ", 2);
	assert_false(read_text(text));
	strcpy(text + 2 + TOKEN_MAX, " - 0");
	assert_true(read_text(text));
	assert_int_equal(strlen(out.access), TOKEN_MAX);
	text[2 + TOKEN_MAX] = 'a';
	strcpy(text + 2 + TOKEN_MAX + 1, " - 0");
	assert_false(read_text(text));
	memset(text, 'r', sizeof(text) - 1);
	memcpy(text, "1 at ", 5);
	strcpy(text + 5 + TOKEN_MAX + 1, " 0");
	assert_false(read_text(text));
}

static uint32_t random_next(void)
{
	static uint64_t x = UINT64_C(88172645463325252);

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

/* A few bytes changed: none, or one whose access token may stand in a header. */
static void tampering_does_no_harm(void **state)
{
	static const char whole[] = "1 at-1 rt-1 1700003600";
	static const char odd[] = " -1\n\r\t\x7f\xc3=\"9";
	char text[sizeof(whole)];
	size_t good = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		memcpy(text, whole, sizeof(whole));
		for (size_t n = 1 + random_next() % 3; n > 0; n--)
			text[random_next() % (sizeof(whole) - 1)] =
				odd[random_next() % (sizeof(odd) - 1)];
		if (!read_text(text))
			continue;
		good++;
		assert_true(out.access[0] != '\0' && out.expires_at >= 0);
		for (const char *c = out.access; *c; c++)
			if (*c <= ' ' || *c > '~')
				fail_msg("\"%s\": \"%s\"", text, out.access);
		assert_null(strchr(out.refresh, ' '));
	}
	assert_true(good > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_as_documented),
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(what_is_none_gives_nothing),
		cmocka_unit_test(a_part_of_one_is_none),
		cmocka_unit_test(what_does_not_fit_is_wiped),
		cmocka_unit_test(long_ones_are_whole_or_none),
		cmocka_unit_test(longer_than_a_token_is_none),
		cmocka_unit_test(tampering_does_no_harm),
	};

	return cmocka_run_group_tests_name("token_blob", tests, NULL, NULL);
}
