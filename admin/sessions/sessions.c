/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sessions: what is kept of logins, as a table; --enforce asks each provider whether its person may
 * still be in, and ends the sessions of those who may not. Must never take silence for a no.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/audit.h"
#include "common/list.h"
#include "common/spawn.h"
#include "ending.h"
#include "kept.h"
#include "admin/verbs.h"

/* ---- the table ---- */

static void age_text(int64_t ms, char out[24])
{
	long seconds = ms > 0 ? (long)(ms / 1000) : 0;

	if (seconds < 120)
		snprintf(out, 24, "%lds", seconds);
	else if (seconds < 2 * 3600L)
		snprintf(out, 24, "%ldm", seconds / 60);
	else if (seconds < 48 * 3600L)
		snprintf(out, 24, "%ldh %ldm", seconds / 3600, seconds / 60 % 60);
	else
		snprintf(out, 24, "%ldd", seconds / 86400);
}

static void line_print(const struct record *record, const struct record_session *session,
		       const char *state)
{
	char age[24], subject[1024];

	age_text(spawn_now() - (session ? session->since : record->made), age);
	audit_escape(record->subject, subject, sizeof(subject));
	printf("%.16s  %-8s %-12s %-10s %-10s %-7s %-8s %-24s %s\n", record->id, state,
	       record->user, record->section, session ? session->service : "-", record->tokens, age,
	       subject, session ? session->where : "");
}

static const char *state_name(const struct record *record, const struct record_session *session)
{
	if (record->closing != 0)
		return "closing";
	if (!session)
		return spawn_now() < record->trust_until ? "trusted" : "over";
	if (!record_session_lives(session))
		return "over";
	return session->state == RECORD_OPEN ? "open" : "new";
}

static void show(struct kept *kept, struct record *record)
{
	if (kept->context) {
		printf("%-16s  %-8s %-12s %-10s %-10s %-7s %-8s %-24s %s\n", "ID", "STATE", "USER",
		       "SECTION", "SERVICE", "TOKENS", "AGE", "SUBJECT", "TERMINAL AND ADDRESS");
		kept->context = NULL;
	}
	if (record->sessions == 0)
		line_print(record, NULL, state_name(record, NULL));
	for (size_t i = 0; i < record->sessions; i++)
		line_print(record, &record->session[i], state_name(record, &record->session[i]));
}

/* ---- enforcing ---- */

enum {
	SECTIONS_MAX = 64,
	SILENT_MAX = 3, /* records, one after the other, before others are not asked for */
};

/*
 * Sections whose provider is not reached at all in this run: then records that come after need not wait for
 * it, too. Whatever a provider that is reached says or leaves unsaid about one record, its person may have
 * brought about, and it is no word about another's.
 */
struct silence {
	struct {
		char section[64];
		int records;
	} at[SECTIONS_MAX];
};

/* How many records of SECTION were not reached, one after the other. NULL: nobody counts so many. */
static int *silence_of(struct silence *silence, const char *section)
{
	for (size_t i = 0; i < SECTIONS_MAX; i++) {
		if (silence->at[i].section[0] == '\0')
			snprintf(silence->at[i].section, sizeof(silence->at[i].section), "%s",
				 section);
		if (strcmp(silence->at[i].section, section) == 0)
			return &silence->at[i].records;
	}
	return NULL;
}

static bool is_out_of_reach(enum outcome outcome, enum reason reason)
{
	return outcome == OUTCOME_UNREACHABLE &&
	       (reason == REASON_DNS || reason == REASON_CONNECT || reason == REASON_TLS ||
		reason == REASON_CERTIFICATE_REFUSED);
}

/* Since when RECORD's provider has left it unanswered: from the first question after the last yes. */
static void unanswered(struct record *record)
{
	record->asked = spawn_now();
	if (record->silent == 0 || record->silent < record->confirmed)
		record->silent = record->asked;
}

