/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/config/conf.c: what each key takes, what each mistake is answered with (file, line, key, and
 * what would have been accepted), and which files are not believed. conf.c is taken in whole, with
 * its compiled-in directories moved into a temporary one.
 */
#include "common/paths.h"

static char site_providers[64], providers[64], site_file[64], site_messages[64], messages_dir[64];

#undef PATH_CONF
#undef PATH_SITE_PROVIDERS
#undef PATH_PROVIDERS
#define PATH_CONF	    site_file
#define PATH_SITE_PROVIDERS site_providers
#define PATH_PROVIDERS	    providers
#undef PATH_SITE_MESSAGES
#undef PATH_MESSAGES
#define PATH_SITE_MESSAGES site_messages
#define PATH_MESSAGES	   messages_dir

#include "helper/login/config/conf.c"

#include <ftw.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h> /* behind conf.c: it makes a macro of fail */

#include "within.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T(literal)   literal, sizeof(literal) - 1

#define DOOR	    "[door]\n"
#define ISSUER_LINE "issuer = https://id.example.org\n"
#define CLIENT_LINE "client_id = login\n"
#define WHO_LINE    "user_claim = preferred_username\n"
#define GOOD	    DOOR ISSUER_LINE CLIENT_LINE WHO_LINE

enum {
	NOBODY = 65534,
	RANDOM_TEXTS = 5000,
	TEXT_MAX = 16384
};

static char top[] = "/tmp/test_conf.XXXXXX";
static struct conf conf;

/* ---- files in the temporary directory ---- */

/* TEXT with each '@' made the temporary directory. */
static char *filled(const char *text)
{
	char *out = calloc(1, strlen(text) * 32 + 1);

	assert_non_null(out);
	for (char *at = out; *text; text++) {
		if (*text == '@')
			at = stpcpy(at, top);
		else
			*at++ = *text;
	}
	return out;
}

#define PEM(what) "-----BEGIN " what "-----\nAAAA\n-----END " what "-----\n"

static const char *path_of(const char *name)
{
	static char paths[8][256];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", top, name);
	return path;
}

