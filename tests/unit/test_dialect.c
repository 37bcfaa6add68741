/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dialects, run over replies: tests/dialect/<dialect>/<case>.reply, one test for each
 * file (the format is in tests/dialect/README.md). Before them, each request byte for byte as the
 * provider documents it. Behind them, for each dialect, what must hold for any bytes at all: no
 * reply that was cut short and none that was tampered with ever yields a token that could not
 * stand in a header.
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

#include "helper/oauth_client/dialect/dialect.h"
#include "helper/oauth_client/oauth/discover.h"
#include "within.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	CASES_MAX = 4096,
	DIALECTS_MAX = 16,
	FILE_BYTES_MAX = 2 * REPLY_BYTES_MAX,
	HEADERS_MAX = 16,
	MUTATIONS = 100 * 1000, /* of the good replies of each step of each dialect */
	SEED_BYTES_MAX = 2000,	/* longer replies are not tampered with */
	FIRST_TESTS = 6,	/* those that are no file's */
};

/* One file. */
struct reply_case {
	char name[512]; /* "rfc8628/token-token-good.reply" */
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
static struct authorization authorization;
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
		"id_token",    "refresh_token", "expires_at",
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
	reply.arrived = !header_find(c, "trouble");
	reply.trouble = reply.arrived ? REASON_NONE : reason_find(header_find(c, "trouble"));
	if (reply.trouble == REASON_COUNT)
		fail_msg("%s: no such trouble: %s", c->name, header_find(c, "trouble"));
	reply.timed_out = reply.trouble == REASON_TIMEOUT;
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

static void authorize_expect(const struct reply_case *c)
{
	text_expect(c, "device_code", authorization.device_code);
	text_expect(c, "user_code", authorization.user_code);
	text_expect(c, "uri", authorization.uri);
	text_expect(c, "uri_complete", authorization.uri_complete);
	number_expect(c, "expires_in", authorization.expires_in);
	number_expect(c, "interval", authorization.interval);
}

static void tokens_expect(const struct reply_case *c)
{
	text_expect(c, "access_token", tokens.access);
	text_expect(c, "id_token", tokens.id);
	text_expect(c, "refresh_token", tokens.refresh);
	if (header_find(c, "expires_in"))
		number_expect(c, "expires_in", tokens.expires_in);
	if (header_find(c, "expires_at"))
		number_expect(c, "expires_at", tokens.expires_at);
}

static void nothing_expect(const struct reply_case *c)
{
	(void)c;
}

static enum verdict authorize_run(const struct dialect *dialect, enum reason *reason)
{
	memset(&authorization, 0x5a, sizeof(authorization));
	return dialect->authorization_reply(&reply, &authorization, reason);
}

static enum verdict token_run(const struct dialect *dialect, enum reason *reason)
{
	memset(&tokens, 0x5a, sizeof(tokens));
	return dialect->token_reply(&reply, &tokens, reason);
}

static enum verdict exchange_run(const struct dialect *dialect, enum reason *reason)
{
	memset(&tokens, 0x5a, sizeof(tokens));
	return dialect->exchange_reply(&reply, &tokens, reason);
}

static enum verdict refresh_run(const struct dialect *dialect, enum reason *reason)
{
	memset(&tokens, 0x5a, sizeof(tokens));
	return dialect->refresh_reply(&reply, &tokens, reason);
}

static enum verdict revoke_run(const struct dialect *dialect, enum reason *reason)
{
	return dialect->revoke_reply(&reply, reason);
}

static void authorize_holds(const char *name);
static void tokens_hold(const char *name);
static void nothing_holds(const char *name);

static const struct step {
	const char *name;
	size_t reader; /* where struct dialect has its function, which may be NULL */
	enum verdict (*run)(const struct dialect *dialect, enum reason *reason);
	void (*expect)(const struct reply_case *c); /* of a granted reply in a file */
	void (*holds)(const char *name);	    /* of any granted reply */
} steps[] = {
	{ "authorize", offsetof(struct dialect, authorization_reply), authorize_run,
	  authorize_expect, authorize_holds },
	{ "token", offsetof(struct dialect, token_reply), token_run, tokens_expect, tokens_hold },
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
	enum reason reason = REASON_NONE;
	enum verdict verdict;

	reply_make(c, status);
	verdict = step->run(c->dialect, &reason);
	if (!listed(header_or(c, "expect", ""), verdict_name(verdict)))
		fail_msg("%s: status %ld: %s (%s), not %s", c->name, status, verdict_name(verdict),
			 reason_name(reason), header_or(c, "expect", "said"));
	if (reason <= REASON_NONE || reason >= REASON_COUNT)
		fail_msg("%s: status %ld: no reason", c->name, status);
	if (!listed(header_or(c, "reason", reason_name(reason)), reason_name(reason)))
		fail_msg("%s: status %ld: reason %s, not %s", c->name, status, reason_name(reason),
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
/* "" or ASCII from FIRST to a tilde, its end within LEN bytes. */
static bool ascii(const char *text, char first, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\0')
			return true;
		if (text[i] < first || text[i] > '~')
			return false;
	}
	return false;
}

static void tokens_hold(const char *name)
{
	if (tokens.access[0] == '\0' || !ascii(tokens.access, '!', sizeof(tokens.access)) ||
	    !ascii(tokens.id, '!', sizeof(tokens.id)) ||
	    !ascii(tokens.refresh, '!', sizeof(tokens.refresh)))
		fail_msg("%s: a token that is none, out of: %s", name, reply.body);
	if (tokens.expires_in < 0 || tokens.expires_at < 0)
		fail_msg("%s: ends before the epoch, out of: %s", name, reply.body);
}

static void authorize_holds(const char *name)
{
	size_t device = strnlen(authorization.device_code, sizeof(authorization.device_code));
	size_t user = strnlen(authorization.user_code, sizeof(authorization.user_code));
	size_t uri = strnlen(authorization.uri, sizeof(authorization.uri));

	if (device == 0 || device == sizeof(authorization.device_code) || user == 0 ||
	    user == sizeof(authorization.user_code) || uri == 0 ||
	    uri == sizeof(authorization.uri) ||
	    !memchr(authorization.uri_complete, '\0', sizeof(authorization.uri_complete)) ||
	    !ascii(authorization.device_code, ' ', sizeof(authorization.device_code)))
		fail_msg("%s: an authorization that is none, out of: %s", name, reply.body);
	assert_within(authorization.interval, 1, INTERVAL_MAX);
	assert_within(authorization.expires_in, 1, EXPIRES_MAX);
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
		enum reason reason;

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
		enum reason reason = REASON_NONE;

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

/* ---- requests ---- */

/* An opening packet: a verb, then keys and values, with NULs between. */
#define P(literal) literal, sizeof(literal)

#define TRAKT_DOORS                                                                                      \
	"issuer\0https://api.trakt.tv\0base_url\0https://api.trakt.tv\0"                                 \
	"device_authorization_endpoint\0{base_url}/oauth/device/code\0"                                  \
	"token_endpoint\0{base_url}/oauth/device/token\0"                                                \
	"authorization_endpoint\0https://trakt.tv/oauth/authorize\0"                                     \
	"refresh_endpoint\0{base_url}/oauth/token\0"                                                     \
	"revocation_endpoint\0{base_url}/oauth/revoke\0"                                                 \
	"userinfo_endpoint\0{base_url}/users/settings\0token_endpoint_auth_method\0client_secret_post\0" \
	"redirect_uri\0urn:ietf:wg:oauth:2.0:oob\0"
#define MASTODON_DOORS                                                                   \
	"issuer\0https://m.example\0base_url\0https://m.example\0"                       \
	"token_endpoint\0{base_url}/oauth/token\0"                                       \
	"authorization_endpoint\0{base_url}/oauth/authorize\0"                           \
	"revocation_endpoint\0{base_url}/oauth/revoke\0"                                 \
	"userinfo_endpoint\0{base_url}/api/v1/accounts/verify_credentials\0"             \
	"token_endpoint_auth_method\0client_secret_post\0scope\0profile read:accounts\0" \
	"redirect_uri\0urn:ietf:wg:oauth:2.0:oob\0"
#define CALCOM_DOORS                                                                            \
	"issuer\0https://api.cal.com\0base_url\0https://api.cal.com\0"                          \
	"authorization_endpoint\0https://app.cal.com/auth/oauth2/authorize\0"                   \
	"token_endpoint\0{base_url}/v2/oauth/{client_id}/exchange\0"                            \
	"refresh_endpoint\0{base_url}/v2/oauth/{client_id}/refresh\0"                           \
	"userinfo_endpoint\0{base_url}/v2/me\0token_endpoint_auth_method\0client_secret_post\0" \
	"redirect_uri\0https://site.example/show-code.html\0"
#define OIDC_DOORS                                                                                   \
	"issuer\0https://id.example\0token_endpoint\0https://id.example/token\0"                     \
	"device_authorization_endpoint\0https://id.example/device\0"                                 \
	"authorization_endpoint\0https://id.example/authorize\0"                                     \
	"revocation_endpoint\0https://id.example/revoke\0"                                           \
	"userinfo_endpoint\0https://id.example/me\0token_endpoint_auth_method\0client_secret_post\0" \
	"scope\0openid email\0redirect_uri\0https://site.example/show-code.html\0"

#define TRAKT \
	"login\0" TRAKT_DOORS "client_id\0app-1\0client_secret\0hush\0extra_params\0signup=true"
#define MASTODON "login\0" MASTODON_DOORS "client_id\0app-1\0client_secret\0hush"
#define CALCOM	 "login\0" CALCOM_DOORS "client_id\0app-1\0client_secret\0hush"
#define OIDC	 "login\0" OIDC_DOORS "client_id\0app-1\0client_secret\0hush"
/* what no form, no path and no JSON text takes as it is */
#define AWKWARD "client_id\0a b/c?d#e%2F&\"\\\0client_secret\0h\"u\\s&h=\xc3\xa4+"
/* what must never be a line of its own */
#define SPLIT_ID     "client_id\0a\r\nX-Evil: 1\0client_secret\0hush"
#define SPLIT_SECRET "client_id\0app-1\0client_secret\0hush\r\nX-Evil: 1"
#define SPLIT_CODE   "abc\r\nX-Evil: 1"

#define ACCEPT	   "Accept: application/json\n"
#define JSON_TYPE  "Content-Type: application/json\n"
#define FORM_TYPE  "Content-Type: application/x-www-form-urlencoded\n"
#define TRAKT_KEYS "trakt-api-version: 2\ntrakt-api-key: app-1\n"
#define OOB	   "urn:ietf:wg:oauth:2.0:oob"
#define OOB_FORM   "urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob"
#define PAGE_FORM  "https%3A%2F%2Fsite.example%2Fshow-code.html"

enum ask {
	ASK_AUTHORIZE,
	ASK_TOKEN,
	ASK_ADDRESS,
	ASK_EXCHANGE,
	ASK_IDENTITY,
	ASK_REFRESH,
	ASK_REVOKE_ACCESS,
	ASK_REVOKE_REFRESH,
};

/*
 * What a dialect sends, byte for byte: the method and the address, each header, an empty line, the
 * body. NULL: the request must be broken.
 */
static const struct request_case {
	const char *name;
	const struct dialect *dialect;
	enum ask ask;
	const char *settings;
	size_t settings_len;
	const char *with; /* the device code, code or token */
	const char *want;
} request_cases[] = {
	{ "trakt: authorize", &dialect_trakt, ASK_AUTHORIZE, P(TRAKT), "",
	  "POST https://api.trakt.tv/oauth/device/code\n" ACCEPT JSON_TYPE TRAKT_KEYS
	  "\n{\"client_id\":\"app-1\"}" },
	{ "trakt: token", &dialect_trakt, ASK_TOKEN, P(TRAKT), "d9c1",
	  "POST https://api.trakt.tv/oauth/device/token\n" ACCEPT JSON_TYPE TRAKT_KEYS
	  "\n{\"client_id\":\"app-1\",\"client_secret\":\"hush\",\"code\":\"d9c1\"}" },
	{ "trakt: address", &dialect_trakt, ASK_ADDRESS, P(TRAKT), "",
	  "GET https://trakt.tv/oauth/authorize?response_type=code&client_id=app-1&redirect_uri=" OOB_FORM
	  "&state=the-state-16-byt&signup=true\n" ACCEPT "\n" },
	{ "trakt: exchange", &dialect_trakt, ASK_EXCHANGE, P(TRAKT), "abc",
	  "POST https://api.trakt.tv/oauth/token\n" ACCEPT JSON_TYPE TRAKT_KEYS
	  "\n{\"client_id\":\"app-1\",\"client_secret\":\"hush\",\"redirect_uri\":\"" OOB
	  "\",\"grant_type\":\"authorization_code\",\"code\":\"abc\"}" },
	{ "trakt: identity", &dialect_trakt, ASK_IDENTITY, P(TRAKT), "at-1",
	  "GET https://api.trakt.tv/users/settings\n" ACCEPT
	  "Authorization: Bearer at-1\n" TRAKT_KEYS JSON_TYPE "\n" },
	{ "trakt: refresh", &dialect_trakt, ASK_REFRESH, P(TRAKT), "rt-1",
	  "POST https://api.trakt.tv/oauth/token\n" ACCEPT JSON_TYPE TRAKT_KEYS
	  "\n{\"client_id\":\"app-1\",\"client_secret\":\"hush\",\"redirect_uri\":\"" OOB
	  "\",\"grant_type\":\"refresh_token\",\"refresh_token\":\"rt-1\"}" },
	{ "trakt: revoke", &dialect_trakt, ASK_REVOKE_ACCESS, P(TRAKT), "at-1",
	  "POST https://api.trakt.tv/oauth/revoke\n" ACCEPT JSON_TYPE TRAKT_KEYS
	  "\n{\"client_id\":\"app-1\",\"client_secret\":\"hush\",\"token\":\"at-1\"}" },
	{ "trakt: an awkward client, token", &dialect_trakt, ASK_TOKEN,
	  P("login\0" TRAKT_DOORS AWKWARD), "q\"b\\c\n\t\x01",
	  "POST https://api.trakt.tv/oauth/device/token\n" ACCEPT JSON_TYPE
	  "trakt-api-version: 2\ntrakt-api-key: a b/c?d#e%2F&\"\\\n\n"
	  "{\"client_id\":\"a b/c?d#e%2F&\\\"\\\\\",\"client_secret\":\"h\\\"u\\\\s&h=\xc3\xa4+\","
	  "\"code\":\"q\\\"b\\\\c\\u000a\\u0009\\u0001\"}" },
	{ "oidc: a scope of another name, authorize", &dialect_rfc8628, ASK_AUTHORIZE,
	  P(OIDC "\0scope_name\0scopes"), "",
	  "POST https://id.example/device\n" ACCEPT FORM_TYPE
	  "\nclient_id=app-1&client_secret=hush&scopes=openid%20email" },
	{ "oidc: a scope of another name, token", &dialect_rfc8628, ASK_TOKEN,
	  P(OIDC "\0scope_name\0scopes"), "abc",
	  "POST https://id.example/token\n" ACCEPT FORM_TYPE
	  "\ngrant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=abc"
	  "&client_id=app-1&client_secret=hush&scopes=openid%20email" },
	{ "trakt: an awkward client, address", &dialect_trakt, ASK_ADDRESS,
	  P("login\0" TRAKT_DOORS AWKWARD), "",
	  "GET https://trakt.tv/oauth/authorize?response_type=code&client_id="
	  "a%20b%2Fc%3Fd%23e%252F%26%22%5C&redirect_uri=" OOB_FORM
	  "&state=the-state-16-byt\n" ACCEPT "\n" },
	{ "trakt: a code that would end the JSON string", &dialect_trakt, ASK_EXCHANGE, P(TRAKT),
	  "x\",\"grant_type\":\"refresh_token",
	  "POST https://api.trakt.tv/oauth/token\n" ACCEPT JSON_TYPE TRAKT_KEYS
	  "\n{\"client_id\":\"app-1\",\"client_secret\":\"hush\",\"redirect_uri\":\"" OOB
	  "\",\"grant_type\":\"authorization_code\",\"code\":\"x\\\",\\\"grant_type\\\":"
	  "\\\"refresh_token\"}" },
	{ "trakt: a client of two lines, authorize", &dialect_trakt, ASK_AUTHORIZE,
	  P("login\0" TRAKT_DOORS SPLIT_ID), "", NULL },
	{ "trakt: a client of two lines, token", &dialect_trakt, ASK_TOKEN,
	  P("login\0" TRAKT_DOORS SPLIT_ID), "abc", NULL },
	{ "trakt: a client of two lines, exchange", &dialect_trakt, ASK_EXCHANGE,
	  P("login\0" TRAKT_DOORS SPLIT_ID), "abc", NULL },
	{ "trakt: a client of two lines, identity", &dialect_trakt, ASK_IDENTITY,
	  P("login\0" TRAKT_DOORS SPLIT_ID), "abc", NULL },
	{ "trakt: a client of two lines, refresh", &dialect_trakt, ASK_REFRESH,
	  P("login\0" TRAKT_DOORS SPLIT_ID), "abc", NULL },
	{ "trakt: a client of two lines, revoke", &dialect_trakt, ASK_REVOKE_ACCESS,
	  P("login\0" TRAKT_DOORS SPLIT_ID), "abc", NULL },
	{ "trakt: a token of two lines", &dialect_trakt, ASK_IDENTITY, P(TRAKT), SPLIT_CODE, NULL },

	{ "mastodon: address", &dialect_mastodon, ASK_ADDRESS, P(MASTODON), "",
	  "GET https://m.example/oauth/authorize?response_type=code&client_id=app-1&redirect_uri=" OOB_FORM
	  "&scope=profile%20read%3Aaccounts&force_login=true&code_challenge="
	  "the-challenge&code_challenge_method=S256\n" ACCEPT "\n" },
	{ "mastodon: exchange", &dialect_mastodon, ASK_EXCHANGE, P(MASTODON), "abc",
	  "POST https://m.example/oauth/token\n" ACCEPT FORM_TYPE
	  "\ngrant_type=authorization_code&code=abc&redirect_uri=" OOB_FORM
	  "&code_verifier=the-verifier&client_id=app-1&client_secret=hush"
	  "&scope=profile%20read%3Aaccounts" },
	{ "mastodon: identity", &dialect_mastodon, ASK_IDENTITY, P(MASTODON), "at-1",
	  "GET https://m.example/api/v1/accounts/verify_credentials\n" ACCEPT
	  "Authorization: Bearer at-1\n\n" },
	{ "mastodon: revoke", &dialect_mastodon, ASK_REVOKE_ACCESS, P(MASTODON), "at-1",
	  "POST https://m.example/oauth/revoke\n" ACCEPT FORM_TYPE
	  "\ntoken=at-1&token_type_hint=access_token&client_id=app-1&client_secret=hush" },
	{ "mastodon: a code that would be more fields", &dialect_mastodon, ASK_EXCHANGE,
	  P("login\0" MASTODON_DOORS AWKWARD), "a&client_id=evil\r\n%00+\xe2\x80\xae",
	  "POST https://m.example/oauth/token\n" ACCEPT FORM_TYPE
	  "\ngrant_type=authorization_code&code=a%26client_id%3Devil%0D%0A%2500%2B%E2%80%AE"
	  "&redirect_uri=" OOB_FORM "&code_verifier=the-verifier"
	  "&client_id=a%20b%2Fc%3Fd%23e%252F%26%22%5C&client_secret=h%22u%5Cs%26h%3D%C3%A4%2B"
	  "&scope=profile%20read%3Aaccounts" },
	{ "mastodon: a token of two lines", &dialect_mastodon, ASK_IDENTITY, P(MASTODON),
	  SPLIT_CODE, NULL },
	{ "mastodon: no secret", &dialect_mastodon, ASK_EXCHANGE,
	  P("login\0" MASTODON_DOORS "client_id\0app-1"), "abc", NULL },
	{ "mastodon: no client", &dialect_mastodon, ASK_EXCHANGE,
	  P("login\0" MASTODON_DOORS "client_secret\0hush"), "abc", NULL },

	{ "calcom: address", &dialect_calcom, ASK_ADDRESS, P(CALCOM), "",
	  "GET https://app.cal.com/auth/oauth2/authorize?client_id=app-1&redirect_uri=" PAGE_FORM
	  "&state=the-state-16-byt\n" ACCEPT "\n" },
	{ "calcom: exchange", &dialect_calcom, ASK_EXCHANGE, P(CALCOM), "abc",
	  "POST https://api.cal.com/v2/oauth/app-1/exchange\n" ACCEPT JSON_TYPE
	  "Authorization: Bearer abc\n\n{\"clientSecret\":\"hush\"}" },
	{ "calcom: identity", &dialect_calcom, ASK_IDENTITY, P(CALCOM), "at-1",
	  "GET https://api.cal.com/v2/me\n" ACCEPT "Authorization: Bearer at-1\n\n" },
	{ "calcom: refresh", &dialect_calcom, ASK_REFRESH, P(CALCOM), "rt-1",
	  "POST https://api.cal.com/v2/oauth/app-1/refresh\n" ACCEPT JSON_TYPE
	  "x-cal-secret-key: hush\n\n{\"refreshToken\":\"rt-1\"}" },
	{ "calcom: an awkward client, exchange", &dialect_calcom, ASK_EXCHANGE,
	  P("login\0" CALCOM_DOORS AWKWARD), "a\"b\\c/d",
	  "POST https://api.cal.com/v2/oauth/a%20b%2Fc%3Fd%23e%252F%26%22%5C/exchange\n" ACCEPT
		  JSON_TYPE "Authorization: Bearer a\"b\\c/d\n\n"
	  "{\"clientSecret\":\"h\\\"u\\\\s&h=\xc3\xa4+\"}" },
	{ "calcom: an awkward client, refresh", &dialect_calcom, ASK_REFRESH,
	  P("login\0" CALCOM_DOORS AWKWARD), "r\"t\\\r\n",
	  "POST https://api.cal.com/v2/oauth/a%20b%2Fc%3Fd%23e%252F%26%22%5C/refresh\n" ACCEPT
		  JSON_TYPE "x-cal-secret-key: h\"u\\s&h=\xc3\xa4+\n\n"
	  "{\"refreshToken\":\"r\\\"t\\\\\\u000d\\u000a\"}" },
	{ "calcom: a code of two lines", &dialect_calcom, ASK_EXCHANGE, P(CALCOM), SPLIT_CODE,
	  NULL },
	{ "calcom: a code with a line behind it", &dialect_calcom, ASK_EXCHANGE, P(CALCOM), "abc\n",
	  NULL },
	{ "calcom: a code with CR alone", &dialect_calcom, ASK_EXCHANGE, P(CALCOM), "a\rb", NULL },
	{ "calcom: a code with DEL", &dialect_calcom, ASK_EXCHANGE, P(CALCOM), "a\177b", NULL },
	{ "calcom: a token of two lines", &dialect_calcom, ASK_IDENTITY, P(CALCOM), SPLIT_CODE,
	  NULL },
	{ "calcom: a secret of two lines, refresh", &dialect_calcom, ASK_REFRESH,
	  P("login\0" CALCOM_DOORS SPLIT_SECRET), "rt-1", NULL },
	{ "calcom: a secret of two lines, exchange", &dialect_calcom, ASK_EXCHANGE,
	  P("login\0" CALCOM_DOORS SPLIT_SECRET), "abc",
	  "POST https://api.cal.com/v2/oauth/app-1/exchange\n" ACCEPT JSON_TYPE
	  "Authorization: Bearer abc\n\n{\"clientSecret\":\"hush\\u000d\\u000aX-Evil: 1\"}" },
	{ "calcom: a client of two lines stays in its path", &dialect_calcom, ASK_EXCHANGE,
	  P("login\0" CALCOM_DOORS SPLIT_ID), "abc",
	  "POST https://api.cal.com/v2/oauth/a%0D%0AX-Evil%3A%201/exchange\n" ACCEPT JSON_TYPE
	  "Authorization: Bearer abc\n\n{\"clientSecret\":\"hush\"}" },

	{ "rfc8628: address", &dialect_rfc8628, ASK_ADDRESS, P(OIDC), "",
	  "GET https://id.example/authorize?response_type=code&client_id=app-1&redirect_uri=" PAGE_FORM
	  "&scope=openid%20email&state=the-state-16-byt&nonce=the-nonce-16-byt"
	  "&code_challenge=the-challenge&code_challenge_method=S256\n" ACCEPT "\n" },
	{ "rfc8628: exchange", &dialect_rfc8628, ASK_EXCHANGE, P(OIDC), "abc",
	  "POST https://id.example/token\n" ACCEPT FORM_TYPE
	  "\ngrant_type=authorization_code&code=abc&redirect_uri=" PAGE_FORM
	  "&code_verifier=the-verifier&client_id=app-1&client_secret=hush" },
	{ "rfc8628: token", &dialect_rfc8628, ASK_TOKEN, P(OIDC), "d&c=1",
	  "POST https://id.example/token\n" ACCEPT FORM_TYPE
	  "\ngrant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
	  "&device_code=d%26c%3D1&client_id=app-1&client_secret=hush" },
	{ "rfc8628: refresh", &dialect_rfc8628, ASK_REFRESH, P(OIDC), "rt-1",
	  "POST https://id.example/token\n" ACCEPT FORM_TYPE
	  "\ngrant_type=refresh_token&refresh_token=rt-1&client_id=app-1&client_secret=hush" },
	{ "rfc8628: revoke", &dialect_rfc8628, ASK_REVOKE_REFRESH, P(OIDC), "rt-1",
	  "POST https://id.example/revoke\n" ACCEPT FORM_TYPE
	  "\ntoken=rt-1&token_type_hint=refresh_token&client_id=app-1&client_secret=hush" },
	{ "rfc8628: identity", &dialect_rfc8628, ASK_IDENTITY, P(OIDC), "at-1",
	  "GET https://id.example/me\n" ACCEPT "Authorization: Bearer at-1\n\n" },
};

static struct request request;

static const struct proof the_proof = {
	.state = "the-state-16-byt",
	.nonce = "the-nonce-16-byt",
	.verifier = "the-verifier",
	.challenge = "the-challenge",
};

static void request_ask(const struct dialect *dialect, enum ask ask,
			const struct wire_message *settings, const char *with)
{
	static struct endpoints endpoints;

	memset(&request, 0xa5, sizeof(request)); /* what an earlier one may have left */
	assert_true(discover_start(settings, &endpoints));
	switch (ask) {
	case ASK_AUTHORIZE:
		dialect->authorization_request(settings, &endpoints, &request);
		break;
	case ASK_TOKEN:
		memset(&authorization, 0, sizeof(authorization));
		snprintf(authorization.device_code, sizeof(authorization.device_code), "%s", with);
		dialect->token_request(settings, &endpoints, &authorization, &request);
		break;
	case ASK_ADDRESS:
		dialect->authorize(settings, &endpoints, &the_proof, &request);
		break;
	case ASK_EXCHANGE:
		dialect->exchange_request(settings, &endpoints, &the_proof, with, &request);
		break;
	case ASK_IDENTITY:
		dialect->userinfo_request(settings, &endpoints, with, &request);
		break;
	case ASK_REFRESH:
		dialect->refresh_request(settings, &endpoints, with, &request);
		break;
	default:
		dialect->revoke_request(settings, &endpoints, with, ask == ASK_REVOKE_REFRESH,
					&request);
		break;
	}
}

static void request_write(char *out, size_t out_len)
{
	size_t n = (size_t)snprintf(out, out_len, "%s %s\n", request.post ? "POST" : "GET",
				    request.url);

	for (size_t i = 0; i < request.headers && n < out_len; i++)
		n += (size_t)snprintf(out + n, out_len - n, "%s\n", request.header[i]);
	if (n < out_len)
		n += (size_t)snprintf(out + n, out_len - n, "\n%.*s", (int)request.body_len,
				      request.body);
	assert_true(n < out_len);
	assert_int_equal(strlen(request.body), request.body_len);
}

static void settings_read(struct wire_message *settings, const char *packet, size_t len)
{
	static char storage[WIRE_BYTES_MAX];

	assert_true(len <= sizeof(storage));
	memcpy(storage, packet, len);
	assert_true(wire_parse(settings, storage, len));
}

static void requests_are_as_documented(void **state)
{
	static char got[REQUEST_URL_MAX + REQUEST_HEADER_BYTES + REQUEST_BODY_MAX + 64];
	struct wire_message settings;

	(void)state;
	for (size_t i = 0; i < COUNT(request_cases); i++) {
		const struct request_case *c = &request_cases[i];

		settings_read(&settings, c->settings, c->settings_len);
		request_ask(c->dialect, c->ask, &settings, c->with);
		if (!c->want && !request.broken)
			fail_msg("%s: not broken", c->name);
		if (!c->want)
			continue;
		if (request.broken)
			fail_msg("%s: broken", c->name);
		request_write(got, sizeof(got));
		if (strcmp(got, c->want) != 0)
			fail_msg("%s:\n%s\nnot:\n%s", c->name, got, c->want);
	}
}

/* From a code that just fits to one that never can: whole or not at all. */
static void long_codes_are_never_cut(void **state)
{
	static const struct {
		const struct dialect *dialect;
		enum ask ask;
		const char *settings;
		size_t settings_len;
	} asks[] = {
		{ &dialect_trakt, ASK_EXCHANGE, P(TRAKT) },
		{ &dialect_trakt, ASK_IDENTITY, P(TRAKT) },
		{ &dialect_trakt, ASK_REFRESH, P(TRAKT) },
		{ &dialect_trakt, ASK_REVOKE_ACCESS, P(TRAKT) },
		{ &dialect_mastodon, ASK_EXCHANGE, P(MASTODON) },
		{ &dialect_mastodon, ASK_IDENTITY, P(MASTODON) },
		{ &dialect_mastodon, ASK_REVOKE_ACCESS, P(MASTODON) },
		{ &dialect_calcom, ASK_EXCHANGE, P(CALCOM) },
		{ &dialect_calcom, ASK_IDENTITY, P(CALCOM) },
		{ &dialect_calcom, ASK_REFRESH, P(CALCOM) },
		{ &dialect_rfc8628, ASK_EXCHANGE, P(OIDC) },
		{ &dialect_rfc8628, ASK_REVOKE_REFRESH, P(OIDC) },
	};
	static const size_t lengths[] = { 2047, 2048, 11 * 1024, 12 * 1024, TOKEN_MAX };
	static char got[REQUEST_URL_MAX + REQUEST_HEADER_BYTES + REQUEST_BODY_MAX + 64];
	static char code[TOKEN_MAX + 1];
	struct wire_message settings;

	(void)state;
	for (size_t i = 0; i < COUNT(asks) * COUNT(lengths); i++) {
		size_t a = i / COUNT(lengths), len = lengths[i % COUNT(lengths)];

		memset(code, 'c', len);
		code[len] = '\0';
		settings_read(&settings, asks[a].settings, asks[a].settings_len);
		request_ask(asks[a].dialect, asks[a].ask, &settings, code);
		if (len <= 2048 && request.broken)
			fail_msg("%zu: %zu bytes do not fit", a, len);
		if (request.broken)
			continue;
		request_write(got, sizeof(got));
		if (!strstr(got, code))
			fail_msg("%zu: %zu bytes were cut", a, len);
	}
}

/* A client id of two kilobytes fits into no path: no endpoint is made of a part of it. */
static void a_long_client_has_no_path(void **state)
{
	static struct wire_draft draft;
	static struct endpoints endpoints;
	static char id[2049];
	struct wire_message settings;

	(void)state;
	memset(id, 'i', sizeof(id) - 1);
	wire_begin(&draft, "login");
	wire_add(&draft, "issuer", "https://api.cal.com");
	wire_add(&draft, "base_url", "https://api.cal.com");
	wire_add(&draft, "client_id", id);
	wire_add(&draft, "token_endpoint", "{base_url}/v2/oauth/{client_id}/exchange");
	assert_false(draft.broken);
	assert_true(wire_parse(&settings, draft.bytes, draft.len));
	assert_false(discover_start(&settings, &endpoints));
}

/* Mastodon's page shows the code alone; and what a provider does not have is not there. */
static void each_has_what_its_provider_has(void **state)
{
	(void)state;
	assert_true(dialect_rfc8628.has_state);
	assert_true(dialect_trakt.has_state);
	assert_false(dialect_mastodon.has_state);
	assert_null(dialect_mastodon.authorization_request);
	assert_null(dialect_mastodon.refresh_request);
	assert_null(dialect_calcom.authorization_request);
	assert_null(dialect_calcom.revoke_request);
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
	static struct CMUnitTest tests[CASES_MAX + 2 * DIALECTS_MAX + FIRST_TESTS] = {
		cmocka_unit_test(unknown_names_find_nothing),
		cmocka_unit_test(there_are_replies),
		cmocka_unit_test(requests_are_as_documented),
		cmocka_unit_test(long_codes_are_never_cut),
		cmocka_unit_test(a_long_client_has_no_path),
		cmocka_unit_test(each_has_what_its_provider_has),
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
	n = FIRST_TESTS + tests_list(tests + FIRST_TESTS);
	failed = _cmocka_run_group_tests("dialect", tests, n, NULL, NULL);
	for (size_t i = 0; i < case_count; i++)
		free(cases[i].text);
	return failed;
}
