/*
 * log.h - what was asked and answered, one JSON object a line. Never a device
 * code, a token or a secret: of a body only the names of its fields, of tokens
 * issued and revoked a hash that tells them apart.
 */
#ifndef PROVIDER_LOG_H
#define PROVIDER_LOG_H

#include "server.h"

void log_add(const struct request *request);
void log_print(struct buffer *out); /* in the order of arrival */
void log_clear(void);

#endif
