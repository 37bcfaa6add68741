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
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <unistd.h>

#include "audit.h"
#include "converse.h"
#include "limit.h"
#include "locker.h"
#include "login.h"
#include "manner.h"
#include "paths.h"
#include "place.h"
#include "policy.h"
#include "words.h"

#define VISIBLE	  __attribute__((visibility("default")))
#define DATA_NAME "pam_device_code.admitted"

enum {
	CODE_MORE =
		60, /* seconds that a code may take beside its own life: to be had, to be collected */
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
	[OUTCOME_UNPROVEN] = { PAM_AUTH_ERR, WORD_UNPROVEN, LOG_WARNING },
	[OUTCOME_NOT_ADMITTED] = { PAM_PERM_DENIED, WORD_NOT_ADMITTED, LOG_NOTICE },
	[OUTCOME_REMOTE_REFUSED] = { PAM_PERM_DENIED, WORD_REMOTE_REFUSED, LOG_NOTICE },
	[OUTCOME_LIMITED] = { PAM_MAXTRIES, WORD_LIMITED, LOG_NOTICE },
	[OUTCOME_NO_ACCOUNT] = { PAM_USER_UNKNOWN, WORD_NOT_ADMITTED, LOG_NOTICE },
	[OUTCOME_SKIPPED] = { PAM_IGNORE, WORD_COUNT, LOG_INFO },
	[OUTCOME_ADMITTED] = { PAM_SUCCESS, WORD_COUNT, LOG_INFO },
};

/* One call of pam_sm_authenticate. */
struct attempt {
	pam_handle_t *pamh;
	const char *section; /* arguments of the PAM line, NULL if not given */
	const char *conf_path;
	bool debug;
	char id[AUDIT_ID_MAX];
	const char *user;
	struct place_facts facts;
	enum place place;
	bool proven; /* somebody has proven before us that they are who they want to enter as */
	struct limit limit;
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
		audit_note(attempt->pamh, priority, attempt->id, text);
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
	if (!item(attempt->pamh, PAM_RHOST, &attempt->facts.rhost) ||
	    !item(attempt->pamh, PAM_TTY, &attempt->facts.tty) ||
	    !item(attempt->pamh, PAM_RUSER, &attempt->facts.ruser) ||
	    !item(attempt->pamh, PAM_SERVICE, &attempt->facts.service) ||
	    !item(attempt->pamh, PAM_USER, &attempt->user))
		return false;
	attempt->facts.ssh_connection = pam_getenv(attempt->pamh, "SSH_CONNECTION");
	attempt->facts.ssh_auth_info = pam_getenv(attempt->pamh, "SSH_AUTH_INFO_0");
	attempt->facts.ruid = getuid();
	attempt->facts.euid = geteuid();
	attempt->place = place_find(&attempt->facts);
	if (uname(&attempt->system) != 0)
		attempt->system.nodename[0] = '\0';
	return true;
}

/*
 * Who wants in. At a console or a greeter that names nobody it stays "": the policy will say. Any
 * other host is asked for a name, which a change by us could only confuse.
 */
static bool user_find(struct attempt *attempt)
{
	struct judge_account *wanted = &attempt->login.wanted;
	const char *user = NULL;

	wanted->name = "";
	if (attempt->user[0] == '\0' && attempt->place == PLACE_SEAT)
		return true;
	if (pam_get_user(attempt->pamh, &user, NULL) != PAM_SUCCESS || !user)
		return false;
	attempt->user = user;
	account_find(attempt->pamh, user, wanted);
	attempt->facts.own = wanted->exists && wanted->uid == getuid();
	attempt->place = place_find(&attempt->facts);
	return true;
}

/* ---- how to talk ---- */

static bool io_show(void *context, const char *text)
{
	return converse_show(((struct attempt *)context)->pamh, text);
}

