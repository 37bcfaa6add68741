/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/login/origin.c: each host that is known, as it fills in the PAM items, and where it is then
 * taken to be; consoles; and which addresses the networks of `remote` admit. What is garbage, on
 * either side, admits nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "helper/login/origin.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	USER = 1000,
	RANDOM_SETTINGS = 200000
};

/* ---- where ---- */

struct origin_row {
	const char *host;
	const char *rhost, *tty, *ruser, *service;
	uid_t ruid;
	enum origin origin;
};

static const struct origin_row origin_rows[] = {
	{ "sshd", "192.0.2.7", "ssh", NULL, "sshd", 0, ORIGIN_REMOTE },
	{ "sshd, IPv6", "2001:db8::7", "ssh", NULL, "sshd", 0, ORIGIN_REMOTE },
	{ "sshd, UseDNS", "client.example.org", "ssh", NULL, "sshd", 0, ORIGIN_REMOTE },
	{ "sshd from this machine", "127.0.0.1", "ssh", NULL, "sshd", 0, ORIGIN_REMOTE },
	{ "sshd, UseDNS, from this machine", "localhost", "ssh", NULL, "sshd", 0, ORIGIN_REMOTE },
	{ "sshd on a pipe", "UNKNOWN", "ssh", NULL, "sshd", 0, ORIGIN_REMOTE },
	{ "sshd without a name", "", "ssh", NULL, "sshd", 0, ORIGIN_REMOTE },
	{ "sshd as a user", "192.0.2.7", "ssh", NULL, "sshd", USER, ORIGIN_REMOTE },
	{ "sshd as a user, no rhost", NULL, "ssh", NULL, "sshd", USER, ORIGIN_REMOTE },
	{ "login", NULL, "tty1", NULL, "login", 0, ORIGIN_SEAT },
	{ "login, device's path", NULL, "/dev/tty1", NULL, "login", 0, ORIGIN_SEAT },
	{ "login, items empty", "", "/dev/tty6", "", "login", 0, ORIGIN_SEAT },
	{ "login on a serial line", NULL, "/dev/ttyS0", NULL, "login", 0, ORIGIN_SEAT },
	{ "login on a local name", "localhost", "tty1", NULL, "login", 0, ORIGIN_SEAT },
	{ "login for telnetd", "192.0.2.7", "pts/0", NULL, "remote", 0, ORIGIN_REMOTE },
	{ "login for telnetd, console", "client", "tty1", NULL, "login", 0, ORIGIN_REMOTE },
	{ "login on a terminal of nobody's", NULL, "/dev/pts/3", NULL, "login", 0, ORIGIN_REMOTE },
	{ "su", NULL, "/dev/pts/1", "alice", "su", USER, ORIGIN_SESSION },
	{ "su on a console", NULL, "/dev/tty1", "alice", "su", USER, ORIGIN_SESSION },
	{ "su -l", NULL, "pts/1", "alice", "su-l", USER, ORIGIN_SESSION },
	{ "su by root", NULL, "/dev/pts/1", "root", "su", 0, ORIGIN_SESSION },
	{ "su by root on a console", NULL, "/dev/tty1", "root", "su", 0, ORIGIN_SESSION },
	{ "su without a terminal", NULL, NULL, "alice", "su", USER, ORIGIN_SESSION },
	{ "sudo", NULL, "/dev/pts/1", "alice", "sudo", USER, ORIGIN_SESSION },
	{ "sudo with a host", "localhost", "/dev/pts/1", "alice", "sudo", USER, ORIGIN_SESSION },
	{ "sudo with a far host", "client", "/dev/pts/1", "alice", "sudo", USER, ORIGIN_REMOTE },
	{ "vlock", NULL, "/dev/tty2", NULL, "vlock", USER, ORIGIN_SESSION },
	{ "pamtester by a user", NULL, NULL, NULL, "login", USER, ORIGIN_SESSION },
	{ "pamtester by root", NULL, NULL, NULL, "login", 0, ORIGIN_REMOTE },
	{ "pamtester by root, -I tty", NULL, "tty1", NULL, "login", 0, ORIGIN_SEAT },
	{ "pamtester by root, -I rhost", "192.0.2.7", "tty1", NULL, "x", 0, ORIGIN_REMOTE },
	{ "i3lock", NULL, NULL, NULL, "i3lock", USER, ORIGIN_SESSION },
	{ "swaylock", NULL, NULL, NULL, "swaylock", USER, ORIGIN_SESSION },
	{ "xscreensaver", NULL, ":0.0", NULL, "xscreensaver", USER, ORIGIN_SESSION },
	{ "xsecurelock", NULL, ":0", NULL, "xsecurelock", USER, ORIGIN_SESSION },
	{ "lightdm", NULL, ":0", NULL, "lightdm", 0, ORIGIN_SEAT },
	{ "lightdm for XDMCP", "192.0.2.9", "192.0.2.9:0", NULL, "lightdm", 0, ORIGIN_REMOTE },
	{ "lightdm for XDMCP, no rhost", NULL, "192.0.2.9:9", NULL, "lightdm", 0, ORIGIN_REMOTE },
	{ "lightdm for XDMCP, IPv6", NULL, "2001:db8::9:0", NULL, "lightdm", 0, ORIGIN_REMOTE },
	{ "lightdm for XDMCP, a name", NULL, "terminal:0", NULL, "lightdm", 0, ORIGIN_REMOTE },
	{ "lightdm for XDMCP, itself", NULL, "localhost:0", NULL, "lightdm", 0, ORIGIN_REMOTE },
	{ "xdm for XDMCP", NULL, "192.0.2.9:0.0", NULL, "xdm", 0, ORIGIN_REMOTE },
	{ "lightdm, a screen", NULL, ":0.1", NULL, "lightdm", 0, ORIGIN_SEAT },
	{ "lightdm, no number", NULL, ":", NULL, "lightdm", 0, ORIGIN_REMOTE },
	{ "lightdm, an IPv6 address alone", NULL, "::1", NULL, "lightdm", 0, ORIGIN_REMOTE },
	{ "lightdm, more behind", NULL, ":0x", NULL, "lightdm", 0, ORIGIN_REMOTE },
	{ "greetd on a pseudo terminal", NULL, "pts/3", NULL, "greetd", 0, ORIGIN_REMOTE },
	{ "greetd", NULL, NULL, NULL, "greetd", 0, ORIGIN_SEAT },
	{ "greetd, vt", NULL, "/dev/tty7", NULL, "greetd", 0, ORIGIN_SEAT },
	{ "SDDM", NULL, NULL, NULL, "sddm", 0, ORIGIN_SEAT },
	{ "GDM without a VT", NULL, NULL, NULL, "gdm-password", 0, ORIGIN_SEAT },
	{ "GDM for RDP", "0.0.0.0", NULL, NULL, "gdm-password", 0, ORIGIN_REMOTE },
	{ "GDM for a name", "client", NULL, NULL, "gdm-switchable-auth", 0, ORIGIN_REMOTE },
	{ "GDM", NULL, "/dev/tty1", NULL, "gdm-password", 0, ORIGIN_SEAT },
	{ "cockpit", "::ffff:192.0.2.7", NULL, NULL, "cockpit", 0, ORIGIN_REMOTE },
	{ "cockpit, no rhost", NULL, NULL, NULL, "cockpit", 0, ORIGIN_REMOTE },
	{ "xrdp", NULL, ":10", NULL, "xrdp-sesman", 0, ORIGIN_REMOTE },
	{ "xrdp with a name", NULL, "xrdp-sesman", NULL, "xrdp-sesman", 0, ORIGIN_REMOTE },
	{ "cron", NULL, "cron", NULL, "cron", 0, ORIGIN_REMOTE },
	{ "atd", NULL, NULL, NULL, "atd", 0, ORIGIN_REMOTE },
	{ "vsftpd", "192.0.2.7", "ftp", "alice", "vsftpd", 0, ORIGIN_REMOTE },
	{ "a ftp daemon that loses the address", NULL, "ftp", "alice", "vsftpd", 0, ORIGIN_REMOTE },
	{ "proftpd that loses the address", "", "/dev/ftpd123", "alice", "ftp", 0, ORIGIN_REMOTE },
	{ "a daemon of root's with a name", NULL, NULL, "alice", "imap", 0, ORIGIN_REMOTE },
	{ "dovecot", "192.0.2.7", "dovecot", NULL, "dovecot", 0, ORIGIN_REMOTE },
	{ "dovecot for this machine", "localhost", "dovecot", NULL, "dovecot", 0, ORIGIN_REMOTE },
	{ "polkit", NULL, NULL, NULL, "polkit-1", USER, ORIGIN_SESSION },
	{ "doas", NULL, "/dev/pts/2", "alice", "doas", USER, ORIGIN_SESSION },
	{ "pwauth of a web server", NULL, NULL, NULL, "pwauth", 33, ORIGIN_REMOTE },
	{ "squid's basic_pam_auth", "", "", "", "squid", 13, ORIGIN_REMOTE },
	{ "su by a daemon", NULL, NULL, "www-data", "su", 33, ORIGIN_SESSION },
	{ "a daemon's shell", NULL, "pts/1", NULL, "su", 33, ORIGIN_SESSION },
	{ "agetty on a far console server", "192.0.2.8", "ttyS0", NULL, "login", 0, ORIGIN_REMOTE },
	{ "a console of a virtual machine", NULL, "hvc0", NULL, "login", 0, ORIGIN_REMOTE },
	{ "a modem on USB", NULL, "ttyUSB0", NULL, "login", 0, ORIGIN_REMOTE },
	/* near in nothing but spelling */
	{ "greeter's name in front", NULL, NULL, NULL, "lightdm-autologin", 0, ORIGIN_REMOTE },
	{ "greeter's name in capitals", NULL, NULL, NULL, "LightDM", 0, ORIGIN_REMOTE },
	{ "greeter's name behind", NULL, NULL, NULL, "mylightdm", 0, ORIGIN_REMOTE },
	{ "localhost in capitals", "LOCALHOST", "tty1", NULL, "login", 0, ORIGIN_REMOTE },
	{ "localhost with a domain", "localhost.evil.example", "tty1", NULL, "x", 0,
	  ORIGIN_REMOTE },
	{ "localhost with a blank", "localhost ", "tty1", NULL, "x", 0, ORIGIN_REMOTE },
	{ "its address", "127.0.0.1", "tty1", NULL, "login", 0, ORIGIN_REMOTE },
	{ "its other address", "::1", "tty1", NULL, "login", 0, ORIGIN_REMOTE },
	{ "no items at all", NULL, NULL, NULL, NULL, 0, ORIGIN_REMOTE },
	{ "empty items", "", "", "", "", 0, ORIGIN_REMOTE },
	{ "nobody's uid", NULL, "tty1", NULL, "login", (uid_t)-1, ORIGIN_SESSION },
};

