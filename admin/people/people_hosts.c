/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions that are open and have not begun: see people_hosts.h. Must never end what has begun somebody else's. */
#include "people_hosts.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/spawn.h"
#include "helper/login/session/process.h"

#define MODULE "/pam_device_code.so"

enum {
	ARGUMENTS_MAX = 8 << 20, /* the kernel takes no more */
	DYING_MS = 5000,
	NAP_MS = 20,
	PERSONS = 1000,	 /* the first uid that is no system account's, sshd's least of all */
	LAST_MAX = 4096, /* hosts that are waited for, the last that were killed */
};

/* By name, or by number as sudo reads one: any blanks, sign and zeros ahead. */
static bool value_is(const char *value, const char *name, uid_t uid)
{
	char *end = NULL;

	if (strcmp(value, name) == 0)
		return true;
	return value[0] == '#' && strtoul(value + 1, &end, 10) == uid && end != value + 1 &&
	       *end == '\0';
}

/* A whole argument, or what stands behind the option that it is joined to, alone or as the last of several letters. */
static bool word_is(const char *word, const char *name, uid_t uid)
{
	const char *value = strchr(word, '=');

	if (value_is(word, name, uid))
		return true;
	if (strncmp(word, "--", 2) == 0)
		return value && value_is(value + 1, name, uid);
	for (const char *at = word[0] == '-' ? strchr(word, 'u') : NULL; at;
	     at = strchr(at + 1, 'u'))
		if (value_is(at + 1, name, uid))
			return true;
	return false;
}

/* What sshd and login call themselves is one word with blanks: "sshd: dora [priv]", "login -- dora". */
static bool title_is(const char *title, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strchr(title, ' '); at; at = strchr(at + 1, ' '))
		if (strncmp(at + 1, name, len) == 0 && (at[1 + len] == '\0' || at[1 + len] == ' '))
			return true;
	return false;
}

bool people_hosts_named(const char *text, size_t len, const char *name, uid_t uid)
{
	size_t at = 0;

	while (at < len && memchr(text + at, '\0', len - at)) {
		if (at == 0 ? title_is(text, name) : word_is(text + at, name, uid))
			return true;
		at += strlen(text + at) + 1;
	}
	return false;
}

static FILE *file_of(pid_t pid, const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

/* All of them: whoever calls su says how many stand ahead of the name. */
static bool is_named(pid_t pid, const char *name, uid_t uid)
{
	FILE *file = file_of(pid, "cmdline");
	size_t len = 0, room = 4096, got;
	char *text = malloc(room), *more;
	bool named;

	while (file && text && (got = fread(text + len, 1, room - len, file)) > 0) {
		len += got;
		if (len < room)
			continue;
		more = room < ARGUMENTS_MAX ? realloc(text, room * 2) : NULL;
		if (!more)
			break;
		text = more;
		room *= 2;
	}
	named = text && people_hosts_named(text, len, name, uid);
	free(text);
	if (file)
		fclose(file);
	return named;
}

static bool has_module(pid_t pid)
{
	FILE *file = file_of(pid, "maps");
	char line[4096 + 128];
	const char *at;
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		at = strstr(line, MODULE);
		found = at &&
			(strcmp(at, MODULE "\n") == 0 || strcmp(at, MODULE " (deleted)\n") == 0);
	}
	if (file)
		fclose(file);
	return found;
}

/*
 * Whether a child of WHOSE uid is a session that has begun: root's, or a person's, other than the caller. Who calls su
 * may leave it a child of theirs; sshd has one of a system's account until somebody is in.
 */
static bool is_session(uid_t whose, uid_t caller, uid_t uid)
{
	return whose == 0 || whose == uid ||
	       (whose != caller && whose >= PERSONS && whose != 65534);
}

/* Who is stopped buries nobody. The first thread's children, for these programs have no other. */
static bool has_child(pid_t pid, uid_t uid)
{
	uid_t caller = 0, whose;
	char name[48];
	FILE *file;
	long child;
	bool any = false;

	process_real_uid(pid, &caller);
	snprintf(name, sizeof(name), "task/%d/children", (int)pid);
	file = file_of(pid, name);
	while (file && !any && fscanf(file, "%ld", &child) == 1)
		any = process_lives(process_of((pid_t)child)) &&
		      (!process_real_uid((pid_t)child, &whose) || is_session(whose, caller, uid));
	if (file)
		fclose(file);
	return any;
}

static bool is_host(pid_t pid, const char *name, uid_t uid)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return pid > 1 && pid != getpid() && stat(path, &st) == 0 && st.st_uid == 0 &&
	       is_named(pid, name, uid) && has_module(pid) && !has_child(pid, uid);
}

/* Kills PID if it is a host, and returns what it was; pid 0: it is none. */
static struct process host_kill(pid_t pid, const char *name, uid_t uid)
{
	struct process host = process_of(pid);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	bool ours = pidfd >= 0 && process_lives(host) && is_host(pid, name, uid);

	if (ours)
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	if (pidfd >= 0)
		close(pidfd);
	return ours ? host : (struct process){ 0, 0 };
}

/* All are killed before any is waited for, and all together are waited for once: one that does not die keeps no other. */
bool people_hosts_end(const char *name, uid_t uid)
{
	DIR *proc = opendir("/proc");
	struct process host, last[LAST_MAX];
	const struct dirent *entry;
	size_t count = 0, lives = 0;
	int64_t until;

	while (proc && (entry = readdir(proc)) != NULL) {
		host = is_host((pid_t)atoi(entry->d_name), name, uid)
			       ? host_kill((pid_t)atoi(entry->d_name), name, uid)
			       : (struct process){ 0, 0 };
		if (host.pid > 0)
			last[count++ % LAST_MAX] = host;
	}
	if (proc)
		closedir(proc);
	until = spawn_after(DYING_MS);
	do {
		lives = 0;
		for (size_t i = 0; i < count && i < LAST_MAX; i++)
			lives += process_lives(last[i]);
	} while (lives > 0 && spawn_now() < until && poll(NULL, 0, NAP_MS) == 0);
	return proc && lives == 0;
}
