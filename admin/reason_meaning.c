/* SPDX-License-Identifier: BSD-2-Clause */
/* What reasons mean: see reason_meaning.h. Must never decide by one. */
#include <stddef.h>

#include "reason_meaning.h"

const char *reason_meaning(enum reason reason)
{
	static const char *const meanings[REASON_COUNT] = {
#define REASON(id, spelling, meaning) [REASON_##id] = (meaning),
#include "common/reason.def"
	};

	if ((unsigned int)reason >= REASON_COUNT || !meanings[reason])
		return "";
	return meanings[reason];
}
