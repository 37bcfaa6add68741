/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/display/wall.c and letters.c: what a large console shows, read back cell by cell from a
 * terminal of the test's own: nothing outside the screen, nothing but what may be shown, all of it in the
 * middle, the QR code as it went in, and letters that can be told apart.
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
#include "helper/login/display/letters.h"
#include "helper/login/display/screen.h"
#include "helper/login/display/wall.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- a terminal ---- */

enum {
	ROWS_MAX = 300,
	COLUMNS_MAX = 1000,
};

/* Of a cell its two halves are light or dark, or it has a character. */
struct cell {
	unsigned int point; /* 0: nothing was written */
	bool painted, upper, lower;
};

static struct cell cells[ROWS_MAX][COLUMNS_MAX];
static struct {
	int rows, columns, row, column;
	bool painting, light, halves;
	bool half_seen; /* a glyph that a console's font may not have */
} term;

static const char *sequence(const char *at)
{
	static const struct {
		const char *text;
		bool painting, light, halves;
	} colours[] = {
		{ "\033[0m", false, false, false },
		{ "\033[48;5;231m", true, true, false },
		{ "\033[48;5;16m", true, false, false },
		{ "\033[38;5;231;48;5;16m", true, false, true },
	};
	int row, column, len = 0;

	for (size_t i = 0; i < COUNT(colours); i++) {
		if (strncmp(at, colours[i].text, strlen(colours[i].text)) != 0)
			continue;
		term.painting = colours[i].painting;
		term.light = colours[i].light;
		term.halves = colours[i].halves;
		return at + strlen(colours[i].text);
	}
	if (strncmp(at, "\033[2K", 4) == 0)
		return at + 4;
	if (sscanf(at, "\033[%d;%dH%n", &row, &column, &len) != 2 || len == 0)
		fail_msg("a sequence that is not ours: %.12s", at + 1);
	term.row = row - 1;
	term.column = column - 1;
	assert_true(term.row >= 0 && term.row < term.rows);
	assert_true(term.column >= 0 && term.column < term.columns);
	return at + len;
}

static void cell_put(unsigned int point)
{
	struct cell *cell = &cells[term.row][term.column];

	if (term.column >= term.columns)
		fail_msg("row %d goes beyond column %d", term.row, term.columns);
	if (cell->point != 0)
		fail_msg("row %d, column %d is written twice", term.row, term.column);
	assert_true(utf8_shows(point));
	cell->point = point;
	cell->painted = term.painting;
	if (term.halves) {
		assert_true(point == ' ' || point == 0x2580 || point == 0x2584 || point == 0x2588);
		cell->upper = point == 0x2580 || point == 0x2588;
		cell->lower = point == 0x2584 || point == 0x2588;
		term.half_seen = true;
	} else if (term.painting) {
		assert_int_equal(point, ' ');
		cell->upper = cell->lower = term.light;
	}
	term.column += utf8_columns(point);
}

static void term_show(const char *text, int rows, int columns)
{
	size_t len;
	unsigned int point;

	memset(cells, 0, sizeof(cells));
	memset(&term, 0, sizeof(term));
	term.rows = rows;
	term.columns = columns;
	if (strncmp(text, SCREEN_WAKE, strlen(SCREEN_WAKE)) == 0)
		text += strlen(SCREEN_WAKE);
	assert_int_equal(strncmp(text, SCREEN_CLEAR, strlen(SCREEN_CLEAR)), 0);
	text += strlen(SCREEN_CLEAR);
	while (*text) {
		if (*text == '\033') {
			text = sequence(text);
			continue;
		}
		len = utf8_next(text, &point);
		assert_true(len > 0);
		cell_put(point);
		text += len;
	}
	assert_false(term.painting);
}

static bool row_is_empty(int row)
{
	for (int column = 0; column < term.columns; column++)
		if (cells[row][column].point != 0)
			return false;
	return true;
}

/* The text in the terminal's own letters, a blank between two pieces. */
static const char *text_seen(void)
{
	static char seen[16384];
	size_t len = 0;

	for (int row = 0; row < term.rows; row++) {
		for (int column = 0; column < term.columns; column++) {
			const struct cell *cell = &cells[row][column];

			if (cell->point != 0 && !cell->painted && len + 2 < sizeof(seen))
				seen[len++] = cell->point < 0x80 ? (char)cell->point : '?';
		}
		if (len > 0 && seen[len - 1] != ' ')
			seen[len++] = ' ';
	}
	seen[len] = '\0';
	return seen;
}