/* A greeter takes what is echoed for a name, in a field where Enter alone does nothing. */
static bool io_ask(void *context, const char *prompt, char *answer, size_t len)
{
	struct attempt *attempt = context;
	bool echo = !attempt->login.manner.brief;

	return converse_ask(attempt->pamh, echo, prompt, answer, len);
}

static void io_account(void *context, const char *name, struct judge_account *account)
{
	account_find(((struct attempt *)context)->pamh, name, account);
}

static void io_log(void *context, int priority, const char *text)
{
	note(context, priority, text);
}

static void io_drop_typed(void *context)
{
	(void)context;
	converse_drop_typed();
}

/* login's alarm can be read without touching it. */
static long alarm_left(void)
{
	struct itimerval alarm;

	if (getitimer(ITIMER_REAL, &alarm) != 0 || !timerisset(&alarm.it_value))
		return 0;
	return alarm.it_value.tv_sec > 0 ? alarm.it_value.tv_sec : 1;
}

static void manner_find(struct attempt *attempt, struct manner *manner)
{
	const struct judge_account *wanted = &attempt->login.wanted;
	struct converse_terminal terminal = { 0 };
	struct manner_facts facts = {
		.place = attempt->place,
		.tty = attempt->facts.tty,
		.service = attempt->facts.service,
		.own_account = wanted->exists && wanted->uid == attempt->facts.ruid,
		.alarm = alarm_left(),
	};

	if (attempt->place != PLACE_REMOTE)
		converse_terminal(&terminal);
	facts.rows = terminal.rows;
	facts.columns = terminal.columns;
	facts.linux_console = terminal.linux_console;
	facts.half_blocks = terminal.half_blocks;
	manner_choose(&attempt->conf, &facts, manner);
	attempt->login.screen.rows = terminal.rows;
	attempt->login.screen.columns = terminal.columns;
}

/*
 * Who asks in a session: the real user, whom nobody can choose. Where that is root the host is
 * root's own program, and its word is as good.
 */
static const char *asker_find(struct attempt *attempt)
{
	const struct passwd *pw;

	if (attempt->place != PLACE_SESSION)
		return "";
	if (attempt->facts.ruid == 0 && attempt->facts.ruser[0] != '\0')
		return attempt->facts.ruser;
	pw = pam_modutil_getpwuid(attempt->pamh, attempt->facts.ruid);
	return pw ? pw->pw_name : "somebody";
}

static void login_prepare(struct attempt *attempt)
{
	struct login *login = &attempt->login;
	struct screen *screen = &login->screen;
	bool remote = attempt->place == PLACE_REMOTE;

	manner_find(attempt, &login->manner);
	if (login->manner.alarm_cuts)
		note(attempt, LOG_NOTICE, "the host ends this login by an alarm: timeout is cut");
	login->conf = &attempt->conf;
	login->policy = &attempt->policy;
	login->io =
		(struct login_io){ attempt, io_show, io_ask, io_account, io_log, io_drop_typed };
	screen->user = attempt->user;
	screen->host = attempt->system.nodename;
	screen->service = attempt->facts.service;
	screen->from = remote ? attempt->facts.rhost : "";
	screen->asker = asker_find(attempt);
	screen->remote = remote;
	screen->style = login->manner.style;
	screen->brief = login->manner.brief;
	screen->prefix = login->manner.prefix;
	screen->most = login->manner.most;
	screen->enter = login->manner.prompting;
}

/* ---- the attempt ---- */

/* From afar: only what the section admits, and only those who have proven what it requires. */
static const char *remote_refusal(struct attempt *attempt)
{
	const char *methods = conf_text(&attempt->conf, CONF_REQUIRE_METHOD);
	char address[64];

	place_address(&attempt->facts, address, sizeof(address));
	if (!place_remote_ok(conf_text(&attempt->conf, CONF_REMOTE), address))
		return "remote";
	attempt->proven = place_proven(&attempt->facts, methods);
	return methods[0] == '\0' || attempt->proven ? NULL : "require_method";
}

