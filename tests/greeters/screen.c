/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Laid over cage 0.1.4 without a screen: SCREEN_SIZE=WIDTHxHEIGHT instead of 1280x720, and no window that goes
 * to the screen by itself, of which grim sees nothing.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool direct;

void *wlr_headless_add_output(void *backend, unsigned int width, unsigned int height);
void wlr_output_attach_buffer(void *output, void *buffer);
bool wlr_output_commit(void *output);

void *wlr_headless_add_output(void *backend, unsigned int width, unsigned int height)
{
	void *(*real)(void *, unsigned int, unsigned int) =
		dlsym(RTLD_NEXT, "wlr_headless_add_output");
	const char *size = getenv("SCREEN_SIZE");

	if (size && sscanf(size, "%ux%u", &width, &height) != 2)
		abort();
	return real(backend, width, height);
}

/* wlroots calls these two as well. */
static bool of_cage(void *at)
{
	const char *name;
	Dl_info info;

	if (!dladdr(at, &info))
		return false;
	name = strrchr(info.dli_fname, '/');
	return strcmp(name ? name + 1 : info.dli_fname, "cage") == 0;
}

void wlr_output_attach_buffer(void *output, void *buffer)
{
	void (*real)(void *, void *) = dlsym(RTLD_NEXT, "wlr_output_attach_buffer");

	if (of_cage(__builtin_return_address(0)))
		direct = true;
	else
		real(output, buffer);
}

bool wlr_output_commit(void *output)
{
	bool (*real)(void *) = dlsym(RTLD_NEXT, "wlr_output_commit");

	if (direct && of_cage(__builtin_return_address(0)))
		return direct = false;
	return real(output);
}
