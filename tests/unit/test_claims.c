/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/oauth/claims.c: of an ID token and a userinfo reply, which claims leave the helper, as what, and
 * from which of the two. No value is ever cut, mended or taken from the wrong place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/oauth_client/oauth/claims.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* An opening packet: a verb, then keys and values, with NULs between. */
#define P(literal) literal, sizeof(literal)

static struct wire_message settings;
static char storage[WIRE_BYTES_MAX];

static void settings_read(const char *packet, size_t len)
{
	memcpy(storage, packet, len);
	assert_true(wire_parse(&settings, storage, len));
}

static void settings_want(const char *name)
{
	static struct wire_draft draft;

	wire_begin(&draft, "login");
	wire_add(&draft, "client_id", "tv");
	wire_add(&draft, "claim", name);
	settings_read(draft.bytes, draft.len);
}

static struct json *parse(const char *text)
{
	struct json *top = text ? json_parse(text, strlen(text), NULL) : NULL;

	if (text && !top)
		fail_msg("the test's own text is no JSON: %s", text);
	return top;
}

/* ---- one claim ---- */

struct claim_row {
	const char *name;
	const char *id;	      /* JSON; NULL: no ID token */
	const char *userinfo; /* likewise */
	const char *type;     /* NULL: no usable value */
	const char *value;
};

