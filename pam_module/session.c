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
#include "exchange.h"
#include "host.h"
#include "log.h"
#include "paths.h"
#include "policy.h"
#include "screen.h"
#include "token.h"

#define HANDLE_NAME "DEVICE_CODE_SESSION"
#define TOKEN_NAME  "DEVICE_CODE_TOKEN_FILE"
#define DATA_NAME   "pam_device_code.session"
#define MAX_NAME    "systemd.runtime_max_sec" /* pam_systemd(8) */

enum {
	LOCK_MS = 2000,
	ERRAND_LOCK_MS = 300, /* another's refresh may hold it long: then there is no trust */
};

/* What session_open() leaves for session_close(), in the same process. */
struct opened {
	pid_t pid;
	char handle[KEEP_HANDLE_MAX];
	char id[AUDIT_ID_MAX];
};

static bool refuse(struct attempt *attempt, const char *reason)
{
	return login_end(&attempt->login, OUTCOME_SYSTEM, reason);
}

static bool wants_tokens(const struct conf *conf)
{
	return !conf_is(conf, CONF_TOKENS, "revoke");
}

static bool wants_record(const struct conf *conf)
{
	return wants_tokens(conf) || conf_number(conf, CONF_SESSION_MAX) > 0;
}

void session_prepare(struct attempt *attempt)
{
	if (pam_getenv(attempt->pamh, HANDLE_NAME))
		pam_putenv(attempt->pamh, HANDLE_NAME);
	/* A locker's user has a session already, and could not be kept from what is theirs. */
	attempt->login.keeping = attempt->facts.euid == 0 && wants_tokens(&attempt->conf);
}

/* ---- trust ---- */

/* The keys that sshd has accepted in this very attempt, as it names them, all lines of them. */
static bool proof_of_keys(const struct attempt *attempt, char out[KEEP_PROOF_MAX])
{
	const char *info = attempt->facts.ssh_auth_info;
	size_t used = 0, len;

	if (!place_proven(&attempt->facts, "publickey"))
		return false;
	for (; *info; info += len + (info[len] == '\n')) {
		len = strcspn(info, "\n");
		if (strncmp(info, "publickey ", 10) != 0)
			continue;
		if (used + len + 2 > KEEP_PROOF_MAX)
			return false;
		memcpy(out + used, info, len);
		out[used + len] = '\n';
		used += len + 1;
	}
	out[used] = '\0';
	return used > 0;
}

/* sudo's caller: their uid, on the same terminal, in the same session of processes. */
static bool proof_of_terminal(const struct attempt *attempt, char out[KEEP_PROOF_MAX])
{
	const struct place_facts *facts = &attempt->facts;
	struct process leader = process_of(getsid(0));

	if (!facts->own || facts->ruid == 0 || facts->tty[0] == '\0' || leader.pid <= 0 ||
	    (strcmp(facts->service, "sudo") != 0 && strcmp(facts->service, "sudo-i") != 0))
		return false;
	snprintf(out, KEEP_PROOF_MAX, "sudo %lu %.100s %d %llu", (unsigned long)facts->ruid,
		 facts->tty, (int)leader.pid, leader.start);
	return true;
}

/* What proves the person in this attempt, beside a code; false: nothing does. */
static bool proof_find(const struct attempt *attempt, char out[KEEP_PROOF_MAX])
{
	out[0] = '\0';
	if (attempt->policy.account[0] != '\0' || !attempt->login.wanted.exists ||
	    attempt->login.wanted.uid == 0 || attempt->user[0] == '\0')
		return false;
	return attempt->place == PLACE_REMOTE	 ? proof_of_keys(attempt, out)
	       : attempt->place == PLACE_SESSION ? proof_of_terminal(attempt, out)
						 : false;
}

static const char *conf_file(const struct attempt *attempt)
{
	return attempt->conf_path ? attempt->conf_path : PATH_CONF;
}

