/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The slot: see wire.h. Part of the module and of both helpers; must never allocate, log, or
 * trust a byte that it has received.
 */
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char verdict_names[VERDICT_COUNT][16] = {
	[VERDICT_NONSENSE] = "nonsense",
	[VERDICT_PENDING] = "pending",
	[VERDICT_SLOW_DOWN] = "slow",
	[VERDICT_DENIED] = "denied",
	[VERDICT_EXPIRED] = "expired",
	[VERDICT_START_AGAIN] = "start_again",
	[VERDICT_NOT_HONOURED] = "not_honoured",
	[VERDICT_WRONG_CODE] = "wrong_code",
	[VERDICT_CLIENT_REFUSED] = "client_refused",
	[VERDICT_UNREACHABLE] = "unreachable",
	[VERDICT_UNPROVEN] = "unproven",
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

bool wire_parse(struct wire_message *message, char *buf, size_t len)
{
	size_t strings = 0;
	const char *at = buf;
	const char *end = buf + len;

	message->verb = NULL;
	message->pairs = 0;
	if (len == 0 || len > WIRE_LONG_MAX || buf[len - 1] != '\0')
		return false;
	for (size_t i = 0; i < len; i++)
		strings += buf[i] == '\0';
	if (strings % 2 == 0 || strings / 2 > WIRE_PAIRS_MAX || buf[0] == '\0')
		return false;
	at += strlen(at) + 1;
	while (at < end) {
		struct wire_pair *pair = &message->pair[message->pairs++];

		pair->key = at;
		at += strlen(at) + 1;
		pair->value = at;
		at += strlen(at) + 1;
	}
	message->verb = buf;
	return true;
}

const char *wire_value(const struct wire_message *message, const char *key)
{
	const char *found = NULL;

	for (size_t i = 0; i < message->pairs; i++) {
		if (strcmp(message->pair[i].key, key) != 0)
			continue;
		if (found)
			return NULL;
		found = message->pair[i].value;
	}
	return found;
}

bool wire_number(const char *text, long most, long *number)
{
	size_t len = strlen(text);

	if (len == 0 || len > 15 || text[strspn(text, "0123456789")] != '\0')
		return false;
	*number = strtol(text, NULL, 10);
	if (*number > most)
		*number = most;
	return true;
}

static void draft_string(struct wire_draft *draft, const char *text)
{
	size_t len = strlen(text) + 1;

	if (draft->broken || len > sizeof(draft->bytes) - draft->len) {
		draft->broken = true;
		return;
	}
	memcpy(draft->bytes + draft->len, text, len);
	draft->len += len;
}

void wire_begin(struct wire_draft *draft, const char *verb)
{
	draft->len = 0;
	draft->pairs = 0;
	draft->broken = false;
	draft_string(draft, verb);
}

void wire_add(struct wire_draft *draft, const char *key, const char *value)
{
	if (!value)
		return;
	if (++draft->pairs > WIRE_PAIRS_MAX)
		draft->broken = true;
	draft_string(draft, key);
	draft_string(draft, value);
}

void wire_add_number(struct wire_draft *draft, const char *key, long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", value);
	wire_add(draft, key, text);
}

void wire_wipe(struct wire_draft *draft)
{
	explicit_bzero(draft->bytes, draft->len);
	draft->len = 0;
	draft->broken = true;
}

bool wire_send(int fd, const struct wire_draft *draft)
{
	ssize_t sent;

	if (draft->broken)
		return false;
	do
		sent = send(fd, draft->bytes, draft->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)draft->len;
}

bool wire_is_slot(int fd)
{
	int domain = 0, type = 0;
	socklen_t domain_len = sizeof(domain), type_len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_len) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0 && domain == AF_UNIX &&
	       type == SOCK_SEQPACKET;
}

bool wire_peer(int fd, struct ucred *peer)
{
	socklen_t len = sizeof(*peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &len) == 0 && len == sizeof(*peer);
}

enum wire_received wire_receive(int fd, bool wait, char *buf, struct wire_message *message)
{
	ssize_t len;

	message->verb = NULL;
	message->pairs = 0;
	/* MSG_TRUNC makes recv return the packet's real length, so that a cut one is seen. */
	do
		len = recv(fd, buf, WIRE_BYTES_MAX, MSG_TRUNC | (wait ? 0 : MSG_DONTWAIT));
	while (len < 0 && errno == EINTR);
	if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return WIRE_NOTHING;
	if (len <= 0)
		return WIRE_GONE;
	if (len > WIRE_BYTES_MAX || !wire_parse(message, buf, (size_t)len))
		return WIRE_INVALID;
	return WIRE_MESSAGE;
}
