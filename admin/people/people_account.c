/* SPDX-License-Identifier: BSD-2-Clause */
/* Accounts of this machine: see people_account.h. */
#include "people_account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/login/names.h"
#include "helper/login/policy.h"
#include "common/list.h"
#include "admin/run.h"

#define USERADD "/usr/sbin/useradd"
#define USERMOD "/usr/sbin/usermod"
/* Of an account that we make: no password, and not useradd's "!", where `passwd -l` changes nothing and locks nobody. */
#define NO_PASSWORD "*code"
#define USERDEL	    "/usr/sbin/userdel"
#define LONG_AGO    "1970-01-02"

enum {
	LONG_AGO_DAYS = 1,
	PROGRAM_MS = 120 * 1000, /* a directory's cache that is flushed, a home on a slow disk */
	SUBUID_FIRST = 65536,	 /* below are accounts */
};

/* ---- what there is ---- */

/* Each source of names is asked (names.h): one that does not answer is not outvoted by the next. */
static enum account_state state_of(enum names_answer answer)
{
	return answer == NAMES_FOUND  ? ACCOUNT_THERE
	       : answer == NAMES_NONE ? ACCOUNT_NONE
				      : ACCOUNT_UNKNOWN;
}

enum account_state account_find(const char *name, uid_t *uid)
{
	struct local_account account;

	names_account(name, &account);
	if (account.exists)
		*uid = account.uid;
	return account.exists ? ACCOUNT_THERE : account.untold ? ACCOUNT_UNKNOWN : ACCOUNT_NONE;
}

bool account_is(const char *name, uid_t uid)
{
	uid_t got = 0;

	return account_find(name, &got) == ACCOUNT_THERE && got == uid;
}

bool account_is_local(const char *name)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *pw = NULL;

	while (file && (pw = fgetpwent(file)) != NULL)
		if (strcmp(pw->pw_name, name) == 0)
			break;
	if (file)
		fclose(file);
	return pw != NULL;
}

enum account_state account_numbered(uid_t uid, char *name, size_t len)
{
	char holder[LOCAL_NAME_MAX];
	enum account_state state = state_of(names_user(uid, holder));

	if (state == ACCOUNT_THERE && name)
		snprintf(name, len, "%s", holder);
	return state;
}

/* A line of subuid(5), "OWNER:FIRST:COUNT". false: it is none. */
static bool subuid_read(FILE *file, char owner[64], struct uid_range *range, bool *more)
{
	char line[256];

	*more = fgets(line, sizeof(line), file) != NULL;
	return *more && sscanf(line, "%63[^:]:%lu:%lu", owner, &range->first, &range->count) == 3 &&
	       range->first >= SUBUID_FIRST && range->count > 0 && range->count <= UINT32_MAX &&
	       range->first + range->count <= UINT32_MAX;
}

static bool is_named(const char *owner, const char *name, uid_t uid)
{
	char number[16];

	snprintf(number, sizeof(number), "%lu", (unsigned long)uid);
	return strcmp(owner, name) == 0 || strcmp(owner, number) == 0;
}

/* Whether a line of FILE gives some of RANGE to somebody else. */
static bool is_shared(FILE *file, const struct uid_range *range, const char *name, uid_t uid)
{
	struct uid_range other;
	char owner[64];
	bool more = true;

	rewind(file);
	while (more)
		if (subuid_read(file, owner, &other, &more) && !is_named(owner, name, uid) &&
		    other.first < range->first + range->count &&
		    range->first < other.first + other.count)
			return true;
	return false;
}

size_t account_subuids(const char *name, uid_t uid, struct uid_range *range, size_t most)
{
	FILE *file = fopen("/etc/subuid", "re");
	size_t count = 0, kept = 0;
	char owner[64];
	bool more = file != NULL;

	while (more && count < most)
		count += subuid_read(file, owner, &range[count], &more) &&
			 is_named(owner, name, uid);
	for (size_t i = 0; i < count; i++)
		if (!is_shared(file, &range[i], name, uid))
			range[kept++] = range[i];
	if (file)
		fclose(file);
	return kept;
}

