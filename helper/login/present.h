/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the person is shown of a login: an authorization becomes a screen, or a prompt that is due. Each
 * returns whether the login goes on; if not it has ended, by login_end().
 */
#ifndef HELPER_LOGIN_PRESENT_H
#define HELPER_LOGIN_PRESENT_H

#include "login.h"
#include "helper/login/display/messages.h"

enum {
	PRESENT_AGAIN_MS = 30 * 1000, /* between two drawings of the same screen on a console */
};

/* One line to the log, PRIORITY of syslog(3), made plain: what is in it may be foreign. */
void present_log(struct login *login, int priority, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How LOGIN is to talk: chosen by FACTS and its section, and told to its screen. */
void present_prepare(struct login *login, const struct presentation_facts *facts);

/* Shows a message that has no placeholders, by the texts of LOGIN->screen. */
bool present_say(struct login *login, enum message message);

/* Likewise with nothing beside it, where the presentation is a wall. Nobody is told when it cannot be shown. */
void present_notice(struct login *login, enum message message);

/* Likewise, at the end: a greeter that draws for itself is told that nothing follows. */
void present_last(struct login *login, enum message message);

/* A prompt is due: TEXT, if there is any, and below it what is asked for. */
bool present_prompt(struct login *login, const char *text, enum message request);

/*
 * Shows LOGIN->screen, whose code and address are set: as a text, or in the prompt that is due. The
 * QR code, if one can be drawn, holds COMPLETE where the presentation says so and there is one (not NULL),
 * else URI. Nothing of it is kept.
 */
bool present_authorization(struct login *login, const char *uri, const char *complete);

/*
 * The matrix of URI, by a device-code-qr of its own; DRAFT is what the channel needs, void then. NULL, or in a word why
 * there is none; the code and the address will do.
 */
const char *present_draw(const char *uri, struct wire_draft *draft, struct screen_matrix *matrix);

/* A code will come: what draws it is started, and waits for the address. login_release() ends it. */
void present_expect(struct login *login);

/*
 * A look at the console on which a code stands: it is drawn again where size or font have changed, and now
 * and then, for the kernel writes there too and may have switched it off. Over ssh, at a code that the
 * client may not have shown: after a while it is in the prompt that is due. false: it cannot be shown.
 */
bool present_look(struct login *login);

/*
 * Looks at the console in MS milliseconds, or as soon as something is typed there: true. *CHANGED: it is
 * another than it was, by what a screen depends on, and the next screen is made for it.
 */
bool present_await(struct login *login, int ms, bool *changed);

/* What stands on the console is of no use any more. */
void present_forget(struct login *login);

/* The old code goes from the screen at once; the terminal is then clear for the new one. */
bool present_fresh(struct login *login);

#endif
