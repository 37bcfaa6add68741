/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/confined/http.c against a server of one process on loopback, which answers a path with what its
 * row says, byte for byte: bounds of replies, Retry-After, no redirects, which addresses are asked
 * at all, and what each failure is called.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "helper/oauth_client/confined/http.h"
#include "helper/oauth_client/oauth/request.h"
#include "within.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK	     "HTTP/1.1 200 OK\r\n"

enum {
	SOON_MS = 60000,
	SHORT_MS = 300,
	LATER = 1000, /* seconds from now, in a date */
};

/* ---- the server ---- */

/* What is sent for the path "/NAME": HEAD, then BODY times 'x'. */
static const struct row {
	const char *name, *head;
	size_t body;
} rows[] = {
	{ "plain", OK "Content-Type: application/json; charset=utf-8\r\nContent-Length: 3\r\n\r\n",
	  3 },
	{ "refused", "HTTP/1.1 400 Bad\r\nContent-Length: 1\r\n\r\n", 1 },
	{ "elsewhere", "HTTP/1.1 302 Found\r\nLocation: /plain\r\nContent-Length: 0\r\n\r\n", 0 },
	{ "later", "HTTP/1.1 429 Later\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n", 0 },
	{ "Later", "HTTP/1.1 503 Later\r\nretry-after:  0\r\nContent-Length: 0\r\n\r\n", 0 },
	{ "past",
	  "HTTP/1.1 503 Later\r\nRetry-After: Fri, 13 Feb 2009 23:31:30 GMT\r\n"
	  "Content-Length: 0\r\n\r\n",
	  0 },
	{ "never", "HTTP/1.1 503 Later\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", 0 },
	{ "full", OK "Content-Length: 65536\r\n\r\n", 65536 },
	{ "over", OK "Content-Length: 65537\r\n\r\n", 65537 },
	{ "unsaid", OK "\r\n", 65536 },
	{ "unsaid-over", OK "\r\n", 65537 },
	{ "short", OK "Content-Length: 9\r\n\r\n", 3 },
	{ "nothing", "", 0 },
	{ "other", "SSH-2.0-OpenSSH_9.2\r\n", 0 },
};

static int port, dead_port;
static pid_t server;

static void text_send(int fd, const char *text)
{
	send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void many_send(int fd, size_t count, const char *text)
{
	while (count-- > 0)
		text_send(fd, text);
}

/* In pieces that divide no bound; byte by byte, a slow machine would not end within a request's time. */
static void body_send(int fd, size_t len)
{
	char piece[251];

	memset(piece, 'x', sizeof(piece));
	for (size_t part; len > 0; len -= part) {
		part = len < sizeof(piece) ? len : sizeof(piece);
		send(fd, piece, part, MSG_NOSIGNAL);
	}
}

/* What cannot stand in a table. */
static void special_send(int fd, const char *name, const char *request)
{
	char line[256];
	time_t then = time(NULL) + LATER;

	if (strcmp(name, "date") == 0) {
		text_send(fd, "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n");
		strftime(line, sizeof(line), "Retry-After: %a, %d %b %Y %T GMT\r\n\r\n",
			 gmtime(&then));
		text_send(fd, line);
	} else if (strcmp(name, "lines") == 0 || strcmp(name, "wide") == 0) {
		memset(line, 'x', sizeof(line));
		memcpy(line, "X: ", 3);
		strcpy(line + (name[0] == 'l' ? 4 : sizeof(line) - 3), "\r\n");
		text_send(fd, OK);
		many_send(fd, name[0] == 'l' ? 210 : 150, line);
		text_send(fd, "Content-Length: 0\r\n\r\n");
	} else if (strcmp(name, "echo") == 0) {
		snprintf(line, sizeof(line), OK "Content-Length: %zu\r\n\r\n", strlen(request));
		text_send(fd, line);
		text_send(fd, request);
	} else if (strcmp(name, "hang") == 0) {
		char byte;

		while (recv(fd, &byte, 1, 0) > 0) /* until the client goes */
			;
	}
}

static void answer(int fd)
{
	char request[8192] = "", name[32] = "";
	size_t len = 0;
	ssize_t got = 1;

	while (got > 0 && len + 1 < sizeof(request) && strchr("GP", request[0]) &&
	       (!strstr(request, "\r\n\r\n") ||
		(request[0] == 'P' && !strstr(request, "last=field")))) {
		got = recv(fd, request + len, sizeof(request) - 1 - len, 0);
		len += got > 0 ? (size_t)got : 0;
		request[len] = '\0';
	}
	if (sscanf(request, "%*s /%31s ", name) != 1)
		return;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].name, name) == 0) {
			text_send(fd, rows[i].head);
			body_send(fd, rows[i].body);
			return;
		}
	special_send(fd, name, request);
}

static int listener_open(int *out)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*out = ntohs(at.sin_port);
	return fd;
}

