/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The terminal that pam-device-code talks to, or the file or pipe in its place: colour, width, and a
 * line that tells that something is being waited for.
 *
 * Colour and that line are for terminals alone (TERM unset or "dumb" is none), and colour not where TERM has none or
 * NO_COLOR is set and not empty. Nothing here waits or allocates. Texts are written as they are: what
 * is foreign has passed screen_plain().
 */
#ifndef ADMIN_TERMINAL_H
#define ADMIN_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct terminal {
	FILE *out;   /* borrowed */
	bool there;  /* a terminal that takes escape sequences */
	bool colour; /* that is wanted in colour */
	int columns; /* of the terminal, 80 where there is none; never below 20 */
};

enum ink {
	INK_PLAIN = 0,
	INK_STRONG,
	INK_FAINT,
	INK_GOOD,
	INK_WARN,
	INK_BAD,
};

void terminal_open(struct terminal *terminal, FILE *out);

/* Prints in INK, which ends with the text. */
void terminal_print(const struct terminal *terminal, enum ink ink, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Prints TEXT and a newline, broken at blanks to fit the width; lines after the first begin with INDENT
 * blanks. AT: the column that the first one begins in. A word that is wider stands alone, unbroken.
 */
void terminal_wrap(const struct terminal *terminal, int at, int indent, const char *text);

/* One line on a terminal: a spinner, what is waited for, and the time that is left. */
struct progress {
	struct terminal terminal;
	const char *text; /* borrowed; ASCII; NULL: nothing is shown */
	int64_t until;	  /* spawn_now() at which it is over; 0: nobody knows */
	unsigned int turn;
	bool drawn;
};

/* SECONDS that it will take at most, 0 if unknown. Nothing is drawn before the first turn. */
void progress_begin(struct progress *progress, FILE *out, const char *text, long seconds);

/* What is waited for, and until when (spawn_now(); 0: nobody knows). */
void progress_say(struct progress *progress, const char *text, int64_t until);

/* Draws the line afresh, a turn on: to be called a few times a second. */
void progress_turn(struct progress *progress);

/* Takes the line away, before anything else is printed; the next turn draws it again. */
void progress_hide(struct progress *progress);

/* Takes it away for good. */
void progress_end(struct progress *progress);

#endif
