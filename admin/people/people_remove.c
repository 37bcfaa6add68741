/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Somebody leaves. First nothing lets them in any more (the line, the account), then what they have left
 * running or waiting ends, then the line says so; a call that was cut off is finished by the next. Line and
 * passwd entry stay, so that nobody else ever gets name or uid. Must never touch an account of that name
 * whose uid is another, or what runs and waits as that uid where it is another account's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/paths.h"
#include "admin/sessions/ending.h"
#include "admin/sessions/kept.h"
#include "helper/login/session/removed.h"
#include "people.h"
#include "people_account.h"
#include "people_hosts.h"
#include "admin/run.h"
#include "admin/verbs.h"

#define LOGINCTL  "/usr/bin/loginctl"
#define SYSTEMCTL "/usr/bin/systemctl"

enum {
	SUBUID_RANGES = 16,
};

static int failed(const char *name, const char *text)
{
	return verb_failed(PEOPLE_VERB, "%s: %s", name, text);
}

/* ---- what they have left ---- */

static void end_theirs(struct kept *kept, struct record *record)
{
	const struct person *person = kept->context;

	if (record->uid == person->uid && strcmp(record->user, person->name) == 0)
		ending_now(kept, record);
}

/* Where /run is a disk nothing is ever kept. */
static bool nothing_is_kept(void)
{
	struct stat st;
	enum reason reason;
	int dir = record_dir_open(&reason);

	if (dir >= 0)
		close(dir);
	return dir < 0 && reason == REASON_STATE_DIRECTORY_NOT_IN_MEMORY &&
	       lstat(PATH_STATE "/" PATH_KEPT, &st) != 0 && errno == ENOENT;
}

/* Sessions that a login of ours began; their tokens are revoked, now or by the timer. */
static bool sessions_end(struct person *person)
{
	struct kept kept = {
		.verb = PEOPLE_VERB, .visit = end_theirs, .context = person, .person = person->uid
	};
	bool used = true;
	enum reason reason;
	int dir;

	if (nothing_is_kept())
		return true;
	if (kept_walk(&kept) != STATUS_OK)
		return false;
	dir = record_dir_open(&reason);
	if (dir < 0 || !record_account_used(dir, person->uid, &used))
		used = true;
	if (dir >= 0)
		close(dir);
	return !used;
}

/* Where nobody can tell it is left alone, too. */
static bool is_an_account_s(uid_t uid)
{
	return account_numbered(uid, NULL, 0) != ACCOUNT_NONE;
}

/* Whatever else runs as them or by their subordinate uids, and what logind would start for them. */
static bool processes_end(const struct person *person, bool theirs)
{
	struct uid_range range[SUBUID_RANGES];
	size_t ranges = account_subuids(person->name, person->uid, range, SUBUID_RANGES);
	char said[256], linger[96], number[16], manager[32];
	const char *const forget[] = { LOGINCTL, "disable-linger", person->name, NULL };
	const char *const end[] = { LOGINCTL, "terminate-user", number, NULL };
	/* The user's manager was killed, too: systemd calls the machine degraded for that. */
	const char *const reset[] = { SYSTEMCTL, "reset-failed", manager, NULL };
	bool booted = access("/run/systemd/system", F_OK) == 0, ended;

	snprintf(number, sizeof(number), "%lu", (unsigned long)person->uid);
	if (booted && theirs)
		run_capture(forget, said, sizeof(said));
	/* First what runs is killed: systemd wakes what is stopped, and sudo or su would go on. */
	ended = ending_person(person->uid, range, theirs ? ranges : 0, is_an_account_s);
	snprintf(manager, sizeof(manager), "user@%s.service", number);
	if (booted) {
		run_capture(end, said, sizeof(said)); /* who is not logged in is no fault */
		run_capture(reset, said, sizeof(said));
	}
	if (!theirs)
		return ended;
	snprintf(linger, sizeof(linger), "/var/lib/systemd/linger/%s", person->name);
	return (unlink(linger) == 0 || errno == ENOENT) && ended;
}

