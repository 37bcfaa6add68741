/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/session/keep.c: what is saved is read back, byte for byte; a record that is not just as it would be
 * written is none; a file that is not ours is not believed; a record is at each moment the old one or the
 * new one; one at a time has it; and what a crash has left goes.
 */
#include "fake_state.h"

#include "helper/login/session/keep.h"
#include "common/spawn.h"

#define HEX_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID     "0123456789abcdef"
#define OTHER  "fedcba9876543210"
#define KEPT   "run/sessions/"

enum {
	SAVES = 300,
	READS = 3000,
	RECORD_MAX = 2 * WIRE_BYTES_MAX,
};

static int dir = -1; /* of records */

/* A directory without a record. */
static int keep_start(void **state)
{
	enum reason reason;

	if (dir >= 0)
		close(dir);
	if (state_clear(state))
		return -1;
	dir = keep_dir_open(&reason);
	return dir >= 0 ? 0 : -1;
}

static int keep_end(void **state)
{
	close(dir);
	return state_remove(state);
}

/* A record, its lock held, and nothing in it; ID "": a fresh one. */
static struct keep *made(const char *id)
{
	struct keep *keep = keep_blank(dir);
	char name[64];

	assert_non_null(keep);
	if (id[0] == '\0') {
		assert_true(keep_create(keep));
		return keep;
	}
	snprintf(name, sizeof(name), KEPT "%s.lock", id);
	file_put(name, "", 0, 0600);
	assert_int_equal(keep_take(keep, id, 0), KEEP_GONE);
	assert_true(keep->lock >= 0);
	return keep;
}

/* Takes it and lets go of it again. */
static enum keep_result take(const char *id)
{
	struct keep *keep = keep_blank(dir);
	enum keep_result result;

	assert_non_null(keep);
	result = keep_take(keep, id, 0);
	keep_drop(keep);
	return result;
}

#define FILL(keep, field, text) snprintf((keep)->field, sizeof((keep)->field), "%s", text)

/* One as a login makes it, with two sessions. */
static void fill(struct keep *keep)
{
	struct keep_session *session;

	FILL(keep, section, "door");
	FILL(keep, conf, "/etc/security/device_code.conf");
	FILL(keep, user, "alice");
	keep->uid = 1000;
	FILL(keep, issuer, "https://id.example.org");
	FILL(keep, subject, "248289761001");
	FILL(keep, tokens, "session");
	keep->has_token = true;
	keep->made = 1001;
	keep->closing = 0;
	keep->confirmed = 1002;
	keep->refreshing = 1003;
	keep->token_until = 1004;
	keep->trust_until = 1005;
	FILL(keep, proof, "publickey ssh-ed25519 AAAA\npublickey ssh-rsa BBBB\n");
	FILL(keep, token_blob, "1 an-access-token a-refresh-token 1700003600");
	for (int i = 0; i < 2; i++) {
		session = keep_session_add(keep, keep_lineage(getpid()));
		assert_non_null(session);
		FILL(session, service, i ? "sudo" : "sshd");
		FILL(session, where, i ? "pts/1 -" : "ssh 192.0.2.7");
		session->state = i ? KEEP_NEW : KEEP_OPEN;
		session->leader = (struct process){ 4711 + i, 99 };
		session->until = i ? INT64_MAX : 0;
		session->within = i != 0;
		session->audit = i ? 4294967294 : 0;
	}
}

/* A filled record of ID, saved, its lock let go. Its bytes to OUT, how many to *LEN. */
static void base(char out[RECORD_MAX], size_t *len)
{
	struct keep *keep = made(ID);
	ssize_t got;

	fill(keep);
	assert_true(keep_save(keep));
	keep_drop(keep);
	got = file_get(KEPT ID, out, RECORD_MAX);
	assert_true(got > 0);
	*len = (size_t)got;
	assert_int_equal(take(ID), KEEP_HELD);
}

static enum keep_result take_bytes(const void *bytes, size_t len)
{
	file_put(KEPT ID, bytes, len, 0600);
	return take(ID);
}

/* All but the lock, which is not written. */
static bool same(const struct keep *a, const struct keep *b)
{
	return strcmp(a->id, b->id) == 0 && strcmp(a->section, b->section) == 0 &&
	       strcmp(a->conf, b->conf) == 0 && strcmp(a->user, b->user) == 0 && a->uid == b->uid &&
	       strcmp(a->issuer, b->issuer) == 0 && strcmp(a->subject, b->subject) == 0 &&
	       strcmp(a->tokens, b->tokens) == 0 && a->has_token == b->has_token &&
	       a->made == b->made && a->closing == b->closing && a->confirmed == b->confirmed &&
	       a->refreshing == b->refreshing && a->token_until == b->token_until &&
	       a->trust_until == b->trust_until && strcmp(a->proof, b->proof) == 0 &&
	       strcmp(a->token_blob, b->token_blob) == 0 && a->sessions == b->sessions;
}

static bool same_session(const struct keep_session *a, const struct keep_session *b)
{
	return a->state == b->state && strcmp(a->handle, b->handle) == 0 &&
	       a->maker.pid == b->maker.pid && a->maker.start == b->maker.start &&
	       a->parent.pid == b->parent.pid && a->parent.start == b->parent.start &&
	       a->leader.pid == b->leader.pid && a->leader.start == b->leader.start &&
	       a->within == b->within && a->audit == b->audit && a->since == b->since &&
	       a->until == b->until && strcmp(a->service, b->service) == 0 &&
	       strcmp(a->where, b->where) == 0;
}

