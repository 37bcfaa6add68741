/*
 * authorize.h - the authorization endpoint (RFC 6749 section 4.1) with PKCE
 * (RFC 7636): the code travels back by redirect, or a page shows it.
 */
#ifndef PROVIDER_AUTHORIZE_H
#define PROVIDER_AUTHORIZE_H

#include "server.h"

/* What is asked for; texts in the request's pool, "" where nothing was said. */
struct asked {
	const char *redirect_uri, *state, *scope, *nonce, *code_challenge;
};

/* How a dialect's endpoint differs from the others'. */
struct authorize_presentation {
	int redirect_status;
	bool response_type;	 /* must be asked for, and be "code" */
	bool scopes;		 /* only registered ones; else scopes are ignored */
	const char *usual_scope; /* where none is asked for; NULL: "" */
	bool pkce;		 /* understood, and required of public clients; else ignored */
	bool iss;		 /* told in the redirect (RFC 9207) */
	bool no_page;		 /* no urn:ietf:wg:oauth:2.0:oob */
	/* Begins the page's form; NULL: it goes to the page's own address. */
	void (*form)(struct request *request, const struct asked *asked);
};

/* GET shows the page, POST is its form; both read the same query. */
void authorize_page(struct request *request, const struct authorize_presentation *presentation);
/* For a form that goes elsewhere: is the address registered; reads the form and redirects. */
bool redirect_registered(struct request *request, const struct authorize_presentation *presentation,
			 const char *uri);
void authorize_decide(struct request *request, const struct authorize_presentation *presentation,
		      const struct asked *asked);
void authorize_approve(struct request *request, const struct authorize_presentation *presentation,
		       const struct asked *asked, struct person *person);
/* A redirect_uri that shows the code in large type. */
void show_code_page(struct request *request);

/* The grant for the code in a form by request->client; NULL: it replied. */
struct grant *authorization_redeem(struct request *request);
/* The grant for a code, once, or NULL. uri NULL: not asked for; verifier NULL: none was sent. */
struct grant *authorization_take(struct request *request, const char *text, const char *uri,
				 const char *verifier);
void authorizations_clear(void);

/* Whether VERIFIER, NULL for none, is that of CHALLENGE, "" for none (RFC 7636, S256). */
bool challenge_met(struct request *request, const char *challenge, const char *verifier);

#endif
