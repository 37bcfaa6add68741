/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Talks to the person: see pam_conversation.h. Must never interpret what it shows: the text has been
 * composed and filtered by screen.c.
 */
#include "pam_conversation.h"

#include <errno.h>
#include <poll.h>
#include <security/pam_ext.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/spawn.h"

enum {
	AWAIT_MS = 500, /* between two looks at the clock, which counts suspend */
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

/* Whether one of those that end a program is in SIGNALS. */
static bool last_word(const sigset_t *signals)
{
	return sigismember(signals, SIGINT) == 1 || sigismember(signals, SIGQUIT) == 1 ||
	       sigismember(signals, SIGHUP) == 1 || sigismember(signals, SIGTERM) == 1;
}

/* One that has hung up says EIO to all that a terminal is asked. A pipe is none of the person's. */
static bool is_terminal(int fd)
{
	return isatty(fd) || errno == EIO;
}

int converse_watch(bool *kept_back)
{
	sigset_t blocked;
	*kept_back = pthread_sigmask(SIG_SETMASK, NULL, &blocked) != 0 || last_word(&blocked);
	for (int fd = 0; fd < 3; fd++)
		if (is_terminal(fd))
			return fd;
	return -1;
}

bool converse_await(int ms)
{
	struct pollfd terminal = { .fd = -1, .events = POLLIN };
	int64_t until = spawn_after(ms);

	for (int fd = 2; fd >= 0; fd--)
		if (isatty(fd))
			terminal.fd = fd;
	while (terminal.revents == 0 && spawn_now() < until)
		poll(&terminal, 1, AWAIT_MS);
	return terminal.revents != 0;
}

bool converse_gone(void)
{
	sigset_t pending;

	if (sigpending(&pending) == 0 && last_word(&pending))
		return true;
	for (int fd = 0; fd < 3; fd++) {
		struct pollfd pfd = { .fd = fd };

		if (is_terminal(fd) && poll(&pfd, 1, 0) > 0 && (pfd.revents & POLLHUP))
			return true;
	}
	return false;
}
