/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keys of the configuration: see rules.h. Must never accept a value that the rest of the module
 * would have to guess about, or two keys that contradict each other.
 */
#include "rules.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/login/policy.h"
#include "common/list.h"
#include "helper/login/origin.h"

enum type {
	TYPE_TEXT,     /* printable, not empty */
	TYPE_CHOICE,   /* one of the words in `accepts`, separated by ", " */
	TYPE_NUMBER,   /* `low` to `high` */
	TYPE_DURATION, /* seconds, or with s, m, h, d; `low` to `high` seconds */
	TYPE_PATH,     /* absolute */
	TYPE_HOME,     /* https:// and a host; http:// is judged where it is used */
	TYPE_URL,      /* likewise, or {base_url}/ and a path */
	TYPE_ALGS,     /* one or more of the words in `accepts` */
	TYPE_NAME,     /* a local name: policy.h */
	TYPE_PLACES,   /* origin_remote_wrong() */
	TYPE_WORD,     /* [a-z0-9_-]{1,32} */
	TYPE_CLAIM,    /* a claim's name: no blank and no '=', for the channel wants NAME=MEMBER */
	TYPE_WORDS,    /* up to RULE_WORDS_MAX words, separated by blanks */
	TYPE_NAMES,    /* local names */
	TYPE_PAIRS,    /* up to RULE_PAIRS_MAX words NAME=VALUE */
	TYPE_GIFTS,    /* up to RULE_WORDS_MAX words NAME=VALUE:GROUP,GROUP */
	TYPE_FIELDS,   /* words name=value, however many */
	TYPE_HOSTS,    /* hosts, some with a port; no address */
	TYPE_DOMAINS,  /* of mail addresses, without @ */
	TYPE_METHODS,  /* of sshd, that prove a person; separated by blanks */
	TYPE_RATE,     /* rule_rate() */
	TYPE_PROXY,    /* scheme://[user:password@]host[:port] */
};

#define PROVIDER (IN_SITE | IN_PROFILE | TO_HELPER)
#define HTTPS	 "an address that begins with https://"
#define HOSTS	 "host or host:port, separated by spaces"
#define LETTERS	 "abcdefghijklmnopqrstuvwxyz"
#define A_PATH	 "an absolute path"
#define UP_TO_8	 "up to 8 words separated by spaces"
#define A_CLAIM	 "the name of a claim, without blanks and ="
#define NAMES	 "local names separated by spaces"
#define METHODS	 "one or more of publickey, hostbased, gssapi-with-mic"

/* What they want of the helper has to fit beside the rest: 32 claims, 32 members. */
enum {
	RULE_PAIRS_MAX = 12,
	RULE_WORDS_MAX = 8,
	RATE_MOST = 10000,
	RATE_WINDOW_MOST = 86400, /* seconds */
};

/* clang-format off */
#define RULE(n, t, f, s, a) { .name = n, .type = t, .flags = f, .standard = s, .accepts = a }
#define BOUNDED(n, t, f, s, a, l, h) \
	{ .name = n, .type = t, .flags = f, .standard = s, .accepts = a, .low = l, .high = h }

