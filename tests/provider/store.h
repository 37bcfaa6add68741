/*
 * store.h - what the provider remembers: clients, people, codes, grants and
 * their tokens. RFC 8628's and RFC 6749's own words.
 *
 * Everything is under the provider's one lock, lives until store_reset() or the
 * end of the program, and is owned by the store. Times are CLOCK_BOOTTIME ms.
 */
#ifndef PROVIDER_STORE_H
#define PROVIDER_STORE_H

#include "text.h"

#include <cjson/cJSON.h>
#include <time.h>

enum token_endpoint_auth_method {
	AUTH_NONE,
	AUTH_POST,
	AUTH_BASIC
};

struct client {
	struct client *next;
	char *dialect; /* by name: no other dialect knows this client */
	char *id;
	char *name;   /* shown to the person */
	char *secret; /* "" for a public client */
	enum token_endpoint_auth_method auth;
	char *scopes; /* registered, divided by spaces */
};

struct person {
	struct person *next;
	char *name;
	cJSON *claims;
	unsigned long number; /* the same after each reset; the dialects' ids are made of it */
	bool blocked;	      /* cannot approve, refresh or read userinfo */
};

/* What one person allowed one client; its tokens die with it. */
struct grant {
	struct grant *next;
	const struct client *client;
	struct person *person;
	char *scope;
	char *nonce; /* "" when none was sent */
	time_t auth_time;
	bool dead;
};

enum token_kind {
	TOKEN_ACCESS,
	TOKEN_REFRESH
};

struct token {
	struct token *next;
	char *text;
	struct grant *grant;
	enum token_kind kind;
	int64_t expires_ms;
	bool dead;
};

enum code_state {
	CODE_PENDING,
	CODE_APPROVED,
	CODE_DENIED,
	CODE_DENIAL_TOLD,
	CODE_REDEEMED,
	CODE_EXPIRED
};

struct code {
	struct code *next;
	char *device_code;
	char *user_code; /* as it is shown */
	char *key;	 /* the user code without case, dashes and spaces */
	const struct client *client;
	char *scope;
	char *nonce;
	char *code_challenge; /* "": none was sent */
	enum code_state state;
	struct person *person; /* who approved */
	struct grant *grant;   /* once redeemed */
	int64_t expires_ms;
	double interval;       /* seconds, the one in force */
	unsigned long polls;   /* answered by the provider itself */
	uint64_t last_request; /* number of the latest request about this code */
	int64_t last_ms;       /* when its reply left, or when it came if none has left */
};

struct stats {
	unsigned long connections;
	unsigned long open_connections;
	unsigned long tls_connections;
	unsigned long requests;
	unsigned long codes;
	unsigned long polls;
	unsigned long early_polls;
	unsigned long after_grant_polls;
	unsigned long pending;
	unsigned long peak_pending;
	unsigned long approved;
	unsigned long denied;
	unsigned long expired;
	unsigned long redeemed;
	unsigned long refreshed;
	unsigned long revoked;
};

extern struct stats stats;
/* Counts the resets: a code kept across one is gone. */
extern unsigned long store_generation;

void store_start(unsigned long people); /* the built-in clients and people, and N more */
void store_reset(void);			/* forgets codes, grants and tokens; people as at start */
void store_free(void);

/* dialect NULL: of any; the newest first. */
struct client *client_find(const char *dialect, const char *id);
/* scopes NULL: those that the dialect's built-in clients have. */
struct client *client_add(const char *dialect, const char *id, enum token_endpoint_auth_method auth,
			  const char *secret, const char *name, const char *scopes);
/* "none", "post", "basic"; false when it is none of them. */
bool client_auth_read(const char *text, enum token_endpoint_auth_method *auth);

struct person *person_find(const char *name);
/* Claims become the store's; a new name is a new person. */
struct person *person_set(const char *name, cJSON *claims);
struct person *person_next(void); /* each generated person in turn */
/* By name, or * for person_next(); NULL when unknown or blocked. */
struct person *person_choose(const char *name);
const struct person *people_first(void);

/* A random text of 32 bytes, base64url, after a prefix that tells what it is. */
char *random_text(const char *prefix);

/* user_code NULL: a random one. scope and nonce may be NULL. */
struct code *code_add(const struct client *client, const char *scope, const char *nonce,
		      const char *user_code, double interval, double seconds);
struct code *code_by_device_code(const char *device_code);
struct code *code_by_user_code(const char *user_code); /* with or without dash */
struct code *codes_first(void);
void code_drop_dash(struct code *code); /* and whatever else a person need not type */
bool code_approve(struct code *code, struct person *person); /* false: not pending */
bool code_deny(struct code *code);
bool code_expire(struct code *code);
void code_check_expiry(struct code *code, int64_t now_ms);
void codes_check_expiry(int64_t now_ms);

struct grant *grant_add(const struct client *client, struct person *person, const char *scope,
			const char *nonce);
/* Whether this person has ever allowed this client something. */
bool grant_exists(const struct client *client, const struct person *person);
struct token *token_add(struct grant *grant, enum token_kind kind, double seconds);
struct token *token_find(const char *text);
/* A live access token of an equal grant, or NULL. */
struct token *token_like(const struct grant *grant, int64_t now_ms);
bool token_alive(const struct token *token, int64_t now_ms);

#endif