/* Hosts that do not run as root: whether the account that is asked for is their own user's. */
static const struct {
	struct origin_row row;
	uid_t euid;
	bool own;
} uid_rows[] = {
	{ { "a daemon with a uid of its own", NULL, NULL, NULL, "web", 33, ORIGIN_REMOTE },
	  33,
	  false },
	{ { "one that sets names", NULL, "pts/0", "alice", "web", 33, ORIGIN_REMOTE }, 33, false },
	{ { "one at a console", NULL, "tty1", NULL, "web", 33, ORIGIN_SEAT }, 33, false },
	{ { "i3lock", NULL, NULL, NULL, "i3lock", USER, ORIGIN_SESSION }, USER, true },
	{ { "xscreensaver", NULL, ":0.0", NULL, "xscreensaver", USER, ORIGIN_SESSION },
	  USER,
	  true },
	{ { "a locker, for another", NULL, ":0", NULL, "i3lock", USER, ORIGIN_REMOTE },
	  USER,
	  false },
};

static enum origin origin_of(const struct origin_row *row, uid_t euid, bool own, bool at_seat)
{
	struct origin_facts facts = { .rhost = row->rhost,
				      .tty = row->tty,
				      .ruser = row->ruser,
				      .service = row->service,
				      .ruid = row->ruid,
				      .euid = euid,
				      .own = own,
				      .at_seat = at_seat };

