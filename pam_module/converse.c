/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Talks to the person: see converse.h. Must never interpret what it shows: the text has been
 * composed and filtered by screen.c.
 */
#include "converse.h"

#include <linux/kd.h>
#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

enum {
	UNIMAP_MAX = 8192, /* characters that a console's font draws; 512 glyphs serve some twice */
	UPPER_HALF = 0x2580,
	LOWER_HALF = 0x2584,
};

bool converse_show(pam_handle_t *pamh, const char *text)
{
	return pam_prompt(pamh, PAM_TEXT_INFO, NULL, "%s", text) == PAM_SUCCESS;
}

bool converse_ask(pam_handle_t *pamh, const char *prompt, char *out, size_t out_len)
{
	char *answer = NULL;
	bool ok = pam_prompt(pamh, PAM_PROMPT_ECHO_ON, &answer, "%s", prompt) == PAM_SUCCESS;

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

/* Whether the font of the console FD has both half blocks. One that cannot be asked has none. */
static bool console_has_halves(int fd)
{
	struct unipair *pairs = calloc(UNIMAP_MAX, sizeof(*pairs));
	struct unimapdesc map = { .entry_ct = UNIMAP_MAX, .entries = pairs };
	bool upper = false, lower = false;

	if (pairs && ioctl(fd, GIO_UNIMAP, &map) == 0)
		for (unsigned int i = 0; i < map.entry_ct && i < UNIMAP_MAX; i++) {
			upper |= pairs[i].unicode == UPPER_HALF;
			lower |= pairs[i].unicode == LOWER_HALF;
		}
	free(pairs);
	return upper && lower;
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

void converse_terminal(struct converse_terminal *terminal)
{
	memset(terminal, 0, sizeof(*terminal));
	for (int fd = 0; fd < 3; fd++) {
		struct winsize size;
		char type;

		if (ioctl(fd, TIOCGWINSZ, &size) != 0)
			continue;
		terminal->rows = size.ws_row;
		terminal->columns = size.ws_col;
		terminal->linux_console = ioctl(fd, KDGKBTYPE, &type) == 0;
		terminal->half_blocks = terminal->linux_console && console_has_halves(fd);
		return;
	}
}
