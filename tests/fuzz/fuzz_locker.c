/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A locker's login against whatever sits at serve's socket. API: locker_run, login_clear and what
 * fuzz_login.c names; tests/unit/fake_spawn.h for the clock. The linker leads lstat, socket, connect
 * and getsockopt here (--wrap): the socket's far end says the script (script.h).
 *
 * The input: three bytes of choices, then the script. Oracle: ADMITTED if and only if the directory,
 * the socket and its peer are root's, and the script says ready with the walls that are asked for, an
 * invitation that may be shown, states that leave the login going, and `done` with the outcome
 * admitted, in this order. No claim, member or note comes from serve. NO_SERVE only where nobody
 * could be connected to; UNREACHABLE only before a code was shown; no helper is started, and no
 * descriptor is left.
 */
#include <errno.h>
#include <sys/stat.h>

#include "helper/login/exchange.h"
#include "helper/login/locker.h"
#include "script.h"

static struct conf conf;
static struct judge_policy policy;
static char last_shown[SCREEN_BYTES_MAX];

static struct {
	unsigned int bad; /* what is not as it should be: bits */
	int fd;		  /* the module's end, -1: none yet */
	bool on;
} serve = { .fd = -1 };

enum {
	BAD_DIR = 1,
	BAD_SOCKET = 2,
	BAD_CONNECT = 4,
	BAD_PEER = 8,
};

/* ---- the C library ---- */

int __real_lstat(const char *path, struct stat *st);
int __wrap_lstat(const char *path, struct stat *st);
int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
int __real_connect(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len);
int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);

int __wrap_lstat(const char *path, struct stat *st)
{
	bool is_socket = strcmp(path, PATH_SERVE) == 0;
	unsigned int bad = serve.bad & (is_socket ? BAD_SOCKET : BAD_DIR);

	if (!serve.on)
		return __real_lstat(path, st);
	memset(st, 0, sizeof(*st));
	st->st_mode = is_socket ? S_IFSOCK | 0666 : S_IFDIR | 0755;
	if (bad && serve.bad & 16)
		st->st_uid = 1000;
	else if (bad && (serve.bad & 32) && !is_socket)
		st->st_mode |= 0020;
	else if (bad)
		st->st_mode = S_IFLNK | 0777;
	return 0;
}

int __wrap_socket(int domain, int type, int protocol)
{
	int slot[2];

	if (!serve.on)
		return __real_socket(domain, type, protocol);
	HOLDS(domain == AF_UNIX && type & SOCK_CLOEXEC && type & SOCK_NONBLOCK);
	HOLDS(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, slot) == 0);
	serve.fd = slot[0];
	fake.peer = slot[1];
	fake.due = fake.now;
	return slot[0];
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len)
{
	if (!serve.on)
		return __real_connect(fd, address, len);
	errno = ECONNREFUSED;
	return serve.bad & BAD_CONNECT ? -1 : 0;
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	struct ucred peer = { .uid = serve.bad & BAD_PEER ? 1000 : 0 };

	if (!serve.on)
		return __real_getsockopt(fd, level, name, value, len);
	HOLDS(level == SOL_SOCKET && name == SO_PEERCRED && *len == sizeof(peer));
	memcpy(value, &peer, sizeof(peer));
	return serve.bad & BAD_PEER && serve.bad & 16 ? -1 : 0;
}

/* ---- the person ---- */

static bool talk_show(void *context, const char *text)
{
	(void)context;
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		HOLDS(*p >= ' ' || *p == '\n' || *p == '\033');
	if (strcasestr(text, "https://"))
		snprintf(last_shown, sizeof(last_shown), "%s", text);
	return true;
}

static bool talk_ask(void *context, const char *prompt, char *answer, size_t len)
{
	if (answer)
		snprintf(answer, len, "code");
	fake_pass(500);
	return talk_show(context, prompt);
}

static void talk_account(void *context, const char *name, struct local_account *account)
{
	(void)context;
	(void)name;
	(void)account;
	abort(); /* serve judges */
}

static void talk_log(void *context, int priority, const char *text)
{
	(void)context;
	(void)priority;
	HOLDS(all_within(text, ' ', '~'));
}

static void talk_drop(void *context)
{
	(void)context;
}

/* ---- the rule ---- */

