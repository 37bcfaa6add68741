/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is kept of a login: see record.h. Must never trust what anybody but sshd and the kernel says
 * about who is there, or let somebody in whose tokens could not be kept as their section says.
 */
#include "retention.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "renewal.h"
#include "helper/login/event_loop.h"
#include "helper/login/local_groups.h"
#include "common/paths.h"
#include "helper/login/policy_config.h"
#include "helper/login/display/screen.h"
#include "statedir.h"
#include "token.h"

enum {
	RENEWAL_LOCK_MS = 300, /* another's refresh may hold it long: then there is no trust */
	ACCOUNT_LOCK_MS = 2000,
	TRUSTED_MAX = 32, /* records of one account that trust makes last */
};

static bool refuse(struct attempt *attempt, enum reason reason)
{
	return login_end(&attempt->login, OUTCOME_SYSTEM, reason);
}

static bool wants_tokens(const struct conf *conf)
{
	return !conf_is(conf, CONF_TOKENS, "revoke");
}

/* What a session gets or must not outlive is told to it by a record. */
static bool needs_record(const struct conf *conf, const char *groups)
{
	return wants_tokens(conf) || conf_number(conf, CONF_SESSION_MAX) > 0 || groups[0] != '\0';
}

/* A record also says whom to end when somebody is removed; where none can be had, that is looked for (people_hosts.h). */
static bool wants_record(const struct conf *conf, const char *groups)
{
	return needs_record(conf, groups) ||
	       (conf_is(conf, CONF_PEOPLE, "bound") && statedir_in_memory());
}

void retention_prepare(struct attempt *attempt)
{
	/* A locker's user has a session already, and could not be kept from what is theirs. */
	attempt->login.will_store = attempt->facts.euid == 0 && wants_tokens(&attempt->conf);
}

/* ---- trust ---- */

/* The keys that sshd has accepted in this very attempt, as it names them, all lines of them. */
static bool proof_of_keys(const struct attempt *attempt, char out[RECORD_PROOF_MAX])
{
	const char *info = attempt->facts.ssh_auth_info;
	size_t used = 0, len;

	if (!origin_proven(&attempt->facts, "publickey"))
		return false;
	for (; *info; info += len + (info[len] == '\n')) {
		len = strcspn(info, "\n");
		if (strncmp(info, "publickey ", 10) != 0)
			continue;
		if (used + len + 2 > RECORD_PROOF_MAX)
			return false;
		memcpy(out + used, info, len);
		out[used + len] = '\n';
		used += len + 1;
	}
	out[used] = '\0';
	return used > 0;
}

/* sudo's caller: their uid, on the same terminal, in the same session of processes. */
static bool proof_of_terminal(const struct attempt *attempt, char out[RECORD_PROOF_MAX])
{
	const struct origin_facts *facts = &attempt->facts;
	struct process leader = attempt->leader;

	if (!facts->own || facts->ruid == 0 || facts->tty[0] == '\0' || leader.pid <= 0 ||
	    (strcmp(facts->service, "sudo") != 0 && strcmp(facts->service, "sudo-i") != 0))
		return false;
	snprintf(out, RECORD_PROOF_MAX, "sudo %lu %.100s %d %llu", (unsigned long)facts->ruid,
		 facts->tty, (int)leader.pid, leader.start);
	return true;
}

/* What proves the person in this attempt, beside a code; false: nothing does. */
static bool proof_find(const struct attempt *attempt, char out[RECORD_PROOF_MAX])
{
	out[0] = '\0';
	if (attempt->policy.account[0] != '\0' || !attempt->login.wanted.exists ||
	    attempt->login.wanted.uid == 0 || attempt->user[0] == '\0')
		return false;
	return attempt->origin == ORIGIN_REMOTE	   ? proof_of_keys(attempt, out)
	       : attempt->origin == ORIGIN_SESSION ? proof_of_terminal(attempt, out)
						   : false;
}

static const char *conf_file(const struct attempt *attempt)
{
	return attempt->conf_path ? attempt->conf_path : PATH_CONF;
}

static bool trust_fits(const struct attempt *attempt, const struct record *record,
		       const char *proof)
{
	return record->closing == 0 && record->token_blob[0] != '\0' && record->proof[0] != '\0' &&
	       spawn_now() < record->trust_until &&
	       spawn_now() - record->made <
		       (int64_t)conf_number(&attempt->conf, CONF_TRUST) * 1000 &&
	       strcmp(record->proof, proof) == 0 && strcmp(record->user, attempt->user) == 0 &&
	       record->uid == attempt->login.wanted.uid &&
	       strcmp(record->section, attempt->conf.section) == 0 &&
	       strcmp(record->conf, conf_file(attempt)) == 0 &&
	       strcmp(record->issuer, attempt->policy.issuer) == 0 &&
	       strcmp(record->tokens, conf_text(&attempt->conf, CONF_TOKENS)) == 0;
}

