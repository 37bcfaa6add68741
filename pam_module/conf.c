/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the configuration: see conf.h. Must never follow a link, believe a file that somebody
 * else can write, or let an unknown key or a value it does not understand pass.
 */
#include "conf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"

enum conf_type {
	TYPE_TEXT,     /* printable, not empty */
	TYPE_CHOICE,   /* one of the words in `accepts`, separated by ", " */
	TYPE_NUMBER,   /* `low` to `high` */
	TYPE_DURATION, /* seconds, or with s, m, h, d; `low` to `high` seconds */
	TYPE_PATH,     /* absolute */
	TYPE_HOME,     /* https:// and a host; http:// is judged where it is used */
	TYPE_URL,      /* likewise, or {base_url}/ and a path */
	TYPE_WORD,     /* [a-z0-9_-]{1,32} */
};

enum conf_flag {
	IN_SITE = 1,
	IN_PROFILE = 2,
	TO_HELPER = 4,
};

struct conf_rule {
	const char *name;
	enum conf_type type;
	int flags;
	const char *standard; /* the default */
	const char *accepts;  /* for people, and for TYPE_CHOICE */
	long low, high;
};

#define PROVIDER (IN_SITE | IN_PROFILE | TO_HELPER)
#define HTTPS	 "an address that begins with https://"
#define HOSTS	 "host or host:port, separated by spaces"
#define A_PATH	 "an absolute path"

/* clang-format off */
#define RULE(n, t, f, s, a) { .name = n, .type = t, .flags = f, .standard = s, .accepts = a }
#define BOUNDED(n, t, f, s, a, l, h) \
	{ .name = n, .type = t, .flags = f, .standard = s, .accepts = a, .low = l, .high = h }

