/* SPDX-License-Identifier: BSD-2-Clause */
/* When to ask again: see pace.h. Must never make a pause shorter than the server asked for. */
#include "pace.h"

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

void pace_start(struct pace *pace, int64_t interval, int64_t now)
{
	pace->interval = interval * SECOND;
	pace->next = now + pace->interval;
}

void pace_pending(struct pace *pace, int64_t now, int64_t retry_after, bool slow_down)
{
	if (slow_down)
		pace->interval += PACE_SLOW_DOWN_MS;
	pace->next = now + wish_or(retry_after, pace->interval);
}

void pace_trouble(struct pace *pace, int64_t now, int64_t retry_after, bool timed_out, int chance)
{
	if (timed_out && pace->interval < PACE_BACKOFF_MAX_MS)
		pace->interval = 2 * pace->interval < PACE_BACKOFF_MAX_MS ? 2 * pace->interval
									  : PACE_BACKOFF_MAX_MS;
	/* Who is refused at once keeps a rhythm of its own; who waited is one of many that did. */
	if (retry_after <= 0 && !timed_out)
		chance = 0;
	pace->next = now + spread(wish_or(retry_after, pace->interval), chance);
}

int64_t pace_retry(int try, int64_t retry_after, int chance)
{
	int64_t pause = PACE_FIRST_MS;

	while (--try > 0 && pause < PACE_BACKOFF_MAX_MS)
		pause *= 2;
	return spread(wish_or(retry_after, pause), chance);
}
