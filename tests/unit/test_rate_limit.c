/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/rate_limit.c: exact among many processes, bounded, never counting a seat, never locking
 * anybody out by what a stranger does, and of no effect where its file is not believed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "helper/login/rate_limit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	TABLE = 4096, /* sources that the file has room for */
};

static char top[] = "/tmp/test_rate_limit.XXXXXX";
static char dir[64], file[80];
static int64_t now;
static char source_rate[24];
static struct conf conf;

/* A directory that is not there yet, and the rate_limit of a section. */
static void fresh(const char *rate)
{
	static int number;

	snprintf(dir, sizeof(dir), "%s/state%d", top, number++);
	snprintf(file, sizeof(file), "%s/limits", dir);
	now = 1000 * MINUTE;
	snprintf(source_rate, sizeof(source_rate), "%s", rate);
	conf = (struct conf){ .section = "door" };
	conf.value[CONF_RATE_LIMIT] = source_rate;
}

/* An attempt from afar; its strings live until the next ones. */
static struct rate_limit_attempt *far(const char *rhost, const char *user)
{
	static struct origin_facts facts;
	static struct rate_limit_attempt attempt;

	facts = (struct origin_facts){ .rhost = rhost, .tty = "ssh", .service = "sshd" };
	attempt = (struct rate_limit_attempt){
		.origin = ORIGIN_REMOTE, .facts = &facts, .user = user, .now = now
	};
	return &attempt;
}

static struct rate_limit_attempt *proven(struct rate_limit_attempt *attempt)
{
	attempt->proven = true;
	return attempt;
}

static enum rate_limit start(const struct rate_limit_attempt *attempt)
{
	return rate_limit_count(dir, &conf, attempt);
}

/* How many of TRIES are let go ahead. */
static int starts(const char *rhost, const char *user, int tries)
{
	int free_ones = 0;

	while (tries-- > 0)
		free_ones += start(far(rhost, user)) == RATE_LIMIT_FREE;
	return free_ones;
}

/* ---- the hash ---- */

static void test_hash(void **state)
{
	/* The reference's vectors: key 00 01 ... 0f, of the bytes 00 01 ... */
	static const uint64_t want[] = {
		0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a,
		0x85676696d7fb7e2d, 0xcf2794e0277187b7, 0x18765564cd99a68d,
		0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462
	};
	unsigned char bytes[16];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	for (size_t i = 0; i < COUNT(want); i++)
		assert_true(rate_limit_hash(bytes, bytes, i) == want[i]);
	assert_true(rate_limit_hash(bytes, bytes, 15) == 0xa129ca6149be45e5);
}

/* ---- starts from one source ---- */

static void test_window(void **state)
{
	(void)state;
	fresh("3/5m");
	assert_int_equal(starts("192.0.2.7", "alice", 10), 3);
	assert_int_equal(start(far("192.0.2.7", "bob")),
			 RATE_LIMIT_REACHED); /* the name is no matter */
	assert_int_equal(starts("192.0.2.8", "alice", 10), 3);
	now += 5 * MINUTE - 1;
	assert_int_equal(starts("192.0.2.7", "alice", 10), 0);
	now += 1;
	assert_int_equal(starts("192.0.2.7", "alice", 10), 3); /* what was refused did not count */
}

static void test_off(void **state)
{
	struct stat st;

	(void)state;
	fresh("off");
	assert_int_equal(starts("192.0.2.7", "alice", 100), 100);
	assert_int_equal(stat(dir, &st), -1); /* nothing is even made */
}

static void test_sections_apart(void **state)
{
	(void)state;
	fresh("3/5m");
	assert_int_equal(starts("192.0.2.7", "alice", 10), 3);
	strcpy(conf.section, "gate");
	assert_int_equal(starts("192.0.2.7", "alice", 10), 3);
}

