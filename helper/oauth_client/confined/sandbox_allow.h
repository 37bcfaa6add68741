/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the settings of one login leave open in the sandbox: the CA file, and the TCP ports of the
 * proxy or, without one, of every address that requests may go to. No I/O.
 */
#ifndef HELPER_OAUTH_CLIENT_CONFINED_SANDBOX_ALLOW_H
#define HELPER_OAUTH_CLIENT_CONFINED_SANDBOX_ALLOW_H

#include "common/wire.h"
#include "sandbox.h"

/* ALLOW borrows strings of SETTINGS. Ports beyond SANDBOX_PORTS_MAX stay closed. */
void sandbox_allow_read(const struct wire_message *settings, struct sandbox_allow *allow);

#endif
