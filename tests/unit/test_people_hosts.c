/* SPDX-License-Identifier: BSD-2-Clause */
/* people_hosts.c: which arguments name an account that is removed, and which do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/people/people_hosts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LINE(text)   text, sizeof(text) /* the last argument's NUL included */

static void test_named(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		bool named;
	} rows[] = {
		{ LINE("su\0-\0dora"), true },
		{ LINE("dora"), false }, /* the program's own name: dora may be called su */
		{ LINE("dora\0-\0bob"), false },
		{ LINE("sudo\0-u\0dora\0sh"), true },
		{ LINE("sudo\0-udora"), true },
		{ LINE("sudo\0-u\0#1001"), true },
		{ LINE("sudo\0-u#1001"), true },
		{ LINE("pkexec\0--user=dora\0sh"), true },
		{ LINE("sudo\0--user=#1001"), true },
		{ LINE("sudo\0-nudora"), true },
		{ LINE("sudo\0-Eu\0dora"), true },
		{ LINE("sudo\0-u\0#01001"), true },
		{ LINE("sudo\0-u\0# 1001"), true },
		{ LINE("sudo\0-nu#+1001"), true },
		{ LINE("login -- dora"), true },
		{ LINE("sshd: dora [priv]"), true },
		{ LINE("sshd-session: dora [priv]"), true },
		{ LINE("sshd: isadora [priv]"), false },
		{ LINE("sshd: dora2 [priv]"), false },
		{ LINE("sudo\0-u\0#"), false },
		{ LINE("sudo\0-u\0#1001x"), false },
		{ LINE("su\0-\0dora2"), false },
		{ LINE("su\0-\0isadora"), false },
		{ LINE("su\0-\0Dora"), false },
		{ LINE("sudo\0-u\0#10010"), false },
		{ LINE("sudo\0-u\0001001"), false },
		{ LINE("sudo\0-xdora"), false },
		{ LINE("sudo\0user=dora"), false },
		{ LINE("su\0-c\0echo dora\0bob"), false },
		{ "su\0dora", 7, false }, /* cut: nobody knows what follows */
		{ "", 0, false },
		{ LINE(""), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (people_hosts_named(rows[i].text, rows[i].len, "dora", 1001) != rows[i].named)
			fail_msg("row %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