/* Saved, read by somebody else, saved again: nothing has changed. */
static void trip(struct keep *keep)
{
	static char first[RECORD_MAX], second[RECORD_MAX];
	struct keep *again = keep_blank(dir);
	char name[64];
	ssize_t len;

	snprintf(name, sizeof(name), KEPT "%s", keep->id);
	assert_true(keep_save(keep));
	len = file_get(name, first, sizeof(first));
	close(keep->lock);
	keep->lock = -1;
	assert_int_equal(keep_take(again, keep->id, 0), KEEP_HELD);
	assert_true(same(keep, again));
	for (size_t i = 0; i < keep->sessions; i++)
		assert_true(same_session(&keep->session[i], &again->session[i]));
	assert_true(keep_save(again));
	assert_int_equal(file_get(name, second, sizeof(second)), len);
	assert_memory_equal(first, second, (size_t)len);
	keep_drop(again);
}

/* ---- there and back ---- */

static void it_comes_back(void **state)
{
	struct keep *keep = made("");

	(void)state;
	trip(keep); /* nothing in it */
	keep_drop(keep);
	keep = made("");
	fill(keep);
	trip(keep);
	keep_drop(keep);
}

static void long_text(char *out, size_t len, char letter)
{
	memset(out, letter, len - 1);
	out[len - 1] = '\0';
}

/* Every text as long as it may be, every number as large. */
static void it_comes_back_full(void **state)
{
	struct keep *keep = made("");

	(void)state;
	long_text(keep->section, sizeof(keep->section), 's');
	long_text(keep->conf, sizeof(keep->conf), 'c');
	long_text(keep->user, sizeof(keep->user), 'u');
	long_text(keep->issuer, sizeof(keep->issuer), 'i');
	long_text(keep->subject, sizeof(keep->subject), 'x');
	long_text(keep->tokens, sizeof(keep->tokens), 't');
	long_text(keep->proof, sizeof(keep->proof), 'p');
	long_text(keep->token_blob, 3000, 'k');
	keep->uid = UINT32_MAX;
	keep->has_token = true;
	keep->made = keep->closing = keep->confirmed = keep->refreshing = INT64_MAX;
	keep->token_until = keep->trust_until = INT64_MAX;
	for (int i = 0; i < KEEP_SESSIONS_MAX; i++) {
		struct keep_session *session = keep_session_add(keep, keep_lineage(getpid()));

		long_text(session->service, sizeof(session->service), 'v');
		long_text(session->where, sizeof(session->where), 'w');
		session->maker = session->parent = session->leader =
			(struct process){ INT32_MAX, UINT64_MAX };
		session->since = session->until = INT64_MAX;
		session->state = KEEP_OPEN;
	}
	trip(keep);
	keep_drop(keep);
}

static void it_is_roots_alone(void **state)
{
	static const mode_t umasks[] = { 0, 022, 0777 };
	char record[64], lock[64];
	struct stat st;

	(void)state;
	for (size_t i = 0; i < COUNT(umasks); i++) {
		struct keep *keep;

		umask(umasks[i]);
		keep = made("");
		assert_true(keep_save(keep));
		umask(022);
		snprintf(record, sizeof(record), KEPT "%s", keep->id);
		snprintf(lock, sizeof(lock), KEPT "%s.lock", keep->id);
		assert_int_equal(mode_of(record), 0600);
		assert_int_equal(mode_of(lock), 0600);
		assert_int_equal(fcntl(keep->lock, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		keep_drop(keep);
		assert_int_equal(take(record + sizeof(KEPT) - 1), KEEP_HELD);
	}
	assert_int_equal(stat(path_of("run/sessions"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

/* ---- damaged ---- */

/* The pairs of MESSAGE as one packet: without the one WITHOUT, and TWICE again behind itself. */
static enum keep_result take_pairs(const struct wire_message *message, size_t without, size_t twice,
				   const char *more)
{
	static struct wire_draft draft;

	wire_begin(&draft, message->verb);
	for (size_t i = 0; i < message->pairs; i++) {
		if (i != without)
			wire_add(&draft, message->pair[i].key, message->pair[i].value);
		if (i == twice)
			wire_add(&draft, message->pair[i].key, message->pair[i].value);
	}
	wire_add(&draft, more, more);
	assert_false(draft.broken);
	return take_bytes(draft.bytes, draft.len);
}

static void lines_are_all_there_once(void **state)
{
	static char bytes[RECORD_MAX];
	struct wire_message message;
	struct wire_pair pair;
	size_t len;

	(void)state;
	base(bytes, &len);
	assert_true(wire_parse(&message, bytes, len));
	assert_int_equal(message.pairs, 22);
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL), KEEP_HELD);
	for (size_t i = 0; i < message.pairs; i++) {
		/* Without its last session it is a record, too. */
		enum keep_result want = i == message.pairs - 1 ? KEEP_HELD : KEEP_UNREADABLE;

		if (take_pairs(&message, i, SIZE_MAX, NULL) != want)
			fail_msg("without %s", message.pair[i].key);
		if (take_pairs(&message, SIZE_MAX, i, NULL) != KEEP_UNREADABLE)
			fail_msg("%s twice", message.pair[i].key);
		if (i + 1 == message.pairs)
			continue;
		pair = message.pair[i];
		message.pair[i] = message.pair[i + 1];
		message.pair[i + 1] = pair;
		if (take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL) != KEEP_UNREADABLE)
			fail_msg("%s behind the next", pair.key);
		message.pair[i + 1] = message.pair[i];
		message.pair[i] = pair;
	}
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, "colour"), KEEP_UNREADABLE);
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, "session16"), KEEP_UNREADABLE);
	message.verb = "keep";
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL), KEEP_UNREADABLE);
}

#define S(state, id) state " " id "0123456789abcdef 10 11 12 13 14 15 1 7 "