static const struct conf_rule rules[CONF_KEY_COUNT] = {
	/* name, type, flags, default, what is accepted, bounds */
	[CONF_PROFILE] = RULE("profile", TYPE_WORD, IN_SITE, "oidc", "a file in providers/, without .conf"),
	[CONF_FLOW] = RULE("flow", TYPE_CHOICE, PROVIDER, "device", "device, paste"),
	[CONF_ISSUER] = RULE("issuer", TYPE_HOME, PROVIDER, NULL, HTTPS),
	[CONF_BASE_URL] = RULE("base_url", TYPE_HOME, PROVIDER, NULL, HTTPS),
	[CONF_REDIRECT_URI] = RULE("redirect_uri", TYPE_TEXT, PROVIDER, NULL, HTTPS),
	[CONF_CLIENT_ID] = RULE("client_id", TYPE_TEXT, PROVIDER, NULL, "the id given by the provider"),
	[CONF_CLIENT_SECRET_FILE] = RULE("client_secret_file", TYPE_PATH, IN_SITE, NULL, A_PATH),
	[CONF_CLIENT_AUTH] = RULE("client_auth", TYPE_CHOICE, PROVIDER, "none", "none, post, basic"),
	[CONF_ID_TOKEN_ALG] = RULE("id_token_signed_response_alg", TYPE_CHOICE, PROVIDER, "RS256",
				"RS256, PS256, ES256, EdDSA"),
	[CONF_SCOPE] = RULE("scope", TYPE_TEXT, PROVIDER, NULL, "scopes separated by spaces"),
	[CONF_EXTRA_PARAMS] = RULE("extra_params", TYPE_TEXT, PROVIDER, NULL, "name=value pairs"),
	[CONF_CA_FILE] = RULE("ca_file", TYPE_PATH, IN_SITE | TO_HELPER, NULL, A_PATH),
	[CONF_PROXY] = RULE("proxy", TYPE_TEXT, IN_SITE | TO_HELPER, NULL, "http://host:port"),
	[CONF_HTTP_LOOPBACK] = RULE("http_loopback", TYPE_CHOICE, IN_SITE | TO_HELPER, "no", "no, yes"),
	[CONF_DEVICE_AUTHORIZATION_ENDPOINT] = RULE("device_authorization_endpoint", TYPE_URL, PROVIDER,
						 NULL, HTTPS),
	[CONF_AUTHORIZATION_ENDPOINT] = RULE("authorization_endpoint", TYPE_URL, PROVIDER, NULL, HTTPS),
	[CONF_TOKEN_ENDPOINT] = RULE("token_endpoint", TYPE_URL, PROVIDER, NULL, HTTPS),
	[CONF_REFRESH_ENDPOINT] = RULE("refresh_endpoint", TYPE_URL, IN_PROFILE | TO_HELPER, NULL, HTTPS),
	[CONF_REVOCATION_ENDPOINT] = RULE("revocation_endpoint", TYPE_URL, PROVIDER, NULL, HTTPS),
	[CONF_USERINFO_ENDPOINT] = RULE("userinfo_endpoint", TYPE_URL, PROVIDER, NULL, HTTPS),
	[CONF_JWKS_URI] = RULE("jwks_uri", TYPE_URL, PROVIDER, NULL, HTTPS),
	[CONF_ALLOW_ENDPOINT_HOST] = RULE("allow_endpoint_host", TYPE_TEXT, PROVIDER, NULL, HOSTS),
	[CONF_VERIFICATION_HOSTS] = RULE("verification_hosts", TYPE_TEXT, IN_SITE | IN_PROFILE, NULL, HOSTS),
	[CONF_MAP_FILE] = RULE("map_file", TYPE_PATH, IN_SITE, NULL, A_PATH),
	[CONF_USER_CLAIM] = RULE("user_claim", TYPE_TEXT, IN_SITE, NULL, "the name of a claim"),
	[CONF_MIN_UID] = BOUNDED("min_uid", TYPE_NUMBER, IN_SITE, "1000", "a number from 1", 1, INT_MAX),
	[CONF_DIALECT] = RULE("dialect", TYPE_CHOICE, IN_PROFILE | TO_HELPER, NULL,
			      "rfc8628, trakt, mastodon, calcom"),
	[CONF_FLOWS] = RULE("flows", TYPE_TEXT, IN_PROFILE, "device, paste", "device, paste, or both"),
	[CONF_OOB] = RULE("oob", TYPE_CHOICE, IN_PROFILE, "no", "no, yes"),
	[CONF_NAMES] = RULE("names", TYPE_CHOICE, IN_PROFILE, "chosen", "assigned, chosen"),
	[CONF_STABLE_CLAIM] = RULE("stable_claim", TYPE_TEXT, IN_PROFILE, "sub", "the name of a claim"),
	[CONF_PROMPT] = RULE("prompt", TYPE_CHOICE, IN_SITE, "auto", "auto, enter, none"),
	[CONF_QR] = RULE("qr", TYPE_CHOICE, IN_SITE, "auto", "auto, utf8, colour, full, off"),
	[CONF_COMPLETE_URI] = RULE("complete_uri", TYPE_CHOICE, IN_SITE, "auto", "auto, always, never"),
	[CONF_CODES] = BOUNDED("codes", TYPE_NUMBER, IN_SITE, "1", "a number from 1 to 10", 1, 10),
	[CONF_TRIES] = BOUNDED("tries", TYPE_NUMBER, IN_SITE | TO_HELPER, "3", "a number from 1 to 10", 1, 10),
	[CONF_TIMEOUT] = BOUNDED("timeout", TYPE_DURATION, IN_SITE, NULL, "10s to 1h", 10, 3600),
	[CONF_REMOTE] = RULE("remote", TYPE_TEXT, IN_SITE, "deny",
			  "deny, allow, or networks such as 192.0.2.0/24 separated by spaces"),
	[CONF_SANDBOX] = RULE("sandbox", TYPE_CHOICE, IN_SITE | TO_HELPER, "require",
			      "best-effort, require, strict"),
	[CONF_TOKENS] = RULE("tokens", TYPE_CHOICE, IN_SITE | TO_HELPER, "revoke", "revoke"),
};
/* clang-format on */

/* Known names that nothing obeys yet: an administrator must not believe in a guard that is not. */
static const char not_yet[] =
	"jwks_file, strip_suffix, account, admit, require, require_acr, require_amr, max_auth_age, "
	"email_domain, skip, allow_system_users, form, start, language, require_method, "
	"limit_source, limit_user, limit_host, trust, session_max, one_session, grace, "
	"end_hook, nonce, headers, message_";

