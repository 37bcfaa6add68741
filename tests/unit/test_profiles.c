/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/providers: each profile loads with the lines that its comments ask for, and a login by it asks at the
 * endpoints that the provider documents: named by the profile, or by metadata in the shape that the
 * provider's documents show. None of it was tried on the service.
 */
#include "common/paths.h"

static char site_file[64];

#undef PATH_CONF
#undef PATH_SITE_PROVIDERS
#undef PATH_PROVIDERS
#define PATH_CONF	    site_file
#define PATH_SITE_PROVIDERS "/nonexistent"
#define PATH_PROVIDERS	    "conf/providers"

#include "helper/login/config/conf.c"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h> /* behind conf.c: it makes a macro of fail */

#include "helper/oauth_client/oauth/discover.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MAP    "map_file = @/map\n"
#define CLAIM  "user_claim = preferred_username\n"
#define SECRET "client_secret_file = @/secret\n"
#define PAGE   "redirect_uri = https://www.example.org/show-code.html\n"

/* HOST's own: issuer I, device authorization D ("": none), authorization A, token T, userinfo U, keys J. */
#define DOCUMENT(i, d, a, t, u, j)                                         \
	"{\"issuer\":\"" i "\"," d "\"authorization_endpoint\":\"" a "\"," \
	"\"token_endpoint\":\"" t "\",\"userinfo_endpoint\":\"" u "\",\"jwks_uri\":\"" j "\"}"
#define DEVICE(d) "\"device_authorization_endpoint\":\"" d "\","

#define ENTRA(login, tenant, graph)                                             \
	DOCUMENT("https://" login "/" tenant "/v2.0",                           \
		 DEVICE("https://" login "/" tenant "/oauth2/v2.0/devicecode"), \
		 "https://" login "/" tenant "/oauth2/v2.0/authorize",          \
		 "https://" login "/" tenant "/oauth2/v2.0/token",              \
		 "https://" graph "/oidc/userinfo",                             \
		 "https://" login "/" tenant "/discovery/v2.0/keys")
#define TENANT "72f988bf-86f1-41af-91ab-2d7cd011db47"

