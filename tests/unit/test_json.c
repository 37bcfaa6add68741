/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/oauth/json.c: what the byte gate lets through, what it refuses and why, and what the getters
 * make of the rest. Every text is handed over in memory of exactly its size, without a NUL, so
 * that a sanitizer sees the first byte read too far.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h> /* for its allocation hooks alone */

#include "helper/oauth_client/oauth/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A literal with its length: it may hold NUL bytes. */
#define T(literal) literal, sizeof(literal) - 1

static struct json *parse(const char *text, size_t len, const char **why)
{
	char *copy = malloc(len ? len : 1);
	struct json *top;

	assert_non_null(copy);
	memcpy(copy, text, len);
	top = json_parse(copy, len, why);
	free(copy);
	return top;
}

static struct json *parse_good(const char *text)
{
	const char *why = "unset";
	struct json *top = parse(text, strlen(text), &why);

	if (!top)
		fail_msg("%s: refused as %s", text, why);
	return top;
}

/* ---- the gate, row by row ---- */

struct gate_row {
	const char *text;
	size_t len;
	const char *why; /* NULL: the text is good */
};

static const struct gate_row gate_rows[] = {
	/* good: each kind of value, alone and inside */
	{ T("{}"), NULL },
	{ T("[]"), NULL },
	{ T("null"), NULL },
	{ T("true"), NULL },
	{ T("false"), NULL },
	{ T("0"), NULL },
	{ T("-0"), NULL },
	{ T("\"\""), NULL },
	{ T(" \t\r\n{ \t\r\n} \t\r\n"), NULL },
	{ T("[ 1 , 2 ]"), NULL },
	{ T("{\"a\":1}"), NULL },
	{ T("{ \"a\" : 1 , \"b\" : [ ] }"), NULL },
	{ T("[[],{},[{}],{\"a\":[]}]"), NULL },
	{ T("{\"\":1}"), NULL },
	{ T("{\"a\":1,\"A\":2}"), NULL },
	{ T("[{\"a\":1},{\"a\":1}]"), NULL },
	{ T("{\"a\":{\"a\":{\"a\":1}}}"), NULL },
	{ T("[\"a\",\"a\"]"), NULL },
	/* good: numbers */
	{ T("1"), NULL },
	{ T("-1"), NULL },
	{ T("10"), NULL },
	{ T("0.0"), NULL },
	{ T("0.5"), NULL },
	{ T("-12.25e-3"), NULL },
	{ T("1e3"), NULL },
	{ T("1E+3"), NULL },
	{ T("0e0"), NULL },
	{ T("1e308"), NULL },
	{ T("1e-999"), NULL },
	{ T("9007199254740993"), NULL },
	{ T("123456789012345678901234567890123456789012345678901234567890123"), NULL },
	/* good: strings */
	{ T("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), NULL },
	{ T("\"\\u0041\\u00e9\\u20AC\""), NULL },
	{ T("\"\\ud83d\\ude00\""), NULL },
	{ T("\"\\uD800\\uDC00\\uDBFF\\uDFFF\""), NULL },
	{ T("\"\x7f\""), NULL },
	{ T("\"\xc2\x80\xdf\xbf\""), NULL },
	{ T("\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""), NULL },
	{ T("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""), NULL },
	{ T("\"\xef\xbb\xbf\""), NULL },
	{ T("\"root\\\\u0000\""), NULL },
	/* what cJSON alone would read, wrongly */
	{ T("{\"name\":\"root\\u0000@evil\"}"), "json_nul" },
	{ T("{\"a\\u0000b\":1}"), "json_nul" },
	{ T("{\"a\":1,\"a\":2}"), "json_duplicate_key" },
	{ T("{\"a\":1}x"), "json_trailing_bytes" },
	{ T("{\"a\":1}{}"), "json_trailing_bytes" },
	{ T("{\"a\":1}\0"), "json_trailing_bytes" },
	{ T("{\"a\":1}\0{\"b\":1}"), "json_trailing_bytes" },
	{ T("{\"a\":\"b\0c\"}"), "json_control_character" },
	{ T("\0{}"), "json_syntax" },
	{ T("{\0}"), "json_syntax" },
	{ T("[1\0,2]"), "json_syntax" },
	{ T("\xef\xbb\xbf{}"), "json_byte_order_mark" },
	{ T("\xef\xbb\xbf"), "json_byte_order_mark" },
	{ T("\xef\xbb{}"), "json_syntax" },
	{ T(" \xef\xbb\xbf{}"), "json_syntax" },
	{ T("\xfe\xff\0{\0}"), "json_syntax" },
	{ T("{\"a\":1e999}"), "json_number_too_large" },
	{ T("-1e999"), "json_number_too_large" },
	{ T("[[{\"a\":[1e309]}]]"), "json_number_too_large" },
	{ T("1234567890123456789012345678901234567890123456789012345678901234"),
	  "json_number_too_long" },
	{ T("[1.00000000000000000000000000000000000000000000000000000000000000]"),
	  "json_number_too_long" },
	{ T("\x01{}"), "json_syntax" },
	{ T("[1,\x0b 2]"), "json_syntax" },
	{ T("[1,\x0c 2]"), "json_syntax" },
	{ T("{}\xc2\xa0"), "json_trailing_bytes" },
	/* duplicate keys, however they are spelt and wherever they stand */
	{ T("{\"a\":1,\"\\u0061\":2}"), "json_duplicate_key" },
	{ T("{\"\":1,\"\":2}"), "json_duplicate_key" },
	{ T("{\"/\":1,\"\\/\":2}"), "json_duplicate_key" },
	{ T("{\"\xc3\xa9\":1,\"\\u00E9\":2}"), "json_duplicate_key" },
	{ T("{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}"), "json_duplicate_key" },
	{ T("{\"c\":1,\"a\":2,\"b\":3,\"c\":4}"), "json_duplicate_key" },
	{ T("[{\"x\":{\"a\":1,\"b\":{},\"a\":[]}}]"), "json_duplicate_key" },
	{ T("{\"a\":{\"b\":1},\"a\":{\"c\":1}}"), "json_duplicate_key" },
	{ T("{\"a\":{\"b\":1,\"b\":2},\"c\":1}"), "json_duplicate_key" },
	/* UTF-8 that is none */
	{ T("\"\x80\""), "json_not_utf8" },
	{ T("\"\xbf\""), "json_not_utf8" },
	{ T("\"\xc0\x80\""), "json_not_utf8" },
	{ T("\"\xc0\xaf\""), "json_not_utf8" },
	{ T("\"\xc1\xbf\""), "json_not_utf8" },
	{ T("\"\xe0\x80\xaf\""), "json_not_utf8" },
	{ T("\"\xe0\x9f\xbf\""), "json_not_utf8" },
	{ T("\"\xf0\x80\x80\xaf\""), "json_not_utf8" },
	{ T("\"\xf0\x8f\xbf\xbf\""), "json_not_utf8" },
	{ T("\"\xed\xa0\x80\""), "json_not_utf8" },
	{ T("\"\xed\xbf\xbf\""), "json_not_utf8" },
	{ T("\"\xed\xa0\xbd\xed\xb8\x80\""), "json_not_utf8" },
	{ T("\"\xf4\x90\x80\x80\""), "json_not_utf8" },
	{ T("\"\xf5\x80\x80\x80\""), "json_not_utf8" },
	{ T("\"\xf8\x88\x80\x80\x80\""), "json_not_utf8" },
	{ T("\"\xfe\""), "json_not_utf8" },
	{ T("\"\xff\""), "json_not_utf8" },
	{ T("\"\xc3\""), "json_not_utf8" },
	{ T("\"\xc3(\""), "json_not_utf8" },
	{ T("\"\xe2\x82\""), "json_not_utf8" },
	{ T("\"\xe2(\xa1\""), "json_not_utf8" },
	{ T("\"\xf0\x9f\x98\""), "json_not_utf8" },
	{ T("\"\xf0\x9f(\x80\""), "json_not_utf8" },
	{ T("\"\xf0(\x98\x80\""), "json_not_utf8" },
	{ T("\"\xc3\xa9\xa9\""), "json_not_utf8" },
	{ T("{\"\xff\":1}"), "json_not_utf8" },
	{ T("\"\xc3"), "json_truncated" },
	{ T("\"\xf0\x9f\x98"), "json_truncated" },
	{ T("\xc3\xa9"), "json_syntax" },
	/* escapes */
	{ T("\"\\ud800\""), "json_lone_surrogate" },
	{ T("\"\\udc00\""), "json_lone_surrogate" },
	{ T("\"\\udfff\\ud800\""), "json_lone_surrogate" },
	{ T("\"\\udc00\\udc00\""), "json_lone_surrogate" },
	{ T("\"\\udfff\\udfff\""), "json_lone_surrogate" },
	{ T("\"\\ud800\\ud800\""), "json_lone_surrogate" },
	{ T("\"\\ud800\\ue000\""), "json_lone_surrogate" },
	{ T("\"\\ud800\\n\""), "json_lone_surrogate" },
	{ T("\"\\ud800u0041\""), "json_lone_surrogate" },
	{ T("\"\\ud800\xed\xb0\x80\""), "json_lone_surrogate" },
	{ T("\"\\ud83d\\ude0\""), "json_bad_escape" },
	{ T("\"\\u\""), "json_bad_escape" },
	{ T("\"\\u12\""), "json_bad_escape" },
	{ T("\"\\u00g0\""), "json_bad_escape" },
	{ T("\"\\u+041\""), "json_bad_escape" },
	{ T("\"\\u 041\""), "json_bad_escape" },
	{ T("\"\\U0041\""), "json_bad_escape" },
	{ T("\"\\x41\""), "json_bad_escape" },
	{ T("\"\\'\""), "json_bad_escape" },
	{ T("\"\\0\""), "json_bad_escape" },
	{ T("\"\\\0\""), "json_bad_escape" },
	{ T("\"\\\n\""), "json_bad_escape" },
	{ T("\"\\\""), "json_truncated" },
	{ T("\"\\"), "json_truncated" },
	{ T("\"\\u00"), "json_truncated" },
	{ T("\"\\ud800"), "json_lone_surrogate" },
	/* control characters */
	{ T("\"a\nb\""), "json_control_character" },
	{ T("\"a\tb\""), "json_control_character" },
	{ T("\"\x1b[31m\""), "json_control_character" },
	{ T("\"\x1f\""), "json_control_character" },
	{ T("{\"a\r\":1}"), "json_control_character" },
	/* numbers that are none */
	{ T("01"), "json_trailing_bytes" },
	{ T("[01]"), "json_syntax" },
	{ T("[-01]"), "json_syntax" },
	{ T("[+1]"), "json_syntax" },
	{ T("[-]"), "json_syntax" },
	{ T("[--1]"), "json_syntax" },
	{ T("[.5]"), "json_syntax" },
	{ T("[1.]"), "json_syntax" },
	{ T("[1.e1]"), "json_syntax" },
	{ T("[1e]"), "json_syntax" },
	{ T("[1e+]"), "json_syntax" },
	{ T("[1e1.5]"), "json_syntax" },
	{ T("[1.2.3]"), "json_syntax" },
	{ T("[0x10]"), "json_syntax" },
	{ T("[1_000]"), "json_syntax" },
	{ T("[1,5e]"), "json_syntax" },
	{ T("NaN"), "json_syntax" },
	{ T("[Infinity]"), "json_syntax" },
	{ T("[-Infinity]"), "json_syntax" },
	{ T("[inf]"), "json_syntax" },
	{ T("-"), "json_truncated" },
	{ T("1."), "json_truncated" },
	{ T("1e"), "json_truncated" },
	/* words that are none */
	{ T("True"), "json_syntax" },
	{ T("[nul]"), "json_syntax" },
	{ T("nulll"), "json_trailing_bytes" },
	{ T("[undefined]"), "json_syntax" },
	{ T("tru"), "json_truncated" },
	{ T("error=access_denied"), "json_syntax" },
	{ T("<html></html>"), "json_syntax" },
	/* structure */
	{ T(""), "json_empty" },
	{ T(" "), "json_truncated" },
	{ T("{"), "json_truncated" },
	{ T("["), "json_truncated" },
	{ T("{\"a\""), "json_truncated" },
	{ T("{\"a\":"), "json_truncated" },
	{ T("{\"a\":1"), "json_truncated" },
	{ T("{\"a\":1,"), "json_truncated" },
	{ T("[1,"), "json_truncated" },
	{ T("\""), "json_truncated" },
	{ T("}"), "json_syntax" },
	{ T("]"), "json_syntax" },
	{ T(","), "json_syntax" },
	{ T(":"), "json_syntax" },
	{ T("[}"), "json_syntax" },
	{ T("{]"), "json_syntax" },
	{ T("[1}"), "json_syntax" },
	{ T("{\"a\":1]"), "json_syntax" },
	{ T("[{\"a\":1]}"), "json_syntax" },
	{ T("{\"a\":[1}]"), "json_syntax" },
	{ T("[1,]"), "json_syntax" },
	{ T("[,1]"), "json_syntax" },
	{ T("[1,,2]"), "json_syntax" },
	{ T("[1 2]"), "json_syntax" },
	{ T("[\"a\":1]"), "json_syntax" },
	{ T("{\"a\":1,}"), "json_syntax" },
	{ T("{,\"a\":1}"), "json_syntax" },
	{ T("{\"a\"}"), "json_syntax" },
	{ T("{\"a\",1}"), "json_syntax" },
	{ T("{\"a\":}"), "json_syntax" },
	{ T("{\"a\"::1}"), "json_syntax" },
	{ T("{\"a\":1 \"b\":2}"), "json_syntax" },
	{ T("{a:1}"), "json_syntax" },
	{ T("{'a':1}"), "json_syntax" },
	{ T("{1:1}"), "json_syntax" },
	{ T("{null:1}"), "json_syntax" },
	{ T("{{}:1}"), "json_syntax" },
	{ T("[]]"), "json_trailing_bytes" },
	{ T("{}}"), "json_trailing_bytes" },
	{ T("1 2"), "json_trailing_bytes" },
	{ T("{}//"), "json_trailing_bytes" },
	{ T("[1,/**/2]"), "json_syntax" },
	{ T("[1]#"), "json_trailing_bytes" },
};

static void gate_decides_each_row(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(gate_rows); i++) {
		const struct gate_row *row = &gate_rows[i];
		const char *why = "unset";
		struct json *top = parse(row->text, row->len, &why);
		bool same = row->why ? why && strcmp(why, row->why) == 0 : !why;

		if (!same || !top != !!row->why) {
			print_error("row %zu (%s): %s, not %s\n", i, row->text, why ? why : "good",
				    row->why ? row->why : "good");
			wrong++;
		}
		json_destroy(top);
	}
	assert_int_equal(wrong, 0);
}

static void gate_needs_no_why(void **state)
{
	(void)state;
	assert_null(json_parse("{", 1, NULL));
	json_destroy(NULL);
}

static const char good_text[] =
	"{\"iss\":\"https://id.example/\\u00e9\",\"n\":[-1.5e+2,0,true,false,null,\"\xf0\x9f\x98\x80\"],"
	"\"o\":{\"a\":{\"b\":[[\"\\ud83d\\ude00\\\"\"]]}},\"exp\":1700000000}";

static void every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(good_text) - 1; len++) {
		const char *why = NULL;

		if (parse(good_text, len, &why))
			fail_msg("the first %zu bytes passed", len);
		assert_non_null(why);
	}
	json_destroy(parse_good(good_text));
}

static void every_byte_behind_the_end_is_refused(void **state)
{
	char text[sizeof(good_text)];

	(void)state;
	memcpy(text, good_text, sizeof(text));
	for (int c = 0; c < 256; c++) {
		struct json *top;
		bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';

		text[sizeof(text) - 1] = (char)c;
		top = parse(text, sizeof(text), NULL);
		if (!top == space)
			fail_msg("byte %d behind the end", c);
		json_destroy(top);
	}
}

/* ---- the limits ---- */

/* TIMES copies of OPEN, MIDDLE, TIMES copies of CLOSE. */
static bool nested_passes(const char *open, const char *middle, const char *close, size_t times,
			  const char **why)
{
	char text[4096] = "";
	struct json *top;
	bool passes;

	for (size_t i = 0; i < times; i++)
		strcat(text, open);
	strcat(text, middle);
	for (size_t i = 0; i < times; i++)
		strcat(text, close);
	top = parse(text, strlen(text), why);
	passes = top != NULL;
	json_destroy(top);
	return passes;
}

static void depth_is_bounded(void **state)
{
	static const struct {
		const char *open, *middle, *close;
		size_t times; /* as often as fits into JSON_DEPTH_MAX */
	} rows[] = {
		{ "[", "", "]", 16 },		{ "[", "1", "]", 16 },
		{ "{\"a\":", "1", "}", 16 },	{ "[{\"a\":", "1", "}]", 8 },
		{ "{\"a\":[", "", "]}", 8 },	{ "[[],{},", "1", "]", 15 },
		{ "[", "[],[],[{}]", "]", 14 },
	};
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *open = rows[i].open, *middle = rows[i].middle, *close = rows[i].close;

		assert_true(nested_passes(open, middle, close, rows[i].times, &why));
		assert_false(nested_passes(open, middle, close, rows[i].times + 1, &why));
		assert_string_equal(why, "json_too_deep");
		assert_false(nested_passes(open, "", "", 100, &why));
		assert_string_equal(why, "json_too_deep");
	}
}

/* An array of COUNT ones, or an object of COUNT members: with the container COUNT + 1 values. */
static char *many_values(bool object, size_t count)
{
	char *text = malloc(count * 16 + 3);
	char *at = text;

	assert_non_null(text);
	*at++ = object ? '{' : '[';
	for (size_t i = 0; i < count; i++) {
		at += object ? sprintf(at, "\"%zx\":", i * 7919 % count) : 0;
		at += sprintf(at, "1%s", i + 1 < count ? "," : "");
	}
	*at++ = object ? '}' : ']';
	*at = '\0';
	return text;
}

static void values_are_bounded(void **state)
{
	(void)state;
	for (int object = 0; object < 2; object++) {
		char *most = many_values(object, JSON_VALUES_MAX - 1);
		char *more = many_values(object, JSON_VALUES_MAX);
		struct json *top = parse_good(most);
		const char *why;

		assert_int_equal(json_length(top), object ? 0 : JSON_VALUES_MAX - 1);
		json_destroy(top);
		assert_null(parse(more, strlen(more), &why));
		assert_string_equal(why, "json_too_many_values");
		free(most);
		free(more);
	}
}

static void size_is_bounded(void **state)
{
	static char text[JSON_BYTES_MAX + 1];
	struct json *top;
	const char *why;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[0] = '"';
	text[JSON_BYTES_MAX - 1] = '"';
	text[JSON_BYTES_MAX] = ' ';
	top = parse(text, JSON_BYTES_MAX, NULL);
	assert_non_null(top);
	assert_int_equal(strlen(json_text(top)), JSON_BYTES_MAX - 2);
	json_destroy(top);
	assert_null(parse(text, JSON_BYTES_MAX + 1, &why));
	assert_string_equal(why, "json_too_large");
	assert_null(json_parse(text, SIZE_MAX, &why)); /* unread */
	assert_string_equal(why, "json_too_large");
}

/* 64 KiB of "{}": small on the wire, large as nodes. */
static void many_empty_objects_are_refused(void **state)
{
	static char text[JSON_BYTES_MAX];
	const char *why;
	size_t len = 1;

	(void)state;
	text[0] = '[';
	for (; len + 4 < sizeof(text); len += 3)
		memcpy(text + len, "{},", 3);
	memcpy(text + len - 1, "]", 1);
	assert_null(parse(text, len, &why));
	assert_string_equal(why, "json_too_many_values");
}

/* ---- characters, all of them ---- */

static size_t utf8_encode(unsigned int point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xc0 | point >> 6);
		out[1] = (char)(0x80 | (point & 63));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 63));
		out[2] = (char)(0x80 | (point & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 63));
	out[2] = (char)(0x80 | (point >> 6 & 63));
	out[3] = (char)(0x80 | (point & 63));
	return 4;
}