/*
 * Before a request is made. At a seat and in a session a name that cannot enter is refused at
 * once; from afar every name gets a real flow, so that nothing tells who exists.
 */
static bool refused_early(struct attempt *attempt, enum outcome *outcome)
{
	struct login *login = &attempt->login;
	enum judgement judgement;
	const char *refusal;

	if (attempt->place == PLACE_REMOTE) {
		refusal = remote_refusal(attempt);
		*outcome = refuse(attempt, OUTCOME_REMOTE_REFUSED, refusal);
		return refusal != NULL;
	}
	if (login->wanted.name[0] == '\0')
		return false;
	judgement = judge_account(&attempt->policy, &login->wanted);
	*outcome = refuse(
		attempt, judgement == JUDGED_NO_ACCOUNT ? OUTCOME_NO_ACCOUNT : OUTCOME_NOT_ADMITTED,
		judgement_name(judgement));
	return judgement != JUDGED_ADMITTED;
}

/*
 * A locker: the host runs as the user, to whom the secret is closed. serve lets a user in as themself
 * only, by the installed configuration only.
 */
static enum outcome locker_login(struct attempt *attempt)
{
	if (!attempt->facts.own)
		return refuse(attempt, OUTCOME_NOT_ADMITTED, "not_own_account");
	if (attempt->conf_path && strcmp(attempt->conf_path, PATH_CONF) != 0) {
		note(attempt, LOG_ERR,
		     "client_secret_file: this user cannot read it, and with conf= nobody can for "
		     "them");
		return refuse(attempt, OUTCOME_NO_SERVE, "conf_argument");
	}
	return locker_run(&attempt->login);
}

/* Counts this login before anything is started. Who cannot write /run is not counted. */
static bool limited(struct attempt *attempt)
{
	long codes = conf_number(&attempt->conf, CONF_CODES);
	struct limit_attempt counted = {
		.place = attempt->place,
		.facts = &attempt->facts,
		.user = attempt->user,
		.proven = attempt->proven ||
			  (attempt->place == PLACE_SESSION && attempt->facts.own),
		.now = spawn_now(),
	};
	enum limit_verdict verdict;

	if (attempt->facts.euid != 0)
		return false;
	counted.until = counted.now + codes * (attempt->login.manner.timeout + CODE_MORE) * 1000;
	verdict = limit_start(&attempt->limit, PATH_STATE, &attempt->conf, &counted);
	if (verdict == LIMIT_UNCOUNTED)
		note(attempt, LOG_WARNING,
		     "limits: " PATH_STATE " is of no use: nothing is counted");
	attempt->login.reason = limit_name(verdict);
	return verdict != LIMIT_FREE && verdict != LIMIT_UNCOUNTED;
}

static enum outcome attempt_run(struct attempt *attempt, int argc, const char **argv)
{
	enum outcome outcome;

	if (!arguments_read(attempt, argc, argv))
		return refuse(attempt, OUTCOME_SETUP, "arguments");
	if (!facts_gather(attempt))
		return refuse(attempt, OUTCOME_SYSTEM, "host_says_not_where");
	if (!conf_load(&attempt->conf, attempt->conf_path, attempt->section)) {
		note(attempt, LOG_ERR, attempt->conf.error);
		return refuse(attempt, OUTCOME_SETUP, "configuration");
	}
	policy_take(&attempt->conf, &attempt->policy);
	if (!user_find(attempt))
		return refuse(attempt, OUTCOME_CONVERSATION, "no_user_name");
	if (judge_listed(conf_text(&attempt->conf, CONF_SKIP), attempt->user))
		return refuse(attempt, OUTCOME_SKIPPED, "skip");
	if (refused_early(attempt, &outcome))
		return outcome;
	login_prepare(attempt);
	if (limited(attempt))
		return OUTCOME_LIMITED;
	return attempt->conf.secret_hidden ? locker_login(attempt) : login_run(&attempt->login);
}

