/*
 * main.c - `provider`: an OAuth provider on loopback for the demo and the tests,
 * strict as the real thing and faulty where a test asks for it.
 *
 * It writes DIR/ca.pem and DIR/env and nothing else, and listens on 127.0.0.1 only.
 */
#include "authorize.h"
#include "control.h"
#include "faults.h"
#include "log.h"
#include "provider.h"
#include "settings.h"
#include "sign.h"
#include "timer.h"
#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct options {
	const char *dir;
	const char *issuer; /* as others reach it; NULL: where it listens */
	unsigned long port, control_port, people, threads, parent, room;
	bool with_parent;
	enum certificate_fault certificate;
	const char *tls_priorities;
};

static const char usage[] =
	"usage: provider --dir DIR [OPTION]...\n"
	"  --dir DIR             writes DIR/ca.pem and DIR/env (ISSUER, CONTROL, CA, PID)\n"
	"  --port N              https port on 127.0.0.1 (0: any)\n"
	"  --issuer URL          as others reach it, through what stands before it; https, no path\n"
	"  --control-port N      http port for control on 127.0.0.1 (0: any)\n"
	"  --auto approve|deny|never\n"
	"  --auto-after POLLS    polls of a code before --auto acts (1)\n"
	"  --person NAME         who approves (alice; * for each person in turn)\n"
	"  --people N            also makes person00001 ... N\n"
	"  --interval S          seconds between polls (5)\n"
	"  --expires-in S        lifetime of a code (600)\n"
	"  --set NAME=VALUE      any setting of the control port's /set; repeatable\n"
	"  --cert good|expired|future|wrong-name|untrusted|self-signed\n"
	"  --tls any|1.2|1.3|1.1\n"
	"  --threads N           threads for https (4)\n"
	"  --room MB             memory of one connection, for replies with very many headers\n"
	"  --with-parent[=PID]   ends when its parent does\n";

static struct tls_identity identity;
static char *issuer, *env_path;

static bool complain(const char *what, const char *detail)
{
	fprintf(stderr, "provider: %s: %s\n", what, detail);
	return false;
}

/* ---- options ---- */

static bool read_number(const char *name, const char *text, unsigned long limit,
			unsigned long *number)
{
	char *end;

	*number = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && *number <= limit)
		return true;
	return complain(name, "wants a number");
}

static bool read_set(const char *text)
{
	char *name = xcopy(text), *value = strchr(name, '=');
	const char *wants = "wants NAME=VALUE";

	if (value) {
		*value++ = '\0';
		wants = setting_start(name, value);
	}
	free(name);
	return wants ? complain(text, wants) : true;
}

static bool read_setting(const char *name, const char *value)
{
	const char *wants = setting_start(name, value);

	return wants ? complain(name, wants) : true;
}

static bool read_certificate(const char *text, enum certificate_fault *fault)
{
	static const char *const names[] = { "good",	   "expired",	"future",
					     "wrong-name", "untrusted", "self-signed" };

	for (int i = CERTIFICATE_GOOD; i <= CERTIFICATE_SELF_SIGNED; i++) {
		if (strcmp(text, names[i]))
			continue;
		*fault = (enum certificate_fault)i;
		return true;
	}
	return complain("--cert", "good, expired, future, wrong-name, untrusted or self-signed");
}