static const struct claim_row claim_rows[] = {
	/* types */
	{ "sub", "{\"sub\":\"alice\"}", NULL, "string", "alice" },
	{ "sub", NULL, "{\"sub\":\"alice\"}", "string", "alice" },
	{ "n", "{\"n\":42}", NULL, "number", "42" },
	{ "n", "{\"n\":0}", NULL, "number", "0" },
	{ "n", "{\"n\":-7}", NULL, "number", "-7" },
	{ "n", "{\"n\":-0}", NULL, "number", "0" },
	{ "n", "{\"n\":1.0}", NULL, "number", "1" },
	{ "n", "{\"n\":1e3}", NULL, "number", "1000" },
	{ "n", "{\"n\":1E+2}", NULL, "number", "100" },
	{ "b", "{\"b\":true}", NULL, "bool", "true" },
	{ "b", "{\"b\":false}", NULL, "bool", "false" },
	{ "b", "{\"b\":\"true\"}", NULL, "string", "true" },
	{ "n", "{\"n\":\"42\"}", NULL, "string", "42" },
	{ "n", "{\"n\":\"-0042\"}", NULL, "string", "-0042" },
	/* numbers that a double does not hold exactly, and fractions */
	{ "n", "{\"n\":9007199254740991}", NULL, "number", "9007199254740991" },
	{ "n", "{\"n\":-9007199254740991}", NULL, "number", "-9007199254740991" },
	{ "n", "{\"n\":9007199254740992}", NULL, NULL, NULL },
	{ "n", "{\"n\":9007199254740993}", NULL, NULL, NULL },
	{ "n", "{\"n\":-9007199254740992}", NULL, NULL, NULL },
	{ "n", "{\"n\":18446744073709551616}", NULL, NULL, NULL },
	{ "n", "{\"n\":1e300}", NULL, NULL, NULL },
	{ "n", "{\"n\":1.5}", NULL, NULL, NULL },
	{ "n", "{\"n\":-0.1}", NULL, NULL, NULL },
	{ "n", "{\"n\":1e-3}", NULL, NULL, NULL },
	{ "n", "{\"n\":4294967296}", NULL, "number", "4294967296" },
	{ "n", "{\"n\":2147483648}", NULL, "number", "2147483648" },
	/* no values */
	{ "sub", "{}", "{}", NULL, NULL },
	{ "sub", NULL, NULL, NULL, NULL },
	{ "sub", "{\"sub\":null}", NULL, NULL, NULL },
	{ "sub", "{\"sub\":\"\"}", NULL, NULL, NULL },
	{ "groups", "{\"groups\":[\"staff\"]}", NULL, NULL, NULL },
	{ "address", "{\"address\":{\"country\":\"AT\"}}", NULL, NULL, NULL },
	{ "sub", "{\"Sub\":\"alice\",\"SUB\":\"bob\"}", NULL, NULL, NULL },
	{ "sub", "{\"sub \":\"alice\"}", NULL, NULL, NULL },
	/* control characters; the rest of Unicode is left as it is */
	{ "sub", "{\"sub\":\"a\\nb\"}", NULL, NULL, NULL },
	{ "sub", "{\"sub\":\"a\\r\"}", NULL, NULL, NULL },
	{ "sub", "{\"sub\":\"\\ta\"}", NULL, NULL, NULL },
	{ "sub", "{\"sub\":\"\\u0001\"}", NULL, NULL, NULL },
	{ "sub", "{\"sub\":\"a\\u001b[2Jb\"}", NULL, NULL, NULL },
	{ "sub", "{\"sub\":\"a\\u001f\"}", NULL, NULL, NULL },
	{ "sub", "{\"sub\":\"a\\u007f\"}", NULL, NULL, NULL },
	{ "sub", "{\"sub\":\" \"}", NULL, "string", " " },
	{ "sub", "{\"sub\":\" alice \"}", NULL, "string", " alice " },
	{ "sub", "{\"sub\":\"~!\"}", NULL, "string", "~!" },
	{ "sub", "{\"sub\":\"\\u00e4\"}", NULL, "string", "\xc3\xa4" },
	{ "sub", "{\"sub\":\"\\ud83d\\ude00\"}", NULL, "string", "\xf0\x9f\x98\x80" },
	{ "sub", "{\"sub\":\"a\\\\\\/\\\"b\"}", NULL, "string", "a\\/\"b" },
	/* the ID token comes first; userinfo fills in what is not there, and mends nothing */
	{ "sub", "{\"sub\":\"alice\"}", "{\"sub\":\"bob\"}", "string", "alice" },
	{ "email", "{\"sub\":\"a\"}", "{\"email\":\"a@b\"}", "string", "a@b" },
	{ "email", "{\"email\":\"a@b\"}", "{}", "string", "a@b" },
	{ "email", "{\"email\":\"\"}", "{\"email\":\"evil@b\"}", NULL, NULL },
	{ "email", "{\"email\":null}", "{\"email\":\"a@b\"}", "string", "a@b" },
	{ "email", "{\"email\":[\"a\"]}", "{\"email\":\"evil@b\"}", NULL, NULL },
	{ "email_verified", "{\"email_verified\":false}", "{\"email_verified\":true}", "bool",
	  "false" },
	/* paths */
	{ "user.ids.uuid", NULL, "{\"user\":{\"ids\":{\"uuid\":\"u-1\"}}}", "string", "u-1" },
	{ "data.id", NULL, "{\"status\":\"success\",\"data\":{\"id\":17}}", "number", "17" },
	{ "user.ids", NULL, "{\"user\":{\"ids\":{\"uuid\":\"u-1\"}}}", NULL, NULL },
	{ "user.ids.uuid", NULL, "{\"user\":{\"ids\":\"uuid\"}}", NULL, NULL },
	{ "user.ids.uuid", NULL, "{\"user\":[{\"ids\":{\"uuid\":\"u-1\"}}]}", NULL, NULL },
	{ "user.name", NULL, "{\"user\":{\"Name\":\"x\"}}", NULL, NULL },
	{ "a..b", NULL, "{\"a\":{\"\":{\"b\":\"x\"}}}", "string", "x" },
	{ "a.", NULL, "{\"a\":\"x\"}", NULL, NULL },
	{ ".a", NULL, "{\"a\":\"x\"}", NULL, NULL },
	/* claims whose names are URLs: the literal name wins over the path */
	{ "https://id.example/roles", "{\"https://id.example/roles\":\"staff\"}", NULL, "string",
	  "staff" },
	{ "a.b", "{\"a.b\":\"literal\",\"a\":{\"b\":\"path\"}}", NULL, "string", "literal" },
	{ "a.b", "{\"a\":{\"b\":\"path\"},\"a.b\":\"literal\"}", NULL, "string", "literal" },
	{ "a.b", "{\"a\":{\"b\":\"path\"}}", "{\"a.b\":\"literal\"}", "string", "path" },
	/* when and how somebody proved themselves: the ID token's word or none */
	{ "acr", "{\"acr\":\"gold\"}", "{}", "string", "gold" },
	{ "acr", "{}", "{\"acr\":\"gold\"}", NULL, NULL },
	{ "acr", NULL, "{\"acr\":\"gold\"}", NULL, NULL },
	{ "acr", "{\"acr\":\"0\"}", "{\"acr\":\"gold\"}", "string", "0" },
	{ "amr", NULL, "{\"amr\":\"otp\"}", NULL, NULL },
	{ "amr", "{\"amr\":\"otp\"}", NULL, "string", "otp" },
	{ "auth_time", "{\"auth_time\":1700000000}", NULL, "number", "1700000000" },
	{ "auth_time", "{}", "{\"auth_time\":1700000000}", NULL, NULL },
	{ "auth_time", "{\"auth_time\":\"1700000000\"}", NULL, "string", "1700000000" },
	{ "iat", "{\"iat\":1700000000}", "{\"iat\":1}", "number", "1700000000" },
	{ "iat", NULL, "{\"iat\":1}", NULL, NULL },
	/* moments may have fractions (RFC 7519 section 2), which are cut; other numbers are whole */
	{ "auth_time", "{\"auth_time\":1788943500.5}", NULL, "number", "1788943500" },
	{ "iat", "{\"iat\":1788943552.811}", NULL, "number", "1788943552" },
	{ "iat", "{\"iat\":-0.5}", NULL, "number", "-1" },
	{ "auth_time", "{\"auth_time\":1e300}", NULL, NULL, NULL },
	{ "uid", "{\"uid\":1788943500.5}", NULL, NULL, NULL },
	/* names with dots of their own, at any level */
	{ "resource_access.my.app.roles",
	  "{\"resource_access\":{\"my.app\":{\"roles\":\"kiosk\"}}}", NULL, "string", "kiosk" },
	{ "a.b.c", "{\"a\":{\"b\":{\"c\":\"deep\"}},\"a.b\":{\"d\":1}}", NULL, "string", "deep" },
	{ "a.b.c", "{\"a\":{\"b.c\":\"x\",\"b\":{\"c\":\"y\"}}}", NULL, "string", "x" },
	/* email_verified speaks of the address beside it */
	{ "email_verified", "{\"email\":\"a\",\"email_verified\":true}", "{}", "bool", "true" },
	{ "email_verified", "{\"email\":\"a\",\"email_verified\":true}",
	  "{\"email\":\"b\",\"email_verified\":false}", "bool", "true" },
	{ "email_verified", "{\"email\":\"a\"}", "{\"email\":\"a\",\"email_verified\":true}",
	  "bool", "true" },
	{ "email_verified", "{\"email\":\"a\"}", "{\"email\":\"b\",\"email_verified\":true}", NULL,
	  NULL },
	{ "email_verified", "{\"email\":\"a\"}", "{\"email\":\"A\",\"email_verified\":true}", NULL,
	  NULL },
	{ "email_verified", "{\"email\":null}", "{\"email\":\"b\",\"email_verified\":true}", "bool",
	  "true" },
	{ "email_verified", "{}", "{\"email\":\"b\",\"email_verified\":true}", "bool", "true" },
	{ "email_verified", "{\"email_verified\":true}", "{\"email\":\"b\"}", NULL, NULL },
	{ "email_verified", "{\"email_verified\":true}",
	  "{\"email\":\"b\",\"email_verified\":false}", "bool", "false" },
	{ "email_verified", "{\"email_verified\":\"true\"}", NULL, "string", "true" },
	/* a name behind which a member is asked for is the same claim */
	{ "groups=staff", "{\"groups\":\"staff\"}", NULL, "string", "staff" },
	{ "groups=staff", "{\"groups\":\"guests\"}", NULL, "string", "guests" },
	{ "groups=staff", "{\"groups\":[\"staff\"]}", NULL, NULL, NULL },
	{ "a.b=x", "{\"a\":{\"b\":\"y\"}}", NULL, "string", "y" },
};

