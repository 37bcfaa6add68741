/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program of the system's and reads what it says: the only fork and exec of pam-device-code
 * beside the helpers'.
 */
#ifndef ADMIN_RUN_H
#define ADMIN_RUN_H

#include <stddef.h>

/*
 * Runs ARGV (argv[0] an absolute path; NULL at its end) with a fixed environment and no input, and
 * puts what it writes to output and standard error into OUT, a string; more than fits is dropped.
 * Returns its status, or -1: it could not be run, was killed, or took longer than ten seconds.
 */
int run_capture(const char *const *argv, char *out, size_t out_len);

/* Likewise, for a program that is not to be killed half done: MS milliseconds. */
int run_patiently(const char *const *argv, int ms, char *out, size_t out_len);

#endif
