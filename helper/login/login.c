/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which message of the helper is welcome when, and what to do: see login.h. Must never believe the
 * helper more than the message table allows.
 */
#include "login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/list.h"
#include "present.h"
#include "common/scratch.h"

enum {
	GRACE_MS = 1000, /* the helper has the same deadline and ends itself first */
	SECONDS_MAX = 24 * 3600,
	TOKEN_SECONDS_MAX = 366 * 24 * 3600,
	CODE_MORE_MS = 60 * 1000,  /* of a code beside its own life: to be had, to be collected */
	CODE_LEAST_MS = 10 * 1000, /* before the host's end no fresh code is worth the trouble */
};

/* A number of seconds that a code may live; -1 for anything else. */
static long seconds_take(const char *text)
{
	int64_t number;

	return wire_number(text, SECONDS_MAX + 1, &number) && number >= 1 && number <= SECONDS_MAX
		       ? (long)number
		       : -1;
}

/* ---- the takers: one for each row of the message table ---- */

/* What each setting of `sandbox` asks of a helper, which says what restrictions hold for it. */
static const struct {
	char name[16];
	enum reason reason;
	char settings[16]; /* beside best-effort, which asks for nothing */
} sandbox_needed[] = {
	{ "uid", REASON_SANDBOX_MISSING_UID, "require, strict" },
	{ "no_new_privs", REASON_SANDBOX_MISSING_NO_NEW_PRIVS, "require, strict" },
	{ "not_dumpable", REASON_SANDBOX_MISSING_NOT_DUMPABLE, "require, strict" },
	{ "rlimits", REASON_SANDBOX_MISSING_RLIMITS, "require, strict" },
	{ "seccomp", REASON_SANDBOX_MISSING_SECCOMP, "require, strict" },
	{ "landlock_files", REASON_SANDBOX_MISSING_LANDLOCK_FILES, "strict" },
	{ "landlock_tcp", REASON_SANDBOX_MISSING_LANDLOCK_TCP, "strict" },
};

/* Whether SANDBOX, restrictions separated by commas, has NAME, or NAME=... */
static bool restriction_holds(const char *sandbox, const char *name)
{
	size_t len = strlen(name);
	struct slice restriction;

	while (list_next(&sandbox, ",", &restriction))
		if (restriction.len >= len && memcmp(restriction.at, name, len) == 0 &&
		    (restriction.len == len || restriction.at[len] == '='))
			return true;
	return false;
}

static bool sandbox_ok(struct login *login, const char *sandbox)
{
	const char *setting = conf_text(login->conf, CONF_SANDBOX);

	for (size_t i = 0; i < sizeof(sandbox_needed) / sizeof(*sandbox_needed); i++) {
		if (restriction_holds(sandbox, sandbox_needed[i].name))
			continue;
		if (strstr(sandbox_needed[i].settings, setting))
			return login_end(login, OUTCOME_SETUP, sandbox_needed[i].reason);
		if (strcmp(setting, "best-effort") == 0)
			present_log(login, LOG_WARNING,
				    "sandbox = best-effort: the helper lacks the restriction %s",
				    sandbox_needed[i].name);
	}
	return true;
}

static bool take_ready(struct login *login, const struct wire_message *message)
{
	const char *sandbox = wire_value(message, "sandbox");

	if (strcmp(wire_value(message, "wire"), WIRE_VERSION) != 0)
		return login_protocol_error(login, REASON_HELPER_VERSION_MISMATCH);
	present_log(login, LOG_DEBUG, "helper confined by: %.200s", sandbox);
	if (!sandbox_ok(login, sandbox))
		return false;
	login->phase = login->job == HELPER_JOB_LOGIN ? PHASE_AUTHORIZING : PHASE_RENEWAL;
	return true;
}

/* Hosts on which an address that is shown may be: the issuer's, and those that were named. */
static enum screen_uri uri_judge(const struct login *login, const char *uri)
{
	char hosts[CONF_LINE_MAX + 300];
	char issuer[300] = "";

	if (!screen_uri_host(conf_text(login->conf, CONF_ISSUER), issuer, sizeof(issuer)))
		return SCREEN_URI_ELSEWHERE;
	snprintf(hosts, sizeof(hosts), "%s %s", issuer,
		 conf_text(login->conf, CONF_VERIFICATION_HOSTS));
	return screen_uri_judge(uri, hosts, conf_is(login->conf, CONF_HTTP_LOOPBACK, "yes"),
				login->code_entry ? SCREEN_LONG_URI_MAX : SCREEN_URI_MAX);
}

