/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/flow/polling.c: never sooner than the server asked, whatever chance says; the interval grows for
 * good and only for a reason; trouble spreads, patience does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "helper/oauth_client/flow/polling.h"

#define NOW 1000000

static void test_pending(void **state)
{
	struct polling polling;

	(void)state;
	polling_start(&polling, 5, NOW);
	assert_int_equal(polling.next, NOW + 5000);
	polling_pending(&polling, NOW, -1, false);
	assert_int_equal(polling.next, NOW + 5000);
	polling_pending(&polling, NOW, 30, false);
	assert_int_equal(polling.next, NOW + 30000);
	polling_pending(&polling, NOW, 2, false); /* a wish below the interval shortens nothing */
	assert_int_equal(polling.next, NOW + 5000);
}

/* RFC 8628 3.5: by five seconds, for this and all subsequent requests. */
static void test_slow_down_is_for_good(void **state)
{
	struct polling polling;

	(void)state;
	polling_start(&polling, 5, NOW);
	polling_pending(&polling, NOW, -1, true);
	assert_int_equal(polling.next, NOW + 10000);
	polling_pending(&polling, NOW, -1, false);
	assert_int_equal(polling.next, NOW + 10000);
	polling_pending(&polling, NOW, -1, true);
	assert_int_equal(polling.next, NOW + 15000);
	polling_trouble(&polling, NOW, -1, false, 0);
	assert_int_equal(polling.next, NOW + 15000);
}

static void test_time_outs_back_off(void **state)
{
	static const int64_t intervals[] = { 10000, 20000, 40000, 60000, 60000 };
	struct polling polling;

	(void)state;
	polling_start(&polling, 5, NOW);
	for (size_t i = 0; i < sizeof(intervals) / sizeof(*intervals); i++) {
		polling_trouble(&polling, NOW, -1, true, 0);
		assert_int_equal(polling.next, NOW + intervals[i]);
	}
	polling_pending(&polling, NOW, -1, false);
	assert_int_equal(polling.next, NOW + 60000);
	/* A server's own interval above that is never shortened. */
	polling_start(&polling, 600, NOW);
	polling_trouble(&polling, NOW, -1, true, 0);
	assert_int_equal(polling.next, NOW + 600000);
}

static void test_refusals_keep_the_interval(void **state)
{
	struct polling polling;

	(void)state;
	polling_start(&polling, 5, NOW);
	polling_trouble(&polling, NOW, -1, false, 0);
	polling_pending(&polling, NOW, -1, false);
	assert_int_equal(polling.next, NOW + 5000);
	polling_trouble(&polling, NOW, 120, false, 0);
	assert_int_equal(polling.next, NOW + 120000);
	polling_trouble(&polling, NOW, INT64_MAX, false, 0); /* but no for ever */
	assert_int_equal(polling.next, NOW + 1000 * (int64_t)PACE_WISH_MAX);
}

static void test_retries(void **state)
{
	(void)state;
	assert_int_equal(polling_retry(1, -1, 0), 1000);
	assert_int_equal(polling_retry(2, -1, 0), 2000);
	assert_int_equal(polling_retry(3, -1, 0), 4000);
	assert_int_equal(polling_retry(1, 7, 0), 7000);
	assert_true(polling_retry(1000, -1, PACE_CHANCES - 1) < 100000);
}

/* For every chance: later than the least, by less than a half; and all of that half is used. */
static void test_chance(void **state)
{
	int64_t least = INT64_MAX, most = 0;
	struct polling polling;

	(void)state;
	for (int chance = 0; chance < PACE_CHANCES; chance++) {
		int64_t pause;

		polling_start(&polling, 5, NOW);
		polling_trouble(&polling, NOW, -1, false, chance);
		assert_int_equal(polling.next, NOW + 5000);
		polling_trouble(&polling, NOW, 5, false, chance);
		pause = polling.next - NOW;
		assert_true(pause >= 5000 && pause < 7500);
		least = pause < least ? pause : least;
		most = pause > most ? pause : most;
		pause = polling_retry(2, 10, chance);
		assert_true(pause >= 10000 && pause < 15000);
	}
	assert_int_equal(least, 5000);
	assert_int_equal(most, 7499);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_slow_down_is_for_good),
		cmocka_unit_test(test_time_outs_back_off),
		cmocka_unit_test(test_refusals_keep_the_interval),
		cmocka_unit_test(test_retries),
		cmocka_unit_test(test_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
