/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signer.c: for whom it signs, and for whom not; that the helper has no key once it is there; how often it signs; and
 * what it holds.
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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "helper/oauth_client/signer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ISSUER	     "https://id.example/realm"

enum {
	PEM_MAX = 4096,
	LIFE = 60,
	MORE = 16, /* signatures beside one for each second */
};

static char pem[PEM_MAX], secret[64];
static int key; /* the descriptor of its file; -1: none */
static struct wire_message settings;

static int key_make(void **state)
{
	EVP_PKEY *made = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	BIO *bio = BIO_new(BIO_s_mem());

	(void)state;
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, made, NULL, NULL, 0, NULL, NULL), 1);
	assert_true(BIO_read(bio, pem, PEM_MAX - 1) > 0);
	BIO_free(bio);
	EVP_PKEY_free(made);
	return 0;
}

static void set(const char *name, const char *value)
{
	settings.pair[settings.pairs++] = (struct wire_pair){ name, value };
}

/* Read to its end, as a login's is that gives it to its second helper. */
static void key_give(const char *text, size_t len)
{
	key = memfd_create("key", MFD_CLOEXEC);
	assert_true(key >= 0);
	assert_int_equal(write(key, text, len), len);
}

static void settings_start(const char *auth)
{
	settings = (struct wire_message){ .verb = "login" };
	key = -1;
	snprintf(secret, sizeof(secret), "a secret of more than thirty-two letters");
	set("issuer", ISSUER);
	set("client_id", "kiosk");
	set("sandbox", "best-effort"); /* root's uid alone would not be enough */
	set("token_endpoint_auth_method", auth);
	if (strcmp(auth, "private_key_jwt") == 0)
		key_give(pem, strlen(pem));
	else
		set("client_secret", secret);
}

static pid_t signer_pid(void)
{
	long pid = 0;
	FILE *file = fopen("/proc/thread-self/children", "re");

	assert_non_null(file);
	while (fscanf(file, "%ld", &pid) == 1)
		;
	fclose(file);
	return (pid_t)pid;
}

