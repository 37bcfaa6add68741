/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module against a helper that has been taken over: killed, stopped, silent, flooding or closing
 * the channel in each state; packets in random order and with random bytes; each byte and each trick of
 * Unicode in each field. Told apart by oracles of this file's own: a login is legal only if its
 * packets are, and what a person is shown has a grammar.
 *
 *	hostile [-r SEED] [-n LOGINS] ends|packets|fields	LOGINS: of random packets
 */
#include <ctype.h>
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"

#include "common/reason.h"
#include "common/wire.h"

#ifdef LSAN
#define MEASURED 0 /* a sanitizer has memory of its own */
#else
#define MEASURED 1
#endif

static int tests, failures;

static void report(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void report(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", good ? "" : "not ", ++tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	failures += !good;
}

/* ---- what a person may be shown ---- */

/* A row of a QR code: half blocks, alone or in the module's own colours; or coloured spaces. */
#define QR_ROW \
	"((\033\\[38;5;231;48;5;16m)?(█|▀|▄| )+(\033\\[0m)?|(\033\\[48;5;(231|16)m( )+)+\033\\[0m)\n"
#define NAME	"[!-~]{1,63}"
#define ADDRESS "https://[A-Za-z0-9][]A-Za-z0-9._~:/?#[@!$&()*+,;=%-]*"

/* Lines are broken at spaces: a tab is a space or the end of a line. */
static const char *const pages[] = {
	"^\n?(" QR_ROW ")*\n?"
	"Sign\tin\tto\t" NAME "\t\\(" NAME "\\)\tas\t" NAME "\\.(\tYou\tcome\tfrom\t" NAME "\\.)?"
	"(\tOnly\tcontinue\tif\tyou\tstarted\tthis\tlogin\tyourself\\.)?"
	"\tYou\thave\t([0-9]+\t(seconds|minutes)|1\tsecond)\\."
	"\t(Scan\tthe\tQR\tcode\twith\tyour\tphone,\tor\topen\tthe\taddress;\tthen\tenter\tthe\tcode\\.|"
	"Scan\tthe\tQR\tcode\tand\tcompare\tthe\tcode\ton\tyour\tphone,\tor\tenter\tit\tat\tthe\taddress\\.|"
	"Open\tthe\taddress\ton\ta\tphone\tor\ta\tcomputer\tand\tenter\tthe\tcode\\."
	"(\t\\((No\tQR\tcode:\tthis\tterminal\tis\ttoo\tsmall\tfor\tit|No\tQR\tcode\tcould\tbe\tdrawn)\\.\\))?)"
	"\n\n?Address:\t" ADDRESS "\nCode:    [A-Za-z0-9 ._-]{1,48}"
	"(\nPress\tEnter\tonce\tyou\thave\tapproved: )?$",
	"^(Not approved yet\\. )?Press Enter once you have approved: $",
	"^The sign-in service does not answer; still trying \\.\\.\\.$",
	"^The request was denied\\.$",
	"^The code expired before anybody approved it\\. Please try again\\.$",
	"^The sign-in service cannot be reached\\. Please try again later\\.$",
	"^Sign-in by code is set up wrongly here\\. Tell the administrator\\.$",
	"^The account that approved may not sign in as this user\\.$",
	"^This user cannot sign in by code\\.$",
	"^Sign-in by code is not allowed from where you are\\.$",
	"^It could not be proven who approved\\. Please try again\\.$",
	"^No valid code was entered\\. Please try again\\.$",
};

enum {
	PAGES = sizeof(pages) / sizeof(*pages)
};

static regex_t grammar[PAGES];

static void grammar_make(void)
{
	static char pattern[8192];

	for (int i = 0; i < PAGES; i++) {
		size_t n = 0;

		for (const char *at = pages[i]; *at; at++) {
			if (*at == '\t')
				n += (size_t)sprintf(pattern + n, "[ \n]");
			else
				pattern[n++] = *at;
		}
		pattern[n] = '\0';
		if (regcomp(&grammar[i], pattern, REG_EXTENDED | REG_NOSUB) != 0)
			abort();
	}
}

static bool text_ok(const char *text)
{
	for (int i = 0; i < PAGES; i++)
		if (regexec(&grammar[i], text, 0, NULL, 0) == 0)
			return true;
	return false;
}

static void text_print(const char *text)
{
	printf("# ");
	for (; *text; text++)
		if (*text >= ' ' && *text <= '~')
			putchar(*text);
		else
			printf("\\x%02x", (unsigned char)*text);
	printf("\n");
}

/* Each message of the login by the grammar, each line of the log of visible ASCII. */
static bool all_shown_ok(struct pam_handle *pamh)
{
	char *rest = NULL;
	bool good = true;

	for (char *text = strtok_r(pamh->shown, "\1", &rest); text;
	     text = strtok_r(NULL, "\1", &rest)) {
		if (text_ok(text))
			continue;
		text_print(text);
		good = false;
	}
	for (const char *at = pamh->logged; *at; at++) {
		if (*at == '\1' || (*at >= ' ' && *at <= '~'))
			continue;
		text_print(pamh->logged);
		return false;
	}
	return good;
}

/* ---- one login ---- */

static struct pam_handle handle;

struct login {
	int result;
	int64_t ms;
	long grown_kb;
	bool clean; /* no descriptor and no child is left */
	bool shown_ok;
};

static void setup_plain(struct pam_handle *pamh)
{
	(void)pamh;
}

static struct login login_run(void (*setup)(struct pam_handle *pamh))
{
	struct login login;
	int fds = stage_fds();
	long kb = stage_peak_kb();

	stage_handle(&handle);
	setup(&handle);
	login.ms = stage_now_ms();
	login.result = stage_authenticate(&handle);
	login.ms = stage_now_ms() - login.ms;
	login.grown_kb = stage_peak_kb() - kb;
	login.clean = !stage_has_children();
	stage_handle_end(&handle);
	login.clean = login.clean && stage_fds() == fds;
	login.shown_ok = all_shown_ok(&handle);
	return login;
}

/* ---- bad ends in each state ---- */

enum state {
	BEFORE_READY,
	AFTER_READY,
	AFTER_AUTHORIZE,
	IN_PROMPT,
	AFTER_CLAIM,
	AFTER_CLAIMS,
	AFTER_DONE,
	STATES
};

static const char *const state_names[STATES] = {
	"before ready",	   "after ready",      "after authorize", "during a prompt",
	"after one claim", "after the claims", "after done",
};

static const struct end {
	const char *name;
	enum script_what what;
	uint32_t number;
	int flood; /* bytes of each packet; -1: valid notes */
} ends[] = {
	{ "killed", SCRIPT_KILL, SIGKILL, 0 },
	{ "crashed", SCRIPT_KILL, SIGSEGV, 0 },
	{ "stopped", SCRIPT_KILL, SIGSTOP, 0 },
	{ "silent", SCRIPT_HANG, 0, 0 },
	{ "gone with status 0", SCRIPT_EXIT, 0, 0 },
	{ "closes the channel and stays", SCRIPT_CLOSE, 0, 0 },
	{ "floods with notes", SCRIPT_FLOOD, 0, -1 },
	{ "floods with states", SCRIPT_FLOOD, 0, -2 },
	{ "floods with single bytes", SCRIPT_FLOOD, 0, 1 },
	{ "floods with nothing", SCRIPT_FLOOD, 0, 0 },
	{ "floods with 16 KiB", SCRIPT_FLOOD, 0, 16 * 1024 },
	{ "floods with 32 KiB", SCRIPT_FLOOD, 0, 32 * 1024 },
};

enum {
	ENDS = sizeof(ends) / sizeof(*ends),
	START_BOUND_MS = 45 * 1000, /* without a code: 35 seconds, and a busy machine */
	CODE_BOUND_MS = 15 * 1000,  /* a code of one second, one of grace, and a busy machine */
	GROWTH_KB = 2048,
};

static void script_until(enum state state)
{
	stage_script_begin();
	if (state > BEFORE_READY)
		stage_ready();
	if (state > AFTER_READY) /* what is over needs no time, and must not run out of it */
		stage_authorize(state == AFTER_DONE ? "60" : "1");
	if (state == IN_PROMPT)
		stage_step(SCRIPT_NAP, 300, NULL, 0);
	if (state > IN_PROMPT)
		stage_packet("claim", "name", "iss", "type", "string", "value", STAGE_ISSUER, NULL);
	if (state > AFTER_CLAIM)
		stage_packet("claim", "name", "sub", "type", "string", "value", "81", NULL);
	if (state > AFTER_CLAIM)
		stage_packet("claim", "name", "preferred_username", "type", "string", "value",
			     STAGE_USER, NULL);
	if (state > AFTER_CLAIMS)
		stage_done();
}

static void script_end(const struct end *end)
{
	static const char note[] = "note\0level\0notice\0text\0more and more";
	static const char states[] = "state\0state\0authorization_pending";
	static char bytes[SCRIPT_PACKET_MAX];

	if (end->flood == -1)
		stage_step(end->what, 0, note, sizeof(note));
	else if (end->flood == -2)
		stage_step(end->what, 0, states, sizeof(states));
	else
		stage_step(end->what, end->number, bytes, (size_t)end->flood);
	stage_step(SCRIPT_HANG, 0, NULL, 0);
	stage_script_end();
}

static void setup_prompt(struct pam_handle *pamh)
{
	pamh->tty = "ssh";
	pamh->service = "sshd";
	pamh->rhost = "192.0.2.7";
	pamh->prompt_ms = 900;
}

/* 0: as it should be. Runs in a process of its own, since many wait for seconds. */
static int end_check(enum state state, const struct end *end)
{
	struct login login;
	bool legal = state == AFTER_DONE;
	int64_t bound = state < AFTER_AUTHORIZE ? START_BOUND_MS : CODE_BOUND_MS;

	stage_set("remote = 192.0.2.0/24\nrate_limit = off\n");
	script_until(state);
	script_end(end);
	login = login_run(state == IN_PROMPT ? setup_prompt : setup_plain);
	stage_clear();
	if ((login.result == PAM_SUCCESS) != legal || login.result == PAM_IGNORE)
		printf("# %s, %s: result %d\n", end->name, state_names[state], login.result);
	else if (login.ms > bound)
		printf("# %s, %s: %lld ms\n", end->name, state_names[state], (long long)login.ms);
	else if (MEASURED && login.grown_kb > GROWTH_KB)
		printf("# %s, %s: grew by %ld kB\n", end->name, state_names[state], login.grown_kb);
	else if (!login.clean)
		printf("# %s, %s: something is left behind\n", end->name, state_names[state]);
	else if (login.shown_ok)
		return 0;
	return 1;
}

static void ends_check(void)
{
	pid_t cell[STATES][ENDS];

	fflush(stdout);
	for (int state = 0; state < STATES; state++)
		for (int end = 0; end < ENDS; end++) {
			cell[state][end] = fork();
			if (cell[state][end] == 0) {
				int status = end_check((enum state)state, &ends[end]);

				fflush(stdout);
				_exit(status);
			}
			if (ends[end].what == SCRIPT_FLOOD) /* each takes a processor */
				waitpid(cell[state][end], &cell[state][end], 0);
		}
	for (int end = 0; end < ENDS; end++)
		for (int state = 0; state < STATES; state++) {
			int status = cell[state][end];

			if (ends[end].what != SCRIPT_FLOOD)
				waitpid(cell[state][end], &status, 0);
			report(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the helper %s %s",
			       ends[end].name, state_names[state]);
		}
}

/* ---- random packets ---- */

static uint64_t random_state;

static unsigned int dice(unsigned int sides)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)((random_state >> 11) % sides);
}

