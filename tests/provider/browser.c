/*
 * browser.c - a person's browser without the network: it gives its requests to the
 * provider as if they had come in, and reads what the pages offer.
 */
#include "browser.h"
#include "provider.h"

#include <string.h>

#define PAGES_MAX 4

static void page_open(struct request *page, const char *address, const char *fields)
{
	const char *query = strchr(address, '?');
	size_t size = query ? (size_t)(query - address) : strlen(address);
	long path_size;
	char *path;

	*page = (struct request){ .method = fields ? "POST" : "GET", .endpoint = "" };
	page->t_in_ms = clock_boot_ms();
	page->reply.cut = -1;
	page->reply.repeat = 1;
	path = pool_copy(&page->pool, address, size);
	path_size = form_decode(path, size);
	path[path_size < 0 ? 0 : path_size] = '\0';
	page->path = path;
	if (query)
		form_parse(&page->pool, query + 1, strlen(query + 1), &page->query);
	if (fields)
		form_parse(&page->pool, fields, strlen(fields), &page->form);
	provider_service.answer(page);
}

static void page_close(struct request *page)
{
	buffer_free(&page->body);
	buffer_free(&page->reply.body);
	pool_free(&page->pool);
}

static const char *page_location(const struct request *page)
{
	const struct header *header = page->reply.headers;

	while (header && strcmp(header->name, "Location"))
		header = header->next;
	return header ? header->value : NULL;
}

static void say(struct request *request, int status, const char *text)
{
	reply_text(request, status, text);
	buffer_text(&request->reply.body, "\n");
}

static void say_failure(struct request *request, const struct request *page)
{
	const char *text = page->shown.title ? page->shown.title : page->reply.body.data;

	if (page->shown.title && page->reply.error)
		text = pool_printf(&request->pool, "%s: %s", text, page->reply.error);
	say(request, 400,
	    pool_printf(&request->pool, "%d %s", page->reply.status, text ? text : ""));
}

/* True: there is a form to send. */
static bool page_read(struct request *request, const struct request *page)
{
	if (page_location(page))
		say(request, 200, page_location(page));
	else if (page->reply.status != 200 || page->reply.drop)
		say_failure(request, page);
	else if (page->shown.code)
		say(request, 200, page->shown.code);
	else if (!page->shown.form)
		say(request, 200, page->shown.title ? page->shown.title : "no page");
	else
		return true;
	return false;
}

static const char *form_fill(struct request *request, const struct request *page,
			     const char *person, const char *action)
{
	struct buffer fields = { 0 };
	char *copy;

	buffer_printf(&fields, "%sperson=", page->shown.fields ? page->shown.fields : "");
	buffer_percent(&fields, person);
	/* A page that only asks for the code has no buttons: the next one has. */
	if (page->shown.buttons)
		buffer_printf(&fields, "&action=%s", action);
	copy = pool_copy(&request->pool, fields.data, fields.size);
	buffer_free(&fields);
	return copy;
}

void browser_visit(struct request *request, const char *address, const char *person,
		   const char *action)
{
	const char *fields = NULL;
	struct request page;
	bool more = true;

	for (int i = 0; i < PAGES_MAX && more; i++) {
		page_open(&page, address, fields);
		more = page_read(request, &page);
		if (more) {
			fields = form_fill(request, &page, person, action);
			if (page.shown.action)
				address = pool_copy(&request->pool, page.shown.action,
						    strlen(page.shown.action));
		}
		page_close(&page);
	}
	if (more)
		say(request, 400, "one form after the other");
}
