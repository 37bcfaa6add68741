/* SPDX-License-Identifier: BSD-2-Clause */
/* The dialect of Cal.com: dialect_check.h says what must hold. */
#define DIALECT dialect_calcom
#include "dialect_check.h"