	return origin_find(&facts);
}

static void origin_check(const struct origin_row *row, uid_t euid, bool own)
{
	enum origin origin = origin_of(row, euid, own, true);

	if (origin != row->origin)
		fail_msg("%s: %s", row->host, origin_name(origin));
}

static void test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(origin_rows); i++)
		origin_check(&origin_rows[i], 0, false);
	for (size_t i = 0; i < COUNT(uid_rows); i++)
		origin_check(&uid_rows[i].row, uid_rows[i].euid, uid_rows[i].own);
}

/* Without a word of its own or of logind's no greeter is at a seat, whatever its display is called. */
static void test_greeters_without_a_seat(void **state)
{
	size_t greeters = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(origin_rows); i++) {
		const struct origin_row *row = &origin_rows[i];

		if (!origin_is_greeter(row->service) || origin_is_console(row->tty))
			continue;
		greeters++;
		if (origin_of(row, 0, false, false) != ORIGIN_REMOTE)
			fail_msg("%s: near", row->host);
	}
	assert_true(greeters > 10);
}

static void test_place_names(void **state)
{
	(void)state;
	assert_string_equal(origin_name(ORIGIN_REMOTE), "remote");
	assert_string_equal(origin_name(ORIGIN_SESSION), "session");
	assert_string_equal(origin_name(ORIGIN_SEAT), "seat");
	assert_string_equal(origin_name((enum origin)99), "remote");
	assert_int_equal(ORIGIN_REMOTE, 0); /* what a place is before it is known */
}

