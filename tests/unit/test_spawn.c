/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * common/spawn.c, with real processes: what a helper finds when it starts, whatever its host
 * was like; what is told when it cannot start; and that nothing is left of it in the end.
 *
 * spawn.c is taken in whole, with the helpers' account made a variable and some system calls made
 * to fail on request. Each case runs in a host process of its own, because it dirties it. The
 * helpers are this very program, by other names (see "the helpers").
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/paths.h"

static const char product_user[] = HELPER_USER;
static const char *helper_user = "nobody";

#undef HELPER_USER
#define HELPER_USER helper_user

/* A sanitizer's process does not live within the limits. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(SANITIZED) && !defined(UNLIMITED_FOR_TESTS)
#define UNLIMITED_FOR_TESTS
#endif

/* Which call fails. */
static enum fault {
	FAULT_NONE,
	FAULT_SOCKETPAIR,
	FAULT_PIPE,
	FAULT_FORK,
	FAULT_HOST_DIES, /* between the fork and the first that it tells its child */
	FAULT_PIDFD,
	FAULT_NULL_DEVICE,
	FAULT_CHDIR,
	FAULT_LIMIT,
	FAULT_GID,
	FAULT_UID,
} fault;

#define FAILS(which, error) (fault == (which) && (errno = (error), true))

#define socketpair(a, b, c, d) (FAILS(FAULT_SOCKETPAIR, EMFILE) ? -1 : socketpair(a, b, c, d))
#define pipe2(a, b)	       (FAILS(FAULT_PIPE, EMFILE) ? -1 : pipe2(a, b))
#define fork()		       (FAILS(FAULT_FORK, EAGAIN) ? -1 : fork())
#define syscall(nr, ...) \
	((nr) == SYS_pidfd_open && FAILS(FAULT_PIDFD, ENOSYS) ? -1L : syscall(nr, __VA_ARGS__))
#define send(a, b, c, d)    (fault == FAULT_HOST_DIES ? (_exit(0), (ssize_t)0) : send(a, b, c, d))
#define open(a, b)	    (FAILS(FAULT_NULL_DEVICE, ENOENT) ? -1 : open(a, b))
#define chdir(a)	    (FAILS(FAULT_CHDIR, EACCES) ? -1 : chdir(a))
#define setrlimit(a, b)	    (FAILS(FAULT_LIMIT, EPERM) ? -1 : setrlimit(a, b))
#define setresgid(a, b, c)  (FAILS(FAULT_GID, EPERM) ? -1 : setresgid(a, b, c))
#define clock_gettime(a, b) clock_asleep(a, b)
#define setresuid(a, b, c)  (FAILS(FAULT_UID, EAGAIN) ? -1 : setresuid(a, b, c))

/* The machine sleeps for a day behind so many looks at the clock; -1: it does not. */
static int looks_until_sleep = -1;

static int clock_asleep(clockid_t clock, struct timespec *ts)
{
	int result = (clock_gettime)(clock, ts);

	if (looks_until_sleep > 0)
		looks_until_sleep--;
	if (looks_until_sleep == 0)
		ts->tv_sec += 86400;
	return result;
}

#include "common/spawn.c"
#include "helper/login/helper_process.c"
#include "within.h"

#undef socketpair
#undef pipe2
#undef fork
#undef syscall
#undef send
#undef open
#undef chdir
#undef setrlimit
#undef setresgid
#undef setresuid

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	USER = 1000,
	ANSWER_MS = 5000,
	HOST_MS = 15000,
	OUTLIVING_MS = 500, /* after which a helper is believed to live on */
	SLACK_MS = 900,	    /* of a busy machine */
	LEAKED_FDS = 60,
	CYCLES = 60,
};

/* ---- the helpers: what this program is when it is started by one of these names ---- */

static void told_ids(struct wire_draft *draft)
{
	char text[128];
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	getresuid(&ruid, &euid, &suid);
	getresgid(&rgid, &egid, &sgid);
	snprintf(text, sizeof(text), "%u %u %u", ruid, euid, suid);
	wire_add(draft, "uid", text);
	snprintf(text, sizeof(text), "%u %u %u", rgid, egid, sgid);
	wire_add(draft, "gid", text);
	wire_add_number(draft, "groups", getgroups(0, NULL));
	wire_add(draft, "root_again", setuid(0) == 0 || seteuid(0) == 0 ? "yes" : "no");
}

/* "0=/dev/null 1=/dev/null 2=/dev/null 3=socket" */
static void told_fds(struct wire_draft *draft)
{
	char text[2048] = "", name[64], target[64];
	ssize_t len;

	for (int fd = 0; fd < 1024; fd++) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		len = readlink(name, target, sizeof(target) - 1);
		if (len < 0 || strlen(text) > sizeof(text) - 100)
			continue;
		target[len] = '\0';
		if (strchr(target, ':'))
			*strchr(target, ':') = '\0';
		sprintf(text + strlen(text), "%s%d=%s", fd > 0 ? " " : "", fd, target);
	}
	wire_add(draft, "fds", text);
}

