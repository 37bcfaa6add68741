/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets as long as a screen: see channel.h. Must never keep one, or believe a socket that is not root's. */
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "scratch.h"

enum {
	QUEUE_MS = 10,
	QUEUE_TRIES = 200,
};

/* Root's, in a directory where nobody else can put another in its place. */
static bool path_ok(const char *path)
{
	struct sockaddr_un dir;
	struct stat st;

	if (strlen(path) >= sizeof(dir.sun_path))
		return false;
	strcpy(dir.sun_path, path);
	*strrchr(dir.sun_path, '/') = '\0';
	if (lstat(dir.sun_path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & 022))
		return false;
	return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == 0;
}

static bool peer_is_root(int fd)
{
	struct ucred peer;

	return wire_peer(fd, &peer) && peer.uid == 0;
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
	int fd;

	if (!path_ok(path))
		return -1;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && (!connect_soon(fd, &address) || !peer_is_root(fd))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

bool channel_send(int fd, const char *verb, const char *key, const char *value)
{
	const char *const strings[] = { verb, key, value };
	struct iovec part[3];
	struct msghdr packet = { .msg_iov = part, .msg_iovlen = key ? 3 : 1 };
	size_t len = 0;
	ssize_t sent;

	for (size_t i = 0; i < packet.msg_iovlen; i++) {
		part[i].iov_base = (char *)strings[i];
		part[i].iov_len = strlen(strings[i]) + 1;
		len += part[i].iov_len;
	}
	if (len > WIRE_LONG_MAX)
		return false;
	do
		sent = sendmsg(fd, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)len;
}

/* MSG_TRUNC makes recv return the packet's real length, whatever room there is for it. */
static ssize_t receive(int fd, char *bytes, size_t size, int flags)
{
	ssize_t len;

	do
		len = recv(fd, bytes, size, MSG_TRUNC | MSG_DONTWAIT | flags);
	while (len < 0 && errno == EINTR);
	return len;
}

enum wire_received channel_receive(int fd, struct channel_packet *packet)
{
	ssize_t len = receive(fd, NULL, 0, MSG_PEEK);

	*packet = (struct channel_packet){ .bytes = NULL };
	if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return WIRE_NOTHING;
	if (len <= 0)
		return WIRE_GONE;
	if (len > WIRE_LONG_MAX)
		return WIRE_INVALID;
	packet->bytes = scratch_take((size_t)len);
	if (!packet->bytes)
		return WIRE_INVALID;
	packet->size = (size_t)len;
	if (receive(fd, packet->bytes, packet->size, 0) != len ||
	    !wire_parse(&packet->message, packet->bytes, packet->size))
		return WIRE_INVALID;
	return WIRE_MESSAGE;
}

void channel_drop(struct channel_packet *packet)
{
	if (packet->bytes)
		explicit_bzero(packet->bytes, packet->size);
	scratch_drop(packet->bytes, packet->size);
	packet->bytes = NULL;
}
