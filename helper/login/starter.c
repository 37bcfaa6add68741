/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The starter: see starter.h. Must never take a path, or run anything but the two programs that are compiled in;
 * a names child must never hold a descriptor of the login's, or outlive its time.
 */
#include "starter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/wire.h"
#include "helper_process.h"

enum {
	NAMES_MS = 5000, /* of one question */
	START_MS = 8000, /* an exec of a disk that spins up, and more */
	CHILDREN = 8,	 /* of one login: its helper, the one that draws its code, those that end */
};

enum what {
	WANT_HELPER,
	WANT_QR_HELPER,
	WANT_DEATH,
	WANT_NAMES,
};

/* Both are this process's own, before it forked: they need no form but their size. */
struct request {
	enum what what;
	bool outliving;
	pid_t pid;
	struct names_question question;
};

struct reply {
	enum spawn_result
		result; /* SPAWN_STARTED: two descriptors come along, the channel and a pidfd */
	int signal;
	pid_t pid;
	struct names_entry entry;
};

/* ---- in the starter ---- */

static struct {
	int login; /* the socket whose end is the starter's */
	struct {
		pid_t pid; /* 0: none */
		int pidfd; /* -1: it has ended, and SIGNAL says how */
		int signal;
	} child[CHILDREN];
} starter;

static void child_reap(int i)
{
	struct spawn child = { .fd = -1, .pidfd = starter.child[i].pidfd, .beside = -1 };

	starter.child[i].signal = helper_death(&child);
	spawn_end(&child);
	starter.child[i].pidfd = -1;
}

/* Where the next child is noted: a free place, or that of the oldest that has ended. -1: all live. */
static int child_place(void)
{
	static unsigned int turn;

	for (int i = 0; i < CHILDREN; i++)
		if (starter.child[i].pid == 0)
			return i;
	for (unsigned int n = 0; n < CHILDREN; n++) {
		int i = (int)(turn++ % CHILDREN);

		if (starter.child[i].pidfd < 0)
			return i;
	}
	return -1;
}

static int helper_serve(const struct request *request, struct reply *reply, int fds[2])
{
	const char *program = request->what == WANT_HELPER ? PATH_HELPER : PATH_QR;
	struct spawn child;
	int i = child_place();

	if (i < 0)
		return 0;
	reply->result = helper_start_here(&child, program, request->outliving);
	if (reply->result != SPAWN_STARTED)
		return 0;
	reply->pid = child.pid;
	starter.child[i].pid = child.pid;
	starter.child[i].pidfd = child.pidfd;
	fds[0] = child.fd;
	fds[1] = child.pidfd;
	return 2;
}

static int death_of(pid_t pid)
{
	for (int i = 0; i < CHILDREN; i++) {
		if (starter.child[i].pid != pid)
			continue;
		if (starter.child[i].pidfd >= 0)
			child_reap(i);
		return starter.child[i].signal;
	}
	return 0;
}

/* The names child: one question, one answer, and nothing that it could find or leave. */
static _Noreturn void names_child(const struct names_question *question, int answer)
{
	struct names_entry entry;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || dup2(answer, WIRE_FD) != WIRE_FD ||
	    syscall(SYS_close_range, WIRE_FD + 1, ~0U, 0) != 0)
		_exit(1);
	names_look(question, &entry);
	_exit(write(WIRE_FD, &entry, sizeof(entry)) == sizeof(entry) ? 0 : 1);
}

/* What the child says in its time. The login's end is one, too. */
static void names_await(int answer, struct names_entry *entry)
{
	struct pollfd pfd[2] = { { .fd = answer, .events = POLLIN }, { .fd = starter.login } };
	int64_t until = spawn_after(NAMES_MS);
	int ready;

	do
		ready = poll(pfd, 2, NAMES_MS);
	while (ready < 0 && errno == EINTR && spawn_now() < until);
	if (ready <= 0 || pfd[0].revents == 0)
		entry->error = NAMES_LATE;
	else if (read(answer, entry, sizeof(*entry)) != sizeof(*entry))
		*entry = (struct names_entry){ .error = NAMES_CRASHED };
	entry->name[sizeof(entry->name) - 1] = '\0';
}

