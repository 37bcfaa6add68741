/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Composes requests. Pure. What does not fit makes the request broken: http.c sends none of these.
 */
#ifndef HELPER_OAUTH_CLIENT_OAUTH_REQUEST_H
#define HELPER_OAUTH_CLIENT_OAUTH_REQUEST_H

#include "helper/oauth_client/dialect/dialect.h"

/* Starts a GET of URL. The reply is asked for as JSON. */
void request_get(struct request *request, const char *url);

/* Starts a POST of a form (application/x-www-form-urlencoded) to URL. */
void request_form(struct request *request, const char *url);

/* Adds a field to the form, percent-encoded. VALUE NULL or "" adds nothing. */
void request_field(struct request *request, const char *name, const char *value);

/* Adds the fields of "name=value name=value". */
void request_fields(struct request *request, const char *pairs);

/*
 * Adds a parameter to the query of the request's URL, percent-encoded. VALUE NULL or "" adds
 * nothing. An address for a person to open is composed as such a request, too.
 */
void request_query(struct request *request, const char *name, const char *value);
void request_queries(struct request *request, const char *pairs);

/* Starts a POST of a JSON object to URL, {} until members are added. */
void request_json(struct request *request, const char *url);

/* Adds a member with a string value, escaped. VALUE NULL or "" adds nothing. */
void request_member(struct request *request, const char *name, const char *value);

/* Adds the header "NAME: VALUE". A value with a control character makes the request broken. */
void request_header(struct request *request, const char *name, const char *value);

/* Adds "Authorization: Bearer TOKEN" (RFC 6750 2.1). */
void request_bearer(struct request *request, const char *token);

/*
 * Authenticates the client as `token_endpoint_auth_method` says: client_secret_post in the form, client_secret_basic in a header,
 * with id and secret form-encoded first (RFC 6749 2.3.1); an assertion is due afterwards, for it is good
 * for one request (request_assertion()), and a certificate is the connection's (RFC 8705).
 */
void request_client(struct request *request, const struct wire_message *settings);

/* Adds the ASSERTION that is due (RFC 7523 2.2). */
void request_assertion(struct request *request, const char *assertion);

/*
 * FORM with {base_url} and {client_id} replaced by the settings of that name, the latter
 * percent-encoded. false: a setting is missing, another brace, or it does not fit.
 */
bool request_url(const struct wire_message *settings, const char *form, char *out, size_t out_len);

/* RFC 4648 section 5, without padding. OUT has room for 4 bytes per 3 begun, and a NUL. */
void request_base64url(const unsigned char *bytes, size_t len, char *out);

/* TEXT as a JSON string, quotes included. false: it does not fit. */
bool request_quote(const char *text, char *out, size_t out_len);

/* Overwrites what is in it: requests carry secrets. */
void request_wipe(struct request *request);

#endif
