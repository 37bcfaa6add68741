/* SPDX-License-Identifier: BSD-2-Clause */
/* The module's host: what PAM says, its accounts, its alarm, its terminal. */
#ifndef PAM_MODULE_PAM_HOST_H
#define PAM_MODULE_PAM_HOST_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/wire.h"

/* A PAM item that is a text: "" where the host has said nothing; false where it cannot be known. */
bool host_item(pam_handle_t *pamh, int type, const char **text);

/* What `begin` says of the host. false: PAM does not say where it is. */
bool host_add(pam_handle_t *pamh, struct wire_draft *draft);

/* The first of its first three descriptors that is a terminal, or -1. */
int host_terminal(void);

/* What that is like now. */
void host_add_terminal(struct wire_draft *draft);

/* Whether the account USER is one of this host's, with that UID. */
bool host_has(pam_handle_t *pamh, const char *user, uid_t uid);

/* Whether the password of USER has been locked. */
bool host_locked(pam_handle_t *pamh, const char *user);

/* Keeps a copy of SIZE bytes of DATA on the handle, by NAME. false: there is no memory for it. */
bool host_keep(pam_handle_t *pamh, const char *name, const void *data, size_t size);

/* What is kept by NAME, NULL: nothing. */
const void *host_kept(pam_handle_t *pamh, const char *name);

#endif
