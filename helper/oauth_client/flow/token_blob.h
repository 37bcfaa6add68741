/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tokens ↔ the opaque text that the module keeps for a session and hands back later. Pure.
 *
 * The module never looks into it: it is this file's own, "1 ACCESS REFRESH EXPIRES", with "-" for
 * what there is none of, and the moment in seconds since the epoch, 0 for not said.
 */
#ifndef HELPER_OAUTH_CLIENT_FLOW_KEEPSAKE_H
#define HELPER_OAUTH_CLIENT_FLOW_KEEPSAKE_H

#include "helper/oauth_client/dialect/dialect.h"

enum {
	TOKEN_BLOB_MAX = 15 * 1024, /* it has to fit into one packet with its key */
};

/* NOW: seconds since the epoch. false: it does not fit; OUT is "" then. */
bool token_blob_write(const struct tokens *tokens, int64_t now, char *out, size_t out_len);

/* false: TEXT is no token_blob. TOKENS is wiped then. */
bool token_blob_read(const char *text, struct tokens *tokens);

#endif