/*
 * The flow is the configuration's choice, never the helper's. What may not be shown may be the provider's
 * fault: which of its address it is goes to the log, but no more of it than where it leads.
 */
static bool authorization_ok(struct login *login, const struct wire_message *message)
{
	const char *code = wire_value(message, "user_code");
	const char *uri = wire_value(message, "verification_uri");
	enum screen_uri judged = uri_judge(login, uri);
	char host[300];

	if (strcmp(wire_value(message, "flow"), conf_text(login->conf, CONF_FLOW)) != 0 ||
	    login->code_entry != !code)
		return login_protocol_error(login, REASON_AUTHORIZATION_REFUSED);
	if (code && !screen_code_ok(code)) {
		present_log(login, LOG_ERR,
			    "the code cannot be shown: %zu bytes, of at most %d letters",
			    strlen(code), SCREEN_CODE_MAX);
		return login_end(login, OUTCOME_INVALID_RESPONSE, REASON_AUTHORIZATION_CODE_UNFIT);
	}
	if (judged == SCREEN_URI_OK)
		return true;
	if (!screen_uri_host(uri, host, sizeof(host)))
		snprintf(host, sizeof(host), "%.40s", uri);
	present_log(login, LOG_ERR, "the address to open is not shown: %zu bytes, at \"%.200s\"",
		    strlen(uri), host);
	return login_end(login, OUTCOME_INVALID_RESPONSE, screen_uri_reason(judged));
}

/* A code lives as long as the provider, the section and the host let it. */
static long code_seconds(const struct login *login, long seconds)
{
	int64_t left = (login->ends_at - spawn_now()) / 1000;

	if (seconds > login->presentation.timeout)
		seconds = login->presentation.timeout;
	if (login->ends_at > 0 && seconds > left)
		seconds = left > 0 ? (long)left : 1;
	return seconds;
}

/*
 * A login that is given up often ends with its host, without a word: what was shown to whom is
 * noted before.
 */
static void code_note(struct login *login)
{
	const struct screen *screen = &login->screen;
	char user[64], from[64], line[192];

	screen_plain(screen->user, user, sizeof(user));
	screen_plain(screen->from, from, sizeof(from));
	snprintf(line, sizeof(line), "%s is shown for user \"%s\"%s%s",
		 login->code_entry ? "an address" : "a code", user,
		 from[0] ? ", who comes from " : "", from);
	login->io.log(login->io.context, LOG_INFO, line);
}

static bool take_authorize(struct login *login, const struct wire_message *message)
{
	const char *complete = wire_value(message, "verification_uri_complete");
	long seconds = seconds_take(wire_value(message, "expires_in"));

	if (seconds < 0)
		return login_protocol_error(login, REASON_AUTHORIZATION_REFUSED);
	if (!authorization_ok(login, message))
		return false;
	if (complete && uri_judge(login, complete) != SCREEN_URI_OK)
		complete = NULL;
	seconds = code_seconds(login, seconds);
	login->codes_left--;
	login->shown_at = spawn_now();
	login->deadline = spawn_after((int64_t)seconds * 1000 + GRACE_MS);
	login->screen.user_code = wire_value(message, "user_code");
	login->screen.uri = wire_value(message, "verification_uri");
	login->screen.seconds = (int)seconds;
	if (!present_authorization(login, login->screen.uri, complete))
		return false;
	login->screen.user_code = NULL; /* both stood in the packet */
	login->screen.uri = NULL;
	code_note(login);
	login->phase = PHASE_SHOWN;
	return true;
}

/* A message with one pair, or none. */
static bool say(struct login *login, const char *verb, const char *key, const char *value)
{
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	bool sent;

	if (!draft)
		return login_end(login, OUTCOME_MEMORY, REASON_PACKET);
	wire_begin(draft, verb);
	if (key)
		wire_add(draft, key, value);
	sent = wire_send(login->helper.fd, draft);
	wire_wipe(draft);
	scratch_drop(draft, sizeof(*draft));
	return sent || login_protocol_error(login, REASON_HELPER_UNRESPONSIVE);
}

bool login_again(struct login *login)
{
	if (!say(login, "new_code", NULL, NULL))
		return false;
	login->phase = PHASE_AUTHORIZING;
	login->deadline = spawn_after(LOGIN_AUTHORIZE_MS);
	return present_fresh(login);
}