/* Removes what is theirs in DIRECTORY, and the file NAME (NULL: none). Where there is nothing all is well. */
static bool spool_clear(const char *directory, const struct person *person, const char *name)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	struct stat st;
	bool ok = true;

	if (!dir)
		return errno == ENOENT;
	while ((entry = readdir(dir)) != NULL) {
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    S_ISDIR(st.st_mode))
			continue;
		if (st.st_uid == person->uid || (name && strcmp(entry->d_name, name) == 0))
			ok &= unlinkat(dirfd(dir), entry->d_name, 0) == 0;
	}
	closedir(dir);
	return ok;
}

/* cron and at, by their spools: Debian's, and Red Hat's. */
static bool jobs_clear(const struct person *person, bool theirs)
{
	static const struct {
		const char *directory;
		bool by_name;
	} spools[] = {
		{ "/var/spool/cron/crontabs", true },
		{ "/var/spool/cron", true },
		{ "/var/spool/cron/atjobs", false },
		{ "/var/spool/at", false },
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(spools) / sizeof(*spools); i++)
		ok &= spool_clear(spools[i].directory, person,
				  spools[i].by_name && theirs ? person->name : NULL);
	return ok;
}

/* ---- the order ---- */

/* Whether OK; OTHERWISE is said where it is not. */
static bool done(const struct person *person, bool ok, const char *otherwise)
{
	if (!ok)
		failed(person->name, otherwise);
	return ok;
}

static void left_alone(const struct person *person, uid_t uid, const char *why)
{
	fprintf(stderr, "%s: %s: %s: uid %lu is %s: it was left alone\n", PROGRAM, PEOPLE_VERB,
		person->name, (unsigned long)uid, why);
}

/*
 * Shuts the account where it is still the one that was bound; not THEIRS: the name is another account's. false:
 * said on standard error.
 */
static bool account_leave(const struct person *person, bool *theirs)
{
	char said[ACCOUNT_SAID_MAX];
	uid_t uid = 0;

	*theirs = false;
	switch (account_find(person->name, &uid)) {
	case ACCOUNT_THERE:
		break;
	case ACCOUNT_NONE:
		*theirs = true;
		return true;
	default:
		failed(person->name,
		       "NSS cannot say whether there is such an account: again, later");
		return false;
	}
	*theirs = uid == person->uid;
	if (!*theirs)
		left_alone(person, uid, "another account by now");
	else if (!account_is_local(person->name))
		left_alone(person, uid, "a directory's, where it has to be shut");
	else if (!account_shut(person->name, said))
		return done(person, false, said);
	return true;
}

/* Whether their uid is nobody else's by now: a plain useradd gives away what a plain userdel took. */
static bool uid_is_theirs(const struct person *person, bool *ok)
{
	char holder[PERSON_NAME_MAX];

	/* A directory may give the name back in a longer form. */
	if (account_is(person->name, person->uid))
		return true;
	switch (account_numbered(person->uid, holder, sizeof(holder))) {
	case ACCOUNT_NONE:
		return true;
	case ACCOUNT_THERE:
		if (strcmp(holder, person->name) == 0)
			return true;
		fprintf(stderr,
			"%s: %s: %s: uid %lu is the account %s's by now: what runs and waits as it was "
			"left alone\n",
			PROGRAM, PEOPLE_VERB, person->name, (unsigned long)person->uid, holder);
		return false;
	default:
		*ok = done(person, false, "NSS cannot say whose their uid is: again, later");
		return false;
	}
}

static bool leave(struct person *person)
{
	bool theirs, ok = account_leave(person, &theirs);

	ok &= done(person, removed_note(person->uid),
		   "a login of theirs may still begin its session");
	if (theirs)
		ok &= done(person, people_hosts_end(person->name, person->uid),
			   "an application with a session of theirs lives on");
	ok &= done(person, sessions_end(person), "a session of theirs has not ended");
	if (!uid_is_theirs(person, &ok))
		return ok;
	jobs_clear(person, theirs); /* none begins meanwhile; what they have begun is ended then */
	ok &= done(person, processes_end(person, theirs),
		   "something of theirs lives on, or lingers");
	/* Once more: a process of theirs that was its child is none any more. */
	if (theirs)
		ok &= done(person, people_hosts_end(person->name, person->uid),
			   "an application with a session of theirs lives on");
	ok &= done(person, jobs_clear(person, theirs), "a crontab or an at job of theirs is left");
	return ok;
}

