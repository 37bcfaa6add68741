/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/confined/http.c: every option that libcurl is given, read back and compared with a table that is
 * written down here a second time; an option too many is as wrong as one too few. Then what the
 * callbacks take: body and headers up to their bounds, Retry-After in seconds and as a date.
 *
 * The linker hands each curl_easy_setopt() to this file first. Nothing is sent but a request to a
 * closed port of this machine.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <curl/curl.h>

#include "helper/oauth_client/confined/http.h"
#include "helper/oauth_client/oauth/request.h"

#undef curl_easy_setopt

enum {
	OPTIONS_MAX = 64,
	VALUE_MAX = 200,
};

/* The last value of each option that was set, in the order of the first setting. */
static struct {
	CURLoption option[OPTIONS_MAX];
	char value[OPTIONS_MAX][VALUE_MAX];
	void *pointer[OPTIONS_MAX];
	size_t count;
} seen;

static size_t seen_find(CURLoption option)
{
	size_t i = 0;

	while (i < seen.count && seen.option[i] != option)
		i++;
	assert_true(i < OPTIONS_MAX);
	if (i == seen.count) {
		seen.option[i] = option;
		seen.count++;
	}
	return i;
}

static bool is_text(CURLoption option)
{
	const struct curl_easyoption *easy = curl_easy_option_by_id(option);

	return easy && easy->type == CURLOT_STRING;
}

CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
	size_t i = seen_find(option);
	va_list args;
	CURLcode code;

	va_start(args, option);
	if (option < CURLOPTTYPE_OBJECTPOINT) {
		long number = va_arg(args, long);

		snprintf(seen.value[i], VALUE_MAX, "%ld", number);
		code = __real_curl_easy_setopt(easy, option, number);
	} else {
		void *pointer = va_arg(args, void *);

		seen.pointer[i] = pointer;
		snprintf(seen.value[i], VALUE_MAX, "%s",
			 !pointer	   ? "NULL"
			 : is_text(option) ? (const char *)pointer
					   : "set");
		code = __real_curl_easy_setopt(easy, option, pointer);
	}
	va_end(args);
	if (code != CURLE_OK)
		fail_msg("option %d: %s", (int)option, curl_easy_strerror(code));
	return code;
}

static void *seen_pointer(CURLoption option)
{
	return seen.pointer[seen_find(option)];
}

/* ---- a request that goes nowhere ---- */

static struct request request;
static struct reply reply;
static struct http *http;
static int stop[2];

static void settings_make(struct wire_message *settings, const char *const *pairs)
{
	static struct wire_draft draft;
	static char bytes[WIRE_BYTES_MAX];

	wire_begin(&draft, "login");
	for (; pairs && *pairs; pairs += 2)
		wire_add(&draft, pairs[0], pairs[1]);
	memcpy(bytes, draft.bytes, draft.len);
	assert_true(wire_parse(settings, bytes, draft.len));
}

/* A port on which nobody listens, held while the test runs. */
static int port_closed(int *holder)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	*holder = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*holder, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(*holder, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

static void fetch_nothing(const char *const *pairs, bool post, int64_t limit)
{
	struct wire_message settings;
	char url[64];
	int holder;

	memset(&seen, 0, sizeof(seen));
	settings_make(&settings, pairs);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, stop), 0);
	http = http_create(&settings, stop[0]);
	assert_non_null(http);
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/token", port_closed(&holder));
	if (post) {
		request_form(&request, url);
		request_field(&request, "a", "b");
	} else {
		request_get(&request, url);
	}
	assert_true(http_fetch(http, &request, limit, &reply));
	assert_false(reply.arrived);
	close(holder);
}

static void clear(void)
{
	http_destroy(http);
	http = NULL;
	close(stop[0]);
	close(stop[1]);
}

/* ---- the tables ---- */

struct golden {
	CURLoption option;
	const char *value;
};

