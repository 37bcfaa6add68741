/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device-code-login: one login, for a host at the other end of a channel, in root's own circumstances and
 * not in those that the host's caller has chosen; or the listener that starts one for each connection.
 *
 *	device-code-login --listen	is started by systemd, with the listening socket of root's hosts
 *	device-code-login --listen-user	likewise, with the one of hosts that run as their user
 *	device-code-login [--user]	is started by its listener, with the connection, or by the module
 *					in its host, with one end of a channel
 *
 * Must never believe who the host says that it is, or let anybody in of whom attempt.c has not said so.
 */
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "attempt.h"
#include "confine.h"
#include "event_loop.h"
#include "helper/login/session/session.h"
#include "host_channel.h"
#include "listener.h"
#include "starter.h"

/* As far as this process may: the caller of su may have bound its hard limits, too. */
static void limit_lift(__rlimit_resource_t what, rlim_t least)
{
	struct rlimit limit;

	if (getrlimit(what, &limit) != 0 || limit.rlim_cur >= least)
		return;
	limit.rlim_cur = least;
	if (limit.rlim_max < least)
		limit.rlim_max = least;
	if (setrlimit(what, &limit) == 0)
		return;
	getrlimit(what, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(what, &limit);
}

/* A login's own circumstances, whatever the listener had, or the host's caller. */
static bool ground(void)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error, not an end */
	setrlimit(RLIMIT_CORE, &none);
	limit_lift(RLIMIT_NOFILE, 8192);
	limit_lift(RLIMIT_FSIZE, RLIM_INFINITY);
	limit_lift(RLIMIT_AS, RLIM_INFINITY);
	limit_lift(RLIMIT_DATA, RLIM_INFINITY);
	limit_lift(RLIMIT_CPU, RLIM_INFINITY);
	limit_lift(RLIMIT_STACK, 8 << 20);
	if (chdir("/") != 0)
		return false;
	/* su's caller: root's privileges, and none of their ids. */
	return geteuid() != 0 ||
	       (setgroups(0, NULL) == 0 && setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0);
}

/* A host that is this process's parent waits for its end. */
static bool is_its_child(const struct far_host *far)
{
	return getppid() == far->host.pid;
}

/*
 * The host has its verdict, and its person waits for nothing any more: where it would wait for this process's end,
 * what the helper still owes is heard in another one.
 */
static void see_off(struct far_host *far, struct login *login)
{
	far_hang_up(far);
	if (login_owes(login) && is_its_child(far) && !spawn_hand_over())
		return;
	login_release(login);
}

static void authenticate(struct far_host *far)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	struct wire_draft draft;
	bool admitted;

	if (!attempt) {
		syslog(LOG_ERR, "out of memory");
		return; /* its host refuses where nothing is said */
	}
	attempt_begin(attempt, &far->host, far->id);
	attempt->section = far->section;
	attempt->conf_path = far->conf_path;
	attempt->debug = far->debug;
	attempt->login.outlived = is_its_child(far);
	attempt_run(attempt);
	attempt_report(attempt);
	admitted = attempt->login.outcome == OUTCOME_ADMITTED;
	far_done_begin(&draft, attempt->login.outcome);
	if (admitted) {
		wire_add(&draft, "user", attempt_user(attempt));
		wire_add_number(&draft, "uid", (long long)attempt->login.wanted.uid);
		wire_add_number(&draft, "at", attempt->login.decided_at);
	}
	far_done(far, &draft, admitted);
	attempt_clear(attempt);
	see_off(far, &attempt->login);
	free(attempt);
}

static void open_session(struct far_host *far)
{
	struct session session = { .host = &far->host, .hint = far->handle };
	enum outcome outcome;
	struct wire_draft draft;

	snprintf(session.id, sizeof(session.id), "%s", far->id);
	outcome = session_open(&session);
	far_done_begin(&draft, outcome);
	if (outcome == OUTCOME_ADMITTED) {
		wire_add(&draft, "handle", session.handle);
		wire_add_number(&draft, "runtime_max", session.runtime_max);
		wire_add(&draft, "groups", session.groups);
	}
	far_done(far, &draft, outcome == OUTCOME_ADMITTED);
}

