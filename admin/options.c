/* SPDX-License-Identifier: BSD-2-Clause */
/* The arguments of a verb: see options.h. Must never guess: an option has one spelling. */
#include "options.h"

#include <string.h>

#include "verbs.h"

static const struct option_row *option_find(const struct option_row *options, const char *text)
{
	size_t len = strcspn(text, "=");

	for (; options->name; options++)
		if (strlen(options->name) == len && strncmp(options->name, text, len) == 0)
			return options;
	return NULL;
}

/* Takes ARGV[*AT], and the argument behind it where that is its value. */
static bool option_take(char **argv, int argc, int *at, const struct option_row *options)
{
	const char *text = argv[*at];
	const char *equals = strchr(text, '=');
	const struct option_row *option = option_find(options, text);

	if (!option) {
		verb_misused(argv[0], "%s: no such option; %s %s --help lists them", text, PROGRAM,
			     argv[0]);
		return false;
	}
	if (option->flag) {
		*option->flag = true;
		if (equals)
			verb_misused(argv[0], "%s takes no value", option->name);
		return !equals;
	}
	if (!equals && *at + 1 >= argc) {
		verb_misused(argv[0], "%s needs a value", option->name);
		return false;
	}
	*option->value = equals ? equals + 1 : argv[++*at];
	return true;
}

bool options_read(int argc, char **argv, const struct option_row *options, const char **word,
		  const char *word_name)
{
	bool only_words = false;
	bool taken = false;

	for (int i = 1; i < argc; i++) {
		if (!only_words && strcmp(argv[i], "--") == 0) {
			only_words = true;
		} else if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0') {
			if (!option_take(argv, argc, &i, options))
				return false;
		} else if (!word_name || taken) {
			verb_misused(argv[0], "%s: one argument too many", argv[i]);
			return false;
		} else {
			*word = argv[i];
			taken = true;
		}
	}
	if (word_name && !taken) {
		verb_misused(argv[0], "needs %s; %s %s --help says more", word_name, PROGRAM,
			     argv[0]);
		return false;
	}
	return true;
}