static void claims_are_typed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(claim_rows); i++) {
		const struct claim_row *row = &claim_rows[i];
		struct json *id = parse(row->id);
		struct json *userinfo = parse(row->userinfo);
		struct claim claim;

		memset(&claim, 0xa5, sizeof(claim));
		settings_want(row->name);
		assert_true(claims_get(&settings, 0, id, userinfo, &claim));
		assert_memory_equal(claim.name, row->name, strcspn(row->name, "="));
		assert_int_equal(strlen(claim.name), strcspn(row->name, "="));
		if (row->type ? !claim.type : claim.type && strcmp(claim.type, "other") != 0)
			fail_msg("%s of %s and %s: %s", row->name, row->id, row->userinfo,
				 claim.type ? claim.value : "nothing");
		if (row->type) {
			assert_string_equal(claim.type, row->type);
			assert_string_equal(claim.value, row->value);
		} else if (claim.type) {
			assert_string_equal(claim.value, "");
		}
		assert_false(claims_get(&settings, 1, id, userinfo, &claim));
		json_destroy(id);
		json_destroy(userinfo);
	}
}

/* What is there and of no use is not the same as nothing. */
static void other_is_not_nothing(void **state)
{
	static const struct {
		const char *id;
		const char *type;
	} rows[] = {
		{ "{\"groups\":[]}", "other" },	       { "{\"groups\":[\"a\"]}", "other" },
		{ "{\"groups\":{}}", "other" },	       { "{\"groups\":1.5}", "other" },
		{ "{\"groups\":\"a\\nb\"}", "other" }, { "{\"groups\":null}", NULL },
		{ "{\"groups\":\"\"}", NULL },	       { "{}", NULL },
	};
	struct claim claim;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json *id = parse(rows[i].id);

		settings_want("groups=a");
		assert_true(claims_get(&settings, 0, id, NULL, &claim));
		if (!claim.type != !rows[i].type ||
		    (claim.type && strcmp(claim.type, "other") != 0))
			fail_msg("%s: %s", rows[i].id, claim.type ? claim.type : "nothing");
		json_destroy(id);
	}
}

