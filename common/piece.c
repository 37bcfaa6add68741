/* SPDX-License-Identifier: BSD-2-Clause */
/* What is made of a word, and of a whole list: see list.h. Must never write behind the end of its room. */
#include "list.h"

#include <string.h>

bool piece_copy(struct piece piece, char *out, size_t out_len)
{
	bool fits = piece.len < out_len;

	if (fits)
		memcpy(out, piece.at, piece.len);
	out[fits ? piece.len : 0] = '\0';
	return fits;
}

static int hex_value(char digit)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = digit ? strchr(digits, digit) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

bool piece_decode(struct piece piece, char *out, size_t out_len)
{
	size_t n = 0;

	for (size_t i = 0; i < piece.len; i++) {
		int byte = (unsigned char)piece.at[i];

		if (byte == '%') {
			int high = i + 2 < piece.len ? hex_value(piece.at[i + 1]) : -1;
			int low = i + 2 < piece.len ? hex_value(piece.at[i + 2]) : -1;

			byte = high < 0 || low < 0 ? -1 : high * 16 + low;
			i += 2;
		}
		if (byte < 0x20 || byte == 0x7f || n + 1 >= out_len)
			return false;
		out[n++] = (char)byte;
	}
	out[n] = '\0';
	return true;
}

bool list_has(const char *list, const char *between, const char *word)
{
	struct piece one;

	while (list_next(&list, between, &one))
		if (piece_is(one, word))
			return true;
	return false;
}
