/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings → what stays open: see sandbox_allow.h. Must never open a port that no setting names. */
#include "sandbox_allow.h"

#include <stdlib.h>
#include <string.h>

#include "http.h"

enum {
	PORT_HTTPS = 443,
	PORT_PROXY = 1080, /* libcurl's for a proxy without one, unless it is an https proxy */
	PORT_MAX = 65535,
	ORIGIN_MAX = 300,
};

static void port_add(struct sandbox_allow *allow, unsigned long port)
{
	if (port == 0 || port > PORT_MAX || allow->ports == SANDBOX_PORTS_MAX)
		return;
	for (size_t i = 0; i < allow->ports; i++)
		if (allow->port[i] == port)
			return;
	allow->port[allow->ports++] = (uint16_t)port;
}

/* The port of "host", "host:port", "[address]:port", LEN bytes of it; STANDARD where none stands. */
static unsigned long port_of(const char *host, size_t len, unsigned long standard)
{
	const char *end = host + len;
	const char *literal = memchr(host, ']', len); /* an IPv6 address has colons of its own */
	const char *from = literal ? literal : host;
	const char *colon = memchr(from, ':', (size_t)(end - from));

	return colon ? strtoul(colon + 1, NULL, 10) : standard;
}

/* "[scheme://][user:password@]host[:port][/]" */
static void proxy_add(struct sandbox_allow *allow, const char *proxy)
{
	const char *scheme_end = strstr(proxy, "://");
	const char *host = scheme_end ? scheme_end + 3 : proxy;
	size_t len = strcspn(host, "/?#");
	const char *user_end = memrchr(host, '@', len);

	if (user_end) {
		len -= (size_t)(user_end + 1 - host);
		host = user_end + 1;
	}
	port_add(allow,
		 port_of(host, len, strncmp(proxy, "https://", 8) == 0 ? PORT_HTTPS : PORT_PROXY));
}

static void url_add(struct sandbox_allow *allow, const char *url)
{
	char origin[ORIGIN_MAX];

	if (http_origin(url, origin, sizeof(origin)))
		port_add(allow, port_of(origin, strlen(origin), 0));
}

static void hosts_add(struct sandbox_allow *allow, const char *hosts)
{
	for (const char *at = hosts + strspn(hosts, " ,"); *at; at += strspn(at, " ,")) {
		size_t len = strcspn(at, " ,");

		port_add(allow, port_of(at, len, PORT_HTTPS));
		at += len;
	}
}

void sandbox_allow_read(const struct wire_message *settings, struct sandbox_allow *allow)
{
	const char *proxy = wire_value(settings, "proxy");

	memset(allow, 0, sizeof(*allow));
	allow->network = true;
	allow->ca_file = wire_value(settings, "ca_file");
	if (proxy && proxy[0] != '\0') {
		proxy_add(allow, proxy);
		return;
	}
	for (size_t i = 0; i < settings->pairs; i++) {
		const struct wire_pair *pair = &settings->pair[i];

		if (strcmp(pair->key, "endpoint_hosts") == 0)
			hosts_add(allow, pair->value);
		else if (strcmp(pair->key, "redirect_uri") != 0) /* the browser's, not ours */
			url_add(allow, pair->value);
	}
}
