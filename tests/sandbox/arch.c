/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of a helper and of a login for another machine: each filter is made for it, and each call that it
 * does not have is printed, "allowed NAME" or "tripwire NAME".
 *
 *	arch x86_64|aarch64
 */
#include "helper/login/confine.c"
#include "helper/oauth_client/confined/syscalls.c"

static uint32_t machine;

static void tell_missing(const char *kind, int call)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);

	if (!name)
		printf("%s unresolved %d\n", kind, call);
	else if (seccomp_syscall_resolve_name_arch(machine, name) < 0)
		printf("%s %s\n", kind, name);
	free(name);
}

static bool filter_made(enum syscalls_set set)
{
	const struct syscalls_wish wish = { .set = set, .directories = set == SYSCALLS_NETWORK };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int fd = open("/dev/null", O_WRONLY);
	bool ok = filter && fd >= 0;

	if (ok && machine != seccomp_arch_native())
		ok = seccomp_arch_add(filter, machine) == 0 &&
		     seccomp_arch_remove(filter, SCMP_ARCH_NATIVE) == 0;
	return ok && filter_fill(filter, &wish, SCMP_ACT_KILL_PROCESS) &&
	       seccomp_export_bpf(filter, fd) == 0;
}

int main(int argc, char **argv)
{
	machine = argc == 2 ? seccomp_arch_resolve_name(argv[1]) : 0;
	if (machine == 0 || !filter_made(SYSCALLS_NETWORK) || !filter_made(SYSCALLS_DRAWING) ||
	    !filter_made(SYSCALLS_SIGNING)) {
		fprintf(stderr, "arch: no filter for %s\n", argc == 2 ? argv[1] : "nothing");
		return 1;
	}
	for (size_t set = 0; set < COUNT(sets); set++)
		for (size_t i = 0; i < sets[set].count; i++)
			tell_missing("allowed", sets[set].rules[i].call);
	for (size_t i = 0; i < COUNT(login_rules); i++)
		tell_missing(login_rules[i].action == SCMP_ACT_KILL_PROCESS ? "tripwire" : "login",
			     login_rules[i].call);
	for (size_t i = 0; i < filter_tripwire_count; i++)
		tell_missing("tripwire", filter_tripwires[i].call);
}
