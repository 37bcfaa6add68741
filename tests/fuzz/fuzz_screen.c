/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is shown. API: screen_compose, screen_uri_ok, screen_uri_host, screen_code_ok, screen_plain,
 * struct screen.
 *
 * The input: eight bytes of choices, then fields: user, host, service, from, asker, code, address,
 * hosts, seven of them any bytes from anywhere. Oracle: the text is made of printable ASCII, ends
 * of lines, the four half blocks, and in the styles that have colours just this module's own
 * sequences, on lines that hold nothing but the QR code; no line but the address's is wider than
 * the terminal; code and address are there, last. An address is shown only where libcurl's reader
 * of addresses, another one than screen.c's, finds the same host and port among those admitted.
 */
#include <curl/curl.h>
#include <strings.h>

#include "fuzz.h"
#include "helper/login/display/screen.h"

#define CODE_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._-"

enum {
	ROOM_MAX = 255 * 16 + 255,
};

/* ---- the address ---- */

/* Host and port as libcurl reads them; false: it cannot, or there is a user in it. */
static bool curl_read(const char *uri, char *host, size_t len, long *port)
{
	CURLU *url = curl_url();
	char *name = NULL, *number = NULL, *user = NULL;
	bool good = curl_url_set(url, CURLUPART_URL, uri, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_HOST, &name, 0) == CURLUE_OK;

	HOLDS(!good || curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_NO_USER);
	if (good) {
		snprintf(host, len, "%s", name);
		*port = curl_url_get(url, CURLUPART_PORT, &number, 0) == CURLUE_OK ? atol(number)
										   : 0;
	}
	curl_free(name);
	curl_free(number);
	curl_free(user);
	curl_url_cleanup(url);
	return good;
}

/* One of HOSTS, read by the same reader, has this host, and this port or none. */
static bool host_listed(const char *hosts, const char *host, long port)
{
	char *text = strdup(hosts), *rest = text, *entry, uri[2048], name[1024];
	bool found = false;
	long wanted;

	if (text)
		text[strcspn(text, "\n")] = '\0'; /* a list ends with its line */
	while ((entry = strsep(&rest, " ,\t"))) {
		snprintf(uri, sizeof(uri), "https://%s/", entry);
		if (!strpbrk(entry, "/?#@\\") && curl_read(uri, name, sizeof(name), &wanted))
			found = found ||
				(strcasecmp(name, host) == 0 && (wanted == 0 || wanted == port));
	}
	free(text);
	return found;
}

static void uri_check(const char *uri, const char *hosts, bool loopback, size_t max)
{
	char host[1100], shown[300];
	long port = 0;

	if (!screen_uri_ok(uri, hosts, loopback, max))
		return;
	HOLDS(strlen(uri) <= max && all_within(uri, '!', '~') && !strpbrk(uri, "\"<>\\^`{|}'"));
	HOLDS(strncasecmp(uri, "https://", 8) == 0 ||
	      (loopback && strncasecmp(uri, "http://", 7) == 0));
	if (curl_read(uri, host, sizeof(host), &port))
		HOLDS(host_listed(hosts, host, port));
	if (screen_uri_host(uri, shown, sizeof(shown)))
		HOLDS(strcasestr(uri, shown) && !strpbrk(shown, "/?#@ "));
}

/* ---- the text ---- */

/* Bytes of the module's own sequence at TEXT, 0 if there is none. */
static size_t own_sequence(const char *text)
{
	static const char *const own[] = { "\033[38;5;231;48;5;16m", "\033[48;5;231m",
					   "\033[48;5;16m", "\033[0m" };

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (strncmp(text, own[i], strlen(own[i])) == 0)
			return strlen(own[i]);
	return 0;
}

static size_t half_block(const char *text)
{
	return strncmp(text, "█", 3) == 0 || strncmp(text, "▀", 3) == 0 ||
			       strncmp(text, "▄", 3) == 0
		       ? 3
		       : 0;
}

