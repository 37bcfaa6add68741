/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ID tokens. API: idtoken_verify, struct idtoken_rules, json_parse.
 *
 * Keys are made when the target starts; nothing else can sign with them. The input: a byte that
 * says what is done, then
 *
 *	raw	the token itself. Oracle: it is never valid, since nobody signed it here.
 *	signed	header and payload as two fields, signed here. Oracle: valid if and only if cJSON,
 *		asked by hand, finds in them what the rules want.
 *	bent	changes of a good token, two bytes each: where, and the new character. Oracle: valid
 *		if and only if the token is still the good one.
 *	keys	a key set, for a good token. Oracle: valid only if the signing key's own numbers are in it.
 *
 * A valid token's claims are its payload, and the only ones that are ever handed out.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <strings.h>

#include "fuzz.h"
#include "helper/oauth_client/oauth/idtoken.h"

#define ISSUER "https://id.example"
#define CLIENT "tv"
#define NONCE  "n0"
#define PAYLOAD                                                                    \
	"{\"iss\":\"" ISSUER "\",\"aud\":\"tv\",\"sub\":\"7\",\"exp\":1700000300," \
	"\"iat\":1700000000,\"nonce\":\"n0\"}"

enum {
	NOW = 1700000000,
	LEEWAY = 60,
	TOKEN_ROOM = 32 * 1024,
	ALGORITHMS = 4,
};

static const char *const names[ALGORITHMS] = { "EdDSA", "ES256", "RS256", "PS256" };
static EVP_PKEY *keys[ALGORITHMS];
static char jwk[ALGORITHMS][1024], number[ALGORITHMS][512]; /* the number that makes a key: x, n */
static char good[ALGORITHMS][4096];
static struct json *set;

/* ---- keys and tokens ---- */

static char *base64url(const void *bytes, size_t len, char *out)
{
	int size = EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);

	while (size > 0 && out[size - 1] == '=')
		size--;
	out[size] = '\0';
	for (char *c = out; *c; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
	return out + size;
}

static void number_take(EVP_PKEY *key, const char *name, char *out)
{
	unsigned char bytes[512];
	BIGNUM *value = NULL;

	HOLDS(EVP_PKEY_get_bn_param(key, name, &value) == 1);
	base64url(bytes, (size_t)BN_bn2bin(value, bytes), out);
	BN_free(value);
}

static void keys_make(void)
{
	unsigned char bytes[65];
	size_t len = 32;
	char y[64];

	keys[0] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	HOLDS(EVP_PKEY_get_raw_public_key(keys[0], bytes, &len) == 1);
	base64url(bytes, len, number[0]);
	sprintf(jwk[0], "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"k\",\"x\":\"%s\"}",
		number[0]);
	keys[1] = EVP_EC_gen("P-256");
	HOLDS(EVP_PKEY_get_octet_string_param(keys[1], OSSL_PKEY_PARAM_PUB_KEY, bytes, 65, &len) ==
	      1);
	base64url(bytes + 1, 32, number[1]);
	base64url(bytes + 33, 32, y);
	sprintf(jwk[1],
		"{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"x\":\"%s\",\"y\":\"%s\"}",
		number[1], y);
	keys[2] = keys[3] = EVP_RSA_gen(2048);
	number_take(keys[2], OSSL_PKEY_PARAM_RSA_N, number[2]);
	strcpy(number[3], number[2]);
	sprintf(jwk[2], "{\"kty\":\"RSA\",\"kid\":\"k\",\"n\":\"%s\",\"e\":\"AQAB\"}", number[2]);
}

