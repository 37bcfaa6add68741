/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of kept logins. API: keep_take, keep_save, keep_session_find, keep_session_lives, keep_each.
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
#include "helper/login/session/keep.h"

#define ID "0123456789abcdef"

static const char *const keys[] = { "version",	  "section",	 "conf",	"user",
				    "uid",	  "issuer",	 "subject",	"tokens",
				    "has_token",  "closing",	 "made",	"confirmed",
				    "refreshing", "token_until", "trust_until", "proof",
				    "token_blob" };

static char top[] = "/dev/shm/fuzz_keep.XXXXXX";
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

static void record_check(struct keep *keep)
{
	HOLDS(strcmp(keep->id, ID) == 0 && keep->sessions <= KEEP_SESSIONS_MAX);
	HOLDS(keep->made >= 0 && keep->closing >= 0 && keep->confirmed >= 0);
	HOLDS(keep->refreshing >= 0 && keep->token_until >= 0 && keep->trust_until >= 0);
	for (size_t i = 0; i < keep->sessions; i++) {
		struct keep_session *session = &keep->session[i];
		char id[KEEP_ID_MAX];

		HOLDS(session->since >= 0 && session->until >= 0);
		HOLDS(session->state == KEEP_NEW || session->state == KEEP_OPEN);
		HOLDS(keep_handle_ok(session->handle, id) && strcmp(id, ID) == 0);
		HOLDS(keep_session_find(keep, session->handle) <= session);
		keep_session_lives(session);
	}
}

/* A session more, and none of those that were there: it can be saved and read. */
static void go_on(struct keep *keep)
{
	struct keep *again = keep_blank(dir);
	size_t added;

	while (keep->sessions > 0)
		keep_session_remove(keep, keep->session);
	HOLDS(keep_session_add(keep, keep_lineage(getpid())));
	added = keep->sessions;
	strcpy(keep->session[0].service, "sshd");
	if (keep_save(keep)) { /* unless there is no room for it */
		close(keep->lock);
		keep->lock = -1;
		HOLDS(keep_take(again, ID, 0) == KEEP_HELD && again->sessions == added);
		HOLDS(memcmp(again->token_blob, keep->token_blob, sizeof(keep->token_blob)) == 0);
	}
	keep_drop(again);
}

static bool one(void *context, const char *id)
{
	HOLDS(strcmp(id, ID) == 0);
	return ++*(int *)context > 0;
}

static void file_check(const void *bytes, size_t len)
{
	struct keep *keep = keep_blank(dir);
	enum keep_result result;
	int count = 0;

	file_put(bytes, len);
	result = keep_take(keep, ID, 0);
	HOLDS(result == KEEP_HELD || result == KEEP_UNREADABLE);
	if (result == KEEP_HELD) {
		record_check(keep);
		HOLDS(keep_save(keep));
		file_is(bytes, len);
		go_on(keep);
	}
	keep_each(dir, one, &count);
	HOLDS(count == 1);
	keep_drop(keep);
}

static void fields_check(struct fuzz *f)
{
	static struct wire_draft draft;
	char key[16];

	wire_begin(&draft, "kept");
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		wire_add(&draft, keys[i], fuzz_text(f));
	for (unsigned int i = 0; fuzz_more(f) && i < KEEP_SESSIONS_MAX + 2; i++) {
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
