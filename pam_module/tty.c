/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The terminal of the first three descriptors: see tty.h. Must never read from it, write to it or
 * change it.
 */
#include "tty.h"

#include <linux/kd.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "list.h"
#include "scratch.h"
#include "utf8.h"

enum {
	UNIMAP_MAX = 8192, /* characters that a console's font draws; 512 glyphs serve some twice */
	UPPER_HALF = 0x2580,
	LOWER_HALF = 0x2584,
};

/* The characters that the font of the console draws, in scratch of UNIMAP_MAX; none: it cannot be asked. */
struct font {
	struct unipair *pairs;
	unsigned int count;
};

static struct font font_read(int fd)
{
	struct font font = { .pairs = scratch_take(UNIMAP_MAX * sizeof(*font.pairs)) };
	struct unimapdesc map = { .entry_ct = UNIMAP_MAX, .entries = font.pairs };

	if (font.pairs && ioctl(fd, GIO_UNIMAP, &map) == 0)
		font.count = map.entry_ct < UNIMAP_MAX ? map.entry_ct : UNIMAP_MAX;
	return font;
}

static bool font_has(const struct font *font, unsigned int point)
{
	for (unsigned int i = 0; i < font->count; i++)
		if (font->pairs[i].unicode == point)
			return true;
	return false;
}

static bool font_has_words(const struct font *font, const struct words *words)
{
	for (int word = 0; word < WORD_COUNT; word++) {
		const char *at = word_text(words, (enum word)word);
		unsigned int point;
		size_t len;

		while ((len = utf8_next(at, &point)) > 0) {
			if (point >= 0x80 && !font_has(font, point))
				return false;
			at += len;
		}
	}
	return true;
}

static void console_look(int fd, const struct words *words, struct manner_facts *facts)
{
	struct font font = font_read(fd);

	facts->half_blocks = font_has(&font, UPPER_HALF) && font_has(&font, LOWER_HALF);
	facts->letters = font_has_words(&font, words);
	scratch_drop(font.pairs, UNIMAP_MAX * sizeof(*font.pairs));
}

/* Names of terminals that show an escape sequence as text. */
static void term_look(struct manner_facts *facts)
{
	static const char dumb[] = "dumb unknown network dialup emacs 9term";
	const char *term = getenv("TERM");

	facts->no_term = !term || term[0] == '\0';
	facts->dumb = term && list_has(dumb, LIST_BLANKS, term);
}

void tty_look(const struct words *words, struct manner_facts *facts)
{
	struct winsize size;
	struct termios modes;
	char type;

	term_look(facts);
	for (int fd = 0; fd < 3; fd++) {
		if (ioctl(fd, TIOCGWINSZ, &size) != 0)
			continue;
		facts->rows = size.ws_row;
		facts->columns = size.ws_col;
		facts->linux_console = ioctl(fd, KDGKBTYPE, &type) == 0;
		facts->utf8 = tcgetattr(fd, &modes) == 0 && (modes.c_iflag & IUTF8);
		if (facts->linux_console)
			console_look(fd, words, facts);
		return;
	}
}
