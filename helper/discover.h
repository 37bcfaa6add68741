/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The issuer's metadata (OpenID Connect Discovery 1.0) → endpoints. No I/O.
 *
 * What the configuration names is taken as it is. What the network names must be https on the
 * issuer's own host and port, or on a host of allow_endpoint_host.
 */
#ifndef HELPER_DISCOVER_H
#define HELPER_DISCOVER_H

#include "dialect.h"

/* Fills DOORS from SETTINGS. false: issuer absent, or a value is too long. */
bool discover_start(const struct wire_message *settings, struct endpoints *doors);

/* true if an endpoint that is needed is not known yet. */
bool discover_needed(const struct endpoints *doors);

void discover_request(const struct endpoints *doors, struct request *request);

/* Reads the metadata. VERDICT_GRANTED, or why not with *REASON set. */
enum verdict discover_reply(const struct wire_message *settings, const struct reply *reply,
			    struct endpoints *doors, const char **reason);

#endif
