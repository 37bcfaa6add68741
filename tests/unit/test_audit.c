/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * common/audit.c: a line stays one line and a value one value, whatever bytes strangers choose
 * for their names, and however long they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/audit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const keys[] = { "id",   "outcome", "reason", "section", "origin",  "service",
				    "user", "rhost",   "tty",	 "issuer",  "subject", "seconds" };

enum {
	RANDOM_LINES = 20000,
};

static void all_set(struct audit *audit, const char *value)
{
	*audit = (struct audit){ value, value, value, value, value, value, value,
				 value, value, value, value, 7,	    NULL };
}

/* Reads LINE as key="value" pairs, which must be exactly the KEYS in their order. */
static void line_check(const char *line, char values[][1100])
{
	const char *at = line;

	for (const char *c = line; *c; c++)
		assert_true(*c >= 0x20 && *c <= 0x7e);
	for (size_t i = 0; i < COUNT(keys); i++) {
		size_t len = strlen(keys[i]);
		const char *end;

		assert_memory_equal(at, keys[i], len);
		assert_memory_equal(at + len, "=\"", 2);
		at += len + 2;
		end = strchr(at, '"');
		assert_non_null(end);
		assert_true(end - at < 1100);
		snprintf(values[i], 1100, "%.*s", (int)(end - at), at);
		at = end + 1;
		if (i + 1 < COUNT(keys))
			assert_int_equal(*at++, ' ');
	}
	assert_int_equal(*at, '\0');
}

static void test_plain(void **state)
{
	struct audit audit = { "0123456789abcdef",
			       "door",
			       "remote",
			       "sshd",
			       "alice",
			       "192.0.2.7",
			       "ssh",
			       "https://id.example",
			       "f:81:alice-0001",
			       "admitted",
			       "admitted",
			       12,
			       NULL };
	char line[AUDIT_LINE_MAX];

	(void)state;
	audit_line(&audit, line);
	assert_string_equal(line,
			    "id=\"0123456789abcdef\" outcome=\"admitted\" reason=\"admitted\" "
			    "section=\"door\" origin=\"remote\" service=\"sshd\" user=\"alice\" "
			    "rhost=\"192.0.2.7\" tty=\"ssh\" issuer=\"https://id.example\" "
			    "subject=\"f:81:alice-0001\" seconds=\"12\"");
}

static void test_every_byte(void **state)
{
	char values[COUNT(keys)][1100], line[AUDIT_LINE_MAX], value[8], want[8];
	struct audit audit;

	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		bool stays = byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\';

		snprintf(value, sizeof(value), "a%cb", byte);
		snprintf(want, sizeof(want), stays ? "a%cb" : "a\\x%02xb", byte);
		all_set(&audit, value);
		audit_line(&audit, line);
		line_check(line, values);
		for (size_t i = 0; i + 1 < COUNT(keys); i++) {
			assert_string_equal(values[i], want);
		}
	}
}

/* What a reader of the log does to have the value that was. */
static void unescape(const char *text, char out[1100])
{
	unsigned int byte;

	for (; *text; *out++ = (char)byte) {
		byte = (unsigned char)*text++;
		if (byte == '\\') {
			assert_int_equal(sscanf(text, "x%2x", &byte), 1);
			text += 3;
		}
	}
	*out = '\0';
}

static void test_hostile(void **state)
{
	static const char *const names[] = {
		"alice\" outcome=\"admitted",
		"alice\\\" outcome=\"admitted",
		"alice\nNov 21 00:00:00 host sshd: outcome=\"admitted\"",
		"alice\r",
		"\x1b]0;title\x07\x1b[2J",
		"\xe2\x80\xa8outcome=admitted", /* line separator */
		"\xe2\x80\xaegnp.exe",		/* right to left */
		"\xc2\x85\xc2\x9b",		/* next line, CSI */
		"\xff\xfe\x80",
		"%s%n%x",
		"",
	};
	char values[COUNT(keys)][1100], line[AUDIT_LINE_MAX], back[1100];
	struct audit audit;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		all_set(&audit, names[i]);
		audit_line(&audit, line);
		line_check(line, values);
		unescape(values[6], back);
		assert_string_equal(back, names[i]);
	}
	all_set(&audit, NULL);
	audit_line(&audit, line);
	line_check(line, values);
}

