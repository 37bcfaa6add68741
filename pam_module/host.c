/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host says: see host.h. Must never guess what it does not say. */
#include "host.h"

#include <security/pam_modutil.h>
#include <shadow.h>
#include <string.h>
#include <sys/time.h>

/* "" where the host has said nothing; false where it cannot be known: a place must not be guessed. */
bool host_item(pam_handle_t *pamh, int type, const char **text)
{
	const void *value = NULL;
	bool known = pam_get_item(pamh, type, &value) == PAM_SUCCESS;

	*text = known && value ? value : "";
	return known;
}

void host_account(pam_handle_t *pamh, const char *user, struct judge_account *account)
{
	const struct passwd *pw = pam_modutil_getpwnam(pamh, user);

	account->name = user;
	account->exists = pw != NULL;
	account->uid = pw ? pw->pw_uid : 0;
}

/* login's alarm can be read without touching it. */
long host_alarm(void)
{
	struct itimerval alarm;

	if (getitimer(ITIMER_REAL, &alarm) != 0 || !timerisset(&alarm.it_value))
		return 0;
	return alarm.it_value.tv_sec > 0 ? alarm.it_value.tv_sec : 1;
}

/*
 * `passwd -l` puts a "!" in front of the password, and the account part of pam_unix does not look
 * there. Who never had one ("*", "!", "!!", "!*") is not locked: a code is enough for them.
 */
bool host_locked(pam_handle_t *pamh, const char *user)
{
	const struct spwd *shadow = pam_modutil_getspnam(pamh, user);
	const char *password = shadow && shadow->sp_pwdp ? shadow->sp_pwdp : "";

	return password[0] == '!' && password[strspn(password, "!*")] != '\0';
}
