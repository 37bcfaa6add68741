/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only file that knows libcurl: see http.h. Must never follow a redirect, believe the
 * environment, or hold more of a reply than the bounds allow.
 */
#include "http.h"
#include "lookup.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#ifndef VERSION
#define VERSION "0"
#endif

enum {
	CONNECT_MS = 8000,
	ADDRESS_MS = 10 * 60 * 1000, /* that addresses are good for, unless they fail */
	PROXY_MAX = 512,
	REQUEST_MS = 15000,
	HEADER_BYTES_MAX = 32 * 1024,
	HEADER_LINES_MAX = 200,
	X509_NOT_YET_VALID = 9, /* OpenSSL's verify results, as libcurl hands them on */
	X509_EXPIRED = 10,
};

/* A hashed directory of CA certificates costs nothing to open; the bundle 17 ms to parse. */
#define CA_DIRECTORY "/etc/ssl/certs"

struct http {
	CURL *easy;
	CURLM *multi;
	int stop_fd;
	bool http_loopback;
	struct reply *reply; /* of the request under way */
	const char *unsent;  /* of its body */
	size_t unsent_len;
	struct curl_slist *resolved; /* what libcurl knows by that: "HOST:PORT:ADDRESSES" */
	char at[300];		     /* whose addresses these are, "host:port"; "": nobody's */
	int64_t resolved_at;	     /* CLOCK_BOOTTIME, milliseconds */
	char proxy[PROXY_MAX];	     /* "": none */
	bool sending;		     /* some of it has been handed to libcurl */
	size_t header_bytes;
	int header_lines;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct http *http = context;
	struct reply *reply = http->reply;
	size_t len = size * count;

	if (len > REPLY_BYTES_MAX - reply->len)
		return 0;
	memcpy(reply->body + reply->len, bytes, len);
	reply->len += len;
	return len;
}

/* Retry-After: seconds, or a date (RFC 9110 10.2.3), which somebody with a clock has to reckon. */
static void retry_after_read(struct reply *reply, const char *value)
{
	char *end;
	long seconds = strtol(value, &end, 10);

	if (end != value && *end == '\0' && seconds >= 0)
		reply->retry_after = seconds;
	else
		reply->retry_at = (int64_t)curl_getdate(value, NULL);
}

enum {
	MOMENT_MAX = 64,
	HEADER_VALUE_MAX = 1024,
};

/* What stands behind NAME, "Date:", in the LEN bytes of a header line; NULL: it is another's, or longer than MOST. */
static const char *header_value(const char *bytes, size_t len, const char *name, size_t most,
				char value[HEADER_VALUE_MAX])
{
	size_t name_len = strlen(name);

	if (len <= name_len || len - name_len >= most || strncasecmp(bytes, name, name_len) != 0)
		return NULL;
	memcpy(value, bytes + name_len, len - name_len);
	value[len - name_len] = '\0';
	value[strcspn(value, "\r\n")] = '\0';
	return value + strspn(value, " \t");
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
	struct http *http = context;
	size_t len = size * count;
	char buf[HEADER_VALUE_MAX];
	const char *value;

	http->header_bytes += len;
	if (http->header_bytes > HEADER_BYTES_MAX || ++http->header_lines > HEADER_LINES_MAX)
		return 0;
	value = header_value(bytes, len, "Retry-After:", MOMENT_MAX, buf);
	if (value)
		retry_after_read(http->reply, value);
	value = header_value(bytes, len, "WWW-Authenticate:", HEADER_VALUE_MAX, buf);
	if (value && strcasestr(value, "error"))
		snprintf(http->reply->challenge, CHALLENGE_MAX, "%.*s", CHALLENGE_MAX - 1, value);
	value = header_value(bytes, len, "Date:", MOMENT_MAX, buf);
	if (value)
		http->reply->date = (int64_t)curl_getdate(value, NULL);
	return len;
}

static size_t on_send(char *out, size_t size, size_t count, void *context)
{
	struct http *http = context;
	size_t len = size * count;

	if (len > http->unsent_len)
		len = http->unsent_len;
	http->sending = true;
	memcpy(out, http->unsent, len);
	http->unsent += len;
	http->unsent_len -= len;
	return len;
}