/* Where the session's line of a record is told to whoever opens it. */
static bool handle_tell(struct attempt *attempt, const struct record_session *session)
{
	char line[sizeof(HOST_HANDLE) + HANDLE_MAX + 1];

	snprintf(line, sizeof(line), HOST_HANDLE "=%s", session->handle);
	return attempt->host->ops->tell(attempt->host, line);
}

/* "-" for nothing: a line of a record is words. */
void record_plain_word(const char *text, char *out, size_t out_len)
{
	screen_plain(text, out, out_len);
	for (char *at = out; *at; at++)
		if (*at == ' ')
			*at = '_';
	if (out[0] == '\0')
		snprintf(out, out_len, "-");
}

static bool session_add(struct attempt *attempt, struct record *record)
{
	struct record_session *session = record_session_add(record, attempt->lineage);
	char tty[48], from[72];

	if (!session)
		return false;
	session->within = attempt->origin == ORIGIN_SESSION;
	session->until = (int64_t)conf_number(&attempt->conf, CONF_SESSION_MAX) * 1000;
	record_plain_word(attempt->facts.service, session->service, sizeof(session->service));
	record_plain_word(attempt->facts.tty, tty, sizeof(tty));
	record_plain_word(attempt->facts.rhost, from, sizeof(from));
	snprintf(session->where, sizeof(session->where), "%s %s", tty, from);
	return record_save(record) && handle_tell(attempt, session);
}

struct trust {
	struct attempt *attempt;
	int dir;
	char proof[RECORD_PROOF_MAX];
	bool admitted;
};

/* One record. What the provider has ended is over for everybody; what it does not say is a prompt. */
static bool trust_try(void *context, const char *id)
{
	struct trust *trust = context;
	struct attempt *attempt = trust->attempt;
	struct record *record;
	struct policy policy = attempt->policy;
	enum outcome outcome = OUTCOME_SYSTEM;
	enum reason reason;
	bool going = true;

	/* Another person's is not even locked: a login that its caller slows would keep it from the timer. */
	if (!record_is_of(trust->dir, id, attempt->login.wanted.uid))
		return true;
	record = record_new(trust->dir);
	policy_drop_login_rules(&policy);
	if (record && record_lock(record, id, RENEWAL_LOCK_MS) == RECORD_HELD &&
	    trust_fits(attempt, record, trust->proof)) {
		/* A child of its host is in a cgroup that may be the person's: they can freeze and kill it. */
		outcome = renewal_refresh(record, attempt->login.outlived, &attempt->conf, &policy,
					  &attempt->login.io, &reason);
		trust->admitted = outcome == OUTCOME_ADMITTED && session_add(attempt, record);
		if (outcome == OUTCOME_DENIED || outcome == OUTCOME_NOT_ADMITTED)
			record->trust_until = 0; /* its sessions are `sessions --enforce`'s */
		if (!trust->admitted && outcome != OUTCOME_ADMITTED)
			record_save(record);
		going = false;
	}
	record_free(record);
	return going;
}

bool retention_trusted(struct attempt *attempt)
{
	struct trust *trust;
	enum reason reason;
	bool admitted;

	if (!attempt->login.will_store || conf_number(&attempt->conf, CONF_TRUST) == 0)
		return false;
	trust = calloc(1, sizeof(*trust));
	if (!trust || !proof_find(attempt, trust->proof)) {
		free(trust);
		return false;
	}
	trust->attempt = attempt;
	attempt->login.decided_at = spawn_now();
	trust->dir = record_dir_open(&reason);
	if (trust->dir >= 0) {
		record_for_each(trust->dir, trust_try, trust);
		close(trust->dir);
	}
	admitted = trust->admitted;
	free(trust);
	if (admitted)
		login_end(&attempt->login, OUTCOME_ADMITTED, REASON_TRUSTED);
	attempt->trusted = admitted;
	return admitted;
}

/* ---- keeping ---- */

