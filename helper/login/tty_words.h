/* SPDX-License-Identifier: BSD-2-Clause */
/* What a terminal shows of our words. Pure. */
#ifndef HELPER_LOGIN_TTY_WORDS_H
#define HELPER_LOGIN_TTY_WORDS_H

#include "common/tty.h"
#include "helper/login/display/words.h"
#include "presentation.h"

/*
 * Adds to FACTS what TTY is like. Debian's usual console fonts have no half blocks; which letters of
 * WORDS they have depends on the language that they were made for.
 */
void tty_tell(const struct tty *tty, const struct words *words, struct presentation_facts *facts);

#endif
