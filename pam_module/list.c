/* SPDX-License-Identifier: BSD-2-Clause */
/* Words in a longer text: see list.h. Must never read behind the end of a line. */
#include "list.h"

#include <string.h>

bool piece_is(struct piece piece, const char *text)
{
	return strlen(text) == piece.len && memcmp(piece.at, text, piece.len) == 0;
}

bool piece_copy(struct piece piece, char *out, size_t out_len)
{
	bool fits = piece.len < out_len;

	if (fits)
		memcpy(out, piece.at, piece.len);
	out[fits ? piece.len : 0] = '\0';
	return fits;
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

bool list_has(const char *list, const char *between, const char *word)
{
	struct piece one;

	while (list_next(&list, between, &one))
		if (piece_is(one, word))
			return true;
	return false;
}
