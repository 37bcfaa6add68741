/* SPDX-License-Identifier: BSD-2-Clause */
/* Metadata → endpoints: see discover.h. Must never let the network choose another's host. */
#include "discover.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "helper/oauth_client/confined/http.h"
#include "client_key.h"
#include "idtoken.h"
#include "json.h"
#include "request.h"

#define WELL_KNOWN "/.well-known/openid-configuration"

enum {
	ORIGIN_MAX = 300,
};

/* The endpoints by their names in settings and metadata (RFC 8414, RFC 8628 4, OIDC). */
static const struct endpoint {
	const char *name;
	size_t offset;
} endpoint_table[ENDPOINTS] = {
	{ "device_authorization_endpoint", offsetof(struct endpoints, device_authorization) },
	{ "authorization_endpoint", offsetof(struct endpoints, authorization) },
	{ "token_endpoint", offsetof(struct endpoints, token) },
	{ "refresh_endpoint", offsetof(struct endpoints, refresh) },
	{ "revocation_endpoint", offsetof(struct endpoints, revocation) },
	{ "userinfo_endpoint", offsetof(struct endpoints, userinfo) },
	{ "jwks_uri", offsetof(struct endpoints, jwks) },
};

static char *endpoint_url(struct endpoints *endpoints, const struct endpoint *endpoint)
{
	return (char *)endpoints + endpoint->offset;
}

static bool url_copy(const char *url, char *out)
{
	if (strlen(url) >= REQUEST_URL_MAX)
		return false;
	strcpy(out, url);
	return true;
}

/* Below the issuer, unless the settings know better. What does not fit is none: nothing can be asked there. */
static void metadata_set(const struct wire_message *settings, struct endpoints *endpoints)
{
	const char *metadata = wire_value(settings, "metadata");
	size_t len = strlen(endpoints->issuer);
	int n;

	if (len > 0 && endpoints->issuer[len - 1] == '/')
		len--;
	if (metadata)
		n = snprintf(endpoints->metadata, sizeof(endpoints->metadata), "%s", metadata);
	else
		n = snprintf(endpoints->metadata, sizeof(endpoints->metadata), "%.*s" WELL_KNOWN,
			     (int)len, endpoints->issuer);
	if (n < 0 || (size_t)n >= sizeof(endpoints->metadata))
		endpoints->metadata[0] = '\0';
}

bool discover_start(const struct wire_message *settings, struct endpoints *endpoints)
{
	const char *issuer = wire_value(settings, "issuer");
	const char *flow = wire_value(settings, "flow");
	const char *algs = wire_value(settings, "id_token_signed_response_alg");

	memset(endpoints, 0, sizeof(*endpoints));
	endpoints->paste = flow && strcmp(flow, "authorization_code") == 0;
	endpoints->pinned = wire_value(settings, "jwks") != NULL;
	endpoints->algs_set = algs != NULL;
	snprintf(endpoints->algs, sizeof(endpoints->algs), "%s", algs ? algs : "RS256");
	if (!issuer || !url_copy(issuer, endpoints->issuer))
		return false;
	metadata_set(settings, endpoints);
	for (int i = 0; i < ENDPOINTS; i++) {
		const char *url = wire_value(settings, endpoint_table[i].name);

		if (url && !request_url(settings, url, endpoint_url(endpoints, &endpoint_table[i]),
					REQUEST_URL_MAX))
			return false;
	}
	return true;
}

/* Whether there is a way to a token. */
static bool way_known(const struct endpoints *endpoints)
{
	const char *first = endpoints->paste ? endpoints->authorization
					     : endpoints->device_authorization;

	return first[0] != '\0' && endpoints->token[0] != '\0';
}

/* Whether somebody says who it was. */
static bool witness_known(const struct endpoints *endpoints)
{
	return endpoints->userinfo[0] != '\0' || endpoints->jwks[0] != '\0';
}

/* Pinned keys alone do not say how tokens are signed, and where they are given back the metadata says, or the settings. */
static bool witness_pinned(const struct endpoints *endpoints)
{
	return endpoints->pinned && endpoints->algs_set && endpoints->revocation[0] != '\0';
}

bool discover_needed(const struct endpoints *endpoints)
{
	return !way_known(endpoints) || (!witness_known(endpoints) && !witness_pinned(endpoints));
}

void discover_request(const struct endpoints *endpoints, struct request *request)
{
	request_get(request, endpoints->metadata);
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
	if (strncasecmp(url, "https://", 8) != 0 && strncasecmp(issuer, "https://", 8) == 0)
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
		      struct endpoints *endpoints)
{
	const struct json *list = json_given(metadata, "id_token_signing_alg_values_supported");
	size_t len = 0;

	/* An empty list says no more than none: "none of them" would be the end of every login. */
	if (wire_value(settings, "id_token_signed_response_alg") || json_length(list) == 0)
		return;
	endpoints->algs[0] = '\0';
	for (size_t i = 0; i < json_length(list); i++) {
		const char *name = json_text(json_element(list, i));

		if (!name || !idtoken_alg_known(name) ||
		    len + strlen(name) + 2 > sizeof(endpoints->algs))
			continue;
		len += (size_t)snprintf(endpoints->algs + len, sizeof(endpoints->algs) - len,
					"%s%s", len > 0 ? " " : "", name);
	}
}

