/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program on a new terminal, types what a script says, and records what is shown, and when.
 *
 *	terminal [OPTION]... SCRIPT PROGRAM [ARGUMENT]...	SCRIPT may be - (standard input)
 *
 *	-o FILE		the recording (see below); needed
 *	-s ROWSxCOLUMNS	the terminal's size (24x80)
 *	-t /dev/NAME	the terminal is bound there, so that it is a seat: only in a mount namespace of
 *			one's own
 *
 * The script, a command a line, # at the start of a line for comments. SHOWN is what has been shown
 * since the last `expect` matched, without escape sequences and carriage returns; each place is a line.
 * The seconds of `expect` and `end` are those of ../until.sh: a busy machine has four times as many.
 *
 *	expect SECONDS REGEX	until SHOWN matches the extended regular expression (^ $: lines)
 *	never REGEX		fails if anything shown since the start matches
 *	quiet SECONDS		fails if anything is shown meanwhile
 *	pause SECONDS		goes on reading meanwhile
 *	send TEXT		types it; \r \n \t \e \\ \xNN
 *	enter			the key
 *	resize ROWS COLUMNS
 *	hangup			the line drops: SIGHUP, and reading gives end of file
 *	kill SIGNAL		sent to the program itself, by number
 *	run COMMAND		by sh; CODE and ADDRESS as last shown, PID of the program, in its
 *				environment; must end with 0
 *	mark NAME		a line in the recording, to compare times with
 *	end SECONDS		until the program has ended
 *
 * A recording is lines "STAMP KIND REST": milliseconds of CLOCK_BOOTTIME; start, size, out, in, mark,
 * run, exit, fail; bytes below 0x20, DEL and the backslash as in send. replay(1) of this directory
 * reads it. The status is 0 when every command succeeded; otherwise the one that failed is named.
 *
 * It must never outlive its program by more than a second, nor leave it running.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	SHOWN_MAX = 1 << 20,
	CHUNK = 4096,
	SCRIPT_MAX = 1 << 16,
	FAREWELL_MS = 1000, /* between the hang-up and SIGKILL */
	REOPEN_MS = 5,	    /* a look whether the terminal has been opened again */
};

/* Where in an escape sequence the output stands. */
enum escape {
	ESCAPE_NONE,
	ESCAPE_BEGUN,
	ESCAPE_CSI,
	ESCAPE_CHARSET
};

static struct {
	int master;
	pid_t pid;
	int pidfd;
	bool ended; /* and its status recorded */
	FILE *recording;
	char shown[SHOWN_MAX];
	size_t len, matched;
	size_t bytes; /* shown in all, escape sequences and all */
	enum escape escape;
} term = { .master = -1, .pidfd = -1 };

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- the recording ---- */

static void record_bytes(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte == '\r')
			fputs("\\r", term.recording);
		else if (byte == '\n')
			fputs("\\n", term.recording);
		else if (byte == '\\')
			fputs("\\\\", term.recording);
		else if (byte < 0x20 || byte == 0x7f)
			fprintf(term.recording, "\\x%02x", byte);
		else
			putc(byte, term.recording);
	}
}

static void record_data(const char *kind, const char *bytes, size_t len)
{
	fprintf(term.recording, "%lld %s ", (long long)now(), kind);
	record_bytes(bytes, len);
	putc('\n', term.recording);
	fflush(term.recording);
}