/* ---- the QR code ---- */

static struct screen_matrix matrix;

static void matrix_fill(int width)
{
	matrix.width = width;
	for (int i = 0; i < width * width; i++)
		matrix.dark[i] = ((unsigned int)i * 2654435761U >> 7 & 1) != 0;
	for (int i = 0; i < 7; i++) { /* enough of a finder to be found by */
		matrix.dark[i] = true;
		matrix.dark[i * width] = true;
	}
}

struct box {
	int row, column, rows, columns; /* half rows, and columns */
};

static bool half_is_light(int half, int column)
{
	const struct cell *cell = &cells[half / 2][column];

	return cell->painted && (half % 2 == 0 ? cell->upper : cell->lower);
}

/* Where the code stands: its quiet zone is the widest run of light there is. */
static struct box qr_find(void)
{
	struct box box = { 0 };

	for (int row = 0; row < term.rows; row++)
		for (int column = 0, run = 0; column < term.columns; column++) {
			run = half_is_light(2 * row, column) ? run + 1 : 0;
			if (run <= box.columns)
				continue;
			box.columns = run;
			box.row = 2 * row;
			box.column = column - run + 1;
		}
	return box;
}

/* Half rows a module. */
static int qr_check(void)
{
	struct box box = qr_find();
	int side = matrix.width + 2 * SCREEN_QUIET;
	int scale = box.columns / side;

	assert_int_equal(box.columns % side, 0);
	for (int y = 0; y < side * scale; y++)
		for (int x = 0; x < side * scale; x++)
			if (half_is_light(box.row + y, box.column + x) ==
			    screen_module_is_dark(&matrix, y / scale, x / scale))
				fail_msg("module %d, %d", y / scale, x / scale);
	return scale;
}

/* ---- chosen screens ---- */

static char text_buf[SCREEN_BYTES_MAX];

static const struct screen wall_screen = {
	.user = "",
	.host = "television",
	.service = "login",
	.from = "",
	.asker = "",
	.user_code = "WDJB-MJHT",
	.uri = "https://login.example.org/realms/main/device",
	.seconds = 600,
	.qr_has_code = true,
	.matrix = &matrix,
	.style = SCREEN_FULL,
	.wall = true,
	.rows = 67,
	.columns = 240,
};

/* Left and right, or above and below, as much is free: the code, or all that there is. */
static void middle_check(void)
{
	int left = term.columns, right = -1, top = term.rows, bottom = -1;

	for (int row = 0; row < term.rows; row++)
		for (int column = 0; column < term.columns; column++) {
			if (cells[row][column].point == 0)
				continue;
			left = column < left ? column : left;
			right = column > right ? column : right;
			top = row < top ? row : top;
			bottom = row;
		}
	if (abs(left - (term.columns - 1 - right)) > 2)
		fail_msg("%d columns to the left, %d to the right", left, term.columns - 1 - right);
	if (abs(top - 1 - (term.rows - 3 - bottom)) > 1)
		fail_msg("%d rows above, %d below", top, term.rows - 1 - bottom);
	assert_true(top >= 1);
	assert_true(row_is_empty(term.rows - 1) && row_is_empty(term.rows - 2));
}