static void test_networks(void **state)
{
	static const struct {
		const char *first, *second;
		bool same;
	} rows[] = {
		{ "2001:db8:0:1::7", "2001:db8:0:1:ffff::8", true },
		{ "2001:db8:0:1::7", "2001:db8:0:2::7", false },
		{ "192.0.2.7", "::ffff:192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.8", false },
		{ "::ffff:192.0.2.7", "::ffff:192.0.2.8", false },
		{ "client.example", "client.example", true },
		{ "client.example", "other.example", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fresh("1/5m");
		assert_int_equal(start(far(rows[i].first, "alice")), RATE_LIMIT_FREE);
		if ((start(far(rows[i].second, "alice")) == RATE_LIMIT_REACHED) != rows[i].same)
			fail_msg("%s, %s", rows[i].first, rows[i].second);
	}
}

/* A host that gives neither address nor name: nobody is locked out for all the others. */
static void test_no_source(void **state)
{
	(void)state;
	fresh("1/5m");
	assert_int_equal(starts("", "alice", 10), 10);
	assert_int_equal(starts(NULL, "alice", 10), 10);
}

/* A greeter that is shown elsewhere says so in its terminal alone; two displays of one machine are one source. */
static void test_remote_greeter(void **state)
{
	struct origin_facts facts = { .rhost = "" };
	struct rate_limit_attempt *attempt = far("", "");

	(void)state;
	attempt->facts = &facts;
	fresh("1/5m");
	facts.service = "lightdm";
	facts.tty = "192.0.2.9:9";
	assert_int_equal(start(attempt), RATE_LIMIT_FREE);
	facts.tty = "192.0.2.9:10";
	assert_int_equal(start(attempt), RATE_LIMIT_REACHED);
	facts.tty = "192.0.2.10:9";
	assert_int_equal(start(attempt), RATE_LIMIT_FREE);
	facts.tty = ":1"; /* of a VNC server of this machine's: nobody can tell whose */
	assert_int_equal(start(attempt), RATE_LIMIT_FREE);
	facts.tty = ":2";
	assert_int_equal(start(attempt), RATE_LIMIT_REACHED);
	facts.tty = NULL;
	assert_int_equal(start(attempt), RATE_LIMIT_REACHED);
}

/* What another daemon than sshd says may be the client's own word: it uses up nobody's share. */
static void test_said_is_no_address(void **state)
{
	const struct origin_facts facts = { .rhost = "192.0.2.7", .tty = "ftp", .service = "ftpd" };
	struct rate_limit_attempt *attempt = far("", "alice");

	(void)state;
	attempt->facts = &facts;
	fresh("1/5m");
	assert_int_equal(start(attempt), RATE_LIMIT_FREE);
	assert_int_equal(start(attempt), RATE_LIMIT_REACHED);
	assert_int_equal(starts("192.0.2.7", "alice", 2), 1);
}

/* A session's source is the person whose it is, whatever the host says of it, and whatever uids they have. */
static void test_session(void **state)
{
	struct origin_facts facts = { .ruser = "alice", .ruid = 1000, .tty = "pts/0" };
	struct rate_limit_attempt attempt = {
		.origin = ORIGIN_SESSION, .facts = &facts, .person = 1000, .user = "bob"
	};

	(void)state;
	fresh("2/5m");
	attempt.now = now;
	assert_int_equal(start(&attempt), RATE_LIMIT_FREE);
	facts.ruser = "carol";
	facts.tty = "pts/1";
	attempt.user = "dave";
	assert_int_equal(start(&attempt), RATE_LIMIT_FREE);
	assert_int_equal(start(&attempt), RATE_LIMIT_REACHED);
	facts.ruid = 100000; /* in the same slice */
	assert_int_equal(start(&attempt), RATE_LIMIT_REACHED);
	attempt.person = 1001;
	assert_int_equal(start(&attempt), RATE_LIMIT_FREE);
}

static int files_count(off_t *bytes)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, NULL, NULL), files = 0;
	char path[sizeof(dir) + 256 + 2];
	struct stat st;

	*bytes = 0;
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
			files++;
			*bytes += st.st_size;
		}
		free(entries[i]);
	}
	free(entries);
	return files;
}

