/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: what of this machine every login needs: the module, its helpers and their account, where
 * logins are counted, what else confines programs here, and login's own clock.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/login/presentation.h"
#include "common/paths.h"
#include "common/tty.h"
#include "check.h"
#include "admin/run.h"
#include "helper/login/tty_messages.h"

#define SYSTEMCTL "/usr/bin/systemctl"
#define CONSOLE	  "tty1"

enum {
	LOGIN_TIMEOUT = 60, /* where login.defs says none */
	LOGIN_BESIDE = 30,
	ROWS_OF_TEXT = 6, /* below a QR, and the cursor's */
};

static void module_check(struct check *check)
{
	glob_t found = { 0 };
	struct stat st;
	static const char *const patterns[] = { "/lib/*/security/pam_device_code.so",
						"/lib/security/pam_device_code.so",
						"/lib64/security/pam_device_code.so",
						"/usr/local/lib/*/security/pam_device_code.so" };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
		glob(patterns[i], i ? GLOB_APPEND : 0, NULL, &found);
	if (found.gl_pathc == 0)
		report_line(&check->report, MARK_ERROR, "module", "make install",
			    "pam_device_code.so is in none of PAM's directories");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];

		if (stat(path, &st) == 0 && st.st_uid == 0 && !(st.st_mode & 022))
			report_line(&check->report, MARK_OK, "module", NULL, "%s", path);
		else
			report_line(&check->report, MARK_ERROR, "module",
				    "chown root:root and chmod 644 it",
				    "%s: others than root can write it", path);
	}
	globfree(&found);
}

static void program_check(struct check *check, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		report_line(&check->report, MARK_ERROR, "helper", "make install", "%s: %s", path,
			    strerror(errno));
	else if (st.st_uid != 0 || (st.st_mode & 022) || !(st.st_mode & S_IXOTH))
		report_line(&check->report, MARK_ERROR, "helper",
			    "chown root:root and chmod 711 it",
			    "%s: uid %lu, mode %04o: must be root's, and everybody's to run", path,
			    (unsigned long)st.st_uid, (unsigned int)(st.st_mode & 07777));
	else if (st.st_mode & 0444 & ~(mode_t)0400)
		report_line(&check->report, MARK_WARNING, "helper", "chmod 711 it",
			    "%s: mode %04o: who can read it can trace it from its start", path,
			    (unsigned int)(st.st_mode & 07777));
	else
		report_line(&check->report, MARK_OK, "helper", NULL, "%s", path);
}

static void user_check(struct check *check)
{
	const struct passwd *pw = getpwnam(HELPER_USER);

	if (!pw)
		report_line(&check->report, MARK_ERROR, "account",
			    "systemd-sysusers, or useradd --system --no-create-home --shell "
			    "/usr/sbin/nologin --user-group " HELPER_USER,
			    "%s: there is no such account, which the helpers run as", HELPER_USER);
	else if (pw->pw_uid == 0 || pw->pw_gid == 0)
		report_line(&check->report, MARK_ERROR, "account",
			    "give it a uid and a group of its own",
			    "%s: uid %lu, gid %lu: the helpers would run as root", HELPER_USER,
			    (unsigned long)pw->pw_uid, (unsigned long)pw->pw_gid);
	else
		report_line(&check->report, MARK_OK, "account", NULL, "%s, uid %lu", HELPER_USER,
			    (unsigned long)pw->pw_uid);
}

static void state_check(struct check *check)
{
	struct stat st;

	if (lstat(PATH_STATE, &st) != 0)
		report_line(&check->report, MARK_OK, "state", NULL, "%s: made by the first login",
			    PATH_STATE);
	else if (!S_ISDIR(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022))
		report_line(
			&check->report, MARK_ERROR, "state",
			"remove it, then systemd-tmpfiles --create",
			"%s: must be a directory of root's that only root can write: no login is "
			"counted",
			PATH_STATE);
	else
		report_line(&check->report, MARK_OK, "state", NULL, "%s", PATH_STATE);
}

