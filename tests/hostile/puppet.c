/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands at the path of the module's helpers and does what a script says: see script.h. The
 * opening packet's client_id is the script's path. Asked to draw, it draws what the address wishes.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/wire.h"
#include "stage.h"

enum {
	LAST_MS = 50,
};

static bool over; /* it has said how it ended */

static void channel_send(const char *bytes, size_t len, bool forever)
{
	do
		send(WIRE_FD, bytes, len, MSG_NOSIGNAL);
	while (forever);
}

static void step_run(const struct script_step *step, const char *bytes)
{
	char packet[WIRE_BYTES_MAX];

	switch (step->what) {
	case SCRIPT_SEND:
	case SCRIPT_FLOOD:
		channel_send(bytes, step->len, step->what == SCRIPT_FLOOD);
		over = step->len > 4 && memcmp(bytes, "done", 5) == 0;
		break;
	case SCRIPT_AWAIT:
		if (recv(WIRE_FD, packet, sizeof(packet), 0) <= 0)
			_exit(0);
		break;
	case SCRIPT_NAP:
		usleep(step->number * 1000);
		break;
	case SCRIPT_CLOSE:
		close(WIRE_FD);
		break;
	case SCRIPT_KILL:
		kill(getpid(), (int)step->number);
		break;
	case SCRIPT_HANG:
		for (;;)
			pause();
	case SCRIPT_EXIT:
		_exit((int)step->number);
	}
}

static void script_run(const char *path)
{
	struct script_step step;
	static char bytes[SCRIPT_PACKET_MAX];
	int fd = open(path, O_RDONLY);

	while (read(fd, &step, sizeof(step)) == sizeof(step) && step.len <= sizeof(bytes) &&
	       read(fd, bytes, step.len) == (ssize_t)step.len)
		step_run(&step, bytes);
}

/* A matrix of width 21, unless the address has the name of another wish in it. */
static void draw(const char *uri)
{
	static char rows[64 * 1024];
	struct wire_draft draft;
	size_t count = 21 * 21;

	if (strstr(uri, "qr-hangs"))
		pause();
	if (strstr(uri, "qr-ends"))
		_exit(0);
	if (strstr(uri, "qr-short"))
		count = 440;
	memset(rows, '1', count);
	if (strstr(uri, "qr-escapes"))
		memcpy(rows, "\033[2J\r\n", 6);
	wire_begin(&draft, "modules");
	wire_add(&draft, "wire", WIRE_VERSION);
	wire_add(&draft, "width", strstr(uri, "qr-wide") ? "177" : "21");
	wire_add(&draft, "rows", rows);
	channel_send(draft.bytes, draft.len, strstr(uri, "qr-floods") != NULL);
}

int main(void)
{
	static char buf[WIRE_BYTES_MAX];
	struct wire_message opening;
	struct pollfd channel = { .fd = WIRE_FD, .events = POLLIN };
	char end;

	if (wire_receive(WIRE_FD, true, buf, &opening) != WIRE_MESSAGE)
		return 1;
	if (strcmp(opening.verb, "qr") == 0)
		draw(wire_value(&opening, "uri"));
	else
		script_run(wire_value(&opening, "client_id"));
	/* What is unread would take the last packet with it. Behind its verdict a helper goes by itself. */
	while ((!over || poll(&channel, 1, LAST_MS) > 0) && recv(WIRE_FD, &end, 1, 0) > 0)
		;
	return 0;
}
