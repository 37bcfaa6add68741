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
#include "admin/sections.h"
#include "common/list.h"
#include "common/paths.h"
#include "common/spawn.h"
#include "helper/login/session/statedir.h"

#define STARTS \
	"enrolled" /* in PATH_PEOPLE_STATE: a line for each account that was begun, MOMENT SECTION */
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
	"root su login runuser pkexec doas cron crond atd "
	"admin admins administrator administrators wheel sudo sudoers adm staff operator operators system daemon "
	"docker podman lxd libvirt libvirtd kvm incus incus-admin disk shadow kmem utmp tty input render video audio "
	"plugdev netdev dialout lpadmin scanner wireshark nobody nogroup users guest guests ssh sshd sftp backup "
	"backups git www www-data http apache nginx mysql postgres postgresql oracle ansible puppet vagrant ubuntu "
	"debian fedora centos pi support service services test postmaster hostmaster webmaster mail news proxy "
	"mock nixbld nopasswdlogin ec2-user cloud-user rocky almalinux centos core opensuse alpine arch libvirt-qemu "
	"libvirt-dnsmasq qemu redis mongodb gdm lightdm sddm tomcat jenkins nagios zabbix tss vboxusers vboxsf bluetooth "
	"fuse sambashare ssl-cert crontab systemd-journal systemd-network messagebus polkitd avahi sgx ceph slurm munge "
	"ldap openldap krb5 sssd samba winbindd_priv haproxy squid postfix dovecot exim kubernetes etcd containerd "
	"buildkit gitlab gitlab-runner runner azureuser google-sudoers bitnami steam kodi plex jellyfin rescue recovery "
	"emergency toor superuser";

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

static enum account_state name_find(const struct people *people, const char *others,
				    const char *name)
{
	enum account_state state;
	uid_t uid;

	if (list_has(meaningful, LIST_BLANKS, name) || list_has(others, LIST_BLANKS, name) ||
	    people_named(people, name))
		return ACCOUNT_THERE;
	state = account_find(name, &uid);
	if (state == ACCOUNT_NONE)
		state = account_group_find(name);
	if (state == ACCOUNT_NONE && !account_leaves_nothing(name))
		state = ACCOUNT_THERE;
	return state;
}

