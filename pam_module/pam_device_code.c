/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The five PAM entry points, and the only file that chooses a PAM return code.
 *
 * It translates the outcome of an attempt for PAM, and keeps on the handle what acct_mgmt has to know.
 * It must never keep state outside the PAM handle.
 */
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/client.h"
#include "pam_conversation.h"
#include "pam_credentials.h"
#include "pam_host.h"
#include "pam_log.h"
#include "pam_session.h"

#define VISIBLE	  __attribute__((visibility("default")))
#define DATA_NAME "pam_device_code.admitted"

/* What a login's outcome is for PAM. */
static const signed char results[OUTCOME_COUNT] = {
	[OUTCOME_SYSTEM] = PAM_SYSTEM_ERR,
	[OUTCOME_MEMORY] = PAM_BUF_ERR,
	[OUTCOME_SETUP] = PAM_SERVICE_ERR,
	[OUTCOME_NO_SERVE] = PAM_AUTHINFO_UNAVAIL,
	[OUTCOME_BREACH] = PAM_SERVICE_ERR,
	[OUTCOME_CONVERSATION] = PAM_CONV_ERR,
	[OUTCOME_NONSENSE] = PAM_SERVICE_ERR,
	[OUTCOME_CLIENT_REFUSED] = PAM_SERVICE_ERR,
	[OUTCOME_UNREACHABLE] = PAM_AUTHINFO_UNAVAIL,
	[OUTCOME_LOST] = PAM_AUTH_ERR,
	[OUTCOME_EXPIRED] = PAM_AUTH_ERR,
	[OUTCOME_CODES_USED] = PAM_MAXTRIES,
	[OUTCOME_WRONG_CODE] = PAM_AUTH_ERR,
	[OUTCOME_TRIES_USED] = PAM_MAXTRIES,
	[OUTCOME_DENIED] = PAM_MAXTRIES,
	[OUTCOME_NOT_HONOURED] = PAM_AUTH_ERR,
	[OUTCOME_UNPROVEN] = PAM_AUTH_ERR,
	[OUTCOME_WEAK] = PAM_AUTH_ERR,
	[OUTCOME_NOT_ADMITTED] = PAM_PERM_DENIED,
	[OUTCOME_REMOTE_REFUSED] = PAM_PERM_DENIED,
	[OUTCOME_LIMITED] = PAM_MAXTRIES,
	[OUTCOME_NO_ACCOUNT] = PAM_USER_UNKNOWN,
	[OUTCOME_SKIPPED] = PAM_IGNORE,
	[OUTCOME_REVOKED] = PAM_SYSTEM_ERR, /* never a login's */
	[OUTCOME_ADMITTED] = PAM_SUCCESS,
};

static const char told_names[][24] = { HOST_ISSUER, HOST_SUBJECT, HOST_HANDLE };

/* What this module has told of an earlier attempt on this handle is nobody's now. */
static void told_forget(pam_handle_t *pamh)
{
	for (size_t i = 0; i < sizeof(told_names) / sizeof(*told_names); i++)
		if (pam_getenv(pamh, told_names[i]))
			pam_putenv(pamh, told_names[i]);
}

static bool env_ok(const char *line)
{
	for (size_t i = 0; i < sizeof(told_names) / sizeof(*told_names); i++)
		if (strncmp(line, told_names[i], strlen(told_names[i])) == 0 &&
		    line[strlen(told_names[i])] == '=')
			return true;
	return false;
}

/* ---- what acct_mgmt has to know ---- */

/* The judge's rules about an account are rules about name and uid: while both stay, they hold. */
struct admitted {
	uid_t uid;
	char id[AUDIT_ID_MAX];
	char user[LOCAL_NAME_MAX];
};

/* Where nobody was named the host learns here who it is; a name that was given is never replaced. */
static bool admitted_keep(pam_handle_t *pamh, const struct client *client, const char *id)
{
	struct admitted *admitted = calloc(1, sizeof(*admitted));

	if (!admitted)
		return false;
	admitted->uid = client->uid;
	memcpy(admitted->id, id, sizeof(admitted->id));
	snprintf(admitted->user, sizeof(admitted->user), "%s", client->user);
	if ((client->host->user[0] != '\0' ||
	     pam_set_item(pamh, PAM_USER, client->user) == PAM_SUCCESS) &&
	    pam_set_data(pamh, DATA_NAME, admitted, host_data_free) == PAM_SUCCESS)
		return true;
	free(admitted);
	return false;
}

