/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin/sessions/ending.c: however many processes somebody has, and whatever they do at their end, the leader of their
 * session ends, and one that does not die stays on record. Taken in whole: processes, their signals and the clock are
 * of the test's making, and so is logind.
 */
#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include "common/spawn.h"
#include "helper/login/session/renewal.h"
#include "helper/login/session/process.h"

static int64_t now;

static DIR *made_opendir(const char *path);
static struct dirent *made_readdir(DIR *dir);
static struct process made_of(pid_t pid);
static bool made_lives(struct process process);
static struct process made_parent(struct process process);
static bool made_number(pid_t pid, const char *name, unsigned long *number);
static long made_syscall(long number, long first, long second);
static int made_lstat(struct stat *st);
static void made_log(const char *line);
static bool made_close(struct record *record, const struct login_io *io);

#define opendir		made_opendir
#define readdir		made_readdir
#define closedir(dir)	((void)(dir))
#define close(fd)	((void)(fd))
#define process_of	made_of
#define process_lives	made_lives
#define process_parent	made_parent
#define process_number	made_number
#define lstat(path, st) ((void)(path), made_lstat(st))
#undef syslog /* with clang the C library makes a macro of it */
#define syslog(priority, format, verb, ...) ((void)(verb), made_log(__VA_ARGS__))
#define spawn_now()			    now
#define spawn_after(ms)			    (now + (ms))
#define getpid()			    1
#define poll(fds, count, ms)		    (now += (ms) > 0 ? (ms) : 1)
#define syscall(number, first, second, ...) made_syscall(number, first, second)
#define renewal_config(record, conf, policy) \
	((void)(record), (void)(policy), memset(conf, 0, sizeof(*(conf))), true)
#define renewal_revoke	     made_close
#define conf_text(conf, key) ((void)(conf), "")
#define conf_clear(conf)     ((void)(conf))
#define record_save(record)  made_save(record)
static int saves;

static bool made_save(struct record *record)
{
	(void)record;
	saves++;
	return true;
}

#include "admin/sessions/ending.c"
#undef close
#undef getpid
#undef poll

#include <cmocka.h>

enum {
	PIDS = 40000,
	FIRST = 1000,
	FROM = 90, /* clock ticks */
	UID = 1001,
};

/* ---- processes: all of them descend from the leader, but for those apart ---- */

static bool alive[PIDS], deathless[PIDS], again[PIDS], apart[PIDS];
static unsigned long login_of[PIDS]; /* the kernel's number of it, 0: none */
static pid_t leader, next;
static int closed, told, ends;
static bool asked;

static DIR *made_opendir(const char *path)
{
	assert_string_equal(path, "/proc");
	next = FIRST;
	return (DIR *)alive;
}

static struct dirent *made_readdir(DIR *dir)
{
	static struct dirent entry;

	(void)dir;
	while (next < PIDS && !alive[next])
		next++;
	if (next >= PIDS)
		return NULL;
	snprintf(entry.d_name, sizeof(entry.d_name), "%d", (int)next++);
	return &entry;
}

static struct process made_of(pid_t pid)
{
	return pid > 0 && pid < PIDS && alive[pid] ? (struct process){ pid, FROM }
						   : (struct process){ 0, 0 };
}

static bool made_lives(struct process process)
{
	return process.pid > 0 && process.start == FROM && alive[process.pid];
}

static struct process made_parent(struct process process)
{
	return process.pid == leader || apart[process.pid] ? (struct process){ 0, 0 }
							   : made_of(leader);
}

static bool made_number(pid_t pid, const char *name, unsigned long *number)
{
	assert_string_equal(name, "sessionid");
	*number = login_of[pid];
	return login_of[pid] != 0;
}

/* A pidfd is its pid. One who comes again has a child in its place where there is room behind it. */
static long made_syscall(long number, long first, long second)
{
	if (number == SYS_pidfd_open)
		return first;
	assert_int_equal(number, SYS_pidfd_send_signal);
	if (second == SIGTERM && first == leader)
		asked = true;
	if (second != SIGKILL || deathless[first])
		return 0;
	alive[first] = false;
	if (again[first] && first + 1 < PIDS && !alive[first + 1])
		alive[first + 1] = again[first + 1] = true;
	return 0;
}

/* ---- what is beside ---- */

static bool made_close(struct record *record, const struct login_io *io)
{
	(void)record;
	(void)io;
	closed++;
	return true;
}

