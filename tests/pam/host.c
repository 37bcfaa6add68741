/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PAM application with a scripted person: prints every message and result, with names.
 *
 *	host [OPTION]... SERVICE USER OPERATION...
 *
 *	-i ITEM=VALUE	sets rhost, tty, ruser, or (other names) a PAM environment variable
 *	-a TEXT		answers the next prompt so; the last one answers all that follow
 *	-w MS		waits before each answer, as a person does
 *	-f N		the conversation fails at the N-th message (1 is the first)
 *	-e STYLE	how it fails: error (PAM_CONV_ERR), again (PAM_CONV_AGAIN), null (no answer)
 *	-c COMMAND	runs by sh when the first code has been shown, with CODE in its environment
 *	-b COMMAND	answers each prompt with the first line that COMMAND prints, with the last
 *			address seen as ADDRESS and the number of the prompt as N in its environment
 *
 * OPERATION is authenticate, acct_mgmt, setcred, open_session or close_session; or "sh COMMAND", which
 * runs with the PAM environment alone, as whatever the session would have; or "left", which prints
 * "left: " with how many descriptors and children this process has. Prints
 * "info:", "error:", "prompt:", "hidden:" or "json:" (GDM's, answered with status TEXT, else Ok) before the lines of each message, and
 * "result: OPERATION PAM_NAME". The status is 0 if all operations succeeded.
 */
#include <dirent.h>
#include <security/pam_appl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

enum {
	ANSWERS_MAX = 16
};

struct person {
	const char *answer[ANSWERS_MAX];
	int answers;
	int answered;
	int wait_ms;
	int fail_at;
	const char *fail_how;
	int messages;
	const char *command;
	const char *browser;
};

static const char *const result_names[] = {
	[PAM_SUCCESS] = "PAM_SUCCESS",
	[PAM_OPEN_ERR] = "PAM_OPEN_ERR",
	[PAM_SYMBOL_ERR] = "PAM_SYMBOL_ERR",
	[PAM_SERVICE_ERR] = "PAM_SERVICE_ERR",
	[PAM_SYSTEM_ERR] = "PAM_SYSTEM_ERR",
	[PAM_BUF_ERR] = "PAM_BUF_ERR",
	[PAM_PERM_DENIED] = "PAM_PERM_DENIED",
	[PAM_AUTH_ERR] = "PAM_AUTH_ERR",
	[PAM_CRED_INSUFFICIENT] = "PAM_CRED_INSUFFICIENT",
	[PAM_CRED_ERR] = "PAM_CRED_ERR",
	[PAM_AUTHINFO_UNAVAIL] = "PAM_AUTHINFO_UNAVAIL",
	[PAM_USER_UNKNOWN] = "PAM_USER_UNKNOWN",
	[PAM_MAXTRIES] = "PAM_MAXTRIES",
	[PAM_ACCT_EXPIRED] = "PAM_ACCT_EXPIRED",
	[PAM_CONV_ERR] = "PAM_CONV_ERR",
	[PAM_IGNORE] = "PAM_IGNORE",
	[PAM_ABORT] = "PAM_ABORT",
	[PAM_MODULE_UNKNOWN] = "PAM_MODULE_UNKNOWN",
};

static const char *result_name(int result)
{
	const char *name = NULL;

	if (result >= 0 && (size_t)result < sizeof(result_names) / sizeof(*result_names))
		name = result_names[result];
	return name ? name : "PAM_OTHER";
}

static void print_message(const char *kind, const char *text)
{
	printf("%s:", kind);
	for (const char *at = text;; at++) {
		size_t len = strcspn(at, "\n");

		printf(" %.*s\n", (int)len, at);
		at += len;
		if (*at == '\0')
			break;
		printf("%s:", kind);
	}
	fflush(stdout);
}

/* As GDM lays its binary messages out where a pointer has eight bytes. */
struct gdm_message {
	unsigned int length;
	unsigned char type;
	_Alignas(8) char protocol[64];
	unsigned int version;
	char *json;
};

/* GDM's greeter, of which the person presses Done when they have done what it shows. */
static char *greeter_answer(const char *message, const char *status)
{
	struct gdm_message *reply = malloc(sizeof(*reply));
	char json[96];

	memcpy(reply, message, sizeof(*reply));
	snprintf(json, sizeof(json), "{\"authSelection\":{\"status\":\"%s\",\"eidp\":{}}}", status);
	reply->json = strdup(json);
	return (char *)reply;
}

/* The word behind "Code:" in what is shown. */
static void run_command(struct person *person, const char *text)
{
	const char *code = strstr(text, "Code:");
	const char *json = strstr(text, "\"code\":");
	char word[64] = "";
	size_t n = 0;

	code = code ? code + 5 : json ? json + 7 : NULL;
	if (!person->command || !code)
		return;
	code += strspn(code, " \"");
	for (; *code && *code != '\n' && *code != '"' && n + 1 < sizeof(word); code++)
		if (*code != ' ')
			word[n++] = *code;
	setenv("CODE", word, 1);
	if (system(person->command) != 0)
		printf("command failed\n");
	person->command = NULL;
}

static int fail_now(const struct person *person)
{
	if (strcmp(person->fail_how, "again") == 0)
		return PAM_CONV_AGAIN;
	if (strcmp(person->fail_how, "null") == 0)
		return PAM_SUCCESS;
	return PAM_CONV_ERR;
}

/* The last word of TEXT that is an address. */
static void remember_address(const char *text)
{
	for (const char *at = text; (at = strstr(at, "https://")); at++) {
		size_t len = strcspn(at, " \n");
		char *word = strndup(at, len);

		setenv("ADDRESS", word, 1);
		free(word);
	}
}

static char *browser_answer(const struct person *person)
{
	static char line[16384];
	char number[16];
	FILE *pipe;

	snprintf(number, sizeof(number), "%d", person->answered);
	setenv("N", number, 1);
	line[0] = '\0';
	pipe = popen(person->browser, "r");
	if (!pipe || !fgets(line, sizeof(line), pipe))
		printf("browser failed\n");
	if (pipe)
		pclose(pipe);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static int converse_one(struct person *person, const struct pam_message *message,
			struct pam_response *response)
{
	const char *text = message->msg;
	const char *kinds[] = { [PAM_BINARY_PROMPT] = "json",
				[PAM_PROMPT_ECHO_OFF] = "hidden",
				[PAM_PROMPT_ECHO_ON] = "prompt",
				[PAM_ERROR_MSG] = "error",
				[PAM_TEXT_INFO] = "info" };
	int answer = person->answered;

	if (++person->messages == person->fail_at)
		return fail_now(person);
	if (message->msg_style == PAM_BINARY_PROMPT)
		text = ((const struct gdm_message *)(const void *)message->msg)->json;
	print_message(kinds[message->msg_style], text);
	run_command(person, text);
	remember_address(text);
	if (message->msg_style == PAM_BINARY_PROMPT) {
		usleep((useconds_t)person->wait_ms * 1000);
		response->resp =
			greeter_answer(message->msg, person->answers ? person->answer[0] : "Ok");
		return PAM_SUCCESS;
	}
	if (message->msg_style != PAM_PROMPT_ECHO_ON && message->msg_style != PAM_PROMPT_ECHO_OFF)
		return PAM_SUCCESS;
	usleep((useconds_t)person->wait_ms * 1000);
	if (answer >= person->answers)
		answer = person->answers - 1;
	person->answered++;
	if (person->browser)
		response->resp = strdup(browser_answer(person));
	else
		response->resp = strdup(answer >= 0 ? person->answer[answer] : "");
	return response->resp ? PAM_SUCCESS : PAM_BUF_ERR;
}

static int converse(int count, const struct pam_message **messages, struct pam_response **out,
		    void *context)
{
	struct pam_response *responses = calloc((size_t)count, sizeof(*responses));
	int result = responses ? PAM_SUCCESS : PAM_BUF_ERR;

	for (int i = 0; i < count && result == PAM_SUCCESS; i++)
		result = converse_one(context, messages[i], &responses[i]);
	if (result == PAM_SUCCESS)
		*out = responses;
	else
		free(responses);
	return result;
}

static int set_item(pam_handle_t *pamh, const char *pair)
{
	static const struct {
		const char *name;
		int item;
	} items[] = { { "rhost=", PAM_RHOST }, { "tty=", PAM_TTY }, { "ruser=", PAM_RUSER } };

	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		if (strncmp(pair, items[i].name, strlen(items[i].name)) == 0)
			return pam_set_item(pamh, items[i].item, pair + strlen(items[i].name));
	return pam_putenv(pamh, pair);
}

/* What a session would run, in its environment. */
static int run_inside(pam_handle_t *pamh, const char *command)
{
	char *argv[] = { "sh", "-c", (char *)command, NULL };
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execve("/bin/sh", argv, pam_getenvlist(pamh));
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return PAM_ABORT;
	return status == 0 ? PAM_SUCCESS : PAM_SYSTEM_ERR;
}

/* The log's own descriptor is the C library's, and is there from the first "left" on. */
static int tell_left(void)
{
	static bool logging;
	int fds = 0, alive;
	DIR *dir;

	if (!logging)
		openlog("host", LOG_NDELAY, LOG_AUTHPRIV);
	logging = true;
	dir = opendir("/proc/self/fd");
	while (dir && readdir(dir))
		fds++;
	if (dir)
		closedir(dir);
	alive = waitid(P_ALL, 0, &(siginfo_t){ 0 }, WEXITED | WNOHANG | WNOWAIT) == 0;
	printf("left: %d descriptors, %s\n", fds, alive ? "children" : "no children");
	return PAM_SUCCESS;
}

static int operate(pam_handle_t *pamh, const char *operation)
{
	static const struct {
		const char *name;
		int (*run)(pam_handle_t *pamh, int flags);
		int flags;
	} operations[] = {
		{ "authenticate", pam_authenticate, 0 },
		{ "silent", pam_authenticate, PAM_SILENT },
		{ "acct_mgmt", pam_acct_mgmt, 0 },
		{ "setcred", pam_setcred, PAM_ESTABLISH_CRED },
		{ "open_session", pam_open_session, 0 },
		{ "close_session", pam_close_session, 0 },
	};

	if (strncmp(operation, "sh ", 3) == 0)
		return run_inside(pamh, operation + 3);
	if (strncmp(operation, "user ", 5) == 0)
		return pam_set_item(pamh, PAM_USER, operation + 5);
	if (strcmp(operation, "left") == 0)
		return tell_left();
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (strcmp(operations[i].name, operation) == 0)
			return operations[i].run(pamh, operations[i].flags);
	return PAM_ABORT;
}

static int run(char **argv, char *const *items, int item_count, struct person *person)
{
	struct pam_conv conv = { converse, person };
	pam_handle_t *pamh = NULL;
	int result = pam_start(argv[0], argv[1][0] ? argv[1] : NULL, &conv, &pamh);
	int worst = result;

	for (int i = 0; i < item_count && result == PAM_SUCCESS; i++)
		result = set_item(pamh, items[i]);
	for (argv += 2; *argv && result == PAM_SUCCESS; argv++) {
		int one = operate(pamh, *argv);

		printf("result: %s %s\n", *argv, result_name(one));
		fflush(stdout);
		if (worst == PAM_SUCCESS)
			worst = one;
	}
	pam_end(pamh, worst);
	return worst == PAM_SUCCESS ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct person person = { .fail_how = "error" };
	char *items[ANSWERS_MAX];
	int item_count = 0;
	int option;

	while ((option = getopt(argc, argv, "+i:a:w:f:e:c:b:")) != -1) {
		if (option == 'i' && item_count < ANSWERS_MAX)
			items[item_count++] = optarg;
		else if (option == 'a' && person.answers < ANSWERS_MAX)
			person.answer[person.answers++] = optarg;
		else if (option == 'w')
			person.wait_ms = atoi(optarg);
		else if (option == 'f')
			person.fail_at = atoi(optarg);
		else if (option == 'e')
			person.fail_how = optarg;
		else if (option == 'c')
			person.command = optarg;
		else if (option == 'b')
			person.browser = optarg;
		else
			return 2;
	}
	if (argc - optind < 3)
		return 2;
	return run(argv + optind, items, item_count, &person);
}
