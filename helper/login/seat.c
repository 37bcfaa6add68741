/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logind's sessions: see seat.h. The files are those that libsystemd's sd_session_get_seat() and its
 * like read; the library would bring five others into the host. Must never take what is missing,
 * unreadable or odd for a seat.
 */
#include "seat.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/list.h"

enum {
	SESSION_BYTES_MAX = 4096, /* a session's file has about 500 */
	SESSIONS_MAX = 4096,	  /* looked at in one call */
	/* Whose a greeter is: the system's own accounts', or one of systemd's for greeters (UIDS-GIDS.md), as GDM has. */
	SYSTEM_UID_MAX = 999,
	GREETER_UID_MIN = 60578,
	GREETER_UID_MAX = 60705,
	UID_DIGITS_MAX = 10,
};

static bool root_owned(int fd, mode_t type)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_uid == 0 &&
	       (st.st_mode & 022) == 0;
}

/* The value of "KEY=VALUE" in TEXT; .len 0: it has none. */
static struct slice value_of(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (; *text; text += *text == '\n') {
		size_t line = strcspn(text, "\n");

		if (strncmp(text, key, len) == 0 && text[len] == '=')
			return (struct slice){ text + len + 1, line - len - 1 };
		text += line;
	}
	return (struct slice){ text, 0 };
}

/* Somebody who makes a session of class greeter for themself (su takes class and seat from the environment) has none. */
static bool greeter_s_own(const char *text)
{
	char digits[UID_DIGITS_MAX + 1];
	unsigned long uid;

	if (!slice_copy(value_of(text, "UID"), digits, sizeof(digits)) || digits[0] == '\0' ||
	    digits[strspn(digits, "0123456789")] != '\0')
		return false;
	uid = strtoul(digits, NULL, 10);
	return uid <= SYSTEM_UID_MAX || (uid >= GREETER_UID_MIN && uid <= GREETER_UID_MAX);
}

/*
 * A session that is closing has lost its greeter, and the display's number may be another server's by now. DISPLAY is
 * what whoever controls the session has said, any text; logind writes it, and what may be anybody's, behind the rest.
 */
static bool greeter_on_seat(char *text, const char *display)
{
	struct slice said = value_of(text, "DISPLAY");
	bool fits = !display[0] || slice_is(said, display);

	if (said.len > 0)
		text[said.at - text] = '\0';
	return fits && slice_is(value_of(text, "CLASS"), "greeter") &&
	       value_of(text, "SEAT").len > 0 && !slice_is(value_of(text, "REMOTE"), "1") &&
	       (slice_is(value_of(text, "STATE"), "active") ||
		slice_is(value_of(text, "STATE"), "online")) &&
	       (display[0] || slice_is(value_of(text, "ACTIVE"), "1")) && greeter_s_own(text);
}

static bool session_fits(int dir, const char *name, const char *display)
{
	char text[SESSION_BYTES_MAX];
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t got = root_owned(fd, S_IFREG) ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	return greeter_on_seat(text, display);
}

bool seat_has_greeter(const char *path, const char *display)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY);
	DIR *dir = root_owned(fd, S_IFDIR) ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	bool found = false;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	for (int i = 0; !found && i < SESSIONS_MAX && (entry = readdir(dir)); i++)
		if (entry->d_name[0] != '.' && !strchr(entry->d_name, '.')) /* NAME.ref is a pipe */
			found = session_fits(dirfd(dir), entry->d_name, display);
	closedir(dir);
	return found;
}
