/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verbs of pam-device-code: one verb, one file, one row in main.c.
 *
 * A verb gets its own arguments (argv[0] is its name; --help has been answered already) and returns
 * the program's status. It is on the privileged side, like the module: it has no network and opens the channel to
 * the same helper, by the module's own files; it must never include the helper's.
 */
#ifndef ADMIN_VERBS_H
#define ADMIN_VERBS_H

#define PROGRAM "pam-device-code"

/* Status of the program, and of every verb; check has its own for what it found, report.h. */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2, /* nothing was done */
};

/* "pam-device-code: VERB: ..." on standard error. Returns STATUS_USAGE. */
int verb_misused(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Likewise. Returns STATUS_FAILED. */
int verb_failed(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* try.c: a whole login on this terminal, which grants nothing. */
int verb_try(int argc, char **argv);

/* setup.c: a section for a provider, from what it says of itself. */
int verb_setup(int argc, char **argv);

/* qr.c: a QR code on this terminal. */
int verb_qr(int argc, char **argv);

/* check.c: everything that a login needs, a line each. */
int verb_check(int argc, char **argv);

/* sessions.c, refresh.c, revoke.c: what is kept of logins. */
int verb_sessions(int argc, char **argv);
int verb_refresh(int argc, char **argv);
int verb_revoke(int argc, char **argv);

/* people.c: which identity is bound to which account. */
int verb_people(int argc, char **argv);

#endif
