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
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/wire.h"
#include "helper/login/display/messages.h"
#include "helper/login/session/process.h"
#include "host_channel.h"
#include "names.h"

enum {
	IDLE_MS = 60 * 1000,
	LOGINS_MAX = 1024,
	REFUSED_MAX = 256, /* connections that are kept open until their hosts have read why */
};

#define CAUSE_UNKNOWN ((uid_t)-1) /* no account's */

/*
 * Who may knock counts from the start, before a word is read: any user at the one socket; at root's the caller of
 * su and sudo, who can stop it once it has connected and never let it begin. places.c shares the logins out once
 * it is known whose they are, and tells one too many why: so each has more here than there.
 */
struct login_socket {
	char argument[16];
	char *login; /* the argument of its logins, NULL: none */
	int most;    /* logins at a time */
	int each;    /* likewise, of one cause that is not root */
};

const struct login_socket *login_socket_find(const char *argument)
{
	static const struct login_socket login_sockets[] = {
		{ "--listen", NULL, LOGINS_MAX, 64 },
		{ "--listen-user", (char *)"--user", LOGINS_MAX, 8 },
	};

	for (size_t i = 0; i < sizeof(login_sockets) / sizeof(*login_sockets); i++)
		if (strcmp(login_sockets[i].argument, argument) == 0)
			return &login_sockets[i];
	return NULL;
}

/* What is pending. Those of an earlier listener, which this process was, are nowhere in it. */
struct logins {
	const struct login_socket *which;
	int count;
	struct {
		pid_t pid;
		uid_t cause;
		pid_t parent; /* who has started the host, where that is root's */
	} child[LOGINS_MAX];
};

/*
 * Whose connection it is, so that nobody pays for another's and nothing is asked of name services: the uid that
 * has connected, or has called what did as root, where it is an account's own or its slice is; all others are one.
 * Whose slice a setuid program is in it cannot have chosen; in root's, where root may have become somebody, the caller
 * counts.
 */
static bool cause_find(int connection, uid_t *cause)
{
	struct ucred peer;
	uid_t slice, uid;
	bool in_slice;

	*cause = CAUSE_UNKNOWN;
	if (!wire_peer(connection, &peer))
		return false;
	uid = peer.uid;
	in_slice = process_slice(peer.pid, &slice);
	if (uid == 0 && in_slice && slice != 0)
		uid = slice;
	else if (uid == 0 && !process_real_uid(peer.pid, &uid))
		return true;
	if (uid < NAMES_FIRST_SUBORDINATE || (in_slice && slice == uid))
		*cause = uid;
	return true;
}

/*
 * What one program of root's has started leaves an eighth to others: cron's jobs of one minute to sshd and consoles.
 * All that places.c gives those from afar, and lets wait, may come by one sshd.
 */
static bool has_room(const struct logins *logins, uid_t cause, pid_t parent)
{
	int same = 0,
	    most = cause == 0 ? logins->which->most - logins->which->most / 8 : logins->which->each;

	for (int i = 0; i < logins->count; i++)
		same += logins->child[i].cause == cause && logins->child[i].parent == parent;
	return logins->count < logins->which->most && same < most;
}

static pid_t parent_of(int connection)
{
	struct ucred peer;

	return wire_peer(connection, &peer) ? process_parent(process_of(peer.pid)).pid : 0;
}

/*
 * No room: its host is told, and by it the person. Nothing has been read of it or of the section, so that this is in
 * English. Closed at once it would lose what it has not read yet, so the oldest such connection is.
 */
static void refuse(int connection)
{
	static int kept[REFUSED_MAX];
	static struct wire_draft draft;
	static size_t next;

	wire_begin(&draft, "ready");
	wire_send(connection, &draft);
	wire_begin(&draft, "last");
	wire_add(&draft, "text", message_text(NULL, MESSAGE_BUSY));
	wire_send(connection, &draft);
	far_done_begin(&draft, OUTCOME_LIMITED);
	wire_send(connection, &draft);
	if (kept[next] > 0)
		close(kept[next]);
	kept[next] = connection;
	next = (next + 1) % REFUSED_MAX;
}

static void login_run_child(const struct login_socket *which, int connection)
{
	char *const argv[] = { (char *)PATH_LOGIN, which->login, NULL };
	static char *const envp[] = { (char *)"PATH=/usr/bin:/bin", (char *)"LC_ALL=C", NULL };
	sigset_t none;

	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) == 0 && dup2(connection, WIRE_FD) == WIRE_FD)
		execve(PATH_LOGIN, argv, envp);
	_exit(127);
}

/* One connection. Where there is no room, or no process can be had, its host refuses. */
static void login_start(struct logins *logins, int connection)
{
	uid_t cause;
	pid_t pid = -1, parent = 0;
	bool known = cause_find(connection, &cause);

	if (known && cause == 0)
		parent = parent_of(connection);
	if (known && has_room(logins, cause, parent)) {
		pid = fork();
		if (pid == 0)
			login_run_child(logins->which, connection);
		if (pid < 0)
			syslog(LOG_ERR, "no process for a login: %m");
	}
	if (pid < 0) {
		refuse(connection);
		return;
	}
	logins->child[logins->count].pid = pid;
	logins->child[logins->count].parent = parent;
	logins->child[logins->count++].cause = cause;
	close(connection);
}

/* Takes those that have ended out of LOGINS. false: no login is left, of an earlier listener's neither. */
static bool logins_reap(struct logins *logins)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (int i = 0; i < logins->count; i++)
			if (logins->child[i].pid == pid)
				logins->child[i] = logins->child[--logins->count];
	return pid == 0;
}

/* The same process with the files that are there now: it keeps its socket, and its logins stay children. */
static void begin_anew(int socket, const struct login_socket *which)
{
	char *const argv[] = { (char *)PATH_LOGIN, (char *)which->argument, NULL };
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
static bool signals_take(int fd, int socket, const struct login_socket *which)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTERM)
			return false;
		if (info.ssi_signo == SIGHUP)
			begin_anew(socket, which);
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

int listener_run(int socket, const struct login_socket *which)
{
	struct pollfd pfd[2] = { { .fd = socket, .events = POLLIN }, { .events = POLLIN } };
	static struct logins logins;
	sigset_t caught;
	int ready, fd;
	bool any;

	logins.which = which;
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
		if ((ready == 0 && !any) || !signals_take(pfd[1].fd, socket, which))
			return EXIT_SUCCESS;
		if (pfd[0].revents != 0 && (fd = connection_accept(socket)) >= 0)
			login_start(&logins, fd);
	}
}
