/*
 * oauth.c - what RFC 6749 asks of every endpoint: strict forms, authentication
 * of the client by its own method, errors and JSON replies with their quirks.
 */
#include "oauth.h"
#include "provider.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- JSON ---- */

void json_set(cJSON *object, const char *name, cJSON *item)
{
	if (cJSON_GetObjectItemCaseSensitive(object, name))
		cJSON_ReplaceItemInObjectCaseSensitive(object, name, item);
	else
		cJSON_AddItemToObject(object, name, item);
}

void json_merge(cJSON *object, const cJSON *changes)
{
	const cJSON *change;

	cJSON_ArrayForEach(change, changes)
	{
		if (cJSON_IsNull(change))
			cJSON_DeleteItemFromObjectCaseSensitive(object, change->string);
		else
			json_set(object, change->string, cJSON_Duplicate(change, true));
	}
}

void json_merge_setting(cJSON *object, enum setting setting)
{
	cJSON *changes = setting_object(setting);

	json_merge(object, changes);
	cJSON_Delete(changes);
}

void json_add_number(cJSON *object, const char *name, enum setting setting)
{
	const char *raw = setting_get(setting);
	char text[64];

	if (!strcmp(raw, "none"))
		return;
	if (setting_is(SET_NUMBERS, "strings") && *raw != '"') {
		snprintf(text, sizeof(text), "\"%s\"", raw);
		raw = text;
	}
	cJSON_AddRawToObject(object, name, raw);
}

double setting_seconds(enum setting setting, double fallback)
{
	const char *raw = setting_get(setting);
	double seconds;
	char *end;

	raw += *raw == '"';
	seconds = strtod(raw, &end);
	if (end == raw || !isfinite(seconds) || seconds < 0)
		return fallback;
	return seconds < 1e8 ? seconds : 1e8;
}

const char *token_type(const char *usual)
{
	const char *set = setting_get(SET_TOKEN_TYPE);

	return set ? set : usual;
}

/* ---- replies ---- */

static void form_add(struct buffer *out, const cJSON *member)
{
	char *text = cJSON_IsString(member) ? NULL : cJSON_PrintUnformatted(member);

	buffer_text(out, out->size ? "&" : "");
	buffer_percent(out, member->string);
	buffer_text(out, "=");
	buffer_percent(out, text ? text : member->valuestring);
	cJSON_free(text);
}

static bool wants_form(const struct request *request)
{
	const char *accept = request_header(request, "Accept");

	return setting_yes(SET_FORM_ERRORS) && !(accept && strstr(accept, "application/json"));
}

void oauth_json(struct request *request, int status, cJSON *object, bool quirks)
{
	struct reply *reply = &request->reply;
	const cJSON *member;
	char *text;

	reply->status = status;
	reply_header(request, "Cache-Control", "no-store");
	reply_header(request, "Pragma", "no-cache");
	if (quirks && wants_form(request)) {
		reply->content_type = "application/x-www-form-urlencoded; charset=utf-8";
		cJSON_ArrayForEach(member, object) form_add(&reply->body, member);
	} else {
		reply->content_type = "application/json; charset=utf-8";
		text = cJSON_PrintUnformatted(object);
		buffer_text(&reply->body, text);
		cJSON_free(text);
	}
	cJSON_Delete(object);
}

/* rename=access_denied:authorization_declined,... */
static const char *error_renamed(struct request *request, const char *error)
{
	const char *at = setting_get(SET_RENAME);
	size_t size = strlen(error);

	while (at && *at) {
		if (!strncmp(at, error, size) && at[size] == ':')
			return pool_copy(&request->pool, at + size + 1,
					 strcspn(at + size + 1, ","));
		at = strchr(at, ',');
		at = at ? at + 1 : NULL;
	}
	return error;
}

void oauth_error(struct request *request, int status, const char *error, const char *description)
{
	cJSON *object = cJSON_CreateObject();
	long forced = setting_long(SET_ERROR_STATUS);

	if (setting_is(SET_ERROR_NAME, "message")) { /* Twitch */
		cJSON_AddNumberToObject(object, "status", status ? status : 400);
		cJSON_AddStringToObject(object, "message", error_renamed(request, error));
	} else {
		cJSON_AddStringToObject(object, "error", error_renamed(request, error));
		cJSON_AddStringToObject(object, "error_description", description);
	}
	if (status == 401 && request_header(request, "Authorization"))
		reply_header(request, "WWW-Authenticate", "Basic realm=\"provider\"");
	request->reply.error = error;
	status = status ? status : 400;
	oauth_json(request, forced >= 200 && forced <= 599 ? (int)forced : status, object, true);
}

/* ---- requests ---- */

