/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The issuer's metadata (OpenID Connect Discovery 1.0) → endpoints. No I/O.
 *
 * What the configuration names is taken as it is. What the network names must be https on the
 * issuer's own host and port, or on a host of endpoint_hosts; else it is not there. That is the
 * reason only of a login that needs it.
 */
#ifndef HELPER_OAUTH_CLIENT_OAUTH_DISCOVER_H
#define HELPER_OAUTH_CLIENT_OAUTH_DISCOVER_H

#include "helper/oauth_client/dialect/dialect.h"

/* Fills ENDPOINTS from SETTINGS. false: issuer absent, or a value is too long. */
bool discover_start(const struct wire_message *settings, struct endpoints *endpoints);

/* true if an endpoint that is needed is not known yet. */
bool discover_needed(const struct endpoints *endpoints);

void discover_request(const struct endpoints *endpoints, struct request *request);

/* Whether a login cannot do without the I-th endpoint. */
bool discover_needs(const struct endpoints *endpoints, int i);

/* Whether the I-th endpoint was named, and is not taken: REASON_NONE, or why not. */
enum reason discover_refused(const struct endpoints *endpoints, int i);

/* Reads the metadata. VERDICT_GRANTED, or why not with *REASON set. */
enum verdict discover_reply(const struct wire_message *settings, const struct reply *reply,
			    struct endpoints *endpoints, enum reason *reason);

/*
 * The endpoints one by one: the name of the I-th in settings and metadata, NULL behind the last; and
 * its address, "" where there is none.
 */
const char *discover_name(int i);
const char *discover_url(const struct endpoints *endpoints, int i);

/* "token_endpoint", "metadata": which of them URL is, whatever its query; "request" for another. */
const char *discover_what(const struct endpoints *endpoints, const char *url);

/* Whether the metadata may name URL: it is on the issuer's host, or on one that the settings name. */
bool discover_admits(const struct wire_message *settings, const char *issuer, const char *url);

#endif