static void names_serve(const struct names_question *question, struct names_entry *entry)
{
	int pipe[2];
	pid_t pid;

	entry->error = NAMES_NO_CHILD;
	if (pipe2(pipe, O_CLOEXEC) != 0)
		return;
	pid = fork();
	if (pid == 0)
		names_child(question, pipe[1]);
	close(pipe[1]);
	if (pid > 0) {
		names_await(pipe[0], entry);
		kill(pid, SIGKILL);
		/* One that not even that ends, in the kernel, is not waited for: the starter's own end frees it. */
		waitpid(pid, NULL, entry->error == NAMES_LATE ? WNOHANG : 0);
	}
	close(pipe[0]);
}

/* false: the login is gone. */
static bool reply_send(const struct reply *reply, const int *fds, int count)
{
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = { .bytes = "" };
	struct iovec part = { (void *)reply, sizeof(*reply) };
	struct msghdr packet = { .msg_iov = &part, .msg_iovlen = 1 };
	size_t len = (size_t)count * sizeof(int);
	struct cmsghdr *rights;

	if (count > 0) {
		packet.msg_control = control.bytes;
		packet.msg_controllen = CMSG_SPACE(len);
		rights = CMSG_FIRSTHDR(&packet);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(len);
		memcpy(CMSG_DATA(rights), fds, len);
	}
	return sendmsg(starter.login, &packet, MSG_NOSIGNAL) == (ssize_t)sizeof(*reply);
}

static bool serve(void)
{
	struct reply reply = { .result = SPAWN_FAILED };
	struct request request;
	int fds[2] = { -1, -1 };
	int count = 0;
	bool going;

	if (recv(starter.login, &request, sizeof(request), 0) != (ssize_t)sizeof(request))
		return false;
	switch (request.what) {
	case WANT_HELPER:
	case WANT_QR_HELPER:
		count = helper_serve(&request, &reply, fds);
		break;
	case WANT_DEATH:
		reply.signal = death_of(request.pid);
		break;
	case WANT_NAMES:
		request.question.name[LOCAL_NAME_MAX - 1] = '\0';
		names_serve(&request.question, &reply.entry);
		break;
	default:
		return false;
	}
	going = reply_send(&reply, fds, count);
	if (count > 0)
		close(fds[0]); /* the login has it now: its closing must be the channel's end */
	return going;
}

/* Until the login's end of the socket closes: nothing more can be asked then. */
static void starter_run(void)
{
	struct pollfd pfd[1 + CHILDREN];

	for (;;) {
		pfd[0] = (struct pollfd){ .fd = starter.login, .events = POLLIN };
		for (int i = 0; i < CHILDREN; i++)
			pfd[1 + i] =
				(struct pollfd){ .fd = starter.child[i].pidfd, .events = POLLIN };
		if (poll(pfd, 1 + CHILDREN, -1) < 0 && errno != EINTR)
			return;
		for (int i = 0; i < CHILDREN; i++)
			if (starter.child[i].pidfd >= 0 && pfd[1 + i].revents != 0)
				child_reap(i);
		if (pfd[0].revents != 0 && !serve())
			return;
	}
}

/* No descriptor of the login's but the socket, which becomes WIRE_FD. */
static bool starter_fds(int socket)
{
	int null, high = fcntl(socket, F_DUPFD, WIRE_FD + 1);

	null = open("/dev/null", O_RDWR);
	if (high < 0 || null < 0)
		return false;
	for (int fd = 0; fd < WIRE_FD; fd++)
		if (dup2(null, fd) != fd)
			return false;
	return dup2(high, WIRE_FD) == WIRE_FD && fcntl(WIRE_FD, F_SETFD, FD_CLOEXEC) == 0 &&
	       syscall(SYS_close_range, WIRE_FD + 1, ~0U, 0) == 0;
}

