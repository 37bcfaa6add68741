/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin/sessions/ending.c: however many processes somebody has, and whatever they do at their end, the leader of their
 * session ends, and one that does not die stays on record. Taken in whole: processes, their signals and the clock are
 * of the test's making.
 */
#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
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
static long made_syscall(long number, long first, long second);
static bool made_close(struct record *record, const struct login_io *io);

#define opendir				    made_opendir
#define readdir				    made_readdir
#define closedir(dir)			    ((void)(dir))
#define close(fd)			    ((void)(fd))
#define process_of			    made_of
#define process_lives			    made_lives
#define process_parent			    made_parent
#define process_number(pid, name, number)   ((void)(pid), (void)(name), (void)(number), false)
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

static bool made_save(struct record *keep_)
{
	(void)keep_;
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
};

/* ---- processes: all of them descend from the leader ---- */

static bool alive[PIDS], deathless[PIDS], again[PIDS];
static pid_t leader, next;
static int closed, told;
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
	return process.pid == leader ? (struct process){ 0, 0 } : made_of(leader);
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

bool logind_owns(struct process process, uid_t uid, char *name, size_t name_len)
{
	(void)process;
	(void)uid;
	(void)name;
	(void)name_len;
	return false;
}

bool logind_terminate(const char *name, char *said, size_t said_len)
{
	(void)name;
	(void)said;
	(void)said_len;
	return false;
}

int run_capture(const char *const *argv, char *out, size_t out_len)
{
	(void)argv;
	(void)out;
	(void)out_len;
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
	now = 1000;
	leader = PIDS - 1;
	alive[leader] = true;
	closed = told = saves = 0;
	asked = kept.failed = false;
	record = (struct record){ .sessions = 1 };
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
	(void)state;
	deathless[leader] = true;
	alive[FIRST] = true;
	ending_all(&kept, &record, "", REASON_INVALID_GRANT);
	assert_false(alive[FIRST]);
	assert_int_equal(record.sessions, 1);
	assert_int_equal(told, 1);
	assert_true(kept.failed);
	ending_now(&kept, &record);
	assert_int_equal(closed, 0); /* or nobody knew of it any more */
	assert_int_equal(saves, 1);
	deathless[leader] = false;
	ending_now(&kept, &record);
	assert_false(alive[leader]);
	assert_int_equal(record.sessions, 0);
	assert_int_equal(closed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_crowd_before_the_leader, begin),
		cmocka_unit_test_setup(one_that_comes_again, begin),
		cmocka_unit_test_setup(one_that_does_not_die, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
