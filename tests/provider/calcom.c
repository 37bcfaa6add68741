/*
 * calcom.c - Cal.com's API v2, in both of its dialects. The platform's: the client in the path, the code as
 * a bearer, the secret in the body or a header, {status, data} in each reply. OAuth 2.0's at
 * /v2/auth/oauth2/token, for clients that have scopes; the page wants them said.
 */
#include "authorize.h"
#include "claims.h"
#include "identity.h"
#include "oauth.h"
#include "page.h"
#include "provider.h"
#include "settings.h"

#include <string.h>
#include <strings.h>

static const char *member(const struct request *request, const char *name)
{
	const char *value = form_get(&request->json, name);

	return value && *value ? value : NULL;
}

/* ---- replies ---- */

static void refuse(struct request *request, int status, const char *message)
{
	cJSON *object = cJSON_CreateObject();
	cJSON *error = cJSON_AddObjectToObject(object, "error");
	const char *code = status == 401 ? "UnauthorizedException" : "BadRequestException";

	cJSON_AddStringToObject(object, "status", "error");
	cJSON_AddStringToObject(object, "path", request->path);
	cJSON_AddStringToObject(error, "code", code);
	cJSON_AddStringToObject(error, "message", message);
	request->reply.error = message;
	oauth_json(request, status, object, false);
}

static void reply_data(struct request *request, cJSON *data)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "status", "success");
	cJSON_AddItemToObject(object, "data", data);
	oauth_json(request, 200, object, false);
}

/* Sets request->client by the path; else it replies. */
static bool path_client(struct request *request)
{
	const char *id = request_segment(request, 2);

	request->client = request_client(request, id);
	if (!request->client)
		refuse(request, 400,
		       pool_printf(&request->pool, "OAuth client with ID '%s' not found", id));
	return request->client != NULL;
}

static bool body_is_right(struct request *request)
{
	if (request->json.fields && !request->json.broken)
		return true;
	refuse(request, 400, "The body is not a JSON object.");
	return false;
}

/* ---- the authorize page, and the request that its form makes ---- */

static void form_begin(struct request *request, const struct asked *asked)
{
	struct buffer action = { 0 };

	buffer_text(&action, "/v2/oauth/");
	buffer_percent(&action, request->client->id);
	buffer_text(&action, "/authorize");
	page_form(request, pool_copy(&request->pool, action.data, action.size));
	buffer_free(&action);
	page_hidden(request, "redirectUri", asked->redirect_uri);
	page_hidden(request, "state", asked->state);
}

static const struct authorize_presentation presentation = {
	.redirect_status = 302,
	.no_page = true,
	.form = form_begin,
};

static const struct authorize_presentation oauth_manner = {
	.redirect_status = 302,
	.response_type = true,
	.scopes = true,
	.pkce = true,
	.no_page = true,
};

static const char *query(const struct request *request, const char *name)
{
	const char *value = form_get(&request->query, name);

	return value ? value : "";
}

static void serve_page(struct request *request)
{
	const struct client *client = request_client(request, query(request, "client_id"));
	bool oauth = client && *client->scopes;

	if (oauth && !*query(request, "scope"))
		page_say(request, 400, "This cannot go on", "scope parameter is required");
	else
		authorize_page(request, oauth ? &oauth_manner : &presentation);
}

static const char *given(const struct request *request, const char *name)
{
	const struct form *form = request->json.fields ? &request->json : &request->form;
	const char *value = form_get(form, name);

	return value ? value : "";
}

/* Who is signed in: said in the page's form; by JSON it is the person of the settings. */
static struct person *signed_in(struct request *request)
{
	struct person *person;

	if (!request->json.fields)
		return page_person(request);
	person = person_choose(setting_get(SET_PERSON));
	if (!person)
		refuse(request, 401, "Not signed in.");
	return person;
}

static void already_authorized(struct request *request, const struct person *person)
{
	refuse(request, 400,
	       pool_printf(&request->pool,
			   "User with id=%.0f has already authorized client with id=%s.",
			   identity_number(person), request->client->id));
}

