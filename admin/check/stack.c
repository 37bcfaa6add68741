/* SPDX-License-Identifier: BSD-2-Clause */
/* PAM stacks: see stack.h. Must never read without bounds, however files include each other. */
#include "stack.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/list.h"

enum {
	DEPTH_MAX = 8,	/* of files that include each other */
	FILES_MAX = 64, /* of one stack: each may name others many times */
	TEXT_MAX = 1024,
};

#define OUR_MODULE "pam_device_code.so"

/* Where libpam looks, in this order. */
static const char *const directories[] = { "/etc/pam.d", "/usr/lib/pam.d" };

static const char *const type_names[STACK_TYPES] = { "auth", "account", "password", "session" };

/* ---- reading ---- */

struct reader {
	struct stack *stack;
	int depth;     /* of files */
	int files;     /* that were opened */
	int substacks; /* that are open */
};

static void trouble(struct stack *stack, const char *where, const char *what)
{
	if (stack->trouble[0] == '\0')
		snprintf(stack->trouble, sizeof(stack->trouble), "%.90s: %.60s", where, what);
}

/* The next word at *AT, [in brackets] or up to a blank, to OUT. false: there is none, or no room. */
static bool word_next(char **at, char *out, size_t out_len)
{
	char *from = *at + strspn(*at, " \t");
	size_t len = from[0] == '[' ? strcspn(from, "]") : strcspn(from, " \t");

	if (from[0] == '[' && from[len] == ']')
		len++;
	*at = from + len;
	if (len == 0 || len >= out_len)
		return false;
	memcpy(out, from, len);
	out[len] = '\0';
	return true;
}

static bool type_parse(const char *word, enum stack_type *type)
{
	word += word[0] == '-';
	for (int i = 0; i < STACK_TYPES; i++)
		if (strcasecmp(word, type_names[i]) == 0) {
			*type = (enum stack_type)i;
			return true;
		}
	return false;
}

static void section_find(struct stack_line *line)
{
	const char *args = line->args;
	struct slice word;

	while (list_next(&args, LIST_BLANKS, &word))
		if (word.len > 8 && strncmp(word.at, "section=", 8) == 0)
			slice_copy((struct slice){ word.at + 8, word.len - 8 }, line->section,
				   sizeof(line->section));
}

static void file_read(struct reader *r, const char *name, int only);

/* ONLY: -1, or the type that an `include` line takes of the file. */
static void line_read(struct reader *r, const char *where, char *text, int only)
{
	struct stack *stack = r->stack;
	struct stack_line line = { .depth = r->substacks };
	char type[32], module[256];
	const char *base;

	if (!word_next(&text, type, sizeof(type)))
		return;
	if (strcasecmp(type, "@include") == 0) {
		if (word_next(&text, module, sizeof(module)))
			file_read(r, module, only);
		return;
	}
	if (!type_parse(type, &line.type) ||
	    !word_next(&text, line.control, sizeof(line.control)) ||
	    !word_next(&text, module, sizeof(module))) {
		trouble(stack, where, "is no line of pam.d(5)");
		return;
	}
	if (only >= 0 && line.type != (enum stack_type)only)
		return;
	if (strcasecmp(line.control, "include") == 0) {
		file_read(r, module, (int)line.type);
		return;
	}
	base = strrchr(module, '/');
	snprintf(line.module, sizeof(line.module), "%.60s", base ? base + 1 : module);
	snprintf(line.args, sizeof(line.args), "%.250s", text + strspn(text, " \t"));
	snprintf(line.where, sizeof(line.where), "%.95s", where);
	section_find(&line);
	if (stack->lines == STACK_LINES_MAX) {
		trouble(stack, where, "too many lines");
		return;
	}
	stack->line[stack->lines++] = line;
	if (strcasecmp(line.control, "substack") == 0) {
		r->substacks++;
		file_read(r, module, (int)line.type);
		r->substacks--;
	}
}

