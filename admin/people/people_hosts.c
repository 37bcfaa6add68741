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

#define MODULE "/pam_device_code.so\n"

enum {
	ARGUMENTS_MAX = 16 * 1024, /* what names an account stands ahead of what it is to run */
	DYING_MS = 5000,
	NAP_MS = 20,
};

/* The whole word, or what stands behind the option that it is joined to. */
static bool word_is(const char *word, const char *account)
{
	const char *value = strchr(word, '=');

	return strcmp(word, account) == 0 ||
	       (strncmp(word, "-u", 2) == 0 && strcmp(word + 2, account) == 0) ||
	       (strncmp(word, "--", 2) == 0 && value && strcmp(value + 1, account) == 0);
}

bool people_hosts_named(const char *text, size_t len, const char *name, uid_t uid)
{
	char number[16];
	size_t at = 0;

	snprintf(number, sizeof(number), "#%lu", (unsigned long)uid);
	while (at < len && memchr(text + at, '\0', len - at)) {
		if (word_is(text + at, name) || word_is(text + at, number))
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

static bool is_named(pid_t pid, const char *name, uid_t uid)
{
	FILE *file = file_of(pid, "cmdline");
	char *text = malloc(ARGUMENTS_MAX);
	size_t len = file && text ? fread(text, 1, ARGUMENTS_MAX, file) : 0;
	bool named = len > 0 && people_hosts_named(text, len, name, uid);

	free(text);
	if (file)
		fclose(file);
	return named;
}

static bool has_module(pid_t pid)
{
	FILE *file = file_of(pid, "maps");
	char line[4096 + 128];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strlen(line) > strlen(MODULE) &&
			strcmp(line + strlen(line) - strlen(MODULE), MODULE) == 0;
	if (file)
		fclose(file);
	return found;
}

/* One that lives: who is stopped buries none. Its first thread's, for these programs have no other. */
static bool has_child(pid_t pid)
{
	char name[48];
	FILE *file;
	long child;
	bool any = false;

	snprintf(name, sizeof(name), "task/%d/children", (int)pid);
	file = file_of(pid, name);
	while (file && !any && fscanf(file, "%ld", &child) == 1)
		any = process_lives(process_of((pid_t)child));
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
	       is_named(pid, name, uid) && has_module(pid) && !has_child(pid);
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