static bool fail(struct conf *conf, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct conf *conf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(conf->error, sizeof(conf->error), format, args);
	va_end(args);
	return false;
}

/* ---- files ---- */

/* Nobody but root, or the ordinary user that the whole host runs as, may have written it. */
static bool owner_ok(const struct stat *st)
{
	return st->st_uid == 0 || (getuid() == geteuid() && st->st_uid == geteuid());
}

/* Opens NAME below DIRFD for reading. FORBIDDEN: mode bits that it must not have. -1: error set. */
static int file_open(struct conf *conf, int dirfd, const char *name, mode_t forbidden)
{
	struct stat st;
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		fail(conf, "%s: %s", name,
		     errno == ELOOP ? "is a symbolic link, must be a file" : strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) != 0)
		fail(conf, "%s: %s", name, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		fail(conf, "%s: must be a regular file", name);
	else if (!owner_ok(&st))
		fail(conf, "%s: owner is uid %lu, must be root", name, (unsigned long)st.st_uid);
	else if (st.st_mode & forbidden)
		fail(conf, "%s: mode is %04o, must be %04o or stricter", name,
		     (unsigned int)(st.st_mode & 07777), (unsigned int)(0666 & ~forbidden));
	else
		return fd;
	close(fd);
	return -1;
}

/* The whole of a file as a string that the caller frees, NULL with the error set. */
static char *file_read(struct conf *conf, int dirfd, const char *name, mode_t forbidden, size_t max)
{
	char *text = NULL;
	size_t len = 0;
	ssize_t got = 1;
	int fd = file_open(conf, dirfd, name, forbidden);

	if (fd < 0)
		return NULL;
	text = calloc(1, max + 2);
	if (!text)
		fail(conf, "%s: out of memory", name);
	while (text && got > 0 && len <= max) {
		got = read(fd, text + len, max + 1 - len);
		if (got > 0)
			len += (size_t)got;
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	close(fd);
	if (!text)
		return NULL;
	if (got < 0)
		fail(conf, "%s: %s", name, strerror(errno));
	else if (len > max)
		fail(conf, "%s: is longer than %zu bytes", name, max);
	else if (memchr(text, '\0', len))
		fail(conf, "%s: contains a NUL byte", name);
	else
		return text;
	explicit_bzero(text, max + 2);
	free(text);
	return NULL;
}

/* ---- the format ---- */

struct reader {
	struct conf *conf;
	const char *file;
	const char *wanted; /* section; "" accepts the first and only one */
	bool is_profile;    /* no sections */
	int line;
	char section[64];
};

static bool value_fail(struct reader *r, const char *key, const char *value, const char *accepts)
{
	return fail(r->conf, "%s:%d: %s = %.100s: must be %s", r->file, r->line, key, value,
		    accepts);
}

static long duration_unit(const char *suffix)
{
	if (*suffix == '\0')
		return 1;
	if (suffix[1] != '\0')
		return 0;
	switch (*suffix) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	default:
		return 0;
	}
}

/* Digits, at most ten of them, and a unit where one may stand. -1: not that. */
static long number_read(const char *value, bool duration)
{
	size_t digits = strspn(value, "0123456789");
	long unit = duration ? duration_unit(value + digits) : value[digits] == '\0';

	if (digits == 0 || digits > 10 || unit == 0)
		return -1;
	return strtol(value, NULL, 10) * unit;
}

