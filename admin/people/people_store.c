/* SPDX-License-Identifier: BSD-2-Clause */
/* device_code.people: see people_store.h. */
#include "people_store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/login/config/conf.h"
#include "common/paths.h"
#include "common/spawn.h"
#include "helper/login/session/statedir.h"

#define DIRECTORY SYSCONFDIR "/security"
#define FILE_NAME "device_code.people"
#define NEW_NAME  ".device_code.people.new"
#define LOCK_NAME "people.lock"
#define HEAD	  "# Written by `pam-device-code people`, which keeps names and uids apart: use that.\n"

enum {
	LOCK_MS = 120 * 1000, /* fifty calls at once, each of which makes an account */
	LOCK_NAP_MS = 20,
};

bool people_fail(struct people *people, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(people->error, sizeof(people->error), format, args);
	va_end(args);
	return false;
}

/* ---- the lock ---- */

static bool lock_take(struct people *people)
{
	int64_t until = spawn_after(LOCK_MS);
	int dir = statedir_open(PATH_PEOPLE_STATE, 0700, 077);

	people->lock = dir < 0 ? -1
			       : openat(dir, LOCK_NAME,
					O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
					0600);
	if (dir >= 0)
		close(dir);
	if (people->lock < 0 || !statedir_ours(people->lock, S_IFREG, 022))
		return people_fail(people,
				   "%s/%s: must be a file of root's in a directory of root's",
				   PATH_PEOPLE_STATE, LOCK_NAME);
	while (flock(people->lock, LOCK_EX | LOCK_NB) != 0) {
		if (spawn_now() >= until)
			return people_fail(people, "another call holds %s/%s: nothing was done",
					   PATH_PEOPLE_STATE, LOCK_NAME);
		poll(NULL, 0, LOCK_NAP_MS);
	}
	return true;
}

/* ---- reading ---- */

struct person *people_add(struct people *people)
{
	struct person *more;

	if (people->count == people->room) {
		size_t room = people->room ? 2 * people->room : 64;

		more = reallocarray(people->person, room, sizeof(*more));
		if (!more) {
			people_fail(people, "out of memory");
			return NULL;
		}
		people->person = more;
		people->room = room;
	}
	more = &people->person[people->count++];
	memset(more, 0, sizeof(*more));
	return more;
}

void people_drop(struct people *people, struct person *person)
{
	*person = people->person[--people->count];
}

static bool line_take(struct people *people, const struct binding *binding, int number)
{
	struct person one = { .state = binding->state, .uid = binding->uid }, *person;

	if (binding->state == BINDING_NONE)
		return true;
	if (binding->state == BINDING_WRONG ||
	    !slice_decode(binding->issuer, one.issuer, sizeof(one.issuer)) ||
	    !slice_decode(binding->subject, one.subject, sizeof(one.subject)) ||
	    !slice_copy(binding->name, one.name, sizeof(one.name)) || !policy_name_ok(one.name))
		return people_fail(people,
				   PATH_PEOPLE ":%d: must be a state, an issuer, a subject, a name "
					       "and a uid; nothing is changed before it is",
				   number);
	if (people_named(people, one.name) || people_numbered(people, one.uid) ||
	    people_identified(people, one.issuer, one.subject))
		return people_fail(people,
				   PATH_PEOPLE ":%d: name, uid or identity stands in another line, "
					       "too; nothing is changed before one of them goes",
				   number);
	person = people_add(people);
	if (person)
		*person = one;
	return person != NULL;
}

/* The file's own text, which the caller frees. *TEXT NULL: there is no file. */
static bool text_read(struct people *people, char **text)
{
	int fd = open(PATH_PEOPLE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	ssize_t got = -1;

	*text = NULL;
	if (fd < 0)
		return errno == ENOENT ||
		       people_fail(people, "%s: %s", PATH_PEOPLE, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022) ||
	    st.st_size > CONF_PEOPLE_MAX) {
		close(fd);
		return people_fail(people,
				   "%s: must be a file of root's, of mode 0644, below 8 MiB",
				   PATH_PEOPLE);
	}
	*text = calloc(1, (size_t)st.st_size + 1);
	if (*text)
		got = read(fd, *text, (size_t)st.st_size);
	close(fd);
	return got == st.st_size || people_fail(people, "%s: cannot be read", PATH_PEOPLE);
}

bool people_open(struct people *people, bool writes)
{
	struct binding binding;
	char *text = NULL;
	bool ok;
	int line = 1;

	*people = (struct people){ .lock = -1 };
	if (writes && geteuid() != 0)
		return people_fail(people, "must run as root");
	ok = (!writes || lock_take(people)) && text_read(people, &text);
	for (const char *at = text; ok && at && binding_next(&at, &binding); line++)
		ok = line_take(people, &binding, line);
	free(text);
	return ok;
}

void people_close(struct people *people)
{
	if (people->lock >= 0)
		close(people->lock);
	free(people->person);
}

/* ---- who is who ---- */

struct person *people_named(const struct people *people, const char *name)
{
	for (size_t i = 0; i < people->count; i++)
		if (strcmp(people->person[i].name, name) == 0)
			return &people->person[i];
	return NULL;
}

struct person *people_identified(const struct people *people, const char *issuer,
				 const char *subject)
{
	for (size_t i = 0; i < people->count; i++)
		if (strcmp(people->person[i].subject, subject) == 0 &&
		    strcmp(people->person[i].issuer, issuer) == 0)
			return &people->person[i];
	return NULL;
}

struct person *people_numbered(const struct people *people, uid_t uid)
{
	for (size_t i = 0; i < people->count; i++)
		if (people->person[i].uid == uid)
			return &people->person[i];
	return NULL;
}

/* ---- writing ---- */

/* The file's text, which the caller frees; NULL: no memory. */
static char *text_make(const struct people *people, size_t *len)
{
	char issuer[BINDING_WORD_MAX], subject[BINDING_WORD_MAX];
	char *text = NULL;
	FILE *memory = open_memstream(&text, len);

	if (!memory)
		return NULL;
	fputs(HEAD, memory);
	for (size_t i = 0; i < people->count; i++) {
		const struct person *person = &people->person[i];

		if (binding_word(person->issuer, issuer) && binding_word(person->subject, subject))
			fprintf(memory, "%s %s %s %s %lu\n", binding_state_name(person->state),
				issuer, subject, person->name, (unsigned long)person->uid);
	}
	if (fclose(memory) == 0)
		return text;
	free(text);
	return NULL;
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, text, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		text += done;
		len -= (size_t)done;
	}
	return true;
}

/* On the disk before its name is: a name in front of nothing is what a crash would leave. */
static bool file_make(int dir, const char *text, size_t len)
{
	int fd, saved;
	bool ok;

	unlinkat(dir, NEW_NAME, 0);
	fd = openat(dir, NEW_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	ok = write_all(fd, text, len) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
	saved = errno;
	ok &= close(fd) == 0;
	if (!ok)
		unlinkat(dir, NEW_NAME, 0);
	errno = saved;
	return ok;
}

bool people_save(struct people *people)
{
	int dir = open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t len = 0;
	char *text = text_make(people, &len);
	bool ok = dir >= 0 && text && len <= CONF_PEOPLE_MAX && file_make(dir, text, len) &&
		  renameat(dir, NEW_NAME, dir, FILE_NAME) == 0 && fsync(dir) == 0;

	if (!ok)
		people_fail(people, "%s: cannot be written: %s", PATH_PEOPLE,
			    len > CONF_PEOPLE_MAX ? "more than 8 MiB" : strerror(errno));
	free(text);
	if (dir >= 0)
		close(dir);
	return ok;
}
