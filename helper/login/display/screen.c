/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The screen: see screen.h. Everything foreign that a terminal is shown passes through here.
 *
 * Must never let such a byte move the cursor, change a colour, reorder text or break a line; must
 * never do I/O, allocate or read a clock.
 */
#include "screen.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/list.h"
#include "ink.h"
#include "wall.h"

#define DIGITS	  "0123456789"
#define LETTERS	  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define URI_BYTES LETTERS DIGITS "-._~:/?#[]@!$&()*+,;=%" /* RFC 3986, without the quote */

#define HTTPS "https://"
#define HTTP  "http://" /* to this very machine only, for tests */

enum {
	ROWS_UNKNOWN = 24,
	NAME_BYTES = 64,       /* of a name on the screen, its NUL included */
	NAME_BRIEF_BYTES = 32, /* in the short form */
	IN_MINUTES = 120,      /* seconds from which on they are said in minutes */
	CODE_UNGROUPED = 6,    /* a code up to this length is read at a glance */
};

/* ---- what may be shown ---- */

static bool made_of(const char *text, const char *bytes, size_t max)
{
	size_t len = text ? strnlen(text, max + 1) : 0;

	return len > 0 && len <= max && strspn(text, bytes) == len;
}

bool screen_code_ok(const char *code)
{
	return made_of(code, LETTERS DIGITS " ._-", SCREEN_CODE_MAX) &&
	       strpbrk(code, LETTERS DIGITS);
}

void screen_plain(const char *text, char *out, size_t out_len)
{
	size_t len = 0;

	if (out_len == 0)
		return;
	for (; text && text[len] && len + 1 < out_len; len++)
		out[len] = text[len] >= ' ' && text[len] <= '~' ? text[len] : '?';
	if (text && text[len] && len >= 3)
		memcpy(out + len - 3, "...", 3);
	out[len] = '\0';
}

/* A name is one word, so that no typed name can lay out lines of its own. */
static const char *name_plain(const struct screen *screen, const char *name, char out[NAME_BYTES])
{
	screen_plain(name, out, screen->brief ? NAME_BRIEF_BYTES : NAME_BYTES);
	for (char *space = out; (space = strchr(space, ' '));)
		*space = '?';
	return out;
}

/* Letters and digits without a dash are hard to read off and to type. */
void screen_code_group(const char *code, char out[2 * SCREEN_CODE_MAX])
{
	size_t len = strlen(code);
	size_t group = len % 4 != 0 && len % 3 == 0 ? 3 : 4;
	bool grouped = len > CODE_UNGROUPED && made_of(code, LETTERS DIGITS, len);

	for (size_t i = 0; i < len; i++) {
		if (grouped && i > 0 && i % group == 0)
			*out++ = ' ';
		*out++ = code[i];
	}
	*out = '\0';
}

/* ---- addresses ---- */

/* Bytes of the host in the LEN bytes at TEXT, "host" or "host:port"; 0 if they are no such. */
static size_t host_length(const char *text, size_t len)
{
	size_t host = strspn(text, LETTERS DIGITS "-._");

	if (text[0] == '[') {
		host = 1 + strspn(text + 1, DIGITS "abcdefABCDEF:.");
		if (host == 1 || text[host++] != ']')
			return 0;
	}
	if (host >= len)
		return host == len ? host : 0;
	if (text[host] != ':' || len - host < 2 || len - host > 6)
		return 0;
	return strspn(text + host + 1, DIGITS) == len - host - 1 ? host : 0;
}

/* Where host and port, LEN bytes, stand in URI; NULL if it may not be shown. */
static const char *uri_authority(const char *uri, size_t *len)
{
	const char *text = NULL;

	if (!made_of(uri, URI_BYTES, SCREEN_LONG_URI_MAX))
		return NULL;
	if (strncasecmp(uri, HTTPS, strlen(HTTPS)) == 0)
		text = uri + strlen(HTTPS);
	else if (strncasecmp(uri, HTTP, strlen(HTTP)) == 0)
		text = uri + strlen(HTTP);
	*len = text ? strcspn(text, "/?#") : 0;
	return *len > 0 && host_length(text, *len) > 0 ? text : NULL;
}

