/*
 * page.c - what a person sees: plain HTML with its own style, no script, nothing
 * loaded from anywhere, every foreign byte escaped.
 */
#include "page.h"
#include "oauth.h"
#include "provider.h"

#include <openssl/evp.h>
#include <string.h>

#define PEOPLE_SHOWN 12

static const char style[] =
	":root{color-scheme:light dark}"
	"*{box-sizing:border-box}"
	"body{font:1.25rem/1.5 system-ui,sans-serif;max-width:30rem;margin:0 auto;padding:1.5rem}"
	"h1{font-size:1.6rem;line-height:1.2}"
	".code{font:700 2.2rem/1.3 ui-monospace,monospace;letter-spacing:.08em;"
	"overflow-wrap:anywhere;margin:.5rem 0}"
	"input[type=text]{width:100%;font:700 1.8rem ui-monospace,monospace;padding:.6rem;"
	"letter-spacing:.08em;text-transform:uppercase;border:2px solid;border-radius:.5rem}"
	"input.name{text-transform:none;font-size:1.25rem;letter-spacing:0}"
	"fieldset{border:0;padding:0;margin:1rem 0}"
	"legend{font-weight:700}"
	"label{display:block;padding:.6rem 0}"
	"input[type=radio]{width:1.4rem;height:1.4rem;vertical-align:middle;margin-right:.6rem}"
	"button{width:100%;font:inherit;font-weight:700;padding:.9rem;margin:.5rem 0;"
	"border:2px solid;border-radius:.5rem;cursor:pointer}"
	"button.yes{background:#0b57d0;border-color:#0b57d0;color:#fff}"
	".wrong{border-left:.3rem solid #c5221f;padding-left:.8rem}";

