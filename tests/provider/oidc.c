/*
 * oidc.c - the standard dialect: OpenID Connect discovery, RFC 8628 device
 * authorization, RFC 6749 tokens, userinfo, RFC 7009 revocation.
 */
#include "authorize.h"
#include "claims.h"
#include "devicecode.h"
#include "oauth.h"
#include "page.h"
#include "provider.h"
#include "settings.h"
#include "sign.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char device_grant[] = "urn:ietf:params:oauth:grant-type:device_code";

/* ---- discovery ---- */

static void address_add(struct request *request, cJSON *object, const char *name, const char *path)
{
	cJSON_AddStringToObject(object, name,
				pool_printf(&request->pool, "%s%s", provider_issuer(), path));
}

static void words_add(cJSON *object, const char *name, const char *const *words, int count)
{
	cJSON_AddItemToObject(object, name, cJSON_CreateStringArray(words, count));
}

#define WORDS(...)                            \
	(const char *const[]){ __VA_ARGS__ }, \
		(int)(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void serve_discovery(struct request *request)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "issuer", provider_issuer());
	address_add(request, object, "authorization_endpoint", "/authorize");
	address_add(request, object, "device_authorization_endpoint", "/device_authorization");
	address_add(request, object, "token_endpoint", "/token");
	address_add(request, object, "userinfo_endpoint", "/userinfo");
	address_add(request, object, "revocation_endpoint", "/revoke");
	address_add(request, object, "jwks_uri", "/jwks");
	words_add(object, "response_types_supported", WORDS("code"));
	words_add(object, "subject_types_supported", WORDS("public"));
	words_add(object, "grant_types_supported",
		  WORDS("authorization_code", "refresh_token", device_grant));
	words_add(object, "code_challenge_methods_supported", WORDS("S256"));
	words_add(object, "scopes_supported",
		  WORDS("openid", "profile", "email", "groups", "offline_access"));
	words_add(object, "token_endpoint_auth_methods_supported",
		  WORDS("none", "client_secret_post", "client_secret_basic"));
	words_add(object, "id_token_signing_alg_values_supported",
		  WORDS("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
			"ES512", "EdDSA", "Ed25519"));
	words_add(object, "claims_supported",
		  WORDS("sub", "preferred_username", "name", "email", "email_verified", "groups"));
	json_merge_setting(object, SET_DISCOVERY_MEMBERS);
	oauth_json(request, 200, object, false);
}

static void serve_jwks(struct request *request)
{
	request->reply.status = 200;
	request->reply.content_type = "application/jwk-set+json";
	sign_jwks(&request->reply.body);
}

/* ---- device authorization ---- */

/* Keycloak's words where its client wants PKCE of the device, too. */
static bool device_challenge_is_right(struct request *request)
{
	const char *challenge = oauth_parameter(request, "code_challenge");
	const char *method = oauth_parameter(request, "code_challenge_method");

	if (challenge ? method && !strcmp(method, "S256") : !setting_yes(SET_DEVICE_PKCE))
		return true;
	oauth_error(request, 400, "invalid_request", "Missing parameter: code_challenge_method");
	return false;
}

/* Twitch calls it otherwise, and wants it with each request. NULL: an error has been said. */
static const char *device_scope(struct request *request)
{
	const char *name = setting_get(SET_SCOPE_NAME);
	const char *scope = oauth_parameter(request, name);

	if (strcmp(name, "scope") == 0 || scope)
		return scope ? scope : "";
	oauth_error(request, 400, "missing scopes", "");
	return NULL;
}

static void serve_device_authorization(struct request *request)
{
	const char *scope, *uri, *complete;
	struct code *code;
	cJSON *object;

	if (!oauth_form(request) || !oauth_client(request))
		return;
	scope = device_scope(request);
	if (!scope)
		return;
	scope = *scope ? scope : NULL;
	if (!oauth_scope(request, scope))
		return;
	if (!device_challenge_is_right(request))
		return;
	code = code_invite(request, scope, oauth_parameter(request, "nonce"));
	if (oauth_parameter(request, "code_challenge")) {
		free(code->code_challenge);
		code->code_challenge = strdup(oauth_parameter(request, "code_challenge"));
	}
	uri = verification_uri(request, "/device");
	complete = verification_uri_complete(request, uri, code->user_code);
	object = cJSON_CreateObject();
	cJSON_AddStringToObject(object, "device_code", code->device_code);
	cJSON_AddStringToObject(object, "user_code", code->user_code);
	cJSON_AddStringToObject(object, setting_get(SET_URI_NAME), uri);
	if (setting_yes(SET_COMPLETE))
		cJSON_AddStringToObject(object, "verification_uri_complete", complete);
	json_add_number(object, "expires_in", SET_EXPIRES_IN);
	json_add_number(object, "interval", SET_INTERVAL);
	json_merge_setting(object, SET_DEVICE_MEMBERS);
	oauth_json(request, 200, object, true);
}

