/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the person is shown of a login, and the log: see present.h. Must never show a byte of the
 * helper's that screen.c has not passed.
 */
#include "present.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/paths.h"
#include "common/scratch.h"
#include "helper/login/display/eidp.h"
#include "helper/login/display/greeter.h"
#include "helper_process.h"

enum {
	DRAW_MS = 2 * 1000,
	BEAT_MS = 4 * 1000,   /* between two signs to a greeter that draws for itself */
	DOUBT_MS = 40 * 1000, /* that a code is on its way to a client which may show no text */
	DOUBT_LEAST_MS = 8 * 1000,
};

/* What stands on a console, or went to a client, while somebody looks for their phone. */
struct authorization {
	char code[SCREEN_CODE_MAX + 1];
	char uri[SCREEN_URI_MAX + 1];
	char complete[SCREEN_URI_MAX + 1]; /* "": there is none */
	int64_t again;			   /* spawn_now() of the next drawing, or of the prompt */
};

/* What a screen is made of. */
struct canvas {
	struct wire_draft draft;
	struct screen_matrix matrix;
	char text[SCREEN_BYTES_MAX];
};

void present_log(struct login *login, int priority, const char *format, ...)
{
	char text[512], line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (login->hushed && priority >= LOG_WARNING)
		return;
	screen_plain(text, line, sizeof(line));
	login->io.log(login->io.context, priority, line);
}

void present_prepare(struct login *login, const struct presentation_facts *facts)
{
	const struct presentation *presentation = &login->presentation;
	struct screen *screen = &login->screen;

	login->facts = *facts;
	presentation_choose(login->conf, facts, &login->presentation);
	screen->messages = conf_messages(login->conf, presentation->ascii);
	screen->rows = facts->rows;
	screen->columns = facts->columns;
	screen->style = presentation->style;
	screen->halves = presentation->halves;
	screen->wakes = presentation->console;
	screen->wall = presentation->wall;
	screen->brief = presentation->brief;
	screen->line = presentation->line;
	screen->prefix = presentation->prefix;
	screen->most = presentation->most;
	screen->enter = presentation->wait_for_enter;
}

static bool show_text(struct login *login, const char *text)
{
	if (login->io.show(login->io.context, text))
		return true;
	return login_end(login, OUTCOME_CONVERSATION, REASON_MESSAGE_FAILED);
}

/* In a greeter's own object. OVER: the login ends with it, and a key leads back to where it waits. */
static bool object_show(struct login *login, enum message message, bool over)
{
	char text[6 * MESSAGE_BYTES_MAX];

	if (greeter_message(&login->screen, message, over && login->presentation.idle, text,
			    sizeof(text)) == 0)
		return show_text(login, message_text(login->screen.messages, message));
	return show_text(login, text);
}

bool present_say(struct login *login, enum message message)
{
	char text[2 * MESSAGE_BYTES_MAX];

	if (login->presentation.greeter)
		return object_show(login, message, false);

	if (screen_below(&login->screen, message, text, sizeof(text)) == 0)
		return show_text(login, message_text(login->screen.messages, message));
	return show_text(login, text);
}

void present_last(struct login *login, enum message message)
{
	if (login->presentation.greeter)
		object_show(login, message, true);
	else
		present_notice(login, message);
}

void present_notice(struct login *login, enum message message)
{
	char *text = scratch_take(SCREEN_BYTES_MAX);

	if (text && screen_notice(&login->screen, message, text, SCREEN_BYTES_MAX) > 0)
		login->io.show(login->io.context, text);
	else
		login->io.show(login->io.context, message_text(login->screen.messages, message));
	scratch_drop(text, SCREEN_BYTES_MAX);
}

/* Why there is no code, as device-code-qr says it: it may be anything, and these words are all that it has. */
static const char *qr_refusal(const char *said)
{
	static const char *const words[] = { "packet", "version", "address", "no_code", "sandbox" };

	for (size_t i = 0; said && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(said, words[i]) == 0)
			return words[i];
	return reason_name(REASON_PACKET_INVALID);
}

