/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/policy.c: who is let in as whom. The rows are the people who try: with capitals, look-
 * alikes, cut names, suffixes, another issuer, a low uid, a map with a mistake. Last, for random
 * claims and policies: whoever is admitted has the wanted name byte for byte, and the policy holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "helper/login/policy.h"
#include "common/list.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ISSUER "https://id.example.org"

#define NAME_31 "abcdefghijklmnopqrstuvwxyz01234"
#define NAME_32 NAME_31 "5"
#define NAME_33 NAME_32 "6"

enum {
	ALICE = 1000,
	MIN_UID = 1000,
	RANDOM_CASES = 300000
};

/* The claims of somebody. Callers free them. */
static struct policy_claims *claims_make(const char *issuer, const char *subject)
{
	struct policy_claims *claims = calloc(1, sizeof(*claims));

	assert_non_null(claims);
	if (issuer)
		assert_true(policy_claim_add(claims, "iss", "string", issuer));
	if (subject)
		assert_true(policy_claim_add(claims, "sub", "string", subject));
	return claims;
}

static void judged(const char *row, enum decision got, enum decision expected)
{
	if (got != expected)
		fail_msg("%s: %s, not %s", row, reason_name(decision_reason(got)),
			 reason_name(decision_reason(expected)));
}

/* ---- local names ---- */

struct name_row {
	const char *name;
	bool ok;
};

static const struct name_row name_rows[] = {
	{ "alice", true },
	{ "a", true },
	{ "_", true },
	{ "_apt", true },
	{ "a.b", true },
	{ "a-b", true },
	{ "a_b", true },
	{ "a1", true },
	{ "a-", true },
	{ "a.", true },
	{ "a..b", true },
	{ "z9_.-", true },
	{ "root", true }, /* a name; what it may do is another question */
	{ NAME_31, true },
	{ NAME_32, true },
	{ NAME_33, false },
	{ NAME_33 NAME_33, false },
	{ "", false },
	{ "1a", false },
	{ "-a", false },
	{ ".a", false },
	{ ".", false },
	{ "..", false },
	{ "0", false },
	{ "1000", false },
	{ "Alice", false },
	{ "aLice", false },
	{ "ALICE", false },
	{ "alice ", false },
	{ " alice", false },
	{ "al ice", false },
	{ "alice\n", false },
	{ "\nalice", false },
	{ "alice\r", false },
	{ "alice\t", false },
	{ "alice\177", false },
	{ "alice\033", false },
	{ "alice$", false },
	{ "alice@example.org", false },
	{ "EXAMPLE\\alice", false },
	{ "alice/", false },
	{ "../alice", false },
	{ "alice:x:0:0", false },
	{ "alice,bob", false },
	{ "alice#", false },
	{ "alice%00", false },
	{ "alice+x", false },
	{ "al*ce", false },
	{ "al\xc3\xad"
	  "ce",
	  false },			/* í */
	{ "alic\xd0\xb5", false },	/* Cyrillic е */
	{ "\xd0\xb0lice", false },	/* Cyrillic а */
	{ "a\xe2\x80\x8blice", false }, /* zero-width space */
	{ "alice\xe2\x80\xae", false }, /* right-to-left override */
	{ "\xef\xbb\xbf"
	  "alice",
	  false },		       /* byte order mark */
	{ "\xef\xbd\x81lice", false }, /* full-width a */
	{ "al\xc4\xb1"
	  "ce",
	  false }, /* dotless i */
	{ "ali\xcc\x81"
	  "ce",
	  false }, /* combining accent */
	{ "alice\xff", false },
	{ "\x80", false },
	{ "alice\xc2\xa0", false }, /* no-break space */
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(name_rows); i++)
		if (policy_name_ok(name_rows[i].name) != name_rows[i].ok)
			fail_msg("%s", name_rows[i].name);
}

/* Each byte in front and behind, against the pattern written out. */
static void test_name_bytes(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		char name[3] = { (char)byte, '\0', '\0' };
		bool first = (byte >= 'a' && byte <= 'z') || byte == '_';
		bool later = first || (byte >= '0' && byte <= '9') || byte == '.' || byte == '-';

		if (policy_name_ok(name) != first)
			fail_msg("byte %02x in front", (unsigned int)byte);
		name[0] = 'x';
		name[1] = (char)byte;
		if (policy_name_ok(name) != later)
			fail_msg("byte %02x behind", (unsigned int)byte);
	}
}

/* Names of directories: user@domain, DOMAIN\user, capitals; nothing that a path or a passwd line has. */
static void test_wide_names(void **state)
{
	static const struct {
		const char *name;
		bool ok;
	} rows[] = {
		{ "alice", true },
		{ "Alice", true },
		{ "alice@corp.example.org", true },
		{ "CORP\\alice", true },
		{ "CORP+alice", true },
		{ "host$", true },
		{ "007", true },
		{ NAME_33, true },
		{ "", false },
		{ "-alice", false },
		{ ".alice", false },
		{ "@alice", false },
		{ "\\alice", false },
		{ "corp/alice", false },
		{ "alice:x", false },
		{ "alice bob", false },
		{ "alice\n", false },
		{ "alice\x1b[m", false },
		{ "alice,bob", false },
		{ "jos\xc3\xa9", false },
		{ "a\"b", false },
	};
	char name[300];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (policy_name_wide_ok(rows[i].name) != rows[i].ok)
			fail_msg("%s", rows[i].name);
	memset(name, 'a', sizeof(name));
	name[256] = '\0';
	assert_true(policy_name_wide_ok(name));
	name[256] = 'a';
	name[257] = '\0';
	assert_false(policy_name_wide_ok(name));
}

/* By an explicit key alone, and byte for byte: in the map, as the claim, as what was typed. */
static void test_directory_names(void **state)
{
	static const struct {
		const char *map, *claim, *wanted;
		bool wide, fold;
		enum decision decision;
	} rows[] = {
		{ ISSUER " 1 alice@corp.example.org\n", NULL, "alice@corp.example.org", true, false,
		  DECISION_ADMITTED },
		{ ISSUER " 1 alice@corp.example.org\n", NULL, "alice@corp.example.org", false,
		  false, DECISION_BAD_NAME },
		{ ISSUER " 1 alice@corp.example.org\n", NULL, "alice", false, false,
		  DECISION_NOT_ADMITTED },
		{ ISSUER " 1 CORP\\alice\n", NULL, "CORP\\alice", true, false, DECISION_ADMITTED },
		{ ISSUER " 1 CORP\\alice\n", NULL, "corp\\alice", true, false,
		  DECISION_OTHER_ACCOUNT },
		{ NULL, "alice@corp.example.org", "alice@corp.example.org", true, false,
		  DECISION_ADMITTED },
		{ NULL, "Alice", "Alice", true, false, DECISION_ADMITTED },
		{ NULL, "Alice", "alice", true, false, DECISION_OTHER_ACCOUNT },
		{ NULL, "Alice", "alice", false, false, DECISION_CLAIM_DIFFERS },
		{ NULL, "Alice", "alice", false, true, DECISION_ADMITTED },
		{ NULL, "ALICE@Corp", "alice@corp", true, true, DECISION_ADMITTED },
		{ NULL, "Alice", "Alice", true, true, DECISION_OTHER_ACCOUNT },
		{ NULL, "\xc3\x84lice", "alice", false, true, DECISION_CLAIM_DIFFERS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy policy = { .issuer = ISSUER,
					 .user_claim = rows[i].claim ? "upn" : "",
					 .account = "",
					 .map = rows[i].map,
					 .subject_claim = "sub",
					 .min_uid = MIN_UID,
					 .wide_names = rows[i].wide,
					 .fold_case = rows[i].fold };
		struct local_account wanted = { .name = rows[i].wanted,
						.exists = true,
						.uid = ALICE };
		struct policy_claims *claims = claims_make(ISSUER, "1");
		char name[LOCAL_NAME_MAX];

		if (rows[i].claim)
			assert_true(policy_claim_add(claims, "upn", "string", rows[i].claim));
		judged(rows[i].wanted, policy_decide(&policy, claims, &wanted), rows[i].decision);
		assert_int_equal(policy_claim_unfolded(&policy, claims, name),
				 rows[i].fold && rows[i].claim && rows[i].claim[0] != '\xc3');
		free(claims);
	}
}

/* ---- kept tokens ---- */

/* What is not said again is no no; what is said otherwise is. */
static void test_again(void **state)
{
	static const struct {
		const char *map, *require, *domain;
		const char *claim[3][3]; /* beside iss */
		enum decision decision;
	} rows[] = {
		{ NULL, "", "", { { NULL } }, DECISION_ADMITTED },
		{ NULL, "", "", { { "upn", "string", "alice" } }, DECISION_ADMITTED },
		{ NULL, "", "", { { "upn", "string", "bob" } }, DECISION_OTHER_ACCOUNT },
		{ NULL, "", "", { { "upn", "other", "" } }, DECISION_CLAIM_MISSING },
		{ ISSUER " 1 alice\n", "", "", { { NULL } }, DECISION_ADMITTED },
		{ ISSUER " 2 alice\n", "", "", { { NULL } }, DECISION_NOT_ADMITTED },
		{ ISSUER " 1 bob\n", "", "", { { NULL } }, DECISION_OTHER_ACCOUNT },
		{ NULL, "g=a", "", { { NULL } }, DECISION_UNSAID },
		{ NULL, "g=a", "", { { "g", "string", "a" } }, DECISION_ADMITTED },
		{ NULL, "g=a", "", { { "g", "string", "b" } }, DECISION_REQUIREMENT },
		{ NULL, "g=a", "", { { "g", "other", "" } }, DECISION_REQUIREMENT },
		{ NULL, "h=x g=a", "", { { "g", "other", "" } }, DECISION_REQUIREMENT },
		{ NULL, "g=a h=x", "", { { "g", "other", "" } }, DECISION_REQUIREMENT },
		{ NULL, "", "example.org", { { NULL } }, DECISION_UNSAID },
		{ NULL,
		  "",
		  "example.org",
		  { { "email", "string", "a@example.org" }, { "email_verified", "bool", "true" } },
		  DECISION_ADMITTED },
		{ NULL,
		  "",
		  "example.org",
		  { { "email", "string", "a@example.net" }, { "email_verified", "bool", "true" } },
		  DECISION_EMAIL },
	};
	const struct local_account alice = { .name = "alice", .exists = true, .uid = ALICE };
	const struct local_account gone = { .name = "alice" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy policy = { .issuer = ISSUER,
					 .user_claim = rows[i].map ? "" : "upn",
					 .account = "",
					 .map = rows[i].map,
					 .subject_claim = "sub",
					 .require = rows[i].require,
					 .email_domain = rows[i].domain,
					 .min_uid = MIN_UID };
		struct policy_claims *claims = calloc(1, sizeof(*claims));
		char row[16];

		snprintf(row, sizeof(row), "again %zu", i);
		judged(row, policy_decide_again(&policy, claims, "1", &alice),
		       DECISION_WRONG_ISSUER);
		assert_true(policy_claim_add(claims, "iss", "string", ISSUER));
		for (int k = 0; k < 3 && rows[i].claim[k][0]; k++)
			assert_true(policy_claim_add(claims, rows[i].claim[k][0],
						     rows[i].claim[k][1], rows[i].claim[k][2]));
		judged(row, policy_decide_again(&policy, claims, "1", &alice), rows[i].decision);
		judged(row, policy_decide_again(&policy, claims, "1", &gone), DECISION_NO_ACCOUNT);
		free(claims);
	}
}

/* ---- accounts ---- */

struct account_row {
	const char *name;
	bool exists;
	uid_t uid, min_uid;
	enum decision decision;
};

static const struct account_row account_rows[] = {
	{ "alice", true, 1000, 1000, DECISION_ADMITTED },
	{ "alice", true, 1001, 1000, DECISION_ADMITTED },
	{ "alice", true, 999, 1000, DECISION_LOW_UID },
	{ "alice", true, 1, 1000, DECISION_LOW_UID },
	{ "alice", true, 1, 1, DECISION_ADMITTED },
	{ "alice", true, 999, 2000, DECISION_LOW_UID },
	{ "alice", true, 65533, 1000, DECISION_ADMITTED },
	{ "nobody", true, 65534, 1000, DECISION_LOW_UID },
	{ "alice", true, 65535, 1000, DECISION_LOW_UID },
	{ "alice", true, 65536, 1000, DECISION_ADMITTED },
	{ "alice", true, 2147483648U, 1000, DECISION_ADMITTED },
	{ "alice", true, 1000, 2147483647, DECISION_LOW_UID },
	{ "root", true, 0, 1000, DECISION_LOW_UID },
	{ "root", true, 0, 1, DECISION_LOW_UID },
	{ "root", true, 0, 0, DECISION_LOW_UID },
	{ "toor", true, 0, 0, DECISION_LOW_UID },
	{ "daemon", true, 1, 1000, DECISION_LOW_UID },
	{ "alice", false, 0, 1000, DECISION_NO_ACCOUNT },
	{ "alice", false, 1000, 1000, DECISION_NO_ACCOUNT },
	{ "root", false, 0, 0, DECISION_NO_ACCOUNT },
	{ "", true, 1000, 1000, DECISION_BAD_NAME },
	{ "", false, 0, 1000, DECISION_BAD_NAME },
	{ "Alice", true, 1000, 1000, DECISION_BAD_NAME },
	{ NAME_32, true, 1000, 1000, DECISION_ADMITTED },
	{ NAME_33, true, 1000, 1000, DECISION_BAD_NAME },
	{ "1000", true, 1000, 1000, DECISION_BAD_NAME },
};

static void test_accounts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(account_rows); i++) {
		const struct account_row *row = &account_rows[i];
		struct policy policy = { .account = "", .min_uid = row->min_uid };
		struct local_account wanted = { .name = row->name,
						.exists = row->exists,
						.uid = row->uid };

		judged(row->name, policy_account_allowed(&policy, &wanted), row->decision);
	}
}

