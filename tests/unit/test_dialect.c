/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dialects, run over recorded replies: tests/dialect/<dialect>/<case>.reply, one test for each
 * file (the format is in tests/dialect/README.md). Behind them, for each dialect, what must hold
 * for any bytes at all: no reply that was cut short and none that was tampered with ever yields a
 * token that could not stand in a header.
 *
 *	test_dialect [DIRECTORY]	default: $TOP/tests/dialect, or tests/dialect
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>

#include "dialect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	CASES_MAX = 2048,
	DIALECTS_MAX = 16,
	FILE_BYTES_MAX = 2 * REPLY_BYTES_MAX,
	HEADERS_MAX = 16,
	MUTATIONS = 100 * 1000, /* of the good replies of each step of each dialect */
	SEED_BYTES_MAX = 2000,	/* longer replies are not tampered with */
};

/* One file. */
struct reply_case {
	char name[512]; /* "rfc8628/redeem-token-good.reply" */
	char path[1200];
	const struct dialect *dialect; /* NULL: its directory is no dialect's name */
	char *text;		       /* the file, cut into lines in place */
	size_t headers;
	struct {
		const char *key;
		const char *value;
	} header[HEADERS_MAX];
	const char *body; /* within text, decoded */
	size_t body_len;
};

/* One dialect's directory, for the properties. */
struct dialect_case {
	char name[512];
	const struct dialect *dialect;
	size_t first, behind; /* its files among cases[] */
};

static struct reply_case cases[CASES_MAX];
static size_t case_count;
static struct dialect_case dialects[DIALECTS_MAX];
static size_t dialect_count;

static struct reply reply;
static struct invite invite;
static struct tokens tokens;

/* ---- reading a file ---- */

static const char *header_find(const struct reply_case *c, const char *key)
{
	for (size_t i = 0; i < c->headers; i++)
		if (strcmp(c->header[i].key, key) == 0)
			return c->header[i].value;
	return NULL;
}

static const char *header_or(const struct reply_case *c, const char *key, const char *otherwise)
{
	const char *value = header_find(c, key);

	return value ? value : otherwise;
}

static char *file_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *text = malloc(FILE_BYTES_MAX + 1);

	assert_non_null(text);
	if (!file)
		fail_msg("cannot be opened");
	*len = fread(text, 1, FILE_BYTES_MAX + 1, file);
	fclose(file);
	if (*len > FILE_BYTES_MAX)
		fail_msg("longer than %d bytes", FILE_BYTES_MAX);
	text[*len] = '\0';
	return text;
}

/* The byte behind a backslash at *AT, which moves on. */
static char escape_read(const char **at, const char *end)
{
	static const char names[] = "nrt0\\";
	static const char bytes[] = "\n\r\t\0\\";
	const char *found = *at < end && **at ? strchr(names, **at) : NULL;
	char digits[3] = "";
	char *rest;
	long byte;

	if (found) {
		(*at)++;
		return bytes[found - names];
	}
	if (end - *at < 3 || **at != 'x')
		fail_msg("an unknown escape in the body");
	memcpy(digits, *at + 1, 2);
	byte = strtol(digits, &rest, 16);
	if (*rest != '\0')
		fail_msg("\\x without two digits in the body");
	*at += 3;
	return (char)byte;
}

static void body_unescape(struct reply_case *c, char *body)
{
	const char *at = body;
	const char *end = body + c->body_len;
	char *out = body;

	while (at < end) {
		char byte = *at++;

		if (byte == '\\')
			*out++ = escape_read(&at, end);
		else if (byte != '\n')
			*out++ = byte;
	}
	c->body_len = (size_t)(out - body);
}

static void header_add(struct reply_case *c, char *line)
{
	static const char *const known[] = {
		"step",	       "expect",	"reason",	 "status",	"content_type",
		"retry_after", "trouble",	"body_encoding", "device_code", "user_code",
		"uri",	       "uri_complete",	"expires_in",	 "interval",	"access_token",
		"id_token",    "refresh_token",
	};
	char *colon = strstr(line, ": ");

	if (!colon || c->headers == HEADERS_MAX)
		fail_msg("no header: %s", line);
	*colon = '\0';
	for (size_t i = 0; i < COUNT(known); i++) {
		if (strcmp(line, known[i]) != 0)
			continue;
		if (header_find(c, line))
			fail_msg("%s stands there twice", line);
		c->header[c->headers].key = line;
		c->header[c->headers++].value = colon + 2;
		return;
	}
	fail_msg("an unknown header: %s", line);
}

