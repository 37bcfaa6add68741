/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin/sessions/sessions.c and admin/sessions/refresh.c: what is not known about one record is no word about another's, and
 * who has not been asked about is not thrown out. They are taken in whole: the provider, the clock and the
 * ends of sessions are of the test's making.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define renewal_refresh	     made_ask
#define renewal_config	     made_section
#define renewal_revoke	     made_close
#define record_save	     made_save
#define spawn_now	     made_now
#define record_session_lives made_lives
#include "admin/sessions/sessions.c"
#include "admin/sessions/refresh.c"

#include <cmocka.h>

static int64_t now;
static enum outcome answer;
static const char *why, *ended;
static int asked, grace_s;

int64_t made_now(void)
{
	return now;
}

enum outcome made_ask(struct record *record, bool by_person, const struct conf *conf,
		      const struct policy *policy, const struct login_io *io, enum reason *reason)
{
	(void)by_person;
	(void)conf;
	(void)policy;
	(void)io;
	asked++;
	*reason = reason_find(why);
	if (answer == OUTCOME_ADMITTED)
		record->confirmed = now;
	return answer;
}

bool made_section(const struct record *record, struct conf *conf, struct policy *policy)
{
	(void)record;
	(void)policy;
	memset(conf, 0, sizeof(*conf));
	return true;
}

long __wrap_conf_number(const struct conf *conf, enum conf_key key);
long __wrap_conf_number(const struct conf *conf, enum conf_key key)
{
	(void)conf;
	return key == CONF_MAX_UNCONFIRMED ? grace_s : 0;
}

const char *__wrap_conf_text(const struct conf *conf, enum conf_key key);
const char *__wrap_conf_text(const struct conf *conf, enum conf_key key)
{
	(void)conf;
	(void)key;
	return "";
}

bool made_close(struct record *record, const struct login_io *io)
{
	(void)record;
	(void)io;
	return true;
}

bool made_save(struct record *record)
{
	(void)record;
	return true;
}

bool made_lives(const struct record_session *session)
{
	(void)session;
	return true;
}

void kept_log(struct kept *kept, int priority, const char *format, ...)
{
	(void)kept;
	(void)priority;
	(void)format;
}

bool kept_is_over(struct record *record)
{
	return record->sessions == 0;
}

int kept_walk(struct kept *kept)
{
	(void)kept;
	return 0;
}

int verb_misused(const char *verb, const char *format, ...)
{
	(void)verb;
	(void)format;
	return 2;
}

void ending_all(struct kept *kept, struct record *record, const char *hook, enum reason reason)
{
	(void)kept;
	(void)hook;
	ended = reason != REASON_NONE ? "ended" : NULL;
	record->sessions = 0;
}

void ending_one(struct kept *kept, struct record *record, struct record_session *session,
		const char *hook, enum reason reason)
{
	(void)session;
	ending_all(kept, record, hook, reason);
}

static struct silence silence;
static struct kept kept = { .verb = "sessions", .context = &silence };

/* A run comes to a record of SECTION. */
static bool looks(struct record *record, const char *section, enum outcome outcome,
		  const char *reason)
{
	int before = asked;

	answer = outcome;
	why = reason;
	ended = NULL;
	snprintf(record->section, sizeof(record->section), "%s", section);
	snprintf(record->token_blob, sizeof(record->token_blob), "x");
	record->sessions = 1;
	enforce(&kept, record);
	return asked > before;
}

static int begin(void **state)
{
	(void)state;
	memset(&silence, 0, sizeof(silence));
	now = 1000 * 1000;
	grace_s = 0;
	return 0;
}

static struct record records[8];

