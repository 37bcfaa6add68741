/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One login against any helper. API: login_run, login_clear, struct login, struct conf and the keys
 * of it that login.c reads, struct policy; tests/unit/fake_spawn.h stands in for spawn.c.
 *
 * The input: four bytes of choices, then the script (script.h). Oracle: ADMITTED if the script is
 * a legal grant that takes no time, and only if it is a legal grant at all: ready, an authorization
 * that was shown, claims that admit alice, one `done granted`, nothing else in between that the
 * table does not allow. Where nobody was named the account is alice, or nobody. Behind an idle screen no
 * helper starts before Enter, and none after an unreachable provider without it. Every helper that was started has been ended, and what is shown is plain.
 */
#include "helper/login/event_loop.h"
#include "helper/login/idle.h"
#include "script.h"

static struct conf conf;
static struct policy policy;

static struct {
	int calls, fails; /* the how many-th show or ask fails; 0: none */
	const char *answer;
	char last[SCREEN_BYTES_MAX];
	int asked_to_begin;
	struct script_rule rule;
} talk;

static bool talk_hear(const char *text)
{
	bool escapes = strstr(text, "\033[") != NULL;

	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		HOLDS(*p >= ' ' || *p == '\n' || (escapes && *p == '\033'));
	if (strcasestr(text, "https://"))
		snprintf(talk.last, sizeof(talk.last), "%s", text);
	return ++talk.calls != talk.fails;
}

static bool talk_show(void *context, const char *text)
{
	(void)context;
	return talk_hear(text);
}

static bool talk_ask(void *context, const char *prompt, char *answer, size_t len)
{
	(void)context;
	if (strstr(prompt, "Press Enter to ")) { /* begin, or try again */
		talk.asked_to_begin++;
		HOLDS(fake.started == fake.ended);
	}
	if (answer)
		snprintf(answer, len, "%s", talk.answer);
	fake_pass(talk.rule.code_entry ? 0 : 1000);
	return talk_hear(prompt);
}

static void talk_log(void *context, int priority, const char *text)
{
	(void)context;
	(void)priority;
	HOLDS(all_within(text, ' ', '~'));
}

static void talk_account(void *context, const char *name, struct local_account *account)
{
	(void)context;
	*account = (struct local_account){ .name = name,
					   .exists = strcmp(name, USER) == 0,
					   .uid = 1000 };
}

static void talk_drop(void *context)
{
	(void)context;
}

static void setting(enum conf_key key, const char *value)
{
	if (conf.where[key])
		free((char *)conf.value[key]);
	free(conf.where[key]);
	conf.where[key] = strdup("test");
	conf.value[key] = strdup(value);
}

static void policy_make(unsigned int choices, unsigned int who)
{
	policy = (struct policy){
		.issuer = ISSUER,
		.subject_claim = "sub",
		.min_uid = 1000,
		.user_claim = choices & 8 || who & 1 ? "" : "preferred_username",
		.map = choices & 8 ? ISSUER " 7 alice\n" : NULL,
		.account = !(choices & 8) && who & 1 ? USER : "",
		.require = who & 2 ? "groups=ops" : NULL,
	};
}

/* CHOICES: 1 paste, 2 codes, 4 tries, 8 map; 16 prompting, 32 complete, 64 no idle screen, 128 wiping. */
static void login_make(struct login *login, unsigned int choices, unsigned int more,
		       unsigned int who)
{
	static const char *const sandboxes[] = { "require", "best-effort", "strict", "require" };
	bool paste = choices & 1;

	setting(CONF_ISSUER, ISSUER);
	setting(CONF_FLOW, paste ? "authorization_code" : "device_code");
	setting(CONF_MAX_CODES, choices & 2 ? "3" : "1");
	setting(CONF_MAX_ENTRIES, choices & 4 ? "3" : "1");
	setting(CONF_HTTP_LOOPBACK, "no");
	setting(CONF_SANDBOX, sandboxes[who >> 3 & 3]);
	policy_make(choices, who);
	*login = (struct login){
		.conf = &conf,
		.policy = &policy,
		.wanted = { .name = who & 4 ? "" : USER, .exists = !(who & 4), .uid = 1000 },
		.io = { .context = &talk,
			.show = talk_show,
			.ask = talk_ask,
			.account = talk_account,
			.log = talk_log,
			.drop_typed = talk_drop },
		.presentation = { .style = (enum screen_style)(more & 3),
				  .qr_verification_uri_complete = choices & 32,
				  .wait_for_enter = choices & 16,
				  .idle = !(choices & 64),
				  .can_clear = choices & 128,
				  .timeout = 300,
				  .host_seconds = who & 32 ? 90 : 0,
				  .answer_cut = 1023 },
		.screen = { .user = who & 4 ? "" : USER, .host = "box", .service = "login" },
	};
	login->screen.style = login->presentation.style;
	talk.rule = (struct script_rule){
		.code_entry = paste,
		.codes = choices & 2 ? 3 : 1,
		.tries = choices & 4 ? 3 : 1,
		.mapped = choices & 8,
		.shared = policy.account[0],
		.grouped = who & 2,
		.best_effort = strcmp(sandboxes[who >> 3 & 3], "best-effort") == 0,
		.strict = strcmp(sandboxes[who >> 3 & 3], "strict") == 0,
	};
	fake.qr_helper = (enum qr_helper)(more >> 2 & 3);
}

static void outcome_check(const struct login *login, bool legal, bool named)
{
	bool admitted = login->outcome == OUTCOME_ADMITTED;

	HOLDS(login->outcome < OUTCOME_COUNT && login->reason > REASON_NONE &&
	      login->reason < REASON_COUNT);
	HOLDS(login->phase == PHASE_OVER);
	HOLDS(fake.started == fake.ended && login->helper.fd < 0);
	HOLDS(!admitted || legal);
	if (legal && talk.rule.by_heart && talk.fails == 0 && fake.start == SPAWN_STARTED)
		HOLDS(admitted);
	HOLDS(!login->presentation.idle || talk.asked_to_begin > 0);
	HOLDS(talk.asked_to_begin <= 20);
	if (admitted)
		HOLDS(strcmp(named ? login->wanted.name : login->name, USER) == 0);
	if (admitted)
		HOLDS(login->shown_at > 0 && strstr(talk.last, talk.rule.last_uri));
	if (login->outcome == OUTCOME_UNREACHABLE)
		HOLDS(login->shown_at == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct login login;
	struct fuzz f = fuzz_start(data, size);
	unsigned int choices = fuzz_byte(&f), more = fuzz_byte(&f), bad = fuzz_byte(&f);
	unsigned int who = fuzz_byte(&f);
	bool legal;

	fake_reset();
	talk.calls = talk.asked_to_begin = 0;
	talk.fails = (int)(bad & 7);
	talk.answer = "code";
	talk.last[0] = '\0';
	login_make(&login, choices, more, who);
	fake.start = bad & 8 ? (enum spawn_result)(bad >> 4 & 3) : SPAWN_STARTED;
	script_make(f.at, f.end);
	legal = script_grants(&talk.rule);
	login_run(&login);
	login_release(&login); /* the verdict stays */
	outcome_check(&login, legal, !(who & 4));
	login_clear(&login);
	fuzz_done(&f);
	return 0;
}
