/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ends sessions: see ending.h. Must never signal a pid that has become somebody else's: by pidfd, and
 * looked at again once that is had.
 */
#include "ending.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include "common/audit.h"
#include "common/spawn.h"
#include "logind.h"
#include "admin/run.h"

enum {
	TREE_MAX = 1024,
	ROUNDS = 16,
	PATIENCE_MS = 3000, /* between asking and killing */
	NAP_MS = 50,
};

static void signal_send(struct process process, int sig)
{
	int pidfd = process.pid > 1 ? (int)syscall(SYS_pidfd_open, process.pid, 0) : -1;

	if (pidfd < 0)
		return;
	if (process_lives(process))
		syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
	close(pidfd);
}

/* ---- what a leader has started ---- */

/* What belongs to a session: what its leader has started, and what the kernel knows to be of its login. */
struct realm {
	struct process leader;
	unsigned long audit; /* a sessionid (process.h), 0: none of its own */
	uid_t owner;	     /* whoever has this uid, and what they have started; 0: nobody */
};

/*
 * The kernel gives a login a number when pam_loginuid is asked, and no process can take another's. One
 * that the leader had before its login was let in is its caller's: of su, of sudo.
 */
static struct realm realm_of(const struct keep_session *session, struct process head)
{
	struct realm realm = { .leader = head };

	if (session->state != KEEP_OPEN || !process_number(head.pid, "sessionid", &realm.audit) ||
	    realm.audit == session->audit || !process_lives(head))
		realm.audit = 0;
	return realm;
}

static bool descends(struct process process, struct process leader)
{
	for (int depth = 0; process.pid > 1 && depth < 64; depth++) {
		if (process_is(process, leader))
			return true;
		process = process_parent(process);
	}
	return false;
}

/* Whether PID has UID, real, effective or saved: /proc shows who cannot be dumped as root's. */
static bool is_of(pid_t pid, uid_t uid)
{
	char path[40], line[128];
	unsigned long real = 0, effective = 0, saved = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "Uid: %lu %lu %lu", &real, &effective, &saved) == 3)
			break;
	if (status)
		fclose(status);
	return real == uid || effective == uid || saved == uid;
}

static bool descends_of(struct process process, uid_t uid)
{
	for (int depth = 0; process.pid > 1 && depth < 64; depth++) {
		if (is_of(process.pid, uid))
			return true;
		process = process_parent(process);
	}
	return false;
}

static bool belongs(struct process process, const struct realm *realm)
{
	unsigned long audit;

	if (realm->owner != 0)
		return descends_of(process, realm->owner);
	if (descends(process, realm->leader))
		return true;
	return realm->audit != 0 && process_number(process.pid, "sessionid", &audit) &&
	       audit == realm->audit;
}

/* All of REALM as it is now. */
static size_t realm_gather(const struct realm *realm, struct process found[TREE_MAX])
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct process at;
	size_t count = 0;

	while (proc && count < TREE_MAX && (entry = readdir(proc)) != NULL) {
		at = process_of((pid_t)atoi(entry->d_name));
		if (at.pid > 1 && at.pid != getpid() && belongs(at, realm) && process_lives(at))
			found[count++] = at;
	}
	if (proc)
		closedir(proc);
	return count;
}

static bool any_lives(const struct process *found, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (process_lives(found[i]))
			return true;
	return false;
}

/* Shells ignore SIGTERM and heed SIGHUP; the leader closes its session at SIGTERM where it can. */
static void realm_ask(const struct realm *realm, const struct process *found, size_t count)
{
	int64_t until = spawn_after(PATIENCE_MS);

	for (size_t i = 0; i < count; i++) {
		signal_send(found[i], process_is(found[i], realm->leader) ? SIGTERM : SIGHUP);
		signal_send(found[i], SIGCONT);
	}
	while (any_lives(found, count) && spawn_now() < until)
		poll(NULL, 0, NAP_MS);
}

static void realm_end(struct realm realm)
{
	struct process *found = calloc(TREE_MAX, sizeof(*found));
	size_t count;

	if (!found)
		return signal_send(realm.leader, SIGKILL);
	count = realm_gather(&realm, found);
	realm_ask(&realm, found, count);
	/* What has been started meanwhile is found again, by the number if the leader is gone. */
	for (int round = 0; count > 0 && round < ROUNDS; round++) {
		for (size_t i = 0; i < count; i++)
			signal_send(found[i], SIGKILL);
		count = realm_gather(&realm, found);
	}
	free(found);
}

