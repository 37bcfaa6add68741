/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/display/screen.c: which codes and addresses may be shown, and what the screen is made of.
 *
 * Every composed screen, chosen or random, is read back byte by byte (screen_check()): nothing but
 * printable ASCII, line ends and the module's own QR lines may be in it, and the QR lines must say
 * the matrix that went in. SCREEN_RANDOM=N sets the number of random screens (default 20000).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/login/display/screen.h"
#include "within.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEN	    "0123456789"
#define FIFTY	    TEN TEN TEN TEN TEN
#define TWO_HUNDRED FIFTY FIFTY FIFTY FIFTY

/* ---- codes ---- */

static const struct {
	const char *code;
	bool ok;
} code_rows[] = {
	{ "WDJB-MJHT", true },
	{ "wdjbmjht", true },
	{ "0", true },
	{ "A.B_C-D E", true },
	{ "12345678901234567890123456789012", true },
	{ "-- 7 --", true },
	{ NULL, false },
	{ "", false },
	{ " ", false },
	{ "-._ ", false },
	{ "123456789012345678901234567890123", false },
	{ "AB\nCD", false },
	{ "AB\rCD", false },
	{ "AB\tCD", false },
	{ "AB\033[31mCD", false },
	{ "AB\a", false },
	{ "AB\177", false },
	{ "AB\x9b"
	  "31m",
	  false },
	{ "AB\xc2\x9b"
	  "31m",
	  false },
	{ "AB\xe2\x80\xae"
	  "CD",
	  false },
	{ "\xd0\x90\xd0\x92", false },
	{ "AB/CD", false },
	{ "AB:CD", false },
	{ "AB+CD", false },
	{ "{code}", false },
	{ "AB%n", false },
};

static void codes_are_filtered(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(code_rows); i++)
		if (screen_code_ok(code_rows[i].code) != code_rows[i].ok)
			fail_msg("row %zu: %s", i, code_rows[i].code);
}

static void every_byte_of_a_code_is_judged(void **state)
{
	char code[4] = "A.B";

	(void)state;
	for (int c = 1; c < 256; c++) {
		bool ok = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			  (c >= 'a' && c <= 'z') || strchr(" ._-", c);

		code[1] = (char)c;
		assert_int_equal(screen_code_ok(code), ok);
	}
}

/* ---- addresses ---- */

#define IDP "login.example.com"

