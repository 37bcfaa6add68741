/* SPDX-License-Identifier: BSD-2-Clause */
/* What the name of a terminal tells: see tty.h. Pure. */
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
