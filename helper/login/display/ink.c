/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes for a terminal: see ink.h. Must never cut a character or an escape sequence in two. */
#include "ink.h"

#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

void ink_add(struct ink *ink, const char *text)
{
	size_t len = strlen(text);

	if (len >= ink->size - ink->len) {
		ink->broken = true;
		return;
	}
	memcpy(ink->out + ink->len, text, len + 1);
	ink->len += len;
}

void ink_quoted(struct ink *ink, const char *text)
{
	char letter[3] = "";

	ink_add(ink, "\"");
	for (; *text; text++) {
		snprintf(letter, sizeof(letter), "%s%c", strchr("\"\\", *text) ? "\\" : "", *text);
		ink_add(ink, (unsigned char)*text < ' ' ? "?" : letter);
	}
	ink_add(ink, "\"");
}

const char *ink_halves(bool upper, bool lower)
{
	static const char *const halves[] = { " ", "▄", "▀", "█" };

	return halves[2 * upper + lower];
}

size_t ink_within(const char *text, int columns)
{
	size_t len = 0, step;
	unsigned int point;

	while ((step = utf8_next(text + len, &point)) > 0) {
		columns -= utf8_columns(point);
		if (columns < 0)
			break;
		len += step;
	}
	return len > 0 ? len : text[0] != '\0';
}

size_t ink_line(const char *text, int columns, bool whole)
{
	size_t len = ink_within(text, columns);
	size_t space = len;

	if (text[len] == '\0')
		return len;
	while (space > 0 && text[space] != ' ')
		space--;
	if (space > 0)
		return space;
	return whole ? strcspn(text, " ") : len;
}
