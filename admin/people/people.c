/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * people: an administrator's words about who is who, one function each. The network chooses nobody's
 * account: what stands in device_code.people stands there by these words. Must never do their work itself.
 */
#include <stdio.h>
#include <string.h>

#include "admin/options.h"
#include "people.h"
#include "admin/verbs.h"

static int add(int argc, char **argv)
{
	struct person_wish wish = { .groups = "" };
	const struct option_row options[] = {
		{ "--issuer", &wish.issuer, NULL },
		{ "--subject", &wish.subject, NULL },
		{ "--groups", &wish.groups, NULL },
		{ "--existing", NULL, &wish.existing },
		{ NULL, NULL, NULL },
	};
	struct people people;
	bool granted;

	if (!options_read(argc, argv, options, &wish.name, "NAME"))
		return STATUS_USAGE;
	if (!wish.issuer || !wish.subject)
		return verb_misused(argv[0],
				    "needs --issuer and --subject: who it is at the provider");
	if (!people_wish_ok("add", &wish))
		return STATUS_USAGE;
	granted = people_open(&people, true) && people_grant(&people, &wish);
	if (granted)
		printf("%s: bound, uid %lu\n", wish.name,
		       (unsigned long)people_named(&people, wish.name)->uid);
	else
		verb_failed(argv[0], "%s: %s", wish.name, people.error);
	people_close(&people);
	return granted ? STATUS_OK : STATUS_FAILED;
}

static int import(int argc, char **argv)
{
	const struct option_row options[] = { { NULL, NULL, NULL } };
	const char *file = NULL;

	return options_read(argc, argv, options, &file, "FILE.csv") ? people_import(file)
								    : STATUS_USAGE;
}

static int list(int argc, char **argv)
{
	bool json = false;
	const struct option_row options[] = { { "--json", NULL, &json }, { NULL, NULL, NULL } };

	return options_read(argc, argv, options, NULL, NULL) ? people_list(json) : STATUS_USAGE;
}

static int show(int argc, char **argv)
{
	bool json = false;
	const struct option_row options[] = { { "--json", NULL, &json }, { NULL, NULL, NULL } };
	const char *name = NULL;

	return options_read(argc, argv, options, &name, "NAME") ? people_show(name, json)
								: STATUS_USAGE;
}

static int remove_one(int argc, char **argv)
{
	bool purge = false;
	const struct option_row options[] = { { "--purge", NULL, &purge }, { NULL, NULL, NULL } };
	const char *name = NULL;

	return options_read(argc, argv, options, &name, "NAME") ? people_remove(name, purge)
								: STATUS_USAGE;
}

static const struct {
	const char *name;
	const char *whole; /* as messages have it */
	int (*run)(int argc, char **argv);
} words[] = {
	{ "add", "people add", add },	 { "import", "people import", import },
	{ "list", "people list", list }, { "remove", "people remove", remove_one },
	{ "show", "people show", show },
};

int verb_people(int argc, char **argv)
{
	char whole[32];

	for (size_t i = 0; argc > 1 && i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(argv[1], words[i].name) != 0)
			continue;
		snprintf(whole, sizeof(whole), "%s", words[i].whole);
		argv[1] = whole;
		return words[i].run(argc - 1, argv + 1);
	}
	return verb_misused(argv[0], "must be add, import, list, remove or show");
}
