/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that no HTTP library would be: the first word of the path says how it misbehaves. Prints
 * its port; plain HTTP on 127.0.0.1; a process for each connection; ends with its parent.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int client;

static void put(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(client, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			_exit(0);
		bytes += n;
		len -= (size_t)n;
	}
}

static void say(const char *text)
{
	put(text, strlen(text));
}

#define OK	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

/* TEXT over and over, BYTES in all; 0: without end. */
static void repeat(const char *text, size_t bytes)
{
	static char block[64 * 1024];
	size_t one = strlen(text), len = sizeof(block) / one * one;

	for (size_t i = 0; i < len; i++)
		block[i] = text[i % one];
	for (size_t sent = 0; bytes == 0 || sent < bytes; sent += len)
		put(block, len);
}

static void huge(void)
{
	say(OK "Content-Length: 104857600\r\n\r\n");
	repeat("a", 100 << 20);
}

static void huge_unsaid(void)
{
	say(OK "Connection: close\r\n\r\n{\"a\":\"");
	repeat("a", 100 << 20);
}

static void deep(void)
{
	say(OK "Connection: close\r\n\r\n");
	repeat("[", 200000);
}

static void drip(void)
{
	say(OK "Content-Length: 1000\r\n\r\n");
	for (;;) {
		say("{");
		sleep(1);
	}
}

static void drip_headers(void)
{
	for (const char *at = OK "X-Long: "; *at; at++) {
		put(at, 1);
		usleep(200 * 1000);
	}
	for (;;) {
		say("x");
		sleep(1);
	}
}

static void stalled(void)
{
	pause();
}

static void stalled_body(void)
{
	say(OK "Content-Length: 10\r\n\r\n{");
	pause();
}

static void endless_headers(void)
{
	say(OK);
	repeat("X-More: and more\r\n", 0);
}

static void endless_header(void)
{
	say(OK "X-Long: ");
	repeat("a", 0);
}

static void many_headers(void)
{
	say(OK);
	repeat("X-A: b\r\n", 800000); /* 100,000 lines */
	say("Content-Length: 2\r\n\r\n{}");
}

static void endless_status(void)
{
	say("HTTP/1.1 200 ");
	repeat("a", 0);
}

static void interim(void)
{
	repeat("HTTP/1.1 100 Continue\r\n\r\n", 0);
}

static void early_hints(void)
{
	repeat("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", 0);
}

static void endless_chunks(void)
{
	say(CHUNKED);
	repeat("1\r\na\r\n", 0);
}

static void blank_chunks(void)
{
	say(CHUNKED);
	repeat("1\r\n \r\n", 0);
}

static void huge_chunk(void)
{
	say(CHUNKED "7fffffffffffffff\r\n");
	repeat("a", 0);
}

static void huger_chunk(void)
{
	say(CHUNKED "ffffffffffffffffffffffff\r\n");
	repeat("a", 0);
}

static void bad_chunk(void)
{
	say(CHUNKED "zz\r\n{}\r\n0\r\n\r\n");
}

static void long_extension(void)
{
	say(CHUNKED "2;");
	repeat("a", 0);
}

static void trailers(void)
{
	say(CHUNKED "2\r\n{}\r\n0\r\n");
	repeat("X-T: t\r\n", 0);
}

static void cut(void)
{
	say(OK "Content-Length: 100\r\n\r\n{\"issuer\":");
}

static void cut_headers(void)
{
	say("HTTP/1.1 200 OK\r\nContent-Ty");
}

static void closed(void)
{
}

static void short_length(void)
{
	say(OK "Content-Length: 1\r\n\r\n{\"issuer\":\"x\"}");
}

static void two_lengths(void)
{
	say(OK "Content-Length: 2\r\nContent-Length: 200\r\n\r\n{}");
}

static void bad_length(void)
{
	say(OK "Content-Length: -1\r\n\r\n{}");
}

static void length_overflow(void)
{
	say(OK "Content-Length: 99999999999999999999999999\r\n\r\n{}");
}

static void http09(void)
{
	say("{\"issuer\":\"x\"}");
}

static void garbage(void)
{
	repeat("\x01\xff\x80\n", 0);
}

/* Somebody compresses whatever was asked for: it is read, and counted as it comes out. */
static void gzip_unasked(void)
{
	static const char body[] =
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x2c\x2e\x2e\x4d\x2d\x52\xb2"
		"\x52\xaa\x50\xaa\x05\x00\x80\xab\x69\x49\x0e\x00\x00\x00";

	say(OK "Content-Encoding: gzip\r\nConnection: close\r\n\r\n");
	send(client, body, sizeof(body) - 1, MSG_NOSIGNAL);
}

