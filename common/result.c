/* SPDX-License-Identifier: BSD-2-Clause */
/* What a result is called: see result.h. */
#include "result.h"

#include <string.h>

static const char names[RESULT_COUNT][24] = {
	[RESULT_SYSTEM] = "system_error",
	[RESULT_MEMORY] = "out_of_memory",
	[RESULT_SETUP] = "misconfigured",
	[RESULT_HELPER_FAILED] = "helper_failed",
	[RESULT_CONVERSATION] = "conversation_failed",
	[RESULT_UNAVAILABLE] = "unavailable",
	[RESULT_FAILED] = "failed",
	[RESULT_NO_MORE] = "no_more_tries",
	[RESULT_FORBIDDEN] = "forbidden",
	[RESULT_NO_ACCOUNT] = "no_account",
	[RESULT_SKIPPED] = "skipped",
	[RESULT_ADMITTED] = "admitted",
};

const char *result_name(enum result result)
{
	return names[result];
}

enum result result_parse(const char *name)
{
	int result = 0;

	while (result < RESULT_COUNT && (!name || strcmp(name, names[result]) != 0))
		result++;
	return (enum result)result;
}
