/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of the provider works: see probe.h. Must never poll, nor tell a code, a token or a secret.
 */
#include "probe.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/oauth_client/oauth/discover.h"
#include "helper/oauth_client/confined/http.h"
#include "helper/oauth_client/oauth/idtoken.h"
#include "helper/oauth_client/oauth/json.h"
#include "helper/oauth_client/oauth/oauth.h"
#include "helper/oauth_client/oauth/request.h"

enum {
	PROBE_MS = 75 * SECOND,
	HOSTS_MAX = 6,
	HOST_MAX = 300,
	VALUE_MAX = 1100, /* an address of URI_MAX */
	LISTS_MAX = 12,
};

/* No code and no token of anybody's. */
#define NO_CODE "pam-device-code-check"

enum outcome {
	BAD = 0,
	NONE,
	OK,
};

struct probe {
	struct flow *j;
	int findings;
	int hosts;
	char host[HOSTS_MAX][HOST_MAX]; /* reached, or tried */
	bool reached[HOSTS_MAX];
	bool has_clock;
	int64_t ahead; /* seconds, of a server's clock */
};

static void find(struct probe *p, const char *step, enum outcome outcome, const char *value)
{
	static const char *const names[] = { [BAD] = "bad", [NONE] = "none", [OK] = "ok" };
	struct wire_draft *draft = &p->j->draft;

	if (p->findings++ >= PROBE_FINDINGS_MAX)
		return;
	wire_begin(draft, "finding");
	wire_add(draft, "step", step);
	wire_add(draft, "outcome", names[outcome]);
	wire_add(draft, "value", value);
	flow_tell(p->j);
}

static void find_number(struct probe *p, const char *step, int64_t number)
{
	char value[32];

	snprintf(value, sizeof(value), "%lld", (long long)number);
	find(p, step, OK, value);
}

/* Whether STEP is wanted of this probe. */
static bool wanted(const struct probe *p, const char *step)
{
	const char *steps = wire_value(p->j->settings, "steps");
	size_t len = strlen(step);

	for (const char *at = steps; at && *at; at += strspn(at, " ")) {
		if (strcspn(at, " ") == len && strncmp(at, step, len) == 0)
			return true;
		at += strcspn(at, " ");
	}
	return !steps;
}

/* ---- reach ---- */

/* What of it is libcurl's to say: each part that was come past, and the one that it stopped at. */
static void find_way(struct probe *p, const char *host)
{
	static const struct {
		const char *step;
		enum reply_came past;
	} parts[] = {
		{ "dns", CAME_TO_ADDRESS },
		{ "connect", CAME_TO_PORT },
		{ "tls", CAME_TO_HOST },
	};
	const struct reply *reply = &p->j->reply;
	char value[HOST_MAX + 64];

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		bool past = reply->came >= parts[i].past;

		snprintf(value, sizeof(value), "%s%s%s", host, past ? "" : " ",
			 past ? "" : reason_name(reply->trouble));
		find(p, parts[i].step, past ? OK : BAD, value);
		if (!past)
			return;
	}
	if (!reply->arrived) {
		snprintf(value, sizeof(value), "%s %s", host, reason_name(reply->trouble));
		find(p, "http", BAD, value);
	}
}

/* Of all replies the one that is furthest away counts. */
static void clock_read(struct probe *p)
{
	const struct flow *j = p->j;
	int64_t ahead;

	if (!j->reply.arrived || j->reply.date < 0)
		return;
	ahead = j->reply.date - j->io->wall(j->io->context);
	if (!p->has_clock || llabs(ahead) > llabs(p->ahead))
		p->ahead = ahead;
	p->has_clock = true;
}

static void find_clock(struct probe *p)
{
	if (p->has_clock)
		find_number(p, "clock", p->ahead);
	else if (p->hosts > 0 && p->reached[0])
		find(p, "clock", NONE, "");
}

/* The number that HOST goes by; -1: there are too many. *FRESH: nobody has been there yet. */
static int host_number(struct probe *p, const char *host, bool *fresh)
{
	int i = 0;

	while (i < p->hosts && strcmp(p->host[i], host) != 0)
		i++;
	*fresh = i == p->hosts && i < HOSTS_MAX;
	if (*fresh)
		snprintf(p->host[p->hosts++], HOST_MAX, "%s", host);
	return i < HOSTS_MAX ? i : -1;
}

/* The top of URL's host, whatever it answers. false: it cannot be reached. */
static bool reach(struct probe *p, const char *url)
{
	char host[HOST_MAX], top[HOST_MAX + 16];
	struct flow *j = p->j;
	bool fresh;
	int i;

	if (!http_origin(url, host, sizeof(host))) {
		find(p, "dns", BAD, "? no_address");
		return false;
	}
	i = host_number(p, host, &fresh);
	if (!fresh)
		return i < 0 || p->reached[i];
	snprintf(top, sizeof(top), "http%s://%s/", strncasecmp(url, "https:", 6) == 0 ? "s" : "",
		 host);
	request_get(&j->request, top);
	if (!flow_fetch(j))
		return false;
	p->reached[i] = j->reply.arrived;
	find_way(p, host);
	clock_read(p);
	return p->reached[i];
}

