/* SPDX-License-Identifier: BSD-2-Clause */
/* See sections.h. */
#include "sections.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/paths.h"
#include "helper/login/config/rules.h"

struct taker {
	void (*take)(void *context, const char *name);
	void *context;
};

static void line_take(const struct taker *taker, char *line)
{
	char *end = strchr(line, ']');

	if (line[0] != '[' || !end)
		return;
	*end = '\0';
	if (rule_word_ok(line + 1)) /* conf.c says it */
		taker->take(taker->context, line + 1);
}

static bool sections_of(const struct taker *taker, const char *path)
{
	char *line = NULL;
	size_t room = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	while (getline(&line, &room, file) > 0) /* a byte order mark is skipped as conf.c does */
		line_take(taker, line + strspn(line, " \t\xef\xbb\xbf"));
	free(line);
	fclose(file);
	return true;
}

bool sections_each(void (*take)(void *context, const char *name), void *context)
{
	static const char pattern[] = PATH_CONF ".d/*.conf";
	const struct taker taker = { take, context };
	glob_t found = { 0 };

	if (!sections_of(&taker, PATH_CONF))
		return false;
	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			sections_of(&taker, found.gl_pathv[i]);
	globfree(&found);
	return true;
}
