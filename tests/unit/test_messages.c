/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/display/messages.c: the table is complete, names only placeholders that somebody fills, and is
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

#include "common/utf8.h"
#include "helper/login/display/messages.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What each sentence may name; the others name nothing. */
static const struct {
	enum message message;
	const char *names; /* each with a space before and behind */
} allowed[] = {
	{ MESSAGE_SIGN_IN, " host service user " },
	{ MESSAGE_SIGN_IN_ANYONE, " host service " },
	{ MESSAGE_ASKER, " asker user host service " },
	{ MESSAGE_FROM, " from " },
	{ MESSAGE_MINUTES, " minutes " },
	{ MESSAGE_SECONDS, " seconds " },
	{ MESSAGE_IDLE, " host " },
	{ MESSAGE_IDLE_USER, " host user " },
	{ MESSAGE_ADDRESS, " uri " },
	{ MESSAGE_CODE, " code " },
	{ MESSAGE_CODE_BRIEF, " code " },
	{ MESSAGE_LINE, " uri code " },
	{ MESSAGE_LINE_PASTE, " uri " },
};

static const char *allowed_names(enum message message)
{
	for (size_t i = 0; i < COUNT(allowed); i++)
		if (allowed[i].message == message)
			return allowed[i].names;
	return " ";
}

static void every_message_has_its_text(void **state)
{
	(void)state;
	for (int i = 0; i < MESSAGE_COUNT; i++) {
		const char *text = message_text(NULL, (enum message)i);

		assert_non_null(text);
		assert_true(strlen(text) > 0);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(text, message_text(NULL, (enum message)j));
	}
}