static bool trust_fits(const struct attempt *attempt, const struct keep *keep, const char *proof)
{
	return keep->closing == 0 && keep->keepsake[0] != '\0' && keep->proof[0] != '\0' &&
	       spawn_now() < keep->trust_until && strcmp(keep->proof, proof) == 0 &&
	       strcmp(keep->user, attempt->user) == 0 && keep->uid == attempt->login.wanted.uid &&
	       strcmp(keep->section, attempt->conf.section) == 0 &&
	       strcmp(keep->conf, conf_file(attempt)) == 0 &&
	       strcmp(keep->issuer, attempt->policy.issuer) == 0 &&
	       strcmp(keep->tokens, conf_text(&attempt->conf, CONF_TOKENS)) == 0;
}

/* Where the session's line of a record is told to whoever opens it. */
static bool handle_tell(struct attempt *attempt, const struct keep_session *session)
{
	char line[sizeof(HANDLE_NAME) + KEEP_HANDLE_MAX + 1];

	snprintf(line, sizeof(line), HANDLE_NAME "=%s", session->handle);
	return pam_putenv(attempt->pamh, line) == PAM_SUCCESS;
}

/* "-" for nothing: a line of a record is words. */
static void word_copy(const char *text, char *out, size_t out_len)
{
	screen_plain(text, out, out_len);
	for (char *at = out; *at; at++)
		if (*at == ' ')
			*at = '_';
	if (out[0] == '\0')
		snprintf(out, out_len, "-");
}

static bool session_add(struct attempt *attempt, struct keep *keep)
{
	struct keep_session *session = keep_session_add(keep);
	char tty[48], from[72];

	if (!session)
		return false;
	session->within = attempt->place == PLACE_SESSION;
	word_copy(attempt->facts.service, session->service, sizeof(session->service));
	word_copy(attempt->facts.tty, tty, sizeof(tty));
	word_copy(attempt->facts.rhost, from, sizeof(from));
	snprintf(session->where, sizeof(session->where), "%s %s", tty, from);
	return keep_save(keep) && handle_tell(attempt, session);
}

struct trust {
	struct attempt *attempt;
	int dir;
	char proof[KEEP_PROOF_MAX];
	bool admitted;
};

/* One record. What the provider has ended is over for everybody; what it does not say is a prompt. */
static bool trust_try(void *context, const char *id)
{
	struct trust *trust = context;
	struct attempt *attempt = trust->attempt;
	struct keep *keep = keep_blank(trust->dir);
	struct judge_policy policy = attempt->policy;
	enum outcome outcome = OUTCOME_SYSTEM;
	char reason[48];
	bool going = true;

	policy_lasting(&policy);
	if (keep && keep_take(keep, id, ERRAND_LOCK_MS) == KEEP_HELD &&
	    trust_fits(attempt, keep, trust->proof)) {
		outcome =
			errand_ask(keep, true, &attempt->conf, &policy, &attempt->login.io, reason);
		trust->admitted = outcome == OUTCOME_ADMITTED && session_add(attempt, keep);
		if (outcome == OUTCOME_DENIED || outcome == OUTCOME_NOT_ADMITTED)
			keep->trust_until = 0; /* its sessions are `sessions --enforce`'s */
		if (!trust->admitted && outcome != OUTCOME_ADMITTED)
			keep_save(keep);
		going = false;
	}
	keep_drop(keep);
	return going;
}

bool session_trusted(struct attempt *attempt)
{
	struct trust *trust;
	const char *reason;
	bool admitted;

	if (!attempt->login.keeping || conf_number(&attempt->conf, CONF_TRUST) == 0)
		return false;
	trust = calloc(1, sizeof(*trust));
	if (!trust || !proof_find(attempt, trust->proof)) {
		free(trust);
		return false;
	}
	trust->attempt = attempt;
	trust->dir = keep_dir_open(&reason);
	if (trust->dir >= 0) {
		keep_each(trust->dir, trust_try, trust);
		close(trust->dir);
	}
	admitted = trust->admitted;
	free(trust);
	if (admitted)
		login_end(&attempt->login, OUTCOME_ADMITTED, "trusted");
	attempt->trusted = admitted;
	return admitted;
}

/* ---- keeping ---- */

