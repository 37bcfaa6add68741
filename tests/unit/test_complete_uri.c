/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pam_module/manner.c: where the QR code may hold the code itself, for every place and account; and
 * which terminal gets which bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../pam_module/manner.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A section with these values beside the defaults. */
static void section(struct conf *conf, char *complete_uri, char *prompt, char *qr, char *timeout)
{
	memset(conf, 0, sizeof(*conf));
	conf->value[CONF_COMPLETE_URI] = complete_uri;
	conf->value[CONF_PROMPT] = prompt;
	conf->value[CONF_QR] = qr;
	conf->value[CONF_TIMEOUT] = timeout;
}

static struct manner choose(const struct conf *conf, const struct manner_facts *facts)
{
	struct manner manner;

	memset(&manner, 0xff, sizeof(manner));
	manner_choose(conf, facts, &manner);
	return manner;
}

/* ---- the code inside the QR ---- */

static void test_complete_uri(void **state)
{
	static const struct {
		const char *what;
		enum place place;
		const char *tty;
		bool own_account;
		bool by_itself; /* complete_uri = auto */
	} rows[] = {
		{ "login on a console", PLACE_SEAT, "tty1", false, true },
		{ "login on a serial line", PLACE_SEAT, "/dev/ttyS0", false, true },
		{ "a greeter", PLACE_SEAT, ":0", false, true },
		{ "a greeter without a terminal", PLACE_SEAT, "", false, true },
		{ "sudo: one's own account", PLACE_SESSION, "/dev/pts/1", true, true },
		{ "a locker", PLACE_SESSION, ":0", true, true },
		{ "su to somebody else", PLACE_SESSION, "/dev/pts/1", false, false },
		{ "su on a console", PLACE_SESSION, "tty1", false, false },
		{ "su to oneself", PLACE_SESSION, "/dev/pts/1", true, true },
		{ "ssh", PLACE_REMOTE, "ssh", false, false },
		{ "ssh, a daemon as the user", PLACE_REMOTE, "ssh", true, false },
		{ "a browser", PLACE_REMOTE, "", false, false },
		{ "telnet on a console's name", PLACE_REMOTE, "tty1", true, false },
	};
	static char automatic[] = "auto", always[] = "always", never[] = "never", off[] = "auto";
	struct conf conf;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct manner_facts facts = { .place = rows[i].place,
					      .tty = rows[i].tty,
					      .own_account = rows[i].own_account };

		section(&conf, automatic, off, off, NULL);
		if (choose(&conf, &facts).complete_uri != rows[i].by_itself)
			fail_msg("%s: auto", rows[i].what);
		section(&conf, always, off, off, NULL);
		if (!choose(&conf, &facts).complete_uri)
			fail_msg("%s: always", rows[i].what);
		section(&conf, never, off, off, NULL);
		if (choose(&conf, &facts).complete_uri)
			fail_msg("%s: never", rows[i].what);
	}
}

/* ---- bytes for terminals ---- */

static void test_styles(void **state)
{
	static const struct {
		const char *qr;
		enum place place;
		int rows;
		bool linux_console;
		enum screen_style style;
	} rows[] = {
		{ "auto", PLACE_REMOTE, 0, false, SCREEN_UTF8 },
		{ "auto", PLACE_REMOTE, 50, false, SCREEN_UTF8 },
		{ "auto", PLACE_REMOTE, 50, true, SCREEN_UTF8 },
		{ "auto", PLACE_SEAT, 0, false, SCREEN_UTF8 },
		{ "auto", PLACE_SEAT, 25, true, SCREEN_FULL },
		{ "auto", PLACE_SEAT, 25, false, SCREEN_COLOUR },
		{ "auto", PLACE_SESSION, 25, false, SCREEN_COLOUR },
		{ "auto", PLACE_SESSION, 0, false, SCREEN_UTF8 },
		{ "off", PLACE_SEAT, 25, false, SCREEN_OFF },
		{ "utf8", PLACE_SEAT, 25, true, SCREEN_UTF8 },
		{ "colour", PLACE_REMOTE, 0, false, SCREEN_COLOUR },
		{ "full", PLACE_SEAT, 25, false, SCREEN_FULL },
	};
	static char automatic[] = "auto";
	struct conf conf;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct manner_facts facts = { .place = rows[i].place,
					      .tty = "",
					      .rows = rows[i].rows,
					      .columns = 80,
					      .linux_console = rows[i].linux_console };
		char qr[16];

		snprintf(qr, sizeof(qr), "%s", rows[i].qr);
		section(&conf, automatic, automatic, qr, NULL);
		if (choose(&conf, &facts).style != rows[i].style)
			fail_msg("row %zu: %s", i, rows[i].qr);
	}
}

static void test_prompts(void **state)
{
	static const struct {
		const char *prompt, *tty;
		bool prompting;
	} rows[] = {
		{ "auto", "ssh", true },   { "auto", "tty1", false }, { "auto", "", false },
		{ "enter", "ssh", true },  { "enter", "tty1", true }, { "none", "ssh", false },
		{ "none", "tty1", false }, { "auto", "ssh2", false },
	};
	static char automatic[] = "auto";
	struct conf conf;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct manner_facts facts = { .tty = rows[i].tty };
		char prompt[16];

		snprintf(prompt, sizeof(prompt), "%s", rows[i].prompt);
		section(&conf, automatic, prompt, automatic, NULL);
		if (choose(&conf, &facts).prompting != rows[i].prompting)
			fail_msg("row %zu", i);
	}
}

static void test_times(void **state)
{
	static const struct {
		const char *tty, *timeout;
		long alarm, want;
		bool cut;
		size_t answer_cut;
	} rows[] = {
		{ "ssh", NULL, 0, 100, false, 1023 },  { "tty1", NULL, 0, 300, false, 4095 },
		{ "tty1", NULL, 60, 58, true, 4095 },  { "tty1", "30s", 60, 30, false, 4095 },
		{ "tty1", "2m", 60, 58, true, 4095 },  { "tty1", NULL, 5, 10, true, 4095 },
		{ "ssh", "10m", 0, 600, false, 1023 },
	};
	static char automatic[] = "auto";
	struct conf conf;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct manner_facts facts = { .tty = rows[i].tty, .alarm = rows[i].alarm };
		char timeout[16] = "";
		struct manner manner;

		snprintf(timeout, sizeof(timeout), "%s", rows[i].timeout ? rows[i].timeout : "");
		section(&conf, automatic, automatic, automatic, rows[i].timeout ? timeout : NULL);
		manner = choose(&conf, &facts);
		if (manner.timeout != rows[i].want || manner.alarm_cuts != rows[i].cut ||
		    manner.answer_cut != rows[i].answer_cut)
			fail_msg("row %zu: %ld", i, manner.timeout);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complete_uri),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_prompts),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests_name("manner", tests, NULL, NULL);
}