static void told_signals(struct wire_draft *draft)
{
	char line[256], value[64];
	FILE *status = fopen("/proc/self/status", "r");

	while (status && fgets(line, sizeof(line), status)) {
		if (sscanf(line, "SigBlk: %63s", value) == 1)
			wire_add(draft, "blocked", value);
		if (sscanf(line, "SigIgn: %63s", value) == 1)
			wire_add(draft, "ignored", value);
	}
	if (status)
		fclose(status);
}

static void told_limit(struct wire_draft *draft, const char *key, __rlimit_resource_t what)
{
	struct rlimit limit;
	char text[64];

	getrlimit(what, &limit);
	snprintf(text, sizeof(text), "%lld %lld", (long long)limit.rlim_cur,
		 (long long)limit.rlim_max);
	wire_add(draft, key, text);
}

static void told_rest(struct wire_draft *draft, char **argv)
{
	char text[4096] = "";
	mode_t mask = umask(0);

#ifdef UNLIMITED_FOR_TESTS
	unsetenv("__LLVM_PROFILE_RT_INIT_ONCE"); /* what counts coverage puts it there itself */
#endif
	for (char **env = environ; *env; env++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.200s|", *env);
	wire_add(draft, "environment", text);
	wire_add(draft, "cwd", getcwd(text, sizeof(text)));
	wire_add_number(draft, "umask", mask);
	wire_add(draft, "program", argv[0]);
	wire_add(draft, "argument", argv[1]);
}

/* Answers the opening packet with all that it has found. */
static void helper_report(char **argv)
{
	static char buf[WIRE_BYTES_MAX];
	static struct wire_draft draft;
	struct wire_message opening;

	if (wire_receive(WIRE_FD, true, buf, &opening) != WIRE_MESSAGE)
		_exit(1);
	wire_begin(&draft, "report");
	told_fds(&draft);
	told_ids(&draft);
	told_signals(&draft);
	told_limit(&draft, "core", RLIMIT_CORE);
	told_limit(&draft, "file", RLIMIT_FSIZE);
	told_limit(&draft, "memory", RLIMIT_AS);
	told_limit(&draft, "stack", RLIMIT_STACK);
	told_limit(&draft, "descriptors", RLIMIT_NOFILE);
	told_limit(&draft, "processes", RLIMIT_NPROC);
	told_rest(&draft, argv);
	wire_send(WIRE_FD, &draft);
}

/* Nothing but a KILL ends it, not even the channel's end. */
static void helper_stubborn(char **argv)
{
	sigset_t all;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	helper_report(argv);
	for (;;)
		pause();
}

static void helper_stopped(char **argv)
{
	helper_report(argv);
	raise(SIGSTOP);
}

static void helper_deaf(char **argv)
{
	(void)argv;
	for (;;)
		pause();
}

static void helper_mute(char **argv)
{
	(void)argv;
}

static void helper_patient(char **argv)
{
	char byte;

	helper_report(argv);
	while (recv(WIRE_FD, &byte, 1, 0) > 0)
		;
}

static const struct helper {
	const char *name;
	void (*run)(char **argv);
	bool answers;
} helpers[] = {
	{ "patient", helper_patient, true }, /* ends with the channel, as a helper should */
	{ "brief", helper_report, true },    /* ends by itself */
	{ "stubborn", helper_stubborn, true }, { "stopped", helper_stopped, true },
	{ "deaf", helper_deaf, false }, /* never says a word, never ends */
	{ "mute", helper_mute, false }, /* likewise, but ends at once */
};

/* ---- the hosts ---- */

static char top[] = "/tmp/test_spawn.XXXXXX";

/* What came of one start, as the host saw it. */
struct outcome {
	enum spawn_result result;
	bool done; /* the host lived to tell */
	bool none; /* *child was SPAWN_NONE unless it was started, and in the end */
	bool answered;
	bool left;	/* a process, or its zombie, was still there */
	bool host_same; /* the host's own signals are as they were */
	int fds_more;	/* descriptors that the host has more than before */
	long end_ms;	/* how long spawn_end() took */
	size_t len;
	char packet[WIRE_BYTES_MAX];
};

static int fds_count(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static bool spawn_is_none(const struct spawn *child)
{
	return child->fd == -1 && child->pidfd == -1 && child->pid == 0;
}

static void host_converse(struct spawn *child, struct outcome *out)
{
	static struct wire_draft draft;
	ssize_t len = -1;

	wire_begin(&draft, "open");
	wire_send(child->fd, &draft);
	if (spawn_wait(child, spawn_now() + ANSWER_MS))
		len = recv(child->fd, out->packet, sizeof(out->packet), MSG_DONTWAIT);
	out->answered = len > 0;
	out->len = len > 0 ? (size_t)len : 0;
}

/* The mask and SIGCHLD's action, as bytes. */
static void host_signals(sigset_t *mask, struct sigaction *chld)
{
	memset(mask, 0, sizeof(*mask));
	memset(chld, 0, sizeof(*chld));
	sigprocmask(SIG_SETMASK, NULL, mask);
	sigaction(SIGCHLD, NULL, chld);
}

/* One start in the process that this is. SILENT: the helper is not waited for. */
static void host_start(const char *program, bool silent, struct outcome *out)
{
	struct spawn child = { .fd = 99, .pidfd = 99, .pid = 99 };
	struct sigaction chld[2];
	sigset_t mask[2];
	int before = fds_count();
	int64_t from;
	pid_t pid;

	host_signals(&mask[0], &chld[0]);
	out->result = helper_start(&child, program, false);
	host_signals(&mask[1], &chld[1]);
	out->host_same = memcmp(&mask[0], &mask[1], sizeof(mask[0])) == 0 &&
			 chld[0].sa_handler == chld[1].sa_handler &&
			 chld[0].sa_flags == chld[1].sa_flags;
	pid = child.pid;
	out->none = out->result == SPAWN_STARTED || spawn_is_none(&child);
	if (out->result == SPAWN_STARTED && !silent)
		host_converse(&child, out);
	from = spawn_now();
	if (out->result == SPAWN_STARTED)
		spawn_end(&child);
	out->end_ms = (long)(spawn_now() - from);
	out->none = out->none && spawn_is_none(&child);
	out->left = (out->result == SPAWN_STARTED && kill(pid, 0) == 0) ||
		    waitpid(-1, NULL, WNOHANG) >= 0;
	out->fds_more = fds_count() - before;
	out->done = true;
}

typedef void (*setup_fn)(void);

/* Starts PROGRAM from a process of its own that SETUP has changed. */
static void host_run(setup_fn setup, const char *program, bool silent, struct outcome *out)
{
	int ends[2];
	size_t got = 0;
	ssize_t n;
	pid_t pid;
	struct pollfd pfd;

	memset(out, 0, sizeof(*out));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pfd = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 1 << 17), 1 << 17);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setpgid(0, 0); /* a group of its own, whose last member can be found */
		if (setup)
			setup();
		host_start(program, silent, out);
		_exit(write(ends[1], out, sizeof(*out)) == (ssize_t)sizeof(*out) ? 0 : 1);
	}
	close(ends[1]);
	if (poll(&pfd, 1, HOST_MS) <= 0) { /* readable, or no process holds the other end */
		kill(-pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(ends[0]);
		fail_msg("%s: the host hangs, or has left a child behind", program);
	}
	while ((n = read(ends[0], (char *)out + got, sizeof(*out) - got)) > 0)
		got += (size_t)n;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	out->done = got == sizeof(*out);
}