static void credentials(struct far_host *far)
{
	struct session session = { .host = &far->host, .hint = far->handle };
	enum outcome outcome;
	struct wire_draft draft;

	snprintf(session.id, sizeof(session.id), "%s", far->id);
	outcome = session_credentials(&session);
	far_done_begin(&draft, outcome);
	if (outcome == OUTCOME_ADMITTED) {
		wire_add(&draft, "handle", session.handle);
		wire_add(&draft, "groups", session.groups);
	}
	far_done(far, &draft, false);
}

/* Whose session it is, its host cannot choose: the record names the process that opened it. */
static void close_session(struct far_host *far)
{
	struct session session = { .host = &far->host };
	struct wire_draft draft;

	snprintf(session.id, sizeof(session.id), "%s", far->id);
	snprintf(session.handle, sizeof(session.handle), "%s", far->handle ? far->handle : "");
	session_close(&session);
	far_done_begin(&draft, OUTCOME_REVOKED);
	far_done(far, &draft, false);
}

/* A session's verbs hear no person, and of their section what its record names: they may read all files. */
static void confine_for_session(void)
{
	const struct confine_allow allow = { .reads = true };
	enum reason missing = confine_missing(confine(&allow), "require");

	if (missing != REASON_NONE)
		syslog(LOG_WARNING, "session: %s", reason_name(missing));
}

static const char *verb_run(struct far_host *far)
{
	static const struct {
		const char *name;
		void (*run)(struct far_host *far);
	} verbs[] = {
		{ "authenticate", authenticate },
		{ "credentials", credentials },
		{ "open", open_session },
		{ "close", close_session },
	};

	if (!record_is_hex(far->id, AUDIT_ID_MAX - 1)) /* audit_id() */
		return "the host's id is malformed";
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(far->verb, verbs[i].name) == 0) {
			starter_fork(); /* this process has read nothing of root's yet */
			if (verbs[i].run != authenticate)
				confine_for_session();
			verbs[i].run(far);
			return NULL;
		}
	return "the host wants what there is not";
}

/*
 * Who is at the other end. Root's hosts have a socket of their own, and nobody of another namespace of pids can
 * be known.
 */
static bool peer_ok(int channel, bool distrusted, struct ucred *peer)
{
	return wire_peer(channel, peer) && peer->pid > 0 &&
	       (distrusted ? peer->uid != 0 : peer->uid == geteuid());
}

static int login_one(int channel, bool distrusted)
{
	struct far_host *far = calloc(1, sizeof(*far));
	const char *wrong = "out of memory";
	struct ucred peer;

	openlog("device-code-login", LOG_PID, LOG_AUTHPRIV);
	if (far)
		far->host.distrusted = distrusted;
	if (!peer_ok(channel, distrusted, &peer))
		wrong = "the host is another user's";
	else if (far)
		wrong = far_begin(far, channel, &peer);
	if (!wrong)
		wrong = verb_run(far);
	if (wrong && wrong[0])
		syslog(LOG_ERR, "%s", wrong);
	if (far)
		far_clear(far);
	free(far);
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The socket that systemd hands over: sd_listen_fds(3). */
static bool handed_over(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	char own[16];

	snprintf(own, sizeof(own), "%d", (int)getpid());
	return pid && fds && strcmp(pid, own) == 0 && strcmp(fds, "1") == 0 &&
	       wire_is_helper_channel(WIRE_FD);
}

int main(int argc, char **argv)
{
	const char *how = argc == 2 && geteuid() == 0 ? argv[1] : "";
	const struct login_socket *which = login_socket_find(how);
	bool distrusted = strcmp(how, "--user") == 0;

	if (which ? !handed_over()
		  : (argc != 1 && !distrusted) || !wire_is_helper_channel(WIRE_FD)) {
		fprintf(stderr, "device-code-login is started by pam_device_code.so, or by "
				"pam-device-code-login.socket, not by hand\n");
		return 2;
	}
	if (!ground())
		return EXIT_FAILURE;
	if (!which)
		return login_one(WIRE_FD, distrusted);
	openlog("device-code-login", LOG_PID, LOG_AUTHPRIV);
	return listener_run(WIRE_FD, which);
}
