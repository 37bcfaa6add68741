/* SPDX-License-Identifier: BSD-2-Clause */
/* What the terminal is like that this process sits on. No PAM, and no allocation that stays. */
#ifndef PAM_MODULE_TTY_H
#define PAM_MODULE_TTY_H

#include "manner.h"
#include "words.h"

/*
 * Adds to FACTS what the terminal that the host itself sits on is like, told by its first three
 * descriptors. Debian's usual console fonts have no half blocks; which letters of WORDS they have
 * depends on the language that they were made for.
 */
void tty_look(const struct words *words, struct manner_facts *facts);

/* Likewise, of the terminal FD; false: it is none. */
bool tty_look_at(int fd, const struct words *words, struct manner_facts *facts);

#endif