static const char *program_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	return path;
}

/* Nothing is left in the host, whatever came of it. */
static void outcome_is_clean(const char *row, const struct outcome *out)
{
	if (!out->done)
		fail_msg("%s: the host has died", row);
	if (!out->none || out->left || !out->host_same || out->fds_more != 0)
		fail_msg("%s: none %d, left %d, host same %d, %d descriptors more", row, out->none,
			 out->left, out->host_same, out->fds_more);
	if (out->end_ms > REAP_MS)
		fail_msg("%s: %ld ms", row, out->end_ms);
}

static void outcome_expect(const char *row, const struct outcome *out, enum spawn_result result)
{
	outcome_is_clean(row, out);
	if (out->result != result)
		fail_msg("%s: result %d, not %d", row, out->result, result);
}

/* The value of KEY in what the helper has told. */
static const char *told(struct outcome *out, const char *key)
{
	static struct wire_message message;
	static char copy[WIRE_BYTES_MAX];
	const char *value;

	memcpy(copy, out->packet, out->len);
	assert_true(wire_parse(&message, copy, out->len));
	value = wire_value(&message, key);
	return value ? value : "";
}

static void told_is(const char *row, struct outcome *out, const char *key, const char *value)
{
	if (strcmp(told(out, key), value) != 0)
		fail_msg("%s: %s is \"%s\", not \"%s\"", row, key, told(out, key), value);
}

/* ---- what a helper finds ---- */

static void nothing_special(void)
{
}

static void handler(int sig)
{
	(void)sig;
}

static void signals_ignored(void)
{
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_IGN);
}

static void signals_handled(void)
{
	for (int sig = 1; sig < NSIG; sig++)
		if (sig != SIGCHLD)
			signal(sig, handler);
}