static void bytes_put(const char *name, const char *bytes, size_t len)
{
	const char *path = path_of(name);
	FILE *file;

	unlink(path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

static void put(const char *name, const char *text)
{
	char *full = filled(text);

	bytes_put(name, full, strlen(full));
	free(full);
}

static void put_mode(const char *name, const char *text, mode_t mode)
{
	put(name, text);
	assert_int_equal(chmod(path_of(name), mode), 0);
}

/* Loads the site's file as it is. What was loaded before is gone. */
static bool load(const char *section)
{
	bool ok;

	conf_clear(&conf);
	ok = conf_load(&conf, NULL, section);
	assert_int_equal(ok, conf.error[0] == '\0');
	return ok;
}

static bool load_text(const char *text)
{
	put("site", text);
	return load(NULL);
}

/* Each part stands in the error; '@' is the temporary directory. */
static void error_has(const char *row, const char *part)
{
	char *full = filled(part);
	bool found = strstr(conf.error, full) != NULL;

	free(full);
	if (!found)
		fail_msg("%.200s: \"%s\" lacks \"%s\"", row, conf.error, part);
}

static void refused(const char *text, const char *part)
{
	if (load_text(text))
		fail_msg("accepted: %s", text);
	error_has(text, part);
}

static void accepted(const char *text)
{
	if (!load_text(text))
		fail_msg("%s: %s", text, conf.error);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int group_start(void **state)
{
	(void)state;
	umask(022);
	if (!mkdtemp(top))
		return -1;
	snprintf(site_file, sizeof(site_file), "%s/site", top);
	snprintf(providers, sizeof(providers), "%s/p", top);
	snprintf(site_providers, sizeof(site_providers), "%s/q", top);
	snprintf(messages_dir, sizeof(messages_dir), "%s/w", top);
	snprintf(site_messages, sizeof(site_messages), "%s/v", top);
	return mkdir(providers, 0755) || mkdir(site_providers, 0755) || mkdir(messages_dir, 0755) ||
			       mkdir(site_messages, 0755)
		       ? -1
		       : 0;
}

static int group_end(void **state)
{
	(void)state;
	return nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Each test finds a good site, good profiles, a map and a secret, and no drop-ins. */
static int test_start(void **state)
{
	(void)state;
	nftw(path_of("site.d"), remove_one, 8, FTW_DEPTH | FTW_PHYS);
	unlink(path_of("q/oidc.conf"));
	unlink(path_of("v/de.conf"));
	unlink(path_of("w/de.conf"));
	put("site", GOOD);
	put("p/oidc.conf", "dialect = rfc8628\nusernames = assigned\nscope = openid\n");
	put("p/chosen.conf", "dialect = rfc8628\nusernames = chosen\n");
	put("p/silent.conf", "dialect = rfc8628\n");
	put("p/other.conf", "dialect = trakt\nusernames = assigned\n");
	put("map", "https://id.example.org 1 alice\n");
	put_mode("secret", "swordfish\n", 0600);
	put_mode("proxy", "me:and my password\n", 0600);
	put("jwks", "{\"keys\":[]}\n");
	put_mode("key", PEM("PRIVATE KEY"), 0600);
	put("certificate", PEM("CERTIFICATE"));
	return 0;
}

static int test_end(void **state)
{
	(void)state;
	conf_clear(&conf);
	return 0;
}

/* ---- what each key takes ---- */

struct key_row {
	enum conf_key key;
	const char *name, *value;
	bool ok;
	const char *extra; /* lines that the value needs, or NULL */
};

#define SECRET	    "client_secret_file = @/secret\n"
#define KEY	    "client_key_file = @/key\n"
#define CERTIFICATE "client_certificate_file = @/certificate\n"
#define LOOPBACK    "http_loopback = yes\n"
#define MAIL	    "scope = openid email\n"

/* Nobody is bound on a machine of the tests: who enrols needs no file. */
#define ENROLS "people = bound\nrequire = groups=kiosk\n"

static const struct key_row key_rows[] = {
	{ CONF_PROFILE, "profile", "oidc", true, NULL },
	{ CONF_PROFILE, "profile", "OIDC", false, NULL },
	{ CONF_PROFILE, "profile", "../oidc", false, NULL },
	{ CONF_PROFILE, "profile", "oidc.conf", false, NULL },
	{ CONF_PROFILE, "profile", "/etc/oidc", false, NULL },
	{ CONF_PROFILE, "profile", "", false, NULL },
	{ CONF_PROFILE, "profile", "abcdefghijklmnopqrstuvwxyz0123456", false, NULL },
	{ CONF_FLOW, "flow", "device_code", true, NULL },
	{ CONF_FLOW, "flow", "authorization_code", true,
	  "redirect_uri = https://code.example.org/\n" },
	{ CONF_FLOW, "flow", "device_code, authorization_code", false, NULL },
	{ CONF_FLOW, "flow", "Device_code", false, NULL },
	{ CONF_FLOW, "flow", "", false, NULL },
	{ CONF_ISSUER, "issuer", "https://id.example.org/realms/a", true, NULL },
	{ CONF_ISSUER, "issuer", "https://id.example.org:8443", true, NULL },
	{ CONF_ISSUER, "issuer", "http://127.0.0.1:8080", true, LOOPBACK },
	{ CONF_ISSUER, "issuer", "id.example.org", false, NULL },
	{ CONF_ISSUER, "issuer", "ftp://id.example.org", false, NULL },
	{ CONF_ISSUER, "issuer", "https:/id.example.org", false, NULL },
	{ CONF_ISSUER, "issuer", "file:///etc/passwd", false, NULL },
	{ CONF_ISSUER, "issuer", "", false, NULL },
	{ CONF_BASE_URL, "base_url", "https://id.example.org", true, NULL },
	{ CONF_BASE_URL, "base_url", "id.example.org", false, NULL },
	{ CONF_REDIRECT_URI, "redirect_uri", "https://code.example.org/", true, NULL },
	{ CONF_REDIRECT_URI, "redirect_uri", "", false, NULL },
	{ CONF_CLIENT_ID, "client_id", "a b=c#d;e", true, NULL },
	{ CONF_CLIENT_ID, "client_id", "", false, NULL },
	{ CONF_CLIENT_SECRET_FILE, "client_secret_file", "@/secret", true,
	  "token_endpoint_auth_method = client_secret_post\n" },
	{ CONF_CLIENT_SECRET_FILE, "client_secret_file", "secret", false,
	  "token_endpoint_auth_method = client_secret_post\n" },
	{ CONF_CLIENT_SECRET_FILE, "client_secret_file", "./secret", false, NULL },
	{ CONF_CLIENT_SECRET_FILE, "client_secret_file", "~/secret", false, NULL },
	{ CONF_CLIENT_SECRET_FILE, "client_secret_file", "", false, NULL },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method", "none", true, NULL },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method", "client_secret_post", true,
	  SECRET },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method", "client_secret_basic",
	  true, SECRET },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method", "client_secret_jwt", true,
	  SECRET },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method", "private_key_jwt", true,
	  KEY },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method", "tls_client_auth", true,
	  KEY CERTIFICATE },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method",
	  "self_signed_tls_client_auth", true, KEY CERTIFICATE },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method", "basic", false, NULL },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method", "none, post", false,
	  NULL },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method", "pos", false, NULL },
	{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "token_endpoint_auth_method", ",", false, NULL },
	{ CONF_CLIENT_KEY_FILE, "client_key_file", "@/key", true,
	  "token_endpoint_auth_method = private_key_jwt\n" },
	{ CONF_CLIENT_KEY_FILE, "client_key_file", "key", false,
	  "token_endpoint_auth_method = private_key_jwt\n" },
	{ CONF_CLIENT_CERTIFICATE_FILE, "client_certificate_file", "@/certificate", true,
	  "token_endpoint_auth_method = tls_client_auth\n" KEY },
	{ CONF_CLIENT_CERTIFICATE_FILE, "client_certificate_file", "certificate", false,
	  "token_endpoint_auth_method = tls_client_auth\n" KEY },
	{ CONF_CLIENT_KEY_ID, "client_key_id", "2026-11", true,
	  "token_endpoint_auth_method = private_key_jwt\n" KEY },
	{ CONF_CLIENT_KEY_ID, "client_key_id", "", false,
	  "token_endpoint_auth_method = private_key_jwt\n" KEY },
	{ CONF_CLIENT_ALG, "token_endpoint_auth_signing_alg", "PS256", true,
	  "token_endpoint_auth_method = private_key_jwt\n" KEY },
	{ CONF_CLIENT_ALG, "token_endpoint_auth_signing_alg", "HS512", true,
	  "token_endpoint_auth_method = client_secret_jwt\n" SECRET },
	{ CONF_CLIENT_ALG, "token_endpoint_auth_signing_alg", "none", false,
	  "token_endpoint_auth_method = private_key_jwt\n" KEY },
	{ CONF_CLIENT_AUDIENCE, "client_assertion_audience", "endpoint", true, NULL },
	{ CONF_CLIENT_AUDIENCE, "client_assertion_audience", "token_endpoint", true, NULL },
	{ CONF_CLIENT_AUDIENCE, "client_assertion_audience", "https://x.example", false, NULL },
	{ CONF_ID_TOKEN_ALG, "id_token_signed_response_alg", "RS256", true, NULL },
	{ CONF_ID_TOKEN_ALG, "id_token_signed_response_alg", "PS256", true, NULL },
	{ CONF_ID_TOKEN_ALG, "id_token_signed_response_alg", "ES256", true, NULL },
	{ CONF_ID_TOKEN_ALG, "id_token_signed_response_alg", "EdDSA", true, NULL },
	{ CONF_ID_TOKEN_ALG, "id_token_signed_response_alg", "ES384", true, NULL },
	{ CONF_ID_TOKEN_ALG, "id_token_signed_response_alg", "RS256 ES512 Ed25519", true, NULL },
	{ CONF_ID_TOKEN_ALG, "id_token_signed_response_alg", "RS256 HS256", false, NULL },
	{ CONF_ID_TOKEN_ALG, "id_token_signed_response_alg", "none", false, NULL },
	{ CONF_PROXY_SECRET_FILE, "proxy_secret_file", "@/proxy", true, "proxy = http://p:1\n" },
	{ CONF_PROXY_SECRET_FILE, "proxy_secret_file", "proxy", false, NULL },
	{ CONF_PKCE, "pkce", "no", true, NULL },
	{ CONF_PKCE, "pkce", "plain", false, NULL },
	{ CONF_METADATA, "metadata", "https://id.example.org/x?p=y", true, NULL },
	{ CONF_METADATA, "metadata", "/.well-known/x", false, NULL },
	{ CONF_ID_TOKEN_ALG, "id_token_signed_response_alg", "HS256", false, NULL },
	{ CONF_ID_TOKEN_ALG, "id_token_signed_response_alg", "rs256", false, NULL },
	{ CONF_SCOPE, "scope", "openid profile", true, NULL },
	{ CONF_SCOPE, "scope", "", false, NULL },
	{ CONF_EXTRA_PARAMS, "extra_params", "audience=a resource=b", true, NULL },
	{ CONF_EXTRA_PARAMS, "extra_params", "", false, NULL },
	{ CONF_EXTRA_PARAMS, "extra_params", "audience", false, NULL },
	{ CONF_CA_FILE, "ca_file", "/etc/passwd", true, NULL },
	{ CONF_CA_FILE, "ca_file", "ca.pem", false, NULL },
	{ CONF_PROXY, "proxy", "http://proxy.example.org:3128", true, NULL },
	{ CONF_PROXY, "proxy", "socks5h://user:word@[2001:db8::1]:1080", true, NULL },
	{ CONF_PROXY, "proxy", "proxy.example.org:3128", false, NULL },
	{ CONF_PROXY, "proxy", "//proxy.example.org:3128", false, NULL },
	{ CONF_PROXY, "proxy", "ftp://proxy.example.org", false, NULL },
	{ CONF_PROXY, "proxy", "http://", false, NULL },
	{ CONF_PROXY, "proxy", "http://:3128", false, NULL },
	{ CONF_PROXY, "proxy", "http://a b", false, NULL },
	{ CONF_PROXY, "proxy", "", false, NULL },
	{ CONF_HTTP_LOOPBACK, "http_loopback", "yes", true, NULL },
	{ CONF_HTTP_LOOPBACK, "http_loopback", "no", true, NULL },
	{ CONF_HTTP_LOOPBACK, "http_loopback", "true", false, NULL },
	{ CONF_HTTP_LOOPBACK, "http_loopback", "1", false, NULL },
	{ CONF_DEVICE_AUTHORIZATION_ENDPOINT, "device_authorization_endpoint",
	  "https://id.example.org/d", true, NULL },
	{ CONF_DEVICE_AUTHORIZATION_ENDPOINT, "device_authorization_endpoint", "/d", false, NULL },
	{ CONF_AUTHORIZATION_ENDPOINT, "authorization_endpoint", "https://id.example.org/a", true,
	  NULL },
	{ CONF_AUTHORIZATION_ENDPOINT, "authorization_endpoint", "/a", false, NULL },
	{ CONF_REVOCATION_ENDPOINT, "revocation_endpoint", "https://id.example.org/r", true, NULL },
	{ CONF_REVOCATION_ENDPOINT, "revocation_endpoint", "/r", false, NULL },
	{ CONF_TOKEN_ENDPOINT, "token_endpoint", "https://id.example.org/t", true, NULL },
	{ CONF_TOKEN_ENDPOINT, "token_endpoint", "/t", false, NULL },
	{ CONF_USERINFO_ENDPOINT, "userinfo_endpoint", "https://id.example.org/u", true, NULL },
	{ CONF_USERINFO_ENDPOINT, "userinfo_endpoint", "//id.example.org/u", false, NULL },
	{ CONF_JWKS_URI, "jwks_uri", "https://id.example.org/k", true, NULL },
	{ CONF_JWKS_URI, "jwks_uri", "HTTPS//id.example.org/k", false, NULL },
	{ CONF_ENDPOINT_HOSTS, "endpoint_hosts", "a.example b.example:8443", true, NULL },
	{ CONF_ENDPOINT_HOSTS, "endpoint_hosts", "", false, NULL },
	{ CONF_ENDPOINT_HOSTS, "endpoint_hosts", "https://a.example", false, NULL },
	{ CONF_ENDPOINT_HOSTS, "endpoint_hosts", "a.example, b.example", false, NULL },
	{ CONF_VERIFICATION_HOSTS, "verification_hosts", "a.example", true, NULL },
	{ CONF_VERIFICATION_HOSTS, "verification_hosts", "", false, NULL },
	{ CONF_VERIFICATION_HOSTS, "verification_hosts", "a.example/device", false, NULL },
	{ CONF_MAP_FILE, "map_file", "@/map", true, NULL },
	{ CONF_MAP_FILE, "map_file", "map", false, NULL },
	{ CONF_MAP_FILE, "map_file", "", false, NULL },
	{ CONF_PEOPLE, "people", "bound", true, NULL },
	{ CONF_PEOPLE, "people", "yes", false, NULL },
	{ CONF_PEOPLE, "people", "", false, NULL },
	{ CONF_ENROL, "enrol", "seat", true, ENROLS },
	{ CONF_ENROL, "enrol", "yes", false, ENROLS },
	{ CONF_ENROL_NAME, "enrol_name", "nickname", true, ENROLS "enrol = seat\n" },
	{ CONF_ENROL_NAME, "enrol_name", "a b", false, ENROLS "enrol = seat\n" },
	{ CONF_ENROL_MAX, "enrol_max", "1", true, ENROLS "enrol = seat\n" },
	{ CONF_ENROL_MAX, "enrol_max", "50000", true, ENROLS "enrol = seat\n" },
	{ CONF_ENROL_MAX, "enrol_max", "0", false, ENROLS "enrol = seat\n" },
	{ CONF_ENROL_MAX, "enrol_max", "50001", false, ENROLS "enrol = seat\n" },
	{ CONF_ENROL_RATE, "enrol_rate", "off", true, ENROLS "enrol = seat\n" },
	{ CONF_ENROL_RATE, "enrol_rate", "3/10m", true, ENROLS "enrol = seat\n" },
	{ CONF_ENROL_RATE, "enrol_rate", "3", false, ENROLS "enrol = seat\n" },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups=kiosk:audio", true, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "a=b:c,d_e,f-1 realm.roles=x%20y:z u=v:w:x", true,
	  NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "audio", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups:audio", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups=:audio", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "=kiosk:audio", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups=kiosk", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups=kiosk:", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups=kiosk:audio,", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups=kiosk:,audio", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups=kiosk:audio,,video", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups=kiosk:Audio", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups=kiosk:0", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups", "groups=kiosk%0a:audio", false, NULL },
	{ CONF_LOCAL_GROUPS, "local_groups",
	  "a=1:x a=2:x a=3:x a=4:x a=5:x a=6:x a=7:x a=8:x a=9:x", false, NULL },
	{ CONF_LOCAL_GROUPS_PRIVILEGED, "local_groups_privileged", "yes", true,
	  "local_groups = groups=a:b\n" },
	{ CONF_LOCAL_GROUPS_PRIVILEGED, "local_groups_privileged", "root", false,
	  "local_groups = groups=a:b\n" },
	{ CONF_USER_CLAIM, "user_claim", "preferred_username", true, NULL },
	{ CONF_USER_CLAIM, "user_claim", "", false, NULL },
	{ CONF_MIN_UID, "min_uid", "1000", true, NULL },
	{ CONF_MIN_UID, "min_uid", "1", true, NULL },
	{ CONF_MIN_UID, "min_uid", "2147483647", true, NULL },
	{ CONF_MIN_UID, "min_uid", "0", false, NULL },
	{ CONF_MIN_UID, "min_uid", "-1", false, NULL },
	{ CONF_MIN_UID, "min_uid", "2147483648", false, NULL },
	{ CONF_MIN_UID, "min_uid", "4294968296", false, NULL },		  /* 1000 in 32 bits */
	{ CONF_MIN_UID, "min_uid", "18446744073709552616", false, NULL }, /* in 64 */
	{ CONF_MIN_UID, "min_uid", "1000s", false, NULL },
	{ CONF_MIN_UID, "min_uid", "1e3", false, NULL },
	{ CONF_MIN_UID, "min_uid", "0x3e8", false, NULL },
	{ CONF_MIN_UID, "min_uid", "1 000", false, NULL },
	{ CONF_MIN_UID, "min_uid", "alice", false, NULL },
	{ CONF_MIN_UID, "min_uid", "", false, NULL },
	{ CONF_FORM, "form", "auto", true, NULL },
	{ CONF_FORM, "form", "full", true, NULL },
	{ CONF_FORM, "form", "short", true, NULL },
	{ CONF_FORM, "form", "line", true, NULL },
	{ CONF_LAYOUT, "layout", "auto", true, NULL },
	{ CONF_LAYOUT, "layout", "page", true, NULL },
	{ CONF_LAYOUT, "layout", "wall", true, NULL },
	{ CONF_LAYOUT, "layout", "greeter", true, NULL },
	{ CONF_LAYOUT, "layout", "tv", false, NULL },
	{ CONF_LANGUAGE, "language", "en", true, NULL },
	{ CONF_LANGUAGE, "language", "pt_br", true, NULL },
	{ CONF_LANGUAGE, "language", "DE", false, NULL },
	{ CONF_CHARSET, "charset", "auto", true, NULL },
	{ CONF_CHARSET, "charset", "utf8", true, NULL },
	{ CONF_CHARSET, "charset", "ascii", true, NULL },
	{ CONF_CHARSET, "charset", "latin1", false, NULL },
	{ CONF_FORM, "form", "long", false, NULL },
	{ CONF_PROMPT, "prompt", "auto", true, NULL },
	{ CONF_PROMPT, "prompt", "enter", true, NULL },
	{ CONF_PROMPT, "prompt", "none", true, NULL },
	{ CONF_PROMPT, "prompt", "never", false, NULL },
	{ CONF_START, "start", "now", true, NULL },
	{ CONF_START, "start", "enter", true, NULL },
	{ CONF_START, "start", "boot", false, NULL },
	{ CONF_QR, "qr", "auto", true, NULL },
	{ CONF_QR, "qr", "utf8", true, NULL },
	{ CONF_QR, "qr", "colour", true, NULL },
	{ CONF_QR, "qr", "full", true, NULL },
	{ CONF_QR, "qr", "off", true, NULL },
	{ CONF_QR, "qr", "color", false, NULL },
	{ CONF_QR_VERIFICATION_URI_COMPLETE, "qr_verification_uri_complete", "auto", true, NULL },
	{ CONF_QR_VERIFICATION_URI_COMPLETE, "qr_verification_uri_complete", "always", true, NULL },
	{ CONF_QR_VERIFICATION_URI_COMPLETE, "qr_verification_uri_complete", "never", true, NULL },
	{ CONF_QR_VERIFICATION_URI_COMPLETE, "qr_verification_uri_complete", "sometimes", false,
	  NULL },
	{ CONF_MAX_CODES, "max_codes", "1", true, NULL },
	{ CONF_MAX_CODES, "max_codes", "10", true, NULL },
	{ CONF_MAX_CODES, "max_codes", "0", false, NULL },
	{ CONF_MAX_CODES, "max_codes", "11", false, NULL },
	{ CONF_MAX_CODES, "max_codes", "3m", false, NULL },
	{ CONF_MAX_ENTRIES, "max_entries", "1", true, NULL },
	{ CONF_MAX_ENTRIES, "max_entries", "10", true, NULL },
	{ CONF_MAX_ENTRIES, "max_entries", "0", false, NULL },
	{ CONF_MAX_ENTRIES, "max_entries", "11", false, NULL },
	{ CONF_TOKENS, "tokens", "revoke", true, NULL },
	{ CONF_TOKENS, "tokens", "logout", true, NULL },
	{ CONF_TOKENS, "tokens", "session", true, NULL },
	{ CONF_TOKENS, "tokens", "keep", false, NULL },
	{ CONF_TRUST, "trust", "8h", true, "tokens = logout" },
	{ CONF_TRUST, "trust", "31d", false, NULL },
	{ CONF_SESSION_MAX, "session_max", "12h", true, NULL },
	{ CONF_SESSION_MAX, "session_max", "59s", false, NULL },
	{ CONF_EXCLUSIVE_SESSION, "exclusive_session", "no", true, NULL },
	{ CONF_EXCLUSIVE_SESSION, "exclusive_session", "maybe", false, NULL },
	{ CONF_MAX_UNCONFIRMED, "max_unconfirmed", "1d", true, "tokens = logout" },
	{ CONF_MAX_UNCONFIRMED, "max_unconfirmed", "0", false, NULL },
	{ CONF_SESSION_END_HOOK, "session_end_hook", "/x", true, "tokens = logout" },
	{ CONF_SESSION_END_HOOK, "session_end_hook", "x", false, NULL },
	{ CONF_TIMEOUT, "timeout", "10", true, NULL },
	{ CONF_TIMEOUT, "timeout", "10s", true, NULL },
	{ CONF_TIMEOUT, "timeout", "5m", true, NULL },
	{ CONF_TIMEOUT, "timeout", "1h", true, NULL },
	{ CONF_TIMEOUT, "timeout", "3600", true, NULL },
	{ CONF_TIMEOUT, "timeout", "9s", false, NULL },
	{ CONF_TIMEOUT, "timeout", "3601", false, NULL },
	{ CONF_TIMEOUT, "timeout", "1d", false, NULL },
	{ CONF_TIMEOUT, "timeout", "0", false, NULL },
	{ CONF_TIMEOUT, "timeout", "-5m", false, NULL },
	{ CONF_TIMEOUT, "timeout", "5 m", false, NULL },
	{ CONF_TIMEOUT, "timeout", "5min", false, NULL },
	{ CONF_TIMEOUT, "timeout", "5M", false, NULL },
	{ CONF_TIMEOUT, "timeout", "m", false, NULL },
	{ CONF_TIMEOUT, "timeout", "1.5m", false, NULL },
	{ CONF_TIMEOUT, "timeout", "9999999999d", false, NULL },
	{ CONF_TIMEOUT, "timeout", "99999999999999999999", false, NULL },
	{ CONF_TIMEOUT, "timeout", "9223372036854775807d", false, NULL },
	{ CONF_REMOTE, "remote", "deny", true, NULL },
	{ CONF_REMOTE, "remote", "allow", true, NULL },
	{ CONF_REMOTE, "remote", "192.0.2.0/24 2001:db8::/32", true, NULL },
	{ CONF_REMOTE, "remote", "", false, NULL },
	{ CONF_REMOTE, "remote", "192.0.2.0/33", false, NULL },
	{ CONF_REMOTE_GREETER, "remote_greeter", "allow", true, NULL },
	{ CONF_REMOTE_GREETER, "remote_greeter", "192.0.2.0/24", false, NULL },
	{ CONF_LOCKERS, "lockers", "yes", true, NULL },
	{ CONF_LOCKERS, "lockers", "i3lock", false, NULL },
	{ CONF_REMOTE, "remote", "allow 192.0.2.0/24", false, NULL },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "publickey", true, NULL },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "publickey hostbased gssapi-with-mic",
	  true, NULL },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "publickey", true, "remote = allow\n" },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "publickey", true,
	  "remote = 192.0.2.0/24\n" },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "", false, NULL },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "Publickey", false, NULL },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "publickey, hostbased", false, NULL },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "password", false, NULL },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "keyboard-interactive", false, NULL },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "none", false, NULL },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "publickey none", false, NULL },
	{ CONF_REQUIRE_SSH_METHOD, "require_ssh_method", "key", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "off", true, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "6/5m", true, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "1/1s", true, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "10000/1d", true, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "6/300", true, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "10001/1d", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "0/5m", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "6/0s", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "6/2d", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "6", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "6/", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "/5m", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "6 / 5m", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "6/5m/5m", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "-6/5m", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "OFF", false, NULL },
	{ CONF_RATE_LIMIT, "rate_limit", "", false, NULL },
	{ CONF_SHARED_ACCOUNT, "shared_account", "kiosk", true, "allow_anyone = yes\n" },
	{ CONF_SHARED_ACCOUNT, "shared_account", "Kiosk", false, "allow_anyone = yes\n" },
	{ CONF_SHARED_ACCOUNT, "shared_account", "a b", false, "allow_anyone = yes\n" },
	{ CONF_ALLOW_ANYONE, "allow_anyone", "yes", true, "shared_account = kiosk\n" },
	{ CONF_ALLOW_ANYONE, "allow_anyone", "anyone", false, "shared_account = kiosk\n" },
	{ CONF_USER_CLAIM_SUFFIX, "user_claim_suffix", "@", true, NULL },
	{ CONF_USER_CLAIM_SUFFIX, "user_claim_suffix", "-corp", true, NULL },
	{ CONF_USER_CLAIM_SUFFIX, "user_claim_suffix", "", false, NULL },
	{ CONF_USER_CLAIM, "user_claim", "https://id.example/name", true, NULL },
	{ CONF_USER_CLAIM, "user_claim", "a b", false, NULL },
	{ CONF_USER_CLAIM, "user_claim", "a=b", false, NULL },
	{ CONF_REQUIRE, "require", "groups=staff", true, NULL },
	{ CONF_REQUIRE, "require", "groups=a groups=b realm_access.roles=c", true, NULL },
	{ CONF_REQUIRE, "require", "q=a=b", true, NULL },
	{ CONF_REQUIRE, "require", "a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=10 k=11 l=12", true,
	  NULL },
	{ CONF_REQUIRE, "require", "a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=10 k=11 l=12 m=13", false,
	  NULL },
	{ CONF_REQUIRE, "require", "", false, NULL },
	{ CONF_REQUIRE, "require", "staff", false, NULL },
	{ CONF_REQUIRE, "require", "groups=", false, NULL },
	{ CONF_REQUIRE, "require", "=staff", false, NULL },
	{ CONF_REQUIRE, "require", "groups = staff", false, NULL },
	{ CONF_REQUIRE, "require", "groups=a staff", false, NULL },
	{ CONF_REQUIRE, "require", "groups=Domain Users", false, NULL },
	{ CONF_REQUIRE_ACR, "require_acr", "urn:a gold", true, NULL },
	{ CONF_REQUIRE_ACR, "require_acr", "", false, NULL },
	{ CONF_REQUIRE_ACR, "require_acr", "1 2 3 4 5 6 7 8 9", false, NULL },
	{ CONF_REQUIRE_AMR, "require_amr", "otp pwd 3 4 5 6 7 8", true, NULL },
	{ CONF_REQUIRE_AMR, "require_amr", "1 2 3 4 5 6 7 8 9", false, NULL },
	{ CONF_MAX_AUTH_AGE, "max_auth_age", "1", true, NULL },
	{ CONF_MAX_AUTH_AGE, "max_auth_age", "8h", true, NULL },
	{ CONF_MAX_AUTH_AGE, "max_auth_age", "365d", true, NULL },
	{ CONF_MAX_AUTH_AGE, "max_auth_age", "366d", false, NULL },
	{ CONF_MAX_AUTH_AGE, "max_auth_age", "0", false, NULL },
	{ CONF_MAX_AUTH_AGE, "max_auth_age", "-1h", false, NULL },
	{ CONF_MAX_AUTH_AGE, "max_auth_age", "never", false, NULL },
	{ CONF_EMAIL_DOMAIN, "email_domain", "example.org", true, MAIL },
	{ CONF_EMAIL_DOMAIN, "email_domain", "Example.org mail-1.example.net", true, MAIL },
	{ CONF_EMAIL_DOMAIN, "email_domain", "#example.org", false, MAIL },
	{ CONF_EMAIL_DOMAIN, "email_domain", "*.example.org", false, MAIL },
	{ CONF_EMAIL_DOMAIN, "email_domain", ".example.org", false, MAIL },
	{ CONF_EMAIL_DOMAIN, "email_domain", "a.example, b.example", false, MAIL },
	{ CONF_EMAIL_DOMAIN, "email_domain", "ex\xc3\xa4mple.org", false, MAIL },
	{ CONF_EMAIL_DOMAIN, "email_domain", "", false, MAIL },
	{ CONF_LOCAL_NAMES, "local_names", "wide", true, NULL },
	{ CONF_LOCAL_NAMES, "local_names", "any", false, NULL },
	{ CONF_USER_CLAIM_CASE, "user_claim_case", "exact", true, NULL },
	{ CONF_USER_CLAIM_CASE, "user_claim_case", "ignore", false, NULL },
	{ CONF_ALLOW_SYSTEM_USERS, "allow_system_users", "backup www-data", true, NULL },
	{ CONF_ALLOW_SYSTEM_USERS, "allow_system_users", "Backup", false, NULL },
	{ CONF_ALLOW_SYSTEM_USERS, "allow_system_users", "backup,www-data", false, NULL },
	{ CONF_ALLOW_SYSTEM_USERS, "allow_system_users", "34", false, NULL },
	{ CONF_ALLOW_SYSTEM_USERS, "allow_system_users", "", false, NULL },
	{ CONF_IGNORE_USERS, "ignore_users", "root", true, NULL },
	{ CONF_IGNORE_USERS, "ignore_users", "root rescue", true, NULL },
	{ CONF_IGNORE_USERS, "ignore_users", "root, rescue", false, NULL },
	{ CONF_IGNORE_USERS, "ignore_users", "", false, NULL },
	{ CONF_JWKS_FILE, "jwks_file", "@/jwks", true, NULL },
	{ CONF_JWKS_FILE, "jwks_file", "jwks", false, NULL },
	{ CONF_JWKS_FILE, "jwks_file", "", false, NULL },
	{ CONF_SANDBOX, "sandbox", "require", true, NULL },
	{ CONF_SANDBOX, "sandbox", "strict", true, NULL },
	{ CONF_SANDBOX, "sandbox", "best-effort", true, NULL },
	{ CONF_SANDBOX, "sandbox", "off", false, NULL },
};