static const struct row {
	const char *profile;
	const char *lines;    /* of the section, as the profile's comments ask for them */
	const char *metadata; /* where it is asked for; NULL: it is not */
	const char *document;
	bool paste;
	const char *first; /* where the person, or the device's request, is sent */
	const char *token;
	const char *userinfo; /* "": not told, or not taken */
} rows[] = {
	{ "auth0", "issuer = https://acme.eu.auth0.com/\n" MAP,
	  "https://acme.eu.auth0.com/.well-known/openid-configuration",
	  DOCUMENT("https://acme.eu.auth0.com/",
		   DEVICE("https://acme.eu.auth0.com/oauth/device/code"),
		   "https://acme.eu.auth0.com/authorize", "https://acme.eu.auth0.com/oauth/token",
		   "https://acme.eu.auth0.com/userinfo",
		   "https://acme.eu.auth0.com/.well-known/jwks.json"),
	  false, "https://acme.eu.auth0.com/oauth/device/code",
	  "https://acme.eu.auth0.com/oauth/token", "https://acme.eu.auth0.com/userinfo" },
	{ "authelia", "issuer = https://auth.example.org\n" CLAIM,
	  "https://auth.example.org/.well-known/openid-configuration",
	  DOCUMENT("https://auth.example.org",
		   DEVICE("https://auth.example.org/api/oidc/device-authorization"),
		   "https://auth.example.org/api/oidc/authorization",
		   "https://auth.example.org/api/oidc/token",
		   "https://auth.example.org/api/oidc/userinfo",
		   "https://auth.example.org/jwks.json"),
	  false, "https://auth.example.org/api/oidc/device-authorization",
	  "https://auth.example.org/api/oidc/token", "https://auth.example.org/api/oidc/userinfo" },
	{ "authentik", "issuer = https://sso.example.org/application/o/kiosk/\n" CLAIM,
	  "https://sso.example.org/application/o/kiosk/.well-known/openid-configuration",
	  DOCUMENT("https://sso.example.org/application/o/kiosk/",
		   DEVICE("https://sso.example.org/application/o/device/"),
		   "https://sso.example.org/application/o/authorize/",
		   "https://sso.example.org/application/o/token/",
		   "https://sso.example.org/application/o/userinfo/",
		   "https://sso.example.org/application/o/kiosk/jwks/"),
	  false, "https://sso.example.org/application/o/device/",
	  "https://sso.example.org/application/o/token/",
	  "https://sso.example.org/application/o/userinfo/" },
	{ "calcom", PAGE SECRET MAP, NULL, NULL, true, "https://app.cal.com/auth/oauth2/authorize",
	  "https://api.cal.com/v2/auth/oauth2/token", "https://api.cal.com/v2/me" },
	{ "calcom-platform", PAGE SECRET MAP, NULL, NULL, true,
	  "https://app.cal.com/auth/oauth2/authorize",
	  "https://api.cal.com/v2/oauth/kiosk/exchange", "https://api.cal.com/v2/me" },
	{ "cognito",
	  "issuer = https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc\n"
	  "endpoint_hosts = acme.auth.eu-west-1.amazoncognito.com\n"
	  "verification_hosts = acme.auth.eu-west-1.amazoncognito.com\n" PAGE MAP,
	  "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc/.well-known/openid-configuration",
	  DOCUMENT(
		  "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc", "",
		  "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize",
		  "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token",
		  "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/userInfo",
		  "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc/.well-known/jwks.json"),
	  true, "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize",
	  "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token",
	  "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/userInfo" },
	{ "entra", "issuer = https://login.microsoftonline.com/" TENANT "/v2.0\n" MAP,
	  "https://login.microsoftonline.com/" TENANT "/v2.0/.well-known/openid-configuration",
	  ENTRA("login.microsoftonline.com", TENANT, "graph.microsoft.com"), false,
	  "https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/devicecode",
	  "https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/token",
	  "https://graph.microsoft.com/oidc/userinfo" },
	{ "entra", "issuer = https://login.microsoftonline.us/" TENANT "/v2.0\n" MAP,
	  "https://login.microsoftonline.us/" TENANT "/v2.0/.well-known/openid-configuration",
	  ENTRA("login.microsoftonline.us", TENANT, "graph.microsoft.us"), false,
	  "https://login.microsoftonline.us/" TENANT "/oauth2/v2.0/devicecode",
	  "https://login.microsoftonline.us/" TENANT "/oauth2/v2.0/token",
	  "https://graph.microsoft.us/oidc/userinfo" },
	{ "entra", "issuer = https://login.partner.microsoftonline.cn/" TENANT "/v2.0\n" MAP,
	  "https://login.partner.microsoftonline.cn/" TENANT
	  "/v2.0/.well-known/openid-configuration",
	  ENTRA("login.partner.microsoftonline.cn", TENANT, "microsoftgraph.chinacloudapi.cn"),
	  false, "https://login.partner.microsoftonline.cn/" TENANT "/oauth2/v2.0/devicecode",
	  "https://login.partner.microsoftonline.cn/" TENANT "/oauth2/v2.0/token",
	  "https://microsoftgraph.chinacloudapi.cn/oidc/userinfo" },
	/* the issuer is by the tenant's id, all else by its name */
	{ "entra-external",
	  "issuer = https://" TENANT ".ciamlogin.com/" TENANT "/v2.0\n"
	  "metadata = https://acme.ciamlogin.com/" TENANT "/v2.0/.well-known/openid-configuration\n"
	  "endpoint_hosts = acme.ciamlogin.com\n" PAGE MAP,
	  "https://acme.ciamlogin.com/" TENANT "/v2.0/.well-known/openid-configuration",
	  DOCUMENT("https://" TENANT ".ciamlogin.com/" TENANT "/v2.0",
		   DEVICE("https://acme.ciamlogin.com/" TENANT "/oauth2/v2.0/devicecode"),
		   "https://acme.ciamlogin.com/" TENANT "/oauth2/v2.0/authorize",
		   "https://acme.ciamlogin.com/" TENANT "/oauth2/v2.0/token",
		   "https://graph.microsoft.com/oidc/userinfo",
		   "https://acme.ciamlogin.com/" TENANT "/discovery/v2.0/keys"),
	  true, "https://acme.ciamlogin.com/" TENANT "/oauth2/v2.0/authorize",
	  "https://acme.ciamlogin.com/" TENANT "/oauth2/v2.0/token", "" },
	{ "github", MAP, NULL, NULL, false, "https://github.com/login/device/code",
	  "https://github.com/login/oauth/access_token", "https://api.github.com/user" },
	/* it does not name its device flow */
	{ "gitlab", "base_url = https://gitlab.example.org\n" MAP,
	  "https://gitlab.example.org/.well-known/openid-configuration",
	  DOCUMENT("https://gitlab.example.org", "", "https://gitlab.example.org/oauth/authorize",
		   "https://gitlab.example.org/oauth/token",
		   "https://gitlab.example.org/oauth/userinfo",
		   "https://gitlab.example.org/oauth/discovery/keys"),
	  false, "https://gitlab.example.org/oauth/authorize_device",
	  "https://gitlab.example.org/oauth/token", "https://gitlab.example.org/oauth/userinfo" },
	{ "google", SECRET MAP, "https://accounts.google.com/.well-known/openid-configuration",
	  DOCUMENT("https://accounts.google.com",
		   DEVICE("https://oauth2.googleapis.com/device/code"),
		   "https://accounts.google.com/o/oauth2/v2/auth",
		   "https://oauth2.googleapis.com/token",
		   "https://openidconnect.googleapis.com/v1/userinfo",
		   "https://www.googleapis.com/oauth2/v3/certs"),
	  false, "https://oauth2.googleapis.com/device/code", "https://oauth2.googleapis.com/token",
	  "https://openidconnect.googleapis.com/v1/userinfo" },
	{ "kanidm", "issuer = https://idm.example.org/oauth2/openid/kiosk\n" PAGE MAP,
	  "https://idm.example.org/oauth2/openid/kiosk/.well-known/openid-configuration",
	  DOCUMENT("https://idm.example.org/oauth2/openid/kiosk", "",
		   "https://idm.example.org/ui/oauth2", "https://idm.example.org/oauth2/token",
		   "https://idm.example.org/oauth2/openid/kiosk/userinfo",
		   "https://idm.example.org/oauth2/openid/kiosk/public_key.jwk"),
	  true, "https://idm.example.org/ui/oauth2", "https://idm.example.org/oauth2/token",
	  "https://idm.example.org/oauth2/openid/kiosk/userinfo" },
	{ "keycloak", "issuer = https://sso.example.org/realms/main\n" CLAIM,
	  "https://sso.example.org/realms/main/.well-known/openid-configuration",
	  DOCUMENT(
		  "https://sso.example.org/realms/main",
		  DEVICE("https://sso.example.org/realms/main/protocol/openid-connect/auth/device"),
		  "https://sso.example.org/realms/main/protocol/openid-connect/auth",
		  "https://sso.example.org/realms/main/protocol/openid-connect/token",
		  "https://sso.example.org/realms/main/protocol/openid-connect/userinfo",
		  "https://sso.example.org/realms/main/protocol/openid-connect/certs"),
	  false, "https://sso.example.org/realms/main/protocol/openid-connect/auth/device",
	  "https://sso.example.org/realms/main/protocol/openid-connect/token",
	  "https://sso.example.org/realms/main/protocol/openid-connect/userinfo" },
	{ "mastodon", "base_url = https://social.example.org\n" SECRET MAP, NULL, NULL, true,
	  "https://social.example.org/oauth/authorize", "https://social.example.org/oauth/token",
	  "https://social.example.org/api/v1/accounts/verify_credentials" },
	{ "oidc", "issuer = https://id.example.org\n" CLAIM,
	  "https://id.example.org/.well-known/openid-configuration",
	  DOCUMENT("https://id.example.org", DEVICE("https://id.example.org/d"),
		   "https://id.example.org/a", "https://id.example.org/t",
		   "https://id.example.org/u", "https://id.example.org/j"),
	  false, "https://id.example.org/d", "https://id.example.org/t",
	  "https://id.example.org/u" },
	{ "okta", "issuer = https://acme.okta.com/oauth2/default\n" CLAIM,
	  "https://acme.okta.com/oauth2/default/.well-known/openid-configuration",
	  DOCUMENT("https://acme.okta.com/oauth2/default",
		   DEVICE("https://acme.okta.com/oauth2/default/v1/device/authorize"),
		   "https://acme.okta.com/oauth2/default/v1/authorize",
		   "https://acme.okta.com/oauth2/default/v1/token",
		   "https://acme.okta.com/oauth2/default/v1/userinfo",
		   "https://acme.okta.com/oauth2/default/v1/keys"),
	  false, "https://acme.okta.com/oauth2/default/v1/device/authorize",
	  "https://acme.okta.com/oauth2/default/v1/token",
	  "https://acme.okta.com/oauth2/default/v1/userinfo" },
	{ "trakt", SECRET MAP, NULL, NULL, false, "https://api.trakt.tv/oauth/device/code",
	  "https://api.trakt.tv/oauth/device/token", "https://api.trakt.tv/users/settings" },
	{ "twitch", MAP, NULL, NULL, false, "https://id.twitch.tv/oauth2/device",
	  "https://id.twitch.tv/oauth2/token", "https://id.twitch.tv/oauth2/userinfo" },
	{ "zitadel", "issuer = https://acme-abc.zitadel.cloud\n" MAP,
	  "https://acme-abc.zitadel.cloud/.well-known/openid-configuration",
	  DOCUMENT("https://acme-abc.zitadel.cloud",
		   DEVICE("https://acme-abc.zitadel.cloud/oauth/v2/device_authorization"),
		   "https://acme-abc.zitadel.cloud/oauth/v2/authorize",
		   "https://acme-abc.zitadel.cloud/oauth/v2/token",
		   "https://acme-abc.zitadel.cloud/oidc/v1/userinfo",
		   "https://acme-abc.zitadel.cloud/oauth/v2/keys"),
	  false, "https://acme-abc.zitadel.cloud/oauth/v2/device_authorization",
	  "https://acme-abc.zitadel.cloud/oauth/v2/token",
	  "https://acme-abc.zitadel.cloud/oidc/v1/userinfo" },
};

