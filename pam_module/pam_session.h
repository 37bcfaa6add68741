/* SPDX-License-Identifier: BSD-2-Clause */
/* What PAM calls when a session begins and ends. */
#ifndef PAM_MODULE_PAM_SESSION_H
#define PAM_MODULE_PAM_SESSION_H

#include <security/pam_modules.h>
#include <stdbool.h>

/* false: the login has a record that cannot be had, so nobody could end the session: it is refused. */
bool session_pam_open(pam_handle_t *pamh);

/* Logs its trouble and fails for none of it. */
void session_pam_close(pam_handle_t *pamh);

#endif
