/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes to the log: see audit.h. Composes; log.c sends it in the module.
 */
#include "audit.h"

#include <stdio.h>
#include <string.h>

enum {
	AUDIT_VALUE_MAX =
		256, /* a longer value is cut: a stranger's name must not crowd others out */
};

/* Appends ` key="value"`; what does not fit is left out whole, never cut in the middle. */
static void pair_add(char *line, const char *key, const char *value)
{
	size_t len = strlen(line);
	size_t value_len = strnlen(value, AUDIT_VALUE_MAX);
	size_t need = strlen(key) + value_len + 5;
	char *at;

	if (len + need > AUDIT_LINE_MAX)
		return;
	at = line + len + sprintf(line + len, "%s%s=\"", len > 0 ? " " : "", key);
	for (size_t i = 0; i < value_len; i++) {
		unsigned char byte = (unsigned char)value[i];

		*at++ = byte < 0x20 || byte > 0x7e || byte == '"' || byte == '\\' ? '?' : value[i];
	}
	strcpy(at, "\"");
}

void audit_line(const struct audit *audit, char line[AUDIT_LINE_MAX])
{
	char seconds[24];

	line[0] = '\0';
	snprintf(seconds, sizeof(seconds), "%ld", audit->seconds);
	pair_add(line, "outcome", audit->outcome);
	pair_add(line, "reason", audit->reason);
	pair_add(line, "section", audit->section);
	pair_add(line, "place", audit->place);
	pair_add(line, "user", audit->user);
	pair_add(line, "rhost", audit->rhost);
	pair_add(line, "tty", audit->tty);
	pair_add(line, "issuer", audit->issuer);
	pair_add(line, "subject", audit->subject);
	pair_add(line, "seconds", seconds);
}
