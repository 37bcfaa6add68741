/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * revoke: what is kept is worth nothing any more. The sessions themselves go on, unknown to us. Must
 * never drop tokens that could not be revoked.
 */
#include <stdio.h>
#include <string.h>

#include "kept.h"
#include "admin/verbs.h"

static void revoke(struct kept *kept, struct record *record)
{
	if (!renewal_revoke(record, &kept->io)) {
		fprintf(stderr,
			"%s: %s: %s: could not be revoked now; it stays, and is tried again by "
			"`%s refresh`\n",
			PROGRAM, kept->verb, record->id, PROGRAM);
		kept->failed = true;
	}
}

int verb_revoke(int argc, char **argv)
{
	struct kept kept = { .verb = argv[0], .visit = revoke };

	if (argc < 2)
		return verb_misused(argv[0], "needs IDs, or --all; `%s sessions` lists them",
				    PROGRAM);
	if (argc == 2 && strcmp(argv[1], "--all") == 0)
		return kept_walk(&kept);
	if (argv[1][0] == '-')
		return verb_misused(argv[0], "%s: must be IDs, or --all", argv[1]);
	kept.words = argv + 1;
	kept.count = argc - 1;
	return kept_walk(&kept);
}