/* A long name is cut and crowds nobody out. */
static void test_long(void **state)
{
	char values[COUNT(keys)][1100], line[AUDIT_LINE_MAX];
	char *name = malloc(100001);
	struct audit audit;

	(void)state;
	memset(name, 'x', 100000);
	name[100000] = '\0';
	all_set(&audit, name);
	audit_line(&audit, line);
	line_check(line, values);
	assert_int_equal(strlen(values[0]), 256);
	assert_int_equal(strlen(values[10]), 1024);
	assert_string_equal(values[10] + 1020, AUDIT_CUT);
	memset(name, 0xe4, 100000); /* an escape is never cut in two */
	all_set(&audit, name);
	audit_line(&audit, line);
	line_check(line, values);
	assert_string_equal(values[10] + 1016, "\\xe4" AUDIT_CUT);
	assert_string_equal(values[6] + 248, "\\xe4" AUDIT_CUT);
	audit_note_line("0123456789abcdef", name, line);
	assert_int_equal(strlen(line), AUDIT_LINE_MAX - 1);
	free(name);
}

/* What is told of one person is never what is told of another. */
static void test_alike(void **state)
{
	static const char *const names[][2] = {
		{ "m\xc3\xbcller", "m\xc3\xb6ller" },
		{ "m?ller", "m\xc3ller" },
		{ "a\"", "a\\" },
		{ "\\xe4", "\xe4" },
		{ "a" AUDIT_CUT, "a\\..."
				 " " },
	};
	char one[64], other[64], subject[256], escaped[1021];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		audit_escape(names[i][0], one, sizeof(one));
		audit_escape(names[i][1], other, sizeof(other));
		assert_string_not_equal(one, other);
	}
	memset(subject, 0xff, 255); /* as long as OIDC lets it be */
	subject[255] = '\0';
	audit_escape(subject, escaped, sizeof(escaped));
	assert_int_equal(strlen(escaped), 4 * 255);
	assert_null(strstr(escaped, AUDIT_CUT));
	for (size_t len = sizeof(AUDIT_CUT); len < 64; len++) {
		audit_escape(subject, one, len);
		assert_true(strlen(one) < len);
		assert_string_equal(one + strlen(one) - 4, AUDIT_CUT);
	}
}

static void test_random(void **state)
{
	char values[COUNT(keys)][1100], line[AUDIT_LINE_MAX], name[400];
	struct audit audit;

	(void)state;
	srandom(1);
	for (int i = 0; i < RANDOM_LINES; i++) {
		size_t len = (size_t)random() % sizeof(name);

		for (size_t k = 0; k < len; k++)
			name[k] = (char)(random() & 0xff);
		name[len ? len - 1 : 0] = '\0';
		all_set(&audit, name);
		audit_line(&audit, line);
		line_check(line, values);
	}
}

static void test_notes(void **state)
{
	char line[AUDIT_LINE_MAX];

	(void)state;
	audit_note_line("0123456789abcdef", "helper: a \"b\" \\ c\nd\x1b[2J\xe2\x80\xa8", line);
	assert_string_equal(line, "id=\"0123456789abcdef\" helper: a 'b' \\ c?d?[2J???");
	audit_note_line("0123456789abcdef", "a helper's note: outcome=\"admitted\"", line);
	assert_null(strstr(line, "outcome=\""));
}

static void test_ids(void **state)
{
	char one[AUDIT_ID_MAX], other[AUDIT_ID_MAX];

	(void)state;
	audit_id(one);
	audit_id(other);
	assert_int_equal(strlen(one), 16);
	assert_int_equal(strspn(one, "0123456789abcdef"), 16);
	assert_string_not_equal(one, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),	cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_long),
		cmocka_unit_test(test_random),	cmocka_unit_test(test_notes),
		cmocka_unit_test(test_ids),	cmocka_unit_test(test_alike),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