/* ---- authorization ---- */

static void serve_authorize(struct request *request)
{
	static const struct authorize_presentation presentation = {
		.redirect_status = 303,
		.response_type = true,
		.scopes = true,
		.pkce = true,
		.iss = true,
	};

	authorize_page(request, &presentation);
}

/* ---- token ---- */

static bool wants_refresh_token(const struct grant *grant)
{
	if (setting_is(SET_REFRESH, "auto"))
		return scope_has(grant->scope, "offline_access");
	return setting_yes(SET_REFRESH);
}

static void reply_tokens(struct request *request, struct grant *grant, bool with_refresh)
{
	cJSON *object = cJSON_CreateObject();
	struct token *access, *refresh;
	char *id_token = NULL;

	access = request_issue(request, grant, TOKEN_ACCESS,
			       setting_seconds(SET_TOKEN_EXPIRES_IN, 3600));
	cJSON_AddStringToObject(object, "access_token", access->text);
	cJSON_AddStringToObject(object, "token_type", token_type("Bearer"));
	json_add_number(object, "expires_in", SET_TOKEN_EXPIRES_IN);
	if (with_refresh) {
		refresh = request_issue(request, grant, TOKEN_REFRESH, REFRESH_SECONDS);
		cJSON_AddStringToObject(object, "refresh_token", refresh->text);
	}
	cJSON_AddStringToObject(object, "scope", grant->scope);
	if (setting_yes(SET_ID_TOKEN) && scope_has(grant->scope, "openid"))
		id_token = claims_id_token(&request->pool, grant);
	if (id_token)
		cJSON_AddStringToObject(object, "id_token", id_token);
	json_merge_setting(object, SET_TOKEN_MEMBERS);
	oauth_json(request, 200, object, true);
}

static struct code *token_polled_code(const struct request *request)
{
	const char *grant_type = oauth_parameter(request, "grant_type");
	const char *device_code = oauth_parameter(request, "device_code");

	if (!grant_type || strcmp(grant_type, device_grant) || !device_code)
		return NULL;
	return code_by_device_code(device_code);
}

static void token_by_device_code(struct request *request)
{
	static const struct {
		const char *error, *description;
	} words[] = {
		[VERDICT_AUTHORIZATION_PENDING] = { "authorization_pending",
						    "nobody has approved yet" },
		[VERDICT_SLOW_DOWN] = { "slow_down", "polling too fast" },
		[VERDICT_ACCESS_DENIED] = { "access_denied", "the person denied" },
		[VERDICT_DENIED_AGAIN] = { "invalid_grant", "the code is no longer valid" },
		[VERDICT_EXPIRED_TOKEN] = { "expired_token", "the code has expired" },
		[VERDICT_USED] = { "invalid_grant", "the code was already used" },
		[VERDICT_UNKNOWN] = { "invalid_grant", "no such code" },
	};
	const char *device_code = oauth_parameter(request, "device_code");
	struct code *code;
	enum verdict verdict;

	if (!device_code) {
		oauth_error(request, 400, "invalid_request", "no device_code");
		return;
	}
	if (!device_scope(request))
		return;
	code = code_by_device_code(device_code);
	if (code && !challenge_met(request, code->code_challenge,
				   oauth_parameter(request, "code_verifier"))) {
		oauth_error(request, 400, "invalid_grant", "PKCE verification failed");
		return;
	}
	verdict = code_poll(request, code);
	if (verdict == VERDICT_GRANTED)
		reply_tokens(request, code->grant, wants_refresh_token(code->grant));
	else
		oauth_error(request, 400, words[verdict].error, words[verdict].description);
}

static void token_by_refresh_token(struct request *request)
{
	const char *text = oauth_parameter(request, "refresh_token");
	struct token *token = text ? token_find(text) : NULL;
	bool rotate = setting_yes(SET_ROTATE);

	if (!text) {
		oauth_error(request, 400, "invalid_request", "no refresh_token");
		return;
	}
	if (!token || token->kind != TOKEN_REFRESH || token->grant->client != request->client) {
		oauth_error(request, 400, "invalid_grant", "no such refresh token");
		return;
	}
	if (!token_alive(token, request->t_in_ms) || token->grant->person->blocked) {
		/* A rotated token that comes again was stolen: its grant ends (RFC 9700). */
		token->grant->dead = true;
		oauth_error(request, 400, "invalid_grant", "the refresh token is no longer valid");
		return;
	}
	token->dead = rotate;
	stats.refreshed++;
	reply_tokens(request, token->grant, rotate);
}

