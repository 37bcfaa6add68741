/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One call of pam_sm_authenticate up to its outcome: see attempt.h. Must never read the environment
 * (su hands it the caller's), change a signal, or choose a PAM return code.
 */
#include "attempt.h"

#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "converse.h"
#include "host.h"
#include "idle.h"
#include "list.h"
#include "locker.h"
#include "log.h"
#include "manner.h"
#include "paths.h"
#include "policy.h"
#include "present.h"
#include "sshd.h"
#include "tty.h"

static void note(struct attempt *attempt, int priority, const char *text)
{
	if (priority != LOG_DEBUG || attempt->debug)
		log_note(attempt->pamh, priority, attempt->id, text);
}

static bool end(struct attempt *attempt, enum outcome outcome, const char *reason)
{
	return login_end(&attempt->login, outcome, reason);
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
			return end(attempt, OUTCOME_SETUP, "arguments");
		}
	}
	return true;
}

static bool facts_gather(struct attempt *attempt)
{
	if (!host_item(attempt->pamh, PAM_RHOST, &attempt->facts.rhost) ||
	    !host_item(attempt->pamh, PAM_TTY, &attempt->facts.tty) ||
	    !host_item(attempt->pamh, PAM_RUSER, &attempt->facts.ruser) ||
	    !host_item(attempt->pamh, PAM_SERVICE, &attempt->facts.service) ||
	    !host_item(attempt->pamh, PAM_USER, &attempt->user))
		return end(attempt, OUTCOME_SYSTEM, "host_says_not_where");
	attempt->facts.ssh_connection = pam_getenv(attempt->pamh, "SSH_CONNECTION");
	attempt->facts.ssh_auth_info = pam_getenv(attempt->pamh, "SSH_AUTH_INFO_0");
	attempt->facts.ruid = getuid();
	attempt->facts.euid = geteuid();
	attempt->place = place_find(&attempt->facts);
	if (gethostname(attempt->node, sizeof(attempt->node)) != 0)
		attempt->node[0] = '\0';
	return true;
}

/*
 * Whether nobody needs to be named here, because the policy will say who it is: a greeter, or a
 * console that was set up for that. Where a host has merely forgotten the name (login does, after a
 * refusal) it is asked for.
 */
static bool nobody_is_named(const struct attempt *attempt)
{
	const struct conf *conf = &attempt->conf;

	return attempt->user[0] == '\0' && attempt->place == PLACE_SEAT &&
	       (place_is_greeter(attempt->facts.service) || conf_is(conf, CONF_START, "enter") ||
		conf_text(conf, CONF_ACCOUNT)[0] != '\0');
}

/* Who wants in; "" where nobody is named. A name that was given is never replaced. */
static bool user_find(struct attempt *attempt)
{
	struct judge_account *wanted = &attempt->login.wanted;
	const char *user = NULL;

	wanted->name = "";
	if (nobody_is_named(attempt))
		return true;
	if (pam_get_user(attempt->pamh, &user, NULL) != PAM_SUCCESS || !user)
		return end(attempt, OUTCOME_CONVERSATION, "no_user_name");
	attempt->user = user;
	host_account(attempt->pamh, user, wanted);
	attempt->facts.own = wanted->exists && wanted->uid == getuid();
	attempt->place = place_find(&attempt->facts);
	return !list_has(conf_text(&attempt->conf, CONF_SKIP), LIST_BLANKS, user) ||
	       end(attempt, OUTCOME_SKIPPED, "skip");
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
	bool echo = !attempt->login.manner.brief || attempt->login.manner.line;

	return converse_ask(attempt->pamh, echo, prompt, answer, len);
}

