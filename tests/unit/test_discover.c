/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/oauth/discover.c: which endpoints a metadata document may name. The settings are believed, the
 * network is not: nothing but the issuer's own host and port, and what the settings allow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/oauth_client/oauth/discover.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* An opening packet: a verb, then keys and values, with NULs between. */
#define P(literal) literal, sizeof(literal)

static struct endpoints endpoints;
static struct reply reply;
static struct request request;
static struct wire_message settings;
static char storage[WIRE_BYTES_MAX];

static void settings_read(const char *packet, size_t len)
{
	memcpy(storage, packet, len);
	assert_true(wire_parse(&settings, storage, len));
}

static void settings_of_issuer(const char *issuer, const char *more)
{
	static struct wire_draft draft;
	char key[64];

	wire_begin(&draft, "login");
	wire_add(&draft, "issuer", issuer);
	/* MORE is "key=value\nkey=value" */
	while (more && *more) {
		size_t line = strcspn(more, "\n");
		size_t len = strcspn(more, "=");
		char value[512];

		snprintf(key, sizeof(key), "%.*s", (int)len, more);
		snprintf(value, sizeof(value), "%.*s", (int)(line - len - 1), more + len + 1);
		wire_add(&draft, key, value);
		more += line + (more[line] == '\n');
	}
	settings_read(draft.bytes, draft.len);
}

static void reply_set(long status, const char *body)
{
	memset(&reply, 0, sizeof(reply));
	reply.arrived = true;
	reply.status = status;
	reply.retry_after = -1;
	strcpy(reply.content_type, "application/json");
	reply.len = strlen(body);
	assert_true(reply.len <= REPLY_BYTES_MAX);
	memcpy(reply.body, body, reply.len);
}

/* ---- what the settings say ---- */

static void settings_are_taken_as_they_are(void **state)
{
	(void)state;
	settings_read(P("login\0issuer\0https://id.example/\0"
			"device_authorization_endpoint\0https://a.example/da\0"
			"token_endpoint\0http://b.example/t\0"
			"userinfo_endpoint\0https://c.example/u\0"
			"jwks_uri\0https://d.example/k"));
	assert_true(discover_start(&settings, &endpoints));
	assert_string_equal(endpoints.issuer, "https://id.example/");
	assert_string_equal(endpoints.device_authorization, "https://a.example/da");
	assert_string_equal(endpoints.token, "http://b.example/t");
	assert_string_equal(endpoints.userinfo, "https://c.example/u");
	assert_string_equal(endpoints.jwks, "https://d.example/k");
}

static void an_issuer_is_needed(void **state)
{
	(void)state;
	settings_read(P("login\0token_endpoint\0https://id.example/t"));
	assert_false(discover_start(&settings, &endpoints));
	settings_read(P("login\0issuer\0https://id.example\0issuer\0https://id.example"));
	assert_false(discover_start(&settings, &endpoints));
}

static void settings_are_bounded(void **state)
{
	char longer[REQUEST_URL_MAX + 1];

	(void)state;
	memset(longer, 'u', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	settings_of_issuer(longer, NULL);
	assert_false(discover_start(&settings, &endpoints));
	settings_of_issuer(longer + 1, NULL);
	assert_true(discover_start(&settings, &endpoints));
	assert_string_equal(endpoints.issuer, longer + 1);
}

/* ---- when and where the metadata is asked for ---- */

struct needed_row {
	const char *packet;
	size_t len;
	bool needed;
};

#define DA     "device_authorization_endpoint\0https://id.example/da"
#define TOKEN  "token_endpoint\0https://id.example/t"
#define USER   "userinfo_endpoint\0https://id.example/u"
#define KEYS   "jwks_uri\0https://id.example/k"
#define REVOKE "revocation_endpoint\0https://id.example/r"
#define PINNED "jwks\0{\"keys\":[]}"
#define ALGS   "id_token_signed_response_alg\0ES256"
#define ID     "login\0issuer\0https://id.example\0"

static const struct needed_row needed_rows[] = {
	{ P("login\0issuer\0https://id.example"), true },
	{ P(ID DA), true },
	{ P(ID TOKEN), true },
	{ P(ID DA "\0" TOKEN), true },
	{ P(ID DA "\0" USER "\0" KEYS), true },
	{ P(ID TOKEN "\0" USER "\0" KEYS), true },
	{ P(ID USER "\0" KEYS), true },
	{ P(ID DA "\0" TOKEN "\0" USER), false },
	{ P(ID DA "\0" TOKEN "\0" KEYS), false },
	{ P(ID DA "\0" TOKEN "\0" USER "\0" KEYS), false },
	{ P(ID DA "\0" TOKEN "\0" PINNED), true },
	{ P(ID DA "\0" TOKEN "\0" ALGS), true },
	{ P(ID DA "\0" TOKEN "\0" PINNED "\0" ALGS), true },
	{ P(ID DA "\0" TOKEN "\0" REVOKE "\0" PINNED "\0" ALGS), false },
	{ P(ID DA "\0" PINNED "\0" ALGS), true },
};

static void metadata_is_asked_for_only_where_needed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(needed_rows); i++) {
		settings_read(needed_rows[i].packet, needed_rows[i].len);
		assert_true(discover_start(&settings, &endpoints));
		if (discover_needed(&endpoints) != needed_rows[i].needed)
			fail_msg("row %zu", i);
	}
}

