/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/session/cgroup.c and admin/sessions/logind.c: whatever directories a person makes in the subtree that they were
 * given, root ends no session but one that logind says is led by our leader. logind.c is taken in whole:
 * /proc and loginctl are of the test's making.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#define process_cgroup	   made_cgroup
#define process_lives	   made_lives
#define access(path, mode) ((void)(path), (void)(mode), 0)
#include "admin/sessions/logind.c"
#undef process_cgroup
#undef process_lives
#undef access

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	LEADER = 4711,
	UID = 1000,
};

static const char *cgroup; /* /proc/LEADER/cgroup */
static const char *said;   /* by loginctl */
static char asked[64];	   /* about this session */
static int status;
static bool dead;

bool made_cgroup(pid_t pid, char *text, size_t len)
{
	assert_int_equal(pid, LEADER);
	snprintf(text, len, "%s", cgroup);
	return cgroup[0] != '\0';
}

bool made_lives(struct process process)
{
	assert_int_equal(process.pid, LEADER);
	return !dead;
}

int run_capture(const char *const *argv, char *out, size_t out_len)
{
	assert_string_equal(argv[1], "show-session");
	snprintf(asked, sizeof(asked), "%s", argv[2]);
	snprintf(out, out_len, "%s", said);
	return status;
}

static const struct {
	const char *text, *session;
	long user;
} paths[] = {
	{ "0::/user.slice/user-1000.slice/session-7.scope\n", "7", 1000 },
	{ "0::/user.slice/user-1000.slice/session-7.scope/deeper\n", "7", 1000 },
	{ "0::/user.slice/user-1000.slice/session-c12.scope", "c12", 1000 },
	{ "0::/session-7.scope\n", "7", -1 },
	{ "0::/user.slice/user-0.slice/session-1.scope\n", "1", 0 },
	/* of a person's making, in the subtree that is theirs */
	{ "0::/user.slice/user-1000.slice/user@1000.service/session-3.scope\n", NULL, 1000 },
	{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/session-3.scope\n", NULL,
	  1000 },
	{ "0::/user.slice/user-1000.slice/user@1000.service/a/user.slice/user-1.slice/"
	  "session-3.scope\n",
	  NULL, 1000 },
	{ "0::/user.slice/user-1000.slice/session-7.scope/session-3.scope\n", "7", 1000 },
	{ "0::/system.slice/x.service/user.slice/user-1000.slice/session-3.scope\n", NULL, -1 },
	{ "0::/system.slice/x.service/:name=systemd:/session-3.scope\n", NULL, -1 },
	/* no session of anybody's */
	{ "0::/system.slice/ssh.service\n", NULL, -1 },
	{ "0::/user.slice/user-1000.slice/session-.scope\n", NULL, 1000 },
	{ "0::/user.slice/user-1000.slice/session-7.scope2\n", NULL, 1000 },
	{ "0::/user.slice/user-1000.slice/session-7\n", NULL, 1000 },
	{ "0::/user.slice/user-1000.slice/session--a.scope\n", NULL, 1000 },
	{ "0::/user.slice/user-1000.slice/session-7.x.scope\n", NULL, 1000 },
	{ "0::/user.slice/user-1000.slice/session-0123456789012345678901234567890123456789"
	  "012345678901234567890123.scope\n",
	  NULL, 1000 },
	{ "0::/user.slice/user-1000.slice2/x\n", NULL, -1 },
	{ "0::/user.slice/user-.slice/x\n", NULL, -1 },
	{ "0::/user.slice/user--1.slice/x\n", NULL, -1 },
	{ "0::/user.slice/user-4294967295.slice/x\n", NULL, -1 },
	{ "0::/user.slice/user-99999999999999999999.slice/x\n", NULL, -1 },
	{ "0::/user.slice/user-1000.slice", NULL, 1000 },
	{ "0::/\n", NULL, -1 },
	/* hierarchies of controllers are not systemd's */
	{ "5:pids:/session-3.scope\n1:name=systemd:/user.slice/user-1.slice/session-7.scope\n0::/\n",
	  "7", 1 },
	{ "0::/session-3.scope\n1:name=systemd:/user.slice/user-1.slice/session-7.scope\n", "7",
	  1 },
	{ "5:pids:/session-3.scope\n0::/user.slice/user-1.slice/session-7.scope\n", "7", 1 },
	{ "10::/session-3.scope\n5:pids:/session-3.scope\n", NULL, -1 },
	{ "nonsense", NULL, -1 },
	{ "::\n", NULL, -1 },
	{ "", NULL, -1 },
};

static void paths_are_read_from_their_root(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		const char *path = cgroup_path(paths[i].text);
		char name[32] = "";
		uid_t uid = 0;

		print_message("# %.*s\n", (int)strcspn(paths[i].text, "\n"), paths[i].text);
		assert_int_equal(path && cgroup_session(path, name, sizeof(name)),
				 paths[i].session != NULL);
		if (paths[i].session)
			assert_string_equal(name, paths[i].session);
		assert_int_equal(path && cgroup_user(path, &uid), paths[i].user >= 0);
		if (paths[i].user >= 0)
			assert_int_equal(uid, paths[i].user);
	}
}

static bool owns(const char *in, const char *words)
{
	const struct process leader = { LEADER, 1 };
	char name[32];

	cgroup = in;
	said = words;
	asked[0] = '\0';
	return logind_owns(leader, UID, name, sizeof(name));
}

#define HERE "0::/user.slice/user-1000.slice/session-7.scope\n"

static void only_our_leader_s_session_is_ours(void **state)
{
	(void)state;
	assert_true(owns(HERE, "Leader=4711\nUser=1000\n"));
	assert_string_equal(asked, "7");
	assert_true(owns(HERE, "User=1000\nLeader=4711\n"));
	/* su in somebody's session */
	assert_false(owns(HERE, "Leader=815\nUser=1000\n"));
	assert_false(owns(HERE, "Leader=815\nUser=1001\n"));
	/* the leader is another's */
	assert_false(owns(HERE, "Leader=4711\nUser=1001\n"));
	assert_false(owns(HERE, "Leader=4711\nUser=10001\n"));
	assert_false(owns(HERE, "Leader=4711\n"));
	assert_false(owns(HERE, "User=1000\n"));
	assert_false(owns(HERE, "Leader=47110\nUser=1000\n"));
	assert_false(owns(HERE, "Leader=0\nUser=1000\n"));
	assert_false(owns(HERE, ""));
	/* a name of a person's making is not even asked about */
	assert_false(owns("0::/user.slice/user-1000.slice/user@1000.service/session-3.scope\n",
			  "Leader=4711\nUser=1000\n"));
	assert_string_equal(asked, "");
	assert_false(owns("", "Leader=4711\nUser=1000\n"));
	status = 1;
	assert_false(owns(HERE, "Leader=4711\nUser=1000\n"));
	status = 0;
	dead = true;
	assert_false(owns(HERE, "Leader=4711\nUser=1000\n"));
	dead = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_read_from_their_root),
		cmocka_unit_test(only_our_leader_s_session_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