bool screen_uri_host(const char *uri, char *out, size_t out_len)
{
	size_t len;
	const char *text = uri_authority(uri, &len);

	if (out_len > 0)
		out[0] = '\0';
	if (!text || len >= out_len)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

static bool host_is_loopback(const char *text, size_t len)
{
	char host[INET_ADDRSTRLEN] = "";
	unsigned char ip[4];

	if (len < sizeof(host))
		memcpy(host, text, len);
	return strcmp(host, "[::1]") == 0 || strcasecmp(host, "localhost") == 0 ||
	       (inet_pton(AF_INET, host, ip) == 1 && ip[0] == 127);
}

enum screen_uri screen_uri_judge(const char *uri, const char *hosts, bool http_loopback, size_t max)
{
	struct slice entry;
	size_t len;
	const char *text = uri_authority(uri, &len);
	size_t host = text ? host_length(text, len) : 0;

	if (uri && strlen(uri) > max)
		return SCREEN_URI_TOO_LONG;
	if (!text)
		return uri && strstr(uri, "://") ? SCREEN_URI_MALFORMED : SCREEN_URI_RELATIVE;
	if (text - uri != strlen(HTTPS) && !(http_loopback && host_is_loopback(text, host)))
		return SCREEN_URI_NOT_HTTPS;
	while (list_next(&hosts, LIST_COMMAS, &entry))
		if ((entry.len == len || entry.len == host) &&
		    strncasecmp(entry.at, text, entry.len) == 0)
			return SCREEN_URI_OK;
	return SCREEN_URI_ELSEWHERE;
}

bool screen_uri_ok(const char *uri, const char *hosts, bool http_loopback, size_t max)
{
	return screen_uri_judge(uri, hosts, http_loopback, max) == SCREEN_URI_OK;
}

enum reason screen_uri_reason(enum screen_uri judged)
{
	static const enum reason reasons[] = {
		[SCREEN_URI_RELATIVE] = REASON_AUTHORIZATION_URI_RELATIVE,
		[SCREEN_URI_MALFORMED] = REASON_AUTHORIZATION_URI_MALFORMED,
		[SCREEN_URI_NOT_HTTPS] = REASON_AUTHORIZATION_NOT_HTTPS,
		[SCREEN_URI_ELSEWHERE] = REASON_AUTHORIZATION_ON_ANOTHER_HOST,
		[SCREEN_URI_TOO_LONG] = REASON_AUTHORIZATION_URI_TOO_LONG,
		[SCREEN_URI_OK] = REASON_OK,
	};

	return (unsigned int)judged <= SCREEN_URI_OK ? reasons[judged] : REASON_COUNT;
}

/* ---- the QR code ---- */

static bool width_ok(int width)
{
	return width >= 21 && width <= SCREEN_QR_MAX && width % 4 == 1;
}

bool screen_matrix_read(struct screen_matrix *matrix, const char *width, const char *rows)
{
	int side = 0;

	matrix->width = 0;
	if (made_of(width, DIGITS, 2) && made_of(rows, "01", sizeof(matrix->dark)))
		sscanf(width, "%2d", &side);
	if (!width_ok(side) || strlen(rows) != (size_t)side * (size_t)side)
		return false;
	for (int i = 0; i < side * side; i++)
		matrix->dark[i] = rows[i] == '1';
	matrix->width = side;
	return true;
}

int screen_qr_rows(int width, enum screen_style style)
{
	int side = width + 2 * SCREEN_QUIET;

	return style == SCREEN_FULL ? side : (side + 1) / 2;
}

int screen_qr_columns(int width, enum screen_style style)
{
	return (width + 2 * SCREEN_QUIET) * (style == SCREEN_FULL ? 2 : 1);
}

bool screen_module_is_dark(const struct screen_matrix *matrix, int row, int column)
{
	row -= SCREEN_QUIET;
	column -= SCREEN_QUIET;
	return row >= 0 && column >= 0 && row < matrix->width && column < matrix->width &&
	       matrix->dark[row * matrix->width + column];
}

/* ---- the page ---- */

struct page {
	struct ink ink;
	int rows;    /* used so far */
	int columns; /* to be used at most */
	bool walled; /* it has places in place of line ends */
	const struct messages *messages;
	const char *const *pairs;
	char line[SCREEN_LONG_URI_MAX + 2 * MESSAGE_BYTES_MAX]; /* the paragraph being made */
};

static void page_text(struct page *page, const char *text)
{
	ink_add(&page->ink, text);
	page->rows += text[0] == '\n' && !page->ink.broken;
}

/* Two rows of modules in one line, the light ones being the ink; or one row, on backgrounds. */
static void page_qr_line(struct page *page, const struct screen *screen, int line)
{
	const struct screen_matrix *matrix = screen->matrix;
	bool before = true;

	for (int column = 0; column < matrix->width + 2 * SCREEN_QUIET; column++) {
		bool dark = screen_module_is_dark(matrix, line, column);

		if (screen->style != SCREEN_FULL) {
			page_text(page,
				  ink_halves(!screen_module_is_dark(matrix, 2 * line, column),
					     !screen_module_is_dark(matrix, 2 * line + 1, column)));
			continue;
		}
		if (dark != before) /* the first column is light */
			page_text(page, dark ? INK_DARK : INK_LIGHT);
		page_text(page, "  ");
		before = dark;
	}
}

static void page_qr(struct page *page, const struct screen *screen)
{
	for (int line = 0; line < screen_qr_rows(screen->matrix->width, screen->style); line++) {
		page_text(page, screen->style == SCREEN_COLOUR ? INK_HALVES : "");
		page_qr_line(page, screen, line);
		page_text(page, screen->style == SCREEN_UTF8 ? "" : INK_RESET);
		page_text(page, "\n");
	}
}

/* Adds a message to the paragraph. */
static void page_say(struct page *page, enum message message)
{
	size_t len = strlen(page->line);

	if (len > 0 && len + 1 < sizeof(page->line))
		page->line[len++] = ' ';
	if (message_format(page->messages, message, page->pairs, page->line + len,
			   sizeof(page->line) - len) == 0)
		page->ink.broken = true;
}

/* Ends the paragraph: its lines go to the page. */
static void page_end(struct page *page, bool whole)
{
	char *at = page->line;

	while (*at) {
		size_t len = ink_line(at, page->columns, whole);
		char kept = at[len];

		at[len] = '\0';
		page_text(page, at);
		page_text(page, "\n");
		if (whole && ink_within(at, page->columns) < strlen(at))
			page->rows += (int)(len - 1) / page->columns; /* the terminal wraps it */
		at[len] = kept;
		at += len;
		at += strspn(at, " ");
	}
	page->line[0] = '\0';
}

static void page_who(struct page *page, const struct screen *screen)
{
	if (screen->asker && screen->asker[0])
		page_say(page, MESSAGE_ASKER);
	else
		page_say(page, screen->user && screen->user[0] ? MESSAGE_SIGN_IN
							       : MESSAGE_SIGN_IN_ANYONE);
	if (screen->from && screen->from[0])
		page_say(page, MESSAGE_FROM);
	if (screen->remote) {
		page_end(page, false);
		page_say(page, MESSAGE_CAREFUL);
	}
	page_say(page, screen->seconds == 1	      ? MESSAGE_SECOND
		       : screen->seconds < IN_MINUTES ? MESSAGE_SECONDS
						      : MESSAGE_MINUTES);
	page_end(page, false);
}

static void page_what_to_do(struct page *page, const struct screen *screen, bool qr)
{
	if (!screen->user_code)
		page_say(page, qr ? MESSAGE_SCAN_PASTE : MESSAGE_OPEN_PASTE);
	else if (qr)
		page_say(page, screen->qr_has_code ? MESSAGE_SCAN_FILLED : MESSAGE_SCAN);
	else
		page_say(page, MESSAGE_OPEN);
	page_end(page, false);
	if (screen->brief && screen->enter)
		page_say(page, MESSAGE_THEN_ENTER);
	if (!qr && screen->style != SCREEN_OFF)
		page_say(page, screen->matrix ? MESSAGE_QR_TOO_BIG : MESSAGE_QR_NONE);
	page_end(page, false);
}

static void page_address(struct page *page, const struct screen *screen)
{
	page_say(page, MESSAGE_ADDRESS);
	page_end(page, !screen->brief);
	if (!screen->user_code)
		return;
	page_say(page, screen->brief ? MESSAGE_CODE_BRIEF : MESSAGE_CODE);
	page_end(page, false);
}

static void page_afresh(struct page *page, const struct screen *screen)
{
	page_text(page, screen->clear_first && screen->wakes ? SCREEN_WAKE : "");
	page_text(page, screen->clear_first ? SCREEN_CLEAR : "");
}

/* ROOMY: with blank lines. */
static void page_write(struct page *page, const struct screen *screen, bool qr, bool roomy)
{
	page_afresh(page, screen);
	if (screen->remote || screen->prefix)
		page_text(page, "\n");
	if (qr)
		page_qr(page, screen);
	if (qr && roomy)
		page_text(page, "\n");
	page_who(page, screen);
	page_what_to_do(page, screen, qr);
	if (roomy)
		page_text(page, "\n");
	page_address(page, screen);
}

/* As JSON writes it. */
static bool page_too_long(const struct page *page, size_t most)
{
	size_t len = page->ink.len;

	for (size_t i = 0; i < page->ink.len; i++)
		if ((unsigned char)page->ink.out[i] < ' ')
			len += page->ink.out[i] == '\n' ? 1 : 5; /* "\n", "\u001b" */
	return most > 0 && len > most;
}

static bool qr_fits(const struct page *page, const struct screen *screen)
{
	return screen->matrix && screen->style != SCREEN_OFF &&
	       screen_qr_columns(screen->matrix->width, screen->style) <= page->columns;
}

/* With a QR, with one in half blocks, without; each with blank lines, then tight. */
enum plan {
	PLAN_HALVES = 2,
	PLAN_BARE = 4,
	PLANS = 6,
};

/* Tries from the pleasant to the bare; the last is taken even if the terminal scrolls. */
static void page_fit(struct page *page, struct screen *screen)
{
	int rows = (screen->rows > 0 ? screen->rows : ROWS_UNKNOWN) - SCREEN_ROWS_BELOW;

	for (int plan = 0; plan < PLANS; plan++) {
		bool qr = plan < PLAN_BARE;

		if (plan == PLAN_HALVES && screen->halves)
			screen->style = SCREEN_COLOUR;
		if (qr && (!qr_fits(page, screen) || (plan >= PLAN_HALVES && !screen->halves)))
			continue;
		page->ink.len = 0;
		page->rows = 0;
		page_write(page, screen, qr, plan % 2 == 0);
		if (qr && page_too_long(page, screen->most))
			screen->matrix = NULL;
		else if (page->ink.broken || page->rows <= rows)
			return;
	}
}

/* With all its messages, or, where that does not fit, what nobody can do without. */
static void page_brief(struct page *page, const struct screen *screen)
{
	size_t size = page->ink.size;

	if (screen->line) {
		page_say(page, screen->user_code ? MESSAGE_LINE : MESSAGE_LINE_PASTE);
		page_end(page, true);
		return;
	}
	if (page->ink.size > SCREEN_BRIEF_MAX + 1)
		page->ink.size = SCREEN_BRIEF_MAX + 1;
	page_write(page, screen, false, true);
	if (!page->ink.broken)
		return;
	page->ink.size = size;
	page->ink.broken = false;
	page->ink.len = 0;
	page->line[0] = '\0';
	page_address(page, screen);
}

static struct page page_begin(const struct screen *screen, const char *const *pairs, char *out,
			      size_t out_len)
{
	struct page page = { .ink = { .out = out, .size = out_len },
			     .messages = screen->messages,
			     .pairs = pairs,
			     .columns = SCREEN_WIDTH };

	if (screen->columns > 0 && screen->columns < SCREEN_WIDTH)
		page.columns = screen->columns;
	if (screen->brief) {
		page.columns = screen->line ? (int)sizeof(page.line) : SCREEN_BRIEF_WIDTH;
		if (page.ink.size > SCREEN_BARE_MAX + 1)
			page.ink.size = SCREEN_BARE_MAX + 1;
	}
	return page;
}

/* The length of what stands in OUT, "" if it did not become a whole page. */
static size_t page_finish(struct page *page)
{
	if (page->ink.broken || page->ink.len == 0)
		page->ink.len = 1;
	page->ink.len -= !page->walled; /* the last line's end */
	page->ink.out[page->ink.len] = '\0';
	return page->ink.len;
}

/* ---- on a wall ---- */

/* What SAY makes, a line for each paragraph. */
static const char *wall_line(struct page *page, const struct screen *screen,
			     void (*say)(struct page *page, const struct screen *screen), char *out,
			     size_t out_len)
{
	const struct ink ink = page->ink;
	const int columns = page->columns;
	bool broken;

	out[0] = '\0';
	page->ink = (struct ink){ .out = out, .size = out_len };
	page->columns = (int)sizeof(page->line);
	say(page, screen);
	if (out[0])
		out[strlen(out) - 1] = '\0'; /* the last line's end */
	page->columns = columns;
	page->line[0] = '\0';
	broken = page->ink.broken || ink.broken;
	page->ink = ink;
	page->ink.broken = broken;
	return out;
}

static void say_what_to_do(struct page *page, const struct screen *screen)
{
	page_what_to_do(page, screen, screen->matrix != NULL);
}

static void say_address(struct page *page, const struct screen *screen)
{
	(void)screen;
	page_say(page, MESSAGE_ADDRESS);
	page_end(page, true);
	page_say(page, MESSAGE_CODE_BRIEF);
	page_end(page, false);
}

static struct wall wall_begin(const struct screen *screen)
{
	return (struct wall){
		.rows = screen->rows,
		.columns = screen->columns,
		.halves = screen->halves || screen->style == SCREEN_COLOUR,
		.prompt = "",
	};
}

/* The terminal is cleared for it. false: it does not fit, and nothing has been written. */
static bool wall_put(struct page *page, const struct screen *screen, const struct wall *wall)
{
	struct ink *ink = &page->ink;
	size_t len;

	ink_add(ink, screen->wakes ? SCREEN_WAKE : "");
	ink_add(ink, SCREEN_CLEAR);
	len = ink->broken ? 0 : wall_compose(wall, ink->out + ink->len, ink->size - ink->len);
	if (len == 0)
		*ink = (struct ink){ .out = ink->out, .size = ink->size };
	else
		ink->len += len;
	page->walled = len > 0;
	return page->walled;
}

/*
 * The code, the address, who is signing in, what to do; and last the address and the code in the terminal's
 * own letters, for those who read these by other means than their eyes.
 */
static bool page_wall(struct page *page, const struct screen *screen, const char *code)
{
	char who[4 * MESSAGE_BYTES_MAX], what[2 * MESSAGE_BYTES_MAX], line[2 * SCREEN_URI_MAX];
	struct wall wall = wall_begin(screen);

	if (!screen->wall || !screen->user_code)
		return false;
	wall.matrix = screen->style == SCREEN_OFF ? NULL : screen->matrix;
	wall.item[0] = (struct wall_item){ code, WALL_FIRST };
	wall.item[1] = (struct wall_item){ screen->uri, WALL_ECHO };
	wall.item[2] = (struct wall_item){ wall_line(page, screen, page_who, who, sizeof(who)),
					   WALL_LARGE };
	wall.item[3] =
		(struct wall_item){ wall_line(page, screen, say_what_to_do, what, sizeof(what)),
				    WALL_OWN };
	wall.item[4] = (struct wall_item){ wall_line(page, screen, say_address, line, sizeof(line)),
					   WALL_OWN };
	wall.items = 5;
	wall.prompt = screen->enter ? message_text(page->messages, MESSAGE_ENTER) : "";
	return wall_put(page, screen, &wall);
}

/* What is asked, without what stands between it and the answer. */
static const char *prompt_plain(const struct screen *screen, enum message prompt,
				char out[MESSAGE_BYTES_MAX + 1])
{
	size_t len;

	snprintf(out, MESSAGE_BYTES_MAX + 1, "%s",
		 prompt == MESSAGE_COUNT ? "" : message_text(screen->messages, prompt));
	for (len = strlen(out); len > 0 && strchr(": ", out[len - 1]);)
		out[--len] = '\0';
	return out;
}

static enum message idle_message(const struct screen *screen, bool paste, enum message trouble)
{
	if (trouble != MESSAGE_COUNT)
		return trouble;
	if (paste)
		return MESSAGE_IDLE_PASTE;
	return screen->brief ? MESSAGE_IDLE_BRIEF : MESSAGE_IDLE_PHONE;
}

static void say_idle(struct page *page, const struct screen *screen)
{
	page_say(page, screen->user && screen->user[0] ? MESSAGE_IDLE_USER : MESSAGE_IDLE);
	page_end(page, false);
}

/* The machine's name, what it waits for, and what is asked. */
static bool idle_wall(struct page *page, const struct screen *screen, const char *host,
		      enum message message, enum message prompt)
{
	char idle[2 * MESSAGE_BYTES_MAX], asked[MESSAGE_BYTES_MAX + 1];
	struct wall wall = wall_begin(screen);

	if (!screen->wall)
		return false;
	wall.item[0] = (struct wall_item){ host, WALL_FIRST };
	wall.item[1] = (struct wall_item){ wall_line(page, screen, say_idle, idle, sizeof(idle)),
					   WALL_LARGE };
	wall.item[2] = (struct wall_item){ message_text(page->messages, message), WALL_LARGE };
	wall.item[3] = (struct wall_item){ prompt_plain(screen, prompt, asked), WALL_ECHO };
	wall.items = 4;
	wall.prompt = prompt == MESSAGE_COUNT ? "" : message_text(page->messages, prompt);
	return wall_put(page, screen, &wall);
}

bool screen_placed(const char *text)
{
	const char *last = strrchr(text, '\033');
	size_t len;

	if (!last || last[1] != '[')
		return false;
	len = 2 + strspn(last + 2, DIGITS ";");
	return strcmp(last + len, "H") == 0;
}

/* The code and the address are asked about again: nobody else's check is relied upon. */
static bool screen_showable(const struct screen *screen)
{
	if (!screen->user_code)
		return made_of(screen->uri, URI_BYTES, SCREEN_LONG_URI_MAX);
	return screen_code_ok(screen->user_code) && made_of(screen->uri, URI_BYTES, SCREEN_URI_MAX);
}

size_t screen_compose(const struct screen *screen, char *out, size_t out_len)
{
	char user[NAME_BYTES], asker[NAME_BYTES], host[NAME_BYTES], service[NAME_BYTES];
	char from[NAME_BYTES], code[2 * SCREEN_CODE_MAX], minutes[16], seconds[16];
	const char *const pairs[] = {
		"user",	   name_plain(screen, screen->user, user),
		"asker",   name_plain(screen, screen->asker, asker),
		"host",	   name_plain(screen, screen->host, host),
		"service", name_plain(screen, screen->service, service),
		"from",	   name_plain(screen, screen->from, from),
		"minutes", minutes,
		"seconds", seconds,
		"code",	   code,
		"uri",	   screen->uri,
		NULL,
	};
	struct page page = page_begin(screen, pairs, out, out_len);
	struct screen checked = *screen;

	if (out_len == 0)
		return 0;
	if (screen_showable(screen)) {
		screen_code_group(screen->user_code ? screen->user_code : "", code);
		snprintf(minutes, sizeof(minutes), "%d", screen->seconds / 60);
		snprintf(seconds, sizeof(seconds), "%d", screen->seconds);
		if (checked.brief) {
			checked.style = SCREEN_OFF;
			checked.clear_first = false;
		}
		if (checked.matrix && !width_ok(checked.matrix->width))
			checked.matrix = NULL;
		if (checked.brief)
			page_brief(&page, &checked);
		else if (!page_wall(&page, &checked, code))
			page_fit(&page, &checked);
	}
	return page_finish(&page);
}

size_t screen_qr(const struct screen_matrix *matrix, enum screen_style style, char *out,
		 size_t out_len)
{
	const struct screen screen = { .matrix = matrix, .style = style };
	struct page page = page_begin(&screen, NULL, out, out_len);

	if (out_len == 0)
		return 0;
	out[0] = '\0';
	if (style != SCREEN_OFF && width_ok(matrix->width))
		page_qr(&page, &screen);
	return page_finish(&page);
}

/* No message begins with what a line of a QR code begins with: a colour, or a block (U+2580 and on). */
size_t screen_qr_end(const char *text)
{
	const char *line = text, *next;
	size_t end = 0;

	for (; (next = strchr(line, '\n')); line = next + 1)
		if (strncmp(line, "\033[", 2) == 0 || strncmp(line, "\xe2\x96", 2) == 0)
			end = (size_t)(next + 1 - text);
	return end;
}

size_t screen_idle(const struct screen *screen, bool paste, enum message trouble,
		   enum message prompt, char *out, size_t out_len)
{
	char user[NAME_BYTES], host[NAME_BYTES];
	const char *const pairs[] = { "user", name_plain(screen, screen->user, user), "host",
				      name_plain(screen, screen->host, host), NULL };
	struct page page = page_begin(screen, pairs, out, out_len);
	enum message message = idle_message(screen, paste, trouble);

	if (out_len == 0)
		return 0;
	if (idle_wall(&page, screen, host, message, prompt))
		return page_finish(&page);
	if (!screen->brief)
		page_afresh(&page, screen);
	page_text(&page, screen->brief ? "" : "\n");
	if (!screen->line || trouble == MESSAGE_COUNT)
		say_idle(&page, screen);
	page_text(&page, screen->line ? "" : "\n");
	if (screen->line && trouble == MESSAGE_COUNT)
		return page_finish(&page);
	page_say(&page, message);
	page_end(&page, false);
	page_text(&page, screen->brief ? "" : "\n");
	return page_finish(&page);
}

size_t screen_notice(const struct screen *screen, enum message message, char *out, size_t out_len)
{
	struct page page = page_begin(screen, NULL, out, out_len);
	struct wall wall = wall_begin(screen);

	if (out_len == 0)
		return 0;
	wall.item[0] = (struct wall_item){ message_text(screen->messages, message), WALL_LARGE };
	wall.items = 1;
	if (!screen->wall || !wall_put(&page, screen, &wall)) {
		page_text(&page, message_text(screen->messages, message));
		page_text(&page, "\n");
	}
	return page_finish(&page);
}

size_t screen_below(const struct screen *screen, enum message message, char *out, size_t out_len)
{
	const struct wall wall = wall_begin(screen);
	const char *text = message_text(screen->messages, message);
	size_t len = screen->wall ? wall_below(&wall, text, out, out_len) : 0;
	int all = len > 0 ? (int)len : snprintf(out, out_len, "%s", text);

	return all > 0 && (size_t)all < out_len ? (size_t)all : 0;
}