static const char *qr_answer(struct spawn *qr_helper, char *bytes, struct screen_matrix *matrix)
{
	struct wire_message answer;

	switch (wire_receive(qr_helper->fd, false, bytes, &answer)) {
	case WIRE_MESSAGE:
		break;
	case WIRE_GONE:
		return reason_name(helper_why_gone(qr_helper));
	default:
		return reason_name(REASON_PACKET_INVALID);
	}
	if (strcmp(answer.verb, "modules") != 0)
		return qr_refusal(wire_value(&answer, "reason"));
	return screen_matrix_read(matrix, wire_value(&answer, "width"), wire_value(&answer, "rows"))
		       ? NULL
		       : reason_name(REASON_PACKET_INVALID);
}

/*
 * One that waits already, or a fresh one; it draws once, and is the caller's to end in any case. NULL, or why there
 * is no MATRIX.
 */
static const char *qr_ask(struct spawn *qr_helper, const char *uri, struct wire_draft *draft,
			  struct screen_matrix *matrix)
{
	if (qr_helper->fd < 0 && helper_start(qr_helper, PATH_QR, false) != SPAWN_STARTED)
		return reason_name(REASON_HELPER_NOT_STARTED);
	wire_begin(draft, "qr");
	wire_add(draft, "wire", WIRE_VERSION);
	wire_add(draft, "uri", uri);
	if (!wire_send(qr_helper->fd, draft))
		return reason_name(helper_why_gone(qr_helper));
	if (!spawn_wait(qr_helper, spawn_after(DRAW_MS)))
		return reason_name(REASON_TIMEOUT);
	return qr_answer(qr_helper, draft->bytes, matrix);
}

const char *present_draw(const char *uri, struct wire_draft *draft, struct screen_matrix *matrix)
{
	struct spawn qr_helper = SPAWN_NONE;
	const char *why = qr_ask(&qr_helper, uri, draft, matrix);

	spawn_end(&qr_helper);
	return why;
}

/* The code and the address will do, but an administrator can mend what ended it. */
static bool qr_drawn(struct login *login, const char *uri, struct canvas *canvas)
{
	const char *why = qr_ask(&login->qr_helper, uri, &canvas->draft, &canvas->matrix);

	if (why)
		present_log(login, LOG_WARNING, "no QR code: device-code-qr: %s", why);
	return !why;
}

void present_expect(struct login *login)
{
	if (login->screen.style != SCREEN_OFF)
		helper_start(&login->qr_helper, PATH_QR,
			     false); /* without it there is a code still */
}

/*
 * A host of the short form shows the last text alone, drops it with the answer, and may not show the
 * prompt at all: what is asked for goes into a text, TEXT or else the code being with it.
 */
static bool brief_show(struct login *login, const char *text, enum message request)
{
	const char *message = message_text(login->screen.messages, request);
	char whole[SCREEN_BARE_MAX + 1];
	const char *first = text[0] ? text : message;
	const char *second = text[0] ? message : login->brief_text;

	if (strlen(first) + (second ? strlen(second) : 0) + 2 >= sizeof(whole))
		return show_text(login, text[0] ? text : login->brief_text);
	snprintf(whole, sizeof(whole), "%s\n\n%s", first, second ? second : "");
	return show_text(login, whole);
}

/*
 * A prompt is due: TEXT, if there is any, and below it what is asked for. A host of one line shows
 * nothing but the prompt, so the code is in each.
 */
bool present_prompt(struct login *login, const char *text, enum message request)
{
	const char *message = message_text(login->screen.messages, request);
	const char *between = "\n";
	size_t len;

	if (login->presentation.greeter) {
		message = between = ""; /* both are in the object */
	} else if (login->presentation.line) {
		text = text[0] ? text : login->brief_text;
		between = "  ";
	} else if (login->presentation.brief) {
		if (text != login->brief_text && !brief_show(login, text, request))
			return false;
		text = "";
	}
	if (screen_placed(text))
		between = "";
	len = strlen(text) + strlen(message) + sizeof("  ");
	free(login->pending_prompt);
	login->pending_prompt = malloc(len);
	if (!login->pending_prompt)
		return login_end(login, OUTCOME_MEMORY, REASON_PROMPT);
	snprintf(login->pending_prompt, len, "%s%s%s", text, text[0] ? between : "", message);
	return true;
}

