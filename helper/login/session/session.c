/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions that live by kept tokens: see session.h. Must never give a token to anybody but the user
 * of the login, or trust what anybody but sshd and the kernel says about who is there.
 */
#include "session.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "renewal.h"
#include "common/paths.h"
#include "removed.h"
#include "retention.h"
#include "token.h"

enum {
	LOCK_MS = 2000,
};

static void note(void *context, int priority, const char *text)
{
	const struct session *session = context;
	char line[AUDIT_LINE_MAX];

	if (priority == LOG_DEBUG)
		return;
	audit_note_line(session->id, text, line);
	session->host->ops->log(session->host, priority, line);
}

static void account_find(void *context, const char *name, struct local_account *account)
{
	struct host *host = ((const struct session *)context)->host;

	host->ops->account(host, name, account);
}

/* ---- the beginning ---- */

/* Whether WHAT of RECORD's is a login that this host has had. */
static bool is_hosts(const struct session *session, const struct record *record,
		     const struct record_session *what)
{
	const struct host *host = session->host;
	char service[32];

	record_plain_word(host->service, service, sizeof(service));
	/* sudo names the one that is become here, and who becomes it as PAM_RUSER. */
	if ((strcmp(host->user, record->user) != 0 && strcmp(host->ruser, record->user) != 0) ||
	    strcmp(service, what->service) != 0)
		return false;
	return process_is_above(what->maker, host->pid) ||
	       process_is(process_of(host->pid), what->parent);
}

/* Likewise, and may open. Who was stopped until their login was over has none: another may have the account by now. */
static bool fits(const struct session *session, const struct record *record,
		 const struct record_session *what)
{
	return what->state == RECORD_NEW && record->closing == 0 && record_session_lives(what) &&
	       is_hosts(session, record, what);
}

/* The record is held then. NULL: HANDLE means none that this host may have. */
static struct record_session *claim(struct session *session, struct record *record,
				    const char *handle)
{
	struct record_session *what = NULL;
	char id[RECORD_ID_MAX];

	if (record_handle_ok(handle, id) && record_lock(record, id, LOCK_MS) == RECORD_HELD)
		what = record_session_find(record, handle);
	return what && fits(session, record, what) ? what : NULL;
}

struct search {
	struct session *session;
	struct record *record; /* to look at */
	bool found;
	bool late;     /* there is one whose time to begin a session is over */
	int64_t since; /* of what was found */
};

/*
 * One record: the youngest login of this host's that nobody has opened. Where the host has threads several are
 * there at once: the hint then tells them apart, among those that the host may open anyhow.
 */
static bool search_visit(void *context, const char *id)
{
	struct search *search = context;
	bool hinted;

	if (record_read(search->record, id) != RECORD_HELD)
		return true;
	for (size_t i = 0; i < search->record->sessions; i++) {
		const struct record_session *what = &search->record->session[i];

		hinted = search->session->hint && strcmp(what->handle, search->session->hint) == 0;
		if (!fits(search->session, search->record, what)) {
			search->late |= what->state == RECORD_NEW &&
					is_hosts(search->session, search->record, what);
			continue;
		}
		if (!hinted && what->since < search->since)
			continue;
		search->since = what->since;
		memcpy(search->session->handle, what->handle, sizeof(what->handle));
		search->found = true;
		if (hinted)
			return false;
	}
	return true;
}

/* By lineage. false: nobody can tell, or its login is over. */
static bool handle_search(struct session *session, int dir)
{
	struct search search = { session, record_new(dir), false, false, 0 };
	bool ok = search.record && record_for_each(dir, search_visit, &search) &&
		  (search.found || !search.late);

	record_free(search.record);
	if (ok && !search.found)
		session->handle[0] = '\0';
	return ok;
}

/*
 * By the login's own word, so that a section that cannot be read just now lets no session go on for ever. Before
 * pam_systemd, which then ends the session in time. Not inside somebody's session: the one that pam_systemd knows there
 * is the caller's, and the timer ends ours.
 */
static void max_begin(struct session *session, struct record_session *what)
{
	int64_t max = what->until;

	if (max == 0)
		return;
	what->until = spawn_after(max);
	if (!what->within)
		session->runtime_max = (long)(max / 1000);
}

static void token_tell(struct session *session, const struct record *record)
{
	struct host *host = session->host;
	char path[TOKEN_PATH_MAX], line[TOKEN_PATH_MAX + sizeof(HOST_TOKEN) + 1];
	struct local_account account;

	if (!record->has_token || strcmp(host->user, record->user) != 0)
		return; /* sudo: a session of somebody else's */
	host->ops->account(host, record->user, &account);
	token_path(record->id, path);
	snprintf(line, sizeof(line), HOST_TOKEN "=%s", path);
	if (!account.exists || account.uid != record->uid || !token_give(record->id, account.uid) ||
	    !host->ops->tell(host, line))
		note(session, LOG_WARNING, "the session gets no token file");
}

/* For the account that was authenticated alone (not whom sudo becomes), while name and uid are still one. */
static void groups_take(struct session *session, const struct record *record)
{
	struct host *host = session->host;
	struct local_account account;

	if (record->groups[0] == '\0' || strcmp(host->user, record->user) != 0)
		return;
	host->ops->account(host, record->user, &account);
	if (account.exists && account.uid == record->uid)
		memcpy(session->groups, record->groups, sizeof(session->groups));
	else if (account.untold)
		note(session, LOG_WARNING,
		     "session: it gets no groups: the name service does not say whose they are");
}

