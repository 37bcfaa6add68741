/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ID token: who signed it, with which key, for whom, when. One pass in one order: parts,
 * header, key, signature, and only then is the payload read at all.
 *
 * Must never: let the token choose its algorithm or bring its own key, read a claim before the
 * signature holds, do I/O or read a clock. IDTOKEN_VALID is written in one place.
 */
#include "idtoken.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

enum {
	TOKEN_BYTES_MAX = 16 * 1024,
	PART_COUNT = 3,
	SUBJECT_BYTES_MAX = 255, /* OpenID Connect Core section 2 */
	RSA_BITS_MIN = 2048,
	RSA_BYTES_MAX = 8192 / 8, /* beyond this verifying takes its time */
	RSA_EXPONENT_BYTES_MAX = 8,
	SHA256_BYTES = 32,
	P256_BYTES = 32, /* of a coordinate, and of r and s */
	ED25519_BYTES = 32,
	PAIR_SIGNATURE_BYTES = 64, /* ES256 (r and s) and EdDSA */
};

struct bytes {
	unsigned char *at;
	size_t len;
};

/* One verification under way. */
struct check {
	const struct idtoken_rules *rules;
	const struct algorithm *algorithm;
	enum idtoken_result result; /* the reason to refuse, until the very end */
	unsigned char *room;	    /* holds the decoded parts */
	size_t room_len;
	struct bytes part[PART_COUNT]; /* header, payload, signature */
	const char *signed_text;       /* what the signature covers: header, dot, payload */
	size_t signed_len;
	struct json *header;
	const char *kid; /* within header; NULL if there is none */
	const struct json *jwk;
	EVP_PKEY *key;
	struct json *claims;
};

/* An algorithm, and what a key must be to serve it. */
struct algorithm {
	const char *name;
	const char *kty;
	const char *crv;    /* NULL: this kty has no curves */
	const char *digest; /* NULL: part of the algorithm */
	int padding;	    /* RSA only */
	bool (*key_load)(struct check *c);
};

static bool refuse(struct check *c, enum idtoken_result result)
{
	c->result = result;
	return false;
}

static bool text_equal(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* ---- base64url without padding (RFC 7515 section 2) ---- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t base64url_size(size_t len)
{
	return len / 4 * 3 + len % 4 * 3 / 4;
}

/*
 * Decodes LEN characters into base64url_size(LEN) bytes at OUT. Only the canonical spelling is
 * taken: no padding, no spaces, and the bits left over at the end are zero, so that one text and
 * one value belong together.
 */
static bool base64url_decode(const char *text, size_t len, unsigned char *out)
{
	const char *found;
	uint32_t bits = 0;
	unsigned int held = 0;
	size_t i;

	if (len % 4 == 1)
		return false;
	for (i = 0; i < len; i++) {
		found = memchr(alphabet, text[i], sizeof(alphabet) - 1);
		if (!found)
			return false;
		bits = bits << 6 | (uint32_t)(found - alphabet);
		held += 6;
		if (held >= 8) {
			held -= 8;
			*out++ = (unsigned char)(bits >> held);
			bits &= (UINT32_C(1) << held) - 1;
		}
	}
	return bits == 0;
}

static void base64url_encode(const unsigned char *bytes, size_t len, char *out)
{
	uint32_t bits = 0;
	unsigned int held = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		bits = (bits & 0xff) << 8 | bytes[i];
		for (held += 8; held >= 6; held -= 6)
			*out++ = alphabet[bits >> (held - 6) & 63];
	}
	if (held)
		*out++ = alphabet[bits << (6 - held) & 63];
	*out = '\0';
}

/* ---- parts and header ---- */

/* Cuts TOKEN at its two dots and decodes the three parts. */
static bool token_split(struct check *c, const char *token)
{
	size_t left = strnlen(token, TOKEN_BYTES_MAX + 1);
	unsigned char *out;
	size_t i, len;

	if (left > TOKEN_BYTES_MAX)
		return refuse(c, IDTOKEN_MALFORMED);
	c->room_len = left + 1;
	c->room = malloc(c->room_len);
	if (!c->room)
		return refuse(c, IDTOKEN_NO_MEMORY);

	c->signed_text = token;
	out = c->room;
	for (i = 0; i < PART_COUNT; i++) {
		len = strcspn(token, ".");
		if ((token[len] == '.') != (i + 1 < PART_COUNT) ||
		    !base64url_decode(token, len, out))
			return refuse(c, IDTOKEN_MALFORMED);
		c->part[i] = (struct bytes){ out, base64url_size(len) };
		out += c->part[i].len;
		c->signed_len = i == 1 ? (size_t)(token + len - c->signed_text) : c->signed_len;
		token += len + 1;
	}
	return true;
}

