/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks the helper what of a provider works: its verb `probe`, whose header lists the findings. The
 * network is the helper's alone, in its sandbox.
 */
#ifndef ADMIN_PROBE_H
#define ADMIN_PROBE_H

#include <stdbool.h>

#include "common/reason.h"
#include "common/wire.h"

enum probe_outcome {
	PROBE_BAD = 0,
	PROBE_NONE, /* there is no such thing, which may be well */
	PROBE_OK,
};

struct probe {
	void *context;
	/* One finding. VALUE is filtered: printable ASCII. May be NULL. */
	void (*find)(void *context, const char *step, enum probe_outcome outcome,
		     const char *value);
	/* The restrictions that hold, separated by commas; before any finding. May be NULL. */
	void (*ready)(void *context, const char *sandbox);
	/* While it waits, some times a second. May be NULL. */
	void (*turn)(void *context);
	/* What became of it, where probe_run() returned false. */
	enum reason trouble;
};

/*
 * Starts OPENING: the verb "probe", wire, and the settings. The caller adds those by conf_tell(), or
 * one by one, and wipes the draft. true: the helper has walked its way to the end.
 */
void probe_opening(struct wire_draft *opening);
/* The last reason that VALUE, a finding's, names; REASON_NONE: none. */
enum reason probe_reason(const char *value);
/* KEY: conf_key(). */
bool probe_run(struct probe *probe, const struct wire_draft *opening, int key);

#endif
