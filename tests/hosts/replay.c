/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads what terminal.c has recorded, for assertions about what a person saw, and when.
 *
 *	replay screen RECORDING [MARK]	the screen as it was at the end, or when MARK was made
 *	replay text RECORDING [MARK]	all that was shown until then, without escape sequences
 *	replay raw RECORDING		likewise, byte for byte
 *	replay when RECORDING REGEX	the stamp at which the text first matched; status 1: never
 *	replay mark RECORDING NAME	the stamp of a mark; status 1: there is none
 *
 * The screen is a grid of characters one column wide. Known: CR, LF, BS, TAB, BEL, colours (a light
 * background becomes a full block), clearing, cursor movement, scrolling. Another sequence is an
 * error (status 3) that names it: a screen that is guessed would prove nothing.
 */
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROWS_MAX = 200,
	COLUMNS_MAX = 400,
	TEXT_MAX = 1 << 20,
	PARAMETERS = 8
};

struct cell {
	char bytes[5];
	bool light; /* its background */
};

static struct cell grid[ROWS_MAX][COLUMNS_MAX];
static int rows = 24, columns = 80, row, column;
static bool wrap_due, light;
static char text[TEXT_MAX];
static size_t text_len;
static bool unknown;

/* ---- the screen ---- */

static void clear_cells(int line, int from, int to)
{
	for (int i = from; i < to && i < COLUMNS_MAX; i++)
		grid[line][i] = (struct cell){ " ", light };
}

static void line_feed(void)
{
	wrap_due = false;
	if (++row < rows)
		return;
	row = rows - 1;
	memmove(grid[0], grid[1], sizeof(grid[0]) * (size_t)(rows - 1));
	clear_cells(rows - 1, 0, columns);
}

static void put_char(const char *bytes, size_t len)
{
	struct cell *cell;

	if (wrap_due) {
		column = 0;
		line_feed();
	}
	cell = &grid[row][column];
	memset(cell, 0, sizeof(*cell));
	memcpy(cell->bytes, bytes, len);
	cell->light = light;
	wrap_due = column == columns - 1;
	if (!wrap_due)
		column++;
}

static void screen_reset(int new_rows, int new_columns)
{
	bool first = !grid[0][0].bytes[0];

	rows = new_rows < ROWS_MAX ? new_rows : ROWS_MAX;
	columns = new_columns < COLUMNS_MAX ? new_columns : COLUMNS_MAX;
	for (int i = 0; first && i < ROWS_MAX; i++)
		clear_cells(i, 0, COLUMNS_MAX);
	row = row < rows ? row : rows - 1;
	column = column < columns ? column : columns - 1;
}

static void erase_display(int how)
{
	int first = how == 0 ? row + 1 : 0;
	int last = how == 1 ? row : rows;

	for (int i = first; i < last; i++)
		clear_cells(i, 0, columns);
	if (how < 2)
		clear_cells(row, how == 0 ? column : 0, how == 0 ? columns : column + 1);
}

static void erase_line(int how)
{
	clear_cells(row, how == 0 ? column : 0, how == 1 ? column + 1 : columns);
}

/* Of colours only the background counts. */
static void colours(const int *p, int n)
{
	for (int i = 0; i < n; i++) {
		if (p[i] == 0 || p[i] == 49 || (p[i] >= 40 && p[i] < 47))
			light = false;
		else if (p[i] == 47 || p[i] == 107)
			light = true;
		else if ((p[i] == 38 || p[i] == 48) && i + 2 < n && p[i + 1] == 5) {
			if (p[i] == 48)
				light = p[i + 2] == 231 || p[i + 2] == 15;
			i += 2;
		}
	}
}

static int bounded(int value, int limit)
{
	return value < 0 ? 0 : value >= limit ? limit - 1 : value;
}

static bool control_sequence(char final, bool private, const int *p, int n)
{
	int one = p[0] > 0 ? p[0] : 1;

	if (final != 'm')
		wrap_due = false;
	if (private)
		return final == 'h' || final == 'l'; /* cursor shown or not, bracketed paste */
	switch (final) {
	case 'm':
		colours(p, n);
		return true;
	case 'H':
	case 'f':
		row = bounded(one - 1, rows);
		column = bounded((n > 1 && p[1] > 0 ? p[1] : 1) - 1, columns);
		return true;
	case 'J':
		erase_display(p[0]);
		return p[0] <= 3;
	case 'K':
		erase_line(p[0]);
		return p[0] <= 2;
	case 'A':
		row = bounded(row - one, rows);
		return true;
	case 'B':
		row = bounded(row + one, rows);
		return true;
	case 'C':
		column = bounded(column + one, columns);
		return true;
	case 'D':
		column = bounded(column - one, columns);
		return true;
	case 'G':
		column = bounded(one - 1, columns);
		return true;
	case 'r':
		return n < 2 || p[1] == 0 || (p[0] <= 1 && p[1] == rows);
	}
	return false;
}

/* Bytes of the escape sequence at AT; 0 if the recording ends in it. */
static size_t escape_sequence(const char *at)
{
	int p[PARAMETERS] = { 0 }, n = 0;
	bool private;
	size_t i = 2;

	if (at[1] == '(' || at[1] == ')')
		return at[2] ? 3 : 0;
	if (at[1] != '[') {
		unknown |= !strchr("78=>c", at[1]);
		if (at[1] == 'c')
			erase_display(2), row = column = 0;
		return at[1] ? 2 : 0;
	}
	private = at[i] == '?';
	for (i += private; at[i] && strchr("0123456789;", at[i]); i++) {
		if (at[i] == ';')
			n += n + 1 < PARAMETERS;
		else
			p[n] = (p[n] * 10 + (at[i] - '0')) % 10000;
	}
	if (!at[i])
		return 0;
	if (!control_sequence(at[i], private, p, n + 1)) {
		fprintf(stderr, "replay: unknown sequence: ESC %.*s\n", (int)i, at + 1);
		unknown = true;
	}
	return i + 1;
}

