/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pam_module/words.c: the table is complete, names only placeholders that somebody fills, and is
 * filled without ever writing too far.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "words.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What each sentence may name; the others name nothing. */
static const struct {
	enum word word;
	const char *names; /* each with a space before and behind */
} allowed[] = {
	{ WORD_SIGN_IN, " host service user " },
	{ WORD_SIGN_IN_ANYONE, " host service " },
	{ WORD_ASKER, " asker user host service " },
	{ WORD_FROM, " from " },
	{ WORD_MINUTES, " minutes " },
	{ WORD_SECONDS, " seconds " },
	{ WORD_IDLE, " host " },
	{ WORD_IDLE_USER, " host user " },
	{ WORD_ADDRESS, " uri " },
	{ WORD_CODE, " code " },
	{ WORD_CODE_BRIEF, " code " },
};

static const char *allowed_names(enum word word)
{
	for (size_t i = 0; i < COUNT(allowed); i++)
		if (allowed[i].word == word)
			return allowed[i].names;
	return " ";
}

static void every_word_has_its_sentence(void **state)
{
	(void)state;
	for (int i = 0; i < WORD_COUNT; i++) {
		const char *text = word_text((enum word)i);

		assert_non_null(text);
		assert_true(strlen(text) > 0);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(text, word_text((enum word)j));
	}
}

static void sentences_are_one_plain_line(void **state)
{
	(void)state;
	for (int i = 0; i < WORD_COUNT; i++) {
		const char *text = word_text((enum word)i);

		assert_true(strlen(text) <= 80);
		assert_true(text[0] != ' ');
		for (const char *at = text; *at; at++)
			if (*at < ' ' || *at > '~')
				fail_msg("%s: a byte that is not printable ASCII", text);
	}
}

static void sentences_name_what_is_filled(void **state)
{
	(void)state;
	for (int i = 0; i < WORD_COUNT; i++) {
		const char *names = allowed_names((enum word)i);
		const char *at = word_text((enum word)i);
		size_t named = 0;
		char name[32];
		int end;

		while ((at = strpbrk(at, "{}"))) {
			end = 0;
			if (sscanf(at, "{%20[a-z]}%n", name, &end) != 1 || end == 0)
				fail_msg("%s: a stray brace", word_text((enum word)i));
			memmove(name + 1, name, strlen(name) + 1);
			name[0] = ' ';
			strcat(name, " ");
			if (!strstr(names, name))
				fail_msg("%s: nobody fills%s", word_text((enum word)i), name);
			named++;
			at += end;
		}
		for (; *names; names++)
			if (*names == ' ' && names[1])
				named--;
		assert_int_equal(named,
				 0); /* a sentence that leaves something out says too little */
	}
}

static void what_is_no_word_is_empty(void **state)
{
	char out[8] = "before";

	(void)state;
	assert_string_equal(word_text(WORD_COUNT), "");
	assert_string_equal(word_text((enum word) - 1), "");
	assert_int_equal(word_fill(WORD_COUNT, NULL, out, sizeof(out)), 0);
	assert_string_equal(out, "");
}

static void placeholders_are_filled(void **state)
{
	const char *const pairs[] = { "us",   "wrong", "users",	  "wrong", "user", "alice",
				      "host", "tv",    "service", "login", NULL };
	char out[200];

	(void)state;
	assert_int_equal(word_fill(WORD_SIGN_IN, pairs, out, sizeof(out)),
			 strlen("Sign in to tv (login) as alice."));
	assert_string_equal(out, "Sign in to tv (login) as alice.");
	assert_true(word_fill(WORD_MOMENT, NULL, out, sizeof(out)) > 0);
	assert_string_equal(out, word_text(WORD_MOMENT));
}

static void values_are_not_read_as_sentences(void **state)
{
	const char *const pairs[] = { "user", "{host}{", "host", "{user}", "service", "}", NULL };
	char out[200];

	(void)state;
	assert_true(word_fill(WORD_SIGN_IN, pairs, out, sizeof(out)) > 0);
	assert_string_equal(out, "Sign in to {user} (}) as {host}{.");
}

static void missing_values_refuse(void **state)
{
	const char *const lacking[] = { "host", "tv", "service", "login", NULL };
	const char *const cut[] = { "host", "tv", "service", "login", "user", NULL };
	char out[200];

	(void)state;
	strcpy(out, "before");
	assert_int_equal(word_fill(WORD_SIGN_IN, lacking, out, sizeof(out)), 0);
	assert_string_equal(out, "");
	strcpy(out, "before");
	assert_int_equal(word_fill(WORD_SIGN_IN, cut, out, sizeof(out)), 0);
	assert_string_equal(out, "");
	strcpy(out, "before");
	assert_int_equal(word_fill(WORD_SIGN_IN, NULL, out, sizeof(out)), 0);
	assert_string_equal(out, "");
}

static void short_buffers_refuse(void **state)
{
	const char *const pairs[] = { "user", "alice", "host", "", "service", "login", NULL };
	const char *whole = "Sign in to  (login) as alice.";
	size_t len = strlen(whole);

	(void)state;
	for (size_t size = 0; size <= len + 2; size++) {
		char *out = malloc(size ? size : 1); /* exact: a sanitizer sees a byte too far */

		assert_non_null(out);
		out[0] = 'x';
		assert_int_equal(word_fill(WORD_SIGN_IN, pairs, out, size), size > len ? len : 0);
		if (size > 0)
			assert_string_equal(out, size > len ? whole : "");
		else
			assert_int_equal(out[0], 'x');
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_has_its_sentence),
		cmocka_unit_test(sentences_are_one_plain_line),
		cmocka_unit_test(sentences_name_what_is_filled),
		cmocka_unit_test(what_is_no_word_is_empty),
		cmocka_unit_test(placeholders_are_filled),
		cmocka_unit_test(values_are_not_read_as_sentences),
		cmocka_unit_test(missing_values_refuse),
		cmocka_unit_test(short_buffers_refuse),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
