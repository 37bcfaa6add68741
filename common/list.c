/* SPDX-License-Identifier: BSD-2-Clause */
/* One word after the other: see list.h. Must never read behind the end of a line. */
#include "list.h"

#include <string.h>

bool slice_is(struct slice slice, const char *text)
{
	return strlen(text) == slice.len && memcmp(slice.at, text, slice.len) == 0;
}

bool list_next(const char **list, const char *between, struct slice *word)
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