static void serve_authorize(struct request *request)
{
	struct asked asked = {
		.redirect_uri = given(request, "redirectUri"),
		.state = given(request, "state"),
		.scope = "",
		.nonce = "",
		.code_challenge = "",
	};
	struct person *person;

	if (!path_client(request))
		return;
	if (!redirect_registered(request, &presentation, asked.redirect_uri)) {
		refuse(request, 400, "Invalid 'redirect_uri' value.");
		return;
	}
	person = signed_in(request);
	if (!person)
		return;
	if (setting_yes(SET_ALREADY) && grant_exists(request->client, person))
		already_authorized(request, person);
	else if (request->json.fields)
		authorize_approve(request, &presentation, &asked, person);
	else
		authorize_decide(request, &presentation, &asked);
}

/* ---- tokens ---- */

static void expiry_add(cJSON *data, const char *name, double seconds)
{
	cJSON_AddNumberToObject(data, name, ((double)time(NULL) + seconds) * 1000);
}

static void reply_keys(struct request *request, struct grant *grant, bool with_refresh)
{
	double seconds = setting_seconds(SET_TOKEN_EXPIRES_IN, 3600);
	bool dated = !setting_is(SET_TOKEN_EXPIRES_IN, "none");
	cJSON *data = cJSON_CreateObject();
	struct token *token;

	token = request_issue(request, grant, TOKEN_ACCESS, seconds);
	cJSON_AddStringToObject(data, "accessToken", token->text);
	if (with_refresh) {
		token = request_issue(request, grant, TOKEN_REFRESH, REFRESH_SECONDS);
		cJSON_AddStringToObject(data, "refreshToken", token->text);
	}
	if (dated)
		expiry_add(data, "accessTokenExpiresAt", seconds);
	if (dated && with_refresh)
		expiry_add(data, "refreshTokenExpiresAt", REFRESH_SECONDS);
	json_merge_setting(data, SET_TOKEN_MEMBERS);
	reply_data(request, data);
}

static bool secret_is_right(struct request *request, const char *secret)
{
	if (secret && !strcmp(secret, request->client->secret))
		return true;
	refuse(request, 400, "Invalid OAuth Client.");
	return false;
}

static void serve_exchange(struct request *request)
{
	const char *header = request_header(request, "Authorization");
	struct grant *grant;

	request->grant_type = "authorization_code";
	if (!path_client(request) || !body_is_right(request))
		return;
	if (!header || strncasecmp(header, "Bearer ", 7) || !header[7]) {
		refuse(request, 400, "Missing 'Bearer' Authorization header.");
		return;
	}
	if (!secret_is_right(request, member(request, "clientSecret")))
		return;
	grant = authorization_take(request, header + 7, NULL, NULL);
	if (grant)
		reply_keys(request, grant, !setting_is(SET_REFRESH, "no"));
	else
		refuse(request, 400, "Invalid Authorization Token.");
}

static void serve_refresh(struct request *request)
{
	const char *text = member(request, "refreshToken");
	struct token *token = text ? token_find(text) : NULL;
	bool rotate = setting_yes(SET_ROTATE);

	request->grant_type = "refresh_token";
	if (!path_client(request) || !body_is_right(request) ||
	    !secret_is_right(request, request_header(request, "x-cal-secret-key")))
		return;
	if (!token || token->kind != TOKEN_REFRESH || token->grant->client != request->client ||
	    !token_alive(token, request->t_in_ms) || token->grant->person->blocked) {
		refuse(request, 400, "Invalid refresh token");
		return;
	}
	token->dead = rotate;
	stats.refreshed++;
	reply_keys(request, token->grant, rotate);
}

/* ---- OAuth 2.0: forms or JSON, errors of RFC 6749 ---- */

static const char *parameter(const struct request *request, const char *name)
{
	return request->json.fields ? member(request, name) : oauth_parameter(request, name);
}