bool login_kept(struct login *login)
{
	login->kept = say(login, "stored", NULL, NULL);
	return login->kept;
}

bool login_answer(struct login *login, const char *answer)
{
	login->tries_left--;
	if (strlen(answer) >= login->presentation.answer_cut)
		return login->tries_left > 0
			       ? present_prompt(login, "", MESSAGE_CUT_ANSWER)
			       : login_end(login, OUTCOME_TRIES_USED, REASON_ANSWER_CUT);
	return say(login, "answer", "text", answer);
}

static bool host_ends_soon(const struct login *login)
{
	return login->ends_at > 0 && login->ends_at - spawn_now() < CODE_LEAST_MS;
}

/* The code is of no use any more: ask for a fresh one if there may be one. */
static bool fresh_code(struct login *login, enum reason why)
{
	login->phase = PHASE_USED_UP;
	if (login->codes_left <= 0 || host_ends_soon(login))
		return login_end(login,
				 conf_number(login->conf, CONF_MAX_CODES) > 1 ? OUTCOME_CODES_USED
									      : OUTCOME_EXPIRED,
				 why);
	return login_again(login);
}

static bool take_state(struct login *login, const struct wire_message *message)
{
	enum verdict state = verdict_parse(wire_value(message, "state"));

	switch (state) {
	case VERDICT_AUTHORIZATION_PENDING:
	case VERDICT_SLOW_DOWN:
		if (!login->told_unreachable || !login->presentation.greeter)
			return true;
		login->told_unreachable = false; /* what it draws can be taken back */
		return present_say(login, MESSAGE_WAITING);
	case VERDICT_UNREACHABLE:
		if (login->told_unreachable || login->presentation.wait_for_enter ||
		    login->presentation.brief)
			return true; /* the code has to stay */
		login->told_unreachable = true;
		return present_say(login, MESSAGE_TROUBLE);
	case VERDICT_EXPIRED_TOKEN:
		return fresh_code(login, REASON_EXPIRED);
	case VERDICT_CODE_CONSUMED:
		return fresh_code(login, REASON_CODE_CONSUMED);
	case VERDICT_WRONG_CODE:
		if (!login->code_entry)
			return login_protocol_error(login, REASON_STATE_UNEXPECTED);
		if (login->tries_left <= 0) /* a cut answer counts here alone */
			return login_end(login, OUTCOME_TRIES_USED, REASON_WRONG_CODE);
		return present_prompt(login, "", MESSAGE_WRONG_CODE);
	default:
		return login_protocol_error(login, REASON_UNKNOWN_STATE);
	}
}

/* A claim, or a value that a claim holds which is an array: the latter has no type. */
static bool take_claim(struct login *login, const struct wire_message *message)
{
	const char *name = wire_value(message, "name");
	const char *type = wire_value(message, "type");
	const char *value = wire_value(message, "value");

	if (!login->claims)
		login->claims = calloc(1, sizeof(*login->claims));
	if (!login->claims)
		return login_end(login, OUTCOME_MEMORY, REASON_CLAIMS);
	if (type ? !policy_claim_add(login->claims, name, type, value)
		 : !policy_member_add(login->claims, name, value))
		return login_protocol_error(login, REASON_CLAIM_REFUSED);
	login->phase = PHASE_CLAIMS;
	return true;
}

const char *login_tokens(const struct login *login)
{
	return login->will_store ? conf_text(login->conf, CONF_TOKENS) : "revoke";
}

static bool take_tokens(struct login *login, const struct wire_message *message)
{
	const char *token_blob = wire_value(message, "token_blob");

	/* Tokens that are refreshed are kept, whatever the section says by now. */
	if (login->job == HELPER_JOB_REVOKE || token_blob[0] == '\0' ||
	    (login->job == HELPER_JOB_LOGIN && strcmp(login_tokens(login), "revoke") == 0))
		return login_protocol_error(login, REASON_TOKENS_UNEXPECTED);
	login->handed_over = true;
	login->token_blob = strdup(token_blob);
	return login->token_blob || login_end(login, OUTCOME_MEMORY, REASON_TOKEN_BLOB);
}

/* A bearer token is visible ASCII (RFC 6749 A.12): nothing in it ends a line, or a word. */
static bool token_ok(const char *token)
{
	const char *at = token;

	while (*at >= 0x21 && *at <= 0x7e)
		at++;
	return at > token && *at == '\0';
}

