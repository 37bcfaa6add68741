/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The five PAM entry points, and the only file that chooses a PAM return code.
 *
 * It gathers what the host says, reads the configuration, refuses at once what no approval could
 * admit, runs one login, and translates its outcome. It must never read the environment (su hands
 * it the caller's), change a signal, or keep state outside the PAM handle.
 */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <unistd.h>

#include "audit.h"
#include "converse.h"
#include "login.h"
#include "place.h"
#include "words.h"

#define VISIBLE	  __attribute__((visibility("default")))
#define DATA_NAME "pam_device_code.admitted"

enum {
	TIMEOUT_SSH = 100, /* seconds: sshd's LoginGraceTime is 120 and cannot be read */
	TIMEOUT = 300,
	ANSWER_CUT_SSH = 1023, /* bytes at which the OpenSSH client cuts an answer, silently */
	ANSWER_CUT_TTY = 4095, /* and a terminal in canonical mode */
};

/* What a login's outcome is for PAM and for the person. WORD_COUNT: nothing is said. */
static const struct {
	int result;
	enum word word;
	int priority;
} results[OUTCOME_COUNT] = {
	[OUTCOME_SYSTEM] = { PAM_SYSTEM_ERR, WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_MEMORY] = { PAM_BUF_ERR, WORD_MISCONFIGURED, LOG_ERR },
	[OUTCOME_SETUP] = { PAM_SERVICE_ERR, WORD_MISCONFIGURED, LOG_ERR },
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
	[OUTCOME_UNPROVEN] = { PAM_AUTH_ERR, WORD_UNPROVEN, LOG_WARNING },
	[OUTCOME_NOT_ADMITTED] = { PAM_PERM_DENIED, WORD_NOT_ADMITTED, LOG_NOTICE },
	[OUTCOME_REMOTE_REFUSED] = { PAM_PERM_DENIED, WORD_REMOTE_REFUSED, LOG_NOTICE },
	[OUTCOME_NO_ACCOUNT] = { PAM_USER_UNKNOWN, WORD_NOT_ADMITTED, LOG_NOTICE },
	[OUTCOME_ADMITTED] = { PAM_SUCCESS, WORD_COUNT, LOG_INFO },
};

/* One call of pam_sm_authenticate. */
struct attempt {
	pam_handle_t *pamh;
	const char *section; /* arguments of the PAM line, NULL if not given */
	const char *conf_path;
	bool debug;
	const char *user;
	struct place_facts facts;
	enum place place;
	struct utsname system;
	struct conf conf;
	struct judge_policy policy;
	struct login login;
};

/* "" where the host has said nothing; false where it cannot be known: a place must not be guessed. */
static bool item(pam_handle_t *pamh, int type, const char **text)
{
	const void *value = NULL;
	bool known = pam_get_item(pamh, type, &value) == PAM_SUCCESS;

	*text = known && value ? value : "";
	return known;
}

static void note(struct attempt *attempt, int priority, const char *text)
{
	if (priority != LOG_DEBUG || attempt->debug)
		audit_note(attempt->pamh, priority, text);
}

static enum outcome refuse(struct attempt *attempt, enum outcome outcome, const char *reason)
{
	attempt->login.reason = reason;
	return outcome;
}

static bool arguments_read(struct attempt *attempt, int argc, const char **argv)
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
			note(attempt, LOG_ERR, line);
			return false;
		}
	}
	return true;
}

static void account_find(pam_handle_t *pamh, const char *user, struct judge_account *account)
{
	const struct passwd *pw = pam_modutil_getpwnam(pamh, user);

	account->name = user;
	account->exists = pw != NULL;
	account->uid = pw ? pw->pw_uid : 0;
}

