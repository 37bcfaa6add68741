/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of a seccomp filter, as tables have them: what a login and what a helper may call is in their own, and
 * what neither ever calls is here. A row is a call, or a call with some of its arguments.
 */
#ifndef HELPER_SANDBOX_FILTER_H
#define HELPER_SANDBOX_FILTER_H

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rule {
	int call;
	uint32_t action;
	unsigned int args;
	struct scmp_arg_cmp arg[3];
};

/* Arguments by number: equal; none but these bits; of these bits exactly those. */
#define IS(arg, value)	    SCMP_CMP32(arg, SCMP_CMP_MASKED_EQ, ~0U, (uint32_t)(value))
#define ONLY(arg, bits)	    SCMP_CMP32(arg, SCMP_CMP_MASKED_EQ, ~(uint32_t)(bits), 0)
#define OF(arg, mask, bits) SCMP_CMP32(arg, SCMP_CMP_MASKED_EQ, (uint32_t)(mask), (uint32_t)(bits))
#define IS_LONG(arg, value) SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, ~0ULL, value)
/* A socket's type, whatever its flags. */
#define SOCKET_FLAGS	   ((unsigned int)(SOCK_CLOEXEC | SOCK_NONBLOCK))
#define TYPE_IS(arg, type) OF(arg, ~SOCKET_FLAGS, type)

/* clang-format off */
#define CALL(name)		{ .call = SCMP_SYS(name), .action = SCMP_ACT_ALLOW }
#define WHERE1(name, a)		{ SCMP_SYS(name), SCMP_ACT_ALLOW, 1, { a } }
#define WHERE2(name, a, b)	{ SCMP_SYS(name), SCMP_ACT_ALLOW, 2, { a, b } }
#define WHERE3(name, a, b, c)	{ SCMP_SYS(name), SCMP_ACT_ALLOW, 3, { a, b, c } }
#define FAIL1(error, name, a)	{ SCMP_SYS(name), SCMP_ACT_ERRNO(error), 1, { a } }
#define KILL(name)		{ .call = SCMP_SYS(name), .action = SCMP_ACT_KILL_PROCESS }
#define KILL1(name, a)		{ SCMP_SYS(name), SCMP_ACT_KILL_PROCESS, 1, { a } }
/* clang-format on */

/* A call that ends a process: whoever makes it has taken the process over. */
struct tripwire {
	int call;
	const char *name;
};
extern const struct tripwire filter_tripwires[];
extern const size_t filter_tripwire_count;

/* Memory is never executable, in any table of rules: what both have of it. */
#define NO_NEW_CODE                                                                          \
	WHERE1(mmap, OF(2, PROT_EXEC, 0)), FAIL1(EACCES, mmap, OF(2, PROT_EXEC, PROT_EXEC)), \
		WHERE1(mprotect, OF(2, PROT_EXEC, 0)),                                       \
		FAIL1(EACCES, mprotect, OF(2, PROT_EXEC, PROT_EXEC))

/* false: libseccomp takes one of them not. */
bool filter_add_rules(scmp_filter_ctx filter, const struct rule *rules, size_t count);
bool filter_add_tripwires(scmp_filter_ctx filter, uint32_t tripped);

/* A rule that says what the filter says by default is none, and libseccomp refuses it: filters of SCMP_ACT_TRAP. */
bool filter_add_tripwire(scmp_filter_ctx filter, uint32_t tripped, int call, unsigned int args,
			 struct scmp_arg_cmp arg);

#endif