static size_t char_length(const char *at)
{
	unsigned char byte = (unsigned char)at[0];
	size_t len = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;

	return strnlen(at, len) == len ? len : 0;
}

static void control(char byte)
{
	if (byte == '\r')
		column = 0, wrap_due = false;
	else if (byte == '\n')
		line_feed();
	else if (byte == '\b')
		column -= column > 0, wrap_due = false;
	else if (byte == '\t')
		column = bounded((column | 7) + 1, columns);
	else if (byte != '\a') {
		fprintf(stderr, "replay: unknown byte 0x%02x\n", (unsigned char)byte);
		unknown = true;
	}
}

static void text_add(const char *bytes, size_t len)
{
	if (text_len + len >= TEXT_MAX || *bytes == '\r')
		return;
	memcpy(text + text_len, bytes, len);
	text_len += len;
	text[text_len] = '\0';
}

/* What is shown; returns the bytes used: a character or sequence may be split between chunks. */
static size_t show(const char *bytes)
{
	const char *at = bytes;

	while (*at) {
		bool escape = *at == '\033';
		size_t len = escape ? escape_sequence(at) : char_length(at);

		if (len == 0)
			break;
		if (!escape)
			text_add(at, len);
		if (!escape && (unsigned char)*at >= 0x20 && *at != 0x7f)
			put_char(at, len);
		else if (!escape)
			control(*at);
		at += len;
	}
	return (size_t)(at - bytes);
}

static void screen_print(void)
{
	int last = rows;
	char line[COLUMNS_MAX * 5];

	while (last-- > 0) {
		bool empty = true;

		for (int i = 0; i < columns; i++)
			empty &= grid[last][i].bytes[0] == ' ' && !grid[last][i].light;
		if (!empty)
			break;
	}
	for (int y = 0; y <= last; y++) {
		size_t len = 0, used = 0;

		for (int x = 0; x < columns; x++) {
			const struct cell *cell = &grid[y][x];
			bool block = cell->light && cell->bytes[0] == ' ';
			const char *bytes = block ? "█" : cell->bytes;

			len += (size_t)sprintf(line + len, "%s", bytes);
			if (strcmp(bytes, " ") != 0)
				used = len;
		}
		printf("%.*s\n", (int)used, line);
	}
}

/* ---- the recording ---- */

/* In place, as terminal.c has written them; zeros are not shown anyhow. */
static size_t unescape(char *line)
{
	char *out = line;
	unsigned int byte;

	for (char *at = line; *at && *at != '\n'; at++) {
		if (at[0] != '\\') {
			*out++ = *at;
		} else if (at[1] == 'x' && sscanf(at + 2, "%2x", &byte) == 1) {
			if (byte)
				*out++ = (char)byte;
			at += 3;
		} else {
			at++;
			*out++ = *at == 'r' ? '\r' : *at == 'n' ? '\n' : *at;
		}
	}
	*out = '\0';
	return (size_t)(out - line);
}

static bool matches(const char *pattern)
{
	regex_t regex;
	bool found;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB) != 0)
		exit(2);
	found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

static void out_take(char *rest, bool raw)
{
	static char pending[TEXT_MAX];
	static size_t pending_len;
	size_t len = unescape(rest), used;

	if (raw)
		fwrite(rest, 1, len, stdout);
	if (pending_len + len >= sizeof(pending))
		return;
	memcpy(pending + pending_len, rest, len + 1);
	pending_len += len;
	used = show(pending);
	memmove(pending, pending + used, pending_len - used + 1);
	pending_len -= used;
}

/* True once what was asked for has been reached. */
static bool line_take(char *line, const char *verb, const char *wanted)
{
	char kind[16] = "";
	char *rest = strchr(line, ' ');
	int height, width;

	if (!rest || sscanf(rest, " %15s", kind) != 1)
		return false;
	rest += 1 + strlen(kind);
	rest += *rest == ' ';
	if (strcmp(kind, "size") == 0 && sscanf(rest, "%d %d", &height, &width) == 2)
		screen_reset(height, width);
	if (strcmp(kind, "out") == 0) {
		out_take(rest, strcmp(verb, "raw") == 0);
		return strcmp(verb, "when") == 0 && matches(wanted);
	}
	if (strcmp(kind, "mark") != 0 || !wanted || strcmp(verb, "when") == 0)
		return false;
	rest[strcspn(rest, "\n")] = '\0';
	return strcmp(rest, wanted) == 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";
	const char *wanted = argc > 3 ? argv[3] : NULL;
	FILE *file = argc > 2 ? fopen(argv[2], "re") : NULL;
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	if (!file) {
		fprintf(stderr, "usage: replay screen|text|raw|when|mark RECORDING [WHAT]\n");
		return 2;
	}
	while (!found && getline(&line, &size, file) > 0) {
		found = line_take(line, verb, wanted);
		if (found && (strcmp(verb, "when") == 0 || strcmp(verb, "mark") == 0))
			printf("%lld\n", atoll(line));
	}
	fclose(file);
	free(line);
	if (strcmp(verb, "screen") == 0)
		screen_print();
	if (strcmp(verb, "text") == 0)
		fputs(text, stdout);
	if (unknown && strcmp(verb, "screen") == 0)
		return 3;
	return wanted && !found ? 1 : 0;
}
