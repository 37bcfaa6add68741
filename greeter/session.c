/* SPDX-License-Identifier: BSD-2-Clause */
/* What begins when somebody is in: see session.h. Must never hand a line to a shell. */
#include "session.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FILE_MAX = 64 * 1024,
};

/* ---- words of a command ---- */

static bool letter_put(struct session *session, char letter)
{
	if (session->used >= sizeof(session->bytes))
		return false;
	session->bytes[session->used++] = letter;
	return true;
}

/* What a % stands for: nothing is opened with a session, so only %% leaves anything. */
static bool code_put(struct session *session, const char **at)
{
	char code = *++*at;

	if (code == '\0')
		return false;
	++*at;
	return code != '%' || letter_put(session, '%');
}

static bool quoted_put(struct session *session, const char **at)
{
	for (++*at; **at != '"'; ++*at) {
		if (**at == '\\')
			++*at;
		if (**at == '\0' || !letter_put(session, **at))
			return false;
	}
	++*at;
	return true;
}

/* One word; one that was a field code alone is none. */
static bool word_put(struct session *session, const char **at, size_t *count)
{
	size_t start = session->used;
	bool quoted = false, ok = true;

	while (ok && **at && !strchr(" \t", **at)) {
		if (**at == '"') {
			quoted = true;
			ok = quoted_put(session, at);
		} else if (**at == '%') {
			ok = code_put(session, at);
		} else {
			ok = letter_put(session, *(*at)++);
		}
	}
	if (!ok || (session->used == start && !quoted))
		return ok;
	if (*count >= SESSION_WORDS_MAX || !letter_put(session, '\0'))
		return false;
	session->command[(*count)++] = session->bytes + start;
	return true;
}

bool session_command(struct session *session, const char *line)
{
	size_t count = 0;

	session->used = 0;
	memset(session->command, 0, sizeof(session->command));
	for (line += strspn(line, " \t"); *line; line += strspn(line, " \t"))
		if (!word_put(session, &line, &count))
			return false;
	return count > 0 && session->command[0][0] != '\0';
}

/* ---- a file ---- */

/* The value of KEY in the first group, [Desktop Entry], to OUT; false: it is not there, or too long. */
static bool value_find(const char *text, const char *key, char *out, size_t size)
{
	size_t len = strlen(key);
	bool inside = false;

	out[0] = '\0';
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t length = strcspn(line, "\r\n");
		const char *at = line + len;

		if (line[0] == '[') {
			if (inside)
				break;
			inside = strncmp(line, "[Desktop Entry]", 15) == 0;
		}
		if (!inside || strncmp(line, key, len) != 0)
			continue;
		at += strspn(at, " \t");
		if (*at != '=')
			continue;
		at += 1 + strspn(at + 1, " \t");
		length = at < line + length ? length - (size_t)(at - line) : 0;
		if (length >= size)
			return false;
		memcpy(out, at, length);
		out[length] = '\0';
		return true;
	}
	return false;
}

static bool is_true(const char *text, const char *key)
{
	char value[16];

	return value_find(text, key, value, sizeof(value)) && strcmp(value, "true") == 0;
}

static bool text_keep(struct session *session, char **where, const char *name, const char *value)
{
	int len = snprintf(session->bytes + session->used, sizeof(session->bytes) - session->used,
			   "%s=%s", name, value);

	if (len < 0 || (size_t)len >= sizeof(session->bytes) - session->used)
		return false;
	*where = session->bytes + session->used;
	session->used += (size_t)len + 1;
	return true;
}

/* Names of desktops stand with semicolons in the file, with colons in the environment. */
static bool environment_make(struct session *session, const char *text)
{
	char names[SESSION_NAME_MAX];
	size_t len;

	memset(session->environment, 0, sizeof(session->environment));
	if (!text_keep(session, &session->environment[0], "XDG_SESSION_TYPE", "wayland") ||
	    !text_keep(session, &session->environment[1], "XDG_SESSION_DESKTOP", session->id))
		return false;
	if (!value_find(text, "DesktopNames", names, sizeof(names)) || names[0] == '\0')
		return true;
	len = strlen(names);
	if (names[len - 1] == ';')
		names[len - 1] = '\0';
	for (char *at = names; (at = strchr(at, ';'));)
		*at = ':';
	return text_keep(session, &session->environment[2], "XDG_CURRENT_DESKTOP", names);
}

bool session_read(struct session *session, const char *id, const char *text, const char *language)
{
	char line[SESSION_BYTES_MAX], key[32];

	memset(session, 0, sizeof(*session));
	if (strlen(id) >= sizeof(session->id) || is_true(text, "Hidden") ||
	    is_true(text, "NoDisplay"))
		return false;
	strcpy(session->id, id);
	snprintf(key, sizeof(key), "Name[%.8s]", language);
	if (!value_find(text, key, session->name, sizeof(session->name)) &&
	    !value_find(text, "Name", session->name, sizeof(session->name)))
		return false;
	return value_find(text, "Exec", line, sizeof(line)) && session_command(session, line) &&
	       environment_make(session, text);
}

/* ---- a directory ---- */

static bool file_read(int directory, const char *name, char text[FILE_MAX])
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, text, FILE_MAX - 1);
	close(fd);
	if (len < 0 || len >= FILE_MAX - 1)
		return false;
	text[len] = '\0';
	return true;
}

static bool one_find(int directory, const char *name, const char *language, struct session *session)
{
	char id[SESSION_NAME_MAX], text[FILE_MAX];
	size_t len = strlen(name);

	if (len < 9 || strcmp(name + len - 8, ".desktop") != 0 || len - 8 >= sizeof(id))
		return false;
	snprintf(id, sizeof(id), "%.*s", (int)(len - 8), name);
	return file_read(directory, name, text) && session_read(session, id, text, language);
}

size_t sessions_find(const char *directory, const char *language,
		     struct session sessions[SESSIONS_MAX])
{
	struct dirent **entries;
	int found = scandir(directory, &entries, NULL, alphasort);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t count = 0;

	for (int i = 0; i < found; i++) {
		if (fd >= 0 && count < SESSIONS_MAX &&
		    one_find(fd, entries[i]->d_name, language, &sessions[count]))
			count++;
		free(entries[i]);
	}
	if (found >= 0)
		free(entries);
	if (fd >= 0)
		close(fd);
	return count;
}