void kept_log(struct kept *kept, int priority, const char *format, ...)
{
	(void)kept;
	(void)priority;
	assert_non_null(strstr(format, "cannot be ended"));
	told++;
}

/* What goes to the log of it. */
static void made_log(const char *line)
{
	assert_non_null(strstr(line, "outcome=\"session_ended\""));
	ends++;
}

/* Whatever it is asked about, it has a session by that name: that of su's caller, too. */
static bool logind_has;
static int terminated;

bool logind_owns(struct process process, uid_t uid, char *name, size_t name_len)
{
	assert_int_equal(process.pid, leader);
	assert_int_equal(uid, UID);
	snprintf(name, name_len, "7");
	return logind_has;
}

bool logind_terminate(const char *name, char *said, size_t said_len)
{
	(void)said;
	(void)said_len;
	assert_string_equal(name, "7");
	assert_true(alive[leader]);
	terminated++;
	return true;
}

static int made_lstat(struct stat *st)
{
	*st = (struct stat){ .st_mode = S_IFREG | 0755 };
	return 0;
}

static int hooks;
static char hook_pid[16];
static bool hook_before;

/* tests/admin/people has what this does. */
bool run_kill_all_of(uid_t uid)
{
	return uid != 0;
}

int run_capture(const char *const *argv, char *out, size_t out_len)
{
	(void)out;
	(void)out_len;
	assert_string_equal(argv[0], "/hook");
	assert_null(argv[5]);
	snprintf(hook_pid, sizeof(hook_pid), "%s", argv[4]);
	hook_before = alive[leader];
	hooks++;
	return 0;
}

/* ---- rows ---- */

static struct kept kept = { .verb = "sessions" };
static struct record record;

static int begin(void **state)
{
	(void)state;
	memset(alive, 0, sizeof(alive));
	memset(deathless, 0, sizeof(deathless));
	memset(again, 0, sizeof(again));
	memset(apart, 0, sizeof(apart));
	memset(login_of, 0, sizeof(login_of));
	now = 1000;
	leader = PIDS - 1;
	alive[leader] = true;
	closed = told = saves = ends = terminated = hooks = 0;
	asked = kept.failed = logind_has = false;
	record = (struct record){ .sessions = 1, .uid = UID };
	snprintf(record.user, sizeof(record.user), "carol");
	record.session[0].state = RECORD_OPEN;
	record.session[0].leader = (struct process){ leader, FROM };
	record.session[0].within = true;
	return 0;
}

static int living(void)
{
	int count = 0;

	for (pid_t pid = 0; pid < PIDS; pid++)
		count += alive[pid];
	return count;
}

/* More than are looked at in one go, and all before their leader. */
static void a_crowd_before_the_leader(void **state)
{
	(void)state;
	for (pid_t pid = FIRST; pid < leader; pid++)
		alive[pid] = true;
	ending_all(&kept, &record, "", REASON_INVALID_GRANT);
	assert_int_equal(living(), 0);
	assert_true(asked);
	assert_int_equal(record.sessions, 0);
	assert_int_equal(told, 0);
	assert_int_equal(ends, 1);
}

/* Who comes again as often as they are killed keeps nobody from ending the leader, or for ever. */
static void one_that_comes_again(void **state)
{
	(void)state;
	for (pid_t pid = FIRST; pid < FIRST + 5000; pid += 2)
		alive[pid] = again[pid] = true;
	ending_all(&kept, &record, "", REASON_INVALID_GRANT);
	assert_false(alive[leader]);
	assert_int_equal(record.sessions, 0);
}

static void one_that_does_not_die(void **state)
{
	int64_t begun;

	(void)state;
	deathless[leader] = true;
	alive[FIRST] = true;
	ending_all(&kept, &record, "", REASON_INVALID_GRANT);
	assert_false(alive[FIRST]);
	assert_int_equal(record.sessions, 1);
	assert_int_equal(told, 1);
	assert_int_equal(ends, 0); /* an end that did not happen is not in the log */
	assert_true(kept.failed);
	/* The timer comes to others first the next time, and waits for no second one as long. */
	assert_true(record.asked > record.confirmed);
	begun = spawn_now();
	ending_now(&kept, &record);
	assert_true(spawn_now() - begun < 10 * 1000);
	assert_int_equal(closed, 0); /* or nobody knew of it any more */
	assert_int_equal(saves, 1);
	assert_int_equal(ends, 0);
	deathless[leader] = false;
	ending_now(&kept, &record);
	assert_false(alive[leader]);
	assert_int_equal(record.sessions, 0);
	assert_int_equal(closed, 1);
	assert_int_equal(ends, 1);
}