/*
 * A body goes out once. libcurl would send it again, unasked, when a connection that was kept
 * breaks under it; a refresh token or a code that comes twice is taken for a stolen one. libcurl 8 asks
 * again before the next request on the same handle (measured: 8.14): of that body nothing has gone yet.
 */
static int on_rewind(void *context, curl_off_t offset, int origin)
{
	const struct http *http = context;

	return !http->sending && offset == 0 && origin == SEEK_SET ? CURL_SEEKFUNC_OK
								   : CURL_SEEKFUNC_FAIL;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void trust_set(CURL *easy, const char *ca_file)
{
	if (ca_file) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	} else if (is_directory(CA_DIRECTORY)) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
		curl_easy_setopt(easy, CURLOPT_CAPATH, CA_DIRECTORY);
	}
}

static void options_set(struct http *http, const struct wire_message *settings)
{
	CURL *easy = http->easy;
	const char *proxy = wire_value(settings, "proxy");
	const char *proxy_secret = wire_value(settings, "proxy_secret");

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, http->http_loopback ? "https,http" : "https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	snprintf(http->proxy, sizeof(http->proxy), "%s", proxy ? proxy : "");
	curl_easy_setopt(easy, CURLOPT_PROXY, proxy ? proxy : "");
	if (proxy_secret)
		curl_easy_setopt(easy, CURLOPT_PROXYUSERPWD, proxy_secret);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	/* Asked for as it is, and read all the same where something compresses it (RFC 9110 12.5.3). */
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "identity");
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "pam_device_code/" VERSION);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE, (long)REPLY_BYTES_MAX);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, http);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
	curl_easy_setopt(easy, CURLOPT_READDATA, http);
	curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_rewind);
	curl_easy_setopt(easy, CURLOPT_SEEKDATA, http);
	trust_set(easy, wire_value(settings, "ca_file"));
}

/* ---- memory: libcurl copies what it sends and receives, secrets among it ---- */

static void wiped_free(void *block)
{
	if (block)
		explicit_bzero(block, malloc_usable_size(block));
	free(block);
}

/* Never in place: the old block would be given back as it is. */
static void *wiped_realloc(void *block, size_t size)
{
	size_t old = block ? malloc_usable_size(block) : 0;
	void *fresh = malloc(size);

	if (!fresh)
		return NULL;
	if (block)
		memcpy(fresh, block, old < size ? old : size);
	wiped_free(block);
	return fresh;
}

static bool library_start(void)
{
	return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiped_free, wiped_realloc, strdup,
				    calloc) == CURLE_OK;
}

struct http *http_create(const struct wire_message *settings, int stop_fd)
{
	const char *loopback = wire_value(settings, "http_loopback");
	struct http *http = calloc(1, sizeof(*http));

	if (!http || !library_start()) {
		free(http);
		return NULL;
	}
	http->stop_fd = stop_fd;
	http->http_loopback = loopback && strcmp(loopback, "yes") == 0;
	http->easy = curl_easy_init();
	http->multi = curl_multi_init();
	if (!http->easy || !http->multi) {
		http_destroy(http);
		return NULL;
	}
	options_set(http, settings);
	return http;
}

void http_certificate(struct http *http, const char *certificate, const char *key)
{
	struct curl_blob blob = { .flags = CURL_BLOB_NOCOPY };

	blob.data = (void *)certificate;
	blob.len = strlen(certificate);
	curl_easy_setopt(http->easy, CURLOPT_SSLCERT_BLOB, &blob);
	blob.data = (void *)key;
	blob.len = strlen(key);
	curl_easy_setopt(http->easy, CURLOPT_SSLKEY_BLOB, &blob);
}

void http_destroy(struct http *http)
{
	if (!http)
		return;
	curl_easy_cleanup(http->easy);
	curl_multi_cleanup(http->multi);
	curl_slist_free_all(http->resolved);
	curl_global_cleanup();
	free(http);
}

void http_forget(struct http *http)
{
	if (!http || !http->easy)
		return;
	curl_easy_cleanup(http->easy);
	http->easy = NULL;
	curl_multi_cleanup(http->multi); /* a kept connection has a buffer, too (8.23) */
	http->multi = NULL;
}

