/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/session/renewal.c: what each end of a helper means for somebody who is in already, and what of it is
 * on the disk then. Silence is no "no", nor is a "no" that may answer a lost "yes"; what came is saved
 * first of all; another person's yes is nobody's; tokens that cannot be revoked are tried again for an
 * hour. The helper is a script (fake_spawn.h), the directories are the test's (fake_state.h); conf.c is
 * taken in whole, its profiles moved likewise.
 */
#include "common/paths.h"

static char providers[64];

#undef PATH_PROVIDERS
#undef PATH_SITE_PROVIDERS
#define PATH_PROVIDERS	    providers
#define PATH_SITE_PROVIDERS providers

#include "helper/login/config/conf.c"

#include <limits.h>
#include <syslog.h>

#include "helper/login/session/renewal.h"
#include "helper/login/local_groups.h"
#include "helper/login/policy_config.h"

#include "fake_spawn.h"
#include "fake_state.h" /* behind conf.c: cmocka.h makes a macro of fail */

#define ISSUER	"https://id.example.org"
#define SANDBOX "uid=989,no_new_privs,not_dumpable,rlimits,seccomp"
#define OLD	"1 old-access old-refresh 0"
#define NEW	"1 new-access new-refresh 0"
#define SITE                                                                  \
	"[door]\nissuer = " ISSUER "\nclient_id = login\nsandbox = require\n" \
	"user_claim = preferred_username\n"
#define SESSION SITE "tokens = session\n"

enum {
	MADE = 5000, /* the login; the fake clock is far behind it */
};

static struct conf conf;
static struct policy policy;
static struct record *record;
static int dir = -1;

/* ---- groups: unit/local_groups has their rules ---- */

void local_groups_find(const struct conf *of, const struct policy_claims *claims, bool at_seat,
		       char gids[HOST_GROUPS_MAX])
{
	assert_ptr_equal(of, &conf);
	assert_non_null(claims);
	assert_false(at_seat);
	snprintf(gids, HOST_GROUPS_MAX, "7702");
}

/* ---- calls that fail ---- */

static int strdups_left, callocs_left; /* the how many-th from now on fails; 0: none */

char *__real_strdup(const char *text);
void *__real_calloc(size_t n, size_t size);
char *__wrap_strdup(const char *text);
void *__wrap_calloc(size_t n, size_t size);

char *__wrap_strdup(const char *text)
{
	return strdups_left > 0 && --strdups_left == 0 ? NULL : __real_strdup(text);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return callocs_left > 0 && --callocs_left == 0 ? NULL : __real_calloc(n, size);
}

/* ---- whose renewal it is ---- */

static struct {
	bool missing;	     /* alice has no account any more */
	bool full;	     /* from the moment on that the account is looked up */
	bool no_memory;	     /* likewise, for the renewal itself */
	bool no_memory_keep; /* likewise, for a token_blob */
	int64_t refreshing;  /* as it stood on the disk then */
	int logs, priority;
	char logged[1024];
} talk;

static bool talk_show(void *context, const char *text)
{
	(void)context;
	fail_msg("shown: %s", text);
	return false;
}

static bool talk_ask(void *context, const char *prompt, char *answer, size_t len)
{
	(void)context;
	(void)answer;
	(void)len;
	fail_msg("asked: %s", prompt);
	return false;
}

/* What stands in the record, to be cleared by wire: the value of KEY as text. */
static const char *on_disk(const char *key)
{
	static char bytes[2 * WIRE_BYTES_MAX];
	static struct wire_message message;
	char name[64];
	ssize_t len;

	snprintf(name, sizeof(name), "run/sessions/%s", record->id);
	len = file_get(name, bytes, sizeof(bytes));
	assert_true(len > 0 && wire_parse(&message, bytes, (size_t)len));
	return wire_value(&message, key);
}

static int64_t number_on_disk(const char *key)
{
	return strtoll(on_disk(key), NULL, 10);
}

static void talk_account(void *context, const char *name, struct local_account *account)
{
	assert_ptr_equal(context, &talk);
	assert_string_equal(name, "alice");
	*account = (struct local_account){ .name = name, .exists = !talk.missing, .uid = 1000 };
	talk.refreshing = number_on_disk("refreshing");
	assert_int_equal(fake.started, 0);
	if (talk.full)
		disk_is_full(0);
	callocs_left = talk.no_memory;
	strdups_left = talk.no_memory_keep;
}

