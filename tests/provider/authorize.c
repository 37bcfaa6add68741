/*
 * authorize.c - the authorization endpoint (RFC 6749 section 4.1) with PKCE
 * (RFC 7636): the code travels back by redirect, or a page shows it.
 */
#include "authorize.h"
#include "oauth.h"
#include "page.h"
#include "provider.h"
#include "settings.h"
#include "table.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- the way back ---- */

/* Registered: the out-of-band page, the provider's own page, any loopback port (RFC 8252). */
bool redirect_registered(struct request *request, const struct authorize_presentation *presentation,
			 const char *uri)
{
	const char *own = pool_printf(&request->pool, "%s/show-code", provider_issuer());
	const char *set = setting_get(SET_REDIRECT_URI);

	if (!strcmp(uri, out_of_band))
		return !presentation->no_page;
	return !strcmp(uri, own) || (set && !strcmp(uri, set)) ||
	       !strncmp(uri, "http://127.0.0.1:", 17) || !strncmp(uri, "http://[::1]:", 13);
}

static void redirect_back(struct request *request,
			  const struct authorize_presentation *presentation,
			  const struct asked *asked, const char *name, const char *value)
{
	const char *uri = asked->redirect_uri;
	struct buffer out = { 0 };

	buffer_printf(&out, "%s%c%s=", uri, strchr(uri, '?') ? '&' : '?', name);
	buffer_percent(&out, value);
	if (*asked->state) {
		buffer_text(&out, "&state=");
		buffer_percent(&out, asked->state);
	}
	if (presentation->iss) {
		buffer_text(&out, "&iss=");
		buffer_percent(&out, provider_issuer());
	}
	reply_header(request, "Location", pool_copy(&request->pool, out.data, out.size));
	buffer_free(&out);
	reply_text(request, presentation->redirect_status, "");
}

static void code_show(struct request *request, const char *code)
{
	page_begin(request, "Your code");
	page_text(request, "p", "Type or paste this code where you want to sign in:");
	page_text(request, "p class=\"code\"", code);
	page_send(request, 200);
	request->shown.code = pool_copy(&request->pool, code, strlen(code));
}

static void answer_error(struct request *request, const struct authorize_presentation *presentation,
			 const struct asked *asked, const char *error)
{
	request->reply.error = error;
	if (strcmp(asked->redirect_uri, out_of_band))
		redirect_back(request, presentation, asked, "error", error);
	else
		page_say(request, 400, "This cannot go on", error);
}

/* ---- the page ---- */

/* Where the client or its redirect_uri is wrong nothing is sent back (section 4.1.2.1). */
static bool client_is_sound(struct request *request,
			    const struct authorize_presentation *presentation,
			    const struct asked *asked)
{
	request->client = request_client(request, query_get(request, "client_id"));
	if (request->client && redirect_registered(request, presentation, asked->redirect_uri))
		return true;
	request->reply.error = request->client ? "invalid_redirect_uri" : "invalid_client";
	page_say(request, 400, "This cannot go on", request->reply.error);
	return false;
}

static const char *request_error(struct request *request,
				 const struct authorize_presentation *presentation,
				 const struct asked *asked)
{
	const char *method = query_get(request, "code_challenge_method");

	if (presentation->response_type && strcmp(query_get(request, "response_type"), "code"))
		return "unsupported_response_type";
	if (presentation->scopes &&
	    !scope_registered(&request->pool, request->client, asked->scope))
		return "invalid_scope";
	if (!presentation->pkce)
		return NULL;
	if (*asked->code_challenge ? strcmp(method, "S256") != 0
				   : request->client->auth == AUTH_NONE)
		return "invalid_request";
	return NULL;
}

static void query_read(struct request *request, const struct authorize_presentation *presentation,
		       struct asked *asked)
{
	*asked = (struct asked){
		.redirect_uri = query_get(request, "redirect_uri"),
		.state = query_get(request, "state"),
		.scope = presentation->scopes ? query_get(request, "scope") : "",
		.nonce = query_get(request, "nonce"),
		.code_challenge = presentation->pkce ? query_get(request, "code_challenge") : "",
	};
	if (presentation->usual_scope && !*asked->scope)
		asked->scope = presentation->usual_scope;
}

