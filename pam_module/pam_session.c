/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session's beginning and end, between PAM and who keeps its record: see pam_session.h. Must never let a
 * session begin whose record cannot be had, or close one that another process has opened.
 */
#include "pam_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "client.h"
#include "common/channel.h"
#include "common/paths.h"
#include "pam_credentials.h"
#include "pam_host.h"
#include "pam_log.h"

#define DATA_NAME "pam_device_code.session"
#define MAX_NAME  "systemd.runtime_max_sec" /* pam_systemd(8) */

/* What the beginning leaves for the end, in the same process. */
struct opened {
	pid_t pid;
	char handle[HANDLE_MAX];
	char id[AUDIT_ID_MAX];
};

/* Asks who keeps the record; the host's log says why nobody answers. */
static void session_run(struct client *client)
{
	char line[96];

	client_run(client);
	if (client->outcome == OUTCOME_ADMITTED &&
	    !credentials_pam_keep(client->pamh, client->id, client->groups))
		client_end(client, OUTCOME_BREACH, "login_breaks_the_protocol");
	if (!client->reason)
		return;
	snprintf(line, sizeof(line), "session: device-code-login: %s", client->reason);
	log_note(client->pamh, LOG_ERR, client->id, line);
}

static void opened_remember(const struct client *client)
{
	struct opened *opened = calloc(1, sizeof(*opened));

	if (opened) {
		opened->pid = getpid();
		memcpy(opened->id, client->id, sizeof(opened->id));
		memcpy(opened->handle, client->opened, sizeof(opened->handle));
		if (pam_set_data(client->pamh, DATA_NAME, opened, host_data_free) == PAM_SUCCESS)
			return;
	}
	free(opened);
	log_note(client->pamh, LOG_WARNING, client->id,
		 "this session's end will be seen by its process's end alone");
}

static void max_tell(const struct client *client)
{
	char text[24];

	if (client->runtime_max == 0)
		return;
	snprintf(text, sizeof(text), "%ld", client->runtime_max);
	if (pam_set_data(client->pamh, MAX_NAME, strdup(text), host_data_free) != PAM_SUCCESS)
		log_note(client->pamh, LOG_WARNING, client->id,
			 "session_max could not be told to pam_systemd");
}

/* OUTCOME_SKIPPED: no login of this session is kept. */
bool session_pam_open(pam_handle_t *pamh)
{
	struct client client = { .pamh = pamh, .verb = "open" };
	const char *found = pam_getenv(pamh, HOST_HANDLE);
	char hint[HANDLE_MAX];

	snprintf(hint, sizeof(hint), "%s", found ? found : "");
	client.handle = found ? hint : NULL;
	if (found)
		pam_putenv(pamh, HOST_HANDLE);
	/* Where nothing has ever been kept nobody is asked: cron opens many sessions. */
	if (geteuid() != 0 || (!found && !channel_exists(PATH_STATE "/" PATH_KEPT)))
		return true;
	audit_id(client.id);
	session_run(&client);
	if (client.outcome == OUTCOME_ADMITTED) {
		opened_remember(&client);
		max_tell(&client);
	}
	return client.outcome == OUTCOME_ADMITTED || client.outcome == OUTCOME_SKIPPED;
}

void session_pam_close(pam_handle_t *pamh)
{
	struct client client = { .pamh = pamh, .verb = "close" };
	const struct opened *opened;
	const void *data = NULL;

	if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS || !data)
		return;
	opened = data;
	if (opened->pid != getpid())
		return;
	memcpy(client.id, opened->id, sizeof(client.id));
	client.handle = opened->handle;
	session_run(&client);
	pam_set_data(pamh, DATA_NAME, NULL, NULL);
}
