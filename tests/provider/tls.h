/*
 * tls.h - the provider's own certification authority and its leaf certificate
 * for localhost, made anew at each start; nothing private is ever written down.
 */
#ifndef PROVIDER_TLS_H
#define PROVIDER_TLS_H

#include "server.h"

enum certificate_fault {
	CERTIFICATE_GOOD,
	CERTIFICATE_EXPIRED,
	CERTIFICATE_FUTURE,
	CERTIFICATE_WRONG_NAME,
	CERTIFICATE_UNTRUSTED /* ca.pem is another authority's */
};

/*
 * Makes authority and leaf, writes the authority's certificate to ca_path.
 * identity's texts are the caller's to free. False on failure, errno or stderr say why.
 */
bool tls_identity_make(enum certificate_fault fault, const char *ca_path,
		       struct tls_identity *identity);
void tls_identity_free(struct tls_identity *identity);

#endif