static bool word_ok(const char *value)
{
	size_t len = strlen(value);

	return len >= 1 && len <= 32 &&
	       strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

static bool choice_ok(const char *choices, const char *value)
{
	size_t len = strlen(value);

	for (const char *at = choices; *at; at += strspn(at, ", ")) {
		size_t n = strcspn(at, ", ");

		if (n == len && strncmp(at, value, len) == 0)
			return true;
		at += n;
	}
	return false;
}

/* An address has a host. What of it may be asked is judged where it is used. */
static bool url_ok(const char *value)
{
	size_t scheme = strncmp(value, "https://", 8) == 0  ? 8
			: strncmp(value, "http://", 7) == 0 ? 7
							    : 0;

	return scheme > 0 && !strchr("/?#:", value[scheme]) && !strpbrk(value, " \t");
}

static bool value_ok(const struct conf_rule *rule, const char *value)
{
	long number;

	switch (rule->type) {
	case TYPE_CHOICE:
		return choice_ok(rule->accepts, value);
	case TYPE_NUMBER:
	case TYPE_DURATION:
		number = number_read(value, rule->type == TYPE_DURATION);
		return number >= rule->low && number <= rule->high;
	case TYPE_PATH:
		return value[0] == '/';
	case TYPE_URL:
		return url_ok(value) || strncmp(value, "{base_url}/", 11) == 0;
	case TYPE_HOME:
		return url_ok(value);
	case TYPE_WORD:
		return word_ok(value);
	case TYPE_TEXT:
		break;
	}
	return value[0] != '\0';
}

static bool unknown_key(struct reader *r, const char *key)
{
	bool later = choice_ok(not_yet, strncmp(key, "message_", 8) == 0 ? "message_" : key);

	return fail(r->conf, "%s:%d: %.100s: %s", r->file, r->line, key,
		    later ? "not supported by this version"
			  : "no such key; device_code.conf lists them all");
}

static bool key_set(struct reader *r, const char *name, const char *value)
{
	struct conf *conf = r->conf;
	int flag = r->is_profile ? IN_PROFILE : IN_SITE;
	char where[CONF_WHERE_MAX];
	int key = 0;

	while (key < CONF_KEY_COUNT && strcmp(rules[key].name, name) != 0)
		key++;
	if (key == CONF_KEY_COUNT)
		return unknown_key(r, name);
	if (!(rules[key].flags & flag))
		return fail(conf, "%s:%d: %s: may stand only in %s", r->file, r->line, name,
			    r->is_profile ? "device_code.conf" : "a provider's profile");
	if (!value_ok(&rules[key], value))
		return value_fail(r, name, value, rules[key].accepts);
	if (strstr(value, " #") || value[0] == '"')
		return value_fail(r, name, value, "without quotes, and a comment on its own line");
	snprintf(where, sizeof(where), "%s:%d", r->file, r->line);
	if (conf->value[key] && r->is_profile &&
	    strncmp(conf->where[key], r->file, strlen(r->file)) != 0)
		return true; /* the site beats the profile */
	if (conf->value[key])
		return fail(conf, "%s: %s: stands already in %s", where, name, conf->where[key]);
	conf->value[key] = strdup(value);
	conf->where[key] = strdup(where);
	if (!conf->value[key] || !conf->where[key])
		return fail(conf, "%s: out of memory", where);
	return true;
}

static bool section_start(struct reader *r, char *name)
{
	size_t len = strlen(name);

	if (r->is_profile)
		return fail(r->conf, "%s:%d: a profile has no sections", r->file, r->line);
	if (len < 3 || name[len - 1] != ']')
		return fail(r->conf, "%s:%d: must be [section]", r->file, r->line);
	name[len - 1] = '\0';
	name++;
	if (!word_ok(name))
		return fail(r->conf, "%s:%d: [%s]: a section's name is 1 to 32 of a-z 0-9 _ -",
			    r->file, r->line, name);
	snprintf(r->section, sizeof(r->section), "%s", name);
	if (r->wanted[0] == '\0' && r->conf->section[0] != '\0' &&
	    strcmp(r->conf->section, name) != 0)
		return fail(r->conf,
			    "%s:%d: there are several sections ([%s], [%s]): the PAM line must say "
			    "which, with section=NAME",
			    r->file, r->line, r->conf->section, name);
	if (r->wanted[0] == '\0' || strcmp(r->wanted, name) == 0)
		snprintf(r->conf->section, sizeof(r->conf->section), "%s", name);
	return true;
}

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return text + strspn(text, " \t");
}

static bool line_read(struct reader *r, char *line)
{
	char *text = trim(line);
	char *equals;

	for (const char *p = text; *p; p++)
		if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
			return fail(r->conf, "%s:%d: contains a control character", r->file,
				    r->line);
	if (*text == '\0' || *line == '#')
		return true;
	if (*text == '[')
		return section_start(r, text);
	equals = strchr(text, '=');
	if (!equals || equals == text)
		return fail(r->conf, "%s:%d: must be [section], key = value, or # comment", r->file,
			    r->line);
	*equals = '\0';
	if (!r->is_profile && r->section[0] == '\0')
		return fail(r->conf, "%s:%d: %s: stands before the first [section]", r->file,
			    r->line, trim(text));
	/* Another way in is another login's business: its mistakes do not lock this one. */
	if (!r->is_profile && strcmp(r->section, r->conf->section) != 0)
		return true;
	return key_set(r, trim(text), trim(equals + 1));
}