static bool record_fill(struct attempt *attempt, struct record *record, const char *groups)
{
	struct login *login = &attempt->login;
	const char *user = attempt->user[0] != '\0' ? attempt->user : login->name;
	int64_t trust = conf_number(&attempt->conf, CONF_TRUST), now = spawn_now();

	record->uid = login->wanted.uid;
	record->made = record->confirmed = record->token_since = now;
	record->has_token = login->token != NULL;
	if (login->token_seconds > 0)
		record->token_until = spawn_after(login->token_seconds * 1000);
	/* One approval by one more key each minute is no reason to ask a provider about them all for a month. */
	if (trust > 0 && login->token_blob &&
	    record_account_count(record->dir, record->uid) < TRUSTED_MAX &&
	    proof_find(attempt, record->proof))
		record->trust_until = spawn_after(trust * 1000);
	snprintf(record->section, sizeof(record->section), "%s", attempt->conf.section);
	snprintf(record->tokens, sizeof(record->tokens), "%s",
		 conf_text(&attempt->conf, CONF_TOKENS));
	snprintf(record->user, sizeof(record->user), "%s", user);
	snprintf(record->groups, sizeof(record->groups), "%s", groups);
	return (size_t)snprintf(record->conf, sizeof(record->conf), "%s", conf_file(attempt)) <
		       sizeof(record->conf) &&
	       (size_t)snprintf(record->issuer, sizeof(record->issuer), "%s",
				attempt->policy.issuer) < sizeof(record->issuer) &&
	       (size_t)snprintf(record->subject, sizeof(record->subject), "%s",
				login_subject(login)) < sizeof(record->subject) &&
	       (size_t)snprintf(record->token_blob, sizeof(record->token_blob), "%s",
				login->token_blob ? login->token_blob : "") <
		       sizeof(record->token_blob);
}

/* Whether nobody else is in as this account, by whatever section; *LOCK keeps it so. */
static bool alone(struct attempt *attempt, const struct record *record, int *lock)
{
	bool used;

	*lock = -1;
	if (!conf_is(&attempt->conf, CONF_EXCLUSIVE_SESSION, "yes"))
		return true;
	*lock = record_account_lock(record->dir, record->uid, ACCOUNT_LOCK_MS);
	if (*lock >= 0 && record_account_used(record->dir, record->uid, &used) && !used)
		return true;
	/* Where nobody can tell: rather none than two. */
	return login_end(&attempt->login, OUTCOME_LIMITED, REASON_EXCLUSIVE_SESSION);
}

/* The token file before the record, the record before the handle: what is left is found again. */
static bool record_write(struct attempt *attempt, struct record *record)
{
	struct login *login = &attempt->login;

	if (!record_create(record))
		return refuse(attempt, REASON_TOKENS_NOT_STORED);
	if ((!login->token || token_write(record->id, login->token, 0)) &&
	    session_add(attempt, record))
		return true;
	record_remove(record);
	return refuse(attempt, REASON_TOKENS_NOT_STORED);
}

static bool record_make(struct attempt *attempt, struct record *record, const char *groups)
{
	bool ok;
	int lock;

	if (!record_fill(attempt, record, groups))
		return refuse(attempt, REASON_TOKENS_TOO_LONG);
	record_account_tidy(record->dir, record->uid);
	ok = alone(attempt, record, &lock) && record_write(attempt, record);
	if (lock >= 0)
		close(lock);
	return ok;
}

static void record_keep(struct attempt *attempt, const char *groups)
{
	enum reason reason;
	int dir = record_dir_open(&reason);
	struct record *record = dir >= 0 ? record_new(dir) : NULL;

	if (dir < 0)
		refuse(attempt, reason);
	else if (!record)
		login_end(&attempt->login, OUTCOME_MEMORY, REASON_RECORD);
	else
		record_make(attempt, record, groups);
	record_free(record);
	if (dir >= 0)
		close(dir);
}

void retention_settle(struct attempt *attempt)
{
	struct login *login = &attempt->login;
	char groups[HOST_GROUPS_MAX];

	if (attempt->trusted)
		return;
	local_groups_find(&attempt->conf, login->claims, attempt->origin == ORIGIN_SEAT, groups);
	if (login->outcome == OUTCOME_ADMITTED && attempt->facts.euid == 0 &&
	    wants_record(&attempt->conf, groups)) {
		if (login->will_store && !login->token_blob)
			refuse(attempt, REASON_TOKENS_MISSING);
		else
			record_keep(attempt, groups);
	}
	/* A helper that does not hear it revokes them: then nobody may come in by them. */
	if (login->token_blob && login->outcome == OUTCOME_ADMITTED)
		login_kept(login);
}