static void every_character_comes_through(void **state)
{
	static char text[3 + 4 * 1024 + 1];

	(void)state;
	for (unsigned int first = 0x80; first < 0x110000; first += 1024) {
		size_t len = 1;
		struct json *top;

		text[0] = '"';
		for (unsigned int point = first; point < first + 1024 && point < 0x110000; point++)
			if (point < 0xd800 || point > 0xdfff)
				len += utf8_encode(point, text + len);
		memcpy(text + len, "\"", 2);
		top = parse_good(text);
		assert_int_equal(strlen(json_text(top)), len - 1);
		assert_memory_equal(json_text(top), text + 1, len - 1);
		json_destroy(top);
	}
}

static void every_pair_of_high_bytes_is_judged(void **state)
{
	static bool valid[256][256];
	char pair[4];

	(void)state;
	for (unsigned int point = 0x80; point < 0x800; point++) {
		utf8_encode(point, pair);
		valid[(unsigned char)pair[0]][(unsigned char)pair[1]] = true;
	}
	for (int a = 0x80; a < 256; a++) {
		for (int b = 0x20; b < 256; b++) {
			char text[4] = { '"', (char)a, (char)b, '"' };
			struct json *top = parse(text, 4, NULL);

			if (!top == valid[a][b])
				fail_msg("%02x %02x", (unsigned int)a, (unsigned int)b);
			json_destroy(top);
		}
	}
}

