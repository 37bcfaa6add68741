/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole pam_sm_authenticate, in this process: libpam's functions are stood in for below, the
 * helper is a script (script.h), the files are fake_files.h's, and the calls that can fail fail as
 * the input says. API: the module's entry points, and what script.h and fake_files.h name.
 *
 * The input: four bytes of choices (host and configuration, the QR helper,
 * which call fails, how the helper starts), a field for
 * the user's name, one for what is typed, one for a configuration of its own, then the script.
 * Oracle: the result is one of the table's; PAM_IGNORE only for a user whom `skip` lists;
 * PAM_SUCCESS if the script is a legal grant for alice, at once and with nothing failing, where she may
 * come from, and only if it is a legal grant; PAM_AUTHINFO_UNAVAIL only if no code was shown; PAM_USER
 * is set only where it was empty, and only to the name that is let in; the second start from one source
 * where one is allowed is refused without a helper; the client's secret is neither shown nor logged;
 * log lines are one line; no helper, descriptor or memory is left.
 */
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <shadow.h>
#include <sys/time.h>

#include "fake_files.h"
#include "helper/login/names.h"
#include "helper/login/starter.h"
#include "script.h"

#define SECRET "hush-hush-secret"

enum {
	CONFS = 7,
	LIMITED = 6, /* of them */
};

static const char *const confs[CONFS] = {
	"user_claim = preferred_username\n",
	"map_file = /map\nmax_codes = 3\nmax_entries = 1\nqr = utf8\n",
	"user_claim = preferred_username\nflow = authorization_code\nredirect_uri = " ISSUER
	"/show\n",
	"user_claim = preferred_username\nremote = allow\nprompt = enter\nqr_verification_uri_complete = always\n",
	"shared_account = alice\nrequire = groups=ops\n",
	"user_claim = preferred_username\nstart = enter\nignore_users = bob daemon\n",
	"user_claim = preferred_username\nremote = allow\nrate_limit = 1/5m\n",
};

struct pam_handle {
	const char *tty, *rhost, *ruser, *user, *answer;
	void *data;
	void (*data_free)(pam_handle_t *pamh, void *data, int status);
	bool code_shown, nameless, told;
	int identities; /* lines of DEVICE_CODE_... */
};

static struct {
	bool on;
	int calls, at; /* the AT-th call fails; 0: none */
	bool failed;
} failing;

static bool fails(void)
{
	if (!failing.on || ++failing.calls != failing.at)
		return false;
	failing.failed = true;
	return true;
}

/* ---- the C library ---- */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
int __wrap_getitimer(int which, struct itimerval *value);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);

static char state_dir[] = "/dev/shm/fuzz_pam.XXXXXX"; /* stands for PATH_STATE */

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

int __wrap_open(const char *path, int flags, ...)
{
	bool state = fake_files_on && strcmp(path, PATH_STATE) == 0;

	return fails() ? -1 : __real_open(state ? state_dir : path, flags, 0600);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	HOLDS(!fake_files_on || strcmp(path, PATH_STATE) == 0);
	return fails() ? -1 : __real_mkdir(fake_files_on ? state_dir : path, mode);
}

static void state_forget(void)
{
	char path[sizeof(state_dir) + 8];

	snprintf(path, sizeof(path), "%s/limits", state_dir);
	unlink(path);
}

static void state_end(void)
{
	state_forget();
	rmdir(state_dir);
}

/* The fuzzer has an alarm of its own. */
int __wrap_getitimer(int which, struct itimerval *value)
{
	(void)which;
	memset(value, 0, sizeof(*value));
	return 0;
}

/* ---- libpam ---- */

static bool secret_said; /* by the input itself: the fuzzer finds such words */

static void text_check(const char *text)
{
	HOLDS(secret_said || !strstr(text, SECRET));
}

int pam_get_item(const pam_handle_t *pamh, int type, const void **item)
{
	if (fails())
		return PAM_SYSTEM_ERR;
	*item = type == PAM_TTY	      ? pamh->tty
		: type == PAM_RHOST   ? pamh->rhost
		: type == PAM_RUSER   ? pamh->ruser
		: type == PAM_USER    ? pamh->user
		: type == PAM_SERVICE ? "login"
				      : NULL;
	return PAM_SUCCESS;
}

int pam_get_user(pam_handle_t *pamh, const char **user, const char *prompt)
{
	(void)prompt;
	if (fails())
		return PAM_CONV_ERR;
	*user = pamh->user;
	return PAM_SUCCESS;
}

