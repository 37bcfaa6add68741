/* SPDX-License-Identifier: BSD-2-Clause */
/* Metadata → endpoints: see discover.h. Must never let the network choose another's host. */
#include "discover.h"

#include <stdio.h>
#include <string.h>

#include "helper/oauth_client/confined/http.h"
#include "client_key.h"
#include "idtoken.h"
#include "json.h"
#include "request.h"

#define WELL_KNOWN "/.well-known/openid-configuration"

enum {
	ORIGIN_MAX = 300,
	DOORS = ENDPOINTS,
};

/* The endpoints by their names in settings and metadata (RFC 8414, RFC 8628 4, OIDC). */
static const struct door {
	const char *name;
	size_t offset;
} door_table[DOORS] = {
	{ "device_authorization_endpoint", offsetof(struct endpoints, device_authorization) },
	{ "authorization_endpoint", offsetof(struct endpoints, authorization) },
	{ "token_endpoint", offsetof(struct endpoints, token) },
	{ "refresh_endpoint", offsetof(struct endpoints, refresh) },
	{ "revocation_endpoint", offsetof(struct endpoints, revocation) },
	{ "userinfo_endpoint", offsetof(struct endpoints, userinfo) },
	{ "jwks_uri", offsetof(struct endpoints, jwks) },
};

static char *door_url(struct endpoints *doors, const struct door *door)
{
	return (char *)doors + door->offset;
}

static bool url_copy(const char *url, char *out)
{
	if (strlen(url) >= REQUEST_URL_MAX)
		return false;
	strcpy(out, url);
	return true;
}

/* Below the issuer, unless the settings know better. What does not fit is none: nothing can be asked there. */
static void metadata_set(const struct wire_message *settings, struct endpoints *doors)
{
	const char *metadata = wire_value(settings, "metadata");
	size_t len = strlen(doors->issuer);
	int n;

	if (len > 0 && doors->issuer[len - 1] == '/')
		len--;
	if (metadata)
		n = snprintf(doors->metadata, sizeof(doors->metadata), "%s", metadata);
	else
		n = snprintf(doors->metadata, sizeof(doors->metadata), "%.*s" WELL_KNOWN, (int)len,
			     doors->issuer);
	if (n < 0 || (size_t)n >= sizeof(doors->metadata))
		doors->metadata[0] = '\0';
}

bool discover_start(const struct wire_message *settings, struct endpoints *doors)
{
	const char *issuer = wire_value(settings, "issuer");
	const char *flow = wire_value(settings, "flow");
	const char *algs = wire_value(settings, "id_token_signed_response_alg");

	memset(doors, 0, sizeof(*doors));
	doors->paste = flow && strcmp(flow, "authorization_code") == 0;
	snprintf(doors->algs, sizeof(doors->algs), "%s", algs ? algs : "RS256");
	if (!issuer || !url_copy(issuer, doors->issuer))
		return false;
	metadata_set(settings, doors);
	for (int i = 0; i < DOORS; i++) {
		const char *url = wire_value(settings, door_table[i].name);

		if (url &&
		    !request_url(settings, url, door_url(doors, &door_table[i]), REQUEST_URL_MAX))
			return false;
	}
	return true;
}

bool discover_needed(const struct endpoints *doors)
{
	const char *first = doors->paste ? doors->authorization : doors->device_authorization;

	if (first[0] == '\0' || doors->token[0] == '\0')
		return true;
	return doors->userinfo[0] == '\0' && doors->jwks[0] == '\0';
}

void discover_request(const struct endpoints *doors, struct request *request)
{
	request_get(request, doors->metadata);
}

/* HOST is "host", meaning its port 443, or "host:port". */
static bool host_is(const char *host, size_t len, const char *origin)
{
	char full[ORIGIN_MAX];
	const char *literal = memchr(host, ']', len); /* an IPv6 address has colons of its own */
	const char *behind = literal ? literal : host;
	bool port = memchr(behind, ':', len - (size_t)(behind - host)) != NULL;

	if (len + sizeof(":443") > sizeof(full))
		return false;
	snprintf(full, sizeof(full), "%.*s%s", (int)len, host, port ? "" : ":443");
	return strcasecmp(full, origin) == 0;
}

bool discover_admits(const struct wire_message *settings, const char *issuer, const char *url)
{
	const char *hosts = wire_value(settings, "endpoint_hosts");
	char origin[ORIGIN_MAX], home[ORIGIN_MAX];

	if (!http_origin(url, origin, sizeof(origin)) || !http_origin(issuer, home, sizeof(home)))
		return false;
	if (strncmp(url, "https://", 8) != 0 && strncmp(issuer, "https://", 8) == 0)
		return false;
	if (strcmp(origin, home) == 0)
		return true;
	for (const char *at = hosts ? hosts + strspn(hosts, " ,") : ""; *at;
	     at += strspn(at, " ,")) {
		size_t len = strcspn(at, " ,");

		if (host_is(at, len, origin))
			return true;
		at += len;
	}
	return false;
}

