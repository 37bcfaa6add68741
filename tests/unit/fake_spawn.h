/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands in for common/spawn.c: no process, no real time. A helper is a script of packets with
 * their times; waiting moves the clock. To be included by one file of a test program, which then
 * links without spawn.o.
 */
#ifndef TESTS_UNIT_FAKE_SPAWN_H
#define TESTS_UNIT_FAKE_SPAWN_H

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/spawn.h"
#include "common/wire.h"
#include "helper/login/helper_process.h"

enum {
	PACKET_MAX = 4096,
	STEPS_MAX = 128,
};

struct packet {
	size_t len;
	char bytes[PACKET_MAX];
};

enum step_kind {
	STEP_SEND,
	STEP_CLOSE,
	STEP_AWAIT_AGAIN, /* the module's `new_code`, without which nothing more comes */
};

struct step {
	enum step_kind kind;
	int after_ms; /* behind the step before it */
	struct packet packet;
};

/* What device-code-qr does. */
enum qr_helper {
	QR_HELPER_MISSING,
	QR_HELPER_DRAWS,
	QR_HELPER_SILENT,
	QR_HELPER_GONE,
	QR_HELPER_SAYS, /* fake.drawn */
};

static struct {
	int64_t now;
	enum spawn_result start; /* of the helper */
	bool deaf;		 /* the helper has closed its end from the start */
	struct step step[STEPS_MAX];
	size_t steps, next;
	int64_t due;	       /* of the step before the next */
	int peer;	       /* the helper's end of the channel, or -1 */
	struct packet opening; /* what the module said first */
	int agains;
	int started, ended; /* helpers of both kinds */
	enum qr_helper qr_helper;
	struct packet drawn;
	int qr_helper_peer;
	int qr_helper_fd;
	char asked_to_draw[512];
} fake = { .peer = -1, .qr_helper_peer = -1, .qr_helper_fd = -1 };

/* ---- packets and scripts ---- */

/* Adds "key", "value", ..., NULL to a packet that begins with VERB. */
static inline void packet_set(struct packet *packet, const char *verb, ...)
{
	const char *text = verb;
	va_list args;

	packet->len = 0;
	va_start(args, verb);
	for (; text; text = va_arg(args, const char *)) {
		size_t len = strlen(text) + 1;

		if (len > sizeof(packet->bytes) - packet->len)
			abort();
		memcpy(packet->bytes + packet->len, text, len);
		packet->len += len;
	}
	va_end(args);
}

static inline struct step *fake_step(enum step_kind kind, int after_ms)
{
	struct step *step = &fake.step[fake.steps++];

	if (fake.steps > STEPS_MAX)
		abort();
	step->kind = kind;
	step->after_ms = after_ms;
	return step;
}

static inline void fake_send(int after_ms, const struct packet *packet)
{
	fake_step(STEP_SEND, after_ms)->packet = *packet;
}

static inline void fake_reset(void)
{
	if (fake.peer >= 0)
		close(fake.peer);
	if (fake.qr_helper_peer >= 0)
		close(fake.qr_helper_peer);
	fake.now = 1000000;
	fake.start = SPAWN_STARTED;
	fake.deaf = false;
	fake.steps = fake.next = 0;
	fake.peer = fake.qr_helper_peer = fake.qr_helper_fd = -1;
	fake.opening.len = 0;
	fake.agains = fake.started = fake.ended = 0;
	fake.qr_helper = QR_HELPER_MISSING;
	fake.asked_to_draw[0] = '\0';
}

static inline void packet_receive(int fd, struct packet *packet)
{
	ssize_t len = recv(fd, packet->bytes, sizeof(packet->bytes), MSG_DONTWAIT);

	packet->len = len > 0 ? (size_t)len : 0;
}

/* Takes what the module has sent since; true if it was `new_code`. */
static inline bool fake_again(void)
{
	struct packet packet;

	if (fake.peer < 0)
		return false;
	packet_receive(fake.peer, &packet);
	if (fake.opening.len == 0 && packet.len > 0) {
		fake.opening = packet;
		packet_receive(fake.peer, &packet);
	}
	if (packet.len != sizeof("new_code") || strcmp(packet.bytes, "new_code") != 0)
		return false;
	fake.agains++;
	return true;
}