static void talk_log(void *context, int priority, const char *text)
{
	assert_ptr_equal(context, &talk);
	assert_null(strstr(text, "old-"));
	assert_null(strstr(text, "new-"));
	if (priority == LOG_DEBUG)
		return;
	snprintf(talk.logged, sizeof(talk.logged), "%s", text);
	talk.priority = priority;
	talk.logs++;
}

static const struct login_io io = { .context = &talk,
				    .show = talk_show,
				    .ask = talk_ask,
				    .account = talk_account,
				    .log = talk_log };

static bool by_person; /* who asks is a process of the person's */

/* ---- the record and its section ---- */

static void section_is(const char *text)
{
	file_put("site", text, strlen(text), 0644);
	conf_clear(&conf);
	if (!renewal_config(record, &conf, &policy))
		fail_msg("%s", conf.error);
}

static int renewal_start(void **state)
{
	static const char profile[] = "dialect = rfc8628\nusernames = assigned\nscope = openid\n";
	enum reason reason;

	record_free(record);
	record = NULL;
	if (dir >= 0)
		close(dir);
	if (state_clear(state) || mkdir(path_of("p"), 0755))
		return -1;
	snprintf(providers, sizeof(providers), "%s/p", state_top);
	file_put("p/oidc.conf", profile, sizeof(profile) - 1, 0644);
	fake_reset();
	memset(&talk, 0, sizeof(talk));
	strdups_left = callocs_left = 0;
	dir = record_dir_open(&reason);
	record = record_new(dir);
	if (dir < 0 || !record || !record_create(record))
		return -1;
	snprintf(record->conf, sizeof(record->conf), "%s", path_of("site"));
	strcpy(record->section, "door");
	strcpy(record->user, "alice");
	strcpy(record->issuer, ISSUER);
	strcpy(record->subject, "4711");
	strcpy(record->tokens, "session");
	strcpy(record->token_blob, OLD);
	record->has_token = true;
	record->uid = 1000;
	record->made = record->confirmed = record->token_until = MADE;
	assert_true(token_write(record->id, "old-access", geteuid()));
	assert_true(record_save(record));
	section_is(SESSION);
	return 0;
}

static int renewal_end(void **state)
{
	record_free(record);
	conf_clear(&conf);
	fake_reset();
	close(dir);
	return state_remove(state);
}

static const char *token(void)
{
	static char text[64];
	char name[64];
	ssize_t len;

	snprintf(name, sizeof(name), "run/tokens/%s", record->id);
	len = file_get(name, text, sizeof(text) - 1);
	text[len > 0 ? len : 0] = '\0';
	return text;
}

/* ---- the helper ---- */

static void claim(const char *name, const char *value)
{
	struct packet packet;

	packet_set(&packet, "claim", "name", name, "type", "string", "value", value, NULL);
	fake_send(1, &packet);
}

/*
 * One letter a message: R ready, r the same with fewer restrictions, K token_blob, T token, I issuer, S subject,
 * O another's, U alice, B bob, A an array instead, V authorization, X the helper goes. Behind it `done`, where VERDICT is one.
 */
static void script(const char *letters, const char *verdict, const char *reason)
{
	struct packet packet;

	for (const char *at = letters; *at; at++) {
		switch (*at) {
		case 'R':
		case 'r':
			packet_set(&packet, "ready", "wire", WIRE_VERSION, "sandbox",
				   *at == 'R' ? SANDBOX : "uid=989", NULL);
			break;
		case 'K':
			packet_set(&packet, "tokens", "token_blob", NEW, NULL);
			break;
		case 'T':
			packet_set(&packet, "access_token", "access_token", "new-access",
				   "expires_in", "600", NULL);
			break;
		case 'V':
			packet_set(&packet, "authorize", "flow", "device_code", "user_code", "ABCD",
				   "verification_uri", ISSUER "/device", "expires_in", "600", NULL);
			break;
		case 'I':
			claim("iss", ISSUER);
			continue;
		case 'S':
		case 'O':
			claim("sub", *at == 'S' ? "4711" : "4712");
			continue;
		case 'A':
			packet_set(&packet, "claim", "name", "preferred_username", "type", "other",
				   "value", "", NULL);
			break;
		case 'U':
		case 'B':
			claim("preferred_username", *at == 'U' ? "alice" : "bob");
			continue;
		default:
			fake_step(STEP_CLOSE, 1);
			continue;
		}
		fake_send(1, &packet);
	}
	if (verdict) {
		packet_set(&packet, "done", "verdict", verdict, "reason", reason, NULL);
		fake_send(1, &packet);
	}
}

