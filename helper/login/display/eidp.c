/* SPDX-License-Identifier: BSD-2-Clause */
/* GDM's JSON: see eidp.h. Must never let a byte of the network's through that ends a string. */
#include "eidp.h"

#include <stdio.h>
#include <string.h>

#include "ink.h"

static void field_put(struct ink *ink, const char *name, const char *text)
{
	ink_add(ink, ",\"");
	ink_add(ink, name);
	ink_add(ink, "\":");
	ink_quoted(ink, text);
}

static bool showable(const struct screen *screen, const char *uri)
{
	char host[SCREEN_URI_MAX + 1];

	return screen_code_ok(screen->user_code) && screen_uri_host(uri, host, sizeof(host)) &&
	       strlen(uri) <= SCREEN_URI_MAX;
}

size_t eidp_compose(const struct screen *screen, const char *uri, char *out, size_t out_len)
{
	struct ink ink = { .out = out, .size = out_len };
	char end[80];

	if (out_len == 0)
		return 0;
	out[0] = '\0';
	if (!showable(screen, uri))
		return 0;
	ink_add(&ink, "{\"authSelection\":{\"mechanisms\":{\"eidp\":{\"role\":\"eidp\"");
	field_put(&ink, "name", message_text(screen->messages, MESSAGE_PHONE));
	field_put(&ink, "linkPrompt",
		  message_text(screen->messages,
			       screen->qr_has_code ? MESSAGE_SCAN_FILLED : MESSAGE_SCAN));
	field_put(&ink, "uri", uri);
	field_put(&ink, "code", screen->user_code);
	snprintf(end, sizeof(end), ",\"timeout\":%d}},\"priority\":[\"eidp\"]}}", screen->seconds);
	ink_add(&ink, end);
	if (ink.broken)
		out[ink.len = 0] = '\0';
	return ink.len;
}

bool eidp_accepted(const char *reply)
{
	const char *status = strstr(reply, "\"status\"");

	if (!status)
		return false;
	status += strlen("\"status\"");
	status += strspn(status, " \t\n");
	if (*status++ != ':')
		return false;
	status += strspn(status, " \t\n");
	return strncmp(status, "\"Ok\"", 4) == 0;
}
