/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin/check/stack.c: what comes of a stack, as pam.conf(5) and libpam's dispatcher have it. stack.c is taken in
 * whole: its lines come from the table.
 */
#include "admin/check/stack.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define OURS(control) "auth " control " pam_device_code.so\n"
#define UNIX(control) "auth " control " pam_unix.so\n"
#define DENY	      "auth requisite pam_deny.so\n"
#define PERMIT	      "auth required pam_permit.so\n"

static const struct {
	const char *lines, *said;
	bool password_good, opens, reached;
} rows[] = {
	{ "", "success", true, false, false },
	{ OURS("required"), "success", false, true, true },
	{ OURS("required"), "auth_err", true, false, true },
	{ OURS("sufficient") UNIX("required"), "success", false, true, true },
	{ OURS("sufficient") UNIX("required"), "auth_err", true, true, true },
	{ OURS("sufficient") UNIX("required"), "auth_err", false, false, true },
	{ OURS("requisite") PERMIT, "auth_err", true, false, true },
	{ UNIX("sufficient") OURS("required"), "success", true, true, false },
	{ OURS("[success=done default=die]") PERMIT, "service_err", true, false, true },
	{ OURS("[success=done authinfo_unavail=ignore default=die]") UNIX("required"),
	  "authinfo_unavail", true, true, true },
	/* a jump says neither yes nor no */
	{ OURS("[success=1 default=ignore]") DENY PERMIT, "success", false, true, true },
	{ OURS("[success=1 default=ignore]") DENY PERMIT, "auth_err", false, false, true },
	{ OURS("[success=1 default=ignore]") DENY, "success", false, false, true },
	{ OURS("[success=2 default=ignore]") DENY DENY PERMIT, "success", false, true, true },
	{ OURS("[default=1]") DENY PERMIT, "auth_err", false, true, true },
	{ OURS("[success=0 default=die]") PERMIT, "success", false, true, true },
	/* nor anything that is not there to be jumped over */
	{ PERMIT OURS("[success=1 default=ignore]"), "success", false, false, true },
	{ OURS("[success=3 default=ignore]") DENY PERMIT, "success", false, false, true },
	{ PERMIT OURS("[success=2147483647]"), "success", false, false, true },
	{ PERMIT OURS("[success=99999999999999]"), "success", false, false, true },
	{ "auth substack x\n>" OURS("[success=1]") PERMIT, "success", false, false, true },
	/* what is no word of pam.conf(5) is bad */
	{ OURS("[success=okk default=die]") PERMIT, "success", false, false, true },
	{ OURS("[success=-1 default=die]") PERMIT, "success", false, false, true },
	{ OURS("[success=1x default=die]") DENY PERMIT, "success", false, false, true },
	{ OURS("[success= default=die]") PERMIT, "success", false, false, true },
	/* a substack ends by itself alone */
	{ "auth substack x\n>" OURS("sufficient") ">" DENY UNIX("required"), "success", false,
	  false, true },
	{ "auth substack x\n>" OURS("sufficient") ">" DENY UNIX("required"), "success", true, true,
	  true },
	{ UNIX("[success=1 default=ignore]") "auth substack x\n>" DENY ">" DENY OURS("required"),
	  "success", true, true, true },
};

