/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What OAuth 2.0 replies have in common (RFC 6749 section 5, RFC 8628 section 3.5, RFC 7009), for
 * the dialects to read with. Pure.
 */
#ifndef HELPER_OAUTH_CLIENT_OAUTH_OAUTH_H
#define HELPER_OAUTH_CLIENT_OAUTH_OAUTH_H

#include "helper/oauth_client/dialect/dialect.h"
#include "json.h"

/*
 * true if the reply did not arrive; then *VERDICT and *REASON say so.
 */
bool oauth_unreached(const struct reply *reply, enum verdict *verdict, enum reason *reason);

/*
 * What a reply says that is no success: true, with *VERDICT and *REASON set. `error` decides,
 * not the status. false: it is a 200 whose JSON object BODY names no error. BODY may be NULL.
 */
bool oauth_refusal(const struct reply *reply, const struct json *body, enum verdict *verdict,
		   enum reason *reason);

/* The tokens of a successful reply (RFC 6749 5.1). GRANTED, NONSENSE, or UNPROVEN: one is too long. */
enum verdict oauth_tokens(const struct json *body, struct tokens *tokens, enum reason *reason);

/* Reads a whole token reply: the three above in a row. */
enum verdict oauth_token_reply(const struct reply *reply, struct tokens *tokens,
			       enum reason *reason);

/* The same for a code that a person brought back: invalid_grant means WRONG_CODE. */
enum verdict oauth_exchange_reply(const struct reply *reply, struct tokens *tokens,
				  enum reason *reason);

/* The same for a refresh token: invalid_grant means DENIED. */
enum verdict oauth_refresh_reply(const struct reply *reply, struct tokens *tokens,
				 enum reason *reason);

/* GRANTED for 200 without an error (RFC 7009 2.2), CLIENT_REFUSED for 401 and 403. */
enum verdict oauth_revoke_reply(const struct reply *reply, enum reason *reason);

/*
 * Reads the reply to an authorization; READ takes the body of one that is no refusal. Nothing is
 * pending yet: what only a pending code can be is judged by its status.
 */
enum verdict oauth_authorization_reply(const struct reply *reply,
				       struct authorization *authorization,
				       enum verdict (*read)(const struct json *body,
							    struct authorization *authorization,
							    enum reason *reason),
				       enum reason *reason);

/* Whether TYPE is the media type of a reply, but for its parameters. */
bool oauth_type_is(const struct reply *reply, const char *type);

/* Whether there is a page or a text in a reply, where a program would have been told something. */
bool oauth_for_people(const struct reply *reply);

/* Whether a reply is such with a success, 401 or 403: of a proxy or a firewall, no provider's verdict. */
bool oauth_page(const struct reply *reply);

/* Whether a reply says no more than "later": 408, 429, 5xx, and such a page. */
bool oauth_transient(const struct reply *reply);

/* What a reply means that no body explains. */
enum verdict oauth_status(const struct reply *reply, enum reason *reason);

/* Whether BODY has no `error`, or one that says nothing: null, "". */
bool oauth_no_error(const struct json *body);

/* Visible ASCII: what may stand behind "Bearer ", and so nothing that ends a header. */
bool oauth_token_ok(const char *token);

/* Nothing but ASCII from a space to a tilde. */
bool oauth_printable(const char *text);

/*
 * What an authorization is to show, from TEXT each; false: one is absent (*REASON "authorization_incomplete"), or so
 * long that nobody could be shown it.
 */
bool oauth_authorization_texts(const char *user_code, const char *uri,
			       struct authorization *authorization, enum reason *reason);

/* Copies TEXT unless it is NULL, empty or too long. */
bool oauth_copy(const char *text, char *out, size_t out_len);

/*
 * A number of seconds, clamped to 1..MOST; STANDARD where there is none or it makes no sense (zero,
 * negative, text). A fraction is rounded up if ROUND_UP (patience), else down (a life).
 */
int64_t oauth_seconds(const struct json *value, int64_t standard, int64_t most, bool round_up);

/* expires_in and interval of an authorization (RFC 8628 3.2), clamped. */
void oauth_authorization_times(const struct json *body, struct authorization *authorization);

/* GET the userinfo endpoint with the access token in the header (RFC 6750 2.1). */
void oauth_userinfo_request(const struct wire_message *settings, const struct endpoints *endpoints,
			    const char *access_token, struct request *request);

/* The address of RFC 6749 4.1.1 with what every dialect's has: type, client, redirection. */
void oauth_authorize_start(const struct wire_message *settings, const struct endpoints *endpoints,
			   struct request *address);

/* The standard's requests in form bodies, for those dialects that speak them. */
void oauth_authorize(const struct wire_message *settings, const struct endpoints *endpoints,
		     const struct proof *proof, struct request *address);
void oauth_exchange_request(const struct wire_message *settings, const struct endpoints *endpoints,
			    const struct proof *proof, const char *code, struct request *request);
void oauth_refresh_request(const struct wire_message *settings, const struct endpoints *endpoints,
			   const char *refresh_token, struct request *request);
void oauth_revoke_request(const struct wire_message *settings, const struct endpoints *endpoints,
			  const char *token, bool is_refresh_token, struct request *request);

#endif
