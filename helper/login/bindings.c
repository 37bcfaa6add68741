/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of device_code.people: see bindings.h. Must never take half a line, or one of two, for a word. */
#include "bindings.h"

#include <stdlib.h>
#include <string.h>

enum {
	PARTS = 5,
	UID_DIGITS_MAX = 10,
};

static const char names[BINDING_STATES][12] = {
	[BINDING_BOUND] = "bound",     [BINDING_MAKING] = "making",
	[BINDING_OPENING] = "opening", [BINDING_REMOVING] = "removing",
	[BINDING_REMOVED] = "removed", [BINDING_PURGED] = "purged",
};

const char *binding_state_name(enum binding_state state)
{
	return names[state];
}

static enum binding_state state_read(struct slice word)
{
	enum binding_state state = BINDING_BOUND;

	while (state < BINDING_STATES && !slice_is(word, names[state]))
		state++;
	return state < BINDING_STATES ? state : BINDING_WRONG;
}

/* Decimal, as it is written: no sign, no zero ahead. The last two numbers mean "none". */
static bool uid_read(struct slice word, uid_t *uid)
{
	char text[UID_DIGITS_MAX + 1];
	unsigned long long number;

	if (!slice_copy(word, text, sizeof(text)) || text[strspn(text, "0123456789")] != '\0' ||
	    text[0] == '\0' || text[0] == '0')
		return false;
	number = strtoull(text, NULL, 10);
	*uid = (uid_t)number;
	return number < (uid_t)-2;
}

bool binding_next(const char **text, struct binding *binding)
{
	const char *at = *text;
	struct slice part[PARTS + 1];
	int parts = 0;

	if (*at == '\0')
		return false;
	*text += strcspn(at, "\n");
	*binding = (struct binding){ .state = BINDING_WRONG };
	while (parts <= PARTS && list_next(&at, " ", &part[parts]))
		parts++;
	if (parts == 0 || part[0].at[0] == '#')
		binding->state = BINDING_NONE;
	else if (**text == '\n' && parts == PARTS && uid_read(part[4], &binding->uid))
		binding->state = state_read(part[0]);
	*text += **text == '\n';
	if (binding->state > BINDING_NONE) {
		binding->issuer = part[1];
		binding->subject = part[2];
		binding->name = part[3];
	}
	return true;
}

bool binding_word(const char *text, char word[BINDING_WORD_MAX])
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;

	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		bool bare = byte > ' ' && byte != '%';

		if (byte < ' ' || byte == 0x7f || n + 4 > BINDING_WORD_MAX)
			return false;
		word[n++] = bare ? *text : '%';
		if (!bare) {
			word[n++] = digits[byte / 16];
			word[n++] = digits[byte % 16];
		}
	}
	word[n] = '\0';
	return n > 0;
}

bool binding_cut_off(enum binding_state state)
{
	return state == BINDING_MAKING || state == BINDING_OPENING;
}

static bool slice_same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* Whether no other line of TEXT than BINDING's own, which stands in it, speaks of the same. */
static bool is_alone(const char *text, const struct binding *binding)
{
	struct binding other;

	while (binding_next(&text, &other)) {
		if (other.state <= BINDING_NONE || other.name.at == binding->name.at)
			continue;
		if (slice_same(other.name, binding->name) || other.uid == binding->uid ||
		    (slice_same(other.issuer, binding->issuer) &&
		     slice_same(other.subject, binding->subject)))
			return false;
	}
	return true;
}

/* An identity as the file has it. */
struct words {
	char issuer[BINDING_WORD_MAX], subject[BINDING_WORD_MAX];
};

static bool words_of(const char *issuer, const char *subject, struct words *words)
{
	return binding_word(issuer, words->issuer) && binding_word(subject, words->subject);
}

static bool is_theirs(const struct binding *binding, const struct words *words)
{
	return slice_is(binding->issuer, words->issuer) &&
	       slice_is(binding->subject, words->subject);
}

/* The first line of SUBJECT's of ISSUER that is bound; or, ANY, that says anything but that a call was cut off. */
static bool line_find(const char *text, const char *issuer, const char *subject, bool any,
		      struct binding *binding)
{
	struct words words;

	if (!words_of(issuer, subject, &words))
		return false;
	while (binding_next(&text, binding))
		if ((any ? binding->state > BINDING_NONE && !binding_cut_off(binding->state)
			 : binding->state == BINDING_BOUND) &&
		    is_theirs(binding, &words))
			return true;
	return false;
}

bool binding_known(const char *text, const char *issuer, const char *subject)
{
	struct binding binding;

	return line_find(text, issuer, subject, true, &binding);
}

bool binding_find(const char *text, const char *issuer, const char *subject,
		  struct binding *binding)
{
	return line_find(text, issuer, subject, false, binding) && is_alone(text, binding);
}

bool binding_of_another(const char *text, const char *issuer, const char *subject, const char *name)
{
	struct binding binding = { .state = BINDING_NONE };
	struct words words;
	bool known = words_of(issuer, subject, &words), another = false;

	while (!another && binding_next(&text, &binding))
		another = binding.state > BINDING_NONE && slice_is(binding.name, name) &&
			  !(known && is_theirs(&binding, &words));
	return another;
}