/* What asks for no proof and may say yes, as pam_access does. */
static const struct {
	const char *lines;
	bool others_yes, is_root;
	bool opens;
} others[] = {
	{ "auth required pam_access.so\n" OURS("sufficient"), false, false, false },
	{ "auth required pam_access.so\n" OURS("sufficient"), true, false, true },
	{ "auth required pam_faillock.so preauth\n" OURS("sufficient"), true, false, true },
	{ "auth required pam_exec.so /bin/true\n" OURS("sufficient"), true, false, true },
	{ "auth required pam_succeed_if.so user ingroup tv\n" OURS("sufficient"), true, false,
	  true },
	{ "auth required pam_access.so\n" OURS("required"), true, false, false },
	{ "auth required pam_access.so\n" OURS("[success=done default=die]"), true, false, false },
	{ "auth required pam_access.so\n" OURS("sufficient") UNIX("required"), true, false, false },
	{ "auth sufficient pam_succeed_if.so uid = 0\n" OURS("required"), true, true, true },
	{ "auth sufficient pam_succeed_if.so uid = 0\n" OURS("required"), true, false, false },
	{ "auth optional pam_cap.so\n" OURS("sufficient"), true, false, true },
	{ "auth optional pam_gnome_keyring.so\n" OURS("sufficient"), true, false, true },
	{ "auth optional pam_ecryptfs.so unwrap\n" OURS("sufficient"), true, false, true },
	{ "auth sufficient pam_rootok.so\n" OURS("required"), true, false, true },
	/* says no yes */
	{ "auth required pam_env.so\nauth optional pam_faildelay.so delay=3000000\n" OURS(
		  "sufficient"),
	  true, false, false },
	{ "auth required pam_wheel.so\n" OURS("sufficient"), true, false, false },
	{ "auth required pam_wheel.so trust\n" OURS("sufficient"), true, false, true },
	{ "auth requisite pam_nologin.so\n" OURS("sufficient"), true, false, false },
	{ "auth requisite pam_nologin.so successok\n" OURS("sufficient"), true, false, true },
};

/* Lines that begin with > are a substack's. */
static void lines_take(struct reader *r, const char *lines)
{
	char text[TEXT_MAX];
	size_t len;

	r->stack->lines = 0;
	for (; *lines; lines += len + 1) {
		len = strcspn(lines, "\n");
		r->substacks = lines[0] == '>';
		snprintf(text, sizeof(text), "%.*s", (int)len - r->substacks, lines + r->substacks);
		if (strncmp(text, "auth substack", 13) == 0) {
			r->stack->line[r->stack->lines] =
				(struct stack_line){ .type = STACK_AUTH, .control = "substack" };
			r->stack->lines++;
		} else {
			line_read(r, "table:1", text, -1);
		}
	}
}

static void what_comes_of_it(void **state)
{
	struct stack stack = { 0 };
	struct reader r = { .stack = &stack };

	(void)state;
	stack.line = calloc(STACK_LINES_MAX, sizeof(*stack.line));
	assert_non_null(stack.line);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct stack_world world = { .ours = rows[i].said,
						   .password_good = rows[i].password_good };
		struct stack_result result;

		lines_take(&r, rows[i].lines);
		result = stack_walk(&stack, STACK_AUTH, &world);
		if (result.opens != rows[i].opens || result.reached != rows[i].reached)
			fail_msg("%s: \"%s\": opens %d, reached %d", rows[i].said, rows[i].lines,
				 result.opens, result.reached);
		assert_string_equal(stack.trouble, "");
	}
	free(stack.line);
}

static void what_says_yes_and_asks_for_nothing(void **state)
{
	struct stack stack = { 0 };
	struct reader r = { .stack = &stack };

	(void)state;
	stack.line = calloc(STACK_LINES_MAX, sizeof(*stack.line));
	assert_non_null(stack.line);
	for (size_t i = 0; i < COUNT(others); i++) {
		const struct stack_world world = { .ours = "perm_denied",
						   .others_yes = others[i].others_yes,
						   .is_root = others[i].is_root };
		struct stack_result result;

		lines_take(&r, others[i].lines);
		result = stack_walk(&stack, STACK_AUTH, &world);
		if (result.opens != others[i].opens)
			fail_msg("\"%s\": opens %d", others[i].lines, result.opens);
		if (result.opens)
			assert_ptr_equal(result.yes, &stack.line[0]);
	}
	free(stack.line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_of_it),
		cmocka_unit_test(what_says_yes_and_asks_for_nothing),
	};

	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
