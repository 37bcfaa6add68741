/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits for hosts and starts a login for each. */
#ifndef LOGIN_LISTENER_H
#define LOGIN_LISTENER_H

/*
 * Serves the listening socket SOCKET until its service is stopped, or nothing has come for a minute while
 * no login is pending: systemd keeps the socket and starts another. Returns the status to exit with.
 */
int listener_run(int socket);

#endif
