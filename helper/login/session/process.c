/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes and their beginnings: see process.h. */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"

enum {
	STAT_MAX = 1024,
	CGROUP_TEXT_MAX = 4096, /* what counts stands at a line's beginning */
	DEPTH_MAX = 64,		/* of ancestors; a loop cannot be, a changing tree can */
};

#define UNSET	4294967295UL /* -1 of 32 bits */
#define EXITING 4UL	     /* PF_EXITING of the kernel, in what proc(5) calls flags */
#define KILLED	(1UL << (SIGKILL - 1))

struct stat_line {
	char state;
	pid_t parent;
	int threads;
	unsigned long long start;
	unsigned long flags,
		pending; /* signals that wait for this thread alone: one that ends all does */
};

/* The beginning of the file PATH, a string. false: there is nothing. */
static bool file_read(const char *path, char *text, size_t text_len)
{
	ssize_t len;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd >= 0 ? read(fd, text, text_len - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* Likewise, of /proc/PID/NAME. */
static bool proc_read(pid_t pid, const char *name, char *text, size_t text_len)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return file_read(path, text, text_len);
}

/* The program's name may hold anything, blanks and parentheses too: what counts is behind the last. */
static bool stat_read_as(pid_t pid, const char *name, struct stat_line *line)
{
	char text[STAT_MAX];
	const char *behind;
	int parent;

	if (!proc_read(pid, name, text, sizeof(text)))
		return false;
	behind = strrchr(text, ')');
	if (!behind || sscanf(behind + 1,
			      " %c %d %*d %*d %*d %*d %lu %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
			      "%d %*d %llu %*u %*d %*u %*u %*u %*u %*u %*u %lu",
			      &line->state, &parent, &line->flags, &line->threads, &line->start,
			      &line->pending) != 6)
		return false;
	line->parent = (pid_t)parent;
	return true;
}

static bool stat_read(pid_t pid, struct stat_line *line)
{
	return stat_read_as(pid, "stat", line);
}

struct process process_of(pid_t pid)
{
	struct stat_line line;

	if (pid <= 0 || !stat_read(pid, &line))
		return (struct process){ 0, 0 };
	return (struct process){ pid, line.start };
}

static bool same_read(struct process process, struct stat_line *line)
{
	return process.pid > 0 && stat_read(process.pid, line) && line->start == process.start;
}

/*
 * Who is killed, or ends, and waits in the kernel for what may never come (a write to somebody's FUSE) never runs on:
 * nobody waits for that, and nobody else's session depends on it.
 */
static bool line_lives(const struct stat_line *line)
{
	bool over = (line->flags & EXITING) || (line->pending & KILLED);

	return line->state != 'Z' && line->state != 'X' && !(line->state == 'D' && over);
}

/*
 * A thread that somebody traces is counted when it is dead until they look at it, which may be never. true where
 * nobody can tell.
 */
static bool any_thread_lives(pid_t pid)
{
	char path[64];
	const struct dirent *entry;
	struct stat_line line;
	bool lives = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		return errno != ENOENT;
	while (!lives && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "task/%.16s/stat", entry->d_name);
		lives = entry->d_name[0] != '.' && stat_read_as(pid, path, &line) &&
			line_lives(&line);
	}
	closedir(dir);
	return lives;
}

/* The state is the first thread's, which may end before the others: a process is over with its last. */
bool process_lives(struct process process)
{
	struct stat_line line;

	return same_read(process, &line) &&
	       (line_lives(&line) || (line.threads > 1 && any_thread_lives(process.pid)));
}

bool process_is(struct process a, struct process b)
{
	return a.pid > 0 && a.pid == b.pid && a.start == b.start;
}

struct process process_parent(struct process process)
{
	struct stat_line line;

	return same_read(process, &line) ? process_of(line.parent) : (struct process){ 0, 0 };
}

bool process_is_above(struct process who, pid_t pid)
{
	struct process at = process_of(pid);

	for (int depth = 0; at.pid > 0 && depth < DEPTH_MAX; depth++) {
		if (process_is(at, who))
			return true;
		at = process_parent(at);
	}
	return false;
}

bool process_same_program(struct process a, struct process b)
{
	char path[2][32];
	struct stat st[2];

	snprintf(path[0], sizeof(path[0]), "/proc/%d/exe", (int)a.pid);
	snprintf(path[1], sizeof(path[1]), "/proc/%d/exe", (int)b.pid);
	if (stat(path[0], &st[0]) != 0 || stat(path[1], &st[1]) != 0)
		return true;
	return st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino;
}

bool process_number(pid_t pid, const char *name, unsigned long *number)
{
	char text[32], *end;

	if (pid <= 0 || !proc_read(pid, name, text, sizeof(text)))
		return false;
	*number = strtoul(text, &end, 10);
	return end != text && *number < UNSET;
}

bool process_name(pid_t pid, char *name, size_t len)
{
	bool known = proc_read(pid, "comm", name, len);

	name[strcspn(name, "\n")] = '\0';
	return known;
}

bool process_cgroup(pid_t pid, char *text, size_t len)
{
	return pid > 0 && proc_read(pid, "cgroup", text, len);
}

bool process_slice(pid_t pid, uid_t *uid)
{
	char text[CGROUP_TEXT_MAX];
	const char *path = process_cgroup(pid, text, sizeof(text)) ? cgroup_path(text) : NULL;

	return path && cgroup_user(path, uid);
}

bool process_real_uid(pid_t pid, uid_t *uid)
{
	char text[CGROUP_TEXT_MAX]; /* the line is among the first: proc(5), /proc/PID/status */
	const char *line = pid > 0 && proc_read(pid, "status", text, sizeof(text))
				   ? strstr(text, "\nUid:\t")
				   : NULL;
	unsigned long real;

	if (!line || sscanf(line, "\nUid:\t%lu", &real) != 1)
		return false;
	*uid = (uid_t)real;
	return true;
}

/* Whoever is given a subtree of cgroups can freeze what is in it, root's processes too: /proc/PID/stat is silent. */
static bool is_frozen(pid_t pid)
{
	char text[CGROUP_TEXT_MAX], path[CGROUP_TEXT_MAX + 64];
	const char *group = process_cgroup(pid, text, sizeof(text)) ? cgroup_unified(text) : NULL;

	if (!group)
		return false;
	snprintf(path, sizeof(path), "/sys/fs/cgroup%.*s/cgroup.events", (int)strcspn(group, "\n"),
		 group);
	return file_read(path, text, sizeof(text)) && strstr(text, "frozen 1\n");
}

bool process_is_stopped(struct process process)
{
	struct stat_line line;

	return same_read(process, &line) &&
	       (line.state == 'T' || line.state == 't' || is_frozen(process.pid));
}
