/* SPDX-License-Identifier: BSD-2-Clause */
/* New accounts: see enrolment.h. */
#include "enrolment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/people/people_account.h"
#include "common/list.h"
#include "common/paths.h"
#include "common/spawn.h"
#include "helper/login/session/statedir.h"

#define STARTS \
	"enrolled" /* in PATH_STATE: a line for each account that was begun, MOMENT SECTION */
#define STARTS_FRESH "enrolled.new"

enum {
	NUMBER_MAX = 999,      /* behind a name */
	STARTS_MAX = 1 << 20,  /* bytes of the file */
	DAY_MS = 86400 * 1000, /* the longest window of enrol_rate */
};

/*
 * What sudoers, polkit and other files of distributions give something to, whether or not it is there: useradd makes a
 * group of the account's name.
 */
static const char meaningful[] =
	"root admin admins administrator administrators wheel sudo sudoers adm staff operator operators system daemon "
	"docker podman lxd libvirt libvirtd kvm incus incus-admin disk shadow kmem utmp tty input render video audio "
	"plugdev netdev dialout lpadmin scanner wireshark nobody nogroup users guest guests ssh sshd sftp backup "
	"backups git www www-data http apache nginx mysql postgres postgresql oracle ansible puppet vagrant ubuntu "
	"debian fedora centos pi support service services test postmaster hostmaster webmaster mail news proxy";

