/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is bound, as a table, as lines about one, or as JSON. Must never change anything. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/audit.h"
#include "people.h"
#include "people_account.h"
#include "admin/verbs.h"

/* What stands in a login's way, or has to be finished; "": nothing. */
static const char *trouble_of(const struct person *person)
{
	uid_t uid = 0;
	enum account_state state = account_find(person->name, &uid);
	bool theirs = state == ACCOUNT_THERE && uid == person->uid;

	if (binding_cut_off(person->state))
		return "not finished: add or remove them again";
	if (person->state == BINDING_REMOVING)
		return "not finished: remove them again";
	if (state == ACCOUNT_UNKNOWN)
		return "NSS does not answer";
	if (person->state == BINDING_PURGED)
		return state == ACCOUNT_THERE ? "the name is another account's" : "";
	if (state == ACCOUNT_NONE)
		return "no account";
	if (!theirs)
		return "uid differs";
	if (geteuid() != 0)
		return "";
	if (person->state == BINDING_BOUND && account_is_shut(person->name))
		return "shut: add them again";
	if (person->state == BINDING_REMOVED && !account_is_shut(person->name))
		return "opened again by hand";
	return "";
}

/* ---- JSON ---- */

static void json_text(const char *name, const char *text)
{
	printf("\"%s\":\"", name);
	for (; *text; text++)
		printf("%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
	putchar('"');
}

static void person_json(const struct person *person)
{
	putchar('{');
	json_text("name", person->name);
	printf(",\"uid\":%lu,", (unsigned long)person->uid);
	json_text("state", binding_state_name(person->state));
	putchar(',');
	json_text("issuer", person->issuer);
	putchar(',');
	json_text("subject", person->subject);
	putchar(',');
	json_text("trouble", trouble_of(person));
	putchar('}');
}

/* ---- text ---- */

static void person_line(const struct person *person)
{
	char issuer[512], subject[512];
	const char *trouble = trouble_of(person);

	audit_escape(person->issuer, issuer, sizeof(issuer));
	audit_escape(person->subject, subject, sizeof(subject));
	printf("%-16s %-6lu %-9s %s %s%s%s%s\n", person->name, (unsigned long)person->uid,
	       binding_state_name(person->state), issuer, subject, trouble[0] ? " (" : "", trouble,
	       trouble[0] ? ")" : "");
}

static void person_lines(const struct person *person)
{
	char issuer[4 * POLICY_VALUE_MAX], subject[4 * POLICY_VALUE_MAX];
	const char *trouble = trouble_of(person);

	audit_escape(person->issuer, issuer, sizeof(issuer));
	audit_escape(person->subject, subject, sizeof(subject));
	printf("name     %s\nuid      %lu\nstate    %s\nissuer   %s\nsubject  %s\n", person->name,
	       (unsigned long)person->uid, binding_state_name(person->state), issuer, subject);
	if (trouble[0])
		printf("trouble  %s\n", trouble);
}

static int by_name(const void *a, const void *b)
{
	const struct person *one = a, *other = b;

	return strcmp(one->name, other->name);
}

int people_list(bool json)
{
	struct people people;
	int status = STATUS_OK;

	if (!people_open(&people, false)) {
		status = verb_failed(PEOPLE_VERB, "%s", people.error);
		people_close(&people);
		return status;
	}
	if (people.count > 0)
		qsort(people.person, people.count, sizeof(*people.person), by_name);
	if (json)
		printf("{\"program\":\"%s\",\"version\":\"%s\",\"people\":[", PROGRAM, VERSION);
	else if (people.count == 0)
		puts("Nobody is bound.");
	else
		printf("%-16s %-6s %-9s %s\n", "NAME", "UID", "STATE", "ISSUER AND SUBJECT");
	for (size_t i = 0; i < people.count; i++) {
		if (json)
			fputs(i ? ",\n" : "\n", stdout);
		(json ? person_json : person_line)(&people.person[i]);
	}
	if (json)
		puts("\n]}");
	people_close(&people);
	return status;
}

int people_show(const char *name, bool json)
{
	struct people people;
	const struct person *person = NULL;
	int status = STATUS_OK;

	if (!people_open(&people, false))
		status = verb_failed(PEOPLE_VERB, "%s", people.error);
	else if ((person = people_named(&people, name)) == NULL)
		status = verb_failed(PEOPLE_VERB, "%s: nobody of that name is bound here", name);
	else if (json)
		person_json(person);
	else
		person_lines(person);
	if (person && json)
		putchar('\n');
	people_close(&people);
	return status;
}