static struct wire_message *opening(void)
{
	static struct wire_message message;

	assert_true(wire_parse(&message, fake.opening.bytes, fake.opening.len));
	return &message;
}

/* In seconds: without it a helper that does not end lives for half a day. */
static int64_t opening_life(void)
{
	int64_t life = 0;

	assert_non_null(wire_value(opening(), "life"));
	assert_true(wire_number(wire_value(opening(), "life"), INT64_MAX, &life));
	return life;
}

/* ---- asking ---- */

enum {
	NO,
	YES
};

static const struct ask_row {
	const char *letters, *verdict, *reason;
	int unsure; /* the refresh before this one has not ended */
	enum outcome want;
	const char *want_reason;
	int fresh;     /* the new tokens are kept */
	int confirmed; /* the provider's yes counts */
	int token;     /* the session has the new one */
	int unsure_then;
} asks[] = {
	{ "RKTISU", "granted", "ok", NO, OUTCOME_ADMITTED, "admitted", YES, YES, YES, NO },
	{ "RISU", "granted", "ok", NO, OUTCOME_ADMITTED, "admitted", NO, YES, NO, NO },
	{ "RKISU", "granted", "ok", NO, OUTCOME_ADMITTED, "admitted", YES, YES, NO, NO },
	{ "RKTISB", "granted", "ok", NO, OUTCOME_NOT_ADMITTED, "other_account", YES, NO, YES, NO },
	/* the provider has honoured the token: what it does not say again is no "no" (OIDC Core 12.2) */
	{ "RKTIS", "granted", "ok", NO, OUTCOME_ADMITTED, "admitted", YES, YES, YES, NO },
	{ "RKTI", "granted", "ok", NO, OUTCOME_ADMITTED, "admitted", YES, YES, YES, NO },
	{ "RKTIU", "granted", "ok", NO, OUTCOME_ADMITTED, "admitted", YES, YES, YES, NO },
	{ "RKTIB", "granted", "ok", NO, OUTCOME_NOT_ADMITTED, "other_account", YES, NO, YES, NO },
	{ "RKTISA", "granted", "ok", NO, OUTCOME_NOT_ADMITTED, "claim_missing", YES, NO, YES, NO },
	{ "R", "access_denied", "invalid_grant", NO, OUTCOME_DENIED, "invalid_grant", NO, NO, NO,
	  NO },
	{ "R", "unreachable", "connect", NO, OUTCOME_UNREACHABLE, "connect", NO, NO, NO, NO },
	{ "R", "expired_token", "expired", NO, OUTCOME_EXPIRED, "expired", NO, NO, NO, NO },
	{ "R", "client_refused", "invalid_client", NO, OUTCOME_CLIENT_REFUSED, "invalid_client", NO,
	  NO, NO, NO },
	{ "R", "invalid_response", "unexpected_reply", NO, OUTCOME_INVALID_RESPONSE,
	  "unexpected_reply", NO, NO, NO, NO },
	{ "R", "code_consumed", "code_consumed", NO, OUTCOME_EXPIRED, "code_consumed", NO, NO, NO,
	  NO },
	{ "RKT", "identity_unverified", "userinfo_refused", NO, OUTCOME_UNPROVEN,
	  "userinfo_refused", YES, NO, YES, NO },
	{ "RKT", "unreachable", "timeout", NO, OUTCOME_UNREACHABLE, "timeout", YES, NO, YES, NO },
	/* a reply that was lost: "no" is no answer until a yes has come */
	{ "R", "unreachable", "refresh_unconfirmed", NO, OUTCOME_UNREACHABLE, "refresh_unconfirmed",
	  NO, NO, NO, YES },
	{ "R", "access_denied", "invalid_grant", YES, OUTCOME_UNREACHABLE, "refresh_unconfirmed",
	  NO, NO, NO, YES },
	{ "R", "unreachable", "connect", YES, OUTCOME_UNREACHABLE, "connect", NO, NO, NO, YES },
	{ "R", "invalid_response", "unexpected_reply", YES, OUTCOME_INVALID_RESPONSE,
	  "unexpected_reply", NO, NO, NO, YES },
	{ "RKTISU", "granted", "ok", YES, OUTCOME_ADMITTED, "admitted", YES, YES, YES, NO },
	{ "RISU", "granted", "ok", YES, OUTCOME_ADMITTED, "admitted", NO, YES, NO, YES },
	{ "RKTISB", "granted", "ok", YES, OUTCOME_NOT_ADMITTED, "other_account", YES, NO, YES, NO },
	/* another person's tokens are to be revoked one day, and are nothing else */
	{ "RKTIOU", "granted", "ok", NO, OUTCOME_UNPROVEN, "subject_changed", YES, NO, NO, NO },
	{ "RKTIOB", "granted", "ok", NO, OUTCOME_UNPROVEN, "subject_changed", YES, NO, NO, NO },
	{ "RKTIOU", "granted", "ok", YES, OUTCOME_UNPROVEN, "subject_changed", YES, NO, NO, NO },
	/* a helper that goes, is silent or lies */
	{ "", NULL, NULL, NO, OUTCOME_UNREACHABLE, "deadline", NO, NO, NO, YES },
	{ "R", NULL, NULL, NO, OUTCOME_UNREACHABLE, "deadline", NO, NO, NO, YES },
	{ "RKT", NULL, NULL, NO, OUTCOME_UNREACHABLE, "deadline", YES, NO, YES, NO },
	{ "X", NULL, NULL, NO, OUTCOME_HELPER_FAILED, "helper_gone", NO, NO, NO, YES },
	{ "RX", NULL, NULL, NO, OUTCOME_HELPER_FAILED, "helper_gone", NO, NO, NO, YES },
	{ "RKX", NULL, NULL, NO, OUTCOME_HELPER_FAILED, "helper_gone", YES, NO, NO, NO },
	{ "RISUX", NULL, NULL, NO, OUTCOME_HELPER_FAILED, "helper_gone", NO, NO, NO, YES },
	{ "RKK", "granted", "ok", NO, OUTCOME_HELPER_FAILED, "message_too_often", YES, NO, NO, NO },
	{ "RKTISUISU", "granted", "ok", NO, OUTCOME_HELPER_FAILED, "claim_refused", YES, NO, YES,
	  NO },
	{ "RV", "granted", "ok", NO, OUTCOME_HELPER_FAILED, "message_unexpected", NO, NO, NO, YES },
	{ "RK", "granted", "ok", NO, OUTCOME_HELPER_FAILED, "done_unexpected", YES, NO, NO, NO },
	{ "K", "granted", "ok", NO, OUTCOME_HELPER_FAILED, "message_unexpected", NO, NO, NO, YES },
	{ "R", "wrong_code", "wrong_code", NO, OUTCOME_HELPER_FAILED, "done_unexpected", NO, NO, NO,
	  YES },
	{ "R", "authorization_pending", "pending", NO, OUTCOME_HELPER_FAILED, "done_unexpected", NO,
	  NO, NO, YES },
	{ "R", "access_denied", "nobody_said_so", NO, OUTCOME_HELPER_FAILED, "unknown_reason", NO,
	  NO, NO, YES },
	{ "R", "maybe", "denied", NO, OUTCOME_HELPER_FAILED, "done_unexpected", NO, NO, NO, YES },
	{ "rKTISU", "granted", "ok", NO, OUTCOME_SETUP, "sandbox_missing_no_new_privs", NO, NO, NO,
	  NO },
};