/* 1,023 bytes are a claim, 1,024 are none: nothing is cut. */
static void values_are_bounded(void **state)
{
	static const size_t lengths[] = { 1, 1022, 1023, 1024, 1025, 4096 };

	(void)state;
	settings_want("sub");
	for (size_t i = 0; i < COUNT(lengths); i++) {
		char value[4097];
		char text[4200];
		struct claim claim;
		struct json *id;

		memset(value, 'v', lengths[i]);
		value[lengths[i]] = '\0';
		snprintf(text, sizeof(text), "{\"sub\":\"%s\"}", value);
		id = parse(text);
		assert_true(claims_get(&settings, 0, id, NULL, &claim));
		assert_string_equal(claim.type, lengths[i] <= CLAIM_VALUE_MAX ? "string" : "other");
		assert_string_equal(claim.value, lengths[i] <= CLAIM_VALUE_MAX ? value : "");
		json_destroy(id);
	}
}

static void names_are_bounded(void **state)
{
	char name[CLAIM_NAME_MAX + 2];
	char text[600];
	struct claim claim;
	struct json *id;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(text, sizeof(text), "{\"%s\":\"x\",\"%s\":\"y\"}", name, name + 1);
	id = parse(text);
	settings_want(name);
	assert_true(claims_get(&settings, 0, id, NULL, &claim));
	assert_null(claim.type);
	settings_want(name + 1);
	assert_true(claims_get(&settings, 0, id, NULL, &claim));
	assert_non_null(claim.type);
	assert_string_equal(claim.value, "y");
	json_destroy(id);
}