static void every_escape_is_judged(void **state)
{
	char text[16], want[8];

	(void)state;
	for (unsigned int unit = 0; unit < 0x10000; unit++) {
		bool good = unit != 0 && (unit < 0xd800 || unit > 0xdfff);
		struct json *top;

		sprintf(text, unit % 2 ? "\"\\u%04x\"" : "\"\\u%04X\"", unit);
		top = parse(text, 8, NULL);
		if (!top == good)
			fail_msg("%s", text);
		if (top) {
			want[utf8_encode(unit, want)] = '\0';
			assert_string_equal(json_text(top), want);
		}
		json_destroy(top);
	}
}

/* ---- the getters ---- */

static void types_are_told_apart(void **state)
{
	static const enum json_type types[] = { JSON_NULL,   JSON_BOOL,	 JSON_BOOL,  JSON_NUMBER,
						JSON_STRING, JSON_ARRAY, JSON_OBJECT };
	struct json *top = parse_good("[null,true,false,1,\"1\",[],{}]");

	(void)state;
	assert_int_equal(json_length(top), COUNT(types));
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct json *value = json_element(top, i);

		assert_int_equal(json_type(value), types[i]);
		assert_true(!json_text(value) == (types[i] != JSON_STRING));
		assert_int_equal(json_length(value), 0);
		assert_null(json_element(value, 0));
		assert_null(json_member(value, "a"));
		assert_null(json_member(value, ""));
		assert_null(json_at(value, "a.b"));
	}
	assert_null(json_element(top, COUNT(types)));
	assert_null(json_element(top, SIZE_MAX));
	json_destroy(top);

	assert_int_equal(json_type(NULL), JSON_ABSENT);
	assert_null(json_member(NULL, "a"));
	assert_null(json_at(NULL, "a"));
	assert_null(json_element(NULL, 0));
	assert_int_equal(json_length(NULL), 0);
	assert_null(json_text(NULL));
	assert_null(json_string(NULL, "a"));
}

