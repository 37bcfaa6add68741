/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/presentation.c: how to talk, row by row: what the section says, where the person is, what
 * terminal there is, and when the host ends itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/login/presentation.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct conf conf;

static void setting(enum conf_key key, const char *value)
{
	if (conf.where[key])
		free((char *)conf.value[key]);
	free(conf.where[key]);
	conf.where[key] = value ? strdup("test") : NULL;
	conf.value[key] = value ? strdup(value) : NULL;
}

static int settings_standard(void **state)
{
	(void)state;
	setting(CONF_FORM, "auto");
	setting(CONF_FLOW, "device_code");
	setting(CONF_LAYOUT, "auto");
	setting(CONF_CHARSET, "auto");
	setting(CONF_QR, "auto");
	setting(CONF_QR_VERIFICATION_URI_COMPLETE, "auto");
	setting(CONF_PROMPT, "auto");
	setting(CONF_START, "now");
	setting(CONF_TIMEOUT, NULL);
	return 0;
}

static int settings_end(void **state)
{
	(void)state;
	conf_clear(&conf);
	return 0;
}

static const struct presentation_facts console = { ORIGIN_SEAT, "tty1", "login", false, 0,    25,
						   80,		true,	false,	 true,	true, false,
						   false,	false,	false,	 false };
static const struct presentation_facts xterm = {
	ORIGIN_SESSION, "pts/3", "su",	true,  0,     24,    80,    false,
	false,		true,	 false, false, false, false, false, false
};
static const struct presentation_facts ssh = {
	ORIGIN_REMOTE, "ssh", "sshd", false, 0,	    0,	   0,	  false,
	false,	       false, false,  false, false, false, false, false
};
static const struct presentation_facts ssh_new = {
	ORIGIN_REMOTE, "ssh", "sshd", false, 0,	    0,	   0,	  false,
	false,	       false, false,  true,  false, false, false, false
};

/* ---- the style and the terminal ---- */

static const struct {
	const char *qr;
	enum origin origin;
	const char *tty;
	int rows, columns;
	bool linux_console, half_blocks;
	enum screen_style style;
	bool can_clear;
} style_rows[] = {
	/* text consoles of the kernel: full blocks, and half ones where these do not fit and the font has them */
	{ "auto", ORIGIN_SEAT, "tty1", 25, 80, true, false, SCREEN_FULL, true },
	{ "auto", ORIGIN_SEAT, "tty1", 24, 80, true, true, SCREEN_FULL, true },
	{ "auto", ORIGIN_SEAT, "/dev/tty1", 67, 240, true, false, SCREEN_FULL, true },
	{ "auto", ORIGIN_SEAT, "/dev/tty1", 67, 240, true, true, SCREEN_FULL, true },
	{ "auto", ORIGIN_SESSION, "tty2", 25, 80, true, false, SCREEN_FULL, false },
	{ "auto", ORIGIN_SESSION, "tty2", 25, 80, true, true, SCREEN_FULL, false },
	/* terminals: serial ones that tell their size, and emulators */
	{ "auto", ORIGIN_SEAT, "ttyS0", 24, 80, false, false, SCREEN_COLOUR, true },
	{ "auto", ORIGIN_SESSION, "pts/3", 24, 80, false, false, SCREEN_COLOUR, false },
	{ "auto", ORIGIN_SEAT, "pts/3", 24, 80, false, false, SCREEN_COLOUR, false },
	/* nothing is known: not a single escape sequence */
	{ "auto", ORIGIN_SEAT, "ttyS0", 0, 0, false, false, SCREEN_UTF8, false },
	{ "auto", ORIGIN_SEAT, "", 0, 0, false, false, SCREEN_UTF8, false },
	{ "auto", ORIGIN_SEAT, ":0", 0, 0, false, false, SCREEN_UTF8, false },
	{ "auto", ORIGIN_REMOTE, "ssh", 0, 0, false, false, SCREEN_UTF8, false },
	{ "auto", ORIGIN_REMOTE, "ssh", 24, 80, false, false, SCREEN_UTF8, false },
	{ "auto", ORIGIN_REMOTE, "tty1", 25, 80, true, true, SCREEN_UTF8, false },
	/* the administrator's choice */
	{ "utf8", ORIGIN_SEAT, "tty1", 25, 80, true, false, SCREEN_UTF8, false },
	{ "colour", ORIGIN_SEAT, "tty1", 25, 80, true, false, SCREEN_COLOUR, true },
	{ "colour", ORIGIN_REMOTE, "ssh", 0, 0, false, false, SCREEN_COLOUR, false },
	{ "full", ORIGIN_SEAT, "tty1", 25, 80, true, true, SCREEN_FULL, true },
	{ "full", ORIGIN_SESSION, "pts/3", 24, 80, false, false, SCREEN_FULL, false },
	{ "off", ORIGIN_SEAT, "tty1", 25, 80, true, true, SCREEN_OFF, true },
	{ "off", ORIGIN_REMOTE, "ssh", 0, 0, false, false, SCREEN_OFF, false },
	{ "full", ORIGIN_SEAT, "tty1", 0, 0, false, false, SCREEN_FULL, false },
};

