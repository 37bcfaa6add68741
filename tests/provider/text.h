/*
 * text.h - memory that belongs to one request, growing buffers, and the
 * spellings of the web: forms, percent-encoding, base64, HTML and JSON text.
 *
 * Memory: a pool's pieces live until pool_free(). A buffer's data lives until
 * buffer_free(). Out of memory ends the program: it is a test's provider.
 */
#ifndef PROVIDER_TEXT_H
#define PROVIDER_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool_slice;
struct pool {
	struct pool_slice *pieces;
};

struct buffer {
	char *data;  /* NUL-terminated once anything was added */
	size_t size; /* without the NUL */
	size_t room;
};

struct field {
	char *name;
	char *value; /* NUL-terminated; may hold NULs of its own; NULL: JSON, but no string */
	size_t size; /* of the value */
};

struct form {
	struct field *fields;
	size_t count;
	bool broken; /* a bad % escape stood somewhere */
};

void *xalloc(size_t size); /* zeroed */
void *xrealloc(void *old, size_t size);
char *xcopy(const char *text);

void *pool_alloc(struct pool *pool, size_t size); /* zeroed */
char *pool_copy(struct pool *pool, const char *data, size_t size);
char *pool_printf(struct pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pool_free(struct pool *pool);

void buffer_add(struct buffer *buffer, const void *data, size_t size);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_printf(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void buffer_json(struct buffer *buffer, const char *text);    /* quoted; NULL is null */
void buffer_percent(struct buffer *buffer, const char *text); /* unreserved bytes stay */
void buffer_html(struct buffer *buffer, const char *text);
void buffer_free(struct buffer *buffer);

/* application/x-www-form-urlencoded, as queries and bodies have it. */
void form_parse(struct pool *pool, const char *data, size_t size, struct form *form);
const char *form_get(const struct form *form, const char *name); /* first, or NULL */
size_t form_times(const struct form *form, const char *name);
/* One form-encoded word in place; returns its new size, or -1 at a bad escape. */
long form_decode(char *text, size_t size);

char *base64url_encode(struct pool *pool, const void *data, size_t size);
/*
 * A JSON object as a form: its members, in their order. Where a value is no string,
 * value is NULL. Broken: no object, a member twice, a NUL, or bytes behind it.
 */
void json_parse_form(struct pool *pool, const char *data, size_t size, struct form *form);

/* The beginning of a SHA-256, in hexadecimal: enough to tell texts apart. */
char *text_hash(struct pool *pool, const char *text);
/* Standard base64 with padding; NULL when it is not that. */
char *base64_decode(struct pool *pool, const char *text, size_t *size);

/* Milliseconds on CLOCK_BOOTTIME, as a login counts them. */
int64_t clock_boot_ms(void);

#endif
