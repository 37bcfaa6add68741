/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is bound to which account: the lines of device_code.people, which an administrator writes by
 * `pam-device-code people` and nobody else does.
 *
 *	STATE ISSUER SUBJECT NAME UID
 *
 * A blank between two; in issuer and subject %HH stands for a blank and for a percent sign. An identity, a
 * name and a uid stand in one line at most, whatever its state. Pure.
 */
#ifndef HELPER_LOGIN_BINDINGS_H
#define HELPER_LOGIN_BINDINGS_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/list.h"

enum binding_state {
	BINDING_WRONG = 0, /* the line is none of ours: it admits nobody */
	BINDING_NONE,	   /* a comment, or nothing */
	BINDING_BOUND,	   /* the only one that admits anybody */
	BINDING_MAKING,	   /* the account is being made, and is shut */
	BINDING_OPENING,   /* it is made, and is being opened */
	BINDING_REMOVING,  /* what the person has left is being ended */
	BINDING_REMOVED,   /* the account is shut, and keeps name and uid from others */
	BINDING_PURGED,	   /* the account is gone; the line keeps name and uid from other people */
	BINDING_STATES,
};

enum {
	BINDING_WORD_MAX =
		3 * 1024, /* an issuer or a subject as it stands in the file, its NUL included */
};

/* A line where it stands. */
struct binding {
	enum binding_state state;
	struct slice issuer, subject; /* binding_word() */
	struct slice name;
	uid_t uid;
};

/* The next line at *TEXT, which moves behind it. false: there is none. */
bool binding_next(const char **text, struct binding *binding);

/* Whether STATE is that of an account that nobody has had yet: the same wish ends what was begun. */
bool binding_cut_off(enum binding_state state);

/* The word of a state, "" for the first two. */
const char *binding_state_name(enum binding_state state);

/* TEXT as it stands in the file. false: it is empty, too long, or has a control character. */
bool binding_word(const char *text, char word[BINDING_WORD_MAX]);

/*
 * What SUBJECT of ISSUER is bound to. false: nothing; or more than one line has that identity, or the line's
 * name or uid stands in another one, too, and nobody can tell what was meant.
 */
bool binding_find(const char *text, const char *issuer, const char *subject,
		  struct binding *binding);

/* Whether a line of TEXT, in whatever state, has NAME, and is not SUBJECT's of ISSUER. */
bool binding_of_another(const char *text, const char *issuer, const char *subject,
			const char *name);

/* Whether a line of TEXT is SUBJECT's of ISSUER, but for one that says "making" or "opening": that call was cut off. */
bool binding_known(const char *text, const char *issuer, const char *subject);

#endif
