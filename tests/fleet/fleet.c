/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many machines that wait for an approval at one provider, by the real polling rules
 * (helper/oauth_client/flow/polling.c) under a clock of its own: how many requests come in each second when the provider
 * goes away and comes back.
 *
 *	fleet [MACHINES]	a table (default: 1000000 machines)
 *	fleet MACHINES svg	a picture of the requests per second, on standard output
 *
 * "plain" is the same machine without dice and without back-off.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/oauth_client/flow/polling.h"

enum {
	SLOT_MS = 100, /* moments are told apart so finely */
	SECONDS = 600,
	SLOTS = SECONDS * 1000 / SLOT_MS,
	INTERVAL = 5, /* seconds */
	DOWN_FROM = 60,
	DOWN_TO = 180, /* seconds */
	TIME_OUT_MS = 8000,
	CAPACITY = 50000, /* requests a second that a struggling provider answers */
	SCENARIOS = 3,
};

enum scenario {
	REFUSED,  /* nothing listens: refused at once */
	PROMISED, /* 503, and Retry-After with the date of the end for everybody */
	DROWNING, /* comes back, but answers CAPACITY a second; the others time out */
};

static const char *const scenario_names[SCENARIOS] = {
	"down for two minutes, refused at once",
	"down for two minutes, 503 with a date in Retry-After",
	"back after a hang, with capacity for a quarter of all",
};

static struct {
	struct polling *polling; /* of each machine */
	uint32_t *next;		 /* in the list of its slot */
	uint32_t slot[SLOTS];
	long asked[SECONDS]; /* in each second */
	long answered;	     /* in the second under way */
	uint64_t dice;
} fleet;

#define NOBODY UINT32_MAX

/* xorshift: evenly spread, and the same in each run. */
static uint32_t roll(void)
{
	fleet.dice ^= fleet.dice << 13;
	fleet.dice ^= fleet.dice >> 7;
	fleet.dice ^= fleet.dice << 17;
	return (uint32_t)(fleet.dice >> 32);
}

static void put(uint32_t machine)
{
	int64_t slot = fleet.polling[machine].next / SLOT_MS;

	if (slot >= SLOTS)
		return;
	fleet.next[machine] = fleet.slot[slot];
	fleet.slot[slot] = machine;
}

/* What the provider answers in SECOND to one more request; the machine waits as the rules say. */
static void ask(enum scenario scenario, uint32_t machine, int64_t now, bool plain)
{
	struct polling *polling = &fleet.polling[machine];
	long second = (long)(now / 1000);
	bool down = second >= DOWN_FROM && second < DOWN_TO;
	int chance = plain ? 0 : (int)(roll() % PACE_CHANCES);

	if (scenario == DROWNING && second >= DOWN_FROM && (down || ++fleet.answered > CAPACITY))
		polling_trouble(polling, now + TIME_OUT_MS, -1, !plain, chance);
	else if (!down || scenario == DROWNING)
		polling_pending(polling, now, -1, false);
	else if (scenario == PROMISED)
		polling_trouble(polling, now, DOWN_TO - second, false, chance);
	else
		polling_trouble(polling, now, -1, false, chance);
	put(machine);
}

static void simulate(enum scenario scenario, uint32_t machines, bool plain)
{
	memset(fleet.asked, 0, sizeof(fleet.asked));
	memset(fleet.slot, 0xff, sizeof(fleet.slot));
	fleet.dice = 88172645463325252u;
	for (uint32_t i = 0; i < machines; i++) {
		polling_start(&fleet.polling[i], INTERVAL, roll() % (INTERVAL * 1000));
		put(i);
	}
	for (int slot = 0; slot < SLOTS; slot++) {
		if (slot % (1000 / SLOT_MS) == 0)
			fleet.answered = 0;
		while (fleet.slot[slot] != NOBODY) {
			uint32_t machine = fleet.slot[slot];
			int64_t now = fleet.polling[machine].next;

			fleet.slot[slot] = fleet.next[machine];
			fleet.asked[now / 1000]++;
			ask(scenario, machine, now, plain);
		}
	}
}

/* The most in one second, from the moment that the provider goes. */
static long peak(int from)
{
	long most = 0;

	for (int second = from; second < SECONDS; second++)
		if (fleet.asked[second] > most)
			most = fleet.asked[second];
	return most;
}

static void table(uint32_t machines)
{
	printf("%u machines wait, interval %d s: %ld requests a second\n", machines, INTERVAL,
	       (long)machines / INTERVAL);
	printf("%-56s %12s %12s\n", "peak requests a second once it is back", "plain",
	       "with rules");
	for (int scenario = 0; scenario < SCENARIOS; scenario++) {
		long plain;

		simulate((enum scenario)scenario, machines, true);
		plain = peak(DOWN_TO);
		simulate((enum scenario)scenario, machines, false);
		printf("%-56s %12ld %12ld\n", scenario_names[scenario], plain, peak(DOWN_TO));
	}
}

/* ---- the picture ---- */

enum {
	WIDTH = 640,
	HEIGHT = 120,
	LEFT = 70,
	STEP = 170,
};

static void line(const char *colour, int top, long most)
{
	printf("<polyline fill=\"none\" stroke=\"%s\" points=\"", colour);
	for (int second = 0; second < SECONDS; second++)
		printf("%d,%ld ", LEFT + second * WIDTH / SECONDS,
		       top + HEIGHT - fleet.asked[second] * HEIGHT / most);
	printf("\"/>\n");
}

static void picture(uint32_t machines)
{
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
	       "font-family=\"sans-serif\" font-size=\"12\">\n",
	       LEFT + WIDTH + 20, 40 + SCENARIOS * STEP);
	printf("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n");
	printf("<text x=\"%d\" y=\"20\">Requests a second of %u waiting machines: "
	       "<tspan fill=\"#c00\">plain</tspan>, <tspan fill=\"#06c\">with back-off and "
	       "spread</tspan></text>\n",
	       LEFT, machines);
	for (int scenario = 0; scenario < SCENARIOS; scenario++) {
		int top = 50 + scenario * STEP;
		long most;

		simulate((enum scenario)scenario, machines, true);
		most = peak(0);
		printf("<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT, top - 4,
		       scenario_names[scenario]);
		printf("<text x=\"5\" y=\"%d\">%ld</text>\n", top + 10, most);
		printf("<path stroke=\"#888\" fill=\"none\" d=\"M%d %dv%dh%d\"/>\n", LEFT, top,
		       HEIGHT, WIDTH);
		line("#c00", top, most);
		simulate((enum scenario)scenario, machines, false);
		line("#06c", top, most);
		printf("<text x=\"%d\" y=\"%d\">%d s</text>\n", LEFT + WIDTH - 30,
		       top + HEIGHT + 14, SECONDS);
	}
	printf("</svg>\n");
}

int main(int argc, char **argv)
{
	uint32_t machines = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;

	fleet.polling = calloc(machines, sizeof(*fleet.polling));
	fleet.next = calloc(machines, sizeof(*fleet.next));
	if (machines == 0 || !fleet.polling || !fleet.next)
		return 1;
	if (argc > 2 && strcmp(argv[2], "svg") == 0)
		picture(machines);
	else
		table(machines);
	free(fleet.polling);
	free(fleet.next);
	return 0;
}
