/* SPDX-License-Identifier: BSD-2-Clause */
/* What reasons are called: see reason.h. */
#include "reason.h"

#include <stddef.h>
#include <string.h>

static const char names[REASON_COUNT][REASON_NAME_MAX] = {
#define REASON(id, spelling, meaning) [REASON_##id] = (spelling),
#include "reason.def"
};

const char *reason_name(enum reason reason)
{
	return (unsigned int)reason < REASON_COUNT ? names[reason] : "unknown";
}

enum reason reason_find(const char *name)
{
	int reason = REASON_NONE + 1;

	while (name && reason < REASON_COUNT && strcmp(name, names[reason]) != 0)
		reason++;
	return name ? (enum reason)reason : REASON_COUNT;
}
