/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory for a moment: see scratch.h. */
#include "scratch.h"

#include <sys/mman.h>

void *scratch_take(size_t size)
{
	void *scratch =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return scratch == MAP_FAILED ? NULL : scratch;
}

void scratch_drop(void *scratch, size_t size)
{
	if (scratch)
		munmap(scratch, size);
}
