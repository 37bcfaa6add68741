/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a helper that was taken over would try from inside its sandbox.
 *
 *	attack DIRECTORY	a table: a line for each attempt, a column for each set of restrictions
 *	attack --tripwires	a line for each call of filter_tripwires: what ended who made it, behind each filter
 *	attack --time N		microseconds that the whole sandbox takes, median of N
 *
 * Each attempt is made in a process of its own, under the restrictions of helper/oauth_client/confined/sandbox.c alone:
 * ids and limits are the caller's, so that the sandbox refuses, and nothing else. Without any restriction
 * it must succeed; what cannot even then is "n/a" and why. A cell is "done", the error, or "killed"
 * (by seccomp). Columns: none, seccomp, landlock as of ABI 1, 2, 3, 4 and the kernel's, both as of
 * ABI 0, 1, 2, 3, 4 and the kernel's, those of device-code-qr; "-" where the kernel has less than that.
 *
 * DIRECTORY is filled with what is attacked. Run it in a network namespace of its own: it listens.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "helper/oauth_client/confined/sandbox.h"
#include "helper/sandbox/filter.h"
#include "attempt.h"

extern int sandbox_pretended_abi;

enum {
	PORT_ALLOWED = 4443,
	PORT_OTHER = 4444,
	PORT_DNS = 53,
	TRIAL_SECONDS = 5,
	MPTCP = 262,
	WHOLE_PAGE = 4096,
};

/* What is there to be attacked, and what a row's preparation has made before the sandbox is up. */
static struct {
	char file[300], fresh[300], socket[300], ca[300];
	pid_t parent, sibling;
	int fd, other_fd;
	void *page;
	int pipe[2];
	unsigned long fill[1024]; /* what calls write, and nobody reads */
	unsigned int tag;	  /* of the abstract socket's name */
} world;

static const struct timespec no_time = { 0, 0 };

/* ---- files ---- */

ATTEMPT(read_shadow, OPEN("/etc/shadow", O_RDONLY))
ATTEMPT(read_passwd, OPEN("/etc/passwd", O_RDONLY))
ATTEMPT(read_home, OPEN(world.file, O_RDONLY))
ATTEMPT(read_program, OPEN("/bin/sh", O_RDONLY))
ATTEMPT(read_processes, OPEN("/proc/self/environ", O_RDONLY))
ATTEMPT(read_device, OPEN("/dev/zero", O_RDONLY))
ATTEMPT(handle_of_shadow, OPEN("/etc/shadow", O_PATH))
ATTEMPT(write_file, OPEN(world.file, O_WRONLY))
ATTEMPT(write_and_read_file, OPEN(world.file, O_RDWR))
ATTEMPT(empty_file, OPEN(world.file, O_RDONLY | O_TRUNC))
ATTEMPT(truncate_file, syscall(SYS_truncate, world.file, 0))
ATTEMPT(create_file, OPEN(world.fresh, O_WRONLY | O_CREAT))
ATTEMPT(create_to_read, OPEN(world.fresh, O_RDONLY | O_CREAT))
ATTEMPT(create_in_tmp, OPEN("/tmp", O_RDWR | O_TMPFILE))
ATTEMPT(make_directory, syscall(SYS_mkdirat, AT_FDCWD, world.fresh, 0700))
ATTEMPT(make_link, syscall(SYS_symlinkat, "x", AT_FDCWD, world.fresh))
ATTEMPT(make_hard_link, syscall(SYS_linkat, AT_FDCWD, world.file, AT_FDCWD, world.fresh, 0))
ATTEMPT(make_pipe, syscall(SYS_mknodat, AT_FDCWD, world.fresh, S_IFIFO | 0600, 0))
ATTEMPT(remove_file, syscall(SYS_unlinkat, AT_FDCWD, world.file, 0))
ATTEMPT(rename_file, syscall(SYS_renameat2, AT_FDCWD, world.file, AT_FDCWD, world.fresh, 0))
ATTEMPT(change_mode, syscall(SYS_fchmodat, AT_FDCWD, world.file, 0600))
ATTEMPT(change_owner, syscall(SYS_fchownat, AT_FDCWD, world.file, getuid(), getgid(), 0))
ATTEMPT(change_times, syscall(SYS_utimensat, AT_FDCWD, world.file, NULL, 0))
ATTEMPT(lock_file, syscall(SYS_flock, world.fd, LOCK_EX | LOCK_NB))

static int try_stat_shadow(void)
{
	struct stat st;

	return done(fstatat(AT_FDCWD, "/etc/shadow", &st, 0));
}

static int list(int flags)
{
	char entries[1024];
	int fd = (int)OPEN("/", flags);

	return fd < 0 ? errno : done(syscall(SYS_getdents64, fd, entries, sizeof(entries)));
}

static int try_list_directory(void)
{
	return list(O_RDONLY | O_DIRECTORY);
}

static int try_list_as_file(void)
{
	return list(O_RDONLY);
}