unsigned long account_setting(const char *key, unsigned long standard)
{
	FILE *defs = fopen("/etc/login.defs", "re");
	char line[512], word[64];
	unsigned long number;

	while (defs && fgets(line, sizeof(line), defs))
		if (sscanf(line, "%63s %lu", word, &number) == 2 && strcmp(word, key) == 0)
			standard = number;
	if (defs)
		fclose(defs);
	return standard;
}

/* The highest uid of this machine's own accounts from LOW to HIGH; below LOW: there is none. */
static unsigned long highest_uid(unsigned long low, unsigned long high)
{
	FILE *file = fopen("/etc/passwd", "re");
	unsigned long highest = low - 1;
	const struct passwd *pw;

	while (file && (pw = fgetpwent(file)) != NULL)
		if (pw->pw_uid > highest && pw->pw_uid <= high)
			highest = pw->pw_uid;
	if (file)
		fclose(file);
	return highest;
}

bool account_uid_next(bool (*taken)(const void *context, uid_t uid), const void *context,
		      uid_t *uid)
{
	unsigned long low = account_setting("UID_MIN", 1000);
	unsigned long high = account_setting("UID_MAX", 60000);
	unsigned long at;

	if (low == 0 || low > high || high >= (uid_t)-2)
		return false;
	at = highest_uid(low, high);
	for (unsigned long tried = low; tried <= high; tried++) {
		enum account_state state;

		at = at >= high ? low : at + 1;
		if (taken(context, (uid_t)at))
			continue;
		state = account_numbered((uid_t)at, NULL, 0);
		*uid = (uid_t)at;
		if (state != ACCOUNT_THERE)
			return state == ACCOUNT_NONE;
	}
	return false;
}

enum account_state account_group_find(const char *name)
{
	gid_t gid;

	return state_of(names_group(name, &gid));
}

bool account_groups_ok(const char *list, char said[ACCOUNT_SAID_MAX])
{
	struct slice word;
	char name[LOCAL_NAME_MAX];
	const struct group *group;

	while (list_next(&list, ",", &word)) {
		group = slice_copy(word, name, sizeof(name)) && policy_name_ok(name)
				? getgrnam(name)
				: NULL;
		if (group && group->gr_gid != 0)
			continue;
		snprintf(said, ACCOUNT_SAID_MAX, "group %.64s: %s", name,
			 group ? "is root's: nobody is put into it"
			       : "there is no such group here");
		return false;
	}
	return true;
}

/* ---- the system's programs ---- */

/* SAID becomes one line, of what the program says. */
static bool run(const char *const *argv, char said[ACCOUNT_SAID_MAX])
{
	int status = run_patiently(argv, PROGRAM_MS, said, ACCOUNT_SAID_MAX);
	size_t len = strlen(said);

	while (len > 0 && said[len - 1] == '\n')
		said[--len] = '\0';
	for (char *at = said; *at; at++)
		if (*at == '\n')
			*at = ';';
	if (status != 0 && len == 0)
		snprintf(said, ACCOUNT_SAID_MAX, "%s: status %d", argv[0], status);
	return status == 0;
}

/* KEY's value in what `useradd -D` says: how this machine makes accounts. "": none. */
static bool default_of(const char *key, char *value, size_t value_len, char said[ACCOUNT_SAID_MAX])
{
	static const char *const argv[] = { USERADD, "-D", NULL };
	size_t len = strlen(key);
	const char *at = said;

	value[0] = '\0';
	if (run_patiently(argv, PROGRAM_MS, said, ACCOUNT_SAID_MAX) != 0)
		return false;
	for (; *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (strncmp(at, key, len) == 0 && at[len] == '=')
			return slice_copy((struct slice){ at + len + 1,
							  strcspn(at + len + 1, "\n") },
					  value, value_len);
	return true;
}

/* Where useradd will make the home of NAME. What stands there already would be given away with it. */
static bool home_choose(const char *name, char home[ACCOUNT_HOME_MAX], char said[ACCOUNT_SAID_MAX])
{
	char base[ACCOUNT_HOME_MAX - LOCAL_NAME_MAX / 4];
	struct stat st;

	if (!default_of("HOME", base, sizeof(base), said) || base[0] != '/') {
		snprintf(said, ACCOUNT_SAID_MAX, USERADD " -D: names no HOME");
		return false;
	}
	snprintf(home, ACCOUNT_HOME_MAX, "%s/%.32s", base, name);
	if (lstat(home, &st) != 0 && errno == ENOENT)
		return true;
	snprintf(said, ACCOUNT_SAID_MAX,
		 "%s: is there already, of uid %lu: whose is it? Move it away first", home,
		 (unsigned long)st.st_uid);
	return false;
}

bool account_leaves_nothing(const char *name)
{
	static const char *const places[] = { "/var/mail", "/var/spool/cron/crontabs",
					      "/var/spool/cron" };
	char home[ACCOUNT_HOME_MAX], path[ACCOUNT_HOME_MAX], said[ACCOUNT_SAID_MAX];
	struct stat st;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, sizeof(path), "%s/%.64s", places[i], name);
		if (lstat(path, &st) == 0)
			return false;
	}
	return home_choose(name, home, said);
}

