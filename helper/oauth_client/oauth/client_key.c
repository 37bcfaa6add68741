/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client's own key: see client_key.h. Must never sign what the network composed, tell a part of a
 * key, or ask anybody for a password.
 */
#include "client_key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "request.h"

enum {
	RSA_BITS_MIN = 2048,	  /* RFC 7518 section 3.3 */
	PRINT_MAX = 64,		  /* a SHA-256 in base64url */
	PART_MAX = 3 * 1024,	  /* of header or payload, as JSON */
	SIGNATURE_MAX = 8192 / 8, /* bytes */
};

/* An algorithm, and the key that serves it. Of those that a key serves its first is the default. */
static const struct algorithm {
	const char *name;
	const char *type; /* NULL: the client secret */
	const char *digest;
	int padding;	   /* RSA only */
	size_t half;	   /* EC only: bytes of r and of s */
	const char *group; /* likewise: the curve */
} algorithms[] = {
	{ "RS256", "RSA", "SHA256", RSA_PKCS1_PADDING, 0, NULL },
	{ "RS384", "RSA", "SHA384", RSA_PKCS1_PADDING, 0, NULL },
	{ "RS512", "RSA", "SHA512", RSA_PKCS1_PADDING, 0, NULL },
	{ "PS256", "RSA", "SHA256", RSA_PKCS1_PSS_PADDING, 0, NULL },
	{ "PS384", "RSA", "SHA384", RSA_PKCS1_PSS_PADDING, 0, NULL },
	{ "PS512", "RSA", "SHA512", RSA_PKCS1_PSS_PADDING, 0, NULL },
	{ "ES256", "EC", "SHA256", 0, 32, "prime256v1" },
	{ "ES384", "EC", "SHA384", 0, 48, "secp384r1" },
	{ "ES512", "EC", "SHA512", 0, 66, "secp521r1" },
	{ "EdDSA", "ED25519", NULL, 0, 0, NULL },
	{ "HS256", NULL, "SHA256", 0, 0, NULL },
	{ "HS384", NULL, "SHA384", 0, 0, NULL },
	{ "HS512", NULL, "SHA512", 0, 0, NULL },
};

static bool auth_is(const struct wire_message *settings, const char *name)
{
	const char *auth = wire_value(settings, "token_endpoint_auth_method");

	return auth && strcmp(auth, name) == 0;
}

bool client_key_is_tls(const struct wire_message *settings)
{
	return auth_is(settings, "tls_client_auth") ||
	       auth_is(settings, "self_signed_tls_client_auth");
}

/* ---- what the files hold ---- */

static char key_text[WIRE_KEY_MAX + 1];

/* The descriptor's position is one with the login's, which gives it to the next helper, too. */
bool client_key_read(struct wire_message *settings, int fd)
{
	size_t len = 0;
	ssize_t got = 1;

	while (got != 0 && len < sizeof(key_text)) {
		got = pread(fd, key_text + len, sizeof(key_text) - len, (off_t)len);
		if (got < 0 && errno != EINTR)
			break;
		len += got > 0 ? (size_t)got : 0;
	}
	if (got != 0 || settings->pairs >= WIRE_PAIRS_MAX) {
		client_key_forget();
		return false;
	}
	key_text[len] = '\0';
	settings->pair[settings->pairs++] = (struct wire_pair){ "client_key", key_text };
	return true;
}

void client_key_forget(void)
{
	explicit_bzero(key_text, sizeof(key_text));
}

/* Nobody is asked for a password: an encrypted key is none. */
static int no_password(char *out, int out_len, int writing, void *context)
{
	(void)out;
	(void)out_len;
	(void)writing;
	(void)context;
	return -1;
}

static EVP_PKEY *key_parse(const struct wire_message *settings)
{
	const char *text = wire_value(settings, "client_key");
	BIO *bio = text ? BIO_new_mem_buf(text, -1) : NULL;
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	return key;
}

/* The first of the file: the client's own, ahead of those that vouch for it. */
static X509 *certificate_parse(const struct wire_message *settings)
{
	const char *text = wire_value(settings, "client_certificate");
	BIO *bio = text ? BIO_new_mem_buf(text, -1) : NULL;
	X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	return certificate;
}

static bool group_is(EVP_PKEY *key, const char *group)
{
	char name[32];
	size_t len;

	return EVP_PKEY_get_group_name(key, name, sizeof(name), &len) == 1 &&
	       strcmp(name, group) == 0;
}