/* The key under test is in line 2; the others that a section needs follow it. */
static char *key_text(const struct key_row *row)
{
	char text[1024];
	bool who = row->key == CONF_MAP_FILE || row->key == CONF_USER_CLAIM ||
		   row->key == CONF_SHARED_ACCOUNT || row->key == CONF_ALLOW_ANYONE ||
		   (row->key >= CONF_PEOPLE && row->key <= CONF_ENROL_RATE);

	snprintf(text, sizeof(text), "%s%s = %s\n%s%s%s%s", DOOR, row->name, row->value,
		 row->key == CONF_ISSUER ? "" : ISSUER_LINE,
		 row->key == CONF_CLIENT_ID ? "" : CLIENT_LINE, who ? "" : WHO_LINE,
		 row->extra ? row->extra : "");
	return strdup(text);
}

static void key_check(const struct key_row *row)
{
	char where[600], *text = key_text(row), *value = filled(row->value);
	bool loaded;

	loaded = load_text(text);
	/* Nobody is bound on a machine where the product is not installed. */
	if (row->ok && !loaded && row->key == CONF_PEOPLE) {
		snprintf(where, sizeof(where), "%s:2: people: %s: No such file", site_file,
			 PATH_PEOPLE);
		error_has(text, where);
		loaded = true;
	}
	if (loaded != row->ok)
		fail_msg("%s = %s: %s", row->name, row->value, row->ok ? conf.error : "accepted");
	if (row->ok) {
		assert_string_equal(conf_text(&conf, row->key), value);
		assert_true(conf_is(&conf, row->key, value));
		snprintf(where, sizeof(where), "%s:2", site_file);
		assert_string_equal(conf.where[row->key], where);
	} else {
		bool hidden = rule_may_be_secret(&rules[row->key], value);
		snprintf(where, sizeof(where), "%s:2: %s%s%s: must be ", site_file, row->name,
			 hidden ? "" : " = ", hidden ? "" : value);
		error_has(text, where);
		assert_true(strlen(strstr(conf.error, ": must be ")) > strlen(": must be abc"));
	}
	free(text);
	free(value);
}

static void test_keys(void **state)
{
	bool good[CONF_KEY_COUNT] = { false }, bad[CONF_KEY_COUNT] = { false };

	(void)state;
	for (size_t i = 0; i < COUNT(key_rows); i++) {
		key_check(&key_rows[i]);
		*(key_rows[i].ok ? &good[key_rows[i].key] : &bad[key_rows[i].key]) = true;
	}
	for (int key = 0; key < CONF_KEY_COUNT; key++)
		if (rules[key].flags & IN_SITE)
			assert_true(good[key] && bad[key]);
}

/* A choice that is refused is answered with all the choices. */
static void test_choices_are_told(void **state)
{
	static const char *const rows[][2] = {
		{ "token_endpoint_auth_method",
		  "none, client_secret_post, client_secret_basic, client_secret_jwt, private_key_jwt, "
		  "tls_client_auth, self_signed_tls_client_auth" },
		{ "token_endpoint_auth_signing_alg", "EdDSA, HS256, HS384, HS512" },
		{ "client_assertion_audience", "issuer, token_endpoint, endpoint" },
		{ "id_token_signed_response_alg",
		  "RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519" },
		{ "http_loopback", "no, yes" },
		{ "form", "auto, full, short, line" },
		{ "layout", "auto, page, wall, greeter" },
		{ "charset", "auto, utf8, ascii" },
		{ "prompt", "auto, enter, none" },
		{ "sandbox", "best-effort, require, strict" },
		{ "qr", "auto, utf8, colour, full, off" },
		{ "qr_verification_uri_complete", "auto, always, never" },
		{ "max_codes", "1 to 10" },
		{ "timeout", "10s to 1h" },
		{ "issuer", "https://" },
		{ "map_file", "absolute path" },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), DOOR "%s = -x-\n", rows[i][0]);
		refused(text, rows[i][1]);
		error_has(text, rows[i][0]);
		error_has(text, "@/site:2: ");
	}
}

/* However long the refused value is, the end of the sentence is what helps. */
static void test_error_outlives_a_long_value(void **state)
{
	char text[TEXT_MAX], value[3000];

	(void)state;
	memset(value, 'x', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	snprintf(text, sizeof(text), DOOR "qr = %s\n", value);
	refused(text, "auto, utf8, colour, full, off");
	error_has("a long value", "@/site:2: qr = xxx");
	snprintf(text, sizeof(text), DOOR "%s = x\n", value);
	refused(text, "no such key");
}

static void test_defaults(void **state)
{
	static const struct {
		enum conf_key key;
		const char *value;
	} rows[] = {
		{ CONF_PROFILE, "oidc" },
		{ CONF_FLOW, "device_code" },
		{ CONF_TOKEN_ENDPOINT_AUTH_METHOD, "none" },
		{ CONF_ID_TOKEN_ALG, "" },
		{ CONF_PKCE, "yes" },
		{ CONF_METADATA, "" },
		{ CONF_HTTP_LOOPBACK, "no" },
		{ CONF_MIN_UID, "1000" },
		{ CONF_SUBJECT_CLAIM, "sub" },
		{ CONF_PROMPT, "auto" },
		{ CONF_START, "now" },
		{ CONF_QR, "auto" },
		{ CONF_QR_VERIFICATION_URI_COMPLETE, "auto" },
		{ CONF_MAX_CODES, "1" },
		{ CONF_TIMEOUT, "" },
		{ CONF_REMOTE, "deny" },
		{ CONF_SANDBOX, "require" },
		{ CONF_PROXY, "" },
		{ CONF_MAP_FILE, "" },
		{ CONF_CA_FILE, "" },
	};

	(void)state;
	accepted(GOOD);
	assert_string_equal(conf.section, "door");
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(conf_text(&conf, rows[i].key), rows[i].value);
		assert_null(conf.where[rows[i].key]);
	}
	assert_null(conf.client_secret);
	assert_null(conf.map);
	assert_int_equal(conf_number(&conf, CONF_MIN_UID), 1000);
	assert_int_equal(conf_number(&conf, CONF_MAX_CODES), 1);
	assert_int_equal(conf_number(&conf, CONF_TIMEOUT), 0);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *value;
		long seconds;
	} rows[] = { { "10", 10 }, { "90s", 90 }, { "2m", 120 }, { "1h", 3600 }, { "0090", 90 } };
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), GOOD "timeout = %s\n", rows[i].value);
		accepted(text);
		assert_int_equal(conf_number(&conf, CONF_TIMEOUT), rows[i].seconds);
	}
}

/* ---- limits, and what a required method means for remote ---- */

