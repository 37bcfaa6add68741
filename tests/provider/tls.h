/*
 * tls.h - the provider's own certification authority and its leaf certificate
 * for localhost and one more host, made anew at each start; nothing private is ever written down.
 */
#ifndef PROVIDER_TLS_H
#define PROVIDER_TLS_H

#include "server.h"

enum certificate_fault {
	CERTIFICATE_GOOD,
	CERTIFICATE_EXPIRED,
	CERTIFICATE_FUTURE,
	CERTIFICATE_WRONG_NAME,
	CERTIFICATE_UNTRUSTED,	/* ca.pem is another authority's */
	CERTIFICATE_SELF_SIGNED /* the leaf vouches for itself */
};

/*
 * Makes authority and leaf, writes the authority's certificate to ca_path. The leaf is good for
 * host, too, and for the names below it; NULL: for localhost alone.
 * identity's texts are the caller's to free. False on failure, errno or stderr say why.
 */
bool tls_identity_make(enum certificate_fault fault, const char *host, const char *ca_path,
		       struct tls_identity *identity);
void tls_identity_free(struct tls_identity *identity);

#endif
