/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A screen that is read from the other side of a room: a QR code of many cells a module, letters made of
 * cells, all of it in the middle.
 *
 * Pure: no I/O, no allocation, no clock. Must never be given a text that screen.c has not filtered,
 * nor be shown on a terminal that is not known to take escape sequences.
 *
 * Every line is put at its place by the cursor's address: nothing scrolls, nothing reaches the last two
 * rows, which are for what is said later. Without HALVES there is no glyph beside the texts' own.
 */
#ifndef HELPER_LOGIN_DISPLAY_WALL_H
#define HELPER_LOGIN_DISPLAY_WALL_H

#include "screen.h"

enum {
	WALL_ITEMS_MAX = 6,
	WALL_ROWS_BELOW = 2, /* for a prompt, or a sentence later, and for its line end */
};

/* How a text is written. What has no large letters is written in the terminal's own. */
enum wall_size {
	WALL_OWN = 0, /* the terminal's own letters */
	WALL_LARGE,   /* large ones, all alike, where there is room */
	WALL_ECHO, /* large ones in one line; left out where there is no room: it stands elsewhere, too */
	WALL_FIRST, /* the largest, before all others, or there is no wall */
};

struct wall_item {
	const char *
		text; /* UTF-8; a line may end in \n in the terminal's own letters. "": there is none */
	enum wall_size size;
};

struct wall {
	int rows, columns;
	bool halves;			    /* the terminal draws half blocks */
	const struct screen_matrix *matrix; /* NULL: no QR code */
	struct wall_item item[WALL_ITEMS_MAX];
	size_t items;
	const char *
		prompt; /* is shown next, by somebody else: the cursor waits at its place; "": nothing */
};

/*
 * Composes the wall on a terminal that is clear: the QR code with the items below it, or beside it where
 * that makes it larger; at least two fifths of the height are its own. Returns the length, or 0 where
 * that does not fit; then OUT is "".
 */
size_t wall_compose(const struct wall *wall, char *out, size_t out_len);

/* Where a sentence goes that is said below what stands there: TEXT in the middle of its row. */
size_t wall_below(const struct wall *wall, const char *text, char *out, size_t out_len);

#endif