static void test_consoles(void **state)
{
	static const struct {
		const char *tty;
		bool console;
	} rows[] = {
		{ "tty0", true },
		{ "tty1", true },
		{ "tty63", true },
		{ "/dev/tty1", true },
		{ "ttyS0", true },
		{ "/dev/ttyS12", true },
		{ "console", true },
		{ "/dev/console", true },
		{ NULL, false },
		{ "", false },
		{ "tty", false },
		{ "/dev/tty", false },
		{ "/dev/", false },
		{ "ttyS", false },
		{ "/dev/ttyS", false },
		{ "tty1a", false },
		{ "tty1 ", false },
		{ " tty1", false },
		{ "tty1/../pts/0", false },
		{ "tty-1", false },
		{ "ttys0", false },
		{ "TTY1", false },
		{ "pts/1", false },
		{ "/dev/pts/1", false },
		{ "ssh", false },
		{ ":0", false },
		{ "ttyp0", false },
		{ "/dev//dev/tty1", false },
		{ "/dev//tty1", false },
		{ "/tmp/dev/tty1", false },
		{ "dev/tty1", false },
		{ "consoles", false },
		{ "ttySS0", false },
		{ "tty\n1", false },
		{ "tty1\n", false },
		{ "ttyUSB0", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (origin_is_console(rows[i].tty) != rows[i].console)
			fail_msg("%s", rows[i].tty ? rows[i].tty : "NULL");
}

/* ---- the address ---- */

struct address_row {
	const char *rhost, *ssh_connection;
	const char *address; /* NULL: none */
};

static const struct address_row address_rows[] = {
	{ "192.0.2.7", NULL, "192.0.2.7" },
	{ "2001:db8::7", NULL, "2001:db8::7" },
	{ "::ffff:192.0.2.7", NULL, "::ffff:192.0.2.7" },
	{ "192.0.2.7", "192.0.2.8 50000 192.0.2.1 22", "192.0.2.7" },
	{ "client.example.org", "192.0.2.8 50000 192.0.2.1 22", "192.0.2.8" },
	{ "client.example.org", "2001:db8::8 50000 2001:db8::1 22", "2001:db8::8" },
	{ "", "192.0.2.8 50000 192.0.2.1 22", "192.0.2.8" },
	{ NULL, "192.0.2.8", "192.0.2.8" },
	{ NULL, NULL, NULL },
	{ "", "", NULL },
	{ "client.example.org", NULL, NULL },
	{ "client.example.org", "client.example.org 1 2 3", NULL },
	{ NULL, " 192.0.2.8 50000 192.0.2.1 22", NULL },
	{ NULL, "192.0.2.8\t50000", NULL },
	{ NULL, "192.0.2.8:50000", NULL },
	{ "192.0.2", NULL, NULL },
	{ "192.0.2.7.", NULL, NULL },
	{ "192.0.2.256", NULL, NULL },
	{ "0300.0.2.7", NULL, NULL },
	{ "0xc0.0.2.7", NULL, NULL },
	{ "3221225991", NULL, NULL },
	{ "[2001:db8::7]", NULL, NULL },
	{ "2001:db8::7::", NULL, NULL },
	{ "192.0.2.7/24", NULL, NULL },
	{ "192.0.2.7\n", NULL, NULL },
	{ "192.0.2.7.evil.example", NULL, NULL },
	{ "fe80::1%eth0", NULL, "fe80::1" },
	{ NULL, "fe80::1%eth0 50000 fe80::2%eth0 22", "fe80::1" },
	{ "192.0.2.7%eth0", NULL, NULL },
	{ "%eth0", NULL, NULL },
	{ "%:", NULL, NULL },
};

static void address_check(const struct address_row *row, size_t i)
{
	struct origin_facts facts = { .rhost = row->rhost,
				      .ssh_connection = row->ssh_connection,
				      .tty = "ssh" };
	char out[64] = "old";
	bool known = origin_address(&facts, out, sizeof(out));

	if (known != (row->address != NULL) || strcmp(out, row->address ? row->address : "") != 0)
		fail_msg("row %zu: %d \"%s\"", i, known, out);
	/* another daemon's may be what the client's own name server says */
	facts.tty = i % 2 ? "" : "pts/1";
	assert_false(origin_address(&facts, out, sizeof(out)));
	assert_string_equal(out, "");
}

static void test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(address_rows); i++)
		address_check(&address_rows[i], i);
}