/* section=NAME, conf=/PATH and debug; anything else is a mistake, which is named. */
static bool arguments_read(pam_handle_t *pamh, struct client *client, const char *id, int argc,
			   const char **argv)
{
	char line[256];

	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "section=", 8) == 0) {
			client->section = argv[i] + 8;
		} else if (strncmp(argv[i], "conf=/", 6) == 0) {
			client->conf_path = argv[i] + 5;
		} else if (strcmp(argv[i], "debug") == 0) {
			client->debug = true;
		} else {
			snprintf(line, sizeof(line),
				 "PAM line: %.100s: must be section=NAME, conf=/PATH or debug",
				 argv[i]);
			log_note(pamh, LOG_ERR, id, line);
			return client_end(client, OUTCOME_SETUP, "arguments");
		}
	}
	return true;
}

/* The line of an attempt of which device-code-login knows nothing, and the module's own sentence. */
static void report(pam_handle_t *pamh, const struct client *client, const char *id)
{
	const struct host *host = client->host;
	char line[AUDIT_LINE_MAX];
	const struct audit audit = {
		.id = id,
		.section = client->section,
		.service = host->service,
		.user = host->user,
		.rhost = host->rhost,
		.tty = host->tty,
		.outcome = outcome_name(client->outcome),
		.reason = client->reason,
	};

	audit_line(&audit, line);
	host->ops->log(client->host, outcome_priority(client->outcome), line);
	if (client->outcome != OUTCOME_CONVERSATION)
		converse_show(pamh, "Sign-in by code is not available here.");
}

static void decide(pam_handle_t *pamh, struct client *client, const char *id, int argc,
		   const char **argv)
{
	if (!host_pam(client->host, pamh))
		client_end(client, OUTCOME_SYSTEM, "host_says_not_where");
	else if (arguments_read(pamh, client, id, argc, argv))
		client_run(client);
	if (client->outcome == OUTCOME_ADMITTED && !admitted_keep(pamh, client, id))
		client_end(client, OUTCOME_MEMORY, "result");
	if (client->reason)
		report(pamh, client, id);
}

VISIBLE int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct {
		struct host host;
		struct client client;
	} *call = calloc(1, sizeof(*call));
	char id[AUDIT_ID_MAX];
	enum outcome outcome;

	(void)flags; /* PAM_SILENT: see converse.h */
	if (!call)
		return results[OUTCOME_MEMORY];
	call->client = (struct client){
		.host = &call->host, .verb = "authenticate", .id = id, .env_ok = env_ok
	};
	audit_id(id);
	pam_set_data(pamh, DATA_NAME, NULL, NULL); /* of an earlier attempt on this handle */
	credentials_pam_forget(pamh);
	told_forget(pamh);
	decide(pamh, &call->client, id, argc, argv);
	outcome = call->client.outcome;
	free(call);
	return results[outcome];
}

VISIBLE int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const void *data = NULL;
	const struct admitted *admitted;
	struct local_account account;
	const char *user;

	(void)flags;
	(void)argc;
	(void)argv;
	if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS || !data)
		return PAM_IGNORE;
	admitted = data;
	if (!host_item(pamh, PAM_USER, &user))
		return results[OUTCOME_SYSTEM];
	host_account(pamh, user, &account);
	if (strcmp(admitted->user, user) != 0 || !account.exists || account.uid != admitted->uid)
		return PAM_PERM_DENIED;
	if (host_locked(pamh, user)) {
		log_note(pamh, LOG_NOTICE, admitted->id, "account: it is locked");
		return PAM_PERM_DENIED;
	}
	return PAM_SUCCESS;
}

VISIBLE int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)argc;
	(void)argv;
	if (((unsigned int)flags & PAM_DELETE_CRED) != 0)
		return PAM_SUCCESS;
	return credentials_pam_set(pamh) ? PAM_SUCCESS : PAM_CRED_ERR;
}

/* sudo goes on after PAM_SESSION_ERR (measured: 1.9.13): what must not begin is denied. */
VISIBLE int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	(void)argc;
	(void)argv;
	return session_pam_open(pamh) ? PAM_SUCCESS : PAM_PERM_DENIED;
}

VISIBLE int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	(void)argc;
	(void)argv;
	session_pam_close(pamh);
	return PAM_SUCCESS;
}
