/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole login, and the screen that waits for Enter before it. */
#ifndef HELPER_LOGIN_IDLE_H
#define HELPER_LOGIN_IDLE_H

#include "login.h"

/*
 * The whole login: starts the helper, exchanges, judges. The helper is the caller's to release, once the
 * person has the verdict: login_release(). Where the presentation is idle
 * nothing is started until somebody presses Enter, and a provider that cannot be reached then leads
 * back there. A code that was shown is wiped from the terminal at the end where the presentation says so.
 */
enum outcome login_run(struct login *login);

/* Whether the provider could not be believed because its certificate is of another time. */
bool login_clock_is_wrong(const struct login *login);

#endif
