/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider's own words: see said.h. Pure. */
#include "said.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "helper/oauth_client/oauth/json.h"
#include "helper/oauth_client/oauth/oauth.h"

enum {
	RAW_MAX = 8192, /* bytes of what is looked through for words */
	HEAD_MAX = 16,	/* bytes of a secret that nobody says by chance */
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
		if (*behind == '=' && (at == body || strchr("_&?", at[-1])))
			return true; /* a form */
		if (*behind != '"')
			continue;
		behind += 1 + strspn(behind + 1, " \t\r\n");
		if (*behind == ':')
			return true;
	}
	return false;
}

static bool names_secret(const char *text)
{
	static const char *const members[] = { "token", "device_code", "user_code", "secret" };

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (names_member(text, members[i]))
			return true;
	return false;
}

static bool holds_secret(const struct reply *reply, const struct json *body)
{
	static const char *const paths[] = { "access_token", "refresh_token", "id_token",
					     "device_code", "data.accessToken" };

	if (names_secret(reply->body))
		return true;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (json_type(json_at(body, paths[i])) != JSON_ABSENT)
			return true;
	return false;
}

/*
 * Whether TEXT, which was written in another way in the reply, has in it what is nobody's to read. TEXT may be
 * cut, and a secret with it: its head is enough.
 */
static bool unfit(const char *text, const char *const *secrets)
{
	if (names_secret(text))
		return true;
	for (; *secrets; secrets++)
		if ((*secrets)[0] != '\0' &&
		    memmem(text, strlen(text), *secrets, strnlen(*secrets, HEAD_MAX)))
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

/* Adds the LEN bytes at TEXT to OUT, as far as there is room. */
static void add(const char *text, size_t len, char out[RAW_MAX])
{
	size_t n = strlen(out);

	snprintf(out + n, RAW_MAX - n, "%s%.*s", n > 0 ? "; " : "", (int)len, text);
}

/* A text, or the texts of an array (NestJS says each rule that was broken), or the message of its first object. */
static void texts_read(const struct json *value, char out[RAW_MAX])
{
	const char *text = json_text(value);

	if (!text)
		text = json_string(json_element(value, 0), "message");
	if (text)
		add(text, strlen(text), out);
	for (size_t i = 0; !text && i < json_length(value); i++) {
		const char *element = json_text(json_element(value, i));

		if (element)
			add(element, strlen(element), out);
	}
}

/* The first of PATHS that has a text in it. */
static void first_read(const struct json *body, const char *const *paths, char out[RAW_MAX])
{
	for (; *paths && out[0] == '\0'; paths++)
		texts_read(json_at(body, *paths), out);
}

/* ---- a form, for whom the client that asks for JSON is none ---- */

static int digit(char letter)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = letter ? strchr(digits, tolower((unsigned char)letter)) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* The field NAME of the form TEXT, decoded. */
static void field_read(const char *text, const char *name, char out[RAW_MAX])
{
	size_t len = strlen(name), n = 0;

	for (; *text; text += strcspn(text, "&"), text += *text == '&')
		if (strncmp(text, name, len) == 0 && text[len] == '=')
			break;
	if (*text)
		text += len + 1;
	while (*text && *text != '&' && n + 1 < RAW_MAX) {
		char letter = *text == '+' ? ' ' : *text;

		if (*text == '%' && digit(text[1]) >= 0 && digit(text[2]) >= 0) {
			letter = (char)(digit(text[1]) << 4 | digit(text[2]));
			text += 2;
		}
		text++;
		out[n++] = letter ? letter : '?';
	}
	out[n] = '\0';
}

/* Some servers call a form something else: that it begins with the word is enough to read words from it. */
static bool is_form(const struct reply *reply)
{
	return strncmp(reply->body, "error=", 6) == 0 ||
	       oauth_type_is(reply, "application/x-www-form-urlencoded");
}

/* ---- a challenge: RFC 6750 section 3 ---- */

/* The parameter NAME of the challenge AT: a token, or a quoted string (RFC 9110 5.6.4) to where it was cut. */
static void parameter_read(const char *at, const char *name, char out[RAW_MAX])
{
	size_t len = strlen(name), n = 0;
	bool quoted = false, found = false;

	for (const char *text = at; *text && !found; text++) {
		if (*text == '"')
			quoted = !quoted;
		else if (quoted && *text == '\\' && text[1])
			text++;
		else
			found = !quoted && (text == at || strchr(", \t", text[-1])) &&
				strncasecmp(text, name, len) == 0 && text[len] == '=';
		if (found)
			at = text + len + 1;
	}
	if (found && *at == '"')
		for (at++; *at && *at != '"'; at++)
			out[n++] = *at == '\\' && at[1] ? *++at : *at;
	else if (found)
		for (; *at && !strchr(", \t", *at); at++)
			out[n++] = *at;
	out[n] = '\0';
}

/* ---- a page ---- */

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

/* The name of the error and the text for people, as the reply has them: JSON, a form, a page, or a challenge. */
static void words_find(const struct reply *reply, const struct json *body, char error[RAW_MAX],
		       char text[RAW_MAX])
{
	static const char *const errors[] = { "error",	    "error_code", "error.status",
					      "error.code", "status",	  NULL };
	static const char *const texts[] = { "error_description", "error.message",
					     "message",		  "detail",
					     "errorSummary",	  "errors",
					     "error.errors",	  NULL };
	const char *title;
	size_t len;

	error[0] = text[0] = '\0';
	if (body) {
		first_read(body, errors, error);
		first_read(body, texts, text);
	} else if (is_form(reply)) {
		field_read(reply->body, "error", error);
		field_read(reply->body, "error_description", text);
	} else {
		len = title_find(reply->body, &title);
		if (len > 0)
			add(title, len, text);
	}
	if (error[0] == '\0')
		parameter_read(reply->challenge, "error", error);
	if (text[0] == '\0')
		parameter_read(reply->challenge, "error_description", text);
}

void said_compose(const struct reply *reply, const char *const *secrets, char out[SAID_MAX])
{
	struct json *body = json_parse(reply->body, reply->len, NULL);
	char name[ERROR_MAX] = "", words[TEXT_MAX] = "";
	char error[RAW_MAX], text[RAW_MAX];

	words_find(reply, body, error, text);
	if (!holds_secret(reply, body) && !unfit(error, secrets) && !unfit(text, secrets)) {
		plain(error, strlen(error), name, sizeof(name));
		plain(text, strlen(text), words, sizeof(words));
	}
	snprintf(out, SAID_MAX, "%ld%s%s%s%s%s", reply->status, name[0] ? " " : "", name,
		 words[0] ? " \"" : "", words, words[0] ? "\"" : "");
	json_destroy(body);
	explicit_bzero(error, sizeof(error));
	explicit_bzero(text, sizeof(text));
}
