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

#include "client.h"
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
	[OUTCOME_NO_SECRET] = PAM_AUTHINFO_UNAVAIL,
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

/* ---- what acct_mgmt has to know ---- */

/* The judge's rules about an account are rules about name and uid: while both stay, they hold. */
struct admitted {
	uid_t uid;
	char id[AUDIT_ID_MAX];
	char user[LOCAL_NAME_MAX];
};

/* Where nobody was named the host learns here who it is; a name that was given is never replaced. */
static bool admitted_keep(const struct client *client)
{
	struct admitted *admitted = calloc(1, sizeof(*admitted));
	const char *named;

	if (!admitted)
		return false;
	admitted->uid = client->uid;
	memcpy(admitted->id, client->id, sizeof(admitted->id));
	memcpy(admitted->user, client->user, sizeof(admitted->user));
	if (host_item(client->pamh, PAM_USER, &named) &&
	    (named[0] != '\0' ||
	     pam_set_item(client->pamh, PAM_USER, client->user) == PAM_SUCCESS) &&
	    pam_set_data(client->pamh, DATA_NAME, admitted, host_data_free) == PAM_SUCCESS)
		return true;
	free(admitted);
	return false;
}

/* section=NAME, conf=/PATH and debug; anything else is a mistake, which is named. */
static bool arguments_read(struct client *client, int argc, const char **argv)
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
			log_note(client->pamh, LOG_ERR, client->id, line);
			return client_end(client, OUTCOME_SETUP, "arguments");
		}
	}
	return true;
}

/* The line of an attempt of which device-code-login knows nothing, and the module's own sentence. */
static void report(const struct client *client)
{
	char line[AUDIT_LINE_MAX];
	struct audit audit = { .id = client->id,
			       .section = client->section,
			       .outcome = outcome_name(client->outcome),
			       .reason = client->reason };

	host_item(client->pamh, PAM_SERVICE, &audit.service);
	host_item(client->pamh, PAM_USER, &audit.user);
	host_item(client->pamh, PAM_RHOST, &audit.rhost);
	host_item(client->pamh, PAM_TTY, &audit.tty);
	audit_line(&audit, line);
	log_line(client->pamh, outcome_priority(client->outcome), line);
	if (client->outcome != OUTCOME_CONVERSATION)
		converse_show(client->pamh, "Sign-in by code is not available here.");
}

VISIBLE int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct client client = { .pamh = pamh, .verb = "authenticate" };

	(void)flags; /* PAM_SILENT: see pam_conversation.h */
	audit_id(client.id);
	pam_set_data(pamh, DATA_NAME, NULL, NULL); /* of an earlier attempt on this handle */
	credentials_pam_forget(pamh);
	client_forget(pamh);
	if (arguments_read(&client, argc, argv))
		client_run(&client);
	if (client.outcome == OUTCOME_ADMITTED && !admitted_keep(&client))
		client_end(&client, OUTCOME_MEMORY, "result");
	if (client.reason)
		report(&client);
	return results[client.outcome];
}

VISIBLE int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const void *data = NULL;
	const struct admitted *admitted;
	const char *user;

	(void)flags;
	(void)argc;
	(void)argv;
	if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS || !data)
		return PAM_IGNORE;
	admitted = data;
	if (!host_item(pamh, PAM_USER, &user))
		return results[OUTCOME_SYSTEM];
	if (strcmp(admitted->user, user) != 0 || !host_has(pamh, user, admitted->uid))
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
