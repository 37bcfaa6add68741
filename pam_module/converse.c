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
		return;
	}
}