/* ---- members of arrays ---- */

struct member_row {
	const char *want, *id, *userinfo;
	bool held;
};

static const struct member_row member_rows[] = {
	{ "groups=staff", "{\"groups\":[\"staff\"]}", NULL, true },
	{ "groups=staff", "{\"groups\":[\"a\",\"staff\",\"b\"]}", NULL, true },
	{ "groups=staff", "{\"groups\":[\"staff\",\"staff\"]}", NULL, true },
	{ "groups=staff", NULL, "{\"groups\":[\"staff\"]}", true },
	{ "groups=staff", "{}", "{\"groups\":[\"staff\"]}", true },
	{ "n=3", "{\"n\":[1,3]}", NULL, true },
	{ "n=3", "{\"n\":[\"3\"]}", NULL, true },
	{ "n=3", "{\"n\":[3.0]}", NULL, true },
	{ "b=true", "{\"b\":[false,true]}", NULL, true },
	{ "a.b=c", "{\"a\":{\"b\":[\"c\"]}}", NULL, true },
	{ "a.b=c", "{\"a.b\":[\"c\"]}", NULL, true },
	{ "g=a=b", "{\"g\":[\"a=b\"]}", NULL, true },
	{ "amr=otp", "{\"amr\":[\"pwd\",\"otp\"]}", NULL, true },
	/* no array, or not in it */
	{ "groups=staff", "{\"groups\":\"staff\"}", NULL, false }, /* told as a claim */
	{ "groups=staff", "{\"groups\":[]}", NULL, false },
	{ "groups=staff", "{\"groups\":[\"guests\"]}", NULL, false },
	{ "groups=staff", "{\"groups\":[\"Staff\"]}", NULL, false },
	{ "groups=staff", "{\"groups\":[\"staff \"]}", NULL, false },
	{ "groups=staff", "{\"groups\":[\"staff2\"]}", NULL, false },
	{ "groups=staff", "{\"groups\":[[\"staff\"]]}", NULL, false },
	{ "groups=staff", "{\"groups\":[{\"name\":\"staff\"}]}", NULL, false },
	{ "groups=staff", "{\"groups\":{\"staff\":true}}", NULL, false },
	{ "groups=staff", "{\"Groups\":[\"staff\"]}", NULL, false },
	{ "groups=staff", "{\"groups\":null}", "{\"groups\":[\"staff\"]}", true },
	{ "groups=staff", "{\"groups\":[]}", "{\"groups\":[\"staff\"]}", false },
	{ "groups=staff", "{\"groups\":\"x\"}", "{\"groups\":[\"staff\"]}", false },
	{ "groups=staff", "{\"groups\":[\"st\\naff\"]}", NULL, false },
	{ "groups=null", "{\"groups\":[null]}", NULL, false },
	{ "groups=", "{\"groups\":[\"\"]}", NULL, false },
	{ "n=3", "{\"n\":[3.5]}", NULL, false },
	{ "n=9007199254740993", "{\"n\":[9007199254740993]}", NULL, false },
	{ "=staff", "{\"groups\":[\"staff\"]}", NULL, false },
	{ "amr=otp", "{}", "{\"amr\":[\"otp\"]}", false },
	{ "amr=otp", NULL, "{\"amr\":[\"otp\"]}", false },
};

