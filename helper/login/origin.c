/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a login happens: see origin.h. Pure; must never take a doubtful place for a near one.
 */
#include "origin.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/list.h"

enum {
	FIRST_PERSON = 1000, /* uids below are daemons' */
	NOBODY = 65534,	     /* daemons', too */
};

static const char greeters[][8] = {
	"lightdm", "greetd", "sddm", "lxdm", "xdm", "ly",
};

static bool empty(const char *text)
{
	return !text || text[0] == '\0';
}

bool origin_is_console(const char *tty)
{
	if (empty(tty))
		return false;
	if (strncmp(tty, "/dev/", 5) == 0)
		tty += 5;
	if (strcmp(tty, "console") == 0)
		return true;
	if (strncmp(tty, "tty", 3) != 0)
		return false;
	tty += 3;
	if (*tty == 'S')
		tty++;
	return *tty != '\0' && tty[strspn(tty, "0123456789")] == '\0';
}

/* gdm-password, gdm-smartcard, gdm-switchable-auth and whatever else GDM has a service for. */
bool origin_is_gdm(const char *service)
{
	return !empty(service) && strncmp(service, "gdm", 3) == 0 &&
	       (service[3] == '\0' || service[3] == '-');
}

bool origin_is_greeter(const char *service)
{
	if (origin_is_gdm(service))
		return true;
	for (size_t i = 0; !empty(service) && i < sizeof(greeters) / sizeof(*greeters); i++)
		if (strcmp(service, greeters[i]) == 0)
			return true;
	return false;
}

/* A terminal that somebody of this machine has open. */
static bool is_terminal(const char *tty)
{
	if (empty(tty))
		return false;
	return strncmp(tty, "pts/", 4) == 0 || strncmp(tty, "/dev/pts/", 9) == 0 ||
	       origin_is_console(tty);
}

/*
 * su, sudo, a locker: the real user is somebody. Of a daemon of root's PAM_RUSER alone says nothing
 * (ftp daemons set it, too), nor does the uid of a daemon that has one of its own, also where it asks by a
 * program that is setuid root (pwauth, squid's) and names nobody: who asks is behind that daemon.
 */
static bool in_session(const struct origin_facts *facts)
{
	bool named = !empty(facts->ruser) || is_terminal(facts->tty);

	if (facts->ruid != 0)
		return facts->own ||
		       (facts->euid == 0 &&
			((facts->ruid >= FIRST_PERSON && facts->ruid != NOBODY) || named));
	return !empty(facts->ruser) && is_terminal(facts->tty);
}

/* An X server of this machine: ":N" or ":N.SCREEN". What stands in front of the colon is a host. */
static bool is_own_display(const char *tty)
{
	size_t number;

	if (*tty++ != ':')
		return false;
	number = strspn(tty, "0123456789");
	if (number == 0 || (tty[number] != '\0' && tty[number] != '.'))
		return false;
	tty += number;
	return *tty == '\0' || tty[1 + strspn(tty + 1, "0123456789")] == '\0';
}

/*
 * A greeter's name proves no nearness: lightdm serves X terminals by XDMCP and VNC, too, gives no
 * PAM_RHOST, and says where by PAM_TTY alone: "host:N" or ":N" (measured: 1.26, 1.32).
 */
static bool at_greeter(const struct origin_facts *facts)
{
	return origin_is_greeter(facts->service) && facts->at_seat &&
	       (empty(facts->tty) || is_own_display(facts->tty));
}

enum origin origin_find(const struct origin_facts *facts)
{
	bool local_name = empty(facts->rhost) || strcmp(facts->rhost, "localhost") == 0;

	if (!local_name || origin_is_ssh(facts))
		return ORIGIN_REMOTE;
	if (in_session(facts))
		return ORIGIN_SESSION;
	if (origin_is_console(facts->tty) || at_greeter(facts))
		return ORIGIN_SEAT;
	return ORIGIN_REMOTE;
}

const char *origin_name(enum origin origin)
{
	switch (origin) {
	case ORIGIN_SESSION:
		return "session";
	case ORIGIN_SEAT:
		return "seat";
	case ORIGIN_REMOTE:
		break;
	}
	return "remote";
}

/* ---- addresses and networks: 16 bytes, IPv4 as ::ffff:a.b.c.d ---- */

struct address {
	unsigned char bytes[16];
	bool v4;
};

static bool address_read(const char *text, struct address *address)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	memcpy(address->bytes, mapped, sizeof(mapped));
	address->v4 = inet_pton(AF_INET, text, address->bytes + 12) == 1;
	if (address->v4)
		return true;
	if (inet_pton(AF_INET6, text, address->bytes) != 1)
		return false;
	address->v4 = memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
	return true;
}

bool origin_is_ssh(const struct origin_facts *facts)
{
	return !empty(facts->tty) && strcmp(facts->tty, "ssh") == 0;
}

