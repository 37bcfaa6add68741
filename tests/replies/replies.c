/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bad replies to each step of each way: cut at every byte, a byte spoiled at every byte, whole bodies
 * that are something else, members of another type, another status. None of them may end in a grant;
 * none may crash, leak or hang (the program is built with the sanitizers).
 *
 * A grant without the right claims is none: the module refuses it. What may still be granted is said by the step: a reply to a revocation costs no login, a member
 * that is not needed may be anything, and Cal.com takes any status that is a success.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ways.h"

static int tests, failures, bad;
static unsigned long replies, granted;

static const struct way *way;
static int step;

/* MAY: such a reply may be as good as the right one. */
static void reply_check(const char *what, size_t detail, const char *body, size_t len, long status,
			const char *type, bool may)
{
	struct way_reply other = { step, body, len, status, type };
	struct way_end end = way_walk(way, &other);
	bool good;

	replies++;
	good = end.verdict == VERDICT_GRANTED && end.claims_right;
	granted += good;
	may = may || way->step[step].harmless;
	if (end.clean && end.reached && (!good || may))
		return;
	printf("# %s, %s: %s (%zu): verdict %s, %d claims%s\n# %.*s\n", way->name,
	       way->step[step].name, what, detail,
	       end.verdict == VERDICT_COUNT ? "none" : verdict_name(end.verdict), end.claims,
	       end.reached ? "" : ", not reached", (int)(len < 200 ? len : 200), body);
	bad++;
}

static void plain_check(const char *what, size_t detail, const char *body, size_t len)
{
	reply_check(what, detail, body, len, way->step[step].status, "application/json", false);
}

/* ---- what is done to the good body ---- */

static bool pending(void)
{
	return strcmp(way->step[step].name, "pending") == 0;
}

static void cut_check(const char *good, size_t len)
{
	for (size_t n = 0; n < len; n++)
		plain_check("cut", n, good, n);
}

/* A byte that cannot stand in ASCII text, or in JSON at all, at every place. */
static void spoil_check(const char *good, size_t len)
{
	static const unsigned char spoilers[] = { 0x00, 0x80, 0xff, 0x1b };
	char body[4096];

	for (size_t n = 0; n < len; n++)
		for (size_t i = 0; i < sizeof(spoilers); i++) {
			memcpy(body, good, len);
			body[n] = (char)spoilers[i];
			plain_check("spoiled", n, body, len);
		}
}

static void wrap_check(const char *good, size_t len)
{
	static const struct {
		const char *before, *behind;
		size_t behind_len;
	} wraps[] = {
		{ "\xef\xbb\xbf", "", 0 },
		{ "", "x", 1 },
		{ "", "}", 1 },
		{ "", "{}", 2 },
		{ "", "\0", 1 },
		{ "[", "]", 1 },
		{ "{\"data\":", "}", 1 },
		{ "(", ")", 1 },
		{ "cb(", ");", 2 },
		{ ")]}',\n", "", 0 },
		{ "\"", "\"", 1 },
		{ "", ",", 1 },
		{ "/* x */", "", 0 },
		{ "", "//", 2 },
		{ "\xff\xfe", "", 0 },
		{ "null", "", 0 },
		{ "\x0b", "", 0 },
		{ "<!-- ", " -->", 4 },
		{ "data: ", "\n\n", 2 },
		{ "", "\xe2\x80\xa8", 3 },
	};
	char body[8192];

	for (size_t i = 0; i < sizeof(wraps) / sizeof(*wraps); i++) {
		size_t n = strlen(wraps[i].before);

		memcpy(body, wraps[i].before, n);
		memcpy(body + n, good, len);
		memcpy(body + n + len, wraps[i].behind, wraps[i].behind_len);
		plain_check("wrapped", i, body, n + len + wraps[i].behind_len);
	}
	memcpy(body, good, len);
	memcpy(body + len, good, len);
	plain_check("twice", 0, body, 2 * len);
}

/* ---- whole bodies ---- */