static const struct {
	const char *uri;
	const char *hosts;
	bool http_loopback;
	bool ok;
} uri_rows[] = {
	/* good */
	{ "https://login.example.com/device", IDP, false, true },
	{ "https://login.example.com", IDP, false, true },
	{ "https://login.example.com?user_code=WDJB-MJHT", IDP, false, true },
	{ "https://login.example.com#here", IDP, false, true },
	{ "https://login.example.com/a%20b?c=d&e=f;g=(h)*,!$+~[]@:", IDP, false, true },
	{ "https://LOGIN.Example.COM/device", IDP, false, true },
	{ "https://login.example.com/device", "LOGIN.EXAMPLE.COM", false, true },
	{ "HTTPS://login.example.com/device", IDP, false, true },
	{ "https://login.example.com/device", "a.example, b.example " IDP, false, true },
	{ "https://login.example.com/device", "  ,, " IDP ",", false, true },
	{ "https://login.example.com/device", "other.example\t" IDP "\ta", false, true },
	{ "https://login.example.com:8443/device", IDP, false, true },
	{ "https://login.example.com:8443/device", IDP ":8443", false, true },
	{ "https://192.0.2.7/d", "192.0.2.7", false, true },
	{ "https://[2001:db8::17]/d", "[2001:db8::17]", false, true },
	{ "https://[2001:DB8::17]:8443/d", "[2001:db8::17]:8443", false, true },
	{ "https://[2001:db8::17]:8443/d", "[2001:db8::17]", false, true },
	{ "https://xn--bcher-kva.example/d", "xn--bcher-kva.example", false, true },
	{ "https://my_idp/d", "my_idp", false, true },

	/* nothing, or no list to be on */
	{ NULL, IDP, false, false },
	{ "", IDP, false, false },
	{ "https://login.example.com/device", NULL, false, false },
	{ "https://login.example.com/device", "", false, false },
	{ "https://login.example.com/device", " , ", false, false },

	/* another scheme, or none */
	{ "http://login.example.com/device", IDP, false, false },
	{ "http://login.example.com/device", IDP, true, false },
	{ "login.example.com/device", IDP, false, false },
	{ "//login.example.com/device", IDP, false, false },
	{ "https:/login.example.com/device", IDP, false, false },
	{ "https:login.example.com/device", IDP, false, false },
	{ "https:///login.example.com/device", IDP, false, false },
	{ "https//login.example.com", IDP, false, false },
	{ "httpss://login.example.com", IDP, false, false },
	{ "ftp://login.example.com/", IDP, false, false },
	{ "javascript://login.example.com/%0aalert(1)", IDP, false, false },
	{ "data:text/html,https://login.example.com/", IDP, false, false },
	{ "file:///etc/passwd", IDP, true, false },
	{ "https://", IDP, false, false },
	{ "https://", "", false, false },
	{ "https:///", "", false, false },

	/* somebody else's host */
	{ "https://evil.example/", IDP, false, false },
	{ "https://evil.example/?login.example.com", IDP, false, false },
	{ "https://evil.example/login.example.com", IDP, false, false },
	{ "https://evil.example#login.example.com", IDP, false, false },
	{ "https://evil.example?https://login.example.com", IDP, false, false },
	{ "https://login.example.com.evil.example/", IDP, false, false },
	{ "https://login.example.com-evil.example/", IDP, false, false },
	{ "https://notlogin.example.com/", IDP, false, false },
	{ "https://example.com/", IDP, false, false },
	{ "https://login.example.co/", IDP, false, false },
	{ "https://login.example.comm/", IDP, false, false },
	{ "https://login.example.com,evil.example/", IDP, false, false },
	{ "https://login.example.com./", IDP, false, false },
	{ "https://login.example.com..evil.example/", IDP, false, false },
	{ "https://loginxexample.com/", IDP, false, false },
	{ "https://0x7f.1/", IDP, false, false },

	/* user information */
	{ "https://login.example.com@evil.example/", IDP, false, false },
	{ "https://login.example.com@80/", IDP, false, false },
	{ "https://login.example.com@2130706433/", IDP, false, false },
	{ "https://evil@login.example.com/", IDP, false, false },
	{ "https://login.example.com:443@evil.example/", IDP, false, false },
	{ "https://:@login.example.com/", IDP, false, false },
	{ "https://@login.example.com/", IDP, false, false },

	/* ports */
	{ "https://login.example.com:/device", IDP, false, false },
	{ "https://login.example.com:123456/device", IDP, false, false },
	{ "https://login.example.com:84x3/device", IDP, false, false },
	{ "https://login.example.com:-1/device", IDP, false, false },
	{ "https://login.example.com::443/device", IDP, false, false },
	{ "https://login.example.com:443:443/device", IDP, false, false },
	{ "https://login.example.com:%34/device", IDP, false, false },
	{ "https://login.example.com:8444/device", IDP ":8443", false, false },
	{ "https://login.example.com:84/device", IDP ":8443", false, false },
	{ "https://login.example.com/device", IDP ":8443", false, false },
	{ "https://:443/", IDP, false, false },

	/* IPv6 */
	{ "https://[2001:db8::18]/d", "[2001:db8::17]", false, false },
	{ "https://[2001:db8::17/d", "[2001:db8::17", false, false },
	{ "https://2001:db8::17/d", "2001:db8::17", false, false },
	{ "https://[]/d", "[]", false, false },
	{ "https://[fe80::1%25eth0]/d", "[fe80::1%25eth0]", false, false },
	{ "https://[login.example.com]/d", IDP, false, false },
	{ "https://[::1]login.example.com/", IDP " [::1]", false, false },
	{ "https://[::1]@login.example.com/", IDP " [::1]", false, false },

	/* other spellings of the host */
	{ "https://login%2eexample.com/", IDP, false, false },
	{ "https://%6cogin.example.com/", IDP, false, false },
	{ "https://login.example.com%00.evil.example/", IDP, false, false },
	{ "https://login.example.com%2f@evil.example/", IDP, false, false },
	{ "https://l\xd0\xbegin.example.com/", IDP, false, false },
	{ "https://b\xc3\xbc"
	  "cher.example/",
	  "b\xc3\xbc"
	  "cher.example",
	  false, false },
	{ "https://login\xe3\x80\x82"
	  "example.com/",
	  IDP, false, false },
	{ "https://login.example.com*/", IDP, false, false },
	{ "https://*/", "*", false, false },
	{ "https://login.example.com;a/", IDP, false, false },
	{ "https://login.example.com&a/", IDP, false, false },

	/* bytes that no address has */
	{ "https://login.example.com\\@evil.example/", IDP, false, false },
	{ "https://evil.example\\.login.example.com/", IDP, false, false },
	{ "https:\\\\login.example.com/", IDP, false, false },
	{ "https://login.example.com/a b", IDP, false, false },
	{ " https://login.example.com/", IDP, false, false },
	{ "https://login.example.com/ ", IDP, false, false },
	{ "https://login.example.com/\n", IDP, false, false },
	{ "https://login.example.com/\nCode: EVIL", IDP, false, false },
	{ "https://login.example.com/\r", IDP, false, false },
	{ "https://login.example.com/\t", IDP, false, false },
	{ "https://login.example.com/\b\b\b", IDP, false, false },
	{ "https://login.example.com/\033[2J", IDP, false, false },
	{ "https://login.example.com/\033]0;x\a", IDP, false, false },
	{ "https://login.example.com/\177", IDP, false, false },
	{ "https://login.example.com/\x9b"
	  "2J",
	  IDP, false, false },
	{ "https://login.example.com/\xc2\x9b"
	  "2J",
	  IDP, false, false },
	{ "https://login.example.com/\xe2\x80\xae"
	  "ecived",
	  IDP, false, false },
	{ "https://login.example.com/\xe2\x81\xa6", IDP, false, false },
	{ "https://login.example.com/\"", IDP, false, false },
	{ "https://login.example.com/'", IDP, false, false },
	{ "https://login.example.com/<b>", IDP, false, false },
	{ "https://login.example.com/^", IDP, false, false },
	{ "https://login.example.com/`id`", IDP, false, false },
	{ "https://login.example.com/{uri}", IDP, false, false },
	{ "https://login.example.com/a|b", IDP, false, false },

	/* length: 26 bytes before the digits */
	{ "https://login.example.com/" TWO_HUNDRED TEN TEN TEN, IDP, false, true },
	{ "https://login.example.com/" TWO_HUNDRED TEN TEN TEN "x", IDP, false, false },
	{ "https://login.example.com/" TWO_HUNDRED TWO_HUNDRED, IDP, false, false },

	/* plain http to this machine, for tests */
	{ "http://127.0.0.1:8080/device", "127.0.0.1:8080", true, true },
	{ "http://127.0.0.1:8080/device", "127.0.0.1", true, true },
	{ "http://127.1.2.3/device", "127.1.2.3", true, true },
	{ "http://[::1]:8080/device", "[::1]:8080", true, true },
	{ "http://localhost:8080/device", "localhost:8080", true, true },
	{ "http://LocalHost/device", "localhost", true, true },
	{ "https://127.0.0.1/device", "127.0.0.1", false, true },
	{ "http://127.0.0.1:8080/device", "127.0.0.1:8080", false, false },
	{ "http://127.0.0.1:8080/device", "127.0.0.1:8081", true, false },
	{ "http://127.0.0.1:8080/device", IDP, true, false },
	{ "http://128.0.0.1/device", "128.0.0.1", true, false },
	{ "http://127.0.0.1.evil.example/", "127.0.0.1.evil.example", true, false },
	{ "http://localhost.evil.example/", "localhost.evil.example", true, false },
	{ "http://127.1/device", "127.1", true, false },
	{ "http://2130706433/device", "2130706433", true, false },
	{ "http://0177.0.0.1/device", "0177.0.0.1", true, false },
	{ "http://0.0.0.0/device", "0.0.0.0", true, false },
	{ "http://[::2]/device", "[::2]", true, false },
	{ "http://[::ffff:127.0.0.1]/device", "[::ffff:127.0.0.1]", true, false },
	{ "http://::1/device", "::1", true, false },
	{ "http://127.0.0.1@evil.example/", "127.0.0.1 evil.example", true, false },
};

static void addresses_are_filtered(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(uri_rows); i++)
		if (screen_uri_ok(uri_rows[i].uri, uri_rows[i].hosts, uri_rows[i].http_loopback,
				  SCREEN_URI_MAX) != uri_rows[i].ok)
			fail_msg("row %zu: %s on %s", i, uri_rows[i].uri, uri_rows[i].hosts);
}

