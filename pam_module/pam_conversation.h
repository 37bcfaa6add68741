/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Talks to the person through the PAM conversation: the only caller of conv() but pam_gdm.c.
 *
 * PAM_SILENT is not obeyed: sudo always sets it, and a code that nobody sees lets nobody in.
 */
#ifndef PAM_MODULE_PAM_CONVERSATION_H
#define PAM_MODULE_PAM_CONVERSATION_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Shows TEXT (STYLE PAM_TEXT_INFO), or asks it and waits for the answer, which is cut at OUT_LEN (OUT may be NULL, and
 * OUT_LEN 0). The host's copy is wiped. false: the conversation failed, or said "again" (PAM_CONV_AGAIN, which nothing
 * here can continue).
 */
bool converse(pam_handle_t *pamh, int style, const char *text, char *out, size_t out_len);

/* Forgets what has been typed on the host's terminal and not been read, and that ^S has stopped it. */
void converse_drop_typed(void);

/*
 * Waits MS milliseconds, or until a line has been typed on the host's terminal, or that has hung up (true);
 * what was typed stays there.
 */
bool converse_await(int ms);

/*
 * Whether somebody pressed ^C or closed the terminal while the host keeps that back until the module
 * returns, as sudo does. Only looks: a pending signal stays the host's to take.
 */
bool converse_gone(void);

/*
 * The host's terminal, which hangs up when it is closed, or -1: then converse_gone() need be asked; now
 * and then only where the host keeps back signals (*KEPT_BACK).
 */
int converse_watch(bool *kept_back);

#endif