/* No claim is looked at for an account that nobody may enter. */
static void test_accounts_first(void **state)
{
	struct policy_claims *claims = calloc(1, sizeof(*claims));

	(void)state;
	assert_non_null(claims);
	for (size_t i = 0; i < COUNT(account_rows); i++) {
		const struct account_row *row = &account_rows[i];
		struct policy policy = {
			.issuer = ISSUER,
			.user_claim = "name",
			.account = "",
			.map = NULL,
			.subject_claim = "sub",
			.min_uid = row->min_uid,
		};
		struct local_account wanted = { .name = row->name,
						.exists = row->exists,
						.uid = row->uid };
		enum decision expected = row->decision == DECISION_ADMITTED ? DECISION_WRONG_ISSUER
									    : row->decision;

		judged(row->name, policy_decide(&policy, claims, &wanted), expected);
	}
	free(claims);
}

/* ---- user_claim ---- */

struct claim_row {
	const char *type; /* NULL: the claim is absent */
	const char *value;
	const char *wanted;
	enum decision decision;
};

static const struct claim_row claim_rows[] = {
	{ "string", "alice", "alice", DECISION_ADMITTED },
	{ "string", "a", "a", DECISION_ADMITTED },
	{ "string", "_x.y-9", "_x.y-9", DECISION_ADMITTED },
	{ "string", NAME_32, NAME_32, DECISION_ADMITTED },
	/* somebody else */
	{ "string", "alice", "bob", DECISION_OTHER_ACCOUNT },
	{ "string", "bob", "alice", DECISION_OTHER_ACCOUNT },
	{ "string", "alic", "alice", DECISION_OTHER_ACCOUNT },
	{ "string", "alicee", "alice", DECISION_OTHER_ACCOUNT },
	{ "string", "alice", "alic", DECISION_OTHER_ACCOUNT },
	{ "string", "alice.", "alice", DECISION_OTHER_ACCOUNT },
	{ "string", "alice-", "alice", DECISION_OTHER_ACCOUNT },
	{ "string", "a1ice", "alice", DECISION_OTHER_ACCOUNT },
	{ "string", "root", "alice", DECISION_OTHER_ACCOUNT },
	{ "string", NAME_31, NAME_32, DECISION_OTHER_ACCOUNT },
	{ "string", NAME_32, NAME_31, DECISION_OTHER_ACCOUNT },
	/* no name at all: not repaired */
	{ "string", NAME_33, NAME_32, DECISION_CLAIM_DIFFERS },
	{ "string", "Alice", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "ALICE", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "alice ", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", " alice", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "alice\n", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "alice@example.org", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "alice@", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "EXAMPLE\\alice", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "EXAMPLE/alice", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "alice,bob", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "alice bob", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "[\"alice\"]", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "alice\\u0000@evil", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "alic\xd0\xb5", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "\xd0\xb0lice", "alice", DECISION_CLAIM_DIFFERS },
	{ "string",
	  "al\xc4\xb1"
	  "ce",
	  "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "\xef\xbd\x81lice", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "alice\xe2\x80\x8b", "alice", DECISION_CLAIM_DIFFERS },
	{ "string",
	  "\xef\xbb\xbf"
	  "alice",
	  "alice", DECISION_CLAIM_DIFFERS },
	{ "string",
	  "ali\xcc\x81"
	  "ce",
	  "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "1000", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "0", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "*", "alice", DECISION_CLAIM_DIFFERS },
	{ "string", "-alice", "alice", DECISION_CLAIM_DIFFERS },
	/* no string */
	{ "string", "", "alice", DECISION_CLAIM_MISSING },
	{ "number", "1000", "alice", DECISION_CLAIM_MISSING },
	{ "number", "0", "alice", DECISION_CLAIM_MISSING },
	{ "bool", "true", "true", DECISION_CLAIM_MISSING },
	{ "bool", "false", "alice", DECISION_CLAIM_MISSING },
	{ NULL, NULL, "alice", DECISION_CLAIM_MISSING },
};

static void test_user_claim(void **state)
{
	struct policy policy = {
		.issuer = ISSUER,
		.user_claim = "preferred_username",
		.account = "",
		.map = NULL,
		.subject_claim = "sub",
		.min_uid = MIN_UID,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(claim_rows); i++) {
		const struct claim_row *row = &claim_rows[i];
		struct local_account wanted = { .name = row->wanted, .exists = true, .uid = ALICE };
		struct policy_claims *claims = claims_make(ISSUER, "248289761001");

		if (row->type)
			assert_true(policy_claim_add(claims, "preferred_username", row->type,
						     row->value));
		judged(row->value, policy_decide(&policy, claims, &wanted), row->decision);
		free(claims);
	}
}

/* A claim of nearly that name is another claim. */
static void test_user_claim_name(void **state)
{
	static const char *const names[] = { "Name",  "NAME",	"nam",	"names",
					     "name ", "name\n", " name" };
	struct policy policy = {
		.issuer = ISSUER,
		.user_claim = "name",
		.account = "",
		.map = NULL,
		.subject_claim = "sub",
		.min_uid = MIN_UID,
	};
	struct local_account wanted = { .name = "alice", .exists = true, .uid = ALICE };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct policy_claims *claims = claims_make(ISSUER, "1");

		assert_true(policy_claim_add(claims, names[i], "string", "alice"));
		judged(names[i], policy_decide(&policy, claims, &wanted), DECISION_CLAIM_MISSING);
		free(claims);
	}
}

/* The stable claim itself may be the local name. */
static void test_user_claim_is_subject(void **state)
{
	struct policy policy = {
		.issuer = ISSUER,
		.user_claim = "sub",
		.account = "",
		.map = NULL,
		.subject_claim = "sub",
		.min_uid = MIN_UID,
	};
	struct local_account wanted = { .name = "alice", .exists = true, .uid = ALICE };
	struct policy_claims *claims = claims_make(ISSUER, "alice");

	(void)state;
	judged("sub", policy_decide(&policy, claims, &wanted), DECISION_ADMITTED);
	wanted.name = "bob";
	judged("sub", policy_decide(&policy, claims, &wanted), DECISION_OTHER_ACCOUNT);
	free(claims);
}

/* ---- issuer and subject ---- */

struct issuer_row {
	const char *type; /* NULL: no such claim */
	const char *issuer;
	const char *subject_type;
	const char *subject;
	enum decision decision;
};

static const struct issuer_row issuer_rows[] = {
	{ "string", ISSUER, "string", "1", DECISION_ADMITTED },
	{ "string", ISSUER, "number", "1", DECISION_ADMITTED },
	{ "string", ISSUER "/", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", ISSUER "//", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", ISSUER ":443", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", ISSUER ".", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", ISSUER " ", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", ISSUER "?", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", ISSUER ".evil.example", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", "https://id.example.or", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", "https://ID.example.org", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", "HTTPS://id.example.org", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", "http://id.example.org", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", "id.example.org", "string", "1", DECISION_WRONG_ISSUER },
	{ "string", "", "string", "1", DECISION_WRONG_ISSUER },
	{ "bool", "true", "string", "1", DECISION_WRONG_ISSUER },
	{ NULL, NULL, "string", "1", DECISION_WRONG_ISSUER },
	{ "string", ISSUER, "string", "", DECISION_CLAIM_MISSING },
	{ "string", ISSUER, "bool", "true", DECISION_CLAIM_MISSING },
	{ "string", ISSUER, NULL, NULL, DECISION_CLAIM_MISSING },
	{ NULL, NULL, NULL, NULL, DECISION_WRONG_ISSUER },
};

static void test_issuer(void **state)
{
	struct policy policy = {
		.issuer = ISSUER,
		.user_claim = "name",
		.account = "",
		.map = NULL,
		.subject_claim = "sub",
		.min_uid = MIN_UID,
	};
	struct local_account wanted = { .name = "alice", .exists = true, .uid = ALICE };

	(void)state;
	for (size_t i = 0; i < COUNT(issuer_rows); i++) {
		const struct issuer_row *row = &issuer_rows[i];
		struct policy_claims *claims = claims_make(NULL, NULL);

		if (row->type)
			assert_true(policy_claim_add(claims, "iss", row->type, row->issuer));
		if (row->subject_type)
			assert_true(
				policy_claim_add(claims, "sub", row->subject_type, row->subject));
		assert_true(policy_claim_add(claims, "name", "string", "alice"));
		judged(row->issuer, policy_decide(&policy, claims, &wanted), row->decision);
		free(claims);
	}
}

/* ---- the map ---- */

struct map_row {
	const char *map;
	const char *subject;
	const char *wanted;
	enum decision decision;
	int wrong_line; /* for policy_map_wrong() */
};

#define LINE(subject, name) ISSUER " " subject " " name "\n"

static const struct map_row map_rows[] = {
	{ LINE("1", "alice"), "1", "alice", DECISION_ADMITTED, 0 },
	{ ISSUER " 1 alice", "1", "alice", DECISION_ADMITTED, 0 },
	{ ISSUER "\t1\t\talice", "1", "alice", DECISION_ADMITTED, 0 },
	{ "  " ISSUER "   1   alice   ", "1", "alice", DECISION_ADMITTED, 0 },
	{ ISSUER " 1 alice\r\n", "1", "alice", DECISION_ADMITTED, 0 },
	{ "# people\r\n\r\n" ISSUER " 1 alice\r\n", "1", "alice", DECISION_ADMITTED, 0 },
	{ "#\n\n \t\n" LINE("1", "alice"), "1", "alice", DECISION_ADMITTED, 0 },
	{ LINE("2", "bob") LINE("1", "alice"), "1", "alice", DECISION_ADMITTED, 0 },
	{ LINE("1", "bob") LINE("1", "alice"), "1", "alice", DECISION_ADMITTED, 0 },
	{ LINE("1", "alice") LINE("1", "bob"), "1", "alice", DECISION_ADMITTED, 0 },
	{ LINE("1", "alice") LINE("2", "alice"), "2", "alice", DECISION_ADMITTED, 0 },
	{ LINE("f:0:a@b/c=", "alice"), "f:0:a@b/c=", "alice", DECISION_ADMITTED, 0 },
	{ LINE("\xc3\xa4", "alice"), "\xc3\xa4", "alice", DECISION_ADMITTED, 0 },
	{ LINE("1", NAME_32), "1", NAME_32, DECISION_ADMITTED, 0 },
	/* somebody else */
	{ LINE("1", "alice"), "1", "bob", DECISION_OTHER_ACCOUNT, 0 },
	{ LINE("1", "alice") LINE("2", "bob"), "1", "bob", DECISION_OTHER_ACCOUNT, 0 },
	{ LINE("1", "root"), "1", "alice", DECISION_OTHER_ACCOUNT, 0 },
	{ LINE("1", "alic"), "1", "alice", DECISION_OTHER_ACCOUNT, 0 },
	{ LINE("1", "alice2"), "1", "alice", DECISION_OTHER_ACCOUNT, 0 },
	{ LINE("1", "alice"), "2", "alice", DECISION_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "11", "alice", DECISION_NOT_ADMITTED, 0 },
	{ LINE("11", "alice"), "1", "alice", DECISION_NOT_ADMITTED, 0 },
	{ LINE("abc", "alice"), "ABC", "alice", DECISION_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "01", "alice", DECISION_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "1 ", "alice", DECISION_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "1 alice", "alice", DECISION_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "1\n", "alice", DECISION_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "*", "alice", DECISION_NOT_ADMITTED, 0 },
	{ LINE("*", "alice"), "1", "alice", DECISION_NOT_ADMITTED, 0 },
	{ LINE("alice", "alice"), "1", "alice", DECISION_NOT_ADMITTED, 0 },
	{ ISSUER "/ 1 alice\n", "1", "alice", DECISION_NOT_ADMITTED, 0 },
	{ "https://id.example.or 1 alice\n", "1", "alice", DECISION_NOT_ADMITTED, 0 },
	{ "https://ID.example.org 1 alice\n", "1", "alice", DECISION_NOT_ADMITTED, 0 },
	{ "* 1 alice\n", "1", "alice", DECISION_NOT_ADMITTED, 0 },
	{ "", "1", "alice", DECISION_NOT_ADMITTED, 0 },
	{ "\n\n", "1", "alice", DECISION_NOT_ADMITTED, 0 },
	{ "#" LINE("1", "alice"), "1", "alice", DECISION_NOT_ADMITTED, 0 },
	{ "# " LINE("1", "alice"), "1", "alice", DECISION_NOT_ADMITTED, 0 },
	/* a line with a mistake in it admits nobody, and locks nobody out */
	{ LINE("1", "alice") ISSUER "\n", "1", "alice", DECISION_ADMITTED, 2 },
	{ ISSUER "\n" LINE("1", "alice"), "1", "alice", DECISION_ADMITTED, 1 },
	{ ISSUER " 1\n", "1", "alice", DECISION_NOT_ADMITTED, 1 },
	{ LINE("1", "alice bob"), "1", "alice", DECISION_NOT_ADMITTED, 1 },
	{ LINE("1", "alice # the boss"), "1", "alice", DECISION_NOT_ADMITTED, 1 },
	{ LINE("1", "alice\rbob"), "1", "alice", DECISION_NOT_ADMITTED, 1 },
	{ LINE("1", "alice") "\n\n" ISSUER " 2", "1", "alice", DECISION_ADMITTED, 4 },
	{ " # people\n" LINE("1", "alice"), "1", "alice", DECISION_ADMITTED, 1 },
	{ LINE("Ada Lovelace", "alice"), "Ada", "alice", DECISION_NOT_ADMITTED, 1 },
	{ "1 alice\n", "1", "alice", DECISION_NOT_ADMITTED, 1 },
	/* nor does one with a name that no account can have */
	{ LINE("1", "Alice"), "1", "alice", DECISION_NOT_ADMITTED, 1 },
	{ LINE("1", NAME_33), "1", NAME_32, DECISION_NOT_ADMITTED, 1 },
	{ LINE("1", "alice,bob"), "1", "alice", DECISION_NOT_ADMITTED, 1 },
	{ LINE("1", "alice@example.org"), "1", "alice", DECISION_NOT_ADMITTED, 1 },
	{ LINE("1", "*"), "1", "alice", DECISION_NOT_ADMITTED, 1 },
	{ LINE("2", "bob") LINE("1", "ali\xcc\x81"
				     "ce"),
	  "1", "alice", DECISION_NOT_ADMITTED, 2 },
	{ LINE("1", "-alice"), "1", "alice", DECISION_NOT_ADMITTED, 1 },
};

static void test_map(void **state)
{
	struct policy policy = {
		.issuer = ISSUER,
		.user_claim = "",
		.account = "",
		.map = NULL,
		.subject_claim = "sub",
		.min_uid = MIN_UID,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(map_rows); i++) {
		const struct map_row *row = &map_rows[i];
		struct local_account wanted = { .name = row->wanted, .exists = true, .uid = ALICE };
		struct policy_claims *claims = claims_make(ISSUER, row->subject);
		char *map = strdup(row->map); /* so that a sanitizer sees its end */

		policy.map = map;
		judged(row->map, policy_decide(&policy, claims, &wanted), row->decision);
		if (policy_map_wrong(map, false) != row->wrong_line)
			fail_msg("%s: line %d", row->map, policy_map_wrong(map, false));
		free(claims);
		free(map);
	}
}

/* With a map, no claim but the stable one has a say; and the stable one is the profile's. */
static void test_map_stable_claim(void **state)
{
	struct policy policy = {
		.issuer = ISSUER,
		.user_claim = "",
		.account = "",
		.map = LINE("7", "alice"),
		.subject_claim = "id",
		.min_uid = MIN_UID,
	};
	struct local_account wanted = { .name = "alice", .exists = true, .uid = ALICE };
	struct policy_claims *claims = claims_make(ISSUER, "7");

	(void)state;
	assert_true(policy_claim_add(claims, "preferred_username", "string", "alice"));
	judged("no id", policy_decide(&policy, claims, &wanted), DECISION_CLAIM_MISSING);
	assert_true(policy_claim_add(claims, "id", "number", "7"));
	judged("id", policy_decide(&policy, claims, &wanted), DECISION_ADMITTED);
	policy.subject_claim = "preferred_username";
	judged("a name", policy_decide(&policy, claims, &wanted), DECISION_NOT_ADMITTED);
	free(claims);
}

/* ---- who is bound ---- */

/* Names come from a list of people, or by USER_CLAIM. */
static struct policy policy_of(const char *user_claim)
{
	return (struct policy){
		.issuer = ISSUER,
		.user_claim = user_claim,
		.account = "",
		.subject_claim = "sub",
		.min_uid = MIN_UID,
	};
}

#define BOUND(subject, name, uid) "bound " ISSUER " " subject " " name " " uid "\n"

static const struct {
	const char *bindings;
	const char *subject;
	const char *wanted; /* "": nobody was named */
	enum decision decision;
} bound_rows[] = {
	{ BOUND("1", "alice", "1000"), "1", "alice", DECISION_ADMITTED },
	{ BOUND("1", "alice", "1000"), "1", "", DECISION_ADMITTED },
	{ "# people\n\n" BOUND("2", "bob", "1001") BOUND("1", "alice", "1000"), "1", "alice",
	  DECISION_ADMITTED },
	{ BOUND("a%20b%25", "alice", "1000"), "a b%", "alice", DECISION_ADMITTED },
	{ BOUND("\xc3\xa4", "alice", "1000"), "\xc3\xa4", "alice", DECISION_ADMITTED },
	/* the name is another account's by now */
	{ BOUND("1", "alice", "1001"), "1", "alice", DECISION_UID_DIFFERS },
	{ BOUND("1", "alice", "10000"), "1", "alice", DECISION_UID_DIFFERS },
	{ BOUND("1", "alice", "1001"), "1", "", DECISION_UID_DIFFERS },
	/* somebody else */
	{ BOUND("1", "alice", "1000"), "1", "bob", DECISION_OTHER_ACCOUNT },
	{ BOUND("1", "alice", "1000"), "2", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "1000"), "2", "", DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "1000"), "1%", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "1000"), "1\n", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("a b", "alice", "1000"), "a b", "alice", DECISION_NOT_ADMITTED },
	{ "bound " ISSUER "/ 1 alice 1000\n", "1", "alice", DECISION_NOT_ADMITTED },
	{ "", "1", "alice", DECISION_NOT_ADMITTED },
	/* not bound, not yet, or no more */
	{ "making " ISSUER " 1 alice 1000\n", "1", "alice", DECISION_NOT_ADMITTED },
	{ "removing " ISSUER " 1 alice 1000\n", "1", "alice", DECISION_NOT_ADMITTED },
	{ "removed " ISSUER " 1 alice 1000\n", "1", "alice", DECISION_NOT_ADMITTED },
	{ "purged " ISSUER " 1 alice 1000\n", "1", "alice", DECISION_NOT_ADMITTED },
	{ "Bound " ISSUER " 1 alice 1000\n", "1", "alice", DECISION_NOT_ADMITTED },
	{ " " ISSUER " 1 alice 1000\n", "1", "alice", DECISION_NOT_ADMITTED },
	/* no line of ours */
	{ "bound " ISSUER " 1 alice 1000", "1", "alice", DECISION_NOT_ADMITTED },
	{ "bound " ISSUER " 1 alice 100", "1", "alice", DECISION_NOT_ADMITTED },
	{ "bound " ISSUER " 1 alice\n", "1", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "1000 1001"), "1", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "01000"), "1", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "-1"), "1", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "0x3e8"), "1", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "4294968296"), "1", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "4294967295"), "1", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("1", "Alice", "1000"), "1", "Alice", DECISION_BAD_NAME },
	{ BOUND("1", "Alice", "1000"), "1", "alice", DECISION_NOT_ADMITTED },
	{ BOUND("1", "root", "0"), "1", "", DECISION_NOT_ADMITTED },
	/* one of two */
	{ BOUND("1", "alice", "1000") BOUND("1", "bob", "1001"), "1", "alice",
	  DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "1000") BOUND("2", "alice", "1001"), "1", "alice",
	  DECISION_NOT_ADMITTED },
	{ BOUND("1", "alice", "1000") BOUND("2", "bob", "1000"), "1", "alice",
	  DECISION_NOT_ADMITTED },
	{ "removed " ISSUER " 2 alice 999\n" BOUND("1", "alice", "1000"), "1", "alice",
	  DECISION_NOT_ADMITTED },
	{ "purged " ISSUER " 2 bob 1000\n" BOUND("1", "alice", "1000"), "1", "",
	  DECISION_NOT_ADMITTED },
};