static void metadata_stands_below_the_issuer(void **state)
{
	static const char *const rows[][2] = {
		{ "https://id.example", "https://id.example/.well-known/openid-configuration" },
		{ "https://id.example/", "https://id.example/.well-known/openid-configuration" },
		{ "https://id.example:8443/realms/x",
		  "https://id.example:8443/realms/x/.well-known/openid-configuration" },
		{ "https://id.example/realms/x/",
		  "https://id.example/realms/x/.well-known/openid-configuration" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		settings_of_issuer(rows[i][0], NULL);
		assert_true(discover_start(&settings, &endpoints));
		discover_request(&endpoints, &request);
		assert_false(request.broken);
		assert_false(request.post);
		assert_string_equal(request.url, rows[i][1]);
	}
}

static void an_address_that_does_not_fit_is_broken(void **state)
{
	char issuer[REQUEST_URL_MAX];

	(void)state;
	memset(issuer, 'u', sizeof(issuer) - 1);
	memcpy(issuer, "https://id.example/", 19);
	issuer[sizeof(issuer) - 1] = '\0';
	settings_of_issuer(issuer, NULL);
	assert_true(discover_start(&settings, &endpoints));
	discover_request(&endpoints, &request);
	assert_true(request.broken);
}

/* ---- what the metadata may say ---- */

#define ISSUER "https://id.example"

/* The document of a good provider, with ENDPOINT as its token endpoint. */
static void metadata_make(const char *issuer, const char *base, const char *endpoint, char *out,
			  size_t out_len)
{
	snprintf(out, out_len,
		 "{\"issuer\":\"%s\",\"device_authorization_endpoint\":\"%s/da\","
		 "\"token_endpoint\":\"%s\",\"userinfo_endpoint\":\"%s/u\",\"jwks_uri\":\"%s/k\"}",
		 issuer, base, endpoint, base, base);
}

struct host_row {
	const char *issuer;
	const char *more; /* further settings, "key=value" lines */
	const char *url;  /* the token endpoint in the metadata */
	bool admitted;
};

#define ALLOW "endpoint_hosts="

static const struct host_row host_rows[] = {
	/* the issuer's own host and port */
	{ ISSUER, NULL, "https://id.example/token", true },
	{ ISSUER, NULL, "https://id.example:443/token", true },
	{ ISSUER, NULL, "https://id.example", true },
	{ ISSUER, NULL, "https://id.example?x=1", true },
	{ ISSUER, NULL, "https://ID.Example/token", true },
	{ ISSUER, NULL, "HTTPS://id.example/token", true },
	{ "HTTPS://id.example", NULL, "https://id.example/token", true },
	{ "https://id.example:443", NULL, "https://id.example/token", true },
	{ "https://id.example:8443", NULL, "https://id.example:8443/token", true },
	{ "https://ID.EXAMPLE", NULL, "https://id.example/token", true },
	{ "https://id.example/realms/x", NULL, "https://id.example/elsewhere", true },
	/* another host */
	{ ISSUER, NULL, "https://evil.example/token", false },
	{ ISSUER, NULL, "https://id.example.evil/token", false },
	{ ISSUER, NULL, "https://sub.id.example/token", false },
	{ ISSUER, NULL, "https://xid.example/token", false },
	{ ISSUER, NULL, "https://d.example/token", false },
	{ ISSUER, NULL, "https://id.exampl/token", false },
	{ ISSUER, NULL, "https://id.example./token", false },
	{ ISSUER, NULL, "https://127.0.0.1/token", false },
	{ ISSUER, NULL, "https://[::1]/token", false },
	{ ISSUER, NULL, "https:/id.example/token", false },
	{ ISSUER, NULL, "https://evil.example\\\\@id.example/token", false },
	{ ISSUER, NULL, "https://evil.example#@id.example/token", false },
	{ ISSUER, NULL, "https://evil.example?@id.example/token", false },
	/* another port */
	{ ISSUER, NULL, "https://id.example:444/token", false },
	{ ISSUER, NULL, "https://id.example:80/token", false },
	{ ISSUER, NULL, "https://id.example:4430/token", false },
	{ ISSUER, NULL, "https://id.example:99999/token", false },
	{ ISSUER, NULL, "https://id.example:0/token", false },
	{ "https://id.example:8443", NULL, "https://id.example/token", false },
	/* another scheme, or none */
	{ ISSUER, NULL, "http://id.example/token", false },
	{ ISSUER, NULL, "http://id.example:443/token", false },
	{ ISSUER, NULL, "HTTP://id.example/token", false },
	{ "HTTPS://id.example", NULL, "http://id.example/token", false },
	{ ISSUER, NULL, "HTTPS://evil.example/token", false },
	{ ISSUER, NULL, "ftp://id.example/token", false },
	{ ISSUER, NULL, "file:///etc/passwd", false },
	{ ISSUER, NULL, "//id.example/token", false },
	{ ISSUER, NULL, "id.example/token", false },
	{ ISSUER, NULL, "/token", false },
	{ ISSUER, NULL, " https://id.example/token", false },
	{ ISSUER, NULL, "https://", false },
	{ ISSUER, NULL, "https:// id.example/token", false },
	{ ISSUER, NULL, "https://id.exam ple/token", false },
	{ ISSUER, NULL, "", false },
	/* somebody's name and password */
	{ ISSUER, NULL, "https://user@id.example/token", false },
	{ ISSUER, NULL, "https://user:pw@id.example/token", false },
	{ ISSUER, NULL, "https://:pw@id.example/token", false },
	{ ISSUER, NULL, "https://id.example@evil.example/token", false },
	{ ISSUER, NULL, "https://id.example:443@evil.example/token", false },
	/* control characters never come so far as to be sent */
	{ ISSUER, NULL, "https://id.example/tok\\u000d\\u000aen", false },
	{ ISSUER, NULL, "https://id.example\\u0009/token", false },
	/* names of other alphabets are the same only when spelled the same */
	{ "https://xn--bcher-kva.example", NULL, "https://xn--bcher-kva.example/token", true },
	{ "https://xn--bcher-kva.example", NULL, "https://XN--Bcher-KVA.example/token", true },
	{ ISSUER, NULL,
	  "https://\xd1\x96"
	  "d.example/token",
	  false },
	{ ISSUER, NULL, "https://xn--d-8ya.example/token", false },
	/* addresses */
	{ "https://[2001:db8::1]", NULL, "https://[2001:db8::1]/token", true },
	{ "https://[2001:db8::1]", NULL, "https://[2001:db8::1]:443/token", true },
	{ "https://[2001:DB8::1]", NULL, "https://[2001:db8::1]/token", true },
	{ "https://[2001:db8::1]", NULL, "https://[2001:db8::2]/token", false },
	{ "https://[2001:db8::1]", NULL, "https://[2001:db8::1]:444/token", false },
	{ "https://192.0.2.1:8443", NULL, "https://192.0.2.1:8443/token", true },
	{ "https://192.0.2.1", NULL, "https://192.0.2.2/token", false },
	/* endpoint_hosts: a host means its port 443 */
	{ ISSUER, ALLOW "api.example", "https://api.example/token", true },
	{ ISSUER, ALLOW "api.example", "https://api.example:443/token", true },
	{ ISSUER, ALLOW "API.Example", "https://api.example/token", true },
	{ ISSUER, ALLOW "api.example", "https://API.EXAMPLE/token", true },
	{ ISSUER, ALLOW "api.example:443", "https://api.example/token", true },
	{ ISSUER, ALLOW "api.example:8443", "https://api.example:8443/token", true },
	{ ISSUER, ALLOW "a.example api.example b.example", "https://api.example/token", true },
	{ ISSUER, ALLOW "a.example, api.example", "https://api.example/token", true },
	{ ISSUER, ALLOW "  api.example  ", "https://api.example/token", true },
	{ ISSUER, ALLOW "api.example", "https://id.example/token", true },
	{ ISSUER, ALLOW "[2001:db8::2]", "https://[2001:db8::2]/token", true },
	{ ISSUER, ALLOW "[2001:db8::2]:8443", "https://[2001:db8::2]:8443/token", true },
	{ ISSUER, ALLOW "api.example", "https://api.example:8443/token", false },
	{ ISSUER, ALLOW "api.example:8443", "https://api.example/token", false },
	{ ISSUER, ALLOW "api.example:8443", "https://api.example:443/token", false },
	{ ISSUER, ALLOW "api.example", "http://api.example/token", false },
	{ ISSUER, ALLOW "api.example:80", "http://api.example/token", false },
	{ ISSUER, ALLOW "api.example", "https://x.api.example/token", false },
	{ ISSUER, ALLOW "api.example", "https://api.example.evil/token", false },
	{ ISSUER, ALLOW "api.example", "https://pi.example/token", false },
	{ ISSUER, ALLOW "api.example", "https://user@api.example/token", false },
	{ ISSUER, ALLOW "*.example", "https://api.example/token", false },
	{ ISSUER, ALLOW "*", "https://api.example/token", false },
	{ ISSUER, ALLOW ".example", "https://api.example/token", false },
	{ ISSUER, ALLOW "https://api.example", "https://api.example/token", false },
	{ ISSUER, ALLOW ":443", "https://api.example/token", false },
	/* http: only where the issuer itself is http, on its own host and port; http.c then asks
	 * for a literal loopback address */
	{ "http://127.0.0.1:8080", "http_loopback=yes", "http://127.0.0.1:8080/token", true },
	{ "http://127.0.0.1:8080", "http_loopback=yes", "http://127.0.0.1:8081/token", false },
	{ "http://127.0.0.1:8080", "http_loopback=yes", "http://127.0.0.2:8080/token", false },
	{ "http://127.0.0.1:8080", "http_loopback=yes", "http://localhost:8080/token", false },
	{ "http://127.0.0.1:8080", "http_loopback=yes", "https://evil.example/token", false },
	{ "http://[::1]:8080", "http_loopback=yes", "http://[::1]:8080/token", true },
	{ "http://127.0.0.1", "http_loopback=yes", "http://127.0.0.1:80/token", true },
	{ "http://127.0.0.1", "http_loopback=yes", "https://127.0.0.1/token", false },
};

static enum verdict discovered(enum reason *reason)
{
	*reason = REASON_NONE;
	return discover_reply(&settings, &reply, &endpoints, reason);
}

/* What is said of an address that is not taken: there is none, it is not whole, or who it is of. */
static const char *why_not(const char *url)
{
	if (url[0] == '\0')
		return "endpoints_missing";
	if (url[0] == ' ' || !strstr(url, "://"))
		return "metadata_endpoint_relative";
	return strncasecmp(url, "http://", 7) == 0 ? "metadata_endpoint_not_https"
						   : "endpoint_host_not_allowed";
}

static void endpoints_stay_at_home(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(host_rows); i++) {
		const struct host_row *row = &host_rows[i];
		char body[2048];
		enum reason reason;
		enum verdict verdict;

		settings_of_issuer(row->issuer, row->more);
		assert_true(discover_start(&settings, &endpoints));
		metadata_make(row->issuer, row->issuer, row->url, body, sizeof(body));
		reply_set(200, body);
		verdict = discovered(&reason);
		if ((verdict == VERDICT_GRANTED) != row->admitted)
			fail_msg("%s (%s): %s is %s as %s", row->issuer, row->more ? row->more : "",
				 row->url, verdict_name(verdict), reason_name(reason));
		if (row->admitted) {
			assert_string_equal(endpoints.token, row->url);
		} else {
			assert_int_equal(verdict, VERDICT_INVALID_RESPONSE);
			assert_string_equal(reason_name(reason), why_not(row->url));
		}
	}
}