/* ---- metadata ---- */

static void compose_metadata(struct flow *j)
{
	discover_request(&j->endpoints, &j->request);
}

static const char *const lists[] = {
	"grant_types_supported",
	"response_types_supported",
	"scopes_supported",
	"claims_supported",
	"acr_values_supported",
	"id_token_signing_alg_values_supported",
	"token_endpoint_auth_methods_supported",
	"code_challenge_methods_supported",
};
_Static_assert(sizeof(lists) / sizeof(*lists) <= LISTS_MAX, "of PROBE_FINDINGS_MAX");

/* The words of an array; one that does not fit, or is none, is left out. */
static void find_list(struct probe *p, const struct json *metadata, const char *name)
{
	const struct json *list = json_member(metadata, name);
	char value[VALUE_MAX] = "";
	size_t len = 0;

	for (size_t i = 0; i < json_length(list); i++) {
		const char *word = json_text(json_element(list, i));

		if (!word || word[0] == '\0' || strpbrk(word, " \t\r\n") ||
		    !oauth_printable(word) || len + strlen(word) + 2 > sizeof(value))
			continue;
		len += (size_t)snprintf(value + len, sizeof(value) - len, "%s%s", len ? " " : "",
					word);
	}
	find(p, name, json_type(list) == JSON_ARRAY ? OK : NONE, value);
}

static void find_endpoint(struct probe *p, const struct json *metadata, int i)
{
	const char *name = discover_name(i);
	const char *url = discover_url(&p->j->endpoints, i);
	const char *named = json_string(metadata, name);
	bool admitted = url[0] != '\0' ||
			(named && discover_admits(p->j->settings, p->j->endpoints.issuer, named));
	char value[VALUE_MAX];

	if (url[0] == '\0')
		url = named ? named : "";
	snprintf(value, sizeof(value), "%.*s",
		 (int)(strcspn(url, "?") + (strchr(url, '?') != NULL)), url);
	if (admitted)
		find(p, name, OK, value);
	else
		find(p, name, url[0] != '\0' && discover_needs(&p->j->endpoints, i) ? BAD : NONE,
		     value);
}

static void find_metadata(struct probe *p, const struct json *metadata)
{
	const char *issuer = json_string(metadata, "issuer");

	find(p, "issuer", issuer && strcmp(issuer, p->j->endpoints.issuer) == 0 ? OK : BAD,
	     issuer ? issuer : "");
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		find_list(p, metadata, lists[i]);
}

/* "http_status" alone says little. */
static const char *reason_full(const struct flow *j, char *out, size_t out_len)
{
	if (j->reply.arrived &&
	    (j->reason == REASON_HTTP_STATUS || j->reason == REASON_METADATA_HTTP_STATUS))
		snprintf(out, out_len, "%s %ld", reason_name(j->reason), j->reply.status);
	else
		snprintf(out, out_len, "%s", reason_name(j->reason));
	return out;
}

/* The provider's own words, ahead of the finding that they belong to. */
static void find_said(struct probe *p)
{
	const struct flow *j = p->j;
	char value[SAID_MAX + HOST_MAX + 64], host[HOST_MAX], said[SAID_MAX];

	if (!j->reply.arrived || !http_origin(j->request.url, host, sizeof(host)))
		return;
	flow_said(j, said);
	if (j->reply.status == 200 && !strchr(said, ' '))
		return;
	snprintf(value, sizeof(value), "%s at %s: %s", discover_what(&j->endpoints, j->request.url),
		 host, said);
	find(p, "said", BAD, value);
}

/* Whether what the metadata NAMED is another endpoint than the one that is configured, and matters. */
static bool pin_differs(const struct probe *p, int i, const char *named)
{
	const char *url = discover_url(&p->j->endpoints, i);
	bool wanted_none = strcmp(discover_name(i), "revocation_endpoint") != 0;

	return url[0] != '\0' ? strcmp(url, named) != 0 : !wanted_none;
}

/*
 * Endpoints that are configured are asked whatever the metadata says. Where there is such a document, and it
 * says otherwise, an administrator wants to know; that there is none is how it should be.
 */
