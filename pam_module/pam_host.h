/* SPDX-License-Identifier: BSD-2-Clause */
/* A login whose host is this process: what PAM says, its accounts, its alarm, its terminal. */
#ifndef PAM_MODULE_PAM_HOST_H
#define PAM_MODULE_PAM_HOST_H

#include <security/pam_modules.h>

#include "common/host.h"

/* Makes HOST of PAMH. false: PAM does not say where it is. */
bool host_pam(struct host *host, pam_handle_t *pamh);

/* A PAM item that is a text: "" where the host has said nothing; false where it cannot be known. */
bool host_item(pam_handle_t *pamh, int type, const char **text);

/* Looks USER up among the local accounts; USER is borrowed as ACCOUNT->name. */
void host_account(pam_handle_t *pamh, const char *user, struct local_account *account);

/* For pam_set_data(); in forked children of su and sudo, too: it frees memory and does nothing else. */
void host_data_free(pam_handle_t *pamh, void *data, int status);

/* Whether the password of USER has been locked. */
bool host_locked(pam_handle_t *pamh, const char *user);

#endif
