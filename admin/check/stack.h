/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PAM stacks as libpam reads them (pam.d(5)), and what comes of one if its modules answer so and so.
 * Reads files; links no libpam; believes that a name is what a module is.
 */
#ifndef ADMIN_CHECK_STACK_H
#define ADMIN_CHECK_STACK_H

#include <stdbool.h>
#include <stddef.h>

enum {
	STACK_LINES_MAX = 96,
	STACKS_MAX = 64,
};

enum stack_type {
	STACK_AUTH = 0,
	STACK_ACCOUNT,
	STACK_PASSWORD,
	STACK_SESSION,
	STACK_TYPES,
};

struct stack_line {
	enum stack_type type;
	char where[96];	   /* "/etc/pam.d/login:12" */
	char control[160]; /* "required", "[success=1 default=ignore]", "substack" */
	char module[64];   /* without directories: "pam_unix.so" */
	char args[256];
	char section[64]; /* ours: section=, "" where it is not said */
	int depth;	  /* of substacks */
};

struct stack {
	char service[64];
	char path[96];
	char trouble[160]; /* "" or why it cannot be read whole: file, line and what */
	size_t lines;
	struct stack_line *line;
};

struct stacks {
	size_t count;
	struct stack stack[STACKS_MAX];
};

/* The services whose stacks name our module; common-auth and its like are parts of them. */
void stacks_read(struct stacks *stacks);
void stacks_clear(struct stacks *stacks);

bool stack_line_is_ours(const struct stack_line *line);

/* Our first line of that type; NULL: there is none. */
const struct stack_line *stack_ours(const struct stack *stack, enum stack_type type);

/* How the modules answer: names as in a control, "success", "auth_err". */
struct stack_world {
	const char *ours;   /* what our module says */
	bool password_good; /* what asks for another proof than a code gets it */
	bool is_root;
	bool others_yes; /* what asks nobody, and may say yes, does: pam_access, pam_faillock, pam_exec ... */
};

struct stack_result {
	bool opens;		      /* the whole says success */
	bool reached;		      /* our module was called */
	const struct stack_line *end; /* the line that ended it; NULL: it was walked through */
	const struct stack_line *yes; /* the first whose success counted; NULL: none */
};

struct stack_result stack_walk(const struct stack *stack, enum stack_type type,
			       const struct stack_world *world);

#endif
