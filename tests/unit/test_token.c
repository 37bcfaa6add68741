/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/session/token.c: the file of a session's token is its person's alone, whole at each moment, and no
 * link that stands in its place is followed; what a crash has left goes.
 */
#include "fake_state.h"

#define ID    "0123456789abcdef"
#define OTHER "fedcba9876543210"
#define FILE_ "run/tokens/" ID
#define TOKEN "an-access.token"

static int token_start(void **state)
{
	int failed = state_clear(state);

	return failed || mkdir(path_of("run"), 0755) || mkdir(path_of("run/tokens"), 0711);
}

static bool put(const char *token)
{
	return token_write(ID, token, geteuid());
}

static void holds(const char *name, const char *text)
{
	char bytes[8192] = "";

	assert_true(file_get(name, bytes, sizeof(bytes) - 1) >= 0);
	assert_string_equal(bytes, text);
}

/* No file but the token's own is in its directory. */
static void alone(void)
{
	struct dirent **entries;
	int n = scandir(path_of("run/tokens"), &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.')
			assert_string_equal(entries[i]->d_name, ID);
		free(entries[i]);
	}
	free(entries);
}

/* ---- writing ---- */

static void it_is_written(void **state)
{
	const mode_t umasks[] = { 0, 022, wild_umask() };
	char path[TOKEN_PATH_MAX];
	struct stat st;

	(void)state;
	for (size_t i = 0; i < COUNT(umasks); i++) {
		assert_int_equal(token_start(NULL), 0);
		assert_int_equal(rmdir(path_of("run/tokens")), 0);
		umask(umasks[i]);
		assert_true(put(TOKEN));
		umask(022);
		assert_int_equal(mode_of(FILE_), 0600);
		holds(FILE_, TOKEN "\n");
		assert_int_equal(stat(path_of("run/tokens"), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0711);
		alone();
	}
	token_path(ID, path);
	assert_string_equal(path, path_of(FILE_));
}

/* Whoever has the old one open reads it to its end. */
static void it_is_replaced_whole(void **state)
{
	char bytes[64] = "";
	int old;

	(void)state;
	assert_true(put("first"));
	old = open(path_of(FILE_), O_RDONLY | O_CLOEXEC);
	assert_true(old >= 0);
	assert_true(put("second"));
	holds(FILE_, "second\n");
	assert_int_equal(read(old, bytes, sizeof(bytes) - 1), 6);
	assert_string_equal(bytes, "first\n");
	close(old);
	alone();
}

static void links_are_not_followed(void **state)
{
	static const char *const commands[] = {
		"ln -s ../../victim run/tokens/" ID, "ln -s ../../victim run/tokens/" ID ".new",
		"ln victim run/tokens/" ID,	     "ln victim run/tokens/" ID ".new",
		"mkfifo run/tokens/" ID ".new",
	};
	char line[512];

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		assert_int_equal(token_start(NULL), 0);
		file_put("victim", "untouched", 9, 0640);
		snprintf(line, sizeof(line), "cd %s && %s", state_top, commands[i]);
		assert_int_equal(system(line), 0);
		assert_true(put(TOKEN));
		holds("victim", "untouched");
		assert_int_equal(mode_of("victim"), 0640);
		holds(FILE_, TOKEN "\n");
		alone();
	}
}

/* It is as it was: neither half of a token nor a file beside it. */
static void it_cannot_be_written(void **state)
{
	bool written[3];

	(void)state;
	assert_true(put("first"));
	disk_is_full(0);
	written[0] = put("second");
	disk_is_full(3);
	written[1] = put("second");
	disk_is_full(6); /* all but the line's end */
	written[2] = put("second");
	disk_is_full(RLIM_INFINITY);
	assert_false(written[0] || written[1] || written[2]);
	holds(FILE_, "first\n");
	alone();
	assert_int_equal(unlink(path_of(FILE_)), 0);
	assert_int_equal(mkdir(path_of(FILE_), 0700), 0);
	assert_false(put("second"));
	assert_int_equal(rmdir(path_of(FILE_)), 0);
	assert_int_equal(mkdir(path_of(FILE_ ".new"), 0700), 0);
	assert_false(put("second"));
	assert_false(is_there(FILE_));
}

static void directories_that_are_none(void **state)
{
	static const char *const commands[] = {
		"chmod 0733 run/tokens",
		"chmod 0751 run/tokens",
		"chmod 0775 run",
		"rm -r run/tokens && mkdir -m 711 elsewhere && ln -s ../elsewhere run/tokens",
		"mv run elsewhere && ln -s elsewhere run",
		"rm -r run/tokens && : >run/tokens",
		"rm -r run && : >run",
	};
	char line[512];
	uid_t uid;

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		assert_int_equal(token_start(NULL), 0);
		assert_true(put("first"));
		assert_true(token_reader(ID, &uid));
		snprintf(line, sizeof(line), "cd %s && %s", state_top, commands[i]);
		assert_int_equal(system(line), 0);
		if (put("second") || token_give(ID, geteuid()) || token_reader(ID, &uid))
			fail_msg("%s", commands[i]);
		token_remove(ID);
		assert_false(is_there("elsewhere/" ID));
	}
}

/* ---- whose it is ---- */