const struct rule rules[CONF_KEY_COUNT] = {
	/* name, type, flags, default, what is accepted, bounds */
	[CONF_PROFILE] = RULE("profile", TYPE_WORD, IN_SITE, "oidc", "a file in providers/, without .conf"),
	[CONF_FLOW] = RULE("flow", TYPE_CHOICE, PROVIDER, "device_code",
			   "device_code, authorization_code"),
	[CONF_ISSUER] = RULE("issuer", TYPE_HOME, PROVIDER, "", HTTPS),
	[CONF_BASE_URL] = RULE("base_url", TYPE_HOME, PROVIDER, "", HTTPS),
	[CONF_REDIRECT_URI] = RULE("redirect_uri", TYPE_TEXT, PROVIDER, "", HTTPS),
	[CONF_CLIENT_ID] = RULE("client_id", TYPE_TEXT, PROVIDER, "", "the id given by the provider"),
	[CONF_CLIENT_SECRET_FILE] = RULE("client_secret_file", TYPE_PATH, IN_SITE, "", A_PATH),
	[CONF_TOKEN_ENDPOINT_AUTH_METHOD] = RULE("token_endpoint_auth_method", TYPE_CHOICE, PROVIDER, "none",
				"none, client_secret_post, client_secret_basic, client_secret_jwt, private_key_jwt, tls_client_auth, "
				"self_signed_tls_client_auth"),
	[CONF_CLIENT_KEY_FILE] = RULE("client_key_file", TYPE_PATH, IN_SITE, "", A_PATH),
	[CONF_CLIENT_CERTIFICATE_FILE] = RULE("client_certificate_file", TYPE_PATH, IN_SITE, "", A_PATH),
	[CONF_CLIENT_KEY_ID] = RULE("client_key_id", TYPE_TEXT, IN_SITE | TO_HELPER, "",
				 "the kid of the key that the provider knows"),
	[CONF_CLIENT_ALG] = RULE("token_endpoint_auth_signing_alg", TYPE_CHOICE, PROVIDER, "",
			      "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, "
			      "HS256, HS384, HS512"),
	[CONF_CLIENT_AUDIENCE] = RULE("client_assertion_audience", TYPE_CHOICE, PROVIDER, "",
				   "issuer, token_endpoint, endpoint"),
	[CONF_ID_TOKEN_ALG] = RULE("id_token_signed_response_alg", TYPE_ALGS, PROVIDER, "",
				"RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519"),
	[CONF_PKCE] = RULE("pkce", TYPE_CHOICE, PROVIDER, "yes", "yes, no"),
	[CONF_METADATA] = RULE("metadata", TYPE_URL, PROVIDER, "", HTTPS),
	[CONF_SCOPE] = RULE("scope", TYPE_TEXT, PROVIDER, "", "scopes separated by spaces"),
	[CONF_EXTRA_PARAMS] = RULE("extra_params", TYPE_FIELDS, PROVIDER, "",
				   "pairs name=value separated by spaces"),
	[CONF_CA_FILE] = RULE("ca_file", TYPE_PATH, IN_SITE | TO_HELPER, "", A_PATH),
	[CONF_PROXY] = RULE("proxy", TYPE_PROXY, IN_SITE | TO_HELPER, "", "http://host:port"),
	[CONF_PROXY_SECRET_FILE] = RULE("proxy_secret_file", TYPE_PATH, IN_SITE, "", A_PATH),
	[CONF_HTTP_LOOPBACK] = RULE("http_loopback", TYPE_CHOICE, IN_SITE | TO_HELPER, "no", "no, yes"),
	[CONF_DEVICE_AUTHORIZATION_ENDPOINT] = RULE("device_authorization_endpoint", TYPE_URL, PROVIDER,
						 "", HTTPS),
	[CONF_AUTHORIZATION_ENDPOINT] = RULE("authorization_endpoint", TYPE_URL, PROVIDER, "", HTTPS),
	[CONF_TOKEN_ENDPOINT] = RULE("token_endpoint", TYPE_URL, PROVIDER, "", HTTPS),
	[CONF_REFRESH_ENDPOINT] = RULE("refresh_endpoint", TYPE_URL, IN_PROFILE | TO_HELPER, "", HTTPS),
	[CONF_REVOCATION_ENDPOINT] = RULE("revocation_endpoint", TYPE_URL, PROVIDER, "", HTTPS),
	[CONF_USERINFO_ENDPOINT] = RULE("userinfo_endpoint", TYPE_URL, PROVIDER, "", HTTPS),
	[CONF_JWKS_URI] = RULE("jwks_uri", TYPE_URL, PROVIDER, "", HTTPS),
	[CONF_JWKS_FILE] = RULE("jwks_file", TYPE_PATH, IN_SITE, "", A_PATH),
	[CONF_ENDPOINT_HOSTS] = RULE("endpoint_hosts", TYPE_HOSTS, PROVIDER, "", HOSTS),
	[CONF_VERIFICATION_HOSTS] = RULE("verification_hosts", TYPE_HOSTS, IN_SITE | IN_PROFILE, "", HOSTS),
	[CONF_MAP_FILE] = RULE("map_file", TYPE_PATH, IN_SITE, "", A_PATH),
	[CONF_PEOPLE] = RULE("people", TYPE_CHOICE, IN_SITE, "", "bound"),
	[CONF_ENROL] = RULE("enrol", TYPE_CHOICE, IN_SITE, "none", "none, seat"),
	[CONF_ENROL_NAME] = RULE("enrol_name", TYPE_CLAIM, IN_SITE, "preferred_username", A_CLAIM),
	[CONF_ENROL_MAX] = BOUNDED("enrol_max", TYPE_NUMBER, IN_SITE, "100", "a number from 1 to 50000", 1, 50000),
	[CONF_ENROL_RATE] = RULE("enrol_rate", TYPE_RATE, IN_SITE, "10/1h",
				 "off, or a number and a duration such as 10/1h"),
	[CONF_USER_CLAIM] = RULE("user_claim", TYPE_CLAIM, IN_SITE, "", A_CLAIM),
	[CONF_USER_CLAIM_SUFFIX] = RULE("user_claim_suffix", TYPE_TEXT, IN_SITE, "", "text such as @example.org"),
	[CONF_SHARED_ACCOUNT] = RULE("shared_account", TYPE_NAME, IN_SITE, "", "a local name"),
	[CONF_ALLOW_ANYONE] = RULE("allow_anyone", TYPE_CHOICE, IN_SITE, "no", "no, yes"),
	[CONF_REQUIRE] = RULE("require", TYPE_PAIRS, IN_SITE, "",
			      "up to 12 pairs NAME=VALUE separated by spaces (%20 in a VALUE)"),
	[CONF_REQUIRE_ACR] = RULE("require_acr", TYPE_WORDS, IN_SITE, "", UP_TO_8),
	[CONF_REQUIRE_AMR] = RULE("require_amr", TYPE_WORDS, IN_SITE, "", UP_TO_8),
	[CONF_MAX_AUTH_AGE] = BOUNDED("max_auth_age", TYPE_DURATION, IN_SITE, "", "1s to 365d", 1,
				      365 * 86400),
	[CONF_EMAIL_DOMAIN] = RULE("email_domain", TYPE_DOMAINS, IN_SITE, "",
				   "domains such as example.org separated by spaces"),
	[CONF_MIN_UID] = BOUNDED("min_uid", TYPE_NUMBER, IN_SITE, "1000", "a number from 1", 1, INT_MAX),
	[CONF_ALLOW_SYSTEM_USERS] = RULE("allow_system_users", TYPE_NAMES, IN_SITE, "", NAMES),
	[CONF_LOCAL_NAMES] = RULE("local_names", TYPE_CHOICE, IN_SITE, "plain", "plain, wide"),
	[CONF_USER_CLAIM_CASE] = RULE("user_claim_case", TYPE_CHOICE, IN_SITE, "exact", "exact, fold"),
	[CONF_IGNORE_USERS] = RULE("ignore_users", TYPE_NAMES, IN_SITE, "", NAMES),
	[CONF_DIALECT] = RULE("dialect", TYPE_CHOICE, IN_PROFILE | TO_HELPER, "",
			      "rfc8628, trakt, mastodon, calcom"),
	[CONF_FLOWS] = RULE("flows", TYPE_TEXT, IN_PROFILE, "device_code, authorization_code",
			    "device_code, authorization_code, or both"),
	[CONF_OOB] = RULE("oob", TYPE_CHOICE, IN_PROFILE, "no", "no, yes"),
	[CONF_USERNAMES] = RULE("usernames", TYPE_CHOICE, IN_PROFILE, "chosen", "assigned, chosen"),
	[CONF_SUBJECT_CLAIM] = RULE("subject_claim", TYPE_CLAIM, IN_PROFILE, "sub", A_CLAIM),
	[CONF_NONCE] = RULE("nonce", TYPE_CHOICE, IN_PROFILE | TO_HELPER, "no", "no, yes"),
	[CONF_SCOPE_NAME] = RULE("scope_name", TYPE_WORD, IN_PROFILE | TO_HELPER, "", "a field's name"),
	[CONF_FORM] = RULE("form", TYPE_CHOICE, IN_SITE, "auto", "auto, full, short, line"),
	[CONF_LAYOUT] = RULE("layout", TYPE_CHOICE, IN_SITE, "auto", "auto, page, wall, greeter"),
	[CONF_LANGUAGE] = RULE("language", TYPE_WORD, IN_SITE, "en", "en, or a file in messages/, without .conf"),
	[CONF_CHARSET] = RULE("charset", TYPE_CHOICE, IN_SITE, "auto", "auto, utf8, ascii"),
	[CONF_PROMPT] = RULE("prompt", TYPE_CHOICE, IN_SITE, "auto", "auto, enter, none"),
	[CONF_START] = RULE("start", TYPE_CHOICE, IN_SITE, "now", "now, enter"),
	[CONF_QR] = RULE("qr", TYPE_CHOICE, IN_SITE, "auto", "auto, utf8, colour, full, off"),
	[CONF_QR_VERIFICATION_URI_COMPLETE] = RULE("qr_verification_uri_complete", TYPE_CHOICE, IN_SITE, "auto", "auto, always, never"),
	[CONF_MAX_CODES] = BOUNDED("max_codes", TYPE_NUMBER, IN_SITE, "1", "a number from 1 to 10", 1, 10),
	[CONF_MAX_ENTRIES] = BOUNDED("max_entries", TYPE_NUMBER, IN_SITE | TO_HELPER, "3", "a number from 1 to 10", 1, 10),
	[CONF_TIMEOUT] = BOUNDED("timeout", TYPE_DURATION, IN_SITE, "", "10s to 1h", 10, 3600),
	[CONF_REMOTE] = RULE("remote", TYPE_PLACES, IN_SITE, "deny",
			  "deny, allow, or networks such as 192.0.2.0/24 separated by spaces"),
	[CONF_REMOTE_GREETER] = RULE("remote_greeter", TYPE_CHOICE, IN_SITE, "deny", "deny, allow"),
	[CONF_LOCKERS] = RULE("lockers", TYPE_CHOICE, IN_SITE, "no", "no, yes"),
	[CONF_SANDBOX] = RULE("sandbox", TYPE_CHOICE, IN_SITE | TO_HELPER, "require",
			      "best-effort, require, strict"),
	[CONF_REQUIRE_SSH_METHOD] = RULE("require_ssh_method", TYPE_METHODS, IN_SITE, "", METHODS),
	[CONF_RATE_LIMIT] = RULE("rate_limit", TYPE_RATE, IN_SITE, "6/5m",
				   "off, or a number and a duration such as 6/5m"),
	[CONF_TOKENS] = RULE("tokens", TYPE_CHOICE, IN_SITE, "revoke", "revoke, logout, session"),
	[CONF_TRUST] = BOUNDED("trust", TYPE_DURATION, IN_SITE, "", "1m to 30d", 60, 30 * 86400),
	[CONF_SESSION_MAX] = BOUNDED("session_max", TYPE_DURATION, IN_SITE, "", "1m to 30d", 60,
				     30 * 86400),
	[CONF_EXCLUSIVE_SESSION] = RULE("exclusive_session", TYPE_CHOICE, IN_SITE, "no", "no, yes"),
	[CONF_MAX_UNCONFIRMED] = BOUNDED("max_unconfirmed", TYPE_DURATION, IN_SITE, "", "1m to 30d", 60, 30 * 86400),
	[CONF_SESSION_END_HOOK] = RULE("session_end_hook", TYPE_PATH, IN_SITE, "", A_PATH),
	[CONF_LOCAL_GROUPS] = RULE("local_groups", TYPE_GIFTS, IN_SITE, "",
				"up to 8 words NAME=VALUE:group,group separated by spaces"),
	[CONF_LOCAL_GROUPS_PRIVILEGED] = RULE("local_groups_privileged", TYPE_CHOICE, IN_SITE, "no",
					      "no, yes"),
};
/* clang-format on */

