/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of a login's secrets is left in memory when the helper's flow has ended, without libcurl:
 * nothing of the client's secret, the device code, the tokens, the code that was typed.
 */
#include <stdio.h>

#include "../replies/ways.h"
#include "scan.h"

static int secrets_left(void)
{
	return scan_for("the client secret", WAY_SECRET) + scan_for("the device code", WAY_DEVICE) +
	       scan_for("the access token", WAY_ACCESS) +
	       scan_for("the refresh token", WAY_REFRESH) + scan_for("the typed code", WAY_TYPED);
}

int main(void)
{
	int tests = 0, failures = 0;

	ways_make();
	for (size_t i = 0; i < ways_count; i++) {
		const struct way *way = &ways[i];

		for (int step = -1; step < 0 || way->step[step].name; step++) {
			/* an end in the middle: this step's reply makes no sense */
			struct way_reply nonsense = { step, "{\"a\":\"" WAY_ACCESS "\",",
						      sizeof("{\"a\":\"" WAY_ACCESS "\",") - 1, 200,
						      "application/json" };
			struct way_end end = way_walk(way, step < 0 ? NULL : &nonsense);
			int left = secrets_left();

			failures += left != 0;
			printf("%sok %d - %s, %s%s: verdict %d, %d copies left\n",
			       left == 0 ? "" : "not ", ++tests, way->name,
			       step < 0 ? "to its end" : "nonsense at ",
			       step < 0 ? "" : way->step[step].name, (int)end.verdict, left);
		}
	}
	printf("1..%d\n", tests);
	return failures != 0;
}
