/* SPDX-License-Identifier: BSD-2-Clause */
/* The two halves of setup: what is found out about a provider, and the section that is made of it. */
#ifndef ADMIN_SETUP_SETUP_H
#define ADMIN_SETUP_SETUP_H

#include <stdbool.h>

enum {
	SETUP_FINDINGS_MAX = 64,
	SETUP_VALUE_MAX = 1104,
};

/* A provider of a known profile, and what its profile leaves to the section. */
struct setup_provider {
	const char *profile;
	const char *hosts; /* words; ".example.org" means all below it, "name." all that begin so */
	const char *path;  /* or what the address has in it; NULL: any */
	const char *key;   /* what the address is called; NULL: the profile knows it */
	bool asks;	   /* there is metadata to ask for */
	bool secret;	   /* its client has one, always */
	bool assigned;	   /* names are the administrators': user_claim */
	bool unknown;	   /* nobody but the site knows whether they are */
	bool redirects;	   /* it needs a redirect_uri */
	bool hosts_known;  /* the profile names its endpoints' hosts */
	bool paste; /* its profile says flow = authorization_code, and the metadata need not name S256 */
	bool device_known; /* the profile names the device flow, and the metadata need not */
};

/* The one that URL leads to; the last one fits all. PROFILE, if not NULL, is found by its name. */
const struct setup_provider *setup_find(const char *url, const char *profile);

struct setup {
	const char *verb, *url; /* borrowed, all that were given */
	const char *section, *client_id, *profile, *metadata, *ca_file, *proxy, *conf;
	bool write, pin;
	const struct setup_provider *provider;
	int count;
	struct finding {
		char step[64];
		char outcome[8];
		char value[SETUP_VALUE_MAX]; /* foreign, made plain */
	} finding[SETUP_FINDINGS_MAX];
};

/* setup_probe.c: asks the provider, by the helper. A status; what is wrong has been said. */
int setup_probe(struct setup *setup);

/* The value of STEP's finding; "" where there is none. GOOD: and its outcome is ok. */
const char *setup_found(const struct setup *setup, const char *step, bool good);

#endif