/* What is in memory and on the disk is the same, and is as ROW says. */
static void ask_check(const struct ask_row *row, enum outcome outcome, enum reason reason)
{
	const char *name = row->letters;

	if (outcome != row->want || strcmp(reason_name(reason), row->want_reason) != 0)
		fail_msg("%s %s: %s (%s)", name, row->verdict, outcome_name(outcome),
			 reason_name(reason));
	if (strcmp(on_disk("token_blob"), row->fresh ? NEW : OLD) != 0)
		fail_msg("%s %s: token_blob", name, row->verdict);
	if ((number_on_disk("confirmed") != MADE) != row->confirmed)
		fail_msg("%s %s: confirmed", name, row->verdict);
	if (strcmp(token(), row->token ? "new-access\n" : "old-access\n") != 0)
		fail_msg("%s %s: token", name, row->verdict);
	if ((number_on_disk("token_until") != MADE) != row->token)
		fail_msg("%s %s: token_until", name, row->verdict);
	if ((number_on_disk("refreshing") != 0) != row->unsure_then)
		fail_msg("%s %s: refreshing", name, row->verdict);
	assert_string_equal(on_disk("token_blob"), record->token_blob);
	assert_int_equal(number_on_disk("confirmed"), record->confirmed);
	assert_int_equal(number_on_disk("token_until"), record->token_until);
	assert_int_equal(number_on_disk("refreshing"), record->refreshing);
	assert_int_equal(fake.started, 1);
	assert_int_equal(fake.ended, 1);
}

