/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel to a helper that probes: see probe.h. Must never take more than it waits for, or hand on a
 * byte that is not printable.
 */
#include "probe.h"

#include <stdio.h>
#include <string.h>

#include "common/list.h"
#include "common/paths.h"
#include "helper/login/display/screen.h"
#include "common/spawn.h"
#include "helper/login/helper_process.h"

enum {
	PROBE_MS = 100 * 1000,
	TURN_MS = 200,
	MESSAGES_MAX = 160, /* findings and notes */
	VALUE_MAX = 1200,
};

struct peer {
	struct spawn helper;
	struct wire_message message;
	char bytes[WIRE_BYTES_MAX];
	bool ready;
	bool done;
};

void probe_opening(struct wire_draft *opening)
{
	wire_begin(opening, "probe");
	wire_add(opening, "wire", WIRE_VERSION);
}

static bool fail(struct probe *probe, enum reason trouble)
{
	probe->trouble = trouble;
	return false;
}

static bool take_ready(struct probe *probe, struct peer *peer)
{
	const char *wire = wire_value(&peer->message, "wire");
	const char *sandbox = wire_value(&peer->message, "sandbox");
	char plain[VALUE_MAX];

	if (peer->ready || !wire || !sandbox || strcmp(wire, WIRE_VERSION) != 0)
		return fail(probe, REASON_HELPER_VERSION_MISMATCH);
	peer->ready = true;
	screen_plain(sandbox, plain, sizeof(plain));
	if (probe->ready)
		probe->ready(probe->context, plain);
	return true;
}

static bool take_finding(struct probe *probe, struct peer *peer)
{
	static const char *const names[] = {
		[PROBE_BAD] = "bad", [PROBE_NONE] = "none", [PROBE_OK] = "ok"
	};
	const char *step = wire_value(&peer->message, "step");
	const char *name = wire_value(&peer->message, "outcome");
	const char *value = wire_value(&peer->message, "value");
	char plain[VALUE_MAX], plain_step[VALUE_MAX];

	for (int outcome = PROBE_BAD; step && name && value && outcome <= PROBE_OK; outcome++) {
		if (strcmp(name, names[outcome]) != 0)
			continue;
		screen_plain(value, plain, sizeof(plain));
		screen_plain(step, plain_step, sizeof(plain_step));
		if (probe->find)
			probe->find(probe->context, plain_step, (enum probe_outcome)outcome, plain);
		return true;
	}
	return fail(probe, REASON_FINDING_MALFORMED);
}

/* Notes are for a login's log: what they say is among the findings. */
static bool take(struct probe *probe, struct peer *peer)
{
	const char *verb = peer->message.verb;
	const char *verdict = wire_value(&peer->message, "verdict");

	if (strcmp(verb, "ready") == 0)
		return take_ready(probe, peer);
	if (peer->ready && strcmp(verb, "finding") == 0)
		return take_finding(probe, peer);
	if (peer->ready && strcmp(verb, "log") == 0)
		return true;
	if (!peer->ready || strcmp(verb, "done") != 0 || !verdict)
		return fail(probe, REASON_HELPER_MESSAGE_UNEXPECTED);
	peer->done = true;
	if (verdict_parse(verdict) == VERDICT_HELPER_FAILED)
		return fail(probe, REASON_HELPER_CANNOT_BEGIN);
	return verdict_parse(verdict) == VERDICT_GRANTED || fail(probe, REASON_SETTINGS_REFUSED);
}

/* false: nothing came until DEADLINE. */
static bool await(struct probe *probe, const struct peer *peer, int64_t deadline)
{
	for (;;) {
		int64_t next = spawn_after(TURN_MS);

		if (spawn_wait(&peer->helper, next < deadline ? next : deadline))
			return true;
		if (next >= deadline)
			return false;
		if (probe->turn)
			probe->turn(probe->context);
	}
}

static enum reason why_lost(const struct peer *peer)
{
	enum reason why = helper_why_gone(&peer->helper);

	return peer->ready || why != REASON_HELPER_GONE ? why : REASON_HELPER_NOT_READY;
}

static bool hear(struct probe *probe, struct peer *peer)
{
	int64_t deadline = spawn_after(PROBE_MS);

	for (int i = 0; i < MESSAGES_MAX && !peer->done; i++) {
		if (!await(probe, peer, deadline))
			return fail(probe, REASON_HELPER_SILENT);
		if (wire_receive(peer->helper.fd, false, peer->bytes, &peer->message) !=
		    WIRE_MESSAGE)
			return fail(probe, why_lost(peer));
		if (!take(probe, peer))
			return false;
	}
	return peer->done || fail(probe, REASON_HELPER_SAYS_TOO_MUCH);
}

enum reason probe_reason(const char *value)
{
	enum reason last = REASON_NONE;
	struct slice word;

	while (list_next(&value, LIST_BLANKS, &word)) {
		char name[REASON_NAME_MAX];

		if (word.len >= sizeof(name))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)word.len, word.at);
		if (reason_find(name) != REASON_COUNT)
			last = reason_find(name);
	}
	return last;
}

bool probe_run(struct probe *probe, const struct wire_draft *opening, int key)
{
	static const enum reason troubles[] = {
		[SPAWN_FAILED] = REASON_HELPER_NOT_STARTED,
		[SPAWN_NO_ACCOUNT] = REASON_NO_ACCOUNT_FOR_THE_HELPER,
		[SPAWN_MISSING] = REASON_HELPER_MISSING,
	};
	struct peer peer = { .helper = SPAWN_NONE };
	enum spawn_result started;
	bool ok;

	if (opening->broken)
		return fail(probe, REASON_SETTINGS_TOO_LONG);
	started = helper_start(&peer.helper, PATH_HELPER, false);
	if (started != SPAWN_STARTED)
		return fail(probe, troubles[started]);
	ok = wire_send_with(peer.helper.fd, opening, key) ? hear(probe, &peer)
							  : fail(probe, REASON_HELPER_UNRESPONSIVE);
	spawn_end(&peer.helper);
	return ok;
}
