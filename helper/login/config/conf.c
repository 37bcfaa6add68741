/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the configuration: see conf.h. Must never follow a link, believe a file that somebody
 * else can write, or let an unknown key or a value it does not understand pass.
 */
#include "conf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/login/policy.h"
#include "common/paths.h"
#include "rules.h"
#include "common/scratch.h"
#include "common/utf8.h"

#define MESSAGE "message_"

/* A file or a directory by the name that it was asked for, and what it was then. */
struct conf_source {
	struct conf_source *next;
	dev_t device;
	ino_t inode; /* 0: there was none */
	bool rules;  /* the section's own words, or where more of them would be */
	struct timespec changed;
	char name[];
};

enum {
	MAP_WARNINGS_MAX = 4,
	SECRET_FORBIDDEN = 037 & ~010, /* mode bits of a file that holds one */
};

bool conf_fail(struct conf *conf, const char *format, ...)
{
	char *text = malloc(CONF_ERROR_MAX);
	va_list args;

	va_start(args, format);
	if (text)
		vsnprintf(text, CONF_ERROR_MAX, format, args);
	va_end(args);
	free(conf->error_text); /* may have been among the arguments */
	conf->error_text = text;
	conf->error = text ? text : "out of memory";
	return false;
}

/* ---- files ---- */

/* NAME is what ST says, or is not there: NULL. false: the error is set. */
static bool source_note(struct conf *conf, const char *name, const struct stat *st)
{
	struct conf_source *source = calloc(1, sizeof(*source) + strlen(name) + 1);

	if (!source)
		return conf_fail(conf, "%s: out of memory", name);
	strcpy(source->name, name);
	if (st) {
		source->device = st->st_dev;
		source->inode = st->st_ino;
		source->changed = st->st_ctim;
	}
	source->next = conf->sources;
	conf->sources = source;
	return true;
}

static bool source_is_current(const struct conf_source *source)
{
	struct stat st;

	/* A login without root's capabilities does not see into another's directory: that is no change. */
	if (stat(source->name, &st) != 0)
		return errno == EACCES ||
		       (source->inode == 0 && (errno == ENOENT || errno == ENOTDIR));
	return st.st_dev == source->device && st.st_ino == source->inode &&
	       st.st_ctim.tv_sec == source->changed.tv_sec &&
	       st.st_ctim.tv_nsec == source->changed.tv_nsec;
}

bool conf_is_current(const struct conf *conf)
{
	for (const struct conf_source *source = conf->sources; source; source = source->next)
		if (!source_is_current(source))
			return false;
	return true;
}

static void sources_clear(struct conf *conf)
{
	struct conf_source *next;

	for (struct conf_source *source = conf->sources; source; source = next) {
		next = source->next;
		free(source);
	}
}

/* Nobody but root, or the ordinary user that the whole host runs as, may have written it. */
static bool owner_ok(const struct stat *st)
{
	return st->st_uid == 0 || (getuid() == geteuid() && st->st_uid == geteuid());
}

