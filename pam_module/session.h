/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes after a login: a session is opened and closed. */
#ifndef PAM_MODULE_SESSION_H
#define PAM_MODULE_SESSION_H

#include <security/pam_modules.h>

/* Each logs its trouble and fails for none of it. */
void session_open(pam_handle_t *pamh);
void session_close(pam_handle_t *pamh);

#endif