static const char *const bodies[] = {
	"",
	" ",
	"\n",
	"null",
	"true",
	"false",
	"0",
	"-1",
	"1e999",
	"\"\"",
	"\"x\"",
	"[]",
	"{}",
	"[{}]",
	"{",
	"}",
	"[",
	"]",
	"\"",
	"{\"",
	"{\"a\"",
	"{\"a\":",
	"{\"a\":1",
	"{\"a\":1,",
	"{'a':1}",
	"{a:1}",
	"{\"a\":undefined}",
	"{\"a\":NaN}",
	"{\"a\":Infinity}",
	"{\"a\":+1}",
	"{\"a\":01}",
	"{\"a\":.5}",
	"{\"a\":1.}",
	"{\"a\":0x10}",
	"{\"a\":1,}",
	"[1,]",
	"{,}",
	"{\"\\u0000\":1}",
	"{\"a\":\"\\u0000\"}",
	"{\"a\":\"\\ud800\"}",
	"{\"a\":\"\\udc00\"}",
	"{\"a\":\"\\x\"}",
	"{\"a\":\"\\u12\"}",
	"{\"a\":1,\"a\":2}",
	"{\"a\":1,\"\\u0061\":2}",
	"{\"a\":\"\xc0\xaf\"}",
	"{\"a\":\"\xed\xa0\x80\"}",
	"{\"a\":\"\xf5\x80\x80\x80\"}",
	"{\"access_token\":\"x\"}",
	"{\"access_token\":\"x\",\"token_type\":\"mac\"}",
	"{\"token_type\":\"Bearer\"}",
	"{\"error\":\"access_denied\"}",
	"{\"error\":\"\"}",
	"{\"error\":null}",
	"{\"error\":{}}",
	"{\"error\":[\"access_denied\"]}",
	"{\"error\":1}",
	"{\"error\":\"invalid_grant\"}",
	"{\"error\":\"slow_down\"}",
	"{\"error\":\"expired_token\"}",
	"{\"error\":\"invalid_client\"}",
	"{\"error\":\"server_error\"}",
	"{\"status\":\"success\"}",
	"{\"status\":\"success\",\"data\":{}}",
	"{\"status\":\"success\",\"data\":[]}",
	"{\"issuer\":\"https://evil.example\"}",
	"{\"keys\":[]}",
	"{\"keys\":[{}]}",
	"{\"keys\":[1]}",
	"{\"keys\":{}}",
	"{\"sub\":\"\"}",
	"{\"sub\":7}",
	"{\"sub\":null}",
	"{\"sub\":\"mallory\"}",
	"{\"id\":true}",
	"{\"user\":{\"ids\":{}}}",
	"access_token=x&token_type=bearer",
	"error=authorization_pending",
	"error=access_denied",
	"<!DOCTYPE html><html><body>Sign in to the hotel's network</body></html>",
	"<?xml version=\"1.0\"?><error/>",
	"HTTP/1.1 200 OK\r\n\r\n{}",
	"\x1f\x8b\x08\x00",
	"%PDF-1.4",
	"\xef\xbb\xbf",
	"\xef\xbb\xbf{}",
	"{\"a\":\"\t\"}",
	"{\"a\":\"\n\"}",
	"upstream connect error or disconnect/reset before headers",
	"Bad Gateway",
	"OK",
};

/* Where nothing is read of the reply but the token. */
static bool least_is_enough(void)
{
	const char *needs = way->step[step].needed;

	return needs && strcmp(needs, "access_token token_type") == 0;
}

static void bodies_check(void)
{
	static const char least[] = "{\"access_token\":\"x\"}";
	static const char *const types[] = { "application/json", "text/html", "text/plain", "",
					     "application/x-www-form-urlencoded" };

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		for (size_t t = 0; t < sizeof(types) / sizeof(*types); t++)
			reply_check(types[t], i, bodies[i], strlen(bodies[i]),
				    way->step[step].status, types[t],
				    strcmp(bodies[i], least) == 0 && least_is_enough());
}

