/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets: see wire.h. Part of the module, of device-code-login and of both helpers; must never allocate,
 * log, or trust a byte that it has received.
 */
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool wire_parse(struct wire_message *message, char *buf, size_t len)
{
	const char *at = buf, *end = buf + len;
	size_t strings = 0;

	message->verb = NULL;
	message->pairs = 0;
	if (len == 0 || len > WIRE_LONG_MAX || buf[0] == '\0' || buf[len - 1] != '\0')
		return false;
	for (size_t i = 0; i < len; i++)
		strings += buf[i] == '\0';
	if (strings % 2 == 0 || strings / 2 > WIRE_PAIRS_MAX)
		return false;
	for (at += strlen(at) + 1; at < end; at += strlen(at) + 1) {
		message->pair[message->pairs].key = at;
		at += strlen(at) + 1;
		message->pair[message->pairs++].value = at;
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

bool wire_number(const char *text, int64_t most, int64_t *number)
{
	size_t len = text ? strlen(text) : 0;

	if (len == 0 || len > 15 || text[strspn(text, "0123456789")] != '\0')
		return false;
	*number = strtoll(text, NULL, 10);
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

bool wire_peer(int fd, struct ucred *peer)
{
	socklen_t len = sizeof(*peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &len) == 0 && len == sizeof(*peer);
}

enum wire_received wire_receive_long(int fd, int flags, char *buf, size_t size,
				     struct wire_message *message)
{
	ssize_t len;

	message->verb = NULL;
	message->pairs = 0;
	/* MSG_TRUNC makes recv return the packet's real length, so that a cut one is seen. */
	do
		len = recv(fd, buf, size, MSG_TRUNC | flags);
	while (len < 0 && errno == EINTR);
	if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return WIRE_NOTHING;
	if (len <= 0)
		return WIRE_GONE;
	if ((size_t)len > size || !wire_parse(message, buf, (size_t)len))
		return WIRE_INVALID;
	return WIRE_MESSAGE;
}
