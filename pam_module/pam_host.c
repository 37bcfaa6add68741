/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host says: see pam_host.h. Must never guess what it does not say. */
#include "pam_host.h"

#include <errno.h>
#include <security/pam_modutil.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/tty.h"

enum {
	TERM_MAX = 64, /* of its name; the caller of su chooses it */
};

/* "" where the host has said nothing; false where it cannot be known: a place must not be guessed. */
bool host_item(pam_handle_t *pamh, int type, const char **text)
{
	const void *value = NULL;
	bool known = pam_get_item(pamh, type, &value) == PAM_SUCCESS;

	*text = known && value ? value : "";
	return known;
}

/* login's alarm can be read without touching it; rounded up to a second. */
static long alarm_read(void)
{
	struct itimerval alarm;

	if (getitimer(ITIMER_REAL, &alarm) != 0 || !timerisset(&alarm.it_value))
		return 0;
	return alarm.it_value.tv_sec > 0 ? alarm.it_value.tv_sec : 1;
}

bool host_add(pam_handle_t *pamh, struct wire_draft *draft)
{
	static const struct {
		int type;
		char key[8];
	} items[] = { { PAM_SERVICE, "service" },
		      { PAM_USER, "user" },
		      { PAM_RHOST, "rhost" },
		      { PAM_TTY, "tty" },
		      { PAM_RUSER, "ruser" } };
	const char *text;

	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++) {
		if (!host_item(pamh, items[i].type, &text))
			return false;
		wire_add(draft, items[i].key, text[0] ? text : NULL);
	}
	wire_add(draft, "ssh_connection", pam_getenv(pamh, "SSH_CONNECTION"));
	wire_add(draft, "ssh_auth_info", pam_getenv(pamh, "SSH_AUTH_INFO_0"));
	wire_add(draft, "xdg_seat", pam_getenv(pamh, "XDG_SEAT"));
	wire_add_number(draft, "ruid", (long long)getuid());
	wire_add_number(draft, "alarm", alarm_read());
	return true;
}

/* One that has hung up says EIO to all that a terminal is asked. A pipe is none of the person's. */
int host_terminal(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (isatty(fd) || errno == EIO)
			return fd;
	return -1;
}

void host_add_terminal(struct wire_draft *draft)
{
	const char *variable = getenv("TERM");
	char term[TERM_MAX], glyphs[TTY_GLYPHS / 4 + 1];
	struct tty tty;

	tty_look_at(host_terminal(), &tty);
	snprintf(term, sizeof(term), "%s", variable ? variable : "");
	wire_add(draft, "term", term);
	wire_add_number(draft, "rows", tty.rows);
	wire_add_number(draft, "columns", tty.columns);
	wire_add(draft, "utf8", tty.utf8 ? "yes" : NULL);
	if (!tty.linux_console)
		return;
	for (size_t i = 0; i < sizeof(tty.glyphs); i++)
		snprintf(glyphs + 2 * i, 3, "%02x", tty.glyphs[i]);
	wire_add(draft, "glyphs", glyphs);
}

bool host_has(pam_handle_t *pamh, const char *user, uid_t uid)
{
	const struct passwd *pw = pam_modutil_getpwnam(pamh, user);

	return pw && pw->pw_uid == uid;
}

/*
 * `passwd -l` puts a "!" in front of the password, and the account part of pam_unix does not look
 * there. Who never had one ("*", "!", "!!", "!*") is not locked: a code is enough for them.
 */
bool host_locked(pam_handle_t *pamh, const char *user)
{
	const struct spwd *shadow = pam_modutil_getspnam(pamh, user);
	const char *password = shadow && shadow->sp_pwdp ? shadow->sp_pwdp : "";

	return password[0] == '!' && password[strspn(password, "!*")] != '\0';
}

/* In forked children of su and sudo, too: it frees memory and does nothing else. */
static void data_free(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	free(data);
}

bool host_keep(pam_handle_t *pamh, const char *name, const void *data, size_t size)
{
	void *copy = calloc(1, size);

	if (copy)
		memcpy(copy, data, size);
	if (copy && pam_set_data(pamh, name, copy, data_free) == PAM_SUCCESS)
		return true;
	free(copy);
	return false;
}

const void *host_kept(pam_handle_t *pamh, const char *name)
{
	const void *data = NULL;

	return pam_get_data(pamh, name, &data) == PAM_SUCCESS ? data : NULL;
}