static void signer_end(void)
{
	pid_t pid = signer_pid();

	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static void test_wanted(void **state)
{
	static const struct {
		const char *auth;
		bool wanted;
	} rows[] = {
		{ "private_key_jwt", true },	  { "client_secret_jwt", true },
		{ "client_secret_basic", false }, { "client_secret_post", false },
		{ "tls_client_auth", false },	  { "none", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		settings_start(rows[i].auth);
		assert_int_equal(signer_wanted(&settings), rows[i].wanted);
	}
	settings.pairs = 0;
	assert_false(signer_wanted(&settings));
}

static void test_audiences(void **state)
{
	static const struct {
		const char *audience;
		bool admitted;
	} rows[] = {
		{ ISSUER, true },
		{ "https://id.example/token", true },
		{ "https://ID.example:443/token", true },
		{ "https://tokens.example/token", true }, /* the section's own endpoint */
		{ "https://tokens.example/other", false },
		{ "https://more.example/x", true }, /* endpoint_hosts */
		{ "https://bank.example/token", false },
		{ "https://id.example.bank.example/token", false },
		{ "https://id.example@bank.example/token", false },
		{ "https://id.example:8443/token", false },
		{ "http://id.example/token", false },
		{ "id.example", false },
		{ "\"}", false },
		{ "", false },
	};

	(void)state;
	settings_start("private_key_jwt");
	set("token_endpoint", "https://tokens.example/token");
	set("endpoint_hosts", "more.example");
	for (size_t i = 0; i < COUNT(rows); i++)
		if (signer_admits(&settings, rows[i].audience) != rows[i].admitted)
			fail_msg("%s", rows[i].audience);
	settings.pairs = 0;
	assert_false(signer_admits(&settings, ISSUER));
}

static void signs(const char *auth)
{
	char first[CLIENT_ASSERTION_MAX], second[CLIENT_ASSERTION_MAX];

	settings_start(auth);
	assert_int_equal(signer_start(&settings, key, 0, LIFE), REASON_NONE);
	assert_true(key < 0 || (fcntl(key, F_GETFD) < 0 && errno == EBADF));
	assert_null(wire_value(&settings, "client_key"));
	assert_int_equal(secret[0] == '\0', strcmp(auth, "private_key_jwt") != 0);
	assert_true(signer_assertion(ISSUER, first));
	assert_true(signer_assertion("https://id.example/token", second));
	assert_string_not_equal(first, second);
	assert_non_null(strchr(strchr(first, '.') + 1, '.'));
	assert_false(signer_assertion("https://bank.example/token", second));
	assert_string_equal(second, "");
	assert_false(signer_assertion("", second));
	assert_true(signer_assertion(ISSUER, second));
	assert_string_not_equal(first, second);
	signer_end();
	assert_false(signer_assertion(ISSUER, second));
}

static void test_the_helper_has_no_key(void **state)
{
	(void)state;
	signs("private_key_jwt");
}

static void test_the_helper_has_no_secret(void **state)
{
	(void)state;
	signs("client_secret_jwt");
}

static void none_signs(const char *what)
{
	char out[CLIENT_ASSERTION_MAX];
	enum reason wrong = signer_start(&settings, key, 0, LIFE);

	if (wrong != REASON_CLIENT_KEY_UNREADABLE)
		fail_msg("%s: %s", what, reason_name(wrong));
	assert_false(signer_assertion(ISSUER, out));
	signer_end();
}

static void test_a_key_that_is_none(void **state)
{
	static char text[WIRE_KEY_MAX + 1];

	(void)state;
	settings_start("private_key_jwt");
	close(key);
	key_give("no key", 6);
	none_signs("a text");
	settings_start("private_key_jwt");
	close(key);
	key_give("", 0);
	none_signs("nothing");
	settings_start("private_key_jwt");
	close(key);
	key = -1;
	none_signs("no descriptor");
	settings_start("private_key_jwt");
	close(key);
	key = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	none_signs("a directory");

	/* A key, and blanks behind it: one byte decides. */
	memset(text, ' ', sizeof(text));
	memcpy(text, pem, strlen(pem));
	settings_start("private_key_jwt");
	close(key);
	key_give(text, WIRE_KEY_MAX + 1);
	none_signs("too long");
	settings_start("private_key_jwt");
	close(key);
	key_give(text, WIRE_KEY_MAX);
	assert_int_equal(signer_start(&settings, key, 0, LIFE), REASON_NONE);
	signer_end();
}

static void test_so_often_and_no_oftener(void **state)
{
	char out[CLIENT_ASSERTION_MAX];
	int signatures = 0;

	(void)state;
	settings_start("private_key_jwt");
	assert_int_equal(signer_start(&settings, key, 0, LIFE), REASON_NONE);
	while (signatures <= LIFE + MORE && signer_assertion(ISSUER, out))
		signatures++;
	assert_int_equal(signatures, LIFE + MORE);
	signer_end();
}

#ifndef UNLIMITED_FOR_TESTS
/* "Seccomp:	2" of /proc/PID/status as 2; -1: it cannot be read. */
static int status_of(pid_t pid, const char *name)
{
	char path[64], line[256];
	int value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			sscanf(line + strlen(name), ":%d", &value);
	if (file)
		fclose(file);
	return value;
}

#endif

static void test_what_it_holds(void **state)
{
	char path[64], blob[] = "a token", proxy[] = "a password";
	int fds = 0;
	pid_t pid;
	DIR *dir;

	(void)state;
	settings_start("private_key_jwt");
	set("token_blob", blob);
	set("proxy_secret", proxy);
	assert_int_equal(signer_start(&settings, key, 0, LIFE), REASON_NONE);
	assert_string_equal(blob, "a token"); /* they are the helper's */
	assert_string_equal(proxy, "a password");
	pid = signer_pid();
	assert_true(pid > 0);
#ifndef UNLIMITED_FOR_TESTS
	if (!getenv("EMULATED")) /* by tests/cross/run: an emulator of user programs has no seccomp */
		assert_int_equal(status_of(pid, "Seccomp"), 2);
#endif
	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	dir = opendir(path);
	while (dir && readdir(dir))
		fds++;
	if (dir)
		closedir(dir);
	else
		print_message("# whoever runs this may not look\n");
	/* Its socket, and what this test had open of 0 to 2, with . and .. */
	assert_true(!dir || fds <= 6);
	signer_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_audiences),
		cmocka_unit_test(test_the_helper_has_no_key),
		cmocka_unit_test(test_the_helper_has_no_secret),
		cmocka_unit_test(test_a_key_that_is_none),
		cmocka_unit_test(test_so_often_and_no_oftener),
		cmocka_unit_test(test_what_it_holds),
	};

	return cmocka_run_group_tests(tests, key_make, NULL);
}
