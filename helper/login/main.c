/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device-code-login: one login, for a host at the other end of a channel, in root's own circumstances and
 * not in those that the host's caller has chosen; or the listener that starts one for each connection.
 *
 *	device-code-login --listen	is started by systemd, with the listening socket
 *	device-code-login		is started by the listener, with the connection
 *
 * Must never believe who the host says that it is, or let anybody in of whom attempt.c has not said so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "../../pam_module/attempt.h"
#include "../../pam_module/session.h"
#include "host_channel.h"
#include "listener.h"

/* A login's own, whatever the listener had. */
static void ground(void)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	setrlimit(RLIMIT_CORE, &none);
	if (chdir("/") != 0)
		exit(EXIT_FAILURE);
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
	attempt_begin(attempt, &far->host);
	attempt->section = far->section;
	attempt->conf_path = far->conf_path;
	attempt->debug = far->debug;
	attempt_run(attempt);
	attempt_report(attempt);
	admitted = attempt->login.outcome == OUTCOME_ADMITTED;
	wire_begin(&draft, "done");
	wire_add(&draft, "outcome", outcome_name(attempt->login.outcome));
	if (admitted) {
		wire_add(&draft, "user", attempt_user(attempt));
		wire_add_number(&draft, "uid", (long long)attempt->login.wanted.uid);
	}
	far_done(far, &draft, admitted);
	attempt_clear(attempt);
	free(attempt);
}

static void open_session(struct far_host *far)
{
	static const enum outcome outcomes[] = {
		[SESSION_REFUSED] = OUTCOME_SYSTEM,
		[SESSION_NOT_OURS] = OUTCOME_SKIPPED,
		[SESSION_OPENED] = OUTCOME_ADMITTED,
	};
	struct session session = { .host = &far->host, .hint = far->handle };
	enum session_verdict verdict;
	struct wire_draft draft;

	audit_id(session.id);
	verdict = session_open(&session);
	wire_begin(&draft, "done");
	wire_add(&draft, "outcome", outcome_name(outcomes[verdict]));
	if (verdict == SESSION_OPENED) {
		wire_add(&draft, "handle", session.handle);
		wire_add_number(&draft, "runtime_max", session.runtime_max);
	}
	far_done(far, &draft, verdict == SESSION_OPENED);
}

/* Whose session it is, its host cannot choose: the record names the process that opened it. */
static void close_session(struct far_host *far)
{
	struct session session = { .host = &far->host };
	struct wire_draft draft;

	audit_id(session.id);
	snprintf(session.handle, sizeof(session.handle), "%s", far->handle ? far->handle : "");
	session_close(&session);
	wire_begin(&draft, "done");
	wire_add(&draft, "outcome", outcome_name(OUTCOME_REVOKED));
	far_done(far, &draft, false);
}

static const char *verb_run(struct far_host *far)
{
	static const struct {
		const char *name;
		void (*run)(struct far_host *far);
	} verbs[] = {
		{ "authenticate", authenticate },
		{ "open", open_session },
		{ "close", close_session },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(far->verb, verbs[i].name) == 0) {
			verbs[i].run(far);
			return NULL;
		}
	return "the host wants what there is not";
}

static int login_one(int channel)
{
	struct far_host *far = calloc(1, sizeof(*far));
	const char *wrong = "out of memory";
	struct ucred peer;

	openlog("device-code-login", LOG_PID, LOG_AUTHPRIV);
	if (!wire_peer(channel, &peer) || peer.uid != 0 || peer.pid <= 0)
		wrong = "the host is not root's";
	else if (far)
		wrong = far_begin(far, channel, &peer);
	if (!wrong)
		wrong = verb_run(far);
	if (wrong)
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
	       wire_is_slot(WIRE_FD);
}

int main(int argc, char **argv)
{
	bool listening = argc == 2 && strcmp(argv[1], "--listen") == 0;

	if (geteuid() == 0 && getuid() == 0 && listening && handed_over()) {
		ground();
		openlog("device-code-login", LOG_PID, LOG_AUTHPRIV);
		return listener_run(WIRE_FD);
	}
	if (geteuid() == 0 && getuid() == 0 && argc == 1 && wire_is_slot(WIRE_FD)) {
		ground();
		return login_one(WIRE_FD);
	}
	fprintf(stderr,
		"device-code-login is started by pam-device-code-login.socket, not by hand\n");
	return 2;
}
