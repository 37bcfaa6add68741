/*
 * calcom.c - the dialect of Cal.com's API v2: the client in the path, the code as
 * a bearer, the secret in the body or a header, {status, data} in each reply.
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

static const struct authorize_manner manner = {
	.redirect_status = 302,
	.no_page = true,
	.form = form_begin,
};

static void serve_page(struct request *request)
{
	authorize_page(request, &manner);
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
	if (!redirect_registered(request, &manner, asked.redirect_uri)) {
		refuse(request, 400, "Invalid 'redirect_uri' value.");
		return;
	}
	person = signed_in(request);
	if (!person)
		return;
	if (setting_yes(SET_ALREADY) && grant_exists(request->client, person))
		already_authorized(request, person);
	else if (request->json.fields)
		authorize_approve(request, &manner, &asked, person);
	else
		authorize_decide(request, &manner, &asked);
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

/* ---- identity ---- */

static void serve_me(struct request *request)
{
	struct token *token = oauth_bearer(request);
	cJSON *claims, *data;

	if (!token) {
		refuse(request, 401, "Invalid Access Token.");
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
	{ "POST", "/v2/oauth/*/authorize", "authorize", serve_authorize, NULL, NULL },
	{ "POST", "/v2/oauth/*/exchange", "token", serve_exchange, NULL, NULL },
	{ "POST", "/v2/oauth/*/refresh", "refresh", serve_refresh, NULL, NULL },
	{ "GET", "/v2/me", "userinfo", serve_me, NULL, NULL },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

const struct dialect dialect_calcom = { "calcom", routes, false };
