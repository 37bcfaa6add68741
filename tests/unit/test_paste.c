/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/flow/paste.c: what a person types or pastes, and what ties a code to its login. Whatever they
 * bring, a code comes out of it whole, in visible ASCII, and of this login; or none does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/oauth_client/flow/paste.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define STATE  "Abc-123_xyzABC09"
#define ISSUER "https://id.example/realm"
#define PAGE   "https://site.example/show-code.html"

enum {
	RANDOM_TEXTS = 300 * 1000,
	TEXT_MAX = 8 * 1024,
};

/* WANT: the code, for GRANTED alone. */
static const struct row {
	const char *name;
	const char *state;
	const char *text;
	enum verdict verdict;
	const char *want;
} rows[] = {
	/* ---- the code alone ---- */
	{ "a code", STATE, "abc", VERDICT_GRANTED, "abc" },
	{ "a code of one character", STATE, "x", VERDICT_GRANTED, "x" },
	{ "a code without a state", "", "abc", VERDICT_GRANTED, "abc" },
	{ "a long one", STATE, "ZA-Yj3aBD8U8Cm7lKUp-lm9O9BmDgdhHzDeqsY8tlL0", VERDICT_GRANTED,
	  "ZA-Yj3aBD8U8Cm7lKUp-lm9O9BmDgdhHzDeqsY8tlL0" },
	{ "with a slash", STATE, "4/0AbUR2VMeHxU", VERDICT_GRANTED, "4/0AbUR2VMeHxU" },
	{ "with dots", STATE, "0.AX8A.AgABAAI", VERDICT_GRANTED, "0.AX8A.AgABAAI" },
	{ "with equals behind", STATE, "YWJj==", VERDICT_GRANTED, "YWJj==" },
	{ "with plus", STATE, "a+b", VERDICT_GRANTED, "a+b" },
	{ "with stars", STATE, "M.C5_BAY.2.U.e5*!bc$", VERDICT_GRANTED, "M.C5_BAY.2.U.e5*!bc$" },
	{ "with a colon", STATE, "a:b", VERDICT_GRANTED, "a:b" },
	{ "with quotes and backslashes", STATE, "a\"b\\c", VERDICT_GRANTED, "a\"b\\c" },
	{ "percent-encoded", STATE, "4%2F0Ab", VERDICT_GRANTED, "4/0Ab" },
	{ "percent-encoded in lower case", STATE, "4%2f0Ab%3d", VERDICT_GRANTED, "4/0Ab=" },
	{ "spaces around", STATE, "  abc  ", VERDICT_GRANTED, "abc" },
	{ "tabs around", STATE, "\tabc\t", VERDICT_GRANTED, "abc" },
	{ "a newline behind", STATE, "abc\n", VERDICT_GRANTED, "abc" },
	{ "CR and LF behind", STATE, "abc\r\n", VERDICT_GRANTED, "abc" },
	{ "a newline ahead", STATE, "\nabc", VERDICT_GRANTED, "abc" },

	/* ---- no code ---- */
	{ "nothing", STATE, "", VERDICT_WRONG_CODE, NULL },
	{ "a space", STATE, " ", VERDICT_WRONG_CODE, NULL },
	{ "white space", STATE, " \t\r\n \t", VERDICT_WRONG_CODE, NULL },
	{ "two words", STATE, "abc def", VERDICT_WRONG_CODE, NULL },
	{ "two words with a tab", STATE, "abc\tdef", VERDICT_WRONG_CODE, NULL },
	{ "two lines", STATE, "abc\ndef", VERDICT_WRONG_CODE, NULL },
	{ "a header", STATE, "abc\r\nX-Evil: 1", VERDICT_WRONG_CODE, NULL },
	{ "a header, percent-encoded", STATE, "abc%0D%0AX-Evil:1", VERDICT_WRONG_CODE, NULL },
	{ "LF, percent-encoded", STATE, "abc%0a", VERDICT_WRONG_CODE, NULL },
	{ "a space, percent-encoded", STATE, "abc%20def", VERDICT_WRONG_CODE, NULL },
	{ "NUL, percent-encoded", STATE, "abc%00def", VERDICT_WRONG_CODE, NULL },
	{ "NUL, percent-encoded, alone", STATE, "%00", VERDICT_WRONG_CODE, NULL },
	{ "DEL, percent-encoded", STATE, "abc%7F", VERDICT_WRONG_CODE, NULL },
	{ "a byte above ASCII, percent-encoded", STATE, "abc%FF", VERDICT_WRONG_CODE, NULL },
	{ "no hexadecimal digits", STATE, "abc%zzdef", VERDICT_WRONG_CODE, NULL },
	{ "one hexadecimal digit", STATE, "abc%4gdef", VERDICT_WRONG_CODE, NULL },
	{ "a sign for a digit", STATE, "abc%+4def", VERDICT_WRONG_CODE, NULL },
	{ "escape", STATE, "abc\033[2J", VERDICT_WRONG_CODE, NULL },
	{ "bell", STATE, "abc\a", VERDICT_WRONG_CODE, NULL },
	{ "backspace", STATE, "abd\bc", VERDICT_WRONG_CODE, NULL },
	{ "form feed behind", STATE, "abc\f", VERDICT_WRONG_CODE, NULL },
	{ "vertical tab ahead", STATE, "\vabc", VERDICT_WRONG_CODE, NULL },
	{ "DEL", STATE, "ab\177c", VERDICT_WRONG_CODE, NULL },
	{ "an umlaut", STATE, "\303\244bc", VERDICT_WRONG_CODE, NULL },
	{ "a space that does not break", STATE, "abc\xc2\xa0", VERDICT_WRONG_CODE, NULL },
	{ "a space without width", STATE, "abc\xe2\x80\x8b", VERDICT_WRONG_CODE, NULL },
	{ "a byte order mark", STATE, "\357\273\277abc", VERDICT_WRONG_CODE, NULL },
	{ "right to left", STATE, "abc\342\200\256def", VERDICT_WRONG_CODE, NULL },
	{ "an isolate", STATE, "\342\201\246abc\342\201\251", VERDICT_WRONG_CODE, NULL },
	{ "Cyrillic that looks alike", STATE, "\xd0\xb0\xd0\xb1\xd1\x81", VERDICT_WRONG_CODE,
	  NULL },
	{ "no UTF-8", STATE, "ab\xff", VERDICT_WRONG_CODE, NULL },

	/* ---- the whole address ---- */
	{ "an address", STATE, PAGE "?code=abc&state=" STATE, VERDICT_GRANTED, "abc" },
	{ "state first", STATE, PAGE "?state=" STATE "&code=abc", VERDICT_GRANTED, "abc" },
	{ "others between", STATE,
	  PAGE "?session_state=https%3A%2F%2Fid&code=abc&x=1&state=" STATE "&y=", VERDICT_GRANTED,
	  "abc" },
	{ "empty parameters between", STATE, PAGE "?&&code=abc&&state=" STATE "&", VERDICT_GRANTED,
	  "abc" },
	{ "spaces around an address", STATE, " " PAGE "?code=abc&state=" STATE " \n",
	  VERDICT_GRANTED, "abc" },
	{ "a code that is percent-encoded", STATE, PAGE "?code=4%2F0Ab%3D&state=" STATE,
	  VERDICT_GRANTED, "4/0Ab=" },
	{ "a state that is percent-encoded", STATE, PAGE "?code=abc&state=%41bc%2D123_xyzABC09",
	  VERDICT_GRANTED, "abc" },
	{ "a fragment behind", STATE, PAGE "?code=abc&state=" STATE "#_=_", VERDICT_GRANTED,
	  "abc" },
	{ "an empty fragment", STATE, PAGE "?state=" STATE "&code=abc#", VERDICT_GRANTED, "abc" },
	{ "a port and a path", STATE, "http://127.0.0.1:8080/?code=abc&state=" STATE,
	  VERDICT_GRANTED, "abc" },
	{ "an application's address", STATE, "org.example.app:/cb?code=abc&state=" STATE,
	  VERDICT_GRANTED, "abc" },
	{ "another host with our state", STATE, "https://evil.example/?code=abc&state=" STATE,
	  VERDICT_GRANTED, "abc" },
	{ "Mastodon's own page", "", "https://m.example/oauth/authorize/native?code=abc",
	  VERDICT_GRANTED, "abc" },
	{ "no state wanted, one there", "", PAGE "?code=abc&state=any", VERDICT_GRANTED, "abc" },
	{ "the query alone", STATE, "?code=abc&state=" STATE, VERDICT_GRANTED, "abc" },
	{ "the query without its mark", STATE, "code=abc&state=" STATE, VERDICT_GRANTED, "abc" },
	{ "the query without its mark, state first", STATE, "state=" STATE "&code=abc",
	  VERDICT_GRANTED, "abc" },
	{ "the query without its mark, another first", STATE, "y=x&code=abc&state=" STATE,
	  VERDICT_GRANTED, "abc" },

	/* ---- of another login ---- */
	{ "no state", STATE, PAGE "?code=abc", VERDICT_WRONG_CODE, NULL },
	{ "an empty state", STATE, PAGE "?code=abc&state=", VERDICT_WRONG_CODE, NULL },
	{ "another state", STATE, PAGE "?code=abc&state=Abc-123_xyzABC08", VERDICT_WRONG_CODE,
	  NULL },
	{ "a state in another case", STATE, PAGE "?code=abc&state=abc-123_XYZabc09",
	  VERDICT_WRONG_CODE, NULL },
	{ "a part of the state", STATE, PAGE "?code=abc&state=Abc-123_xyzABC0", VERDICT_WRONG_CODE,
	  NULL },
	{ "more than the state", STATE, PAGE "?code=abc&state=" STATE "0", VERDICT_WRONG_CODE,
	  NULL },
	{ "much more than the state", STATE,
	  PAGE "?code=abc&state=" STATE STATE STATE STATE STATE STATE, VERDICT_WRONG_CODE, NULL },
	{ "the state and NUL", STATE, PAGE "?code=abc&state=" STATE "%00", VERDICT_WRONG_CODE,
	  NULL },
	{ "the state twice", STATE, PAGE "?code=abc&state=" STATE "&state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "another state behind", STATE, PAGE "?code=abc&state=" STATE "&state=other",
	  VERDICT_WRONG_CODE, NULL },
	{ "another state ahead", STATE, PAGE "?state=other&code=abc&state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "the state in the fragment", STATE, PAGE "?code=abc#&state=" STATE, VERDICT_WRONG_CODE,
	  NULL },
	{ "the state by another name", STATE, PAGE "?code=abc&xstate=" STATE, VERDICT_WRONG_CODE,
	  NULL },
	{ "the state's name in capitals", STATE, PAGE "?code=abc&STATE=" STATE, VERDICT_WRONG_CODE,
	  NULL },
	{ "the state within another parameter", STATE, PAGE "?code=abc&x=&amp;state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "a query of another login", STATE, "code=abc&state=other", VERDICT_WRONG_CODE, NULL },
	{ "a query of another login, state first", STATE, "state=other&code=abc",
	  VERDICT_WRONG_CODE, NULL },

	/* ---- an address without a code of its own ---- */
	{ "no code", STATE, PAGE "?state=" STATE, VERDICT_WRONG_CODE, NULL },
	{ "an empty code", STATE, PAGE "?code=&state=" STATE, VERDICT_WRONG_CODE, NULL },
	{ "code= alone", STATE, "code=", VERDICT_WRONG_CODE, NULL },
	{ "code= alone, no state", "", "code=", VERDICT_WRONG_CODE, NULL },
	{ "code without a value", "", PAGE "?code", VERDICT_WRONG_CODE, NULL },
	{ "code twice", STATE, PAGE "?code=abc&code=def&state=" STATE, VERDICT_WRONG_CODE, NULL },
	{ "the same code twice", STATE, PAGE "?code=abc&state=" STATE "&code=abc",
	  VERDICT_WRONG_CODE, NULL },
	{ "an empty code and another", STATE, PAGE "?code=&code=abc&state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "code by another name", STATE, PAGE "?xcode=abc&codes=def&state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "code in capitals", STATE, PAGE "?CODE=abc&state=" STATE, VERDICT_WRONG_CODE, NULL },
	{ "a code with LF", STATE, PAGE "?code=a%0Abc&state=" STATE, VERDICT_WRONG_CODE, NULL },
	{ "a code with NUL", STATE, PAGE "?code=abc%00&state=" STATE, VERDICT_WRONG_CODE, NULL },
	{ "a code with a space", STATE, PAGE "?code=a%20bc&state=" STATE, VERDICT_WRONG_CODE,
	  NULL },
	{ "a code with an umlaut", STATE, PAGE "?code=%C3%A4bc&state=" STATE, VERDICT_WRONG_CODE,
	  NULL },
	{ "a code with a real space", STATE, PAGE "?code=a bc&state=" STATE, VERDICT_WRONG_CODE,
	  NULL },
	{ "a code of bidi characters", STATE, PAGE "?code=\342\200\256abc&state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "an address without a query", STATE, PAGE, VERDICT_WRONG_CODE, NULL },
	{ "an address without a query, no state", "", PAGE, VERDICT_WRONG_CODE, NULL },
	{ "an address with an empty query", STATE, PAGE "?", VERDICT_WRONG_CODE, NULL },
	{ "the code in the fragment alone", STATE, PAGE "#code=abc&state=other", VERDICT_WRONG_CODE,
	  NULL },
	{ "the code in the fragment behind a query", STATE, PAGE "?x=1#code=abc&state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "the address that was to be opened", STATE,
	  "https://id.example/authorize?response_type=code&client_id=tv&state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "a question mark alone", STATE, "?", VERDICT_WRONG_CODE, NULL },
	{ "an ampersand alone", "", "?&", VERDICT_WRONG_CODE, NULL },

	/* ---- the provider's no ---- */
	{ "denied", STATE, PAGE "?error=access_denied&state=" STATE, VERDICT_ACCESS_DENIED, NULL },
	{ "denied, described", STATE,
	  PAGE "?state=" STATE "&error=access_denied&error_description=The+person+said+no",
	  VERDICT_ACCESS_DENIED, NULL },
	{ "denied, the query alone", STATE, "?error=access_denied&state=" STATE,
	  VERDICT_ACCESS_DENIED, NULL },
	{ "denied, without its mark", STATE, "error=access_denied&state=" STATE,
	  VERDICT_ACCESS_DENIED, NULL },
	{ "denied beside a code", STATE, PAGE "?code=abc&error=access_denied&state=" STATE,
	  VERDICT_ACCESS_DENIED, NULL },
	{ "another error", STATE, PAGE "?error=server_error&state=" STATE, VERDICT_WRONG_CODE,
	  NULL },
	{ "another error beside a code", STATE, PAGE "?code=abc&error=server_error&state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "an error of two words beside a code", STATE,
	  PAGE "?code=abc&error=access%20denied&state=" STATE, VERDICT_WRONG_CODE, NULL },
	{ "two errors beside a code", STATE, PAGE "?error=x&error=y&code=abc&state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "a long error beside a code", STATE,
	  PAGE "?error=eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
	       "eeeeeeeee&code=abc&state=" STATE,
	  VERDICT_WRONG_CODE, NULL },
	{ "an issuer, as it is sent", STATE,
	  PAGE "?code=abc&state=" STATE "&iss=https%3A%2F%2Fid.example%2Frealm", VERDICT_GRANTED,
	  "abc" },
	{ "an issuer in plain letters", STATE, PAGE "?iss=" ISSUER "&code=abc&state=" STATE,
	  VERDICT_GRANTED, "abc" },
	{ "another issuer", STATE,
	  PAGE "?code=abc&state=" STATE "&iss=https%3A%2F%2Fid.example%2Fother", VERDICT_WRONG_CODE,
	  NULL },
	{ "another issuer without a state", "", PAGE "?code=abc&iss=https%3A%2F%2Fother.example",
	  VERDICT_WRONG_CODE, NULL },
	{ "an issuer of no letters", STATE,
	  PAGE "?code=abc&state=" STATE "&iss=", VERDICT_WRONG_CODE, NULL },
	{ "two issuers", STATE, PAGE "?code=abc&state=" STATE "&iss=" ISSUER "&iss=" ISSUER,
	  VERDICT_WRONG_CODE, NULL },
	{ "an error's description is no error", STATE,
	  PAGE "?error_description=access_denied&code=abc&state=" STATE, VERDICT_GRANTED, "abc" },
};

/* TEXT is in memory of just its size, so that a step too far is seen. */
static enum verdict read_text(const char *text, const char *state, char *code, size_t code_len,
			      enum reason *reason)
{
	const struct paste_expected wanted = { .state = state, .issuer = ISSUER };
	char *copy = strdup(text);
	enum verdict verdict;

	assert_non_null(copy);
	memset(code, 0x5a, code_len);
	*reason = REASON_NONE;
	verdict = paste_read(copy, &wanted, code, code_len, reason);
	free(copy);
	return verdict;
}

/* What holds of whatever was read. */
static void result_check(const char *name, enum verdict verdict, const char *code, size_t code_len,
			 enum reason reason)
{
	if (reason <= REASON_NONE || reason >= REASON_COUNT)
		fail_msg("%s: no reason", name);
	if (verdict != VERDICT_GRANTED && verdict != VERDICT_WRONG_CODE &&
	    verdict != VERDICT_ACCESS_DENIED)
		fail_msg("%s: %s", name, verdict_name(verdict));
	if (verdict != VERDICT_GRANTED) {
		for (size_t i = 0; i < code_len; i++)
			if (code[i] != '\0')
				fail_msg("%s: a part of it is left at %zu", name, i);
		return;
	}
	if (strnlen(code, code_len) == 0 || strnlen(code, code_len) == code_len)
		fail_msg("%s: a code without an end, or none", name);
	for (const char *c = code; *c; c++)
		if (*c < '!' || *c > '~')
			fail_msg("%s: byte %02x in a code", name, (unsigned char)*c);
}

static void row_holds(void **state)
{
	const struct row *row = *state;
	char code[PASTE_CODE_MAX];
	enum reason reason;
	enum verdict verdict = read_text(row->text, row->state, code, sizeof(code), &reason);

	if (verdict != row->verdict)
		fail_msg("%s (%s), not %s; code \"%s\"", verdict_name(verdict), reason_name(reason),
			 verdict_name(row->verdict), verdict == VERDICT_GRANTED ? code : "");
	result_check(row->name, verdict, code, sizeof(code), reason);
	if (row->want)
		assert_string_equal(code, row->want);
}

/* ---- lengths ---- */

/* HEAD, LEN times FILL, TAIL. */
static void text_make(char *text, const char *head, const char *fill, size_t len, const char *tail)
{
	strcpy(text, head);
	text += strlen(head);
	for (size_t i = 0; i < len; i++, text += strlen(fill))
		memcpy(text, fill, strlen(fill));
	strcpy(text, tail);
}

static void the_longest_code_is_whole(void **state)
{
	static const struct {
		const char *head, *fill, *tail;
	} ways[] = {
		{ "", "c", "" },
		{ "  ", "c", " \r\n" },
		{ "", "%63", "" },
		{ PAGE "?code=", "c", "&state=" STATE },
		{ "code=", "%63", "&state=" STATE },
		{ PAGE "?state=" STATE "&code=", "c", "" },
	};
	static const size_t lengths[] = { 1, 1023, 1024, 2046, 2047, 2048, 2049, 2600 };
	static char text[TEXT_MAX];
	char code[PASTE_CODE_MAX];
	enum reason reason;

	(void)state;
	for (size_t i = 0; i < COUNT(ways) * COUNT(lengths); i++) {
		size_t w = i / COUNT(lengths), len = lengths[i % COUNT(lengths)];
		enum verdict verdict;

		text_make(text, ways[w].head, ways[w].fill, len, ways[w].tail);
		verdict = read_text(text, STATE, code, sizeof(code), &reason);
		result_check("a long code", verdict, code, sizeof(code), reason);
		if (verdict != (len < PASTE_CODE_MAX ? VERDICT_GRANTED : VERDICT_WRONG_CODE))
			fail_msg("way %zu, %zu bytes: %s (%s)", w, len, verdict_name(verdict),
				 reason_name(reason));
		if (verdict == VERDICT_GRANTED && (strlen(code) != len || strspn(code, "c") != len))
			fail_msg("way %zu, %zu bytes: cut", w, len);
	}
}

/* An address in which the code comes first may be longer than any code. */
static void a_long_address_is_read_to_its_end(void **state)
{
	static char text[TEXT_MAX];
	char code[PASTE_CODE_MAX];
	enum reason reason;

	(void)state;
	text_make(text, PAGE "?code=abc&x=", "y", 4000, "&state=" STATE);
	assert_int_equal(read_text(text, STATE, code, sizeof(code), &reason), VERDICT_GRANTED);
	assert_string_equal(code, "abc");
	text_make(text, PAGE "?code=abc&x=", "y", 4000, "&state=other");
	assert_int_equal(read_text(text, STATE, code, sizeof(code), &reason), VERDICT_WRONG_CODE);
}

static void a_small_room_is_kept(void **state)
{
	char code[8];
	enum reason reason;

	(void)state;
	assert_int_equal(read_text("1234567", "", code, 8, &reason), VERDICT_GRANTED);
	assert_string_equal(code, "1234567");
	assert_int_equal(read_text("12345678", "", code, 8, &reason), VERDICT_WRONG_CODE);
	assert_int_equal(read_text("?code=1234567", "", code, 8, &reason), VERDICT_GRANTED);
	assert_int_equal(read_text("?code=12345678", "", code, 8, &reason), VERDICT_WRONG_CODE);
	assert_int_equal(read_text("x", "", code, 1, &reason), VERDICT_WRONG_CODE);
}

/* A half percent-encoding at the end of what there is: never read beyond, never half a byte. */
static void half_encodings_stay_within(void **state)
{
	static const char *const texts[] = {
		"%",	    "%4",	  "abc%",	    "abc%4",	      "?code=%",
		"?code=%4", "?code=abc%", "?code=abc%&x=1", "?code=abc%4&x=1"
	};
	char code[PASTE_CODE_MAX];
	enum reason reason;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		enum verdict verdict = read_text(texts[i], "", code, sizeof(code), &reason);

		result_check(texts[i], verdict, code, sizeof(code), reason);
		if (verdict == VERDICT_GRANTED && !strchr(code, '%'))
			fail_msg("%s: a byte of half an encoding: %s", texts[i], code);
	}
}

/* ---- any text at all ---- */

static uint32_t random_next(void)
{
	static uint64_t x = UINT64_C(88172645463325252);

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

static void random_text(char *text, size_t text_len)
{
	static const char *const parts[] = {
		"?code=abc",
		"&code=def",
		"?state=" STATE,
		"&state=" STATE,
		"&state=other",
		"code=",
		"state=",
		"error=",
		"access_denied",
		"https://",
		"?",
		"&",
		"#",
		"=",
		"%",
		"%4",
		"%00",
		"%0a",
		"abc",
		" ",
		"\n",
		"/",
		"\xe2\x80\xae",
	};
	size_t n = 0;

	for (size_t count = random_next() % 14; count > 0; count--) {
		char byte[2] = { (char)(1 + random_next() % 255), '\0' };
		uint32_t kind = random_next() % (COUNT(parts) + 4);
		const char *part = kind < COUNT(parts) ? parts[kind] : byte;

		if (n + strlen(part) < text_len) {
			strcpy(text + n, part);
			n += strlen(part);
		}
	}
	text[n] = '\0';
}

/* Does TEXT hold STATE as the value of a parameter? Written down a second time, and roughly. */
static bool names_state(const char *text)
{
	return strstr(text, "state=" STATE) != NULL;
}

static void any_text_does_no_harm(void **state)
{
	char text[400], code[PASTE_CODE_MAX];
	size_t granted = 0, addresses = 0;

	(void)state;
	for (int i = 0; i < RANDOM_TEXTS; i++) {
		enum reason reason;
		enum verdict verdict;

		random_text(text, sizeof(text));
		verdict = read_text(text, STATE, code, sizeof(code), &reason);
		result_check(text, verdict, code, sizeof(code), reason);
		if (verdict != VERDICT_GRANTED)
			continue;
		granted++;
		if (!strchr(text, '?'))
			continue;
		addresses++;
		if (!names_state(text))
			fail_msg("an address without our state: %s", text);
	}
	if (granted < RANDOM_TEXTS / 100 || addresses < 20)
		fail_msg("only %zu codes, %zu of addresses", granted, addresses);
}

/* ---- proofs ---- */

static bool base64url(const char *text, size_t len)
{
	return strlen(text) == len && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
						   "stuvwxyz0123456789-_") == len;
}

/* RFC 7636, appendix B. */
static void the_challenge_is_the_standards(void **state)
{
	static const unsigned char octets[32] = { 116, 24,  223, 180, 151, 153, 224, 37,
						  79,  250, 96,	 125, 216, 173, 187, 186,
						  22,  212, 37,	 77,  105, 214, 191, 240,
						  91,  88,  5,	 88,  83,  132, 141, 121 };
	unsigned char random[PASTE_RANDOM] = { 0 };
	struct proof proof;

	(void)state;
	memcpy(random + 24, octets, sizeof(octets));
	assert_true(paste_proof(random, &proof));
	assert_string_equal(proof.verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
	assert_string_equal(proof.challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
	assert_string_equal(proof.state, "AAAAAAAAAAAAAAAA");
	assert_string_equal(proof.nonce, "AAAAAAAAAAAAAAAA");
}

static void each_part_has_randomness_of_its_own(void **state)
{
	unsigned char random[PASTE_RANDOM];
	struct proof first, other;

	(void)state;
	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (unsigned char)(i * 37 + 11);
	memset(&first, 0x5a, sizeof(first));
	assert_true(paste_proof(random, &first));
	assert_true(base64url(first.state, PROOF_SHORT));
	assert_true(base64url(first.nonce, PROOF_SHORT));
	assert_true(base64url(first.verifier, PROOF_LONG));
	assert_true(base64url(first.challenge, PROOF_LONG));
	assert_string_not_equal(first.verifier, first.challenge);
	for (size_t bit = 0; bit < 8 * sizeof(random); bit++) {
		int changed;

		random[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_true(paste_proof(random, &other));
		random[bit / 8] ^= (unsigned char)(1 << bit % 8);
		changed = (strcmp(first.state, other.state) != 0) +
			  (strcmp(first.nonce, other.nonce) != 0) +
			  (strcmp(first.verifier, other.verifier) != 0);
		if (changed != 1)
			fail_msg("bit %zu changes %d parts", bit, changed);
		if ((strcmp(first.verifier, other.verifier) != 0) !=
		    (strcmp(first.challenge, other.challenge) != 0))
			fail_msg("bit %zu: the challenge is not the verifier's", bit);
	}
}

int main(void)
{
	static struct CMUnitTest tests[COUNT(rows) + 7] = {
		cmocka_unit_test(the_longest_code_is_whole),
		cmocka_unit_test(a_long_address_is_read_to_its_end),
		cmocka_unit_test(a_small_room_is_kept),
		cmocka_unit_test(half_encodings_stay_within),
		cmocka_unit_test(any_text_does_no_harm),
		cmocka_unit_test(the_challenge_is_the_standards),
		cmocka_unit_test(each_part_has_randomness_of_its_own),
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		tests[7 + i] = (struct CMUnitTest){ .name = rows[i].name,
						    .test_func = row_holds,
						    .initial_state = (void *)(uintptr_t)&rows[i] };
	return cmocka_run_group_tests_name("paste", tests, NULL, NULL);
}
