/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pam_module/judge.c: who is let in as whom. The rows are the people who try: with capitals, look-
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

#include <cmocka.h>

#include "../../pam_module/judge.h"

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
static struct judge_claims *claims_make(const char *issuer, const char *subject)
{
	struct judge_claims *claims = calloc(1, sizeof(*claims));

	assert_non_null(claims);
	if (issuer)
		assert_true(judge_claim_add(claims, "iss", "string", issuer));
	if (subject)
		assert_true(judge_claim_add(claims, "sub", "string", subject));
	return claims;
}

static void judged(const char *row, enum judgement got, enum judgement expected)
{
	if (got != expected)
		fail_msg("%s: %s, not %s", row, judgement_name(got), judgement_name(expected));
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
		if (judge_name_ok(name_rows[i].name) != name_rows[i].ok)
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

		if (judge_name_ok(name) != first)
			fail_msg("byte %02x in front", (unsigned int)byte);
		name[0] = 'x';
		name[1] = (char)byte;
		if (judge_name_ok(name) != later)
			fail_msg("byte %02x behind", (unsigned int)byte);
	}
}

/* ---- accounts ---- */

struct account_row {
	const char *name;
	bool exists;
	uid_t uid, min_uid;
	enum judgement judgement;
};

static const struct account_row account_rows[] = {
	{ "alice", true, 1000, 1000, JUDGED_ADMITTED },
	{ "alice", true, 1001, 1000, JUDGED_ADMITTED },
	{ "alice", true, 999, 1000, JUDGED_LOW_UID },
	{ "alice", true, 1, 1000, JUDGED_LOW_UID },
	{ "alice", true, 1, 1, JUDGED_ADMITTED },
	{ "alice", true, 999, 2000, JUDGED_LOW_UID },
	{ "alice", true, 65534, 1000, JUDGED_ADMITTED },
	{ "alice", true, 2147483648U, 1000, JUDGED_ADMITTED },
	{ "alice", true, 1000, 2147483647, JUDGED_LOW_UID },
	{ "root", true, 0, 1000, JUDGED_LOW_UID },
	{ "root", true, 0, 1, JUDGED_LOW_UID },
	{ "root", true, 0, 0, JUDGED_LOW_UID },
	{ "toor", true, 0, 0, JUDGED_LOW_UID },
	{ "daemon", true, 1, 1000, JUDGED_LOW_UID },
	{ "alice", false, 0, 1000, JUDGED_NO_ACCOUNT },
	{ "alice", false, 1000, 1000, JUDGED_NO_ACCOUNT },
	{ "root", false, 0, 0, JUDGED_NO_ACCOUNT },
	{ "", true, 1000, 1000, JUDGED_BAD_NAME },
	{ "", false, 0, 1000, JUDGED_BAD_NAME },
	{ "Alice", true, 1000, 1000, JUDGED_BAD_NAME },
	{ NAME_32, true, 1000, 1000, JUDGED_ADMITTED },
	{ NAME_33, true, 1000, 1000, JUDGED_BAD_NAME },
	{ "1000", true, 1000, 1000, JUDGED_BAD_NAME },
};

static void test_accounts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(account_rows); i++) {
		const struct account_row *row = &account_rows[i];
		struct judge_policy policy = { .account = "", .min_uid = row->min_uid };
		struct judge_account wanted = { row->name, row->exists, row->uid };

		judged(row->name, judge_account(&policy, &wanted), row->judgement);
	}
}

/* No claim is looked at for an account that nobody may enter. */
static void test_accounts_first(void **state)
{
	struct judge_claims *claims = calloc(1, sizeof(*claims));

	(void)state;
	assert_non_null(claims);
	for (size_t i = 0; i < COUNT(account_rows); i++) {
		const struct account_row *row = &account_rows[i];
		struct judge_policy policy = {
			.issuer = ISSUER,
			.user_claim = "name",
			.account = "",
			.map = NULL,
			.stable_claim = "sub",
			.min_uid = row->min_uid,
		};
		struct judge_account wanted = { row->name, row->exists, row->uid };
		enum judgement expected = row->judgement == JUDGED_ADMITTED ? JUDGED_WRONG_ISSUER
									    : row->judgement;

		judged(row->name, judge_claims(&policy, claims, &wanted), expected);
	}
	free(claims);
}

/* ---- user_claim ---- */

struct claim_row {
	const char *type; /* NULL: the claim is absent */
	const char *value;
	const char *wanted;
	enum judgement judgement;
};

