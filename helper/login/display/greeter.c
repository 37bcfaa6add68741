/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON for a greeter: see greeter.h. Must never let a byte of the network's through that ends a string. */
#include "greeter.h"

#include <stdio.h>
#include <string.h>

#include "ink.h"

enum {
	NAME_BYTES = 64,
};

static void field(struct ink *ink, const char *name, const char *text)
{
	ink_add(ink, ",\"");
	ink_add(ink, name);
	ink_add(ink, "\":");
	ink_quoted(ink, text);
}

static void number(struct ink *ink, const char *name, int value)
{
	char text[64];

	snprintf(text, sizeof(text), ",\"%s\":%d", name, value);
	ink_add(ink, text);
}

static void title(struct ink *ink, const struct screen *screen)
{
	char user[NAME_BYTES], host[NAME_BYTES], text[2 * MESSAGE_BYTES_MAX];
	const char *const pairs[] = { "user", user, "host", host, NULL };

	screen_plain(screen->user ? screen->user : "", user, sizeof(user));
	screen_plain(screen->host ? screen->host : "", host, sizeof(host));
	message_format(screen->messages, user[0] ? MESSAGE_IDLE_USER : MESSAGE_IDLE, pairs, text,
		       sizeof(text));
	field(ink, "title", text);
}

static struct ink begin(const struct screen *screen, const char *state, char *out, size_t out_len)
{
	struct ink ink = { .out = out, .size = out_len };

	out[0] = '\0';
	ink_add(&ink, "{\"device_code_greeter\":1");
	field(&ink, "state", state);
	title(&ink, screen);
	return ink;
}

static size_t end(struct ink *ink)
{
	ink_add(ink, "}");
	if (ink->broken)
		ink->out[ink->len = 0] = '\0';
	return ink->len;
}

static void modules(struct ink *ink, const struct screen_matrix *matrix)
{
	number(ink, "width", matrix->width);
	ink_add(ink, ",\"modules\":\"");
	for (int i = 0; i < matrix->width * matrix->width; i++)
		ink_add(ink, matrix->dark[i] ? "1" : "0");
	ink_add(ink, "\"");
}

static bool showable(const struct screen *screen)
{
	char host[SCREEN_URI_MAX + 1];

	return screen->user_code && screen_code_ok(screen->user_code) &&
	       screen_uri_host(screen->uri, host, sizeof(host)) &&
	       strlen(screen->uri) <= SCREEN_URI_MAX;
}

/* What to do with it: without a QR code there is none to scan. */
static enum message how(const struct screen *screen)
{
	if (!screen->matrix)
		return MESSAGE_OPEN;
	return screen->qr_has_code ? MESSAGE_SCAN_FILLED : MESSAGE_SCAN;
}

size_t greeter_code(const struct screen *screen, char *out, size_t out_len)
{
	char code[2 * SCREEN_CODE_MAX];
	struct ink ink;

	if (out_len == 0)
		return 0;
	out[0] = '\0';
	if (!showable(screen))
		return 0;
	ink = begin(screen, "code", out, out_len);
	screen_code_group(screen->user_code, code);
	field(&ink, "text", message_text(screen->messages, MESSAGE_WAITING));
	field(&ink, "role", "eidp");
	field(&ink, "name", message_text(screen->messages, MESSAGE_PHONE));
	field(&ink, "linkPrompt", message_text(screen->messages, how(screen)));
	field(&ink, "uri", screen->uri);
	field(&ink, "code", code);
	number(&ink, "timeout", screen->seconds);
	if (screen->matrix)
		modules(&ink, screen->matrix);
	return end(&ink);
}

size_t greeter_idle(const struct screen *screen, enum message trouble, char *out, size_t out_len)
{
	bool calm = trouble == MESSAGE_COUNT;
	struct ink ink;

	if (out_len == 0)
		return 0;
	ink = begin(screen, calm ? "idle" : message_name(trouble), out, out_len);
	field(&ink, "text", message_text(screen->messages, calm ? MESSAGE_IDLE_PHONE : trouble));
	field(&ink, "prompt",
	      message_text(screen->messages, calm ? MESSAGE_ANY_KEY : MESSAGE_ANY_KEY_AGAIN));
	return end(&ink);
}

size_t greeter_message(const struct screen *screen, enum message message, bool over, char *out,
		       size_t out_len)
{
	struct ink ink;

	if (out_len == 0)
		return 0;
	ink = begin(screen, message_name(message), out, out_len);
	field(&ink, "text", message_text(screen->messages, message));
	if (over)
		field(&ink, "prompt", message_text(screen->messages, MESSAGE_ANY_KEY_AGAIN));
	return end(&ink);
}