/* user_claim says "alice": the list says whose that account is. */
static const struct {
	const char *bindings;
	const char *subject;
	enum decision decision;
} other_rows[] = {
	{ "", "1", DECISION_ADMITTED },
	{ BOUND("2", "bob", "1001"), "1", DECISION_ADMITTED },
	{ BOUND("1", "alice", "1000"), "1", DECISION_ADMITTED },
	{ BOUND("1", "alice", "1000") BOUND("2", "bob", "1001"), "1", DECISION_ADMITTED },
	{ BOUND("2", "alice", "1000"), "1", DECISION_ACCOUNT_OF_ANOTHER },
	{ BOUND("2", "bob", "1001") BOUND("2", "alice", "1000"), "1", DECISION_ACCOUNT_OF_ANOTHER },
	{ "bound " ISSUER "/ 1 alice 1000\n", "1", DECISION_ACCOUNT_OF_ANOTHER },
	{ "making " ISSUER " 2 alice 1000\n", "1", DECISION_ACCOUNT_OF_ANOTHER },
	{ "opening " ISSUER " 2 alice 1000\n", "1", DECISION_ACCOUNT_OF_ANOTHER },
	{ "removing " ISSUER " 2 alice 1000\n", "1", DECISION_ACCOUNT_OF_ANOTHER },
	{ "removed " ISSUER " 2 alice 1000\n", "1", DECISION_ACCOUNT_OF_ANOTHER },
	{ "purged " ISSUER " 2 alice 1000\n", "1", DECISION_ACCOUNT_OF_ANOTHER },
	{ BOUND("1%25", "alice", "1000"), "1%", DECISION_ADMITTED },
	{ BOUND("1", "alice", "1000"), "1\n", DECISION_ACCOUNT_OF_ANOTHER },
};