/* ---- values ---- */

static long duration_unit(const char *suffix)
{
	static const struct {
		const char *suffix;
		long seconds;
	} units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(suffix, units[i].suffix) == 0)
			return units[i].seconds;
	return 0;
}

/* Digits, at most ten of them, and a unit where one may stand. -1: not that. */
long rule_number(const struct rule *rule, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	long unit = rule->type == TYPE_DURATION ? duration_unit(value + digits)
						: value[digits] == '\0';

	if (digits == 0 || digits > 10 || unit == 0)
		return -1;
	return strtol(value, NULL, 10) * unit;
}

bool rule_word_ok(const char *value)
{
	size_t len = strlen(value);

	return len >= 1 && len <= 32 && strspn(value, LETTERS "0123456789_-") == len;
}

bool rule_rate(const char *value, long *most, long *seconds)
{
	static const struct rule number = { .type = TYPE_NUMBER },
				 window = { .type = TYPE_DURATION };
	char count[16] = "";
	size_t len = strcspn(value, "/");

	*most = *seconds = 0;
	if (strcmp(value, "off") == 0)
		return true;
	if (len >= sizeof(count) || value[len] != '/')
		return false;
	memcpy(count, value, len);
	*most = rule_number(&number, count);
	*seconds = rule_number(&window, value + len + 1);
	return *most >= 1 && *most <= RATE_MOST && *seconds >= 1 && *seconds <= RATE_WINDOW_MOST;
}

