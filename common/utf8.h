/* SPDX-License-Identifier: BSD-2-Clause */
/* Characters beyond ASCII in messages that root has written. Pure; the locale is the host's. */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The bytes of the character at AT, and *POINT; 0 at the end of the string, and for what is not UTF-8
 * (RFC 3629: nothing overlong, no surrogates, nothing above U+10FFFF).
 */
size_t utf8_next(const char *at, unsigned int *point);

/* false for what moves, hides or reorders text: controls, zero widths, directions, line ends. */
bool utf8_shows(unsigned int point);

/* Columns of a terminal that a character takes, 1 or 2. */
int utf8_columns(unsigned int point);

/*
 * Rewrites TEXT, UTF-8, in ASCII, in place: "Geraet" for a German's umlaut, "code" in place of
 * accents. false: it has a character that cannot be spelled so; TEXT is "" then.
 */
bool utf8_to_ascii(char *text);

#endif
