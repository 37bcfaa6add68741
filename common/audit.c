/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes to the log: see audit.h. Composes; pam_log.c sends it in the module. Must never let a byte
 * through that could end a line, or a value before its end.
 */
#include "audit.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum {
	VALUE_MAX = 256,    /* a longer value is cut: a stranger's name must not crowd others out */
	SUBJECT_MAX = 1024, /* 255 bytes (OIDC core 2), whatever they are */
};

static bool is_plain(char c)
{
	return c >= 0x20 && c <= 0x7e;
}

void audit_escape(const char *value, char *out, size_t out_len)
{
	size_t used = 0, fits = 0, need;

	for (; *value; value++, used += need) {
		need = is_plain(*value) && *value != '"' && *value != '\\' ? 1 : 4;
		if (used + need + 1 > out_len) {
			strcpy(out + fits, AUDIT_CUT);
			return;
		}
		if (need == 1)
			out[used] = *value;
		else
			sprintf(out + used, "\\x%02x", (unsigned char)*value);
		if (used + need + sizeof(AUDIT_CUT) <= out_len)
			fits = used + need;
	}
	out[used] = '\0';
}

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
	value_add(line, key, value, VALUE_MAX);
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
	value_add(line, "subject", audit->subject, SUBJECT_MAX);
	pair_add(line, "seconds", seconds);
	if (audit->claim)
		pair_add(line, "claim", audit->claim);
}

void audit_note_line(const char *id, const char *text, char line[AUDIT_LINE_MAX])
{
	const char *behind;

	line[0] = '\0';
	pair_add(line, "id", id);
	behind = line + strlen(line);
	snprintf(line + strlen(line), AUDIT_LINE_MAX - strlen(line), " %s", text);
	for (char *at = line; *at; at++)
		*at = !is_plain(*at) ? '?' : *at == '"' && at > behind ? '\'' : *at;
}
