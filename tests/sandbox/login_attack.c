/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a login that was taken over would try from inside its sandbox.
 *
 *	login_attack DIRECTORY	a line for each attempt: NAME, without a sandbox, in that of a session's verbs,
 *				in the whole one, in the whole one where it may go on in another process
 *
 * Each attempt is made in a process of its own confined by helper/login/confine.c, which is linked as it is. A cell is
 * "done", the error, or "killed" (by seccomp). Without a sandbox it must succeed; what cannot is "n/a" and why. DIRECTORY
 * is filled with what is attacked. Run it as root, in namespaces of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/paths.h"
#include "helper/login/confine.h"
#include "attempt.h"

static struct {
	char file[300], fresh[300], state[300];
	pid_t sibling;
	int sibling_fd, log[2];
} world;

ATTEMPT(read_shadow, OPEN("/etc/shadow", O_RDONLY))
ATTEMPT(write_shadow, OPEN("/etc/shadow", O_WRONLY))
ATTEMPT(write_file, OPEN(world.file, O_WRONLY))
ATTEMPT(create_file, OPEN(world.fresh, O_WRONLY | O_CREAT))
ATTEMPT(truncate_file, OPEN(world.file, O_RDONLY | O_TRUNC))
ATTEMPT(remove_file, syscall(SYS_unlinkat, AT_FDCWD, world.file, 0))
ATTEMPT(rename_file, syscall(SYS_renameat2, AT_FDCWD, world.file, AT_FDCWD, world.fresh, 0))
ATTEMPT(make_link, syscall(SYS_symlinkat, "x", AT_FDCWD, world.fresh))
ATTEMPT(make_hard_link, syscall(SYS_linkat, AT_FDCWD, world.file, AT_FDCWD, world.fresh, 0))
ATTEMPT(make_device, syscall(SYS_mknodat, AT_FDCWD, world.fresh, S_IFCHR | 0600, 0x103))
ATTEMPT(make_setuid, syscall(SYS_fchmodat, AT_FDCWD, world.file, 04755))
ATTEMPT(list_root, OPEN("/", O_RDONLY | O_DIRECTORY))
ATTEMPT(list_processes, OPEN("/proc", O_RDONLY | O_DIRECTORY))
ATTEMPT(read_own_process, OPEN("/proc/self/stat", O_RDONLY))
ATTEMPT(keep_a_record, OPEN(world.state, O_RDWR | O_CREAT))
ATTEMPT(exec, syscall(SYS_execve, "/bin/true", ((char *[]){ (char *)"true", NULL }), NULL))
ATTEMPT(exec_of_descriptor,
	syscall(SYS_execveat, AT_FDCWD, "/bin/true", ((char *[]){ (char *)"true", NULL }), NULL, 0))
ATTEMPT(kill_sibling, syscall(SYS_kill, world.sibling, SIGCONT))
ATTEMPT(tgkill_sibling, syscall(SYS_tgkill, world.sibling, world.sibling, SIGCONT))
ATTEMPT(pidfd_open, syscall(SYS_pidfd_open, world.sibling, 0))
ATTEMPT(signal_a_helper, syscall(SYS_pidfd_send_signal, world.sibling_fd, SIGCONT, NULL, 0))
ATTEMPT(ptrace_sibling, syscall(SYS_ptrace, PTRACE_SEIZE, world.sibling, 0, 0))
ATTEMPT(getfd_of_sibling, syscall(SYS_pidfd_getfd, world.sibling_fd, 0, 0))
ATTEMPT(socket_inet, socket(AF_INET, SOCK_STREAM, 0))
ATTEMPT(socket_inet_datagrams, socket(AF_INET, SOCK_DGRAM, 0))
ATTEMPT(socket_inet6, socket(AF_INET6, SOCK_STREAM, 0))
ATTEMPT(socket_netlink, socket(AF_NETLINK, SOCK_RAW, 0))
ATTEMPT(socket_packet, socket(AF_PACKET, SOCK_RAW, 0))
ATTEMPT(socket_unix_stream, socket(AF_UNIX, SOCK_STREAM, 0))
ATTEMPT(socket_of_the_log, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
ATTEMPT(socket_pair, socketpair(AF_UNIX, SOCK_STREAM, 0, world.log))
ATTEMPT(setuid, syscall(SYS_setuid, 1))
ATTEMPT(setresuid, syscall(SYS_setresuid, 1, 1, 1))
ATTEMPT(setgroups, syscall(SYS_setgroups, 0, NULL))
ATTEMPT(mount, syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL))
ATTEMPT(chroot, syscall(SYS_chroot, "/"))
ATTEMPT(unshare, syscall(SYS_unshare, CLONE_NEWNS))
ATTEMPT(new_users, syscall(SYS_unshare, CLONE_NEWUSER))
ATTEMPT(io_uring, syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == EFAULT ? 0 : -1)
ATTEMPT(keyring, syscall(SYS_keyctl, 0, -3, 1))
ATTEMPT(memory_to_run, (uintptr_t)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == UINTPTR_MAX
			       ? -1
			       : 0)
