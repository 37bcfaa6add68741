/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that proves the client: see signer.h. Must never sign a text that somebody else composed. */
#include "signer.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "helper/oauth_client/confined/sandbox.h"
#include "helper/oauth_client/oauth/discover.h"

enum {
	MORE = 16, /* signatures beside one for each second of the login: what is asked before and behind the polls */
	PATIENCE = 10, /* seconds for one, of a machine that has much else to do */
};

static int signer = -1; /* the helper's end */

bool signer_wanted(const struct wire_message *settings)
{
	const char *auth = wire_value(settings, "token_endpoint_auth_method");

	return auth &&
	       (strcmp(auth, "private_key_jwt") == 0 || strcmp(auth, "client_secret_jwt") == 0);
}

bool signer_admits(const struct wire_message *settings, const char *audience)
{
	struct endpoints endpoints;

	if (!discover_start(settings, &endpoints) || audience[0] == '\0')
		return false;
	if (strcmp(audience, endpoints.issuer) == 0 ||
	    discover_admits(settings, endpoints.issuer, audience))
		return true;
	for (int i = 0; discover_name(i); i++)
		if (strcmp(audience, discover_url(&endpoints, i)) == 0)
			return true;
	return false;
}

static void secret_wipe(const struct wire_message *settings, const char *name)
{
	char *value = (char *)wire_value(settings, name); /* in this process's own buffer: wire.h */

	if (value)
		explicit_bzero(value, strlen(value));
}

/* ---- in the child ---- */

static bool assertion_make(const struct wire_message *settings, const char *audience,
			   char out[CLIENT_ASSERTION_MAX])
{
	unsigned char random[CLIENT_ASSERTION_RANDOM];

	return getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random) &&
	       client_assertion(settings, audience, (int64_t)time(NULL), random, out);
}

/* Its socket takes the place of the channel to the login, and nothing else of the helper's stays open. */
static bool child_begin(int socket, pid_t helper, long life)
{
	prctl(PR_SET_NAME, "code-signer", 0, 0, 0);
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == helper &&
	       dup2(socket, WIRE_FD) == WIRE_FD &&
	       syscall(SYS_close_range, WIRE_FD + 1, ~0U, 0) == 0 && sandbox_end_after(life);
}

static bool child_confine(const struct wire_message *settings, unsigned int sandbox)
{
	const struct sandbox_allow allow = { .signs = true };

	sandbox |= sandbox_landlock(&allow);
	sandbox |= sandbox_seccomp(&allow);
	return sandbox_enough(sandbox, wire_value(settings, "sandbox"));
}

static void child_serve(const struct wire_message *settings, long count)
{
	char audience[REQUEST_URL_MAX], out[CLIENT_ASSERTION_MAX];

	for (; count > 0; count--) {
		ssize_t len = recv(WIRE_FD, audience, sizeof(audience) - 1, 0);

		if (len <= 0)
			return;
		audience[len] = '\0';
		out[0] = '\0';
		if (signer_admits(settings, audience))
			assertion_make(settings, audience, out);
		if (send(WIRE_FD, out, strlen(out) + 1, MSG_NOSIGNAL) < 0)
			return;
	}
}

/*
 * The first signature, which nobody gets, loads what the others take: from then on there are no files.
 * A key that is not there, or too long, is none.
 */
static _Noreturn void child(const struct wire_message *settings, unsigned int sandbox, long life)
{
	char out[CLIENT_ASSERTION_MAX];
	enum reason wrong = client_key_wrong(settings);

	secret_wipe(settings, "token_blob");
	secret_wipe(settings, "proxy_secret");
	if (wrong == REASON_NONE && !assertion_make(settings, "", out))
		wrong = REASON_CLIENT_KEY_UNFIT;
	if (child_confine(settings, sandbox) &&
	    send(WIRE_FD, &wrong, sizeof(wrong), MSG_NOSIGNAL) == (ssize_t)sizeof(wrong) &&
	    wrong == REASON_NONE)
		child_serve(settings, life + MORE);
	_exit(0);
}

/* ---- in the helper ---- */

enum reason signer_start(const struct wire_message *settings, int key, unsigned int sandbox,
			 long life)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	struct wire_message own = *settings;
	enum reason wrong = REASON_NO_SIGNER;
	pid_t pid = -1, helper = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0) {
		pid = fork();
		if (pid == 0)
			client_key_read(&own, key);
		if (pid == 0 && child_begin(pair[1], helper, life))
			child(&own, sandbox, life);
		if (pid == 0)
			_exit(1);
		close(pair[1]);
		signer = pair[0];
	}
	if (key >= 0)
		close(key);
	secret_wipe(settings, "client_secret");
	if (pid < 0 ||
	    setsockopt(signer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
	    recv(signer, &wrong, sizeof(wrong), 0) != (ssize_t)sizeof(wrong))
		return REASON_NO_SIGNER;
	return wrong;
}

/* One that is silent once is none any more: what it said later would be another request's. */
bool signer_assertion(const char *audience, char out[CLIENT_ASSERTION_MAX])
{
	size_t asked = strlen(audience);
	ssize_t len = 0;

	out[0] = '\0';
	if (signer < 0 || asked == 0)
		return false;
	if (send(signer, audience, asked, MSG_NOSIGNAL) == (ssize_t)asked)
		len = recv(signer, out, CLIENT_ASSERTION_MAX, 0);
	if (len <= 0) {
		close(signer);
		signer = -1;
		len = 1;
	}
	out[len - 1] = '\0';
	return out[0] != '\0';
}