const char *oauth_parameter(const struct request *request, const char *name)
{
	const char *value = form_get(&request->form, name);

	return value && *value ? value : NULL;
}

bool oauth_form(struct request *request)
{
	const struct form *form = &request->form;

	if (!form->fields) {
		oauth_error(request, 400, "invalid_request",
			    "only application/x-www-form-urlencoded bodies are supported");
		return false;
	}
	if (form->broken) {
		oauth_error(request, 400, "invalid_request", "the form is not well encoded");
		return false;
	}
	for (size_t i = 0; i < form->count; i++) {
		if (form_times(form, form->fields[i].name) > 1 ||
		    strlen(form->fields[i].value) != form->fields[i].size) {
			oauth_error(request, 400, "invalid_request",
				    "a parameter is repeated or holds a NUL");
			return false;
		}
	}
	return true;
}

struct credentials {
	enum token_endpoint_auth_method auth;
	const char *id;
	const char *secret;
};

/* RFC 6749 section 2.3.1: id and secret are form-encoded before base64. */
static bool basic_read(struct request *request, const char *header, struct credentials *given)
{
	size_t size;
	char *text, *colon;
	long id_size, secret_size;

	if (strncasecmp(header, "Basic ", 6))
		return false;
	text = base64_decode(&request->pool, header + 6, &size);
	colon = text ? memchr(text, ':', size) : NULL;
	if (!colon)
		return false;
	id_size = form_decode(text, (size_t)(colon - text));
	secret_size = form_decode(colon + 1, size - (size_t)(colon + 1 - text));
	if (id_size < 0 || secret_size < 0)
		return false;
	text[id_size] = '\0';
	colon[1 + secret_size] = '\0';
	*given = (struct credentials){ AUTH_BASIC, text, colon + 1 };
	return true;
}

static bool credentials_read(struct request *request, struct credentials *given)
{
	const char *header = request_header(request, "Authorization");
	const char *id = oauth_parameter(request, "client_id");
	const char *secret = oauth_parameter(request, "client_secret");

	if (!header) {
		*given = (struct credentials){ secret ? AUTH_POST : AUTH_NONE, id, secret };
		if (!id)
			oauth_error(request, 400, "invalid_request", "no client_id");
		return id != NULL;
	}
	if (!basic_read(request, header, given)) {
		oauth_error(request, 401, "invalid_client", "malformed Authorization header");
		return false;
	}
	if (secret || (id && strcmp(id, given->id))) {
		oauth_error(request, 400, "invalid_request", "two ways of client authentication");
		return false;
	}
	return true;
}

bool oauth_client(struct request *request)
{
	struct credentials given = { 0 };
	const struct client *client;

	if (!credentials_read(request, &given))
		return false;
	client = request_client(request, given.id);
	if (!client || client->auth != given.auth ||
	    strcmp(client->secret, given.secret ? given.secret : "")) {
		oauth_error(request, 401, "invalid_client", "client authentication failed");
		return false;
	}
	request->client = client;
	return true;
}

/* ---- bearer tokens ---- */

void oauth_bearer_error(struct request *request, int status, const char *error)
{
	const char *challenge = "Bearer realm=\"provider\"";

	if (error)
		challenge = pool_printf(&request->pool, "%s, error=\"%s\"", challenge, error);
	request->reply.error = error;
	reply_header(request, "WWW-Authenticate", challenge);
	reply_text(request, status, "");
}

struct token *oauth_bearer(struct request *request)
{
	const char *header = request_header(request, "Authorization");
	struct token *token;

	if (!header || strncasecmp(header, "Bearer ", 7))
		return NULL;
	token = token_find(header + 7);
	if (!token || token->kind != TOKEN_ACCESS || !token_alive(token, request->t_in_ms) ||
	    token->grant->person->blocked ||
	    strcmp(token->grant->client->dialect, request->dialect->name))
		return NULL;
	request->client = token->grant->client;
	return token;
}

/* ---- scopes ---- */

bool scope_has(const char *scope, const char *word)
{
	size_t size = strlen(word);
	const char *at = scope;

	while ((at = strstr(at, word))) {
		if ((at == scope || at[-1] == ' ') && (!at[size] || at[size] == ' '))
			return true;
		at += size;
	}
	return false;
}

bool scope_registered(struct pool *pool, const struct client *client, const char *scope)
{
	char *words = pool_copy(pool, scope, strlen(scope)), *rest = NULL, *word;

	for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (!scope_has(client->scopes, word))
			return false;
	return true;
}

bool oauth_scope(struct request *request, const char *scope)
{
	if (!scope || scope_registered(&request->pool, request->client, scope))
		return true;
	oauth_error(request, 400, "invalid_scope", "the scope is not registered");
	return false;
}
