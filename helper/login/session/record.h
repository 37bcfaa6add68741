/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is kept of a login for the sessions that follow it, in a directory of root's that lies in
 * memory: who approved, the tokens as the helper wants them back (the token_blob, which nothing here
 * looks into), and the sessions that live by them.
 *
 * A record is one packet of wire.h in a file ID, written whole beside it and renamed, so that it is
 * at each moment the old one or the new one. ID.lock is held by whoever changes a record or asks the
 * provider about it; the kernel lets go of it with the process, however that ends. ID.uUID, empty, says
 * whose it is without a look into it.
 */
#ifndef HELPER_LOGIN_SESSION_RECORD_H
#define HELPER_LOGIN_SESSION_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "helper/login/policy.h"
#include "process.h"
#include "common/channel.h"
#include "common/wire.h"

enum {
	RECORD_ID_MAX = 17, /* 16 hexadecimal digits and a NUL */
	RECORD_SESSIONS_MAX = 16,
	RECORD_PROOF_MAX = 4096,
	RECORD_NEW_MS = CHANNEL_SESSION_MS,
};

enum record_state {
	RECORD_NEW = 0, /* the login is through; no session yet */
	RECORD_OPEN,
};

struct record_session {
	enum record_state state;
	char handle[HANDLE_MAX];
	struct process maker; /* who ran the login */
	struct process
		parent; /* its parent where that is the same program: sshd's opens the session */
	struct process leader; /* who opened the session, and lives as long as it; RECORD_OPEN */
	int64_t since;	       /* milliseconds of CLOCK_BOOTTIME, as all moments here */
	int64_t until; /* session_max: RECORD_NEW how long it will last, RECORD_OPEN when it is over; 0: no end of its own */
	char service[32];
	char where[128];     /* terminal and address, for people; made plain */
	bool within;	     /* begun inside somebody's session: su, sudo */
	unsigned long audit; /* the maker's sessionid, 0: none (process.h) */
};

struct record {
	int dir;  /* borrowed */
	int lock; /* -1: not held */
	char id[RECORD_ID_MAX];
	char section[64];
	char conf[512]; /* the file of the section */
	char user[LOCAL_NAME_MAX];
	uid_t uid;
	char issuer[POLICY_VALUE_MAX];
	char subject[POLICY_VALUE_MAX];
	char tokens[16]; /* the section's word at the login */
	bool has_token;	 /* there is a token file: token.h */
	int64_t made;
	int64_t closing;     /* since then nobody lives by it: to be revoked and removed; 0: no */
	int64_t confirmed;   /* the provider's last yes */
	int64_t asked;	     /* the last question about it that had no answer, 0: none */
	int64_t silent;	     /* the first such since the last yes */
	int64_t refreshing;  /* a refresh has begun and has not ended, 0: none */
	int64_t token_since; /* the access token's beginning */
	int64_t token_until; /* its end, 0: not said */
	int64_t trust_until; /* until then it may stand in for a prompt, 0: it may not */
	char groups[HOST_GROUPS_MAX];	 /* gids of the sessions: local_groups.h */
	char proof[RECORD_PROOF_MAX];	 /* what an attempt must bring for that */
	char token_blob[WIRE_BYTES_MAX]; /* "": no tokens are kept */
	size_t sessions;
	struct record_session session[RECORD_SESSIONS_MAX];
};

/* The directory of records; -1: it cannot be had, or is no place for secrets: *REASON says. */
int record_dir_open(enum reason *reason);

/* A record of zeroes, NULL: no memory. record_free() wipes it, lets go of its lock and frees it. */
struct record *record_new(int dir);
void record_free(struct record *record);

enum record_result {
	RECORD_GONE = 0,   /* there is no such record (any more) */
	RECORD_BUSY,	   /* somebody else holds its lock, or something is missing to read it */
	RECORD_UNREADABLE, /* the file is none of ours */
	RECORD_HELD,	   /* read, and locked where that was asked for */
};

/* Reads the record ID, which is renamed whole, without its lock: it is to be looked at only. */
enum record_result record_read(struct record *record, const char *id);

/* Locks and reads the record ID. Waits for the lock for WAIT_MS at most. */
enum record_result record_lock(struct record *record, const char *id, int wait_ms);

/* Gives RECORD, whose uid is set, an id and a lock of its own. Nothing is written yet. */
bool record_create(struct record *record);

/* Writes the record. false: it is as it was; errno is EMSGSIZE where it is too long for one. */
bool record_save(struct record *record);

/* The token file, the record, the lock; in this order, so that what is left is found again. */
void record_remove(struct record *record);

/* Whose a session will be: the process that its login was made by, and what the kernel says of that. */
struct record_lineage {
	struct process maker, parent;
	unsigned long audit;
};

struct record_lineage record_lineage(pid_t maker);

/* A session of a fresh handle that begins with RECORD's id, of LINEAGE. NULL: there are too many. */
struct record_session *record_session_add(struct record *record, struct record_lineage lineage);
struct record_session *record_session_find(struct record *record, const char *handle);
void record_session_remove(struct record *record, struct record_session *session);

/* Whether it still is one, or may become one: by the processes that it names, and by its age. */
bool record_session_lives(const struct record_session *session);

/* Whether its session_max is over. */
bool record_session_over(const struct record_session *session);

/*
 * Who may still begin a session by a login that none has followed: its maker, and of sshd the process that
 * this connection has, which is a child of another sshd; the one that listens is none, and ends never. Inside
 * somebody's session what is above is the caller's.
 */
struct process record_session_host(const struct record_session *session);

/*
 * Keeps others from counting the sessions of UID meanwhile, for WAIT_MS at most if somebody does. -1: it
 * cannot be had. The caller closes it.
 */
int record_account_lock(int dir, uid_t uid, int wait_ms);

/* Whether a session of UID lives by a record, or may begin. false: nobody can tell. */
bool record_account_used(int dir, uid_t uid, bool *used);

/* Removes what UID's sessions have left that are over, where no tokens are kept: no timer is needed for these. */
void record_account_tidy(int dir, uid_t uid);

/* Whether the record ID is of the account UID: by its name, without its lock. */
bool record_is_of(int dir, const char *id, uid_t uid);

/* How many records UID has, with sessions and without; 0 where nobody can tell. */
size_t record_account_count(int dir, uid_t uid);

/* Whether TEXT is so many hexadecimal DIGITS, in small letters, as ids and handles are. */
bool record_is_hex(const char *text, size_t digits);

/* Of the form of a handle; ID is then the record's. */
bool record_handle_ok(const char *handle, char id[RECORD_ID_MAX]);

/* 16 hexadecimal digits out of getrandom(2). false: the kernel has none to give. */
bool record_random_id(char id[RECORD_ID_MAX]);

/*
 * Calls VISIT for each record, as long as it returns true; it may remove the record. false: nobody can say
 * which there are.
 */
bool record_for_each(int dir, bool (*visit)(void *context, const char *id), void *context);

/* Who holds the lock of ID, and since when (spawn_now()), as they say themselves; pid 0: nobody. */
struct process record_lock_owner(int dir, const char *id, int64_t *since);

/* Removes what a crash has left beside the records: halves, and locks and token files of none. */
void record_clean_up(int dir);

#endif
