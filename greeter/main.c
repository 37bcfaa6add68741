/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device-code-greeter: a greeter for greetd, for screens that are looked at from across a room. It shows what
 * root's login composes (layout = greeter) and hands keys to greetd; it knows no network, no configuration of
 * the login, no code that it has not been told to show.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frame.h"
#include "link.h"
#include "session.h"
#include "talk.h"
#include "view.h"

#define STYLE_FILE   SYSCONFDIR "/device-code-greeter/style.css"
#define PICTURE_FILE SYSCONFDIR "/device-code-greeter/picture.png"
#define SESSIONS     "/usr/share/wayland-sessions"

static const char usage[] =
	"usage: device-code-greeter [--user NAME] [--theme dark|light] [--still] [--session NAME]\n"
	"       device-code-greeter [...] -- COMMAND [ARGUMENT...]\n"
	"greetd starts it, in a compositor: see device-code-greeter(8).\n";

static struct {
	struct view_given view;
	struct talk talk;
	struct frame frame;
	struct session sessions[SESSIONS_MAX];
	size_t count, chosen;
	int fd;
	int status;
	char message[FRAME_BODY_MAX + 1];
} greeter = { .fd = -1, .status = 1 };

static void say(const char *what, const char *why)
{
	fprintf(stderr, "device-code-greeter: %s: %s\n", what, why);
}

/* ---- what the talk wants done ---- */

static void over(void *context, bool well)
{
	(void)context;
	greeter.status = well ? 0 : 1;
	view_end();
}

static void to_greetd(void *context, const char *json, size_t len)
{
	if (link_send(greeter.fd, json, len))
		return;
	say("greetd", "does not listen any more");
	over(context, false);
}

/* Whose choice the session is sees it while nothing else is on the screen. */
static void show(void *context, const struct scene *scene)
{
	struct scene shown = *scene;

	(void)context;
	if (greeter.count > 1 && scene->kind == SCENE_IDLE)
		snprintf(shown.session, sizeof(shown.session), "‹  %s  ›",
			 greeter.sessions[greeter.chosen].name);
	view_show(&shown);
}

static void rest(void *context, int ms)
{
	(void)context;
	view_rest(ms);
}

/* ---- what the view has seen ---- */

static void session_choose(size_t chosen)
{
	greeter.chosen = chosen;
	greeter.talk.command = greeter.sessions[chosen].command;
	greeter.talk.environment = greeter.sessions[chosen].environment;
}

static void pressed(void *context, enum view_key key)
{
	bool choosing = greeter.count > 1 && greeter.talk.scene.kind == SCENE_IDLE;

	if (choosing && (key == VIEW_BEFORE || key == VIEW_AFTER)) {
		session_choose((greeter.chosen + (key == VIEW_AFTER ? 1 : greeter.count - 1)) %
			       greeter.count);
		show(context, &greeter.talk.scene);
		return;
	}
	talk_pressed(&greeter.talk, key == VIEW_BACK ? TALK_BACK : TALK_OK);
}

static void typed(void *context, const char *text)
{
	(void)context;
	talk_typed(&greeter.talk, text);
}

static void readable(void *context)
{
	size_t room, len;
	unsigned char *bytes = frame_room(&greeter.frame, &room);
	long got = link_receive(greeter.fd, bytes, room);
	enum frame_result result;

	if (got < 0) {
		say("greetd", "is gone");
		over(context, false);
		return;
	}
	frame_added(&greeter.frame, (size_t)got);
	while ((result = frame_take(&greeter.frame, greeter.message, &len)) == FRAME_WHOLE)
		talk_hear(&greeter.talk, greeter.message, len);
	if (result == FRAME_BROKEN) {
		say("greetd", "sent a message of no possible length");
		over(context, false);
	}
}

static void rested(void *context)
{
	(void)context;
	talk_rested(&greeter.talk);
}

/* ---- the start ---- */

/* Who may write to what a person is shown may show them anything. */
static const char *roots_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return "";
	if (S_ISREG(st.st_mode) && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return path;
	say(path,
	    "left out: it is to be a file that belongs to root, and that nobody else may write");
	return "";
}

static bool session_find(const char *name)
{
	char language[3] = "";
	const char *locale = getenv("LANG");

	if (locale && strlen(locale) >= 2 && locale[0] >= 'a' && locale[0] <= 'z')
		snprintf(language, sizeof(language), "%.2s", locale);
	greeter.count = sessions_find(SESSIONS, language, greeter.sessions);
	if (greeter.count == 0) {
		say(SESSIONS, "no session is there: install one, or name a command behind --");
		return false;
	}
	session_choose(0);
	if (!name)
		return true;
	for (size_t i = 0; i < greeter.count; i++) {
		if (strcmp(greeter.sessions[i].id, name) != 0)
			continue;
		session_choose(i);
		greeter.count = 1;
		return true;
	}
	say(name, "no such session: --session takes the name of a file in " SESSIONS
		  ", without .desktop");
	return false;
}

static bool theme_take(const char *name)
{
	greeter.view.light = strcmp(name, "light") == 0;
	if (greeter.view.light || strcmp(name, "dark") == 0)
		return true;
	say(name, "no such theme: --theme takes dark or light");
	return false;
}

/* -1: go on; else the exit status. */
static int arguments_take(int argc, char **argv)
{
	static const struct option options[] = {
		{ "user", required_argument, NULL, 'u' },
		{ "theme", required_argument, NULL, 't' },
		{ "still", no_argument, NULL, 's' },
		{ "session", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	static char *const nothing[] = { NULL };
	const char *session = NULL;
	int option;

	greeter.talk.user = "";
	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (option == 'u')
			greeter.talk.user = optarg;
		else if (option == 's')
			greeter.view.still = true;
		else if (option == 'n')
			session = optarg;
		else if (option == 'h' || option == 'v')
			return printf("%s", option == 'h' ? usage : VERSION "\n") < 0;
		else if (option != 't' || !theme_take(optarg))
			return fputs(usage, stderr), 2;
	}
	if (argc > optind && session)
		return say("--session", "not beside a command"), 2;
	greeter.talk.command = argv + optind;
	greeter.talk.environment = nothing;
	return argc > optind || session_find(session) ? -1 : 2;
}

int main(int argc, char **argv)
{
	const char *path = getenv("GREETD_SOCK");
	int status = arguments_take(argc, argv);

	if (status >= 0)
		return status;
	if (!path)
		return fputs(usage, stderr), 2;
	greeter.fd = link_open(path);
	if (greeter.fd < 0)
		return say(path, strerror(errno)), 1;
	greeter.view.style = roots_file(STYLE_FILE);
	greeter.view.picture = roots_file(PICTURE_FILE);
	greeter.view.pressed = pressed;
	greeter.view.typed = typed;
	greeter.view.readable = readable;
	greeter.view.rested = rested;
	if (!view_open(&greeter.view))
		return say("display", "there is none: start it in a compositor, as cage"), 1;
	greeter.talk.ops = (struct talk_ops){ NULL, to_greetd, show, rest, over };
	view_watch(greeter.fd);
	talk_begin(&greeter.talk);
	view_run();
	return greeter.status;
}
