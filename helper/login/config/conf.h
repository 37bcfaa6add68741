/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration: /etc/security/device_code.conf, its drop-ins and the provider's profile.
 *
 * The format is read here and nowhere else: "[section]", "key = value", '#' at the start of a
 * line, lines up to 4 KiB; no continuation lines, no comments behind a value. Files are opened
 * without following links and must be root's (or, where the host runs as an ordinary user, may be
 * that user's), and writable by nobody else. Files of messages, DIR/LANGUAGE.conf, have the same format
 * and no sections; one that is missing or wrong locks nobody out: English is shown then.
 *
 * Every error names file, line and key and says what would have been accepted.
 */
#ifndef HELPER_LOGIN_CONFIG_CONF_H
#define HELPER_LOGIN_CONFIG_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "common/wire.h"
#include "helper/login/display/messages.h"

enum conf_key {
	/* provider */
	CONF_PROFILE,
	CONF_FLOW,
	CONF_ISSUER,
	CONF_BASE_URL,
	CONF_REDIRECT_URI,
	CONF_CLIENT_ID,
	CONF_CLIENT_SECRET_FILE,
	CONF_TOKEN_ENDPOINT_AUTH_METHOD,
	CONF_CLIENT_KEY_FILE,
	CONF_CLIENT_CERTIFICATE_FILE,
	CONF_CLIENT_KEY_ID,
	CONF_CLIENT_ALG,
	CONF_CLIENT_AUDIENCE,
	CONF_ID_TOKEN_ALG,
	CONF_PKCE,
	CONF_METADATA,
	CONF_SCOPE,
	CONF_EXTRA_PARAMS,
	CONF_CA_FILE,
	CONF_PROXY,
	CONF_PROXY_SECRET_FILE,
	CONF_HTTP_LOOPBACK,
	CONF_DEVICE_AUTHORIZATION_ENDPOINT,
	CONF_AUTHORIZATION_ENDPOINT,
	CONF_TOKEN_ENDPOINT,
	CONF_REFRESH_ENDPOINT,
	CONF_REVOCATION_ENDPOINT,
	CONF_USERINFO_ENDPOINT,
	CONF_JWKS_URI,
	CONF_JWKS_FILE,
	CONF_ENDPOINT_HOSTS,
	CONF_VERIFICATION_HOSTS,
	/* who may enter */
	CONF_MAP_FILE,
	CONF_PEOPLE,
	CONF_ENROL,
	CONF_ENROL_NAME,
	CONF_ENROL_MAX,
	CONF_ENROL_RATE,
	CONF_USER_CLAIM,
	CONF_USER_CLAIM_SUFFIX,
	CONF_SHARED_ACCOUNT,
	CONF_ALLOW_ANYONE,
	CONF_REQUIRE,
	CONF_REQUIRE_ACR,
	CONF_REQUIRE_AMR,
	CONF_MAX_AUTH_AGE,
	CONF_EMAIL_DOMAIN,
	CONF_MIN_UID,
	CONF_ALLOW_SYSTEM_USERS,
	CONF_LOCAL_NAMES,
	CONF_USER_CLAIM_CASE,
	CONF_IGNORE_USERS,
	/* profiles only */
	CONF_DIALECT,
	CONF_FLOWS,
	CONF_OOB,
	CONF_USERNAMES,
	CONF_SUBJECT_CLAIM,
	CONF_NONCE,
	CONF_SCOPE_NAME,
	/* talk */
	CONF_FORM,
	CONF_LAYOUT,
	CONF_LANGUAGE,
	CONF_CHARSET,
	CONF_PROMPT,
	CONF_START,
	CONF_QR,
	CONF_QR_VERIFICATION_URI_COMPLETE,
	CONF_MAX_CODES,
	CONF_MAX_ENTRIES,
	CONF_TIMEOUT,
	/* guard */
	CONF_REMOTE,
	CONF_REMOTE_GREETER,
	CONF_LOCKERS,
	CONF_SANDBOX,
	CONF_REQUIRE_SSH_METHOD,
	CONF_RATE_LIMIT,
	/* after */
	CONF_TOKENS,
	CONF_TRUST,
	CONF_SESSION_MAX,
	CONF_EXCLUSIVE_SESSION,
	CONF_MAX_UNCONFIRMED,
	CONF_SESSION_END_HOOK,
	CONF_LOCAL_GROUPS,
	CONF_LOCAL_GROUPS_PRIVILEGED,
	CONF_KEY_COUNT,
};

