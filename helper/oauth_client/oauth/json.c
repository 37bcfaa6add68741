/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON from the network: a byte gate, then cJSON, then getters that mind case and type.
 *
 * The gate reads the text once, without recursion and without memory of its own, and lets only
 * RFC 8259 texts within the limits of json.h through to cJSON, which is far more forgiving. What
 * only the unescaped text shows (duplicate keys, numbers that are not finite) is looked for in
 * cJSON's tree before anybody else sees it.
 *
 * Must never: hand out a value that the gate has not seen, compare names without regard to case,
 * write to a log, or free a string that has not been wiped.
 */
#include "json.h"

#include <ctype.h>
#include <malloc.h>
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

enum {
	NUMBER_BYTES_MAX = 63, /* cJSON copies this much of a number and drops the rest */
	PATH_BYTES_MAX = 255,
	QUOTED_DIGITS_MAX = 15, /* fits below 2^53 */
};

static const double INTEGER_LIMIT = 9007199254740992.0; /* 2^53: from here on doubles skip some */

/* ---- the gate ---- */

struct gate {
	const unsigned char *at;
	const unsigned char *end;
	const char *why;     /* NULL while the text is good */
	uint32_t objects;    /* bit D: the container at depth D is an object, not an array */
	unsigned int depth;  /* containers open at this point */
	unsigned int values; /* values begun so far */
};

_Static_assert(JSON_DEPTH_MAX < 32, "struct gate has one bit for each depth");

enum gate_step {
	GATE_REFUSED = 0,
	GATE_VALUE, /* a value must follow */
	GATE_AFTER, /* a value has just ended */
	GATE_DONE,
};

static bool gate_refuse(struct gate *g, const char *why)
{
	g->why = why;
	return false;
}

/* The byte at hand, or -1 where the text ends. */
static int gate_peek(const struct gate *g)
{
	return g->at < g->end ? *g->at : -1;
}

/* What to say of a byte that should not stand here. */
static bool gate_refuse_byte(struct gate *g)
{
	return gate_refuse(g, g->at < g->end ? "json_syntax" : "json_truncated");
}

static void gate_skip_space(struct gate *g)
{
	while (g->at < g->end &&
	       (*g->at == ' ' || *g->at == '\t' || *g->at == '\n' || *g->at == '\r'))
		g->at++;
}

/*
 * One character of two to four bytes. The second byte's range depends on the first: that shuts
 * out overlong forms (E0, F0), surrogates (ED) and what lies above U+10FFFF (F4).
 */
static bool gate_utf8(struct gate *g)
{
	unsigned char lead = *g->at;
	unsigned char low = 0x80;
	unsigned char high = 0xbf;
	size_t more, i;

	if (lead < 0xc2 || lead > 0xf4)
		return gate_refuse(g, "json_not_utf8");
	more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;

	for (i = 1; i <= more; i++) {
		if ((size_t)(g->end - g->at) <= i)
			return gate_refuse(g, "json_truncated");
		if (g->at[i] < low || g->at[i] > high)
			return gate_refuse(g, "json_not_utf8");
		low = 0x80;
		high = 0xbf;
	}
	g->at += more + 1;
	return true;
}

/* The four hexadecimal digits behind \u. */
static bool gate_hex(struct gate *g, unsigned int *unit)
{
	int i, c;

	*unit = 0;
	for (i = 0; i < 4; i++, g->at++) {
		c = gate_peek(g);
		if (c >= '0' && c <= '9')
			c -= '0';
		else if (c >= 'a' && c <= 'f')
			c -= 'a' - 10;
		else if (c >= 'A' && c <= 'F')
			c -= 'A' - 10;
		else
			return gate_refuse(g, c < 0 ? "json_truncated" : "json_bad_escape");
		*unit = *unit * 16 + (unsigned int)c;
	}
	return true;
}

static bool gate_unicode_escape(struct gate *g)
{
	unsigned int unit, second;

	if (!gate_hex(g, &unit))
		return false;
	if (unit == 0)
		return gate_refuse(g, "json_nul"); /* would end the string early in C */
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit > 0xdbff || g->end - g->at < 2 || g->at[0] != '\\' || g->at[1] != 'u')
		return gate_refuse(g, "json_lone_surrogate");
	g->at += 2;
	if (!gate_hex(g, &second))
		return false;
	if (second < 0xdc00 || second > 0xdfff)
		return gate_refuse(g, "json_lone_surrogate");
	return true;
}

