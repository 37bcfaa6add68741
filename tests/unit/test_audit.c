/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pam_module/audit.c: a line stays one line and a value one value, whatever bytes strangers choose
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

#include "../../pam_module/audit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const keys[] = { "id",   "outcome", "reason", "section", "place",   "service",
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
static void line_check(const char *line, char values[][300])
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
		assert_true(end - at < 300);
		snprintf(values[i], 300, "%.*s", (int)(end - at), at);
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
			    "section=\"door\" place=\"remote\" service=\"sshd\" user=\"alice\" "
			    "rhost=\"192.0.2.7\" tty=\"ssh\" issuer=\"https://id.example\" "
			    "subject=\"f:81:alice-0001\" seconds=\"12\"");
}

static void test_every_byte(void **state)
{
	char values[COUNT(keys)][300], line[AUDIT_LINE_MAX], value[8];
	struct audit audit;

	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		bool stays = byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\';

		snprintf(value, sizeof(value), "a%cb", byte);
		all_set(&audit, value);
		audit_line(&audit, line);
		line_check(line, values);
		for (size_t i = 0; i + 1 < COUNT(keys); i++) {
			assert_int_equal(values[i][1], stays ? byte : '?');
			assert_int_equal(strlen(values[i]), 3);
		}
	}
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
	char values[COUNT(keys)][300], line[AUDIT_LINE_MAX];
	struct audit audit;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		all_set(&audit, names[i]);
		audit_line(&audit, line);
		line_check(line, values);
		assert_int_equal(strlen(values[6]), strlen(names[i]));
	}
	all_set(&audit, NULL);
	audit_line(&audit, line);
	line_check(line, values);
}

/* A long name is cut and crowds nobody out. */
static void test_long(void **state)
{
	char values[COUNT(keys)][300], line[AUDIT_LINE_MAX];
	char *name = malloc(100001);
	struct audit audit;

	(void)state;
	memset(name, 'x', 100000);
	name[100000] = '\0';
	all_set(&audit, name);
	audit_line(&audit, line);
	line_check(line, values);
	assert_int_equal(strlen(values[0]), 256);
	assert_int_equal(strlen(values[10]), 256);
	audit_note_line("0123456789abcdef", name, line);
	assert_int_equal(strlen(line), AUDIT_LINE_MAX - 1);
	free(name);
}

static void test_random(void **state)
{
	char values[COUNT(keys)][300], line[AUDIT_LINE_MAX], name[400];
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
	assert_string_equal(line, "id=\"0123456789abcdef\" helper: a \"b\" \\ c?d?[2J???");
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
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
