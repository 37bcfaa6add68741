/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Talks to the person: see pam_conversation.h. Must never interpret what it shows: the text has been
 * composed and filtered by screen.c.
 */
#include "pam_conversation.h"

#include <poll.h>
#include <security/pam_ext.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "common/spawn.h"
#include "pam_host.h"

bool converse(pam_handle_t *pamh, int style, const char *text, char *out, size_t out_len)
{
	char *answer = NULL;
	bool ok = pam_prompt(pamh, style, &answer, "%s", text) == PAM_SUCCESS;

	/* Some hosts report success without an answer: then nothing was typed. */
	snprintf(out, out_len, "%s", ok && answer ? answer : "");
	if (answer)
		explicit_bzero(answer, strlen(answer));
	free(answer);
	return ok;
}

void converse_drop_typed(void)
{
	int fd = host_terminal();

	if (tcflush(fd, TCIFLUSH) != 0)
		return;
	/* A ^S among it has stopped the screen: only what is off can be turned on. */
	tcflow(fd, TCOOFF);
	tcflow(fd, TCOON);
}

/* Whether one of those that end a program is in SIGNALS. */
static bool last_word(const sigset_t *signals)
{
	return sigismember(signals, SIGINT) == 1 || sigismember(signals, SIGQUIT) == 1 ||
	       sigismember(signals, SIGHUP) == 1 || sigismember(signals, SIGTERM) == 1;
}

int converse_watch(bool *kept_back)
{
	sigset_t blocked;

	*kept_back = pthread_sigmask(SIG_SETMASK, NULL, &blocked) != 0 || last_word(&blocked);
	return host_terminal();
}

bool converse_await(int ms)
{
	return spawn_glance(host_terminal(), ms);
}

bool converse_gone(void)
{
	struct pollfd terminal = { .fd = host_terminal() };
	sigset_t pending;

	return (sigpending(&pending) == 0 && last_word(&pending)) ||
	       (poll(&terminal, 1, 0) > 0 && (terminal.revents & POLLHUP));
}
