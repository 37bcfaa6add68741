/* SPDX-License-Identifier: BSD-2-Clause */
/* Composes requests: see request.h. Pure; must never send a part of what it was given. */
#include "request.h"

#include <stdio.h>
#include <string.h>

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static void start(struct request *request, const char *url, bool post)
{
	size_t len = url ? strlen(url) : 0;

	request->broken = len == 0 || len >= sizeof(request->url);
	request->assertion_due = false;
	request->post = post;
	request->headers = 0;
	request->header_len = 0;
	request->body_len = 0;
	request->body[0] = '\0';
	request->url[0] = '\0';
	if (!request->broken)
		memcpy(request->url, url, len + 1);
	request_header(request, "Accept", "application/json");
}

void request_get(struct request *request, const char *url)
{
	start(request, url, false);
}

void request_form(struct request *request, const char *url)
{
	start(request, url, true);
	request_header(request, "Content-Type", "application/x-www-form-urlencoded");
}

static void body_byte(struct request *request, char byte)
{
	if (request->body_len + 1 >= sizeof(request->body)) {
		request->broken = true;
		return;
	}
	request->body[request->body_len++] = byte;
	request->body[request->body_len] = '\0';
}

/* Percent-encodes all but the unreserved bytes of RFC 3986: what every decoder reads alike. */
static size_t encode(const char *text, size_t len, char *out, size_t out_len)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];
		bool plain = strchr(ALPHANUMERIC "-._~", byte) != NULL;

		if (n + 4 > out_len)
			return 0;
		if (plain) {
			out[n++] = (char)byte;
		} else {
			out[n++] = '%';
			out[n++] = hex[byte >> 4];
			out[n++] = hex[byte & 15];
		}
	}
	out[n] = '\0';
	return n;
}

static void body_encoded(struct request *request, const char *text, size_t len)
{
	size_t room = sizeof(request->body) - request->body_len;
	size_t n = encode(text, len, request->body + request->body_len, room);

	if (n == 0 && len > 0)
		request->broken = true;
	request->body_len += n;
}

static void field(struct request *request, const char *name, size_t name_len, const char *value,
		  size_t value_len)
{
	if (request->body_len > 0)
		body_byte(request, '&');
	body_encoded(request, name, name_len);
	body_byte(request, '=');
	body_encoded(request, value, value_len);
}

void request_field(struct request *request, const char *name, const char *value)
{
	if (value && value[0] != '\0')
		field(request, name, strlen(name), value, strlen(value));
}

/* Hands each name=value of PAIRS, separated by spaces, to ADD. */
static void pairs_each(struct request *request, const char *pairs,
		       void (*add)(struct request *request, const char *name, size_t name_len,
				   const char *value, size_t value_len))
{
	if (!pairs)
		return;
	for (const char *at = pairs + strspn(pairs, " "); *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		const char *equals = memchr(at, '=', len);

		if (equals)
			add(request, at, (size_t)(equals - at), equals + 1,
			    len - (size_t)(equals + 1 - at));
		else
			request->broken = true;
		at += len;
	}
}

void request_fields(struct request *request, const char *pairs)
{
	pairs_each(request, pairs, field);
}

static void url_encoded(struct request *request, const char *text, size_t len)
{
	size_t used = strlen(request->url);
	size_t n = encode(text, len, request->url + used, sizeof(request->url) - used);

	if (n == 0 && len > 0)
		request->broken = true;
}

static void url_byte(struct request *request, char byte)
{
	size_t used = strlen(request->url);

	if (used + 1 >= sizeof(request->url)) {
		request->broken = true;
		return;
	}
	request->url[used] = byte;
	request->url[used + 1] = '\0';
}

static void query(struct request *request, const char *name, size_t name_len, const char *value,
		  size_t value_len)
{
	url_byte(request, strchr(request->url, '?') ? '&' : '?');
	url_encoded(request, name, name_len);
	url_byte(request, '=');
	url_encoded(request, value, value_len);
}

void request_query(struct request *request, const char *name, const char *value)
{
	if (value && value[0] != '\0')
		query(request, name, strlen(name), value, strlen(value));
}

void request_queries(struct request *request, const char *pairs)
{
	pairs_each(request, pairs, query);
}

void request_json(struct request *request, const char *url)
{
	start(request, url, true);
	request_header(request, "Content-Type", "application/json");
	body_byte(request, '{');
	body_byte(request, '}');
}

/* RFC 8259 section 7: quotes, backslashes and control characters are escaped. */
bool request_quote(const char *text, char *out, size_t out_len)
{
	size_t n = 0;

	if (out_len < 3)
		return false;
	out[n++] = '"';
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (n + sizeof("\\u00ff\"") > out_len)
			return false;
		if (byte < 0x20) {
			n += (size_t)snprintf(out + n, out_len - n, "\\u%04x", byte);
			continue;
		}
		if (byte == '"' || byte == '\\')
			out[n++] = '\\';
		out[n++] = *text;
	}
	out[n++] = '"';
	out[n] = '\0';
	return true;
}

static void body_quoted(struct request *request, const char *text)
{
	char *at = request->body + request->body_len;

	if (request_quote(text, at, sizeof(request->body) - request->body_len))
		request->body_len += strlen(at);
	else
		request->broken = true;
}

