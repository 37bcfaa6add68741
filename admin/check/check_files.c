/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: the configuration's files: owners, modes, sections, keys and what they name. What conf.c
 * refuses is told in its words, with what to do; the rest is what it lets pass and people regret.
 */
#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/list.h"
#include "common/paths.h"
#include "helper/login/bindings.h"
#include "helper/login/local_groups.h"
#include "helper/login/policy_config.h"
#include "helper/login/config/rules.h"
#include "admin/sections.h"
#include "admin/verbs.h"
#include "check.h"

/* ---- which sections there are ---- */

static void section_take(void *context, const char *name)
{
	struct check *check = context;

	for (size_t i = 0; i < check->sections; i++)
		if (strcmp(check->section[i].name, name) == 0)
			return;
	if (check->sections < CHECK_SECTIONS_MAX)
		snprintf(check->section[check->sections++].name, sizeof(check->section[0].name),
			 "%s", name);
}

bool check_sections(struct check *check)
{
	struct report *report = &check->report;

	if (!sections_each(section_take, check)) {
		report_line(report, MARK_ERROR, "configuration",
			    errno == ENOENT ? "install -m 644 /usr/share/pam-device-code/"
					      "device_code.conf /etc/security/, then an editor"
					    : "run as root",
			    "%s: %s", PATH_CONF, strerror(errno));
		return false;
	}
	if (check->sections > 0)
		return true;
	report_line(
		report, MARK_ERROR, "configuration",
		"pam-device-code setup URL proposes one; the comments in the file explain each key",
		"%s has no section yet", PATH_CONF);
	return false;
}

/* ---- what conf.c refuses ---- */

/* The words between the last ": " before PART and PART itself: the file that an error is about. */
static bool file_of(const char *error, const char *part, char *out, size_t out_len)
{
	const char *end = strstr(error, part);
	const char *from = error;

	if (!end)
		return false;
	for (const char *p = error; p < end; p++)
		if (p[0] == ':' && p[1] == ' ' && p < end)
			from = p + 2;
	return slice_copy((struct slice){ from, (size_t)(end - from) }, out, out_len);
}

static void fix_of(const struct conf *conf, char *fix, size_t fix_len)
{
	static const struct {
		const char *part;
		const char *fix; /* %s: the file */
	} rows[] = {
		{ ": mode is ", "chmod go-w,o-rwx %s, or o+r where it is no secret" },
		{ ": owner is ", "chown root:root %s" },
		{ ": is a symbolic link", "put the file itself in the place of %s" },
		{ ": No such file", "make %s, or name another file" },
		{ ": must be a directory", "chown root:root and chmod 755 its directory" },
		{ ": must be a file of root's", "chown root:root %s; chmod 644 %s" },
		{ ": must hold the secret", "write the client's secret to %s, and nothing else" },
	};
	char file[512];

	snprintf(fix, fix_len, "correct it; the comments in %s explain each key",
		 DATADIR "/pam-device-code/device_code.conf");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (file_of(conf->error, rows[i].part, file, sizeof(file))) {
			bool secret = strstr(conf->error, "_secret_file") != NULL;
			const char *form = rows[i].fix;

			if (i == 0)
				form = secret ? "chmod 600 %s" : "chmod 644 %s";
			if (i == 3 && secret)
				form = "install -m 600 /dev/null %s, then write the secret to it";
				/* Every form is of the table above, with at most two %s. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			/* cppcheck-suppress wrongPrintfScanfArgNum ; one of the forms has one %s */
			snprintf(fix, fix_len, form, file, file);
#pragma GCC diagnostic pop
			return;
		}
}

/* ---- what it lets pass ---- */

/* Whoever can write a directory above can put another file there. */
static void directory_check(struct check *check, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_uid != 0 || (st.st_mode & 022)))
		report_line(&check->report, MARK_ERROR, "files",
			    "chown root:root and chmod 755 that directory",
			    "%s: uid %lu, mode %04o: others than root can exchange what is in it",
			    path, (unsigned long)st.st_uid, (unsigned int)(st.st_mode & 07777));
}