static void large_consoles_are_walls(void **state)
{
	static const struct {
		int rows, columns, modules;
		bool halves;
		int scale; /* 0: it is no wall */
	} rows[] = {
		{ 25, 80, 33, false, 0 },   { 25, 80, 33, true, 1 },   { 48, 128, 33, false, 2 },
		{ 48, 128, 33, true, 2 },   { 48, 128, 29, false, 2 }, { 38, 120, 33, true, 1 },
		{ 38, 120, 33, false, 0 },  { 67, 240, 33, false, 2 }, { 67, 240, 33, true, 3 },
		{ 67, 240, 29, false, 2 },  { 67, 240, 73, false, 0 }, { 67, 240, 57, true, 2 },
		{ 135, 480, 33, false, 4 }, { 135, 480, 33, true, 5 }, { 135, 480, 57, true, 3 },
		{ 135, 480, 21, false, 8 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct screen screen = wall_screen;
		bool walled;

		matrix_fill(rows[i].modules);
		screen.rows = rows[i].rows;
		screen.columns = rows[i].columns;
		screen.halves = rows[i].halves;
		assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
		walled = screen_placed(text_buf);
		if (walled != (rows[i].scale > 0))
			fail_msg("row %zu: %s wall", i, walled ? "a" : "no");
		if (!walled)
			continue;
		term_show(text_buf, rows[i].rows, rows[i].columns);
		if (qr_check() != rows[i].scale)
			fail_msg("row %zu: scale %d", i, qr_check());
		assert_true(5 * rows[i].scale * (rows[i].modules + 4) >= 4 * rows[i].rows);
		assert_true(rows[i].halves || !term.half_seen);
		middle_check();
		assert_non_null(strstr(text_seen(), "Address:"));
		if (rows[i].columns > 80 && !strstr(text_seen(), screen.uri))
			fail_msg("row %zu: %s", i, text_seen());
		assert_non_null(strstr(text_seen(), "Code: WDJB-MJHT"));
		assert_int_equal(term.row, term.rows - 2);
	}
}

/* Without a QR code there is a wall of letters; without a code there is none. */
static void walls_without(void **state)
{
	struct screen screen = wall_screen;

	(void)state;
	screen.matrix = NULL;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_true(screen_placed(text_buf));
	term_show(text_buf, screen.rows, screen.columns);
	middle_check();
	assert_non_null(strstr(text_seen(), "(No QR code could be drawn.)"));
	screen.style = SCREEN_OFF;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_null(strstr(text_buf, "No QR code"));
	screen.user_code = NULL;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_false(screen_placed(text_buf));
	screen = wall_screen;
	screen.wall = false;
	matrix_fill(33);
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_false(screen_placed(text_buf));
}

static void the_prompt_is_in_the_middle(void **state)
{
	const char *prompt = message_text(NULL, MESSAGE_BEGIN);
	struct screen screen = wall_screen;

	(void)state;
	assert_true(screen_idle(&screen, false, MESSAGE_COUNT, MESSAGE_BEGIN, text_buf,
				sizeof(text_buf)) > 0);
	assert_true(screen_placed(text_buf));
	term_show(text_buf, screen.rows, screen.columns);
	middle_check();
	assert_false(term.half_seen);
	assert_int_equal(term.row, screen.rows - 2);
	assert_int_equal(term.column, (screen.columns - (int)strlen(prompt)) / 2);
	/* Nothing is asked: nothing says how to begin. */
	screen_idle(&screen, false, MESSAGE_TROUBLE, MESSAGE_COUNT, text_buf, sizeof(text_buf));
	term_show(text_buf, screen.rows, screen.columns);
	assert_int_equal(term.column, 0);
	/* A name that is too long for large letters */
	screen.host = "a-name-of-sixty-three-letters-which-no-large-letters-would-have";
	screen.columns = 120;
	screen.rows = 38;
	assert_true(screen_idle(&screen, false, MESSAGE_COUNT, MESSAGE_BEGIN, text_buf,
				sizeof(text_buf)) > 0);
	assert_false(screen_placed(text_buf));
}

static void sentences_alone(void **state)
{
	struct screen screen = wall_screen;

	(void)state;
	for (int message = 0; message < MESSAGE_COUNT; message++) {
		assert_true(screen_notice(&screen, (enum message)message, text_buf,
					  sizeof(text_buf)) > 0);
		term_show(text_buf, screen.rows, screen.columns);
		middle_check();
	}
	assert_true(screen_below(&screen, MESSAGE_MOMENT, text_buf, sizeof(text_buf)) > 0);
	assert_string_equal(text_buf, "\033[66;1H\033[2K\033[66;114HOne moment ...");
	screen.wall = false;
	assert_true(screen_notice(&screen, MESSAGE_DENIED, text_buf, sizeof(text_buf)) > 0);
	assert_string_equal(text_buf, "The request was denied.");
	assert_true(screen_below(&screen, MESSAGE_DENIED, text_buf, sizeof(text_buf)) > 0);
	assert_string_equal(text_buf, "The request was denied.");
	assert_int_equal(screen_below(&screen, MESSAGE_DENIED, text_buf, 23), 0);
}

static void short_buffers_have_no_wall(void **state)
{
	struct screen screen = wall_screen;
	size_t whole;

	(void)state;
	matrix_fill(33);
	whole = screen_compose(&screen, text_buf, sizeof(text_buf));
	for (size_t size = 0; size <= whole; size += size < 400 ? 1 : 97) {
		size_t len = screen_compose(&screen, text_buf, size);

		assert_true(len < size || len == 0);
		if (len > 0)
			assert_int_equal(strlen(text_buf), len);
	}
}

static unsigned long next_random = 88172645463325252UL;

static int random_below(int bound)
{
	next_random ^= next_random << 13;
	next_random ^= next_random >> 7;
	next_random ^= next_random << 17;
	return (int)(next_random % (unsigned long)bound);
}

static void random_walls_stay_inside(void **state)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._ ";
	char code[40], uri[300], name[80];
	int walls = 0;

	(void)state;
	for (int i = 0; i < 400; i++) {
		struct screen screen = wall_screen;
		int length = 1 + random_below(32);

		for (int j = 0; j < length; j++)
			code[j] = letters[random_below((int)sizeof(letters) - 1)];
		code[length] = '\0';
		code[0] = 'A';
		snprintf(uri, sizeof(uri), "https://a.example/%0*d", 1 + random_below(200), 7);
		snprintf(name, sizeof(name), "%0*d\033[2J", 1 + random_below(60), 3);
		matrix_fill(21 + 4 * random_below(14));
		screen.user_code = code;
		screen.uri = uri;
		screen.host = name;
		screen.user = random_below(2) ? "alice" : "";
		screen.remote = random_below(2);
		screen.halves = random_below(2);
		screen.rows = 1 + random_below(200);
		screen.columns = 1 + random_below(600);
		screen.enter = random_below(2);
		if (screen_compose(&screen, text_buf, sizeof(text_buf)) == 0 ||
		    !screen_placed(text_buf))
			continue;
		term_show(text_buf, screen.rows, screen.columns);
		qr_check();
		assert_true(screen.halves || !term.half_seen);
		assert_true(row_is_empty(term.rows - 1) && row_is_empty(term.rows - 2));
		walls++;
	}
	assert_true(walls > 50);
}