static int server_start(void **state)
{
	int fd = listener_open(&port);

	(void)state;
	listener_open(&dead_port); /* bound, and never listened at */
	assert_int_equal(listen(fd, 16), 0);
	server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (;;) {
			int client = accept(fd, NULL, NULL);

			answer(client);
			close(client);
		}
	}
	close(fd);
	return server > 0 ? 0 : -1;
}

static int server_stop(void **state)
{
	(void)state;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return 0;
}

/* ---- the client ---- */

static int channel[2];
static struct wire_draft draft;
static struct wire_message settings;
static struct request request;
static struct reply reply;

static struct http *client(const char *key, const char *value)
{
	struct http *http;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel), 0);
	wire_begin(&draft, "login");
	wire_add(&draft, "http_loopback", "yes");
	wire_add(&draft, key, value);
	if (strcmp(key, "http_loopback") == 0) {
		wire_begin(&draft, "login");
		wire_add(&draft, key, value);
	}
	assert_true(wire_parse(&settings, draft.bytes, draft.len));
	http = http_create(&settings, channel[0]);
	assert_non_null(http);
	return http;
}

static void client_end(struct http *http)
{
	http_destroy(http);
	close(channel[0]);
	close(channel[1]);
}

/* GET of an address in which '@' is the server and '!' a port where nobody listens. */
static bool get(struct http *http, const char *form, int64_t limit)
{
	char url[256] = "";

	for (size_t n = 0; *form; form++) {
		if (*form == '@' || *form == '!')
			n += (size_t)sprintf(url + n, "127.0.0.1:%d",
					     *form == '@' ? port : dead_port);
		else
			url[n++] = *form;
	}
	request_get(&request, url);
	memset(&reply, 0x5a, sizeof(reply));
	return http_fetch(http, &request, limit, &reply);
}

/* NULL trouble: it arrives, with STATUS and LEN bytes. */
static void expect(const char *url, long status, size_t len, const char *trouble)
{
	if (reply.arrived != !trouble ||
	    (trouble && strcmp(reason_name(reply.trouble), trouble) != 0))
		fail_msg("%s: %s", url, reply.arrived ? "arrived" : reason_name(reply.trouble));
	if (!trouble && (reply.status != status || reply.len != len))
		fail_msg("%s: status %ld, %zu bytes", url, reply.status, reply.len);
	assert_true(reply.len <= REPLY_BYTES_MAX && reply.body[reply.len] == '\0');
}

static void test_replies(void **state)
{
	static const struct {
		const char *url;
		long status;
		size_t len;
		long retry_after;
		const char *trouble;
	} table[] = {
		{ "http://@/plain", 200, 3, -1, NULL },
		{ "http://@/refused", 400, 1, -1, NULL },
		{ "http://@/elsewhere", 302, 0, -1, NULL },
		{ "http://@/later", 429, 0, 17, NULL },
		{ "http://@/Later", 503, 0, 0, NULL },
		{ "http://@/past", 503, 0, -1, NULL },
		{ "http://@/never", 503, 0, -1, NULL },
		{ "http://@/full", 200, 65536, -1, NULL },
		{ "http://@/over", 0, 0, -1, "reply_too_long" },
		{ "http://@/unsaid", 200, 65536, -1, NULL },
		{ "http://@/unsaid-over", 0, 0, -1, "reply_too_long" },
		{ "http://@/short", 0, 0, -1, "connection_lost" },
		{ "http://@/nothing", 0, 0, -1, "connection_lost" },
		{ "http://@/other", 0, 0, -1, "transport" },
		{ "http://@/lines", 0, 0, -1, "reply_too_long" },
		{ "http://@/wide", 0, 0, -1, "reply_too_long" },
	};
	struct http *http = client("x", "y");

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_true(get(http, table[i].url, SOON_MS));
		expect(table[i].url, table[i].status, table[i].len, table[i].trouble);
		if (!table[i].trouble && reply.retry_after != table[i].retry_after)
			fail_msg("%s: retry after %ld", table[i].url, reply.retry_after);
		assert_false(reply.timed_out || reply.wrong_clock);
		assert_false(table[i].trouble && reply.ours);
		assert_int_equal(reply.too_long, table[i].trouble && strcmp(table[i].trouble,
									    "reply_too_long") == 0);
	}
	get(http, "http://@/plain", SOON_MS);
	assert_string_equal(reply.content_type, "application/json; charset=utf-8");
	assert_string_equal(reply.body, "xxx");
	get(http, "http://@/past", SOON_MS);
	assert_int_equal(reply.retry_at, 1234567890);
	get(http, "http://@/date", SOON_MS);
	assert_int_equal(reply.retry_after, -1);
	assert_within(reply.retry_at - time(NULL), LATER - 60, LATER);
	client_end(http);
}

