/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/oauth/idtoken.c: tokens made here, by keys made here, each wrong in one way. A row says what
 * it changes of a good RS256 token and what must come of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h> /* for its allocation hooks alone */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "helper/oauth_client/oauth/idtoken.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ISSUER "https://id.example"
#define CLIENT "tv"
#define NOW    1700000000
#define LEEWAY 60

enum {
	TOKEN_SIZE = 80 * 1024,
};

/* ---- keys ---- */

static EVP_PKEY *rsa_key, *rsa_other, *rsa_three;
static EVP_PKEY *ec_key, *ec_other, *ec_short_x, *ec_short_y, *p384_key, *p384_other;
static EVP_PKEY *p521_key, *p521_other;
static EVP_PKEY *ed_key, *ed_other;

/* The public halves, as members of a JWK and as bare base64url. */
static char rsa_jwk[1024], rsa_other_jwk[1024], rsa_three_jwk[1024];
static char ec_short_x_jwk[256], ec_short_y_jwk[256];
static char ec_jwk[256], ec_other_jwk[256], p384_jwk[256], ed_jwk[256], ed_other_jwk[256];
static char p384_other_jwk[256], p521_jwk[320], p521_other_jwk[320];
static char rsa_n[512], rsa_n_zero[512], rsa_n_small[512], rsa_n_even[512], rsa_n_1024[512];
static char rsa_n_8192[2048], rsa_n_8200[2048], rsa_n_9000[2048];
static char ec_x[64], ec_y[64], ec_y_off[64], ec_x_zero[64], ed_x[64];

/* Not the encoder under test. */
static char *base64url(const unsigned char *bytes, size_t len, char *out)
{
	int size = EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);
	char *end = out + size;

	while (end > out && end[-1] == '=')
		end--;
	*end = '\0';
	for (char *c = out; *c; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
	return end;
}

static size_t key_number(EVP_PKEY *key, const char *name, unsigned char *out)
{
	BIGNUM *number = NULL;
	int len;

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
	len = BN_bn2bin(number, out);
	BN_free(number);
	return (size_t)len;
}

static EVP_PKEY *rsa_make(unsigned int bits, unsigned long exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *key = NULL;

	assert_int_equal(BN_set_word(e, exponent), 1);
	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits), 1);
	assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void rsa_describe(EVP_PKEY *key, char *jwk)
{
	unsigned char number[1024];
	char n[1024], e[16];

	base64url(number, key_number(key, OSSL_PKEY_PARAM_RSA_N, number), n);
	base64url(number, key_number(key, OSSL_PKEY_PARAM_RSA_E, number), e);
	sprintf(jwk, "\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"", n, e);
}

/* The plain encoding of the point; its coordinates are SIZE bytes each. */
static void ec_describe(EVP_PKEY *key, const char *curve, size_t size, char *jwk)
{
	unsigned char point[256];
	char x[96], y[96];
	size_t len;

	assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
							 sizeof(point), &len),
			 1);
	assert_int_equal(len, 1 + 2 * size);
	base64url(point + 1, size, x);
	base64url(point + 1 + size, size, y);
	sprintf(jwk, "\"kty\":\"EC\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"", curve, x, y);
	if (key == ec_key) {
		strcpy(ec_x, x);
		strcpy(ec_y, y);
		point[2 * size] ^= 1;
		base64url(point + 1 + size, size, ec_y_off);
		memset(point, 0, sizeof(point));
		base64url(point, size, ec_x_zero);
	}
}

static void ed_describe(EVP_PKEY *key, char *jwk)
{
	unsigned char raw[32];
	size_t len = sizeof(raw);

	assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &len), 1);
	base64url(raw, len, ed_x);
	sprintf(jwk, "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"", ed_x);
}

/*
 * A key whose x (FIRST 1) or y (FIRST 33) ends in a zero byte, and its JWK without that byte: a
 * reader that does not count bytes would still find the point.
 */
static EVP_PKEY *ec_make_short(size_t first, char *jwk)
{
	unsigned char point[65] = { 0 };
	EVP_PKEY *key = NULL;
	size_t len, x_len = 32, y_len = 32;
	char x[64], y[64];

	do {
		EVP_PKEY_free(key);
		key = EVP_EC_gen("P-256");
		assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
								 point, sizeof(point), &len),
				 1);
	} while (point[first + 31] != 0);
	*(first == 1 ? &x_len : &y_len) = 31;
	base64url(point + 1, x_len, x);
	base64url(point + 33, y_len, y);
	sprintf(jwk, "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"", x, y);
	return key;
}

/* Moduli that are none, and the good one in other spellings. */
static void rsa_vary(void)
{
	unsigned char n[2048] = { 0 };
	size_t len = key_number(rsa_key, OSSL_PKEY_PARAM_RSA_N, n + 1);

	assert_int_equal(len, 256);
	base64url(n + 1, len, rsa_n);
	base64url(n, len + 1, rsa_n_zero);
	n[len] ^= 1;
	base64url(n + 1, len, rsa_n_even);
	n[len] ^= 1;
	n[1] &= 0x7f;
	base64url(n + 1, len, rsa_n_small);
	n[129] |= 0x80;
	base64url(n + 129, 128, rsa_n_1024);
	memset(n, 0x81, sizeof(n));
	base64url(n, 8192 / 8, rsa_n_8192);
	base64url(n, 8200 / 8, rsa_n_8200);
	base64url(n, 9000 / 8, rsa_n_9000);
}

static int keys_make(void **state)
{
	(void)state;
	rsa_key = rsa_make(2048, RSA_F4);
	rsa_other = rsa_make(2048, RSA_F4);
	rsa_three = rsa_make(2056, RSA_3);
	ec_key = EVP_EC_gen("P-256");
	ec_other = EVP_EC_gen("P-256");
	ec_short_x = ec_make_short(1, ec_short_x_jwk);
	ec_short_y = ec_make_short(33, ec_short_y_jwk);
	p384_key = EVP_EC_gen("P-384");
	p384_other = EVP_EC_gen("P-384");
	p521_key = EVP_EC_gen("P-521");
	p521_other = EVP_EC_gen("P-521");
	ed_key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	ed_other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	rsa_describe(rsa_key, rsa_jwk);
	rsa_describe(rsa_other, rsa_other_jwk);
	rsa_describe(rsa_three, rsa_three_jwk);
	rsa_vary();
	ec_describe(ec_key, "P-256", 32, ec_jwk);
	ec_describe(ec_other, "P-256", 32, ec_other_jwk);
	ec_describe(p384_key, "P-384", 48, p384_jwk);
	ec_describe(p384_other, "P-384", 48, p384_other_jwk);
	ec_describe(p521_key, "P-521", 66, p521_jwk);
	ec_describe(p521_other, "P-521", 66, p521_other_jwk);
	ed_describe(ed_other, ed_other_jwk);
	ed_describe(ed_key, ed_jwk);
	return 0;
}

static int keys_free(void **state)
{
	EVP_PKEY *keys[] = { rsa_key,	 rsa_other,  rsa_three, ec_key,	    ec_other,
			     ec_short_x, ec_short_y, p384_key,	p384_other, p521_key,
			     p521_other, ed_key,     ed_other };

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		EVP_PKEY_free(keys[i]);
	return 0;
}

/* ---- key sets: text with $LETTER for what only the run knows ---- */

static const struct {
	char letter;
	const char *text;
} inserts[] = {
	{ 'R', rsa_jwk },	 { 'S', rsa_other_jwk }, { 'T', rsa_three_jwk },
	{ 'E', ec_jwk },	 { 'F', ec_other_jwk },	 { 'X', ec_short_x_jwk },
	{ 'Y', ec_short_y_jwk }, { 'P', p384_jwk },	 { 'D', ed_jwk },
	{ 'Q', p384_other_jwk }, { 'U', p521_jwk },	 { 'V', p521_other_jwk },
	{ 'G', ed_other_jwk },	 { 'n', rsa_n },	 { '0', rsa_n_zero },
	{ 's', rsa_n_small },	 { 'v', rsa_n_even },	 { '1', rsa_n_1024 },
	{ '8', rsa_n_8192 },	 { '9', rsa_n_8200 },	 { 'b', rsa_n_9000 },
	{ 'x', ec_x },		 { 'y', ec_y },		 { 'o', ec_y_off },
	{ 'z', ec_x_zero },	 { 'd', ed_x },
};

static const char *insert_find(char letter)
{
	for (size_t i = 0; i < COUNT(inserts); i++)
		if (inserts[i].letter == letter)
			return inserts[i].text;
	fail_msg("no $%c", letter);
	return NULL;
}

/* NULL for the text "", as for a set that was never fetched. */
static struct json *keys_parse(const char *pattern)
{
	static char text[16 * 1024];
	char *out = text;
	const char *why;
	struct json *keys;

	for (const char *in = pattern; *in; in++) {
		if (*in == '$')
			out = stpcpy(out, insert_find(*++in));
		else
			*out++ = *in;
	}
	*out = '\0';
	keys = json_parse(text, (size_t)(out - text), &why);
	if (!keys && *pattern)
		fail_msg("%s: %s", text, why);
	return keys;
}

/* ---- signers ---- */

struct signer {
	EVP_PKEY **key; /* NULL: no signature at all */
	const char *digest;
	int padding;
	int salt;	  /* PSS */
	const char *mgf1; /* PSS */
	bool der;	  /* EC: as OpenSSL has it, not r and s */
	bool hmac;	  /* keyed with the public key, for verifiers that mix up the two */
};

#define RSA1_5(from, hash)                                                 \
	{                                                                  \
		.key = &from, .digest = hash, .padding = RSA_PKCS1_PADDING \
	}
#define RSA_PSS(from, hash, bytes, mask)                                                       \
	{                                                                                      \
		.key = &from, .digest = hash, .padding = RSA_PKCS1_PSS_PADDING, .salt = bytes, \
		.mgf1 = mask                                                                   \
	}