/* ---- letters ---- */

static unsigned long letter_bits(unsigned int point)
{
	unsigned long bits = 0;

	for (int row = 0; row < LETTER_ROWS + LETTER_DROP; row++)
		for (int column = 0; column < LETTER_COLUMNS; column++)
			bits = bits << 1 | letter_lit(point, row, column);
	return bits;
}

static void letters_can_be_told_apart(void **state)
{
	static const char all[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:/?=&,()!'";

	(void)state;
	assert_true(letters_have(all));
	for (size_t i = 0; all[i]; i++) {
		assert_true(letter_bits((unsigned char)all[i]) != 0);
		for (size_t j = 0; j < i; j++)
			if (letter_bits((unsigned char)all[i]) ==
			    letter_bits((unsigned char)all[j]))
				fail_msg("%c and %c look alike", all[i], all[j]);
	}
	assert_true(
		letters_have("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa9\xc3\xa8\xc3\xb1\xc2\xbf"));
	assert_false(letters_have("\xe4\xbd\xa0"));
	assert_false(letters_have("\xff"));
	assert_int_equal(letters_rows("WDJB-MJHT"), LETTER_ROWS);
	assert_int_equal(letters_rows("television"), LETTER_ROWS);
	assert_int_equal(letters_rows("login"), LETTER_ROWS + LETTER_DROP);
	assert_false(letter_lit('A', -1, 0));
	assert_false(letter_lit('A', 9, 0));
	assert_false(letter_lit('A', 3, 5));
	assert_false(letter_lit(0x4f60, 0, 0));
}

/* The languages that come with the product can be read from afar, too. */
static void letters_for_all_messages(void **state)
{
	static const char *const files[] = { "de", "es", "fr" };
	char path[64], line[512];

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		FILE *file;

		snprintf(path, sizeof(path), "conf/messages/%s.conf", files[i]);
		file = fopen(path, "r");
		if (!file)
			skip(); /* not started in the source tree */
		while (fgets(line, sizeof(line), file)) {
			line[strcspn(line, "\n")] = '\0';
			if (line[0] != '#' && strchr(line, '=') &&
			    !letters_have(strchr(line, '=') + 2) && !strchr(line, '{'))
				fail_msg("%s: %s", path, line);
		}
		fclose(file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_consoles_are_walls),
		cmocka_unit_test(walls_without),
		cmocka_unit_test(the_prompt_is_in_the_middle),
		cmocka_unit_test(sentences_alone),
		cmocka_unit_test(short_buffers_have_no_wall),
		cmocka_unit_test(random_walls_stay_inside),
		cmocka_unit_test(letters_can_be_told_apart),
		cmocka_unit_test(letters_for_all_messages),
	};

	return cmocka_run_group_tests_name("wall", tests, NULL, NULL);
}
