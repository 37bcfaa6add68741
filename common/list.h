/* SPDX-License-Identifier: BSD-2-Clause */
/* Words in a longer text: the values of many keys, the lines of a map, what a helper lists. Pure. */
#ifndef COMMON_LIST_H
#define COMMON_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A word where it stands: not terminated. */
struct slice {
	const char *at;
	size_t len;
};

#define LIST_BLANKS " \t\r"
#define LIST_COMMAS " \t,"

/*
 * The next word at *LIST, which moves behind it; bytes of BETWEEN separate words. false: there is
 * none before the end of the line (LIST may be NULL).
 */
bool list_next(const char **list, const char *between, struct slice *word);

/* Is WORD one of the words of LIST? */
bool list_has(const char *list, const char *between, const char *word);

bool slice_is(struct slice slice, const char *text);

/* Copies PIECE as a string. false: no room; OUT is "" then. */
bool slice_copy(struct slice slice, char *out, size_t out_len);

/*
 * Likewise with each %HH as the byte that it stands for (RFC 3986 2.1), but for a control character. false:
 * no room, or a percent sign that is none such.
 */
bool slice_decode(struct slice slice, char *out, size_t out_len);

#endif
