/* SPDX-License-Identifier: BSD-2-Clause */
/* common/tty_term.c: which terminals show an escape sequence as text. */
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
		bool dumb, no_term;
	} rows[] = {
		{ NULL, false, true },	   { "", false, true },
		{ "dumb", true, false },   { "emacs", true, false },
		{ "9term", true, false },  { "linux", false, false },
		{ "vt220", false, false }, { "dumber", false, false },
		{ "xterm", false, false }, { "dumb emacs", false, false },
	};
	struct tty tty = { .rows = 25 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		tty_term(&tty, rows[i].term);
		assert_int_equal(tty.dumb, rows[i].dumb);
		assert_int_equal(tty.no_term, rows[i].no_term);
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
