/* SPDX-License-Identifier: BSD-2-Clause */
/* greeter/arrange.c, greeter/session.c: sizes on every screen, and sessions as their files say them. */
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

#include "greeter/arrange.h"
#include "greeter/scene.h"
#include "greeter/session.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- sizes ---- */

static void qr_codes_are_large(void **state)
{
	static const int sizes[][2] = { { 1024, 768 },	{ 1280, 720 },	{ 1366, 768 },
					{ 1920, 1080 }, { 1920, 1200 }, { 3840, 2160 },
					{ 1080, 1920 }, { 2160, 3840 }, { 800, 600 } };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		for (int modules = 21; modules <= SCENE_QR_MAX; modules += 4) {
			int width = sizes[i][0], height = sizes[i][1];
			struct arrangement a = arrange(width, height, modules, 9);

			assert_int_equal(a.card, a.module * (modules + 2 * SCENE_QUIET));
			assert_int_equal(a.stacked, height > width);
			/* With its quiet zone, but for what whole pixels cost. */
			if (a.card + modules + 2 * SCENE_QUIET < height * 45 / 100)
				fail_msg("%dx%d, %d modules: %d", width, height, modules, a.card);
			assert_true(a.card <= width - 2 * a.margin);
			assert_true(a.column > 0 && a.column + 2 * a.margin <= width);
			if (!a.stacked)
				assert_true(a.card + a.column + 3 * a.margin <= width);
			/* The code in one line, and three metres away. */
			assert_true(a.code * 9 * 62 / 100 <= a.column);
			assert_true(a.code >= (a.stacked ? width : height) * 6 / 100);
			assert_true(a.text >= (a.stacked ? width : height) * 3 / 100);
		}
	}
}

static void at_last_something(void **state)
{
	(void)state;
	for (int width = 1; width < 400; width += 7) {
		for (int height = 1; height < 400; height += 7) {
			struct arrangement a = arrange(width, height, 73, 32);

			assert_true(a.module >= 1 && a.title >= 1 && a.text >= 1);
		}
	}
	assert_int_equal(arrange(1920, 1080, 0, 9).card, 0);
}

/* ---- sessions ---- */

static struct session session;

static void commands(void **state)
{
	static const struct {
		const char *line;
		const char *words[4];
	} rows[] = {
		{ "kodi-standalone", { "kodi-standalone" } },
		{ "  sway   --unsupported-gpu ", { "sway", "--unsupported-gpu" } },
		{ "a %U b%%c %f", { "a", "b%c" } },
		{ "\"my kodi\" \"say \\\"hi\\\" \\\\\" \"\"", { "my kodi", "say \"hi\" \\", "" } },
		{ "sh -c 'x'", { "sh", "-c", "'x'" } },
		{ "", { NULL } },
		{ "%U", { NULL } },
		{ "\"open", { NULL } },
		{ "a %", { NULL } },
		{ "\"\" a", { NULL } },
	};
	static char longest[2 * SESSION_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (session_command(&session, rows[i].line) != (rows[i].words[0] != NULL))
			fail_msg("%s", rows[i].line);
		for (size_t j = 0; rows[i].words[0] && j < 4; j++) {
			if (!rows[i].words[j]) {
				assert_null(session.command[j]);
				break;
			}
			assert_string_equal(session.command[j], rows[i].words[j]);
		}
	}
	memset(longest, 'x', sizeof(longest) - 1);
	assert_false(session_command(&session, longest));
	for (size_t i = 0; i < 2 * SESSION_WORDS_MAX; i++)
		memcpy(longest + 2 * i, "a ", 3);
	assert_false(session_command(&session, longest));
}

static void files(void **state)
{
	static const char kodi[] = "# comment\n[Desktop Entry]\nName=Kodi\nName[de]=Fernseher\n"
				   "Exec=kodi-standalone %U\nDesktopNames=KODI;TV;\n"
				   "[Desktop Action x]\nExec=evil\nName=Evil\n";

	(void)state;
	assert_true(session_read(&session, "kodi", kodi, ""));
	assert_string_equal(session.name, "Kodi");
	assert_string_equal(session.command[0], "kodi-standalone");
	assert_null(session.command[1]);
	assert_string_equal(session.environment[0], "XDG_SESSION_TYPE=wayland");
	assert_string_equal(session.environment[1], "XDG_SESSION_DESKTOP=kodi");
	assert_string_equal(session.environment[2], "XDG_CURRENT_DESKTOP=KODI:TV");
	assert_null(session.environment[3]);
	assert_true(session_read(&session, "kodi", kodi, "de"));
	assert_string_equal(session.name, "Fernseher");
	assert_false(session_read(&session, "x", "[Desktop Entry]\nName=X\n", ""));
	assert_false(session_read(&session, "x", "[Desktop Entry]\nExec=x\n", ""));
	assert_false(session_read(&session, "x", "Name=X\nExec=x\n", ""));
	assert_false(
		session_read(&session, "x", "[Desktop Entry]\nName=X\nExec=x\nHidden=true\n", ""));
	assert_false(
		session_read(&session, "x", "[Desktop Entry]\nName=X\nExec=x\nNoDisplay=true", ""));
}

static void put(const char *directory, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void directories(void **state)
{
	static struct session found[SESSIONS_MAX];
	static const char *const names[] = { "b.desktop", "a.desktop", "c.txt", ".desktop",
					     "d.desktop" };
	char directory[] = "/tmp/sessions.XXXXXX", path[128];

	(void)state;
	assert_non_null(mkdtemp(directory));
	for (size_t i = 0; i < COUNT(names); i++)
		put(directory, names[i], i == 4 ? "nothing" : "[Desktop Entry]\nName=N\nExec=n\n");
	assert_int_equal(sessions_find(directory, "", found), 2);
	assert_string_equal(found[0].id, "a");
	assert_string_equal(found[1].id, "b");
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
	assert_int_equal(sessions_find(directory, "", found), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qr_codes_are_large), cmocka_unit_test(at_last_something),
		cmocka_unit_test(commands),	      cmocka_unit_test(files),
		cmocka_unit_test(directories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
