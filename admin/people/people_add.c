/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An identity is bound to an account. The order, of which each step may be the last: a line "making" with the
 * uid that nobody has; the account, shut; the line "opening"; the account, open; the line "bound". A login believes the
 * last alone, and who is cut off before it comes again: by the same call, or by signing in again (enrolment.c). A bound
 * account that is shut was shut by an administrator. Must never bind a name or a uid that was ever another identity's.
 */
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "common/audit.h"
#include "helper/login/config/rules.h"
#include "common/utf8.h"
#include "people.h"
#include "people_account.h"
#include "admin/verbs.h"

void people_log(const struct person *person, const char *what)
{
	char issuer[4 * POLICY_VALUE_MAX], subject[4 * POLICY_VALUE_MAX];

	audit_escape(person->issuer, issuer, sizeof(issuer));
	audit_escape(person->subject, subject, sizeof(subject));
	openlog(PROGRAM, LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_NOTICE,
	       "pam_device_code(" PEOPLE_VERB
	       "): %s user=\"%s\" uid=\"%lu\" issuer=\"%.512s\" subject=\"%.512s\"",
	       what, person->name, (unsigned long)person->uid, issuer, subject);
}

/* ---- the wish ---- */

static bool shows(const char *text)
{
	unsigned int point;
	size_t len;

	for (; *text; text += len) {
		len = utf8_next(text, &point);
		if (len == 0 || !utf8_shows(point))
			return false;
	}
	return true;
}

static bool wrong(const char *where, const char *what, const char *value, const char *rule)
{
	char plain[256];

	audit_escape(value, plain, sizeof(plain));
	verb_misused(PEOPLE_VERB, "%s: %s \"%s\": must be %s", where, what, plain, rule);
	return false;
}

bool people_wish_ok(const char *where, const struct person_wish *wish)
{
	char word[BINDING_WORD_MAX];

	if (!policy_name_ok(wish->name))
		return wrong(where, "name", wish->name, POLICY_NAME_RULE);
	if (!rule_value_ok(&rules[CONF_ISSUER], wish->issuer) || !shows(wish->issuer) ||
	    strlen(wish->issuer) >= POLICY_VALUE_MAX || !binding_word(wish->issuer, word))
		return wrong(where, "issuer", wish->issuer,
			     "the issuer, byte for byte as the section has it");
	if (strlen(wish->subject) >= POLICY_VALUE_MAX || !shows(wish->subject) ||
	    !binding_word(wish->subject, word))
		return wrong(where, "subject", wish->subject,
			     "the profile's stable claim (sub), as the log has it: printable, up "
			     "to 1023 bytes");
	if (strspn(wish->groups, "abcdefghijklmnopqrstuvwxyz0123456789_.,-") !=
	    strlen(wish->groups))
		return wrong(where, "groups", wish->groups, "names separated by commas");
	return true;
}

/* ---- an account of its own ---- */

static bool is_taken(const void *context, uid_t uid)
{
	return people_numbered(context, uid) != NULL;
}

static void person_set(struct person *person, const struct person_wish *wish, uid_t uid,
		       enum binding_state state)
{
	*person = (struct person){ .state = state, .uid = uid };
	snprintf(person->issuer, sizeof(person->issuer), "%s", wish->issuer);
	snprintf(person->subject, sizeof(person->subject), "%s", wish->subject);
	snprintf(person->name, sizeof(person->name), "%s", wish->name);
}

/* Whether the line of PERSON says STATE now. */
static bool state_save(struct people *people, struct person *person, enum binding_state state)
{
	person->state = state;
	return people_save(people);
}

/* OPEN: its account first. Whoever calls again after a crash comes here again. */
static bool person_bind(struct people *people, struct person *person, bool open)
{
	bool bound = person->state == BINDING_BOUND;
	char said[ACCOUNT_SAID_MAX];

	if (open && !bound && !state_save(people, person, BINDING_OPENING))
		return false;
	if (open && !account_open(person->name, said))
		return people_fail(people, "its account stays shut: %s", said);
	if (bound)
		return true;
	if (!state_save(people, person, BINDING_BOUND))
		return false;
	people_log(person, "bound");
	return true;
}

/* Nobody has ever had what was to be made: its name and uid are free again. */
static bool person_forget(struct people *people, struct person *person, const char *why)
{
	char error[PEOPLE_ERROR_MAX];

	snprintf(error, sizeof(error), "%s", why);
	people_drop(people, person);
	if (people_save(people))
		people_fail(people, "%s", error);
	return false;
}

