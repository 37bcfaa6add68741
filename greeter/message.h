/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON in and out: what greetd says and is told (greetd-ipc(7)), and the object that the login composes with
 * layout = greeter (helper/login/display/greeter.h). The only file that knows cJSON. No I/O.
 */
#ifndef GREETER_MESSAGE_H
#define GREETER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "scene.h"

enum {
	REQUEST_MAX = 16 * 1024, /* of a request, and of a text in a reply */
};

enum reply_kind {
	REPLY_SUCCESS,
	REPLY_REFUSED, /* the person is not let in */
	REPLY_FAILED,  /* greetd itself could not */
	REPLY_INFO,
	REPLY_FAULT,   /* a text of a module that reports an error */
	REPLY_VISIBLE, /* a question; what is typed may be shown */
	REPLY_SECRET,
};

struct reply {
	enum reply_kind kind;
	char text[REQUEST_MAX];
};

/* false: no reply that greetd would give. */
bool reply_read(const char *json, size_t len, struct reply *reply);

/* Requests, in OUT. Each returns its length, or 0 if it does not fit. */
size_t request_create(const char *user, char out[REQUEST_MAX]);
size_t request_answer(const char *text, char out[REQUEST_MAX]); /* NULL: there is nothing to say */
size_t request_cancel(char out[REQUEST_MAX]);
size_t request_start(char *const *command, char *const *environment, char out[REQUEST_MAX]);

/*
 * TEXT, as a PAM module has it, becomes a scene: the login's object, or a text of another module as it is. A
 * sentence that belongs to the code in SCENE leaves that there. Bytes that are no characters become '?'.
 */
void scene_read(const char *text, struct scene *scene);

/* A sentence of no login's, and how it is drawn. */
void scene_say(struct scene *scene, enum scene_tone tone, const char *state, const char *text);

#endif