static const struct claim_row claim_rows[] = {
	{ "string", "alice", "alice", JUDGED_ADMITTED },
	{ "string", "a", "a", JUDGED_ADMITTED },
	{ "string", "_x.y-9", "_x.y-9", JUDGED_ADMITTED },
	{ "string", NAME_32, NAME_32, JUDGED_ADMITTED },
	/* somebody else */
	{ "string", "alice", "bob", JUDGED_OTHER_ACCOUNT },
	{ "string", "bob", "alice", JUDGED_OTHER_ACCOUNT },
	{ "string", "alic", "alice", JUDGED_OTHER_ACCOUNT },
	{ "string", "alicee", "alice", JUDGED_OTHER_ACCOUNT },
	{ "string", "alice", "alic", JUDGED_OTHER_ACCOUNT },
	{ "string", "alice.", "alice", JUDGED_OTHER_ACCOUNT },
	{ "string", "alice-", "alice", JUDGED_OTHER_ACCOUNT },
	{ "string", "a1ice", "alice", JUDGED_OTHER_ACCOUNT },
	{ "string", "root", "alice", JUDGED_OTHER_ACCOUNT },
	{ "string", NAME_31, NAME_32, JUDGED_OTHER_ACCOUNT },
	{ "string", NAME_32, NAME_31, JUDGED_OTHER_ACCOUNT },
	/* no name at all: not repaired */
	{ "string", NAME_33, NAME_32, JUDGED_NOT_ADMITTED },
	{ "string", "Alice", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "ALICE", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "alice ", "alice", JUDGED_NOT_ADMITTED },
	{ "string", " alice", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "alice\n", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "alice@example.org", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "alice@", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "EXAMPLE\\alice", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "EXAMPLE/alice", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "alice,bob", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "alice bob", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "[\"alice\"]", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "alice\\u0000@evil", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "alic\xd0\xb5", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "\xd0\xb0lice", "alice", JUDGED_NOT_ADMITTED },
	{ "string",
	  "al\xc4\xb1"
	  "ce",
	  "alice", JUDGED_NOT_ADMITTED },
	{ "string", "\xef\xbd\x81lice", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "alice\xe2\x80\x8b", "alice", JUDGED_NOT_ADMITTED },
	{ "string",
	  "\xef\xbb\xbf"
	  "alice",
	  "alice", JUDGED_NOT_ADMITTED },
	{ "string",
	  "ali\xcc\x81"
	  "ce",
	  "alice", JUDGED_NOT_ADMITTED },
	{ "string", "1000", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "0", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "*", "alice", JUDGED_NOT_ADMITTED },
	{ "string", "-alice", "alice", JUDGED_NOT_ADMITTED },
	/* no string */
	{ "string", "", "alice", JUDGED_CLAIM_MISSING },
	{ "number", "1000", "alice", JUDGED_CLAIM_MISSING },
	{ "number", "0", "alice", JUDGED_CLAIM_MISSING },
	{ "bool", "true", "true", JUDGED_CLAIM_MISSING },
	{ "bool", "false", "alice", JUDGED_CLAIM_MISSING },
	{ NULL, NULL, "alice", JUDGED_CLAIM_MISSING },
};

static void test_user_claim(void **state)
{
	struct judge_policy policy = {
		.issuer = ISSUER,
		.user_claim = "preferred_username",
		.account = "",
		.map = NULL,
		.stable_claim = "sub",
		.min_uid = MIN_UID,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(claim_rows); i++) {
		const struct claim_row *row = &claim_rows[i];
		struct judge_account wanted = { row->wanted, true, ALICE };
		struct judge_claims *claims = claims_make(ISSUER, "248289761001");

		if (row->type)
			assert_true(judge_claim_add(claims, "preferred_username", row->type,
						    row->value));
		judged(row->value, judge_claims(&policy, claims, &wanted), row->judgement);
		free(claims);
	}
}

/* A claim of nearly that name is another claim. */
static void test_user_claim_name(void **state)
{
	static const char *const names[] = { "Name",  "NAME",	"nam",	"names",
					     "name ", "name\n", " name" };
	struct judge_policy policy = {
		.issuer = ISSUER,
		.user_claim = "name",
		.account = "",
		.map = NULL,
		.stable_claim = "sub",
		.min_uid = MIN_UID,
	};
	struct judge_account wanted = { "alice", true, ALICE };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct judge_claims *claims = claims_make(ISSUER, "1");

		assert_true(judge_claim_add(claims, names[i], "string", "alice"));
		judged(names[i], judge_claims(&policy, claims, &wanted), JUDGED_CLAIM_MISSING);
		free(claims);
	}
}

