/* SPDX-License-Identifier: BSD-2-Clause */
/* What a terminal shows of our messages: see tty_messages.h. Pure. */
#include "tty_messages.h"

#include "common/utf8.h"

enum {
	UPPER_HALF = 0x2580,
	LOWER_HALF = 0x2584,
};

static bool font_has(const struct tty *tty, unsigned int point)
{
	return point < TTY_GLYPHS && (tty->glyphs[point / 8] >> point % 8 & 1);
}

static bool font_has_messages(const struct tty *tty, const struct messages *messages)
{
	for (int message = 0; message < MESSAGE_COUNT; message++) {
		const char *at = message_text(messages, (enum message)message);
		unsigned int point;
		size_t len;

		while ((len = utf8_next(at, &point)) > 0) {
			if (point >= 0x80 && !font_has(tty, point))
				return false;
			at += len;
		}
	}
	return true;
}

void tty_tell(const struct tty *tty, const struct messages *said, struct presentation_facts *facts)
{
	facts->rows = tty->rows;
	facts->columns = tty->columns;
	facts->linux_console = tty->linux_console;
	facts->utf8 = tty->utf8;
	facts->dumb = tty->dumb;
	facts->no_term = tty->no_term;
	facts->mono = tty->mono;
	/* A console that takes each byte for a letter draws none, whatever its font has. */
	facts->half_blocks = tty->utf8 && font_has(tty, UPPER_HALF) && font_has(tty, LOWER_HALF);
	facts->letters = tty->linux_console && font_has_messages(tty, said);
}
