/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walls: see sandbox.h. Landlock bounds files and TCP ports, seccomp bounds system calls; each
 * closes what the other cannot see. Must never open anything that is not in one of the two tables
 * below, and never report a wall that does not stand.
 *
 * -DSANDBOX_TELLS_REFUSED (for developers; not in the installed build): a refused system call is
 * named on standard error and to the module's log before the helper ends.
 * -DSANDBOX_FOR_TESTS: sandbox_pretended_abi bounds the Landlock that is used.
 * -DUNLIMITED_FOR_TESTS (sanitizers, coverage, callgrind): no Landlock, no seccomp.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../pam_module/wire.h"

enum {
	PORT_DNS = 53,
	ABI_FILES = 1, /* the Landlock that first knew them */
	ABI_REFER = 2,
	ABI_TRUNCATE = 3,
	ABI_TCP = 4,
	ABI_IOCTL = 5,
	ABI_SCOPES = 6,
};

/* Asked for while it may be asked. */
static struct {
	uid_t uid;
	int abi; /* 0: no Landlock */
} standing;

/* ---- what the module has done, and the process's own ---- */

static bool ids_are_one(void)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;

	return getresuid(&ruid, &euid, &suid) == 0 && getresgid(&rgid, &egid, &sgid) == 0 &&
	       ruid == euid && euid == suid && rgid == egid && egid == sgid && euid != 0 &&
	       egid != 0;
}

static bool limits_stand(void)
{
	static const struct {
		__rlimit_resource_t what;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, 0 },
		{ RLIMIT_NOFILE, WIRE_FDS_MAX },
		{ RLIMIT_AS, WIRE_MEMORY_MAX },
	};
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if (getrlimit(limits[i].what, &limit) != 0 || limit.rlim_cur > limits[i].most ||
		    limit.rlim_max > limits[i].most)
			return false;
	return true;
}

unsigned int sandbox_ground(void)
{
	unsigned int walls = 0;

	standing.uid = geteuid();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (ids_are_one())
		walls |= WALL_UID;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		walls |= WALL_NO_NEW_PRIVS;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
		walls |= WALL_NOT_DUMPABLE;
	if (limits_stand())
		walls |= WALL_RLIMITS;
	return walls;
}

/* ---- Landlock: <linux/landlock.h> as of ABI 7; Debian 12's own header knows less ---- */

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH      1
#define RULE_NET_PORT	       2
#define FS_READ_FILE	       (1ULL << 2)
#define FS_OF_ABI_1	       ((1ULL << 13) - 1)
#define FS_REFER	       (1ULL << 13)
#define FS_TRUNCATE	       (1ULL << 14)
#define FS_IOCTL_DEV	       (1ULL << 15)
#define NET_BIND_TCP	       (1ULL << 0)
#define NET_CONNECT_TCP	       (1ULL << 1)
#define SCOPE_ABSTRACT	       (1ULL << 0)
#define SCOPE_SIGNAL	       (1ULL << 1)

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

/* Files that name service reads, and what they may be links to. None of them need be there. */
static const char *const resolver_files[] = {
	"/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf",
	"/etc/host.conf",   "/etc/gai.conf", "/etc/services",
};

/* Where distributions have the certificates, and what those are links to. */
static const char *const ca_paths[] = {
	"/etc/ssl/certs",
	"/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates",
	"/etc/pki/ca-trust/extracted",
	"/etc/pki/tls/certs",
	"/etc/ca-certificates/extracted",
	"/var/lib/ca-certificates",
};

#ifdef SANDBOX_FOR_TESTS
int sandbox_pretended_abi = INT_MAX;
#endif

static int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

#ifdef UNLIMITED_FOR_TESTS
	abi = 0;
#endif
#ifdef SANDBOX_FOR_TESTS
	if (abi > sandbox_pretended_abi)
		abi = sandbox_pretended_abi;
#endif
	return abi > 0 ? (int)abi : 0;
}

static bool path_open_up(int ruleset, const char *path)
{
	struct path_attr attr = { .access = FS_READ_FILE };
	bool ok;

	attr.fd = open(path, O_PATH | O_CLOEXEC);
	if (attr.fd < 0)
		return false;
	ok = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0) == 0;
	close(attr.fd);
	return ok;
}

/*
 * The rule holds for the file that is there now. Who writes resolv.conf anew puts another in its
 * place; where it is a link to a directory of its own (/run/systemd/resolve) that may be read.
 */
