/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Composed requests and the kept tokens. API: request_* of request.h, token_blob_write,
 * token_blob_read.
 *
 * The input: a byte of choices, then fields: client id, secret, a form of an address, base_url,
 * three values, a text that may be a token_blob. Oracle: what is not broken reads back as it was
 * given, by other readers than the composer (libcurl's unescaping, cJSON, OpenSSL's base64); no
 * control character gets into a header; a token_blob reads back as the tokens that were written, and
 * what is read can be written again to the same text.
 */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <openssl/evp.h>

#include "fuzz.h"
#include "helper/oauth_client/flow/token_blob.h"
#include "helper/oauth_client/oauth/request.h"

static struct request request;
static struct wire_message settings;
static struct wire_draft draft;

/* The I-th of the pairs of FORM, unescaped, is NAME and VALUE. */
static void pair_check(const char *form, int i, const char *name, const char *value)
{
	char *text = strdup(form), *rest = text, *pair = NULL, *right;
	int size;

	while (i-- >= 0)
		pair = strsep(&rest, "&");
	HOLDS(pair && strchr(pair, '='));
	*strchr(pair, '=') = '\0';
	right = curl_easy_unescape(NULL, pair, 0, &size);
	HOLDS(strcmp(right, name) == 0 && (size_t)size == strlen(name));
	curl_free(right);
	right = curl_easy_unescape(NULL, pair + strlen(pair) + 1, 0, &size);
	HOLDS(strcmp(right, value) == 0 && (size_t)size == strlen(value));
	curl_free(right);
	free(text);
}

static void form_check(const char *one, const char *two)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~%=&";

	request_form(&request, "https://id.example/token");
	request_field(&request, "a&b", one);
	request_field(&request, "c", two);
	if (request.broken)
		return;
	HOLDS(request.body_len == strlen(request.body) && request.post);
	HOLDS(request.body[strspn(request.body, plain)] == '\0');
	if (one[0])
		pair_check(request.body, 0, "a&b", one);
	if (two[0])
		pair_check(request.body, one[0] != '\0', "c", two);
}

static void query_check(const char *one, const char *two)
{
	request_get(&request, "https://id.example/authorize");
	request_query(&request, "x", one);
	request_query(&request, "y=", two);
	if (request.broken)
		return;
	HOLDS(all_within(request.url, '!', '~') && strlen(request.url) < sizeof(request.url));
	if (one[0])
		pair_check(strchr(request.url, '?') + 1, 0, "x", one);
	if (two[0])
		pair_check(strchr(request.url, '?') + 1, one[0] != '\0', "y=", two);
}

static void members_check(const char *one, const char *two)
{
	const cJSON *member;
	cJSON *tree;
	int count = 0;

	request_json(&request, "https://id.example/token");
	request_member(&request, "a", one);
	request_member(&request, two, one);
	request_member(&request, "b", two);
	if (request.broken)
		return;
	HOLDS(request.body_len == strlen(request.body));
	tree = cJSON_ParseWithOpts(request.body, NULL, true);
	HOLDS(cJSON_IsObject(tree));
	cJSON_ArrayForEach(member, tree)
	{
		const char *name = count == 0 && one[0] ? "a" : count == 1 && one[0] ? two : "b";

		HOLDS(strcmp(member->string, name) == 0);
		HOLDS(strcmp(member->valuestring,
			     strcmp(name, "b") == 0 && member->next == NULL ? two : one) == 0);
		count++;
	}
	cJSON_Delete(tree);
}

/* Authorization: Basic, decoded by OpenSSL, is what RFC 6749 2.3.1 says. */
static void basic_check(const char *id, const char *secret)
{
	static unsigned char decoded[REQUEST_HEADER_BYTES];
	const char *value = NULL;
	char *colon, *right;
	int len, size;

	for (size_t i = 0; i < request.headers; i++)
		if (strncmp(request.header[i], "Authorization: Basic ", 21) == 0)
			value = request.header[i] + 21;
	HOLDS(value);
	len = EVP_DecodeBlock(decoded, (const unsigned char *)value, (int)strlen(value));
	HOLDS(len > 0);
	decoded[len] = '\0';
	colon = strchr((char *)decoded, ':');
	HOLDS(colon);
	*colon = '\0';
	right = curl_easy_unescape(NULL, (char *)decoded, 0, &size);
	HOLDS(strcmp(right, id) == 0);
	curl_free(right);
	right = curl_easy_unescape(NULL, colon + 1, 0, &size);
	HOLDS(strcmp(right, secret) == 0);
	curl_free(right);
}