static const struct {
	const char *key, *value;
	enum keep_result want;
} values[] = {
	{ "version", "1", KEEP_HELD },
	{ "version", "2", KEEP_UNREADABLE },
	{ "version", "", KEEP_UNREADABLE },
	{ "version", "1 ", KEEP_UNREADABLE },
	{ "uid", "0", KEEP_HELD },
	{ "uid", "4294967295", KEEP_HELD },
	{ "uid", "4294967296", KEEP_UNREADABLE }, /* root's, if it were cut */
	{ "uid", "4294968296", KEEP_UNREADABLE },
	{ "uid", "-1", KEEP_UNREADABLE },
	{ "uid", "", KEEP_UNREADABLE },
	{ "uid", "alice", KEEP_UNREADABLE },
	{ "uid", "1000x", KEEP_UNREADABLE },
	{ "uid", "01000", KEEP_UNREADABLE },
	{ "uid", "+1000", KEEP_UNREADABLE },
	{ "uid", " 1000", KEEP_UNREADABLE },
	{ "uid", "0x3e8", KEEP_UNREADABLE },
	{ "has_token", "0", KEEP_HELD },
	{ "has_token", "2", KEEP_UNREADABLE },
	{ "has_token", "yes", KEEP_UNREADABLE },
	{ "closing", "9223372036854775807", KEEP_HELD },
	{ "closing", "9223372036854775808", KEEP_UNREADABLE },
	{ "closing", "-1", KEEP_UNREADABLE },
	{ "confirmed", "-9223372036854775808", KEEP_UNREADABLE },
	{ "refreshing", "-0", KEEP_UNREADABLE },
	{ "made", "1e3", KEEP_UNREADABLE },
	{ "token_until", "-5", KEEP_UNREADABLE },
	{ "trust_until", "99999999999999999999", KEEP_UNREADABLE },
	{ "user", "", KEEP_HELD },
	{ "user", "12345678901234567890123456789012", KEEP_HELD },
	{ "user", HEX_64 HEX_64 HEX_64 HEX_64 "0", KEEP_UNREADABLE },
	{ "tokens", "session_session", KEEP_HELD },
	{ "tokens", "session_session_", KEEP_UNREADABLE },
	{ "session1", S("1", ID) "16 17 sshd ssh -", KEEP_HELD },
	{ "session1", S("0", ID) "16 17 sshd ssh -", KEEP_HELD },
	{ "session1", S("2", ID) "16 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", S("-1", ID) "16 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", S("1", OTHER) "16 17 sshd ssh -", KEEP_UNREADABLE }, /* another record's */
	{ "session1", S("1", "0123456789ABCDEF") "16 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", S("1", "0123456789abcde") "16 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", S("1", ID "0") "16 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", S("1", ID) "16 17 sshd  ssh -", KEEP_UNREADABLE },
	{ "session1", S("1", ID) "16 17 sshd ssh -\nmore", KEEP_UNREADABLE },
	{ "session1", S("1", ID) "16 17 sshd ", KEEP_HELD },
	{ "session1", S("1", ID) "16 17 sshd", KEEP_UNREADABLE },
	{ "session1", S("1", ID) "16 17", KEEP_UNREADABLE },
	{ "session1", S("1", ID) "16 17 1234567890123456789012345678901 -", KEEP_HELD },
	{ "session1", S("1", ID) "16 17 12345678901234567890123456789012 -", KEEP_UNREADABLE },
	{ "session1", S("1", ID) "-1 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", S("1", ID) "16 -1 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", S("1", ID) "-9223372036854775808 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", S("1", ID) "9223372036854775808 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", "1 " ID ID " 4294967297 11 12 13 14 15 1 7 16 17 sshd ssh -",
	  KEEP_UNREADABLE },
	{ "session1", "1 " ID ID " 10 -11 12 13 14 15 1 7 16 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", "1 " ID ID " 10 11 12 13 14 15 2 7 16 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", "1 " ID ID " 10 11 12 13 14 15 1 -7 16 17 sshd ssh -", KEEP_UNREADABLE },
	{ "session1", "", KEEP_UNREADABLE },
	{ "session1", "1", KEEP_UNREADABLE },
};

static void values_are_as_written(void **state)
{
	static char bytes[RECORD_MAX];
	struct wire_message message;
	size_t len;

	(void)state;
	base(bytes, &len);
	assert_true(wire_parse(&message, bytes, len));
	for (size_t i = 0; i < COUNT(values); i++) {
		struct wire_pair *pair = message.pair;
		const char *before;

		while (strcmp(pair->key, values[i].key) != 0)
			pair++;
		before = pair->value;
		pair->value = values[i].value;
		if (take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL) != values[i].want)
			fail_msg("%s \"%s\"", values[i].key, values[i].value);
		pair->value = before;
	}
}

/* Sessions above the most, and a number that is left out. */
static void sessions_are_counted(void **state)
{
	static char bytes[RECORD_MAX];
	struct keep *keep = made(ID);
	struct wire_message message;
	char name[] = "session16";
	ssize_t len;

	(void)state;
	while (keep_session_add(keep, keep_lineage(getpid())))
		FILL(&keep->session[keep->sessions - 1], service, "sshd");
	assert_int_equal(keep->sessions, KEEP_SESSIONS_MAX);
	assert_true(keep_save(keep));
	keep_drop(keep);
	len = file_get(KEPT ID, bytes, sizeof(bytes));
	assert_true(wire_parse(&message, bytes, (size_t)len));
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL), KEEP_HELD);
	assert_int_equal(take_pairs(&message, message.pairs - 2, SIZE_MAX, NULL), KEEP_UNREADABLE);
	message.pair[message.pairs] = message.pair[message.pairs - 1];
	message.pair[message.pairs++].key = name;
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL), KEEP_UNREADABLE);
}

