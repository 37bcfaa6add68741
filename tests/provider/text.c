/*
 * text.c - memory that belongs to one request, growing buffers, and the
 * spellings of the web: forms, percent-encoding, base64, HTML and JSON text.
 */
#include "text.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct pool_slice {
	struct pool_slice *next;
	max_align_t data[];
};

static void *must(void *memory)
{
	if (!memory) {
		fputs("provider: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *xalloc(size_t size)
{
	return must(calloc(1, size ? size : 1));
}

void *xrealloc(void *old, size_t size)
{
	return must(realloc(old, size ? size : 1));
}

char *xcopy(const char *text)
{
	return must(strdup(text));
}

void *pool_alloc(struct pool *pool, size_t size)
{
	struct pool_slice *piece = xalloc(sizeof(*piece) + size);

	piece->next = pool->pieces;
	pool->pieces = piece;
	return piece->data;
}

char *pool_copy(struct pool *pool, const char *data, size_t size)
{
	char *copy = pool_alloc(pool, size + 1);

	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *pool_printf(struct pool *pool, const char *format, ...)
{
	va_list list;
	char *text;
	int size;

	va_start(list, format);
	size = vsnprintf(NULL, 0, format, list);
	va_end(list);
	if (size < 0)
		abort();
	text = pool_alloc(pool, (size_t)size + 1);
	va_start(list, format);
	vsnprintf(text, (size_t)size + 1, format, list);
	va_end(list);
	return text;
}

void pool_free(struct pool *pool)
{
	while (pool->pieces) {
		struct pool_slice *next = pool->pieces->next;

		free(pool->pieces);
		pool->pieces = next;
	}
}

static void buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t room = buffer->room ? buffer->room : 256;

	while (room < buffer->size + more + 1)
		room *= 2;
	if (room == buffer->room)
		return;
	buffer->data = xrealloc(buffer->data, room);
	buffer->room = room;
}

void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
	buffer_reserve(buffer, size);
	if (size)
		memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
}

void buffer_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list list;
	int size;

	va_start(list, format);
	size = vsnprintf(NULL, 0, format, list);
	va_end(list);
	if (size < 0)
		abort();
	buffer_reserve(buffer, (size_t)size);
	va_start(list, format);
	vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, list);
	va_end(list);
	buffer->size += (size_t)size;
}

/* Bytes beyond ASCII are spelt \u00XX, so that the line is JSON whatever a client sent. */
void buffer_json(struct buffer *buffer, const char *text)
{
	if (!text) {
		buffer_text(buffer, "null");
		return;
	}
	buffer_text(buffer, "\"");
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			buffer_printf(buffer, "\\%c", byte);
		else if (byte < 0x20 || byte >= 0x7f)
			buffer_printf(buffer, "\\u%04x", byte);
		else
			buffer_add(buffer, text, 1);
	}
	buffer_text(buffer, "\"");
}

static bool byte_unreserved(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || (byte && strchr("-._~", byte));
}

void buffer_percent(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, "", 0);
	for (; *text; text++) {
		if (byte_unreserved((unsigned char)*text))
			buffer_add(buffer, text, 1);
		else
			buffer_printf(buffer, "%%%02X", (unsigned char)*text);
	}
}

void buffer_html(struct buffer *buffer, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
		case '<':
		case '>':
		case '"':
		case '\'':
			buffer_printf(buffer, "&#%d;", *text);
			break;
		default:
			buffer_add(buffer, text, 1);
		}
	}
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ 0 };
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

long form_decode(char *text, size_t size)
{
	size_t from, to = 0;

	for (from = 0; from < size; from++) {
		if (text[from] == '+') {
			text[to++] = ' ';
		} else if (text[from] == '%') {
			int high = from + 2 < size ? hex_digit(text[from + 1]) : -1;
			int low = from + 2 < size ? hex_digit(text[from + 2]) : -1;

			if (high < 0 || low < 0)
				return -1;
			text[to++] = (char)(high * 16 + low);
			from += 2;
		} else {
			text[to++] = text[from];
		}
	}
	return (long)to;
}

static void form_add(struct pool *pool, struct form *form, const char *data, size_t size)
{
	const char *equals = memchr(data, '=', size);
	size_t name_size = equals ? (size_t)(equals - data) : size;
	size_t value_size = equals ? size - name_size - 1 : 0;
	struct field *field = &form->fields[form->count];
	long name_end, value_end;

	field->name = pool_copy(pool, data, name_size);
	field->value = pool_copy(pool, equals ? equals + 1 : "", value_size);
	name_end = form_decode(field->name, name_size);
	value_end = form_decode(field->value, value_size);
	if (name_end < 0 || value_end < 0) {
		form->broken = true;
		return;
	}
	field->name[name_end] = '\0';
	field->value[value_end] = '\0';
	field->size = (size_t)value_end;
	form->count++;
}

