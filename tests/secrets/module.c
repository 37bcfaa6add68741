/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of a login's secrets is left in the host's memory when pam_sm_authenticate() has returned:
 * nothing of the client's secret, and nothing of a code that was typed back. While it runs, the helper's
 * command line and environment are as they are written down here, and it may leave no core.
 */
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "common/paths.h"
#include "../hostile/stage.h"
#include "scan.h"

#define TYPED "canary-of-the-code-that-was-typed-back-0123456789"

static int tests, failures;

/* ---- the helper while it runs ---- */

static int looked, wrong;

static size_t file_read(pid_t pid, const char *name, char *out, size_t room)
{
	char path[64];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	file = fopen(path, "r");
	len = file ? fread(out, 1, room, file) : 0;
	if (file)
		fclose(file);
	return len;
}

/* The only child there is. */
void stage_on_prompt(void)
{
	static const char argv[] = PATH_HELPER;
	static const char env[] = "PATH=/usr/bin:/bin\0LC_ALL=C";
	char text[4096];
	int pid = 0;

	snprintf(text + 2048, 64, "task/%d/children", (int)getpid());
	text[file_read(getpid(), text + 2048, text, 2000)] = '\0';
	if (sscanf(text, "%d", &pid) != 1)
		return;
	looked++;
	if (file_read(pid, "cmdline", text, sizeof(text)) != sizeof(argv) ||
	    memcmp(text, argv, sizeof(argv)) != 0)
		wrong |= 1;
	if (file_read(pid, "environ", text, sizeof(text)) != sizeof(env) ||
	    memcmp(text, env, sizeof(env)) != 0)
		wrong |= 2;
	text[file_read(pid, "limits", text, sizeof(text) - 1)] = '\0';
	if (!strstr(text, "Max core file size        0                    0 "))
		wrong |= 4;
}

static void login_check(const char *name, const char *lines, void (*script)(void), int want)
{
	static struct pam_handle handle;
	int result, left;
	bool good;

	stage_set(lines);
	script();
	stage_handle(&handle);
	handle.answer = TYPED;
	result = stage_authenticate(&handle);
	stage_handle_end(&handle);
	stage_clear();
	left = scan_for("the client secret", STAGE_SECRET) + scan_for("the typed code", TYPED);
	good = result == want && left == 0;
	failures += !good;
	printf("%sok %d - %s: result %d, %d copies left\n", good ? "" : "not ", ++tests, name,
	       result, left);
}

static void script_paste(const char *verdict)
{
	stage_script_begin();
	stage_ready();
	stage_packet("authorize", "flow", "authorization_code", "verification_uri",
		     STAGE_ISSUER "/authorize?a=b", "expires_in", "60", NULL);
	stage_step(SCRIPT_AWAIT, 0, NULL, 0);
	if (strcmp(verdict, "granted") == 0)
		stage_claims();
	stage_packet("done", "verdict", verdict, "reason", "ok", NULL);
	stage_script_end();
}

static void script_right(void)
{
	script_paste("granted");
}

static void script_wrong(void)
{
	script_paste("wrong_code");
}

static void script_gone(void)
{
	stage_script_begin();
	stage_step(SCRIPT_EXIT, 1, NULL, 0);
	stage_script_end();
}

/* The scan can find: a copy on the stack, where it must be seen. */
static bool scan_works(void)
{
	char copy[sizeof(TYPED)];
	bool works;

	memcpy(copy, TYPED, sizeof(copy));
	works = scan_for("a copy of the test's own", TYPED) >= 1;
	explicit_bzero(copy, sizeof(copy));
	return works;
}

int main(void)
{
	bool works;

	stage_or_skip();
	works = scan_works();
	failures += !works;
	printf("%sok %d - the scan finds what is there\n", works ? "" : "not ", ++tests);
	login_check("granted", "", stage_good_login, PAM_SUCCESS);
	login_check("the helper is gone", "", script_gone, PAM_SERVICE_ERR);
	login_check("a code typed back",
		    "flow = authorization_code\nredirect_uri = " STAGE_ISSUER "/show\n",
		    script_right, PAM_SUCCESS);
	login_check("a wrong code typed back",
		    "flow = authorization_code\nredirect_uri = " STAGE_ISSUER
		    "/show\nmax_entries = 1\n",
		    script_wrong, PAM_AUTH_ERR);
	login_check("a configuration that is refused", "timeout = soon\n", stage_good_login,
		    PAM_SERVICE_ERR);
	login_check("a secret beside a mistake", "map_file = /nowhere\nuser_claim = a\n",
		    stage_good_login, PAM_SERVICE_ERR);
	failures += looked != 2 || wrong > 0;
	printf("%sok %d - the helper's command line, environment and core limit: looked %d times, wrong %d\n",
	       looked == 2 && wrong == 0 ? "" : "not ", ++tests, looked, wrong);
	printf("1..%d\n", tests);
	return failures != 0;
}
