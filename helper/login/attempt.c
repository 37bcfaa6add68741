/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One attempt up to its outcome: see attempt.h. Must never read the environment (su hands it the
 * caller's), change a signal, or choose a PAM return code.
 */
#include "attempt.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "event_loop.h"
#include "helper/login/display/eidp.h"
#include "enrol.h"
#include "idle.h"
#include "common/list.h"
#include "local_groups.h"
#include "presentation.h"
#include "names.h"
#include "common/paths.h"
#include "policy_config.h"
#include "present.h"
#include "rate_limit.h"
#include "helper/login/session/process.h"
#include "helper/login/session/retention.h"
#include "seat.h"
#include "sshd.h"
#include "starter.h"
#include "tty_messages.h"

enum {
	CROWD_MS = 60 * 1000, /* half of sshd's LoginGraceTime */
	CROWD_LOOK_MS = 500,
};

static void note(struct attempt *attempt, int priority, const char *text)
{
	char line[AUDIT_LINE_MAX];

	if (priority == LOG_DEBUG && !attempt->debug)
		return;
	audit_note_line(attempt->id, text, line);
	attempt->host->ops->log(attempt->host, priority, line);
}

static bool end(struct attempt *attempt, enum outcome outcome, enum reason reason)
{
	return login_end(&attempt->login, outcome, reason);
}

/* GDM says itself where its greeter stands; the others leave it to logind. */
static bool at_seat(const struct attempt *attempt)
{
	const char *seat = attempt->host->xdg_seat;

	if (!origin_is_greeter(attempt->facts.service))
		return false;
	return (origin_is_gdm(attempt->facts.service) && seat && seat[0] != '\0') ||
	       seat_has_greeter(PATH_LOGIND_SESSIONS, attempt->facts.tty);
}

static void facts_gather(struct attempt *attempt)
{
	const struct host *host = attempt->host;

	attempt->user = host->user;
	attempt->facts = (struct origin_facts){
		.rhost = host->rhost,
		.tty = host->tty,
		.ruser = host->ruser,
		.service = host->service,
		.ssh_connection = host->ssh_connection,
		.ssh_auth_info = host->ssh_auth_info,
		.ruid = host->ruid,
		.euid = host->euid,
	};
	attempt->facts.at_seat = at_seat(attempt);
	attempt->origin = origin_find(&attempt->facts);
	if (gethostname(attempt->node, sizeof(attempt->node)) != 0)
		attempt->node[0] = '\0';
}

/*
 * Whether nobody needs to be named here, because the policy will say who it is: a greeter, or a
 * console that was set up for that. Where a host has merely forgotten the name (login does, after a
 * refusal) it is asked for.
 */
static bool nobody_is_named(const struct attempt *attempt)
{
	const struct conf *conf = &attempt->conf;

	return attempt->user[0] == '\0' && attempt->origin == ORIGIN_SEAT &&
	       (origin_is_greeter(attempt->facts.service) || conf_is(conf, CONF_START, "enter") ||
		conf_text(conf, CONF_SHARED_ACCOUNT)[0] != '\0');
}

static bool is_skipped(const struct attempt *attempt, const char *user)
{
	return list_has(conf_text(&attempt->conf, CONF_IGNORE_USERS), LIST_BLANKS, user);
}

/* A host that is its user's own lets that user in, at this machine, and what it says else is no reason. */
static bool distrusted_ok(struct attempt *attempt)
{
	if (attempt->origin == ORIGIN_REMOTE && attempt->facts.own)
		return end(attempt, OUTCOME_REMOTE_REFUSED, REASON_REMOTE);
	return attempt->facts.own || end(attempt, OUTCOME_NOT_ADMITTED, REASON_NOT_OWN_ACCOUNT);
}

/*
 * Whom the name service does not tell the others of the stack may know. From afar nothing is said before the
 * end, as of a name that does not exist.
 */
static bool untold(struct attempt *attempt)
{
	const char *why = names_trouble();

	if (why)
		note(attempt, LOG_ERR, why);
	if (is_skipped(attempt, attempt->user))
		return end(attempt, OUTCOME_SKIPPED, REASON_IGNORE_USERS);
	return (attempt->origin == ORIGIN_REMOTE && !attempt->host->distrusted) ||
	       end(attempt, OUTCOME_UNREACHABLE, REASON_NAMES_UNAVAILABLE);
}

/* Who wants in; "" where nobody is named. A name that was given is never replaced. */
static bool user_find(struct attempt *attempt)
{
	struct local_account *wanted = &attempt->login.wanted;
	const char *user;

	wanted->name = "";
	if (nobody_is_named(attempt))
		return true;
	user = attempt->host->ops->name(attempt->host);
	/* An empty name is none that was given: from afar it must not leave the choice to the policy. */
	if (!user || (user[0] == '\0' && attempt->origin != ORIGIN_SEAT))
		return end(attempt, OUTCOME_CONVERSATION, REASON_NO_USER_NAME);
	attempt->user = user;
	attempt->host->ops->account(attempt->host, user, wanted);
	attempt->facts.own = wanted->exists && wanted->uid == attempt->facts.ruid;
	attempt->origin = origin_find(&attempt->facts);
	if (wanted->untold)
		return untold(attempt);
	if (attempt->host->distrusted && !distrusted_ok(attempt))
		return false;
	return !is_skipped(attempt, user) || end(attempt, OUTCOME_SKIPPED, REASON_IGNORE_USERS);
}

/* Whom the section leaves to the other lines of the stack has no code where nobody was named, either. */
static void found_check(struct attempt *attempt)
{
	const struct login *login = &attempt->login;

	if (login->outcome == OUTCOME_ADMITTED && login->name[0] != '\0' &&
	    is_skipped(attempt, login->name))
		end(attempt, OUTCOME_NOT_ADMITTED, REASON_IGNORE_USERS);
}

/* ---- how to talk ---- */

static struct host *host_of(void *context)
{
	return ((struct attempt *)context)->host;
}

static bool io_show(void *context, const char *text)
{
	return host_of(context)->ops->show(host_of(context), text);
}

/* A greeter takes what is echoed for a name, in a field where Enter alone does nothing. */
static bool io_ask(void *context, const char *prompt, char *answer, size_t len)
{
	const struct presentation *presentation = &((struct attempt *)context)->login.presentation;

	return host_of(context)->ops->ask(
		host_of(context), !presentation->brief || presentation->line, prompt, answer, len);
}

static bool io_eidp(void *context, const char *json)
{
	struct host *host = host_of(context);
	char reply[EIDP_BYTES_MAX];

	return host->ops->eidp(host, json, reply, sizeof(reply)) && eidp_accepted(reply);
}

static void io_account(void *context, const char *name, struct local_account *account)
{
	host_of(context)->ops->account(host_of(context), name, account);
}

static void io_log(void *context, int priority, const char *text)
{
	note(context, priority, text);
}

static void io_drop_typed(void *context)
{
	host_of(context)->ops->drop_typed(host_of(context));
}

static bool io_gone(void *context)
{
	return host_of(context)->ops->gone(host_of(context));
}

static int io_watch(void *context, bool *glancing)
{
	return host_of(context)->ops->watch(host_of(context), glancing);
}

static bool io_look(void *context, struct presentation_facts *facts, int ms)
{
	struct host *host = host_of(context);
	bool typed = host->ops->look(host, ms);

	tty_tell(&host->terminal, conf_messages(&((struct attempt *)context)->conf, false), facts);
	return typed;
}

/* The lists of people are read again where they have changed; after any other change nobody enters by what was read. */
static bool io_current(void *context, bool *again)
{
	struct attempt *attempt = context;
	bool ok = conf_read_lists(&attempt->conf, again);

	if (!ok && attempt->conf.error[0] != '\0')
		note(attempt, LOG_ERR, attempt->conf.error);
	attempt->policy.map = attempt->conf.map;
	attempt->policy.bindings = attempt->conf.bindings;
	return ok;
}

/* What there is to say of it is said in the log. */
static bool io_enrol(void *context, const char *name)
{
	struct attempt *attempt = context;
	const struct enrol_wish wish = {
		.id = attempt->id,
		.section = attempt->conf.section,
		.issuer = attempt->policy.issuer,
		.subject = login_subject(&attempt->login),
		.name = name,
	};
	char said[ENROL_SAID_MAX];
	bool ok = enrol_ask(attempt->people, &wish, said);

	note(attempt, ok ? LOG_NOTICE : LOG_ERR, said);
	return ok;
}

static void alarm_note(struct attempt *attempt)
{
	char line[128];

	snprintf(line, sizeof(line),
		 "timeout is cut to %lds by the host's alarm (login: LOGIN_TIMEOUT in login.defs)",
		 attempt->login.presentation.timeout);
	note(attempt, LOG_NOTICE, line);
}

static void presentation_find(struct attempt *attempt)
{
	struct presentation_facts facts = {
		.origin = attempt->origin,
		.tty = attempt->facts.tty,
		.service = attempt->facts.service,
		.own_account = attempt->facts.own,
		.alarm = attempt->host->alarm,
		.eidp = attempt->host->eidp,
		.text_at_once = attempt->text_at_once,
	};
	if (attempt->origin != ORIGIN_REMOTE)
		tty_tell(&attempt->host->terminal, conf_messages(&attempt->conf, false), &facts);
	present_prepare(&attempt->login, &facts);
}

/*
 * Who asks in a session: the real user, whom nobody can choose. Where that is root the host is
 * root's own program, and its word is as good.
 */
static const char *asker_find(struct attempt *attempt)
{
	const char *name;

	if (attempt->origin != ORIGIN_SESSION || attempt->facts.own)
		return ""; /* whoever asks for their own account is not named twice */
	if (attempt->facts.ruid == 0 && attempt->facts.ruser[0] != '\0')
		return attempt->facts.ruser;
	name = attempt->host->ops->user_name(attempt->host, attempt->facts.ruid);
	return name ? name : "somebody";
}

static void login_prepare(struct attempt *attempt)
{
	struct screen *screen = &attempt->login.screen;

	attempt->host->near = attempt->origin != ORIGIN_REMOTE;
	attempt->login.apart = attempt->host->apart;
	attempt->login.waits = attempt->host->waits;
	attempt->login.io = (struct login_io){
		attempt,       io_show,
		io_ask,	       io_eidp,
		io_account,    io_log,
		io_drop_typed, attempt->host->near || attempt->host->apart ? io_gone : NULL,
		io_watch,      attempt->origin == ORIGIN_SEAT ? io_look : NULL,
		io_current,    attempt->people >= 0 ? io_enrol : NULL,
	};
	screen->user = attempt->user;
	screen->host = attempt->node;
	screen->service = attempt->facts.service;
	screen->asker = asker_find(attempt);
	screen->remote = attempt->origin == ORIGIN_REMOTE;
	screen->from = screen->remote ? attempt->facts.rhost : "";
}

/* ---- the attempt ---- */

/* From afar: only what the section admits, and only those who have proven what it requires. */
static bool remote_admitted(struct attempt *attempt)
{
	const char *methods = conf_text(&attempt->conf, CONF_REQUIRE_SSH_METHOD);
	bool greeter = origin_is_greeter(attempt->facts.service);
	char address[64];

	if (greeter && !conf_is(&attempt->conf, CONF_REMOTE_GREETER, "allow"))
		return end(attempt, OUTCOME_REMOTE_REFUSED, REASON_REMOTE_GREETER);
	origin_address(&attempt->facts, address, sizeof(address));
	if (!greeter && !origin_remote_ok(conf_text(&attempt->conf, CONF_REMOTE), address))
		return end(attempt, OUTCOME_REMOTE_REFUSED, REASON_REMOTE);
	attempt->proven = origin_proven(&attempt->facts, methods);
	return methods[0] == '\0' || attempt->proven ||
	       end(attempt, OUTCOME_REMOTE_REFUSED, REASON_REQUIRE_SSH_METHOD);
}

/*
 * Before a request is made. At a seat and in a session a name that cannot enter is refused at
 * once; from afar every name gets a real flow, so that nothing tells who exists.
 */
static bool admissible(struct attempt *attempt)
{
	if (attempt->origin == ORIGIN_REMOTE)
		return remote_admitted(attempt);
	return login_wanted_ok(&attempt->login);
}

/*
 * The host runs as the user, to whom the secret is closed, and has not come to root's login: that is not
 * there, or lets a user in as themself only, by the installed configuration only.
 */
static bool secret_readable(struct attempt *attempt)
{
	if (!attempt->conf.secret_hidden)
		return true;
	if (!attempt->facts.own)
		return end(attempt, OUTCOME_NOT_ADMITTED, REASON_NOT_OWN_ACCOUNT);
	if (attempt->conf_path) {
		note(attempt, LOG_ERR,
		     "client_secret_file: this user cannot read it, and with conf= nobody can for "
		     "them");
		return end(attempt, OUTCOME_NO_SECRET, REASON_CONF_ARGUMENT);
	}
	note(attempt, LOG_ERR,
	     "client_secret_file: this user cannot read it, and no login of root's listens that "
	     "would: systemctl enable --now pam-device-code-user.socket");
	return end(attempt, OUTCOME_NO_SECRET, REASON_NO_USER_SOCKET);
}

/* Counts this login before a code is asked for. Who cannot write /run is not counted. */
static bool within_limits(struct attempt *attempt)
{
	struct rate_limit_attempt counted = {
		.origin = attempt->origin,
		.facts = &attempt->facts,
		.user = attempt->user,
		.proven = attempt->proven ||
			  (attempt->origin == ORIGIN_SESSION && attempt->facts.own),
		.now = spawn_now(),
	};
	enum rate_limit verdict;

	if (attempt->facts.euid != 0 && !attempt->host->distrusted)
		return true;
	counted.person = attempt->facts.ruid;
	/* Whose account it is has been seen where the host is its user's, who could pass on its pid. */
	counted.stranger = !attempt->host->distrusted &&
			   !process_slice(attempt->host->pid, &counted.person) &&
			   !names_known(attempt->facts.ruid);
	verdict = rate_limit_count(PATH_STATE, &attempt->conf, &counted);
	if (verdict == RATE_LIMIT_UNCOUNTED)
		note(attempt, LOG_WARNING,
		     "rate_limit: " PATH_STATE " is of no use: nothing is counted");
	return verdict == RATE_LIMIT_FREE || verdict == RATE_LIMIT_UNCOUNTED ||
	       end(attempt, OUTCOME_LIMITED, rate_limit_reason(verdict));
}

static bool conf_read(struct attempt *attempt)
{
	char why[CONF_ERROR_MAX];

	if (!conf_load(&attempt->conf, attempt->conf_path, attempt->section)) {
		note(attempt, LOG_ERR, attempt->conf.error);
		return end(attempt, OUTCOME_SETUP, REASON_CONFIGURATION);
	}
	if (attempt->conf.warning)
		note(attempt, LOG_WARNING, attempt->conf.warning);
	if (attempt->host->distrusted && !conf_is(&attempt->conf, CONF_LOCKERS, "yes")) {
		note(attempt, LOG_ERR,
		     "the section does not say lockers = yes: no user's own host may use it");
		return end(attempt, OUTCOME_SETUP, REASON_NOT_FOR_LOCKERS);
	}
	policy_from_config(&attempt->conf, &attempt->policy);
	switch (local_groups_check(&attempt->conf, why)) {
	case LOCAL_GROUPS_UNTOLD:
		note(attempt, LOG_ERR, why);
		return end(attempt, OUTCOME_UNREACHABLE, REASON_NAMES_UNAVAILABLE);
	case LOCAL_GROUPS_WRONG:
		note(attempt, LOG_ERR, why);
		return end(attempt, OUTCOME_SETUP, REASON_CONFIGURATION);
	default:
		return true;
	}
}

/*
 * Looks at other processes before this one is in its sandbox, where it cannot tell which program another runs
 * (/proc/PID/exe).
 */
static void host_look(struct attempt *attempt)
{
	char path[32];

	attempt->lineage = record_lineage(attempt->host->pid);
	attempt->leader = process_of(getsid(attempt->host->pid));
	if (!attempt->host->distrusted && strcmp(attempt->facts.tty, "ssh") == 0 &&
	    conf_is(&attempt->conf, CONF_PROMPT, "auto")) {
		snprintf(path, sizeof(path), "/proc/%d/exe", (int)attempt->host->pid);
		attempt->text_at_once = sshd_shows_at_once(path);
	}
}

/* Before the sandbox is up, which lets nothing connect to it. Where somebody was named nobody is new. */
static void people_find(struct attempt *attempt)
{
	if (!conf_is(&attempt->conf, CONF_ENROL, "seat") || !nobody_is_named(attempt) ||
	    attempt->facts.euid != 0 || attempt->conf_path)
		return;
	attempt->people = enrol_open();
	if (attempt->people < 0)
		note(attempt, LOG_ERR,
		     "enrol: " PATH_PEOPLE_SOCKET " does not answer: nobody new gets an account: "
		     "systemctl enable --now pam-device-code-people.socket");
}

static bool confined(struct attempt *attempt)
{
	const char *const lists[2] = { conf_text(&attempt->conf, CONF_MAP_FILE),
				       attempt->conf.bindings ? PATH_PEOPLE : NULL };
	enum reason missing = REASON_NONE;
	char line[128];

	if (!attempt->host->ops->confine)
		return true;
	if (!attempt->host->ops->confine(attempt->host, conf_text(&attempt->conf, CONF_SANDBOX),
					 lists, &missing))
		return end(attempt, OUTCOME_SETUP, missing);
	if (missing != REASON_NONE) {
		snprintf(line, sizeof(line), "sandbox = best-effort: %s", reason_name(missing));
		note(attempt, LOG_WARNING, line);
	}
	return true;
}

void attempt_begin(struct attempt *attempt, struct host *host, const char *id)
{
	attempt->host = host;
	snprintf(attempt->id, sizeof(attempt->id), "%s", id);
	attempt->people = -1;
	attempt->login.conf = &attempt->conf;
	attempt->login.policy = &attempt->policy;
	attempt->login.helper = attempt->login.qr_helper = SPAWN_NONE;
}

static bool has_place(struct attempt *attempt)
{
	const struct host_ops *ops = attempt->host->ops;

	return !ops->enter || ops->enter(attempt->host, attempt->origin);
}

/*
 * Many begin at once from afar: who finds no place is told so, and waits for that of one who has signed in. A
 * moment that is not the same for all keeps them from trying all at once again.
 */
static bool origin_await(struct attempt *attempt)
{
	struct host *host = attempt->host;
	struct spawn channel = SPAWN_NONE;
	int64_t until = spawn_after(CROWD_MS);
	bool placed = false, glancing;

	attempt->login.screen.messages = conf_messages(&attempt->conf, false);
	attempt->crowded = attempt->origin == ORIGIN_REMOTE;
	if (!host->ops->queue || !host->ops->queue(host, attempt->origin))
		return end(attempt, OUTCOME_LIMITED, REASON_TOO_MANY_AT_ONCE);
	host->ops->show(host, message_text(attempt->login.screen.messages, MESSAGE_CROWDED));
	channel.fd = host->ops->watch(host, &glancing);
	while (!placed && spawn_now() < until) {
		if (spawn_wait(&channel, spawn_after(CROWD_LOOK_MS + getpid() % CROWD_LOOK_MS)))
			return end(attempt, OUTCOME_CONVERSATION, REASON_USER_DISCONNECTED);
		placed = has_place(attempt);
	}
	return placed || end(attempt, OUTCOME_LIMITED, REASON_TOO_MANY_AT_ONCE);
}

/* Everything before the provider is asked. true: a login may begin. */
static bool attempt_prepare(struct attempt *attempt)
{
	bool placed;

	facts_gather(attempt);
	placed = has_place(attempt);
	/* Whoever is refused is told so in the section's messages. */
	if (!conf_read(attempt) || (!placed && !origin_await(attempt)))
		return false;
	if (starter_state() != SPAWN_STARTED)
		return login_unstarted(&attempt->login, starter_state());
	host_look(attempt);
	people_find(attempt);
	if (!confined(attempt) || !user_find(attempt))
		return false;
	presentation_find(attempt);
	login_prepare(attempt);
	if (!admissible(attempt))
		return false;
	if (attempt->login.presentation.alarm_cuts)
		alarm_note(attempt);
	return true;
}

/* An account that many people share does not tell who it is: the session's environment does. */
static bool identity_tell(struct attempt *attempt)
{
	const struct {
		const char *name;
		const char *value;
	} rows[] = {
		{ HOST_ISSUER, attempt->policy.issuer },
		{ HOST_SUBJECT, login_subject(&attempt->login) },
	};
	char value[4 * POLICY_VALUE_MAX], line[sizeof(value) + 32];

	if (attempt->policy.account[0] == '\0' || attempt->host->distrusted)
		return true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		audit_escape(rows[i].value, value, sizeof(value));
		snprintf(line, sizeof(line), "%s=%s", rows[i].name, value);
		if (!attempt->host->ops->tell(attempt->host, line))
			return false;
	}
	return true;
}

