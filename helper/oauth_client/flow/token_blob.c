/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens ↔ opaque text: see token_blob.h. Must never leave a part of a token behind. */
#include "token_blob.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/oauth_client/oauth/oauth.h"

static const char *or_none(const char *token)
{
	return token[0] != '\0' ? token : "-";
}

bool token_blob_write(const struct tokens *tokens, int64_t now, char *out, size_t out_len)
{
	int64_t expires = tokens->expires_at;
	int len;

	if (tokens->expires_in > 0)
		expires = now + tokens->expires_in;
	len = snprintf(out, out_len, "1 %s %s %lld", or_none(tokens->access),
		       or_none(tokens->refresh), (long long)expires);
	if (len > 0 && (size_t)len < out_len && strcmp(tokens->access, "-") != 0 &&
	    strcmp(tokens->refresh, "-") != 0)
		return true;
	explicit_bzero(out, out_len);
	return false;
}

/* The word at *AT into OUT, "" for "-"; *AT behind it and its space. */
static bool word_take(const char **at, char *out, size_t out_len)
{
	size_t len = strcspn(*at, " ");

	if (len == 0 || len >= out_len || (*at)[len] != ' ')
		return false;
	memcpy(out, *at, len);
	out[len] = '\0';
	if (strcmp(out, "-") == 0)
		out[0] = '\0';
	*at += len + 1;
	return true;
}

bool token_blob_read(const char *text, struct tokens *tokens)
{
	const char *at = text + 2;
	bool ok = strncmp(text, "1 ", 2) == 0;
	size_t digits;

	memset(tokens, 0, sizeof(*tokens));
	ok = ok && word_take(&at, tokens->access, sizeof(tokens->access)) &&
	     word_take(&at, tokens->refresh, sizeof(tokens->refresh)) &&
	     oauth_token_ok(tokens->access);
	digits = ok ? strspn(at, "0123456789") : 0;
	ok = ok && digits > 0 && digits < 19 && at[digits] == '\0';
	if (ok)
		tokens->expires_at = strtoll(at, NULL, 10);
	else
		explicit_bzero(tokens, sizeof(*tokens));
	return ok;
}
