/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rate limit over a state file of hostile bytes. API: rate_limit_count, struct rate_limit_attempt,
 * and the layout of the file as far as its length and its first 16 bytes go.
 *
 * The input: a byte of choices, a length, steps of 4 bytes {who, seconds, kind, times}, FUZZ_END, and
 * what the file holds before the first step. Oracle: whatever the file holds, each verdict is one of
 * the enum, the file keeps its length, is the owner's alone, and no descriptor is left. Of a fresh file
 * (choices & 1) each verdict is the one that a plain list of all attempts gives.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/login/config/conf.h"
#include "fuzz.h"
#include "helper/login/rate_limit.h"

enum {
	FILE_BYTES = 32 + 4096 * 24,
	STEPS_MAX = 64,
	WINDOW_S = 60,
	MOST = 3,
};

static char dir[] = "/dev/shm/fuzz_rate_limit.XXXXXX";
static char file[sizeof(dir) + 8];
static struct conf conf = { .section = "door" };

static void dir_end(void)
{
	unlink(file);
	rmdir(dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char rate[] = "3/1m";

	(void)argc;
	(void)argv;
	HOLDS(mkdtemp(dir));
	atexit(dir_end);
	snprintf(file, sizeof(file), "%s/limits", dir);
	conf.value[CONF_RATE_LIMIT] = rate;
	return 0;
}

/* ---- the list ---- */

static struct start {
	unsigned int source, begin, count;
} start[STEPS_MAX];
static size_t starts;

static struct start *start_of(unsigned int source, unsigned int now)
{
	for (size_t i = 0; i < starts; i++) {
		if (start[i].source != source)
			continue;
		if (now - start[i].begin >= WINDOW_S)
			start[i] = (struct start){ source, now, 0 };
		return &start[i];
	}
	start[starts] = (struct start){ source, now, 0 };
	return &start[starts++];
}

/* SOURCE 0: it is not asked (a seat). */
static enum rate_limit rule(unsigned int source, unsigned int user, bool proven, unsigned int now)
{
	struct start *own;

	if (source == 0)
		return RATE_LIMIT_FREE;
	own = start_of(proven ? source | user << 8 : source, now);
	if (own->count >= MOST)
		return RATE_LIMIT_REACHED;
	own->count++;
	return RATE_LIMIT_FREE;
}

/* ---- the file ---- */

static void file_make(const uint8_t *bytes, size_t len, size_t file_len)
{
	static const char magic[16] = "pdc limits 2";
	int fd = open(file, O_RDWR | O_CREAT | O_EXCL, 0600);

	HOLDS(fd >= 0 && ftruncate(fd, (off_t)file_len) == 0);
	/* The bytes over and over, so that a short input fills the tables. */
	for (size_t at = 0; len > 0 && at < file_len; at += len)
		HOLDS(pwrite(fd, bytes, len < file_len - at ? len : file_len - at, (off_t)at) > 0);
	HOLDS(pwrite(fd, magic, file_len < 16 ? file_len : 16, 0) >= 0);
	close(fd);
}

static void file_check(void)
{
	struct stat st;

	HOLDS(stat(file, &st) == 0 && st.st_size == FILE_BYTES && (st.st_mode & 0777) == 0600);
}

/* ---- steps ---- */

/* KIND: bits 0-1 the source, 2 proven, 3 a seat. */
static void step(const uint8_t *bytes, unsigned int *now, bool fresh)
{
	static const char *const sources[] = { "192.0.2.1", "2001:db8::1", "host", "192.0.2.2" };
	static const char *const users[] = { "alice", "bob", "a|b", "carol" };
	unsigned int who = bytes[0] & 3, kind = bytes[2];
	bool seat = kind & 8, proven = kind & 4;
	struct origin_facts facts = { .rhost = sources[kind & 3], .tty = "ssh" };
	struct rate_limit_attempt attempt = { .origin = seat ? ORIGIN_SEAT : ORIGIN_REMOTE,
					      .facts = &facts,
					      .user = users[who],
					      .proven = proven };
	enum rate_limit verdict, want;

	*now += bytes[1];
	attempt.now = (int64_t)*now * 1000;
	want = rule(seat ? 0 : (kind & 3) + 1, who + 1, proven, *now);
	verdict = rate_limit_count(dir, &conf, &attempt);
	HOLDS(verdict <= RATE_LIMIT_NO_MEMORY &&
	      (verdict <= RATE_LIMIT_UNCOUNTED ||
	       is_reason(reason_name(rate_limit_reason(verdict)))));
	HOLDS(verdict != RATE_LIMIT_UNCOUNTED && verdict != RATE_LIMIT_NO_MEMORY);
	if (fresh && verdict != want)
		fprintf(stderr, "%s, not %s, at %u\n", reason_name(rate_limit_reason(verdict)),
			reason_name(rate_limit_reason(want)), *now);
	HOLDS(verdict == want || !fresh);
	if (!seat)
		file_check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t lengths[] = {
		FILE_BYTES, 0, 16, FILE_BYTES - 1, FILE_BYTES + 4096, 32
	};
	const uint8_t *steps = data + 2, *end = data + size, *rest;
	unsigned int now = 100000;
	int before = dup(0), after;

	close(before);
	if (size < 2)
		return 0;
	rest = memchr(steps, FUZZ_END, size - 2);
	rest = rest ? rest : end;
	unlink(file);
	if (!(data[0] & 1))
		file_make(rest, (size_t)(end - rest), lengths[data[1] % 6]);
	for (int i = 0; rest - steps >= 4 && i < STEPS_MAX; i++, steps += 4)
		step(steps, &now, data[0] & 1);
	starts = 0;
	after = dup(0);
	close(after);
	HOLDS(before == after);
	return 0;
}