ATTEMPT(set_hostname, syscall(SYS_sethostname, "x", 1))
ATTEMPT(set_clock, syscall(SYS_clock_settime, 0, NULL) < 0 && errno == EFAULT ? 0 : -1)

static int try_bpf(void)
{
	char attr[128] = { 2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1 };

	return done(syscall(SYS_bpf, 0, attr, sizeof(attr)));
}

static int try_capabilities_again(void)
{
	unsigned int header[2] = { 0x20080522, 0 }, data[6];

	syscall(SYS_capget, header, data);
	data[0] = data[1] = 1U << 2; /* CAP_DAC_READ_SEARCH */
	return done(syscall(SYS_capset, header, data));
}

static int fork_by(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);

	if (pid == 0)
		syscall(SYS_exit_group, 0);
	return done(pid);
}

static int try_fork_as_libc(void)
{
	return fork_by(SIGCHLD | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID);
}

static int try_fork_with_users(void)
{
	return fork_by(SIGCHLD | CLONE_NEWUSER);
}

static int try_acl_of_a_token(void)
{
	int fd = (int)OPEN(world.state, O_RDWR | O_CREAT);

	if (fd < 0)
		return errno;
	return fgetxattr(fd, "system.posix_acl_access", NULL, 0) < 0 && errno != ENODATA &&
			       errno != EOPNOTSUPP
		       ? errno
		       : 0;
}

static int try_chown_a_token(void)
{
	int fd = (int)OPEN(world.state, O_RDWR | O_CREAT);

	return fd < 0 ? errno : done(fchown(fd, 1, 1));
}

static int try_connect_to_a_program(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "/tmp/none" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		return errno;
	return connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 && errno != ENOENT ? errno : 0;
}

#define ROW(name)                 \
	{                         \
#name, try_##name \
	}

static const struct {
	const char *name;
	int (*attempt)(void);
} rows[] = {
	ROW(read_shadow),
	ROW(write_shadow),
	ROW(write_file),
	ROW(create_file),
	ROW(truncate_file),
	ROW(remove_file),
	ROW(rename_file),
	ROW(make_link),
	ROW(make_hard_link),
	ROW(make_device),
	ROW(make_setuid),
	ROW(list_root),
	ROW(list_processes),
	ROW(read_own_process),
	ROW(keep_a_record),
	ROW(acl_of_a_token),
	ROW(chown_a_token),
	ROW(exec),
	ROW(exec_of_descriptor),
	ROW(kill_sibling),
	ROW(tgkill_sibling),
	ROW(pidfd_open),
	ROW(signal_a_helper),
	ROW(ptrace_sibling),
	ROW(getfd_of_sibling),
	ROW(socket_inet),
	ROW(socket_inet_datagrams),
	ROW(socket_inet6),
	ROW(socket_netlink),
	ROW(socket_packet),
	ROW(socket_unix_stream),
	ROW(socket_of_the_log),
	ROW(socket_pair),
	ROW(connect_to_a_program),
	ROW(setuid),
	ROW(setresuid),
	ROW(setgroups),
	ROW(capabilities_again),
	ROW(mount),
	ROW(chroot),
	ROW(unshare),
	ROW(new_users),
	ROW(bpf),
	ROW(io_uring),
	ROW(keyring),
	ROW(memory_to_run),
	ROW(set_hostname),
	ROW(set_clock),
	ROW(fork_as_libc),
	ROW(fork_with_users),
};

enum column {
	NONE,
	SESSION,
	ALL,
	HANDING_OVER,
	COLUMNS
};

static void sandbox_enter(enum column column)
{
	const struct confine_allow allow = { .reads = column == SESSION,
					     .hands_over = column == HANDING_OVER };
	unsigned int whole = CONFINE_NO_NEW_PRIVS | CONFINE_NOT_DUMPABLE | CONFINE_CAPABILITIES |
			     CONFINE_SECCOMP | CONFINE_LANDLOCK;

	if (column != NONE && confine(&allow) != whole)
		_exit(NO_SANDBOX);
}

static void world_fresh(void)
{
	int fd = open(world.file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	close(fd);
	unlink(world.fresh);
	unlink(world.state);
	umount("/mnt");
}

static const char *trial(int (*attempt)(void), enum column column)
{
	int status;
	pid_t pid;

	world_fresh();
	pid = fork();
	if (pid == 0) {
		alarm(5);
		sandbox_enter(column);
		_exit(attempt());
	}
	waitpid(pid, &status, 0);
	return trial_result(status);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(world.file, sizeof(world.file), "%s/file", argv[1]);
	snprintf(world.fresh, sizeof(world.fresh), "%s/fresh", argv[1]);
	snprintf(world.state, sizeof(world.state), "%s/record", PATH_STATE);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, world.log) != 0)
		return 2;
	world.sibling = fork();
	if (world.sibling == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	world.sibling_fd = (int)syscall(SYS_pidfd_open, world.sibling, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		printf("%s", rows[i].name);
		fflush(stdout);
		for (int column = NONE; column < COLUMNS; column++) {
			printf(" %s", trial(rows[i].attempt, (enum column)column));
			fflush(stdout);
		}
		printf("\n");
	}
	kill(world.sibling, SIGKILL);
	return 0;
}
