/*
 * authorize.c - the authorization endpoint (RFC 6749 section 4.1) with PKCE
 * (RFC 7636): the code travels back by redirect, or a page shows it.
 */
#include "authorize.h"
#include "oauth.h"
#include "page.h"
#include "provider.h"
#include "table.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define CODE_LIFETIME_MS 600000

static const char out_of_band[] = "urn:ietf:wg:oauth:2.0:oob";

/* One authorization code and what its redemption must repeat. */
struct authorization {
	struct authorization *next;
	char *text;
	char *redirect_uri;
	char *code_challenge; /* "" without PKCE */
	struct grant *grant;
	int64_t expires_ms;
	bool used;
};

static struct authorization *authorizations;
static struct table by_text;

void authorizations_clear(void)
{
	table_clear(&by_text);
	while (authorizations) {
		struct authorization *next = authorizations->next;

		free(authorizations->text);
		free(authorizations->redirect_uri);
		free(authorizations->code_challenge);
		free(authorizations);
		authorizations = next;
	}
}

static const char *query_get(const struct request *request, const char *name)
{
	const char *value = form_get(&request->query, name);

	return value ? value : "";
}

/* ---- the page ---- */

/* Registered: the out-of-band page, the provider's own page, any loopback port (RFC 8252). */
static bool redirect_registered(struct request *request, const char *uri)
{
	const char *own = pool_printf(&request->pool, "%s/show-code", provider_issuer());
	const char *set = setting_get(SET_REDIRECT_URI);

	return !strcmp(uri, out_of_band) || !strcmp(uri, own) || (set && !strcmp(uri, set)) ||
	       !strncmp(uri, "http://127.0.0.1:", 17) || !strncmp(uri, "http://[::1]:", 13);
}

static void redirect_back(struct request *request, const char *name, const char *value)
{
	const char *uri = query_get(request, "redirect_uri");
	const char *state = query_get(request, "state");
	struct buffer out = { 0 };

	buffer_printf(&out, "%s%c%s=", uri, strchr(uri, '?') ? '&' : '?', name);
	buffer_percent(&out, value);
	if (*state) {
		buffer_text(&out, "&state=");
		buffer_percent(&out, state);
	}
	buffer_text(&out, "&iss=");
	buffer_percent(&out, provider_issuer());
	reply_header(request, "Location", pool_copy(&request->pool, out.data, out.size));
	buffer_free(&out);
	if (!strcmp(name, "error"))
		request->reply.error = pool_copy(&request->pool, value, strlen(value));
	reply_text(request, 303, "");
}

static void answer_error(struct request *request, const char *error)
{
	request->reply.error = error;
	if (strcmp(query_get(request, "redirect_uri"), out_of_band))
		redirect_back(request, "error", error);
	else
		page_say(request, 400, "This cannot go on", error);
}

/* Where the client or its redirect_uri is wrong nothing is sent back (section 4.1.2.1). */
static bool request_is_sound(struct request *request)
{
	const char *scope = query_get(request, "scope");
	const char *method = query_get(request, "code_challenge_method");

	request->client = client_find(query_get(request, "client_id"));
	if (!request->client || !redirect_registered(request, query_get(request, "redirect_uri"))) {
		request->reply.error = request->client ? "invalid_redirect_uri" : "invalid_client";
		page_say(request, 400, "This cannot go on", request->reply.error);
		return false;
	}
	if (strcmp(query_get(request, "response_type"), "code")) {
		answer_error(request, "unsupported_response_type");
		return false;
	}
	if (!scope_known(&request->pool, scope)) {
		answer_error(request, "invalid_scope");
		return false;
	}
	if (*query_get(request, "code_challenge") ? strcmp(method, "S256") != 0
						  : request->client->auth == AUTH_NONE) {
		answer_error(request, "invalid_request");
		return false;
	}
	return true;
}

void authorize_page_show(struct request *request)
{
	const char *scope = query_get(request, "scope");

	if (!request_is_sound(request))
		return;
	page_begin(request, "Allow this sign-in?");
	page_text(request, "p", "You are asked to sign in to:");
	page_text(request, "p", request->client->name);
	if (*scope)
		page_text(request, "p", pool_printf(&request->pool, "It will learn: %s", scope));
	/* Without an action the form goes to this very address, query and all. */
	buffer_text(&request->reply.body, "<form method=\"post\">\n");
	page_people(request);
	buffer_text(&request->reply.body, "</form>\n");
	page_send(request, 200);
}

static const char *authorization_add(struct request *request, struct person *person)
{
	struct authorization *new = xalloc(sizeof(*new));

	new->next = authorizations;
	new->text = random_text("ac_");
	new->redirect_uri = xcopy(query_get(request, "redirect_uri"));
	new->code_challenge = xcopy(query_get(request, "code_challenge"));
	new->expires_ms = clock_boot_ms() + CODE_LIFETIME_MS;
	new->grant = grant_add(request->client, person, query_get(request, "scope"),
			       query_get(request, "nonce"));
	authorizations = new;
	table_add(&by_text, new->text, new);
	return new->text;
}

static void code_show(struct request *request, const char *code)
{
	page_begin(request, "Your code");
	page_text(request, "p", "Type or paste this code where you want to sign in:");
	page_text(request, "p class=\"code\"", code);
	page_send(request, 200);
}

void authorize_page_act(struct request *request)
{
	const char *action = oauth_parameter(request, "action");
	struct person *person;
	const char *code;

	if (!request_is_sound(request))
		return;
	person = page_person(request);
	if (!person)
		return;
	if (!action || strcmp(action, "approve")) {
		answer_error(request, "access_denied");
		return;
	}
	code = authorization_add(request, person);
	if (strcmp(query_get(request, "redirect_uri"), out_of_band))
		redirect_back(request, "code", code);
	else
		code_show(request, code);
}

void show_code_page(struct request *request)
{
	const char *code = query_get(request, "code");

	if (*code)
		code_show(request, code);
	else
		page_say(request, 200, "No code", query_get(request, "error"));
}

/* ---- redemption ---- */

static bool verifier_fits(struct request *request, const struct authorization *authorization)
{
	const char *verifier = oauth_parameter(request, "code_verifier");
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (!*authorization->code_challenge)
		return !verifier;
	if (!verifier || strlen(verifier) < 43 || strlen(verifier) > 128)
		return false;
	EVP_Digest(verifier, strlen(verifier), digest, &size, EVP_sha256(), NULL);
	return !strcmp(base64url_encode(&request->pool, digest, size),
		       authorization->code_challenge);
}

struct grant *authorization_redeem(struct request *request)
{
	const char *text = oauth_parameter(request, "code");
	const char *uri = oauth_parameter(request, "redirect_uri");
	struct authorization *found = text ? table_find(&by_text, text) : NULL;

	if (!text) {
		oauth_error(request, 400, "invalid_request", "no code");
		return NULL;
	}
	if (found && found->used)
		found->grant->dead = true;
	if (!found || found->used || request->t_in_ms >= found->expires_ms ||
	    found->grant->client != request->client || !uri || strcmp(uri, found->redirect_uri) ||
	    !verifier_fits(request, found)) {
		oauth_error(request, 400, "invalid_grant",
			    "code, redirect_uri or code_verifier is wrong");
		return NULL;
	}
	found->used = true;
	stats.redeemed++;
	return found->grant;
}
