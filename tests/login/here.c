/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client_run() without a channel: what device-code-login decides is decided in the calling process, so that
 * tests have the whole of a login in one. In no installed program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/login/attempt.h"
#include "helper/login/exchange.h"
#include "common/client.h"
#include "helper/login/session/session.h"

static void authenticate(struct client *client)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));

	client->outcome = OUTCOME_MEMORY;
	if (!attempt)
		return;
	attempt_begin(attempt, client->host, client->id);
	attempt->section = client->section;
	attempt->conf_path = client->conf_path;
	attempt->debug = client->debug;
	attempt_run(attempt);
	attempt_report(attempt);
	client->outcome = attempt->login.outcome;
	if (client->outcome == OUTCOME_ADMITTED) {
		client->uid = attempt->login.wanted.uid;
		snprintf(client->user, sizeof(client->user), "%s", attempt_user(attempt));
		client->host->user = attempt->user;
	}
	attempt_clear(attempt);
	login_release(&attempt->login);
	free(attempt);
}

static void session_run(struct client *client, struct session *session)
{
	if (strcmp(client->verb, "close") == 0) {
		snprintf(session->handle, sizeof(session->handle), "%s", client->handle);
		session_close(session);
		client->outcome = OUTCOME_REVOKED;
		return;
	}
	client->outcome = session_open(session);
	memcpy(client->opened, session->handle, sizeof(client->opened));
	client->runtime_max = session->runtime_max;
}

void client_run(struct client *client)
{
	struct session session = { .host = client->host, .hint = client->handle };

	snprintf(session.id, sizeof(session.id), "%s", client->id);
	if (strcmp(client->verb, "authenticate") == 0)
		authenticate(client);
	else
		session_run(client, &session);
}
