/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a program's own terminal is, and what the name of one tells: see tty.h. Must never touch it but to look. */
#include "tty.h"

#include <stddef.h>

#include "list.h"

/* Names of terminals that show an escape sequence as text. */
static const char dumb[] = "dumb unknown network dialup emacs 9term";

void tty_term(struct tty *tty, const char *term)
{
	tty->no_term = !term || term[0] == '\0';
	tty->dumb = term && list_has(dumb, LIST_BLANKS, term);
}

void tty_look(struct tty *tty)
{
	for (int fd = 0; fd < 3; fd++)
		if (tty_look_at(fd, tty))
			return;
}
