/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kept tokens are refreshed or revoked: see renewal.h. Must never take silence for a no, or a no that may be the
 * answer to a lost yes.
 */
#include "renewal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "helper/login/event_loop.h"
#include "helper/login/local_groups.h"
#include "helper/login/policy_config.h"
#include "helper/login/present.h"
#include "token.h"

bool renewal_config(const struct record *record, struct conf *conf, struct policy *policy)
{
	if (!conf_load(conf, record->conf, record->section))
		return false;
	policy_from_config(conf, policy);
	policy_drop_login_rules(policy);
	return true;
}

/* One helper, from its start to its end. NULL: no memory. The caller ends it by renewal_end(). */
static struct login *renewal_run(enum helper_job job, const struct conf *conf,
				 const struct policy *policy, const struct record *record,
				 const struct login_io *io, const struct local_account *wanted,
				 int ms)
{
	struct login *login = calloc(1, sizeof(*login));
	bool going;

	if (!login)
		return NULL;
	login->conf = conf;
	login->policy = policy;
	login->io = *io;
	login->will_store = true;
	login->subject = record->subject;
	if (wanted)
		login->wanted = *wanted;
	login_begin(login);
	login->job = job;
	login->presentation.timeout = ms / 1000;
	login->deadline = spawn_after(ms);
	going = login_open_with(login, record->token_blob);
	while (going) {
		if (spawn_wait(&login->helper, login->deadline))
			going = login_receive(login);
		else
			going = login_end(login, OUTCOME_UNREACHABLE, REASON_DEADLINE);
	}
	spawn_end(&login->helper);
	return login;
}

static void renewal_end(struct login *login)
{
	login_clear(login);
	free(login);
}

/*
 * What came is worth keeping whatever the OUTCOME is: the old tokens may be void by now. But a session
 * gets no token of somebody else's.
 */
static bool tokens_save(struct record *record, const struct login *login, enum outcome outcome)
{
	uid_t uid;

	if (login->token_blob)
		snprintf(record->token_blob, sizeof(record->token_blob), "%s", login->token_blob);
	if (login->token_blob)
		record->refreshing = 0;
	if (outcome == login->outcome && login->token && record->has_token &&
	    token_reader(record->id, &uid) && token_write(record->id, login->token, uid)) {
		record->token_since = spawn_now();
		record->token_until =
			login->token_seconds > 0 ? spawn_after(login->token_seconds * 1000) : 0;
	}
	if (outcome == OUTCOME_ADMITTED)
		record->confirmed = spawn_now();
	return record_save(record);
}

/*
 * Tokens or groups that are longer than they were may not fit any more. The old ones may be void by now; but the answer
 * was heard, and the provider's next no is a no.
 */
static void old_save(struct record *record)
{
	char id[RECORD_ID_MAX];

	memcpy(id, record->id, sizeof(id));
	if (record_read(record, id) != RECORD_HELD)
		return;
	record->refreshing = 0;
	record_save(record);
}

/* The same person, or no answer at all; who is not named again is bound to the tokens still. */
static enum outcome answer_weigh(const struct record *record, const struct login *login,
				 bool unsure, enum reason *reason)
{
	bool judged = login->outcome == OUTCOME_ADMITTED ||
		      login->outcome == OUTCOME_NOT_ADMITTED ||
		      login->outcome == OUTCOME_NO_ACCOUNT;

	*reason = login->reason;
	if (judged && login_subject(login)[0] != '\0' &&
	    strcmp(login_subject(login), record->subject) != 0) {
		*reason = REASON_SUBJECT_CHANGED;
		return OUTCOME_UNPROVEN;
	}
	if (login->outcome == OUTCOME_DENIED && unsure) {
		*reason = REASON_REFRESH_UNCONFIRMED;
		return OUTCOME_UNREACHABLE;
	}
	return login->outcome;
}

