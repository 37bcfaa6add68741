/*
 * faults.h - replies that a test has ordered (POST /reply on the control port):
 * canned, late, lost, cut off, in place of or on top of what is true.
 */
#ifndef PROVIDER_FAULTS_H
#define PROVIDER_FAULTS_H

#include "server.h"

enum fault_kind {
	FAULT_CANNED, /* this reply; the provider does not see the request */
	FAULT_DROP,   /* no reply; the provider does not see the request */
	FAULT_LOSE,   /* the provider does what was asked, the reply is lost */
	FAULT_REAL    /* the true reply, with this delay and these headers */
};

struct fault {
	struct fault *next;
	char *endpoint;
	enum fault_kind kind;
	long times;	/* how many requests more; -1: until cleared */
	long skip;	/* let this many pass first */
	long if_status; /* only where the true reply has this status; 0: any */
	int status;
	char *content_type; /* "" for none */
	char *headers;	    /* "Name: value" lines */
	struct buffer body;
	long delay_ms, drip_ms, cut, repeat, padding;
	bool chunked, close;
};

/* Orders a fault; it and its texts become this file's. Faults apply in order. */
void fault_add(struct fault *fault);
void fault_free(struct fault *fault);
/* The fault for a request at this endpoint, or NULL; counts down its skip. */
struct fault *fault_find(const char *endpoint);
/* Whether the true reply must be made first. */
bool fault_wants_truth(const struct fault *fault);
/* Makes the reply. Counts down its times, and frees the fault after the last. */
void fault_apply(struct fault *fault, struct request *request);
void faults_clear(void);
void faults_print(struct buffer *out);

#endif