static void prepare_file(void)
{
	world.fd = open(world.file, O_RDONLY);
}

/* ---- processes ---- */

static long clone_call(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);

	if (pid == 0)
		syscall(SYS_exit_group, 0);
	return pid;
}

ATTEMPT(fork, clone_call(SIGCHLD))
ATTEMPT(fork_as_libc, clone_call(SIGCHLD | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))
ATTEMPT(vfork, clone_call(SIGCHLD | CLONE_VM | CLONE_VFORK))
ATTEMPT(clone_with_users, clone_call(SIGCHLD | CLONE_NEWUSER))
ATTEMPT(clone_sharing_files, clone_call(SIGCHLD | CLONE_FILES | CLONE_FS))

static int try_clone3(void)
{
	struct {
		uint64_t flags, pidfd, child, parent, exit_signal, stack[3];
	} args = { .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		syscall(SYS_exit_group, 0);
	return done(pid);
}

static char *const no_words[] = { (char *)"true", NULL };

ATTEMPT(exec, syscall(SYS_execve, "/bin/true", no_words, no_words + 1))
ATTEMPT(exec_of_descriptor,
	syscall(SYS_execveat, world.fd, "", no_words, no_words + 1, AT_EMPTY_PATH))
ATTEMPT(kill_parent, syscall(SYS_kill, world.parent, SIGCONT))
ATTEMPT(kill_sibling, syscall(SYS_kill, world.sibling, SIGCONT))
ATTEMPT(kill_everybody_else, syscall(SYS_kill, -world.sibling, SIGCONT))
ATTEMPT(tgkill_sibling, syscall(SYS_tgkill, world.sibling, world.sibling, SIGCONT))
ATTEMPT(tkill_sibling, syscall(SYS_tkill, world.sibling, SIGCONT))
ATTEMPT(pidfd_open, syscall(SYS_pidfd_open, world.sibling, 0))
ATTEMPT(pidfd_signal, syscall(SYS_pidfd_send_signal, world.fd, SIGCONT, NULL, 0))
ATTEMPT(pidfd_getfd, syscall(SYS_pidfd_getfd, world.fd, 0, 0))
ATTEMPT(owner_by_fcntl, syscall(SYS_fcntl, world.fd, F_SETOWN, world.sibling))
ATTEMPT(signal_by_fcntl, syscall(SYS_fcntl, world.fd, F_SETSIG, SIGCONT))
ATTEMPT(owner_by_ioctl, syscall(SYS_ioctl, world.fd, FIOSETOWN, &world.sibling))
ATTEMPT(ptrace_parent, syscall(SYS_ptrace, PTRACE_SEIZE, world.parent, 0, 0))
ATTEMPT(ptrace_sibling, syscall(SYS_ptrace, PTRACE_SEIZE, world.sibling, 0, 0))
ATTEMPT(nice_sibling, syscall(SYS_setpriority, PRIO_PROCESS, world.sibling, 1))
ATTEMPT(move_sibling, syscall(SYS_sched_setaffinity, world.sibling, 8, "\1\0\0\0\0\0\0"))

static int try_sigqueue_sibling(void)
{
	siginfo_t info = { .si_code = SI_QUEUE };

	return done(syscall(SYS_rt_sigqueueinfo, world.sibling, SIGCONT, &info));
}

static int try_read_parent(void)
{
	char bytes[8];
	struct iovec here = { bytes, sizeof(bytes) }, there = { &world, sizeof(bytes) };

	return done(syscall(SYS_process_vm_readv, world.parent, &here, 1, &there, 1, 0));
}

static int try_write_parent(void)
{
	struct iovec both = { world.fresh, 1 };

	return done(syscall(SYS_process_vm_writev, world.parent, &both, 1, &both, 1, 0));
}

static int try_limit_sibling(void)
{
	struct rlimit limit = { 0, 0 };

	return done(syscall(SYS_prlimit64, world.sibling, RLIMIT_CORE, &limit, NULL));
}

static int try_raise_limits(void)
{
	struct rlimit limit = { 0, 1 << 20 };

	return done(syscall(SYS_prlimit64, 0, RLIMIT_CORE, &limit, NULL));
}

static void prepare_limits(void)
{
	struct rlimit limit = { 0, 0 };

	setrlimit(RLIMIT_CORE, &limit);
}

static void prepare_program(void)
{
	world.fd = open("/bin/true", O_RDONLY);
}

static void prepare_pidfd(void)
{
	world.fd = (int)syscall(SYS_pidfd_open, world.sibling, 0);
}

static void prepare_pair(void)
{
	int pair[2];

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	world.fd = pair[0];
	world.other_fd = pair[1];
}

/* ---- namespaces, ids, the kernel ---- */

static union {
	struct perf_event_attr perf;
	char bytes[512];
} attr;

ATTEMPT(unshare_users, syscall(SYS_unshare, CLONE_NEWUSER))
ATTEMPT(unshare_mounts, syscall(SYS_unshare, CLONE_NEWNS))
ATTEMPT(unshare_network, syscall(SYS_unshare, CLONE_NEWNET))
ATTEMPT(setns, syscall(SYS_setns, world.fd, CLONE_NEWNET))
ATTEMPT(mount, syscall(SYS_mount, "x", world.ca, "tmpfs", 0, NULL))
ATTEMPT(chroot, syscall(SYS_chroot, "/"))
ATTEMPT(chdir, syscall(SYS_chdir, "/etc"))
ATTEMPT(setuid, syscall(SYS_setresuid, 65534, 65534, 65534))
ATTEMPT(setgid, syscall(SYS_setresgid, 65534, 65534, 65534))
ATTEMPT(setgroups, syscall(SYS_setgroups, 0, NULL))
ATTEMPT(setsid, syscall(SYS_setsid))
ATTEMPT(personality, syscall(SYS_personality, READ_IMPLIES_EXEC))
ATTEMPT(dumpable, syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0))
ATTEMPT(traced_by_any, syscall(SYS_prctl, PR_SET_PTRACER, -1, 0, 0, 0))
ATTEMPT(death_signal, syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0))
ATTEMPT(own_name, syscall(SYS_prctl, PR_SET_NAME, "sshd", 0, 0, 0))
ATTEMPT(io_uring, syscall(SYS_io_uring_setup, 2, memset(&attr, 0, sizeof(attr))))
ATTEMPT(memfd, syscall(SYS_memfd_create, "x", 0))
ATTEMPT(secret_memory, syscall(SYS_memfd_secret, 0))
ATTEMPT(userfaultfd, syscall(SYS_userfaultfd, O_CLOEXEC))
ATTEMPT(bpf, (attr.perf = (struct perf_event_attr){ 0 },
	      memcpy(&attr, "\2\0\0\0\4\0\0\0\4\0\0\0\1", 13), syscall(SYS_bpf, 0, &attr, 120)))