/* The old token may have been used up where the helper says so, or its last word was not heard. */
static bool used_up_perhaps(const struct login *login, bool by_person)
{
	if (login->reason == REASON_REFRESH_UNCONFIRMED)
		return true;
	return !by_person && (login->outcome == OUTCOME_HELPER_FAILED ||
			      login->outcome == OUTCOME_MEMORY || login->reason == REASON_DEADLINE);
}

enum outcome renewal_refresh(struct record *record, bool by_person, const struct conf *conf,
			     const struct policy *policy, const struct login_io *io,
			     enum reason *reason)
{
	int64_t before = record->refreshing;
	bool unsure = before != 0; /* the one before never ended: its yes may be lost */
	struct local_account wanted = { .name = "" };
	enum outcome outcome;
	struct login *login;

	*reason = REASON_RECORD_NOT_WRITTEN;
	if (!by_person)
		record->refreshing = spawn_now();
	if (!record_save(record)) {
		record->refreshing = before;
		return OUTCOME_SYSTEM;
	}
	io->account(io->context, record->user, &wanted);
	wanted.exists &= wanted.uid == record->uid; /* the name may be another's by now */
	login = wanted.untold ? NULL
			      : renewal_run(HELPER_JOB_REFRESH, conf, policy, record, io, &wanted,
					    RENEWAL_ASK_MS);
	if (!login) {
		record->refreshing = before;
		if (!record_save(record))
			return OUTCOME_SYSTEM;
		*reason = wanted.untold ? REASON_NAMES_UNAVAILABLE : *reason;
		return wanted.untold ? OUTCOME_UNREACHABLE : OUTCOME_MEMORY;
	}
	outcome = answer_weigh(record, login, unsure, reason);
	/* What trust lets in gets what the provider says now; nobody at a seat is trusted. */
	if (outcome == OUTCOME_ADMITTED && record->proof[0] != '\0')
		local_groups_find(conf, login->claims, false, record->groups);
	if (!unsure)
		record->refreshing = used_up_perhaps(login, by_person) ? spawn_now() : 0;
	if (!tokens_save(record, login, outcome)) {
		if (errno == EMSGSIZE)
			old_save(record);
		outcome = OUTCOME_SYSTEM;
		*reason = REASON_RECORD_NOT_WRITTEN;
	}
	renewal_end(login);
	return outcome;
}

/* Whether the tokens are worth nothing any more, or never could be made so. */
static bool revoked(const struct conf *conf, const struct policy *policy,
		    const struct record *record, const struct login_io *io)
{
	struct login *login =
		renewal_run(HELPER_JOB_REVOKE, conf, policy, record, io, NULL, RENEWAL_REVOKE_MS);
	bool done = login && login->outcome == OUTCOME_REVOKED;

	if (login && !done)
		present_log(login, LOG_WARNING, "kept tokens could not be revoked: %s (%s)",
			    outcome_name(login->outcome), reason_name(login->reason));
	if (login)
		renewal_end(login);
	return done;
}

bool renewal_revoke(struct record *record, const struct login_io *io)
{
	struct policy policy;
	struct conf conf;
	bool done = record->token_blob[0] == '\0';

	/* Marked first: whoever is killed from here on leaves it to the next run. */
	if (record->closing == 0) {
		record->closing = spawn_now();
		record->sessions = 0;
		record->has_token = false;
		record_save(
			record); /* where that fails it is closed now, or found by its leader's end */
	}
	token_remove(record->id);
	if (!done) {
		if (renewal_config(record, &conf, &policy))
			done = revoked(&conf, &policy, record, io);
		else
			io->log(io->context, LOG_ERR, conf.error);
		conf_clear(&conf);
	}
	if (!done && spawn_now() - record->closing > RENEWAL_GIVE_UP_MS) {
		io->log(io->context, LOG_WARNING, "kept tokens were dropped without being revoked");
		done = true;
	}
	if (done)
		record_remove(record);
	return done;
}
