/* SPDX-License-Identifier: BSD-2-Clause */
/* Which sections device_code.conf and its drop-ins have. What is wrong with them conf.c says. */
#ifndef ADMIN_SECTIONS_H
#define ADMIN_SECTIONS_H

#include <stdbool.h>

/* TAKE gets each name, one that stands there twice as often. false: the file cannot be read; errno. */
bool sections_each(void (*take)(void *context, const char *name), void *context);

#endif
