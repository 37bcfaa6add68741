/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: a PAM stack that names the module: what an approval opens, what a refusal does not, whether
 * root has a way that does not depend on us, and the lines beside `auth`.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/list.h"
#include "common/paths.h"
#include "check.h"
#include "helper/login/session/statedir.h"

/* What a stack of its own service looks like where the module installs. */
static const char shipped[] = "compare it with the stacks in " DATADIR "/pam-device-code/pam.d";

/* ---- our own lines ---- */

static void argument_check(struct check *check, const struct stack_line *line, struct slice word)
{
	char text[128] = "", path[512];
	struct conf conf;

	slice_copy(word, text, sizeof(text));
	if (strncmp(text, "section=", 8) == 0 || strcmp(text, "debug") == 0)
		return;
	if (strncmp(text, "conf=/", 6) != 0) {
		report_line(&check->report, MARK_ERROR, "arguments",
			    "a PAM line takes section=NAME, conf=/PATH and debug", "%s: %s",
			    line->where, text);
		return;
	}
	snprintf(path, sizeof(path), "%s", text + 5);
	if (!conf_load(&conf, path, line->section[0] ? line->section : NULL))
		report_line(&check->report, MARK_ERROR, "configuration",
			    "correct it, or take conf= away", "%s: %s", line->where, conf.error);
	conf_clear(&conf);
}

static void line_check(struct check *check, const struct stack_line *line)
{
	const char *args = line->args;
	struct slice word;

	while (list_next(&args, LIST_BLANKS, &word))
		argument_check(check, line, word);
	/* The other lines go by the login that the auth line has run, whatever section they name. */
	if (line->type != STACK_AUTH || strstr(line->args, "conf=") ||
	    check_section(check, line->section))
		return;
	if (line->section[0])
		report_line(&check->report, MARK_ERROR, "section",
			    "name one of device_code.conf, or add it there",
			    "%s: there is no section [%s]", line->where, line->section);
	else
		report_line(&check->report, MARK_ERROR, "section", "add section=NAME to that line",
			    "%s: says no section, and there are %zu", line->where, check->sections);
}

/* ---- auth ---- */

static struct stack_result auth(const struct stack *stack, const char *ours, bool password,
				bool root)
{
	const struct stack_world world = { .ours = ours,
					   .password_good = password,
					   .is_root = root };

	return stack_walk(stack, STACK_AUTH, &world);
}

/* A word on why an approval does not open. */
static void approval_blocked(struct check *check, const struct stack *stack,
			     const struct stack_result *walked)
{
	const struct stack_line *ours = stack_ours(stack, STACK_AUTH);
	char fix[300];

	if (!walked->reached && walked->end) {
		snprintf(fix, sizeof(fix), "put our line (%s) above it, or take that line away",
			 ours->where);
		report_line(&check->report, MARK_ERROR, "auth", fix,
			    "nobody is ever asked for a code: %s (%s %s) ends the stack before",
			    walked->end->where, walked->end->control, walked->end->module);
		return;
	}
	for (size_t i = 0; i < stack->lines; i++) {
		const struct stack_line *line = &stack->line[i];

		if (line->type != STACK_AUTH || strcmp(line->module, "pam_deny.so") != 0)
			continue;
		snprintf(fix, sizeof(fix), "put our line (%s) above it, with success=done",
			 ours->where);
		report_line(&check->report, MARK_ERROR, "auth", fix,
			    "an approval does not open: %s (%s pam_deny.so) refuses everybody",
			    line->where, line->control);
		return;
	}
	report_line(&check->report, MARK_ERROR, "auth", shipped,
		    "%s: an approval does not open, with another proof or without", ours->where);
}

static bool decides_nothing(const struct stack *stack)
{
	return auth(stack, "auth_err", true, false).opens &&
	       !auth(stack, "success", false, false).opens;
}

