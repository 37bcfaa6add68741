/* SPDX-License-Identifier: BSD-2-Clause */
/* What reasons mean, for the administrator's program: see reason.h. No other program takes it along. */
#include <stddef.h>

#include "reason.h"

const char *reason_meaning(enum reason reason)
{
	static const char *const meanings[REASON_COUNT] = {
#define REASON(id, spelling, meaning) [REASON_##id] = (meaning),
#include "reason.def"
	};

	if ((unsigned int)reason >= REASON_COUNT || !meanings[reason])
		return "";
	return meanings[reason];
}
