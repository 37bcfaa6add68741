/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of kept logins: see keep.h. Must never leave half a record, wait for a lock for ever, or
 * believe a file that is not root's.
 */
#include "keep.h"

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
	NAME_BYTES = KEEP_ID_MAX + 16,
	SESSION_TEXT_MAX = 512,
	LOCK_NAP_MS = 5,
	CREATE_WAIT_MS = 500,
};

/* ---- names and places ---- */

int keep_dir_open(enum reason *reason)
{
	return statedir_secret(PATH_KEPT, 0700, 077, reason);
}

bool keep_random(char id[KEEP_ID_MAX])
{
	unsigned char bytes[(KEEP_ID_MAX - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

bool keep_is_hex(const char *text, size_t digits)
{
	return strspn(text, "0123456789abcdef") == digits && text[digits] == '\0';
}

static bool id_ok(const char *id)
{
	return keep_is_hex(id, KEEP_ID_MAX - 1);
}

bool keep_handle_ok(const char *handle, char id[KEEP_ID_MAX])
{
	if (!keep_is_hex(handle, HANDLE_MAX - 1))
		return false;
	memcpy(id, handle, KEEP_ID_MAX - 1);
	id[KEEP_ID_MAX - 1] = '\0';
	return true;
}

static void name_make(char name[NAME_BYTES], const char *id, const char *suffix)
{
	snprintf(name, NAME_BYTES, "%s%s", id, suffix);
}

struct keep *keep_blank(int dir)
{
	struct keep *keep = scratch_take(sizeof(*keep));

	if (keep) {
		keep->dir = dir;
		keep->lock = -1;
	}
	return keep;
}

void keep_drop(struct keep *keep)
{
	if (keep && keep->lock >= 0)
		close(keep->lock);
	scratch_drop(keep, sizeof(*keep));
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
	int len = snprintf(text, sizeof(text), "%d %llu\n", (int)self.pid, self.start);

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
static enum keep_result lock_take(struct keep *keep, const char *id, int wait_ms)
{
	int64_t until = spawn_after(wait_ms);
	int fd = lock_open(keep->dir, id, 0);
	struct stat st;

	if (fd < 0)
		return is_damage(errno) ? KEEP_GONE : KEEP_BUSY;
	while (!lock_try(fd)) {
		if (spawn_now() >= until) {
			close(fd);
			return KEEP_BUSY;
		}
		poll(NULL, 0, LOCK_NAP_MS);
	}
	if (fstat(fd, &st) != 0 || st.st_nlink != 1) {
		close(fd);
		return KEEP_GONE;
	}
	lock_sign(fd);
	keep->lock = fd;
	return KEEP_HELD;
}

struct process keep_holder(int dir, const char *id)
{
	struct process holder = { 0, 0 };
	int fd = lock_open(dir, id, 0);
	char text[64];
	ssize_t len;
	int pid;

	if (fd < 0)
		return holder;
	len = pread(fd, text, sizeof(text) - 1, 0);
	if (!lock_try(fd) && len > 0) {
		text[len] = '\0';
		if (sscanf(text, "%d %llu", &pid, &holder.start) == 2)
			holder.pid = (pid_t)pid;
	}
	close(fd);
	return holder;
}

/* ---- the record as a packet ---- */

static const char *text_of(const struct wire_message *record, const char *key)
{
	const char *value = wire_value(record, key);

	return value ? value : "";
}

/* Cut where it is too long, and 0 where it is below: record_is_all() sees that. */
static void text_take(const struct wire_message *record, const char *key, char *out, size_t len)
{
	snprintf(out, len, "%s", text_of(record, key));
}

static int64_t number_of(const struct wire_message *record, const char *key)
{
	long long number = strtoll(text_of(record, key), NULL, 10);

	return number > 0 ? number : 0;
}

static void session_write(const struct keep_session *session, char out[SESSION_TEXT_MAX])
{
	snprintf(out, SESSION_TEXT_MAX, "%d %s %d %llu %d %llu %d %llu %d %lu %lld %lld %s %s",
		 session->state == KEEP_OPEN, session->handle, (int)session->maker.pid,
		 session->maker.start, (int)session->parent.pid, session->parent.start,
		 (int)session->leader.pid, session->leader.start, session->within, session->audit,
		 (long long)session->since, (long long)session->until, session->service,
		 session->where);
}

static bool session_read(const char *text, const char *record, struct keep_session *session)
{
	int open, maker, parent, leader, within;
	long long since, until;
	char id[KEEP_ID_MAX];

	if (sscanf(text, "%d %32s %d %llu %d %llu %d %llu %d %lu %lld %lld %31s %127[^\n]", &open,
		   session->handle, &maker, &session->maker.start, &parent, &session->parent.start,
		   &leader, &session->leader.start, &within, &session->audit, &since, &until,
		   session->service, session->where) < 13)
		return false;
	session->state = open ? KEEP_OPEN : KEEP_NEW;
	session->maker.pid = (pid_t)maker;
	session->parent.pid = (pid_t)parent;
	session->leader.pid = (pid_t)leader;
	session->within = within != 0;
	session->since = since;
	session->until = until;
	return since >= 0 && until >= 0 && keep_handle_ok(session->handle, id) &&
	       strcmp(id, record) == 0;
}

static void record_compose(const struct keep *keep, struct wire_draft *draft)
{
	char text[SESSION_TEXT_MAX], key[32];

	wire_begin(draft, "kept");
	wire_add(draft, "version", "1");
	wire_add(draft, "section", keep->section);
	wire_add(draft, "conf", keep->conf);
	wire_add(draft, "user", keep->user);
	wire_add_number(draft, "uid", keep->uid);
	wire_add(draft, "issuer", keep->issuer);
	wire_add(draft, "subject", keep->subject);
	wire_add(draft, "tokens", keep->tokens);
	wire_add_number(draft, "has_token", keep->has_token);
	wire_add_number(draft, "closing", keep->closing);
	wire_add_number(draft, "made", keep->made);
	wire_add_number(draft, "confirmed", keep->confirmed);
	wire_add_number(draft, "asked", keep->asked);
	wire_add_number(draft, "silent", keep->silent);
	wire_add_number(draft, "refreshing", keep->refreshing);
	wire_add_number(draft, "token_since", keep->token_since);
	wire_add_number(draft, "token_until", keep->token_until);
	wire_add_number(draft, "trust_until", keep->trust_until);
	wire_add(draft, "groups", keep->groups[0] ? keep->groups : NULL);
	wire_add(draft, "proof", keep->proof);
	wire_add(draft, "token_blob", keep->token_blob);
	for (size_t i = 0; i < keep->sessions; i++) {
		snprintf(key, sizeof(key), "session%zu", i);
		session_write(&keep->session[i], text);
		wire_add(draft, key, text);
	}
}

/* Up to the first that is missing or is none: record_is_all() sees what is behind. */
static void sessions_read(const struct wire_message *record, struct keep *keep)
{
	char key[32];
	const char *text;

	for (keep->sessions = 0; keep->sessions < KEEP_SESSIONS_MAX; keep->sessions++) {
		snprintf(key, sizeof(key), "session%zu", keep->sessions);
		text = wire_value(record, key);
		if (!text || !session_read(text, keep->id, &keep->session[keep->sessions]))
			break;
	}
}

static void record_read(const struct wire_message *record, struct keep *keep)
{
	keep->uid = (uid_t)number_of(record, "uid");
	keep->has_token = number_of(record, "has_token") != 0;
	keep->closing = number_of(record, "closing");
	keep->made = number_of(record, "made");
	keep->confirmed = number_of(record, "confirmed");
	keep->asked = number_of(record, "asked");
	keep->silent = number_of(record, "silent");
	keep->refreshing = number_of(record, "refreshing");
	keep->token_since = number_of(record, "token_since");
	keep->token_until = number_of(record, "token_until");
	keep->trust_until = number_of(record, "trust_until");
	text_take(record, "section", keep->section, sizeof(keep->section));
	text_take(record, "conf", keep->conf, sizeof(keep->conf));
	text_take(record, "user", keep->user, sizeof(keep->user));
	text_take(record, "issuer", keep->issuer, sizeof(keep->issuer));
	text_take(record, "subject", keep->subject, sizeof(keep->subject));
	text_take(record, "tokens", keep->tokens, sizeof(keep->tokens));
	text_take(record, "groups", keep->groups, sizeof(keep->groups));
	text_take(record, "proof", keep->proof, sizeof(keep->proof));
	text_take(record, "token_blob", keep->token_blob, sizeof(keep->token_blob));
	sessions_read(record, keep);
}

struct packet {
	struct wire_message message;
	char bytes[WIRE_BYTES_MAX + 1];
	struct wire_draft again;
};

/* Whether what is read is what would be written: nothing missing, more, twice or cut. */
static bool record_is_all(struct keep *keep, struct packet *packet, size_t len)
{
	record_read(&packet->message, keep);
	record_compose(keep, &packet->again);
	return !packet->again.broken && packet->again.len == len &&
	       memcmp(packet->again.bytes, packet->bytes, len) == 0;
}

/* ---- the file ---- */

/* The file ID as PACKET of *LEN bytes. */
static enum keep_result file_read(int dir, const char *id, struct packet *packet, size_t *len)
{
	int fd = openat(dir, id, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	enum keep_result result = KEEP_UNREADABLE;
	ssize_t got;

	if (fd < 0)
		return errno == ENOENT ? KEEP_GONE : is_damage(errno) ? KEEP_UNREADABLE : KEEP_BUSY;
	if (statedir_ours(fd, S_IFREG, 077)) {
		got = read(fd, packet->bytes, sizeof(packet->bytes));
		*len = got > 0 ? (size_t)got : 0;
		if (got < 0)
			result = KEEP_BUSY;
		else if (*len > 0 && *len <= WIRE_BYTES_MAX)
			result = KEEP_HELD;
	}
	close(fd);
	return result;
}

enum keep_result keep_look(struct keep *keep, const char *id)
{
	enum keep_result result;
	struct packet *packet;
	size_t len = 0;

	if (!id_ok(id))
		return KEEP_GONE;
	memcpy(keep->id, id, KEEP_ID_MAX);
	packet = scratch_take(sizeof(*packet));
	if (!packet)
		return KEEP_BUSY;
	result = file_read(keep->dir, id, packet, &len);
	if (result == KEEP_HELD && (!wire_parse(&packet->message, packet->bytes, len) ||
				    !record_is_all(keep, packet, len)))
		result = KEEP_UNREADABLE;
	scratch_drop(packet, sizeof(*packet));
	return result;
}

enum keep_result keep_take(struct keep *keep, const char *id, int wait_ms)
{
	enum keep_result result = id_ok(id) ? lock_take(keep, id, wait_ms) : KEEP_GONE;

	return result == KEEP_HELD ? keep_look(keep, id) : result;
}

static void owner_name(char name[NAME_BYTES], const struct keep *keep)
{
	snprintf(name, NAME_BYTES, "%s.u%lu", keep->id, (unsigned long)keep->uid);
}

static bool owner_sign(const struct keep *keep)
{
	char name[NAME_BYTES];
	int fd;

	owner_name(name, keep);
	fd = openat(keep->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	fchmod(fd, 0600);
	close(fd);
	return true;
}

bool keep_create(struct keep *keep)
{
	int made;

	if (!keep_random(keep->id))
		return false;
	made = lock_open(keep->dir, keep->id, O_CREAT | O_EXCL);
	if (made < 0)
		return false;
	close(made);
	/* Whoever sweeps in between may have taken it for a leftover. */
	if (lock_take(keep, keep->id, CREATE_WAIT_MS) == KEEP_HELD && owner_sign(keep))
		return true;
	keep_remove(keep);
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

static bool file_replace(const struct keep *keep, const struct wire_draft *draft)
{
	char fresh[NAME_BYTES];
	bool ok;
	int fd;

	name_make(fresh, keep->id, ".new");
	unlinkat(keep->dir, fresh, 0); /* of somebody who was killed */
	fd = openat(keep->dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	ok = file_write(fd, draft) && renameat(keep->dir, fresh, keep->dir, keep->id) == 0;
	close(fd);
	if (!ok)
		unlinkat(keep->dir, fresh, 0);
	return ok;
}

bool keep_save(struct keep *keep)
{
	struct wire_draft *draft = scratch_take(sizeof(*draft));
	bool ok = false;

	if (draft) {
		record_compose(keep, draft);
		ok = !draft->broken && file_replace(keep, draft);
		wire_wipe(draft);
	}
	scratch_drop(draft, sizeof(*draft));
	return ok;
}

void keep_remove(struct keep *keep)
{
	static const char *const suffixes[] = { ".new", "", ".lock" };
	char name[NAME_BYTES];

	token_remove(keep->id);
	owner_name(name, keep);
	unlinkat(keep->dir, name, 0);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		name_make(name, keep->id, suffixes[i]);
		unlinkat(keep->dir, name, 0);
	}
}

/* ---- sessions of a record ---- */

struct keep_lineage keep_lineage(pid_t maker)
{
	struct keep_lineage lineage = { .maker = process_of(maker) };

	lineage.parent = process_parent(lineage.maker);
	/* sshd's own process, not the shell that somebody calls sudo from: that lives on anyhow. */
	if (!process_same_program(lineage.maker, lineage.parent))
		lineage.parent = (struct process){ 0, 0 };
	if (!process_number(maker, "sessionid", &lineage.audit))
		lineage.audit = 0;
	return lineage;
}

struct keep_session *keep_session_add(struct keep *keep, struct keep_lineage lineage)
{
	struct keep_session *session = &keep->session[keep->sessions];
	char more[KEEP_ID_MAX];

	if (keep->sessions >= KEEP_SESSIONS_MAX || !keep_random(more))
		return NULL;
	memset(session, 0, sizeof(*session));
	snprintf(session->handle, sizeof(session->handle), "%.16s%s", keep->id, more);
	session->maker = lineage.maker;
	session->parent = lineage.parent;
	session->audit = lineage.audit;
	session->since = spawn_now();
	keep->sessions++;
	return session;
}

struct keep_session *keep_session_find(struct keep *keep, const char *handle)
{
	for (size_t i = 0; i < keep->sessions; i++)
		if (strcmp(keep->session[i].handle, handle) == 0)
			return &keep->session[i];
	return NULL;
}

void keep_session_remove(struct keep *keep, struct keep_session *session)
{
	size_t at = (size_t)(session - keep->session);

	memmove(session, session + 1, (keep->sessions - at - 1) * sizeof(*session));
	keep->sessions--;
}

/* Everybody's last ancestor proves nothing: what init is the parent of lives by itself alone. */
bool keep_session_lives(const struct keep_session *session)
{
	if (session->state == KEEP_OPEN)
		return process_lives(session->leader);
	return spawn_now() - session->since < KEEP_NEW_MS &&
	       (process_lives(session->maker) ||
		(session->parent.pid > 1 && process_lives(session->parent)));
}

/* ---- all of them ---- */

/* Names are gathered first: VISIT may remove them. -1: they cannot be had. */
static int names_gather(int dir, struct dirent ***entries)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	return scandir(path, entries, NULL, alphasort);
}

bool keep_each(int dir, bool (*visit)(void *context, const char *id), void *context)
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

int keep_account_lock(int dir, uid_t uid, int wait_ms)
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
static bool owner_is(const char *name, uid_t uid, char id[KEEP_ID_MAX])
{
	struct keep keep = { .uid = uid };
	char wants[NAME_BYTES];

	snprintf(id, KEEP_ID_MAX, "%.16s", name);
	memcpy(keep.id, id, KEEP_ID_MAX);
	owner_name(wants, &keep);
	return id_ok(id) && strcmp(name, wants) == 0;
}

static bool any_session_lives(const struct keep *keep)
{
	for (size_t i = 0; i < keep->sessions; i++)
		if (keep_session_lives(&keep->session[i]))
			return true;
	return false;
}

bool keep_account_used(int dir, uid_t uid, bool *used)
{
	struct dirent **entries = NULL;
	struct keep *other = keep_blank(dir);
	int n = names_gather(dir, &entries);
	bool told = other && n >= 0;
	char id[KEEP_ID_MAX];

	*used = false;
	for (int i = 0; i < n; i++) {
		if (told && !*used && owner_is(entries[i]->d_name, uid, id)) {
			enum keep_result result = keep_look(other, id);

			told = result == KEEP_HELD || result == KEEP_GONE;
			*used = result == KEEP_HELD && other->closing == 0 &&
				any_session_lives(other);
		}
		free(entries[i]);
	}
	free(entries);
	keep_drop(other);
	return told;
}

/* ---- what a crash leaves ---- */

/* NAME is no record: a half, or a lock. Whoever makes a record holds its lock from the start. */
static void leftover_remove(int dir, const char *name)
{
	struct keep keep = { .dir = dir, .lock = -1 };
	char id[KEEP_ID_MAX];
	struct stat st;

	snprintf(id, sizeof(id), "%.16s", name);
	if (!id_ok(id) || lock_take(&keep, id, 0) == KEEP_BUSY)
		return;
	memcpy(keep.id, id, sizeof(id));
	if (fstatat(dir, id, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		keep_remove(&keep);
		unlinkat(dir, name, 0);
	} else if (strcmp(name + KEEP_ID_MAX - 1, ".new") == 0) {
		unlinkat(dir, name, 0);
	}
	if (keep.lock >= 0)
		close(keep.lock);
}

void keep_sweep(int dir)
{
	struct dirent **entries = NULL;
	int n = names_gather(dir, &entries);

	for (int i = 0; i < n; i++) {
		if (strlen(entries[i]->d_name) > KEEP_ID_MAX - 1)
			leftover_remove(dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	token_sweep(dir);
}
