/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The issuer's metadata. API: discover_start, discover_needed, discover_reply, struct endpoints.
 *
 * The input: a byte of choices, then fields: issuer, endpoint_hosts, base_url, the configured
 * token_endpoint, the metadata. Oracle: GRANTED means that the metadata's issuer is the configured
 * one, and that each address which the configuration did not name is one whose scheme, host and
 * port libcurl's reader finds to be the issuer's, or admitted by endpoint_hosts, and no plain
 * http where the issuer has https; what the configuration names stays.
 */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <strings.h>

#include "helper/oauth_client/oauth/discover.h"
#include "fuzz.h"

struct origin {
	char scheme[16], host[512];
	long port;
};

static bool origin_read(const char *uri, struct origin *out)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL;
	bool good = curl_url_set(url, CURLUPART_URL, uri, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;

	if (good) {
		snprintf(out->scheme, sizeof(out->scheme), "%s", scheme);
		snprintf(out->host, sizeof(out->host), "%s", host);
		out->port = atol(port);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(url);
	return good;
}

static bool same(const struct origin *a, const struct origin *b)
{
	return strcasecmp(a->host, b->host) == 0 && a->port == b->port;
}

static bool admitted(const char *uri, const char *issuer, const char *hosts)
{
	char *text = strdup(hosts), *rest = text, *entry, full[1200];
	struct origin it, home, other;
	bool good = origin_read(uri, &it) && origin_read(issuer, &home), found;

	found = good && same(&it, &home);
	while (good && (entry = strsep(&rest, " ,"))) {
		snprintf(full, sizeof(full), "https://%s/", entry);
		found = found || (origin_read(full, &other) && same(&it, &other));
	}
	free(text);
	return found &&
	       (strcasecmp(it.scheme, "https") == 0 || strcasecmp(home.scheme, "https") != 0);
}

static void granted_check(const struct endpoints *endpoints, const struct endpoints *before,
			  const char *issuer, const char *hosts, const cJSON *body)
{
	static const char *const names[] = { "device_authorization_endpoint",
					     "authorization_endpoint",
					     "token_endpoint",
					     "refresh_endpoint",
					     "revocation_endpoint",
					     "userinfo_endpoint",
					     "jwks_uri" };
	const char *now[] = { endpoints->device_authorization,
			      endpoints->authorization,
			      endpoints->token,
			      endpoints->refresh,
			      endpoints->revocation,
			      endpoints->userinfo,
			      endpoints->jwks };
	const char *was[] = {
		before->device_authorization, before->authorization, before->token, before->refresh,
		before->revocation,	      before->userinfo,	     before->jwks
	};
	const char *said = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "issuer"));

	HOLDS(said && strcmp(said, issuer) == 0);
	HOLDS(endpoints->token[0] && (endpoints->paste ? endpoints->authorization[0]
						       : endpoints->device_authorization[0]));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *url =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, names[i]));

		if (was[i][0] || !url || url[0] == '\0') { /* an empty one is none */
			HOLDS(strcmp(now[i], was[i]) == 0);
			continue;
		}
		HOLDS(now[i][0] == '\0' || strcmp(now[i], url) == 0);
		HOLDS(now[i][0] == '\0' || admitted(now[i], issuer, hosts));
		/* What is not taken is known by name, and this login does without it. */
		HOLDS(!discover_refused(endpoints, (int)i) == (now[i][0] != '\0'));
		HOLDS(now[i][0] != '\0' || !discover_needs(endpoints, (int)i));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct endpoints endpoints, before;
	static struct wire_message settings;
	static struct wire_draft draft;
	static struct reply reply;
	struct fuzz f = fuzz_start(data, size);
	unsigned int choice = fuzz_byte(&f);
	const char *issuer = fuzz_text(&f), *hosts = fuzz_text(&f), *base = fuzz_text(&f);
	const char *token = fuzz_text(&f);
	enum reason reason = REASON_NONE;
	static struct request request;
	cJSON *body;

	wire_begin(&draft, "login");
	wire_add(&draft, "issuer", issuer);
	wire_add(&draft, "flow", choice & 1 ? "authorization_code" : "device_code");
	wire_add(&draft, "endpoint_hosts", hosts);
	wire_add(&draft, "base_url", base);
	wire_add(&draft, "token_endpoint", token[0] ? token : NULL);
	HOLDS(wire_parse(&settings, draft.bytes, draft.len));
	reply.arrived = true;
	reply.status = choice & 2 ? 404 : 200;
	reply.len = (size_t)(f.end - f.at);
	memcpy(reply.body, f.at, reply.len);
	reply.body[reply.len] = '\0';
	if (discover_start(&settings, &endpoints)) {
		before = endpoints;
		discover_request(&endpoints, &request);
		HOLDS(request.broken || strlen(request.url) < sizeof(request.url));
		if (discover_reply(&settings, &reply, &endpoints, &reason) == VERDICT_GRANTED) {
			HOLDS(reply.status == 200 && !discover_needed(&endpoints));
			body = cJSON_ParseWithLength(reply.body, reply.len);
			granted_check(&endpoints, &before, issuer, hosts, body);
			cJSON_Delete(body);
		} else {
			HOLDS(is_reason(reason_name(reason)));
		}
	}
	fuzz_done(&f);
	return 0;
}
