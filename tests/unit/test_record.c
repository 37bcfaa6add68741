/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/session/record.c: what is saved is read back, byte for byte; a record that is not just as it would be
 * written is none; a file that is not ours is not believed; a record is at each moment the old one or the
 * new one; one at a time has it; and what a crash has left goes.
 */
#include "fake_state.h"

#include "helper/login/session/record.h"
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
static int record_start(void **state)
{
	enum reason reason;

	if (dir >= 0)
		close(dir);
	if (state_clear(state))
		return -1;
	dir = record_dir_open(&reason);
	return dir >= 0 ? 0 : -1;
}

static int record_end(void **state)
{
	close(dir);
	return state_remove(state);
}

/* A record, its lock held, and nothing in it; ID "": a fresh one. */
static struct record *made(const char *id)
{
	struct record *record = record_new(dir);
	char name[64];

	assert_non_null(record);
	if (id[0] == '\0') {
		assert_true(record_create(record));
		return record;
	}
	snprintf(name, sizeof(name), KEPT "%s.lock", id);
	file_put(name, "", 0, 0600);
	assert_int_equal(record_lock(record, id, 0), RECORD_GONE);
	assert_true(record->lock >= 0);
	return record;
}

/* Takes it and lets go of it again. */
static enum record_result take(const char *id)
{
	struct record *record = record_new(dir);
	enum record_result result;

	assert_non_null(record);
	result = record_lock(record, id, 0);
	record_free(record);
	return result;
}

#define FILL(record, field, text) snprintf((record)->field, sizeof((record)->field), "%s", text)

/* One as a login makes it, with two sessions. */
static void fill(struct record *record)
{
	struct record_session *session;

	FILL(record, section, "door");
	FILL(record, conf, "/etc/security/device_code.conf");
	FILL(record, user, "alice");
	record->uid = 1000;
	FILL(record, issuer, "https://id.example.org");
	FILL(record, subject, "248289761001");
	FILL(record, tokens, "session");
	record->has_token = true;
	record->made = 1001;
	record->closing = 0;
	record->confirmed = 1002;
	record->refreshing = 1003;
	record->token_until = 1004;
	record->trust_until = 1005;
	FILL(record, proof, "publickey ssh-ed25519 AAAA\npublickey ssh-rsa BBBB\n");
	FILL(record, token_blob, "1 an-access-token a-refresh-token 1700003600");
	for (int i = 0; i < 2; i++) {
		session = record_session_add(record, record_lineage(getpid()));
		assert_non_null(session);
		FILL(session, service, i ? "sudo" : "sshd");
		FILL(session, where, i ? "pts/1 -" : "ssh 192.0.2.7");
		session->state = i ? RECORD_NEW : RECORD_OPEN;
		session->leader = (struct process){ 4711 + i, 99 };
		session->until = i ? INT64_MAX : 0;
		session->within = i != 0;
		session->audit = i ? 4294967294 : 0;
	}
}

/* A filled record of ID, saved, its lock let go. Its bytes to OUT, how many to *LEN. */
static void base(char out[RECORD_MAX], size_t *len)
{
	struct record *record = made(ID);
	ssize_t got;

	fill(record);
	assert_true(record_save(record));
	record_free(record);
	got = file_get(KEPT ID, out, RECORD_MAX);
	assert_true(got > 0);
	*len = (size_t)got;
	assert_int_equal(take(ID), RECORD_HELD);
}

static enum record_result take_bytes(const void *bytes, size_t len)
{
	file_put(KEPT ID, bytes, len, 0600);
	return take(ID);
}

/* All but the lock, which is not written. */
static bool same(const struct record *a, const struct record *b)
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

static bool same_session(const struct record_session *a, const struct record_session *b)
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
static void trip(struct record *record)
{
	static char first[RECORD_MAX], second[RECORD_MAX];
	struct record *again = record_new(dir);
	char name[64];
	ssize_t len;

	snprintf(name, sizeof(name), KEPT "%s", record->id);
	assert_true(record_save(record));
	len = file_get(name, first, sizeof(first));
	close(record->lock);
	record->lock = -1;
	assert_int_equal(record_lock(again, record->id, 0), RECORD_HELD);
	assert_true(same(record, again));
	for (size_t i = 0; i < record->sessions; i++)
		assert_true(same_session(&record->session[i], &again->session[i]));
	assert_true(record_save(again));
	assert_int_equal(file_get(name, second, sizeof(second)), len);
	assert_memory_equal(first, second, (size_t)len);
	record_free(again);
}

/* ---- there and back ---- */

static void it_comes_back(void **state)
{
	struct record *record = made("");

	(void)state;
	trip(record); /* nothing in it */
	record_free(record);
	record = made("");
	fill(record);
	trip(record);
	record_free(record);
}

static void long_text(char *out, size_t len, char letter)
{
	memset(out, letter, len - 1);
	out[len - 1] = '\0';
}

