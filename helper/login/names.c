/* SPDX-License-Identifier: BSD-2-Clause */
/* Who and what has a name: see names.h. Must never take silence for "there is none". */
#include "names.h"

#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/spawn.h"
#include "starter.h"

enum {
	ENTRY_LEAST = 4 * 1024,
	ENTRY_MOST = 1024 * 1024, /* a group of everybody's */
	SOURCES_MAX = 512,
	PAUSE_MS = 30 * 1000, /* in which whoever did not answer is not asked again */
};

/* ---- NSS ---- */

static void name_take(struct names_entry *entry, const char *name)
{
	if (strlen(name) < sizeof(entry->name))
		strcpy(entry->name, name);
}

/* NSS's error, 0: ENTRY has the answer. */
static int look_with(const struct names_question *question, struct names_entry *entry, char *buf,
		     size_t len)
{
	struct passwd pw, *account = NULL;
	struct group gr, *group = NULL;
	int error;

	if (question->kind == NAMES_GROUP)
		error = getgrnam_r(question->name, &gr, buf, len, &group);
	else if (question->kind == NAMES_UID)
		error = getpwuid_r(question->uid, &pw, buf, len, &account);
	else
		error = getpwnam_r(question->name, &pw, buf, len, &account);
	if (error != 0)
		return error;
	entry->answer = account || group ? NAMES_FOUND : NAMES_NONE;
	if (account) {
		entry->uid = account->pw_uid;
		entry->gid = account->pw_gid;
		name_take(entry, account->pw_name);
	} else if (group) {
		entry->gid = group->gr_gid;
	}
	return 0;
}

static void look(const struct names_question *question, struct names_entry *entry)
{
	size_t len = ENTRY_LEAST;
	int error = ENOMEM;
	char *buf;

	memset(entry, 0, sizeof(*entry));
	do {
		buf = malloc(len);
		error = buf ? look_with(question, entry, buf, len) : ENOMEM;
		free(buf);
		len *= 4;
	} while (error == ERANGE && len <= ENTRY_MOST);
	entry->error = error;
}

/* The line of DATABASE in nsswitch.conf, to LINE; false: there is none, and files alone are asked. */
static bool line_read(const char *database, char line[SOURCES_MAX])
{
	FILE *file = fopen("/etc/nsswitch.conf", "re");
	size_t len = strlen(database);
	bool found = false;

	while (file && !found && fgets(line, SOURCES_MAX, file)) {
		char *at = line + strspn(line, " \t");

		at[strcspn(at, "#\n")] = '\0';
		found = strncmp(at, database, len) == 0 && at[len] == ':';
		if (found)
			memmove(line, at + len + 1, strlen(at + len + 1) + 1);
	}
	if (file)
		fclose(file);
	return found;
}

/* What is to be done at which answer, "[NOTFOUND=return]", is no source. */
static void actions_drop(char *line)
{
	for (char *at = line; (at = strchr(at, '['));)
		memset(at, ' ', strcspn(at, "]") + (strchr(at, ']') ? 1 : 0));
}

/*
 * That there is no such name is the last source's word alone: glibc forgets by it that one before could not be
 * reached. So each of these is asked by itself, and none may be silent.
 */
static void each_asked(const struct names_question *question, struct names_entry *entry)
{
	const char *database = question->kind == NAMES_GROUP ? "group" : "passwd";
	char line[SOURCES_MAX], whole[SOURCES_MAX], *rest, *source, *next;
	struct names_entry one;

	if (!line_read(database, line))
		return;
	strcpy(whole, line);
	actions_drop(line);
	source = strtok_r(line, " \t", &rest);
	while (source && entry->answer == NAMES_NONE && (next = strtok_r(NULL, " \t", &rest))) {
		if (__nss_configure_lookup(database, source) == 0) {
			look(question, &one);
			if (one.answer == NAMES_UNTOLD)
				*entry = one;
		}
		source = next;
	}
	__nss_configure_lookup(database, whole);
}

