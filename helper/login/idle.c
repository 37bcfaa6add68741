/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole login, and the screen that waits for Enter before it: see idle.h. Must never ask anything of
 * the provider before somebody has pressed Enter, where the presentation is idle.
 */
#include "idle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/scratch.h"
#include "event_loop.h"
#include "helper/login/display/greeter.h"
#include "present.h"

enum {
	PAUSE_LEAST_MS = 2 * 1000, /* between two tries that an idle screen leads to */
	PAUSE_MOST_MS = 60 * 1000,
	IDLE_TRIES = 20, /* with no pause between them by a person: a quarter of an hour */
	PATIENCE_LEAST_MS = 10 * 1000, /* between two tries that nobody asks for */
	PATIENCE_MOST_MS = 300 * 1000,
	GLANCE_MS = 500,    /* between two looks whether the line is still there */
	LOOK_MS = 2 * 1000, /* what the console is like on which the idle screen stands */
};

/* What an idle screen remembers from one try to the next. */
struct idle {
	int tries_left;	      /* until the host is asked to begin anew */
	enum message trouble; /* why the last try came to nothing; MESSAGE_COUNT: there was none */
	int64_t pause;	      /* milliseconds between that and the next one */
	int64_t not_before;   /* spawn_now() */
	enum reason
		reason; /* of the last try, where nobody asks for the next; REASON_NONE: there was none */
};

/*
 * Whoever starts a login and goes away must not leave commands in the terminal for the shell of the
 * person who then approves, or one Enter too many for the idle screen.
 */
static void drop_typed(struct login *login)
{
	if (login->presentation.can_clear)
		login->io.drop_typed(login->io.context);
}

static size_t idle_text(struct login *login, enum message trouble, enum message request, char *out)
{
	if (login->presentation.greeter)
		return greeter_idle(&login->screen, trouble, out, GREETER_BYTES_MAX);
	return screen_idle(&login->screen, login->code_entry, trouble, request, out,
			   SCREEN_BYTES_MAX);
}

/*
 * The screen of a machine that waits, and, unless REQUEST is MESSAGE_COUNT, the prompt for it, which becomes
 * due. Else it is shown.
 */
static bool idle_show(struct login *login, enum message trouble, enum message request)
{
	char *text = scratch_take(SCREEN_BYTES_MAX);
	bool ok;

	if (!text)
		return login_end(login, OUTCOME_MEMORY, REASON_IDLE_SCREEN);
	if (idle_text(login, trouble, request, text) == 0)
		ok = login_end(login, OUTCOME_SYSTEM, REASON_IDLE_SCREEN);
	else if (request != MESSAGE_COUNT)
		ok = present_prompt(login, text, request);
	else
		ok = login->io.show(login->io.context, text) ||
		     login_end(login, OUTCOME_CONVERSATION, REASON_MESSAGE_FAILED);
	scratch_drop(text, SCREEN_BYTES_MAX);
	return ok;
}

static enum message idle_request(const struct idle *idle)
{
	return idle->trouble == MESSAGE_COUNT ? MESSAGE_BEGIN : MESSAGE_BEGIN_AGAIN;
}

/* The prompt of the idle screen becomes due. */
static bool idle_due(struct login *login, const struct idle *idle)
{
	login->screen.clear_first = login->presentation.can_clear;
	return idle_show(login, idle->trouble, idle_request(idle));
}

/* The host asks, and does nothing else until Enter is pressed. */
static bool idle_question(struct login *login, const struct idle *idle)
{
	bool ok;

	if (!idle_due(login, idle))
		return false;
	ok = login->io.ask(login->io.context, login->pending_prompt, NULL, 0);
	free(login->pending_prompt);
	login->pending_prompt = NULL;
	return ok || login_end(login, OUTCOME_CONVERSATION, REASON_PROMPT_FAILED);
}

static bool idle_draw(struct login *login, const struct idle *idle)
{
	bool ok;

	if (!idle_due(login, idle))
		return false;
	ok = login->io.show(login->io.context, login->pending_prompt);
	free(login->pending_prompt);
	login->pending_prompt = NULL;
	return ok || login_end(login, OUTCOME_CONVERSATION, REASON_MESSAGE_FAILED);
}

/*
 * On a console of the kernel's others write, too: what stands there is drawn again until a line is typed,
 * whatever is in it. A console that has gone dark stays so.
 */
static bool idle_watch(struct login *login, const struct idle *idle)
{
	bool typed = false, changed = true;
	int64_t again = 0, next;

	while (!typed) {
		if (changed || spawn_now() >= again) {
			if (!idle_draw(login, idle))
				return false;
			again = spawn_after(PRESENT_AGAIN_MS);
			login->screen.wakes = false;
		}
		next = spawn_after(LOOK_MS);
		typed = present_await(login, LOOK_MS, &changed);
		if (login->io.gone && login->io.gone(login->io.context))
			return login_end(login, OUTCOME_CONVERSATION, REASON_USER_DISCONNECTED);
		if (!typed)
			spawn_wait(&SPAWN_NONE, next); /* a host that cannot wait */
	}
	login->screen.wakes = login->presentation.console;
	drop_typed(login);
	return true;
}