/* No part of a record is one, nor is one with a byte that is another: or what is read is what is there. */
static void bytes_are_all_there(void **state)
{
	static char bytes[RECORD_MAX], got[RECORD_MAX];
	size_t len, held = 0;

	(void)state;
	base(bytes, &len);
	for (size_t cut = 0; cut < len; cut++)
		if (take_bytes(bytes, cut) == KEEP_HELD)
			held++;
	assert_int_equal(held, 2); /* in front of each session */
	for (size_t at = 0; at < len; at++) {
		struct keep *keep = keep_blank(dir);
		char was = bytes[at];

		bytes[at] = was == '\0' ? '7' : was == '9' ? '\0' : was + 1;
		file_put(KEPT ID, bytes, len, 0600);
		if (keep_take(keep, ID, 0) == KEEP_HELD) {
			assert_true(keep_save(keep));
			assert_int_equal(file_get(KEPT ID, got, sizeof(got)), len);
			assert_memory_equal(got, bytes, len);
			held++;
		}
		keep_drop(keep);
		bytes[at] = was;
	}
	assert_true(held > 100); /* a text's byte is as good as another */
}

static void sizes(void **state)
{
	static char bytes[RECORD_MAX];
	size_t len;

	(void)state;
	base(bytes, &len);
	assert_int_equal(take_bytes(bytes, 0), KEEP_UNREADABLE);
	assert_int_equal(take_bytes(bytes, len - 1), KEEP_UNREADABLE);
	assert_int_equal(take_bytes(bytes, len + 1), KEEP_UNREADABLE);
	assert_int_equal(take_bytes(bytes, len + 2), KEEP_UNREADABLE);
	assert_int_equal(take_bytes(bytes, WIRE_BYTES_MAX), KEEP_UNREADABLE);
	assert_int_equal(take_bytes(bytes, WIRE_BYTES_MAX + 1), KEEP_UNREADABLE);
	assert_int_equal(take_bytes(bytes, RECORD_MAX), KEEP_UNREADABLE);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(take_bytes(bytes, 1), KEEP_UNREADABLE);
	assert_int_equal(take_bytes(bytes, WIRE_BYTES_MAX), KEEP_UNREADABLE);
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(take_bytes(bytes, WIRE_BYTES_MAX), KEEP_UNREADABLE);
}

/* ---- no memory ---- */

static bool no_memory;

void *__real_scratch_take(size_t size);
void *__wrap_scratch_take(size_t size);

void *__wrap_scratch_take(size_t size)
{
	return no_memory ? NULL : __real_scratch_take(size);
}

/* A record that could not be looked at is not damaged: those are removed. */
static void no_memory_is_no_damage(void **state)
{
	static char bytes[RECORD_MAX], after[RECORD_MAX];
	struct keep *keep = keep_blank(dir);
	enum keep_result result;
	bool saved;
	size_t len;

	(void)state;
	base(bytes, &len);
	no_memory = true;
	result = keep_take(keep, ID, 0);
	no_memory = false;
	keep_drop(keep);
	assert_int_equal(result, KEEP_BUSY);
	keep = keep_blank(dir);
	assert_int_equal(keep_take(keep, ID, 0), KEEP_HELD);
	no_memory = true;
	saved = keep_save(keep);
	no_memory = false;
	keep_drop(keep);
	assert_false(saved);
	assert_int_equal(file_get(KEPT ID, after, sizeof(after)), len);
	assert_memory_equal(bytes, after, len);
}

/* ---- files that are not ours ---- */

static void others_files(void **state)
{
	static char bytes[RECORD_MAX];
	static const struct {
		const char *command;
		enum keep_result want;
	} rows[] = {
		{ ":", KEEP_HELD },
		{ "chmod 0400 " ID, KEEP_HELD },
		{ "chmod 0640 " ID, KEEP_UNREADABLE },
		{ "chmod 0620 " ID, KEEP_UNREADABLE },
		{ "chmod 0604 " ID, KEEP_UNREADABLE },
		{ "chmod 0601 " ID, KEEP_UNREADABLE },
		{ "ln " ID " x", KEEP_UNREADABLE },
		{ "mv " ID " x && ln -s x " ID, KEEP_UNREADABLE },
		{ "rm " ID " && ln -s nowhere " ID, KEEP_UNREADABLE },
		{ "rm " ID " && mkfifo -m 600 " ID, KEEP_UNREADABLE },
		{ "rm " ID " && mkdir -m 700 " ID, KEEP_UNREADABLE },
		{ "rm " ID, KEEP_GONE },
		{ "chmod 0640 " ID ".lock", KEEP_GONE },
		{ "chmod 0602 " ID ".lock", KEEP_GONE },
		{ "ln " ID ".lock x", KEEP_GONE },
		{ "mv " ID ".lock x && ln -s x " ID ".lock", KEEP_GONE },
		{ "rm " ID ".lock && mkfifo -m 600 " ID ".lock", KEEP_GONE },
		{ "rm " ID ".lock && mkdir -m 700 " ID ".lock", KEEP_GONE },
		{ "rm " ID ".lock", KEEP_GONE },
	};
	char line[512];
	size_t len;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(keep_start(state), 0);
		base(bytes, &len);
		snprintf(line, sizeof(line), "cd %s/" KEPT " && %s", state_top, rows[i].command);
		assert_int_equal(system(line), 0);
		if (take(ID) != rows[i].want)
			fail_msg("%s", rows[i].command);
	}
}

static void others_owners(void **state)
{
	static char bytes[RECORD_MAX];
	size_t len;

	(void)state;
	if (geteuid() != 0) {
		print_message("needs root: files of another owner\n");
		skip();
	}
	base(bytes, &len);
	assert_int_equal(chown(path_of(KEPT ID), NOBODY, (gid_t)-1), 0);
	assert_int_equal(take(ID), KEEP_UNREADABLE);
	assert_int_equal(chown(path_of(KEPT ID), 0, (gid_t)-1), 0);
	assert_int_equal(take(ID), KEEP_HELD);
	assert_int_equal(chown(path_of(KEPT ID ".lock"), NOBODY, (gid_t)-1), 0);
	assert_int_equal(take(ID), KEEP_GONE);
}