/* The stable claim itself may be the local name. */
static void test_user_claim_is_subject(void **state)
{
	struct judge_policy policy = {
		.issuer = ISSUER,
		.user_claim = "sub",
		.account = "",
		.map = NULL,
		.stable_claim = "sub",
		.min_uid = MIN_UID,
	};
	struct judge_account wanted = { "alice", true, ALICE };
	struct judge_claims *claims = claims_make(ISSUER, "alice");

	(void)state;
	judged("sub", judge_claims(&policy, claims, &wanted), JUDGED_ADMITTED);
	wanted.name = "bob";
	judged("sub", judge_claims(&policy, claims, &wanted), JUDGED_OTHER_ACCOUNT);
	free(claims);
}

/* ---- issuer and subject ---- */

struct issuer_row {
	const char *type; /* NULL: no such claim */
	const char *issuer;
	const char *subject_type;
	const char *subject;
	enum judgement judgement;
};

static const struct issuer_row issuer_rows[] = {
	{ "string", ISSUER, "string", "1", JUDGED_ADMITTED },
	{ "string", ISSUER, "number", "1", JUDGED_ADMITTED },
	{ "string", ISSUER "/", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", ISSUER "//", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", ISSUER ":443", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", ISSUER ".", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", ISSUER " ", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", ISSUER "?", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", ISSUER ".evil.example", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", "https://id.example.or", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", "https://ID.example.org", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", "HTTPS://id.example.org", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", "http://id.example.org", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", "id.example.org", "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", "", "string", "1", JUDGED_WRONG_ISSUER },
	{ "bool", "true", "string", "1", JUDGED_WRONG_ISSUER },
	{ NULL, NULL, "string", "1", JUDGED_WRONG_ISSUER },
	{ "string", ISSUER, "string", "", JUDGED_CLAIM_MISSING },
	{ "string", ISSUER, "bool", "true", JUDGED_CLAIM_MISSING },
	{ "string", ISSUER, NULL, NULL, JUDGED_CLAIM_MISSING },
	{ NULL, NULL, NULL, NULL, JUDGED_WRONG_ISSUER },
};

static void test_issuer(void **state)
{
	struct judge_policy policy = {
		.issuer = ISSUER,
		.user_claim = "name",
		.account = "",
		.map = NULL,
		.stable_claim = "sub",
		.min_uid = MIN_UID,
	};
	struct judge_account wanted = { "alice", true, ALICE };

	(void)state;
	for (size_t i = 0; i < COUNT(issuer_rows); i++) {
		const struct issuer_row *row = &issuer_rows[i];
		struct judge_claims *claims = claims_make(NULL, NULL);

		if (row->type)
			assert_true(judge_claim_add(claims, "iss", row->type, row->issuer));
		if (row->subject_type)
			assert_true(
				judge_claim_add(claims, "sub", row->subject_type, row->subject));
		assert_true(judge_claim_add(claims, "name", "string", "alice"));
		judged(row->issuer, judge_claims(&policy, claims, &wanted), row->judgement);
		free(claims);
	}
}

/* ---- the map ---- */

struct map_row {
	const char *map;
	const char *subject;
	const char *wanted;
	enum judgement judgement;
	int wrong_line; /* for judge_map_wrong() */
};

#define LINE(subject, name) ISSUER " " subject " " name "\n"

static const struct map_row map_rows[] = {
	{ LINE("1", "alice"), "1", "alice", JUDGED_ADMITTED, 0 },
	{ ISSUER " 1 alice", "1", "alice", JUDGED_ADMITTED, 0 },
	{ ISSUER "\t1\t\talice", "1", "alice", JUDGED_ADMITTED, 0 },
	{ "  " ISSUER "   1   alice   ", "1", "alice", JUDGED_ADMITTED, 0 },
	{ ISSUER " 1 alice\r\n", "1", "alice", JUDGED_ADMITTED, 0 },
	{ "# people\r\n\r\n" ISSUER " 1 alice\r\n", "1", "alice", JUDGED_ADMITTED, 0 },
	{ "#\n\n \t\n" LINE("1", "alice"), "1", "alice", JUDGED_ADMITTED, 0 },
	{ LINE("2", "bob") LINE("1", "alice"), "1", "alice", JUDGED_ADMITTED, 0 },
	{ LINE("1", "bob") LINE("1", "alice"), "1", "alice", JUDGED_ADMITTED, 0 },
	{ LINE("1", "alice") LINE("1", "bob"), "1", "alice", JUDGED_ADMITTED, 0 },
	{ LINE("1", "alice") LINE("2", "alice"), "2", "alice", JUDGED_ADMITTED, 0 },
	{ LINE("f:0:a@b/c=", "alice"), "f:0:a@b/c=", "alice", JUDGED_ADMITTED, 0 },
	{ LINE("\xc3\xa4", "alice"), "\xc3\xa4", "alice", JUDGED_ADMITTED, 0 },
	{ LINE("1", NAME_32), "1", NAME_32, JUDGED_ADMITTED, 0 },
	/* somebody else */
	{ LINE("1", "alice"), "1", "bob", JUDGED_OTHER_ACCOUNT, 0 },
	{ LINE("1", "alice") LINE("2", "bob"), "1", "bob", JUDGED_OTHER_ACCOUNT, 0 },
	{ LINE("1", "root"), "1", "alice", JUDGED_OTHER_ACCOUNT, 0 },
	{ LINE("1", "alic"), "1", "alice", JUDGED_OTHER_ACCOUNT, 0 },
	{ LINE("1", "alice2"), "1", "alice", JUDGED_OTHER_ACCOUNT, 0 },
	{ LINE("1", "alice"), "2", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "11", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ LINE("11", "alice"), "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ LINE("abc", "alice"), "ABC", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "01", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "1 ", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "1 alice", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "1\n", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ LINE("1", "alice"), "*", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ LINE("*", "alice"), "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ LINE("alice", "alice"), "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ ISSUER "/ 1 alice\n", "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ "https://id.example.or 1 alice\n", "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ "https://ID.example.org 1 alice\n", "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ "* 1 alice\n", "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ "", "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ "\n\n", "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ "#" LINE("1", "alice"), "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	{ "# " LINE("1", "alice"), "1", "alice", JUDGED_NOT_ADMITTED, 0 },
	/* a file with a mistake in it admits nobody */
	{ LINE("1", "alice") ISSUER "\n", "1", "alice", JUDGED_BAD_MAP, 2 },
	{ ISSUER "\n" LINE("1", "alice"), "1", "alice", JUDGED_BAD_MAP, 1 },
	{ ISSUER " 1\n", "1", "alice", JUDGED_BAD_MAP, 1 },
	{ LINE("1", "alice bob"), "1", "alice", JUDGED_BAD_MAP, 1 },
	{ LINE("1", "alice # the boss"), "1", "alice", JUDGED_BAD_MAP, 1 },
	{ LINE("1", "alice\rbob"), "1", "alice", JUDGED_BAD_MAP, 1 },
	{ LINE("1", "alice") "\n\n" ISSUER " 2", "1", "alice", JUDGED_BAD_MAP, 4 },
	{ " # people\n" LINE("1", "alice"), "1", "alice", JUDGED_BAD_MAP, 1 },
	{ LINE("Ada Lovelace", "alice"), "Ada", "alice", JUDGED_BAD_MAP, 1 },
	{ "1 alice\n", "1", "alice", JUDGED_BAD_MAP, 1 },
	/* names that no account has: found when the file is read, and never equal to one */
	{ LINE("1", "Alice"), "1", "alice", JUDGED_OTHER_ACCOUNT, 1 },
	{ LINE("1", NAME_33), "1", NAME_32, JUDGED_BAD_MAP, 1 },
	{ LINE("1", "alice,bob"), "1", "alice", JUDGED_OTHER_ACCOUNT, 1 },
	{ LINE("1", "alice@example.org"), "1", "alice", JUDGED_OTHER_ACCOUNT, 1 },
	{ LINE("1", "*"), "1", "alice", JUDGED_OTHER_ACCOUNT, 1 },
	{ LINE("2", "bob") LINE("1", "ali\xcc\x81"
				     "ce"),
	  "1", "alice", JUDGED_OTHER_ACCOUNT, 2 },
	{ LINE("1", "-alice"), "1", "alice", JUDGED_OTHER_ACCOUNT, 1 },
};

static void test_map(void **state)
{
	struct judge_policy policy = {
		.issuer = ISSUER,
		.user_claim = "",
		.account = "",
		.map = NULL,
		.stable_claim = "sub",
		.min_uid = MIN_UID,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(map_rows); i++) {
		const struct map_row *row = &map_rows[i];
		struct judge_account wanted = { row->wanted, true, ALICE };
		struct judge_claims *claims = claims_make(ISSUER, row->subject);
		char *map = strdup(row->map); /* so that a sanitizer sees its end */

		policy.map = map;
		judged(row->map, judge_claims(&policy, claims, &wanted), row->judgement);
		if (judge_map_wrong(map) != row->wrong_line)
			fail_msg("%s: line %d", row->map, judge_map_wrong(map));
		free(claims);
		free(map);
	}
}

/* With a map, no claim but the stable one has a say; and the stable one is the profile's. */
static void test_map_stable_claim(void **state)
{
	struct judge_policy policy = {
		.issuer = ISSUER,
		.user_claim = "",
		.account = "",
		.map = LINE("7", "alice"),
		.stable_claim = "id",
		.min_uid = MIN_UID,
	};
	struct judge_account wanted = { "alice", true, ALICE };
	struct judge_claims *claims = claims_make(ISSUER, "7");

	(void)state;
	assert_true(judge_claim_add(claims, "preferred_username", "string", "alice"));
	judged("no id", judge_claims(&policy, claims, &wanted), JUDGED_CLAIM_MISSING);
	assert_true(judge_claim_add(claims, "id", "number", "7"));
	judged("id", judge_claims(&policy, claims, &wanted), JUDGED_ADMITTED);
	policy.stable_claim = "preferred_username";
	judged("a name", judge_claims(&policy, claims, &wanted), JUDGED_NOT_ADMITTED);
	free(claims);
}

static void test_no_policy(void **state)
{
	struct judge_policy policy = {
		.issuer = ISSUER,
		.user_claim = "",
		.account = "",
		.map = NULL,
		.stable_claim = "sub",
		.min_uid = MIN_UID,
	};
	struct judge_account wanted = { "alice", true, ALICE };
	struct judge_claims *claims = claims_make(ISSUER, "alice");

	(void)state;
	judged("nothing said", judge_claims(&policy, claims, &wanted), JUDGED_NOT_ADMITTED);
	free(claims);
}

_Static_assert(COUNT(name_rows) + COUNT(account_rows) + COUNT(claim_rows) + COUNT(issuer_rows) +
			       COUNT(map_rows) >=
		       150,
	       "enough of them");

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
	struct judge_claims *claims = calloc(1, sizeof(*claims));
	size_t count = 0;

	(void)state;
	assert_non_null(claims);
	for (size_t i = 0; i < COUNT(add_rows); i++) {
		const struct add_row *row = &add_rows[i];

		if (judge_claim_add(claims, row->name, row->type, row->value) != row->ok)
			fail_msg("%s %s %s", row->name, row->type, row->value);
		count += row->ok;
		assert_int_equal(claims->count, count);
	}
	assert_string_equal(judge_claim_text(claims, "sub"), "x");
	assert_string_equal(judge_claim_text(claims, "Sub"), "x");
	assert_string_equal(judge_claim_text(claims, "n1"), "-1");
	assert_string_equal(judge_claim_text(claims, "t5"), "now");
	assert_null(judge_claim_text(claims, "empty"));
	assert_null(judge_claim_text(claims, "b0"));
	assert_null(judge_claim_text(claims, "t0"));
	assert_null(judge_claim_text(claims, "SUB"));
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
	struct judge_claims *claims = calloc(1, sizeof(*claims));

	(void)state;
	assert_non_null(claims);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (judge_claim_add(claims, rows[i].name, rows[i].type, rows[i].value))
			fail_msg("%s %s", rows[i].type, rows[i].value);
	free(claims);
}

static void test_claim_sizes(void **state)
{
	static const struct {
		size_t name, value;
		bool ok;
	} rows[] = {
		{ JUDGE_NAME_MAX - 1, JUDGE_VALUE_MAX - 1, true },
		{ JUDGE_NAME_MAX, 1, false },
		{ 1, JUDGE_VALUE_MAX, false },
		{ 5000, 5000, false },
	};
	struct judge_claims *claims = calloc(1, sizeof(*claims));
	char name[5001], value[5001];

	(void)state;
	assert_non_null(claims);
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(name, 'n', sizeof(name));
		memset(value, 'v', sizeof(value));
		name[rows[i].name] = '\0';
		value[rows[i].value] = '\0';
		if (judge_claim_add(claims, name, "string", value) != rows[i].ok)
			fail_msg("%zu and %zu bytes", rows[i].name, rows[i].value);
		if (rows[i].ok)
			assert_string_equal(judge_claim_text(claims, name), value);
	}
	free(claims);
}