static const char tree_text[] =
	"{\"name\":\"lower\",\"Name\":\"upper\",\"\":\"empty\","
	"\"user\":{\"ids\":{\"uuid\":\"u-1\",\"n\":7},\"ids.uuid\":\"flat\"},"
	"\"https://example.org/groups\":\"url\",\"a.b\":\"literal\","
	"\"a\":{\"b\":\"nested\",\"c\":\"nested c\",\"\":\"hollow\"},"
	"\"list\":[\"x\"],\"\\u00e9t\\u00e9\":\"summer\",\".\":\"dot\"}";

static void paths_lead_to_values(void **state)
{
	static const struct {
		const char *path;
		const char *want; /* NULL: there is none */
	} rows[] = {
		{ "name", "lower" },
		{ "Name", "upper" },
		{ "NAME", NULL },
		{ "nam", NULL },
		{ "names", NULL },
		{ "", "empty" },
		{ "user", NULL },
		{ "user.ids.uuid", "flat" },
		{ "user.ids.n", NULL },
		{ "user.ids.UUID", NULL },
		{ "user.ids.uuid.x", NULL },
		{ "user.nobody.uuid", NULL },
		{ "https://example.org/groups", "url" },
		{ "a.b", "literal" },
		{ "a.c", "nested c" },
		{ "a.", "hollow" },
		{ ".a", NULL },
		{ "a..b", NULL },
		{ ".", "dot" },
		{ "..", NULL },
		{ "list", NULL },
		{ "list.0", NULL },
		{ "list.x", NULL },
		{ "\xc3\xa9t\xc3\xa9", "summer" },
		{ "\\u00e9t\\u00e9", NULL },
	};
	struct json *top = parse_good(tree_text);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *text = json_text(json_at(top, rows[i].path));

		if (!text != !rows[i].want || (text && strcmp(text, rows[i].want) != 0))
			fail_msg("%s: %s", rows[i].path, text ? text : "none");
		if (!strchr(rows[i].path, '.'))
			assert_ptr_equal(text, json_string(top, rows[i].path));
	}
	assert_null(json_member(top, "user.ids.uuid"));
	assert_string_equal(json_string(top, "a.b"), "literal");
	json_destroy(top);
}

