/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole helper, libcurl and all, in a child of this process: a login or a refresh at a provider
 * whose replies hold the canaries of ways.h, and a look at its memory where it would end.
 *
 *	real device|tokens|user		prints such a reply
 *	real login|revoke ISSUER CA
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../replies/ways.h"
#include "scan.h"

int helper_main(void);
_Noreturn void __wrap_exit(int status);
_Noreturn void __real_exit(int status);

static bool inside; /* in the helper */

static int secrets_left(void)
{
	return scan_for("the client secret", WAY_SECRET) + scan_for("the device code", WAY_DEVICE) +
	       scan_for("the access token", WAY_ACCESS) +
	       scan_for("the refresh token", WAY_REFRESH);
}

/* Where the helper ends. */
void __wrap_exit(int status)
{
	struct rlimit core;

	if (!inside)
		__real_exit(status);
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	if (getrlimit(RLIMIT_CORE, &core) == 0)
		printf("core %lu\n", (unsigned long)core.rlim_max);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* for the scan */
	printf("left %d\n", secrets_left());
	fflush(stdout);
	_exit(status);
}

static int body_print(const char *what)
{
	if (strcmp(what, "device") == 0)
		printf("{\"device_code\":\"" WAY_DEVICE "\",\"user_code\":\"BCDF-GHJK\","
		       "\"verification_uri\":\"https://id.example/d\",\"interval\":1}");
	else if (strcmp(what, "tokens") == 0)
		printf("{\"access_token\":\"" WAY_ACCESS "\",\"token_type\":\"Bearer\","
		       "\"refresh_token\":\"" WAY_REFRESH "\"}");
	else
		printf("{\"sub\":\"alice-81\"}");
	return 0;
}

static void opening_send(int fd, const char *verb, const char *issuer, const char *ca)
{
	static const char *const endpoints[][2] = { { "device_authorization_endpoint",
						      "/device_authorization" },
						    { "token_endpoint", "/token" },
						    { "userinfo_endpoint", "/userinfo" },
						    { "revocation_endpoint", "/revoke" } };
	static struct wire_draft draft;
	char url[512];

	wire_begin(&draft, verb);
	wire_add(&draft, "wire", WIRE_VERSION);
	wire_add(&draft, "issuer", issuer);
	wire_add(&draft, "ca_file", ca);
	wire_add(&draft, "dialect", "rfc8628");
	wire_add(&draft, "flow", "device_code");
	wire_add(&draft, "tokens", "revoke");
	wire_add(&draft, "client_id", "kiosk-post");
	wire_add(&draft, "token_endpoint_auth_method", "post");
	wire_add(&draft, "client_secret", WAY_SECRET);
	wire_add(&draft, "token_blob", "1 " WAY_ACCESS " " WAY_REFRESH " 0");
	wire_add(&draft, "seconds", "30");
	wire_add(&draft, "claim", "sub");
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(*endpoints); i++) {
		snprintf(url, sizeof(url), "%s%s", issuer, endpoints[i][1]);
		wire_add(&draft, endpoints[i][0], url);
	}
	if (!wire_send(fd, &draft))
		abort();
	wire_wipe(&draft);
}

static void told_print(int fd)
{
	static char buf[WIRE_BYTES_MAX];
	struct wire_message message;

	while (wire_receive(fd, true, buf, &message) == WIRE_MESSAGE)
		if (strcmp(message.verb, "done") == 0)
			printf("done %s %s\n", wire_value(&message, "verdict"),
			       wire_value(&message, "reason"));
}

int main(int argc, char **argv)
{
	int channel[2], status = 0;
	pid_t pid;

	if (argc == 2)
		return body_print(argv[1]);
	if (argc != 4 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) != 0)
		return 2;
	pid = fork();
	if (pid == 0) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none); /* as spawn.c does */
		inside = true;
		close(channel[0]);
		dup2(channel[1], WIRE_FD);
		__wrap_exit(helper_main());
	}
	close(channel[1]);
	opening_send(channel[0], argv[1], argv[2], argv[3]);
	told_print(channel[0]);
	waitpid(pid, &status, 0);
	printf("ended %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status));
	return 0;
}