static void every_byte_of_an_address_is_judged(void **state)
{
	char path[] = "https://login.example.com/-x-";
	char host[] = "https://login-example.com/";

	(void)state;
	for (int c = 1; c < 256; c++) {
		bool graphic = c > ' ' && c <= '~' && !strchr("\"'<>\\^`{|}", c);

		path[27] = (char)c;
		assert_int_equal(screen_uri_ok(path, IDP, false, SCREEN_URI_MAX), graphic);
		host[13] = (char)c;
		assert_int_equal(screen_uri_ok(host, IDP, false, SCREEN_URI_MAX), c == '.');
		assert_false(screen_uri_ok(host, "login", true, SCREEN_URI_MAX) &&
			     !strchr("/?#", c));
	}
}

static const struct {
	const char *uri;
	const char *host; /* NULL: there is none */
} host_rows[] = {
	{ "https://login.example.com/device", "login.example.com" },
	{ "https://Login.Example.com:8443?x", "Login.Example.com:8443" },
	{ "http://127.0.0.1:8080", "127.0.0.1:8080" },
	{ "https://[2001:db8::17]:1/", "[2001:db8::17]:1" },
	{ "https://a#b", "a" },
	{ NULL, NULL },
	{ "", NULL },
	{ "https://", NULL },
	{ "https:///a", NULL },
	{ "https://a@b/", NULL },
	{ "https://a:/", NULL },
	{ "https://a:b/", NULL },
	{ "https://a b/", NULL },
	{ "https://[::1/", NULL },
	{ "ldap://a/", NULL },
};

static void hosts_are_found(void **state)
{
	char out[64];

	(void)state;
	for (size_t i = 0; i < COUNT(host_rows); i++) {
		strcpy(out, "before");
		assert_int_equal(screen_uri_host(host_rows[i].uri, out, sizeof(out)),
				 host_rows[i].host != NULL);
		assert_string_equal(out, host_rows[i].host ? host_rows[i].host : "");
	}
	assert_true(screen_uri_host("https://abc/", out, 4));
	assert_false(screen_uri_host("https://abc/", out, 3));
	assert_string_equal(out, "");
	assert_false(screen_uri_host("https://abc/", out, 0));
}

/* ---- names ---- */

static const struct {
	const char *text;
	size_t size;
	const char *shown;
} plain_rows[] = {
	{ "alice", 20, "alice" },
	{ NULL, 20, "" },
	{ "", 20, "" },
	{ "two words", 20, "two words" },
	{ "a\033[31mb", 20, "a?[31mb" },
	{ "a\r\nb\tc\177d", 20, "a??b?c?d" },
	{ "J\xc3\xbcrg", 20, "J??rg" },
	{ "\xe2\x80\xae"
	  "x\x9b",
	  20, "???x?" },
	{ "0123456789", 11, "0123456789" },
	{ "0123456789", 10, "012345..." },
	{ "0123456789", 4, "..." },
	{ "0123456789", 3, "01" },
	{ "0123456789", 1, "" },
};

static void foreign_text_becomes_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(plain_rows); i++) {
		char *out = malloc(plain_rows[i].size);

		assert_non_null(out);
		screen_plain(plain_rows[i].text, out, plain_rows[i].size);
		assert_string_equal(out, plain_rows[i].shown);
		free(out);
	}
	screen_plain("x", NULL, 0);
}

/* ---- the matrix ---- */

static uint64_t random_state = 0x9e3779b97f4a7c15;

static unsigned int random_below(unsigned int bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)(random_state >> 33) % bound;
}

static void matrix_fill(struct screen_matrix *matrix, int width)
{
	matrix->width = width;
	for (int i = 0; i < width * width; i++)
		matrix->dark[i] = random_below(2);
}

static void matrix_is_read(void **state)
{
	static char rows[SCREEN_QR_MAX * SCREEN_QR_MAX + 2];
	struct screen_matrix matrix;
	char width[16];

	(void)state;
	for (int side = 0; side <= SCREEN_QR_MAX + 5; side++) {
		bool ok = side >= 21 && side <= SCREEN_QR_MAX && side % 4 == 1;
		int modules = side * side < (int)sizeof(rows) ? side * side : (int)sizeof(rows) - 1;

		for (int i = 0; i < modules; i++)
			rows[i] = random_below(2) ? '1' : '0';
		rows[modules] = '\0';
		snprintf(width, sizeof(width), "%d", side);
		assert_int_equal(screen_matrix_read(&matrix, width, rows), ok);
		assert_int_equal(matrix.width, ok ? side : 0);
		for (int i = 0; ok && i < modules; i++)
			assert_int_equal(matrix.dark[i], rows[i] == '1');
	}
}

static void wrong_matrices_are_refused(void **state)
{
	static const char *const widths[] = { "",     "2",   "021", "+21", " 21", "21 ",
					      "0x15", "-21", "221", "99",  "2a",  "4294967317" };
	static char rows[22 * 22];
	struct screen_matrix matrix;

	(void)state;
	memset(rows, '1', 21 * 21);
	assert_true(screen_matrix_read(&matrix, "21", rows));
	for (size_t i = 0; i < COUNT(widths); i++) {
		assert_false(screen_matrix_read(&matrix, widths[i], rows));
		assert_int_equal(matrix.width, 0);
	}
	assert_false(screen_matrix_read(&matrix, NULL, rows));
	assert_false(screen_matrix_read(&matrix, "21", NULL));
	assert_false(screen_matrix_read(&matrix, "21", ""));
	assert_false(screen_matrix_read(&matrix, "25", rows));
	assert_false(screen_matrix_read(&matrix, "21", rows + 1));
	rows[200] = '2';
	assert_false(screen_matrix_read(&matrix, "21", rows));
	rows[200] = '1';
	rows[441] = '0';
	assert_false(screen_matrix_read(&matrix, "21", rows));
}

/* ---- reading a screen back ---- */

#define HALVES "\033[38;5;231;48;5;16m"
#define LIGHT  "\033[48;5;231m"
#define DARK   "\033[48;5;16m"
#define RESET  "\033[0m"
#define CLEAR  "\033[H\033[2J\033[3J"