/* KEY NULL: the client secret. */
static bool algorithm_serves(const struct algorithm *algorithm, EVP_PKEY *key)
{
	if (!key || !algorithm->type)
		return !key && !algorithm->type;
	return EVP_PKEY_is_a(key, algorithm->type) == 1 &&
	       (algorithm->padding == 0 || EVP_PKEY_get_bits(key) >= RSA_BITS_MIN) &&
	       (!algorithm->group || group_is(key, algorithm->group));
}

/* The one that the settings name, or else the first that KEY serves. NULL: none. */
static const struct algorithm *algorithm_choose(const struct wire_message *settings, EVP_PKEY *key)
{
	const char *name = wire_value(settings, "token_endpoint_auth_signing_alg");

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		if ((!name || strcmp(name, algorithms[i].name) == 0) &&
		    algorithm_serves(&algorithms[i], key))
			return &algorithms[i];
	return NULL;
}

static enum reason pair_wrong(const struct wire_message *settings, EVP_PKEY *key, X509 *certificate)
{
	enum reason reason = REASON_NONE;

	if (!key)
		reason = REASON_CLIENT_KEY_UNREADABLE;
	else if (!certificate && wire_value(settings, "client_certificate"))
		reason = REASON_CLIENT_CERTIFICATE_UNREADABLE;
	else if (certificate && X509_check_private_key(certificate, key) != 1)
		reason = REASON_CLIENT_KEY_OF_ANOTHER_CERTIFICATE;
	else if (!client_key_is_tls(settings) && !algorithm_choose(settings, key))
		reason = REASON_CLIENT_KEY_UNFIT;
	return reason;
}

enum reason client_key_wrong(const struct wire_message *settings)
{
	enum reason why;
	X509 *certificate;
	EVP_PKEY *key;

	if (!auth_is(settings, "private_key_jwt") && !client_key_is_tls(settings))
		return REASON_NONE;
	ERR_set_mark(); /* libcurl reads the same queue */
	key = key_parse(settings);
	certificate = certificate_parse(settings);
	why = pair_wrong(settings, key, certificate);
	X509_free(certificate);
	EVP_PKEY_free(key);
	ERR_pop_to_mark();
	return why;
}

/* ---- the signature ---- */

/* The DER that OpenSSL writes as the plain r and s of RFC 7518 section 3.4, in place. */
static size_t der_to_pair(unsigned char *bytes, size_t len, size_t half)
{
	const unsigned char *at = bytes;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), bytes, (int)half) == (int)half &&
		  BN_bn2binpad(ECDSA_SIG_get0_s(sig), bytes + half, (int)half) == (int)half;

	ECDSA_SIG_free(sig);
	return ok ? 2 * half : 0;
}

static bool padding_set(EVP_PKEY_CTX *ctx, const struct algorithm *algorithm)
{
	if (algorithm->padding == 0)
		return true;
	if (EVP_PKEY_CTX_set_rsa_padding(ctx, algorithm->padding) != 1)
		return false;
	return algorithm->padding != RSA_PKCS1_PSS_PADDING ||
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

/* The length of the signature of TEXT; 0: there is none. */
static size_t key_sign(const struct algorithm *algorithm, EVP_PKEY *key, const char *text,
		       unsigned char out[SIGNATURE_MAX])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL; /* md's own */
	size_t len = SIGNATURE_MAX;
	bool ok = md &&
		  EVP_DigestSignInit_ex(md, &ctx, algorithm->digest, NULL, NULL, key, NULL) == 1 &&
		  padding_set(ctx, algorithm) &&
		  EVP_DigestSign(md, out, &len, (const unsigned char *)text, strlen(text)) == 1;

	EVP_MD_CTX_free(md);
	if (ok && algorithm->half > 0)
		len = der_to_pair(out, len, algorithm->half);
	return ok ? len : 0;
}

static size_t secret_sign(const struct algorithm *algorithm, const char *secret, const char *text,
			  unsigned char out[SIGNATURE_MAX])
{
	size_t len = 0;

	if (!secret ||
	    !EVP_Q_mac(NULL, "HMAC", NULL, algorithm->digest, NULL, secret, strlen(secret),
		       (const unsigned char *)text, strlen(text), out, SIGNATURE_MAX, &len))
		return 0;
	return len;
}

/* ---- what is signed ---- */

/* Adds ,"NAME":"VALUE" to the JSON in OUT; NULL adds nothing. false: it does not fit. */
static bool member_add(char *out, const char *name, const char *value)
{
	size_t len = strlen(out);
	char quoted[PART_MAX];
	int n;

	if (!value)
		return true;
	if (!request_quote(value, quoted, sizeof(quoted)))
		return false;
	n = snprintf(out + len, PART_MAX - len, "%s\"%s\":%s", len > 1 ? "," : "", name, quoted);
	return n > 0 && (size_t)n < PART_MAX - len;
}