static void test_bound_to_another(void **state)
{
	struct policy policy = policy_of("preferred_username");
	struct local_account alice = { .name = "alice", .exists = true, .uid = ALICE };
	char name[LOCAL_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(other_rows); i++) {
		const char *subject = other_rows[i].subject, *list = other_rows[i].bindings;
		struct policy_claims *claims = claims_make(ISSUER, subject);

		policy.bindings = list;
		judged(list, policy_decide_again(&policy, claims, subject, &alice),
		       other_rows[i].decision); /* not said again */
		assert_true(policy_claim_add(claims, "preferred_username", "string", "alice"));
		judged(list, policy_decide(&policy, claims, &alice), other_rows[i].decision);
		judged(list, policy_find_account(&policy, claims, name), other_rows[i].decision);
		judged(list, policy_decide_again(&policy, claims, subject, &alice),
		       other_rows[i].decision);
		free(claims);
	}
}

static void test_bound(void **state)
{
	struct policy policy = policy_of("");
	char found[LOCAL_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(bound_rows); i++) {
		const char *name = bound_rows[i].wanted, *subject = bound_rows[i].subject;
		struct local_account wanted = { .name = name, .exists = true, .uid = ALICE };
		struct policy_claims *claims = claims_make(ISSUER, subject);
		char *bindings = strdup(bound_rows[i].bindings);
		enum decision decision = DECISION_ADMITTED;

		policy.bindings = bindings;
		if (name[0] == '\0') {
			decision = policy_find_account(&policy, claims, found);
			wanted.name = found;
		}
		if (decision == DECISION_ADMITTED)
			decision = policy_decide(&policy, claims, &wanted);
		judged(bindings, decision, bound_rows[i].decision);
		/* What lets nobody in lets nobody stay. */
		if (name[0] != '\0')
			judged(bindings, policy_decide_again(&policy, claims, subject, &wanted),
			       bound_rows[i].decision);
		free(claims);
		free(bindings);
	}
}

/* ---- who may get an account ---- */

static const struct {
	const char *what;
	const char *bindings; /* NULL: another way */
	const char *enrol_name;
	const char *require;
	const char *issuer;
	bool may;
	const char *name;
} enrol_rows[] = {
	{ "nobody is bound", "", "preferred_username", "", ISSUER, true, "Alice" },
	{ "somebody else is", BOUND("2", "alice", "1000"), "preferred_username", "", ISSUER, true,
	  "Alice" },
	{ "and is admitted", "", "preferred_username", "groups=kiosk", ISSUER, true, "Alice" },
	{ "a claim that is not said", "", "nickname", "", ISSUER, true, "" },
	{ "a claim that is no text", "", "number", "", ISSUER, true, "" },
	{ "is bound", BOUND("1", "bob", "1001"), "preferred_username", "", ISSUER, false, NULL },
	{ "was removed", "removed " ISSUER " 1 bob 1001\n", "preferred_username", "", ISSUER, false,
	  NULL },
	{ "was purged", "purged " ISSUER " 1 bob 1001\n", "preferred_username", "", ISSUER, false,
	  NULL },
	{ "was cut off", "making " ISSUER " 1 bob 1001\n", "preferred_username", "", ISSUER, true,
	  "Alice" },
	{ "is not admitted", "", "preferred_username", "groups=staff", ISSUER, false, NULL },
	{ "is another issuer's", "", "preferred_username", "", ISSUER "/", false, NULL },
	{ "the section enrols nobody", "", "", "", ISSUER, false, NULL },
	{ "the section binds nobody", NULL, "preferred_username", "", ISSUER, false, NULL },
};

static void test_enrol(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(enrol_rows); i++) {
		struct policy policy = {
			.issuer = ISSUER,
			.user_claim = "",
			.account = "",
			.subject_claim = "sub",
			.min_uid = MIN_UID,
			.bindings = enrol_rows[i].bindings,
			.enrol_name = enrol_rows[i].enrol_name,
			.require = enrol_rows[i].require,
		};
		struct policy_claims *claims = claims_make(enrol_rows[i].issuer, "1");
		const char *name = NULL;

		assert_true(policy_claim_add(claims, "preferred_username", "string", "Alice"));
		assert_true(policy_claim_add(claims, "number", "number", "7"));
		assert_true(policy_member_add(claims, "groups", "kiosk"));
		if (policy_may_enrol(&policy, claims, &name) != enrol_rows[i].may)
			fail_msg("%s: %d", enrol_rows[i].what, !enrol_rows[i].may);
		if (enrol_rows[i].may)
			assert_string_equal(name, enrol_rows[i].name);
		free(claims);
	}
}

static void test_no_policy(void **state)
{
	struct policy policy = {
		.issuer = ISSUER,
		.user_claim = "",
		.account = "",
		.map = NULL,
		.subject_claim = "sub",
		.min_uid = MIN_UID,
	};
	struct local_account wanted = { .name = "alice", .exists = true, .uid = ALICE };
	struct policy_claims *claims = claims_make(ISSUER, "alice");

	(void)state;
	judged("nothing said", policy_decide(&policy, claims, &wanted), DECISION_NOT_ADMITTED);
	free(claims);
}

/* ---- what must hold besides the name ---- */

struct said {
	const char *name, *type, *value; /* type NULL: an array of that name holds the value */
};

#define S(name, value)                \
	{                             \
		name, "string", value \
	}
#define N(name, value)                \
	{                             \
		name, "number", value \
	}
#define B(name, value)              \
	{                           \
		name, "bool", value \
	}
#define M(name, value)            \
	{                         \
		name, NULL, value \
	}

/*
 * Issuer and subject "1" are always said. Where the policy says nothing of whom, the claim `name`
 * is the local name, and is said to be alice.
 */
struct rule_row {
	const char *row;
	struct policy policy;
	struct said said[6];
	const char *wanted; /* NULL: alice */
	uid_t uid;	    /* 0: 1000; NO_UID: really 0 */
	enum decision decision;
};

enum {
	NO_UID = 4000000000U
};

#define RULE(row, key, value, verdict, ...)                                         \
	{                                                                           \
		row, { .key = value }, { __VA_ARGS__ }, NULL, 0, DECISION_##verdict \
	}
#define SUFFIX(row, value, suffix, who, verdict)                                                \
	{                                                                                       \
		row, { .user_claim = "upn", .user_claim_suffix = suffix }, { S("upn", value) }, \
			who, 0, DECISION_##verdict                                              \
	}
#define AT "@example.org"
#define EMAIL(row, address, verdict)                                                     \
	RULE(row, email_domain, "example.org example.net", verdict, S("email", address), \
	     B("email_verified", "true"))
#define AGE(row, most, then, now, verdict) \
	RULE(row, max_auth_age, most, verdict, N("auth_time", then), N("iat", now))
#define LOW(row, name, number, list, verdict)                                                 \
	{                                                                                     \
		row, { .user_claim = "upn", .allow_system_users = list }, { S("upn", name) }, \
			name, number, DECISION_##verdict                                      \
	}
#define SHARED(row, key, value, verdict, ...)                                           \
	{                                                                               \
		row, { .account = "kiosk", .key = value }, { __VA_ARGS__ }, "kiosk", 0, \
			DECISION_##verdict                                              \
	}

