/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why something ended: one list for code, wire, log and documents, in reason.def. What decides compares
 * these; the spelling is for the wire and for people. Not for the module, which has a few of its own.
 */
#ifndef COMMON_REASON_H
#define COMMON_REASON_H

enum {
	REASON_NAME_MAX = 36, /* its NUL included */
};

enum reason {
	REASON_NONE = 0,
#define REASON(id, spelling, meaning) REASON_##id,
#include "reason.def"
	REASON_COUNT,
};

/* Its spelling; "" of REASON_NONE, "unknown" of what is none. */
const char *reason_name(enum reason reason);

/* REASON_COUNT: nobody knows that NAME, which may be NULL. */
enum reason reason_find(const char *name);

#endif
