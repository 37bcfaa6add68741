/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What begins when somebody is in: a command, or one of the machine's sessions, as its file says
 * (/usr/share/wayland-sessions/NAME.desktop).
 */
#ifndef GREETER_SESSION_H
#define GREETER_SESSION_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SESSION_WORDS_MAX = 32,
	SESSION_BYTES_MAX = 1024,
	SESSION_NAME_MAX = 64,
	SESSIONS_MAX = 16,
};

struct session {
	char id[SESSION_NAME_MAX];   /* the file's name, without its end */
	char name[SESSION_NAME_MAX]; /* as it is shown */
	char *command[SESSION_WORDS_MAX + 1];
	char *environment[4];
	char bytes[SESSION_BYTES_MAX]; /* that they point to */
	size_t used;
};

/*
 * LINE in words, as a .desktop file writes them (Desktop Entry Specification, "The Exec key"): words in quotes,
 * backslashes in them; field codes such as %U are left out. false: it has no words, or is no such line.
 */
bool session_command(struct session *session, const char *line);

/*
 * TEXT of the file ID. LANGUAGE ("de", or "") chooses among its names. false: it is hidden, not to be shown, or
 * no session.
 */
bool session_read(struct session *session, const char *id, const char *text, const char *language);

/* Those of DIRECTORY, by their names; returns how many. */
size_t sessions_find(const char *directory, const char *language,
		     struct session sessions[SESSIONS_MAX]);

#endif
