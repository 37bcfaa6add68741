/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For LD_PRELOAD: every terminal says that it is a text console of the kernel, with a font that has
 * (FONT=halves) or has not the half blocks, or letters of German as well (FONT=german), as the kernel says it. For machines without a console.
 */
#include <errno.h>
#include <linux/kd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int ioctl(int fd, unsigned long request, ...);

/* As the kernel: as many as there is room for, then how many there are. */
static int unimap(struct unimapdesc *map)
{
	static const struct unipair font[] = { { 'A', 1 }, { 0x2588, 2 }, { 0x2580, 3 }, { 0x2584, 4 },
						{ 0xe4, 5 },  { 0xf6, 6 },     { 0xfc, 7 },	   { 0xd6, 8 },
						{ 0xdf, 9 },  { 0xc4, 10 },    { 0xdc, 11 } };
	const char *name = getenv("FONT");
	unsigned short count = name && strcmp(name, "german") == 0   ? 11
			       : name && strcmp(name, "halves") == 0 ? 4
								     : 2;
	unsigned short room = map->entry_ct;

	memcpy(map->entries, font, sizeof(*font) * (count < room ? count : room));
	map->entry_ct = count;
	if (count <= room)
		return 0;
	errno = ENOMEM;
	return -1;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	if (request == GIO_UNIMAP && isatty(fd))
		return unimap(argument);
	if (request == KDGKBTYPE && isatty(fd)) {
		*(char *)argument = KB_101;
		return 0;
	}
	return (int)syscall(SYS_ioctl, fd, request, argument);
}
