/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin/sessions/kept.c, with the verbs that walk by it: whoever has waited longest comes first, whatever the ids
 * are, for a run may be over before its end. The records are files; what the provider says of them is of the
 * test's making.
 */
#include "fake_state.h"

#include "common/spawn.h"

#define geteuid() 0
#include "admin/sessions/kept.c"
#undef geteuid

#include "admin/sessions/ending.h"

enum {
	RECORDS = 3,
	ORDERS = 6,
};

static const char *const ids[RECORDS] = { "0123456789abcdef", "89abcdef01234567",
					  "fedcba9876543210" };

/* The records by their ids: which is the first, the second, the third. */
static const int orders[ORDERS][RECORDS] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					     { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

/* ---- what is beside ---- */

static char asked[64];	   /* the users that the provider was asked about, in order */
static const char *silent; /* the user that it says nothing about */

bool renewal_config(const struct record *record, struct conf *conf, struct policy *policy)
{
	(void)record;
	(void)policy;
	memset(conf, 0, sizeof(*conf));
	return true;
}

enum outcome renewal_refresh(struct record *record, bool by_person, const struct conf *conf,
			     const struct policy *policy, const struct login_io *io,
			     enum reason *reason)
{
	(void)by_person;
	(void)conf;
	(void)policy;
	(void)io;
	assert_true(record->lock >= 0);
	assert_true(strlen(asked) + strlen(record->user) < sizeof(asked));
	strcat(asked, record->user);
	*reason = REASON_TIMEOUT;
	if (silent && strcmp(record->user, silent) == 0)
		return OUTCOME_UNREACHABLE;
	return OUTCOME_ADMITTED;
}

bool renewal_revoke(struct record *record, const struct login_io *io)
{
	(void)record;
	(void)io;
	fail();
	return false;
}

void ending_all(struct kept *kept, struct record *record, const char *hook, enum reason reason)
{
	(void)kept;
	(void)record;
	(void)hook;
	(void)reason;
	fail();
}

void ending_one(struct kept *kept, struct record *record, struct record_session *session,
		const char *hook, enum reason reason)
{
	(void)session;
	ending_all(kept, record, hook, reason);
}

void ending_now(struct kept *kept, struct record *record)
{
	ending_all(kept, record, "", REASON_ADMINISTRATOR);
}

int verb_misused(const char *verb, const char *format, ...)
{
	(void)verb;
	(void)format;
	fail();
	return STATUS_USAGE;
}

/* ---- rows ---- */

/* One whose session lives. MOMENT: the provider's last yes, and the end of the token. */
static void put(const char *id, const char *user, int64_t moment)
{
	enum reason reason;
	int dir = record_dir_open(&reason);
	struct record *record = record_new(dir);
	struct record_session *session;
	char lock[64];

	assert_non_null(record);
	snprintf(lock, sizeof(lock), "run/sessions/%s.lock", id);
	file_put(lock, "", 0, 0600);
	assert_int_equal(record_lock(record, id, 0), RECORD_GONE); /* and yet its lock is held */
	snprintf(record->user, sizeof(record->user), "%s", user);
	snprintf(record->section, sizeof(record->section), "door");
	snprintf(record->token_blob, sizeof(record->token_blob), "x");
	record->has_token = true;
	record->confirmed = moment;
	record->token_since = 1;
	record->token_until = moment;
	session = record_session_add(record, record_lineage(getpid()));
	assert_non_null(session);
	snprintf(session->service, sizeof(session->service), "sshd");
	session->state = RECORD_OPEN;
	session->leader = process_of(getpid());
	assert_true(record_save(record));
	record_free(record);
	close(dir);
}

/* Three in the directory's order, a the one that has waited longest, then b, then c. */
static void put_all(void **state, const int order[RECORDS])
{
	static const char *const users[RECORDS] = { "a", "b", "c" };

	assert_int_equal(state_clear(state), 0);
	for (int i = 0; i < RECORDS; i++)
		put(ids[order[i]], users[i], 2 + i);
}

static const char *run(int (*verb)(int argc, char **argv), const char *name, const char *option)
{
	char *argv[] = { (char *)name, (char *)option, NULL };

	asked[0] = '\0';
	assert_int_equal(verb(option ? 2 : 1, argv), STATUS_OK);
	return asked;
}

static void the_oldest_yes_comes_first(void **state)
{
	for (int i = 0; i < ORDERS; i++) {
		put_all(state, orders[i]);
		assert_string_equal(run(verb_sessions, "sessions", "--enforce"), "abc");
	}
}

/* Who is asked in vain has had their turn, and has it again when the others have had theirs. */
static void who_is_silent_holds_nobody_up(void **state)
{
	for (int i = 0; i < ORDERS; i++) {
		silent = "a";
		put_all(state, orders[i]);
		assert_string_equal(run(verb_sessions, "sessions", "--enforce"), "abc");
		assert_string_equal(run(verb_sessions, "sessions", "--enforce"), "bca");
		put_all(state, orders[i]);
		assert_string_equal(run(verb_refresh, "refresh", NULL), "abc");
		assert_string_equal(run(verb_refresh, "refresh", NULL), "bca");
		silent = NULL;
	}
}

static void the_stalest_token_comes_first(void **state)
{
	for (int i = 0; i < ORDERS; i++) {
		put_all(state, orders[i]);
		assert_string_equal(run(verb_refresh, "refresh", NULL), "abc");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_yes_comes_first),
		cmocka_unit_test(who_is_silent_holds_nobody_up),
		cmocka_unit_test(the_stalest_token_comes_first),
	};

	return cmocka_run_group_tests_name("kept", tests, state_make, state_remove);
}