/* One line, LEN bytes. Returns how wide it is. */
static int line_check(const char *line, size_t len, enum screen_style style)
{
	bool coloured = false, words = false, blocks = false;
	int width = 0;

	for (size_t i = 0; i < len;) {
		size_t sequence = own_sequence(line + i), block = half_block(line + i);

		coloured = coloured || sequence;
		blocks = blocks || block;
		if (sequence + block == 0) {
			HOLDS(line[i] >= ' ' && line[i] <= '~');
			words = words || line[i] != ' ';
		}
		width += sequence == 0;
		i += sequence + block + (sequence + block == 0);
	}
	HOLDS(!coloured || style == SCREEN_COLOUR || style == SCREEN_FULL);
	HOLDS(!blocks || style == SCREEN_UTF8 || style == SCREEN_COLOUR);
	HOLDS(!words || (!coloured && !blocks));
	if (coloured)
		HOLDS(len > 4 && strncmp(line + len - 4, "\033[0m", 4) == 0);
	return width;
}

/* LETTERS as they stand in TEXT, spaces between or not. */
static bool spells(const char *text, const char *letters)
{
	for (;; text++, letters++) {
		text += strspn(text, " ");
		letters += strspn(letters, " ");
		if (*text != *letters || *text == '\0')
			return *text == *letters;
	}
}

static void text_check(const struct screen *screen, const char *text, int columns)
{
	const char *last = strrchr(text, '\n');

	for (const char *line = text, *end = text; *end; line = end + 1) {
		size_t len = strcspn(line, "\n"), uri = strlen(screen->uri);

		end = line + len;
		HOLDS(len > 0 || line != text || screen->remote);
		if (line_check(line, len, screen->style) > columns)
			HOLDS(len >= uri && strncmp(end - uri, screen->uri, uri) == 0);
	}
	HOLDS(strstr(text, screen->uri));
	if (screen->user_code && columns >= 80)
		HOLDS(last && strncmp(last, "\nCode:", 6) == 0 &&
		      spells(last + 6, screen->user_code));
}

static void compose_check(const struct screen *screen, size_t room)
{
	static char text[SCREEN_BYTES_MAX], other[ROOM_MAX + 64];
	int columns = screen->columns > 0 && screen->columns < 80 ? screen->columns : 80;
	size_t len = screen_compose(screen, text, sizeof(text)), again;

	HOLDS(len == strlen(text) && len < sizeof(text));
	memset(other, 0x5a, sizeof(other));
	again = screen_compose(screen, other, room);
	HOLDS(room == 0 ? again == 0 : again == strlen(other) && again < room);
	for (size_t i = room; i < sizeof(other); i++)
		HOLDS(other[i] == 0x5a);
	if (len == 0)
		return;
	HOLDS(!screen->user_code ||
	      (strspn(screen->user_code, CODE_BYTES) == strlen(screen->user_code) &&
	       screen_code_ok(screen->user_code)));
	HOLDS(all_within(screen->uri, '!', '~'));
	text_check(screen, text, columns);
}

static void plain_check(const char *text, size_t room)
{
	char out[64];

	screen_plain(text, out, room % sizeof(out));
	if (room % sizeof(out) > 0)
		HOLDS(strlen(out) < room % sizeof(out) && all_within(out, ' ', '~'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct screen_matrix matrix;
	struct fuzz f = fuzz_start(data, size);
	unsigned int flags = fuzz_byte(&f), side = fuzz_byte(&f);
	struct screen screen = {
		.style = (enum screen_style)(flags & 3),
		.remote = flags & 4,
		.qr_has_code = flags & 8,
		.rows = (int)fuzz_byte(&f),
		.columns = (int)fuzz_byte(&f),
		.seconds = (int)(fuzz_byte(&f) * fuzz_byte(&f)),
	};
	size_t room = fuzz_byte(&f) * 16 + fuzz_byte(&f);
	const char *hosts;

	if (screen.columns > 0 && screen.columns < 20)
		screen.columns = 20;
	screen.user = fuzz_text(&f);
	screen.host = fuzz_text(&f);
	screen.service = fuzz_text(&f);
	screen.from = fuzz_text(&f);
	screen.asker = fuzz_text(&f);
	screen.user_code = fuzz_text(&f);
	screen.uri = fuzz_text(&f);
	hosts = fuzz_text(&f);
	if (flags & 16)
		screen.user_code = NULL;
	matrix.width = (int)side % 90;
	for (size_t i = 0; i < sizeof(matrix.dark); i++)
		matrix.dark[i] = (i * (side | 1) >> 3) & 1;
	screen.matrix = side > 0 ? &matrix : NULL;
	compose_check(&screen, room);
	plain_check(screen.user, room);
	uri_check(screen.uri, hosts, flags & 32, flags & 64 ? SCREEN_URI_MAX : SCREEN_LONG_URI_MAX);
	fuzz_done(&f);
	return 0;
}
