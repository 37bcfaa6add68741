/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client.h without a channel: what device-code-login decides is decided in the calling process, so that
 * tests have the whole of a login in one, with PAM itself as the way to the person. In no installed program.
 */
#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "helper/login/attempt.h"
#include "helper/login/event_loop.h"
#include "helper/login/session/session.h"
#include "pam_module/client.h"
#include "pam_module/pam_conversation.h"
#include "pam_module/pam_host.h"
#include "pam_module/pam_log.h"

/* ---- the way to the person ---- */

static const char *here_name(struct host *host)
{
	const char *user = NULL;

	return pam_get_user(host->context, &user, NULL) == PAM_SUCCESS ? user : NULL;
}

static bool here_show(struct host *host, const char *text)
{
	return converse(host->context, PAM_TEXT_INFO, text, NULL, 0);
}

static bool here_ask(struct host *host, bool echo, const char *prompt, char *out, size_t len)
{
	int style = echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF;

	return converse(host->context, style, prompt, out, out ? len : 0);
}

static void here_log(struct host *host, int priority, const char *line)
{
	log_line(host->context, priority, line);
}

static void here_drop_typed(struct host *host)
{
	(void)host;
	converse_drop_typed();
}

static bool here_gone(struct host *host)
{
	(void)host;
	return converse_gone();
}

static int here_watch(struct host *host, bool *glancing)
{
	(void)host;
	return converse_watch(glancing);
}

static bool here_look(struct host *host, int ms)
{
	bool typed = ms > 0 && converse_await(ms);

	tty_look(&host->terminal);
	tty_term(&host->terminal, getenv("TERM"));
	return typed;
}

static void here_account(struct host *host, const char *name, struct local_account *account)
{
	const struct passwd *pw = pam_modutil_getpwnam(host->context, name);

	account->name = name;
	account->exists = pw != NULL;
	account->untold = false;
	account->uid = pw ? pw->pw_uid : 0;
	account->gid = pw ? pw->pw_gid : 0;
}

static const char *here_user_name(struct host *host, uid_t uid)
{
	const struct passwd *pw = pam_modutil_getpwuid(host->context, uid);

	return pw ? pw->pw_name : NULL;
}

static bool here_tell(struct host *host, const char *line)
{
	return pam_putenv(host->context, line) == PAM_SUCCESS;
}

/* false: PAM does not say where it is. */
static bool host_make(struct host *host, pam_handle_t *pamh)
{
	static const struct host_ops ops = {
		.name = here_name,
		.show = here_show,
		.ask = here_ask,
		.log = here_log,
		.drop_typed = here_drop_typed,
		.gone = here_gone,
		.watch = here_watch,
		.look = here_look,
		.account = here_account,
		.user_name = here_user_name,
		.tell = here_tell,
	};
	struct itimerval alarm;

	host->ops = &ops;
	host->context = pamh;
	host->ssh_connection = pam_getenv(pamh, "SSH_CONNECTION");
	host->ssh_auth_info = pam_getenv(pamh, "SSH_AUTH_INFO_0");
	host->xdg_seat = pam_getenv(pamh, "XDG_SEAT");
	host->ruid = getuid();
	host->euid = geteuid();
	host->pid = getpid();
	if (getitimer(ITIMER_REAL, &alarm) == 0 && timerisset(&alarm.it_value))
		host->alarm = alarm.it_value.tv_sec > 0 ? alarm.it_value.tv_sec : 1;
	host->waits = true;
	here_look(host, 0);
	return host_item(pamh, PAM_SERVICE, &host->service) &&
	       host_item(pamh, PAM_USER, &host->user) && host_item(pamh, PAM_RHOST, &host->rhost) &&
	       host_item(pamh, PAM_TTY, &host->tty) && host_item(pamh, PAM_RUSER, &host->ruser);
}

/* ---- what is wanted ---- */

static void authenticate(struct client *client, struct host *host)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));

	client->result = RESULT_MEMORY;
	if (!attempt)
		return;
	attempt_begin(attempt, host, client->id);
	attempt->section = client->section;
	attempt->conf_path = client->conf_path;
	attempt->debug = client->debug;
	attempt_run(attempt);
	attempt_report(attempt);
	client->result = outcome_result(attempt->login.outcome);
	if (client->result == RESULT_ADMITTED) {
		client->at = attempt->login.decided_at;
		client->uid = attempt->login.wanted.uid;
		snprintf(client->user, sizeof(client->user), "%s", attempt_user(attempt));
	}
	attempt_clear(attempt);
	login_release(&attempt->login);
	free(attempt);
}

static void session_run(struct client *client, struct host *host)
{
	const char *hint = client->handle[0] ? client->handle : NULL;
	struct session session = { .host = host, .hint = hint };

	snprintf(session.id, sizeof(session.id), "%s", client->id);
	if (strcmp(client->verb, "close") == 0) {
		snprintf(session.handle, sizeof(session.handle), "%s", client->handle);
		session_close(&session);
		client->result = outcome_result(OUTCOME_REVOKED);
		return;
	}
	client->result = outcome_result(session_open(&session));
	memcpy(client->handle, session.handle, sizeof(client->handle));
	client->runtime_max = session.runtime_max;
}

void client_run(struct client *client)
{
	struct host *host = calloc(1, sizeof(*host));

	if (!host)
		client_end(client, RESULT_MEMORY, "host");
	else if (!host_make(host, client->pamh))
		client_end(client, RESULT_SYSTEM, "pam_items_unavailable");
	else if (strcmp(client->verb, "authenticate") == 0)
		authenticate(client, host);
	else
		session_run(client, host);
	free(host);
}

bool client_end(struct client *client, enum result result, const char *reason)
{
	client->result = result;
	client->reason = reason;
	return false;
}

void client_forget(pam_handle_t *pamh)
{
	static const char *const names[] = { HOST_ISSUER, HOST_SUBJECT, HOST_HANDLE };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (pam_getenv(pamh, names[i]))
			pam_putenv(pamh, names[i]);
}
