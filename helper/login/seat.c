/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * logind's sessions: see seat.h. The files are those that libsystemd's sd_session_get_seat() and its
 * like read; the library would bring five others into the host. Must never take what is missing,
 * unreadable or odd for a seat.
 */
#include "seat.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/list.h"

enum {
	SESSION_BYTES_MAX = 4096, /* a session's file has about 500 */
	SESSIONS_MAX = 4096,	  /* looked at in one call */
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

static bool greeter_on_seat(const char *text, const char *display)
{
	if (!slice_is(value_of(text, "CLASS"), "greeter") || value_of(text, "SEAT").len == 0 ||
	    slice_is(value_of(text, "REMOTE"), "1"))
		return false;
	return display[0] ? slice_is(value_of(text, "DISPLAY"), display)
			  : slice_is(value_of(text, "ACTIVE"), "1");
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
