/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inflight UID: as UID, with a helper's limit of descriptors, sends as many as the kernel lets it to a socket of its
 * own that nobody reads from, says how many, and keeps them until it is ended.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LIMIT = 64,
	AT_ONCE = 253, /* SCM_MAX_FD */
};

static bool send_some(int fd, int count)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(AT_ONCE * sizeof(int))];
	} control = { 0 };
	struct iovec text = { (char[]){ 'x' }, 1 };
	struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control };
	size_t size = (size_t)count * sizeof(int);

	message.msg_controllen = CMSG_SPACE(size);
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(size);
	for (int i = 0; i < count; i++)
		memcpy(CMSG_DATA(&control.head) + (size_t)i * sizeof(int), &fd, sizeof(int));
	return sendmsg(fd, &message, MSG_DONTWAIT) == 1;
}

int main(int argc, char **argv)
{
	struct rlimit limit = { LIMIT, LIMIT };
	uid_t uid = argc == 2 ? (uid_t)atoi(argv[1]) : 0;
	int pair[2], sent = 0;

	if (uid == 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0 ||
	    setrlimit(RLIMIT_NOFILE, &limit) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return 1;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Refused is who has more than the limit in flight already: the last may be as many as one message takes. */
	if (send_some(pair[0], LIMIT))
		sent += LIMIT;
	if (send_some(pair[0], AT_ONCE))
		sent += AT_ONCE;
	printf("%d\n", sent);
	fflush(stdout);
	pause();
	return 0;
}