/* A daemon that asks by a setuid program: its clients are sources of their own, as many as come to sshd. */
static void test_setuid_checker(void **state)
{
	char rhost[32];
	struct origin_facts facts = { .rhost = rhost, .ruid = 33 };
	struct rate_limit_attempt attempt = {
		.origin = ORIGIN_REMOTE, .facts = &facts, .person = 33, .user = "bob"
	};
	off_t bytes;

	(void)state;
	fresh("1/5m");
	attempt.now = now;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 200; i++) {
			snprintf(rhost, sizeof(rhost), "192.0.2.%d", i);
			assert_int_equal(start(&attempt),
					 round == 0 ? RATE_LIMIT_FREE : RATE_LIMIT_REACHED);
		}
	attempt.origin = ORIGIN_SESSION; /* its own su leaves these as they are */
	assert_int_equal(start(&attempt), RATE_LIMIT_FREE);
	attempt.origin = ORIGIN_REMOTE;
	assert_int_equal(start(&attempt), RATE_LIMIT_REACHED);
	assert_int_equal(files_count(&bytes), 2);
}

/* What counts no more of anybody is gone once somebody new comes. */
static void test_files_expire(void **state)
{
	struct origin_facts facts = { .ruid = 1000, .tty = "pts/0" };
	struct rate_limit_attempt attempt = {
		.origin = ORIGIN_SESSION, .facts = &facts, .person = 1000, .user = "bob"
	};
	off_t bytes;

	(void)state;
	fresh("1/1d");
	attempt.now = now;
	for (attempt.person = 1000; attempt.person < 1010; attempt.person++)
		assert_int_equal(start(&attempt), RATE_LIMIT_FREE);
	assert_int_equal(files_count(&bytes), 10);
	attempt.now += 24 * 60 * MINUTE - 1;
	attempt.person = 1000;
	assert_int_equal(start(&attempt), RATE_LIMIT_REACHED);
	attempt.person = 1010;
	assert_int_equal(start(&attempt), RATE_LIMIT_FREE);
	assert_int_equal(files_count(&bytes), 11);
	attempt.now += 1;
	attempt.person = 1011;
	assert_int_equal(start(&attempt), RATE_LIMIT_FREE);
	assert_int_equal(files_count(&bytes), 2);
	assert_int_equal(start(&attempt), RATE_LIMIT_REACHED);
	attempt.person = 1010;
	assert_int_equal(start(&attempt), RATE_LIMIT_REACHED);
}

/* Uids of no account, of which one person can have very many, are counted together, and cost a page or two. */
static void test_strange_uids(void **state)
{
	struct origin_facts facts = { .tty = "pts/0" };
	struct rate_limit_attempt attempt = {
		.origin = ORIGIN_SESSION, .facts = &facts, .stranger = true, .user = "bob"
	};
	off_t bytes;

	(void)state;
	fresh("2/5m");
	attempt.now = now;
	for (uid_t uid = 100000; uid < 100010; uid++) {
		facts.ruid = attempt.person = uid;
		assert_int_equal(start(&attempt),
				 uid < 100002 ? RATE_LIMIT_FREE : RATE_LIMIT_REACHED);
	}
	assert_int_equal(files_count(&bytes), 1);
	assert_true(bytes <= 8192);
	facts.ruid = attempt.person = 1000;
	attempt.stranger = false;
	assert_int_equal(start(&attempt), RATE_LIMIT_FREE);
	assert_int_equal(files_count(&bytes), 2);
	assert_true(bytes <= 2 * 8192);
}

static void test_clock_began_anew(void **state)
{
	(void)state;
	fresh("2/5m");
	assert_int_equal(starts("192.0.2.7", "alice", 5), 2);
	now = 5 * SECOND;
	assert_int_equal(starts("192.0.2.7", "alice", 5), 2);
}

static void test_table_is_bounded(void **state)
{
	char rhost[32];
	struct stat before, after;

	(void)state;
	fresh("1/1h");
	assert_int_equal(starts("192.0.2.7", "alice", 2), 1);
	assert_int_equal(stat(file, &before), 0);
	for (int i = 0; i < TABLE - 1; i++) {
		now++;
		snprintf(rhost, sizeof(rhost), "10.0.%d.%d", i / 256, i % 256);
		assert_int_equal(start(far(rhost, "alice")), RATE_LIMIT_FREE);
	}
	assert_int_equal(starts("192.0.2.7", "alice", 1), 0); /* still there */
	now++;
	assert_int_equal(starts("192.0.2.8", "alice", 2), 1); /* takes the oldest one's place */
	now++;
	assert_int_equal(starts("10.0.0.1", "alice", 1), 0);
	assert_int_equal(starts("192.0.2.7", "alice", 2), 1);
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_true(after.st_size < 256 * 1024);
}

