/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes on their way to a terminal: where they are put, in which colours, and where a line of them is
 * broken. What comes in has been filtered.
 */
#ifndef HELPER_LOGIN_DISPLAY_INK_H
#define HELPER_LOGIN_DISPLAY_INK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Palette entries 231 and 16 are white and black whatever theme the terminal has; a Linux console
 * (3.16 and later) makes its own nearest colours of them, light grey and black.
 */
#define INK_HALVES "\033[38;5;231;48;5;16m"
#define INK_LIGHT  "\033[48;5;231m"
#define INK_DARK   "\033[48;5;16m"
#define INK_RESET  "\033[0m"

struct ink {
	char *out; /* the caller's */
	size_t size;
	size_t len;
	bool broken; /* something did not fit: nothing is shown */
};

/* OUT stays terminated. What does not fit breaks the ink, and nothing of it is there. */
void ink_add(struct ink *ink, const char *text);

/* TEXT as a string of JSON: a message of root's may have quotes in it. A control character becomes '?'. */
void ink_quoted(struct ink *ink, const char *text);

/* The upper and the lower half of a cell, light where set: a glyph for INK_HALVES. */
const char *ink_halves(bool upper, bool lower);

/* Bytes of TEXT that fill at most COLUMNS, but never none of what there is. */
size_t ink_within(const char *text, int columns);

/*
 * Bytes of TEXT for one line: up to the last space before COLUMNS are full. A word that is wider
 * than that is cut, or taken WHOLE.
 */
size_t ink_line(const char *text, int columns, bool whole);

#endif