static void test_guards(void **state)
{
	long most, seconds;

	(void)state;
	accepted(GOOD);
	conf_rate(&conf, CONF_RATE_LIMIT, &most, &seconds);
	assert_int_equal(most, 6);
	assert_int_equal(seconds, 300);
	assert_string_equal(conf_text(&conf, CONF_REMOTE), "deny");
	accepted(GOOD "rate_limit = off\n");
	conf_rate(&conf, CONF_RATE_LIMIT, &most, &seconds);
	assert_int_equal(most, 0);
	assert_int_equal(seconds, 0);
	accepted(GOOD "require_ssh_method = publickey\n");
	assert_string_equal(conf_text(&conf, CONF_REMOTE), "allow");
	accepted(GOOD "require_ssh_method = publickey\nremote = 192.0.2.0/24\n");
	assert_string_equal(conf_text(&conf, CONF_REMOTE), "192.0.2.0/24");
	refused(GOOD "require_ssh_method = publickey\nremote = deny\n",
		"@/site:5: require_ssh_method: contradicts remote = deny (@/site:6)");
}

/* ---- keys in the wrong place ---- */

/* ---- afterwards ---- */

#define SHARED_ANY DOOR ISSUER_LINE CLIENT_LINE "shared_account = kiosk\nallow_anyone = yes\n"

static void test_after(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ GOOD "trust = 8h\n", "@/site:5: trust: needs tokens = logout" },
		{ GOOD "max_unconfirmed = 1h\n",
		  "@/site:5: max_unconfirmed: needs tokens = logout" },
		{ GOOD "session_end_hook = /x\n",
		  "@/site:5: session_end_hook: needs tokens = logout" },
		{ GOOD "exclusive_session = yes\n",
		  "@/site:5: exclusive_session: stands beside shared_account alone" },
		{ SHARED_ANY "tokens = session\n",
		  "tokens: session would hand one person's token" },
		{ SHARED_ANY "exclusive_session = yes\n",
		  "exclusive_session: needs tokens = logout" },
		{ SHARED_ANY "tokens = logout\ntrust = 8h\n", "trust: an account that many share" },
		{ GOOD "tokens = logout\nmax_auth_age = 1h\ntrust = 8h\n",
		  "trust: longer than max_auth_age" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		refused(rows[i].text, rows[i].error);
	accepted(
		GOOD
		"tokens = logout\ntrust = 8h\nmax_unconfirmed = 1d\nsession_end_hook = /x\nsession_max = 12h\n");
	accepted(GOOD "session_max = 12h\nsession_end_hook = /x\n");
	accepted(GOOD "tokens = logout\nmax_auth_age = 8h\ntrust = 8h\n");
	accepted(SHARED_ANY "tokens = session\nexclusive_session = yes\n");
	accepted(SHARED_ANY "session_max = 1h\nexclusive_session = yes\n");
}

/* ---- the messages of a language ---- */

#define WIDE_10 "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
#define WIDE_80 WIDE_10 WIDE_10 WIDE_10 WIDE_10 WIDE_10 WIDE_10 WIDE_10 WIDE_10

static const char *said(enum message message)
{
	return message_text(conf_messages(&conf, false), message);
}

static void test_language(void **state)
{
	(void)state;
	put("w/de.conf",
	    "# deutsch\ndenied = Abgelehnt: \xc3\xa4.\nbegin = Los:\nexpired = Aus.\n");
	accepted(GOOD);
	assert_string_equal(said(MESSAGE_DENIED), "The request was denied.");
	accepted(GOOD "language = de\nmessage_expired = Vorbei.\n");
	assert_null(conf.warning);
	assert_string_equal(said(MESSAGE_DENIED), "Abgelehnt: \xc3\xa4.");
	assert_string_equal(message_text(conf_messages(&conf, true), MESSAGE_DENIED),
			    "Abgelehnt: ae.");
	assert_string_equal(said(MESSAGE_BEGIN), "Los: "); /* something is typed behind it */
	assert_string_equal(said(MESSAGE_EXPIRED), "Vorbei.");
	assert_string_equal(message_text(conf_messages(&conf, true), MESSAGE_EXPIRED), "Vorbei.");
	assert_string_equal(said(MESSAGE_NO_CODE), message_text(NULL, MESSAGE_NO_CODE));
	/* The site's own wins, and has to stand alone. */
	put("v/de.conf", "denied = \xd0\x9d\xd0\xb5\xd1\x82.\n");
	accepted(GOOD "language = de\n");
	assert_string_equal(said(MESSAGE_DENIED), "\xd0\x9d\xd0\xb5\xd1\x82.");
	assert_string_equal(message_text(conf_messages(&conf, true), MESSAGE_DENIED),
			    message_text(NULL, MESSAGE_DENIED));
	assert_string_equal(said(MESSAGE_EXPIRED), message_text(NULL, MESSAGE_EXPIRED));
}