enum {
	CONF_WHERE_MAX = 544, /* "file:line", the file's name being up to 511 bytes */
	CONF_ERROR_MAX = 768,
	CONF_LINE_MAX = 4096,
	CONF_FILE_MAX = 1024 * 1024,
	CONF_PEOPLE_MAX = 8 * 1024 * 1024,
	CONF_SECRET_MAX = 4096,
	CONF_JWKS_MAX = 8192, /* the channel's packet has to hold it */
};

/* Messages of the language, and message_ keys. */
struct conf_messages {
	struct messages all;
	struct messages ascii; /* the same for terminals that show nothing else */
	char *where[MESSAGE_COUNT];
};

struct conf_source;

struct conf {
	char section[64];
	const char *value[CONF_KEY_COUNT]; /* NULL: neither set nor by default */
	char *where[CONF_KEY_COUNT];	   /* "file:line"; NULL for a default, which is constant */
	char *client_secret;		   /* contents of client_secret_file, or NULL */
	int client_key;			   /* client_key_file, open to be read; 0: none */
	char *client_certificate;	   /* likewise of client_certificate_file */
	char *proxy_secret;		   /* likewise of proxy_secret_file */
	char *map;			   /* contents of map_file, or NULL */
	char *bindings;			   /* contents of device_code.people, or NULL */
	char *jwks;			   /* contents of jwks_file, or NULL */
	struct conf_messages *messages;	   /* NULL: English, which costs a host nothing */
	bool secret_hidden;		   /* this user may not read it: no secret, map or keys */
	const char *error;		   /* why conf_load() failed; "": it has not */
	char *error_text;		   /* where that was composed, or NULL */
	bool stale;		     /* conf_read_lists() has said no, and says so from then on */
	struct conf_source *sources; /* the files that were read, or were not there */
	char *warning; /* what is wrong and locks nobody out: of messages, of lines of the map; or NULL */
};

/*
 * Reads SECTION (NULL: the only one) of the file PATH (NULL: the installed one) into CONF.
 * Returns false with CONF->error set; conf_clear() is due either way.
 *
 * Where an ordinary user runs the whole host (a screen locker), a secret that they may not read is
 * no error: SECRET_HIDDEN is set, and the login ends: attempt.c.
 */
bool conf_load(struct conf *conf, const char *path, const char *section);

/*
 * Whether each file that was read is still the one that was, and none has come that would have been. A screen
 * may wait for days between the two.
 */
bool conf_is_current(const struct conf *conf);

/*
 * Reads map_file and the list of people again where they are others by now: who may enter is what they say when it is
 * decided, and somebody may have been removed while their code was pending. *AGAIN: so it was, and what was in CONF's
 * map and bindings before is freed. false: the section's own file or a drop-in has changed, or a list cannot be
 * read. A profile, certificates or messages, which an upgrade lays anew, say nothing of who may enter.
 */
bool conf_read_lists(struct conf *conf, bool *again);

/* Wipes and frees what CONF holds. */
void conf_clear(struct conf *conf);

/* The value of KEY, "" if there is none. */
const char *conf_text(const struct conf *conf, enum conf_key key);
bool conf_is(const struct conf *conf, enum conf_key key, const char *value);

/* What is said in place of the English messages, in ASCII alone where that is wanted; or NULL. */
const struct messages *conf_messages(const struct conf *conf, bool ascii);

/* A number, or a duration in seconds. 0 if the key has no value. */
long conf_number(const struct conf *conf, enum conf_key key);

/* A limit N/DURATION: *MOST in a window of *SECONDS; both 0 if it is off. */
void conf_rate(const struct conf *conf, enum conf_key key, long *most, long *seconds);

/* For the parts of the reader alone: sets the error. Returns false, so that a check can return it. */
bool conf_fail(struct conf *conf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds to DRAFT what the helper has to know of the provider, the client's secret included. */
void conf_tell(const struct conf *conf, struct wire_draft *draft);

/* What goes with that: the descriptor of the client's key, which stays CONF's; -1: there is none. */
int conf_key(const struct conf *conf);

#endif