static bool gate_escape(struct gate *g)
{
	int c;

	g->at++;
	c = gate_peek(g);
	if (c < 0)
		return gate_refuse(g, "json_truncated");
	if (c == 0 || !strchr("\"\\/bfnrtu", c))
		return gate_refuse(g, "json_bad_escape");
	g->at++;
	return c != 'u' || gate_unicode_escape(g);
}

static bool gate_string(struct gate *g)
{
	bool good = true;
	int c;

	if (gate_peek(g) != '"')
		return gate_refuse_byte(g);
	g->at++;
	while (good) {
		c = gate_peek(g);
		if (c < 0)
			return gate_refuse(g, "json_truncated");
		if (c < 0x20)
			return gate_refuse(g, "json_control_character");
		if (c == '\\') {
			good = gate_escape(g);
		} else if (c >= 0x80) {
			good = gate_utf8(g);
		} else {
			g->at++;
			if (c == '"')
				return true;
		}
	}
	return false;
}

/* One digit or more. */
static bool gate_digits(struct gate *g)
{
	const unsigned char *start = g->at;

	while (g->at < g->end && isdigit(*g->at))
		g->at++;
	return g->at > start || gate_refuse_byte(g);
}

/* int [ frac ] [ exp ] of RFC 8259 section 6. */
static bool gate_number(struct gate *g)
{
	const unsigned char *start = g->at;

	if (gate_peek(g) == '-')
		g->at++;
	if (gate_peek(g) == '0')
		g->at++; /* a digit behind it is left over, and refused as such */
	else if (!gate_digits(g))
		return false;
	if (gate_peek(g) == '.') {
		g->at++;
		if (!gate_digits(g))
			return false;
	}
	if (gate_peek(g) == 'e' || gate_peek(g) == 'E') {
		g->at++;
		if (gate_peek(g) == '+' || gate_peek(g) == '-')
			g->at++;
		if (!gate_digits(g))
			return false;
	}
	if (g->at - start > NUMBER_BYTES_MAX)
		return gate_refuse(g, "json_number_too_long");
	return true;
}

static bool gate_word(struct gate *g, const char *word)
{
	for (; *word; word++, g->at++)
		if (gate_peek(g) != *word)
			return gate_refuse_byte(g);
	return true;
}

static bool gate_scalar(struct gate *g)
{
	switch (gate_peek(g)) {
	case '"':
		return gate_string(g);
	case 't':
		return gate_word(g, "true");
	case 'f':
		return gate_word(g, "false");
	case 'n':
		return gate_word(g, "null");
	default:
		return gate_number(g);
	}
}

static bool gate_in_object(const struct gate *g)
{
	return g->objects >> g->depth & 1;
}

/* Behind "[", "{" or a comma: a member's name and colon where the container is an object. */
static enum gate_step gate_before_value(struct gate *g)
{
	if (!gate_in_object(g))
		return GATE_VALUE;
	gate_skip_space(g);
	if (!gate_string(g))
		return GATE_REFUSED;
	gate_skip_space(g);
	if (gate_peek(g) != ':') {
		gate_refuse_byte(g);
		return GATE_REFUSED;
	}
	g->at++;
	return GATE_VALUE;
}

static bool gate_close(struct gate *g)
{
	if (g->depth == 0 || gate_peek(g) != (gate_in_object(g) ? '}' : ']'))
		return false;
	g->at++;
	g->depth--;
	return true;
}

static enum gate_step gate_open(struct gate *g, bool object)
{
	if (g->depth == JSON_DEPTH_MAX) {
		gate_refuse(g, "json_too_deep");
		return GATE_REFUSED;
	}
	g->at++;
	g->depth++;
	g->objects &= ~(UINT32_C(1) << g->depth);
	g->objects |= (uint32_t)object << g->depth;
	gate_skip_space(g);
	if (gate_close(g))
		return GATE_AFTER;
	return gate_before_value(g);
}

static enum gate_step gate_value(struct gate *g)
{
	int c;

