/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a cgroup path says of a process: see cgroup.h. Must never look for a name anywhere but at its
 * place from the root.
 */
#include "cgroup.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char slice[] = ".slice", scope[] = ".scope";

/* In LINE "number:controllers:path". */
static const char *path_in(const char *line, const char *controllers)
{
	size_t len = strlen(controllers);

	line += strcspn(line, ":\n");
	return *line == ':' && strncmp(line + 1, controllers, len) == 0 && line[len + 1] == ':'
		       ? line + len + 2
		       : NULL;
}

/* A hierarchy of its own where controllers still have theirs; else the only one, which has no name. */
const char *cgroup_path(const char *text)
{
	const char *unified = NULL, *own;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		own = path_in(text, "name=systemd");
		if (own)
			return own;
		if (strncmp(text, "0:", 2) == 0)
			unified = path_in(text, "");
	}
	return unified;
}

const char *cgroup_unified(const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strncmp(text, "0:", 2) == 0)
			return path_in(text, "");
	return NULL;
}

static bool ends_in(const char *word, size_t len, const char *end)
{
	size_t end_len = strlen(end);

	return len > end_len && strncmp(word + len - end_len, end, end_len) == 0;
}

bool cgroup_session(const char *path, char *name, size_t name_len)
{
	static const char session[] = "session-";
	size_t len;

	while (*path == '/') {
		len = strcspn(++path, "/\n");
		if (!ends_in(path, len, slice))
			break;
		path += len;
	}
	len = strcspn(path, "/\n");
	if (strncmp(path, session, strlen(session)) != 0 || !ends_in(path, len, scope))
		return false;
	path += strlen(session);
	len -= strlen(session) + strlen(scope);
	if (len == 0 || len >= name_len ||
	    strspn(path, "0123456789abcdefghijklmnopqrstuvwxyz") != len)
		return false;
	memcpy(name, path, len);
	name[len] = '\0';
	return true;
}

bool cgroup_user(const char *path, uid_t *uid)
{
	static const char user[] = "/user.slice/user-";
	unsigned long number;
	char *end;

	if (strncmp(path, user, strlen(user)) != 0)
		return false;
	path += strlen(user);
	if (*path < '0' || *path > '9')
		return false;
	number = strtoul(path, &end, 10);
	if (number >= UINT_MAX || strncmp(end, slice, strlen(slice)) != 0 ||
	    strchr("/\n", end[strlen(slice)]) == NULL)
		return false;
	*uid = (uid_t)number;
	return true;
}
