/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client_key.c: an assertion of each algorithm, its signature verified by OpenSSL and what it says
 * read; the keys and certificates that are refused, each with its reason; and for whom it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "helper/oauth_client/oauth/client_key.h"
#include "helper/oauth_client/oauth/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	NOW = 1788943552,
	PEM_MAX = 4096,
	PART_MAX = 3072,
};

static const unsigned char some_random[CLIENT_ASSERTION_RANDOM] = { 1, 2, 3 };

/* ---- keys and settings ---- */

enum kind {
	RSA_2048,
	RSA_1024,
	P_256,
	P_384,
	P_521,
	K_256,
	ED_25519,
	KINDS,
};

static EVP_PKEY *keys[KINDS];
static char pem[KINDS][PEM_MAX];
static char certificate[KINDS][PEM_MAX];

static void certificate_make(enum kind kind)
{
	X509 *x509 = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());

	X509_set_version(x509, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(x509), 0);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	assert_int_equal(X509_set_pubkey(x509, keys[kind]), 1);
	assert_true(X509_sign(x509, keys[kind], kind == ED_25519 ? NULL : EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509(bio, x509), 1);
	assert_true(BIO_read(bio, certificate[kind], PEM_MAX - 1) > 0);
	BIO_free(bio);
	X509_free(x509);
}

static int keys_make(void **state)
{
	(void)state;
	keys[RSA_2048] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	keys[RSA_1024] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	keys[P_256] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	keys[P_384] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	keys[P_521] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521");
	keys[K_256] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
	keys[ED_25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	for (int i = 0; i < KINDS; i++) {
		BIO *bio = BIO_new(BIO_s_mem());

		assert_non_null(keys[i]);
		assert_int_equal(
			PEM_write_bio_PKCS8PrivateKey(bio, keys[i], NULL, NULL, 0, NULL, NULL), 1);
		assert_true(BIO_read(bio, pem[i], PEM_MAX - 1) > 0);
		BIO_free(bio);
		certificate_make((enum kind)i);
	}
	return 0;
}

static int keys_free(void **state)
{
	(void)state;
	for (int i = 0; i < KINDS; i++)
		EVP_PKEY_free(keys[i]);
	return 0;
}

static struct wire_message settings;

static void set(const char *key, const char *value)
{
	if (value)
		settings.pair[settings.pairs++] = (struct wire_pair){ key, value };
}

static void settings_start(const char *auth, const char *key, const char *alg)
{
	memset(&settings, 0, sizeof(settings));
	settings.verb = "login";
	set("client_id", "kiosk");
	set("token_endpoint_auth_method", auth);
	set("client_key", key);
	set("token_endpoint_auth_signing_alg", alg);
}

/* ---- what was signed ---- */

static size_t decoded(const char *text, size_t len, unsigned char *out)
{
	char padded[8 * 1024];
	size_t fill = (4 - len % 4) % 4;
	int n;

	assert_true(len + 4 < sizeof(padded));
	memcpy(padded, text, len);
	for (size_t i = 0; i < len; i++)
		padded[i] = padded[i] == '-' ? '+' : padded[i] == '_' ? '/' : padded[i];
	memset(padded + len, '=', fill);
	n = EVP_DecodeBlock(out, (const unsigned char *)padded, (int)(len + fill));
	assert_true(n >= 0);
	return (size_t)n - fill;
}

/* The I-th part of the assertion TEXT as JSON: the caller destroys it. */
static struct json *part(const char *text, int i)
{
	unsigned char bytes[8 * 1024];
	size_t len;
	struct json *json;

	while (i-- > 0)
		text = strchr(text, '.') + 1;
	len = decoded(text, strcspn(text, "."), bytes);
	json = json_parse((const char *)bytes, len, NULL);
	assert_int_equal(json_type(json), JSON_OBJECT);
	return json;
}

static void pair_to_der(unsigned char *bytes, size_t *len)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char *at = bytes;
	int half = (int)(*len / 2);

	ECDSA_SIG_set0(sig, BN_bin2bn(bytes, half, NULL), BN_bin2bn(bytes + half, half, NULL));
	*len = (size_t)i2d_ECDSA_SIG(sig, &at);
	ECDSA_SIG_free(sig);
}

