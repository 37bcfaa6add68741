/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole ways through the helper's flow, one for each dialect and flow, with the good reply to each
 * of their steps; any one of them can be another reply instead. Nothing here waits or has a network.
 */
#ifndef TESTS_REPLIES_WAYS_H
#define TESTS_REPLIES_WAYS_H

#include "helper/oauth_client/flow/flow.h"

#define WAY_ISSUER  "https://id.example"
#define WAY_SECRET  "canary-of-client-secret-4711-s-and-more-of-it"
#define WAY_DEVICE  "canary-of-device-code-4711-d-and-more-of-it"
#define WAY_ACCESS  "canary-of-access-token-4711-a-and-more-of-it"
#define WAY_REFRESH "canary-of-refresh-token-4711-r-and-more-of-it"
#define WAY_TYPED   "canary-of-typed-code-4711-t-and-more-of-it"

enum {
	WAY_STEPS_MAX = 12,
	WAY_ASKED_MAX = 30, /* requests after which the module goes */
};

struct way_step {
	const char *name;
	const char *url;    /* behind WAY_ISSUER: which request it answers */
	const char *body;   /* NULL: one that is made at the start */
	long status;	    /* 0: 200 */
	const char *needed; /* members without which it is worth nothing, separated by spaces */
	bool harmless;	    /* however it goes, the login is not refused for it */
};

struct way {
	const char *name;
	const char *settings; /* "key=value" lines beside the usual */
	void (*walk)(const struct wire_message *settings, const struct flow_io *io);
	struct way_step step[WAY_STEPS_MAX];
};

extern const struct way ways[];
extern const size_t ways_count;

/* One other reply, to be given at step AT whenever that is asked for. */
struct way_reply {
	int at; /* -1: nowhere */
	const char *body;
	size_t len;
	long status;
	const char *content_type;
};

struct way_end {
	enum verdict verdict; /* VERDICT_COUNT: the module was gone before `done` */
	int claims;	      /* told */
	bool claims_right;    /* all that were told, and none is missing */
	bool reached;	      /* the step of the other reply */
	bool clean;	      /* each message was one that the module takes */
};

void ways_make(void); /* keys and signatures: before all else */

/* The body of a step as it is when all is well. */
const char *way_body(const struct way *way, int step);
struct way_end way_walk(const struct way *way, const struct way_reply *other);

#endif
