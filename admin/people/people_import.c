/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many people at once, from a file of RFC 4180: name,issuer,subject and, if wanted, groups (separated by blanks
 * or semicolons). All lines are looked at before the first is granted. Must never guess at a line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "people.h"
#include "admin/verbs.h"

enum {
	FIELDS_MIN = 3,
	FIELDS_MAX = 4,
	WHERE_MAX = 320,
};

struct line {
	char *text; /* owned; the fields are in it */
	char *field[FIELDS_MAX];
	int number;
};

struct import {
	const char *file;
	struct line *line;
	size_t count, room;
};

static void where(const struct import *import, const struct line *line, char out[WHERE_MAX])
{
	snprintf(out, WHERE_MAX, "%.300s:%d", import->file, line->number);
}

static bool refuse(const struct import *import, const struct line *line, const char *text)
{
	char at[WHERE_MAX];

	where(import, line, at);
	verb_misused(PEOPLE_VERB, "%s: %s; nothing was done", at, text);
	return false;
}

/* ---- the format ---- */

/* Takes the field at *AT, in quotes or not, out of its text. false: a quote is where none may be. */
static bool field_take(char **at, char **field)
{
	bool quoted = **at == '"';
	char *from = *at + quoted, *to = from;

	*field = from;
	for (; *from && (quoted || *from != ','); from++) {
		if (*from == '"' && !quoted)
			return false;
		if (*from == '"' && from[1] != '"') {
			from++;
			quoted = false;
			break;
		}
		from += *from == '"';
		*to++ = *from;
	}
	if (quoted || (*from != ',' && *from != '\0'))
		return false;
	*at = *from == ',' ? from + 1 : NULL;
	*to = '\0';
	return true;
}

static bool line_split(const struct import *import, struct line *line)
{
	char *at = line->text;
	int fields = 0;

	while (at && fields < FIELDS_MAX)
		if (!field_take(&at, &line->field[fields++]))
			return refuse(import, line, "a quote stands where none may be");
	if (at || fields < FIELDS_MIN)
		return refuse(import, line,
			      "must be name,issuer,subject or "
			      "name,issuer,subject,groups");
	if (fields < FIELDS_MAX)
		line->field[FIELDS_MAX - 1] = line->text + strlen(line->text);
	return true;
}

/* "a b; c" is "a,b,c". */
static void groups_join(char *groups)
{
	char *to = groups;

	for (const char *at = groups; *at; at++) {
		bool between = *at == ' ' || *at == ';' || *at == ',';

		if (!between)
			*to++ = *at;
		else if (to > groups && to[-1] != ',')
			*to++ = ',';
	}
	to -= to > groups && to[-1] == ',';
	*to = '\0';
}

static bool line_add(struct import *import, const char *text, int number)
{
	struct line *line;
	char *copy;

	if (import->count == import->room) {
		size_t room = import->room ? 2 * import->room : 64;

		line = reallocarray(import->line, room, sizeof(*line));
		if (!line)
			return false;
		import->line = line;
		import->room = room;
	}
	copy = strdup(text);
	if (!copy)
		return false;
	line = &import->line[import->count++];
	*line = (struct line){ .text = copy, .number = number };
	if (!line_split(import, line))
		return false;
	groups_join(line->field[3]);
	return true;
}

/* A first line of the columns' names, comments and empty lines are none of people. */
static bool is_none(const char *text, int number)
{
	return text[0] == '\0' || text[0] == '#' ||
	       (number == 1 && strncasecmp(text, "name,issuer,subject", 19) == 0);
}

static bool lines_read(struct import *import, FILE *in)
{
	char *text = NULL, *start;
	size_t room = 0;
	bool ok = true;
	ssize_t len;

	for (int number = 1; ok && (len = getline(&text, &room, in)) >= 0; number++) {
		ok = memchr(text, '\0', (size_t)len) == NULL;
		while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
			text[--len] = '\0';
		start = number == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
		if (ok && !is_none(start, number))
			ok = line_add(import, start, number);
	}
	free(text);
	return ok && !ferror(in);
}

/* ---- the people in it ---- */

static struct person_wish wish_of(const struct line *line)
{
	return (struct person_wish){ .name = line->field[0],
				     .issuer = line->field[1],
				     .subject = line->field[2],
				     .groups = line->field[3] };
}

static bool lines_ok(const struct import *import)
{
	char at[WHERE_MAX];

	for (size_t i = 0; i < import->count; i++) {
		const struct person_wish wish = wish_of(&import->line[i]);

		where(import, &import->line[i], at);
		if (!people_wish_ok(at, &wish))
			return false;
		for (size_t k = 0; k < i; k++) {
			const struct person_wish other = wish_of(&import->line[k]);

			if (strcmp(wish.name, other.name) == 0 ||
			    (strcmp(wish.issuer, other.issuer) == 0 &&
			     strcmp(wish.subject, other.subject) == 0))
				return refuse(import, &import->line[i],
					      "name or identity stands in a line above, too");
		}
	}
	return true;
}

/* One who is refused keeps nobody else out; what is bound already is no fault. */
static int lines_grant(const struct import *import)
{
	struct people people;
	char at[WHERE_MAX];
	size_t granted = 0;

	if (!people_open(&people, true)) {
		verb_failed(PEOPLE_VERB, "%s", people.error);
		people_close(&people);
		return STATUS_FAILED;
	}
	for (size_t i = 0; i < import->count; i++) {
		const struct person_wish wish = wish_of(&import->line[i]);

		if (people_grant(&people, &wish)) {
			granted++;
			continue;
		}
		where(import, &import->line[i], at);
		verb_failed(PEOPLE_VERB, "%s: %s: %s", at, wish.name, people.error);
	}
	people_close(&people);
	printf("%zu of %zu people are bound\n", granted, import->count);
	return granted == import->count ? STATUS_OK : STATUS_FAILED;
}

int people_import(const char *file)
{
	struct import import = { .file = file };
	FILE *in = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
	int status = STATUS_USAGE;

	if (!in)
		return verb_misused(PEOPLE_VERB, "%s: %s", file, strerror(errno));
	if (!lines_read(&import, in))
		verb_misused(PEOPLE_VERB, "%s: cannot be read to its end: nothing was done", file);
	else if (lines_ok(&import))
		status = lines_grant(&import);
	if (in != stdin)
		fclose(in);
	for (size_t i = 0; i < import.count; i++)
		free(import.line[i].text);
	free(import.line);
	return status;
}
