/* SPDX-License-Identifier: BSD-2-Clause */
/* helper/login/sshd.c: programs that say which sshd they are, and programs that only seem to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "helper/login/sshd.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BLOCK	     (64 * 1024)

/* A program that has TEXT behind BEFORE other bytes. */
static bool shows(const char *text, size_t before)
{
	char path[] = "/tmp/test_sshd.XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	bool result;

	assert_non_null(file);
	for (size_t i = 0; i < before; i++)
		fputc((int)(i * 7 % 251), file);
	fprintf(file, "%s", text);
	fputc('\0', file);
	fclose(file);
	result = sshd_shows_at_once(path);
	unlink(path);
	return result;
}

static void versions(void **state)
{
	static const struct {
		const char *text;
		bool shows;
	} rows[] = {
		{ "OpenSSH_9.2p1 Debian-2+deb12u10", false },
		{ "OpenSSH_10.0p2", false },
		{ "OpenSSH_10.2p1", false },
		{ "OpenSSH_10.3p1", true },
		{ "OpenSSH_10.6p1 Debian-1", true },
		{ "OpenSSH_10.10p1", true },
		{ "OpenSSH_11.0p1", true },
		{ "OpenSSH_2.*,OpenSSH_3.0*,OpenSSH_7.0*", false },
		{ "OpenSSH_10.6", false }, /* a pattern, or not the portable one */
		{ "OpenSSH_10.6*", false },
		{ "OpenSSH_10.6px", false },
		{ "OpenSSH_9999999999999.9p1", false },
		{ "OpenSSH_10.", false },
		{ "OpenSSH_.3p1", false },
		{ "OpenSSH_", false },
		{ "OpenSSH_10.0 OpenSSH_9.9 OpenSSH_10.4p1", true },
		{ "dropbear_2024.85", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (shows(rows[i].text, 100) != rows[i].shows)
			fail_msg("\"%s\": must be %s", rows[i].text, rows[i].shows ? "new" : "old");
}

static void wherever_it_stands(void **state)
{
	(void)state;
	for (size_t before = BLOCK - 40; before < BLOCK + 40; before++)
		if (!shows("OpenSSH_10.6p1", before) || shows("OpenSSH_10.0p2", before))
			fail_msg("behind %zu bytes", before);
	assert_true(shows("OpenSSH_10.6p1", 5 * BLOCK - 7));
}

static void no_program(void **state)
{
	(void)state;
	assert_false(sshd_shows_at_once("/nonexistent"));
	assert_false(sshd_shows_at_once("/"));
	assert_false(sshd_shows_at_once("/dev/null"));
}

/* Of 4 EiB that somebody calls a program the end is not awaited. */
static void no_end(void **state)
{
	char path[] = "/dev/shm/test_sshd.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)1 << 62), 0);
	alarm(10);
	assert_false(sshd_shows_at_once(path));
	alarm(0);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions),
		cmocka_unit_test(no_end),
		cmocka_unit_test(wherever_it_stands),
		cmocka_unit_test(no_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