static void test_addresses(void **state)
{
	static const struct {
		const char *url, *trouble;
	} table[] = {
		{ "http://!/plain", "connect" },
		{ "https://!/plain", "connect" },
		{ "https://@/plain", "tls" },
		{ "http://localhost/plain", "request_broken" },
		{ "http://10.0.0.1/plain", "request_broken" },
		{ "http://128.0.0.1/plain", "request_broken" },
		{ "http://127.0.0.1.example/plain", "request_broken" },
		{ "http://user@127.0.0.1/plain", "request_broken" },
		{ "http://[::2]/plain", "request_broken" },
		{ "http:///plain", "request_broken" },
		{ "HTTP://127.0.0.1.evil/plain", "request_broken" },
		{ "HTTP:127.0.0.1/plain", "request_broken" },
		{ "ftp://127.0.0.1/plain", "request_broken" },
		{ "file:///etc/passwd", "request_broken" },
		{ "", "request_broken" },
	};
	struct http *http = client("x", "y");

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_true(get(http, table[i].url, SOON_MS));
		expect(table[i].url, 0, 0, table[i].trouble);
		assert_int_equal(reply.ours, strcmp(table[i].trouble, "request_broken") == 0);
	}
	get(http, "http://@/plain", 0);
	expect("no time", 0, 0, "request_broken");
	client_end(http);
	http = client("http_loopback", "no");
	get(http, "http://@/plain", SOON_MS);
	expect("not allowed", 0, 0, "request_broken");
	client_end(http);
	http = client("ca_file", "/nonexistent/ca.pem");
	get(http, "https://@/plain", SOON_MS);
	expect("no CA", 0, 0, "ca_file_unreadable");
	assert_true(reply.ours);
	client_end(http);
}

static void test_post(void **state)
{
	struct http *http = client("x", "y");
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/echo", port);
	request_form(&request, url);
	request_field(&request, "code", "a b");
	request_field(&request, "last", "field");
	assert_true(http_fetch(http, &request, SOON_MS, &reply));
	assert_true(reply.arrived);
	assert_non_null(strstr(reply.body, "POST /echo HTTP/1.1\r\n"));
	assert_non_null(strstr(reply.body, "\r\nContent-Length: 21\r\n"));
	assert_non_null(strstr(reply.body, "\r\nAccept: application/json\r\n"));
	assert_non_null(strstr(reply.body, "\r\nUser-Agent: pam_device_code/"));
	assert_non_null(
		strstr(reply.body, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
	assert_string_equal(strstr(reply.body, "\r\n\r\n") + 4, "code=a%20b&last=field");
	assert_null(strstr(reply.body, "Cookie"));
	client_end(http);
}

/* The environment of a caller names proxies: none is asked. */
static void test_no_proxy(void **state)
{
	char proxy[64];
	struct http *http;

	(void)state;
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", dead_port);
	setenv("http_proxy", proxy, 1);
	setenv("ALL_PROXY", proxy, 1);
	http = client("x", "y");
	get(http, "http://@/plain", SOON_MS);
	expect("proxy of the environment", 200, 3, NULL);
	client_end(http);
	http = client("proxy", proxy);
	get(http, "http://@/plain", SOON_MS);
	expect("proxy of the configuration", 0, 0, "connect");
	client_end(http);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

/* A server that never answers; then the module that goes meanwhile. */
static void test_ends(void **state)
{
	struct http *http = client("x", "y");

	(void)state;
	assert_true(get(http, "http://@/hang", SHORT_MS));
	expect("hang", 0, 0, "timeout");
	assert_true(reply.timed_out && !reply.ours);
	close(channel[1]);
	channel[1] = -1;
	assert_false(get(http, "http://@/hang", SOON_MS));
	assert_false(reply.arrived);
	client_end(http);
}

static void test_origin(void **state)
{
	static const struct {
		const char *url, *origin;
	} table[] = {
		{ "https://id.example", "id.example:443" },
		{ "https://ID.Example:8443/x?y#z", "id.example:8443" },
		{ "http://[::1]/", "[::1]:80" },
		{ "https://id.example@evil.example/", NULL },
		{ "https://:pass@evil.example/", NULL },
		{ "id.example", NULL },
		{ "HTTPS://id.example/", "id.example:443" },
		{ "Http://id.example/", "id.example:80" },
		{ "HTTPS://user@id.example/", NULL },
		{ "https://", NULL },
		{ "https://id.example:99999/", NULL },
	};
	char origin[300];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		bool ok = http_origin(table[i].url, origin, sizeof(origin));

		if (ok != (table[i].origin != NULL) || (ok && strcmp(origin, table[i].origin) != 0))
			fail_msg("%s: %s", table[i].url, ok ? origin : "refused");
	}
	assert_false(http_origin("https://id.example", origin, 14));
	assert_true(http_origin("https://id.example", origin, 15));
	http_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies), cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_post),	cmocka_unit_test(test_no_proxy),
		cmocka_unit_test(test_ends),	cmocka_unit_test(test_origin),
	};

	return cmocka_run_group_tests_name("http", tests, server_start, server_stop);
}