static void case_read(struct reply_case *c)
{
	char *at, *newline;
	size_t len;

	if (c->text)
		return;
	c->text = file_read(c->path, &len);
	for (at = c->text; *at != '\n'; at = newline + 1) {
		newline = strchr(at, '\n');
		if (!newline)
			fail_msg("no empty line behind the headers");
		*newline = '\0';
		header_add(c, at);
	}
	c->body = at + 1;
	c->body_len = len - (size_t)(c->body - c->text);
	if (strcmp(header_or(c, "body_encoding", "raw"), "c-escapes") == 0)
		body_unescape(c, at + 1);
	else if (header_find(c, "body_encoding"))
		fail_msg("an unknown body_encoding");
}

/* ---- running it ---- */

/* Is WORD one of the WORDS, which spaces separate? */
static bool listed(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		if (n == len && strncmp(at, word, n) == 0)
			return true;
		at += n;
	}
	return false;
}

static void reply_fill(const char *body, size_t len)
{
	assert_true(len <= REPLY_BYTES_MAX);
	memcpy(reply.body, body, len);
	reply.body[len] = '\0';
	reply.len = len;
}

static void reply_make(const struct reply_case *c, long status)
{
	const char *type = header_or(c, "content_type", "application/json");

	memset(&reply, 0, sizeof(reply));
	reply.trouble = header_find(c, "trouble");
	reply.arrived = !reply.trouble;
	reply.timed_out = reply.trouble && strcmp(reply.trouble, "timeout") == 0;
	reply.status = status;
	reply.retry_after = strtol(header_or(c, "retry_after", "-1"), NULL, 10);
	if (strcmp(type, "none") != 0)
		snprintf(reply.content_type, sizeof(reply.content_type), "%s", type);
	reply_fill(c->body, c->body_len);
}

static void text_expect(const struct reply_case *c, const char *key, const char *got)
{
	const char *want = header_or(c, key, "");

	if (strcmp(got, want) != 0)
		fail_msg("%s: %s is \"%s\", not \"%s\"", c->name, key, got, want);
}

static void number_expect(const struct reply_case *c, const char *key, int64_t got)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)got);
	if (!listed(header_or(c, key, ""), text))
		fail_msg("%s: %s is %s, not %s", c->name, key, text, header_or(c, key, "said"));
}

static void invite_expect(const struct reply_case *c)
{
	text_expect(c, "device_code", invite.device_code);
	text_expect(c, "user_code", invite.user_code);
	text_expect(c, "uri", invite.uri);
	text_expect(c, "uri_complete", invite.uri_complete);
	number_expect(c, "expires_in", invite.expires_in);
	number_expect(c, "interval", invite.interval);
}

static void tokens_expect(const struct reply_case *c)
{
	text_expect(c, "access_token", tokens.access);
	text_expect(c, "id_token", tokens.id);
	text_expect(c, "refresh_token", tokens.refresh);
}

static void nothing_expect(const struct reply_case *c)
{
	(void)c;
}

static enum verdict invite_run(const struct dialect *dialect, const char **reason)
{
	memset(&invite, 0x5a, sizeof(invite));
	return dialect->invite_reply(&reply, &invite, reason);
}

static enum verdict redeem_run(const struct dialect *dialect, const char **reason)
{
	memset(&tokens, 0x5a, sizeof(tokens));
	return dialect->redeem_reply(&reply, &tokens, reason);
}

static enum verdict exchange_run(const struct dialect *dialect, const char **reason)
{
	memset(&tokens, 0x5a, sizeof(tokens));
	return dialect->exchange_reply(&reply, &tokens, reason);
}

static enum verdict refresh_run(const struct dialect *dialect, const char **reason)
{
	memset(&tokens, 0x5a, sizeof(tokens));
	return dialect->refresh_reply(&reply, &tokens, reason);
}

static enum verdict revoke_run(const struct dialect *dialect, const char **reason)
{
	return dialect->revoke_reply(&reply, reason);
}

static void invite_holds(const char *name);
static void tokens_hold(const char *name);
static void nothing_holds(const char *name);

