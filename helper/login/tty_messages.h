/* SPDX-License-Identifier: BSD-2-Clause */
/* What a terminal shows of our messages. Pure. */
#ifndef HELPER_LOGIN_TTY_MESSAGES_H
#define HELPER_LOGIN_TTY_MESSAGES_H

#include "common/tty.h"
#include "helper/login/display/messages.h"
#include "presentation.h"

/*
 * Adds to FACTS what TTY is like. Debian's usual console fonts have no half blocks; which letters of
 * SAID they have depends on the language that they were made for.
 */
void tty_tell(const struct tty *tty, const struct messages *said, struct presentation_facts *facts);

#endif