/* http is for literal loopback addresses alone: a name could be resolved to anywhere. */
static bool scheme_ok(const struct http *http, const char *url)
{
	char origin[300];
	struct in_addr v4;
	char *colon;

	if (strncasecmp(url, "https://", 8) == 0)
		return true;
	if (!http->http_loopback || strncasecmp(url, "http://", 7) != 0 ||
	    !http_origin(url, origin, sizeof(origin)))
		return false;
	colon = strrchr(origin, ':');
	if (!colon)
		return false;
	*colon = '\0';
	if (strcmp(origin, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, origin, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static enum reason trouble_of(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return REASON_DNS;
	case CURLE_COULDNT_CONNECT:
		return REASON_CONNECT;
	case CURLE_PROXY: /* SOCKS */
		return REASON_PROXY_REFUSED;
	case CURLE_OPERATION_TIMEDOUT:
		return REASON_TIMEOUT;
	case CURLE_PEER_FAILED_VERIFICATION:
		return REASON_CERTIFICATE_REFUSED;
	case CURLE_SSL_CACERT_BADFILE:
		return REASON_CA_FILE_UNREADABLE;
	case CURLE_SSL_CERTPROBLEM:
		return REASON_CLIENT_CERTIFICATE_UNFIT;
	case CURLE_SSL_CONNECT_ERROR:
		return REASON_TLS;
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_SEND_FAIL_REWIND: /* what was kept broke: on_rewind() */
	case CURLE_PARTIAL_FILE:
		return REASON_CONNECTION_LOST;
	case CURLE_WRITE_ERROR:
	case CURLE_FILESIZE_EXCEEDED:
		return REASON_REPLY_TOO_LONG;
	case CURLE_BAD_CONTENT_ENCODING:
		return REASON_REPLY_ENCODED;
	case CURLE_OUT_OF_MEMORY:
		return REASON_OUT_OF_MEMORY;
	default:
		return REASON_TRANSPORT;
	}
}

/* What the proxy said to CONNECT, in its place as it were; REASON_NONE: nothing that is a no. */
static enum reason proxy_trouble(CURL *easy)
{
	long status = 0;

	if (curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status) != CURLE_OK || status < 300)
		return REASON_NONE;
	return status == 407  ? REASON_PROXY_WANTS_A_PASSWORD
	       : status < 500 ? REASON_PROXY_REFUSED
			      : REASON_PROXY_STATUS;
}

/* libcurl says how long each part took, and 0 of what never was; a TCP whose TLS failed is forgotten. */
static enum reply_came came_so_far(CURL *easy, CURLcode code)
{
	static const struct {
		CURLINFO took;
		enum reply_came came;
	} parts[] = {
		{ CURLINFO_APPCONNECT_TIME_T, CAME_TO_HOST },
		{ CURLINFO_CONNECT_TIME_T, CAME_TO_PORT },
		{ CURLINFO_NAMELOOKUP_TIME_T, CAME_TO_ADDRESS },
	};

	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
	    code == CURLE_SSL_CACERT_BADFILE)
		return CAME_TO_PORT;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		curl_off_t took = 0;

		if (curl_easy_getinfo(easy, parts[i].took, &took) == CURLE_OK && took > 0)
			return parts[i].came;
	}
	return CAME_NOWHERE;
}