int pam_set_item(pam_handle_t *pamh, int type, const void *value)
{
	HOLDS(type == PAM_USER && pamh->nameless && pamh->user[0] == '\0');
	if (fails())
		return PAM_BUF_ERR;
	HOLDS(strcmp(value, USER) == 0);
	pamh->user = USER;
	pamh->told = true;
	return PAM_SUCCESS;
}

int pam_putenv(pam_handle_t *pamh, const char *text)
{
	HOLDS(strncmp(text, "DEVICE_CODE_", 12) == 0 && all_within(text, ' ', '~'));
	if (fails())
		return PAM_BUF_ERR;
	pamh->identities += strchr(text, '=') != NULL;
	return PAM_SUCCESS;
}

const char *pam_getenv(pam_handle_t *pamh, const char *name)
{
	return pamh->rhost && strcmp(name, "SSH_CONNECTION") == 0 ? "192.0.2.7 5 192.0.2.1 22"
								  : NULL;
}

int pam_set_data(pam_handle_t *pamh, const char *name, void *data,
		 void (*data_free)(pam_handle_t *pamh, void *data, int status))
{
	(void)name;
	if (fails())
		return PAM_BUF_ERR;
	if (pamh->data && pamh->data_free)
		pamh->data_free(pamh, pamh->data, 0);
	pamh->data = data;
	pamh->data_free = data_free;
	return PAM_SUCCESS;
}

int pam_get_data(const pam_handle_t *pamh, const char *name, const void **data)
{
	(void)name;
	*data = pamh->data;
	return pamh->data ? PAM_SUCCESS : PAM_NO_MODULE_DATA;
}

int pam_prompt(pam_handle_t *pamh, int style, char **response, const char *format, ...)
{
	static char text[SCREEN_BYTES_MAX + 256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_check(text);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		HOLDS(*p >= ' ' || *p == '\n' || *p == '\033');
	pamh->code_shown = pamh->code_shown || strcasestr(text, "https://");
	HOLDS(style == PAM_TEXT_INFO || style == PAM_ERROR_MSG || response);
	if (response)
		*response = NULL;
	if (fails())
		return PAM_CONV_ERR;
	fake_pass(response ? 500 : 0);
	if (response && pamh->answer[0] != '-') /* else: success without an answer */
		*response = __real_strdup(pamh->answer);
	return PAM_SUCCESS;
}

void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
	static char text[16384];
	va_list args;

	(void)pamh;
	(void)priority;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_check(text);
	HOLDS(!strpbrk(text, "\r\n\033"));
}

/* ---- names.h and starter.h: what NSS would be asked ---- */

enum spawn_result starter_state(void)
{
	return SPAWN_STARTED;
}

bool names_known(uid_t uid)
{
	return uid < NAMES_FIRST_SUBORDINATE;
}

enum names_answer names_group(const char *name, gid_t *gid)
{
	*gid = 29;
	return strcmp(name, "audio") == 0 ? NAMES_FOUND : NAMES_NONE;
}

const char *names_trouble(void)
{
	return NULL;
}

struct passwd *pam_modutil_getpwnam(pam_handle_t *pamh, const char *user)
{
	static struct passwd pw;

	(void)pamh;
	pw.pw_name = (char *)user;
	pw.pw_uid = strcmp(user, USER) == 0 ? 1000 : strcmp(user, "root") == 0 ? 0 : 999;
	if (fails() || (pw.pw_uid == 999 && strcmp(user, "daemon") != 0))
		return NULL;
	return &pw;
}

struct passwd *pam_modutil_getpwuid(pam_handle_t *pamh, uid_t uid)
{
	(void)uid;
	return pam_modutil_getpwnam(pamh, "daemon");
}

struct spwd *pam_modutil_getspnam(pam_handle_t *pamh, const char *user)
{
	(void)pamh;
	(void)user;
	return NULL;
}

/* ---- one attempt ---- */

static bool in_table(int result)
{
	static const int table[] = { PAM_SUCCESS,      PAM_AUTH_ERR,	     PAM_MAXTRIES,
				     PAM_PERM_DENIED,  PAM_AUTHINFO_UNAVAIL, PAM_SERVICE_ERR,
				     PAM_USER_UNKNOWN, PAM_SYSTEM_ERR,	     PAM_BUF_ERR,
				     PAM_CONV_ERR };

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i] == result)
			return true;
	return false;
}

