/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A locker's login: see locker.h. Must never believe a socket that is not root's, or take a grant
 * for a code that was not shown.
 */
#include "locker.h"

#include <string.h>
#include <syslog.h>

#include "common/channel.h"
#include "idle.h"
#include "common/list.h"
#include "common/paths.h"

static bool no_serve(struct login *login, const char *reason)
{
	login->io.log(login->io.context, LOG_ERR,
		      "client_secret_file: this user cannot read it, and pam-device-code serve, "
		      "which would, is not there: systemctl enable --now "
		      "pam-device-code-serve.socket");
	return login_end(login, OUTCOME_NO_SERVE, reason);
}

static bool serve_open(struct login *login)
{
	struct wire_draft draft;

	login->helper.fd = channel_connect(PATH_SERVE);
	if (login->helper.fd < 0)
		return no_serve(login, "serve_not_running");
	wire_begin(&draft, "locker");
	wire_add(&draft, "wire", WIRE_VERSION);
	wire_add(&draft, "section", login->conf->section);
	wire_add_number(&draft, "seconds", login->manner.timeout);
	return wire_send(login->helper.fd, &draft) || login_breach(login, "serve_does_not_listen");
}

/* serve's verdict. "Unreachable" may open another way in: never once a code was shown. */
static bool take_done(struct login *login, const struct wire_message *message)
{
	const char *name = wire_value(message, "outcome");
	enum outcome outcome = name ? outcome_parse(name) : OUTCOME_COUNT;

	if (outcome == OUTCOME_COUNT || message->pairs != 1)
		return login_breach(login, "message_malformed");
	if (outcome == OUTCOME_SKIPPED || outcome == OUTCOME_NO_SERVE || outcome == OUTCOME_REVOKED)
		return login_breach(login, "not_for_serve_to_say");
	if (outcome == OUTCOME_ADMITTED && login->season != SEASON_SHOWN)
		return login_breach(login, "done_out_of_season");
	if (outcome == OUTCOME_UNREACHABLE && login->shown_at > 0)
		outcome = OUTCOME_LOST;
	return login_end(login, outcome, "said_by_serve");
}

/* Of the messages of a helper these are welcome from serve; login.c knows when. */
static bool take(struct login *login, const struct wire_message *message)
{
	if (strcmp(message->verb, "done") == 0)
		return take_done(login, message);
	if (list_has(WIRE_TO_SCREEN, LIST_BLANKS, message->verb))
		return login_take(login, message);
	return login_breach(login, "message_unknown");
}

enum outcome locker_run(struct login *login)
{
	login->open = serve_open;
	login->take = take;
	login_run(login);
	if (login->outcome == OUTCOME_BREACH)
		login->io.log(login->io.context, LOG_ERR,
			      "pam-device-code serve failed, or is of another version: its own "
			      "lines in the log say more");
	return login->outcome;
}