/* ---- words of a list ---- */

static bool pair_ok(struct slice word)
{
	const char *equals = memchr(word.at, '=', word.len);

	return equals && equals > word.at && equals + 1 < word.at + word.len;
}

/* Likewise, and %HH stands for a byte: a blank, a percent sign. */
static bool escaped_pair_ok(struct slice word)
{
	const char *equals = memchr(word.at, '=', word.len);
	char value[CONF_LINE_MAX];

	if (!pair_ok(word))
		return false;
	word.len -= (size_t)(equals + 1 - word.at);
	word.at = equals + 1;
	return slice_decode(word, value, sizeof(value));
}

/* A pair, and behind its last colon names of groups, separated by commas. */
static bool gift_ok(struct slice word)
{
	size_t colon = word.len, at;
	char name[LOCAL_NAME_MAX];

	while (colon > 0 && word.at[colon - 1] != ':')
		colon--;
	for (size_t end = at = colon; colon > 0 && end <= word.len; end++) {
		if (end < word.len && word.at[end] != ',')
			continue;
		if (!slice_copy((struct slice){ word.at + at, end - at }, name, sizeof(name)) ||
		    !policy_name_ok(name))
			return false;
		at = end + 1;
	}
	return colon > 0 && escaped_pair_ok((struct slice){ word.at, colon - 1 });
}

