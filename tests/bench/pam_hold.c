/* SPDX-License-Identifier: BSD-2-Clause */
/* A module that shows a text and waits: what a host costs while any module at all is pending. */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <unistd.h>

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	(void)argc;
	(void)argv;
	pam_prompt(pamh, PAM_TEXT_INFO, NULL, "Code: HOLD");
	sleep(60);
	return PAM_AUTH_ERR;
}

int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}
