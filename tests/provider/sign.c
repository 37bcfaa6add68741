/*
 * sign.c - the provider's signing keys, its JWKS (RFC 7517) and its JWS compact
 * signatures (RFC 7515, 7518, 8037), good and deliberately wrong.
 */
#include "sign.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum key_kind {
	KEY_RSA,
	KEY_EC,
	KEY_ED,
	KEY_EC384,
	KEY_EC521,
	KEYS
};

static const struct algorithm {
	const char *name;
	enum key_kind key;
	const char *digest; /* NULL: the key has its own */
	bool pss;
} algorithms[] = {
	{ "RS256", KEY_RSA, "SHA256", false },	 { "RS384", KEY_RSA, "SHA384", false },
	{ "RS512", KEY_RSA, "SHA512", false },	 { "PS256", KEY_RSA, "SHA256", true },
	{ "PS384", KEY_RSA, "SHA384", true },	 { "PS512", KEY_RSA, "SHA512", true },
	{ "ES256", KEY_EC, "SHA256", false },	 { "ES384", KEY_EC384, "SHA384", false },
	{ "ES512", KEY_EC521, "SHA512", false }, { "EdDSA", KEY_ED, NULL, false },
	{ "Ed25519", KEY_ED, NULL, false },
};

/* What an EC key is called in a JWK, and by OpenSSL, and the bytes of its numbers. */
static const struct curve {
	const char *name;
	int size;
} curves[KEYS] = {
	[KEY_EC] = { "P-256", 32 },
	[KEY_EC384] = { "P-384", 48 },
	[KEY_EC521] = { "P-521", 66 },
};

static EVP_PKEY *keys[KEYS];	   /* published */
static EVP_PKEY *wrong_keys[KEYS]; /* of the same kinds, never published; made when asked */
static char kids[KEYS][24];
static unsigned int generation;

static EVP_PKEY *key_make(enum key_kind kind)
{
	if (kind == KEY_RSA)
		return EVP_RSA_gen(2048);
	if (curves[kind].name)
		return EVP_EC_gen(curves[kind].name);
	return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

/*
 * A new RSA key takes a fifth of a second of a processor, and a check starts a provider hundreds of
 * times: the first key is kept beside the program, for all of them.
 */
static EVP_PKEY *rsa_kept(void)
{
	char path[4096] = "", written[4112];
	EVP_PKEY *key = NULL;
	FILE *file = NULL;
	bool whole;
	int fd;

	if (readlink("/proc/self/exe", path, sizeof(path) - 5) > 0)
		file = fopen(strcat(path, ".rsa"), "re");
	if (file) {
		key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
		fclose(file);
	}
	if (key)
		return key;
	key = key_make(KEY_RSA);
	snprintf(written, sizeof(written), "%s.%d", path, (int)getpid());
	fd = key ? open(written, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	if (fd < 0)
		return key;
	file = fdopen(fd, "w");
	whole = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
	if (fclose(file) == 0 && whole)
		rename(written, path);
	else
		unlink(written);
	return key;
}

bool sign_start(void)
{
	static const char *const names[KEYS] = { "rsa", "ec", "ed", "ec384", "ec521" };

	sign_free();
	generation++;
	for (int i = 0; i < KEYS; i++) {
		keys[i] = i == KEY_RSA && generation == 1 ? rsa_kept() : key_make((enum key_kind)i);
		snprintf(kids[i], sizeof(kids[i]), "%s-%u", names[i], generation);
		if (!keys[i])
			return false;
	}
	return true;
}

void sign_free(void)
{
	for (int i = 0; i < KEYS; i++) {
		EVP_PKEY_free(keys[i]);
		EVP_PKEY_free(wrong_keys[i]);
		keys[i] = wrong_keys[i] = NULL;
	}
}

/* ---- JWKS ---- */

/* A number of the key as base64url of its big-endian bytes, padded to size. */
static char *key_number(struct pool *pool, EVP_PKEY *key, const char *name, int size)
{
	unsigned char bytes[512];
	BIGNUM *number = NULL;
	char *text = NULL;

	if (!EVP_PKEY_get_bn_param(key, name, &number))
		return NULL;
	if (!size)
		size = BN_num_bytes(number);
	if (size <= (int)sizeof(bytes) && BN_bn2binpad(number, bytes, size) == size)
		text = base64url_encode(pool, bytes, (size_t)size);
	BN_free(number);
	return text;
}

static void jwk_of_curve(struct buffer *out, struct pool *pool, enum key_kind kind)
{
	int size = curves[kind].size;

	buffer_printf(out,
		      "{\"kty\":\"EC\",\"use\":\"sig\",\"kid\":\"%s\",\"crv\":\"%s\","
		      "\"x\":\"%s\",\"y\":\"%s\"}",
		      kids[kind], curves[kind].name,
		      key_number(pool, keys[kind], OSSL_PKEY_PARAM_EC_PUB_X, size),
		      key_number(pool, keys[kind], OSSL_PKEY_PARAM_EC_PUB_Y, size));
}

void sign_jwks(struct buffer *out)
{
	struct pool pool = { 0 };
	unsigned char ed[32];
	size_t ed_size = sizeof(ed);

	EVP_PKEY_get_raw_public_key(keys[KEY_ED], ed, &ed_size);
	buffer_printf(out,
		      "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"%s\","
		      "\"n\":\"%s\",\"e\":\"%s\"},",
		      kids[KEY_RSA], key_number(&pool, keys[KEY_RSA], OSSL_PKEY_PARAM_RSA_N, 0),
		      key_number(&pool, keys[KEY_RSA], OSSL_PKEY_PARAM_RSA_E, 0));
	jwk_of_curve(out, &pool, KEY_EC);
	buffer_text(out, ",");
	buffer_printf(out,
		      "{\"kty\":\"OKP\",\"use\":\"sig\",\"kid\":\"%s\",\"crv\":\"Ed25519\","
		      "\"x\":\"%s\"}",
		      kids[KEY_ED], base64url_encode(&pool, ed, ed_size));
	for (enum key_kind kind = KEY_EC384; kind <= KEY_EC521; kind++) {
		buffer_text(out, ",");
		jwk_of_curve(out, &pool, kind);
	}
	buffer_text(out, "]}");
	pool_free(&pool);
}

/* ---- JWS ---- */

static const struct algorithm *algorithm_find(const char *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if (!strcmp(algorithms[i].name, name))
			return &algorithms[i];
	return NULL;
}

const char *sign_kid(const char *alg)
{
	const struct algorithm *algorithm = algorithm_find(alg);

	return algorithm ? kids[algorithm->key] : NULL;
}

/* RSA keys take time to make, and most runs never want a wrong one. */
static EVP_PKEY *key_choose(enum key_kind kind, enum signature signature)
{
	if (signature != SIGNATURE_WRONG_KEY)
		return keys[kind];
	if (!wrong_keys[kind])
		wrong_keys[kind] = key_make(kind);
	return wrong_keys[kind];
}

/* OpenSSL gives ECDSA signatures as DER; JWS wants r and s, HALF bytes each. */
static size_t ecdsa_flatten(unsigned char *signature, size_t size, int half)
{
	const unsigned char *der = signature;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)size);

	if (!pair)
		return 0;
	BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, half);
	BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + half, half);
	ECDSA_SIG_free(pair);
	return 2 * (size_t)half;
}

