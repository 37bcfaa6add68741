/*
 * oauth.h - what RFC 6749 asks of every endpoint: strict forms, authentication
 * of the client by its own method, errors and JSON replies with their quirks.
 */
#ifndef PROVIDER_OAUTH_H
#define PROVIDER_OAUTH_H

#include "server.h"
#include "settings.h"

#include <cjson/cJSON.h>

/* Only a form body, whole, no parameter twice; else it replies invalid_request. */
bool oauth_form(struct request *request);
/* Sets request->client; else it replies invalid_client (or invalid_request). */
bool oauth_client(struct request *request);
/* A parameter of the form; NULL when absent or empty (RFC 6749 section 3.1). */
const char *oauth_parameter(const struct request *request, const char *name);
/* Only scopes that the provider knows; else it replies invalid_scope. */
bool oauth_scope(struct request *request, const char *scope);
bool scope_known(struct pool *pool, const char *scope);
bool scope_has(const char *scope, const char *word);

/* Status 0: 400. The error's name and status pass through the quirks. */
void oauth_error(struct request *request, int status, const char *error, const char *description);
/* Takes the object. quirks: form-encoded where form_errors says so. */
void oauth_json(struct request *request, int status, cJSON *object, bool quirks);

/* A number of the settings as raw JSON, a string where numbers=strings; none: left out. */
void json_add_number(cJSON *object, const char *name, enum setting setting);
/* What that number means: seconds, clamped; fallback when it is none or not a number. */
double setting_seconds(enum setting setting, double fallback);
/* Puts changes over object; null takes a member away. Takes neither. */
void json_merge(cJSON *object, const cJSON *changes);
void json_merge_setting(cJSON *object, enum setting setting);
void json_set(cJSON *object, const char *name, cJSON *item); /* takes the item */

#endif
