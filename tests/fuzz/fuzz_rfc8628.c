/* SPDX-License-Identifier: BSD-2-Clause */
/* The standard dialect: dialect_check.h says what must hold. */
#define DIALECT dialect_rfc8628
#include "dialect_check.h"