static void record(const char *kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void record(const char *kind, const char *format, ...)
{
	char text[CHUNK];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	record_data(kind, text, strlen(text));
}

/* ---- what the program shows ---- */

static bool is_plain(char byte)
{
	switch (term.escape) {
	case ESCAPE_NONE:
		if (byte == '\033')
			term.escape = ESCAPE_BEGUN;
		return byte != '\033' && byte != '\r' && byte != '\0';
	case ESCAPE_BEGUN:
		if (byte == '[')
			term.escape = ESCAPE_CSI;
		else if (byte == '(' || byte == ')')
			term.escape = ESCAPE_CHARSET;
		else
			term.escape = ESCAPE_NONE;
		return false;
	case ESCAPE_CSI:
		if (byte >= '@' && byte <= '~')
			term.escape = ESCAPE_NONE;
		return false;
	case ESCAPE_CHARSET:
		term.escape = ESCAPE_NONE;
		return false;
	}
	return false;
}

/* Where the cursor is put elsewhere a line begins. */
static void shown_add(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool moves = term.escape == ESCAPE_CSI && bytes[i] == 'H';

		if ((is_plain(bytes[i]) || moves) && term.len + 1 < SHOWN_MAX)
			term.shown[term.len++] = moves ? '\n' : bytes[i];
	}
	term.shown[term.len] = '\0';
	term.bytes += len;
}

static void end_note(void)
{
	int status;

	if (term.ended || waitpid(term.pid, &status, WNOHANG) != term.pid)
		return;
	term.ended = true;
	if (WIFSIGNALED(status))
		record("exit", "signal %d", WTERMSIG(status));
	else
		record("exit", "%d", WEXITSTATUS(status));
}

/* Reads what is there, at most until MS have passed; true if anything came or the program ended. */
static bool pump(int ms)
{
	char bytes[CHUNK];
	struct pollfd pfd[2] = { { .fd = term.master, .events = POLLIN },
				 { .fd = term.ended ? -1 : term.pidfd, .events = POLLIN } };
	ssize_t got;

	if (poll(pfd, 2, ms) <= 0)
		return false;
	if (pfd[0].revents) {
		got = read(term.master, bytes, sizeof(bytes));
		if (got > 0) {
			record_data("out", bytes, (size_t)got);
			shown_add(bytes, (size_t)got);
			return true;
		}
		if (got < 0 && errno == EINTR)
			return false;
		/*
		 * EIO: nobody has the other end open. util-linux's login hangs its terminal up and
		 * opens it anew; for good it is with the program's end alone.
		 */
		if (!term.ended && !pfd[1].revents) {
			poll(NULL, 0, REOPEN_MS);
			return false;
		}
		close(term.master);
		term.master = -1;
	}
	if (pfd[1].revents)
		end_note();
	return true;
}

/* For commands that wait: MS left until DEADLINE, in steps in which something else can be asked. */
static int step(int64_t deadline)
{
	int64_t left = deadline - now();

	return left > 100 ? 100 : left < 0 ? 0 : (int)left;
}

static int64_t after(const char *seconds)
{
	return now() + (int64_t)(strtod(seconds, NULL) * 1000);
}

/* Until when what must come may come. */
static int64_t patience(const char *seconds)
{
	return now() + 4 * (after(seconds) - now());
}

/* ---- the commands: each is given the rest of its line, and says why it failed ---- */

static bool shown_matches(const char *text, const char *pattern, regmatch_t *match)
{
	regex_t regex;
	bool found;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE) != 0)
		return false;
	found = regexec(&regex, text, 1, match, 0) == 0;
	regfree(&regex);
	return found;
}

static const char *do_expect(char *rest)
{
	int64_t deadline = patience(rest);
	char *pattern = strchr(rest, ' ');
	regmatch_t match;

	if (!pattern++)
		return "expect SECONDS REGEX";
	for (;;) {
		if (shown_matches(term.shown + term.matched, pattern, &match)) {
			term.matched += (size_t)match.rm_eo;
			return NULL;
		}
		if (term.ended && term.master < 0)
			return "the program has ended without";
		if (now() >= deadline)
			return "not shown in time";
		pump(step(deadline));
		if (term.ended && term.master >= 0 && !pump(0) && now() + 500 < deadline)
			deadline = now() + 500; /* something that it started may show it still */
	}
}

static const char *do_never(char *rest)
{
	regmatch_t match;

	while (pump(0))
		if (term.ended && term.master < 0)
			break;
	return shown_matches(term.shown, rest, &match) ? "was shown" : NULL;
}

