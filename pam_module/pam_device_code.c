/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The five PAM entry points, and the only file that chooses a PAM return code.
 *
 * It translates the outcome of an attempt, for PAM, the person and the log, and keeps on the handle
 * what acct_mgmt has to know. It must never keep state outside the PAM handle.
 */
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "attempt.h"
#include "converse.h"
#include "exchange.h"
#include "host.h"
#include "idle.h"
#include "log.h"
#include "session.h"
#include "words.h"

#define VISIBLE	  __attribute__((visibility("default")))
#define DATA_NAME "pam_device_code.admitted"

/* What a login's outcome is for PAM and for the person. WORD_COUNT: nothing is said. */
static const struct {
	int result;
	enum word word;
	int priority;
} results[OUTCOME_COUNT] = {
	[OUTCOME_SYSTEM] = { PAM_SYSTEM_ERR, WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_MEMORY] = { PAM_BUF_ERR, WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_SETUP] = { PAM_SERVICE_ERR, WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_NO_SERVE] = { PAM_AUTHINFO_UNAVAIL, WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_BREACH] = { PAM_SERVICE_ERR, WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_CONVERSATION] = { PAM_CONV_ERR, WORD_COUNT, LOG_NOTICE },
	[OUTCOME_NONSENSE] = { PAM_SERVICE_ERR, WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_CLIENT_REFUSED] = { PAM_SERVICE_ERR, WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_UNREACHABLE] = { PAM_AUTHINFO_UNAVAIL, WORD_UNREACHABLE, LOG_WARNING },
	[OUTCOME_LOST] = { PAM_AUTH_ERR, WORD_UNREACHABLE, LOG_WARNING },
	[OUTCOME_EXPIRED] = { PAM_AUTH_ERR, WORD_EXPIRED, LOG_NOTICE },
	[OUTCOME_CODES_USED] = { PAM_MAXTRIES, WORD_EXPIRED, LOG_NOTICE },
	[OUTCOME_WRONG_CODE] = { PAM_AUTH_ERR, WORD_NO_CODE, LOG_NOTICE },
	[OUTCOME_TRIES_USED] = { PAM_MAXTRIES, WORD_NO_CODE, LOG_NOTICE },
	[OUTCOME_DENIED] = { PAM_MAXTRIES, WORD_DENIED, LOG_NOTICE },
	[OUTCOME_NOT_HONOURED] = { PAM_AUTH_ERR, WORD_NOT_HONOURED, LOG_NOTICE },
	[OUTCOME_UNPROVEN] = { PAM_AUTH_ERR, WORD_UNPROVEN, LOG_WARNING },
	[OUTCOME_WEAK] = { PAM_AUTH_ERR, WORD_WEAK, LOG_NOTICE },
	[OUTCOME_NOT_ADMITTED] = { PAM_PERM_DENIED, WORD_NOT_ADMITTED, LOG_NOTICE },
	[OUTCOME_REMOTE_REFUSED] = { PAM_PERM_DENIED, WORD_REMOTE_REFUSED, LOG_NOTICE },
	[OUTCOME_LIMITED] = { PAM_MAXTRIES, WORD_LIMITED, LOG_NOTICE },
	[OUTCOME_NO_ACCOUNT] = { PAM_USER_UNKNOWN, WORD_NOT_ADMITTED, LOG_NOTICE },
	[OUTCOME_SKIPPED] = { PAM_IGNORE, WORD_COUNT, LOG_INFO },
	[OUTCOME_REVOKED] = { PAM_SYSTEM_ERR, WORD_MISCONFIGURED, LOG_ERR }, /* never a login's */
	[OUTCOME_ADMITTED] = { PAM_SUCCESS, WORD_COUNT, LOG_INFO },
};

