/* SPDX-License-Identifier: BSD-2-Clause */
/* What one moment of the greeter looks like: what the view draws, and nothing else. */
#ifndef GREETER_SCENE_H
#define GREETER_SCENE_H

#include <stdbool.h>

enum {
	SCENE_TEXT_MAX = 1024, /* bytes of a text, its NUL included */
	SCENE_CODE_MAX = 72,
	SCENE_STATE_MAX = 32,
	SCENE_QR_MAX = 73, /* modules a side */
	SCENE_QR_MIN = 21,
	SCENE_QUIET = 4, /* light modules around the code, as its standard asks */
};

enum scene_kind {
	SCENE_BLANK = 0, /* nothing has been said yet */
	SCENE_IDLE,	 /* waits for a key */
	SCENE_CODE,
	SCENE_MESSAGE,	/* one sentence */
	SCENE_QUESTION, /* another module asks: something is typed */
};

enum scene_tone {
	SCENE_CALM = 0,
	SCENE_GOOD,
	SCENE_TROUBLE, /* it goes on, or may the next time */
	SCENE_BAD,     /* a refusal */
};

struct scene {
	enum scene_kind kind;
	enum scene_tone tone;
	char state[SCENE_STATE_MAX];
	char title[SCENE_TEXT_MAX];
	char text[SCENE_TEXT_MAX];
	char prompt[SCENE_TEXT_MAX]; /* what a key does; "": nothing */
	char how[SCENE_TEXT_MAX]; /* beside a code: what to do with it; beside a question: what was said before */
	char uri[SCENE_TEXT_MAX];
	char code[SCENE_CODE_MAX];
	int seconds; /* that are left of the code, when it was said */
	bool stale;  /* the code is of no use any more */
	bool secret; /* what is typed is not shown */
	int width;   /* modules a side, 0: no QR code */
	bool dark[SCENE_QR_MAX * SCENE_QR_MAX];
	char session[SCENE_TEXT_MAX]; /* what begins after it; "": there is no choice */
};

#endif