#define COMMON                                                                                     \
	{ CURLOPT_FOLLOWLOCATION, "0" }, { CURLOPT_NETRC, "0" }, { CURLOPT_NOSIGNAL, "1" },        \
		{ CURLOPT_SSLVERSION, "6" }, /* TLS 1.2 or newer */                                \
		{ CURLOPT_SSL_VERIFYPEER, "1" }, { CURLOPT_SSL_VERIFYHOST, "2" },                  \
		{ CURLOPT_HTTP_VERSION, "2" }, /* 1.1 */                                           \
		{ CURLOPT_HTTP09_ALLOWED, "0" }, { CURLOPT_ACCEPT_ENCODING, "identity" },          \
		{ CURLOPT_USERAGENT, "pam_device_code/*" }, { CURLOPT_CONNECTTIMEOUT_MS, "8000" }, \
		{ CURLOPT_MAXFILESIZE, "65536" }, { CURLOPT_NOPROGRESS, "1" },                     \
		{ CURLOPT_WRITEFUNCTION, "set" }, { CURLOPT_WRITEDATA, "set" },                    \
		{ CURLOPT_HEADERFUNCTION, "set" }, { CURLOPT_HEADERDATA, "set" },                  \
		{ CURLOPT_READFUNCTION, "set" }, { CURLOPT_READDATA, "set" },                      \
		{ CURLOPT_SEEKFUNCTION, "set" }, { CURLOPT_SEEKDATA, "set" },                      \
		{ CURLOPT_URL, "https://127.0.0.1:*/token" },                                      \
	{                                                                                          \
		CURLOPT_HTTPHEADER, "NULL"                                                         \
	}

static const struct golden plain_get[] = {
	COMMON,
	{ CURLOPT_PROTOCOLS_STR, "https" },
	{ CURLOPT_PROXY, "" }, /* and so none of the environment's */
	{ CURLOPT_CAINFO, "NULL" },
	{ CURLOPT_CAPATH, "/etc/ssl/certs" },
	{ CURLOPT_TIMEOUT_MS, "15000" },
	{ CURLOPT_HTTPGET, "1" },
};

static const struct golden settings_post[] = {
	COMMON,
	{ CURLOPT_PROTOCOLS_STR, "https,http" },
	{ CURLOPT_PROXY, "http://127.0.0.1:1" },
	{ CURLOPT_CAINFO, "/nowhere/ca.pem" },
	{ CURLOPT_CAPATH, "NULL" },
	{ CURLOPT_TIMEOUT_MS, "777" },
	{ CURLOPT_POST, "1" },
	{ CURLOPT_POSTFIELDSIZE, "3" },
};

static bool like(const char *pattern, const char *text)
{
	size_t head = strcspn(pattern, "*");
	const char *tail = pattern + head + (pattern[head] == '*');

	if (pattern[head] == '\0')
		return strcmp(pattern, text) == 0;
	return strncmp(pattern, text, head) == 0 && strlen(text) >= head + strlen(tail) &&
	       strcmp(text + strlen(text) - strlen(tail), tail) == 0;
}

static void golden_check(const struct golden *golden, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;

		while (k < seen.count && seen.option[k] != golden[i].option)
			k++;
		if (k == seen.count || !like(golden[i].value, seen.value[k]))
			fail_msg("%s is %s, should be %s",
				 curl_easy_option_by_id(golden[i].option)->name,
				 k == seen.count ? "not set" : seen.value[k], golden[i].value);
	}
	for (size_t k = 0; k < seen.count; k++) {
		size_t i = 0;

		while (i < count && golden[i].option != seen.option[k])
			i++;
		if (i == count)
			fail_msg("%s is set to %s: nobody said so",
				 curl_easy_option_by_id(seen.option[k])->name, seen.value[k]);
	}
}

static void options_of_a_get(void **state)
{
	struct stat st;

	(void)state;
	if (stat("/etc/ssl/certs", &st) != 0)
		skip();
	fetch_nothing(NULL, false, 60000);
	golden_check(plain_get, sizeof(plain_get) / sizeof(*plain_get));
	clear();
}

static void options_of_a_post(void **state)
{
	static const char *const pairs[] = { "ca_file", "/nowhere/ca.pem", "http_loopback",
					     "yes",	"proxy",	   "http://127.0.0.1:1",
					     NULL };

	(void)state;
	fetch_nothing(pairs, true, 777);
	golden_check(settings_post, sizeof(settings_post) / sizeof(*settings_post));
	clear();
}

