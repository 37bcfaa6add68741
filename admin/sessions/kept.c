/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk over what is kept: see kept.h. Must never touch a record without its lock, or wait for one
 * that somebody has stopped with it.
 */
#include "kept.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include "common/audit.h"
#include "common/spawn.h"
#include "helper/login/names.h"
#include "helper/login/session/removed.h"
#include "admin/verbs.h"

enum {
	LOCK_MS = 1000,
	STOPPED_MS = 2000, /* a killed process lets go of its locks */
	HOLDING_MS = 60 * 1000,
};

#define LOGIN_COMM "device-code-log" /* as the kernel cuts it */

static void io_log(void *context, int priority, const char *text)
{
	const struct kept *kept = context;
	char line[AUDIT_LINE_MAX];

	if (priority == LOG_DEBUG)
		return;
	audit_note_line(kept->at ? kept->at->id : "-", text, line);
	syslog(priority, "pam_device_code(%s): %s", kept->verb, line);
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "%s: %s: %s\n", PROGRAM, kept->verb, line);
}

static void io_account(void *context, const char *name, struct local_account *account)
{
	(void)context;
	names_account(name, account);
}

void kept_log(struct kept *kept, int priority, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	io_log(kept, priority, text);
}

/* A login's own question to the provider is over by then. */
static bool is_slow(struct process holder, int64_t since)
{
	char name[32];

	return spawn_now() - since > HOLDING_MS && process_name(holder.pid, name, sizeof(name)) &&
	       strcmp(name, LOGIN_COMM) == 0;
}

/*
 * Who called su or sudo can stop it with a lock in its hand, or slow it in a cgroup of theirs, and with it the end of
 * their own session: it is killed. Everybody else lets go by themselves.
 */
static enum record_result take(struct kept *kept, struct record *record, const char *id)
{
	enum record_result result = record_lock(record, id, LOCK_MS);
	struct process holder;
	int64_t since;
	int pidfd;

	if (result != RECORD_BUSY)
		return result;
	holder = record_lock_owner(kept->dir, id, &since);
	if (holder.pid <= 0 || (!process_is_stopped(holder) && !is_slow(holder, since)))
		return result;
	pidfd = (int)syscall(SYS_pidfd_open, holder.pid, 0);
	if (pidfd < 0)
		return result;
	if (process_lives(holder) && (process_is_stopped(holder) || is_slow(holder, since)) &&
	    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) == 0)
		result = record_lock(record, id, STOPPED_MS);
	close(pidfd);
	return result;
}

/* By a look without its lock. */
static bool is_person_s(const struct kept *kept, struct record *record, const char *id)
{
	return kept->person != 0 && record_read(record, id) == RECORD_HELD &&
	       record->uid == kept->person;
}

static bool is_wanted(struct kept *kept, const char *id)
{
	bool hit = kept->words == NULL;

	for (int i = 0; !hit && i < kept->count; i++)
		hit = kept->words[i][0] != '\0' &&
		      strncmp(id, kept->words[i], strlen(kept->words[i])) == 0;
	kept->matched += hit;
	return hit;
}

static bool visit(void *context, const char *id)
{
	struct kept *kept = context;
	struct record *record;
	bool wanted;

	if (!is_wanted(kept, id))
		return true;
	record = record_new(kept->dir);
	if (!record) {
		kept->failed = true;
		return false;
	}
	snprintf(record->id, sizeof(record->id), "%s", id);
	kept->at = record;
	switch (take(kept, record, id)) {
	case RECORD_HELD:
		kept->visit(kept, record);
		break;
	case RECORD_UNREADABLE:
		kept_log(kept, LOG_WARNING, "a record that nobody can read is removed");
		record_remove(record);
		break;
	case RECORD_BUSY:
		wanted = kept->words || is_person_s(kept, record, id);
		kept_log(kept, wanted ? LOG_ERR : LOG_NOTICE,
			 wanted ? "its record is in use, and nothing was done: again, later"
				: "its record is in use; the next run looks at it");
		kept->failed |= wanted;
		break;
	case RECORD_GONE:
		break;
	}
	kept->at = NULL;
	record_free(record);
	return true;
}

