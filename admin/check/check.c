/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: the whole chain of a login, a line each. Which parts there are and in which order; must never
 * look at anything itself.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "admin/verbs.h"

struct section *check_section(struct check *check, const char *name)
{
	if (name[0] == '\0')
		return check->sections == 1 ? &check->section[0] : NULL;
	for (size_t i = 0; i < check->sections; i++)
		if (strcmp(check->section[i].name, name) == 0)
			return &check->section[i];
	return NULL;
}

/* Which sections PAM lines name, before their own lines are written. */
static void names_mark(struct check *check)
{
	const struct stacks *stacks = &check->stacks;

	for (size_t i = 0; i < stacks->count; i++) {
		for (size_t k = 0; k < stacks->stack[i].lines; k++) {
			const struct stack_line *line = &stacks->stack[i].line[k];
			struct section *section = NULL;

			if (stack_line_is_ours(line) && line->type == STACK_AUTH)
				section = check_section(check, line->section);
			if (section)
				section->named = true;
		}
	}
}

static void section_check(struct check *check, struct section *section)
{
	char scope[72];

	snprintf(scope, sizeof(scope), "[%s]", section->name);
	report_scope(&check->report, scope);
	check_files(check, section);
	if (section->loaded) {
		check_units(check, section);
		check_enrol(check, section);
		check_neighbours(check, section);
		check_apparmor(check, section);
		check_provider(check, section);
	}
	if (!section->named && check->stacks.count > 0)
		report_line(
			&check->report, MARK_WARNING, "PAM",
			"copy a stack of /usr/share/pam-device-code/pam.d, or delete the section",
			"no PAM line names section=%s: nobody signs in by it", section->name);
}

/* Whether STACK is of the section that is asked about, or of none: perhaps it should name that one. */
static bool is_asked_about(const struct stack_line *ours, const struct section *section,
			   const char *wanted)
{
	if (!wanted)
		return true;
	if (section)
		return strcmp(section->name, wanted) == 0;
	return ours && !strstr(ours->args, "conf=");
}

/* WANTED: NULL, or the one section that is asked about. */
static void services_check(struct check *check, const char *wanted)
{
	const struct stacks *stacks = &check->stacks;

	for (size_t i = 0; i < stacks->count; i++) {
		const struct stack *stack = &stacks->stack[i];
		const struct stack_line *ours = stack_ours(stack, STACK_AUTH);
		struct section *section = ours ? check_section(check, ours->section) : NULL;

		if (!is_asked_about(ours, section, wanted))
			continue;
		report_scope(&check->report, stack->path);
		check_pam(check, stack);
		if (!section || !section->loaded)
			continue;
		if (strcmp(stack->service, "sshd") == 0)
			check_sshd(check, stack, section);
		if (strcmp(stack->service, "login") == 0)
			check_login_defs(check, section);
		check_greeter(check, stack, section);
	}
}

static void run(struct check *check, const char *wanted)
{
	stacks_read(&check->stacks);
	report_scope(&check->report, "");
	check_machine(check);
	if (!check_sections(check))
		return;
	names_mark(check);
	if (wanted && !check_section(check, wanted))
		report_line(&check->report, MARK_ERROR, "section",
			    "the sections are the lines in brackets of device_code.conf",
			    "there is no section [%s]", wanted);
	for (size_t i = 0; i < check->sections; i++)
		if (!wanted || strcmp(check->section[i].name, wanted) == 0)
			section_check(check, &check->section[i]);
	services_check(check, wanted);
	if (check->stacks.count > 0)
		return;
	report_scope(&check->report, "/etc/pam.d");
	report_line(&check->report, MARK_WARNING, "PAM",
		    "copy a stack of /usr/share/pam-device-code/pam.d",
		    "no service names pam_device_code.so: nobody signs in by it");
}

int verb_check(int argc, char **argv)
{
	struct check *check;
	const char *wanted = NULL, *user = NULL;
	bool json = false;
	int status;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			json = true;
		else if (strcmp(argv[i], "--user") == 0 && argv[i + 1])
			user = argv[++i];
		else if (argv[i][0] == '-')
			return verb_misused(argv[0], "%s: must be --json or --user NAME", argv[i]);
		else if (wanted)
			return verb_misused(argv[0], "one section at a time");
		else
			wanted = argv[i];
	}
	check = calloc(1, sizeof(*check));
	if (!check)
		return STATUS_FAILED;
	check->user = user;
	report_begin(&check->report, stdout, json);
	run(check, wanted);
	report_end(&check->report);
	status = report_status(&check->report);
	for (size_t i = 0; i < check->sections; i++)
		conf_clear(&check->section[i].conf);
	stacks_clear(&check->stacks);
	free(check);
	return status;
}
