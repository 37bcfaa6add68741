/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole module in one process with a PAM handle of the test's making, a puppet in place of the
 * helper, and a person who answers every prompt. Made for one thread and many logins.
 */
#ifndef TESTS_HOSTILE_STAGE_H
#define TESTS_HOSTILE_STAGE_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "script.h"

#define STAGE_ISSUER "https://id.example"
#define STAGE_USER   "alice"
#define STAGE_SECRET "canary-of-the-client-secret-0123456789"

/* Those that a login asks for which wants no Landlock. */
#define STAGE_SANDBOX "uid=65533,no_new_privs,not_dumpable,rlimits,seccomp"

enum {
	STAGE_TEXT_MAX = 256 * 1024,
	STAGE_UID = 65533, /* of STAGE_USER, and of the helpers */
	STAGE_PROMPTS_MAX = 400,
};

struct pam_handle {
	const char *user; /* PAM_USER; the module may set it where it is "" */
	const char *rhost, *tty, *ruser, *service;
	const char *answer;	     /* to each prompt; NULL: none comes with the success */
	int prompt_ms;		     /* how long each takes */
	char told_user[64];	     /* what the module has set PAM_USER to */
	int prompts;		     /* asked so far */
	char shown[STAGE_TEXT_MAX];  /* all messages, a '\1' behind each */
	char logged[STAGE_TEXT_MAX]; /* all log lines, likewise */
	char environment[4096];	     /* what pam_putenv() was given, a newline behind each */
	void *data;		     /* of the one name that the module uses */
	void (*cleanup)(pam_handle_t *pamh, void *data, int status);
};

/* Ends the program with a skip where the helpers' account may not enter the build tree. */
void stage_or_skip(void);

/* Makes the directory of the test and the files in it. LINES: of the section, beside the usual. */
void stage_set(const char *lines);
void stage_clear(void); /* removes it */

/* A file in that directory. */
const char *stage_path(const char *name);

/* Writes the script anew; steps are added behind each other. */
void stage_script_begin(void);
void stage_step(enum script_what what, uint32_t number, const void *bytes, size_t len);
void stage_packet(const char *verb, ...); /* key, value, ..., NULL: sent */
void stage_script_end(void);

/* Packets that a good login is made of. */
void stage_ready(void);
void stage_authorize(const char *seconds);
void stage_claims(void);
void stage_done(void);
void stage_good_login(void); /* the whole script of one */

/* A handle as a seat has it, without data. */
void stage_handle(struct pam_handle *pamh);
void stage_handle_end(struct pam_handle *pamh); /* as pam_end does */

/* pam_sm_authenticate with the section of stage_set(). */
int stage_authenticate(struct pam_handle *pamh);

/* A test may have one: called when the person is asked, and what was shown is there. */
void stage_on_prompt(void) __attribute__((weak));

/* A test may have one: whether the account of the helpers cannot be found this time. */
bool stage_account_fails(void) __attribute__((weak));

/* How many descriptors are open; children there are, dead or alive; kilobytes at the highest. */
int stage_fds(void);
bool stage_has_children(void);
long stage_peak_kb(void);
int64_t stage_now_ms(void);

#endif
