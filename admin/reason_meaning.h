/* SPDX-License-Identifier: BSD-2-Clause */
/* What the reasons of common/reason.def mean, in a few words for people. */
#ifndef ADMIN_REASON_MEANING_H
#define ADMIN_REASON_MEANING_H

#include "common/reason.h"

/* "" of what is no reason. */
const char *reason_meaning(enum reason reason);

#endif