static void members_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(member_rows); i++) {
		const struct member_row *row = &member_rows[i];
		struct json *id = parse(row->id), *userinfo = parse(row->userinfo);
		struct claim claim;

		memset(&claim, 0xa5, sizeof(claim));
		settings_want(row->want);
		assert_true(claims_member(&settings, 0, id, userinfo, &claim));
		if ((claim.type != NULL) != row->held)
			fail_msg("%s of %s and %s", row->want, row->id, row->userinfo);
		if (row->held) {
			assert_memory_equal(claim.name, row->want, strlen(claim.name));
			assert_string_equal(claim.value, strchr(row->want, '=') + 1);
		}
		assert_false(claims_member(&settings, 1, id, userinfo, &claim));
		json_destroy(id);
		json_destroy(userinfo);
	}
}

/* Claims by name, members by name and value: each is told once, however often it is wanted. */
static void members_are_wanted_once(void **state)
{
	static const char *const claims[] = { "sub", "groups", "amr" };
	static const char *const members[] = { "a", "b", "otp" };
	struct json *id = parse("{\"sub\":\"s\",\"groups\":[\"b\",\"a\"],\"amr\":[\"otp\"]}");
	struct claim claim;
	size_t i;

	(void)state;
	settings_read(P("login\0claim\0sub\0claim\0groups=a\0claim\0iss=x\0claim\0groups=b\0"
			"claim\0groups=a\0claim\0amr=otp\0claim\0groups\0claim\0sub\0claims\0x=y"));
	for (i = 0; claims_get(&settings, i, id, NULL, &claim); i++) {
		assert_true(i < COUNT(claims));
		assert_string_equal(claim.name, claims[i]);
	}
	assert_int_equal(i, COUNT(claims));
	for (i = 0; i < COUNT(members); i++) {
		/* the second is iss=x, which no array is */
		assert_true(claims_member(&settings, i + (i > 0), id, NULL, &claim));
		assert_string_equal(claim.value, members[i]);
	}
	assert_false(claims_member(&settings, 4, id, NULL, &claim));
	json_destroy(id);
}

/* ---- several ---- */

static void each_wanted_claim_in_its_order(void **state)
{
	static const char *const values[] = { "s-1", "alice", NULL, "true" };
	struct json *id = parse("{\"sub\":\"s-1\",\"email_verified\":true,\"secret\":\"x\"}");
	struct json *userinfo = parse("{\"preferred_username\":\"alice\",\"client_id\":\"x\"}");
	struct claim claim;
	size_t i;

	(void)state;
	settings_read(P("login\0claim\0sub\0client_id\0tv\0claim\0preferred_username\0"
			"claim\0missing\0issuer\0https://id.example\0claim\0email_verified"));
	for (i = 0; claims_get(&settings, i, id, userinfo, &claim); i++) {
		assert_true(i < COUNT(values));
		if (values[i])
			assert_string_equal(claim.value, values[i]);
		else
			assert_null(claim.type);
	}
	assert_int_equal(i, COUNT(values));
	json_destroy(id);
	json_destroy(userinfo);
}

static void nothing_wanted_nothing_given(void **state)
{
	struct json *id = parse("{\"sub\":\"s-1\"}");
	struct claim claim;

	(void)state;
	settings_read(P("login\0client_id\0tv\0claims\0sub\0clai\0sub"));
	assert_false(claims_get(&settings, 0, id, NULL, &claim));
	assert_false(claims_missing(&settings, id));
	assert_false(claims_missing(&settings, NULL));
	json_destroy(id);
}

/* ---- is userinfo needed? ---- */

struct missing_row {
	const char *packet;
	size_t len;
	const char *id; /* NULL: no ID token */
	bool missing;
};