static void reply_finish(struct http *http, CURLcode code, struct reply *reply)
{
	const char *type = NULL;
	enum reason proxy = proxy_trouble(http->easy);
	long verified = 0, sent = 0;

	reply->body[reply->len] = '\0';
	reply->timed_out = code == CURLE_OPERATION_TIMEDOUT;
	reply->too_long = code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED;
	reply->ours = code == CURLE_OUT_OF_MEMORY || code == CURLE_SSL_CACERT_BADFILE ||
		      code == CURLE_SSL_CERTPROBLEM || code == CURLE_FAILED_INIT;
	if (code == CURLE_OK) {
		curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &reply->status);
		curl_easy_getinfo(http->easy, CURLINFO_CONTENT_TYPE, &type);
		if (type)
			snprintf(reply->content_type, sizeof(reply->content_type), "%s", type);
		reply->arrived = true;
		reply->came = CAME_TO_HOST;
		return;
	}
	reply->unsent = curl_easy_getinfo(http->easy, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK &&
			sent == 0;
	reply->came = came_so_far(http->easy, code);
	curl_easy_getinfo(http->easy, CURLINFO_SSL_VERIFYRESULT, &verified);
	reply->wrong_clock = code == CURLE_PEER_FAILED_VERIFICATION &&
			     (verified == X509_NOT_YET_VALID || verified == X509_EXPIRED);
	reply->trouble = reply->wrong_clock ? REASON_CERTIFICATE_NOT_VALID_NOW : trouble_of(code);
	if (!proxy)
		return;
	/*
	 * The provider has heard nothing of it; a proxy that refuses does so again. libcurl 8 takes the proxy's
	 * connection for the provider's (measured: 8.14).
	 */
	reply->came = CAME_TO_ADDRESS;
	reply->trouble = proxy;
	reply->unsent = true;
	reply->ours = proxy != REASON_PROXY_STATUS;
}

static bool peer_gone(int fd)
{
	struct pollfd pfd = { .fd = fd };

	return poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLERR | POLLNVAL));
}

void http_stop_fd(struct http *http, int stop_fd)
{
	http->stop_fd = stop_fd;
}