static void signals_blocked(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

static void environment_dirty(void)
{
	setenv("LD_PRELOAD", "/nonexistent.so", 1);
	setenv("https_proxy", "http://evil.example", 1);
	setenv("SSLKEYLOGFILE", "/tmp/keys", 1);
	setenv("PATH", "/tmp", 1);
	setenv("LC_ALL", "tr_TR.UTF-8", 1);
}

/* Not close-on-exec, as sshd's; low and high. */
static void descriptors_leaked(void)
{
	for (int i = 0; i < LEAKED_FDS; i++)
		if (dup(2) < 0 || fcntl(2, F_DUPFD, 500 + 7 * i) < 0)
			_exit(3);
}

/* By number, so that the channel and the way back land on 0 to 4. */
static void descriptors_closed(void)
{
	for (int fd = 0; fd < 3; fd++)
		close(fd);
}

static void input_closed(void)
{
	close(0);
}

static void outputs_closed(void)
{
	close(1);
	close(2);
}

static void origin_elsewhere(void)
{
	umask(0);
	if (chdir("/tmp") != 0)
		_exit(3);
}

static void everything(void)
{
	signals_ignored();
	signals_blocked();
	environment_dirty();
	descriptors_leaked();
	descriptors_closed();
	origin_elsewhere();
}

static const struct {
	const char *name;
	setup_fn setup;
} hosts[] = {
	{ "an orderly host", nothing_special },
	{ "signals ignored", signals_ignored },
	{ "signals handled", signals_handled },
	{ "signals blocked", signals_blocked },
	{ "a dirty environment", environment_dirty },
	{ "leaked descriptors", descriptors_leaked },
	{ "no descriptors 0 to 2", descriptors_closed },
	{ "no descriptor 0", input_closed },
	{ "no descriptors 1 and 2", outputs_closed },
	{ "another directory and umask", origin_elsewhere },
	{ "everything at once", everything },
};

static void expect_ids(const char *row, struct outcome *out, uid_t uid, gid_t gid)
{
	char text[64];

	snprintf(text, sizeof(text), "%u %u %u", uid, uid, uid);
	told_is(row, out, "uid", text);
	snprintf(text, sizeof(text), "%u %u %u", gid, gid, gid);
	told_is(row, out, "gid", text);
	told_is(row, out, "root_again", "no");
}

static void expect_confined(const char *row, struct outcome *out)
{
	const struct passwd *pw = geteuid() == 0 ? getpwnam(helper_user) : NULL;

	told_is(row, out, "fds", "0=/dev/null 1=/dev/null 2=/dev/null 3=socket");
	told_is(row, out, "blocked", "0000000000000000");
	told_is(row, out, "ignored", "0000000000000000");
	told_is(row, out, "environment", "PATH=/usr/bin:/bin|LC_ALL=C|");
	told_is(row, out, "cwd", "/");
	told_is(row, out, "umask", "63"); /* 077 */
	told_is(row, out, "core", "0 0");
	told_is(row, out, "program", program_of("patient"));
	told_is(row, out, "argument", "");
	if (pw)
		told_is(row, out, "groups", "0");
	expect_ids(row, out, pw ? pw->pw_uid : getuid(), pw ? pw->pw_gid : getgid());
}

static void test_confined(void **state)
{
	static struct outcome out;

	(void)state;
	for (size_t i = 0; i < COUNT(hosts); i++) {
		host_run(hosts[i].setup, program_of("patient"), false, &out);
		outcome_expect(hosts[i].name, &out, SPAWN_STARTED);
		assert_true(out.answered);
		expect_confined(hosts[i].name, &out);
	}
}

static void limits_low(void)
{
	static const struct {
		__rlimit_resource_t what;
		rlim_t most;
	} limits[] = { { RLIMIT_NOFILE, 40 }, { RLIMIT_STACK, 512 << 10 } };

	for (size_t i = 0; i < COUNT(limits); i++) {
		struct rlimit limit = { limits[i].most, limits[i].most };

		setrlimit(limits[i].what, &limit);
	}
}

/* Soft and hard, so that there is no way back; a host's own limits are raised only
 * where they would starve the helper. */
static void test_limits(void **state)
{
	static const struct {
		const char *key, *value, *low;
	} rows[] = { { "file", "0 0", "0 0" },
		     { "memory", "268435456 268435456", "268435456 268435456" },
		     { "stack", "1048576 1048576", "524288 524288" },
		     { "descriptors", "64 64", "40 40" } };
	struct rlimit host;
	static struct outcome out;

	(void)state;
#ifdef UNLIMITED_FOR_TESTS
	print_message("needs a build without sanitizers: limits of memory and files\n");
	skip();
#endif
	host_run(nothing_special, program_of("patient"), false, &out);
	outcome_expect("limits", &out, SPAWN_STARTED);
	for (size_t i = 0; i < COUNT(rows); i++)
		told_is("limits", &out, rows[i].key, rows[i].value);
	getrlimit(RLIMIT_NPROC, &host);
	if (geteuid() == 0 && host.rlim_max >= 4096) /* or no higher than the host's own */
		told_is("limits", &out, "processes", "4096 4096");
	host_run(limits_low, program_of("patient"), false, &out);
	outcome_expect("low limits", &out, SPAWN_STARTED);
	for (size_t i = 0; i < COUNT(rows); i++)
		told_is("low limits", &out, rows[i].key, rows[i].low);
}

/* ---- whose helper it is ---- */

static bool root_needed(const char *what)
{
	if (geteuid() == 0)
		return true;
	print_message("needs root: %s\n", what);
	return false;
}

static void test_no_account(void **state)
{
	static const char *const users[] = { "no-such-account", "", "root" };
	static struct outcome out;

	(void)state;
	if (!root_needed("helpers' accounts"))
		skip();
	for (size_t i = 0; i < COUNT(users); i++) {
		helper_user = users[i];
		host_run(nothing_special, program_of("patient"), false, &out);
		helper_user = "nobody";
		outcome_expect(users[i], &out, SPAWN_NO_ACCOUNT);
	}
}

static void test_product_account(void **state)
{
	const struct passwd *pw = getpwnam(product_user);
	static struct outcome out;

	(void)state;
	if (!root_needed("the account of the helpers"))
		skip();
	helper_user = product_user;
	host_run(nothing_special, program_of("patient"), false, &out);
	helper_user = "nobody";
	outcome_expect(product_user, &out, pw ? SPAWN_STARTED : SPAWN_NO_ACCOUNT);
	if (pw)
		expect_ids(product_user, &out, pw->pw_uid, pw->pw_gid);
}

static void as_setuid_program(void)
{
	if (setresgid(USER, 0, 0) != 0 || setresuid(USER, 0, 0) != 0)
		_exit(3);
}

static void as_user(void)
{
	if (setresgid(USER, USER, USER) != 0 || setresuid(USER, USER, USER) != 0)
		_exit(3);
}

/* A group that its real one does not have, as a setgid program's. */
static void as_setgid_program(void)
{
	if (setresgid(USER, 42, 42) != 0 || setresuid(USER, USER, USER) != 0)
		_exit(3);
}

/* The same, of somebody whose own group is root's. */
static void as_setgid_program_of_group_root(void)
{
	if (setresgid(0, 42, 42) != 0 || setresuid(USER, USER, USER) != 0)
		_exit(3);
}

/* It could become root again: the helper must not. */
static void as_user_for_now(void)
{
	if (setresgid(USER, USER, 0) != 0 || setresuid(USER, USER, 0) != 0)
		_exit(3);
}

static void as_many_groups(void)
{
	static const gid_t groups[] = { 0, 4, 24, 27 };

	if (setgroups(COUNT(groups), groups) != 0)
		_exit(3);
}

static void test_ids(void **state)
{
	const struct passwd *nobody = getpwnam("nobody");
	const struct {
		const char *name;
		setup_fn setup;
		uid_t uid;
		gid_t gid;
		bool refused; /* two ids, and no root to drop them with */
	} rows[] = {
		{ "root with groups", as_many_groups, nobody->pw_uid, nobody->pw_gid, false },
		{ "su, sudo", as_setuid_program, nobody->pw_uid, nobody->pw_gid, false },
		{ "a locker", as_user, USER, USER, false },
		{ "a setgid program", as_setgid_program, USER, USER, true },
		{ "a setgid program, group root", as_setgid_program_of_group_root, USER, 0, true },
		{ "a daemon, for now a user", as_user_for_now, USER, USER, false },
	};
	static struct outcome out;

	(void)state;
	if (!root_needed("to be somebody else"))
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		host_run(rows[i].setup, program_of("patient"), false, &out);
		outcome_expect(rows[i].name, &out,
			       rows[i].refused ? SPAWN_NO_ACCOUNT : SPAWN_STARTED);
		if (rows[i].refused)
			continue;
		expect_ids(rows[i].name, &out, rows[i].uid, rows[i].gid);
	}
	host_run(as_many_groups, program_of("patient"), false, &out);
	told_is("groups", &out, "groups", "0");
}

