/* SPDX-License-Identifier: BSD-2-Clause */
/* What is made of a word, and of a whole list: see list.h. Must never write behind the end of its room. */
#include "list.h"

#include <string.h>

bool slice_copy(struct slice slice, char *out, size_t out_len)
{
	bool fits = slice.len < out_len;

	if (fits)
		memcpy(out, slice.at, slice.len);
	out[fits ? slice.len : 0] = '\0';
	return fits;
}

static int hex_value(char digit)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = digit ? strchr(digits, digit) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

bool slice_decode(struct slice slice, char *out, size_t out_len)
{
	size_t n = 0;

	for (size_t i = 0; i < slice.len; i++) {
		int byte = (unsigned char)slice.at[i];

		if (byte == '%') {
			int high = i + 2 < slice.len ? hex_value(slice.at[i + 1]) : -1;
			int low = i + 2 < slice.len ? hex_value(slice.at[i + 2]) : -1;

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
	struct slice one;

	while (list_next(&list, between, &one))
		if (slice_is(one, word))
			return true;
	return false;
}
