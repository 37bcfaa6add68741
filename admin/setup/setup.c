/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setup: a section for a provider, and the lines of a PAM service. Must never change a file that is
 * there: with --write a new one comes into being, whole or not at all.
 */
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/list.h"
#include "common/paths.h"
#include "helper/login/config/rules.h"
#include "helper/login/display/screen.h"
#include "admin/options.h"
#include "admin/terminal.h"
#include "admin/verbs.h"

enum {
	HOST_MAX = 300,
	PATH_BYTES = 512,
};

/* clang-format off */
static const struct setup_provider providers[] = {
	{ "google", "accounts.google.com", .asks = true, .secret = true, .hosts_known = true },
	{ "github", .hosts = "github.com www.github.com" },
	{ "trakt", "trakt.tv api.trakt.tv www.trakt.tv", .secret = true },
	{ "calcom", "cal.com app.cal.com api.cal.com www.cal.com", .secret = true, .redirects = true },
	{ "gitlab", "gitlab.com", .key = "base_url", .asks = true, .device_known = true },
	{ "calcom-platform", .secret = true, .redirects = true },
	{ "entra-external", ".ciamlogin.com", .key = "issuer", .asks = true, .paste = true },
	{ "entra", "login.microsoftonline.com login.microsoftonline.us login.partner.microsoftonline.cn",
	  .key = "issuer", .asks = true, .hosts_known = true },
	{ "twitch", .hosts = "twitch.tv www.twitch.tv id.twitch.tv dev.twitch.tv" },
	{ "zitadel", ".zitadel.cloud", .key = "issuer", .asks = true },
	{ "cognito", "cognito-idp.", .key = "issuer", .asks = true, .paste = true },
	{ "authelia", .key = "issuer", .asks = true, .assigned = true },
	{ "okta", ".okta.com .oktapreview.com .okta-emea.com", .key = "issuer", .asks = true,
	  .assigned = true },
	{ "auth0", ".auth0.com", .key = "issuer", .asks = true },
	{ "mastodon", "mastodon. mstdn. fosstodon.org hachyderm.io chaos.social", .key = "base_url",
	  .secret = true },
	{ "keycloak", "", "/realms/", .key = "issuer", .asks = true, .assigned = true },
	{ "authentik", "", "/application/o/", .key = "issuer", .asks = true, .assigned = true },
	{ "kanidm", "", "/oauth2/openid/", .key = "issuer", .asks = true, .paste = true },
	{ "oidc", "", .key = "issuer", .asks = true, .unknown = true },
};
/* clang-format on */

enum {
	PROVIDERS = sizeof(providers) / sizeof(*providers),
};

static bool host_fits(struct slice word, const char *host)
{
	size_t len = strlen(host);

	if (word.at[0] == '.')
		return len > word.len && strncmp(host + len - word.len, word.at, word.len) == 0;
	return strncmp(host, word.at, word.len) == 0 &&
	       (word.at[word.len - 1] == '.' || host[word.len] == '\0');
}

const struct setup_provider *setup_find(const char *url, const char *profile)
{
	char host[HOST_MAX] = "";

	screen_uri_host(url, host, sizeof(host));
	for (size_t i = 0; i < PROVIDERS; i++) {
		const struct setup_provider *provider = &providers[i];
		const char *hosts = provider->hosts;
		bool fits = provider->path ? strstr(url, provider->path) != NULL
					   : i == PROVIDERS - 1;
		struct slice word;

		while (!profile && !fits && list_next(&hosts, LIST_BLANKS, &word))
			fits = host_fits(word, host);
		if (profile ? strcmp(provider->profile, profile) == 0 : fits)
			return provider;
	}
	return NULL;
}

/* ---- the section ---- */

static bool says(const struct setup *setup, const char *list, const char *word)
{
	return list_has(setup_found(setup, list, true), LIST_BLANKS, word);
}

/* What the provider says of itself, for people. */
static void facts_write(const struct setup *setup, FILE *out)
{
	if (setup->count > 0)
		fprintf(out, "#\n# What the provider says of itself; %s\n",
			setup->pin ? "no login asks it again, check compares:"
				   : "it is asked anew for each login:");
	for (int i = 0; i < setup->count; i++) {
		const struct finding *finding = &setup->finding[i];
		size_t len = strlen(finding->step);
		bool told = strstr(finding->step, "_endpoint") ||
			    strstr(finding->step, "_supported") ||
			    strcmp(finding->step, "jwks_uri") == 0;

		if (told && len > 0 && finding->value[0] != '\0')
			fprintf(out, "#   %s = %s\n", finding->step, finding->value);
	}
}