static const struct step {
	const char *name;
	size_t reader; /* where struct dialect has its function, which may be NULL */
	enum verdict (*run)(const struct dialect *dialect, const char **reason);
	void (*expect)(const struct reply_case *c); /* of a granted reply in a file */
	void (*holds)(const char *name);	    /* of any granted reply */
} steps[] = {
	{ "invite", offsetof(struct dialect, invite_reply), invite_run, invite_expect,
	  invite_holds },
	{ "redeem", offsetof(struct dialect, redeem_reply), redeem_run, tokens_expect,
	  tokens_hold },
	{ "exchange", offsetof(struct dialect, exchange_reply), exchange_run, tokens_expect,
	  tokens_hold },
	{ "refresh", offsetof(struct dialect, refresh_reply), refresh_run, tokens_expect,
	  tokens_hold },
	{ "revoke", offsetof(struct dialect, revoke_reply), revoke_run, nothing_expect,
	  nothing_holds },
};

static bool step_exists(const struct dialect *dialect, const struct step *step)
{
	void (*reader)(void);

	memcpy(&reader, (const char *)dialect + step->reader, sizeof(reader));
	return reader != NULL;
}

static const struct step *step_find(const struct reply_case *c)
{
	for (size_t i = 0; i < COUNT(steps); i++)
		if (strcmp(header_or(c, "step", ""), steps[i].name) == 0)
			return &steps[i];
	return NULL;
}

static void case_try(const struct reply_case *c, const struct step *step, long status)
{
	const char *reason = NULL;
	enum verdict verdict;

	reply_make(c, status);
	verdict = step->run(c->dialect, &reason);
	if (!listed(header_or(c, "expect", ""), verdict_name(verdict)))
		fail_msg("%s: status %ld: %s (%s), not %s", c->name, status, verdict_name(verdict),
			 reason ? reason : "no reason", header_or(c, "expect", "said"));
	if (!reason || reason[0] == '\0' ||
	    strspn(reason, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(reason))
		fail_msg("%s: status %ld: no snake_case reason", c->name, status);
	if (!listed(header_or(c, "reason", reason), reason))
		fail_msg("%s: status %ld: reason %s, not %s", c->name, status, reason,
			 header_find(c, "reason"));
	if (verdict == VERDICT_GRANTED)
		step->expect(c);
}

static void case_runs(void **state)
{
	struct reply_case *c = *state;
	const struct step *step;
	char *end;

	if (!c->dialect)
		fail_msg("%s: the directory is no dialect's name", c->name);
	case_read(c);
	step = step_find(c);
	if (!step)
		fail_msg("%s: an unknown step", c->name);
	if (!step_exists(c->dialect, step))
		fail_msg("%s: the dialect has no such step", c->name);
	for (const char *at = header_or(c, "status", "200"); *at; at = end) {
		long status = strtol(at, &end, 10);

		if (end == at || status < 100 || status > 599)
			fail_msg("%s: no status: %s", c->name, at);
		case_try(c, step, status);
	}
}

/* ---- for any bytes at all ---- */

/* The same numbers in every run. */
static uint32_t random_next(void)
{
	static uint64_t x = UINT64_C(88172645463325252);

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 32);
}

