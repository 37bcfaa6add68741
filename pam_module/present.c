/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the person is shown of a login, and the log: see present.h. Must never show a byte of the
 * helper's that screen.c has not passed.
 */
#include "present.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"

enum {
	DRAW_MS = 2 * 1000,
};

void present_log(struct login *login, int priority, const char *text)
{
	char line[512];

	screen_plain(text, line, sizeof(line));
	login->io.log(login->io.context, priority, line);
}

static bool show_text(struct login *login, const char *text)
{
	if (login->io.show(login->io.context, text))
		return true;
	return login_end(login, OUTCOME_CONVERSATION, "show");
}

bool present_word(struct login *login, enum word word)
{
	return show_text(login, word_text(word));
}

/* The matrix of URI from device-code-draw. false: no QR; the code and the address will do. */
static bool draw(const char *uri, struct screen_matrix *matrix)
{
	struct wire_draft *draft = malloc(sizeof(*draft)); /* the stack may be a small thread's */
	struct wire_message answer;
	struct spawn drawer;
	bool drawn = false;

	if (!draft || spawn_start(&drawer, PATH_DRAW) != SPAWN_STARTED) {
		free(draft);
		return false;
	}
	wire_begin(draft, "draw");
	wire_add(draft, "wire", WIRE_VERSION);
	wire_add(draft, "uri", uri);
	if (wire_send(drawer.fd, draft) && spawn_wait(&drawer, spawn_now() + DRAW_MS) &&
	    wire_receive(drawer.fd, false, draft->bytes, &answer) == WIRE_MESSAGE &&
	    strcmp(answer.verb, "matrix") == 0 && wire_value(&answer, "width") &&
	    wire_value(&answer, "rows"))
		drawn = screen_matrix_read(matrix, wire_value(&answer, "width"),
					   wire_value(&answer, "rows"));
	spawn_end(&drawer);
	free(draft);
	return drawn;
}

/* A prompt is due: TEXT, if there is any, and below it what is asked for. */
bool present_prompt(struct login *login, const char *text, enum word request)
{
	size_t len = strlen(text) + strlen(word_text(request)) + 2;

	free(login->pending_prompt);
	login->pending_prompt = malloc(len);
	if (!login->pending_prompt)
		return login_end(login, OUTCOME_MEMORY, "prompt");
	snprintf(login->pending_prompt, len, "%s%s%s", text, text[0] ? "\n" : "",
		 word_text(request));
	return true;
}

static bool screen_present(struct login *login)
{
	char *text = malloc(SCREEN_BYTES_MAX);
	bool ok;

	if (!text)
		return login_end(login, OUTCOME_MEMORY, "screen");
	if (screen_compose(&login->screen, text, SCREEN_BYTES_MAX) == 0)
		ok = login_breach(login, "invite_cannot_be_shown");
	else if (login->pasting || login->manner.prompting)
		ok = present_prompt(login, text, login->pasting ? WORD_PASTE : WORD_ENTER);
	else
		ok = show_text(login, text);
	explicit_bzero(text, strlen(text));
	free(text);
	return ok;
}

bool present_invite(struct login *login, const char *uri, const char *complete)
{
	struct screen_matrix *matrix;
	bool ok;

	if (login->relaying)
		return true;
	matrix = calloc(1, sizeof(*matrix));
	if (!matrix)
		return login_end(login, OUTCOME_MEMORY, "matrix");
	login->screen.matrix = NULL;
	login->screen.qr_has_code = complete && login->manner.complete_uri;
	if (login->screen.style != SCREEN_OFF &&
	    draw(login->screen.qr_has_code ? complete : uri, matrix))
		login->screen.matrix = matrix;
	ok = screen_present(login);
	login->screen.matrix = NULL;
	free(matrix);
	return ok;
}

/* The old code goes from the screen at once; the terminal is then clear for the new one. */
bool present_fresh(struct login *login)
{
	char text[160];

	login->screen.afresh = login->manner.wiping;
	snprintf(text, sizeof(text), "%s%s", login->screen.afresh ? SCREEN_CLEAR : "",
		 word_text(WORD_FRESH_CODE));
	return show_text(login, text);
}