static void attempt_report(struct attempt *attempt)
{
	const struct login *login = &attempt->login;
	enum outcome outcome = login->outcome;
	bool named = attempt->user && attempt->user[0] != '\0';
	enum word word = results[outcome].word;
	struct audit audit = {
		.id = attempt->id,
		.service = attempt->facts.service,
		.place = place_name(attempt->place),
		.user = named ? attempt->user : login->name,
		.rhost = attempt->facts.rhost,
		.tty = attempt->facts.tty,
	};

	login_report(login, &audit);
	log_attempt(attempt->pamh, results[outcome].priority, &audit);
	if (login_clock_is_wrong(login))
		word = WORD_CLOCK;
	/* Before a code was shown, near the machine, nobody can have approved. */
	if (word == WORD_NOT_ADMITTED && login->shown_at == 0)
		word = WORD_NO_ENTRY;
	else if (word == WORD_NOT_ADMITTED && !named)
		word = WORD_NOT_ADMITTED_ANYONE;
	if (word != WORD_COUNT)
		converse_show(attempt->pamh, word_text(login->screen.words, word));
}

/* ---- what the session of a shared account has to know ---- */

static const char *const identity_names[] = { "DEVICE_CODE_ISSUER", "DEVICE_CODE_SUBJECT" };

/* Those of an earlier attempt on this handle are nobody's now. */
static void identity_forget(pam_handle_t *pamh)
{
	for (size_t i = 0; i < sizeof(identity_names) / sizeof(*identity_names); i++)
		if (pam_getenv(pamh, identity_names[i]))
			pam_putenv(pamh, identity_names[i]);
}

/* An account that many people share does not tell who it is: the session's environment does. */
static bool identity_tell(struct attempt *attempt)
{
	const char *const values[] = { attempt->policy.issuer, login_subject(&attempt->login) };
	char plain[JUDGE_VALUE_MAX], line[JUDGE_VALUE_MAX + 32];

	if (attempt->policy.account[0] == '\0')
		return true;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		screen_plain(values[i], plain, sizeof(plain));
		snprintf(line, sizeof(line), "%s=%s", identity_names[i], plain);
		if (pam_putenv(attempt->pamh, line) != PAM_SUCCESS)
			return false;
	}
	return true;
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
static bool user_tell(struct attempt *attempt)
{
	if (attempt->user[0] != '\0')
		return true;
	attempt->user = attempt->login.name;
	return pam_set_item(attempt->pamh, PAM_USER, attempt->login.name) == PAM_SUCCESS;
}

static bool admitted_keep(struct attempt *attempt)
{
	struct admitted *admitted = calloc(1, sizeof(*admitted));

	if (!admitted)
		return false;
	admitted->uid = attempt->login.wanted.uid;
	memcpy(admitted->id, attempt->id, sizeof(admitted->id));
	if (user_tell(attempt) && identity_tell(attempt)) {
		strncat(admitted->user, attempt->user, sizeof(admitted->user) - 1);
		if (pam_set_data(attempt->pamh, DATA_NAME, admitted, admitted_free) == PAM_SUCCESS)
			return true;
	}
	free(admitted);
	return false;
}

VISIBLE int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	enum outcome outcome;

	(void)flags; /* PAM_SILENT: see converse.h */
	if (!attempt)
		return results[OUTCOME_MEMORY].result;
	attempt->pamh = pamh;
	audit_id(attempt->id);
	attempt->limit = LIMIT_NONE;
	pam_set_data(pamh, DATA_NAME, NULL, NULL); /* of an earlier attempt on this handle */
	identity_forget(pamh);
	if (attempt_prepare(attempt, argc, argv)) {
		session_prepare(attempt);
		if (!session_trusted(attempt))
			attempt_login(attempt);
		session_settle(attempt);
	}
	if (attempt->login.outcome == OUTCOME_ADMITTED && !admitted_keep(attempt))
		login_end(&attempt->login, OUTCOME_MEMORY, "result");
	outcome = attempt->login.outcome;
	attempt_report(attempt);
	limit_end(&attempt->limit);
	login_clear(&attempt->login);
	conf_clear(&attempt->conf);
	free(attempt);
	return results[outcome].result;
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
		return results[OUTCOME_SYSTEM].result;
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
