/* SPDX-License-Identifier: BSD-2-Clause */
/* What PAM calls for a session's groups. */
#ifndef PAM_MODULE_PAM_CREDENTIALS_H
#define PAM_MODULE_PAM_CREDENTIALS_H

#include <security/pam_modules.h>
#include <stdbool.h>

/*
 * Adds the groups that the login has given, if any, to those of this process, which its host has set: applications
 * call it before and after that. false: there are some, and they could not be had or set.
 */
bool credentials_pam_set(pam_handle_t *pamh);

/* Hosts that open the session first (login of shadow): GIDS, as the login tells them. false: they are none. */
bool credentials_pam_keep(pam_handle_t *pamh, const char *id, const char *gids);

/* What an earlier login on this handle was given is nobody's any more. */
void credentials_pam_forget(pam_handle_t *pamh);

#endif