static bool part_parse(struct check *c, size_t i, struct json **object)
{
	const char *why;

	*object = json_parse((const char *)c->part[i].at, c->part[i].len, &why);
	if (!*object && text_equal(why, "json_no_memory"))
		return refuse(c, IDTOKEN_NO_MEMORY);
	if (json_type(*object) != JSON_OBJECT)
		return refuse(c, IDTOKEN_MALFORMED);
	return true;
}

/* What would bring keys along, or change what is signed. */
static const char *const refused_members[] = { "crit", "b64", "jku", "x5u", "jwk", "x5c" };

static bool header_check(struct check *c)
{
	const struct json *typ, *kid;
	const char *text;
	size_t i;

	if (!part_parse(c, 0, &c->header))
		return false;
	for (i = 0; i < sizeof(refused_members) / sizeof(refused_members[0]); i++)
		if (json_member(c->header, refused_members[i]))
			return refuse(c, IDTOKEN_HEADER_REFUSED);

	typ = json_member(c->header, "typ");
	text = json_text(typ);
	if (typ && (!text || strcasecmp(text, "JWT") != 0))
		return refuse(c, IDTOKEN_HEADER_REFUSED);
	kid = json_member(c->header, "kid");
	c->kid = json_text(kid);
	if (kid && !c->kid)
		return refuse(c, IDTOKEN_HEADER_REFUSED);

	if (!text_equal(json_string(c->header, "alg"), c->algorithm->name))
		return refuse(c, IDTOKEN_ALG_REFUSED);
	return true;
}

/* ---- the key ---- */

static bool absent_or(const struct json *jwk, const char *name, const char *want)
{
	const struct json *member = json_member(jwk, name);

	return !member || text_equal(json_text(member), want);
}

static bool key_ops_allow(const struct json *jwk)
{
	const struct json *ops = json_member(jwk, "key_ops");
	size_t i;

	for (i = 0; i < json_length(ops); i++)
		if (text_equal(json_text(json_element(ops, i)), "verify"))
			return true;
	return !ops;
}

/* By what the key says of itself (RFC 7517 section 4); its numbers are looked at later. */
static bool key_fits(const struct check *c, const struct json *jwk)
{
	const struct algorithm *algorithm = c->algorithm;

	return text_equal(json_string(jwk, "kty"), algorithm->kty) &&
	       (!algorithm->crv || text_equal(json_string(jwk, "crv"), algorithm->crv)) &&
	       (!c->kid || text_equal(json_string(jwk, "kid"), c->kid)) &&
	       absent_or(jwk, "use", "sig") && absent_or(jwk, "alg", algorithm->name) &&
	       key_ops_allow(jwk);
}

static bool key_select(struct check *c, const struct json *set)
{
	const struct json *keys = json_member(set, "keys");
	const struct json *jwk;
	size_t i;

	if (json_type(keys) != JSON_ARRAY)
		return refuse(c, IDTOKEN_KEYS_UNREADABLE);
	for (i = 0; (jwk = json_element(keys, i)); i++) {
		if (json_type(jwk) != JSON_OBJECT)
			return refuse(c, IDTOKEN_KEYS_UNREADABLE);
		if (!key_fits(c, jwk))
			continue;
		if (c->jwk)
			return refuse(c, IDTOKEN_AMBIGUOUS_KEY);
		c->jwk = jwk;
	}
	return c->jwk || refuse(c, IDTOKEN_NO_KEY);
}

/* Decodes the member NAME into OUT; its length, or 0 where there is none of 1 to MAX bytes. */
static size_t key_bytes(const struct json *jwk, const char *name, unsigned char *out, size_t max)
{
	const char *text = json_string(jwk, name);
	size_t len = text ? strlen(text) : 0;

	if (base64url_size(len) > max || !base64url_decode(text, len, out))
		return 0;
	return base64url_size(len);
}