static void headers_check(const char *token, const char *id, const char *secret, bool basic)
{
	request_form(&request, "https://id.example/token");
	request_header(&request, "x-key", token);
	if (!request.broken)
		request_bearer(&request, token);
	if (!request.broken && !basic)
		HOLDS(strncmp(request.header[3], "Authorization: Bearer ", 22) == 0 &&
		      strcmp(request.header[3] + 22, token) == 0);
	for (size_t i = 0; i < request.headers; i++)
		for (const char *p = request.header[i]; *p; p++)
			HOLDS((unsigned char)*p >= ' ' && *p != 0x7f);
	request_form(&request, "https://id.example/token");
	request_client(&request, &settings);
	if (!request.broken && basic)
		basic_check(id, secret);
	else if (!request.broken)
		pair_check(request.body, 0, "client_id", id);
}

static void url_check(const char *form, const char *base)
{
	static char url[REQUEST_URL_MAX];

	if (!request_url(&settings, form, url, sizeof(url)))
		return;
	HOLDS(strlen(url) < sizeof(url));
	HOLDS(strchr(base, '{') || !strpbrk(url, "{}") || strpbrk(base, "{}"));
	if (!strpbrk(form, "{}"))
		HOLDS(strcmp(form, url) == 0);
	if (strncmp(form, "{base_url}", 10) == 0)
		HOLDS(strncmp(url, base, strlen(base)) == 0);
}

static void token_blob_check(const char *access, const char *refresh, const char *text)
{
	static char out[TOKEN_BLOB_MAX];
	static struct tokens tokens, back;
	bool written;

	snprintf(tokens.access, sizeof(tokens.access), "%s", access);
	snprintf(tokens.refresh, sizeof(tokens.refresh), "%s", refresh);
	tokens.expires_in = (int64_t)strlen(text);
	tokens.expires_at = 0;
	written = token_blob_write(&tokens, 1700000000, out, sizeof(out));
	if (written && token_blob_read(out, &back) && all_within(access, '!', '~') && access[0] &&
	    !strchr(refresh, ' ')) {
		HOLDS(strcmp(back.access, access) == 0 && strcmp(back.refresh, refresh) == 0);
		HOLDS(back.expires_at == (tokens.expires_in ? 1700000000 + tokens.expires_in : 0));
	}
	if (written && access[strspn(access, "abcdefghij")] == '\0' && access[0] &&
	    all_within(refresh, '!', '~'))
		HOLDS(token_blob_read(out, &back) && strcmp(back.access, access) == 0);
	memset(&back, 0x5a, sizeof(back));
	if (!token_blob_read(text, &back)) {
		HOLDS(!back.access[0] && !back.refresh[0] && back.expires_at == 0);
		return;
	}
	HOLDS(back.access[0] && all_within(back.access, '!', '~') && back.expires_at >= 0);
	HOLDS(all_within(strrchr(text, ' ') + 1, '0', '9') && strncmp(text, "1 ", 2) == 0);
	if (token_blob_write(&back, 0, out, sizeof(out)))
		HOLDS(strncmp(out, text, (size_t)(strrchr(out, ' ') - out)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = fuzz_start(data, size);
	bool basic = fuzz_byte(&f) & 1;
	const char *id = fuzz_text(&f), *secret = fuzz_text(&f), *form = fuzz_text(&f);
	const char *base = fuzz_text(&f), *one = fuzz_text(&f), *two = fuzz_text(&f);
	const char *token = fuzz_text(&f);

	wire_begin(&draft, "login");
	wire_add(&draft, "token_endpoint_auth_method",
		 basic ? "client_secret_basic" : "client_secret_post");
	wire_add(&draft, "client_id", id);
	wire_add(&draft, "client_secret", secret);
	wire_add(&draft, "base_url", base);
	HOLDS(wire_parse(&settings, draft.bytes, draft.len));
	form_check(one, two);
	query_check(one, two);
	members_check(one, two);
	if (id[0] && secret[0])
		headers_check(token, id, secret, basic);
	url_check(form, base);
	token_blob_check(one, two, token);
	fuzz_done(&f);
	return 0;
}