static bool read_tls(const char *text, const char **priorities)
{
	static const struct {
		const char *name, *priorities;
	} rows[] = {
		{ "any", "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ "1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.2" },
		{ "1.3", "NORMAL:-VERS-ALL:+VERS-TLS1.3" },
		{ "1.1", "NORMAL:-VERS-ALL:+VERS-TLS1.1:+SHA1:+SIGN-ALL" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(text, rows[i].name))
			continue;
		*priorities = rows[i].priorities;
		return true;
	}
	return complain("--tls", "any, 1.2, 1.3 or 1.1");
}

static bool read_parent(struct options *options, const char *text)
{
	options->with_parent = true;
	options->parent = (unsigned long)getppid();
	return !text || read_number("--with-parent", text, 1ul << 30, &options->parent);
}

static bool option_read(struct options *options, int letter, const char *value)
{
	switch (letter) {
	case 'd':
		options->dir = value;
		return true;
	case 'I':
		options->issuer = value;
		return !strncmp(value, "https://", 8) ||
		       complain("--issuer", "wants https://HOST:PORT");
	case 'p':
		return read_number("--port", value, 65535, &options->port);
	case 'c':
		return read_number("--control-port", value, 65535, &options->control_port);
	case 'n':
		return read_number("--people", value, 99999, &options->people);
	case 't':
		return read_number("--threads", value, 64, &options->threads);
	case 'r':
		return read_number("--room", value, 1024, &options->room);
	case 'a':
		return read_setting("auto", value);
	case 'A':
		return read_setting("auto_after", value);
	case 'P':
		return read_setting("person", value);
	case 'i':
		return read_setting("interval", value);
	case 'e':
		return read_setting("expires_in", value);
	case 's':
		return read_set(value);
	case 'C':
		return read_certificate(value, &options->certificate);
	case 'T':
		return read_tls(value, &options->tls_priorities);
	case 'w':
		return read_parent(options, value);
	default:
		return false;
	}
}

static bool options_read(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
		{ "dir", required_argument, NULL, 'd' },
		{ "port", required_argument, NULL, 'p' },
		{ "issuer", required_argument, NULL, 'I' },
		{ "control-port", required_argument, NULL, 'c' },
		{ "people", required_argument, NULL, 'n' },
		{ "threads", required_argument, NULL, 't' },
		{ "room", required_argument, NULL, 'r' },
		{ "auto", required_argument, NULL, 'a' },
		{ "auto-after", required_argument, NULL, 'A' },
		{ "person", required_argument, NULL, 'P' },
		{ "interval", required_argument, NULL, 'i' },
		{ "expires-in", required_argument, NULL, 'e' },
		{ "set", required_argument, NULL, 's' },
		{ "cert", required_argument, NULL, 'C' },
		{ "tls", required_argument, NULL, 'T' },
		{ "with-parent", optional_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	int letter;

	read_tls("any", &options->tls_priorities);
	options->threads = 4;
	while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1)
		if (!option_read(options, letter, optarg))
			return false;
	return optind == argc && options->dir && options->threads;
}

/* ---- start and end ---- */

/* A provider whose test has died would otherwise listen for ever. */
static bool parent_watch(const struct options *options)
{
	if (!options->with_parent)
		return true;
	if (prctl(PR_SET_PDEATHSIG, SIGTERM))
		return complain("--with-parent", strerror(errno));
	if ((unsigned long)getppid() != options->parent)
		return complain("--with-parent", "the parent is already gone");
	return true;
}

static void files_unlimit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static char *path_in(const char *dir, const char *name)
{
	struct buffer path = { 0 };

	buffer_printf(&path, "%s/%s", dir, name);
	return path.data;
}

/* A shell's single quotes, only where the text needs them. */
static void env_line(FILE *file, const char *name, const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/:._-+";

	if (!value[strspn(value, plain)]) {
		fprintf(file, "%s=%s\n", name, value);
		return;
	}
	fprintf(file, "%s='", name);
	for (; *value; value++)
		fputs(*value == '\'' ? "'\\''" : (const char[]){ *value, '\0' }, file);
	fputs("'\n", file);
}

/* Whoever waits for DIR/env finds it whole. */
static bool env_write(const char *ca_path, unsigned int control_port)
{
	char *new_path = path_in(env_path, "new"), control[64], pid[24];
	FILE *file;
	bool written = false;

	new_path[strlen(env_path)] = '.';
	snprintf(control, sizeof(control), "http://127.0.0.1:%u", control_port);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	file = fopen(new_path, "we");
	if (file) {
		env_line(file, "ISSUER", issuer);
		env_line(file, "CONTROL", control);
		env_line(file, "CA", ca_path);
		env_line(file, "PID", pid);
		written = !ferror(file);
		written = !fclose(file) && written && !rename(new_path, env_path);
	}
	if (!written)
		complain(new_path, strerror(errno));
	free(new_path);
	return written;
}

static struct server *serve(const struct service *service, int fd, unsigned long threads,
			    const char *priorities, unsigned long room)
{
	struct server *server = server_start(service, fd, (unsigned int)threads,
					     priorities ? &identity : NULL, priorities,
					     (size_t)room << 20);

	if (!server)
		complain("cannot start serving", strerror(errno));
	return server;
}

static int wait_for_end(void)
{
	sigset_t set;
	int signal_number = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigwait(&set, &signal_number);
	return signal_number;
}

/* Before the first thread, so that only wait_for_end() ever sees these signals. */
static void signals_block(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static bool run(const struct options *options, const char *ca_path, int fd, int control_fd,
		unsigned int control_port)
{
	struct server *server, *control = NULL;
	bool ran = false;

	server_timer_start();
	server = serve(&provider_service, fd, options->threads, options->tls_priorities,
		       options->room);
	if (server)
		control = serve(&control_service, control_fd, 1, NULL, 0);
	if (server && control && env_write(ca_path, control_port)) {
		wait_for_end();
		unlink(env_path);
		ran = true;
	}
	timer_stop();
	server_stop(control);
	server_stop(server);
	return ran;
}

static bool start(const struct options *options)
{
	unsigned int port = (unsigned int)options->port;
	unsigned int control_port = (unsigned int)options->control_port;
	char *ca_path = path_in(options->dir, "ca.pem");
	struct buffer address = { 0 };
	char *host = NULL;
	int fd = -1, control_fd = -1;
	bool ran = false;

	env_path = path_in(options->dir, "env");
	mkdir(options->dir, 0777);
	unlink(env_path);
	fd = listen_loopback(&port);
	control_fd = fd < 0 ? -1 : listen_loopback(&control_port);
	if (options->issuer) {
		buffer_text(&address, options->issuer);
		host = xcopy(options->issuer + 8);
		host[strcspn(host, ":/")] = '\0';
	} else {
		buffer_printf(&address, "https://localhost:%u", port);
	}
	issuer = address.data;
	provider_start(issuer);
	store_start(options->people);
	if (control_fd < 0)
		complain("cannot listen", strerror(errno));
	else if (!tls_identity_make(options->certificate, host, ca_path, &identity))
		complain(ca_path, "cannot make the certificate");
	else if (!sign_start())
		complain("signing keys", "cannot be made");
	else
		ran = run(options, ca_path, fd, control_fd, control_port);
	free(ca_path);
	free(host);
	return ran;
}

static void all_free(void)
{
	authorizations_clear();
	store_free();
	settings_free();
	faults_clear();
	log_clear();
	sign_free();
	tls_identity_free(&identity);
	free(issuer);
	free(env_path);
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	bool ran;

	if (!options_read(&options, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	if (!parent_watch(&options))
		return 1;
	signals_block();
	files_unlimit();
	ran = start(&options);
	all_free();
	return ran ? 0 : 1;
}