static bool host_ok(struct slice word)
{
	return strspn(word.at, LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:[]-") == word.len;
}

static bool domain_ok(struct slice word)
{
	return strspn(word.at, LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == word.len &&
	       word.at[0] != '.' && word.at[0] != '-';
}

static bool name_ok(struct slice word)
{
	char name[LOCAL_NAME_MAX];

	return slice_copy(word, name, sizeof(name)) && policy_name_ok(name);
}

/* Those of sshd that say who is there; a password, or another code, comes through PAM itself. */
static bool method_ok(struct slice word)
{
	return slice_is(word, "publickey") || slice_is(word, "hostbased") ||
	       slice_is(word, "gssapi-with-mic");
}

/* One to MOST words, each of which is OK (NULL: whatever it is). */
static bool words_ok(const char *value, int most, bool (*ok)(struct slice word))
{
	struct slice word;
	int words = 0;

	while (list_next(&value, LIST_BLANKS, &word))
		if (++words > most || (ok && !ok(word)))
			return false;
	return words > 0;
}

/* An address has a host. What of it may be asked is judged where it is used. */
static bool url_ok(const char *value)
{
	size_t scheme = strncmp(value, "https://", 8) == 0  ? 8
			: strncmp(value, "http://", 7) == 0 ? 7
							    : 0;

	return scheme > 0 && !strchr("/?#:", value[scheme]) && !strpbrk(value, " \t");
}

/* Without a scheme libcurl would guess one, and the sandbox would open another port. */
static bool proxy_ok(const char *value)
{
	static const char *const schemes[] = { "http://",    "https://",  "socks4://",
					       "socks4a://", "socks5://", "socks5h://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t len = strlen(schemes[i]);

		if (strncmp(value, schemes[i], len) == 0)
			return !strchr("/?#:@", value[len]) && !strpbrk(value, " \t");
	}
	return false;
}

bool rule_may_be_secret(const struct rule *rule, const char *value)
{
	return rule->type == TYPE_PATH || rule->type == TYPE_PROXY ||
	       (strstr(value, "://") && strchr(value, '@'));
}

bool rule_is_choice(const struct rule *rule)
{
	return (rule->type == TYPE_CHOICE || rule->type == TYPE_ALGS) && strchr(rule->accepts, ',');
}

static bool algs_ok(const char *accepts, const char *value)
{
	struct slice word;
	int words = 0;
	char alg[16];

	for (; list_next(&value, LIST_BLANKS, &word); words++)
		if (!slice_copy(word, alg, sizeof(alg)) || !list_has(accepts, LIST_COMMAS, alg))
			return false;
	return words > 0;
}

bool rule_value_ok(const struct rule *rule, const char *value)
{
	long number, seconds;

	switch ((enum type)rule->type) {
	case TYPE_CHOICE:
		return list_has(rule->accepts, LIST_COMMAS, value);
	case TYPE_ALGS:
		return algs_ok(rule->accepts, value);
	case TYPE_NUMBER:
	case TYPE_DURATION:
		number = rule_number(rule, value);
		return number >= rule->low && number <= rule->high;
	case TYPE_PATH:
		return value[0] == '/';
	case TYPE_URL:
		return url_ok(value) || strncmp(value, "{base_url}/", 11) == 0;
	case TYPE_HOME:
		return url_ok(value);
	case TYPE_PROXY:
		return proxy_ok(value);
	case TYPE_NAME:
		return policy_name_ok(value);
	case TYPE_PLACES:
		return !origin_remote_wrong(value);
	case TYPE_WORD:
		return rule_word_ok(value);
	case TYPE_CLAIM:
		return value[0] != '\0' && !strpbrk(value, "= \t");
	case TYPE_WORDS:
		return words_ok(value, RULE_WORDS_MAX, NULL);
	case TYPE_NAMES:
		return words_ok(value, INT_MAX, name_ok);
	case TYPE_PAIRS:
		return words_ok(value, RULE_PAIRS_MAX, escaped_pair_ok);
	case TYPE_GIFTS:
		return words_ok(value, RULE_WORDS_MAX, gift_ok);
	case TYPE_FIELDS:
		return words_ok(value, INT_MAX, pair_ok);
	case TYPE_HOSTS:
		return words_ok(value, INT_MAX, host_ok);
	case TYPE_DOMAINS:
		return words_ok(value, INT_MAX, domain_ok);
	case TYPE_METHODS:
		return words_ok(value, RULE_WORDS_MAX, method_ok);
	case TYPE_RATE:
		return rule_rate(value, &number, &seconds);
	case TYPE_TEXT:
		break;
	}
	return value[0] != '\0';
}

/* ---- what keys mean together ---- */

static void defaults_set(struct conf *conf)
{
	for (int key = 0; key < CONF_KEY_COUNT; key++)
		if (!conf->value[key] && rules[key].standard[0] != '\0')
			conf->value[key] = rules[key].standard;
}

static bool is_set(const struct conf *conf, enum conf_key key)
{
	return conf->value[key] != NULL;
}

bool key_fail(struct conf *conf, enum conf_key key, const char *text)
{
	return conf_fail(conf, "%s: %s: %s", conf->where[key], rules[key].name, text);
}

/* An address that nobody has verified is whoever's that typed it. */
static bool email_check(struct conf *conf)
{
	static const enum conf_key keys[] = { CONF_REQUIRE, CONF_LOCAL_GROUPS };
	const char *require = conf_text(conf, CONF_REQUIRE);
	bool verified = is_set(conf, CONF_EMAIL_DOMAIN) ||
			list_has(require, LIST_BLANKS, "email_verified=true");

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *list = conf_text(conf, keys[i]);
		struct slice pair;

		while (!verified && list_next(&list, LIST_BLANKS, &pair))
			if (pair.len > 6 && strncmp(pair.at, "email=", 6) == 0)
				return key_fail(
					conf, keys[i],
					"email= needs require with email_verified=true, or "
					"email_domain: an address that nobody has verified is "
					"anybody's");
	}
	return true;
}

/* Exactly one key says as whom people enter. */
static bool way_check(struct conf *conf, const char *at)
{
	static const enum conf_key ways[] = { CONF_MAP_FILE, CONF_PEOPLE, CONF_USER_CLAIM,
					      CONF_SHARED_ACCOUNT };
	enum conf_key found = CONF_KEY_COUNT;

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (!is_set(conf, ways[i]))
			continue;
		if (found != CONF_KEY_COUNT)
			return conf_fail(conf, "%s: %s: contradicts %s (%s): one of them",
					 conf->where[ways[i]], rules[ways[i]].name,
					 rules[found].name, conf->where[found]);
		found = ways[i];
	}
	return found != CONF_KEY_COUNT ||
	       conf_fail(
		       conf,
		       "%s: needs map_file, people, user_claim or shared_account: who may enter is not said",
		       at);
}