static void each_verdict(void **state)
{
	enum reason reason;

	for (size_t i = 0; i < COUNT(asks); i++) {
		int64_t began;
		enum outcome outcome;

		assert_int_equal(renewal_start(state), 0);
		record->refreshing = asks[i].unsure ? MADE : 0;
		script(asks[i].letters, asks[i].verdict, asks[i].reason);
		began = fake.now;
		outcome = renewal_refresh(record, by_person, &conf, &policy, &io, &reason);
		ask_check(&asks[i], outcome, reason);
		assert_int_equal(talk.refreshing, began); /* it was marked before it began */
		assert_true(fake.now - began <= RENEWAL_ASK_MS);
		assert_string_equal(opening()->verb, "refresh");
		assert_string_equal(wire_value(opening(), "token_blob"), OLD);
		assert_string_equal(wire_value(opening(), "tokens"), "session");
		assert_in_range(opening_life(), RENEWAL_ASK_MS / 1000, 3600);
	}
}

static enum outcome ask(const char *letters, const char *verdict, enum reason *reason)
{
	int64_t now = fake.now;

	fake_reset();
	fake.now = now + 1000;
	script(letters, verdict, "ok");
	return renewal_refresh(record, by_person, &conf, &policy, &io, reason);
}

static void helpers_that_do_not_start(void **state)
{
	static const struct {
		enum spawn_result start;
		enum outcome want;
	} rows[] = {
		{ SPAWN_FAILED, OUTCOME_SYSTEM },
		{ SPAWN_NO_ACCOUNT, OUTCOME_SETUP },
		{ SPAWN_MISSING, OUTCOME_SETUP },
	};
	enum reason reason;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fake.start = rows[i].start;
		assert_int_equal(renewal_refresh(record, by_person, &conf, &policy, &io, &reason),
				 rows[i].want);
		assert_int_equal(number_on_disk("refreshing"), 0); /* nobody has used anything up */
		assert_string_equal(on_disk("token_blob"), OLD);
	}
	fake.start = SPAWN_STARTED;
	fake.deaf = true;
	assert_int_equal(renewal_refresh(record, by_person, &conf, &policy, &io, &reason),
			 OUTCOME_HELPER_FAILED);
	assert_string_equal(reason_name(reason), "helper_unresponsive");
	assert_string_equal(on_disk("token_blob"), OLD);
}

static void no_account_any_more(void **state)
{
	enum reason reason;

	(void)state;
	talk.missing = true;
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_NO_ACCOUNT);
	assert_string_equal(on_disk("token_blob"), NEW);
	assert_int_equal(record->confirmed, MADE);
}

/* The name has been given to another account since. */
static void an_account_of_another_uid(void **state)
{
	enum reason reason;

	(void)state;
	record->uid = 1001;
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_NO_ACCOUNT);
	assert_int_equal(record->confirmed, MADE);
}

/* How somebody proved themselves at their login is over; who they are is not. */
static void what_lasts(void **state)
{
	enum reason reason;

	(void)state;
	section_is(SESSION "require_acr = gold\nrequire_amr = hwk\nmax_auth_age = 60s\n");
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_ADMITTED);
	/* Who is in no group any more may not be told so from who was not asked: it is no answer. */
	section_is(SESSION "require = department=it\n");
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_UNPROVEN);
	assert_string_equal(reason_name(reason), "requirement_not_said");
	section_is(SESSION "require = preferred_username=bob department=it\n");
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_NOT_ADMITTED);
	assert_string_equal(reason_name(reason), "requirement_not_met");
}

/* The section says otherwise by now: the tokens of before are there all the same, and are not lost. */
static void the_section_has_changed(void **state)
{
	static const char *const sections[] = { SITE "tokens = revoke\n",
						SITE "tokens = logout\n" };
	enum reason reason;

	for (size_t i = 0; i < COUNT(sections); i++) {
		assert_int_equal(renewal_start(state), 0);
		section_is(sections[i]);
		if (ask("RKISU", "granted", &reason) != OUTCOME_ADMITTED)
			fail_msg("%s: %s", sections[i], reason_name(reason));
		assert_string_equal(on_disk("token_blob"), NEW);
		assert_string_equal(token(), "old-access\n");
		assert_int_equal(ask("RKT", "granted", &reason), OUTCOME_HELPER_FAILED);
		assert_string_equal(reason_name(reason), "token_unexpected");
	}
}