ATTEMPT(perf, (attr.perf = (struct perf_event_attr){ .type = PERF_TYPE_SOFTWARE,
						     .size = sizeof(attr.perf),
						     .config = PERF_COUNT_SW_TASK_CLOCK },
	       syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0)))
ATTEMPT(keyctl, syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL))
ATTEMPT(add_key, syscall(SYS_add_key, "user", "x", "y", 1, KEY_SPEC_PROCESS_KEYRING))
ATTEMPT(kernel_log, syscall(SYS_syslog, 10, NULL, 0))
ATTEMPT(inotify, syscall(SYS_inotify_init1, 0))
ATTEMPT(fanotify, syscall(SYS_fanotify_init, 0, O_RDONLY))
ATTEMPT(shared_memory, syscall(SYS_shmget, IPC_PRIVATE, WHOLE_PAGE, 0600))
ATTEMPT(semaphore, syscall(SYS_semget, IPC_PRIVATE, 1, 0600))
ATTEMPT(message_queue, syscall(SYS_mq_open, "attack-sandbox", O_RDONLY | O_CREAT, 0600, NULL))
ATTEMPT(type_at_terminal, syscall(SYS_ioctl, world.fd, TIOCSTI, "x"))
ATTEMPT(take_terminal, syscall(SYS_ioctl, world.fd, TIOCSCTTY, 0))
ATTEMPT(terminal_settings, syscall(SYS_ioctl, world.fd, TCGETS, &attr))
ATTEMPT(timer, syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &attr))

/* As sandbox_end_after() has made one. */
static void prepare_own_end(void)
{
	if (!sandbox_end_after(TRIAL_SECONDS + 2))
		_exit(99);
}

static int try_put_off_end(void)
{
	struct itimerspec later = { .it_value.tv_sec = 3600 };

	return done(syscall(SYS_timer_settime, 0, 0, &later, NULL));
}

static int try_take_end_away(void)
{
	return done(syscall(SYS_timer_delete, 0));
}

#ifdef __x86_64__
ATTEMPT(modify_ldt, syscall(SYS_modify_ldt, 0, &attr, 16))

/* 32-bit system calls have other numbers: getpid is 20. */
static int try_call_of_32_bits(void)
{
	long result = 20;

	__asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
	return result > 0 ? 0 : (int)-result;
}

ATTEMPT(call_of_x32, syscall(0x40000000 + SYS_getpid))
#endif

static int try_thread_with_filter(void)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { 1, all };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return done(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

static void prepare_namespace(void)
{
	world.fd = open("/proc/self/ns/net", O_RDONLY);
}

static void prepare_terminal(void)
{
	int unlock = 0, number = 0;
	char name[32];
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);

	ioctl(master, TIOCSPTLCK, &unlock);
	ioctl(master, TIOCGPTN, &number);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	world.fd = open(name, O_RDWR | O_NOCTTY);
	setsid();
}

static void prepare_own_terminal(void)
{
	prepare_terminal();
	ioctl(world.fd, TIOCSCTTY, 0);
}