static void sentences_are_one_plain_line(void **state)
{
	(void)state;
	for (int i = 0; i < MESSAGE_COUNT; i++) {
		const char *text = message_text(NULL, (enum message)i);

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
	for (int i = 0; i < MESSAGE_COUNT; i++) {
		const char *names = allowed_names((enum message)i);
		const char *at = message_text(NULL, (enum message)i);
		size_t named = 0;
		char name[32];
		int end;

		while ((at = strpbrk(at, "{}"))) {
			end = 0;
			if (sscanf(at, "{%20[a-z]}%n", name, &end) != 1 || end == 0)
				fail_msg("%s: a stray brace", message_text(NULL, (enum message)i));
			memmove(name + 1, name, strlen(name) + 1);
			name[0] = ' ';
			strcat(name, " ");
			if (!strstr(names, name))
				fail_msg("%s: nobody fills%s", message_text(NULL, (enum message)i),
					 name);
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

static void what_is_no_message_is_empty(void **state)
{
	char out[8] = "before";

	(void)state;
	assert_string_equal(message_text(NULL, MESSAGE_COUNT), "");
	assert_string_equal(message_text(NULL, (enum message) - 1), "");
	assert_int_equal(message_format(NULL, MESSAGE_COUNT, NULL, out, sizeof(out)), 0);
	assert_string_equal(out, "");
}

static void placeholders_are_filled(void **state)
{
	const char *const pairs[] = { "us",   "wrong", "users",	  "wrong", "user", "alice",
				      "host", "tv",    "service", "login", NULL };
	char out[200];

	(void)state;
	assert_int_equal(message_format(NULL, MESSAGE_SIGN_IN, pairs, out, sizeof(out)),
			 strlen("Sign in to tv (login) as alice."));
	assert_string_equal(out, "Sign in to tv (login) as alice.");
	assert_true(message_format(NULL, MESSAGE_MOMENT, NULL, out, sizeof(out)) > 0);
	assert_string_equal(out, message_text(NULL, MESSAGE_MOMENT));
}

static void values_are_not_read_as_sentences(void **state)
{
	const char *const pairs[] = { "user", "{host}{", "host", "{user}", "service", "}", NULL };
	char out[200];

	(void)state;
	assert_true(message_format(NULL, MESSAGE_SIGN_IN, pairs, out, sizeof(out)) > 0);
	assert_string_equal(out, "Sign in to {user} (}) as {host}{.");
}

static void missing_values_refuse(void **state)
{
	const char *const lacking[] = { "host", "tv", "service", "login", NULL };
	const char *const cut[] = { "host", "tv", "service", "login", "user", NULL };
	char out[200];

	(void)state;
	strcpy(out, "before");
	assert_int_equal(message_format(NULL, MESSAGE_SIGN_IN, lacking, out, sizeof(out)), 0);
	assert_string_equal(out, "");
	strcpy(out, "before");
	assert_int_equal(message_format(NULL, MESSAGE_SIGN_IN, cut, out, sizeof(out)), 0);
	assert_string_equal(out, "");
	strcpy(out, "before");
	assert_int_equal(message_format(NULL, MESSAGE_SIGN_IN, NULL, out, sizeof(out)), 0);
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
		assert_int_equal(message_format(NULL, MESSAGE_SIGN_IN, pairs, out, size),
				 size > len ? len : 0);
		if (size > 0)
			assert_string_equal(out, size > len ? whole : "");
		else
			assert_int_equal(out[0], 'x');
		free(out);
	}
}

/* ---- the files of messages ---- */

/* Reads conf/messages/LANGUAGE.conf without the module's reader; each name once, all of them. */
static void file_read(const char *language, char texts[MESSAGE_COUNT][256])
{
	char path[64], line[512];
	FILE *file;

	snprintf(path, sizeof(path), "conf/messages/%s.conf", language);
	file = fopen(path, "r");
	assert_non_null(file);
	memset(texts, 0, MESSAGE_COUNT * sizeof(texts[0]));
	while (fgets(line, sizeof(line), file)) {
		char *value = strstr(line, " = ");
		enum message message;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		assert_non_null(value);
		*value = '\0';
		message = message_find(line);
		if (message == MESSAGE_COUNT || texts[message][0] ||
		    strlen(value + 3) >= sizeof(texts[0]))
			fail_msg("%s: %s", path, line);
		snprintf(texts[message], sizeof(texts[0]), "%s", value + 3);
	}
	fclose(file);
	for (int i = 0; i < MESSAGE_COUNT; i++)
		if (!texts[i][0])
			fail_msg("%s lacks %s", path, message_name((enum message)i));
}

static int columns(const char *text)
{
	int columns = 0;

	for (; *text; text++)
		columns += (*text & 0xc0) != 0x80;
	return columns;
}

/* The names in braces that TEXT has and OTHER has not. */
static void same_placeholders(const char *name, const char *text, const char *other)
{
	char placeholder[40];

	for (const char *at = text; (at = strchr(at, '{')); at++) {
		snprintf(placeholder, sizeof(placeholder), "%.*s", (int)strcspn(at, "}") + 1, at);
		if (!strstr(other, placeholder))
			fail_msg("%s: %s is missing in: %s", name, placeholder, other);
	}
}

static const char *const ordinary[] = {
	"user",	   "alice", "host", "kiosk-12",	  "service", "login",
	"asker",   "bob",   "from", "192.0.2.17", "minutes", "10",
	"seconds", "100",   "code", "WDJB-MJHT",  "uri",     "https://login.example.org/device",
	NULL
};

static void languages_are_complete(void **state)
{
	static const char *const languages[] = { "en", "de", "fr", "es" };
	static char texts[MESSAGE_COUNT][256];
	char accepts[MESSAGE_ACCEPTS_MAX], out[512], ascii[256];
	struct messages messages = { { 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT(languages); i++) {
		file_read(languages[i], texts);
		for (int j = 0; j < MESSAGE_COUNT; j++) {
			enum message message = (enum message)j;
			const char *english = message_text(NULL, message);

			if (!message_ok(message, texts[j], accepts))
				fail_msg("%s: %s: must be %s", languages[i], message_name(message),
					 accepts);
			same_placeholders(message_name(message), english, texts[j]);
			same_placeholders(message_name(message), texts[j], english);
			messages.text[j] = texts[j];
			assert_true(message_format(&messages, message, ordinary, out, sizeof(out)) >
				    0);
			if (columns(out) + message_is_prompt(message) > 80)
				fail_msg("%s: %s: %d columns", languages[i], out, columns(out));
			strcpy(ascii, texts[j]);
			if (!utf8_to_ascii(ascii) || columns(ascii) > 84)
				fail_msg("%s: no ASCII for: %s", languages[i], texts[j]);
			if (i == 0)
				assert_memory_equal(english, texts[j], strlen(texts[j]));
			if (i == 0)
				assert_string_equal(english + strlen(texts[j]),
						    message_is_prompt(message) ? " " : "");
		}
	}
}

/* ---- other letters ---- */

static void characters_are_read_strictly(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		unsigned int point;
	} rows[] = {
		{ "", 0, 0 },
		{ "a", 1, 'a' },
		{ "\xc3\xa4", 2, 0xe4 },
		{ "\xe2\x82\xac", 3, 0x20ac },
		{ "\xf0\x9f\x98\x80", 4, 0x1f600 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xf4\x90\x80\x80", 0, 0 },
		{ "\xc0\xaf", 0, 0 },
		{ "\xc1\xbf", 0, 0 },
		{ "\xe0\x9f\xbf", 0, 0 },
		{ "\xf0\x8f\xbf\xbf", 0, 0 },
		{ "\xed\xa0\x80", 0, 0 },
		{ "\x80", 0, 0 },
		{ "\xff", 0, 0 },
		{ "\xc3", 0, 0 },
		{ "\xe2\x82", 0, 0 },
		{ "\xe2x\xac", 0, 0 },
	};
	unsigned int point;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(utf8_next(rows[i].text, &point), rows[i].len);
		if (rows[i].len)
			assert_int_equal(point, rows[i].point);
	}
}

static void letters_are_spelled(void **state)
{
	static const struct {
		const char *text, *ascii;
		bool ok;
	} rows[] = {
		{ "Gerät öffnen, Größe", "Geraet oeffnen, Groesse", true },
		{ "Échappé à l’œil « ça »", "Echappe a l'oeil \" ca \"", true },
		{ "¿Código? ¡Señor!", "Codigo? Senor!", true },
		{ "Zażółć gęślą jaźń …", "Zazolc gesla jazn ...", true },
		{ "Нет", "", false },
		{ "a一", "", false },
		{ "×÷", "", false },
		{ "\xc3", "", false },
		{ "", "", true },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		strcpy(text, rows[i].text);
		assert_int_equal(utf8_to_ascii(text), rows[i].ok);
		assert_string_equal(text, rows[i].ascii);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_has_its_text),
		cmocka_unit_test(sentences_are_one_plain_line),
		cmocka_unit_test(sentences_name_what_is_filled),
		cmocka_unit_test(what_is_no_message_is_empty),
		cmocka_unit_test(placeholders_are_filled),
		cmocka_unit_test(values_are_not_read_as_sentences),
		cmocka_unit_test(missing_values_refuse),
		cmocka_unit_test(short_buffers_refuse),
		cmocka_unit_test(languages_are_complete),
		cmocka_unit_test(characters_are_read_strictly),
		cmocka_unit_test(letters_are_spelled),
	};

	return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
