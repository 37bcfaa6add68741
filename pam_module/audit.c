/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes to the log: see audit.h. Composes; log.c sends it in the module. Must never let a byte
 * through that could end a line, or a value before its end.
 */
#include "audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum {
	AUDIT_VALUE_MAX =
		256, /* a longer value is cut: a stranger's name must not crowd others out */
};

/* Printable ASCII; in a value no quote and no backslash either. */
static char plain(char c, const char *except)
{
	return c < 0x20 || c > 0x7e || strchr(except, c) ? '?' : c;
}

/* Appends ` key="value"`; what does not fit is left out whole, never cut in the middle. */
static void pair_add(char *line, const char *key, const char *value)
{
	size_t len = strlen(line);
	size_t value_len = value ? strnlen(value, AUDIT_VALUE_MAX) : 0;
	size_t need = strlen(key) + value_len + 5;
	char *at;

	if (len + need > AUDIT_LINE_MAX)
		return;
	at = line + len + sprintf(line + len, "%s%s=\"", len > 0 ? " " : "", key);
	for (size_t i = 0; i < value_len; i++)
		*at++ = plain(value[i], "\"\\");
	strcpy(at, "\"");
}

void audit_id(char id[AUDIT_ID_MAX])
{
	uint64_t number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = 0;
	snprintf(id, AUDIT_ID_MAX, "%016" PRIx64, number);
}

void audit_line(const struct audit *audit, char line[AUDIT_LINE_MAX])
{
	char seconds[24];

	line[0] = '\0';
	snprintf(seconds, sizeof(seconds), "%ld", audit->seconds);
	pair_add(line, "id", audit->id);
	pair_add(line, "outcome", audit->outcome);
	pair_add(line, "reason", audit->reason);
	pair_add(line, "section", audit->section);
	pair_add(line, "place", audit->place);
	pair_add(line, "service", audit->service);
	pair_add(line, "user", audit->user);
	pair_add(line, "rhost", audit->rhost);
	pair_add(line, "tty", audit->tty);
	pair_add(line, "issuer", audit->issuer);
	pair_add(line, "subject", audit->subject);
	pair_add(line, "seconds", seconds);
	if (audit->claim)
		pair_add(line, "claim", audit->claim);
}

void audit_note_line(const char *id, const char *text, char line[AUDIT_LINE_MAX])
{
	line[0] = '\0';
	pair_add(line, "id", id);
	snprintf(line + strlen(line), AUDIT_LINE_MAX - strlen(line), " %s", text);
	for (char *at = line; *at; at++)
		*at = plain(*at, "");
}
