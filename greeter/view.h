/* SPDX-License-Identifier: BSD-2-Clause */
/* The screen, the keys and the clock: the only file that knows GTK is behind this. */
#ifndef GREETER_VIEW_H
#define GREETER_VIEW_H

#include <stdbool.h>

#include "scene.h"

enum view_key {
	VIEW_OK, /* any key that is none of the others, a button, a touch */
	VIEW_BACK,
	VIEW_BEFORE,
	VIEW_AFTER,
};

struct view_given {
	bool light;	     /* dark letters on a light ground */
	bool still;	     /* nothing moves */
	const char *style;   /* a file of CSS, "": none */
	const char *picture; /* a file, "": none */
	void *context;
	void (*pressed)(void *context, enum view_key key);
	void (*typed)(void *context, const char *text);
	void (*readable)(void *context); /* bytes have come, or the end */
	void (*rested)(void *context);
};

/* false: there is no display. GIVEN stays the caller's, and has to. */
bool view_open(const struct view_given *given);

void view_watch(int fd);
void view_show(const struct scene *scene);
/* rested() in MS milliseconds, once; 0: not any more. */
void view_rest(int ms);
void view_run(void);
void view_end(void);

#endif