struct packet {
	size_t len;
	char bytes[600];
};

enum {
	SEQUENCE_MAX = 24,
	GOOD_PACKETS = 6,
};

/* The packets that the dice choose from; the first few are those of a good login, in its order. */
static const struct {
	const char *words; /* separated by | */
} alphabet[] = {
	{ "ready|wire|2|sandbox|" STAGE_SANDBOX },
	{ "authorize|flow|device_code|user_code|BCDF-GHJK|verification_uri|https://id.example/device|expires_in|60" },
	{ "claim|name|iss|type|string|value|https://id.example" },
	{ "claim|name|sub|type|string|value|81" },
	{ "claim|name|preferred_username|type|string|value|alice" },
	{ "done|verdict|granted|reason|ok" },
	{ "claim|name|preferred_username|type|string|value|root" },
	{ "claim|name|preferred_username|type|number|value|7" },
	{ "claim|name|iss|type|string|value|https://evil.example" },
	{ "claim|name|flag|type|bool|value|true" },
	{ "done|verdict|access_denied|reason|denied" },
	{ "done|verdict|wrong_code|reason|no_code" },
	{ "done|verdict|unreachable|reason|dns" },
	{ "done|verdict|authorization_pending|reason|ok" },
	{ "progress|state|authorization_pending" },
	{ "progress|state|slow_down" },
	{ "progress|state|unreachable" },
	{ "progress|state|expired_token" },
	{ "progress|state|code_consumed" },
	{ "progress|state|wrong_code" },
	{ "progress|state|granted" },
	{ "log|level|notice|text|hello" },
	{ "log|level|debug|text|hello" },
	{ "ready|wire|2|sandbox|" STAGE_SANDBOX },
	{ "ready|wire|2|sandbox|none" },
	{ "ready|wire|2|sandbox|uid=0,no_new_privs,not_dumpable,rlimits" },
	{ "claim_item|name|groups|value|ops" },
	{ "claim_item|name|groups|value|allow" },
	{ "claim_item|name|preferred_username|value|root" },
	{ "authorize|flow|device_code|user_code|BCDF-GHJK|verification_uri|https://evil.example/device|expires_in|60" },
	{ "authorize|flow|authorization_code|verification_uri|https://id.example/device|expires_in|60" },
	{ "new_code" },
	{ "tokens|token_blob|1 a b 0" },
	{ "modules|wire|2|width|21|rows|1" },
};