static bool record_fill(struct attempt *attempt, struct keep *keep)
{
	struct login *login = &attempt->login;
	const char *user = attempt->user[0] != '\0' ? attempt->user : login->name;
	long trust = conf_number(&attempt->conf, CONF_TRUST);
	int64_t now = spawn_now();

	keep->uid = login->wanted.uid;
	keep->made = keep->confirmed = keep->token_since = now;
	keep->has_token = login->token != NULL;
	if (login->token_seconds > 0)
		keep->token_until = spawn_after(login->token_seconds * 1000);
	if (trust > 0 && login->keepsake && proof_find(attempt, keep->proof))
		keep->trust_until = spawn_after(trust * 1000);
	snprintf(keep->section, sizeof(keep->section), "%s", attempt->conf.section);
	snprintf(keep->tokens, sizeof(keep->tokens), "%s", conf_text(&attempt->conf, CONF_TOKENS));
	snprintf(keep->user, sizeof(keep->user), "%s", user);
	return (size_t)snprintf(keep->conf, sizeof(keep->conf), "%s", conf_file(attempt)) <
		       sizeof(keep->conf) &&
	       (size_t)snprintf(keep->issuer, sizeof(keep->issuer), "%s", attempt->policy.issuer) <
		       sizeof(keep->issuer) &&
	       (size_t)snprintf(keep->subject, sizeof(keep->subject), "%s", login_subject(login)) <
		       sizeof(keep->subject) &&
	       (size_t)snprintf(keep->keepsake, sizeof(keep->keepsake), "%s",
				login->keepsake ? login->keepsake : "") < sizeof(keep->keepsake);
}

/* Whether nobody else is in as this account, by whatever section; *LOCK keeps it so. */
static bool alone(struct attempt *attempt, const struct keep *keep, int *lock)
{
	bool used;

	*lock = -1;
	if (!conf_is(&attempt->conf, CONF_ONE_SESSION, "yes"))
		return true;
	*lock = keep_account_lock(keep->dir, keep->uid, LOCK_MS);
	if (*lock >= 0 && keep_account_used(keep->dir, keep->uid, &used) && !used)
		return true;
	/* Where nobody can tell: rather none than two. */
	return login_end(&attempt->login, OUTCOME_LIMITED, "one_session");
}

/* The token file before the record, the record before the handle: what is left is found again. */
static bool record_write(struct attempt *attempt, struct keep *keep)
{
	struct login *login = &attempt->login;

	if (!keep_create(keep))
		return refuse(attempt, "tokens_not_kept");
	if ((!login->token || token_write(keep->id, login->token, 0, 0)) &&
	    session_add(attempt, keep))
		return true;
	keep_remove(keep);
	return refuse(attempt, "tokens_not_kept");
}

static bool record_make(struct attempt *attempt, struct keep *keep)
{
	bool ok;
	int lock;

	if (!record_fill(attempt, keep))
		return refuse(attempt, "tokens_too_long");
	ok = alone(attempt, keep, &lock) && record_write(attempt, keep);
	if (lock >= 0)
		close(lock);
	return ok;
}

static void record_keep(struct attempt *attempt)
{
	const char *reason;
	int dir = keep_dir_open(&reason);
	struct keep *keep = dir >= 0 ? keep_blank(dir) : NULL;

	if (dir < 0)
		refuse(attempt, reason);
	else if (!keep)
		login_end(&attempt->login, OUTCOME_MEMORY, "record");
	else
		record_make(attempt, keep);
	keep_drop(keep);
	if (dir >= 0)
		close(dir);
}

void session_settle(struct attempt *attempt)
{
	struct login *login = &attempt->login;

	if (attempt->trusted)
		return;
	if (login->outcome == OUTCOME_ADMITTED && attempt->facts.euid == 0 &&
	    wants_record(&attempt->conf)) {
		if (login->keeping && !login->keepsake)
			refuse(attempt, "tokens_not_told");
		else
			record_keep(attempt);
	}
	if (!login->keepsake)
		return;
	/* A helper that does not hear it revokes them: then nobody may come in by them. */
	if (login->outcome == OUTCOME_ADMITTED)
		login_kept(login);
	login_release(login);
}

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
	word_copy(service, word, sizeof(word));
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
	const char *found = pam_getenv(pamh, HANDLE_NAME);
	struct scene scene = { .pamh = pamh };
	char handle[KEEP_HANDLE_MAX];
	struct keep *keep;

	if (!found)
		return;
	snprintf(handle, sizeof(handle), "%s", found);
	pam_putenv(pamh, HANDLE_NAME);
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
