/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the module has no use for: texts, short packets, secrets to wipe, verdicts: see wire.h. Must never
 * allocate, log, or trust a byte that it has received.
 */
#include "wire.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

const char *wire_text(const struct wire_message *message, const char *key)
{
	const char *text = wire_value(message, key);

	return text ? text : "";
}

void wire_wipe(struct wire_draft *draft)
{
	explicit_bzero(draft->bytes, draft->len);
	draft->len = 0;
	draft->broken = true;
}

static const char verdict_names[VERDICT_COUNT][24] = {
	[VERDICT_INVALID_RESPONSE] = "invalid_response",
	[VERDICT_AUTHORIZATION_PENDING] = "authorization_pending",
	[VERDICT_SLOW_DOWN] = "slow_down",
	[VERDICT_ACCESS_DENIED] = "access_denied",
	[VERDICT_EXPIRED_TOKEN] = "expired_token",
	[VERDICT_CODE_CONSUMED] = "code_consumed",
	[VERDICT_NOT_HONOURED] = "not_honoured",
	[VERDICT_WRONG_CODE] = "wrong_code",
	[VERDICT_CLIENT_REFUSED] = "client_refused",
	[VERDICT_UNREACHABLE] = "unreachable",
	[VERDICT_IDENTITY_UNVERIFIED] = "identity_unverified",
	[VERDICT_HELPER_FAILED] = "helper_failed",
	[VERDICT_GRANTED] = "granted",
};

const char *verdict_name(enum verdict verdict)
{
	return (unsigned int)verdict < VERDICT_COUNT ? verdict_names[verdict] : "unknown";
}

enum verdict verdict_parse(const char *name)
{
	for (int i = 0; name && i < VERDICT_COUNT; i++)
		if (strcmp(name, verdict_names[i]) == 0)
			return (enum verdict)i;
	return VERDICT_COUNT;
}

bool wire_is_helper_channel(int fd)
{
	int domain = 0, type = 0;
	socklen_t domain_len = sizeof(domain), type_len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_len) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0 && domain == AF_UNIX &&
	       type == SOCK_SEQPACKET;
}

enum wire_received wire_receive(int fd, bool wait, char *buf, struct wire_message *message)
{
	return wire_receive_long(fd, wait ? 0 : MSG_DONTWAIT, buf, WIRE_BYTES_MAX, message);
}

/* Room for one descriptor, and for a second one, so that it is seen. */
union rights {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(2 * sizeof(int))];
};

bool wire_send_with(int fd, const struct wire_draft *draft, int given)
{
	union rights rights = { .bytes = "" };
	struct iovec text = { (void *)(uintptr_t)draft->bytes, draft->len };
	struct msghdr packet = { .msg_iov = &text,
				 .msg_iovlen = 1,
				 .msg_control = &rights,
				 .msg_controllen = CMSG_SPACE(sizeof(int)) };
	ssize_t sent;

	if (given < 0 || draft->broken)
		return wire_send(fd, draft);
	rights.head.cmsg_level = SOL_SOCKET;
	rights.head.cmsg_type = SCM_RIGHTS;
	rights.head.cmsg_len = CMSG_LEN(sizeof(given));
	memcpy(CMSG_DATA(&rights.head), &given, sizeof(given));
	do
		sent = sendmsg(fd, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)draft->len;
}

/* The descriptor that came with PACKET to *GIVEN; -1: none did. false: more than one did, and all are closed. */
static bool rights_take(struct msghdr *packet, int *given)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(packet);
	int fds[2] = { -1, -1 };
	size_t len = 0;

	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
		len = head->cmsg_len - CMSG_LEN(0);
	if (len > sizeof(fds))
		len = sizeof(fds);
	if (len > 0)
		memcpy(fds, CMSG_DATA(head), len);
	*given = fds[0];
	if (len <= sizeof(int) && !(packet->msg_flags & MSG_CTRUNC))
		return true;
	for (size_t i = 0; i < len / sizeof(int); i++)
		close(fds[i]);
	*given = -1;
	return false;
}

enum wire_received wire_receive_with(int fd, char *buf, struct wire_message *message, int *given)
{
	union rights rights = { .bytes = "" };
	struct iovec text = { buf, WIRE_BYTES_MAX };
	struct msghdr packet = { .msg_iov = &text,
				 .msg_iovlen = 1,
				 .msg_control = &rights,
				 .msg_controllen = sizeof(rights) };
	ssize_t len;

	*given = -1;
	message->verb = NULL;
	message->pairs = 0;
	do
		len = recvmsg(fd, &packet, MSG_TRUNC | MSG_CMSG_CLOEXEC);
	while (len < 0 && errno == EINTR);
	if (len <= 0)
		return WIRE_GONE;
	if (rights_take(&packet, given) && len <= WIRE_BYTES_MAX &&
	    wire_parse(message, buf, (size_t)len))
		return WIRE_MESSAGE;
	if (*given >= 0)
		close(*given);
	*given = -1;
	return WIRE_INVALID;
}
