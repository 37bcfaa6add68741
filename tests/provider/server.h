/*
 * server.h - the only door to the HTTP library: a request comes in complete, a
 * reply goes out, at once, late, in pieces, cut off or not at all.
 *
 * A request and all that its pool gave live until the reply has left. Handlers
 * run one at a time under the provider's lock and never block.
 */
#ifndef PROVIDER_SERVER_H
#define PROVIDER_SERVER_H

#include "store.h"
#include "text.h"

struct dialect;
struct request;
struct route;
struct server;

struct header {
	struct header *next;
	const char *name;
	const char *value;
};

struct reply {
	int status;
	const char *content_type; /* NULL: none sent */
	struct buffer body;
	struct header *headers;
	const char *error; /* for the log: the OAuth error */
	bool drop;	   /* close the connection without a reply */
	bool close;	   /* Connection: close */
	bool chunked;	   /* no Content-Length */
	long cut;	   /* bytes of the body to send before closing; -1: all */
	long repeat;	   /* send the body this many times over; -1: without end */
	long delay_ms;	   /* leave late */
	long drip_ms;	   /* pause before each byte of the body */
	long padding;	   /* so many header lines more */
};

/* What a browser finds on a page; in the request's pool. */
struct shown {
	const char *title; /* NULL: no page */
	const char *code;  /* to be typed or pasted elsewhere */
	bool form, buttons;
	const char *action; /* where the form goes; NULL: the page's own address */
	const char *fields; /* form-encoded, each ending in & */
	const char *leads_to;
};

struct request {
	struct pool pool;
	uint64_t n;
	uint64_t conn; /* number of the connection it came on */
	int64_t t_in_ms, t_out_ms;
	const char *method, *path;
	struct buffer body;
	bool body_too_big;
	struct form query;
	struct form form; /* of the body, when it is form-encoded */
	struct form json; /* likewise of a JSON object: its members that are strings */
	const struct dialect *dialect;
	const struct route *route; /* NULL: no such address */
	const char *endpoint;	   /* "" without a route */
	struct reply reply;
	struct shown shown;

	/* For the log and for the account of polls. */
	const struct client *client;
	const char *grant_type;
	const char *issued[2]; /* hashes of the tokens in the reply */
	const char *revoked;   /* hash of the token revoked */
	struct code *code;     /* the code that this request makes or polls */
	unsigned long code_generation;
	bool is_poll, early, after_grant;
	double interval; /* in force when it came */

	/* The HTTP library's side. */
	struct server *server;
	void *connection;
	bool started, answered, delayed, logged;
	bool gone;   /* the client left before the reply */
	bool quit;   /* end the program once the reply has left */
	size_t sent; /* bytes of the body that have left */
	struct request *timer_next;
	int64_t wake_ms;
};

/* How a server's requests are answered. Both run under the provider's lock. */
struct service {
	void (*answer)(struct request *request);  /* fills in the reply */
	void (*leaving)(struct request *request); /* t_out_ms is set; never twice */
	size_t body_limit;
};

/* The value of a header of the request, or NULL. */
const char *request_header(const struct request *request, const char *name);
/* Calls TAKE with the name of each argument of the query string. */
void request_query_names(const struct request *request,
			 void (*take)(void *context, const char *name), void *context);
void reply_header(struct request *request, const char *name, const char *value);

struct tls_identity {
	char *key_pem;
	char *certificate_pem;
};

/* A listening socket on 127.0.0.1; port 0 takes any, *port says which. -1: errno. */
int listen_loopback(unsigned int *port);
/*
 * Owns the socket. identity NULL: plain HTTP. room: what one connection may hold in memory, which
 * bounds the headers of a reply; 0: the library's own bound. NULL on failure.
 */
struct server *server_start(const struct service *service, int socket, unsigned int threads,
			    const struct tls_identity *identity, const char *tls_priorities,
			    size_t room);
void server_stop(struct server *server);
/* Late replies; start before the first server, timer_stop() before the last server_stop(). */
void server_timer_start(void);

void provider_lock(void);
void provider_unlock(void);

#endif