static void readable_check(struct check *check)
{
	struct stat st;

	if (stat(PATH_CONF, &st) == 0 && !(st.st_mode & S_IROTH))
		report_line(&check->report, MARK_WARNING, "files", "chmod 644 " PATH_CONF,
			    "%s: mode %04o: a screen locker runs as its user and cannot read it; "
			    "there is no secret in it",
			    PATH_CONF, (unsigned int)(st.st_mode & 07777));
}

static void account_check(struct check *check, const struct section *section, const char *topic,
			  const char *name)
{
	struct policy policy;
	const struct passwd *pw = getpwnam(name);
	struct local_account account = { .name = name,
					 .exists = pw != NULL,
					 .uid = pw ? pw->pw_uid : 0 };
	enum decision decision;

	policy_from_config(&section->conf, &policy);
	decision = policy_account_allowed(&policy, &account);
	if (decision == DECISION_ADMITTED)
		return;
	report_line(&check->report, MARK_ERROR, topic,
		    !pw ? "useradd --create-home NAME, or name another account"
		    : pw->pw_uid == 0
			    ? "name another account: root is never entered by a code"
			    : "allow_system_users = NAME, if it is meant, or name another account",
		    "%s: nobody can enter as it (%s)", name,
		    reason_name(decision_reason(decision)));
}

static void map_check(struct check *check, const struct section *section)
{
	const char *map = section->conf.map;
	const char *issuer = conf_text(&section->conf, CONF_ISSUER);
	size_t lines = 0, ours = 0;

	for (; map && *map; map += strcspn(map, "\n"), map += *map == '\n') {
		const char *at = map;
		struct slice from, identity, name;
		char user[LOCAL_NAME_MAX];

		if (map[0] == '#' || !list_next(&at, LIST_BLANKS, &from) ||
		    !list_next(&at, LIST_BLANKS, &identity) || !list_next(&at, LIST_BLANKS, &name))
			continue;
		lines++;
		ours += slice_is(from, issuer);
		if (slice_is(from, issuer) && slice_copy(name, user, sizeof(user)))
			account_check(check, section, "map_file", user);
	}
	if (section->conf.map && ours == 0)
		report_line(&check->report, MARK_WARNING, "map_file",
			    "each line begins with the issuer, byte for byte as the section has it",
			    "%s: of %zu lines none is of issuer %s: nobody can enter",
			    conf_text(&section->conf, CONF_MAP_FILE), lines, issuer);
}

/* Whom `people` has bound, as long as this machine's accounts still agree. */
static void bindings_check(struct check *check, const struct section *section)
{
	const char *at = section->conf.bindings;
	char issuer[BINDING_WORD_MAX], user[LOCAL_NAME_MAX];
	struct binding binding;
	const struct passwd *pw;
	size_t ours = 0;

	if (!conf_is(&section->conf, CONF_PEOPLE, "bound") || !at ||
	    !binding_word(conf_text(&section->conf, CONF_ISSUER), issuer))
		return;
	while (binding_next(&at, &binding)) {
		if (binding.state != BINDING_BOUND || !slice_is(binding.issuer, issuer) ||
		    !slice_copy(binding.name, user, sizeof(user)))
			continue;
		ours++;
		account_check(check, section, "people", user);
		pw = getpwnam(user);
		if (pw && pw->pw_uid != binding.uid)
			report_line(&check->report, MARK_ERROR, "people",
				    "find out whose account that is now; nobody enters it",
				    "%s: is bound with uid %lu, and has uid %lu", user,
				    (unsigned long)binding.uid, (unsigned long)pw->pw_uid);
	}
	if (ours == 0 && !conf_is(&section->conf, CONF_ENROL, "seat"))
		report_line(&check->report, MARK_WARNING, "people",
			    PROGRAM " people add NAME --issuer ISSUER --subject ID",
			    PATH_PEOPLE ": nobody of issuer %s is bound: nobody can enter",
			    conf_text(&section->conf, CONF_ISSUER));
}

