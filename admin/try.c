/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * try: a whole login on this terminal, without PAM: the module's own login, with a terminal to show
 * and ask. It tells what it came to and grants nothing. Must never count a login, write a log, or keep
 * what was typed.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <unistd.h>

#include "helper/login/event_loop.h"
#include "helper/login/idle.h"
#include "helper/login/names.h"
#include "common/list.h"
#include "helper/login/policy_config.h"
#include "helper/login/present.h"
#include "common/tty.h"
#include "options.h"
#include "reason_meaning.h"
#include "terminal.h"
#include "verbs.h"
#include "helper/login/tty_messages.h"

enum {
	LINE_BYTES = 4096 + 1, /* a terminal takes 4,095 bytes in one line */
	PLAIN_MAX = 512,
	HEAD_WIDTH = 9,
};

struct
try {
	const char *user;
	const char *from;
	enum origin origin;
	bool own;
	struct conf conf;
	struct policy policy;
	struct login login;
	struct utsname system;
	const char *asker;
	struct terminal out;
	struct progress progress;
	int asked;
};

/* ---- the terminal in place of PAM ---- */

static bool io_show(void *context, const char *text)
{
	struct try *try = context;

	progress_hide(&try->progress);
	return puts(text) >= 0 && fflush(stdout) == 0;
}

/* What is typed stays in no buffer: standard input has none. */
static bool io_ask(void *context, const char *prompt, char *answer, size_t len)
{
	struct try *try = context;
	char line[LINE_BYTES] = "";
	bool ok;

	progress_hide(&try->progress);
	try->asked++;
	fputs(prompt, stdout);
	fflush(stdout);
	ok = fgets(line, sizeof(line), stdin) != NULL;
	line[strcspn(line, "\r\n")] = '\0';
	if (answer)
		snprintf(answer, len, "%s", line);
	explicit_bzero(line, sizeof(line));
	return ok;
}

static void io_account(void *context, const char *name, struct local_account *account)
{
	(void)context;
	names_account(name, account);
}

static void io_log(void *context, int priority, const char *text)
{
	struct try *try = context;

	if (priority == LOG_DEBUG)
		return;
	progress_hide(&try->progress);
	terminal_print(&try->progress.terminal, priority <= LOG_WARNING ? INK_WARN : INK_FAINT,
		       "log: %s", text);
	fputc('\n', stderr);
}

static void io_drop_typed(void *context)
{
	(void)context;
}

/* Asked twice a second while nothing else happens. Who leaves this terminal takes us along. */
static bool io_gone(void *context)
{
	struct try *try = context;
	const struct login *login = &try->login;
	bool shown = login->phase == PHASE_SHOWN;

	progress_say(&try->progress,
		     shown ? "waiting for the approval" : "waiting for the provider",
		     shown ? login->deadline : 0);
	progress_turn(&try->progress);
	return false;
}

/* ---- what it came to ---- */

static void tell_head(const struct try *try, const char *head)
{
	terminal_print(&try->out, INK_STRONG, "%-*s", HEAD_WIDTH, head);
}

static void tell_claims(const struct try *try)
{
	const struct policy_claims *claims = try->login.claims;
	size_t count = claims ? claims->count : 0;
	size_t members = claims ? claims->members : 0;
	char name[PLAIN_MAX], value[PLAIN_MAX];

	tell_head(try, "claimed");
	if (count + members == 0)
		puts("nothing");
	for (size_t i = 0; i < count + members; i++) {
		const struct policy_claim *claim = i < count ? &claims->claim[i]
							     : &claims->member[i - count];

		screen_plain(claim->name, name, sizeof(name));
		screen_plain(claim->value, value, sizeof(value));
		printf("%*s%s %s %s\n", i == 0 ? 0 : HEAD_WIDTH, "", name, i < count ? "=" : "has",
		       value);
	}
}