/* Who is given an account without an administrator's word: not everybody that a provider knows, unless that is said. */
static bool enrol_check(struct conf *conf)
{
	static const enum conf_key keys[] = { CONF_ENROL_NAME, CONF_ENROL_MAX, CONF_ENROL_RATE };
	bool enrols = conf_is(conf, CONF_ENROL, "seat");

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (conf->where[keys[i]] && !enrols)
			return key_fail(conf, keys[i], "stands beside enrol = seat alone");
	if (enrols && !is_set(conf, CONF_PEOPLE))
		return key_fail(conf, CONF_ENROL, "stands beside people = bound alone");
	return !enrols || is_set(conf, CONF_REQUIRE) || is_set(conf, CONF_EMAIL_DOMAIN) ||
	       conf_is(conf, CONF_ALLOW_ANYONE, "yes") ||
	       key_fail(conf, CONF_ENROL,
			"needs require or email_domain to say who gets an account, or "
			"allow_anyone = yes");
}

static bool account_check(struct conf *conf)
{
	bool ruled = is_set(conf, CONF_REQUIRE) || is_set(conf, CONF_EMAIL_DOMAIN);

	if (conf_is(conf, CONF_ALLOW_ANYONE, "yes") && !is_set(conf, CONF_SHARED_ACCOUNT) &&
	    !conf_is(conf, CONF_ENROL, "seat"))
		return key_fail(conf, CONF_ALLOW_ANYONE,
				"stands beside shared_account or enrol = seat alone");
	if (conf_is(conf, CONF_ALLOW_ANYONE, "yes") && ruled)
		return key_fail(conf, CONF_ALLOW_ANYONE, "contradicts require and email_domain");
	if (is_set(conf, CONF_SHARED_ACCOUNT) && !ruled && !conf_is(conf, CONF_ALLOW_ANYONE, "yes"))
		return key_fail(conf, CONF_SHARED_ACCOUNT,
				"needs require or email_domain to say who is admitted to it, or "
				"allow_anyone = yes");
	if (conf_is(conf, CONF_SHARED_ACCOUNT, "root"))
		return key_fail(conf, CONF_SHARED_ACCOUNT, "root is never entered by a code");
	if (list_has(conf->value[CONF_ALLOW_SYSTEM_USERS], LIST_BLANKS, "root"))
		return key_fail(conf, CONF_ALLOW_SYSTEM_USERS, "root is never entered by a code");
	return true;
}

/* What user_claim is worth: a name that somebody gave, or an address of a domain agreed on. */
static bool claim_check(struct conf *conf)
{
	if (is_set(conf, CONF_USER_CLAIM_SUFFIX) && !is_set(conf, CONF_USER_CLAIM))
		return key_fail(conf, CONF_USER_CLAIM_SUFFIX, "stands beside user_claim alone");
	if (conf_is(conf, CONF_USER_CLAIM_CASE, "fold") && !is_set(conf, CONF_USER_CLAIM))
		return key_fail(conf, CONF_USER_CLAIM_CASE, "stands beside user_claim alone");
	if (is_set(conf, CONF_USER_CLAIM) && conf_is(conf, CONF_USERNAMES, "chosen"))
		return conf_fail(
			conf,
			"%s: user_claim: with profile %s people choose their names themselves, "
			"so any of them could be anybody: use map_file",
			conf->where[CONF_USER_CLAIM], conf_text(conf, CONF_PROFILE));
	if (conf_is(conf, CONF_USER_CLAIM, "email") &&
	    (!is_set(conf, CONF_EMAIL_DOMAIN) || !is_set(conf, CONF_USER_CLAIM_SUFFIX)))
		return key_fail(conf, CONF_USER_CLAIM,
				"email needs email_domain = example.org and "
				"user_claim_suffix = @example.org, with a domain of yours");
	return true;
}

/* Keys that speak of what only a signed ID token says, or of who signs it. */
static bool id_token_check(struct conf *conf)
{
	static const enum conf_key keys[] = {
		CONF_REQUIRE_ACR, CONF_REQUIRE_AMR, CONF_MAX_AUTH_AGE,
		CONF_JWKS_FILE,	  CONF_NONCE,	    CONF_EMAIL_DOMAIN
	};
	const char *scope = conf_text(conf, CONF_SCOPE);
	bool openid = conf_is(conf, CONF_DIALECT, "rfc8628") &&
		      list_has(scope, LIST_BLANKS, "openid");

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (conf->where[keys[i]] && !openid && !conf_is(conf, keys[i], "no"))
			return conf_fail(conf,
					 "%s: %s: profile %s gives no ID token: needs an OpenID "
					 "provider, and scope with the word openid",
					 conf->where[keys[i]], rules[keys[i]].name,
					 conf_text(conf, CONF_PROFILE));
	if (is_set(conf, CONF_EMAIL_DOMAIN) && !list_has(scope, LIST_BLANKS, "email"))
		return key_fail(conf, CONF_EMAIL_DOMAIN, "needs scope with the word email");
	if (is_set(conf, CONF_JWKS_FILE) && is_set(conf, CONF_JWKS_URI))
		return key_fail(conf, CONF_JWKS_FILE, "contradicts jwks_uri: one of them");
	return true;
}

static bool who_check(struct conf *conf, const char *at)
{
	return way_check(conf, at) && email_check(conf) && enrol_check(conf) &&
	       account_check(conf) && claim_check(conf);
}

