/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON as the network sends it, made harmless.
 *
 * json.c is the only file that knows cJSON. Every text passes a byte-level gate before cJSON sees
 * it, because cJSON 1.7.15 reads "root\u0000@evil" as "root", takes duplicate keys, trailing
 * bytes, raw NULs, a BOM and invalid UTF-8, and matches keys without regard to case. What the
 * gate lets through is RFC 8259 JSON, in UTF-8, without any of these.
 *
 * Nothing here does I/O, reads a clock or logs.
 */
#ifndef HELPER_OAUTH_CLIENT_OAUTH_JSON_H
#define HELPER_OAUTH_CLIENT_OAUTH_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	JSON_BYTES_MAX = 64 * 1024, /* longer texts are refused unread */
	JSON_DEPTH_MAX = 16,	    /* arrays and objects within each other */
	JSON_VALUES_MAX = 4096,	    /* values in all: bounds what cJSON allocates */
};

enum json_type {
	JSON_ABSENT = 0, /* also the type of NULL */
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* A value inside a parsed text: owned by the text, valid until json_destroy(). */
struct json;

/*
 * Parses LEN bytes at TEXT (no terminating NUL needed). Returns the top value, which the caller
 * destroys, or NULL; then *WHY (may be NULL) points to a constant snake_case reason such as
 * "json_too_deep".
 */
struct json *json_parse(const char *text, size_t len, const char **why);

/* Frees TOP, the value that json_parse() returned, after wiping every string and number in it. */
void json_destroy(struct json *top);

enum json_type json_type(const struct json *value);

/* The member NAME of OBJECT, compared byte for byte; NULL if absent or OBJECT is no object. */
const struct json *json_member(const struct json *object, const char *name);

/* Likewise an optional member: NULL, too, where it is null, which says no more than nothing. */
const struct json *json_given(const struct json *object, const char *name);

/*
 * The value at PATH below OBJECT: the path split at dots ("user.ids.uuid"), at each level at the last one
 * that leads somewhere, since names are URLs and client ids at times. NULL if there is none. PATH is at
 * most 255 bytes.
 */
const struct json *json_at(const struct json *object, const char *path);

/* Number of elements of an array, 0 for anything else; its I-th element, or NULL. */
size_t json_length(const struct json *array);
const struct json *json_element(const struct json *array, size_t i);

/* Text of a string value, NULL for any other type. Never contains NUL bytes. */
const char *json_text(const struct json *value);

/* json_text(json_member(object, name)). */
const char *json_string(const struct json *object, const char *name);

/*
 * The number VALUE as an integer: true only for numbers without a fraction strictly between
 * -2^53 and 2^53, where a double is exact; 1e3 and 1.0 are integers. Otherwise *OUT is left
 * alone. Where STRINGS is true, a string of an optional minus and 1 to 15 digits counts too
 * (some providers quote their numbers).
 */
bool json_integer(const struct json *value, bool strings, int64_t *out);

/*
 * A NumericDate (RFC 7519 section 2): seconds since the epoch, of which a fraction is cut. false: no
 * number, or none that json_integer() could be.
 */
bool json_moment(const struct json *value, int64_t *out);

/* true and *OUT set for a number of any size, fractions included. Always finite. */
bool json_number(const struct json *value, double *out);

/* true and *OUT set for a boolean. */
bool json_boolean(const struct json *value, bool *out);

#endif