static FILE *file_open(const char *name, char *path, size_t path_len)
{
	FILE *file = NULL;

	for (size_t i = 0; !file && i < sizeof(directories) / sizeof(*directories); i++) {
		if (name[0] == '/')
			snprintf(path, path_len, "%s", name);
		else
			snprintf(path, path_len, "%s/%s", directories[i], name);
		file = fopen(path, "re");
	}
	return file;
}

/* One line, continued lines joined, without its comment. false: the end. */
static bool text_next(FILE *file, char *text, size_t text_len, int *number)
{
	size_t len = 0;

	for (;;) {
		if (!fgets(text + len, (int)(text_len - len), file))
			return len > 0;
		++*number;
		len += strcspn(text + len, "#\n");
		text[len] = '\0';
		if (len == 0 || text[len - 1] != '\\' || len >= text_len - 2)
			return true;
		text[--len] = '\0';
	}
}

static void file_read(struct reader *r, const char *name, int only)
{
	char path[300], where[320], text[TEXT_MAX];
	int number = 0;
	FILE *file;

	file = r->depth < DEPTH_MAX && r->files < FILES_MAX ? file_open(name, path, sizeof(path))
							    : NULL;
	if (!file) {
		trouble(r->stack, name, "cannot be read");
		return;
	}
	r->files++;
	r->depth++;
	while (text_next(file, text, sizeof(text), &number)) {
		snprintf(where, sizeof(where), "%s:%d", path, number);
		line_read(r, where, text, only);
	}
	r->depth--;
	fclose(file);
}

/* ---- all of them ---- */

static bool names_us(const struct stack *stack)
{
	for (size_t i = 0; i < stack->lines; i++)
		if (stack_line_is_ours(&stack->line[i]))
			return true;
	return false;
}

static void stack_read(struct stacks *stacks, const char *directory, const char *name)
{
	struct stack stack = { 0 };
	struct reader r = { .stack = &stack };

	snprintf(stack.service, sizeof(stack.service), "%.60s", name);
	snprintf(stack.path, sizeof(stack.path), "%.30s/%.60s", directory, name);
	stack.line = calloc(STACK_LINES_MAX, sizeof(*stack.line));
	if (stack.line)
		file_read(&r, name, -1);
	if (stack.line && names_us(&stack) && stacks->count < STACKS_MAX)
		stacks->stack[stacks->count++] = stack;
	else
		free(stack.line);
}

static bool is_known(const struct stacks *stacks, const char *name)
{
	for (size_t i = 0; i < stacks->count; i++)
		if (strcmp(stacks->stack[i].service, name) == 0)
			return true;
	return false;
}

