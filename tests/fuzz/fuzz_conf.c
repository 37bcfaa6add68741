/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration. API: conf_load, conf_clear, conf_text, conf_number, conf_tell, enum conf_key,
 * and the names of the files that paths.h has; fake_files.h stands in for them.
 *
 * The input: a byte of choices, then fields: device_code.conf, a drop-in, the site's own profile
 * `fuzz`, the map, the client's secret, the pinned keys and the messages of the language `fuzz`. Oracle: either there is a configuration and the rules
 * below hold for it (one way of admission, each value within what its key takes, no http but to
 * this machine, a secret of one line, messages that may be shown), or an error of one line that names a file with its line, or
 * the section. Reading once more comes to the same. Nothing is left allocated.
 */
#include "helper/login/config/conf.h"
#include "fake_files.h"

static const char *const one_of[][8] = {
	[CONF_FLOW] = { "device_code", "authorization_code" },
	[CONF_TOKEN_ENDPOINT_AUTH_METHOD] = { "none", "client_secret_post", "client_secret_basic" },
	[CONF_ID_TOKEN_ALG] = { "RS256", "PS256", "ES256", "EdDSA" },
	[CONF_HTTP_LOOPBACK] = { "no", "yes" },
	[CONF_DIALECT] = { "rfc8628", "trakt", "mastodon", "calcom" },
	[CONF_OOB] = { "no", "yes" },
	[CONF_USERNAMES] = { "assigned", "chosen" },
	[CONF_PROMPT] = { "auto", "enter", "none" },
	[CONF_FORM] = { "auto", "full", "short", "line" },
	[CONF_LAYOUT] = { "auto", "page", "wall" },
	[CONF_CHARSET] = { "auto", "utf8", "ascii" },
	[CONF_QR] = { "auto", "utf8", "colour", "full", "off" },
	[CONF_QR_VERIFICATION_URI_COMPLETE] = { "auto", "always", "never" },
	[CONF_START] = { "now", "enter" },
	[CONF_SANDBOX] = { "best-effort", "require", "strict" },
	[CONF_NONCE] = { "no", "yes" },
	[CONF_ALLOW_ANYONE] = { "yes", "no" },
	[CONF_TOKENS] = { "revoke" },
};

static const enum conf_key addresses[] = {
	CONF_ISSUER,
	CONF_BASE_URL,
	CONF_DEVICE_AUTHORIZATION_ENDPOINT,
	CONF_AUTHORIZATION_ENDPOINT,
	CONF_TOKEN_ENDPOINT,
	CONF_REFRESH_ENDPOINT,
	CONF_REVOCATION_ENDPOINT,
	CONF_USERINFO_ENDPOINT,
	CONF_JWKS_URI,
};

static bool has(const struct conf *conf, enum conf_key key)
{
	return conf->value[key] != NULL;
}

static void values_check(const struct conf *conf)
{
	for (int key = 0; key < CONF_KEY_COUNT; key++) {
		const char *value = conf->value[key];

		if (!value)
			continue;
		HOLDS(value[0] != '\0' && strlen(value) <= CONF_LINE_MAX);
		for (const char *p = value; *p; p++)
			HOLDS(((unsigned char)*p >= ' ' || *p == '\t') && *p != 0x7f);
	}
	for (size_t key = 0; key < sizeof(one_of) / sizeof(*one_of); key++) {
		bool found = !one_of[key][0] || !conf->value[key];

		for (int i = 0; i < 8 && one_of[key][i]; i++)
			found = found || strcmp(conf->value[key], one_of[key][i]) == 0;
		HOLDS(found);
	}
}

static void numbers_check(const struct conf *conf)
{
	HOLDS(conf_number(conf, CONF_MIN_UID) >= 1);
	HOLDS(conf_number(conf, CONF_MAX_CODES) >= 1 && conf_number(conf, CONF_MAX_CODES) <= 10);
	HOLDS(conf_number(conf, CONF_MAX_ENTRIES) >= 1 &&
	      conf_number(conf, CONF_MAX_ENTRIES) <= 10);
	if (has(conf, CONF_TIMEOUT))
		HOLDS(conf_number(conf, CONF_TIMEOUT) >= 10 &&
		      conf_number(conf, CONF_TIMEOUT) <= 3600);
}

/* "off", or N beside SECONDS. */
static void limits_check(const struct conf *conf)
{
	long most, seconds;

	conf_rate(conf, CONF_RATE_LIMIT, &most, &seconds);
	HOLDS((most == 0) == (seconds == 0) && most >= 0 && most <= 10000 && seconds <= 86400);
	HOLDS((most == 0) == conf_is(conf, CONF_RATE_LIMIT, "off"));
	if (has(conf, CONF_MAX_AUTH_AGE))
		HOLDS(conf_number(conf, CONF_MAX_AUTH_AGE) >= 1);
	if (conf->where[CONF_REQUIRE_SSH_METHOD])
		HOLDS(!conf_is(conf, CONF_REMOTE, "deny"));
}

