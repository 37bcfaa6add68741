/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages: see messages.h. Short, plain and calm; each tells the person what happens or what to
 * do. Must never print, allocate or look at the locale.
 */
#include "messages.h"

#include <stdio.h>
#include <string.h>

#include "common/list.h"
#include "common/utf8.h"

enum kind {
	PLAIN,
	PROMPT, /* a space follows */
	ASCII,	/* on every terminal, whatever it shows beside */
};

#define NOTHING ""

/* Name, what it may say of the login (! what it must), kind, English. */
/* clang-format off */
static const struct {
	const char *name;
	const char *fills;
	enum kind kind;
	const char *english;
} table[] = {
	[MESSAGE_SIGN_IN] = { "sign_in", "host service user", PLAIN,
		"Sign in to {host} ({service}) as {user}." },
	[MESSAGE_SIGN_IN_ANYONE] = { "sign_in_anyone", "host service", PLAIN,
		"Sign in to {host} ({service})." },
	[MESSAGE_ASKER] = { "asker", "asker! user! host service", PLAIN,
		"{asker} asks to become {user} on {host} ({service})." },
	[MESSAGE_FROM] = { "from", "from!", PLAIN,
		"You come from {from}." },
	[MESSAGE_MINUTES] = { "minutes", "minutes!", PLAIN,
		"You have {minutes} minutes." },
	[MESSAGE_SECONDS] = { "seconds", "seconds!", PLAIN,
		"You have {seconds} seconds." },
	[MESSAGE_SECOND] = { "second", NOTHING, PLAIN,
		"You have 1 second." },
	[MESSAGE_CAREFUL] = { "careful", NOTHING, PLAIN,
		"Only continue if you started this login yourself." },
	[MESSAGE_SCAN] = { "scan", NOTHING, PLAIN,
		"Scan the QR code with your phone, or open the address; then enter the code." },
	[MESSAGE_SCAN_FILLED] = { "scan_filled", NOTHING, PLAIN,
		"Scan the QR code and compare the code on your phone, or enter it at the address." },
	[MESSAGE_SCAN_PASTE] = { "scan_paste", NOTHING, PLAIN,
		"Scan the QR code or open the address, approve, and type the code you get." },
	[MESSAGE_OPEN_PASTE] = { "open_paste", NOTHING, PLAIN,
		"Open the address on a phone or a computer, approve, type the code you get." },
	[MESSAGE_OPEN] = { "open", NOTHING, PLAIN,
		"Open the address on a phone or a computer and enter the code." },
	[MESSAGE_QR_TOO_BIG] = { "qr_too_big", NOTHING, PLAIN,
		"(No QR code: this terminal is too small for it.)" },
	[MESSAGE_QR_NONE] = { "qr_none", NOTHING, PLAIN,
		"(No QR code could be drawn.)" },
	[MESSAGE_ADDRESS] = { "address", "uri!", ASCII,
		"Address: {uri}" },
	[MESSAGE_CODE] = { "code", "code!", ASCII,
		"Code:    {code}" },
	[MESSAGE_CODE_BRIEF] = { "code_brief", "code!", ASCII,
		"Code: {code}" },
	[MESSAGE_LINE] = { "line", "uri! code!", ASCII,
		"Address {uri}  Code {code}" },
	[MESSAGE_LINE_PASTE] = { "line_paste", "uri!", ASCII,
		"Address {uri}" },
	[MESSAGE_THEN_ENTER] = { "then_enter", NOTHING, PLAIN,
		"Press Enter here once you have approved." },
	[MESSAGE_PHONE] = { "phone", NOTHING, PLAIN,
		"Sign in with your phone" },
	[MESSAGE_IDLE] = { "idle", "host", PLAIN,
		"Sign in to {host} with your phone." },
	[MESSAGE_IDLE_USER] = { "idle_user", "host user", PLAIN,
		"Sign in to {host} as {user} with your phone." },
	[MESSAGE_IDLE_PHONE] = { "idle_phone", NOTHING, PLAIN,
		"A code will appear here. Scan it or type it in on the phone, and approve." },
	[MESSAGE_IDLE_PASTE] = { "idle_paste", NOTHING, PLAIN,
		"An address will appear here. Open it, approve, and type the code you get." },
	[MESSAGE_IDLE_BRIEF] = { "idle_brief", NOTHING, PLAIN,
		"An address and a code will appear here, for your phone." },
	[MESSAGE_BEGIN] = { "begin", NOTHING, PROMPT,
		"Press Enter to begin: " },
	[MESSAGE_BEGIN_AGAIN] = { "begin_again", NOTHING, PROMPT,
		"Press Enter to try again: " },
	[MESSAGE_MOMENT] = { "moment", NOTHING, PLAIN,
		"One moment ..." },
	[MESSAGE_ANY_KEY] = { "any_key", NOTHING, PLAIN,
		"Press any key to begin." },
	[MESSAGE_ANY_KEY_AGAIN] = { "any_key_again", NOTHING, PLAIN,
		"Press any key to try again." },
	[MESSAGE_WAITING] = { "waiting", NOTHING, PLAIN,
		"Waiting for your approval ..." },
	[MESSAGE_APPROVED] = { "approved", NOTHING, PLAIN,
		"Approved. One moment ..." },
	[MESSAGE_ENTER] = { "enter", NOTHING, PROMPT,
		"Press Enter once you have approved: " },
	[MESSAGE_ENTER_AGAIN] = { "enter_again", NOTHING, PROMPT,
		"Not approved yet. Press Enter once you have approved: " },
	[MESSAGE_PASTE] = { "paste", NOTHING, PROMPT,
		"Code: " },
	[MESSAGE_WRONG_CODE] = { "wrong_code", NOTHING, PROMPT,
		"That is not a code for this login. Code: " },
	[MESSAGE_CUT_ANSWER] = { "cut_answer", NOTHING, PROMPT,
		"That was cut off by this terminal. Type the code alone. Code: " },
	[MESSAGE_TROUBLE] = { "trouble", NOTHING, PLAIN,
		"The sign-in service does not answer; still trying ..." },
	[MESSAGE_FRESH_CODE] = { "fresh_code", NOTHING, PLAIN,
		"That code is used up. Here is a fresh one." },
	[MESSAGE_DENIED] = { "denied", NOTHING, PLAIN,
		"The request was denied." },
	[MESSAGE_NOT_HONOURED] = { "not_honoured", NOTHING, PLAIN,
		"The service refused it after all: it is over, or the account there is locked." },
	[MESSAGE_EXPIRED] = { "expired", NOTHING, PLAIN,
		"The code expired before anybody approved it. Please try again." },
	[MESSAGE_NO_CODE] = { "no_code", NOTHING, PLAIN,
		"No valid code was entered. Please try again." },
	[MESSAGE_CHANGED] = { "changed", NOTHING, PLAIN,
		"The settings here have just changed. Please try again." },
	[MESSAGE_UNREACHABLE] = { "unreachable", NOTHING, PLAIN,
		"The sign-in service cannot be reached. Please try again later." },
	[MESSAGE_CLOCK] = { "clock", NOTHING, PLAIN,
		"This machine's clock seems to be wrong. Please try again in a moment." },
	[MESSAGE_MISCONFIGURED] = { "misconfigured", NOTHING, PLAIN,
		"Sign-in by code is set up wrongly here. Tell the administrator." },
	[MESSAGE_NOT_ADMITTED] = { "not_admitted", NOTHING, PLAIN,
		"The account that approved may not sign in as this user." },
	[MESSAGE_NOT_ADMITTED_ANYONE] = { "not_admitted_anyone", NOTHING, PLAIN,
		"The account that approved may not sign in here." },
	[MESSAGE_ENROL_AT_SEAT] = { "enrol_at_seat", NOTHING, PLAIN,
		"You have no account here yet. Sign in at this machine itself first." },
	[MESSAGE_NO_ENTRY] = { "no_entry", NOTHING, PLAIN,
		"This user cannot sign in by code." },
	[MESSAGE_REMOTE_REFUSED] = { "remote_refused", NOTHING, PLAIN,
		"Sign-in by code is not allowed from where you are." },
	[MESSAGE_BUSY] = { "busy", NOTHING, PLAIN,
		"Too many are signing in at this moment. Please try again in a minute." },
	[MESSAGE_CROWDED] = { "crowded", NOTHING, PLAIN,
		"Many are signing in at this moment. Your turn comes soon ..." },
	[MESSAGE_LIMITED] = { "limited", NOTHING, PLAIN,
		"Too many sign-ins were started from here. Please wait a few minutes." },
	[MESSAGE_UNPROVEN] = { "unproven", NOTHING, PLAIN,
		"It could not be proven who approved. Please try again." },
	[MESSAGE_WEAK] = { "weak", NOTHING, PLAIN,
		"The service did not ask enough of whoever approved, or not lately enough." },
};
/* clang-format on */