static void approval_check(struct check *check, const struct stack *stack)
{
	const struct stack_line *ours = stack_ours(stack, STACK_AUTH);
	struct stack_result alone = auth(stack, "success", false, false);
	struct stack_result both = auth(stack, "success", true, false);

	if ((!alone.opens && !both.opens) || (!alone.reached && !both.reached)) {
		approval_blocked(check, stack, &alone);
	} else if (decides_nothing(stack)) {
		report_line(&check->report, MARK_ERROR, "auth",
			    "required, or [success=done default=die] as in the shipped stacks",
			    "%s: %s: what our module says decides nothing", ours->where,
			    ours->control);
	} else if (alone.opens) {
		report_line(&check->report, MARK_OK, "auth", NULL, "%s: an approval opens%s",
			    ours->where,
			    both.reached ? "" : ", where another proof has not done so before");
	} else {
		report_line(&check->report, MARK_OK, "auth", NULL,
			    "%s: an approval and another proof together open", ours->where);
	}
}

/* ignore_users of the section of our line, "": none. */
static const char *ignored_users(struct check *check, const struct stack *stack)
{
	const struct section *section =
		check_section(check, stack_ours(stack, STACK_AUTH)->section);

	return section && section->loaded ? conf_text(&section->conf, CONF_IGNORE_USERS) : "";
}

/* Who is refused with SAID, and proves nothing else; true where that opens, and is said. */
static bool refusal_opens(struct check *check, const struct stack *stack, const char *said,
			  const struct stack_world *others)
{
	struct stack_world world = *others;
	struct stack_result result;

	world.ours = said;
	result = stack_walk(stack, STACK_AUTH, &world);
	if (!result.opens)
		return false;
	if (world.others_yes && result.yes)
		report_line(
			&check->report, MARK_ERROR, "refusals",
			"default=die in our line, or a line below all of them that asks for a proof",
			"who is refused (%s) is let in where %s (%s) says yes, which asks for no "
			"proof",
			said, result.yes->where, result.yes->module);
	else
		report_line(&check->report, MARK_ERROR, "refusals",
			    "default=die, and no pam_permit.so below that it leads to",
			    "who is refused (%s) is let in, without any proof", said);
	return true;
}

/* No answer of ours but success may open by itself, nor with what says yes and asks for nothing. */
static void refusal_check(struct check *check, const struct stack *stack)
{
	static const char *const refusals[] = { "perm_denied",	    "maxtries",	   "auth_err",
						"user_unknown",	    "service_err", "conv_err",
						"authinfo_unavail", "system_err",  "buf_err",
						"module_unknown",   "ignore" };
	static const struct stack_world worlds[] = {
		{ .ours = "" },
		{ .ours = "", .others_yes = true },
		{ .ours = "", .others_yes = true, .is_root = true },
	};
	size_t count = sizeof(refusals) / sizeof(*refusals);

	for (size_t w = 0; w < sizeof(worlds) / sizeof(*worlds); w++)
		for (size_t i = 0; i < count; i++) {
			/* The last is said of ignore_users alone. */
			if (worlds[w].others_yes && i == count - 1 &&
			    !ignored_users(check, stack)[0])
				continue;
			if (refusal_opens(check, stack, refusals[i], &worlds[w]))
				return;
		}
	report_line(&check->report, MARK_OK, "refusals", NULL, "%s",
		    auth(stack, "perm_denied", true, false).opens
			    ? "lead to another proof, and to nothing without it"
			    : "are final");
}

static void root_check(struct check *check, const struct stack *stack)
{
	bool way = auth(stack, "service_err", true, true).opens &&
		   auth(stack, "module_unknown", true, true).opens;

	if (way)
		report_line(&check->report, MARK_OK, "root", NULL,
			    "has a way in that does not depend on this module");
	else if (strcmp(stack->service, "login") == 0)
		report_line(
			&check->report, MARK_WARNING, "root",
			"above our line: auth [success=1 default=ignore] pam_succeed_if.so quiet "
			"uid eq 0; below it: auth required pam_unix.so",
			"has no way in at the console where provider or helper is gone");
}

