/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups for a session: see local_groups.h. */
#include "local_groups.h"

#include <stdio.h>
#include <string.h>

#include "common/list.h"
#include "names.h"

enum {
	SYSTEM_GID_MAX = 999,
};

/* Of the system's groups those that open a device at the seat, or a service, and no way to root. */
#define AT_A_SEAT "audio video plugdev"
#define ANYWHERE  "scanner lpadmin"

/* One word of the section's list: NAME=VALUE and the groups behind the last colon, separated by commas. */
struct gift {
	struct slice pair;
	const char *groups; /* up to a blank */
};

static bool gift_next(const char **list, struct gift *gift)
{
	struct slice word;
	size_t colon;

	if (!list_next(list, LIST_BLANKS, &word))
		return false;
	colon = word.len;
	while (colon > 0 && word.at[colon - 1] != ':')
		colon--;
	gift->pair = (struct slice){ word.at, colon > 0 ? colon - 1 : 0 };
	gift->groups = word.at + colon;
	return true;
}

/* The next group of GIFT, as a string. false: there is none. */
static bool group_next(struct gift *gift, char name[LOCAL_NAME_MAX])
{
	struct slice word;
	size_t len = strcspn(gift->groups, ", \t");

	if (len == 0)
		return false;
	word = (struct slice){ gift->groups, len };
	gift->groups += len + (gift->groups[len] == ',');
	return slice_copy(word, name, LOCAL_NAME_MAX);
}

static enum local_groups refuse(const struct conf *conf, const char *name, const char *text,
				char *why)
{
	snprintf(why, CONF_ERROR_MAX, "%s: local_groups: group %.64s: %s",
		 conf->where[CONF_LOCAL_GROUPS], name, text);
	return LOCAL_GROUPS_WRONG;
}

static enum local_groups group_check(const struct conf *conf, const char *name, char *why)
{
	gid_t gid = 0;

	switch (names_group(name, &gid)) {
	case NAMES_UNTOLD:
		refuse(conf, name, names_trouble(), why);
		return LOCAL_GROUPS_UNTOLD;
	case NAMES_NONE:
		return refuse(conf, name, "there is none on this machine, or NSS does not say so",
			      why);
	default:
		break;
	}
	if (gid == 0)
		return refuse(conf, name, "is root's, which is never given", why);
	if (gid > SYSTEM_GID_MAX || list_has(AT_A_SEAT " " ANYWHERE, LIST_BLANKS, name) ||
	    conf_is(conf, CONF_LOCAL_GROUPS_PRIVILEGED, "yes"))
		return LOCAL_GROUPS_OK;
	return refuse(conf, name,
		      "is the system's, and may be a way to root: name another, or say "
		      "local_groups_privileged = yes",
		      why);
}

enum local_groups local_groups_check(const struct conf *conf, char why[CONF_ERROR_MAX])
{
	const char *list = conf_text(conf, CONF_LOCAL_GROUPS);
	enum local_groups checked = LOCAL_GROUPS_OK;
	char name[LOCAL_NAME_MAX];
	struct gift gift;

	while (gift_next(&list, &gift))
		while (checked == LOCAL_GROUPS_OK && group_next(&gift, name))
			checked = group_check(conf, name, why);
	return checked;
}

/* Adds GID to GIDS, once. What does not fit is not given. */
static void gid_add(char gids[HOST_GROUPS_MAX], gid_t gid)
{
	char number[16];
	size_t used = strlen(gids);

	snprintf(number, sizeof(number), "%lu", (unsigned long)gid);
	if (!list_has(gids, LIST_BLANKS, number) && used + strlen(number) + 2 <= HOST_GROUPS_MAX)
		snprintf(gids + used, HOST_GROUPS_MAX - used, "%s%s", used ? " " : "", number);
}

void local_groups_find(const struct conf *conf, const struct policy_claims *claims, bool at_seat,
		       char gids[HOST_GROUPS_MAX])
{
	const char *list = conf_text(conf, CONF_LOCAL_GROUPS);
	bool privileged = conf_is(conf, CONF_LOCAL_GROUPS_PRIVILEGED, "yes");
	char name[LOCAL_NAME_MAX];
	struct gift gift;
	gid_t gid;

	gids[0] = '\0';
	while (claims && gift_next(&list, &gift)) {
		if (!policy_says(claims, gift.pair))
			continue;
		while (group_next(&gift, name))
			if ((at_seat || privileged || !list_has(AT_A_SEAT, LIST_BLANKS, name)) &&
			    names_group(name, &gid) == NAMES_FOUND && gid != 0)
				gid_add(gids, gid);
	}
}