/* Nobody is locked out by a sentence: it is English then, but for what the section itself says. */
static void test_broken_language(void **state)
{
	static const struct {
		const char *text, *warning;
		mode_t mode;
	} rows[] = {
		{ "denied = Nein.\nexpired = {x}\n",
		  "English is shown: @/w/de.conf:2: expired = {x}: must be", 0644 },
		{ "denied = Nein.\ndenied = Doch.\n",
		  "@/w/de.conf:2: denied: stands already in @/w/de.conf:1", 0644 },
		{ "denied = Nein.\nmessage_denied = Nein.\n",
		  "@/w/de.conf:2: message_denied: no such", 0644 },
		{ "denied = Nein.\nqr = off\n", "@/w/de.conf:2: qr: no such message", 0644 },
		{ "[door]\n", "@/w/de.conf:1: a file of messages has no sections", 0644 },
		{ "denied = Nein.\n", "@/w/de.conf: mode is 0666, must be 0644 or stricter", 0666 },
		{ NULL, "@/site:6: language = de: no such file in @/v or @/w", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *warning = filled(rows[i].warning);

		unlink(path_of("w/de.conf"));
		if (rows[i].text)
			put_mode("w/de.conf", rows[i].text, rows[i].mode);
		accepted(GOOD "message_limited = Moment.\nlanguage = de\n");
		if (!conf.warning || !strstr(conf.warning, warning))
			fail_msg("\"%s\" lacks \"%s\"", conf.warning ? conf.warning : "", warning);
		free(warning);
		assert_string_equal(said(MESSAGE_LIMITED), "Moment.");
		for (int message = 0; message < MESSAGE_COUNT; message++)
			if (message != MESSAGE_LIMITED)
				assert_string_equal(said((enum message)message),
						    message_text(NULL, (enum message)message));
	}
}

#define SHARED DOOR ISSUER_LINE CLIENT_LINE "shared_account = kiosk\n"
#define MAPPED DOOR ISSUER_LINE CLIENT_LINE "map_file = @/map\n"

struct text_row {
	const char *text;
	const char *error; /* NULL: it is good; '@' is the directory */
};

static const struct text_row text_rows[] = {
	{ GOOD, NULL },
	/* sentences */
	{ GOOD "message_denied = Nein.\n", NULL },
	{ GOOD "message_denied = Nein, {user}.\n",
	  "@/site:5: message_denied = Nein, {user}.: must be a sentence without placeholders" },
	{ GOOD "message_asker = {user}\n",
	  "@/site:5: message_asker = {user}: must be a sentence that names {asker} {user} and may "
	  "name {host} {service}, and no other placeholder" },
	{ GOOD "message_asker = {asker} as {user}\n", NULL },
	{ GOOD "message_idle = Welcome to the library.\n", NULL },
	{ GOOD "message_idle = {hosts}\n", "that may name {host}, and no other placeholder" },
	{ GOOD "message_idle = {host\n", "that may name {host}, and no other placeholder" },
	{ GOOD "message_idle = }\n", "that may name {host}, and no other placeholder" },
	{ GOOD "message_code = Code\n", "must be a sentence that names {code}" },
	{ GOOD "message_code = Código: {code}\n", "must be plain ASCII" },
	{ GOOD "message_denied =\n", "must be a sentence in UTF-8 without control characters" },
	{ GOOD "message_denied = \xc0\xaf\n", "must be a sentence in UTF-8" },
	{ GOOD "message_denied = \xe4 h\n", "must be a sentence in UTF-8" },
	{ GOOD "message_denied = \xc2\x9b[m\n", "must be a sentence in UTF-8" },
	{ GOOD "message_denied = a\xe2\x80\xae\n", "must be a sentence in UTF-8" },
	{ GOOD "message_denied = a\tb\n", "must be a sentence in UTF-8" },
	{ GOOD "message_denied = \"No.\"\n", "without quotes" },
	{ GOOD "message_denied = " WIDE_80 "\n", NULL },
	{ GOOD "message_denied = " WIDE_80 "x\n", "must be at most 80 columns and 180 bytes" },
	{ GOOD "message_denied = a\nmessage_denied = b\n",
	  "@/site:6: message_denied: stands already in @/site:5" },
	{ GOOD "message_nothing = a\n",
	  "@/site:5: message_nothing: no such message; @/w/en.conf lists" },
	{ GOOD "language = ../de\n", "language = ../de: must be en, or a file in messages/" },
	{ "[door]\r\nissuer = https://id.example.org\r\nclient_id = c\r\nuser_claim = u\r\n",
	  NULL },
	{ "#\n\n  \n# x = y\n#[x]\n" GOOD "\n\n#", NULL },
	{ "  [door]  \n\tissuer=https://id.example.org\t\n client_id\t=  c\nuser_claim =u", NULL },
	{ DOOR ISSUER_LINE CLIENT_LINE "user_claim = u", NULL },
	{ GOOD "[door]\nqr = off\n", NULL },
	/* no such key */
	{ GOOD "colour = red\n", "@/site:5: colour: no such key" },
	{ GOOD "Issuer = x\n", "@/site:5: Issuer: no such key" },
	{ GOOD "user-claim = x\n", "@/site:5: user-claim: no such key" },
	{ GOOD "client_secret = x\n", "@/site:5: client_secret: no such key" },
	{ GOOD "is suer = x\n", "@/site:5: is suer: no such key" },
	/* twice */
	{ GOOD CLIENT_LINE, "@/site:5: client_id: stands already in @/site:3" },
	{ GOOD DOOR CLIENT_LINE, "@/site:6: client_id: stands already in @/site:3" },
	{ GOOD "rate_limit, remote = x\n", "no such key" },
	{ GOOD ", = x\n", "no such key" },
	/* in the wrong file */
	{ GOOD "dialect = rfc8628\n", "@/site:5: dialect: may stand only in a provider's profile" },
	{ GOOD "usernames = assigned\n",
	  "@/site:5: usernames: may stand only in a provider's profile" },
	{ GOOD "subject_claim = s\n", "@/site:5: subject_claim: may stand only in a provider" },
	{ GOOD "nonce = yes\n", "@/site:5: nonce: may stand only in a provider's profile" },
	{ GOOD "headers = x\n", "@/site:5: headers: no such key" },
	/* before a section */
	{ "issuer = https://id.example.org\n" GOOD,
	  "@/site:1: issuer: stands before the first [s" },
	{ "\n# c\ncolour = red\n", "@/site:3: colour: stands before the first [section]" },
	/* no line of the format */
	{ GOOD "issuer\n", "@/site:5: must be [section], key = value, or # comment" },
	{ GOOD "= x\n", "@/site:5: must be [section], key = value, or # comment" },
	{ GOOD " = x\n", "@/site:5: must be " },
	{ GOOD "; comment\n", "@/site:5: must be " },
	{ GOOD "  # comment\n", "@/site:5: " },
	{ "[\n" GOOD, "@/site:1: must be [section]" },
	{ "[]\n" GOOD, "@/site:1: must be [section]" },
	{ "[door\n", "@/site:1: must be [section]" },
	{ "[door] x\n", "@/site:1: must be [section]" },
	{ "[door] # x\n", "@/site:1: must be [section]" },
	{ "[Door]\n", "@/site:1: [Door]: a section's name is" },
	{ "[ door ]\n", "@/site:1: [ door ]: a section's name is" },
	{ "[do]or]\n", "@/site:1: [do]or]: a section's name is" },
	{ "[do/or]\n", "@/site:1: [do/or]: a section's name is" },
	{ "[abcdefghijklmnopqrstuvwxyz0123456]\n", "a section's name is 1 to 32" },
	{ GOOD "iss\ruer = x\n", "@/site:5: contains a control character" },
	{ GOOD "qr = \033[0m\n", "@/site:5: contains a control character" },
	{ GOOD "# \001\n", "@/site:5: contains a control character" },
	{ GOOD "qr = o\002ff\n", "@/site:5: contains a control character" },
	/* nothing there */
	{ "", "@/site: has no section" },
	{ "# nothing\n\n", "@/site: has no section" },
	{ "[door]\n", "@/site: [door]: needs map_file, people, user_claim or shared_account" },
	{ DOOR CLIENT_LINE WHO_LINE, "@/site: [door]: needs issuer or base_url, an address" },
	{ DOOR ISSUER_LINE WHO_LINE, "@/site: [door]: needs client_id, " },
	{ DOOR ISSUER_LINE CLIENT_LINE,
	  "@/site: [door]: needs map_file, people, user_claim or shared_account" },
	/* no comments behind a value, no quotes: the value is all of it */
	{ GOOD "timeout = 60 # a minute\n",
	  "@/site:5: timeout = 60 # a minute: must be without quotes" },
	{ GOOD "ca_file = @/none.pem\n", "@/site:5: ca_file: @/none.pem: No such file" },
	{ GOOD "qr = off # small\n", "@/site:5: qr = off # small: must be without quotes" },
	{ GOOD "qr = \"off\"\n", "@/site:5: qr = \"off\": must be without quotes" },
	{ GOOD "qr = off;\n", "@/site:5: qr = off;: must be one of auto" },
	{ GOOD "qr = auto\n utf8\n", "@/site:6: must be " },
	{ GOOD "qr = off\\\n", "@/site:5: qr = off\\: must be one of auto" },
	/* contradictions */
	{ GOOD "people = bound\n", "@/site:4: user_claim: contradicts people (@/site:5)" },
	{ MAPPED "people = bound\n", "@/site:5: people: contradicts map_file (@/site:4)" },
	/* who gets an account is said, and nobody gets one where none are bound */
	{ DOOR ISSUER_LINE CLIENT_LINE "people = bound\nenrol = seat\n",
	  "@/site:5: enrol: needs require or email_domain to say who gets an account, or allow_anyone" },
	{ DOOR ISSUER_LINE CLIENT_LINE "people = bound\nenrol = seat\nallow_anyone = yes\n", NULL },
	{ DOOR ISSUER_LINE CLIENT_LINE "people = bound\nenrol = seat\nrequire = groups=kiosk\n",
	  NULL },
	{ DOOR ISSUER_LINE CLIENT_LINE
	  "people = bound\nenrol = seat\nemail_domain = example.org\nscope = openid email\n",
	  NULL },
	{ DOOR ISSUER_LINE CLIENT_LINE
	  "people = bound\nenrol = seat\nallow_anyone = yes\nrequire = groups=kiosk\n",
	  "@/site:6: allow_anyone: contradicts require" },
	{ GOOD "enrol = seat\n", "@/site:5: enrol: stands beside people = bound alone" },
	{ GOOD "enrol_max = 5\n", "@/site:5: enrol_max: stands beside enrol = seat alone" },
	{ GOOD "enrol_name = nickname\n",
	  "@/site:5: enrol_name: stands beside enrol = seat alone" },
	{ DOOR ISSUER_LINE CLIENT_LINE "people = bound\nenrol_rate = off\n",
	  "@/site:5: enrol_rate: stands beside enrol = seat alone" },
	{ GOOD "map_file = @/map\n", "@/site:4: user_claim: contradicts map_file (@/site:5)" },
	{ GOOD "shared_account = kiosk\n",
	  "@/site:5: shared_account: contradicts user_claim (@/site:4)" },
	{ GOOD "allow_anyone = yes\n",
	  "@/site:5: allow_anyone: stands beside shared_account or enrol = seat alone" },
	{ DOOR ISSUER_LINE CLIENT_LINE "shared_account = kiosk\n",
	  "@/site:4: shared_account: needs require or email_domain to say who is admitted to it, or "
	  "allow_anyone = yes" },
	{ SHARED "require = groups=a\n", NULL },
	{ SHARED MAIL "email_domain = example.org\n", NULL },
	{ SHARED "allow_anyone = yes\n", NULL },
	{ SHARED "require_acr = gold\n",
	  "@/site:4: shared_account: needs require or email_domain" },
	{ SHARED "allow_anyone = yes\nrequire_acr = gold\n", NULL },
	{ SHARED "allow_anyone = yes\nrequire = groups=a\n",
	  "@/site:5: allow_anyone: contradicts require and email_domain" },
	{ SHARED "allow_anyone = yes\n" MAIL "email_domain = example.org\n",
	  "@/site:5: allow_anyone: contradicts require and email_domain" },
	{ DOOR ISSUER_LINE CLIENT_LINE "map_file = @/map\nallow_anyone = yes\n",
	  "@/site:5: allow_anyone: stands beside shared_account or enrol = seat alone" },
	{ DOOR ISSUER_LINE CLIENT_LINE "shared_account = root\nallow_anyone = yes\n",
	  "@/site:4: shared_account: root is never entered by a code" },
	{ GOOD "allow_system_users = backup root\n",
	  "@/site:5: allow_system_users: root is never entered by a code" },
	{ GOOD "ignore_users = root\n", NULL },
	{ GOOD "user_claim_suffix = @\n", NULL },
	{ DOOR ISSUER_LINE CLIENT_LINE "map_file = @/map\nuser_claim_suffix = -x\n",
	  "@/site:5: user_claim_suffix: stands beside user_claim alone" },
	{ SHARED "allow_anyone = yes\nuser_claim_suffix = -x\n",
	  "@/site:6: user_claim_suffix: stands beside user_claim alone" },
	{ DOOR ISSUER_LINE CLIENT_LINE "map_file = @/map\nrequire = groups=a\n", NULL },
	{ GOOD MAIL "email_domain = example.org\n", NULL },
	{ GOOD "email_domain = example.org\n",
	  "@/site:5: email_domain: needs scope with the word email" },
	{ GOOD "scope = openid emails\nemail_domain = example.org\n",
	  "@/site:6: email_domain: needs scope with the word email" },
	/* keys that want an ID token */
	{ GOOD "scope = profile\nrequire_acr = gold\n",
	  "@/site:6: require_acr: profile oidc gives no ID token: needs an OpenID provider" },
	{ GOOD "scope = profile\nrequire_amr = otp\n",
	  "@/site:6: require_amr: profile oidc gives" },
	{ GOOD "scope = profile\nmax_auth_age = 1h\n",
	  "@/site:6: max_auth_age: profile oidc gives" },
	{ GOOD "scope = profile\njwks_file = @/jwks\n", "@/site:6: jwks_file: profile oidc gives" },
	{ GOOD "scope = email\nemail_domain = a.b\n",
	  "@/site:6: email_domain: profile oidc gives" },
	{ GOOD "scope = openid,email\nrequire_acr = gold\n",
	  "@/site:6: require_acr: profile oidc" },
	{ GOOD "scope = OPENID\nrequire_acr = gold\n",
	  "@/site:6: require_acr: profile oidc gives" },
	{ MAPPED "profile = chosen\nrequire_acr = gold\n",
	  "@/site:6: require_acr: profile chosen gives no ID token" },
	{ MAPPED "profile = other\nscope = openid\nrequire_amr = otp\n",
	  "@/site:7: require_amr: profile other gives no ID token" },
	{ MAPPED "profile = other\nscope = openid email\nemail_domain = example.org\n",
	  "@/site:7: email_domain: profile other gives no ID token" },
	{ MAPPED "profile = other\nrequire = user.vip=true\n", NULL },
	{ MAPPED "profile = other\nrequire = groups=Domain%20Users groups=50%25\n", NULL },
	{ MAPPED "profile = other\nrequire = groups=50%\n", "NAME=VALUE" },
	{ GOOD "user_claim_case = fold\n", NULL },
	{ GOOD "proxy_secret_file = @/proxy\n", "proxy_secret_file: stands beside proxy alone" },
	{ GOOD "proxy = http://p:1\nproxy_secret_file = @/proxy\n", NULL },
	{ GOOD "proxy = http://p:1\nproxy_secret_file = @/secret\n", "must hold USER:PASSWORD" },
	{ MAPPED "user_claim_case = fold\n", "user_claim_case: stands beside user_claim alone" },
	{ MAPPED "profile = other\nrequire = groups=a%0ab\n", "NAME=VALUE" },
	{ GOOD "jwks_file = @/jwks\njwks_uri = https://k.example\n",
	  "@/site:5: jwks_file: contradicts jwks_uri" },
	{ GOOD "require_acr = gold\nrequire_amr = otp\nmax_auth_age = 1h\njwks_file = @/jwks\n",
	  NULL },
	{ GOOD "profile = chosen\n", "@/site:4: user_claim: with profile chosen people choose" },
	{ GOOD "profile = silent\n", "@/site:4: user_claim: with profile silent people choose" },
	{ DOOR ISSUER_LINE CLIENT_LINE "profile = chosen\nmap_file = @/map\n", NULL },
	{ GOOD "profile = missing\n", "@/site:5: profile = missing: no such file in @/q or @/p" },
	{ GOOD "token_endpoint_auth_method = client_secret_post\n",
	  "@/site:5: token_endpoint_auth_method = client_secret_post: needs client_secret_file" },
	{ GOOD "token_endpoint_auth_method = client_secret_basic\n",
	  "@/site:5: token_endpoint_auth_method = client_secret_basic: needs client_secret_file" },
	{ GOOD SECRET,
	  "@/site:5: client_secret_file: needs token_endpoint_auth_method = client_secret_post or basic" },
	{ GOOD SECRET "token_endpoint_auth_method = none\n",
	  "@/site:5: client_secret_file: needs token_endpoint_auth_method" },
	{ GOOD SECRET "token_endpoint_auth_method = client_secret_post\n", NULL },
	{ GOOD SECRET "token_endpoint_auth_method = client_secret_jwt\n", NULL },
	{ GOOD "token_endpoint_auth_method = client_secret_jwt\n",
	  "token_endpoint_auth_method = client_secret_jwt: needs client_secret_file" },
	{ GOOD "token_endpoint_auth_method = private_key_jwt\n",
	  "token_endpoint_auth_method = private_key_jwt: needs client_key_file" },
	{ GOOD KEY "token_endpoint_auth_method = tls_client_auth\n",
	  "token_endpoint_auth_method = tls_client_auth: needs client_certificate_file" },
	{ GOOD CERTIFICATE "token_endpoint_auth_method = self_signed_tls_client_auth\n",
	  "token_endpoint_auth_method = self_signed_tls_client_auth: needs client_key_file" },
	{ GOOD KEY,
	  "@/site:5: client_key_file: needs token_endpoint_auth_method = private_key_jwt, tls" },
	{ GOOD CERTIFICATE,
	  "@/site:5: client_certificate_file: needs token_endpoint_auth_method = tls_client_auth" },
	{ GOOD SECRET "token_endpoint_auth_method = private_key_jwt\n" KEY,
	  "@/site:5: client_secret_file: needs token_endpoint_auth_method = client_secret_post" },
	{ GOOD KEY "token_endpoint_auth_method = private_key_jwt\n", NULL },
	{ GOOD KEY CERTIFICATE "token_endpoint_auth_method = private_key_jwt\nclient_key_id = 1\n",
	  NULL },
	{ GOOD KEY
	  "token_endpoint_auth_method = private_key_jwt\ntoken_endpoint_auth_signing_alg = HS256\n",
	  "@/site:7: token_endpoint_auth_signing_alg: private_key_jwt signs with a key" },
	{ GOOD SECRET
	  "token_endpoint_auth_method = client_secret_jwt\ntoken_endpoint_auth_signing_alg = RS256\n",
	  "@/site:7: token_endpoint_auth_signing_alg: client_secret_jwt signs with HS256" },
	{ GOOD "client_key_id = 1\n",
	  "@/site:5: client_key_id: stands beside token_endpoint_auth_method" },
	{ GOOD "token_endpoint_auth_signing_alg = RS256\n",
	  "@/site:5: token_endpoint_auth_signing_alg: stands beside token_endpoint_auth_method" },
	{ GOOD "require = email=a@example.org\n",
	  "@/site:5: require: email= needs require with email_verified=true, or email_domain" },
	{ GOOD "require = email=a@example.org email_verified=false\n",
	  "@/site:5: require: email=" },
	{ GOOD "require = email_verified=true email=a@example.org\n", NULL },
	{ GOOD "local_groups = email=a@example.org:audio\n",
	  "@/site:5: local_groups: email= needs" },
	{ GOOD "require = email_verified=true\nlocal_groups = email=a@example.org:audio\n", NULL },
	{ GOOD "require = emails=a@example.org\n", NULL },
	{ GOOD "flow = authorization_code\n",
	  "flow = authorization_code: needs redirect_uri, an address" },
	{ GOOD "flow = authorization_code\nredirect_uri = http://x\n",
	  "@/site:6: redirect_uri = http://x: must" },
	{ GOOD "flow = authorization_code\nredirect_uri = urn:ietf:wg:oauth:2.0:oob\n",
	  "@/site:6: redirect_uri = urn:ietf:wg:oauth:2.0:oob: must be " },
	{ DOOR CLIENT_LINE WHO_LINE "base_url = https://b.example\n", NULL },
	{ DOOR CLIENT_LINE WHO_LINE "base_url = http://b.example\n",
	  "@/site:4: base_url = http://b.example: must be an address" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(text_rows); i++) {
		if (text_rows[i].error)
			refused(text_rows[i].text, text_rows[i].error);
		else
			accepted(text_rows[i].text);
	}
}

/* What stands in the place of a file's name may be the secret itself, and everybody's login writes the error. */
static void test_a_secret_is_not_told(void **state)
{
	static const struct text_row rows[] = {
		{ GOOD "client_secret_file = hunter2\n",
		  "@/site:5: client_secret_file: must be an absolute path" },
		{ GOOD "client_secret_file = \"hunter2\"\n",
		  "@/site:5: client_secret_file: must be without quotes" },
		{ GOOD "client_key_file = hunter2\n",
		  "@/site:5: client_key_file: must be an absolute path" },
		{ GOOD "proxy_secret_file = me:hunter2\n",
		  "@/site:5: proxy_secret_file: must be an absolute path" },
		{ GOOD "proxy = me:hunter2@proxy:3128\n",
		  "@/site:5: proxy: must be http://host:port" },
		{ GOOD "client_secret = hunter2\n", "@/site:5: client_secret: no such key" },
		{ GOOD "client_secret = \"hunter2\"\n", "@/site:5: client_secret: no such key" },
		{ GOOD "hunter2\n", "@/site:5: must be [section]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		refused(rows[i].text, rows[i].error);
		if (strstr(conf.error, "hunter2"))
			fail_msg("told: %s", conf.error);
	}
	assert_true(rule_may_be_secret(&rules[CONF_JWKS_URI], "ftp://me:hunter2@id.example.org/"));
	assert_false(rule_may_be_secret(&rules[CONF_JWKS_URI], "ftp://id.example.org/"));
}

/* One person's line locks nobody else out: it is in the log, with the letters that it may have. */
static void test_map_lines(void **state)
{
	static const char *const warned[] = { "@/lines:2: admits nobody", "a-z 0-9 _ . -",
					      "@/lines:4: admits nobody" };

	(void)state;
	put("lines", "https://id.example.org s-1 alice\nhttps://id.example.org s-2 Bob\n"
		     "# people\nhttps://id.example.org s-3\n");
	accepted(DOOR ISSUER_LINE CLIENT_LINE "map_file = @/lines\n");
	for (size_t i = 0; i < COUNT(warned); i++) {
		char *text = filled(warned[i]);

		if (!conf.warning || !strstr(conf.warning, text))
			fail_msg("\"%s\" lacks \"%s\"", conf.warning ? conf.warning : "", text);
		free(text);
	}
	/* Names of a directory are in it where the section says so. */
	put("lines",
	    "https://id.example.org s-1 CORP+alice\nhttps://id.example.org s-2 CORP\\Bob\n");
	accepted(DOOR ISSUER_LINE CLIENT_LINE "map_file = @/lines\nlocal_names = wide\n");
	assert_null(conf.warning);
	accepted(DOOR ISSUER_LINE CLIENT_LINE "map_file = @/lines\n");
	assert_non_null(strstr(conf.warning, "more by local_names = wide"));
	put("lines",
	    "https://id.example.org s-1 alice\nhttps://id.example.org s-2 B:b\nx\nhttps://id.example.org s-3\n");
	/* Beside a broken language neither is lost. */
	put("w/de.conf", "x\n");
	accepted(DOOR ISSUER_LINE CLIENT_LINE "map_file = @/lines\nlanguage = de\n");
	assert_non_null(strstr(conf.warning, "English is shown"));
	assert_non_null(strstr(conf.warning, "lines:4: admits nobody"));
}

/* What an editor puts in front and nobody sees is no letter of the first line. */
static void test_byte_order_mark(void **state)
{
	(void)state;
	put("lines", "\xef\xbb\xbfhttps://id.example.org s-1 alice\n");
	accepted("\xef\xbb\xbf" DOOR ISSUER_LINE CLIENT_LINE "map_file = @/lines\n");
	assert_null(conf.warning);
	assert_string_equal(conf.map, "https://id.example.org s-1 alice\n");
	refused("\xef\xbb\xbf\xef\xbb\xbf" DOOR, "@/site:1: must be [section]");
	accepted("\xef\xbb\xbf" GOOD);
}

/* No byte that moves a cursor, and none that disappears in silence. */
static void test_control_bytes(void **state)
{
	static const char *const values[] = { "off\177", "a\177b", "off\f", "off\v", "\foff" };
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		snprintf(text, sizeof(text), GOOD "scope = %s\n", values[i]);
		refused(text, "@/site:5: contains a control character");
	}
}

/* A mail address is a name only with its domain agreed on and taken off, and never a chosen one. */
static void test_email_as_name(void **state)
{
	static const struct text_row rows[] = {
		{ "user_claim = email\n", "@/site:4: user_claim: email needs email_domain" },
		{ "user_claim = email\n" MAIL "email_domain = a.b\n", "email needs email_domain" },
		{ "user_claim = email\nuser_claim_suffix = -x\n", "email needs email_domain" },
		{ "user_claim = email\n" MAIL "email_domain = a.b\nuser_claim_suffix = -x\n",
		  NULL },
		{ "user_claim = email\nprofile = chosen\n" MAIL
		  "email_domain = a.b\nuser_claim_suffix = -x\n",
		  "user_claim: with profile chosen people choose" },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), DOOR ISSUER_LINE CLIENT_LINE "%s", rows[i].text);
		if (rows[i].error)
			refused(text, rows[i].error);
		else
			accepted(text);
	}
}