void request_member(struct request *request, const char *name, const char *value)
{
	if (!value || value[0] == '\0' || request->body_len < 2)
		return;
	request->body_len--; /* the closing brace comes back below */
	if (request->body_len > 1)
		body_byte(request, ',');
	body_quoted(request, name);
	body_byte(request, ':');
	body_quoted(request, value);
	body_byte(request, '}');
}

void request_header(struct request *request, const char *name, const char *value)
{
	size_t room = sizeof(request->header_bytes) - request->header_len;
	char *at = request->header_bytes + request->header_len;
	int len;

	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			request->broken = true;
	if (request->broken || request->headers == REQUEST_HEADERS_MAX) {
		request->broken = true;
		return;
	}
	len = snprintf(at, room, "%s: %s", name, value);
	if (len < 0 || (size_t)len >= room) {
		request->broken = true;
		return;
	}
	request->header[request->headers++] = at;
	request->header_len += (size_t)len + 1;
}

void request_bearer(struct request *request, const char *token)
{
	char value[REQUEST_HEADER_BYTES];

	if (strlen(token) + sizeof("Bearer ") > sizeof(value)) {
		request->broken = true;
		return;
	}
	snprintf(value, sizeof(value), "Bearer %s", token);
	request_header(request, "Authorization", value);
	explicit_bzero(value, sizeof(value));
}

/* RFC 4648 with the 64 DIGITS of one of its alphabets; PAD '\0': none. */
static void base64(const unsigned char *bytes, size_t len, const char *digits, char pad, char *out)
{
	for (size_t i = 0; i < len; i += 3) {
		unsigned int bits = (unsigned int)bytes[i] << 16;
		size_t count = len - i < 3 ? len - i : 3;

		if (count > 1)
			bits |= (unsigned int)bytes[i + 1] << 8;
		if (count > 2)
			bits |= bytes[i + 2];
		for (size_t k = 0; k < 4; k++, bits <<= 6)
			if (k <= count)
				*out++ = digits[bits >> 18 & 63];
			else if (pad)
				*out++ = pad;
	}
	*out = '\0';
}

void request_base64url(const unsigned char *bytes, size_t len, char *out)
{
	base64(bytes, len, ALPHANUMERIC "-_", '\0', out);
}

enum {
	BASIC_MAX = 6 * 1024
};

static void basic(struct request *request, const char *id, const char *secret)
{
	char pair[BASIC_MAX];
	char value[BASIC_MAX / 3 * 4 + 16];
	size_t len = encode(id, strlen(id), pair, sizeof(pair) / 2);
	size_t more;

	pair[len++] = ':';
	more = encode(secret, strlen(secret), pair + len, sizeof(pair) - len);
	if (len == 1 || more == 0) {
		request->broken = true;
	} else {
		strcpy(value, "Basic ");
		base64((const unsigned char *)pair, len + more, ALPHANUMERIC "+/", '=',
		       value + strlen(value));
		request_header(request, "Authorization", value);
	}
	explicit_bzero(pair, sizeof(pair));
	explicit_bzero(value, sizeof(value));
}

void request_client(struct request *request, const struct wire_message *settings)
{
	const char *auth = wire_value(settings, "token_endpoint_auth_method");
	const char *id = wire_value(settings, "client_id");
	const char *secret = wire_value(settings, "client_secret");
	bool basic_wanted = auth && strcmp(auth, "client_secret_basic") == 0;
	bool post_wanted = auth && strcmp(auth, "client_secret_post") == 0;

	if (!auth || !id || ((basic_wanted || post_wanted) && !secret)) {
		request->broken = true;
		return;
	}
	if (basic_wanted) {
		basic(request, id, secret);
		return;
	}
	request_field(request, "client_id", id);
	if (post_wanted)
		request_field(request, "client_secret", secret);
	request->assertion_due = strcmp(auth, "private_key_jwt") == 0 ||
				 strcmp(auth, "client_secret_jwt") == 0;
}

void request_assertion(struct request *request, const char *assertion)
{
	request_field(request, "client_assertion_type",
		      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
	request_field(request, "client_assertion", assertion);
	request->assertion_due = false;
}

/* Copies what the placeholder at FORM stands for. Returns its length there, 0 for none. */
static size_t placeholder(const struct wire_message *settings, const char *form, char *out,
			  size_t out_len)
{
	static const char *const names[] = { "base_url", "client_id" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = wire_value(settings, names[i]);
		size_t len = strlen(names[i]);

		if (strncmp(form + 1, names[i], len) != 0 || form[len + 1] != '}' || !value)
			continue;
		if (i == 1 && encode(value, strlen(value), out, out_len) == 0)
			return 0;
		if (i == 0 && strlen(value) >= out_len)
			return 0;
		if (i == 0)
			strcpy(out, value);
		return len + 2;
	}
	return 0;
}

bool request_url(const struct wire_message *settings, const char *form, char *out, size_t out_len)
{
	size_t n = 0;

	while (*form) {
		if (n + 1 >= out_len || *form == '}')
			return false;
		if (*form == '{') {
			size_t len = placeholder(settings, form, out + n, out_len - n);

			if (len == 0)
				return false;
			form += len;
			n += strlen(out + n);
		} else {
			out[n++] = *form++;
		}
	}
	out[n] = '\0';
	return true;
}

void request_wipe(struct request *request)
{
	/* What did not fit may have left a part behind the ends. */
	explicit_bzero(request->body, request->broken ? sizeof(request->body) : request->body_len);
	explicit_bzero(request->header_bytes,
		       request->broken ? sizeof(request->header_bytes) : request->header_len);
	request->broken = true;
}
