/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the settings of one login leave open in the walls: the CA file, and the TCP ports of the
 * proxy or, without one, of every address that requests may go to. No I/O.
 */
#ifndef HELPER_OAUTH_CLIENT_CONFINED_DOORS_H
#define HELPER_OAUTH_CLIENT_CONFINED_DOORS_H

#include "common/wire.h"
#include "sandbox.h"

/* DOORS borrows strings of SETTINGS. Ports beyond SANDBOX_PORTS_MAX stay closed. */
void doors_read(const struct wire_message *settings, struct sandbox_doors *doors);

#endif
