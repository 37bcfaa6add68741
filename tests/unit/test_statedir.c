/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/session/statedir.c: a directory for secrets is made as it must be, whatever the umask, and what
 * is a link, somebody else's, writable by others or not in memory is none.
 */
#include "fake_state.h"

#include <sys/statvfs.h>

static enum reason reason;

/* Opens it, lets go of it again. */
static bool opens(const char *name, mode_t forbidden)
{
	int fd = statedir_open(path_of(name), 0700, forbidden);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool secret_opens(void)
{
	int fd;

	reason = REASON_NONE;
	fd = statedir_secret("sessions", 0700, 077, &reason);
	if (fd >= 0)
		close(fd);
	assert_int_equal(fd >= 0, reason == REASON_NONE);
	return fd >= 0;
}

static mode_t dir_mode(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(path_of(name), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_uid, geteuid());
	return st.st_mode & 07777;
}

/* ---- what is made ---- */

static void it_is_made(void **state)
{
	const mode_t umasks[] = { 0, 022, 077, wild_umask() };
	static const mode_t modes[] = { 0700, 0755, 0711 };
	char name[32];
	int fd;

	(void)state;
	for (size_t u = 0; u < COUNT(umasks); u++)
		for (size_t m = 0; m < COUNT(modes); m++) {
			snprintf(name, sizeof(name), "dir%zu%zu", u, m);
			umask(umasks[u]);
			fd = statedir_open(path_of(name), modes[m], 022);
			umask(022);
			assert_true(fd >= 0);
			assert_int_equal(dir_mode(name), modes[m]);
			assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
			close(fd);
		}
}

/* What is there already keeps its mode, and is judged by it. */
static void it_is_not_mended(void **state)
{
	static const struct {
		mode_t mode, forbidden;
		bool want;
	} rows[] = {
		{ 0700, 077, true },  { 0710, 077, false },  { 0701, 077, false },
		{ 0704, 077, false }, { 0720, 077, false },  { 0755, 022, true },
		{ 0775, 022, false }, { 0757, 022, false },  { 0711, 066, true },
		{ 0715, 066, false }, { 0731, 066, false },  { 0713, 066, false },
		{ 0741, 066, false }, { 01777, 022, false }, { 02700, 077, true },
	};

	(void)state;
	assert_int_equal(mkdir(path_of("dir"), 0700), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(chmod(path_of("dir"), rows[i].mode), 0);
		if (opens("dir", rows[i].forbidden) != rows[i].want)
			fail_msg("mode %o, forbidden %o", rows[i].mode, rows[i].forbidden);
		assert_int_equal(dir_mode("dir"), rows[i].mode);
	}
}

static void it_is_a_directory(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path_of("real"), 0700), 0);
	assert_int_equal(symlink("real", path_of("link")), 0);
	assert_int_equal(symlink("nowhere", path_of("dangling")), 0);
	assert_int_equal(mkfifo(path_of("fifo"), 0700), 0);
	file_put("file", "", 0, 0700);
	assert_true(opens("real", 077));
	assert_false(opens("link", 077));
	assert_false(opens("dangling", 077));
	assert_false(is_there("nowhere"));
	assert_false(opens("fifo", 077));
	assert_false(opens("file", 077));
	assert_false(opens("not/there", 077)); /* no parents are made */
	assert_false(is_there("not"));
}

static void it_is_ours(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("needs root: directories of another owner\n");
		skip();
	}
	assert_int_equal(mkdir(path_of("dir"), 0700), 0);
	assert_int_equal(chown(path_of("dir"), NOBODY, (gid_t)-1), 0);
	assert_false(opens("dir", 077));
	assert_int_equal(mkdir(path_of("run"), 0755), 0);
	assert_true(secret_opens());
	assert_int_equal(chown(path_of("run/sessions"), NOBODY, (gid_t)-1), 0);
	assert_false(secret_opens());
	assert_string_equal(reason_name(reason), "state_directory_unsafe");
	assert_int_equal(chown(path_of("run/sessions"), 0, (gid_t)-1), 0);
	assert_true(secret_opens());
	assert_int_equal(chown(path_of("run"), NOBODY, (gid_t)-1), 0);
	assert_false(secret_opens());
}

/* ---- what is believed of an open file ---- */