void form_parse(struct pool *pool, const char *data, size_t size, struct form *form)
{
	size_t pieces = 1, start = 0, i;

	*form = (struct form){ 0 };
	for (i = 0; i < size; i++)
		pieces += data[i] == '&';
	form->fields = pool_alloc(pool, pieces * sizeof(*form->fields));
	for (i = 0; i <= size; i++) {
		if (i < size && data[i] != '&')
			continue;
		if (i > start)
			form_add(pool, form, data + start, i - start);
		start = i + 1;
	}
}

const char *form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (!strcmp(form->fields[i].name, name))
			return form->fields[i].value;
	return NULL;
}

size_t form_times(const struct form *form, const char *name)
{
	size_t times = 0;

	for (size_t i = 0; i < form->count; i++)
		times += !strcmp(form->fields[i].name, name);
	return times;
}

static void json_add(struct pool *pool, struct form *form, const cJSON *member)
{
	struct field *field = &form->fields[form->count];

	form->broken |= form_times(form, member->string) > 0;
	field->name = pool_copy(pool, member->string, strlen(member->string));
	if (cJSON_IsString(member)) {
		field->size = strlen(member->valuestring);
		field->value = pool_copy(pool, member->valuestring, field->size);
	}
	form->count++;
}

void json_parse_form(struct pool *pool, const char *data, size_t size, struct form *form)
{
	char *text = pool_copy(pool, data, size);
	const char *end = NULL;
	cJSON *object = cJSON_ParseWithOpts(text, &end, true);
	const cJSON *member;

	*form = (struct form){ 0 };
	form->fields =
		pool_alloc(pool, ((size_t)cJSON_GetArraySize(object) + 1) * sizeof(*form->fields));
	/* cJSON reads up to the first NUL and takes an escaped one for the end of a string. */
	form->broken = !cJSON_IsObject(object) || strlen(text) != size || strstr(text, "\\u0000");
	if (!form->broken)
		cJSON_ArrayForEach(member, object) json_add(pool, form, member);
	cJSON_Delete(object);
}

char *text_hash(struct pool *pool, const char *text)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	unsigned int size = 0;
	struct buffer hash = { 0 };
	char *copy;

	EVP_Digest(text, strlen(text), digest, &size, EVP_sha256(), NULL);
	for (int i = 0; i < 8; i++)
		buffer_printf(&hash, "%02x", digest[i]);
	copy = pool_copy(pool, hash.data, hash.size);
	buffer_free(&hash);
	return copy;
}

static const char base64_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *base64url_encode(struct pool *pool, const void *data, size_t size)
{
	const unsigned char *bytes = data;
	char *text = pool_alloc(pool, size / 3 * 4 + 5), *to = text;

	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		unsigned int word = (unsigned int)bytes[i] << 16;

		word |= left > 1 ? (unsigned int)bytes[i + 1] << 8 : 0;
		word |= left > 2 ? bytes[i + 2] : 0;
		*to++ = base64_letters[word >> 18];
		*to++ = base64_letters[word >> 12 & 63];
		if (left > 1)
			*to++ = base64_letters[word >> 6 & 63];
		if (left > 2)
			*to++ = base64_letters[word & 63];
	}
	return text;
}

static int base64_value(char letter)
{
	const char *at;

	if (letter == '+' || letter == '/')
		return letter == '+' ? 62 : 63;
	if (!letter || letter == '-' || letter == '_')
		return -1;
	at = strchr(base64_letters, letter);
	return at ? (int)(at - base64_letters) : -1;
}

char *base64_decode(struct pool *pool, const char *text, size_t *size)
{
	size_t length = strlen(text), letters = length;
	char *data = pool_alloc(pool, length + 1);
	unsigned int word = 0, bits = 0;

	*size = 0;
	while (letters && length - letters < 2 && text[letters - 1] == '=')
		letters--;
	if (length % 4)
		return NULL;
	for (size_t i = 0; i < letters; i++) {
		int value = base64_value(text[i]);

		if (value < 0)
			return NULL;
		word = word << 6 | (unsigned int)value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			data[(*size)++] = (char)(word >> bits & 255);
		}
	}
	return data;
}

int64_t clock_boot_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
