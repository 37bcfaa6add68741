/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The floor of the benchmark: the requests of one device-code login by a bare libcurl program. One
 * handle, the same options where they cost something, and nothing of what makes a login safe: no
 * parser (it searches the text), no checks, no second process, no sandbox.
 *
 *	floor ISSUER CA-FILE INTERVAL-MS
 *
 * Prints "Code: ..." when it has one, polls until a token comes, says "Done" as soon as a login could be
 * decided, revokes, and ends with status 0. Keys are fetched behind the first poll. FLOOR_PINNED=yes: it knows the
 * endpoints of tests/provider. FLOOR_USERINFO=yes: it needs that, too.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BODY_MAX = 64 * 1024,
	URL_MAX = 1024,
	TOKEN_MAX = 8192,
	DOORS = 5,
};

static struct {
	CURL *easy;
	size_t len;
	char body[BODY_MAX + 1];
} web;

static void die(const char *what)
{
	fprintf(stderr, "floor: %s\n", what);
	exit(1);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
	size_t len = size * count;

	(void)context;
	if (len > BODY_MAX - web.len)
		return 0;
	memcpy(web.body + web.len, bytes, len);
	web.len += len;
	return len;
}

static long ask(const char *url, const char *form, const char *token)
{
	char header[TOKEN_MAX + 64];
	struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
	long status = 0;

	web.len = 0;
	if (token) {
		snprintf(header, sizeof(header), "Authorization: Bearer %s", token);
		headers = curl_slist_append(headers, header);
	}
	curl_easy_setopt(web.easy, CURLOPT_URL, url);
	curl_easy_setopt(web.easy, CURLOPT_HTTPHEADER, headers);
	if (form)
		curl_easy_setopt(web.easy, CURLOPT_POSTFIELDS, form);
	else
		curl_easy_setopt(web.easy, CURLOPT_HTTPGET, 1L);
	if (curl_easy_perform(web.easy) != CURLE_OK)
		die("a request failed");
	curl_slist_free_all(headers);
	curl_easy_getinfo(web.easy, CURLINFO_RESPONSE_CODE, &status);
	web.body[web.len] = '\0';
	return status;
}

/* The string member NAME of the last reply, by searching for it. */
static void member(const char *name, char *out, size_t out_len)
{
	char quoted[64];
	const char *at;
	size_t len;

	snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	at = strstr(web.body, quoted);
	at = at ? strchr(at + strlen(quoted), '"') : NULL;
	len = at ? strcspn(at + 1, "\"") : 0;
	if (!at || len >= out_len)
		die(name);
	memcpy(out, at + 1, len);
	out[len] = '\0';
}

static void handle_make(const char *ca_file)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	web.easy = curl_easy_init();
	if (!web.easy)
		die("no handle");
	curl_easy_setopt(web.easy, CURLOPT_CAINFO, ca_file);
	curl_easy_setopt(web.easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(web.easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(web.easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(web.easy, CURLOPT_WRITEFUNCTION, on_body);
}

/* By the provider's metadata, or as tests/provider has them. */
static void endpoints_find(const char *issuer, char url[DOORS][URL_MAX])
{
	static const struct {
		const char *name, *path;
	} doors[DOORS] = {
		{ "device_authorization_endpoint", "/device_authorization" },
		{ "token_endpoint", "/token" },
		{ "jwks_uri", "/jwks" },
		{ "revocation_endpoint", "/revoke" },
		{ "userinfo_endpoint", "/userinfo" },
	};
	bool pinned = getenv("FLOOR_PINNED");

	if (!pinned) {
		snprintf(url[0], URL_MAX, "%s/.well-known/openid-configuration", issuer);
		ask(url[0], NULL, NULL);
	}
	for (int i = 0; i < DOORS; i++)
		if (pinned)
			snprintf(url[i], URL_MAX, "%s%s", issuer, doors[i].path);
		else
			member(doors[i].name, url[i], URL_MAX);
}

int main(int argc, char **argv)
{
	char url[DOORS][URL_MAX], code[64], device[TOKEN_MAX], access[TOKEN_MAX],
		refresh[TOKEN_MAX];
	char form[2 * TOKEN_MAX];
	unsigned int interval;
	bool keys = false, granted;

	if (argc != 4)
		die("floor ISSUER CA-FILE INTERVAL-MS");
	interval = (unsigned int)strtoul(argv[3], NULL, 10) * 1000;
	handle_make(argv[2]);
	endpoints_find(argv[1], url);
	ask(url[0], "client_id=kiosk&scope=openid+profile+email", NULL);
	member("device_code", device, sizeof(device));
	member("user_code", code, sizeof(code));
	printf("Code: %s\n", code);
	fflush(stdout);
	snprintf(form, sizeof(form),
		 "grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Adevice_code"
		 "&device_code=%s&client_id=kiosk",
		 device);
	refresh[0] = '\0';
	do {
		usleep(interval);
		granted = ask(url[1], form, NULL) == 200;
		if (granted) {
			member("access_token", access, sizeof(access));
			if (strstr(web.body, "\"refresh_token\""))
				member("refresh_token", refresh, sizeof(refresh));
		}
		if (!keys)
			ask(url[2], NULL, NULL);
		keys = true;
	} while (!granted);
	if (getenv("FLOOR_USERINFO"))
		ask(url[4], NULL, access);
	printf("Done\n");
	fflush(stdout);
	snprintf(form, sizeof(form), "token=%s&token_type_hint=refresh_token&client_id=kiosk",
		 refresh);
	if (refresh[0] != '\0')
		ask(url[3], form, NULL);
	snprintf(form, sizeof(form), "token=%s&token_type_hint=access_token&client_id=kiosk",
		 access);
	ask(url[3], form, NULL);
	_exit(0);
}