static void packet_make(struct packet *packet, const char *words)
{
	packet->len = strlen(words) + 1;
	memcpy(packet->bytes, words, packet->len);
	for (size_t i = 0; i < packet->len; i++)
		if (packet->bytes[i] == '|')
			packet->bytes[i] = '\0';
}

static void packet_mutate(struct packet *packet)
{
	size_t at = dice((unsigned int)packet->len);

	switch (dice(6)) {
	case 0:
		packet->bytes[at] = (char)dice(256);
		break;
	case 1:
		packet->bytes[at] ^= (char)(1 << dice(8));
		break;
	case 2:
		packet->len = at;
		break;
	case 3:
		memmove(packet->bytes + at, packet->bytes + at + 1, packet->len - at - 1);
		packet->len--;
		break;
	case 4:
		memcpy(packet->bytes + packet->len, packet->bytes, packet->len);
		packet->len *= 2;
		break;
	default:
		packet->bytes[packet->len++] = (char)dice(256);
		break;
	}
}

/* Mostly a good login with something done to it: what is wholly random is refused too early. */
static size_t sequence_make(struct packet *sequence)
{
	size_t count = 0;
	unsigned int wildness = dice(4);

	for (int i = 0; i < GOOD_PACKETS; i++) {
		while (count < SEQUENCE_MAX - GOOD_PACKETS && dice(12) < wildness)
			packet_make(&sequence[count++],
				    alphabet[dice(sizeof(alphabet) / sizeof(*alphabet))].words);
		if (dice(24) >= wildness)
			packet_make(&sequence[count++], alphabet[i].words);
	}
	if (count > 1 && dice(6) < wildness) {
		size_t a = dice((unsigned int)count), b = dice((unsigned int)count);
		struct packet kept = sequence[a];

		sequence[a] = sequence[b];
		sequence[b] = kept;
	}
	if (count > 0 && count < SEQUENCE_MAX && dice(6) < wildness) { /* one of them twice */
		size_t at = dice((unsigned int)count);

		memmove(sequence + at + 1, sequence + at, (count - at) * sizeof(*sequence));
		count++;
	}
	if (count > 0 && dice(4) < wildness)
		packet_mutate(&sequence[dice((unsigned int)count)]);
	return count;
}

