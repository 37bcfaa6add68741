/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device-code-people: root, behind people.sock, which only root can reach: one connection, one wish, one answer
 * (enrol.h). The login that asks is confined and can write no account; this program can, and hears nothing of the network but
 * three words.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "common/audit.h"
#include "common/scratch.h"
#include "common/wire.h"
#include "enrolment.h"

static void log_open(void)
{
	openlog("device-code-people", LOG_PID, LOG_AUTHPRIV);
}

static void answer_refused(struct wire_draft *draft, const char *said)
{
	wire_begin(draft, "refused");
	wire_add(draft, "text", said);
}

static void wish_answer(const struct wire_message *message, struct wire_draft *draft)
{
	const struct enrolment_wish wish = {
		.section = wire_text(message, "section"),
		.issuer = wire_text(message, "issuer"),
		.subject = wire_text(message, "subject"),
		.name = wire_text(message, "name"),
	};
	char name[PERSON_NAME_MAX] = "", said[ENROLMENT_SAID_MAX] = "", id[AUDIT_VALUE_MAX + 1];
	uid_t uid = 0;

	audit_escape(wire_text(message, "id"), id, sizeof(id));
	if (strcmp(message->verb, "enrol") != 0 ||
	    strcmp(wire_text(message, "wire"), WIRE_VERSION) != 0 || wish.section[0] == '\0' ||
	    wish.subject[0] == '\0') {
		answer_refused(draft, "the login is of another version");
	} else if (!enrolment_grant(&wish, name, &uid, said)) {
		answer_refused(draft, said);
	} else {
		wire_begin(draft, "enrolled");
		wire_add(draft, "name", name);
		wire_add_number(draft, "uid", uid);
		log_open(); /* people_log() has opened its own */
		syslog(LOG_NOTICE,
		       "pam_device_code(people): id=\"%s\" enrolled user=\"%s\" uid=\"%lu\"", id,
		       name, (unsigned long)uid);
	}
}

/* A login may wait for its user as long as it likes: what ends it ends this, too. */
static int serve(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char *bytes = scratch_take(WIRE_BYTES_MAX);
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	struct wire_message message;
	struct ucred peer;
	bool ok = bytes && draft && wire_peer(fd, &peer) && peer.uid == 0;

	if (ok && poll(&pfd, 1, -1) == 1 &&
	    wire_receive(fd, false, bytes, &message) == WIRE_MESSAGE) {
		wish_answer(&message, draft);
		ok = wire_send(fd, draft);
	}
	scratch_drop(draft, sizeof(*draft));
	scratch_drop(bytes, WIRE_BYTES_MAX);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc != 1 || geteuid() != 0 || !wire_is_helper_channel(WIRE_FD)) {
		fprintf(stderr,
			"device-code-people is started by pam-device-code-people.socket, not "
			"by hand\n");
		return 2;
	}
	umask(022);
	if (chdir("/") != 0)
		return EXIT_FAILURE;
	log_open();
	return serve(WIRE_FD);
}
