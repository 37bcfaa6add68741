/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qr: draws an address as the module would on this terminal. Must never draw by itself: libqrencode is
 * in device-code-qr.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/paths.h"
#include "helper/login/present.h"
#include "common/tty.h"
#include "options.h"
#include "terminal.h"
#include "verbs.h"
#include "helper/login/tty_messages.h"

enum {
	TEXT_MAX = 458, /* bytes that device-code-qr takes */
};

struct picture {
	struct wire_draft draft;
	struct screen_matrix matrix;
	char text[SCREEN_BYTES_MAX];
};

static const struct {
	const char *name;
	enum screen_style style;
} styles[] = {
	{ "utf8", SCREEN_UTF8 },
	{ "colour", SCREEN_COLOUR },
	{ "full", SCREEN_FULL },
};

/* As `qr = auto` has it at a seat; a file or a pipe gets no escape sequence, nor who wants no colour. */
static enum screen_style style_here(const struct terminal *out)
{
	struct presentation_facts facts = { .tty = "", .service = "" };
	struct tty tty;

	tty_look(&tty);
	tty_term(&tty, getenv("TERM"));
	tty_tell(&tty, NULL, &facts);
	if (out->there && facts.linux_console && !facts.half_blocks)
		return SCREEN_FULL;
	return out->colour ? SCREEN_COLOUR : SCREEN_UTF8;
}

/* SCREEN_OFF: there is none of that name. */
static enum screen_style style_find(const char *name)
{
	for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++)
		if (strcmp(styles[i].name, name) == 0)
			return styles[i].style;
	return SCREEN_OFF;
}

static bool text_ok(const char *text)
{
	size_t len = strnlen(text, TEXT_MAX + 1);

	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return len > 0 && len <= TEXT_MAX;
}

static int picture_print(const char *verb, struct picture *picture, enum screen_style style,
			 const struct terminal *out)
{
	const struct screen_matrix *matrix = &picture->matrix;

	if (out->there && screen_qr_columns(matrix->width, style) > out->columns)
		return verb_failed(verb, "the terminal has %d columns, and the QR code needs %d",
				   out->columns, screen_qr_columns(matrix->width, style));
	if (screen_qr(matrix, style, picture->text, sizeof(picture->text)) == 0)
		return verb_failed(verb, "the QR code cannot be drawn");
	puts(picture->text);
	return STATUS_OK;
}

int verb_qr(int argc, char **argv)
{
	const char *style = NULL, *text = NULL;
	const struct option_row options[] = { { "--style", &style, NULL }, { NULL, NULL, NULL } };
	enum screen_style chosen;
	struct terminal out;
	struct picture *picture;
	const char *why;
	int status;

	if (!options_read(argc, argv, options, &text, "TEXT"))
		return STATUS_USAGE;
	terminal_open(&out, stdout);
	chosen = style ? style_find(style) : style_here(&out);
	if (chosen == SCREEN_OFF)
		return verb_misused(argv[0], "--style %s: must be utf8, colour or full", style);
	if (!text_ok(text))
		return verb_misused(argv[0],
				    "TEXT must be 1 to %d bytes of printable ASCII without "
				    "blanks",
				    TEXT_MAX);
	picture = calloc(1, sizeof(*picture));
	if (!picture)
		return verb_failed(argv[0], "out of memory");
	why = present_draw(text, &picture->draft, &picture->matrix);
	status = why ? verb_failed(argv[0], "no QR code: %s: %s", PATH_QR, why)
		     : picture_print(argv[0], picture, chosen, &out);
	free(picture);
	return status;
}
