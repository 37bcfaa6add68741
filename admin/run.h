/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program of the system's and reads what it says: the only fork and exec of pam-device-code
 * beside the helpers'.
 */
#ifndef ADMIN_RUN_H
#define ADMIN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Runs ARGV (argv[0] an absolute path; NULL at its end) with a fixed environment and no input, and
 * puts what it writes to output and standard error into OUT, a string; more than fits is dropped.
 * Returns its status, or -1: it could not be run, was killed, or took longer than ten seconds.
 */
int run_capture(const char *const *argv, char *out, size_t out_len);

/* Likewise, for a program that is not to be killed half done: MS milliseconds. */
int run_patiently(const char *const *argv, int ms, char *out, size_t out_len);

/*
 * Sends SIGKILL to all that UID may signal, at one moment, as a process of theirs: so it ends chains of processes that
 * are never there when /proc is read, too, and what has taken a subordinate uid in a user namespace of theirs. They
 * may stop or kill who does it: three seconds. false: it was not done.
 */
bool run_kill_all_of(uid_t uid);

#endif