static const struct rule_row rule_rows[] = {
	/* require: a claim, or an array that holds it */
	RULE("nothing required", require, "", ADMITTED),
	RULE("nothing at all", require, NULL, ADMITTED),
	RULE("only blanks", require, "  ", ADMITTED),
	RULE("a string", require, "groups=staff", ADMITTED, S("groups", "staff")),
	RULE("a member", require, "groups=staff", ADMITTED, M("groups", "staff")),
	RULE("one of several members", require, "groups=staff", ADMITTED, M("groups", "guests"),
	     M("groups", "staff")),
	RULE("a string beside members", require, "groups=staff", ADMITTED, S("groups", "x"),
	     M("groups", "staff")),
	RULE("a number", require, "level=3", ADMITTED, N("level", "3")),
	RULE("a negative number", require, "level=-3", ADMITTED, N("level", "-3")),
	RULE("a number as a string", require, "level=3", ADMITTED, S("level", "3")),
	RULE("a bool", require, "hired=true", ADMITTED, B("hired", "true")),
	RULE("a bool, false", require, "fired=false", ADMITTED, B("fired", "false")),
	RULE("the issuer", require, "iss=" ISSUER, ADMITTED),
	RULE("the subject", require, "sub=1", ADMITTED),
	RULE("a path", require, "realm_access.roles=kiosk", ADMITTED,
	     M("realm_access.roles", "kiosk")),
	RULE("a URL", require, "https://id.example/roles=kiosk", ADMITTED,
	     M("https://id.example/roles", "kiosk")),
	RULE("an id", require, "groups=0a9f-11", ADMITTED, M("groups", "0a9f-11")),
	RULE("a value with a sign", require, "q=a=b", ADMITTED, S("q", "a=b")),
	RULE("a value of signs", require, "q===", ADMITTED, S("q", "==")),
	RULE("not ASCII", require, "groups=\xc3\xa4", ADMITTED, M("groups", "\xc3\xa4")),
	RULE("two names", require, "groups=staff hd=example.org", ADMITTED, M("groups", "staff"),
	     S("hd", "example.org")),
	RULE("two names, other blanks", require, "\tgroups=staff \t hd=example.org ", ADMITTED,
	     M("groups", "staff"), S("hd", "example.org")),
	RULE("first of two values", require, "groups=a groups=b", ADMITTED, M("groups", "a")),
	RULE("second of two values", require, "groups=a groups=b", ADMITTED, M("groups", "b")),
	RULE("both of two values", require, "groups=a groups=b", ADMITTED, M("groups", "a"),
	     M("groups", "b")),
	RULE("values apart", require, "groups=a hd=x groups=b", ADMITTED, S("groups", "b"),
	     S("hd", "x")),
	RULE("the same twice", require, "groups=a groups=a", ADMITTED, M("groups", "a")),
	RULE("absent", require, "groups=staff", REQUIREMENT),
	RULE("another value", require, "groups=staff", REQUIREMENT, S("groups", "guests")),
	RULE("another member", require, "groups=staff", REQUIREMENT, M("groups", "guests")),
	RULE("another name", require, "groups=staff", REQUIREMENT, M("group", "staff")),
	RULE("a longer name", require, "groups=staff", REQUIREMENT, M("groupsx", "staff")),
	RULE("a name in capitals", require, "groups=staff", REQUIREMENT, M("Groups", "staff")),
	RULE("a value in capitals", require, "groups=staff", REQUIREMENT, M("groups", "Staff")),
	RULE("a longer value", require, "groups=staff", REQUIREMENT, M("groups", "staff2")),
	RULE("a shorter value", require, "groups=staff", REQUIREMENT, M("groups", "staf")),
	RULE("a value with a blank", require, "groups=staff", REQUIREMENT, M("groups", "staff ")),
	RULE("a value before a blank", require, "groups=staff", REQUIREMENT,
	     S("groups", "staff guests")),
	RULE("a list in a string", require, "groups=staff", REQUIREMENT, S("groups", "staff,x")),
	RULE("an array in a string", require, "groups=staff", REQUIREMENT,
	     S("groups", "[\"staff\"]")),
	RULE("a path in a group", require, "groups=staff", REQUIREMENT, M("groups", "/staff")),
	RULE("empty", require, "groups=staff", REQUIREMENT, S("groups", "")),
	RULE("a bool that is not", require, "hired=true", REQUIREMENT, B("hired", "false")),
	RULE("another spelling of true", require, "hired=True", REQUIREMENT, B("hired", "true")),
	RULE("1 is not true", require, "hired=true", REQUIREMENT, N("hired", "1")),
	RULE("another spelling of 3", require, "level=3", REQUIREMENT, S("level", "03")),
	RULE("more is not it", require, "level=3", REQUIREMENT, N("level", "4")),
	RULE("a confusable", require, "groups=staff", REQUIREMENT,
	     M("groups", "st\xd0\xb0"
			 "ff")),
	RULE("zero width", require, "groups=staff", REQUIREMENT, M("groups", "staff\xe2\x80\x8b")),
	RULE("a wildcard", require, "groups=*", REQUIREMENT, M("groups", "staff")),
	RULE("a wildcard said", require, "groups=staff", REQUIREMENT, M("groups", "*")),
	RULE("one of two names", require, "groups=staff hd=example.org", REQUIREMENT,
	     M("groups", "staff")),
	RULE("the other of two names", require, "groups=staff hd=example.org", REQUIREMENT,
	     S("hd", "example.org")),
	RULE("neither of two values", require, "groups=a groups=b", REQUIREMENT, M("groups", "c")),
	RULE("values of two names crossed", require, "a=x b=y", REQUIREMENT, S("a", "y"),
	     S("b", "x")),
	RULE("a value at the wrong name", require, "groups=a roles=b", REQUIREMENT,
	     M("groups", "a"), M("groups", "b")),
	RULE("names that begin alike", require, "roles=a rolex=b", REQUIREMENT, S("roles", "b"),
	     S("rolex", "b")),
	RULE("name and value in the name", require, "groups=staff", REQUIREMENT,
	     S("groups=staff", "staff")),
	RULE("no sign", require, "groups", REQUIREMENT, M("groups", "groups")),
	RULE("no sign, and a longer one", require, "groups groups=a", REQUIREMENT, S("group", "=a"),
	     S("groups", "a")),
	RULE("no value", require, "groups=", REQUIREMENT, S("groups", "")),
	RULE("no name", require, "=staff", REQUIREMENT, S("groups", "staff")),
	RULE("only a sign", require, "=", REQUIREMENT),
	RULE("another issuer required", require, "iss=https://else.example", REQUIREMENT),
	RULE("a good one and a broken one", require, "groups=a b", REQUIREMENT, M("groups", "a")),
	/* acr: one of */
	RULE("acr", require_acr, "gold", ADMITTED, S("acr", "gold")),
	RULE("acr, second", require_acr, "gold silver", ADMITTED, S("acr", "silver")),
	RULE("acr, URN", require_acr, "urn:mace:incommon:iap:silver", ADMITTED,
	     S("acr", "urn:mace:incommon:iap:silver")),
	RULE("acr as a number", require_acr, "2", ADMITTED, N("acr", "2")),
	RULE("acr absent", require_acr, "gold", ACR),
	RULE("acr other", require_acr, "gold", ACR, S("acr", "silver")),
	RULE("acr zero", require_acr, "1", ACR, S("acr", "0")),
	RULE("acr empty", require_acr, "gold", ACR, S("acr", "")),
	RULE("acr in capitals", require_acr, "gold", ACR, S("acr", "GOLD")),
	RULE("acr longer", require_acr, "gold", ACR, S("acr", "gold2")),
	RULE("acr both in one", require_acr, "gold silver", ACR, S("acr", "gold silver")),
	RULE("acr of another name", require_acr, "gold", ACR, S("ACR", "gold")),
	RULE("amr is not acr", require_acr, "gold", ACR, M("amr", "gold")),
	/* amr: all of */
	RULE("amr", require_amr, "otp", ADMITTED, M("amr", "otp")),
	RULE("amr, more", require_amr, "otp", ADMITTED, M("amr", "pwd"), M("amr", "otp")),
	RULE("amr, all", require_amr, "otp pwd", ADMITTED, M("amr", "pwd"), M("amr", "otp")),
	RULE("amr as a string", require_amr, "otp", ADMITTED, S("amr", "otp")),
	RULE("amr absent", require_amr, "otp", AMR),
	RULE("amr, one of two", require_amr, "otp pwd", AMR, M("amr", "pwd")),
	RULE("amr, the other of two", require_amr, "otp pwd", AMR, M("amr", "otp")),
	RULE("amr, two of three", require_amr, "a b c", AMR, M("amr", "a"), M("amr", "c")),
	RULE("amr other", require_amr, "otp", AMR, M("amr", "pwd")),
	RULE("amr in capitals", require_amr, "otp", AMR, M("amr", "OTP")),
	RULE("amr in one string", require_amr, "otp pwd", AMR, S("amr", "otp pwd")),
	RULE("acr is not amr", require_amr, "otp", AMR, S("acr", "otp")),
	/* how long ago */
	AGE("age 0", 60, "1700000000", "1700000000", ADMITTED),
	AGE("age 59", 60, "1700000000", "1700000059", ADMITTED),
	AGE("age at the edge", 60, "1700000000", "1700000060", ADMITTED),
	AGE("age over", 60, "1700000000", "1700000061", AUTH_AGE),
	AGE("age of a day", 86400, "1700000000", "1700086400", ADMITTED),
	AGE("age of a day and a second", 86400, "1700000000", "1700086401", AUTH_AGE),
	AGE("age below none", 60, "1700000001", "1700000000", AUTH_AGE),
	AGE("age far below none", 60, "1800000000", "1700000000", AUTH_AGE),
	AGE("age from the beginning of time", 60, "0", "30", AUTH_AGE),
	AGE("age before it", 60, "-30", "0", AUTH_AGE),
	AGE("age both zero", 60, "0", "0", AUTH_AGE),
	AGE("age in milliseconds", 60, "1700000000000", "1700000000", AUTH_AGE),
	AGE("age of 15 digits", 60, "999999999999999", "999999999999999", ADMITTED),
	AGE("age of 16 digits", 60, "9999999999999999", "9999999999999999", AUTH_AGE),
	AGE("age beyond all numbers", 60, "99999999999999999999", "99999999999999999999", AUTH_AGE),
	AGE("age that would wrap", 60, "-9223372036854775808", "9223372036854775807", AUTH_AGE),
	AGE("no age asked", 0, "1", "1700000000", ADMITTED),
	RULE("auth_time absent", max_auth_age, 60, AUTH_TIME_MISSING, N("iat", "1700000000")),
	RULE("iat absent", max_auth_age, 60, AUTH_TIME_UNREADABLE, N("auth_time", "1700000000")),
	RULE("both absent", max_auth_age, 60, AUTH_TIME_MISSING),
	RULE("auth_time a string", max_auth_age, 60, AUTH_TIME_UNREADABLE,
	     S("auth_time", "2022-08-24T12:17:06.060Z"), N("iat", "1700000000")),
	RULE("auth_time a bool", max_auth_age, 60, AUTH_TIME_UNREADABLE, B("auth_time", "true"),
	     N("iat", "1700000000")),
	/* %HH in a value is a byte; what the provider says is never decoded */
	RULE("a blank", require, "groups=Domain%20Users", ADMITTED, S("groups", "Domain Users")),
	RULE("a percent sign", require, "groups=50%25", ADMITTED, S("groups", "50%")),
	RULE("no blank", require, "groups=Domain%20Users", REQUIREMENT,
	     S("groups", "Domain%20Users")),
	/* mail addresses */
	EMAIL("email", "alice@example.org", ADMITTED),
	EMAIL("email, second domain", "alice@example.net", ADMITTED),
	EMAIL("email, domain in capitals", "alice@EXAMPLE.Org", ADMITTED),
	EMAIL("email, two signs", "alice@evil.example@example.org", ADMITTED),
	EMAIL("email, somebody's", "x@example.org", ADMITTED),
	EMAIL("email elsewhere", "alice@evil.example", EMAIL),
	EMAIL("email below", "alice@mail.example.org", EMAIL),
	EMAIL("email above", "alice@org", EMAIL),
	EMAIL("email with a tail", "alice@example.org.evil.example", EMAIL),
	EMAIL("email with a head", "alice@evilexample.org", EMAIL),
	EMAIL("email with a dot", "alice@example.org.", EMAIL),
	EMAIL("email with a blank", "alice@example.org ", EMAIL),
	EMAIL("email domain in the name", "example.org@evil.example", EMAIL),
	EMAIL("email the other way", "alice@example.org@evil.example", EMAIL),
	EMAIL("email without a sign", "example.org", EMAIL),
	EMAIL("email without a name", "@example.org", EMAIL),
	EMAIL("email without a domain", "alice@", EMAIL),
	EMAIL("email both domains", "alice@example.org example.net", EMAIL),
	EMAIL("email a confusable", "alice@ex\xd0\xb0mple.org", EMAIL),
	EMAIL("email with brackets", "Alice <alice@example.org>", EMAIL),
	EMAIL("email empty", "", EMAIL),
	RULE("email absent", email_domain, "example.org", EMAIL, B("email_verified", "true")),
	RULE("email not verified", email_domain, "example.org", EMAIL, S("email", "a" AT),
	     B("email_verified", "false")),
	RULE("email, nothing verified", email_domain, "example.org", EMAIL, S("email", "a" AT)),
	RULE("email verified in words", email_domain, "example.org", EMAIL, S("email", "a" AT),
	     S("email_verified", "true")),
	RULE("email verified by 1", email_domain, "example.org", EMAIL, S("email", "a" AT),
	     N("email_verified", "1")),
	RULE("email verified as a member", email_domain, "example.org", EMAIL, S("email", "a" AT),
	     M("email_verified", "true")),
	RULE("email as a member", email_domain, "example.org", EMAIL, M("email", "a" AT),
	     B("email_verified", "true")),
	RULE("email in capitals", email_domain, "example.org", EMAIL, S("Email", "a" AT),
	     B("email_verified", "true")),
	RULE("email domain not cared for", email_domain, "", ADMITTED, S("email", "a@evil"),
	     B("email_verified", "false")),
	/* a suffix: taken off once, in its own spelling */
	SUFFIX("suffix", "alice" AT, AT, "alice", ADMITTED),
	SUFFIX("suffix of 32", NAME_32 AT, AT, NAME_32, ADMITTED),
	SUFFIX("suffix of 33", NAME_33 AT, AT, NAME_32, CLAIM_DIFFERS),
	SUFFIX("suffix missing", "alice", AT, "alice", NO_SUFFIX),
	SUFFIX("suffix alone", AT, AT, "alice", CLAIM_DIFFERS),
	SUFFIX("suffix twice", "alice" AT AT, AT, "alice", CLAIM_DIFFERS),
	SUFFIX("suffix in front", AT "alice", AT, "alice", NO_SUFFIX),
	SUFFIX("suffix in the middle", "alice" AT ".evil.example", AT, "alice", NO_SUFFIX),
	SUFFIX("suffix in capitals", "alice@EXAMPLE.ORG", AT, "alice", NO_SUFFIX),
	SUFFIX("suffix cut", "alice@example.or", AT, "alice", NO_SUFFIX),
	SUFFIX("suffix behind a dot", "alice@mail.example.org", AT, "alice", NO_SUFFIX),
	SUFFIX("suffix with a blank", "alice" AT " ", AT, "alice", NO_SUFFIX),
	SUFFIX("suffix of a confusable", "alice@ex\xd0\xb0mple.org", AT, "alice", NO_SUFFIX),
	SUFFIX("name in capitals before it", "Alice" AT, AT, "alice", CLAIM_DIFFERS),
	SUFFIX("blank before it", "alice " AT, AT, "alice", CLAIM_DIFFERS),
	SUFFIX("sign before it", "a@b" AT, AT, "alice", CLAIM_DIFFERS),
	SUFFIX("somebody else's", "bob" AT, AT, "alice", OTHER_ACCOUNT),
	SUFFIX("root's", "root" AT, AT, "alice", OTHER_ACCOUNT),
	SUFFIX("longer than all", "c", AT, "c", NO_SUFFIX),
	SUFFIX("empty claim", "", AT, "alice", CLAIM_MISSING),
	SUFFIX("suffix that a name may have", "alice-corp", "-corp", "alice", ADMITTED),
	SUFFIX("once, not twice", "alice-corp-corp", "-corp", "alice", OTHER_ACCOUNT),
	SUFFIX("once, and that is the name", "alice-corp-corp", "-corp", "alice-corp", ADMITTED),
	SUFFIX("no suffix asked", "alice", "", "alice", ADMITTED),
	SUFFIX("suffix not asked", "alice" AT, NULL, "alice", CLAIM_DIFFERS),
	{ "a number is no name",
	  { .user_claim = "upn", .user_claim_suffix = "0" },
	  { N("upn", "10") },
	  "1",
	  0,
	  DECISION_BAD_NAME },
	{ "a member is no name",
	  { .user_claim = "upn" },
	  { M("upn", "alice") },
	  NULL,
	  0,
	  DECISION_CLAIM_MISSING },
	/* below min_uid by name; root never */
	LOW("low, not listed", "backup", 34, NULL, LOW_UID),
	LOW("low, empty list", "backup", 34, "", LOW_UID),
	LOW("low, listed", "backup", 34, "backup", ADMITTED),
	LOW("low, listed second", "backup", 34, "daemon backup", ADMITTED),
	LOW("low, another listed", "backup", 34, "daemon", LOW_UID),
	LOW("low, a longer one listed", "backup", 34, "backup2", LOW_UID),
	LOW("low, a shorter one listed", "backup", 34, "back", LOW_UID),
	LOW("low, in capitals", "backup", 34, "Backup", LOW_UID),
	LOW("low, in one word", "backup", 34, "daemon,backup", LOW_UID),
	LOW("the highest low", "backup", 999, "backup", ADMITTED),
	LOW("not low, not listed", "backup", 1000, "daemon", ADMITTED),
	LOW("root listed", "root", NO_UID, "root", LOW_UID),
	LOW("root by another name", "toor", NO_UID, "toor", LOW_UID),
	LOW("root not listed", "root", NO_UID, NULL, LOW_UID),
	/* one account for many */
	SHARED("shared", require, NULL, ADMITTED),
	SHARED("shared, required", require, "groups=staff", ADMITTED, M("groups", "staff")),
	SHARED("shared, not in the group", require, "groups=staff", REQUIREMENT,
	       M("groups", "guests")),
	SHARED("shared, email", email_domain, "example.org", ADMITTED, S("email", "x" AT),
	       B("email_verified", "true")),
	SHARED("shared, email unverified", email_domain, "example.org", EMAIL, S("email", "x" AT),
	       B("email_verified", "false")),
	SHARED("shared, acr", require_acr, "gold", ACR, S("acr", "0")),
	{ "shared, another wanted",
	  { .account = "kiosk" },
	  { { 0 } },
	  "alice",
	  0,
	  DECISION_OTHER_ACCOUNT },
	{ "shared, low", { .account = "kiosk" }, { { 0 } }, "kiosk", 34, DECISION_LOW_UID },
	{ "shared, low, listed",
	  { .account = "kiosk", .allow_system_users = "kiosk" },
	  { { 0 } },
	  "kiosk",
	  34,
	  DECISION_ADMITTED },
	{ "shared, root", { .account = "root" }, { { 0 } }, "root", NO_UID, DECISION_LOW_UID },
	/* a map and a rule: both */
	{ "mapped, required",
	  { .map = LINE("1", "alice"), .require = "groups=a" },
	  { M("groups", "a") },
	  NULL,
	  0,
	  DECISION_ADMITTED },
	{ "mapped, not in the group",
	  { .map = LINE("1", "alice"), .require = "groups=a" },
	  { M("groups", "b") },
	  NULL,
	  0,
	  DECISION_REQUIREMENT },
	{ "in the group, not mapped",
	  { .map = LINE("2", "alice"), .require = "groups=a" },
	  { M("groups", "a") },
	  NULL,
	  0,
	  DECISION_NOT_ADMITTED },
	{ "in the group, mapped to another",
	  { .map = LINE("1", "bob"), .require = "groups=a" },
	  { M("groups", "a") },
	  NULL,
	  0,
	  DECISION_OTHER_ACCOUNT },
	/* all of it at once */
	{ "everything",
	  { .user_claim = "email",
	    .user_claim_suffix = AT,
	    .email_domain = "example.org",
	    .require = "groups=a",
	    .require_acr = "gold",
	    .max_auth_age = 60 },
	  { S("email", "alice" AT), B("email_verified", "true"), M("groups", "a"), S("acr", "gold"),
	    N("auth_time", "1700000000"), N("iat", "1700000001") },
	  NULL,
	  0,
	  DECISION_ADMITTED },
	{ "everything but the group",
	  { .user_claim = "email",
	    .user_claim_suffix = AT,
	    .email_domain = "example.org",
	    .require = "groups=b",
	    .require_acr = "gold",
	    .max_auth_age = 60 },
	  { S("email", "alice" AT), B("email_verified", "true"), M("groups", "a"), S("acr", "gold"),
	    N("auth_time", "1700000000"), N("iat", "1700000001") },
	  NULL,
	  0,
	  DECISION_REQUIREMENT },
};

