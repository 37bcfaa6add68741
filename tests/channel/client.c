/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module's side of the channel, by a script: starts a helper, sends it an opening packet, prints
 * each message that it tells as one line, and says how it ended.
 *
 *	client [-cm] [-s BYTES] [-t MS] [-e NAME=VALUE]... [-k FILE] HELPER VERB [KEY=VALUE | KEY@FILE]... [-- STEP...]
 *
 *	-s	room for what the helper tells (SO_SNDBUF; the kernel has a least)
 *	-t	how long to wait for a message, and for the helper's end (40000)
 *	-c	HELPER is a socket to connect to, and nothing is started
 *	-m	prints "peak N kB" before the end: the most memory that the helper had
 *	-e	NAME=VALUE: one more of the environment of the helper
 *	-k	a token_blob goes to FILE; printed is its length alone
 *
 * KEY@FILE is a value from a file, so that a secret stands in no command line. VERB - sends no
 * opening packet. The steps, one after the other; behind the last, all is read until the end:
 *
 *	wait WORDS	reads until a message whose line begins with WORDS
 *	say VERB [KEY=VALUE]...
 *	type COMMAND	answers with the first line that COMMAND prints
 *	run COMMAND	by sh; HELPER_PID, ADDRESS and CODE are in its environment
 *	raw HEX		these bytes as one packet; none at all are a packet too
 *	long BYTES	a packet of so many bytes, its last a NUL
 *	pause MS
 *	deaf		reads nothing any more
 *	close		closes the channel
 *
 * With -c the last line is "closed" or "stays". Else it is "ended STATUS", "killed SIGNAL" or "stays" (it is killed then); before it stands
 * "output: ..." for whatever the helper wrote to its standard output or error. Status: 0 unless
 * something could not be done.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/wire.h"

enum {
	ENV_MORE_MAX = 12,
};

static struct client {
	int channel;
	int output; /* what the helper writes where it should not */
	pid_t helper;
	int wait_ms;
	int room;
	bool deaf;
	bool connects;
	bool measuring;
	const char *token_blob_file;
	char *more_env[ENV_MORE_MAX];
	int more_envs;
} client = { .channel = -1, .output = -1, .wait_ms = 40000 };

static _Noreturn void fail(const char *what, const char *detail)
{
	fprintf(stderr, "client: %s: %s\n", what, detail);
	exit(2);
}

/* ---- the helper ---- */

static _Noreturn void helper_run(const char *program, int channel)
{
	char *const argv[] = { (char *)program, NULL };
	char *envp[ENV_MORE_MAX + 3] = { "PATH=/usr/bin:/bin", "LC_ALL=C" };
	int null = open("/dev/null", O_RDONLY);

	memcpy(envp + 2, client.more_env, sizeof(client.more_env));
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && dup2(null, 0) == 0 &&
	    dup2(client.output, 1) == 1 && dup2(client.output, 2) == 2 &&
	    dup2(channel, WIRE_FD) == WIRE_FD && syscall(SYS_close_range, WIRE_FD + 1, ~0U, 0) == 0)
		execve(program, argv, envp);
	_exit(127);
}