/*
 * Each endpoint that is read is judged; which decides is what the login needs: the others are not there, and
 * are known by name.
 */
static void each_endpoint_is_judged(void **state)
{
	static const struct {
		const char *name;
		int number;
		bool needed[2]; /* by the device, by a code that is typed back */
	} rows[] = {
		{ "device_authorization_endpoint", 0, { true, false } },
		{ "authorization_endpoint", 1, { false, true } },
		{ "token_endpoint", 2, { true, true } },
		{ "refresh_endpoint", 3, { false, false } },
		{ "revocation_endpoint", 4, { false, false } },
		{ "userinfo_endpoint", 5, { false, false } }, /* there are keys */
		{ "jwks_uri", 6, { true, true } },
	};
	static const char *const others[] = { "https://evil.example/x", "http://id.example/x" };
	char body[2048];
	enum reason reason;

	(void)state;
	for (size_t k = 0; k < COUNT(rows) * 2 * 2; k++) {
		size_t bad = k / 4, paste = k / 2 % 2, plain = k % 2;
		const char *why = plain ? "metadata_endpoint_not_https"
					: "endpoint_host_not_allowed";
		int len = snprintf(body, sizeof(body), "{\"issuer\":\"" ISSUER "\"");

		for (size_t i = 0; i < COUNT(rows); i++)
			len += snprintf(body + len, sizeof(body) - (size_t)len, ",\"%s\":\"%s\"",
					rows[i].name,
					i == bad ? others[plain] : "https://id.example/x");
		snprintf(body + len, sizeof(body) - (size_t)len, "}");
		settings_of_issuer(ISSUER, paste ? "flow=authorization_code" : NULL);
		assert_true(discover_start(&settings, &endpoints));
		reply_set(200, body);
		assert_int_equal(discovered(&reason), rows[bad].needed[paste]
							      ? VERDICT_INVALID_RESPONSE
							      : VERDICT_GRANTED);
		if (rows[bad].needed[paste])
			assert_string_equal(reason_name(reason), why);
		assert_string_equal(discover_url(&endpoints, rows[bad].number), "");
		assert_string_equal(reason_name(discover_refused(&endpoints, rows[bad].number)),
				    why);
		assert_string_equal(endpoints.refused[rows[bad].number],
				    plain ? "http://id.example:80" : "https://evil.example:443");
	}
}