static bool facts_gather(struct attempt *attempt)
{
	struct judge_account *wanted = &attempt->login.wanted;

	if (!item(attempt->pamh, PAM_RHOST, &attempt->facts.rhost) ||
	    !item(attempt->pamh, PAM_TTY, &attempt->facts.tty) ||
	    !item(attempt->pamh, PAM_RUSER, &attempt->facts.ruser) ||
	    !item(attempt->pamh, PAM_SERVICE, &attempt->facts.service))
		return false;
	attempt->facts.ssh_connection = pam_getenv(attempt->pamh, "SSH_CONNECTION");
	attempt->facts.ruid = getuid();
	attempt->facts.euid = geteuid();
	account_find(attempt->pamh, attempt->user, wanted);
	attempt->facts.own = wanted->exists && wanted->uid == getuid();
	attempt->place = place_find(&attempt->facts);
	if (uname(&attempt->system) != 0)
		attempt->system.nodename[0] = '\0';
	return true;
}

/* What conf.c cannot judge by itself: values with a grammar of another file's. */
static bool policy_read(struct attempt *attempt)
{
	struct conf *conf = &attempt->conf;
	char line[CONF_ERROR_MAX];
	const char *wrong = place_remote_wrong(conf_text(conf, CONF_REMOTE));
	int bad_line = conf->map ? judge_map_wrong(conf->map) : 0;

	if (wrong) {
		snprintf(line, sizeof(line),
			 "%s: remote: %.*s: must be deny, allow, or networks such as 192.0.2.0/24",
			 conf->where[CONF_REMOTE], (int)strcspn(wrong, " ,\t"), wrong);
		note(attempt, LOG_ERR, line);
		return false;
	}
	if (bad_line > 0) {
		snprintf(line, sizeof(line),
			 "%s:%d: must be an issuer, an identity and a local name, or # comment",
			 conf_text(conf, CONF_MAP_FILE), bad_line);
		note(attempt, LOG_ERR, line);
		return false;
	}
	attempt->policy.issuer = conf_text(conf, CONF_ISSUER);
	attempt->policy.user_claim = conf_text(conf, CONF_USER_CLAIM);
	attempt->policy.stable_claim = conf_text(conf, CONF_STABLE_CLAIM);
	attempt->policy.map = conf->map;
	attempt->policy.min_uid = (uid_t)conf_number(conf, CONF_MIN_UID);
	return true;
}

/* ---- how to talk ---- */

static bool io_show(void *context, const char *text)
{
	return converse_show(((struct attempt *)context)->pamh, text);
}

static bool io_ask(void *context, const char *prompt, char *answer, size_t len)
{
	return converse_ask(((struct attempt *)context)->pamh, prompt, answer, len);
}

static void io_log(void *context, int priority, const char *text)
{
	note(context, priority, text);
}

static enum screen_style style_choose(const struct attempt *attempt,
				      const struct converse_terminal *terminal)
{
	static const struct {
		const char *name;
		enum screen_style style;
	} styles[] = { { "off", SCREEN_OFF },
		       { "utf8", SCREEN_UTF8 },
		       { "colour", SCREEN_COLOUR },
		       { "full", SCREEN_FULL } };

	for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++)
		if (conf_is(&attempt->conf, CONF_QR, styles[i].name))
			return styles[i].style;
	if (attempt->place == PLACE_REMOTE || terminal->rows == 0)
		return SCREEN_UTF8; /* nothing is known that would take an escape sequence */
	return terminal->linux_console ? SCREEN_FULL : SCREEN_COLOUR;
}

/*
 * The code inside the QR saves typing, and takes away the moment in which a person compares: only
 * for somebody who stands before the machine, or asks for nothing but their own account.
 */
static bool complete_uri_choose(const struct attempt *attempt)
{
	if (!conf_is(&attempt->conf, CONF_COMPLETE_URI, "auto"))
		return conf_is(&attempt->conf, CONF_COMPLETE_URI, "always");
	if (attempt->place == PLACE_SESSION)
		return attempt->login.wanted.exists &&
		       attempt->login.wanted.uid == attempt->facts.ruid;
	return attempt->place == PLACE_SEAT;
}

