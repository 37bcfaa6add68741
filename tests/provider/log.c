/*
 * log.c - what was asked and answered, one JSON object a line. Never a device
 * code, a token or a secret: of a body only the names of its fields, of tokens
 * issued and revoked a hash that tells them apart.
 */
#include "log.h"
#include "provider.h"

#include <stdlib.h>

struct line {
	uint64_t n;
	char *text;
};

static struct line *lines;
static size_t line_count, line_room;

static void text_add(struct buffer *out, const char *name, const char *value)
{
	buffer_printf(out, ",\"%s\":", name);
	buffer_json(out, value);
}

static void poll_add(struct buffer *out, const struct request *request)
{
	if (request->code)
		text_add(out, "user_code", request->code->user_code);
	if (!request->is_poll)
		return;
	buffer_printf(out, ",\"interval\":%g,\"early\":%s,\"after_grant\":%s", request->interval,
		      request->early ? "true" : "false", request->after_grant ? "true" : "false");
}

static void query_name_add(void *context, const char *name)
{
	struct buffer *out = context;

	buffer_text(out, out->data[out->size - 1] == '[' ? "" : ",");
	buffer_json(out, name);
}

/* Its names, as of a body: what is sent there ends in other people's logs. */
static void query_add(struct buffer *out, const struct request *request)
{
	buffer_text(out, ",\"query\":[");
	request_query_names(request, query_name_add, out);
	buffer_text(out, "]");
}

static void headers_add(struct buffer *out, const struct request *request)
{
	const struct form *form = request->json.fields ? &request->json : &request->form;

	text_add(out, "user_agent", request_header(request, "User-Agent"));
	text_add(out, "accept", request_header(request, "Accept"));
	text_add(out, "content_type", request_header(request, "Content-Type"));
	buffer_text(out, ",\"fields\":[");
	for (size_t i = 0; i < form->count; i++) {
		buffer_text(out, i ? "," : "");
		buffer_json(out, form->fields[i].name);
	}
	buffer_text(out, "]");
}

static void tokens_add(struct buffer *out, const struct request *request)
{
	const char *divider = "";

	buffer_text(out, ",\"issued\":[");
	for (size_t i = 0; i < sizeof(request->issued) / sizeof(*request->issued); i++) {
		if (!request->issued[i])
			continue;
		buffer_text(out, divider);
		buffer_json(out, request->issued[i]);
		divider = ",";
	}
	buffer_text(out, "]");
	text_add(out, "revoked", request->revoked);
}

void log_add(const struct request *request)
{
	struct buffer out = { 0 };

	buffer_printf(&out, "{\"n\":%llu,\"t_in_ms\":%lld,\"t_out_ms\":%lld,\"conn\":%llu",
		      (unsigned long long)request->n, (long long)request->t_in_ms,
		      (long long)request->t_out_ms, (unsigned long long)request->conn);
	text_add(&out, "method", request->method);
	text_add(&out, "path", request->path);
	text_add(&out, "dialect", request->dialect ? request->dialect->name : NULL);
	text_add(&out, "endpoint", request->endpoint);
	buffer_printf(&out, ",\"status\":%d", request->reply.status);
	text_add(&out, "error", request->reply.error);
	buffer_printf(&out, ",\"gone\":%s,\"dropped\":%s", request->gone ? "true" : "false",
		      request->reply.drop ? "true" : "false");
	text_add(&out, "client_id", request->client ? request->client->id : NULL);
	text_add(&out, "grant_type", request->grant_type);
	poll_add(&out, request);
	tokens_add(&out, request);
	headers_add(&out, request);
	query_add(&out, request);
	buffer_text(&out, "}\n");
	if (line_count == line_room) {
		line_room = line_room ? line_room * 2 : 256;
		lines = xrealloc(lines, line_room * sizeof(*lines));
	}
	lines[line_count++] = (struct line){ request->n, out.data };
}

static int line_compare(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	return (a->n > b->n) - (a->n < b->n);
}

/* Lines are added when the reply leaves; a late reply's line belongs further up. */
void log_print(struct buffer *out)
{
	if (line_count)
		qsort(lines, line_count, sizeof(*lines), line_compare);
	for (size_t i = 0; i < line_count; i++)
		buffer_text(out, lines[i].text);
}

void log_clear(void)
{
	for (size_t i = 0; i < line_count; i++)
		free(lines[i].text);
	free(lines);
	lines = NULL;
	line_count = line_room = 0;
}