static void ids_are_names_of_nothing_else(void **state)
{
	static const char *const ids[] = {
		"",
		".",
		"..",
		"0123456789abcde",
		"0123456789abcdef0",
		"0123456789abcdeF",
		"0123456789abcdeg",
		"0123456789abcde/",
		"../sessions/0123",
		"../../../victim/",
		"/dev/shm/0123456",
		ID ".lock",
		ID ".new",
		ID "/",
		ID " ",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++)
		if (take(ids[i]) != KEEP_GONE)
			fail_msg("\"%s\"", ids[i]);
}

static void handles(void **state)
{
	static const struct {
		const char *handle;
		bool want;
	} rows[] = {
		{ ID OTHER, true },
		{ ID ID, true },
		{ ID, false },
		{ "", false },
		{ ID "fedcba987654321", false },
		{ ID OTHER "0", false },
		{ ID "FEDCBA9876543210", false },
		{ ID "fedcba987654321 ", false },
		{ "0123456789abcde-" OTHER, false },
		{ "../3456789abcdef" OTHER, false },
	};
	char id[KEEP_ID_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(id, 'x', sizeof(id));
		if (keep_handle_ok(rows[i].handle, id) != rows[i].want)
			fail_msg("\"%s\"", rows[i].handle);
		if (rows[i].want)
			assert_string_equal(id, ID);
	}
}

static void ids_are_random(void **state)
{
	char id[64][KEEP_ID_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(id); i++) {
		assert_true(keep_random(id[i]));
		assert_int_equal(strlen(id[i]), 16);
		assert_int_equal(strspn(id[i], "0123456789abcdef"), 16);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(id[i], id[k]);
	}
}

/* ---- the lock ---- */

static void one_has_it(void **state)
{
	struct keep *keep = made(""), *second = keep_blank(dir);
	struct process self = process_of(getpid()), holder;
	int before;

	(void)state;
	assert_true(keep_save(keep));
	before = next_fd();
	assert_int_equal(keep_take(second, keep->id, 0), KEEP_BUSY);
	assert_int_equal(keep_take(second, keep->id, 30), KEEP_BUSY);
	assert_int_equal(second->lock, -1);
	holder = keep_holder(dir, keep->id);
	assert_int_equal(holder.pid, self.pid);
	assert_int_equal(holder.start, self.start);
	assert_int_equal(next_fd(), before);
	memcpy(second->id, keep->id, sizeof(second->id));
	keep_drop(keep);
	assert_int_equal(keep_holder(dir, second->id).pid,
			 0); /* what it said is of no matter now */
	assert_int_equal(take(second->id), KEEP_HELD);
	assert_int_equal(keep_holder(dir, OTHER).pid, 0);
	keep_drop(second);
}

/* Whatever a holder has said of itself: it is what it is called by, or nobody. */
static void a_holder_says_anything(void **state)
{
	static const struct {
		const char *text;
		pid_t want;
	} rows[] = {
		{ "", 0 },
		{ "x", 0 },
		{ "12", 0 },
		{ "12 x", 0 },
		{ "12 13", 12 },
		{ "\n", 0 },
		{ "1111111111111111111111111111111111111111111111111111111111111111 1", 0 },
	};
	struct keep *keep = made(ID);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(ftruncate(keep->lock, 0), 0);
		assert_int_equal(pwrite(keep->lock, rows[i].text, strlen(rows[i].text), 0),
				 strlen(rows[i].text));
		assert_int_equal(keep_holder(dir, ID).pid, rows[i].want);
	}
	keep_drop(keep);
}

/* A child that holds the lock of ID and then does as it is told; *TELL is to be written to. */
static pid_t holder_start(int *tell)
{
	int held[2], told[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(held), 0);
	assert_int_equal(pipe(told), 0);
	child = child_start();
	if (child == 0) {
		struct keep *keep = keep_blank(dir);

		close(told[1]);
		if (keep_take(keep, ID, 0) != KEEP_HELD || write(held[1], "x", 1) != 1)
			_exit(1);
		if (read(told[0], &byte, 1) == 1 && byte == 'r')
			keep_remove(keep);
		_exit(0); /* and lets go of it */
	}
	assert_int_equal(read(held[0], &byte, 1), 1);
	close(held[0]);
	close(held[1]);
	close(told[0]);
	*tell = told[1];
	return child;
}

static void it_ends_with_its_process(void **state)
{
	static char bytes[RECORD_MAX];
	struct keep *keep = keep_blank(dir);
	pid_t child;
	size_t len;
	int tell;

	(void)state;
	base(bytes, &len);
	child = holder_start(&tell);
	assert_int_equal(take(ID), KEEP_BUSY);
	assert_int_equal(keep_holder(dir, ID).pid, child);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(keep_take(keep, ID, 10000), KEEP_HELD);
	assert_int_equal(child_end(child), -1);
	close(tell);
	keep_drop(keep);
}

/* Who waits for a record that goes meanwhile has nothing, and makes nothing. */
static void it_goes_meanwhile(void **state)
{
	static char bytes[RECORD_MAX];
	pid_t child, waiter;
	size_t len;
	int tell;

	(void)state;
	base(bytes, &len);
	child = holder_start(&tell);
	waiter = child_start();
	if (waiter == 0) {
		struct keep *keep = keep_blank(dir);

		_exit(keep_take(keep, ID, 20000) == KEEP_GONE && keep->lock < 0 ? 0 : 1);
	}
	poll(NULL, 0, 100); /* where the waiter is late it finds no lock at all: gone, too */
	assert_int_equal(write(tell, "r", 1), 1);
	assert_int_equal(child_end(child), 0);
	assert_int_equal(child_end(waiter), 0);
	assert_false(is_there(KEPT ID));
	assert_false(is_there(KEPT ID ".lock"));
	close(tell);
}

/* ---- writing ---- */

