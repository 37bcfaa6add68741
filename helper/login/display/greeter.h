/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a greeter that draws for itself is told (layout = greeter): one JSON object in place of each text.
 * device-code-greeter draws it. Pure; what comes from the network is filtered as for a terminal.
 *
 *	device_code_greeter	1: the version
 *	state			"idle", "code", or the name of the message in `text` (messages.h)
 *	title			who signs in where
 *	text			the message
 *	prompt			what a key does; absent: nothing is waited for
 *
 * and, where state is "code", the fields of GDM's request (eidp.h), and the QR code:
 *
 *	role, name, linkPrompt, uri, code, timeout	`timeout`: seconds that are left
 *	width, modules		modules a side, and all of them by rows, '1' is dark; absent: there is none
 */
#ifndef HELPER_LOGIN_DISPLAY_GREETER_H
#define HELPER_LOGIN_DISPLAY_GREETER_H

#include "screen.h"

enum {
	GREETER_BYTES_MAX = 10 * 1024,
};

/* SCREEN's code, address and QR code. Returns the length, or 0 if something may not be shown; then OUT is "". */
size_t greeter_code(const struct screen *screen, char *out, size_t out_len);

/* The screen that waits for a key. TROUBLE, unless MESSAGE_COUNT: why the last try came to nothing. */
size_t greeter_idle(const struct screen *screen, enum message trouble, char *out, size_t out_len);

/* A message. OVER: nothing follows it, and a key leads on. */
size_t greeter_message(const struct screen *screen, enum message message, bool over, char *out,
		       size_t out_len);

#endif