/* Without keys userinfo is the only one who says who it was. */
static void userinfo_alone_is_needed(void **state)
{
	enum reason reason;

	(void)state;
	settings_of_issuer(ISSUER, NULL);
	assert_true(discover_start(&settings, &endpoints));
	reply_set(200, "{\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"" ISSUER "/t\","
		       "\"device_authorization_endpoint\":\"" ISSUER "/d\","
		       "\"userinfo_endpoint\":\"https://graph.example/u\"}");
	assert_int_equal(discovered(&reason), VERDICT_INVALID_RESPONSE);
	assert_string_equal(reason_name(reason), "endpoint_host_not_allowed");
}

#define METADATA(more)                                            \
	"{\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"" ISSUER \
	"/t\",\"device_authorization_endpoint\":\"" ISSUER "/d\"" more "}"

/* An address that is empty is none, whichever it is. */
static void an_empty_endpoint_is_none(void **state)
{
	static const struct {
		const char *body;
		enum verdict verdict;
		const char *reason;
	} rows[] = {
		{ METADATA(",\"userinfo_endpoint\":\"" ISSUER "/u\",\"jwks_uri\":\"\","
			   "\"revocation_endpoint\":\"\",\"authorization_endpoint\":\"\""),
		  VERDICT_GRANTED, NULL },
		{ METADATA(",\"userinfo_endpoint\":\"\",\"jwks_uri\":\"" ISSUER "/k\""),
		  VERDICT_GRANTED, NULL },
		{ METADATA(",\"userinfo_endpoint\":\"\",\"jwks_uri\":\"\""),
		  VERDICT_INVALID_RESPONSE, "endpoints_missing" },
	};
	enum reason reason;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		settings_of_issuer(ISSUER, NULL);
		assert_true(discover_start(&settings, &endpoints));
		reply_set(200, rows[i].body);
		assert_int_equal(discovered(&reason), rows[i].verdict);
		if (rows[i].reason)
			assert_string_equal(reason_name(reason), rows[i].reason);
		for (int k = 0; discover_name(k); k++)
			assert_int_equal(discover_refused(&endpoints, k), REASON_NONE);
	}
}