/* ---- the oracle: reads the bytes once more, in its own way ---- */

struct strings {
	int count;
	const char *text[40];
};

static bool strings_read(const struct packet *packet, struct strings *strings)
{
	strings->count = 0;
	if (packet->len == 0 || packet->bytes[packet->len - 1] != '\0')
		return false;
	for (size_t at = 0; at < packet->len; at += strlen(packet->bytes + at) + 1) {
		if (strings->count == 40)
			return false;
		strings->text[strings->count++] = packet->bytes + at;
	}
	return strings->count % 2 == 1;
}

/* PATTERN as in the alphabet, "*" for any one string. */
static bool strings_are(const struct strings *strings, const char *pattern)
{
	for (int i = 0; i < strings->count; i++) {
		size_t len = strcspn(pattern, "|");

		if ((len != 1 || *pattern != '*') &&
		    (strlen(strings->text[i]) != len || strncmp(strings->text[i], pattern, len)))
			return false;
		pattern += len;
		if ((*pattern == '\0') != (i + 1 == strings->count))
			return false;
		pattern += *pattern == '|';
	}
	return true;
}

static bool made_of(const char *text, const char *bytes, size_t max)
{
	return *text && strlen(text) <= max && text[strspn(text, bytes)] == '\0';
}

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static bool is_authorize(const struct strings *s)
{
	return (strings_are(
			s,
			"authorize|flow|device_code|user_code|*|verification_uri|*|expires_in|*") ||
		strings_are(
			s,
			"authorize|flow|device_code|user_code|*|verification_uri|*|verification_uri_complete|*|expires_in|*")) &&
	       made_of(s->text[4], ALNUM " ._-", 32) &&
	       (strncasecmp(s->text[6], "https://id.example/", 19) == 0 ||
		strcasecmp(s->text[6], "https://id.example") == 0 ||
		strncasecmp(s->text[6], "https://id.example?", 19) == 0 ||
		strncasecmp(s->text[6], "https://id.example#", 19) == 0) &&
	       made_of(s->text[6], ALNUM "-._~:/?#[]@!$&()*+,;=%", 256) &&
	       made_of(s->text[s->count - 1], "0123456789", 9) && atol(s->text[s->count - 1]) > 0 &&
	       atol(s->text[s->count - 1]) <= 86400;
}