/* The code, in a text of its own; it is kept for when it has to be shown again. */
static bool brief_present(struct login *login, const char *text)
{
	bool asking = login->code_entry || login->presentation.wait_for_enter;

	free(login->brief_text);
	login->brief_text = strdup(text);
	if (!login->brief_text)
		return login_end(login, OUTCOME_MEMORY, REASON_CODE);
	if (!(asking && login->presentation.line) && !show_text(login, text))
		return false;
	return !asking || present_prompt(login, login->brief_text,
					 login->code_entry ? MESSAGE_PASTE : MESSAGE_ENTER);
}

/* Messages that somebody made too long for this screen are no reason to show none. */
static bool composed(struct screen *screen, char text[SCREEN_BYTES_MAX])
{
	const struct messages *messages = screen->messages;
	bool ok = screen_compose(screen, text, SCREEN_BYTES_MAX) > 0;

	if (!ok && messages) {
		screen->messages = NULL;
		ok = screen_compose(screen, text, SCREEN_BYTES_MAX) > 0;
		screen->messages = messages;
	}
	return ok;
}

/* The QR code, if there is one, and then the text. */
static bool parts_show(struct login *login, char *text)
{
	size_t qr = screen_qr_end(text);

	if (qr > 0) {
		text[qr - 1] = '\0';
		if (!show_text(login, text))
			return false;
	}
	return show_text(login, text + qr);
}

static bool screen_present(struct login *login, char text[SCREEN_BYTES_MAX])
{
	if (login->presentation.greeter)
		return greeter_code(&login->screen, text, GREETER_BYTES_MAX) > 0
			       ? show_text(login, text)
			       : login_protocol_error(login, REASON_AUTHORIZATION_TOO_LARGE);
	if (!composed(&login->screen, text))
		return login_protocol_error(login, REASON_AUTHORIZATION_TOO_LARGE);
	if (login->presentation.brief)
		return brief_present(login, text);
	if (login->code_entry || login->presentation.wait_for_enter)
		return present_prompt(login, text,
				      login->code_entry ? MESSAGE_PASTE : MESSAGE_ENTER);
	return login->presentation.parted ? parts_show(login, text) : show_text(login, text);
}

/* The greeter draws it; what it is to draw becomes what is asked next. */
static bool eidp_present(struct login *login, const char *uri)
{
	char json[EIDP_BYTES_MAX];

	if (eidp_compose(&login->screen, uri, json, sizeof(json)) == 0)
		return login_protocol_error(login, REASON_AUTHORIZATION_TOO_LARGE);
	free(login->pending_prompt);
	login->pending_prompt = strdup(json);
	return login->pending_prompt || login_end(login, OUTCOME_MEMORY, REASON_PROMPT);
}

static bool authorization_show(struct login *login, const char *uri, const char *complete)
{
	struct screen *screen = &login->screen;
	struct canvas *canvas;
	bool ok;

	screen->qr_has_code = complete && login->presentation.qr_verification_uri_complete;
	if (login->presentation.eidp)
		return eidp_present(login, screen->qr_has_code ? complete : uri);
	canvas = scratch_take(sizeof(*canvas));
	if (!canvas)
		return login_end(login, OUTCOME_MEMORY, REASON_SCREEN);
	if (screen->style != SCREEN_OFF &&
	    qr_drawn(login, screen->qr_has_code ? complete : uri, canvas))
		screen->matrix = &canvas->matrix;
	ok = screen_present(login, canvas->text);
	screen->matrix = NULL;
	spawn_end(&login->qr_helper); /* the person looks at the code meanwhile */
	scratch_drop(canvas, sizeof(*canvas));
	return ok;
}

void present_forget(struct login *login)
{
	if (login->authorization)
		explicit_bzero(login->authorization, sizeof(*login->authorization));
	free(login->authorization);
	login->authorization = NULL;
}

/* A code so long unapproved may not have been seen. The second half of its time is for the prompt. */
static int64_t doubt_at(const struct login *login)
{
	int64_t half = (login->deadline - spawn_now()) / 2;

	if (half < DOUBT_LEAST_MS)
		half = DOUBT_LEAST_MS;
	return spawn_after(half < DOUBT_MS ? half : DOUBT_MS);
}