static void a_file_is_ours(void **state)
{
	struct {
		const char *name;
		mode_t kind, forbidden;
		bool want;
	} rows[] = {
		{ "file", S_IFREG, 077, true },	  { "file", S_IFDIR, 077, false },
		{ "dir", S_IFDIR, 077, true },	  { "dir", S_IFREG, 077, false },
		{ "twice", S_IFREG, 077, false }, { "other", S_IFREG, 077, false },
		{ "open", S_IFREG, 077, false },  { "open", S_IFREG, 007, true },
		{ "fifo", S_IFREG, 077, false },
	};

	(void)state;
	file_put("file", "x", 1, 0600);
	file_put("twice", "x", 1, 0600);
	file_put("open", "x", 1, 0640);
	assert_int_equal(link(path_of("twice"), path_of("other")), 0);
	assert_int_equal(mkdir(path_of("dir"), 0700), 0);
	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		int fd = open(path_of(rows[i].name), O_RDONLY | O_NONBLOCK | O_CLOEXEC);

		assert_true(fd >= 0);
		if (statedir_ours(fd, rows[i].kind, rows[i].forbidden) != rows[i].want)
			fail_msg("%s, kind %o", rows[i].name, rows[i].kind);
		close(fd);
	}
	assert_false(statedir_ours(-1, S_IFREG, 0));
}

/* ---- secrets ---- */

static void secrets_are_kept(void **state)
{
	(void)state;
	umask(wild_umask());
	assert_true(secret_opens());
	umask(022);
	assert_int_equal(dir_mode("run"), 0755);
	assert_int_equal(dir_mode("run/sessions"), 0700);
	assert_true(secret_opens());
	file_put("run/sessions/x", "x", 1, 0600);
	assert_true(secret_opens());
	assert_true(is_there("run/sessions/x"));
}

static void secrets_are_not_kept(void **state)
{
	static const char *const commands[] = {
		"chmod 0770 run",
		"chmod 0707 run",
		"chmod 0710 run/sessions",
		"chmod 0702 run/sessions",
		"mv run elsewhere && ln -s elsewhere run",
		"mv run/sessions elsewhere && ln -s ../elsewhere run/sessions",
		"rmdir run/sessions && : >run/sessions && chmod 700 run/sessions",
		"rmdir run/sessions && ln -s /nowhere run/sessions",
		"rm -r run && : >run",
	};
	char line[512];

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		assert_int_equal(state_clear(NULL), 0);
		assert_true(secret_opens());
		snprintf(line, sizeof(line), "cd %s && %s", state_top, commands[i]);
		assert_int_equal(system(line), 0);
		if (secret_opens())
			fail_msg("%s", commands[i]);
		assert_string_equal(reason_name(reason), "state_directory_unsafe");
		assert_int_equal(statedir_secret("sessions", 0700, 077, NULL), -1);
	}
}

/* The state's directory on a disk: the first of these that is one. */
static void secrets_lie_in_memory(void **state)
{
	static const char *const places[] = { "/tmp", "/var/tmp", "." };
	char saved[sizeof(state_path)], disk[sizeof(state_path)], made[sizeof(disk) + 16];
	struct statfs fs = { .f_type = TMPFS_MAGIC };

	(void)state;
	for (size_t i = 0; i < COUNT(places) && fs.f_type == TMPFS_MAGIC; i++) {
		snprintf(disk, sizeof(disk), "%s/test_state.XXXXXX", places[i]);
		assert_int_equal(statfs(places[i], &fs), 0);
	}
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC) {
		print_message("needs a directory that is not in memory\n");
		skip();
	}
	assert_non_null(mkdtemp(disk));
	memcpy(saved, state_path, sizeof(saved));
	memcpy(state_path, disk, sizeof(disk));
	assert_int_equal(chmod(disk, 0755), 0);
	snprintf(made, sizeof(made), "%s/sessions", disk);
	/* None is made, and one that is there does not do. */
	for (int before = 0; before < 2; before++) {
		if (before)
			assert_int_equal(mkdir(made, 0700), 0);
		assert_false(secret_opens());
		assert_string_equal(reason_name(reason), "state_directory_not_in_memory");
		assert_int_equal(rmdir(made), before ? 0 : -1);
	}
	memcpy(state_path, saved, sizeof(saved));
	assert_int_equal(rmdir(disk), 0);
}

static void nothing_stays_open(void **state)
{
	int before = next_fd();

	secrets_are_not_kept(state);
	it_is_a_directory(state);
	assert_int_equal(next_fd(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_is_made, state_clear),
		cmocka_unit_test_setup(it_is_not_mended, state_clear),
		cmocka_unit_test_setup(it_is_a_directory, state_clear),
		cmocka_unit_test_setup(it_is_ours, state_clear),
		cmocka_unit_test_setup(a_file_is_ours, state_clear),
		cmocka_unit_test_setup(secrets_are_kept, state_clear),
		cmocka_unit_test_setup(secrets_are_not_kept, state_clear),
		cmocka_unit_test_setup(secrets_lie_in_memory, state_clear),
		cmocka_unit_test_setup(nothing_stays_open, state_clear),
	};

	return cmocka_run_group_tests_name("statedir", tests, state_make, state_remove);
}