/* ---- sockets ---- */

static struct sockaddr_in address(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr = { htonl(INADDR_LOOPBACK) } };
}

static struct sockaddr_un unix_address(bool abstract, socklen_t *len)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (abstract)
		snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "attack-%u", world.tag);
	else
		snprintf(at.sun_path, sizeof(at.sun_path), "%.100s", world.socket);
	*len = abstract ? (socklen_t)(sizeof(sa_family_t) + 1 + strlen(at.sun_path + 1))
			: sizeof(at);
	return at;
}

static int unix_connect(int fd, bool abstract)
{
	socklen_t len;
	struct sockaddr_un at = unix_address(abstract, &len);

	return fd < 0 ? errno : done(connect(fd, (struct sockaddr *)&at, len));
}

static int try_unix_path(void)
{
	return unix_connect(socket(AF_UNIX, SOCK_STREAM, 0), false);
}

static int try_unix_abstract(void)
{
	return unix_connect(socket(AF_UNIX, SOCK_STREAM, 0), true);
}

static int try_unix_abstract_by_old_socket(void)
{
	return unix_connect(world.fd, true);
}

/* The ends of a pair of datagram sockets can be connected to somebody else. */
static int try_unix_pair_turned(void)
{
	int pair[2];
	socklen_t len;
	struct sockaddr_un at = unix_address(false, &len);

	strcat(at.sun_path, ".d");
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
		return errno;
	return done(connect(pair[0], (struct sockaddr *)&at, len));
}

static void prepare_unix(void)
{
	world.fd = socket(AF_UNIX, SOCK_STREAM, 0);
}

static int tcp(int protocol, int port)
{
	struct sockaddr_in at = address(port);
	int fd = socket(AF_INET, SOCK_STREAM, protocol);

	return fd < 0 ? errno : done(connect(fd, (struct sockaddr *)&at, sizeof(at)));
}

static int try_tcp_other_port(void)
{
	return tcp(0, PORT_OTHER);
}

static int try_mptcp_other_port(void)
{
	return tcp(MPTCP, PORT_OTHER);
}

static int try_tcp_allowed_port(void)
{
	return tcp(IPPROTO_TCP, PORT_ALLOWED);
}

static int try_tcp_name_service(void)
{
	return tcp(0, PORT_DNS);
}

static int try_tcp6_other_port(void)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(PORT_OTHER) };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	at.sin6_addr.s6_addr[15] = 1;
	return fd < 0 ? errno : done(connect(fd, (struct sockaddr *)&at, sizeof(at)));
}

static int udp(int port)
{
	struct sockaddr_in at = address(port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);

	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		return errno;
	return done(send(fd, "x", 1, MSG_NOSIGNAL));
}

static int try_udp_name_service(void)
{
	return udp(PORT_DNS);
}

static int try_udp_anywhere(void)
{
	return udp(PORT_OTHER);
}

static int try_udp_without_connect(void)
{
	struct sockaddr_in at = address(PORT_OTHER);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		return errno;
	return done(sendto(fd, "x", 1, 0, (struct sockaddr *)&at, sizeof(at)));
}

static int bound(int port, bool listening)
{
	struct sockaddr_in at = address(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || (port >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0))
		return errno;
	return listening ? done(listen(fd, 1)) : 0;
}

static int try_bind(void)
{
	return bound(0, false);
}

static int try_bind_and_listen(void)
{
	return bound(0, true);
}

static int try_listen_unbound(void)
{
	return bound(-1, true);
}

static int fast_open(int how)
{
	struct sockaddr_in at = address(PORT_OTHER);
	struct iovec bytes = { world.fresh, 1 };
	struct mmsghdr message = { .msg_hdr = { .msg_name = &at,
						.msg_namelen = sizeof(at),
						.msg_iov = &bytes,
						.msg_iovlen = 1 } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	if (fd < 0)
		return errno;
	switch (how) {
	case 0:
		return done(sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&at, sizeof(at)));
	case 1:
		return done(sendmsg(fd, &message.msg_hdr, MSG_FASTOPEN));
	case 2:
		return done(syscall(SYS_sendmmsg, fd, &message, 1, MSG_FASTOPEN));
	default:
		return done(setsockopt(fd, SOL_TCP, how, &on, sizeof(on)));
	}
}

static int try_fast_open_sendto(void)
{
	return fast_open(0);
}

static int try_fast_open_sendmsg(void)
{
	return fast_open(1);
}

static int try_fast_open_sendmmsg(void)
{
	return fast_open(2);
}

static int try_fast_open_connect(void)
{
	return fast_open(TCP_FASTOPEN_CONNECT);
}

static int try_fast_open_listen(void)
{
	return fast_open(TCP_FASTOPEN);
}

static int socket_filter(void)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, 0xffff) };
	struct sock_fprog program = { 1, all };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return fd < 0 ? errno
		      : done(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
					sizeof(program)));
}