static bool key_build(struct check *c, const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

	c->result = IDTOKEN_KEYS_UNREADABLE;
	if (!ctx)
		c->result = IDTOKEN_NO_MEMORY;
	else if (EVP_PKEY_fromdata_init(ctx) != 1 ||
		 EVP_PKEY_fromdata(ctx, &c->key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		c->key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return c->key;
}

static bool rsa_build(struct check *c, const BIGNUM *n, const BIGNUM *e)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	bool built = false;

	if (builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		params = OSSL_PARAM_BLD_to_param(builder);
	if (params)
		built = key_build(c, "RSA", params);
	else
		refuse(c, IDTOKEN_NO_MEMORY);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	return built;
}

static bool rsa_load(struct check *c)
{
	unsigned char n_bytes[RSA_BYTES_MAX], e_bytes[RSA_EXPONENT_BYTES_MAX];
	size_t n_len = key_bytes(c->jwk, "n", n_bytes, sizeof(n_bytes));
	size_t e_len = key_bytes(c->jwk, "e", e_bytes, sizeof(e_bytes));
	BIGNUM *n = BN_bin2bn(n_bytes, (int)n_len, NULL);
	BIGNUM *e = BN_bin2bn(e_bytes, (int)e_len, NULL);
	bool loaded = false;

	if (n_len == 0 || e_len == 0)
		refuse(c, IDTOKEN_KEYS_UNREADABLE);
	else if (!n || !e)
		refuse(c, IDTOKEN_NO_MEMORY);
	else if (BN_num_bits(n) < RSA_BITS_MIN || !BN_is_odd(n) || !BN_is_odd(e) || BN_is_one(e))
		refuse(c, IDTOKEN_WEAK_KEY);
	else
		loaded = rsa_build(c, n, e);
	BN_free(n);
	BN_free(e);
	return loaded;
}

/* OpenSSL itself refuses a point that is not on the curve. */
static bool p256_load(struct check *c)
{
	unsigned char point[1 + 2 * P256_BYTES] = { POINT_CONVERSION_UNCOMPRESSED };
	unsigned char *x = point + 1;
	unsigned char *y = x + P256_BYTES;
	char group[] = "prime256v1";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};

	if (key_bytes(c->jwk, "x", x, P256_BYTES) != P256_BYTES ||
	    key_bytes(c->jwk, "y", y, P256_BYTES) != P256_BYTES)
		return refuse(c, IDTOKEN_KEYS_UNREADABLE);
	return key_build(c, "EC", params);
}

static bool ed25519_load(struct check *c)
{
	unsigned char x[ED25519_BYTES];

	if (key_bytes(c->jwk, "x", x, sizeof(x)) != sizeof(x))
		return refuse(c, IDTOKEN_KEYS_UNREADABLE);
	c->key = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, x, sizeof(x));
	return c->key || refuse(c, IDTOKEN_NO_MEMORY);
}

static const struct algorithm algorithms[] = {
	{ "RS256", "RSA", NULL, "SHA256", RSA_PKCS1_PADDING, rsa_load },
	{ "PS256", "RSA", NULL, "SHA256", RSA_PKCS1_PSS_PADDING, rsa_load },
	{ "ES256", "EC", "P-256", "SHA256", 0, p256_load },
	{ "EdDSA", "OKP", "Ed25519", NULL, 0, ed25519_load },
};

static bool algorithm_choose(struct check *c)
{
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (text_equal(algorithms[i].name, c->rules->alg))
			c->algorithm = &algorithms[i];
	return c->algorithm || refuse(c, IDTOKEN_ALG_REFUSED);
}

/* ---- the signature ---- */

/* The plain r and s of RFC 7518 section 3.4, in the DER that OpenSSL reads: owned by the caller. */
static struct bytes pair_to_der(const struct bytes *pair)
{
	struct bytes der = { NULL, 0 };
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(pair->at, P256_BYTES, NULL);
	BIGNUM *s = BN_bin2bn(pair->at + P256_BYTES, P256_BYTES, NULL);
	int len = -1;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
		r = s = NULL; /* sig's now */
		len = i2d_ECDSA_SIG(sig, &der.at);
	}
	der.len = len > 0 ? (size_t)len : 0;
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return der;
}

