/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions that live by kept tokens: see session.h. Must never give a token to anybody but the user
 * of the login, or trust what anybody but sshd and the kernel says about who is there.
 */
#include "session.h"

#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "errand.h"
#include "host_pam.h"
#include "log.h"
#include "paths.h"
#include "policy.h"
#include "record.h"
#include "token.h"

#define TOKEN_NAME "DEVICE_CODE_TOKEN_FILE"
#define DATA_NAME  "pam_device_code.session"
#define MAX_NAME   "systemd.runtime_max_sec" /* pam_systemd(8) */

enum {
	LOCK_MS = 2000,
};

/* What session_open() leaves for session_close(), in the same process. */
struct opened {
	pid_t pid;
	char handle[KEEP_HANDLE_MAX];
	char id[AUDIT_ID_MAX];
};

/* ---- a session's beginning and end ---- */

struct scene {
	pam_handle_t *pamh;
	char id[AUDIT_ID_MAX];
};

static void scene_log(void *context, int priority, const char *text)
{
	const struct scene *scene = context;

	if (priority != LOG_DEBUG)
		log_note(scene->pamh, priority, scene->id, text);
}

static void scene_account(void *context, const char *name, struct judge_account *account)
{
	host_account(((const struct scene *)context)->pamh, name, account);
}

/* Runs also in forked children of su and sudo: it frees memory and does nothing else. */
static void opened_free(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	free(data);
}

/* The session line that HANDLE means, if this process may have it; its record is held then. */
static struct keep_session *session_claim(struct scene *scene, struct keep *keep,
					  const char *handle)
{
	const char *user, *caller, *service;
	struct keep_session *session;
	char id[KEEP_ID_MAX], word[32];

	if (!keep_handle_ok(handle, id) || keep_take(keep, id, LOCK_MS) != KEEP_HELD)
		return NULL;
	session = keep_session_find(keep, handle);
	if (!session || session->state != KEEP_NEW || keep->closing != 0 ||
	    !host_item(scene->pamh, PAM_USER, &user) ||
	    !host_item(scene->pamh, PAM_RUSER, &caller) ||
	    !host_item(scene->pamh, PAM_SERVICE, &service))
		return NULL;
	record_word(service, word, sizeof(word));
	/* sudo names the one that is become here, and who becomes it as PAM_RUSER. */
	if ((strcmp(user, keep->user) != 0 && strcmp(caller, keep->user) != 0) ||
	    strcmp(word, session->service) != 0)
		return NULL;
	if (!process_is_above_us(session->maker) &&
	    !process_is(process_of(getpid()), session->parent))
		return NULL;
	return session;
}

/*
 * Before pam_systemd, which then ends the session in time. Not inside somebody's session: the one that
 * pam_systemd knows there is the caller's, and the timer ends ours.
 */
static void max_tell(struct scene *scene, struct keep *keep, struct keep_session *session)
{
	struct judge_policy policy;
	struct conf conf;
	long max = 0;
	char text[24];

	if (errand_section(keep, &conf, &policy))
		max = conf_number(&conf, CONF_SESSION_MAX);
	else
		scene_log(scene, LOG_ERR, conf.error);
	conf_clear(&conf);
	if (max == 0)
		return;
	session->until = spawn_after(max * 1000);
	if (session->within)
		return;
	snprintf(text, sizeof(text), "%ld", max);
	if (pam_set_data(scene->pamh, MAX_NAME, strdup(text), opened_free) != PAM_SUCCESS)
		scene_log(scene, LOG_WARNING, "session_max could not be told to pam_systemd");
}

static void token_tell(struct scene *scene, const struct keep *keep)
{
	const struct passwd *pw = pam_modutil_getpwnam(scene->pamh, keep->user);
	char path[TOKEN_PATH_MAX], line[TOKEN_PATH_MAX + sizeof(TOKEN_NAME) + 1];
	const char *user;

	if (!keep->has_token || !host_item(scene->pamh, PAM_USER, &user) ||
	    strcmp(user, keep->user) != 0)
		return; /* sudo: a session of somebody else's */
	token_path(keep->id, path);
	snprintf(line, sizeof(line), TOKEN_NAME "=%s", path);
	if (!pw || pw->pw_uid != keep->uid || !token_give(keep->id, pw->pw_uid, pw->pw_gid) ||
	    pam_putenv(scene->pamh, line) != PAM_SUCCESS)
		scene_log(scene, LOG_WARNING, "the session gets no token file");
}

