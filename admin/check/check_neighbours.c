/* SPDX-License-Identifier: BSD-2-Clause */
/* What other sections of device_code.conf mean for one: see check.h. Must never judge one that cannot be read. */
#include <string.h>

#include "check.h"
#include "admin/sections.h"

struct look {
	struct check *check;
	const struct section *section;
};

static bool same(const struct conf *a, const struct conf *b, enum conf_key key)
{
	return strcmp(conf_text(a, key), conf_text(b, key)) == 0;
}

/* Whom ONE enrols OTHER lets in, too, without a rule of its own. */
static void enrolled_look(struct check *check, const struct conf *one, const struct conf *other)
{
	if (conf_is(one, CONF_ENROL, "seat") && conf_is(other, CONF_PEOPLE, "bound") &&
	    !conf_is(other, CONF_ENROL, "seat") && same(one, other, CONF_ISSUER) &&
	    conf_text(other, CONF_REQUIRE)[0] == '\0' &&
	    conf_text(other, CONF_EMAIL_DOMAIN)[0] == '\0')
		report_line(
			&check->report, MARK_WARNING, "enrol",
			"require = CLAIM=VALUE in that section, for whom it is meant",
			"whom this section enrols enters by section %s, too: people = bound, and no "
			"require",
			other->section);
}

/* A code that is typed back says nothing of whose it is: a page shows it for both. */
static void page_look(struct check *check, const struct conf *one, const struct conf *other)
{
	if (conf_is(one, CONF_FLOW, "authorization_code") &&
	    conf_is(other, CONF_FLOW, "authorization_code") &&
	    conf_text(one, CONF_REDIRECT_URI)[0] != '\0' && same(one, other, CONF_REDIRECT_URI) &&
	    !same(one, other, CONF_ISSUER))
		report_line(
			&check->report, MARK_WARNING, "redirect_uri",
			"a page of its own for each provider",
			"section %s has the same page for another provider: whose code it shows "
			"nobody can tell",
			other->section);
}

static void look(void *context, const char *name)
{
	const struct look *at = context;
	struct conf other;

	if (strcmp(name, at->section->name) == 0)
		return;
	if (conf_load(&other, NULL, name)) {
		enrolled_look(at->check, &at->section->conf, &other);
		page_look(at->check, &at->section->conf, &other);
	}
	conf_clear(&other);
}

void check_neighbours(struct check *check, const struct section *section)
{
	struct look at = { check, section };

	if (conf_is(&section->conf, CONF_ENROL, "seat") ||
	    conf_is(&section->conf, CONF_FLOW, "authorization_code"))
		sections_each(look, &at);
}
