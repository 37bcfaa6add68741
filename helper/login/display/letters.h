/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Letters of five by seven pixels, for those who read from the other side of a room: ASCII, and what
 * German, French and Spanish have beside. Pure data.
 */
#ifndef HELPER_LOGIN_DISPLAY_LETTERS_H
#define HELPER_LOGIN_DISPLAY_LETTERS_H

#include <stdbool.h>

enum {
	LETTER_COLUMNS = 5,
	LETTER_ROWS = 7, /* from the top of an A to the line that it stands on */
	LETTER_DROP = 2, /* rows that a "g" goes below it */
};

/* Whether all of TEXT, UTF-8, can be written so; a space can. */
bool letters_have(const char *text);

/* Rows that TEXT takes: LETTER_ROWS, or LETTER_DROP more. */
int letters_rows(const char *text);

/* Whether a pixel of POINT is lit; what lies outside, or has no letter, is not. */
bool letter_lit(unsigned int point, int row, int column);

#endif