/* Only SSH_CONNECTION has fields: a remote name with a blank in it is no address. */
static void test_address_with_a_tail(void **state)
{
	static const struct address_row rows[] = {
		{ "192.0.2.7 evil.example", NULL, NULL },
		{ "192.0.2.7 evil.example", "192.0.2.8 50000 192.0.2.1 22", "192.0.2.8" },
		{ "192.0.2.7 ", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		address_check(&rows[i], i);
}

/* What does not fit is no address; nothing is written behind the end. */
static void test_address_sizes(void **state)
{
	struct origin_facts facts = { .rhost = "192.0.2.123", .tty = "ssh" };
	char *out;

	(void)state;
	for (size_t size = 1; size < 20; size++) {
		out = malloc(size);
		assert_non_null(out);
		assert_int_equal(origin_address(&facts, out, size), size >= 12);
		assert_string_equal(out, size >= 12 ? "192.0.2.123" : "");
		free(out);
	}
}

/* One source: an IPv4 address, or 64 bits of an IPv6 one. */
static void test_network_of_a_source(void **state)
{
	static const struct address_row rows[] = {
		{ "192.0.2.7", NULL, "192.0.2.7" },
		{ "::ffff:192.0.2.7", NULL, "192.0.2.7" },
		{ "2001:db8:0:1:2:3:4:5", NULL, "2001:db8:0:1::/64" },
		{ "2001:DB8:0:1::", NULL, "2001:db8:0:1::/64" },
		{ "::1", NULL, "::/64" },
		{ "client.example", "2001:db8::8 50000 2001:db8::1 22", "2001:db8::/64" },
		{ "client.example", NULL, NULL },
		{ "fe80::1%eth0", NULL, "fe80::/64" },
		{ "fe80::dead:beef%eth0", NULL, "fe80::/64" },
		{ NULL, NULL, NULL },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct origin_facts facts = { .rhost = rows[i].rhost,
					      .ssh_connection = rows[i].ssh_connection };
		bool known = origin_network(&facts, out, sizeof(out));

		if (known != (rows[i].address != NULL) ||
		    strcmp(out, rows[i].address ? rows[i].address : "") != 0)
			fail_msg("row %zu: \"%s\"", i, out);
	}
}

/* ---- what has been proven before us ---- */

static void test_proven(void **state)
{
	static const struct {
		const char *info, *methods;
		bool proven;
	} rows[] = {
		{ "publickey ssh-ed25519 AAAA\n", "publickey", true },
		{ "publickey ssh-ed25519 AAAA", "publickey", true },
		{ "publickey\n", "publickey", true },
		{ "publickey ssh-ed25519 AAAA\n", "hostbased publickey", true },
		{ "hostbased ssh-rsa AAAA\npublickey ssh-ed25519 AAAA\n", "publickey", true },
		{ "hostbased ssh-rsa AAAA\n", "publickey", false },
		{ "gssapi-with-mic alice@EXAMPLE.ORG\n", " gssapi-with-mic ", true },
		{ "keyboard-interactive/pam\n", "publickey", false },
		{ "keyboard-interactive/pam\n", "keyboard-interactive", true },
		{ "password\n", "publickey", false },
		{ "none\n", "publickey", false },
		/* what looks like a method but is what it was given */
		{ "hostbased publickey\n", "publickey", false },
		{ "hostbased ssh-rsa publickey\n", "publickey", false },
		{ "gssapi-with-mic publickey@EXAMPLE.ORG\n", "publickey", false },
		{ "publickey2 ssh-ed25519\n", "publickey", false },
		{ "publicke\n", "publickey", false },
		{ "Publickey x\n", "publickey", false },
		{ " publickey x\n", "publickey", false },
		{ "\tpublickey x\n", "publickey", false },
		{ "\n\npublickey x\n", "publickey", true },
		{ "\n", "publickey", false },
		{ "", "publickey", false },
		{ NULL, "publickey", false },
		{ "publickey x\n", "", false },
		{ "\n", "", false },
		{ "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct origin_facts facts = { .tty = "ssh", .ssh_auth_info = rows[i].info };

		if (origin_proven(&facts, rows[i].methods) != rows[i].proven)
			fail_msg("row %zu: \"%s\" for \"%s\"", i,
				 rows[i].info ? rows[i].info : "NULL", rows[i].methods);
		/* sshd alone is believed to have written it */
		facts.tty = "pts/0";
		assert_false(origin_proven(&facts, rows[i].methods));
		facts.tty = NULL;
		assert_false(origin_proven(&facts, rows[i].methods));
	}
}

/* ---- networks ---- */

struct remote_row {
	const char *setting;
	const char *address;
	bool ok;
};

static const struct remote_row remote_rows[] = {
	{ "allow", "192.0.2.7", true },
	{ "allow", "2001:db8::7", true },
	{ "allow", "", true },
	{ "deny", "192.0.2.7", false },
	{ "deny", "", false },
	{ "", "192.0.2.7", false },
	{ "Allow", "192.0.2.7", false },
	{ "allow 192.0.2.0/24", "198.51.100.1", false },
	{ "deny allow", "192.0.2.7", false },
	{ "allowed", "192.0.2.7", false },
	/* IPv4 */
	{ "192.0.2.0/24", "192.0.2.0", true },
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.0/24", "192.0.1.255", false },
	{ "192.0.2.99/24", "192.0.2.7", true },
	{ "192.0.2.7", "192.0.2.7", true },
	{ "192.0.2.7", "192.0.2.6", false },
	{ "192.0.2.7/32", "192.0.2.7", true },
	{ "192.0.2.7/32", "192.0.2.8", false },
	{ "192.0.2.6/31", "192.0.2.7", true },
	{ "192.0.2.6/31", "192.0.2.8", false },
	{ "10.0.0.0/8", "10.255.255.255", true },
	{ "10.0.0.0/8", "11.0.0.0", false },
	{ "10.128.0.0/9", "10.127.255.255", false },
	{ "10.128.0.0/9", "10.128.0.0", true },
	{ "172.16.0.0/12", "172.31.255.255", true },
	{ "172.16.0.0/12", "172.32.0.0", false },
	{ "128.0.0.0/1", "127.255.255.255", false },
	{ "128.0.0.0/1", "255.0.0.0", true },
	{ "0.0.0.0/0", "203.0.113.9", true },
	{ "0.0.0.0/0", "2001:db8::7", false },
	{ "0.0.0.0/0", "::1", false },
	/* IPv6 */
	{ "2001:db8::/32", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true },
	{ "2001:db8::/32", "2001:db9::", false },
	{ "2001:db8::/33", "2001:db8:8000::", false },
	{ "2001:db8::7", "2001:DB8:0:0:0:0:0:7", true },
	{ "2001:db8::7/128", "2001:db8::7", true },
	{ "2001:db8::7/128", "2001:db8::6", false },
	{ "2001:db8::6/127", "2001:db8::7", true },
	{ "fe80::/10", "febf::1", true },
	{ "fe80::/10", "fec0::1", false },
	{ "::/0", "2001:db8::7", true },
	{ "2001:db8::/32", "192.0.2.7", false },
	/* mapped IPv4 is IPv4 */
	{ "192.0.2.0/24", "::ffff:192.0.2.7", true },
	{ "192.0.2.0/24", "::FFFF:c000:0207", true },
	{ "192.0.2.0/24", "::ffff:192.0.3.7", false },
	{ "::ffff:192.0.2.0/120", "192.0.2.7", true },
	{ "::ffff:192.0.2.0/120", "192.0.3.7", false },
	{ "::ffff:192.0.2.7", "192.0.2.7", true },
	{ "::ffff:0:0/96", "203.0.113.9", true },
	{ "192.0.2.0/24", "::192.0.2.7", false },
	{ "192.0.2.0/24", "64:ff9b::192.0.2.7", false },
	/* lists */
	{ "192.0.2.0/24 198.51.100.0/24", "198.51.100.7", true },
	{ "192.0.2.0/24,198.51.100.0/24", "198.51.100.7", true },
	{ " ,\t192.0.2.0/24 , 2001:db8::/32,", "2001:db8::7", true },
	{ "192.0.2.0/24, 198.51.100.0/24", "203.0.113.9", false },
	{ "deny 192.0.2.0/24", "198.51.100.7", false },
	/* addresses that are none */
	{ "0.0.0.0/0", "", false },
	{ "0.0.0.0/0 ::/0", "", false },
	{ "0.0.0.0/0 ::/0", "client.example.org", false },
	{ "0.0.0.0/0 ::/0", "192.0.2.7 ", false },
	{ "0.0.0.0/0 ::/0", "192.0.2.7/32", false },
	{ "0.0.0.0/0 ::/0", "fe80::1%eth0", false },
	{ "0.0.0.0/0 ::/0", "allow", false },
	{ "0.0.0.0/0 ::/0", "0x7f.1", false },
	/* networks that are none */
	{ "192.0.2.0/33", "192.0.2.0", false },
	{ "192.0.2.0/128", "192.0.2.0", false },
	{ "192.0.2.0/-1", "192.0.2.0", false },
	{ "192.0.2.0/", "192.0.2.0", false },
	{ "192.0.2.0/0x8", "192.0.2.0", false },
	{ "192.0.2.0/ 24", "198.51.100.7", false },
	{ "192.0.2.0/+24", "192.0.2.0", false },
	{ "192.0.2.0/24/24", "192.0.2.0", false },
	{ "192.0.2.0/4294967296", "203.0.113.9", false },
	{ "192.0.2.0/255.255.255.0", "192.0.2.7", false },
	{ "192.0.2", "192.0.2.0", false },
	{ "192.0.2.*", "192.0.2.0", false },
	{ "/0", "192.0.2.0", false },
	{ "2001:db8::/129", "2001:db8::", false },
	{ "2001:db8::/999", "2001:db8::", false },
	{ "[2001:db8::]/32", "2001:db8::", false },
	{ "example.org", "192.0.2.7", false },
	{ "!192.0.2.7", "192.0.2.8", false },
	{ "192.0.2.0-192.0.2.255", "192.0.2.7", false },
	{ "192.0.2.0/24;", "192.0.2.7", false },
};

static void test_remote(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(remote_rows); i++) {
		const struct remote_row *row = &remote_rows[i];

		if (origin_remote_ok(row->setting, row->address) != row->ok)
			fail_msg("remote = %s, from %s", row->setting, row->address);
	}
}

/* A network of IPv6 says nothing about IPv4, however wide it is. */
static void test_remote_families(void **state)
{
	static const char *const settings[] = { "::/0", "::/1", "::/64", "::/80", "::/81" };
	static const char *const from[] = { "192.0.2.7", "::ffff:192.0.2.7" };

	(void)state;
	for (size_t i = 0; i < COUNT(settings); i++)
		for (size_t k = 0; k < COUNT(from); k++)
			if (origin_remote_ok(settings[i], from[k]))
				fail_msg("remote = %s, from %s", settings[i], from[k]);
}

static void test_remote_wrong(void **state)
{
	static const struct {
		const char *setting;
		int at; /* of the wrong word, -1: none */
	} rows[] = {
		{ "allow", -1 },
		{ "deny", -1 },
		{ "192.0.2.0/24", -1 },
		{ "192.0.2.0/24, 2001:db8::/32 ::1", -1 },
		{ "::ffff:192.0.2.0/120", -1 },
		{ "::ffff:192.0.2.0/96", -1 },
		{ "::ffff:192.0.2.0/95", 0 },
		{ "::ffff:192.0.2.0/24", 0 },
		{ "192.0.2.0/24 invalid_response", 13 },
		{ "invalid_response 192.0.2.0/24", 0 },
		{ "192.0.2.0/24 allow", 13 },
		{ "192.0.2.0/24,deny", 13 },
		{ "allow deny", 0 },
		{ "Allow", 0 },
		{ "192.0.2.0/33", 0 },
		{ "192.0.2.0/", 0 },
		{ "192.0.2.0/1a", 0 },
		{ "2001:db8::/129", 0 },
		{ "::ffff:192.0.2.0/129", 0 },
		{ "  2001:db8::/32  host.example", 17 },
		{ "1111111111222222222233333333334444444444555555555566666666667777", 0 },
		{ "111111111122222222223333333333444444444455555555556666666666777", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *wrong = origin_remote_wrong(rows[i].setting);

		if ((wrong ? wrong - rows[i].setting : -1) != rows[i].at)
			fail_msg("%s: \"%s\"", rows[i].setting, wrong ? wrong : "nothing");
	}
}

/* ---- random settings ---- */

static uint64_t random_state = 88172645463325252;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % limit;
}

/* Fragments of networks, put together blindly, in memory of exactly their size. */
static char *random_text(size_t pieces)
{
	static const char *const piece[] = { "192.0.2.", "0",	 "/",  "24", "::", "ffff:", " ",
					     ",",	 "deny", "32", "-",  ".",  "255",   "x",
					     "128",	 "\xff", "%",  "[",  "]",  "2001:", "\t" };
	char text[128] = "";

	for (size_t i = 0; i < pieces; i++)
		strcat(text, piece[random_below(COUNT(piece))]);
	return strdup(text);
}

/* A setting with one wrong word in it is refused whole: so a right part of it never matters. */
static void test_remote_random(void **state)
{
	size_t right = 0, admitted = 0;

	(void)state;
	for (int i = 0; i < RANDOM_SETTINGS; i++) {
		char *setting = random_text(random_below(8));
		char *address = random_text(random_below(5));
		const char *wrong = origin_remote_wrong(setting);
		bool ok = origin_remote_ok(setting, address);

		if (wrong && wrong != setting &&
		    (wrong < setting || wrong >= setting + strlen(setting)))
			fail_msg("%s: outside", setting);
		if (ok && strpbrk(address, " ,/%[]x-"))
			fail_msg("remote = %s admits %s", setting, address);
		if (origin_remote_ok(setting, ""))
			fail_msg("remote = %s admits from nowhere", setting);
		right += !wrong;
		admitted += ok;
		free(setting);
		free(address);
	}
	assert_true(right > 0);
	assert_true(admitted > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_greeters_without_a_seat),
		cmocka_unit_test(test_place_names),
		cmocka_unit_test(test_consoles),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_address_with_a_tail),
		cmocka_unit_test(test_address_sizes),
		cmocka_unit_test(test_network_of_a_source),
		cmocka_unit_test(test_proven),
		cmocka_unit_test(test_remote),
		cmocka_unit_test(test_remote_families),
		cmocka_unit_test(test_remote_wrong),
		cmocka_unit_test(test_remote_random),
	};

	return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