/* Each of the five, in any order, "uid" with a value. */
static bool restrictions_hold(const char *sandbox)
{
	static const char *const needed[] = { ",uid=", ",no_new_privs,", ",not_dumpable,",
					      ",rlimits,", ",seccomp," };
	char text[700];

	snprintf(text, sizeof(text), ",%s,", sandbox);
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!strstr(text, needed[i]) && (i > 0 || !strstr(text, ",uid,")))
			return false;
	return true;
}

static bool is_small_talk(const struct strings *s)
{
	return strings_are(s, "log|level|notice|text|*") ||
	       strings_are(s, "log|level|warning|text|*") ||
	       strings_are(s, "log|level|debug|text|*");
}

/* Whether a login that consists of these packets may end in a success. */
static bool sequence_legal(const struct packet *sequence, size_t count)
{
	enum {
		START,
		READY,
		SHOWN,
		WITNESSED
	} at = START;
	const char *iss = NULL, *name = NULL, *sub = NULL;
	char names[SEQUENCE_MAX][600];
	int claims = 0;

	for (size_t i = 0; i < count; i++) {
		struct strings s;

		if (!strings_read(&sequence[i], &s))
			return false;
		if (at == START && strings_are(&s, "ready|wire|2|sandbox|*") &&
		    restrictions_hold(s.text[4])) {
			at = READY;
		} else if (at != START && is_small_talk(&s)) {
			continue;
		} else if (at == READY && is_authorize(&s)) {
			at = SHOWN;
		} else if (at == SHOWN &&
			   (strings_are(&s, "progress|state|authorization_pending") ||
			    strings_are(&s, "progress|state|slow_down") ||
			    strings_are(&s, "progress|state|unreachable"))) {
			continue;
		} else if ((at == SHOWN || at == WITNESSED) &&
			   strings_are(&s, "claim|name|*|type|*|value|*")) {
			at = WITNESSED;
			for (int k = 0; k < claims; k++)
				if (strcmp(names[k], s.text[2]) == 0)
					return false;
			strcpy(names[claims++], s.text[2]);
			if (strcmp(s.text[2], "iss") == 0 && strcmp(s.text[4], "string") == 0)
				iss = s.text[6];
			if (strcmp(s.text[2], "sub") == 0)
				sub = s.text[6];
			if (strcmp(s.text[2], "preferred_username") == 0 &&
			    strcmp(s.text[4], "string") == 0)
				name = s.text[6];
		} else if ((at == SHOWN || at == WITNESSED) &&
			   strings_are(&s, "claim_item|name|*|value|*") && s.text[2][0] &&
			   s.text[4][0]) {
			at = WITNESSED;
			for (size_t k = 0; k < i; k++)
				if (sequence[k].len == sequence[i].len &&
				    memcmp(sequence[k].bytes, sequence[i].bytes, sequence[i].len) ==
					    0)
					return false;
		} else if (at == WITNESSED && strings_are(&s, "done|verdict|granted|reason|*")) {
			if (reason_find(s.text[4]) == REASON_COUNT)
				return false;
			return sub && iss && strcmp(iss, STAGE_ISSUER) == 0 && name &&
			       strcmp(name, STAGE_USER) == 0;
		} else {
			return false;
		}
	}
	return false;
}

