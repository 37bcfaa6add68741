/* SPDX-License-Identifier: BSD-2-Clause */
/* common/tty_term.c: which terminals show an escape sequence as text, and which have no colours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/tty.h"

static void test_terms(void **state)
{
	static const struct {
		const char *term;
		bool dumb, no_term, mono;
	} rows[] = {
		{ NULL, false, true, false },
		{ "", false, true, false },
		/* not one escape sequence */
		{ "dumb", true, false, false },
		{ "dumb-emacs-ansi", true, false, false },
		{ "unknown", true, false, false },
		{ "network", true, false, false },
		{ "dialup", true, false, false },
		{ "emacs", true, false, false },
		{ "9term", true, false, false },
		{ "vt52", true, false, false },
		{ "vt52-basic", true, false, false },
		/* no colours */
		{ "vt100", false, false, true },
		{ "vt100-am", false, false, true },
		{ "vt102", false, false, true },
		{ "vt102-w", false, false, true },
		{ "vt220", false, false, true },
		{ "vt220-8", false, false, true },
		{ "vt320", false, false, true },
		{ "vt320-nam", false, false, true },
		{ "vt420", false, false, true },
		{ "vt520", false, false, true },
		{ "ansi-mono", false, false, true },
		{ "ansi-m", false, false, true },
		{ "ansi-mr", false, false, true },
		/* names that only begin so, or have one inside */
		{ "dumber", false, false, false },
		{ "dumb emacs", false, false, false },
		{ "vt", false, false, false },
		{ "vt1000", false, false, false },
		{ "xvt100", false, false, false },
		/* what most people sit at */
		{ "linux", false, false, false },
		{ "linux-16color", false, false, false },
		{ "ansi", false, false, false },
		{ "xterm", false, false, false },
		{ "xterm-256color", false, false, false },
		{ "xterm-kitty", false, false, false },
		{ "xterm-vt220", false, false, false },
		{ "screen", false, false, false },
		{ "screen.xterm-256color", false, false, false },
		{ "screen-256color", false, false, false },
		{ "tmux", false, false, false },
		{ "tmux-256color", false, false, false },
		{ "rxvt", false, false, false },
		{ "rxvt-unicode-256color", false, false, false },
		{ "foot", false, false, false },
		{ "foot-extra", false, false, false },
		{ "alacritty", false, false, false },
		{ "wezterm", false, false, false },
		{ "konsole", false, false, false },
		{ "vte-256color", false, false, false },
		{ "putty", false, false, false },
	};
	struct tty tty = { .rows = 25 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		tty_term(&tty, rows[i].term);
		if (tty.dumb != rows[i].dumb || tty.no_term != rows[i].no_term ||
		    tty.mono != rows[i].mono)
			fail_msg("%s: dumb %d, no TERM %d, mono %d",
				 rows[i].term ? rows[i].term : "none", tty.dumb, tty.no_term,
				 tty.mono);
	}
	assert_int_equal(tty.rows, 25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