/* Every text as long as it may be, every number as large. */
static void it_comes_back_full(void **state)
{
	struct record *record = made("");

	(void)state;
	long_text(record->section, sizeof(record->section), 's');
	long_text(record->conf, sizeof(record->conf), 'c');
	long_text(record->user, sizeof(record->user), 'u');
	long_text(record->issuer, sizeof(record->issuer), 'i');
	long_text(record->subject, sizeof(record->subject), 'x');
	long_text(record->tokens, sizeof(record->tokens), 't');
	long_text(record->proof, sizeof(record->proof), 'p');
	long_text(record->token_blob, 3000, 'k');
	record->uid = UINT32_MAX;
	record->has_token = true;
	record->made = record->closing = record->confirmed = record->refreshing = INT64_MAX;
	record->token_until = record->trust_until = INT64_MAX;
	for (int i = 0; i < RECORD_SESSIONS_MAX; i++) {
		struct record_session *session =
			record_session_add(record, record_lineage(getpid()));

		long_text(session->service, sizeof(session->service), 'v');
		long_text(session->where, sizeof(session->where), 'w');
		session->maker = session->parent = session->leader =
			(struct process){ INT32_MAX, UINT64_MAX };
		session->since = session->until = INT64_MAX;
		session->state = RECORD_OPEN;
	}
	trip(record);
	record_free(record);
}

static void it_is_roots_alone(void **state)
{
	static const mode_t umasks[] = { 0, 022, 0777 };
	char file[64], lock[64];
	struct stat st;

	(void)state;
	for (size_t i = 0; i < COUNT(umasks); i++) {
		struct record *record;

		umask(umasks[i]);
		record = made("");
		assert_true(record_save(record));
		umask(022);
		snprintf(file, sizeof(file), KEPT "%s", record->id);
		snprintf(lock, sizeof(lock), KEPT "%s.lock", record->id);
		assert_int_equal(mode_of(file), 0600);
		assert_int_equal(mode_of(lock), 0600);
		assert_int_equal(fcntl(record->lock, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		record_free(record);
		assert_int_equal(take(file + sizeof(KEPT) - 1), RECORD_HELD);
	}
	assert_int_equal(stat(path_of("run/sessions"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

/* ---- damaged ---- */

/* The pairs of MESSAGE as one packet: without the one WITHOUT, and TWICE again behind itself. */
static enum record_result take_pairs(const struct wire_message *message, size_t without,
				     size_t twice, const char *more)
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
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL), RECORD_HELD);
	for (size_t i = 0; i < message.pairs; i++) {
		/* Without its last session it is a record, too. */
		enum record_result want = i == message.pairs - 1 ? RECORD_HELD : RECORD_UNREADABLE;

		if (take_pairs(&message, i, SIZE_MAX, NULL) != want)
			fail_msg("without %s", message.pair[i].key);
		if (take_pairs(&message, SIZE_MAX, i, NULL) != RECORD_UNREADABLE)
			fail_msg("%s twice", message.pair[i].key);
		if (i + 1 == message.pairs)
			continue;
		pair = message.pair[i];
		message.pair[i] = message.pair[i + 1];
		message.pair[i + 1] = pair;
		if (take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL) != RECORD_UNREADABLE)
			fail_msg("%s behind the next", pair.key);
		message.pair[i + 1] = message.pair[i];
		message.pair[i] = pair;
	}
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, "colour"), RECORD_UNREADABLE);
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, "session16"), RECORD_UNREADABLE);
	message.verb = "keep";
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL), RECORD_UNREADABLE);
}

/* Numbers that change are as long as they can be: a pid, the start of a process, a login's number, a moment. */
#define PID(n)	 "00000" #n
#define START(n) "0000000000000" #n
#define S(state, id)                                                                              \
	state " " id "0123456789abcdef " PID(10) " " START(11) " " PID(12) " " START(13) " " PID( \
		14) " " START(15) " 1 0000000007 "

