/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * refresh: new access tokens for the sessions whose own run out, and an end to what is kept for nobody.
 * Must never end a session: that is for `sessions --enforce`.
 */
#include <string.h>
#include <syslog.h>

#include "common/spawn.h"
#include "kept.h"
#include "admin/verbs.h"

enum {
	DUE_MS = 10 * 60 * 1000, /* before the token's end, at the earliest */
	NEXT_MS = 75 * 1000,	 /* the timer's next run comes within that */
};

/* Half of a short life is left for it; one that the next run finds dead is renewed by this one. */
static int64_t margin(const struct record *record)
{
	int64_t half = (record->token_until - record->token_since) / 2;

	if (half < NEXT_MS)
		half = NEXT_MS;
	return half < DUE_MS ? half : DUE_MS;
}

static int64_t renew_at(const struct record *record)
{
	return record->token_until != 0 ? record->token_until - margin(record) : INT64_MAX;
}

/*
 * The token that is to be renewed first comes first, those without an end last; behind it who was asked in
 * vain since: a run may be over before its end, and each is to have a turn.
 */
static int64_t turn(const struct record *record)
{
	int64_t at = renew_at(record);

	return record->asked > record->confirmed && record->asked > at ? record->asked : at;
}

static bool is_due(const struct kept *kept, const struct record *record)
{
	return kept->words != NULL ||
	       (record->has_token && record->token_until != 0 && renew_at(record) < spawn_now());
}

static void refresh(struct kept *kept, struct record *record)
{
	struct policy policy;
	struct conf conf;
	enum outcome outcome;
	enum reason reason;

	if (!renewal_config(record, &conf, &policy)) {
		kept_log(kept, LOG_ERR, "%s", conf.error);
		kept->failed = true;
	} else {
		outcome = renewal_refresh(record, false, &conf, &policy, &kept->io, &reason);
		if (outcome != OUTCOME_ADMITTED) {
			kept_log(kept, LOG_WARNING,
				 "the tokens of \"%s\" were not refreshed: %s (%s)", record->user,
				 outcome_name(outcome), reason_name(reason));
			kept->failed |= kept->words != NULL;
		}
		if (outcome != OUTCOME_ADMITTED && !kept_is_no(outcome)) {
			record->asked = spawn_now();
			record_save(record);
		}
	}
	conf_clear(&conf);
}

static void visit(struct kept *kept, struct record *record)
{
	if (kept_is_over(record)) {
		renewal_revoke(record, &kept->io);
		return;
	}
	if (record->token_blob[0] != '\0' && is_due(kept, record))
		refresh(kept, record);
	else
		record_save(record);
}

int verb_refresh(int argc, char **argv)
{
	struct kept kept = { .verb = argv[0], .visit = visit, .due = turn, .tidies = true };

	if (argc > 1 && argv[1][0] == '-')
		return verb_misused(argv[0], "%s: must be IDs, or nothing", argv[1]);
	if (argc > 1) {
		kept.words = argv + 1;
		kept.count = argc - 1;
	}
	return kept_walk(&kept);
}