/* ---- the order ---- */

struct queue {
	struct kept *kept;
	struct record *look;
	struct origin_in {
		char id[RECORD_ID_MAX];
		int64_t due;
	} * places;
	size_t count, room;
};

/* Without its lock: what it is about is asked again once that is held. */
static bool queue_add(void *context, const char *id)
{
	struct queue *queue = context;
	struct origin_in *more;

	if (queue->count == queue->room) {
		queue->room = queue->room ? 2 * queue->room : 64;
		more = reallocarray(queue->places, queue->room, sizeof(*more));
		if (!more)
			return false;
		queue->places = more;
	}
	snprintf(queue->places[queue->count].id, RECORD_ID_MAX, "%s", id);
	queue->places[queue->count++].due =
		record_read(queue->look, id) == RECORD_HELD ? queue->kept->due(queue->look) : 0;
	return true;
}

static int origin_compare(const void *a, const void *b)
{
	const struct origin_in *one = a, *other = b;

	return (one->due > other->due) - (one->due < other->due);
}

/* false: memory or the directory is out of reach. */
static bool in_order(struct kept *kept)
{
	struct queue queue = { .kept = kept, .look = record_new(kept->dir) };
	bool ok = queue.look && record_for_each(kept->dir, queue_add, &queue);

	if (queue.count > 0)
		qsort(queue.places, queue.count, sizeof(*queue.places), origin_compare);
	for (size_t i = 0; i < queue.count; i++)
		visit(kept, queue.places[i].id);
	free(queue.places);
	record_free(queue.look);
	return ok;
}

/* ---- the walk ---- */

/* A login that no session has followed in its time: whoever has stopped its host begins none any more. */
static void late_note(const struct record_session *session)
{
	struct process host = record_session_host(session);

	if (session->state == RECORD_NEW && process_lives(host))
		removed_note_host(host);
}

bool kept_is_over(struct record *record)
{
	for (size_t i = record->sessions; i-- > 0;) {
		if (record_session_lives(&record->session[i]))
			continue;
		late_note(&record->session[i]);
		record_session_remove(record, &record->session[i]);
	}
	return record->closing != 0 ||
	       (record->sessions == 0 && spawn_now() >= record->trust_until);
}

int kept_walk(struct kept *kept)
{
	enum reason reason;

	if (geteuid() != 0)
		return verb_misused(kept->verb, "must run as root: what is kept is root's alone");
	openlog(PROGRAM, LOG_PID, LOG_AUTHPRIV);
	kept->io = (struct login_io){ .context = kept, .log = io_log, .account = io_account };
	kept->dir = record_dir_open(&reason);
	if (kept->dir < 0) {
		fprintf(stderr,
			"%s: %s: /run/pam-device-code/sessions: %s: must be a directory of "
			"root's, mode 0700, on a tmpfs\n",
			PROGRAM, kept->verb, reason_name(reason));
		return STATUS_FAILED;
	}
	if (kept->due ? !in_order(kept) : !record_for_each(kept->dir, visit, kept)) {
		fprintf(stderr, "%s: %s: not all of what is kept could be looked at\n", PROGRAM,
			kept->verb);
		kept->failed = true;
	}
	if (kept->tidies) {
		record_clean_up(kept->dir);
		removed_tidy();
	}
	close(kept->dir);
	if (kept->words && kept->matched == 0) {
		fprintf(stderr, "%s: %s: no such session; `%s sessions` lists them\n", PROGRAM,
			kept->verb, PROGRAM);
		return STATUS_FAILED;
	}
	return kept->failed ? STATUS_FAILED : STATUS_OK;
}
