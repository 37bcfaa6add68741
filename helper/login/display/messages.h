/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every message that a person at a terminal sees, in one table: its name, its English text, and what
 * any other text in its place, of a language or of a section, may be.
 *
 * Pure: no I/O, no allocation, no locale. Must never hold a byte that a person or the network
 * chose: those come in by placeholders, {name}, filtered by the caller (screen.h).
 */
#ifndef HELPER_LOGIN_DISPLAY_MESSAGES_H
#define HELPER_LOGIN_DISPLAY_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

/* The first group makes one screen (screen_compose()); each placeholder stands in its example. */
enum message {
	MESSAGE_SIGN_IN,	/* "Sign in to {host} ({service}) as {user}." */
	MESSAGE_SIGN_IN_ANYONE, /* nobody named yet: {host} ({service}) */
	MESSAGE_ASKER,		/* "{asker} asks to become {user} on {host} ({service})." */
	MESSAGE_FROM,		/* "You come from {from}." */
	MESSAGE_MINUTES,	/* "You have {minutes} minutes." */
	MESSAGE_SECONDS,	/* "You have {seconds} seconds." */
	MESSAGE_SECOND,		/* "You have 1 second."; minutes are said from two on */
	MESSAGE_CAREFUL,	/* "Only continue if you started this login yourself." */
	MESSAGE_SCAN,		/* the QR opens the address; the code is to be typed there */
	MESSAGE_SCAN_FILLED,	/* the QR opens the page with the code filled in: compare it */
	MESSAGE_SCAN_PASTE,
	MESSAGE_OPEN_PASTE,
	MESSAGE_OPEN,	    /* there is no QR */
	MESSAGE_QR_TOO_BIG, /* "(No QR code: this terminal is too small for it.)" */
	MESSAGE_QR_NONE,    /* "(No QR code could be drawn.)" */
	MESSAGE_ADDRESS,    /* "Address: {uri}" */
	MESSAGE_CODE,	    /* "Code:    {code}" */
	MESSAGE_CODE_BRIEF, /* for a proportional font */
	MESSAGE_LINE,	    /* address and code in one line, for a dialog that has no more */
	MESSAGE_LINE_PASTE, /* likewise the address alone */
	MESSAGE_THEN_ENTER, /* the short form: the prompt itself is not seen */

	MESSAGE_PHONE, /* what this way in is called, beside others: "Sign in with your phone" */

	/* The idle screen, screen_idle(). */
	MESSAGE_IDLE,	    /* nobody named: {host} */
	MESSAGE_IDLE_USER,  /* {host}, {user} */
	MESSAGE_IDLE_PHONE, /* what one needs, and what happens after Enter */
	MESSAGE_IDLE_PASTE, /* likewise where the code is typed back */
	MESSAGE_IDLE_BRIEF, /* the short form, where no QR is */
	MESSAGE_BEGIN,	    /* "Press Enter to begin: " */
	MESSAGE_BEGIN_AGAIN,
	MESSAGE_MOMENT, /* Enter was taken; a code is being asked for */
	/* In a greeter that draws for itself, greeter.h */
	MESSAGE_ANY_KEY,       /* "Press any key to begin." */
	MESSAGE_ANY_KEY_AGAIN, /* likewise, to try again */
	MESSAGE_WAITING,       /* a code is shown, and the provider answers */
	MESSAGE_APPROVED,      /* the session begins */

	MESSAGE_ENTER,	     /* "Press Enter once you have approved: " */
	MESSAGE_ENTER_AGAIN, /* "Not approved yet. Press Enter once you have approved: " */
	MESSAGE_PASTE,
	MESSAGE_WRONG_CODE,
	MESSAGE_CUT_ANSWER,
	MESSAGE_TROUBLE,      /* the service does not answer; still trying */
	MESSAGE_FRESH_CODE,   /* "That code is used up. Here is a fresh one." */
	MESSAGE_DENIED,	      /* "The request was denied." */
	MESSAGE_NOT_HONOURED, /* approved, and the service takes it back */
	MESSAGE_EXPIRED,      /* nobody approved in time */
	MESSAGE_NO_CODE,
	MESSAGE_CHANGED,
	MESSAGE_UNREACHABLE,	     /* the service cannot be reached; given up */
	MESSAGE_CLOCK,		     /* likewise, because its certificate is of another time */
	MESSAGE_MISCONFIGURED,	     /* the administrator has to look into the log */
	MESSAGE_NOT_ADMITTED,	     /* approved, but not by somebody who may enter as this user */
	MESSAGE_NOT_ADMITTED_ANYONE, /* likewise, where nobody was named */
	MESSAGE_ENROL_AT_SEAT,	     /* approved, but nobody here yet, and not at a seat */
	MESSAGE_NO_ENTRY,
	MESSAGE_REMOTE_REFUSED,
	MESSAGE_BUSY,	 /* the listener has no room at all */
	MESSAGE_CROWDED, /* too many are pending: this one waits for its place */
	MESSAGE_LIMITED, /* too many logins were started */
	MESSAGE_UNPROVEN,
	MESSAGE_WEAK,
	MESSAGE_COUNT,
};

enum {
	MESSAGE_COLUMNS_MAX = 80, /* of a text, its placeholders not filled */
	MESSAGE_BYTES_MAX = 180,
	MESSAGE_NAME_MAX = 32, /* bytes of a name, its NUL included */
	MESSAGE_ACCEPTS_MAX = 160,
};

/* Texts in place of the English ones, UTF-8; NULL: the English one. */
struct messages {
	const char *text[MESSAGE_COUNT]; /* the owner's to free */
};

/* "sign_in" for MESSAGE_SIGN_IN: what it is called in a file of messages. Never NULL. */
const char *message_name(enum message message);

/* MESSAGE_COUNT: there is none of that name. */
enum message message_find(const char *name);

/* A message that stands in front of what is typed: a space is to follow it. */
bool message_is_prompt(enum message message);

/*
 * Whether TEXT may stand in the place of a message: UTF-8 that shows, not too long, with no placeholders
 * but those of the English text, and with all that must not be missing. Address and code are
 * ASCII, for they have to be read on every terminal. false: ACCEPTS says what would be right.
 */
bool message_ok(enum message message, const char *text, char accepts[MESSAGE_ACCEPTS_MAX]);

/* The text with its placeholders; TEXTS may be NULL. Never NULL; "" for what is no message. */
const char *message_text(const struct messages *texts, enum message message);

/*
 * Writes the message to OUT with its placeholders filled from PAIRS, {name, value, name, value,
 * ..., NULL}; NULL for none. Values are put in as they are, placeholders in them included: the
 * caller has filtered them. Returns the length, or 0 if it does not fit or PAIRS lacks one of the
 * placeholders; then OUT is "".
 */
size_t message_format(const struct messages *texts, enum message message, const char *const *pairs,
		      char *out, size_t out_len);

#endif