/* Beside keys that the settings bring neither the provider's nor userinfo is asked for. */
static void pinned_keys_suffice(void **state)
{
	static const struct {
		const char *more, *body;
		enum verdict verdict;
	} rows[] = {
		{ "jwks={\"keys\":[]}", METADATA(",\"jwks_uri\":\"https://keys.example/k\""),
		  VERDICT_GRANTED },
		{ "jwks={\"keys\":[]}", METADATA(",\"jwks_uri\":\"" ISSUER "/k\""),
		  VERDICT_GRANTED },
		{ "jwks={\"keys\":[]}",
		  METADATA(",\"userinfo_endpoint\":\"https://graph.example/u\""), VERDICT_GRANTED },
		{ "jwks={\"keys\":[]}", METADATA(""), VERDICT_GRANTED },
		{ "jwks={\"keys\":[]}", "{\"issuer\":\"" ISSUER "\"}", VERDICT_INVALID_RESPONSE },
		{ NULL, METADATA(",\"jwks_uri\":\"https://keys.example/k\""),
		  VERDICT_INVALID_RESPONSE },
		{ NULL, METADATA(""), VERDICT_INVALID_RESPONSE },
	};
	enum reason reason;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		settings_of_issuer(ISSUER, rows[i].more);
		assert_true(discover_start(&settings, &endpoints));
		assert_true(discover_needed(&endpoints));
		reply_set(200, rows[i].body);
		if (discovered(&reason) != rows[i].verdict)
			fail_msg("row %zu: %s", i, reason_name(reason));
		assert_string_equal(endpoints.jwks, "");
		if (rows[i].more)
			assert_int_equal(discover_refused(&endpoints, 6), REASON_NONE);
	}
}

/* What it signs with, as far as it is known here; what the settings say beats it. */
static void algorithms_are_taken(void **state)
{
	static const struct {
		const char *settings, *list, *algs;
	} rows[] = {
		{ NULL, "[\"ES384\",\"HS256\",\"none\",\"RS512\",\"Ed25519\"]",
		  "ES384 RS512 Ed25519" },
		{ NULL, "[\"HS256\",\"none\"]", "" },
		{ NULL, "[7,null,\"ES256K\"]", "" },
		{ NULL, "null", "RS256" },
		{ NULL, "[]", "RS256" },
		{ NULL, "\"ES256\"", "RS256" },
		{ "id_token_signed_response_alg=PS256 EdDSA", "[\"RS256\"]", "PS256 EdDSA" },
	};
	char body[1024];
	enum reason reason;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(body, sizeof(body),
			 "{\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"" ISSUER "/t\","
			 "\"device_authorization_endpoint\":\"" ISSUER "/d\",\"jwks_uri\":\"" ISSUER
			 "/k\",\"id_token_signing_alg_values_supported\":%s}",
			 rows[i].list);
		settings_of_issuer(ISSUER, rows[i].settings);
		assert_true(discover_start(&settings, &endpoints));
		reply_set(200, body);
		assert_int_equal(discovered(&reason), VERDICT_GRANTED);
		assert_string_equal(endpoints.algs, rows[i].algs);
	}
}