static const char *do_quiet(char *rest)
{
	int64_t deadline = after(rest);
	size_t before = term.bytes;

	while (now() < deadline) {
		pump(step(deadline));
		if (term.bytes != before)
			return "something was shown";
		if (term.ended)
			return "the program has ended";
	}
	return NULL;
}

static const char *do_pause(char *rest)
{
	int64_t deadline = after(rest);

	while (now() < deadline)
		pump(step(deadline));
	return NULL;
}

/* In place; the bytes that are left. */
static size_t unescape(char *text)
{
	static const char names[] = "rnte\\", bytes[] = "\r\n\t\033\\";
	const char *name;
	char *out = text;
	unsigned int byte;

	for (char *at = text; *at; at++) {
		name = at[0] == '\\' && at[1] ? strchr(names, at[1]) : NULL;
		if (name) {
			*out++ = bytes[name - names];
			at++;
		} else if (at[0] == '\\' && at[1] == 'x' && sscanf(at + 2, "%2x", &byte) == 1) {
			*out++ = (char)byte;
			at += 3;
		} else {
			*out++ = *at;
		}
	}
	return (size_t)(out - text);
}

static const char *type(const char *bytes, size_t len)
{
	record_data("in", bytes, len);
	return write(term.master, bytes, len) == (ssize_t)len ? NULL : "nobody reads";
}

static const char *do_send(char *rest)
{
	return type(rest, unescape(rest));
}

static const char *do_enter(char *rest)
{
	(void)rest;
	return type("\r", 1);
}

static const char *do_resize(char *rest)
{
	struct winsize size = { 0 };

	if (sscanf(rest, "%hu %hu", &size.ws_row, &size.ws_col) != 2)
		return "resize ROWS COLUMNS";
	record("size", "%u %u", size.ws_row, size.ws_col);
	return ioctl(term.master, TIOCSWINSZ, &size) == 0 ? NULL : strerror(errno);
}

static const char *do_hangup(char *rest)
{
	(void)rest;
	record("mark", "hangup");
	close(term.master);
	term.master = -1;
	return NULL;
}

static const char *do_kill(char *rest)
{
	record("mark", "kill %s", rest);
	return kill(term.pid, atoi(rest)) == 0 ? NULL : strerror(errno);
}

static const char *do_mark(char *rest)
{
	record("mark", "%s", rest);
	return NULL;
}

/* The last line "LABEL: VALUE" that was shown becomes VALUE of an environment variable. */
static void export_last(const char *label, const char *variable)
{
	char *at = term.shown, *last = NULL, value[512] = "";
	size_t len = strlen(label);

	for (; (at = strstr(at, label)); at += len)
		if (at == term.shown || at[-1] == '\n' || at[-1] == ' ')
			last = at + len;
	if (last) {
		last += strspn(last, " ");
		len = strcspn(last, "\n");
		if (len > 0 && len < sizeof(value))
			memcpy(value, last, len);
		setenv(variable, value, 1);
	}
}