/* A session that has no token file does not get one by a refresh; nor one that somebody took away. */
static void no_token_file(void **state)
{
	enum reason reason;

	(void)state;
	record->has_token = false;
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_ADMITTED);
	assert_string_equal(token(), "old-access\n");
	record->has_token = true;
	token_remove(record->id);
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_ADMITTED);
	assert_string_equal(token(), "");
	assert_int_equal(record->token_until, MADE);
}

/* The groups that a trusted login gets are those that the provider gives now; a seat's are its login's. */
static void groups_are_todays(void **state)
{
	enum reason reason;

	(void)state;
	strcpy(record->groups, "7701");
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_ADMITTED);
	assert_string_equal(record->groups, "7701");
	strcpy(record->proof, "publickey");
	assert_int_equal(ask("R", "access_denied", &reason), OUTCOME_DENIED);
	assert_string_equal(record->groups, "7701");
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_ADMITTED);
	assert_string_equal(record->groups, "7702");
}

/* A lost yes, by the way: "no" is not believed until the next yes, and then it is. */
static void a_lost_reply(void **state)
{
	enum reason reason;

	(void)state;
	assert_int_equal(ask("R", NULL, &reason), OUTCOME_UNREACHABLE);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask("R", "access_denied", &reason), OUTCOME_UNREACHABLE);
		assert_string_equal(reason_name(reason), "refresh_unconfirmed");
	}
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_ADMITTED);
	assert_int_equal(ask("R", "access_denied", &reason), OUTCOME_DENIED);
}

/* Whoever breaks off what is asked for them, or holds it up, makes no later no doubtful. */
static void a_person_breaks_off(void **state)
{
	enum reason reason;

	(void)state;
	by_person = true;
	assert_int_equal(ask("R", NULL, &reason), OUTCOME_UNREACHABLE); /* nothing came */
	by_person = false;
	assert_int_equal(record->refreshing, 0);
	assert_int_equal(number_on_disk("refreshing"), 0);
	assert_int_equal(ask("R", "access_denied", &reason), OUTCOME_DENIED);
}

/* ---- what cannot be saved, or had ---- */

static void not_saved_before(void **state)
{
	enum outcome outcome;
	enum reason reason;

	(void)state;
	disk_is_full(0);
	outcome = ask("RKTISU", "granted", &reason);
	disk_is_full(RLIM_INFINITY);
	assert_int_equal(outcome, OUTCOME_SYSTEM);
	assert_string_equal(reason_name(reason), "record_not_written");
	assert_int_equal(fake.started, 0); /* nothing is used up that could not be noted */
	assert_int_equal(record->refreshing, 0);
	assert_int_equal(number_on_disk("refreshing"), 0);
	assert_true(record_save(record)); /* as `sessions --enforce` does at the end */
	assert_int_equal(ask("R", "access_denied", &reason), OUTCOME_DENIED);
}

static void not_saved_behind(void **state)
{
	enum outcome outcome;
	enum reason reason;

	(void)state;
	talk.full = true;
	outcome = ask("RKTISU", "granted", &reason);
	talk.full = false;
	disk_is_full(RLIM_INFINITY);
	assert_int_equal(outcome, OUTCOME_SYSTEM);
	assert_string_equal(reason_name(reason), "record_not_written");
	assert_string_equal(on_disk("token_blob"), OLD);
	assert_int_not_equal(number_on_disk("refreshing"), 0); /* who reads it later is warned */
	assert_string_equal(token(), "old-access\n");
	assert_int_equal(record->token_until, MADE);
	assert_string_equal(record->token_blob, NEW); /* another try may have more luck */
	assert_int_equal(record->refreshing, 0);
	assert_true(record_save(record));
	assert_string_equal(on_disk("token_blob"), NEW);
}