/* RFC 8705 section 5: for who shows a certificate, and agreed on like the others. */
static void aliases_are_for_certificates(void **state)
{
	static const struct {
		const char *auth, *token, *userinfo;
	} rows[] = {
		{ "token_endpoint_auth_method=private_key_jwt", ISSUER "/t", ISSUER "/u" },
		{ "token_endpoint_auth_method=tls_client_auth", ISSUER "/mtls/t", ISSUER "/u" },
		{ "token_endpoint_auth_method=self_signed_tls_client_auth", ISSUER "/mtls/t",
		  ISSUER "/u" },
	};
	enum reason reason;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		settings_of_issuer(ISSUER, rows[i].auth);
		assert_true(discover_start(&settings, &endpoints));
		reply_set(200,
			  "{\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"" ISSUER "/t\","
			  "\"device_authorization_endpoint\":\"" ISSUER "/d\","
			  "\"userinfo_endpoint\":\"" ISSUER "/u\","
			  "\"mtls_endpoint_aliases\":{\"token_endpoint\":\"" ISSUER "/mtls/t\","
			  "\"device_authorization_endpoint\":\"\","
			  "\"revocation_endpoint\":\"https://mtls.evil.example/r\","
			  "\"userinfo_endpoint\":null}}");
		assert_int_equal(discovered(&reason), VERDICT_GRANTED);
		assert_string_equal(endpoints.token, rows[i].token);
		assert_string_equal(endpoints.userinfo, rows[i].userinfo);
		assert_string_equal(endpoints.device_authorization, ISSUER "/d");
		assert_string_equal(endpoints.revocation, "");
		assert_int_equal(discover_refused(&endpoints, 4) != REASON_NONE, i > 0);
	}
}

/* Azure B2C, OneLogin and others have it elsewhere; whose it is does not change by that. */
static void metadata_elsewhere(void **state)
{
	(void)state;
	settings_of_issuer(ISSUER, "metadata=https://other.example/x?p=policy");
	assert_true(discover_start(&settings, &endpoints));
	discover_request(&endpoints, &request);
	assert_string_equal(request.url, "https://other.example/x?p=policy");
	assert_string_equal(discover_what(&endpoints, request.url), "metadata");
	assert_string_equal(endpoints.issuer, ISSUER);
}

/* Entra's "common" is the issuer of no tenant. */
static void a_pattern_is_no_issuer(void **state)
{
	enum reason reason;

	(void)state;
	settings_of_issuer(ISSUER, NULL);
	assert_true(discover_start(&settings, &endpoints));
	reply_set(200, "{\"issuer\":\"https://id.example/{tenantid}/v2.0\"}");
	assert_int_equal(discovered(&reason), VERDICT_INVALID_RESPONSE);
	assert_string_equal(reason_name(reason), "metadata_of_no_tenant");
}

/* ---- the issuer ---- */

struct issuer_row {
	const char *configured;
	const char *said; /* JSON */
	bool same;
};

static const struct issuer_row issuer_rows[] = {
	{ "https://id.example", "\"https://id.example\"", true },
	{ "https://id.example/", "\"https://id.example/\"", true },
	{ "https://id.example", "\"https:\\/\\/id.example\"", true },
	{ "https://id.example", "\"https://id.example/\"", false },
	{ "https://id.example/", "\"https://id.example\"", false },
	{ "https://id.example", "\"https://ID.example\"", false },
	{ "https://id.example", "\"https://id.example:443\"", false },
	{ "https://id.example", "\"http://id.example\"", false },
	{ "https://id.example", "\"https://evil.example\"", false },
	{ "https://id.example", "\"https://id.example/realms/x\"", false },
	{ "https://id.example/{tenantid}", "\"https://id.example/1\"", false },
	{ "https://id.example", "\"\"", false },
	{ "https://id.example", "null", false },
	{ "https://id.example", "[\"https://id.example\"]", false },
	{ "https://id.example", "42", false },
	{ "https://id.example", "\"https://id.example\",\"Issuer\":\"https://x.example\"", true },
};

static void the_issuer_is_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(issuer_rows); i++) {
		const struct issuer_row *row = &issuer_rows[i];
		char body[2048];
		enum reason reason;

		settings_of_issuer(row->configured, NULL);
		assert_true(discover_start(&settings, &endpoints));
		snprintf(body, sizeof(body),
			 "{\"device_authorization_endpoint\":\"https://id.example/da\","
			 "\"token_endpoint\":\"https://id.example/t\","
			 "\"jwks_uri\":\"https://id.example/k\",\"issuer\":%s}",
			 row->said);
		reply_set(200, body);
		if ((discovered(&reason) == VERDICT_GRANTED) != row->same)
			fail_msg("%s: %s", row->configured, row->said);
		if (!row->same)
			assert_string_equal(reason_name(reason), "issuer_mismatch");
	}
}

/* ---- documents ---- */

struct document_row {
	long status;
	const char *body;
	enum verdict verdict;
	const char *reason; /* NULL: granted */
};

#define GOOD_ISSUER "\"issuer\":\"" ISSUER "\""
#define GOOD_DA	    "\"device_authorization_endpoint\":\"" ISSUER "/da\""
#define GOOD_TOKEN  "\"token_endpoint\":\"" ISSUER "/t\""
#define GOOD_USER   "\"userinfo_endpoint\":\"" ISSUER "/u\""
#define GOOD_KEYS   "\"jwks_uri\":\"" ISSUER "/k\""
#define GOOD_BODY   "{" GOOD_ISSUER "," GOOD_DA "," GOOD_TOKEN "," GOOD_USER "," GOOD_KEYS "}"