/* A client that shows a certificate goes by the aliases, where there are any (RFC 8705 section 5). */
static const char *endpoint_named(const struct wire_message *settings, const struct json *metadata,
				  int i)
{
	const struct json *aliases = json_member(metadata, "mtls_endpoint_aliases");
	const char *url = client_key_is_tls(settings) ? json_string(aliases, endpoint_table[i].name)
						      : NULL;

	return url && url[0] != '\0' ? url : json_string(metadata, endpoint_table[i].name);
}

/* RFC 3986 3.1. What has no scheme ("/device_authorization") is on no host at all. */
static bool is_absolute(const char *url)
{
	size_t scheme = strspn(url, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789+-.");

	return scheme > 0 && strncmp(url + scheme, "://", 3) == 0;
}

/* One that is empty is none, and the keys' is not asked beside pinned ones. */
static void endpoint_take(const struct wire_message *settings, const struct json *metadata, int i,
			  struct endpoints *endpoints)
{
	const char *url = endpoint_named(settings, metadata, i);
	char *into = endpoint_url(endpoints, &endpoint_table[i]);
	char origin[ORIGIN_MAX];

	endpoints->refused[i][0] = '\0';
	if (!url || url[0] == '\0' || into[0] != '\0' ||
	    (endpoints->pinned && into == endpoints->jwks) ||
	    (discover_admits(settings, endpoints->issuer, url) && url_copy(url, into)))
		return;
	if (!http_origin(url, origin, sizeof(origin)))
		strcpy(origin, "?");
	snprintf(endpoints->refused[i], sizeof(endpoints->refused[i]), "%s%.280s",
		 !is_absolute(url)		       ? ""
		 : strncasecmp(url, "http://", 7) == 0 ? "http://"
						       : "https://",
		 origin);
}

/* Who signs is not asked elsewhere, if keys are named; nor are keys, if the settings bring them. */
bool discover_needs(const struct endpoints *endpoints, int i)
{
	const char *url = discover_url(endpoints, i);

	if (url == endpoints->userinfo)
		return endpoints->jwks[0] == '\0' && !endpoints->pinned;
	if (url == endpoints->jwks)
		return !endpoints->pinned;
	return url == endpoints->token ||
	       url == (endpoints->paste ? endpoints->authorization
					: endpoints->device_authorization);
}

enum reason discover_refused(const struct endpoints *endpoints, int i)
{
	if (endpoints->refused[i][0] == '\0')
		return REASON_NONE;
	if (endpoints->refused[i][0] == '?')
		return REASON_METADATA_ENDPOINT_RELATIVE;
	return strncmp(endpoints->refused[i], "http://", 7) == 0
		       ? REASON_METADATA_ENDPOINT_NOT_HTTPS
		       : REASON_ENDPOINT_HOST_NOT_ALLOWED;
}

static enum verdict metadata_read(const struct wire_message *settings, const struct json *metadata,
				  struct endpoints *endpoints, enum reason *reason)
{
	const char *issuer = json_string(metadata, "issuer");

	/* Entra's "common" calls itself ".../{tenantid}/v2.0": the issuer of nobody. */
	*reason = issuer && strchr(issuer, '{') ? REASON_METADATA_OF_NO_TENANT
						: REASON_ISSUER_MISMATCH;
	if (!issuer || strcmp(issuer, endpoints->issuer) != 0)
		return VERDICT_INVALID_RESPONSE;
	algs_take(settings, metadata, endpoints);
	for (int i = 0; i < ENDPOINTS; i++)
		endpoint_take(settings, metadata, i, endpoints);
	for (int i = 0; i < ENDPOINTS; i++) {
		if (!discover_needs(endpoints, i) || !discover_refused(endpoints, i))
			continue;
		*reason = discover_refused(endpoints, i);
		return VERDICT_INVALID_RESPONSE;
	}
	*reason = REASON_ENDPOINTS_MISSING;
	return way_known(endpoints) && (endpoints->pinned || witness_known(endpoints))
		       ? VERDICT_GRANTED
		       : VERDICT_INVALID_RESPONSE;
}

enum verdict discover_reply(const struct wire_message *settings, const struct reply *reply,
			    struct endpoints *endpoints, enum reason *reason)
{
	enum verdict verdict = VERDICT_INVALID_RESPONSE;
	struct json *metadata;

	*reason = REASON_METADATA_HTTP_STATUS;
	if (reply->status != 200)
		return VERDICT_INVALID_RESPONSE;
	*reason = REASON_METADATA_UNREADABLE;
	metadata = json_parse(reply->body, reply->len, NULL);
	if (json_type(metadata) == JSON_OBJECT)
		verdict = metadata_read(settings, metadata, endpoints, reason);
	json_destroy(metadata);
	return verdict;
}

const char *discover_name(int i)
{
	return i >= 0 && i < ENDPOINTS ? endpoint_table[i].name : NULL;
}

const char *discover_url(const struct endpoints *endpoints, int i)
{
	return (const char *)endpoints + endpoint_table[i].offset;
}

const char *discover_what(const struct endpoints *endpoints, const char *url)
{
	size_t len = strcspn(url, "?");

	for (int i = 0; i < ENDPOINTS; i++) {
		const char *endpoint = discover_url(endpoints, i);

		if (endpoint[0] != '\0' && strcspn(endpoint, "?") == len &&
		    strncmp(endpoint, url, len) == 0)
			return endpoint_table[i].name;
	}
	return strcmp(url, endpoints->metadata) == 0 ? "metadata" : "request";
}
