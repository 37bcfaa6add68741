/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serve: one login for a screen locker, which runs as its user and may not read the client's secret.
 * The other end is helper/login/locker.c, or whatever a local user connects with.
 *
 * The peer says which section and how long it can wait, and later what the person typed. Who it is,
 * the kernel says; everything else is read here. It gets ready, invite and state, which its module
 * filters and shows, and one `done` {outcome}: never a claim, a note or a word of the configuration.
 * Must never let in anybody but the account of the peer's own uid, wait for a peer that is silent,
 * or block on one that does not read.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "common/audit.h"
#include "helper/login/exchange.h"
#include "helper/login/limit.h"
#include "common/list.h"
#include "common/paths.h"
#include "helper/login/policy.h"
#include "helper/login/config/rules.h"
#include "verbs.h"

enum {
	LISTEN_FD = 3, /* sd_listen_fds(3) */
	OPENING_MS = 10 * 1000,
	NAP_MS = 10 * 1000, /* poll() does not count a suspend: the clock is looked at again */
	PLACES = 4,	    /* logins of one uid at a time */
	UNREAD_MAX = 16,
};

struct serve {
	int peer;
	int place;  /* of this uid's few, or -1 */
	uid_t uid;  /* the peer's, as the kernel says */
	char *user; /* the account of that uid, or NULL */
	char section[64];
	long seconds; /* that the peer can wait */
	struct conf conf;
	struct judge_policy policy;
	struct limit limit;
	char id[AUDIT_ID_MAX];
	struct login login;
};

/* ---- the peer ---- */

