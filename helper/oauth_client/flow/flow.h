/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one state machine: discover → authorize → wait → token → identity → done.
 *
 * Everything outside is given: the clock, the network, the channel. So thirty minutes of polling run
 * in milliseconds under a clock of the test's making.
 */
#ifndef HELPER_OAUTH_CLIENT_FLOW_FLOW_H
#define HELPER_OAUTH_CLIENT_FLOW_FLOW_H

#include "helper/oauth_client/dialect/dialect.h"

enum flow_event {
	FLOW_TIME = 0, /* the moment has come */
	FLOW_AGAIN,    /* the module asks for a fresh code */
	FLOW_ANSWER,   /* the person has typed something: io.answer() */
	FLOW_KEPT,     /* the tokens are in the module's care */
	FLOW_GONE,     /* the module has closed the channel, or broken the protocol */
};

struct flow_io {
	void *context;
	int64_t (*now)(void *context);	/* milliseconds, CLOCK_BOOTTIME */
	int64_t (*wall)(void *context); /* seconds since the epoch: for ID tokens alone */
	enum flow_event (*wait)(void *context, int64_t until); /* until now() >= UNTIL */
	const char *(*answer)(void *context); /* what was typed; valid until the next wait */
	bool (*random)(void *context, unsigned char *out, size_t len);
	/* What is wrong with the client's key or certificate: no request is made then. */
	enum reason client_wrong;
	/* A fresh client_assertion for AUDIENCE, of CLIENT_ASSERTION_MAX bytes. false: it cannot be made. */
	bool (*assertion)(void *context, const char *audience, char *out);
	/* false: the module has gone. A failed request is a reply that did not arrive. */
	bool (*fetch)(void *context, const struct request *request, int64_t limit_ms,
		      struct reply *reply);
	bool (*tell)(void *context, const struct wire_draft *draft); /* false: gone */
	void (*alone)(void *context); /* from here on fetch() goes on without a module */
	/* The INDEXth system call of a probe that was refused. false: there is none. May be NULL. */
	bool (*refused)(void *context, unsigned int index, char *name, size_t len);
};

/*
 * Each walks a whole way for the opening packet SETTINGS and tells the module all of it, `done`
 * included; returns when that is told or the module has gone.
 *
 * login: a person approves; their identity is told. Where the settings say tokens = revoke and the
 * provider can, the tokens are revoked behind `done`, and what fails then is told as notes; of tokens
 * that it is to keep the module says afterwards that it does, else they are revoked, though nobody
 * hears of it. refresh:
 * SETTINGS has a token_blob;
 * identity and a new token_blob are told; DENIED means that the provider has ended it. revoke: the
 * token_blob's refresh token, then its access token. probe: what of the provider works, told as
 * findings: probe.h.
 */
void flow_login(const struct wire_message *settings, const struct flow_io *io);
void flow_refresh(const struct wire_message *settings, const struct flow_io *io);
void flow_revoke(const struct wire_message *settings, const struct flow_io *io);
void flow_probe(const struct wire_message *settings, const struct flow_io *io);

#endif
