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

#include "attempt.h"
#include "client.h"
#include "host_pam.h"
#include "log.h"
#include "record.h"
#include "session_pam.h"

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

/* section=NAME, conf=/PATH and debug; anything else is a mistake, which is named. */
static bool arguments_read(pam_handle_t *pamh, struct attempt *attempt, int argc, const char **argv)
{
	char line[256];

	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "section=", 8) == 0) {
			attempt->section = argv[i] + 8;
		} else if (strncmp(argv[i], "conf=/", 6) == 0) {
			attempt->conf_path = argv[i] + 5;
		} else if (strcmp(argv[i], "debug") == 0) {
			attempt->debug = true;
		} else {
			snprintf(line, sizeof(line),
				 "PAM line: %.100s: must be section=NAME, conf=/PATH or debug",
				 argv[i]);
			log_note(pamh, LOG_ERR, attempt->id, line);
			return login_end(&attempt->login, OUTCOME_SETUP, "arguments");
		}
	}
	return true;
}

/* One call of authenticate. */
struct call {
	struct host host;
	struct attempt attempt;
	/* found */
	enum outcome outcome;
	char user[JUDGE_USER_MAX];
	uid_t uid;
	bool named; /* somebody was, before the login or for it */
};

static const char told_names[][24] = { ATTEMPT_ISSUER, ATTEMPT_SUBJECT, RECORD_HANDLE };

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
	char user[JUDGE_USER_MAX];
};

/* Runs also in forked children of su and sudo: it frees memory and does nothing else. */
static void admitted_free(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	free(data);
}

/* Where nobody was named the host learns here who it is; a name that was given is never replaced. */
static bool admitted_keep(pam_handle_t *pamh, const struct call *call)
{
	struct admitted *admitted = calloc(1, sizeof(*admitted));

	if (!admitted)
		return false;
	admitted->uid = call->uid;
	memcpy(admitted->id, call->attempt.id, sizeof(admitted->id));
	snprintf(admitted->user, sizeof(admitted->user), "%s", call->user);
	if ((call->named || pam_set_item(pamh, PAM_USER, call->user) == PAM_SUCCESS) &&
	    pam_set_data(pamh, DATA_NAME, admitted, admitted_free) == PAM_SUCCESS)
		return true;
	free(admitted);
	return false;
}

/* device-code-login decides. Where it cannot be reached the module has one sentence of its own. */
static void login_there(pam_handle_t *pamh, struct call *call)
{
	struct client client = {
		.host = &call->host,
		.verb = "authenticate",
		.section = call->attempt.section,
		.conf_path = call->attempt.conf_path,
		.debug = call->attempt.debug,
		.env_ok = env_ok,
	};
	char line[128];

	client_run(&client);
	call->outcome = client.outcome;
	call->uid = client.uid;
	call->named = call->host.user[0] != '\0';
	snprintf(call->user, sizeof(call->user), "%s", client.user);
	if (!client.reason)
		return;
	snprintf(line, sizeof(line), "outcome=\"%s\" reason=\"%s\" service=\"login.sock\"",
		 outcome_name(client.outcome), client.reason);
	log_note(pamh, outcome_priority(client.outcome), call->attempt.id, line);
	if (outcome_word(client.outcome) != WORD_COUNT)
		call->host.ops->show(&call->host, "Sign-in by code is not available here.");
}

/* This process decides. */
static void login_here(struct call *call)
{
	struct attempt *attempt = &call->attempt;

	attempt_run(attempt);
	call->outcome = attempt->login.outcome;
	call->uid = attempt->login.wanted.uid;
	call->named = attempt->user && attempt->user[0] != '\0';
	snprintf(call->user, sizeof(call->user), "%s", attempt_user(attempt));
	attempt_report(attempt);
}

static void call_run(pam_handle_t *pamh, struct call *call, int argc, const char **argv)
{
	struct attempt *attempt = &call->attempt;

	if (!host_pam(&call->host, pamh)) {
		login_end(&attempt->login, OUTCOME_SYSTEM, "host_says_not_where");
	} else if (arguments_read(pamh, attempt, argc, argv)) {
		if (client_wanted(&call->host))
			login_there(pamh, call);
		else
			login_here(call);
		return;
	}
	call->outcome = attempt->login.outcome;
	attempt_report(attempt);
}

VISIBLE int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct call *call = calloc(1, sizeof(*call));
	enum outcome outcome;

	(void)flags; /* PAM_SILENT: see converse.h */
	if (!call)
		return results[OUTCOME_MEMORY];
	attempt_begin(&call->attempt, &call->host);
	pam_set_data(pamh, DATA_NAME, NULL, NULL); /* of an earlier attempt on this handle */
	told_forget(pamh);
	call_run(pamh, call, argc, argv);
	if (call->outcome == OUTCOME_ADMITTED && !admitted_keep(pamh, call)) {
		call->outcome = OUTCOME_MEMORY;
		log_note(pamh, LOG_ERR, call->attempt.id, "the result cannot be kept");
	}
	outcome = call->outcome;
	attempt_clear(&call->attempt);
	free(call);
	return results[outcome];
}

VISIBLE int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const void *data = NULL;
	const struct admitted *admitted;
	struct judge_account account;
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
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
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
