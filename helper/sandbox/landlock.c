/* SPDX-License-Identifier: BSD-2-Clause */
/* Landlock: see landlock.h. Must never open more than it is asked for. */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH      1
#define RULE_NET_PORT	       2
#define FS_OF_ABI_1	       ((1ULL << 13) - 1)
#define FS_REFER	       (1ULL << 13)
#define FS_IOCTL_DEV	       (1ULL << 15)

struct ruleset_attr {
	uint64_t fs, net, scoped; /* a kernel that knows fewer takes zeros for the rest */
};

struct path_attr {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

struct port_attr {
	uint64_t access, port;
};

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return abi > 0 ? (int)abi : 0;
}

int landlock_ruleset(int abi, uint64_t scopes)
{
	struct ruleset_attr attr = { .fs = FS_OF_ABI_1 };

	if (abi < LANDLOCK_ABI_FILES) {
		errno = EOPNOTSUPP;
		return -1;
	}
	attr.fs |= abi >= LANDLOCK_ABI_REFER ? FS_REFER : 0;
	attr.fs |= abi >= LANDLOCK_ABI_TRUNCATE ? LANDLOCK_TRUNCATE : 0;
	attr.fs |= abi >= LANDLOCK_ABI_IOCTL ? FS_IOCTL_DEV : 0;
	attr.net = abi >= LANDLOCK_ABI_TCP ? LANDLOCK_BIND_TCP | LANDLOCK_CONNECT_TCP : 0;
	attr.scoped = abi >= LANDLOCK_ABI_SCOPES ? scopes : 0;
	return (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
}

bool landlock_open_path(int ruleset, int abi, const char *path, uint64_t access)
{
	struct path_attr attr = { .access = access };
	bool ok;

	if (abi < LANDLOCK_ABI_TRUNCATE)
		attr.access &= ~LANDLOCK_TRUNCATE;
	attr.fd = open(path, O_PATH | O_CLOEXEC);
	if (attr.fd < 0)
		return false;
	ok = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0) == 0;
	close(attr.fd);
	return ok;
}

bool landlock_open_port(int ruleset, int abi, uint16_t port)
{
	struct port_attr attr = { .access = LANDLOCK_CONNECT_TCP, .port = port };

	return abi < LANDLOCK_ABI_TCP ||
	       syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &attr, 0) == 0;
}

bool landlock_restrict(int ruleset)
{
	return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
}