/* The first byte of a file of the kernel's, 0: there is none. */
static int kernel_says(const char *path)
{
	FILE *file = fopen(path, "re");
	int byte = file ? fgetc(file) : 0;

	if (file)
		fclose(file);
	return byte > 0 ? byte : 0;
}

static void lsm_check(struct check *check)
{
	int selinux = kernel_says("/sys/fs/selinux/enforce");
	int apparmor = kernel_says("/sys/module/apparmor/parameters/enabled");

	report_line(&check->report, MARK_OK, "SELinux, AppArmor", NULL, "%s, %s",
		    selinux == '1'   ? "SELinux enforces: denials stand in ausearch -m avc"
		    : selinux == '0' ? "SELinux is permissive"
				     : "no SELinux",
		    apparmor == 'Y' ? "AppArmor is on: denials stand in journalctl -k"
				    : "no AppArmor");
}

void check_machine(struct check *check)
{
	if (geteuid() != 0)
		report_line(&check->report, MARK_WARNING, "root", "run it as root",
			    "run by uid %lu: what only root can see is not looked at",
			    (unsigned long)geteuid());
	module_check(check);
	program_check(check, PATH_HELPER);
	program_check(check, PATH_QR);
	program_check(check, PATH_LOGIN);
	check_login(check);
	user_check(check);
	state_check(check);
	lsm_check(check);
}

/* ---- AppArmor ---- */

#define LOCAL_PROFILE "/etc/apparmor.d/local/pam-device-code"

static bool file_has(const char *path, const char *text)
{
	FILE *file = fopen(path, "re");
	char line[1024];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = line[0] != '#' && strstr(line, text) != NULL;
	if (file)
		fclose(file);
	return found;
}

/* What the profile and its abstractions let the helper read, of certificates. */
static bool profile_allows(const char *path)
{
	static const char *const trees[] = { "/etc/ssl/", "/etc/pki/",
					     "/usr/share/ca-certificates/",
					     "/usr/local/share/ca-certificates/",
					     "/var/lib/ca-certificates/" };
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(trees) / sizeof(*trees); i++)
		if (strncmp(path, trees[i], strlen(trees[i])) == 0)
			return true;
	return strncmp(path, "/etc/security/", 14) == 0 && !strchr(path + 14, '/') && len > 4 &&
	       (strcmp(path + len - 4, ".pem") == 0 || strcmp(path + len - 4, ".crt") == 0);
}

void check_apparmor(struct check *check, const struct section *section)
{
	const char *path = conf_text(&section->conf, CONF_CA_FILE);
	char fix[600];

	if (path[0] == '\0' || profile_allows(path) ||
	    !file_has("/sys/kernel/security/apparmor/profiles", "device-code-helper (enforce)") ||
	    file_has(LOCAL_PROFILE, path))
		return;
	snprintf(fix, sizeof(fix),
		 "the line \"%.400s r,\" in " LOCAL_PROFILE
		 ", then apparmor_parser -r /etc/apparmor.d/pam-device-code",
		 path);
	report_line(&check->report, MARK_ERROR, "AppArmor", fix,
		    "ca_file: %s: the profile of the helper is enforced, and keeps it from there",
		    path);
}

/* ---- the console ---- */

/*
 * What stands below the QR of a console, tight: who, what to do, the address and the code. Two fonts of
 * console-setup's for each code page draw half blocks: VGA and, for some, Fixed.
 */
