/* SPDX-License-Identifier: BSD-2-Clause */
/* Preloaded into a host: its groups cannot be set. */
#include <errno.h>
#include <grp.h>

int setgroups(size_t count, const gid_t *gid)
{
	(void)count;
	(void)gid;
	errno = EPERM;
	return -1;
}