/* Whom the section skips is left to the other lines: some proof has to open them. */
static void skip_check(struct check *check, const struct stack *stack)
{
	const struct stack_line *ours = stack_ours(stack, STACK_AUTH);
	const char *names = ignored_users(check, stack);
	char name[64];
	struct slice word;

	while (list_next(&names, LIST_BLANKS, &word)) {
		slice_copy(word, name, sizeof(name));
		if (auth(stack, "ignore", true, strcmp(name, "root") == 0).opens)
			continue;
		report_line(&check->report, MARK_ERROR, "ignore_users",
			    "ignore=ignore in that line, and below it a line that asks for a proof",
			    "%s: %s is left to the other lines, and none of them lets them in",
			    ours->where, name);
		return;
	}
}

/* ---- account, session ---- */

static void account_check(struct check *check, const struct stack *stack)
{
	const struct stack_line *ours = stack_ours(stack, STACK_ACCOUNT);
	const struct stack_world admitted = { .ours = "success", .password_good = true };
	const struct stack_world refused = { .ours = "perm_denied", .password_good = true };
	const struct stack_world root = { .ours = "ignore",
					  .password_good = true,
					  .is_root = true };
	static const char fix[] = "account required pam_device_code.so";

	if (!ours)
		report_line(&check->report, MARK_WARNING, "account", fix,
			    "no account line of ours: an account that `passwd -l` has locked, or "
			    "that is no longer the one that was let in, is let in");
	else if (!stack_walk(stack, STACK_ACCOUNT, &admitted).opens)
		report_line(&check->report, MARK_ERROR, "account", shipped,
			    "%s: nobody gets past these lines", ours->where);
	else if (stack_walk(stack, STACK_ACCOUNT, &refused).opens)
		report_line(&check->report, MARK_WARNING, "account", fix,
			    "%s: %s: what our module says decides nothing", ours->where,
			    ours->control);
	else if (!stack_walk(stack, STACK_ACCOUNT, &root).opens)
		report_line(
			&check->report, MARK_WARNING, "account",
			"account required pam_unix.so beside our line",
			"%s: who came in by another proof is refused here: ours says nothing of "
			"them",
			ours->where);
	else
		report_line(&check->report, MARK_OK, "account", NULL,
			    "%s: the account that was let in, and not locked", ours->where);
}

/* Whether the section of our auth line wants to be told of sessions. */
static bool keeps(struct check *check, const struct stack *stack)
{
	const struct stack_line *ours = stack_ours(stack, STACK_AUTH);
	const struct section *section = ours ? check_section(check, ours->section) : NULL;

	return section && section->loaded &&
	       (!conf_is(&section->conf, CONF_TOKENS, "revoke") ||
		conf_number(&section->conf, CONF_SESSION_MAX) > 0 ||
		conf_text(&section->conf, CONF_LOCAL_GROUPS)[0] != '\0' ||
		conf_is(&section->conf, CONF_PEOPLE, "bound"));
}

/* What is kept for a session needs our line there, before the one that session_max is told to. */
static void kept_check(struct check *check, const struct stack *stack)
{
	const struct stack_line *ours = stack_ours(stack, STACK_SESSION), *systemd = NULL;
	const struct stack_world refused = { .ours = "perm_denied", .password_good = true };
	static const char fix[] = "session required pam_device_code.so";

	if (!keeps(check, stack))
		return;
	for (size_t i = 0; i < stack->lines && !systemd; i++)
		if (stack->line[i].type == STACK_SESSION &&
		    strcmp(stack->line[i].module, "pam_systemd.so") == 0)
			systemd = &stack->line[i];
	if (!statedir_in_memory())
		report_line(
			&check->report, MARK_ERROR, "session", "a tmpfs there",
			"%s does not lie in memory: a section with tokens, session_max or "
			"local_groups lets nobody in, and of people = bound nothing is on record",
			PATH_STATE);
	if (!ours)
		report_line(
			&check->report, MARK_ERROR, "session", fix,
			"tokens, session_max, local_groups or people want our session line, and there is none: a login "
			"is over after four minutes, and who is removed is kept from no session");
	else if (stack_walk(stack, STACK_SESSION, &refused).opens)
		report_line(&check->report, MARK_ERROR, "session", fix,
			    "%s: %s: a session whose record cannot be had begins all the same, and "
			    "nobody can end it",
			    ours->where, ours->control);
	else if (systemd && systemd < ours)
		report_line(&check->report, MARK_WARNING, "session", "put our line before it",
			    "%s: pam_systemd comes before %s: session_max is not told to it",
			    systemd->where, ours->where);
	else
		report_line(&check->report, MARK_OK, "session", NULL,
			    "%s: opens and closes what is kept", ours->where);
}