/* How a provider that keeps certificates finds the one of this key: RFC 7515 section 4.1.8. */
static bool thumbprint(const struct wire_message *settings, char out[PRINT_MAX])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	X509 *certificate = certificate_parse(settings);
	bool ok = certificate && X509_digest(certificate, EVP_sha256(), digest, &len) == 1;

	X509_free(certificate);
	if (ok)
		request_base64url(digest, len, out);
	return ok;
}

static bool header_write(const struct wire_message *settings, const struct algorithm *algorithm,
			 char out[PART_MAX])
{
	char print[PRINT_MAX];

	strcpy(out, "{");
	return member_add(out, "typ", "JWT") && member_add(out, "alg", algorithm->name) &&
	       member_add(out, "kid", wire_value(settings, "client_key_id")) &&
	       (!wire_value(settings, "client_certificate") ||
		(thumbprint(settings, print) && member_add(out, "x5t#S256", print)));
}

static bool payload_write(const struct wire_message *settings, const char *audience, int64_t now,
			  const unsigned char *random, char out[PART_MAX])
{
	const char *id = wire_value(settings, "client_id");
	char jti[CLIENT_ASSERTION_RANDOM * 4 / 3 + 4];
	long long from = (long long)now - CLIENT_ASSERTION_SLACK;
	size_t len;
	int n;

	request_base64url(random, CLIENT_ASSERTION_RANDOM, jti);
	strcpy(out, "{");
	if (!id || !member_add(out, "iss", id) || !member_add(out, "sub", id) ||
	    !member_add(out, "aud", audience) || !member_add(out, "jti", jti))
		return false;
	len = strlen(out);
	n = snprintf(out + len, PART_MAX - len, ",\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld", from,
		     from, from + CLIENT_ASSERTION_SECONDS);
	return n > 0 && (size_t)n < PART_MAX - len;
}

/* Appends the JSON object that TEXT begins, closed and in base64url. */
static bool part_add(char *out, char text[PART_MAX])
{
	size_t len = strlen(text), used = strlen(out);

	if (len + 1 >= PART_MAX || used + (len + 1) * 4 / 3 + 6 > CLIENT_ASSERTION_MAX)
		return false;
	strcpy(text + len, "}");
	if (used > 0)
		out[used++] = '.';
	request_base64url((const unsigned char *)text, len + 1, out + used);
	return true;
}

static bool sign(const struct wire_message *settings, const struct algorithm *algorithm,
		 EVP_PKEY *key, char *out)
{
	unsigned char signature[SIGNATURE_MAX];
	size_t used = strlen(out);
	size_t len =
		key ? key_sign(algorithm, key, out, signature)
		    : secret_sign(algorithm, wire_value(settings, "client_secret"), out, signature);

	if (len == 0 || used + len * 4 / 3 + 6 > CLIENT_ASSERTION_MAX)
		return false;
	out[used++] = '.';
	request_base64url(signature, len, out + used);
	return true;
}

const char *client_assertion_audience(const struct wire_message *settings,
				      const struct endpoints *endpoints, const char *url)
{
	const char *audience = wire_value(settings, "client_assertion_audience");

	if (audience && strcmp(audience, "endpoint") == 0)
		return url;
	if (audience && strcmp(audience, "token_endpoint") == 0)
		return endpoints->token;
	return endpoints->issuer;
}

bool client_assertion(const struct wire_message *settings, const char *audience, int64_t now,
		      const unsigned char random[CLIENT_ASSERTION_RANDOM],
		      char out[CLIENT_ASSERTION_MAX])
{
	bool by_key = auth_is(settings, "private_key_jwt");
	const struct algorithm *algorithm;
	char part[PART_MAX];
	EVP_PKEY *key;
	bool ok;

	out[0] = '\0';
	ERR_set_mark();
	key = by_key ? key_parse(settings) : NULL;
	algorithm = key || !by_key ? algorithm_choose(settings, key) : NULL;
	ok = algorithm && header_write(settings, algorithm, part) && part_add(out, part) &&
	     payload_write(settings, audience, now, random, part) && part_add(out, part) &&
	     sign(settings, algorithm, key, out);
	EVP_PKEY_free(key);
	ERR_pop_to_mark();
	if (!ok)
		out[0] = '\0';
	return ok;
}
