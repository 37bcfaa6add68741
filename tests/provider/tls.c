/*
 * tls.c - the provider's own certification authority and its leaf certificate
 * for localhost and one more host, made anew at each start; nothing private is ever written down.
 */
#include "tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400L

struct lifetime {
	long from, to; /* seconds from now */
};

static bool extension_add(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool added;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	added = extension && X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	return added;
}

static void serial_set(X509 *certificate)
{
	unsigned char bytes[8];
	BIGNUM *number;

	RAND_bytes(bytes, sizeof(bytes));
	bytes[0] &= 0x7f;
	bytes[7] |= 1;
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
	BN_free(number);
}

/* A certificate with everything but its extensions and signature. */
static X509 *certificate_begin(const char *name, EVP_PKEY *key, X509 *issuer,
			       struct lifetime lifetime)
{
	X509 *certificate = X509_new();
	X509_NAME *subject = X509_get_subject_name(certificate);

	X509_set_version(certificate, 2);
	serial_set(certificate);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1,
				   0);
	X509_set_issuer_name(certificate, X509_get_subject_name(issuer ? issuer : certificate));
	X509_gmtime_adj(X509_getm_notBefore(certificate), lifetime.from);
	X509_gmtime_adj(X509_getm_notAfter(certificate), lifetime.to);
	X509_set_pubkey(certificate, key);
	return certificate;
}

static X509 *authority_make(EVP_PKEY *key)
{
	X509 *ca = certificate_begin("Test provider CA", key, NULL,
				     (struct lifetime){ -DAY, 30 * DAY });

	if (extension_add(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	    extension_add(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	    extension_add(ca, ca, NID_subject_key_identifier, "hash") &&
	    X509_sign(ca, key, EVP_sha256()))
		return ca;
	X509_free(ca);
	return NULL;
}

static bool names_add(X509 *leaf, X509 *ca, const char *host)
{
	struct buffer names = { 0 };
	bool added;

	buffer_text(&names, "DNS:localhost,IP:127.0.0.1,IP:::1");
	if (host)
		buffer_printf(&names, ",DNS:%s,DNS:*.%s", host, host);
	added = extension_add(leaf, ca, NID_subject_alt_name, names.data);
	buffer_free(&names);
	return added;
}

static X509 *leaf_make(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key, enum certificate_fault fault,
		       const char *host)
{
	bool wrong_name = fault == CERTIFICATE_WRONG_NAME;
	struct lifetime lifetime = { -DAY, 30 * DAY };
	X509 *leaf;

	if (fault == CERTIFICATE_EXPIRED)
		lifetime = (struct lifetime){ -20 * DAY, -DAY };
	if (fault == CERTIFICATE_FUTURE)
		lifetime = (struct lifetime){ DAY, 30 * DAY };
	leaf = certificate_begin(wrong_name ? "elsewhere.test" : "localhost", key, ca, lifetime);
	if (!ca)
		ca = leaf;
	if (extension_add(leaf, ca, NID_basic_constraints, "critical,CA:FALSE") &&
	    extension_add(leaf, ca, NID_key_usage, "critical,digitalSignature") &&
	    extension_add(leaf, ca, NID_ext_key_usage, "serverAuth") &&
	    extension_add(leaf, ca, NID_subject_key_identifier, "hash") &&
	    extension_add(leaf, ca, NID_authority_key_identifier, "keyid:always") &&
	    (wrong_name ? extension_add(leaf, ca, NID_subject_alt_name, "DNS:elsewhere.test")
			: names_add(leaf, ca, host)) &&
	    X509_sign(leaf, ca_key, EVP_sha256()))
		return leaf;
	X509_free(leaf);
	return NULL;
}

static char *bio_text(BIO *bio)
{
	char *data, *text;
	long size = BIO_get_mem_data(bio, &data);

	text = xalloc((size_t)size + 1);
	memcpy(text, data, (size_t)size);
	BIO_free(bio);
	return text;
}

static char *certificate_pem(X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(bio, certificate);
	return bio_text(bio);
}

static char *key_pem(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	return bio_text(bio);
}

static bool file_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	bool written;

	if (!file)
		return false;
	written = fputs(text, file) >= 0;
	return !fclose(file) && written;
}

static bool ca_write(const char *path, X509 *ca, enum certificate_fault fault)
{
	EVP_PKEY *other_key = EVP_EC_gen("P-256");
	X509 *other = fault == CERTIFICATE_UNTRUSTED ? authority_make(other_key) : NULL;
	char *pem = certificate_pem(other ? other : ca);
	bool written = file_write(path, pem);

	free(pem);
	X509_free(other);
	EVP_PKEY_free(other_key);
	return written;
}

bool tls_identity_make(enum certificate_fault fault, const char *host, const char *ca_path,
		       struct tls_identity *identity)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = NULL, *leaf = NULL;
	bool made = false;

	if (!ca_key || !key)
		goto out;
	ca = authority_make(ca_key);
	if (ca && fault == CERTIFICATE_SELF_SIGNED)
		leaf = leaf_make(key, NULL, key, fault, host);
	else if (ca)
		leaf = leaf_make(key, ca, ca_key, fault, host);
	if (!leaf || !ca_write(ca_path, ca, fault))
		goto out;
	identity->key_pem = key_pem(key);
	identity->certificate_pem = certificate_pem(leaf);
	made = true;
out:
	X509_free(leaf);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	return made;
}

void tls_identity_free(struct tls_identity *identity)
{
	free(identity->key_pem);
	free(identity->certificate_pem);
	*identity = (struct tls_identity){ 0 };
}
