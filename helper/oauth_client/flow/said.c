/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider's own words: see said.h. Pure. */
#include "said.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "helper/oauth_client/oauth/json.h"

enum {
	ERROR_MAX = 64, /* bytes of an error's name */
	TEXT_MAX = 220, /* of the text for people */
	WORD_MAX = 60,	/* of one word in it: what is longer may be a token */
};

/* ---- what a reply holds that is nobody's to read ---- */

/* Whether a member ends with NAME, "token", wherever it stands, in a string of its own as well. */
static bool names_member(const char *body, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = body; (at = strcasestr(at, name)); at += len) {
		const char *behind = at + len;

		behind += strspn(behind, "\\");
		if (*behind == '=' && at > body && strchr("_&?", at[-1]))
			return true; /* a form */
		if (*behind != '"')
			continue;
		behind += 1 + strspn(behind + 1, " \t\r\n");
		if (*behind == ':')
			return true;
	}
	return false;
}

static bool holds_secret(const struct reply *reply, const struct json *body)
{
	static const char *const members[] = { "token", "device_code", "user_code", "secret" };
	static const char *const paths[] = { "access_token", "refresh_token", "id_token",
					     "device_code", "data.accessToken" };

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (names_member(reply->body, members[i]))
			return true;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (json_type(json_at(body, paths[i])) != JSON_ABSENT)
			return true;
	return false;
}

static bool repeats(const char *text, const char *const *secrets)
{
	for (; *secrets; secrets++)
		if ((*secrets)[0] != '\0' && strstr(text, *secrets))
			return true;
	return false;
}

/* ---- words ---- */

/* One line of printable ASCII without a quote; a letter of another kind is one '?'. */
static void plain(const char *text, size_t len, char *out, size_t out_len)
{
	size_t n = 0, word = 0;

	for (size_t i = 0; i < len && n + 1 < out_len; i++) {
		unsigned char byte = (unsigned char)text[i];

		if ((byte & 0xc0) == 0x80)
			continue;
		if (isspace(byte))
			byte = ' ';
		if (byte == ' ' && (n == 0 || out[n - 1] == ' '))
			continue;
		word = byte == ' ' ? 0 : word + 1;
		if (word > WORD_MAX)
			continue;
		if (word == WORD_MAX)
			byte = '~'; /* cut here */
		out[n++] = byte == '"' ? '\'' : byte < 0x20 || byte > 0x7e ? '?' : (char)byte;
	}
	out[n] = '\0';
}

static const char *first_text(const struct json *body, const char *const *paths)
{
	for (; *paths; paths++) {
		const char *text = json_text(json_at(body, *paths));

		if (text && text[0] != '\0')
			return text;
	}
	return NULL;
}

/* Where a page has its title; 0: it has none. */
static size_t title_find(const char *body, const char **title)
{
	const char *start = strcasestr(body, "<title");
	const char *end = start ? strcasestr(start, "</title") : NULL;

	start = start ? strchr(start, '>') : NULL;
	if (!start || !end || end < start)
		return 0;
	*title = start + 1;
	return (size_t)(end - start - 1);
}

void said_compose(const struct reply *reply, const char *const *secrets, char out[SAID_MAX])
{
	static const char *const errors[] = { "error",	    "error_code", "error.status",
					      "error.code", "status",	  NULL };
	static const char *const texts[] = { "error_description", "error.message",
					     "message",		  "detail",
					     "errorSummary",	  NULL };
	struct json *body = json_parse(reply->body, reply->len, NULL);
	const char *error = first_text(body, errors), *text = first_text(body, texts);
	size_t len = text ? strlen(text) : 0;
	char name[ERROR_MAX] = "", words[TEXT_MAX] = "";

	if (!body)
		len = title_find(reply->body, &text);
	if (!holds_secret(reply, body) && !(error && repeats(error, secrets)) &&
	    !(text && repeats(text, secrets))) {
		plain(error ? error : "", error ? strlen(error) : 0, name, sizeof(name));
		plain(text ? text : "", len, words, sizeof(words));
	}
	snprintf(out, SAID_MAX, "%ld%s%s%s%s%s", reply->status, name[0] ? " " : "", name,
		 words[0] ? " \"" : "", words, words[0] ? "\"" : "");
	json_destroy(body);
}
