/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The five PAM entry points, and the only file that chooses a PAM return code.
 *
 * It translates the result of an attempt for PAM, and keeps on the handle what acct_mgmt has to know.
 * It must never keep state outside the PAM handle.
 */
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "client.h"
#include "common/channel.h"
#include "common/spawn.h"
#include "pam_conversation.h"
#include "pam_host.h"
#include "pam_log.h"
#include "pam_session.h"

#define VISIBLE	 __attribute__((visibility("default")))
#define UNUSED	 __attribute__((unused))
#define ADMITTED "pam_device_code.admitted"

static const signed char codes[RESULT_COUNT] = {
	[RESULT_SYSTEM] = PAM_SYSTEM_ERR,     [RESULT_MEMORY] = PAM_BUF_ERR,
	[RESULT_SETUP] = PAM_SERVICE_ERR,     [RESULT_HELPER_FAILED] = PAM_SERVICE_ERR,
	[RESULT_CONVERSATION] = PAM_CONV_ERR, [RESULT_UNAVAILABLE] = PAM_AUTHINFO_UNAVAIL,
	[RESULT_FAILED] = PAM_AUTH_ERR,	      [RESULT_NO_MORE] = PAM_MAXTRIES,
	[RESULT_FORBIDDEN] = PAM_PERM_DENIED, [RESULT_NO_ACCOUNT] = PAM_USER_UNKNOWN,
	[RESULT_SKIPPED] = PAM_IGNORE,	      [RESULT_ADMITTED] = PAM_SUCCESS,
};

/* ---- what acct_mgmt has to know ---- */

/* The policy's rules about an account are rules about name and uid: while both stay, they hold. */
struct admitted {
	int64_t at; /* of the login: spawn_now() */
	uid_t uid;
	char id[AUDIT_ID_MAX];
	char user[LOCAL_NAME_MAX];
};

/* Where nobody was named the host learns here who it is; a name that was given is never replaced. */
static bool admitted_keep(const struct client *client)
{
	struct admitted admitted = { .at = client->at, .uid = client->uid };
	const char *named;

	memcpy(admitted.id, client->id, sizeof(admitted.id));
	memcpy(admitted.user, client->user, sizeof(admitted.user));
	return host_item(client->pamh, PAM_USER, &named) &&
	       (named[0] != '\0' ||
		pam_set_item(client->pamh, PAM_USER, client->user) == PAM_SUCCESS) &&
	       host_keep(client->pamh, ADMITTED, &admitted, sizeof(admitted));
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
			return client_end(client, RESULT_SETUP, "arguments");
		}
	}
	return true;
}

/* The line of an attempt of which device-code-login knows nothing (audit_line()), and the module's own sentence. */
static void report(const struct client *client)
{
	static const int items[] = { PAM_SERVICE, PAM_USER, PAM_RHOST, PAM_TTY };
	char line[AUDIT_LINE_MAX], section[AUDIT_VALUE_MAX + 1], said[4][AUDIT_VALUE_MAX + 1];
	const char *text;

	audit_escape(client->section ? client->section : "", section, sizeof(section));
	for (size_t i = 0; i < 4; i++) {
		host_item(client->pamh, items[i], &text);
		audit_escape(text, said[i], sizeof(said[i]));
	}
	snprintf(line, sizeof(line),
		 "id=\"%s\" outcome=\"%s\" reason=\"%s\" section=\"%s\" origin=\"\" service=\"%s\" "
		 "user=\"%s\" rhost=\"%s\" tty=\"%s\" issuer=\"\" subject=\"\" seconds=\"0\"",
		 client->id, result_name(client->result), client->reason, section, said[0], said[1],
		 said[2], said[3]);
	log_line(client->pamh, LOG_ERR, line);
	converse(client->pamh, PAM_TEXT_INFO, "Sign-in by code is not available here.", NULL, 0);
}

VISIBLE int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct client client = { .pamh = pamh, .verb = "authenticate" };

	(void)flags; /* PAM_SILENT: see pam_conversation.h */
	audit_id(client.id);
	/* What an earlier attempt on this handle has left is nobody's any more. */
	pam_set_data(pamh, ADMITTED, NULL, NULL);
	pam_set_data(pamh, SESSION_GROUPS, NULL, NULL);
	client_forget(pamh);
	if (arguments_read(&client, argc, argv))
		client_run(&client);
	if (client.result == RESULT_ADMITTED && !admitted_keep(&client))
		client_end(&client, RESULT_MEMORY, "result");
	if (client.reason)
		report(&client);
	return codes[client.result];
}

VISIBLE int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags UNUSED, int argc UNUSED,
			     const char **argv UNUSED)
{
	const struct admitted *admitted = host_kept(pamh, ADMITTED);
	const char *user;

	if (!admitted)
		return PAM_IGNORE;
	if (!host_item(pamh, PAM_USER, &user))
		return codes[RESULT_SYSTEM];
	if (strcmp(admitted->user, user) != 0 || !host_has(pamh, user, admitted->uid))
		return PAM_PERM_DENIED;
	if (host_locked(pamh, user)) {
		log_note(pamh, LOG_NOTICE, admitted->id, "account: it is locked");
		return PAM_PERM_DENIED;
	}
	return PAM_SUCCESS;
}

VISIBLE int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc UNUSED, const char **argv UNUSED)
{
	if (((unsigned int)flags & PAM_DELETE_CRED) != 0)
		return PAM_SUCCESS;
	return session_pam_groups(pamh) ? PAM_SUCCESS : PAM_CRED_ERR;
}

/* sudo goes on after PAM_SESSION_ERR (measured: 1.9.13): what must not begin is denied. */
VISIBLE int pam_sm_open_session(pam_handle_t *pamh, int flags UNUSED, int argc UNUSED,
				const char **argv UNUSED)
{
	const struct admitted *admitted = host_kept(pamh, ADMITTED);

	/* Who stops su or sudo behind their approval has no session for later. */
	if (admitted && spawn_now() - admitted->at > CHANNEL_SESSION_MS) {
		log_note(pamh, LOG_NOTICE, admitted->id, "session: its login is over");
		return PAM_PERM_DENIED;
	}
	return session_pam_open(pamh) ? PAM_SUCCESS : PAM_PERM_DENIED;
}

VISIBLE int pam_sm_close_session(pam_handle_t *pamh, int flags UNUSED, int argc UNUSED,
				 const char **argv UNUSED)
{
	session_pam_close(pamh);
	return PAM_SUCCESS;
}