static const struct {
	const char *key, *value;
	enum record_result want;
} values[] = {
	{ "version", "1", RECORD_HELD },
	{ "version", "2", RECORD_UNREADABLE },
	{ "version", "", RECORD_UNREADABLE },
	{ "version", "1 ", RECORD_UNREADABLE },
	{ "uid", "0", RECORD_HELD },
	{ "uid", "4294967295", RECORD_HELD },
	{ "uid", "4294967296", RECORD_UNREADABLE }, /* root's, if it were cut */
	{ "uid", "4294968296", RECORD_UNREADABLE },
	{ "uid", "-1", RECORD_UNREADABLE },
	{ "uid", "", RECORD_UNREADABLE },
	{ "uid", "alice", RECORD_UNREADABLE },
	{ "uid", "1000x", RECORD_UNREADABLE },
	{ "uid", "01000", RECORD_UNREADABLE },
	{ "uid", "+1000", RECORD_UNREADABLE },
	{ "uid", " 1000", RECORD_UNREADABLE },
	{ "uid", "0x3e8", RECORD_UNREADABLE },
	{ "has_token", "0", RECORD_HELD },
	{ "has_token", "2", RECORD_UNREADABLE },
	{ "has_token", "yes", RECORD_UNREADABLE },
	{ "closing", "9223372036854775807", RECORD_HELD },
	{ "closing", "9223372036854775808", RECORD_UNREADABLE },
	{ "closing", "-1", RECORD_UNREADABLE },
	{ "confirmed", "-9223372036854775808", RECORD_UNREADABLE },
	{ "refreshing", "-0", RECORD_UNREADABLE },
	{ "made", "1e3", RECORD_UNREADABLE },
	{ "made", "000000000005000", RECORD_HELD },
	{ "made", "5000", RECORD_UNREADABLE },
	{ "token_until", "-5", RECORD_UNREADABLE },
	{ "trust_until", "99999999999999999999", RECORD_UNREADABLE },
	{ "user", "", RECORD_HELD },
	{ "user", "12345678901234567890123456789012", RECORD_HELD },
	{ "user", HEX_64 HEX_64 HEX_64 HEX_64 "0", RECORD_UNREADABLE },
	{ "tokens", "session_session", RECORD_HELD },
	{ "tokens", "session_session_", RECORD_UNREADABLE },
	{ "session1", S("1", ID) START(16) " " START(17) " sshd ssh -", RECORD_HELD },
	{ "session1", S("0", ID) START(16) " " START(17) " sshd ssh -", RECORD_HELD },
	{ "session1", S("2", ID) START(16) " " START(17) " sshd ssh -", RECORD_UNREADABLE },
	{ "session1", S("-1", ID) START(16) " " START(17) " sshd ssh -", RECORD_UNREADABLE },
	{ "session1", S("1", OTHER) START(16) " " START(17) " sshd ssh -",
	  RECORD_UNREADABLE }, /* another record's */
	{ "session1", S("1", "0123456789ABCDEF") START(16) " " START(17) " sshd ssh -",
	  RECORD_UNREADABLE },
	{ "session1", S("1", "0123456789abcde") START(16) " " START(17) " sshd ssh -",
	  RECORD_UNREADABLE },
	{ "session1", S("1", ID "0") START(16) " " START(17) " sshd ssh -", RECORD_UNREADABLE },
	{ "session1", S("1", ID) START(16) " " START(17) " sshd  ssh -", RECORD_UNREADABLE },
	{ "session1", S("1", ID) START(16) " " START(17) " sshd ssh -\nmore", RECORD_UNREADABLE },
	{ "session1", S("1", ID) START(16) " " START(17) " sshd ", RECORD_HELD },
	{ "session1", S("1", ID) START(16) " " START(17) " sshd", RECORD_UNREADABLE },
	{ "session1", S("1", ID) START(16) " " START(17) "", RECORD_UNREADABLE },
	{ "session1", S("1", ID) START(16) " " START(17) " 1234567890123456789012345678901 -",
	  RECORD_HELD },
	{ "session1", S("1", ID) START(16) " " START(17) " 12345678901234567890123456789012 -",
	  RECORD_UNREADABLE },
	{ "session1", S("1", ID) "-1 " START(17) " sshd ssh -", RECORD_UNREADABLE },
	{ "session1", S("1", ID) START(16) " -1 sshd ssh -", RECORD_UNREADABLE },
	{ "session1", S("1", ID) "-9223372036854775808 " START(17) " sshd ssh -",
	  RECORD_UNREADABLE },
	{ "session1", S("1", ID) "9223372036854775808 " START(17) " sshd ssh -",
	  RECORD_UNREADABLE },
	{ "session1",
	  "1 " ID ID " 4294967297 000000000000011 " PID(12) " " START(13) " " PID(14) " " START(
		  15) " 1 0000000007 " START(16) " " START(17) " sshd ssh -",
	  RECORD_UNREADABLE },
	{ "session1",
	  "1 " ID ID " 0000010 -11 " PID(12) " " START(13) " " PID(14) " " START(
		  15) " 1 0000000007 " START(16) " " START(17) " sshd ssh -",
	  RECORD_UNREADABLE },
	{ "session1",
	  "1 " ID ID " 0000010 000000000000011 " PID(12) " " START(13) " " PID(14) " " START(
		  15) " 2 0000000007 " START(16) " " START(17) " sshd ssh -",
	  RECORD_UNREADABLE },
	{ "session1",
	  "1 " ID ID " 0000010 000000000000011 " PID(12) " " START(13) " " PID(14) " " START(
		  15) " 1 -7 " START(16) " " START(17) " sshd ssh -",
	  RECORD_UNREADABLE },
	{ "session1", "", RECORD_UNREADABLE },
	{ "session1", "1", RECORD_UNREADABLE },
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

/* What was written once can be written whatever its moments come to be: a question about it can be noted. */
static void moments_take_no_more_room(void **state)
{
	static char bytes[RECORD_MAX];
	struct record *record = made(ID);
	ssize_t before;

	(void)state;
	assert_non_null(record_session_add(record, record_lineage(getpid())));
	assert_true(record_save(record));
	before = file_get(KEPT ID, bytes, sizeof(bytes));
	record->closing = record->made = record->confirmed = record->asked = record->silent =
		record->refreshing = record->token_since = record->token_until =
			record->trust_until = 999999999999999;
	record->session[0].state = RECORD_OPEN;
	record->session[0].leader = (struct process){ 4194304, 999999999999999 };
	record->session[0].since = record->session[0].until = 999999999999999;
	assert_true(record_save(record));
	assert_int_equal(file_get(KEPT ID, bytes, sizeof(bytes)), before);
	record_free(record);
}

/* Sessions above the most, and a number that is left out. */
static void sessions_are_counted(void **state)
{
	static char bytes[RECORD_MAX];
	struct record *record = made(ID);
	struct wire_message message;
	char name[] = "session16";
	ssize_t len;

	(void)state;
	while (record_session_add(record, record_lineage(getpid())))
		FILL(&record->session[record->sessions - 1], service, "sshd");
	assert_int_equal(record->sessions, RECORD_SESSIONS_MAX);
	assert_true(record_save(record));
	record_free(record);
	len = file_get(KEPT ID, bytes, sizeof(bytes));
	assert_true(wire_parse(&message, bytes, (size_t)len));
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL), RECORD_HELD);
	assert_int_equal(take_pairs(&message, message.pairs - 2, SIZE_MAX, NULL),
			 RECORD_UNREADABLE);
	message.pair[message.pairs] = message.pair[message.pairs - 1];
	message.pair[message.pairs++].key = name;
	assert_int_equal(take_pairs(&message, SIZE_MAX, SIZE_MAX, NULL), RECORD_UNREADABLE);
}

