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

#include "../pam_module/audit.h"
#include "../pam_module/spawn.h"
#include "run.h"

#define LOGINCTL "/usr/bin/loginctl"

enum {
	TREE_MAX = 1024,
	PATIENCE_MS = 3000, /* between asking and killing */
	NAP_MS = 50,
	TEXT_MAX = 4096,
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

static bool descends(struct process process, struct process leader)
{
	for (int depth = 0; process.pid > 1 && depth < 64; depth++) {
		if (process_is(process, leader))
			return true;
		process = process_parent(process);
	}
	return false;
}

/* LEADER first, and those below it as they are now. */
static size_t tree_gather(struct process leader, struct process tree[TREE_MAX])
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct process at;
	size_t count = 0;

	tree[count++] = leader;
	while (proc && count < TREE_MAX && (entry = readdir(proc)) != NULL) {
		at = process_of((pid_t)atoi(entry->d_name));
		if (at.pid > 1 && at.pid != getpid() && !process_is(at, leader) &&
		    descends(at, leader))
			tree[count++] = at;
	}
	if (proc)
		closedir(proc);
	return count;
}

static bool any_lives(const struct process *tree, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (process_lives(tree[i]))
			return true;
	return false;
}

/* Shells ignore SIGTERM and heed SIGHUP; the leader closes its session at SIGTERM where it can. */
static void tree_end(struct process leader)
{
	struct process *tree = calloc(TREE_MAX, sizeof(*tree));
	int64_t until = spawn_after(PATIENCE_MS);
	size_t count;

	if (!tree)
		return signal_send(leader, SIGKILL);
	count = tree_gather(leader, tree);
	for (size_t i = 0; i < count; i++) {
		signal_send(tree[i], i == 0 ? SIGTERM : SIGHUP);
		signal_send(tree[i], SIGCONT);
	}
	while (any_lives(tree, count) && spawn_now() < until)
		poll(NULL, 0, NAP_MS);
	for (size_t i = 0; i < count; i++)
		signal_send(tree[i], SIGKILL);
	free(tree);
}

/* ---- logind ---- */

/* The N of session-N.scope, in which pam_systemd has put the leader; false: it has not. */
static bool logind_session(struct process leader, char name[64])
{
	char path[64], text[TEXT_MAX];
	const char *at;
	ssize_t len;
	size_t digits;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)leader.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[len > 0 ? len : 0] = '\0';
	at = strstr(text, "/session-");
	if (!at)
		return false;
	at += strlen("/session-");
	digits = strspn(at, "0123456789abcdefghijklmnopqrstuvwxyz");
	if (digits == 0 || digits >= 32 || strncmp(at + digits, ".scope", 6) != 0)
		return false;
	snprintf(name, 64, "%.*s", (int)digits, at);
	return process_lives(leader);
}

static void logind_end(struct kept *kept, struct process leader)
{
	char name[64], said[512];
	const char *const argv[] = { LOGINCTL, "terminate-session", name, NULL };

	if (access("/run/systemd/system", F_OK) != 0 || !logind_session(leader, name))
		return;
	if (run_capture(argv, said, sizeof(said)) != 0)
		kept_log(kept, LOG_WARNING, "loginctl terminate-session %s: %.200s", name, said);
}

/* ---- the site's own word ---- */

static bool hook_ok(const char *hook)
{
	struct stat st;

	return lstat(hook, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 &&
	       (st.st_mode & 022) == 0 && (st.st_mode & 0100) != 0;
}

/* A reason is a helper's word, which may have been taken over: a script may not expect a `;` in it. */
static const char *reason_word(const char *reason)
{
	return reason[strspn(reason, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0' ? reason
										       : "other";
}

static void hook_call(struct kept *kept, const struct keep *keep, const struct process leader,
		      const char *hook, const char *reason)
{
	char pid[16], said[512];
	const char *const argv[] = {
		hook, keep->user, keep->section, reason_word(reason), pid, NULL
	};
	int status;

	if (hook[0] == '\0')
		return;
	snprintf(pid, sizeof(pid), "%d", (int)leader.pid);
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
		 const char *reason)
{
	struct audit audit = {
		.id = keep->id,
		.section = keep->section,
		.service = session->service,
		.user = keep->user,
		.issuer = keep->issuer,
		.subject = keep->subject,
		.outcome = "session_ended",
		.reason = reason,
		.seconds = (long)((spawn_now() - session->since) / 1000),
	};
	char line[AUDIT_LINE_MAX];

	audit_line(&audit, line);
	syslog(LOG_NOTICE, "pam_device_code(%s): %s", kept->verb, line);
}

void ending_one(struct kept *kept, struct keep *keep, struct keep_session *session,
		const char *hook, const char *reason)
{
	struct process leader = session->leader;

	tell(kept, keep, session, reason);
	if (session->state == KEEP_OPEN && process_lives(leader)) {
		logind_end(kept, leader);
		tree_end(leader);
	}
	hook_call(kept, keep, leader, hook, reason);
	keep_session_remove(keep, session);
}

void ending_all(struct kept *kept, struct keep *keep, const char *hook, const char *reason)
{
	while (keep->sessions > 0)
		ending_one(kept, keep, &keep->session[keep->sessions - 1], hook, reason);
}