static void pins_compare(struct probe *p)
{
	struct flow *j = p->j;
	struct json *found = NULL;
	char value[VALUE_MAX + 64];
	const char *issuer;

	if (flow_ask(j, compose_metadata, 1) == VERDICT_GRANTED && j->reply.status == 200)
		found = json_parse(j->reply.body, j->reply.len, NULL);
	clock_read(p);
	issuer = json_string(found, "issuer");
	for (int i = 0; issuer && strcmp(issuer, j->endpoints.issuer) == 0 && discover_name(i);
	     i++) {
		const char *named = json_string(found, discover_name(i));

		if (!named || named[0] == '\0' || !pin_differs(p, i, named))
			continue;
		snprintf(value, sizeof(value), "%s %.*s", discover_name(i),
			 (int)strcspn(named, "?"), named);
		find(p, "pinned", BAD, value);
	}
	json_destroy(found);
}

/* Reads what is told even of a provider whose metadata is refused: which of it is the reason. */
static bool metadata(struct probe *p)
{
	struct flow *j = p->j;
	struct json *found = NULL;
	bool needed = discover_needed(&j->endpoints);
	bool is_ours = strcmp(j->dialect->name, "rfc8628") == 0;
	enum verdict verdict = VERDICT_GRANTED;
	char value[128];

	if (needed || (is_ours && wanted(p, "metadata") && wire_value(j->settings, "steps"))) {
		verdict = flow_ask(j, compose_metadata, 1);
		clock_read(p);
		if (verdict == VERDICT_GRANTED)
			verdict = discover_reply(j->settings, &j->reply, &j->endpoints, &j->reason);
		if (j->reply.arrived && j->reply.status == 200)
			found = json_parse(j->reply.body, j->reply.len, NULL);
		if (verdict != VERDICT_GRANTED)
			find_said(p);
		find(p, "metadata", verdict == VERDICT_GRANTED ? OK : BAD,
		     verdict == VERDICT_GRANTED ? "" : reason_full(j, value, sizeof(value)));
	} else {
		find(p, "metadata", NONE, "");
		if (is_ours && flow_is(j, "compare", "metadata"))
			pins_compare(p);
	}
	if (json_type(found) == JSON_OBJECT)
		find_metadata(p, found);
	for (int i = 0; discover_name(i); i++)
		find_endpoint(p, found, i);
	json_destroy(found);
	return verdict == VERDICT_GRANTED || !needed;
}

/* ---- keys ---- */

static void find_keys(struct probe *p, const struct json *set)
{
	const char *algs = p->j->endpoints.algs;
	size_t fit = idtoken_keys_for(set, algs);
	char value[64];

	if (json_type(json_member(set, "keys")) != JSON_ARRAY)
		snprintf(value, sizeof(value), "%s", reason_name(REASON_KEYS_UNREADABLE));
	else
		snprintf(value, sizeof(value), "%zu", fit);
	find(p, "jwks", fit > 0 ? OK : BAD, value);
}

static void keys(struct probe *p)
{
	struct flow *j = p->j;
	struct json *set = NULL;
	char value[128];

	if (j->pinned) {
		find_keys(p, j->pinned);
		return;
	}
	if (j->endpoints.jwks[0] == '\0') {
		find(p, "jwks", NONE, "");
		return;
	}
	if (!reach(p, j->endpoints.jwks))
		return;
	if (flow_ask(j, flow_compose_keys, 1) != VERDICT_GRANTED) {
		find_said(p);
		find(p, "jwks", BAD, reason_full(j, value, sizeof(value)));
		return;
	}
	if (j->reply.status == 200)
		set = json_parse(j->reply.body, j->reply.len, NULL);
	else
		find_said(p);
	find_keys(p, set);
	json_destroy(set);
}

/* ---- device, paste, revocation ---- */

static void find_verdict(struct probe *p, const char *step, bool ok, enum verdict verdict)
{
	char value[192], reason[128];

	snprintf(value, sizeof(value), "%s %s", verdict_name(verdict),
		 reason_full(p->j, reason, sizeof(reason)));
	if (!ok)
		find_said(p);
	find(p, step, ok ? OK : BAD, ok ? "" : value);
}

/* What a code is like, and not which: letters are A, digits 0, and the rest decides about it. */
static void find_code_shape(struct probe *p, const char *code)
{
	char shape[sizeof(p->j->authorization.user_code)];
	size_t n = 0;

	for (; code[n] && n + 1 < sizeof(shape); n++)
		shape[n] = (char)(isalpha((unsigned char)code[n])   ? 'A'
				  : isdigit((unsigned char)code[n]) ? '0'
								    : code[n]);
	shape[n] = '\0';
	find(p, "user_code", OK, shape);
}

