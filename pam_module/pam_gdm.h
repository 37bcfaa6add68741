/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GDM's way to show an address and a code as its own greeter and lock screen draw them, from 51 on: JSON in a
 * binary message of PAM's.
 */
#ifndef PAM_MODULE_PAM_GDM_H
#define PAM_MODULE_PAM_GDM_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether the host takes such messages. */
bool gdm_offers(pam_handle_t *pamh);

/*
 * Sends JSON and waits for the reply's, which is cut at OUT_LEN. false: the conversation failed, or what came
 * is no such reply.
 */
bool gdm_ask(pam_handle_t *pamh, const char *json, char *out, size_t out_len);

#endif
