/* SPDX-License-Identifier: BSD-2-Clause */
/* See stage.h. Defines the functions of libpam that the module calls. */
#include "stage.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <shadow.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/wire.h"

static struct {
	char dir[64];
	char path[400];
	char conf[420];
	char script[400];
	char secret[400];
	FILE *file;
} stage;

/* ---- libpam ---- */

int pam_get_item(const pam_handle_t *pamh, int type, const void **item)
{
	*item = type == PAM_RHOST     ? pamh->rhost
		: type == PAM_TTY     ? pamh->tty
		: type == PAM_RUSER   ? pamh->ruser
		: type == PAM_SERVICE ? pamh->service
		: type == PAM_USER    ? pamh->user
				      : NULL;
	return PAM_SUCCESS;
}

int pam_get_user(pam_handle_t *pamh, const char **user, const char *prompt)
{
	(void)prompt;
	*user = pamh->user;
	return PAM_SUCCESS;
}

int pam_set_item(pam_handle_t *pamh, int type, const void *item)
{
	if (type != PAM_USER)
		abort();
	snprintf(pamh->told_user, sizeof(pamh->told_user), "%s", (const char *)item);
	pamh->user = pamh->told_user;
	return PAM_SUCCESS;
}

int pam_putenv(pam_handle_t *pamh, const char *text)
{
	size_t len = strlen(pamh->environment);

	snprintf(pamh->environment + len, sizeof(pamh->environment) - len, "%s\n", text);
	return PAM_SUCCESS;
}

const char *pam_getenv(pam_handle_t *pamh, const char *name)
{
	(void)pamh;
	(void)name;
	return NULL;
}

int pam_set_data(pam_handle_t *pamh, const char *name, void *data,
		 void (*cleanup)(pam_handle_t *pamh, void *data, int status))
{
	(void)name;
	stage_handle_end(pamh);
	pamh->data = data;
	pamh->cleanup = cleanup;
	return PAM_SUCCESS;
}

int pam_get_data(const pam_handle_t *pamh, const char *name, const void **data)
{
	(void)name;
	*data = pamh->data;
	return pamh->data ? PAM_SUCCESS : PAM_NO_MODULE_DATA;
}

static void text_add(char *all, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void text_add(char *all, const char *format, va_list args)
{
	size_t len = strlen(all);

	vsnprintf(all + len, STAGE_TEXT_MAX - len - 1, format, args);
	strcat(all, "\1");
}

int pam_prompt(pam_handle_t *pamh, int style, char **response, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_add(pamh->shown, format, args);
	va_end(args);
	if (response)
		*response = NULL;
	if (style == PAM_TEXT_INFO)
		return PAM_SUCCESS;
	if (++pamh->prompts > STAGE_PROMPTS_MAX)
		return PAM_CONV_ERR;
	if (stage_on_prompt)
		stage_on_prompt();
	usleep((useconds_t)pamh->prompt_ms * 1000);
	if (response && pamh->answer)
		*response = strndup(pamh->answer, 4096); /* not the module's strdup */
	return PAM_SUCCESS;
}

void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	va_list args;

	(void)priority;
	va_start(args, format);
	text_add(((pam_handle_t *)(uintptr_t)pamh)->logged, format, args);
	va_end(args);
}

struct passwd *pam_modutil_getpwnam(pam_handle_t *pamh, const char *user)
{
	static struct passwd pw = { .pw_name = (char *)(uintptr_t)STAGE_USER, .pw_uid = STAGE_UID };

	(void)pamh;
	return strcmp(user, STAGE_USER) == 0 ? &pw : NULL;
}

struct passwd *pam_modutil_getpwuid(pam_handle_t *pamh, uid_t uid)
{
	(void)uid;
	return pam_modutil_getpwnam(pamh, STAGE_USER);
}

/* Nobody has a password here. */
struct spwd *pam_modutil_getspnam(pam_handle_t *pamh, const char *user)
{
	(void)pamh;
	(void)user;
	return NULL;
}

/* The account of the helpers, which a machine need not have for its tests. Linked by --wrap. */
bool __wrap_names_in_files(const char *name, uid_t *uid, gid_t *gid);
bool __wrap_names_in_files(const char *name, uid_t *uid, gid_t *gid)
{
	(void)name;
	*uid = STAGE_UID;
	*gid = STAGE_UID;
	return !stage_account_fails || !stage_account_fails();
}

/* ---- files ---- */

void stage_or_skip(void)
{
	pid_t pid = fork();
	int status = 1;

	if (pid == 0)
		_exit((geteuid() == 0 && setuid(STAGE_UID) != 0) || access(PATH_HELPER, X_OK) != 0);
	waitpid(pid, &status, 0);
	if (status == 0)
		return;
	printf("1..0 # SKIP nobody cannot run %s\n", PATH_HELPER);
	exit(0);
}