/* Whatever logind says: inside somebody's session (su, sudo) its session is the caller's. */
static void logind_ends_no_caller_s_session(void **state)
{
	(void)state;
	logind_has = true;
	ending_all(&kept, &record, "", REASON_INVALID_GRANT);
	assert_int_equal(terminated, 0);
	assert_int_equal(record.sessions, 0);
	begin(state);
	record.session[0].within = false;
	ending_all(&kept, &record, "", REASON_INVALID_GRANT); /* none that it knows */
	assert_int_equal(terminated, 0);
	begin(state);
	logind_has = true;
	record.session[0].within = false;
	ending_all(&kept, &record, "", REASON_INVALID_GRANT);
	assert_int_equal(terminated, 1);
	assert_int_equal(record.sessions, 0);
	/* of a login that no session has followed it is not asked: the place is the daemon's */
	begin(state);
	logind_has = true;
	record.session[0].within = false;
	record.session[0].state = RECORD_NEW;
	record.session[0].maker = (struct process){ leader, FROM };
	ending_all(&kept, &record, "", REASON_INVALID_GRANT);
	assert_int_equal(terminated, 0);
	assert_false(alive[leader]);
}

/* What has left the tree is found by the number of the login, unless that was there before it. */
static void what_has_left_the_tree(void **state)
{
	enum {
		OURS = 7,
		CALLERS = 5
	};
	static const struct {
		enum record_state state;
		unsigned long before, now; /* the leader's number at the login, and as it ends */
		bool ends;
	} rows[] = {
		{ RECORD_OPEN, CALLERS, OURS, true }, { RECORD_OPEN, 0, OURS, true },
		{ RECORD_OPEN, OURS, OURS, false }, /* su, sudo: the caller's */
		{ RECORD_OPEN, CALLERS, 0, false },   { RECORD_NEW, CALLERS, OURS, false },
	};
	enum {
		CHILD = FIRST,
		LEFT,
		CALLER,
		NONE
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin(state);
		record.session[0].state = rows[i].state;
		record.session[0].audit = rows[i].before;
		record.session[0].maker = (struct process){ leader, FROM };
		login_of[leader] = login_of[CHILD] = rows[i].now;
		login_of[LEFT] = OURS;
		login_of[CALLER] = CALLERS;
		alive[CHILD] = alive[LEFT] = alive[CALLER] = alive[NONE] = true;
		apart[LEFT] = apart[CALLER] = apart[NONE] = true;
		ending_all(&kept, &record, "", REASON_INVALID_GRANT);
		assert_false(alive[leader]);
		assert_false(alive[CHILD]);
		assert_int_equal(alive[LEFT], !rows[i].ends);
		assert_true(alive[CALLER]);
		assert_true(alive[NONE]);
	}
}

/* The pid is the leader's as long as that lives: afterwards, and before a session, there is none to give. */
static void the_hook_is_given_no_stranger(void **state)
{
	char number[16];

	ending_all(&kept, &record, "", REASON_INVALID_GRANT);
	assert_int_equal(hooks, 0);
	begin(state);
	snprintf(number, sizeof(number), "%d", (int)leader);
	ending_all(&kept, &record, "/hook", REASON_INVALID_GRANT);
	assert_string_equal(hook_pid, number);
	assert_true(hook_before);
	begin(state);
	record.session[0].leader.start = FROM - 1; /* it is dead, and its pid is another's */
	ending_all(&kept, &record, "/hook", REASON_INVALID_GRANT);
	assert_string_equal(hook_pid, "0");
	assert_true(alive[leader]);
	assert_int_equal(ends, 0);
	begin(state);
	record.session[0].state = RECORD_NEW;
	record.session[0].maker = (struct process){ leader, FROM };
	ending_all(&kept, &record, "/hook", REASON_INVALID_GRANT);
	assert_string_equal(hook_pid, "0");
	assert_true(hook_before);
	assert_int_equal(hooks, 1);
	assert_false(alive[leader]);
	assert_int_equal(ends, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_crowd_before_the_leader, begin),
		cmocka_unit_test_setup(one_that_comes_again, begin),
		cmocka_unit_test_setup(one_that_does_not_die, begin),
		cmocka_unit_test_setup(logind_ends_no_caller_s_session, begin),
		cmocka_unit_test_setup(what_has_left_the_tree, begin),
		cmocka_unit_test_setup(the_hook_is_given_no_stranger, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
