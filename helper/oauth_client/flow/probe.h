/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of the provider works, step by step, for `pam-device-code check` and `setup`.
 *
 * The opening packet `probe` has what `login` has, and `steps`: words separated by blanks, all of
 * them where it is absent. Each finding is `finding` {step, outcome, value}; value is foreign text
 * at times. Outcomes: ok; none (there is no such thing, which may be well); bad. PROBE_FINDINGS_MAX
 * at most, then `done`: granted where the way was walked to its end, whatever was found.
 *
 *   (always)    dns, connect, tls: "host:port", or "host:port reason" where bad, once for each host;
 *               http: what broke behind these. Last of all clock: seconds by which the server's is
 *               ahead; none: it did not say. client: what is wrong with its key; then nobody is asked
 *   metadata    metadata: "", or "reason"; none: every endpoint is configured. issuer: what the
 *               provider calls itself, bad where that is not the configured one. Where none is needed and
 *               the packet has compare=metadata, pinned: "NAME ADDRESS" for each endpoint that the
 *               provider's metadata names otherwise. Each endpoint by its name: its address, of a query
 *               no more than the "?"; bad: on a host that is not agreed on, or
 *               no https; none with an address: likewise, and this login does not need it. Each list of
 *               lists[] in probe.c by its name: its words, separated by blanks
 *   keys        jwks: how many keys there are for id_token_signed_response_alg, or "reason"
 *   device      device: "", or "verdict reason"; device_seconds, device_interval: numbers; user_code: what it is like,
 *               each letter as A and each digit as 0;
 *               verification_uri: as it came; verification_uri_complete: "" (it has the code)
 *   paste       authorization_uri: as a person would get it; exchange: with a code that is none:
 *               ok: the client was known, and that code refused
 *   (a bad one of these) said: ahead of it, what the provider said, in its own words: said.h
 *   revocation  revocation: of a token that is none. None: the provider cannot
 */
#ifndef HELPER_OAUTH_CLIENT_FLOW_PROBE_H
#define HELPER_OAUTH_CLIENT_FLOW_PROBE_H

#include "flow_context.h"

enum {
	PROBE_FINDINGS_MAX = 60,
};

/*
 * J has its endpoints as far as they are configured. Never polls, and never tells a device code or a
 * user code.
 */
enum verdict probe_walk(struct flow *j);

#endif