static void resolver_link_open_up(int ruleset)
{
	char target[PATH_MAX];
	char *slash;

	if (!realpath("/etc/resolv.conf", target))
		return;
	slash = strrchr(target, '/');
	*slash = '\0';
	if (strncmp(target, "/run/", 5) == 0)
		path_open_up(ruleset, target);
}

static bool port_open_up(int ruleset, uint16_t port)
{
	struct port_attr attr = { .access = NET_CONNECT_TCP, .port = port };

	return syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &attr, 0) == 0;
}

static bool doors_open_up(int ruleset, int abi, const struct sandbox_doors *doors)
{
	bool ok = true;

	if (!doors->network)
		return true;
	for (size_t i = 0; i < sizeof(resolver_files) / sizeof(*resolver_files); i++)
		path_open_up(ruleset, resolver_files[i]);
	resolver_link_open_up(ruleset);
	if (doors->ca_file)
		path_open_up(ruleset, doors->ca_file);
	for (size_t i = 0; !doors->ca_file && i < sizeof(ca_paths) / sizeof(*ca_paths); i++)
		path_open_up(ruleset, ca_paths[i]);
	if (abi < ABI_TCP)
		return true;
	ok = port_open_up(ruleset, PORT_DNS);
	for (size_t i = 0; i < doors->ports; i++)
		ok = port_open_up(ruleset, doors->port[i]) && ok;
	return ok;
}