/* A call that was cut off: nobody has ever entered what it made. */
static int forget(struct people *people, struct person *person)
{
	char said[ACCOUNT_SAID_MAX], name[PERSON_NAME_MAX];
	uid_t uid = 0;
	enum account_state state = account_find(person->name, &uid);

	snprintf(name, sizeof(name), "%s", person->name);
	if (state == ACCOUNT_UNKNOWN)
		return failed(name, "NSS cannot say whether there is such an account");
	if (state == ACCOUNT_THERE && uid == person->uid && account_is_shut(name) &&
	    !account_delete(name, said))
		return failed(name, said);
	people_drop(people, person);
	if (!people_save(people))
		return failed(name, people->error);
	printf("%s: had not been finished, and is forgotten\n", name);
	return STATUS_OK;
}

static int state_write(struct people *people, struct person *person, enum binding_state state,
		       const char *word)
{
	if (person->state == state)
		return STATUS_OK;
	person->state = state;
	if (!people_save(people))
		return failed(person->name, people->error);
	people_log(person, word);
	return STATUS_OK;
}

/* The first half: from here on nobody is let in by the line. OVER: there is nothing more to do. */
static int leave_begin(const char *name, struct person *copy, bool *over)
{
	struct people people;
	struct person *person;
	int status;

	*over = true;
	if (!people_open(&people, true)) {
		status = failed(name, people.error);
	} else if ((person = people_named(&people, name)) == NULL) {
		status = failed(name, "nobody of that name is bound here; no account was touched");
	} else if (person->state == BINDING_MAKING) {
		status = forget(&people, person);
	} else {
		*over = person->state == BINDING_REMOVED || person->state == BINDING_PURGED;
		status = *over ? STATUS_OK
			       : state_write(&people, person, BINDING_REMOVING, "is being removed");
		*copy = *person;
		*over |= status != STATUS_OK;
	}
	people_close(&people);
	return status;
}

/* The second half, unless somebody has brought them back meanwhile. */
static int leave_finish(const struct person *copy)
{
	struct people people;
	struct person *person;
	int status = STATUS_FAILED;

	if (!people_open(&people, true))
		status = failed(copy->name, people.error);
	else if ((person = people_named(&people, copy->name)) == NULL ||
		 person->state != BINDING_REMOVING || person->uid != copy->uid)
		status = failed(copy->name, "was changed by another call meanwhile");
	else
		status = state_write(&people, person, BINDING_REMOVED, "was removed");
	people_close(&people);
	return status;
}

/* The account goes, too. */
static int purge(const char *name)
{
	char said[ACCOUNT_SAID_MAX];
	struct people people;
	struct person *person;
	int status = STATUS_OK;

	if (!people_open(&people, true)) {
		status = failed(name, people.error);
	} else if ((person = people_named(&people, name)) != NULL &&
		   person->state == BINDING_REMOVED) {
		if (account_is(name, person->uid) && !account_delete(name, said))
			status = failed(name, said);
		else
			status = state_write(&people, person, BINDING_PURGED, "was purged");
		if (status == STATUS_OK)
			fprintf(stderr,
				"%s: %s: %s: useradd may give uid %lu away now, and with it each "
				"file of theirs that is left anywhere\n",
				PROGRAM, PEOPLE_VERB, name, (unsigned long)person->uid);
	}
	people_close(&people);
	return status;
}

int people_remove(const char *name, bool purges)
{
	struct person person;
	bool over;
	int status = leave_begin(name, &person, &over);

	if (!over)
		status = leave(&person)
				 ? leave_finish(&person)
				 : failed(name, "is not removed yet: remove them again; nobody "
						"is let in meanwhile");
	if (status == STATUS_OK && purges)
		status = purge(name);
	if (status == STATUS_OK)
		printf("%s: removed%s\n", name, purges ? ", and the account deleted" : "");
	return status;
}
