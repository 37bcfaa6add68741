/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The limits over a state file of hostile bytes. API: limit_start, limit_end, limit_hash, struct
 * limit_attempt, and the layout of the file as far as its length and its first 16 bytes go.
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
#include "helper/login/limit.h"

enum {
	FILE_BYTES = 32 + 4096 * 24 + 512 * 16,
	STEPS_MAX = 64,
	WINDOW_S = 60,
	MOST = 3,
	PENDING_MOST = 2,
	ALL_MOST = 4,
};

static char dir[] = "/dev/shm/fuzz_limit.XXXXXX";
static char file[sizeof(dir) + 8];
static struct conf conf = { .section = "door" };

static void dir_end(void)
{
	unlink(file);
	rmdir(dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char source[] = "3/1m", user[] = "2", host[] = "4";

	(void)argc;
	(void)argv;
	HOLDS(mkdtemp(dir));
	atexit(dir_end);
	snprintf(file, sizeof(file), "%s/limits", dir);
	conf.value[CONF_RATE_LIMIT] = source;
	conf.value[CONF_LIMIT_USER] = user;
	conf.value[CONF_LIMIT_HOST] = host;
	return 0;
}

/* ---- the list ---- */

static struct start {
	unsigned int source, begin, count;
} start[STEPS_MAX];
static struct pending {
	unsigned int user, until;
	struct limit limit;
} pending[STEPS_MAX];
static size_t starts, pendings;

static void list_clear(void)
{
	for (size_t i = 0; i < pendings; i++)
		limit_end(&pending[i].limit);
	starts = pendings = 0;
}

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

/* By user, by all, by source; SOURCE 0: none of them is asked (a seat). */
static enum limit_verdict rule(unsigned int source, unsigned int user, bool proven,
			       unsigned int now)
{
	struct start *own;
	int all = 0, of_user = 0;

	if (source == 0)
		return LIMIT_FREE;
	for (size_t i = 0; i < pendings; i++) {
		bool lives = pending[i].limit.fd >= 0 && pending[i].until > now;

		all += lives;
		of_user += lives && pending[i].user == user;
	}
	if (!proven && of_user >= PENDING_MOST)
		return LIMIT_USER;
	if (!proven && all >= ALL_MOST)
		return LIMIT_HOST;
	own = start_of(proven ? source | user << 8 : source, now);
	if (own->count >= MOST)
		return LIMIT_SOURCE;
	own->count++;
	return LIMIT_FREE;
}

/* ---- the file ---- */

static void file_make(const uint8_t *bytes, size_t len, size_t file_len)
{
	static const char magic[16] = "pdc limits 1";
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

/* KIND: bits 0-1 the source, 2 proven, 3 a seat, 4 it stays pending, 5 the oldest of them ends. */
static void step(const uint8_t *bytes, unsigned int *now, bool fresh)
{
	static const char *const sources[] = { "192.0.2.1", "2001:db8::1", "host", "192.0.2.2" };
	static const char *const users[] = { "alice", "bob", "a|b", "carol" };
	unsigned int who = bytes[0] & 3, kind = bytes[2];
	bool seat = kind & 8, proven = kind & 4;
	struct place_facts facts = { .rhost = sources[kind & 3], .tty = "ssh" };
	struct limit_attempt attempt = { .place = seat ? PLACE_SEAT : PLACE_REMOTE,
					 .facts = &facts,
					 .user = users[who],
					 .proven = proven };
	enum limit_verdict verdict, want;
	struct limit limit;

	*now += bytes[1];
	attempt.now = (int64_t)*now * 1000;
	attempt.until = attempt.now + bytes[3] * 1000 + 1000;
	if (kind & 32)
		for (size_t i = 0; i < pendings; i++)
			if (pending[i].limit.fd >= 0) {
				limit_end(&pending[i].limit);
				break;
			}
	want = rule(seat ? 0 : (kind & 3) + 1, who + 1, proven, *now);
	verdict = limit_start(&limit, dir, &conf, &attempt);
	HOLDS(verdict <= LIMIT_MEMORY &&
	      (verdict <= LIMIT_UNCOUNTED || is_reason(reason_name(limit_reason(verdict)))));
	HOLDS(verdict != LIMIT_UNCOUNTED && verdict != LIMIT_MEMORY);
	if (fresh && verdict != want)
		fprintf(stderr, "%s, not %s, at %u\n", reason_name(limit_reason(verdict)),
			reason_name(limit_reason(want)), *now);
	HOLDS(verdict == want || !fresh);
	HOLDS((limit.fd >= 0) == (verdict == LIMIT_FREE && !proven && !seat));
	if (limit.fd >= 0 && kind & 16)
		pending[pendings++] = (struct pending){ who + 1, *now + bytes[3] + 1, limit };
	else
		limit_end(&limit);
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
	list_clear();
	after = dup(0);
	close(after);
	HOLDS(before == after);
	return 0;
}