/* Drives the one transfer. false: the peer of the channel has gone. */
static bool transfer(struct http *http, CURLcode *code)
{
	struct curl_waitfd stop = { .fd = http->stop_fd };
	int running = 1;
	CURLMsg *message;
	int left;

	*code = CURLE_RECV_ERROR;
	while (running) {
		if (curl_multi_perform(http->multi, &running) != CURLM_OK)
			return true;
		if (!running)
			break;
		if (curl_multi_poll(http->multi, &stop, http->stop_fd >= 0, 1000, NULL) != CURLM_OK)
			return true;
		if (peer_gone(http->stop_fd))
			return false;
	}
	while ((message = curl_multi_info_read(http->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			*code = message->data.result;
	return true;
}

static struct curl_slist *headers_list(const struct request *request)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < request->headers; i++) {
		struct curl_slist *more = curl_slist_append(list, request->header[i]);

		if (!more) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = more;
	}
	return list;
}

static void headers_wipe(struct curl_slist *list)
{
	for (struct curl_slist *at = list; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

static void reply_start(struct http *http, struct reply *reply)
{
	http->reply = reply;
	http->header_bytes = 0;
	http->header_lines = 0;
	reply->arrived = false;
	reply->timed_out = false;
	reply->wrong_clock = false;
	reply->too_long = false;
	reply->ours = true;
	reply->trouble = REASON_REQUEST_BROKEN;
	reply->status = 0;
	reply->retry_after = -1;
	reply->retry_at = -1;
	reply->date = -1;
	reply->came = CAME_NOWHERE;
	reply->content_type[0] = '\0';
	reply->challenge[0] = '\0';
	reply->len = 0;
	reply->body[0] = '\0';
}

/* Nobody is asked where an address is: libcurl reads these itself. */
static bool is_address(const char *host)
{
	static const char local[] = ".localhost";
	size_t len = strlen(host), tail = sizeof(local) - 1;
	struct in_addr v4;

	if (strcmp(host, local + 1) == 0 || (len > tail && strcmp(host + len - tail, local) == 0))
		return true;
	return host[0] == '[' || inet_pton(AF_INET, host, &v4) == 1;
}

static bool peer_know(struct http *http, const char *origin, const char *addresses)
{
	char entry[sizeof(http->at) + LOOKUP_TEXT_MAX + 1];
	struct curl_slist *resolved;

	snprintf(entry, sizeof(entry), "%s:%s", origin, addresses);
	resolved = curl_slist_append(NULL, entry);
	if (!resolved || curl_easy_setopt(http->easy, CURLOPT_RESOLVE, resolved) != CURLE_OK) {
		curl_slist_free_all(resolved);
		return false;
	}
	curl_slist_free_all(http->resolved);
	http->resolved = resolved;
	return true;
}

static int64_t now(void)
{
	struct timespec ts;

	return clock_gettime(CLOCK_BOOTTIME, &ts) == 0
		       ? (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000
		       : 0;
}

/*
 * The addresses of whom URL is asked of, the proxy where there is one, so that libcurl has no name to look up: it
 * would start a thread for that. *LIMIT_MS is less by the time that it took.
 */
static enum lookup_result peer_find(struct http *http, const char *url, int64_t *limit_ms)
{
	char origin[sizeof(http->at)], host[sizeof(http->at)], addresses[LOOKUP_TEXT_MAX];
	int64_t before = now(), limit = *limit_ms < CONNECT_MS ? *limit_ms : CONNECT_MS;
	enum lookup_result result;

	if (!http_origin(http->proxy[0] ? http->proxy : url, origin, sizeof(origin)))
		return LOOKUP_FOUND; /* libcurl says what is wrong with it */
	snprintf(host, sizeof(host), "%s", origin);
	*strrchr(host, ':') = '\0';
	if (is_address(host) ||
	    (strcmp(origin, http->at) == 0 && before - http->resolved_at < ADDRESS_MS))
		return LOOKUP_FOUND;
	result = lookup(host, limit, http->stop_fd, addresses);
	if (result == LOOKUP_FOUND && !peer_know(http, origin, addresses))
		result = LOOKUP_FAILED;
	if (result != LOOKUP_FOUND)
		return result;
	strcpy(http->at, origin);
	http->resolved_at = now();
	*limit_ms -= http->resolved_at - before;
	return *limit_ms > 0 ? LOOKUP_FOUND : LOOKUP_LATE;
}

/* As http_fetch(). */
static bool peer_missing(enum lookup_result found, struct reply *reply)
{
	reply->ours = false;
	reply->unsent = true;
	reply->timed_out = found == LOOKUP_LATE;
	reply->trouble = found == LOOKUP_LATE ? REASON_TIMEOUT : REASON_DNS;
	return found != LOOKUP_STOPPED;
}

bool http_fetch(struct http *http, const struct request *request, int64_t limit_ms,
		struct reply *reply)
{
	struct curl_slist *headers;
	enum lookup_result found;
	CURLcode code;
	bool here;

	reply_start(http, reply);
	if (request->broken || !scheme_ok(http, request->url) || limit_ms <= 0)
		return true;
	found = peer_find(http, request->url, &limit_ms);
	if (found != LOOKUP_FOUND)
		return peer_missing(found, reply);
	headers = headers_list(request);
	if (!headers)
		return true;
	curl_easy_setopt(http->easy, CURLOPT_URL, request->url);
	curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(http->easy, CURLOPT_TIMEOUT_MS,
			 (long)(limit_ms < REQUEST_MS ? limit_ms : REQUEST_MS));
	if (request->post) {
		curl_easy_setopt(http->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(http->easy, CURLOPT_POSTFIELDSIZE, (long)request->body_len);
		http->unsent = request->body;
		http->unsent_len = request->body_len;
		http->sending = false;
	} else {
		curl_easy_setopt(http->easy, CURLOPT_HTTPGET, 1L);
	}
	curl_multi_add_handle(http->multi, http->easy);
	here = transfer(http, &code);
	if (code != CURLE_OK)
		http->at[0] = '\0';
	if (here)
		reply_finish(http, code, reply);
	curl_multi_remove_handle(http->multi, http->easy);
	http->unsent_len = 0;
	curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, NULL);
	headers_wipe(headers);
	return here;
}

static bool origin_write(CURLU *parsed, char *out, size_t out_len)
{
	char *host = NULL;
	char *port = NULL;
	char *user = NULL;
	int len = -1;

	if (curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
	    curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
		len = snprintf(out, out_len, "%s:%s", host, port);
	curl_free(user);
	curl_free(host);
	curl_free(port);
	return len > 0 && (size_t)len < out_len;
}

bool http_origin(const char *url, char *out, size_t out_len)
{
	CURLU *parsed = curl_url();
	bool ok = false;

	out[0] = '\0';
	if (parsed &&
	    (strncasecmp(url, "https://", 8) == 0 || strncasecmp(url, "http://", 7) == 0) &&
	    curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK)
		ok = origin_write(parsed, out, out_len);
	curl_url_cleanup(parsed);
	for (char *p = out; ok && *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return ok;
}