static const char *do_run(char *rest)
{
	pid_t pid;
	int status;

	export_last("Code: ", "CODE");
	export_last("Address: ", "ADDRESS");
	record("run", "%s", rest);
	pid = fork();
	if (pid == 0) {
		dup2(2, 1);
		execl("/bin/sh", "sh", "-c", rest, NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		pump(20);
	return status == 0 ? NULL : "failed";
}

static const char *do_end(char *rest)
{
	int64_t deadline = patience(rest);

	while (!term.ended && now() < deadline)
		pump(step(deadline));
	while (term.ended && term.master >= 0 && pump(0))
		;
	return term.ended ? NULL : "the program goes on";
}

static const struct {
	const char *name;
	const char *(*run)(char *rest);
} commands[] = {
	{ "expect", do_expect }, { "never", do_never },	  { "quiet", do_quiet },
	{ "pause", do_pause },	 { "send", do_send },	  { "enter", do_enter },
	{ "resize", do_resize }, { "hangup", do_hangup }, { "kill", do_kill },
	{ "mark", do_mark },	 { "run", do_run },	  { "end", do_end },
};

static const char *obey(char *line)
{
	size_t len = strcspn(line, " ");
	char *rest = line + len + (line[len] == ' ');

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strlen(commands[i].name) == len && strncmp(line, commands[i].name, len) == 0)
			return commands[i].run(rest);
	return "no such command";
}

static bool play(char *script)
{
	for (char *line = strtok(script, "\n"); line; line = strtok(NULL, "\n")) {
		char copy[CHUNK];
		const char *why;

		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		snprintf(copy, sizeof(copy), "%s", line);
		why = obey(line);
		if (!why)
			continue;
		record("fail", "%s: %s", copy, why);
		fprintf(stderr, "terminal: %s: %s; shown since:\n%s\n", copy, why,
			term.shown + term.matched);
		return false;
	}
	return true;
}

/* ---- the program ---- */

static bool bind_seat(const char *slave, const char *seat)
{
	int fd = open(seat, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);

	if (fd >= 0)
		close(fd);
	return mount(slave, seat, NULL, MS_BIND, NULL) == 0;
}

static _Noreturn void program_run(const char *tty, char **argv)
{
	int fd;

	setsid();
	fd = open(tty, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0)
		_exit(126);
	for (int to = 0; to < 3; to++)
		dup2(fd, to);
	syscall(SYS_close_range, 3, ~0U, 0);
	execvp(argv[0], argv);
	_exit(127);
}

static bool program_start(const char *seat, const struct winsize *size, char **argv)
{
	char slave[64];

	term.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (term.master < 0 || grantpt(term.master) != 0 || unlockpt(term.master) != 0 ||
	    ptsname_r(term.master, slave, sizeof(slave)) != 0 ||
	    ioctl(term.master, TIOCSWINSZ, size) != 0)
		return false;
	if (seat && !bind_seat(slave, seat))
		return false;
	record("size", "%u %u", size->ws_row, size->ws_col);
	record("start", "%s", argv[0]);
	term.pid = fork();
	if (term.pid == 0)
		program_run(seat ? seat : slave, argv);
	if (term.pid > 0)
		term.pidfd = (int)syscall(SYS_pidfd_open, term.pid, 0);
	return term.pidfd >= 0;
}

static void program_stop(void)
{
	int64_t deadline = now() + FAREWELL_MS;

	if (term.master >= 0)
		close(term.master);
	term.master = -1;
	while (!term.ended && now() < deadline)
		pump(step(deadline));
	if (!term.ended) {
		kill(term.pid, SIGKILL);
		pump(FAREWELL_MS);
	}
}

static char *script_read(const char *path)
{
	static char script[SCRIPT_MAX];
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	size_t len = file ? fread(script, 1, sizeof(script) - 1, file) : 0;

	script[len] = '\0';
	return file ? script : NULL;
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	const char *seat = NULL;
	char *script, pid[16];
	bool good;
	int option;

	while ((option = getopt(argc, argv, "+o:s:t:")) != -1) {
		if (option == 'o')
			term.recording = fopen(optarg, "we");
		else if (option == 's' &&
			 sscanf(optarg, "%hux%hu", &size.ws_row, &size.ws_col) != 2)
			return 2;
		else if (option == 't')
			seat = optarg;
		else if (option == '?')
			return 2;
	}
	script = argc - optind >= 2 ? script_read(argv[optind]) : NULL;
	if (!script || !term.recording || !program_start(seat, &size, argv + optind + 1)) {
		perror("terminal");
		return 2;
	}
	snprintf(pid, sizeof(pid), "%d", (int)term.pid);
	setenv("PID", pid, 1);
	signal(SIGPIPE, SIG_IGN);
	good = play(script);
	program_stop();
	if (seat)
		umount2(seat, MNT_DETACH);
	fclose(term.recording);
	return good ? 0 : 1;
}