static void sequences_check(unsigned long logins)
{
	static struct packet sequence[SEQUENCE_MAX];
	unsigned long granted = 0, legal = 0, bad = 0;

	stage_set("");
	for (unsigned long i = 0; i < logins && bad < 5; i++) {
		uint64_t seed = random_state;
		size_t count = sequence_make(sequence);
		bool may = sequence_legal(sequence, count);
		struct login login;

		stage_script_begin();
		for (size_t k = 0; k < count; k++)
			stage_step(SCRIPT_SEND, 0, sequence[k].bytes, sequence[k].len);
		stage_step(SCRIPT_EXIT, 0, NULL, 0);
		stage_script_end();
		login = login_run(setup_plain);
		legal += may;
		granted += login.result == PAM_SUCCESS;
		if ((login.result != PAM_SUCCESS || may) && login.result != PAM_IGNORE &&
		    login.clean && login.shown_ok && login.ms < 10000)
			continue;
		printf("# seed %llu: result %d, %slegal, %lld ms, %s, %s\n",
		       (unsigned long long)seed, login.result, may ? "" : "not ",
		       (long long)login.ms, login.clean ? "clean" : "not clean",
		       login.shown_ok ? "shown well" : "shown badly");
		for (size_t k = 0; k < count; k++) {
			sequence[k].bytes[sequence[k].len] = '\0';
			for (size_t b = 0; b < sequence[k].len; b++)
				if (sequence[k].bytes[b] == '\0')
					sequence[k].bytes[b] = '|';
			text_print(sequence[k].bytes);
		}
		bad++;
	}
	stage_clear();
	report(bad == 0, "%lu logins of random packets: %lu legal, %lu granted", logins, legal,
	       granted);
	report(legal > logins / 50 && legal < logins && granted > legal - legal / 10,
	       "some are legal, most are not, and what is legal is granted");
}

/* ---- each byte in each field ---- */

