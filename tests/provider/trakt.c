/*
 * trakt.c - the dialect of Trakt's API: JSON bodies, its own headers on every
 * request, and for a pending code the HTTP status is the verdict.
 */
#include "authorize.h"
#include "claims.h"
#include "devicecode.h"
#include "identity.h"
#include "oauth.h"
#include "page.h"
#include "provider.h"
#include "settings.h"

#include <string.h>

static const char *member(const struct request *request, const char *name)
{
	const char *value = form_get(&request->json, name);

	return value && *value ? value : NULL;
}

/* ---- whose request is it ---- */

static const char *given_client(const struct request *request)
{
	const char *id = request_header(request, "trakt-api-key");

	id = id ? id : form_get(&request->json, "client_id");
	id = id ? id : form_get(&request->form, "client_id");
	return id ? id : form_get(&request->query, "client_id");
}

/* Addresses that Mastodon has too: the client tells, else the shape of the body. */
static bool is_ours(const struct request *request)
{
	const char *id = given_client(request);
	const struct client *client = id ? client_find(NULL, id) : NULL;

	return client ? !strcmp(client->dialect, "trakt") : request->json.fields != NULL;
}

static bool grant_type_is(const struct request *request, const char *grant_type)
{
	const char *given = member(request, "grant_type");

	return given && !strcmp(given, grant_type);
}

static bool is_our_refresh(const struct request *request)
{
	return is_ours(request) && grant_type_is(request, "refresh_token");
}

/* ---- the gate ---- */

static void refuse(struct request *request, int status, const char *error)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "error", error);
	cJSON_AddStringToObject(object, "error_description", error);
	request->reply.error = error;
	oauth_json(request, status, object, false);
}

/* A verdict by status alone; the name of it is for the log. */
static void verdict(struct request *request, int status, const char *error)
{
	request->reply.error = error;
	request->reply.status = status;
}

/* Sets request->client by the key; else it replies 403 or 412. */
static bool headers_are_right(struct request *request)
{
	const char *version = request_header(request, "trakt-api-version");
	const char *agent = request_header(request, "User-Agent");

	request->client = request_client(request, request_header(request, "trakt-api-key"));
	if (!request->client || !agent || !*agent) {
		verdict(request, 403, "invalid_api_key");
		return false;
	}
	if (!version || strcmp(version, "2")) {
		verdict(request, 412, "wrong_api_version");
		return false;
	}
	return true;
}

/*
 * A body that cannot be read is 422, not 400: that would say "pending" to a poll.
 * The client in the body must be the one of the key.
 */
static bool body_is_right(struct request *request)
{
	const char *id = member(request, "client_id");

	if (!headers_are_right(request))
		return false;
	if (!request->json.fields)
		verdict(request, 415, "not_json");
	else if (request->json.broken)
		verdict(request, 422, "broken_json");
	else if (!id || strcmp(id, request->client->id))
		verdict(request, 403, "invalid_api_key");
	else
		return true;
	return false;
}

static bool secret_is_right(struct request *request)
{
	const char *secret = member(request, "client_secret");

	if (secret && !strcmp(secret, request->client->secret))
		return true;
	refuse(request, 401, "invalid_client");
	return false;
}

/* ---- the device flow ---- */

static void serve_device_code(struct request *request)
{
	bool chosen = setting_get(SET_USER_CODE) != NULL;
	struct code *code;
	cJSON *object;

	if (!body_is_right(request))
		return;
	code = code_invite(request, "public", NULL);
	if (!chosen)
		code_drop_dash(code);
	object = cJSON_CreateObject();
	cJSON_AddStringToObject(object, "device_code", code->device_code);
	cJSON_AddStringToObject(object, "user_code", code->user_code);
	cJSON_AddStringToObject(object, "verification_url", verification_uri(request, "/activate"));
	json_add_number(object, "expires_in", SET_EXPIRES_IN);
	json_add_number(object, "interval", SET_INTERVAL);
	json_merge_setting(object, SET_DEVICE_MEMBERS);
	oauth_json(request, 200, object, false);
}

static void reply_tokens(struct request *request, struct grant *grant)
{
	cJSON *object = cJSON_CreateObject();
	struct token *access, *refresh;

	access = request_issue(request, grant, TOKEN_ACCESS,
			       setting_seconds(SET_TOKEN_EXPIRES_IN, 3600));
	cJSON_AddStringToObject(object, "access_token", access->text);
	cJSON_AddStringToObject(object, "token_type", token_type("bearer"));
	json_add_number(object, "expires_in", SET_TOKEN_EXPIRES_IN);
	if (!setting_is(SET_REFRESH, "no")) {
		refresh = request_issue(request, grant, TOKEN_REFRESH, REFRESH_SECONDS);
		cJSON_AddStringToObject(object, "refresh_token", refresh->text);
	}
	cJSON_AddStringToObject(object, "scope", "public");
	cJSON_AddNumberToObject(object, "created_at", (double)time(NULL));
	json_merge_setting(object, SET_TOKEN_MEMBERS);
	oauth_json(request, 200, object, false);
}

static struct code *polled_code(const struct request *request)
{
	const char *code = member(request, "code");

	return code ? code_by_device_code(code) : NULL;
}