/* One real code, which nobody will ever see or ask for. */
static void device(struct probe *p)
{
	struct flow *j = p->j;
	enum verdict verdict = VERDICT_CLIENT_REFUSED;

	j->reason = REASON_NO_DEVICE_CODE_FLOW;
	if (j->dialect->authorization_request) {
		if (!reach(p, j->endpoints.device_authorization))
			return;
		flow_device_proof(j);
		verdict = flow_ask(j, flow_compose_authorization, 1);
	}
	if (verdict == VERDICT_GRANTED)
		verdict = j->dialect->authorization_reply(&j->reply, &j->authorization, &j->reason);
	find_verdict(p, "device", verdict == VERDICT_GRANTED, verdict);
	if (verdict == VERDICT_GRANTED) {
		find_number(p, "device_seconds", j->authorization.expires_in);
		find_number(p, "device_interval", j->authorization.interval);
		find_code_shape(p, j->authorization.user_code);
		find(p, "verification_uri", OK, j->authorization.uri);
		/* It has the code in it: its length will do. */
		if (j->authorization.uri_complete[0] != '\0')
			find_number(p, "verification_uri_complete",
				    (long)strlen(j->authorization.uri_complete));
		else
			find(p, "verification_uri_complete", NONE, "");
	}
	explicit_bzero(&j->authorization, sizeof(j->authorization));
	explicit_bzero(j->reply.body, sizeof(j->reply.body));
}

static void compose_exchange(struct flow *j)
{
	j->dialect->exchange_request(j->settings, &j->endpoints, &j->proof, NO_CODE, &j->request);
}

static void exchange(struct probe *p)
{
	struct flow *j = p->j;
	enum verdict verdict = VERDICT_CLIENT_REFUSED;

	j->reason = REASON_NO_AUTHORIZATION_CODE_FLOW;
	if (!j->dialect->exchange_request) {
		find_verdict(p, "exchange", false, verdict);
		return;
	}
	if (!reach(p, j->endpoints.token))
		return;
	verdict = flow_ask(j, compose_exchange, 1);
	if (verdict == VERDICT_GRANTED)
		verdict = j->dialect->exchange_reply(&j->reply, &j->tokens, &j->reason);
	/* That code has been refused: the client has not. */
	find_verdict(p, "exchange", verdict == VERDICT_WRONG_CODE, verdict);
	explicit_bzero(&j->tokens, sizeof(j->tokens));
}

static void paste(struct probe *p)
{
	struct flow *j = p->j;
	enum verdict verdict = flow_compose_address(j);

	if (verdict == VERDICT_GRANTED)
		find(p, "authorization_uri", OK, j->request.url);
	else
		find(p, "authorization_uri", BAD, reason_name(j->reason));
	exchange(p);
}

static void compose_revocation(struct flow *j)
{
	j->dialect->revoke_request(j->settings, &j->endpoints, NO_CODE, false, &j->request);
}

static void revocation(struct probe *p)
{
	struct flow *j = p->j;
	enum verdict verdict;

	if (!j->dialect->revoke_request || j->endpoints.revocation[0] == '\0') {
		find(p, "revocation", NONE, "");
		return;
	}
	if (!reach(p, j->endpoints.revocation))
		return;
	verdict = flow_ask(j, compose_revocation, 1);
	if (verdict == VERDICT_GRANTED)
		verdict = j->dialect->revoke_reply(&j->reply, &j->reason);
	find_verdict(p, "revocation", verdict == VERDICT_GRANTED, verdict);
}

/* ---- the sandbox ---- */

/* Calls of the libraries that the filter does not know: a login goes on without them. */
static void find_refused(struct probe *p)
{
	const struct flow_io *io = p->j->io;
	char name[64];

	for (unsigned int i = 0; io->refused && io->refused(io->context, i, name, sizeof(name));
	     i++)
		find(p, "system_call", NONE, name);
}

/* ---- the way ---- */

enum verdict probe_walk(struct flow *j)
{
	static const struct {
		const char *step;
		void (*take)(struct probe *p);
		int flow; /* 0: both, 1: device, 2: paste */
	} steps[] = {
		{ "keys", keys, 0 },
		{ "device", device, 1 },
		{ "paste", paste, 2 },
		{ "revocation", revocation, 0 },
	};
	struct probe *p = calloc(1, sizeof(*p));

	j->reason = REASON_OUT_OF_MEMORY;
	if (!p)
		return VERDICT_INVALID_RESPONSE;
	p->j = j;
	j->deadline = flow_now(j) + PROBE_MS;
	if (j->io->client_wrong)
		find(p, "client", BAD, reason_name(j->io->client_wrong));
	else if ((!discover_needed(&j->endpoints) || reach(p, j->endpoints.issuer)) &&
		 metadata(p)) {
		const char *first = j->endpoints.token;

		for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && reach(p, first); i++)
			if (wanted(p, steps[i].step) &&
			    (steps[i].flow == 0 || (steps[i].flow == 2) == j->endpoints.paste))
				steps[i].take(p);
	}
	find_clock(p);
	find_refused(p);
	free(p);
	j->reason = REASON_OK;
	return VERDICT_GRANTED;
}
