/* SPDX-License-Identifier: BSD-2-Clause */
/* Where things are, compiled in: nothing of it can be changed by a caller's environment. */
#ifndef COMMON_PATHS_H
#define COMMON_PATHS_H

#if !defined(SYSCONFDIR) || !defined(LIBEXECDIR) || !defined(DATADIR) || !defined(RUNSTATEDIR)
#error "the Makefile defines SYSCONFDIR, LIBEXECDIR, DATADIR and RUNSTATEDIR"
#endif

#define PATH_CONF	    SYSCONFDIR "/security/device_code.conf"
#define PATH_PEOPLE	    SYSCONFDIR "/security/device_code.people"
#define PATH_SITE_PROVIDERS SYSCONFDIR "/security/device_code.providers"
#define PATH_PROVIDERS	    DATADIR "/pam-device-code/providers"
#define PATH_SITE_MESSAGES  SYSCONFDIR "/security/device_code.messages"
#define PATH_MESSAGES	    DATADIR "/pam-device-code/messages"
#define PATH_HELPER	    LIBEXECDIR "/pam-device-code/device-code-helper"
#define PATH_QR		    LIBEXECDIR "/pam-device-code/device-code-qr"
#define PATH_LOGIN	    LIBEXECDIR "/pam-device-code/device-code-login"
#define PATH_PEOPLE_SOCKET  RUNSTATEDIR "/pam-device-code/people.sock" /* of logins that enrol */
#define PATH_LOGIN_SOCKET   RUNSTATEDIR "/pam-device-code/login.sock"  /* of root's hosts */
#define PATH_USER_SOCKET \
	RUNSTATEDIR "/pam-device-code/user.sock" /* of those that run as their user */
/* Likewise, where no confined login can write: the lock of device_code.people, and how many accounts were begun. */
#define PATH_PEOPLE_STATE RUNSTATEDIR "/pam-device-code-people"
/* What is counted, in memory; made when it is missing. */
#define PATH_STATE RUNSTATEDIR "/pam-device-code"

/* logind's own: libsystemd reads the same. */
#define PATH_LOGIND_SESSIONS "/run/systemd/sessions"

/* Root alone: what is kept for sessions, and the tokens that their people may read. */
#define PATH_KEPT    "sessions" /* in PATH_STATE */
#define PATH_REMOVED "removed"	/* likewise */
#define PATH_PLACES  "places"	/* of logins that are pending */
#define PATH_TOKENS  "tokens"

/* The account that both helpers run as when the host is root. */
#define HELPER_USER "_pamdevicecode"

#endif
