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
		sprintf(out + used, need == 1 ? "%c" : "\\x%02x", (unsigned char)*value);
		if (used + need + sizeof(AUDIT_CUT) <= out_len)
			fits = used + need;
	}
	out[used] = '\0';
}

void audit_id(char id[AUDIT_ID_MAX])
{
	uint64_t number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = 0;
	snprintf(id, AUDIT_ID_MAX, "%016" PRIx64, number);
}

void audit_note_line(const char *id, const char *text, char line[AUDIT_LINE_MAX])
{
	int behind = snprintf(line, AUDIT_LINE_MAX, "id=\"%.64s\" ", id);

	snprintf(line + behind, AUDIT_LINE_MAX - (size_t)behind, "%s", text);
	for (char *at = line; *at; at++)
		*at = !is_plain(*at) ? '?' : *at == '"' && at >= line + behind ? '\'' : *at;
}
