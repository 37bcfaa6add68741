/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pam-device-code: what an administrator does beside the PAM module. A table of verbs, and the help.
 * Must never do a verb's work itself.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "verbs.h"

static const struct verb {
	const char *name;
	const char *arguments; /* "" for none */
	const char *summary;   /* one line */
	const char *help;      /* below it */
	int (*run)(int argc, char **argv);
} verbs[] = {
	{ "setup", "[OPTION]... URL", "make a section for a provider, from what it says of itself",
	  "Asks the provider at URL (its issuer, or the address of a Trakt, Mastodon, Cal.com or GitHub)\n"
	  "what it can do, and prints a section for device_code.conf and the lines for a PAM service.\n"
	  "\n"
	  "  --section NAME     what the section is called (login)\n"
	  "  --client-id ID     the client that you registered there\n"
	  "  --profile NAME     not the profile that URL leads to\n"
	  "  --metadata URL     where its metadata is, if not at URL/.well-known/openid-configuration\n"
	  "  --ca-file PATH     the provider's certificates, where no public authority vouches for it\n"
	  "  --proxy URL        http://HOST:PORT\n"
	  "  --conf PATH        another device_code.conf\n"
	  "  --pin              name its endpoints there: no login asks for its metadata\n"
	  "  --write            write it, as device_code.conf.d/NAME.conf; nothing is overwritten\n",
	  verb_setup },
	{ "try", "[OPTION]... USER", "sign in on this terminal as PAM would; grants nothing",
	  "Runs one whole login of the configuration for USER, and tells what was shown, asked, claimed\n"
	  "and decided. Limits are not counted. Status 0: USER would be let in.\n"
	  "\n"
	  "  --section NAME     which section; needed where there are several\n"
	  "  --conf PATH        another device_code.conf\n"
	  "  --origin ORIGIN     seat, session (the default) or remote: where USER is taken to be\n"
	  "  --from ADDRESS     with --origin remote: where they come from\n",
	  verb_try },
	{ "qr", "[OPTION]... TEXT", "draw a QR code on this terminal",
	  "TEXT is an address: up to 458 bytes of printable ASCII without blanks.\n"
	  "\n"
	  "  --style STYLE      utf8, colour or full (the one that the module would choose here)\n",
	  verb_qr },
	{ "check", "[--json] [--user NAME] [SECTION]",
	  "look at everything that a login needs, and say what to do",
	  "Without SECTION every section of device_code.conf is looked at. Each line is ok, warning or\n"
	  "error; below it stands what to do. The provider is really asked: one device code is had, which\n"
	  "nobody sees and nothing polls; in flow = authorization_code a code that is none is sent; and a token that is\n"
	  "none is revoked. Run it as root: others see less.\n"
	  "\n"
	  "  --json        one JSON text: findings, each with result, scope, topic, text and fix\n"
	  "  --user NAME   what sshd does for this user, by its Match blocks too\n"
	  "\n"
	  "Status: 0 nothing to do; 1 warnings, and no error; 2 errors, or wrong usage.\n",
	  verb_check },
	{ "refresh", "[ID]...", "renew access tokens of sessions that run out soon",
	  "For sections with tokens = session. Without ID those that run out within ten minutes, or half of\n"
	  "whose shorter life is over; what is kept for no session any more is revoked. Started by a timer:\n"
	  "\n"
	  "    systemctl enable --now pam-device-code-refresh.timer\n"
	  "\n"
	  "An ID may be cut short: all whose IDs begin so are meant.\n",
	  verb_refresh },
	{ "people", "add|import|list|remove|show ...",
	  "bind identities to accounts, and make those",
	  "For sections with people = bound: who enters as whom is what stands here, and nothing else.\n"
	  "\n"
	  "  add NAME          bind an identity to NAME, and make that account\n"
	  "  import FILE.csv   likewise for each line name,issuer,subject[,groups]; - is standard input\n"
	  "  list, show NAME   who is bound, and what is wrong with it\n"
	  "  remove NAME       end their sessions, processes and jobs, and shut the account; it stays, so\n"
	  "                    that nobody else gets name or uid\n"
	  "\n"
	  "  --issuer URL      with add: the provider, byte for byte as the section has it\n"
	  "  --subject ID      with add: who it is there, as the log has it\n"
	  "  --groups LIST     with add: groups of this machine, separated by commas\n"
	  "  --existing        with add: the account is there already\n"
	  "  --json            with list and show\n"
	  "  --purge           with remove: delete account and home; useradd may then give the uid away\n",
	  verb_people },
	{ "revoke", "--all | ID...", "revoke what is kept; the sessions go on",
	  "Refresh token and access token are revoked at the provider, the session's token file and the\n"
	  "record are removed.\n"
	  "\n"
	  "  --all      all of it\n"
	  "\n"
	  "An ID may be cut short: all whose IDs begin so are meant.\n",
	  verb_revoke },
	{ "sessions", "[--enforce | --end ID...]", "list what is kept; end what may not go on",
	  "Without an option: a table of kept logins and their sessions.\n"
	  "\n"
	  "  --enforce  ask each provider whether its person may still be in, and end the sessions of\n"
	  "             those who may not, who are not admitted any more, or whose session_max is over.\n"
	  "             No answer is not a no: see `grace`. Started by a timer:\n"
	  "             systemctl enable --now pam-device-code-sessions.timer\n"
	  "  --end      end these sessions now, and revoke their tokens\n"
	  "\n"
	  "An ID may be cut short: all whose IDs begin so are meant.\n",
	  verb_sessions },
};

enum {
	VERBS = sizeof(verbs) / sizeof(*verbs),
};

static bool is_help(const char *argument)
{
	return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static int help_all(FILE *out)
{
	fprintf(out, "usage: %s VERB [ARGUMENT]...\n\n", PROGRAM);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
	fprintf(out, "\n%s VERB --help says more. --version says which this is.\n", PROGRAM);
	return out == stdout ? STATUS_OK : STATUS_USAGE;
}

static int help_verb(const struct verb *verb)
{
	printf("usage: %s %s%s%s\n\n%s\n\n%s", PROGRAM, verb->name, verb->arguments[0] ? " " : "",
	       verb->arguments, verb->summary, verb->help);
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return help_all(stderr);
	if (is_help(argv[1]))
		return help_all(stdout);
	if (strcmp(argv[1], "--version") == 0) {
		printf("%s %s\n", PROGRAM, VERSION);
		return STATUS_OK;
	}
	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		if ((argc > 2 && is_help(argv[2])) ||
		    (argc > 3 && argv[2][0] != '-' && is_help(argv[3])))
			return help_verb(&verbs[i]);
		return verbs[i].run(argc - 1, argv + 1);
	}
	return verb_misused(argv[1], "no such verb; %s --help lists them", PROGRAM);
}
