/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of kept logins. API: record_lock, record_save, record_session_find, record_session_lives, record_for_each.
 *
 * The input: 'R' and the bytes of the file, or anything else and the values of the lines, as fields in
 * their order; sessions behind. Oracle: whatever the file holds, it is unreadable, or what was read is
 * saved as the very same bytes; then no number is below zero, each session is of this record, once, and
 * whether it lives can be asked. No descriptor is left.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "helper/login/session/record.h"

#define ID "0123456789abcdef"

static const char *const keys[] = { "version",	  "section",	 "conf",	"user",
				    "uid",	  "issuer",	 "subject",	"tokens",
				    "has_token",  "closing",	 "made",	"confirmed",
				    "refreshing", "token_until", "trust_until", "proof",
				    "token_blob" };

static char top[] = "/dev/shm/fuzz_record.XXXXXX";
static int dir = -1;

static void dir_end(void)
{
	unlinkat(dir, ID, 0);
	unlinkat(dir, ID ".lock", 0);
	rmdir(top);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	HOLDS(mkdtemp(top));
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	HOLDS(dir >= 0);
	atexit(dir_end);
	close(openat(dir, ID ".lock", O_WRONLY | O_CREAT | O_EXCL, 0600));
	return 0;
}

static void file_put(const void *bytes, size_t len)
{
	int fd;

	unlinkat(dir, ID, 0);
	fd = openat(dir, ID, O_WRONLY | O_CREAT | O_EXCL, 0600);
	HOLDS(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

static void file_is(const void *bytes, size_t len)
{
	static char got[2 * WIRE_BYTES_MAX];
	int fd = openat(dir, ID, O_RDONLY);

	HOLDS(fd >= 0 && read(fd, got, sizeof(got)) == (ssize_t)len);
	HOLDS(memcmp(got, bytes, len) == 0);
	close(fd);
}

static void record_check(struct record *record)
{
	HOLDS(strcmp(record->id, ID) == 0 && record->sessions <= RECORD_SESSIONS_MAX);
	HOLDS(record->made >= 0 && record->closing >= 0 && record->confirmed >= 0);
	HOLDS(record->refreshing >= 0 && record->token_until >= 0 && record->trust_until >= 0);
	for (size_t i = 0; i < record->sessions; i++) {
		struct record_session *session = &record->session[i];
		char id[RECORD_ID_MAX];

		HOLDS(session->since >= 0 && session->until >= 0);
		HOLDS(session->state == RECORD_NEW || session->state == RECORD_OPEN);
		HOLDS(record_handle_ok(session->handle, id) && strcmp(id, ID) == 0);
		HOLDS(record_session_find(record, session->handle) <= session);
		record_session_lives(session);
	}
}

/* A session more, and none of those that were there: it can be saved and read. */
static void go_on(struct record *record)
{
	struct record *again = record_new(dir);
	size_t added;

	while (record->sessions > 0)
		record_session_remove(record, record->session);
	HOLDS(record_session_add(record, record_lineage(getpid())));
	added = record->sessions;
	strcpy(record->session[0].service, "sshd");
	if (record_save(record)) { /* unless there is no room for it */
		close(record->lock);
		record->lock = -1;
		HOLDS(record_lock(again, ID, 0) == RECORD_HELD && again->sessions == added);
		HOLDS(memcmp(again->token_blob, record->token_blob, sizeof(record->token_blob)) ==
		      0);
	}
	record_free(again);
}

static bool one(void *context, const char *id)
{
	HOLDS(strcmp(id, ID) == 0);
	return ++*(int *)context > 0;
}

static void file_check(const void *bytes, size_t len)
{
	struct record *record = record_new(dir);
	enum record_result result;
	int count = 0;

	file_put(bytes, len);
	result = record_lock(record, ID, 0);
	HOLDS(result == RECORD_HELD || result == RECORD_UNREADABLE);
	if (result == RECORD_HELD) {
		record_check(record);
		HOLDS(record_save(record));
		file_is(bytes, len);
		go_on(record);
	}
	record_for_each(dir, one, &count);
	HOLDS(count == 1);
	record_free(record);
}

static void fields_check(struct fuzz *f)
{
	static struct wire_draft draft;
	char key[16];

	wire_begin(&draft, "kept");
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		wire_add(&draft, keys[i], fuzz_text(f));
	for (unsigned int i = 0; fuzz_more(f) && i < RECORD_SESSIONS_MAX + 2; i++) {
		snprintf(key, sizeof(key), "session%u", i);
		wire_add(&draft, key, fuzz_text(f));
	}
	if (!draft.broken)
		file_check(draft.bytes, draft.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = fuzz_start(data, size);
	int before = dup(0), after;

	close(before);
	if (fuzz_byte(&f) == 'R')
		file_check(f.at, (size_t)(f.end - f.at));
	else
		fields_check(&f);
	fuzz_done(&f);
	after = dup(0);
	close(after);
	HOLDS(before == after);
	return 0;
}