static int try_socket_filter(void)
{
	return socket_filter();
}

/* MSG_OOB and a descriptor of ours to the module, by the call that is made for one. */
static int try_send_descriptor(void)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec bytes = { world.fresh, 1 };
	struct msghdr message = { .msg_iov = &bytes,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(int));
	return done(sendmsg(world.fd, &message, 0));
}

/* By the call that the resolver makes, to a pair of its own: how many one uid has in flight is what others feel. */
static int try_send_descriptor_in_batch(void)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec bytes = { (char *)"x", 1 };
	struct mmsghdr message = { .msg_hdr = { .msg_iov = &bytes,
						.msg_iovlen = 1,
						.msg_control = control,
						.msg_controllen = sizeof(control) } };
	struct cmsghdr *part = CMSG_FIRSTHDR(&message.msg_hdr);
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return errno;
	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(part), &pair[1], sizeof(int));
	return done(sendmmsg(pair[0], &message, 1, MSG_NOSIGNAL));
}

ATTEMPT(raw, socket(AF_INET, SOCK_RAW, IPPROTO_ICMP))
ATTEMPT(packet, socket(AF_PACKET, SOCK_RAW, 0))
ATTEMPT(vsock, socket(AF_VSOCK, SOCK_STREAM, 0))
ATTEMPT(crypto, socket(AF_ALG, SOCK_SEQPACKET, 0))
ATTEMPT(netlink_route, socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE))
ATTEMPT(netlink_audit, socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT))
ATTEMPT(mptcp, socket(AF_INET6, SOCK_STREAM, MPTCP))
ATTEMPT(udp_lite, socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE))
ATTEMPT(sctp, socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP))
ATTEMPT(bluetooth, socket(31, SOCK_RAW, 1))
ATTEMPT(express_data, socket(44, SOCK_RAW, 0))

/* ---- memory ---- */

#define MAP(protection, flags, fd) \
	(mmap(NULL, WHOLE_PAGE, protection, flags, fd, 0) == MAP_FAILED ? -1 : 0)

ATTEMPT(map_rwx, MAP(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1))
ATTEMPT(map_rx, MAP(PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1))
ATTEMPT(map_program, MAP(PROT_READ | PROT_EXEC, MAP_PRIVATE, world.fd))
ATTEMPT(protect_rx, mprotect(world.page, WHOLE_PAGE, PROT_READ | PROT_EXEC))
ATTEMPT(protect_rwx, mprotect(world.page, WHOLE_PAGE, PROT_READ | PROT_WRITE | PROT_EXEC))
ATTEMPT(protect_by_key,
	syscall(SYS_pkey_mprotect, world.page, WHOLE_PAGE, PROT_READ | PROT_EXEC, -1))

static void prepare_page(void)
{
	world.page =
		mmap(NULL, WHOLE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* ---- what must work ---- */

static void *thread_run(void *result)
{
	*(int *)result = 1;
	return NULL;
}

static int try_thread(void)
{
	pthread_t thread;
	int result = 0;
	int error = pthread_create(&thread, NULL, thread_run, &result);

	return error ? error : pthread_join(thread, NULL) != 0 || !result;
}

ATTEMPT(read_certificates, OPEN("/etc/ssl/certs/ca-certificates.crt", O_RDONLY))
ATTEMPT(read_resolver, OPEN("/etc/resolv.conf", O_RDONLY | O_CLOEXEC))
ATTEMPT(read_hosts, OPEN("/etc/hosts", O_RDONLY | O_CLOEXEC))
ATTEMPT(chance, syscall(SYS_getrandom, &attr, 16, 0))
ATTEMPT(memory, MAP(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1))

static int try_pair(void)
{
	int pair[2];

	return done(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
}

/* ---- what libraries ask for beside that: harmless relatives of what they need ---- */

/* Errors that the kernel has for a call which it makes: what was asked is not so. */
static int done_or(int error, long result)
{
	return result < 0 && errno == error ? 0 : done(result);
}

ATTEMPT(event, syscall(SYS_eventfd2, 0, 0))
ATTEMPT(epoll, syscall(SYS_epoll_create1, 0))
ATTEMPT(pipe_with_flags, syscall(SYS_pipe2, world.pipe, 0))
ATTEMPT(select, syscall(SYS_pselect6, 0, NULL, NULL, NULL, &no_time, NULL))
ATTEMPT(sleep, syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &no_time, NULL))
ATTEMPT(timer_descriptor, syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0))
ATTEMPT(status_of_file, syscall(SYS_statx, AT_FDCWD, "/etc/hosts", 0, 1, world.fill))
ATTEMPT(may_read, syscall(SYS_faccessat2, AT_FDCWD, "/etc/hosts", R_OK, 0))
ATTEMPT(memory_barrier, syscall(SYS_membarrier, 0, 0, 0))
ATTEMPT(signal_stack, syscall(SYS_sigaltstack, NULL, NULL))
ATTEMPT(own_signal, syscall(SYS_tgkill, getpid(), gettid(), 0))
ATTEMPT(read_limit, syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, world.fill))
ATTEMPT(processors, syscall(SYS_sched_getaffinity, 0, sizeof(world.fill), world.fill))
ATTEMPT(which_processor, syscall(SYS_getcpu, world.fill, NULL, NULL))
ATTEMPT(scheduler, syscall(SYS_sched_getscheduler, 0))
ATTEMPT(scheduler_parameter, syscall(SYS_sched_getparam, 0, world.fill))
ATTEMPT(scheduler_attributes, syscall(SYS_sched_getattr, 0, world.fill, 48, 0))
ATTEMPT(scheduler_interval, syscall(SYS_sched_rr_get_interval, 0, world.fill))
ATTEMPT(own_identity, syscall(SYS_getresuid, world.fill, world.fill + 1, world.fill + 2))