static const char *const tricks[] = {
	"\xe2\x80\xae", /* U+202E: right to left */
	"\xe2\x80\xad", /* U+202D */
	"\xe2\x81\xa6", /* U+2066 */
	"\xe2\x80\xa8", /* U+2028: line separator */
	"\xe2\x80\xa9", /* U+2029 */
	"\xc2\x85",	/* U+0085: next line */
	"\xc2\x9b"
	"31m", /* U+009B: CSI */
	"\xc2\x9d"
	"0;x\x07",     /* U+009D: OSC */
	"\xc0\xaf",    /* overlong / */
	"\xc0\x9b[2J", /* overlong ESC */
	"\xe0\x80\x9b[2J",
	"\xc1\x9b",
	"\xed\xa0\x80",	    /* a surrogate */
	"\xf4\x90\x80\x80", /* above U+10FFFF */
	"\xcc\x88",	    /* U+0308: combining */
	"\xe2\x83\xa3",	    /* U+20E3: combining keycap */
	"\xef\xbb\xbf",	    /* U+FEFF */
	"\xe2\x80\x8b",	    /* U+200B: zero width */
	"\xef\xbc\x8f",	    /* U+FF0F: a wide / */
	"\xd1\x96\xd0\xb5", /* Cyrillic lookalikes */
	"\033[2J",
	"\033[31mred",
	"\033]0;title\007",
	"\033]8;;https://evil.example\033\\x",
	"\033P1$r\033\\",
	"\033c",
	"\033[6n",
	"\033[?25l",
	"\x9b"
	"2J",
	"\x9d"
	"0;x\x9c",
	"\r",
	"\r\n",
	"\n",
	"\n\nCode: XXXX",
	"\t",
	"\a",
	"\b\b\b\b",
	"\v",
	"\f",
	"\x7f",
	"\x0e",
	"\x1b(0",
	"%s%n%s",
	"{user}",
	"{code}",
	"'",
	"\"",
	"`id`",
	"$(id)",
	"\\",
	"<b>",
	"                                                                                     ",
};

enum field {
	FIELD_CODE,
	FIELD_URI,
	FIELD_COMPLETE,
	FIELD_NOTE,
	FIELD_REASON,
	FIELD_SANDBOX,
	FIELD_CLAIM,
	FIELD_USER,
	FIELD_RHOST,
	FIELDS
};

static const char *const field_names[FIELDS] = {
	"user_code",   "verification_uri", "verification_uri_complete",
	"log",	       "reason",	   "sandbox",
	"claim value", "PAM_USER",	   "PAM_RHOST",
};

static char attacked_user[512], attacked_rhost[512];

static void setup_attacked(struct pam_handle *pamh)
{
	if (attacked_user[0])
		pamh->user = attacked_user;
	if (!attacked_user[0] && !attacked_rhost[0])
		return;
	pamh->tty = "ssh";
	pamh->service = "sshd";
	pamh->rhost = attacked_rhost;
}

static void field_script(enum field field, const char *trick)
{
	char text[512];
	const char *value = text;

	/* in the middle of something good, so that only the trick can be the reason */
	snprintf(text, sizeof(text), "%s%s%s",
		 field == FIELD_URI || field == FIELD_COMPLETE ? STAGE_ISSUER "/dev"
		 : field == FIELD_SANDBOX		       ? STAGE_SANDBOX ",AB"
							       : "AB",
		 trick, "CD");
	attacked_user[0] = attacked_rhost[0] = '\0';
	if (field == FIELD_USER)
		strcpy(attacked_user, text);
	if (field == FIELD_RHOST)
		strcpy(attacked_rhost, text);
	stage_script_begin();
	stage_packet("ready", "wire", WIRE_VERSION, "sandbox",
		     field == FIELD_SANDBOX ? value : STAGE_SANDBOX, NULL);
	if (field == FIELD_NOTE)
		stage_packet("log", "level", "notice", "text", value, NULL);
	stage_packet("authorize", "flow", "device_code", "user_code",
		     field == FIELD_CODE ? value : "BCDF-GHJK", "verification_uri",
		     field == FIELD_URI ? value : STAGE_ISSUER "/device",
		     field == FIELD_COMPLETE ? "verification_uri_complete" : "expires_in",
		     field == FIELD_COMPLETE ? value : "60",
		     field == FIELD_COMPLETE ? "expires_in" : NULL, "60", NULL);
	stage_packet("claim", "name", "iss", "type", "string", "value", STAGE_ISSUER, NULL);
	stage_packet("claim", "name", "sub", "type", "string", "value",
		     field == FIELD_CLAIM ? value : "81", NULL);
	stage_packet("claim", "name", "preferred_username", "type", "string", "value", STAGE_USER,
		     NULL);
	stage_packet("done", "verdict", field == FIELD_REASON ? "access_denied" : "granted",
		     "reason", field == FIELD_REASON ? value : "ok", NULL);
	stage_step(SCRIPT_EXIT, 0, NULL, 0);
	stage_script_end();
}

