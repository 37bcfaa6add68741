/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of `check`: each looks at one thing and writes its lines. None changes anything, none
 * ends because of what it finds.
 */
#ifndef ADMIN_CHECK_CHECK_H
#define ADMIN_CHECK_CHECK_H

#include "helper/login/config/conf.h"
#include "report.h"
#include "stack.h"

enum {
	CHECK_SECTIONS_MAX = 64,
};

/* A section of device_code.conf. */
struct section {
	char name[64];
	bool loaded; /* CONF is complete */
	struct conf conf;
	long code_seconds; /* that the provider gives a code; 0: not known */
	bool named;	   /* by a PAM line */
};

struct check {
	struct report report;
	struct section section[CHECK_SECTIONS_MAX];
	size_t sections;
	const char *user;     /* NULL, or whose Match blocks count for sshd */
	struct stacks stacks; /* the services whose stacks name the module */
};

/* NULL: there is none of that name. "": the only one. */
struct section *check_section(struct check *check, const char *name);

/* check_files.c: which sections there are; false, and an error line: the file cannot be read. */
bool check_sections(struct check *check);
/* Owners, modes, keys, and the files that they name. Loads SECTION. */
void check_files(struct check *check, struct section *section);

/* check_provider.c: the helper, its sandbox, network, provider, QR codes. */
void check_provider(struct check *check, struct section *section);

/* check_pam.c: one service. */
void check_pam(struct check *check, const struct stack *stack);

/* check_sshd.c: what sshd says of itself, for the section that STACK, its own, names. */
void check_sshd(struct check *check, const struct stack *stack, const struct section *section);

/* check_greeter.c: a display manager's greeters, for the section that its stack names. */
void check_greeter(struct check *check, const struct stack *stack, const struct section *section);

/* check_login.c: whether device-code-login begins, by the way that a login takes here. */
void check_login(struct check *check);
/* Likewise where accounts are made for who is new, if SECTION has them made. */
void check_enrol(struct check *check, const struct section *section);
/* check_neighbours.c: what other sections mean for SECTION. */
void check_neighbours(struct check *check, const struct section *section);

/* check_machine.c */
void check_machine(struct check *check);
void check_login_defs(struct check *check, const struct section *section);
/* Whether a QR of WIDTH modules is drawn on the console, as large as it is now and in its font. */
void check_console(struct check *check, const struct section *section, int width);
/* Whether AppArmor keeps the helper from SECTION's ca_file. */
void check_apparmor(struct check *check, const struct section *section);
/* Whether the units run that keep what SECTION promises for the time after a login. */
void check_units(struct check *check, const struct section *section);

#endif
