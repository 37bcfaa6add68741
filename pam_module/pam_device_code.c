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
#include "host_pam.h"
#include "log.h"
#include "record.h"
#include "session.h"

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

/* What this module has told of an earlier attempt on this handle is nobody's now. */
static void told_forget(pam_handle_t *pamh)
{
	static const char *const names[] = { ATTEMPT_ISSUER, ATTEMPT_SUBJECT, RECORD_HANDLE };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (pam_getenv(pamh, names[i]))
			pam_putenv(pamh, names[i]);
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
static bool user_tell(pam_handle_t *pamh, const struct attempt *attempt)
{
	return (attempt->user && attempt->user[0] != '\0') ||
	       pam_set_item(pamh, PAM_USER, attempt->login.name) == PAM_SUCCESS;
}

static bool admitted_keep(pam_handle_t *pamh, const struct attempt *attempt)
{
	struct admitted *admitted = calloc(1, sizeof(*admitted));

	if (!admitted)
		return false;
	admitted->uid = attempt->login.wanted.uid;
	memcpy(admitted->id, attempt->id, sizeof(admitted->id));
	strncat(admitted->user, attempt_user(attempt), sizeof(admitted->user) - 1);
	if (user_tell(pamh, attempt) &&
	    pam_set_data(pamh, DATA_NAME, admitted, admitted_free) == PAM_SUCCESS)
		return true;
	free(admitted);
	return false;
}

static void attempt_here(pam_handle_t *pamh, struct attempt *attempt, int argc, const char **argv)
{
	struct login *login = &attempt->login;

	if (!host_pam(attempt->host, pamh))
		login_end(login, OUTCOME_SYSTEM, "host_says_not_where");
	else if (arguments_read(pamh, attempt, argc, argv))
		attempt_run(attempt);
	if (login->outcome == OUTCOME_ADMITTED && !admitted_keep(pamh, attempt))
		login_end(login, OUTCOME_MEMORY, "result");
	attempt_report(attempt);
}

VISIBLE int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct {
		struct attempt attempt;
		struct host host;
	} *here = calloc(1, sizeof(*here));
	enum outcome outcome;

	(void)flags; /* PAM_SILENT: see converse.h */
	if (!here)
		return results[OUTCOME_MEMORY];
	attempt_begin(&here->attempt, &here->host);
	pam_set_data(pamh, DATA_NAME, NULL, NULL); /* of an earlier attempt on this handle */
	told_forget(pamh);
	attempt_here(pamh, &here->attempt, argc, argv);
	outcome = here->attempt.login.outcome;
	attempt_clear(&here->attempt);
	free(here);
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

/* Trouble with what is kept is logged: nobody who has been let in is thrown out by it. */
VISIBLE int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	(void)argc;
	(void)argv;
	session_open(pamh);
	return PAM_SUCCESS;
}

VISIBLE int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)flags;
	(void)argc;
	(void)argv;
	session_close(pamh);
	return PAM_SUCCESS;
}
