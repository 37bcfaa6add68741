/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The JSON gate. API: json_parse, json_destroy and the getters of json.h.
 *
 * Oracle: a text is accepted if and only if the plain recursive reader below accepts it, which
 * knows RFC 8259 and the limits of json.h; cJSON then accepts it, too, and reads the same types,
 * strings and numbers; and every value is where the reader finds it. So NULs, duplicate keys,
 * trailing bytes, invalid UTF-8 and texts too deep or too long never pass.
 *
 * A reply of tests/dialect is an input: its header lines are skipped.
 */
#include <cjson/cJSON.h>
#include <math.h>

#include "fuzz.h"
#include "helper/oauth_client/oauth/json.h"

struct reader {
	const uint8_t *at, *end;
	int values;
};

static bool value_read(struct reader *r, int depth, const struct json *json, const cJSON *node);

static void blank_skip(struct reader *r)
{
	while (r->at < r->end &&
	       (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
		r->at++;
}

static bool byte_take(struct reader *r, int byte)
{
	if (r->at == r->end || *r->at != byte)
		return false;
	r->at++;
	return true;
}

/* The code point of a valid character at AT, its bytes in *LEN; -1: there is none. */
static long utf8_read(const uint8_t *at, const uint8_t *end, int *len)
{
	static const long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	long point;

	*len = *at < 0x80 ? 1 : *at >> 5 == 6 ? 2 : *at >> 4 == 14 ? 3 : *at >> 3 == 30 ? 4 : 0;
	if (*len == 0 || end - at < *len)
		return -1;
	point = *len == 1 ? *at : *at & (0xff >> (*len + 1));
	for (int i = 1; i < *len; i++) {
		if (at[i] >> 6 != 2)
			return -1;
		point = point << 6 | (at[i] & 0x3f);
	}
	if (point < least[*len] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return -1;
	return point;
}

static char *utf8_write(char *out, long point)
{
	if (point < 0x80) {
		*out++ = (char)point;
	} else if (point < 0x800) {
		*out++ = (char)(0xc0 | point >> 6);
	} else if (point < 0x10000) {
		*out++ = (char)(0xe0 | point >> 12);
		*out++ = (char)(0x80 | (point >> 6 & 0x3f));
	} else {
		*out++ = (char)(0xf0 | point >> 18);
		*out++ = (char)(0x80 | (point >> 12 & 0x3f));
		*out++ = (char)(0x80 | (point >> 6 & 0x3f));
	}
	if (point >= 0x80)
		*out++ = (char)(0x80 | (point & 0x3f));
	return out;
}

static long hex_read(struct reader *r)
{
	char digits[5] = "";

	if (r->end - r->at < 4)
		return -1;
	memcpy(digits, r->at, 4);
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return -1;
	r->at += 4;
	return strtol(digits, NULL, 16);
}

/* What stands behind a backslash. 0 and -1 are refused alike. */
static long escape_read(struct reader *r)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *name;
	long high, low;

	if (r->at == r->end)
		return -1;
	if (*r->at != 'u') {
		name = *r->at ? strchr(names, *r->at++) : NULL;
		return name ? bytes[name - names] : -1;
	}
	r->at++;
	high = hex_read(r);
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || !byte_take(r, '\\') || !byte_take(r, 'u'))
		return -1;
	low = hex_read(r);
	if (low < 0xdc00 || low > 0xdfff)
		return -1;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* The string at hand, decoded, for the caller to free; NULL: there is none. */
static char *string_read(struct reader *r)
{
	char *text = malloc((size_t)(r->end - r->at) + 5), *out = text;
	int len;

	if (byte_take(r, '"'))
		while (r->at < r->end && *r->at >= 0x20) {
			long point;

			if (byte_take(r, '"')) {
				*out = '\0';
				return text;
			}
			if (byte_take(r, '\\')) {
				point = escape_read(r);
			} else {
				point = utf8_read(r->at, r->end, &len);
				r->at += len;
			}
			if (point <= 0)
				break;
			out = utf8_write(out, point);
		}
	free(text);
	return NULL;
}

/* -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? of at most 63 bytes, and finite */
static bool number_read(struct reader *r, double *number)
{
	const uint8_t *start = r->at;
	char text[64] = "";
	size_t n;

	byte_take(r, '-');
	for (int part = 0; part < 3; part++) {
		if (part == 1 && !byte_take(r, '.'))
			continue;
		if (part == 2 && !byte_take(r, 'e') && !byte_take(r, 'E'))
			continue;
		if (part == 2 && !byte_take(r, '+'))
			byte_take(r, '-');
		if (part == 0 && byte_take(r, '0'))
			continue;
		for (n = 0; r->at < r->end && *r->at >= '0' && *r->at <= '9'; n++)
			r->at++;
		if (n == 0)
			return false;
	}
	n = (size_t)(r->at - start);
	if (n > 63)
		return false;
	memcpy(text, start, n);
	*number = strtod(text, NULL);
	return isfinite(*number);
}

static bool array_read(struct reader *r, int depth, const struct json *json, const cJSON *node)
{
	size_t count = 0;

	blank_skip(r);
	if (!byte_take(r, ']'))
		do
			if (!value_read(r, depth, json ? json_element(json, count) : NULL,
					node ? cJSON_GetArrayItem(node, (int)count) : NULL))
				return false;
		while (count++, byte_take(r, ','));
	else
		return !json || json_length(json) == 0;
	HOLDS(!json || r->at == r->end || *r->at != ']' || json_length(json) == count);
	return byte_take(r, ']');
}

static bool member_read(struct reader *r, int depth, const struct json *json, const cJSON *node,
			char **names, size_t count)
{
	blank_skip(r);
	names[count] = string_read(r);
	blank_skip(r);
	if (!names[count] || !byte_take(r, ':'))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], names[count]) == 0)
			return false;
	return value_read(r, depth, json ? json_member(json, names[count]) : NULL,
			  node ? cJSON_GetObjectItemCaseSensitive(node, names[count]) : NULL);
}

