/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/session/process.c: whatever a program is called, and whatever /proc says, a process is known by its
 * pid and its beginning, and a pid that was given again is another process. process.c is taken in whole:
 * for some pids the files below /proc are of the test's making.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int proc_open(const char *path, int flags);
#define open(path, flags) proc_open(path, flags)
#include "helper/login/session/process.c"
#undef open

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	PID = 1000000000, /* above what the kernel gives: the first of the made ones */
	PIDS_MAX = 128,
	TEXT_MAX = 4096,
	WATCH_S = 60,
};

/* ---- /proc ---- */

static char made[PIDS_MAX][TEXT_MAX]; /* /proc/PID/stat of each; "": there is none */
static char own[TEXT_MAX];	      /* this process's, "": as it is */
static char cgroup[TEXT_MAX];	      /* /proc/PID/cgroup of PID */
static const char *events;	      /* of the cgroup /a b/c */

static int proc_open(const char *path, int flags)
{
	const char *text = NULL;
	int pid, fd;

	if (sscanf(path, "/proc/%d/stat", &pid) == 1) {
		if (pid == getpid() && own[0] != '\0')
			text = own;
		else if (pid >= PID && pid < PID + PIDS_MAX)
			text = made[pid - PID];
	}
	if (sscanf(path, "/proc/%d/cgr", &pid) == 1 && pid == PID && strstr(path, "/cgroup"))
		text = cgroup;
	if (strcmp(path, "/sys/fs/cgroup/a b/c/cgroup.events") == 0)
		text = events;
	if (!text)
		return open(path, flags);
	errno = ENOENT;
	if (text[0] == '\0')
		return -1;
	fd = memfd_create("stat", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static unsigned long flags = 4194304, pending;

/* A line as the kernel writes it. */
static void stat_make(char text[TEXT_MAX], int pid, const char *name, char state, int parent,
		      unsigned long long start)
{
	snprintf(text, TEXT_MAX,
		 "%d (%s) %c %d 2 3 4 -1 %lu 6 7 8 9 10 11 12 13 20 0 1 0 %llu 6000000 99 "
		 "18446744073709551615 94 95 140 0 0 %lu 0 0 16384 1 0 0 17 1\n",
		 pid, name, state, parent, flags, start, pending);
}

/* A child that ends with us, whatever becomes of the test. */
static pid_t child_start(void)
{
	pid_t child = fork();

	if (child == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return child;
}

static int proc_clear(void **state)
{
	(void)state;
	memset(made, 0, sizeof(made));
	own[0] = '\0';
	cgroup[0] = '\0';
	events = "";
	alarm(WATCH_S);
	return 0;
}

/* ---- what stands there ---- */

static void names_are_wild(void **state)
{
	static const char *const names[] = {
		"sh",
		"",
		" ",
		")",
		"(",
		") R 1 2 3 4 -1 5 6 7 8 9 10 11 12 13 20 0 1 0 77 0 0",
		"a) Z 1",
		"))))))))))))))",
		"new\nline",
		"tab\tand %d %s %n",
		"\xff\xfe\x01\x1b[2J",
		"kworker/u8:2-events_freezable_power_efficient_and_so_on_64_byte",
	};
	struct process process;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		stat_make(made[0], PID, names[i], 'S', PID + 1, 4711);
		stat_make(made[1], PID + 1, names[i], 'R', 1, 4000 + i);
		process = process_of(PID);
		if (process.pid != PID || process.start != 4711)
			fail_msg("\"%s\": %d %llu", names[i], (int)process.pid, process.start);
		assert_true(process_lives(process));
		assert_false(process_is_stopped(process));
		process = process_parent(process);
		assert_int_equal(process.pid, PID + 1);
		assert_int_equal(process.start, 4000 + i);
	}
}

/* A program that calls itself so. */
static void a_name_of_somebody(void **state)
{
	int ready[2];
	char byte;
	pid_t child;
	struct process process;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = child_start();
	if (child == 0) {
		prctl(PR_SET_NAME, ") Z 1 1 (x) T 1");
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	process = process_of(child);
	assert_int_equal(process.pid, child);
	assert_true(process.start >= process_of(getpid()).start);
	assert_true(process_lives(process));
	assert_false(process_is_stopped(process));
	assert_int_equal(process_parent(process).pid, getpid());
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ready[0]);
	close(ready[1]);
}

static void lines_are_none(void **state)
{
	static const char *const lines[] = {
		"\n",
		"1",
		"1 (sh",
		"1 sh S 1 2 3",
		"1 (sh)",
		"1 (sh) ",
		"1 (sh) S",
		"1 (sh) S x 2 3 4 -1 5 6 7 8 9 10 11 12 13 20 0 1 0 99 0",
		"1 (sh) S 1 2 3 4 -1 5 6 7 8 9 10 11 12 13 20 0 1 0",
		"1 (sh) S 1 2 3 4 -1 5 6 7 8 9 10 11 12 13 20 0 1 0 ",
		"1 (sh) S 1 2 3 4 -1 5 6 7 8 9 10 11 12 13 20 0 1 0 x",
		"1 (sh) S 1 2 3 4 -1 5 x 7 8 9 10 11 12 13 20 0 1 0 99",
		"1 (sh) S 1 2 3 4 -1 5 6 7 8 9 10 11 12 13 20 0 1 0 99)",
		")",
		"((((",
	};
	struct process process = { PID, 99 };

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		strcpy(made[0], lines[i]);
		if (process_of(PID).pid != 0 || process_of(PID).start != 0 ||
		    process_lives(process) || process_is_stopped(process) ||
		    process_parent(process).pid != 0)
			fail_msg("believed: \"%s\"", lines[i]);
	}
	made[0][0] = '\0';
	assert_int_equal(process_of(PID).pid, 0);
	assert_int_equal(process_of(0).pid, 0);
	assert_int_equal(process_of(-1).pid, 0);
	assert_int_equal(process_of(INT32_MIN).pid, 0);
}

/* The kernel gives a line whole; a beginning of one does no harm. */
static void lines_are_cut(void **state)
{
	char whole[TEXT_MAX];
	size_t good = 0;

	(void)state;
	stat_make(whole, PID, "a) b", 'S', 7, 1234567);
	for (size_t len = 0; len <= strlen(whole); len++) {
		memcpy(made[0], whole, len);
		made[0][len] = '\0';
		good += process_of(PID).start == 1234567;
	}
	assert_true(good > 0);
	assert_true(good < strlen(whole) / 2);
}

/* More than is read of one: its end is never taken for a name's. */
static void lines_are_long(void **state)
{
	(void)state;
	stat_make(made[0], PID, "sh", 'S', 7, 99);
	memset(made[0] + strlen(made[0]) - 1, ' ', 2000);
	strcpy(made[0] + 2000, ") S 8 2 3 4 -1 5 6 7 8 9 10 11 12 13 20 0 1 0 100 0");
	assert_int_equal(process_of(PID).start, 99);
	memset(made[0], '(', TEXT_MAX - 1);
	assert_int_equal(process_of(PID).pid, 0);
	memset(made[0], ')', TEXT_MAX - 1);
	assert_int_equal(process_of(PID).pid, 0);
}

/* ---- the same, or another ---- */

static void pids_are_given_again(void **state)
{
	static const unsigned long long starts[] = { 0, 98, 100, UINT64_MAX };
	struct process process;

	(void)state;
	stat_make(made[0], PID, "sh", 'T', PID + 1, 99);
	stat_make(made[1], PID + 1, "sh", 'S', 0, 50);
	process = process_of(PID);
	assert_true(process_lives(process));
	assert_true(process_is_stopped(process));
	assert_int_equal(process_parent(process).pid, PID + 1);
	assert_true(process_is(process, process_of(PID)));
	for (size_t i = 0; i < COUNT(starts); i++) {
		stat_make(made[0], PID, "sh", 'T', PID + 1, starts[i]);
		assert_false(process_lives(process));
		assert_false(process_is_stopped(process));
		assert_int_equal(process_parent(process).pid, 0);
		assert_false(process_is(process, process_of(PID)));
	}
	assert_false(process_is((struct process){ 0, 0 }, (struct process){ 0, 0 }));
	assert_false(process_is((struct process){ 1, 5 }, (struct process){ 2, 5 }));
	assert_false(process_lives((struct process){ 0, 0 }));
	assert_false(process_lives((struct process){ -1, 0 }));
}

static void states(void **state)
{
	static const struct {
		char letter;
		bool lives, stopped;
	} rows[] = {
		{ 'R', true, false },  { 'S', true, false },  { 'D', true, false },
		{ 'I', true, false },  { 'T', true, true },   { 't', true, true },
		{ 'Z', false, false }, { 'X', false, false },
	};
	static const struct {
		char letter;
		unsigned long flags, pending;
		bool lives;
	} killed[] = {
		{ 'D', 4194304, 256, false }, /* SIGKILL waits */
		{ 'D', 4194308, 0, false },   /* it exits */
		{ 'D', 4194304, 255, true },  { 'D', 4194304, 16384, true },
		{ 'D', 4194560, 0, true },    { 'S', 4194304, 256, true },
		{ 'R', 4194308, 256, true },  { 'T', 4194304, 256, true },
		{ 'Z', 4194308, 256, false },
	};
	char *threads;

	(void)state;
	for (size_t i = 0; i < COUNT(killed); i++) {
		flags = killed[i].flags;
		pending = killed[i].pending;
		stat_make(made[0], PID, "sh", killed[i].letter, 1, 99);
		if (process_lives((struct process){ PID, 99 }) != killed[i].lives)
			fail_msg("killed: row %zu", i);
	}
	flags = 4194304;
	pending = 0;
	for (size_t i = 0; i < COUNT(rows); i++) {
		stat_make(made[0], PID, "sh", rows[i].letter, 1, 99);
		if (process_lives((struct process){ PID, 99 }) != rows[i].lives ||
		    process_is_stopped((struct process){ PID, 99 }) != rows[i].stopped)
			fail_msg("%c", rows[i].letter);
		/* None of the threads that it counts is there. */
		threads = strstr(made[0], " 1 0 99 ");
		threads[1] = '2';
		if (process_lives((struct process){ PID, 99 }) != rows[i].lives)
			fail_msg("%c, and one more is counted", rows[i].letter);
	}
}

static void the_cgroup_is_frozen(void **state)
{
	static const struct {
		const char *cgroup, *events;
		bool stopped;
	} rows[] = {
		{ "0::/a b/c\n", "populated 1\nfrozen 1\n", true },
		{ "9:freezer:/x\n1:name=systemd:/y\n0::/a b/c\n", "populated 1\nfrozen 1\n", true },
		{ "0::/a b/c\n", "populated 1\nfrozen 0\n", false },
		{ "0::/a b/c\n", "", false },
		{ "0::/a b/other\n", "populated 1\nfrozen 1\n", false },
		{ "1:name=systemd:/a b/c\n", "populated 1\nfrozen 1\n", false },
		{ "", "populated 1\nfrozen 1\n", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		stat_make(made[0], PID, "sh", 'S', 1, 99);
		strcpy(cgroup, rows[i].cgroup);
		events = rows[i].events;
		if (process_is_stopped((struct process){ PID, 99 }) != rows[i].stopped)
			fail_msg("row %zu", i);
		assert_true(process_lives((struct process){ PID, 99 }));
		assert_false(process_is_stopped((struct process){ PID, 98 }));
	}
}

/* The kernel's own word on all of it. */
static void a_life(void **state)
{
	struct process process;
	pid_t child = child_start();
	siginfo_t info;

	(void)state;
	if (child == 0) {
		pause();
		_exit(1);
	}
	process = process_of(child);
	assert_true(process_lives(process));
	assert_int_equal(kill(child, SIGSTOP), 0);
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOWAIT), 0);
	assert_true(process_lives(process));
	assert_true(process_is_stopped(process));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(process_of(child).pid, child); /* a zombie */
	assert_false(process_lives(process));
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(process_of(child).pid, 0);
	assert_false(process_lives(process));
}

