/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PAM stacks as pam-device-code check reads them. API: stacks_read, stacks_clear, stack_ours, stack_walk,
 * struct stack_world; the files are fake_files.h's.
 *
 * The input: a byte of choices, then the texts of the files, as fields: they may include each other.
 * Oracle: reading comes to an end, opens a bounded number of files, and leaves none open; each stack names
 * us, has a bounded number of lines, and each line a type, a control and a module; a walk comes to an end,
 * and says that we were reached only where a line of ours is, that it opens only where a line of that type
 * is, and that it was ended by a line of that type in no substack. A line that cannot be read is told of.
 */
#include "admin/check/stack.h"
#include "fake_files.h"

enum {
	OPENED_MAX = 1000, /* files of one run; no host has so many */
};

static const char *const names[] = { "/etc/pam.d/login",
				     "/etc/pam.d/sshd",
				     "/etc/pam.d/common-auth",
				     "/usr/lib/pam.d/other",
				     "/usr/lib/pam.d/login",
				     "/etc/pam.d/x~",
				     "/x" };

static int opened, closed;

FILE *__real_fopen(const char *name, const char *mode);
FILE *__wrap_fopen(const char *name, const char *mode);
int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);

FILE *__wrap_fopen(const char *name, const char *mode)
{
	const struct fake_file *file = fake_files_on ? fake_file_find(name) : NULL;

	if (!fake_files_on)
		return __real_fopen(name, mode);
	if (!file)
		return NULL;
	HOLDS(++opened < OPENED_MAX);
	return fmemopen((void *)file->text, file->len, "r");
}

int __wrap_fclose(FILE *file)
{
	closed += fake_files_on;
	return __real_fclose(file);
}

static bool has_end(const char *text, size_t len)
{
	return memchr(text, '\0', len) != NULL;
}

static void line_check(const struct stack_line *line)
{
	HOLDS((int)line->type >= 0 && line->type < STACK_TYPES);
	HOLDS(has_end(line->where, sizeof(line->where)) && strchr(line->where, ':'));
	HOLDS(has_end(line->control, sizeof(line->control)) && line->control[0] != '\0');
	HOLDS(has_end(line->module, sizeof(line->module)));
	HOLDS(has_end(line->args, sizeof(line->args)));
	HOLDS(has_end(line->section, sizeof(line->section)));
	HOLDS(line->depth >= 0 && line->depth <= 8);
	HOLDS(!strpbrk(line->control, "\n#") && !strpbrk(line->module, "/\n#"));
}

static void walk_check(const struct stack *stack, enum stack_type type,
		       const struct stack_world *world)
{
	struct stack_result result = stack_walk(stack, type, world);
	bool any = false, ours = stack_ours(stack, type) != NULL;

	for (size_t i = 0; i < stack->lines; i++)
		any |= stack->line[i].type == type;
	HOLDS(!result.reached || ours);
	HOLDS(!result.opens || any);
	if (result.end)
		HOLDS(result.end >= stack->line && result.end < stack->line + stack->lines &&
		      result.end->type == type && result.end->depth == 0);
}

static void stack_check(const struct stack *stack, unsigned int choices)
{
	static const char *const said[] = { "success", "auth_err", "ignore", "service_err" };
	const struct stack_world world = { .ours = said[choices & 3],
					   .password_good = choices & 4,
					   .is_root = choices & 8 };
	bool ours = false;

	HOLDS(stack->lines <= STACK_LINES_MAX);
	HOLDS(has_end(stack->trouble, sizeof(stack->trouble)));
	HOLDS(strcmp(stack->service, "common-auth") != 0 && strcmp(stack->service, "x~") != 0);
	for (size_t i = 0; i < stack->lines; i++) {
		line_check(&stack->line[i]);
		ours |= stack_line_is_ours(&stack->line[i]);
	}
	HOLDS(ours);
	for (int type = 0; type < STACK_TYPES; type++)
		walk_check(stack, (enum stack_type)type, &world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stacks stacks;
	struct fuzz f = fuzz_start(data, size);
	unsigned int choices = fuzz_byte(&f);

	fake_files_clear();
	opened = closed = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && fuzz_more(&f); i++) {
		size_t len;
		char *text = fuzz_field(&f, &len);

		fake_file_add(names[i], text, len, 0644);
	}
	memset(&stacks, 0, sizeof(stacks));
	fake_files_on = true;
	stacks_read(&stacks);
	HOLDS(opened == closed && stacks.count <= 3);
	for (size_t i = 0; i < stacks.count; i++)
		stack_check(&stacks.stack[i], choices);
	stacks_clear(&stacks);
	fake_files_on = false;
	fuzz_done(&f);
	return 0;
}
