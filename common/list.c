/* SPDX-License-Identifier: BSD-2-Clause */
/* One word after the other: see list.h. Must never read behind the end of a line. */
#include "list.h"

#include <string.h>

bool piece_is(struct piece piece, const char *text)
{
	return strlen(text) == piece.len && memcmp(piece.at, text, piece.len) == 0;
}

bool list_next(const char **list, const char *between, struct piece *word)
{
	const char *at = *list;

	if (!at)
		return false;
	at += strspn(at, between);
	word->at = at;
	while (*at && *at != '\n' && !strchr(between, *at))
		at++;
	word->len = (size_t)(at - word->at);
	*list = at;
	return word->len > 0;
}
