/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How to talk in this login: chosen from what the section says, where the person is, and what the
 * host and its terminal are like. Pure.
 */
#ifndef HELPER_LOGIN_PRESENTATION_H
#define HELPER_LOGIN_PRESENTATION_H

#include <stdbool.h>
#include <stddef.h>

#include "helper/login/config/conf.h"
#include "origin.h"
#include "helper/login/display/screen.h"

/* What there is to choose from. */
struct presentation_facts {
	enum origin origin;
	const char *tty;     /* PAM_TTY; never NULL */
	const char *service; /* PAM_SERVICE; never NULL */
	bool own_account;    /* a session asks for the account of its own real user */
	long alarm;	     /* seconds until the host ends itself, 0: it does not, or hides it */
	int rows, columns;   /* of the terminal; 0: unknown */
	bool linux_console;  /* a text console of the kernel */
	bool half_blocks;    /* which draws half blocks: it has the glyphs, and takes UTF-8 */
	bool utf8;	     /* the terminal says that it takes UTF-8 */
	bool letters;	     /* a console of the kernel has the glyphs of all messages */
	bool text_at_once;   /* an sshd that does not keep a text back until the next prompt */
	bool dumb;	     /* TERM says that it takes no escape sequences */
	bool no_term;	     /* there is no TERM */
	bool mono;	     /* TERM says that it has no colours */
	bool eidp;	     /* a greeter of GDM's that draws code and QR code itself */
};

struct presentation {
	bool brief;   /* the short form: see screen.h; what is asked is not echoed */
	bool line;    /* with it: all in one line; that is echoed */
	bool eidp;    /* a greeter draws it: display/eidp.h */
	bool greeter; /* likewise, all that is said: display/greeter.h */
	bool ascii;   /* the messages have to do without other letters */
	bool prefix;  /* the host puts something in front of the first line */
	size_t most;  /* bytes that the host takes: see screen.h */
	enum screen_style style;
	bool halves;  /* where that does not fit, half blocks do: a console of the kernel */
	bool console; /* one of the kernel: others write to it, and it blanks */
	bool patient; /* where nobody is named: a provider out of reach is waited for */
	bool qr_verification_uri_complete; /* the QR may hold the address with the code in it */
	bool wait_for_enter; /* the code stands inside a prompt that waits for Enter */
	bool parted;	     /* the QR code is a text of its own, lest it crowds out the messages */
	bool doubtful;	 /* the client may show no text: who is slow is asked for Enter after all */
	bool alarm_cuts; /* the timeout is the host's alarm, not the configuration's */
	bool wall;	 /* it is read from across the room: screen.h */
	bool idle;	 /* nothing is asked of the provider until somebody presses Enter */
	bool can_clear;	 /* a code that is over is cleared from the terminal, and what was typed */
	long timeout;	 /* seconds that a shown code is waited for at most */
	long host_seconds; /* until the host ends itself, for all codes together; 0: it does not */
	size_t answer_cut; /* bytes at which this terminal cuts an answer, silently */
};

void presentation_choose(const struct conf *conf, const struct presentation_facts *facts,
			 struct presentation *presentation);

#endif