/* The policy names the one style by its hash, so that nothing else may style or run. */
static const char *content_policy(struct request *request)
{
	unsigned char digest[EVP_MAX_MD_SIZE], text[2 * EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	EVP_Digest(style, sizeof(style) - 1, digest, &size, EVP_sha256(), NULL);
	EVP_EncodeBlock(text, digest, (int)size);
	return pool_printf(&request->pool,
			   "default-src 'none'; style-src 'sha256-%s'; "
			   "form-action 'self'%s; base-uri 'none'; frame-ancestors 'none'",
			   (const char *)text,
			   request->shown.leads_to ? request->shown.leads_to : "");
}

void page_begin(struct request *request, const char *title)
{
	struct buffer *out = &request->reply.body;

	request->shown.title = title;
	buffer_text(out,
		    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		    "<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	page_text(request, "title", title);
	buffer_printf(out, "<style>%s</style>\n</head>\n<body>\n", style);
	page_text(request, "h1", title);
}

void page_send(struct request *request, int status)
{
	buffer_text(&request->reply.body, "</body>\n</html>\n");
	request->reply.status = status;
	request->reply.content_type = "text/html; charset=utf-8";
	reply_header(request, "Content-Security-Policy", content_policy(request));
	reply_header(request, "X-Frame-Options", "DENY");
	reply_header(request, "X-Content-Type-Options", "nosniff");
	reply_header(request, "Referrer-Policy", "no-referrer");
	reply_header(request, "Cache-Control", "no-store");
}

void page_text(struct request *request, const char *element, const char *text)
{
	struct buffer *out = &request->reply.body;
	size_t name_size = strcspn(element, " ");

	buffer_printf(out, "<%s>", element);
	buffer_html(out, text);
	buffer_printf(out, "</%.*s>\n", (int)name_size, element);
}

void page_say(struct request *request, int status, const char *title, const char *text)
{
	page_begin(request, title);
	page_text(request, "p", text);
	page_send(request, status);
}

/* ---- forms ---- */

static void field_note(struct request *request, const char *name, const char *value)
{
	const char *before = request->shown.fields ? request->shown.fields : "";
	struct buffer out = { 0 };

	buffer_printf(&out, "%s%s=", before, name);
	buffer_percent(&out, value);
	buffer_text(&out, "&");
	request->shown.fields = pool_copy(&request->pool, out.data, out.size);
	buffer_free(&out);
}

void page_form(struct request *request, const char *action)
{
	struct buffer *out = &request->reply.body;

	request->shown.form = true;
	request->shown.action = action;
	buffer_text(out, "<form method=\"post\"");
	if (action) {
		buffer_text(out, " action=\"");
		buffer_html(out, action);
		buffer_text(out, "\"");
	}
	buffer_text(out, ">\n");
}

void page_hidden(struct request *request, const char *name, const char *value)
{
	struct buffer *out = &request->reply.body;

	field_note(request, name, value);
	buffer_printf(out, "<input type=\"hidden\" name=\"%s\" value=\"", name);
	buffer_html(out, value);
	buffer_text(out, "\">\n");
}

void page_leads_to(struct request *request, const char *uri)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.:[]-";
	const char *host = strstr(uri, "://");
	size_t size = host ? strspn(host + 3, plain) : 0;

	if (!size || strncmp(uri, "http", 4) || !strchr("/?", host[3 + size]))
		return;
	request->shown.leads_to =
		pool_printf(&request->pool, " %.*s", (int)((size_t)(host - uri) + 3 + size), uri);
}

void page_people(struct request *request)
{
	struct buffer *out = &request->reply.body;
	const struct person *person = people_first();
	int shown = 0;

	request->shown.buttons = true;
	buffer_text(out, "<fieldset>\n<legend>Who are you?</legend>\n");
	for (; person && shown < PEOPLE_SHOWN; person = person->next, shown++) {
		buffer_text(out, "<label><input type=\"radio\" name=\"person\" value=\"");
		buffer_html(out, person->name);
		buffer_printf(out, "\"%s>", shown ? "" : " checked");
		buffer_html(out, person->name);
		buffer_text(out, "</label>\n");
	}
	if (person)
		buffer_text(out, "<label>or somebody else: <input class=\"name\" type=\"text\" "
				 "name=\"other\" autocapitalize=\"none\" autocomplete=\"off\">"
				 "</label>\n");
	buffer_text(out, "</fieldset>\n"
			 "<button class=\"yes\" name=\"action\" value=\"approve\">Allow</button>\n"
			 "<button name=\"action\" value=\"deny\">Deny</button>\n");
}

struct person *page_person(struct request *request)
{
	const char *name = oauth_parameter(request, "other");
	struct person *person;

	name = name ? name : oauth_parameter(request, "person");
	person = name ? person_find(name) : NULL;
	if (person && !person->blocked)
		return person;
	page_say(request, 403, "Not possible",
		 person ? "This account is blocked." : "Nobody here has this name.");
	return NULL;
}

/* ---- the device page ---- */

/* The form goes to the address of the page without the code. */
static void device_form(struct request *request)
{
	page_form(request, pool_printf(&request->pool, "/%s", request_segment(request, 0)));
}

static void code_ask(struct request *request, int status, const char *user_code, const char *wrong)
{
	struct buffer *out = &request->reply.body;

	page_begin(request, "Sign in a device");
	if (wrong)
		page_text(request, "p class=\"wrong\" role=\"alert\"", wrong);
	device_form(request);
	if (user_code)
		field_note(request, "user_code", user_code);
	buffer_text(out, "<label for=\"user_code\">The code that the device shows:</label>\n"
			 "<input type=\"text\" id=\"user_code\" name=\"user_code\" required "
			 "autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" "
			 "value=\"");
	buffer_html(out, user_code ? user_code : "");
	buffer_text(out, "\">\n<button class=\"yes\">Continue</button>\n</form>\n");
	page_send(request, status);
}

static void code_confirm(struct request *request, const struct code *code)
{
	struct buffer *out = &request->reply.body;

	page_begin(request, "Allow this device?");
	page_text(request, "p", "A device asks to sign you in. It calls itself:");
	page_text(request, "p", code->client->name);
	page_text(request, "p", "It shows this code:");
	page_text(request, "p class=\"code\"", code->user_code);
	page_text(request, "p", "Only allow it if the device is in front of you.");
	if (*code->scope)
		page_text(request, "p",
			  pool_printf(&request->pool, "It will learn: %s", code->scope));
	device_form(request);
	page_hidden(request, "user_code", code->user_code);
	page_people(request);
	buffer_text(out, "</form>\n");
	page_send(request, 200);
}

static void code_decide(struct request *request, struct code *code, const char *action)
{
	struct person *person = page_person(request);

	if (!person)
		return;
	if (!strcmp(action, "approve")) {
		code_approve(code, person);
		page_say(request, 200, "Done",
			 "You are signed in on the device. "
			 "You can close this page.");
	} else {
		code_deny(code);
		page_say(request, 200, "Denied",
			 "The device was told no. "
			 "You can close this page.");
	}
}

void device_page_show(struct request *request)
{
	const char *user_code = form_get(&request->query, "user_code");

	code_ask(request, 200, user_code ? user_code : request_segment(request, 1), NULL);
}

void device_page_act(struct request *request)
{
	const char *user_code = oauth_parameter(request, "user_code");
	const char *action = oauth_parameter(request, "action");
	struct code *code = user_code ? code_by_user_code(user_code) : NULL;

	if (code && strcmp(code->client->dialect, request->dialect->name))
		code = NULL;
	if (code)
		code_check_expiry(code, request->t_in_ms);
	if (!code)
		code_ask(request, 400, user_code, "This code is not known. Please check it.");
	else if (code->state == CODE_EXPIRED)
		code_ask(request, 400, "", "This code has expired. Ask the device for a new one.");
	else if (code->state != CODE_PENDING)
		code_ask(request, 400, "", "This code was already used.");
	else if (action)
		code_decide(request, code, action);
	else
		code_confirm(request, code);
}