/* RFC 7518 section 3.5: the salt is as long as the digest, and the mask is made with SHA-256. */
static bool padding_set(EVP_PKEY_CTX *ctx, int padding)
{
	if (padding == 0)
		return true;
	if (EVP_PKEY_CTX_set_rsa_padding(ctx, padding) != 1)
		return false;
	return padding != RSA_PKCS1_PSS_PADDING ||
	       (EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, SHA256_BYTES) == 1 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, "SHA256", NULL) == 1);
}

static bool digest_verify(const struct check *c, EVP_MD_CTX *md, const struct bytes *signature)
{
	const struct algorithm *algorithm = c->algorithm;
	const unsigned char *text = (const unsigned char *)c->signed_text;
	EVP_PKEY_CTX *ctx = NULL; /* md's own */

	return EVP_DigestVerifyInit_ex(md, &ctx, algorithm->digest, NULL, NULL, c->key, NULL) ==
		       1 &&
	       padding_set(ctx, algorithm->padding) &&
	       EVP_DigestVerify(md, signature->at, signature->len, text, c->signed_len) == 1;
}

static bool signature_holds(struct check *c, const struct bytes *signature)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool holds = md && digest_verify(c, md, signature);

	if (!holds)
		refuse(c, md ? IDTOKEN_SIGNATURE : IDTOKEN_NO_MEMORY);
	EVP_MD_CTX_free(md);
	return holds;
}

static bool signature_check(struct check *c)
{
	const struct bytes *signature = &c->part[2];
	size_t size = PAIR_SIGNATURE_BYTES;
	struct bytes der;
	bool holds;

	if (c->algorithm->padding != 0) /* RSA: as long as the modulus */
		size = (size_t)EVP_PKEY_get_size(c->key);
	if (signature->len != size)
		return refuse(c, IDTOKEN_SIGNATURE);
	if (c->algorithm->key_load != p256_load)
		return signature_holds(c, signature);

	der = pair_to_der(signature);
	if (!der.at)
		return refuse(c, IDTOKEN_NO_MEMORY);
	holds = signature_holds(c, &der);
	OPENSSL_free(der.at);
	return holds;
}

/* ---- the claims ---- */

static bool issuer_check(struct check *c)
{
	return text_equal(json_string(c->claims, "iss"), c->rules->issuer) ||
	       refuse(c, IDTOKEN_ISSUER);
}

static bool audience_check(struct check *c)
{
	const struct json *aud = json_member(c->claims, "aud");
	const struct json *azp = json_member(c->claims, "azp");
	bool list = json_type(aud) == JSON_ARRAY;
	size_t count = list ? json_length(aud) : 1;
	bool ours = false;
	const char *text;
	size_t i;

	for (i = 0; i < count; i++) {
		text = json_text(list ? json_element(aud, i) : aud);
		if (!text)
			return refuse(c, IDTOKEN_AUDIENCE);
		ours = ours || text_equal(text, c->rules->client_id);
	}
	if (!ours || (count > 1 && !azp))
		return refuse(c, IDTOKEN_AUDIENCE);
	if (azp && !text_equal(json_text(azp), c->rules->client_id))
		return refuse(c, IDTOKEN_AZP);
	return true;
}

static bool subject_check(struct check *c)
{
	const char *sub = json_string(c->claims, "sub");
	size_t len = 0;

	while (sub && sub[len] >= ' ' && sub[len] <= '~')
		len++;
	if (len == 0 || len > SUBJECT_BYTES_MAX || sub[len] != '\0')
		return refuse(c, IDTOKEN_SUBJECT);
	return true;
}

static bool times_check(struct check *c)
{
	const struct json *nbf = json_member(c->claims, "nbf");
	int64_t earliest = c->rules->now - c->rules->leeway;
	int64_t latest = c->rules->now + c->rules->leeway;
	int64_t exp, iat, from;

	if (!json_integer(json_member(c->claims, "exp"), false, &exp) ||
	    !json_integer(json_member(c->claims, "iat"), false, &iat))
		return refuse(c, IDTOKEN_TIMES);
	from = iat;
	if (nbf && !json_integer(nbf, false, &from))
		return refuse(c, IDTOKEN_TIMES);
	if (exp <= earliest)
		return refuse(c, IDTOKEN_EXPIRED);
	if (iat > latest || from > latest)
		return refuse(c, IDTOKEN_NOT_YET);
	return true;
}

static bool nonce_check(struct check *c)
{
	return !c->rules->nonce || text_equal(json_string(c->claims, "nonce"), c->rules->nonce) ||
	       refuse(c, IDTOKEN_NONCE);
}

