/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes after a login: its tokens are kept, a later one of the same person may be spared the
 * phone (`trust`), a session is opened and closed.
 *
 * Between authenticate and open_session lies, in sshd, a process: what was kept is found again by a
 * handle in the PAM environment, which is worth something only to the process that ran the login, its
 * descendants and, for sshd's sake, its parent; open_session takes it out.
 */
#ifndef PAM_MODULE_SESSION_H
#define PAM_MODULE_SESSION_H

#include "attempt.h"

/* Before a login: no handle of an earlier one is left. Also says whether tokens will be kept. */
void session_prepare(struct attempt *attempt);

/*
 * Whether kept tokens and a proof of the person in this very attempt stand in for a prompt; the
 * attempt has been admitted then. Asks the provider.
 */
bool session_trusted(struct attempt *attempt);

/*
 * After a login: keeps what is to be kept of one that was admitted, and revokes the tokens of one
 * that was not. Where they cannot be kept the login is refused: nobody could end such a session.
 */
void session_settle(struct attempt *attempt);

/* Each logs its trouble and fails for none of it. */
void session_open(pam_handle_t *pamh);
void session_close(pam_handle_t *pamh);

#endif