/* HEADER and PAYLOAD, any bytes, signed as algorithm A is. */
static void token_sign(int a, const char *header, size_t header_len, const char *payload,
		       size_t payload_len, char *out)
{
	unsigned char signature[512], pair[64], *text = (unsigned char *)out;
	const unsigned char *der = signature;
	size_t len = sizeof(signature);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = NULL;
	ECDSA_SIG *sig;
	char *end = base64url(header, header_len, out);

	*end++ = '.';
	end = base64url(payload, payload_len, end);
	HOLDS(EVP_DigestSignInit_ex(md, &ctx, a == 0 ? NULL : "SHA256", NULL, NULL, keys[a],
				    NULL) == 1);
	if (a == 3)
		HOLDS(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		      EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32) == 1);
	HOLDS(EVP_DigestSign(md, signature, &len, text, (size_t)(end - out)) == 1);
	EVP_MD_CTX_free(md);
	if (a == 1) {
		sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
		HOLDS(sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), pair, 32) == 32 &&
		      BN_bn2binpad(ECDSA_SIG_get0_s(sig), pair + 32, 32) == 32);
		ECDSA_SIG_free(sig);
		memcpy(signature, pair, len = sizeof(pair));
	}
	*end++ = '.';
	base64url(signature, len, end);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char text[4096], header[64];

	(void)argc;
	(void)argv;
	keys_make();
	snprintf(text, sizeof(text), "{\"keys\":[%s,%s,%s]}", jwk[0], jwk[1], jwk[2]);
	set = json_parse(text, strlen(text), NULL);
	HOLDS(set);
	for (int a = 0; a < ALGORITHMS; a++) {
		snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"kid\":\"k\"}", names[a]);
		token_sign(a, header, strlen(header), PAYLOAD, strlen(PAYLOAD), good[a]);
	}
	return 0;
}

/* ---- what the rules want, from cJSON by hand ---- */

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool text_is(const cJSON *item, const char *want)
{
	return cJSON_IsString(item) && strcmp(item->valuestring, want) == 0;
}

static bool header_good(const cJSON *header, int a)
{
	static const char *const never[] = { "crit", "b64", "jku", "x5u", "jwk", "x5c" };
	const cJSON *typ = member(header, "typ"), *kid = member(header, "kid");

	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (member(header, never[i]))
			return false;
	return (!typ || (cJSON_IsString(typ) && strcasecmp(typ->valuestring, "JWT") == 0)) &&
	       (!kid || text_is(kid, "k")) && text_is(member(header, "alg"), names[a]);
}

static bool audience_good(const cJSON *payload)
{
	const cJSON *aud = member(payload, "aud"), *azp = member(payload, "azp"), *one;
	int count = 0, ours = 0;

	if (azp && !text_is(azp, CLIENT))
		return false;
	if (cJSON_IsString(aud))
		return text_is(aud, CLIENT);
	if (!cJSON_IsArray(aud))
		return false;
	cJSON_ArrayForEach(one, aud)
	{
		if (!cJSON_IsString(one))
			return false;
		count++;
		ours += text_is(one, CLIENT);
	}
	return ours > 0 && (count == 1 || azp);
}

static bool seconds(const cJSON *item, double *out)
{
	*out = cJSON_IsNumber(item) ? item->valuedouble : 0;
	return cJSON_IsNumber(item) && floor(*out) == *out && fabs(*out) < 9007199254740992.0;
}

static bool times_good(const cJSON *payload)
{
	double exp, iat, nbf = 0;

	return seconds(member(payload, "exp"), &exp) && seconds(member(payload, "iat"), &iat) &&
	       (!member(payload, "nbf") || seconds(member(payload, "nbf"), &nbf)) &&
	       exp > NOW - LEEWAY && iat <= NOW + LEEWAY && nbf <= NOW + LEEWAY;
}

static bool payload_good(const cJSON *payload)
{
	const char *sub = cJSON_GetStringValue(member(payload, "sub"));

	return text_is(member(payload, "iss"), ISSUER) && audience_good(payload) && sub &&
	       sub[0] != '\0' && strlen(sub) <= 255 && all_within(sub, ' ', '~') &&
	       times_good(payload) && text_is(member(payload, "nonce"), NONCE);
}