/*
 * The left half of the access token's digest by the algorithm's own hash (OIDC Core 3.1.3.6);
 * Ed25519 has SHA-512 inside. It may be left out, since no browser has carried either token.
 */
static bool at_hash_check(struct check *c)
{
	const struct json *at_hash = json_member(c->claims, "at_hash");
	const char *token = c->rules->access_token;
	const char *name = c->algorithm->digest ? c->algorithm->digest : "SHA512";
	unsigned char digest[EVP_MAX_MD_SIZE];
	char half[EVP_MAX_MD_SIZE];
	size_t len;

	if (!at_hash || !token)
		return true;
	if (EVP_Q_digest(NULL, name, NULL, token, strlen(token), digest, &len) != 1)
		return refuse(c, IDTOKEN_NO_MEMORY);
	base64url_encode(digest, len / 2, half);
	return text_equal(json_text(at_hash), half) || refuse(c, IDTOKEN_AT_HASH);
}

static bool claims_check(struct check *c)
{
	return part_parse(c, 1, &c->claims) && issuer_check(c) && audience_check(c) &&
	       subject_check(c) && times_check(c) && nonce_check(c) && at_hash_check(c);
}

/* ---- the whole ---- */

static void check_clear(struct check *c)
{
	json_destroy(c->header);
	json_destroy(c->claims);
	EVP_PKEY_free(c->key);
	if (c->room)
		explicit_bzero(c->room, c->room_len);
	free(c->room);
}

enum idtoken_result idtoken_verify(const char *token, const struct json *keys,
				   const struct idtoken_rules *rules, struct json **claims)
{
	struct check c = { .rules = rules, .result = IDTOKEN_MALFORMED };

	*claims = NULL;
	ERR_set_mark(); /* libcurl reads the same queue: leave nothing of ours in it */
	if (algorithm_choose(&c) && token_split(&c, token) && header_check(&c) &&
	    key_select(&c, keys) && c.algorithm->key_load(&c) && signature_check(&c) &&
	    claims_check(&c)) {
		*claims = c.claims;
		c.claims = NULL;
		c.result = IDTOKEN_VALID;
	}
	ERR_pop_to_mark();
	check_clear(&c);
	return c.result;
}

static const char *const result_names[] = {
	[IDTOKEN_MALFORMED] = "id_token_malformed",
	[IDTOKEN_HEADER_REFUSED] = "id_token_header_refused",
	[IDTOKEN_ALG_REFUSED] = "id_token_alg_refused",
	[IDTOKEN_KEYS_UNREADABLE] = "id_token_keys_unreadable",
	[IDTOKEN_NO_KEY] = "id_token_no_key",
	[IDTOKEN_AMBIGUOUS_KEY] = "id_token_ambiguous_key",
	[IDTOKEN_WEAK_KEY] = "id_token_weak_key",
	[IDTOKEN_SIGNATURE] = "id_token_signature",
	[IDTOKEN_ISSUER] = "id_token_issuer",
	[IDTOKEN_AUDIENCE] = "id_token_audience",
	[IDTOKEN_AZP] = "id_token_azp",
	[IDTOKEN_SUBJECT] = "id_token_subject",
	[IDTOKEN_EXPIRED] = "id_token_expired",
	[IDTOKEN_NOT_YET] = "id_token_not_yet",
	[IDTOKEN_TIMES] = "id_token_times",
	[IDTOKEN_NONCE] = "id_token_nonce",
	[IDTOKEN_AT_HASH] = "id_token_at_hash",
	[IDTOKEN_NO_MEMORY] = "id_token_no_memory",
	[IDTOKEN_VALID] = "id_token_valid",
};

const char *idtoken_result_name(enum idtoken_result result)
{
	return (unsigned int)result <= IDTOKEN_VALID ? result_names[result] : "id_token_unknown";
}

bool idtoken_challenge(const char *verifier, char challenge[IDTOKEN_CHALLENGE_SIZE])
{
	unsigned char digest[SHA256_BYTES];
	size_t len;

	if (EVP_Q_digest(NULL, "SHA256", NULL, verifier, strlen(verifier), digest, &len) != 1)
		return false;
	base64url_encode(digest, sizeof(digest), challenge);
	return true;
}

bool idtoken_start(void)
{
	return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1;
}
