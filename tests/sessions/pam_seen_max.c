/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A module in pam_systemd's place: logs the end that the session has been given by the modules before
 * it (pam_systemd(8), "systemd.runtime_max_sec"). Must never change anything.
 */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stddef.h>
#include <syslog.h>

int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const void *data = NULL;

	(void)flags;
	(void)argc;
	(void)argv;
	if (pam_get_data(pamh, "systemd.runtime_max_sec", &data) != PAM_SUCCESS || !data)
		data = "none";
	pam_syslog(pamh, LOG_INFO, "runtime_max_sec=%s", (const char *)data);
	return PAM_SUCCESS;
}

int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}
