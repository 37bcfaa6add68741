/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ends sessions: see ending.h. Must never signal a pid that has become somebody else's: by pidfd, and
 * looked at again once that is had.
 */
#include "ending.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include "common/audit.h"
#include "common/spawn.h"
#include "logind.h"
#include "admin/run.h"

enum {
	PATIENCE_MS = 3000, /* between asking and killing */
	KILLING_MS = 30 * 1000,
	KILLING_AGAIN_MS =
		1000, /* behind one that did not die: people can starve theirs, and others wait */
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
	const struct uid_range *also; /* or one of these */
	size_t ranges;
	bool (*is_taken)(uid_t uid); /* whether an account has a uid of theirs */
};

/*
 * The kernel gives a login a number when pam_loginuid is asked, and no process can take another's. One
 * that the leader had before its login was let in is its caller's: of su, of sudo.
 */
static struct realm realm_of(const struct record_session *session, struct process head)
{
	struct realm realm = { .leader = head };

	if (session->state != RECORD_OPEN || !process_number(head.pid, "sessionid", &realm.audit) ||
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

static bool in_ranges(const struct realm *realm, unsigned long uid)
{
	for (size_t i = 0; i < realm->ranges; i++)
		if (uid >= realm->also[i].first &&
		    uid - realm->also[i].first < realm->also[i].count)
			return true;
	return false;
}

/*
 * Whether PID is in this process's user namespace, or in one that REALM's owner has made. root's containers take
 * ranges of uids that nobody has written down (systemd-nspawn --private-users=pick).
 */
static bool in_namespace_of(const struct realm *realm, pid_t pid)
{
	struct stat own, its;
	uid_t maker = 0;
	char path[40];
	bool inside;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	inside = stat("/proc/self/ns/user", &own) == 0 && fstat(fd, &its) == 0 &&
		 own.st_ino == its.st_ino;
	inside = inside || (ioctl(fd, NS_GET_OWNER_UID, &maker) == 0 &&
			    (maker == realm->owner || in_ranges(realm, maker)));
	close(fd);
	return inside;
}

static bool owns(const struct realm *realm, pid_t pid, unsigned long uid)
{
	return uid == realm->owner || (in_ranges(realm, uid) && !realm->is_taken((uid_t)uid) &&
				       in_namespace_of(realm, pid));
}

/* Whether PID has a uid of REALM's owner, real, effective or saved: /proc shows who cannot be dumped as root's. */
static bool is_of(pid_t pid, const struct realm *realm)
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
	return owns(realm, pid, real) || owns(realm, pid, effective) || owns(realm, pid, saved);
}

static bool descends_of(struct process process, const struct realm *realm)
{
	for (int depth = 0; process.pid > 1 && depth < 64; depth++) {
		if (is_of(process.pid, realm))
			return true;
		process = process_parent(process);
	}
	return false;
}

static bool belongs(struct process process, const struct realm *realm)
{
	unsigned long audit;

	if (realm->owner != 0)
		return descends_of(process, realm);
	if (descends(process, realm->leader))
		return true;
	return realm->audit != 0 && process_number(process.pid, "sessionid", &audit) &&
	       audit == realm->audit;
}

/* Processes that were found. */
struct crowd {
	struct process *at;
	size_t count, room;
};

static bool crowd_add(struct crowd *crowd, struct process process)
{
	struct process *more = crowd->at;
	size_t room = crowd->room ? 2 * crowd->room : 256;

	if (crowd->count == crowd->room) {
		more = reallocarray(crowd->at, room, sizeof(*more));
		if (!more)
			return false;
		crowd->at = more;
		crowd->room = room;
	}
	crowd->at[crowd->count++] = process;
	return true;
}

/*
 * All of REALM as it is now, its leader first. All at once, for who has lost the leader above them is not found
 * again; where memory does not do, as many as fit.
 */
static void realm_gather(const struct realm *realm, struct crowd *found)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct process at;
	bool room = true;

	found->count = 0;
	if (process_lives(realm->leader))
		room = crowd_add(found, realm->leader);
	while (proc && room && (entry = readdir(proc)) != NULL) {
		at = process_of((pid_t)atoi(entry->d_name));
		if (at.pid > 1 && at.pid != getpid() && !process_is(at, realm->leader) &&
		    belongs(at, realm) && process_lives(at))
			room = crowd_add(found, at);
	}
	if (proc)
		closedir(proc);
}

static bool any_lives(const struct crowd *found)
{
	for (size_t i = 0; i < found->count; i++)
		if (process_lives(found->at[i]))
			return true;
	return false;
}

/*
 * Shells ignore SIGTERM and heed SIGHUP; the leader closes its session at SIGTERM where it can. What is stopped is not
 * woken: sudo or su would go on with what is over.
 */
static void realm_ask(const struct realm *realm, const struct crowd *found)
{
	int64_t until = spawn_after(PATIENCE_MS);

	for (size_t i = 0; i < found->count; i++) {
		bool leads = process_is(found->at[i], realm->leader);

		signal_send(found->at[i], process_is_stopped(found->at[i]) ? SIGKILL
					  : leads			   ? SIGTERM
									   : SIGHUP);
	}
	while (any_lives(found) && spawn_now() < until)
		poll(NULL, 0, NAP_MS);
}