static void gzip_bomb(void)
{
	static const char body[] =
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x0d\x00\x20\x10\x04\x30\x2b"
		"\xe4\x64\xe0\x87\x81\x95\x0f\x13\xc1\x3b\x36\x18\xda\x9e\xcc\xaa\x3d\x56\x7a\x1a"
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf0\xad\xdc\x07"
		"\xc5\xf9\x46\xc0\xad\x86\x01\x00";

	say(OK "Content-Encoding: gzip\r\nConnection: close\r\n\r\n");
	send(client, body, sizeof(body) - 1, MSG_NOSIGNAL);
}

static void coding_unknown(void)
{
	say(OK "Content-Encoding: x-strange\r\nContent-Length: 2\r\n\r\n{}");
}

/* What begins as such, and is none. */
static void gzip(void)
{
	say(OK "Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
	       "\x1f\x8b\x08");
	repeat("\x02\x03", 60000);
}

static void redirect(void)
{
	say("HTTP/1.1 302 Found\r\nLocation: /good\r\nContent-Length: 0\r\n\r\n");
}

static void redirect_file(void)
{
	say("HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
}

static void authenticate(void)
{
	say("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
}

static void cookies(void)
{
	say("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}");
}

static const struct mode {
	const char *name;
	void (*run)(void);
} modes[] = {
	{ "huge", huge },
	{ "huge_unsaid", huge_unsaid },
	{ "deep", deep },
	{ "drip", drip },
	{ "drip_headers", drip_headers },
	{ "stalled", stalled },
	{ "stalled_body", stalled_body },
	{ "endless_headers", endless_headers },
	{ "endless_header", endless_header },
	{ "many_headers", many_headers },
	{ "endless_status", endless_status },
	{ "interim", interim },
	{ "early_hints", early_hints },
	{ "endless_chunks", endless_chunks },
	{ "blank_chunks", blank_chunks },
	{ "huge_chunk", huge_chunk },
	{ "huger_chunk", huger_chunk },
	{ "bad_chunk", bad_chunk },
	{ "long_extension", long_extension },
	{ "trailers", trailers },
	{ "cut", cut },
	{ "cut_headers", cut_headers },
	{ "closed", closed },
	{ "short_length", short_length },
	{ "two_lengths", two_lengths },
	{ "bad_length", bad_length },
	{ "length_overflow", length_overflow },
	{ "http09", http09 },
	{ "garbage", garbage },
	{ "gzip", gzip },
	{ "gzip_unasked", gzip_unasked },
	{ "gzip_bomb", gzip_bomb },
	{ "coding_unknown", coding_unknown },
	{ "redirect", redirect },
	{ "redirect_file", redirect_file },
	{ "authenticate", authenticate },
	{ "cookies", cookies },
};

enum {
	MODES = sizeof(modes) / sizeof(*modes)
};

static void serve(void)
{
	static char request[16 * 1024];
	const char *at;
	size_t len = 0;
	ssize_t n;

	while (!memmem(request, len, "\r\n\r\n", 4) &&
	       (n = recv(client, request + len, sizeof(request) - 1 - len, 0)) > 0)
		len += (size_t)n;
	fprintf(stderr, "%.*s\n", (int)strcspn(request, "\r\n"), request);
	if (strcasestr(request, "\r\nCookie:") ||
	    (strcasestr(request, "\r\nAccept-Encoding:") &&
	     !strcasestr(request, "\r\nAccept-Encoding: identity\r\n")) ||
	    strcasestr(request, "\r\nAuthorization:"))
		fprintf(stderr, "sent what it should not\n");
	at = strcasestr(request, "\r\nProxy-Authorization: Basic ");
	if (at)
		fprintf(stderr, "proxy password %.*s\n", (int)strcspn(at + 29, "\r\n"), at + 29);
	/* A proxy that says no, by the name that it is to connect to. */
	if (strncmp(request, "CONNECT wants-a-password.", 25) == 0)
		say("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic "
		    "realm=\"corp\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	else if (strncmp(request, "CONNECT refused.", 16) == 0)
		say("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	else if (strncmp(request, "CONNECT ", 8) == 0)
		say("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < MODES; i++) {
		size_t name = strlen(modes[i].name);

		if (strncmp(request, "GET /", 5) == 0 &&
		    strncmp(request + 5, modes[i].name, name) == 0 && request[5 + name] == '/')
			modes[i].run();
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc > 1 && strcmp(argv[1], "--modes") == 0) {
		for (int i = 0; i < MODES; i++)
			printf("%s\n", modes[i].name);
		return 0;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return 1;
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	while ((client = accept(fd, NULL, NULL)) >= 0) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve();
			_exit(0);
		}
		close(client);
	}
	return 0;
}