static const struct signer rs256 = RSA1_5(rsa_key, "SHA256");
static const struct signer rs256_other = RSA1_5(rsa_other, "SHA256");
static const struct signer rs256_three = RSA1_5(rsa_three, "SHA256");
static const struct signer rs384 = RSA1_5(rsa_key, "SHA384");
static const struct signer rs512 = RSA1_5(rsa_key, "SHA512");
static const struct signer rs384_other = RSA1_5(rsa_other, "SHA384");
static const struct signer rs512_other = RSA1_5(rsa_other, "SHA512");
static const struct signer ps384 = RSA_PSS(rsa_key, "SHA384", 48, "SHA384");
static const struct signer ps384_other = RSA_PSS(rsa_other, "SHA384", 48, "SHA384");
static const struct signer ps512_other = RSA_PSS(rsa_other, "SHA512", 64, "SHA512");
static const struct signer ps512_salt32 = RSA_PSS(rsa_key, "SHA512", 32, "SHA512");
static const struct signer ps512_mgf256 = RSA_PSS(rsa_key, "SHA512", 64, "SHA256");
static const struct signer rs1 = RSA1_5(rsa_key, "SHA1");
static const struct signer ps256 = RSA_PSS(rsa_key, "SHA256", 32, "SHA256");
static const struct signer ps256_other = RSA_PSS(rsa_other, "SHA256", 32, "SHA256");
static const struct signer ps256_three = RSA_PSS(rsa_three, "SHA256", 32, "SHA256");
static const struct signer ps256_salt0 = RSA_PSS(rsa_key, "SHA256", 0, "SHA256");
static const struct signer ps256_salt20 = RSA_PSS(rsa_key, "SHA256", 20, "SHA256");
static const struct signer ps256_salt222 = RSA_PSS(rsa_key, "SHA256", 222, "SHA256");
static const struct signer ps256_mgf1 = RSA_PSS(rsa_key, "SHA256", 32, "SHA1");
static const struct signer ps512 = RSA_PSS(rsa_key, "SHA512", 64, "SHA512");
static const struct signer es256 = { .key = &ec_key, .digest = "SHA256" };
static const struct signer es256_other = { .key = &ec_other, .digest = "SHA256" };
static const struct signer es256_short_x = { .key = &ec_short_x, .digest = "SHA256" };
static const struct signer es256_short_y = { .key = &ec_short_y, .digest = "SHA256" };
static const struct signer es256_der = { .key = &ec_key, .digest = "SHA256", .der = true };
static const struct signer es256_sha512 = { .key = &ec_key, .digest = "SHA512" };
static const struct signer es384 = { .key = &p384_key, .digest = "SHA384" };
static const struct signer es384_other = { .key = &p384_other, .digest = "SHA384" };
static const struct signer es384_sha256 = { .key = &p384_key, .digest = "SHA256" };
static const struct signer es512 = { .key = &p521_key, .digest = "SHA512" };
static const struct signer es512_other = { .key = &p521_other, .digest = "SHA512" };
static const struct signer eddsa = { .key = &ed_key };
static const struct signer eddsa_other = { .key = &ed_other };
static const struct signer hs256 = { .key = &rsa_key, .hmac = true };
static const struct signer unsigned_ = { .key = NULL };

static size_t hmac_by_public_key(EVP_PKEY *key, const char *text, size_t len, unsigned char *out)
{
	unsigned char *der = NULL;
	int der_len = i2d_PUBKEY(key, &der);
	unsigned int size = 0;

	assert_true(der_len > 0);
	assert_non_null(
		HMAC(EVP_sha256(), der, der_len, (const unsigned char *)text, len, out, &size));
	OPENSSL_free(der);
	return size;
}

/* DER to r and s, SIZE bytes each, in place. */
static size_t pair_from_der(unsigned char *bytes, size_t len, int size)
{
	const unsigned char *in = bytes;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &in, (long)len);

	assert_non_null(sig);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), bytes, size), size);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), bytes + size, size), size);
	ECDSA_SIG_free(sig);
	return 2 * (size_t)size;
}

static size_t sign(const struct signer *signer, const char *text, size_t len, unsigned char *out)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	size_t size = 2048;
	EVP_PKEY *key;

	if (!signer->key || signer->hmac) {
		EVP_MD_CTX_free(md);
		return signer->hmac ? hmac_by_public_key(*signer->key, text, len, out) : 0;
	}
	key = *signer->key;
	assert_int_equal(EVP_DigestSignInit_ex(md, &ctx, signer->digest, NULL, NULL, key, NULL), 1);
	if (signer->padding)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, signer->padding), 1);
	if (signer->mgf1) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, signer->salt), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, signer->mgf1, NULL), 1);
	}
	assert_int_equal(EVP_DigestSign(md, out, &size, (const unsigned char *)text, len), 1);
	EVP_MD_CTX_free(md);
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && !signer->der)
		size = pair_from_der(out, size, (EVP_PKEY_get_bits(key) + 7) / 8);
	return size;
}

/* ---- one row ---- */

#define ISS		  "\"iss\":\"" ISSUER "\","
#define SUB		  "\"sub\":\"248289761001\","
#define AUD		  "\"aud\":\"" CLIENT "\","
#define TIMES		  "\"exp\":1700000300,\"iat\":1700000000"
#define HEADER(alg, rest) "{\"alg\":\"" alg "\",\"typ\":\"JWT\"" rest "}"
#define KEYS(list)	  "{\"keys\":[" list "]}"

#define PAYLOAD "{" ISS SUB AUD TIMES "}"
#define ALL_KEYS                                                                         \
	KEYS("{$R,\"kid\":\"r\",\"use\":\"sig\"},{$E,\"kid\":\"e\"},{$P,\"kid\":\"p\"}," \
	     "{$U,\"kid\":\"u\"},{$D,\"kid\":\"d\"},{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}")

struct row {
	const char *name;
	enum idtoken_result want;
	const char *alg;	     /* configured; default RS256 */
	const char *header;	     /* default: that alg, typ JWT */
	const char *payload;	     /* default PAYLOAD */
	const char *keys;	     /* default ALL_KEYS */
	const struct signer *signer; /* default: the alg's own */
	const char *nonce;
	const char *access; /* the access token beside it */
	void (*mangle)(char *token);
};

static const struct {
	const char *alg, *header;
	const struct signer *signer, *other;
	const char *own_key, *other_key;
} kinds[] = {
	{ "RS256", HEADER("RS256", ""), &rs256, &rs256_other, KEYS("{$R}"), KEYS("{$S}") },
	{ "RS384", HEADER("RS384", ""), &rs384, &rs384_other, KEYS("{$R}"), KEYS("{$S}") },
	{ "RS512", HEADER("RS512", ""), &rs512, &rs512_other, KEYS("{$R}"), KEYS("{$S}") },
	{ "PS256", HEADER("PS256", ""), &ps256, &ps256_other, KEYS("{$R}"), KEYS("{$S}") },
	{ "PS384", HEADER("PS384", ""), &ps384, &ps384_other, KEYS("{$R}"), KEYS("{$S}") },
	{ "PS512", HEADER("PS512", ""), &ps512, &ps512_other, KEYS("{$R}"), KEYS("{$S}") },
	{ "ES256", HEADER("ES256", ""), &es256, &es256_other, KEYS("{$E}"), KEYS("{$F}") },
	{ "ES384", HEADER("ES384", ""), &es384, &es384_other, KEYS("{$P}"), KEYS("{$Q}") },
	{ "ES512", HEADER("ES512", ""), &es512, &es512_other, KEYS("{$U}"), KEYS("{$V}") },
	{ "EdDSA", HEADER("EdDSA", ""), &eddsa, &eddsa_other, KEYS("{$D}"), KEYS("{$G}") },
};

static size_t kind_of(const char *alg)
{
	for (size_t i = 0; alg && i < COUNT(kinds); i++)
		if (strcmp(kinds[i].alg, alg) == 0)
			return i;
	return 0;
}

static void token_make(char *token, const char *header, const char *payload,
		       const struct signer *signer)
{
	unsigned char signature[2048];
	size_t len;
	char *at;

	at = base64url((const unsigned char *)header, strlen(header), token);
	*at++ = '.';
	at = base64url((const unsigned char *)payload, strlen(payload), at);
	len = sign(signer, token, (size_t)(at - token), signature);
	*at++ = '.';
	base64url(signature, len, at);
}

static enum idtoken_result verify(const char *token, const char *alg, const struct json *keys,
				  const char *nonce, const char *access)
{
	struct idtoken_rules rules = {
		.issuer = ISSUER,
		.client_id = CLIENT,
		.alg = alg,
		.nonce = nonce,
		.access_token = access,
		.now = NOW,
		.leeway = LEEWAY,
	};
	struct json *claims = (struct json *)(void *)&rules; /* must be overwritten */
	char *copy = strdup(token);			     /* so that a sanitizer sees its end */
	enum idtoken_result result;

	assert_non_null(copy);
	result = idtoken_verify(copy, keys, &rules, &claims);
	free(copy);
	assert_true((claims != NULL) == (result == IDTOKEN_VALID));
	if (claims)
		assert_string_equal(json_string(claims, "iss"), ISSUER);
	json_destroy(claims);
	return result;
}

static enum idtoken_result row_run(const struct row *row)
{
	static char token[TOKEN_SIZE];
	size_t kind = kind_of(row->alg);
	struct json *keys = keys_parse(row->keys ? row->keys : ALL_KEYS);
	enum idtoken_result result;

	token_make(token, row->header ? row->header : kinds[kind].header,
		   row->payload ? row->payload : PAYLOAD,
		   row->signer ? row->signer : kinds[kind].signer);
	if (row->mangle)
		row->mangle(token);
	result = verify(token, row->alg ? row->alg : "RS256", keys, row->nonce, row->access);
	json_destroy(keys);
	return result;
}

static bool seen[IDTOKEN_VALID + 1];
static size_t rows_tried, rows_refused;

