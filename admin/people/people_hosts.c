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

/* The whole word, or what stands behind the option that it is joined to, alone or as the last of several letters. */
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
		if (word_is(text + at, name, uid) || (at == 0 && title_is(text, name)))
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
 * A session that has begun: somebody lives who is root's, or the person's. Who is stopped buries none, and who calls
 * su may leave it a child of theirs. Its first thread's, for these programs have no other.
 */
static bool has_child(pid_t pid, uid_t uid)
{
	char name[48];
	FILE *file;
	long child;
	uid_t whose;
	bool any = false;

	snprintf(name, sizeof(name), "task/%d/children", (int)pid);
	file = file_of(pid, name);
	while (file && !any && fscanf(file, "%ld", &child) == 1)
		any = process_lives(process_of((pid_t)child)) &&
		      (!process_real_uid((pid_t)child, &whose) || whose == 0 || whose == uid);
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

/* false: it lives on. */
static bool host_end(pid_t pid, const char *name, uid_t uid)
{
	struct process host = process_of(pid);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int64_t until = spawn_after(DYING_MS);

	if (pidfd < 0)
		return !process_lives(host);
	if (process_lives(host) && is_host(pid, name, uid))
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	close(pidfd);
	while (process_lives(host) && is_host(pid, name, uid) && spawn_now() < until)
		poll(NULL, 0, NAP_MS);
	return !process_lives(host) || !is_host(pid, name, uid);
}

bool people_hosts_end(const char *name, uid_t uid)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	bool ok = proc != NULL;

	while (proc && (entry = readdir(proc)) != NULL)
		if (is_host((pid_t)atoi(entry->d_name), name, uid))
			ok &= host_end((pid_t)atoi(entry->d_name), name, uid);
	if (proc)
		closedir(proc);
	return ok;
}
