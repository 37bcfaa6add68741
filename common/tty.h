/* SPDX-License-Identifier: BSD-2-Clause */
/* What the terminal is like that this process sits on. No PAM, and no allocation that stays. */
#ifndef COMMON_TTY_H
#define COMMON_TTY_H

#include <stdbool.h>

enum {
	TTY_GLYPHS = 0x2600, /* code points below are told apart; no message has one above */
};

struct tty {
	int rows, columns;  /* 0: not known, or no terminal */
	bool linux_console; /* a text console of the kernel */
	bool utf8;	    /* it says that it takes UTF-8 */
	bool dumb;	    /* tty_term(): TERM says that it takes no escape sequences */
	bool no_term;	    /* likewise: there is no TERM */
	bool mono;	    /* likewise: it takes the sequences of a VT100, and has no colours */
	/* A bit for each code point that the font of such a console draws. */
	unsigned char glyphs[TTY_GLYPHS / 8];
};

/* Looks at the terminal of the first three descriptors; all 0 where there is none. */
void tty_look(struct tty *tty);

/* Likewise, at the terminal FD; false: it is none. */
bool tty_look_at(int fd, struct tty *tty);

/* Adds what TERM, as the environment has it, says; NULL: there is none. */
void tty_term(struct tty *tty, const char *term);

#endif
