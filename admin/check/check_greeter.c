/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: a display manager that shows its greeter on other machines, too, and what says that one stands
 * on a seat. Must never take a file that is missing or odd for a remote server.
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "common/paths.h"
#include "helper/login/origin.h"
#include "check.h"

/* Where a display manager is told to serve other machines; a group and a key of an INI file. */
static const struct server {
	const char *service; /* that its PAM service is, or begins with */
	const char *files;   /* glob(7) */
	const char *group;
	const char *key;
	const char *what;
} servers[] = {
	{ "lightdm", "/usr/share/lightdm/lightdm.conf.d/*.conf", "XDMCPServer", "enabled",
	  "XDMCP" },
	{ "lightdm", "/usr/share/lightdm/lightdm.conf.d/*.conf", "VNCServer", "enabled", "VNC" },
	{ "lightdm", "/etc/lightdm/lightdm.conf.d/*.conf", "XDMCPServer", "enabled", "XDMCP" },
	{ "lightdm", "/etc/lightdm/lightdm.conf.d/*.conf", "VNCServer", "enabled", "VNC" },
	{ "lightdm", "/etc/lightdm/lightdm.conf", "XDMCPServer", "enabled", "XDMCP" },
	{ "lightdm", "/etc/lightdm/lightdm.conf", "VNCServer", "enabled", "VNC" },
	{ "gdm", "/etc/gdm*/custom.conf", "xdmcp", "Enable", "XDMCP" },
	{ "gdm", "/etc/gdm*/daemon.conf", "xdmcp", "Enable", "XDMCP" },
	{ "gdm", "/usr/share/gnome-remote-desktop/grd.conf", "RDP", "enabled", "RDP" },
	{ "gdm", "/etc/gnome-remote-desktop/grd.conf", "RDP", "enabled", "RDP" },
};

/* LINE without blanks at its ends. */
static char *trimmed(char *line)
{
	size_t len;

	line += strspn(line, " \t");
	len = strlen(line);
	while (len > 0 && strchr(" \t\r\n", line[len - 1]))
		line[--len] = '\0';
	return line;
}

/* Whether LINE, "key = true" of an INI file, switches KEY on. */
static bool switches_on(char *line, const char *key)
{
	char *value = strchr(line, '=');

	if (!value)
		return false;
	*value++ = '\0';
	value = trimmed(value);
	return strcasecmp(trimmed(line), key) == 0 &&
	       (strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0 ||
		strcmp(value, "1") == 0);
}

static bool file_serves(const char *path, const struct server *server)
{
	FILE *file = fopen(path, "re");
	bool inside = false, serves = false;
	char buf[1024], group[64];

	if (!file)
		return false;
	snprintf(group, sizeof(group), "[%s]", server->group);
	while (!serves && fgets(buf, sizeof(buf), file)) {
		char *line = trimmed(buf);

		if (line[0] == '[')
			inside = strcmp(line, group) == 0;
		else if (inside && line[0] != '#')
			serves = switches_on(line, server->key);
	}
	fclose(file);
	return serves;
}

static void server_check(struct check *check, const struct server *server, bool allowed)
{
	glob_t found;

	if (glob(server->files, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (!file_serves(found.gl_pathv[i], server))
			continue;
		report_line(&check->report, MARK_WARNING, "greeter",
			    allowed ? "take remote_greeter away, or the server, if nobody needs it"
				    : "where people need it, remote_greeter = allow in its section",
			    "%s serves greeters by %s to other machines: a login there is remote, "
			    "and is %s",
			    found.gl_pathv[i], server->what,
			    allowed ? "let in by whoever talks a user into approving" : "refused");
	}
	globfree(&found);
}

void check_greeter(struct check *check, const struct stack *stack, const struct section *section)
{
	bool allowed = conf_is(&section->conf, CONF_REMOTE_GREETER, "allow");
	struct stat st;

	if (!origin_is_greeter(stack->service))
		return;
	for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++) {
		const struct server *server = &servers[i];

		if (strncmp(stack->service, server->service, strlen(server->service)) == 0)
			server_check(check, server, allowed);
	}
	if (!origin_is_gdm(stack->service) && stat(PATH_LOGIND_SESSIONS, &st) != 0)
		report_line(&check->report, MARK_WARNING, "greeter",
			    "run systemd-logind, or elogind; or allow it by remote_greeter = allow",
			    "nothing tells which greeter stands on a seat: %s is missing, and a "
			    "login at one counts as remote",
			    PATH_LOGIND_SESSIONS);
}