static void helper_start(const char *program)
{
	char pid[32];
	int pair[2], high;

	client.output = memfd_create("output", MFD_CLOEXEC);
	if (client.output < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		fail("the channel", "cannot be made");
	high = fcntl(pair[1], F_DUPFD_CLOEXEC, WIRE_FD + 7);
	client.output = fcntl(client.output, F_DUPFD_CLOEXEC, WIRE_FD + 7);
	if (client.room > 0)
		setsockopt(high, SOL_SOCKET, SO_SNDBUF, &client.room, sizeof(client.room));
	client.helper = fork();
	if (client.helper == 0)
		helper_run(program, high);
	close(pair[1]);
	close(high);
	client.channel = pair[0];
	snprintf(pid, sizeof(pid), "%d", (int)client.helper);
	setenv("HELPER_PID", pid, 1);
}

/* Somebody who listens, instead of a helper of our own. */
static void socket_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	client.channel = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (connect(client.channel, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail(path, strerror(errno));
}

static void output_print(void)
{
	char text[2048];
	ssize_t len = pread(client.output, text, sizeof(text), 0);

	if (len > 0)
		printf("output: %.*s\n", (int)len, text);
}

static void helper_end(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, client.helper, 0);
	struct pollfd pfd = { .fd = pidfd, .events = POLLIN };
	bool ended = poll(&pfd, 1, client.wait_ms) > 0;
	struct rusage usage;
	int status = 0;

	if (!ended)
		kill(client.helper, SIGKILL);
	wait4(client.helper, &status, 0, &usage);
	output_print();
	if (client.measuring)
		printf("peak %ld kB\n", usage.ru_maxrss);
	if (!ended)
		printf("stays\n");
	else if (WIFEXITED(status))
		printf("ended %d\n", WEXITSTATUS(status));
	else
		printf("killed %d\n", WTERMSIG(status));
}

/* ---- what it tells ---- */

/* A token_blob is made of tokens: it goes to a file of its owner's alone. */
static void token_blob_save(const char *text, char *line, size_t room)
{
	int fd = client.token_blob_file
			 ? open(client.token_blob_file, O_WRONLY | O_CREAT | O_TRUNC, 0600)
			 : -1;

	if (fd >= 0 && write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(client.token_blob_file, "cannot be written");
	if (fd >= 0)
		close(fd);
	snprintf(line, room, " token_blob=(%zu bytes)", strlen(text));
}

static void value_print(const char *key, const char *value, char *line, size_t room)
{
	size_t n = (size_t)snprintf(line, room, " %s=", key);

	for (; *value && n + 5 < room; value++) {
		if (*value >= 0x20 && *value <= 0x7e && *value != '\\')
			line[n++] = *value;
		else
			n += (size_t)snprintf(line + n, room - n, "\\x%02x", (unsigned char)*value);
	}
	line[n] = '\0';
}

static void message_line(const struct wire_message *message, char *line, size_t room)
{
	size_t n = (size_t)snprintf(line, room, "%s", message->verb);

	for (size_t i = 0; i < message->pairs && n + 64 < room; i++) {
		const struct wire_pair *pair = &message->pair[i];

		if (strcmp(pair->key, "token_blob") == 0)
			token_blob_save(pair->value, line + n, room - n);
		else
			value_print(pair->key, pair->value, line + n, room - n);
		n += strlen(line + n);
	}
}

static void authorize_remember(const struct wire_message *message)
{
	const char *uri = wire_value(message, "verification_uri");
	const char *code = wire_value(message, "user_code");

	if (strcmp(message->verb, "authorize") != 0)
		return;
	setenv("ADDRESS", uri ? uri : "", 1);
	setenv("CODE", code ? code : "", 1);
}

/* Reads and prints until a line that begins with WORDS; NULL: until the helper has closed. */
static bool read_until(const char *words)
{
	static char line[5 * WIRE_BYTES_MAX];
	struct wire_message message;
	char buf[WIRE_BYTES_MAX];

	for (;;) {
		switch (wire_receive(client.channel, true, buf, &message)) {
		case WIRE_MESSAGE:
			message_line(&message, line, sizeof(line));
			authorize_remember(&message);
			printf("%s\n", line);
			fflush(stdout);
			if (words && strncmp(line, words, strlen(words)) == 0)
				return true;
			break;
		case WIRE_INVALID:
			printf("invalid packet\n");
			break;
		case WIRE_NOTHING:
			printf("silence\n");
			return false;
		case WIRE_GONE:
			return words == NULL;
		}
	}
}

/* ---- what is said to it ---- */

static const char *file_value(const char *path)
{
	static char text[WIRE_BYTES_MAX];
	FILE *file = fopen(path, "r");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (!file)
		fail(path, "cannot be read");
	fclose(file);
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void pair_add(struct wire_draft *draft, const char *pair)
{
	size_t len = strcspn(pair, "=@");
	char *key = strndup(pair, len);

	if (!key || pair[len] == '\0')
		fail(pair, "KEY=VALUE or KEY@FILE was expected");
	wire_add(draft, key, pair[len] == '@' ? file_value(pair + len + 1) : pair + len + 1);
	free(key);
}

static void draft_send(const struct wire_draft *draft)
{
	if (!wire_send(client.channel, draft))
		printf("not sent\n");
}

static void say(const char *text)
{
	struct wire_draft draft;
	char *words = strdup(text), *rest = NULL;
	const char *word = words ? strtok_r(words, " ", &rest) : NULL;

	wire_begin(&draft, word ? word : "");
	while (word && (word = strtok_r(NULL, " ", &rest)))
		pair_add(&draft, word);
	draft_send(&draft);
	free(words);
}

static void type(const char *command)
{
	struct wire_draft draft;
	char line[WIRE_BYTES_MAX / 2] = "";
	FILE *pipe = popen(command, "r");

	if (!pipe || !fgets(line, sizeof(line), pipe))
		printf("nothing to type\n");
	if (pipe)
		pclose(pipe);
	line[strcspn(line, "\n")] = '\0';
	wire_begin(&draft, "answer");
	wire_add(&draft, "text", line);
	draft_send(&draft);
}

static void packet_send(const void *bytes, size_t len)
{
	if (send(client.channel, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		printf("not sent\n");
}

static void raw(const char *hex)
{
	unsigned char bytes[256];
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len && i < sizeof(bytes); i++)
		if (sscanf(hex + 2 * i, "%2hhx", &bytes[i]) != 1)
			fail(hex, "is not HEX");
	packet_send(bytes, len < sizeof(bytes) ? len : sizeof(bytes));
}

static void send_long(const char *bytes)
{
	size_t len = strtoul(bytes, NULL, 10);
	char *packet = calloc(1, len);

	if (!packet || len == 0)
		fail(bytes, "is no number of bytes");
	memset(packet, 'a', len - 1);
	packet_send(packet, len);
	free(packet);
}

/* ---- the script ---- */

static void channel_close(void)
{
	close(client.channel);
	client.channel = -1;
}

static void step_run(const char *step)
{
	const char *words = step + strcspn(step, " ");

	words += *words == ' ';
	if (strncmp(step, "wait ", 5) == 0)
		read_until(words);
	else if (strncmp(step, "say ", 4) == 0)
		say(words);
	else if (strncmp(step, "type ", 5) == 0)
		type(words);
	else if (strncmp(step, "raw", 3) == 0)
		raw(words);
	else if (strncmp(step, "long ", 5) == 0)
		send_long(words);
	else if (strncmp(step, "pause ", 6) == 0)
		usleep((useconds_t)atoi(words) * 1000);
	else if (strncmp(step, "run ", 4) == 0 && system(words) != -1)
		return;
	else if (strcmp(step, "deaf") == 0)
		client.deaf = true;
	else if (strcmp(step, "close") == 0)
		channel_close();
	else
		fail(step, "is not a step");
}

static char **open_channel(char **argv)
{
	struct wire_draft draft;
	struct timeval patience = { .tv_sec = client.wait_ms / 1000,
				    .tv_usec = client.wait_ms % 1000 * 1000 };

	if (client.connects)
		socket_connect(argv[0]);
	else
		helper_start(argv[0]);
	setsockopt(client.channel, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	wire_begin(&draft, argv[1]);
	for (argv += 2; *argv && strcmp(*argv, "--") != 0; argv++)
		pair_add(&draft, *argv);
	if (strcmp(draft.bytes, "-") != 0)
		draft_send(&draft);
	return *argv ? argv + 1 : argv;
}

int main(int argc, char **argv)
{
	bool gone;
	int option;

	while ((option = getopt(argc, argv, "+cms:t:k:e:")) != -1) {
		if (option == 'c')
			client.connects = true;
		else if (option == 's')
			client.room = atoi(optarg);
		else if (option == 't')
			client.wait_ms = atoi(optarg);
		else if (option == 'm')
			client.measuring = true;
		else if (option == 'e' && client.more_envs < ENV_MORE_MAX)
			client.more_env[client.more_envs++] = optarg;
		else if (option == 'k')
			client.token_blob_file = optarg;
		else
			return 2;
	}
	if (argc - optind < 2)
		fail("usage", "client [-c] [-s BYTES] [-t MS] [-k FILE] HELPER VERB ...");
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (argv = open_channel(argv + optind); *argv; argv++)
		step_run(*argv);
	gone = client.channel >= 0 && !client.deaf && read_until(NULL);
	if (client.connects)
		printf("%s\n", gone ? "closed" : "stays");
	else
		helper_end();
	return 0;
}