/* ---- many at once ---- */

enum {
	SOURCES = 50,
	EACH = 20,
	PROCESSES = 40,
	MOST = 6,
};

/* Each process takes every PROCESSES-th of the starts, from another point of the list on. */
static void starts_run(int process, unsigned int *free_ones, unsigned int *uncounted)
{
	const int mine = SOURCES * EACH / PROCESSES;
	char rhost[32];

	for (int i = 0; i < mine; i++) {
		int number = ((i + process * 7) % mine * PROCESSES + process) % SOURCES;
		enum rate_limit verdict;

		snprintf(rhost, sizeof(rhost), "192.0.2.%d", number);
		now = 1000 * MINUTE + (process * 37 + i) % 100; /* read before the lock was had */
		verdict = start(far(rhost, "alice"));
		if (verdict == RATE_LIMIT_FREE)
			__atomic_add_fetch(&free_ones[number], 1, __ATOMIC_SEQ_CST);
		if (verdict == RATE_LIMIT_UNCOUNTED)
			__atomic_add_fetch(uncounted, 1, __ATOMIC_SEQ_CST);
	}
}

static void test_exact_among_processes(void **state)
{
	unsigned int *counts =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	(void)state;
	assert_ptr_not_equal(counts, MAP_FAILED);
	fresh("6/5m"); /* the file is not there: they race to make it, too */
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			starts_run(i, counts, &counts[SOURCES]);
			_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_true(wait(&status) > 0 && status == 0);
	assert_int_equal(counts[SOURCES], 0);
	for (int i = 0; i < SOURCES; i++)
		assert_int_equal(counts[i], MOST);
	munmap(counts, 4096);
}

/* ---- nobody is locked out by a stranger ---- */

static void test_strangers_from_everywhere(void **state)
{
	char rhost[32];

	(void)state;
	fresh("6/5m");
	for (int i = 0; i < 2000; i++) {
		snprintf(rhost, sizeof(rhost), "198.51.%d.%d", i / 250, i % 250);
		start(far(rhost, "alice"));
	}
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_FREE);
}

/* From the owner's own address. */
static void test_strangers_next_door(void **state)
{
	struct origin_facts facts = { .tty = "tty1", .service = "login" };
	struct rate_limit_attempt seat = { .origin = ORIGIN_SEAT,
					   .facts = &facts,
					   .user = "alice" };
	struct rate_limit_attempt own = { .origin = ORIGIN_SESSION,
					  .facts = &facts,
					  .user = "alice" };

	(void)state;
	fresh("6/5m");
	assert_int_equal(starts("192.0.2.7", "alice", 50), 6);
	assert_int_equal(start(far("192.0.2.7", "bob")), RATE_LIMIT_REACHED);
	/* In their own session, at a seat. */
	own.now = seat.now = now;
	facts.ruid = 1000;
	assert_int_equal(start(proven(&own)), RATE_LIMIT_FREE);
	for (int i = 0; i < 50; i++)
		assert_int_equal(start(&seat), RATE_LIMIT_FREE);
	/* With a key of theirs: the stranger's starts are not the owner's, who is bounded by their own alone. */
	for (int i = 0; i < 50; i++)
		assert_int_equal(start(proven(far("192.0.2.7", "alice"))),
				 i < 6 ? RATE_LIMIT_FREE : RATE_LIMIT_REACHED);
	assert_int_equal(start(proven(far("192.0.2.7", "bob"))), RATE_LIMIT_FREE);
}

