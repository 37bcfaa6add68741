/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The helper's flow while memory runs out: the first allocation fails, then the second, and so on
 * until a way ends in which that many were not made; then the same with all that follow failing.
 *
 * Counted are the helper's own allocations (by the linker's --wrap), cJSON's and OpenSSL's (by their
 * hooks). Whatever fails, a grant comes only with the right claims, each message is one that the
 * module takes, and no memory is left behind.
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "../replies/ways.h"

#ifdef LSAN
#include <sanitizer/lsan_interface.h>
#endif

static struct {
	bool counting;
	bool onwards;
	unsigned long at, made;
} memory;

static bool fails(void)
{
	if (!memory.counting)
		return false;
	memory.made++;
	return memory.made == memory.at || (memory.onwards && memory.made > memory.at);
}

#define WRAP(type, name, parameters, ...)                           \
	type __real_##name parameters;                              \
	type __wrap_##name parameters;                              \
	type __wrap_##name parameters                               \
	{                                                           \
		return fails() ? NULL : __real_##name(__VA_ARGS__); \
	}

WRAP(void *, malloc, (size_t size), size)
WRAP(void *, calloc, (size_t count, size_t size), count, size)
WRAP(void *, realloc, (void *block, size_t size), block, size)
WRAP(char *, strdup, (const char *text), text)
WRAP(void *, tsearch, (const void *key, void **root, int (*compare)(const void *, const void *)),
     key, root, compare)

static void *crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : __real_malloc(size);
}

static void *crypto_realloc(void *block, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : __real_realloc(block, size);
}

static void crypto_free(void *block, const char *file, int line)
{
	(void)file;
	(void)line;
	free(block);
}

static int tests, failures;
static unsigned long walks;

static void way_check(const struct way *way, bool onwards)
{
	unsigned long at = 0, granted = 0;
	int bad = 0;

	do {
		struct way_end end;

		alarm(60);
		memory.onwards = onwards;
		memory.at = ++at;
		memory.made = 0;
		memory.counting = true;
		end = way_walk(way, NULL);
		memory.counting = false;
		walks++;
		/* A refresh that was granted is a yes without userinfo, too: the issuer is told alone. */
		if (!end.clean || (end.verdict == VERDICT_GRANTED && !end.claims_right &&
				   !(way->walk == flow_refresh && end.claims == 1))) {
			printf("# %s: allocation %lu: verdict %d, %d claims\n", way->name, at,
			       (int)end.verdict, end.claims);
			bad++;
		}
		granted += end.verdict == VERDICT_GRANTED;
	} while (memory.made >= at && at < 20000);
#ifdef LSAN
	bad += __lsan_do_recoverable_leak_check() != 0;
#endif
	bad += at < 20 || granted < 1; /* nothing was counted, or the last one did not work */
	failures += bad > 0;
	printf("%sok %d - %s%s: %lu allocations failed, %lu ways granted nevertheless\n",
	       bad > 0 ? "not " : "", ++tests, way->name, onwards ? ", from then on" : "", at - 1,
	       granted - 1);
	fflush(stdout);
}

int main(void)
{
	if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1)
		return 2;
	ways_make();
	for (size_t i = 0; i < ways_count; i++)
		way_walk(&ways[i], NULL); /* what is made once is there */
	for (size_t i = 0; i < ways_count; i++) {
		way_check(&ways[i], false);
		way_check(&ways[i], true);
	}
	printf("# %lu ways\n1..%d\n", walks, tests);
	return failures != 0;
}
