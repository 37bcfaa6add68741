/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings → what stays open in the sandbox. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "helper/oauth_client/confined/sandbox_allow.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void doors_of(const char *const *pairs, size_t count, struct sandbox_allow *allow)
{
	struct wire_message message = { .verb = "login" };

	for (size_t i = 0; i + 1 < count && pairs[i]; i += 2)
		message.pair[message.pairs++] = (struct wire_pair){ pairs[i], pairs[i + 1] };
	sandbox_allow_read(&message, allow);
}

static void ports_tell(const struct sandbox_allow *allow, char *text, size_t len)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < allow->ports; i++)
		used += (size_t)snprintf(text + used, len - used, "%s%d", i ? " " : "",
					 allow->port[i]);
}

static void test_ports(void **state)
{
	static const struct {
		const char *pairs[9], *ports;
	} rows[] = {
		{ { "issuer", "https://id.example.org" }, "443" },
		{ { "issuer", "https://id.example.org:8443/realms/main" }, "8443" },
		{ { "issuer", "https://[2001:db8::1]" }, "443" },
		{ { "issuer", "https://[2001:db8::1]:444/x" }, "444" },
		{ { "issuer", "http://127.0.0.1:8080" }, "8080" },
		{ { "issuer", "http://127.0.0.1" }, "80" },
		{ { "issuer", "https://a", "base_url", "https://b", "token_endpoint",
		    "https://c:1" },
		  "443 1" },
		{ { "issuer", "https://a:1", "token_endpoint", "{base_url}/token" }, "1" },
		/* no address, or nowhere that requests go */
		{ { "redirect_uri", "https://a:81", "client_id", "kiosk", "scope", "openid" }, "" },
		{ { "issuer", "https://user@a:81" }, "" },
		{ { "issuer", "ftp://a:21" }, "" },
		{ { "issuer", "https://a:99999" }, "" },
		{ { "issuer", "https://a:0" }, "" },
		/* hosts that discovered endpoints may be on */
		{ { "endpoint_hosts", "b" }, "443" },
		{ { "endpoint_hosts", " b:1, c:2 d:1 " }, "1 2" },
		{ { "endpoint_hosts", "[2001:db8::1] [2001:db8::1]:7" }, "443 7" },
		{ { "endpoint_hosts", "b:", "issuer", "https://a:5" }, "5" },
		{ { "endpoint_hosts", "b:-1 c:70000 d:0" }, "" },
		/* a proxy is all there is */
		{ { "proxy", "http://p:3128", "issuer", "https://a" }, "3128" },
		{ { "issuer", "https://a", "proxy", "http://p" }, "1080" },
		{ { "proxy", "https://p" }, "443" },
		{ { "proxy", "p:8080" }, "8080" },
		{ { "proxy", "p" }, "1080" },
		{ { "proxy", "socks5h://user:12@[::1]:9050/" }, "9050" },
		{ { "proxy", "http://user:1@p" }, "1080" },
		{ { "proxy", "", "issuer", "https://a" }, "443" },
	};
	struct sandbox_allow allow;
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		doors_of(rows[i].pairs, COUNT(rows[i].pairs), &allow);
		ports_tell(&allow, text, sizeof(text));
		if (strcmp(text, rows[i].ports) != 0)
			fail_msg("%s %s: \"%s\", not \"%s\"", rows[i].pairs[0], rows[i].pairs[1],
				 text, rows[i].ports);
		assert_true(allow.network);
		assert_null(allow.ca_file);
	}
}

static void test_ca_file(void **state)
{
	const char *pairs[] = { "ca_file", "/etc/ssl/private-ca.pem" };
	struct sandbox_allow allow;

	(void)state;
	doors_of(pairs, COUNT(pairs), &allow);
	assert_string_equal(allow.ca_file, pairs[1]);
	assert_int_equal(allow.ports, 0);
}

/* There is room for more ports than settings have; what is beyond it stays closed. */
static void test_too_many(void **state)
{
	char hosts[SANDBOX_PORTS_MAX * 2 * 8] = "";
	const char *pairs[] = { "endpoint_hosts", hosts };
	struct sandbox_allow allow;

	(void)state;
	for (int i = 1; i <= SANDBOX_PORTS_MAX * 2; i++)
		snprintf(hosts + strlen(hosts), sizeof(hosts) - strlen(hosts), "h:%d ", i);
	doors_of(pairs, COUNT(pairs), &allow);
	assert_int_equal(allow.ports, SANDBOX_PORTS_MAX);
	for (int i = 0; i < SANDBOX_PORTS_MAX; i++)
		assert_int_equal(allow.port[i], i + 1);
}

/* ---- what is enough ---- */

static void test_enough(void **state)
{
	const unsigned int required = SANDBOX_UID | SANDBOX_NO_NEW_PRIVS | SANDBOX_NOT_DUMPABLE |
				      SANDBOX_RLIMITS | SANDBOX_SECCOMP;
	const unsigned int strict = required | SANDBOX_LANDLOCK_FILES | SANDBOX_LANDLOCK_TCP;

	(void)state;
#ifdef UNLIMITED_FOR_TESTS
	skip();
#endif
	assert_true(sandbox_enough(required, "require"));
	assert_true(sandbox_enough(required, NULL));
	assert_true(sandbox_enough(0, "best-effort"));
	assert_true(sandbox_enough(strict, "strict"));
	assert_false(sandbox_enough(required, "strict"));
	for (unsigned int one = 1; one <= SANDBOX_LANDLOCK_SCOPES; one <<= 1) {
		assert_int_equal(sandbox_enough(required & ~one, "require"), !(one & required));
		assert_int_equal(sandbox_enough(required & ~one, NULL), !(one & required));
		assert_int_equal(sandbox_enough(strict & ~one, "strict"), !(one & strict));
	}
}

static void test_told(void **state)
{
	char text[SANDBOX_TEXT_MAX];

	(void)state;
	sandbox_tell(0, text);
	assert_string_equal(text, "");
	sandbox_tell(SANDBOX_SECCOMP | SANDBOX_NO_NEW_PRIVS, text);
	assert_string_equal(text, "no_new_privs,seccomp");
	sandbox_tell(~0U, text);
	assert_string_equal(text, "uid=0,no_new_privs,not_dumpable,rlimits,seccomp,landlock_files,"
				  "landlock_tcp,landlock_scopes,landlock_abi=0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),	 cmocka_unit_test(test_ca_file),
		cmocka_unit_test(test_too_many), cmocka_unit_test(test_enough),
		cmocka_unit_test(test_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
