/* SPDX-License-Identifier: BSD-2-Clause */
/* A script for puppet.c: steps one after another in a file, each followed by its bytes. */
#ifndef TESTS_HOSTILE_SCRIPT_H
#define TESTS_HOSTILE_SCRIPT_H

#include <stdint.h>

enum {
	SCRIPT_PACKET_MAX = 32 * 1024,
};

enum script_what {
	SCRIPT_SEND,  /* the bytes as one packet */
	SCRIPT_FLOOD, /* the same without end, as fast as it goes */
	SCRIPT_AWAIT, /* a packet of the module's */
	SCRIPT_NAP,   /* NUMBER milliseconds */
	SCRIPT_CLOSE, /* the channel; the process stays */
	SCRIPT_KILL,  /* itself, with the signal NUMBER */
	SCRIPT_HANG,  /* for ever, deaf */
	SCRIPT_EXIT,  /* with the status NUMBER; at the end of the script it waits for the end */
};

struct script_step {
	enum script_what what;
	uint32_t number;
	uint32_t len;
};

#endif
