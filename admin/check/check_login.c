/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: whether a login begins where every login has to: behind the socket, or as its host's child. A session's verb
 * about a login that nobody had goes all the way and changes nothing.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "admin/people/people_account.h"
#include "common/audit.h"
#include "common/channel.h"
#include "common/paths.h"
#include "common/spawn.h"
#include "admin/verbs.h"

enum {
	DONE_MS = 10 * 1000, /* from `ready` */
};

struct talk {
	struct spawn login;
	struct wire_draft draft;
	struct wire_message message;
	char bytes[WIRE_LONG_MAX];
};

static bool begin(struct talk *talk)
{
	char id[AUDIT_ID_MAX];

	audit_id(id);
	wire_begin(&talk->draft, "begin");
	wire_add(&talk->draft, "wire", WIRE_VERSION);
	wire_add(&talk->draft, "verb", "credentials");
	wire_add(&talk->draft, "id", id);
	wire_add(&talk->draft, "service", PROGRAM);
	wire_add_number(&talk->draft, "ruid", getuid());
	wire_add_number(&talk->draft, "alarm", 0);
	return wire_send(talk->login.fd, &talk->draft);
}

/* Whether the next message is VERB, and comes in time. */
static bool hears(struct talk *talk, const char *verb, int ms)
{
	struct pollfd pfd = { .fd = talk->login.fd, .events = POLLIN };

	return poll(&pfd, 1, ms) == 1 &&
	       wire_receive_long(talk->login.fd, MSG_DONTWAIT, talk->bytes, sizeof(talk->bytes),
				 &talk->message) == WIRE_MESSAGE &&
	       strcmp(talk->message.verb, verb) == 0;
}

/* NULL: it begins and ends as it should. */
static const char *trouble(struct talk *talk, bool by_socket)
{
	static const struct spawn_what login = { .program = PATH_LOGIN };

	if (by_socket)
		talk->login.fd = channel_connect(PATH_LOGIN_SOCKET);
	else if (spawn_start(&talk->login, &login) != SPAWN_STARTED)
		return "cannot be started";
	if (talk->login.fd < 0)
		return "nobody of root's answers";
	if (!begin(talk) || !hears(talk, "ready", CHANNEL_BEGIN_MS))
		return "no login begins";
	return hears(talk, "done", DONE_MS) ? NULL : "a login begins and comes to no end";
}

static const char *trouble_find(bool by_socket)
{
	struct talk *talk = calloc(1, sizeof(*talk));
	const char *what = "out of memory";

	if (talk) {
		talk->login = SPAWN_NONE;
		what = trouble(talk, by_socket);
		spawn_leave(&talk->login);
	}
	free(talk);
	return what;
}

void check_login(struct check *check)
{
	bool there = channel_exists(PATH_LOGIN_SOCKET);
	const char *what = geteuid() == 0 ? trouble_find(there) : NULL;
	struct stat st;

	if (what && there)
		report_line(
			&check->report, MARK_ERROR, "login",
			"systemctl restart pam-device-code-login.socket and look into journalctl -u "
			"pam-device-code-login, or remove the socket",
			"%s is there, and %s: nobody signs in by code", PATH_LOGIN_SOCKET, what);
	else if (what)
		report_line(&check->report, MARK_ERROR, "login",
			    "make install, or look into the log", "%s: %s: nobody signs in by code",
			    PATH_LOGIN, what);
	else if (!there && stat("/run/systemd/system", &st) == 0)
		report_line(&check->report, MARK_WARNING, "login",
			    "systemctl enable --now pam-device-code-login.socket",
			    "a child of each host: the caller of su can starve or freeze it");
	else
		report_line(&check->report, MARK_OK, "login", NULL,
			    there ? "begins by %s" : "begins as a child of each host, without %s",
			    PATH_LOGIN_SOCKET);
}

/* useradd gives the lowest uid that is free, from UID_MIN of login.defs on. */
static void uids_check(struct check *check, const struct section *section)
{
	unsigned long from = account_setting("UID_MIN", 1000);
	long least = conf_number(&section->conf, CONF_MIN_UID);

	if (least > 0 && (unsigned long)least > from)
		report_line(
			&check->report, MARK_WARNING, "enrol",
			"raise UID_MIN in /etc/login.defs to it, or lower min_uid",
			"min_uid = %ld: accounts are made from uid %lu on, and below min_uid nobody is let in",
			least, from);
}

void check_enrol(struct check *check, const struct section *section)
{
	const char *issuer = conf_text(&section->conf, CONF_ISSUER);
	int fd;

	if (!conf_is(&section->conf, CONF_ENROL, "seat") || geteuid() != 0)
		return;
	fd = channel_connect(PATH_PEOPLE_SOCKET);
	if (fd < 0)
		report_line(&check->report, MARK_ERROR, "enrol",
			    "systemctl enable --now pam-device-code-people.socket",
			    "%s does not answer: nobody new gets an account", PATH_PEOPLE_SOCKET);
	else if (access(PATH_PEOPLE, F_OK) != 0)
		report_line(&check->report, MARK_ERROR, "enrol",
			    "touch " PATH_PEOPLE ", if nobody was ever in it",
			    PATH_PEOPLE ": is not there: nobody new gets an account");
	else
		report_line(&check->report, MARK_OK, "enrol", NULL,
			    "at a seat, for whom %s admits, by %s", issuer, PATH_PEOPLE_SOCKET);
	if (fd >= 0)
		close(fd);
	uids_check(check, section);
}
