/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session's beginning and end, between PAM and who keeps its record: see session_pam.h. Must never let a
 * session begin whose record cannot be had, or close one that another process has opened.
 */
#include "pam_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/channel.h"
#include "common/client.h"
#include "pam_credentials.h"
#include "pam_host.h"
#include "pam_log.h"
#include "common/paths.h"

#define DATA_NAME "pam_device_code.session"
#define MAX_NAME  "systemd.runtime_max_sec" /* pam_systemd(8) */

/* What the beginning leaves for the end, in the same process. */
struct opened {
	pid_t pid;
	char handle[HANDLE_MAX];
	char id[AUDIT_ID_MAX];
};

/* One call, whoever keeps the record. */
struct call {
	pam_handle_t *pamh;
	struct host host;
	char id[AUDIT_ID_MAX];
};

static bool env_ok(const char *line)
{
	return strncmp(line, HOST_TOKEN "=", sizeof(HOST_TOKEN)) == 0;
}

static struct call *call_make(pam_handle_t *pamh)
{
	struct call *call = calloc(1, sizeof(*call));

	if (call && host_pam(&call->host, pamh)) {
		call->pamh = pamh;
		audit_id(call->id);
		return call;
	}
	free(call);
	log_note(pamh, LOG_ERR, "", "session: out of memory, or the host does not say whose it is");
	return NULL;
}

static void unreached_note(struct call *call, const struct client *client)
{
	char line[96];

	if (!client->reason)
		return;
	snprintf(line, sizeof(line), "session: device-code-login: %s", client->reason);
	log_note(call->pamh, LOG_ERR, call->id, line);
}

static void opened_remember(struct call *call, const char *handle)
{
	struct opened *opened = calloc(1, sizeof(*opened));

	if (opened) {
		opened->pid = getpid();
		memcpy(opened->id, call->id, sizeof(opened->id));
		snprintf(opened->handle, sizeof(opened->handle), "%s", handle);
		if (pam_set_data(call->pamh, DATA_NAME, opened, host_data_free) == PAM_SUCCESS)
			return;
	}
	free(opened);
	log_note(call->pamh, LOG_WARNING, call->id,
		 "this session's end will be seen by its process's end alone");
}

static void max_tell(struct call *call, long seconds)
{
	char text[24];

	if (seconds == 0)
		return;
	snprintf(text, sizeof(text), "%ld", seconds);
	if (pam_set_data(call->pamh, MAX_NAME, strdup(text), host_data_free) != PAM_SUCCESS)
		log_note(call->pamh, LOG_WARNING, call->id,
			 "session_max could not be told to pam_systemd");
}

/* OUTCOME_SKIPPED: no login of this session is kept. */
static bool open_run(struct call *call, const char *hint)
{
	struct client client = { .host = &call->host,
				 .verb = "open",
				 .id = call->id,
				 .handle = hint,
				 .env_ok = env_ok };

	client_run(&client);
	if (client.outcome == OUTCOME_ADMITTED &&
	    !credentials_pam_keep(call->pamh, call->id, client.groups))
		client_end(&client, OUTCOME_BREACH, "login_breaks_the_protocol");
	unreached_note(call, &client);
	if (client.outcome == OUTCOME_ADMITTED) {
		opened_remember(call, client.opened);
		max_tell(call, client.runtime_max);
	}
	return client.outcome == OUTCOME_ADMITTED || client.outcome == OUTCOME_SKIPPED;
}

bool session_pam_open(pam_handle_t *pamh)
{
	const char *found = pam_getenv(pamh, HOST_HANDLE);
	char hint[HANDLE_MAX];
	struct call *call;
	bool ok;

	snprintf(hint, sizeof(hint), "%s", found ? found : "");
	if (found)
		pam_putenv(pamh, HOST_HANDLE);
	/* Where nothing has ever been kept nobody is asked: cron opens many sessions. */
	if (geteuid() != 0 || (!found && !channel_exists(PATH_STATE "/" PATH_KEPT)))
		return true;
	call = call_make(pamh);
	if (!call)
		return !found;
	ok = open_run(call, found ? hint : NULL);
	free(call);
	return ok;
}

static void close_run(struct call *call, const struct opened *opened)
{
	struct client client = {
		.host = &call->host, .verb = "close", .id = call->id, .handle = opened->handle
	};

	memcpy(call->id, opened->id, sizeof(opened->id));
	client_run(&client);
	unreached_note(call, &client);
}

void session_pam_close(pam_handle_t *pamh)
{
	const void *data = NULL;
	struct call *call;

	if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS || !data ||
	    ((const struct opened *)data)->pid != getpid())
		return;
	call = call_make(pamh);
	if (!call)
		return;
	close_run(call, data);
	free(call);
	pam_set_data(pamh, DATA_NAME, NULL, NULL);
}
