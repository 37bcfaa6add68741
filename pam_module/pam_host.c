/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host says: see host_pam.h. Must never guess what it does not say. */
#include "pam_host.h"

#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "pam_conversation.h"
#include "pam_gdm.h"

/* "" where the host has said nothing; false where it cannot be known: a place must not be guessed. */
bool host_item(pam_handle_t *pamh, int type, const char **text)
{
	const void *value = NULL;
	bool known = pam_get_item(pamh, type, &value) == PAM_SUCCESS;

	*text = known && value ? value : "";
	return known;
}

void host_account(pam_handle_t *pamh, const char *user, struct local_account *account)
{
	const struct passwd *pw = pam_modutil_getpwnam(pamh, user);

	account->name = user;
	account->exists = pw != NULL;
	account->uid = pw ? pw->pw_uid : 0;
	account->gid = pw ? pw->pw_gid : 0;
}

void host_data_free(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	free(data);
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

/* login's alarm can be read without touching it. */
static long alarm_read(void)
{
	struct itimerval alarm;

	if (getitimer(ITIMER_REAL, &alarm) != 0 || !timerisset(&alarm.it_value))
		return 0;
	return alarm.it_value.tv_sec > 0 ? alarm.it_value.tv_sec : 1;
}

/* ---- the way to the person ---- */

static const char *pam_name(struct host *host)
{
	const char *user = NULL;

	return pam_get_user(host->context, &user, NULL) == PAM_SUCCESS ? user : NULL;
}

static bool pam_show(struct host *host, const char *text)
{
	return converse_show(host->context, text);
}

static bool pam_ask(struct host *host, bool echo, const char *prompt, char *out, size_t len)
{
	return converse_ask(host->context, echo, prompt, out, len);
}

static bool pam_eidp(struct host *host, const char *json, char *out, size_t len)
{
	return gdm_ask(host->context, json, out, len);
}

/* The only caller of pam_syslog(); the log is the host's to open. */
static void pam_log(struct host *host, int priority, const char *line)
{
	pam_syslog(host->context, priority, "%s", line);
}

static void pam_drop_typed(struct host *host)
{
	(void)host;
	converse_drop_typed();
}

static bool pam_gone(struct host *host)
{
	(void)host;
	return converse_gone();
}

static int pam_watch(struct host *host, bool *glancing)
{
	(void)host;
	return converse_watch(glancing);
}

static void pam_look(struct host *host)
{
	tty_look(&host->terminal);
}

static void pam_account(struct host *host, const char *name, struct local_account *account)
{
	host_account(host->context, name, account);
}

static const char *pam_user_name(struct host *host, uid_t uid)
{
	const struct passwd *pw = pam_modutil_getpwuid(host->context, uid);

	return pw ? pw->pw_name : NULL;
}

static bool pam_tell(struct host *host, const char *line)
{
	return pam_putenv(host->context, line) == PAM_SUCCESS;
}

bool host_pam(struct host *host, pam_handle_t *pamh)
{
	static const struct host_ops ops = {
		pam_name,  pam_show, pam_ask,	  pam_eidp,	 pam_log, pam_drop_typed, pam_gone,
		pam_watch, pam_look, pam_account, pam_user_name, NULL,	  pam_tell,
	};

	host->ops = &ops;
	host->context = pamh;
	host->ssh_connection = pam_getenv(pamh, "SSH_CONNECTION");
	host->ssh_auth_info = pam_getenv(pamh, "SSH_AUTH_INFO_0");
	host->xdg_seat = pam_getenv(pamh, "XDG_SEAT");
	host->ruid = getuid();
	host->euid = geteuid();
	host->pid = getpid();
	host->alarm = alarm_read();
	tty_look(&host->terminal);
	if (!host_item(pamh, PAM_SERVICE, &host->service))
		return false;
	host->eidp = gdm_offers(host->service);
	return host_item(pamh, PAM_USER, &host->user) && host_item(pamh, PAM_RHOST, &host->rhost) &&
	       host_item(pamh, PAM_TTY, &host->tty) && host_item(pamh, PAM_RUSER, &host->ruser);
}
