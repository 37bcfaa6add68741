/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a program's own terminal is, and what the name of one tells: see tty.h. Must never touch it but to look. */
#include "tty.h"

#include <stddef.h>
#include <string.h>

#include "list.h"

/* Names of terminals that show an escape sequence as text, or know none of a VT100's. */
static const char dumb[] = "dumb unknown network dialup emacs 9term vt52";

/* Names of those that know them, and colours not, nor 256 of them. */
static const char mono[] =
	"vt100 vt102 vt125 vt131 vt132 vt200 vt220 vt240 vt300 vt320 vt340 vt400 vt420 vt510 "
	"vt520 ansi-m ansi-mr ansi-mtabs ansi-mono";

/* Is TERM one of NAMES, or one with what it is besides: vt220-8, vt100-am? */
static bool is_one_of(const char *names, const char *term)
{
	struct slice name;

	while (list_next(&names, LIST_BLANKS, &name))
		if (strncmp(term, name.at, name.len) == 0 &&
		    (term[name.len] == '\0' || term[name.len] == '-'))
			return true;
	return false;
}

void tty_term(struct tty *tty, const char *term)
{
	tty->no_term = !term || term[0] == '\0';
	tty->dumb = term && is_one_of(dumb, term);
	tty->mono = term && is_one_of(mono, term);
}

void tty_look(struct tty *tty)
{
	for (int fd = 0; fd < 3; fd++)
		if (tty_look_at(fd, tty))
			return;
}