/* TEXT up to LEN as an address, OUT likewise: without the zone of a link-local one, which is this host's word. */
static bool literal_read(const char *text, size_t len, struct address *address, char *out,
			 size_t out_len)
{
	const char *zone = memchr(text, '%', len);

	if (zone && memchr(text, ':', len))
		len = (size_t)(zone - text);
	if (len == 0 || len >= out_len)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return address_read(out, address);
}

static bool literal_find(const struct origin_facts *facts, struct address *address, char *out,
			 size_t out_len)
{
	const char *rhost = facts->rhost, *connection = facts->ssh_connection;

	if (!empty(rhost) && literal_read(rhost, strlen(rhost), address, out, out_len))
		return true;
	if (!empty(connection) &&
	    literal_read(connection, strcspn(connection, " "), address, out, out_len))
		return true;
	out[0] = '\0';
	return false;
}

/*
 * sshd's PAM_RHOST is an address, or a name whose addresses it has looked up and that is none. That of any
 * other daemon may be what the client's own name server says, "192.0.2.1" too.
 */
bool origin_address(const struct origin_facts *facts, char *out, size_t out_len)
{
	struct address address;

	out[0] = '\0';
	return origin_is_ssh(facts) && literal_find(facts, &address, out, out_len);
}

bool origin_network(const struct origin_facts *facts, char *out, size_t out_len)
{
	char text[64];
	struct address address;

	out[0] = '\0';
	if (!literal_find(facts, &address, text, sizeof(text)) ||
	    out_len < INET6_ADDRSTRLEN + sizeof("/64"))
		return false;
	if (address.v4)
		return inet_ntop(AF_INET, address.bytes + 12, out, INET_ADDRSTRLEN) != NULL;
	memset(address.bytes + 8, 0, 8);
	if (!inet_ntop(AF_INET6, address.bytes, out, INET6_ADDRSTRLEN))
		return false;
	memcpy(out + strlen(out), "/64", sizeof("/64"));
	return true;
}

/* A network "address/bits", or an address alone. BITS counts from the front of 128. */
static bool network_read(struct slice word, struct address *network, int *bits)
{
	char copy[64];
	char *slash;
	int most;

	if (!slice_copy(word, copy, sizeof(copy)))
		return false;
	slash = strchr(copy, '/');
	if (slash)
		*slash++ = '\0';
	if (!address_read(copy, network))
		return false;
	most = network->v4 && !strchr(copy, ':') ? 32 : 128;
	*bits = most;
	if (slash) {
		if (*slash == '\0' || strlen(slash) > 3 ||
		    slash[strspn(slash, "0123456789")] != '\0')
			return false;
		*bits = atoi(slash);
	}
	if (*bits > most)
		return false;
	*bits += 128 - most;
	return !network->v4 || *bits >= 96; /* fewer of ::ffff:192.0.2.0 are none of IPv4's own */
}

static bool network_holds(const struct address *network, int bits, const struct address *address)
{
	int whole = bits / 8;
	int mask = 0xff00 >> (bits % 8) & 0xff;

	if (network->v4 != address->v4) /* ::/0 means all of IPv6 */
		return false;
	if (memcmp(network->bytes, address->bytes, (size_t)whole) != 0)
		return false;
	return whole == 16 || ((network->bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

/* The lines of INFO begin with a method, up to a blank or to what kind of it. */
static bool method_passed(const char *info, struct slice method)
{
	for (; *info; info += *info == '\n') {
		if (strcspn(info, " /\n") == method.len &&
		    strncmp(info, method.at, method.len) == 0)
			return true;
		info += strcspn(info, "\n");
	}
	return false;
}

bool origin_proven(const struct origin_facts *facts, const char *methods)
{
	struct slice method;

	/* Anybody else's word in the PAM environment is not sshd's. */
	if (!origin_is_ssh(facts) || empty(facts->ssh_auth_info))
		return false;
	while (list_next(&methods, LIST_BLANKS, &method))
		if (method_passed(facts->ssh_auth_info, method))
			return true;
	return false;
}

bool origin_remote_ok(const char *setting, const char *address)
{
	struct address from, network;
	bool known = address_read(address, &from);
	struct slice word;
	int bits;

	if (strcmp(setting, "allow") == 0)
		return true;
	while (list_next(&setting, LIST_COMMAS, &word))
		if (known && network_read(word, &network, &bits) &&
		    network_holds(&network, bits, &from))
			return true;
	return false;
}

const char *origin_remote_wrong(const char *setting)
{
	const char *list = setting;
	struct address network;
	struct slice word;
	int bits;

	if (strcmp(setting, "allow") == 0 || strcmp(setting, "deny") == 0)
		return NULL;
	if (setting[strspn(setting, LIST_COMMAS)] == '\0')
		return setting; /* no word at all */
	while (list_next(&list, LIST_COMMAS, &word))
		if (!network_read(word, &network, &bits))
			return word.at;
	return NULL;
}