static const struct missing_row missing_rows[] = {
	{ P("login\0claim\0sub"), NULL, true },
	{ P("login\0claim\0sub"), "{}", true },
	{ P("login\0claim\0sub"), "{\"sub\":\"a\"}", false },
	{ P("login\0claim\0sub\0claim\0email"), "{\"sub\":\"a\"}", true },
	{ P("login\0claim\0email\0claim\0sub"), "{\"sub\":\"a\"}", true },
	{ P("login\0claim\0sub\0claim\0email"), "{\"email\":\"e\",\"sub\":\"a\"}", false },
	{ P("login\0claim\0Sub"), "{\"sub\":\"a\"}", true },
	{ P("login\0claim\0a.b"), "{\"a\":{\"b\":1}}", false },
	{ P("login\0claim\0a.b"), "{\"a\":{\"c\":1}}", true },
	{ P("login\0claim\0a.b"), "{\"a.b\":1}", false },
	{ P("login\0claim\0groups=staff"), "{\"groups\":[]}", false },
	{ P("login\0claim\0groups=staff"), "{}", true },
	/* userinfo would be of no help */
	{ P("login\0claim\0acr\0claim\0amr=otp\0claim\0auth_time\0claim\0iat"), "{}", false },
	{ P("login\0claim\0acr"), NULL, true },
};

static void missing_claims_are_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(missing_rows); i++) {
		struct json *id = parse(missing_rows[i].id);

		settings_read(missing_rows[i].packet, missing_rows[i].len);
		if (claims_missing(&settings, id) != missing_rows[i].missing)
			fail_msg("row %zu", i);
		json_destroy(id);
	}
}

/* ---- one subject ---- */

struct agree_row {
	const char *id;	      /* NULL: no ID token */
	const char *userinfo; /* NULL: not asked for */
	bool agree;
};

/* OpenID Connect Core 5.3.2: sub must always be there, and be exactly the ID token's. */
static const struct agree_row agree_rows[] = {
	{ "{\"sub\":\"a\"}", "{\"sub\":\"a\"}", true },
	{ "{\"sub\":\"a\"}", "{\"sub\":\"a\",\"email\":\"e\"}", true },
	{ "{\"sub\":\"\\u0061\"}", "{\"sub\":\"a\"}", true },
	{ "{\"sub\":\"a\"}", NULL, true },
	{ NULL, "{\"sub\":\"a\"}", true },
	{ NULL, "{\"id\":1}", true },
	{ "{\"sub\":\"a\"}", "{\"sub\":\"b\"}", false },
	{ "{\"sub\":\"a\"}", "{\"sub\":\"A\"}", false },
	{ "{\"sub\":\"a\"}", "{\"sub\":\"a \"}", false },
	{ "{\"sub\":\"a\"}", "{\"sub\":\"\"}", false },
	{ "{\"sub\":\"a\"}", "{\"Sub\":\"a\"}", false },
	{ "{\"sub\":\"a\"}", "{}", false },
	{ "{\"sub\":\"a\"}", "{\"sub\":null}", false },
	{ "{\"sub\":\"a\"}", "{\"sub\":[\"a\"]}", false },
	{ "{\"sub\":\"1\"}", "{\"sub\":1}", false },
	{ "{\"sub\":1}", "{\"sub\":1}", false },
	{ "{}", "{\"sub\":\"a\"}", false },
	{ "{}", "{}", false },
};

static void subjects_must_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(agree_rows); i++) {
		struct json *id = parse(agree_rows[i].id);
		struct json *userinfo = parse(agree_rows[i].userinfo);

		if (claims_agree(id, userinfo) != agree_rows[i].agree)
			fail_msg("%s and %s", agree_rows[i].id, agree_rows[i].userinfo);
		json_destroy(id);
		json_destroy(userinfo);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_are_typed),
		cmocka_unit_test(other_is_not_nothing),
		cmocka_unit_test(values_are_bounded),
		cmocka_unit_test(names_are_bounded),
		cmocka_unit_test(members_are_found),
		cmocka_unit_test(members_are_wanted_once),
		cmocka_unit_test(each_wanted_claim_in_its_order),
		cmocka_unit_test(nothing_wanted_nothing_given),
		cmocka_unit_test(missing_claims_are_seen),
		cmocka_unit_test(subjects_must_agree),
	};

	return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
