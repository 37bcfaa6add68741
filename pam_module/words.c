/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sentences: see words.h. Short, plain and calm, in English; each tells the person what
 * happens or what to do. Must never print, allocate or look at the locale.
 */
#include "words.h"

#include <string.h>

static const char *const words[] = {
	[WORD_SIGN_IN] = "Sign in to {host} ({service}) as {user}.",
	[WORD_SIGN_IN_ANYONE] = "Sign in to {host} ({service}).",
	[WORD_ASKER] = "{asker} asks to become {user} on {host} ({service}).",
	[WORD_FROM] = "You come from {from}.",
	[WORD_MINUTES] = "You have {minutes} minutes.",
	[WORD_SECONDS] = "You have {seconds} seconds.",
	[WORD_CAREFUL] = "Only continue if you started this login yourself.",
	[WORD_SCAN] = "Scan the QR code with your phone, or open the address; then enter the code.",
	[WORD_SCAN_FILLED] =
		"Scan the QR code and compare the code on your phone, or enter it at the address.",
	[WORD_SCAN_PASTE] =
		"Scan the QR code or open the address, approve, and type the code you get.",
	[WORD_OPEN_PASTE] =
		"Open the address on a phone or a computer, approve, type the code you get.",
	[WORD_OPEN] = "Open the address on a phone or a computer and enter the code.",
	[WORD_QR_TOO_BIG] = "(No QR code: this terminal is too small for it.)",
	[WORD_QR_NONE] = "(No QR code could be drawn.)",
	[WORD_ADDRESS] = "Address: {uri}",
	[WORD_CODE] = "Code:    {code}",
	[WORD_CODE_BRIEF] = "Code: {code}",
	[WORD_THEN_ENTER] = "Press Enter here once you have approved.",
	[WORD_IDLE] = "Sign in to {host} with your phone.",
	[WORD_IDLE_USER] = "Sign in to {host} as {user} with your phone.",
	[WORD_IDLE_PHONE] =
		"A code will appear here. Scan it or type it in on the phone, and approve.",
	[WORD_IDLE_PASTE] =
		"An address will appear here. Open it, approve, and type the code you get.",
	[WORD_IDLE_BRIEF] = "An address and a code will appear here, for your phone.",
	[WORD_BEGIN] = "Press Enter to begin: ",
	[WORD_BEGIN_AGAIN] = "Press Enter to try again: ",
	[WORD_MOMENT] = "One moment ...",
	[WORD_ENTER] = "Press Enter once you have approved: ",
	[WORD_ENTER_AGAIN] = "Not approved yet. Press Enter once you have approved: ",
	[WORD_PASTE] = "Code: ",
	[WORD_WRONG_CODE] = "That is not a code for this login. Code: ",
	[WORD_CUT_ANSWER] = "That was cut off by this terminal. Type the code alone. Code: ",
	[WORD_TROUBLE] = "The sign-in service does not answer; still trying ...",
	[WORD_FRESH_CODE] = "That code is used up. Here is a fresh one.",
	[WORD_DENIED] = "The request was denied.",
	[WORD_EXPIRED] = "The code expired before anybody approved it. Please try again.",
	[WORD_NO_CODE] = "No valid code was entered. Please try again.",
	[WORD_UNREACHABLE] = "The sign-in service cannot be reached. Please try again later.",
	[WORD_CLOCK] = "This machine's clock seems to be wrong. Please try again in a moment.",
	[WORD_MISCONFIGURED] = "Sign-in by code is set up wrongly here. Tell the administrator.",
	[WORD_NOT_ADMITTED] = "The account that approved may not sign in as this user.",
	[WORD_NOT_ADMITTED_ANYONE] = "The account that approved may not sign in here.",
	[WORD_NO_ENTRY] = "This user cannot sign in by code.",
	[WORD_REMOTE_REFUSED] = "Sign-in by code is not allowed from where you are.",
	[WORD_LIMITED] = "Too many sign-ins were started from here. Please wait a few minutes.",
	[WORD_UNPROVEN] = "It could not be proven who approved. Please try again.",
	[WORD_WEAK] = "The service did not ask enough of whoever approved, or not lately enough.",
};

/* That none is missing in between is a unit test's. */
_Static_assert(sizeof(words) / sizeof(words[0]) == WORD_COUNT, "each word has its sentence");

const char *word_text(enum word word)
{
	return (unsigned int)word < WORD_COUNT ? words[word] : "";
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
