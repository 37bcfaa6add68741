/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sentences: see words.h. Short, plain and calm, in English; each tells the person what
 * happens or what to do. Must never print, allocate or look at the locale.
 */
#include "words.h"

#include <string.h>

struct entry {
	const char *key;
	const char *text;
};

static const struct entry words[] = {
	[WORD_SIGN_IN] = { "sign_in", "Sign in to {host} ({service}) as {user}." },
	[WORD_SIGN_IN_ANYONE] = { "sign_in_anyone", "Sign in to {host} ({service})." },
	[WORD_ASKER] = { "asker", "{asker} asks to become {user} on {host} ({service})." },
	[WORD_FROM] = { "from", "You come from {from}." },
	[WORD_MINUTES] = { "minutes", "You have {minutes} minutes." },
	[WORD_MINUTE] = { "minute", "You have one minute." },
	[WORD_CAREFUL] = { "careful", "Only continue if you started this login yourself." },
	[WORD_SCAN] = { "scan", "Scan the QR code with your phone, or open the address; "
				"then enter the code." },
	[WORD_SCAN_FILLED] = { "scan_filled",
			       "Scan the QR code and compare the code on your phone, "
			       "or enter it at the address." },
	[WORD_SCAN_PASTE] = { "scan_paste", "Scan the QR code or open the address, approve, "
					    "and type the code you get." },
	[WORD_OPEN_PASTE] = { "open_paste", "Open the address on a phone or a computer, approve, "
					    "type the code you get." },
	[WORD_OPEN] = { "open", "Open the address on a phone or a computer and enter the code." },
	[WORD_QR_TOO_BIG] = { "qr_too_big", "(No QR code: this terminal is too small for it.)" },
	[WORD_QR_NONE] = { "qr_none", "(No QR code could be drawn.)" },
	[WORD_ADDRESS] = { "address", "Address: {uri}" },
	[WORD_CODE] = { "code", "Code:    {code}" },
	[WORD_CODE_BRIEF] = { "code_brief", "Code: {code}" },
	[WORD_THEN_ENTER] = { "then_enter", "Press Enter here once you have approved." },
	[WORD_IDLE] = { "idle", "Sign in to {host} with your phone." },
	[WORD_IDLE_USER] = { "idle_user", "Sign in to {host} as {user} with your phone." },
	[WORD_IDLE_PHONE] = { "idle_phone", "A code will appear here. Scan it or type it in on "
					    "the phone, and approve." },
	[WORD_IDLE_PASTE] = { "idle_paste", "An address will appear here. Open it, approve, and "
					    "type the code you get." },
	[WORD_IDLE_BRIEF] = { "idle_brief",
			      "An address and a code will appear here, for your phone." },
	[WORD_BEGIN] = { "begin", "Press Enter to begin: " },
	[WORD_BEGIN_AGAIN] = { "begin_again", "Press Enter to try again: " },
	[WORD_MOMENT] = { "moment", "One moment ..." },
	[WORD_ENTER] = { "enter", "Press Enter once you have approved: " },
	[WORD_ENTER_AGAIN] = { "enter_again",
			       "Not approved yet. Press Enter once you have approved: " },
	[WORD_PASTE] = { "paste", "Code: " },
	[WORD_WRONG_CODE] = { "wrong_code", "That is not a code for this login. Code: " },
	[WORD_CUT_ANSWER] = { "cut_answer",
			      "That was cut off by this terminal. Type the code alone. Code: " },
	[WORD_WAITING] = { "waiting", "Waiting for your approval ..." },
	[WORD_TROUBLE] = { "trouble", "The sign-in service does not answer; still trying ..." },
	[WORD_FRESH_CODE] = { "fresh_code", "That code is used up. Here is a fresh one." },
	[WORD_DENIED] = { "denied", "The request was denied." },
	[WORD_EXPIRED] = { "expired",
			   "The code expired before anybody approved it. Please try again." },
	[WORD_NO_CODE] = { "no_code", "No valid code was entered. Please try again." },
	[WORD_UNREACHABLE] = { "unreachable",
			       "The sign-in service cannot be reached. Please try again later." },
	[WORD_CLOCK] = { "clock", "This machine's clock seems to be wrong. Please try again in a "
				  "moment." },
	[WORD_MISCONFIGURED] = { "misconfigured", "Sign-in by code is set up wrongly here. "
						  "Tell the administrator." },
	[WORD_NOT_ADMITTED] = { "not_admitted",
				"The account that approved may not sign in as this user." },
	[WORD_NOT_ADMITTED_ANYONE] = { "not_admitted_anyone",
				       "The account that approved may not sign in here." },
	[WORD_NO_ENTRY] = { "no_entry", "This user cannot sign in by code." },
	[WORD_REMOTE_REFUSED] = { "remote_refused",
				  "Sign-in by code is not allowed from where you are." },
	[WORD_LIMITED] = { "limited", "Too many sign-ins were started from here. "
				      "Please wait a few minutes." },
	[WORD_UNPROVEN] = { "unproven", "It could not be proven who approved. Please try again." },
};

/* That none is missing in between is a unit test's. */
_Static_assert(sizeof(words) / sizeof(words[0]) == WORD_COUNT, "each word has its sentence");

const char *word_text(enum word word)
{
	return (unsigned int)word < WORD_COUNT ? words[word].text : "";
}

const char *word_key(enum word word)
{
	return (unsigned int)word < WORD_COUNT ? words[word].key : "";
}

/* The value of the placeholder NAME of LEN bytes; NULL if PAIRS has none. */
static const char *pair_value(const char *const *pairs, const char *name, size_t len)
{
	for (; pairs && pairs[0] && pairs[1]; pairs += 2)
		if (strlen(pairs[0]) == len && memcmp(pairs[0], name, len) == 0)
			return pairs[1];
	return NULL;
}

size_t word_fill(enum word word, const char *const *pairs, char *out, size_t out_len)
{
	const char *at = word_text(word);
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
