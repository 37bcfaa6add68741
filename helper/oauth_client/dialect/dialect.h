/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a provider's dialect must be able to say and understand.
 *
 * Every flow is authorize → (wait | ask) → token → verdict. A dialect is one row of pure functions
 * that compose a request or read a reply: no I/O, no clock, no memory of its own. So each is
 * tested from files of recorded replies, and a new provider of a known dialect is a profile file.
 */
#ifndef HELPER_OAUTH_CLIENT_DIALECT_DIALECT_H
#define HELPER_OAUTH_CLIENT_DIALECT_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/reason.h"
#include "common/wire.h"

enum {
	REQUEST_URL_MAX = 2048,
	REQUEST_BODY_MAX = 16 * 1024,
	REQUEST_HEADERS_MAX = 8,
	REQUEST_HEADER_BYTES = 12 * 1024,
	REPLY_BYTES_MAX = 64 * 1024,
	DEVICE_CODE_MAX = 2048,
	URI_MAX = 1024,	  /* an address that is shown, its NUL included */
	PROOF_SHORT = 16, /* base64url characters: 96 bits, and a short address to scan */
	PROOF_LONG = 43,  /* 256 bits, the least that RFC 7636 4.1 allows */
	TOKEN_MAX = 16 * 1024 - 1,
	ID_TOKEN_MAX = 48 * 1024 - 1, /* it names all of somebody's groups, at times */
	INTERVAL_STANDARD = 5,	      /* seconds, RFC 8628 3.2 */
	INTERVAL_MAX = 600,
	EXPIRES_STANDARD = 600, /* where a provider leaves the required expires_in out */
	CHALLENGE_MAX = 256,
	EXPIRES_MAX = 24 * 3600,
};

/* A request to be sent. Built by request.c; too long a part makes it broken, never cut. */
struct request {
	bool broken;
	bool assertion_due; /* the client is not authenticated yet: request_assertion() */
	bool post;
	char url[REQUEST_URL_MAX];
	size_t headers; /* each "Name: value", one after another in header_bytes */
	const char *header[REQUEST_HEADERS_MAX];
	size_t header_len;
	char header_bytes[REQUEST_HEADER_BYTES];
	size_t body_len;
	char body[REQUEST_BODY_MAX];
};

/* How far a request came on a fresh connection. */
enum reply_came {
	CAME_NOWHERE = 0, /* the name was not found, or nothing was sent */
	CAME_TO_ADDRESS,
	CAME_TO_PORT, /* TCP */
	CAME_TO_HOST, /* TLS: it is the one that was meant */
};

/* What came back. */
struct reply {
	bool arrived;	  /* false: DNS, TCP, TLS, time-out, too long; status and body are void */
	bool timed_out;	  /* not arrived, because of a time-out (RFC 8628 3.5: back off) */
	bool wrong_clock; /* not arrived: a certificate is not yet or no longer valid */
	bool ours;	  /* not arrived, and this machine is to blame, not the provider */
	bool unsent;	  /* not arrived, and no byte of the request went out */
	bool too_long;	  /* not arrived, because it is beyond the bounds */
	enum reason trouble;  /* where not arrived */
	enum reply_came came; /* how far it came */
	int64_t date;	      /* the server's clock, seconds since the epoch; -1: not said */
	int64_t retry_at;     /* Retry-After as a moment of that clock; -1: none */
	long status;
	long retry_after; /* seconds, -1: not said; of a moment reckoned by flow_fetch() */
	char content_type[64];
	char challenge
		[CHALLENGE_MAX]; /* WWW-Authenticate (RFC 6750 section 3), cut; "": none, or no error in it */
	size_t len;
	char body[REPLY_BYTES_MAX + 1]; /* a NUL behind its end */
};

/* What the provider asks a person to do (RFC 8628 3.2; in flow = authorization_code only `uri` is used). */
struct authorization {
	char device_code[DEVICE_CODE_MAX];
	char user_code[64];
	char uri[URI_MAX];
	char uri_complete[URI_MAX]; /* "": none */
	int64_t expires_in;	    /* seconds, 1 to EXPIRES_MAX */
	int64_t interval;	    /* seconds, 1 to INTERVAL_MAX */
};

/* What ties an authorization code to this login: paste.c makes it, nobody else learns it. */
struct proof {
	char state[PROOF_SHORT + 1];
	char nonce[PROOF_SHORT + 1];
	char verifier[PROOF_LONG + 1];	/* PKCE (RFC 7636) code_verifier */
	char challenge[PROOF_LONG + 1]; /* and its S256 code_challenge */
};

