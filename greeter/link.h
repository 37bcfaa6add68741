/* SPDX-License-Identifier: BSD-2-Clause */
/* greetd's socket: the greeter's only way out. */
#ifndef GREETER_LINK_H
#define GREETER_LINK_H

#include <stdbool.h>
#include <stddef.h>

/* A connection to the socket at PATH, or -1 with errno. */
int link_open(const char *path);

/* A whole message; greetd reads at once. false: it is gone. */
bool link_send(int fd, const char *json, size_t len);

/* What has arrived, up to SIZE bytes, without waiting: 0 nothing yet, -1 greetd is gone. */
long link_receive(int fd, void *bytes, size_t size);

#endif
