/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes of a call, for PAM: device-code-login says one in `done`, and the module has some of its own where there
 * is no login to say one. The login's outcomes, of which there are more, are for the log. Pure.
 */
#ifndef COMMON_RESULT_H
#define COMMON_RESULT_H

/* pam_device_code.c makes PAM return codes of it, and nothing else does. */
enum result {
	RESULT_SYSTEM = 0, /* what everything starts as */
	RESULT_MEMORY,
	RESULT_SETUP,
	RESULT_HELPER_FAILED, /* one of ours crashed, stalled or broke the protocol */
	RESULT_CONVERSATION,
	RESULT_UNAVAILABLE, /* nobody could be asked */
	RESULT_FAILED,	    /* another try may help */
	RESULT_NO_MORE,	    /* no other try at once */
	RESULT_FORBIDDEN,
	RESULT_NO_ACCOUNT,
	RESULT_SKIPPED, /* left to the others of the stack */
	RESULT_ADMITTED,
	RESULT_COUNT,
};

/* A constant snake_case name: of the wire, and of the module's own in the log, as outcomes are called there. */
const char *result_name(enum result result);

/* RESULT_COUNT for an unknown name, or none (NULL). */
enum result result_parse(const char *name);

#endif