static bool text_read(struct reader *r, char *text)
{
	bool ok = true;

	for (char *next; ok && text && *text; text = next) {
		next = strchr(text, '\n');
		if (next)
			*next++ = '\0';
		r->line++;
		if (strlen(text) > CONF_LINE_MAX)
			ok = fail(r->conf, "%s:%d: line is longer than %d bytes", r->file, r->line,
				  CONF_LINE_MAX);
		else
			ok = line_read(r, text);
	}
	return ok;
}

static bool file_load(struct conf *conf, int dirfd, const char *name, const char *wanted,
		      bool is_profile)
{
	struct reader r = {
		.conf = conf, .file = name, .wanted = wanted, .is_profile = is_profile
	};
	char *text = file_read(conf, dirfd, name, 022, CONF_FILE_MAX);
	bool ok = text && text_read(&r, text);

	free(text);
	return ok;
}

/* ---- drop-ins and profiles ---- */

static int is_dropin(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

/* Whoever can write the directory can add a drop-in: it is held to the same rule as a file. */
static bool dropins_load(struct conf *conf, const char *path, const char *wanted)
{
	struct dirent **entries = NULL;
	struct stat st;
	char name[512];
	bool ok = true;
	int n;

	if (strlen(path) + NAME_MAX + 4 > sizeof(name))
		return fail(conf, "%.200s: the path is too long", path);
	snprintf(name, sizeof(name), "%s.d", path);
	if (lstat(name, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? true
			       : fail(conf, "%s: %s", name, strerror(errno));
	if (!S_ISDIR(st.st_mode) || !owner_ok(&st) || (st.st_mode & 022))
		return fail(conf, "%s: must be a directory of root's that only root can write",
			    name);
	n = scandir(name, &entries, is_dropin, alphasort);
	if (n < 0)
		return fail(conf, "%s: %s", name, strerror(errno));
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s.d/%s", path, entries[i]->d_name);
		if (ok)
			ok = file_load(conf, AT_FDCWD, name, wanted, false);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

static bool profile_load(struct conf *conf)
{
	const char *profile = conf->value[CONF_PROFILE] ? conf->value[CONF_PROFILE] : "oidc";
	char name[512];
	struct stat st;

	snprintf(name, sizeof(name), "%s/%s.conf", PATH_SITE_PROVIDERS, profile);
	if (lstat(name, &st) == 0)
		return file_load(conf, AT_FDCWD, name, "", true);
	snprintf(name, sizeof(name), "%s/%s.conf", PATH_PROVIDERS, profile);
	if (lstat(name, &st) == 0)
		return file_load(conf, AT_FDCWD, name, "", true);
	return fail(conf, "%s: profile = %s: no such file in %s or %s",
		    conf->where[CONF_PROFILE] ? conf->where[CONF_PROFILE] : "default", profile,
		    PATH_SITE_PROVIDERS, PATH_PROVIDERS);
}

/* ---- what keys mean together ---- */

static bool defaults_set(struct conf *conf)
{
	for (int key = 0; key < CONF_KEY_COUNT; key++) {
		if (conf->value[key] || !rules[key].standard)
			continue;
		conf->value[key] = strdup(rules[key].standard);
		if (!conf->value[key])
			return fail(conf, "out of memory");
	}
	return true;
}

static bool is_set(const struct conf *conf, enum conf_key key)
{
	return conf->value[key] != NULL;
}

static bool who_check(struct conf *conf, const char *at)
{
	if (is_set(conf, CONF_MAP_FILE) && is_set(conf, CONF_USER_CLAIM))
		return fail(conf, "%s: user_claim: contradicts map_file (%s): one of them",
			    conf->where[CONF_USER_CLAIM], conf->where[CONF_MAP_FILE]);
	if (!is_set(conf, CONF_MAP_FILE) && !is_set(conf, CONF_USER_CLAIM))
		return fail(conf, "%s: needs map_file or user_claim: who may enter is not said",
			    at);
	if (conf_is(conf, CONF_USER_CLAIM, "email"))
		return fail(conf, "%s: user_claim = email: not supported by this version",
			    conf->where[CONF_USER_CLAIM]);
	if (is_set(conf, CONF_USER_CLAIM) && conf_is(conf, CONF_NAMES, "chosen"))
		return fail(conf,
			    "%s: user_claim: with profile %s people choose their names themselves, "
			    "so any of them could be anybody: use map_file",
			    conf->where[CONF_USER_CLAIM], conf_text(conf, CONF_PROFILE));
	return true;
}

/* Where the code of flow = paste is shown: by a page, or by the provider itself (out of band). */
static bool paste_check(struct conf *conf, const char *at)
{
	if (!choice_ok(conf_text(conf, CONF_FLOWS), conf_text(conf, CONF_FLOW)))
		return fail(conf, "%s: flow = %s: profile %s has only: %s",
			    conf->where[CONF_FLOW] ? conf->where[CONF_FLOW] : at,
			    conf_text(conf, CONF_FLOW), conf_text(conf, CONF_PROFILE),
			    conf_text(conf, CONF_FLOWS));
	if (!conf_is(conf, CONF_FLOW, "paste"))
		return true;
	if (!is_set(conf, CONF_REDIRECT_URI))
		return fail(conf, "%s: flow = paste: needs redirect_uri, %s", at, HTTPS);
	if (strncmp(conf->value[CONF_REDIRECT_URI], "https://", 8) != 0 &&
	    !conf_is(conf, CONF_OOB, "yes") && !conf_is(conf, CONF_HTTP_LOOPBACK, "yes"))
		return fail(conf, "%s: redirect_uri = %.100s: must be %s",
			    conf->where[CONF_REDIRECT_URI], conf->value[CONF_REDIRECT_URI], HTTPS);
	return true;
}

static bool key_copy(struct conf *conf, enum conf_key to, enum conf_key from)
{
	conf->value[to] = strdup(conf->value[from]);
	conf->where[to] = strdup(conf->where[from]);
	return (conf->value[to] && conf->where[to]) || fail(conf, "out of memory");
}

static bool provider_check(struct conf *conf, const char *at)
{
	bool secret = is_set(conf, CONF_CLIENT_SECRET_FILE);

	for (int key = 0; key < CONF_KEY_COUNT; key++)
		if ((rules[key].type == TYPE_URL || rules[key].type == TYPE_HOME) &&
		    strncmp(conf_text(conf, (enum conf_key)key), "http:", 5) == 0 &&
		    !conf_is(conf, CONF_HTTP_LOOPBACK, "yes"))
			return fail(conf, "%s: %s = %.100s: must be %s", conf->where[key],
				    rules[key].name, conf->value[key], rules[key].accepts);
	/* A provider that has no issuer of its own goes by its address. */
	if (!is_set(conf, CONF_ISSUER) && is_set(conf, CONF_BASE_URL))
		return key_copy(conf, CONF_ISSUER, CONF_BASE_URL) && provider_check(conf, at);
	if (!is_set(conf, CONF_ISSUER))
		return fail(conf, "%s: needs issuer or base_url, %s", at,
			    rules[CONF_ISSUER].accepts);
	if (!is_set(conf, CONF_CLIENT_ID))
		return fail(conf, "%s: needs client_id, %s", at, rules[CONF_CLIENT_ID].accepts);
	if (!is_set(conf, CONF_DIALECT))
		return fail(conf, "%s: profile %s names no dialect", at,
			    conf_text(conf, CONF_PROFILE));
	if (secret && conf_is(conf, CONF_CLIENT_AUTH, "none"))
		return fail(conf, "%s: client_secret_file: needs client_auth = post or basic",
			    conf->where[CONF_CLIENT_SECRET_FILE]);
	if (!secret && !conf_is(conf, CONF_CLIENT_AUTH, "none"))
		return fail(conf, "%s: client_auth = %s: needs client_secret_file",
			    conf->where[CONF_CLIENT_AUTH], conf_text(conf, CONF_CLIENT_AUTH));
	return true;
}

/* The contents of the file that KEY names; an error says who named it. */
static char *file_named(struct conf *conf, enum conf_key key, mode_t forbidden, size_t max)
{
	char *text = file_read(conf, AT_FDCWD, conf->value[key], forbidden, max);
	char why[CONF_ERROR_MAX];

	if (!text) {
		snprintf(why, sizeof(why), "%s", conf->error);
		fail(conf, "%s: %s: %s", conf->where[key], rules[key].name, why);
	}
	return text;
}

static bool secret_load(struct conf *conf)
{
	const char *path = conf->value[CONF_CLIENT_SECRET_FILE];
	char *secret;
	size_t len;

	if (!path)
		return true;
	secret = file_named(conf, CONF_CLIENT_SECRET_FILE, 037 & ~010, CONF_SECRET_MAX);
	if (!secret)
		return false;
	conf->client_secret = secret;
	len = strcspn(secret, "\r\n");
	if (len == 0 || secret[len + strspn(secret + len, "\r\n")] != '\0')
		return fail(conf, "%s: must hold the secret, on one line", path);
	secret[len] = '\0';
	return true;
}

/* The helper reads it, and is nobody in particular. */
static bool ca_check(struct conf *conf)
{
	const char *path = conf->value[CONF_CA_FILE];
	struct stat st;

	if (!path ||
	    (stat(path, &st) == 0 && S_ISREG(st.st_mode) && owner_ok(&st) && !(st.st_mode & 022) &&
	     (st.st_mode & (geteuid() == 0 ? S_IROTH : S_IRUSR | S_IRGRP | S_IROTH))))
		return true;
	return fail(conf, "%s: ca_file: %s: must be a file of root's that everybody can read",
		    conf->where[CONF_CA_FILE], path);
}

static bool map_load(struct conf *conf)
{
	if (!is_set(conf, CONF_MAP_FILE))
		return true;
	conf->map = file_named(conf, CONF_MAP_FILE, 022, CONF_FILE_MAX);
	return conf->map != NULL;
}

bool conf_load(struct conf *conf, const char *path, const char *section)
{
	const char *wanted = section ? section : "";
	char at[CONF_WHERE_MAX];

	memset(conf, 0, sizeof(*conf));
	if (!path)
		path = PATH_CONF;
	if (!file_load(conf, AT_FDCWD, path, wanted, false) || !dropins_load(conf, path, wanted))
		return false;
	if (conf->section[0] == '\0')
		return *wanted ? fail(conf, "%s: has no section [%s]", path, wanted)
			       : fail(conf, "%s: has no section yet; its comments say how", path);
	snprintf(at, sizeof(at), "%.200s: [%s]", path, conf->section);
	return profile_load(conf) && defaults_set(conf) && who_check(conf, at) &&
	       provider_check(conf, at) && paste_check(conf, at) && ca_check(conf) &&
	       secret_load(conf) && map_load(conf);
}

void conf_clear(struct conf *conf)
{
	for (int key = 0; key < CONF_KEY_COUNT; key++) {
		free(conf->value[key]);
		free(conf->where[key]);
	}
	if (conf->client_secret)
		explicit_bzero(conf->client_secret, strlen(conf->client_secret));
	free(conf->client_secret);
	free(conf->map);
	memset(conf, 0, sizeof(*conf));
}

const char *conf_text(const struct conf *conf, enum conf_key key)
{
	return conf->value[key] ? conf->value[key] : "";
}

bool conf_is(const struct conf *conf, enum conf_key key, const char *value)
{
	return strcmp(conf_text(conf, key), value) == 0;
}

long conf_number(const struct conf *conf, enum conf_key key)
{
	long number = number_read(conf_text(conf, key), rules[key].type == TYPE_DURATION);

	return number > 0 ? number : 0;
}

void conf_tell(const struct conf *conf, struct wire_draft *draft)
{
	for (int key = 0; key < CONF_KEY_COUNT; key++)
		if (rules[key].flags & TO_HELPER)
			wire_add(draft, rules[key].name, conf->value[key]);
	wire_add(draft, "client_secret", conf->client_secret);
}