/* Pinned keys: a file of at most 8 KiB that is at least an object. */
static void test_jwks(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *error;
	} rows[] = {
		{ T("{\"keys\":[]}"), NULL },
		{ T(" \n\t{\n}\n"), NULL },
		{ T(""), "@/jwks: must hold a JWK set" },
		{ T("[]"), "@/jwks: must hold a JWK set" },
		{ T("-----BEGIN PUBLIC KEY-----\n"), "must hold a JWK set: {\"keys\": [...]}" },
		{ T("{\0}"), "@/jwks: contains a NUL byte" },
	};
	char most[CONF_JWKS_MAX + 1];

	(void)state;
	put("site", GOOD "jwks_file = @/jwks\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		bytes_put("jwks", rows[i].bytes, rows[i].len);
		if (load(NULL) != !rows[i].error)
			fail_msg("row %zu: %s", i, conf.error);
		if (rows[i].error)
			error_has("jwks", rows[i].error);
	}
	memset(most, ' ', sizeof(most));
	most[0] = '{';
	bytes_put("jwks", most, CONF_JWKS_MAX);
	assert_true(load(NULL));
	assert_int_equal(strlen(conf.jwks), CONF_JWKS_MAX);
	bytes_put("jwks", most, sizeof(most));
	assert_false(load(NULL));
	error_has("jwks", "@/site:5: jwks_file: @/jwks: is longer than 8192 bytes");
}

/* ---- sections ---- */

#define CELLAR "[cellar]\n" ISSUER_LINE "client_id = cellar\n" WHO_LINE

static void test_sections(void **state)
{
	static const struct {
		const char *text, *section, *client_id, *error;
	} rows[] = {
		{ GOOD, "door", "login", NULL },
		{ GOOD, NULL, "login", NULL },
		{ GOOD, "", "login", NULL },
		{ GOOD CELLAR, "door", "login", NULL },
		{ GOOD CELLAR, "cellar", "cellar", NULL },
		{ GOOD CELLAR DOOR "qr = off\n", "door", "login", NULL },
		{ "[cellar]\ncolour = red\n" GOOD, "door", "login", NULL },
		{ "[cellar]\n[door]\n" ISSUER_LINE CLIENT_LINE WHO_LINE, "door", "login", NULL },
		{ GOOD CELLAR, NULL, NULL,
		  "@/site:5: there are several sections ([door], [cellar])" },
		{ GOOD CELLAR, NULL, NULL, "the PAM line must say which, with section=NAME" },
		{ GOOD "[cellar]\n", NULL, NULL, "@/site:5: there are several sections" },
		{ GOOD, "cellar", NULL, "@/site: has no section [cellar]" },
		{ GOOD, "doo", NULL, "@/site: has no section [doo]" },
		{ GOOD, "doors", NULL, "@/site: has no section [doors]" },
		{ GOOD, "DOOR", NULL, "@/site: has no section [DOOR]" },
		{ GOOD, "door]", NULL, "@/site: has no section [door]]" },
		{ GOOD CELLAR "colour = red\n", "cellar", NULL, "@/site:9: colour: no such key" },
		{ GOOD "[cellar]\nno line\n", "cellar", NULL, "@/site:6: must be " },
		/* what is wrong in another section locks nobody out of this one, whatever it is */
		{ GOOD "[cellar]\nno line\n", "door", "login", NULL },
		{ GOOD "[cellar]\n= x\nqr = \001off\n" WIDE_80 WIDE_80 "\n", "door", "login",
		  NULL },
		{ GOOD "[cellar]\nqr = \001off\n", "cellar", NULL, "@/site:6: contains a control" },
		{ GOOD "[cellar]\nno line\n[Cellar]\n", "door", NULL,
		  "@/site:7: [Cellar]: a section's name" },
		{ GOOD "[Cellar]\n", "door", NULL, "@/site:5: [Cellar]: a section's name" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		put("site", rows[i].text);
		if (load(rows[i].section) != !rows[i].error)
			fail_msg("row %zu: %s", i, conf.error);
		if (rows[i].error)
			error_has(rows[i].text, rows[i].error);
		else
			assert_string_equal(conf_text(&conf, CONF_CLIENT_ID), rows[i].client_id);
	}
}

static void test_long_section_argument(void **state)
{
	char name[5000];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_false(load(name));
	error_has("a long section", "@/site: has no section [aaaa");
}

/* ---- drop-ins ---- */

static void dropins(mode_t mode)
{
	assert_int_equal(mkdir(path_of("site.d"), 0755), 0);
	assert_int_equal(chmod(path_of("site.d"), mode), 0);
}

static void test_dropins(void **state)
{
	(void)state;
	dropins(0755);
	put("site", DOOR ISSUER_LINE CLIENT_LINE);
	put("site.d/20-who.conf", DOOR WHO_LINE);
	put("site.d/10-qr.conf", "# first\n" DOOR "qr = off\n");
	put("site.d/.hidden.conf", "nonsense");
	put("site.d/backup.conf~", "nonsense");
	put("site.d/conf", "nonsense");
	put("site.d/.conf", "nonsense");
	put("site.d/x.CONF", "nonsense");
	if (!load(NULL))
		fail_msg("%s", conf.error);
	assert_string_equal(conf_text(&conf, CONF_QR), "off");
	assert_true(strstr(conf.where[CONF_QR], "/site.d/10-qr.conf:3") != NULL);
	assert_true(strstr(conf.where[CONF_USER_CLAIM], "/site.d/20-who.conf:2") != NULL);
}

/* Each file that was read is changed in turn, and each that was not there comes. */
static void test_current(void **state)
{
	static const char *const names[] = {
		"site",	     "site.d/a.conf", "site.d/z.conf", "p/oidc.conf", "q/oidc.conf",
		"w/de.conf", "v/de.conf",     "map",	       "secret",      "jwks",
		"ca"
	};
	struct stat st;
	bool again;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		test_start(NULL);
		dropins(0755);
		put("w/de.conf", "");
		put("ca", "");
		put("site.d/a.conf", DOOR "qr = off\n");
		put("site",
		    MAPPED "client_secret_file = @/secret\n"
			   "token_endpoint_auth_method = client_secret_post\njwks_file = @/jwks\n"
			   "ca_file = @/ca\nlanguage = de\n");
		if (!load(NULL))
			fail_msg("%s", conf.error);
		assert_true(conf_is_current(&conf));
		usleep(20 * 1000); /* longer than a tick of the clock that ctime is read from */
		put("unread", "");
		assert_true(conf_is_current(&conf));
		if (lstat(path_of(names[i]), &st) == 0)
			assert_int_equal(chmod(path_of(names[i]), st.st_mode & 07777), 0);
		else
			put(names[i], "");
		if (conf_is_current(&conf))
			fail_msg("%s was changed, and nobody sees it", names[i]);
		/* The map is read again by itself. By other words than these nobody enters; the rest says nothing of that. */
		if (conf_read_lists(&conf, &again) != (strncmp(names[i], "site", 4) != 0) ||
		    again != (strcmp(names[i], "map") == 0))
			fail_msg("%s was changed, and is taken for something else", names[i]);
	}
}

/* Who may enter is what the map says when it is decided. */
static void test_lists_again(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		bool ok;
	} rows[] = {
		{ "# nobody\n", 0644, true },
		{ "", 0644, true },
		{ "https://id.example bob alice\n", 0644, true },
		{ "# anybody may write it\n", 0666, false },
		{ NULL, 0, false },
	};
	bool again;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		test_start(NULL);
		put("site", MAPPED);
		assert_true(load(NULL));
		assert_true(conf_read_lists(&conf, &again));
		assert_false(again);
		usleep(20 * 1000);
		if (rows[i].text)
			put("map", rows[i].text);
		else
			unlink(path_of("map"));
		if (rows[i].text)
			assert_int_equal(chmod(path_of("map"), rows[i].mode), 0);
		if (conf_read_lists(&conf, &again) != rows[i].ok || !again)
			fail_msg("row %zu: %s", i, conf.error);
		if (rows[i].ok)
			assert_string_equal(conf.map, rows[i].text);
		else
			assert_string_not_equal(conf.error, "");
		/* Who was refused once is not asked about by lists that are not there. */
		assert_int_equal(conf_read_lists(&conf, &again), rows[i].ok);
		assert_false(again);
	}
}

static void test_dropins_order(void **state)
{
	(void)state;
	dropins(0755);
	put("site.d/b.conf", DOOR "qr = off\n");
	put("site.d/a.conf", DOOR "qr = full\n");
	put("site.d/c.conf", DOOR "colour = red\n");
	assert_false(load(NULL));
	error_has("order", "@/site.d/b.conf:2: qr: stands already in @/site.d/a.conf:2");
}

static void test_dropins_bad(void **state)
{
	static const char *const rows[][2] = {
		{ DOOR CLIENT_LINE, "@/site.d/a.conf:2: client_id: stands already in @/site:3" },
		{ "qr = off\n", "@/site.d/a.conf:1: qr: stands before the first [section]" },
		{ "[cellar]\n",
		  "@/site.d/a.conf:1: there are several sections ([door], [cellar])" },
		{ DOOR "colour = red\n", "@/site.d/a.conf:2: colour: no such key" },
	};

	(void)state;
	dropins(0755);
	for (size_t i = 0; i < COUNT(rows); i++) {
		put("site.d/a.conf", rows[i][0]);
		assert_false(load(NULL));
		error_has(rows[i][0], rows[i][1]);
	}
}

/* A way in may be a drop-in of its own; the main file need not know it. */
static void test_dropin_section(void **state)
{
	(void)state;
	dropins(0755);
	put("site.d/cellar.conf", CELLAR);
	assert_true(load("cellar"));
	assert_string_equal(conf_text(&conf, CONF_CLIENT_ID), "cellar");
	assert_true(load("door"));
	assert_string_equal(conf_text(&conf, CONF_CLIENT_ID), "login");
	assert_false(load(NULL));
}

static void test_dropins_directory(void **state)
{
	static const mode_t modes[] = { 0775, 0757, 0777, 01777, 02775 };

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		dropins(modes[i]);
		assert_false(load(NULL));
		error_has("mode", "@/site.d: must be a directory");
		rmdir(path_of("site.d"));
	}
	put("site.d", "");
	assert_false(load(NULL));
	error_has("a file", "@/site.d: must be a directory");
	unlink(path_of("site.d"));
	assert_int_equal(symlink(providers, path_of("site.d")), 0);
	assert_false(load(NULL));
	error_has("a link", "@/site.d: must be a directory");
	unlink(path_of("site.d"));
}

