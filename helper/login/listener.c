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
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/wire.h"

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

/* Takes those that have ended out of *LOGINS. false: no login is left, of an earlier listener's neither. */
static bool logins_reap(int *logins)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		if (*logins > 0)
			(*logins)--;
	return pid == 0;
}

/* The same process with the files that are there now: it keeps its socket, and its logins stay children. */
static void begin_anew(int socket)
{
	static char *const argv[] = { (char *)PATH_LOGIN, (char *)"--listen", NULL };
	static char pid[32];
	static char *const envp[] = { (char *)"PATH=/usr/bin:/bin", (char *)"LC_ALL=C",
				      (char *)"LISTEN_FDS=1", pid, NULL };

	snprintf(pid, sizeof(pid), "LISTEN_PID=%d", (int)getpid());
	if (fcntl(socket, F_SETFD, 0) == 0)
		execve(PATH_LOGIN, argv, envp);
	syslog(LOG_ERR, "cannot begin anew: %m");
	fcntl(socket, F_SETFD, FD_CLOEXEC);
}

/* What signals want. false: an end; the service's others end with it. */
static bool signals_take(int fd, int socket)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTERM)
			return false;
		if (info.ssi_signo == SIGHUP)
			begin_anew(socket);
	}
	return true;
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
	sigset_t caught;
	int logins = 0, ready, fd;
	bool any;

	sigemptyset(&caught);
	sigaddset(&caught, SIGCHLD);
	sigaddset(&caught, SIGTERM);
	sigaddset(&caught, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &caught, NULL) != 0 || fcntl(socket, F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(socket, F_SETFD, FD_CLOEXEC) != 0)
		return EXIT_FAILURE;
	pfd[1].fd = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	if (pfd[1].fd < 0)
		return EXIT_FAILURE;
	for (;;) {
		any = logins_reap(&logins);
		ready = poll(pfd, 2, IDLE_MS);
		if (ready < 0 && errno != EINTR)
			return EXIT_FAILURE;
		if ((ready == 0 && !any) || !signals_take(pfd[1].fd, socket))
			return EXIT_SUCCESS;
		if (pfd[0].revents == 0 || (fd = connection_accept(socket)) < 0)
			continue;
		if (logins < LOGINS_MAX)
			logins += login_start(fd);
		else
			close(fd);
	}
}
