/*
 * devlog SOCKET [FILE]: stands in for a syslog daemon while a test runs.
 *
 * Binds a datagram socket at SOCKET and writes each message as one line "facility.level tag: text"
 * (the time that syslog(3) puts in front is left out; bytes outside printable ASCII become \ooo)
 * to the end of FILE, or to standard output. Ends at SIGTERM or SIGINT and removes SOCKET.
 * It must never run on a machine's own /dev/log: it refuses a path that exists.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const facilities[] = {
	"kern",	  "user",   "mail",	"daemon", "auth",   "syslog", "lpr",	"news",
	"uucp",	  "cron",   "authpriv", "ftp",	  "ntp",    "audit",  "alert",	"clock",
	"local0", "local1", "local2",	"local3", "local4", "local5", "local6", "local7",
};
static const char *const levels[] = { "emerg",	 "alert",  "crit", "err",
				      "warning", "notice", "info", "debug" };

static volatile sig_atomic_t over;

static void on_signal(int signo)
{
	(void)signo;
	over = 1;
}

static int socket_bind(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 || chmod(path, 0666) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* "Nov 21 04:57:00 ", as syslog(3) writes it */
static const char *time_skip(const char *text)
{
	if (strlen(text) > 16 && text[3] == ' ' && text[6] == ' ' && text[9] == ':' &&
	    text[12] == ':' && text[15] == ' ')
		return text + 16;
	return text;
}

static void line_write(FILE *out, const char *text)
{
	unsigned long priority = 13; /* user.notice, as RFC 3164 has it for a message without one */
	char *end;

	if (text[0] == '<' && isdigit((unsigned char)text[1])) {
		unsigned long number = strtoul(text + 1, &end, 10);

		if (*end == '>' && number < 8 * sizeof(facilities) / sizeof(facilities[0])) {
			priority = number;
			text = end + 1;
		}
	}
	fprintf(out, "%s.%s ", facilities[priority >> 3], levels[priority & 7]);
	for (text = time_skip(text); *text; text++) {
		if (*text == '\n' && !text[1])
			break;
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			fprintf(out, "\\%03o", (unsigned char)*text);
		else
			putc(*text, out);
	}
	putc('\n', out);
	fflush(out);
}

int main(int argc, char **argv)
{
	static char text[65536];
	struct sigaction action = { .sa_handler = on_signal };
	FILE *out = stdout;
	int fd;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: devlog SOCKET [FILE]\n");
		return 2;
	}
	if (argc == 3)
		out = fopen(argv[2], "ae");
	if (!out) {
		perror(argv[2]);
		return 1;
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	fd = socket_bind(argv[1]);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	for (;;) {
		/* At the end what has been sent already is still written. */
		ssize_t length = recv(fd, text, sizeof(text) - 1, over ? MSG_DONTWAIT : 0);

		if (length < 0 && over)
			break;
		if (length < 0)
			continue; /* a signal; `over` knows */
		text[length] = '\0';
		line_write(out, text);
	}
	unlink(argv[1]);
	return 0;
}