/* true, and AT moves on, if TEXT stands there. */
static bool eat(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

/* One cell of a half-block line: bit 1 the upper module, bit 0 the lower, set: dark. -1: none. */
static int eat_half(const char **at)
{
	if (eat(at, "\xe2\x96\x88"))
		return 0;
	if (eat(at, "\xe2\x96\x80"))
		return 1;
	if (eat(at, "\xe2\x96\x84"))
		return 2;
	return eat(at, " ") ? 3 : -1;
}

static bool expected_dark(const struct screen_matrix *matrix, int row, int column)
{
	row -= SCREEN_QUIET;
	column -= SCREEN_QUIET;
	if (row < 0 || column < 0 || row >= matrix->width || column >= matrix->width)
		return false;
	return matrix->dark[row * matrix->width + column];
}

static void qr_check_half(const struct screen *screen, const char **at)
{
	int side = screen->matrix->width + 2 * SCREEN_QUIET;

	for (int line = 0; line < (side + 1) / 2; line++) {
		if (screen->style == SCREEN_COLOUR)
			assert_true(eat(at, HALVES));
		for (int column = 0; column < side; column++)
			assert_int_equal(eat_half(at),
					 2 * expected_dark(screen->matrix, 2 * line, column) +
						 expected_dark(screen->matrix, 2 * line + 1,
							       column));
		if (screen->style == SCREEN_COLOUR)
			assert_true(eat(at, RESET));
		assert_true(eat(at, "\n"));
	}
}

static void qr_check_full(const struct screen *screen, const char **at)
{
	int side = screen->matrix->width + 2 * SCREEN_QUIET;

	for (int line = 0; line < side; line++) {
		int dark = -1;

		for (int column = 0; column < side; column++) {
			if (eat(at, LIGHT))
				dark = 0;
			else if (eat(at, DARK))
				dark = 1;
			assert_true(eat(at, "  "));
			assert_int_equal(dark, expected_dark(screen->matrix, line, column));
		}
		assert_true(eat(at, RESET));
		assert_true(eat(at, "\n"));
	}
}

/* The text: printable ASCII, no line too wide but for the address. Returns the rows used. */
static int text_check(const struct screen *screen, const char *at, int columns)
{
	int rows = 0;

	for (;;) {
		size_t len = strcspn(at, "\n");

		for (size_t i = 0; i < len; i++)
			if (at[i] < ' ' || at[i] > '~')
				fail_msg("byte 0x%02x on the screen", (unsigned char)at[i]);
		if (len > (size_t)columns) {
			assert_int_equal(len, strlen(screen->uri));
			assert_memory_equal(at, screen->uri, len);
		}
		rows += len > 0 ? (int)((len - 1) / (size_t)columns) + 1 : 1;
		if (at[len] == '\0')
			return rows;
		at += len + 1;
	}
}

/* TEXT without what the layout may put in or take away: spaces and line ends. */
static void squeeze(const char *text, char *out)
{
	for (; *text; text++)
		if (*text != ' ' && *text != '\n')
			*out++ = *text;
	*out = '\0';
}

static void last_lines_check(const struct screen *screen, const char *text, size_t len)
{
	static char got[SCREEN_BYTES_MAX];
	char want[2 * SCREEN_URI_MAX];
	char code[SCREEN_CODE_MAX + 1];
	size_t got_len, want_len;

	squeeze(screen->user_code, code);
	squeeze(text, got);
	snprintf(want, sizeof(want), "Address:%sCode:%s", screen->uri, code);
	got_len = strlen(got);
	want_len = strlen(want);
	assert_true(got_len >= want_len);
	assert_string_equal(got + got_len - want_len, want);
	if (!screen->brief)
		assert_true(strstr(text, screen->uri) != NULL); /* in one piece */
	assert_int_not_equal(text[len - 1], '\n');
}

/* Fails unless TEXT is a screen as screen.h promises it. Returns true if it has a QR code. */
static bool screen_check(const struct screen *screen, const char *text, size_t len)
{
	int columns = screen->columns > 0 && screen->columns < 80 ? screen->columns : 80;
	int rows = screen->rows > 0 ? screen->rows : 24;
	const char *at = text;
	bool qr;
	int used = 0;

	assert_int_equal(strlen(text), len);
	if (screen->clear_first)
		assert_true(eat(&at, CLEAR));
	if (screen->remote) {
		assert_true(eat(&at, "\n"));
		used++;
	}
	qr = *at == '\033' || strncmp(at, "\xe2\x96\x88", 3) == 0;
	if (qr) {
		assert_non_null(screen->matrix);
		assert_true(screen_qr_columns(screen->matrix->width, screen->style) <= columns);
		if (screen->style == SCREEN_FULL)
			qr_check_full(screen, &at);
		else
			qr_check_half(screen, &at);
		used += screen_qr_rows(screen->matrix->width, screen->style);
	}
	used += text_check(screen, at, columns);
	if (qr)
		assert_true(used + SCREEN_ROWS_BELOW <= rows);
	last_lines_check(screen, text, len);
	return qr;
}

static char text_buf[SCREEN_BYTES_MAX];

static bool compose_checked(const struct screen *screen)
{
	size_t len = screen_compose(screen, text_buf, sizeof(text_buf));

	assert_true(len > 0);
	return screen_check(screen, text_buf, len);
}

/* ---- chosen screens ---- */

static const struct screen plain_screen = {
	.user = "alice",
	.host = "tv",
	.service = "login",
	.from = "",
	.asker = "",
	.user_code = "WDJB-MJHT",
	.uri = "https://login.example.com/device",
	.seconds = 600,
	.rows = 24,
	.columns = 80,
};

static void sizes_are_those_of_the_terminal(void **state)
{
	static const struct {
		int width, half_rows, half_columns, full_rows, full_columns;
	} rows[] = {
		{ 25, 15, 29, 29, 58 }, { 29, 17, 33, 33, 66 }, { 33, 19, 37, 37, 74 },
		{ 37, 21, 41, 41, 82 }, { 45, 25, 49, 49, 98 }, { 57, 31, 61, 61, 122 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(screen_qr_rows(rows[i].width, SCREEN_UTF8), rows[i].half_rows);
		assert_int_equal(screen_qr_rows(rows[i].width, SCREEN_COLOUR), rows[i].half_rows);
		assert_int_equal(screen_qr_rows(rows[i].width, SCREEN_FULL), rows[i].full_rows);
		assert_int_equal(screen_qr_columns(rows[i].width, SCREEN_UTF8),
				 rows[i].half_columns);
		assert_int_equal(screen_qr_columns(rows[i].width, SCREEN_COLOUR),
				 rows[i].half_columns);
		assert_int_equal(screen_qr_columns(rows[i].width, SCREEN_FULL),
				 rows[i].full_columns);
	}
}

/* The largest code that is drawn in each style on each terminal; 0: none. */
static const struct {
	int columns, rows;
	int half, half_remote, full;
} fit_rows[] = {
	{ 80, 24, 33, 29, 0 },	 { 80, 25, 33, 29, 0 },	 { 80, 37, 57, 53, 25 },
	{ 132, 50, 73, 73, 33 }, { 40, 20, 0, 0, 0 },	 { 40, 26, 29, 25, 0 },
	{ 0, 0, 33, 29, 0 },	 { 80, 42, 69, 65, 33 }, { 80, 41, 65, 61, 29 },
	{ 36, 60, 29, 29, 0 },	 { 60, 60, 53, 53, 25 },
};

static int largest_drawn(struct screen screen, enum screen_style style)
{
	struct screen_matrix matrix;
	int largest = 0;

	screen.matrix = &matrix;
	screen.style = style;
	for (int width = 21; width <= SCREEN_QR_MAX; width += 4) {
		matrix_fill(&matrix, width);
		if (compose_checked(&screen))
			largest = width;
		else
			assert_non_null(strstr(text_buf, "No QR code"));
	}
	return largest;
}

/* A console's font may change: full blocks where they fit, and half ones only where nothing else does. */
static void half_blocks_are_the_last_resort(void **state)
{
	static const struct {
		int rows;
		bool halves, full_drawn, half_drawn;
	} rows[] = {
		{ 24, true, false, true },  { 24, false, false, false }, { 33, true, false, true },
		{ 37, true, true, false },  { 37, false, true, false },	 { 67, true, true, false },
		{ 12, true, false, false },
	};
	struct screen screen = plain_screen;
	struct screen_matrix matrix;

	(void)state;
	matrix_fill(&matrix, 25);
	screen.matrix = &matrix;
	screen.style = SCREEN_FULL;
	screen.columns = 80;
	for (size_t i = 0; i < COUNT(rows); i++) {
		screen.rows = rows[i].rows;
		screen.halves = rows[i].halves;
		assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
		assert_int_equal(strstr(text_buf, "\033[48;5;16m  ") != NULL, rows[i].full_drawn);
		assert_int_equal(strstr(text_buf, "\033[38;5;231;48;5;16m") != NULL,
				 rows[i].half_drawn);
		assert_int_equal(strstr(text_buf, "No QR code") != NULL,
				 !rows[i].full_drawn && !rows[i].half_drawn);
	}
}

/* One that is blank is lit again. */
static void a_console_wakes(void **state)
{
	struct screen screen = plain_screen;

	(void)state;
	screen.wakes = true;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_null(strstr(text_buf, SCREEN_WAKE));
	screen.clear_first = true;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_ptr_equal(strstr(text_buf, SCREEN_WAKE SCREEN_CLEAR), text_buf);
	assert_true(screen_idle(&screen, false, MESSAGE_COUNT, MESSAGE_COUNT, text_buf,
				sizeof(text_buf)) > 0);
	assert_ptr_equal(strstr(text_buf, SCREEN_WAKE SCREEN_CLEAR), text_buf);
}

static void qr_is_drawn_where_it_fits(void **state)
{
	struct screen remote = plain_screen;
	struct screen local = plain_screen;

	(void)state;
	remote.remote = true;
	remote.from = "192.0.2.77";
	for (size_t i = 0; i < COUNT(fit_rows); i++) {
		local.rows = remote.rows = fit_rows[i].rows;
		local.columns = remote.columns = fit_rows[i].columns;
		assert_int_equal(largest_drawn(local, SCREEN_UTF8), fit_rows[i].half);
		assert_int_equal(largest_drawn(local, SCREEN_COLOUR), fit_rows[i].half);
		assert_int_equal(largest_drawn(local, SCREEN_FULL), fit_rows[i].full);
		assert_int_equal(largest_drawn(remote, SCREEN_UTF8), fit_rows[i].half_remote);
	}
}

static void screen_says_it_all(void **state)
{
	struct screen screen = plain_screen;

	(void)state;
	compose_checked(&screen);
	assert_string_equal(text_buf,
			    "Sign in to tv (login) as alice. You have 10 minutes.\n"
			    "Open the address on a phone or a computer and enter the code.\n"
			    "\n"
			    "Address: https://login.example.com/device\n"
			    "Code:    WDJB-MJHT");
	screen.style = SCREEN_UTF8;
	screen.service = "su";
	screen.asker = "bob";
	screen.seconds = 60;
	screen.user_code = "WDJBMJHT";
	compose_checked(&screen);
	assert_string_equal(text_buf,
			    "bob asks to become alice on tv (su). You have 60 seconds.\n"
			    "Open the address on a phone or a computer and enter the code.\n"
			    "(No QR code could be drawn.)\n"
			    "\n"
			    "Address: https://login.example.com/device\n"
			    "Code:    WDJB MJHT");
	screen.seconds = 119;
	compose_checked(&screen);
	assert_non_null(strstr(text_buf, "You have 119 seconds."));
	screen.style = SCREEN_OFF;
	screen.service = "sshd";
	screen.asker = "";
	screen.user = "";
	screen.from = "2001:db8::17";
	screen.remote = true;
	screen.seconds = 120;
	compose_checked(&screen);
	assert_string_equal(
		text_buf, "\n"
			  "Sign in to tv (sshd). You come from 2001:db8::17.\n"
			  "Only continue if you started this login yourself. You have 2 minutes.\n"
			  "Open the address on a phone or a computer and enter the code.\n"
			  "\n"
			  "Address: https://login.example.com/device\n"
			  "Code:    WDJB MJHT");
}

static void text_follows_the_qr(void **state)
{
	struct screen screen = plain_screen;
	struct screen_matrix matrix;

	(void)state;
	matrix_fill(&matrix, 25);
	screen.matrix = &matrix;
	screen.style = SCREEN_COLOUR;
	assert_true(compose_checked(&screen));
	assert_non_null(strstr(text_buf, "Scan the QR code with your phone"));
	screen.qr_has_code = true;
	assert_true(compose_checked(&screen));
	assert_non_null(strstr(text_buf, "compare the code"));
	screen.columns = 20; /* none fits: nothing may speak of a QR code that is not there */
	assert_false(compose_checked(&screen));
	assert_null(strstr(text_buf, "Scan"));
	assert_null(strstr(text_buf, "compare"));
}

/* The machine waits: nothing but how to begin, or why the last try came to nothing. */
static void idle_screen_says_how_to_begin(void **state)
{
	struct screen screen = { .host = "tv", .user = "", .columns = 80 };
	size_t len = screen_idle(&screen, false, MESSAGE_COUNT, MESSAGE_COUNT, text_buf,
				 sizeof(text_buf));

	(void)state;
	assert_string_equal(
		text_buf,
		"\n"
		"Sign in to tv with your phone.\n"
		"\n"
		"A code will appear here. Scan it or type it in on the phone, and approve.\n");
	assert_int_equal(len, strlen(text_buf));
	screen.user = "alice\033[2J";
	screen.clear_first = true;
	screen_idle(&screen, true, MESSAGE_COUNT, MESSAGE_COUNT, text_buf, sizeof(text_buf));
	assert_string_equal(text_buf, CLEAR
			    "\n"
			    "Sign in to tv as alice?[2J with your phone.\n"
			    "\n"
			    "An address will appear here. Open it, approve, and type the code you "
			    "get.\n");
	screen.user = NULL;
	screen.columns = 40;
	screen_idle(&screen, true, MESSAGE_UNREACHABLE, MESSAGE_COUNT, text_buf, sizeof(text_buf));
	assert_string_equal(text_buf, CLEAR "\n"
					    "Sign in to tv with your phone.\n"
					    "\n"
					    "The sign-in service cannot be reached.\n"
					    "Please try again later.\n");
	for (size_t size = 0; size < len; size++)
		assert_int_equal(screen_idle(&screen, false, MESSAGE_COUNT, MESSAGE_COUNT, text_buf,
					     size),
				 0);
}

static void impossible_matrices_are_not_drawn(void **state)
{
	static const int widths[] = { 0, -1, 1, 20, 22, 58, 74, 77, 1000000 };
	struct screen screen = plain_screen;
	struct screen_matrix matrix;

	(void)state;
	matrix_fill(&matrix, 57);
	screen.matrix = &matrix;
	screen.style = SCREEN_UTF8;
	screen.rows = 1000;
	for (size_t i = 0; i < COUNT(widths); i++) {
		matrix.width = widths[i];
		assert_false(compose_checked(&screen));
		assert_non_null(strstr(text_buf, "(No QR code could be drawn.)"));
	}
}

static void long_codes_are_grouped(void **state)
{
	static const char *const rows[][2] = {
		{ "1", "1" },
		{ "123456", "123456" },
		{ "1234567", "1234 567" },
		{ "WDJBMJHT", "WDJB MJHT" },
		{ "WDJB-MJHT", "WDJB-MJHT" },
		{ "WDJB MJHT", "WDJB MJHT" },
		{ "WDJBMJHTQ", "WDJ BMJ HTQ" },
		{ "123456789012", "1234 5678 9012" },
		{ "ABCD.EFGHIJKL", "ABCD.EFGHIJKL" },
		{ "12345678901234567890123456789012", "1234 5678 9012 3456 7890 1234 5678 9012" },
	};
	struct screen screen = plain_screen;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		screen.user_code = rows[i][0];
		compose_checked(&screen);
		assert_string_equal(strrchr(text_buf, '\n') + 1 + strlen("Code:    "), rows[i][1]);
	}
}

static void names_cannot_lay_out_the_screen(void **state)
{
	struct screen screen = plain_screen;

	(void)state;
	screen.remote = true;
	screen.user = "x\nAddress: https://evil.example/\033[8m";
	screen.from = "{uri}{code} \xe2\x80\xae";
	screen.host = "tv\a";
	screen.service = "a b";
	screen.asker = " \t ";
	compose_checked(&screen);
	assert_non_null(strstr(text_buf, "??? asks to become "
					 "x?Address:?https://evil.example/?[8m on tv? (a?b)."));
	assert_non_null(strstr(text_buf, "{uri}{code}????."));
	screen.asker = NULL;
	screen.user = NULL;
	screen.from = TWO_HUNDRED;
	compose_checked(&screen);
	assert_non_null(strstr(text_buf, FIFTY "0123456789....\n"));
	screen.host = screen.service = screen.from = NULL;
	compose_checked(&screen);
}

static void what_may_not_be_shown_is_not(void **state)
{
	struct screen screen;

	(void)state;
	for (size_t i = 0; i < COUNT(code_rows); i++) {
		if (!code_rows[i].code) /* a screen whose code is typed back */
			continue;
		screen = plain_screen;
		screen.user_code = code_rows[i].code;
		assert_int_equal(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0,
				 code_rows[i].ok);
		assert_int_equal(text_buf[0] != '\0', code_rows[i].ok);
	}
	for (int c = 1; c < 256; c++) {
		char uri[] = "https://login.example.com/-x-";

		uri[27] = (char)c;
		screen = plain_screen;
		screen.uri = uri;
		assert_int_equal(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0,
				 c > ' ' && c <= '~' && !strchr("\"'<>\\^`{|}", c));
	}
	screen.uri = NULL;
	assert_int_equal(screen_compose(&screen, text_buf, sizeof(text_buf)), 0);
	screen.uri = "";
	assert_int_equal(screen_compose(&screen, text_buf, sizeof(text_buf)), 0);
	screen.uri = "https://login.example.com/" TWO_HUNDRED FIFTY;
	assert_int_equal(screen_compose(&screen, text_buf, sizeof(text_buf)), 0);
	assert_string_equal(text_buf, "");
}

static void long_addresses_stay_in_one_piece(void **state)
{
	static const int columns[] = { 20, 40, 79, 80, 132 };
	char uri[SCREEN_URI_MAX + 1];
	struct screen screen = plain_screen;

	(void)state;
	screen.uri = uri;
	for (size_t i = 0; i < COUNT(columns); i++)
		for (int len = 10; len <= SCREEN_URI_MAX; len++) {
			memset(uri, 'a', sizeof(uri));
			memcpy(uri, "https://", 8);
			uri[len] = '\0';
			screen.columns = columns[i];
			compose_checked(&screen);
		}
}

static void short_buffers_refuse(void **state)
{
	struct screen screen = plain_screen;
	struct screen_matrix matrix;
	size_t len;

	(void)state;
	matrix_fill(&matrix, 21);
	screen.matrix = &matrix;
	screen.style = SCREEN_COLOUR;
	len = screen_compose(&screen, text_buf, sizeof(text_buf));
	for (size_t size = 0; size <= len + 3; size++) {
		char *out = malloc(size ? size : 1); /* exact: a sanitizer sees a byte too far */
		size_t got;

		assert_non_null(out);
		out[0] = 'x';
		got = screen_compose(&screen, out, size);
		/* the last line's end is written before it is taken back */
		assert_int_equal(got, size >= len + 2 ? len : 0);
		if (size > 0)
			assert_int_equal(out[got], '\0');
		else
			assert_int_equal(out[0], 'x');
		free(out);
	}
}

/* Nobody can read a screen of three columns, but it must not be anybody's undoing. */
static void tiny_terminals_do_no_harm(void **state)
{
	struct screen screen = plain_screen;
	struct screen_matrix matrix;

	(void)state;
	matrix_fill(&matrix, 21);
	screen.matrix = &matrix;
	screen.style = SCREEN_UTF8;
	for (screen.columns = 1; screen.columns < 20; screen.columns++) {
		size_t len = screen_compose(&screen, text_buf, sizeof(text_buf));

		assert_true(len > 0);
		last_lines_check(&screen, text_buf, len);
	}
}

/* Names as long as can be, sentences around them: everything has its place. */
static void the_longest_screen_fits(void **state)
{
	struct screen screen = plain_screen;
	struct screen_matrix matrix;

	(void)state;
	screen.user = screen.host = screen.service = screen.from = screen.asker = TWO_HUNDRED;
	screen.uri = "https://login.example.com/" TWO_HUNDRED TEN TEN TEN;
	screen.user_code = "12345678901234567890123456789012";
	screen.seconds = 2147483647;
	screen.remote = true;
	screen.rows = 1000;
	screen.matrix = &matrix;
	for (int style = SCREEN_OFF; style <= SCREEN_FULL; style++) {
		matrix_fill(&matrix, style == SCREEN_FULL ? 33 : 57);
		screen.style = (enum screen_style)style;
		assert_int_equal(compose_checked(&screen), style != SCREEN_OFF);
	}
}

/* A host that takes so many bytes, and puts a word in front of the first line. */
static void hosts_have_their_ways(void **state)
{
	struct screen screen = plain_screen;
	struct screen_matrix matrix;

	(void)state;
	matrix_fill(&matrix, 33);
	screen.matrix = &matrix;
	screen.rows = 60;
	screen.style = SCREEN_FULL;
	screen.most = 100000;
	assert_true(compose_checked(&screen));
	screen.most = strlen(text_buf); /* escape sequences make more of it */
	assert_false(compose_checked(&screen));
	assert_non_null(strstr(text_buf, "(No QR code could be drawn.)"));
	assert_non_null(strstr(text_buf, "Open the address"));
	screen.style = SCREEN_COLOUR;
	screen.most = 10000;
	assert_true(compose_checked(&screen));
	screen.most = 1; /* the text is never left out */
	assert_false(compose_checked(&screen));
	screen.prefix = true;
	screen_compose(&screen, text_buf, sizeof(text_buf));
	assert_int_equal(text_buf[0], '\n');
	assert_int_equal(text_buf[1], 'S');
}

/* ---- the short form ---- */

static void short_form_says_it_all(void **state)
{
	struct screen screen = plain_screen;

	(void)state;
	screen.brief = true;
	screen.user = "";
	screen.service = "lightdm";
	screen.style = SCREEN_COLOUR; /* no matter */
	screen.clear_first = true;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_string_equal(text_buf,
			    "Sign in to tv (lightdm). You have 10 minutes.\n"
			    "Open the address on a phone or a computer and enter the code.\n"
			    "\n"
			    "Address: https://login.example.com/device\n"
			    "Code: WDJB-MJHT");
	screen.enter = true;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_non_null(strstr(text_buf, "Press Enter here once you have approved.\n\nAddress"));
	assert_true(screen_idle(&screen, false, MESSAGE_COUNT, MESSAGE_COUNT, text_buf,
				sizeof(text_buf)) > 0);
	assert_string_equal(text_buf, "Sign in to tv with your phone.\n"
				      "\n"
				      "An address and a code will appear here, for your phone.");
}

/* As a dialog takes it, whatever comes: few bytes, narrow lines, nothing but text, the code last. */
static void short_form_check(const struct screen *screen)
{
	size_t len = screen_compose(screen, text_buf, sizeof(text_buf));

	assert_within(len, 1, SCREEN_BRIEF_MAX);
	for (const char *at = text_buf; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		if (strcspn(at, "\n") > SCREEN_BRIEF_WIDTH)
			fail_msg("%s", at);
		for (size_t i = 0; i < strcspn(at, "\n"); i++)
			assert_within(at[i], ' ', '~');
	}
	last_lines_check(screen, text_buf, len);
}

static void longest_short_form_fits(void **state)
{
	struct screen screen = plain_screen;

	(void)state;
	screen.user = screen.host = screen.service = screen.from = screen.asker = TWO_HUNDRED;
	screen.uri = "https://login.example.com/" TWO_HUNDRED TEN TEN TEN;
	screen.user_code = "12345678901234567890123456789012";
	screen.seconds = 2147483647;
	screen.remote = screen.brief = screen.enter = true;
	short_form_check(&screen);
	screen.asker = "";
	short_form_check(&screen);
	/* A whole request in it does not fit beside the text: it is shown without it, or not at all. */
	screen.user_code = NULL;
	screen.uri = "https://login.example.com/" TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED;
	assert_within(screen_compose(&screen, text_buf, sizeof(text_buf)), 1, SCREEN_BARE_MAX);
	assert_memory_equal(text_buf, "Address:\nhttps://", 17);
	screen.uri = "https://login.example.com/" TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED
		TWO_HUNDRED;
	assert_int_equal(screen_compose(&screen, text_buf, sizeof(text_buf)), 0);
	screen.remote = false;
	screen.user = screen.host = screen.service = screen.from = "";
	screen.uri = "https://login.example.com/" TWO_HUNDRED TWO_HUNDRED;
	assert_within(screen_compose(&screen, text_buf, sizeof(text_buf)), 1, SCREEN_BRIEF_MAX);
}

static void one_line_is_one_line(void **state)
{
	struct screen screen = plain_screen;

	(void)state;
	screen.brief = screen.line = screen.enter = screen.remote = screen.clear_first = true;
	screen.style = SCREEN_COLOUR;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_string_equal(text_buf, "Address https://login.example.com/device  Code WDJB-MJHT");
	screen.user_code = NULL;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_string_equal(text_buf, "Address https://login.example.com/device");
	screen.uri = "https://login.example.com/" TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED TWO_HUNDRED;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_null(strchr(text_buf, '\n'));
	assert_true(screen_idle(&screen, false, MESSAGE_COUNT, MESSAGE_COUNT, text_buf,
				sizeof(text_buf)) > 0);
	assert_string_equal(text_buf, "Sign in to tv as alice with your phone.");
	assert_true(screen_idle(&screen, true, MESSAGE_CLOCK, MESSAGE_COUNT, text_buf,
				sizeof(text_buf)) > 0);
	assert_string_equal(text_buf, message_text(NULL, MESSAGE_CLOCK));
}

/* ---- other messages ---- */

/* Columns count, not bytes; and a letter is never cut in two. */
static void other_letters_are_wrapped_by_columns(void **state)
{
	char line[] = "ÄÖÜäöüß ÄÖÜäöüß ÄÖÜäöüß ÄÖÜäöüß ÄÖÜäöüß ÄÖÜäöüß ÄÖÜäöüß ÄÖÜäöüß ÄÖÜäöüß";
	char wide[] =
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十";
	struct messages messages = { { [MESSAGE_OPEN] = line } };
	struct screen screen = plain_screen;

	(void)state;
	screen.style = SCREEN_OFF;
	screen.messages = &messages;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_non_null(strstr(text_buf, line)); /* 71 columns, 134 bytes */
	screen.columns = 40;
	messages.text[MESSAGE_OPEN] = wide;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_non_null(strstr(text_buf, "\n一二三四五六七八九十一二三四五六七八九十\n一二三"));
	screen.columns = 0;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_non_null(strstr(text_buf, wide));
}

static void one_second_is_singular(void **state)
{
	struct screen screen = plain_screen;

	(void)state;
	screen.seconds = 1;
	assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
	assert_non_null(strstr(text_buf, " You have 1 second.\n"));
	for (screen.seconds = 2; screen.seconds < 300; screen.seconds++) {
		assert_true(screen_compose(&screen, text_buf, sizeof(text_buf)) > 0);
		assert_null(strstr(text_buf, " 1 "));
	}
}

/* ---- random screens ---- */

static void random_text(char *out, unsigned int max)
{
	static const char *const hostile[] = {
		"\033[2J", "\033]0;t\a", "\n", "\r", "\t", "\x9b", "\xc2\x9b", "\xe2\x80\xae",
		"{uri}",   "{code}",	 "%s", "%n", " ",  "\177", "\b",       "Code: ",
	};
	unsigned int len = random_below(max + 1);
	unsigned int used = 0;

	while (used < len) {
		const char *piece = hostile[random_below(COUNT(hostile))];

		if (random_below(4) == 0 && used + strlen(piece) <= len) {
			memcpy(out + used, piece, strlen(piece));
			used += (unsigned int)strlen(piece);
		} else {
			out[used++] = (char)(1 + random_below(255));
		}
	}
	out[used] = '\0';
}

static void random_of(char *out, const char *bytes, unsigned int least, unsigned int most)
{
	unsigned int len = least + random_below(most - least + 1);

	for (unsigned int i = 0; i < len; i++)
		out[i] = bytes[random_below((unsigned int)strlen(bytes))];
	out[len] = '\0';
}

static unsigned long random_count(void)
{
	const char *text = getenv("SCREEN_RANDOM");

	return text ? strtoul(text, NULL, 10) : 20000;
}

static void random_screens_are_clean(void **state)
{
	static const char uri_bytes[] = "abcXYZ019-._~:/?#[]@!$&()*+,;=%";
	static struct screen_matrix matrix;
	char names[5][300], code[40] = "A", uri[300] = "https://";
	unsigned long drawn = 0;

	(void)state;
	for (unsigned long i = random_count(); i > 0; i--) {
		struct screen screen = {
			.user = names[0],
			.host = names[1],
			.service = names[2],
			.from = names[3],
			.asker = names[4],
			.user_code = code,
			.uri = uri,
			.seconds = (int)random_below(6000),
			.remote = random_below(2),
			.qr_has_code = random_below(2),
			.clear_first = random_below(2),
			.style = (enum screen_style)random_below(4),
			.rows = (int)random_below(70) - 2,
			.columns = random_below(8) ? 20 + (int)random_below(120) : 0,
		};

		for (int name = 0; name < 5; name++)
			random_text(names[name], random_below(2) ? 20 : 290);
		random_of(code + 1, "ABCxyz019 ._-", 0, 31);
		random_of(uri + 8, uri_bytes, 1, random_below(3) ? 60 : 248);
		if (random_below(8))
			screen.matrix = &matrix;
		matrix_fill(&matrix, 21 + 4 * (int)random_below(10));
		drawn += compose_checked(&screen);
		screen.brief = true;
		screen.enter = random_below(2);
		short_form_check(&screen);
	}
	assert_true(random_count() < 1000 || drawn > random_count() / 20);
}

static void random_bytes_are_refused(void **state)
{
	char code[40], uri[300];
	struct screen screen = plain_screen;

	(void)state;
	screen.user_code = code;
	screen.uri = uri;
	for (unsigned long i = random_count(); i > 0; i--) {
		size_t len;

		strcpy(code, "A");
		strcpy(uri, "https://a/");
		random_text(code + 1, 34);
		random_text(uri + 10, 20);
		len = screen_compose(&screen, text_buf, sizeof(text_buf));
		if (len > 0)
			screen_check(&screen, text_buf, len);
		else
			assert_string_equal(text_buf, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_filtered),
		cmocka_unit_test(every_byte_of_a_code_is_judged),
		cmocka_unit_test(addresses_are_filtered),
		cmocka_unit_test(every_byte_of_an_address_is_judged),
		cmocka_unit_test(hosts_are_found),
		cmocka_unit_test(foreign_text_becomes_plain),
		cmocka_unit_test(matrix_is_read),
		cmocka_unit_test(wrong_matrices_are_refused),
		cmocka_unit_test(sizes_are_those_of_the_terminal),
		cmocka_unit_test(qr_is_drawn_where_it_fits),
		cmocka_unit_test(half_blocks_are_the_last_resort),
		cmocka_unit_test(a_console_wakes),
		cmocka_unit_test(screen_says_it_all),
		cmocka_unit_test(text_follows_the_qr),
		cmocka_unit_test(idle_screen_says_how_to_begin),
		cmocka_unit_test(impossible_matrices_are_not_drawn),
		cmocka_unit_test(long_codes_are_grouped),
		cmocka_unit_test(names_cannot_lay_out_the_screen),
		cmocka_unit_test(what_may_not_be_shown_is_not),
		cmocka_unit_test(long_addresses_stay_in_one_piece),
		cmocka_unit_test(short_buffers_refuse),
		cmocka_unit_test(tiny_terminals_do_no_harm),
		cmocka_unit_test(the_longest_screen_fits),
		cmocka_unit_test(hosts_have_their_ways),
		cmocka_unit_test(short_form_says_it_all),
		cmocka_unit_test(longest_short_form_fits),
		cmocka_unit_test(one_line_is_one_line),
		cmocka_unit_test(other_letters_are_wrapped_by_columns),
		cmocka_unit_test(one_second_is_singular),
		cmocka_unit_test(random_screens_are_clean),
		cmocka_unit_test(random_bytes_are_refused),
	};

	return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