/* No part of a record is one, nor is one with a byte that is another: or what is read is what is there. */
static void bytes_are_all_there(void **state)
{
	static char bytes[RECORD_MAX], got[RECORD_MAX];
	size_t len, held = 0;

	(void)state;
	base(bytes, &len);
	for (size_t cut = 0; cut < len; cut++)
		if (take_bytes(bytes, cut) == RECORD_HELD)
			held++;
	assert_int_equal(held, 2); /* in front of each session */
	for (size_t at = 0; at < len; at++) {
		struct record *record = record_new(dir);
		char was = bytes[at];

		bytes[at] = was == '\0' ? '7' : was == '9' ? '\0' : was + 1;
		file_put(KEPT ID, bytes, len, 0600);
		if (record_lock(record, ID, 0) == RECORD_HELD) {
			assert_true(record_save(record));
			assert_int_equal(file_get(KEPT ID, got, sizeof(got)), len);
			assert_memory_equal(got, bytes, len);
			held++;
		}
		record_free(record);
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
	assert_int_equal(take_bytes(bytes, 0), RECORD_UNREADABLE);
	assert_int_equal(take_bytes(bytes, len - 1), RECORD_UNREADABLE);
	assert_int_equal(take_bytes(bytes, len + 1), RECORD_UNREADABLE);
	assert_int_equal(take_bytes(bytes, len + 2), RECORD_UNREADABLE);
	assert_int_equal(take_bytes(bytes, WIRE_BYTES_MAX), RECORD_UNREADABLE);
	assert_int_equal(take_bytes(bytes, WIRE_BYTES_MAX + 1), RECORD_UNREADABLE);
	assert_int_equal(take_bytes(bytes, RECORD_MAX), RECORD_UNREADABLE);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(take_bytes(bytes, 1), RECORD_UNREADABLE);
	assert_int_equal(take_bytes(bytes, WIRE_BYTES_MAX), RECORD_UNREADABLE);
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(take_bytes(bytes, WIRE_BYTES_MAX), RECORD_UNREADABLE);
}

/* ---- no memory ---- */

static bool no_memory;
static bool other_programs; /* whatever two processes run */

bool __real_process_same_program(struct process a, struct process b);
bool __wrap_process_same_program(struct process a, struct process b);

bool __wrap_process_same_program(struct process a, struct process b)
{
	return !other_programs && __real_process_same_program(a, b);
}

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
	struct record *record = record_new(dir);
	enum record_result result;
	bool saved;
	size_t len;

	(void)state;
	base(bytes, &len);
	no_memory = true;
	result = record_lock(record, ID, 0);
	no_memory = false;
	record_free(record);
	assert_int_equal(result, RECORD_BUSY);
	record = record_new(dir);
	assert_int_equal(record_lock(record, ID, 0), RECORD_HELD);
	no_memory = true;
	saved = record_save(record);
	no_memory = false;
	record_free(record);
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
		enum record_result want;
	} rows[] = {
		{ ":", RECORD_HELD },
		{ "chmod 0400 " ID, RECORD_HELD },
		{ "chmod 0640 " ID, RECORD_UNREADABLE },
		{ "chmod 0620 " ID, RECORD_UNREADABLE },
		{ "chmod 0604 " ID, RECORD_UNREADABLE },
		{ "chmod 0601 " ID, RECORD_UNREADABLE },
		{ "ln " ID " x", RECORD_UNREADABLE },
		{ "mv " ID " x && ln -s x " ID, RECORD_UNREADABLE },
		{ "rm " ID " && ln -s nowhere " ID, RECORD_UNREADABLE },
		{ "rm " ID " && mkfifo -m 600 " ID, RECORD_UNREADABLE },
		{ "rm " ID " && mkdir -m 700 " ID, RECORD_UNREADABLE },
		{ "rm " ID, RECORD_GONE },
		{ "chmod 0640 " ID ".lock", RECORD_GONE },
		{ "chmod 0602 " ID ".lock", RECORD_GONE },
		{ "ln " ID ".lock x", RECORD_GONE },
		{ "mv " ID ".lock x && ln -s x " ID ".lock", RECORD_GONE },
		{ "rm " ID ".lock && mkfifo -m 600 " ID ".lock", RECORD_GONE },
		{ "rm " ID ".lock && mkdir -m 700 " ID ".lock", RECORD_GONE },
		{ "rm " ID ".lock", RECORD_GONE },
	};
	char line[512];
	size_t len;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(record_start(state), 0);
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
	assert_int_equal(take(ID), RECORD_UNREADABLE);
	assert_int_equal(chown(path_of(KEPT ID), 0, (gid_t)-1), 0);
	assert_int_equal(take(ID), RECORD_HELD);
	assert_int_equal(chown(path_of(KEPT ID ".lock"), NOBODY, (gid_t)-1), 0);
	assert_int_equal(take(ID), RECORD_GONE);
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
		if (take(ids[i]) != RECORD_GONE)
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
	char id[RECORD_ID_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(id, 'x', sizeof(id));
		if (record_handle_ok(rows[i].handle, id) != rows[i].want)
			fail_msg("\"%s\"", rows[i].handle);
		if (rows[i].want)
			assert_string_equal(id, ID);
	}
}