static void paths_are_bounded(void **state)
{
	char text[1024], path[300];
	struct json *top;

	(void)state;
	memset(path, 'p', sizeof(path));
	path[256] = '\0';
	sprintf(text, "{\"%s\":1,\"%s\":2}", path, path + 1);
	top = parse_good(text);
	assert_null(json_at(top, path));
	assert_non_null(json_at(top, path + 1));
	assert_non_null(json_member(top, path));
	json_destroy(top);
}

static void integers_are_exact(void **state)
{
	static const struct {
		const char *text;
		bool strings, good;
		int64_t want;
	} rows[] = {
		{ "0", false, true, 0 },
		{ "-0", false, true, 0 },
		{ "-0.0", false, true, 0 },
		{ "1", false, true, 1 },
		{ "-1", false, true, -1 },
		{ "1700000000", false, true, 1700000000 },
		{ "4294967296", false, true, 4294967296 },
		{ "1e3", false, true, 1000 },
		{ "1000e-3", false, true, 1 },
		{ "1.0", false, true, 1 },
		{ "1.5", false, false, 0 },
		{ "-0.5", false, false, 0 },
		{ "1e-1", false, false, 0 },
		{ "1e-999", false, true, 0 },
		{ "9007199254740991", false, true, 9007199254740991 },
		{ "-9007199254740991", false, true, -9007199254740991 },
		{ "9007199254740992", false, false, 0 },
		{ "9007199254740993", false, false, 0 },
		{ "-9007199254740993", false, false, 0 },
		{ "9223372036854775808", false, false, 0 },
		{ "1e308", false, false, 0 },
		{ "12", true, true, 12 },
		{ "1.5", true, false, 0 },
		{ "\"12\"", false, false, 0 },
		{ "\"12\"", true, true, 12 },
		{ "\"-12\"", true, true, -12 },
		{ "\"007\"", true, true, 7 },
		{ "\"-0\"", true, true, 0 },
		{ "\"999999999999999\"", true, true, 999999999999999 },
		{ "\"-999999999999999\"", true, true, -999999999999999 },
		{ "\"1000000000000000\"", true, false, 0 },
		{ "\"\"", true, false, 0 },
		{ "\"-\"", true, false, 0 },
		{ "\"--1\"", true, false, 0 },
		{ "\"+1\"", true, false, 0 },
		{ "\" 1\"", true, false, 0 },
		{ "\"1 \"", true, false, 0 },
		{ "\"1.0\"", true, false, 0 },
		{ "\"1e3\"", true, false, 0 },
		{ "\"0x1\"", true, false, 0 },
		{ "\"1a\"", true, false, 0 },
		{ "null", true, false, 0 },
		{ "true", true, false, 0 },
		{ "[1]", true, false, 0 },
		{ "{}", true, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json *top = parse_good(rows[i].text);
		int64_t got = 4711;
		bool good = json_integer(top, rows[i].strings, &got);

		if (good != rows[i].good || got != (good ? rows[i].want : 4711))
			fail_msg("%s: %d, %lld", rows[i].text, good, (long long)got);
		json_destroy(top);
	}
	assert_false(json_integer(NULL, true, &(int64_t){ 0 }));
}

static void booleans_are_booleans(void **state)
{
	static const struct {
		const char *text;
		int want; /* -1: not a boolean */
	} rows[] = {
		{ "true", 1 },	     { "false", 0 }, { "1", -1 },  { "0", -1 },	 { "\"true\"", -1 },
		{ "\"false\"", -1 }, { "null", -1 }, { "[]", -1 }, { "{}", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json *top = parse_good(rows[i].text);
		bool value = i % 2;
		bool found = json_boolean(top, &value);

		if (found != (rows[i].want >= 0) || (found && value != (rows[i].want == 1)))
			fail_msg("%s", rows[i].text);
		json_destroy(top);
	}
	assert_false(json_boolean(NULL, &(bool){ false }));
}

static void strings_are_unescaped(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "\"\"", "" },
		{ "\"a\\/b\"", "a/b" },
		{ "\"\\\"\\\\\\b\\f\\n\\r\\t\"", "\"\\\b\f\n\r\t" },
		{ "\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"",
		  "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\"\\\\u0000\"", "\\u0000" },
		{ "\"\\u001b[2J\"", "\x1b[2J" }, /* legal: whoever shows it filters it */
		{ "\"\xc2\x9b\"", "\xc2\x9b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json *top = parse_good(rows[i].text);

		assert_string_equal(json_text(top), rows[i].want);
		json_destroy(top);
	}
}

/* ---- memory ---- */

static char arena[64 * 1024]; /* never reused: shows what was in each block when it was freed */
static size_t arena_used;
static int blocks, allocations_left;

static bool arena_used_by_cjson;

enum {
	ARENA_HEAD = 16, /* before each block: its size */
};

static void *arena_malloc(size_t size)
{
	char *head = arena + arena_used;

	if (allocations_left-- == 0)
		return NULL;
	arena_used += ARENA_HEAD + (size + 15) / 16 * 16;
	assert_true(arena_used <= sizeof(arena));
	memcpy(head, &size, sizeof(size));
	blocks++;
	return head + ARENA_HEAD;
}

static bool in_arena(const void *block)
{
	return (const char *)block >= arena && (const char *)block < arena + sizeof(arena);
}

/* What json.c calls goes to the arena while a test says so; how it frees is its own. */
void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
	if (in_arena(block))
		blocks--;
	else
		__real_free(block);
}