	if (g->values++ == JSON_VALUES_MAX) {
		gate_refuse(g, "json_too_many_values");
		return GATE_REFUSED;
	}
	gate_skip_space(g);
	c = gate_peek(g);
	if (c == '{' || c == '[')
		return gate_open(g, c == '{');
	return gate_scalar(g) ? GATE_AFTER : GATE_REFUSED;
}

static enum gate_step gate_after(struct gate *g)
{
	gate_skip_space(g);
	if (g->depth == 0) {
		if (g->at == g->end)
			return GATE_DONE;
		gate_refuse(g, "json_trailing_bytes");
		return GATE_REFUSED;
	}
	if (gate_close(g))
		return GATE_AFTER;
	if (gate_peek(g) == ',') {
		g->at++;
		return gate_before_value(g);
	}
	gate_refuse_byte(g);
	return GATE_REFUSED;
}

/* NULL if the LEN bytes at TEXT may go on to cJSON, else the reason why not. */
static const char *gate_fault(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	struct gate g = { .at = bytes, .end = bytes + len };
	enum gate_step step = GATE_VALUE;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return "json_byte_order_mark";
	while (step == GATE_VALUE || step == GATE_AFTER)
		step = step == GATE_VALUE ? gate_value(&g) : gate_after(&g);
	return step == GATE_DONE ? NULL : g.why;
}

/* ---- the tree ---- */

/* struct json is never defined: it is the name under which cJSON's nodes leave this file. */
static const cJSON *node_of(const struct json *value)
{
	return (const cJSON *)(const void *)value;
}

