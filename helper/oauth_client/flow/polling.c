/* SPDX-License-Identifier: BSD-2-Clause */
/* When to ask again: see polling.h. Must never make a pause shorter than the server asked for. */
#include "polling.h"

enum {
	SECOND = 1000,
	SPREAD = 2, /* after trouble a pause is up to a half longer */
};

static int64_t wish_or(int64_t retry_after, int64_t standard)
{
	int64_t wish = retry_after < PACE_WISH_MAX ? retry_after : PACE_WISH_MAX;

	return wish * SECOND > standard ? wish * SECOND : standard;
}

static int64_t spread(int64_t pause, int chance)
{
	return pause + pause / SPREAD * chance / PACE_CHANCES;
}

void polling_start(struct polling *polling, int64_t interval, int64_t now)
{
	polling->interval = interval * SECOND;
	polling->next = now + polling->interval;
}

void polling_pending(struct polling *polling, int64_t now, int64_t retry_after, bool slow_down)
{
	if (slow_down)
		polling->interval += PACE_SLOW_DOWN_MS;
	polling->next = now + wish_or(retry_after, polling->interval);
}

void polling_trouble(struct polling *polling, int64_t now, int64_t retry_after, bool timed_out,
		     int chance)
{
	if (timed_out && polling->interval < PACE_BACKOFF_MAX_MS)
		polling->interval = 2 * polling->interval < PACE_BACKOFF_MAX_MS
					    ? 2 * polling->interval
					    : PACE_BACKOFF_MAX_MS;
	/* Who is refused at once keeps a rhythm of its own; who waited is one of many that did. */
	if (retry_after <= 0 && !timed_out)
		chance = 0;
	polling->next = now + spread(wish_or(retry_after, polling->interval), chance);
}

int64_t polling_retry(int try, int64_t retry_after, int chance)
{
	int64_t pause = PACE_FIRST_MS;

	while (--try > 0 && pause < PACE_BACKOFF_MAX_MS)
		pause *= 2;
	return spread(wish_or(retry_after, pause), chance);
}
