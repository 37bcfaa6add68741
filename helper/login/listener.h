/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits for hosts and starts a login for each. */
#ifndef LOGIN_LISTENER_H
#define LOGIN_LISTENER_H

/* One of the two sockets that a listener may have: root's hosts', or that of hosts that run as their user. */
struct login_socket;

/* By the argument that its listener is started with; NULL: there is no such socket. */
const struct login_socket *login_socket_find(const char *argument);

/*
 * Serves the listening socket SOCKET, which is WHICH's, until its service is stopped, or nothing has come for a
 * minute while no login is pending: systemd keeps the socket and starts another. Returns the status to exit
 * with.
 */
int listener_run(int socket, const struct login_socket *which);

#endif
