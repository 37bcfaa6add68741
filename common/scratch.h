/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for a moment: pages of their own that go back to the kernel whole. What a login needs once
 * makes neither the host's heap larger for good, nor more of a stack that may be a small thread's.
 */
#ifndef COMMON_SCRATCH_H
#define COMMON_SCRATCH_H

#include <stddef.h>

/* SIZE bytes of zeroes, NULL: there are none. For scratch_drop() with the same SIZE. */
void *scratch_take(size_t size);

/* Nobody sees again what stands there: the kernel clears a page before it gives it away. */
void scratch_drop(void *scratch, size_t size);

#endif
