/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host of the module says: its PAM items, its accounts, its alarm. */
#ifndef PAM_MODULE_HOST_H
#define PAM_MODULE_HOST_H

#include <security/pam_modules.h>
#include <stdbool.h>

#include "judge.h"

/* A PAM item that is a text: "" where the host has said nothing; false where it cannot be known. */
bool host_item(pam_handle_t *pamh, int type, const char **text);

/* Looks USER up among the local accounts; USER is borrowed as ACCOUNT->name. */
void host_account(pam_handle_t *pamh, const char *user, struct judge_account *account);

/* Whether the password of USER has been locked. */
bool host_locked(pam_handle_t *pamh, const char *user);

/* Seconds until the host ends itself, rounded up to 1; 0: it does not, or hides it. */
long host_alarm(void);

#endif