static bool refuse(char said[ENROLMENT_SAID_MAX], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool refuse(char said[ENROLMENT_SAID_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, ENROLMENT_SAID_MAX, format, args);
	va_end(args);
	return false;
}

/* ---- the name ---- */

void enrolment_clean(const char *text, char name[PERSON_NAME_MAX])
{
	size_t n = 0;

	for (; *text && *text != '@' && n < PERSON_NAME_MAX - 1; text++) {
		char byte = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
		bool letter = byte >= 'a' && byte <= 'z';

		if (letter || (n > 0 && strchr("0123456789_.-", byte)))
			name[n++] = byte;
	}
	while (n > 0 && strchr("_.-", name[n - 1]))
		n--;
	name[n] = '\0';
	if (n == 0)
		strcpy(name, "user");
}

static enum account_state name_find(const struct people *people, const char *name)
{
	enum account_state state;
	uid_t uid;

	if (list_has(meaningful, LIST_BLANKS, name) || people_named(people, name))
		return ACCOUNT_THERE;
	state = account_find(name, &uid);
	return state == ACCOUNT_NONE ? account_group_find(name) : state;
}

bool enrolment_name(struct people *people, const char *name, char free[PERSON_NAME_MAX])
{
	enum account_state state = ACCOUNT_THERE;
	char number[8] = "";

	for (int at = 1; at <= NUMBER_MAX && state == ACCOUNT_THERE; at++) {
		if (at > 1)
			snprintf(number, sizeof(number), "%d", at);
		snprintf(free, PERSON_NAME_MAX, "%.*s%s",
			 (int)(PERSON_NAME_MAX - 1 - strlen(number)), name, number);
		state = name_find(people, free);
	}
	return state == ACCOUNT_NONE ||
	       people_fail(people, "%s",
			   state == ACCOUNT_UNKNOWN ? "NSS cannot say which names are free"
						    : "that name and its numbers are taken");
}

/* ---- how many ---- */

/* The lines of the last day; "" where there is no file. NULL: it cannot be read. The caller frees. */
static char *starts_read(int dir)
{
	int fd = openat(dir, STARTS, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	char *text = fd >= 0 || errno == ENOENT ? calloc(1, STARTS_MAX) : NULL;
	ssize_t got = 0;

	if (fd >= 0) {
		if (text && statedir_ours(fd, S_IFREG, 022))
			got = read(fd, text, STARTS_MAX - 1);
		else
			got = -1;
		close(fd);
	}
	if (text && got >= 0)
		return text;
	free(text);
	return NULL;
}

static bool starts_write(int dir, const char *text)
{
	int fd = openat(dir, STARTS_FRESH, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			0600);
	size_t len = strlen(text);
	bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len;

	if (fd >= 0)
		close(fd);
	return ok && renameat(dir, STARTS_FRESH, dir, STARTS) == 0;
}

/* Appends to KEPT what of TEXT is no older than a day. How many of SECTION are younger than WINDOW_MS: returned. */
static long starts_count(const char *text, const char *section, int64_t window_ms, char *kept)
{
	int64_t now = spawn_now();
	long long moment;
	char whose[64];
	size_t used = 0;
	long count = 0;

	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		if (sscanf(at, "%lld %63[^\n]", &moment, whose) != 2 || moment > now ||
		    now - moment >= DAY_MS)
			continue;
		used += (size_t)sprintf(kept + used, "%lld %s\n", moment, whose);
		count += strcmp(whose, section) == 0 && now - moment < window_ms;
	}
	return count;
}

/* One more of SECTION, whatever becomes of it. */
static bool start_count(const char *section, long most, int64_t window_ms,
			char said[ENROLMENT_SAID_MAX])
{
	int dir = statedir_open(PATH_STATE, 0755, 022);
	char *text = dir >= 0 ? starts_read(dir) : NULL;
	char *kept = text ? calloc(1, STARTS_MAX + 128) : NULL;
	bool ok = kept != NULL;

	if (!ok)
		refuse(said, "%s/%s: must be a file of root's in a directory of root's", PATH_STATE,
		       STARTS);
	else if (starts_count(text, section, window_ms, kept) >= most)
		ok = refuse(said, "enrol_rate: %ld accounts were begun in %lld seconds", most,
			    (long long)(window_ms / 1000));
	else if (strlen(kept) > STARTS_MAX - 128)
		ok = refuse(said, "enrol_rate: too many accounts were begun today");
	else {
		sprintf(kept + strlen(kept), "%lld %.63s\n", (long long)spawn_now(), section);
		ok = starts_write(dir, kept) ||
		     refuse(said, "%s/%s: cannot be written", PATH_STATE, STARTS);
	}
	free(kept);
	free(text);
	if (dir >= 0)
		close(dir);
	return ok;
}

static bool within_limits(const struct people *people, const struct conf *conf,
			  char said[ENROLMENT_SAID_MAX])
{
	long most = conf_number(conf, CONF_ENROL_MAX), starts, seconds;
	const char *issuer = conf_text(conf, CONF_ISSUER);
	long count = 0;

	for (size_t i = 0; i < people->count; i++)
		count += strcmp(people->person[i].issuer, issuer) == 0;
	if (count >= most)
		return refuse(said, "enrol_max: %ld of this issuer are in %s", count, PATH_PEOPLE);
	conf_rate(conf, CONF_ENROL_RATE, &starts, &seconds);
	return starts == 0 || start_count(conf->section, starts, (int64_t)seconds * 1000, said);
}

/* ---- one wish ---- */

static bool section_ok(const struct conf *conf, const struct enrolment_wish *wish,
		       char said[ENROLMENT_SAID_MAX])
{
	if (strcmp(conf->section, wish->section) != 0 || !conf_is(conf, CONF_ENROL, "seat") ||
	    !conf_is(conf, CONF_PEOPLE, "bound"))
		return refuse(said, "section %.64s does not say enrol = seat", conf->section);
	return strcmp(conf_text(conf, CONF_ISSUER), wish->issuer) == 0 ||
	       refuse(said, "section %.64s has another issuer by now", conf->section);
}

/* Who is there already: by another login meanwhile, or by a call that was cut off. *OVER: nothing is to be made. */
static bool known(const struct person *person, bool *over, char said[ENROLMENT_SAID_MAX])
{
	*over = person && person->state != BINDING_MAKING;
	return !*over || person->state == BINDING_BOUND ||
	       refuse(said,
		      "this identity was %s before (%s): an administrator adds them again, "
		      "pam-device-code people add",
		      person->name, binding_state_name(person->state));
}

/* The lock is held: two at once see each other. */
static bool grant(struct people *people, const struct conf *conf, const struct enrolment_wish *wish,
		  char name[PERSON_NAME_MAX], char said[ENROLMENT_SAID_MAX])
{
	const struct person *person = people_identified(people, wish->issuer, wish->subject);
	struct person_wish made = { .name = name, .groups = "" };
	char clean[PERSON_NAME_MAX];
	bool over;

	if (!known(person, &over, said))
		return false;
	made.issuer = wish->issuer;
	made.subject = wish->subject;
	if (person) {
		strcpy(name, person->name);
		return over || people_grant(people, &made) || refuse(said, "%s", people->error);
	}
	enrolment_clean(wish->name, clean);
	if (!enrolment_name(people, clean, name))
		return refuse(said, "%s: %s", clean, people->error);
	if (!people_wish_ok("enrol", &made))
		return refuse(said, "subject or issuer is none that can be bound");
	return within_limits(people, conf, said) &&
	       (people_grant(people, &made) || refuse(said, "%s: %s", name, people->error));
}

bool enrolment_grant(const struct enrolment_wish *wish, char name[PERSON_NAME_MAX], uid_t *uid,
		     char said[ENROLMENT_SAID_MAX])
{
	struct people people = { .lock = -1 };
	const struct person *person;
	struct conf conf;
	bool ok = conf_load(&conf, NULL, wish->section);

	if (!ok)
		refuse(said, "%s", conf.error);
	else if (!section_ok(&conf, wish, said))
		ok = false;
	else if (!people_open(&people, true))
		ok = refuse(said, "%s", people.error);
	else
		ok = grant(&people, &conf, wish, name, said);
	person = ok ? people_identified(&people, wish->issuer, wish->subject) : NULL;
	if (person)
		*uid = person->uid;
	people_close(&people);
	conf_clear(&conf);
	return person != NULL;
}
