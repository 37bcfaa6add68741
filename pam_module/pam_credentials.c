/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The groups of a session: see pam_credentials.h. Must never take a group from the process, add root's, or ask
 * for those of another account than PAM_USER.
 */
#include "pam_credentials.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "client.h"
#include "pam_host.h"
#include "pam_log.h"

#define DATA_NAME "pam_device_code.groups"

enum {
	GIVEN_MAX = 16,
};

/* What was asked for once: a host calls several times, and in sshd in several processes. */
struct given {
	char id[AUDIT_ID_MAX];
	size_t count;
	gid_t gid[GIVEN_MAX];
};

/* Decimal numbers with a blank between two. false: TEXT is no such, or has root's group. */
static bool gids_read(const char *text, struct given *given)
{
	for (char *end; *text; text = end + (*end == ' ')) {
		unsigned long gid = strtoul(text, &end, 10);

		if (*text < '1' || *text > '9' || (*end != ' ' && *end != '\0') ||
		    gid >= UINT32_MAX || given->count == GIVEN_MAX)
			return false;
		given->gid[given->count++] = (gid_t)gid;
	}
	return true;
}

bool credentials_pam_keep(pam_handle_t *pamh, const char *id, const char *gids)
{
	struct given *given = calloc(1, sizeof(*given));

	if (given) {
		snprintf(given->id, sizeof(given->id), "%s", id);
		if (gids_read(gids, given) &&
		    pam_set_data(pamh, DATA_NAME, given, host_data_free) == PAM_SUCCESS)
			return true;
	}
	free(given);
	return false;
}

/* What the login tells, which is kept. false: it cannot be had. */
static bool ask(pam_handle_t *pamh, const char *handle)
{
	char hint[HANDLE_MAX];
	struct client client = { .pamh = pamh, .verb = "credentials", .handle = hint };

	snprintf(hint, sizeof(hint), "%s", handle);
	audit_id(client.id);
	client_run(&client);
	return (client.outcome == OUTCOME_ADMITTED || client.outcome == OUTCOME_SKIPPED) &&
	       credentials_pam_keep(pamh, client.id, client.groups);
}

static const struct given *given_find(pam_handle_t *pamh)
{
	const void *data = NULL;

	return pam_get_data(pamh, DATA_NAME, &data) == PAM_SUCCESS ? data : NULL;
}

static bool is_in(const gid_t *gid, size_t count, gid_t one)
{
	for (size_t i = 0; i < count; i++)
		if (gid[i] == one)
			return true;
	return false;
}

static bool add(const struct given *given)
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

bool credentials_pam_set(pam_handle_t *pamh)
{
	const char *handle = pam_getenv(pamh, HOST_HANDLE);
	const struct given *given = given_find(pamh);

	/* No login of ours has left a record here: most hosts that set credentials. */
	if (geteuid() != 0 || (!given && !handle))
		return true;
	if (!given && ask(pamh, handle))
		given = given_find(pamh);
	if (given && (given->count == 0 || add(given)))
		return true;
	log_note(pamh, LOG_ERR, given ? given->id : "",
		 "credentials: the groups that local_groups gives could not be had or set");
	return false;
}

void credentials_pam_forget(pam_handle_t *pamh)
{
	pam_set_data(pamh, DATA_NAME, NULL, NULL);
}