static void deep_check(void)
{
	static const char *const openers[] = { "[", "{\"a\":", "[[1],", "{\"a\":[" };
	static const size_t depths[] = { 15, 16, 17, 100, 1000, 10000, 60000 };
	static char body[REPLY_BYTES_MAX + 1];

	for (size_t i = 0; i < sizeof(openers) / sizeof(*openers); i++)
		for (size_t d = 0; d < sizeof(depths) / sizeof(*depths); d++) {
			size_t len = 0, one = strlen(openers[i]);

			for (size_t n = 0; n < depths[d] && len + one < sizeof(body); n++) {
				memcpy(body + len, openers[i], one);
				len += one;
			}
			plain_check("deep", depths[d], body, len);
		}
	memset(body, ' ', sizeof(body));
	plain_check("blank", 0, body, REPLY_BYTES_MAX);
	memset(body, '"', sizeof(body));
	plain_check("quotes", 0, body, REPLY_BYTES_MAX);
	memset(body, '1', sizeof(body));
	plain_check("digits", 0, body, REPLY_BYTES_MAX);
	for (size_t n = 0; n + 3 < sizeof(body); n += 3)
		memcpy(body + n, "{},", 3);
	body[0] = '[';
	plain_check("many objects", 0, body, REPLY_BYTES_MAX);
}

/* ---- members ---- */

static const char *const values[] = {
	"null",
	"true",
	"false",
	"0",
	"-1",
	"1.5",
	"1e999",
	"-1e999",
	"9007199254740993",
	"\"\"",
	"\" \"",
	"[]",
	"{}",
	"[\"x\"]",
	"{\"x\":\"y\"}",
	"\"\\u0000\"",
	"\"x\\u0000y\"",
	"\"\\u001b[2J\"",
	"\"\\r\\nX: y\"",
	"\"\\u202ex\"",
	"\"\\u0085\"",
	"\"\\u00e9\"",
	"\"\\ud83d\\ude00\"",
	"\"\\ud800\"",
	"\"x y\\tz\"",
	"\"\\u007f\"",
	"99999999999999999999999999999999999999999999999999999999999999999999999999",
};

static bool needed(const char *name, size_t len)
{
	const char *at = way->step[step].needed;
	bool paste = strstr(way->settings, "flow=authorization_code") != NULL;

	if ((paste && strncmp(name, "device_auth", 11) == 0) ||
	    (!paste && strncmp(name, "authorization_", 14) == 0))
		return false; /* of the other flow */
	for (; at && *at; at += strcspn(at, " ") + (at[strcspn(at, " ")] == ' '))
		if (strcspn(at, " ") == len && strncmp(at, name, len) == 0)
			return true;
	return false;
}

/* What RFC 6749 5.1 wants and some providers leave out: only another value is wrong. */
static bool may_lack(const char *name, size_t len)
{
	return len == 10 && strncmp(name, "token_type", len) == 0;
}

/* VALUE, or NULL for none, in place of the LEN bytes at AT of the good body. */
static void value_check(const char *good, const char *at, size_t len, const char *name,
			size_t name_len, const char *value)
{
	static char body[REPLY_BYTES_MAX];
	int n = snprintf(body, sizeof(body), "%.*s%s%s", (int)(at - good), good, value, at + len);

	/* a space is text, and a device code may be any; null is none */
	reply_check(value, (size_t)(at - good), body, (size_t)n, way->step[step].status,
		    "application/json",
		    !needed(name, name_len) ||
			    (may_lack(name, name_len) && strcmp(value, "null") == 0) ||
			    (strncmp(name, "device_code", name_len) == 0 &&
			     strcmp(value, "\" \"") == 0));
}

/* Where the value that begins at AT ends: good bodies have no quotes or brackets in strings. */
static size_t value_length(const char *at)
{
	size_t depth = 0, n = 0;
	bool string = false;

	for (; at[n]; n++) {
		if (at[n] == '"')
			string = !string;
		else if (!string && (at[n] == '{' || at[n] == '['))
			depth++;
		else if (!string && (at[n] == '}' || at[n] == ']') && depth-- == 0)
			break;
		else if (!string && at[n] == ',' && depth == 0)
			break;
	}
	return n;
}