static bool take_token(struct login *login, const struct wire_message *message)
{
	const char *token = wire_value(message, "access_token");
	const char *text = wire_value(message, "expires_in");

	if (login->job == HELPER_JOB_REVOKE || strcmp(login_tokens(login), "session") != 0)
		return login_protocol_error(login, REASON_TOKEN_UNEXPECTED);
	if (!token_ok(token) || !wire_number(text, TOKEN_SECONDS_MAX, &login->token_seconds))
		return login_protocol_error(login, REASON_TOKEN_REFUSED);
	login->token = strdup(token);
	return login->token || login_end(login, OUTCOME_MEMORY, REASON_TOKEN);
}

static bool take_note(struct login *login, const struct wire_message *message)
{
	const char *level = wire_value(message, "level");
	int priority = LOG_NOTICE;

	if (strcmp(level, "debug") == 0)
		priority = LOG_DEBUG;
	else if (strcmp(level, "warning") == 0)
		priority = LOG_WARNING;
	else if (strcmp(level, "notice") != 0)
		return login_protocol_error(login, REASON_UNKNOWN_NOTE_LEVEL);
	present_log(login, priority, "helper: %.380s", wire_value(message, "text"));
	return true;
}

static enum outcome decision_outcome(enum decision decision)
{
	switch (decision) {
	case DECISION_ADMITTED:
		return OUTCOME_ADMITTED;
	case DECISION_NO_ACCOUNT:
		return OUTCOME_NO_ACCOUNT;
	case DECISION_UNSAID:
		return OUTCOME_UNPROVEN;
	case DECISION_WRONG_ISSUER:
		return OUTCOME_HELPER_FAILED;
	case DECISION_ACR:
	case DECISION_AMR:
	case DECISION_AUTH_AGE:
	case DECISION_AUTH_TIME_MISSING:
	case DECISION_AUTH_TIME_UNREADABLE:
		return OUTCOME_WEAK;
	default:
		return OUTCOME_NOT_ADMITTED;
	}
}

/* Of whom nobody can tell nothing is judged. That the provider was asked already opens no other way in. */
static bool told(struct login *login, const struct local_account *account)
{
	return !account->untold ||
	       login_end(login, login->shown_at > 0 ? OUTCOME_SYSTEM : OUTCOME_UNREACHABLE,
			 REASON_NAMES_UNAVAILABLE);
}

bool login_account_ok(struct login *login)
{
	enum decision decision = policy_account_allowed(login->policy, &login->wanted);

	if (!told(login, &login->wanted))
		return false;
	return decision == DECISION_ADMITTED ||
	       login_end(login, decision_outcome(decision), decision_reason(decision));
}

bool login_wanted_ok(struct login *login)
{
	const struct local_account wanted = login->wanted;
	const char *account = login->policy->account;
	bool ok = true;

	if (wanted.name[0] != '\0')
		ok = login_account_ok(login);
	if (!ok || account[0] == '\0')
		return ok;
	/* One account is shared: nobody can become another, and there must be one. */
	if (wanted.name[0] != '\0')
		return strcmp(wanted.name, account) == 0 ||
		       login_end(login, OUTCOME_NOT_ADMITTED,
				 decision_reason(DECISION_OTHER_ACCOUNT));
	login->io.account(login->io.context, account, &login->wanted);
	ok = login_account_ok(login);
	login->wanted = wanted;
	return ok;
}

const char *login_subject(const struct login *login)
{
	const char *subject = NULL;

	if (login->claims)
		subject = policy_claim_text(login->claims, login->policy->subject_claim);
	return subject ? subject : "";
}

void login_report(const struct login *login, struct audit *audit)
{
	audit->section = login->conf->section;
	audit->issuer = conf_text(login->conf, CONF_ISSUER);
	audit->outcome = outcome_name(login->outcome);
	audit->subject = login_subject(login);
	audit->reason = reason_name(login->reason);
	if (login->outcome == OUTCOME_NOT_ADMITTED && login->claims)
		audit->claim = policy_claim_text(login->claims, login->policy->user_claim);
	if (login->shown_at > 0)
		audit->seconds = (long)((spawn_now() - login->shown_at) / 1000);
}

/*
 * Where the case of the claim was folded there may be an account in that very case as well, another's: OTHER. Whose
 * the claim is then nobody can tell.
 */
