/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module's way to the log: see pam_log.h. Must never open the
 * log itself (openlog is the host's).
 */
#include "pam_log.h"

#include <security/pam_ext.h>

void log_line(pam_handle_t *pamh, int priority, const char *line)
{
	pam_syslog(pamh, priority, "%s", line);
}

void log_note(pam_handle_t *pamh, int priority, const char *id, const char *text)
{
	char line[AUDIT_LINE_MAX];

	audit_note_line(id, text, line);
	log_line(pamh, priority, line);
}