bool ending_person(uid_t uid)
{
	struct realm realm = { .owner = uid };
	struct process *found = calloc(TREE_MAX, sizeof(*found));
	int64_t until;
	bool ended = false;

	if (found && uid != 0) {
		realm_end(realm);
		until = spawn_after(PATIENCE_MS); /* what is killed is not dead at once */
		while (!(ended = realm_gather(&realm, found) == 0) && spawn_now() < until)
			poll(NULL, 0, NAP_MS);
	}
	free(found);
	return ended;
}

/* ---- logind ---- */

/* Never inside somebody's session (su, sudo): logind's is the caller's there. */
static void logind_end(struct kept *kept, const struct keep *keep,
		       const struct keep_session *session)
{
	char name[64], said[512];

	if (session->within || !logind_owns(session->leader, keep->uid, name, sizeof(name)))
		return;
	if (!logind_terminate(name, said, sizeof(said)))
		kept_log(kept, LOG_WARNING, "loginctl terminate-session %s: %.200s", name, said);
}

/* ---- the site's own word ---- */

static bool hook_ok(const char *hook)
{
	struct stat st;

	return lstat(hook, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 &&
	       (st.st_mode & 022) == 0 && (st.st_mode & 0100) != 0;
}

/* While the leader lives: afterwards its pid may be anybody's. "0": there is none. */
static void hook_call(struct kept *kept, const struct keep *keep,
		      const struct keep_session *session, const char *hook, enum reason reason)
{
	bool lives = session->state == KEEP_OPEN && process_lives(session->leader);
	char pid[16], said[512];
	const char *const argv[] = {
		hook, keep->user, keep->section, reason_name(reason), pid, NULL
	};
	int status;

	if (hook[0] == '\0')
		return;
	snprintf(pid, sizeof(pid), "%d", lives ? (int)session->leader.pid : 0);
	if (!hook_ok(hook)) {
		kept_log(kept, LOG_ERR,
			 "end_hook: %s: must be a program of root's that nobody else can write",
			 hook);
		return;
	}
	status = run_capture(argv, said, sizeof(said));
	if (status != 0)
		kept_log(kept, LOG_WARNING, "end_hook: %s: status %d: %.200s", hook, status, said);
}

static void tell(struct kept *kept, const struct keep *keep, const struct keep_session *session,
		 enum reason reason)
{
	struct audit audit = {
		.id = keep->id,
		.section = keep->section,
		.service = session->service,
		.user = keep->user,
		.issuer = keep->issuer,
		.subject = keep->subject,
		.outcome = "session_ended",
		.reason = reason_name(reason),
		.seconds = (long)((spawn_now() - session->since) / 1000),
	};
	char line[AUDIT_LINE_MAX];

	audit_line(&audit, line);
	syslog(LOG_NOTICE, "pam_device_code(%s): %s", kept->verb, line);
}

/*
 * Who may still begin a session by a login that none has followed: its maker, and of sshd the process that
 * this connection has, which is a child of another sshd; the one that listens is none, and ends never. Inside
 * somebody's session what is above is the caller's.
 */
static struct process beginner(const struct keep_session *session)
{
	struct process parent = session->parent, above = process_parent(parent);

	if (!session->within && parent.pid > 1 && above.pid > 1 && process_lives(above) &&
	    process_same_program(parent, above))
		return parent;
	return session->maker;
}

/* What has ended meanwhile has not been ended by us, nor has what does not die. */
void ending_one(struct kept *kept, struct keep *keep, struct keep_session *session,
		const char *hook, enum reason reason)
{
	bool open = session->state == KEEP_OPEN;
	struct process head = open ? session->leader : beginner(session);
	bool lived = process_lives(head);
	struct realm realm;

	hook_call(kept, keep, session, hook, reason);
	if (lived) {
		realm = realm_of(session, head);
		if (open)
			logind_end(kept, keep, session);
		realm_end(realm);
	}
	if (process_lives(head))
		kept_log(kept, LOG_ERR, "process %d of \"%s\" cannot be ended: %s", (int)head.pid,
			 keep->user, reason_name(reason));
	else if (lived)
		tell(kept, keep, session, reason);
	keep_session_remove(keep, session);
}

void ending_all(struct kept *kept, struct keep *keep, const char *hook, enum reason reason)
{
	while (keep->sessions > 0)
		ending_one(kept, keep, &keep->session[keep->sessions - 1], hook, reason);
}

void ending_now(struct kept *kept, struct keep *keep)
{
	struct judge_policy policy;
	struct conf conf;

	if (!errand_section(keep, &conf, &policy))
		kept_log(kept, LOG_ERR, "%s", conf.error);
	keep->trust_until = 0;
	ending_all(kept, keep, conf_text(&conf, CONF_END_HOOK), REASON_ADMINISTRATOR);
	conf_clear(&conf);
	errand_close(keep, &kept->io);
}