static bool holds(const char *text, EVP_PKEY *key, const char *digest, bool pss)
{
	const char *dot = strrchr(text, '.');
	unsigned char signature[2048];
	size_t len = decoded(dot + 1, strlen(dot + 1), signature);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;
	bool ok;

	if (EVP_PKEY_is_a(key, "EC"))
		pair_to_der(signature, &len);
	ok = EVP_DigestVerifyInit_ex(md, &ctx, digest, NULL, NULL, key, NULL) == 1;
	if (pss)
		ok &= EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		      EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
	ok = ok && EVP_DigestVerify(md, signature, len, (const unsigned char *)text,
				    (size_t)(dot - text)) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

/* NAMED: as the settings say; else what the key is for by itself. */
static const struct {
	const char *alg;
	bool named;
	enum kind kind;
	const char *digest;
	bool pss;
} good[] = {
	{ "RS256", false, RSA_2048, "SHA256", false }, { "RS256", true, RSA_2048, "SHA256", false },
	{ "RS384", true, RSA_2048, "SHA384", false },  { "RS512", true, RSA_2048, "SHA512", false },
	{ "PS256", true, RSA_2048, "SHA256", true },   { "PS384", true, RSA_2048, "SHA384", true },
	{ "PS512", true, RSA_2048, "SHA512", true },   { "ES256", false, P_256, "SHA256", false },
	{ "ES384", false, P_384, "SHA384", false },    { "ES512", false, P_521, "SHA512", false },
	{ "EdDSA", false, ED_25519, NULL, false },     { "EdDSA", true, ED_25519, NULL, false },
};

static void each_algorithm_signs(void **state)
{
	char text[CLIENT_ASSERTION_MAX];
	struct json *header;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		settings_start("private_key_jwt", pem[good[i].kind],
			       good[i].named ? good[i].alg : NULL);
		assert_int_equal(client_key_wrong(&settings), REASON_NONE);
		/* ECDSA's numbers are shorter at times: each length has to come out right. */
		for (int again = 0; again < 20; again++) {
			assert_true(client_assertion(&settings, "https://id.example", NOW,
						     some_random, text));
			if (!holds(text, keys[good[i].kind], good[i].digest, good[i].pss))
				fail_msg("row %zu: %s", i, text);
		}
		header = part(text, 0);
		assert_string_equal(json_string(header, "alg"), good[i].alg);
		assert_string_equal(json_string(header, "typ"), "JWT");
		assert_null(json_member(header, "kid"));
		assert_null(json_member(header, "x5t#S256"));
		json_destroy(header);
	}
}

static void the_secret_signs(void **state)
{
	static const char *const names[] = { NULL, "HS256", "HS384", "HS512" };
	static const char *const digests[] = { "SHA256", "SHA256", "SHA384", "SHA512" };
	static const char secret[] = "swordfish: of some length, and more";
	char text[CLIENT_ASSERTION_MAX];
	unsigned char mac[64], signature[64];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *dot;

		settings_start("client_secret_jwt", NULL, names[i]);
		set("client_secret", secret);
		assert_int_equal(client_key_wrong(&settings), REASON_NONE);
		assert_true(
			client_assertion(&settings, "https://id.example", NOW, some_random, text));
		dot = strrchr(text, '.');
		assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, digests[i], NULL, secret,
					  strlen(secret), (const unsigned char *)text,
					  (size_t)(dot - text), mac, sizeof(mac), &len));
		assert_int_equal(decoded(dot + 1, strlen(dot + 1), signature), len);
		assert_memory_equal(signature, mac, len);
		assert_null(strstr(text, secret));
	}
}