static _Noreturn void starter_main(int socket, const struct helper_ids *ids)
{
	prctl(PR_SET_NAME, "code-starter", 0, 0, 0);
	if (starter_fds(socket) && helper_become(ids) && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0) {
		starter.login = WIRE_FD;
		for (int i = 0; i < CHILDREN; i++)
			starter.child[i].pidfd = -1;
		starter_run();
	}
	_exit(0);
}

/* ---- in the login ---- */

static struct {
	bool wanted;
	int socket; /* -1: it is not there, and FAILURE says why */
	enum spawn_result failure;
} own = { .socket = -1 };

void starter_fork(void)
{
	struct helper_ids ids;
	int pair[2];
	pid_t pid;

	own.wanted = true;
	own.failure = SPAWN_NO_ACCOUNT;
	if (!helper_ids_find(&ids))
		return;
	own.failure = SPAWN_FAILED;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return;
	pid = fork();
	if (pid == 0)
		starter_main(pair[1], &ids);
	close(pair[1]);
	if (pid > 0)
		own.socket = pair[0];
	else
		close(pair[0]);
}

bool starter_serves(void)
{
	return own.wanted;
}

enum spawn_result starter_state(void)
{
	return own.wanted && own.socket < 0 ? own.failure : SPAWN_STARTED;
}

/* A starter that breaks the order is none any more: what it says later would be another question's. */
static bool starter_lost(void)
{
	if (own.socket >= 0)
		close(own.socket);
	own.socket = -1;
	return false;
}

static bool reply_receive(struct reply *reply, int fds[2])
{
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = { reply, sizeof(*reply) };
	struct msghdr packet = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes) };
	const struct cmsghdr *rights;

	if (recvmsg(own.socket, &packet, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) !=
	    (ssize_t)sizeof(*reply))
		return false;
	rights = CMSG_FIRSTHDR(&packet);
	if (rights && rights->cmsg_type == SCM_RIGHTS &&
	    rights->cmsg_len == CMSG_LEN(2 * sizeof(int)))
		memcpy(fds, CMSG_DATA(rights), 2 * sizeof(int));
	reply->entry.name[LOCAL_NAME_MAX - 1] = '\0';
	return true;
}

/* Asks, and waits for the answer, which the starter's own times bound. FDS: what came with it, or -1. */
static bool starter_ask(const struct request *request, struct reply *reply, int fds[2])
{
	const struct spawn companion = { .fd = own.socket, .pidfd = -1, .beside = -1 };

	fds[0] = fds[1] = -1;
	if (own.socket < 0)
		return false;
	return (send(own.socket, request, sizeof(*request), MSG_NOSIGNAL | MSG_DONTWAIT) ==
			(ssize_t)sizeof(*request) &&
		spawn_wait(&companion, spawn_after(START_MS)) && reply_receive(reply, fds)) ||
	       starter_lost();
}

enum spawn_result starter_helper(struct spawn *child, const char *program, bool outliving)
{
	struct request request = { .what = strcmp(program, PATH_QR) == 0 ? WANT_QR_HELPER
									 : WANT_HELPER,
				   .outliving = outliving };
	struct reply reply;
	int fds[2];

	*child = SPAWN_NONE;
	if (!starter_ask(&request, &reply, fds))
		return own.failure;
	if (reply.result == SPAWN_STARTED && fds[0] >= 0 && fds[1] >= 0 && reply.pid > 0) {
		child->fd = fds[0];
		child->pidfd = fds[1];
		child->pid = reply.pid;
		return SPAWN_STARTED;
	}
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return reply.result == SPAWN_STARTED ? SPAWN_FAILED : reply.result;
}

int starter_death(pid_t pid)
{
	struct request request = { .what = WANT_DEATH, .pid = pid };
	struct reply reply;
	int fds[2];

	return starter_ask(&request, &reply, fds) ? reply.signal : 0;
}

void starter_names(const struct names_question *question, struct names_entry *entry)
{
	struct request request = { .what = WANT_NAMES, .question = *question };
	struct reply reply;
	int fds[2];

	if (starter_ask(&request, &reply, fds))
		*entry = reply.entry;
	else
		*entry = (struct names_entry){ .error = NAMES_NO_CHILD };
}