/* No answer: nobody's session ends by that, unless the section sets an end to it. */
static bool grace_is_over(const struct record *record, const struct conf *conf)
{
	long grace = conf_number(conf, CONF_MAX_UNCONFIRMED);

	return grace > 0 && record->silent != 0 && record->silent >= record->confirmed &&
	       spawn_now() - record->silent > (int64_t)grace * 1000;
}

/* The reason to end it all, or REASON_NONE. */
static enum reason ask(struct kept *kept, struct record *record, const struct conf *conf,
		       const struct policy *policy)
{
	int *silent = silence_of(kept->context, record->section);
	enum outcome outcome;
	enum reason reason;

	/* Whom `grace` would end now is asked all the same: nobody goes unasked. */
	if (silent && *silent >= SILENT_MAX && !grace_is_over(record, conf)) {
		kept_log(kept, LOG_NOTICE, "\"%s\" was not asked about: no way to the provider",
			 record->user);
		return REASON_NONE;
	}
	outcome = renewal_refresh(record, false, conf, policy, &kept->io, &reason);
	if (silent)
		*silent = is_out_of_reach(outcome, reason) ? *silent + 1 : 0;
	if (outcome == OUTCOME_ADMITTED)
		return REASON_NONE;
	if (!kept_is_no(outcome)) {
		unanswered(record);
		kept_log(kept, LOG_NOTICE, "no answer about \"%s\": %s (%s)", record->user,
			 outcome_name(outcome), reason_name(reason));
		return grace_is_over(record, conf) ? REASON_MAX_UNCONFIRMED : REASON_NONE;
	}
	return reason;
}

static void overdue_end(struct kept *kept, struct record *record, const char *hook)
{
	for (size_t i = record->sessions; i-- > 0;)
		if (record_session_over(&record->session[i]))
			ending_one(kept, record, &record->session[i], hook, REASON_SESSION_MAX);
}

static void decide(struct kept *kept, struct record *record)
{
	struct policy policy;
	struct conf conf;
	enum reason reason = REASON_NONE;

	if (!renewal_config(record, &conf, &policy)) {
		kept_log(kept, LOG_ERR, "no answer about \"%s\": %s", record->user, conf.error);
		overdue_end(kept, record, "");
	} else {
		overdue_end(kept, record, conf_text(&conf, CONF_SESSION_END_HOOK));
		if (record->token_blob[0] != '\0')
			reason = ask(kept, record, &conf, &policy);
		if (reason != REASON_NONE) {
			record->trust_until = 0;
			ending_all(kept, record, conf_text(&conf, CONF_SESSION_END_HOOK), reason);
		}
	}
	conf_clear(&conf);
}

/* The oldest answer first, and behind it who was asked in vain meanwhile. */
static int64_t heard_at(const struct record *record)
{
	return record->asked > record->confirmed ? record->asked : record->confirmed;
}

static void enforce(struct kept *kept, struct record *record)
{
	if (!kept_is_over(record))
		decide(kept, record);
	if (kept_is_over(record))
		renewal_revoke(record, &kept->io);
	else if (!record_save(record))
		kept->failed = true;
}

int verb_sessions(int argc, char **argv)
{
	struct silence silence = { 0 };
	struct kept kept = { .verb = argv[0], .visit = show, .context = &silence };
	int status;

	if (argc > 2 && strcmp(argv[1], "--end") == 0) {
		kept.visit = ending_now;
		kept.words = argv + 2;
		kept.count = argc - 2;
	} else if (argc == 2 && strcmp(argv[1], "--enforce") == 0) {
		kept.visit = enforce;
		kept.due = heard_at;
		kept.tidies = true;
	} else if (argc > 1) {
		return verb_misused(argv[0], "%s: must be --enforce, or --end and one or more IDs",
				    argv[1]);
	}
	status = kept_walk(&kept);
	if (status == STATUS_OK && kept.visit == show && kept.context)
		puts("Nothing is kept.");
	return status;
}
