/*
 * provider.h - what holds the dialects together: their routes, the issuer, and
 * the account of polls.
 *
 * A dialect is a table of routes, one file each. A route's serve() reads the
 * request and fills in request->reply; it runs under the provider's lock, does
 * no I/O and never waits. Names of endpoints are what a test says in /reply.
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
};

struct dialect {
	const char *name;
	const struct route *routes; /* ends with a route without path */
};

extern const struct dialect dialect_oidc;

/* The public service: faults, dialects, account, log. */
extern const struct service provider_service;

void provider_start(const char *issuer); /* kept, not copied */
const char *provider_issuer(void);
bool endpoint_known(const char *endpoint);
void endpoints_print(struct buffer *out);

/* Says that this request made the code, so that its first poll is timed from this reply. */
void request_made_code(struct request *request, struct code *code);
/* Segment i (from 0) of the request's path, in its pool. */
char *request_segment(struct request *request, unsigned int i);

/* Plain text as the reply. */
void reply_text(struct request *request, int status, const char *text);

#endif
