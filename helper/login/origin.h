/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a login happens, told from what the host says. Pure.
 */
#ifndef HELPER_LOGIN_ORIGIN_H
#define HELPER_LOGIN_ORIGIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/host.h"

/* PAM items and ids of the host; strings may be NULL or "". */
struct origin_facts {
	const char *rhost;	    /* PAM_RHOST */
	const char *tty;	    /* PAM_TTY */
	const char *ruser;	    /* PAM_RUSER */
	const char *service;	    /* PAM_SERVICE */
	const char *ssh_connection; /* SSH_CONNECTION of the PAM environment */
	const char *ssh_auth_info;  /* SSH_AUTH_INFO_0, likewise */
	uid_t ruid, euid;
	bool own;     /* the wanted account is the real user's */
	bool at_seat; /* the greeter of SERVICE stands on a seat: it, or logind, says so */
};

enum origin origin_find(const struct origin_facts *facts);
const char *origin_name(enum origin origin);

/* true for the PAM service of a display manager. */
bool origin_is_greeter(const char *service);

/* sshd itself says where its client is; other daemons may have it from that client's name server. */
bool origin_is_ssh(const struct origin_facts *facts);

/* true for those of GDM. */
bool origin_is_gdm(const char *service);

/* true for a virtual or serial console: tty1, /dev/ttyS0, console. */
bool origin_is_console(const char *tty);

/*
 * The literal address that the person comes from, as sshd says it: PAM_RHOST if it is one, without a zone,
 * else the first field of SSH_CONNECTION. false: neither is, or the host is not sshd; OUT is "" then.
 */
bool origin_address(const struct origin_facts *facts, char *out, size_t out_len);

/*
 * Likewise, whatever the host is, but as one source is counted: an IPv4 address (mapped ones, too), or the first 64 bits of
 * an IPv6 one, "2001:db8:0:1::/64".
 */
bool origin_network(const struct origin_facts *facts, char *out, size_t out_len);

/*
 * Whether a method of `require_ssh_method = METHODS` (separated by spaces) has been passed already in
 * this very attempt: sshd says so in SSH_AUTH_INFO_0, a line each ("publickey ssh-ed25519 AAAA...").
 */
bool origin_proven(const struct origin_facts *facts, const char *methods);

/*
 * Whether `remote = SETTING` (deny, allow, or networks separated by spaces or commas) admits a
 * remote login from ADDRESS ("" if unknown). IPv4-mapped IPv6 addresses count as IPv4.
 */
bool origin_remote_ok(const char *setting, const char *address);

/* NULL, or the first word of SETTING that is neither deny, allow nor a network. Not terminated. */
const char *origin_remote_wrong(const char *setting);

#endif
