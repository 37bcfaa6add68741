/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounds for a number: those of cmocka 1 are deprecated in cmocka 2. Behind cmocka.h. */
#ifndef TESTS_UNIT_WITHIN_H
#define TESTS_UNIT_WITHIN_H

#define assert_within(value, low, high)                                                          \
	do {                                                                                     \
		long long is_ = (long long)(value);                                              \
		long long low_ = (long long)(low), high_ = (long long)(high);                    \
                                                                                                 \
		if (is_ < low_ || is_ > high_)                                                   \
			fail_msg(#value " is %lld, not within %lld and %lld", is_, low_, high_); \
	} while (0)

#endif