static void rows_run(const struct row *rows, size_t count)
{
	int wrong = 0;

	for (size_t i = 0; i < count; i++) {
		enum idtoken_result got = row_run(&rows[i]);

		seen[got] = true;
		rows_tried++;
		rows_refused += got != IDTOKEN_VALID;
		if (got == rows[i].want)
			continue;
		print_error("%s: %s, not %s\n", rows[i].name, reason_name(idtoken_reason(got)),
			    reason_name(idtoken_reason(rows[i].want)));
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

#define RUN(rows) rows_run(rows, COUNT(rows))

/* ---- the compact form ---- */

static char *part(char *token, int i)
{
	while (i-- > 0)
		token = strchr(token, '.') + 1;
	return token;
}

static void pad_signature(char *token)
{
	strcat(token, "==");
}

static void end_with_newline(char *token)
{
	strcat(token, "\n");
}

static void begin_with_space(char *token)
{
	memmove(token + 1, token, strlen(token) + 1);
	token[0] = ' ';
}

static void break_the_line(char *token)
{
	char *at = part(token, 1) + 4;

	memmove(at + 1, at, strlen(at) + 1);
	*at = '\n';
}

/* The last character of 256 or 64 bytes carries two bits; the other four must be zero. */
static void set_spare_bits(char *token)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char *last = token + strlen(token) - 1;

	*last = digits[strchr(digits, *last) - digits + 1];
}

static void use_plain_base64(char *token)
{
	for (char *c = part(token, 2); *c; c++)
		*c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
	part(token, 2)[0] = '+';
}

static void put_high_byte(char *token)
{
	part(token, 2)[5] = (char)0xc3;
}

static void add_one_character(char *token)
{
	strcat(token, strlen(part(token, 2)) % 4 == 2 ? "AAA" : "A");
}

static void drop_signature_part(char *token)
{
	part(token, 2)[-1] = '\0';
}

static void drop_to_header(char *token)
{
	part(token, 1)[-1] = '\0';
}

static void empty_the_signature(char *token)
{
	part(token, 2)[0] = '\0';
}

static void empty_the_payload(char *token)
{
	memmove(part(token, 1), part(token, 2) - 1, strlen(part(token, 2)) + 2);
}

static void empty_the_header(char *token)
{
	memmove(token, part(token, 1) - 1, strlen(part(token, 1)) + 2);
}

static void empty_it(char *token)
{
	token[0] = '\0';
}

static void only_dots(char *token)
{
	strcpy(token, "..");
}

static void add_a_part(char *token)
{
	strcat(token, ".AAAA");
}

static void add_a_dot(char *token)
{
	strcat(token, ".");
}

static void add_two_parts(char *token)
{
	strcat(token, ".AAAA.AAAA");
}

static void lead_with_a_dot(char *token)
{
	memmove(token + 1, token, strlen(token) + 1);
	token[0] = '.';
}

static void be_json(char *token)
{
	strcpy(token, "{\"payload\":\"e30\",\"signatures\":[]}");
}

static void grow_beyond_the_limit(char *token)
{
	size_t len = strlen(token);

	memset(token + len, 'A', 48 * 1024 + 1 - len);
	token[48 * 1024 + 1] = '\0';
}

static const struct row form_rows[] = {
	{ "RS256", IDTOKEN_VALID, .alg = "RS256" },
	{ "PS256", IDTOKEN_VALID, .alg = "PS256" },
	{ "ES256", IDTOKEN_VALID, .alg = "ES256" },
	{ "EdDSA", IDTOKEN_VALID, .alg = "EdDSA" },
	{ "padded", IDTOKEN_MALFORMED, .mangle = pad_signature },
	{ "newline at the end", IDTOKEN_MALFORMED, .mangle = end_with_newline },
	{ "space in front", IDTOKEN_MALFORMED, .mangle = begin_with_space },
	{ "newline within", IDTOKEN_MALFORMED, .mangle = break_the_line },
	{ "spare bits, RS256", IDTOKEN_MALFORMED, .mangle = set_spare_bits },
	{ "spare bits, PS256", IDTOKEN_MALFORMED, .alg = "PS256", .mangle = set_spare_bits },
	{ "spare bits, ES256", IDTOKEN_MALFORMED, .alg = "ES256", .mangle = set_spare_bits },
	{ "spare bits, EdDSA", IDTOKEN_MALFORMED, .alg = "EdDSA", .mangle = set_spare_bits },
	{ "plain base64", IDTOKEN_MALFORMED, .mangle = use_plain_base64 },
	{ "byte above 127", IDTOKEN_MALFORMED, .mangle = put_high_byte },
	{ "length of no bytes", IDTOKEN_MALFORMED, .mangle = add_one_character },
	{ "two parts", IDTOKEN_MALFORMED, .mangle = drop_signature_part },
	{ "one part", IDTOKEN_MALFORMED, .mangle = drop_to_header },
	{ "four parts", IDTOKEN_MALFORMED, .mangle = add_a_part },
	{ "dot at the end", IDTOKEN_MALFORMED, .mangle = add_a_dot },
	{ "five parts, as if encrypted", IDTOKEN_ENCRYPTED, .mangle = add_two_parts },
	{ "dot in front", IDTOKEN_MALFORMED, .mangle = lead_with_a_dot },
	{ "nothing", IDTOKEN_MALFORMED, .mangle = empty_it },
	{ "only dots", IDTOKEN_MALFORMED, .mangle = only_dots },
	{ "JSON serialization", IDTOKEN_MALFORMED, .mangle = be_json },
	{ "above 16 KiB", IDTOKEN_MALFORMED, .mangle = grow_beyond_the_limit },
	{ "no header", IDTOKEN_MALFORMED, .mangle = empty_the_header },
	{ "no payload", IDTOKEN_SIGNATURE, .mangle = empty_the_payload },
	{ "payload no JSON", IDTOKEN_MALFORMED, .payload = "hello" },
	{ "payload an array", IDTOKEN_MALFORMED, .payload = "[" PAYLOAD "]" },
	{ "payload a string", IDTOKEN_MALFORMED, .payload = "\"x\"" },
	{ "payload null", IDTOKEN_MALFORMED, .payload = "null" },
	{ "payload empty, signed", IDTOKEN_MALFORMED, .payload = "" },
	{ "payload with a tail", IDTOKEN_MALFORMED, .payload = PAYLOAD "{}" },
	{ "payload with a mark", IDTOKEN_MALFORMED, .payload = "\xef\xbb\xbf" PAYLOAD },
	{ "payload in Latin-1", IDTOKEN_MALFORMED,
	  .payload = "{" ISS SUB AUD TIMES ",\"n\":\"\xe9\"}" },
	{ "sub twice", IDTOKEN_MALFORMED,
	  .payload = "{" ISS SUB "\"sub\":\"root\"," AUD TIMES "}" },
	{ "NUL in sub", IDTOKEN_MALFORMED,
	  .payload = "{" ISS "\"sub\":\"root\\u0000x\"," AUD TIMES "}" },
};

static void the_form_is_strict(void **state)
{
	(void)state;
	RUN(form_rows);
}

/* ---- the header ---- */

static const struct row header_rows[] = {
	{ "alg alone", IDTOKEN_VALID, .header = "{\"alg\":\"RS256\"}" },
	{ "spaces", IDTOKEN_VALID, .header = " { \"alg\" : \"RS256\" } \n" },
	{ "typ jwt", IDTOKEN_VALID, .header = "{\"alg\":\"RS256\",\"typ\":\"jwt\"}" },
	{ "typ at+jwt", IDTOKEN_HEADER_REFUSED,
	  .header = "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}" },
	{ "typ logout+jwt", IDTOKEN_HEADER_REFUSED,
	  .header = "{\"alg\":\"RS256\",\"typ\":\"logout+jwt\"}" },
	{ "typ application/jwt", IDTOKEN_VALID,
	  .header = "{\"alg\":\"RS256\",\"typ\":\"application/jwt\"}" },
	{ "typ application/JWT", IDTOKEN_VALID,
	  .header = "{\"alg\":\"RS256\",\"typ\":\"application/JWT\"}" },
	{ "typ application/at+jwt", IDTOKEN_HEADER_REFUSED,
	  .header = "{\"alg\":\"RS256\",\"typ\":\"application/at+jwt\"}" },
	{ "typ text/jwt", IDTOKEN_HEADER_REFUSED,
	  .header = "{\"alg\":\"RS256\",\"typ\":\"text/jwt\"}" },
	{ "typ empty", IDTOKEN_HEADER_REFUSED, .header = "{\"alg\":\"RS256\",\"typ\":\"\"}" },
	{ "typ null", IDTOKEN_VALID, .header = "{\"alg\":\"RS256\",\"typ\":null}" },
	{ "typ number", IDTOKEN_HEADER_REFUSED, .header = "{\"alg\":\"RS256\",\"typ\":1}" },
	{ "crit", IDTOKEN_HEADER_REFUSED, .header = HEADER("RS256", ",\"crit\":[\"exp\"]") },
	{ "crit empty", IDTOKEN_HEADER_REFUSED, .header = HEADER("RS256", ",\"crit\":[]") },
	{ "b64 false", IDTOKEN_HEADER_REFUSED, .header = HEADER("RS256", ",\"b64\":false") },
	{ "b64 true", IDTOKEN_HEADER_REFUSED, .header = HEADER("RS256", ",\"b64\":true") },
	{ "jku", IDTOKEN_HEADER_REFUSED,
	  .header = HEADER("RS256", ",\"jku\":\"https://evil.example/keys\"") },
	{ "x5u", IDTOKEN_HEADER_REFUSED,
	  .header = HEADER("RS256", ",\"x5u\":\"https://evil.example/c\"") },
	{ "jwk", IDTOKEN_HEADER_REFUSED, .header = HEADER("RS256", ",\"jwk\":{\"kty\":\"RSA\"}") },
	{ "jwk null", IDTOKEN_VALID, .header = HEADER("RS256", ",\"jwk\":null") },
	{ "x5c", IDTOKEN_HEADER_REFUSED, .header = HEADER("RS256", ",\"x5c\":[\"MII\"]") },
	{ "x5t", IDTOKEN_VALID, .header = HEADER("RS256", ",\"x5t\":\"a\",\"x5t#S256\":\"b\"") },
	{ "unknown member", IDTOKEN_VALID, .header = HEADER("RS256", ",\"org\":{\"a\":[1]}") },
	{ "kid number", IDTOKEN_HEADER_REFUSED, .header = HEADER("RS256", ",\"kid\":1") },
	{ "kid null", IDTOKEN_VALID, .header = HEADER("RS256", ",\"kid\":null") },
	{ "other case is other", IDTOKEN_VALID, .header = HEADER("RS256", ",\"ALG\":\"none\"") },
	{ "header an array", IDTOKEN_MALFORMED, .header = "[\"alg\",\"RS256\"]" },
	{ "header a string", IDTOKEN_MALFORMED, .header = "\"RS256\"" },
	{ "header no JSON", IDTOKEN_MALFORMED, .header = "alg=RS256" },
	{ "header with a tail", IDTOKEN_MALFORMED, .header = "{\"alg\":\"RS256\"},{}" },
	{ "header with a mark", IDTOKEN_MALFORMED, .header = "\xef\xbb\xbf{\"alg\":\"RS256\"}" },
	{ "alg twice", IDTOKEN_MALFORMED, .header = "{\"alg\":\"RS256\",\"alg\":\"none\"}" },
	{ "alg twice, escaped", IDTOKEN_MALFORMED,
	  .header = "{\"alg\":\"none\",\"\\u0061lg\":\"RS256\"}" },
	{ "alg with NUL", IDTOKEN_MALFORMED, .header = "{\"alg\":\"RS256\\u0000\"}" },
};

static const struct row alg_rows[] = {
	{ "alg absent", IDTOKEN_ALG_REFUSED, .header = "{\"typ\":\"JWT\"}" },
	{ "alg in capitals", IDTOKEN_ALG_REFUSED, .header = "{\"Alg\":\"RS256\"}" },
	{ "alg null", IDTOKEN_ALG_REFUSED, .header = "{\"alg\":null}" },
	{ "alg number", IDTOKEN_ALG_REFUSED, .header = "{\"alg\":256}" },
	{ "alg list", IDTOKEN_ALG_REFUSED, .header = "{\"alg\":[\"RS256\"]}" },
	{ "alg empty", IDTOKEN_ALG_REFUSED, .header = HEADER("", "") },
	{ "alg rs256", IDTOKEN_ALG_REFUSED, .header = HEADER("rs256", "") },
	{ "alg longer", IDTOKEN_ALG_REFUSED, .header = HEADER("RS2560", "") },
	{ "none", IDTOKEN_ALG_REFUSED, .header = HEADER("none", ""), .signer = &unsigned_ },
	{ "None", IDTOKEN_ALG_REFUSED, .header = HEADER("None", ""), .signer = &unsigned_ },
	{ "none, signed", IDTOKEN_ALG_REFUSED, .header = HEADER("none", "") },
	{ "HS256 by the public key", IDTOKEN_ALG_REFUSED, .header = HEADER("HS256", ""),
	  .signer = &hs256 },
	{ "HS256 said to be RS256", IDTOKEN_SIGNATURE, .signer = &hs256 },
	{ "RS384", IDTOKEN_ALG_REFUSED, .header = HEADER("RS384", ""), .signer = &rs384 },
	{ "RS512", IDTOKEN_ALG_REFUSED, .header = HEADER("RS512", ""), .signer = &rs512 },
	{ "PS256 where RS256", IDTOKEN_ALG_REFUSED, .header = HEADER("PS256", ""),
	  .signer = &ps256 },
	{ "ES256 where RS256", IDTOKEN_ALG_REFUSED, .header = HEADER("ES256", ""),
	  .signer = &es256 },
	{ "EdDSA where ES256", IDTOKEN_ALG_REFUSED, .alg = "ES256", .header = HEADER("EdDSA", ""),
	  .signer = &eddsa },
	{ "Ed25519 where EdDSA", IDTOKEN_VALID, .alg = "EdDSA", .header = HEADER("Ed25519", "") },
	{ "EdDSA where Ed25519", IDTOKEN_VALID, .alg = "Ed25519", .header = HEADER("EdDSA", ""),
	  .signer = &eddsa },
	{ "Ed25519 for both", IDTOKEN_VALID, .alg = "Ed25519", .header = HEADER("Ed25519", ""),
	  .signer = &eddsa, .keys = KEYS("{$D,\"alg\":\"EdDSA\"}") },
	{ "Ed448 where EdDSA", IDTOKEN_ALG_REFUSED, .alg = "EdDSA", .header = HEADER("Ed448", "") },
	{ "one of several", IDTOKEN_VALID, .alg = "RS256 ES384 EdDSA",
	  .header = HEADER("ES384", ""), .signer = &es384 },
	{ "none of several", IDTOKEN_ALG_REFUSED, .alg = "RS256 ES384 EdDSA",
	  .header = HEADER("ES256", ""), .signer = &es256 },
	{ "none among several", IDTOKEN_ALG_REFUSED, .alg = "RS256 none HS256",
	  .header = HEADER("none", ""), .signer = &unsigned_ },
	{ "HS256 among several", IDTOKEN_ALG_REFUSED, .alg = "RS256 none HS256",
	  .header = HEADER("HS256", ""), .signer = &hs256 },
	{ "a list as a name", IDTOKEN_ALG_REFUSED, .alg = "RS256 ES384",
	  .header = HEADER("RS256 ES384", "") },
	{ "nothing configured", IDTOKEN_ALG_REFUSED, .alg = "" },
	{ "none configured", IDTOKEN_ALG_REFUSED, .alg = "none", .header = HEADER("none", ""),
	  .signer = &unsigned_ },
	{ "HS256 configured", IDTOKEN_ALG_REFUSED, .alg = "HS256", .header = HEADER("HS256", ""),
	  .signer = &hs256 },
	{ "nothing configured", IDTOKEN_ALG_REFUSED, .alg = "", .header = HEADER("", "") },
};

static void the_header_chooses_nothing(void **state)
{
	(void)state;
	RUN(header_rows);
	RUN(alg_rows);
}

/* ---- keys ---- */

#define KID(id)	      HEADER("RS256", ",\"kid\":\"" id "\"")
#define RSA_NE(n, e)  KEYS("{\"kty\":\"RSA\",\"n\":\"" n "\",\"e\":\"" e "\"}")
#define P256_XY(x, y) KEYS("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" x "\",\"y\":\"" y "\"}")
#define ED_X(x)	      KEYS("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" x "\"}")

static const struct row select_rows[] = {
	{ "kid", IDTOKEN_VALID, .header = KID("r") },
	{ "kid of another kind", IDTOKEN_NO_KEY, .header = KID("e") },
	{ "kid unknown", IDTOKEN_NO_KEY, .header = KID("x") },
	{ "kid in capitals", IDTOKEN_NO_KEY, .header = KID("R") },
	{ "kid empty", IDTOKEN_VALID, .header = KID("") },
	{ "kid empty, and two keys fit", IDTOKEN_AMBIGUOUS_KEY, .header = KID(""),
	  .keys = KEYS("{$S,\"kid\":\"a\"},{$R,\"kid\":\"b\"}") },
	{ "kid empty, and another's key", IDTOKEN_SIGNATURE, .header = KID(""),
	  .keys = KEYS("{$S,\"kid\":\"a\"}") },
	{ "kid empty in both", IDTOKEN_VALID, .header = KID(""),
	  .keys = KEYS("{$R,\"kid\":\"\"}") },
	{ "kid, and a key without", IDTOKEN_NO_KEY, .header = KID("r"), .keys = KEYS("{$R}") },
	{ "kid, and a key's number", IDTOKEN_NO_KEY, .header = KID("1"),
	  .keys = KEYS("{$R,\"kid\":1}") },
	{ "kid chooses", IDTOKEN_VALID, .header = KID("b"),
	  .keys = KEYS("{$S,\"kid\":\"a\"},{$R,\"kid\":\"b\"}") },
	{ "kid of the wrong key", IDTOKEN_SIGNATURE, .header = KID("a"),
	  .keys = KEYS("{$S,\"kid\":\"a\"},{$R,\"kid\":\"b\"}") },
	{ "kid twice", IDTOKEN_AMBIGUOUS_KEY, .header = KID("r"),
	  .keys = KEYS("{$R,\"kid\":\"r\"},{$S,\"kid\":\"r\"}") },
	{ "kid of two kinds", IDTOKEN_VALID, .header = KID("r"),
	  .keys = KEYS("{$E,\"kid\":\"r\"},{$R,\"kid\":\"r\"}") },
	{ "two keys, no kid", IDTOKEN_AMBIGUOUS_KEY, .keys = KEYS("{$R},{$S}") },
	{ "the same key twice", IDTOKEN_AMBIGUOUS_KEY, .keys = KEYS("{$R},{$R}") },
	{ "two keys, one to encrypt", IDTOKEN_VALID, .keys = KEYS("{$R},{$S,\"use\":\"enc\"}") },
	{ "two keys, one of RS512", IDTOKEN_VALID, .keys = KEYS("{$S,\"alg\":\"RS512\"},{$R}") },
	{ "two keys, one of PS256", IDTOKEN_VALID,
	  .keys = KEYS("{$S,\"alg\":\"PS256\"},{$R,\"alg\":\"RS256\"}") },
	{ "two keys, one to wrap", IDTOKEN_VALID,
	  .keys = KEYS("{$S,\"key_ops\":[\"wrapKey\"]},{$R}") },
	{ "two curves", IDTOKEN_VALID, .alg = "ES256", .keys = KEYS("{$P},{$E}") },
	{ "use sig", IDTOKEN_VALID, .keys = KEYS("{$R,\"use\":\"sig\"}") },
	{ "use enc", IDTOKEN_NO_KEY, .keys = KEYS("{$R,\"use\":\"enc\"}") },
	{ "use enc, by kid", IDTOKEN_NO_KEY, .header = KID("r"),
	  .keys = KEYS("{$R,\"kid\":\"r\",\"use\":\"enc\"}") },
	{ "key_ops null", IDTOKEN_VALID, .keys = KEYS("{$R,\"key_ops\":null,\"alg\":null}") },
	{ "use null", IDTOKEN_VALID, .keys = KEYS("{$R,\"use\":null}") },
	{ "use SIG", IDTOKEN_NO_KEY, .keys = KEYS("{$R,\"use\":\"SIG\"}") },
	{ "key alg equal", IDTOKEN_VALID, .keys = KEYS("{$R,\"alg\":\"RS256\"}") },
	{ "key alg PS256", IDTOKEN_NO_KEY, .keys = KEYS("{$R,\"alg\":\"PS256\"}") },
	{ "key alg RSA-OAEP", IDTOKEN_NO_KEY, .keys = KEYS("{$R,\"alg\":\"RSA-OAEP\"}") },
	{ "key alg number", IDTOKEN_NO_KEY, .keys = KEYS("{$R,\"alg\":1}") },
	{ "key_ops verify", IDTOKEN_VALID, .keys = KEYS("{$R,\"key_ops\":[\"verify\"]}") },
	{ "key_ops both", IDTOKEN_VALID, .keys = KEYS("{$R,\"key_ops\":[\"sign\",\"verify\"]}") },
	{ "key_ops sign", IDTOKEN_NO_KEY, .keys = KEYS("{$R,\"key_ops\":[\"sign\"]}") },
	{ "key_ops empty", IDTOKEN_NO_KEY, .keys = KEYS("{$R,\"key_ops\":[]}") },
	{ "key_ops no list", IDTOKEN_NO_KEY, .keys = KEYS("{$R,\"key_ops\":\"verify\"}") },
	{ "key_ops numbers", IDTOKEN_NO_KEY, .keys = KEYS("{$R,\"key_ops\":[1,null]}") },
	{ "x5c in the set", IDTOKEN_VALID, .keys = KEYS("{$R,\"x5c\":[\"MII\"]}") },
	{ "kty unknown beside", IDTOKEN_VALID, .keys = KEYS("{\"kty\":\"AKP\"},{},{$R}") },
	{ "kty rsa", IDTOKEN_NO_KEY,
	  .keys = KEYS("{\"kty\":\"rsa\",\"n\":\"$n\",\"e\":\"AQAB\"}") },
	{ "kty oct", IDTOKEN_NO_KEY,
	  .keys = KEYS("{\"kty\":\"oct\",\"n\":\"$n\",\"e\":\"AQAB\"}") },
	{ "kty absent", IDTOKEN_NO_KEY, .keys = KEYS("{\"n\":\"$n\",\"e\":\"AQAB\"}") },
	{ "only EC keys", IDTOKEN_NO_KEY, .keys = KEYS("{$E},{$D}") },
	{ "no keys", IDTOKEN_NO_KEY, .keys = KEYS("") },
	{ "EC key, PS256", IDTOKEN_NO_KEY, .alg = "PS256", .keys = KEYS("{$E}") },
	{ "RSA key, ES256", IDTOKEN_NO_KEY, .alg = "ES256", .keys = KEYS("{$R}") },
	{ "P-384 key, ES256", IDTOKEN_NO_KEY, .alg = "ES256", .keys = KEYS("{$P}"),
	  .signer = &es384 },
	{ "curve in small letters", IDTOKEN_NO_KEY, .alg = "ES256",
	  .keys = KEYS("{\"kty\":\"EC\",\"crv\":\"p-256\",\"x\":\"$x\",\"y\":\"$y\"}") },
	{ "curve absent", IDTOKEN_NO_KEY, .alg = "ES256",
	  .keys = KEYS("{\"kty\":\"EC\",\"x\":\"$x\",\"y\":\"$y\"}") },
	{ "secp256k1", IDTOKEN_NO_KEY, .alg = "ES256",
	  .keys = KEYS("{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"$x\",\"y\":\"$y\"}") },
	{ "X25519", IDTOKEN_NO_KEY, .alg = "EdDSA",
	  .keys = KEYS("{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"$d\"}") },
	{ "Ed448", IDTOKEN_NO_KEY, .alg = "EdDSA",
	  .keys = KEYS("{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"$d\"}") },
	{ "Ed25519 said to be EC", IDTOKEN_NO_KEY, .alg = "EdDSA",
	  .keys = KEYS("{\"kty\":\"EC\",\"crv\":\"Ed25519\",\"x\":\"$d\"}") },
	{ "no set", IDTOKEN_KEYS_UNREADABLE, .keys = "" },
	{ "set empty", IDTOKEN_KEYS_UNREADABLE, .keys = "{}" },
	{ "set a bare key", IDTOKEN_KEYS_UNREADABLE, .keys = "{$R}" },
	{ "set a list", IDTOKEN_KEYS_UNREADABLE, .keys = "[{$R}]" },
	{ "set null", IDTOKEN_KEYS_UNREADABLE, .keys = "null" },
	{ "keys an object", IDTOKEN_KEYS_UNREADABLE, .keys = "{\"keys\":{\"r\":{$R}}}" },
	{ "Keys", IDTOKEN_KEYS_UNREADABLE, .keys = "{\"Keys\":[{$R}]}" },
	{ "keys no objects", IDTOKEN_KEYS_UNREADABLE, .keys = KEYS("{$R},7") },
};

static const struct row number_rows[] = {
	{ "exponent 3", IDTOKEN_VALID, .keys = KEYS("{$T}"), .signer = &rs256_three },
	{ "2056 bits, PS256", IDTOKEN_VALID, .alg = "PS256", .keys = KEYS("{$T}"),
	  .signer = &ps256_three },
	{ "zero byte before n", IDTOKEN_VALID, .keys = RSA_NE("$0", "AQAB") },
	{ "zero byte before e", IDTOKEN_VALID, .keys = RSA_NE("$n", "AAEAAQ") },
	{ "1024 bits", IDTOKEN_WEAK_KEY, .keys = RSA_NE("$1", "AQAB") },
	{ "2047 bits", IDTOKEN_WEAK_KEY, .keys = RSA_NE("$s", "AQAB") },
	{ "2047 bits, PS256", IDTOKEN_WEAK_KEY, .alg = "PS256", .keys = RSA_NE("$s", "AQAB") },
	{ "n even", IDTOKEN_WEAK_KEY, .keys = RSA_NE("$v", "AQAB") },
	{ "n zero", IDTOKEN_WEAK_KEY, .keys = RSA_NE("AA", "AQAB") },
	{ "e zero", IDTOKEN_WEAK_KEY, .keys = RSA_NE("$n", "AA") },
	{ "e one", IDTOKEN_WEAK_KEY, .keys = RSA_NE("$n", "AQ") },
	{ "e two", IDTOKEN_WEAK_KEY, .keys = RSA_NE("$n", "Ag") },
	{ "e 65536", IDTOKEN_WEAK_KEY, .keys = RSA_NE("$n", "AQAA") },
	{ "e another", IDTOKEN_SIGNATURE, .keys = RSA_NE("$n", "Aw") },
	{ "8192 bits", IDTOKEN_SIGNATURE, .keys = RSA_NE("$8", "AQAB") },
	{ "8200 bits", IDTOKEN_KEYS_UNREADABLE, .keys = RSA_NE("$9", "AQAB") },
	{ "9000 bits", IDTOKEN_KEYS_UNREADABLE, .keys = RSA_NE("$b", "AQAB") },
	{ "e of nine bytes", IDTOKEN_KEYS_UNREADABLE, .keys = RSA_NE("$n", "AQAAAAAAAAAB") },
	{ "n empty", IDTOKEN_KEYS_UNREADABLE, .keys = RSA_NE("", "AQAB") },
	{ "e empty", IDTOKEN_KEYS_UNREADABLE, .keys = RSA_NE("$n", "") },
	{ "n padded", IDTOKEN_KEYS_UNREADABLE, .keys = RSA_NE("$n==", "AQAB") },
	{ "e plain base64", IDTOKEN_KEYS_UNREADABLE, .keys = RSA_NE("$n", "AQ+B") },
	{ "e with spare bits", IDTOKEN_KEYS_UNREADABLE, .keys = RSA_NE("$n", "AQABAB") },
	{ "n absent", IDTOKEN_KEYS_UNREADABLE, .keys = KEYS("{\"kty\":\"RSA\",\"e\":\"AQAB\"}") },
	{ "e absent", IDTOKEN_KEYS_UNREADABLE, .keys = KEYS("{\"kty\":\"RSA\",\"n\":\"$n\"}") },
	{ "e a number", IDTOKEN_KEYS_UNREADABLE,
	  .keys = KEYS("{\"kty\":\"RSA\",\"n\":\"$n\",\"e\":65537}") },
	{ "EC as rows have it", IDTOKEN_VALID, .alg = "ES256", .keys = P256_XY("$x", "$y") },
	{ "off the curve", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256", .keys = P256_XY("$x", "$o") },
	{ "x and y swapped", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256", .keys = P256_XY("$y", "$x") },
	{ "x zero", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256", .keys = P256_XY("$z", "$y") },
	{ "x and y zero", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256", .keys = P256_XY("$z", "$z") },
	{ "x short", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256", .keys = P256_XY("AAAA", "$y") },
	{ "x long", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256", .keys = P256_XY("$zAAA", "$y") },
	{ "x a zero byte short", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256", .keys = KEYS("{$X}"),
	  .signer = &es256_short_x },
	{ "y a zero byte short", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256", .keys = KEYS("{$Y}"),
	  .signer = &es256_short_y },
	{ "y empty", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256", .keys = P256_XY("$x", "") },
	{ "y absent", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256",
	  .keys = KEYS("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"$x\"}") },
	{ "y a number", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256",
	  .keys = KEYS("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"$x\",\"y\":1}") },
	{ "Ed25519 as rows have it", IDTOKEN_VALID, .alg = "EdDSA", .keys = ED_X("$d") },
	{ "Ed25519 short", IDTOKEN_KEYS_UNREADABLE, .alg = "EdDSA", .keys = ED_X("AAAA") },
	{ "Ed25519 long", IDTOKEN_KEYS_UNREADABLE, .alg = "EdDSA", .keys = ED_X("$zAAA") },
	{ "Ed25519 empty", IDTOKEN_KEYS_UNREADABLE, .alg = "EdDSA", .keys = ED_X("") },
	{ "Ed25519 absent", IDTOKEN_KEYS_UNREADABLE, .alg = "EdDSA",
	  .keys = KEYS("{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}") },
};

static void keys_are_chosen_and_weighed(void **state)
{
	(void)state;
	RUN(select_rows);
	RUN(number_rows);
}

/* ---- signatures ---- */

static void zero_the_signature(char *token)
{
	memset(part(token, 2), 'A', strlen(part(token, 2)));
}

static void shorten_the_signature(char *token)
{
	char *signature = part(token, 2);

	signature[(strlen(signature) - 1) / 4 * 4] = '\0';
}

/* By a zero byte: 256 and 64 bytes leave four bits of the last character unused. */
static void lengthen_the_signature(char *token)
{
	strcat(token, "A");
}

/* The 64 bytes of r and s, and what the decoder writes for the padding. */
static void pair_read(const char *signature, unsigned char bytes[80])
{
	char text[96];

	assert_int_equal(snprintf(text, sizeof(text), "%s==", signature), 88);
	for (char *c = text; *c; c++)
		*c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
	assert_int_equal(EVP_DecodeBlock(bytes, (unsigned char *)text, 88), 66);
}

static void swap_r_and_s(char *token)
{
	unsigned char bytes[80], swapped[64];

	pair_read(part(token, 2), bytes);
	memcpy(swapped, bytes + 32, 32);
	memcpy(swapped + 32, bytes, 32);
	base64url(swapped, 64, part(token, 2));
}

/* Another part, under the signature of the first. */
static void replace_part(char *token, int i, const char *text)
{
	char rest[4096], fresh[4096];
	char *begin = part(token, i);

	strcpy(rest, strchr(begin, '.'));
	base64url((const unsigned char *)text, strlen(text), fresh);
	sprintf(begin, "%s%s", fresh, rest);
}

static void replace_the_payload(char *token)
{
	replace_part(token, 1, "{" ISS "\"sub\":\"root\"," AUD TIMES "}");
}

static void respell_the_payload(char *token)
{
	replace_part(token, 1, PAYLOAD " ");
}

static void replace_the_header(char *token)
{
	replace_part(token, 0, "{\"alg\":\"RS256\",\"kid\":\"r\"}");
}

static const struct row signature_rows[] = {
	{ "another RSA key", IDTOKEN_SIGNATURE, .signer = &rs256_other },
	{ "another RSA key, PS256", IDTOKEN_SIGNATURE, .alg = "PS256", .signer = &ps256_other },
	{ "another EC key", IDTOKEN_SIGNATURE, .alg = "ES256", .signer = &es256_other },
	{ "another Ed25519 key", IDTOKEN_SIGNATURE, .alg = "EdDSA", .signer = &eddsa_other },
	{ "PS256 said to be RS256", IDTOKEN_SIGNATURE, .signer = &ps256 },
	{ "RS256 said to be PS256", IDTOKEN_SIGNATURE, .alg = "PS256", .signer = &rs256 },
	{ "SHA-1", IDTOKEN_SIGNATURE, .signer = &rs1 },
	{ "SHA-384", IDTOKEN_SIGNATURE, .signer = &rs384 },
	{ "SHA-512", IDTOKEN_SIGNATURE, .signer = &rs512 },
	{ "salt of 20", IDTOKEN_SIGNATURE, .alg = "PS256", .signer = &ps256_salt20 },
	{ "salt of 0", IDTOKEN_SIGNATURE, .alg = "PS256", .signer = &ps256_salt0 },
	{ "salt of 222", IDTOKEN_SIGNATURE, .alg = "PS256", .signer = &ps256_salt222 },
	{ "mask by SHA-1", IDTOKEN_SIGNATURE, .alg = "PS256", .signer = &ps256_mgf1 },
	{ "PS512", IDTOKEN_SIGNATURE, .alg = "PS256", .signer = &ps512 },
	{ "PS512 with a salt of 32", IDTOKEN_SIGNATURE, .alg = "PS512", .signer = &ps512_salt32 },
	{ "PS512 with a mask by SHA-256", IDTOKEN_SIGNATURE, .alg = "PS512",
	  .signer = &ps512_mgf256 },
	{ "RS384 said to be RS512", IDTOKEN_SIGNATURE, .alg = "RS512", .signer = &rs384 },
	{ "ES384 with SHA-256", IDTOKEN_SIGNATURE, .alg = "ES384", .signer = &es384_sha256 },
	{ "ES256 said to be ES384", IDTOKEN_SIGNATURE, .alg = "ES384", .signer = &es256 },
	{ "zeros, ES384", IDTOKEN_SIGNATURE, .alg = "ES384", .mangle = zero_the_signature },
	{ "zeros, ES512", IDTOKEN_SIGNATURE, .alg = "ES512", .mangle = zero_the_signature },
	{ "shorter, ES512", IDTOKEN_SIGNATURE, .alg = "ES512", .mangle = shorten_the_signature },
	{ "ES256 in DER", IDTOKEN_SIGNATURE, .alg = "ES256", .signer = &es256_der },
	{ "ES256 with SHA-512", IDTOKEN_SIGNATURE, .alg = "ES256", .signer = &es256_sha512 },
	{ "ES384", IDTOKEN_SIGNATURE, .alg = "ES256", .signer = &es384 },
	{ "EdDSA said to be ES256", IDTOKEN_SIGNATURE, .alg = "ES256", .signer = &eddsa },
	{ "ES256 said to be EdDSA", IDTOKEN_SIGNATURE, .alg = "EdDSA", .signer = &es256 },
	{ "r and s swapped", IDTOKEN_SIGNATURE, .alg = "ES256", .mangle = swap_r_and_s },
	{ "unsigned", IDTOKEN_SIGNATURE, .signer = &unsigned_ },
	{ "unsigned, PS256", IDTOKEN_SIGNATURE, .alg = "PS256", .signer = &unsigned_ },
	{ "unsigned, ES256", IDTOKEN_SIGNATURE, .alg = "ES256", .signer = &unsigned_ },
	{ "unsigned, EdDSA", IDTOKEN_SIGNATURE, .alg = "EdDSA", .signer = &unsigned_ },
	{ "signature taken off", IDTOKEN_SIGNATURE, .mangle = empty_the_signature },
	{ "zeros", IDTOKEN_SIGNATURE, .mangle = zero_the_signature },
	{ "zeros, PS256", IDTOKEN_SIGNATURE, .alg = "PS256", .mangle = zero_the_signature },
	{ "zeros, ES256", IDTOKEN_SIGNATURE, .alg = "ES256", .mangle = zero_the_signature },
	{ "zeros, EdDSA", IDTOKEN_SIGNATURE, .alg = "EdDSA", .mangle = zero_the_signature },
	{ "shorter", IDTOKEN_SIGNATURE, .mangle = shorten_the_signature },
	{ "shorter, PS256", IDTOKEN_SIGNATURE, .alg = "PS256", .mangle = shorten_the_signature },
	{ "shorter, ES256", IDTOKEN_SIGNATURE, .alg = "ES256", .mangle = shorten_the_signature },
	{ "shorter, EdDSA", IDTOKEN_SIGNATURE, .alg = "EdDSA", .mangle = shorten_the_signature },
	{ "longer", IDTOKEN_SIGNATURE, .mangle = lengthen_the_signature },
	{ "longer, PS256", IDTOKEN_SIGNATURE, .alg = "PS256", .mangle = lengthen_the_signature },
	{ "longer, ES256", IDTOKEN_SIGNATURE, .alg = "ES256", .mangle = lengthen_the_signature },
	{ "longer, EdDSA", IDTOKEN_SIGNATURE, .alg = "EdDSA", .mangle = lengthen_the_signature },
	{ "another payload", IDTOKEN_SIGNATURE, .mangle = replace_the_payload },
	{ "the payload respelt", IDTOKEN_SIGNATURE, .mangle = respell_the_payload },
	{ "another header", IDTOKEN_SIGNATURE, .mangle = replace_the_header },
	/* the signature is judged before a claim is read */
	{ "another key, no JSON", IDTOKEN_SIGNATURE, .payload = "hello", .signer = &rs256_other },
	{ "another key, expired", IDTOKEN_SIGNATURE,
	  .payload = "{" ISS SUB AUD "\"exp\":1,\"iat\":1}", .signer = &rs256_other },
};

static void signatures_must_hold(void **state)
{
	(void)state;
	RUN(signature_rows);
}

/* ---- claims ---- */

#define A15  "aaaaaaaaaaaaaaa"
#define A255 A15 A15 A15 A15 A15 A15 A15 A15 A15 A15 A15 A15 A15 A15 A15 A15 A15

#define WITH_ISS(value)	  .payload = "{\"iss\":" value "," SUB AUD TIMES "}"
#define WITH_SUB(value)	  .payload = "{" ISS "\"sub\":" value "," AUD TIMES "}"
#define WITH_AUD(value)	  .payload = "{" ISS SUB "\"aud\":" value "," TIMES "}"
#define WITH_TIMES(times) .payload = "{" ISS SUB AUD times "}"
#define WITH(rest)	  .payload = "{" ISS SUB AUD TIMES "," rest "}"

static const struct row party_rows[] = {
	{ "iss with slash", IDTOKEN_ISSUER, WITH_ISS("\"" ISSUER "/\"") },
	{ "iss in capitals", IDTOKEN_ISSUER, WITH_ISS("\"https://ID.example\"") },
	{ "iss shorter", IDTOKEN_ISSUER, WITH_ISS("\"https://id.exampl\"") },
	{ "iss http", IDTOKEN_ISSUER, WITH_ISS("\"http://id.example\"") },
	{ "iss empty", IDTOKEN_ISSUER, WITH_ISS("\"\"") },
	{ "iss number", IDTOKEN_ISSUER, WITH_ISS("1") },
	{ "iss list", IDTOKEN_ISSUER, WITH_ISS("[\"" ISSUER "\"]") },
	{ "iss absent", IDTOKEN_ISSUER, .payload = "{" SUB AUD TIMES "}" },
	{ "iss escaped", IDTOKEN_VALID, WITH_ISS("\"https:\\/\\/id.example\"") },
	{ "Iss", IDTOKEN_ISSUER, .payload = "{\"Iss\":\"" ISSUER "\"," SUB AUD TIMES "}" },
	{ "aud list", IDTOKEN_VALID, WITH_AUD("[\"tv\"]") },
	{ "aud other", IDTOKEN_AUDIENCE, WITH_AUD("\"phone\"") },
	{ "aud longer", IDTOKEN_AUDIENCE, WITH_AUD("\"tv2\"") },
	{ "aud in capitals", IDTOKEN_AUDIENCE, WITH_AUD("\"TV\"") },
	{ "aud with space", IDTOKEN_AUDIENCE, WITH_AUD("\"tv phone\"") },
	{ "aud empty", IDTOKEN_AUDIENCE, WITH_AUD("\"\"") },
	{ "aud empty list", IDTOKEN_AUDIENCE, WITH_AUD("[]") },
	{ "aud null", IDTOKEN_AUDIENCE, WITH_AUD("null") },
	{ "aud number", IDTOKEN_AUDIENCE, WITH_AUD("1") },
	{ "aud object", IDTOKEN_AUDIENCE, WITH_AUD("{\"tv\":\"tv\"}") },
	{ "aud absent", IDTOKEN_AUDIENCE, .payload = "{" ISS SUB TIMES "}" },
	{ "aud list of others", IDTOKEN_AUDIENCE, WITH_AUD("[\"phone\"]") },
	{ "aud list with a number", IDTOKEN_AUDIENCE, WITH_AUD("[\"tv\",1],\"azp\":\"tv\"") },
	{ "aud list in a list", IDTOKEN_AUDIENCE, WITH_AUD("[[\"tv\"]]") },
	{ "aud two, no azp", IDTOKEN_AZP_MISSING, WITH_AUD("[\"tv\",\"phone\"]") },
	{ "aud two, azp null", IDTOKEN_AZP_MISSING, WITH_AUD("[\"tv\",\"phone\"],\"azp\":null") },
	{ "aud twice, no azp", IDTOKEN_AZP_MISSING, WITH_AUD("[\"tv\",\"tv\"]") },
	{ "aud two, azp", IDTOKEN_VALID, WITH_AUD("[\"phone\",\"tv\"],\"azp\":\"tv\"") },
	{ "aud two, azp other", IDTOKEN_AZP, WITH_AUD("[\"phone\",\"tv\"],\"azp\":\"phone\"") },
	{ "aud two others, azp", IDTOKEN_AUDIENCE, WITH_AUD("[\"phone\",\"car\"],\"azp\":\"tv\"") },
	{ "azp", IDTOKEN_VALID, WITH("\"azp\":\"tv\"") },
	{ "azp other", IDTOKEN_AZP, WITH("\"azp\":\"phone\"") },
	{ "azp empty", IDTOKEN_VALID, WITH("\"azp\":\"\"") },
	{ "azp empty, aud a list of one", IDTOKEN_VALID, WITH_AUD("[\"tv\"],\"azp\":\"\"") },
	{ "azp empty, aud two", IDTOKEN_AZP, WITH_AUD("[\"tv\",\"phone\"],\"azp\":\"\"") },
	{ "azp empty, aud another", IDTOKEN_AUDIENCE, WITH_AUD("\"phone\",\"azp\":\"\"") },
	{ "azp null", IDTOKEN_VALID, WITH("\"azp\":null") },
	{ "azp list", IDTOKEN_AZP, WITH("\"azp\":[\"tv\"]") },
	{ "sub of 255", IDTOKEN_VALID, WITH_SUB("\"" A255 "\"") },
	{ "sub of 256", IDTOKEN_SUBJECT, WITH_SUB("\"" A255 "a\"") },
	{ "sub with space", IDTOKEN_VALID, WITH_SUB("\"auth0|a b~\"") },
	{ "sub empty", IDTOKEN_SUBJECT, WITH_SUB("\"\"") },
	{ "sub number", IDTOKEN_SUBJECT, WITH_SUB("1000") },
	{ "sub null", IDTOKEN_SUBJECT, WITH_SUB("null") },
	{ "sub absent", IDTOKEN_SUBJECT, .payload = "{" ISS AUD TIMES "}" },
	{ "sub with newline", IDTOKEN_SUBJECT, WITH_SUB("\"a\\nb\"") },
	{ "sub with escape", IDTOKEN_SUBJECT, WITH_SUB("\"a\\u001b[m\"") },
	{ "sub with DEL", IDTOKEN_SUBJECT, WITH_SUB("\"a\x7f\"") },
	{ "sub not ASCII", IDTOKEN_SUBJECT, WITH_SUB("\"jos\xc3\xa9\"") },
	{ "SUB", IDTOKEN_SUBJECT, .payload = "{" ISS "\"SUB\":\"root\"," AUD TIMES "}" },
	{ "other members", IDTOKEN_VALID, WITH("\"groups\":[\"a\",1,{}],\"email\":null") },
};

static const struct row time_rows[] = {
	{ "exp the last second", IDTOKEN_VALID, WITH_TIMES("\"exp\":1699999941,\"iat\":1") },
	{ "exp over", IDTOKEN_EXPIRED, WITH_TIMES("\"exp\":1699999940,\"iat\":1") },
	{ "exp long ago", IDTOKEN_EXPIRED, WITH_TIMES("\"exp\":1,\"iat\":1") },
	{ "exp negative", IDTOKEN_EXPIRED, WITH_TIMES("\"exp\":-1700000300,\"iat\":1") },
	{ "exp zero", IDTOKEN_EXPIRED, WITH_TIMES("\"exp\":0,\"iat\":0") },
	{ "exp 1.7000003e9", IDTOKEN_VALID, WITH_TIMES("\"exp\":1.7000003e9,\"iat\":1.7e9") },
	{ "exp .0", IDTOKEN_VALID, WITH_TIMES("\"exp\":1700000300.0,\"iat\":1700000000.0") },
	{ "exp .9, over", IDTOKEN_EXPIRED, WITH_TIMES("\"exp\":1699999940.9,\"iat\":1") },
	{ "as JetBrains Hub has them", IDTOKEN_VALID,
	  WITH_TIMES("\"exp\":1700003552.811,\"iat\":1699999952.811,\"nbf\":1699999952.811") },
	{ "iat .9 to come, just", IDTOKEN_VALID,
	  WITH_TIMES("\"exp\":1700000300,\"iat\":1700000060.9") },
	{ "exp .5", IDTOKEN_VALID, WITH_TIMES("\"exp\":1700000300.5,\"iat\":1700000000") },
	{ "exp string", IDTOKEN_TIMES, WITH_TIMES("\"exp\":\"1700000300\",\"iat\":1700000000") },
	{ "exp null", IDTOKEN_TIMES, WITH_TIMES("\"exp\":null,\"iat\":1700000000") },
	{ "exp true", IDTOKEN_TIMES, WITH_TIMES("\"exp\":true,\"iat\":1700000000") },
	{ "exp list", IDTOKEN_TIMES, WITH_TIMES("\"exp\":[1700000300],\"iat\":1700000000") },
	{ "exp 1e300", IDTOKEN_TIMES, WITH_TIMES("\"exp\":1e300,\"iat\":1700000000") },
	{ "exp 1e999", IDTOKEN_MALFORMED, WITH_TIMES("\"exp\":1e999,\"iat\":1700000000") },
	{ "exp 2^63", IDTOKEN_TIMES, WITH_TIMES("\"exp\":9223372036854775808,\"iat\":1700000000") },
	{ "exp in milliseconds", IDTOKEN_VALID,
	  WITH_TIMES("\"exp\":1700000300000,\"iat\":1700000000") },
	{ "exp absent", IDTOKEN_TIMES, WITH_TIMES("\"iat\":1700000000") },
	{ "EXP", IDTOKEN_TIMES, WITH_TIMES("\"EXP\":1700000300,\"iat\":1700000000") },
	{ "iat absent", IDTOKEN_TIMES, WITH_TIMES("\"exp\":1700000300") },
	{ "iat string", IDTOKEN_TIMES, WITH_TIMES("\"exp\":1700000300,\"iat\":\"1700000000\"") },
	{ "iat .5", IDTOKEN_VALID, WITH_TIMES("\"exp\":1700000300,\"iat\":1700000000.5") },
	{ "iat to come, just", IDTOKEN_VALID, WITH_TIMES("\"exp\":1700000300,\"iat\":1700000060") },
	{ "iat to come", IDTOKEN_NOT_YET, WITH_TIMES("\"exp\":1700000300,\"iat\":1700000061") },
	{ "iat in milliseconds", IDTOKEN_NOT_YET,
	  WITH_TIMES("\"exp\":1700000300,\"iat\":1700000000000") },
	{ "iat old", IDTOKEN_VALID, WITH_TIMES("\"exp\":1700000300,\"iat\":1000000000") },
	{ "nbf past", IDTOKEN_VALID, WITH("\"nbf\":1699999999") },
	{ "nbf to come, just", IDTOKEN_VALID, WITH("\"nbf\":1700000060") },
	{ "nbf to come", IDTOKEN_NOT_YET, WITH("\"nbf\":1700000061") },
	{ "nbf past, iat to come", IDTOKEN_NOT_YET,
	  WITH_TIMES("\"exp\":1700000300,\"iat\":1700000061,\"nbf\":1700000000") },
	{ "nbf string", IDTOKEN_TIMES, WITH("\"nbf\":\"1699999999\"") },
	{ "nbf null", IDTOKEN_VALID, WITH("\"nbf\":null") },
	{ "nbf .5", IDTOKEN_VALID, WITH("\"nbf\":1699999999.5") },
};

static const struct row nonce_rows[] = {
	{ "nonce", IDTOKEN_VALID, WITH("\"nonce\":\"n-0S6\""), .nonce = "n-0S6" },
	{ "nonce absent", IDTOKEN_NONCE, .nonce = "n-0S6" },
	{ "nonce other", IDTOKEN_NONCE, WITH("\"nonce\":\"n-0S7\""), .nonce = "n-0S6" },
	{ "nonce in capitals", IDTOKEN_NONCE, WITH("\"nonce\":\"N-0S6\""), .nonce = "n-0S6" },
	{ "nonce longer", IDTOKEN_NONCE, WITH("\"nonce\":\"n-0S6x\""), .nonce = "n-0S6" },
	{ "nonce empty", IDTOKEN_NONCE, WITH("\"nonce\":\"\""), .nonce = "n-0S6" },
	{ "nonce number", IDTOKEN_NONCE, WITH("\"nonce\":6"), .nonce = "6" },
	{ "nonce not asked for", IDTOKEN_VALID, WITH("\"nonce\":\"n-0S6\"") },
	/* the first fault in the order of the enum is the one named */
	{ "issuer before expiry", IDTOKEN_ISSUER,
	  .payload = "{\"iss\":\"x\"," SUB AUD "\"exp\":1,\"iat\":1}" },
	{ "audience before subject", IDTOKEN_AUDIENCE, .payload = "{" ISS TIMES "}" },
	{ "expiry before nonce", IDTOKEN_EXPIRED, WITH_TIMES("\"exp\":1,\"iat\":1"), .nonce = "n" },
};

/* The clock of a side is ten years off, ours or theirs: neither is repaired. */
static const struct row clock_rows[] = {
	{ "issued ten years ago, over since", IDTOKEN_EXPIRED,
	  WITH_TIMES("\"exp\":1384640300,\"iat\":1384640000") },
	{ "issued in ten years", IDTOKEN_NOT_YET,
	  WITH_TIMES("\"exp\":2015360300,\"iat\":2015360000") },
	{ "issued now, over ten years ago", IDTOKEN_EXPIRED,
	  WITH_TIMES("\"exp\":1384640300,\"iat\":1700000000") },
	{ "issued in ten years, over in five minutes", IDTOKEN_NOT_YET,
	  WITH_TIMES("\"exp\":1700000300,\"iat\":2015360000") },
	{ "not before ten years", IDTOKEN_NOT_YET, WITH("\"nbf\":2015360000") },
};

/* printf at-1 | openssl dgst -sha256 -binary | head -c 16 | basenc --base64url; of sha512 32 bytes */
#define ACCESS	    "at-1"
#define SHA256_HALF "R8PYaIQdcYEdkSc9TeGyiQ"
#define SHA512_HALF "4J8UayM9qUGnNqHaqK2rpChA_M6CMUIfl5gcZqvthBE"

static const struct row hash_rows[] = {
	{ "at_hash", IDTOKEN_VALID, WITH("\"at_hash\":\"" SHA256_HALF "\""), .access = ACCESS },
	{ "at_hash, PS256", IDTOKEN_VALID, .alg = "PS256", WITH("\"at_hash\":\"" SHA256_HALF "\""),
	  .access = ACCESS },
	{ "at_hash, ES256", IDTOKEN_VALID, .alg = "ES256", WITH("\"at_hash\":\"" SHA256_HALF "\""),
	  .access = ACCESS },
	{ "at_hash, EdDSA", IDTOKEN_VALID, .alg = "EdDSA", WITH("\"at_hash\":\"" SHA512_HALF "\""),
	  .access = ACCESS },
	{ "at_hash absent", IDTOKEN_VALID, .access = ACCESS },
	{ "at_hash, nothing to compare", IDTOKEN_VALID, WITH("\"at_hash\":\"x\"") },
	{ "at_hash of another token", IDTOKEN_AT_HASH, WITH("\"at_hash\":\"" SHA256_HALF "\""),
	  .access = "at-2" },
	{ "at_hash of another hash", IDTOKEN_AT_HASH, WITH("\"at_hash\":\"" SHA512_HALF "\""),
	  .access = ACCESS },
	{ "at_hash of another hash, EdDSA", IDTOKEN_AT_HASH, .alg = "EdDSA",
	  WITH("\"at_hash\":\"" SHA256_HALF "\""), .access = ACCESS },
	{ "at_hash padded", IDTOKEN_AT_HASH, WITH("\"at_hash\":\"" SHA256_HALF "==\""),
	  .access = ACCESS },
	{ "at_hash empty", IDTOKEN_AT_HASH, WITH("\"at_hash\":\"\""), .access = ACCESS },
	{ "at_hash null", IDTOKEN_VALID, WITH("\"at_hash\":null"), .access = ACCESS },
	{ "at_hash a number", IDTOKEN_AT_HASH, WITH("\"at_hash\":1"), .access = ACCESS },
	{ "at_hash a list", IDTOKEN_AT_HASH, WITH("\"at_hash\":[\"" SHA256_HALF "\"]"),
	  .access = ACCESS },
	{ "nonce before at_hash", IDTOKEN_NONCE, WITH("\"at_hash\":\"x\""), .nonce = "n",
	  .access = ACCESS },
};

static void claims_must_fit(void **state)
{
	(void)state;
	RUN(party_rows);
	RUN(time_rows);
	RUN(nonce_rows);
	RUN(clock_rows);
	RUN(hash_rows);
}

/* ---- properties ---- */

static void no_flipped_bit_is_valid(void **state)
{
	static char token[TOKEN_SIZE];

	(void)state;
	for (size_t kind = 0; kind < COUNT(kinds); kind++) {
		struct json *keys = keys_parse(ALL_KEYS);

		token_make(token, kinds[kind].header, PAYLOAD, kinds[kind].signer);
		for (char *at = token; *at; at++) {
			for (int bit = 0; bit < 8; bit++) {
				*at = (char)(*at ^ 1 << bit);
				if (verify(token, kinds[kind].alg, keys, NULL, NULL) ==
				    IDTOKEN_VALID)
					fail_msg("%s: bit %d of byte %td", kinds[kind].alg, bit,
						 at - token);
				*at = (char)(*at ^ 1 << bit);
			}
		}
		assert_int_equal(verify(token, kinds[kind].alg, keys, NULL, NULL), IDTOKEN_VALID);
		json_destroy(keys);
	}
}

static void no_truncation_is_valid(void **state)
{
	static char token[TOKEN_SIZE];

	(void)state;
	for (size_t kind = 0; kind < COUNT(kinds); kind++) {
		struct json *keys = keys_parse(ALL_KEYS);

		token_make(token, kinds[kind].header, PAYLOAD, kinds[kind].signer);
		for (size_t len = strlen(token); len-- > 0;) {
			token[len] = '\0';
			assert_int_not_equal(verify(token, kinds[kind].alg, keys, NULL, NULL),
					     IDTOKEN_VALID);
		}
		json_destroy(keys);
	}
}

/* Every signer, under every header, for every configured alg: only one's own is valid. */
static void kinds_do_not_mix(void **state)
{
	static char token[TOKEN_SIZE];
	size_t valid = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(kinds) * COUNT(kinds) * COUNT(kinds) * COUNT(kinds); i++) {
		const size_t n = COUNT(kinds);
		size_t key = i % n, alg = i / n % n, header = i / n / n % n, signer = i / n / n / n;
		struct json *keys = keys_parse(kinds[key].own_key);
		struct json *others = keys_parse(kinds[key].other_key);

		if (i % (n * n) == 0)
			token_make(token, kinds[header].header, PAYLOAD, kinds[signer].signer);
		if (verify(token, kinds[alg].alg, keys, NULL, NULL) == IDTOKEN_VALID) {
			assert_true(signer == header && header == alg);
			valid++;
		}
		assert_int_not_equal(verify(token, kinds[alg].alg, others, NULL, NULL),
				     IDTOKEN_VALID);
		json_destroy(keys);
		json_destroy(others);
	}
	assert_int_equal(valid, 4 + 6 * 6); /* each kind once; the RSA key serves six */
}

/* Userinfo that is signed has no times, and says whom it is for where it says so at all. */
static void userinfo_is_signed(void **state)
{
	static const struct {
		const char *payload;
		enum idtoken_result want;
	} rows[] = {
		{ "{" ISS SUB AUD "\"email\":\"a@b\"}", IDTOKEN_VALID },
		{ "{\"sub\":\"248289761001\"}", IDTOKEN_VALID },
		{ "{\"iss\":\"https://evil.example\"," SUB AUD "\"x\":1}", IDTOKEN_ISSUER },
		{ "{" ISS SUB "\"aud\":\"phone\"}", IDTOKEN_AUDIENCE },
		{ "{" ISS AUD "\"x\":1}", IDTOKEN_SUBJECT },
		{ "{" ISS SUB AUD "\"exp\":1}", IDTOKEN_EXPIRED },
		{ "{" ISS SUB AUD "\"exp\":1700000300}", IDTOKEN_VALID },
		{ "{" ISS SUB AUD "\"exp\":\"x\"}", IDTOKEN_TIMES },
	};
	static char token[TOKEN_SIZE];
	struct json *keys = keys_parse(ALL_KEYS);
	struct idtoken_rules rules = { .issuer = ISSUER,
				       .client_id = CLIENT,
				       .alg = "RS256",
				       .userinfo = true,
				       .nonce = "n",
				       .now = NOW,
				       .leeway = LEEWAY };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json *claims;
		enum idtoken_result got;

		token_make(token, HEADER("RS256", ""), rows[i].payload, &rs256);
		got = idtoken_verify(token, keys, &rules, &claims);
		if (got != rows[i].want)
			fail_msg("%s: %s", rows[i].payload, reason_name(idtoken_reason(got)));
		json_destroy(claims);
		token_make(token, HEADER("RS256", ""), rows[i].payload, &rs256_other);
		assert_int_equal(idtoken_verify(token, keys, &rules, &claims), IDTOKEN_SIGNATURE);
	}
	json_destroy(keys);
}

/* How many keys are for which algorithm, by what they say. */
static void keys_are_counted(void **state)
{
	static const struct {
		const char *algs;
		size_t fit;
	} rows[] = { { "RS256", 1 },	   { "ES256", 1 }, { "ES384 ES512", 2 }, { "Ed25519", 1 },
		     { "RS512 PS384", 1 }, { "", 0 },	   { "HS256 none", 0 } };
	struct json *keys = keys_parse(ALL_KEYS);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(idtoken_keys_for(keys, rows[i].algs), rows[i].fit);
	assert_true(idtoken_alg_known("EdDSA") && idtoken_alg_known("Ed25519"));
	assert_false(idtoken_alg_known("none") || idtoken_alg_known("HS256") ||
		     idtoken_alg_known("") || idtoken_alg_known("rs256"));
	json_destroy(keys);
}

/* Signed by the other key of the kind, found in the other set. */
static void other_keys_serve_as_well(void **state)
{
	static char token[TOKEN_SIZE];

	(void)state;
	for (size_t kind = 0; kind < COUNT(kinds); kind++) {
		struct json *keys = keys_parse(kinds[kind].other_key);

		token_make(token, kinds[kind].header, PAYLOAD, kinds[kind].other);
		assert_int_equal(verify(token, kinds[kind].alg, keys, NULL, NULL), IDTOKEN_VALID);
		json_destroy(keys);
	}
}

/* The longest token that is read, and one that is a little longer. */
static void size_is_bounded(void **state)
{
	static char token[TOKEN_SIZE], payload[TOKEN_SIZE];
	struct json *keys = keys_parse(ALL_KEYS);
	size_t len = 36420, size;
	bool fits;

	(void)state;
	do {
		char *at = stpcpy(payload, "{" ISS SUB AUD TIMES ",\"pad\":\"");

		memset(at, 'p', len);
		strcpy(at + len++, "\"}");
		token_make(token, HEADER("RS256", ""), payload, &rs256);
		size = strlen(token);
		fits = verify(token, "RS256", keys, NULL, NULL) == IDTOKEN_VALID;
		assert_true(fits == (size <= 48 * 1024));
	} while (fits);
	assert_true(size <= 48 * 1024 + 4);
	json_destroy(keys);
}

/* r or s begins with a zero byte now and then: the pair stays as long as it is. */
static void short_numbers_hold(void **state)
{
	static char token[TOKEN_SIZE];
	struct json *keys = keys_parse(ALL_KEYS);
	bool short_r = false, short_s = false;
	unsigned char pair[80];

	(void)state;
	while (!short_r || !short_s) {
		token_make(token, HEADER("ES256", ""), PAYLOAD, &es256);
		pair_read(part(token, 2), pair);
		if (pair[0] != 0 && pair[32] != 0)
			continue;
		short_r = short_r || pair[0] == 0;
		short_s = short_s || pair[32] == 0;
		assert_int_equal(verify(token, "ES256", keys, NULL, NULL), IDTOKEN_VALID);
	}
	json_destroy(keys);
}

/* RFC 8037 appendix A.4: a token and a key that were not made here; its payload is no JSON. */
static void the_rfc_example_is_read(void **state)
{
	static const char token[] =
		"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
		"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_"
		"MuM0KAg";
	struct json *keys = keys_parse(ED_X("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
	char *other = strdup(token);

	(void)state;
	assert_int_equal(verify(token, "EdDSA", keys, NULL, NULL), IDTOKEN_MALFORMED);
	*strrchr(other, 'h') = 'i';
	assert_int_equal(verify(other, "EdDSA", keys, NULL, NULL), IDTOKEN_SIGNATURE);
	free(other);
	json_destroy(keys);
}

static void the_challenge_is_the_rfc_s(void **state)
{
	char challenge[IDTOKEN_CHALLENGE_SIZE];

	(void)state;
	assert_true(idtoken_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", challenge));
	assert_string_equal(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
	assert_true(idtoken_challenge("", challenge));
	assert_string_equal(challenge, "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
}

/* ---- memory ---- */

static int allocations_left = -1;

static bool allocation_fails(void)
{
	return allocations_left >= 0 && allocations_left-- == 0;
}

static void *failing_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return allocation_fails() ? NULL : malloc(size);
}

static void *failing_realloc(void *block, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return allocation_fails() ? NULL : realloc(block, size);
}

static void plain_free(void *block, const char *file, int line)
{
	(void)file;
	(void)line;
	free(block);
}

static void *json_malloc(size_t size)
{
	return allocation_fails() ? NULL : malloc(size);
}

/* Memory fails once, OpenSSL's and cJSON's, at each place in turn. */
static void failing_memory_is_survived(void **state)
{
	static char token[TOKEN_SIZE];
	struct json *keys = keys_parse(ALL_KEYS);
	cJSON_Hooks hooks = { json_malloc, free };

	(void)state;
	cJSON_InitHooks(&hooks);
	for (size_t kind = 0; kind < COUNT(kinds); kind++) {
		enum idtoken_result result;
		int place = 0;
		bool failed;

		token_make(token, kinds[kind].header, PAYLOAD, kinds[kind].signer);
		do {
			allocations_left = place++;
			result = verify(token, kinds[kind].alg, keys, NULL, NULL);
			failed = allocations_left < 0;
			allocations_left = -1;
			seen[result] = true;
			assert_true(result == IDTOKEN_NO_MEMORY || result == IDTOKEN_SIGNATURE ||
				    result == IDTOKEN_KEYS_UNREADABLE || result == IDTOKEN_VALID);
		} while (failed);
		assert_int_equal(result, IDTOKEN_VALID);
		assert_true(place > 5); /* OpenSSL 3.5 allocates less */
	}
	cJSON_InitHooks(NULL);
	json_destroy(keys);
}

/* What others left in OpenSSL's error queue stays, and nothing is added. */
static void the_error_queue_is_left_alone(void **state)
{
	static const struct row rows[] = {
		{ "valid", IDTOKEN_VALID, .alg = "RS256" },
		{ "bad signature", IDTOKEN_SIGNATURE, .signer = &rs256_other },
		{ "bad point", IDTOKEN_KEYS_UNREADABLE, .alg = "ES256",
		  .keys = P256_XY("$x", "$o") },
	};
	unsigned long left;

	(void)state;
	ERR_clear_error();
	RUN(rows);
	assert_int_equal(ERR_peek_error(), 0);
	ERR_raise(ERR_LIB_USER, 1);
	left = ERR_peek_error();
	RUN(rows);
	assert_int_equal(ERR_get_error(), left);
	assert_int_equal(ERR_get_error(), 0);
}

/* ---- the enum ---- */

static void results_have_names(void **state)
{
	(void)state;
	for (int i = 0; i <= IDTOKEN_VALID; i++) {
		const char *name = reason_name(idtoken_reason((enum idtoken_result)i));

		assert_memory_equal(name, "id_token_", 9);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		for (int other = 0; other < i; other++)
			assert_string_not_equal(
				name, reason_name(idtoken_reason((enum idtoken_result)other)));
	}
	assert_string_equal(reason_name(idtoken_reason((enum idtoken_result)99)), "unknown");
}

static void every_result_was_seen(void **state)
{
	(void)state;
	print_message("%zu rows, %zu refused\n", rows_tried, rows_refused);
	assert_true(rows_tried >= 300 && rows_refused >= 200);
	for (int i = 0; i <= IDTOKEN_VALID; i++)
		if (!seen[i])
			fail_msg("no row gives %s",
				 reason_name(idtoken_reason((enum idtoken_result)i)));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_form_is_strict),
		cmocka_unit_test(the_header_chooses_nothing),
		cmocka_unit_test(keys_are_chosen_and_weighed),
		cmocka_unit_test(signatures_must_hold),
		cmocka_unit_test(claims_must_fit),
		cmocka_unit_test(no_flipped_bit_is_valid),
		cmocka_unit_test(no_truncation_is_valid),
		cmocka_unit_test(kinds_do_not_mix),
		cmocka_unit_test(userinfo_is_signed),
		cmocka_unit_test(keys_are_counted),
		cmocka_unit_test(other_keys_serve_as_well),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(short_numbers_hold),
		cmocka_unit_test(the_rfc_example_is_read),
		cmocka_unit_test(the_challenge_is_the_rfc_s),
		cmocka_unit_test(failing_memory_is_survived),
		cmocka_unit_test(the_error_queue_is_left_alone),
		cmocka_unit_test(results_have_names),
		cmocka_unit_test(every_result_was_seen),
	};

	/* before anything else has OpenSSL allocate */
	if (CRYPTO_set_mem_functions(failing_malloc, failing_realloc, plain_free) != 1)
		return 1;
	return cmocka_run_group_tests_name("idtoken", tests, keys_make, keys_free);
}