static const struct document_row document_rows[] = {
	{ 200, GOOD_BODY, VERDICT_GRANTED, NULL },
	{ 200, " \r\n" GOOD_BODY "\n", VERDICT_GRANTED, NULL },
	{ 200, "{" GOOD_ISSUER "," GOOD_DA "," GOOD_TOKEN "," GOOD_KEYS "}", VERDICT_GRANTED,
	  NULL },
	{ 200, "{" GOOD_ISSUER "," GOOD_DA "," GOOD_TOKEN "," GOOD_USER "}", VERDICT_GRANTED,
	  NULL },
	{ 200,
	  "{" GOOD_ISSUER "," GOOD_DA "," GOOD_TOKEN "," GOOD_USER
	  ",\"scopes_supported\":[\"openid\"],\"request_parameter_supported\":false}",
	  VERDICT_GRANTED, NULL },
	/* an endpoint that is no string is none */
	{ 200,
	  "{" GOOD_ISSUER "," GOOD_DA "," GOOD_TOKEN "," GOOD_KEYS ",\"userinfo_endpoint\":null}",
	  VERDICT_GRANTED, NULL },
	{ 200,
	  "{" GOOD_ISSUER "," GOOD_TOKEN "," GOOD_KEYS ",\"device_authorization_endpoint\":42}",
	  VERDICT_INVALID_RESPONSE, "endpoints_missing" },
	/* missing ones */
	{ 200, "{" GOOD_ISSUER "," GOOD_TOKEN "," GOOD_USER "," GOOD_KEYS "}",
	  VERDICT_INVALID_RESPONSE, "endpoints_missing" },
	{ 200, "{" GOOD_ISSUER "," GOOD_DA "," GOOD_USER "," GOOD_KEYS "}",
	  VERDICT_INVALID_RESPONSE, "endpoints_missing" },
	{ 200, "{" GOOD_ISSUER "," GOOD_DA "," GOOD_TOKEN "}", VERDICT_INVALID_RESPONSE,
	  "endpoints_missing" },
	{ 200, "{" GOOD_ISSUER "}", VERDICT_INVALID_RESPONSE, "endpoints_missing" },
	{ 200, "{" GOOD_DA "," GOOD_TOKEN "," GOOD_KEYS "}", VERDICT_INVALID_RESPONSE,
	  "issuer_mismatch" },
	{ 200, "{}", VERDICT_INVALID_RESPONSE, "issuer_mismatch" },
	/* names in another case are other names */
	{ 200, "{\"Issuer\":\"" ISSUER "\"," GOOD_DA "," GOOD_TOKEN "," GOOD_KEYS "}",
	  VERDICT_INVALID_RESPONSE, "issuer_mismatch" },
	{ 200, "{" GOOD_ISSUER "," GOOD_DA "," GOOD_KEYS ",\"Token_Endpoint\":\"" ISSUER "/t\"}",
	  VERDICT_INVALID_RESPONSE, "endpoints_missing" },
	/* no document at all */
	{ 200, "", VERDICT_INVALID_RESPONSE, "metadata_unreadable" },
	{ 200, "[" GOOD_BODY "]", VERDICT_INVALID_RESPONSE, "metadata_unreadable" },
	{ 200, "null", VERDICT_INVALID_RESPONSE, "metadata_unreadable" },
	{ 200, "\"" ISSUER "\"", VERDICT_INVALID_RESPONSE, "metadata_unreadable" },
	{ 200, GOOD_BODY "x", VERDICT_INVALID_RESPONSE, "metadata_unreadable" },
	{ 200, GOOD_BODY GOOD_BODY, VERDICT_INVALID_RESPONSE, "metadata_unreadable" },
	{ 200, "{" GOOD_ISSUER "," GOOD_DA "," GOOD_TOKEN "," GOOD_KEYS "," GOOD_KEYS "}",
	  VERDICT_INVALID_RESPONSE, "metadata_unreadable" },
	{ 200, "<!DOCTYPE html><html><body>Sign in to the hotel's network</body></html>",
	  VERDICT_INVALID_RESPONSE, "metadata_unreadable" },
	/* a status that is no success: the body is not believed */
	{ 201, GOOD_BODY, VERDICT_INVALID_RESPONSE, "metadata_http_status" },
	{ 204, "", VERDICT_INVALID_RESPONSE, "metadata_http_status" },
	{ 301, GOOD_BODY, VERDICT_INVALID_RESPONSE, "metadata_http_status" },
	{ 302, "", VERDICT_INVALID_RESPONSE, "metadata_http_status" },
	{ 401, GOOD_BODY, VERDICT_INVALID_RESPONSE, "metadata_http_status" },
	{ 404, GOOD_BODY, VERDICT_INVALID_RESPONSE, "metadata_http_status" },
	{ 404, "<html>Not Found</html>", VERDICT_INVALID_RESPONSE, "metadata_http_status" },
	{ 500, GOOD_BODY, VERDICT_INVALID_RESPONSE, "metadata_http_status" },
	{ 500, "", VERDICT_INVALID_RESPONSE, "metadata_http_status" },
};

