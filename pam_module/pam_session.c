/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session's groups, its beginning and its end, between PAM and who keeps its record: see pam_session.h. Must never
 * let a session begin whose record cannot be had, close one that another process has opened, take a group from the
 * process, or add root's.
 */
#include "pam_session.h"

#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "client.h"
#include "common/channel.h"
#include "common/paths.h"
#include "pam_host.h"
#include "pam_log.h"

#define OPENED "pam_device_code.session"
#define MAX    "systemd.runtime_max_sec" /* pam_systemd(8) */

enum {
	GIVEN_MAX = 16,
};

/* What the beginning leaves for the end, in the same process. */
struct opened {
	pid_t pid;
	char handle[HANDLE_MAX];
	char id[AUDIT_ID_MAX];
};

/* What was asked for once: a host calls several times, and in sshd in several processes. */
struct given {
	char id[AUDIT_ID_MAX];
	size_t count;
	gid_t gid[GIVEN_MAX];
};

/* ---- who keeps the record ---- */

/* Decimal numbers with a blank between two. false: they are no such, or root's is one. */
static bool groups_keep(const struct client *client)
{
	struct given given = { .count = 0 };
	const char *text = client->groups;

	memcpy(given.id, client->id, sizeof(given.id));
	for (char *end; *text; text = end + (*end == ' ')) {
		unsigned long gid = strtoul(text, &end, 10);

		if (*text < '1' || *text > '9' || (*end != ' ' && *end != '\0') ||
		    gid >= UINT32_MAX || given.count == GIVEN_MAX)
			return false;
		given.gid[given.count++] = (gid_t)gid;
	}
	return host_keep(client->pamh, SESSION_GROUPS, &given, sizeof(given));
}

/*
 * Asks them, and keeps the groups that they tell: some hosts open the session first (login of shadow). The host's log
 * says why nobody answers. false: there is no answer.
 */
static bool session_ask(struct client *client)
{
	char line[96];
	bool answered;

	client_run(client);
	answered = client->result == RESULT_ADMITTED || client->result == RESULT_SKIPPED;
	/* Of a login that is not kept there are none, unless they have been told before. */
	if (answered &&
	    (client->result == RESULT_ADMITTED || !host_kept(client->pamh, SESSION_GROUPS)) &&
	    !groups_keep(client))
		answered = client_end(client, RESULT_HELPER_FAILED, "login_breaks_the_protocol");
	if (client->reason) {
		snprintf(line, sizeof(line), "session: device-code-login: %s", client->reason);
		log_note(client->pamh, LOG_ERR, client->id, line);
	}
	return answered;
}

/* A hint, and no more: the user may have put it there. */
static bool handle_take(struct client *client)
{
	const char *hint = pam_getenv(client->pamh, HOST_HANDLE);

	snprintf(client->handle, sizeof(client->handle), "%s", hint ? hint : "");
	return hint != NULL;
}

/* ---- its groups ---- */

static bool is_in(const gid_t *gid, size_t count, gid_t one)
{
	for (size_t i = 0; i < count; i++)
		if (gid[i] == one)
			return true;
	return false;
}

static bool groups_add(const struct given *given)
{
	int count = getgroups(0, NULL);
	gid_t *gid = count >= 0 ? calloc((size_t)count + GIVEN_MAX, sizeof(*gid)) : NULL;
	size_t have = 0;
	bool ok = false;

	if (gid && getgroups(count, gid) == count) {
		have = (size_t)count;
		for (size_t i = 0; i < given->count; i++)
			if (!is_in(gid, have, given->gid[i]))
				gid[have++] = given->gid[i];
		ok = have == (size_t)count || setgroups(have, gid) == 0;
	}
	free(gid);
	return ok;
}

bool session_pam_groups(pam_handle_t *pamh)
{
	struct client client = { .pamh = pamh, .verb = "credentials", .session = true };
	const struct given *given = host_kept(pamh, SESSION_GROUPS);

	/* No login of ours has left a record here: most hosts that set credentials. */
	if (geteuid() != 0 || (!handle_take(&client) && !given))
		return true;
	if (!given) {
		audit_id(client.id);
		given = session_ask(&client) ? host_kept(pamh, SESSION_GROUPS) : NULL;
	}
	if (given && (given->count == 0 || groups_add(given)))
		return true;
	log_note(pamh, LOG_ERR, given ? given->id : client.id,
		 "credentials: the groups that local_groups gives could not be had or set");
	return false;
}

/* ---- its beginning and end ---- */

static void opened_keep(const struct client *client)
{
	struct opened opened = { .pid = getpid() };
	char max[24];

	memcpy(opened.id, client->id, sizeof(opened.id));
	memcpy(opened.handle, client->handle, sizeof(opened.handle));
	snprintf(max, sizeof(max), "%lld", (long long)client->runtime_max);
	if (!host_keep(client->pamh, OPENED, &opened, sizeof(opened)))
		log_note(client->pamh, LOG_WARNING, client->id,
			 "this session's end will be seen by its process's end alone");
	if (client->runtime_max != 0 && !host_keep(client->pamh, MAX, max, sizeof(max)))
		log_note(client->pamh, LOG_WARNING, client->id,
			 "session_max could not be told to pam_systemd");
}

bool session_pam_open(pam_handle_t *pamh)
{
	struct client client = { .pamh = pamh, .verb = "open", .session = true };
	bool found = handle_take(&client), answered;

	if (found)
		pam_putenv(pamh, HOST_HANDLE);
	/* Where nothing has ever been kept and nobody removed nobody is asked: cron opens many sessions. */
	if (geteuid() != 0 || (!found && !channel_exists(PATH_STATE "/" PATH_KEPT) &&
			       !channel_exists(PATH_STATE "/" PATH_REMOVED)))
		return true;
	audit_id(client.id);
	answered = session_ask(&client);
	if (client.result == RESULT_ADMITTED)
		opened_keep(&client);
	return answered;
}

void session_pam_close(pam_handle_t *pamh)
{
	struct client client = { .pamh = pamh, .verb = "close", .session = true };
	const struct opened *opened = host_kept(pamh, OPENED);

	if (!opened || opened->pid != getpid())
		return;
	memcpy(client.id, opened->id, sizeof(client.id));
	memcpy(client.handle, opened->handle, sizeof(client.handle));
	session_ask(&client);
	pam_set_data(pamh, OPENED, NULL, NULL);
}