static void serve_device_token(struct request *request)
{
	static const struct {
		int status;
		const char *error;
	} rows[] = {
		[VERDICT_AUTHORIZATION_PENDING] = { 400, "authorization_pending" },
		[VERDICT_SLOW_DOWN] = { 429, "slow_down" },
		[VERDICT_ACCESS_DENIED] = { 418, "access_denied" },
		[VERDICT_DENIED_AGAIN] = { 418, "access_denied" },
		[VERDICT_EXPIRED_TOKEN] = { 410, "expired_token" },
		[VERDICT_USED] = { 409, "already_used" },
		[VERDICT_UNKNOWN] = { 404, "invalid_device_code" },
	};
	struct code *code = polled_code(request);
	enum verdict told;

	if (!body_is_right(request) || !secret_is_right(request))
		return;
	request->grant_type = "device_code";
	told = code_poll(request, code);
	if (told == VERDICT_GRANTED)
		reply_tokens(request, code->grant);
	else
		verdict(request, rows[told].status, rows[told].error);
}

/* ---- the authorization code ---- */

static const struct authorize_presentation presentation = {
	.redirect_status = 302,
	.response_type = true,
};

static void serve_authorize(struct request *request)
{
	authorize_page(request, &presentation);
}

static void token_by_code(struct request *request)
{
	const char *uri = member(request, "redirect_uri");
	struct grant *grant =
		authorization_take(request, member(request, "code"), uri ? uri : "", NULL);

	if (grant)
		reply_tokens(request, grant);
	else
		refuse(request, 401, "invalid_grant");
}

static void token_by_refresh_token(struct request *request)
{
	const char *text = member(request, "refresh_token");
	const char *uri = member(request, "redirect_uri");
	struct token *token = text ? token_find(text) : NULL;

	/* The API's description marks redirect_uri as required here too. */
	if (!uri || !redirect_registered(request, &presentation, uri)) {
		refuse(request, 400, "invalid_request");
		return;
	}
	if (!token || token->kind != TOKEN_REFRESH || token->grant->client != request->client ||
	    !token_alive(token, request->t_in_ms) || token->grant->person->blocked) {
		refuse(request, 401, "invalid_grant");
		return;
	}
	token->dead = setting_yes(SET_ROTATE);
	stats.refreshed++;
	reply_tokens(request, token->grant);
}

static void serve_token(struct request *request)
{
	if (!body_is_right(request) || !secret_is_right(request))
		return;
	if (grant_type_is(request, "authorization_code")) {
		request->grant_type = "authorization_code";
		token_by_code(request);
	} else if (grant_type_is(request, "refresh_token")) {
		request->grant_type = "refresh_token";
		token_by_refresh_token(request);
	} else {
		refuse(request, 400, "unsupported_grant_type");
	}
}

/* ---- revocation, identity ---- */

/* An access token and its refresh token are one record: both end together. */
static void serve_revoke(struct request *request)
{
	const char *text = member(request, "token");
	struct token *token = text ? token_find(text) : NULL;

	if (!body_is_right(request) || !secret_is_right(request))
		return;
	if (!text) {
		refuse(request, 400, "invalid_request");
		return;
	}
	if (token && token->grant->client != request->client) {
		refuse(request, 403, "unauthorized_client");
		return;
	}
	if (token)
		request_revoke(request, token, true);
	oauth_json(request, 200, cJSON_CreateObject(), false);
}

static cJSON *user_make(struct request *request, const struct grant *grant)
{
	cJSON *claims = claims_person(grant), *user = cJSON_CreateObject();
	cJSON *ids = cJSON_AddObjectToObject(user, "ids");
	const char *name = grant->person->name;

	identity_add(user, "username", claims, "preferred_username", name);
	cJSON_AddBoolToObject(user, "private", false);
	cJSON_AddBoolToObject(user, "deleted", false);
	identity_add(user, "name", claims, "name", name);
	cJSON_AddBoolToObject(user, "vip", false);
	cJSON_AddBoolToObject(user, "vip_ep", false);
	identity_add(ids, "slug", claims, "preferred_username", name);
	cJSON_AddStringToObject(ids, "uuid", identity_uuid(&request->pool, grant->person));
	cJSON_AddStringToObject(user, "joined_at", "2010-09-25T17:49:25.000Z");
	cJSON_Delete(claims);
	return user;
}

static void serve_settings(struct request *request)
{
	cJSON *object, *account;
	struct token *token;

	if (!headers_are_right(request))
		return;
	token = oauth_bearer(request);
	if (!token) {
		oauth_bearer_error(request, 401, "invalid_token");
		return;
	}
	object = cJSON_CreateObject();
	cJSON_AddItemToObject(object, "user", user_make(request, token->grant));
	account = cJSON_AddObjectToObject(object, "account");
	cJSON_AddStringToObject(account, "timezone", "Europe/Berlin");
	cJSON_AddStringToObject(account, "date_format", "dmy");
	cJSON_AddBoolToObject(account, "time_24hr", true);
	cJSON_AddNullToObject(account, "cover_image");
	json_merge_setting(object, SET_USERINFO_CLAIMS);
	oauth_json(request, 200, object, false);
}

static const struct route routes[] = {
	{ "POST", "/oauth/device/code", "device", serve_device_code, NULL, NULL },
	{ "POST", "/oauth/device/token", "token", serve_device_token, polled_code, NULL },
	{ "GET", "/oauth/authorize", "authorize", serve_authorize, NULL, is_ours },
	{ "POST", "/oauth/authorize", "authorize", serve_authorize, NULL, is_ours },
	{ "POST", "/oauth/token", "refresh", serve_token, NULL, is_our_refresh },
	{ "POST", "/oauth/token", "token", serve_token, NULL, is_ours },
	{ "POST", "/oauth/revoke", "revoke", serve_revoke, NULL, is_ours },
	{ "GET", "/users/settings", "userinfo", serve_settings, NULL, NULL },
	{ "GET", "/activate", "page", device_page_show, NULL, NULL },
	{ "GET", "/activate/*", "page", device_page_show, NULL, NULL },
	{ "POST", "/activate", "page", device_page_act, NULL, NULL },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

const struct dialect dialect_trakt = { "trakt", routes, true };