static void test_claims_too_many(void **state)
{
	struct judge_claims *claims = calloc(1, sizeof(*claims));
	char name[16];

	(void)state;
	assert_non_null(claims);
	for (int i = 0; i < JUDGE_CLAIMS_MAX + 3; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		assert_int_equal(judge_claim_add(claims, name, "string", "x"),
				 i < JUDGE_CLAIMS_MAX);
	}
	assert_int_equal(claims->count, JUDGE_CLAIMS_MAX);
	free(claims);
}

/* ---- the names of judgements ---- */

static void test_judgement_names(void **state)
{
	(void)state;
	for (int i = 0; i <= JUDGED_ADMITTED; i++) {
		const char *name = judgement_name((enum judgement)i);

		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		assert_string_not_equal(name, "unknown");
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, judgement_name((enum judgement)k));
	}
	assert_string_equal(judgement_name(JUDGED_ADMITTED), "admitted");
	assert_string_equal(judgement_name((enum judgement)(JUDGED_ADMITTED + 1)), "unknown");
	assert_string_equal(judgement_name((enum judgement) - 1), "unknown");
	assert_int_equal(JUDGED_NOT_ADMITTED, 0);
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

static void random_claims(struct judge_claims *claims)
{
	static const char *const types[] = { "string", "string", "string", "number", "bool", "x" };
	char name[64], value[64];

	claims->count = 0;
	if (random_below(8) > 0)
		judge_claim_add(claims, "iss", "string", ISSUER);
	if (random_below(8) > 0)
		judge_claim_add(claims, "sub", "string", "1");
	if (random_below(4) > 0)
		judge_claim_add(claims, "name", "string", random_word(value));
	for (uint32_t i = random_below(4); i > 0; i--)
		judge_claim_add(claims, random_word(name), types[random_below(COUNT(types))],
				random_word(value));
}