size_t __real_malloc_usable_size(void *block);
size_t __wrap_malloc_usable_size(void *block);
size_t __wrap_malloc_usable_size(void *block)
{
	size_t size;

	if (!in_arena(block))
		return __real_malloc_usable_size(block);
	memcpy(&size, (char *)block - ARENA_HEAD, sizeof(size));
	return size;
}

void __real_cJSON_InitHooks(cJSON_Hooks *hooks);
void __wrap_cJSON_InitHooks(cJSON_Hooks *hooks);
void __wrap_cJSON_InitHooks(cJSON_Hooks *hooks)
{
	cJSON_Hooks ours = *hooks;

	if (arena_used_by_cjson)
		ours.malloc_fn = arena_malloc;
	__real_cJSON_InitHooks(&ours);
}

static struct json *parse_in_arena(const char *text, int allocations, const char **why)
{
	memset(arena, 0, sizeof(arena));
	arena_used = 0;
	allocations_left = allocations;
	return parse(text, strlen(text), why);
}

static int arena_setup(void **state)
{
	(void)state;
	arena_used_by_cjson = true;
	return 0;
}

static int arena_teardown(void **state)
{
	(void)state;
	arena_used_by_cjson = false;
	return 0;
}

static bool arena_holds(const void *bytes, size_t len)
{
	return memmem(arena, sizeof(arena), bytes, len);
}