/* sshd before 10.3 keeps PAM_TEXT_INFO back until the next prompt: the text goes inside one. */
static bool prompt_choose(const struct attempt *attempt)
{
	if (conf_is(&attempt->conf, CONF_PROMPT, "auto"))
		return strcmp(attempt->facts.tty, "ssh") == 0;
	return conf_is(&attempt->conf, CONF_PROMPT, "enter");
}

/* No longer than the host lives: login's alarm can be read without touching it. */
static long timeout_choose(struct attempt *attempt)
{
	long timeout = conf_number(&attempt->conf, CONF_TIMEOUT);
	struct itimerval alarm;

	if (timeout == 0)
		timeout = strcmp(attempt->facts.tty, "ssh") == 0 ? TIMEOUT_SSH : TIMEOUT;
	if (getitimer(ITIMER_REAL, &alarm) == 0 && alarm.it_value.tv_sec > 0 &&
	    alarm.it_value.tv_sec - 2 < timeout) {
		timeout = alarm.it_value.tv_sec > 12 ? alarm.it_value.tv_sec - 2 : 10;
		note(attempt, LOG_NOTICE, "the host ends this login by an alarm: timeout is cut");
	}
	return timeout;
}

static void login_prepare(struct attempt *attempt)
{
	struct login *login = &attempt->login;
	struct screen *screen = &login->screen;
	struct converse_terminal terminal = { 0 };
	bool remote = attempt->place == PLACE_REMOTE;

	if (!remote)
		converse_terminal(&terminal);
	login->conf = &attempt->conf;
	login->policy = &attempt->policy;
	login->io = (struct login_io){ attempt, io_show, io_ask, io_log };
	login->timeout = timeout_choose(attempt);
	login->answer_cut = strcmp(attempt->facts.tty, "ssh") == 0 ? ANSWER_CUT_SSH
								   : ANSWER_CUT_TTY;
	login->prompting = prompt_choose(attempt);
	login->complete_uri = complete_uri_choose(attempt);
	screen->user = attempt->user;
	screen->host = attempt->system.nodename;
	screen->service = attempt->facts.service;
	screen->from = remote ? attempt->facts.rhost : "";
	screen->asker = attempt->place == PLACE_SESSION ? attempt->facts.ruser : "";
	screen->remote = remote;
	screen->style = style_choose(attempt, &terminal);
	screen->rows = terminal.rows;
	screen->columns = terminal.columns;
}

/* ---- the attempt ---- */

/*
 * Before a request is made. At a seat and in a session a name that cannot enter is refused at
 * once; from afar every name gets a real flow, so that nothing tells who exists.
 */
static bool refused_early(struct attempt *attempt, enum outcome *outcome)
{
	struct login *login = &attempt->login;
	enum judgement judgement;
	char address[64];

	if (attempt->place == PLACE_REMOTE) {
		place_address(&attempt->facts, address, sizeof(address));
		*outcome = refuse(attempt, OUTCOME_REMOTE_REFUSED, "remote");
		return !place_remote_ok(conf_text(&attempt->conf, CONF_REMOTE), address);
	}
	judgement = judge_account(&attempt->policy, &login->wanted);
	*outcome = refuse(
		attempt, judgement == JUDGED_NO_ACCOUNT ? OUTCOME_NO_ACCOUNT : OUTCOME_NOT_ADMITTED,
		judgement_name(judgement));
	return judgement != JUDGED_ADMITTED;
}

static enum outcome attempt_run(struct attempt *attempt, int argc, const char **argv)
{
	enum outcome outcome;

	if (!arguments_read(attempt, argc, argv))
		return refuse(attempt, OUTCOME_SETUP, "arguments");
	if (pam_get_user(attempt->pamh, &attempt->user, NULL) != PAM_SUCCESS || !attempt->user)
		return refuse(attempt, OUTCOME_CONVERSATION, "no_user_name");
	if (!facts_gather(attempt))
		return refuse(attempt, OUTCOME_SYSTEM, "host_says_not_where");
	if (!conf_load(&attempt->conf, attempt->conf_path, attempt->section)) {
		note(attempt, LOG_ERR, attempt->conf.error);
		return refuse(attempt, OUTCOME_SETUP, "configuration");
	}
	if (!policy_read(attempt))
		return refuse(attempt, OUTCOME_SETUP, "configuration");
	if (refused_early(attempt, &outcome))
		return outcome;
	login_prepare(attempt);
	return login_run(&attempt->login);
}

