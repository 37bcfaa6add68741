/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every sentence that a person at a terminal sees, in one table: its name, its English text, and what
 * any other text in its place, of a language or of a section, may be.
 *
 * Pure: no I/O, no allocation, no locale. Must never hold a byte that a person or the network
 * chose: those come in by placeholders, {name}, filtered by the caller (screen.h).
 */
#ifndef HELPER_LOGIN_DISPLAY_WORDS_H
#define HELPER_LOGIN_DISPLAY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The first group makes one screen (screen_compose()); each placeholder stands in its example. */
enum word {
	WORD_SIGN_IN,	     /* "Sign in to {host} ({service}) as {user}." */
	WORD_SIGN_IN_ANYONE, /* nobody named yet: {host} ({service}) */
	WORD_ASKER,	     /* "{asker} asks to become {user} on {host} ({service})." */
	WORD_FROM,	     /* "You come from {from}." */
	WORD_MINUTES,	     /* "You have {minutes} minutes." */
	WORD_SECONDS,	     /* "You have {seconds} seconds." */
	WORD_SECOND,	     /* "You have 1 second."; minutes are said from two on */
	WORD_CAREFUL,	     /* "Only continue if you started this login yourself." */
	WORD_SCAN,	     /* the QR opens the address; the code is to be typed there */
	WORD_SCAN_FILLED,    /* the QR opens the page with the code filled in: compare it */
	WORD_SCAN_PASTE,
	WORD_OPEN_PASTE,
	WORD_OPEN,	 /* there is no QR */
	WORD_QR_TOO_BIG, /* "(No QR code: this terminal is too small for it.)" */
	WORD_QR_NONE,	 /* "(No QR code could be drawn.)" */
	WORD_ADDRESS,	 /* "Address: {uri}" */
	WORD_CODE,	 /* "Code:    {code}" */
	WORD_CODE_BRIEF, /* for a proportional font */
	WORD_LINE,	 /* address and code in one line, for a dialog that has no more */
	WORD_LINE_PASTE, /* likewise the address alone */
	WORD_THEN_ENTER, /* the short form: the prompt itself is not seen */

	WORD_PHONE, /* what this way in is called, beside others: "Sign in with your phone" */

	/* The idle screen, screen_idle(). */
	WORD_IDLE,	 /* nobody named: {host} */
	WORD_IDLE_USER,	 /* {host}, {user} */
	WORD_IDLE_PHONE, /* what one needs, and what happens after Enter */
	WORD_IDLE_PASTE, /* likewise where the code is typed back */
	WORD_IDLE_BRIEF, /* the short form, where no QR is */
	WORD_BEGIN,	 /* "Press Enter to begin: " */
	WORD_BEGIN_AGAIN,
	WORD_MOMENT, /* Enter was taken; a code is being asked for */
	/* In a greeter that draws for itself, greeter.h */
	WORD_ANY_KEY,	    /* "Press any key to begin." */
	WORD_ANY_KEY_AGAIN, /* likewise, to try again */
	WORD_WAITING,	    /* a code is shown, and the provider answers */
	WORD_APPROVED,	    /* the session begins */

	WORD_ENTER,	  /* "Press Enter once you have approved: " */
	WORD_ENTER_AGAIN, /* "Not approved yet. Press Enter once you have approved: " */
	WORD_PASTE,
	WORD_WRONG_CODE,
	WORD_CUT_ANSWER,
	WORD_TROUBLE,	   /* the service does not answer; still trying */
	WORD_FRESH_CODE,   /* "That code is used up. Here is a fresh one." */
	WORD_DENIED,	   /* "The request was denied." */
	WORD_NOT_HONOURED, /* approved, and the service takes it back */
	WORD_EXPIRED,	   /* nobody approved in time */
	WORD_NO_CODE,
	WORD_CHANGED,
	WORD_UNREACHABLE,	  /* the service cannot be reached; given up */
	WORD_CLOCK,		  /* likewise, because its certificate is of another time */
	WORD_MISCONFIGURED,	  /* the administrator has to look into the log */
	WORD_NOT_ADMITTED,	  /* approved, but not by somebody who may enter as this user */
	WORD_NOT_ADMITTED_ANYONE, /* likewise, where nobody was named */
	WORD_NO_ENTRY,
	WORD_REMOTE_REFUSED,
	WORD_BUSY,    /* the listener has no room at all */
	WORD_CROWDED, /* too many are pending: this one waits for its place */
	WORD_LIMITED, /* too many logins were started */
	WORD_UNPROVEN,
	WORD_WEAK,
	WORD_COUNT,
};

enum {
	WORD_COLUMNS_MAX = 80, /* of a sentence, its placeholders not filled */
	WORD_BYTES_MAX = 180,
	WORD_NAME_MAX = 32, /* bytes of a name, its NUL included */
	WORD_ACCEPTS_MAX = 160,
};

/* Texts in place of the English ones, UTF-8; NULL: the English one. */
struct words {
	const char *text[WORD_COUNT]; /* the owner's to free */
};

/* "sign_in" for WORD_SIGN_IN: what it is called in a file of words. Never NULL. */
const char *word_name(enum word word);

/* WORD_COUNT: there is none of that name. */
enum word word_find(const char *name);

/* A word that stands in front of what is typed: a space is to follow it. */
bool word_is_prompt(enum word word);

/*
 * Whether TEXT may stand in the place of a word: UTF-8 that shows, not too long, with no placeholders
 * but those of the English sentence, and with all that must not be missing. Address and code are
 * ASCII, for they have to be read on every terminal. false: ACCEPTS says what would be right.
 */
bool word_ok(enum word word, const char *text, char accepts[WORD_ACCEPTS_MAX]);

/* The sentence with its placeholders; WORDS may be NULL. Never NULL; "" for what is no word. */
const char *word_text(const struct words *words, enum word word);

/*
 * Writes the sentence to OUT with its placeholders filled from PAIRS, {name, value, name, value,
 * ..., NULL}; NULL for none. Values are put in as they are, placeholders in them included: the
 * caller has filtered them. Returns the length, or 0 if it does not fit or PAIRS lacks one of the
 * placeholders; then OUT is "".
 */
size_t word_fill(const struct words *words, enum word word, const char *const *pairs, char *out,
		 size_t out_len);

#endif