/* An endpoint without https is never asked, whatever is configured. */
static void plain_write(const struct setup *setup, FILE *out)
{
	for (int i = 0; i < setup->count; i++)
		if (strncmp(setup->finding[i].value, "http://", 7) == 0 &&
		    strcmp(setup->finding[i].outcome, "ok") != 0)
			fprintf(out,
				"# %s is http://: the provider does not know that it is reached by "
				"https.\n# Have its proxy's headers, or its host name setting, put "
				"right there.\n",
				setup->finding[i].step);
}

/* Whether what was found at STEP can be a line of the section as it is. */
static bool pinnable(const struct setup *setup, const char *step)
{
	const char *url = setup_found(setup, step, false);

	return strncmp(url, "https://", 8) == 0 && !strchr(url, '?');
}

/* What a login needs, and its metadata is not asked for: else it is asked as ever. */
static bool pins_suffice(const struct setup *setup)
{
	return pinnable(setup, "token_endpoint") &&
	       (pinnable(setup, "device_authorization_endpoint") ||
		pinnable(setup, "authorization_endpoint")) &&
	       (pinnable(setup, "jwks_uri") || pinnable(setup, "userinfo_endpoint"));
}

static void pin_write(const struct setup *setup, const char *step, FILE *out)
{
	const char *url = setup_found(setup, step, false);
	char host[HOST_MAX] = "", home[HOST_MAX] = "";

	if (!pinnable(setup, step)) {
		if (url[0] != '\0')
			fprintf(out, "# %s is not pinned: it has a query, or no https.\n", step);
		return;
	}
	screen_uri_host(url, host, sizeof(host));
	screen_uri_host(setup->url, home, sizeof(home));
	if (strcmp(host, home) != 0)
		fprintf(out, "# Not on the issuer's host: is it the provider's?\n");
	fprintf(out, "%s = %s\n", step, url);
}

/* Those of its algorithms that are known: a login that asks for no metadata does not learn them. */
static void algorithms_write(const struct setup *setup, FILE *out)
{
	const char *found = setup_found(setup, "id_token_signing_alg_values_supported", true);
	const char *before = "id_token_signed_response_alg = ";
	struct slice word;
	char alg[32];

	for (const char *at = found; list_next(&at, LIST_BLANKS, &word);) {
		if (!slice_copy(word, alg, sizeof(alg)) ||
		    !list_has(rules[CONF_ID_TOKEN_ALG].accepts, LIST_COMMAS, alg))
			continue;
		fprintf(out, "%s%s", before, alg);
		before = " ";
	}
	if (strcmp(before, " ") == 0)
		fputc('\n', out);
}