void names_look(const struct names_question *question, struct names_entry *entry)
{
	look(question, entry);
	if (entry->answer == NAMES_NONE)
		each_asked(question, entry);
}

/* ---- whom to ask, and whether ---- */

static struct {
	int error;	 /* of the last question that had no answer; 0: there was none */
	int64_t silence; /* spawn_now() until which nobody is asked */
} trouble;

static void names_ask(enum names_kind kind, const char *name, uid_t uid, struct names_entry *entry)
{
	struct names_question question = { .kind = kind, .uid = uid };

	memset(entry, 0, sizeof(*entry));
	if (strlen(name) >= sizeof(question.name)) {
		entry->answer = NAMES_NONE;
		return;
	}
	strcpy(question.name, name);
	if (!starter_serves()) {
		names_look(&question, entry);
	} else if (trouble.silence != 0 && spawn_now() < trouble.silence) {
		entry->error = trouble.error;
	} else {
		starter_names(&question, entry);
		if (entry->answer == NAMES_UNTOLD && entry->error == NAMES_LATE)
			trouble.silence = spawn_after(PAUSE_MS);
	}
	if (entry->answer == NAMES_UNTOLD)
		trouble.error = entry->error;
}

const char *names_trouble(void)
{
	static char text[128];

	switch (trouble.error) {
	case 0:
		return NULL;
	case NAMES_LATE:
		return "names: the name service (nsswitch.conf) has not answered in five seconds";
	case NAMES_CRASHED:
		return "names: a module of the name service (nsswitch.conf) has crashed";
	case NAMES_NO_CHILD:
		return "names: there is no process for the name service";
	default:
		snprintf(text, sizeof(text), "names: the name service (nsswitch.conf) fails: %s",
			 strerrordesc_np(trouble.error) ? strerrordesc_np(trouble.error)
							: "an error of its own");
		return text;
	}
}

/* ---- questions ---- */

void names_account(const char *name, struct local_account *account)
{
	struct names_entry entry;
	bool other;

	names_ask(NAMES_USER, name, 0, &entry);
	/* A directory that ignores case: the account is called otherwise, and may be somebody else's at the provider. */
	other = strcmp(entry.name, name) != 0 && strcasecmp(entry.name, name) == 0;
	*account = (struct local_account){ .name = name,
					   .exists = entry.answer == NAMES_FOUND && !other,
					   .untold = entry.answer == NAMES_UNTOLD,
					   .uid = entry.uid,
					   .gid = entry.gid };
}

enum names_answer names_user(uid_t uid, char name[LOCAL_NAME_MAX])
{
	struct names_entry entry;

	names_ask(NAMES_UID, "", uid, &entry);
	memcpy(name, entry.name, sizeof(entry.name));
	return entry.answer;
}

bool names_known(uid_t uid)
{
	char name[LOCAL_NAME_MAX];
	enum names_answer answer = names_user(uid, name);

	return answer == NAMES_FOUND || (answer == NAMES_UNTOLD && uid < NAMES_FIRST_SUBORDINATE);
}

enum names_answer names_group(const char *name, gid_t *gid)
{
	struct names_entry entry;

	names_ask(NAMES_GROUP, name, 0, &entry);
	*gid = entry.gid;
	return entry.answer;
}

/* ---- this machine's own files ---- */

bool names_in_files(const char *name, uid_t *uid, gid_t *gid)
{
	static const char *const paths[] = { "/etc/passwd", "/usr/lib/passwd" };
	char line[ENTRY_LEAST];
	struct passwd entry, *pw = NULL;
	FILE *file;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths) && !pw; i++) {
		file = fopen(paths[i], "re");
		while (file && fgetpwent_r(file, &entry, line, sizeof(line), &pw) == 0 &&
		       strcmp(pw->pw_name, name) != 0)
			pw = NULL;
		if (pw) {
			*uid = pw->pw_uid;
			*gid = pw->pw_gid;
		}
		if (file)
			fclose(file);
	}
	return pw != NULL;
}