/* Where the code of flow = authorization_code is shown: by a page, or by the provider itself (out of band). */
static bool paste_check(struct conf *conf, const char *at)
{
	if (!list_has(conf_text(conf, CONF_FLOWS), LIST_COMMAS, conf_text(conf, CONF_FLOW)))
		return conf_fail(conf, "%s: flow = %s: profile %s has only: %s",
				 conf->where[CONF_FLOW] ? conf->where[CONF_FLOW] : at,
				 conf_text(conf, CONF_FLOW), conf_text(conf, CONF_PROFILE),
				 conf_text(conf, CONF_FLOWS));
	if (!conf_is(conf, CONF_FLOW, "authorization_code"))
		return true;
	if (!is_set(conf, CONF_REDIRECT_URI))
		return conf_fail(conf, "%s: flow = authorization_code: needs redirect_uri, %s", at,
				 HTTPS);
	if (strncmp(conf->value[CONF_REDIRECT_URI], "https://", 8) != 0 &&
	    !conf_is(conf, CONF_OOB, "yes") && !conf_is(conf, CONF_HTTP_LOOPBACK, "yes"))
		return conf_fail(conf, "%s: redirect_uri = %.100s: must be %s",
				 conf->where[CONF_REDIRECT_URI], conf->value[CONF_REDIRECT_URI],
				 HTTPS);
	return true;
}

static bool key_copy(struct conf *conf, enum conf_key to, enum conf_key from)
{
	conf->where[to] = strdup(conf->where[from]);
	conf->value[to] = conf->where[to] ? strdup(conf->value[from]) : NULL;
	return conf->value[to] || conf_fail(conf, "out of memory");
}

/* What each way to prove the client needs, and what stands beside it. */
static const struct client_way {
	const char *auth;
	bool secret, key, certificate; /* has one; only private_key_jwt goes without the last */
	bool every_dialect;	       /* not only those that keep to the standards */
} client_ways[] = {
	{ "none", false, false, false, true },
	{ "client_secret_post", true, false, false, true },
	{ "client_secret_basic", true, false, false, true },
	{ "client_secret_jwt", true, false, false, false },
	{ "private_key_jwt", false, true, true, false },
	{ "tls_client_auth", false, true, true, false },
	{ "self_signed_tls_client_auth", false, true, true, false },
};

static const struct client_way *client_way(const struct conf *conf)
{
	size_t i = 0;

	while (!conf_is(conf, CONF_TOKEN_ENDPOINT_AUTH_METHOD, client_ways[i].auth))
		i++;
	return &client_ways[i];
}

static bool client_needs(struct conf *conf, const char *what)
{
	return conf_fail(conf, "%s: token_endpoint_auth_method = %s: needs %s",
			 conf->where[CONF_TOKEN_ENDPOINT_AUTH_METHOD],
			 conf_text(conf, CONF_TOKEN_ENDPOINT_AUTH_METHOD), what);
}

/* An assertion is signed, with the secret or with the key. */
static bool assertion_check(struct conf *conf)
{
	static const enum conf_key keys[] = { CONF_CLIENT_KEY_ID, CONF_CLIENT_ALG };
	bool by_secret = conf_is(conf, CONF_TOKEN_ENDPOINT_AUTH_METHOD, "client_secret_jwt");
	bool by_key = conf_is(conf, CONF_TOKEN_ENDPOINT_AUTH_METHOD, "private_key_jwt");

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (is_set(conf, keys[i]) && !by_secret && !by_key)
			return key_fail(
				conf, keys[i],
				"stands beside token_endpoint_auth_method = private_key_jwt or "
				"client_secret_jwt alone");
	if (is_set(conf, CONF_CLIENT_ALG) &&
	    (strncmp(conf_text(conf, CONF_CLIENT_ALG), "HS", 2) == 0) != by_secret)
		return key_fail(conf, CONF_CLIENT_ALG,
				by_secret ? "client_secret_jwt signs with HS256, HS384 or HS512"
					  : "private_key_jwt signs with a key, HS with a secret");
	return true;
}

static bool client_check(struct conf *conf)
{
	const struct client_way *way = client_way(conf);

	if (is_set(conf, CONF_CLIENT_SECRET_FILE) && !way->secret)
		return key_fail(
			conf, CONF_CLIENT_SECRET_FILE,
			"needs token_endpoint_auth_method = client_secret_post or basic, or client_secret_jwt");
	if (is_set(conf, CONF_CLIENT_KEY_FILE) && !way->key)
		return key_fail(
			conf, CONF_CLIENT_KEY_FILE,
			"needs token_endpoint_auth_method = private_key_jwt, tls_client_auth or "
			"self_signed_tls_client_auth");
	if (is_set(conf, CONF_CLIENT_CERTIFICATE_FILE) && !way->certificate)
		return key_fail(
			conf, CONF_CLIENT_CERTIFICATE_FILE,
			"needs token_endpoint_auth_method = tls_client_auth, self_signed_tls_client_auth or "
			"private_key_jwt");
	if (way->secret && !is_set(conf, CONF_CLIENT_SECRET_FILE))
		return client_needs(conf, "client_secret_file");
	if (way->key && !is_set(conf, CONF_CLIENT_KEY_FILE))
		return client_needs(conf, "client_key_file");
	if (way->certificate && !is_set(conf, CONF_CLIENT_CERTIFICATE_FILE) &&
	    strcmp(way->auth, "private_key_jwt") != 0)
		return client_needs(conf, "client_certificate_file");
	if (!way->every_dialect && !conf_is(conf, CONF_DIALECT, "rfc8628"))
		return key_fail(
			conf, CONF_TOKEN_ENDPOINT_AUTH_METHOD,
			"this profile's provider knows none, client_secret_post and client_secret_basic alone");
	return assertion_check(conf);
}