static void io_account(void *context, const char *name, struct judge_account *account)
{
	host_account(((struct attempt *)context)->pamh, name, account);
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

static bool io_gone(void *context)
{
	(void)context;
	return converse_gone();
}

static int io_watch(void *context, bool *glancing)
{
	(void)context;
	return converse_watch(glancing);
}

static void io_look(void *context, struct manner_facts *facts)
{
	tty_look(conf_words(&((struct attempt *)context)->conf, false), facts);
}

static void alarm_note(struct attempt *attempt)
{
	char line[128];

	snprintf(line, sizeof(line),
		 "timeout is cut to %lds by the host's alarm (login: LOGIN_TIMEOUT in login.defs)",
		 attempt->login.manner.timeout);
	note(attempt, LOG_NOTICE, line);
}

static void manner_find(struct attempt *attempt)
{
	struct manner_facts facts = {
		.place = attempt->place,
		.tty = attempt->facts.tty,
		.service = attempt->facts.service,
		.own_account = attempt->facts.own,
		.alarm = host_alarm(),
	};

	if (strcmp(facts.tty, "ssh") == 0 && conf_is(&attempt->conf, CONF_PROMPT, "auto"))
		facts.text_at_once = sshd_shows_at_once("/proc/self/exe");
	if (attempt->place != PLACE_REMOTE)
		tty_look(conf_words(&attempt->conf, false), &facts);
	present_prepare(&attempt->login, &facts);
}

/*
 * Who asks in a session: the real user, whom nobody can choose. Where that is root the host is
 * root's own program, and its word is as good.
 */
static const char *asker_find(struct attempt *attempt)
{
	const struct passwd *pw;

	if (attempt->place != PLACE_SESSION || attempt->facts.own)
		return ""; /* whoever asks for their own account is not named twice */
	if (attempt->facts.ruid == 0 && attempt->facts.ruser[0] != '\0')
		return attempt->facts.ruser;
	pw = pam_modutil_getpwuid(attempt->pamh, attempt->facts.ruid);
	return pw ? pw->pw_name : "somebody";
}

static void login_prepare(struct attempt *attempt)
{
	struct screen *screen = &attempt->login.screen;

	attempt->login.io = (struct login_io){ attempt,
					       io_show,
					       io_ask,
					       io_account,
					       io_log,
					       io_drop_typed,
					       attempt->place == PLACE_REMOTE ? NULL : io_gone,
					       io_watch,
					       attempt->place == PLACE_SEAT ? io_look : NULL };
	screen->user = attempt->user;
	screen->host = attempt->node;
	screen->service = attempt->facts.service;
	screen->asker = asker_find(attempt);
	screen->remote = attempt->place == PLACE_REMOTE;
	screen->from = screen->remote ? attempt->facts.rhost : "";
}

/* ---- the attempt ---- */

/* From afar: only what the section admits, and only those who have proven what it requires. */
static bool remote_admitted(struct attempt *attempt)
{
	const char *methods = conf_text(&attempt->conf, CONF_REQUIRE_METHOD);
	char address[64];

	place_address(&attempt->facts, address, sizeof(address));
	if (!place_remote_ok(conf_text(&attempt->conf, CONF_REMOTE), address))
		return end(attempt, OUTCOME_REMOTE_REFUSED, "remote");
	attempt->proven = place_proven(&attempt->facts, methods);
	return methods[0] == '\0' || attempt->proven ||
	       end(attempt, OUTCOME_REMOTE_REFUSED, "require_method");
}

/*
 * Before a request is made. At a seat and in a session a name that cannot enter is refused at
 * once; from afar every name gets a real flow, so that nothing tells who exists.
 */
static bool admissible(struct attempt *attempt)
{
	if (attempt->place == PLACE_REMOTE)
		return remote_admitted(attempt);
	return login_wanted_ok(&attempt->login);
}

/*
 * A locker: the host runs as the user, to whom the secret is closed. serve lets a user in as themself
 * only, by the installed configuration only.
 */
static void locker_login(struct attempt *attempt)
{
	if (!attempt->facts.own) {
		end(attempt, OUTCOME_NOT_ADMITTED, "not_own_account");
	} else if (attempt->conf_path && strcmp(attempt->conf_path, PATH_CONF) != 0) {
		note(attempt, LOG_ERR,
		     "client_secret_file: this user cannot read it, and with conf= nobody can for "
		     "them");
		end(attempt, OUTCOME_NO_SERVE, "conf_argument");
	} else {
		locker_run(&attempt->login);
	}
}

/* Counts this login before anything is started. Who cannot write /run is not counted. */
static bool within_limits(struct attempt *attempt)
{
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
		return true;
	counted.until = spawn_after(login_longest(&attempt->login));
	verdict = limit_start(&attempt->limit, PATH_STATE, &attempt->conf, &counted);
	if (verdict == LIMIT_UNCOUNTED)
		note(attempt, LOG_WARNING,
		     "limits: " PATH_STATE " is of no use: nothing is counted");
	return verdict == LIMIT_FREE || verdict == LIMIT_UNCOUNTED ||
	       end(attempt, OUTCOME_LIMITED, limit_name(verdict));
}

static bool conf_read(struct attempt *attempt)
{
	if (!conf_load(&attempt->conf, attempt->conf_path, attempt->section)) {
		note(attempt, LOG_ERR, attempt->conf.error);
		return end(attempt, OUTCOME_SETUP, "configuration");
	}
	if (attempt->conf.warning)
		note(attempt, LOG_WARNING, attempt->conf.warning);
	policy_take(&attempt->conf, &attempt->policy);
	return true;
}

bool attempt_prepare(struct attempt *attempt, int argc, const char **argv)
{
	attempt->login.conf = &attempt->conf;
	attempt->login.policy = &attempt->policy;
	if (!arguments_read(attempt, argc, argv) || !facts_gather(attempt) || !conf_read(attempt) ||
	    !user_find(attempt))
		return false;
	manner_find(attempt);
	login_prepare(attempt);
	if (!admissible(attempt))
		return false;
	if (attempt->login.manner.alarm_cuts)
		alarm_note(attempt);
	return within_limits(attempt);
}

void attempt_login(struct attempt *attempt)
{
	if (attempt->conf.secret_hidden)
		locker_login(attempt);
	else
		login_run(&attempt->login);
}
