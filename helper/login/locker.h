/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A login in a host that runs as the user (a screen locker), where the client has a secret that
 * the user may not read: instead of a helper of its own the module opens the slot to
 * `pam-device-code serve`, root's room, which reads the secret, starts the helper and judges.
 *
 * The module sends `locker` {wire, section, seconds}, then `answer` and `again` as to a helper. It
 * gets ready, invite and state as from a helper, which it filters as a helper's, and at last `done`
 * {outcome}. No claims come: serve has judged, and admits nobody but the socket's own peer, as
 * themself.
 */
#ifndef HELPER_LOGIN_LOCKER_H
#define HELPER_LOGIN_LOCKER_H

#include "login.h"

/*
 * The whole login, as login_run(): but for LOGIN->policy everything given is used. OUTCOME_NO_SERVE:
 * nobody listens at PATH_SERVE; the log says what to do.
 */
enum outcome locker_run(struct login *login);

#endif
