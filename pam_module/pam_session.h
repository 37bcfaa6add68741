/* SPDX-License-Identifier: BSD-2-Clause */
/* What PAM calls for a session's groups, and when it begins and ends. */
#ifndef PAM_MODULE_PAM_SESSION_H
#define PAM_MODULE_PAM_SESSION_H

#include <security/pam_modules.h>
#include <stdbool.h>

/* By which the groups that a login was given are kept on the handle. */
#define SESSION_GROUPS "pam_device_code.groups"

/*
 * Adds the groups that the login has given, if any, to those of this process, which its host has set: applications
 * call it before and after that. false: there are some, and they could not be had or set.
 */
bool session_pam_groups(pam_handle_t *pamh);

/* false: the login has a record that cannot be had, so nobody could end the session: it is refused. */
bool session_pam_open(pam_handle_t *pamh);

/* Logs its trouble and fails for none of it. */
void session_pam_close(pam_handle_t *pamh);

#endif