static void ids_are_random(void **state)
{
	char id[64][RECORD_ID_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(id); i++) {
		assert_true(record_random_id(id[i]));
		assert_int_equal(strlen(id[i]), 16);
		assert_int_equal(strspn(id[i], "0123456789abcdef"), 16);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(id[i], id[k]);
	}
}

/* ---- the lock ---- */

static int64_t since; /* when a lock was taken */

static void one_has_it(void **state)
{
	struct record *record = made(""), *second = record_new(dir);
	struct process self = process_of(getpid()), holder;
	int before;

	(void)state;
	assert_true(record_save(record));
	before = next_fd();
	assert_int_equal(record_lock(second, record->id, 0), RECORD_BUSY);
	assert_int_equal(record_lock(second, record->id, 30), RECORD_BUSY);
	assert_int_equal(second->lock, -1);
	holder = record_lock_owner(dir, record->id, &since);
	assert_true(since <= spawn_now() && since > spawn_now() - 60 * 1000);
	assert_int_equal(holder.pid, self.pid);
	assert_int_equal(holder.start, self.start);
	assert_int_equal(next_fd(), before);
	memcpy(second->id, record->id, sizeof(second->id));
	record_free(record);
	assert_int_equal(record_lock_owner(dir, second->id, &since).pid,
			 0); /* what it said is of no matter now */
	assert_int_equal(take(second->id), RECORD_HELD);
	assert_int_equal(record_lock_owner(dir, OTHER, &since).pid, 0);
	record_free(second);
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
	struct record *record = made(ID);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(ftruncate(record->lock, 0), 0);
		assert_int_equal(pwrite(record->lock, rows[i].text, strlen(rows[i].text), 0),
				 strlen(rows[i].text));
		assert_int_equal(record_lock_owner(dir, ID, &since).pid, rows[i].want);
	}
	record_free(record);
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
		struct record *record = record_new(dir);

		close(told[1]);
		if (record_lock(record, ID, 0) != RECORD_HELD || write(held[1], "x", 1) != 1)
			_exit(1);
		if (read(told[0], &byte, 1) == 1 && byte == 'r')
			record_remove(record);
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
	struct record *record = record_new(dir);
	pid_t child;
	size_t len;
	int tell;

	(void)state;
	base(bytes, &len);
	child = holder_start(&tell);
	assert_int_equal(take(ID), RECORD_BUSY);
	assert_int_equal(record_lock_owner(dir, ID, &since).pid, child);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(record_lock(record, ID, 10000), RECORD_HELD);
	assert_int_equal(child_end(child), -1);
	close(tell);
	record_free(record);
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
		struct record *record = record_new(dir);

		_exit(record_lock(record, ID, 20000) == RECORD_GONE && record->lock < 0 ? 0 : 1);
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
	static const rlim_t sizes[] = { 0, 1, 100, 500 };
	static char before[RECORD_MAX], after[RECORD_MAX];
	struct record *record = record_new(dir);
	size_t len;

	(void)state;
	base(before, &len);
	assert_true(len > 500);
	assert_int_equal(record_lock(record, ID, 0), RECORD_HELD);
	record->closing = 77;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		bool saved;

		disk_is_full(sizes[i]);
		saved = record_save(record);
		disk_is_full(RLIM_INFINITY);
		assert_false(saved);
		assert_false(is_there(KEPT ID ".new"));
		assert_int_equal(file_get(KEPT ID, after, sizeof(after)), len);
		assert_memory_equal(before, after, len);
	}
	memset(record->token_blob, 'k',
	       sizeof(record->token_blob) - 1); /* no packet has room for it */
	assert_false(record_save(record));
	assert_false(is_there(KEPT ID ".new"));
	assert_int_equal(file_get(KEPT ID, after, sizeof(after)), len);
	assert_memory_equal(before, after, len);
	assert_int_equal(unlink(path_of(KEPT ID)), 0);
	assert_int_equal(mkdir(path_of(KEPT ID), 0700), 0);
	record->token_blob[0] = '\0';
	assert_false(record_save(record));
	assert_false(is_there(KEPT ID ".new"));
	record_free(record);
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
		struct record *record;

		assert_int_equal(record_start(state), 0);
		record = made(ID);
		fill(record);
		file_put("victim", "untouched", 9, 0640);
		snprintf(line, sizeof(line), "cd %s && %s", state_top, commands[i]);
		assert_int_equal(system(line), 0);
		assert_true(record_save(record));
		record_free(record);
		assert_int_equal(file_get("victim", text, sizeof(text) - 1), 9);
		assert_string_equal(text, "untouched");
		assert_int_equal(mode_of("victim"), 0640);
		assert_false(is_there(KEPT ID ".new"));
		assert_int_equal(take(ID), RECORD_HELD);
	}
}