/* RFC 6750 2.1, written down a second time: 1*( ALPHA / DIGIT / -._~+/ ) *"=" */
static bool b64token(const char *text)
{
	const char *at = text;

	while ((*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') ||
	       (*at >= '0' && *at <= '9') || (*at && strchr("-._~+/", *at)))
		at++;
	if (at == text)
		return false;
	while (*at == '=')
		at++;
	return *at == '\0' && strlen(text) <= TOKEN_MAX;
}

static void tokens_hold(const char *name)
{
	if (!b64token(tokens.access) || strnlen(tokens.id, sizeof(tokens.id)) > TOKEN_MAX ||
	    strnlen(tokens.refresh, sizeof(tokens.refresh)) > TOKEN_MAX)
		fail_msg("%s: a token that is none, out of: %s", name, reply.body);
}

static void invite_holds(const char *name)
{
	size_t device = strnlen(invite.device_code, sizeof(invite.device_code));
	size_t user = strnlen(invite.user_code, sizeof(invite.user_code));
	size_t uri = strnlen(invite.uri, sizeof(invite.uri));

	if (device == 0 || device == sizeof(invite.device_code) || user == 0 ||
	    user == sizeof(invite.user_code) || uri == 0 || uri == sizeof(invite.uri) ||
	    !memchr(invite.uri_complete, '\0', sizeof(invite.uri_complete)))
		fail_msg("%s: an invitation that is none, out of: %s", name, reply.body);
	assert_in_range(invite.interval, 1, INTERVAL_MAX);
	assert_in_range(invite.expires_in, 1, EXPIRES_MAX);
}

static void nothing_holds(const char *name)
{
	(void)name;
}

/* The granted replies of STEP that are short enough to play with. */
static size_t seeds_find(const struct dialect_case *d, const char *step,
			 const struct reply_case **seeds, size_t most)
{
	size_t n = 0;

	for (size_t i = d->first; i < d->behind && n < most; i++) {
		struct reply_case *c = &cases[i];

		case_read(c);
		if (strcmp(header_or(c, "step", ""), step) == 0 &&
		    strcmp(header_or(c, "expect", ""), "granted") == 0 &&
		    c->body_len <= SEED_BYTES_MAX)
			seeds[n++] = c;
	}
	return n;
}

/* A JSON text without its end is none: every shorter reply must be refused. */
static void truncations_run(const struct dialect_case *d, const struct step *step)
{
	static const struct reply_case *seeds[CASES_MAX];
	size_t count = seeds_find(d, step->name, seeds, COUNT(seeds));

	for (size_t i = 0; i < count; i++) {
		size_t len = seeds[i]->body_len;
		const char *reason;

		reply_make(seeds[i], 200);
		while (len > 0 && strchr(" \t\r\n", seeds[i]->body[len - 1]))
			len--;
		while (len-- > 0) {
			reply_fill(seeds[i]->body, len);
			if (step->run(d->dialect, &reason) == VERDICT_GRANTED)
				fail_msg("%s: granted by the first %zu bytes", seeds[i]->name, len);
		}
	}
}

/* What JSON, forms and header lines care about, and any byte. */
static char byte_next(void)
{
	static const char odd[] = "\"\\{}[]:,=&\r\n\t \0\x7f\x80\xff"
				  "u0dax/-+.eE%";

	return random_next() % 4 ? odd[random_next() % (sizeof(odd) - 1)] : (char)random_next();
}

/* Replaces, inserts, removes or doubles a few bytes of reply.body. */
static void reply_mutate(void)
{
	for (size_t n = 1 + random_next() % 4; n > 0; n--) {
		size_t at = random_next() % (uint32_t)(reply.len + 1);
		size_t run = 1 + random_next() % 8;

		switch (random_next() % 4) {
		case 0:
			if (at < reply.len)
				reply.body[at] = byte_next();
			break;
		case 1:
			memmove(reply.body + at + 1, reply.body + at, reply.len - at);
			reply.body[at] = byte_next();
			reply.len++;
			break;
		case 2:
			run = run < reply.len - at ? run : reply.len - at;
			memmove(reply.body + at, reply.body + at + run, reply.len - at - run);
			reply.len -= run;
			break;
		default:
			run = run < reply.len - at ? run : reply.len - at;
			memmove(reply.body + at + run, reply.body + at, reply.len - at);
			reply.len += run;
			break;
		}
	}
	reply.body[reply.len] = '\0';
}

/* Some must still be good, or the tampering is too rough to say anything. */
static void mutations_run(const struct dialect_case *d, const struct step *step)
{
	static const struct reply_case *seeds[CASES_MAX];
	size_t count = seeds_find(d, step->name, seeds, COUNT(seeds));
	size_t granted = 0;

	for (int i = 0; count > 0 && i < MUTATIONS; i++) {
		const struct reply_case *seed = seeds[random_next() % count];
		const char *reason = NULL;

		reply.arrived = true;
		reply.status = 200;
		reply_fill(seed->body, seed->body_len);
		reply_mutate();
		if (step->run(d->dialect, &reason) == VERDICT_GRANTED) {
			step->holds(d->name);
			granted++;
		}
	}
	if (count > 0 && granted < MUTATIONS / 100)
		fail_msg("%s: %s: only %zu good ones", d->name, step->name, granted);
}

static void cut_replies_grant_nothing(void **state)
{
	for (size_t i = 0; i < COUNT(steps); i++)
		if (steps[i].holds != nothing_holds)
			truncations_run(*state, &steps[i]);
}

static void tampered_replies_do_no_harm(void **state)
{
	memset(&reply, 0, sizeof(reply));
	strcpy(reply.content_type, "application/json");
	for (size_t i = 0; i < COUNT(steps); i++)
		mutations_run(*state, &steps[i]);
}

static void unknown_names_find_nothing(void **state)
{
	(void)state;
	assert_ptr_equal(dialect_find("rfc8628"), &dialect_rfc8628);
	assert_null(dialect_find("RFC8628"));
	assert_null(dialect_find("rfc86280"));
	assert_null(dialect_find("rfc862"));
	assert_null(dialect_find(""));
	assert_null(dialect_find(NULL));
}

static void there_are_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < dialect_count; i++)
		if (dialects[i].behind == dialects[i].first)
			fail_msg("%s: no *.reply in it", dialects[i].name);
	assert_true(dialect_count > 0);
	assert_true(case_count > 0 && case_count < CASES_MAX);
}

