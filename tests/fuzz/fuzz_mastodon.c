/* SPDX-License-Identifier: BSD-2-Clause */
/* The dialect of Mastodon and kin: dialect_check.h says what must hold. */
#define DIALECT dialect_mastodon
#include "dialect_check.h"
