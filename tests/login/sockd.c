/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What systemd does for pam-device-code-login.socket, where there is none:
 *
 *	sockd [-u|-a] PATH PROGRAM [ARGUMENT...]
 *
 * listens at PATH (mode 0600; -u: 0666), starts PROGRAM with the socket as descriptor 3 when somebody connects, and
 * again when it has ended; ends with SIGTERM, PROGRAM likewise. -a: PROGRAM for each connection, which it has as
 * descriptor 3, as Accept=yes has it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t child;

static void on_term(int sig)
{
	if (child > 0)
		kill(child, sig);
	_exit(0);
}

static int listen_at(const char *path, mode_t mask)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	unlink(path);
	umask(mask);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 1024) != 0)
		return -1;
	umask(022);
	return fd;
}

static void start(int fd, char **argv)
{
	char pid[16];

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGTERM, SIG_DFL);
	if (fd != 3 && dup2(fd, 3) != 3)
		_exit(127);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	clearenv();
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("PATH", "/usr/bin:/bin", 1);
	execv(argv[0], argv);
	_exit(127);
}

/* Whoever ends early is nobody's to wait for. */
static void accept_all(int fd, char **argv)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int one = accept(fd, NULL, NULL);

		if (one < 0)
			continue;
		if (fork() == 0) {
			signal(SIGCHLD, SIG_DFL);
			start(one, argv);
		}
		close(one);
	}
}

int main(int argc, char **argv)
{
	struct pollfd pfd = { .events = POLLIN };
	bool users = argc > 1 && strcmp(argv[1], "-u") == 0;
	bool accepts = argc > 1 && strcmp(argv[1], "-a") == 0;

	argc -= users || accepts;
	argv += users || accepts;
	if (argc < 3 || (pfd.fd = listen_at(argv[1], users ? 0111 : 0177)) < 0) {
		fprintf(stderr, "sockd [-u|-a] PATH PROGRAM [ARGUMENT...]: %s\n", strerror(errno));
		return 2;
	}
	signal(SIGTERM, on_term);
	printf("listening\n");
	fflush(stdout);
	if (accepts)
		accept_all(pfd.fd, argv + 2);
	for (;;) {
		while (poll(&pfd, 1, -1) <= 0)
			;
		child = fork();
		if (child == 0)
			start(pfd.fd, argv + 2);
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
		child = 0;
	}
}