static void as_real_root(void)
{
	if (setresuid(0, USER, 0) != 0)
		_exit(3);
}

/* The real user is root, the effective one is not: a helper of root's is still none. */
static void test_real_root(void **state)
{
	static struct outcome out;

	(void)state;
	if (!root_needed("to be root in part"))
		skip();
	host_run(as_real_root, program_of("patient"), false, &out);
	outcome_is_clean("real uid 0", &out);
	if (out.answered)
		told_is("real uid 0", &out, "root_again", "no");
}

/* ---- no start ---- */

static void put_program(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(program_of(name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(program_of(name), mode), 0);
}

static void test_missing(void **state)
{
	static const char *const programs[] = {
		"nowhere", "no/where", "plain", "text", "script", ""
	};
	static struct outcome out;
	char path[256];

	(void)state;
	put_program("plain", "x", 0644);
	put_program("text", "no program\n", 0755);
	put_program("script", "#!/nonexistent/interpreter\n", 0755);
	for (size_t i = 0; i < COUNT(programs); i++) {
		snprintf(path, sizeof(path), "%s/%s", top, programs[i]);
		host_run(nothing_special, path, false, &out);
		outcome_expect(path, &out, SPAWN_MISSING);
		host_run(everything, path, false, &out);
		outcome_expect(path, &out, SPAWN_MISSING);
	}
}

/* There are more ways for a program not to be there. */
static void test_missing_otherwise(void **state)
{
	static struct outcome out;
	char path[5000];

	(void)state;
	host_run(nothing_special, "/etc/passwd/helper", false, &out);
	outcome_expect("below a file", &out, SPAWN_MISSING);
	unlink(program_of("loop"));
	assert_int_equal(symlink("loop", program_of("loop")), 0);
	host_run(nothing_special, program_of("loop"), false, &out);
	outcome_expect("a loop of links", &out, SPAWN_MISSING);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	host_run(nothing_special, path, false, &out);
	outcome_expect("a name too long", &out, SPAWN_MISSING);
}

static void test_faults_in_host(void **state)
{
	static const enum fault faults[] = { FAULT_SOCKETPAIR, FAULT_PIPE, FAULT_FORK,
					     FAULT_PIDFD };
	static struct outcome out;
	char row[32];

	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++) {
		snprintf(row, sizeof(row), "fault %d", faults[i]);
		fault = faults[i];
		host_run(nothing_special, program_of("stubborn"), true, &out);
		fault = FAULT_NONE;
		outcome_expect(row, &out, SPAWN_FAILED);
	}
}