static void names_check(struct check *check, const struct section *section, enum conf_key key)
{
	const char *names = conf_text(&section->conf, key);
	struct slice word;

	while (list_next(&names, LIST_BLANKS, &word)) {
		char name[LOCAL_NAME_MAX];

		if (slice_copy(word, name, sizeof(name)) && !getpwnam(name))
			report_line(&check->report, MARK_WARNING, rules[key].name,
				    "is the name misspelled, or the account gone?",
				    "%s: there is no such local account", name);
	}
}

static void settings_check(struct check *check, const struct section *section)
{
	char why[CONF_ERROR_MAX];
	const struct conf *conf = &section->conf;
	struct report *report = &check->report;

	if (conf_is(conf, CONF_SANDBOX, "best-effort"))
		report_line(report, MARK_WARNING, "sandbox", "take that line away (require)",
			    "best-effort: a login goes on where a restriction is missing");
	if (conf_is(conf, CONF_HTTP_LOOPBACK, "yes"))
		report_line(report, MARK_WARNING, "http_loopback", "take that line away",
			    "yes: requests to this machine go unencrypted; it is for tests");
	if (conf_is(conf, CONF_ALLOW_ANYONE, "yes"))
		report_line(report, MARK_OK, "allow_anyone", NULL,
			    "yes: whoever has an account at the provider enters as %s",
			    conf_is(conf, CONF_ENROL, "seat")
				    ? "themselves, in an account that is made at a seat"
				    : conf_text(conf, CONF_SHARED_ACCOUNT));
	if (conf_text(conf, CONF_JWKS_FILE)[0] &&
	    (conf_text(conf, CONF_TRUST)[0] || conf_text(conf, CONF_MAX_UNCONFIRMED)[0]))
		report_line(report, MARK_WARNING, "jwks_file",
			    "see to it that the provider sends an ID token with each refresh, or "
			    "take jwks_file, trust or grace away",
			    "a refresh without an ID token is no yes: trust would not work, and "
			    "grace would end the session");
	if (conf_is(conf, CONF_RATE_LIMIT, "off"))
		report_line(report, MARK_WARNING, "rate_limit", "rate_limit = 6/5m",
			    "off: one source may start as many logins as it likes");
	if (local_groups_check(conf, why) != LOCAL_GROUPS_OK)
		report_line(report, MARK_ERROR, "local_groups",
			    "groupadd, or name another group; until then nobody can enter", "%s",
			    why);
	if (conf_text(conf, CONF_SHARED_ACCOUNT)[0])
		account_check(check, section, "shared_account",
			      conf_text(conf, CONF_SHARED_ACCOUNT));
	map_check(check, section);
	bindings_check(check, section);
	names_check(check, section, CONF_ALLOW_SYSTEM_USERS);
	names_check(check, section, CONF_IGNORE_USERS);
}

void check_files(struct check *check, struct section *section)
{
	struct report *report = &check->report;
	struct conf *conf = &section->conf;
	char fix[640];

	directory_check(check, SYSCONFDIR "/security");
	section->loaded = conf_load(conf, NULL, section->name);
	if (!section->loaded) {
		fix_of(conf, fix, sizeof(fix));
		report_line(report, MARK_ERROR, "configuration", fix, "%s", conf->error);
		return;
	}
	readable_check(check);
	if (conf->secret_hidden)
		report_line(report, MARK_WARNING, "configuration",
			    "run as root to look at all of it",
			    "%s: cannot be read by this user, as it should be",
			    conf_text(conf, CONF_CLIENT_SECRET_FILE));
	report_line(report, MARK_OK, "configuration", NULL,
		    "%s: profile %s, flow %s, owners, modes and keys", PATH_CONF,
		    conf_text(conf, CONF_PROFILE), conf_text(conf, CONF_FLOW));
	if (conf->warning)
		report_line(report, MARK_WARNING, "configuration", "correct it", "%s",
			    conf->warning);
	settings_check(check, section);
}