static void attempt_report(struct attempt *attempt, enum outcome outcome)
{
	const struct login *login = &attempt->login;
	enum word word = results[outcome].word;
	const char *subject = NULL;
	struct audit audit = {
		.section = attempt->conf.section,
		.place = place_name(attempt->place),
		.user = attempt->user ? attempt->user : "",
		.rhost = attempt->facts.rhost ? attempt->facts.rhost : "",
		.tty = attempt->facts.tty ? attempt->facts.tty : "",
		.issuer = conf_text(&attempt->conf, CONF_ISSUER),
		.outcome = outcome_name(outcome),
		.reason = login->reason,
	};

	if (login->claims)
		subject = judge_claim_text(login->claims, attempt->policy.stable_claim);
	audit.subject = subject ? subject : "";
	if (login->shown_at > 0)
		audit.seconds = (long)((spawn_now() - login->shown_at) / 1000);
	audit_attempt(attempt->pamh, results[outcome].priority, &audit);
	/* Before a code was shown, near the machine, nobody can have approved. */
	if (word == WORD_NOT_ADMITTED && login->shown_at == 0)
		word = WORD_NO_ENTRY;
	if (word != WORD_COUNT)
		converse_show(attempt->pamh, word_text(word));
}

/* ---- what acct_mgmt has to know ---- */

struct admitted {
	uid_t min_uid;
	char user[JUDGE_USER_MAX];
};

/* Runs also in forked children of su and sudo: it frees memory and does nothing else. */
static void admitted_free(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	free(data);
}

static enum outcome admitted_keep(const struct attempt *attempt)
{
	struct admitted *admitted = calloc(1, sizeof(*admitted));

	if (!admitted)
		return OUTCOME_MEMORY;
	admitted->min_uid = attempt->policy.min_uid;
	strncat(admitted->user, attempt->user, sizeof(admitted->user) - 1);
	if (pam_set_data(attempt->pamh, DATA_NAME, admitted, admitted_free) == PAM_SUCCESS)
		return OUTCOME_ADMITTED;
	free(admitted);
	return OUTCOME_MEMORY;
}

VISIBLE int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	enum outcome outcome;

	(void)flags; /* PAM_SILENT: see converse.h */
	if (!attempt)
		return results[OUTCOME_MEMORY].result;
	attempt->pamh = pamh;
	attempt->login.reason = "unknown";
	pam_set_data(pamh, DATA_NAME, NULL, NULL); /* of an earlier attempt on this handle */
	outcome = attempt_run(attempt, argc, argv);
	if (outcome == OUTCOME_ADMITTED)
		outcome = admitted_keep(attempt);
	attempt_report(attempt, outcome);
	login_clear(&attempt->login);
	conf_clear(&attempt->conf);
	free(attempt);
	return results[outcome].result;
}

VISIBLE int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const void *data = NULL;
	const struct admitted *admitted;
	struct judge_policy policy = { 0 };
	struct judge_account account;
	const char *user;

	(void)flags;
	(void)argc;
	(void)argv;
	if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS || !data)
		return PAM_IGNORE;
	admitted = data;
	policy.min_uid = admitted->min_uid;
	if (!item(pamh, PAM_USER, &user))
		return results[OUTCOME_SYSTEM].result;
	account_find(pamh, user, &account);
	if (strcmp(admitted->user, user) != 0 ||
	    judge_account(&policy, &account) != JUDGED_ADMITTED)
		return PAM_PERM_DENIED;
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

VISIBLE int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

VISIBLE int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}
