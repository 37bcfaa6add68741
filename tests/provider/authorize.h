/*
 * authorize.h - the authorization endpoint (RFC 6749 section 4.1) with PKCE
 * (RFC 7636): the code travels back by redirect, or a page shows it.
 */
#ifndef PROVIDER_AUTHORIZE_H
#define PROVIDER_AUTHORIZE_H

#include "server.h"

/* Both read the same query; the second is the form on the first one's page. */
void authorize_page_show(struct request *request);
void authorize_page_act(struct request *request);
/* A redirect_uri that shows the code in large type. */
void show_code_page(struct request *request);

/* The grant for the code in a token request by request->client; NULL: it replied. */
struct grant *authorization_redeem(struct request *request);
void authorizations_clear(void);

#endif
