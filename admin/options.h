/* SPDX-License-Identifier: BSD-2-Clause */
/* The arguments of a verb: options from a table, and at most one word that is none. */
#ifndef ADMIN_OPTIONS_H
#define ADMIN_OPTIONS_H

#include <stdbool.h>

/* One of VALUE and FLAG is set. The last row has no name. */
struct option_row {
	const char *name;   /* "--section" */
	const char **value; /* the argument behind it, or behind its "=" */
	bool *flag;	    /* there is no argument */
};

/*
 * Reads ARGV (its first word is the verb). WORD is what the word is called that must be there, for
 * the error; NULL: none may be. false: said on standard error what is wrong.
 */
bool options_read(int argc, char **argv, const struct option_row *options, const char **word,
		  const char *word_name);

#endif
