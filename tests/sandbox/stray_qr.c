/* SPDX-License-Identifier: BSD-2-Clause */
/* A libqrencode that has been taken over, for tests/sandbox/stray: it would run another program. */
#include <qrencode.h>
#include <sys/syscall.h>
#include <unistd.h>

QRcode *__wrap_QRcode_encodeString8bit(const char *text, int version, QRecLevel level);

QRcode *__wrap_QRcode_encodeString8bit(const char *text, int version, QRecLevel level)
{
	static char *const none[] = { NULL };

	(void)text;
	(void)version;
	(void)level;
	syscall(SYS_execve, "/bin/true", none, none);
	return NULL;
}