bool enrolment_name(struct people *people, const char *others, const char *name,
		    char free[PERSON_NAME_MAX])
{
	enum account_state state = ACCOUNT_THERE;
	char number[8] = "";

	for (int at = 1; at <= NUMBER_MAX && state == ACCOUNT_THERE; at++) {
		if (at > 1)
			snprintf(number, sizeof(number), "%d", at);
		snprintf(free, PERSON_NAME_MAX, "%.*s%s",
			 (int)(PERSON_NAME_MAX - 1 - strlen(number)), name, number);
		state = name_find(people, others, free);
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

/* A line MOMENT SECTION, one blank between; false: it is none. The moment and the section's LEN bytes at AT. */
static bool start_read(const char *line, size_t line_len, int64_t *moment, struct slice *section)
{
	size_t digits = strspn(line, "0123456789");

	if (digits == 0 || digits > 15 || digits + 1 >= line_len || line[digits] != ' ')
		return false;
	*moment = strtoll(line, NULL, 10);
	*section = (struct slice){ line + digits + 1, line_len - digits - 1 };
	return true;
}

/* Puts into KEPT, a byte longer than TEXT, the lines no older than a day. How many of SECTION are younger than WINDOW_MS: returned. */
static long starts_count(const char *text, const char *section, int64_t window_ms, char *kept)
{
	int64_t now = spawn_now(), moment;
	struct slice whose;
	size_t used = 0;
	long count = 0;

	for (const char *at = text; *at;) {
		size_t len = strcspn(at, "\n");

		if (start_read(at, len, &moment, &whose) && moment <= now &&
		    now - moment < DAY_MS) {
			memcpy(kept + used, at, len);
			kept[used + len] = '\n';
			used += len + 1;
			count += slice_is(whose, section) && now - moment < window_ms;
		}
		at += len + (at[len] == '\n');
	}
	kept[used] = '\0';
	return count;
}

/* One more of SECTION, whatever becomes of it. */
static bool start_count(const char *section, long most, int64_t window_ms,
			char said[ENROLMENT_SAID_MAX])
{
	int dir = statedir_open(PATH_PEOPLE_STATE, 0700, 077);
	char *text = dir >= 0 ? starts_read(dir) : NULL;
	char *kept = text ? calloc(1, STARTS_MAX + 128) : NULL;
	bool ok = kept != NULL;

	if (!ok)
		refuse(said, "%s/%s: must be a file of root's in a directory of root's",
		       PATH_PEOPLE_STATE, STARTS);
	else if (starts_count(text, section, window_ms, kept) >= most)
		ok = refuse(said, "enrol_rate: %ld accounts were begun in %lld seconds", most,
			    (long long)(window_ms / 1000));
	else if (strlen(kept) > STARTS_MAX - 128)
		ok = refuse(said, "enrol_rate: too many accounts were begun today");
	else {
		sprintf(kept + strlen(kept), "%lld %.63s\n", (long long)spawn_now(), section);
		ok = starts_write(dir, kept) ||
		     refuse(said, "%s/%s: cannot be written", PATH_PEOPLE_STATE, STARTS);
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

/* ---- what else device_code.conf says ---- */

/* The sections of this machine: which names they speak of, and whether one lets people in by a name of the provider's. */
struct neighbours {
	FILE *names;
	char claims[64];		/* a section with user_claim, "": none */
	char wrong[ENROLMENT_SAID_MAX]; /* with a section that cannot be read, "": none */
};

static void neighbour_look(void *context, const char *section)
{
	static const enum conf_key keys[] = { CONF_IGNORE_USERS, CONF_ALLOW_SYSTEM_USERS,
					      CONF_SHARED_ACCOUNT };
	struct neighbours *neighbours = context;
	struct conf conf;

	/* One with a mistake is somebody's, too, once that is corrected: whose its map says. */
	if (!conf_load(&conf, NULL, section))
		snprintf(neighbours->wrong, sizeof(neighbours->wrong), "%s", conf.error);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		fprintf(neighbours->names, "%s ", conf_text(&conf, keys[i]));
	for (const char *at = conf.map ? conf.map : ""; *at; at++)
		fputc(*at == '\n' ? ' ' : *at, neighbours->names);
	fputc(' ', neighbours->names);
	if (conf_text(&conf, CONF_USER_CLAIM)[0] != '\0')
		snprintf(neighbours->claims, sizeof(neighbours->claims), "%s", section);
	conf_clear(&conf);
}

/*
 * The names that other sections give to somebody; the caller frees. NULL: SAID tells why. Where a section goes by
 * user_claim, whoever has a name at the provider is that account here: not who was given it.
 */
static char *neighbours_names(char said[ENROLMENT_SAID_MAX])
{
	struct neighbours neighbours = { .claims = "" };
	char *text = NULL;
	size_t len = 0;
	bool ok;

	neighbours.names = open_memstream(&text, &len);
	ok = neighbours.names && sections_each(neighbour_look, &neighbours);
	if (!neighbours.names || fclose(neighbours.names) != 0 || !ok)
		refuse(said, "%s: cannot be read", PATH_CONF);
	else if (neighbours.claims[0] != '\0')
		refuse(said,
		       "section %s lets people in by user_claim: whom that names may be another "
		       "than who is enrolled by that name: people = bound or map_file there, too",
		       neighbours.claims);
	else if (neighbours.wrong[0] != '\0')
		refuse(said, "nobody is enrolled beside a section that cannot be read: %s",
		       neighbours.wrong);
	else
		return text;
	free(text);
	return NULL;
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
	*over = person && !binding_cut_off(person->state);
	return !*over || person->state == BINDING_BOUND ||
	       refuse(said,
		      "this identity was %s before (%s): an administrator adds them again, "
		      "pam-device-code people add",
		      person->name, binding_state_name(person->state));
}

/* A name for who is new: to NAME. */
static bool name_choose(struct people *people, const char *claim, char name[PERSON_NAME_MAX],
			char said[ENROLMENT_SAID_MAX])
{
	char clean[PERSON_NAME_MAX], *others = neighbours_names(said);
	bool ok;

	if (!others)
		return false;
	enrolment_clean(claim, clean);
	ok = enrolment_name(people, others, clean, name) ||
	     refuse(said, "%s: %s", clean, people->error);
	free(others);
	return ok;
}

/* The lock is held: two at once see each other. Who was cut off keeps the name that was begun. */
static bool grant(struct people *people, const struct conf *conf, const struct enrolment_wish *wish,
		  char name[PERSON_NAME_MAX], char said[ENROLMENT_SAID_MAX])
{
	const struct person *person = people_identified(people, wish->issuer, wish->subject);
	struct person_wish made = { .name = name, .groups = "" };
	bool over;

	if (!known(person, &over, said))
		return false;
	made.issuer = wish->issuer;
	made.subject = wish->subject;
	if (person)
		strcpy(name, person->name);
	if (over)
		return true;
	if (!person && !name_choose(people, wish->name, name, said))
		return false;
	if (!people_wish_ok("enrol", &made))
		return refuse(said, "subject or issuer is none that can be bound");
	return (person || within_limits(people, conf, said)) &&
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
	else if (access(PATH_PEOPLE, F_OK) != 0)
		ok = refuse(
			said,
			"%s: is not there; if nobody was ever in it, touch it: who was removed is known by it alone",
			PATH_PEOPLE);
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