static bool person_make(struct people *people, const struct person_wish *wish)
{
	char said[ACCOUNT_SAID_MAX];
	struct person *person;
	uid_t uid;

	if (!account_uid_next(is_taken, people, &uid))
		return people_fail(people, "no uid is free from UID_MIN to UID_MAX of login.defs, "
					   "or NSS cannot say which");
	person = people_add(people);
	if (!person)
		return false;
	person_set(person, wish, uid, BINDING_MAKING);
	if (!people_save(people))
		return false;
	if (!account_make(wish->name, uid, wish->groups, said))
		return person_forget(people, person, said);
	return person_bind(people, person, true);
}

/* What a call that was cut off has left. Only what is as account_make() leaves it is ours to take away. */
static bool person_make_again(struct people *people, struct person *person,
			      const struct person_wish *wish)
{
	char said[ACCOUNT_SAID_MAX];
	enum account_state state;
	uid_t uid = 0;

	state = account_find(wish->name, &uid);
	if (state == ACCOUNT_UNKNOWN)
		return people_fail(people, "NSS cannot say whether there is such an account");
	if (state == ACCOUNT_THERE && (uid != person->uid || !account_is_shut(wish->name)))
		return people_fail(people,
				   "an account of that name has come up since a call was cut off, "
				   "and not by it: `%s people remove %s` forgets that call",
				   PROGRAM, wish->name);
	if (state == ACCOUNT_THERE && !account_delete(wish->name, said))
		return people_fail(people,
				   "what a call that was cut off has left cannot be "
				   "taken away: %s",
				   said);
	people_drop(people, person);
	return person_make(people, wish);
}

/* ---- an account that is there ---- */

static bool person_take(struct people *people, const struct person_wish *wish, uid_t uid)
{
	char said[ACCOUNT_SAID_MAX];
	const struct person *other = people_numbered(people, uid);
	struct person *person;

	if (other)
		return people_fail(people, "uid %lu is %s's", (unsigned long)uid, other->name);
	if (uid < account_setting("UID_MIN", 1000) || uid == 65534)
		return people_fail(people,
				   "uid %lu is no person's: below UID_MIN of login.defs, or nobody",
				   (unsigned long)uid);
	if (!account_join(wish->name, wish->groups, said))
		return people_fail(people, "%s", said);
	person = people_add(people);
	if (!person)
		return false;
	person_set(person, wish, uid, BINDING_MAKING);
	return person_bind(people, person, false);
}

static bool person_new(struct people *people, const struct person_wish *wish)
{
	char said[ACCOUNT_SAID_MAX];
	uid_t uid = 0;

	if (!account_groups_ok(wish->groups, said))
		return people_fail(people, "%s", said);
	switch (account_find(wish->name, &uid)) {
	case ACCOUNT_THERE:
		if (wish->existing)
			return person_take(people, wish, uid);
		return people_fail(people,
				   "there is an account of that name (uid %lu), and nobody is "
				   "bound to it: --existing, if it is theirs",
				   (unsigned long)uid);
	case ACCOUNT_NONE:
		if (!wish->existing)
			return person_make(people, wish);
		return people_fail(people, "--existing: there is no account of that name");
	case ACCOUNT_UNKNOWN:
		break;
	}
	return people_fail(people, "NSS cannot say whether there is such an account");
}

/* ---- who is in the map already ---- */

static bool person_again(struct people *people, struct person *person,
			 const struct person_wish *wish)
{
	enum account_state state;
	uid_t uid = 0;

	if (person->state == BINDING_MAKING)
		return person_make_again(people, person, wish);
	if (person->state == BINDING_REMOVING)
		return people_fail(people, "is being removed: finish that by `%s people remove %s`",
				   PROGRAM, person->name);
	state = account_find(person->name, &uid);
	if (state == ACCOUNT_NONE && person->state == BINDING_PURGED)
		return people_fail(people,
				   "was purged: make the account again with its uid, `useradd "
				   "--uid %lu %s`, then add it with --existing",
				   (unsigned long)person->uid, person->name);
	if (state != ACCOUNT_THERE || uid != person->uid)
		return people_fail(people, "is bound with uid %lu, and NSS says %s",
				   (unsigned long)person->uid,
				   state == ACCOUNT_THERE  ? "another uid"
				   : state == ACCOUNT_NONE ? "that there is no such account"
							   : "nothing");
	return person_bind(people, person, account_is_shut(person->name));
}

bool people_grant(struct people *people, const struct person_wish *wish)
{
	struct person *same = people_identified(people, wish->issuer, wish->subject);
	const struct person *named = people_named(people, wish->name);

	if (same && same == named)
		return person_again(people, same, wish);
	if (same)
		return people_fail(people,
				   "this identity is %s already (%s): it gets no second name",
				   same->name, binding_state_name(same->state));
	if (named)
		return people_fail(people,
				   "the name is another identity's (%s): neither name nor uid is "
				   "ever given to a second one",
				   binding_state_name(named->state));
	return person_new(people, wish);
}