/* The connection that systemd hands over, or -1. */
static int connection_find(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	char own[16];

	snprintf(own, sizeof(own), "%d", (int)getpid());
	if (!pid || !fds || strcmp(pid, own) != 0 || strcmp(fds, "1") != 0 ||
	    !wire_is_slot(LISTEN_FD) || fcntl(LISTEN_FD, F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	return LISTEN_FD;
}

static bool peer_find(struct serve *serve)
{
	const struct passwd *pw;
	struct ucred peer;

	if (!wire_peer(serve->peer, &peer))
		return login_end(&serve->login, OUTCOME_SYSTEM, "no_peer");
	serve->uid = peer.uid;
	pw = getpwuid(serve->uid);
	serve->user = strdup(pw ? pw->pw_name : "");
	if (!serve->user)
		return login_end(&serve->login, OUTCOME_MEMORY, "user");
	serve->login.wanted = (struct local_account){ .name = serve->user,
						      .exists = pw != NULL,
						      .uid = serve->uid };
	/* One person can have very many uids of no account: none of them gets a place. */
	return pw || login_end(&serve->login, OUTCOME_NOT_ADMITTED, "no_local_account");
}

/* One of the few places of this uid, held until its login is over. */
static bool place_take(struct serve *serve)
{
	char path[sizeof(PATH_SERVE_PLACES) + 32];
	int fd;

	if (mkdir(PATH_SERVE_PLACES, 0700) != 0 && errno != EEXIST)
		return login_end(&serve->login, OUTCOME_SYSTEM, "no_place");
	for (int i = 0; i < PLACES; i++) {
		snprintf(path, sizeof(path), "%s/%lu.%d", PATH_SERVE_PLACES,
			 (unsigned long)serve->uid, i);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
			serve->place = fd;
			return true;
		}
		if (fd >= 0)
			close(fd);
	}
	return login_end(&serve->login, OUTCOME_LIMITED, "too_many_at_once");
}

/* Exactly `locker` {wire, section, seconds}. */
static bool opening_ok(struct serve *serve, const struct wire_message *message)
{
	const char *wire = wire_value(message, "wire");
	const char *section = wire_value(message, "section");
	const char *seconds = wire_value(message, "seconds");
	const struct rule *timeout = &rules[CONF_TIMEOUT];

	if (strcmp(message->verb, "locker") != 0 || message->pairs != 3 || !wire || !section ||
	    !seconds)
		return login_breach(&serve->login, "opening_malformed");
	if (strcmp(wire, WIRE_VERSION) != 0)
		return login_breach(&serve->login, "locker_of_another_version");
	if (!rule_word_ok(section) || !rule_value_ok(timeout, seconds))
		return login_breach(&serve->login, "opening_malformed");
	snprintf(serve->section, sizeof(serve->section), "%s", section);
	serve->seconds = rule_number(timeout, seconds);
	return true;
}

static bool opening_read(struct serve *serve)
{
	const struct spawn peer = { .fd = serve->peer, .pidfd = -1, .beside = -1 };
	struct wire_message message;
	char buf[WIRE_BYTES_MAX];

	if (!spawn_wait(&peer, spawn_after(OPENING_MS)))
		return login_end(&serve->login, OUTCOME_CONVERSATION, "peer_silent");
	if (wire_receive(serve->peer, false, buf, &message) != WIRE_MESSAGE)
		return login_end(&serve->login, OUTCOME_CONVERSATION, "peer_gone");
	return opening_ok(serve, &message);
}

/* A message of the helper that was welcome goes on to the peer as it came. */
static bool pass_on(struct serve *serve, const struct wire_message *message)
{
	struct wire_draft draft;

	wire_begin(&draft, message->verb);
	for (size_t i = 0; i < message->pairs; i++)
		wire_add(&draft, message->pair[i].key, message->pair[i].value);
	return wire_send(serve->peer, &draft) ||
	       login_end(&serve->login, OUTCOME_CONVERSATION, "peer_does_not_listen");
}

/* login->take: claims, notes and the verdict stay here. */
static bool take(struct login *login, const struct wire_message *message)
{
	if (!login_take(login, message))
		return false;
	return !list_has(WIRE_TO_SCREEN, LIST_BLANKS, message->verb) ||
	       pass_on(login->io.context, message);
}

static bool request_take(struct login *login, const struct wire_message *message)
{
	if (strcmp(message->verb, "again") == 0 && message->pairs == 0 &&
	    login->season == SEASON_USED_UP)
		return login_again(login);
	if (strcmp(message->verb, "answer") == 0 && message->pairs == 1 &&
	    wire_value(message, "text") && login->pasting && login->season == SEASON_SHOWN &&
	    login->tries_left > 0)
		return login_answer(login, wire_value(message, "text"));
	return login_end(login, OUTCOME_CONVERSATION, "peer_out_of_season");
}

static bool peer_take(struct serve *serve)
{
	struct wire_message message;
	char buf[WIRE_BYTES_MAX];
	bool going = true;

	switch (wire_receive(serve->peer, false, buf, &message)) {
	case WIRE_MESSAGE:
		going = request_take(&serve->login, &message);
		explicit_bzero(buf, sizeof(buf)); /* what was typed */
		break;
	case WIRE_NOTHING:
		break;
	case WIRE_INVALID:
		going = login_end(&serve->login, OUTCOME_CONVERSATION, "peer_packet_invalid");
		break;
	case WIRE_GONE:
		going = login_end(&serve->login, OUTCOME_CONVERSATION, "peer_gone");
		break;
	}
	return going;
}

/* The kernel drops the verdict of a socket that is closed with something unread in it. */
static void done_send(const struct serve *serve)
{
	struct wire_message unread;
	struct wire_draft draft;
	char buf[WIRE_BYTES_MAX];
	int most = UNREAD_MAX;
	enum wire_received got;

	do
		got = wire_receive(serve->peer, false, buf, &unread);
	while (got != WIRE_NOTHING && got != WIRE_GONE && --most > 0);
	wire_begin(&draft, "done");
	wire_add(&draft, "outcome", outcome_name(serve->login.outcome));
	wire_send(serve->peer, &draft); /* a peer that does not listen has lost its verdict */
}

/* ---- the log ---- */

static void io_log(void *context, int priority, const char *text)
{
	const struct serve *serve = context;
	char line[AUDIT_LINE_MAX];

	if (priority == LOG_DEBUG)
		return;
	audit_note_line(serve->id, text, line);
	syslog(priority, "pam_device_code(serve): %s", line);
}

static void report(const struct serve *serve)
{
	const struct login *login = &serve->login;
	bool admitted = login->outcome == OUTCOME_ADMITTED;
	char line[AUDIT_LINE_MAX];
	struct audit audit = {
		.id = serve->id,
		.place = place_name(PLACE_SESSION),
		.user = serve->user,
	};

	login_report(login, &audit);
	audit.section = serve->section; /* also where that could not be read */
	audit_line(&audit, line);
	syslog(admitted ? LOG_INFO : LOG_NOTICE, "pam_device_code(serve): uid=\"%lu\" %s",
	       (unsigned long)serve->uid, line);
}

/* ---- the login ---- */

/* Shown, drawn and asked is at the other end. */
static bool io_show(void *context, const char *text)
{
	(void)context;
	(void)text;
	return true;
}

static bool section_read(struct serve *serve)
{
	struct login *login = &serve->login;

	if (!conf_load(&serve->conf, NULL, serve->section)) {
		io_log(serve, LOG_ERR, serve->conf.error);
		return login_end(login, OUTCOME_SETUP, "configuration");
	}
	policy_take(&serve->conf, &serve->policy);
	return login_account_ok(login);
}

/* Counts this login by the uid of the peer, whose own account it is, before anything is started. */
static bool limited(struct serve *serve)
{
	const struct place_facts facts = { .ruid = serve->uid, .euid = serve->uid, .own = true };
	struct limit_attempt counted = {
		.place = PLACE_SESSION,
		.facts = &facts,
		.person = serve->uid,
		.user = serve->user,
		.proven = true,
		.now = spawn_now(),
	};
	enum limit_verdict verdict;

	counted.until = counted.now + login_longest(&serve->login);
	verdict = limit_start(&serve->limit, PATH_STATE, &serve->conf, &counted);
	if (verdict == LIMIT_UNCOUNTED)
		io_log(serve, LOG_WARNING,
		       "limits: " PATH_STATE " is of no use: nothing is counted");
	if (verdict == LIMIT_FREE || verdict == LIMIT_UNCOUNTED)
		return false;
	login_end(&serve->login, OUTCOME_LIMITED, limit_name(verdict));
	return true;
}

static bool login_prepare(struct serve *serve)
{
	const struct manner_facts facts = {
		.place = PLACE_SESSION, .tty = "", .service = "", .own_account = true
	};
	struct login *login = &serve->login;

	manner_choose(&serve->conf, &facts, &login->manner);
	if (serve->seconds < login->manner.timeout)
		login->manner.timeout = serve->seconds;
	login->io = (struct login_io){ .context = serve, .show = io_show, .log = io_log };
	login->relaying = true;
	login->take = take;
	login_begin(login);
	return !limited(serve) && login_open(login);
}

/* Waits until peer, helper or the deadline has something to say, and hears it. */
static bool step(struct serve *serve)
{
	struct login *login = &serve->login;
	struct pollfd pfd[2] = { { .fd = serve->peer, .events = POLLIN },
				 { .fd = login->helper.fd, .events = POLLIN } };
	int64_t left = login->deadline - spawn_now();

	if (left <= 0)
		return login_silent(login);
	if (poll(pfd, 2, left < NAP_MS ? (int)left : NAP_MS) <= 0)
		return true;
	if (pfd[0].revents != 0)
		return peer_take(serve);
	return login_receive(login);
}

static void serve_run(struct serve *serve)
{
	struct login *login = &serve->login;
	bool going;

	login->conf = &serve->conf;
	login->policy = &serve->policy;
	going = peer_find(serve) && place_take(serve) && opening_read(serve) &&
		section_read(serve) && login_prepare(serve);

	while (going)
		going = step(serve);
	limit_end(&serve->limit);
	done_send(serve);
	report(serve);
	close(serve->peer);
	if (serve->place >= 0)
		close(serve->place);
	login_release(login);
	login_clear(login);
	conf_clear(&serve->conf);
	free(serve->user);
}

int verb_serve(int argc, char **argv)
{
	struct serve *serve;
	int peer = argc == 1 ? connection_find() : -1;

	if (argc > 1)
		return verb_misused(argv[0], "takes no arguments");
	if (peer < 0)
		return verb_misused(argv[0], "is started by systemd, with a connection: "
					     "systemctl enable --now pam-device-code-serve.socket");
	if (geteuid() != 0)
		return verb_misused(argv[0], "must run as root");
	serve = calloc(1, sizeof(*serve));
	if (!serve)
		return STATUS_FAILED;
	openlog(PROGRAM, LOG_PID, LOG_AUTHPRIV);
	serve->peer = peer;
	serve->place = -1;
	serve->login.helper = serve->login.drawer = SPAWN_NONE;
	serve->limit = LIMIT_NONE;
	audit_id(serve->id);
	serve_run(serve);
	free(serve);
	return STATUS_OK;
}