static bool object_read(struct reader *r, int depth, const struct json *json, const cJSON *node)
{
	char **names = calloc(JSON_VALUES_MAX + 2, sizeof(*names));
	size_t count = 0;
	bool good = true;

	blank_skip(r);
	if (!byte_take(r, '}')) {
		do
			good = member_read(r, depth, json, node, names, count++);
		while (good && byte_take(r, ','));
		good = good && byte_take(r, '}');
	}
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return good;
}

static bool word_read(struct reader *r, const char *word)
{
	while (*word && byte_take(r, *word))
		word++;
	return *word == '\0';
}

/* What both trees say of a scalar. */
static void scalar_check(const struct json *json, const cJSON *node, const char *text,
			 double number)
{
	double real;

	if (!json)
		return;
	HOLDS(node);
	if (text) {
		HOLDS(json_type(json) == JSON_STRING && strcmp(json_text(json), text) == 0);
		HOLDS(cJSON_IsString(node) && strcmp(node->valuestring, text) == 0);
	} else {
		HOLDS(json_number(json, &real) && real == number);
		HOLDS(cJSON_IsNumber(node) && node->valuedouble == number);
	}
}

static bool scalar_read(struct reader *r, const struct json *json, const cJSON *node)
{
	double number = 0;
	char *text = NULL;
	bool flag = false;

	switch (r->at < r->end ? *r->at : 0) {
	case 't':
	case 'f':
		flag = *r->at == 't';
		HOLDS(!json ||
		      (json_boolean(json, &flag) && flag == (*r->at == 't') && cJSON_IsBool(node)));
		return word_read(r, *r->at == 't' ? "true" : "false");
	case 'n':
		HOLDS(!json || (json_type(json) == JSON_NULL && cJSON_IsNull(node)));
		return word_read(r, "null");
	case '"':
		text = string_read(r);
		if (text)
			scalar_check(json, node, text, 0);
		free(text);
		return text != NULL;
	default:
		if (!number_read(r, &number))
			return false;
		scalar_check(json, node, NULL, number);
		return true;
	}
}

/* Reads a value; where JSON is given, the tree of the accepted text has to say the same. */
static bool value_read(struct reader *r, int depth, const struct json *json, const cJSON *node)
{
	bool good;

	if (r->values++ == JSON_VALUES_MAX)
		return false;
	blank_skip(r);
	if (r->at < r->end && (*r->at == '[' || *r->at == '{')) {
		bool object = *r->at++ == '{';

		HOLDS(!json || json_type(json) == (object ? JSON_OBJECT : JSON_ARRAY));
		HOLDS(!json || (node && (object ? cJSON_IsObject(node) : cJSON_IsArray(node))));
		good = depth < JSON_DEPTH_MAX && (object ? object_read(r, depth + 1, json, node)
							 : array_read(r, depth + 1, json, node));
	} else {
		good = scalar_read(r, json, node);
	}
	blank_skip(r);
	return good;
}

static void text_check(const uint8_t *data, size_t size)
{
	struct reader r = { .at = data, .end = data + size };
	const char *why = NULL;
	struct json *json = json_parse((const char *)data, size, &why);
	bool good = value_read(&r, 0, NULL, NULL) && r.at == r.end;
	cJSON *tree;

	HOLDS((json != NULL) == good);
	HOLDS(json ? !why : is_reason(why));
	if (!json)
		return;
	tree = cJSON_ParseWithLength((const char *)data, size);
	HOLDS(tree);
	r = (struct reader){ .at = data, .end = data + size };
	HOLDS(value_read(&r, 0, json, tree));
	cJSON_Delete(tree);
	json_destroy(json);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	size_t size = JSON_BYTES_MAX + 1;
	char *text = malloc(size);
	const char *why;

	(void)argc;
	(void)argv;
	memset(text, 'a', size);
	text[0] = text[size - 1] = '"';
	HOLDS(!json_parse(text, size, &why) && strcmp(why, "json_too_large") == 0);
	text[size - 2] = '"';
	text_check((uint8_t *)text, size - 1);
	free(text);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = fuzz_start(data, size);
	const uint8_t *body =
		size > 6 && memcmp(data, "step: ", 6) == 0 ? memmem(data, size, "\n\n", 2) : NULL;
	char *text;

	if (body) {
		size -= (size_t)(body + 2 - data);
		data = body + 2;
	}
	text = fuzz_copy(&f, data, size);
	f.record[0] = text = realloc(text, size > 0 ? size : 1);
	text_check((uint8_t *)text, size);
	fuzz_done(&f);
	return 0;
}