static size_t key_sign(const struct algorithm *algorithm, EVP_PKEY *key, const char *input,
		       unsigned char *signature, size_t room)
{
	const EVP_MD *digest = algorithm->digest ? EVP_get_digestbyname(algorithm->digest) : NULL;
	int half = curves[algorithm->key].size;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options = NULL;
	size_t size = room;
	bool done;

	done = EVP_DigestSignInit(context, &options, digest, NULL, key) == 1;
	if (done && algorithm->pss)
		done = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
	done = done && EVP_DigestSign(context, signature, &size, (const unsigned char *)input,
				      strlen(input)) == 1;
	EVP_MD_CTX_free(context);
	if (!done)
		return 0;
	return half ? ecdsa_flatten(signature, size, half) : size;
}

/*
 * The classic confusion: an HMAC keyed with the public key's text, which a
 * verifier that lets the token choose the algorithm would accept.
 */
static size_t hmac_sign(const char *input, unsigned char *signature)
{
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned int size = 0;
	char *pem;
	long pem_size;

	PEM_write_bio_PUBKEY(bio, keys[KEY_RSA]);
	pem_size = BIO_get_mem_data(bio, &pem);
	HMAC(EVP_sha256(), pem, (int)pem_size, (const unsigned char *)input, strlen(input),
	     signature, &size);
	BIO_free(bio);
	return size;
}

char *sign_jws(struct pool *pool, const char *alg, enum signature kind, const char *header,
	       const char *payload)
{
	const struct algorithm *algorithm = algorithm_find(alg);
	unsigned char signature[512];
	size_t size = 0;
	char *input;

	input = pool_printf(pool, "%s.%s", base64url_encode(pool, header, strlen(header)),
			    base64url_encode(pool, payload, strlen(payload)));
	if (algorithm)
		size = key_sign(algorithm, key_choose(algorithm->key, kind), input, signature,
				sizeof(signature));
	else if (!strcmp(alg, "HS256"))
		size = hmac_sign(input, signature);
	if (!size && strcmp(alg, "none"))
		return NULL;
	if (kind == SIGNATURE_EMPTY)
		size = 0;
	if (kind == SIGNATURE_FLIPPED && size)
		signature[size / 2] ^= 1;
	return pool_printf(pool, "%s.%s", input, base64url_encode(pool, signature, size));
}
