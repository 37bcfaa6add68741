/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The JSON by which GDM 51 and newer show an address, its QR code and a code in their own greeter and lock screen:
 * the mechanism "eidp" of its protocol "auth-mechanisms", version 1. Pure.
 */
#ifndef HELPER_LOGIN_DISPLAY_EIDP_H
#define HELPER_LOGIN_DISPLAY_EIDP_H

#include "screen.h"

enum {
	EIDP_BYTES_MAX = 4096,
};

/*
 * Composes the request for SCREEN's code, which is to be entered at URI, or compared there. After its seconds the
 * greeter asks for another. Returns the length, or 0 if something may not be shown; then OUT is "".
 */
size_t eidp_compose(const struct screen *screen, const char *uri, char *out, size_t out_len);

/* Whether REPLY says that the person has done it. */
bool eidp_accepted(const char *reply);

#endif