/* ---- files that are not believed ---- */

/* Each file that the module reads, and the text that makes it read it. */
struct file_row {
	const char *name;
	const char *site;
	bool secret; /* nobody else may read it */
};

static const struct file_row file_rows[] = {
	{ "site", GOOD, false },
	{ "site.d/a.conf", GOOD, false },
	{ "p/oidc.conf", GOOD, false },
	{ "q/oidc.conf", GOOD, false },
	{ "map", DOOR ISSUER_LINE CLIENT_LINE "map_file = @/map\n", false },
	{ "secret", GOOD SECRET "token_endpoint_auth_method = client_secret_post\n", true },
	{ "key", GOOD KEY "token_endpoint_auth_method = private_key_jwt\n", true },
	{ "certificate", GOOD KEY CERTIFICATE "token_endpoint_auth_method = tls_client_auth\n",
	  false },
	{ "jwks", GOOD "jwks_file = @/jwks\n", false },
};

static const char *file_text(const struct file_row *row)
{
	if (row->name[0] == 'k')
		return PEM("PRIVATE KEY");
	if (row->name[0] == 'c')
		return PEM("CERTIFICATE");
	if (row->secret)
		return "swordfish";
	if (row->name[0] == 'j')
		return "{}";
	if (row->name[0] == 'm')
		return "# nobody\n";
	return strstr(row->name, "oidc")	? "dialect = rfc8628\nusernames = assigned\n"
	       : strcmp(row->name, "site") == 0 ? row->site
						: DOOR "qr = off\n";
}

static void file_prepare(const struct file_row *row)
{
	test_start(NULL);
	if (strncmp(row->name, "site.d", 6) == 0)
		dropins(0755);
	put("site", row->site);
	put_mode(row->name, file_text(row), row->secret ? 0600 : 0644);
	if (!load(NULL))
		fail_msg("%s: %s", row->name, conf.error);
}

static void file_refused(const struct file_row *row, const char *why)
{
	if (load(NULL))
		fail_msg("%s: accepted although %s", row->name, why);
	error_has(row->name, row->name);
	error_has(row->name, why);
	unlink(path_of(row->name));
}

static void mode_check(const struct file_row *row, mode_t mode, bool ok)
{
	char why[64];

	assert_int_equal(chmod(path_of(row->name), mode), 0);
	if (load(NULL) != ok)
		fail_msg("%s: mode %04o: %s", row->name, (unsigned int)mode, conf.error);
	if (ok)
		return;
	snprintf(why, sizeof(why), "mode is %04o, must be ", (unsigned int)mode);
	error_has(row->name, why);
	error_has(row->name, row->name);
}

static void test_file_modes(void **state)
{
	static const struct {
		mode_t mode;
		bool ok, secret_ok;
	} rows[] = {
		{ 0644, true, false },	{ 0600, true, true },	 { 0640, true, true },
		{ 0400, true, true },	{ 0444, true, false },	 { 0440, true, true },
		{ 0664, false, false }, { 0646, false, false },	 { 0666, false, false },
		{ 0622, false, false }, { 0620, false, false },	 { 0602, false, false },
		{ 0660, false, false }, { 0604, true, false },	 { 0641, true, false },
		{ 0777, false, false }, { 02664, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(file_rows); i++) {
		file_prepare(&file_rows[i]);
		for (size_t k = 0; k < COUNT(rows); k++)
			mode_check(&file_rows[i], rows[k].mode,
				   file_rows[i].secret ? rows[k].secret_ok : rows[k].ok);
	}
}

static void test_file_links(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(file_rows); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/%s", top, file_rows[i].name);
		file_prepare(&file_rows[i]);
		put_mode("real", file_text(&file_rows[i]), 0600);
		unlink(path);
		assert_int_equal(symlink(path_of("real"), path), 0);
		file_refused(&file_rows[i], "symbolic link");
		assert_int_equal(symlink("nowhere", path), 0);
		file_refused(&file_rows[i], "symbolic link");
	}
}

/* None of them may block, or be read. */
static void test_file_kinds(void **state)
{
	(void)state;
	alarm(20);
	for (size_t i = 0; i < COUNT(file_rows); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/%s", top, file_rows[i].name);
		file_prepare(&file_rows[i]);
		unlink(path);
		assert_int_equal(mkfifo(path, 0600), 0);
		file_refused(&file_rows[i], "must be a regular file");
		assert_int_equal(mkdir(path, 0700), 0);
		if (load(NULL))
			fail_msg("%s: a directory", file_rows[i].name);
		error_has(file_rows[i].name, "must be a regular file");
		rmdir(path);
	}
	alarm(0);
}

static void test_file_missing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(file_rows); i++) {
		const char *name = file_rows[i].name;

		if (strchr(name, '/'))
			continue; /* their absence is no mistake, or another one */
		file_prepare(&file_rows[i]);
		unlink(path_of(name));
		file_refused(&file_rows[i], "No such file or directory");
	}
}

/* Which line asked for a file that cannot be used. */
static void test_file_asked_for(void **state)
{
	(void)state;
	refused(GOOD
		"token_endpoint_auth_method = client_secret_post\nclient_secret_file = @/nowhere\n",
		"@/site:6: client_secret_file");
	error_has("secret", "@/nowhere: No such file or directory");
	refused(GOOD
		"token_endpoint_auth_method = client_secret_post\nclient_secret_file = /dev/zero\n",
		"@/site:6: client_secret_file");
	error_has("secret", "/dev/zero: must be a regular file");
	refused(DOOR ISSUER_LINE CLIENT_LINE "map_file = @/nowhere\n", "@/site:4: map_file");
	error_has("map", "@/nowhere: No such file or directory");
}

static void test_file_owners(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("needs root: files of another owner\n");
		skip();
	}
	for (size_t i = 0; i < COUNT(file_rows); i++) {
		file_prepare(&file_rows[i]);
		assert_int_equal(chown(path_of(file_rows[i].name), NOBODY, 0), 0);
		file_refused(&file_rows[i], "owner is uid 65534, must be root");
	}
	file_prepare(&file_rows[1]);
	assert_int_equal(chown(path_of("site.d"), NOBODY, 0), 0);
	assert_false(load(NULL));
	error_has("owner", "@/site.d: must be a directory of root's");
}

/* What an ordinary user's process believes: root's files and that user's, nobody else's. */
static void test_file_owners_of_a_user(void **state)
{
	static const uid_t owners[] = { 0, 1000, 1001 };
	bool ok;

	(void)state;
	if (geteuid() != 0) {
		print_message("needs root: to be somebody else\n");
		skip();
	}
	assert_int_equal(chmod(top, 0755), 0);
	for (size_t i = 0; i < COUNT(owners); i++) {
		assert_int_equal(chown(site_file, owners[i], 0), 0);
		assert_int_equal(setresuid(1000, 1000, 0), 0);
		ok = load(NULL);
		assert_int_equal(setresuid(0, 0, 0), 0);
		assert_int_equal(ok, owners[i] != 1001);
		/* su: the real user's files are not root's */
		assert_int_equal(setresuid(1000, 0, 0), 0);
		ok = load(NULL);
		assert_int_equal(setresuid(0, 0, 0), 0);
		assert_int_equal(ok, owners[i] == 0);
	}
}

/* ---- sizes and bytes ---- */

static void test_nul_bytes(void **state)
{
	static const char text[] = GOOD "# \0\ncolour = red\n";

	(void)state;
	bytes_put("site", T(text));
	assert_false(load(NULL));
	error_has("NUL", "@/site: contains a NUL byte");
	bytes_put("site", GOOD, sizeof(GOOD)); /* with C's own at the end */
	assert_false(load(NULL));
	error_has("NUL", "@/site: contains a NUL byte");
}

static void test_longest_file(void **state)
{
	size_t max = CONF_FILE_MAX;
	char *text = malloc(max + 1);

	(void)state;
	assert_non_null(text);
	memset(text, '\n', max + 1);
	memcpy(text, GOOD, strlen(GOOD));
	bytes_put("site", text, max);
	if (!load(NULL))
		fail_msg("%s", conf.error);
	bytes_put("site", text, max + 1);
	assert_false(load(NULL));
	error_has("oversize", "@/site: is longer than 1048576 bytes");
	free(text);
}

/* A line of LEN bytes that begins with START, behind a good section. */
static bool load_line(const char *start, size_t len)
{
	char text[TEXT_MAX] = GOOD;
	size_t at = strlen(text);

	memset(text + at, 'x', len);
	memcpy(text + at, start, strlen(start));
	text[at + len] = '\n';
	text[at + len + 1] = '\0';
	return load_text(text);
}

static void test_longest_line(void **state)
{
	static const char *const starts[] = { "#", "scope = ", "scope = # ; \" ' = [x] " };

	(void)state;
	for (size_t i = 0; i < COUNT(starts); i++) {
		if (!load_line(starts[i], 4096))
			fail_msg("%s: %s", starts[i], conf.error);
		if (i > 0) /* nothing of it is lost, nothing of it is special */
			assert_int_equal(strlen(conf_text(&conf, CONF_SCOPE)), 4096 - 8);
		assert_false(load_line(starts[i], 4097));
		error_has(starts[i], "@/site:5: line is longer than 4096 bytes");
	}
}

/* ---- secrets ---- */

static void test_secrets(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *secret, *error;
	} rows[] = {
		{ T("swordfish"), "swordfish", NULL },
		{ T("swordfish\n"), "swordfish", NULL },
		{ T("swordfish\r\n"), "swordfish", NULL },
		{ T("swordfish\n\n"), "swordfish", NULL },
		{ T(" sword fish "), " sword fish ", NULL },
		{ T("# no comment"), "# no comment", NULL },
		{ T("sw\xc3\xb6rd"), "sw\xc3\xb6rd", NULL },
		{ T(""), NULL, "@/secret: must hold the secret, on one line" },
		{ T("\n"), NULL, "must hold the secret, on one line" },
		{ T("\nswordfish"), NULL, "must hold the secret, on one line" },
		{ T("sword\nfish"), NULL, "must hold the secret, on one line" },
		{ T("swordfish\n# mine\n"), NULL, "must hold the secret, on one line" },
		{ T("sword\rfish"), NULL, "must hold the secret, on one line" },
		{ T("sword\0fish"), NULL, "@/secret: contains a NUL byte" },
		{ T("swordfish\0"), NULL, "@/secret: contains a NUL byte" },
	};

	(void)state;
	put("site", GOOD SECRET "token_endpoint_auth_method = client_secret_basic\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		bytes_put("secret", rows[i].bytes, rows[i].len);
		chmod(path_of("secret"), 0600);
		if (load(NULL) != !rows[i].error)
			fail_msg("row %zu: %s", i, conf.error);
		if (rows[i].error) {
			error_has("secret", rows[i].error);
			assert_null(strstr(conf.error, "sword"));
		} else {
			assert_string_equal(conf.client_secret, rows[i].secret);
		}
	}
}

static void test_longest_secret(void **state)
{
	char secret[CONF_SECRET_MAX + 1];

	(void)state;
	put("site", GOOD SECRET "token_endpoint_auth_method = client_secret_basic\n");
	memset(secret, 's', sizeof(secret));
	bytes_put("secret", secret, CONF_SECRET_MAX);
	chmod(path_of("secret"), 0600);
	if (!load(NULL))
		fail_msg("%s", conf.error);
	assert_int_equal(strlen(conf.client_secret), CONF_SECRET_MAX);
	bytes_put("secret", secret, CONF_SECRET_MAX + 1);
	chmod(path_of("secret"), 0600);
	assert_false(load(NULL));
	error_has("secret", "@/secret: is longer than 4096 bytes");
}

