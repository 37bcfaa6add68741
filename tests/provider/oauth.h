/*
 * oauth.h - what RFC 6749 asks of every endpoint: strict forms, authentication
 * of the client by its own method, errors and JSON replies with their quirks.
 */
#ifndef PROVIDER_OAUTH_H
#define PROVIDER_OAUTH_H

#include "server.h"
#include "settings.h"

#include <cjson/cJSON.h>

#define REFRESH_SECONDS (30.0 * 86400)

/* Only a form body, whole, no parameter twice; else it replies invalid_request. */
bool oauth_form(struct request *request);
/* Sets request->client; else it replies invalid_client (or invalid_request). */
bool oauth_client(struct request *request);
/* A parameter of the form; NULL when absent or empty (RFC 6749 section 3.1). */
const char *oauth_parameter(const struct request *request, const char *name);
/* The live access token of the Authorization header (RFC 6750), of this dialect; else NULL. */
struct token *oauth_bearer(struct request *request);
/* A 401 or 403 as RFC 6750 section 3 has it; error may be NULL. */
void oauth_bearer_error(struct request *request, int status, const char *error);
/* Only scopes that request->client has registered; else it replies invalid_scope. */
bool oauth_scope(struct request *request, const char *scope);
/* Whether each word of scope is one that the client has registered. */
bool scope_registered(struct pool *pool, const struct client *client, const char *scope);
bool scope_has(const char *scope, const char *word);

/* Status 0: 400. The error's name and status pass through the quirks. */
void oauth_error(struct request *request, int status, const char *error, const char *description);
/* Takes the object. quirks: form-encoded where form_errors says so. */
void oauth_json(struct request *request, int status, cJSON *object, bool quirks);

/* A number of the settings as raw JSON, a string where numbers=strings; none: left out. */
void json_add_number(cJSON *object, const char *name, enum setting setting);
/* What that number means: seconds, clamped; fallback when it is none or not a number. */
double setting_seconds(enum setting setting, double fallback);
/* The setting's, or that of the dialect. */
const char *token_type(const char *usual);
/* Puts changes over object; null takes a member away. Takes neither. */
void json_merge(cJSON *object, const cJSON *changes);
void json_merge_setting(cJSON *object, enum setting setting);
void json_set(cJSON *object, const char *name, cJSON *item); /* takes the item */

#endif
