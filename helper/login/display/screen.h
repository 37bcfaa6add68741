/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the person is shown: code, address, QR matrix and terminal in, one text out.
 *
 * Pure: no I/O, no PAM, no clock, no allocation. This is where every byte that comes from the
 * network and goes to a terminal is filtered: the code from [A-Za-z0-9 ._-]{1,32}, addresses
 * https, printable ASCII, of bounded length, on a host that was agreed on. Anything else is
 * refused and nothing is shown. The only escape sequences in the text are this file's own.
 */
#ifndef HELPER_LOGIN_DISPLAY_SCREEN_H
#define HELPER_LOGIN_DISPLAY_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/reason.h"
#include "messages.h"

enum {
	SCREEN_BYTES_MAX = 64 * 1024, /* of one composed text, its NUL included */
	SCREEN_WIDTH = 80,	      /* no line of ours is wider, the QR included */
	SCREEN_URI_MAX = 256,	      /* bytes of an address that is opened and typed at */
	SCREEN_LONG_URI_MAX =
		1023, /* of one that has a whole request in it (flow = authorization_code) */
	SCREEN_CODE_MAX = 32,	/* bytes of a user code */
	SCREEN_QR_MAX = 73,	/* modules a side: version 14, the widest that 80 columns take */
	SCREEN_QUIET = 2,	/* light modules around the code */
	SCREEN_ROWS_BELOW = 1,	/* rows kept free under the text: the prompt, or the cursor */
	SCREEN_BRIEF_MAX = 800, /* bytes of the short form; what is asked below takes 180 at most */
	SCREEN_BARE_MAX = 990,	/* of it with nothing but the address: lightdm takes 995 */
	SCREEN_BRIEF_WIDTH = 64, /* and its columns: letters of a dialog are wide */
};

/* Clears a terminal that takes bytes raw, what has scrolled out of it included. */
#define SCREEN_CLEAR "\033[H\033[2J\033[3J"
/* Lights a console of the kernel that is blanked. */
#define SCREEN_WAKE "\033[13]"

/* How a QR code is drawn. Light modules are the ink: measured, scanners read that. */
enum screen_style {
	SCREEN_OFF = 0,
	SCREEN_UTF8,   /* half blocks, no escape sequence: ssh and whatever filters bytes */
	SCREEN_COLOUR, /* half blocks in explicit colours: terminals that take bytes raw */
	SCREEN_FULL,   /* two cells a module on backgrounds: Linux consoles of 37 rows and more */
};

/* The modules of a QR code without quiet zone, row by row, true is dark. */
struct screen_matrix {
	int width; /* modules a side, 0: there is none */
	bool dark[SCREEN_QR_MAX * SCREEN_QR_MAX];
};

/*
 * Reads WIDTH² characters '0' (light) and '1' (dark); WIDTH is the side of a QR code, 21, 25, ...
 * SCREEN_QR_MAX. false, and no matrix, for anything else.
 */
bool screen_matrix_read(struct screen_matrix *matrix, const char *width, const char *rows);

/* true if CODE may be shown: 1 to 32 bytes of [A-Za-z0-9 ._-], at least one a letter or digit. */
bool screen_code_ok(const char *code);

/* CODE, which is one, in groups for reading: see screen_compose(). */
void screen_code_group(const char *code, char out[2 * SCREEN_CODE_MAX]);

/* What an address is that came from the network. */
enum screen_uri {
	SCREEN_URI_RELATIVE = 0, /* no scheme: RFC 8628 3.2 wants a whole address */
	SCREEN_URI_MALFORMED,	 /* a letter that no address has, a user name, no host */
	SCREEN_URI_NOT_HTTPS,
	SCREEN_URI_ELSEWHERE, /* a host, or a port, that is not agreed on */
	SCREEN_URI_TOO_LONG,
	SCREEN_URI_OK,
};

/*
 * SCREEN_URI_OK if URI may be shown: https (http too where HTTP_LOOPBACK is set and the host is a literal
 * 127/8 or [::1] address or "localhost"), at most MAX printable ASCII bytes without space, quotes,
 * angle brackets, backslash, caret, backtick, braces and bar (RFC 3986), no user information,
 * and a host, with its port if one is given, that is one of HOSTS.
 *
 * HOSTS: names separated by spaces or commas, "host" (at any port) or "host:port" (the URI has that
 * very port); compared as text, without regard to ASCII case.
 */
enum screen_uri screen_uri_judge(const char *uri, const char *hosts, bool http_loopback,
				 size_t max);
bool screen_uri_ok(const char *uri, const char *hosts, bool http_loopback, size_t max);

/* A constant snake_case name for logs. */
enum reason screen_uri_reason(enum screen_uri judged);

/* The host, with the port if there is one, of an http or https URI. false, and OUT "": none. */
bool screen_uri_host(const char *uri, char *out, size_t out_len);

/* Rows and columns that a QR of WIDTH modules takes in STYLE, quiet zone included. */
int screen_qr_rows(int width, enum screen_style style);
int screen_qr_columns(int width, enum screen_style style);

