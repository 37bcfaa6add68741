/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Somebody's file system: mounts itself on DIRECTORY (as root, in a mount namespace of the test's own), whose one file
 * "f" opens, takes each write, and never answers one. Who writes to it waits in the kernel, SIGKILL or not. Ends when
 * it is killed: who waits then goes on.
 *
 *	stuck DIRECTORY
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

enum {
	FILE_NODE = 2,
	FOREVER = 3600,
};

static int device;

static void answer(uint64_t unique, int error, const void *body, size_t len)
{
	char packet[sizeof(struct fuse_out_header) + 512];
	struct fuse_out_header head = { .len = (uint32_t)(sizeof(head) + len),
					.error = -error,
					.unique = unique };

	memcpy(packet, &head, sizeof(head));
	memcpy(packet + sizeof(head), body, len);
	if (write(device, packet, head.len) < 0 && errno != ENOENT)
		perror("stuck: write");
}

static struct fuse_attr attributes(uint64_t node)
{
	return (struct fuse_attr){ .ino = node,
				   .mode = node == FILE_NODE ? 0100666 : 040777,
				   .nlink = 1,
				   .blksize = 4096 };
}

static void serve(const struct fuse_in_header *head)
{
	struct fuse_entry_out entry = { .nodeid = FILE_NODE,
					.entry_valid = FOREVER,
					.attr_valid = FOREVER,
					.attr = attributes(FILE_NODE) };
	struct fuse_attr_out attr = { .attr_valid = FOREVER, .attr = attributes(head->nodeid) };
	struct fuse_open_out opened = { .fh = 1, .open_flags = FOPEN_DIRECT_IO };
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
				      .minor = 26,
				      .max_write = 65536,
				      .max_background = 12,
				      .congestion_threshold = 10 };

	switch (head->opcode) {
	case FUSE_INIT:
		answer(head->unique, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		answer(head->unique, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		answer(head->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		answer(head->unique, 0, &opened, sizeof(opened));
		break;
	case FUSE_WRITE:
	case FUSE_INTERRUPT:
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		break;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		answer(head->unique, 0, "", 0);
		break;
	default:
		answer(head->unique, ENOSYS, "", 0);
	}
}

int main(int argc, char **argv)
{
	static char request[65536 + 8192] __attribute__((aligned(8)));
	char options[64];

	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other",
		 device);
	if (argc != 2 || device < 0 || mount("stuck", argv[1], "fuse", MS_NOSUID, options) != 0) {
		perror("stuck");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(device, request, sizeof(request)) > 0)
		serve((const struct fuse_in_header *)(const void *)request);
	return 0;
}