unsigned int sandbox_landlock(const struct sandbox_doors *doors)
{
	struct ruleset_attr attr = { .fs = FS_OF_ABI_1 };
	unsigned int walls = WALL_LANDLOCK_FILES;
	int abi = landlock_abi();
	int ruleset;

	if (abi < ABI_FILES)
		return 0;
	attr.fs |= abi >= ABI_REFER ? FS_REFER : 0;
	attr.fs |= abi >= ABI_TRUNCATE ? FS_TRUNCATE : 0;
	attr.fs |= abi >= ABI_IOCTL ? FS_IOCTL_DEV : 0;
	if (abi >= ABI_TCP) {
		attr.net = NET_BIND_TCP | NET_CONNECT_TCP;
		walls |= WALL_LANDLOCK_TCP;
	}
	if (abi >= ABI_SCOPES) {
		attr.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
		walls |= WALL_LANDLOCK_SCOPES;
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return 0;
	if (doors_open_up(ruleset, abi, doors) &&
	    syscall(SYS_landlock_restrict_self, ruleset, 0) == 0)
		standing.abi = abi;
	close(ruleset);
	return standing.abi ? walls : 0;
}

/* ---- seccomp ---- */

#ifdef SANDBOX_TELLS_REFUSED
#define REFUSED SCMP_ACT_TRAP
#else
#define REFUSED SCMP_ACT_KILL_PROCESS
#endif

#define THREAD                                                                              \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define SOCKET_FLAGS ((unsigned int)(SOCK_CLOEXEC | SOCK_NONBLOCK))
#define OPEN_FLAGS   ((unsigned int)(O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_LARGEFILE))
#define SEND_FLAGS   ((unsigned int)(MSG_NOSIGNAL | MSG_DONTWAIT | MSG_MORE))

/* Arguments by number: equal; none but these bits; of these bits exactly those. */
#define IS(arg, value)	    SCMP_CMP32(arg, SCMP_CMP_MASKED_EQ, ~0U, (uint32_t)(value))
#define ONLY(arg, bits)	    SCMP_CMP32(arg, SCMP_CMP_MASKED_EQ, ~(uint32_t)(bits), 0)
#define OF(arg, mask, bits) SCMP_CMP32(arg, SCMP_CMP_MASKED_EQ, (uint32_t)(mask), (uint32_t)(bits))
#define IS_LONG(arg, value) SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, ~0ULL, value)
#define TYPE_IS(arg, type)  OF(arg, ~SOCKET_FLAGS, type)

struct rule {
	int call;
	uint32_t action;
	unsigned int args;
	struct scmp_arg_cmp arg[3];
};

/* clang-format off */
#define CALL(name)		{ .call = SCMP_SYS(name), .action = SCMP_ACT_ALLOW }
#define WHERE1(name, a)		{ SCMP_SYS(name), SCMP_ACT_ALLOW, 1, { a } }
#define WHERE2(name, a, b)	{ SCMP_SYS(name), SCMP_ACT_ALLOW, 2, { a, b } }
#define WHERE3(name, a, b, c)	{ SCMP_SYS(name), SCMP_ACT_ALLOW, 3, { a, b, c } }
#define FAIL(error, name)	{ .call = SCMP_SYS(name), .action = SCMP_ACT_ERRNO(error) }
#define FAIL1(error, name, a)	{ SCMP_SYS(name), SCMP_ACT_ERRNO(error), 1, { a } }
#define INTERNET(domain) \
	WHERE3(socket, IS(0, domain), TYPE_IS(1, SOCK_STREAM), IS(2, 0)), \
	WHERE3(socket, IS(0, domain), TYPE_IS(1, SOCK_STREAM), IS(2, IPPROTO_TCP)), \
	WHERE3(socket, IS(0, domain), TYPE_IS(1, SOCK_DGRAM), IS(2, 0)), \
	WHERE3(socket, IS(0, domain), TYPE_IS(1, SOCK_DGRAM), IS(2, IPPROTO_UDP))

static const struct rule network_rules[] = {
	/* memory: never to be executed */
	CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise),
	WHERE1(mmap, OF(2, PROT_EXEC, 0)), FAIL1(EACCES, mmap, OF(2, PROT_EXEC, PROT_EXEC)),
	WHERE1(mprotect, OF(2, PROT_EXEC, 0)), FAIL1(EACCES, mprotect, OF(2, PROT_EXEC, PROT_EXEC)),
	/* threads: libcurl asks the name service in one. No process, ever. */
	WHERE1(clone, IS_LONG(0, THREAD)), FAIL(ENOSYS, clone3),
	CALL(set_robust_list), CALL(rseq), CALL(futex), CALL(sched_yield),
	CALL(sched_getaffinity), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn),
	CALL(getpid), CALL(gettid), CALL(exit), CALL(exit_group), CALL(restart_syscall),
	/* time, chance, the machine */
	CALL(clock_gettime), CALL(clock_getres), CALL(gettimeofday), CALL(time),
	CALL(clock_nanosleep), CALL(nanosleep), CALL(getrandom), CALL(sysinfo), CALL(uname),
	CALL(timerfd_create), CALL(timerfd_settime),
	/* files: reading */
	WHERE1(openat, ONLY(2, OPEN_FLAGS)), CALL(close), CALL(lseek), CALL(fstat),
	CALL(newfstatat), CALL(read), CALL(readv), CALL(write), CALL(writev),
	/* no owner and no signal of a descriptor: F_SETOWN signals whom it likes */
	WHERE1(fcntl, IS(1, F_GETFD)), WHERE1(fcntl, IS(1, F_SETFD)),
	WHERE1(fcntl, IS(1, F_GETFL)), WHERE1(fcntl, IS(1, F_SETFL)),
	WHERE1(ioctl, IS(1, FIONREAD)), WHERE1(ioctl, IS(1, FIONBIO)),
	CALL(poll), CALL(ppoll),
	/*
	 * the network: TCP and UDP, as a client. No MPTCP, which Landlock does not see. A datagram
	 * pair could be connected to any socket in the file system, a stream pair cannot.
	 */
	INTERNET(AF_INET), INTERNET(AF_INET6),
	FAIL1(EAFNOSUPPORT, socket, IS(0, AF_UNIX)), FAIL1(EAFNOSUPPORT, socket, IS(0, AF_NETLINK)),
	WHERE3(socketpair, IS(0, AF_UNIX), TYPE_IS(1, SOCK_STREAM), IS(2, 0)),
	CALL(connect), CALL(getsockname), CALL(getpeername), CALL(getsockopt), CALL(recvfrom),
	CALL(recvmsg), CALL(shutdown),
	/* without an address and without MSG_FASTOPEN, which connects past Landlock */
	WHERE2(sendto, ONLY(3, SEND_FLAGS), IS_LONG(4, 0)), WHERE1(sendmmsg, ONLY(3, SEND_FLAGS)),
	WHERE2(setsockopt, IS(1, SOL_TCP), IS(2, TCP_NODELAY)),
	WHERE2(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_KEEPALIVE)),
	WHERE2(setsockopt, IS(1, SOL_IP), IS(2, IP_RECVERR)),
	WHERE2(setsockopt, IS(1, SOL_IP), IS(2, IP_MTU_DISCOVER)),
	WHERE2(setsockopt, IS(1, SOL_IPV6), IS(2, IPV6_RECVERR)),
	WHERE2(setsockopt, IS(1, SOL_IPV6), IS(2, IPV6_MTU_DISCOVER)),
	/* reading back; newer C libraries name their memory, and can do without */
	WHERE1(prctl, IS(0, PR_GET_SECCOMP)), FAIL1(EINVAL, prctl, IS(0, PR_SET_VMA)),
};