static void name_check(const char *good, const char *name, size_t len, const char *value)
{
	static char body[REPLY_BYTES_MAX];
	size_t whole = (size_t)(value - name) + value_length(value) + 1;
	bool may = !needed(name, len) || may_lack(name, len);
	int n;

	/* its first letter in another case */
	n = snprintf(body, sizeof(body), "%s", good);
	body[name - good] ^= 0x20;
	reply_check("in another case", (size_t)(name - good), body, (size_t)n,
		    way->step[step].status, "application/json", may);
	/* with something behind it */
	n = snprintf(body, sizeof(body), "%.*s\\u0000x%s", (int)(name - good + (long)len), good,
		     name + len);
	plain_check("a NUL in its name", (size_t)(name - good), body, (size_t)n);
	/* twice: the same again, before all */
	n = snprintf(body, sizeof(body), "{\"%.*s,%s", (int)whole - 1, name, good + 1);
	plain_check("twice", (size_t)(name - good), body, (size_t)n);
	n = snprintf(body, sizeof(body), "{\"%.*s\":\"evil\",%s", (int)len, name, good + 1);
	plain_check("another before it", (size_t)(name - good), body, (size_t)n);
	/* not at all */
	n = snprintf(body, sizeof(body), "%.*sx%s", (int)(name - good), good, name);
	reply_check("under another name", (size_t)(name - good), body, (size_t)n,
		    way->step[step].status, "application/json", may);
}

/* Members at the top: {"name":value,... without spaces, as all good bodies here are. */
static void members_check(const char *good)
{
	const char *at = good + 1;

	if (good[0] != '{' || good[1] != '"')
		return;
	while (*at == '"') {
		const char *name = at + 1;
		size_t len = strcspn(name, "\"");
		const char *value = name + len + 2;

		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
			value_check(good, value, value_length(value), name, len, values[i]);
		name_check(good, name, len, value);
		at = value + value_length(value);
		at += *at == ',';
	}
}

/* An error beside everything that is good. */
static void errors_check(const char *good)
{
	static const char *const errors[] = {
		"\"authorization_pending\"",
		"\"slow_down\"",
		"\"access_denied\"",
		"\"expired_token\"",
		"\"invalid_grant\"",
		"\"invalid_client\"",
		"\"what\"",
		"1",
		"true",
		"{}",
		"[]",
		"{\"code\":\"x\"}",
	};
	char body[8192];

	if (strcmp(way->step[step].name, "tokens") != 0)
		return;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		int n = snprintf(body, sizeof(body), "{\"error\":%s,%s", errors[i], good + 1);

		plain_check("an error beside it", i, body, (size_t)n);
	}
}

/* The good body with every other status. */
static void statuses_check(const char *good, size_t len)
{
	long right = way->step[step].status ? way->step[step].status : 200;
	bool any_success = strstr(way->settings, "dialect=calcom") != NULL;

	for (long status = 100; status < 600; status++)
		if (status != right)
			reply_check("status", (size_t)status, good, len, status, "application/json",
				    any_success && status / 100 == 2);
}

static void step_check(void)
{
	const char *good = way_body(way, step);
	size_t len = strlen(good);
	unsigned long before = replies, granted_before = granted;
	int bad_before = bad;

	alarm(120);
	if (!pending()) { /* what stays pending ends without a grant, whatever is said */
		cut_check(good, len);
		spoil_check(good, len);
		wrap_check(good, len);
		members_check(good);
		errors_check(good);
	}
	bodies_check();
	deep_check();
	statuses_check(good, len);
	failures += bad != bad_before;
	printf("%sok %d - %s, %s: %lu replies, %lu granted%s\n", bad == bad_before ? "" : "not ",
	       ++tests, way->name, way->step[step].name, replies - before, granted - granted_before,
	       way->step[step].harmless ? " (it costs no login)" : "");
	fflush(stdout);
}

static void way_check(void)
{
	struct way_end end = way_walk(way, NULL);
	bool good = end.verdict == VERDICT_GRANTED && end.claims_right && end.clean;

	failures += !good;
	printf("%sok %d - %s: granted when all is well\n", good ? "" : "not ", ++tests, way->name);
	for (step = 0; way->step[step].name; step++)
		step_check();
}

int main(void)
{
	ways_make();
	for (size_t i = 0; i < ways_count; i++) {
		way = &ways[i];
		way_check();
	}
	failures += replies - granted < 3300;
	printf("%sok %d - %lu bad replies, %lu of them refused\n",
	       replies - granted < 3300 ? "not " : "", ++tests, replies, replies - granted);
	printf("1..%d\n", tests);
	return failures != 0;
}