/* An object that the gate passes, for the caller to delete; NULL: it does not. */
static cJSON *object_read(const char *text, size_t len)
{
	struct json *passed = json_parse(text, len, NULL);
	cJSON *tree = passed ? cJSON_ParseWithLength(text, len) : NULL;

	json_destroy(passed);
	if (!cJSON_IsObject(tree)) {
		cJSON_Delete(tree);
		return NULL;
	}
	return tree;
}

static bool token_good(int a, const char *header, size_t header_len, const char *payload,
		       size_t payload_len)
{
	cJSON *one = object_read(header, header_len), *two = object_read(payload, payload_len);
	bool is = one && two && header_good(one, a) && payload_good(two);

	cJSON_Delete(one);
	cJSON_Delete(two);
	return is;
}

/* ---- the four ways ---- */

static bool verify(int a, const char *token, const struct json *with)
{
	const struct idtoken_rules rules = {
		.issuer = ISSUER,
		.client_id = CLIENT,
		.alg = names[a],
		.nonce = NONCE,
		.now = NOW,
		.leeway = LEEWAY,
	};
	struct json *claims = (struct json *)(void *)&rules; /* to be overwritten */
	enum idtoken_result result = idtoken_verify(token, with, &rules, &claims);

	HOLDS(is_reason(reason_name(idtoken_reason(result))));
	HOLDS(result != IDTOKEN_NO_MEMORY);
	HOLDS((claims != NULL) == (result == IDTOKEN_VALID));
	if (claims)
		HOLDS(strcmp(json_string(claims, "iss"), ISSUER) == 0);
	json_destroy(claims);
	return result == IDTOKEN_VALID;
}

static void signed_check(struct fuzz *f, int a)
{
	static char token[TOKEN_ROOM];
	size_t header_len, payload_len;
	const char *header = fuzz_field(f, &header_len);
	const char *payload = fuzz_field(f, &payload_len);

	if ((header_len + payload_len) * 4 / 3 > 16 * 1024 - 400)
		return;
	token_sign(a, header, header_len, payload, payload_len, token);
	HOLDS(verify(a, token, set) == token_good(a, header, header_len, payload, payload_len));
}

static void bent_check(struct fuzz *f, int a)
{
	static char token[4096];
	size_t len = strlen(good[a]);

	strcpy(token, good[a]);
	while (fuzz_more(f)) {
		size_t where = fuzz_byte(f) * 256 + fuzz_byte(f);

		token[where % (len + 1)] = (char)fuzz_byte(f);
	}
	token[len + 1] = '\0';
	HOLDS(verify(a, token, set) == (strcmp(token, good[a]) == 0));
}

/* "@0" to "@2" in the text are the keys themselves. */
static void keys_check(struct fuzz *f, int a)
{
	static char text[TOKEN_ROOM];
	struct json *own;
	size_t used = 0;

	for (const char *at = fuzz_text(f); *at && used + 1100 < sizeof(text); at++)
		if (*at == '@' && at[1] >= '0' && at[1] <= '2')
			used += (size_t)sprintf(text + used, "%s", jwk[*++at - '0']);
		else if (*at == '#' && at[1] >= '0' && at[1] <= '2')
			used += (size_t)sprintf(text + used, "%s", number[*++at - '0']);
		else
			text[used++] = *at;
	text[used] = '\0';
	own = json_parse(text, used, NULL);
	if (own && verify(a, good[a], own))
		HOLDS(strstr(text, number[a]) || strchr(text, '\\'));
	json_destroy(own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = fuzz_start(data, size);
	unsigned int choice = fuzz_byte(&f);
	int a = choice >> 2 & 3;

	switch (choice & 3) {
	case 0:
		HOLDS(!verify(a, fuzz_text(&f), set));
		break;
	case 1:
		signed_check(&f, a);
		break;
	case 2:
		bent_check(&f, a);
		break;
	default:
		keys_check(&f, a);
	}
	fuzz_done(&f);
	return 0;
}