/* A child that was never let go does not outlive its host, whose descriptors it holds. */
static void test_host_dies(void **state)
{
	static struct outcome out;

	(void)state;
	fault = FAULT_HOST_DIES;
	host_run(nothing_special, program_of("patient"), false, &out);
	fault = FAULT_NONE;
}

/* A step that fails before exec: no helper runs, and none is said to be missing, or there. */
static void test_faults_in_child(void **state)
{
	static const enum fault faults[] = { FAULT_NULL_DEVICE, FAULT_CHDIR, FAULT_LIMIT, FAULT_GID,
					     FAULT_UID };
	static struct outcome out;
	char row[32];

	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++) {
		snprintf(row, sizeof(row), "fault %d", faults[i]);
		fault = faults[i];
		host_run(nothing_special, program_of("patient"), false, &out);
		fault = FAULT_NONE;
		outcome_is_clean(row, &out);
		assert_false(out.answered);
		if (out.result != SPAWN_FAILED)
			fail_msg("%s: result %d", row, out.result);
	}
}

static int fds_free;

static void descriptors_scarce(void)
{
	struct rlimit limit;
	int top_fd = dup(0);

	limit.rlim_cur = limit.rlim_max = (rlim_t)(top_fd + fds_free);
	close(top_fd);
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void test_descriptors_scarce(void **state)
{
	static struct outcome out;

	(void)state;
	for (fds_free = 1; fds_free < 12; fds_free++) {
		char row[32];

		snprintf(row, sizeof(row), "%d free descriptors", fds_free);
		host_run(descriptors_scarce, program_of("stubborn"), true, &out);
		outcome_is_clean(row, &out);
		if (out.result != SPAWN_FAILED && out.result != SPAWN_STARTED)
			fail_msg("%s: result %d", row, out.result);
	}
	assert_int_equal(out.result, SPAWN_STARTED);
}

/* ---- the end ---- */

static void reap_all(int sig)
{
	int kept = errno;

	(void)sig;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	errno = kept;
}

static void children_ignored(void)
{
	signal(SIGCHLD, SIG_IGN);
}

static void children_reaped(void)
{
	struct sigaction act = { .sa_handler = reap_all };

	sigaction(SIGCHLD, &act, NULL);
}

static void children_not_kept(void)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_NOCLDWAIT };

	sigaction(SIGCHLD, &act, NULL);
}

static const struct {
	const char *name;
	setup_fn setup;
} parents[] = {
	{ "an orderly host", nothing_special },
	{ "SIGCHLD ignored", children_ignored },
	{ "SIGCHLD reaped by a handler", children_reaped },
	{ "SA_NOCLDWAIT", children_not_kept },
};

static void test_end(void **state)
{
	static struct outcome out;
	char row[128];

	(void)state;
	for (size_t i = 0; i < COUNT(parents); i++) {
		for (size_t k = 0; k < COUNT(helpers); k++) {
			bool silent = strcmp(helpers[k].name, "deaf") == 0;

			snprintf(row, sizeof(row), "%s, %s", parents[i].name, helpers[k].name);
			host_run(parents[i].setup, program_of(helpers[k].name), silent, &out);
			outcome_expect(row, &out, SPAWN_STARTED);
			assert_int_equal(out.answered, helpers[k].answers);
			assert_within(out.end_ms, 0, SLACK_MS);
		}
		host_run(parents[i].setup, "/nonexistent", false, &out);
		outcome_expect(parents[i].name, &out, SPAWN_MISSING);
	}
}