static void said_add(struct policy_claims *claims, const struct said *said)
{
	if (!said->name)
		return;
	if (said->type)
		assert_true(policy_claim_add(claims, said->name, said->type, said->value));
	else
		assert_true(policy_member_add(claims, said->name, said->value));
}

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rule_rows); i++) {
		const struct rule_row *row = &rule_rows[i];
		struct policy policy = row->policy;
		struct policy_claims *claims = claims_make(ISSUER, "1");
		struct local_account wanted = { .name = row->wanted ? row->wanted : "alice",
						.exists = true,
						.uid = row->uid == NO_UID ? 0
						       : row->uid	  ? row->uid
									  : ALICE };

		policy.issuer = ISSUER;
		policy.subject_claim = "sub";
		policy.min_uid = MIN_UID;
		if (!policy.map && !policy.user_claim && !policy.account) {
			policy.user_claim = "name";
			assert_true(policy_claim_add(claims, "name", "string", "alice"));
		}
		policy.user_claim = policy.user_claim ? policy.user_claim : "";
		policy.account = policy.account ? policy.account : "";
		for (size_t k = 0; k < COUNT(row->said); k++)
			said_add(claims, &row->said[k]);
		judged(row->row, policy_decide(&policy, claims, &wanted), row->decision);
		free(claims);
	}
}

_Static_assert(COUNT(account_rows) + COUNT(claim_rows) + COUNT(issuer_rows) + COUNT(map_rows) +
			       COUNT(rule_rows) >=
		       260,
	       "enough of them");

/* ---- nobody was named ---- */