static void documents_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(document_rows); i++) {
		const struct document_row *row = &document_rows[i];
		enum reason reason;
		enum verdict verdict;

		settings_of_issuer(ISSUER, NULL);
		assert_true(discover_start(&settings, &endpoints));
		reply_set(row->status, row->body);
		verdict = discovered(&reason);
		if (verdict != row->verdict)
			fail_msg("%ld %s: %s", row->status, row->body, verdict_name(verdict));
		if (row->reason)
			assert_string_equal(reason_name(reason), row->reason);
		else
			assert_false(discover_needed(&endpoints));
	}
}

static void every_truncation_is_refused(void **state)
{
	enum reason reason;

	(void)state;
	settings_of_issuer(ISSUER, NULL);
	for (size_t len = 0; len < strlen(GOOD_BODY); len++) {
		assert_true(discover_start(&settings, &endpoints));
		reply_set(200, GOOD_BODY);
		reply.len = len;
		reply.body[len] = '\0';
		assert_int_equal(discovered(&reason), VERDICT_INVALID_RESPONSE);
	}
}

/* ---- explicit endpoints ---- */

static void explicit_endpoints_win(void **state)
{
	enum reason reason;

	(void)state;
	settings_of_issuer(ISSUER, "token_endpoint=https://api.example/t");
	assert_true(discover_start(&settings, &endpoints));
	reply_set(200, GOOD_BODY);
	assert_int_equal(discovered(&reason), VERDICT_GRANTED);
	assert_string_equal(endpoints.token, "https://api.example/t");
	assert_string_equal(endpoints.device_authorization, ISSUER "/da");
	assert_string_equal(endpoints.userinfo, ISSUER "/u");
	assert_string_equal(endpoints.jwks, ISSUER "/k");
	assert_string_equal(endpoints.issuer, ISSUER);
}

/* What the settings name is not read from the network, wherever the network points. */
static void explicit_endpoints_are_not_judged(void **state)
{
	char body[2048];
	enum reason reason;

	(void)state;
	settings_of_issuer(ISSUER, "token_endpoint=https://api.example/t");
	assert_true(discover_start(&settings, &endpoints));
	metadata_make(ISSUER, ISSUER, "https://evil.example/t", body, sizeof(body));
	reply_set(200, body);
	assert_int_equal(discovered(&reason), VERDICT_GRANTED);
	assert_string_equal(endpoints.token, "https://api.example/t");
}

/* To name an endpoint is not to allow its host for others. */
static void an_explicit_host_is_no_allowed_host(void **state)
{
	char body[2048];
	enum reason reason;

	(void)state;
	settings_of_issuer(ISSUER, "userinfo_endpoint=https://api.example/u");
	assert_true(discover_start(&settings, &endpoints));
	metadata_make(ISSUER, ISSUER, "https://api.example/t", body, sizeof(body));
	reply_set(200, body);
	assert_int_equal(discovered(&reason), VERDICT_INVALID_RESPONSE);
}

static void long_endpoints_are_refused(void **state)
{
	char url[REQUEST_URL_MAX + 1];
	char body[8192];
	enum reason reason;

	(void)state;
	memset(url, 'u', sizeof(url) - 1);
	memcpy(url, ISSUER "/", sizeof(ISSUER "/") - 1);
	url[sizeof(url) - 1] = '\0';
	settings_of_issuer(ISSUER, NULL);
	assert_true(discover_start(&settings, &endpoints));
	metadata_make(ISSUER, ISSUER, url, body, sizeof(body));
	reply_set(200, body);
	assert_int_equal(discovered(&reason), VERDICT_INVALID_RESPONSE);
	url[sizeof(url) - 2] = '\0';
	assert_true(discover_start(&settings, &endpoints));
	metadata_make(ISSUER, ISSUER, url, body, sizeof(body));
	reply_set(200, body);
	assert_int_equal(discovered(&reason), VERDICT_GRANTED);
	assert_string_equal(endpoints.token, url);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_taken_as_they_are),
		cmocka_unit_test(an_issuer_is_needed),
		cmocka_unit_test(settings_are_bounded),
		cmocka_unit_test(metadata_is_asked_for_only_where_needed),
		cmocka_unit_test(metadata_stands_below_the_issuer),
		cmocka_unit_test(an_address_that_does_not_fit_is_broken),
		cmocka_unit_test(endpoints_stay_at_home),
		cmocka_unit_test(each_endpoint_is_judged),
		cmocka_unit_test(userinfo_alone_is_needed),
		cmocka_unit_test(an_empty_endpoint_is_none),
		cmocka_unit_test(pinned_keys_suffice),
		cmocka_unit_test(algorithms_are_taken),
		cmocka_unit_test(aliases_are_for_certificates),
		cmocka_unit_test(metadata_elsewhere),
		cmocka_unit_test(a_pattern_is_no_issuer),
		cmocka_unit_test(the_issuer_is_exact),
		cmocka_unit_test(documents_are_judged),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(explicit_endpoints_win),
		cmocka_unit_test(explicit_endpoints_are_not_judged),
		cmocka_unit_test(an_explicit_host_is_no_allowed_host),
		cmocka_unit_test(long_endpoints_are_refused),
	};

	return cmocka_run_group_tests_name("discover", tests, NULL, NULL);
}
