/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the module has no use for: texts, short packets, secrets to wipe, verdicts: see wire.h. Must never
 * allocate, log, or trust a byte that it has received.
 */
#include "wire.h"

#include <string.h>

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