void attempt_run(struct attempt *attempt)
{
	struct login *login = &attempt->login;

	if (!attempt_prepare(attempt))
		return;
	retention_prepare(attempt);
	if (!retention_trusted(attempt) && secret_readable(attempt) && within_limits(attempt)) {
		login_run(login);
		found_check(attempt);
	}
	retention_settle(attempt);
	if (login->outcome == OUTCOME_ADMITTED && !identity_tell(attempt))
		login_end(login, OUTCOME_MEMORY, REASON_RESULT);
}

const char *attempt_user(const struct attempt *attempt)
{
	return attempt->user && attempt->user[0] != '\0' ? attempt->user : attempt->login.name;
}

/* Before a code was shown, near the machine, nobody can have approved. */
static enum message last_message(const struct attempt *attempt)
{
	const struct login *login = &attempt->login;
	enum message message = outcome_message(login->outcome);
	const char *name;

	if (login->outcome == OUTCOME_ADMITTED && login->presentation.greeter)
		return MESSAGE_APPROVED;
	if (login_clock_is_wrong(login))
		return MESSAGE_CLOCK;
	if (login->reason == REASON_CONFIGURATION_CHANGED)
		return MESSAGE_CHANGED;
	if (login->wanted.untold && message == MESSAGE_UNREACHABLE)
		return MESSAGE_MISCONFIGURED;
	if (message == MESSAGE_LIMITED && attempt->crowded)
		return MESSAGE_BUSY;
	if ((login->outcome == OUTCOME_NOT_ADMITTED || login->outcome == OUTCOME_NO_ACCOUNT) &&
	    login->claims && attempt->origin != ORIGIN_SEAT &&
	    policy_may_enrol(&attempt->policy, login->claims, &name))
		return MESSAGE_ENROL_AT_SEAT;
	if (message == MESSAGE_NOT_ADMITTED && login->shown_at == 0)
		return MESSAGE_NO_ENTRY;
	if (message == MESSAGE_NOT_ADMITTED && (!attempt->user || attempt->user[0] == '\0'))
		return MESSAGE_NOT_ADMITTED_ANYONE;
	return message;
}

void attempt_report(struct attempt *attempt)
{
	struct login *login = &attempt->login;
	enum message last = last_message(attempt);
	char line[AUDIT_LINE_MAX];
	struct audit audit = {
		.id = attempt->id,
		.service = attempt->facts.service,
		.origin = origin_name(attempt->origin),
		.user = attempt_user(attempt),
		.rhost = attempt->facts.rhost,
		.tty = attempt->facts.tty,
	};

	login_report(login, &audit);
	if (attempt->host->distrusted) /* its word is nobody's to read for the login's */
		audit.service = audit.rhost = audit.tty = NULL;
	audit_line(&audit, line);
	attempt->host->ops->log(attempt->host, outcome_priority(login->outcome), line);
	attempt->host->ending = true;
	if (last != MESSAGE_COUNT && (login->presentation.wall || login->presentation.greeter))
		present_last(login, last);
	else if (last != MESSAGE_COUNT)
		attempt->host->ops->show(attempt->host, message_text(login->screen.messages, last));
}

void attempt_clear(struct attempt *attempt)
{
	login_clear(&attempt->login);
	conf_clear(&attempt->conf);
	if (attempt->people >= 0)
		close(attempt->people);
}