/* Starts PROGRAM, tells its pid and is killed: nothing of spawn.c runs any more. */
static _Noreturn void host_is_killed(const char *program, bool outliving, int report)
{
	static struct outcome out;
	struct spawn child = SPAWN_NONE;

	if (helper_start(&child, program, outliving) == SPAWN_STARTED) {
		host_converse(&child, &out); /* it has run, and made itself deaf */
		if (write(report, &child.pid, sizeof(child.pid)) == (ssize_t)sizeof(child.pid))
			raise(SIGKILL);
	}
	_exit(1);
}

/* Whether a helper ends within MS of its host, which is killed; it is ended in any case. */
static bool ends_with_host(const char *program, bool outliving, int ms)
{
	struct pollfd pfd = { .events = POLLIN };
	pid_t host, helper = 0;
	bool ended = true;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	host = fork();
	assert_true(host >= 0);
	if (host == 0)
		host_is_killed(program_of(program), outliving, ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &helper, sizeof(helper)), sizeof(helper));
	close(ends[0]);
	pfd.fd = (int)syscall(SYS_pidfd_open, helper, 0); /* -1: it has ended already */
	waitpid(host, NULL, 0);
	if (pfd.fd >= 0) {
		ended = poll(&pfd, 1, ms) == 1;
		kill(helper, SIGKILL);
		close(pfd.fd);
	}
	return ended;
}

/* A helper that was taken over listens neither to the channel nor to a signal that can be ignored. */
static void test_host_killed(void **state)
{
	static const char *const programs[] = { "patient", "stubborn", "stopped" };

	(void)state;
	for (size_t i = 0; i < COUNT(programs); i++)
		if (!ends_with_host(programs[i], false, HOST_MS))
			fail_msg("%s: outlives a host that was killed", programs[i]);
}

/* One that has tokens to give back is told by the channel alone. */
static void test_host_killed_outliving(void **state)
{
	(void)state;
	assert_true(ends_with_host("patient", true, HOST_MS));
	assert_false(ends_with_host("stubborn", true, OUTLIVING_MS));
}

/* The channel is closed, and the helper has its time: one that does not end by then is killed. */
static void test_leave(void **state)
{
	static const char *const programs[] = { "patient", "stubborn" };
	static struct outcome out;

	(void)state;
	for (size_t i = 0; i < COUNT(programs); i++) {
		int before = fds_count();
		struct spawn child;
		int64_t start;

		assert_int_equal(helper_start(&child, program_of(programs[i]), true),
				 SPAWN_STARTED);
		host_converse(&child, &out);
		start = spawn_now();
		spawn_leave(&child);
		assert_true(spawn_is_none(&child));
		assert_int_equal(spawn_now() - start >= LEAVE_MS, i == 1);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
		assert_int_equal(fds_count(), before);
	}
}

static void test_end_of_none(void **state)
{
	struct spawn none = SPAWN_NONE;
	int before = fds_count();

	(void)state;
	spawn_end(&none);
	assert_true(spawn_is_none(&none));
	spawn_end(&none);
	spawn_leave(&none);
	assert_int_equal(fds_count(), before);
	assert_int_equal(fcntl(0, F_GETFD) >= 0, 1);
}