/* Who reads without the lock, at whatever moment, sees the one or the other. */
static void it_is_whole_at_each_moment(void **state)
{
	static char bytes[2][RECORD_MAX], got[RECORD_MAX];
	struct record *record = record_new(dir);
	size_t len[2];
	pid_t child;
	ssize_t n;

	(void)state;
	base(bytes[0], &len[0]);
	assert_int_equal(record_lock(record, ID, 0), RECORD_HELD);
	long_text(record->token_blob, 6000, 'k');
	assert_true(record_save(record));
	len[1] = (size_t)file_get(KEPT ID, bytes[1], sizeof(bytes[1]));
	child = child_start();
	if (child == 0) {
		for (int i = 0; i < SAVES; i++) {
			long_text(record->token_blob, 6000, 'k');
			if (i % 2 == 0)
				FILL(record, token_blob,
				     "1 an-access-token a-refresh-token 1700003600");
			if (!record_save(record))
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
	record_free(record);
}

/* ---- sessions ---- */

static void sessions_come_and_go(void **state)
{
	struct record *record = made("");
	struct record_session *session;
	char handles_of[RECORD_SESSIONS_MAX][HANDLE_MAX], id[RECORD_ID_MAX];
	int64_t now = spawn_now();

	(void)state;
	for (size_t i = 0; i < RECORD_SESSIONS_MAX; i++) {
		session = record_session_add(record, record_lineage(getpid()));
		assert_ptr_equal(session, &record->session[i]);
		assert_true(record_handle_ok(session->handle, id));
		assert_string_equal(id, record->id);
		assert_null(record_session_find(record, id));
		assert_ptr_equal(record_session_find(record, session->handle), session);
		assert_int_equal(session->state, RECORD_NEW);
		assert_int_equal(session->until, 0);
		assert_true(session->since >= now && session->since < now + WATCH_S * 1000);
		assert_true(process_is(session->maker, process_of(getpid())));
		memcpy(handles_of[i], session->handle, HANDLE_MAX);
	}
	assert_null(record_session_add(record, record_lineage(getpid())));
	assert_int_equal(record->sessions, RECORD_SESSIONS_MAX);
	assert_null(record_session_find(record, ""));
	assert_null(record_session_find(record, ID OTHER));
	record_session_remove(record,
			      record_session_find(record, handles_of[RECORD_SESSIONS_MAX - 1]));
	record_session_remove(record, record_session_find(record, handles_of[3]));
	record_session_remove(record, record_session_find(record, handles_of[0]));
	assert_int_equal(record->sessions, RECORD_SESSIONS_MAX - 3);
	for (size_t i = 0; i < RECORD_SESSIONS_MAX; i++) {
		bool gone = i == 0 || i == 3 || i == RECORD_SESSIONS_MAX - 1;

		assert_int_equal(record_session_find(record, handles_of[i]) == NULL, gone);
	}
	session = record_session_add(record, record_lineage(getpid()));
	assert_non_null(session);
	assert_int_equal(session->leader.pid, 0); /* nothing is left of who was there before */
	assert_string_equal(session->where, "");
	record_free(record);
}

/* sshd's parent is an sshd; who calls sudo from a shell is none of it. */
static void parents(void **state)
{
	struct record *record = made("");
	struct record_session *session;
	pid_t child;

	(void)state;
	child = child_start();
	if (child == 0) {
		session = record_session_add(record, record_lineage(getpid()));
		_exit(session && session->parent.pid == getppid() ? 0 : 1);
	}
	assert_int_equal(child_end(child), 0);
	session = record_session_add(record, record_lineage(getpid()));
	assert_non_null(session);
	if (process_same_program(process_of(getpid()), process_of(getppid())))
		assert_int_equal(session->parent.pid, getppid());
	else
		assert_int_equal(session->parent.pid, 0);
	record_free(record);
}

static void sessions_live(void **state)
{
	struct process us = process_of(getpid()), parent = process_of(getppid());
	struct process none = { 0, 0 }, gone = { us.pid, us.start + 1 }, init = process_of(1);
	int64_t now = spawn_now(), young = now - RECORD_NEW_MS + WATCH_S * 1000;
	const struct {
		struct record_session session;
		bool want;
	} rows[] = {
		{ { RECORD_NEW, "", us, none, none, now, 0, "", "", false, 0 }, true },
		{ { RECORD_NEW, "", us, none, none, young, 0, "", "", false, 0 }, true },
		{ { RECORD_NEW, "", us, none, none, now - RECORD_NEW_MS, 0, "", "", false, 0 },
		  false },
		{ { RECORD_NEW, "", us, us, us, 0, 0, "", "", false, 0 }, false },
		{ { RECORD_NEW, "", gone, none, us, now, 0, "", "", false, 0 }, false },
		{ { RECORD_NEW, "", gone, parent, none, now, 0, "", "", false, 0 },
		  parent.pid > 1 },
		{ { RECORD_NEW, "", gone, init, none, now, 0, "", "", false, 0 }, false },
		{ { RECORD_NEW, "", none, none, none, now, 0, "", "", false, 0 }, false },
		{ { RECORD_OPEN, "", gone, none, us, 0, 0, "", "", false, 0 }, true },
		{ { RECORD_OPEN, "", us, us, gone, now, 0, "", "", false, 0 }, false },
		{ { RECORD_OPEN, "", us, us, none, now, 0, "", "", false, 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (record_session_lives(&rows[i].session) != rows[i].want)
			fail_msg("row %zu", i);
}

/* ---- all of them ---- */

struct seen {
	int count, most;
	char last[RECORD_ID_MAX];
};

static bool see(void *context, const char *id)
{
	struct seen *seen = context;
	struct record *record = record_new(dir);

	assert_true(strcmp(id, seen->last) > 0);
	snprintf(seen->last, sizeof(seen->last), "%s", id);
	assert_int_equal(record_lock(record, id, 0), RECORD_HELD);
	record_remove(record);
	record_free(record);
	return ++seen->count < seen->most;
}

static void each_is_seen(void **state)
{
	struct seen seen = { .most = 100 };

	(void)state;
	record_for_each(dir, see, &seen);
	assert_int_equal(seen.count, 0);
	for (int i = 0; i < 5; i++) {
		struct record *record = made("");

		assert_true(record_save(record));
		record_free(record);
	}
	file_put(KEPT "README", "", 0, 0600);
	file_put(KEPT "0123456789ABCDEF", "", 0, 0600);
	seen.most = 2;
	record_for_each(dir, see, &seen);
	assert_int_equal(seen.count, 2);
	seen = (struct seen){ .most = 100 };
	record_for_each(dir, see, &seen);
	assert_int_equal(seen.count, 3);
	assert_true(is_there(KEPT "README"));
	record_for_each(-1, see, &seen);
}

static void nothing_is_left(void **state)
{
	struct record *record = made("");
	char token[TOKEN_PATH_MAX];
	struct dirent **entries;
	int n;

	(void)state;
	assert_true(token_write(record->id, "token", geteuid()));
	assert_true(record_save(record));
	token_path(record->id, token);
	record_remove(record);
	assert_int_equal(access(token, F_OK), -1);
	record_free(record);
	n = scandir(path_of("run/sessions"), &entries, NULL, NULL);
	assert_int_equal(n, 2); /* . and .. */
	while (n > 0)
		free(entries[--n]);
	free(entries);
}

/* Whoever has approved and has no session yet is looked for where one begins: sshd's own process of the connection. */
static void who_begins_a_session(void **state)
{
	static const struct {
		const char *above, *parent;
		bool same, within, is_parent;
	} rows[] = {
		{ "sshd", "sshd", true, false, true },
		{ "sshd", "sshd-session", false, false, true },
		{ "sshd", "sshd-session", false, true, false },
		{ "runsv", "lightdm", false, false, false },
		{ "sshd", "lightdm", false, false, false },
		{ "runsv", "sshd-session", false, false, false },
	};
	struct record_session session = { .maker = process_of(getpid()) };
	char name[16], called[32];
	int tell[2];
	pid_t child;

	(void)state;
	prctl(PR_GET_NAME, name);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(pipe(tell), 0);
		child = child_start();
		if (child == 0) {
			close(tell[1]);
			prctl(PR_SET_NAME, rows[i].parent);
			_exit((int)read(tell[0], called, 1));
		}
		prctl(PR_SET_NAME, rows[i].above);
		for (int tries = 0; tries < 10000 && process_name(child, called, sizeof(called)) &&
				    strcmp(called, rows[i].parent) != 0;
		     tries++)
			poll(NULL, 0, 1);
		other_programs = !rows[i].same;
		session.within = rows[i].within;
		session.parent = process_of(child);
		if (process_is(record_session_host(&session), session.parent) != rows[i].is_parent)
			fail_msg("row %zu", i);
		other_programs = false;
		close(tell[0]);
		close(tell[1]);
		child_end(child);
	}
	prctl(PR_SET_NAME, name);
}

static void leftovers_go(void **state)
{
	static char bytes[RECORD_MAX];
	struct record *coming;
	char lock[64], half[64];
	size_t len;

	(void)state;
	base(bytes, &len); /* a record, and a half of one that did not come to be */
	assert_true(token_write(ID, "token", geteuid()));
	file_put(KEPT ID ".new", bytes, 100, 0600);
	file_put(KEPT OTHER ".lock", "", 0, 0600); /* a lock of none, with a token */
	assert_true(token_write(OTHER, "token", geteuid()));
	file_put(KEPT "1111111111111111.new", bytes, 100, 0600);
	file_put(KEPT "2222222222222222.lock", "", 0, 0600);
	file_put(KEPT "2222222222222222.new", bytes, 100, 0600);
	assert_true(token_write("3333333333333333", "token", geteuid()));
	file_put(KEPT "a-file-of-some-other-kind", "", 0, 0600);
	coming = made(""); /* by somebody, just now */
	snprintf(lock, sizeof(lock), KEPT "%s.lock", coming->id);
	snprintf(half, sizeof(half), KEPT "%s.new", coming->id);
	file_put(half, bytes, 100, 0600);
	assert_true(token_write(coming->id, "token", geteuid()));
	record_clean_up(dir);
	assert_int_equal(take(ID), RECORD_HELD);
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
	assert_true(record_save(coming));
	record_free(coming);
	record_clean_up(dir);
	assert_true(is_there(lock));
}

/* "used", "free", "nobody knows" */
static const char *account(uid_t uid)
{
	bool used;

	return !record_account_used(dir, uid, &used) ? "nobody knows" : used ? "used" : "free";
}

/* By what says whose each is, and by nobody's lock; what cannot be read is doubtful for its own uid alone. */
static void accounts_are_counted(void **state)
{
	struct rlimit few, limit;
	struct record *record = record_new(dir);
	char name[64];

	(void)state;
	assert_string_equal(account(1000), "free");
	record->uid = 1000;
	assert_true(record_create(record));
	assert_string_equal(account(1000), "free");
	fill(record);
	record->session[0].leader = process_of(getpid());
	assert_true(record_save(record)); /* its lock is held: nobody waits for it */
	assert_string_equal(account(1000), "used");
	assert_string_equal(account(100), "free");
	assert_string_equal(account(10000), "free");
	assert_int_equal(record_account_count(dir, 1000), 1);
	assert_int_equal(record_account_count(dir, 100), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = (rlim_t)next_fd();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_string_equal(account(1000), "nobody knows");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	record->closing = 1;
	assert_true(record_save(record));
	assert_string_equal(account(1000), "free");
	snprintf(name, sizeof(name), KEPT "%s", record->id);
	file_put(name, "x", 1, 0600);
	assert_string_equal(account(1000), "nobody knows");
	assert_string_equal(account(1001), "free");
	record_remove(record);
	assert_string_equal(account(1000), "free");
	snprintf(name, sizeof(name), KEPT "%s.u1000", record->id);
	assert_false(is_there(name));
	file_put(name, "", 0, 0600);
	record_free(record);
	assert_string_equal(account(1000), "free");
	record_clean_up(dir);
	assert_false(is_there(name));
}

static void accounts_have_a_lock_each(void **state)
{
	mode_t mask = umask(0777);
	int one = record_account_lock(dir, 1000, 0);
	int other = record_account_lock(dir, 4294967294, 0);

	(void)state;
	umask(mask);
	assert_true(one >= 0 && other >= 0);
	assert_int_equal(record_account_lock(dir, 1000, 20), -1);
	close(one);
	one = record_account_lock(dir, 1000, 0);
	assert_true(one >= 0);
	close(one);
	close(other);
}

static void nothing_stays_open(void **state)
{
	int before = next_fd();

	record_free(NULL);
	values_are_as_written(state);
	others_files(state);
	assert_int_equal(record_start(state), 0);
	leftovers_go(state);
	assert_int_equal(record_start(state), 0);
	accounts_are_counted(state);
	assert_int_equal(record_start(state), 0);
	it_cannot_be_written(state);
	assert_int_equal(next_fd(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_comes_back, record_start),
		cmocka_unit_test_setup(it_comes_back_full, record_start),
		cmocka_unit_test_setup(it_is_roots_alone, record_start),
		cmocka_unit_test_setup(accounts_are_counted, record_start),
		cmocka_unit_test_setup(accounts_have_a_lock_each, record_start),
		cmocka_unit_test_setup(lines_are_all_there_once, record_start),
		cmocka_unit_test_setup(values_are_as_written, record_start),
		cmocka_unit_test_setup(moments_take_no_more_room, record_start),
		cmocka_unit_test_setup(sessions_are_counted, record_start),
		cmocka_unit_test_setup(bytes_are_all_there, record_start),
		cmocka_unit_test_setup(sizes, record_start),
		cmocka_unit_test_setup(no_memory_is_no_damage, record_start),
		cmocka_unit_test_setup(others_files, record_start),
		cmocka_unit_test_setup(others_owners, record_start),
		cmocka_unit_test_setup(ids_are_names_of_nothing_else, record_start),
		cmocka_unit_test_setup(handles, record_start),
		cmocka_unit_test_setup(ids_are_random, record_start),
		cmocka_unit_test_setup(one_has_it, record_start),
		cmocka_unit_test_setup(a_holder_says_anything, record_start),
		cmocka_unit_test_setup(it_ends_with_its_process, record_start),
		cmocka_unit_test_setup(it_goes_meanwhile, record_start),
		cmocka_unit_test_setup(it_cannot_be_written, record_start),
		cmocka_unit_test_setup(nothing_is_followed, record_start),
		cmocka_unit_test_setup(it_is_whole_at_each_moment, record_start),
		cmocka_unit_test_setup(sessions_come_and_go, record_start),
		cmocka_unit_test_setup(parents, record_start),
		cmocka_unit_test_setup(sessions_live, record_start),
		cmocka_unit_test_setup(each_is_seen, record_start),
		cmocka_unit_test_setup(nothing_is_left, record_start),
		cmocka_unit_test_setup(leftovers_go, record_start),
		cmocka_unit_test_setup(who_begins_a_session, record_start),
		cmocka_unit_test_setup(nothing_stays_open, record_start),
	};

	return cmocka_run_group_tests_name("record", tests, state_make, record_end);
}
