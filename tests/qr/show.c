/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show STYLE URI [ROWSxCOLS]: prints the screen of a login to standard output, as the module would
 * compose it, with a QR code from device-code-qr (in $DRAW, else beside this program).
 *
 * STYLE wall and wall-halves: as on a large console, whose font has no half blocks, or has.
 *
 * show --idle STYLE TROUBLE [ROWSxCOLS]: that of a machine which waits; TROUBLE names a message, or is "-".
 *
 * show --ask VERB [KEY VALUE]...: sends device-code-qr that packet; prints its answer, one string
 * a line, and "exit N".
 *
 * A test's program: for tests/qr/test, and for looking at what a person sees.
 */
#define _GNU_SOURCE 1

#include "helper/login/display/screen.h"
#include "common/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "show: %s\n", what);
	exit(1);
}

static int draw_status; /* with which device-code-qr ended */

static void style_parse(struct screen *screen, const char *name)
{
	static const char *const names[] = {
		"off", "utf8", "colour", "full", "wall", "wall-halves"
	};
	static const enum screen_style styles[] = { SCREEN_OFF,	 SCREEN_UTF8, SCREEN_COLOUR,
						    SCREEN_FULL, SCREEN_FULL, SCREEN_FULL };

	for (int i = 0; i < 6; i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		screen->style = styles[i];
		screen->wall = i >= 4;
		screen->halves = i == 5;
		return;
	}
	die("STYLE is off, utf8, colour, full, wall or wall-halves");
}

/* The other end of a socket on which device-code-qr listens. */
static int draw_start(const char *self)
{
	char path[4096];
	const char *named = getenv("DRAW");
	const char *slash = strrchr(self, '/');
	int fds[2];

	snprintf(path, sizeof(path), "%.*sdevice-code-qr", slash ? (int)(slash - self + 1) : 0,
		 self);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) != 0)
		die("no socket");
	switch (fork()) {
	case -1:
		die("no process");
	case 0:
		close(fds[0]);
		if (fds[1] != WIRE_FD && (dup2(fds[1], WIRE_FD) < 0 || close(fds[1]) != 0))
			_exit(127);
		execl(named ? named : path, "device-code-qr", (char *)NULL);
		_exit(127);
	default:
		close(fds[1]);
		return fds[0];
	}
}

static void draw_end(int fd)
{
	int status = 0;

	close(fd);
	if (wait(&status) < 0 || !WIFEXITED(status))
		die("device-code-qr ended badly");
	if (WEXITSTATUS(status) == 127)
		die("device-code-qr is not there");
	draw_status = WEXITSTATUS(status);
}

static void draw_ask(const char *self, char **strings, struct wire_message *answer)
{
	static struct wire_draft draft;
	static char buf[WIRE_BYTES_MAX];
	int fd = draw_start(self);

	wire_begin(&draft, strings[0]);
	for (strings++; strings[0] && strings[1]; strings += 2)
		wire_add(&draft, strings[0], strings[1]);
	if (!wire_send(fd, &draft) || wire_receive(fd, true, buf, answer) != WIRE_MESSAGE)
		answer->verb = NULL;
	draw_end(fd);
	if (!answer->verb)
		die("device-code-qr does not answer");
}

static int ask(const char *self, char **strings)
{
	struct wire_message answer;

	draw_ask(self, strings, &answer);
	puts(answer.verb);
	for (size_t i = 0; i < answer.pairs; i++)
		printf("%s\n%s\n", answer.pair[i].key, answer.pair[i].value);
	printf("exit %d\n", draw_status);
	return 0;
}

static void matrix_draw(struct screen_matrix *matrix, const char *self, char *uri)
{
	char verb[] = "qr", wire[] = "wire", version[] = WIRE_VERSION, key[] = "uri";
	char *strings[] = { verb, wire, version, key, uri, NULL };
	struct wire_message answer;

	draw_ask(self, strings, &answer);
	if (strcmp(answer.verb, "modules") != 0)
		die(wire_value(&answer, "reason"));
	if (!screen_matrix_read(matrix, wire_value(&answer, "width"), wire_value(&answer, "rows")))
		die("device-code-qr answered no matrix");
}

static char text[SCREEN_BYTES_MAX];

static int idle(struct screen *screen, char **strings)
{
	enum message trouble = message_find(strings[1]);

	style_parse(screen, strings[0]);
	screen->user = "";
	if (strings[2] && sscanf(strings[2], "%dx%d", &screen->rows, &screen->columns) != 2)
		die("ROWSxCOLS");
	if (screen_idle(screen, false, trouble,
			trouble == MESSAGE_COUNT ? MESSAGE_BEGIN : MESSAGE_BEGIN_AGAIN, text,
			sizeof(text)) == 0)
		die("nothing to show");
	printf("%s%s", text,
	       message_text(NULL, trouble == MESSAGE_COUNT ? MESSAGE_BEGIN : MESSAGE_BEGIN_AGAIN));
	return 0;
}

int main(int argc, char **argv)
{
	static struct screen_matrix matrix;
	char host[SCREEN_URI_MAX], shown[SCREEN_URI_MAX];
	struct screen screen = {
		.user = "alice",
		.host = "television",
		.service = "login",
		.user_code = "WDJB-MJHT",
		.seconds = 600,
		.matrix = &matrix,
		.rows = 60,
		.columns = 80,
	};

	if (argc >= 3 && strcmp(argv[1], "--ask") == 0)
		return ask(argv[0], argv + 2);
	if (argc >= 4 && strcmp(argv[1], "--idle") == 0)
		return idle(&screen, argv + 2);
	if (argc < 3 || argc > 4 ||
	    (argc == 4 && sscanf(argv[3], "%dx%d", &screen.rows, &screen.columns) != 2))
		die("usage: show STYLE URI [ROWSxCOLS]");
	style_parse(&screen, argv[1]);
	screen.uri = argv[2];
	if (screen.wall) {
		screen.user = "";
		snprintf(shown, sizeof(shown), "%.*s", (int)strcspn(argv[2], "?"), argv[2]);
		screen.uri = shown; /* as RFC 8628 has two of them */
	}
	/* Over ssh the person is remote, and that is what this style is for. */
	screen.remote = screen.style == SCREEN_UTF8;
	if (screen.remote) {
		screen.service = "sshd";
		screen.from = "2001:db8::17";
	}
	screen.qr_has_code = strstr(argv[2], screen.user_code) != NULL;
	if (!screen_uri_host(screen.uri, host, sizeof(host)) ||
	    !screen_uri_ok(screen.uri, host, false, SCREEN_URI_MAX))
		die("URI may not be shown");
	if (screen.style != SCREEN_OFF)
		matrix_draw(&matrix, argv[0], argv[2]);
	if (screen_compose(&screen, text, sizeof(text)) == 0)
		die("nothing to show");
	return puts(text) < 0;
}