static void everything_is_wiped(void **state)
{
	static const char text[] = "{\"key\":\"SECRET-1\",\"deep\":[{\"SECRET-2\":[\"SECRET-3\"]}],"
				   "\"number\":424242.5}";
	static const char twice[] = "{\"SECRET-4\":\"SECRET-5\",\"SECRET-4\":1}";
	const double number = 424242.5;
	const int integer = 424242;
	struct json *top = parse_in_arena(text, -1, NULL);

	(void)state;
	assert_non_null(top);
	assert_true(arena_holds("SECRET-", 7));
	assert_true(arena_holds(&number, sizeof(number)));
	assert_true(arena_holds(&integer, sizeof(integer)));
	json_destroy(top);
	assert_int_equal(blocks, 0);
	assert_false(arena_holds("SECRET-", 7));
	assert_false(arena_holds("key", 3));
	assert_false(arena_holds(&number, sizeof(number)));
	assert_false(arena_holds(&integer, sizeof(integer)));

	assert_null(parse_in_arena(twice, -1, NULL));
	assert_true(arena_used > 0);
	assert_false(arena_holds("SECRET-", 7));
}

static void failing_memory_is_survived(void **state)
{
	const char *why = NULL;
	struct json *top = NULL;
	int left;

	(void)state;
	for (left = 0; !top; left++) {
		top = parse_in_arena(good_text, left, &why);
		assert_true(top || strcmp(why, "json_no_memory") == 0);
		assert_true(top || blocks == 0);
	}
	assert_true(left > 20);
	assert_null(why);
	json_destroy(top);
	assert_int_equal(blocks, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate_decides_each_row),
		cmocka_unit_test(gate_needs_no_why),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_byte_behind_the_end_is_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(values_are_bounded),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(many_empty_objects_are_refused),
		cmocka_unit_test(every_character_comes_through),
		cmocka_unit_test(every_pair_of_high_bytes_is_judged),
		cmocka_unit_test(every_escape_is_judged),
		cmocka_unit_test(types_are_told_apart),
		cmocka_unit_test(paths_lead_to_values),
		cmocka_unit_test(paths_are_bounded),
		cmocka_unit_test(integers_are_exact),
		cmocka_unit_test(booleans_are_booleans),
		cmocka_unit_test(strings_are_unescaped),
		cmocka_unit_test_setup_teardown(everything_is_wiped, arena_setup, arena_teardown),
		cmocka_unit_test_setup_teardown(failing_memory_is_survived, arena_setup,
						arena_teardown),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