/* Opens NAME for reading. FORBIDDEN: mode bits that it must not have. -1: error set. */
static int file_open(struct conf *conf, const char *name, mode_t forbidden)
{
	struct stat st;
	int fd = openat(AT_FDCWD, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		conf_fail(conf, "%s: %s", name,
			  errno == ELOOP ? "is a symbolic link, must be a file" : strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) != 0)
		conf_fail(conf, "%s: %s", name, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		conf_fail(conf, "%s: must be a regular file", name);
	else if (!owner_ok(&st))
		conf_fail(conf, "%s: owner is uid %lu, must be root", name,
			  (unsigned long)st.st_uid);
	else if (st.st_mode & forbidden)
		conf_fail(conf, "%s: mode is %04o, must be %04o or stricter", name,
			  (unsigned int)(st.st_mode & 07777), (unsigned int)(0666 & ~forbidden));
	else if (source_note(conf, name, &st))
		return fd;
	close(fd);
	return -1;
}

/* Reads up to MAX + 1 bytes to TEXT. -1: errno. */
static ssize_t fd_read(int fd, char *text, size_t max)
{
	size_t len = 0;
	ssize_t got = 1;

	while (got != 0 && len <= max) {
		got = read(fd, text + len, max + 1 - len);
		if (got < 0 && errno != EINTR)
			return -1;
		len += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)len;
}

/* The mark that some editors put in front of UTF-8, which nobody sees. */
static void bom_skip(char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (strncmp(text, mark, strlen(mark)) == 0)
		memmove(text, text + strlen(mark), len - strlen(mark) + 1);
}

/*
 * The whole of a file as a string of MAX + 2 bytes of scratch, which is the caller's to drop. NULL: the
 * error is set.
 */
static char *file_read(struct conf *conf, const char *name, mode_t forbidden, size_t max)
{
	int fd = file_open(conf, name, forbidden);
	char *text = fd >= 0 ? scratch_take(max + 2) : NULL;
	ssize_t len = text ? fd_read(fd, text, max) : 0;

	if (fd < 0)
		return NULL;
	if (!text)
		conf_fail(conf, "%s: out of memory", name);
	else if (len < 0)
		conf_fail(conf, "%s: %s", name, strerror(errno));
	else if ((size_t)len > max)
		conf_fail(conf, "%s: is longer than %zu bytes", name, max);
	else if (memchr(text, '\0', (size_t)len))
		conf_fail(conf, "%s: contains a NUL byte", name);
	else
		goto out;
	scratch_drop(text, max + 2);
	text = NULL;
out:
	if (text)
		bom_skip(text, (size_t)len);
	close(fd);
	return text;
}

/* ---- the format ---- */

enum kind {
	SITE,
	PROFILE,  /* no sections */
	MESSAGES, /* likewise, and other keys */
};

struct reader {
	struct conf *conf;
	const char *file;
	const char *wanted; /* section; "" accepts the first and only one */
	enum kind kind;
	int line;
	char where[CONF_WHERE_MAX]; /* "file:line" */
	char section[64];
};

#define UNQUOTED "without quotes, and a comment on its own line"

static bool is_quoted(const char *value)
{
	return strstr(value, " #") || value[0] == '"';
}

static bool value_fail(struct reader *r, const char *key, const char *value, const char *accepts)
{
	return conf_fail(r->conf, "%s: %s = %.100s: must be %s", r->where, key, value, accepts);
}

/* Of a value that may be a secret itself the key alone is told: everybody's login writes it to the log. */
static bool rule_fail(struct reader *r, const struct rule *rule, const char *value,
		      const char *one_of, const char *accepts)
{
	if (rule_may_be_secret(rule, value))
		return conf_fail(r->conf, "%s: %s: must be %s%s", r->where, rule->name, one_of,
				 accepts);
	return conf_fail(r->conf, "%s: %s = %.100s: must be %s%s", r->where, rule->name, value,
			 one_of, accepts);
}

static bool unknown_key(struct reader *r, const char *key)
{
	return conf_fail(r->conf, "%s: %.100s: no such key; device_code.conf lists them all",
			 r->where, key);
}

/* Whether *WHERE is of this very file, or the site has spoken: it beats profiles and languages. */
static bool stands_already(const struct reader *r, const char *where)
{
	return r->kind == SITE || strncmp(where, r->file, strlen(r->file)) == 0;
}

/* Keeps VALUE, the key NAME's, in *SLOT, and where it stands in *WHERE. */
static bool value_keep(struct reader *r, const char *name, const char *value, const char **slot,
		       char **where)
{
	if (*slot)
		return !stands_already(r, *where) ||
		       conf_fail(r->conf, "%s: %s: stands already in %s", r->where, name, *where);
	*where = strdup(r->where);
	*slot = *where ? strdup(value) : NULL;
	return *slot || conf_fail(r->conf, "%s: out of memory", r->where);
}

/* TEXT in place of a message, KEY being what the file calls it. */
static bool message_set(struct reader *r, const char *key, enum message message, const char *text)
{
	struct conf *conf = r->conf;
	char accepts[MESSAGE_ACCEPTS_MAX], whole[MESSAGE_BYTES_MAX + 2];
	struct conf_messages *messages;
	bool kept;

	if (message == MESSAGE_COUNT)
		return conf_fail(conf, "%s: %.100s: no such message; %s/en.conf lists them all",
				 r->where, key, PATH_MESSAGES);
	if (is_quoted(text))
		return value_fail(r, key, text, UNQUOTED);
	if (!message_ok(message, text, accepts))
		return value_fail(r, key, text, accepts);
	if (!conf->messages)
		conf->messages = calloc(1, sizeof(*conf->messages));
	messages = conf->messages;
	if (!messages)
		return conf_fail(conf, "%s: out of memory", r->where);
	kept = messages->all.text[message] != NULL;
	snprintf(whole, sizeof(whole), "%s%s", text, message_is_prompt(message) ? " " : "");
	if (!value_keep(r, key, whole, &messages->all.text[message], &messages->where[message]))
		return false;
	if (kept || !utf8_to_ascii(whole))
		return true;
	messages->ascii.text[message] = strdup(whole);
	return messages->ascii.text[message] || conf_fail(conf, "%s: out of memory", r->where);
}

static bool key_set(struct reader *r, const char *name, const char *value)
{
	struct conf *conf = r->conf;
	int flag = r->kind == PROFILE ? IN_PROFILE : IN_SITE;
	int key = 0;

	if (r->kind == MESSAGES)
		return message_set(r, name, message_find(name), value);
	if (r->kind == SITE && strncmp(name, MESSAGE, strlen(MESSAGE)) == 0)
		return message_set(r, name, message_find(name + strlen(MESSAGE)), value);

	while (key < CONF_KEY_COUNT && strcmp(rules[key].name, name) != 0)
		key++;
	if (key == CONF_KEY_COUNT)
		return unknown_key(r, name);
	if (!(rules[key].flags & flag))
		return conf_fail(conf, "%s: %s: may stand only in %s", r->where, name,
				 r->kind == PROFILE ? "device_code.conf" : "a provider's profile");
	if (is_quoted(value))
		return rule_fail(r, &rules[key], value, "", UNQUOTED);
	if (!rule_value_ok(&rules[key], value))
		return rule_fail(r, &rules[key], value,
				 rule_is_choice(&rules[key]) ? "one of " : "", rules[key].accepts);
	return value_keep(r, name, value, &conf->value[key], &conf->where[key]);
}

static bool section_start(struct reader *r, char *name)
{
	size_t len = strlen(name);

	if (r->kind != SITE)
		return conf_fail(r->conf, "%s: a %s has no sections", r->where,
				 r->kind == PROFILE ? "profile" : "file of messages");
	if (len < 3 || name[len - 1] != ']')
		return conf_fail(r->conf, "%s: must be [section]", r->where);
	name[len - 1] = '\0';
	name++;
	if (!rule_word_ok(name))
		return conf_fail(r->conf, "%s: [%s]: a section's name is 1 to 32 of a-z 0-9 _ -",
				 r->where, name);
	snprintf(r->section, sizeof(r->section), "%s", name);
	if (r->wanted[0] == '\0' && r->conf->section[0] != '\0' &&
	    strcmp(r->conf->section, name) != 0)
		return conf_fail(
			r->conf,
			"%s: there are several sections ([%s], [%s]): the PAM line must say "
			"which, with section=NAME",
			r->where, r->conf->section, name);
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

/* Another way in is another login's business: its mistakes do not lock this one. Where it begins is everybody's. */
static bool is_elsewhere(const struct reader *r, const char *text)
{
	return r->kind == SITE && r->section[0] != '\0' &&
	       strcmp(r->section, r->conf->section) != 0 && *text != '[';
}

static bool line_read(struct reader *r, char *line)
{
	bool is_long = strlen(line) > CONF_LINE_MAX;
	char *text = trim(line);
	char *equals;

	if (is_elsewhere(r, text))
		return true;
	if (is_long)
		return conf_fail(r->conf, "%s: line is longer than %d bytes", r->where,
				 CONF_LINE_MAX);
	for (const char *p = text; *p; p++)
		if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
			return conf_fail(r->conf, "%s: contains a control character", r->where);
	if (*text == '\0' || *line == '#')
		return true;
	if (*text == '[')
		return section_start(r, text);
	equals = strchr(text, '=');
	if (!equals || equals == text)
		return conf_fail(r->conf, "%s: must be [section], key = value, or # comment",
				 r->where);
	*equals = '\0';
	if (r->kind == SITE && r->section[0] == '\0')
		return conf_fail(r->conf, "%s: %s: stands before the first [section]", r->where,
				 trim(text));
	return key_set(r, trim(text), trim(equals + 1));
}

static bool text_read(struct reader *r, char *text)
{
	bool ok = true;

	for (char *next; ok && text && *text; text = next) {
		next = strchr(text, '\n');
		if (next)
			*next++ = '\0';
		snprintf(r->where, sizeof(r->where), "%s:%d", r->file, ++r->line);
		ok = line_read(r, text);
	}
	return ok;
}

static bool file_load(struct conf *conf, const char *name, const char *wanted, enum kind kind)
{
	struct reader r = { .conf = conf, .file = name, .wanted = wanted, .kind = kind };
	char *text = file_read(conf, name, 022, CONF_FILE_MAX);
	bool ok = text && text_read(&r, text);

	scratch_drop(text, CONF_FILE_MAX + 2);
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
		return conf_fail(conf, "%.200s: the path is too long", path);
	snprintf(name, sizeof(name), "%s.d", path);
	if (lstat(name, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? source_note(conf, name, NULL)
			       : conf_fail(conf, "%s: %s", name, strerror(errno));
	if (!S_ISDIR(st.st_mode) || !owner_ok(&st) || (st.st_mode & 022))
		return conf_fail(conf, "%s: must be a directory of root's that only root can write",
				 name);
	if (!source_note(conf, name, &st))
		return false;
	n = scandir(name, &entries, is_dropin, alphasort);
	if (n < 0)
		return conf_fail(conf, "%s: %s", name, strerror(errno));
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s.d/%s", path, entries[i]->d_name);
		if (ok)
			ok = file_load(conf, name, wanted, SITE);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

/* Reads DIR/NAME.conf; the site's directory first. MISSING begins the error where there is none. */
static bool named_load(struct conf *conf, const char *const dirs[2], const char *name,
		       enum kind kind, const char *missing)
{
	char path[512];
	struct stat st;

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s.conf", dirs[i], name);
		/* What cannot be seen in the site's may be there. */
		if (lstat(path, &st) == 0 || (i == 0 && errno != ENOENT && errno != ENOTDIR))
			return file_load(conf, path, "", kind);
		if (i == 0 && !source_note(conf, path, NULL))
			return false;
	}
	return conf_fail(conf, "%s = %s: no such file in %s or %s", missing, name, dirs[0],
			 dirs[1]);
}

static bool profile_load(struct conf *conf)
{
	const char *const dirs[] = { PATH_SITE_PROVIDERS, PATH_PROVIDERS };
	const char *profile = conf->value[CONF_PROFILE] ? conf->value[CONF_PROFILE] : "oidc";
	char missing[CONF_WHERE_MAX + 16];

	snprintf(missing, sizeof(missing), "%s: profile",
		 conf->where[CONF_PROFILE] ? conf->where[CONF_PROFILE] : "default");
	return named_load(conf, dirs, profile, PROFILE, missing);
}

static void message_drop(struct conf_messages *kept, int message)
{
	free((char *)kept->all.text[message]);
	free((char *)kept->ascii.text[message]);
	free(kept->where[message]);
	kept->all.text[message] = kept->ascii.text[message] = kept->where[message] = NULL;
}

/* What is wrong and locks nobody out: the error becomes a warning, behind what there is. */
static void error_is_warning(struct conf *conf)
{
	if (conf->warning)
		conf_fail(conf, "%.900s; %s", conf->warning, conf->error);
	free(conf->warning);
	conf->warning = conf->error_text;
	conf->error_text = NULL;
	conf->error = "";
}

/* A message is worth no login: what is wrong is for the log, and the language is English. */
static void language_load(struct conf *conf)
{
	const char *const dirs[] = { PATH_SITE_MESSAGES, PATH_MESSAGES };
	char missing[CONF_WHERE_MAX + 16];
	struct messages site = { 0 };

	if (conf_is(conf, CONF_LANGUAGE, "en"))
		return;
	if (conf->messages)
		site = conf->messages->all;
	snprintf(missing, sizeof(missing), "%s: language", conf->where[CONF_LANGUAGE]);
	if (named_load(conf, dirs, conf->value[CONF_LANGUAGE], MESSAGES, missing))
		return;
	for (int message = 0; conf->messages && message < MESSAGE_COUNT; message++)
		if (!site.text[message])
			message_drop(conf->messages, message);
	conf_fail(conf, "English is shown: %.700s", conf->error);
	error_is_warning(conf);
}

/* The error that is set is about the file that KEY names. */
static bool file_fail(struct conf *conf, enum conf_key key)
{
	char why[CONF_ERROR_MAX];

	snprintf(why, sizeof(why), "%s", conf->error);
	return key_fail(conf, key, why);
}

/* The contents of the file NAME, which KEY is about and the caller frees; an error says who named it. */
static char *file_take(struct conf *conf, enum conf_key key, const char *name, mode_t forbidden,
		       size_t max)
{
	char *text = file_read(conf, name, forbidden, max);
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		conf_fail(conf, "out of memory");
	if (!copy)
		file_fail(conf, key);
	scratch_drop(text, max + 2);
	return copy;
}

/* Likewise of the file that KEY names. */
static char *file_named(struct conf *conf, enum conf_key key, mode_t forbidden, size_t max)
{
	return file_take(conf, key, conf->value[key], forbidden, max);
}

/* A locker runs as the user, and a secret is root's: that is as it should be. */
static bool secret_hidden(const char *path)
{
	return geteuid() != 0 && getuid() == geteuid() &&
	       faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0 && errno == EACCES;
}

/* The one line of the file that KEY names, if it is set, into *SECRET. */
static bool secret_take(struct conf *conf, enum conf_key key, char **secret)
{
	size_t len;

	if (!conf->value[key])
		return true;
	*secret = file_named(conf, key, SECRET_FORBIDDEN, CONF_SECRET_MAX);
	if (!*secret)
		return false;
	len = strcspn(*secret, "\r\n");
	if (len == 0 || (*secret)[len + strspn(*secret + len, "\r\n")] != '\0')
		return conf_fail(conf, "%s: must hold the secret, on one line", conf->value[key]);
	(*secret)[len] = '\0';
	return true;
}

/*
 * The client's key, if client_key_file is set: opened, and not read. The one process that signs reads it. The
 * descriptor is above 2, so that 0 is none.
 */
static bool key_open(struct conf *conf)
{
	const char *name = conf->value[CONF_CLIENT_KEY_FILE];
	struct stat st = { .st_size = 0 };
	int fd;

	if (!name)
		return true;
	fd = file_open(conf, name, SECRET_FORBIDDEN);
	if (fd < 0)
		return file_fail(conf, CONF_CLIENT_KEY_FILE);
	conf->client_key = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	fstat(fd, &st);
	close(fd);
	if (conf->client_key < 0) {
		conf->client_key = 0;
		return conf_fail(conf, "%s: %s", name, strerror(errno));
	}
	return (st.st_size > 0 && st.st_size <= WIRE_KEY_MAX) ||
	       conf_fail(conf, "%s: must hold one key in PEM, %d bytes at most", name,
			 WIRE_KEY_MAX);
}

/* What client_certificate_file holds, if it is set: whose it is the helper can tell. */
static bool certificate_take(struct conf *conf)
{
	static const char label[] = "CERTIFICATE-----";
	const char *name = conf->value[CONF_CLIENT_CERTIFICATE_FILE];

	if (!name)
		return true;
	conf->client_certificate =
		file_named(conf, CONF_CLIENT_CERTIFICATE_FILE, 022, CONF_SECRET_MAX);
	return conf->client_certificate &&
	       (strstr(conf->client_certificate, label) ||
		conf_fail(conf, "%s: must hold PEM: -----BEGIN %s", name, label));
}

static bool secret_load(struct conf *conf)
{
	static const enum conf_key secrets[] = { CONF_CLIENT_SECRET_FILE, CONF_CLIENT_KEY_FILE,
						 CONF_PROXY_SECRET_FILE };

	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		conf->secret_hidden |= conf->value[secrets[i]] &&
				       secret_hidden(conf->value[secrets[i]]);
	if (conf->secret_hidden)
		return true;
	if (!secret_take(conf, CONF_CLIENT_SECRET_FILE, &conf->client_secret) ||
	    !secret_take(conf, CONF_PROXY_SECRET_FILE, &conf->proxy_secret) || !key_open(conf) ||
	    !certificate_take(conf))
		return false;
	return !conf->proxy_secret || strchr(conf->proxy_secret, ':') ||
	       conf_fail(conf, "%s: must hold USER:PASSWORD, on one line",
			 conf->value[CONF_PROXY_SECRET_FILE]);
}

/* The helper reads it, and is nobody in particular. */
static bool ca_check(struct conf *conf)
{
	const char *path = conf->value[CONF_CA_FILE];
	struct stat st;

	errno = 0;
	if (!path ||
	    (stat(path, &st) == 0 && S_ISREG(st.st_mode) && owner_ok(&st) && !(st.st_mode & 022) &&
	     (st.st_mode & (geteuid() == 0 ? S_IROTH : S_IRUSR | S_IRGRP | S_IROTH))))
		return !path || source_note(conf, path, &st);
	return conf_fail(conf, "%s: ca_file: %s: %s", conf->where[CONF_CA_FILE], path,
			 errno ? strerror(errno)
			       : "must be a file of root's that everybody can read");
}

/* One person's line that is not understood locks nobody else out. */
static void map_warn(struct conf *conf)
{
	bool wide = conf_is(conf, CONF_LOCAL_NAMES, "wide");
	const char *at = conf->map;
	int line = 0, wrong;

	for (int told = 0; told < MAP_WARNINGS_MAX && (wrong = policy_map_wrong(at, wide)) > 0;
	     told++) {
		line += wrong;
		while (wrong-- > 0)
			at += strcspn(at, "\n") + (strchr(at, '\n') != NULL);
		conf_fail(
			conf,
			"%.200s:%d: admits nobody: must be an issuer, an identity and a local name "
			"(%s), or # comment",
			conf->value[CONF_MAP_FILE], line,
			wide ? POLICY_NAME_WIDE_RULE
			     : POLICY_NAME_RULE "; more by local_names = wide");
		error_is_warning(conf);
	}
}

static bool map_load(struct conf *conf)
{
	if (!conf->value[CONF_MAP_FILE])
		return true;
	conf->map = file_named(conf, CONF_MAP_FILE, 022, CONF_FILE_MAX);
	if (conf->map)
		map_warn(conf);
	return conf->map != NULL;
}

/*
 * The administrator's word alone makes somebody's account theirs: without the file nobody has one. Who enrols first
 * makes it. Beside user_claim it says which accounts are somebody's already.
 */
static bool bindings_load(struct conf *conf)
{
	bool bound = conf->value[CONF_PEOPLE] != NULL;
	struct stat st;

	if (!bound && !conf->value[CONF_USER_CLAIM])
		return true;
	if ((!bound || conf_is(conf, CONF_ENROL, "seat")) && lstat(PATH_PEOPLE, &st) != 0 &&
	    errno == ENOENT) {
		conf->bindings = strdup("");
		return conf->bindings && source_note(conf, PATH_PEOPLE, NULL);
	}
	conf->bindings = file_take(conf, bound ? CONF_PEOPLE : CONF_USER_CLAIM, PATH_PEOPLE, 022,
				   CONF_PEOPLE_MAX);
	return conf->bindings != NULL;
}

static bool is_list(const struct conf *conf, const char *name)
{
	return strcmp(name, PATH_PEOPLE) == 0 ||
	       (conf->value[CONF_MAP_FILE] && strcmp(name, conf->value[CONF_MAP_FILE]) == 0);
}

bool conf_read_lists(struct conf *conf, bool *again)
{
	struct conf_source **at = &conf->sources, *source;

	*again = false;
	for (source = conf->sources; source && !conf->stale; source = source->next) {
		if (source_is_current(source))
			continue;
		conf->stale = source->rules;
		*again |= is_list(conf, source->name);
	}
	if (conf->stale || !*again)
		return !conf->stale;
	while ((source = *at) != NULL) {
		if (!is_list(conf, source->name)) {
			at = &source->next;
			continue;
		}
		*at = source->next;
		free(source);
	}
	free(conf->map);
	free(conf->bindings);
	conf->map = conf->bindings = NULL;
	conf->stale = !map_load(conf) || !bindings_load(conf);
	return !conf->stale;
}

/* What keys it holds is the helper's to read; that it is JSON can be seen. */
static bool jwks_load(struct conf *conf)
{
	const char *path = conf->value[CONF_JWKS_FILE];

	if (!path)
		return true;
	conf->jwks = file_named(conf, CONF_JWKS_FILE, 022, CONF_JWKS_MAX);
	if (!conf->jwks)
		return false;
	return conf->jwks[strspn(conf->jwks, " \t\r\n")] == '{' ||
	       conf_fail(conf, "%s: must hold a JWK set: {\"keys\": [...]}", path);
}

bool conf_load(struct conf *conf, const char *path, const char *section)
{
	const char *wanted = section ? section : "";
	char at[CONF_WHERE_MAX];

	memset(conf, 0, sizeof(*conf));
	conf->error = "";
	if (!path)
		path = PATH_CONF;
	if (!file_load(conf, path, wanted, SITE) || !dropins_load(conf, path, wanted))
		return false;
	for (struct conf_source *source = conf->sources; source; source = source->next)
		source->rules = true;
	if (conf->section[0] == '\0')
		return *wanted ? conf_fail(conf, "%s: has no section [%s]", path, wanted)
			       : conf_fail(conf, "%s: has no section yet; its comments say how",
					   path);
	snprintf(at, sizeof(at), "%.200s: [%s]", path, conf->section);
	if (!profile_load(conf) || !rules_check(conf, at) || !ca_check(conf) || !secret_load(conf))
		return false;
	language_load(conf);
	if (conf->secret_hidden)
		return true; /* whoever reads the secret for this user reads the rest, and judges */
	return map_load(conf) && bindings_load(conf) && jwks_load(conf);
}

static void secret_drop(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

void conf_clear(struct conf *conf)
{
	for (int key = 0; key < CONF_KEY_COUNT; key++) {
		if (conf->where[key])
			free((char *)conf->value[key]);
		free(conf->where[key]);
	}
	for (int message = 0; conf->messages && message < MESSAGE_COUNT; message++)
		message_drop(conf->messages, message);
	free(conf->messages);
	secret_drop(conf->client_secret);
	if (conf->client_key > 0)
		close(conf->client_key);
	secret_drop(conf->client_certificate);
	secret_drop(conf->proxy_secret);
	free(conf->map);
	free(conf->bindings);
	free(conf->jwks);
	free(conf->error_text);
	free(conf->warning);
	sources_clear(conf);
	memset(conf, 0, sizeof(*conf));
}

const char *conf_text(const struct conf *conf, enum conf_key key)
{
	return conf->value[key] ? conf->value[key] : "";
}

const struct messages *conf_messages(const struct conf *conf, bool ascii)
{
	if (!conf->messages)
		return NULL;
	return ascii ? &conf->messages->ascii : &conf->messages->all;
}

bool conf_is(const struct conf *conf, enum conf_key key, const char *value)
{
	return strcmp(conf_text(conf, key), value) == 0;
}

long conf_number(const struct conf *conf, enum conf_key key)
{
	long number = rule_number(&rules[key], conf_text(conf, key));

	return number > 0 ? number : 0;
}

void conf_rate(const struct conf *conf, enum conf_key key, long *most, long *seconds)
{
	if (!rule_rate(conf_text(conf, key), most, seconds))
		*most = *seconds = 0;
}

int conf_key(const struct conf *conf)
{
	return conf->client_key > 0 ? conf->client_key : -1;
}

void conf_tell(const struct conf *conf, struct wire_draft *draft)
{
	for (int key = 0; key < CONF_KEY_COUNT; key++)
		if (rules[key].flags & TO_HELPER)
			wire_add(draft, rules[key].name, conf->value[key]);
	wire_add(draft, "client_secret", conf->client_secret);
	wire_add(draft, "client_certificate", conf->client_certificate);
	wire_add(draft, "proxy_secret", conf->proxy_secret);
	wire_add(draft, "jwks", conf->jwks);
}