/* Says how to begin and waits for Enter, however long that takes: no code, no helper, no deadline. */
static bool idle_ask(struct login *login, const struct idle *idle)
{
	const struct presentation *presentation = &login->presentation;
	bool watching = presentation->console && presentation->can_clear && login->waits &&
			login->io.look;

	drop_typed(login);
	return (watching ? idle_watch(login, idle) : idle_question(login, idle)) &&
	       present_say(login, MESSAGE_MOMENT);
}

/* A key that is stuck, or somebody impatient, does not hammer the provider. */
static void idle_pause(struct idle *idle)
{
	bool patient = spawn_now() >= idle->not_before;

	if (!patient)
		spawn_wait(&SPAWN_NONE, idle->not_before);
	idle->pause = patient ? PAUSE_LEAST_MS : 2 * idle->pause;
	if (idle->pause > PAUSE_MOST_MS)
		idle->pause = PAUSE_MOST_MS;
}

/* Whether the login goes back to the idle screen: nobody has been shown a code yet. */
static bool idle_again(struct login *login, struct idle *idle)
{
	if (!login->presentation.idle || login->outcome != OUTCOME_UNREACHABLE ||
	    --idle->tries_left <= 0)
		return false;
	idle->trouble = login_clock_is_wrong(login) ? MESSAGE_CLOCK : MESSAGE_UNREACHABLE;
	idle->not_before = spawn_after(idle->pause);
	present_log(login, LOG_WARNING, "no code could be had: %s", reason_name(login->reason));
	return true;
}

/* ---- a screen at which nobody presses a key ---- */

/* Where a name was typed another proof may follow, and somebody waits for it. */
static bool is_patient(const struct login *login)
{
	return login->presentation.patient && login->wanted.name[0] == '\0';
}

/* Says what is waited for, and to the log, at a change alone. */
static bool trouble_tell(struct login *login, struct idle *idle)
{
	login->hushed = false;
	if (login->reason == idle->reason)
		return true;
	idle->reason = login->reason;
	present_log(login, LOG_WARNING, "no code could be had, and it is tried again: %s",
		    reason_name(login->reason));
	login->screen.clear_first = true;
	return idle_show(login, login_clock_is_wrong(login) ? MESSAGE_CLOCK : MESSAGE_TROUBLE,
			 MESSAGE_COUNT);
}

static bool patience_pause(struct login *login, struct idle *idle)
{
	int64_t until = spawn_after(idle->pause), next;

	if (login->ends_at > 0 && until > login->ends_at)
		return false;
	while (spawn_now() < until) {
		next = spawn_after(GLANCE_MS);
		spawn_wait(&SPAWN_NONE, next < until ? next : until);
		if (login->io.gone && login->io.gone(login->io.context))
			return login_end(login, OUTCOME_CONVERSATION, REASON_USER_DISCONNECTED);
	}
	idle->pause *= 2;
	if (idle->pause > PATIENCE_MOST_MS)
		idle->pause = PATIENCE_MOST_MS;
	return true;
}

/* Whether the provider is asked once more: it was out of reach, and nobody has been shown a code yet. */
static bool patient_again(struct login *login, struct idle *idle)
{
	if (login->outcome != OUTCOME_UNREACHABLE || !trouble_tell(login, idle) ||
	    !patience_pause(login, idle))
		return false;
	login->hushed = true; /* the helper says again what it has said */
	return true;
}

static bool once_more(struct login *login, struct idle *idle)
{
	return is_patient(login) ? patient_again(login, idle) : idle_again(login, idle);
}

bool login_clock_is_wrong(const struct login *login)
{
	return (login->outcome == OUTCOME_UNREACHABLE &&
		login->reason == REASON_CERTIFICATE_NOT_VALID_NOW) ||
	       (login->outcome == OUTCOME_UNPROVEN && login->reason == REASON_CLOCK_DIFFERS);
}

/* One try: true unless the person at the idle screen could not be asked. */
static bool idle_pass(struct login *login, struct idle *idle)
{
	if (!login->presentation.idle)
		return true;
	if (!idle_ask(login, idle))
		return false;
	idle_pause(idle);
	login_begin(login); /* the deadline runs from here */
	return true;
}

/* Who may enter is what the files say when somebody begins, however long a screen has WAITED for that. */
static bool still_configured(struct login *login, bool waited)
{
	return !waited || conf_is_current(login->conf) ||
	       login_end(login, OUTCOME_EXPIRED, REASON_CONFIGURATION_CHANGED);
}

/* Nobody behind this person needs what stands there. */
static void screen_wipe(struct login *login)
{
	drop_typed(login);
	if (login->presentation.can_clear && login->shown_at > 0)
		login->io.show(login->io.context, SCREEN_CLEAR);
}

enum outcome login_run(struct login *login)
{
	struct idle idle = { IDLE_TRIES, MESSAGE_COUNT, PAUSE_LEAST_MS, 0, REASON_NONE };
	bool waited = login->presentation.idle;

	if (is_patient(login)) {
		idle.pause = PATIENCE_LEAST_MS;
		login->screen.clear_first = true; /* a code that ran out may stand there */
	}
	login->ends_at = 0;
	if (login->presentation.host_seconds > 0)
		login->ends_at = spawn_after((int64_t)login->presentation.host_seconds * 1000);
	do {
		login_begin(login);
		if (!idle_pass(login, &idle) || !still_configured(login, waited))
			break;
		event_loop_run(login);
		if (!login_owes(login))
			login_release(login);
		waited = true;
	} while (once_more(login, &idle));
	login->hushed = false;
	screen_wipe(login);
	return login->outcome;
}
