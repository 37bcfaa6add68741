/*
 * provider.c - takes each request through the same steps: route, account of
 * polls, ordered faults, the dialect, the log.
 */
#include "provider.h"
#include "faults.h"
#include "log.h"
#include "settings.h"

#include <string.h>
#include <strings.h>

static const struct dialect *const dialects[] = { &dialect_oidc, &dialect_trakt, &dialect_mastodon,
						  &dialect_calcom };

#define DIALECTS (sizeof(dialects) / sizeof(*dialects))

static const char *issuer;

void provider_start(const char *new_issuer)
{
	issuer = new_issuer;
}

const char *provider_issuer(void)
{
	return issuer;
}

/* ---- routes ---- */

static bool path_matches(const char *pattern, const char *path)
{
	while (*pattern && *path) {
		if (*pattern == '*' && *path != '/') {
			pattern++;
			path += strcspn(path, "/");
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return !*pattern && !*path;
}

static bool method_matches(const char *method, const char *asked)
{
	return !strcmp(method, asked) || (!strcmp(method, "GET") && !strcmp(asked, "HEAD"));
}

/* Sets the endpoint as soon as the path fits, the route only when the method does too. */
static void route_find(struct request *request)
{
	for (size_t i = 0; i < DIALECTS; i++) {
		const struct route *route = dialects[i]->routes;

		for (; route->path; route++) {
			if (!path_matches(route->path, request->path) ||
			    (route->mine && !route->mine(request)))
				continue;
			request->dialect = dialects[i];
			request->endpoint = route->endpoint;
			if (!method_matches(route->method, request->method))
				continue;
			request->route = route;
			return;
		}
	}
}

bool dialect_known(const char *name)
{
	for (size_t i = 0; i < DIALECTS; i++)
		if (!strcmp(dialects[i]->name, name))
			return true;
	return false;
}

bool endpoint_known(const char *endpoint)
{
	for (size_t i = 0; i < DIALECTS; i++)
		for (const struct route *route = dialects[i]->routes; route->path; route++)
			if (!strcmp(route->endpoint, endpoint))
				return true;
	return false;
}

void endpoints_print(struct buffer *out)
{
	for (size_t i = 0; i < DIALECTS; i++)
		for (const struct route *route = dialects[i]->routes; route->path; route++)
			buffer_printf(out, "  %-12s %-5s %-40s %s\n", route->endpoint,
				      route->method, route->path, dialects[i]->name);
}

char *request_segment(struct request *request, unsigned int i)
{
	const char *at = request->path;

	while (i-- && at)
		at = strchr(at + (*at == '/'), '/');
	if (!at)
		return pool_copy(&request->pool, "", 0);
	at += *at == '/';
	return pool_copy(&request->pool, at, strcspn(at, "/"));
}

/* ---- the account of polls ---- */

static struct code *request_code(const struct request *request)
{
	return request->code_generation == store_generation ? request->code : NULL;
}

void request_made_code(struct request *request, struct code *code)
{
	request->code = code;
	request->code_generation = store_generation;
	code->last_request = request->n;
	code->last_ms = request->t_in_ms;
}

/*
 * A poll is early when less than the interval has passed since the reply before
 * it left; or since the poll before it came, when that one still waits for its reply.
 */
static void poll_begin(struct request *request)
{
	struct code *code = NULL;

	if (request->route && request->route->polled_code)
		code = request->route->polled_code(request);
	if (!code)
		return;
	request->is_poll = true;
	request->interval = code->interval;
	request->after_grant = code->state == CODE_REDEEMED;
	request->early = (double)request->t_in_ms < (double)code->last_ms + code->interval * 1000;
	stats.polls++;
	stats.early_polls += request->early;
	stats.after_grant_polls += request->after_grant;
	request_made_code(request, code);
}

static void poll_end(struct request *request)
{
	struct code *code = request_code(request);
	const char *error = request->reply.error;

	if (!code || request->gone)
		return;
	/* RFC 8628 section 3.5: a slow_down that was told counts for good. */
	if (request->is_poll && error && !strcmp(error, "slow_down") && !request->reply.drop)
		code->interval += 5;
	if (code->last_request == request->n)
		code->last_ms = request->t_out_ms;
}

/* ---- clients and tokens ---- */

const struct client *request_client(const struct request *request, const char *id)
{
	return id ? client_find(request->dialect->name, id) : NULL;
}

struct token *request_issue(struct request *request, struct grant *grant, enum token_kind kind,
			    double seconds)
{
	struct token *token = token_add(grant, kind, seconds);

	request->issued[kind == TOKEN_REFRESH] = text_hash(&request->pool, token->text);
	return token;
}

void request_revoke(struct request *request, struct token *token, bool whole_grant)
{
	stats.revoked += token_alive(token, request->t_in_ms);
	token->dead = true;
	token->grant->dead |= whole_grant;
	request->revoked = text_hash(&request->pool, token->text);
}

/* ---- replies ---- */

void reply_text(struct request *request, int status, const char *text)
{
	request->reply.status = status;
	request->reply.content_type = "text/plain; charset=utf-8";
	buffer_text(&request->reply.body, text);
}

static void methods_list(struct request *request)
{
	struct buffer allow = { 0 };

	for (size_t i = 0; i < DIALECTS; i++)
		for (const struct route *route = dialects[i]->routes; route->path; route++)
			if (path_matches(route->path, request->path) &&
			    !(allow.size && strstr(allow.data, route->method)))
				buffer_printf(&allow, "%s%s", allow.size ? ", " : "",
					      route->method);
	reply_header(request, "Allow", pool_copy(&request->pool, allow.data, allow.size));
	buffer_free(&allow);
}

static void serve(struct request *request)
{
	if (request->body_too_big) {
		reply_text(request, 413, "the body is too big\n");
	} else if (request->route) {
		request->route->serve(request);
	} else if (*request->endpoint) {
		methods_list(request);
		reply_text(request, 405, "not with this method\n");
	} else {
		reply_text(request, 404, "no such address\n");
	}
}

static bool type_is(const struct request *request, const char *wanted)
{
	const char *type = request_header(request, "Content-Type");
	size_t size = strlen(wanted);

	if (!type || strncasecmp(type, wanted, size))
		return false;
	return !type[size] || type[size] == ';' || type[size] == ' ';
}

static void body_parse(struct request *request)
{
	const char *data = request->body.data ? request->body.data : "";

	if (type_is(request, "application/x-www-form-urlencoded"))
		form_parse(&request->pool, data, request->body.size, &request->form);
	else if (type_is(request, "application/json"))
		json_parse_form(&request->pool, data, request->body.size, &request->json);
}

static void provider_answer(struct request *request)
{
	struct fault *fault;

	body_parse(request);
	route_find(request);
	poll_begin(request);
	fault = fault_find(request->endpoint);
	if (!fault || fault_wants_truth(fault))
		serve(request);
	if (fault)
		fault_apply(fault, request);
	request->reply.close |= setting_yes(SET_CLOSE);
}

static void provider_leaving(struct request *request)
{
	poll_end(request);
	request->code = request_code(request);
	if (request->n)
		log_add(request);
}

const struct service provider_service = {
	.answer = provider_answer,
	.leaving = provider_leaving,
	.body_limit = 65536,
};
