/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes as they can be named for longer than a moment: a pid, and when it began, for pids are
 * given again. By /proc alone. Must never send a signal.
 */
#ifndef HELPER_LOGIN_SESSION_PROCESS_H
#define HELPER_LOGIN_SESSION_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process {
	pid_t pid;		  /* 0: none */
	unsigned long long start; /* clock ticks since boot: proc(5), /proc/PID/stat */
};

/* PID as it is now; pid 0 where there is no such process. */
struct process process_of(pid_t pid);

/* Whether it still runs, by any of its threads (a zombie does not). */
bool process_lives(struct process process);

bool process_is(struct process a, struct process b);

/* The parent of a running process; pid 0: there is none, or it cannot be known. */
struct process process_parent(struct process process);

/* Whether WHO is the process PID or one of its ancestors. */
bool process_is_above(struct process who, pid_t pid);

/* Whether both run the same program file; true where that cannot be known. */
bool process_same_program(struct process a, struct process b);

/*
 * The number in /proc/PID/NAME: "sessionid", the kernel's number of the login that PID descends from, which
 * nobody can choose. false: none is set, or it cannot be known.
 */
bool process_number(pid_t pid, const char *name, unsigned long *number);

/* The name of the program of PID, as its kernel has it. false: it cannot be known; NAME is "" then. */
bool process_name(pid_t pid, char *name, size_t len);

/* /proc/PID/cgroup, cut where it is longer. false: it cannot be known. */
bool process_cgroup(pid_t pid, char *text, size_t len);

/* Whose slice PID is in, as systemd has it (cgroup.h): the person, whatever uids their processes have. */
bool process_slice(pid_t pid, uid_t *uid);

/* The real uid of PID: who called a program that is setuid root. false: it cannot be known. */
bool process_real_uid(pid_t pid, uid_t *uid);

/* Whether PROCESS has been stopped (^Z, SIGSTOP, a debugger), or frozen with its cgroup. */
bool process_is_stopped(struct process process);

#endif
