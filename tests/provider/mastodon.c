/*
 * mastodon.c - the dialect of Mastodon and its OAuth engine, Doorkeeper: an
 * authorization page that shows the code, form bodies, tokens without an end.
 */
#include "authorize.h"
#include "claims.h"
#include "identity.h"
#include "oauth.h"
#include "provider.h"
#include "settings.h"

#include <string.h>

#define FOR_EVER 1e8

/* ---- the authorization page ---- */

static void serve_authorize(struct request *request)
{
	static const struct authorize_presentation presentation = {
		.redirect_status = 302,
		.response_type = true,
		.scopes = true,
		.usual_scope = "read",
		.pkce = true,
	};

	authorize_page(request, &presentation);
}

/* ---- tokens ---- */

static bool client_is_right(struct request *request)
{
	const char *secret = oauth_parameter(request, "client_secret");

	request->client = request_client(request, oauth_parameter(request, "client_id"));
	return request->client && secret && !strcmp(secret, request->client->secret);
}

static void reply_token(struct request *request, struct grant *grant)
{
	struct token *token = setting_yes(SET_REUSE) ? token_like(grant, request->t_in_ms) : NULL;
	cJSON *object = cJSON_CreateObject();

	if (token)
		request->issued[0] = text_hash(&request->pool, token->text);
	else
		token = request_issue(request, grant, TOKEN_ACCESS, FOR_EVER);
	cJSON_AddStringToObject(object, "access_token", token->text);
	cJSON_AddStringToObject(object, "token_type", token_type("Bearer"));
	cJSON_AddStringToObject(object, "scope", grant->scope);
	cJSON_AddNumberToObject(object, "created_at", (double)time(NULL));
	json_merge_setting(object, SET_TOKEN_MEMBERS);
	oauth_json(request, 200, object, false);
}

static void serve_token(struct request *request)
{
	const char *grant_type = oauth_parameter(request, "grant_type");
	struct grant *grant;

	if (!oauth_form(request))
		return;
	if (!client_is_right(request)) {
		oauth_error(request, 401, "invalid_client",
			    "Client authentication failed due to unknown client, no client "
			    "authentication included, or unsupported authentication method.");
		return;
	}
	if (!grant_type || strcmp(grant_type, "authorization_code")) {
		oauth_error(request, 400, grant_type ? "unsupported_grant_type" : "invalid_request",
			    "The authorization grant type is not supported.");
		return;
	}
	request->grant_type = "authorization_code";
	if (!oauth_scope(request, oauth_parameter(request, "scope")))
		return;
	grant = authorization_redeem(request);
	if (grant)
		reply_token(request, grant);
}

/* Whoever does not own the token, or gives none, is told 403; an unknown one is as good as gone. */
static void serve_revoke(struct request *request)
{
	const char *text = oauth_parameter(request, "token");
	struct token *token = text ? token_find(text) : NULL;

	if (!oauth_form(request))
		return;
	if (!client_is_right(request) || !text ||
	    (token && token->grant->client != request->client)) {
		oauth_error(request, 403, "unauthorized_client",
			    "You are not authorized to revoke this token");
		return;
	}
	if (token)
		request_revoke(request, token, false);
	oauth_json(request, 200, cJSON_CreateObject(), false);
}

/* ---- identity ---- */

static void words_only(struct request *request, int status, const char *words)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "error", words);
	request->reply.error = words;
	oauth_json(request, status, object, false);
}

static bool scope_suffices(const char *scope)
{
	return scope_has(scope, "profile") || scope_has(scope, "read") ||
	       scope_has(scope, "read:accounts");
}

static cJSON *account_make(struct request *request, const struct grant *grant)
{
	cJSON *claims = claims_person(grant), *account = cJSON_CreateObject();
	const char *name = grant->person->name;

	cJSON_AddStringToObject(account, "id", identity_digits(&request->pool, grant->person));
	identity_add(account, "username", claims, "preferred_username", name);
	identity_add(account, "acct", claims, "preferred_username", name);
	identity_add(account, "display_name", claims, "name", name);
	cJSON_AddBoolToObject(account, "locked", false);
	cJSON_AddBoolToObject(account, "bot", false);
	cJSON_AddStringToObject(account, "created_at", "2022-11-15T00:00:00.000Z");
	cJSON_AddStringToObject(account, "note", "");
	cJSON_AddStringToObject(account, "url",
				pool_printf(&request->pool, "%s/@%s", provider_issuer(), name));
	cJSON_AddNumberToObject(account, "followers_count", 0);
	cJSON_AddItemToObject(account, "emojis", cJSON_CreateArray());
	cJSON_AddItemToObject(account, "fields", cJSON_CreateArray());
	cJSON_Delete(claims);
	return account;
}

static void serve_credentials(struct request *request)
{
	struct token *token = oauth_bearer(request);
	cJSON *account;

	if (!token) {
		reply_header(request, "WWW-Authenticate",
			     "Bearer realm=\"Doorkeeper\", error=\"invalid_token\"");
		words_only(request, 401, "The access token is invalid");
		return;
	}
	if (!scope_suffices(token->grant->scope)) {
		words_only(request, 403, "This action is outside the authorized scopes");
		return;
	}
	account = account_make(request, token->grant);
	json_merge_setting(account, SET_USERINFO_CLAIMS);
	oauth_json(request, 200, account, false);
}

/* Behind Trakt's routes in the list of dialects: what is not Trakt's comes here. */
static const struct route routes[] = {
	{ "GET", "/oauth/authorize", "authorize", serve_authorize, NULL, NULL },
	{ "POST", "/oauth/authorize", "authorize", serve_authorize, NULL, NULL },
	{ "POST", "/oauth/token", "token", serve_token, NULL, NULL },
	{ "POST", "/oauth/revoke", "revoke", serve_revoke, NULL, NULL },
	{ "GET", "/api/v1/accounts/verify_credentials", "userinfo", serve_credentials, NULL, NULL },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

const struct dialect dialect_mastodon = { "mastodon", routes, false };