/* Names of any length and bytes. */
static void test_hostile_names(void **state)
{
	char *name = malloc(100001);

	(void)state;
	memset(name, 'a', 100000);
	name[100000] = '\0';
	fresh("1/5m");
	assert_int_equal(start(far(name, name)), RATE_LIMIT_FREE);
	assert_int_equal(start(far(name, name)), RATE_LIMIT_REACHED);
	assert_int_equal(start(far("\n\x1b|%s%n\xff", "\n|%n")), RATE_LIMIT_FREE);
	assert_int_equal(start(far("\n\x1b|%s%n\xff", "\n|%n")), RATE_LIMIT_REACHED);
	free(name);
}

/* ---- the file ---- */

static void test_made(void **state)
{
	struct stat st;

	(void)state;
	umask(022);
	fresh("1/5m");
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_FREE);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	umask(0777); /* the caller's, who asks first */
	fresh("1/5m");
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_FREE);
	umask(022);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(file, &st), 0); /* or a login without capabilities could not count */
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* Neither a name nor an address can be read there. */
static void test_keeps_hashes(void **state)
{
	static char bytes[256 * 1024];
	FILE *stream;
	size_t len;

	(void)state;
	fresh("1/5m");
	assert_int_equal(start(far("client.example", "alice")), RATE_LIMIT_FREE);
	stream = fopen(file, "r");
	assert_non_null(stream);
	len = fread(bytes, 1, sizeof(bytes), stream);
	fclose(stream);
	assert_true(len > 1000);
	assert_null(memmem(bytes, len, "alice", 5));
	assert_null(memmem(bytes, len, "example", 7));
}

/* Makes the file of an earlier start something else by COMMAND, with %s the directory. */
static enum rate_limit start_with(const char *command)
{
	char line[512];
	enum rate_limit verdict;

	fresh("1/5m");
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_FREE);
	snprintf(line, sizeof(line), "cd %s && { %s; }", top, command);
	assert_int_equal(setenv("DIR", dir, 1), 0);
	assert_int_equal(system(line), 0);
	verdict = start(far("192.0.2.8", "alice"));
	return verdict;
}

static void test_not_believed(void **state)
{
	static const char *const commands[] = {
		"mv $DIR $DIR.real && ln -s $DIR.real $DIR",
		"chmod 0775 $DIR",
		"chmod 0757 $DIR",
		"rm -r $DIR && : >$DIR",
		"mv $DIR/limits $DIR/x && ln -s x $DIR/limits",
		"ln $DIR/limits $DIR/x",
		"chmod 0620 $DIR/limits",
		"chmod 0604 $DIR/limits",
		"rm $DIR/limits && mkfifo -m 600 $DIR/limits",
		"rm $DIR/limits && mkdir $DIR/limits",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++)
		if (start_with(commands[i]) != RATE_LIMIT_UNCOUNTED)
			fail_msg("%s", commands[i]);
	fresh("1/5m");
	snprintf(dir, sizeof(dir), "%s/not/there", top); /* no parents are made */
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_UNCOUNTED);
}

static void test_others_file(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(start_with("chown 65534 $DIR"), RATE_LIMIT_UNCOUNTED);
	assert_int_equal(start_with("chown 65534 $DIR/limits"), RATE_LIMIT_UNCOUNTED);
}

/* What was cut off, or is another version's, begins anew and counts. */
static void test_begins_anew(void **state)
{
	static const char *const commands[] = {
		": >$DIR/limits",
		"head -c 100 $DIR/limits >x && cat x >$DIR/limits",
		"printf pdc >$DIR/limits",
		"head -c 200000 /dev/urandom >$DIR/limits",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (start_with(commands[i]) != RATE_LIMIT_FREE)
			fail_msg("%s", commands[i]);
		assert_int_equal(start(far("192.0.2.8", "alice")), RATE_LIMIT_REACHED);
	}
}

/* Somebody who keeps the lock costs two seconds, not the login. */
static void test_lock_is_kept(void **state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	int fd;

	(void)state;
	fresh("1/5m");
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_FREE);
	fd = open(file, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	alarm(30);
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_UNCOUNTED);
	alarm(0);
	close(fd);
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_REACHED);
}

