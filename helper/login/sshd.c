/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads sshd's version out of its program: see sshd.h. Must never take a newer version for granted:
 * the names of other versions stand in the program, too, as patterns of what a peer may be.
 */
#include "sshd.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/scratch.h"

/* The version of a portable OpenSSH, "OpenSSH_10.0p2"; a pattern has no "p". */
#define MARK "OpenSSH_"

enum {
	BLOCK = 64 * 1024, /* bytes read at a time */
	BLOCKS_MAX = 512,  /* no sshd is larger */
	TEXT_MAX = 32,	   /* of a version, MARK included: what two blocks may share */
	AT_ONCE_MAJOR = 10,
	AT_ONCE_MINOR = 3,
};

/* The digits at *TEXT, which is moved behind them; -1: there are none, or too many. */
static int digits_take(const char **text)
{
	int number = 0, count = 0;

	for (; **text >= '0' && **text <= '9' && count < 4; count++)
		number = number * 10 + *(*text)++ - '0';
	return count > 0 && count < 4 ? number : -1;
}

/* Whether a version that shows at once stands at TEXT, which ends with NUL. */
static bool version_shows(const char *text)
{
	int major = digits_take(&text);
	int minor = major >= 0 && *text++ == '.' ? digits_take(&text) : -1;

	if (minor < 0 || text[0] != 'p' || text[1] < '0' || text[1] > '9')
		return false;
	return major > AT_ONCE_MAJOR || (major == AT_ONCE_MAJOR && minor >= AT_ONCE_MINOR);
}

static bool block_shows(const char *block, size_t len)
{
	const char *at = block;

	while ((at = memmem(at, len - (size_t)(at - block), MARK, strlen(MARK)))) {
		char text[TEXT_MAX] = "";
		size_t left = len - (size_t)(at - block);

		memcpy(text, at, left < sizeof(text) - 1 ? left : sizeof(text) - 1);
		if (version_shows(text + strlen(MARK)))
			return true;
		at += strlen(MARK);
	}
	return false;
}

bool sshd_shows_at_once(const char *path)
{
	char *block = scratch_take(BLOCK);
	int fd = block ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	size_t kept = 0;
	int blocks = 0;
	bool shows = false;
	ssize_t got;

	while (fd >= 0 && !shows && blocks++ < BLOCKS_MAX &&
	       (got = read(fd, block + kept, BLOCK - kept)) > 0) {
		size_t len = kept + (size_t)got;

		shows = block_shows(block, len);
		kept = len < TEXT_MAX ? len : TEXT_MAX;
		memmove(block, block + len - kept, kept);
	}
	if (fd >= 0)
		close(fd);
	scratch_drop(block, BLOCK);
	return shows;
}
