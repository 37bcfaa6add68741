/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the greeter says to greetd, and when: one login after the other, until one has let somebody in. Pure:
 * what is asked, shown and waited for is done by whoever it is given.
 *
 * greetd answers each request once, in order, and one that a login takes long over holds up those behind it: who
 * leaves a code is heard as soon as the login says anything, which it does every few seconds.
 */
#ifndef GREETER_TALK_H
#define GREETER_TALK_H

#include "message.h"
#include "scene.h"

enum talk_stage {
	TALK_OFF = 0,
	TALK_RUNNING, /* a request is with greetd */
	TALK_ASKED,   /* greetd waits for an answer */
	TALK_STARTING,
	TALK_CANCELLING,
	TALK_LEAVING, /* the session is ready, and the last message is read */
	TALK_RESTING, /* a login came to nothing; the next begins by a key or by itself */
	TALK_OVER,
};

struct talk_ops {
	void *context;
	void (*ask)(void *context, const char *json, size_t len);
	void (*show)(void *context, const struct scene *scene);
	/* talk_rested() is wanted in MS milliseconds, unless another time is asked for; 0: never. */
	void (*rest)(void *context, int ms);
	/* It is over. WELL: somebody is in, and greetd begins the session when this process has ended. */
	void (*over)(void *context, bool well);
};

struct talk {
	/* given */
	struct talk_ops ops;
	const char *user;	  /* "": the policy says who it is */
	char *const *command;	  /* of the session; may change until it begins */
	char *const *environment; /* likewise */
	/* under way */
	enum talk_stage stage;
	bool question; /* asked for a text, not for a key */
	bool rests;    /* behind the cancelling */
	bool given_up; /* the person has left the code: the next text is answered by a cancel */
	bool heard;    /* this login has said something */
	bool reached;  /* likewise, a code or a question: it is not merely broken */
	int pause;     /* milliseconds of the next rest */
	struct scene scene;
	struct reply reply;
	char request[REQUEST_MAX];
};

enum talk_key {
	TALK_OK,
	TALK_BACK,
};

void talk_begin(struct talk *talk);

/* One message of greetd's. */
void talk_hear(struct talk *talk, const char *json, size_t len);

void talk_pressed(struct talk *talk, enum talk_key key);

/* The answer to a question. */
void talk_typed(struct talk *talk, const char *text);

void talk_rested(struct talk *talk);

#endif
