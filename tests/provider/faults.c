/*
 * faults.c - replies that a test has ordered: canned, late, lost, cut off, in
 * place of or on top of what is true.
 */
#include "faults.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static struct fault *faults;

void fault_add(struct fault *fault)
{
	struct fault **at = &faults;

	while (*at)
		at = &(*at)->next;
	*at = fault;
}

void fault_free(struct fault *fault)
{
	free(fault->endpoint);
	free(fault->content_type);
	free(fault->headers);
	buffer_free(&fault->body);
	free(fault);
}

struct fault *fault_find(const char *endpoint)
{
	struct fault *fault = faults;

	while (fault && strcmp(fault->endpoint, endpoint))
		fault = fault->next;
	if (fault && fault->skip > 0) {
		fault->skip--;
		return NULL;
	}
	return fault;
}

bool fault_wants_truth(const struct fault *fault)
{
	return fault->kind == FAULT_LOSE || fault->kind == FAULT_REAL || fault->if_status > 0;
}

static void fault_spend(struct fault *fault)
{
	struct fault **at = &faults;

	if (fault->times < 0 || --fault->times > 0)
		return;
	while (*at != fault)
		at = &(*at)->next;
	*at = fault->next;
	fault_free(fault);
}

static void headers_apply(const struct fault *fault, struct request *request)
{
	char *line = pool_copy(&request->pool, fault->headers, strlen(fault->headers));

	while (*line) {
		char *end = line + strcspn(line, "\n"), *value = strchr(line, ':');
		char *next = *end ? end + 1 : end;

		*end = '\0';
		if (value) {
			*value++ = '\0';
			reply_header(request, line, value + strspn(value, " "));
		}
		line = next;
	}
}

/* So that the log shows the error of a canned reply as of a true one. */
static const char *canned_error(struct request *request)
{
	cJSON *json = cJSON_ParseWithLength(request->reply.body.data, request->reply.body.size);
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "error"));
	char *error = text ? pool_copy(&request->pool, text, strlen(text)) : NULL;

	cJSON_Delete(json);
	return error;
}

static void canned_apply(const struct fault *fault, struct request *request)
{
	struct reply *reply = &request->reply;

	buffer_free(&reply->body);
	reply->headers = NULL;
	reply->status = fault->status;
	reply->content_type = NULL;
	if (*fault->content_type)
		reply->content_type =
			pool_copy(&request->pool, fault->content_type, strlen(fault->content_type));
	buffer_add(&reply->body, fault->body.data, fault->body.size);
	reply->error = canned_error(request);
}

void fault_apply(struct fault *fault, struct request *request)
{
	struct reply *reply = &request->reply;

	if (fault->if_status > 0 && fault->if_status != reply->status)
		return;
	if (fault->kind == FAULT_CANNED)
		canned_apply(fault, request);
	headers_apply(fault, request);
	reply->drop = fault->kind == FAULT_DROP || fault->kind == FAULT_LOSE;
	reply->close |= fault->close;
	reply->chunked = fault->chunked;
	reply->delay_ms = fault->delay_ms;
	reply->drip_ms = fault->drip_ms;
	reply->cut = fault->cut;
	reply->repeat = fault->repeat;
	reply->padding = fault->padding;
	fault_spend(fault);
}

void faults_clear(void)
{
	while (faults) {
		struct fault *next = faults->next;

		fault_free(faults);
		faults = next;
	}
}

void faults_print(struct buffer *out)
{
	static const char *const kinds[] = { "canned", "drop", "lose", "real" };

	for (const struct fault *fault = faults; fault; fault = fault->next)
		buffer_printf(out, "%s %s times=%ld skip=%ld status=%d\n", fault->endpoint,
			      kinds[fault->kind], fault->times, fault->skip, fault->status);
}