static bool case_is_ambiguous(struct login *login, struct local_account *other)
{
	char name[LOCAL_NAME_MAX];

	if (!policy_claim_unfolded(login->policy, login->claims, name))
		return false;
	login->io.account(login->io.context, name, other);
	other->name = "";
	return other->exists && other->uid != login->wanted.uid;
}

/* Who is nobody here yet, and would be admitted, gets an account, which is then judged like any other. */
static bool enrolled(struct login *login, struct policy *policy)
{
	const char *name;
	bool again = false;

	if (!login->io.enrol || !policy_may_enrol(policy, login->claims, &name) ||
	    !login->io.enrol(login->io.context, name) ||
	    !login->io.current(login->io.context, &again) || !again)
		return false;
	policy->bindings = login->conf->bindings;
	return true;
}

/*
 * The one place where a person is let in. Where nobody was named the policy says first whom these
 * claims mean; that account is then judged as if it had been named.
 */
static bool decide(struct login *login)
{
	enum decision decision = DECISION_ADMITTED;
	struct local_account other = { .name = "" };
	struct policy policy = *login->policy;
	bool again = false;

	login->decided_at = spawn_now();
	if (login->io.current && !login->io.current(login->io.context, &again))
		return login_end(login, OUTCOME_EXPIRED, REASON_CONFIGURATION_CHANGED);
	if (again) {
		policy.map = login->conf->map;
		policy.bindings = login->conf->bindings;
	}
	if (login->wanted.name[0] == '\0') {
		decision = policy_find_account(&policy, login->claims, login->name);
		if (decision == DECISION_NOT_ADMITTED && enrolled(login, &policy))
			decision = policy_find_account(&policy, login->claims, login->name);
		if (decision == DECISION_ADMITTED)
			login->io.account(login->io.context, login->name, &login->wanted);
	}
	if (!told(login, &login->wanted))
		return false;
	if (decision == DECISION_ADMITTED && login->job == HELPER_JOB_REFRESH)
		decision =
			policy_decide_again(&policy, login->claims, login->subject, &login->wanted);
	else if (decision == DECISION_ADMITTED)
		decision = policy_decide(&policy, login->claims, &login->wanted);
	if (decision == DECISION_ADMITTED && case_is_ambiguous(login, &other))
		decision = DECISION_CASE_AMBIGUOUS;
	return told(login, &other) &&
	       login_end(login, decision_outcome(decision), decision_reason(decision));
}

static bool take_done(struct login *login, const struct wire_message *message)
{
	static const enum outcome ends[VERDICT_COUNT] = {
		[VERDICT_INVALID_RESPONSE] = OUTCOME_INVALID_RESPONSE,
		[VERDICT_ACCESS_DENIED] = OUTCOME_DENIED,
		[VERDICT_EXPIRED_TOKEN] = OUTCOME_EXPIRED,
		[VERDICT_CODE_CONSUMED] = OUTCOME_EXPIRED,
		[VERDICT_NOT_HONOURED] = OUTCOME_NOT_HONOURED,
		[VERDICT_WRONG_CODE] = OUTCOME_WRONG_CODE,
		[VERDICT_CLIENT_REFUSED] = OUTCOME_CLIENT_REFUSED,
		[VERDICT_UNREACHABLE] = OUTCOME_UNREACHABLE,
		[VERDICT_IDENTITY_UNVERIFIED] = OUTCOME_UNPROVEN,
		[VERDICT_HELPER_FAILED] = OUTCOME_HELPER_FAILED,
	};
	enum verdict verdict = verdict_parse(wire_value(message, "verdict"));
	enum reason reason = reason_find(wire_value(message, "reason"));

	login->done = true;
	if (reason == REASON_COUNT)
		return login_protocol_error(login, REASON_UNKNOWN_REASON);
	if (verdict == VERDICT_GRANTED && login->job == HELPER_JOB_REVOKE)
		return login_end(login, OUTCOME_REVOKED, REASON_OK);
	if (verdict == VERDICT_GRANTED && login->phase == PHASE_CLAIMS)
		return decide(login);
	if (verdict >= VERDICT_GRANTED || ends[verdict] == OUTCOME_SYSTEM ||
	    (verdict == VERDICT_WRONG_CODE && !login->code_entry))
		return login_protocol_error(login, REASON_DONE_UNEXPECTED);
	if (verdict == VERDICT_WRONG_CODE && conf_number(login->conf, CONF_MAX_ENTRIES) > 1)
		return login_end(login, OUTCOME_TRIES_USED, REASON_WRONG_CODE);
	/* "Unreachable" may open another way in: never for somebody who has been shown a code. */
	if (verdict == VERDICT_UNREACHABLE && login->shown_at > 0)
		return login_end(login, OUTCOME_LOST, reason);
	return login_end(login, ends[verdict], reason);
}