static void test_many_times(void **state)
{
	int before = fds_count();

	(void)state;
	for (int i = 0; i < CYCLES; i++) {
		struct spawn child;

		assert_int_equal(helper_start(&child, program_of("brief"), false), SPAWN_STARTED);
		assert_true(child.fd >= 0 && child.pidfd >= 0 && child.pid > 0);
		assert_true(fcntl(child.fd, F_GETFD) & FD_CLOEXEC);
		assert_true(fcntl(child.pidfd, F_GETFD) & FD_CLOEXEC);
		spawn_end(&child);
		assert_true(spawn_is_none(&child));
	}
	assert_int_equal(fds_count(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* ---- the clock and the wait ---- */

static void test_now(void **state)
{
	struct timespec ts;
	int64_t before = spawn_now(), boot;

	(void)state;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	boot = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	assert_within(boot - before, 0, SLACK_MS);
	usleep(20000);
	assert_within(spawn_now() - before, 20, SLACK_MS);
}

static void slot_open(int channel[2], struct spawn *child)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
	*child = SPAWN_NONE;
	child->fd = channel[0];
}

static void test_wait_for_deadline(void **state)
{
	static const int waits[] = { 1, 30, 150, 999 % 250 };
	struct spawn child;
	int channel[2], before;

	(void)state;
	slot_open(channel, &child);
	before = fds_count();
	for (size_t i = 0; i < COUNT(waits); i++) {
		int64_t from = spawn_now();

		assert_false(spawn_wait(&child, from + waits[i]));
		assert_within(spawn_now() - from, waits[i], waits[i] + SLACK_MS);
	}
	assert_int_equal(fds_count(), before);
	close(channel[0]);
	close(channel[1]);
}

static void test_wait_for_slot(void **state)
{
	struct spawn child;
	int channel[2];
	int64_t from = spawn_now();

	(void)state;
	slot_open(channel, &child);
	assert_int_equal(send(channel[1], "x", 2, 0), 2);
	assert_true(spawn_wait(&child, from + 60000));
	assert_true(spawn_wait(&child, from + 60000)); /* it is not taken */
	/* late is late, even if something is there */
	assert_false(spawn_wait(&child, spawn_now()));
	assert_false(spawn_wait(&child, spawn_now() - 1));
	assert_false(spawn_wait(&child, 0));
	assert_false(spawn_wait(&child, -1));
	assert_false(spawn_wait(&child, INT64_MIN));
	close(channel[1]);
	assert_true(spawn_wait(&child, from + 60000));
	assert_within(spawn_now() - from, 0, SLACK_MS);
	close(channel[0]);
}

/* What is found on waking has come too late, even if it lay there before the timer was looked at. */
static void test_wait_asleep(void **state)
{
	struct spawn child;
	int channel[2];

	(void)state;
	for (int sleeps = 0; sleeps < 2; sleeps++) {
		pid_t sender;

		slot_open(channel, &child);
		sender = fork();
		assert_true(sender >= 0);
		if (sender == 0) {
			usleep(50000);
			_exit(send(channel[1], "x", 2, 0) != 2);
		}
		/* once for the test, twice on the way into the wait */
		looks_until_sleep = sleeps ? 4 : -1;
		assert_int_equal(spawn_wait(&child, spawn_now() + 60000), !sleeps);
		looks_until_sleep = -1;
		waitpid(sender, NULL, 0);
		close(channel[0]);
		close(channel[1]);
	}
}

static void test_wait_with_signals(void **state)
{
	static const struct itimerval off;
	const struct itimerval often = { { 0, 3000 }, { 0, 3000 } };
	struct sigaction act = { .sa_handler = handler }, old;
	struct spawn child;
	int64_t from;
	int channel[2];

	(void)state;
	slot_open(channel, &child);
	sigaction(SIGALRM, &act, &old);
	setitimer(ITIMER_REAL, &often, NULL);
	from = spawn_now();
	assert_false(spawn_wait(&child, from + 150));
	assert_within(spawn_now() - from, 150, 150 + SLACK_MS);
	setitimer(ITIMER_REAL, &off, NULL);
	sigaction(SIGALRM, &old, NULL);
	close(channel[0]);
	close(channel[1]);
}

static void signals_often(void)
{
	const struct itimerval often = { { 0, 500 }, { 0, 500 } };
	struct sigaction act = { .sa_handler = handler };

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

/* A host that is interrupted all the time starts and ends its helper all the same. */
static void test_start_with_signals(void **state)
{
	static struct outcome out;

	(void)state;
	host_run(signals_often, program_of("patient"), false, &out);
	outcome_expect("interrupted", &out, SPAWN_STARTED);
	assert_true(out.answered);
	expect_confined("interrupted", &out);
	host_run(signals_often, "/nonexistent", false, &out);
	outcome_expect("interrupted", &out, SPAWN_MISSING);
}

/* ---- the directory of helpers ---- */

static bool file_copy(const char *from, const char *to)
{
	char buf[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ssize_t len = -1;

	while (in >= 0 && out >= 0 && (len = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)len) != len)
			break;
	return len == 0 && fchmod(out, 0755) == 0 && close(out) == 0 && close(in) == 0;
}

static int group_start(void **state)
{
	char first[256];

	(void)state;
	if (!mkdtemp(top) || chmod(top, 0755) != 0)
		return -1;
	snprintf(first, sizeof(first), "%s", program_of(helpers[0].name));
	if (!file_copy("/proc/self/exe", first))
		return -1;
	for (size_t i = 1; i < COUNT(helpers); i++)
		if (link(first, program_of(helpers[i].name)) != 0)
			return -1;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int group_end(void **state)
{
	(void)state;
	return nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : "";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_confined),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_no_account),
		cmocka_unit_test(test_product_account),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_real_root),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_missing_otherwise),
		cmocka_unit_test(test_faults_in_host),
		cmocka_unit_test(test_host_dies),
		cmocka_unit_test(test_faults_in_child),
		cmocka_unit_test(test_descriptors_scarce),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_host_killed),
		cmocka_unit_test(test_host_killed_outliving),
		cmocka_unit_test(test_leave),
		cmocka_unit_test(test_end_of_none),
		cmocka_unit_test(test_many_times),
		cmocka_unit_test(test_now),
		cmocka_unit_test(test_wait_for_deadline),
		cmocka_unit_test(test_wait_for_slot),
		cmocka_unit_test(test_wait_asleep),
		cmocka_unit_test(test_wait_with_signals),
		cmocka_unit_test(test_start_with_signals),
	};

	for (size_t i = 0; i < COUNT(helpers); i++) {
		if (strcmp(name, helpers[i].name) == 0) {
			helpers[i].run(argv);
			_exit(0);
		}
	}
	return cmocka_run_group_tests_name("spawn", tests, group_start, group_end);
}