static bool provider_check(struct conf *conf, const char *at)
{
	for (int key = 0; key < CONF_KEY_COUNT; key++)
		if ((rules[key].type == TYPE_URL || rules[key].type == TYPE_HOME) &&
		    strncmp(conf_text(conf, (enum conf_key)key), "http:", 5) == 0 &&
		    !conf_is(conf, CONF_HTTP_LOOPBACK, "yes"))
			return conf_fail(conf, "%s: %s = %.100s: must be %s", conf->where[key],
					 rules[key].name, conf->value[key], rules[key].accepts);
	/* A provider that has no issuer of its own goes by its address. */
	if (!is_set(conf, CONF_ISSUER) && is_set(conf, CONF_BASE_URL))
		return key_copy(conf, CONF_ISSUER, CONF_BASE_URL) && provider_check(conf, at);
	if (!is_set(conf, CONF_ISSUER))
		return conf_fail(conf, "%s: needs issuer or base_url, %s", at,
				 rules[CONF_ISSUER].accepts);
	if (!is_set(conf, CONF_CLIENT_ID))
		return conf_fail(conf, "%s: needs client_id, %s", at,
				 rules[CONF_CLIENT_ID].accepts);
	if (!is_set(conf, CONF_DIALECT))
		return conf_fail(conf, "%s: profile %s names no dialect", at,
				 conf_text(conf, CONF_PROFILE));
	if (is_set(conf, CONF_PROXY_SECRET_FILE) && !is_set(conf, CONF_PROXY))
		return key_fail(conf, CONF_PROXY_SECRET_FILE, "stands beside proxy alone");
	return client_check(conf);
}

/*
 * Where a method is required it is required of every remote login; `remote` may narrow that to
 * networks, and need not be said.
 */
static bool guard_check(struct conf *conf)
{
	if (!is_set(conf, CONF_REQUIRE_SSH_METHOD))
		return true;
	if (!conf->where[CONF_REMOTE]) {
		conf->value[CONF_REMOTE] = "allow";
		return true;
	}
	return !conf_is(conf, CONF_REMOTE, "deny") ||
	       conf_fail(
		       conf,
		       "%s: require_ssh_method: contradicts remote = deny (%s): remote logins are "
		       "admitted by it, or by neither",
		       conf->where[CONF_REQUIRE_SSH_METHOD], conf->where[CONF_REMOTE]);
}

/* What follows a login: nothing may be promised that no kept token could keep. */
static bool after_check(struct conf *conf)
{
	static const enum conf_key kept[] = { CONF_TRUST, CONF_MAX_UNCONFIRMED,
					      CONF_SESSION_END_HOOK };
	bool shared = is_set(conf, CONF_SHARED_ACCOUNT),
	     one = conf_is(conf, CONF_EXCLUSIVE_SESSION, "yes");

	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (is_set(conf, kept[i]) && conf_is(conf, CONF_TOKENS, "revoke") &&
		    (kept[i] != CONF_SESSION_END_HOOK || !is_set(conf, CONF_SESSION_MAX)))
			return key_fail(conf, kept[i], "needs tokens = logout or tokens = session");
	if (is_set(conf, CONF_TRUST) && shared)
		return key_fail(conf, CONF_TRUST,
				"an account that many share proves nobody: it stands beside "
				"map_file, people or user_claim");
	if (is_set(conf, CONF_MAX_AUTH_AGE) &&
	    conf_number(conf, CONF_TRUST) > conf_number(conf, CONF_MAX_AUTH_AGE))
		return key_fail(conf, CONF_TRUST,
				"longer than max_auth_age it would let in whom that refuses");
	if (is_set(conf, CONF_LOCAL_GROUPS) && shared)
		return key_fail(conf, CONF_LOCAL_GROUPS,
				"what one person of a shared account may do each of them may: it "
				"stands beside map_file, people or user_claim");
	if (conf->where[CONF_LOCAL_GROUPS_PRIVILEGED] && !is_set(conf, CONF_LOCAL_GROUPS))
		return key_fail(conf, CONF_LOCAL_GROUPS_PRIVILEGED,
				"stands beside local_groups alone");
	if (one && !shared)
		return key_fail(conf, CONF_EXCLUSIVE_SESSION, "stands beside shared_account alone");
	if (one && conf_is(conf, CONF_TOKENS, "revoke") && !is_set(conf, CONF_SESSION_MAX))
		return key_fail(conf, CONF_EXCLUSIVE_SESSION,
				"needs tokens = logout, tokens = session or session_max");
	if (shared && !one && conf_is(conf, CONF_TOKENS, "session"))
		return key_fail(conf, CONF_TOKENS,
				"session would hand one person's token to the next at a shared "
				"account: needs exclusive_session = yes");
	return true;
}

bool rules_check(struct conf *conf, const char *at)
{
	defaults_set(conf);
	return who_check(conf, at) && provider_check(conf, at) && id_token_check(conf) &&
	       paste_check(conf, at) && guard_check(conf) && after_check(conf);
}