/* In the column below the heads, broken at blanks where a terminal would break words. AT: where it is. */
static void tell_text(const struct try *try, int at, const char *text)
{
	if (try->out.there)
		terminal_wrap(&try->out, at, HEAD_WIDTH, text);
	else
		puts(text);
}

static void tell_decision(const struct try *try)
{
	const struct login *login = &try->login;
	bool admitted = login->outcome == OUTCOME_ADMITTED;
	const char *outcome = outcome_name(login->outcome), *reason = reason_name(login->reason);
	char user[PLAIN_MAX], text[2 * PLAIN_MAX];

	if (reason_find(outcome) == login->reason)
		reason = "";
	tell_head(try, "decided");
	terminal_print(&try->out, admitted ? INK_GOOD : INK_BAD, "%s", outcome);
	screen_plain(try->user, user, sizeof(user));
	snprintf(text, sizeof(text), "%s%s: %s would %sbe let in. Nothing was granted.",
		 reason[0] ? ", " : "", reason, user, admitted ? "" : "not ");
	tell_text(try, HEAD_WIDTH + (int)strlen(outcome), text);
	if (admitted)
		return;
	printf("%*s", HEAD_WIDTH, "");
	tell_text(try, HEAD_WIDTH, reason_meaning(login->reason));
	printf("%*s-> ", HEAD_WIDTH, "");
	tell_text(try, HEAD_WIDTH + 3,
		  "troubleshooting.md explains each reason; " PROGRAM " check looks for the cause");
}

static void tell(const struct try *try)
{
	const struct login *login = &try->login;

	if (login->screen.brief || login->shown_at > 0 || try->asked > 0)
		putchar('\n');
	tell_head(try, "shown");
	if (login->shown_at > 0)
		printf("%s, for %d seconds\n", login->code_entry ? "an address" : "a code",
		       login->screen.seconds);
	else
		puts("no code");
	tell_head(try, "asked");
	if (try->asked > 0)
		printf("%d time%s\n", try->asked, try->asked == 1 ? "" : "s");
	else
		puts("nothing");
	tell_claims(try);
	tell_decision(try);
}

/* ---- the login ---- */

static void facts_find(struct try *try)
{
	const struct passwd *own = getpwuid(getuid());

	try->asker = "";
	try->own = own && strcmp(own->pw_name, try->user) == 0;
	if (try->origin == ORIGIN_SESSION && !try->own)
		try->asker = own ? own->pw_name : "somebody";
	io_account(try, try->user, &try->login.wanted);
	if (uname(&try->system) != 0)
		try->system.nodename[0] = '\0';
}

/* A pipe gets no escape sequence, and who wants no colour gets one only where nothing else shows. */
static void presentation_find(struct try *try)
{
	struct presentation_facts facts = {
		.origin = try->origin,
		.tty = try->origin == ORIGIN_REMOTE ? "ssh" : "",
		.service = try->origin == ORIGIN_REMOTE ? "sshd" : "try",
		.own_account = try->own,
	};
	struct screen *screen = &try->login.screen;
	struct tty tty;

	if (try->origin != ORIGIN_REMOTE && isatty(STDOUT_FILENO)) {
		tty_look(&tty);
		tty_term(&tty, getenv("TERM"));
		tty_tell(&tty, conf_messages(&try->conf, false), &facts);
	}
	present_prepare(&try->login, &facts);
	if (!try->out.there || (screen->style == SCREEN_COLOUR && !try->out.colour))
		screen->style = screen->style == SCREEN_OFF ? SCREEN_OFF : SCREEN_UTF8;
	screen->user = try->user;
	screen->host = try->system.nodename;
	screen->service = facts.service;
	screen->asker = try->asker;
	screen->remote = try->origin == ORIGIN_REMOTE;
	screen->from = screen->remote ? try->from : "";
}