/* Whether the script ends in an outcome; *OUTCOME is its name. */
static bool script_ends(struct script_rule *rule, const char **outcome)
{
	enum {
		OPENING,
		INVITING,
		SHOWN
	} at = OPENING;
	int states = 0;

	rule->by_heart = true;
	for (size_t i = 0; i < fake.steps; i++) {
		struct script_words words;
		bool fresh;

		rule->by_heart = rule->by_heart && fake.step[i].after_ms == 0 &&
				 fake.step[i].kind == STEP_SEND;
		if (fake.step[i].kind == STEP_AWAIT_AGAIN)
			continue;
		if (fake.step[i].kind == STEP_CLOSE || !script_split(&fake.step[i].packet, &words))
			return false;
		if (script_is(&words, "ready", "wire walls") && at == OPENING &&
		    strcmp(words.word[2], "1") == 0 && script_walls_ok(words.word[4], rule)) {
			at = INVITING;
		} else if (strcmp(words.word[0], "invite") == 0 && at == INVITING) {
			at = SHOWN;
			if (!script_invite_ok(&words, rule))
				return false;
		} else if (script_is(&words, "state", "state") && at == SHOWN) {
			if (++states > 64 || !script_state_ok(words.word[2], rule, &fresh))
				return false;
			at = fresh ? INVITING : SHOWN;
		} else if (script_is(&words, "done", "outcome")) {
			*outcome = words.word[2];
			return at == SHOWN || strcmp(*outcome, "admitted") != 0;
		} else {
			return false;
		}
	}
	return false;
}

/* ---- one login ---- */

static void setting(enum conf_key key, const char *value)
{
	if (conf.where[key])
		free((char *)conf.value[key]);
	free(conf.where[key]);
	conf.where[key] = strdup("test");
	conf.value[key] = strdup(value);
}

static void login_make(struct login *login, struct script_rule *rule, unsigned int choices)
{
	bool pasting = choices & 1;

	snprintf(conf.section, sizeof(conf.section), "lock");
	setting(CONF_ISSUER, ISSUER);
	setting(CONF_FLOW, pasting ? "paste" : "device");
	setting(CONF_CODES, choices & 2 ? "3" : "1");
	setting(CONF_TRIES, choices & 4 ? "3" : "1");
	setting(CONF_HTTP_LOOPBACK, "no");
	setting(CONF_SANDBOX, "require");
	*login = (struct login){
		.conf = &conf,
		.policy = &policy,
		.wanted = { .name = USER, .exists = true, .uid = 1000 },
		.io = { &conf, talk_show, talk_ask, talk_account, talk_log, talk_drop, NULL, NULL,
			NULL },
		.manner = { .style = (enum screen_style)(choices >> 3 & 3),
			    .prompting = choices & 32,
			    .timeout = 300,
			    .answer_cut = 1023 },
		.screen = { .user = USER, .host = "box", .service = "locker" },
	};
	login->screen.style = login->manner.style;
	*rule = (struct script_rule){ .pasting = pasting,
				      .codes = choices & 2 ? 3 : 1,
				      .tries = choices & 4 ? 3 : 1 };
}

static void outcome_check(const struct login *login, const struct script_rule *rule,
			  const char *said, bool ends)
{
	bool connected = !(serve.bad & 15);
	bool admitted = login->outcome == OUTCOME_ADMITTED;

	HOLDS(login->outcome < OUTCOME_COUNT && is_reason(login->reason));
	HOLDS((login->outcome == OUTCOME_NO_SERVE) == !connected);
	HOLDS(login->outcome != OUTCOME_UNREACHABLE || login->shown_at == 0);
	HOLDS(login->outcome != OUTCOME_SKIPPED && login->helper.fd < 0 && !login->claims);
	HOLDS(!admitted || (connected && ends && strcmp(said, "admitted") == 0 &&
			    strstr(last_shown, rule->last_uri)));
	if (connected && ends && rule->by_heart && strcmp(said, "admitted") == 0)
		HOLDS(admitted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct login login;
	struct script_rule rule;
	struct fuzz f = fuzz_start(data, size);
	unsigned int choices = fuzz_byte(&f), drawer = fuzz_byte(&f), before, after;
	const char *said = "";
	bool ends;

	fake_reset();
	before = (unsigned int)dup(0);
	close((int)before);
	serve.bad = fuzz_byte(&f) & 63;
	serve.fd = -1;
	last_shown[0] = '\0';
	fake.drawer = (enum drawer)(drawer & 3);
	script_make(f.at, f.end);
	login_make(&login, &rule, choices);
	ends = script_ends(&rule, &said);
	serve.on = true;
	locker_run(&login);
	serve.on = false;
	outcome_check(&login, &rule, said, ends);
	login_clear(&login);
	fake_reset();
	after = (unsigned int)dup(0);
	close((int)after);
	HOLDS(before == after);
	fuzz_done(&f);
	return 0;
}