/* Where it can be drawn again, without a question on the screen; without memory it just is not. */
static void authorization_keep(struct login *login, const char *uri, const char *complete)
{
	bool stands = (login->presentation.can_clear && login->io.look) ||
		      login->presentation.greeter;
	struct authorization *authorization;

	if (!(stands || login->presentation.doubtful) || login->code_entry ||
	    login->presentation.wait_for_enter)
		return;
	authorization = calloc(1, sizeof(*authorization));
	if (!authorization)
		return;
	snprintf(authorization->code, sizeof(authorization->code), "%s", login->screen.user_code);
	snprintf(authorization->uri, sizeof(authorization->uri), "%s", uri);
	if (complete && strlen(complete) < sizeof(authorization->complete))
		strcpy(authorization->complete, complete);
	authorization->again = login->presentation.doubtful ? doubt_at(login)
							    : spawn_after(PRESENT_AGAIN_MS);
	if (login->presentation.greeter)
		authorization->again = spawn_after(BEAT_MS);
	login->authorization = authorization;
}

bool present_authorization(struct login *login, const char *uri, const char *complete)
{
	present_forget(login);
	login->hushed = false;
	if (!authorization_show(login, uri, complete))
		return false;
	authorization_keep(login, uri, complete);
	return true;
}

bool present_await(struct login *login, int ms, bool *changed)
{
	struct presentation_facts facts = login->facts;
	bool typed = login->io.look(login->io.context, &facts, ms);

	*changed = facts.rows != login->facts.rows || facts.columns != login->facts.columns ||
		   facts.half_blocks != login->facts.half_blocks ||
		   facts.letters != login->facts.letters;
	if (*changed)
		present_prepare(login, &facts);
	return typed;
}

static bool authorization_again(struct login *login)
{
	struct screen *screen = &login->screen;
	struct authorization *authorization = login->authorization;
	int64_t left = login->deadline - spawn_now();
	bool ok;

	screen->user_code = authorization->code;
	screen->uri = authorization->uri;
	screen->seconds = left > 1000 ? (int)(left / 1000) : 1;
	screen->clear_first = login->presentation.can_clear;
	ok = authorization_show(login, authorization->uri,
				authorization->complete[0] ? authorization->complete : NULL);
	screen->user_code = NULL;
	screen->uri = NULL;
	authorization->again = spawn_after(PRESENT_AGAIN_MS);
	return ok && (!login->told_unreachable || present_say(login, MESSAGE_TROUBLE));
}

/* The code once more, in a prompt, which every client shows. */
static bool authorization_ask(struct login *login)
{
	bool ok;

	login->presentation.doubtful = login->presentation.parted = false;
	login->presentation.wait_for_enter = login->screen.enter = true;
	ok = authorization_again(login);
	present_forget(login);
	return ok;
}

/*
 * greetd 0.9 looks at nothing while a login is silent, and so does not see that its greeter has ended: it
 * does when it has something to say. A greeter that is there draws nothing new.
 */
static bool greeter_beat(struct login *login)
{
	if (spawn_now() < login->authorization->again)
		return true;
	login->authorization->again = spawn_after(BEAT_MS);
	return object_show(login, login->told_unreachable ? MESSAGE_TROUBLE : MESSAGE_WAITING,
			   false);
}

bool present_look(struct login *login)
{
	bool due;

	if (!login->authorization)
		return true;
	if (login->presentation.greeter)
		return greeter_beat(login);
	if (login->presentation.doubtful)
		return login->phase != PHASE_SHOWN || spawn_now() < login->authorization->again ||
		       authorization_ask(login);
	present_await(login, 0, &due);
	due |= login->presentation.console && login->presentation.style != SCREEN_OFF &&
	       spawn_now() >= login->authorization->again;
	return !due || authorization_again(login);
}

/* The old code goes from the screen at once; the terminal is then clear for the new one. */
bool present_fresh(struct login *login)
{
	char text[sizeof(SCREEN_CLEAR) + MESSAGE_BYTES_MAX + 1];

	present_forget(login);
	login->screen.clear_first = login->presentation.can_clear;
	if (login->presentation.greeter)
		return present_say(login, MESSAGE_FRESH_CODE);
	if (login->presentation.wall) { /* who is gone is told by the code that follows */
		present_notice(login, MESSAGE_FRESH_CODE);
		return true;
	}
	snprintf(text, sizeof(text), "%s%s", login->screen.clear_first ? SCREEN_CLEAR : "",
		 message_text(login->screen.messages, MESSAGE_FRESH_CODE));
	return show_text(login, text);
}