static void terminal_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(style_rows); i++) {
		struct presentation_facts facts = { style_rows[i].origin,
						    style_rows[i].tty,
						    "login",
						    false,
						    0,
						    style_rows[i].rows,
						    style_rows[i].columns,
						    style_rows[i].linux_console,
						    style_rows[i].half_blocks,
						    true,
						    true,
						    false,
						    false,
						    false,
						    false,
						    false };
		struct presentation presentation;

		setting(CONF_QR, style_rows[i].qr);
		presentation_choose(&conf, &facts, &presentation);
		if (presentation.style != style_rows[i].style)
			fail_msg("row %zu: style %d", i, presentation.style);
		if (presentation.can_clear != style_rows[i].can_clear)
			fail_msg("row %zu: wiping %d", i, presentation.can_clear);
		assert_int_equal(presentation.halves, strcmp(style_rows[i].qr, "auto") == 0 &&
							      style_rows[i].linux_console &&
							      style_rows[i].half_blocks);
		assert_int_equal(presentation.console,
				 presentation.can_clear && style_rows[i].linux_console);
		assert_int_equal(presentation.patient, presentation.can_clear);
	}
}

/* TERM takes colours and escape sequences away, and gives none: whoever calls su chooses it. */
static void term_takes_away(void **state)
{
	static const struct {
		const char *qr, *tty;
		enum origin origin;
		int rows;
		bool dumb, no_term, mono, linux_console;
		enum screen_style style;
		bool can_clear;
	} rows[] = {
		{ "auto", "pts/3", ORIGIN_SESSION, 24, true, false, false, false, SCREEN_UTF8,
		  false },
		{ "auto", "pts/3", ORIGIN_SESSION, 24, false, true, false, false, SCREEN_UTF8,
		  false },
		{ "auto", "ttyS0", ORIGIN_SEAT, 24, true, false, false, false, SCREEN_UTF8, false },
		{ "auto", "ttyS0", ORIGIN_SEAT, 24, false, true, false, false, SCREEN_COLOUR,
		  true },
		{ "auto", "pts/3", ORIGIN_REMOTE, 24, false, false, false, false, SCREEN_UTF8,
		  false },
		{ "colour", "ttyS0", ORIGIN_SEAT, 24, true, false, false, false, SCREEN_COLOUR,
		  false },
		{ "off", "pts/3", ORIGIN_SESSION, 24, true, true, false, false, SCREEN_OFF, false },
		/* a VT100's sequences and no colours: still cleared */
		{ "auto", "ttyS0", ORIGIN_SEAT, 24, false, false, true, false, SCREEN_UTF8, true },
		{ "utf8", "ttyS0", ORIGIN_SEAT, 24, false, false, true, false, SCREEN_UTF8, false },
		{ "off", "ttyS0", ORIGIN_SEAT, 24, false, false, true, false, SCREEN_OFF, true },
		{ "colour", "ttyS0", ORIGIN_SEAT, 24, false, false, true, false, SCREEN_COLOUR,
		  true },
		{ "auto", "pts/3", ORIGIN_SESSION, 24, false, false, true, false, SCREEN_UTF8,
		  false },
		{ "auto", "ttyS0", ORIGIN_SEAT, 24, true, false, true, false, SCREEN_UTF8, false },
		/* of its own consoles the kernel knows better */
		{ "auto", "tty1", ORIGIN_SEAT, 24, false, false, true, true, SCREEN_FULL, true },
		{ "auto", "tty1", ORIGIN_SEAT, 24, true, false, false, true, SCREEN_UTF8, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct presentation_facts facts = console;
		struct presentation presentation;

		facts.origin = rows[i].origin;
		facts.tty = rows[i].tty;
		facts.rows = rows[i].rows;
		facts.linux_console = rows[i].linux_console;
		facts.dumb = rows[i].dumb;
		facts.no_term = rows[i].no_term;
		facts.mono = rows[i].mono;
		setting(CONF_QR, rows[i].qr);
		presentation_choose(&conf, &facts, &presentation);
		if (presentation.style != rows[i].style ||
		    presentation.can_clear != rows[i].can_clear)
			fail_msg("row %zu: style %d, wiping %d", i, presentation.style,
				 presentation.can_clear);
	}
	setting(CONF_QR, "auto");
}

/* ---- a wall ---- */

static void large_consoles_are_walls(void **state)
{
	static const struct {
		const char *layout, *qr, *form;
		enum origin origin;
		const char *tty;
		int rows, columns;
		bool dumb, wall, mono;
	} rows[] = {
		{ "auto", "auto", "auto", ORIGIN_SEAT, "tty1", 25, 80, false, false, false },
		{ "auto", "auto", "auto", ORIGIN_SEAT, "tty1", 45, 100, false, false, false },
		{ "auto", "auto", "auto", ORIGIN_SEAT, "tty1", 35, 240, false, false, false },
		{ "auto", "auto", "auto", ORIGIN_SEAT, "tty1", 36, 120, false, true, false },
		{ "auto", "auto", "auto", ORIGIN_SEAT, "tty1", 67, 240, false, true, false },
		{ "auto", "off", "auto", ORIGIN_SEAT, "tty1", 67, 240, false, true, false },
		{ "auto", "utf8", "auto", ORIGIN_SEAT, "tty1", 67, 240, false, false, false },
		{ "auto", "auto", "short", ORIGIN_SEAT, "tty1", 67, 240, false, false, false },
		{ "page", "auto", "auto", ORIGIN_SEAT, "tty1", 67, 240, false, false, false },
		{ "wall", "auto", "auto", ORIGIN_SEAT, "tty1", 25, 80, false, true, false },
		{ "wall", "off", "auto", ORIGIN_SEAT, "ttyS0", 67, 240, false, false, true },
		{ "wall", "auto", "auto", ORIGIN_SEAT, "ttyS0", 67, 240, false, false, true },
		/* elsewhere it may be a window, or nothing is known of it */
		{ "auto", "auto", "auto", ORIGIN_SESSION, "pts/3", 67, 240, false, false, false },
		{ "wall", "auto", "auto", ORIGIN_SESSION, "pts/3", 67, 240, false, false, false },
		{ "wall", "auto", "auto", ORIGIN_REMOTE, "ssh", 67, 240, false, false, false },
		{ "wall", "auto", "auto", ORIGIN_SEAT, "tty1", 0, 0, false, false, false },
		{ "wall", "colour", "auto", ORIGIN_SEAT, "ttyS0", 67, 240, true, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct presentation_facts facts = console;
		struct presentation presentation;

		facts.origin = rows[i].origin;
		facts.tty = rows[i].tty;
		facts.rows = rows[i].rows;
		facts.columns = rows[i].columns;
		facts.dumb = rows[i].dumb;
		facts.linux_console = !rows[i].dumb && !rows[i].mono;
		facts.mono = rows[i].mono;
		setting(CONF_LAYOUT, rows[i].layout);
		setting(CONF_QR, rows[i].qr);
		setting(CONF_FORM, rows[i].form);
		presentation_choose(&conf, &facts, &presentation);
		if (presentation.wall != rows[i].wall)
			fail_msg("row %zu", i);
	}
}

/* ---- a greeter that draws for itself ---- */

static void greeters_of_our_own(void **state)
{
	struct presentation_facts facts = console;
	struct presentation presentation;

	(void)state;
	setting(CONF_FORM, "auto");
	setting(CONF_QR, "auto");
	setting(CONF_LAYOUT, "greeter");
	facts.service = "greetd";
	presentation_choose(&conf, &facts, &presentation);
	assert_true(presentation.greeter && presentation.style != SCREEN_OFF);
	assert_false(presentation.brief || presentation.wait_for_enter || presentation.can_clear ||
		     presentation.wall || presentation.ascii);
	/* What is typed back wants a prompt; GDM has JSON of its own. */
	setting(CONF_FLOW, "authorization_code");
	presentation_choose(&conf, &facts, &presentation);
	assert_true(!presentation.greeter && presentation.brief);
	setting(CONF_FLOW, "device_code");
	facts.eidp = true;
	presentation_choose(&conf, &facts, &presentation);
	assert_true(!presentation.greeter && presentation.eidp);
	setting(CONF_LAYOUT, "auto");
}

/* ---- what the QR may hold ---- */

static void code_in_the_qr(void **state)
{
	static const struct {
		const char *qr_verification_uri_complete;
		enum origin origin;
		bool own, filled;
	} rows[] = {
		{ "auto", ORIGIN_SEAT, false, true },	   { "auto", ORIGIN_SESSION, true, true },
		{ "auto", ORIGIN_SESSION, false, false },  { "auto", ORIGIN_REMOTE, false, false },
		{ "auto", ORIGIN_REMOTE, true, false },	   { "always", ORIGIN_REMOTE, false, true },
		{ "always", ORIGIN_SESSION, false, true }, { "never", ORIGIN_SEAT, false, false },
		{ "never", ORIGIN_SESSION, true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct presentation_facts facts = console;
		struct presentation presentation;

		facts.origin = rows[i].origin;
		facts.own_account = rows[i].own;
		setting(CONF_QR_VERIFICATION_URI_COMPLETE, rows[i].qr_verification_uri_complete);
		presentation_choose(&conf, &facts, &presentation);
		if (presentation.qr_verification_uri_complete != rows[i].filled)
			fail_msg("row %zu", i);
	}
}

/* ---- Enter, before and after ---- */

static void enter_is_asked_for(void **state)
{
	static const struct {
		const char *prompt, *start;
		const struct presentation_facts *facts;
		bool wait_for_enter, idle;
	} rows[] = {
		{ "auto", "now", &console, false, false },
		{ "auto", "now", &xterm, false, false },
		{ "auto", "now", &ssh, true, false },
		{ "enter", "now", &console, true, false },
		{ "none", "now", &ssh, false, false },
		{ "auto", "enter", &console, false, true },
		{ "auto", "enter", &ssh, true, true },
		{ "auto", "now", &ssh_new, false, false },
		{ "enter", "now", &ssh_new, true, false },
		{ "none", "enter", &ssh, false, true },
		{ "enter", "enter", &console, true, true },
	};
	struct presentation presentation;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		setting(CONF_PROMPT, rows[i].prompt);
		setting(CONF_START, rows[i].start);
		presentation_choose(&conf, rows[i].facts, &presentation);
		if (presentation.wait_for_enter != rows[i].wait_for_enter ||
		    presentation.idle != rows[i].idle)
			fail_msg("row %zu", i);
		assert_int_equal(presentation.answer_cut,
				 strcmp(rows[i].facts->tty, "ssh") == 0 ? 1023 : 4095);
		assert_int_equal(presentation.parted,
				 strcmp(rows[i].facts->tty, "ssh") == 0 && !rows[i].wait_for_enter);
		assert_int_equal(presentation.doubtful,
				 presentation.parted && strcmp(rows[i].prompt, "auto") == 0);
	}
}

/* ---- the form ---- */

static void form_follows_the_service(void **state)
{
	static const struct {
		const char *form, *service, *prompt, *start;
		bool brief, line, wait_for_enter;
	} rows[] = {
		{ "auto", "lightdm", "auto", "now", true, false, true },
		{ "auto", "lightdm", "auto", "enter", true, false, false },
		{ "auto", "lightdm", "none", "now", true, false, false },
		{ "auto", "lightdm", "enter", "enter", true, false, true },
		{ "full", "lightdm", "auto", "now", false, false, false },
		{ "short", "login", "auto", "now", true, false, true },
		{ "line", "login", "auto", "now", true, true, false },
		{ "line", "login", "enter", "now", true, true, true },
		{ "auto", "xsecurelock", "auto", "now", true, true, false },
		{ "auto", "xsecurelock", "auto", "enter", true, true, false },
		{ "full", "xsecurelock", "auto", "now", false, false, false },
		{ "short", "xsecurelock", "auto", "now", true, false, true },
		{ "auto", "xscreensaver", "auto", "now", true, false, false },
		{ "full", "xscreensaver", "auto", "now", false, false, false },
		{ "auto", "polkit-1", "auto", "now", true, false, false },
		{ "auto", "polkit-1", "enter", "now", true, false, true },
		{ "full", "polkit-1", "auto", "now", false, false, false },
		{ "auto", "cockpit", "auto", "now", false, false, true },
		{ "auto", "vlock", "auto", "now", false, false, false },
		{ "auto", "greetd", "auto", "now", false, false, false },
		/* an older GDM begins a session by itself */
		{ "auto", "gdm-password", "auto", "now", true, false, false },
		{ "auto", "gdm-password", "enter", "now", true, false, true },
		{ "auto", "gdm-switchable-auth", "auto", "now", true, false, false },
		{ "auto", "login", "auto", "now", false, false, false },
		{ "auto", "sddm", "auto", "now", false, false, false },
		{ "auto", "lightdm-greeter", "auto", "now", false, false, false },
		{ "auto", "", "auto", "now", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct presentation_facts facts = console;
		struct presentation presentation;

		facts.service = rows[i].service;
		setting(CONF_FORM, rows[i].form);
		setting(CONF_PROMPT, rows[i].prompt);
		setting(CONF_START, rows[i].start);
		presentation_choose(&conf, &facts, &presentation);
		assert_int_equal(presentation.prefix,
				 strcmp(rows[i].service, "greetd") == 0 ||
					 strcmp(rows[i].service, "vlock") == 0);
		assert_int_equal(presentation.most,
				 strcmp(rows[i].service, "greetd") == 0 ? 10100 : 0);
		assert_int_equal(presentation.line, rows[i].line);
		if (presentation.brief != rows[i].brief ||
		    presentation.wait_for_enter != rows[i].wait_for_enter)
			fail_msg("row %zu: %d %d", i, presentation.brief,
				 presentation.wait_for_enter);
		/* No QR, and nothing but text. */
		if (presentation.brief &&
		    (presentation.style != SCREEN_OFF || presentation.can_clear))
			fail_msg("row %zu: style %d, wiping %d", i, presentation.style,
				 presentation.can_clear);
	}
}

/* ---- GDM draws it ---- */

static void gdm_is_asked_for_nothing_else(void **state)
{
	static const struct {
		const char *flow, *prompt, *start;
		bool offered, eidp, idle, wait_for_enter;
	} rows[] = {
		{ "device_code", "auto", "now", true, true, false, false },
		{ "device_code", "enter", "enter", true, true, false, false },
		{ "authorization_code", "auto", "now", true, false, false, false },
		{ "device_code", "auto", "enter", false, false, true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct presentation_facts facts = { .origin = ORIGIN_SEAT,
						    .tty = "/dev/tty1",
						    .service = "gdm-switchable-auth",
						    .eidp = rows[i].offered };
		struct presentation presentation;

		setting(CONF_FLOW, rows[i].flow);
		setting(CONF_PROMPT, rows[i].prompt);
		setting(CONF_START, rows[i].start);
		presentation_choose(&conf, &facts, &presentation);
		if (presentation.eidp != rows[i].eidp || presentation.idle != rows[i].idle ||
		    presentation.wait_for_enter != rows[i].wait_for_enter)
			fail_msg("row %zu", i);
		assert_true(presentation.qr_verification_uri_complete && !presentation.can_clear &&
			    !presentation.ascii);
	}
}

/* ---- letters ---- */

static void letters_need_a_terminal_that_shows_them(void **state)
{
	static const struct {
		const char *letters;
		const struct presentation_facts facts;
		bool ascii;
	} rows[] = {
		{ "auto",
		  { .origin = ORIGIN_SEAT,
		    .rows = 25,
		    .linux_console = true,
		    .utf8 = true,
		    .letters = true },
		  false },
		{ "auto",
		  { .origin = ORIGIN_SEAT, .rows = 25, .linux_console = true, .utf8 = true },
		  true },
		{ "auto",
		  { .origin = ORIGIN_SEAT, .rows = 25, .linux_console = true, .letters = true },
		  true },
		{ "auto", { .origin = ORIGIN_SESSION, .rows = 25, .utf8 = true }, false },
		{ "auto", { .origin = ORIGIN_SESSION, .rows = 25 }, true },
		{ "auto", { .origin = ORIGIN_SESSION, .utf8 = true }, true },
		{ "auto", { .origin = ORIGIN_SEAT, .service = "lightdm" }, false },
		{ "auto", { .origin = ORIGIN_SEAT, .service = "greetd" }, true },
		{ "auto", { .origin = ORIGIN_REMOTE, .rows = 25, .utf8 = true }, true },
		{ "utf8", { .origin = ORIGIN_REMOTE }, false },
		{ "ascii", { .origin = ORIGIN_SESSION, .rows = 25, .utf8 = true }, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct presentation_facts facts = rows[i].facts;
		struct presentation presentation;

		facts.tty = "";
		facts.service = facts.service ? facts.service : "";
		setting(CONF_CHARSET, rows[i].letters);
		presentation_choose(&conf, &facts, &presentation);
		if (presentation.ascii != rows[i].ascii)
			fail_msg("row %zu", i);
	}
}

/* ---- time ---- */

static void time_is_bounded(void **state)
{
	static const struct {
		const char *timeout;
		const char *tty;
		long alarm, seconds, host_seconds;
		bool cut;
	} rows[] = {
		{ NULL, "tty1", 0, 300, 0, false },    { NULL, "ssh", 0, 100, 0, false },
		{ "20s", "ssh", 0, 20, 0, false },     { "1h", "tty1", 0, 3600, 0, false },
		{ NULL, "tty1", 60, 58, 58, true },    { NULL, "tty1", 302, 300, 300, false },
		{ NULL, "tty1", 301, 299, 299, true }, { "30s", "tty1", 60, 30, 58, false },
		{ NULL, "tty1", 1, 10, 10, true },     { NULL, "tty1", 12, 10, 10, true },
		{ "10s", "tty1", 3, 10, 10, true },    { "10s", "tty1", 1000, 10, 998, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct presentation_facts facts = console;
		struct presentation presentation;

		facts.tty = rows[i].tty;
		facts.alarm = rows[i].alarm;
		setting(CONF_TIMEOUT, rows[i].timeout);
		presentation_choose(&conf, &facts, &presentation);
		if (presentation.timeout != rows[i].seconds ||
		    presentation.host_seconds != rows[i].host_seconds ||
		    presentation.alarm_cuts != rows[i].cut)
			fail_msg("row %zu: %ld %ld %d", i, presentation.timeout,
				 presentation.host_seconds, presentation.alarm_cuts);
	}
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, settings_standard, settings_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(terminal_decides),		UNIT(term_takes_away),
		UNIT(terminal_decides),		UNIT(large_consoles_are_walls),
		UNIT(greeters_of_our_own),	UNIT(code_in_the_qr),
		UNIT(enter_is_asked_for),	UNIT(gdm_is_asked_for_nothing_else),
		UNIT(form_follows_the_service), UNIT(letters_need_a_terminal_that_shows_them),
		UNIT(time_is_bounded),
	};

	return cmocka_run_group_tests_name("presentation", tests, NULL, NULL);
}
