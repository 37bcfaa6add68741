/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How to talk: see presentation.h. Must never let a terminal of which nothing is known have an escape
 * sequence, nor put the code into a QR that somebody else may be shown.
 */
#include "presentation.h"

#include <string.h>

enum {
	TIMEOUT_SSH = 100, /* seconds: sshd's LoginGraceTime is 120 and cannot be read */
	TIMEOUT = 300,
	ALARM_AHEAD = 2, /* seconds in which a refusal is still said */
	TIMEOUT_LEAST = 10,
	ANSWER_CUT_SSH = 1023, /* bytes at which the OpenSSH client cuts an answer, silently */
	ANSWER_CUT_TTY = 4095, /* and a terminal in canonical mode */
	WALL_ROWS =
		36, /* a console from this size on is a wall: 1,024 x 768, or 1,920 x 1,080 in */
	WALL_COLUMNS = 120, /* letters of 16 x 28 */
};

static bool in_ssh(const struct presentation_facts *facts)
{
	return strcmp(facts->tty, "ssh") == 0;
}

/*
 * What hosts do to a text, measured. lightdm 1.26 shows one, in a proportional font; it loses what is
 * longer than 995 bytes, and its screen stays black from 1,003 on. greetd 0.9 takes 10,240 bytes of
 * JSON, and agreety puts "info: " in front, vlock the person's name. GDM shows a text below the box for a
 * password, and begins a session without a question; its services but gdm-switchable-auth, and that one before
 * 51, show no more. xsecurelock draws each text as one line, whatever is in it. xscreensaver 6 has a dialog in a
 * proportional font, each line in its middle, and waits for OK. polkit's agents show a text in a dialog, or behind "Info: " on a terminal of theirs, and go on by themselves. cockpit's page shows questions
 * alone; it has a password, and answers with that what is not to be echoed.
 */
static const struct quirks {
	const char *service;
	bool brief;
	bool line;
	bool utf8; /* shows it by itself, on no terminal of ours */
	bool prefix;
	bool unasked; /* what was approved goes on without a prompt */
	bool asked;   /* shows nothing but a question, and that in a font of its own */
	size_t most;
} hosts[] = {
	{ "lightdm", true, false, true, false, false, false, 0 },
	{ "xsecurelock", true, true, false, false, false, false, 0 },
	{ "xscreensaver", true, false, true, false, true, false, 0 },
	{ "greetd", false, false, false, true, false, false, 10100 },
	{ "polkit-1", true, false, true, false, true, false, 0 },
	{ "cockpit", false, false, true, false, false, true, 0 },
	{ "vlock", false, false, false, true, false, false, 0 },
	{ "gdm-password", true, false, true, false, true, false, 0 },
	{ "gdm-switchable-auth", true, false, true, false, true, false, 0 },
};

static const struct quirks *quirks_of(const struct presentation_facts *facts)
{
	static const struct quirks other = { 0 };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		if (strcmp(facts->service, hosts[i].service) == 0)
			return &hosts[i];
	return &other;
}

/* What is typed back needs a terminal's prompt; a greeter then has the short form. */
static bool greeter_choose(const struct conf *conf, const struct presentation_facts *facts)
{
	return conf_is(conf, CONF_LAYOUT, "greeter") && !facts->eidp &&
	       !conf_is(conf, CONF_FLOW, "authorization_code");
}

static bool brief_choose(const struct conf *conf, const struct presentation_facts *facts)
{
	if (conf_is(conf, CONF_LAYOUT, "greeter"))
		return !greeter_choose(conf, facts);
	if (conf_is(conf, CONF_FORM, "auto"))
		return quirks_of(facts)->brief;
	return !conf_is(conf, CONF_FORM, "full");
}

static bool line_choose(const struct conf *conf, const struct presentation_facts *facts)
{
	if (conf_is(conf, CONF_FORM, "auto"))
		return quirks_of(facts)->line;
	return conf_is(conf, CONF_FORM, "line");
}

/*
 * Nobody tells what the terminal at the far end of ssh shows: a client there that takes no UTF-8 writes
 * octal numbers, or nothing, in place of a letter. A terminal of this machine has a flag for it, and a
 * console of the kernel a font as well.
 */
static bool ascii_choose(const struct conf *conf, const struct presentation_facts *facts)
{
	if (!conf_is(conf, CONF_CHARSET, "auto"))
		return conf_is(conf, CONF_CHARSET, "ascii");
	if (conf_is(conf, CONF_LAYOUT, "greeter"))
		return false;
	if (facts->origin == ORIGIN_REMOTE || facts->rows == 0)
		return !quirks_of(facts)->utf8;
	return !facts->utf8 || (facts->linux_console && !facts->letters);
}

/*
 * TERM is the caller's, where it is su or sudo: it can take colours away and nothing else, so nothing is
 * believed by reading it. A shell of Emacs, 9term and serial lines say so; in a session nobody else has
 * none.
 */
static bool escapes_are_text(const struct presentation_facts *facts)
{
	return facts->dumb || (facts->no_term && facts->origin == ORIGIN_SESSION);
}

/*
 * Old terminals, and serial lines: systemd calls what is there vt220. They take a VT100's sequences, but for its
 * colours. A console of the kernel has them, whatever it is called.
 */
static bool has_no_colours(const struct presentation_facts *facts)
{
	return facts->mono && !facts->linux_console;
}

