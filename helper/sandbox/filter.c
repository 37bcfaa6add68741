/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules of a seccomp filter: see filter.h. Must never leave out a row that it was given. */
#include "filter.h"

#define TRIPWIRE(name)                \
	{                             \
		SCMP_SYS(name), #name \
	}

/*
 * What no library needs, in a login nor in a helper, with the reason of each group. clone and tgkill have arguments
 * that decide, and pidfd_send_signal is a login's way to end a helper: see each table of rules.
 */
/* clang-format off */
const struct tripwire filter_tripwires[] = {
	/* another program, or another process of this one: a helper and a login are one process from beginning to end */
	TRIPWIRE(execve), TRIPWIRE(execveat), TRIPWIRE(fork), TRIPWIRE(vfork),
	/* signals to others: a login ends its helper by pidfd, a helper signals only itself */
	TRIPWIRE(kill), TRIPWIRE(tkill), TRIPWIRE(rt_sigqueueinfo), TRIPWIRE(rt_tgsigqueueinfo),
	/* the memory and descriptors of others: the module, the host, another login */
	TRIPWIRE(ptrace), TRIPWIRE(process_vm_readv), TRIPWIRE(process_vm_writev),
	TRIPWIRE(process_madvise), TRIPWIRE(pidfd_getfd), TRIPWIRE(kcmp), TRIPWIRE(move_pages),
	TRIPWIRE(migrate_pages),
	/* a server: both are clients, and what listens was handed over by systemd */
	TRIPWIRE(bind), TRIPWIRE(listen), TRIPWIRE(accept), TRIPWIRE(accept4),
	/* another identity, or more of this one: it is settled before the filter stands */
	TRIPWIRE(setuid), TRIPWIRE(setgid), TRIPWIRE(setreuid), TRIPWIRE(setregid),
	TRIPWIRE(setresuid), TRIPWIRE(setresgid), TRIPWIRE(setfsuid), TRIPWIRE(setfsgid),
	TRIPWIRE(setgroups), TRIPWIRE(capset),
	/* another view of the machine: Landlock's rules hold for the one that there is */
	TRIPWIRE(mount), TRIPWIRE(umount2), TRIPWIRE(pivot_root), TRIPWIRE(chroot),
	TRIPWIRE(unshare), TRIPWIRE(setns),
	TRIPWIRE(open_tree), TRIPWIRE(move_mount), TRIPWIRE(fsopen), TRIPWIRE(fsconfig),
	TRIPWIRE(fsmount), TRIPWIRE(fspick), TRIPWIRE(mount_setattr),
	TRIPWIRE(name_to_handle_at), TRIPWIRE(open_by_handle_at),
	/* the kernel: its large interfaces, its modules, its clock, its other programs and its log */
	TRIPWIRE(bpf), TRIPWIRE(perf_event_open), TRIPWIRE(userfaultfd), TRIPWIRE(io_uring_setup),
	TRIPWIRE(io_uring_enter), TRIPWIRE(io_uring_register), TRIPWIRE(keyctl),
	TRIPWIRE(add_key), TRIPWIRE(request_key), TRIPWIRE(init_module),
	TRIPWIRE(finit_module), TRIPWIRE(delete_module), TRIPWIRE(kexec_load),
	TRIPWIRE(kexec_file_load), TRIPWIRE(reboot), TRIPWIRE(swapon), TRIPWIRE(swapoff),
	TRIPWIRE(acct), TRIPWIRE(quotactl), TRIPWIRE(syslog), TRIPWIRE(sethostname),
	TRIPWIRE(setdomainname), TRIPWIRE(settimeofday), TRIPWIRE(clock_settime),
	TRIPWIRE(clock_adjtime), TRIPWIRE(adjtimex), TRIPWIRE(iopl), TRIPWIRE(ioperm),
	TRIPWIRE(modify_ldt), TRIPWIRE(vhangup),
};
/* clang-format on */
const size_t filter_tripwire_count = sizeof(filter_tripwires) / sizeof(*filter_tripwires);

bool filter_add_rules(scmp_filter_ctx filter, const struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (seccomp_rule_add_array(filter, rules[i].action, rules[i].call, rules[i].args,
					   rules[i].arg) != 0)
			return false;
	return true;
}

bool filter_add_tripwire(scmp_filter_ctx filter, uint32_t tripped, int call, unsigned int args,
			 struct scmp_arg_cmp arg)
{
	return tripped == SCMP_ACT_TRAP ||
	       seccomp_rule_add_array(filter, tripped, call, args, &arg) == 0;
}

bool filter_add_tripwires(scmp_filter_ctx filter, uint32_t tripped)
{
	const struct scmp_arg_cmp none = { 0 };

	for (size_t i = 0; i < filter_tripwire_count; i++)
		if (!filter_add_tripwire(filter, tripped, filter_tripwires[i].call, 0, none))
			return false;
	return true;
}
