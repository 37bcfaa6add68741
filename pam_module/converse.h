/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Talks to the person through the PAM conversation: the only caller of conv().
 *
 * PAM_SILENT is not obeyed: sudo always sets it, and a code that nobody sees lets nobody in.
 */
#ifndef PAM_MODULE_CONVERSE_H
#define PAM_MODULE_CONVERSE_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stddef.h>

/* Shows TEXT (PAM_TEXT_INFO). false: the conversation failed. */
bool converse_show(pam_handle_t *pamh, const char *text);

/*
 * Asks PROMPT with visible typing and waits for the answer, which is cut at OUT_LEN (OUT may be
 * NULL if it is of no interest). The host's copy is wiped. false: the conversation failed, or said
 * "again" (PAM_CONV_AGAIN, which nothing here can continue).
 */
bool converse_ask(pam_handle_t *pamh, const char *prompt, char *out, size_t out_len);

/* The terminal that the host itself sits on, told by its first three descriptors. */
struct converse_terminal {
	int rows; /* 0: unknown */
	int columns;
	bool linux_console; /* a text console of the kernel */
	bool half_blocks;   /* whose font has them; Debian's usual ones have not */
};

/* Forgets what has been typed on that terminal and not been read, and that ^S has stopped it. */
void converse_drop_typed(void);

void converse_terminal(struct converse_terminal *terminal);

#endif