static void pins_write(const struct setup *setup, FILE *out)
{
	static const char *const steps[] = {
		"device_authorization_endpoint", "authorization_endpoint", "token_endpoint",
		"revocation_endpoint",		 "userinfo_endpoint",	   "jwks_uri",
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		pin_write(setup, steps[i], out);
	algorithms_write(setup, out);
}

/* Hosts of endpoints that are not the issuer's: they count only if they are named. */
static void hosts_write(const struct setup *setup, FILE *out)
{
	char hosts[SETUP_VALUE_MAX * 2] = "", host[HOST_MAX];

	for (int i = 0; i < setup->count && !setup->provider->hosts_known; i++) {
		const struct finding *finding = &setup->finding[i];
		size_t len = strlen(hosts);

		if (strcmp(finding->outcome, "ok") == 0 ||
		    strncmp(finding->value, "https://", 8) != 0 ||
		    !screen_uri_host(finding->value, host, sizeof(host)) ||
		    strcmp(finding->step, "issuer") == 0 || list_has(hosts, LIST_BLANKS, host))
			continue;
		snprintf(hosts + len, sizeof(hosts) - len, "%s%s", len > 0 ? " " : "", host);
	}
	if (hosts[0] != '\0' && rule_value_ok(&rules[CONF_ENDPOINT_HOSTS], hosts))
		fprintf(out,
			"# Endpoints are on these hosts, too: are they the provider's?\n"
			"endpoint_hosts = %s\n",
			hosts);
}

/* What it signs with is taken from its metadata anew each time; that there is nothing to take is said. */
static void algorithm_write(const struct setup *setup, FILE *out)
{
	const char *found = setup_found(setup, "id_token_signing_alg_values_supported", true);
	struct slice word;
	char alg[32];

	for (const char *at = found; list_next(&at, LIST_BLANKS, &word);)
		if (slice_copy(word, alg, sizeof(alg)) &&
		    list_has(rules[CONF_ID_TOKEN_ALG].accepts, LIST_COMMAS, alg))
			return;
	if (found[0] != '\0')
		fprintf(out,
			"# It signs ID tokens with %s alone, which is not supported: choose another "
			"there.\n",
			found);
}

/* A secret is what most have; of the rest the first that the provider takes. */
static const char *client_way(const struct setup *setup, const char *list)
{
	static const char *const ways[] = { "private_key_jwt", "client_secret_jwt",
					    "self_signed_tls_client_auth", "tls_client_auth" };

	if (says(setup, list, "client_secret_basic"))
		return "client_secret_basic";
	if (says(setup, list, "client_secret_post"))
		return "client_secret_post";
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (says(setup, list, ways[i]))
			return ways[i];
	return "client_secret_post";
}

/* What a client with a key has. false: WAY needs none. */
static bool key_write(const char *way, FILE *out)
{
	bool tls = strstr(way, "tls_client_auth") != NULL;

	if (!tls && strcmp(way, "private_key_jwt") != 0)
		return false;
	fprintf(out,
		"# Its private key in PEM, in a file of root's, mode 0600.\n"
		"token_endpoint_auth_method = %s\nclient_key_file = " SYSCONFDIR
		"/security/device_code.key\n",
		way);
	if (tls)
		fprintf(out, "client_certificate_file = " SYSCONFDIR "/security/device_code.pem\n");
	return true;
}

/* How the client proves itself: none where that will do. */
static void client_write(const struct setup *setup, FILE *out)
{
	const char *list = "token_endpoint_auth_methods_supported";
	const char *found = setup_found(setup, list, true);
	bool listed = found[0] != '\0' && !says(setup, list, "none");
	const char *way = client_way(setup, list);

	fprintf(out, "# The client that you registered there.\nclient_id = %s\n",
		setup->client_id ? setup->client_id : "YOUR-CLIENT-ID");
	if (!setup->provider->secret && !listed)
		return;
	if (!setup->provider->secret && key_write(way, out))
		return;
	fprintf(out, "# Its secret on one line, in a file of root's, mode 0600.\n");
	if (!setup->provider->secret)
		fprintf(out, "token_endpoint_auth_method = %s\n", way);
	fprintf(out, "client_secret_file = " SYSCONFDIR "/security/device_code.secret\n");
}

/* false: there is no way in that we know. */
static bool flow_write(const struct setup *setup, FILE *out)
{
	bool device = setup->provider->device_known ||
		      setup_found(setup, "device_authorization_endpoint", false)[0] != '\0';
	/* GitLab's name for it, and everybody's. */
	bool listed = says(setup, "grant_types_supported", "device_code") ||
		      says(setup, "grant_types_supported",
			   "urn:ietf:params:oauth:grant-type:device_code");
	bool paste =
		setup_found(setup, "authorization_endpoint", false)[0] != '\0' &&
		(setup->provider->paste || says(setup, "code_challenge_methods_supported", "S256"));

	if (setup->count > 0 && !device && !paste)
		return false;
	if (setup->count > 0 && !device && !setup->provider->paste)
		fprintf(out,
			"# Its metadata %s\n"
			"# device_authorization_endpoint = https://..., and no flow.\nflow = authorization_code\n",
			listed ? "lists the device flow and not its address: the code is typed "
				 "back. With its address:"
			       : "names no device flow: the code is typed back. If it has one:");
	if ((setup->count > 0 && !device) || setup->provider->redirects || setup->provider->paste)
		fprintf(out,
			"# A page of yours that shows the code, as registered: show-code.html.\n"
			"redirect_uri = https://www.example.org/show-code.html\n");
	return true;
}

static void who_write(const struct setup *setup, FILE *out)
{
	if (setup->provider->assigned)
		fprintf(out,
			"# The claim that is the local name: only where administrators give it "
			"out.\nuser_claim = preferred_username\n");
	else if (setup->provider->unknown)
		fprintf(out,
			"# Who is who: each by `pam-device-code people add NAME`. Or, where the "
			"provider's administrators\n# give names out, and nobody can choose "
			"one:\n#user_claim = preferred_username\npeople = bound\n");
	else
		fprintf(out, "# People choose their names there: lines of issuer, identity, local "
			     "name.\nmap_file = " SYSCONFDIR "/security/device_code.map\n");
}

static bool section_write(const struct setup *setup, FILE *out)
{
	const struct setup_provider *provider = setup->provider;

	fprintf(out, "# From %s\n# What to register there: " PATH_PROVIDERS "/%s.conf\n",
		setup->url, provider->profile);
	facts_write(setup, out);
	fprintf(out, "\n[%s]\nprofile = %s\n", setup->section, provider->profile);
	if (provider->key)
		fprintf(out, "%s = %s\n", provider->key, setup->url);
	if (setup->metadata)
		fprintf(out, "metadata = %s\n", setup->metadata);
	if (!flow_write(setup, out))
		return false;
	client_write(setup, out);
	algorithm_write(setup, out);
	if (setup->pin)
		pins_write(setup, out);
	else
		hosts_write(setup, out);
	plain_write(setup, out);
	if (setup->ca_file)
		fprintf(out, "ca_file = %s\n", setup->ca_file);
	if (setup->proxy)
		fprintf(out, "proxy = %s\n", setup->proxy);
	who_write(setup, out);
	return true;
}

/* ---- to a file ---- */

/* Nothing of that name, in the file or beside it. */
static int section_is_new(const struct setup *setup)
{
	struct conf *conf = calloc(1, sizeof(*conf));
	int status = STATUS_OK;

	if (!conf)
		return verb_failed(setup->verb, "out of memory");
	if (conf_load(conf, setup->conf, setup->section) || conf->section[0] != '\0')
		status = verb_failed(setup->verb,
				     "%s: has a section [%s] already: --section with "
				     "another name",
				     setup->conf, setup->section);
	else if (!strstr(conf->error, "has no section"))
		status = verb_failed(setup->verb, "%s", conf->error);
	conf_clear(conf);
	free(conf);
	return status;
}

/* Root's where root writes it, and readable by everybody whatever the umask. */
static bool file_fill(int fd, const char *text, size_t len)
{
	return write(fd, text, len) == (ssize_t)len && fchmod(fd, 0644) == 0 &&
	       (geteuid() != 0 || fchown(fd, 0, 0) == 0) && fsync(fd) == 0;
}

static bool directory_make(const char *path)
{
	return mkdir(path, 0755) == 0 ? chmod(path, 0755) == 0 : errno == EEXIST;
}

/* link() refuses a name that is there, and makes the whole file appear at once. */
static int file_write(const struct setup *setup, const char *text, size_t len)
{
	char dir[PATH_BYTES], path[PATH_BYTES + 64], draft[PATH_BYTES + 64];
	bool ok = false;
	int fd;

	if (strlen(setup->conf) + 8 > sizeof(dir))
		return verb_failed(setup->verb, "%.100s...: is too long", setup->conf);
	snprintf(dir, sizeof(dir), "%s.d", setup->conf);
	snprintf(path, sizeof(path), "%s/%s.conf", dir, setup->section);
	snprintf(draft, sizeof(draft), "%s/.%s.XXXXXX", dir, setup->section);
	if (!directory_make(dir))
		return verb_failed(setup->verb, "%s: %s", dir, strerror(errno));
	fd = mkostemp(draft, O_CLOEXEC);
	if (fd < 0)
		return verb_failed(setup->verb, "%s: %s", dir, strerror(errno));
	ok = file_fill(fd, text, len) && link(draft, path) == 0;
	if (!ok)
		verb_failed(setup->verb, "%s: %s", path,
			    errno == EEXIST ? "is there already, and is not overwritten"
					    : strerror(errno));
	close(fd);
	unlink(draft);
	if (ok)
		printf("%s: written.\n\n", path);
	return ok ? STATUS_OK : STATUS_FAILED;
}

/* ---- all of it ---- */

static void lines_print(const struct setup *setup)
{
	printf("# For a service in " SYSCONFDIR
	       "/pam.d, instead of its auth lines (whole stacks: " DATADIR
	       "/pam-device-code/pam.d):\n"
	       "#     auth     required   pam_device_code.so section=%s\n"
	       "#     account  required   pam_device_code.so section=%s\n"
	       "#     account  required   pam_unix.so\n"
	       "# Before that: %s try --section %s YOUR-NAME\n",
	       setup->section, setup->section, PROGRAM, setup->section);
}

static int section_make(const struct setup *setup)
{
	char *text = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);
	int status = STATUS_OK;
	bool made;

	if (!memory)
		return verb_failed(setup->verb, "out of memory");
	made = section_write(setup, memory);
	if (fclose(memory) != 0)
		status = verb_failed(setup->verb, "out of memory");
	else if (!made)
		status = verb_failed(setup->verb,
				     "%s: has neither a device_authorization_endpoint nor "
				     "an authorization_endpoint with S256",
				     setup->url);
	else if (setup->write)
		status = file_write(setup, text, len);
	else
		printf("%s\n", text);
	free(text);
	if (status == STATUS_OK)
		lines_print(setup);
	return status;
}