/* Whom a person can make it leave unanswered about themselves: 429, 503, a slow reply, nonsense. */
static void one_s_silence_is_nobody_else_s(void **state)
{
	static const struct {
		enum outcome outcome;
		const char *reason;
	} rows[] = {
		{ OUTCOME_UNREACHABLE, "http_status" },
		{ OUTCOME_UNREACHABLE, "page_in_between" },
		{ OUTCOME_UNREACHABLE, "timeout" },
		{ OUTCOME_UNREACHABLE, "deadline" },
		{ OUTCOME_UNREACHABLE, "connection_lost" },
		{ OUTCOME_UNREACHABLE, "refresh_unconfirmed" },
		{ OUTCOME_UNPROVEN, "subject_changed" },
		{ OUTCOME_INVALID_RESPONSE, "dns" },
		{ OUTCOME_HELPER_FAILED, "connect" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (int n = 0; n < 2 * SILENT_MAX; n++)
			assert_true(looks(&records[0], "a", rows[i].outcome, rows[i].reason));
	assert_true(looks(&records[1], "a", OUTCOME_DENIED, "invalid_grant"));
	assert_non_null(ended);
}

static void no_way_to_the_provider(void **state)
{
	(void)state;
	assert_true(looks(&records[0], "a", OUTCOME_UNREACHABLE, "dns"));
	assert_true(looks(&records[1], "a", OUTCOME_UNREACHABLE, "connect"));
	/* one that is answered begins it anew */
	assert_true(looks(&records[2], "a", OUTCOME_ADMITTED, "ok"));
	assert_true(looks(&records[0], "a", OUTCOME_UNREACHABLE, "tls"));
	assert_true(looks(&records[1], "a", OUTCOME_UNREACHABLE, "dns"));
	assert_true(looks(&records[3], "a", OUTCOME_UNREACHABLE, "dns"));
	assert_false(looks(&records[4], "a", OUTCOME_DENIED, "invalid_grant"));
	assert_null(ended);
	/* another section's is another */
	assert_true(looks(&records[5], "b", OUTCOME_DENIED, "invalid_grant"));
	assert_non_null(ended);
}

static void nobody_is_thrown_out_unasked(void **state)
{
	(void)state;
	memset(records, 0, sizeof(records));
	grace_s = 60;
	for (int n = 0; n < SILENT_MAX; n++)
		looks(&records[n], "a", OUTCOME_UNREACHABLE, "dns");
	/* the last yes is long ago, and nobody has asked since */
	now += 3600 * 1000;
	memset(&silence, 0, sizeof(silence));
	assert_true(looks(&records[4], "a", OUTCOME_UNREACHABLE, "dns"));
	assert_null(ended);
	looks(&records[5], "a", OUTCOME_UNREACHABLE, "dns");
	looks(&records[6], "a", OUTCOME_UNREACHABLE, "dns");
	assert_false(looks(&records[7], "a", OUTCOME_UNREACHABLE, "dns"));
	assert_null(ended);
	/* who was asked in vain for so long is asked once more, and is out */
	assert_true(looks(&records[0], "a", OUTCOME_UNREACHABLE, "dns"));
	assert_non_null(ended);
	/* a yes begins it anew */
	assert_true(looks(&records[1], "a", OUTCOME_ADMITTED, "ok"));
	assert_null(ended);
	now += 3600 * 1000;
	assert_true(looks(&records[1], "a", OUTCOME_UNREACHABLE, "http_status"));
	assert_null(ended);
	now += 61 * 1000;
	assert_true(looks(&records[1], "a", OUTCOME_UNREACHABLE, "http_status"));
	assert_non_null(ended);
}

static void the_oldest_answer_comes_first(void **state)
{
	struct record a = { .confirmed = 10 }, b = { .confirmed = 20 },
		      vain = { .confirmed = 5, .asked = 15 };

	(void)state;
	assert_true(heard_at(&a) < heard_at(&b));
	assert_true(heard_at(&a) < heard_at(&vain));
	assert_true(heard_at(&vain) < heard_at(&b));
}

static bool renews(int64_t since_s, int64_t until_s, int64_t at_s)
{
	static struct record record;

	record = (struct record){ .has_token = true,
				  .token_since = 1 + since_s * 1000,
				  .token_until = until_s ? 1 + until_s * 1000 : 0 };
	now = 1 + at_s * 1000;
	return is_due(&kept, &record);
}

static void tokens_are_renewed_in_time(void **state)
{
	(void)state;
	assert_false(renews(0, 3600, 2999));
	assert_true(renews(0, 3600, 3001));
	/* a short one at half its life, not with each run */
	assert_false(renews(0, 300, 0));
	assert_false(renews(0, 300, 60));
	assert_false(renews(0, 300, 149));
	assert_true(renews(0, 300, 151));
	/* one that the next run would find dead */
	assert_false(renews(0, 100, 20));
	assert_true(renews(0, 100, 30));
	assert_true(renews(0, 10, 0));
	assert_true(renews(0, 300, 400));
	assert_false(renews(0, 0, 400));
}

static void the_stalest_token_comes_first(void **state)
{
	struct record soon = { .token_since = 0, .token_until = 100000 },
		      late = { .token_since = 0, .token_until = 900000 },
		      never = { .token_until = 0 };

	(void)state;
	assert_true(renew_at(&soon) < renew_at(&late));
	assert_true(renew_at(&late) < renew_at(&never));
	assert_true(turn(&soon) < turn(&late));
	soon.asked = 890000; /* in vain: the next one first */
	assert_true(turn(&late) < turn(&soon));
	soon.confirmed = 890001;
	assert_true(turn(&soon) < turn(&late));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_s_silence_is_nobody_else_s, begin),
		cmocka_unit_test_setup(no_way_to_the_provider, begin),
		cmocka_unit_test_setup(nobody_is_thrown_out_unasked, begin),
		cmocka_unit_test(the_oldest_answer_comes_first),
		cmocka_unit_test(tokens_are_renewed_in_time),
		cmocka_unit_test(the_stalest_token_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