/* Whoever called su can stop it while it holds the lock: then they are refused, and nobody else. */
static void test_lock_is_kept_by_the_caller(void **state)
{
	struct origin_facts facts = { .ruid = 1000, .tty = "pts/0" };
	struct rate_limit_attempt bob = {
		.origin = ORIGIN_SESSION, .facts = &facts, .person = 1000, .user = "alice"
	};
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	char own[sizeof(file) + 8];
	int fd;

	(void)state;
	fresh("1/5m");
	bob.now = now;
	assert_int_equal(start(&bob), RATE_LIMIT_FREE);
	snprintf(own, sizeof(own), "%s.1000", file);
	fd = open(own, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	alarm(30);
	assert_int_equal(start(&bob), RATE_LIMIT_BLOCKED);
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_FREE);
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_REACHED);
	bob.person = 1001;
	assert_int_equal(start(&bob), RATE_LIMIT_FREE);
	bob.person = 1000;
	alarm(0);
	close(fd);
	assert_int_equal(start(&bob), RATE_LIMIT_REACHED);
}

/* su's caller chooses its limits: they must not keep it from being counted. */
static void limited_start(int resource, rlim_t most, const struct rate_limit_attempt *attempt,
			  enum rate_limit want)
{
	const struct rlimit limit = { most, most };
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGXFSZ, SIG_IGN);
		setrlimit((__rlimit_resource_t)resource, &limit);
		_exit(start(attempt) == want ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_callers_limits(void **state)
{
	const struct origin_facts facts = { .ruid = 1000, .tty = "pts/0" };
	struct rate_limit_attempt bob = { .origin = ORIGIN_SESSION,
					  .facts = &facts,
					  .user = "alice" };

	(void)state;
	fresh("2/5m");
	assert_int_equal(start(far("192.0.2.7", "alice")), RATE_LIMIT_FREE);
	limited_start(RLIMIT_FSIZE, 0, far("192.0.2.7", "alice"), RATE_LIMIT_FREE);
	limited_start(RLIMIT_FSIZE, 0, far("192.0.2.7", "alice"), RATE_LIMIT_REACHED);
	bob.now = now; /* whose file is not there yet, and nobody else makes it */
	limited_start(RLIMIT_FSIZE, 0, &bob, RATE_LIMIT_BLOCKED);
#ifndef __SANITIZE_ADDRESS__
	limited_start(RLIMIT_AS, 4096, far("192.0.2.7", "alice"), RATE_LIMIT_NO_MEMORY);
#endif
}

/* No descriptor is left behind. */
static void test_leaves_nothing_open(void **state)
{
	int before = dup(0), after;

	(void)state;
	close(before);
	fresh("2/5m");
	for (int i = 0; i < 10; i++)
		start(far("192.0.2.7", "alice"));
	start_with("chmod 0620 $DIR/limits");
	after = dup(0);
	close(after);
	assert_int_equal(after, before);
}

static int top_make(void **state)
{
	(void)state;
	return mkdtemp(top) ? 0 : -1;
}

static int top_remove(void **state)
{
	char line[128];

	(void)state;
	snprintf(line, sizeof(line), "rm -rf %s", top);
	return system(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_sections_apart),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_no_source),
		cmocka_unit_test(test_remote_greeter),
		cmocka_unit_test(test_said_is_no_address),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_strange_uids),
		cmocka_unit_test(test_files_expire),
		cmocka_unit_test(test_setuid_checker),
		cmocka_unit_test(test_clock_began_anew),
		cmocka_unit_test(test_table_is_bounded),
		cmocka_unit_test(test_exact_among_processes),
		cmocka_unit_test(test_strangers_from_everywhere),
		cmocka_unit_test(test_strangers_next_door),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_keeps_hashes),
		cmocka_unit_test(test_not_believed),
		cmocka_unit_test(test_others_file),
		cmocka_unit_test(test_begins_anew),
		cmocka_unit_test(test_lock_is_kept),
		cmocka_unit_test(test_lock_is_kept_by_the_caller),
		cmocka_unit_test(test_callers_limits),
		cmocka_unit_test(test_leaves_nothing_open),
	};

	return cmocka_run_group_tests_name("rate_limit", tests, top_make, top_remove);
}