static int value_check(const struct setup *setup, enum conf_key key, const char *value)
{
	bool ok = !value || rule_value_ok(&rules[key], value);

	for (const char *at = value; ok && at && *at; at++)
		ok = *at > ' ' && *at <= '~';
	return ok ? STATUS_OK
		  : verb_misused(setup->verb, "%.100s: must be %s", value, rules[key].accepts);
}

static int arguments_check(struct setup *setup)
{
	const char *const urls[] = { setup->url, setup->metadata };

	if (!rule_word_ok(setup->section))
		return verb_misused(setup->verb, "--section %.40s: must be 1 to 32 of a-z 0-9 _ -",
				    setup->section);
	if (setup->conf[0] != '/')
		return verb_misused(setup->verb, "--conf %s: must be an absolute path",
				    setup->conf);
	if (setup->write && !setup->client_id)
		return verb_misused(setup->verb, "--write needs --client-id: register one first");
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++)
		if (urls[i] && strncmp(urls[i], "https://", 8) != 0)
			return verb_misused(setup->verb, "%.100s: must be %s", urls[i],
					    rules[CONF_ISSUER].accepts);
	if (value_check(setup, CONF_ISSUER, setup->url) != STATUS_OK ||
	    value_check(setup, CONF_CLIENT_ID, setup->client_id) != STATUS_OK ||
	    value_check(setup, CONF_METADATA, setup->metadata) != STATUS_OK ||
	    value_check(setup, CONF_CA_FILE, setup->ca_file) != STATUS_OK ||
	    value_check(setup, CONF_PROXY, setup->proxy) != STATUS_OK)
		return STATUS_USAGE;
	setup->provider = setup_find(setup->url, setup->profile);
	if (!setup->provider)
		return verb_misused(setup->verb,
				    "--profile %.40s: no such profile is known here; "
				    "they are in " PATH_PROVIDERS,
				    setup->profile);
	if ((setup->pin || setup->metadata) && !setup->provider->asks)
		return verb_misused(setup->verb, "%s: the profile %s names its endpoints already",
				    setup->pin ? "--pin" : "--metadata", setup->provider->profile);
	if (strcmp(setup->provider->profile, "entra") == 0 &&
	    (strstr(setup->url, "/common/") || strstr(setup->url, "/organizations/")))
		return verb_misused(setup->verb, "%s: admits every tenant: give the id of yours",
				    setup->url);
	return STATUS_OK;
}