/* A body is never sent again: the callback that would rewind it refuses once some of it has gone. */
static void nothing_is_sent_twice(void **state)
{
	curl_seek_callback seek;
	curl_read_callback give;
	char byte;

	(void)state;
	fetch_nothing(NULL, true, 5000);
	seek = (curl_seek_callback)(uintptr_t)seen_pointer(CURLOPT_SEEKFUNCTION);
	give = (curl_read_callback)(uintptr_t)seen_pointer(CURLOPT_READFUNCTION);
	assert_int_equal(seek(seen_pointer(CURLOPT_SEEKDATA), 0, SEEK_SET), CURL_SEEKFUNC_OK);
	assert_int_equal(seek(seen_pointer(CURLOPT_SEEKDATA), 1, SEEK_SET), CURL_SEEKFUNC_FAIL);
	give(&byte, 1, 1, seen_pointer(CURLOPT_READDATA));
	assert_int_equal(seek(seen_pointer(CURLOPT_SEEKDATA), 0, SEEK_SET), CURL_SEEKFUNC_FAIL);
	clear();
}

/* ---- what is taken of a reply ---- */

static size_t body_give(size_t len)
{
	curl_write_callback on_body =
		(curl_write_callback)(uintptr_t)seen_pointer(CURLOPT_WRITEFUNCTION);
	static char bytes[2 * REPLY_BYTES_MAX];

	return on_body(bytes, 1, len, seen_pointer(CURLOPT_WRITEDATA));
}

static size_t header_give(const char *line)
{
	curl_write_callback on_header =
		(curl_write_callback)(uintptr_t)seen_pointer(CURLOPT_HEADERFUNCTION);
	char copy[1024];

	snprintf(copy, sizeof(copy), "%s\r\n", line);
	return on_header(copy, 1, strlen(copy), seen_pointer(CURLOPT_HEADERDATA));
}

static void body_is_bounded(void **state)
{
	(void)state;
	fetch_nothing(NULL, false, 5000);
	assert_int_equal(body_give(REPLY_BYTES_MAX), REPLY_BYTES_MAX);
	assert_int_equal(body_give(1), 0);
	assert_int_equal(reply.len, REPLY_BYTES_MAX);
	clear();
	fetch_nothing(NULL, false, 5000);
	assert_int_equal(body_give(REPLY_BYTES_MAX + 1), 0);
	assert_int_equal(reply.len, 0);
	clear();
}

static void headers_are_bounded(void **state)
{
	char line[1000];
	int lines = 0;

	(void)state;
	fetch_nothing(NULL, false, 5000);
	while (lines < 1000 && header_give("X: y") > 0)
		lines++;
	assert_int_equal(lines, 200);
	clear();
	fetch_nothing(NULL, false, 5000);
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	lines = 0;
	while (lines < 1000 && header_give(line) > 0)
		lines++;
	assert_int_equal(lines, 32 * 1024 / 1001);
	clear();
}

static void retry_after_is_read(void **state)
{
	static const struct {
		const char *line;
		long seconds;
		int64_t moment; /* -1: none */
	} rows[] = {
		{ "Retry-After: 120", 120, -1 },
		{ "retry-after:7", 7, -1 },
		{ "RETRY-AFTER: \t 30", 30, -1 },
		{ "Retry-After: 0", 0, -1 },
		{ "Retry-After: 9223372036854775807", 9223372036854775807, -1 },
		{ "Retry-After: 99999999999999999999999999", 9223372036854775807, -1 },
		{ "Retry-After: -1", -1, -1 },
		{ "Retry-After: soon", -1, -1 },
		{ "Retry-After: 5x", -1, -1 },
		{ "Retry-After:", -1, -1 },
		{ "Retry-After: ", -1, -1 },
		{ "X-Retry-After: 5", -1, -1 },
		{ "Retry-After : 5", -1, -1 },
		{ "Retry-After: Thu, 01 Jan 2015 00:00:00 GMT", -1, 1420070400 },
		{ "Retry-After: Thu, 01 Jan 2099 00:00:00 GMT", -1, 4070908800 },
		{ "Retry-After: 00000000000000000000000000000000000000000000000000000000000000005",
		  -1, -1 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fetch_nothing(NULL, false, 5000);
		header_give(rows[i].line);
		if (reply.retry_after != rows[i].seconds)
			fail_msg("%s: %ld", rows[i].line, reply.retry_after);
		if (reply.retry_at != rows[i].moment)
			fail_msg("%s: at %lld", rows[i].line, (long long)reply.retry_at);
		clear();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_of_a_get),	 cmocka_unit_test(options_of_a_post),
		cmocka_unit_test(nothing_is_sent_twice), cmocka_unit_test(body_is_bounded),
		cmocka_unit_test(headers_are_bounded),	 cmocka_unit_test(retry_after_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