/* What has become too long for a record (its groups) is not kept; the answer was heard all the same, and the next no is a no. */
static void too_long_behind(void **state)
{
	struct record_session *session;
	enum reason reason;

	(void)state;
	while (record->sessions < RECORD_SESSIONS_MAX) {
		session = record_session_add(record, record_lineage(getpid()));
		snprintf(session->service, sizeof(session->service), "sshd");
		snprintf(session->where, sizeof(session->where), "ssh 2001:db8::1");
	}
	memset(record->proof, 'p', sizeof(record->proof) - 1);
	memset(record->token_blob, 'b', sizeof(record->token_blob) - 1);
	for (size_t len = sizeof(record->token_blob) - 1; len > 0 && !record_save(record);)
		record->token_blob[--len] = '\0';
	assert_int_equal(number_on_disk("refreshing"), 0);
	assert_int_equal(ask("RISU", "granted", &reason), OUTCOME_SYSTEM);
	assert_string_equal(reason_name(reason), "record_not_written");
	assert_int_equal(record->refreshing, 0);
	assert_int_equal(number_on_disk("refreshing"), 0);
	assert_int_equal(record->token_blob[0], 'b');
	assert_int_equal(ask("R", "access_denied", &reason), OUTCOME_DENIED);
}

static void out_of_memory(void **state)
{
	enum reason reason;

	(void)state;
	talk.no_memory = true;
	assert_int_equal(ask("R", "access_denied", &reason), OUTCOME_MEMORY);
	talk.no_memory = false;
	assert_int_equal(fake.started, 0);
	assert_int_equal(number_on_disk("refreshing"), 0);
	assert_int_equal(ask("R", "access_denied", &reason), OUTCOME_DENIED);
	talk.no_memory_keep =
		true; /* the new tokens came, and are lost: the old ones may be void */
	assert_int_equal(ask("RKTISU", "granted", &reason), OUTCOME_MEMORY);
	talk.no_memory_keep = false;
	assert_string_equal(on_disk("token_blob"), OLD);
	assert_int_not_equal(number_on_disk("refreshing"), 0);
	assert_int_equal(ask("R", "access_denied", &reason), OUTCOME_UNREACHABLE);
}

/* ---- closing ---- */

static bool record_is_there(void)
{
	char name[64];

	snprintf(name, sizeof(name), "run/sessions/%s", record->id);
	return is_there(name);
}

static bool close_by(const char *letters, const char *verdict)
{
	int64_t now = fake.now;

	fake_reset();
	fake.now = now + 1000;
	talk.logs = 0;
	script(letters, verdict, "timeout");
	return renewal_revoke(record, &io);
}

/* Nothing of it is left. */
static void closed(void)
{
	char lock[64];

	snprintf(lock, sizeof(lock), "run/sessions/%s.lock", record->id);
	assert_false(record_is_there());
	assert_false(is_there(lock));
	assert_string_equal(token(), "");
	assert_int_equal(fake.started, fake.ended);
}

static void it_is_revoked(void **state)
{
	(void)state;
	assert_non_null(record_session_add(record, record_lineage(getpid())));
	assert_true(close_by("R", "granted"));
	closed();
	assert_int_equal(fake.started, 1);
	assert_string_equal(opening()->verb, "revoke");
	assert_string_equal(wire_value(opening(), "token_blob"), OLD);
	assert_in_range(opening_life(), RENEWAL_REVOKE_MS / 1000, 3600);
	assert_int_equal(talk.logs, 0);
}

static void nothing_to_revoke(void **state)
{
	(void)state;
	record->token_blob[0] = '\0';
	assert_true(close_by("R", "unreachable"));
	closed();
	assert_int_equal(fake.started, 0);
}