/* RFC 7523 section 3. */
static void it_says_what_it_has_to(void **state)
{
	char text[CLIENT_ASSERTION_MAX], again[CLIENT_ASSERTION_MAX];
	unsigned char other_random[CLIENT_ASSERTION_RANDOM] = { 9 };
	struct json *payload;
	int64_t iat, nbf, exp;

	(void)state;
	settings_start("private_key_jwt", pem[P_256], NULL);
	settings.pair[0].value = "a \"quoted\\\" client";
	assert_true(
		client_assertion(&settings, "https://id.example/?a=\"b\"", NOW, some_random, text));
	payload = part(text, 1);
	assert_string_equal(json_string(payload, "iss"), "a \"quoted\\\" client");
	assert_string_equal(json_string(payload, "sub"), "a \"quoted\\\" client");
	assert_string_equal(json_string(payload, "aud"), "https://id.example/?a=\"b\"");
	assert_string_equal(json_string(payload, "jti"), "AQIDAAAAAAAAAAAAAAAAAA");
	assert_true(json_integer(json_member(payload, "iat"), false, &iat));
	assert_true(json_integer(json_member(payload, "nbf"), false, &nbf));
	assert_true(json_integer(json_member(payload, "exp"), false, &exp));
	assert_true(iat == nbf && iat <= NOW && exp > NOW && exp - iat <= 60);
	json_destroy(payload);

	assert_true(client_assertion(&settings, "https://id.example", NOW, other_random, again));
	payload = part(again, 1);
	assert_string_not_equal(json_string(payload, "jti"), "AQIDAAAAAAAAAAAAAAAAAA");
	json_destroy(payload);
}

static void the_header_names_the_key(void **state)
{
	unsigned char digest[EVP_MAX_MD_SIZE], said[EVP_MAX_MD_SIZE + 4];
	char text[CLIENT_ASSERTION_MAX];
	unsigned int len;
	struct json *header;
	BIO *bio = BIO_new_mem_buf(certificate[RSA_2048], -1);
	X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	const char *print;

	(void)state;
	settings_start("private_key_jwt", pem[RSA_2048], "PS256");
	set("client_key_id", "2026-11");
	set("client_certificate", certificate[RSA_2048]);
	assert_int_equal(client_key_wrong(&settings), REASON_NONE);
	assert_true(client_assertion(&settings, "https://id.example", NOW, some_random, text));
	header = part(text, 0);
	assert_string_equal(json_string(header, "kid"), "2026-11");
	print = json_string(header, "x5t#S256");
	assert_non_null(print);
	assert_int_equal(X509_digest(x509, EVP_sha256(), digest, &len), 1);
	assert_int_equal(decoded(print, strlen(print), said), len);
	assert_memory_equal(said, digest, len);
	json_destroy(header);
	X509_free(x509);
	BIO_free(bio);
}

/* ---- what is refused ---- */

#define NO_PEM "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"

