/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keys of the configuration: which there are, where each may stand, what it may hold, what it
 * is when it is not said, and what keys mean together. A table, and a few checks beside it.
 */
#ifndef HELPER_LOGIN_CONFIG_RULES_H
#define HELPER_LOGIN_CONFIG_RULES_H

#include "conf.h"

enum rule_flag {
	IN_SITE = 1,	/* device_code.conf */
	IN_PROFILE = 2, /* a provider's profile */
	TO_HELPER = 4,	/* told to the helper under its own name */
};

/* Without pointers: what needs no relocation costs no host a page of its own. */
struct rule {
	char name[32];
	int type; /* rules.c's own */
	int flags;
	char standard[40]; /* the default, "": none */
	char accepts[160]; /* for people, and the words of a choice */
	int low, high;	   /* of a number, or of a duration in seconds */
};

extern const struct rule rules[CONF_KEY_COUNT];

bool rule_value_ok(const struct rule *rule, const char *value);

/* true where VALUE may be a secret that somebody wrote in the place of its file, or an address with one in it. */
bool rule_may_be_secret(const struct rule *rule, const char *value);

/* true where a value is one of several words, which `accepts` lists. */
bool rule_is_choice(const struct rule *rule);

/* A number, or a duration in seconds; -1: VALUE is no such. */
long rule_number(const struct rule *rule, const char *value);

/* N/DURATION, 1 to 10000 in 1s to 1d, or "off": both 0. false: VALUE is no such. */
bool rule_rate(const char *value, long *most, long *seconds);

/*
 * When all files have been read: sets the defaults, then holds the keys against each other. AT names
 * file and section. Returns false with the error set.
 */
bool rules_check(struct conf *conf, const char *at);

/* Sets the error of KEY, which was said: where, what, and TEXT. Returns false. */
bool key_fail(struct conf *conf, enum conf_key key, const char *text);

/* [a-z0-9_-]{1,32}: a section, a profile. */
bool rule_word_ok(const char *value);

#endif