static bool admissible(struct try *try)
{
	struct login *login = &try->login;
	const char *methods = conf_text(&try->conf, CONF_REQUIRE_SSH_METHOD);

	if (list_has(conf_text(&try->conf, CONF_IGNORE_USERS), LIST_BLANKS, try->user))
		return login_end(login, OUTCOME_SKIPPED, REASON_IGNORE_USERS);
	if (try->origin != ORIGIN_REMOTE)
		return login_wanted_ok(login);
	if (methods[0] != '\0')
		present_log(login, LOG_NOTICE, "require_ssh_method = %s: taken as passed", methods);
	return origin_remote_ok(conf_text(&try->conf, CONF_REMOTE), try->from) ||
	       login_end(login, OUTCOME_REMOTE_REFUSED, REASON_REMOTE);
}

static int try_run(struct try *try)
{
	struct login *login = &try->login;

	policy_from_config(&try->conf, &try->policy);
	login->conf = &try->conf;
	login->policy = &try->policy;
	login->helper = login->qr_helper = SPAWN_NONE;
	login->io = (struct login_io){ try,	      io_show, io_ask, NULL, io_account, io_log,
				       io_drop_typed, io_gone, NULL,   NULL, NULL,	 NULL };
	facts_find(try);
	progress_begin(&try->progress, stderr, "", 0);
	presentation_find(try);
	if (try->conf.warning)
		io_log(try, LOG_WARNING, try->conf.warning);
	if (admissible(try))
		login_run(login);
	progress_end(&try->progress);
	tell(try);
	login_release(login);
	login_clear(login);
	return login->outcome == OUTCOME_ADMITTED ? STATUS_OK : STATUS_FAILED;
}

static int section_read(const char *verb, struct try *try, const char *conf, const char *section)
{
	if (!conf_load(&try->conf, conf, section))
		return verb_failed(verb, "%s", try->conf.error);
	if (try->conf.secret_hidden)
		return verb_failed(verb,
				   "%s: client_secret_file: %s: this user may not read it, nor "
				   "should they: try as root",
				   try->conf.where[CONF_CLIENT_SECRET_FILE],
				   try->conf.value[CONF_CLIENT_SECRET_FILE]);
	return STATUS_OK;
}

/* false: ORIGIN is none. */
static bool origin_parse(const char *origin, enum origin *out)
{
	static const enum origin places[] = { ORIGIN_SEAT, ORIGIN_SESSION, ORIGIN_REMOTE };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		*out = places[i];
		if (strcmp(origin, origin_name(places[i])) == 0)
			return true;
	}
	return false;
}

int verb_try(int argc, char **argv)
{
	const char *section = NULL, *conf = NULL, *origin = "session", *from = "", *user = NULL;
	const struct option_row options[] = {
		{ "--section", &section, NULL },
		{ "--conf", &conf, NULL },
		{ "--origin", &origin, NULL },
		{ "--from", &from, NULL },
		{ NULL, NULL, NULL },
	};
	enum origin where;
	struct try *try;
	int status;

	if (!options_read(argc, argv, options, &user, "USER"))
		return STATUS_USAGE;
	if (!origin_parse(origin, &where))
		return verb_misused(argv[0], "--origin %s: must be seat, session or remote",
				    origin);
	if (from[0] != '\0' && where != ORIGIN_REMOTE)
		return verb_misused(argv[0], "--from needs --origin remote");
	if (conf && conf[0] != '/')
		return verb_misused(argv[0], "--conf %s: must be an absolute path", conf);
	try = calloc(1, sizeof(*try));
	if (!try)
		return verb_failed(argv[0], "out of memory");
	try->user = user;
	try->from = from;
	try->origin = where;
	terminal_open(&try->out, stdout);
	setvbuf(stdin, NULL, _IONBF, 0);
	status = section_read(argv[0], try, conf, section);
	if (status == STATUS_OK)
		status = try_run(try);
	conf_clear(&try->conf);
	free(try);
	return status;
}