/* Who the provider says that it was; "": nobody yet. */
static const char *attempt_subject(const struct attempt *attempt)
{
	const struct judge_claims *claims = attempt->login.claims;
	const char *subject = claims ? judge_claim_text(claims, attempt->policy.stable_claim)
				     : NULL;

	return subject ? subject : "";
}

static void attempt_report(struct attempt *attempt, enum outcome outcome)
{
	const struct login *login = &attempt->login;
	bool named = attempt->user && attempt->user[0] != '\0';
	enum word word = results[outcome].word;
	struct audit audit = {
		.id = attempt->id,
		.service = attempt->facts.service,
		.section = attempt->conf.section,
		.place = place_name(attempt->place),
		.user = named ? attempt->user : login->name,
		.rhost = attempt->facts.rhost,
		.tty = attempt->facts.tty,
		.issuer = conf_text(&attempt->conf, CONF_ISSUER),
		.outcome = outcome_name(outcome),
		.subject = attempt_subject(attempt),
		.reason = login->reason,
	};

	if (login->shown_at > 0)
		audit.seconds = (long)((spawn_now() - login->shown_at) / 1000);
	audit_attempt(attempt->pamh, results[outcome].priority, &audit);
	if (login_clock_is_wrong(login))
		word = WORD_CLOCK;
	/* Before a code was shown, near the machine, nobody can have approved. */
	if (word == WORD_NOT_ADMITTED && login->shown_at == 0)
		word = WORD_NO_ENTRY;
	else if (word == WORD_NOT_ADMITTED && !named)
		word = WORD_NOT_ADMITTED_ANYONE;
	if (word != WORD_COUNT)
		converse_show(attempt->pamh, word_text(word));
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
	const char *const values[] = { attempt->policy.issuer, attempt_subject(attempt) };
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

static enum outcome admitted_keep(struct attempt *attempt)
{
	struct admitted *admitted = calloc(1, sizeof(*admitted));

	if (!admitted)
		return refuse(attempt, OUTCOME_MEMORY, "result");
	admitted->uid = attempt->login.wanted.uid;
	memcpy(admitted->id, attempt->id, sizeof(admitted->id));
	if (user_tell(attempt) && identity_tell(attempt)) {
		strncat(admitted->user, attempt->user, sizeof(admitted->user) - 1);
		if (pam_set_data(attempt->pamh, DATA_NAME, admitted, admitted_free) == PAM_SUCCESS)
			return OUTCOME_ADMITTED;
	}
	free(admitted);
	return refuse(attempt, OUTCOME_MEMORY, "result");
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
	attempt->login.reason = "unknown";
	pam_set_data(pamh, DATA_NAME, NULL, NULL); /* of an earlier attempt on this handle */
	identity_forget(pamh);
	outcome = attempt_run(attempt, argc, argv);
	if (outcome == OUTCOME_ADMITTED)
		outcome = admitted_keep(attempt);
	attempt_report(attempt, outcome);
	limit_end(&attempt->limit);
	login_clear(&attempt->login);
	conf_clear(&attempt->conf);
	free(attempt);
	return results[outcome].result;
}

/*
 * `passwd -l` puts a "!" in front of the password, and the account part of pam_unix does not look
 * there. Who never had one ("*", "!", "!!", "!*") is not locked: a code is enough for them.
 */
static bool account_locked(pam_handle_t *pamh, const char *user)
{
	const struct spwd *shadow = pam_modutil_getspnam(pamh, user);
	const char *password = shadow && shadow->sp_pwdp ? shadow->sp_pwdp : "";

	return password[0] == '!' && password[strspn(password, "!*")] != '\0';
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
	if (!item(pamh, PAM_USER, &user))
		return results[OUTCOME_SYSTEM].result;
	account_find(pamh, user, &account);
	if (strcmp(admitted->user, user) != 0 || !account.exists || account.uid != admitted->uid)
		return PAM_PERM_DENIED;
	if (account_locked(pamh, user)) {
		audit_note(pamh, LOG_NOTICE, admitted->id, "account: it is locked");
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
