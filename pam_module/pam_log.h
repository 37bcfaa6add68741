/* SPDX-License-Identifier: BSD-2-Clause */
/* The module's way to the log of its host. */
#ifndef PAM_MODULE_PAM_LOG_H
#define PAM_MODULE_PAM_LOG_H

#include <security/pam_modules.h>

#include "common/audit.h"

/* One line, filtered; PRIORITY of syslog(3). */
void log_line(pam_handle_t *pamh, int priority, const char *line);

/* Sends a note: audit_note_line(). */
void log_note(pam_handle_t *pamh, int priority, const char *id, const char *text);

#endif
