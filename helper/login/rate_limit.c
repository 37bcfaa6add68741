/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many logins one source may start: see rate_limit.h. Must never follow a link, believe a file that
 * somebody else can write, wait for ever, or keep a name or an address: only hashes under a key of
 * the file's own.
 */
#include "rate_limit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/login/session/statedir.h"

enum {
	STARTS = 4096,
	OWN_STARTS = 32, /* of one person: a section each */
	OPEN_TRIES = 3,
	NOT_LOCKED = -2,
	LOCK_TRIES = 1000, /* with a nap between them */
	LOCK_NAP_MS = 2,
	WINDOW_MOST_MS = 86400 * 1000,
	SKEW_MS = 60 * 1000, /* somebody who read the clock later may have had the lock sooner */
	WHO_MAX = 512,
	NAME_BYTES = 32,
};

/* Starts from one source since the first of them. who 0: free. */
struct start {
	uint64_t who;
	int64_t begin;
	int64_t count;
};

/* The file's beginning. A machine's restart takes it away, /run being in memory. */
struct head {
	char magic[16];
	unsigned char key[16];
};

/* The file in memory: head, starts. */
struct state {
	struct head *head;
	struct start *start;
	int starts;
	size_t bytes;
};

static const char magic[16] = "pdc limits 2";

/* ---- SipHash-2-4 ---- */

static uint64_t rotate(uint64_t v, int bits)
{
	return v << bits | v >> (64 - bits);
}

static void sip_rounds(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32) + v[3];
		v[2] += v[1];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

/* Up to eight bytes, the lowest first. */
static uint64_t word(const unsigned char *bytes, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len && i < 8; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

uint64_t rate_limit_hash(const unsigned char key[16], const void *bytes, size_t len)
{
	const uint64_t k0 = word(key, 8), k1 = word(key + 8, 8);
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
			  k1 ^ 0x7465646279746573 };
	const unsigned char *at = bytes;

	for (size_t left = len;; at += 8, left -= 8) {
		uint64_t m = left >= 8 ? word(at, 8) : word(at, left) | (uint64_t)len << 56;

		v[3] ^= m;
		sip_rounds(v, 2);
		v[0] ^= m;
		if (left < 8)
			break;
	}
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- the file ---- */

/*
 * Whoever called su or sudo can stop it at any time, holding the lock: in a file that only attempts of
 * the same real user open, where that is nobody else's loss.
 */
static bool callers_own(const struct rate_limit_attempt *attempt)
{
	return attempt->facts->ruid != 0;
}

/* One source alone has a place in it: who is in a session. A daemon's setuid checker brings many. */
static bool is_small(const struct rate_limit_attempt *attempt)
{
	return callers_own(attempt) && attempt->origin == ORIGIN_SESSION;
}

static void state_name(const struct rate_limit_attempt *attempt, char name[NAME_BYTES])
{
	if (!callers_own(attempt))
		strcpy(name, "limits");
	else if (!is_small(attempt))
		snprintf(name, NAME_BYTES, "far.%lu", (unsigned long)attempt->facts->ruid);
	else if (attempt->stranger)
		strcpy(name, "limits.unknown");
	else
		snprintf(name, NAME_BYTES, "limits.%lu", (unsigned long)attempt->person);
}

static void state_size(bool small, struct state *state)
{
	state->starts = small ? OWN_STARTS : STARTS;
	state->bytes = sizeof(struct head) + (size_t)state->starts * sizeof(struct start);
}

static void state_place(void *map, struct state *state)
{
	state->head = map;
	state->start = (void *)(state->head + 1);
}

/* Whether nothing in a person's file counts any more. Its lock is not held: somebody may just begin to. */
static bool is_over(int fd, int64_t now)
{
	struct state state;
	struct stat st;
	bool over = true;
	void *map;

	state_size(true, &state);
	if (!statedir_ours(fd, S_IFREG, 0177) || fstat(fd, &st) != 0 ||
	    st.st_size != (off_t)state.bytes)
		return false;
	map = mmap(NULL, state.bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return false;
	state_place(map, &state);
	for (int i = 0; i < state.starts; i++)
		over &= state.start[i].who == 0 || now - state.start[i].begin >= WINDOW_MOST_MS;
	munmap(map, state.bytes);
	return over;
}

/*
 * Takes away the files of persons of whom nothing counts any more. Without a lock, which whoever runs this
 * could be stopped with: who has just opened such a file sees that it is gone, and makes it anew.
 */
static void states_expire(int dirfd, int64_t now)
{
	int listed = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = listed >= 0 ? fdopendir(listed) : NULL;
	struct dirent *entry;
	int fd;

	while (list && (entry = readdir(list)) != NULL) {
		if (strncmp(entry->d_name, "limits.", 7) != 0)
			continue;
		fd = openat(dirfd, entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0 && is_over(fd, now))
			unlinkat(dirfd, entry->d_name, 0);
		if (fd >= 0)
			close(fd);
	}
	if (list)
		closedir(list);
	else if (listed >= 0)
		close(listed);
}

/* *MADE: it was not there. */
static int file_open(int dirfd, const char *name, bool *made)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = openat(dirfd, name, flags | O_CREAT | O_EXCL, 0600);

	*made = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = openat(dirfd, name, flags | O_CREAT, 0600);
	if (fd >= 0 && !statedir_ours(fd, S_IFREG, 0177)) {
		close(fd);
		return -1;
	}
	/* Made with the umask of su's caller nobody could read it who has no capability for that. */
	if (fd >= 0)
		fchmod(fd, 0600);
	return fd;
}

static int state_open(const char *dir, const struct rate_limit_attempt *attempt)
{
	int dirfd = statedir_open(dir, 0755, 022);
	char name[NAME_BYTES];
	bool made;
	int fd;

	if (dirfd < 0)
		return -1;
	state_name(attempt, name);
	fd = file_open(dirfd, name, &made);
	if (made && is_small(attempt)) {
		states_expire(dirfd, attempt->now);
		close(fd); /* it may have been among them */
		fd = file_open(dirfd, name, &made);
	}
	close(dirfd);
	return fd;
}

/*
 * The lock is the open file's: it ends with the last descriptor of it, so with the process. Whoever stops
 * a process that holds it must not stop all logins: no wait without an end.
 */
static bool state_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
			return true;
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return false;
		poll(NULL, 0, LOCK_NAP_MS);
	}
	return false;
}

