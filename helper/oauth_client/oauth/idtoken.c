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
	TOKEN_BYTES_MAX = 48 * 1024,
	PART_COUNT = 3,
	JWE_DOTS = 4,		 /* RFC 7516 section 7.1: five parts */
	SUBJECT_BYTES_MAX = 255, /* OpenID Connect Core section 2 */
	RSA_BITS_MIN = 2048,
	RSA_BYTES_MAX = 8192 / 8, /* beyond this verifying takes its time */
	RSA_EXPONENT_BYTES_MAX = 8,
	SHA256_BYTES = 32,
	COORDINATE_MAX = 66, /* bytes, of P-521 */
	ED25519_BYTES = 32,
	ED25519_SIGNATURE_BYTES = 64,
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
	unsigned char *decoded;	    /* holds the decoded parts */
	size_t decoded_len;
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
	size_t half;	    /* EC only: bytes of a coordinate, and of r and of s */
	const char *group;  /* EC only: the curve as OpenSSL calls it */
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

static size_t dots(const char *token)
{
	size_t count = 0;

	for (; *token; token++)
		count += *token == '.';
	return count;
}

/* Cuts TOKEN at its two dots and decodes the three parts. */
static bool token_split(struct check *c, const char *token)
{
	size_t left = strnlen(token, TOKEN_BYTES_MAX + 1);
	unsigned char *out;
	size_t i, len;

	if (left > TOKEN_BYTES_MAX)
		return refuse(c, IDTOKEN_MALFORMED);
	if (dots(token) == JWE_DOTS)
		return refuse(c, IDTOKEN_ENCRYPTED);
	c->decoded_len = left + 1;
	c->decoded = malloc(c->decoded_len);
	if (!c->decoded)
		return refuse(c, IDTOKEN_NO_MEMORY);

	c->signed_text = token;
	out = c->decoded;
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

static bool algorithm_choose(struct check *c);

static bool header_check(struct check *c)
{
	const struct json *typ, *kid;
	const char *text;
	size_t i;

	if (!part_parse(c, 0, &c->header))
		return false;
	for (i = 0; i < sizeof(refused_members) / sizeof(refused_members[0]); i++)
		if (json_given(c->header, refused_members[i]))
			return refuse(c, IDTOKEN_HEADER_REFUSED);

	typ = json_given(c->header, "typ");
	text = json_text(typ);
	/* A media type without "application/" is the same one (RFC 7515 4.1.9). */
	if (typ &&
	    (!text || (strcasecmp(text, "JWT") != 0 && strcasecmp(text, "application/jwt") != 0)))
		return refuse(c, IDTOKEN_HEADER_REFUSED);
	kid = json_given(c->header, "kid");
	c->kid = json_text(kid);
	if (kid && !c->kid)
		return refuse(c, IDTOKEN_HEADER_REFUSED);
	if (kid && c->kid[0] == '\0')
		c->kid = NULL; /* empty is absent: one key alone may fit then */
	return algorithm_choose(c);
}

/* ---- the key ---- */

/* RFC 9864 gave EdDSA with the curve Ed25519 the curve's name: they are one. */
static const char *alg_name(const char *name)
{
	return text_equal(name, "Ed25519") ? "EdDSA" : name;
}

static bool alg_is(const char *one, const char *other)
{
	return text_equal(alg_name(one), alg_name(other));
}

static bool use_allows(const struct json *jwk)
{
	const struct json *use = json_given(jwk, "use");

	return !use || text_equal(json_text(use), "sig");
}

static bool alg_allows(const struct json *jwk, const char *name)
{
	const struct json *alg = json_given(jwk, "alg");

	return !alg || alg_is(json_text(alg), name);
}

static bool key_ops_allow(const struct json *jwk)
{
	const struct json *ops = json_given(jwk, "key_ops");
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
	       (!c->kid || text_equal(json_string(jwk, "kid"), c->kid)) && use_allows(jwk) &&
	       alg_allows(jwk, algorithm->name) && key_ops_allow(jwk);
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
static bool ec_load(struct check *c)
{
	unsigned char point[1 + 2 * COORDINATE_MAX] = { POINT_CONVERSION_UNCOMPRESSED };
	size_t half = c->algorithm->half;
	unsigned char *x = point + 1;
	unsigned char *y = x + half;
	char group[16];
	OSSL_PARAM params[3];

	strcpy(group, c->algorithm->group);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * half);
	params[2] = OSSL_PARAM_construct_end();
	if (key_bytes(c->jwk, "x", x, half) != half || key_bytes(c->jwk, "y", y, half) != half)
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

/* clang-format off */
static const struct algorithm algorithms[] = {
	{ "RS256", "RSA", NULL, "SHA256", RSA_PKCS1_PADDING, 0, NULL, rsa_load },
	{ "RS384", "RSA", NULL, "SHA384", RSA_PKCS1_PADDING, 0, NULL, rsa_load },
	{ "RS512", "RSA", NULL, "SHA512", RSA_PKCS1_PADDING, 0, NULL, rsa_load },
	{ "PS256", "RSA", NULL, "SHA256", RSA_PKCS1_PSS_PADDING, 0, NULL, rsa_load },
	{ "PS384", "RSA", NULL, "SHA384", RSA_PKCS1_PSS_PADDING, 0, NULL, rsa_load },
	{ "PS512", "RSA", NULL, "SHA512", RSA_PKCS1_PSS_PADDING, 0, NULL, rsa_load },
	{ "ES256", "EC", "P-256", "SHA256", 0, 32, "prime256v1", ec_load },
	{ "ES384", "EC", "P-384", "SHA384", 0, 48, "secp384r1", ec_load },
	{ "ES512", "EC", "P-521", "SHA512", 0, 66, "secp521r1", ec_load },
	{ "EdDSA", "OKP", "Ed25519", NULL, 0, 0, NULL, ed25519_load },
};
/* clang-format on */

static const struct algorithm *algorithm_find(const char *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (alg_is(algorithms[i].name, name))
			return &algorithms[i];
	return NULL;
}

/* Whether NAME is one of the words of LIST. */
static bool alg_listed(const char *list, const char *name)
{
	char word[16];

	for (const char *at = list + strspn(list, " "); *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");

		if (len < sizeof(word)) {
			memcpy(word, at, len);
			word[len] = '\0';
			if (alg_is(word, name))
				return true;
		}
		at += len;
	}
	return false;
}

/* The token says which of those that the caller takes it is; what it takes is not the token's to say. */
static bool algorithm_choose(struct check *c)
{
	const char *name = json_string(c->header, "alg");

	if (name && c->rules->alg && alg_listed(c->rules->alg, name))
		c->algorithm = algorithm_find(name);
	return c->algorithm || refuse(c, IDTOKEN_ALG_REFUSED);
}

bool idtoken_alg_known(const char *name)
{
	return algorithm_find(name) != NULL;
}

size_t idtoken_keys_for(const struct json *set, const char *algs)
{
	const struct json *keys = json_member(set, "keys");
	const struct json *jwk;
	size_t fit = 0;

	for (size_t i = 0; (jwk = json_element(keys, i)); i++) {
		bool fits = false;

		for (size_t k = 0; k < sizeof(algorithms) / sizeof(algorithms[0]); k++) {
			struct check c = { .algorithm = &algorithms[k] };

			fits |= alg_listed(algs, algorithms[k].name) && key_fits(&c, jwk);
		}
		fit += fits;
	}
	return fit;
}

/* ---- the signature ---- */

/* The plain r and s of RFC 7518 section 3.4, in the DER that OpenSSL reads: owned by the caller. */
static struct bytes pair_to_der(const struct bytes *pair)
{
	struct bytes der = { NULL, 0 };
	int half = (int)(pair->len / 2);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(pair->at, half, NULL);
	BIGNUM *s = BN_bin2bn(pair->at + half, half, NULL);
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

/* RFC 7518 section 3.5: the salt is as long as the digest, which makes the mask as well. */
static bool padding_set(EVP_PKEY_CTX *ctx, const struct algorithm *algorithm)
{
	if (algorithm->padding == 0)
		return true;
	if (EVP_PKEY_CTX_set_rsa_padding(ctx, algorithm->padding) != 1)
		return false;
	return algorithm->padding != RSA_PKCS1_PSS_PADDING ||
	       (EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, algorithm->digest, NULL) == 1);
}

static bool digest_verify(const struct check *c, EVP_MD_CTX *md, const struct bytes *signature)
{
	const struct algorithm *algorithm = c->algorithm;
	const unsigned char *text = (const unsigned char *)c->signed_text;
	EVP_PKEY_CTX *ctx = NULL; /* md's own */

	return EVP_DigestVerifyInit_ex(md, &ctx, algorithm->digest, NULL, NULL, c->key, NULL) ==
		       1 &&
	       padding_set(ctx, algorithm) &&
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
	size_t size = ED25519_SIGNATURE_BYTES;
	struct bytes der;
	bool holds;

	if (c->algorithm->padding != 0) /* RSA: as long as the modulus */
		size = (size_t)EVP_PKEY_get_size(c->key);
	else if (c->algorithm->half > 0)
		size = 2 * c->algorithm->half;
	if (signature->len != size)
		return refuse(c, IDTOKEN_SIGNATURE);
	if (c->algorithm->half == 0)
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
	const struct json *azp = json_given(c->claims, "azp");
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
	if (!ours)
		return refuse(c, IDTOKEN_AUDIENCE);
	/* Empty, it says nothing: where the token is for us alone there is nothing for it to say. */
	if (count == 1 && json_text(azp) && json_text(azp)[0] == '\0')
		azp = NULL;
	/* Others that a token is for are none that we trust (OIDC Core 3.1.3.7), unless it is said to be ours. */
	if (count > 1 && !azp)
		return refuse(c, IDTOKEN_AZP_MISSING);
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
	const struct json *nbf = json_given(c->claims, "nbf");
	int64_t earliest = c->rules->now - c->rules->leeway;
	int64_t latest = c->rules->now + c->rules->leeway;
	int64_t exp, iat, from;

	if (!json_moment(json_member(c->claims, "exp"), &exp) ||
	    !json_moment(json_member(c->claims, "iat"), &iat))
		return refuse(c, IDTOKEN_TIMES);
	from = iat;
	if (nbf && !json_moment(nbf, &from))
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
 * Ed25519 has SHA-512 inside. It may be left out, since no browser has carried either token. Empty is not left
 * out: who signs it says that there is a hash, and which access token that is of nobody can tell.
 */
static bool at_hash_check(struct check *c)
{
	const struct json *at_hash = json_given(c->claims, "at_hash");
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

/* Userinfo has no times, and says whom it is for where the provider wants to (OIDC Core 5.3.2). */
static bool userinfo_check(struct check *c)
{
	const struct json *exp = json_given(c->claims, "exp");
	int64_t until;

	if ((json_given(c->claims, "iss") && !issuer_check(c)) ||
	    (json_given(c->claims, "aud") && !audience_check(c)))
		return false;
	if (exp && !json_moment(exp, &until))
		return refuse(c, IDTOKEN_TIMES);
	if (exp && until <= c->rules->now - c->rules->leeway)
		return refuse(c, IDTOKEN_EXPIRED);
	return subject_check(c);
}

static bool claims_check(struct check *c)
{
	if (!part_parse(c, 1, &c->claims))
		return false;
	if (c->rules->userinfo)
		return userinfo_check(c);
	return issuer_check(c) && audience_check(c) && subject_check(c) && times_check(c) &&
	       nonce_check(c) && at_hash_check(c);
}

/* ---- the whole ---- */

static void check_clear(struct check *c)
{
	json_destroy(c->header);
	json_destroy(c->claims);
	EVP_PKEY_free(c->key);
	if (c->decoded)
		explicit_bzero(c->decoded, c->decoded_len);
	free(c->decoded);
}

enum idtoken_result idtoken_verify(const char *token, const struct json *keys,
				   const struct idtoken_rules *rules, struct json **claims)
{
	struct check c = { .rules = rules, .result = IDTOKEN_MALFORMED };

	*claims = NULL;
	ERR_set_mark(); /* libcurl reads the same queue: leave nothing of ours in it */
	if (token_split(&c, token) && header_check(&c) && key_select(&c, keys) &&
	    c.algorithm->key_load(&c) && signature_check(&c) && claims_check(&c)) {
		*claims = c.claims;
		c.claims = NULL;
		c.result = IDTOKEN_VALID;
	}
	ERR_pop_to_mark();
	check_clear(&c);
	return c.result;
}

static const enum reason reasons[] = {
	[IDTOKEN_MALFORMED] = REASON_ID_TOKEN_MALFORMED,
	[IDTOKEN_ENCRYPTED] = REASON_ID_TOKEN_ENCRYPTED,
	[IDTOKEN_HEADER_REFUSED] = REASON_ID_TOKEN_HEADER_REFUSED,
	[IDTOKEN_ALG_REFUSED] = REASON_ID_TOKEN_ALG_REFUSED,
	[IDTOKEN_KEYS_UNREADABLE] = REASON_ID_TOKEN_KEYS_UNREADABLE,
	[IDTOKEN_NO_KEY] = REASON_ID_TOKEN_NO_KEY,
	[IDTOKEN_AMBIGUOUS_KEY] = REASON_ID_TOKEN_AMBIGUOUS_KEY,
	[IDTOKEN_WEAK_KEY] = REASON_ID_TOKEN_WEAK_KEY,
	[IDTOKEN_SIGNATURE] = REASON_ID_TOKEN_SIGNATURE,
	[IDTOKEN_ISSUER] = REASON_ID_TOKEN_ISSUER,
	[IDTOKEN_AUDIENCE] = REASON_ID_TOKEN_AUDIENCE,
	[IDTOKEN_AZP_MISSING] = REASON_ID_TOKEN_AZP_MISSING,
	[IDTOKEN_AZP] = REASON_ID_TOKEN_AZP,
	[IDTOKEN_SUBJECT] = REASON_ID_TOKEN_SUBJECT,
	[IDTOKEN_EXPIRED] = REASON_ID_TOKEN_EXPIRED,
	[IDTOKEN_NOT_YET] = REASON_ID_TOKEN_NOT_YET,
	[IDTOKEN_TIMES] = REASON_ID_TOKEN_TIMES,
	[IDTOKEN_NONCE] = REASON_ID_TOKEN_NONCE,
	[IDTOKEN_AT_HASH] = REASON_ID_TOKEN_AT_HASH,
	[IDTOKEN_NO_MEMORY] = REASON_ID_TOKEN_NO_MEMORY,
	[IDTOKEN_VALID] = REASON_ID_TOKEN_VALID,
};

enum reason idtoken_reason(enum idtoken_result result)
{
	return (unsigned int)result <= IDTOKEN_VALID ? reasons[result] : REASON_COUNT;
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