/* ---- the message table ---- */

struct kind {
	const char *verb;
	int phases;	    /* in which it is welcome */
	unsigned int times; /* in one login; 0: as often as codes may be shown */
	const char *keys;   /* all of them, in this order; a ? follows one that may be absent */
	bool (*take)(struct login *login, const struct wire_message *message);
};

static const struct kind kinds[] = {
	{ "ready", PHASE_OPENING, 1, "wire sandbox", take_ready },
	{ "authorize", PHASE_AUTHORIZING, 0,
	  "flow user_code? verification_uri verification_uri_complete? expires_in",
	  take_authorize },
	{ "progress", PHASE_SHOWN, 64, "state", take_state },
	{ "claim", PHASE_SHOWN | PHASE_CLAIMS | PHASE_RENEWAL, POLICY_CLAIMS_MAX, "name type value",
	  take_claim },
	{ "claim_item", PHASE_SHOWN | PHASE_CLAIMS | PHASE_RENEWAL, POLICY_CLAIMS_MAX, "name value",
	  take_claim },
	{ "tokens", PHASE_CLAIMS | PHASE_RENEWAL, 1, "token_blob", take_tokens },
	{ "access_token", PHASE_CLAIMS | PHASE_RENEWAL, 1, "access_token expires_in", take_token },
	{ "log", PHASE_AUTHORIZING | PHASE_SHOWN | PHASE_CLAIMS | PHASE_RENEWAL, 64, "level text",
	  take_note },
	{ "done", PHASE_AUTHORIZING | PHASE_SHOWN | PHASE_CLAIMS | PHASE_RENEWAL, 1,
	  "verdict reason", take_done },
};

_Static_assert(sizeof(kinds) / sizeof(*kinds) <= LOGIN_KINDS_MAX, "counters for all kinds");

/* Exactly the keys of the row, in its order: nothing missing, nothing more, nothing twice. */
static bool keys_ok(const struct wire_message *message, const char *keys)
{
	size_t pair = 0;

	while (*keys) {
		size_t len = strcspn(keys, " ?");
		bool here = pair < message->pairs && strlen(message->pair[pair].key) == len &&
			    strncmp(message->pair[pair].key, keys, len) == 0;

		if (!here && keys[len] != '?')
			return false;
		pair += here;
		keys += len;
		keys += strspn(keys, " ?");
	}
	return pair == message->pairs;
}

/* The row of the message, or NULL. */
static const struct kind *kind_find(const struct wire_message *message)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(message->verb, kinds[i].verb) == 0)
			return &kinds[i];
	return NULL;
}

static bool kind_take(struct login *login, const struct kind *kind,
		      const struct wire_message *message)
{
	if (kind->times > 0 && ++login->taken[kind - kinds] > kind->times)
		return login_protocol_error(login, REASON_MESSAGE_TOO_OFTEN);
	if (!keys_ok(message, kind->keys))
		return login_protocol_error(login, REASON_MESSAGE_MALFORMED);
	return kind->take(login, message);
}

bool login_take(struct login *login, const struct wire_message *message)
{
	const struct kind *kind = kind_find(message);

	if (!kind)
		return login_protocol_error(login, REASON_MESSAGE_UNKNOWN);
	if (!(kind->phases & (int)login->phase))
		return login_protocol_error(login, REASON_MESSAGE_UNEXPECTED);
	return kind_take(login, kind, message);
}

bool login_take_last(struct login *login, const struct wire_message *message)
{
	const struct kind *kind = kind_find(message);

	if (!kind || kind->take != take_note)
		return login_protocol_error(login, REASON_MESSAGE_UNEXPECTED);
	return kind_take(login, kind, message);
}

int64_t login_longest(const struct login *login)
{
	return conf_number(login->conf, CONF_MAX_CODES) *
	       ((int64_t)login->presentation.timeout * 1000 + CODE_MORE_MS);
}