static void token_by_authorization_code(struct request *request)
{
	struct grant *grant = authorization_redeem(request);

	if (grant)
		reply_tokens(request, grant, wants_refresh_token(grant));
}

static const struct {
	const char *grant_type;
	void (*serve)(struct request *request);
} token_grants[] = {
	{ device_grant, token_by_device_code },
	{ "refresh_token", token_by_refresh_token },
	{ "authorization_code", token_by_authorization_code },
};

static void serve_token(struct request *request)
{
	const char *grant_type = oauth_parameter(request, "grant_type");

	for (size_t i = 0; grant_type && i < sizeof(token_grants) / sizeof(*token_grants); i++)
		if (!strcmp(token_grants[i].grant_type, grant_type))
			request->grant_type = token_grants[i].grant_type;
	if (!oauth_form(request) || !oauth_client(request))
		return;
	if (!grant_type) {
		oauth_error(request, 400, "invalid_request", "no grant_type");
		return;
	}
	for (size_t i = 0; i < sizeof(token_grants) / sizeof(*token_grants); i++) {
		if (request->grant_type != token_grants[i].grant_type)
			continue;
		token_grants[i].serve(request);
		return;
	}
	oauth_error(request, 400, "unsupported_grant_type", "not one of grant_types_supported");
}

/* ---- userinfo ---- */

static void userinfo_jwt(struct request *request, const struct grant *grant)
{
	const char *text = claims_userinfo_signed(&request->pool, grant);

	request->reply.status = text ? 200 : 500;
	request->reply.content_type = "application/jwt";
	reply_header(request, "Cache-Control", "no-store");
	buffer_text(&request->reply.body, text ? text : "");
}

static void serve_userinfo(struct request *request)
{
	const char *error = request_header(request, "Authorization") ? "invalid_token" : NULL;
	struct token *token = oauth_bearer(request);

	if (!token)
		oauth_bearer_error(request, 401, error);
	else if (!scope_has(token->grant->scope, "openid"))
		oauth_bearer_error(request, 403, "insufficient_scope");
	else if (setting_yes(SET_USERINFO_SIGNED))
		userinfo_jwt(request, token->grant);
	else
		oauth_json(request, 200, claims_userinfo(token->grant), false);
}

/* ---- revocation ---- */

static void serve_revoke(struct request *request)
{
	const char *text;
	struct token *token;

	if (!oauth_form(request) || !oauth_client(request))
		return;
	text = oauth_parameter(request, "token");
	if (!text) {
		oauth_error(request, 400, "invalid_request", "no token");
		return;
	}
	token = token_find(text);
	if (token && token->grant->client != request->client) {
		oauth_error(request, 400, "invalid_request", "the token is another client's");
		return;
	}
	/* RFC 7009 section 2.2: an unknown token is as good as revoked. */
	request->reply.status = 200;
	if (!token)
		return;
	request_revoke(request, token, token->kind == TOKEN_REFRESH);
}

static const struct route routes[] = {
	{ "GET", "/.well-known/openid-configuration", "discovery", serve_discovery, NULL, NULL },
	{ "GET", "/jwks", "jwks", serve_jwks, NULL, NULL },
	{ "POST", "/device_authorization", "device", serve_device_authorization, NULL, NULL },
	{ "POST", "/token", "token", serve_token, token_polled_code, NULL },
	{ "GET", "/userinfo", "userinfo", serve_userinfo, NULL, NULL },
	{ "POST", "/userinfo", "userinfo", serve_userinfo, NULL, NULL },
	{ "POST", "/revoke", "revoke", serve_revoke, NULL, NULL },
	{ "GET", "/device", "page", device_page_show, NULL, NULL },
	{ "POST", "/device", "page", device_page_act, NULL, NULL },
	{ "GET", "/authorize", "authorize", serve_authorize, NULL, NULL },
	{ "POST", "/authorize", "authorize", serve_authorize, NULL, NULL },
	{ "GET", "/show-code", "page", show_code_page, NULL, NULL },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

const struct dialect dialect_oidc = { "oidc", routes, false };