static void oauth_reply(struct request *request, struct grant *grant)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "access_token",
				request_issue(request, grant, TOKEN_ACCESS,
					      setting_seconds(SET_TOKEN_EXPIRES_IN, 1800))
					->text);
	cJSON_AddStringToObject(
		object, "refresh_token",
		request_issue(request, grant, TOKEN_REFRESH, REFRESH_SECONDS)->text);
	cJSON_AddStringToObject(object, "token_type", token_type("bearer"));
	json_add_number(object, "expires_in", SET_TOKEN_EXPIRES_IN);
	cJSON_AddStringToObject(object, "scope", grant->scope);
	json_merge_setting(object, SET_TOKEN_MEMBERS);
	oauth_json(request, 200, object, false);
}

/* The old refresh token ends with its use. */
static struct grant *refresh_take(struct request *request)
{
	const char *text = parameter(request, "refresh_token");
	struct token *token = text ? token_find(text) : NULL;

	if (!token || token->kind != TOKEN_REFRESH || token->grant->client != request->client ||
	    !token_alive(token, request->t_in_ms) || token->grant->person->blocked)
		return NULL;
	token->dead = true;
	stats.refreshed++;
	return token->grant;
}

static void serve_oauth_token(struct request *request)
{
	const char *grant_type = parameter(request, "grant_type");
	const char *secret = parameter(request, "client_secret");
	bool code = grant_type && !strcmp(grant_type, "authorization_code");
	struct grant *grant;

	request->client = request_client(request, parameter(request, "client_id"));
	if (!request->client || !*request->client->scopes || !secret ||
	    strcmp(secret, request->client->secret)) {
		oauth_error(request, 401, "invalid_client", "invalid_client_credentials");
		return;
	}
	if (!code && (!grant_type || strcmp(grant_type, "refresh_token"))) {
		oauth_error(request, 400, "invalid_request",
			    "grant_type must be 'authorization_code' or 'refresh_token'");
		return;
	}
	request->grant_type = code ? "authorization_code" : "refresh_token";
	grant = code ? authorization_take(request, parameter(request, "code"),
					  parameter(request, "redirect_uri"),
					  parameter(request, "code_verifier"))
		     : refresh_take(request);
	if (grant)
		oauth_reply(request, grant);
	else
		oauth_error(request, 400, "invalid_grant", "code_invalid_or_expired");
}

/* ---- identity ---- */

static void serve_me(struct request *request)
{
	struct token *token = oauth_bearer(request);
	cJSON *claims, *data;

	if (!token) {
		refuse(request, 401, "Invalid Access Token.");
		return;
	}
	if (*token->grant->client->scopes && !scope_has(token->grant->scope, "PROFILE_READ")) {
		refuse(request, 403, "insufficient_scope: PROFILE_READ is required");
		return;
	}
	claims = claims_person(token->grant);
	data = cJSON_CreateObject();
	cJSON_AddNumberToObject(data, "id", identity_number(token->grant->person));
	identity_add(data, "username", claims, "preferred_username", token->grant->person->name);
	identity_add(data, "email", claims, "email", "");
	identity_add(data, "name", claims, "name", "");
	cJSON_AddNumberToObject(data, "timeFormat", 24);
	cJSON_AddNullToObject(data, "defaultScheduleId");
	cJSON_AddStringToObject(data, "weekStart", "Monday");
	cJSON_AddStringToObject(data, "timeZone", "Europe/Berlin");
	json_merge_setting(data, SET_USERINFO_CLAIMS);
	cJSON_Delete(claims);
	reply_data(request, data);
}

static const struct route routes[] = {
	{ "GET", "/auth/oauth2/authorize", "authorize", serve_page, NULL, NULL },
	{ "POST", "/auth/oauth2/authorize", "authorize", serve_page, NULL, NULL },
	{ "POST", "/v2/auth/oauth2/token", "token", serve_oauth_token, NULL, NULL },
	{ "POST", "/v2/oauth/*/authorize", "authorize", serve_authorize, NULL, NULL },
	{ "POST", "/v2/oauth/*/exchange", "token", serve_exchange, NULL, NULL },
	{ "POST", "/v2/oauth/*/refresh", "refresh", serve_refresh, NULL, NULL },
	{ "GET", "/v2/me", "userinfo", serve_me, NULL, NULL },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

const struct dialect dialect_calcom = { "calcom", routes, false };