void check_console(struct check *check, const struct section *section, int width)
{
	static const char fix[] =
		"a font that has half blocks: CHARMAP=\"UTF-8\", CODESET=\"Uni2\", FONTFACE=\"VGA\", "
		"FONTSIZE=\"16x28\" (or 8x16) in /etc/default/console-setup, then setupcon and "
		"update-initramfs -u";
	struct presentation_facts facts = { .origin = ORIGIN_SEAT,
					    .tty = CONSOLE,
					    .service = "login" };
	struct tty tty;
	int fd = open("/dev/" CONSOLE, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int rows = screen_qr_rows(width, SCREEN_FULL) + ROWS_OF_TEXT;
	int halves = screen_qr_rows(width, SCREEN_COLOUR) + ROWS_OF_TEXT;
	bool fits;

	if (fd < 0 || !tty_look_at(fd, &tty) || !tty.linux_console ||
	    !conf_is(&section->conf, CONF_QR, "auto")) {
		if (fd >= 0)
			close(fd);
		return;
	}
	close(fd);
	tty_tell(&tty, conf_messages(&section->conf, false), &facts);
	fits = rows <= facts.rows && screen_qr_columns(width, SCREEN_FULL) <= facts.columns;
	if (fits || (facts.half_blocks && halves <= facts.rows))
		report_line(&check->report, MARK_OK, "console", NULL,
			    "%s, %d rows and %d columns: the QR is drawn in %s blocks", CONSOLE,
			    facts.rows, facts.columns, fits ? "full" : "half");
	else
		report_line(
			&check->report, MARK_WARNING, "console",
			facts.half_blocks ? "a smaller font: man console-setup" : fix,
			"%s, %d rows and %d columns%s: no QR fits, which wants %d rows, or %d in "
			"half blocks",
			CONSOLE, facts.rows, facts.columns,
			facts.half_blocks ? "" : ", and without half blocks", rows, halves);
}

/* ---- the units ---- */

static bool systemd_says(const char *verb, const char *unit)
{
	const char *const argv[] = { SYSTEMCTL, verb, unit, NULL };
	char said[512];

	return run_capture(argv, said, sizeof(said)) == 0;
}

static void unit_check(struct check *check, const char *unit)
{
	static const char fix[] =
		"systemctl enable --now pam-device-code-refresh.timer pam-device-code-sessions.timer";

	if (!systemd_says("is-active", unit))
		report_line(&check->report, MARK_WARNING, "units", fix,
			    "%s does not run: nobody is put out, no token is renewed or revoked",
			    unit);
	else if (!systemd_says("is-enabled", unit))
		report_line(&check->report, MARK_WARNING, "units", fix,
			    "%s runs, and will not after the next boot", unit);
	else
		report_line(&check->report, MARK_OK, "units", NULL, "%s runs", unit);
}

void check_units(struct check *check, const struct section *section)
{
	const struct conf *conf = &section->conf;

	if (conf_is(conf, CONF_TOKENS, "revoke") && conf_number(conf, CONF_TRUST) <= 0 &&
	    conf_number(conf, CONF_SESSION_MAX) <= 0 &&
	    conf_number(conf, CONF_MAX_UNCONFIRMED) <= 0)
		return;
	if (access("/run/systemd/system", F_OK) == 0) {
		unit_check(check, "pam-device-code-refresh.timer");
		unit_check(check, "pam-device-code-sessions.timer");
	} else {
		report_line(
			&check->report, MARK_WARNING, "units",
			"by cron: pam-device-code refresh each minute, pam-device-code sessions "
			"--enforce every five",
			"there is no systemd here, whose timers put people out and renew tokens");
	}
}

/* LOGIN_TIMEOUT of /etc/login.defs. */
static long login_timeout(void)
{
	FILE *file = fopen("/etc/login.defs", "re");
	long seconds = LOGIN_TIMEOUT, value;
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " LOGIN_TIMEOUT %9ld", &value) == 1)
			seconds = value;
	if (file)
		fclose(file);
	return seconds;
}

void check_login_defs(struct check *check, const struct section *section)
{
	const struct presentation_facts facts = { .origin = ORIGIN_SEAT,
						  .tty = "tty1",
						  .service = "login" };
	struct presentation presentation;
	long given = login_timeout();
	char fix[128];

	presentation_choose(&section->conf, &facts, &presentation);
	snprintf(fix, sizeof(fix), "LOGIN_TIMEOUT %ld in /etc/login.defs, or a shorter timeout",
		 presentation.timeout + LOGIN_BESIDE);
	if (given > 0 && given < presentation.timeout)
		report_line(&check->report, MARK_WARNING, "LOGIN_TIMEOUT", fix,
			    "%ld s: login ends after it, whatever timeout says (%ld s)", given,
			    presentation.timeout);
	else
		report_line(&check->report, MARK_OK, "LOGIN_TIMEOUT", NULL,
			    "%ld s; a code is waited for %ld s", given, presentation.timeout);
}
