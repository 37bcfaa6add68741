/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: whether sshd does what its stack and section need. sshd itself is asked (sshd -T), with its
 * Match blocks where a user is named; its configuration is never read here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/list.h"
#include "helper/login/presentation.h"
#include "check.h"
#include "admin/run.h"

enum {
	GRACE_BESIDE = 10,    /* seconds that a login takes beside waiting */
	TELLS_AT_ONCE = 1003, /* 10.3: sends PAM_TEXT_INFO as it comes */
};

#define SSHD	    "/usr/sbin/sshd"
#define SSHD_CONFIG "in /etc/ssh/sshd_config.d/10-device-code.conf, then systemctl try-restart ssh"

/* The rest of the line of TEXT that begins with KEY; "" if there is none. */
static void value_of(const char *text, const char *key, char *out, size_t out_len)
{
	size_t len = strlen(key);

	out[0] = '\0';
	for (; text && *text; text = strchr(text, '\n'), text = text ? text + 1 : NULL) {
		if (strncmp(text, key, len) != 0 || text[len] != ' ')
			continue;
		text += len + 1;
		slice_copy((struct slice){ text, strcspn(text, "\n") }, out, out_len);
		return;
	}
}

static void yes_check(struct check *check, const char *text, const char *key, const char *spelled,
		      const char *wanted, enum mark mark, const char *why)
{
	char value[64], fix[200];

	value_of(text, key, value, sizeof(value));
	snprintf(fix, sizeof(fix), "%s %s " SSHD_CONFIG, spelled, wanted);
	if (strcmp(value, wanted) == 0)
		report_line(&check->report, MARK_OK, spelled, NULL, "%s", value);
	else
		report_line(&check->report, mark, spelled, fix, "%s: %s",
			    value[0] ? value : "not said", why);
}

/* Seconds that people have, as the module will count them. */
static long seconds_shown(const struct section *section)
{
	const struct presentation_facts facts = { .origin = ORIGIN_REMOTE,
						  .tty = "ssh",
						  .service = "sshd" };
	struct presentation presentation;

	presentation_choose(&section->conf, &facts, &presentation);
	if (section->code_seconds > 0 && section->code_seconds < presentation.timeout)
		return section->code_seconds;
	return presentation.timeout;
}

static void grace_check(struct check *check, const struct section *section, const char *text)
{
	char value[64], fix[200];
	long grace, seconds = seconds_shown(section);

	value_of(text, "logingracetime", value, sizeof(value));
	grace = strtol(value, NULL, 10);
	snprintf(fix, sizeof(fix), "LoginGraceTime %ld " SSHD_CONFIG ", or a shorter timeout",
		 seconds + 2L * GRACE_BESIDE);
	if (grace == 0 || grace >= seconds + GRACE_BESIDE)
		report_line(&check->report, MARK_OK, "LoginGraceTime", NULL,
			    "%ld s; a code is waited for %ld s", grace, seconds);
	else
		report_line(&check->report, MARK_ERROR, "LoginGraceTime", fix,
			    "%ld s: sshd ends a login whose code is waited for %ld s", grace,
			    seconds);
}

/* What one way in, methods one after the other, is to the code. */
enum way {
	WAY_PROVEN = 0, /* a required method comes before it */
	WAY_BARE,	/* it comes first */
	WAY_PAST,	/* it does not come at all */
};

/* A method may be narrowed, as in "keyboard-interactive:pam". */
static enum way way_of(struct slice alternative, const char *required)
{
	struct slice method;
	char text[256], name[64];
	const char *list = text;
	bool proven = required[0] == '\0';

	if (!slice_copy(alternative, text, sizeof(text)))
		return WAY_BARE;
	while (list_next(&list, LIST_COMMAS, &method)) {
		if (!slice_copy(method, name, sizeof(name)))
			return WAY_BARE;
		name[strcspn(name, ":")] = '\0';
		if (strcmp(name, "keyboard-interactive") == 0)
			return proven ? WAY_PROVEN : WAY_BARE;
		proven |= list_has(required, LIST_BLANKS, name);
	}
	return WAY_PAST;
}

/* sshd lets in by whichever of its alternatives is passed first: the weakest counts. */
static void methods_check(struct check *check, const struct section *section, const char *text)
{
	const char *required = conf_text(&section->conf, CONF_REQUIRE_SSH_METHOD);
	bool bare = false, past = false;
	struct slice alternative;
	const char *list;
	char value[512];

	value_of(text, "authenticationmethods", value, sizeof(value));
	if (value[0] == '\0' || strcmp(value, "any") == 0)
		bare = required[0] != '\0';
	else
		for (list = value; list_next(&list, LIST_BLANKS, &alternative);) {
			bare |= way_of(alternative, required) == WAY_BARE;
			past |= way_of(alternative, required) == WAY_PAST;
		}
	if (bare)
		report_line(
			&check->report, MARK_ERROR, "AuthenticationMethods",
			"AuthenticationMethods publickey,keyboard-interactive " SSHD_CONFIG,
			"%s: require_ssh_method = %s, and sshd does not ask for it before the code",
			value[0] ? value : "any", required);
	else if (past)
		report_line(&check->report, MARK_WARNING, "AuthenticationMethods",
			    "take it out where a code is wanted " SSHD_CONFIG,
			    "%s: one of these ways in asks for no code", value);
	else
		report_line(&check->report, MARK_OK, "AuthenticationMethods", NULL, "%s", value);
}

