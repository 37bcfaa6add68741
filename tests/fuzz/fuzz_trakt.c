/* SPDX-License-Identifier: BSD-2-Clause */
/* The dialect of Trakt: dialect_check.h says what must hold. */
#define DIALECT dialect_trakt
#include "dialect_check.h"