static bool field_check(enum field field, const char *trick, int *granted)
{
	struct login login;

	field_script(field, trick);
	login = login_run(setup_attacked);
	*granted += login.result == PAM_SUCCESS;
	if (login.shown_ok && login.clean && login.result != PAM_IGNORE &&
	    (login.result != PAM_SUCCESS || (field != FIELD_USER && field != FIELD_REASON)))
		return true;
	printf("# %s: result %d, with ", field_names[field], login.result);
	text_print(trick);
	return false;
}

/* The fields before END. */
static void fields_check(const char *style, int end)
{
	char lines[96];

	snprintf(lines, sizeof(lines), "remote = allow\nrate_limit = off\nqr = %s\n", style);
	stage_set(lines);
	for (int field = 0; field < end; field++) {
		int bad = 0, count = 0, granted = 0;

		for (int byte = 1; byte < 256; byte++, count++)
			bad += !field_check((enum field)field, (char[]){ (char)byte, '\0' },
					    &granted);
		for (size_t i = 0; i < sizeof(tricks) / sizeof(*tricks); i++, count++)
			bad += !field_check((enum field)field, tricks[i], &granted);
		report(bad == 0, "qr = %s: %d values of %s, %d of them let alice in", style, count,
		       field_names[field], granted);
	}
	stage_clear();
}

/* ---- the drawing helper ---- */

static void qr_helpers_check(void)
{
	static const char *const wishes[] = { "qr-hangs", "qr-ends",	"qr-short",
					      "qr-wide",  "qr-escapes", "qr-floods" };

	stage_set("");
	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		struct login login;
		char uri[128];

		snprintf(uri, sizeof(uri), STAGE_ISSUER "/%s", wishes[i]);
		stage_script_begin();
		stage_ready();
		stage_packet("authorize", "flow", "device_code", "user_code", "BCDF-GHJK",
			     "verification_uri", uri, "expires_in", "60", NULL);
		stage_claims();
		stage_done();
		stage_script_end();
		login = login_run(setup_plain);
		report(login.result == PAM_SUCCESS && login.clean && login.shown_ok &&
			       login.ms < 15000 && (!MEASURED || login.grown_kb < GROWTH_KB),
		       "%s: the login goes on without a QR code", wishes[i]);
	}
	stage_clear();
}

int main(int argc, char **argv)
{
	unsigned long logins = 2000;
	int option;

	random_state = 20240229;
	while ((option = getopt(argc, argv, "r:n:")) != -1) {
		if (option == 'r')
			random_state = strtoull(optarg, NULL, 10);
		else if (option == 'n')
			logins = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	stage_or_skip();
	grammar_make();
	if (optind + 1 != argc)
		return 2;
	if (strcmp(argv[optind], "ends") == 0) {
		ends_check();
		qr_helpers_check();
	} else if (strcmp(argv[optind], "packets") == 0) {
		sequences_check(logins);
	} else {
		fields_check("auto", FIELDS);
		fields_check("colour", FIELD_NOTE);
		fields_check("full", FIELD_NOTE);
	}
	printf("1..%d\n", tests);
	return failures != 0;
}