static int try_epoll_wait(void)
{
	struct epoll_event event;
	long epoll = syscall(SYS_epoll_create1, 0);

	return done(epoll < 0 ? epoll
			      : syscall(SYS_epoll_pwait2, epoll, &event, 1, &no_time, NULL, 8));
}

static int try_wait_for_several(void)
{
	return done_or(EINVAL, syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0));
}

static int try_list_certificates(void)
{
	long fd = OPEN("/etc/ssl/certs", O_RDONLY | O_DIRECTORY);

	return done(fd < 0 ? fd : syscall(SYS_getdents64, fd, world.fill, sizeof(world.fill)));
}

#ifdef SYS_mseal
static int try_seal(void)
{
	void *page = mmap(NULL, WHOLE_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return done(syscall(SYS_mseal, page, WHOLE_PAGE, 0));
}
#endif

static const struct row {
	const char *name;
	int (*attempt)(void);
	void (*prepare)(void); /* before the sandbox is up */
} rows[] = {
#define ROW(name)                       \
	{                               \
#name, try_##name, NULL \
	}
#define AFTER(name, what)                         \
	{                                         \
#name, try_##name, prepare_##what \
	}
	ROW(read_shadow),
	ROW(read_passwd),
	ROW(read_home),
	ROW(read_program),
	ROW(read_processes),
	ROW(read_device),
	ROW(handle_of_shadow),
	ROW(stat_shadow),
	ROW(list_directory),
	ROW(list_as_file),
	ROW(write_file),
	ROW(write_and_read_file),
	ROW(empty_file),
	ROW(truncate_file),
	ROW(create_file),
	ROW(create_to_read),
	ROW(create_in_tmp),
	ROW(make_directory),
	ROW(make_link),
	ROW(make_hard_link),
	ROW(make_pipe),
	ROW(remove_file),
	ROW(rename_file),
	ROW(change_mode),
	ROW(change_owner),
	ROW(change_times),
	AFTER(lock_file, file),
	ROW(fork),
	ROW(fork_as_libc),
	ROW(vfork),
	ROW(clone3),
	ROW(clone_with_users),
	ROW(clone_sharing_files),
	ROW(exec),
	AFTER(exec_of_descriptor, program),
	ROW(kill_parent),
	ROW(kill_sibling),
	ROW(kill_everybody_else),
	ROW(tgkill_sibling),
	ROW(tkill_sibling),
	ROW(sigqueue_sibling),
	ROW(pidfd_open),
	AFTER(pidfd_signal, pidfd),
	AFTER(pidfd_getfd, pidfd),
	AFTER(owner_by_fcntl, pair),
	AFTER(signal_by_fcntl, pair),
	AFTER(owner_by_ioctl, pair),
	ROW(ptrace_parent),
	ROW(ptrace_sibling),
	ROW(read_parent),
	ROW(write_parent),
	ROW(nice_sibling),
	ROW(move_sibling),
	ROW(limit_sibling),
	AFTER(raise_limits, limits),
	ROW(unshare_users),
	ROW(unshare_mounts),
	ROW(unshare_network),
	AFTER(setns, namespace),
	ROW(mount),
	ROW(chroot),
	ROW(chdir),
	ROW(setuid),
	ROW(setgid),
	ROW(setgroups),
	ROW(setsid),
	ROW(personality),
	ROW(dumpable),
	ROW(traced_by_any),
	ROW(death_signal),
	ROW(own_name),
	ROW(io_uring),
	ROW(memfd),
	ROW(secret_memory),
	ROW(userfaultfd),
	ROW(bpf),
	ROW(perf),
	ROW(keyctl),
	ROW(add_key),
	ROW(kernel_log),
	ROW(inotify),
	ROW(fanotify),
	ROW(shared_memory),
	ROW(semaphore),
	ROW(message_queue),
	ROW(thread_with_filter),
	ROW(timer),
	AFTER(put_off_end, own_end),
	AFTER(take_end_away, own_end),
	AFTER(type_at_terminal, own_terminal),
	AFTER(take_terminal, terminal),
	AFTER(terminal_settings, terminal),
#ifdef __x86_64__
	ROW(modify_ldt),
	ROW(call_of_32_bits),
	ROW(call_of_x32),
#endif
	ROW(unix_path),
	ROW(unix_abstract),
	AFTER(unix_abstract_by_old_socket, unix),
	ROW(unix_pair_turned),
	AFTER(send_descriptor, pair),
	ROW(send_descriptor_in_batch),
	ROW(raw),
	ROW(packet),
	ROW(vsock),
	ROW(crypto),
	ROW(netlink_route),
	ROW(netlink_audit),
	ROW(mptcp),
	ROW(mptcp_other_port),
	ROW(udp_lite),
	ROW(sctp),
	ROW(bluetooth),
	ROW(express_data),
	ROW(tcp_other_port),
	ROW(tcp6_other_port),
	ROW(bind),
	ROW(bind_and_listen),
	ROW(listen_unbound),
	ROW(fast_open_sendto),
	ROW(fast_open_sendmsg),
	ROW(fast_open_sendmmsg),
	ROW(fast_open_connect),
	ROW(fast_open_listen),
	ROW(socket_filter),
	ROW(udp_without_connect),
	ROW(udp_anywhere),
	ROW(map_rwx),
	ROW(map_rx),
	AFTER(map_program, program),
	AFTER(protect_rx, page),
	AFTER(protect_rwx, page),
	AFTER(protect_by_key, page),
	/* these must work */
	ROW(tcp_allowed_port),
	ROW(tcp_name_service),
	ROW(udp_name_service),
	ROW(thread),
	ROW(read_certificates),
	ROW(read_resolver),
	ROW(read_hosts),
	ROW(chance),
	ROW(memory),
	ROW(pair),
	ROW(event),
	ROW(epoll),
	ROW(epoll_wait),
	ROW(pipe_with_flags),
	ROW(select),
	ROW(sleep),
	ROW(timer_descriptor),
	ROW(wait_for_several),
	ROW(status_of_file),
	ROW(may_read),
	ROW(list_certificates),
	ROW(memory_barrier),
	ROW(signal_stack),
	ROW(own_signal),
	ROW(read_limit),
	ROW(processors),
	ROW(which_processor),
	ROW(scheduler),
	ROW(scheduler_parameter),
	ROW(scheduler_attributes),
	ROW(scheduler_interval),
	ROW(own_identity),
#ifdef SYS_mseal
	ROW(seal),
#endif
};

/* ---- trials ---- */

static const struct column {
	const char *name;
	bool landlock, seccomp, drawing;
	int abi; /* INT32_MAX: the kernel's */
} columns[] = {
	{ "none", false, false, false, 0 },	 { "seccomp", false, true, false, 0 },
	{ "l1", true, false, false, 1 },	 { "l2", true, false, false, 2 },
	{ "l3", true, false, false, 3 },	 { "l4", true, false, false, 4 },
	{ "lk", true, false, false, INT32_MAX }, { "b0", true, true, false, 0 },
	{ "b1", true, true, false, 1 },		 { "b2", true, true, false, 2 },
	{ "b3", true, true, false, 3 },		 { "b4", true, true, false, 4 },
	{ "bk", true, true, false, INT32_MAX },	 { "draw", true, true, true, INT32_MAX },
};

static void sandbox_enter(const struct column *column)
{
	const struct sandbox_allow allow = { .network = !column->drawing,
					     .ports = 1,
					     .port = { PORT_ALLOWED } };

	sandbox_pretended_abi = column->abi;
	/* As in the helper; but not in the first column, for then nothing could be shown without it. */
	if (column->landlock || column->seccomp)
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (column->landlock && column->abi > 0 && sandbox_landlock(&allow) == 0)
		_exit(NO_SANDBOX);
	if (column->seccomp && sandbox_seccomp(&allow) == 0)
		_exit(NO_SANDBOX);
}

static void world_fresh(void)
{
	int fd = open(world.file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd >= 0)
		close(fd);
	unlink(world.fresh);
	rmdir(world.fresh);
	if (world.sibling)
		return;
	world.sibling = fork();
	if (world.sibling == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	setpgid(world.sibling, world.sibling);
}

static const char *trial(const struct row *row, const struct column *column)
{
	int status;
	pid_t pid;

	world_fresh();
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		alarm(TRIAL_SECONDS);
		if (row->prepare)
			row->prepare();
		sandbox_enter(column);
		_exit(row->attempt());
	}
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL); /* what it left behind */
	return trial_result(status);
}

