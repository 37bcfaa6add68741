/* SPDX-License-Identifier: BSD-2-Clause */
/* Which sshd a login comes through. */
#ifndef HELPER_LOGIN_SSHD_H
#define HELPER_LOGIN_SSHD_H

#include <stdbool.h>

/*
 * Whether the sshd whose program is at PATH (/proc/self/exe) sends PAM_TEXT_INFO to the client at
 * once: OpenSSH 10.3 and newer do, older ones keep it back until the next prompt. The version is read
 * out of the program itself. false where there is none, or the program cannot be read: an old sshd
 * shows a text that stands inside a prompt, and nothing else, so a doubt costs an Enter. A distribution's
 * older version with that change counts as old, too: no version says since which release it is there.
 *
 * Reads the whole program: 1 ms for Debian's 1.2 MB. The answer is not kept: a login is a process of its
 * own, and a file that keeps answers is one more that has to be trusted.
 */
bool sshd_shows_at_once(const char *path);

#endif
