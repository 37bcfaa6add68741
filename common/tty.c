/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a terminal is like: see tty.h. Must never read from it, write to it or change it.
 */
#include "tty.h"

#include <linux/kd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "scratch.h"

enum {
	UNIMAP_MAX = 8192, /* characters that a console's font draws; 512 glyphs serve some twice */
};

static void font_read(int fd, unsigned char glyphs[TTY_GLYPHS / 8])
{
	struct unipair *pairs = scratch_take(UNIMAP_MAX * sizeof(*pairs));
	struct unimapdesc map = { .entry_ct = UNIMAP_MAX, .entries = pairs };

	if (pairs && ioctl(fd, GIO_UNIMAP, &map) == 0)
		for (unsigned int i = 0; i < map.entry_ct && i < UNIMAP_MAX; i++)
			if (pairs[i].unicode < TTY_GLYPHS)
				glyphs[pairs[i].unicode / 8] |=
					(unsigned char)(1 << pairs[i].unicode % 8);
	scratch_drop(pairs, UNIMAP_MAX * sizeof(*pairs));
}

bool tty_look_at(int fd, struct tty *tty)
{
	struct winsize size;
	struct termios modes;
	char type;

	memset(tty, 0, sizeof(*tty));
	if (ioctl(fd, TIOCGWINSZ, &size) != 0)
		return false;
	tty->rows = size.ws_row;
	tty->columns = size.ws_col;
	tty->linux_console = ioctl(fd, KDGKBTYPE, &type) == 0;
	tty->utf8 = tcgetattr(fd, &modes) == 0 && (modes.c_iflag & IUTF8);
	if (tty->linux_console)
		font_read(fd, tty->glyphs);
	return true;
}