static void it_cannot_be_written(void **state)
{
	static const rlim_t rooms[] = { 0, 1, 100, 500 };
	static char before[RECORD_MAX], after[RECORD_MAX];
	struct keep *keep = keep_blank(dir);
	size_t len;

	(void)state;
	base(before, &len);
	assert_true(len > 500);
	assert_int_equal(keep_take(keep, ID, 0), KEEP_HELD);
	keep->closing = 77;
	for (size_t i = 0; i < COUNT(rooms); i++) {
		bool saved;

		disk_is_full(rooms[i]);
		saved = keep_save(keep);
		disk_is_full(RLIM_INFINITY);
		assert_false(saved);
		assert_false(is_there(KEPT ID ".new"));
		assert_int_equal(file_get(KEPT ID, after, sizeof(after)), len);
		assert_memory_equal(before, after, len);
	}
	memset(keep->token_blob, 'k', sizeof(keep->token_blob) - 1); /* no packet has room for it */
	assert_false(keep_save(keep));
	assert_false(is_there(KEPT ID ".new"));
	assert_int_equal(file_get(KEPT ID, after, sizeof(after)), len);
	assert_memory_equal(before, after, len);
	assert_int_equal(unlink(path_of(KEPT ID)), 0);
	assert_int_equal(mkdir(path_of(KEPT ID), 0700), 0);
	keep->token_blob[0] = '\0';
	assert_false(keep_save(keep));
	assert_false(is_there(KEPT ID ".new"));
	keep_drop(keep);
}

static void nothing_is_followed(void **state)
{
	static const char *const commands[] = {
		"ln -s ../../victim " KEPT ID, "ln -s ../../victim " KEPT ID ".new",
		"ln victim " KEPT ID,	       "ln victim " KEPT ID ".new",
		"mkfifo " KEPT ID ".new",      "echo half >" KEPT ID ".new",
	};
	char line[512], text[16] = "";

	for (size_t i = 0; i < COUNT(commands); i++) {
		struct keep *keep;

		assert_int_equal(keep_start(state), 0);
		keep = made(ID);
		fill(keep);
		file_put("victim", "untouched", 9, 0640);
		snprintf(line, sizeof(line), "cd %s && %s", state_top, commands[i]);
		assert_int_equal(system(line), 0);
		assert_true(keep_save(keep));
		keep_drop(keep);
		assert_int_equal(file_get("victim", text, sizeof(text) - 1), 9);
		assert_string_equal(text, "untouched");
		assert_int_equal(mode_of("victim"), 0640);
		assert_false(is_there(KEPT ID ".new"));
		assert_int_equal(take(ID), KEEP_HELD);
	}
}

/* Who reads without the lock, at whatever moment, sees the one or the other. */
static void it_is_whole_at_each_moment(void **state)
{
	static char bytes[2][RECORD_MAX], got[RECORD_MAX];
	struct keep *keep = keep_blank(dir);
	size_t len[2];
	pid_t child;
	ssize_t n;

	(void)state;
	base(bytes[0], &len[0]);
	assert_int_equal(keep_take(keep, ID, 0), KEEP_HELD);
	long_text(keep->token_blob, 6000, 'k');
	assert_true(keep_save(keep));
	len[1] = (size_t)file_get(KEPT ID, bytes[1], sizeof(bytes[1]));
	child = child_start();
	if (child == 0) {
		for (int i = 0; i < SAVES; i++) {
			long_text(keep->token_blob, 6000, 'k');
			if (i % 2 == 0)
				FILL(keep, token_blob,
				     "1 an-access-token a-refresh-token 1700003600");
			if (!keep_save(keep))
				_exit(1);
		}
		_exit(0);
	}
	for (int i = 0; i < READS; i++) {
		n = file_get(KEPT ID, got, sizeof(got));
		assert_true((n == (ssize_t)len[0] && memcmp(got, bytes[0], len[0]) == 0) ||
			    (n == (ssize_t)len[1] && memcmp(got, bytes[1], len[1]) == 0));
	}
	assert_int_equal(child_end(child), 0);
	keep_drop(keep);
}

/* ---- sessions ---- */

static void sessions_come_and_go(void **state)
{
	struct keep *keep = made("");
	struct keep_session *session;
	char handles_of[KEEP_SESSIONS_MAX][HANDLE_MAX], id[KEEP_ID_MAX];
	int64_t now = spawn_now();

	(void)state;
	for (size_t i = 0; i < KEEP_SESSIONS_MAX; i++) {
		session = keep_session_add(keep, keep_lineage(getpid()));
		assert_ptr_equal(session, &keep->session[i]);
		assert_true(keep_handle_ok(session->handle, id));
		assert_string_equal(id, keep->id);
		assert_null(keep_session_find(keep, id));
		assert_ptr_equal(keep_session_find(keep, session->handle), session);
		assert_int_equal(session->state, KEEP_NEW);
		assert_int_equal(session->until, 0);
		assert_true(session->since >= now && session->since < now + WATCH_S * 1000);
		assert_true(process_is(session->maker, process_of(getpid())));
		memcpy(handles_of[i], session->handle, HANDLE_MAX);
	}
	assert_null(keep_session_add(keep, keep_lineage(getpid())));
	assert_int_equal(keep->sessions, KEEP_SESSIONS_MAX);
	assert_null(keep_session_find(keep, ""));
	assert_null(keep_session_find(keep, ID OTHER));
	keep_session_remove(keep, keep_session_find(keep, handles_of[KEEP_SESSIONS_MAX - 1]));
	keep_session_remove(keep, keep_session_find(keep, handles_of[3]));
	keep_session_remove(keep, keep_session_find(keep, handles_of[0]));
	assert_int_equal(keep->sessions, KEEP_SESSIONS_MAX - 3);
	for (size_t i = 0; i < KEEP_SESSIONS_MAX; i++) {
		bool gone = i == 0 || i == 3 || i == KEEP_SESSIONS_MAX - 1;

		assert_int_equal(keep_session_find(keep, handles_of[i]) == NULL, gone);
	}
	session = keep_session_add(keep, keep_lineage(getpid()));
	assert_non_null(session);
	assert_int_equal(session->leader.pid, 0); /* nothing is left of who was there before */
	assert_string_equal(session->where, "");
	keep_drop(keep);
}