/* HOST: bits 0-2 the place, 3-5 the configuration, 6 no section, 7 an argument nobody knows. */
static int authenticate(pam_handle_t *pamh, unsigned int host)
{
	const char *argv[3] = { "debug", "section=kiosk", "sektion=kiosk" };
	int argc = host & 0x80 ? 3 : host & 0x40 ? 1 : 2;
	int result;

	failing.on = fake_files_on = true;
	result = pam_sm_authenticate(pamh, PAM_SILENT, argc, argv);
	failing.on = fake_files_on = false;
	return result;
}

static void files_make(const char *own, unsigned int host, char *conf, size_t len)
{
	unsigned int which = host >> 3 & 7;

	if (which < CONFS)
		snprintf(conf, len,
			 "[kiosk]\nissuer = " ISSUER
			 "\nclient_id = tv\ntoken_endpoint_auth_method = client_secret_post\n"
			 "client_secret_file = /secret\n%s",
			 confs[which]);
	else
		snprintf(conf, len, "%s", own);
	fake_files_clear();
	fake_file_add(PATH_CONF, conf, strlen(conf), 0644);
	fake_file_add("/map", ISSUER " 7 alice\n", strlen(ISSUER " 7 alice\n"), 0644);
	fake_file_add("/secret", SECRET "\n", strlen(SECRET "\n"), 0600);
}

static struct script_rule rule_make(unsigned int which)
{
	return (struct script_rule){
		.code_entry = which == 2,
		.codes = which == 1 ? 3 : 1,
		.tries = which == 1 ? 1 : 3,
		.mapped = which == 1,
		.shared = which == 4,
		.grouped = which == 4,
	};
}

/* PAM_IGNORE leaves the login to others: only for whom the section names. */
static bool may_skip(const pam_handle_t *pamh, unsigned int host, const char *conf)
{
	unsigned int which = host >> 3 & 7;

	if (which >= CONFS)
		return strstr(conf, "ignore_users") && strstr(conf, pamh->user);
	return which == 5 && (strcmp(pamh->user, "bob") == 0 || strcmp(pamh->user, "daemon") == 0);
}

static void result_check(const pam_handle_t *pamh, int result, unsigned int host, const char *conf)
{
	static const bool near[8] = { true, false, true, false, true, false, true, false };
	unsigned int which = host >> 3 & 7;
	struct script_rule rule = rule_make(which);
	bool legal = script_grants(&rule);

	HOLDS(in_table(result) || (result == PAM_IGNORE && may_skip(pamh, host, conf)));
	if (which == 5 && !failing.failed && !(host & 0xc0) && may_skip(pamh, host, conf))
		HOLDS(result == PAM_IGNORE);
	HOLDS(!pamh->told || result == PAM_SUCCESS || failing.failed);
	HOLDS(result != PAM_AUTHINFO_UNAVAIL || !pamh->code_shown);
	HOLDS(fake.started == fake.ended);
	if (result == PAM_SUCCESS) {
		HOLDS(strcmp(pamh->user, USER) == 0 && pamh->code_shown && !(host & 0x80));
		HOLDS(fake.started > 0 && pamh->data);
		HOLDS(which >= CONFS || legal);
		HOLDS(which >= CONFS || near[host & 7] || which == 3 || which == LIMITED);
		HOLDS(which != 4 || pamh->identities == 2);
	} else {
		HOLDS(!pamh->data);
	}
	if (legal && rule.by_heart && which < CONFS && !failing.failed && !(host & 0xc0) &&
	    strcmp(pamh->user, USER) == 0 && (near[host & 7] || which == 3 || which == LIMITED) &&
	    fake.start == SPAWN_STARTED)
		HOLDS(result == PAM_SUCCESS);
}

/* Once more from the same source, in the same minute. */
static void again_check(pam_handle_t *pamh, unsigned int host)
{
	static const bool seat[8] = { true, false, true, false, false, false, false, false };
	int account, result;

	if ((host >> 3 & 7) != LIMITED || failing.failed || (host & 0xc0) || seat[host & 7] ||
	    geteuid() != 0)
		return;
	if (pamh->user[0] == '\0' || (!(host & 1) && strcmp(pamh->user, USER) != 0))
		return; /* refused before it is counted */
	fake_reset();
	failing.at = 0;
	result = authenticate(pamh, host);
	account = pam_sm_acct_mgmt(pamh, 0, 0, NULL);
	HOLDS(fake.started == 0 && account == PAM_IGNORE);
	HOLDS(result == PAM_MAXTRIES);
}

