/* SPDX-License-Identifier: BSD-2-Clause */
/* Which greeters stand on a seat of this machine, as systemd-logind says. */
#ifndef HELPER_LOGIN_SEAT_H
#define HELPER_LOGIN_SEAT_H

#include <stdbool.h>

/*
 * Whether logind has a greeter's session with a seat whose X display is DISPLAY (":0"); "": whether it
 * has an active one at all. One that is closing, or a person's own, is none. DIR: logind's directory of
 * sessions, PATH_LOGIND_SESSIONS. false, too, where
 * there is no logind, or DIR is not root's alone to write.
 */
bool seat_has_greeter(const char *dir, const char *display);

#endif