const char *stage_path(const char *name)
{
	snprintf(stage.path, sizeof(stage.path), "%s/%s", stage.dir, name);
	return stage.path;
}

static void file_write(const char *name, mode_t mode, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void file_write(const char *name, mode_t mode, const char *format, ...)
{
	FILE *file = fopen(stage_path(name), "w");
	va_list args;

	if (!file)
		abort();
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fclose(file);
	chmod(stage_path(name), mode);
}

void stage_set(const char *lines)
{
	remove(PATH_STATE "/limits"); /* what an earlier test has counted */
	strcpy(stage.dir, "/tmp/stage.XXXXXX");
	if (!mkdtemp(stage.dir) || chmod(stage.dir, 0755) != 0)
		abort();
	snprintf(stage.conf, sizeof(stage.conf), "conf=%s", stage_path("conf"));
	strcpy(stage.script, stage_path("script"));
	strcpy(stage.secret, stage_path("secret"));
	file_write("secret", 0600, "%s\n", STAGE_SECRET);
	file_write(
		"conf", 0644,
		"[x]\nissuer = %s\nclient_id = %s\n%stimeout = 10s\ntoken_endpoint_auth_method = client_secret_post\n%s",
		STAGE_ISSUER, stage.script,
		strstr(lines, "account =") ? "" : "user_claim = preferred_username\n", lines);
	mkdir(stage_path("conf.d"), 0755);
	file_write("conf.d/10.conf", 0644, "[x]\nclient_secret_file = %s\n", stage.secret);
}

void stage_clear(void)
{
	static const char *const names[] = { "conf.d/10.conf", "conf.d", "conf",
					     "script",	       "secret", "" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		remove(stage_path(names[i]));
}

void stage_script_begin(void)
{
	stage.file = fopen(stage.script, "w");
	if (!stage.file)
		abort();
}

void stage_step(enum script_what what, uint32_t number, const void *bytes, size_t len)
{
	struct script_step step;

	memset(&step, 0, sizeof(step));
	step.what = what;
	step.number = number;
	step.len = (uint32_t)len;
	fwrite(&step, sizeof(step), 1, stage.file);
	fwrite(bytes ? bytes : "", 1, len, stage.file);
}

void stage_packet(const char *verb, ...)
{
	struct wire_draft draft;
	const char *key;
	va_list args;

	wire_begin(&draft, verb);
	va_start(args, verb);
	while ((key = va_arg(args, const char *)))
		wire_add(&draft, key, va_arg(args, const char *));
	va_end(args);
	stage_step(SCRIPT_SEND, 0, draft.bytes, draft.len);
}

void stage_script_end(void)
{
	fclose(stage.file);
	chmod(stage.script, 0644);
}

void stage_ready(void)
{
	stage_packet("ready", "wire", WIRE_VERSION, "sandbox", STAGE_SANDBOX, NULL);
}

void stage_authorize(const char *seconds)
{
	stage_packet("authorize", "flow", "device_code", "user_code", "BCDF-GHJK",
		     "verification_uri", STAGE_ISSUER "/device", "expires_in", seconds, NULL);
}

void stage_claims(void)
{
	stage_packet("claim", "name", "iss", "type", "string", "value", STAGE_ISSUER, NULL);
	stage_packet("claim", "name", "sub", "type", "string", "value", "81", NULL);
	stage_packet("claim", "name", "preferred_username", "type", "string", "value", STAGE_USER,
		     NULL);
}

void stage_done(void)
{
	stage_packet("done", "verdict", "granted", "reason", "ok", NULL);
}

void stage_good_login(void)
{
	stage_script_begin();
	stage_ready();
	stage_authorize("60");
	stage_packet("progress", "state", "authorization_pending", NULL);
	stage_claims();
	stage_done();
	stage_script_end();
}

/* ---- logins ---- */

void stage_handle(struct pam_handle *pamh)
{
	memset(pamh, 0, sizeof(*pamh));
	pamh->user = STAGE_USER;
	pamh->tty = "tty1";
	pamh->service = "login";
	pamh->answer = "";
}

void stage_handle_end(struct pam_handle *pamh)
{
	if (pamh->cleanup)
		pamh->cleanup(pamh, pamh->data, PAM_SUCCESS);
	pamh->data = NULL;
	pamh->cleanup = NULL;
}

int stage_authenticate(struct pam_handle *pamh)
{
	const char *argv[] = { stage.conf, "debug" };

	return pam_sm_authenticate(pamh, 0, 2, argv);
}

/* ---- what must not be left behind ---- */

int stage_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

bool stage_has_children(void)
{
	return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}

long stage_peak_kb(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[128];
	long kb = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmHWM: %ld", &kb) == 1)
			break;
	if (file)
		fclose(file);
	return kb;
}

int64_t stage_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