/* What acct_mgmt says of it afterwards. */
static void account_check(pam_handle_t *pamh, int result)
{
	int account = pam_sm_acct_mgmt(pamh, 0, 0, NULL);

	HOLDS(account == (result == PAM_SUCCESS ? PAM_SUCCESS : PAM_IGNORE));
	if (pamh->data)
		pam_set_data(pamh, "", NULL, NULL);
}

static int last_result; /* PAM's, of the last attempt */

/* One whole attempt, with the AT-th call failing. Returns whether there was such a call. */
static bool attempt(const uint8_t *data, size_t size, int at)
{
	static const char *const ttys[] = { "tty1", "ssh", "/dev/tty1", "pts/0" };
	static char conf[8192];
	struct fuzz f = fuzz_start(data, size);
	unsigned int host = fuzz_byte(&f), qr_helper = fuzz_byte(&f);
	unsigned int fail_at = fuzz_byte(&f), start = fuzz_byte(&f);
	struct pam_handle pamh = { .user = fuzz_text(&f), .answer = fuzz_text(&f) };
	int before = dup(0), after, result;

	close(before);
	pamh.tty = ttys[host & 3];
	pamh.rhost = (host & 1) ? "192.0.2.7" : host & 2 ? NULL : "";
	pamh.ruser = host & 4 ? "bob" : NULL;
	files_make(fuzz_text(&f), host, conf, sizeof(conf));
	fake_reset();
	fake.qr_helper = (enum qr_helper)(qr_helper & 3);
	fake.start = start & 8 ? (enum spawn_result)(start & 3) : SPAWN_STARTED;
	script_make(f.at, f.end);
	failing.calls = 0;
	failing.at = at > 0 ? at : (int)fail_at;
	failing.failed = false;
	state_forget();
	pamh.nameless = pamh.user[0] == '\0';
	result = last_result = authenticate(&pamh, host);
	result_check(&pamh, result, host, conf);
	account_check(&pamh, result);
	again_check(&pamh, host);
	fake_reset();
	after = dup(0);
	close(after);
	HOLDS(after == before);
	fuzz_done(&f);
	return failing.failed;
}

#define READY	    " ready|wire|2|sandbox|" SANDBOX "|\n"
#define AUTHORIZE   "|verification_uri|" ISSUER "/device|expires_in|300|\n"
#define CLAIM(n, v) " claim|name|" n "|type|string|value|" v "|\n"
#define OPS                                    \
	CLAIM("iss", ISSUER)                   \
	CLAIM("sub", "7")                      \
	" claim_item|name|groups|value|ops|\n" \
	" done|verdict|granted|reason|ok|\n"
#define GRANT                \
	CLAIM("iss", ISSUER) \
	CLAIM("sub", "7") CLAIM("preferred_username", USER) " done|verdict|granted|reason|ok|\n"

/* A good login by each configuration, with the first call failing, the second, until none is left. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct {
		char host;
		const char *script;
	} good[] = {
		{ 0, READY " authorize|flow|device_code|user_code|WDJB-MJHT" AUTHORIZE GRANT },
		{ 8, READY " authorize|flow|device_code|user_code|WDJB-MJHT" AUTHORIZE GRANT },
		{ 16, READY " authorize|flow|authorization_code" AUTHORIZE GRANT },
		{ 25, READY " authorize|flow|device_code|user_code|WDJB-MJHT" AUTHORIZE GRANT },
		{ 32, READY " authorize|flow|device_code|user_code|WDJB-MJHT" AUTHORIZE OPS },
		{ 40, READY " authorize|flow|device_code|user_code|WDJB-MJHT" AUTHORIZE GRANT },
		{ 49, READY " authorize|flow|device_code|user_code|WDJB-MJHT" AUTHORIZE GRANT },
	};
	char data[2048];

	(void)argc;
	(void)argv;
	HOLDS(mkdtemp(state_dir));
	atexit(state_end);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		int at = 0;
		size_t len = (size_t)sprintf(data, "%c%c%c%c" USER "%ccode%c%c%s", good[i].host, 1,
					     0, 0, FUZZ_END, FUZZ_END, FUZZ_END, good[i].script);

		while (attempt((const uint8_t *)data, len, ++at))
			HOLDS(at < 1000);
		HOLDS(at > 20);
		HOLDS(last_result == PAM_SUCCESS); /* or the scripts are nobody's any more */
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	secret_said = memmem(data, size, SECRET, strlen(SECRET));
	attempt(data, size, 0);
	return 0;
}