static void test_find(void **state)
{
	static const struct {
		const char *row;
		struct policy policy;
		struct said said;
		const char *name;
		enum decision decision;
	} rows[] = {
		{ "claim", { .user_claim = "upn" }, S("upn", "alice"), "alice", DECISION_ADMITTED },
		{ "suffix",
		  { .user_claim = "upn", .user_claim_suffix = AT },
		  S("upn", "alice" AT),
		  "alice",
		  DECISION_ADMITTED },
		{ "suffix missing",
		  { .user_claim = "upn", .user_claim_suffix = AT },
		  S("upn", "alice"),
		  "",
		  DECISION_NO_SUFFIX },
		{ "no name",
		  { .user_claim = "upn" },
		  S("upn", "Alice"),
		  "",
		  DECISION_CLAIM_DIFFERS },
		{ "no claim",
		  { .user_claim = "upn" },
		  S("x", "alice"),
		  "",
		  DECISION_CLAIM_MISSING },
		{ "shared", { .account = "kiosk" }, S("x", "y"), "kiosk", DECISION_ADMITTED },
		{ "one line", { .map = LINE("1", "bob") }, S("x", "y"), "bob", DECISION_ADMITTED },
		{ "no line", { .map = LINE("2", "bob") }, S("x", "y"), "", DECISION_NOT_ADMITTED },
		{ "two lines",
		  { .map = LINE("1", "bob") LINE("1", "alice") },
		  S("x", "y"),
		  "",
		  DECISION_SEVERAL_ACCOUNTS },
		{ "the same line twice",
		  { .map = LINE("1", "bob") LINE("1", "bob") },
		  S("x", "y"),
		  "bob",
		  DECISION_ADMITTED },
		{ "a mistake elsewhere",
		  { .map = LINE("1", "bob") "x\n" },
		  S("x", "y"),
		  "bob",
		  DECISION_ADMITTED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy policy = rows[i].policy;
		struct policy_claims *claims = claims_make(ISSUER, "1");
		char name[LOCAL_NAME_MAX] = "before";

		policy.issuer = ISSUER;
		policy.subject_claim = "sub";
		policy.user_claim = policy.user_claim ? policy.user_claim : "";
		policy.account = policy.account ? policy.account : "";
		said_add(claims, &rows[i].said);
		judged(rows[i].row, policy_find_account(&policy, claims, name), rows[i].decision);
		assert_string_equal(name, rows[i].name);
		free(claims);
	}
}

/* A member is a name and a value, neither empty nor too long, once, and 32 of them at most. */
static void test_member_add(void **state)
{
	struct policy_claims *claims = calloc(1, sizeof(*claims));
	char name[POLICY_NAME_MAX + 1], value[POLICY_VALUE_MAX + 1], text[16];

	(void)state;
	assert_non_null(claims);
	memset(name, 'n', sizeof(name));
	memset(value, 'v', sizeof(value));
	name[POLICY_NAME_MAX] = value[POLICY_VALUE_MAX] = '\0';
	assert_true(policy_member_add(claims, "groups", "a"));
	assert_false(policy_member_add(claims, "groups", "a"));
	assert_true(policy_member_add(claims, "groups", "b"));
	assert_true(policy_member_add(claims, "roles", "a"));
	assert_false(policy_member_add(claims, "", "a"));
	assert_false(policy_member_add(claims, "groups", ""));
	assert_false(policy_member_add(claims, name, "a"));
	assert_false(policy_member_add(claims, "groups", value));
	assert_true(policy_member_add(claims, name + 1, value + 1));
	assert_true(policy_claim_add(claims, "groups", "string", "a"));
	for (int i = 4; i < POLICY_CLAIMS_MAX + 3; i++) {
		snprintf(text, sizeof(text), "m%d", i);
		assert_int_equal(policy_member_add(claims, "groups", text), i < POLICY_CLAIMS_MAX);
	}
	assert_int_equal(claims->members, POLICY_CLAIMS_MAX);
	assert_int_equal(claims->count, 1);
	free(claims);
}

static void test_listed(void **state)
{
	(void)state;
	assert_true(list_has("alice", LIST_BLANKS, "alice"));
	assert_true(list_has(" bob\talice ", LIST_BLANKS, "alice"));
	assert_false(list_has("alice2", LIST_BLANKS, "alice"));
	assert_false(list_has("alic", LIST_BLANKS, "alice"));
	assert_false(list_has("Alice", LIST_BLANKS, "alice"));
	assert_false(list_has("bob,alice", LIST_BLANKS, "alice"));
	assert_false(list_has("alice", LIST_BLANKS, ""));
	assert_false(list_has("", LIST_BLANKS, ""));
	assert_false(list_has("", LIST_BLANKS, "alice"));
	assert_false(list_has(NULL, LIST_BLANKS, "alice"));
}

/* ---- what is a claim ---- */

struct add_row {
	const char *name, *type, *value;
	bool ok;
};

static const struct add_row add_rows[] = {
	{ "sub", "string", "x", true },
	{ "sub", "string", "x", false },
	{ "sub", "number", "1", false },
	{ "Sub", "string", "x", true },
	{ "", "string", "x", false },
	{ "empty", "string", "", true }, /* it is there, and decides against its owner */
	{ "empty", "string", "late", false },
	{ "n0", "number", "0", true },
	{ "n1", "number", "-1", true },
	{ "n2", "number", "9007199254740993", true },
	{ "b0", "bool", "true", true },
	{ "b1", "bool", "false", true },
	{ "t0", "String", "x", false },
	{ "t1", "", "x", false },
	{ "t2", "string ", "x", false },
	{ "t3", "array", "x", false },
	{ "t4", "null", "", false },
	{ "t5", "strin", "x", false },
	{ "t5", "string", "now", true }, /* a refused one leaves nothing behind */
};

static void test_claim_add(void **state)
{
	struct policy_claims *claims = calloc(1, sizeof(*claims));
	size_t count = 0;

	(void)state;
	assert_non_null(claims);
	for (size_t i = 0; i < COUNT(add_rows); i++) {
		const struct add_row *row = &add_rows[i];

		if (policy_claim_add(claims, row->name, row->type, row->value) != row->ok)
			fail_msg("%s %s %s", row->name, row->type, row->value);
		count += row->ok;
		assert_int_equal(claims->count, count);
	}
	assert_string_equal(policy_claim_text(claims, "sub"), "x");
	assert_string_equal(policy_claim_text(claims, "Sub"), "x");
	assert_string_equal(policy_claim_text(claims, "n1"), "-1");
	assert_string_equal(policy_claim_text(claims, "t5"), "now");
	assert_null(policy_claim_text(claims, "empty"));
	assert_null(policy_claim_text(claims, "b0"));
	assert_null(policy_claim_text(claims, "t0"));
	assert_null(policy_claim_text(claims, "SUB"));
	free(claims);
}

/* "a number in integer spelling and a bool": nothing else is what a witness may say. */
static void test_claim_spelling(void **state)
{
	static const struct add_row rows[] = {
		{ "a", "number", "", false },	 { "b", "number", "x", false },
		{ "c", "number", "1.0", false }, { "d", "number", "1e3", false },
		{ "e", "number", " 1", false },	 { "f", "number", "-", false },
		{ "g", "number", "+1", false },	 { "h", "number", "alice", false },
		{ "i", "bool", "", false },	 { "j", "bool", "1", false },
		{ "k", "bool", "True", false },	 { "l", "bool", "yes", false },
	};
	struct policy_claims *claims = calloc(1, sizeof(*claims));

	(void)state;
	assert_non_null(claims);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (policy_claim_add(claims, rows[i].name, rows[i].type, rows[i].value))
			fail_msg("%s %s", rows[i].type, rows[i].value);
	free(claims);
}

static void test_claim_sizes(void **state)
{
	static const struct {
		size_t name, value;
		bool ok;
	} rows[] = {
		{ POLICY_NAME_MAX - 1, POLICY_VALUE_MAX - 1, true },
		{ POLICY_NAME_MAX, 1, false },
		{ 1, POLICY_VALUE_MAX, false },
		{ 5000, 5000, false },
	};
	struct policy_claims *claims = calloc(1, sizeof(*claims));
	char name[5001], value[5001];

	(void)state;
	assert_non_null(claims);
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(name, 'n', sizeof(name));
		memset(value, 'v', sizeof(value));
		name[rows[i].name] = '\0';
		value[rows[i].value] = '\0';
		if (policy_claim_add(claims, name, "string", value) != rows[i].ok)
			fail_msg("%zu and %zu bytes", rows[i].name, rows[i].value);
		if (rows[i].ok)
			assert_string_equal(policy_claim_text(claims, name), value);
	}
	free(claims);
}

static void test_claims_too_many(void **state)
{
	struct policy_claims *claims = calloc(1, sizeof(*claims));
	char name[16];

	(void)state;
	assert_non_null(claims);
	for (int i = 0; i < POLICY_CLAIMS_MAX + 3; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		assert_int_equal(policy_claim_add(claims, name, "string", "x"),
				 i < POLICY_CLAIMS_MAX);
	}
	assert_int_equal(claims->count, POLICY_CLAIMS_MAX);
	free(claims);
}

/* ---- the names of decisions ---- */

static void test_decision_names(void **state)
{
	(void)state;
	for (int i = 0; i <= DECISION_ADMITTED; i++) {
		const char *name = reason_name(decision_reason((enum decision)i));

		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		assert_string_not_equal(name, "unknown");
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name,
						reason_name(decision_reason((enum decision)k)));
	}
	assert_string_equal(reason_name(decision_reason(DECISION_ADMITTED)), "admitted");
	assert_string_equal(reason_name(decision_reason((enum decision)(DECISION_ADMITTED + 1))),
			    "unknown");
	assert_string_equal(reason_name(decision_reason((enum decision) - 1)), "unknown");
	assert_int_equal(DECISION_NOT_ADMITTED, 0);
}

/* ---- anybody at all ---- */

static uint64_t random_state = 0x2545f4914f6cdd1d;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % limit;
}

/* Mostly one of few, so that things meet; now and then a byte is changed. */
static const char *random_word(char out[64])
{
	static const char *const words[] = { "alice", "bob",	"root",	 "1",	     "sub",
					     "iss",   "name",	ISSUER,	 ISSUER "/", "",
					     "Alice", "alice ", NAME_32, NAME_33,    "alice",
					     "alice", "1",	ISSUER };

	strcpy(out, words[random_below(COUNT(words))]);
	if (out[0] && random_below(8) == 0)
		out[random_below((uint32_t)strlen(out))] = (char)(1 + random_below(255));
	return out;
}

static void random_map(char out[1024])
{
	static const char *const blanks[] = { " ", "\t", "  ", "\r", "\n" };
	char word[64];

	out[0] = '\0';
	for (uint32_t line = random_below(4); line > 0; line--) {
		for (uint32_t part = random_below(12) == 0 ? 2 : 3; part > 0; part--) {
			strcat(out, part == 3 && random_below(3) > 0   ? ISSUER
				    : part == 2 && random_below(3) > 0 ? "1"
								       : random_word(word));
			strcat(out, part > 1 ? blanks[random_below(random_below(9) ? 3 : 5)] : "");
		}
		strcat(out, "\n");
	}
}

static void random_claims(struct policy_claims *claims)
{
	static const char *const types[] = { "string", "string", "string", "number", "bool", "x" };
	char name[64], value[64];

	claims->count = 0;
	if (random_below(8) > 0)
		policy_claim_add(claims, "iss", "string", ISSUER);
	if (random_below(8) > 0)
		policy_claim_add(claims, "sub", "string", "1");
	if (random_below(4) > 0)
		policy_claim_add(claims, "name", "string", random_word(value));
	for (uint32_t i = random_below(4); i > 0; i--)
		policy_claim_add(claims, random_word(name), types[random_below(COUNT(types))],
				 random_word(value));
}

