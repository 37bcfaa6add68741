/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is bound. API: binding_find, binding_next, binding_word, struct binding.
 *
 * The input: fields: issuer, subject, and the text of the file, in which "@" stands for "bound ISSUER SUBJECT" as
 * they are written there. Oracle: somebody is found if and only if one whole line says so and no other whole line
 * has its identity, name or uid, by the rule written here once more on lines that are cut up beforehand. A word is
 * read back as what it was.
 */
#include "fuzz.h"
#include "helper/login/bindings.h"

enum {
	LINES_MAX = 4096,
};

struct line {
	char *part[5];
};

static bool is_uid(const char *text)
{
	return strspn(text, "0123456789") == strlen(text) && text[0] > '0' && strlen(text) <= 10 &&
	       strtoull(text, NULL, 10) < 4294967294ULL;
}

static bool is_state(const char *text)
{
	static const char *const states[] = { "bound", "making", "removing", "removed", "purged" };

	for (size_t i = 0; i < 5; i++)
		if (strcmp(text, states[i]) == 0)
			return true;
	return false;
}

/* Cuts TEXT up. Returns how many lines of it are lines of people. */
static size_t lines_cut(char *text, struct line line[LINES_MAX])
{
	size_t count = 0;
	char *end;

	for (; (end = strchr(text, '\n')) && count < LINES_MAX; text = end + 1) {
		char *save = NULL, *more;
		int parts = 0;

		*end = '\0';
		for (char *part = strtok_r(text, " ", &save); part && parts < 5;
		     part = parts < 5 ? strtok_r(NULL, " ", &save) : NULL)
			line[count].part[parts++] = part;
		more = parts == 5 ? strtok_r(NULL, " ", &save) : NULL;
		count += parts == 5 && !more && is_state(line[count].part[0]) &&
			 is_uid(line[count].part[4]);
	}
	return count;
}

static bool same_identity(const struct line *a, const char *issuer, const char *subject)
{
	return strcmp(a->part[1], issuer) == 0 && strcmp(a->part[2], subject) == 0;
}

static const struct line *found(const struct line *line, size_t count, const char *issuer,
				const char *subject)
{
	const struct line *one = NULL;

	for (size_t i = 0; i < count && !one; i++)
		if (strcmp(line[i].part[0], "bound") == 0 &&
		    same_identity(&line[i], issuer, subject))
			one = &line[i];
	for (size_t i = 0; i < count && one; i++)
		if (&line[i] != one && (same_identity(&line[i], issuer, subject) ||
					strcmp(line[i].part[3], one->part[3]) == 0 ||
					strcmp(line[i].part[4], one->part[4]) == 0))
			return NULL;
	return one;
}

static char *text_make(struct fuzz *f, const char *issuer, const char *subject, const char *field)
{
	size_t room = strlen(field) * (strlen(issuer) + strlen(subject) + 16) + 1;
	char *text = malloc(room), *copy;
	size_t used = 0;

	HOLDS(text);
	for (text[0] = '\0'; *field; field++)
		used += (size_t)(*field == '@' ? snprintf(text + used, room - used, "bound %s %s",
							  issuer, subject)
					       : snprintf(text + used, room - used, "%c", *field));
	copy = fuzz_copy(f, text, used);
	free(text);
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char issuer[BINDING_WORD_MAX], subject[BINDING_WORD_MAX], back[BINDING_WORD_MAX];
	static struct line line[LINES_MAX];
	struct fuzz f = fuzz_start(data, size);
	const char *from = fuzz_text(&f), *who = fuzz_text(&f), *field = fuzz_text(&f);
	const struct line *want;
	struct binding binding;
	const char *text;

	if (!binding_word(from, issuer) || !binding_word(who, subject) || strlen(field) > 1000 ||
	    strlen(issuer) + strlen(subject) > 1000) {
		HOLDS(!binding_find(field, from, who, &binding) || strlen(field) > 1000 ||
		      strlen(issuer) + strlen(subject) > 1000);
		fuzz_done(&f);
		return 0;
	}
	HOLDS(slice_decode((struct slice){ subject, strlen(subject) }, back, sizeof(back)) &&
	      strcmp(back, who) == 0);
	text = text_make(&f, issuer, subject, field);
	want = found(line, lines_cut(fuzz_copy(&f, text, strlen(text)), line), issuer, subject);
	HOLDS(binding_find(text, from, who, &binding) == (want != NULL));
	if (want)
		HOLDS(slice_is(binding.name, want->part[3]) &&
		      binding.uid == strtoul(want->part[4], NULL, 10));
	fuzz_done(&f);
	return 0;
}
