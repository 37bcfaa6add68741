/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the other end is: see channel.h. Must never believe a socket that is not root's. */
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	QUEUE_MS = 10,
	QUEUE_TRIES = 200,
};

/* Root's, in a directory where nobody else can put another in its place. */
static bool is_roots(const struct sockaddr_un *address)
{
	char dir[sizeof(address->sun_path)];
	struct stat st;

	strcpy(dir, address->sun_path);
	*strrchr(dir, '/') = '\0';
	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == 0 &&
	       (st.st_mode & 022) == 0 && lstat(address->sun_path, &st) == 0 &&
	       S_ISSOCK(st.st_mode) && st.st_uid == 0;
}

/* A queue that is full is soon empty: who listens does nothing else. */
static bool connect_soon(int fd, const struct sockaddr_un *address)
{
	int tries = QUEUE_TRIES, failed;

	do
		failed = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	while (failed && errno == EAGAIN && --tries > 0 && poll(NULL, 0, QUEUE_MS) == 0);
	return !failed;
}

bool channel_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

int channel_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	if (!is_roots(&address))
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && (!connect_soon(fd, &address) || !wire_peer(fd, &peer) || peer.uid != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}