/* What must be true of a claim that has decided for somebody. */
static bool claim_is(const struct policy_claims *claims, const char *name, const char *value)
{
	size_t found = 0, right = 0;

	for (size_t i = 0; i < claims->count; i++) {
		if (strcmp(claims->claim[i].name, name) != 0)
			continue;
		found++;
		right += claims->claim[i].type != CLAIM_BOOL && claims->claim[i].value[0] &&
			 (!value || strcmp(claims->claim[i].value, value) == 0);
	}
	return found == 1 && right == 1;
}

/* A line of the map says that SUBJECT is NAME; found by other means than policy.c's. */
static bool map_says(const char *map, const char *subject, const char *name)
{
	char copy[1024], *save = NULL;
	bool said = false;

	strcpy(copy, map);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char part[3][1024] = { "", "", "" };

		if (line[0] != '#' &&
		    sscanf(line, "%1023[^ \t\r]%*[ \t\r]%1023[^ \t\r]%*[ \t\r]%1023[^ \t\r]",
			   part[0], part[1], part[2]) == 3 &&
		    strcmp(part[0], ISSUER) == 0 && strcmp(part[1], subject) == 0 &&
		    strcmp(part[2], name) == 0)
			said = true;
	}
	return said;
}

/* The words of TEXT, into WORD; how many there are. */
static size_t words_of(const char *text, char word[8][64])
{
	size_t n = 0;

	for (size_t used = 0; text && text[0]; n++) {
		int len = 0;

		if (sscanf(text + used, " %63[^ ]%n", word[n], &len) != 1)
			break;
		used += (size_t)len;
	}
	return n;
}

static bool said_anywhere(const struct policy_claims *claims, const char *name, const char *value)
{
	bool said = false;

	for (size_t i = 0; i < claims->count; i++)
		said = said || (!strcmp(claims->claim[i].name, name) &&
				!strcmp(claims->claim[i].value, value));
	for (size_t i = 0; i < claims->members; i++)
		said = said || (!strcmp(claims->member[i].name, name) &&
				!strcmp(claims->member[i].value, value));
	return said;
}

static const struct policy_claim *only(const struct policy_claims *claims, const char *name,
				       enum claim_type type)
{
	for (size_t i = 0; i < claims->count; i++)
		if (strcmp(claims->claim[i].name, name) == 0)
			return claims->claim[i].type == type ? &claims->claim[i] : NULL;
	return NULL;
}

static bool require_said(const char *require, const struct policy_claims *claims)
{
	char pair[8][64], word[8][64];
	size_t n = words_of(require, pair);

	words_of(require, word);
	for (size_t i = 0; i < n; i++)
		*strchr(pair[i], '=') = '\0';
	for (size_t i = 0; i < n; i++) {
		bool said = false;

		for (size_t k = 0; k < n; k++)
			if (strcmp(pair[i], pair[k]) == 0)
				said = said ||
				       said_anywhere(claims, pair[k], strchr(word[k], '=') + 1);
		if (!said)
			return false;
	}
	return true;
}

static bool lists_said(const struct policy *policy, const struct policy_claims *claims)
{
	char word[8][64];
	size_t n = words_of(policy->require_acr, word), said = 0;

	for (size_t i = 0; i < n; i++)
		said += said_anywhere(claims, "acr", word[i]);
	if (n > 0 && said == 0)
		return false;
	n = words_of(policy->require_amr, word);
	for (size_t i = 0; i < n; i++)
		if (!said_anywhere(claims, "amr", word[i]))
			return false;
	return true;
}

static bool email_said(const char *domains, const struct policy_claims *claims)
{
	const struct policy_claim *email = only(claims, "email", CLAIM_STRING);
	const struct policy_claim *verified = only(claims, "email_verified", CLAIM_BOOL);
	char word[8][64];
	size_t n = words_of(domains, word);

	for (size_t i = 0; i < n; i++) {
		char tail[80];

		snprintf(tail, sizeof(tail), "@%.63s", word[i]);
		if (email && verified && verified->value[0] == 't' &&
		    strlen(email->value) > strlen(tail) &&
		    !strcasecmp(email->value + strlen(email->value) - strlen(tail), tail))
			return true;
	}
	return n == 0;
}

static bool age_said(long most, const struct policy_claims *claims)
{
	const struct policy_claim *then = only(claims, "auth_time", CLAIM_NUMBER);
	const struct policy_claim *now = only(claims, "iat", CLAIM_NUMBER);

	if (most == 0)
		return true;
	return then && now && atoll(then->value) > 0 && atoll(then->value) <= atoll(now->value) &&
	       atoll(now->value) - atoll(then->value) <= most;
}

static bool uid_holds(const struct policy *policy, const struct local_account *wanted)
{
	char word[8][64];
	size_t n = words_of(policy->allow_system_users, word);

	for (size_t i = 0; i < n; i++)
		if (strcmp(word[i], wanted->name) == 0 && wanted->uid != 0)
			return true;
	return wanted->uid != 0 && wanted->uid >= policy->min_uid;
}

/* The whole policy once more, as plainly as it can be said. */
static bool policy_holds(const struct policy *policy, const struct policy_claims *claims,
			 const struct local_account *wanted)
{
	const char *subject = policy_claim_text(claims, policy->subject_claim);
	const struct policy_claim *user = only(claims, policy->user_claim, CLAIM_STRING);
	char name[POLICY_VALUE_MAX + 64];

	if (!wanted->exists || !uid_holds(policy, wanted))
		return false;
	if (strlen(wanted->name) > 32 || !policy_name_ok(wanted->name))
		return false;
	if (!claim_is(claims, "iss", policy->issuer) ||
	    !claim_is(claims, policy->subject_claim, NULL))
		return false;
	if (!require_said(policy->require, claims) || !lists_said(policy, claims) ||
	    !email_said(policy->email_domain, claims) || !age_said(policy->max_auth_age, claims))
		return false;
	if (policy->map)
		return map_says(policy->map, subject, wanted->name);
	if (policy->account[0])
		return strcmp(policy->account, wanted->name) == 0;
	snprintf(name, sizeof(name), "%s%s", wanted->name, policy->user_claim_suffix);
	return user && strcmp(user->value, name) == 0;
}

/* One of few again, or nothing. */
static const char *one_of(const char *const *texts, size_t count)
{
	uint32_t i = random_below((uint32_t)count * 2);

	return i < count ? texts[i] : "";
}

#define ONE_OF(...) \
	one_of((const char *const[]){ __VA_ARGS__ }, COUNT(((const char *const[]){ __VA_ARGS__ })))

static void random_rules(struct policy *policy)
{
	policy->user_claim_suffix = ONE_OF("-x", "ce", "@example.org");
	policy->require = ONE_OF("groups=a", "groups=a groups=b", "groups=a level=1",
				 "groups=a level=1 groups=b", "sub=1", "hired=true");
	policy->require_acr = random_below(4) ? "" : ONE_OF("gold", "gold silver");
	policy->require_amr = random_below(4) ? "" : ONE_OF("otp", "otp pwd");
	policy->email_domain = random_below(4) ? "" : ONE_OF("example.org", "a.net example.org");
	policy->max_auth_age = random_below(6) ? 0 : (long)(1 + random_below(3));
	policy->allow_system_users = ONE_OF("alice", "bob root", "root alice");
}

static void random_rule_claims(struct policy_claims *claims)
{
	static const char *const texts[][2] = {
		{ "groups", "a" },
		{ "groups", "b" },
		{ "groups", "A" },
		{ "level", "1" },
		{ "acr", "gold" },
		{ "acr", "silver" },
		{ "amr", "otp" },
		{ "amr", "pwd" },
		{ "name", "alice-x" },
		{ "name", "alice@example.org" },
		{ "email", "alice@example.org" },
		{ "email", "alice@A.net" },
		{ "email", "alice@evil.example" },
		{ "email_verified", "true" },
		{ "hired", "true" },
	};
	char text[24];

	claims->members = 0;
	for (uint32_t i = random_below(9); i > 0; i--) {
		const char *const *said = texts[random_below(COUNT(texts))];

		if (random_below(2))
			policy_member_add(claims, said[0], said[1]);
		else
			policy_claim_add(claims, said[0], "string", said[1]);
	}
	if (random_below(2))
		policy_claim_add(claims, "email_verified", "bool",
				 random_below(3) ? "true" : "false");
	if (random_below(2))
		policy_claim_add(claims, "hired", "bool", random_below(3) ? "true" : "false");
	if (random_below(2))
		policy_claim_add(claims, "level", "number", "1");
	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "%d", 1700000000 + (int)random_below(4));
		if (random_below(8))
			policy_claim_add(claims, i ? "auth_time" : "iat",
					 random_below(8) ? "number" : "string", text);
	}
}

/*
 * Who is admitted has the wanted name byte for byte, and every rule holds. The other way round, too:
 * who has it, and for whom every rule holds, is kept out only by a mistake in the map.
 */
static void test_random(void **state)
{
	struct policy_claims *claims = calloc(1, sizeof(*claims));
	size_t admitted[3] = { 0, 0, 0 }, by_rules = 0;
	char map[1024], name[64];

	(void)state;
	assert_non_null(claims);
	for (int i = 0; i < RANDOM_CASES; i++) {
		struct policy policy = {
			.issuer = ISSUER,
			.user_claim = "",
			.account = "",
			.subject_claim = "sub",
			.min_uid = 1000,
		};
		struct local_account wanted = { .name = random_word(name),
						.exists = random_below(16) > 0,
						.uid = random_below(4) ? 1000
								       : random_below(1200) };
		uint32_t way = random_below(3);
		enum decision decision;
		bool holds;

		random_map(map);
		if (way == 0)
			policy.user_claim = "name";
		else if (way == 1)
			policy.map = map;
		else
			policy.account = random_below(2) ? "alice" : "bob";
		random_rules(&policy);
		random_claims(claims);
		random_rule_claims(claims);
		decision = policy_decide(&policy, claims, &wanted);
		holds = policy_holds(&policy, claims, &wanted);
		if (decision == DECISION_ADMITTED && !holds)
			fail_msg("case %d: %s is let in", i, wanted.name);
		if (decision != DECISION_ADMITTED && holds)
			fail_msg("case %d: %s is kept out: %s", i, wanted.name,
				 reason_name(decision_reason(decision)));
		admitted[way] += decision == DECISION_ADMITTED;
		by_rules += decision == DECISION_ADMITTED && policy.require[0] != '\0';
	}
	for (int way = 0; way < 3; way++)
		assert_true(admitted[way] > 100);
	assert_true(by_rules > 100);
	free(claims);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_name_bytes),
		cmocka_unit_test(test_wide_names),
		cmocka_unit_test(test_directory_names),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_accounts_first),
		cmocka_unit_test(test_user_claim),
		cmocka_unit_test(test_user_claim_name),
		cmocka_unit_test(test_user_claim_is_subject),
		cmocka_unit_test(test_issuer),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_stable_claim),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_bound_to_another),
		cmocka_unit_test(test_enrol),
		cmocka_unit_test(test_no_policy),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_member_add),
		cmocka_unit_test(test_listed),
		cmocka_unit_test(test_claim_add),
		cmocka_unit_test(test_claim_spelling),
		cmocka_unit_test(test_claim_sizes),
		cmocka_unit_test(test_claims_too_many),
		cmocka_unit_test(test_decision_names),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