static const struct rule drawing_rules[] = {
	CALL(recvfrom), CALL(exit_group), WHERE2(sendto, ONLY(3, SEND_FLAGS), IS_LONG(4, 0)),
};
/* clang-format on */

#ifdef SANDBOX_TELLS_REFUSED
static void tell_refused(int sig, siginfo_t *info, void *context)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, info->si_syscall);
	char note[160] = "note\0level\0warning\0text\0";
	size_t head = sizeof("note\0level\0warning\0text");
	int len = snprintf(note + head, sizeof(note) - head, "refused system call: %s (%d)\n",
			   name ? name : "unknown", info->si_syscall);

	(void)sig;
	(void)context;
	if (write(STDERR_FILENO, note + head, (size_t)len) < 0)
		len = 0;
	note[head + (size_t)len - 1] = '\0';
	if (wire_is_slot(WIRE_FD) && write(WIRE_FD, note, head + (size_t)len) < 0)
		len = 0;
	_exit(128 + SIGSYS);
}

static void tell_refused_start(void)
{
	struct sigaction action = { .sa_sigaction = tell_refused, .sa_flags = SA_SIGINFO };

	sigaction(SIGSYS, &action, NULL);
}
#else
static void tell_refused_start(void)
{
}
#endif

static bool rules_add(scmp_filter_ctx filter, const struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (seccomp_rule_add_array(filter, rules[i].action, rules[i].call, rules[i].args,
					   rules[i].arg) != 0)
			return false;
	return true;
}

static bool filter_load(const struct rule *rules, size_t count)
{
	scmp_filter_ctx filter = seccomp_init(REFUSED);
	bool ok;

	if (!filter)
		return false;
	tell_refused_start();
	ok = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, REFUSED) == 0 &&
	     rules_add(filter, rules, count) && seccomp_load(filter) == 0;
	/* Not released where it stands: the calls that this takes may be refused by now. */
	if (!ok)
		seccomp_release(filter);
	return ok;
}

unsigned int sandbox_seccomp(const struct sandbox_doors *doors)
{
#ifdef UNLIMITED_FOR_TESTS
	(void)filter_load;
	(void)network_rules;
	(void)drawing_rules;
	(void)doors;
	return 0;
#else
	if (!doors->network)
		return filter_load(drawing_rules, sizeof(drawing_rules) / sizeof(*drawing_rules))
			       ? WALL_SECCOMP
			       : 0;
	if (!filter_load(network_rules, sizeof(network_rules) / sizeof(*network_rules)) ||
	    prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 2)
		return 0;
	return WALL_SECCOMP;
#endif
}

/* ---- what stands ---- */

static const struct {
	unsigned int wall;
	const char *name;
} names[] = {
	{ WALL_NO_NEW_PRIVS, "no_new_privs" },
	{ WALL_NOT_DUMPABLE, "not_dumpable" },
	{ WALL_RLIMITS, "rlimits" },
	{ WALL_SECCOMP, "seccomp" },
	{ WALL_LANDLOCK_FILES, "landlock_files" },
	{ WALL_LANDLOCK_TCP, "landlock_tcp" },
	{ WALL_LANDLOCK_SCOPES, "landlock_scopes" },
};

bool sandbox_enough(unsigned int walls, const char *setting)
{
	unsigned int needed = WALL_UID | WALL_NO_NEW_PRIVS | WALL_NOT_DUMPABLE | WALL_RLIMITS |
			      WALL_SECCOMP;

#ifdef UNLIMITED_FOR_TESTS
	return true;
#endif
	if (setting && strcmp(setting, "best-effort") == 0)
		return true;
	if (setting && strcmp(setting, "strict") == 0)
		needed |= WALL_LANDLOCK_FILES | WALL_LANDLOCK_TCP;
	return (walls & needed) == needed;
}

void sandbox_tell(unsigned int walls, char text[SANDBOX_TEXT_MAX])
{
	size_t len = 0;

	text[0] = '\0';
	if (walls & WALL_UID)
		len += (size_t)snprintf(text, SANDBOX_TEXT_MAX, "uid=%lu",
					(unsigned long)standing.uid);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (walls & names[i].wall)
			len += (size_t)snprintf(text + len, SANDBOX_TEXT_MAX - len, "%s%s",
						len ? "," : "", names[i].name);
	if (walls & WALL_LANDLOCK_FILES)
		snprintf(text + len, SANDBOX_TEXT_MAX - len, ",landlock_abi=%d", standing.abi);
}