static const struct json *value_of(const cJSON *node)
{
	return (const struct json *)(const void *)node;
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void name_keep(void *name)
{
	(void)name; /* belongs to the tree */
}

/*
 * Two members of one name in OBJECT? A search tree and no qsort(): glibc's asks for the size of
 * the memory, by a system call that no sandbox needs to allow.
 */
static const char *names_fault(const cJSON *object)
{
	const char *why = NULL;
	const cJSON *member;
	void *seen = NULL;
	void *slot;

	for (member = object->child; member && !why; member = member->next) {
		slot = tsearch(member->string, &seen, name_compare);
		if (!slot)
			why = "json_no_memory";
		else if (*(char *const *)slot != member->string)
			why = "json_duplicate_key";
	}
	tdestroy(seen, name_keep);
	return why;
}

/* What only the parsed text shows. Recursion ends at JSON_DEPTH_MAX, by the gate. */
static const char *tree_fault(const cJSON *node)
{
	const char *why = NULL;
	const cJSON *child;

	if (cJSON_IsNumber(node) && !isfinite(node->valuedouble))
		return "json_number_too_large";
	if (cJSON_IsObject(node))
		why = names_fault(node);
	for (child = node->child; child && !why; child = child->next)
		why = tree_fault(child);
	return why;
}

/* cJSON copies what it reads, and gives memory back in the middle of a text that it refuses. */
static void wiped_free(void *block)
{
	if (block)
		explicit_bzero(block, malloc_usable_size(block));
	free(block);
}

static void hooks_set(void)
{
	cJSON_Hooks hooks = { .malloc_fn = malloc, .free_fn = wiped_free };

	cJSON_InitHooks(&hooks);
}

struct json *json_parse(const char *text, size_t len, const char **why)
{
	const char *fault = NULL;
	cJSON *tree = NULL;

	hooks_set();
	if (len > JSON_BYTES_MAX)
		fault = "json_too_large";
	else if (len == 0)
		fault = "json_empty";
	else
		fault = gate_fault(text, len);

	if (!fault) {
		tree = cJSON_ParseWithLengthOpts(text, len, NULL, false);
		fault = tree ? tree_fault(tree) : "json_no_memory";
	}
	if (fault) {
		json_destroy((struct json *)(void *)tree);
		tree = NULL;
	}
	if (why)
		*why = fault;
	return (struct json *)(void *)tree;
}

void json_destroy(struct json *top)
{
	cJSON *tree = (cJSON *)(void *)top;

	cJSON_Delete(tree);
}

/* ---- the getters ---- */

enum json_type json_type(const struct json *value)
{
	if (!value)
		return JSON_ABSENT;
	switch (node_of(value)->type & 0xff) {
	case cJSON_NULL:
		return JSON_NULL;
	case cJSON_False:
	case cJSON_True:
		return JSON_BOOL;
	case cJSON_Number:
		return JSON_NUMBER;
	case cJSON_String:
		return JSON_STRING;
	case cJSON_Array:
		return JSON_ARRAY;
	case cJSON_Object:
		return JSON_OBJECT;
	default:
		return JSON_ABSENT;
	}
}

/* The member whose name is the LEN bytes at NAME. */
static const struct json *member_find(const struct json *object, const char *name, size_t len)
{
	const cJSON *member = NULL;

	if (json_type(object) == JSON_OBJECT)
		member = node_of(object)->child;
	while (member && (strlen(member->string) != len || memcmp(member->string, name, len) != 0))
		member = member->next;
	return value_of(member);
}

const struct json *json_member(const struct json *object, const char *name)
{
	return member_find(object, name, strlen(name));
}

const struct json *json_given(const struct json *object, const char *name)
{
	const struct json *value = json_member(object, name);

	return json_type(value) == JSON_NULL ? NULL : value;
}

/*
 * Of the members that PATH may begin with the longest first, since names have dots of their own. Each
 * value is reached by one spelling of PATH alone, so none is looked at twice.
 */
static const struct json *path_find(const struct json *object, const char *path)
{
	for (size_t len = strlen(path) + 1; len-- > 0;) {
		const struct json *value;

		if (path[len] != '\0' && path[len] != '.')
			continue;
		value = member_find(object, path, len);
		if (value && path[len] == '.')
			value = path_find(value, path + len + 1);
		if (value)
			return value;
	}
	return NULL;
}

const struct json *json_at(const struct json *object, const char *path)
{
	if (strnlen(path, PATH_BYTES_MAX + 1) > PATH_BYTES_MAX)
		return NULL;
	return path_find(object, path);
}

size_t json_length(const struct json *array)
{
	const cJSON *node;
	size_t count = 0;

	if (json_type(array) != JSON_ARRAY)
		return 0;
	for (node = node_of(array)->child; node; node = node->next)
		count++;
	return count;
}

const struct json *json_element(const struct json *array, size_t i)
{
	const cJSON *node = NULL;

	if (json_type(array) == JSON_ARRAY)
		node = node_of(array)->child;
	for (; node && i > 0; i--)
		node = node->next;
	return value_of(node);
}

const char *json_text(const struct json *value)
{
	return json_type(value) == JSON_STRING ? node_of(value)->valuestring : NULL;
}

const char *json_string(const struct json *object, const char *name)
{
	return json_text(json_member(object, name));
}

/* An optional minus and 1 to QUOTED_DIGITS_MAX digits. */
static bool integer_read(const char *text, int64_t *out)
{
	bool negative = text[0] == '-';
	int64_t sum = 0;
	size_t i, digits;

	text += negative;
	digits = strspn(text, "0123456789");
	if (digits == 0 || digits > QUOTED_DIGITS_MAX || text[digits] != '\0')
		return false;
	for (i = 0; i < digits; i++)
		sum = sum * 10 + (text[i] - '0');
	*out = negative ? -sum : sum;
	return true;
}

bool json_number(const struct json *value, double *out)
{
	if (json_type(value) != JSON_NUMBER)
		return false;
	*out = node_of(value)->valuedouble;
	return true;
}

bool json_integer(const struct json *value, bool strings, int64_t *out)
{
	double number;

	if (strings && json_type(value) == JSON_STRING)
		return integer_read(json_text(value), out);
	if (!json_number(value, &number))
		return false;
	if (!(number > -INTEGER_LIMIT && number < INTEGER_LIMIT))
		return false;
	if ((double)(int64_t)number != number)
		return false; /* a fraction */
	*out = (int64_t)number;
	return true;
}

bool json_moment(const struct json *value, int64_t *out)
{
	double number;

	if (!json_number(value, &number) || !(number > -INTEGER_LIMIT && number < INTEGER_LIMIT))
		return false;
	*out = (int64_t)number;
	if ((double)*out > number)
		--*out;
	return true;
}

bool json_boolean(const struct json *value, bool *out)
{
	if (json_type(value) != JSON_BOOL)
		return false;
	*out = cJSON_IsTrue(node_of(value));
	return true;
}