/* sshd's parent is an sshd; who calls sudo from a shell is none of it. */
static void parents(void **state)
{
	struct keep *keep = made("");
	struct keep_session *session;
	pid_t child;

	(void)state;
	child = child_start();
	if (child == 0) {
		session = keep_session_add(keep, keep_lineage(getpid()));
		_exit(session && session->parent.pid == getppid() ? 0 : 1);
	}
	assert_int_equal(child_end(child), 0);
	session = keep_session_add(keep, keep_lineage(getpid()));
	assert_non_null(session);
	if (process_same_program(process_of(getpid()), process_of(getppid())))
		assert_int_equal(session->parent.pid, getppid());
	else
		assert_int_equal(session->parent.pid, 0);
	keep_drop(keep);
}

static void sessions_live(void **state)
{
	struct process us = process_of(getpid()), parent = process_of(getppid());
	struct process none = { 0, 0 }, gone = { us.pid, us.start + 1 }, init = process_of(1);
	int64_t now = spawn_now(), young = now - KEEP_NEW_MS + WATCH_S * 1000;
	const struct {
		struct keep_session session;
		bool want;
	} rows[] = {
		{ { KEEP_NEW, "", us, none, none, now, 0, "", "", false, 0 }, true },
		{ { KEEP_NEW, "", us, none, none, young, 0, "", "", false, 0 }, true },
		{ { KEEP_NEW, "", us, none, none, now - KEEP_NEW_MS, 0, "", "", false, 0 }, false },
		{ { KEEP_NEW, "", us, us, us, 0, 0, "", "", false, 0 }, false },
		{ { KEEP_NEW, "", gone, none, us, now, 0, "", "", false, 0 }, false },
		{ { KEEP_NEW, "", gone, parent, none, now, 0, "", "", false, 0 }, parent.pid > 1 },
		{ { KEEP_NEW, "", gone, init, none, now, 0, "", "", false, 0 }, false },
		{ { KEEP_NEW, "", none, none, none, now, 0, "", "", false, 0 }, false },
		{ { KEEP_OPEN, "", gone, none, us, 0, 0, "", "", false, 0 }, true },
		{ { KEEP_OPEN, "", us, us, gone, now, 0, "", "", false, 0 }, false },
		{ { KEEP_OPEN, "", us, us, none, now, 0, "", "", false, 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (keep_session_lives(&rows[i].session) != rows[i].want)
			fail_msg("row %zu", i);
}

/* ---- all of them ---- */

struct seen {
	int count, most;
	char last[KEEP_ID_MAX];
};

static bool see(void *context, const char *id)
{
	struct seen *seen = context;
	struct keep *keep = keep_blank(dir);

	assert_true(strcmp(id, seen->last) > 0);
	snprintf(seen->last, sizeof(seen->last), "%s", id);
	assert_int_equal(keep_take(keep, id, 0), KEEP_HELD);
	keep_remove(keep);
	keep_drop(keep);
	return ++seen->count < seen->most;
}

static void each_is_seen(void **state)
{
	struct seen seen = { .most = 100 };

	(void)state;
	keep_each(dir, see, &seen);
	assert_int_equal(seen.count, 0);
	for (int i = 0; i < 5; i++) {
		struct keep *keep = made("");

		assert_true(keep_save(keep));
		keep_drop(keep);
	}
	file_put(KEPT "README", "", 0, 0600);
	file_put(KEPT "0123456789ABCDEF", "", 0, 0600);
	seen.most = 2;
	keep_each(dir, see, &seen);
	assert_int_equal(seen.count, 2);
	seen = (struct seen){ .most = 100 };
	keep_each(dir, see, &seen);
	assert_int_equal(seen.count, 3);
	assert_true(is_there(KEPT "README"));
	keep_each(-1, see, &seen);
}

static void nothing_is_left(void **state)
{
	struct keep *keep = made("");
	char token[TOKEN_PATH_MAX];
	struct dirent **entries;
	int n;

	(void)state;
	assert_true(token_write(keep->id, "token", geteuid(), getegid()));
	assert_true(keep_save(keep));
	token_path(keep->id, token);
	keep_remove(keep);
	assert_int_equal(access(token, F_OK), -1);
	keep_drop(keep);
	n = scandir(path_of("run/sessions"), &entries, NULL, NULL);
	assert_int_equal(n, 2); /* . and .. */
	while (n > 0)
		free(entries[--n]);
	free(entries);
}

static void leftovers_go(void **state)
{
	static char bytes[RECORD_MAX];
	struct keep *coming;
	char lock[64], half[64];
	size_t len;

	(void)state;
	base(bytes, &len); /* a record, and a half of one that did not come to be */
	assert_true(token_write(ID, "token", geteuid(), getegid()));
	file_put(KEPT ID ".new", bytes, 100, 0600);
	file_put(KEPT OTHER ".lock", "", 0, 0600); /* a lock of none, with a token */
	assert_true(token_write(OTHER, "token", geteuid(), getegid()));
	file_put(KEPT "1111111111111111.new", bytes, 100, 0600);
	file_put(KEPT "2222222222222222.lock", "", 0, 0600);
	file_put(KEPT "2222222222222222.new", bytes, 100, 0600);
	assert_true(token_write("3333333333333333", "token", geteuid(), getegid()));
	file_put(KEPT "a-file-of-some-other-kind", "", 0, 0600);
	coming = made(""); /* by somebody, just now */
	snprintf(lock, sizeof(lock), KEPT "%s.lock", coming->id);
	snprintf(half, sizeof(half), KEPT "%s.new", coming->id);
	file_put(half, bytes, 100, 0600);
	assert_true(token_write(coming->id, "token", geteuid(), getegid()));
	keep_sweep(dir);
	assert_int_equal(take(ID), KEEP_HELD);
	assert_false(is_there(KEPT ID ".new"));
	assert_true(is_there("run/tokens/" ID));
	assert_false(is_there(KEPT OTHER ".lock"));
	assert_false(is_there("run/tokens/" OTHER));
	assert_false(is_there(KEPT "1111111111111111.new"));
	assert_false(is_there(KEPT "2222222222222222.lock"));
	assert_false(is_there(KEPT "2222222222222222.new"));
	assert_false(is_there("run/tokens/3333333333333333"));
	assert_true(is_there(KEPT "a-file-of-some-other-kind"));
	assert_true(is_there(lock));
	assert_true(is_there(half));
	assert_true(keep_save(coming));
	keep_drop(coming);
	keep_sweep(dir);
	assert_true(is_there(lock));
}

/* "used", "free", "nobody knows" */
static const char *account(uid_t uid)
{
	bool used;

	return !keep_account_used(dir, uid, &used) ? "nobody knows" : used ? "used" : "free";
}

/* By what says whose each is, and by nobody's lock; what cannot be read is doubtful for its own uid alone. */
static void accounts_are_counted(void **state)
{
	struct rlimit few, limit;
	struct keep *keep = keep_blank(dir);
	char name[64];

	(void)state;
	assert_string_equal(account(1000), "free");
	keep->uid = 1000;
	assert_true(keep_create(keep));
	assert_string_equal(account(1000), "free");
	fill(keep);
	keep->session[0].leader = process_of(getpid());
	assert_true(keep_save(keep)); /* its lock is held: nobody waits for it */
	assert_string_equal(account(1000), "used");
	assert_string_equal(account(100), "free");
	assert_string_equal(account(10000), "free");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = (rlim_t)next_fd();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_string_equal(account(1000), "nobody knows");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	keep->closing = 1;
	assert_true(keep_save(keep));
	assert_string_equal(account(1000), "free");
	snprintf(name, sizeof(name), KEPT "%s", keep->id);
	file_put(name, "x", 1, 0600);
	assert_string_equal(account(1000), "nobody knows");
	assert_string_equal(account(1001), "free");
	keep_remove(keep);
	assert_string_equal(account(1000), "free");
	snprintf(name, sizeof(name), KEPT "%s.u1000", keep->id);
	assert_false(is_there(name));
	file_put(name, "", 0, 0600);
	keep_drop(keep);
	assert_string_equal(account(1000), "free");
	keep_sweep(dir);
	assert_false(is_there(name));
}

static void accounts_have_a_lock_each(void **state)
{
	mode_t mask = umask(0777);
	int one = keep_account_lock(dir, 1000, 0);
	int other = keep_account_lock(dir, 4294967294, 0);

	(void)state;
	umask(mask);
	assert_true(one >= 0 && other >= 0);
	assert_int_equal(keep_account_lock(dir, 1000, 20), -1);
	close(one);
	one = keep_account_lock(dir, 1000, 0);
	assert_true(one >= 0);
	close(one);
	close(other);
}

static void nothing_stays_open(void **state)
{
	int before = next_fd();

	keep_drop(NULL);
	values_are_as_written(state);
	others_files(state);
	assert_int_equal(keep_start(state), 0);
	leftovers_go(state);
	assert_int_equal(keep_start(state), 0);
	accounts_are_counted(state);
	assert_int_equal(keep_start(state), 0);
	it_cannot_be_written(state);
	assert_int_equal(next_fd(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_comes_back, keep_start),
		cmocka_unit_test_setup(it_comes_back_full, keep_start),
		cmocka_unit_test_setup(it_is_roots_alone, keep_start),
		cmocka_unit_test_setup(accounts_are_counted, keep_start),
		cmocka_unit_test_setup(accounts_have_a_lock_each, keep_start),
		cmocka_unit_test_setup(lines_are_all_there_once, keep_start),
		cmocka_unit_test_setup(values_are_as_written, keep_start),
		cmocka_unit_test_setup(sessions_are_counted, keep_start),
		cmocka_unit_test_setup(bytes_are_all_there, keep_start),
		cmocka_unit_test_setup(sizes, keep_start),
		cmocka_unit_test_setup(no_memory_is_no_damage, keep_start),
		cmocka_unit_test_setup(others_files, keep_start),
		cmocka_unit_test_setup(others_owners, keep_start),
		cmocka_unit_test_setup(ids_are_names_of_nothing_else, keep_start),
		cmocka_unit_test_setup(handles, keep_start),
		cmocka_unit_test_setup(ids_are_random, keep_start),
		cmocka_unit_test_setup(one_has_it, keep_start),
		cmocka_unit_test_setup(a_holder_says_anything, keep_start),
		cmocka_unit_test_setup(it_ends_with_its_process, keep_start),
		cmocka_unit_test_setup(it_goes_meanwhile, keep_start),
		cmocka_unit_test_setup(it_cannot_be_written, keep_start),
		cmocka_unit_test_setup(nothing_is_followed, keep_start),
		cmocka_unit_test_setup(it_is_whole_at_each_moment, keep_start),
		cmocka_unit_test_setup(sessions_come_and_go, keep_start),
		cmocka_unit_test_setup(parents, keep_start),
		cmocka_unit_test_setup(sessions_live, keep_start),
		cmocka_unit_test_setup(each_is_seen, keep_start),
		cmocka_unit_test_setup(nothing_is_left, keep_start),
		cmocka_unit_test_setup(leftovers_go, keep_start),
		cmocka_unit_test_setup(nothing_stays_open, keep_start),
	};

	return cmocka_run_group_tests_name("keep", tests, state_make, keep_end);
}