static void opened_remember(struct scene *scene, const char *handle)
{
	struct opened *opened = calloc(1, sizeof(*opened));

	if (opened) {
		opened->pid = getpid();
		memcpy(opened->id, scene->id, sizeof(opened->id));
		snprintf(opened->handle, sizeof(opened->handle), "%s", handle);
		if (pam_set_data(scene->pamh, DATA_NAME, opened, opened_free) == PAM_SUCCESS)
			return;
	}
	free(opened);
	scene_log(scene, LOG_WARNING, "this session's end will be seen by its process's end alone");
}

static void session_begin(struct scene *scene, struct keep *keep, const char *handle)
{
	struct keep_session *session = session_claim(scene, keep, handle);

	if (!session) {
		scene_log(scene, LOG_WARNING,
			  "session: its login is not kept (any more), or is another's");
		return;
	}
	session->state = KEEP_OPEN;
	session->leader = process_of(getpid());
	session->since = spawn_now();
	max_tell(scene, keep, session);
	token_tell(scene, keep);
	if (!keep_save(keep))
		scene_log(scene, LOG_ERR, "session: its record could not be written");
	opened_remember(scene, handle);
}

/* The record's directory and an empty record, for as long as a call lasts. */
static struct keep *record_blank(struct scene *scene)
{
	const char *reason;
	int dir = keep_dir_open(&reason);
	struct keep *keep = dir >= 0 ? keep_blank(dir) : NULL;

	if (!keep) {
		scene_log(scene, LOG_ERR, dir < 0 ? reason : "out of memory");
		if (dir >= 0)
			close(dir);
	}
	return keep;
}

static void record_end(struct keep *keep)
{
	int dir = keep->dir;

	keep_drop(keep);
	close(dir);
}

void session_open(pam_handle_t *pamh)
{
	const char *found = pam_getenv(pamh, RECORD_HANDLE);
	struct scene scene = { .pamh = pamh };
	char handle[KEEP_HANDLE_MAX];
	struct keep *keep;

	if (!found)
		return;
	snprintf(handle, sizeof(handle), "%s", found);
	pam_putenv(pamh, RECORD_HANDLE);
	audit_id(scene.id);
	if (geteuid() != 0)
		return;
	keep = record_blank(&scene);
	if (!keep)
		return;
	session_begin(&scene, keep, handle);
	record_end(keep);
}

/* What is left of the record when this session is out of it. */
static void session_leave(struct scene *scene, struct keep *keep, const char *handle)
{
	const struct login_io io = { .context = scene, .log = scene_log, .account = scene_account };
	struct keep_session *session = keep_session_find(keep, handle);

	if (session)
		keep_session_remove(keep, session);
	if (keep->sessions == 0 && (keep->trust_until == 0 || spawn_now() >= keep->trust_until))
		errand_close(keep, &io);
	else if (!keep_save(keep))
		scene_log(scene, LOG_ERR, "session: its record could not be written");
}

void session_close(pam_handle_t *pamh)
{
	struct scene scene = { .pamh = pamh };
	const struct opened *opened;
	const void *data = NULL;
	char id[KEEP_ID_MAX];
	struct keep *keep;

	if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS || !data)
		return;
	opened = data;
	if (opened->pid != getpid() || !keep_handle_ok(opened->handle, id))
		return;
	memcpy(scene.id, opened->id, sizeof(scene.id));
	keep = record_blank(&scene);
	if (!keep)
		return;
	switch (keep_take(keep, id, LOCK_MS)) {
	case KEEP_HELD:
		session_leave(&scene, keep, opened->handle);
		break;
	case KEEP_GONE: /* ended by pam-device-code sessions */
		break;
	default:
		scene_log(&scene, LOG_WARNING,
			  "session: its record is in use: pam-device-code "
			  "sessions --enforce will end it");
	}
	record_end(keep);
	pam_set_data(pamh, DATA_NAME, NULL, NULL);
}
