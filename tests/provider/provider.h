/*
 * provider.h - what holds the dialects together: their routes, the issuer, and
 * the account of polls.
 *
 * A dialect is a table of routes, one file each. A route's serve() reads the
 * request and fills in request->reply; it runs under the provider's lock, does
 * no I/O and never waits. Names of endpoints are what a test says in /reply.
 * Where dialects share an address, mine() tells whose request it is.
 */
#ifndef PROVIDER_PROVIDER_H
#define PROVIDER_PROVIDER_H

#include "server.h"

struct route {
	const char *method; /* "GET" answers HEAD too */
	const char *path;   /* a segment "*" stands for any one segment */
	const char *endpoint;
	void (*serve)(struct request *request);
	/* The code that a request at this route polls, read without judging; may be NULL. */
	struct code *(*polled_code)(const struct request *request);
	bool (*mine)(const struct request *request); /* NULL: every request */
};

struct dialect {
	const char *name;
	const struct route *routes; /* ends with a route without path */
	bool strict_interval;	    /* an early poll is told to slow down */
};

extern const struct dialect dialect_oidc;
extern const struct dialect dialect_trakt;
extern const struct dialect dialect_mastodon;
extern const struct dialect dialect_calcom;

/* The public service: faults, dialects, account, log. */
extern const struct service provider_service;

void provider_start(const char *issuer); /* kept, not copied */
const char *provider_issuer(void);
bool dialect_known(const char *name);
bool endpoint_known(const char *endpoint);
void endpoints_print(struct buffer *out);

/* Says that this request made the code, so that its first poll is timed from this reply. */
void request_made_code(struct request *request, struct code *code);
/* Segment i (from 0) of the request's path, in its pool. */
char *request_segment(struct request *request, unsigned int i);

/* The client of this id in the request's dialect, or NULL. */
const struct client *request_client(const struct request *request, const char *id);
/* A new token for the reply; the log will have its hash. */
struct token *request_issue(struct request *request, struct grant *grant, enum token_kind kind,
			    double seconds);
/* Ends the token, or all that was granted with it; the log will have its hash. */
void request_revoke(struct request *request, struct token *token, bool whole_grant);

/* Plain text as the reply. */
void reply_text(struct request *request, int status, const char *text);

#endif