static char top[] = "/tmp/test_profiles.XXXXXX";
static struct conf conf;
static struct wire_draft draft;
static struct wire_message settings;
static struct endpoints endpoints;
static struct reply reply;

static void put(const char *name, const char *text, mode_t mode)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	unlink(path);
	file = fopen(path, "w");
	assert_non_null(file);
	for (; *text; text++)
		if (*text == '@')
			fputs(top, file);
		else
			fputc(*text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int group_start(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	snprintf(site_file, sizeof(site_file), "%s/site", top);
	put("map", "https://id.example.org 1 alice\n", 0644);
	put("secret", "swordfish\n", 0600);
	return 0;
}

static int group_end(void **state)
{
	static const char *const names[] = { "map", "secret", "site" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", top, names[i]);
		unlink(path);
	}
	return rmdir(top);
}

static void load(const struct row *row)
{
	char text[1024];

	snprintf(text, sizeof(text), "[door]\nprofile = %s\nclient_id = kiosk\n%s", row->profile,
		 row->lines);
	put("site", text, 0644);
	if (!conf_load(&conf, NULL, NULL))
		fail_msg("%s: %s", row->profile, conf.error);
	wire_begin(&draft, "login");
	conf_tell(&conf, &draft);
	assert_true(wire_parse(&settings, draft.bytes, draft.len));
}

static void asked(const struct row *row)
{
	enum reason reason = REASON_NONE;

	assert_true(discover_start(&settings, &endpoints));
	assert_int_equal(endpoints.paste, row->paste);
	if (discover_needed(&endpoints) != (row->metadata != NULL))
		fail_msg("%s: metadata is %sasked for", row->profile, row->metadata ? "not " : "");
	if (!row->metadata)
		return;
	assert_string_equal(endpoints.metadata, row->metadata);
	reply.arrived = true;
	reply.status = 200;
	reply.len = strlen(row->document);
	strcpy(reply.body, row->document);
	if (discover_reply(&settings, &reply, &endpoints, &reason) != VERDICT_GRANTED)
		fail_msg("%s: %s", row->profile, reason_name(reason));
}

static void each_asks_where_it_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		load(&rows[i]);
		asked(&rows[i]);
		assert_string_equal(rows[i].paste ? endpoints.authorization
						  : endpoints.device_authorization,
				    rows[i].first);
		assert_string_equal(endpoints.token, rows[i].token);
		if (rows[i].userinfo[0] != '\0')
			assert_string_equal(endpoints.userinfo, rows[i].userinfo);
		conf_clear(&conf);
	}
}

static void each_is_here(void **state)
{
	struct dirent **entries;
	int n = scandir("conf/providers", &entries, is_dropin, alphasort);

	(void)state;
	assert_true(n > 15);
	for (int i = 0; i < n; i++) {
		size_t row = 0, len = strlen(entries[i]->d_name) - strlen(".conf");

		while (row < COUNT(rows) && (strlen(rows[row].profile) != len ||
					     strncmp(rows[row].profile, entries[i]->d_name, len)))
			row++;
		if (row == COUNT(rows))
			fail_msg("%s has no row", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_asks_where_it_should),
		cmocka_unit_test(each_is_here),
	};

	return cmocka_run_group_tests(tests, group_start, group_end);
}