static int kernel_abi(void)
{
	long abi = syscall(444, NULL, 0, 1U);

	return abi > 0 ? (int)abi : 0;
}

static void row_print(const struct row *row)
{
	int abi = kernel_abi();
	const char *result = trial(row, &columns[0]);

	printf("%s", row->name);
	if (strcmp(result, "done") != 0) {
		printf(" n/a %s\n", result);
		return;
	}
	printf(" done");
	for (size_t i = 1; i < sizeof(columns) / sizeof(*columns); i++) {
		int wanted = columns[i].abi == INT32_MAX ? 1 : columns[i].abi;

		printf(" %s", wanted > abi ? "-" : trial(row, &columns[i]));
	}
	printf("\n");
}

static void listen_at(int port)
{
	struct sockaddr_in at = address(port);
	struct sockaddr_in6 at6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd6 = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int on = 1;

	at6.sin6_addr.s6_addr[15] = 1;
	setsockopt(fd6, SOL_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 1000) != 0 ||
	    bind(datagrams, (struct sockaddr *)&at, sizeof(at)) != 0)
		fprintf(stderr, "attack: cannot listen on port %d: %s\n", port, strerror(errno));
	if (bind(fd6, (struct sockaddr *)&at6, sizeof(at6)) == 0)
		listen(fd6, 1000);
}