/* Whatever else its helper says: the tokens stay, nobody has them, and there is another time. */
static void it_is_not_revoked(void **state)
{
	static const struct {
		const char *letters, *verdict;
	} rows[] = {
		{ "R", "unreachable" },
		{ "R", "access_denied" },
		{ "R", "client_refused" },
		{ "R", "invalid_response" },
		{ "R", "identity_unverified" },
		{ "R", "expired_token" },
		{ "R", "authorization_pending" },
		{ "R", "maybe" },
		{ "R", NULL },
		{ "", NULL },
		{ "X", NULL },
		{ "RX", NULL },
		{ "", "granted" },
		{ "r", "granted" },
		{ "RK", "granted" },
		{ "RT", "granted" },
		{ "RV", "granted" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t began;

		assert_int_equal(renewal_start(state), 0);
		assert_non_null(record_session_add(record, record_lineage(getpid())));
		began = fake.now + 1000;
		if (close_by(rows[i].letters, rows[i].verdict))
			fail_msg("%s %s", rows[i].letters, rows[i].verdict);
		assert_true(fake.now - began <= RENEWAL_REVOKE_MS);
		assert_int_equal(number_on_disk("closing"), began);
		assert_string_equal(on_disk("token_blob"), OLD);
		assert_string_equal(on_disk("has_token"), "0");
		assert_null(on_disk("session0"));
		assert_string_equal(token(), "");
		assert_int_equal(talk.logs, 1);
		assert_int_equal(talk.priority, LOG_WARNING);
		assert_non_null(strstr(talk.logged, "kept tokens could not be revoked: "));
		assert_int_equal(fake.started, 1);
		assert_int_equal(fake.ended, 1);
		assert_true(close_by("R", "granted"));
		closed();
	}
}

static void it_is_given_up(void **state)
{
	int64_t began;

	(void)state;
	assert_false(close_by("R", "unreachable"));
	began = record->closing;
	for (int i = 0; i < 5; i++) {
		fake.now = began + i * (RENEWAL_GIVE_UP_MS / 5);
		assert_false(close_by("R", "unreachable"));
		assert_int_equal(number_on_disk("closing"), began); /* the first time counts */
		assert_int_equal(fake.started, 1);
	}
	fake.now = began + RENEWAL_GIVE_UP_MS - 1000 - 2; /* two messages of the script */
	assert_false(close_by("R", "unreachable"));
	assert_int_equal(fake.now, began + RENEWAL_GIVE_UP_MS);
	assert_true(record_is_there());
	fake.now = began + RENEWAL_GIVE_UP_MS;
	assert_true(close_by("R", "unreachable"));
	assert_string_equal(talk.logged, "kept tokens were dropped without being revoked");
	closed();
}

/* Without its section nobody knows where to revoke: that is said, tried again, given up. */
static void the_section_is_gone(void **state)
{
	(void)state;
	assert_int_equal(unlink(path_of("site")), 0);
	assert_false(close_by("R", "granted"));
	assert_int_equal(fake.started, 0);
	assert_int_equal(talk.priority, LOG_ERR);
	assert_non_null(strstr(talk.logged, path_of("site")));
	assert_true(record_is_there());
	section_is(SESSION);
	assert_true(close_by("R", "granted"));
	closed();
	assert_int_equal(renewal_start(state), 0);
	assert_int_equal(unlink(path_of("site")), 0);
	assert_false(close_by("R", "granted"));
	fake.now += RENEWAL_GIVE_UP_MS;
	assert_true(close_by("R", "granted"));
	closed();
}

static void closing_is_not_saved(void **state)
{
	bool done;

	(void)state;
	disk_is_full(0);
	done = close_by("R", "granted");
	disk_is_full(RLIM_INFINITY);
	assert_true(done);
	closed();
}

static void nothing_stays_open(void **state)
{
	int before = next_fd();

	each_verdict(state);
	it_is_not_revoked(state);
	assert_int_equal(renewal_start(state), 0);
	assert_int_equal(next_fd(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_verdict, renewal_start),
		cmocka_unit_test_setup(helpers_that_do_not_start, renewal_start),
		cmocka_unit_test_setup(no_account_any_more, renewal_start),
		cmocka_unit_test_setup(an_account_of_another_uid, renewal_start),
		cmocka_unit_test_setup(what_lasts, renewal_start),
		cmocka_unit_test_setup(the_section_has_changed, renewal_start),
		cmocka_unit_test_setup(no_token_file, renewal_start),
		cmocka_unit_test_setup(groups_are_todays, renewal_start),
		cmocka_unit_test_setup(a_lost_reply, renewal_start),
		cmocka_unit_test_setup(a_person_breaks_off, renewal_start),
		cmocka_unit_test_setup(not_saved_before, renewal_start),
		cmocka_unit_test_setup(not_saved_behind, renewal_start),
		cmocka_unit_test_setup(too_long_behind, renewal_start),
		cmocka_unit_test_setup(out_of_memory, renewal_start),
		cmocka_unit_test_setup(it_is_revoked, renewal_start),
		cmocka_unit_test_setup(nothing_to_revoke, renewal_start),
		cmocka_unit_test_setup(it_is_not_revoked, renewal_start),
		cmocka_unit_test_setup(it_is_given_up, renewal_start),
		cmocka_unit_test_setup(the_section_is_gone, renewal_start),
		cmocka_unit_test_setup(closing_is_not_saved, renewal_start),
		cmocka_unit_test_setup(nothing_stays_open, renewal_start),
	};

	return cmocka_run_group_tests_name("renewal", tests, state_make, renewal_end);
}