static enum screen_style style_choose(const struct conf *conf,
				      const struct presentation_facts *facts)
{
	static const struct {
		const char *name;
		enum screen_style style;
	} styles[] = { { "off", SCREEN_OFF },
		       { "utf8", SCREEN_UTF8 },
		       { "colour", SCREEN_COLOUR },
		       { "full", SCREEN_FULL } };

	for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++)
		if (conf_is(conf, CONF_QR, styles[i].name))
			return styles[i].style;
	if (quirks_of(facts)->asked)
		return SCREEN_OFF;
	if (facts->origin == ORIGIN_REMOTE || facts->rows == 0 || escapes_are_text(facts))
		return SCREEN_UTF8; /* nothing is known that would take an escape sequence */
	if (has_no_colours(facts))
		return SCREEN_UTF8;
	return facts->linux_console ? SCREEN_FULL : SCREEN_COLOUR;
}

/*
 * A font of the kernel's consoles that has half blocks may be followed by one that has not: they are for
 * where nothing else fits.
 */
static bool halves_choose(const struct conf *conf, const struct presentation_facts *facts)
{
	return facts->linux_console && facts->half_blocks && conf_is(conf, CONF_QR, "auto");
}

/* Only a console whose terminal the host itself sits on takes our bytes raw, and is nobody's window. */
static bool wiping_choose(const struct conf *conf, const struct presentation_facts *facts)
{
	return facts->origin == ORIGIN_SEAT && facts->rows > 0 && origin_is_console(facts->tty) &&
	       !conf_is(conf, CONF_QR, "utf8") && !escapes_are_text(facts);
}

/* Of all terminals only one that is wiped is known to take what a wall is made of. */
static bool wall_choose(const struct conf *conf, const struct presentation_facts *facts,
			const struct presentation *presentation)
{
	if (!presentation->can_clear || has_no_colours(facts) || conf_is(conf, CONF_LAYOUT, "page"))
		return false;
	return conf_is(conf, CONF_LAYOUT, "wall") ||
	       (facts->rows >= WALL_ROWS && facts->columns >= WALL_COLUMNS);
}

/*
 * The code inside the QR saves typing, and takes away the moment in which a person compares: only
 * for somebody who stands before the machine, or asks for nothing but their own account.
 */
static bool complete_uri_choose(const struct conf *conf, const struct presentation_facts *facts)
{
	if (!conf_is(conf, CONF_QR_VERIFICATION_URI_COMPLETE, "auto"))
		return conf_is(conf, CONF_QR_VERIFICATION_URI_COMPLETE, "always");
	if (facts->origin == ORIGIN_SESSION)
		return facts->own_account;
	return facts->origin == ORIGIN_SEAT;
}

/*
 * sshd before 10.3 keeps PAM_TEXT_INFO back until the next prompt: the text goes inside one. Newer
 * ones send it on, and the session begins by itself after the approval. What the client does with it
 * nobody tells: OpenSSH's of 10.3 shows it, older ones cut it at 1,023 bytes, letters beyond ASCII
 * taking four each, and show nothing where they were told to be quiet (-q). The
 * greeters of the short form begin a session by themselves only where they have asked something: the
 * idle screen has, or we do.
 */
static bool prompt_choose(const struct conf *conf, const struct presentation_facts *facts,
			  const struct presentation *presentation)
{
	if (conf_is(conf, CONF_PROMPT, "auto"))
		return (in_ssh(facts) && !facts->text_at_once) || quirks_of(facts)->asked ||
		       (presentation->brief && !presentation->line && !presentation->idle &&
			!quirks_of(facts)->unasked);
	return conf_is(conf, CONF_PROMPT, "enter");
}

void presentation_choose(const struct conf *conf, const struct presentation_facts *facts,
			 struct presentation *presentation)
{
	long timeout = conf_number(conf, CONF_TIMEOUT);
	long left = facts->alarm - ALARM_AHEAD;

	if (timeout == 0)
		timeout = in_ssh(facts) ? TIMEOUT_SSH : TIMEOUT;
	presentation->alarm_cuts = facts->alarm > 0 && left < timeout;
	if (left < TIMEOUT_LEAST)
		left = TIMEOUT_LEAST;
	presentation->timeout = presentation->alarm_cuts ? left : timeout;
	presentation->host_seconds = facts->alarm > 0 ? left : 0;
	presentation->answer_cut = in_ssh(facts) ? ANSWER_CUT_SSH : ANSWER_CUT_TTY;
	presentation->greeter = greeter_choose(conf, facts);
	presentation->brief = brief_choose(conf, facts);
	presentation->line = line_choose(conf, facts);
	presentation->ascii = ascii_choose(conf, facts);
	presentation->prefix = quirks_of(facts)->prefix;
	presentation->most = quirks_of(facts)->most;
	presentation->style = presentation->brief ? SCREEN_OFF : style_choose(conf, facts);
	presentation->qr_verification_uri_complete = complete_uri_choose(conf, facts);
	/* What is said before the JSON makes GDM ask for a password. */
	presentation->eidp = facts->eidp && !conf_is(conf, CONF_FLOW, "authorization_code");
	presentation->idle = conf_is(conf, CONF_START, "enter") && !presentation->eidp;
	presentation->wait_for_enter = !presentation->eidp && !presentation->greeter &&
				       prompt_choose(conf, facts, presentation);
	presentation->parted = in_ssh(facts) && !presentation->wait_for_enter &&
			       !presentation->greeter;
	presentation->doubtful = presentation->parted && conf_is(conf, CONF_PROMPT, "auto");
	presentation->can_clear = !presentation->brief && !presentation->greeter &&
				  wiping_choose(conf, facts);
	presentation->halves = halves_choose(conf, facts);
	presentation->wall = wall_choose(conf, facts, presentation);
	presentation->console = presentation->can_clear && facts->linux_console;
	presentation->patient = presentation->can_clear && !presentation->idle;
}