/* ---- finding the files ---- */

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int is_reply(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".reply") == 0 && visible(entry);
}

static void replies_find(const char *directory, struct dialect_case *d)
{
	struct dirent **list = NULL;
	int n = scandir(directory, &list, is_reply, alphasort);

	d->first = case_count;
	for (int i = 0; i < n; i++) {
		struct reply_case *c = &cases[case_count];

		if (case_count < CASES_MAX - 1)
			case_count++;
		c->dialect = d->dialect;
		snprintf(c->name, sizeof(c->name), "%.255s/%.255s", d->name, list[i]->d_name);
		snprintf(c->path, sizeof(c->path), "%s/%s", directory, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	d->behind = case_count;
}

static void dialects_find(const char *top)
{
	struct dirent **list = NULL;
	int n = scandir(top, &list, visible, alphasort);

	for (int i = 0; i < n; i++) {
		struct dialect_case *d = &dialects[dialect_count];
		char path[900];
		DIR *directory;

		snprintf(path, sizeof(path), "%.600s/%s", top, list[i]->d_name);
		directory = opendir(path);
		if (directory && dialect_count < DIALECTS_MAX) {
			snprintf(d->name, sizeof(d->name), "%s", list[i]->d_name);
			d->dialect = dialect_find(d->name);
			replies_find(path, d);
			dialect_count++;
		}
		if (directory)
			closedir(directory);
		free(list[i]);
	}
	free(list);
}

static size_t tests_list(struct CMUnitTest *tests)
{
	static char names[2 * DIALECTS_MAX][600];
	size_t n = 0;

	for (size_t i = 0; i < case_count; i++)
		tests[n++] = (struct CMUnitTest){ .name = cases[i].name,
						  .test_func = case_runs,
						  .initial_state = &cases[i] };
	for (size_t i = 0; i < dialect_count; i++) {
		if (!dialects[i].dialect)
			continue;
		snprintf(names[2 * i], sizeof(names[0]), "%.500s: cut_replies_grant_nothing",
			 dialects[i].name);
		snprintf(names[2 * i + 1], sizeof(names[0]), "%.500s: tampered_replies_do_no_harm",
			 dialects[i].name);
		tests[n++] = (struct CMUnitTest){ .name = names[2 * i],
						  .test_func = cut_replies_grant_nothing,
						  .initial_state = &dialects[i] };
		tests[n++] = (struct CMUnitTest){ .name = names[2 * i + 1],
						  .test_func = tampered_replies_do_no_harm,
						  .initial_state = &dialects[i] };
	}
	return n;
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[CASES_MAX + 2 * DIALECTS_MAX + 2] = {
		cmocka_unit_test(unknown_names_find_nothing),
		cmocka_unit_test(there_are_replies),
	};
	const char *top = getenv("TOP");
	char path[600];
	size_t n;
	int failed;

	if (argc > 1)
		snprintf(path, sizeof(path), "%s", argv[1]);
	else
		snprintf(path, sizeof(path), "%s%stests/dialect", top ? top : "", top ? "/" : "");
	dialects_find(path);
	n = 2 + tests_list(tests + 2);
	failed = _cmocka_run_group_tests("dialect", tests, n, NULL, NULL);
	for (size_t i = 0; i < case_count; i++)
		free(cases[i].text);
	return failed;
}