/* That none is missing in between is a unit test's. */
_Static_assert(sizeof(table) / sizeof(table[0]) == MESSAGE_COUNT, "each message has its text");

static bool is_message(enum message message)
{
	return (unsigned int)message < MESSAGE_COUNT;
}

const char *message_name(enum message message)
{
	return is_message(message) ? table[message].name : "";
}

enum message message_find(const char *name)
{
	int message = 0;

	while (message < MESSAGE_COUNT && strcmp(table[message].name, name) != 0)
		message++;
	return (enum message)message;
}

bool message_is_prompt(enum message message)
{
	return is_message(message) && table[message].kind == PROMPT;
}

const char *message_text(const struct messages *texts, enum message message)
{
	if (!is_message(message))
		return "";
	return texts && texts->text[message] ? texts->text[message] : table[message].english;
}

/* ---- what may stand in a message's place ---- */

/* Columns of TEXT; -1: it has a byte that is no character, or a character that does not show. */
static int columns_of(const char *text)
{
	unsigned int point;
	int columns = 0;

	while (*text) {
		size_t len = utf8_next(text, &point);

		if (len == 0 || !utf8_shows(point))
			return -1;
		columns += utf8_columns(point);
		text += len;
	}
	return columns;
}

/* The placeholder that begins at AT, "{name}", without its braces. false: a stray brace. */
static bool placeholder_read(const char *at, struct slice *name)
{
	name->at = at + 1;
	name->len = strspn(name->at, "abcdefghijklmnopqrstuvwxyz");
	return *at == '{' && name->len > 0 && name->at[name->len] == '}';
}

