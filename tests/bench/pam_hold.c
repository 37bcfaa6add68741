/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A module that shows a text and waits: what a host costs while any module at all is pending. With
 * the argument "knows" it has looked up who wants in and has logged a line, as most modules do: the
 * C library keeps what it needed for that.
 */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *user = NULL;

	(void)flags;
	if (argc == 1 && strcmp(argv[0], "knows") == 0 &&
	    pam_get_user(pamh, &user, NULL) == PAM_SUCCESS) {
		pam_modutil_getpwnam(pamh, user);
		pam_syslog(pamh, LOG_INFO, "%s waits", user);
	}
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
