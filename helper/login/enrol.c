/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has no account yet: see enrol.h. Must never take an answer for more than a line of the log. */
#include "enrol.h"

#include <stdio.h>
#include <string.h>

#include "common/channel.h"
#include "common/paths.h"
#include "common/scratch.h"
#include "common/spawn.h"
#include "helper/login/display/screen.h"

int enrol_open(void)
{
	return channel_connect(PATH_PEOPLE_SOCKET);
}

static bool wish_send(int fd, const struct enrol_wish *wish)
{
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	bool sent = false;

	if (draft) {
		wire_begin(draft, "enrol");
		wire_add(draft, "wire", WIRE_VERSION);
		wire_add(draft, "id", wish->id);
		wire_add(draft, "section", wish->section);
		wire_add(draft, "issuer", wish->issuer);
		wire_add(draft, "subject", wish->subject);
		wire_add(draft, "name", wish->name);
		sent = wire_send(fd, draft);
	}
	scratch_drop(draft, sizeof(*draft));
	return sent;
}

static bool answer_read(const struct wire_message *message, char said[ENROL_SAID_MAX])
{
	const char *name = wire_value(message, "name"), *text = wire_value(message, "text");
	bool enrolled = strcmp(message->verb, "enrolled") == 0 && name;
	char plain[ENROL_SAID_MAX - 32];

	screen_plain(enrolled ? name
		     : text   ? text
			      : "device-code-people says nothing",
		     plain, sizeof(plain));
	snprintf(said, ENROL_SAID_MAX, enrolled ? "enrol: an account was made: %s" : "enrol: %s",
		 plain);
	return enrolled;
}

bool enrol_ask(int fd, const struct enrol_wish *wish, char said[ENROL_SAID_MAX])
{
	const struct spawn people = { .fd = fd, .pidfd = -1, .beside = -1 };
	char *bytes = scratch_take(WIRE_BYTES_MAX);
	struct wire_message message;
	bool enrolled = false;

	snprintf(said, ENROL_SAID_MAX, "enrol: " PATH_PEOPLE_SOCKET " gives no answer");
	if (bytes && wish_send(fd, wish) && spawn_wait(&people, spawn_after(ENROL_MS)) &&
	    wire_receive(fd, false, bytes, &message) == WIRE_MESSAGE)
		enrolled = answer_read(&message, said);
	scratch_drop(bytes, WIRE_BYTES_MAX);
	return enrolled;
}