/* Is NAME one of FILLS, with or without the mark that it must not be missing? */
static bool may_fill(const char *fills, struct slice name)
{
	struct slice one;

	while (list_next(&fills, LIST_BLANKS, &one)) {
		one.len -= one.at[one.len - 1] == '!';
		if (one.len == name.len && memcmp(one.at, name.at, name.len) == 0)
			return true;
	}
	return false;
}

static bool placeholders_ok(const char *text, const char *fills)
{
	struct slice name;

	for (const char *at = text; (at = strpbrk(at, "{}")); at = name.at + name.len + 1)
		if (!placeholder_read(at, &name) || !may_fill(fills, name))
			return false;
	return true;
}

static bool nothing_missing(const char *text, const char *fills)
{
	char name[MESSAGE_NAME_MAX];
	struct slice one;

	while (list_next(&fills, LIST_BLANKS, &one)) {
		if (one.at[one.len - 1] != '!')
			continue;
		snprintf(name, sizeof(name), "{%.*s}", (int)one.len - 1, one.at);
		if (!strstr(text, name))
			return false;
	}
	return true;
}

/*
 * Adds the names of FILLS that must be there, or those that need not, to OUT, which holds LEN bytes;
 * FIRST goes before the first.
 */
static size_t fills_list(const char *fills, bool must, const char *first,
			 char out[MESSAGE_ACCEPTS_MAX], size_t len)
{
	struct slice one;

	while (list_next(&fills, LIST_BLANKS, &one)) {
		bool marked = one.at[one.len - 1] == '!';

		if (marked != must)
			continue;
		len += (size_t)snprintf(out + len, MESSAGE_ACCEPTS_MAX - len, "%s{%.*s}", first,
					(int)one.len - marked, one.at);
		first = " ";
	}
	return len;
}

static void placeholders_say(const char *fills, char accepts[MESSAGE_ACCEPTS_MAX])
{
	size_t start = (size_t)snprintf(accepts, MESSAGE_ACCEPTS_MAX, "a sentence");
	size_t len = fills_list(fills, true, " that names ", accepts, start);

	len = fills_list(fills, false, len > start ? " and may name " : " that may name ", accepts,
			 len);
	snprintf(accepts + len, MESSAGE_ACCEPTS_MAX - len, "%s",
		 len > start ? ", and no other placeholder" : " without placeholders");
}

bool message_ok(enum message message, const char *text, char accepts[MESSAGE_ACCEPTS_MAX])
{
	int columns = columns_of(text);

	accepts[0] = '\0';
	if (columns < 0 || text[0] == '\0')
		snprintf(accepts, MESSAGE_ACCEPTS_MAX,
			 "a sentence in UTF-8 without control characters");
	else if (columns > MESSAGE_COLUMNS_MAX || strlen(text) > MESSAGE_BYTES_MAX)
		snprintf(accepts, MESSAGE_ACCEPTS_MAX, "at most %d columns and %d bytes",
			 MESSAGE_COLUMNS_MAX, MESSAGE_BYTES_MAX);
	else if (table[message].kind == ASCII && (size_t)columns != strlen(text))
		snprintf(accepts, MESSAGE_ACCEPTS_MAX,
			 "plain ASCII, which every terminal shows: address and code depend on it");
	else if (!placeholders_ok(text, table[message].fills) ||
		 !nothing_missing(text, table[message].fills))
		placeholders_say(table[message].fills, accepts);
	return accepts[0] == '\0';
}

/* ---- filling ---- */

/* The value of the placeholder NAME of LEN bytes; NULL if PAIRS has none. */
static const char *pair_value(const char *const *pairs, const char *name, size_t len)
{
	for (; pairs && pairs[0] && pairs[1]; pairs += 2)
		if (strlen(pairs[0]) == len && memcmp(pairs[0], name, len) == 0)
			return pairs[1];
	return NULL;
}

size_t message_format(const struct messages *texts, enum message message, const char *const *pairs,
		      char *out, size_t out_len)
{
	const char *at = message_text(texts, message);
	size_t used = 0;

	if (out_len == 0)
		return 0;
	while (*at) {
		const char *piece = at;
		size_t len = strcspn(at, "{");
		size_t step = len;

		if (*at == '{') {
			step = strcspn(at, "}");
			piece = pair_value(pairs, at + 1, step - 1);
			if (at[step] != '}' || !piece)
				goto broken;
			len = strlen(piece);
			step++;
		}
		if (len >= out_len - used)
			goto broken;
		memcpy(out + used, piece, len);
		used += len;
		at += step;
	}
	out[used] = '\0';
	return used;

broken:
	out[0] = '\0';
	return 0;
}
