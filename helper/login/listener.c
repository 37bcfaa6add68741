/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The listener: see listener.h. It holds no secret and reads no packet: each connection gets a process of
 * its own, by fork and exec, so that no login has another's memory or its address layout. Must never wait
 * for a host, or for a login.
 */
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "../../pam_module/paths.h"
#include "../../pam_module/wire.h"

enum {
	IDLE_MS = 60 * 1000,
	LOGINS_MAX =
		1024, /* pending at a time; places.c shares them out once it is known whose they are */
};

static void login_run_child(int connection)
{
	static char *const argv[] = { (char *)PATH_LOGIN, NULL };
	static char *const envp[] = { (char *)"PATH=/usr/bin:/bin", (char *)"LC_ALL=C", NULL };
	sigset_t none;

	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) == 0 && dup2(connection, WIRE_FD) == WIRE_FD)
		execve(PATH_LOGIN, argv, envp);
	_exit(127);
}

/* One connection. Where no process can be had it is closed: its host refuses. */
static int login_start(int connection)
{
	pid_t pid = fork();

	if (pid == 0)
		login_run_child(connection);
	if (pid < 0)
		syslog(LOG_ERR, "no process for a login: %m");
	close(connection);
	return pid > 0;
}

static int logins_reap(void)
{
	int ended = 0;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		ended++;
	return ended;
}

static int connection_accept(int socket)
{
	int fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC);

	/* WIRE_FD is the socket's own number: the child puts the connection in its place. */
	if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		syslog(LOG_ERR, "accept: %m");
	return fd;
}

int listener_run(int socket)
{
	struct pollfd pfd[2] = { { .fd = socket, .events = POLLIN }, { .events = POLLIN } };
	struct signalfd_siginfo info;
	sigset_t caught;
	int logins = 0, fd;

	sigemptyset(&caught);
	sigaddset(&caught, SIGCHLD);
	sigaddset(&caught, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &caught, NULL) != 0 || fcntl(socket, F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(socket, F_SETFD, FD_CLOEXEC) != 0)
		return EXIT_FAILURE;
	pfd[1].fd = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	if (pfd[1].fd < 0)
		return EXIT_FAILURE;
	for (;;) {
		int ready = poll(pfd, 2, IDLE_MS);

		if (ready < 0 && errno != EINTR)
			return EXIT_FAILURE;
		if (ready == 0 && logins == 0)
			return EXIT_SUCCESS;
		while (read(pfd[1].fd, &info, sizeof(info)) == sizeof(info))
			if (info.ssi_signo == SIGTERM)
				return EXIT_SUCCESS; /* the service's others end with it */
		logins -= logins_reap();
		if (pfd[0].revents == 0 || (fd = connection_accept(socket)) < 0)
			continue;
		if (logins < LOGINS_MAX)
			logins += login_start(fd);
		else
			close(fd);
	}
}
