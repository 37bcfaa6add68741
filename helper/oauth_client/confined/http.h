/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A request in, a bounded reply out. http.c is the only file that knows libcurl.
 *
 * One handle serves the whole login: one TLS connection where the server lets it live. https only
 * (http to literal loopback addresses where `http_loopback = yes`), TLS 1.2 or newer, no
 * redirects, no cookies, no netrc, no proxy from the environment; bodies up to REPLY_BYTES_MAX,
 * counted as they arrive; headers bounded in number and size; each request bounded in time.
 */
#ifndef HELPER_OAUTH_CLIENT_CONFINED_HTTP_H
#define HELPER_OAUTH_CLIENT_CONFINED_HTTP_H

#include "helper/oauth_client/dialect/dialect.h"

struct http;

/*
 * SETTINGS (ca_file, proxy, http_loopback) are read here; fetching stops when STOP_FD, a socket,
 * is closed by its peer. Names are found by lookup.h. NULL: no memory. Destroyed by http_destroy(), or by
 * ending the process.
 */
struct http *http_create(const struct wire_message *settings, int stop_fd);
void http_destroy(struct http *http);

/*
 * The client shows CERTIFICATE to whom it connects to (RFC 8705), and the TLS library holds its KEY: PEM,
 * which has to outlive HTTP.
 */
void http_certificate(struct http *http, const char *certificate, const char *key);

/*
 * Wipes what libcurl still holds of the last request: its buffers, secrets among them, live as long as
 * the handle does (libcurl 8). HTTP fetches nothing any more. May be NULL.
 */
void http_forget(struct http *http);

/* Another socket whose closing stops a fetch; -1: none does. */
void http_stop_fd(struct http *http, int stop_fd);

/*
 * Sends REQUEST and fills REPLY within LIMIT_MS milliseconds. Returns false only when STOP_FD was
 * closed; every other failure is a REPLY that did not arrive.
 */
bool http_fetch(struct http *http, const struct request *request, int64_t limit_ms,
		struct reply *reply);

/* The host and port of an http(s) URL, "host:port" in lower case. false: URL is none, or has a
 * user name or password in it. */
bool http_origin(const char *url, char *out, size_t out_len);

#endif