static void page_show(struct request *request, const struct authorize_presentation *presentation,
		      const struct asked *asked)
{
	page_begin(request, "Allow this sign-in?");
	page_text(request, "p", "You are asked to sign in to:");
	page_text(request, "p", request->client->name);
	if (*asked->scope)
		page_text(request, "p",
			  pool_printf(&request->pool, "It will learn: %s", asked->scope));
	if (presentation->form)
		presentation->form(request, asked);
	else
		page_form(request, NULL);
	page_people(request);
	buffer_text(&request->reply.body, "</form>\n");
	page_leads_to(request, asked->redirect_uri);
	page_send(request, 200);
}

void authorize_page(struct request *request, const struct authorize_presentation *presentation)
{
	struct asked asked;
	const char *error;

	query_read(request, presentation, &asked);
	if (!client_is_sound(request, presentation, &asked))
		return;
	error = request_error(request, presentation, &asked);
	if (error)
		answer_error(request, presentation, &asked, error);
	else if (strcmp(request->method, "POST"))
		page_show(request, presentation, &asked);
	else
		authorize_decide(request, presentation, &asked);
}

static const char *authorization_add(struct request *request, const struct asked *asked,
				     struct person *person)
{
	struct authorization *new = xalloc(sizeof(*new));

	new->next = authorizations;
	new->text = random_text("ac_");
	new->redirect_uri = xcopy(asked->redirect_uri);
	new->code_challenge = xcopy(asked->code_challenge);
	new->expires_ms = clock_boot_ms() + setting_long(SET_AUTHORIZATION_EXPIRES_IN) * 1000;
	new->grant = grant_add(request->client, person, asked->scope, asked->nonce);
	authorizations = new;
	table_add(&by_text, new->text, new);
	return new->text;
}

void authorize_approve(struct request *request, const struct authorize_presentation *presentation,
		       const struct asked *asked, struct person *person)
{
	const char *code = authorization_add(request, asked, person);

	if (strcmp(asked->redirect_uri, out_of_band))
		redirect_back(request, presentation, asked, "code", code);
	else
		code_show(request, code);
}

void authorize_decide(struct request *request, const struct authorize_presentation *presentation,
		      const struct asked *asked)
{
	const char *action = oauth_parameter(request, "action");
	struct person *person = page_person(request);

	if (!person)
		return;
	if (action && !strcmp(action, "approve"))
		authorize_approve(request, presentation, asked, person);
	else
		answer_error(request, presentation, asked, "access_denied");
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

bool challenge_met(struct request *request, const char *challenge, const char *verifier)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	if (!*challenge)
		return !verifier;
	if (!verifier || strlen(verifier) < 43 || strlen(verifier) > 128)
		return false;
	EVP_Digest(verifier, strlen(verifier), digest, &size, EVP_sha256(), NULL);
	return !strcmp(base64url_encode(&request->pool, digest, size), challenge);
}

struct grant *authorization_take(struct request *request, const char *text, const char *uri,
				 const char *verifier)
{
	struct authorization *found = text ? table_find(&by_text, text) : NULL;

	if (found && found->used)
		found->grant->dead = true;
	if (!found || found->used || request->t_in_ms >= found->expires_ms ||
	    found->grant->client != request->client || (uri && strcmp(uri, found->redirect_uri)) ||
	    !challenge_met(request, found->code_challenge, verifier))
		return NULL;
	found->used = true;
	stats.redeemed++;
	return found->grant;
}

struct grant *authorization_redeem(struct request *request)
{
	const char *text = oauth_parameter(request, "code");
	const char *uri = oauth_parameter(request, "redirect_uri");
	struct grant *grant;

	if (!text) {
		oauth_error(request, 400, "invalid_request", "no code");
		return NULL;
	}
	grant = authorization_take(request, text, uri ? uri : "",
				   oauth_parameter(request, "code_verifier"));
	if (!grant)
		oauth_error(request, 400, "invalid_grant",
			    "code, redirect_uri or code_verifier is wrong");
	return grant;
}
