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

static void login_serve(struct far_host *far, struct attempt *attempt)
{
	const struct login *login = &attempt->login;
	bool admitted;

	attempt_begin(attempt, &far->host);
	attempt->section = far->section;
	attempt->conf_path = far->conf_path;
	attempt->debug = far->debug;
	attempt_run(attempt);
	attempt_report(attempt);
	admitted = login->outcome == OUTCOME_ADMITTED;
	far_done(far, outcome_name(login->outcome), admitted ? attempt_user(attempt) : "",
		 login->wanted.uid);
	attempt_clear(attempt);
}

static int login_one(int channel)
{
	struct far_host *far = calloc(1, sizeof(*far));
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	const char *wrong = "out of memory";
	struct ucred peer;

	openlog("device-code-login", LOG_PID, LOG_AUTHPRIV);
	if (!wire_peer(channel, &peer) || peer.uid != 0 || peer.pid <= 0)
		wrong = "the host is not root's";
	else if (far && attempt)
		wrong = far_begin(far, channel, &peer);
	if (wrong)
		syslog(LOG_ERR, "%s", wrong);
	else
		login_serve(far, attempt);
	if (far)
		far_clear(far);
	free(attempt);
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
