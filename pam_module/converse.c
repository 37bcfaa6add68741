/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Talks to the person: see converse.h. Must never interpret what it shows: the text has been
 * composed and filtered by screen.c.
 */
#include "converse.h"

#include <linux/kd.h>
#include <poll.h>
#include <security/pam_ext.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#include "scratch.h"
#include "utf8.h"

enum {
	UNIMAP_MAX = 8192, /* characters that a console's font draws; 512 glyphs serve some twice */
	UPPER_HALF = 0x2580,
	LOWER_HALF = 0x2584,
};

bool converse_show(pam_handle_t *pamh, const char *text)
{
	return pam_prompt(pamh, PAM_TEXT_INFO, NULL, "%s", text) == PAM_SUCCESS;
}

bool converse_ask(pam_handle_t *pamh, bool echo, const char *prompt, char *out, size_t out_len)
{
	char *answer = NULL;
	int style = echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF;
	bool ok = pam_prompt(pamh, style, &answer, "%s", prompt) == PAM_SUCCESS;

	/* Some hosts report success without an answer: then nothing was typed. */
	if (out && out_len > 0) {
		out[0] = '\0';
		if (ok && answer)
			strncat(out, answer, out_len - 1);
	}
	if (answer)
		explicit_bzero(answer, strlen(answer));
	free(answer);
	return ok;
}

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

void converse_drop_typed(void)
{
	for (int fd = 0; fd < 3; fd++) {
		if (tcflush(fd, TCIFLUSH) != 0)
			continue;
		/* A ^S among it has stopped the screen: only what is off can be turned on. */
		tcflow(fd, TCOOFF);
		tcflow(fd, TCOON);
		return;
	}
}

bool converse_gone(void)
{
	static const int last_words[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM };
	sigset_t pending;

	if (sigpending(&pending) != 0)
		sigemptyset(&pending);
	for (size_t i = 0; i < sizeof(last_words) / sizeof(*last_words); i++)
		if (sigismember(&pending, last_words[i]) == 1)
			return true;
	for (int fd = 0; fd < 3; fd++) {
		struct pollfd pfd = { .fd = fd };
		struct stat st;

		/* One that has hung up is no terminal any more by isatty(); a pipe is none of the person's. */
		if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && poll(&pfd, 1, 0) > 0 &&
		    (pfd.revents & POLLHUP))
			return true;
	}
	return false;
}

void converse_terminal(const struct words *words, struct manner_facts *facts)
{
	struct winsize size;
	struct termios modes;
	char type;

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