/* The file with its lock, -1 for none, NOT_LOCKED. One that is taken away meanwhile is nobody's. */
static int state_take(const char *dir, const struct rate_limit_attempt *attempt)
{
	struct stat st;
	int fd;

	for (int tries = 0; tries < OPEN_TRIES; tries++) {
		fd = state_open(dir, attempt);
		if (fd < 0)
			return -1;
		if (!state_lock(fd)) {
			close(fd);
			return NOT_LOCKED;
		}
		if (fstat(fd, &st) == 0 && st.st_nlink == 1)
			return fd;
		close(fd);
	}
	return NOT_LOCKED;
}

/*
 * The file into memory; false with errno set. By write() the caller of su could keep us from counting,
 * with a limit on files; here they can only do so until somebody else has made the file. What is not
 * of our making, of an earlier version or cut off begins anew. All of it is had before it is touched.
 */
static bool state_map(int fd, struct state *state)
{
	struct stat st;
	void *map;

	if (fstat(fd, &st) != 0 || fallocate(fd, 0, 0, (off_t)state->bytes) != 0 ||
	    (st.st_size > (off_t)state->bytes && ftruncate(fd, (off_t)state->bytes) != 0))
		return false;
	map = mmap(NULL, state->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return false;
	state_place(map, state);
	if (st.st_size == (off_t)state->bytes &&
	    memcmp(state->head->magic, magic, sizeof(magic)) == 0)
		return true;
	memset(map, 0, state->bytes);
	if (getrandom(state->head->key, sizeof(state->head->key), 0) == sizeof(state->head->key)) {
		memcpy(state->head->magic, magic, sizeof(magic));
		return true;
	}
	munmap(map, state->bytes);
	return false;
}

/* ---- who ---- */

/* SECTION, SOURCE and, where that is not "", USER as one number that is never 0. */
static uint64_t who(const struct state *state, const char *section, const char *source,
		    const char *user)
{
	char text[WHO_MAX];
	int len = snprintf(text, sizeof(text), "%s|%.200s|%.200s", section, source, user);

	return rate_limit_hash(state->head->key, text, (size_t)len) | 1;
}

/* A greeter on another machine has no rhost; in "192.0.2.9:9", its PAM_TTY, the machine is what stands first. */
static void greeter_source(const struct origin_facts *facts, char *out, size_t out_len)
{
	const char *tty = facts->tty ? facts->tty : "";
	const char *display = strrchr(tty, ':');

	snprintf(out, out_len, "greeter %.*s", display ? (int)(display - tty) : 0, tty);
}

/*
 * Where the attempt comes from: the account of a session, an address, an IPv6 network of 64 bits, or the name that a
 * host gives, which is another source than the address that it may read as: a client's own name server says it.
 * false: nobody can tell, so nobody is counted.
 */
static bool source_find(const struct rate_limit_attempt *attempt, char *out, size_t out_len)
{
	const struct origin_facts *facts = attempt->facts;
	char network[64];
	bool known = origin_network(facts, network, sizeof(network));

	out[0] = '\0';
	if (attempt->origin == ORIGIN_SESSION)
		snprintf(out, out_len, attempt->stranger ? "unknown" : "uid %lu",
			 (unsigned long)attempt->person);
	else if (known && origin_is_ssh(facts))
		snprintf(out, out_len, "%s", network);
	else if (known || (facts->rhost && facts->rhost[0] != '\0'))
		snprintf(out, out_len, "said %.200s", known ? network : facts->rhost);
	else if (facts->service && origin_is_greeter(facts->service))
		greeter_source(facts, out, out_len);
	return out[0] != '\0';
}

/* ---- the table of starts ---- */

/* The entry of WHO: its own, or else a free one, or else the one that began longest ago. */
static struct start *start_find(struct state *state, uint64_t source, int64_t now, int64_t window)
{
	struct start *best = state->start; /* there is always one */

	for (struct start *at = state->start; at < state->start + state->starts; at++) {
		/* Over, of a time before the clock began anew, or not of our making. */
		if (at->who != 0 && (at->begin < 0 || at->count < 0 || at->begin > now + SKEW_MS ||
				     now - at->begin >= WINDOW_MOST_MS))
			at->who = 0;
		if (at->who == source) {
			if (now - at->begin < window)
				return at;
			at->who = 0;
		}
		if ((at->who == 0 && best->who != 0) ||
		    (at->who != 0 && best->who != 0 && at->begin < best->begin))
			best = at;
	}
	*best = (struct start){ .who = source, .begin = now };
	return best;
}

/* ---- the limit ---- */

/* What the section wants of this attempt. */
struct wish {
	char source[256];
	long starts, window; /* so many in so many seconds; 0: off */
};

static bool wish_find(const struct conf *conf, const struct rate_limit_attempt *attempt,
		      struct wish *wish)
{
	*wish = (struct wish){ 0 };
	if (attempt->origin == ORIGIN_SEAT)
		return false;
	conf_rate(conf, CONF_RATE_LIMIT, &wish->starts, &wish->window);
	return wish->starts > 0 && source_find(attempt, wish->source, sizeof(wish->source));
}

static enum rate_limit decide(struct state *state, const char *section, const struct wish *wish,
			      const struct rate_limit_attempt *attempt)
{
	bool remote_proof = attempt->proven && attempt->origin == ORIGIN_REMOTE;
	struct start *start = start_find(
		state, who(state, section, wish->source, remote_proof ? attempt->user : ""),
		attempt->now, (int64_t)wish->window * 1000);

	if (start->count >= wish->starts)
		return RATE_LIMIT_REACHED;
	start->count++;
	return RATE_LIMIT_FREE;
}

/*
 * What fails on the way is no refusal, but for what the caller of su can see to: the end of memory,
 * and in a file of their own a lock that is kept and a limit on files.
 */
static enum rate_limit state_ask(int fd, const char *section, const struct wish *wish,
				 const struct rate_limit_attempt *attempt)
{
	enum rate_limit verdict = RATE_LIMIT_UNCOUNTED;
	struct state state;

	if (fd < 0)
		return fd == NOT_LOCKED && callers_own(attempt) ? RATE_LIMIT_BLOCKED
								: RATE_LIMIT_UNCOUNTED;
	state_size(is_small(attempt), &state);
	if (state_map(fd, &state)) {
		verdict = decide(&state, section, wish, attempt);
		munmap(state.head, state.bytes);
	} else if (errno == ENOMEM) {
		verdict = RATE_LIMIT_NO_MEMORY;
	} else if (errno == EFBIG && callers_own(attempt)) {
		verdict = RATE_LIMIT_BLOCKED;
	}
	return verdict;
}

enum rate_limit rate_limit_count(const char *dir, const struct conf *conf,
				 const struct rate_limit_attempt *attempt)
{
	enum rate_limit verdict;
	struct wish wish;
	int fd;

	if (!wish_find(conf, attempt, &wish))
		return RATE_LIMIT_FREE;
	fd = state_take(dir, attempt);
	verdict = state_ask(fd, conf->section, &wish, attempt);
	if (fd >= 0)
		close(fd); /* and with it the lock */
	return verdict;
}

enum reason rate_limit_reason(enum rate_limit verdict)
{
	static const unsigned short reasons[] = {
		[RATE_LIMIT_FREE] = REASON_NONE,
		[RATE_LIMIT_UNCOUNTED] = REASON_NONE,
		[RATE_LIMIT_REACHED] = REASON_RATE_LIMIT,
		[RATE_LIMIT_NO_MEMORY] = REASON_OUT_OF_MEMORY,
		[RATE_LIMIT_BLOCKED] = REASON_RATE_LIMIT_BLOCKED_BY_CALLER,
	};

	return (enum reason)reasons[verdict];
}
