/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the fuzz targets share. A target is one file, fuzz_NAME.c, that says at its top what must
 * hold for every input, and stops by HOLDS() where it does not. Its input is a text of fields that
 * end at FUZZ_END, or the whole of it.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOLDS(condition)                                                                  \
	do {                                                                              \
		if (!(condition)) {                                                       \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
				#condition);                                              \
			abort();                                                          \
		}                                                                         \
	} while (0)

enum {
	FUZZ_END = 0x1e, /* of a field: "record separator" */
	FUZZ_KEPT_MAX = 160,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* An input being taken apart. What it hands out lives until fuzz_done(). */
struct fuzz {
	const uint8_t *at, *end;
	size_t kept;
	void *record[FUZZ_KEPT_MAX];
};

static inline struct fuzz fuzz_start(const uint8_t *data, size_t size)
{
	return (struct fuzz){ .at = data, .end = data + size };
}

static inline void fuzz_done(struct fuzz *f)
{
	while (f->kept > 0)
		free(f->record[--f->kept]);
}

/* The next byte, 0 behind the end. */
static inline unsigned int fuzz_byte(struct fuzz *f)
{
	return f->at < f->end ? *f->at++ : 0;
}

/* LEN bytes as a string in memory of just its size, so that a read behind its end is seen. */
static inline char *fuzz_copy(struct fuzz *f, const void *bytes, size_t len)
{
	char *text = malloc(len + 1);

	if (!text || f->kept == FUZZ_KEPT_MAX)
		abort();
	if (len > 0)
		memcpy(text, bytes, len);
	text[len] = '\0';
	f->record[f->kept++] = text;
	return text;
}

/* The next field as a string (cut at a NUL that it holds), "" behind the last; *LEN its bytes. */
static inline char *fuzz_field(struct fuzz *f, size_t *len)
{
	size_t left = (size_t)(f->end - f->at);
	const uint8_t *end = left > 0 ? memchr(f->at, FUZZ_END, left) : NULL;
	size_t n = end ? (size_t)(end - f->at) : left;
	char *text = fuzz_copy(f, f->at, n);

	f->at += end ? n + 1 : n;
	if (len)
		*len = n;
	return text;
}

static inline char *fuzz_text(struct fuzz *f)
{
	return fuzz_field(f, NULL);
}

static inline bool fuzz_more(const struct fuzz *f)
{
	return f->at < f->end;
}

/* Every byte of TEXT from LOW to HIGH? */
static inline bool all_within(const char *text, int low, int high)
{
	for (; *text; text++)
		if ((unsigned char)*text < low || (unsigned char)*text > high)
			return false;
	return true;
}

/* A constant for logs: [a-z0-9_]. */
static inline bool is_reason(const char *reason)
{
	return reason && reason[0] != '\0' &&
	       reason[strspn(reason, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

#endif