/* What the login can see of them; the helper reads the rest. */
static void test_keys_and_certificates(void **state)
{
	static const struct {
		const char *file, *text, *error;
	} rows[] = {
		{ "key", PEM("PRIVATE KEY"), NULL },
		{ "key", "what the login does not read", NULL },
		{ "key", "", "@/key: must hold one key in PEM, 16384 bytes at most" },
		{ "certificate", PEM("CERTIFICATE") PEM("CERTIFICATE"), NULL },
		{ "certificate", PEM("PRIVATE KEY"),
		  "@/certificate: must hold PEM: -----BEGIN CERTIFICATE-----" },
		{ "certificate", "", "@/certificate: must hold PEM" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		test_start(NULL);
		put("site", GOOD KEY CERTIFICATE "token_endpoint_auth_method = tls_client_auth\n");
		put_mode(rows[i].file, rows[i].text, 0600);
		if (load(NULL) != !rows[i].error)
			fail_msg("row %zu: %s", i, conf.error);
		if (rows[i].error)
			error_has(rows[i].text, rows[i].error);
		assert_null(strstr(conf.error, "swordfish"));
	}
	refused(DOOR ISSUER_LINE CLIENT_LINE "profile = other\nmap_file = @/map\n" KEY
					     "token_endpoint_auth_method = private_key_jwt\n",
		"knows none, client_secret_post and client_secret_basic alone");
}

/* ---- profiles ---- */

static void test_profile_rows(void **state)
{
	static const struct text_row rows[] = {
		{ "dialect = rfc8628\nusernames = assigned", NULL },
		{ "# p\r\n\r\ndialect=rfc8628\r\nusernames=assigned\r\n", NULL },
		{ "dialect = rfc8628\n", "@/site:4: user_claim: with profile oidc people choose" },
		{ "usernames = assigned\n", "profile oidc names no dialect" },
		{ "", "user_claim: with profile oidc people choose" },
		{ "dialect = rfc8628\nusernames = given\n",
		  "@/p/oidc.conf:2: usernames = given: must be one of assigned, chosen" },
		{ "[oidc]\ndialect = rfc8628\n", "@/p/oidc.conf:1: a profile has no sections" },
		{ "dialect = a\nx = y\n", "@/p/oidc.conf:" },
		{ "x = y\n", "@/p/oidc.conf:1: x: no such key" },
		{ "nonce = y\n", "@/p/oidc.conf:1: nonce = y: must be one of no, yes" },
		{ "headers = y\n", "@/p/oidc.conf:1: headers: no such key" },
		{ "require = a=b\n", "@/p/oidc.conf:1: require: may stand only in device_code" },
		{ "ignore_users = root\n",
		  "@/p/oidc.conf:1: ignore_users: may stand only in device_code.conf" },
		{ "allow_system_users = a\n",
		  "@/p/oidc.conf:1: allow_system_users: may stand only" },
		{ "jwks_file = /x\n", "@/p/oidc.conf:1: jwks_file: may stand only in device_code" },
		{ "dialect = rfc8628\nusernames = assigned\nscope = openid\nnonce = yes\n", NULL },
		{ "dialect = rfc8628\nusernames = assigned\nnonce = no\n", NULL },
		{ "dialect = rfc8628\nusernames = assigned\nnonce = yes\n",
		  "@/p/oidc.conf:3: nonce: profile oidc gives no ID token" },
		{ "dialect = trakt\nusernames = assigned\nscope = openid\nnonce = yes\n",
		  "@/p/oidc.conf:4: nonce: profile oidc gives no ID token" },
		{ "dialect = rfc8628\nscope = a\nscope = b\n",
		  "@/p/oidc.conf:3: scope: stands already in @/p/oidc.conf:2" },
		{ "map_file = /etc/map\n",
		  "@/p/oidc.conf:1: map_file: may stand only in device_c" },
		{ "user_claim = x\n", "@/p/oidc.conf:1: user_claim: may stand only in device_c" },
		{ "min_uid = 1\n", "@/p/oidc.conf:1: min_uid: may stand only in device_code.conf" },
		{ "remote = allow\n",
		  "@/p/oidc.conf:1: remote: may stand only in device_code.conf" },
		{ "http_loopback = yes\n", "@/p/oidc.conf:1: http_loopback: may stand only in " },
		{ "client_secret_file = /x\n",
		  "@/p/oidc.conf:1: client_secret_file: may stand only" },
		{ "profile = x\n", "@/p/oidc.conf:1: profile: may stand only in device_code.conf" },
		{ "ca_file = /x\n",
		  "@/p/oidc.conf:1: ca_file: may stand only in device_code.conf" },
		{ "proxy = http://x:1\n", "@/p/oidc.conf:1: proxy: may stand only in device_code" },
		{ "issuer = x\n", "@/p/oidc.conf:1: issuer = x: must be an address" },
		{ "no line\n", "@/p/oidc.conf:1: must be " },
		{ "dialect = rfc8628\nusernames = assigned\ntoken_endpoint_auth_method = client_secret_post\n",
		  "@/p/oidc.conf:3: token_endpoint_auth_method = client_secret_post: needs client_secret_file" },
		{ "dialect = rfc8628\nusernames = assigned\njwks_uri = http://k.example\n",
		  "@/p/oidc.conf:3: jwks_uri = http://k.example: must be " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		put("p/oidc.conf", rows[i].text);
		if (load(NULL) != !rows[i].error)
			fail_msg("row %zu: %s", i, conf.error);
		if (rows[i].error)
			error_has(rows[i].text, rows[i].error);
	}
}

static void test_site_beats_profile(void **state)
{
	(void)state;
	put("p/oidc.conf",
	    "dialect = rfc8628\nusernames = assigned\nissuer = https://p.example\n"
	    "client_id = p\nscope = p\ntoken_endpoint_auth_method = client_secret_post\njwks_uri = https://p.example\n"
	    "verification_hosts = p.example\n");
	accepted(GOOD "token_endpoint_auth_method = none\nscope = s\n");
	assert_string_equal(conf_text(&conf, CONF_ISSUER), "https://id.example.org");
	assert_string_equal(conf_text(&conf, CONF_CLIENT_ID), "login");
	assert_string_equal(conf_text(&conf, CONF_SCOPE), "s");
	assert_string_equal(conf_text(&conf, CONF_TOKEN_ENDPOINT_AUTH_METHOD), "none");
	assert_string_equal(conf_text(&conf, CONF_JWKS_URI), "https://p.example");
	assert_string_equal(conf_text(&conf, CONF_VERIFICATION_HOSTS), "p.example");
	assert_true(strstr(conf.where[CONF_ISSUER], "/site:2") != NULL);
	assert_true(strstr(conf.where[CONF_JWKS_URI], "/p/oidc.conf:7") != NULL);
	/* what the site does not say the profile may */
	accepted(DOOR WHO_LINE "token_endpoint_auth_method = none\n");
	assert_string_equal(conf_text(&conf, CONF_ISSUER), "https://p.example");
}

/* The site's own profile wins, whole: nothing of the shipped one is mixed in. */
static void test_site_profile_wins(void **state)
{
	(void)state;
	put("q/oidc.conf", "dialect = rfc8628\nusernames = assigned\nsubject_claim = id\n");
	assert_true(load(NULL));
	assert_string_equal(conf_text(&conf, CONF_SUBJECT_CLAIM), "id");
	assert_string_equal(conf_text(&conf, CONF_SCOPE), "");
	put("q/oidc.conf", "usernames = chosen\n");
	assert_false(load(NULL));
	unlink(path_of("q/oidc.conf"));
	unlink(path_of("p/oidc.conf"));
	assert_false(load(NULL));
	error_has("no profile", "profile = oidc: no such file in @/q or @/p");
}

/* http is for tests on the machine itself, and only where it is asked for. */
static void test_http(void **state)
{
	static const char *const names[] = { "issuer", "device_authorization_endpoint",
					     "token_endpoint", "userinfo_endpoint", "jwks_uri" };
	char text[512], part[128];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(text, sizeof(text), "%s%s = http://127.0.0.1/x\n%s%s%s", DOOR, names[i],
			 i > 0 ? ISSUER_LINE : "", CLIENT_LINE, WHO_LINE);
		snprintf(part, sizeof(part),
			 "@/site:2: %s = http://127.0.0.1/x: must be an address "
			 "that begins with https://",
			 names[i]);
		refused(text, part);
		strcat(text, "http_loopback = no\n");
		refused(text, part);
		text[strlen(text) - 3] = '\0';
		strcat(text, "yes\n");
		accepted(text);
	}
}

/* ---- what the helper is told ---- */

static void tell_check(const char *const *pairs, size_t count)
{
	struct wire_draft draft;
	struct wire_message message;

	wire_begin(&draft, "login");
	conf_tell(&conf, &draft);
	assert_false(draft.broken);
	assert_true(wire_parse(&message, draft.bytes, draft.len));
	for (size_t i = 0; i < count; i += 2) {
		const char *value = wire_value(&message, pairs[i]);

		if (!value || strcmp(value, pairs[i + 1]) != 0)
			fail_msg("%s = %s", pairs[i], value ? value : "nothing");
	}
	assert_int_equal(message.pairs, count / 2);
}

/* All that it needs, and nothing of who may enter or of where files are. */
static void test_tell(void **state)
{
	static const char *const least[] = { "flow",
					     "device_code",
					     "max_entries",
					     "3",
					     "sandbox",
					     "require",
					     "issuer",
					     "https://id.example.org",
					     "client_id",
					     "login",
					     "token_endpoint_auth_method",
					     "none",
					     "pkce",
					     "yes",
					     "scope",
					     "openid",
					     "http_loopback",
					     "no",
					     "dialect",
					     "rfc8628",
					     "nonce",
					     "no" };
	static const char *const most[] = { "flow",
					    "authorization_code",
					    "max_entries",
					    "5",
					    "sandbox",
					    "require",
					    "issuer",
					    "https://id.example.org",
					    "base_url",
					    "https://b",
					    "redirect_uri",
					    "https://r",
					    "client_id",
					    "login",
					    "token_endpoint_auth_method",
					    "client_secret_basic",
					    "id_token_signed_response_alg",
					    "EdDSA",
					    "pkce",
					    "no",
					    "metadata",
					    "https://e/m",
					    "scope",
					    "a openid",
					    "extra_params",
					    "c=d",
					    "ca_file",
					    "/etc/passwd",
					    "proxy",
					    "http://p:1",
					    "http_loopback",
					    "yes",
					    "device_authorization_endpoint",
					    "https://e/d",
					    "authorization_endpoint",
					    "https://e/a",
					    "token_endpoint",
					    "https://e/t",
					    "revocation_endpoint",
					    "https://e/r",
					    "userinfo_endpoint",
					    "https://e/u",
					    "endpoint_hosts",
					    "e",
					    "dialect",
					    "rfc8628",
					    "client_secret",
					    "swordfish",
					    "nonce",
					    "no",
					    "jwks",
					    "{\"keys\":[]}\n" };

	(void)state;
	accepted(GOOD "min_uid = 2000\nremote = allow\nqr = off\nverification_hosts = v.example\n");
	tell_check(least, COUNT(least));
	accepted(
		DOOR ISSUER_LINE CLIENT_LINE
		"map_file = @/map\n" SECRET
		"token_endpoint_auth_method = client_secret_basic\nid_token_signed_response_alg = EdDSA\nscope = a openid\n"
		"pkce = no\nmetadata = https://e/m\n"
		"extra_params = c=d\nca_file = /etc/passwd\nproxy = http://p:1\nhttp_loopback = yes\n"
		"device_authorization_endpoint = https://e/d\ntoken_endpoint = https://e/t\n"
		"userinfo_endpoint = https://e/u\njwks_file = @/jwks\n"
		"endpoint_hosts = e\nflow = authorization_code\nbase_url = https://b\nmax_entries = 5\n"
		"redirect_uri = https://r\nauthorization_endpoint = https://e/a\n"
		"revocation_endpoint = https://e/r\n");
	tell_check(most, COUNT(most));
	assert_string_equal(conf.map, "https://id.example.org 1 alice\n");
}

static void test_clear(void **state)
{
	static const struct conf nothing;

	(void)state;
	accepted(GOOD SECRET "token_endpoint_auth_method = client_secret_post\n");
	conf_clear(&conf);
	assert_memory_equal(&conf, &nothing, sizeof(conf));
	conf_clear(&conf); /* twice does no harm */
	assert_string_equal(conf_text(&conf, CONF_ISSUER), "");
	assert_int_equal(conf_number(&conf, CONF_MIN_UID), 0);
}

/* ---- broken files ---- */

static uint64_t random_state = 0x853c49e6748fea9b;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % limit;
}

/* Whatever is in the file: an error that names it, or a section that says who may enter. */
static void test_random_texts(void **state)
{
	static const char seed[] = GOOD
		"# c\nqr = off\ntimeout = 5m\nmax_codes = 3\nremote = allow\n"
		"[cellar]\ntoken_endpoint_auth_method = client_secret_post\n";
	size_t good = 0;

	(void)state;
	for (int i = 0; i < RANDOM_TEXTS; i++) {
		char text[sizeof(seed)];

		memcpy(text, seed, sizeof(seed));
		for (uint32_t n = random_below(4); n > 0; n--)
			text[random_below(sizeof(seed) - 1)] =
				(char)(random_below(3) ? "\n=[]# \t0a"[random_below(9)]
						       : (int)random_below(256));
		bytes_put("site", text, sizeof(seed) - 1);
		if (!load(random_below(4) ? "door" : NULL)) {
			error_has(text, "@/");
			continue;
		}
		assert_true(conf_text(&conf, CONF_USER_CLAIM)[0] != '\0');
		assert_true(conf_text(&conf, CONF_CLIENT_ID)[0] != '\0');
		assert_memory_equal(conf_text(&conf, CONF_ISSUER), "https://", 8);
		good++;
	}
	assert_within(good, 100, RANDOM_TEXTS - 100);
}

#define UNIT(name) cmocka_unit_test_setup_teardown(name, test_start, test_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_keys),
		UNIT(test_choices_are_told),
		UNIT(test_error_outlives_a_long_value),
		UNIT(test_defaults),
		UNIT(test_guards),
		UNIT(test_numbers),
		UNIT(test_after),
		UNIT(test_language),
		UNIT(test_broken_language),
		UNIT(test_texts),
		UNIT(test_a_secret_is_not_told),
		UNIT(test_map_lines),
		UNIT(test_byte_order_mark),
		UNIT(test_control_bytes),
		UNIT(test_email_as_name),
		UNIT(test_jwks),
		UNIT(test_sections),
		UNIT(test_long_section_argument),
		UNIT(test_dropins),
		UNIT(test_current),
		UNIT(test_lists_again),
		UNIT(test_dropins_order),
		UNIT(test_dropins_bad),
		UNIT(test_dropin_section),
		UNIT(test_dropins_directory),
		UNIT(test_file_modes),
		UNIT(test_file_links),
		UNIT(test_file_kinds),
		UNIT(test_file_missing),
		UNIT(test_file_asked_for),
		UNIT(test_file_owners),
		UNIT(test_file_owners_of_a_user),
		UNIT(test_nul_bytes),
		UNIT(test_longest_file),
		UNIT(test_longest_line),
		UNIT(test_secrets),
		UNIT(test_longest_secret),
		UNIT(test_keys_and_certificates),
		UNIT(test_profile_rows),
		UNIT(test_site_beats_profile),
		UNIT(test_site_profile_wins),
		UNIT(test_http),
		UNIT(test_tell),
		UNIT(test_clear),
		UNIT(test_random_texts),
	};

	return cmocka_run_group_tests_name("conf", tests, group_start, group_end);
}