/* Of the code with its quiet zone, which begins at 0, 0; what lies outside is light. */
bool screen_module_is_dark(const struct screen_matrix *matrix, int row, int column);

/*
 * All that one screen says. Strings are borrowed. The names, foreign or not, are filtered by
 * screen_plain(), cut at 63 bytes (31 in the short form), and a space in them becomes '?'; NULL is "".
 */
struct screen {
	const char *user;      /* who is signing in; foreign (typed). "": nobody named yet */
	const char *host;      /* this machine's name */
	const char *service;   /* PAM service */
	const char *from;      /* address of a remote person; foreign. "" unless remote */
	const char *asker;     /* su: who asks to become user; foreign. "" otherwise */
	const char *user_code; /* foreign; screen_code_ok(). NULL: the code is to be typed back */
	const char *uri;       /* foreign; screen_uri_ok() */
	int seconds;	  /* that the code lasts; from two minutes on they are said in minutes */
	bool remote;	  /* adds the warning not to continue another's login */
	bool qr_has_code; /* the QR opens the page with the code filled in */
	bool clear_first; /* the text begins with SCREEN_CLEAR */
	bool prefix;	  /* begins with a blank line, as a remote text does */
	bool brief;	  /* the short form */
	bool line;	  /* with it: all of it in one line */
	bool enter;	  /* in it: says that Enter is to be pressed afterwards */
	const struct messages *messages;    /* NULL: English */
	const struct screen_matrix *matrix; /* NULL: no QR was made */
	enum screen_style style;
	size_t most; /* bytes, as JSON writes them; a QR that makes more is left out. 0: no limit */
	int rows;    /* of the terminal; 0 unknown, taken as 24 */
	int columns; /* likewise, taken as 80; fewer than 20 are not reckoned with */
	bool halves; /* where a QR in STYLE does not fit, one in half blocks may */
	bool wakes;  /* with AFRESH: a console of the kernel, which may have gone dark */
	bool wall;   /* it is large, takes escape sequences, and is read from across the room */
};

/*
 * Composes the text: QR, if it fits, then who is signing in, what to do (and, where no QR fits, a
 * line that says so), and last the address and the code in plain ASCII. Codes of more than six
 * letters and digits are grouped for reading: "WDJBMJHT" becomes "WDJB MJHT", "WDJB-MJHT" stays.
 *
 * No line is wider than the terminal or SCREEN_WIDTH, but for one: an address that is longer stands
 * alone on its line, unbroken, and it is the terminal that wraps it. Blank lines are left out
 * where the QR would not fit otherwise. A text begins with a blank line where
 * the host puts something in front of the first one: sshd "(user@host) ", agreety "info: ".
 *
 * The short form is for a dialog of a proportional font that takes few bytes: no QR and no line about
 * that, at most SCREEN_BRIEF_MAX bytes, and an address that is longer than a line is broken, for a
 * dialog grows with it and off the screen. Not one control byte beside \n. What is too long for it with
 * all its messages has the address and the code alone. In one line these two are all there is.
 *
 * Lines end in \n, except the last, which has no end. Returns the length, or 0 if something may
 * not be shown or does not fit; then OUT is "".
 */
size_t screen_compose(const struct screen *screen, char *out, size_t out_len);

/* The bytes of TEXT, as composed, up to the end of the last line of its QR code; 0: it has none. */
size_t screen_qr_end(const char *text);

/*
 * Composes the screen of a machine that waits for somebody: how to begin, no code, no address. Of
 * SCREEN it takes user, host, afresh and columns. PASTE: the code will be typed back. TROUBLE, unless
 * MESSAGE_COUNT, stands in place of how to begin: why the last try came to nothing. PROMPT, likewise, is
 * what will be asked below. Lines and result as above.
 */
size_t screen_idle(const struct screen *screen, bool paste, enum message trouble,
		   enum message prompt, char *out, size_t out_len);

/*
 * On a wall all of these are its (wall.h): a terminal that is cleared, and lines that have no ends but places.
 * What does not fit on one is composed as on any other terminal.
 *
 * Whether the text leaves the cursor where the prompt is to stand, so that none need go in front of it.
 */
bool screen_placed(const char *text);

/* A message with nothing else on the screen; without a wall its text alone. Result as above. */
size_t screen_notice(const struct screen *screen, enum message message, char *out, size_t out_len);

/* Likewise, below what stands there. */
size_t screen_below(const struct screen *screen, enum message message, char *out, size_t out_len);

/*
 * The QR code MATRIX alone, in STYLE, with its quiet zone. Lines and result as of screen_compose().
 */
size_t screen_qr(const struct screen_matrix *matrix, enum screen_style style, char *out,
		 size_t out_len);

/*
 * Copies TEXT, foreign, to OUT for showing in one line: printable ASCII stays, anything else
 * becomes '?'. Always terminated; longer texts end in "...".
 */
void screen_plain(const char *text, char *out, size_t out_len);

#endif