/* COUNT of the words of KEY; each has all of NEEDED and of none of WITHOUT a byte. */
static void words_check(const struct conf *conf, enum conf_key key, int most, const char *needed,
			const char *without)
{
	char text[CONF_LINE_MAX + 1], *save = NULL;
	int count = 0;

	if (!has(conf, key))
		return;
	snprintf(text, sizeof(text), "%s", conf->value[key]);
	for (char *word = strtok_r(text, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		HOLDS(!*needed || strstr(word, needed));
		HOLDS(!strpbrk(word, without));
		count++;
	}
	HOLDS(count >= 1 && count <= most);
}

static void addresses_check(const struct conf *conf)
{
	bool loopback = conf_is(conf, CONF_HTTP_LOOPBACK, "yes");

	HOLDS(has(conf, CONF_ISSUER) && has(conf, CONF_CLIENT_ID) && has(conf, CONF_DIALECT));
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		const char *value = conf_text(conf, addresses[i]);

		if (value[0] == '\0' || (i > 1 && strncmp(value, "{base_url}/", 11) == 0))
			continue;
		HOLDS(strncmp(value, "https://", 8) == 0 ||
		      (loopback && strncmp(value, "http://", 7) == 0));
		HOLDS(!strpbrk(value, " \t"));
	}
	if (conf_is(conf, CONF_FLOW, "authorization_code"))
		HOLDS(has(conf, CONF_REDIRECT_URI));
	HOLDS(strstr(conf_text(conf, CONF_FLOWS), conf_text(conf, CONF_FLOW)));
}

/* Whoever the provider knows is let in only where the words say so. */
static void shared_check(const struct conf *conf)
{
	bool ruled = has(conf, CONF_REQUIRE) || has(conf, CONF_EMAIL_DOMAIN);

	HOLDS(!conf_is(conf, CONF_ALLOW_ANYONE, "yes") ||
	      (has(conf, CONF_SHARED_ACCOUNT) && !ruled));
	HOLDS(!has(conf, CONF_SHARED_ACCOUNT) || ruled || conf_is(conf, CONF_ALLOW_ANYONE, "yes"));
	HOLDS(!conf_is(conf, CONF_SHARED_ACCOUNT, "root"));
	HOLDS(!conf_is(conf, CONF_USER_CLAIM, "email") ||
	      (has(conf, CONF_EMAIL_DOMAIN) && has(conf, CONF_USER_CLAIM_SUFFIX)));
}

/* What only a signed ID token says is asked for only where there is one. */
static void token_check(const struct conf *conf)
{
	bool wanted = has(conf, CONF_REQUIRE_ACR) || has(conf, CONF_REQUIRE_AMR) ||
		      has(conf, CONF_MAX_AUTH_AGE) || has(conf, CONF_EMAIL_DOMAIN) || conf->jwks;

	HOLDS(!wanted || (conf_is(conf, CONF_DIALECT, "rfc8628") &&
			  strstr(conf_text(conf, CONF_SCOPE), "openid")));
	HOLDS((conf->jwks != NULL) == has(conf, CONF_JWKS_FILE));
	HOLDS(!conf->jwks || !has(conf, CONF_JWKS_URI));
	HOLDS(!conf->jwks || strlen(conf->jwks) <= CONF_JWKS_MAX);
	HOLDS(!has(conf, CONF_EMAIL_DOMAIN) || strstr(conf_text(conf, CONF_SCOPE), "email"));
}