/* Whether who is refused a code is asked for another proof, as pam-auth-update has it. */
static bool has_another_way(const struct stack *stack)
{
	const struct stack_world world = { .ours = "perm_denied", .password_good = true };

	return stack_walk(stack, STACK_AUTH, &world).opens;
}

static void remote_check(struct check *check, const struct section *section, bool another_way)
{
	const struct conf *conf = &section->conf;
	const char *remote = conf_text(conf, CONF_REMOTE);

	if (strcmp(remote, "deny") == 0 && another_way)
		report_line(
			&check->report, MARK_OK, "remote", NULL,
			"deny: nobody is asked for a code over ssh, but for what the other lines "
			"of this stack want");
	else if (strcmp(remote, "deny") == 0)
		report_line(
			&check->report, MARK_ERROR, "remote",
			"require_ssh_method = publickey, or remote = allow or the networks that may",
			"deny: every login by ssh is refused, and this is sshd's stack");
	else if (strcmp(remote, "allow") == 0 && !conf_text(conf, CONF_REQUIRE_SSH_METHOD)[0] &&
		 conf_is(conf, CONF_FLOW, "device_code"))
		report_line(
			&check->report, MARK_WARNING, "remote",
			"require_ssh_method = publickey, flow = authorization_code, or remote = the networks that may",
			"allow: anybody can start a login in somebody's name and talk them into "
			"approving it");
	else
		report_line(&check->report, MARK_OK, "remote", NULL, "%s%s%s", remote,
			    conf_text(conf, CONF_REQUIRE_SSH_METHOD)[0] ? ", after " : "",
			    conf_text(conf, CONF_REQUIRE_SSH_METHOD));
}

/* 902 for 9.2; 0: not known. */
static int version_find(void)
{
	const char *const argv[] = { SSHD, "-V", NULL };
	char text[1024];
	const char *at;
	int major = 0, minor = 0;

	run_capture(argv, text, sizeof(text));
	at = strstr(text, "OpenSSH_");
	if (!at || sscanf(at, "OpenSSH_%3d.%2d", &major, &minor) != 2)
		return 0;
	return major * 100 + minor;
}

static void prompt_check(struct check *check, const struct section *section)
{
	const struct conf *conf = &section->conf;
	int version = version_find();

	if (version == 0)
		return;
	if (conf_is(conf, CONF_PROMPT, "none") && version < TELLS_AT_ONCE)
		report_line(&check->report, MARK_ERROR, "prompt", "prompt = auto",
			    "none, and sshd is %d.%d: one before 10.3 shows no code while it waits",
			    version / 100, version % 100);
	else if (conf_is(conf, CONF_PROMPT, "auto") && version >= TELLS_AT_ONCE)
		report_line(
			&check->report, MARK_OK, "prompt", NULL,
			"auto; sshd is %d.%d: the code is sent at once, and stands in a prompt if "
			"nobody approves soon",
			version / 100, version % 100);
	else
		report_line(&check->report, MARK_OK, "prompt", NULL, "%s; sshd is %d.%d",
			    conf_text(conf, CONF_PROMPT), version / 100, version % 100);
}

/* TEXT: what sshd said in place of its configuration; STATUS -1: it could not be asked. */
static void silence_tell(struct check *check, int status, char *text)
{
	text[strcspn(text, "\r\n")] = '\0';
	if (status < 0 || text[0] == '\0')
		report_line(&check->report, MARK_WARNING, "sshd -T",
			    "run check where sshd is installed", "cannot be run");
	else if (geteuid() != 0) /* it cannot read its own keys */
		report_line(&check->report, MARK_WARNING, "sshd -T", "run check as root",
			    "does not tell: %.300s", text);
	else if (strstr(text, "privilege separation directory"))
		report_line(&check->report, MARK_WARNING, "sshd -T",
			    "mkdir -p -m 755 /run/sshd, which its unit makes; then check again",
			    "does not tell while sshd is not running: %.300s", text);
	else
		report_line(&check->report, MARK_ERROR, "sshd -T",
			    "correct it before sshd is reloaded or restarted, then check again",
			    "sshd does not take its configuration: %.300s", text);
}

void check_sshd(struct check *check, const struct stack *stack, const struct section *section)
{
	bool another_way = has_another_way(stack);
	char who[128];
	const char *const argv[] = { SSHD, "-T", check->user ? "-C" : NULL, who, NULL };
	static char text[64 * 1024];
	int status;

	snprintf(who, sizeof(who), "user=%.64s,host=localhost,addr=192.0.2.1",
		 check->user ? check->user : "");
	status = run_capture(argv, text, sizeof(text));

	remote_check(check, section, another_way);
	if (status != 0) {
		silence_tell(check, status, text);
		return;
	}
	yes_check(check, text, "usepam", "UsePAM", "yes", MARK_ERROR, "sshd does not ask PAM");
	yes_check(check, text, "kbdinteractiveauthentication", "KbdInteractiveAuthentication",
		  "yes", MARK_ERROR, "no code can be shown");
	if (!another_way)
		yes_check(
			check, text, "passwordauthentication", "PasswordAuthentication", "no",
			MARK_WARNING,
			"people are asked for a password first, which no line of this stack wants");
	methods_check(check, section, text);
	grace_check(check, section, text);
	prompt_check(check, section);
}
