/*
 * devicecode.h - the device flow that all dialects share (RFC 8628): making a
 * code, and the provider's verdict on a poll. The dialects only spell it.
 */
#ifndef PROVIDER_DEVICECODE_H
#define PROVIDER_DEVICECODE_H

#include "server.h"

enum verdict {
	VERDICT_AUTHORIZATION_PENDING,
	VERDICT_SLOW_DOWN,
	VERDICT_GRANTED,       /* code->grant is there, its tokens are not yet */
	VERDICT_ACCESS_DENIED, /* told once */
	VERDICT_DENIED_AGAIN,
	VERDICT_EXPIRED_TOKEN,
	VERDICT_USED,	/* redeemed before: its grant is dead now */
	VERDICT_UNKNOWN /* no such code, or another client's */
};

/* A new code for request->client with the interval and lifetime of the settings. */
struct code *code_invite(struct request *request, const char *scope, const char *nonce);
/* Judges a poll by request->client and changes the code's state accordingly. */
enum verdict code_poll(struct request *request, struct code *code);

/* The addresses for the person; in the request's pool. */
const char *verification_uri(struct request *request, const char *path);
const char *verification_uri_complete(struct request *request, const char *uri,
				      const char *user_code);

#endif