static void policy_check(const struct conf *conf)
{
	bool secret = conf->client_secret != NULL;

	HOLDS(has(conf, CONF_MAP_FILE) + has(conf, CONF_PEOPLE) + has(conf, CONF_USER_CLAIM) +
		      has(conf, CONF_SHARED_ACCOUNT) ==
	      1);
	HOLDS((conf->bindings != NULL) == (has(conf, CONF_PEOPLE) || has(conf, CONF_USER_CLAIM)));
	HOLDS(!has(conf, CONF_LOCAL_GROUPS) || !has(conf, CONF_SHARED_ACCOUNT));
	HOLDS((conf->map != NULL) == has(conf, CONF_MAP_FILE));
	HOLDS(!has(conf, CONF_USER_CLAIM) || conf_is(conf, CONF_USERNAMES, "assigned"));
	HOLDS(secret == has(conf, CONF_CLIENT_SECRET_FILE));
	HOLDS(secret == !conf_is(conf, CONF_TOKEN_ENDPOINT_AUTH_METHOD, "none"));
	HOLDS(!secret || (conf->client_secret[0] && !strpbrk(conf->client_secret, "\r\n")));
	shared_check(conf);
	token_check(conf);
	HOLDS(!has(conf, CONF_USER_CLAIM_SUFFIX) || has(conf, CONF_USER_CLAIM));
	words_check(conf, CONF_REQUIRE, 12, "=", "");
	words_check(conf, CONF_REQUIRE_ACR, 8, "", "");
	words_check(conf, CONF_REQUIRE_AMR, 8, "", "");
	words_check(conf, CONF_EMAIL_DOMAIN, 4096, "", "@=\"_");
	words_check(conf, CONF_ALLOW_SYSTEM_USERS, 4096, "", "@=ABCDEFGHIJKLMNOPQRSTUVWXYZ/");
	words_check(conf, CONF_IGNORE_USERS, 4096, "", "@=ABCDEFGHIJKLMNOPQRSTUVWXYZ/");
	HOLDS(conf->section[0] && strlen(conf->section) <= 32);
	HOLDS(strspn(conf->section, "abcdefghijklmnopqrstuvwxyz0123456789_-") ==
	      strlen(conf->section));
}

/* What a file or a section may put in a message's place can be shown, in ASCII too. */
static void sentences_check(const struct conf *conf)
{
	char accepts[MESSAGE_ACCEPTS_MAX], text[MESSAGE_BYTES_MAX + 2];

	for (int message = 0; conf->messages && message < MESSAGE_COUNT; message++) {
		const char *said = conf->messages->all.text[message];
		const char *ascii = conf->messages->ascii.text[message];

		HOLDS((said != NULL) == (conf->messages->where[message] != NULL));
		HOLDS(said || !ascii);
		if (!said)
			continue;
		HOLDS(strlen(said) < sizeof(text));
		strcpy(text, said);
		if (message_is_prompt((enum message)message)) {
			HOLDS(text[strlen(text) - 1] == ' ');
			text[strlen(text) - 1] = '\0';
		}
		HOLDS(message_ok((enum message)message, text, accepts));
		HOLDS(!ascii || (strlen(ascii) <= strlen(said) && all_within(ascii, ' ', '~')));
	}
	HOLDS(!conf->warning || !strpbrk(conf->warning, "\r\n\033"));
	HOLDS(!conf->warning || !conf_is(conf, CONF_LANGUAGE, "en") ||
	      strstr(conf->warning, "admits nobody"));
}

/* "FILE:LINE:", or the name of a file or of a section. */
static void error_check(const struct conf *conf)
{
	const char *error = conf->error;

	HOLDS(error[0] != '\0' && strlen(error) < CONF_ERROR_MAX);
	HOLDS(!strpbrk(error, "\r\n\033"));
	HOLDS(error[0] == '/' || strncmp(error, "default: profile", 16) == 0);
	HOLDS(strchr(error, ':') && strchr(error, ':') < error + CONF_WHERE_MAX);
}

static void load(struct conf *conf, unsigned int choices, bool *loaded)
{
	memset(conf, 0x5a, sizeof(*conf));
	fake_files_on = true;
	*loaded = conf_load(conf, choices & 1 ? "/kiosk.conf" : NULL, choices & 2 ? "kiosk" : NULL);
	fake_files_on = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { PATH_CONF,
					     PATH_CONF ".d/50-door.conf",
					     PATH_SITE_PROVIDERS "/fuzz.conf",
					     "/map",
					     "/secret",
					     "/keys",
					     PATH_SITE_MESSAGES "/fuzz.conf" };
	static struct wire_draft draft;
	struct fuzz f = fuzz_start(data, size);
	unsigned int choices = fuzz_byte(&f);
	static struct conf one, two;
	bool first, second;

	fake_files_clear();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && fuzz_more(&f); i++) {
		size_t len;
		char *text = fuzz_field(&f, &len);

		fake_file_add(i == 0 && (choices & 1) ? "/kiosk.conf" : names[i], text, len,
			      i == 4	    ? 0600
			      : choices & 4 ? 0664
					    : 0644);
	}
	fake_file_add(PATH_CONF ".d", NULL, 0, choices & 8 ? 0775 : 0755);
	load(&one, choices, &first);
	load(&two, choices, &second);
	HOLDS(first == second && strcmp(one.error, two.error) == 0);
	if (first) {
		values_check(&one);
		numbers_check(&one);
		limits_check(&one);
		addresses_check(&one);
		policy_check(&one);
		sentences_check(&one);
		HOLDS(!(choices & 4));
		wire_begin(&draft, "login");
		conf_tell(&one, &draft);
		wire_wipe(&draft);
	} else {
		error_check(&one);
	}
	conf_clear(&one);
	conf_clear(&two);
	fuzz_done(&f);
	return 0;
}