/* Name, uid and home are what was wanted. */
static bool is_made(const char *name, uid_t uid, const char *home, char said[ACCOUNT_SAID_MAX])
{
	struct stat st;

	if (!account_is(name, uid))
		snprintf(
			said, ACCOUNT_SAID_MAX,
			"useradd has made it, and NSS does not say so (nsswitch.conf: passwd: files)");
	else if (lstat(home, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != uid)
		snprintf(said, ACCOUNT_SAID_MAX, "%s: useradd has made no home of uid %lu", home,
			 (unsigned long)uid);
	else if (!account_is_shut(name))
		snprintf(said, ACCOUNT_SAID_MAX, "useradd has not made it expired");
	else
		return true;
	return false;
}

bool account_make(const char *name, uid_t uid, const char *groups, char said[ACCOUNT_SAID_MAX])
{
	char home[ACCOUNT_HOME_MAX], number[16], beside[ACCOUNT_SAID_MAX];
	const char *argv[] = { USERADD,	     "--uid",	  number,	  "--create-home",
			       "--home-dir", home,	  "--expiredate", LONG_AGO,
			       "--password", NO_PASSWORD, "--groups",	  groups,
			       name,	     NULL };

	if (groups[0] == '\0') {
		argv[10] = name;
		argv[11] = NULL;
	}
	snprintf(number, sizeof(number), "%lu", (unsigned long)uid);
	if (!home_choose(name, home, said))
		return false;
	if (run(argv, said) && is_made(name, uid, home, said))
		return true;
	if (account_is(name, uid) && account_is_shut(name))
		account_delete(name, beside);
	return false;
}

bool account_is_shut(const char *name)
{
	const struct spwd *sp = getspnam(name);

	return sp && sp->sp_expire == LONG_AGO_DAYS;
}

/* A password that account_shut() has locked is somebody's to unlock; that we gave, and is none, is ours. */
bool account_open(const char *name, char said[ACCOUNT_SAID_MAX])
{
	char until[32];
	const char *argv[] = { USERMOD, "--expiredate", until, name, NULL, NULL, NULL };
	const struct spwd *sp = getspnam(name);

	if (sp && strcmp(sp->sp_pwdp, "!" NO_PASSWORD) == 0) {
		argv[3] = "--password";
		argv[4] = NO_PASSWORD;
		argv[5] = name;
	}
	return default_of("EXPIRE", until, sizeof(until), said) && run(argv, said);
}

bool account_shut(const char *name, char said[ACCOUNT_SAID_MAX])
{
	static const char *const how[] = { USERMOD, "--lock", "--expiredate", LONG_AGO };
	const char *const argv[] = { how[0], how[1], how[2], how[3], name, NULL };

	return run(argv, said) && account_is_shut(name);
}

bool account_join(const char *name, const char *groups, char said[ACCOUNT_SAID_MAX])
{
	const char *const argv[] = { USERMOD, "--append", "--groups", groups, name, NULL };

	return groups[0] == '\0' || run(argv, said);
}

bool account_delete(const char *name, char said[ACCOUNT_SAID_MAX])
{
	const char *const argv[] = { USERDEL, "--remove", name, NULL };
	uid_t uid = 0;

	run(argv, said); /* a mail spool that is not there is a status of its own */
	return account_find(name, &uid) == ACCOUNT_NONE;
}