/* Does the next step if its time has come. */
static inline bool fake_advance(void)
{
	const struct step *step = &fake.step[fake.next];

	if (fake.next == fake.steps || fake.peer < 0)
		return false;
	if (step->kind == STEP_AWAIT_AGAIN) {
		if (!fake_again())
			return false;
		fake.due = fake.now;
	} else if (fake.due + step->after_ms > fake.now) {
		return false;
	} else {
		fake.due += step->after_ms;
		if (step->kind == STEP_SEND)
			send(fake.peer, step->packet.bytes, step->packet.len, MSG_NOSIGNAL);
	}
	if (step->kind == STEP_CLOSE) {
		while (fake_again()) /* unread, it would take what was sent along with it */
			;
		close(fake.peer);
		fake.peer = -1;
	}
	fake.next++;
	return true;
}

/* The clock goes on by MS, and what is due meanwhile lies in the channel. */
static inline void fake_pass(int64_t ms)
{
	fake.now += ms;
	while (fake_advance())
		;
}

/* ---- spawn.h ---- */

enum spawn_result helper_start(struct spawn *child, const char *program, bool outliving)
{
	bool draws = strcmp(program, PATH_QR) == 0;
	int channel[2];

	(void)outliving;
	*child = SPAWN_NONE;
	if (draws ? fake.qr_helper == QR_HELPER_MISSING : fake.start != SPAWN_STARTED)
		return draws ? SPAWN_MISSING : fake.start;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) != 0)
		abort();
	child->fd = channel[0];
	child->pid = draws ? 0 : 1;
	*(draws ? &fake.qr_helper_peer : &fake.peer) = channel[1];
	if (draws) {
		fake.qr_helper_fd = channel[0];
	} else {
		fake.due = fake.now;
		if (fake.deaf) {
			close(fake.peer);
			fake.peer = -1;
		}
	}
	fake.started++;
	return SPAWN_STARTED;
}

void spawn_end(struct spawn *child)
{
	int *peer = child->fd == fake.qr_helper_fd ? &fake.qr_helper_peer : &fake.peer;

	if (child->fd < 0)
		return;
	while (peer == &fake.peer && fake_again())
		;
	if (peer == &fake.qr_helper_peer)
		fake.qr_helper_fd = -1;
	if (*peer >= 0)
		close(*peer);
	*peer = -1;
	close(child->fd);
	*child = SPAWN_NONE;
	fake.ended++;
}

enum reason helper_why_gone(const struct spawn *child)
{
	(void)child;
	return REASON_HELPER_GONE;
}

void spawn_leave(struct spawn *child)
{
	spawn_end(child);
}

int64_t spawn_now(void)
{
	return fake.now;
}

int64_t spawn_after(int64_t ms)
{
	return fake.now < INT64_MAX - ms ? fake.now + ms : INT64_MAX;
}

bool spawn_glance(int fd, int ms)
{
	(void)fd;
	fake_pass(ms);
	return false;
}

/* Version 1 of a QR code as far as its size goes. */
static inline void draw_answer(void)
{
	char rows[21 * 21 + 1];
	struct wire_message request;
	struct packet packet;

	packet_receive(fake.qr_helper_peer, &packet);
	if (wire_parse(&request, packet.bytes, packet.len) && wire_value(&request, "uri"))
		snprintf(fake.asked_to_draw, sizeof(fake.asked_to_draw), "%s",
			 wire_value(&request, "uri"));
	memset(rows, '1', sizeof(rows) - 1);
	rows[sizeof(rows) - 1] = '\0';
	packet_set(&packet, "modules", "wire", WIRE_VERSION, "width", "21", "rows", rows, NULL);
	if (fake.qr_helper == QR_HELPER_SAYS)
		packet = fake.drawn;
	if (fake.qr_helper == QR_HELPER_DRAWS || fake.qr_helper == QR_HELPER_SAYS)
		send(fake.qr_helper_peer, packet.bytes, packet.len, MSG_NOSIGNAL);
	if (fake.qr_helper == QR_HELPER_GONE) {
		close(fake.qr_helper_peer);
		fake.qr_helper_peer = -1;
	}
}

bool spawn_wait(const struct spawn *child, int64_t deadline)
{
	struct pollfd pfd = { .fd = child->fd, .events = POLLIN };

	if (child->fd < 0) {
		fake.now = deadline > fake.now ? deadline : fake.now;
		return false;
	}
	if (child->fd == fake.qr_helper_fd)
		draw_answer();
	else
		fake_pass(0);
	while (fake.now < deadline) {
		int64_t due = fake.due;

		if (poll(&pfd, 1, 0) > 0)
			return true;
		if (fake.next < fake.steps && child->fd != fake.qr_helper_fd)
			due += fake.step[fake.next].after_ms;
		fake.now = due > fake.now && due < deadline ? due : deadline;
		if (child->fd != fake.qr_helper_fd && fake.now < deadline)
			fake_pass(0);
	}
	return false;
}

#endif