int verb_setup(int argc, char **argv)
{
	struct setup *setup = calloc(1, sizeof(*setup));
	int status = STATUS_USAGE;

	if (!setup)
		return verb_failed(argv[0], "out of memory");
	setup->verb = argv[0];
	setup->section = "login";
	setup->conf = PATH_CONF;
	/* clang-format off */
	const struct option_row options[] = {
		{ "--section", &setup->section, NULL },
		{ "--client-id", &setup->client_id, NULL },
		{ "--profile", &setup->profile, NULL },
		{ "--metadata", &setup->metadata, NULL },
		{ "--ca-file", &setup->ca_file, NULL },
		{ "--proxy", &setup->proxy, NULL },
		{ "--conf", &setup->conf, NULL },
		{ "--write", NULL, &setup->write },
		{ "--pin", NULL, &setup->pin },
		{ NULL, NULL, NULL },
	};
	/* clang-format on */
	if (options_read(argc, argv, options, &setup->url, "URL"))
		status = arguments_check(setup);
	if (status == STATUS_OK && setup->write)
		status = section_is_new(setup);
	if (status == STATUS_OK && setup->provider->asks)
		status = setup_probe(setup);
	if (status == STATUS_OK && setup->pin && !pins_suffice(setup))
		status =
			verb_failed(setup->verb,
				    "--pin: %s: its metadata does not name all that a login needs, "
				    "by https and without a query",
				    setup->url);
	if (status == STATUS_OK)
		status = section_make(setup);
	free(setup);
	return status;
}