static void owners(void **state)
{
	uid_t uid = 1;

	(void)state;
	assert_false(token_reader(ID, &uid));
	assert_false(token_give(ID, geteuid()));
	assert_true(put(TOKEN));
	assert_true(token_reader(ID, &uid));
	assert_int_equal(uid, geteuid());
	assert_true(token_give(ID, geteuid()));
	assert_int_equal(mode_of(FILE_), 0600);
	assert_int_equal(unlink(path_of(FILE_)), 0);
	file_put("victim", "", 0, 0600);
	assert_int_equal(symlink("../../victim", path_of(FILE_)), 0);
	assert_false(token_reader(ID, &uid));
	assert_false(token_give(ID, geteuid()));
	assert_int_equal(unlink(path_of(FILE_)), 0);
	assert_int_equal(mkfifo(path_of(FILE_), 0600), 0); /* nobody is waited for */
	assert_false(token_give(ID, geteuid()));
	assert_int_equal(unlink(path_of(FILE_)), 0);
	assert_int_equal(mkdir(path_of(FILE_), 0700), 0);
	assert_false(token_give(ID, geteuid()));
}

/* Whether somebody who is not root reads a file in full, and can look around in its directory. */
static int reads(uid_t as)
{
	pid_t child = child_start();

	if (child == 0) {
		char bytes[64];
		DIR *list;
		int fd;

		if (setresgid(as, as, as) != 0 || setresuid(as, as, as) != 0)
			_exit(9);
		fd = open(path_of(FILE_), O_RDONLY);
		list = opendir(path_of("run/tokens"));
		_exit((fd >= 0 && read(fd, bytes, sizeof(bytes)) > 0 ? 1 : 0) | (list ? 2 : 0) |
		      (unlink(path_of(FILE_)) == 0 ? 4 : 0) |
		      (open(path_of(FILE_), O_WRONLY) >= 0 || truncate(path_of(FILE_), 0) == 0 ||
				       chmod(path_of(FILE_), 0600) == 0
			       ? 8
			       : 0));
	}
	return child_end(child);
}

static void given_to_one(void **state)
{
	struct stat st;
	uid_t uid = 0;

	(void)state;
	if (geteuid() != 0) {
		print_message("needs root: to give a file to somebody\n");
		skip();
	}
	assert_true(put(TOKEN));
	assert_int_equal(reads(1000), 0);
	assert_true(token_give(ID, 1000));
	assert_int_equal(stat(path_of(FILE_), &st), 0);
	assert_int_equal(st.st_uid, 0); /* whoever owns it can fill what it lies in */
	assert_int_equal(reads(1000), 1);
	assert_int_equal(reads(1002), 0);
	assert_true(token_give(ID, 1000));  /* a second session of theirs */
	assert_false(token_give(ID, 1002)); /* nobody else's from then on */
	assert_true(token_reader(ID, &uid));
	assert_int_equal(uid, 1000);
	assert_true(token_write(ID, "second", uid)); /* a refresh: it stays theirs */
	assert_int_equal(reads(1000), 1);
	assert_int_equal(reads(1002), 0);
}

/* ---- going ---- */

static void it_is_removed(void **state)
{
	(void)state;
	assert_true(put(TOKEN));
	assert_true(token_write(OTHER, TOKEN, geteuid()));
	token_remove("");
	assert_true(is_there(FILE_));
	token_remove(ID);
	token_remove(ID);
	assert_false(is_there(FILE_));
	assert_true(is_there("run/tokens/" OTHER));
}

static void leftovers_go(void **state)
{
	int kept;

	(void)state;
	assert_int_equal(mkdir(path_of("run/sessions"), 0700), 0);
	kept = open(path_of("run/sessions"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(kept >= 0);
	file_put("run/sessions/" ID ".lock", "", 0, 0600);
	assert_true(put(TOKEN));
	file_put(FILE_ ".new", "half", 4, 0600);
	assert_true(token_write(OTHER, TOKEN, geteuid()));
	file_put("run/tokens/" OTHER ".new", "half", 4, 0600);
	file_put("run/tokens/x", "", 0, 0600);
	file_put("victim", "", 0, 0600);
	assert_int_equal(symlink("../../victim", path_of("run/tokens/y")), 0);
	token_sweep(kept);
	assert_true(is_there(FILE_));
	assert_true(is_there(FILE_ ".new")); /* somebody may be writing it */
	assert_false(is_there("run/tokens/" OTHER));
	assert_false(is_there("run/tokens/" OTHER ".new"));
	assert_false(is_there("run/tokens/x"));
	assert_false(is_there("run/tokens/y"));
	assert_true(is_there("victim"));
	assert_int_equal(unlink(path_of("run/sessions/" ID ".lock")), 0);
	token_sweep(kept);
	assert_false(is_there(FILE_));
	assert_false(is_there(FILE_ ".new"));
	assert_int_equal(chmod(path_of("run/tokens"), 0733), 0);
	token_sweep(kept);
	close(kept);
}

static void nothing_stays_open(void **state)
{
	int before = next_fd();

	directories_that_are_none(state);
	assert_int_equal(token_start(NULL), 0);
	it_cannot_be_written(state);
	assert_int_equal(token_start(NULL), 0);
	leftovers_go(state);
	assert_int_equal(next_fd(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_is_written, token_start),
		cmocka_unit_test_setup(it_is_replaced_whole, token_start),
		cmocka_unit_test_setup(links_are_not_followed, token_start),
		cmocka_unit_test_setup(it_cannot_be_written, token_start),
		cmocka_unit_test_setup(directories_that_are_none, token_start),
		cmocka_unit_test_setup(owners, token_start),
		cmocka_unit_test_setup(given_to_one, token_start),
		cmocka_unit_test_setup(it_is_removed, token_start),
		cmocka_unit_test_setup(leftovers_go, token_start),
		cmocka_unit_test_setup(nothing_stays_open, token_start),
	};

	return cmocka_run_group_tests_name("token", tests, state_make, state_remove);
}