static enum outcome begin(struct session *session, struct record *record)
{
	struct record_session *what = claim(session, record, session->handle);

	if (!what) {
		note(session, LOG_ERR, "session: its record cannot be had: it is refused");
		return OUTCOME_SYSTEM;
	}
	what->state = RECORD_OPEN;
	what->leader = process_of(session->host->pid);
	what->since = spawn_now();
	max_begin(session, what);
	if (!record_save(record)) {
		note(session, LOG_ERR, "session: its record cannot be written: it is refused");
		return OUTCOME_SYSTEM;
	}
	token_tell(session, record);
	groups_take(session, record);
	return OUTCOME_ADMITTED;
}

/* Where nothing has ever been kept there is nothing to look for. */
static bool nothing_kept(void)
{
	struct stat st;

	return lstat(PATH_STATE "/" PATH_KEPT, &st) != 0;
}

/* What RUN makes of the record that this host's login has left. */
static enum outcome record_of(struct session *session,
			      enum outcome (*run)(struct session *session, struct record *record))
{
	enum outcome outcome = OUTCOME_SYSTEM;
	enum reason reason;
	struct record *record;
	int dir;

	if (!session->hint && nothing_kept())
		return OUTCOME_SKIPPED;
	dir = record_dir_open(&reason);
	if (dir < 0 && !session->hint && reason == REASON_STATE_DIRECTORY_NOT_IN_MEMORY)
		return OUTCOME_SKIPPED; /* nothing was ever kept there */
	record = dir >= 0 ? record_new(dir) : NULL;
	if (!record || !handle_search(session, dir)) {
		note(session, LOG_ERR,
		     dir < 0 ? reason_name(reason)
			     : "session: nobody can tell its record, or its login is over");
	} else if (session->handle[0] != '\0') {
		outcome = run(session, record);
	} else {
		outcome = OUTCOME_SKIPPED;
		if (session->hint)
			note(session, LOG_WARNING,
			     "session: its login is not kept (any more), or is another's");
	}
	record_free(record);
	if (dir >= 0)
		close(dir);
	return outcome;
}

/* Where somebody was removed, an account that nobody can tell of may be theirs. */
static bool name_is_removed(struct host *host, const char *name, bool must_exist)
{
	struct local_account account;

	host->ops->account(host, name, &account);
	return account.untold || (!account.exists && must_exist) ||
	       (account.exists && removed_since(account.uid, process_of(host->pid)));
}

/* Of sudo the one who was let in is PAM_RUSER, who becomes another here. */
static bool is_removed(const struct session *session)
{
	struct host *host = session->host;
	struct stat st;

	if (lstat(PATH_STATE "/" PATH_REMOVED, &st) != 0)
		return false;
	return removed_host(process_of(host->pid)) || name_is_removed(host, host->user, true) ||
	       (host->ruser[0] != '\0' && host->rhost[0] == '\0' &&
		name_is_removed(host, host->ruser, false));
}

/*
 * A host that names a record had a login of ours. Where that is kept no more (its caller may have stopped it for as
 * long) a session would begin that nobody ends.
 */
enum outcome session_open(struct session *session)
{
	bool named = session->hint && record_is_hex(session->hint, HANDLE_MAX - 1);
	enum outcome outcome;

	if (is_removed(session)) {
		note(session, LOG_NOTICE,
		     "session: its account was removed since its login, or that is over: it is refused");
		return OUTCOME_SYSTEM;
	}
	outcome = record_of(session, begin);
	return named && outcome == OUTCOME_SKIPPED ? OUTCOME_SYSTEM : outcome;
}

static enum outcome groups_look(struct session *session, struct record *record)
{
	char id[RECORD_ID_MAX];

	if (!record_handle_ok(session->handle, id) || record_read(record, id) != RECORD_HELD) {
		note(session, LOG_ERR, "session: its record cannot be had: it gets no groups");
		return OUTCOME_SYSTEM;
	}
	groups_take(session, record);
	return OUTCOME_ADMITTED;
}

enum outcome session_credentials(struct session *session)
{
	return record_of(session, groups_look);
}

/* ---- the end ---- */

/* What is left of the record when this session is out of it. */
static void leave(struct session *session, struct record *record)
{
	const struct login_io io = { .context = session, .log = note, .account = account_find };
	struct record_session *what = record_session_find(record, session->handle);

	if (what)
		record_session_remove(record, what);
	if (record->sessions == 0 &&
	    (record->trust_until == 0 || spawn_now() >= record->trust_until))
		renewal_revoke(record, &io);
	else if (!record_save(record))
		note(session, LOG_ERR, "session: its record could not be written");
}

void session_close(struct session *session)
{
	enum reason reason;
	int dir = record_dir_open(&reason);
	struct record *record = dir >= 0 ? record_new(dir) : NULL;
	char id[RECORD_ID_MAX];

	if (!record) {
		note(session, LOG_ERR, dir < 0 ? reason_name(reason) : "out of memory");
	} else if (record_handle_ok(session->handle, id)) {
		switch (record_lock(record, id, LOCK_MS)) {
		case RECORD_HELD:
			leave(session, record);
			break;
		case RECORD_GONE: /* ended by pam-device-code sessions */
			break;
		default:
			note(session, LOG_WARNING,
			     "session: its record is in use: pam-device-code "
			     "sessions --enforce will end it");
		}
	}
	record_free(record);
	if (dir >= 0)
		close(dir);
}
