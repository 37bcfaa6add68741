/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a command as on a kernel without seccomp or without Landlock: its system calls end in ENOSYS (those
 * that set a seccomp filter in EINVAL).
 *
 *	without seccomp|landlock COMMAND...
 */
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const int landlock[] = { SCMP_SYS(landlock_create_ruleset),
					SCMP_SYS(landlock_restrict_self) };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool no_seccomp = argc > 2 && strcmp(argv[1], "seccomp") == 0;
	int failed = 0;

	if (argc < 3 || !filter)
		return 2;
	/* The host must stay able to gain and to drop ids: no no_new_privs. */
	failed |= seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	if (no_seccomp) {
		failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(seccomp), 0);
		failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
					   SCMP_A0(SCMP_CMP_MASKED_EQ, ~0U, PR_SET_SECCOMP));
	}
	for (size_t i = 0; !no_seccomp && i < sizeof(landlock) / sizeof(*landlock); i++)
		failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), landlock[i], 0);
	if (failed || seccomp_load(filter) != 0) {
		fprintf(stderr, "without: the filter cannot be loaded\n");
		return 1;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