static void *thread_stays(void *unused)
{
	pause();
	return unused;
}

/* Whoever is to be ended can let its first thread go, and be a zombie to whom looks at that alone. */
static void a_life_without_its_first_thread(void **state)
{
	struct process process;
	pid_t child = child_start();
	struct stat_line line = { 0 };
	pthread_t thread;

	(void)state;
	if (child == 0) {
		if (pthread_create(&thread, NULL, thread_stays, NULL) == 0)
			syscall(SYS_exit, 0);
		_exit(1);
	}
	process = process_of(child);
	while (line.state != 'Z')
		assert_true(stat_read(child, &line));
	assert_true(process_lives(process));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(process_lives(process));
}

/* Traces the second thread of PID, and never looks at it again. */
static _Noreturn void tracer(pid_t pid, int told)
{
	char path[64];
	const struct dirent *entry;
	pid_t thread = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	while (thread == 0) {
		DIR *dir = opendir(path);

		while (dir && (entry = readdir(dir)) != NULL)
			if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != pid)
				thread = atoi(entry->d_name);
		if (dir)
			closedir(dir);
	}
	if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0 || write(told, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* A thread that is traced is counted after its death; who looks at it never would keep its process alive. */
static void a_dead_thread_that_is_traced(void **state)
{
	struct process process;
	struct stat_line line = { .state = 'S' };
	pid_t child = child_start(), watcher;
	pthread_t thread;
	int told[2];
	char byte;

	(void)state;
	if (child == 0) {
		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
		if (pthread_create(&thread, NULL, thread_stays, NULL) == 0)
			for (;;)
				pause();
		_exit(1);
	}
	process = process_of(child);
	assert_int_equal(pipe(told), 0);
	watcher = child_start();
	if (watcher == 0)
		tracer(child, told[1]);
	close(told[1]);
	if (read(told[0], &byte, 1) != 1) {
		print_message("# nothing may be traced here\n");
	} else {
		assert_true(process_lives(process));
		assert_int_equal(kill(child, SIGKILL), 0);
		while (line.state != 'Z')
			assert_true(stat_read(child, &line));
		while (process_lives(process)) /* the test's own time ends it */
			sched_yield();
		assert_true(stat_read(child, &line));
		assert_int_equal(line.threads, 2); /* else nothing was shown */
	}
	close(told[0]);
	kill(child, SIGKILL);
	kill(watcher, SIGKILL);
	waitpid(watcher, NULL, 0);
	waitpid(child, NULL, 0);
}

/* ---- ancestors ---- */

static void who_is_above(void **state)
{
	struct process us = process_of(getpid()), parent = process_of(getppid()), child;
	pid_t pid = child_start();
	int status;

	(void)state;
	if (pid == 0)
		_exit(process_is_above(us, getpid()) &&
				      process_is_above(process_of(getpid()), getpid())
			      ? 0
			      : 1);
	child = process_of(pid);
	assert_true(process_is_above(us, getpid()));
	assert_false(process_is_above(child, getpid()));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	if (parent.pid > 0)
		assert_true(process_is_above(parent, getpid()));
	assert_false(process_is_above((struct process){ us.pid, us.start + 1 }, getpid()));
	assert_false(process_is_above((struct process){ parent.pid, parent.start + 1 }, getpid()));
	assert_false(process_is_above((struct process){ 0, 0 }, getpid()));
	assert_false(process_is_above((struct process){ 0, us.start }, getpid()));
}

/* Far up, but not for ever: nothing hangs, however the files contradict each other. */
static void far_above(void **state)
{
	(void)state;
	stat_make(own, getpid(), "us", 'R', PID, 1000);
	for (int i = 0; i < PIDS_MAX; i++)
		stat_make(made[i], PID + i, "sh", 'S', PID + i + 1, 500);
	assert_true(process_is_above((struct process){ PID, 500 }, getpid()));
	assert_true(process_is_above((struct process){ PID + DEPTH_MAX - 2, 500 }, getpid()));
	assert_false(process_is_above((struct process){ PID + DEPTH_MAX - 1, 500 }, getpid()));
	assert_false(process_is_above((struct process){ PID + 1, 501 }, getpid()));
	stat_make(made[9], PID + 9, "sh", 'S', PID, 500); /* a loop */
	assert_true(process_is_above((struct process){ PID + 9, 500 }, getpid()));
	assert_false(process_is_above((struct process){ PID + 10, 500 }, getpid()));
	made[3][0] = '\0'; /* one has gone meanwhile */
	assert_true(process_is_above((struct process){ PID + 2, 500 }, getpid()));
	assert_false(process_is_above((struct process){ PID + 4, 500 }, getpid()));
	stat_make(own, getpid(), "us", 'R', getpid(), 1000);
	assert_false(process_is_above((struct process){ PID, 500 }, getpid()));
	stat_make(own, getpid(), "us", 'R', -7, 1000);
	assert_false(process_is_above((struct process){ PID, 500 }, getpid()));
}

static void programs(void **state)
{
	struct process us = process_of(getpid());
	int ready[2];
	pid_t child;
	char byte;

	(void)state;
	assert_true(process_same_program(us, us));
	assert_true(process_same_program(us, (struct process){ PID, 1 })); /* cannot be known */
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	child = child_start();
	if (child == 0) {
		execl("/bin/sleep", "sleep", "60", (char *)NULL);
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0); /* closed by exec */
	close(ready[0]);
	assert_false(process_same_program(us, process_of(child)));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	child = child_start();
	if (child == 0) {
		pause();
		_exit(1);
	}
	assert_true(process_same_program(process_of(child), us));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void nothing_stays_open(void **state)
{
	int before = dup(0), after;

	close(before);
	lines_are_none(state);
	far_above(state);
	after = dup(0);
	close(after);
	assert_int_equal(before, after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(names_are_wild, proc_clear),
		cmocka_unit_test_setup(a_name_of_somebody, proc_clear),
		cmocka_unit_test_setup(lines_are_none, proc_clear),
		cmocka_unit_test_setup(lines_are_cut, proc_clear),
		cmocka_unit_test_setup(lines_are_long, proc_clear),
		cmocka_unit_test_setup(pids_are_given_again, proc_clear),
		cmocka_unit_test_setup(states, proc_clear),
		cmocka_unit_test_setup(a_life_without_its_first_thread, proc_clear),
		cmocka_unit_test_setup(a_dead_thread_that_is_traced, proc_clear),
		cmocka_unit_test_setup(the_cgroup_is_frozen, proc_clear),
		cmocka_unit_test_setup(a_life, proc_clear),
		cmocka_unit_test_setup(who_is_above, proc_clear),
		cmocka_unit_test_setup(far_above, proc_clear),
		cmocka_unit_test_setup(programs, proc_clear),
		cmocka_unit_test_setup(nothing_stays_open, proc_clear),
	};

	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
