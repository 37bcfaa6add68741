/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device_code.conf(5) and conf/device_code.conf against the table of keys: each key stands in both, with
 * the default that the table has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/login/config/rules.h"

enum {
	FILE_MAX = 256 * 1024,
};

static char page[FILE_MAX], conf[FILE_MAX];

static int read_file(const char *name, char *text)
{
	FILE *file = fopen(name, "r");
	size_t len = file ? fread(text, 1, FILE_MAX - 1, file) : 0;

	text[len] = '\0';
	if (file)
		fclose(file);
	return len > 0 ? 0 : -1;
}

static int read_both(void **state)
{
	(void)state;
	return read_file("man/device_code.conf.5", page) ||
	       read_file("conf/device_code.conf", conf);
}

/* The text from behind AT to the next END, or to the end of all; newlines and "# " become blanks. */
static char *flat(const char *at, const char *end)
{
	const char *stop = strstr(at, end);
	size_t len = stop ? (size_t)(stop - at) : strlen(at);
	char *text = strndup(at, len);

	assert_non_null(text);
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '#')
			*c = ' ';
	return text;
}

/* What is said of a default in TEXT has WORD in it. */
static void assert_default(const char *where, const char *key, const char *text, const char *word)
{
	const char *said = strstr(text, "Default:");

	if (said && (!word || strstr(said, word)))
		return;
	fail_msg("%s: %s: the default %s is not said: %s", where, key, word ? word : "(none)",
		 text);
}

static void every_key_is_in_the_page(void **state)
{
	(void)state;
	for (int key = 0; key < CONF_KEY_COUNT; key++) {
		char head[128], *text, *said;
		const char *at;

		snprintf(head, sizeof(head), "\n.It Ic %.31s No = Ar value\n", rules[key].name);
		at = strstr(page, head);
		if (!at)
			fail_msg("device_code.conf(5) has no %s", rules[key].name);
		at += strlen(head);
		text = flat(at, "\n.It Ic ");
		said = flat(at, "\n.Dl "); /* the example has a value, too */
		assert_default("device_code.conf(5)", rules[key].name, said,
			       rules[key].standard[0] ? rules[key].standard : NULL);
		free(said);
		if (!strstr(text, "Type:"))
			fail_msg("device_code.conf(5): %s: no type", rules[key].name);
		snprintf(head, sizeof(head), ".Dl %.31s = ", rules[key].name);
		if (!strstr(text, head))
			fail_msg("device_code.conf(5): %s: no example", rules[key].name);
		free(text);
	}
}

static void the_page_has_no_other_key(void **state)
{
	const char *at = page;
	int count = 0;

	(void)state;
	while ((at = strstr(at, "\n.It Ic "))) {
		char name[64] = "";
		int key = 0;

		sscanf(at, "\n.It Ic %63s", name);
		while (key < CONF_KEY_COUNT && strcmp(rules[key].name, name) != 0)
			key++;
		if (key == CONF_KEY_COUNT && strncmp(name, "message_", 8) != 0)
			fail_msg("device_code.conf(5): %s is no key", name);
		count += key < CONF_KEY_COUNT;
		at++;
	}
	assert_int_equal(count, CONF_KEY_COUNT);
}

/* The paragraph of comment in front of the line AT, which may follow lines of other keys. */
static char *paragraph(const char *at)
{
	const char *start = at;

	while (start > conf + 1 && strncmp(start - 2, "\n\n", 2) != 0)
		start--;
	at = start;
	while (*at && !(at[0] == '\n' && at[1] == '#' && at[2] >= 'a' && at[2] <= 'z'))
		at++;
	return strndup(start, (size_t)(at - start)); /* without the keys and their examples */
}

static void every_key_is_in_the_file(void **state)
{
	(void)state;
	for (int key = 0; key < CONF_KEY_COUNT; key++) {
		bool in_profile_alone = !(rules[key].flags & IN_SITE);
		char line[96], *text;
		const char *at;

		snprintf(line, sizeof(line), "\n#%s%.31s = ", in_profile_alone ? "   " : "",
			 rules[key].name);
		at = strstr(conf, line);
		if (!at)
			fail_msg("conf/device_code.conf has no %s", rules[key].name);
		text = in_profile_alone ? flat(at + 1, " = \n") : paragraph(at);
		if (rules[key].standard[0] != '\0')
			assert_default("conf/device_code.conf", rules[key].name, text,
				       rules[key].standard);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_in_the_page),
		cmocka_unit_test(the_page_has_no_other_key),
		cmocka_unit_test(every_key_is_in_the_file),
	};

	return cmocka_run_group_tests(tests, read_both, NULL);
}