static void listen_unix(bool abstract, int type)
{
	socklen_t len;
	struct sockaddr_un at = unix_address(abstract, &len);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (type == SOCK_DGRAM)
		strcat(at.sun_path, ".d");
	if (bind(fd, (struct sockaddr *)&at, len) != 0 ||
	    (type == SOCK_STREAM && listen(fd, 1000) != 0))
		fprintf(stderr, "attack: cannot listen on %s: %s\n", at.sun_path, strerror(errno));
}

static void world_make(const char *directory)
{
	snprintf(world.file, sizeof(world.file), "%s/file", directory);
	snprintf(world.fresh, sizeof(world.fresh), "%s/fresh", directory);
	snprintf(world.socket, sizeof(world.socket), "%s/socket", directory);
	snprintf(world.ca, sizeof(world.ca), "%s/mount", directory);
	mkdir(world.ca, 0700);
	world.parent = getpid();
	world.tag = (unsigned int)getpid();
	listen_at(PORT_ALLOWED);
	listen_at(PORT_OTHER);
	listen_at(PORT_DNS);
	listen_unix(false, SOCK_STREAM);
	listen_unix(false, SOCK_DGRAM);
	listen_unix(true, SOCK_STREAM);
}

/* ---- tripwires ---- */

/* A call with arguments that no kernel takes: what no filter ends fails, or has no effect. */
static const char *trip(int call, const struct column *column)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		sandbox_enter(column);
		syscall(call, -1L, -1L, -1L, -1L, -1L, -1L);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? "killed" : "signal";
	return WEXITSTATUS(status) == NO_SANDBOX ? "no-sandbox" : "lives";
}

static int tripwires_print(void)
{
	static const struct column network = { "seccomp", false, true, false, 0 };
	static const struct column drawing = { "draw", false, true, true, 0 };

	for (size_t i = 0; i < filter_tripwire_count; i++) {
		const struct tripwire *wire = &filter_tripwires[i];

		/* libseccomp has numbers below 0 for what this machine does not have. */
		if (wire->call < 0)
			printf("%s n/a n/a\n", wire->name);
		else
			printf("%s %s %s\n", wire->name, trip(wire->call, &network),
			       trip(wire->call, &drawing));
	}
	return 0;
}

/* ---- what it costs ---- */

static int compare(const void *a, const void *b)
{
	return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b;
}

static int microseconds_of_sandbox(void)
{
	struct timespec from, to;
	int pipes[2], took = 0;

	if (pipe(pipes) != 0)
		exit(1);
	if (fork() == 0) {
		clock_gettime(CLOCK_MONOTONIC, &from);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		sandbox_enter(&columns[sizeof(columns) / sizeof(*columns) - 2]); /* bk */
		clock_gettime(CLOCK_MONOTONIC, &to);
		took = (int)((to.tv_sec - from.tv_sec) * 1000000 +
			     (to.tv_nsec - from.tv_nsec) / 1000);
		_exit(write(pipes[1], &took, sizeof(took)) < 0);
	}
	if (read(pipes[0], &took, sizeof(took)) < 0)
		took = -1;
	close(pipes[0]);
	close(pipes[1]);
	wait(NULL);
	return took;
}

static int time_print(int count)
{
	int *took = calloc((size_t)count, sizeof(*took));

	for (int i = 0; i < count; i++)
		took[i] = microseconds_of_sandbox();
	qsort(took, (size_t)count, sizeof(*took), compare);
	printf("%d\n", took[count / 2]);
	free(took);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--time") == 0)
		return time_print(atoi(argv[2]));
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "--tripwires") == 0)
		return tripwires_print();
	if (argc != 2)
		return 2;
	world_make(argv[1]);
	printf("#");
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		printf(" %s", columns[i].name);
	printf(" # the kernel's ABI is %d\n", kernel_abi());
	fflush(stdout);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		row_print(&rows[i]);
		fflush(stdout);
	}
	kill(world.sibling, SIGKILL);
	return 0;
}