/* What must be true of a claim that has decided for somebody. */
static bool claim_is(const struct judge_claims *claims, const char *name, const char *value)
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

/* A line of the map says that SUBJECT is NAME; found by other means than judge.c's. */
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

static bool policy_holds(const struct judge_policy *policy, const struct judge_claims *claims,
			 const struct judge_account *wanted)
{
	const char *subject = judge_claim_text(claims, policy->stable_claim);

	if (!wanted->exists || wanted->uid == 0 || wanted->uid < policy->min_uid)
		return false;
	if (strlen(wanted->name) > 32 || !judge_name_ok(wanted->name))
		return false;
	if (!claim_is(claims, "iss", policy->issuer) ||
	    !claim_is(claims, policy->stable_claim, NULL))
		return false;
	if (policy->map)
		return map_says(policy->map, subject, wanted->name);
	return claim_is(claims, policy->user_claim, wanted->name);
}

static void test_random(void **state)
{
	struct judge_claims *claims = calloc(1, sizeof(*claims));
	size_t admitted[2] = { 0, 0 };
	char map[1024], name[64];

	(void)state;
	assert_non_null(claims);
	for (int i = 0; i < RANDOM_CASES; i++) {
		struct judge_policy policy = {
			.issuer = ISSUER,
			.user_claim = "name",
			.account = "",
			.map = NULL,
			.stable_claim = "sub",
			.min_uid = 1000,
		};
		struct judge_account wanted = { random_word(name), random_below(16) > 0,
						random_below(4) ? 1000 : random_below(1200) };

		if (random_below(2)) {
			random_map(map);
			policy.map = map;
			policy.user_claim = "";
		}
		random_claims(claims);
		if (judge_claims(&policy, claims, &wanted) != JUDGED_ADMITTED)
			continue;
		if (!policy_holds(&policy, claims, &wanted))
			fail_msg("case %d: %s is let in", i, wanted.name);
		admitted[policy.map != NULL]++;
	}
	assert_true(admitted[0] > 100);
	assert_true(admitted[1] > 100);
	free(claims);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_name_bytes),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_accounts_first),
		cmocka_unit_test(test_user_claim),
		cmocka_unit_test(test_user_claim_name),
		cmocka_unit_test(test_user_claim_is_subject),
		cmocka_unit_test(test_issuer),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_stable_claim),
		cmocka_unit_test(test_no_policy),
		cmocka_unit_test(test_claim_add),
		cmocka_unit_test(test_claim_spelling),
		cmocka_unit_test(test_claim_sizes),
		cmocka_unit_test(test_claims_too_many),
		cmocka_unit_test(test_judgement_names),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
