/* SPDX-License-Identifier: BSD-2-Clause */
/* The line of an attempt or a session that a login knows of: see audit.h. Must never let a value pass unescaped. */
#include "audit.h"

#include <stdio.h>
#include <string.h>

enum {
	SUBJECT_MAX = 1024, /* 255 bytes (OIDC core 2), whatever they are */
};

/* Appends ` key="value"`; what does not fit is left out whole. MOST: of VALUE as it is written. */
static void value_add(char *line, const char *key, const char *value, size_t most)
{
	char escaped[SUBJECT_MAX + 1];
	size_t len = strlen(line);

	audit_escape(value ? value : "", escaped, most + 1);
	if (len + strlen(key) + strlen(escaped) + 5 <= AUDIT_LINE_MAX)
		sprintf(line + len, "%s%s=\"%s\"", len > 0 ? " " : "", key, escaped);
}

static void pair_add(char *line, const char *key, const char *value)
{
	value_add(line, key, value, AUDIT_VALUE_MAX);
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
	pair_add(line, "origin", audit->origin);
	pair_add(line, "service", audit->service);
	pair_add(line, "user", audit->user);
	pair_add(line, "rhost", audit->rhost);
	pair_add(line, "tty", audit->tty);
	pair_add(line, "issuer", audit->issuer);
	value_add(line, "subject", audit->subject, SUBJECT_MAX);
	pair_add(line, "seconds", seconds);
	if (audit->claim)
		pair_add(line, "claim", audit->claim);
}
