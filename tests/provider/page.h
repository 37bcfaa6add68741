/*
 * page.h - what a person sees: plain HTML with its own style, no script, nothing
 * loaded from anywhere, every foreign byte escaped.
 */
#ifndef PROVIDER_PAGE_H
#define PROVIDER_PAGE_H

#include "server.h"

/* A page is begun, filled and sent; the body is the request's reply. */
void page_begin(struct request *request, const char *title);
void page_send(struct request *request, int status);
void page_text(struct request *request, const char *element, const char *text);
/* Begins a form; action NULL: it goes to this very address, query and all. */
void page_form(struct request *request, const char *action);
void page_hidden(struct request *request, const char *name, const char *value);
/* Where the form may lead in the end; a browser forbids what the policy does not name. */
void page_leads_to(struct request *request, const char *uri);
/* "Who are you?" with the people, then the two buttons. */
void page_people(struct request *request);
/* The person chosen in the form, or NULL after a page that says what is wrong. */
struct person *page_person(struct request *request);
/* One page with a heading and a sentence. */
void page_say(struct request *request, int status, const char *title, const char *text);

/* The pages of verification_uri (RFC 8628 section 3.3), at /X, /X?user_code=CODE and /X/CODE. */
void device_page_show(struct request *request);
void device_page_act(struct request *request);

#endif