static void what_does_not_fit_is_said(void **state)
{
	const struct {
		const char *auth, *key, *certificate, *alg, *why;
	} rows[] = {
		{ "none", NULL, NULL, NULL, NULL },
		{ "client_secret_post", NULL, NULL, NULL, NULL },
		{ "private_key_jwt", NULL, NULL, NULL, "client_key_unreadable" },
		{ "private_key_jwt", "", NULL, NULL, "client_key_unreadable" },
		{ "private_key_jwt", NO_PEM, NULL, NULL, "client_key_unreadable" },
		{ "private_key_jwt", certificate[P_256], NULL, NULL, "client_key_unreadable" },
		{ "private_key_jwt", pem[RSA_1024], NULL, NULL, "client_key_unfit" },
		{ "private_key_jwt", pem[K_256], NULL, NULL, "client_key_unfit" },
		{ "private_key_jwt", pem[P_256], NULL, "RS256", "client_key_unfit" },
		{ "private_key_jwt", pem[P_256], NULL, "ES384", "client_key_unfit" },
		{ "private_key_jwt", pem[P_256], NULL, "HS256", "client_key_unfit" },
		{ "private_key_jwt", pem[RSA_2048], NULL, "ES256", "client_key_unfit" },
		{ "private_key_jwt", pem[RSA_2048], NULL, "none", "client_key_unfit" },
		{ "private_key_jwt", pem[P_256], NO_PEM, NULL, "client_certificate_unreadable" },
		{ "private_key_jwt", pem[P_256], certificate[P_384], NULL,
		  "client_key_of_another_certificate" },
		{ "tls_client_auth", pem[P_256], certificate[P_256], NULL, NULL },
		{ "tls_client_auth", pem[RSA_2048], certificate[RSA_2048], NULL, NULL },
		{ "self_signed_tls_client_auth", pem[P_256], certificate[P_256], NULL, NULL },
		{ "tls_client_auth", NO_PEM, certificate[P_256], NULL, "client_key_unreadable" },
		{ "tls_client_auth", pem[P_256], pem[P_256], NULL,
		  "client_certificate_unreadable" },
		{ "self_signed_tls_client_auth", pem[P_256], certificate[RSA_2048], NULL,
		  "client_key_of_another_certificate" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum reason why;

		settings_start(rows[i].auth, rows[i].key, rows[i].alg);
		set("client_certificate", rows[i].certificate);
		why = client_key_wrong(&settings);
		if (strcmp(reason_name(why), rows[i].why ? rows[i].why : "") != 0)
			fail_msg("row %zu: %s", i, reason_name(why));
	}
}

/* An encrypted key must not make anybody wait for a password. */
static void nobody_is_asked_for_a_password(void **state)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char encrypted[PEM_MAX] = "";
	char word[] = "swordfish";

	(void)state;
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, keys[P_256], EVP_aes_128_cbc(), word,
						       (int)strlen(word), NULL, NULL),
			 1);
	assert_true(BIO_read(bio, encrypted, PEM_MAX - 1) > 0);
	BIO_free(bio);
	settings_start("private_key_jwt", encrypted, NULL);
	assert_int_equal(client_key_wrong(&settings), REASON_CLIENT_KEY_UNREADABLE);
}

static void what_does_not_fit_is_not_cut(void **state)
{
	char text[CLIENT_ASSERTION_MAX];
	char long_id[PART_MAX];

	(void)state;
	settings_start("private_key_jwt", pem[P_256], NULL);
	memset(long_id, 'a', sizeof(long_id));
	long_id[sizeof(long_id) - 1] = '\0';
	settings.pair[0].value = long_id;
	assert_false(client_assertion(&settings, "https://id.example", NOW, some_random, text));
	assert_string_equal(text, "");
	settings_start("private_key_jwt", NO_PEM, NULL);
	assert_false(client_assertion(&settings, "https://id.example", NOW, some_random, text));
	settings_start("client_secret_jwt", NULL, NULL); /* no secret */
	assert_false(client_assertion(&settings, "https://id.example", NOW, some_random, text));
}

static void it_is_for_one_provider(void **state)
{
	static struct endpoints endpoints = { .issuer = "https://id.example",
					      .token = "https://id.example/token" };
	static const char *const rows[][2] = {
		{ NULL, "https://id.example" },
		{ "issuer", "https://id.example" },
		{ "token_endpoint", "https://id.example/token" },
		{ "endpoint", "https://id.example/device" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		settings_start("private_key_jwt", NULL, NULL);
		set("client_assertion_audience", rows[i][0]);
		assert_string_equal(client_assertion_audience(&settings, &endpoints,
							      "https://id.example/device"),
				    rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_algorithm_signs),
		cmocka_unit_test(the_secret_signs),
		cmocka_unit_test(it_says_what_it_has_to),
		cmocka_unit_test(the_header_names_the_key),
		cmocka_unit_test(what_does_not_fit_is_said),
		cmocka_unit_test(nobody_is_asked_for_a_password),
		cmocka_unit_test(what_does_not_fit_is_not_cut),
		cmocka_unit_test(it_is_for_one_provider),
	};

	return cmocka_run_group_tests(tests, keys_make, keys_free);
}