/* Parts of stacks go by these names, on Debian, Fedora and Arch: no program asks for them. */
static bool is_part(const char *name)
{
	static const char *const parts[] = {
		"common-",	 "system-",	     "postlogin",
		"password-auth", "fingerprint-auth", "smartcard-auth"
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (strncmp(name, parts[i], strlen(parts[i])) == 0)
			return true;
	return false;
}

static int is_service(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t len = strlen(name);

	return name[0] != '.' && len < 60 && name[len - 1] != '~' && !strstr(name, ".dpkg-") &&
	       !is_part(name);
}

void stacks_read(struct stacks *stacks)
{
	for (size_t d = 0; d < sizeof(directories) / sizeof(*directories); d++) {
		struct dirent **entries = NULL;
		int n = scandir(directories[d], &entries, is_service, alphasort);

		for (int i = 0; i < n; i++) {
			if (!is_known(stacks, entries[i]->d_name))
				stack_read(stacks, directories[d], entries[i]->d_name);
			free(entries[i]);
		}
		free(entries);
	}
}

void stacks_clear(struct stacks *stacks)
{
	for (size_t i = 0; i < stacks->count; i++)
		free(stacks->stack[i].line);
	stacks->count = 0;
}

bool stack_line_is_ours(const struct stack_line *line)
{
	return strcmp(line->module, OUR_MODULE) == 0;
}

const struct stack_line *stack_ours(const struct stack *stack, enum stack_type type)
{
	for (size_t i = 0; i < stack->lines; i++)
		if (stack->line[i].type == type && stack_line_is_ours(&stack->line[i]))
			return &stack->line[i];
	return NULL;
}

/* ---- what comes of one ---- */

static const char provers[] =
	"pam_unix.so pam_unix2.so pam_sss.so pam_sss_gss.so pam_ldap.so pam_krb5.so pam_winbind.so "
	"pam_pwdfile.so pam_userdb.so pam_u2f.so pam_google_authenticator.so pam_oath.so pam_duo.so "
	"pam_yubico.so pam_fprintd.so pam_radius_auth.so pam_tacplus.so pam_systemd_home.so pam_p11.so";

/*
 * What says no yes to an `auth` line, whoever signs in (measured: Linux-PAM 1.5.2), without the argument in BUT. pam_cap,
 * pam_gnome_keyring and pam_ecryptfs do.
 */
static bool is_silent(const struct stack_line *line)
{
	static const struct {
		const char *module;
		const char *but;
	} silent[] = {
		{ "pam_env.so", NULL },
		{ "pam_faildelay.so", NULL },
		{ "pam_warn.so", NULL },
		{ "pam_issue.so", NULL },
		{ "pam_group.so", NULL },
		{ "pam_keyinit.so", NULL },
		{ "pam_mail.so", NULL },
		{ "pam_wheel.so", "trust" },
		{ "pam_nologin.so", "successok" },
	};

	for (size_t i = 0; i < sizeof(silent) / sizeof(*silent); i++)
		if (strcmp(line->module, silent[i].module) == 0)
			return !silent[i].but || !strstr(line->args, silent[i].but);
	return false;
}

/* pam_succeed_if's usual questions; NULL: another one. */
static const char *condition(const struct stack_line *line, const struct stack_world *world)
{
	static const char *const of_root[] = { "uid eq 0", "uid = 0", "uid < 1", "user = root",
					       "user in root" };
	static const char *const of_others[] = { "uid ne 0",	"uid != 0",    "uid > 0",
						 "uid >= 1",	"uid >= 1000", "uid > 999",
						 "user != root" };

	for (size_t i = 0; i < sizeof(of_root) / sizeof(*of_root); i++)
		if (strstr(line->args, of_root[i]))
			return world->is_root ? "success" : "auth_err";
	for (size_t i = 0; i < sizeof(of_others) / sizeof(*of_others); i++)
		if (strstr(line->args, of_others[i]))
			return world->is_root ? "auth_err" : "success";
	return NULL;
}

/* Of these programs the real uid is their caller's; sshd, login and greeters are root's for everybody. */
static const char callers[] =
	"su su-l runuser runuser-l sudo sudo-i pkexec polkit-1 chsh chfn passwd newgrp";

static const char *answer(const struct stack *stack, const struct stack_line *line,
			  const struct stack_world *world)
{
	const char *module = line->module;
	const char *said = NULL;

	if (stack_line_is_ours(line))
		return world->ours;
	if (strcmp(module, "pam_deny.so") == 0)
		return "auth_err";
	if (strcmp(module, "pam_permit.so") == 0)
		return "success";
	if (strcmp(module, "pam_rootok.so") == 0)
		return world->others_yes && !list_has(callers, LIST_BLANKS, stack->service)
			       ? "success"
			       : "auth_err";
	if (strcmp(module, "pam_succeed_if.so") == 0)
		said = condition(line, world);
	if (said)
		return said;
	if (line->type == STACK_AUTH && list_has(provers, LIST_BLANKS, module))
		return world->password_good ? "success" : "auth_err";
	if (line->type != STACK_AUTH)
		return "success";
	return world->others_yes && !is_silent(line) ? "success" : "ignore";
}

/* What CONTROL does with ANSWER: "ok", "done", "bad", "die", "ignore", "reset" or a number. */
static void action_find(const char *control, const char *said, char action[16])
{
	static const struct {
		const char *word;
		const char *control;
	} simple[] = {
		{ "required", "success=ok new_authtok_reqd=ok ignore=ignore default=bad" },
		{ "requisite", "success=ok new_authtok_reqd=ok ignore=ignore default=die" },
		{ "sufficient", "success=done new_authtok_reqd=done default=ignore" },
		{ "optional", "success=ok new_authtok_reqd=ok default=ignore" },
	};
	struct slice word;

	for (size_t i = 0; i < sizeof(simple) / sizeof(*simple); i++)
		if (strcasecmp(control, simple[i].word) == 0)
			control = simple[i].control;
	strcpy(action, "bad");
	while (list_next(&control, " \t[]", &word)) {
		size_t len = strlen(said);
		bool is_said = word.len > len && strncmp(word.at, said, len) == 0 &&
			       word.at[len] == '=';
		bool is_default = word.len > 8 && strncmp(word.at, "default=", 8) == 0;
		size_t skip = is_said ? len + 1 : 8;

		if (is_said || is_default)
			slice_copy((struct slice){ word.at + skip, word.len - skip }, action, 16);
		if (is_said)
			return;
	}
}

struct walk {
	bool undecided, good;
	struct stack_result result;
};

/* As libpam's dispatcher does it. Returns how many lines below are skipped, -1: this is the end. */
static int weigh(struct walk *walk, const struct stack_line *line, const char *said,
		 const char *action)
{
	bool is_good = strcmp(said, "success") == 0;
	bool positive = walk->undecided || walk->good;
	size_t digits = strspn(action, "0123456789");

	if (strcmp(action, "ignore") == 0)
		return 0;
	if (strcmp(action, "reset") == 0) {
		walk->undecided = true;
		walk->good = false;
		return 0;
	}
	if (digits > 0 && action[digits] == '\0') /* a jump says neither yes nor no */
		return digits > 3 ? STACK_LINES_MAX : atoi(action);
	if (strcmp(action, "ok") != 0 && strcmp(action, "done") != 0) { /* or no word at all */
		walk->undecided = false;
		walk->good = false;
		return strcmp(action, "die") == 0 ? -1 : 0;
	}
	if (positive && strcmp(said, "ignore") != 0) {
		walk->undecided = false;
		walk->good = is_good;
		if (is_good && !walk->result.yes)
			walk->result.yes = line;
	}
	return strcmp(action, "done") == 0 && walk->good ? -1 : 0;
}

/* The line behind I of the same type and depth, or less deep; what is deeper belongs to I. */
static size_t next_line(const struct stack *stack, enum stack_type type, size_t i, int depth)
{
	do
		i++;
	while (i < stack->lines && (stack->line[i].type != type || stack->line[i].depth > depth));
	return i;
}

struct stack_result stack_walk(const struct stack *stack, enum stack_type type,
			       const struct stack_world *world)
{
	struct walk walk = { .undecided = true };
	size_t i = 0;

	while (i < stack->lines) {
		const struct stack_line *line = &stack->line[i];
		char action[16];
		const char *said;
		int skip;

		if (line->type != type || strcasecmp(line->control, "substack") == 0) {
			i++;
			continue;
		}
		said = answer(stack, line, world);
		walk.result.reached |= stack_line_is_ours(line);
		action_find(line->control, said, action);
		skip = weigh(&walk, line, said, action);
		if (skip < 0 && line->depth == 0) {
			walk.result.end = line;
			break;
		}
		if (skip < 0) { /* the end of its substack alone */
			i = next_line(stack, type, i, line->depth - 1);
			continue;
		}
		for (i = next_line(stack, type, i, 1000); skip > 0; skip--) {
			if (i >= stack->lines || stack->line[i].depth < line->depth) {
				walk.undecided = walk.good = false; /* there is not so much */
				break;
			}
			i = next_line(stack, type, i, line->depth);
		}
	}
	walk.result.opens = walk.good;
	return walk.result;
}
