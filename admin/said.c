/* SPDX-License-Identifier: BSD-2-Clause */
/* What a verb says of a mistake or a failure: verbs.h. */
#include <stdarg.h>
#include <stdio.h>

#include "verbs.h"

static void __attribute__((format(printf, 2, 0)))
complain(const char *verb, const char *format, va_list args)
{
	fprintf(stderr, "%s: %s: ", PROGRAM, verb);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int verb_misused(const char *verb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(verb, format, args);
	va_end(args);
	return STATUS_USAGE;
}

int verb_failed(const char *verb, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(verb, format, args);
	va_end(args);
	return STATUS_FAILED;
}
