/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/seat.c: logind's files of sessions, as systemd 252 and 257 write them, and what is not
 * theirs. Only a greeter's session with a seat, on the display that is asked for, is a seat.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "helper/login/seat.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define HEAD	"# This is private data. Do not parse.\nUID=115\nUSER=lightdm\n"
#define TAIL	"FIFO=/run/systemd/sessions/c1.ref\nLEADER=812\nAUDIT=0\n"
#define GREETER HEAD "ACTIVE=1\nSTATE=active\nREMOTE=0\nTYPE=x11\nCLASS=greeter\n"

static const struct {
	const char *what;
	const char *text;
	bool own; /* display :0 */
	bool any;
} rows[] = {
	{ "lightdm at the seat", GREETER "SEAT=seat0\nDISPLAY=:0\n" TAIL, true, true },
	{ "lightdm at another seat", GREETER "SEAT=seat1\nDISPLAY=:0\n" TAIL, true, true },
	{ "lightdm for VNC", GREETER "DISPLAY=:1\n" TAIL, false, false },
	{ "lightdm for VNC, on our display", GREETER "DISPLAY=:0\n" TAIL, false, false },
	{ "an empty seat", GREETER "SEAT=\nDISPLAY=:0\n" TAIL, false, false },
	{ "lightdm's second display", GREETER "SEAT=seat0\nDISPLAY=:1\n" TAIL, false, true },
	{ "a longer display", GREETER "SEAT=seat0\nDISPLAY=:01\n" TAIL, false, true },
	{ "SDDM", GREETER "SEAT=seat0\nVTNR=1\n" TAIL, false, true },
	{ "a greeter in the background",
	  HEAD "ACTIVE=0\nSTATE=online\nCLASS=greeter\nSEAT=seat0\nDISPLAY=:0\n" TAIL, true,
	  false },
	{ "a greeter that has gone, whose scope somebody still lives in",
	  HEAD "ACTIVE=0\nSTATE=closing\nCLASS=greeter\nSEAT=seat0\nDISPLAY=:0\n" TAIL, false,
	  false },
	{ "a state of tomorrow",
	  HEAD "ACTIVE=1\nSTATE=x\nCLASS=greeter\nSEAT=seat0\nDISPLAY=:0\n" TAIL, false, false },
	{ "no state", HEAD "ACTIVE=1\nCLASS=greeter\nSEAT=seat0\nDISPLAY=:0\n" TAIL, false, false },
	{ "a person's own",
	  "UID=1000\nSTATE=active\nACTIVE=1\nCLASS=greeter\nSEAT=seat0\nDISPLAY=:0\n", false,
	  false },
	{ "a person's of systemd's",
	  "UID=60001\nSTATE=active\nACTIVE=1\nCLASS=greeter\nSEAT=seat0\n", false, false },
	{ "GDM's own", "UID=60578\nSTATE=active\nACTIVE=1\nCLASS=greeter\nSEAT=seat0\nDISPLAY=:0\n",
	  true, true },
	{ "root's", "UID=0\nSTATE=active\nACTIVE=1\nCLASS=greeter\nSEAT=seat0\nVTNR=7\n", false,
	  true },
	{ "nobody's", "UID=\nSTATE=active\nACTIVE=1\nCLASS=greeter\nSEAT=seat0\nDISPLAY=:0\n",
	  false, false },
	{ "a display that names a seat", GREETER "DISPLAY=:0\nSEAT=seat0\n" TAIL, false, false },
	{ "a display that names a user",
	  "STATE=active\nACTIVE=1\nCLASS=greeter\nSEAT=seat0\nDISPLAY=:0\nUID=0\n", false, false },
	{ "somebody's session", HEAD "ACTIVE=1\nCLASS=user\nSEAT=seat0\nDISPLAY=:0\n" TAIL, false,
	  false },
	{ "a class that begins alike",
	  HEAD "ACTIVE=1\nCLASS=greeters\nSEAT=seat0\nDISPLAY=:0\n" TAIL, false, false },
	{ "a remote one", HEAD "ACTIVE=1\nREMOTE=1\nCLASS=greeter\nSEAT=seat0\nDISPLAY=:0\n", false,
	  false },
	{ "keys inside of values", HEAD "X=CLASS=greeter\nXSEAT=seat0\nACTIVE=1\nDISPLAY=:0\n",
	  false, false },
	{ "no newline at the end",
	  "UID=0\nSTATE=active\nCLASS=greeter\nACTIVE=1\nSEAT=seat0\nDISPLAY=:0", true, true },
	{ "an empty file", "", false, false },
};

static char dir[] = "/tmp/seat.XXXXXX";

static void session_write(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

static void session_remove(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

/* Files of another user's are nobody's word: tests without root see that alone. */
static bool as_root(bool expected)
{
	return geteuid() == 0 && expected;
}

static void test_sessions(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		session_write("c1", rows[i].text);
		if (seat_has_greeter(dir, ":0") != as_root(rows[i].own) ||
		    seat_has_greeter(dir, "") != as_root(rows[i].any))
			fail_msg("%s", rows[i].what);
	}
	session_write("c1", rows[0].text);
	assert_false(seat_has_greeter(dir, "192.0.2.9:0"));
	assert_int_equal(seat_has_greeter(dir, ":0"), as_root(true));
	session_write("7", rows[19].text);
	assert_int_equal(seat_has_greeter(dir, ":0"), as_root(true));
	session_remove("c1");
	assert_false(seat_has_greeter(dir, ":0"));
	session_remove("7");
	assert_false(seat_has_greeter(dir, ":0"));
}

/* A file or a directory that others may write, a link, another owner's: no seat. */
static void test_not_of_roots_alone(void **state)
{
	char path[64], link[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/c1", dir);
	snprintf(link, sizeof(link), "%s/c2", dir);
	session_write("c1", rows[0].text);
	assert_int_equal(chmod(path, 0666), 0);
	assert_false(seat_has_greeter(dir, ":0"));
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_false(seat_has_greeter(dir, ":0"));
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(seat_has_greeter(dir, ":0"), as_root(true));
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 1000, 1000), 0);
		assert_false(seat_has_greeter(dir, ":0"));
		assert_int_equal(chown(path, 0, 0), 0);
	}
	session_remove("c1");
	assert_int_equal(symlink("/etc/hostname", link), 0);
	assert_false(seat_has_greeter(dir, ":0"));
	assert_int_equal(unlink(link), 0);
	assert_int_equal(mkfifo(link, 0600), 0); /* nobody waits for a pipe */
	assert_false(seat_has_greeter(dir, ":0"));
	assert_int_equal(unlink(link), 0);
}

static void test_no_logind(void **state)
{
	(void)state;
	assert_false(seat_has_greeter("/nonexistent/sessions", ":0"));
	assert_false(seat_has_greeter("/dev/null", ""));
}

static int dir_make(void **state)
{
	(void)state;
	return mkdtemp(dir) && chmod(dir, 0755) == 0 ? 0 : -1;
}

static int dir_remove(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_not_of_roots_alone),
		cmocka_unit_test(test_no_logind),
	};

	return cmocka_run_group_tests(tests, dir_make, dir_remove);
}
