/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of kept logins: see record.h. Must never leave half a record, wait for a lock for ever, or
 * believe a file that is not root's.
 */
#include "record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/scratch.h"
#include "common/spawn.h"
#include "statedir.h"
#include "token.h"

enum {
	NAME_BYTES = RECORD_ID_MAX + 16,
	SESSION_TEXT_MAX = 512,
	LOCK_NAP_MS = 5,
	CREATE_WAIT_MS = 500,
};

/* ---- names and places ---- */

int record_dir_open(enum reason *reason)
{
	return statedir_secret(PATH_KEPT, 0700, 077, reason);
}

bool record_random_id(char id[RECORD_ID_MAX])
{
	unsigned char bytes[(RECORD_ID_MAX - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

bool record_is_hex(const char *text, size_t digits)
{
	return strspn(text, "0123456789abcdef") == digits && text[digits] == '\0';
}

static bool id_ok(const char *id)
{
	return record_is_hex(id, RECORD_ID_MAX - 1);
}

bool record_handle_ok(const char *handle, char id[RECORD_ID_MAX])
{
	if (!record_is_hex(handle, HANDLE_MAX - 1))
		return false;
	memcpy(id, handle, RECORD_ID_MAX - 1);
	id[RECORD_ID_MAX - 1] = '\0';
	return true;
}

static void name_make(char name[NAME_BYTES], const char *id, const char *suffix)
{
	snprintf(name, NAME_BYTES, "%s%s", id, suffix);
}

struct record *record_new(int dir)
{
	struct record *record = scratch_take(sizeof(*record));

	if (record) {
		record->dir = dir;
		record->lock = -1;
	}
	return record;
}

void record_free(struct record *record)
{
	if (record && record->lock >= 0)
		close(record->lock);
	scratch_drop(record, sizeof(*record));
}

/* What is missing here is no fault of the file's: whoever takes it for damaged removes it. */
static bool is_damage(int error)
{
	return error != EMFILE && error != ENFILE && error != ENOMEM && error != EINTR &&
	       error != EIO;
}

/* ---- the lock ---- */

static bool byte_lock(int fd, off_t byte)
{
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
	};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static bool lock_try(int fd)
{
	return byte_lock(fd, 0);
}

/* Whoever holds it says so: one that has been stopped with it can then be found. */
static void lock_sign(int fd)
{
	struct process self = process_of(getpid());
	char text[64];
	int len = snprintf(text, sizeof(text), "%d %llu %lld\n", (int)self.pid, self.start,
			   (long long)spawn_now());

	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len)
		return; /* a lock that is not signed is a lock */
}

static int lock_open(int dir, const char *id, int flags)
{
	char name[NAME_BYTES];
	int fd;

	name_make(name, id, ".lock");
	fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags, 0600);
	if (fd >= 0 && (flags & O_EXCL))
		fchmod(fd, 0600);
	if (fd >= 0 && !statedir_ours(fd, S_IFREG, 077)) {
		close(fd);
		errno = EPERM;
		fd = -1;
	}
	return fd;
}

/* A lock that was removed while it was waited for is nobody's: its record is gone. */
static enum record_result lock_take(struct record *record, const char *id, int wait_ms)
{
	int64_t until = spawn_after(wait_ms);
	int fd = lock_open(record->dir, id, 0);
	struct stat st;

	if (fd < 0)
		return is_damage(errno) ? RECORD_GONE : RECORD_BUSY;
	while (!lock_try(fd)) {
		if (spawn_now() >= until) {
			close(fd);
			return RECORD_BUSY;
		}
		poll(NULL, 0, LOCK_NAP_MS);
	}
	if (fstat(fd, &st) != 0 || st.st_nlink != 1) {
		close(fd);
		return RECORD_GONE;
	}
	lock_sign(fd);
	record->lock = fd;
	return RECORD_HELD;
}

struct process record_lock_owner(int dir, const char *id, int64_t *since)
{
	struct process holder = { 0, 0 };
	int fd = lock_open(dir, id, 0);
	char text[64];
	long long signed_at;
	ssize_t len;
	int pid, told;

	*since = spawn_now();
	if (fd < 0)
		return holder;
	len = pread(fd, text, sizeof(text) - 1, 0);
	if (!lock_try(fd) && len > 0) {
		text[len] = '\0';
		told = sscanf(text, "%d %llu %lld", &pid, &holder.start, &signed_at);
		if (told >= 2)
			holder.pid = (pid_t)pid;
		if (told == 3)
			*since = signed_at;
	}
	close(fd);
	return holder;
}

/* ---- the record as a packet ---- */

/* Cut where it is too long, and 0 where it is below: record_is_all() sees that. */
static void text_take(const struct wire_message *record, const char *key, char *out, size_t len)
{
	snprintf(out, len, "%s", wire_text(record, key));
}

static int64_t number_of(const struct wire_message *record, const char *key)
{
	long long number = strtoll(wire_text(record, key), NULL, 10);

	return number > 0 ? number : 0;
}

/*
 * Numbers that change take as many bytes whatever they are: a record that could be written once can be, as long as
 * it has the same sessions and tokens. Else its person could see to it that no question about them is ever noted.
 */
static void moment_add(struct wire_draft *draft, const char *key, int64_t moment)
{
	char text[24];

	snprintf(text, sizeof(text), "%015lld", (long long)moment);
	wire_add(draft, key, text);
}

static void session_write(const struct record_session *session, char out[SESSION_TEXT_MAX])
{
	snprintf(out, SESSION_TEXT_MAX,
		 "%d %s %07d %015llu %07d %015llu %07d %015llu %d %010lu %015lld %015lld %s %s",
		 session->state == RECORD_OPEN, session->handle, (int)session->maker.pid,
		 session->maker.start, (int)session->parent.pid, session->parent.start,
		 (int)session->leader.pid, session->leader.start, session->within, session->audit,
		 (long long)session->since, (long long)session->until, session->service,
		 session->where);
}

static bool session_read(const char *text, const char *record, struct record_session *session)
{
	int open, maker, parent, leader, within;
	long long since, until;
	char id[RECORD_ID_MAX];

	if (sscanf(text, "%d %32s %d %llu %d %llu %d %llu %d %lu %lld %lld %31s %127[^\n]", &open,
		   session->handle, &maker, &session->maker.start, &parent, &session->parent.start,
		   &leader, &session->leader.start, &within, &session->audit, &since, &until,
		   session->service, session->where) < 13)
		return false;
	session->state = open ? RECORD_OPEN : RECORD_NEW;
	session->maker.pid = (pid_t)maker;
	session->parent.pid = (pid_t)parent;
	session->leader.pid = (pid_t)leader;
	session->within = within != 0;
	session->since = since;
	session->until = until;
	return since >= 0 && until >= 0 && record_handle_ok(session->handle, id) &&
	       strcmp(id, record) == 0;
}

static void record_compose(const struct record *record, struct wire_draft *draft)
{
	char text[SESSION_TEXT_MAX], key[32];

	wire_begin(draft, "kept");
	wire_add(draft, "version", "1");
	wire_add(draft, "section", record->section);
	wire_add(draft, "conf", record->conf);
	wire_add(draft, "user", record->user);
	wire_add_number(draft, "uid", record->uid);
	wire_add(draft, "issuer", record->issuer);
	wire_add(draft, "subject", record->subject);
	wire_add(draft, "tokens", record->tokens);
	wire_add_number(draft, "has_token", record->has_token);
	moment_add(draft, "closing", record->closing);
	moment_add(draft, "made", record->made);
	moment_add(draft, "confirmed", record->confirmed);
	moment_add(draft, "asked", record->asked);
	moment_add(draft, "silent", record->silent);
	moment_add(draft, "refreshing", record->refreshing);
	moment_add(draft, "token_since", record->token_since);
	moment_add(draft, "token_until", record->token_until);
	moment_add(draft, "trust_until", record->trust_until);
	wire_add(draft, "groups", record->groups[0] ? record->groups : NULL);
	wire_add(draft, "proof", record->proof);
	wire_add(draft, "token_blob", record->token_blob);
	for (size_t i = 0; i < record->sessions; i++) {
		snprintf(key, sizeof(key), "session%zu", i);
		session_write(&record->session[i], text);
		wire_add(draft, key, text);
	}
}

/* Up to the first that is missing or is none: record_is_all() sees what is behind. */
static void sessions_read(const struct wire_message *message, struct record *record)
{
	char key[32];
	const char *text;

	for (record->sessions = 0; record->sessions < RECORD_SESSIONS_MAX; record->sessions++) {
		snprintf(key, sizeof(key), "session%zu", record->sessions);
		text = wire_value(message, key);
		if (!text || !session_read(text, record->id, &record->session[record->sessions]))
			break;
	}
}

static void record_parse(const struct wire_message *message, struct record *record)
{
	record->uid = (uid_t)number_of(message, "uid");
	record->has_token = number_of(message, "has_token") != 0;
	record->closing = number_of(message, "closing");
	record->made = number_of(message, "made");
	record->confirmed = number_of(message, "confirmed");
	record->asked = number_of(message, "asked");
	record->silent = number_of(message, "silent");
	record->refreshing = number_of(message, "refreshing");
	record->token_since = number_of(message, "token_since");
	record->token_until = number_of(message, "token_until");
	record->trust_until = number_of(message, "trust_until");
	text_take(message, "section", record->section, sizeof(record->section));
	text_take(message, "conf", record->conf, sizeof(record->conf));
	text_take(message, "user", record->user, sizeof(record->user));
	text_take(message, "issuer", record->issuer, sizeof(record->issuer));
	text_take(message, "subject", record->subject, sizeof(record->subject));
	text_take(message, "tokens", record->tokens, sizeof(record->tokens));
	text_take(message, "groups", record->groups, sizeof(record->groups));
	text_take(message, "proof", record->proof, sizeof(record->proof));
	text_take(message, "token_blob", record->token_blob, sizeof(record->token_blob));
	sessions_read(message, record);
}

struct packet {
	struct wire_message message;
	char bytes[WIRE_BYTES_MAX + 1];
	struct wire_draft again;
};

/* Whether what is read is what would be written: nothing missing, more, twice or cut. */
static bool record_is_all(struct record *record, struct packet *packet, size_t len)
{
	record_parse(&packet->message, record);
	record_compose(record, &packet->again);
	return !packet->again.broken && packet->again.len == len &&
	       memcmp(packet->again.bytes, packet->bytes, len) == 0;
}

/* ---- the file ---- */

/* The file ID as PACKET of *LEN bytes. */
static enum record_result file_read(int dir, const char *id, struct packet *packet, size_t *len)
{
	int fd = openat(dir, id, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	enum record_result result = RECORD_UNREADABLE;
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT	  ? RECORD_GONE
		       : is_damage(errno) ? RECORD_UNREADABLE
					  : RECORD_BUSY;
	if (statedir_ours(fd, S_IFREG, 077)) {
		got = read(fd, packet->bytes, sizeof(packet->bytes));
		*len = got > 0 ? (size_t)got : 0;
		if (got < 0)
			result = RECORD_BUSY;
		else if (*len > 0 && *len <= WIRE_BYTES_MAX)
			result = RECORD_HELD;
	}
	close(fd);
	return result;
}

enum record_result record_read(struct record *record, const char *id)
{
	enum record_result result;
	struct packet *packet;
	size_t len = 0;

	if (!id_ok(id))
		return RECORD_GONE;
	memcpy(record->id, id, RECORD_ID_MAX);
	packet = scratch_take(sizeof(*packet));
	if (!packet)
		return RECORD_BUSY;
	result = file_read(record->dir, id, packet, &len);
	if (result == RECORD_HELD && (!wire_parse(&packet->message, packet->bytes, len) ||
				      !record_is_all(record, packet, len)))
		result = RECORD_UNREADABLE;
	scratch_drop(packet, sizeof(*packet));
	return result;
}

enum record_result record_lock(struct record *record, const char *id, int wait_ms)
{
	enum record_result result = id_ok(id) ? lock_take(record, id, wait_ms) : RECORD_GONE;

	return result == RECORD_HELD ? record_read(record, id) : result;
}

static void owner_name(char name[NAME_BYTES], const char *id, uid_t uid)
{
	snprintf(name, NAME_BYTES, "%s.u%lu", id, (unsigned long)uid);
}

bool record_is_of(int dir, const char *id, uid_t uid)
{
	char name[NAME_BYTES];

	owner_name(name, id, uid);
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool owner_sign(const struct record *record)
{
	char name[NAME_BYTES];
	int fd;

	owner_name(name, record->id, record->uid);
	fd = openat(record->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	fchmod(fd, 0600);
	close(fd);
	return true;
}

bool record_create(struct record *record)
{
	int made;

	if (!record_random_id(record->id))
		return false;
	made = lock_open(record->dir, record->id, O_CREAT | O_EXCL);
	if (made < 0)
		return false;
	close(made);
	/* Whoever sweeps in between may have taken it for a leftover. */
	if (lock_take(record, record->id, CREATE_WAIT_MS) == RECORD_HELD && owner_sign(record))
		return true;
	record_remove(record);
	return false;
}

static bool file_write(int fd, const struct wire_draft *draft)
{
	size_t done = 0;
	ssize_t wrote;

	while (done < draft->len) {
		wrote = write(fd, draft->bytes + done, draft->len - done);
		if (wrote < 0 && errno != EINTR)
			return false;
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	return fchmod(fd, 0600) == 0;
}

static bool file_replace(const struct record *record, const struct wire_draft *draft)
{
	char fresh[NAME_BYTES];
	bool ok;
	int fd;

	name_make(fresh, record->id, ".new");
	unlinkat(record->dir, fresh, 0); /* of somebody who was killed */
	fd = openat(record->dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	ok = file_write(fd, draft) && renameat(record->dir, fresh, record->dir, record->id) == 0;
	close(fd);
	if (!ok)
		unlinkat(record->dir, fresh, 0);
	return ok;
}

bool record_save(struct record *record)
{
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	bool ok = false, fits = true;

	if (draft) {
		record_compose(record, draft);
		fits = !draft->broken;
		ok = fits && file_replace(record, draft);
		wire_wipe(draft);
	}
	scratch_drop(draft, sizeof(*draft));
	errno = fits ? EIO : EMSGSIZE;
	return ok;
}

void record_remove(struct record *record)
{
	static const char *const suffixes[] = { ".new", "", ".lock" };
	char name[NAME_BYTES];

	token_remove(record->id);
	owner_name(name, record->id, record->uid);
	unlinkat(record->dir, name, 0);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		name_make(name, record->id, suffixes[i]);
		unlinkat(record->dir, name, 0);
	}
}

/* ---- sessions of a record ---- */

struct record_lineage record_lineage(pid_t maker)
{
	struct record_lineage lineage = { .maker = process_of(maker) };

	lineage.parent = process_parent(lineage.maker);
	/* sshd's own process, not the shell that somebody calls sudo from: that lives on anyhow. */
	if (!process_same_program(lineage.maker, lineage.parent))
		lineage.parent = (struct process){ 0, 0 };
	if (!process_number(maker, "sessionid", &lineage.audit))
		lineage.audit = 0;
	return lineage;
}

struct record_session *record_session_add(struct record *record, struct record_lineage lineage)
{
	struct record_session *session = &record->session[record->sessions];
	char more[RECORD_ID_MAX];

	if (record->sessions >= RECORD_SESSIONS_MAX || !record_random_id(more))
		return NULL;
	memset(session, 0, sizeof(*session));
	snprintf(session->handle, sizeof(session->handle), "%.16s%s", record->id, more);
	session->maker = lineage.maker;
	session->parent = lineage.parent;
	session->audit = lineage.audit;
	session->since = spawn_now();
	record->sessions++;
	return session;
}

struct record_session *record_session_find(struct record *record, const char *handle)
{
	for (size_t i = 0; i < record->sessions; i++)
		if (strcmp(record->session[i].handle, handle) == 0)
			return &record->session[i];
	return NULL;
}

void record_session_remove(struct record *record, struct record_session *session)
{
	size_t at = (size_t)(session - record->session);

	memmove(session, session + 1, (record->sessions - at - 1) * sizeof(*session));
	record->sessions--;
}

/* Everybody's last ancestor proves nothing: what init is the parent of lives by itself alone. */
bool record_session_lives(const struct record_session *session)
{
	if (session->state == RECORD_OPEN)
		return process_lives(session->leader);
	return spawn_now() - session->since < RECORD_NEW_MS &&
	       (process_lives(session->maker) ||
		(session->parent.pid > 1 && process_lives(session->parent)));
}

bool record_session_over(const struct record_session *session)
{
	return session->state == RECORD_OPEN && session->until != 0 &&
	       spawn_now() >= session->until;
}

/* One program that listens and serves, or, from OpenSSH 9.8 on, one for each. */
static bool listens_for(struct process above, struct process parent)
{
	char name[2][32];

	return process_same_program(parent, above) ||
	       (process_name(above.pid, name[0], sizeof(name[0])) && strcmp(name[0], "sshd") == 0 &&
		process_name(parent.pid, name[1], sizeof(name[1])) &&
		strcmp(name[1], "sshd-session") == 0);
}

struct process record_session_host(const struct record_session *session)
{
	struct process parent = session->parent, above = process_parent(parent);

	if (!session->within && parent.pid > 1 && above.pid > 1 && process_lives(above) &&
	    listens_for(above, parent))
		return parent;
	return session->maker;
}

/* ---- all of them ---- */

/* Names are gathered first: VISIT may remove them. -1: they cannot be had. */
static int names_gather(int dir, struct dirent ***entries)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	return scandir(path, entries, NULL, alphasort);
}

bool record_for_each(int dir, bool (*visit)(void *context, const char *id), void *context)
{
	struct dirent **entries = NULL;
	int n = names_gather(dir, &entries);
	bool going = true;

	for (int i = 0; i < n; i++) {
		if (going && id_ok(entries[i]->d_name))
			going = visit(context, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return n >= 0;
}

/* ---- whose they are ---- */

int record_account_lock(int dir, uid_t uid, int wait_ms)
{
	int64_t until = spawn_after(wait_ms);
	int fd = openat(dir, "accounts", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
			0600);
	bool held = false;

	if (fd < 0)
		return -1;
	fchmod(fd, 0600); /* the umask is the caller's of su */
	if (statedir_ours(fd, S_IFREG, 077))
		while (!(held = byte_lock(fd, (off_t)uid)) && spawn_now() < until)
			poll(NULL, 0, LOCK_NAP_MS);
	if (held)
		return fd;
	close(fd);
	return -1;
}

/* NAME says that a record is of UID: its ID. */
static bool owner_is(const char *name, uid_t uid, char id[RECORD_ID_MAX])
{
	char wants[NAME_BYTES];

	snprintf(id, RECORD_ID_MAX, "%.16s", name);
	owner_name(wants, id, uid);
	return id_ok(id) && strcmp(name, wants) == 0;
}

size_t record_account_count(int dir, uid_t uid)
{
	struct dirent **entries = NULL;
	int n = names_gather(dir, &entries);
	char id[RECORD_ID_MAX];
	size_t count = 0;

	for (int i = 0; i < n; i++) {
		count += owner_is(entries[i]->d_name, uid, id);
		free(entries[i]);
	}
	free(entries);
	return count;
}

static bool any_session_lives(const struct record *record)
{
	for (size_t i = 0; i < record->sessions; i++)
		if (record_session_lives(&record->session[i]))
			return true;
	return false;
}

/* Nothing is owed to anybody for such a record: no tokens, nobody lives by it, and nobody has come too late and waits. */
static bool is_spent(const struct record *record)
{
	for (size_t i = 0; i < record->sessions; i++)
		if (record->session[i].state == RECORD_NEW &&
		    process_lives(record_session_host(&record->session[i])))
			return false;
	return record->token_blob[0] == '\0' && !record->has_token && !any_session_lives(record);
}

void record_account_tidy(int dir, uid_t uid)
{
	struct dirent **entries = NULL;
	int n = names_gather(dir, &entries);
	char id[RECORD_ID_MAX];

	for (int i = 0; i < n; i++) {
		struct record *record = owner_is(entries[i]->d_name, uid, id) ? record_new(dir)
									      : NULL;

		if (record && record_lock(record, id, 0) == RECORD_HELD && is_spent(record))
			record_remove(record);
		record_free(record);
		free(entries[i]);
	}
	free(entries);
}

bool record_account_used(int dir, uid_t uid, bool *used)
{
	struct dirent **entries = NULL;
	struct record *other = record_new(dir);
	int n = names_gather(dir, &entries);
	bool told = other && n >= 0;
	char id[RECORD_ID_MAX];

	*used = false;
	for (int i = 0; i < n; i++) {
		if (told && !*used && owner_is(entries[i]->d_name, uid, id)) {
			enum record_result result = record_read(other, id);

			told = result == RECORD_HELD || result == RECORD_GONE;
			*used = result == RECORD_HELD && other->closing == 0 &&
				any_session_lives(other);
		}
		free(entries[i]);
	}
	free(entries);
	record_free(other);
	return told;
}

/* ---- what a crash leaves ---- */

/* NAME is no record: a half, or a lock. Whoever makes a record holds its lock from the start. */
static void leftover_remove(int dir, const char *name)
{
	struct record record = { .dir = dir, .lock = -1 };
	char id[RECORD_ID_MAX];
	struct stat st;

	snprintf(id, sizeof(id), "%.16s", name);
	if (!id_ok(id) || lock_take(&record, id, 0) == RECORD_BUSY)
		return;
	memcpy(record.id, id, sizeof(id));
	if (fstatat(dir, id, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		record_remove(&record);
		unlinkat(dir, name, 0);
	} else if (strcmp(name + RECORD_ID_MAX - 1, ".new") == 0) {
		unlinkat(dir, name, 0);
	}
	if (record.lock >= 0)
		close(record.lock);
}

void record_clean_up(int dir)
{
	struct dirent **entries = NULL;
	int n = names_gather(dir, &entries);

	for (int i = 0; i < n; i++) {
		if (strlen(entries[i]->d_name) > RECORD_ID_MAX - 1)
			leftover_remove(dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	token_sweep(dir);
}