/* What a code is exchanged for. Wiped by whoever holds it. */
struct tokens {
	char access[TOKEN_MAX + 1];
	char refresh[TOKEN_MAX + 1]; /* "": none came */
	char id[ID_TOKEN_MAX + 1];   /* "": none came */
	int64_t expires_in;	     /* seconds that the access token lives, 0: not said */
	int64_t expires_at;	     /* or the moment, seconds since the epoch, 0: not said */
};

struct json;

enum {
	ENDPOINTS = 7, /* that discover.c knows by name */
	ENDPOINT_ORIGIN_MAX = 300,
	ALGS_MAX = 128,
};

/* Where the provider's endpoints are; filled by discover.c. "" where there is none. */
struct endpoints {
	bool paste; /* flow = authorization_code: the authorization endpoint is needed, not the device's */
	bool pinned;   /* the settings bring the keys: the provider's are not asked for */
	bool algs_set; /* likewise how ID tokens are signed */
	char issuer[REQUEST_URL_MAX];
	char device_authorization[REQUEST_URL_MAX];
	char authorization[REQUEST_URL_MAX];
	char token[REQUEST_URL_MAX];
	char refresh[REQUEST_URL_MAX]; /* where it is not the token endpoint */
	char revocation[REQUEST_URL_MAX];
	char userinfo[REQUEST_URL_MAX];
	char jwks[REQUEST_URL_MAX];
	char metadata[REQUEST_URL_MAX]; /* where these are to be learned */
	char algs[ALGS_MAX];		/* that ID tokens may be signed with, separated by blanks */
	/* "https://host:port" of each that the metadata names and that is not asked, discover_name()'s; "?": no address */
	char refused[ENDPOINTS][ENDPOINT_ORIGIN_MAX];
};

/*
 * SETTINGS is the opening packet: wire_value(settings, "client_id") and so on.
 *
 * A reader that returns VERDICT_GRANTED has filled its output; for any other verdict the output
 * is void and *REASON says why. A member may be NULL where the
 * provider has no such thing.
 */
struct dialect {
	const char *name;

	/* flow = device_code: ask for a code, then poll with it */
	bool device_forms; /* by forms, in which what it does not know is left alone: PKCE, nonce */
	void (*authorization_request)(const struct wire_message *settings,
				      const struct endpoints *endpoints, struct request *request);
	enum verdict (*authorization_reply)(const struct reply *reply,
					    struct authorization *authorization,
					    enum reason *reason);
	void (*token_request)(const struct wire_message *settings,
			      const struct endpoints *endpoints,
			      const struct authorization *authorization, struct request *request);
	enum verdict (*token_reply)(const struct reply *reply, struct tokens *tokens,
				    enum reason *reason);

	/* flow = authorization_code: the address that the person opens, then the code that they bring back */
	bool has_state; /* a redirected address has our state in it */
	void (*authorize)(const struct wire_message *settings, const struct endpoints *endpoints,
			  const struct proof *proof, struct request *address);
	void (*exchange_request)(const struct wire_message *settings,
				 const struct endpoints *endpoints, const struct proof *proof,
				 const char *code, struct request *request);
	enum verdict (*exchange_reply)(const struct reply *reply, struct tokens *tokens,
				       enum reason *reason);

	/* who approved: a JSON object at the userinfo endpoint */
	void (*userinfo_request)(const struct wire_message *settings,
				 const struct endpoints *endpoints, const char *access_token,
				 struct request *request);

	/* later: tokens.refresh "" after a grant means that the old one is still good */
	void (*refresh_request)(const struct wire_message *settings,
				const struct endpoints *endpoints, const char *refresh_token,
				struct request *request);
	enum verdict (*refresh_reply)(const struct reply *reply, struct tokens *tokens,
				      enum reason *reason);
	void (*revoke_request)(const struct wire_message *settings,
			       const struct endpoints *endpoints, const char *token,
			       bool is_refresh_token, struct request *request);
	enum verdict (*revoke_reply)(const struct reply *reply, enum reason *reason);
};

extern const struct dialect dialect_rfc8628;
extern const struct dialect dialect_trakt;
extern const struct dialect dialect_mastodon;
extern const struct dialect dialect_calcom;

/* NULL: no such dialect. */
const struct dialect *dialect_find(const char *name);

#endif
