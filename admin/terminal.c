/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Colour, width and waiting on a terminal: see terminal.h. Must never write an escape sequence to
 * what is no terminal.
 */
#include "terminal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/spawn.h"
#include "common/tty.h"

enum {
	COLUMNS_ELSE = 80,
	COLUMNS_LEAST = 20,
	LINE_MAX_BYTES = 160,
};

#define ERASE_LINE "\r\033[K"

static bool environment_says(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] != '\0';
}

void terminal_open(struct terminal *terminal, FILE *out)
{
	struct tty tty;
	struct winsize size = { .ws_col = 0 };
	int fd = fileno(out);

	terminal->out = out;
	tty_term(&tty, getenv("TERM"));
	terminal->there = isatty(fd) && !tty.no_term && !tty.dumb;
	terminal->colour = terminal->there && !tty.mono && !environment_says("NO_COLOR");
	terminal->columns = COLUMNS_ELSE;
	if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		terminal->columns = size.ws_col < COLUMNS_LEAST ? COLUMNS_LEAST : size.ws_col;
}

void terminal_print(const struct terminal *terminal, enum ink ink, const char *format, ...)
{
	static const char *const inks[] = {
		[INK_PLAIN] = "",	 [INK_STRONG] = "\033[1m", [INK_FAINT] = "\033[2m",
		[INK_GOOD] = "\033[32m", [INK_WARN] = "\033[33m",  [INK_BAD] = "\033[31m",
	};
	bool coloured = terminal->colour && ink != INK_PLAIN;
	va_list args;

	if (coloured)
		fputs(inks[ink], terminal->out);
	va_start(args, format);
	vfprintf(terminal->out, format, args);
	va_end(args);
	if (coloured)
		fputs("\033[0m", terminal->out);
}

void terminal_wrap(const struct terminal *terminal, int at, int indent, const char *text)
{
	int column = at;
	bool first = true;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		int len = (int)strcspn(text, " ");

		if (!first && column + 1 + len > terminal->columns) {
			fprintf(terminal->out, "\n%*s", indent, "");
			column = indent;
		} else if (!first) {
			fputc(' ', terminal->out);
			column++;
		}
		fprintf(terminal->out, "%.*s", len, text);
		column += len;
		text += len;
		first = false;
	}
	fputc('\n', terminal->out);
}

/* ---- waiting ---- */

void progress_begin(struct progress *progress, FILE *out, const char *text, long seconds)
{
	memset(progress, 0, sizeof(*progress));
	terminal_open(&progress->terminal, out);
	progress->text = progress->terminal.there ? text : NULL;
	progress->until = seconds > 0 ? spawn_after((int64_t)seconds * 1000) : 0;
}

void progress_say(struct progress *progress, const char *text, int64_t until)
{
	if (progress->text)
		progress->text = text;
	progress->until = until;
}

/* One column stays free: a full line would wrap, and \r lead to the second half alone. */
void progress_turn(struct progress *progress)
{
	static const char spinner[] = "|/-\\";
	char line[LINE_MAX_BYTES], left[48] = "";
	int64_t seconds = (progress->until - spawn_now() + 999) / 1000;

	if (!progress->text)
		return;
	if (progress->until > 0)
		snprintf(left, sizeof(left), "  %lld:%02lld left",
			 (long long)(seconds > 0 ? seconds / 60 : 0),
			 (long long)(seconds > 0 ? seconds % 60 : 0));
	snprintf(line, sizeof(line), "%c %s%s", spinner[progress->turn++ % 4], progress->text,
		 left);
	fputs(ERASE_LINE, progress->terminal.out);
	terminal_print(&progress->terminal, INK_FAINT, "%.*s", progress->terminal.columns - 1,
		       line);
	fflush(progress->terminal.out);
	progress->drawn = true;
}

void progress_hide(struct progress *progress)
{
	if (!progress->drawn)
		return;
	fputs(ERASE_LINE, progress->terminal.out);
	fflush(progress->terminal.out);
	progress->drawn = false;
}

void progress_end(struct progress *progress)
{
	progress_hide(progress);
	progress->text = NULL;
}