/* Those of the provider's algorithms that are known: what the settings name beats them. */
static void algs_take(const struct wire_message *settings, const struct json *metadata,
		      struct endpoints *doors)
{
	const struct json *list = json_given(metadata, "id_token_signing_alg_values_supported");
	size_t len = 0;

	if (wire_value(settings, "id_token_signed_response_alg") || json_type(list) != JSON_ARRAY)
		return;
	doors->algs[0] = '\0';
	for (size_t i = 0; i < json_length(list); i++) {
		const char *name = json_text(json_element(list, i));

		if (!name || !idtoken_alg_known(name) ||
		    len + strlen(name) + 2 > sizeof(doors->algs))
			continue;
		len += (size_t)snprintf(doors->algs + len, sizeof(doors->algs) - len, "%s%s",
					len > 0 ? " " : "", name);
	}
}

/* A client that shows a certificate goes by the aliases, where there are any (RFC 8705 section 5). */
static const char *door_named(const struct wire_message *settings, const struct json *metadata,
			      int i)
{
	const struct json *aliases = json_member(metadata, "mtls_endpoint_aliases");
	const char *url = client_key_is_tls(settings) ? json_string(aliases, door_table[i].name)
						      : NULL;

	return url ? url : json_string(metadata, door_table[i].name);
}

static void door_take(const struct wire_message *settings, const struct json *metadata, int i,
		      struct endpoints *doors)
{
	const char *url = door_named(settings, metadata, i);
	char *into = door_url(doors, &door_table[i]);
	char origin[ORIGIN_MAX];

	doors->refused[i][0] = '\0';
	if (!url || into[0] != '\0' ||
	    (discover_admits(settings, doors->issuer, url) && url_copy(url, into)))
		return;
	if (!http_origin(url, origin, sizeof(origin)))
		strcpy(origin, "?");
	snprintf(doors->refused[i], sizeof(doors->refused[i]), "%s%.280s",
		 strncmp(url, "http://", 7) == 0 ? "http://" : "https://", origin);
}

/* Who signs is not asked elsewhere, if keys are named. */
bool discover_needs(const struct endpoints *doors, int i)
{
	const char *url = discover_url(doors, i);

	if (url == doors->userinfo)
		return doors->jwks[0] == '\0';
	return url == doors->token || url == doors->jwks ||
	       url == (doors->paste ? doors->authorization : doors->device_authorization);
}

enum reason discover_refused(const struct endpoints *doors, int i)
{
	if (doors->refused[i][0] == '\0')
		return REASON_NONE;
	return strncmp(doors->refused[i], "http://", 7) == 0 ? REASON_METADATA_ENDPOINT_NOT_HTTPS
							     : REASON_ENDPOINT_HOST_NOT_ALLOWED;
}

static enum verdict metadata_read(const struct wire_message *settings, const struct json *metadata,
				  struct endpoints *doors, enum reason *reason)
{
	const char *issuer = json_string(metadata, "issuer");

	/* Entra's "common" calls itself ".../{tenantid}/v2.0": the issuer of nobody. */
	*reason = issuer && strchr(issuer, '{') ? REASON_METADATA_OF_NO_TENANT
						: REASON_ISSUER_MISMATCH;
	if (!issuer || strcmp(issuer, doors->issuer) != 0)
		return VERDICT_INVALID_RESPONSE;
	algs_take(settings, metadata, doors);
	for (int i = 0; i < DOORS; i++)
		door_take(settings, metadata, i, doors);
	for (int i = 0; i < DOORS; i++) {
		if (!discover_needs(doors, i) || !discover_refused(doors, i))
			continue;
		*reason = discover_refused(doors, i);
		return VERDICT_INVALID_RESPONSE;
	}
	*reason = REASON_ENDPOINTS_MISSING;
	return discover_needed(doors) ? VERDICT_INVALID_RESPONSE : VERDICT_GRANTED;
}

enum verdict discover_reply(const struct wire_message *settings, const struct reply *reply,
			    struct endpoints *doors, enum reason *reason)
{
	enum verdict verdict = VERDICT_INVALID_RESPONSE;
	struct json *metadata;

	*reason = REASON_METADATA_HTTP_STATUS;
	if (reply->status != 200)
		return VERDICT_INVALID_RESPONSE;
	*reason = REASON_METADATA_UNREADABLE;
	metadata = json_parse(reply->body, reply->len, NULL);
	if (json_type(metadata) == JSON_OBJECT)
		verdict = metadata_read(settings, metadata, doors, reason);
	json_destroy(metadata);
	return verdict;
}

const char *discover_name(int i)
{
	return i >= 0 && i < DOORS ? door_table[i].name : NULL;
}

const char *discover_url(const struct endpoints *doors, int i)
{
	return (const char *)doors + door_table[i].offset;
}

const char *discover_what(const struct endpoints *doors, const char *url)
{
	size_t len = strcspn(url, "?");

	for (int i = 0; i < DOORS; i++) {
		const char *door = discover_url(doors, i);

		if (door[0] != '\0' && strcspn(door, "?") == len && strncmp(door, url, len) == 0)
			return door_table[i].name;
	}
	return strcmp(url, doors->metadata) == 0 ? "metadata" : "request";
}