static void session_check(struct check *check, const struct stack *stack)
{
	size_t lines = 0;

	for (size_t i = 0; i < stack->lines; i++)
		lines += stack->line[i].type == STACK_SESSION;
	if (lines == 0)
		report_line(&check->report, MARK_WARNING, "session",
			    "on Debian: @include common-session",
			    "no session line: that of /etc/pam.d/other stands in");
	else
		report_line(&check->report, MARK_OK, "session", NULL, "%zu lines", lines);
}

/* ---- lockers ---- */

static const char lockers[] = "i3lock swaylock xscreensaver xsecurelock vlock xlock light-locker "
			      "gtklock hyprlock kde kscreenlocker physlock";

/* sshd says "ssh" for a terminal, whatever its service is called: the usual name is enough of a hint. */
static void networks_check(struct check *check, const struct stack *stack)
{
	const struct stack_line *ours = stack_ours(stack, STACK_AUTH);
	const struct section *section = ours ? check_section(check, ours->section) : NULL;
	const char *remote = section && section->loaded ? conf_text(&section->conf, CONF_REMOTE)
							: "deny";

	if (strncmp(stack->service, "sshd", 4) == 0 || list_has("deny allow", LIST_BLANKS, remote))
		return;
	report_line(&check->report, MARK_WARNING, "remote",
		    "remote = deny, or allow where each login from afar may be one",
		    "%s: %s: networks go by sshd's word alone; from afar nobody gets in here",
		    ours->where, remote);
}

static bool is_locker(const struct stack *stack)
{
	return list_has(lockers, LIST_BLANKS, stack->service);
}

/* A locker goes by way of the socket where there is one, and has to where there is a secret. */
static void locker_check(struct check *check, const struct stack *stack)
{
	const struct stack_line *ours = stack_ours(stack, STACK_AUTH);
	const struct section *section = ours ? check_section(check, ours->section) : NULL;
	struct stat st;
	bool secret;

	if (!section || !section->loaded)
		return;
	secret = conf_text(&section->conf, CONF_CLIENT_SECRET_FILE)[0] ||
		 conf_text(&section->conf, CONF_PROXY_SECRET_FILE)[0];
	if (stat(PATH_USER_SOCKET, &st) != 0 || !S_ISSOCK(st.st_mode)) {
		if (secret)
			report_line(&check->report, MARK_ERROR, "lockers",
				    "systemctl enable --now pam-device-code-user.socket",
				    "a locker cannot read the client's secret, and %s is not there",
				    PATH_USER_SOCKET);
	} else if (!conf_is(&section->conf, CONF_LOCKERS, "yes")) {
		report_line(&check->report, MARK_ERROR, "lockers", "lockers = yes",
			    "the section does not say lockers = yes: a locker is refused");
	} else {
		report_line(&check->report, MARK_OK, "lockers", NULL, "%s is there",
			    PATH_USER_SOCKET);
	}
}

void check_pam(struct check *check, const struct stack *stack)
{
	if (stack->trouble[0])
		report_line(&check->report, MARK_WARNING, "stack",
			    "correct that line: libpam refuses what it cannot read", "%s",
			    stack->trouble);
	for (size_t i = 0; i < stack->lines; i++)
		if (stack_line_is_ours(&stack->line[i]))
			line_check(check, &stack->line[i]);
	if (!stack_ours(stack, STACK_AUTH)) {
		report_line(&check->report, MARK_WARNING, "auth", shipped,
			    "names the module, but in no auth line: nobody is asked for a code");
		return;
	}
	approval_check(check, stack);
	refusal_check(check, stack);
	skip_check(check, stack);
	root_check(check, stack);
	networks_check(check, stack);
	if (is_locker(stack)) { /* most ask nothing but auth */
		locker_check(check, stack);
		return;
	}
	account_check(check, stack);
	session_check(check, stack);
	kept_check(check, stack);
}