/* What has been started meanwhile is found again, by the number if the leader is gone. false: something lives on. */
static bool realm_end(struct realm realm, int killing_ms)
{
	struct crowd found = { .at = NULL };
	bool ended, killed = true;
	int64_t until;

	realm_gather(&realm, &found);
	if (realm.owner == 0)
		realm_ask(&realm, &found);
	until = spawn_after(killing_ms);
	do {
		if (realm.owner != 0)
			killed = run_kill_all_of(realm.owner);
		signal_send(realm.leader, SIGKILL); /* also where no memory is left for others */
		for (size_t i = 0; i < found.count; i++)
			signal_send(found.at[i], SIGKILL);
		if (any_lives(&found)) /* what is killed is not dead at once */
			poll(NULL, 0, NAP_MS);
		realm_gather(&realm, &found);
		ended = killed && found.count == 0 && !process_lives(realm.leader);
	} while (!ended && spawn_now() < until);
	free(found.at);
	return ended;
}

bool ending_person(uid_t uid, const struct uid_range *also, size_t count,
		   bool (*is_taken)(uid_t uid))
{
	return uid != 0 && realm_end((struct realm){ .owner = uid,
						     .also = also,
						     .ranges = count,
						     .is_taken = is_taken },
				     KILLING_MS);
}

/* ---- logind ---- */

/* Never inside somebody's session (su, sudo): logind's is the caller's there. */
static void logind_end(struct kept *kept, const struct record *record,
		       const struct record_session *session)
{
	char name[64], said[512];

	if (session->within || !logind_owns(session->leader, record->uid, name, sizeof(name)))
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
static void hook_call(struct kept *kept, const struct record *record,
		      const struct record_session *session, const char *hook, enum reason reason)
{
	bool lives = session->state == RECORD_OPEN && process_lives(session->leader);
	char pid[16], said[512];
	const char *const argv[] = { hook, record->user, record->section, reason_name(reason),
				     pid,  NULL };
	int status;

	if (hook[0] == '\0')
		return;
	snprintf(pid, sizeof(pid), "%d", lives ? (int)session->leader.pid : 0);
	if (!hook_ok(hook)) {
		kept_log(
			kept, LOG_ERR,
			"session_end_hook: %s: must be a program of root's that nobody else can write",
			hook);
		return;
	}
	status = run_capture(argv, said, sizeof(said));
	if (status != 0)
		kept_log(kept, LOG_WARNING, "session_end_hook: %s: status %d: %.200s", hook, status,
			 said);
}

static void tell(struct kept *kept, const struct record *record,
		 const struct record_session *session, enum reason reason)
{
	struct audit audit = {
		.id = record->id,
		.section = record->section,
		.service = session->service,
		.user = record->user,
		.issuer = record->issuer,
		.subject = record->subject,
		.outcome = "session_ended",
		.reason = reason_name(reason),
		.seconds = (long)((spawn_now() - session->since) / 1000),
	};
	char line[AUDIT_LINE_MAX];

	audit_line(&audit, line);
	syslog(LOG_NOTICE, "pam_device_code(%s): %s", kept->verb, line);
}

/*
 * What has ended meanwhile has not been ended by us. A leader that does not die stays on record, and the next run tries
 * again; what else lives on is told once: without its leader it is not found again.
 */
void ending_one(struct kept *kept, struct record *record, struct record_session *session,
		const char *hook, enum reason reason)
{
	bool open = session->state == RECORD_OPEN;
	struct process head = open ? session->leader : record_session_host(session);
	bool lived = process_lives(head), ended = true;
	struct realm realm;

	hook_call(kept, record, session, hook, reason);
	if (lived) {
		realm = realm_of(session, head);
		if (open)
			logind_end(kept, record, session);
		ended = realm_end(realm, kept->undying ? KILLING_AGAIN_MS : KILLING_MS);
	}
	if (!ended && !process_lives(head)) {
		kept_log(kept, LOG_ERR, "something of \"%s\" lives on that %d had begun: %s",
			 record->user, (int)head.pid, reason_name(reason));
		kept->failed = true;
	}
	if (process_lives(head)) {
		kept_log(kept, LOG_ERR, "process %d of \"%s\" cannot be ended: %s", (int)head.pid,
			 record->user, reason_name(reason));
		kept->failed = kept->undying = true;
		record->asked = spawn_now(); /* behind those that were not looked at */
		return;
	}
	if (lived)
		tell(kept, record, session, reason);
	record_session_remove(record, session);
}

void ending_all(struct kept *kept, struct record *record, const char *hook, enum reason reason)
{
	for (size_t i = record->sessions; i-- > 0;)
		ending_one(kept, record, &record->session[i], hook, reason);
}

void ending_now(struct kept *kept, struct record *record)
{
	struct policy policy;
	struct conf conf;

	if (!renewal_config(record, &conf, &policy))
		kept_log(kept, LOG_ERR, "%s", conf.error);
	record->trust_until = 0;
	ending_all(kept, record, conf_text(&conf, CONF_SESSION_END_HOOK), REASON_ADMINISTRATOR);
	conf_clear(&conf);
	if (record->sessions == 0)
		renewal_revoke(record, &kept->io);
	else
		record_save(record);
}
